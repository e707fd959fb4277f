//! Every example beside the scripts: through the executor for one firm, and all of a file through the columns executor
//! in one batch. Every rule fires in one example and is clear in another.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow_array::builder::{BooleanBuilder, Float64Builder, Int64Builder, ListBuilder, StringBuilder, StructBuilder};
use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Fields};
use risktier::{Date, Grade, Grader, RuleBook, Tier, Type};
use serde::Deserialize;
use serde_json::{Map, Value};

type Facts = Map<String, Value>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Examples {
    sector: String,
    as_of: Date,
    sound: Facts,
    rules: Vec<RuleExamples>,
    #[serde(default)]
    grades: Vec<GradeExample>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleExamples {
    rule: String,
    fires: Vec<Facts>,
    clear: Vec<Facts>,
    #[serde(default)]
    undetermined: Vec<Facts>,
    /// Where the rule was in force only before the date of the file.
    #[serde(default)]
    as_of: Option<Date>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GradeExample {
    name: String,
    facts: Facts,
    tier: Tier,
    #[serde(default)]
    score: Option<f64>,
    #[serde(default)]
    measures: BTreeMap<String, Value>,
    #[serde(default)]
    best: Option<Tier>,
    #[serde(default)]
    worst: Option<Tier>,
    #[serde(default)]
    as_of: Option<Date>,
    #[serde(default, rename = "comment")]
    #[expect(dead_code, reason = "for readers: where the expected values come from")]
    comment: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Wanted {
    Fired,
    Clear,
    Undetermined,
}

fn files() -> Vec<(&'static str, Examples)> {
    let read = |(name, text)| match serde_json::from_str(text) {
        Ok(examples) => (name, examples),
        Err(error) => panic!("{name}: {error}"),
    };
    risktier_rules::examples().map(read).collect()
}

fn firm(examples: &Examples, change: &Facts) -> Facts {
    let mut facts = examples.sound.clone();
    facts.extend(change.clone());
    facts.insert("sector".into(), examples.sector.clone().into());
    facts
}

fn outcome(grade: &Grade, rule: &str) -> Wanted {
    let sector = &grade.sectors[0];
    if sector.fired.iter().any(|fired| &*fired.rule == rule) {
        Wanted::Fired
    } else if sector.undetermined.iter().any(|open| &*open.rule == rule) {
        Wanted::Undetermined
    } else {
        Wanted::Clear
    }
}

#[test]
fn every_example_of_a_rule_comes_out_as_it_says() {
    let book = risktier_rules::book();
    for (name, examples) in files() {
        for case in &examples.rules {
            let rule = book.rule(&case.rule).unwrap_or_else(|| panic!("{name}: no rule {}", case.rule));
            let day = case.as_of.unwrap_or(examples.as_of);
            assert!(rule.in_force(day), "{name}: {} is not in force on {day}", case.rule);
            assert!(!case.fires.is_empty() && !case.clear.is_empty(), "{name}: {} needs both", case.rule);
            let grader = book.as_of(day);
            let cases = [
                (&case.fires, Wanted::Fired),
                (&case.clear, Wanted::Clear),
                (&case.undetermined, Wanted::Undetermined),
            ];
            for (changes, wanted) in cases {
                for change in changes {
                    let grade = grader.grade_value(&firm(&examples, change).into()).unwrap();
                    assert_eq!(grade.data_errors, [], "{name}: {} with {change:?}", case.rule);
                    assert_eq!(
                        outcome(&grade, &case.rule),
                        wanted,
                        "{name}: {} with {}",
                        case.rule,
                        Value::from(change.clone())
                    );
                }
            }
        }
    }
}

#[test]
fn every_example_of_a_grade_comes_out_as_it_says() {
    let book = risktier_rules::book();
    for (name, examples) in files() {
        for case in &examples.grades {
            let grader = book.as_of(case.as_of.unwrap_or(examples.as_of));
            let grade = grader.grade_value(&firm(&examples, &case.facts).into()).unwrap();
            let sector = &grade.sectors[0];
            let why = format!("{name}: {}: fired {:?}, open {:?}", case.name, sector.fired, sector.undetermined);
            assert_eq!(grade.data_errors, [], "{why}");
            assert_eq!(grade.tier, case.tier, "{why}");
            if let Some(score) = case.score {
                assert_eq!(sector.score.unwrap().value.to_f64(), score, "{why}");
            }
            assert_eq!(grade.best, case.best.unwrap_or(grade.best), "{why}");
            assert_eq!(grade.worst, case.worst.unwrap_or(grade.worst), "{why}");
            for (measure, value) in &case.measures {
                let found = sector.measures.iter().find(|known| &*known.name == measure).expect(measure);
                match (value.as_f64(), found.value.as_ref().and_then(|value| value.to_string().parse::<f64>().ok())) {
                    (Some(wanted), Some(found)) => {
                        assert!((wanted - found).abs() < 1e-9, "{measure} is {found}: {why}")
                    }
                    (None, None) => assert!(value.is_null(), "{measure}: {why}"),
                    (wanted, found) => panic!("{measure} is {found:?}, not {wanted:?}: {why}"),
                }
            }
        }
    }
}

#[test]
fn every_rule_has_examples_both_ways() {
    let book = risktier_rules::book();
    let named: BTreeSet<String> = files().into_iter().flat_map(|(_, file)| file.rules).map(|case| case.rule).collect();
    let without: Vec<&str> = book.rules().iter().map(|rule| &*rule.id).filter(|id| !named.contains(*id)).collect();
    assert_eq!(without, [""; 0], "rules without examples");
}

#[test]
fn the_book_has_no_warnings() {
    let book = risktier_rules::book();
    let warnings: Vec<String> = book.warnings().iter().map(ToString::to_string).collect();
    assert_eq!(warnings, [""; 0]);
}

/// All examples of a file as one Arrow batch.
fn batch(book: &RuleBook, firms: &[Facts]) -> RecordBatch {
    let mut columns: Vec<(String, ArrayRef)> = Vec::new();
    let texts = |name: &str| firms.iter().map(|firm| firm.get(name).and_then(Value::as_str)).collect::<Vec<_>>();
    columns.push(("sector".into(), Arc::new(StringArray::from(texts("sector")))));
    for fact in book.facts() {
        let values = firms.iter().map(|firm| firm.get(&*fact.name));
        let array: ArrayRef = match fact.ty {
            Type::Bool => {
                Arc::new(values.map(|value| value.and_then(Value::as_bool)).collect::<arrow_array::BooleanArray>())
            }
            Type::Int => {
                Arc::new(values.map(|value| value.and_then(Value::as_i64)).collect::<arrow_array::Int64Array>())
            }
            Type::Float => {
                Arc::new(values.map(|value| value.and_then(Value::as_f64)).collect::<arrow_array::Float64Array>())
            }
            Type::Text | Type::Date => Arc::new(StringArray::from(texts(&fact.name))),
        };
        columns.push((fact.name.to_string(), array));
    }
    for list in book.lists() {
        let fields: Fields = list
            .fields
            .iter()
            .map(|field| {
                let ty = match field.ty {
                    Type::Bool => DataType::Boolean,
                    Type::Int => DataType::Int64,
                    Type::Float => DataType::Float64,
                    Type::Text | Type::Date => DataType::Utf8,
                };
                Field::new(&*field.name, ty, true)
            })
            .collect();
        let mut builder = ListBuilder::new(StructBuilder::from_fields(fields, 0));
        for firm in firms {
            let items = firm.get(&*list.name).and_then(Value::as_array);
            for item in items.into_iter().flatten() {
                let record = builder.values();
                for (at, field) in list.fields.iter().enumerate() {
                    let value = item.get(&*field.name);
                    match field.ty {
                        Type::Bool => record
                            .field_builder::<BooleanBuilder>(at)
                            .unwrap()
                            .append_option(value.and_then(Value::as_bool)),
                        Type::Int => record
                            .field_builder::<Int64Builder>(at)
                            .unwrap()
                            .append_option(value.and_then(Value::as_i64)),
                        Type::Float => record
                            .field_builder::<Float64Builder>(at)
                            .unwrap()
                            .append_option(value.and_then(Value::as_f64)),
                        Type::Text | Type::Date => {
                            record
                                .field_builder::<StringBuilder>(at)
                                .unwrap()
                                .append_option(value.and_then(Value::as_str));
                        }
                    }
                }
                record.append(true);
            }
            builder.append(items.is_some());
        }
        columns.push((list.name.to_string(), Arc::new(builder.finish())));
    }
    RecordBatch::try_from_iter(columns).unwrap()
}

fn without_unneeded(mut grade: Grade) -> Grade {
    grade.id = None;
    grade
}

#[test]
fn one_batch_of_all_examples_equals_one_firm_at_a_time() {
    let book = risktier_rules::book();
    for (name, examples) in files() {
        let grader: Grader = book.as_of(examples.as_of);
        let rules =
            examples.rules.iter().flat_map(|case| case.fires.iter().chain(&case.clear).chain(&case.undetermined));
        let grades = examples.grades.iter().map(|case| &case.facts);
        let firms: Vec<Facts> = rules.chain(grades).map(|change| firm(&examples, change)).collect();
        let graded = grader.grade_batch(&batch(&book, &firms)).unwrap();
        for (row, firm) in firms.iter().enumerate() {
            let one = grader.grade_value(&firm.clone().into()).unwrap();
            assert_eq!(without_unneeded(graded.grade(row).unwrap()), one, "{name}: {}", Value::from(firm.clone()));
            assert_eq!(
                graded.tiers(row),
                Some((one.tier, one.best, one.worst)),
                "{name}: {}",
                Value::from(firm.clone())
            );
        }
    }
}
