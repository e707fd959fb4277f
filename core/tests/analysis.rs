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

/// Conditions over facts that have few values, so that every firm there is can be graded.
mod against_every_firm {
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;
    use risktier::{Grader, Tier};
    use serde_json::{Value, json};

    const FACTS: &str = r#"import "common" as c;
        sector("s", #{ name: #{ en: "S", zh: "行业" } });
        fact("a", BOOL, #{ en: "A", zh: "甲", worse: TRUE });
        fact("n", INT, #{ en: "N", zh: "数", min: 0, max: 2, worse: UP });
        fact("m", INT, #{ en: "M", zh: "量", min: 0, max: 2 });
        fact("k", TEXT, #{ en: "K", zh: "类", one_of: ["x", "y", "z"] });
        list("l", #{ en: "L", zh: "列", item: #{
            f: field(BOOL, #{ en: "F", zh: "是", worse: TRUE }),
            g: field(INT, #{ en: "G", zh: "值", min: 0, max: 2 }),
        } });
        c::floor("READS", YELLOW, |firm| firm.a && firm.n > 0 && firm.m > 0 && firm.k == "x" && firm.l.some(|i| i.f && i.g > 0));
    "#;

    fn items() -> Vec<Value> {
        let kinds: Vec<Value> = (0..6).map(|at| json!({ "f": at % 2 == 1, "g": at / 2 })).collect();
        let mut lists: Vec<Vec<usize>> = vec![Vec::new()];
        let mut longest = lists.clone();
        for _ in 0..3 {
            let longer = |list: &Vec<usize>| {
                let (list, from) = (list.clone(), list.last().copied().unwrap_or(0));
                (from..6).map(move |kind| list.iter().copied().chain([kind]).collect::<Vec<_>>())
            };
            longest = longest.iter().flat_map(longer).collect();
            lists.extend(longest.clone());
        }
        lists.into_iter().map(|list| list.into_iter().map(|kind| kinds[kind].clone()).collect()).collect()
    }

    /// Every firm there is; of lists, those with up to three items.
    fn firms() -> Vec<Value> {
        let mut firms = Vec::new();
        for l in items() {
            for at in 0..54 {
                let (a, n, m, k) = (at % 2 == 1, at / 2 % 3, at / 6 % 3, ["x", "y", "z"][at / 18]);
                firms.push(json!({ "sector": "s", "a": a, "n": n, "m": m, "k": k, "l": l }));
            }
        }
        firms
    }

    /// Do firms with three items show whatever firms show? Each `some` and `all` may need an item of its own, and a count as many as it counts.
    fn are_enough(conditions: &[&str]) -> bool {
        let text = conditions.join(" ");
        let counts = text.split("firm.l.count(").skip(1).filter_map(|rest| {
            let limit = rest.split_once(") > ")?.1;
            limit[..1].parse::<usize>().ok().map(|limit| limit + 1)
        });
        // One more is the item that gets worse.
        counts.sum::<usize>() + text.matches(".some(").count() + text.matches(".all(").count() < 3
    }

    fn leaf() -> impl Strategy<Value = String> {
        let number = prop_oneof![
            Just("firm.n"),
            Just("firm.m"),
            Just("firm.n + firm.m"),
            Just("firm.n - firm.m"),
            Just("2 * firm.n")
        ];
        let op = prop_oneof![Just("<"), Just("<="), Just(">"), Just(">="), Just("=="), Just("!=")];
        let of_item = prop_oneof![
            Just("i.f".to_owned()),
            (0..3i64).prop_map(|limit| format!("i.g > {limit}")),
            (0..3i64).prop_map(|limit| format!("i.f && i.g < {limit}")),
            Just("i.g > firm.m".to_owned()),
            Just("!i.f || firm.a".to_owned()),
        ];
        prop_oneof![
            3 => Just("firm.a".to_owned()),
            6 => (number, op.clone(), -3..6i64).prop_map(|(number, op, limit)| format!("{number} {op} {limit}")),
            2 => prop_oneof![Just("x"), Just("y")].prop_map(|word| format!("firm.k == \"{word}\"")),
            1 => Just("firm.k in [\"x\", \"z\"]".to_owned()),
            1 => (op, 0..4i64).prop_map(|(op, limit)| format!("(if firm.a {{ firm.n }} else {{ 2 }}) {op} {limit}")),
            3 => of_item.clone().prop_map(|of| format!("firm.l.some(|i| {of})")),
            2 => of_item.clone().prop_map(|of| format!("firm.l.all(|i| {of})")),
            2 => (of_item, 0..3i64).prop_map(|(of, least)| format!("firm.l.count(|i| {of}) > {least}")),
        ]
    }

    fn condition() -> impl Strategy<Value = String> {
        leaf().prop_recursive(3, 8, 3, |inner| {
            prop_oneof![
                3 => prop::collection::vec(inner.clone(), 2..4).prop_map(|all| format!("({})", all.join(" && "))),
                3 => prop::collection::vec(inner.clone(), 2..4).prop_map(|all| format!("({})", all.join(" || "))),
                1 => inner.prop_map(|one| format!("!({one})")),
            ]
        })
    }

    fn book(one: &str, other: &str) -> Option<Grader> {
        let rules = format!("c::floor(\"ONE\", RED, |firm| {one});\nc::floor(\"OTHER\", ORANGE, |firm| {other});");
        let sources = [("own.rhai", format!("{FACTS}{rules}")), ("common.rhai", super::COMMON.to_owned())];
        let book = risktier::RuleBook::from_sources(sources).ok()?;
        // A condition without facts is warned of when it is loaded.
        book.warnings().is_empty().then(|| book.as_of("2026-11-01".parse().unwrap()))
    }

    /// Which of the two rules fire, and the tier.
    fn outcomes(grader: &Grader, firm: &Value) -> (bool, bool, Tier) {
        let grade = grader.grade_value(firm).unwrap();
        let fires = |id: &str| grade.sectors[0].fired.iter().any(|fired| &*fired.rule == id);
        (fires("ONE"), fires("OTHER"), grade.tier)
    }

    /// The same firm, and worse in one thing.
    fn worse(firm: &Value, fact: &str) -> Vec<Value> {
        let with = |key: &str, value: Value| {
            let mut firm = firm.clone();
            firm[key] = value;
            firm
        };
        match fact {
            "a" if firm["a"] == json!(false) => vec![with("a", json!(true))],
            "n" => (firm["n"].as_i64().unwrap() + 1..3).map(|more| with("n", json!(more))).collect(),
            "l.f" => {
                let items = firm["l"].as_array().unwrap();
                let clear = (0..items.len()).filter(|at| items[*at]["f"] == json!(false));
                clear
                    .map(|at| {
                        let mut items = items.clone();
                        items[at]["f"] = json!(true);
                        with("l", json!(items))
                    })
                    .collect()
            }
            _ => Vec::new(),
        }
    }

    proptest! {
        // Always the same conditions: what the analysis does not decide is no error of whoever runs the test.
        #![proptest_config(ProptestConfig { cases: 60, rng_seed: RngSeed::Fixed(20261125), ..ProptestConfig::default() })]

        #[test]
        fn what_is_found_is_what_all_firms_show(one in condition(), other in condition()) {
            let Some(grader) = book(&one, &other) else { return Ok(()) };
            let analysis = grader.check();
            let found = super::subjects(&analysis);
            let has = |code: &str, rule: &str| found.iter().any(|(known, subject)| *known == code && subject == rule);
            let firms = firms();
            let all: Vec<(bool, bool, Tier)> = firms.iter().map(|firm| outcomes(&grader, firm)).collect();
            let small = are_enough(&[&one, &other]);
            for (rule, fires) in [("ONE", all.iter().map(|one| one.0).collect::<Vec<_>>()), ("OTHER", all.iter().map(|one| one.1).collect())] {
                let (never, always) = (fires.iter().all(|fires| !fires), fires.iter().all(|fires| *fires));
                if small {
                    prop_assert_eq!(has("W101", rule), never, "{} of {} and {}", rule, one, other);
                    prop_assert_eq!(has("W102", rule), always, "{} of {} and {}", rule, one, other);
                } else {
                    prop_assert!(never || !has("W101", rule), "{} of {} and {}", rule, one, other);
                    prop_assert!(always || !has("W102", rule), "{} of {} and {}", rule, one, other);
                }
            }
            let constant = ["ONE", "OTHER"].iter().any(|rule| has("W101", rule) || has("W102", rule));
            if has("W104", "OTHER") {
                prop_assert!(all.iter().all(|(one, other, _)| !other || *one), "{} within {}", other, one);
            }
            let covered = all.iter().all(|(one, other, _)| !other || *one);
            if small && covered && !constant {
                // A rule that shares no fact with another is not compared with it.
                let shares = ["firm.a", "firm.n", "firm.m", "firm.k", "firm.l"].iter().any(|fact| one.contains(fact) && other.contains(fact));
                prop_assert!(has("W104", "OTHER") || !shares, "{} within {}", other, one);
            }
            for fact in ["a", "n", "l.f"] {
                let better = firms.iter().zip(&all).find_map(|(firm, (.., tier))| {
                    worse(firm, fact).into_iter().find(|other| outcomes(&grader, other).2 < *tier).map(|other| (firm.clone(), other))
                });
                let proved = analysis.directions.proved.iter().any(|known| &**known == fact);
                prop_assert!(better.is_none() || !proved, "{} of {} and {}: {:?}", fact, one, other, better);
                prop_assert!(better.is_some() || !has("W108", fact) || !small, "{} of {} and {}", fact, one, other);
                if small {
                    prop_assert!(better.is_none() || has("W108", fact), "{} of {} and {}: {:?}", fact, one, other, better);
                    prop_assert!(better.is_some() || proved, "{} of {} and {} is not decided", fact, one, other);
                }
            }
        }
    }
}

#[test]
fn computed_points_that_fall_as_a_fact_gets_worse_are_shown_where_the_tier_changes() {
    let analysis = grader(
        "own.rhai",
        r#"import "common" as c;
        sector("s", #{ name: #{ en: "S", zh: "行业" }, score: #{ base: 100, bands: [
            #{ tier: RED, below: 60 }, #{ tier: YELLOW, from: 60, below: 90 }, #{ tier: BLUE, from: 90 },
        ] } });
        fact("area", FLOAT, #{ en: "Area", zh: "面积", unit: "m2", min: 0.0, worse: DOWN });
        item("one", #{ en: "One", zh: "一", lowest: -50 });
        c::deduct_computed("A", "one", |firm| firm.area / 100.0);"#,
    )
    .check();
    let [finding] = analysis.findings.as_slice() else { panic!("{:?}", analysis.findings) };
    assert_eq!(finding.code(), "W108");
    let witness = finding.witness().unwrap();
    assert!(witness.other.as_ref().unwrap().1 < witness.tier);
}
