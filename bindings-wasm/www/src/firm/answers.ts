// What is known of the firm: answers by fact, items by list; a fact that is not there is unknown.

import type { Fact, FactValue, Firm, List, ListItem } from "risktier";

import { currentGrader, state } from "../state";

export type Answers = Map<string, FactValue | ListItem[]>;

export const firm = {
    name: "",
    sectors: [] as string[],
    answers: new Map() as Answers,
};

/** What the sectors of the firm ask, each question once. */
export function questions(): { facts: Fact[]; lists: List[] } {
    const facts = new Map<string, Fact>();
    const lists = new Map<string, List>();
    for (const sector of firm.sectors) {
        const asked = currentGrader().facts(sector);
        for (const fact of asked.facts) facts.set(fact.name, fact);
        for (const list of asked.lists) lists.set(list.name, list);
    }
    return { facts: [...facts.values()], lists: [...lists.values()] };
}

/** The firm as the engine takes it. Answers to questions that no sector asks stay, and are passed over. */
export function asFirm(): Firm {
    return { ...Object.fromEntries(firm.answers), sector: firm.sectors, ...(firm.name ? { id: firm.name } : {}) };
}

/** A cell of the form as a value of a fact: none where it is empty. What does not read as the type goes on as text, and is shown as such. */
export function valueOf(fact: Fact, text: string): FactValue {
    if (text === "") return undefined;
    if (fact.type === "int" && /^-?\d+$/.test(text)) {
        const large = BigInt(text);
        return Number.isSafeInteger(Number(large)) ? Number(large) : large;
    }
    if (fact.type === "float" && Number.isFinite(Number(text))) return Number(text);
    return text;
}

/** The firm as a file. */
export function toFile(): string {
    const large = (_: string, value: unknown) => (typeof value === "bigint" ? value.toString() : value);
    return JSON.stringify({ ...Object.fromEntries(firm.answers), sector: firm.sectors, id: firm.name || undefined }, large, 2);
}

/** A firm from a file. Sectors that the book does not have are left out. */
export function fromFile(text: string): void {
    const { sector, id, ...facts } = JSON.parse(text) as { [key: string]: unknown };
    const known = new Set(state.book.sectors.map((one) => one.id));
    const sectors = Array.isArray(sector) ? sector : typeof sector === "string" ? sector.split(";") : [];
    firm.sectors = sectors.map(String).filter((one) => known.has(one));
    firm.name = typeof id === "string" || typeof id === "number" ? String(id) : "";
    firm.answers = new Map(Object.entries(facts).filter(([, value]) => value !== null)) as Answers;
}
