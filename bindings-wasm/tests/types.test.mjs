// The types: exact enough for `--strict`, no `any`, and what the Rust types are now.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const at = (path) => new URL(`../${path}`, import.meta.url);

test("a program that uses every call compiles under --strict", () => {
    const run = spawnSync("npx", ["tsc", "-p", "tests/types"], { cwd: at("."), encoding: "utf8" });
    assert.equal(run.status, 0, run.stdout + run.stderr);
});

test("every call and every class is in that program", () => {
    const use = readFileSync(at("tests/types/use.ts"), "utf8");
    for (const name of readdirSync(at("pkg")).filter((name) => /^(book|grader|grades|register|index)\.d\.ts$/.test(name))) {
        const text = readFileSync(at(`pkg/${name}`), "utf8").replace(/\/\*[\s\S]*?\*\//g, "");
        const members = [...text.matchAll(/^ {4}(?:static |get )*([a-zA-Z]+)\(/gm)].map(([, member]) => member);
        for (const member of members.filter((member) => member !== "constructor")) {
            assert.match(use, new RegExp(`\\.${member}\\b`), `${name}: ${member}`);
        }
    }
});

test("nothing is any", () => {
    const own = readdirSync(at("pkg")).filter((name) => name.endsWith(".d.ts") && !/^(author|batch|firm_module|workbook)\.d\.ts$/.test(name));
    assert.ok(own.length >= 10);
    for (const name of own) {
        const text = readFileSync(at(`pkg/${name}`), "utf8").replace(/\/\*[\s\S]*?\*\/|"[^"]*"/g, "");
        assert.doesNotMatch(text, /\bany\b/, name);
    }
});

test("the types are those of the Rust types now", () => {
    const cargo = (...args) => {
        const run = spawnSync("cargo", args, { cwd: at("."), encoding: "utf8", maxBuffer: 1 << 26 });
        assert.equal(run.status, 0, run.stderr);
        return run.stdout;
    };
    cargo("build", "--quiet", "--workspace", "--all-features", "--example", "types");
    const target = JSON.parse(cargo("metadata", "--no-deps", "--format-version", "1")).target_directory;
    const made = spawnSync(`${target}/debug/examples/types`, { encoding: "utf8" });
    assert.equal(made.status, 0, made.stderr);
    assert.equal(readFileSync(at("js/types.ts"), "utf8"), made.stdout, "write them anew with `bindings-wasm/build types`");
});
