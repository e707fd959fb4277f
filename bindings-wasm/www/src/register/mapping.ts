// Which column is which fact: proposals, to be read and mended.

import { encodingOf, type Fact, type Proposal, type RegisterOptions, type Spec, type TextColumn } from "risktier";

import { el } from "../dom";
import { currentGrader, say, sectorName, state, t } from "../state";

const LOOK = 512 * 1024;

export interface Look {
    readonly file: File;
    readonly columns: TextColumn[];
}

/** Reads the beginning of a file. */
export async function lookAt(file: File): Promise<Look> {
    const bytes = new Uint8Array(await file.slice(0, LOOK).arrayBuffer());
    const text = new TextDecoder(encodingOf(bytes)).decode(bytes);
    // The last line may be cut off.
    const whole = file.size > LOOK ? text.slice(0, text.lastIndexOf("\n") + 1) : text;
    return { file, columns: await currentGrader().lookAt(whole) };
}

/** The sector that most of the first rows name, if the table has such a column. */
function sectorIn(columns: readonly TextColumn[]): string | undefined {
    const ids = new Set(state.book.sectors.map(({ id }) => id));
    const column = columns.find(({ values }) => values.filter((value) => ids.has(value.split(";")[0]?.trim() ?? "")).length * 2 > values.length && values.length > 0);
    return column?.name;
}

const readBy = new Map<string, string>();

/** A sector that reads a fact. */
function sectorReading(fact: string): string | undefined {
    if (readBy.size === 0) {
        for (const { id } of state.book.sectors) for (const { name } of currentGrader().facts(id).facts) if (!readBy.has(name)) readBy.set(name, id);
    }
    return readBy.get(fact);
}

/** How the values of a column would be read as a fact that somebody chose for it: as if it had the fact's name. */
async function chosenFor(fact: string, at: number, column: TextColumn): Promise<Proposal | string> {
    const sector = sectorReading(fact);
    const found = sector ? await currentGrader().proposeMapping(sector, [{ ...column, name: fact }], 0) : [];
    const proposal = found.find(({ target }) => target === fact);
    return proposal ? { ...proposal, column: at } : fact;
}

function specOf(proposal: Proposal, name: string): Spec {
    const { yes_no, thousands, percent, from, date } = proposal;
    if (!yes_no && !thousands && !percent && !from && !date) return name;
    return { column: name, ...(yes_no && { codes: "yes-no" as const }), ...(thousands && { thousands }), ...(percent && { percent }), ...(from && { from }), ...(date && { date }) };
}

/** The form of the mapping; gives the options when it is sent. */
export async function mappingForm({ file, columns }: Look, send: (options: RegisterOptions) => void): Promise<HTMLElement> {
    const named = sectorIn(columns);
    const targets = new Map<number, Proposal | string>();
    const keep = new Set<string>();
    const byHand = new Set<number>();
    let sector = state.book.sectors.find(({ id }) => columns.some(({ values }) => values.includes(id)))?.id ?? "";
    const card = el("section", { class: "card" });

    const facts = (): Fact[] => (named || !sector ? [...state.book.facts] : [...currentGrader().facts(sector).facts]);

    async function propose(): Promise<void> {
        targets.clear();
        const known = new Map(state.book.facts.map((fact) => [fact.name, fact]));
        for (const [at, { name }] of columns.entries()) {
            const column = columns[at];
            if (name === "id") targets.set(at, name);
            else if (known.has(name) && column) targets.set(at, await chosenFor(name, at, column));
        }
        const at = columns.findIndex(({ name }) => name === named);
        if (at >= 0) targets.set(at, "sector");
        const asked = sector || state.book.sectors.find(({ id }) => columns.some(({ values }) => values.includes(id)))?.id;
        if (asked) {
            for (const proposal of await currentGrader().proposeMapping(asked, columns, 0.55)) {
                const taken = [...targets.values()].some((one) => (typeof one === "string" ? one : one.target) === proposal.target);
                if (!taken && !targets.has(proposal.column) && !proposal.target.includes(".")) targets.set(proposal.column, proposal);
            }
        }
        for (const [at, { name }] of columns.entries()) {
            if (!targets.has(at) && /district|county|city|region|name|area_name|区|县|市|街道|名称/i.test(name)) keep.add(name);
        }
        draw();
    }

    function row(column: TextColumn, at: number): HTMLElement {
        const target = targets.get(at);
        const chosen = typeof target === "string" ? target : target?.target;
        const options = [
            el("option", { value: "" }, t().notRead),
            ...["id", "sector"].map((key) => el("option", { value: key, selected: chosen === key }, key)),
            ...facts().map((fact) => el("option", { value: fact.name, selected: chosen === fact.name }, `${say(fact.label)} (${fact.name})`)),
        ];
        const select = el("select", {
            "aria-label": `${t().readAs}: ${column.name}`,
            onchange: async () => {
                const { value } = select;
                byHand.add(at);
                if (value === "") targets.delete(at);
                else targets.set(at, value === "id" || value === "sector" ? value : await chosenFor(value, at, column));
                draw();
            },
        }, options);
        const kept = el("input", {
            type: "checkbox",
            checked: keep.has(column.name),
            "aria-label": `${t().keepColumn}: ${column.name}`,
            onchange: () => {
                if (kept.checked) keep.add(column.name);
                else keep.delete(column.name);
            },
        });
        const examples = [...new Set(column.values.filter(Boolean))].slice(0, 3).join(" · ");
        return el("tr", {}, el("th", { scope: "row" }, column.name), el("td", { class: "examples" }, examples), el("td", {}, select, typeof target === "object" && !byHand.has(at) ? el("small", {}, ` ${Math.round(target.confidence * 100)} % ${t().sure}`) : null), el("td", {}, kept));
    }

    function options(): RegisterOptions {
        const mapping: { [fact: string]: Spec } = {};
        for (const [at, target] of targets) {
            const name = columns[at]?.name ?? "";
            if (typeof target === "string") mapping[target] = name;
            else mapping[target.target] = specOf(target, name);
        }
        return { mapping, keep: [...keep], ...(sector ? { sector } : {}) };
    }

    function draw(): void {
        const select = el("select", {
            id: "default-sector",
            onchange: () => {
                sector = select.value;
                void propose();
            },
        }, el("option", { value: "" }, t().none), state.book.sectors.map(({ id }) => el("option", { value: id, selected: id === sector }, sectorName(id))));
        const ready = Boolean(sector) || [...targets.values()].includes("sector");
        const focus = document.activeElement?.getAttribute("aria-label");
        card.replaceChildren(
            el("h2", {}, file.name, el("small", {}, ` ${(file.size / 1e6).toFixed(1)} MB, ${columns.length} ${t().columns.toLowerCase()}`)),
            el("div", { class: "field" }, el("label", { for: "default-sector" }, t().sectorOfAll), select),
            el("div", { class: "scroll tall", tabindex: 0, role: "region", "aria-label": t().columns },
                el("table", {}, el("thead", {}, el("tr", {}, [t().column, t().example, t().readAs, t().keepColumn].map((title) => el("th", { scope: "col" }, title)))), el("tbody", {}, columns.map(row)))),
            el("div", { class: "buttons" }, el("button", { type: "button", class: "primary", disabled: !ready, onclick: () => send(options()) }, t().grade)),
        );
        if (focus) card.querySelector<HTMLElement>(`[aria-label="${CSS.escape(focus)}"]`)?.focus();
    }
    await propose();
    return card;
}
