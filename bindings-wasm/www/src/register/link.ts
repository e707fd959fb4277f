// The page's end of the worker. One register at a time; other views may ask for it again with another book.

import type { FromWorker, Graded, ToWorker } from "./messages";

let worker: Worker | undefined;
let listener: (message: FromWorker) => void = () => undefined;

export const loaded: { grades: Graded | undefined; name: string } = { grades: undefined, name: "" };

export function listen(to: (message: FromWorker) => void): void {
    listener = to;
}

function open(): Worker {
    if (!worker) {
        worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
        worker.addEventListener("message", ({ data }: MessageEvent<FromWorker>) => listener(data));
        worker.addEventListener("error", ({ message }) => listener({ is: "failed", message }));
    }
    return worker;
}

export function ask(message: ToWorker): void {
    open().postMessage(message);
}

/** Stops at once, whatever it is doing. */
export function cancel(): void {
    worker?.terminate();
    worker = undefined;
    loaded.grades = undefined;
}

/** The tiers of the loaded register by another book. */
export function compare(book: Uint8Array, asOf: string): Promise<Uint8Array> {
    const before = listener;
    return new Promise((resolve, reject) => {
        listener = (message) => {
            if (message.is === "compared") resolve(message.tiers);
            else if (message.is === "failed") reject(new Error(message.message));
            else return before(message);
            listener = before;
        };
        ask({ do: "compare", book, asOf });
    });
}
