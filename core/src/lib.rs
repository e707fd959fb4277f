//! Grades enterprises into four safety-risk tiers (red, orange, yellow, blue) from rules written in
//! [Rhai](https://rhai.rs), and says why.
//!
//! ```text
//! scripts ─▶ RuleBook ──as_of(date)──▶ Grader ──▶ Grade
//! ```
//!
//! A [`RuleBook`] is built from rule scripts in memory; [`RuleBook::as_of`] gives a [`Grader`] for a grading date; the
//! grader grades one firm ([`Grader::grade_json`], [`Grader::grade`]) or a batch ([`Grader::grade_batch`], feature
//! `arrow`) and explains a grade ([`Grader::explain`]).
//!
//! An unknown fact or an error never lowers a tier: it leaves rules *undetermined*, and the [`Grade`] says which tiers
//! are still possible and which facts would settle them. The engine knows no law; the rule scripts do.

#![forbid(unsafe_code)]

#[cfg(feature = "assist")]
pub mod assist;
mod book;
mod date;
#[cfg(feature = "scripts")]
mod diagnostic;
mod examples;
mod expr;
mod facts;
mod grade;
mod lang;
mod lists;
#[cfg(feature = "mapping")]
pub mod mapping;
mod plan;
mod points;
#[cfg(feature = "scripts")]
mod script;
mod site;
mod tier;
mod value;

pub use book::*;
pub use date::{Date, ParseDateError};
#[cfg(feature = "scripts")]
pub use diagnostic::{BookError, Diagnostic, Severity};
pub use examples::{
    AtomCoverage, AtomShown, Coverage, ExampleCase, ExampleFile, ExampleFileError, ExampleReport, Mutated, Mutation,
    RuleCoverage, Suggestion, SurvivingMutant,
};
pub use expr::FaultKind;
pub use facts::*;
pub use grade::*;
pub use lang::{Label, Lang};
pub use lists::*;
pub use points::Points;
pub use site::Site;
pub use tier::Tier;
pub use value::{Type, Value};

/// The version of this engine; part of the identity of every grade.
pub const ENGINE_VERSION: &str = env!("CARGO_PKG_VERSION");
