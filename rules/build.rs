//! Lists the scripts and examples of the book, so that a new file is in it without being named anywhere; and compiles the
//! scripts, so that nobody who opens the book waits for them to be read.

use std::fmt::Write;
use std::path::Path;
use std::{env, fs, io};

use risktier::{Lang, RuleBook};

fn main() -> io::Result<()> {
    let root = env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?;
    let mut code = String::from("&[\n");
    let mut scripts = RuleBook::builder();
    for folder in ["shared", "sectors"] {
        println!("cargo:rerun-if-changed={folder}");
        let folder_path = Path::new(&root).join(folder);
        let mut names = Vec::new();
        for entry in fs::read_dir(&folder_path)? {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        names.sort();
        for name in names.iter().filter(|name| name.ends_with(".rhai") || name.ends_with(".json")) {
            let path = folder_path.join(name);
            writeln!(code, "    ({:?}, include_str!({:?})),", format!("{folder}/{name}"), path)
                .map_err(io::Error::other)?;
            if name.ends_with(".rhai") {
                scripts = scripts.source(format!("{folder}/{name}"), fs::read_to_string(path)?);
            }
        }
    }
    code.push_str("]\n");
    let out = env::var("OUT_DIR").map_err(io::Error::other)?;
    fs::write(Path::new(&out).join("files.rs"), code)?;
    // A book with errors does not get into a build; `risktier check` says the same without one.
    let book = scripts.build().map_err(|error| io::Error::other(format!("\n{}", error.render(Lang::En))))?;
    fs::write(Path::new(&out).join("standard.book"), book.to_compiled())
}
