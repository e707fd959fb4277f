//! Why a command could not run. What is wrong with a single firm is no error here: it travels with its grade.

use std::io;
use std::path::{Path, PathBuf};

use risktier::{BatchError, BookError, GradeError, Lang};

/// Every message names the file or argument, and says what was expected.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    #[error("cannot read `{}`: {error}", path.display())]
    Read { path: PathBuf, error: io::Error },
    #[error("cannot write `{}`: {error}; expected a folder that can be written to", path.display())]
    Write { path: PathBuf, error: String },
    #[error("cannot write to standard output: {0}")]
    Output(io::Error),
    #[error("`{}` has an ending that is not known; expected {expected}", path.display())]
    Ending { path: PathBuf, expected: &'static str },
    #[error("`{}` is not {expected}: {error}", path.display())]
    Content { path: PathBuf, expected: &'static str, error: String },
    #[error("`{}` has no column `{column}`; expected {expected}{}", path.display(), hint(nearest))]
    NoColumn { path: PathBuf, column: String, expected: String, nearest: Option<String> },
    #[error("`{}` has the column `{column}` twice; expected each name once: which is meant cannot be known", path.display())]
    ColumnTwice { path: PathBuf, column: String },
    #[error("the book has no {what} `{name}`; expected {expected}{}", hint(nearest))]
    Unknown { what: &'static str, name: String, expected: &'static str, nearest: Option<String> },
    #[error("`--{option} {value}`: expected {expected}")]
    Argument { option: &'static str, value: String, expected: String },
    #[error("`{}` has no rule scripts; expected files that end in .rhai", path.display())]
    NoScripts { path: PathBuf },
    #[error("the rule book has errors:\n{0}")]
    Book(#[from] BookError),
    #[error("`{}`: {error}", path.display())]
    Batch { path: PathBuf, error: BatchError },
    #[error("`{}`: {error}", path.display())]
    Firm { path: PathBuf, error: GradeError },
    #[error("cannot start {threads} threads: {error}; expected fewer with --threads")]
    Threads { threads: u16, error: String },
    #[error("the editor broke off: {0}; expected the Language Server Protocol")]
    Protocol(String),
    #[error("the results cannot be put together: {0}")]
    Results(String),
}

fn hint(nearest: &Option<String>) -> String {
    nearest.as_ref().map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}

impl CliError {
    pub fn read(path: &Path) -> impl FnOnce(io::Error) -> CliError {
        let path = path.to_owned();
        move |error| CliError::Read { path, error }
    }

    pub fn write<E: ToString>(path: &Path) -> impl FnOnce(E) -> CliError {
        let path = path.to_owned();
        move |error| CliError::Write { path, error: error.to_string() }
    }

    pub fn batch(path: &Path) -> impl FnOnce(BatchError) -> CliError {
        let path = path.to_owned();
        move |error| CliError::Batch { path, error }
    }

    /// In one language or the other, where the engine has both; else in English.
    pub fn message(&self, lang: Lang) -> String {
        match (self, lang) {
            (CliError::Book(error), Lang::Zh) => format!("规则册有错误：\n{}", error.render(lang)),
            _ => self.to_string(),
        }
    }
}
