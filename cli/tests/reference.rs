//! The book as pages: those that are committed are what the scripts say now.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn committed() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../rules/reference")
}

fn write(out: &Path) {
    let run = Command::new(env!("CARGO_BIN_EXE_risktier")).args(["reference", "--out"]).arg(out).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
}

fn pages(folder: &Path) -> BTreeMap<String, String> {
    let mut pages = BTreeMap::new();
    for below in ["", "sectors", "parts"] {
        for entry in fs::read_dir(folder.join(below)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let name = path.strip_prefix(folder).unwrap().to_string_lossy().replace('\\', "/");
                pages.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    pages
}

#[test]
fn the_committed_reference_is_current() {
    let out = tempfile::tempdir().unwrap();
    write(out.path());
    let (now, before) = (pages(out.path()), pages(&committed()));
    assert!(
        now.keys().eq(before.keys()),
        "other pages: write them anew with `risktier reference --out rules/reference`"
    );
    for (name, page) in &now {
        let first = page.lines().zip(before[name].lines()).find(|(now, before)| now != before);
        assert!(
            *page == before[name],
            "rules/reference/{name} is not what the scripts say: write it anew with `risktier reference --out rules/reference`; \
             first difference: {first:?}"
        );
    }
}

#[test]
fn every_rule_and_every_fact_that_is_read_stands_on_a_page() {
    let pages = pages(&committed());
    let book = risktier_rules::book();
    let all: String = pages.values().cloned().collect();
    for rule in book.rules() {
        assert_eq!(all.matches(&format!("**{}**", rule.id)).count(), 1, "{}", rule.id);
        assert!(all.contains(&*rule.finding.zh.replace('|', "\\|")), "{}", rule.id);
    }
    let read = book.facts_read_by(book.rules());
    for fact in read.facts {
        assert!(all.contains(&format!("| `{}` | {}", fact.name, fact.label.en.replace('|', "\\|"))), "{}", fact.name);
    }
    for list in read.lists {
        assert!(all.contains(&format!("### List `{}`", list.name)), "{}", list.name);
    }
    for sector in book.sectors() {
        assert!(pages["README.md"].contains(&format!("sectors/{}.md", sector.id)), "{}", sector.id);
    }
}

#[test]
fn writing_anew_removes_old_pages_and_nothing_else() {
    let out = tempfile::tempdir().unwrap();
    write(out.path());
    let sectors = out.path().join("sectors");
    fs::copy(sectors.join("ports.md"), sectors.join("no-more.md")).unwrap();
    fs::write(sectors.join("notes.md"), "mine").unwrap();
    fs::write(sectors.join("ports.rhai"), "mine").unwrap();
    write(out.path());
    assert!(!sectors.join("no-more.md").exists());
    assert!(sectors.join("ports.md").exists());
    assert_eq!(fs::read_to_string(sectors.join("notes.md")).unwrap(), "mine");
    assert_eq!(fs::read_to_string(sectors.join("ports.rhai")).unwrap(), "mine");
}
