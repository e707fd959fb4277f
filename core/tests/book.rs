//! The rule book as a whole: identity, bundles, overrides, shared parts, helper functions.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests"
)]

use risktier::{BundleError, Date, RuleBook, Tier, Value};

const ROLES: (&str, &str) = ("shared/roles.rhai", r#"role("principal", #{ en: "Principal", zh: "主要负责人" });"#);

/// A helper that declares a rule, in a script of its own, with AS_OF inside a closure.
const HELPER: (&str, &str) = (
    "shared/helper.rhai",
    r#"
    fn licence_rule(id, until_fact) {
        rule(id, #{
            risk: #{ en: "r", zh: "险" }, finding: #{ en: "f", zh: "患" }, control: #{ en: "c", zh: "治" },
            when: |firm| expired(firm[until_fact]), tier: ORANGE,
            cite: own("example"), since: date(2020, 1, 1), owner: "principal", days: 1,
        });
    }
    fn expired(day) { day < AS_OF }
    "#,
);

const SECTOR: (&str, &str) = (
    "sectors/a.rhai",
    r#"
    import "shared/helper" as helper;
    sector("a", #{ name: #{ en: "A", zh: "甲" }, uses: ["common"] });
    parameter("most", INT, #{ en: "Most people", zh: "最多人数", unit: "persons", values: [
        #{ since: date(2010, 1, 1), value: 30, cite: own("old") },
        #{ since: date(2025, 1, 1), value: 20, cite: own("new") },
    ] });
    fact("people", INT, #{ en: "People", zh: "人数", min: 0 });
    for row in [["licence", "A-1"], ["permit", "A-2"]] {
        fact(row[0], DATE, #{ en: row[0], zh: row[0] });
        helper::licence_rule(row[1], row[0]);
    }
    rule("A-3", #{
        risk: #{ en: "r", zh: "险" }, finding: #{ en: "f", zh: "患" }, control: #{ en: "c", zh: "治" },
        when: |firm| firm.people > param("most"), tier: YELLOW,
        cite: own("example"), since: date(2020, 1, 1), owner: "principal", days: 1,
    });
    "#,
);

const PART: (&str, &str) = (
    "shared/common.rhai",
    r#"
    part("common", #{ name: #{ en: "Common", zh: "通用" } });
    fact("insured", BOOL, #{ en: "Insured", zh: "已投保", absent: true });
    rule("C-1", #{
        risk: #{ en: "r", zh: "险" }, finding: #{ en: "f", zh: "患" }, control: #{ en: "c", zh: "治" },
        when: |firm| !firm.insured, tier: RED,
        cite: own("example"), since: date(2020, 1, 1), "until": date(2026, 1, 1), owner: "principal", days: 1,
    });
    "#,
);

fn book() -> RuleBook {
    RuleBook::from_sources([ROLES, HELPER, SECTOR, PART]).unwrap_or_else(|error| panic!("{error}"))
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn fired(book: &RuleBook, on: &str, firm: &str) -> Vec<String> {
    let grade = book.as_of(day(on)).grade_json(firm).unwrap();
    assert_eq!(grade.data_errors, []);
    grade.sectors[0].fired.iter().map(|fired| fired.rule.to_string()).collect()
}

#[test]
fn helper_functions_declare_rules_over_computed_facts() {
    let firm = r#"{"sector": "a", "licence": "2026-05-01", "permit": "2027-05-01", "people": 1}"#;
    assert_eq!(fired(&book(), "2026-05-01", firm), [""; 0]);
    assert_eq!(fired(&book(), "2026-05-02", firm), ["A-1"]);
    assert_eq!(fired(&book(), "2027-06-01", firm), ["A-1", "A-2"]);
}

#[test]
fn parameters_and_rules_are_those_of_the_grading_date() {
    let firm = r#"{"sector": "a", "licence": "2030-05-01", "permit": "2030-05-01", "people": 25, "insured": false}"#;
    assert_eq!(fired(&book(), "2024-12-31", firm), ["C-1"]);
    assert_eq!(fired(&book(), "2025-12-31", firm), ["A-3", "C-1"]);
    assert_eq!(fired(&book(), "2026-01-01", firm), ["A-3"], "`until` is the first day no longer in force");
    let stricter =
        [ROLES, HELPER, SECTOR, PART].into_iter().fold(RuleBook::builder(), |b, (name, text)| b.source(name, text));
    let stricter = stricter.parameter("most", day("2010-01-01"), Value::Int(24)).build().unwrap();
    assert_eq!(fired(&stricter, "2024-12-31", firm), ["A-3", "C-1"]);
    assert_ne!(stricter.hash(), book().hash());
    let copy = RuleBook::from_bundle(&stricter.to_bundle()).unwrap();
    assert_eq!(copy.hash(), stricter.hash());
    assert_eq!(fired(&copy, "2024-12-31", firm), ["A-3", "C-1"]);
}

#[test]
fn what_an_absent_fact_stands_for_is_said() {
    let grade = book().as_of(day("2025-06-01")).grade_json(r#"{"sector": "a"}"#).unwrap();
    let assumed: Vec<&str> = grade.sectors[0].assumed.iter().map(|fact| &**fact).collect();
    assert_eq!(assumed, ["insured"]);
    assert_eq!((grade.tier, grade.worst), (Tier::Blue, Tier::Orange));
}

#[test]
fn the_hash_is_that_of_the_scripts_whatever_their_order() {
    let turned = RuleBook::from_sources([PART, SECTOR, HELPER, ROLES]).unwrap();
    assert_eq!(turned.hash(), book().hash());
    assert_eq!(book().hash().len(), 64);
    let other = RuleBook::from_sources([ROLES, HELPER, PART, (SECTOR.0, &*SECTOR.1.replace("30,", "31,"))]).unwrap();
    assert_ne!(other.hash(), book().hash());
}

#[test]
fn a_bundle_that_was_changed_is_refused() {
    let bundle = book().to_bundle();
    let changed = bundle.replace("value: 30", "value: 90");
    assert!(matches!(RuleBook::from_bundle(&changed), Err(BundleError::Hash { .. })));
    let other = bundle.replace("risktier-bundle-1", "risktier-bundle-9");
    assert!(matches!(RuleBook::from_bundle(&other), Err(BundleError::Format { .. })));
    assert!(matches!(RuleBook::from_bundle("[]"), Err(BundleError::Json(_))));
}

#[test]
fn a_book_crosses_threads() {
    fn plain<T: Send + Sync + Clone + 'static>(value: T) -> T {
        value
    }
    let book = plain(book());
    let grader = plain(book.as_of(day("2026-01-01")));
    let other = std::thread::spawn(move || grader.grade_json(r#"{"sector": "a", "people": 99}"#).unwrap().tier);
    assert_eq!(other.join().unwrap(), Tier::Yellow);
}
