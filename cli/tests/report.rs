//! From a made-up register of three months to the report: `sample`, `grade`, `follow`, `report`.
#![allow(
    missing_docs,
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod tool;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use calamine::{Reader, Xlsx, open_workbook};
use serde_json::Value;
use tool::run;

const MONTHS: [&str; 3] = ["2026-09", "2026-10", "2026-11"];

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Grades and follows three months of 300 firms.
fn graded(folder: &Path) -> Vec<PathBuf> {
    let months = folder.join("months");
    let ran = run(&["sample", "--firms", "300", "--months", "3", "--seed", "5", "--bad", "3", "--out", text(&months)]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let mut before: Option<PathBuf> = None;
    let mut folders = Vec::new();
    for month in MONTHS {
        let (from, to) = (months.join(month), folder.join("graded").join(month));
        let (firms, map, day) = (from.join("firms.csv"), from.join("map.toml"), format!("{month}-01"));
        let ran = run(&[
            "grade",
            text(&firms),
            "--map",
            text(&map),
            "--as-of",
            &day,
            "--lists",
            "jsonl",
            "--missing",
            "--out",
            text(&to),
        ]);
        assert_eq!(ran.code, Some(1), "{}", ran.err);
        let mut args = vec!["follow", "--now", text(&to), "--out", text(&to)];
        if let Some(before) = &before {
            args.extend(["--before", text(before)]);
        }
        let ran = run(&args);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        before = Some(to.clone());
        folders.push(to);
    }
    folders
}

fn rows(path: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let headings: Vec<String> =
        reader.headers().unwrap().iter().map(|heading| heading.trim_start_matches('\u{feff}').to_owned()).collect();
    let row = |row: csv::StringRecord| headings.iter().cloned().zip(row.iter().map(str::to_owned)).collect();
    reader.records().map(|record| row(record.unwrap())).collect()
}

fn hazards(folder: &Path) -> Vec<Value> {
    let text = fs::read_to_string(folder.join("follow.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn the_report_says_what_the_files_say() {
    let temp = tempfile::tempdir().unwrap();
    let folders = graded(temp.path());
    let out = temp.path().join("report");
    let mut args = vec!["report", "--out", text(&out)];
    args.extend(folders.iter().map(|folder| text(folder)));
    let ran = run(&args);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let report: Value = serde_json::from_str(&fs::read_to_string(out.join("report.json")).unwrap()).unwrap();

    // Every period by tier, counted once more.
    for (folder, period) in folders.iter().zip(report["periods"].as_array().unwrap()) {
        let rows = rows(&folder.join("grades.csv"));
        assert_eq!(period["counts"]["firms"], rows.len());
        let tiers: Vec<usize> = ["blue", "yellow", "orange", "red"]
            .iter()
            .map(|tier| rows.iter().filter(|row| row["tier"] == **tier).count())
            .collect();
        let told: Vec<usize> = ["blue", "yellow", "orange", "red"]
            .iter()
            .enumerate()
            .map(|(at, tier)| {
                let tiers = &period["counts"]["tiers"];
                tiers.get(tier).or_else(|| tiers.get(at)).unwrap().as_u64().unwrap() as usize
            })
            .collect();
        assert_eq!(tiers, told);
    }

    // Who moved, entered and left.
    let by_id = |folder: &Path| -> BTreeMap<String, String> {
        rows(&folder.join("grades.csv")).into_iter().map(|row| (row["id"].clone(), row["tier"].clone())).collect()
    };
    let (before, now) = (by_id(&folders[1]), by_id(&folders[2]));
    let migration = &report["migration"];
    assert_eq!(migration["entered"], now.keys().filter(|id| !before.contains_key(*id)).count());
    assert_eq!(migration["left"], before.keys().filter(|id| !now.contains_key(*id)).count());
    assert!(migration["entered"].as_u64().unwrap() > 0 && migration["left"].as_u64().unwrap() > 0);
    let rank = |tier: &str| ["blue", "yellow", "orange", "red"].iter().position(|known| *known == tier);
    let both: Vec<(usize, usize)> =
        before.iter().filter_map(|(id, was)| Some((rank(was)?, rank(now.get(id)?)?))).collect();
    assert_eq!(migration["worse"], both.iter().filter(|(was, is)| is > was).count());
    assert_eq!(migration["better"], both.iter().filter(|(was, is)| is < was).count());
    assert!(migration["worse"].as_u64().unwrap() > 0 && migration["better"].as_u64().unwrap() > 0);
    let reds = migration["new_reds"].as_array().unwrap();
    let became: Vec<&String> = now
        .iter()
        .filter(|(id, tier)| *tier == "red" && before.get(*id).is_none_or(|was| was != "red"))
        .map(|(id, _)| id)
        .collect();
    assert_eq!(reds.len(), became.len());
    assert!(reds.iter().all(|red| !red["reasons"].as_array().unwrap().is_empty()), "a new red has a reason");

    // Hazards.
    let followed = hazards(&folders[2]);
    let overdue = followed.iter().filter(|one| {
        !["closed", "rule-withdrawn"].contains(&one["state"].as_str().unwrap())
            && one["late_days"].as_u64().unwrap() > 0
    });
    let overdue: Vec<&Value> = overdue.collect();
    assert!(!overdue.is_empty());
    assert_eq!(report["hazards"]["overdue"].as_array().unwrap().len(), overdue.len());
    assert!(overdue.iter().all(|one| one["due"].as_str().unwrap() < "2026-11-01"));

    // Sectors and districts add up.
    for groups in ["sectors", "districts", "key_fields"] {
        let sum: u64 = report[groups].as_array().unwrap().iter().map(|one| one["now"]["firms"].as_u64().unwrap()).sum();
        assert_eq!(sum, now.len() as u64, "{groups}");
    }

    // The index is the weighted mean of its indicators.
    let indicators = report["index"]["indicators"].as_array().unwrap();
    assert_eq!(indicators.len(), 28);
    let (sum, weights) =
        indicators.iter().filter(|one| !one["score"].is_null()).fold((0.0, 0.0), |(sum, weights), one| {
            let (weight, score) = (one["weight"].as_f64().unwrap(), one["score"].as_f64().unwrap());
            assert!((0.0..=100.0).contains(&score) && score.is_sign_positive());
            (sum + weight * score, weights + weight)
        });
    assert!((report["index"]["value"].as_f64().unwrap() - sum / weights).abs() < 1e-9);
    assert_eq!(report["index"]["left_out"], serde_json::json!(["forecast"]));
}

#[test]
fn the_report_is_a_page_and_a_workbook_in_both_languages() {
    let temp = tempfile::tempdir().unwrap();
    let folders = graded(temp.path());
    for (lang, heading, sheet) in [("en", "Monthly safety report", "Overdue"), ("zh", "安全风险月报", "逾期")] {
        let out = temp.path().join(lang);
        let mut args = vec!["report", "--lang", lang, "--out", text(&out)];
        args.extend(folders.iter().rev().map(|folder| text(folder)));
        assert_eq!(run(&args).code, Some(0));
        let page = fs::read_to_string(out.join("report.html")).unwrap();
        assert!(page.contains(heading), "{}", &page[..page.len().min(2000)]);
        assert!(page.starts_with("<!DOCTYPE html>") && page.contains("<svg") && !page.contains("<script"));
        for tag in ["table", "tr", "td", "svg", "section", "div", "text"] {
            let opened = page.matches(&format!("<{tag}>")).count() + page.matches(&format!("<{tag} ")).count();
            assert_eq!(opened, page.matches(&format!("</{tag}>")).count(), "{tag}");
        }
        assert!(!page.contains("http://") || page.contains("xmlns"), "nothing is loaded from elsewhere");
        let mut book: Xlsx<_> = open_workbook(out.join("report.xlsx")).unwrap();
        let names = book.sheet_names();
        assert!(names.len() > 6 && names.iter().any(|name| name.contains(sheet)), "{names:?}");
        let first = book.worksheet_range(&names[0]).unwrap();
        assert!(first.height() > 1);
        // The same periods, in whatever order, give the same bytes.
        let again = temp.path().join(format!("{lang}-again"));
        let mut args = vec!["report", "--lang", lang, "--out", text(&again)];
        args.extend(folders.iter().map(|folder| text(folder)));
        assert_eq!(run(&args).code, Some(0));
        for file in ["report.html", "report.xlsx", "report.json"] {
            assert_eq!(fs::read(out.join(file)).unwrap(), fs::read(again.join(file)).unwrap(), "{file}");
        }
    }
}

#[test]
fn months_of_a_sample_are_one_register() {
    let temp = tempfile::tempdir().unwrap();
    let make = |name: &str| {
        let out = temp.path().join(name);
        let ran = run(&["sample", "--firms", "200", "--months", "3", "--sector", "fuel-stations", "--out", text(&out)]);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        out
    };
    let (one, other) = (make("one"), make("other"));
    let mut registers = Vec::new();
    for month in MONTHS {
        let file = format!("{month}/firms.csv");
        assert_eq!(
            fs::read(one.join(&file)).unwrap(),
            fs::read(other.join(&file)).unwrap(),
            "the same arguments, the same files"
        );
        let register: BTreeMap<String, BTreeMap<String, String>> =
            rows(&one.join(&file)).into_iter().map(|row| (row["id"].clone(), row)).collect();
        registers.push(register);
    }
    assert_eq!(registers[0].len(), 200);
    for pair in registers.windows(2) {
        let kept: Vec<&String> = pair[0].keys().filter(|id| pair[1].contains_key(*id)).collect();
        assert!(kept.len() > 180 && kept.len() < pair[0].len(), "{}", kept.len());
        assert!(pair[1].keys().any(|id| !pair[0].contains_key(id)));
        let changed = kept.iter().filter(|id| pair[0][**id] != pair[1][**id]).count();
        assert!(changed > 10 && changed < kept.len(), "{changed} of {}", kept.len());
        for id in kept {
            assert_eq!(
                (&pair[0][id]["sector"], &pair[0][id]["district"]),
                (&pair[1][id]["sector"], &pair[1][id]["district"])
            );
        }
    }
}

#[test]
fn files_that_are_no_periods_are_named() {
    let temp = tempfile::tempdir().unwrap();
    let out = temp.path().join("out");
    let ran = run(&["report", text(temp.path()), "--out", text(&out)]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("summary.json") || ran.err.contains("grades"), "{}", ran.err);
    let ran = run(&["follow", "--now", text(temp.path())]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("lists.jsonl"), "{}", ran.err);
    fs::write(temp.path().join("lists.jsonl"), "{ not json").unwrap();
    let ran = run(&["follow", "--now", text(temp.path())]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("lists.jsonl"), "{}", ran.err);
}
