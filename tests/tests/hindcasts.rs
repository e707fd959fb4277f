//! Real disasters: what the book would have said the day before.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::fs;
use std::path::{Path, PathBuf};

use risktier::Tier;
use risktier_tests::hindcast::{Expected, Hindcast, page};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("hindcasts")
}

fn cases() -> Vec<(String, Hindcast)> {
    let mut cases = Vec::new();
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "json") {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let case = Hindcast::read(&fs::read_to_string(&path).unwrap());
            cases.push((name.clone(), case.unwrap_or_else(|error| panic!("{name}: {error}"))));
        }
    }
    cases.sort_by_key(|(name, _)| name.clone());
    cases
}

#[test]
fn todays_book_sees_what_was_on_record() {
    let book = risktier_rules::book();
    let cases = cases();
    assert!(cases.len() >= 17, "{}", cases.len());
    for (name, case) in &cases {
        for grade in [case.then(&book), case.today(&book, false)] {
            assert!(
                grade.data_errors.is_empty() && grade.errors.is_empty(),
                "{name}: {:?} {:?}",
                grade.data_errors,
                grade.errors
            );
        }
        let today = case.today(&book, false);
        match case.expected {
            Expected::Red => assert_eq!(today.tier, Tier::Red, "{name}"),
            // What is known convicts nobody; that something unknown could is not asked.
            Expected::NotRed => assert!(today.tier < Tier::Red && case.then(&book).tier < Tier::Red, "{name}"),
        }
    }
}

#[test]
fn the_page_is_current() {
    let path = folder().join("README.md");
    let page = page(&risktier_rules::book(), &cases());
    if std::env::var_os("RISKTIER_UPDATE").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page,
        "tests/hindcasts/README.md is not what the book says now: run with RISKTIER_UPDATE=1 and look at the change"
    );
}
