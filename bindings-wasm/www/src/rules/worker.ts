// Reads rule scripts beside the page.

import { BookError, RuleBook, type Diagnostic } from "risktier";

export interface Compile {
    readonly id: number;
    readonly sources: { readonly [name: string]: string };
}

export interface Compiled {
    readonly id: number;
    readonly bytes?: Uint8Array;
    readonly diagnostics: readonly Diagnostic[];
    readonly failed?: string;
}

addEventListener("message", ({ data }: MessageEvent<Compile>) => {
    const tell = (compiled: Compiled) => postMessage(compiled);
    RuleBook.fromSources(data.sources).then(
        (book) => {
            tell({ id: data.id, bytes: book.toCompiled(), diagnostics: book.check() });
            book.free();
        },
        (error: unknown) => {
            if (error instanceof BookError) tell({ id: data.id, diagnostics: error.diagnostics });
            else tell({ id: data.id, diagnostics: [], failed: error instanceof Error ? error.message : String(error) });
        },
    );
});
