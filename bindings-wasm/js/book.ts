import type * as author from "./author.js";
import { call } from "./errors.js";
import type * as firm from "./firm_module.js";
import { Grader } from "./grader.js";
import { parse, stringify } from "./json.js";
import { loadAuthor, loadFirm, loadStandardBook, loadStandardSources } from "./load.js";
import type {
    Checked,
    Diagnostic,
    Document,
    Fact,
    IssuedList,
    Item,
    KeyField,
    List,
    Measure,
    Parameter,
    ParameterOverride,
    Role,
    Rule,
    Sector,
    Table,
    Tested,
} from "./types.js";

interface Parts {
    sectors: Sector[];
    rules: Rule[];
    facts: Fact[];
    lists: List[];
    measures: Measure[];
    parameters: Parameter[];
    tables: Table[];
    items: Item[];
    documents: Document[];
    roles: Role[];
    key_fields: KeyField[];
    issued_lists: IssuedList[];
}

/**
 * A rule book, compiled once and immutable.
 *
 * ```js
 * import { RuleBook } from "risktier";
 * const book = await RuleBook.standard();
 * const grader = book.grader("2026-11-01");
 * const grade = grader.grade({ sector: "fireworks", building_use_changed: true });
 * console.log(grade.tier); // "red"
 * ```
 */
export class RuleBook {
    readonly #native: firm.Book;
    readonly #bytes: Uint8Array;
    readonly #warnings: readonly Diagnostic[];
    readonly #scripts: { readonly sources: string; readonly parameters: string } | undefined;
    readonly #parts = new Map<keyof Parts, readonly unknown[]>();

    private constructor(native: firm.Book, bytes: Uint8Array, warnings: readonly Diagnostic[], scripts?: { readonly sources: string; readonly parameters: string }) {
        this.#native = native;
        this.#bytes = bytes;
        this.#warnings = warnings;
        this.#scripts = scripts;
    }

    /** The standard book of forty sectors. */
    static async standard(): Promise<RuleBook> {
        return RuleBook.fromCompiled(await loadStandardBook());
    }

    /** The scripts of the standard book (`sectors/fireworks.rhai`), and the examples beside them (`.examples.json`), by name. */
    static async standardSources(): Promise<Record<string, string>> {
        return { ...(await loadStandardSources()) };
    }

    /** A book from rule scripts, by name. Loads the reader of scripts at the first call. */
    static async fromSources(
        sources: { readonly [name: string]: string },
        options: { readonly parameters?: readonly ParameterOverride[] } = {},
    ): Promise<RuleBook> {
        const author = await loadAuthor();
        const only = Object.fromEntries(Object.entries(sources).filter(([name]) => name.endsWith(".rhai")));
        const scripts = { sources: JSON.stringify(only), parameters: stringify(options.parameters ?? []) };
        const compiled = call(() => author.compile(scripts.sources, scripts.parameters));
        try {
            const bytes = compiled.bytes;
            return await RuleBook.#open(bytes, parse<Diagnostic[]>(call(() => compiled.warnings)), scripts);
        } finally {
            compiled.free();
        }
    }

    /** A book from the bytes that `toCompiled`, or `risktier compile` of the same version, gave. */
    static async fromCompiled(bytes: Uint8Array): Promise<RuleBook> {
        return RuleBook.#open(bytes, []);
    }

    static async #open(bytes: Uint8Array, warnings: readonly Diagnostic[], scripts?: { readonly sources: string; readonly parameters: string }): Promise<RuleBook> {
        const { Book } = await loadFirm();
        return new RuleBook(call(() => Book.open(bytes)), bytes, warnings, scripts);
    }

    /** This book as bytes. */
    toCompiled(): Uint8Array {
        return this.#bytes.slice();
    }

    /** SHA-256, in hexadecimal, of everything that the book says. */
    get hash(): string {
        return this.#native.hash;
    }

    /** What is odd in the scripts, though the book can be used. A book that came compiled was checked before. */
    check(): readonly Diagnostic[] {
        return this.#warnings;
    }

    /**
     * What is odd about the rules that are in force on a day, taken together: conditions that no firm or every firm meets, rules that say
     * nothing new, points and bands without effect, facts that get worse and make a tier better, gaps. All of it is proved, and shown by a
     * firm (`witness`) where a firm can show it. For a book from scripts.
     */
    async analyse(asOf: string): Promise<Checked> {
        return this.#read((compiled) => parse<Checked>(compiled.check(asOf)));
    }

    /**
     * Runs examples (by name of the file, as `NAME.examples.json` beside a script): the cases that do not hold, and the atomic conditions
     * that no case shows to decide (masking MC/DC). Of `standardSources()`, only what ends so is read. For a book from scripts.
     */
    async test(examples: { readonly [name: string]: string }): Promise<Tested> {
        const files = JSON.stringify(Object.fromEntries(Object.entries(examples).filter(([name]) => name.endsWith(".examples.json"))));
        return this.#read((compiled) => parse<Tested>(compiled.test(files)));
    }

    /** Reads the scripts again: what needs more of a book than its compiled form has. */
    async #read<T>(use: (compiled: author.Compiled) => T): Promise<T> {
        const scripts = this.#scripts;
        if (scripts === undefined) throw new TypeError("the book came compiled; expected one from scripts (RuleBook.fromSources)");
        const { compile } = await loadAuthor();
        const compiled = call(() => compile(scripts.sources, scripts.parameters));
        try {
            return call(() => use(compiled));
        } finally {
            compiled.free();
        }
    }

    /** This book on a grading date, YYYY-MM-DD. */
    grader(asOf: string): Grader {
        return new Grader(call(() => this.#native.grader(asOf)), this.#bytes);
    }

    get sectors(): readonly Sector[] {
        return this.#part("sectors");
    }

    get rules(): readonly Rule[] {
        return this.#part("rules");
    }

    /** Single-valued facts of all sectors. Those of one: `Grader.facts`. */
    get facts(): readonly Fact[] {
        return this.#part("facts");
    }

    get lists(): readonly List[] {
        return this.#part("lists");
    }

    get measures(): readonly Measure[] {
        return this.#part("measures");
    }

    get parameters(): readonly Parameter[] {
        return this.#part("parameters");
    }

    get tables(): readonly Table[] {
        return this.#part("tables");
    }

    get items(): readonly Item[] {
        return this.#part("items");
    }

    get documents(): readonly Document[] {
        return this.#part("documents");
    }

    get roles(): readonly Role[] {
        return this.#part("roles");
    }

    get keyFields(): readonly KeyField[] {
        return this.#part("key_fields");
    }

    /** What the three lists are called. */
    get issuedLists(): readonly IssuedList[] {
        return this.#part("issued_lists");
    }

    #part<K extends keyof Parts>(name: K): Parts[K] {
        let part = this.#parts.get(name);
        if (part === undefined) {
            part = parse<Parts[K]>(call(() => this.#native.part(name)));
            this.#parts.set(name, part);
        }
        return part as Parts[K];
    }

    /** Gives its memory back; the graders that were made of it go on. */
    free(): void {
        this.#native.free();
    }
}
