// The page, in Chromium, by clicks and files.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync, mkdtempSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { browser, open, SHOTS } from "./browser.mjs";
import { serve } from "./server.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const axePath = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const temporary = mkdtempSync(join(tmpdir(), "risktier-"));
let server;
let chrome;

before(async () => {
    server = await serve({ "/": join(root, "www/dist/"), "/pkg/": join(root, "pkg/"), "/corpus/": join(root, "../tests/corpus/"), "/plain/": join(root, "tests/page/plain/") });
    chrome = await browser();
});
after(async () => {
    await chrome?.close();
    await server?.stop();
});

const tierOf = (page) => page.locator("#tier .tier").getAttribute("class").then((name) => name.split(" ")[1]);
const answer = (page, fact, text) => page.locator(`[data-fact="${fact}"] label`, { hasText: new RegExp(`^${text}$`) }).click();
const bar = (page, name) => page.locator(".bars button", { hasText: name });

/** Serious findings of axe. A policy would not let it be injected as a script, so it is evaluated. */
async function accessible(page) {
    await page.evaluate(readFileSync(axePath, "utf8"));
    const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
    const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    assert.deepEqual(serious.map(({ id, nodes }) => [id, nodes.slice(0, 3).map(({ html }) => html)]), []);
}

test("the corpus comes out byte for byte in Chromium, from a plain module script", async () => {
    const { page, wrong, context } = await open(chrome, `${server.address}plain/`);
    const result = await page.waitForFunction(() => globalThis.result, undefined, { timeout: 60_000 }).then((handle) => handle.jsonValue());
    assert.deepEqual(result.wrong, []);
    assert.ok(result.firms > 400 && result.graded > 400, JSON.stringify(result));
    assert.deepEqual(wrong, []);
    await context.close();
});

test("a firm is checked: the grade follows the answers", async () => {
    const { page, wrong, context } = await open(chrome, server.address);
    await page.getByLabel("Sectors").selectOption("fuel-stations");
    assert.equal(await tierOf(page), "blue");
    await page.locator(".missing li").first().waitFor();
    await answer(page, "station_smoking_or_flame", "Yes");
    await page.locator("#tier .tier.orange").waitFor();
    await answer(page, "station_with_dwelling", "Yes");
    await page.locator("#tier .tier.red").waitFor();
    await answer(page, "station_with_dwelling", "Unknown");
    await answer(page, "station_smoking_or_flame", "No");
    await page.locator("#tier .tier.blue").waitFor();

    // What matters most is one click away.
    const first = page.locator(".missing li button").first();
    await first.click();
    const focused = await page.evaluate(() => document.activeElement?.closest("[data-fact]")?.getAttribute("data-fact"));
    assert.ok(focused, "the question has the focus");

    // A list is a table.
    await answer(page, "fuel_tanks", "The list is known");
    await page.locator('[data-fact="fuel_tanks"]').getByRole("button", { name: "Add an item" }).click();
    const tanks = page.locator('[data-fact="fuel_tanks"] tbody tr');
    await tanks.first().locator("select").filter({ hasText: "petrol" }).selectOption("petrol");
    await tanks.first().locator("select").filter({ hasText: "buried" }).selectOption("indoors or in a basement");
    await page.locator("#tier .tier.orange").waitFor();
    assert.match(await page.locator("#list-panel").innerText(), /tank is not buried/i);

    // A number that is none is shown as such, and counts as unknown.
    const number = page.locator('[data-fact="station_to_tunnel_m"] input');
    await number.fill("near");
    await page.locator(".errors").waitFor();
    assert.equal(await number.getAttribute("aria-invalid"), "true");
    await number.fill("250.5");
    await page.locator(".errors").waitFor({ state: "detached" });

    for (const tab of ["risks", "responsibilities", "wayDown", "hazards"]) {
        await page.locator(`[data-tab="${tab}"]`).click();
        assert.equal(await page.locator(`[data-tab="${tab}"]`).getAttribute("aria-selected"), "true");
        assert.ok((await page.locator("#list-panel").innerText()).length > 20, tab);
    }
    await page.screenshot({ path: join(SHOTS, "firm.png") });
    await accessible(page);

    await page.getByLabel("Name of the firm").fill("North Road 北路站");
    const saved = {};
    for (const [button, name] of [["Page (HTML)", "html"], ["Table (CSV)", "csv"], ["Workbook (xlsx)", "xlsx"], ["Save firm as file", "json"]]) {
        const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: button }).click()]);
        saved[name] = join(temporary, `firm.${name}`);
        assert.match(download.suggestedFilename(), new RegExp(`^North Road.*\\.${name}$`));
        await download.saveAs(saved[name]);
    }
    assert.match(readFileSync(saved.html, "utf8"), /<!DOCTYPE html>[\s\S]*North Road 北路站/);
    assert.ok(readFileSync(saved.csv, "utf8").split("\r\n").length > 3);
    assert.equal(readFileSync(saved.xlsx).subarray(0, 2).toString(), "PK");
    const firm = JSON.parse(readFileSync(saved.json, "utf8"));
    assert.deepEqual([firm.sector, firm.station_to_tunnel_m, firm.fuel_tanks], [["fuel-stations"], 250.5, [{ product: "petrol", placement: "indoors or in a basement" }]]);

    await page.getByRole("button", { name: "Clear" }).click();
    await page.locator("#tier .tier.blue").waitFor();
    const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.getByRole("button", { name: "Open a firm from file" }).click()]);
    await chooser.setFiles(saved.json);
    await page.locator("#tier .tier.orange").waitFor();

    // The other language at once, nothing lost.
    await page.getByRole("button", { name: "中文" }).click();
    assert.equal(await page.locator("h1").innerText(), "企业自查");
    assert.match(await page.locator("#tier").innerText(), /橙/);
    await page.screenshot({ path: join(SHOTS, "firm-zh.png"), fullPage: false });
    await page.getByRole("button", { name: "浅色或深色" }).click();
    await page.screenshot({ path: join(SHOTS, "firm-dark.png") });
    await accessible(page);
    assert.deepEqual(wrong, []);
    await context.close();
});

test("the form works by keyboard and at phone width", async () => {
    const { page, wrong, context } = await open(chrome, server.address, { viewport: { width: 390, height: 844 } });
    await page.locator("h1").waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement?.id), "content");
    await page.getByLabel("Sectors").selectOption("catering-gas");
    const radio = page.locator('.question [role="radiogroup"] input').first();
    await radio.focus();
    await page.keyboard.press("ArrowRight");
    assert.equal(await page.evaluate(() => document.activeElement?.closest("[data-fact]")?.hasAttribute("data-known")), true);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `the page is ${wide} px wider than the phone`);
    await page.screenshot({ path: join(SHOTS, "phone.png") });
    await accessible(page);
    assert.deepEqual(wrong, []);
    await context.close();
});

/** A register of 100,000 rows in GB 18030, with headings of its own, from the made-up one of the project. */
function register(rows) {
    const decoder = new TextDecoder("gb18030");
    const table = new Map();
    for (let high = 0x81; high <= 0xfe; high += 1) for (let low = 0x40; low <= 0xfe; low += 1) {
        const char = decoder.decode(Uint8Array.of(high, low));
        if (char.length === 1) table.set(char, [high, low]);
    }
    const bytes = (text) => Uint8Array.from([...text].flatMap((char) => (char.charCodeAt(0) < 0x80 ? [char.charCodeAt(0)] : table.get(char))));
    const districts = ["东城区", "西城区", "北郊", "港口新区"];
    const lines = ["企业编号,名称,区县,station_smoking_or_flame,station_approved,加油站距公路隧道,经营许可证"];
    for (let row = 0; row < rows; row += 1) {
        lines.push(`QY-${row},第${row % 977}加油站,${districts[row % 4]},${row % 50 === 7 ? "是" : "否"},${row % 9 === 3 ? "" : "是"},${row % 1000 === 5 ? "远" : 100 + (row % 300)},有`);
    }
    const parts = [];
    for (let from = 0; from < lines.length; from += 10_000) parts.push(bytes(`${lines.slice(from, from + 10_000).join("\r\n")}\r\n`));
    const path = join(temporary, "register.csv");
    writeFileSync(path, Buffer.concat(parts));
    return path;
}

test("a register of 100,000 rows in GB 18030 is mapped and graded, and the page answers meanwhile", async () => {
    const { page, wrong, context } = await open(chrome, `${server.address}#register`);
    const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.getByRole("button", { name: "Choose a file" }).click()]);
    await chooser.setFiles(register(100_000));
    await page.getByLabel("Sector of firms that name none").selectOption("fuel-stations");
    await page.getByLabel("Read as: 企业编号").selectOption("id");
    for (const fact of ["station_smoking_or_flame", "station_approved"]) {
        assert.equal(await page.getByLabel(`Read as: ${fact}`).inputValue(), fact, "a column with the name of a fact is that fact");
    }
    assert.ok(await page.getByLabel("keep beside the grades: 区县").isChecked());
    await page.getByLabel("Read as: 加油站距公路隧道").selectOption("station_to_tunnel_m");
    await page.screenshot({ path: join(SHOTS, "mapping.png") });
    await accessible(page);

    await page.evaluate(() => {
        globalThis.frames = 0;
        const tick = () => {
            globalThis.frames += document.querySelector("progress") ? 1 : 0;
            requestAnimationFrame(tick);
        };
        requestAnimationFrame(tick);
    });
    await page.getByRole("button", { name: "Grade", exact: true }).click();
    await page.locator(".tiles").waitFor({ timeout: 120_000 });
    assert.ok((await page.evaluate(() => globalThis.frames)) > 5, "the page drew frames while the register was graded");

    assert.match(await page.locator(".overview .count").innerText(), /^100,000 firms/);
    const tile = (tier) => page.locator(`[data-tier="${tier}"] strong`).innerText().then((text) => Number(text.replaceAll(",", "")));
    const counts = { red: await tile("red"), orange: await tile("orange"), yellow: await tile("yellow"), blue: await tile("blue") };
    assert.equal(counts.red + counts.orange + counts.yellow + counts.blue, 100_000);
    assert.equal(counts.orange, 2_000, "smoking in the danger area, every fiftieth");
    assert.match(await page.locator(".overview .count").innerText(), /, 100 with data errors/, "far is no number");
    await page.screenshot({ path: join(SHOTS, "register.png"), fullPage: true });
    await accessible(page);

    await page.locator('[data-tier="orange"]').click();
    assert.match(await page.locator(".firms .count").innerText(), /^2,000 firms/);
    await bar(page, "西城区").click();
    assert.match(await page.locator(".firms .count").innerText(), /^1,000 firms/);
    await bar(page, "东城区").click();
    assert.equal(await page.locator(".firms .count").innerText(), "No firm matches.");
    await bar(page, "东城区").click();
    await page.getByLabel("Filter by id or name").fill("QY-57");
    await page.waitForFunction(() => /^(2|3|4|5|6|7|8|9|1\d|2\d|3\d) firms/.test(document.querySelector(".firms .count").textContent));
    await page.getByLabel("Filter by id or name").fill("");
    await page.waitForFunction(() => /^2,000 firms/.test(document.querySelector(".firms .count").textContent));
    await page.locator('[data-sort="id"]').click();
    const top = page.locator(".rows .row").first();
    assert.match(await top.innerText(), /^QY-7\b/);
    // The table is long, and only what is in sight is in the page.
    await page.locator('[data-tier="orange"]').click();
    assert.ok((await page.locator(".rows .row").count()) < 80);
    await page.locator(".viewport").evaluate((element) => element.scrollTo(0, element.scrollHeight));
    await page.waitForFunction(() => [...document.querySelectorAll(".rows .row")].some((row) => row.textContent.startsWith("QY-99999")));

    await page.locator('[data-tier="orange"]').click();
    await page.locator(".rows .row").first().click();
    const dialog = page.locator("dialog[open]");
    await dialog.waitFor();
    assert.match(await dialog.innerText(), /Smoking or open flame/i);
    await page.screenshot({ path: join(SHOTS, "why.png") });
    await accessible(page);
    await dialog.getByRole("button", { name: "Close" }).click();
    await dialog.waitFor({ state: "detached" });

    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Download results (CSV)" }).click()]);
    const path = join(temporary, "grades.csv");
    await download.saveAs(path);
    const lines = readFileSync(path, "utf8").trimEnd().split("\r\n");
    assert.equal(lines.length, 100_001);
    assert.match(lines[8], /^QY-7,第7加油站,港口新区,fuel-stations,orange,/);

    // What the edit of a rule would do to this register.
    await page.getByRole("link", { name: "Write rules" }).click();
    const editor = page.locator(".editor .cm-content");
    await editor.waitFor();
    await page.getByText("The book is sound.").waitFor({ timeout: 60_000 });
    await edit(page, "firm.station_smoking_or_flame", "firm.station_smoking_or_flame && false == true");
    await page.locator(".matrix").waitFor({ timeout: 120_000 });
    assert.match(await page.locator(".impact .moved").last().innerText(), /./);
    assert.equal(await page.locator(".matrix").locator("xpath=preceding-sibling::p").innerText(), "2,000 / 100,000 change tier");
    await page.screenshot({ path: join(SHOTS, "impact.png") });
    assert.deepEqual(wrong, []);
    await context.close();
});

/** Puts a text in place of another in the editor, as its search does: the first that stands in a condition. */
async function edit(page, from, to) {
    const editor = page.locator(".editor .cm-content");
    await editor.click();
    await page.keyboard.press("Control+f");
    const search = page.locator('.editor .cm-search input[name="search"]');
    await search.fill("");
    await search.pressSequentially(from);
    await search.press("Enter");
    await page.locator('.editor .cm-search input[name="replace"]').fill("");
    await page.locator('.editor .cm-search input[name="replace"]').pressSequentially(to);
    await page.locator('.editor .cm-search button[name="replace"]').click();
    await search.press("Escape");
}

test("a grading that takes long can be cancelled", async () => {
    const { page, wrong, context } = await open(chrome, `${server.address}#register`);
    const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.getByRole("button", { name: "Choose a file" }).click()]);
    await chooser.setFiles(register(400_000));
    await page.getByLabel("Sector of firms that name none").selectOption("fuel-stations");
    await page.getByRole("button", { name: "Grade", exact: true }).click();
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByText("Cancelled.").waitFor();
    assert.deepEqual(wrong, []);
    await context.close();
});

test("rules are written: errors where they stand, completion, what a name means, what the edit changes", async () => {
    const { page, wrong, context } = await open(chrome, `${server.address}#rules`);
    await page.getByText("The book is sound.").waitFor({ timeout: 60_000 });
    await page.getByLabel("Script", { exact: true }).selectOption("sectors/catering-gas.rhai");
    await page.getByText("The book is sound.").waitFor({ timeout: 60_000 });
    const text = readFileSync(join(root, "../rules/sectors/catering-gas.rhai"), "utf8");
    const fact = /firm\.(\w+)/.exec(text)[1];

    await edit(page, `firm.${fact}`, `firm.${fact}x`);
    await page.locator(".editor .cm-lintRange-error").first().waitFor({ timeout: 30_000 });
    assert.match(await page.locator(".problems").innerText(), new RegExp(`catering-gas\\.rhai:\\d+:\\d+ E\\d+ .*${fact}x`));
    assert.equal(await page.locator(".editor .cm-lintRange-error").first().innerText(), `${fact}x`);
    await page.screenshot({ path: join(SHOTS, "rules-error.png") });
    await accessible(page);
    await page.getByRole("button", { name: "Undo all" }).click();
    await page.getByText("The book is sound.").waitFor({ timeout: 30_000 });

    const editor = page.locator(".editor .cm-content");
    await editor.click();
    await page.keyboard.press("Control+End");
    await page.keyboard.type(`\nlet x = |firm| firm.${fact.slice(0, 6)}`);
    await page.keyboard.press("Control+Space");
    await page.locator(".editor .cm-tooltip-autocomplete li").filter({ hasText: fact }).first().waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Undo all" }).click();
    await page.getByText("The book is sound.").waitFor({ timeout: 30_000 });

    // A condition that no firm can meet, which no error says.
    const named = /firm\.\w+ > 0/.exec(text)[0];
    await edit(page, named, `${named} && ${named.replace("> 0", "< 1")}`);
    await page.locator(".problems li", { hasText: "W101" }).first().waitFor({ timeout: 30_000 });
    assert.match(await page.locator(".problems").innerText(), /no firm can meet the condition/);
    await page.getByRole("button", { name: "Undo all" }).click();
    await page.getByText("The book is sound.").waitFor({ timeout: 30_000 });

    // A milder rule: the example firms that move are named, with the rule.
    const rule = "tier:    RED";
    assert.ok(text.includes(rule));
    await edit(page, rule, rule.replace("RED", "YELLOW"));
    await page.locator(".impact .moved").first().waitFor({ timeout: 30_000 });
    assert.ok(Number(await page.locator(".impact .moved").first().innerText()) > 0);
    // And the cases that want another tier of it.
    await page.locator(".tests .failed li").first().waitFor({ timeout: 30_000 });
    assert.match(await page.locator(".tests .failed").innerText(), /wanted fires, tier red, came tier yellow/);
    assert.match(await page.locator(".tests").innerText(), /Every condition is shown to decide\./);
    await page.screenshot({ path: join(SHOTS, "rules.png") });
    await page.getByRole("button", { name: "Use this book in the other views" }).click();
    await page.getByText("This book is in use in all views.").waitFor({ timeout: 30_000 });

    // What stands under the pointer.
    await page.getByLabel("Script", { exact: true }).selectOption("sectors/fuel-stations.rhai");
    await page.getByText("The book is sound.").waitFor({ timeout: 30_000 });
    await page.locator(".editor .tok-word", { hasText: /^document$/ }).first().hover();
    await page.locator(".editor .hover").waitFor();
    assert.match(await page.locator(".editor .hover").innerText(), /document[^]*A document that rules cite/);
    assert.deepEqual(wrong, []);
    await context.close();
});

test("after the first load the page works without a network", async () => {
    const { page, wrong, context } = await open(chrome, server.address);
    await page.evaluate(() => navigator.serviceWorker.ready);
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    await context.setOffline(true);
    const asked = server.asked.length;
    await page.reload();
    await page.getByLabel("Sectors").selectOption("fireworks");
    await page.locator("#tier .tier").waitFor();
    await page.getByRole("link", { name: "Write rules" }).click();
    await page.getByText("The book is sound.").waitFor({ timeout: 60_000 });
    assert.equal(server.asked.length, asked, "nothing was asked of the server");
    assert.deepEqual(wrong, []);
    await context.close();
});
