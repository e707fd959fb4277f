//! Lowered conditions against Rhai's own interpreter on the same text, firm by firm, where every fact is known.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "tests"
)]

use risktier::Tier;
use risktier_tests::book::{Book, Effect, Rule};
use risktier_tests::expr::V;
use risktier_tests::firm::{FirmOptions, firm};
use risktier_tests::generate::{ALL, Gen};
use risktier_tests::oracle::{Oracle, Verdict, firm_map};
use risktier_tests::reference::Reference;
use risktier_tests::rng::Rng;

const RULES: usize = 50;
const FIRMS: usize = 40;

/// Compared, both faulted, and undetermined by one order of operands but not by the other.
#[derive(Default)]
struct Tally {
    equal: usize,
    faults: usize,
    order: usize,
}

fn book(seed: u64, oracle: &Oracle, tally: &mut Tally) {
    let mut rng = Rng::new(seed);
    let rules: Vec<Rule> = (0..RULES)
        .map(|at| {
            let depth = 1 + rng.below(4);
            let when = Some(Gen::new(&mut rng, ALL).condition(depth));
            Rule { id: format!("R-{at}"), group: 1, when, effect: Effect::Floor(Tier::Yellow), in_force: true }
        })
        .collect();
    let book = Book::of(rules, Vec::new());
    let grader = book.grader();
    let compiled: Vec<_> = book.rules.iter().map(|rule| oracle.compile(&rule.when.as_ref().unwrap().text())).collect();
    for _ in 0..FIRMS {
        let edge = rng.pick(&[0, 5, 20]);
        let mut firm = firm(&mut rng, FirmOptions { unknown: 0, edge });
        firm.sectors = vec!["s0".into()];
        let json = firm.json().to_string();
        let grade = grader.grade_json(&json).unwrap();
        assert!(grade.data_errors.is_empty(), "{:?}", grade.data_errors);
        let sector = &grade.sectors[0];
        let map = firm_map(&firm);
        for (rule, ast) in book.rules.iter().zip(&compiled) {
            let fired = sector.fired.iter().any(|fired| *fired.rule == *rule.id);
            let open = sector.undetermined.iter().any(|open| *open.rule == *rule.id);
            let fault = sector.faults.iter().any(|fault| fault.affects.iter().any(|name| **name == *rule.id));
            assert_eq!(
                open,
                fault,
                "all facts are known: open and faulted are the same\n{json}\n{}",
                rule.when.as_ref().unwrap().text()
            );
            let verdict = oracle.eval(ast, &map);
            match verdict {
                Verdict::Is(value) if !open && value == fired => tally.equal += 1,
                Verdict::Fault if open => tally.faults += 1,
                // `fault && false` is false here, an error there: the tables of the semantics have to agree.
                Verdict::Fault => {
                    let value = Reference::new(&firm, &[]).eval(rule.when.as_ref().unwrap());
                    assert_eq!(value, V::Bool(fired), "seed {seed}\n{}\n{json}", rule.when.as_ref().unwrap().text());
                    tally.order += 1;
                }
                Verdict::Is(_) => panic!(
                    "seed {seed}: Rhai says {verdict:?}, fired {fired}, open {open}, {:?}\n{}\n{json}",
                    sector.faults,
                    rule.when.as_ref().unwrap().text()
                ),
            }
        }
    }
}

#[test]
fn conditions_mean_what_they_mean_to_rhai() {
    let pairs: usize = std::env::var("RISKTIER_DIFF_PAIRS").ok().and_then(|text| text.parse().ok()).unwrap_or(400_000);
    let first: u64 = std::env::var("RISKTIER_DIFF_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    let oracle = Oracle::new();
    let mut tally = Tally::default();
    let mut seed = first;
    while tally.equal + tally.faults < pairs {
        book(seed, &oracle, &mut tally);
        seed += 1;
    }
    println!(
        "{} equal, {} faulted in both, {} where only Rhai's order of evaluation meets the fault",
        tally.equal, tally.faults, tally.order
    );
    assert!(tally.equal > pairs / 2, "too many faults to say much");
}
