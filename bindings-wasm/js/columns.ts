import type * as batch from "./batch.js";
import { call, TableError } from "./errors.js";

/** Numbers of one type. A `Uint8Array` and a `Uint8ClampedArray` are numbers too: for yes and no see `{ bools }`. */
export type Numbers =
    | Int8Array
    | Int16Array
    | Int32Array
    | BigInt64Array
    | Uint8Array
    | Uint8ClampedArray
    | Uint16Array
    | Uint32Array
    | Float32Array
    | Float64Array;

/** Which rows are known: a byte each, 0 where the value is unknown. */
interface MaybeKnown {
    readonly known?: Uint8Array;
}

/**
 * A column of a table, without an object for each row:
 * - a typed array, or `{ values, known }`: numbers;
 * - an array of `boolean`, `string`, `number`, `bigint` and `null` (unknown), all of one type: read once, value by value;
 * - `{ bools, known }`: a byte for each row, 0 is false;
 * - `{ days, known }`: days since 1970-01-01;
 * - `{ codes, words, known }`: texts of which many are the same; a code beyond the words is unknown;
 * - `{ starts, items, known }`: a list for each row: where its items begin, with the end of the last, and the items as columns.
 */
export type ColumnInput =
    | Numbers
    | readonly (boolean | number | bigint | string | null)[]
    | ({ readonly values: Numbers } & MaybeKnown)
    | ({ readonly bools: Uint8Array } & MaybeKnown)
    | ({ readonly days: Int32Array } & MaybeKnown)
    | ({ readonly codes: Uint32Array; readonly words: readonly string[] } & MaybeKnown)
    | ({ readonly starts: Uint32Array; readonly items: Columns } & MaybeKnown);

/** Columns by name: `id`, `sector`, and facts. Columns that the book does not know are passed over. */
export type Columns = { readonly [name: string]: ColumnInput };

function isNumbers(column: ColumnInput): column is Numbers {
    return ArrayBuffer.isView(column);
}

function isArray(column: ColumnInput): column is readonly (boolean | number | bigint | string | null)[] {
    return Array.isArray(column);
}

function rowsOf(column: ColumnInput): number {
    if (isNumbers(column) || isArray(column)) return column.length;
    if ("values" in column) return column.values.length;
    if ("bools" in column) return column.bools.length;
    if ("days" in column) return column.days.length;
    if ("codes" in column) return column.codes.length;
    return Math.max(column.starts.length - 1, 0);
}

function addNumbers(table: batch.Table, name: string, values: Numbers, known: Uint8Array | undefined): void {
    if (values instanceof Float64Array) table.float64(name, values, known);
    else if (values instanceof Float32Array) table.float32(name, values, known);
    else if (values instanceof Int32Array) table.int32(name, values, known);
    else if (values instanceof BigInt64Array) table.int64(name, values, known);
    else if (values instanceof Int16Array) table.int16(name, values, known);
    else if (values instanceof Int8Array) table.int8(name, values, known);
    else if (values instanceof Uint32Array) table.uint32(name, values, known);
    else if (values instanceof Uint16Array) table.uint16(name, values, known);
    else if (values instanceof Uint8ClampedArray) table.uint8(name, new Uint8Array(values), known);
    else if (values instanceof Uint8Array) table.uint8(name, values, known);
    else throw new TableError("TABLE", `column \`${name}\` is an array of a type that is not known; expected one of Int8Array to Float64Array`);
}

/** Plain arrays, for small tables and for people. */
function addArray(table: batch.Table, name: string, values: readonly (boolean | number | bigint | string | null)[]): void {
    const first = values.find((value) => value !== null && value !== undefined);
    const type = typeof first;
    const odd = values.findIndex((value) => value !== null && value !== undefined && typeof value !== type);
    if (odd >= 0) {
        throw new TableError("TABLE", `column \`${name}\`, row ${odd}: a ${typeof values[odd]}; expected ${type}, as above it, or null`);
    }
    const known = Uint8Array.from(values, (value) => (value === null || value === undefined ? 0 : 1));
    switch (type) {
        case "boolean":
            return table.bools(name, Uint8Array.from(values, (value) => (value === true ? 1 : 0)), known);
        case "number":
            return table.float64(name, Float64Array.from(values, (value) => (typeof value === "number" ? value : 0)), known);
        case "bigint":
            return table.int64(name, BigInt64Array.from(values, (value) => (typeof value === "bigint" ? value : 0n)), known);
        default: {
            const places = new Map<string, number>();
            const codes = Uint32Array.from(values, (value) => {
                if (typeof value !== "string") return 0xffffffff;
                const place = places.get(value) ?? places.size;
                places.set(value, place);
                return place;
            });
            return table.texts(name, codes, [...places.keys()], undefined);
        }
    }
}

function add(native: typeof batch, table: batch.Table, name: string, column: ColumnInput): void {
    if (isNumbers(column)) addNumbers(table, name, column, undefined);
    else if (isArray(column)) addArray(table, name, column);
    else if ("values" in column) addNumbers(table, name, column.values, column.known);
    else if ("bools" in column) table.bools(name, column.bools, column.known);
    else if ("days" in column) table.days(name, column.days, column.known);
    else if ("codes" in column) table.texts(name, column.codes, [...column.words], column.known);
    else table.lists(name, column.starts, toTable(native, column.items), column.known);
}

/** The table of the engine; the arrays are copied into its memory. */
export function toTable(native: typeof batch, columns: Columns): batch.Table {
    const names = Object.keys(columns);
    const first = names[0];
    const table = new native.Table(first === undefined ? 0 : rowsOf(columns[first] as ColumnInput));
    try {
        for (const name of names) call(() => add(native, table, name, columns[name] as ColumnInput));
    } catch (error) {
        table.free();
        throw error;
    }
    return table;
}
