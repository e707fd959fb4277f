// Every call of the package, for the compiler: a call or a field that changes does not compile.

import {
    BookError,
    CompiledBookError,
    encodingOf,
    FirmError,
    NO_TIER,
    RisktierError,
    RuleBook,
    separatorOf,
    TableError,
    TIERS,
    Writing,
    type BatchOptions,
    type Citation,
    type Columns,
    type Completion,
    type Diagnostic,
    type Encoding,
    type Explanation,
    type Firm,
    type FirmLists,
    type Grade,
    type Grader,
    type Grades,
    type Hover,
    type ListKind,
    type Register,
    type RegisterOptions,
    type Tested,
    type RuleCount,
    type SectorFacts,
    type SectorWays,
    type Spec,
    type TextColumn,
    type Tier,
    type Witness,
    type Worse,
} from "risktier";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(_: Same<A, B>): void {}

export async function use(): Promise<void> {
    const book: RuleBook = await RuleBook.standard();
    const sources: Record<string, string> = await RuleBook.standardSources();
    const own = await RuleBook.fromSources(sources, { parameters: [{ name: "most", since: "2020-01-01", value: 3n }] });
    const bytes: Uint8Array = own.toCompiled();
    const copy = await RuleBook.fromCompiled(bytes);
    const hash: string = copy.hash;
    const odd: readonly Diagnostic[] = book.check();
    const { findings, directions } = await own.analyse("2026-11-01");
    const { failed, open }: Tested = await own.test({ "a.examples.json": "{}" });
    const left: string[] = [...failed.map(({ wanted, came }) => `${wanted}: ${came ?? ""}`), ...open.map(({ rule, text }) => `${rule}: ${text}`)];
    if (left.length > 0) throw new Error(left.join());
    const shown: readonly (Witness | null)[] = findings.map(({ witness }) => witness);
    const proved: readonly string[] = directions.proved;
    const possible: readonly (readonly [string, Worse])[] = directions.possible;
    const writing: Writing = await Writing.of({ "shop.rhai": "let x = 1;" });
    writing.edit("shop.rhai", "let x = 2;");
    const choices: readonly Completion[] = writing.completions("shop.rhai", 3);
    const meaning: Hover | undefined = writing.hover("shop.rhai", 3);
    writing.free();
    const places: [string, number, number][] = odd.map(({ script, line, column }) => [script, line, column]);

    const sector = book.sectors[0];
    same<typeof sector, (typeof book.sectors)[number] | undefined>(true);
    const names: (string | undefined)[] = [sector?.name.zh, book.keyFields[0]?.name.en, book.issuedLists[0]?.name.zh, book.roles[0]?.name.en];
    const tier: Tier | null | undefined = book.rules[0]?.tier;
    const cite: readonly Citation[] = book.rules.flatMap(({ cite }) => cite);
    for (const one of cite) {
        if ("clause" in one) names.push(one.clause.document.title, one.clause.basis satisfies "READ" | "RECALLED");
        else names.push(one.own.reason);
    }
    const limits = book.facts.map(({ min, max, type }) => [min, max, type]);
    const values: unknown[] = [book.lists, book.measures, book.parameters, book.tables, book.items, book.documents, limits, hash, places, tier];

    const grader: Grader = book.grader("2026-11-01");
    const facts: SectorFacts = grader.facts("fireworks");
    const firm: Firm = {
        sector: ["fireworks", "fuel-stations"],
        id: "a",
        building_use_changed: true,
        persons_in_workroom: 9,
        large: 2n ** 60n,
        unknown: null,
        fuel_tanks: [{ volume_m3: 30, product: "petrol" }],
    };
    // @ts-expect-error: a day is a text
    const wrong: Firm = { inspected: new Date() };
    const grade: Grade = grader.grade(firm);
    same<typeof grade.tier, Tier>(true);
    const score: number | undefined = grade.sectors[0]?.score?.value;
    for (const { kind } of grade.errors) kind satisfies "no_sector" | "unknown_sector";
    const explanation: Explanation = grader.explain(firm);
    const read = explanation.sectors[0]?.rules[0]?.read[0]?.value;
    same<typeof read, boolean | number | bigint | string | null | undefined>(true);
    const lists: FirmLists = grader.lists(firm, "name");
    const due: string | null | undefined = lists.supervision?.due;
    const ways: SectorWays[] = grader.wayDown(firm);
    const kind: ListKind = "hazards";
    const texts: string[] = [
        grader.asOf,
        grader.listsHtml(firm, "zh", "name"),
        ...grader.listTable(firm, kind, "en").flat(),
        grader.gradeJson("{}"),
        grader.explainJson("{}"),
        grader.listsJson("{}", "name"),
    ];

    const workbook: Uint8Array = await grader.listsXlsx(firm, "en", "name");
    values.push(workbook);

    const columns: Columns = {
        sector: { codes: Uint32Array.of(0), words: ["fireworks"] },
        id: ["a"],
        persons_in_workroom: Int8Array.of(9),
        inspected: { days: Int32Array.of(20_000) },
        building_use_changed: { bools: Uint8Array.of(1), known: Uint8Array.of(1) },
        fuel_tanks: { starts: Uint32Array.of(0, 1), items: { volume_m3: { values: Float64Array.of(30) } } },
    };
    const options: BatchOptions = { sector: "fireworks", parseText: true };
    const grades: Grades = await grader.gradeBatch(columns, options);
    const typed: [Uint8Array, Uint8Array, Uint8Array, Float64Array, Uint16Array, Uint16Array, Uint32Array] = [
        grades.tiers(),
        grades.best(),
        grades.worst(),
        grades.scores(),
        grades.sectors(),
        grades.fired(),
        grades.rowsWithErrors(),
    ];
    const counts: number = grades.counts().red + grades.counts().ungraded + grades.length + NO_TIER;
    const rules: RuleCount[] = grades.ruleCounts();
    const row: [Grade, string, Explanation, FirmLists, string | undefined, string[]] = [
        grades.grade(0),
        grades.gradeJson(0),
        grades.explain(0),
        grades.lists(0, "name"),
        grades.id(0),
        grades.errors(0, "zh"),
    ];

    const spec: Spec = { columns: ["a", "b"], combine: "sum", from: "kg", codes: { 是: true, 否: false } };
    const register: RegisterOptions = { sector: "fireworks", separator: ";", encoding: "gb18030", mapping: { persons_in_workroom: spec, id: "编号" }, keep: ["区县"] };
    const csv: Grades = await grader.gradeCsv("id\na\n", register);
    const reading: Register = await grader.register(register);
    const graded: number = reading.push("id\n") + reading.push(new Uint8Array(1));
    const done: Grades = reading.finish();
    reading.free();
    const words: readonly string[] = done.kept("区县").words;
    const file: string = csv.toCsv("en");
    const seen: TextColumn[] = await grader.lookAt("a,b\n1,2\n", 10);
    const proposed: number[] = (await grader.proposeMapping("fireworks", seen, 0.5)).map(({ confidence }) => confidence);
    const encoding: Encoding = encodingOf(bytes);

    try {
        grader.grade({});
    } catch (error) {
        if (error instanceof BookError) values.push(error.code, error.script, error.line, error.column, error.diagnostics);
        else if (error instanceof FirmError || error instanceof TableError || error instanceof CompiledBookError) values.push(error.code);
        else if (error instanceof RisktierError) values.push(error.message);
    }
    for (const freed of [grades, csv, done, grader, book]) freed.free();
    values.push(facts, wrong, score, due, ways, texts, typed, counts, rules, row, graded, words, file, proposed, encoding, separatorOf("a;b"), TIERS);
}
