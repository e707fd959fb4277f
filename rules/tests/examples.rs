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

mod columns;

use std::collections::BTreeSet;

use columns::{Facts, batch};
use risktier::{ExampleFile, Grade, Grader, SectorFacts};
use serde_json::Value;

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
    let book = risktier::RuleBook::from_sources(risktier_rules::sources()).unwrap();
    let warnings: Vec<String> = book.warnings().iter().map(ToString::to_string).collect();
    assert_eq!(warnings, [""; 0]);
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
        let everything = SectorFacts { facts: book.facts().iter().collect(), lists: book.lists().iter().collect() };
        let graded = grader.grade_batch(&batch(&everything, &firms)).unwrap();
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
