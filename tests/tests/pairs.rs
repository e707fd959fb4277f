//! Closures inside closures that compare items by equal values: only the pairs that count are looked at, and the grade is
//! what the plain reading of the semantics says for all of them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

use proptest::prelude::*;
use risktier::Tier;
use risktier_tests::arrow::batch;
use risktier_tests::book::{Book, Effect, Rule, expected, found};
use risktier_tests::firm::{Firm, FirmOptions, Items, firm};
use risktier_tests::generate::{ALL, Gen};
use risktier_tests::rng::Rng;

/// A firm whose lists are those of several, one after the other.
fn long_firm(rng: &mut Rng, unknown: u64) -> Firm {
    let options = FirmOptions { unknown, edge: 0 };
    let mut whole = firm(rng, options);
    for _ in 0..rng.below(4) {
        for (list, more) in whole.lists.iter_mut().zip(firm(rng, options).lists) {
            if let (Items::Known(items), Items::Known(more)) = (list, more) {
                items.extend(more);
            }
        }
    }
    whole.sectors = vec!["s0".into()];
    whole
}

fn check(seed: u64) {
    let mut rng = Rng::new(seed);
    let rule = |at: usize, rng: &mut Rng| {
        let when = Some(Gen::new(rng, ALL).pairs(1));
        Rule { id: format!("R-{at}"), group: 1, when, effect: Effect::Floor(Tier::Yellow), in_force: true }
    };
    // Few rules, so that the aggregates over a frame do not always ask for all pairs between them.
    let rules: Vec<Rule> = (0..4).map(|at| rule(at, &mut rng)).collect();
    let book = Book::of(rules, Vec::new());
    let grader = book.grader();
    let firms: Vec<Firm> = (0..30)
        .map(|_| {
            let unknown = rng.pick(&[0, 20, 60]);
            long_firm(&mut rng, unknown)
        })
        .collect();
    let grades = grader.grade_batch(&batch(&firms, &mut rng)).unwrap();
    for (row, firm) in firms.iter().enumerate() {
        let json = firm.json().to_string();
        let grade = grader.grade_json(&json).unwrap();
        let texts: Vec<String> = book.rules.iter().map(|rule| rule.when.as_ref().unwrap().text()).collect();
        assert_eq!(found(&grade.sectors[0]), expected(&book, 1, firm), "seed {seed}\n{}\n{json}", texts.join("\n"));
        assert_eq!(grades.grade(row).unwrap(), grade, "seed {seed} row {row}\n{}\n{json}", texts.join("\n"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pairs_that_are_left_out_change_nothing(seed: u64) {
        check(seed);
    }
}
