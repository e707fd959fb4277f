//! Runs the binary on small files with a small book.
#![allow(dead_code, reason = "each test file uses some of it")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

pub const BOOK: [&str; 3] = ["--book", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/book"), "--no-standard"];
pub const DAY: [&str; 2] = ["--as-of", "2026-11-01"];

pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

pub fn run(args: &[&str]) -> Ran {
    let Output { status, stdout, stderr } =
        Command::new(env!("CARGO_BIN_EXE_risktier")).args(args).output().expect("the binary runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
    Ran { code: status.code(), out: text(stdout), err: text(stderr) }
}

/// Grades by the small book, as of a fixed day.
pub fn grade(args: &[&str]) -> Ran {
    run(&[&["grade"], args, &BOOK, &DAY].concat())
}

pub struct Folder(TempDir);

impl Folder {
    pub fn new() -> Folder {
        Folder(tempfile::tempdir().expect("a folder"))
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn text(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    pub fn with(self, name: &str, content: impl AsRef<[u8]>) -> Folder {
        fs::write(self.path(name), content).expect("a file");
        self
    }
}

pub fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.as_ref().display()))
}

/// A cell of the results.
pub fn cell(csv: &str, id: &str, column: &str) -> String {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let at = reader.headers().unwrap().iter().position(|name| name == column).expect("the column");
    let row = reader.records().map(Result::unwrap).find(|row| &row[0] == id);
    row.unwrap_or_else(|| panic!("no firm {id} in\n{csv}"))[at].to_owned()
}
