//! What firms can have: the keys that a book knows, and the facts that the rules of a sector read.

use std::collections::BTreeSet;

use risktier::{Date, Fact, Grader, ID_KEY, List, RuleBook, SECTOR_KEY};

/// The facts that the rules of a sector read.
#[derive(Debug, Default)]
pub struct SectorFacts<'b> {
    pub facts: Vec<&'b Fact>,
    pub lists: Vec<&'b List>,
}

/// The facts of a sector, in the order of the book; none if the book has no such sector.
pub fn of_sector<'b>(book: &'b RuleBook, sector: &str, date: Date) -> Option<SectorFacts<'b>> {
    let firm = serde_json::json!({ SECTOR_KEY: sector }).to_string();
    let explanation = book.as_of(date).explain_json(&firm).ok()?;
    let rules = explanation.sectors.iter().flat_map(|sector| &sector.rules);
    let read: BTreeSet<&str> = rules.flat_map(|rule| &rule.read).map(|read| &*read.fact).collect();
    Some(SectorFacts {
        facts: book.facts().iter().filter(|fact| read.contains(&*fact.name)).collect(),
        lists: book.lists().iter().filter(|list| read.contains(&*list.name)).collect(),
    })
}

/// A fact, a list, `id` or `sector`.
pub fn knows_key(grader: &Grader, key: &str) -> bool {
    let book = grader.book();
    key == ID_KEY
        || key == SECTOR_KEY
        || book.facts().iter().any(|fact| *fact.name == *key)
        || book.lists().iter().any(|list| *list.name == *key)
}
