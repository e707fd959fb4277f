// The corpus of the project, replayed: what JavaScript gets is byte for byte what Rust gives.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { FirmError, RuleBook } from "risktier";

const lines = (name) => readFileSync(new URL(`../../tests/corpus/${name}`, import.meta.url), "utf8").trimEnd().split("\n");
const firms = lines("firms.jsonl");
const [header, ...wanted] = lines("grades.jsonl").map((line) => JSON.parse(line));

function digest(text) {
    const identity = `,"identity":${JSON.stringify(header)}`;
    assert.equal(text.split(identity).length, 2);
    return createHash("sha256").update(text.replace(identity, "")).digest("hex");
}

const book = await RuleBook.standard();
const grader = book.grader(header.as_of);

test("the package has the book that graded the corpus", () => {
    assert.equal(book.hash, header.book, "see tests/corpus/README.md");
    assert.equal(firms.length, wanted.length);
    assert.ok(firms.length > 400);
});

test("firm by firm it comes out byte for byte", () => {
    let ungraded = 0;
    for (const [at, firm] of firms.entries()) {
        const one = wanted[at];
        if ("error" in one) {
            ungraded += 1;
            assert.throws(() => grader.gradeJson(firm), FirmError);
            continue;
        }
        assert.equal(digest(grader.gradeJson(firm)), one.grade, firm);
        assert.equal(digest(grader.explainJson(firm)), one.explanation, firm);
        assert.equal(digest(grader.listsJson(firm)), one.lists, firm);
    }
    assert.ok(ungraded > 0 && ungraded < 20);
});

test("through objects it comes out the same", () => {
    for (const [at, firm] of firms.entries()) {
        if ("error" in wanted[at]) continue;
        // Numbers as large as in the corpus do not survive JavaScript's own reader: those firms go as text, above.
        if (/\d{16}/.test(firm)) continue;
        const { tier, best, worst } = grader.grade(JSON.parse(firm));
        assert.deepEqual({ tier, best, worst }, { tier: wanted[at].tier, best: wanted[at].best, worst: wanted[at].worst }, firm);
    }
});
