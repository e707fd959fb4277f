// The grade of the firm as it is being filled in: tier, what is missing, the lists, the way down.

import type { Citation, Explanation, Firm, WayDown } from "risktier";

import { announce, el, save } from "../dom";
import { currentGrader, say, sectorName, state, t } from "../state";
import { badge, span } from "../tiers";
import { firm } from "./answers";

const TABS = ["hazards", "risks", "responsibilities", "wayDown"] as const;
let tab: (typeof TABS)[number] = "hazards";

/** Draws it; gives the facts that keep it unsettled. */
export function drawResult(place: HTMLElement, given: Firm, goTo: (fact: string) => void): Set<string> {
    if (firm.sectors.length === 0) {
        place.replaceChildren();
        return new Set();
    }
    const explanation = currentGrader().explain(given);
    const { grade } = explanation;
    const score = grade.sectors.find(({ sector }) => sector === grade.decided_by)?.score;
    announce(`${t().result}: ${t().tiers[grade.tier]}`);
    place.replaceChildren(
        el("section", { class: `card grade ${grade.tier}` },
            el("h2", { class: "sr-only" }, t().result),
            el("div", { class: "big", id: "tier" }, badge(grade.tier, true)),
            el("dl", {},
                pair(t().possible, grade.settled ? t().settled : span(grade.best, grade.worst)),
                score ? pair(t().score, score.low === score.high ? String(score.value) : `${score.value} (${score.low} – ${score.high})`) : null,
                grade.sectors.length > 1 ? pair(t().decidedBy, sectorName(grade.decided_by)) : null,
            ),
            grade.sectors.length > 1 ? el("ul", { class: "plain" }, grade.sectors.map((one) => el("li", {}, sectorName(one.sector), " ", badge(one.tier)))) : null,
        ),
        missing(explanation, goTo),
        ...wrong(explanation),
        lists(explanation, given),
    );
    return new Set(grade.missing.map(({ fact }) => fact.split(".")[0] ?? fact));
}

function pair(term: string, value: string | Node): HTMLElement {
    return el("div", {}, el("dt", {}, term), el("dd", {}, value));
}

/** The label of a fact or of a field of a list. */
export function labelOf(name: string): string {
    const [list, field] = name.split(".");
    if (field === undefined) return say(state.book.facts.find((one) => one.name === name)?.label) || say(state.book.lists.find((one) => one.name === name)?.label) || name;
    const of = state.book.lists.find((one) => one.name === list);
    return `${say(of?.label)}: ${say(of?.fields.find((one) => one.name === field)?.label)}`;
}

function missing({ grade }: Explanation, goTo: (fact: string) => void): HTMLElement {
    const rows = grade.missing.slice(0, 8).map((one) =>
        el("li", {},
            el("button", { type: "button", class: "link", onclick: () => goTo(one.fact) }, labelOf(one.fact)),
            el("small", {}, `${t().ifBad} `, badge(one.best_at_worst), `; ${t().ifGood} `, badge(one.worst_at_best)),
        ),
    );
    return el("section", { class: "card missing" },
        el("h2", {}, t().matters, grade.missing.length > 8 ? el("small", {}, ` 8 / ${grade.missing.length}`) : null),
        rows.length > 0 ? el("ol", {}, rows) : el("p", {}, t().nothingMissing),
    );
}

function wrong({ grade }: Explanation): HTMLElement[] {
    if (grade.data_errors.length === 0) return [];
    const rows = grade.data_errors.map((error) => el("li", {}, `${labelOf(error.fact)}: “${error.value}” – ${t().expected} ${state.lang === "zh" ? error.expected_zh : error.expected}`));
    return [el("section", { class: "card errors", role: "alert" }, el("h2", {}, t().dataErrors), el("ul", {}, rows))];
}

function lists(explanation: Explanation, given: Firm): HTMLElement {
    const card = el("section", { class: "card lists" });
    const body = el("div", { id: "list-panel", role: "tabpanel", "aria-labelledby": "list-tab", tabindex: 0 });
    const draw = () => {
        const tabs = TABS.map((name) =>
            el("button", {
                type: "button",
                role: "tab",
                id: name === tab && "list-tab",
                "aria-selected": String(name === tab),
                "aria-controls": "list-panel",
                tabindex: name === tab ? 0 : -1,
                "data-tab": name,
                onclick: () => select(name),
                onkeydown: (event: KeyboardEvent) => {
                    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
                    const next = TABS[(TABS.indexOf(name) + step + TABS.length) % TABS.length];
                    if (step !== 0 && next) select(next);
                },
            }, t()[name]),
        );
        body.replaceChildren(tab === "wayDown" ? ways(explanation) : table(given, tab));
        card.replaceChildren(el("div", { class: "tabs", role: "tablist" }, tabs), body, buttons(given));
    };
    const select = (name: (typeof TABS)[number]) => {
        tab = name;
        draw();
        card.querySelector<HTMLElement>("#list-tab")?.focus();
    };
    draw();
    return card;
}

function table(given: Firm, kind: "risks" | "hazards" | "responsibilities"): HTMLElement {
    const [titles = [], ...rows] = currentGrader().listTable(given, kind, state.lang, firm.name || undefined);
    // The columns that say the same in every row are on the saved table; here they only take room.
    const used = titles.map((_, column) => rows.some((row) => row[column] !== "") && (rows.length < 2 || rows.some((row) => row[column] !== rows[0]?.[column])));
    if (rows.length === 0) return el("p", {}, t().noEntries);
    const keep = <T>(cells: readonly T[]) => cells.filter((_, column) => used[column]);
    const shown = rows.slice(0, 200);
    return el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": t()[kind] },
        el("table", {}, el("thead", {}, el("tr", {}, keep(titles).map((title) => el("th", { scope: "col" }, title)))), el("tbody", {}, shown.map((row) => el("tr", {}, keep(row).map((cell) => el("td", {}, cell)))))),
        rows.length > shown.length ? el("p", {}, `… ${rows.length}`) : null,
    );
}

export function ways(explanation: Explanation): HTMLElement {
    const rules = new Map(explanation.sectors.flatMap(({ rules }) => rules.map((rule) => [rule.rule, rule] as const)));
    const named = (ids: readonly string[]) => el("ul", {}, ids.map((id) => el("li", {}, el("code", {}, id), " ", say(rules.get(id)?.finding))));
    const one = (way: WayDown) =>
        el("section", { class: "way" },
            el("h3", {}, `${t().toTier} `, badge(way.to), el("small", {}, ` ${way.goal === "on-record" ? t().goalRecord : t().goalCertain}`)),
            way.ways.length === 0 ? el("p", {}, t().noWay) : null,
            way.ways.slice(0, 1).map(({ close, establish, effort_days, longest_days }) =>
                el("div", {},
                    close.length > 0 ? [el("strong", {}, `${t().close} (${longest_days === effort_days ? effort_days : `${longest_days} – ${effort_days}`} ${t().days})`), named(close)] : null,
                    establish.length > 0 ? [el("strong", {}, t().establish), named(establish.slice(0, 12)), establish.length > 12 ? `… ${establish.length}` : null] : null,
                ),
            ),
            (way.blocked_by?.length ?? 0) > 0 ? el("p", {}, `${t().passes} ${way.blocked_by?.join(", ") ?? ""}`) : null,
        );
    const sectors = explanation.sectors.map((sector) =>
        el("div", {}, explanation.sectors.length > 1 ? el("h3", {}, sectorName(sector.sector)) : null, sector.way_down.length > 0 ? sector.way_down.map(one) : el("p", {}, t().noEntries)),
    );
    return el("div", { class: "ways" }, sectors);
}

/** A citation, as it is shown. */
export function citation(cite: Citation): string {
    if ("own" in cite) return cite.own.reason;
    const { document, article, basis } = cite.clause;
    const title = state.lang === "zh" ? document.title : (document.title_en ?? document.title);
    return `${title} ${article}${basis === "RECALLED" ? " [RECALLED]" : ""}`;
}

function csv(rows: readonly (readonly string[])[]): string {
    const cell = (text: string) => {
        const plain = /^[=+@\t\r]|^-(?!\d)/.test(text) ? `'${text}` : text;
        return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
    };
    return `\ufeff${rows.map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}

function buttons(given: Firm): HTMLElement {
    const name = () => firm.name || "firm";
    const kind = tab === "wayDown" ? "responsibilities" : tab;
    const grader = currentGrader();
    return el("div", { class: "buttons" },
        el("button", { type: "button", onclick: () => print() }, t().print),
        el("button", { type: "button", onclick: () => save(`${name()}.html`, grader.listsHtml(given, state.lang, firm.name || undefined), "text/html") }, t().html),
        el("button", { type: "button", onclick: () => save(`${name()}-${kind}.csv`, csv(grader.listTable(given, kind, state.lang, firm.name || undefined)), "text/csv") }, t().csv),
        el("button", { type: "button", onclick: () => void workbook(given, name()) }, t().xlsx),
    );
}

async function workbook(given: Firm, name: string): Promise<void> {
    const bytes = await currentGrader().listsXlsx(given, state.lang, firm.name || undefined);
    save(`${name}.xlsx`, bytes as Uint8Array<ArrayBuffer>, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
}
