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

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow_array::builder::{BooleanBuilder, Float64Builder, Int64Builder, ListBuilder, StringBuilder, StructBuilder};
use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Fields};
use risktier::{ExampleFile, Grade, Grader, RuleBook, Type};
use serde_json::{Map, Value};

type Facts = Map<String, Value>;

fn files() -> Vec<(&'static str, ExampleFile)> {
    let read = |(name, text)| match ExampleFile::read(text) {
        Ok(file) => (name, file),
        Err(error) => panic!("{name}: {error}"),
    };
    risktier_rules::examples().map(read).collect()
}

#[test]
fn every_example_comes_out_as_it_says() {
    let report = risktier_rules::book().run_examples(risktier_rules::examples());
    let failed: Vec<String> = report.failed().map(ToString::to_string).collect();
    assert!(failed.is_empty(), "{} of {} fail:\n{}", failed.len(), report.cases.len(), failed.join("\n"));
    assert!(report.passed() > 2000, "{} cases: most of the examples were not run", report.passed());
}

#[test]
fn every_rule_has_examples_both_ways() {
    let book = risktier_rules::book();
    let files = files();
    let named: BTreeSet<&str> = files.iter().flat_map(|(_, file)| file.rules()).collect();
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
        let grader: Grader = book.as_of(examples.as_of());
        let firms: Vec<Facts> = examples.firms().collect();
        let graded = grader.grade_batch(&batch(&book, &firms)).unwrap();
        let texts: Vec<String> = firms.iter().map(|firm| Value::from(firm.clone()).to_string()).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let from_texts = grader.grade_json_batch(&texts, None).unwrap();
        for (row, firm) in firms.iter().enumerate() {
            let one = grader.grade_value(&firm.clone().into()).unwrap();
            assert_eq!(from_texts.grade(row).unwrap(), one, "{name}: {}", Value::from(firm.clone()));
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
