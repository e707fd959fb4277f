//! The analysis finds nothing odd in the standard book.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, reason = "tests")]

use risktier::{Date, Lang, RuleBook};

#[test]
fn the_standard_book_is_clean() {
    let day = Date::new(2026, 11, 1).unwrap();
    let analysis = RuleBook::from_sources(risktier_rules::sources()).unwrap().as_of(day).check();
    let shown: Vec<String> = analysis.findings.iter().map(|one| one.render(Lang::En)).collect();
    assert!(shown.is_empty(), "{} findings:\n{}", shown.len(), shown.join("\n"));
    // No firm gets a better tier by getting worse in any of these.
    assert!(analysis.directions.proved.len() > 900, "{}", analysis.directions.proved.len());
    assert!(analysis.directions.undecided.is_empty(), "{:?}", analysis.directions.undecided);
    // A compiled book is the book that it was made of, so it says the same of itself.
    assert_eq!(risktier_rules::book().as_of(day).check().directions, analysis.directions);
}
