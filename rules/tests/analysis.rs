//! The analysis finds nothing odd in the standard book.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "tests")]

use risktier::{Date, Lang, RuleBook};

#[test]
fn the_standard_book_is_clean() {
    let book = RuleBook::from_sources(risktier_rules::sources()).unwrap();
    let analysis = book.as_of(Date::new(2026, 11, 1).unwrap()).check();
    let findings = analysis.findings;

    let shown: Vec<String> = findings.iter().map(|one| one.render(Lang::En)).collect();
    assert!(findings.is_empty(), "{} findings:\n{}", findings.len(), shown.join("\n"));
}
