import type { Diagnostic } from "./types.js";

/** What kind of failure, in one word. */
export type ErrorCode = "ARGUMENT" | "FIRM" | "TABLE" | "COMPILED" | "BOOK";

/** Anything that this package could not do. What is wrong with a single value is no error: it stands in the grade. */
export class RisktierError extends Error {
    override name = "RisktierError";

    constructor(
        readonly code: ErrorCode | Diagnostic["code"],
        message: string,
    ) {
        super(message);
    }
}

/** A firm that cannot be graded at all: no object, or no sector of the book. */
export class FirmError extends RisktierError {
    override name = "FirmError";
}

/** A table that cannot be graded at all. */
export class TableError extends RisktierError {
    override name = "TableError";
}

/** Bytes that are not a compiled book of this version. */
export class CompiledBookError extends RisktierError {
    override name = "CompiledBookError";
}

/** Rule scripts with errors. `code` and place are those of the first; `diagnostics` has them all. */
export class BookError extends RisktierError {
    override name = "BookError";
    readonly script: string;
    readonly line: number;
    readonly column: number;

    constructor(
        message: string,
        readonly diagnostics: readonly Diagnostic[],
    ) {
        const first = diagnostics.find((one) => one.severity === "error");
        super(first?.code ?? "BOOK", message);
        this.script = first?.script ?? "";
        this.line = first?.line ?? 0;
        this.column = first?.column ?? 0;
    }
}

interface Failure {
    code: ErrorCode;
    message: string;
    diagnostics?: Diagnostic[];
}

/** What a module threw, as an error. */
function toError(thrown: unknown): unknown {
    if (typeof thrown !== "string") return thrown;
    const { code, message, diagnostics = [] } = JSON.parse(thrown) as Failure;
    switch (code) {
        case "FIRM":
            return new FirmError(code, message);
        case "TABLE":
            return new TableError(code, message);
        case "COMPILED":
            return new CompiledBookError(code, message);
        case "BOOK":
            return new BookError(message, diagnostics);
        default:
            return new RisktierError(code, message);
    }
}

/** Calls into a module. */
export function call<T>(what: () => T): T {
    try {
        return what();
    } catch (thrown) {
        throw toError(thrown);
    }
}
