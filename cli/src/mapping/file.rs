//! The mapping file: which columns of a register are which facts, and how they are written there.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

use super::reading::Combine;
use crate::error::CliError;

/// A whole mapping file.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MapFile {
    /// Column of the firm's id.
    pub id: Option<String>,
    /// Column of the firm's name.
    pub name: Option<String>,
    /// Columns that are handed through to the results.
    #[serde(default)]
    pub keep: Vec<String>,
    /// Where the sector is read.
    pub sector: Option<Spec>,
    /// Code tables by name.
    #[serde(default)]
    pub codes: BTreeMap<String, BTreeMap<String, toml::Value>>,
    /// By fact.
    #[serde(default)]
    pub facts: BTreeMap<String, Spec>,
    /// By list.
    #[serde(default)]
    pub lists: BTreeMap<String, ListSpec>,
}

/// A list that comes from a table of its own.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListSpec {
    /// The table, beside the first file of firms.
    pub file: Option<String>,
    /// Column of the firm's id there.
    pub id: Option<String>,
    /// The table is not complete: a firm without a row there has an unknown list.
    #[serde(default)]
    pub partial: bool,
    /// Only some of its rows.
    pub rows: Option<RowSpec>,
    /// By field.
    #[serde(default)]
    pub fields: BTreeMap<String, Spec>,
}

/// Which rows of a table belong to a list.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowSpec {
    pub column: String,
    pub is: Vec<String>,
}

/// How a fact is read: the name of a column, or more.
#[derive(Debug, Default, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Full {
    column: Option<String>,
    #[serde(default)]
    columns: Vec<String>,
    #[serde(default)]
    combine: Combine,
    value: Option<toml::Value>,
    codes: Option<CodesSpec>,
    #[serde(default)]
    thousands: bool,
    #[serde(default)]
    percent: bool,
    date: Option<String>,
    times: Option<f64>,
    from: Option<String>,
}

/// The name of a code table, or the table itself.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(untagged)]
pub enum CodesSpec {
    Named(String),
    Here(BTreeMap<String, toml::Value>),
}

/// How a fact is read.
#[derive(Debug, Clone)]
pub struct Spec {
    pub columns: Vec<String>,
    pub combine: Combine,
    pub value: Option<toml::Value>,
    pub codes: Option<CodesSpec>,
    pub thousands: bool,
    pub percent: bool,
    pub date: Option<String>,
    pub times: Option<f64>,
    pub from: Option<String>,
}

impl From<Full> for Spec {
    fn from(full: Full) -> Spec {
        let mut columns = full.columns;
        columns.extend(full.column);
        let Full { combine, value, codes, thousands, percent, date, times, from, .. } = full;
        Spec { columns, combine, value, codes, thousands, percent, date, times, from }
    }
}

impl<'de> Deserialize<'de> for Spec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Spec, D::Error> {
        struct ColumnOrMore;
        impl<'de> Visitor<'de> for ColumnOrMore {
            type Value = Spec;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a column, or a table such as { column = \"...\", from = \"kg\" }")
            }

            fn visit_str<E>(self, column: &str) -> Result<Spec, E> {
                Ok(Full { column: Some(column.to_owned()), ..Full::default() }.into())
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Spec, A::Error> {
                Full::deserialize(MapAccessDeserializer::new(map)).map(Spec::from)
            }
        }
        deserializer.deserialize_any(ColumnOrMore)
    }
}

/// Reads a mapping file.
///
/// # Errors
/// If it cannot be read, or is no mapping; with line and column.
pub fn read(path: &Path) -> Result<MapFile, CliError> {
    let text = std::fs::read_to_string(path).map_err(CliError::read(path))?;
    toml::from_str(&text).map_err(|error| CliError::Content {
        path: path.to_owned(),
        expected: "a mapping in TOML",
        error: error.to_string(),
    })
}

/// A value of TOML as the text of a cell.
pub fn text(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
