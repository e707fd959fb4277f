//! The analysis finds nothing odd in the standard book.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, reason = "tests")]

use risktier::{Date, Lang, RuleBook};

#[test]
fn the_standard_book_is_clean() {
    let book = RuleBook::from_sources(risktier_rules::sources()).unwrap();
    let analysis = book.as_of(Date::new(2026, 11, 1).unwrap()).check();
    let shown: Vec<String> = analysis.findings.iter().map(|one| one.render(Lang::En)).collect();
    assert!(shown.is_empty(), "{} findings:\n{}", shown.len(), shown.join("\n"));
    // No firm gets a better tier by getting worse in any of these.
    assert!(analysis.directions.proved.len() > 900, "{}", analysis.directions.proved.len());
    assert!(analysis.directions.undecided.is_empty(), "{:?}", analysis.directions.undecided);
}

/// A compiled book is the book that it was made of, so it says the same of itself.
#[test]
fn the_compiled_book_is_analysed_like_the_scripts() {
    let day = Date::new(2026, 11, 1).unwrap();
    let [read, compiled] = [RuleBook::from_sources(risktier_rules::sources()).unwrap(), risktier_rules::book()]
        .map(|book| book.as_of(day).check().directions);
    assert_eq!(read, compiled);
}
