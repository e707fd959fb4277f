//! What changes from one book to another: rules by what they mean, with firms that show it.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::collections::BTreeMap;

use proptest::prelude::*;
use risktier::{BookChange, GradedRow, Grader, RegisterChange, RuleBook, RuleChangeKind, RuleOutcome, Tier};
use serde_json::json;

const HEAD: &str = r#"
role("p", #{ en: "Principal", zh: "负责人" });
fact("n", INT, #{ en: "N", zh: "数", min: 0, max: 5 });
fact("m", INT, #{ en: "M", zh: "量", min: 0, max: 5 });
fact("a", BOOL, #{ en: "A", zh: "甲" });
list("l", #{ en: "L", zh: "列", item: #{ f: field(BOOL, #{ en: "F", zh: "是" }), g: field(INT, #{ en: "G", zh: "值", min: 0, max: 3 }) } });
sector("s", #{ name: #{ en: "S", zh: "行业" } });
fn asks(id, when, more) {
    rule(id, #{ risk: #{ en: "r", zh: "险" }, finding: #{ en: "f", zh: "患" }, control: #{ en: "c", zh: "改" }, when: when, tier: RED,
        cite: own("an example"), since: date(2020, 1, 1), owner: "p", days: 7 } + more);
}
asks("READS", |firm| firm.n > 4 && firm.m > 4 && firm.a && firm.l.some(|i| i.f && i.g > 2), #{ tier: YELLOW });
"#;

fn grader(rules: &str) -> Grader {
    let book = RuleBook::from_sources([("s.rhai", format!("{HEAD}{rules}"))]).unwrap_or_else(|error| panic!("{error}"));
    book.as_of("2026-11-01".parse().unwrap())
}

fn kinds(change: &BookChange) -> BTreeMap<&str, RuleChangeKind> {
    change.rules.iter().map(|rule| (&*rule.rule, rule.kind)).collect()
}

#[test]
fn rules_are_compared_by_what_they_mean() {
    let before = grader(
        r#"
        asks("SAME", |firm| firm.n > 2 && firm.a, #{});
        asks("REORDERED", |firm| firm.n > 2 && firm.a, #{});
        asks("REWRITTEN", |firm| firm.n >= 3 || firm.l.some(|i| i.f), #{});
        asks("LIMIT", |firm| firm.n > 2, #{});
        asks("ITEMS", |firm| firm.l.some(|i| i.f && i.g > 1), #{});
        asks("TIER", |firm| firm.n + firm.m > 6, #{});
        asks("WORDS", |firm| firm.a, #{});
        asks("GONE", |firm| firm.a, #{});
        asks("ENDS", |firm| firm.a, #{ "until": date(2027, 1, 1) });
        table("limits", #{ en: "L", zh: "限", unit: "1", cite: own("x"), rows: #{ "x": 2 } });
        asks("TABLE", |firm| firm.n > lookup("limits", "x"), #{});
        "#,
    );
    let after = grader(
        r#"
        // Facts of another order, and another one between.
        fact("between", INT, #{ en: "Between", zh: "其间", min: 0 });
        asks("SAME", |firm| firm.n > 2 && firm.a, #{});
        asks("REORDERED", |firm| firm.a && firm.n > 2, #{});
        asks("REWRITTEN", |firm| !(firm.n < 3 && firm.l.all(|i| !i.f)), #{});
        asks("LIMIT", |firm| firm.n > 3, #{});
        asks("ITEMS", |firm| firm.l.some(|i| i.f) && firm.l.some(|i| i.g > 1), #{});
        asks("TIER", |firm| firm.n + firm.m > 6, #{ tier: ORANGE });
        asks("WORDS", |firm| firm.a, #{ days: 30, control: #{ en: "d", zh: "治" } });
        asks("NEW", |firm| firm.between > 1, #{});
        asks("ENDS", |firm| firm.a, #{ "until": date(2027, 1, 1) });
        table("limits", #{ en: "L", zh: "限", unit: "1", cite: own("x"), rows: #{ "x": 4 } });
        asks("TABLE", |firm| firm.n > lookup("limits", "x"), #{});
        "#,
    );
    let change = BookChange::between(&before, &after);
    use RuleChangeKind::{Added, Meaning, Removed, Same, Words};
    let wanted = [
        ("ENDS", Same),
        ("GONE", Removed),
        ("ITEMS", Meaning),
        ("LIMIT", Meaning),
        ("NEW", Added),
        ("READS", Same),
        ("REORDERED", Words),
        ("REWRITTEN", Words),
        ("SAME", Same),
        ("TABLE", Meaning),
        ("TIER", Meaning),
        ("WORDS", Words),
    ];
    assert_eq!(kinds(&change), BTreeMap::from(wanted));
    let of = |id: &str| change.rules.iter().find(|rule| &*rule.rule == id).unwrap();
    assert_eq!(of("WORDS").keys, ["control", "days"]);
    assert_eq!(of("REWRITTEN").keys, ["when"]);
    assert_eq!(of("TIER").keys, ["effect"]);
    // Just where the limit moved.
    let witness = of("LIMIT").witness.as_ref().unwrap();
    assert_eq!(witness.firm["n"], json!(3));
    assert_eq!((witness.before.0, witness.after.0), (RuleOutcome::Fired, RuleOutcome::Clear));
    let tier = of("TIER").witness.as_ref().unwrap();
    assert_eq!((tier.before.1, tier.after.1), (Tier::Red, Tier::Orange));
    // An item with one, and another with the other.
    let items = of("ITEMS").witness.as_ref().unwrap();
    assert!(items.firm["l"].as_array().unwrap().len() >= 2);
    let parts: Vec<(&str, &str, bool, bool)> = change
        .parts
        .iter()
        .map(|part| (part.what, part.name.as_str(), part.before.is_some(), part.after.is_some()))
        .collect();
    assert_eq!(parts, [("fact", "between", false, true), ("table", "limits", true, true)]);
}

#[test]
fn a_book_is_compared_with_itself_on_another_day() {
    let text = format!(
        "{HEAD}{}",
        r#"
        parameter("most", INT, #{ en: "Most", zh: "上限", unit: "1", values: [
            #{ since: date(2020, 1, 1), value: 4, cite: own("x") }, #{ since: date(2027, 1, 1), value: 2, cite: own("x") } ] });
        asks("PARAM", |firm| firm.n > param("most"), #{});
        asks("ENDS", |firm| firm.a, #{ "until": date(2027, 1, 1) });
        asks("BEGINS", |firm| !firm.a, #{ since: date(2027, 1, 1) });
        "#
    );
    let book = RuleBook::from_sources([("s.rhai", text)]).unwrap();
    let change =
        BookChange::between(&book.as_of("2026-11-01".parse().unwrap()), &book.as_of("2027-02-01".parse().unwrap()));
    use RuleChangeKind::{Added, Meaning, Removed, Same};
    let wanted = [("BEGINS", Added), ("ENDS", Removed), ("PARAM", Meaning), ("READS", Same)];
    assert_eq!(kinds(&change), BTreeMap::from(wanted));
    assert!(change.parts.is_empty());
    let witness = change.rules.iter().find(|rule| &*rule.rule == "PARAM").unwrap().witness.as_ref().unwrap();
    let n = witness.firm["n"].as_i64().unwrap();
    assert!((3..=4).contains(&n), "{n}");
}

#[test]
fn a_register_says_who_moved_and_for_which_rules() {
    let before =
        grader(r#"asks("X", |firm| firm.n > 3, #{ tier: ORANGE }); asks("Y", |firm| firm.a, #{ tier: YELLOW });"#);
    let after =
        grader(r#"asks("X", |firm| firm.n > 3, #{ tier: RED }); asks("Z", |firm| firm.m > 1, #{ tier: ORANGE });"#);
    let firm = |id: &str, n: i64, m: i64, a: bool| {
        json!({ "id": id, "sector": "s", "n": n, "m": m, "a": a, "l": [] }).to_string()
    };
    let firms = [
        firm("one", 4, 0, true),
        firm("two", 0, 2, true),
        firm("three", 0, 0, true),
        firm("four", 0, 0, false),
        "{}".into(),
    ];
    let texts: Vec<&str> = firms.iter().map(String::as_str).collect();
    let grades = [&before, &after].map(|grader| grader.grade_json_batch(&texts, None).unwrap());
    let mut change = RegisterChange::default();
    for row in 0..firms.len() {
        let [one, other] = [&grades[0], &grades[1]].map(|grades| GradedRow { grades, row, place: row as u64 });
        change.add(one, other);
    }
    assert_eq!((change.firms(), change.worse(), change.better()), (5, 2, 1));
    assert_eq!(change.matrix[Tier::Yellow as usize][Tier::Blue as usize], 1);
    assert_eq!(change.matrix[4][4], 1, "what cannot be graded is counted");
    let told: Vec<String> = change
        .moved
        .iter()
        .map(|moved| {
            let id = moved.id.as_deref().unwrap();
            format!("{id} +{:?} -{:?} ~{:?}", moved.fires_now, moved.no_longer, moved.weighs_otherwise)
        })
        .collect();
    let wanted = [r#"one +[] -["Y"] ~["X"]"#, r#"two +["Z"] -["Y"] ~[]"#, r#"three +[] -["Y"] ~[]"#];
    assert_eq!(told, wanted);
}

fn condition() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        (0..6i64).prop_map(|limit| format!("firm.n > {limit}")),
        (0..6i64).prop_map(|limit| format!("firm.m <= {limit}")),
        (0..9i64).prop_map(|limit| format!("firm.n + firm.m >= {limit}")),
        Just("firm.a".to_owned()),
        (0..3i64).prop_map(|limit| format!("firm.l.some(|i| i.f && i.g > {limit})")),
        (0..3i64).prop_map(|limit| format!("firm.l.all(|i| i.f || i.g < {limit})")),
    ];
    leaf.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(|all| format!("({})", all.join(" && "))),
            prop::collection::vec(inner.clone(), 2..4).prop_map(|all| format!("({})", all.join(" || "))),
            inner.prop_map(|one| format!("!({one})")),
        ]
    })
}

fn firms() -> Vec<serde_json::Value> {
    let items: Vec<serde_json::Value> = (0..8).map(|at| json!({ "f": at % 2 == 1, "g": at / 2 })).collect();
    let mut lists = vec![json!([])];
    for (at, one) in items.iter().enumerate() {
        lists.push(json!([one]));
        lists.extend(items[at..].iter().map(|other| json!([one, other])));
    }
    let mut firms = Vec::new();
    for l in lists {
        for at in 0..72 {
            firms.push(json!({ "sector": "s", "n": at % 6, "m": at / 6 % 6, "a": at / 36 == 1, "l": l }));
        }
    }
    firms
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// Two conditions that no firm tells apart mean the same; of two that one does, a firm is shown.
    #[test]
    fn meaning_is_what_firms_show(one in condition(), other in condition()) {
        let [before, after] = [&one, &other].map(|when| grader(&format!("asks(\"R\", |firm| {when}, #{{}});")));
        let change = BookChange::between(&before, &after);
        let rule = change.rules.iter().find(|rule| &*rule.rule == "R").unwrap();
        let fires = |grader: &Grader, firm: &serde_json::Value| {
            grader.grade_value(firm).unwrap().sectors[0].fired.iter().any(|fired| &*fired.rule == "R")
        };
        let differs = firms().iter().any(|firm| fires(&before, firm) != fires(&after, firm));
        match rule.kind {
            RuleChangeKind::Meaning => {
                let firm = serde_json::Value::from(rule.witness.as_ref().unwrap().firm.clone());
                prop_assert!(fires(&before, &firm) != fires(&after, &firm));
            }
            kind => prop_assert!(!differs, "{kind:?}: {one} and {other}"),
        }
        prop_assert!(rule.kind != RuleChangeKind::Undecided, "{} and {}", one, other);
    }
}
