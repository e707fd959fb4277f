//! LEC, the risk matrices and the enterprise matrix: every edge of every published set of bands, set down by hand.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

use risktier::{Date, Grader, RuleBook, Value as Known};
use serde_json::{Value, json};

fn edges(kind: &str) -> Vec<Value> {
    let edges: Value = serde_json::from_str(include_str!("../data/methods/edges.json")).unwrap();
    let edges = edges[kind].as_array().unwrap().clone();
    assert!(!edges.is_empty());
    edges
}

fn day() -> Date {
    Date::new(2026, 11, 1).unwrap()
}

/// The standard book with a set of bands chosen by name, as a jurisdiction would.
fn with(parameter: &str, set: &str) -> Grader {
    let builder =
        risktier_rules::sources().fold(RuleBook::builder(), |builder, (name, text)| builder.source(name, text));
    builder.parameter(parameter, Date::new(2000, 1, 1).unwrap(), Known::Text(set.into())).build().unwrap().as_of(day())
}

fn measure(grader: &Grader, firm: &Value, name: &str) -> Option<Known> {
    let grade = grader.grade_value(firm).unwrap();
    assert_eq!(grade.data_errors, []);
    let measures = &grade.sectors[0].measures;
    measures.iter().find(|measure| &*measure.name == name).unwrap_or_else(|| panic!("no {name}")).value.clone()
}

fn sets(cases: &[Value]) -> Vec<String> {
    let mut sets: Vec<String> = cases.iter().map(|case| case["set"].as_str().unwrap().to_owned()).collect();
    sets.sort();
    sets.dedup();
    sets
}

#[test]
fn risk_points_by_lec_have_the_tier_of_the_chosen_set_and_say_which() {
    let cases = edges("lec_factors");
    for set in sets(&cases) {
        let grader = with("lec_band_set", &set);
        for case in cases.iter().filter(|case| case["set"] == *set) {
            let point = json!({
                "method": "LEC", "likelihood": case["l"], "exposure": case["e"], "consequence": case["c"],
            });
            let firm = json!({ "sector": "fireworks", "risk_points": [point] });
            let tier = measure(&grader, &firm, "risk_points_worst_tier").map(|tier| tier.to_string());
            assert_eq!(tier.as_deref(), case["tier"].as_str(), "{case}");
            let used = measure(&grader, &firm, "lec_band_set_used").unwrap().to_string();
            assert_eq!(used, set, "a result says which set it comes from");
        }
    }
}

#[test]
fn risk_points_by_matrix_have_the_tier_of_the_chosen_set_and_say_which() {
    let cases = edges("matrix");
    for set in sets(&cases) {
        let grader = with("matrix_band_set", &set);
        for case in cases.iter().filter(|case| case["set"] == *set) {
            let firm = json!({ "sector": "fireworks", "risk_points": [{ "method": "matrix", "l": case["l"], "s": case["s"] }] });
            let tier = measure(&grader, &firm, "risk_points_worst_tier").map(|tier| tier.to_string());
            assert_eq!(tier.as_deref(), case["tier"].as_str(), "{case}");
            let used = measure(&grader, &firm, "matrix_band_set_used").unwrap().to_string();
            assert_eq!(used, set, "a result says which set it comes from");
        }
    }
}

fn probe() -> Grader {
    let builder =
        risktier_rules::sources().fold(RuleBook::builder(), |builder, (name, text)| builder.source(name, text));
    builder.source("sectors/probe.rhai", include_str!("../data/methods/probe.rhai")).build().unwrap().as_of(day())
}

fn rank(tier: &Value) -> Option<Known> {
    let tier = tier.as_str()?;
    Some(Known::Int(["blue", "yellow", "orange", "red"].iter().position(|known| *known == tier).unwrap() as i64))
}

#[test]
fn scores_that_no_factors_give_fall_on_the_published_side_of_a_bound() {
    let grader = probe();
    for case in edges("lec_scores") {
        let set = case["set"].as_str().unwrap();
        let firm = json!({ "sector": "probe", "probe_scores": [{ "d": case["d"] }], "probe_l": [], "probe_s": [] });
        assert_eq!(measure(&grader, &firm, &format!("probe_{set}")), rank(&case["tier"]), "{case}");
    }
}

#[test]
fn the_enterprise_matrix_rounds_up_and_needs_all_its_items() {
    let grader = probe();
    for case in edges("enterprise") {
        let rows = |grades: &Value| -> Vec<Value> {
            grades.as_array().unwrap().iter().map(|grade| json!({ "grade": grade })).collect()
        };
        let firm = json!({
            "sector": "probe", "probe_scores": [], "probe_l": rows(&case["l_items"]), "probe_s": rows(&case["s_items"]),
        });
        for (name, key) in [("probe_l_value", "l"), ("probe_s_value", "s"), ("probe_r_value", "r")] {
            assert_eq!(measure(&grader, &firm, name), case[key].as_i64().map(Known::Int), "{key}: {case}");
        }
        assert_eq!(measure(&grader, &firm, "probe_tier"), rank(&case["tier"]), "{case}");
    }
}
