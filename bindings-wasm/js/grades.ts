import type * as batch from "./batch.js";
import { call } from "./errors.js";
import { parse } from "./json.js";
import type { Explanation, FirmLists, Grade, Lang, RuleCount, Tier } from "./types.js";

/** The tiers by their numbers in `Grades.tiers`. */
export const TIERS: readonly Tier[] = ["blue", "yellow", "orange", "red"];

/** Stands in `Grades.tiers` for a row that could not be graded. */
export const NO_TIER = 255;

/** A column of texts of which many are the same. */
export interface KeptColumn {
    readonly words: readonly string[];
    /** For each row, the place of its text among the words. */
    readonly codes: Uint32Array;
}

/** The grades of a register, one for each row, in the order of the rows. */
export class Grades {
    readonly #native: batch.Grades;

    /** @internal Made by `Grader.gradeBatch` and others. */
    constructor(native: batch.Grades) {
        this.#native = native;
    }

    /** How many rows. */
    get length(): number {
        return this.#native.length;
    }

    /** The tier on record of every row, 0 (blue) to 3 (red), or `NO_TIER`. */
    tiers(): Uint8Array {
        return this.#native.tiers(0);
    }

    /** The best tier that each record cannot rule out. */
    best(): Uint8Array {
        return this.#native.tiers(1);
    }

    /** The worst tier that each record cannot rule out. */
    worst(): Uint8Array {
        return this.#native.tiers(2);
    }

    /** The score of every row in the sector that decided; NaN where that has none. */
    scores(): Float64Array {
        return this.#native.scores();
    }

    /** The place, in `RuleBook.sectors`, of the sector that decided; 65535 for a row that could not be graded. */
    sectors(): Uint16Array {
        return this.#native.sectors();
    }

    /** How many rules fired in every row. */
    fired(): Uint16Array {
        return this.#native.fired();
    }

    /** How many rows have each tier, and how many could not be graded. */
    counts(): { readonly [tier in Tier]: number } & { readonly ungraded: number } {
        const counts = { blue: 0, yellow: 0, orange: 0, red: 0, ungraded: 0 };
        for (const code of this.tiers()) counts[TIERS[code] ?? "ungraded"] += 1;
        return counts;
    }

    /** Of every rule that fired or is undetermined somewhere, in how many firms. */
    ruleCounts(): RuleCount[] {
        return parse(call(() => this.#native.ruleCounts()));
    }

    /** The firm's own id. */
    id(row: number): string | undefined {
        return call(() => this.#native.id(row));
    }

    /** The whole grade of a row, as `Grader.grade` gives it for one firm. */
    grade(row: number): Grade {
        return parse(this.gradeJson(row));
    }

    /** `grade` as the JSON of the batch. */
    gradeJson(row: number): string {
        return call(() => this.#native.grade(row));
    }

    /** Why a row has its grade. */
    explain(row: number): Explanation {
        return parse(call(() => this.#native.explain(row)));
    }

    /** The three lists of a row. */
    lists(row: number, name?: string): FirmLists {
        return parse(call(() => this.#native.lists(row, name)));
    }

    /** Rows whose record has something wrong. */
    rowsWithErrors(): Uint32Array {
        return this.#native.rowsWithErrors();
    }

    /** What is wrong with the record of a row. */
    errors(row: number, lang: Lang): string[] {
        return parse(call(() => this.#native.errors(row, lang)));
    }

    /** A column of the register that was kept beside the grades. */
    kept(name: string): KeptColumn {
        return { words: parse(call(() => this.#native.keptWords(name))), codes: call(() => this.#native.keptCodes(name)) };
    }

    /** The grades as a CSV file. */
    toCsv(lang: Lang): string {
        return call(() => this.#native.toCsv(lang));
    }

    /** Gives its memory back. */
    free(): void {
        this.#native.free();
    }
}
