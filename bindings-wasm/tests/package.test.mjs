// The package as its users call it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { BookError, CompiledBookError, encodingOf, FirmError, NO_TIER, RisktierError, RuleBook, TableError, TIERS, Writing } from "risktier";

const SCRIPT = `
role("p", #{ en: "Principal", zh: "主要负责人" });
sector("shops", #{ name: #{ en: "Shops", zh: "商店" }, score: #{ base: 100, bands: [ #{ tier: RED, below: 60 }, #{ tier: ORANGE, from: 60, below: 75 }, #{ tier: YELLOW, from: 75, below: 90 }, #{ tier: BLUE, from: 90 } ] } });
item("care", #{ en: "Care", zh: "管理", lowest: -30 });
fact("exits", INT, #{ en: "Exits", zh: "安全出口", unit: "exits", min: 0 });
fact("area", FLOAT, #{ en: "Area", zh: "面积", unit: "m2", min: 0.0 });
fact("kind", TEXT, #{ en: "Kind", zh: "类别", one_of: ["food", "涂料"] });
fact("inspected", DATE, #{ en: "Inspected", zh: "检验日期" });
fact("locked", BOOL, #{ en: "Locked", zh: "上锁" });
fact("serial", INT, #{ en: "Serial", zh: "编号" });
list("goods", #{ en: "Goods", zh: "货物", item: #{ tonnes: field(FLOAT, #{ en: "Tonnes", zh: "吨", unit: "t", min: 0.0 }) } });
parameter("most", FLOAT, #{ en: "Most", zh: "上限", unit: "t", values: [ #{ since: date(2010, 1, 1), value: 5.0, cite: own("an example") } ] });
fn check(id, tier, when) {
    rule(id, #{ risk: #{ en: "Risk", zh: "风险" }, finding: #{ en: "Finding " + id, zh: "问题" + id }, control: #{ en: "Control", zh: "措施" },
        when: when, tier: tier, cite: own("an example"), since: date(2020, 1, 1), owner: "p", days: 7 });
}
check("S-1", RED, |firm| firm.exits < 2 || firm.locked);
check("S-2", ORANGE, |firm| firm.goods.sum(|good| good.tonnes) > param("most"));
check("S-3", YELLOW, |firm| AS_OF - firm.inspected > 365 || firm.kind == "涂料");
check("S-4", RED, |firm| firm.serial == 9007199254740993);
rule("S-5", #{ risk: #{ en: "Risk", zh: "风险" }, finding: #{ en: "Large", zh: "大" }, control: #{ en: "Control", zh: "措施" },
    item: "care", deduct: |firm| firm.area / 100.0, cite: own("an example"), since: date(2020, 1, 1), owner: "p", days: 7 });
`;
const SOUND = { sector: "shops", exits: 2, area: 12.5, kind: "food", inspected: "2026-10-01", locked: false, serial: 1, goods: [] };

const standard = await RuleBook.standard();
const book = await RuleBook.fromSources({ "shops.rhai": SCRIPT });
const grader = book.grader("2026-11-01");

test("the lines of the README", () => {
    const grade = standard.grader("2026-11-01").grade({ sector: "fireworks", building_use_changed: true });
    assert.equal(grade.tier, "red");
    assert.ok(grade.sectors[0].fired.length > 0);
});

test("a firm is graded, and what is not known is said", () => {
    const sound = grader.grade(SOUND);
    assert.deepEqual([sound.tier, sound.best, sound.worst, sound.settled], ["blue", "blue", "blue", true]);
    assert.deepEqual(sound.sectors[0].score, { value: 99.875, low: 99.875, high: 99.875 });
    const open = grader.grade({ ...SOUND, exits: null });
    assert.deepEqual([open.tier, open.best, open.worst], ["blue", "blue", "red"]);
    assert.deepEqual(open.missing.map(({ fact }) => fact), ["exits"]);
});

test("decimals, large whole numbers, days and Chinese survive both ways", () => {
    const { tier, sectors } = grader.grade({ ...SOUND, serial: 9007199254740993n, kind: "涂料", inspected: "2025-10-31" });
    assert.equal(tier, "red");
    assert.deepEqual(sectors[0].fired.map(({ rule }) => rule), ["S-3", "S-4", "S-5"]);
    assert.equal(grader.grade({ ...SOUND, serial: 9007199254740992n }).tier, "blue");
    const read = Object.fromEntries(
        grader.explain({ ...SOUND, serial: 9007199254740993n, kind: "涂料" }).sectors[0].rules.flatMap(({ read }) => read.map(({ fact, value }) => [fact, value])),
    );
    assert.equal(read.serial, 9007199254740993n);
    assert.equal(read.kind, "涂料");
    assert.equal(read.inspected, "2026-10-01");
    assert.equal(read.area, 12.5);
    const id = 'int:9007199254740993 "int::1';
    assert.equal(grader.grade({ ...SOUND, id, serial: 2n ** 62n }).id, id);
});

test("what is no number is a data error and never an unknown", () => {
    for (const area of [NaN, Infinity, "12", true]) {
        const { data_errors, worst } = grader.grade({ ...SOUND, area });
        assert.equal(data_errors.length, 1, String(area));
        assert.equal(data_errors[0].fact, "area");
        assert.notEqual(worst, "blue");
    }
    assert.throws(() => grader.grade({ ...SOUND, inspected: new Date() }), /expected a day as text/);
});

test("explanation, lists and ways down", () => {
    const bad = { ...SOUND, id: "甲-1", exits: 1, goods: [{ tonnes: 4 }, { tonnes: 1.5 }] };
    const { sectors } = grader.explain(bad);
    assert.deepEqual(sectors[0].decided_by, ["S-1"]);
    const lists = grader.lists(bad, "甲商店");
    assert.equal(lists.name, "甲商店");
    assert.deepEqual(lists.hazards.map(({ rule }) => rule), ["S-1", "S-2", "S-5"]);
    const [ways] = grader.wayDown(bad);
    const toBlue = ways.ways.find(({ to, goal }) => to === "blue" && goal === "on-record");
    assert.deepEqual(toBlue.ways[0].close, ["S-1", "S-2"]);
    assert.match(grader.listsHtml(bad, "zh", "甲商店"), /^<!DOCTYPE html>.*甲商店/s);
    const [titles, ...rows] = grader.listTable(bad, "hazards", "en");
    assert.ok(titles.length > 5 && rows.length === 3 && rows.every((row) => row.length === titles.length));
});

test("the lists are a workbook, the same bytes each time", async () => {
    const firm = { ...SOUND, exits: 1 };
    const workbook = Buffer.from(await grader.listsXlsx(firm, "zh", "甲商店"));
    assert.equal(workbook.subarray(0, 4).toString("latin1"), "PK\u0003\u0004");
    for (const part of ["xl/workbook.xml", "xl/worksheets/sheet3.xml", "[Content_Types].xml"]) assert.ok(workbook.includes(part), part);
    assert.ok(workbook.equals(Buffer.from(await grader.listsXlsx(firm, "zh", "甲商店"))));
});

test("what a book holds", () => {
    assert.equal(standard.sectors.length, 40);
    assert.ok(standard.rules.length > 1400);
    const rule = standard.rules.find(({ id }) => id === "FW-03");
    assert.equal(rule.tier, "red");
    assert.match(rule.finding.zh, /\p{Script=Han}/u);
    assert.ok(rule.cite.length > 0 && rule.condition.length > 0);
    assert.equal(standard.keyFields.length, 6);
    const facts = standard.grader("2026-11-01").facts("fuel-stations");
    assert.ok(facts.facts.length > 50 && facts.lists.some(({ name }) => name === "fuel_tanks"));
    assert.deepEqual(book.parameters.map(({ name, values }) => [name, values[0].value]), [["most", 5]]);
    assert.deepEqual(book.check(), []);
});

test("a book is analysed as a whole, and shows firms", async () => {
    const odd = await RuleBook.fromSources({ "shops.rhai": SCRIPT.replace('zh: "面积", unit: "m2", min: 0.0 }', 'zh: "面积", unit: "m2", min: 0.0, worse: DOWN }') });
    const { findings, directions } = await odd.analyse("2026-11-01");
    const worse = findings.find(({ code }) => code === "W108");
    assert.match(worse.message.en, /`area` is declared `worse: DOWN`/);
    const [changes, tier] = worse.witness.other;
    const graded = odd.grader("2026-11-01");
    assert.equal(graded.grade(worse.witness.firm).tier, worse.witness.tier);
    assert.equal(graded.grade({ ...worse.witness.firm, ...changes }).tier, tier);
    assert.ok(changes.area < worse.witness.firm.area);
    assert.deepEqual(directions.proved, []);
    await assert.rejects(() => standard.analyse("2026-11-01"), /came compiled/);
    await assert.rejects(() => odd.analyse("yesterday"), RisktierError);
});

test("the examples of a book are run, and say what they leave open", async () => {
    const own = await RuleBook.fromSources({ "shops.rhai": SCRIPT });
    const rule = own.rules[0].id;
    const file = (rules) => JSON.stringify({ sector: "shops", as_of: "2026-11-01", sound: {}, rules });
    const nothing = await own.test({ "shops.examples.json": file([]), "shops.rhai": SCRIPT });
    assert.deepEqual([nothing.cases, nothing.failed], [0, []]);
    assert.equal(nothing.open.length, nothing.atoms);
    assert.ok(nothing.atoms > 0 && nothing.open.every(({ script, line, text, when_true, when_false }) => script === "shops.rhai" && line > 0 && text.length > 0 && !when_true && !when_false));
    const wrong = await own.test({ "shops.examples.json": file([{ rule, fires: [{}], clear: [], undetermined: [] }]) });
    assert.deepEqual(wrong.failed.map(({ file, name, wanted, came }) => [file, name, wanted, came]), [
        ["shops.examples.json", rule, "both `fires` and `clear`", "one of them is empty"],
        ["shops.examples.json", rule, "fires", "undetermined"],
    ]);
    const sources = await RuleBook.standardSources();
    const one = Object.fromEntries(Object.entries(sources).filter(([name]) => name.startsWith("shared/") || name.startsWith("sectors/fireworks")));
    const tested = await (await RuleBook.fromSources(one)).test({ "sectors/fireworks.examples.json": one["sectors/fireworks.examples.json"] });
    assert.ok(tested.cases > 100);
    assert.deepEqual(tested.failed, []);
    assert.deepEqual(tested.open.filter(({ script }) => script === "sectors/fireworks.rhai"), []);
    await assert.rejects(() => standard.test({}), /came compiled/);
});

test("scripts are helped with while they are written", async () => {
    const half = `${SCRIPT}\nlet x = |firm| firm.ex`;
    const writing = await Writing.of({ "shops.rhai": SCRIPT });
    writing.edit("shops.rhai", half);
    const [first] = writing.completions("shops.rhai", half.length);
    assert.equal(first.label, "exits");
    assert.equal(first.kind, "fact");
    assert.deepEqual([first.span.from.offset_utf16, first.span.to.offset_utf16], [half.length - 2, half.length]);
    assert.match(writing.hover("shops.rhai", SCRIPT.indexOf('"exits"') + 2).text.zh, /安全出口/);
    assert.equal(writing.hover("shops.rhai", 0), undefined);
    writing.free();
});

test("books go by bytes and by scripts, with other values for parameters", async () => {
    const copy = await RuleBook.fromCompiled(book.toCompiled());
    assert.equal(copy.hash, book.hash);
    assert.equal(copy.grader("2026-11-01").gradeJson(JSON.stringify(SOUND)), grader.gradeJson(JSON.stringify(SOUND)));
    const other = await RuleBook.fromSources({ "shops.rhai": SCRIPT }, { parameters: [{ name: "most", since: "2010-01-01", value: 1.5 }] });
    assert.notEqual(other.hash, book.hash);
    const firm = { ...SOUND, goods: [{ tonnes: 2 }] };
    assert.equal(other.grader("2026-11-01").grade(firm).tier, "orange");
    assert.equal(grader.grade(firm).tier, "blue");
    const sources = await RuleBook.standardSources();
    assert.equal((await RuleBook.fromSources(sources)).hash, standard.hash);
});

test("errors are errors, with code and place", async () => {
    const wrong = SCRIPT.replace("firm.exits < 2", "firm.exit < 2");
    const line = wrong.split("\n").findIndex((text) => text.includes("firm.exit <")) + 1;
    await assert.rejects(RuleBook.fromSources({ "shops.rhai": wrong }), (error) => {
        assert.ok(error instanceof BookError && error instanceof RisktierError && error instanceof Error);
        assert.deepEqual([error.name, error.script, error.line], ["BookError", "shops.rhai", line]);
        assert.match(error.code, /^E\d+$/);
        const [first] = error.diagnostics;
        assert.equal(first.column, wrong.split("\n")[line - 1].indexOf("exit") + 1);
        assert.match(first.message.en, /exit/);
        assert.match(first.message.zh, /\p{Script=Han}/u);
        return true;
    });
    await assert.rejects(RuleBook.fromCompiled(new Uint8Array(3)), CompiledBookError);
    await assert.rejects(
        RuleBook.fromSources({ "shops.rhai": SCRIPT }, { parameters: [{ name: "mots", since: "2010-01-01", value: 1.5 }] }),
        /no parameter `mots`; did you mean `most`/,
    );
    assert.throws(() => book.grader("1 November"), /expected a day of the calendar as YYYY-MM-DD/);
    assert.throws(() => grader.grade({ exits: 3 }), (error) => error instanceof FirmError && /names no sector/.test(error.message));
    assert.throws(() => grader.grade({ sector: "shop" }), /did you mean `shops`/);
    assert.throws(() => grader.facts("shop"), /did you mean `shops`/);
});

test("columns of every kind are graded as the firms one by one", async () => {
    const rows = [
        { ...SOUND, id: "a" },
        { ...SOUND, id: "b", exits: 1, goods: [{ tonnes: 4 }, { tonnes: 1.5 }] },
        { ...SOUND, id: "c", exits: null, locked: null, goods: null },
        { ...SOUND, id: "d", kind: "涂料", inspected: "2020-01-01", area: 5000.5, serial: 9007199254740993n },
    ];
    const days = (text) => Math.round(Date.parse(text) / 86_400_000);
    const columns = {
        sector: { codes: new Uint32Array(4), words: ["shops"] },
        id: ["a", "b", "c", "d"],
        exits: { values: Int16Array.of(2, 1, 0, 2), known: Uint8Array.of(1, 1, 0, 1) },
        area: Float64Array.of(12.5, 12.5, 12.5, 5000.5),
        kind: { codes: Uint32Array.of(0, 0, 0, 1), words: ["food", "涂料"] },
        inspected: { days: Int32Array.from(rows, ({ inspected }) => days(inspected)) },
        locked: { bools: new Uint8Array(4), known: Uint8Array.of(1, 1, 0, 1) },
        serial: BigInt64Array.of(1n, 1n, 1n, 9007199254740993n),
        goods: { starts: Uint32Array.of(0, 0, 2, 2, 2), items: { tonnes: [4, 1.5] }, known: Uint8Array.of(1, 1, 0, 1) },
    };
    const grades = await grader.gradeBatch(columns);
    assert.equal(grades.length, 4);
    for (const [row, firm] of rows.entries()) assert.deepEqual(grades.grade(row), grader.grade(firm), firm.id);
    assert.deepEqual([...grades.tiers()].map((code) => TIERS[code]), ["blue", "red", "blue", "red"]);
    assert.deepEqual([...grades.worst()].map((code) => TIERS[code]), ["blue", "red", "red", "red"]);
    assert.deepEqual(grades.counts(), { blue: 2, yellow: 0, orange: 0, red: 2, ungraded: 0 });
    assert.equal(grades.scores()[3], 70);
    assert.deepEqual([...grades.fired()], [1, 3, 1, 3]);
    assert.deepEqual(grades.ruleCounts().find(({ rule }) => rule === "S-1"), { rule: "S-1", fired: 1, undetermined: 1 });
    assert.equal(grades.id(1), "b");
    assert.deepEqual(grades.explain(1), grader.explain(rows[1]));
    assert.deepEqual(grades.lists(1, "乙"), grader.lists(rows[1], "乙"));
    assert.throws(() => grades.grade(4), /there is no row 4/);
    const plain = await grader.gradeBatch({ exits: [2, null, 1], locked: [false, null, true] }, { sector: "shops" });
    assert.deepEqual([...plain.tiers()].map((code) => TIERS[code]), ["blue", "blue", "red"]);
});

test("tables that cannot be graded say which column is at fault", async () => {
    await assert.rejects(grader.gradeBatch({ exits: [1, 2], area: [1] }), (error) => error instanceof TableError && /column `area` has 1 rows; expected 2/.test(error.message));
    await assert.rejects(grader.gradeBatch({ exits: [1] }), /no column `sector`/);
    await assert.rejects(grader.gradeBatch({ exits: [1, "2"] }, { sector: "shops" }), /column `exits`, row 1: a string; expected number/);
    await assert.rejects(grader.gradeBatch({ exits: { values: Int8Array.of(1), known: new Uint8Array(2) } }, { sector: "shops" }), /`known` has 2 rows/);
    await assert.rejects(grader.gradeBatch({ goods: { starts: Uint32Array.of(0, 3), items: { tonnes: [1] } } }, { sector: "shops" }), /list `goods`/);
    await assert.rejects(grader.gradeCsv(""), /the table is empty/);
    await assert.rejects(grader.gradeCsv("id,exits,exits\n", { sector: "shops" }), /column `exits` is there twice/);
    await assert.rejects(grader.gradeCsv("id,exit\na,1\n", { sector: "shops", mapping: { exits: "exits" } }), /no column `exits`; did you mean `exit`/);
    await assert.rejects(grader.gradeCsv("id,exits\na,1\n", { sector: "shops", mapping: { exitz: "exits" } }), /no fact `exitz`; did you mean `exits`/);
    const none = await grader.gradeCsv("id,sector,exits\na,shops,1\nb,shop,1\n");
    assert.deepEqual([...none.tiers()], [3, NO_TIER]);
    assert.equal(none.sectors()[1], 65535);
    assert.match(none.errors(1, "en")[0], /no sector `shop`; did you mean `shops`/);
    assert.throws(() => none.grade(1), FirmError);
});

const CSV = "编号,区县,出口,面积,类别,检验日期,上锁\r\n甲1,东区,2,\"1,250.5\",food,2026/10/01,否\r\n甲2,西区,1,90,涂料,2020/01/01,是\r\n甲3,东区,two,,food,,\r\n";
const MAPPING = { id: "编号", exits: "出口", area: { column: "面积", thousands: true }, kind: "类别", inspected: { column: "检验日期", date: "%Y/%m/%d" }, locked: { column: "上锁", codes: "yes-no" } };

test("a register of text is mapped, read in pieces and in any encoding", async () => {
    const options = { sector: "shops", mapping: MAPPING, keep: ["区县"] };
    const whole = await grader.gradeCsv(CSV, options);
    assert.deepEqual([...whole.tiers()].map((code) => TIERS[code]), ["yellow", "red", "blue"]);
    assert.deepEqual([...whole.rowsWithErrors()], [2]);
    assert.match(whole.errors(2, "en")[0], /exits.*two/);
    assert.deepEqual(whole.kept("区县").words, ["东区", "西区"]);
    assert.deepEqual([...whole.kept("区县").codes], [0, 1, 0]);
    // The same in GB 18030: 甲 is BC D7 there; written out, as Node can only read it.
    const gbk = (text) => Uint8Array.from(gbkBytes(text));
    for (const bytes of [new TextEncoder().encode(CSV), new TextEncoder().encode(`\ufeff${CSV}`), gbk(CSV), Buffer.from(`\ufeff${CSV}`, "utf16le")]) {
        for (const size of [1, 7, bytes.length]) {
            const register = await grader.register(options);
            for (let at = 0; at < bytes.length; at += size) register.push(bytes.subarray(at, at + size));
            const grades = register.finish();
            assert.equal(grades.length, 3);
            for (let row = 0; row < 3; row += 1) assert.equal(grades.gradeJson(row), whole.gradeJson(row));
        }
    }
    assert.equal(encodingOf(gbk(CSV)), "gb18030");
    // Where the beginning does not tell, it can be said.
    const late = `id,district\r\n${"a,\r\n".repeat(300_000)}b,东区\r\n`;
    for (const [encoding, word] of [["gb18030", "东区"], [undefined, "\ufffd\ufffd\ufffd\ufffd"]]) {
        const register = await grader.register({ sector: "shops", keep: ["district"], ...(encoding && { encoding }) });
        const bytes = Uint8Array.from(gbkBytes(late));
        for (let at = 0; at < bytes.length; at += 1 << 20) register.push(bytes.subarray(at, at + (1 << 20)));
        assert.equal(register.finish().kept("district").words.at(-1), word);
    }
    const csv = whole.toCsv("zh");
    assert.match(csv, /^\ufeffid,区县,sector,tier,/);
    assert.equal(csv.trimEnd().split("\r\n").length, 4);
    assert.match(csv, /^甲2,西区,shops,红,红,红,true,/m);
});

/** GB 18030 by asking the decoder what each pair of bytes is. */
function gbkBytes(text) {
    const decoder = new TextDecoder("gb18030");
    const table = new Map();
    for (let high = 0x81; high <= 0xfe; high += 1) {
        for (let low = 0x40; low <= 0xfe; low += 1) {
            const char = decoder.decode(Uint8Array.of(high, low));
            if (char.length === 1) table.set(char, [high, low]);
        }
    }
    return [...text].flatMap((char) => (char.charCodeAt(0) < 0x80 ? [char.charCodeAt(0)] : table.get(char)));
}

test("a mapping is proposed from headings and values", async () => {
    const columns = await grader.lookAt(CSV);
    assert.deepEqual(columns.map(({ name }) => name), ["编号", "区县", "出口", "面积", "类别", "检验日期", "上锁"]);
    assert.deepEqual(columns[3].values, ["1,250.5", "90", ""]);
    const found = Object.fromEntries((await grader.proposeMapping("shops", columns, 0.3)).map((one) => [one.target, one]));
    assert.equal(found.area.column, 3);
    assert.equal(found.area.thousands, true);
    assert.equal(found.locked.yes_no, true);
    assert.equal(found.inspected.date, "%Y/%m/%d");
    await assert.rejects(grader.proposeMapping("shop", columns), /did you mean `shops`/);
});

test("rows with other numbers of cells are kept and named, cells that are formulas are not run", async () => {
    const grades = await grader.gradeCsv("id;exits;name\n=1+1;2;a;b\nb;1\n\n", { sector: "shops", keep: ["name"] });
    assert.equal(grades.length, 2);
    assert.deepEqual([...grades.rowsWithErrors()], [0, 1]);
    assert.match(grades.errors(0, "zh")[0], /格数/);
    assert.match(grades.toCsv("en"), /^'=1\+1,a,shops,/m);
});

test("a million firms without an object for each", async () => {
    const rows = 1_000_000;
    const exits = Int8Array.from({ length: rows }, (_, row) => row % 4);
    const grades = await grader.gradeBatch({ exits, locked: { bools: new Uint8Array(rows) } }, { sector: "shops" });
    assert.deepEqual(grades.counts(), { blue: 500_000, yellow: 0, orange: 0, red: 500_000, ungraded: 0 });
    grades.free();
});
