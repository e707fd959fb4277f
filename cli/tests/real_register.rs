//! A real register: facilities of the US EPA's Risk Management Program, with chemicals in pounds and CAS numbers.
//! The data is not part of the project: `RISKTIER_RMP` names its folder, or it lies in `../shared/data/rmp`.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests"
)]

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

const POUND_IN_TONNES: f64 = 0.000_453_592_37;

fn folder() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/rmp");
    let folder = std::env::var_os("RISKTIER_RMP").map_or(beside, PathBuf::from);
    folder.join("facilities.csv").exists().then_some(folder)
}

fn rows(path: &Path) -> Vec<HashMap<String, String>> {
    csv::Reader::from_path(path).unwrap().deserialize().map(Result::unwrap).collect()
}

#[test]
fn every_facility_comes_out_with_what_its_inventory_shows() {
    let Some(folder) = folder() else {
        println!(
            "the register of the Risk Management Program is not here; set RISKTIER_RMP to its folder to run this test"
        );
        return;
    };
    let out = tempfile::tempdir().unwrap();
    let inventory = folder.join("inventory.csv");
    let run = Command::new(env!("CARGO_BIN_EXE_risktier"))
        .arg("grade")
        .arg(folder.join("facilities.csv"))
        .args(["--id", "facility_id", "--sector", "hazchem-production", "--as-of", "2025-04-01", "--format", "jsonl"])
        .arg("--list")
        .arg(format!("inventory={}", inventory.display()))
        .args([
            "--column",
            &format!("inventory.tonnes=pounds*{POUND_IN_TONNES}"),
            "--column",
            "inventory.name=chemical",
        ])
        .args(["--summary", "json", "--no-progress", "--missing"])
        .arg("--out")
        .arg(out.path())
        .output()
        .unwrap();
    let complaint = String::from_utf8_lossy(&run.stderr).into_owned();
    assert!(matches!(run.status.code(), Some(0 | 1)), "{complaint}");

    let facilities = rows(&folder.join("facilities.csv"));
    let mut held: BTreeMap<String, Vec<HashMap<String, String>>> = BTreeMap::new();
    for row in rows(&inventory) {
        held.entry(row["facility_id"].clone()).or_default().push(row);
    }
    let grades = std::fs::read_to_string(out.path().join("grades.jsonl")).unwrap();
    let grades: Vec<Value> = grades.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(grades.len(), facilities.len(), "a row for each facility");

    let (mut ammonia_only, mut with_mixture) = (0, 0);
    for (facility, grade) in facilities.iter().zip(&grades) {
        let id = &facility["facility_id"];
        assert_eq!(grade["id"].as_str().unwrap(), id, "in the order of the register");
        let empty = Vec::new();
        let items = held.get(id).unwrap_or(&empty);
        for column in ["tier", "best", "worst"] {
            assert!(grade[column].is_string(), "{id}: {column}");
        }
        // Nearly everything but the inventory is unknown: no grade can be settled, and what is missing is said.
        assert_eq!(grade["settled"], false, "{id}");
        assert!(!grade["missing"].as_array().unwrap().is_empty(), "{id}");

        if !items.is_empty() && items.iter().all(|item| item["cas"] == "7664-41-7") {
            // Ammonia alone: Q is 10 t, beta is 2, alpha is between 0.5 and 2.
            ammonia_only += 1;
            let tonnes: f64 = items.iter().map(|item| item["pounds"].parse::<f64>().unwrap() * POUND_IN_TONNES).sum();
            let s = tonnes / 10.0;
            let found = grade["gb18218_s"].as_f64().unwrap_or_else(|| panic!("{id}: {grade}"));
            assert!((found - s).abs() <= 1e-9 * s.max(1.0), "{id}: s is {found}, should be {s}");
            let level_of = |r: f64| {
                if r >= 100.0 {
                    1
                } else if r >= 50.0 {
                    2
                } else if r >= 10.0 {
                    3
                } else {
                    4
                }
            };
            let (highest, lowest) = (level_of(2.0 * 2.0 * s), level_of(0.5 * 2.0 * s));
            let expected = if s < 1.0 { Some(0) } else { (highest == lowest).then_some(highest) };
            assert_eq!(grade["gb18218_level"].as_i64(), expected, "{id}: s = {s}");
        }
        if items.iter().any(|item| item["cas"].is_empty()) {
            // A mixture without a CAS number cannot be counted, is reported, and drops nothing.
            with_mixture += 1;
            assert!(grade["gb18218_s"].is_null(), "{id}");
            assert!(grade["gb18218_s_counted"].is_number(), "{id}");
            assert!(grade["gb18218_uncounted"].as_i64().unwrap() > 0, "{id}");
            if grade["gb18218_level"].is_number() {
                // The rest of the inventory is enough for the highest level: nothing waits for the mixture.
                continue;
            }
            let missing = grade["missing"].as_array().unwrap();
            let names_it = |name: &str| missing.iter().any(|fact| fact == name);
            assert!(names_it("inventory.cas") || names_it("inventory.hazard_class"), "{id}: {missing:?}");
        }
    }
    println!(
        "{} facilities, {ammonia_only} with ammonia alone, {with_mixture} with a mixture without a CAS number",
        grades.len()
    );
    assert!(ammonia_only > 100 && with_mixture > 0, "{ammonia_only} {with_mixture}");

    let summary: Value = serde_json::from_slice(&run.stdout).unwrap();
    assert_eq!(summary["firms"].as_u64().unwrap() as usize, facilities.len());
}

#[test]
fn the_committed_mapping_grades_the_register_with_nothing_else() {
    let Some(folder) = folder() else {
        println!(
            "the register of the Risk Management Program is not here; set RISKTIER_RMP to its folder to run this test"
        );
        return;
    };
    let out = tempfile::tempdir().unwrap();
    let map = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/maps/us-epa-rmp.toml");
    let run = Command::new(env!("CARGO_BIN_EXE_risktier"))
        .arg("grade")
        .arg(folder.join("facilities.csv"))
        .arg("--map")
        .arg(map)
        .args(["--as-of", "2025-04-01", "--format", "jsonl", "--summary", "json", "--no-progress"])
        .arg("--out")
        .arg(out.path())
        .output()
        .unwrap();
    assert!(matches!(run.status.code(), Some(0 | 1)), "{}", String::from_utf8_lossy(&run.stderr));
    let facilities = rows(&folder.join("facilities.csv"));
    let text = std::fs::read_to_string(out.path().join("grades.jsonl")).unwrap();
    let grades: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(grades.len(), facilities.len());
    let mut with_accident = BTreeMap::new();
    for row in rows(&folder.join("accidents.csv")) {
        let deaths: i64 = row["deaths_workers"].parse::<i64>().unwrap() + row["deaths_public"].parse::<i64>().unwrap();
        // Three years back from the grading date.
        if row["date"].as_str() > "2022-03-31" && row["date"].as_str() <= "2025-04-01" {
            *with_accident.entry(row["facility_id"].clone()).or_insert(0) += deaths;
        }
    }
    let mut fatal = 0;
    for (facility, grade) in facilities.iter().zip(&grades) {
        let id = &facility["facility_id"];
        assert_eq!(
            (grade["id"].as_str(), grade["naics"].as_str()),
            (Some(id.as_str()), Some(facility["naics"].as_str()))
        );
        assert!(grade["gb18218_s_counted"].is_number(), "{id}: pounds became tonnes");
        let open = grade["undetermined"].as_array().unwrap();
        let fired = grade["fired"].as_array().unwrap();
        let names = |rules: &Vec<Value>, rule: &str| rules.iter().any(|known| known == rule);
        match with_accident.get(id) {
            // Deaths are known, so that the rule for one or two of them is decided.
            Some(1 | 2) => {
                fatal += 1;
                assert!(names(fired, "YJ-S40"), "{id}: {fired:?}");
            }
            Some(0) => assert!(!names(fired, "YJ-S40") && !names(open, "YJ-S40"), "{id}"),
            _ => {}
        }
    }
    println!("{} facilities, {fatal} with one or two deaths in three years", grades.len());
}
