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

use risktier::{BookError, RuleBook};

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

/// Loads the standard book.
///
/// # Errors
/// None in a released version: the tests load it.
pub fn try_book() -> Result<RuleBook, BookError> {
    RuleBook::from_sources(sources())
}

/// The standard book.
///
/// # Panics
/// Never in a released version: the tests load it.
#[expect(clippy::panic, reason = "the scripts are part of this crate, and its tests load them")]
pub fn book() -> RuleBook {
    match try_book() {
        Ok(book) => book,
        Err(error) => panic!("the standard book has errors:\n{error}"),
    }
}

#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
