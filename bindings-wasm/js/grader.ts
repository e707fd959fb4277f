import { call } from "./errors.js";
import type * as batch from "./batch.js";
import type * as firm from "./firm_module.js";
import type { Firm } from "./firm.js";
import { parse, stringify } from "./json.js";
import { loadBatch, loadWorkbook } from "./load.js";
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

/** The module that grades tables, and the grader in it. */
interface BatchGrader {
    readonly module: typeof batch;
    readonly grader: batch.Grader;
}

/** A book on a grading date. Tables are graded by a module of its own, which is loaded at the first call that needs it. */
export class Grader {
    readonly #native: firm.Grader;
    readonly #bytes: Uint8Array;
    #opened: Promise<BatchGrader> | undefined;

    /** @internal Made by `RuleBook.grader`. */
    constructor(native: firm.Grader, bytes: Uint8Array) {
        this.#native = native;
        this.#bytes = bytes;
    }

    #batch(): Promise<BatchGrader> {
        return (this.#opened ??= this.#openBatch());
    }

    /** The module that grades tables has a memory of its own, and the book once more. */
    async #openBatch(): Promise<BatchGrader> {
        const module = await loadBatch();
        const book = call(() => module.Book.open(this.#bytes));
        try {
            return { module, grader: call(() => book.grader(this.asOf)) };
        } finally {
            book.free();
        }
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

    /** The three lists as a workbook (xlsx). */
    async listsXlsx(firm: Firm, lang: Lang, name?: string): Promise<Uint8Array> {
        const { Book } = await loadWorkbook();
        const book = call(() => Book.open(this.#bytes));
        const grader = book.grader(this.asOf);
        try {
            return call(() => grader.listsXlsx(stringify(firm), name, lang));
        } finally {
            grader.free();
            book.free();
        }
    }

    /** Grades a table given as columns: millions of firms without an object for each. */
    async gradeBatch(columns: Columns, options: BatchOptions = {}): Promise<Grades> {
        const { module, grader } = await this.#batch();
        const table = toTable(module, columns);
        return new Grades(call(() => grader.gradeTable(table, options.sector, options.parseText ?? false)));
    }

    /** Grades a table of text: its bytes, in UTF-8, UTF-16 or GB 18030, or the text itself. */
    async gradeCsv(table: Uint8Array | string, options: RegisterOptions = {}): Promise<Grades> {
        const register = await this.register(options);
        try {
            register.push(table);
            return register.finish();
        } finally {
            register.free();
        }
    }

    /** Begins a register that is graded while it is read. */
    async register(options: RegisterOptions = {}): Promise<Register> {
        const { module, grader } = await this.#batch();
        return new Register(module, grader, options);
    }

    /** The columns of a table of text, with the values of its first rows. */
    async lookAt(text: string, rows = 200): Promise<TextColumn[]> {
        return lookAt((await this.#batch()).module, text, rows);
    }

    /** Which column could be which fact of a sector, the surest first; none less sure than `least`, 0 to 1. */
    async proposeMapping(sector: string, columns: readonly TextColumn[], least = 0.5): Promise<Proposal[]> {
        const { grader } = await this.#batch();
        return parse(call(() => grader.proposeMapping(sector, JSON.stringify(columns), least)));
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
        void this.#opened?.then(({ grader }) => grader.free());
    }
}
