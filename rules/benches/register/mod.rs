//! A register of all forty sectors: the firms of the examples beside the scripts, over and over.

#[path = "../../tests/columns/mod.rs"]
mod columns;

use std::collections::BTreeMap;

use arrow_array::RecordBatch;
use columns::{Facts, batch};
use risktier::{ExampleFile, Grader, RuleBook, SectorFacts};

/// Firms of a sector.
pub const FIRMS_A_SECTOR: usize = 500;
/// Firms of all sectors.
pub const FIRMS: usize = 40 * FIRMS_A_SECTOR;

/// Firms of each sector, from its examples.
pub fn firms() -> BTreeMap<String, Vec<Facts>> {
    let mut firms: BTreeMap<String, Vec<Facts>> = BTreeMap::new();
    for (name, text) in risktier_rules::examples().filter(|(name, _)| name.starts_with("sectors/")) {
        let sector = name.trim_start_matches("sectors/").trim_end_matches(".examples.json");
        let all: Vec<Facts> = ExampleFile::read(text).unwrap().firms().collect();
        firms.insert(sector.to_owned(), all.into_iter().cycle().take(FIRMS_A_SECTOR).collect());
    }
    assert_eq!(firms.len(), 40);
    firms
}

/// A firm of each sector in turn: the worst order for whoever wants neighbours alike.
pub fn in_turn(book: &RuleBook, firms: &BTreeMap<String, Vec<Facts>>) -> RecordBatch {
    let firms: Vec<Facts> =
        (0..FIRMS_A_SECTOR).flat_map(|at| firms.values().map(move |firms| firms[at].clone())).collect();
    let everything = SectorFacts { facts: book.facts().iter().collect(), lists: book.lists().iter().collect() };
    batch(&everything, &firms)
}

/// A batch for each sector.
#[allow(dead_code, reason = "each benchmark has a copy of this module, and takes from it what it wants")]
pub fn one_each(grader: &Grader, firms: &BTreeMap<String, Vec<Facts>>) -> Vec<RecordBatch> {
    firms.iter().map(|(sector, firms)| batch(&grader.facts_of(sector).unwrap(), firms)).collect()
}
