// Registers as text: CSV and the like, in the encodings that they come in.

import type * as batch from "./batch.js";
import { call } from "./errors.js";
import { Grades } from "./grades.js";
import { parse } from "./json.js";
import type { TextColumn } from "./types.js";

/** How the cells of a column, or of several, are read for a fact. As text: the name of the column. */
export type Spec =
    | string
    | {
          readonly column?: string;
          readonly columns?: readonly string[];
          readonly combine?: "first" | "join" | "sum" | "max" | "min" | "any" | "all";
          /** The same value for every firm, in place of a column. */
          readonly value?: boolean | number | string | null;
          /** `"yes-no"`, or what the cells mean. */
          readonly codes?: "yes-no" | { readonly [cell: string]: boolean | number | string | null };
          readonly thousands?: boolean;
          readonly percent?: boolean;
          /** How dates are written, as in strptime: `%Y/%m/%d`. */
          readonly date?: string;
          readonly times?: number;
          /** The unit of the column, such as `kg`. */
          readonly from?: string;
      };

/** How a register is read. */
export interface RegisterOptions {
    /** What separates cells; told from the first line if it is not given. */
    readonly separator?: "," | ";" | "\t" | "|";
    /** The encoding of bytes; told from the first million if it is not given. */
    readonly encoding?: Encoding;
    /** The sector of firms that name none. */
    readonly sector?: string;
    /** How each fact is read; without it, each column is the fact of its name. */
    readonly mapping?: { readonly [fact: string]: Spec };
    /** Columns that are kept beside the grades (`Grades.kept`), such as a name or a district. */
    readonly keep?: readonly string[];
}

const SEPARATORS = [",", ";", "\t", "|"] as const;

/** The separator that stands most often in the first line, outside quotes. */
export function separatorOf(text: string): "," | ";" | "\t" | "|" {
    const first = (text.split(/\r?\n/, 1)[0] ?? "").replace(/"[^"]*"/g, "");
    const counts = SEPARATORS.map((separator) => first.split(separator).length);
    return SEPARATORS[counts.indexOf(Math.max(...counts))] ?? ",";
}

/** An encoding of text. */
export type Encoding = "utf-8" | "gb18030" | "utf-16le" | "utf-16be";

/** The encoding of a table, told by its first bytes: a mark, else UTF-8, else GB 18030 where more lines are valid as that. */
export function encodingOf(bytes: Uint8Array): Encoding {
    if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
    if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
    const reads = (line: Uint8Array, encoding: Encoding): boolean => {
        try {
            new TextDecoder(encoding, { fatal: true }).decode(line);
            return true;
        } catch {
            return false;
        }
    };
    let [utf8, gb18030] = [0, 0];
    for (let from = 0; from < bytes.length; ) {
        const end = bytes.indexOf(0x0a, from);
        // The last line may be cut off inside a character.
        if (end < 0 && from > 0) break;
        const line = bytes.subarray(from, end < 0 ? bytes.length : end);
        from += line.length + 1;
        if (line.every((byte) => byte < 0x80)) continue;
        if (reads(line, "utf-8")) utf8 += 1;
        else if (reads(line, "gb18030")) gb18030 += 1;
    }
    return gb18030 > utf8 ? "gb18030" : "utf-8";
}

/** The columns of a table with the values of its first rows. */
export function lookAt(native: typeof batch, text: string, rows: number): TextColumn[] {
    return parse(call(() => native.lookAt(text, separatorOf(text), rows)));
}

/**
 * A register that is graded while it is read: give it pieces of any size, as a stream gives them.
 *
 * ```js
 * const register = await grader.register({ sector: "fuel-stations" });
 * for await (const piece of file.stream()) register.push(piece);
 * const grades = register.finish();
 * ```
 */
export class Register {
    readonly #native: typeof batch;
    readonly #grader: batch.Grader;
    readonly #options: RegisterOptions;
    #reading: batch.Register | undefined;
    #decoder: TextDecoder | undefined;
    readonly #encoder = new TextEncoder();
    #start: Uint8Array[] = [];

    /** @internal Made by `Grader.register`. */
    constructor(native: typeof batch, grader: batch.Grader, options: RegisterOptions) {
        this.#native = native;
        this.#grader = grader;
        this.#options = options;
    }

    /** A piece of the table: bytes in the encoding of the file, or text. Gives how many rows have been graded. */
    push(piece: Uint8Array | string): number {
        if (typeof piece === "string") return this.#text(piece);
        if (this.#decoder === undefined) {
            // The encoding is told from more than a few bytes.
            this.#start.push(piece);
            return this.#start.reduce((sum, part) => sum + part.length, 0) < LOOK ? 0 : this.#begin();
        }
        return this.#text(this.#decoder.decode(piece, { stream: true }));
    }

    /** The end of the table: the grades of all rows. */
    finish(): Grades {
        if (this.#start.length > 0) this.#begin();
        const rest = this.#decoder?.decode() ?? "";
        if (rest !== "") this.#text(rest);
        const reading = this.#reading ?? this.#open("");
        this.#reading = undefined;
        return new Grades(call(() => reading.finish()));
    }

    /** Forgets what was read. */
    free(): void {
        this.#reading?.free();
        this.#reading = undefined;
    }

    #begin(): number {
        const start = new Uint8Array(this.#start.reduce((sum, part) => sum + part.length, 0));
        let at = 0;
        for (const part of this.#start.splice(0)) {
            start.set(part, at);
            at += part.length;
        }
        this.#decoder = new TextDecoder(this.#options.encoding ?? encodingOf(start));
        return this.#text(this.#decoder.decode(start, { stream: true }));
    }

    #text(text: string): number {
        // An empty piece means the end to the reader.
        if (text === "") return 0;
        const reading = (this.#reading ??= this.#open(text));
        return call(() => reading.push(this.#encoder.encode(text)));
    }

    #open(text: string): batch.Register {
        const how = { ...this.#options, separator: this.#options.separator ?? separatorOf(text) };
        return call(() => new this.#native.Register(this.#grader, JSON.stringify(how)));
    }
}

const LOOK = 1 << 20;
