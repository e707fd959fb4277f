// Where the two modules and the standard book come from, and when: each once, when it is first needed.

import initEngine, * as engine from "./engine.js";
import type * as Author from "./author.js";

/** Reads a file that lies beside this one. */
export type Read = (url: URL) => Promise<Uint8Array<ArrayBuffer>>;

let read: Read = async (url) => {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`cannot load ${url.pathname}: ${response.status} ${response.statusText}`);
    return new Uint8Array(await response.arrayBuffer());
};

/** Node has no `fetch` for files. */
export function readWith(other: Read): void {
    read = other;
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
    let made: Promise<T> | undefined;
    return () => {
        // What failed, as without a network, may be tried again.
        made ??= make().catch((error: unknown) => {
            made = undefined;
            throw error;
        });
        return made;
    };
}

/** The engine. */
export const loadEngine = once(async (): Promise<typeof engine> => {
    await initEngine({ module_or_path: await read(new URL("./engine_bg.wasm", import.meta.url)) });
    return engine;
});

/** The reader of rule scripts, which is larger than the engine. */
export const loadAuthor = once(async (): Promise<typeof Author> => {
    const author = await import("./author.js");
    await author.default({ module_or_path: await read(new URL("./author_bg.wasm", import.meta.url)) });
    return author;
});

/** The standard book, compiled. */
export const loadStandardBook = once(() => read(new URL("./standard.book", import.meta.url)));

/** The scripts of the standard book and the examples beside them. */
export const loadStandardSources = once(async () => {
    const bytes = await read(new URL("./standard.sources.json", import.meta.url));
    return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, string>;
});
