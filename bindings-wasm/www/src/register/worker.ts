// Grades a register beside the page, so that the page answers meanwhile.

import { encodingOf, FirmError, type Grades, RuleBook, type RegisterOptions } from "risktier";

import type { FromWorker, ToWorker } from "./messages";

let file: File | undefined;
let options: RegisterOptions = {};
let grades: Grades | undefined;

const LOOK = 64 << 20;

const tell = (message: FromWorker, transfer: Transferable[] = []): void => postMessage(message, { transfer });

async function graded(book: Uint8Array, asOf: string, progress: (rows: number, part: number) => void): Promise<Grades> {
    if (!file) throw new Error("no register");
    const opened = await RuleBook.fromCompiled(book);
    // Of more than its beginning: the first names that are not ASCII may stand far behind.
    const encoding = encodingOf(new Uint8Array(await file.slice(0, LOOK).arrayBuffer()));
    const register = await opened.grader(asOf).register({ encoding, ...options });
    const reader = file.stream().getReader();
    let read = 0;
    for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        read += value.length;
        progress(register.push(value), read / Math.max(file.size, 1));
    }
    return register.finish();
}

async function answer(message: ToWorker): Promise<void> {
    switch (message.do) {
        case "grade": {
            file = message.file;
            options = message.options;
            const start = performance.now();
            grades = await graded(message.book, message.asOf, (rows, part) => tell({ is: "progress", rows, part }));
            const all = grades;
            const kept = Object.fromEntries((options.keep ?? []).map((name) => [name, all.kept(name)]));
            const columns = { tiers: all.tiers(), best: all.best(), worst: all.worst(), scores: all.scores(), sectors: all.sectors(), fired: all.fired() };
            const ids = Array.from({ length: all.length }, (_, row) => all.id(row) ?? String(row + 1));
            tell(
                { is: "graded", grades: { ...columns, ids, withErrors: all.rowsWithErrors().length, rules: all.ruleCounts(), kept, seconds: (performance.now() - start) / 1000 } },
                Object.values(columns).map(({ buffer }) => buffer as ArrayBuffer),
            );
            break;
        }
        case "compare": {
            const other = await graded(message.book, message.asOf, () => undefined);
            const tiers = other.tiers();
            other.free();
            tell({ is: "compared", tiers }, [tiers.buffer as ArrayBuffer]);
            break;
        }
        case "explain": {
            if (!grades) return;
            const errors = grades.errors(message.row, "en");
            try {
                tell({ is: "explained", row: message.row, explanation: grades.explain(message.row), errors });
            } catch (error) {
                if (!(error instanceof FirmError)) throw error;
                tell({ is: "explained", row: message.row, explanation: undefined, errors });
            }
            break;
        }
        case "csv":
            if (grades) tell({ is: "csv", text: grades.toCsv(message.lang) });
    }
}

addEventListener("message", ({ data }: MessageEvent<ToWorker>) => {
    answer(data).catch((error: unknown) => tell({ is: "failed", message: error instanceof Error ? error.message : String(error) }));
});
