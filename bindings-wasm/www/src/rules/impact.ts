// What an edit changes: which firms come to another tier, and by which rules.

import { RuleBook, type Firm, type Grade, type Tier } from "risktier";

import { el } from "../dom";
import { say, state, t } from "../state";
import { badge, mark, span } from "../tiers";

const ORDER: readonly Tier[] = ["blue", "yellow", "orange", "red"];

interface Examples {
    readonly sector?: string;
    readonly as_of?: string;
    readonly sound?: Firm;
    readonly rules?: readonly { readonly rule: string; readonly fires?: readonly Firm[]; readonly clear?: readonly Firm[]; readonly undetermined?: readonly Firm[] }[];
}

/** The firms of a file of examples: the sound one, and it with the facts of each case. */
export function exampleFirms(text: string | undefined): { readonly name: string; readonly firm: Firm }[] {
    if (!text) return [];
    const { sector, sound = {}, rules = [] } = JSON.parse(text) as Examples;
    if (!sector) return [];
    const base = { ...sound, sector };
    const cases = rules.flatMap(({ rule, fires = [], clear = [], undetermined = [] }) => [...fires, ...clear, ...undetermined].map((facts, at) => ({ name: `${rule} ${at + 1}`, firm: { ...base, ...facts } })));
    return [{ name: "sound", firm: base }, ...cases];
}

interface Move {
    readonly name: string;
    readonly before: Grade;
    readonly after: Grade;
}

/** The firms whose tier two books see differently. */
export async function moves(firms: readonly { readonly name: string; readonly firm: Firm }[], before: Uint8Array, after: Uint8Array): Promise<Move[]> {
    const books = await Promise.all([RuleBook.fromCompiled(before), RuleBook.fromCompiled(after)]);
    const [old, edited] = books.map((book) => book.grader(state.asOf));
    const found: Move[] = [];
    for (const { name, firm } of firms) {
        const [first, second] = [old?.grade(firm), edited?.grade(firm)];
        if (first && second && (first.tier !== second.tier || first.worst !== second.worst || first.best !== second.best)) found.push({ name, before: first, after: second });
    }
    old?.free();
    edited?.free();
    for (const book of books) book.free();
    return found;
}

const firedIn = (grade: Grade) => new Set(grade.sectors.flatMap(({ fired }) => fired.map(({ rule }) => rule)));

export function movesTable(all: readonly Move[], of: number): HTMLElement {
    if (all.length === 0) return el("p", {}, `${t().noChange} (${of})`);
    const line = ({ name, before, after }: Move) => {
        const [old, now] = [firedIn(before), firedIn(after)];
        const more = [...now].filter((rule) => !old.has(rule)).map((rule) => `+${rule}`);
        const less = [...old].filter((rule) => !now.has(rule)).map((rule) => `−${rule}`);
        // Where the tier stays, what cannot be ruled out has changed.
        const shown = (grade: Grade) => (before.tier === after.tier ? span(grade.best, grade.worst) : badge(grade.tier));
        return el("tr", {}, el("th", { scope: "row" }, name), el("td", {}, shown(before)), el("td", {}, shown(after)), el("td", {}, [...more, ...less].join(" ")));
    };
    return el("div", {},
        el("p", {}, el("strong", { class: "moved" }, all.length), ` / ${of} ${t().changedFirms}`),
        el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": t().impact },
            el("table", {}, el("thead", {}, el("tr", {}, ["", t().before, t().after, ""].map((title) => el("th", { scope: "col" }, title)))), el("tbody", {}, all.slice(0, 100).map(line)))),
    );
}

/** From which tier to which, in numbers. */
export function migration(before: Uint8Array, after: Uint8Array): HTMLElement {
    const counts = ORDER.map(() => new Uint32Array(4));
    let moved = 0;
    for (let row = 0; row < before.length; row += 1) {
        const [from, to] = [before[row] ?? 255, after[row] ?? 255];
        if (from > 3 || to > 3) continue;
        const line = counts[from];
        if (line) line[to] = (line[to] ?? 0) + 1;
        if (from !== to) moved += 1;
    }
    const rows = [...ORDER].reverse().map((from) =>
        el("tr", {}, el("th", { scope: "row" }, mark(from)), [...ORDER].reverse().map((to) => {
            const count = counts[ORDER.indexOf(from)]?.[ORDER.indexOf(to)] ?? 0;
            return el("td", { class: from === to ? "same" : count > 0 ? "moved" : "" }, count.toLocaleString());
        })),
    );
    return el("div", {},
        el("p", {}, el("strong", { class: "moved" }, moved.toLocaleString()), ` / ${before.length.toLocaleString()} ${t().moved}`),
        el("table", { class: "matrix" }, el("caption", {}, `${t().before} ↓  ${t().after} →`), el("thead", {}, el("tr", {}, el("td", {}), [...ORDER].reverse().map((to) => el("th", { scope: "col" }, mark(to))))), el("tbody", {}, rows)),
    );
}

/** How many rules a book has. */
export function size(book: RuleBook): string {
    return `${book.rules.length} ${say({ en: "rules", zh: "条规则" })}, ${book.hash.slice(0, 8)}`;
}
