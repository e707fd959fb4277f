//! The corpus that every front end replays: firms of all sectors as JSON, and what the standard book makes of them, byte for
//! byte. `RISKTIER_UPDATE=1 cargo test -p risktier-tests --test corpus` writes what is expected anew.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use risktier::{Date, Explanation, GradeError, Grader};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct Header {
    book: String,
    engine: String,
    as_of: Date,
}

/// A grade without its identity is the same for every book that has the same rules for the firm.
#[derive(Serialize, Deserialize, PartialEq, Debug, Default)]
struct Expected {
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tier: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    best: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    worst: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<f64>,
    /// SHA-256 of the JSON of the grade, of its explanation, and of the three lists; without the identity.
    #[serde(skip_serializing_if = "Option::is_none")]
    grade: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lists: Option<String>,
}

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name)
}

fn grader() -> Grader {
    risktier_rules::book().as_of(Date::new(2026, 11, 1).unwrap())
}

fn firms() -> Vec<String> {
    fs::read_to_string(path("firms.jsonl")).unwrap().lines().map(str::to_owned).collect()
}

fn hash(grader: &Grader, value: &impl Serialize) -> String {
    let identity = format!(",\"identity\":{}", serde_json::to_string(&grader.identity()).unwrap());
    let text = serde_json::to_string(value).unwrap();
    assert_eq!(text.matches(&identity).count(), 1, "an identity in each answer");
    Sha256::digest(text.replace(&identity, "").as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn expected(grader: &Grader, result: Result<Explanation, GradeError>) -> Expected {
    match result {
        Err(error) => Expected { error: Some(error.to_string()), ..Expected::default() },
        Ok(explanation) => {
            let grade = &explanation.grade;
            let deciding = grade.sectors.iter().find(|sector| sector.sector == grade.decided_by);
            Expected {
                error: None,
                tier: Some(grade.tier.to_string()),
                best: Some(grade.best.to_string()),
                worst: Some(grade.worst.to_string()),
                score: deciding.and_then(|sector| sector.score).map(|score| score.value.to_f64()),
                grade: Some(hash(grader, grade)),
                explanation: Some(hash(grader, &explanation)),
                lists: Some(hash(grader, &grader.lists_of(&explanation))),
            }
        }
    }
}

#[test]
fn the_corpus_comes_out_byte_for_byte() {
    let grader = grader();
    let header =
        Header { book: grader.book().hash().into(), engine: risktier::ENGINE_VERSION.into(), as_of: grader.as_of() };
    let came: Vec<Expected> = firms().iter().map(|firm| expected(&grader, grader.explain_json(firm))).collect();
    if std::env::var_os("RISKTIER_UPDATE").is_some() {
        let lines = came.iter().map(|line| serde_json::to_string(line).unwrap());
        let text: Vec<String> = std::iter::once(serde_json::to_string(&header).unwrap()).chain(lines).collect();
        fs::write(path("grades.jsonl"), text.join("\n") + "\n").unwrap();
    }
    let text = fs::read_to_string(path("grades.jsonl")).unwrap();
    let mut lines = text.lines();
    let written: Header = serde_json::from_str(lines.next().unwrap()).unwrap();
    assert_eq!(
        written, header,
        "the corpus was graded by other rules: look at what changes, then RISKTIER_UPDATE=1 cargo test -p risktier-tests --test corpus"
    );
    let wanted: Vec<Expected> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(wanted.len(), came.len());
    for ((firm, wanted), came) in firms().iter().zip(&wanted).zip(&came) {
        assert_eq!(came, wanted, "{firm}");
    }
}

#[test]
fn the_corpus_in_one_batch_comes_out_as_one_by_one() {
    let grader = grader();
    let firms = firms();
    let texts: Vec<&str> = firms.iter().map(String::as_str).collect();
    let batch = grader.grade_json_batch(&texts, None).unwrap();
    for (row, firm) in texts.iter().enumerate() {
        let one = grader.explain_json(firm);
        let of_batch = batch.explain(row);
        match (one, of_batch) {
            (Ok(one), Ok(of_batch)) => {
                assert_eq!(serde_json::to_string(&one).unwrap(), serde_json::to_string(&of_batch).unwrap(), "{firm}");
                assert_eq!(batch.tiers(row), Some((one.grade.tier, one.grade.best, one.grade.worst)), "{firm}");
            }
            (Err(one), Err(of_batch)) => assert_eq!(one.to_string(), of_batch.to_string(), "{firm}"),
            (one, of_batch) => panic!("{firm}: {one:?} alone, {of_batch:?} in the batch"),
        }
    }
}

#[test]
fn the_corpus_has_what_it_should_have() {
    let grader = grader();
    let grades: Vec<_> = firms().iter().filter_map(|firm| grader.grade_json(firm).ok()).collect();
    let sectors: BTreeSet<_> = grades.iter().flat_map(|grade| &grade.sectors).map(|sector| &*sector.sector).collect();
    assert_eq!(sectors.len(), grader.book().sectors().len(), "every sector");
    let tiers: BTreeSet<_> = grades.iter().map(|grade| grade.tier).collect();
    assert_eq!(tiers.len(), 4, "every tier");
    let some = |is: &dyn Fn(&risktier::Grade) -> bool| grades.iter().filter(|grade| is(grade)).count();
    assert!(some(&|grade| !grade.data_errors.is_empty()) > 20);
    assert!(some(&|grade| grade.settled) > 20 && some(&|grade| !grade.settled) > 20);
    assert!(some(&|grade| grade.sectors.len() > 1) > 2 && some(&|grade| !grade.errors.is_empty()) > 0);
}
