// Reads rule scripts beside the page: compiles, analyses and tests them, and says what may stand where.

import { BookError, RuleBook, Writing, type Completion, type Diagnostic, type Hover, type Tested } from "risktier";

/** What is asked. */
export type Ask =
    | {
          readonly what: "compile";
          readonly sources: { readonly [name: string]: string };
          /** The day to analyse the book on; not given, it is not analysed. */
          readonly asOf?: string;
      }
    | { readonly what: "test"; readonly sources: { readonly [name: string]: string }; readonly examples: { readonly [name: string]: string } }
    | { readonly what: "open"; readonly sources: { readonly [name: string]: string } }
    | { readonly what: "complete" | "hover"; readonly script: string; readonly text: string; readonly offset: number };

export interface Compiled {
    readonly bytes?: Uint8Array;
    readonly diagnostics: readonly Diagnostic[];
    readonly failed?: string;
}

/** What is answered, by what is asked. */
export interface Answers {
    readonly compile: Compiled;
    readonly test: Tested;
    readonly open: null;
    readonly complete: readonly Completion[];
    readonly hover: Hover | undefined;
}

let writing: Writing | undefined;

async function compile(sources: { readonly [name: string]: string }, asOf: string | undefined): Promise<Compiled> {
    try {
        const book = await RuleBook.fromSources(sources);
        const findings = asOf === undefined ? [] : (await book.analyse(asOf)).findings;
        const compiled = { bytes: book.toCompiled(), diagnostics: [...book.check(), ...findings] };
        book.free();
        return compiled;
    } catch (error) {
        if (error instanceof BookError) return { diagnostics: error.diagnostics };
        return { diagnostics: [], failed: error instanceof Error ? error.message : String(error) };
    }
}

async function answer(ask: Ask): Promise<Answers[Ask["what"]]> {
    switch (ask.what) {
        case "compile":
            return compile(ask.sources, ask.asOf);
        case "test": {
            const book = await RuleBook.fromSources(ask.sources);
            try {
                return await book.test(ask.examples);
            } finally {
                book.free();
            }
        }
        case "open":
            writing?.free();
            writing = await Writing.of(ask.sources);
            return null;
        default:
            writing?.edit(ask.script, ask.text);
            return ask.what === "complete" ? (writing?.completions(ask.script, ask.offset) ?? []) : writing?.hover(ask.script, ask.offset);
    }
}

let last: Promise<unknown> = Promise.resolve();

addEventListener("message", ({ data }: MessageEvent<{ readonly id: number; readonly ask: Ask }>) => {
    // One after the other, in the order of asking.
    last = last.then(async () => {
        try {
            postMessage({ id: data.id, answer: await answer(data.ask) });
        } catch (error) {
            postMessage({ id: data.id, failed: error instanceof Error ? error.message : String(error) });
        }
    });
});
