//! The WebAssembly modules of the package `risktier`, one for each feature: `firm` grades and explains one firm, `batch` grades
//! tables, `workbook` writes lists as one, `author` reads rule scripts and compiles them. The first three open compiled books.
//!
//! Records go in and out as JSON text in the forms of the core; the TypeScript beside it (`js/`) makes objects of them.
//! Columns go in as typed arrays.

#![allow(missing_docs, reason = "what is public here is documented in TypeScript, for those who see it")]
#![cfg_attr(
    not(any(feature = "batch", feature = "firm", feature = "workbook")),
    allow(dead_code, unused_imports, reason = "shared by the modules")
)]

#[cfg(feature = "author")]
pub mod author;
#[cfg(any(feature = "batch", feature = "firm", feature = "workbook"))]
pub mod book;
pub mod error;
#[cfg(feature = "firm")]
mod firm;
#[cfg(any(feature = "batch", feature = "firm", feature = "workbook"))]
pub mod grader;
#[cfg(feature = "batch")]
pub mod grades;
#[cfg(feature = "batch")]
pub mod register;
#[cfg(feature = "batch")]
mod rows;
#[cfg(feature = "batch")]
pub mod table;
#[cfg(feature = "workbook")]
mod workbook;

use risktier::{Date, Lang};

use error::Failure;

/// The version of the engine; part of the identity of every grade.
#[wasm_bindgen::prelude::wasm_bindgen(js_name = engineVersion)]
pub fn engine_version() -> String {
    risktier::ENGINE_VERSION.to_owned()
}

fn language(lang: &str) -> Result<Lang, Failure> {
    match lang {
        "en" => Ok(Lang::En),
        "zh" => Ok(Lang::Zh),
        other => Err(Failure::new("ARGUMENT", format!("lang is `{other}`; expected `en` or `zh`"))),
    }
}

fn day(text: &str) -> Result<Date, Failure> {
    text.parse().map_err(|error: risktier::ParseDateError| Failure::new("ARGUMENT", error.to_string()))
}

/// What the core serializes, as JSON.
fn json(value: &impl serde::Serialize) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(|error| Failure::new("ARGUMENT", error.to_string()))
}
