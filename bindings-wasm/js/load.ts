// Where the four modules and the standard book come from, and when: each once, when it is first needed.

import type * as Author from "./author.js";
import type * as Batch from "./batch.js";
import type * as Workbook from "./workbook.js";
import initFirm, * as firm from "./firm_module.js";

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

/** Grades one firm. */
export const loadFirm = once(async (): Promise<typeof firm> => {
    await initFirm({ module_or_path: await read(new URL("./firm_module_bg.wasm", import.meta.url)) });
    return firm;
});

/** Grades tables. */
export const loadBatch = once(async (): Promise<typeof Batch> => {
    const batch = await import("./batch.js");
    await batch.default({ module_or_path: await read(new URL("./batch_bg.wasm", import.meta.url)) });
    return batch;
});

/** Writes workbooks. */
export const loadWorkbook = once(async (): Promise<typeof Workbook> => {
    const workbook = await import("./workbook.js");
    await workbook.default({ module_or_path: await read(new URL("./workbook_bg.wasm", import.meta.url)) });
    return workbook;
});

/** Reads rule scripts; larger than the others. */
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
