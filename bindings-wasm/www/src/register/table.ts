// The firms of a register as a table: sorted and filtered, and only the rows in sight are drawn.

import { el } from "../dom";
import { say, state, t } from "../state";
import { badge, span } from "../tiers";
import type { Tier } from "risktier";
import type { Graded } from "./messages";

const ROW = 36;
const BY_CODE: readonly Tier[] = ["blue", "yellow", "orange", "red"];
type Key = "id" | "sector" | "tier" | "worst" | "score" | "fired";

export interface Filter {
    text: string;
    tier: number | undefined;
    sector: number | undefined;
    group: { readonly name: string; readonly word: string } | undefined;
}

export function firmTable(grades: Graded, filter: Filter, open: (row: number) => void): { element: HTMLElement; refresh: () => void } {
    let sort: Key = "tier";
    let down = true;
    let rows: Uint32Array = new Uint32Array(0);
    const names = state.book.sectors.map((sector) => say(sector.name));
    const body = el("div", { class: "rows" });
    const viewport = el("div", { class: "viewport", tabindex: 0, role: "region", "aria-label": `${t().firms}: ${t().clickRow}` }, body);
    const count = el("p", { class: "count", role: "status" });

    function select(): void {
        const wanted = filter.text.toLowerCase();
        const group = filter.group ? grades.kept[filter.group.name] : undefined;
        const word = group && filter.group ? group.words.indexOf(filter.group.word) : -1;
        const nameColumns = Object.values(grades.kept);
        const found: number[] = [];
        for (let row = 0; row < grades.tiers.length; row += 1) {
            if (filter.tier !== undefined && grades.tiers[row] !== filter.tier) continue;
            if (filter.sector !== undefined && grades.sectors[row] !== filter.sector) continue;
            if (group && group.codes[row] !== word) continue;
            if (wanted !== "" && !(grades.ids[row] ?? "").toLowerCase().includes(wanted) && !nameColumns.some(({ words, codes }) => (words[codes[row] ?? 0] ?? "").toLowerCase().includes(wanted))) continue;
            found.push(row);
        }
        rows = Uint32Array.from(found);
        const number = (of: { readonly [at: number]: number }) => (a: number, b: number) => (of[a] ?? 0) - (of[b] ?? 0);
        const order: { readonly [key in Key]: (a: number, b: number) => number } = {
            id: (a, b) => (grades.ids[a] ?? "").localeCompare(grades.ids[b] ?? "", undefined, { numeric: true }),
            sector: (a, b) => (names[grades.sectors[a] ?? 0] ?? "").localeCompare(names[grades.sectors[b] ?? 0] ?? ""),
            tier: (a, b) => ((grades.tiers[a] ?? 0) % 255) - ((grades.tiers[b] ?? 0) % 255) || (grades.fired[a] ?? 0) - (grades.fired[b] ?? 0),
            worst: number(grades.worst),
            score: (a, b) => (grades.scores[a] || 0) - (grades.scores[b] || 0),
            fired: number(grades.fired),
        };
        const by = order[sort];
        rows.sort((a, b) => (down ? by(b, a) : by(a, b)) || a - b);
    }

    function draw(): void {
        const first = Math.max(Math.floor(viewport.scrollTop / ROW) - 5, 0);
        const last = Math.min(first + Math.ceil(viewport.clientHeight / ROW) + 10, rows.length);
        body.style.height = `${rows.length * ROW}px`;
        const drawn: HTMLElement[] = [];
        for (let at = first; at < last; at += 1) {
            const row = rows[at] ?? 0;
            const tier = BY_CODE[grades.tiers[row] ?? 255];
            const [best, worst] = [BY_CODE[grades.best[row] ?? 255], BY_CODE[grades.worst[row] ?? 255]];
            const score = grades.scores[row] ?? NaN;
            const line = el("button", { type: "button", class: "row", "data-row": row, onclick: () => open(row) },
                el("span", {}, grades.ids[row]),
                el("span", {}, names[grades.sectors[row] ?? 0] ?? ""),
                el("span", {}, tier ? badge(tier) : t().ungraded),
                el("span", {}, best && worst ? span(best, worst) : ""),
                el("span", { class: "number" }, Number.isNaN(score) ? "" : String(Math.round(score * 10) / 10)),
                el("span", { class: "number" }, grades.fired[row] ?? 0),
            );
            line.style.top = `${at * ROW}px`;
            drawn.push(line);
        }
        body.replaceChildren(...drawn);
        count.textContent = rows.length === 0 ? t().noMatch : `${rows.length.toLocaleString()} ${t().firms}`;
    }

    const titles: readonly (readonly [Key, string])[] = [["id", t().id], ["sector", t().sector], ["tier", t().tier], ["worst", t().range], ["score", t().score], ["fired", t().fired]];
    const head = el("div", { class: "row head" });
    const drawHead = () =>
        head.replaceChildren(...titles.map(([key, title]) =>
            el("button", {
                type: "button",
                "aria-pressed": String(sort === key),
                "data-sort": key,
                onclick: () => {
                    down = sort === key ? !down : key !== "id" && key !== "sector";
                    sort = key;
                    drawHead();
                    refresh();
                },
            }, title, el("span", { "aria-hidden": "true" }, sort === key ? (down ? " ▾" : " ▴") : "")),
        ));
    const refresh = () => {
        select();
        viewport.scrollTop = 0;
        draw();
    };
    viewport.addEventListener("scroll", () => requestAnimationFrame(draw));
    drawHead();
    select();
    // It has a height once it is in the page.
    requestAnimationFrame(draw);
    return { element: el("div", { class: "firms" }, count, head, viewport), refresh };
}
