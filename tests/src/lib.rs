//! Generators and oracles for the tests of the whole project: random conditions of the rule language with what they
//! mean by the tables of the semantics ([`reference`]), and by Rhai's own interpreter ([`oracle`]); random firms as
//! JSON text, as Arrow columns and as tables in memory; and whole books.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unreachable,
    clippy::print_stdout,
    missing_docs,
    reason = "all of this crate is test code"
)]

pub mod arrow;
pub mod book;
pub mod expr;
pub mod firm;
pub mod generate;
pub mod hindcast;
pub mod oracle;
pub mod reference;
pub mod rng;
pub mod schema;
pub mod table;
