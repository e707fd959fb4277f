// How many firms a second the package grades in Node, on the published workload's rules. `node benches/throughput.mjs [ROWS]`

import { readFileSync } from "node:fs";

import { RuleBook } from "risktier";

const rows = Number(process.argv[2] ?? 1 << 18);
let seed = 20_261_123n;
function unit() {
    seed ^= seed >> 12n;
    seed ^= (seed << 25n) & 0xffff_ffff_ffff_ffffn;
    seed ^= seed >> 27n;
    return Number((seed * 0x2545_f491_4f6c_dd1dn) >> 11n & 0x1f_ffff_ffff_ffffn) / 2 ** 53;
}
const below = (end) => Math.floor(unit() * end);
const poisson = (mean) => {
    let [count, product] = [0, unit()];
    for (const limit = Math.exp(-mean); product > limit; count += 1) product *= unit();
    return count;
};
const normal = () => Array.from({ length: 12 }, unit).reduce((sum, one) => sum + one) - 6;
const pick = (of) => of[below(of.length)];

// As core/benches/register draws them: whole numbers of 64 bits, floats, and yes or no.
const ints = {
    employees: () => Math.trunc(Math.exp(3.5 + 1.3 * normal())) + 1,
    hazard_level: () => pick([0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]),
    overdue_hazards: () => poisson(0.25),
    open_hazards: () => poisson(2),
    major_hazards: () => poisson(0.03),
    accidents_12m: () => poisson(0.04),
    deaths_36m: () => poisson(0.005),
    license_days_left: () => below(1155) - 60,
    officers_certified: () => poisson(1.5),
    days_since_inspection: () => below(900),
    equipment_overdue: () => poisson(0.1),
    hot_work_permits: () => poisson(1),
    confined_spaces: () => poisson(0.6),
    penalties_24m: () => poisson(0.2),
    standardization: () => pick([0, 0, 0, 3, 3, 2]),
    age_years: () => below(40),
};
const floats = {
    q_ratio: () => Math.exp(-2.5 + 1.5 * normal()),
    training_rate: () => 1 - unit() * unit() * 0.6,
    contractor_share: () => unit() * unit() * 0.6,
    likelihood: () => pick([0.1, 0.2, 0.5, 1, 3, 6, 10]),
    exposure: () => pick([0.5, 1, 2, 3, 6, 10]),
    consequence: () => pick([1, 1, 1, 3, 3, 3, 7, 7, 15, 40]),
};
const bools = { license_valid: 0.98, safety_officer: 0.95, fire_system_ok: 0.96, insured: 0.7, night_shift: 0.3 };
const table = (int) => ({
    sector: { codes: new Uint32Array(rows), words: ["benchmark"] },
    ...Object.fromEntries(Object.entries(drawn.ints).map(([name, values]) => [name, int(values)])),
    ...drawn.floats,
    ...drawn.bools,
});
const drawn = {
    ints: Object.fromEntries(Object.entries(ints).map(([name, draw]) => [name, Array.from({ length: rows }, draw)])),
    floats: Object.fromEntries(Object.entries(floats).map(([name, draw]) => [name, Float64Array.from({ length: rows }, draw)])),
    bools: Object.fromEntries(Object.entries(bools).map(([name, share]) => [name, { bools: Uint8Array.from({ length: rows }, () => (unit() < share ? 1 : 0)) }])),
};

const script = readFileSync(new URL("../../core/benches/workload.rhai", import.meta.url), "utf8");
const grader = (await RuleBook.fromSources({ "workload.rhai": script })).grader("2026-11-01");
for (const [name, columns] of [
    ["whole numbers of 64 bits", table((values) => BigInt64Array.from(values, BigInt))],
    ["whole numbers of 32 bits", table((values) => Int32Array.from(values))],
]) {
    const times = [];
    for (let round = 0; round < 15; round += 1) {
        const start = performance.now();
        const grades = await grader.gradeBatch(columns);
        times.push(performance.now() - start);
        if (round === 0) console.log(name, JSON.stringify(grades.counts()));
        grades.free();
    }
    times.sort((a, b) => a - b);
    console.log(`  ${times[0].toFixed(1)} ms at best, ${times[7].toFixed(1)} in the middle: ${(rows / times[0] / 1000).toFixed(1)} M firms/s, copies in included`);
}
const firm = { sector: "benchmark", ...Object.fromEntries(Object.keys(ints).map((name) => [name, 1])), ...Object.fromEntries(Object.keys(floats).map((name) => [name, 0.5])), ...Object.fromEntries(Object.keys(bools).map((name) => [name, true])) };
for (const [name, grade] of [["one firm from an object to an object", () => grader.grade(firm)], ["one firm from text to text", ((text) => () => grader.gradeJson(text))(JSON.stringify(firm))]]) {
    for (let warm = 0; warm < 2000; warm += 1) grade();
    const start = performance.now();
    for (let round = 0; round < 20_000; round += 1) grade();
    console.log(`${name}: ${(((performance.now() - start) * 1000) / 20_000).toFixed(1)} µs`);
}
