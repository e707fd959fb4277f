//! The two WebAssembly modules of the package `risktier`: the engine, which opens compiled books and grades, and (feature
//! `author`) the one that reads rule scripts.
//!
//! Records go in and out as JSON text in the forms of the core; the TypeScript beside it (`js/`) makes objects of them.
//! Columns go in as typed arrays.

#![allow(missing_docs, reason = "what is public here is documented in TypeScript, for those who see it")]

#[cfg(feature = "author")]
pub mod author;
pub mod book;
pub mod error;
pub mod grader;
pub mod grades;
pub mod register;
mod rows;
pub mod table;

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
