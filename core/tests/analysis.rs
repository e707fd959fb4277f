//! What the analysis of a book finds, and what it leaves alone. A file in `analysis/` is a test.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

use risktier::{Analysis, Date, Grader, Lang, RuleBook, Worse};

const COMMON: &str = include_str!("analysis/common.rhai_");

fn grader(name: &str, text: &str) -> Grader {
    let book =
        RuleBook::from_sources([(name, text), ("common.rhai", COMMON)]).unwrap_or_else(|error| panic!("{error}"));
    assert!(book.warnings().is_empty(), "{:?}", book.warnings());
    book.as_of(Date::new(2026, 11, 1).unwrap())
}

fn of_fixture(path: &Path) -> (Grader, Analysis) {
    let name = path.file_name().unwrap().to_str().unwrap();
    let grader = grader(name, &std::fs::read_to_string(path).unwrap());
    let analysis = grader.check();
    (grader, analysis)
}

#[test]
fn findings() {
    insta::glob!("analysis/*.rhai", |path| {
        let (_, analysis) = of_fixture(path);
        assert!(!analysis.findings.is_empty());
        let mut text = String::new();
        for lang in [Lang::En, Lang::Zh] {
            for finding in &analysis.findings {
                writeln!(text, "{}", finding.render(lang)).unwrap();
            }
        }
        writeln!(text, "{:?}", analysis.directions).unwrap();
        insta::assert_snapshot!(text.trim_end());
    });
}

/// The first name in backticks of each message is what it is about.
fn subjects(analysis: &Analysis) -> Vec<(&'static str, String)> {
    let subject = |text: String| text.split('`').nth(1).unwrap_or_default().to_owned();
    analysis.findings.iter().map(|one| (one.code(), subject(one.message(Lang::En)))).collect()
}

#[test]
fn what_is_marked_as_sound_is_left_alone() {
    insta::glob!("analysis/*.rhai", |path| {
        let (_, analysis) = of_fixture(path);
        for (code, subject) in subjects(&analysis) {
            let last = subject.rsplit('.').next().unwrap();
            assert!(!last.starts_with("OK") && !last.starts_with("ok_"), "{code} {subject}");
        }
    });
}

/// Every rule of a fixture that is not marked as sound, and has the name of what is wrong with it, is found.
#[test]
fn what_is_wrong_is_found() {
    let of = |name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/analysis").join(name);
        let (grader, analysis) = of_fixture(&path);
        let subjects: BTreeSet<String> = subjects(&analysis).into_iter().map(|(_, subject)| subject).collect();
        (grader, subjects)
    };
    for name in ["w101_never_met.rhai", "w102_always_met.rhai"] {
        let (grader, subjects) = of(name);
        for rule in grader.book().rules() {
            assert_eq!(subjects.contains(&*rule.id), !rule.id.starts_with("OK"), "{}", rule.id);
        }
    }
    let (_, subjects) = of("w103_implied.rhai");
    assert_eq!(subjects, ["LARGE", "MORE", "SECOND"].map(String::from).into());
    let (_, subjects) = of("w104_never_decides.rhai");
    assert_eq!(subjects, ["NEAR", "TOO-MUCH"].map(String::from).into());
    let (_, subjects) = of("w105_idle_points.rhai");
    assert_eq!(subjects, ["IDLE", "IDLE-COMPUTED"].map(String::from).into());
    let (_, subjects) = of("w107_no_influence.rhai");
    assert_eq!(subjects, ["mentioned", "size"].map(String::from).into());
    let (_, subjects) = of("w108_not_monotone.rhai");
    let wanted = ["tonnes", "licence", "distance", "checked_on", "tanks.level", "findings"];
    assert_eq!(subjects, wanted.map(String::from).into());
}

/// What a witness shows is what the engine says of it.
#[test]
fn witnesses_are_firms_that_the_engine_grades_so() {
    let mut seen = 0;
    insta::glob!("analysis/*.rhai", |path| {
        let (grader, analysis) = of_fixture(path);
        for finding in &analysis.findings {
            let Some(witness) = finding.witness() else { continue };
            seen += 1;
            let grade = grader.grade_value(&witness.firm.clone().into()).unwrap();
            assert!(grade.data_errors.is_empty(), "{:?}", grade.data_errors);
            assert_eq!(grade.tier, witness.tier);
            if let Some((changes, tier)) = &witness.other {
                let mut other = witness.firm.clone();
                other.extend(changes.clone());
                assert_eq!(grader.grade_value(&other.into()).unwrap().tier, *tier);
                assert!(*tier < witness.tier, "it gets worse and the tier better");
            }
        }
    });
    assert!(seen >= 12, "{seen}");
}

#[test]
fn every_code_of_the_analysis_has_a_fixture() {
    let declared: BTreeSet<&str> = include_str!("../src/diagnostic/findings.rs")
        .split('"')
        .filter(|text| text.len() == 4 && text.starts_with("W1"))
        .collect();
    assert_eq!(declared.len(), 14, "{declared:?}");
    let mut shown = BTreeSet::new();
    insta::glob!("analysis/*.rhai", |path| {
        shown.extend(of_fixture(path).1.findings.iter().map(|one| one.code()));
    });
    assert_eq!(shown, declared);
}

#[test]
fn directions_that_hold_and_are_not_declared_are_proposed() {
    let analysis = grader(
        "own.rhai",
        r#"import "common" as c;
        sector("s", #{ name: #{ en: "S", zh: "行业" } });
        fact("leaks", INT, #{ en: "Leaks", zh: "泄漏", min: 0 });
        fact("works", BOOL, #{ en: "Works", zh: "有效" });
        fact("open", BOOL, #{ en: "Open", zh: "营业" });
        c::floor("A", RED, |firm| firm.leaks > 3 || !firm.works);
        c::floor("B", ORANGE, |firm| firm.open == (firm.leaks > 1));"#,
    )
    .check();
    assert!(analysis.findings.is_empty(), "{:?}", analysis.findings);
    assert_eq!(analysis.directions.possible, [("works".into(), Worse::False)]);
}
