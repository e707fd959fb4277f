//! The mapping file: which columns of a register are which facts, and how they are written there.

use std::collections::BTreeMap;
use std::path::Path;

use risktier::mapping::{CodeTable, Spec};

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
    pub codes: BTreeMap<String, CodeTable>,
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
