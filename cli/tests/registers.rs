//! The registers that are committed with the project, graded as the README says.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn risktier(args: &[&str], out: Option<&Path>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_risktier"));
    command.current_dir(root()).args(args).arg("--no-progress");
    if let Some(out) = out {
        command.arg("--out").arg(out);
    }
    command.output().unwrap()
}

#[test]
fn the_readmes_register_has_every_tier_and_keeps_every_row() {
    let out = tempfile::tempdir().unwrap();
    let args = [
        "grade",
        "tests/data/register/firms.csv",
        "--map",
        "tests/data/register/map.toml",
        "--as-of",
        "2026-11-01",
        "--lists",
        "csv,xlsx",
        "--lists-from",
        "orange",
        "--summary",
        "json",
    ];
    let run = risktier(&args, Some(out.path()));
    assert_eq!(run.status.code(), Some(1), "bad rows on purpose: {}", String::from_utf8_lossy(&run.stderr));
    let summary: Value = serde_json::from_slice(&run.stdout).unwrap();
    assert_eq!(summary["firms"], 5000);
    for tier in ["blue", "yellow", "orange", "red", "ungraded"] {
        assert!(summary["tiers"][tier].as_u64().unwrap() > 0, "{tier}: {summary}");
    }
    let id = |row: Result<csv::StringRecord, csv::Error>| row.unwrap()[0].to_owned();
    let given: Vec<String> =
        csv::ReaderBuilder::new().flexible(true).from_path(root().join(args[1])).unwrap().records().map(id).collect();
    let graded: Vec<String> =
        csv::Reader::from_path(out.path().join("grades.csv")).unwrap().records().map(id).collect();
    assert_eq!(graded, given, "a row for each firm, in order");

    assert_eq!(
        summary["sectors"].as_object().unwrap().len(),
        41,
        "forty sectors, and the rows that name none: {summary}"
    );
    let grades: Vec<csv::StringRecord> =
        csv::Reader::from_path(out.path().join("grades.csv")).unwrap().records().map(Result::unwrap).collect();
    assert!(grades.iter().all(|row| row[1].starts_with("Synthetic firm ") && row[2].starts_with("district ")));
    let worse: std::collections::BTreeSet<&str> =
        grades.iter().filter(|row| ["orange", "red"].contains(&&row[5])).map(|row| &row[0]).collect();
    assert!(worse.len() > 500);
    // A firm's risk list has a line for every rule of its sectors that can count against it, once.
    let book = risktier_rules::book();
    let day = risktier::Date::new(2026, 11, 1).unwrap();
    let watched = |sectors: &str| {
        let rules = sectors.split(';').flat_map(|sector| &book.sector(sector).unwrap().rules);
        let counts = |rule: &risktier::Rule| match rule.effect {
            risktier::Effect::Points { deduct, .. } => rule.in_force(day) && deduct,
            risktier::Effect::Floor(_) => rule.in_force(day),
        };
        rules.filter(|rule| counts(&book.rules()[**rule])).collect::<std::collections::BTreeSet<_>>().len()
    };
    let mut register = csv::ReaderBuilder::new().flexible(true).from_path(root().join(args[1])).unwrap();
    let column = register.headers().unwrap().iter().position(|name| name == "sector").unwrap();
    let given = register.records().map(Result::unwrap).filter(|row| worse.contains(&row[0]));
    let risks: usize = given.map(|row| watched(&row[column])).sum();
    for (list, least) in [("risks", risks), ("hazards", worse.len()), ("responsibilities", worse.len())] {
        let text = std::fs::read_to_string(out.path().join(format!("{list}.csv"))).unwrap();
        let text = text.strip_prefix('\u{feff}').expect("the mark that Excel needs");
        let rows: Vec<csv::StringRecord> =
            csv::Reader::from_reader(text.as_bytes()).records().map(Result::unwrap).collect();
        assert!(rows.len() >= least, "{list}: {} rows", rows.len());
        assert!(list != "risks" || rows.len() == least, "{} risks, not {least}", rows.len());
        let firms: std::collections::BTreeSet<&str> = rows.iter().map(|row| &row[1]).collect();
        assert_eq!(firms, worse, "{list}: every firm from orange on, and no other");
    }
    let mut workbook: calamine::Xlsx<_> = calamine::open_workbook(out.path().join("lists.xlsx")).unwrap();
    let sheets = calamine::Reader::sheet_names(&workbook);
    let firms = calamine::Reader::worksheet_range(&mut workbook, &sheets[0]).unwrap();
    assert_eq!(firms.height(), 1 + worse.len());
}

#[test]
fn the_benchmark_workload_has_the_reference_answer() {
    let args = [
        "grade",
        "tests/data/workload/firms.csv",
        "--no-standard",
        "--book",
        "core/benches",
        "--sector",
        "benchmark",
        "--as-of",
        "2026-11-01",
        "--summary",
        "json",
    ];
    let run = risktier(&args, None);
    assert_eq!(run.status.code(), Some(0), "{}", String::from_utf8_lossy(&run.stderr));
    let summary: Value = serde_json::from_slice(&run.stdout).unwrap();
    let tiers = json!({ "blue": 5140, "yellow": 3062, "orange": 865, "red": 933, "ungraded": 0 });
    assert_eq!(summary["tiers"], tiers);
    assert_eq!(summary["score_sum"].as_f64(), Some(140_916.0));
    assert_eq!(summary["fired"], 34_007);
    assert_eq!(summary["settled"], 10_000);
}
