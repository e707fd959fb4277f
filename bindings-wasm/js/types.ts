// Made from the Rust types by `bindings-wasm/build types`. Not to be edited.

/**
 * A risk tier: the grade of a firm, or the least grade that a rule demands.
 *
 * Tiers are in a total order, `Blue < Yellow < Orange < Red`, and the worse one wins.
 *
 */
export type Tier = "blue" | "yellow" | "orange" | "red";

/**
 * A day of the Gregorian calendar, without a time or a zone.
 *
 */
export type Day = string;

/**
 * Points or a score, exact to a thousandth.
 *
 * Kept as whole thousandths, so that no order of summation can show in a score.
 *
 */
export type Points = number;

/**
 * A known value.
 */
export type Value = boolean | number | bigint | string;

/**
 * The type of a fact, a measure or an expression.
 */
export type Type = "bool" | "int" | "float" | "text" | "date";

/**
 * A language that the engine speaks.
 */
export type Lang = "en" | "zh";

/**
 * A text for people, in both languages.
 */
export type Label = {
/**
 * English.
 */
en: string,
/**
 * Chinese.
 */
zh: string, };

/**
 * A place in a rule script.
 */
export type Site = {
/**
 * The name of the script, as it was given to the builder.
 */
script: string,
/**
 * From 1.
 */
line: number,
/**
 * From 1, in characters. 0 where the whole line, or the whole script, is meant.
 */
column: number, };

/**
 * The grade of one firm, with its reasons.
 *
 * The same [`Identity`] and the same facts give the same grade, byte for byte when serialized, on every platform.
 */
export type Grade = {
/**
 * The firm's own id, if the record gave one.
 */
id: string | null,
/**
 * The tier on record: what the known facts show.
 */
tier: Tier,
/**
 * The best tier that the record cannot rule out.
 */
best: Tier,
/**
 * The worst tier that the record cannot rule out.
 */
worst: Tier,
/**
 * True if no unknown can change the tier: `best == worst`.
 */
settled: boolean,
/**
 * The sector that decided `tier`.
 */
decided_by: string,
/**
 * The grade in each sector of the firm.
 */
sectors: Array<SectorGrade>,
/**
 * Values that were not what their facts are declared as; each counts as unknown.
 */
data_errors: Array<DataError>,
/**
 * Sectors that the book does not have. `worst` is red then: nothing is known of their rules.
 */
errors: Array<FirmError>,
/**
 * The unknown facts that keep the grade unsettled, the one that narrows `[best, worst]` most first.
 */
missing: Array<Missing>,
/**
 * What graded.
 */
identity: Identity, };

/**
 * What graded: with it, and the same facts, a grade can be made again.
 */
export type Identity = {
/**
 * [`RuleBook::hash`](crate::RuleBook::hash).
 */
book: string,
/**
 * [`ENGINE_VERSION`](crate::ENGINE_VERSION).
 */
engine: string,
/**
 * The grading date.
 */
as_of: Day, };

/**
 * The grade of a firm in one sector.
 */
export type SectorGrade = {
/**
 * The sector.
 */
sector: string,
/**
 * The tier on record.
 */
tier: Tier,
/**
 * The best tier that the record cannot rule out.
 */
best: Tier,
/**
 * The worst tier that the record cannot rule out.
 */
worst: Tier,
/**
 * True if `best == worst`.
 */
settled: boolean,
/**
 * The score, if the sector has one.
 */
score: Score | null,
/**
 * The rules that fired, in the order of the book.
 */
fired: Array<Fired>,
/**
 * The rules that could be either, in the order of the book.
 */
undetermined: Array<Undetermined>,
/**
 * Operations that had no value, and kept a rule or a measure from one.
 */
faults: Array<Fault>,
/**
 * Quantities that were computed.
 */
measures: Array<MeasureValue>,
/**
 * Unknown facts that a value stands for, because the book says what their absence means.
 */
assumed: Array<string>, };

/**
 * A score, exact to a thousandth.
 */
export type Score = {
/**
 * On record: undetermined rules count nothing.
 */
value: Points,
/**
 * The lowest that the record cannot rule out.
 */
low: Points,
/**
 * The highest that the record cannot rule out.
 */
high: Points, };

/**
 * A rule that fired.
 */
export type Fired = {
/**
 * The id of the rule.
 */
rule: string,
/**
 * The least tier that it demands, for a floor.
 */
tier?: Tier,
/**
 * What it adds to its item, negative for a deduction, before the item's cap.
 */
points?: Points, };

/**
 * A rule that the record does not decide.
 */
export type Undetermined = {
/**
 * The id of the rule.
 */
rule: string,
/**
 * The unknown facts that it waits for.
 */
waits_for: Array<Wait>, };

/**
 * An unknown fact.
 */
export type Wait = {
/**
 * The fact, or `list.field`.
 */
fact: string,
/**
 * In which items of the list, from 0.
 */
items?: Array<number>, };

/**
 * An operation without a value.
 */
export type Fault = {
/**
 * Where the operation stands.
 */
site: Site,
/**
 * The rules that it left undetermined, and the measures that it left without a value.
 */
affects: Array<string>, } & ({ "kind": "overflow" } | { "kind": "division_by_zero" } | { "kind": "not_finite" } | { "kind": "no_entry",
/**
 * The table.
 */
table: string,
/**
 * The key that was looked up.
 */
key: string, } | { "kind": "empty_list" } | { "kind": "negative_points" } | { "kind": "too_many_points" } | { "kind": "date_out_of_range" } | { "kind": "too_many_pairs" });

/**
 * Why an operation on known values has no value.
 */
export type FaultKind = { "kind": "overflow" } | { "kind": "division_by_zero" } | { "kind": "not_finite" } | { "kind": "no_entry",
/**
 * The table.
 */
table: string,
/**
 * The key that was looked up.
 */
key: string, } | { "kind": "empty_list" } | { "kind": "negative_points" } | { "kind": "too_many_points" } | { "kind": "date_out_of_range" } | { "kind": "too_many_pairs" };

/**
 * A quantity that was computed.
 */
export type MeasureValue = {
/**
 * The measure.
 */
name: string,
/**
 * Its value; none if unknown.
 */
value: Value | null, };

/**
 * An unknown fact that keeps a grade unsettled, and what it would decide.
 */
export type Missing = {
/**
 * The fact, or `list.field`.
 */
fact: string,
/**
 * The rules that it is sure to be able to decide alone, one way or the other. Exact for logic over comparisons; a fact
 * in a choice, or in a question to a list, beside other unknowns may decide more rules than are named here.
 */
decides: Array<string>,
/**
 * The best tier still possible if it turns out for the worst.
 */
best_at_worst: Tier,
/**
 * The worst tier still possible if it turns out for the best.
 */
worst_at_best: Tier, };

/**
 * A value that is not what its fact was declared as. The fact counts as unknown.
 */
export type DataError = { fact: string, item?: number, value: string, expected: string, expected_zh: string };

/**
 * Why a firm, or one of its sectors, could not be graded.
 */
export type FirmError = { "kind": "no_sector" } | { "kind": "unknown_sector",
/**
 * The name that the record gives.
 */
sector: string,
/**
 * The nearest sector that the book has.
 */
nearest: string | null, };

/**
 * A grade with the outcome of every rule.
 */
export type Explanation = {
/**
 * The grade itself.
 */
grade: Grade,
/**
 * Each sector of the firm.
 */
sectors: Array<SectorExplanation>, };

/**
 * A firm in one sector.
 */
export type SectorExplanation = {
/**
 * The sector.
 */
sector: string,
/**
 * The rules that put the firm into its tier: floors of that tier that fired, or, where the score alone did, the
 * rules that took points the wrong way.
 */
decided_by: Array<string>,
/**
 * True if the band of the score gives the tier.
 */
by_score: boolean,
/**
 * What it takes to come to each better tier, on record and for certain.
 */
way_down: Array<WayDown>,
/**
 * Every rule in force, in the order of the book.
 */
rules: Array<RuleExplanation>, };

/**
 * The outcome of a rule.
 */
export type RuleOutcome = "fired" | "clear" | "undetermined";

/**
 * A rule and what came of it.
 */
export type RuleExplanation = {
/**
 * The id of the rule.
 */
rule: string,
/**
 * The rule counts for the firm: nothing is wrong when it fires.
 */
merit: boolean,
/**
 * Fired, clear or undetermined.
 */
outcome: RuleOutcome,
/**
 * What is wrong, when it fires.
 */
finding: Label,
/**
 * The condition, or the formula of its points, as it is written.
 */
condition: string,
/**
 * The least tier that it demands, for a floor.
 */
tier: Tier | null,
/**
 * The points that it carries (before its item's cap), if it has fired or its points are fixed.
 */
points: Points | null,
/**
 * The facts that it read.
 */
read: Array<FactRead>,
/**
 * The unknown facts that it waits for.
 */
waits_for: Array<Wait>,
/**
 * Where it comes from.
 */
cite: Array<Citation>,
/**
 * Where it is declared.
 */
site: Site, };

/**
 * A fact that a rule read.
 */
export type FactRead = {
/**
 * The fact, list or measure.
 */
fact: string,
/**
 * What it is.
 */
label: Label,
/**
 * Unit of measurement.
 */
unit: string | null,
/**
 * Its value; none if unknown, or if it is a list.
 */
value: Value | null,
/**
 * For a list: how many items.
 */
items: number | null,
/**
 * For a list that the rule asks whether some, all or how many of its items are so: the items that show the answer, at
 * most twenty.
 */
shown_by?: Array<ItemRead>, };

/**
 * An item of a list that a rule read.
 */
export type ItemRead = {
/**
 * Its place in the list, from 0.
 */
item: number,
/**
 * Its known values, by field.
 */
values: { [key in string]: Value }, };

/**
 * What it takes for a firm to come to a better tier in one sector.
 */
export type WayDown = {
/**
 * The tier to reach.
 */
to: Tier,
/**
 * When it counts as reached.
 */
goal: Goal,
/**
 * The smallest sets of rules that do it, the one with the least effort first, at most three. Each does it alone, and
 * none can spare a rule. Empty if nothing that can be put right does it.
 */
ways: Array<Way>,
/**
 * Rules above that tier whose findings cannot be put right, and pass only with time.
 */
blocked_by?: Array<string>, };

/**
 * When a tier counts as reached.
 */
export type Goal = "on-record" | "for-certain";

/**
 * One set of rules that brings a firm to a tier.
 */
export type Way = {
/**
 * Fired rules whose findings are to be closed.
 */
close: Array<string>,
/**
 * Undetermined rules that must turn out well: not to apply, or, where a rule counts for the firm, to apply.
 */
establish: Array<string>,
/**
 * The unknown facts that those rules wait for.
 */
facts: Array<string>,
/**
 * Days for all of it, one finding after the other, by the days to rectify of each rule. Facts count nothing.
 */
effort_days: number,
/**
 * Days of the longest: all of it at the same time.
 */
longest_days: number, };

/**
 * The three lists of a firm.
 *
 * Each item has an id that stays the same as long as its rule is about the same firm: `FIRM/risk/RULE`, `FIRM/hazard/RULE`,
 * `FIRM/duty/RULE`, and `FIRM/duty/FACT` for a fact to establish; without the firm where it has no id. Rules that count for a
 * firm are in none of the lists: nothing is wrong there.
 */
export type FirmLists = {
/**
 * The firm's own id, if the record gave one.
 */
firm: string | null,
/**
 * The firm's name, where whoever issues the lists knows it: the engine does not.
 */
name: string | null,
/**
 * The tier on record.
 */
tier: Tier,
/**
 * The best tier that the record cannot rule out.
 */
best: Tier,
/**
 * The worst tier that the record cannot rule out.
 */
worst: Tier,
/**
 * The sectors of the firm, with their names.
 */
sectors: Array<ListedSector>,
/**
 * The sector that decided the tier.
 */
decided_by: string,
/**
 * How a firm of this tier is supervised, if the book says so.
 */
supervision: NextInspection | null,
/**
 * What the lists are called, in the order risks, hazards, responsibilities.
 */
names: [IssuedList, IssuedList, IssuedList],
/**
 * Every risk that the rules of the firm's sectors watch for: those found first, then those to be verified, then those
 * under control, each the worst first.
 */
risks: Array<RiskEntry>,
/**
 * Every finding, major ones first, then what is to be verified.
 */
hazards: Array<Hazard>,
/**
 * Who does what by when, the earliest first.
 */
duties: Array<Duty>,
/**
 * What could not be read of the firm's record, in words of both languages.
 */
errors: Array<Label>,
/**
 * What graded.
 */
identity: Identity, };

/**
 * A sector of the firm.
 */
export type ListedSector = {
/**
 * Its id.
 */
id: string,
/**
 * What it is called.
 */
name: Label,
/**
 * The firm's tier in it.
 */
tier: Tier,
/**
 * The firm's score in it, if it has one.
 */
score: Points | null,
/**
 * What it takes to come to each better tier in it.
 */
way_down: Array<WayDown>, };

/**
 * How the firm is supervised, and when the next inspection is due.
 */
export type NextInspection = {
/**
 * How often, and how.
 */
frequency: Label,
/**
 * The last day for the next inspection, counted from the grading date.
 */
due: Day | null, };

/**
 * An item of the risk list.
 */
export type RiskEntry = {
/**
 * `FIRM/risk/RULE`
 */
id: string,
/**
 * The rule that watches for it.
 */
rule: string,
/**
 * The sectors of the firm that have the rule.
 */
sectors: Array<string>,
/**
 * What could happen.
 */
risk: Label,
/**
 * The tier that the rule demands when it fires; none for a rule of the score.
 */
tier: Tier | null,
/**
 * What a rule of the score adds (deducts, if negative) when it fires; none where that hangs on facts.
 */
points: Points | null,
/**
 * Fired, clear or undetermined.
 */
outcome: RuleOutcome,
/**
 * The control measure.
 */
control: Label,
/**
 * Who inside the firm controls it, by its tier; a risk of the score like one of the lowest tier.
 */
control_level: Label | null,
/**
 * The post that answers for it.
 */
owner: Label,
/**
 * Where the rule comes from.
 */
cite: Array<Citation>, };

/**
 * Is it found, or could it be?
 */
export type HazardState = "found" | "to-verify";

/**
 * An item of the hazard list.
 */
export type Hazard = {
/**
 * `FIRM/hazard/RULE`
 */
id: string,
/**
 * The rule that found it.
 */
rule: string,
/**
 * The sectors of the firm that have the rule.
 */
sectors: Array<string>,
/**
 * Found, or to be verified.
 */
state: HazardState,
/**
 * What is wrong.
 */
finding: Label,
/**
 * An item of a published list of major hazards; else a general one.
 */
major: boolean,
/**
 * The tier that the rule demands; none for a rule of the score.
 */
tier: Tier | null,
/**
 * What a rule of the score adds (deducts, if negative).
 */
points: Points | null,
/**
 * The facts and values that show it.
 */
shown_by: Array<FactRead>,
/**
 * The facts to collect, where it is to be verified.
 */
collect: Array<Collect>,
/**
 * The requirement that it breaks.
 */
requirement: Array<Citation>,
/**
 * It cannot be put right, and passes only with time.
 */
lasting: boolean, };

/**
 * A fact to collect.
 */
export type Collect = {
/**
 * The fact, or `list.field`.
 */
fact: string,
/**
 * What it is.
 */
label: Label,
/**
 * Unit of measurement.
 */
unit: string | null,
/**
 * In which items of the list, from 0; empty for the list itself, or for a fact that is no list.
 */
items?: Array<number>, };

/**
 * What kind of duty it is.
 */
export type DutyKind = "rectify" | "establish";

/**
 * An item of the responsibility list.
 */
export type Duty = {
/**
 * `FIRM/duty/RULE`, or `FIRM/duty/FACT`
 */
id: string,
/**
 * To rectify, or to establish.
 */
kind: DutyKind,
/**
 * The rule that found it, or those that wait for the fact.
 */
rules: Array<string>,
/**
 * The fact to establish.
 */
fact: string | null,
/**
 * What is to be done.
 */
measure: Label,
/**
 * The post that does it.
 */
owner: Label,
/**
 * Days from the grading date; none if neither rule nor book says.
 */
days: number | null,
/**
 * The last day for it.
 */
deadline: Day | null,
/**
 * Who verifies that it is done.
 */
verified_by: Label | null,
/**
 * For a major hazard: the five assignments (五落实).
 */
five: FiveAssignments | null, };

/**
 * What must be settled for a major hazard before work on it begins.
 */
export type FiveAssignments = {
/**
 * Who answers for it.
 */
responsibility: Label,
/**
 * What is to be done.
 */
measures: Label,
/**
 * With what funds: for the firm to enter.
 */
funds: Label,
/**
 * Until when.
 */
time_limit: Day | null,
/**
 * The emergency plan that holds until then: for what it must be made.
 */
emergency_plan: Label, };

/**
 * Where a rule comes from.
 */
export type Citation = { "clause": {
/**
 * The document.
 */
document: Document,
/**
 * Article, item or table.
 */
article: string,
/**
 * Read or recalled.
 */
basis: Basis,
/**
 * What a reader should know of it.
 */
note: string | null, } } | { "own": {
/**
 * Why.
 */
reason: string, } };

/**
 * Whether the author of a rule had the clause before them.
 */
export type Basis = "READ" | "RECALLED";

/**
 * A legal or technical document that rules cite.
 */
export type Document = {
/**
 * Its id in the scripts.
 */
id: string,
/**
 * Title in its own language.
 */
title: string,
/**
 * A translation of the title.
 */
title_en: string | null,
/**
 * Official number, such as `GB 18218-2018`.
 */
number: string,
/**
 * Who issued it.
 */
issuer: string | null,
/**
 * Day of issue.
 */
date: Day | null,
/**
 * Where it can be read.
 */
url: string | null,
/**
 * The first day on which it is no longer in force.
 */
until?: Day,
/**
 * The id of the document that replaces it.
 */
replaced_by?: string, };

/**
 * A post in a firm that answers for a rule. Never a person.
 */
export type Role = {
/**
 * Its id in the scripts.
 */
id: string,
/**
 * What it is called.
 */
name: Label, };

/**
 * A field of work that an authority watches above others; sectors belong to it.
 */
export type KeyField = {
/**
 * Its id in the scripts.
 */
id: string,
/**
 * What it is called.
 */
name: Label, };

/**
 * A single-valued fact, or a field of a list.
 */
export type Fact = {
/**
 * The name that conditions and data use.
 */
name: string,
/**
 * Its type.
 */
type: Type,
/**
 * What it is.
 */
label: Label,
/**
 * Unit of measurement.
 */
unit: string | null,
/**
 * Smallest value, included.
 */
min: Value | null,
/**
 * Largest value, included.
 */
max: Value | null,
/**
 * The values that a text can have; empty for any.
 */
one_of: Array<string>,
/**
 * The value that stands for an unknown: the register says of what it does not list that it was not found.
 */
absent: Value | null,
/**
 * In which direction it gets worse, if it has one. No grade hangs on this: it is checked, by the analysis of the book.
 */
worse: Worse | null, };

/**
 * A fact that is a list of records, such as an inventory.
 */
export type List = {
/**
 * The name that conditions and data use.
 */
name: string,
/**
 * What it is.
 */
label: Label,
/**
 * The fields of an item.
 */
fields: Array<Fact>, };

/**
 * A quantity that is computed from facts and reported with every grade.
 */
export type Measure = {
/**
 * The name that conditions use.
 */
name: string,
/**
 * Its type.
 */
type: Type,
/**
 * What it is.
 */
label: Label,
/**
 * Unit of measurement.
 */
unit: string | null,
/**
 * How it is computed, as written.
 */
formula: string, };

/**
 * A number or text that the law sets from a day on, and that a jurisdiction may set otherwise.
 */
export type Parameter = {
/**
 * The name that conditions use.
 */
name: string,
/**
 * Its type.
 */
type: Type,
/**
 * What it is.
 */
label: Label,
/**
 * Unit of measurement.
 */
unit: string | null,
/**
 * Its values, the earliest first; each holds until the next begins.
 */
values: Array<ParameterValue>,
/**
 * True if the values were given when the book was built, in place of the script's.
 */
overridden: boolean, };

/**
 * A value of a [`Parameter`].
 */
export type ParameterValue = {
/**
 * The first day of this value.
 */
since: Day,
/**
 * The value.
 */
value: Value,
/**
 * Where it comes from.
 */
cite: Array<Citation>, };

/**
 * A table of data that conditions look things up in.
 */
export type Table = {
/**
 * The name that conditions use.
 */
name: string,
/**
 * What it is.
 */
label: Label,
/**
 * Unit of its values.
 */
unit: string | null,
/**
 * The type of its values.
 */
type: Type,
/**
 * The entries.
 */
entries: Entries,
/**
 * Where it comes from.
 */
cite: Array<Citation>, };

/**
 * The entries of a [`Table`].
 */
export type Entries = { "rows": { [key in string]: Value } } | { "ranges": Array<RangeEntry> };

/**
 * A row of a table by number.
 */
export type RangeEntry = {
/**
 * The smallest key, included; none for no limit, or with `above`.
 */
from: number | null,
/**
 * Where the keys begin, not included.
 */
above?: number,
/**
 * The end of the keys, not included; none for no limit, or with `to`.
 */
below: number | null,
/**
 * The largest key, included.
 */
to?: number,
/**
 * The value.
 */
value: Value, };

/**
 * A scored item: the points of its rules, held between two limits.
 */
export type Item = {
/**
 * Its id in the scripts.
 */
id: string,
/**
 * What it is called.
 */
name: Label,
/**
 * The least that it can add to the score (a cap on deductions is a negative number).
 */
lowest: Points | null,
/**
 * The most that it can add to the score.
 */
highest: Points | null, };

/**
 * How firms of a tier are supervised, and who controls and verifies what is found there.
 */
export type Supervision = {
/**
 * The tier of the firm, or of the rule.
 */
tier: Tier,
/**
 * The level inside the firm that controls a risk of this tier.
 */
control_level: Label,
/**
 * How often, and how, the authority supervises a firm of this tier.
 */
frequency: Label,
/**
 * The longest time between two inspections, in days.
 */
every_days: number | null,
/**
 * Who verifies that a finding of this tier is closed.
 */
verified_by: Label,
/**
 * Days to establish facts that are missing, for a firm of this tier.
 */
establish_days: number,
/**
 * Where it comes from.
 */
cite: Array<Citation>, };

/**
 * One of the three lists that are issued for a firm: what this book calls it, and on what ground.
 */
export type IssuedList = {
/**
 * `risks`, `hazards` or `responsibilities`.
 */
id: string,
/**
 * What it is called.
 */
name: Label,
/**
 * Where it comes from.
 */
cite: Array<Citation>, };

/**
 * The score of a sector.
 */
export type Scheme = {
/**
 * Where the score starts.
 */
base: Points,
/**
 * Which score is which tier; they cover every reachable score once.
 */
bands: Array<Band>, };

/**
 * A band of scores.
 */
export type Band = {
/**
 * The tier of this band.
 */
tier: Tier,
/**
 * The lowest score, included; none for no limit.
 */
from: Points | null,
/**
 * The end of the scores, not included; none for no limit.
 */
below: Points | null, };

/**
 * A sector, as a page shows it.
 */
export type Sector = { id: string, name: Label,
/**
 * The key field that it belongs to.
 */
key_field: string | null,
/**
 * Codes of industrial classification.
 */
codes: Array<string>,
/**
 * The parts whose rules it takes over.
 */
parts: Array<string>, scheme: Scheme | null,
/**
 * What follows from each tier, blue first.
 */
supervision: Array<Supervision | null>,
/**
 * Ids of its rules, those of its parts too.
 */
rules: Array<string>, site: Site, };

/**
 * A rule, as it is declared.
 */
export type Rule = { id: string, risk: Label, finding: Label, control: Label,
/**
 * The condition, as it is written.
 */
condition: string | null,
/**
 * The least tier that it demands, for a floor.
 */
tier: Tier | null,
/**
 * The scored item that it adds to.
 */
item: string | null,
/**
 * Its points, negative for a deduction, if they are fixed.
 */
points: Points | null,
/**
 * The formula of its points, if they are computed.
 */
formula: string | null,
/**
 * An item of a published list of major hazards.
 */
major: boolean,
/**
 * It cannot be put right, and passes only with time.
 */
lasting: boolean, cite: Array<Citation>,
/**
 * In force from this day, as YYYY-MM-DD.
 */
since: Day,
/**
 * The first day on which it is no longer in force.
 */
until: Day | null,
/**
 * The post that answers for it.
 */
owner: Label | null,
/**
 * Days to put it right.
 */
days: number, site: Site, };

/**
 * One thing that is wrong, or odd, in a rule script.
 */
export type Diagnostic = {
/**
 * Stable, such as `E014`.
 */
code: string, severity: string, script: string,
/**
 * From 1.
 */
line: number,
/**
 * From 1, in characters.
 */
column: number,
/**
 * How many characters to underline.
 */
width: number, message: Label, expected: Label | null, help: Label | null,
/**
 * A firm that shows it, for what the analysis of the whole book found.
 */
witness: Witness | null, };

/**
 * How often a rule came out.
 */
export type RuleCount = { rule: string,
/**
 * In how many firms it fired.
 */
fired: number,
/**
 * In how many it is undetermined.
 */
undetermined: number, };

/**
 * A column of a table of text.
 */
export type TextColumn = { name: string,
/**
 * What stands in it, row by row.
 */
values: Array<string>, };

/**
 * How a column would be read as a fact.
 */
export type Proposal = {
/**
 * Which of the columns, from 0.
 */
column: number,
/**
 * `id`, `sector`, a fact, or `list.field`.
 */
target: string,
/**
 * How sure it is, 0 to 1.
 */
confidence: number,
/**
 * What it was told by.
 */
why: ProposedBy,
/**
 * `codes = "yes-no"`: the cells are words for yes and no.
 */
yes_no: boolean,
/**
 * Numbers have thousands separators.
 */
thousands: boolean,
/**
 * Numbers have percent signs.
 */
percent: boolean,
/**
 * The unit of the column, where it is another than the fact's.
 */
from: string | null,
/**
 * How dates are written, as in strptime.
 */
date: string | null, };

/**
 * What a proposal was told by.
 */
export type ProposedBy = "name" | "label";

/**
 * Another value for a parameter, from a day on.
 */
export type ParameterOverride = { name: string,
/**
 * As YYYY-MM-DD.
 */
since: string, value: boolean | number | bigint | string, };

/**
 * What the analysis of a book came to.
 */
export type Checked = { findings: Array<Diagnostic>, directions: Directions, };

/**
 * What the examples of a book came to.
 */
export type Tested = {
/**
 * How many cases there are.
 */
cases: number,
/**
 * Those that do not hold.
 */
failed: Array<ExampleCase>,
/**
 * How many atomic conditions some firm may show to decide.
 */
atoms: number,
/**
 * Those that no case shows to decide: masking MC/DC.
 */
open: Array<OpenAtom>, };

/**
 * An atomic condition that the examples do not show to decide.
 */
export type OpenAtom = { rule: string, script: string, line: number,
/**
 * In the words of the rule language.
 */
text: string,
/**
 * Is there a case in which it decides by being true?
 */
when_true: boolean,
/**
 * Is there one in which it decides by being false?
 */
when_false: boolean, };

/**
 * One case of a file of examples, and what came of it.
 */
export type ExampleCase = {
/**
 * The file.
 */
file: string,
/**
 * The rule, or the name of the grade.
 */
name: string,
/**
 * The facts that the case changes of the sound firm, as JSON.
 */
facts: string,
/**
 * What the file says: `fires`, `clear` or `undetermined` of a rule; the parts of a grade.
 */
wanted: string,
/**
 * What came in its place; none if the case holds.
 */
came: string | null, };

/**
 * What is known of the directions of facts.
 */
export type Directions = {
/**
 * Facts, and `list.field`, whose declared direction is proved: no firm's tier gets better when it gets worse.
 */
proved: Array<string>,
/**
 * Facts with a declared direction that was neither proved nor refuted.
 */
undecided: Array<string>,
/**
 * Facts that declare no direction, and have one: no firm's tier gets better this way, and some firm's the other way.
 */
possible: Array<[string, Worse]>, };

/**
 * A firm that shows what a finding says, graded by the engine.
 */
export type Witness = {
/**
 * The firm, as it would be graded.
 */
firm: { [fact: string]: unknown },
/**
 * Its tier.
 */
tier: Tier,
/**
 * Where a finding compares two firms: the facts that the other has otherwise, and its tier.
 */
other: [{ [fact: string]: unknown }, Tier] | null, };

/**
 * In which direction a fact gets worse: what the analysis of a book holds its rules against.
 */
export type Worse = "UP" | "DOWN" | "TRUE" | "FALSE";

/**
 * What may be written at a place.
 */
export type Completion = {
/**
 * What is put in, in place of `span`.
 */
label: string,
/**
 * What it is.
 */
kind: Kind,
/**
 * In short: type, unit and range, or how it is written.
 */
detail: string,
/**
 * What it means.
 */
documentation: Label | null,
/**
 * The word that has been begun.
 */
span: Span, };

/**
 * What is shown beside a name.
 */
export type Hover = {
/**
 * The name.
 */
span: Span,
/**
 * In Markdown.
 */
text: Label, };

/**
 * What a name or word is.
 */
export type Kind = "document" | "role" | "key_field" | "sector" | "part" | "fact" | "list" | "field" | "measure" | "parameter" | "table" | "item" | "rule" | "function" | "word" | "key" | "variable" | "value";

/**
 * A place in a script, as whoever shows it may count.
 */
export type Place = {
/**
 * From 1.
 */
line: number,
/**
 * From 1, in characters.
 */
column: number,
/**
 * From 1, in units of UTF-16.
 */
column_utf16: number,
/**
 * From 1, in bytes of UTF-8.
 */
column_utf8: number,
/**
 * From the beginning of the script, from 0, in units of UTF-16.
 */
offset_utf16: number, };

/**
 * A stretch of a script, the end not included.
 */
export type Span = {
/**
 * The name of the script.
 */
script: string,
/**
 * Where it begins.
 */
from: Place,
/**
 * Where it ends.
 */
to: Place, };

