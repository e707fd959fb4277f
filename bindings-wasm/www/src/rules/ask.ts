// Asks the workers that read rule scripts: one answers the editor, one runs tests, so that nobody waits for them while writing.

import type { Answers, Ask } from "./worker";

interface Waiting {
    readonly resolve: (answer: unknown) => void;
    readonly reject: (error: Error) => void;
}

const workers = new Map<"editor" | "tests", Worker>();
let last = 0;
const waiting = new Map<number, Waiting>();

function start(): Worker {
    const started = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    started.addEventListener("message", ({ data }: MessageEvent<{ readonly id: number; readonly answer?: unknown; readonly failed?: string }>) => {
        const one = waiting.get(data.id);
        waiting.delete(data.id);
        if (data.failed === undefined) one?.resolve(data.answer);
        else one?.reject(new Error(data.failed));
    });
    started.addEventListener("error", ({ message }) => {
        for (const one of waiting.values()) one.reject(new Error(message));
        waiting.clear();
    });
    return started;
}

export function ask<A extends Ask>(what: A): Promise<Answers[A["what"]]> {
    const who = what.what === "test" ? "tests" : "editor";
    const worker = workers.get(who) ?? start();
    workers.set(who, worker);
    const id = (last += 1);
    return new Promise((resolve, reject) => {
        waiting.set(id, { resolve: resolve as (answer: unknown) => void, reject });
        worker.postMessage({ id, ask: what });
    });
}
