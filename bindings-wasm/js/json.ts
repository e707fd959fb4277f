// JSON that keeps whole numbers of any size: JavaScript's own turns 9007199254740993 into ...992.

import type { Firm } from "./firm.js";
import type { ParameterOverride } from "./types.js";

const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const LARGE = /^-?\d{16,}$/;

/** A beginning that no text in here has. */
function mark(json: string): string {
    let mark = "int:";
    while (json.includes(`"${mark}`)) mark += ":";
    return mark;
}

/** Reads what the engine gives; whole numbers that a `number` cannot hold are `bigint`. */
export function parse<T>(json: string): T {
    if (!/\d{16}/.test(json)) return JSON.parse(json) as T;
    const marked = mark(json);
    const text = json.replace(TOKENS, (token) =>
        LARGE.test(token) && !Number.isSafeInteger(Number(token)) ? `"${marked}${token}"` : token,
    );
    return JSON.parse(text, (_, value: unknown) =>
        typeof value === "string" && value.startsWith(marked) ? BigInt(value.slice(marked.length)) : value,
    ) as T;
}

/** Writes a firm for the engine. What is not a number reaches it as text, and is a data error there: never an unknown. */
export function stringify(firm: Firm | readonly ParameterOverride[]): string {
    let large = false;
    const plain = (holder: unknown, key: string, value: unknown, bigint: (value: bigint) => unknown): unknown => {
        const given = (holder as Record<string, unknown>)[key];
        if (given instanceof Date) {
            throw new TypeError(`\`${key}\` is a Date, which is a point in time; expected a day as text, YYYY-MM-DD`);
        }
        if (typeof value === "bigint") return bigint(value);
        return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
    };
    const first = JSON.stringify(firm, function (this: unknown, key: string, value: unknown) {
        return plain(this, key, value, () => {
            large = true;
            return 0;
        });
    });
    if (!large) return first;
    const marked = mark(first);
    const text = JSON.stringify(firm, function (this: unknown, key: string, value: unknown) {
        return plain(this, key, value, (value) => marked + value.toString());
    });
    return text.replace(TOKENS, (token) => (token.startsWith(`"${marked}`) ? token.slice(marked.length + 1, -1) : token));
}
