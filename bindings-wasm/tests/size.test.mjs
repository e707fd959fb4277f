// What a browser downloads to grade a firm by the standard book, as a server sends it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { brotliCompressSync, constants } from "node:zlib";

const BUDGET = 450_000;

function sent(name) {
    const bytes = readFileSync(new URL(`../pkg/${name}`, import.meta.url));
    const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 };
    return brotliCompressSync(bytes, { params }).length;
}

test("engine and standard book stay within the budget", (t) => {
    const [engine, book] = [sent("firm_module_bg.wasm"), sent("standard.book")];
    t.diagnostic(`engine ${engine}, book ${book}, together ${engine + book} of ${BUDGET} bytes (brotli)`);
    t.diagnostic(`loaded when asked for: tables ${sent("batch_bg.wasm")}, rule scripts ${sent("author_bg.wasm")}, workbooks ${sent("workbook_bg.wasm")}`);
    assert.ok(engine > 50_000 && book > 50_000, "both were measured");
    assert.ok(engine + book <= BUDGET, `${engine + book} bytes`);
});
