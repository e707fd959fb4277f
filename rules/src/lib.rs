//! The standard book of [`risktier`]: rule scripts for the sectors, with their citations, embedded.
//!
//! The choice of sectors, key fields, and of a colour for each criterion is this project's own; it is no official list.
//! Where a rule says `RECALLED`, its clause was not read by its author: check it before relying on it.
//!
//! ```
//! use risktier::{Date, Tier};
//!
//! let grader = risktier_rules::book().as_of(Date::new(2026, 11, 1).unwrap());
//! let grade = grader.grade_json(r#"{"sector": "fireworks", "building_use_changed": true}"#).unwrap();
//! assert_eq!(grade.tier, Tier::Red);
//! ```

#![forbid(unsafe_code)]

use risktier::{CompiledBookError, RuleBook};

/// Every script and every file of examples, by name.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// The rule scripts: name, such as `sectors/fireworks.rhai`, and text.
pub fn sources() -> impl Iterator<Item = (&'static str, &'static str)> {
    FILES.iter().copied().filter(|(name, _)| name.ends_with(".rhai"))
}

/// The examples beside the scripts: name, such as `sectors/fireworks.examples.json`, and text.
pub fn examples() -> impl Iterator<Item = (&'static str, &'static str)> {
    FILES.iter().copied().filter(|(name, _)| name.ends_with(".examples.json"))
}

/// The book as `RuleBook::to_compiled` of the engine gave it when this crate was built.
pub fn compiled() -> &'static [u8] {
    include_bytes!(concat!(env!("OUT_DIR"), "/standard.book"))
}

/// The standard book, with its scripts. It was compiled when this crate was built, so this takes some milliseconds.
///
/// # Errors
/// None in a released version: the tests open it.
pub fn try_book() -> Result<RuleBook, CompiledBookError> {
    RuleBook::from_compiled(compiled())?.with_sources(sources())
}

/// The standard book.
///
/// # Panics
/// Never in a released version: the tests open it.
#[expect(clippy::panic, reason = "the book is part of this crate, and its tests open it")]
pub fn book() -> RuleBook {
    match try_book() {
        Ok(book) => book,
        Err(error) => panic!("the standard book: {error}"),
    }
}

#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
