//! The tables of the semantics, row by row, through both executors.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, ListArray, RecordBatch, StringArray,
    StructArray,
};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::{Field, Schema};
use risktier::{Date, FaultKind, Grade, RuleBook};
use serde_json::{Value as Json, json};

const T: Option<bool> = Some(true);
const F: Option<bool> = Some(false);
const U: Option<bool> = None;

/// A book of one rule for each condition.
fn book(conditions: &[&str]) -> RuleBook {
    let mut text = String::from(
        r#"role("o", #{ en: "o", zh: "o" });
        sector("s", #{ name: #{ en: "s", zh: "s" } });
        fact("a", BOOL, #{ en: "a", zh: "a" });
        fact("b", BOOL, #{ en: "b", zh: "b" });
        fact("n", INT, #{ en: "n", zh: "n", unit: "1" });
        fact("x", FLOAT, #{ en: "x", zh: "x", unit: "1" });
        fact("y", FLOAT, #{ en: "y", zh: "y", unit: "1" });
        fact("t", TEXT, #{ en: "t", zh: "t" });
        fact("d", DATE, #{ en: "d", zh: "d" });
        table("tab", #{ en: "t", zh: "t", unit: "1", cite: own("t"), rows: #{ "one": 1 } });
        table("bands", #{ en: "t", zh: "t", cite: own("t"), ranges: [
            #{ below: 1, value: "a" }, #{ from: 1, to: 2, value: "b" }, #{ above: 2, below: 3, value: "c" }, #{ above: 3, value: "d" },
        ] });
        list("l", #{ en: "l", zh: "l", item: #{
            p: field(BOOL,  #{ en: "p", zh: "p" }),
            q: field(BOOL,  #{ en: "q", zh: "q" }),
            n: field(INT,   #{ en: "n", zh: "n", unit: "1" }),
            x: field(FLOAT, #{ en: "x", zh: "x", unit: "1" }),
        } });
        list("m", #{ en: "m", zh: "m", item: #{ n: field(INT, #{ en: "n", zh: "n", unit: "1" }) } });
        "#,
    );
    for (at, condition) in conditions.iter().enumerate() {
        text += &format!(
            r#"rule("R-{at}", #{{ risk: #{{ en: "r", zh: "r" }}, finding: #{{ en: "f", zh: "f" }}, when: |firm| {condition},
            tier: RED, cite: own("t"), since: date(2000, 1, 1), control: #{{ en: "c", zh: "c" }}, owner: "o", days: 1 }});
            "#
        );
    }
    RuleBook::from_sources([("book", text)]).unwrap_or_else(|error| panic!("{error}"))
}

fn list_column(name: &str, fields: &[&str], values: &Json) -> ArrayRef {
    let items = values.as_array().cloned().unwrap_or_default();
    let columns = fields.iter().map(|field| {
        let cells: Vec<Json> = items.iter().map(|item| item.get(*field).cloned().unwrap_or(Json::Null)).collect();
        let array: ArrayRef = match *field {
            "p" | "q" => Arc::new(cells.iter().map(Json::as_bool).collect::<BooleanArray>()),
            "n" => Arc::new(cells.iter().map(Json::as_i64).collect::<Int64Array>()),
            _ => Arc::new(cells.iter().map(Json::as_f64).collect::<Float64Array>()),
        };
        (Arc::new(Field::new(*field, array.data_type().clone(), true)), array)
    });
    let valid: Vec<bool> = items.iter().map(|item| !item.is_null()).collect();
    let (fields, arrays): (Vec<_>, Vec<_>) = columns.unzip();
    let records = StructArray::new(fields.into(), arrays, Some(NullBuffer::from(valid)));
    let offsets = OffsetBuffer::new(vec![0, items.len() as i32].into());
    let field = Arc::new(Field::new(name, records.data_type().clone(), true));
    Arc::new(ListArray::new(field, offsets, Arc::new(records), Some(NullBuffer::from(vec![values.is_array()]))))
}

fn batch(firm: &Json) -> RecordBatch {
    let get = |name: &str| firm.get(name).cloned().unwrap_or(Json::Null);
    let date = |value: Json| value.as_str().map(|text| text.parse::<Date>().unwrap().days());
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("sector", Arc::new(StringArray::from(vec!["s"]))),
        ("a", Arc::new(BooleanArray::from(vec![get("a").as_bool()]))),
        ("b", Arc::new(BooleanArray::from(vec![get("b").as_bool()]))),
        ("n", Arc::new(Int64Array::from(vec![get("n").as_i64()]))),
        ("x", Arc::new(Float64Array::from(vec![get("x").as_f64()]))),
        ("y", Arc::new(Float64Array::from(vec![get("y").as_f64()]))),
        ("t", Arc::new(StringArray::from(vec![get("t").as_str()]))),
        ("d", Arc::new(Date32Array::from(vec![date(get("d"))]))),
        ("l", list_column("l", &["p", "q", "n", "x"], &get("l"))),
        ("m", list_column("m", &["n"], &get("m"))),
    ];
    let fields: Vec<Field> =
        columns.iter().map(|(name, array)| Field::new(*name, array.data_type().clone(), true)).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns.into_iter().map(|(_, array)| array).collect()).unwrap()
}

fn outcome(grade: &Grade, rule: usize) -> Option<bool> {
    let id = format!("R-{rule}");
    let sector = &grade.sectors[0];
    if sector.fired.iter().any(|fired| *fired.rule == *id) {
        return T;
    }
    if sector.undetermined.iter().any(|open| *open.rule == *id) { U } else { F }
}

/// The grade of one firm by both executors, which have to agree; of the columns also the masks.
fn grade(conditions: &[&str], firm: Json) -> Grade {
    let grader = book(conditions).as_of(Date::new(2026, 11, 1).unwrap());
    let mut firm = firm;
    firm["sector"] = json!("s");
    let one = grader.grade_json(&firm.to_string()).unwrap();
    let grades = grader.grade_batch(&batch(&firm)).unwrap();
    assert_eq!(grades.grade(0).unwrap(), one, "{firm}");
    assert_eq!(grades.tiers(0), Some((one.tier, one.best, one.worst)));
    let exported = grades.to_record_batch(&Default::default()).unwrap();
    let ids = |name: &str| {
        let lists = exported.column_by_name(name).unwrap().as_any().downcast_ref::<ListArray>().unwrap().value(0);
        let texts = lists.as_any().downcast_ref::<StringArray>().unwrap();
        texts.iter().flatten().map(str::to_owned).collect::<Vec<_>>()
    };
    let sector = &one.sectors[0];
    assert_eq!(ids("fired"), sector.fired.iter().map(|fired| fired.rule.to_string()).collect::<Vec<_>>());
    assert_eq!(ids("undetermined"), sector.undetermined.iter().map(|open| open.rule.to_string()).collect::<Vec<_>>());
    one
}

fn check(firm: Json, wanted: &[(&str, Option<bool>)]) {
    let conditions: Vec<&str> = wanted.iter().map(|(condition, _)| *condition).collect();
    let grade = grade(&conditions, firm.clone());
    for (at, (condition, wanted)) in wanted.iter().enumerate() {
        assert_eq!(outcome(&grade, at), *wanted, "{condition} of {firm}");
    }
}

fn faults(grade: &Grade) -> Vec<(FaultKind, Vec<String>)> {
    let faults = grade.sectors[0].faults.iter();
    faults.map(|fault| (fault.kind.clone(), fault.affects.iter().map(ToString::to_string).collect())).collect()
}

#[test]
fn logic() {
    let table = [(T, T, T, T, F), (T, U, U, T, F), (T, F, F, T, F), (U, U, U, U, U), (U, F, F, U, U), (F, F, F, F, T)];
    for (a, b, and, or, not) in table {
        for (a, b, not_a) in [(a, b, Some(not)), (b, a, None)] {
            let mut rows = vec![("firm.a && firm.b", and), ("firm.a || firm.b", or)];
            rows.extend(not_a.map(|not| ("!firm.a", not)));
            // Other ways to write them.
            rows.push(("!(!firm.a || !firm.b)", and));
            rows.push(("!(!firm.a && !firm.b)", or));
            rows.push(("if firm.a && firm.b { true } else { false }", and));
            check(json!({"a": a, "b": b}), &rows);
        }
    }
}

#[test]
fn at_least_counts_what_is_known_to_be_true() {
    let all = [T, F, U];
    for at in 0..27 {
        let [a, b, n] = [all[at % 3], all[at / 3 % 3], all[at / 9]];
        let values = [a, b, n];
        let count = |is: &dyn Fn(Option<bool>) -> bool| values.into_iter().filter(|value| is(*value)).count();
        let (sure, possible) = (count(&|value| value == T), count(&|value| value != F));
        let wanted = |number: usize| {
            if sure >= number {
                T
            } else if possible < number {
                F
            } else {
                U
            }
        };
        let firm = json!({"a": a, "b": b, "n": n.map(i64::from)});
        check(
            firm,
            &[
                ("at_least(1, [firm.a, firm.b, firm.n > 0])", wanted(1)),
                ("at_least(2, [firm.a, firm.b, firm.n > 0])", wanted(2)),
                ("at_least(3, [firm.a, firm.b, firm.n > 0])", wanted(3)),
                ("!at_least(2, [firm.n > 0, firm.a, firm.b])", wanted(2).map(|value| !value)),
            ],
        );
    }
}

#[test]
fn limits_of_a_range_are_in_it_or_not_as_the_table_says() {
    let in_band = |band: &str| format!("lookup(\"bands\", firm.x) == \"{band}\"");
    let bands = ["a", "b", "c", "d"].map(in_band);
    for (x, wanted) in [(0.9, "a"), (1.0, "b"), (2.0, "b"), (2.000001, "c"), (2.9, "c"), (3.000001, "d"), (1e9, "d")] {
        let rows = bands.each_ref().map(|condition| (condition.as_str(), Some(*condition == in_band(wanted))));
        check(json!({"x": x}), &rows);
    }
    // 3 is below no limit and above none.
    check(json!({"x": 3.0}), &bands.each_ref().map(|condition| (condition.as_str(), U)));
    // Equal but for what arithmetic leaves over.
    check(json!({"x": 2.0 + 1e-13}), &[(bands[1].as_str(), T)]);
}

#[test]
fn equality_of_truth_values() {
    for (a, b, equal) in [(T, T, T), (T, F, F), (F, F, T), (U, T, U), (F, U, U), (U, U, U)] {
        check(json!({"a": a, "b": b}), &[("firm.a == firm.b", equal), ("firm.a != firm.b", equal.map(|equal| !equal))]);
    }
}

#[test]
fn an_unknown_operand_makes_a_comparison_or_an_operation_unknown() {
    let conditions = [
        "firm.n == firm.n",
        "firm.n < 3",
        "3 > firm.n",
        "firm.n + 1 > 0",
        "firm.n * 0 == 0",
        "-firm.n < 1",
        "abs(firm.n) >= 0",
        "min(firm.n, 0) <= 0",
        "max(firm.n, 1) > 0",
        "firm.n in [1, 2]",
        "firm.n in 1..3",
        "firm.n in 0..=9",
        "firm.x > 0.0",
        "firm.x.round() == 1.0",
        "to_int(firm.x) == 1",
        "to_float(firm.n) == 1.0",
        "firm.t == \"a\"",
        "firm.t in [\"a\", \"b\"]",
        "firm.t.starts_with(\"\")",
        "firm.t.len() >= 0",
        "\"\" in firm.t",
        "firm.d > date(2020, 1, 1)",
        "AS_OF - firm.d > 0",
        "firm.d + 1 > firm.d",
        "lookup(\"tab\", firm.t) == 1",
        "switch firm.n { 1 => true, _ => false }",
        "(switch firm.t { \"a\" => 1, _ => 2 }) == 1",
    ];
    let rows: Vec<(&str, Option<bool>)> = conditions.iter().map(|condition| (*condition, U)).collect();
    check(json!({}), &rows);
    check(json!({"n": null, "x": null, "t": null, "d": null}), &rows);
    // What does not depend on it is known all the same.
    check(
        json!({}),
        &[
            ("firm.n in []", F),
            ("switch firm.n { 1 => true, _ => true }", T),
            ("(switch firm.n { 1 => 7, 2 => 7, _ => 7 }) == 7", T),
            ("firm.n > 1 || true", T),
            ("firm.n > 1 && false", F),
        ],
    );
}

#[test]
fn if_with_an_unknown_condition() {
    check(
        json!({"b": true, "n": 5, "x": 5.0}),
        &[
            ("if firm.a { firm.b } else { firm.b }", T),
            ("if firm.a { firm.b } else { !firm.b }", U),
            ("(if firm.a { 5 } else { firm.n }) == 5", T),
            ("(if firm.a { 5 } else { 6 }) == 5", U),
            ("(if firm.a { firm.n } else { firm.x }) > 4.0", T),
            ("(if firm.a { firm.y } else { firm.y }) > 4.0", U),
            ("if firm.b { true } else { firm.a }", T),
            ("if !firm.b { firm.a } else { false }", F),
            ("if firm.b { firm.a } else { true }", U),
            ("if firm.a { firm.b && true } else { firm.n == 5 }", T),
        ],
    );
}

#[test]
fn coalesce_and_known() {
    check(
        json!({"n": 5, "l": []}),
        &[
            ("firm.a ?? true", T),
            ("firm.a ?? false", F),
            ("firm.a ?? firm.b", U),
            ("(firm.a ?? firm.b) ?? true", T),
            ("firm.a ?? firm.b ?? false", F),
            ("(firm.n ?? 7) == 5", T),
            ("(firm.x ?? firm.n) == 5.0", T),
            ("(firm.n + 0 ?? 7) == 5", T),
            ("known(firm.a)", F),
            ("known(firm.n)", T),
            ("!known(firm.a)", T),
            ("known(firm.a && firm.b)", F),
            ("known(firm.a && false)", T),
            ("known(firm.n / 0)", F),
            ("(firm.n / 0 ?? 3) == 3", T),
            ("known(firm.l)", T),
            ("known(firm.m)", F),
            ("known(firm.a ?? true)", T),
        ],
    );
}

#[test]
fn lists() {
    let items =
        json!([{"p": true, "n": 3, "x": 0.5}, {"p": null, "n": 4, "x": 1.5}, {"p": false, "n": null, "x": 2.0}]);
    check(
        json!({"l": items, "n": 3}),
        &[
            ("firm.l.some(|i| i.p)", T),
            ("firm.l.all(|i| i.p)", F),
            ("firm.l.some(|i| i.n > 9)", U),
            ("firm.l.some(|i| i.n > 3)", T),
            ("firm.l.all(|i| i.n > 3)", F),
            ("firm.l.all(|i| i.n > 2)", U),
            ("firm.l.all(|i| i.x > 0.0)", T),
            ("firm.l.count(|i| i.p) == 1", U),
            ("firm.l.count(|i| i.x > 1.0) == 2", T),
            ("firm.l.count() == 3", T),
            ("firm.l.len() == 3", T),
            ("firm.l.is_empty()", F),
            ("firm.l.sum(|i| i.n) > 0", U),
            ("firm.l.sum(|i| i.x) == 4.0", T),
            ("firm.l.max(|i| i.n) == 4", U),
            ("firm.l.max(|i| i.x) == 2.0", T),
            ("firm.l.min(|i| i.x) == 0.5", T),
            // A filter that is unknown makes an unknown item.
            ("firm.l.filter(|i| i.p).len() == 1", U),
            ("firm.l.filter(|i| i.p).is_empty()", U),
            ("firm.l.filter(|i| i.p).some(|i| i.n == 3)", T),
            ("firm.l.filter(|i| i.p).some(|i| i.n == 9)", U),
            ("firm.l.filter(|i| i.p).all(|i| i.n == 9)", F),
            ("firm.l.filter(|i| i.p).all(|i| i.n == 3)", U),
            ("firm.l.filter(|i| i.p).sum(|i| i.x) > 0.0", U),
            ("firm.l.filter(|i| i.x < 1.0).sum(|i| i.n) == 3", T),
            ("firm.l.filter(|i| i.n > 9 && i.x < 1.0).len() == 0", T),
            ("firm.l.filter(|i| i.p).filter(|i| i.x > 1.2).is_empty()", U),
            ("firm.l.filter(|i| i.p).filter(|i| i.x > 9.0).is_empty()", T),
            // Outside the closure, and one inside another.
            ("firm.l.some(|i| i.n == firm.n)", T),
            ("firm.l.all(|i| firm.l.some(|j| j.x >= i.x))", T),
            ("firm.l.some(|i| firm.m.some(|j| j.n == i.n))", U),
            ("{ let most = firm.l.max(|i| i.x); firm.l.count(|i| i.x == most) == 1 }", T),
        ],
    );
}

#[test]
fn empty_and_unknown_lists() {
    let both = [
        "some(|i| i.p)",
        "all(|i| i.p)",
        "sum(|i| i.n) == 0",
        "count(|i| i.p) == 0",
        "len() == 0",
        "is_empty()",
        "max(|i| i.n) > 0",
        "min(|i| i.n) > 0",
    ];
    let empty = [F, T, T, T, T, T, U, U];
    for filter in ["", ".filter(|i| i.q)"] {
        let conditions: Vec<String> = both.iter().map(|one| format!("firm.l{filter}.{one}")).collect();
        let rows = |wanted: &dyn Fn(usize) -> Option<bool>| -> Vec<(String, Option<bool>)> {
            conditions.iter().enumerate().map(|(at, condition)| (condition.clone(), wanted(at))).collect()
        };
        let run = |firm: Json, rows: Vec<(String, Option<bool>)>| {
            let rows: Vec<(&str, Option<bool>)> =
                rows.iter().map(|(condition, wanted)| (condition.as_str(), *wanted)).collect();
            check(firm, &rows);
        };
        run(json!({"l": []}), rows(&|at| empty[at]));
        run(json!({"l": null}), rows(&|_| U));
        run(json!({}), rows(&|_| U));
        if !filter.is_empty() {
            run(json!({"l": [{"q": false}, {"q": false, "p": true}]}), rows(&|at| empty[at]));
        }
    }
    let grade = grade(&["firm.l.max(|i| i.n) > 0"], json!({"l": []}));
    assert_eq!(faults(&grade), [(FaultKind::EmptyList, vec!["R-0".to_owned()])]);
    // An item of which nothing is known is an item all the same.
    check(
        json!({"l": [null, {"p": true}]}),
        &[
            ("firm.l.len() == 2", T),
            ("firm.l.some(|i| i.p)", T),
            ("firm.l.all(|i| i.p)", U),
            ("firm.l.count(|i| i.p) == 1", U),
        ],
    );
}

#[test]
fn floats_within_the_tolerance_are_equal() {
    check(
        json!({"x": 350.0 / 500.0 + 40.0 / 200.0 + 1.0 / 10.0, "y": 1.0, "l": [{"x": 0.7}, {"x": 0.2}, {"x": 0.1}]}),
        &[
            ("firm.x >= 1", T),
            ("firm.x < 1", F),
            ("firm.x == 1.0", T),
            ("firm.x != firm.y", F),
            ("firm.x <= firm.y", T),
            ("firm.x > firm.y", F),
            ("firm.x in [1.0]", T),
            ("350.0 / 500.0 + 40.0 / 200.0 + 1.0 / 10.0 >= 1", T),
            ("firm.l.sum(|i| i.x) >= 1", T),
        ],
    );
    check(json!({"x": 350.0, "n": 40}), &[("firm.x / 500 + to_float(firm.n) / 200 + 1.0 / 10 >= 1", T)]);
    check(
        json!({"x": 1.0 + 1e-11, "y": 1.0}),
        &[("firm.x > firm.y", T), ("firm.x > 1", T), ("firm.x == firm.y", F), ("firm.x <= 1.0", F)],
    );
    // Only zero is near zero.
    check(
        json!({"x": 1e-300, "y": 0.0}),
        &[("firm.x > 0", T), ("firm.x == firm.y", F), ("firm.y >= 0", T), ("firm.y == -0.0", T)],
    );
}

#[test]
fn faults_are_unknown_and_the_order_of_operands_does_not_matter() {
    let conditions = [
        "false && 1 / firm.n == 1",
        "1 / firm.n == 1 && false",
        "firm.a && 1 / firm.n == 1",
        "1 / firm.n == 1 && firm.a",
        "1 / firm.n == 1 || firm.b",
        "firm.b || 1 / firm.n == 1",
        "1 / firm.n == 1",
        "if firm.b { true } else { 1 / firm.n == 1 }",
        "if 1 / firm.n == 1 { firm.b } else { firm.b }",
    ];
    let grade = grade(&conditions, json!({"n": 0, "a": false, "b": true}));
    let wanted = [F, F, F, F, T, T, U, T, T];
    for (at, wanted) in wanted.into_iter().enumerate() {
        assert_eq!(outcome(&grade, at), wanted, "{}", conditions[at]);
    }
    assert_eq!(faults(&grade), [(FaultKind::DivisionByZero, vec!["R-6".to_owned()])]);
}

#[test]
fn every_fault() {
    let firm = json!({"n": i64::MAX, "x": f64::MAX, "y": 0.0, "t": "two", "d": "9999-12-31", "l": [{"n": i64::MAX, "x": f64::MAX}, {"n": 1, "x": f64::MAX}]});
    let overflow = FaultKind::Overflow;
    let no_entry = FaultKind::NoEntry { table: "tab".into(), key: "two".into() };
    let rows = [
        ("firm.n + 1 > 0", overflow.clone()),
        ("firm.n * 2 > 0", overflow.clone()),
        ("-firm.n - 2 < 0", overflow.clone()),
        ("-(-firm.n - 1) > 0", overflow.clone()),
        ("abs(-firm.n - 1) > 0", overflow.clone()),
        ("(-firm.n - 1) / -1 > 0", overflow.clone()),
        ("(-firm.n - 1) % -1 == 0", overflow.clone()),
        ("firm.n % 0 == 0", FaultKind::DivisionByZero),
        ("firm.x / firm.y > 0", FaultKind::DivisionByZero),
        ("firm.x % firm.y > 0", FaultKind::DivisionByZero),
        ("firm.x * 2 > 0", FaultKind::NotFinite),
        ("firm.x + firm.x > 0", FaultKind::NotFinite),
        ("-firm.x - firm.x > 0", FaultKind::NotFinite),
        ("to_int(firm.x) > 0", overflow.clone()),
        ("lookup(\"tab\", firm.t) > 0", no_entry),
        ("firm.d + 1 > firm.d", FaultKind::DateOutOfRange),
        ("firm.d - 3652059 < firm.d", FaultKind::DateOutOfRange),
        ("firm.l.sum(|i| i.n) > 0", overflow.clone()),
        ("firm.l.sum(|i| i.x) > 0", FaultKind::NotFinite),
        ("firm.l.some(|i| i.n * 2 == 3)", overflow),
    ];
    for (condition, fault) in rows {
        let grade = grade(&[condition], firm.clone());
        assert_eq!(outcome(&grade, 0), U, "{condition}");
        assert_eq!(faults(&grade), [(fault, vec!["R-0".to_owned()])], "{condition}");
    }
}

#[test]
fn integers_divide_as_integers_and_mix_with_floats() {
    check(
        json!({"n": 7, "x": 7.0}),
        &[
            ("firm.n / 2 == 3", T),
            ("-firm.n / 2 == -3", T),
            ("-firm.n % 2 == -1", T),
            ("firm.n / 2.0 == 3.5", T),
            ("firm.x / 2 == 3.5", T),
            ("firm.n == firm.x", T),
            ("firm.n + 0.5 > firm.x", T),
            ("to_int(-3.7) == -3 && firm.n == 7", T),
            ("(firm.x / 2).round() == 4.0", T),
            ("(-firm.x / 2).round() == -4.0", T),
            ("(firm.x / 2).floor() == 3.0", T),
            ("(-firm.x / 2).ceiling() == -3.0", T),
        ],
    );
}
