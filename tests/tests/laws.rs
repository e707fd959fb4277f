//! The laws of the semantics, over random books and firms.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unreachable,
    missing_docs,
    reason = "tests"
)]

use proptest::prelude::*;
use risktier::{ExportOptions, Grade, Grader, RuleBook, RuleOutcome, Tier};
use risktier_tests::arrow::batch;
use risktier_tests::book::{Amount, Book, Effect, MEASURES, Rule};
use risktier_tests::expr::{E, Ty, V};
use risktier_tests::firm::{Firm, FirmOptions, Items, firm};
use risktier_tests::generate::{ALL, Gen, Options, PLAIN, day, float, int, text_for};
use risktier_tests::rng::Rng;
use risktier_tests::schema::{FACTS, FactSpec, LISTS};
use serde_json::Value as Json;

const SECTORS: [&str; 3] = ["s0", "s1", "s2"];

fn plain_book(rng: &mut Rng, depth: usize, each: usize) -> Book {
    Book::random(rng, Options { measures: MEASURES, ..PLAIN }, depth, each)
}

fn sector_firm(rng: &mut Rng, unknown: u64, edge: u64) -> Firm {
    let mut firm = firm(rng, FirmOptions { unknown, edge });
    firm.sectors = vec![rng.pick(&SECTORS).to_owned()];
    firm
}

fn grade(grader: &Grader, firm: &Firm) -> Grade {
    grader.grade_json(&firm.json().to_string()).unwrap()
}

fn some_value(rng: &mut Rng, spec: &FactSpec) -> V {
    match spec.ty {
        Ty::Bool => V::Bool(rng.percent(50)),
        Ty::Int => loop {
            let value = int(rng, 5);
            if spec.limits.is_none_or(|(min, max)| (min..=max).contains(&(value as f64))) {
                return V::Int(value);
            }
        },
        Ty::Float => loop {
            let value = float(rng, 0);
            if spec.limits.is_none_or(|(min, max)| (min..=max).contains(&value)) {
                return V::Float(value);
            }
        },
        Ty::Text => V::Text(text_for(rng, spec)),
        Ty::Date => V::Date(day(rng, 0)),
    }
}

/// Makes unknown facts known, each with this chance of a hundred; true if there was one.
fn learn(rng: &mut Rng, firm: &mut Firm, chance: u64, only: impl Fn(&str) -> bool) -> bool {
    let mut learned = false;
    for (spec, value) in FACTS.iter().zip(&mut firm.facts) {
        if *value == V::Unknown && only(spec.name) && rng.percent(chance) {
            *value = some_value(rng, spec);
            learned = true;
        }
    }
    for (list, items) in LISTS.iter().zip(&mut firm.lists) {
        if *items == Items::Unknown && only(list.name) && rng.percent(chance) {
            let len = rng.below(3);
            let item = |rng: &mut Rng| Some(list.fields.iter().map(|spec| some_value(rng, spec)).collect());
            *items = Items::Known((0..len).map(|_| item(rng)).collect());
            learned = true;
        }
        let Items::Known(items) = items else { continue };
        for item in items {
            let fields = item.get_or_insert_with(|| vec![V::Unknown; list.fields.len()]);
            for (spec, value) in list.fields.iter().zip(fields) {
                if *value == V::Unknown && only(&format!("{}.{}", list.name, spec.name)) && rng.percent(chance) {
                    *value = some_value(rng, spec);
                    learned = true;
                }
            }
        }
    }
    learned
}

/// `&&`, `||` and `!` over questions each of one fact.
fn logic(rng: &mut Rng, depth: usize) -> E {
    let side = |rng: &mut Rng| Box::new(logic(rng, depth.saturating_sub(1)));
    match rng.below(if depth == 0 { 2 } else { 6 }) {
        0 => E::Fact(rng.below(3)),
        1 => {
            let facts = ["n0", "n1", "n2", "n_lim"].map(risktier_tests::schema::fact_index);
            let limit = E::Lit(V::Int(int(rng, 0)));
            E::Bin(rng.pick(&["<", ">=", "==", "!="]), Box::new(E::Fact(rng.pick(&facts))), Box::new(limit))
        }
        2 => E::Un("!", side(rng)),
        op => E::Bin(if op == 3 { "||" } else { "&&" }, side(rng), side(rng)),
    }
}

fn what_is_missing_holds(book: &Book, rng: &mut Rng) -> Result<(), TestCaseError> {
    let grader = book.grader();
    for _ in 0..12 {
        let firm = sector_firm(rng, 40, 0);
        let before = grade(&grader, &firm);
        for missing in &before.missing {
            for _ in 0..8 {
                let mut learned = firm.clone();
                learn(rng, &mut learned, 100, |name| name == &*missing.fact);
                let after = grade(&grader, &learned);
                if after.sectors.iter().any(|sector| !sector.faults.is_empty()) {
                    continue;
                }
                prop_assert!(
                    after.best <= missing.best_at_worst && after.worst >= missing.worst_at_best,
                    "{missing:?} but [{}, {}]\nbefore {}\nafter {}",
                    after.best,
                    after.worst,
                    firm.json(),
                    learned.json()
                );
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn learning_a_fact_never_widens_the_bounds(seed: u64, depth in 1usize..5) {
        let mut rng = Rng::new(seed);
        let book = plain_book(&mut rng, depth, 6);
        let grader = book.grader();
        for _ in 0..20 {
            let mut firm = sector_firm(&mut rng, 70, 0);
            let mut before = grade(&grader, &firm);
            for chance in [10, 30, 50, 100] {
                learn(&mut rng, &mut firm, chance, |_| true);
                let after = grade(&grader, &firm);
                // A fault is an unknown that comes with knowing; then nothing is promised but what follows.
                if after.sectors.iter().any(|sector| !sector.faults.is_empty()) {
                    break;
                }
                prop_assert!(
                    after.best >= before.best && after.worst <= before.worst,
                    "[{}, {}] became [{}, {}]: {}", before.best, before.worst, after.best, after.worst, firm.json()
                );
                if let (Some(one), Some(other)) = (before.sectors[0].score, after.sectors[0].score) {
                    prop_assert!(other.low >= one.low && other.high <= one.high, "{one:?} {other:?} {}", firm.json());
                }
                before = after;
            }
        }
    }

    #[test]
    fn a_firm_of_which_all_is_known_is_settled(seed: u64, depth in 1usize..5) {
        let mut rng = Rng::new(seed);
        let book = Book::random(&mut rng, Options { measures: MEASURES, ..ALL }, depth, 6);
        let grader = book.grader();
        for _ in 0..20 {
            let firm = sector_firm(&mut rng, 0, 10);
            let grade = grade(&grader, &firm);
            let sector = &grade.sectors[0];
            let open: Vec<_> = sector.undetermined.iter().map(|open| &open.rule).collect();
            for rule in &open {
                prop_assert!(sector.faults.iter().any(|fault| fault.affects.contains(rule)), "{rule} is open without a fault");
            }
            prop_assert!(sector.undetermined.iter().all(|open| open.waits_for.is_empty()));
            prop_assert!(grade.settled || !sector.faults.is_empty());
            prop_assert!(grade.missing.is_empty());
        }
    }

    #[test]
    fn a_grade_agrees_with_itself_and_with_its_explanation(seed: u64, depth in 1usize..5) {
        let mut rng = Rng::new(seed);
        let book = Book::random(&mut rng, Options { measures: MEASURES, ..ALL }, depth, 6);
        let grader = book.grader();
        for _ in 0..20 {
            let unknown = rng.pick(&[0, 20, 60]);
            let firm = sector_firm(&mut rng, unknown, 10);
            let json = firm.json().to_string();
            let grade = grade(&grader, &firm);
            prop_assert!(grade.best <= grade.tier && grade.tier <= grade.worst, "{json}");
            prop_assert_eq!(grade.settled, grade.best == grade.worst);
            prop_assert!(!grade.settled || grade.missing.is_empty());
            if let Some(score) = grade.sectors[0].score {
                prop_assert!(score.low <= score.value && score.value <= score.high, "{json}");
            }
            let explanation = grader.explain_json(&json).unwrap();
            prop_assert_eq!(&explanation.grade, &grade);
            let sector = &grade.sectors[0];
            let with = |wanted: RuleOutcome| -> Vec<String> {
                let rules = explanation.sectors[0].rules.iter();
                rules.filter(|rule| rule.outcome == wanted).map(|rule| rule.rule.to_string()).collect()
            };
            prop_assert_eq!(with(RuleOutcome::Fired), sector.fired.iter().map(|fired| fired.rule.to_string()).collect::<Vec<_>>());
            prop_assert_eq!(with(RuleOutcome::Undetermined), sector.undetermined.iter().map(|open| open.rule.to_string()).collect::<Vec<_>>());
            for rule in &explanation.sectors[0].rules {
                let waits = sector.undetermined.iter().find(|open| open.rule == rule.rule).map(|open| open.waits_for.clone());
                prop_assert_eq!(&rule.waits_for, &waits.unwrap_or_default());
                // Each fact that it waits for is among those that it read, and has no value there.
                for wait in &rule.waits_for {
                    let name = wait.fact.split('.').next().unwrap();
                    prop_assert!(rule.read.iter().any(|read| &*read.fact == name), "{} waits for {name}", rule.rule);
                }
            }
        }
    }

    #[test]
    fn a_data_error_counts_as_an_unknown_fact(seed: u64, depth in 1usize..4) {
        let mut rng = Rng::new(seed);
        let book = Book::random(&mut rng, Options { measures: MEASURES, ..ALL }, depth, 6);
        let grader = book.grader();
        for _ in 0..20 {
            let mut firm = sector_firm(&mut rng, 20, 5);
            let fact = rng.below(FACTS.len());
            firm.facts[fact] = V::Unknown;
            let unknown = grade(&grader, &firm);
            let mut json = firm.json();
            json[FACTS[fact].name] = if rng.percent(30) { Json::Array(vec![]) } else { serde_json::json!({"x": 1}) };
            let wrong = grader.grade_json(&json.to_string()).unwrap();
            let mut same = wrong.clone();
            same.data_errors.clear();
            prop_assert_eq!(&same, &unknown);
            prop_assert!(wrong.data_errors.len() <= 1);
        }
    }

    #[test]
    fn a_fault_never_lowers_what_an_unknown_would_give(seed: u64) {
        let mut rng = Rng::new(seed);
        // Rules that compare a quotient, which faults where `n1` is 0.
        let rules: Vec<Rule> = (0..12).map(|at| {
            let mut side = || Box::new(Gen::new(&mut rng, PLAIN).any(Ty::Int, 1));
            let quotient = E::Bin("/", side(), Box::new(E::Fact(risktier_tests::schema::fact_index("n1"))));
            let compare = E::Bin("<", Box::new(quotient), side());
            let group = 1 + rng.below(3);
            let effect = if group == 1 { Effect::Floor(rng.pick(&Tier::ALL)) } else { Effect::Points(0, rng.percent(50), Amount::Fixed(15_000)) };
            Rule { id: format!("R-{at}"), group, when: Some(compare), effect, in_force: true }
        }).collect();
        let grader = Book::of(rules, Vec::new()).grader();
        let n1 = risktier_tests::schema::fact_index("n1");
        for _ in 0..20 {
            let mut firm = sector_firm(&mut rng, 20, 5);
            firm.facts[n1] = V::Unknown;
            let unknown = grade(&grader, &firm);
            firm.facts[n1] = V::Int(0);
            let faulted = grade(&grader, &firm);
            if faulted.sectors[0].undetermined.len() == unknown.sectors[0].undetermined.len() {
                prop_assert!(faulted.tier >= unknown.tier && faulted.worst >= unknown.worst, "{}", firm.json());
            }
        }
    }

    #[test]
    fn a_floor_rule_more_never_lowers_anything(seed: u64, depth in 1usize..4) {
        let mut rng = Rng::new(seed);
        let book = Book::random(&mut rng, Options { measures: MEASURES, ..ALL }, depth, 5);
        let mut more = book.rules.clone();
        let when = Some(Gen::new(&mut rng, ALL).condition(depth));
        let group = rng.below(4);
        let effect = Effect::Floor(rng.pick(&Tier::ALL));
        more.insert(rng.below(more.len() + 1), Rule { id: "MORE".into(), group, when, effect, in_force: true });
        let more = Book::of(more, book.measures.clone());
        let (less, more) = (book.grader(), more.grader());
        for _ in 0..30 {
            let unknown = rng.pick(&[0, 20, 60]);
            let firm = sector_firm(&mut rng, unknown, 10);
            let (less, more) = (grade(&less, &firm), grade(&more, &firm));
            prop_assert!(less.tier <= more.tier && less.best <= more.best && less.worst <= more.worst, "{}", firm.json());
        }
    }

    #[test]
    fn several_sectors_give_the_worst_of_each(seed: u64, depth in 1usize..4) {
        let mut rng = Rng::new(seed);
        let book = Book::random(&mut rng, Options { measures: MEASURES, ..ALL }, depth, 6);
        let grader = book.grader();
        for _ in 0..20 {
            let unknown = rng.pick(&[0, 20, 60]);
            let mut firm = sector_firm(&mut rng, unknown, 10);
            let alone: Vec<Grade> = SECTORS.iter().map(|sector| { firm.sectors = vec![(*sector).into()]; grade(&grader, &firm) }).collect();
            firm.sectors = SECTORS.iter().map(|sector| (*sector).into()).collect();
            let all = grade(&grader, &firm);
            let worst = |pick: fn(&Grade) -> Tier| alone.iter().map(pick).max().unwrap();
            prop_assert_eq!((all.tier, all.best, all.worst), (worst(|g| g.tier), worst(|g| g.best), worst(|g| g.worst)));
            let decided = alone.iter().find(|one| one.tier == all.tier).unwrap();
            prop_assert_eq!(&all.decided_by, &decided.sectors[0].sector);
            for (one, sector) in alone.iter().zip(&all.sectors) {
                prop_assert_eq!(&one.sectors[0], sector);
            }
        }
    }

    #[test]
    fn learning_what_is_missing_settles_the_grade(seed: u64, depth in 1usize..4) {
        let mut rng = Rng::new(seed);
        let book = plain_book(&mut rng, depth, 6);
        let grader = book.grader();
        for _ in 0..12 {
            let unknown = rng.pick(&[20, 60, 90]);
            let mut firm = sector_firm(&mut rng, unknown, 0);
            if rng.percent(30) {
                firm.sectors = SECTORS.iter().map(|sector| (*sector).into()).collect();
            }
            let mut rounds = 0;
            loop {
                let before = grade(&grader, &firm);
                let faulted = before.sectors.iter().any(|sector| !sector.faults.is_empty());
                if before.settled || faulted {
                    break;
                }
                prop_assert!(!before.missing.is_empty(), "open, and nothing is missing: {}", firm.json());
                // Narrowing most first.
                let narrowed = |missing: &risktier::Missing| {
                    (missing.best_at_worst as i32 - before.best as i32) + (before.worst as i32 - missing.worst_at_best as i32)
                };
                prop_assert!(before.missing.is_sorted_by(|a, b| narrowed(a) >= narrowed(b)), "{:?}", before.missing);
                for missing in &before.missing {
                    prop_assert!(missing.best_at_worst >= before.best && missing.worst_at_best <= before.worst);
                }
                let names: Vec<&str> = before.missing.iter().map(|missing| &*missing.fact).collect();
                prop_assert!(learn(&mut rng, &mut firm, 100, |name| names.contains(&name)), "{names:?} are not unknown: {}", firm.json());
                rounds += 1;
                prop_assert!(rounds < 12, "no end: {}", firm.json());
            }
        }
    }

    /// What a single fact is said to decide, at best and at worst, holds for every value of it.
    #[test]
    fn what_a_missing_fact_would_decide_holds_in_logic(seed: u64) {
        let mut rng = Rng::new(seed);
        let rules = (0..14).map(|at| {
            let group = rng.below(4);
            let effect = if group < 2 || rng.percent(30) {
                Effect::Floor(rng.pick(&Tier::ALL))
            } else {
                Effect::Points(rng.below(2), rng.percent(50), Amount::Fixed(rng.pick(&[2_000, 15_000, 333])))
            };
            Rule { id: format!("R-{at}"), group, when: Some(logic(&mut rng, 3)), effect, in_force: true }
        });
        let book = Book::of(rules.collect(), Vec::new());
        what_is_missing_holds(&book, &mut rng)?;
    }

    #[test]
    fn the_same_book_and_firm_give_the_same_bytes(seed: u64, depth in 1usize..4) {
        let mut rng = Rng::new(seed);
        let book = Book::random(&mut rng, Options { measures: MEASURES, ..ALL }, depth, 5);
        let loaded = book.load();
        let copy = RuleBook::from_bundle(&loaded.to_bundle().unwrap()).unwrap();
        prop_assert_eq!(copy.hash(), loaded.hash());
        prop_assert_eq!(copy.to_bundle(), loaded.to_bundle());
        let date = book.grader().as_of();
        let compiled = RuleBook::from_compiled(&loaded.to_compiled()).unwrap();
        prop_assert_eq!(compiled.to_compiled(), loaded.to_compiled());
        let graders = [loaded.as_of(date), book.grader(), copy.as_of(date), compiled.as_of(date)];
        let firms: Vec<Firm> = (0..20).map(|_| sector_firm(&mut rng, 30, 10)).collect();
        for firm in &firms {
            let json = firm.json().to_string();
            let bytes: Vec<String> = graders.iter().map(|grader| serde_json::to_string(&grader.grade_json(&json).unwrap()).unwrap()).collect();
            prop_assert!(bytes.iter().all(|one| *one == bytes[0]));
            let explained: Vec<String> = graders.iter().map(|grader| serde_json::to_string(&grader.explain_json(&json).unwrap()).unwrap()).collect();
            prop_assert!(explained.iter().all(|one| *one == explained[0]));
            // The order of keys is of no meaning.
            let Json::Object(map) = firm.json() else { unreachable!() };
            let turned: serde_json::Map<String, Json> = map.into_iter().rev().collect();
            let turned = graders[0].grade_json(&Json::Object(turned).to_string()).unwrap();
            prop_assert_eq!(serde_json::to_string(&turned).unwrap(), bytes[0].clone());
        }
    }

    #[test]
    fn threads_change_nothing(seed: u64) {
        let mut rng = Rng::new(seed);
        let book = Book::random(&mut rng, Options { measures: MEASURES, ..ALL }, 2, 4);
        let grader = book.grader();
        let firms: Vec<Firm> = (0..100).map(|_| sector_firm(&mut rng, 30, 10)).collect();
        let batch = batch(&firms, &mut rng);
        let export = |grader: &Grader| grader.grade_batch(&batch).unwrap().to_record_batch(&ExportOptions::default()).unwrap();
        let alone = export(&grader);
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..3).map(|_| scope.spawn(|| export(&grader))).collect();
            threads.into_iter().for_each(|thread| assert_eq!(thread.join().unwrap(), alone));
        });
    }
}

/// `until` is the first day on which a rule is no longer in force; to Rhai it is a word of its own.
#[test]
fn a_rule_outside_its_dates_does_not_exist() {
    let when =
        Some(E::Un("!", Box::new(E::Bin("&&", Box::new(E::Fact(0)), Box::new(E::Un("!", Box::new(E::Fact(0))))))));
    let rule = |id: &str, in_force| Rule {
        id: id.into(),
        group: 1,
        when: when.clone(),
        effect: Effect::Floor(Tier::Red),
        in_force,
    };
    let book = Book::of(vec![rule("IN", true), rule("OUT", false)], Vec::new()).load();
    let fired = |day: &str| -> Vec<String> {
        let grade = book.as_of(day.parse().unwrap()).grade_json(r#"{"sector": "s0", "b0": true}"#).unwrap();
        grade.sectors[0].fired.iter().map(|fired| fired.rule.to_string()).collect()
    };
    assert_eq!(fired("2019-12-31"), [""; 0]);
    assert_eq!(fired("2020-01-01"), ["IN", "OUT"]);
    assert_eq!(fired("2026-10-31"), ["IN", "OUT"]);
    assert_eq!(fired("2026-11-01"), ["IN"]);
}
