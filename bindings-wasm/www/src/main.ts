// The frame of the page: opens the book, switches views, language and theme.

import { RuleBook } from "risktier";

import { el } from "./dom";
import { firmView } from "./firm/view";
import { registerView } from "./register/view";
import { rulesView } from "./rules/view";
import { change, onChange, state, t } from "./state";

const VIEWS = { firm: firmView, register: registerView, rules: rulesView } as const;
type View = keyof typeof VIEWS;

const content = el("main", { id: "content", tabindex: -1 });
const header = el("header");
const footer = el("footer");
const made = new Map<View, HTMLElement>();

function currentView(): View {
    const name = location.hash.slice(1);
    return name in VIEWS ? (name as View) : "firm";
}

function today(): string {
    const now = new Date();
    return [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
}

function drawHeader(): void {
    const view = currentView();
    const date = el("input", {
        type: "date",
        id: "as-of",
        value: state.asOf,
        min: "2000-01-01",
        max: "9999-12-31",
        onchange: () => {
            if (date.value) change({ asOf: date.value });
        },
    });
    const links = (Object.keys(VIEWS) as View[]).map((name) =>
        el("a", { href: `#${name}`, "aria-current": name === view && "page" }, t()[name]),
    );
    header.replaceChildren(
        el("a", { class: "skip", href: "#content", onclick: skip }, t().skip),
        el("div", { class: "brand" }, el("img", { src: "./icon.svg", alt: "", width: 32, height: 32 }), el("div", {}, el("strong", {}, t().title), el("small", {}, t().claim))),
        el("nav", { "aria-label": t().title }, links),
        el("div", { class: "tools" },
            el("label", { for: "as-of" }, t().asOf),
            date,
            el("button", { type: "button", class: "quiet", lang: state.lang === "en" ? "zh" : "en", onclick: () => setLanguage(state.lang === "en" ? "zh" : "en") }, t().language),
            el("button", { type: "button", class: "quiet", "aria-label": t().theme, title: t().theme, onclick: switchTheme }, "◐"),
        ),
    );
    footer.replaceChildren(el("p", {}, t().own), el("p", { class: "hash" }, `${t().book} ${state.book.hash.slice(0, 16)}`));
    document.title = `${t()[view]} – ${t().title}`;
}

function skip(event: Event): void {
    event.preventDefault();
    content.focus();
}

function setLanguage(lang: "en" | "zh"): void {
    localStorage.setItem("lang", lang);
    document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
    change({ lang });
}

function switchTheme(): void {
    const root = document.documentElement;
    const dark = root.dataset["theme"] ? root.dataset["theme"] === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset["theme"] = dark ? "light" : "dark";
    localStorage.setItem("theme", root.dataset["theme"]);
}

function show(): void {
    const view = currentView();
    let element = made.get(view);
    if (!element) {
        element = VIEWS[view]();
        made.set(view, element);
    }
    content.replaceChildren(element);
    drawHeader();
}

async function start(): Promise<void> {
    state.lang = (localStorage.getItem("lang") ?? (navigator.language.startsWith("zh") ? "zh" : "en")) === "zh" ? "zh" : "en";
    state.asOf = today();
    document.documentElement.lang = state.lang === "zh" ? "zh-CN" : "en";
    const theme = localStorage.getItem("theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset["theme"] = theme;
    document.body.append(header, content, footer, el("div", { id: "announcer", role: "status", class: "sr-only" }));
    content.append(el("p", { class: "notice" }, t().loading));
    state.book = await RuleBook.standard();
    onChange(drawHeader);
    addEventListener("hashchange", show);
    show();
    if ("serviceWorker" in navigator && import.meta.env.PROD) await navigator.serviceWorker.register("./offline.js");
}

start().catch((error: unknown) => {
    content.replaceChildren(el("p", { class: "notice", role: "alert" }, `${t().failed} ${error instanceof Error ? error.message : String(error)}`));
});
