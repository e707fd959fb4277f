import type * as Author from "./author.js";
import { call } from "./errors.js";
import { parse } from "./json.js";
import { loadAuthor } from "./load.js";
import type { Completion, Hover } from "./types.js";

/**
 * Rule scripts while they are written: what may stand at a place, and what a name means, also where a script is half written. Places
 * count units of UTF-16 from the beginning of the script, as editors in browsers do.
 *
 * ```js
 * import { Writing } from "risktier";
 * const writing = await Writing.of({ "shop.rhai": 'fact("exits", INT, #{ en: "Exits", zh: "出口" });\nlet x = |firm| firm.ex' });
 * console.log(writing.completions("shop.rhai", 76).map(({ label }) => label)); // [ "exits" ]
 * ```
 */
export class Writing {
    readonly #native: Author.Writing;

    private constructor(native: Author.Writing) {
        this.#native = native;
    }

    /** Scripts by name. Loads the reader of scripts at the first call. */
    static async of(sources: { readonly [name: string]: string }): Promise<Writing> {
        const author = await loadAuthor();
        return new Writing(call(() => new author.Writing(JSON.stringify(sources))));
    }

    /** A script has another text. */
    edit(script: string, text: string): void {
        call(() => this.#native.edit(script, text));
    }

    /** What may be written at a place. */
    completions(script: string, offset: number): readonly Completion[] {
        return parse<Completion[]>(call(() => this.#native.completions(script, offset)));
    }

    /** What the name at a place means, in Markdown. */
    hover(script: string, offset: number): Hover | undefined {
        return parse<Hover | null>(call(() => this.#native.hover(script, offset))) ?? undefined;
    }

    /** Gives its memory back. */
    free(): void {
        this.#native.free();
    }
}
