//! Writes the standard book into a folder, as the package ships it: compiled, and its scripts with their examples as JSON.
#![allow(missing_docs, reason = "a program")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let folder = PathBuf::from(env::args().nth(1).ok_or_else(|| io::Error::other("expected a folder"))?);
    fs::write(folder.join("standard.book"), risktier_rules::compiled())?;
    let sources: BTreeMap<&str, &str> = risktier_rules::sources().chain(risktier_rules::examples()).collect();
    fs::write(folder.join("standard.sources.json"), serde_json::to_string(&sources)?)
}
