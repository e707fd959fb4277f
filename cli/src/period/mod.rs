//! What `risktier grade` and `risktier follow` wrote of a period, read again.

mod grades;
mod lists;

pub use grades::grades;
pub use lists::{each_firm, followed, hazards_before};

use std::path::{Path, PathBuf};

use risktier::Date;

use crate::error::CliError;
use crate::read::content;

/// The grades of a folder, in the first of the formats that is there.
pub fn grades_file(folder: &Path) -> Option<PathBuf> {
    ["grades.csv", "grades.jsonl", "grades.parquet"].iter().map(|name| folder.join(name)).find(|path| path.is_file())
}

/// A file of a folder, if it is there.
pub fn file(folder: &Path, name: &str) -> Option<PathBuf> {
    Some(folder.join(name)).filter(|path| path.is_file())
}

/// What `summary.json` says of the grading.
#[derive(Debug, serde::Deserialize)]
pub struct Graded {
    pub as_of: Date,
    pub book: String,
    pub engine: String,
}

/// Reads the `summary.json` of a folder.
///
/// # Errors
/// If it is not there, or does not say when and by what was graded.
pub fn graded(folder: &Path) -> Result<Graded, CliError> {
    let path = folder.join("summary.json");
    let text = std::fs::read_to_string(&path).map_err(CliError::read(&path))?;
    serde_json::from_str(&text).map_err(|error| content(&path, "the summary that `risktier grade --out` writes", error))
}
