//! Help for writing rules, on the real scripts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::collections::BTreeMap;

use risktier::assist::{Assist, Kind, Unit};
use risktier::{Date, Tier};

fn standard() -> Assist {
    let assist = Assist::new(risktier_rules::sources());
    assert!(assist.problems().is_empty());
    assist
}

/// The byte of a text in a script.
fn find(assist: &Assist, script: &str, text: &str) -> usize {
    assist.source(script).unwrap().find(text).unwrap_or_else(|| panic!("{text} in {script}"))
}

/// The scripts with a name changed, and how many places that took.
fn renamed(assist: &Assist, script: &str, at: usize, name: &str) -> (BTreeMap<String, String>, usize) {
    let edits = assist.rename(script, at, name).unwrap_or_else(|error| panic!("{error}"));
    let mut sources: BTreeMap<String, String> =
        risktier_rules::sources().map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
    for edit in edits.iter().rev() {
        let script = &*edit.span.script;
        let at = |place: risktier::assist::Place| assist.offset(script, place.line, place.column, Unit::Chars).unwrap();
        let text = sources.get_mut(script).unwrap();
        text.replace_range(at(edit.span.from)..at(edit.span.to), &edit.text);
    }
    (sources, edits.len())
}

#[test]
fn a_fact_that_many_sectors_read_is_renamed_and_every_firm_of_the_corpus_keeps_its_tier() {
    let assist = standard();
    let at = find(&assist, "shared/facts.rhai", "fact(\"employees\"") + 6;
    let (sources, places) = renamed(&assist, "shared/facts.rhai", at, "people_employed");
    assert!(places > 5, "{places}");
    let day = Date::new(2026, 11, 1).unwrap();
    let before = risktier_rules::book().as_of(day);
    let after = risktier::RuleBook::from_sources(sources).unwrap().as_of(day);
    let corpus = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/firms.jsonl")).unwrap();
    let mut tiers: BTreeMap<Tier, usize> = BTreeMap::new();
    let mut with = 0;
    for line in corpus.lines() {
        let moved = line.replace("\"employees\":", "\"people_employed\":");
        with += usize::from(moved != line);
        let Ok(one) = before.grade_json(line) else { continue };
        let other = after.grade_json(&moved).unwrap();
        assert_eq!((one.tier, one.best, one.worst), (other.tier, other.best, other.worst), "{line}");
        *tiers.entry(one.tier).or_default() += 1;
    }
    assert!(with > 50 && tiers.len() == 4, "{with} {tiers:?}");
}

#[test]
fn every_fact_and_field_that_is_declared_by_its_name_can_be_renamed() {
    let assist = standard();
    let mut tried = 0;
    for script in ["shared/facts.rhai", "shared/gb18218.rhai", "shared/accidents.rhai", "shared/confined_spaces.rhai"] {
        for one in assist.symbols(script) {
            if !matches!(one.kind, Kind::Fact | Kind::Field | Kind::List) || tried % 4 != 0 {
                tried += 1;
                continue;
            }
            tried += 1;
            let at = assist.offset(script, one.span.from.line, one.span.from.column, Unit::Chars).unwrap();
            let edits = assist.rename(script, at, &format!("{}_anew", one.name));
            assert!(edits.is_ok(), "{script}: {} of {:?}: {edits:?}", one.name, one.within);
        }
    }
    assert!(tried > 40);
}

#[test]
fn every_script_has_an_outline_and_answers_at_every_name() {
    let assist = standard();
    let scripts: Vec<String> = assist.scripts().map(String::from).collect();
    for script in &scripts {
        let outline = assist.symbols(script);
        let sectors = outline.iter().filter(|one| one.kind == Kind::Sector).count();
        assert_eq!(sectors, usize::from(script.starts_with("sectors/")), "{script}");
        for one in outline.iter().step_by(7) {
            let at = assist.offset(script, one.span.from.line, one.span.from.column, Unit::Chars).unwrap();
            assert!(!assist.definition(script, at).is_empty(), "{script}: {}", one.name);
            assert!(assist.hover(script, at).unwrap().text.en.contains(&one.name));
        }
    }
}

#[test]
fn a_sector_is_read_with_the_shared_scripts_alone() {
    let assist = standard();
    let mut alone = assist.alone("sectors/fireworks.rhai");
    assert!(alone.scripts().all(|name| name.starts_with("shared/") || name == "sectors/fireworks.rhai"));
    assert!(alone.book().is_some());
    let text = alone.source("sectors/fireworks.rhai").unwrap().replacen("firm.live_repair", "firm.", 1);
    let at = text.find("firm.,").unwrap() + 5;
    alone.edit("sectors/fireworks.rhai", text);
    assert!(!alone.problems().is_empty());
    let labels: Vec<String> =
        alone.completions("sectors/fireworks.rhai", at).into_iter().map(|one| one.label).collect();
    assert!(labels.contains(&"live_repair".to_owned()) && labels.contains(&"employees".to_owned()));
}
