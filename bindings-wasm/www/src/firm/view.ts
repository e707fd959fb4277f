// Check a firm: sectors, the form on the left, the grade on the right as it is filled in.

import { choose, el, later, save } from "../dom";
import { onChange, sectorName, state, t } from "../state";
import { asFirm, firm, fromFile, questions, toFile } from "./answers";
import { listTable } from "./list";
import { question } from "./question";
import { drawResult } from "./result";

export function firmView(): HTMLElement {
    const head = el("section", { class: "card firm-head" });
    const form = el("form", { class: "card form", onsubmit: (event: Event) => event.preventDefault() });
    const result = el("section", { class: "result", "aria-label": t().result });
    const view = el("div", { class: "firm" }, el("div", { class: "left" }, head, form), result);
    const shown = { text: "", only: "all" as "all" | "open" | "decisive" };
    let decisive = new Set<string>();

    const regrade = () => {
        decisive = drawResult(result, asFirm(), goTo);
        if (shown.only !== "all") filter();
    };
    const changed = later(60, regrade);

    function goTo(fact: string): void {
        shown.only = "all";
        shown.text = "";
        drawForm();
        const name = fact.split(".")[0] ?? fact;
        const row = form.querySelector<HTMLElement>(`[data-fact="${CSS.escape(name)}"]`);
        row?.scrollIntoView({ block: "center" });
        row?.querySelector<HTMLElement>("input, select")?.focus();
    }

    function drawHead(): void {
        const free = state.book.sectors.filter(({ id }) => !firm.sectors.includes(id));
        const groups = state.book.keyFields.map((field) => ({ label: field.name[state.lang], of: free.filter(({ key_field }) => key_field === field.id) }));
        const others = free.filter(({ key_field }) => !groups.some(({ of }) => of.some((one) => one.key_field === key_field && key_field !== null)));
        const option = (id: string) => el("option", { value: id }, sectorName(id));
        const select = el("select", {
            id: "add-sector",
            onchange: () => {
                if (!select.value) return;
                firm.sectors = [...firm.sectors, select.value];
                drawAll();
            },
        },
            el("option", { value: "" }, `+ ${t().addSector}`),
            groups.filter(({ of }) => of.length > 0).map(({ label, of }) => el("optgroup", { label }, of.map(({ id }) => option(id)))),
            others.length > 0 ? el("optgroup", { label: "…" }, others.map(({ id }) => option(id))) : null,
        );
        const name = el("input", {
            id: "firm-name",
            type: "text",
            value: firm.name,
            autocomplete: "off",
            oninput: () => {
                firm.name = name.value.trim();
                changed();
            },
        });
        const chips = firm.sectors.map((id) =>
            el("span", { class: "chip" }, sectorName(id), el("button", {
                type: "button",
                "aria-label": `${t().remove}: ${sectorName(id)}`,
                onclick: () => {
                    firm.sectors = firm.sectors.filter((one) => one !== id);
                    drawAll();
                },
            }, "✕")),
        );
        head.replaceChildren(
            el("h1", {}, t().firm),
            el("div", { class: "field" }, el("label", { for: "firm-name" }, t().firmName), name),
            el("div", { class: "field" }, el("label", { for: "add-sector" }, t().sectors), el("div", { class: "chips" }, chips, select)),
            el("div", { class: "buttons" },
                el("button", { type: "button", onclick: () => choose(".json,application/json", (file) => void open(file)) }, t().openFirm),
                el("button", { type: "button", disabled: firm.sectors.length === 0, onclick: () => save(`${firm.name || "firm"}.json`, toFile(), "application/json") }, t().saveFirm),
                el("button", {
                    type: "button",
                    class: "quiet",
                    onclick: () => {
                        firm.answers.clear();
                        firm.name = "";
                        drawAll();
                    },
                }, t().clear),
            ),
        );
    }

    async function open(file: File): Promise<void> {
        try {
            fromFile(await file.text());
        } catch (error) {
            result.replaceChildren(el("p", { class: "notice", role: "alert" }, `${file.name}: ${error instanceof Error ? error.message : String(error)}`));
            return;
        }
        drawAll();
    }

    function filter(): void {
        const wanted = shown.text.toLowerCase();
        let count = 0;
        for (const row of form.querySelectorAll<HTMLElement>("[data-fact]")) {
            const fact = row.dataset["fact"] ?? "";
            const fits =
                (wanted === "" || (row.textContent ?? "").toLowerCase().includes(wanted) || fact.includes(wanted)) &&
                (shown.only !== "open" || !row.hasAttribute("data-known")) &&
                (shown.only !== "decisive" || decisive.has(fact));
            row.hidden = !fits;
            count += fits ? 1 : 0;
        }
        const note = form.querySelector(".count");
        if (note) note.textContent = `${count} ${t().shown}`;
    }

    function drawForm(): void {
        if (firm.sectors.length === 0) {
            form.replaceChildren(el("p", { class: "notice" }, t().chooseSector));
            return;
        }
        const { facts, lists } = questions();
        const search = el("input", {
            type: "search",
            "aria-label": t().search,
            placeholder: t().search,
            value: shown.text,
            oninput: () => {
                shown.text = search.value;
                filter();
            },
        });
        const only = (value: typeof shown.only, text: string) =>
            el("label", {}, el("input", {
                type: "radio",
                name: "only",
                checked: shown.only === value,
                onchange: () => {
                    shown.only = value;
                    filter();
                },
            }), el("span", {}, text));
        form.replaceChildren(
            el("div", { class: "bar" }, search, el("div", { class: "choice", role: "radiogroup", "aria-label": t().shown }, only("all", t().all), only("open", t().open), only("decisive", t().decisive)), el("span", { class: "count" })),
            ...lists.map((list) => listTable(list, changed)),
            ...facts.map((fact) =>
                question(fact, firm.answers.get(fact.name) as never, (value) => {
                    if (value === undefined || value === null) firm.answers.delete(fact.name);
                    else firm.answers.set(fact.name, value);
                    changed();
                }),
            ),
        );
        filter();
    }

    function drawAll(): void {
        drawHead();
        drawForm();
        regrade();
    }
    onChange(drawAll);
    drawAll();
    return view;
}
