import { call } from "./errors.js";
import type * as engine from "./engine.js";
import type { Firm } from "./firm.js";
import { parse, stringify } from "./json.js";
import { type Columns, toTable } from "./columns.js";
import { Grades } from "./grades.js";
import { lookAt, Register, type RegisterOptions } from "./register.js";
import type { Explanation, Fact, FirmLists, Grade, Lang, List, Proposal, TextColumn, WayDown } from "./types.js";

/** Which of the three lists. */
export type ListKind = "risks" | "hazards" | "responsibilities";

/** What the rules of a sector ask of a firm. */
export interface SectorFacts {
    readonly facts: readonly Fact[];
    readonly lists: readonly List[];
}

/** The ways to better tiers in one sector of a firm. */
export interface SectorWays {
    readonly sector: string;
    readonly ways: readonly WayDown[];
}

/** How a batch is read. */
export interface BatchOptions {
    /** The sector of firms that name none. */
    readonly sector?: string;
    /** Texts are read as the type of their fact, as in CSV. */
    readonly parseText?: boolean;
}

/** A book on a grading date. */
export class Grader {
    readonly #engine: typeof engine;
    readonly #native: engine.Grader;

    /** @internal Made by `RuleBook.grader`. */
    constructor(module: typeof engine, native: engine.Grader) {
        this.#engine = module;
        this.#native = native;
    }

    /** The grading date. */
    get asOf(): string {
        return this.#native.asOf;
    }

    /** The facts and lists that a sector reads on this day. */
    facts(sector: string): SectorFacts {
        return parse(call(() => this.#native.facts(sector)));
    }

    /** Grades a firm. */
    grade(firm: Firm): Grade {
        return parse(this.gradeJson(stringify(firm)));
    }

    /** Grades a firm, and says of each rule what came of it and why. */
    explain(firm: Firm): Explanation {
        return parse(this.explainJson(stringify(firm)));
    }

    /** The three lists of a firm; `name` is shown beside its id. */
    lists(firm: Firm, name?: string): FirmLists {
        return parse(this.listsJson(stringify(firm), name));
    }

    /** What it takes to come to each better tier, in each sector of the firm. */
    wayDown(firm: Firm): SectorWays[] {
        return this.explain(firm).sectors.map(({ sector, way_down }) => ({ sector, ways: way_down }));
    }

    /** The three lists as one page to print, without scripts. */
    listsHtml(firm: Firm, lang: Lang, name?: string): string {
        return call(() => this.#native.listsHtml(stringify(firm), name, lang));
    }

    /** One of the lists as a table: the titles of its columns, then a row an entry. */
    listTable(firm: Firm, kind: ListKind, lang: Lang, name?: string): string[][] {
        return parse(call(() => this.#native.listTable(stringify(firm), name, kind, lang)));
    }

    /** Grades a table given as columns: millions of firms without an object for each. */
    gradeBatch(columns: Columns, options: BatchOptions = {}): Grades {
        const table = toTable(this.#engine, columns);
        return new Grades(call(() => this.#native.gradeTable(table, options.sector, options.parseText ?? false)));
    }

    /** Grades a table of text: its bytes, in UTF-8, UTF-16 or GB 18030, or the text itself. */
    gradeCsv(table: Uint8Array | string, options: RegisterOptions = {}): Grades {
        const register = this.register(options);
        try {
            register.push(table);
            return register.finish();
        } finally {
            register.free();
        }
    }

    /** Begins a register that is graded while it is read. */
    register(options: RegisterOptions = {}): Register {
        return new Register(this.#engine, this.#native, options);
    }

    /** The columns of a table of text, with the values of its first rows. */
    lookAt(text: string, rows = 200): TextColumn[] {
        return lookAt(this.#engine, text, rows);
    }

    /** Which column could be which fact of a sector, the surest first; none less sure than `least`, 0 to 1. */
    proposeMapping(sector: string, columns: readonly TextColumn[], least = 0.5): Proposal[] {
        return parse(call(() => this.#native.proposeMapping(sector, JSON.stringify(columns), least)));
    }

    /** Grades a firm from JSON text; gives the JSON of the engine, byte for byte what it is in Rust and Python. */
    gradeJson(firm: string): string {
        return call(() => this.#native.grade(firm));
    }

    /** `explain` from text to text. */
    explainJson(firm: string): string {
        return call(() => this.#native.explain(firm));
    }

    /** `lists` from text to text. */
    listsJson(firm: string, name?: string): string {
        return call(() => this.#native.lists(firm, name));
    }

    /** Gives its memory back. */
    free(): void {
        this.#native.free();
    }
}
