// What the page and its worker say to each other.

import type { Explanation, RegisterOptions, RuleCount } from "risktier";

export type ToWorker =
    | { readonly do: "grade"; readonly book: Uint8Array; readonly asOf: string; readonly file: File; readonly options: RegisterOptions }
    | { readonly do: "compare"; readonly book: Uint8Array; readonly asOf: string }
    | { readonly do: "explain"; readonly row: number }
    | { readonly do: "csv"; readonly lang: "en" | "zh" };

/** The grades of a register, as columns. */
export interface Graded {
    readonly tiers: Uint8Array;
    readonly best: Uint8Array;
    readonly worst: Uint8Array;
    readonly scores: Float64Array;
    readonly sectors: Uint16Array;
    readonly fired: Uint16Array;
    readonly ids: readonly string[];
    readonly withErrors: number;
    readonly rules: readonly RuleCount[];
    readonly kept: { readonly [name: string]: { readonly words: readonly string[]; readonly codes: Uint32Array } };
    readonly seconds: number;
}

export type FromWorker =
    | { readonly is: "progress"; readonly rows: number; readonly part: number }
    | { readonly is: "graded"; readonly grades: Graded }
    | { readonly is: "compared"; readonly tiers: Uint8Array }
    | { readonly is: "explained"; readonly row: number; readonly explanation: Explanation | undefined; readonly errors: readonly string[] }
    | { readonly is: "csv"; readonly text: string }
    | { readonly is: "failed"; readonly message: string };
