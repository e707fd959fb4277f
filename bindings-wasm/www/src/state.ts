// What all views share: the language, the book, the day.

import type { Grader, Label, Lang, RuleBook } from "risktier";

import { texts, type Texts } from "./texts";

interface State {
    lang: Lang;
    asOf: string;
    book: RuleBook;
}

export const state = { lang: "en", asOf: "" } as State;
const listeners = new Set<() => void>();
let grader: Grader | undefined;

/** Is told when language, book or day change. */
export function onChange(listener: () => void): void {
    listeners.add(listener);
}

export function change(part: Partial<State>): void {
    Object.assign(state, part);
    if (part.book || part.asOf) {
        grader?.free();
        grader = undefined;
    }
    for (const listener of listeners) listener();
}

/** The book on the grading date. */
export function currentGrader(): Grader {
    return (grader ??= state.book.grader(state.asOf));
}

/** The words of the page. */
export function t(): Texts {
    return texts[state.lang];
}

/** A label in the language of the page. */
export function say(label: Label | null | undefined): string {
    return label?.[state.lang] ?? "";
}

export function sectorName(id: string): string {
    return say(state.book.sectors.find((sector) => sector.id === id)?.name) || id;
}
