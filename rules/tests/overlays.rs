//! A city's overlay over the standard book: what it changes, and that it changes nothing else.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::fs;
use std::path::Path;

use risktier::{Citation, Date, Lang, RuleBook, Tier};
use serde_json::json;

fn harbour_city() -> RuleBook {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("overlays/harbour-city");
    let mut builder = RuleBook::builder();
    for (name, text) in risktier_rules::sources() {
        builder = builder.source(name, text);
    }
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "rhai") {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            builder = builder.source(name, fs::read_to_string(path).unwrap());
        }
    }
    builder.build().unwrap_or_else(|error| panic!("{error}"))
}

fn day() -> Date {
    Date::new(2026, 11, 1).unwrap()
}

#[test]
fn it_has_no_warnings_and_another_identity() {
    let (standard, city) = (risktier_rules::book(), harbour_city());
    assert!(city.warnings().is_empty(), "{:?}", city.warnings());
    assert_ne!(standard.hash(), city.hash());
    assert_eq!(city.rules().len(), standard.rules().len() + 1);
}

#[test]
fn its_examples_hold() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("overlays/harbour-city");
    let text = fs::read_to_string(folder.join("typhoon.examples.json")).unwrap();
    let report = harbour_city().run_examples([("typhoon.examples.json", text.as_str())]);
    assert_eq!((report.cases.len(), report.passed()), (3, 3), "{:?}", report.failed().collect::<Vec<_>>());
}

#[test]
fn key_fields_and_names_are_the_citys() {
    let (standard, city) = (risktier_rules::book(), harbour_city());
    let field = |book: &RuleBook, sector: &str| {
        let id = book.sector(sector).unwrap().key_field.clone()?;
        Some(book.key_field(&id).unwrap().name.en.to_string())
    };
    assert_eq!(field(&standard, "city-gas").as_deref(), Some("City gas"));
    assert_eq!(field(&city, "city-gas").as_deref(), Some("Lifelines of the city"));
    assert_eq!(field(&standard, "ports"), None);
    assert_eq!(field(&city, "ports").as_deref(), Some("Port and sea"));
    assert_eq!(field(&city, "commercial-hospitality").as_deref(), Some("Hotels, markets and the old town"));
    // Untouched.
    assert_eq!(field(&city, "coal-mines"), field(&standard, "coal-mines"));

    let lists = city.as_of(day()).lists(&json!({ "sector": "ports" })).unwrap();
    assert_eq!(lists.name(risktier::ListKind::Risks, Lang::Zh), "风险告知单");
    assert_eq!(lists.name(risktier::ListKind::Hazards, Lang::Zh), "隐患清单");
}

#[test]
fn a_colour_is_raised_and_says_who_raised_it() {
    let firm = json!({ "sector": "lithium-battery-storage", "battery_units": [
        { "chemistry": "ternary lithium", "place": "commercial complex" }
    ] });
    let fired = |book: &RuleBook| {
        let grade = book.as_of(day()).grade_value(&firm).unwrap();
        let rule = grade.sectors.iter().flat_map(|sector| &sector.fired).find(|fired| &*fired.rule == "LB-04");
        rule.expect("the rule fires in both books").tier
    };
    let (standard, city) = (risktier_rules::book(), harbour_city());
    assert_eq!(fired(&standard), Some(Tier::Orange));
    assert_eq!(fired(&city), Some(Tier::Red));
    // The citations of the standard book stay; the city's comes behind them.
    let (before, after) = (standard.rule("LB-04").unwrap(), city.rule("LB-04").unwrap());
    assert_eq!(after.cite.len(), before.cite.len() + 1);
    assert!(matches!(after.cite.last(), Some(Citation::Own { reason }) if reason.starts_with("Harbour City")));
    assert_eq!((before.days, after.days), (30, 7));
    assert_eq!(before.condition, after.condition);
}

#[test]
fn a_stricter_number_counts_from_its_day() {
    let firm = json!({ "sector": "commercial-hospitality", "fire_systems_fitted": true, "last_fire_system_test": "2025-06-01" });
    let fires = |book: &RuleBook, day: Date, tested: Date| {
        let mut firm = firm.clone();
        firm["last_fire_system_test"] = json!(tested.to_string());
        let grade = book.as_of(day).grade_value(&firm).unwrap();
        grade.sectors.iter().flat_map(|sector| &sector.fired).any(|fired| &*fired.rule == "CM-06")
    };
    let (standard, city) = (risktier_rules::book(), harbour_city());
    for (days, by_standard, by_city) in [(183, false, false), (184, false, true), (366, false, true), (367, true, true)]
    {
        let tested = day().plus_days(-days).unwrap();
        assert_eq!(fires(&standard, day(), tested), by_standard, "{days} days");
        assert_eq!(fires(&city, day(), tested), by_city, "{days} days");
    }
    let before = Date::new(2025, 12, 31).unwrap();
    assert!(!fires(&city, before, before.plus_days(-184).unwrap()), "the city's number begins in 2026");
}

#[test]
fn a_rule_of_the_citys_own_is_graded_in_the_sectors_that_take_it_over() {
    let (standard, city) = (risktier_rules::book(), harbour_city());
    let tier = |book: &RuleBook, sector: &str| {
        let firm = json!({ "sector": sector, "last_typhoon_drill": "2025-10-30" });
        book.as_of(day()).grade_value(&firm).unwrap().tier
    };
    for sector in ["ports", "fishing-vessels", "water-passenger-shipping", "building-construction"] {
        assert_eq!(tier(&city, sector), Tier::Orange, "{sector}");
        assert!(tier(&standard, sector) < Tier::Orange, "{sector}");
    }
    assert!(tier(&city, "coal-mines") < Tier::Orange);
}

#[test]
fn bands_and_frequencies_are_the_citys() {
    let (standard, city) = (risktier_rules::book(), harbour_city());
    let red_below = |book: &RuleBook| {
        let bands = &book.sector("ports").unwrap().scheme.as_ref().unwrap().bands;
        bands.iter().find(|band| band.tier == Tier::Red).unwrap().below.unwrap().to_f64()
    };
    assert!((red_below(&standard) - 60.0).abs() < 1e-9 && (red_below(&city) - 65.0).abs() < 1e-9);
    let every = |book: &RuleBook, tier: usize| {
        let supervision = &book.sector("coal-mines").unwrap().supervision;
        supervision.get(tier).unwrap().as_ref().unwrap().every_days
    };
    assert_eq!((every(&standard, 3), every(&city, 3)), (Some(30), Some(14)));
    assert_eq!(every(&standard, 2), every(&city, 2));
}
