// Compiles scripts in the worker; only the newest answer counts.

import type { Compile, Compiled } from "./worker";

let worker: Worker | undefined;
let last = 0;
const waiting = new Map<number, (compiled: Compiled) => void>();

export function compile(sources: { readonly [name: string]: string }): Promise<Compiled> {
    if (!worker) {
        worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
        worker.addEventListener("message", ({ data }: MessageEvent<Compiled>) => {
            waiting.get(data.id)?.(data);
            waiting.delete(data.id);
        });
        worker.addEventListener("error", ({ message }) => {
            for (const [id, answer] of waiting) answer({ id, diagnostics: [], failed: message });
            waiting.clear();
        });
    }
    const id = (last += 1);
    const message: Compile = { id, sources };
    return new Promise((resolve) => {
        waiting.set(id, resolve);
        worker?.postMessage(message);
    });
}
