//! Small mistakes in rules: each kind is made, and noticed by the case that is there for it, or by none.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::collections::BTreeSet;

use risktier::{Mutated, Mutation, RuleBook};
use serde_json::{Value, json};

const DECLARATIONS: &str = r#"
    role("p", #{ en: "P", zh: "P" });
    parameter("most", INT, #{ en: "Most", zh: "上限", values: [ #{ since: date(2010, 1, 1), value: 3, cite: own("an example") } ] });
    sector("shops", #{ name: #{ en: "Shops", zh: "商店" }, score: #{ base: 100, bands: [
        #{ tier: RED, below: 60 }, #{ tier: ORANGE, from: 60, below: 90 }, #{ tier: BLUE, from: 90 } ] } });
    item("i", #{ en: "I", zh: "项", lowest: -50 });
    fact("a", BOOL, #{ en: "A", zh: "甲" });
    fact("b", BOOL, #{ en: "B", zh: "乙" });
    fact("m", INT, #{ en: "M", zh: "丙", min: 0 });
    fact("n", INT, #{ en: "N", zh: "丁", min: 0 });
    fact("share", FLOAT, #{ en: "Share", zh: "比例", min: 0.0, max: 1.0 });
    fact("until", DATE, #{ en: "Until", zh: "有效期" });
    list("tanks", #{ en: "Tanks", zh: "储罐", item: #{
        full: field(BOOL, #{ en: "Full", zh: "满" }),
        volume: field(FLOAT, #{ en: "Volume", zh: "容积", min: 0.0 }) } });
    measure("stored", FLOAT, #{ en: "Stored", zh: "储量", value: |firm| firm.tanks.filter(|t| t.full).sum(|t| t.volume) });
"#;

fn book(effect: &str) -> RuleBook {
    let rule = format!(
        r#"rule("S-1", #{{ risk: #{{ en: "r", zh: "r" }}, finding: #{{ en: "f", zh: "f" }}, {effect},
            cite: own("an example"), since: date(2020, 1, 1), control: #{{ en: "c", zh: "c" }}, owner: "p", days: 0 }});"#
    );
    RuleBook::from_sources([("s.rhai", format!("{DECLARATIONS}{rule}"))]).unwrap()
}

fn mutation(effect: &str, rule: Value, grades: Value) -> Mutation {
    let book = book(effect);
    let text =
        json!({ "sector": "shops", "as_of": "2026-11-01", "sound": {}, "rules": [rule], "grades": grades }).to_string();
    let files = [("s.examples.json", text.as_str())];
    let failed: Vec<String> = book.run_examples(files).failed().map(ToString::to_string).collect();
    assert_eq!(failed, [""; 0]);
    book.mutation(files)
}

/// Of the rule, with a condition and a stated tier.
fn of(when: &str, fires: &[Value], clear: &[Value]) -> Mutated {
    let rule = json!({ "rule": "S-1", "tier": "red", "fires": fires, "clear": clear });
    let effect = format!("when: |firm| {when}, tier: RED");
    mutation(&effect, rule, json!([])).subjects.into_iter().next().unwrap()
}

fn survived(one: &Mutated) -> BTreeSet<&str> {
    one.survived.iter().map(|mutant| mutant.to.as_str()).collect()
}

#[test]
fn comparisons_and_numbers_are_noticed_at_the_limit_and_next_to_it() {
    let far = of("firm.m < 3", &[json!({ "m": 0 })], &[json!({ "m": 9 })]);
    assert_eq!(survived(&far), BTreeSet::from(["firm.m <= 3", "firm.m < 2", "firm.m < 4"]));
    let close = of("firm.m < 3", &[json!({ "m": 2 })], &[json!({ "m": 3 })]);
    // `<=`, `>=`, 2, 4, and the tier one better.
    assert_eq!((survived(&close).len(), close.killed), (0, 5));
    let share = of("firm.share >= 0.5", &[json!({ "share": 0.5 })], &[json!({ "share": 0.45 })]);
    assert_eq!(survived(&share), BTreeSet::new());
    let share = of("firm.share >= 0.5", &[json!({ "share": 0.6 })], &[json!({ "share": 0.3 })]);
    assert_eq!(survived(&share), BTreeSet::from(["firm.share > 0.5", "firm.share >= 0.6", "firm.share >= 0.4"]));
}

#[test]
fn days_and_parameters_are_numbers_too() {
    let when = "firm.until < AS_OF + 30";
    let far = of(when, &[json!({ "until": "2026-11-01" })], &[json!({ "until": "2027-11-01" })]);
    assert_eq!(survived(&far), BTreeSet::from(["firm.until <= (AS_OF + 30)", "AS_OF + 29", "AS_OF + 31"]));
    let close = of(when, &[json!({ "until": "2026-11-30" })], &[json!({ "until": "2026-12-01" })]);
    assert_eq!(survived(&close), BTreeSet::new());
    let when = "firm.m > param(\"most\")";
    let far = of(when, &[json!({ "m": 9 })], &[json!({ "m": 0 })]);
    assert_eq!(survived(&far), BTreeSet::from(["firm.m >= param(\"most\")", "firm.m > 2", "firm.m > 4"]));
    let close = of(when, &[json!({ "m": 4 })], &[json!({ "m": 3 })]);
    assert_eq!(survived(&close), BTreeSet::new());
}

#[test]
fn connectives_negations_and_facts_are_noticed_by_cases_that_tell_them_apart() {
    let when = "firm.a && !firm.b";
    let far = of(when, &[json!({ "a": true, "b": false })], &[json!({ "a": false, "b": true })]);
    assert_eq!(survived(&far), BTreeSet::from(["firm.a || !firm.b"]));
    let close = of(
        when,
        &[json!({ "a": true, "b": false })],
        &[json!({ "a": false, "b": false }), json!({ "a": true, "b": true })],
    );
    assert_eq!(survived(&close), BTreeSet::new());
    // One fact for another: `m` and `n` are the same in every case.
    let when = "firm.m > 2 && firm.n > 2";
    let both = |m: i64, n: i64| json!({ "m": m, "n": n });
    let same = of(when, &[both(3, 3)], &[both(2, 2)]);
    assert!(survived(&same).contains("firm.n > 2"), "{same:?}");
    let apart = of(when, &[both(3, 3)], &[both(2, 3), both(3, 2)]);
    assert_eq!(survived(&apart), BTreeSet::new());
}

#[test]
fn aggregates_and_filters_are_noticed_by_lists_that_are_mixed() {
    let tank = |full: bool, volume: f64| json!({ "full": full, "volume": volume });
    let when = "firm.tanks.some(|t| t.full)";
    let one = of(when, &[json!({ "tanks": [tank(true, 1.0)] })], &[json!({ "tanks": [tank(false, 1.0)] })]);
    assert_eq!(survived(&one), BTreeSet::from(["firm.tanks.all(|item| item.full)"]));
    let two =
        of(when, &[json!({ "tanks": [tank(true, 1.0), tank(false, 1.0)] })], &[json!({ "tanks": [tank(false, 1.0)] })]);
    assert_eq!(survived(&two), BTreeSet::new());
    // A measure is tried once, with the cases of the rules that read it.
    let rule = |clear: Value| json!({ "rule": "S-1", "tier": "red", "fires": [{ "tanks": [tank(true, 9.0), tank(true, 1.0)] }], "clear": clear });
    let effect = "when: |firm| firm.stored >= 10.0, tier: RED";
    let all_full = mutation(effect, rule(json!([{ "tanks": [tank(true, 9.9)] }])), json!([]));
    let measure = all_full.subjects.iter().find(|one| one.is_measure).unwrap();
    assert_eq!((&*measure.name, survived(measure)), ("stored", BTreeSet::from(["firm.tanks.sum(|item| item.volume)"])));
    let mixed = mutation(effect, rule(json!([{ "tanks": [tank(true, 9.9), tank(false, 9.0)] }])), json!([]));
    assert_eq!(mixed.survived(), 0, "{mixed:?}");
    let grade = json!([{ "name": "g", "facts": { "tanks": [tank(true, 1.0), tank(false, 9.0)] }, "tier": "blue", "measures": { "stored": 1.0 } }]);
    let stated = mutation(effect, rule(json!([{ "tanks": [tank(true, 9.9)] }])), grade);
    assert_eq!(stated.survived(), 0, "{stated:?}");
}

#[test]
fn an_effect_is_noticed_where_it_is_stated_or_where_a_grade_depends_on_it() {
    let rule = json!({ "rule": "S-1", "fires": [{ "a": true }], "clear": [{ "a": false }] });
    let effect = "when: |firm| firm.a, tier: ORANGE";
    let tiers = |mutation: &Mutation| mutation.subjects[0].survived.iter().map(ToString::to_string).collect::<Vec<_>>();
    let silent = mutation(effect, rule.clone(), json!([]));
    assert_eq!(tiers(&silent), ["`tier orange` could be `tier yellow`", "`tier orange` could be `tier red`"]);
    let mut stated = rule.clone();
    stated["tier"] = json!("orange");
    assert_eq!(mutation(effect, stated, json!([])).subjects[0].survived, []);
    let grade = json!([{ "name": "g", "facts": { "a": true }, "tier": "orange" }]);
    assert_eq!(mutation(effect, rule.clone(), grade).subjects[0].survived, []);

    let effect = "when: |firm| firm.a, item: \"i\", deduct: 10.5";
    assert_eq!(
        tiers(&mutation(effect, rule.clone(), json!([]))),
        ["`-10.5 points` could be `-9.5 points`", "`-10.5 points` could be `-11.5 points`"]
    );
    let mut stated = rule.clone();
    stated["points"] = json!(-10.5);
    assert_eq!(mutation(effect, stated, json!([])).subjects[0].survived, []);
    let grade = json!([{ "name": "g", "facts": { "a": true }, "tier": "orange", "score": 89.5 }]);
    assert_eq!(mutation(effect, rule, grade).subjects[0].survived, []);
}

#[test]
fn points_that_are_computed_are_noticed_case_by_case() {
    let effect = "item: \"i\", deduct: |firm| 2 * firm.m";
    let rule = |points: Option<Value>| {
        let mut rule = json!({ "rule": "S-1", "fires": [{ "m": 1 }, { "m": 3 }], "clear": [{ "m": 0 }] });
        if let Some(points) = points {
            rule["points"] = points;
        }
        rule
    };
    let silent = mutation(effect, rule(None), json!([]));
    assert_eq!(survived(&silent.subjects[0]), BTreeSet::from(["1 * firm.m", "3 * firm.m"]));
    assert_eq!(mutation(effect, rule(Some(json!([-2, -6]))), json!([])).subjects[0].survived, []);
}

#[test]
fn a_stated_effect_that_is_not_the_rules_is_a_case_that_fails() {
    let book = book("when: |firm| firm.a, tier: ORANGE");
    let run = |rule: Value| {
        let text = json!({ "sector": "shops", "as_of": "2026-11-01", "sound": {}, "rules": [rule] }).to_string();
        let report = book.run_examples([("s.examples.json", text.as_str())]);
        report.failed().map(|case| format!("{}; {}", case.wanted, case.came.clone().unwrap())).collect::<Vec<_>>()
    };
    let rule = json!({ "rule": "S-1", "tier": "red", "fires": [{ "a": true }], "clear": [{ "a": false }] });
    assert_eq!(run(rule), ["fires, tier red; tier orange"]);
    let rule = json!({ "rule": "S-1", "points": [-1, -2], "fires": [{ "a": true }], "clear": [{ "a": false }] });
    assert_eq!(run(rule), ["points of 1 cases; of 2", "fires, points -1; no points"]);
}

#[test]
fn what_changes_nothing_for_any_firm_counts_for_nothing() {
    // At 0 the two are the same, and below it nothing is allowed: whoever is at most 0 has 0.
    let one = of("firm.m <= 0", &[json!({ "m": 0 })], &[json!({ "m": 1 })]);
    // `< 0` and `> 0`, -1 and 1, the tier.
    assert_eq!((one.killed, one.equivalent, one.survived.len()), (5, 0, 0));
    let one = of(
        "firm.m == 0 || firm.m >= 3",
        &[json!({ "m": 0 }), json!({ "m": 3 })],
        &[json!({ "m": 1 }), json!({ "m": 2 })],
    );
    assert_eq!((one.equivalent, one.survived.len()), (0, 0));
    let one = of(
        "firm.m < 1 && firm.a",
        &[json!({ "m": 0, "a": true })],
        &[json!({ "m": 1, "a": true }), json!({ "m": 0, "a": false })],
    );
    assert_eq!((one.equivalent, one.survived.len()), (0, 0));
    // With a limit that nobody can be above, `<` for `<=` is the same question as `!=`; moved up it is always true.
    let one = of("firm.share >= 0.5 || firm.share > 0.9", &[json!({ "share": 0.5 })], &[json!({ "share": 0.4 })]);
    assert_eq!(survived(&one), BTreeSet::new());
    assert_eq!(one.equivalent, 3, "`>= 0.9`, 0.8 and 1.0");
}

#[test]
fn a_stated_measure_of_any_type_is_held_against_its_value() {
    let measures = r#"
        measure("size", TEXT, #{ en: "Size", zh: "规模", value: |firm| if firm.m < 3 { "small" } else { "large" } });
        measure("either", BOOL, #{ en: "Either", zh: "任一", value: |firm| firm.a || firm.b });
        measure("next", DATE, #{ en: "Next", zh: "下次", value: |firm| firm.until + 30 });
        measure("half", FLOAT, #{ en: "Half", zh: "一半", value: |firm| firm.share / 2.0 });
        rule("S-1", #{ risk: #{ en: "r", zh: "r" }, finding: #{ en: "f", zh: "f" },
            when: |firm| firm.size == "large" && firm.either && firm.half > 1.0 && firm.next < AS_OF, tier: RED,
            cite: own("an example"), since: date(2020, 1, 1), control: #{ en: "c", zh: "c" }, owner: "p", days: 0 });
    "#;
    let book = RuleBook::from_sources([("s.rhai", format!("{DECLARATIONS}{measures}"))]).unwrap();
    let facts = json!({ "m": 2, "a": true, "b": true, "until": "2026-11-01", "share": 0.5 });
    let file = |stated: &Value| {
        let grades = json!([{ "name": "g", "facts": facts, "tier": "blue", "measures": stated }]);
        json!({ "sector": "shops", "as_of": "2026-11-01", "sound": {}, "rules": [], "grades": grades }).to_string()
    };
    let fails = |stated: Value| book.run_examples([("s.examples.json", file(&stated).as_str())]).failed().count() == 1;
    let right = json!({ "size": "small", "either": true, "next": "2026-12-01", "half": 0.25 });
    let all = book.run_examples([("s.examples.json", file(&right).as_str())]);
    assert_eq!(all.failed().map(ToString::to_string).collect::<Vec<_>>(), [""; 0]);
    let wrong = [
        json!({ "size": "large" }),
        json!({ "size": null }),
        json!({ "size": 2 }),
        json!({ "either": false }),
        json!({ "next": "2026-12-02" }),
        json!({ "half": 0.3 }),
        json!({ "half": "0.25" }),
        json!({ "other": null }),
    ];
    for stated in wrong {
        assert!(fails(stated.clone()), "{stated}");
    }
    // A mistake counts as noticed where the value would be another, and only there.
    let text = file(&right);
    let of_size = book.mutation([("s.examples.json", text.as_str())]);
    let size = of_size.subjects.iter().find(|one| &*one.name == "size").unwrap();
    assert_eq!(survived(size), BTreeSet::from(["firm.m <= 3", "firm.m < 4"]));
}
