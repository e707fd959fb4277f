//! Reading firms: the same grade and the same errors from JSON text, a JSON tree, a record of one's own and a batch.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{
    Array, ArrayRef, BooleanArray, Date64Array, Decimal128Array, DictionaryArray, FixedSizeListArray, Float32Array,
    Float64Array, Int64Array, ListArray, RecordBatch, StringArray, StructArray, TimestampMicrosecondArray,
    TimestampSecondArray, UInt64Array,
};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::{DataType, Field, Schema};
use risktier::{BatchOptions, Date, FirmError, Grade, GradeError, Grader, RuleBook, Tier};
use serde::Serialize;
use serde_json::{Value as Json, json};

fn grader() -> Grader {
    let text = r#"
        role("o", #{ en: "o", zh: "o" });
        sector("s", #{ name: #{ en: "s", zh: "s" } });
        fact("b", BOOL, #{ en: "b", zh: "b" });
        fact("n", INT, #{ en: "n", zh: "n", unit: "1", min: 0, max: 100 });
        fact("big", INT, #{ en: "n", zh: "n", unit: "1" });
        fact("x", FLOAT, #{ en: "x", zh: "x", unit: "1", max: 10.0 });
        fact("free", FLOAT, #{ en: "x", zh: "x", unit: "1" });
        fact("t", TEXT, #{ en: "t", zh: "t" });
        fact("k", TEXT, #{ en: "k", zh: "k", one_of: ["one", "two"] });
        fact("d", DATE, #{ en: "d", zh: "d", min: date(2000, 1, 1) });
        fact("not_read", INT, #{ en: "n", zh: "n", unit: "1" });
        list("l", #{ en: "l", zh: "l", item: #{
            n: field(INT, #{ en: "n", zh: "n", unit: "1", min: 0 }),
            k: field(TEXT, #{ en: "k", zh: "k", one_of: ["one", "two"] }),
            aside: field(FLOAT, #{ en: "a", zh: "a", unit: "1", max: 5.0 }),
        } });
        measure("double", FLOAT, #{ en: "m", zh: "m", unit: "1", value: |firm| firm.free * 2 });
        rule("R", #{ risk: #{ en: "r", zh: "r" }, finding: #{ en: "f", zh: "f" }, tier: ORANGE, cite: own("t"),
            when: |firm| firm.b && firm.n > 1 && firm.big > 1 && firm.x > 1 && firm.double > 1 && firm.t != "" && firm.k == "one"
                && firm.d < AS_OF && firm.l.some(|i| i.n > 1 && i.k == "one"),
            since: date(2000, 1, 1), control: #{ en: "c", zh: "c" }, owner: "o", days: 1 });
        sector("other", #{ name: #{ en: "s", zh: "s" } });
    "#;
    RuleBook::from_sources([("book", text)])
        .unwrap_or_else(|error| panic!("{error}"))
        .as_of(Date::new(2026, 11, 1).unwrap())
}

fn sound() -> Json {
    json!({"sector": "s", "b": true, "n": 5, "big": 5, "x": 5.5, "free": 2.5, "t": "text", "k": "one", "d": "2026-01-01",
        "l": [{"n": 2, "k": "one", "aside": 1.0}]})
}

/// Errors as lines: what the fact is, in which item, what it was, what was expected.
fn errors(grade: &Grade) -> Vec<String> {
    grade.data_errors.iter().map(ToString::to_string).collect()
}

fn with(changes: Json) -> Json {
    let mut firm = sound();
    for (name, value) in changes.as_object().unwrap() {
        firm[name] = value.clone();
    }
    firm
}

#[test]
fn text_tree_and_record_give_the_same_grade() {
    #[derive(Serialize)]
    struct Item {
        n: u16,
        k: &'static str,
        aside: Option<f32>,
    }
    #[derive(Serialize)]
    struct Firm {
        sector: &'static str,
        b: bool,
        n: u8,
        big: u64,
        x: f32,
        free: Option<f64>,
        t: String,
        k: Option<&'static str>,
        d: Date,
        l: Vec<Item>,
        whatever: Vec<u8>,
    }
    let grader = grader();
    let firm = Firm {
        sector: "s",
        b: true,
        n: 5,
        big: 5,
        x: 5.5,
        free: Some(2.5),
        t: "text".into(),
        k: Some("one"),
        d: "2026-01-01".parse().unwrap(),
        l: vec![Item { n: 2, k: "one", aside: Some(1.0) }],
        whatever: vec![1],
    };
    let text = grader.grade_json(&sound().to_string()).unwrap();
    assert_eq!(text.tier, Tier::Orange);
    assert!(text.settled && errors(&text).is_empty());
    assert_eq!(grader.grade_value(&sound()).unwrap(), text);
    assert_eq!(grader.grade(&firm).unwrap(), text);
    assert_eq!(grader.grade(&sound()).unwrap(), text);
    assert_eq!(grader.explain(&firm).unwrap().grade, text);
    let map: BTreeMap<String, Json> = sound().as_object().unwrap().clone().into_iter().collect();
    assert_eq!(grader.grade(&map).unwrap(), text);
}

#[test]
fn what_does_not_fit_is_a_data_error_of_its_fact_and_counts_as_unknown() {
    let grader = grader();
    let cases = [
        (json!({"b": 1}), "`b` is `1`; expected true or false"),
        (json!({"b": "true"}), "`b` is `true`; expected true or false"),
        (json!({"n": true}), "`n` is `true`; expected a whole number of 64 bits"),
        (json!({"n": "5"}), "`n` is `5`; expected a whole number of 64 bits"),
        (json!({"n": 5.5}), "`n` is `5.5`; expected a whole number of 64 bits"),
        (json!({"n": -1}), "`n` is `-1`; expected 0 to 100"),
        (json!({"n": 101}), "`n` is `101`; expected 0 to 100"),
        (json!({"big": u64::MAX}), "`big` is `18446744073709551615`; expected a whole number of 64 bits"),
        (json!({"big": 1e300}), "`big` is `1e300`; expected a whole number of 64 bits"),
        (json!({"x": 10.5}), "`x` is `10.5`; expected 10.0 or less"),
        (json!({"x": 11}), "`x` is `11.0`; expected 10.0 or less"),
        (json!({"x": "5"}), "`x` is `5`; expected a number"),
        (json!({"x": {"a": [1]}}), "`x` is `{...}`; expected a number"),
        (json!({"t": 5}), "`t` is `5`; expected a text"),
        (json!({"t": ["a"]}), "`t` is `[...]`; expected a text"),
        (json!({"k": "three"}), "`k` is `three`; expected one of `one`, `two`"),
        (json!({"d": "2026-02-30"}), "`d` is `2026-02-30`; expected a date as YYYY-MM-DD"),
        (json!({"d": "1999-12-31"}), "`d` is `1999-12-31`; expected 2000-01-01 or more"),
        (json!({"d": 20000}), "`d` is `20000`; expected a date as YYYY-MM-DD"),
        (json!({"l": {}}), "`l` is `{...}`; expected a list of records"),
        (json!({"l": 5}), "`l` is `5`; expected a list of records"),
        (json!({"l": "a"}), "`l` is `a`; expected a list of records"),
        (json!({"l": [7]}), "`l` of item 1 is `7`; expected a record"),
        (json!({"l": [{"n": -1, "k": "one"}]}), "`l.n` of item 1 is `-1`; expected 0 or more"),
        (json!({"l": [{"n": 0}, {"n": 2, "k": "x"}]}), "`l.k` of item 2 is `x`; expected one of `one`, `two`"),
    ];
    for (change, message) in cases {
        let firm = with(change.clone());
        let text = grader.grade_json(&firm.to_string()).unwrap();
        assert_eq!(errors(&text), [message], "{change}");
        assert_eq!(text.tier, Tier::Blue, "{change}");
        assert_eq!(text.worst, Tier::Orange, "{change}: the fact is unknown");
        assert_eq!(grader.grade_value(&firm).unwrap(), text, "{change}");
        assert_eq!(grader.grade(&firm).unwrap(), text, "{change}");
    }
    // A field that no rule reads does no harm, but is reported: it stands in an item that one does.
    let aside = grader.grade_json(&with(json!({"l": [{"n": 2, "k": "one", "aside": 9.0}]})).to_string()).unwrap();
    assert_eq!(errors(&aside), ["`l.aside` of item 1 is `9.0`; expected 5.0 or less"]);
    assert_eq!(aside.tier, Tier::Orange);
    // A fact that no rule of the sector reads is not looked at.
    assert!(errors(&grader.grade_json(&with(json!({"not_read": "what"})).to_string()).unwrap()).is_empty());
}

#[test]
fn nothing_is_unknown_and_no_error() {
    let grader = grader();
    for firm in [
        with(json!({"l": null})),
        with(json!({"n": null, "k": null})),
        with(json!({"l": [null]})),
        with(json!({"l": [{"n": null}, null]})),
    ] {
        let grade = grader.grade_json(&firm.to_string()).unwrap();
        assert!(errors(&grade).is_empty());
        assert_eq!((grade.tier, grade.worst), (Tier::Blue, Tier::Orange), "{firm}");
    }
    // Whole numbers stand for floats, and floats without a fraction for whole numbers.
    assert_eq!(
        grader.grade_json(&with(json!({"n": 5.0, "x": 5, "big": 1e15})).to_string()).unwrap().tier,
        Tier::Orange
    );
}

#[test]
fn a_key_given_twice_is_an_error() {
    let grader = grader();
    for (twice, message) in [
        (r#""n": 5, "n": 6"#, "`n` is `...`; expected given once"),
        (r#""n": 5, "n": null"#, "`n` is `...`; expected given once"),
        (r#""n": 5, "n": 5, "n": 5"#, "`n` is `...`; expected given once"),
        (r#""l": [], "l": [{"n": 2}]"#, "`l` is `...`; expected given once"),
        (r#""l": [{"n": 2, "n": 3}]"#, "`l.n` of item 1 is `...`; expected given once"),
    ] {
        let grade = grader.grade_json(&format!(r#"{{"sector": "s", {twice}}}"#)).unwrap();
        assert_eq!(errors(&grade), [message], "{twice}");
    }
}

#[test]
fn numbers_that_are_not_finite_are_errors_in_a_record() {
    #[derive(Serialize)]
    struct Firm {
        sector: &'static str,
        x: f64,
        free: f32,
        n: f64,
    }
    let grader = grader();
    let grade = grader.grade(&Firm { sector: "s", x: f64::NAN, free: f32::NEG_INFINITY, n: f64::INFINITY }).unwrap();
    assert_eq!(
        errors(&grade),
        [
            "`free` is `-inf`; expected a finite number",
            "`n` is `inf`; expected a finite number",
            "`x` is `NaN`; expected a finite number"
        ]
    );
}

#[test]
fn records_that_cannot_be_graded() {
    let grader = grader();
    for text in ["", "[]", "5", "{", "null", r#"{"sector": "s"} x"#] {
        assert!(matches!(grader.grade_json(text), Err(GradeError::Json(_))), "{text}");
    }
    assert!(matches!(grader.grade(&5), Err(GradeError::Record(_))));
    for text in ["{}", r#"{"sector": null}"#, r#"{"sector": ""}"#, r#"{"sector": " ; "}"#, r#"{"sector": []}"#] {
        assert!(matches!(grader.grade_json(text), Err(GradeError::Firm(FirmError::NoSector))), "{text}");
    }
    for text in [r#"{"sector": "z"}"#, r#"{"sector": 5}"#] {
        assert!(matches!(grader.grade_json(text), Err(GradeError::Firm(FirmError::UnknownSector { .. }))), "{text}");
    }
}

#[test]
fn sectors_in_every_form() {
    let grader = grader();
    for sector in
        [json!("s;other"), json!(" s ; other;"), json!(["s", "other"]), json!(["s;other"]), json!("s;other;s")]
    {
        let grade = grader.grade_json(&with(json!({"sector": sector})).to_string()).unwrap();
        let names: Vec<&str> = grade.sectors.iter().map(|sector| &*sector.sector).collect();
        assert_eq!(names, ["s", "other"], "{sector}");
        assert_eq!((&*grade.decided_by, grade.tier), ("s", Tier::Orange));
    }
    let grade = grader.grade_json(&with(json!({"sector": "other;z"})).to_string()).unwrap();
    assert_eq!((grade.tier, grade.best, grade.worst, grade.settled), (Tier::Blue, Tier::Blue, Tier::Red, false));
    assert_eq!(grade.errors.len(), 1);
    // What is missing does not help against a sector that nothing is known of.
    let grade = grader.grade_json(&with(json!({"sector": "s;z", "n": null})).to_string()).unwrap();
    assert_eq!(grade.missing.len(), 1);
    assert_eq!((grade.missing[0].best_at_worst, grade.missing[0].worst_at_best), (Tier::Orange, Tier::Red));
}

#[test]
fn ids_are_handed_through() {
    let grader = grader();
    for (id, text) in [(json!("a b"), Some("a b")), (json!(7), Some("7")), (json!(null), None)] {
        assert_eq!(grader.grade_json(&with(json!({"id": id})).to_string()).unwrap().id.as_deref(), text);
    }
}

// Batches.

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    let fields: Vec<Field> =
        columns.iter().map(|(name, array)| Field::new(*name, array.data_type().clone(), true)).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns.into_iter().map(|(_, array)| array).collect()).unwrap()
}

fn column_errors(name: &str, array: ArrayRef) -> Vec<Vec<String>> {
    let sectors: ArrayRef = Arc::new(StringArray::from(vec!["s"; array.len()]));
    let grades = grader().grade_batch(&batch(vec![("sector", sectors), (name, array)])).unwrap();
    (0..grades.len()).map(|row| errors(&grades.grade(row).unwrap())).collect()
}

#[test]
fn a_batch_has_the_same_errors() {
    let none: Vec<String> = Vec::new();
    let one = |text: &str| vec![text.to_owned()];
    assert_eq!(
        column_errors("n", Arc::new(Int64Array::from(vec![Some(5), Some(-1), None, Some(101)]))),
        [none.clone(), one("`n` is `-1`; expected 0 to 100"), none.clone(), one("`n` is `101`; expected 0 to 100")]
    );
    assert_eq!(
        column_errors("big", Arc::new(UInt64Array::from(vec![7, u64::MAX]))),
        [none.clone(), one("`big` is `18446744073709551615`; expected a whole number of 64 bits")]
    );
    assert_eq!(
        column_errors("n", Arc::new(Float64Array::from(vec![5.0, 5.5, f64::NAN]))),
        [
            none.clone(),
            one("`n` is `5.5`; expected a whole number of 64 bits"),
            one("`n` is `NaN`; expected a finite number")
        ]
    );
    assert_eq!(
        column_errors("x", Arc::new(Float64Array::from(vec![5.0, 10.5, f64::INFINITY]))),
        [none.clone(), one("`x` is `10.5`; expected 10.0 or less"), one("`x` is `inf`; expected a finite number")]
    );
    assert_eq!(
        column_errors("x", Arc::new(Float32Array::from(vec![5.5, f32::NAN]))),
        [none.clone(), one("`x` is `NaN`; expected a finite number")]
    );
    assert_eq!(
        column_errors("x", Arc::new(Int64Array::from(vec![5, 11]))),
        [none.clone(), one("`x` is `11.0`; expected 10.0 or less")]
    );
    assert_eq!(column_errors("b", Arc::new(Int64Array::from(vec![1]))), [one("`b` is `1`; expected true or false")]);
    assert_eq!(column_errors("t", Arc::new(BooleanArray::from(vec![true]))), [one("`t` is `true`; expected a text")]);
    let keys: DictionaryArray<Int32Type> = vec![Some("one"), Some("three"), None].into_iter().collect();
    assert_eq!(
        column_errors("k", Arc::new(keys)),
        [none.clone(), one("`k` is `three`; expected one of `one`, `two`"), none.clone()]
    );
    assert_eq!(
        column_errors("d", Arc::new(StringArray::from(vec!["2026-01-01", "01/01/2026", "1999-12-31"]))),
        [
            none.clone(),
            one("`d` is `01/01/2026`; expected a date as YYYY-MM-DD"),
            one("`d` is `1999-12-31`; expected 2000-01-01 or more")
        ]
    );
    assert_eq!(
        column_errors("l", Arc::new(StringArray::from(vec![Some("a"), None]))),
        [one("`l` is `a`; expected a list of records"), none.clone()]
    );
    let numbers = ListArray::new(
        Arc::new(Field::new("item", DataType::Int64, true)),
        OffsetBuffer::new(vec![0, 0, 2, 3].into()),
        Arc::new(Int64Array::from(vec![Some(7), None, Some(8)])),
        None,
    );
    assert_eq!(
        column_errors("l", Arc::new(numbers.clone())),
        [none.clone(), one("`l` of item 1 is `7`; expected a record"), one("`l` of item 1 is `8`; expected a record")]
    );
    // Of a slice, the items of other rows are nobody's.
    assert_eq!(column_errors("l", Arc::new(numbers.slice(1, 1))), [one("`l` of item 1 is `7`; expected a record")]);
    assert_eq!(column_errors("l", Arc::new(numbers.slice(0, 1))), [none]);
}

fn items(n: ArrayRef, aside: ArrayRef) -> StructArray {
    let fields =
        vec![Field::new("n", n.data_type().clone(), true), Field::new("aside", aside.data_type().clone(), true)];
    StructArray::new(fields.into(), vec![n, aside], None)
}

#[test]
fn errors_in_items_belong_to_their_rows() {
    // `n` of texts: every item is an error, and those cut off by a slice are not looked at.
    let texts: ArrayRef = Arc::new(StringArray::from(vec![Some("a"), Some("b"), None, Some("c")]));
    let aside: ArrayRef = Arc::new(Float64Array::from(vec![Some(1.0), Some(9.0), Some(f64::NAN), None]));
    let records = items(texts, aside);
    let field = Arc::new(Field::new("item", records.data_type().clone(), true));
    let lists =
        ListArray::new(field.clone(), OffsetBuffer::new(vec![0, 1, 1, 3, 4].into()), Arc::new(records.clone()), None);
    let n = |item: usize, text: &str| format!("`l.n` of item {item} is `{text}`; expected a whole number of 64 bits");
    let wanted = [
        vec![n(1, "a")],
        vec![],
        vec![
            "`l.aside` of item 1 is `9.0`; expected 5.0 or less".into(),
            "`l.aside` of item 2 is `NaN`; expected a finite number".into(),
            n(1, "b"),
        ],
        vec![n(1, "c")],
    ];
    for (from, len) in [(0, 4), (0, 1), (1, 1), (1, 2), (2, 2), (3, 1)] {
        assert_eq!(
            column_errors("l", Arc::new(lists.slice(from, len))),
            wanted[from..from + len],
            "rows {from} and {len} on"
        );
    }
    // A null row keeps its items to itself.
    let valid = NullBuffer::from(vec![false, true, true, true]);
    let lists = ListArray::new(
        field.clone(),
        OffsetBuffer::new(vec![0, 1, 1, 3, 4].into()),
        Arc::new(records.clone()),
        Some(valid),
    );
    assert_eq!(column_errors("l", Arc::new(lists)), [vec![], wanted[1].clone(), wanted[2].clone(), wanted[3].clone()]);
    let pairs = FixedSizeListArray::new(field, 2, Arc::new(records), None);
    assert_eq!(column_errors("l", Arc::new(pairs)).iter().map(Vec::len).collect::<Vec<_>>(), [3, 2]);
}

#[test]
fn dates_and_decimals_of_a_batch() {
    let day = |text: &str| i64::from(text.parse::<Date>().unwrap().days());
    let grader = grader();
    let read = |array: ArrayRef| -> Vec<Option<String>> {
        let sectors: ArrayRef = Arc::new(StringArray::from(vec!["s"; array.len()]));
        let grades = grader.grade_batch(&batch(vec![("sector", sectors), ("free", array)])).unwrap();
        let value = |grade: Grade| grade.sectors[0].measures[0].value.as_ref().map(ToString::to_string);
        (0..grades.len()).map(|row| value(grades.grade(row).unwrap())).collect()
    };
    let decimal = Decimal128Array::from(vec![Some(125), None]).with_precision_and_scale(10, 2).unwrap();
    assert_eq!(read(Arc::new(decimal)), [Some("2.5".to_owned()), None]);
    // A time of day belongs to its day, before 1970 too.
    let seconds = day("2026-01-01") * 86_400;
    let times: [ArrayRef; 3] = [
        Arc::new(TimestampSecondArray::from(vec![seconds, seconds + 86_399, -1])),
        Arc::new(TimestampMicrosecondArray::from(vec![seconds * 1_000_000, (seconds + 86_399) * 1_000_000, -1])),
        Arc::new(Date64Array::from(vec![seconds * 1000, (seconds + 86_399) * 1000, -1])),
    ];
    for times in times {
        let errors = column_errors("d", times);
        assert_eq!(errors, [vec![], vec![], vec!["`d` is `1969-12-31`; expected 2000-01-01 or more".to_owned()]]);
    }
}

#[test]
fn text_as_of_a_file_without_types() {
    let grader = grader();
    let text = |values: Vec<&str>| -> ArrayRef { Arc::new(StringArray::from(values)) };
    let rows = batch(vec![
        ("sector", text(vec!["", "s", "s", "s", "z"])),
        ("id", text(vec!["1", "2", "3", "4", "5"])),
        ("b", text(vec!["true", "TRUE", "yes", "", "true"])),
        ("n", text(vec!["5", " 5 ", "5.5", "5.0", "5"])),
        ("big", text(vec!["5", "9223372036854775807", "9223372036854775808", "1e3", "5"])),
        ("x", text(vec!["5.5", "2", "NaN", "1e1", "5"])),
        ("free", text(vec!["2.5", "2.5", "x", "2.5", "1"])),
        ("t", text(vec!["text", "a", " ", "text", "a"])),
        ("k", text(vec!["one", "one", "ONE", "one", "one"])),
        ("d", text(vec!["2026-01-01", " 2026-01-01", "2026-1-1", "2026-01-01", "2026-01-01"])),
    ]);
    let options = BatchOptions { sector: Some("s".into()), parse_text: true, ..BatchOptions::default() };
    let grades = grader.grade_batch_with(&rows, &options).unwrap();
    let firms = [
        with(json!({"id": "1", "l": null})),
        with(json!({"id": "2", "l": null, "big": i64::MAX, "x": 2.0, "t": "a"})),
        json!(null),
        with(json!({"id": "4", "l": null, "b": null, "big": 1000, "x": 10.0})),
    ];
    for (row, firm) in firms.iter().enumerate().filter(|(_, firm)| !firm.is_null()) {
        assert_eq!(grades.grade(row).unwrap(), grader.grade_json(&firm.to_string()).unwrap(), "row {row}");
    }
    assert_eq!(
        errors(&grades.grade(2).unwrap()),
        [
            "`b` is `yes`; expected true or false",
            "`big` is `9223372036854775808`; expected a whole number of 64 bits",
            "`d` is `2026-1-1`; expected a date as YYYY-MM-DD",
            "`free` is `x`; expected a number",
            "`k` is `ONE`; expected one of `one`, `two`",
            "`n` is `5.5`; expected a whole number of 64 bits",
            "`x` is `NaN`; expected a finite number",
        ]
    );
    assert!(matches!(grades.grade(4), Err(FirmError::UnknownSector { .. })));
    assert_eq!(grades.tiers(4), None);
    assert_eq!(grades.counts(), ([4, 0, 0, 0], 1));
}
