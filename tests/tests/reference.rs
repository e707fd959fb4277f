//! The one-firm executor against the plain reading of the semantics, unknowns included.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "tests"
)]

use proptest::prelude::*;
use risktier_tests::book::{Book, GROUPS, MEASURES, expected, found};
use risktier_tests::firm::{FirmOptions, firm};
use risktier_tests::generate::{ALL, Options};
use risktier_tests::reference::Reference;
use risktier_tests::rng::Rng;

fn check(seed: u64, depth: usize, firms: usize) {
    let mut rng = Rng::new(seed);
    let book = Book::random(&mut rng, Options { measures: MEASURES, ..ALL }, depth, 12);
    let grader = book.grader();
    for _ in 0..firms {
        let unknown = rng.pick(&[0, 10, 30, 60]);
        let mut firm = firm(&mut rng, FirmOptions { unknown, edge: 10 });
        for (group, spec) in GROUPS.iter().enumerate().filter(|(_, spec)| spec.sector) {
            firm.sectors = vec![spec.id.into()];
            let json = firm.json().to_string();
            let grade = grader.grade_json(&json).unwrap();
            let sector = &grade.sectors[0];
            let wanted = expected(&book, group, &firm);
            if found(sector) != wanted {
                for rule in &book.rules {
                    let has = |all: &[String]| all.contains(&rule.id);
                    let got = found(sector);
                    if has(&got.fired) != has(&wanted.fired) || has(&got.undetermined) != has(&wanted.undetermined) {
                        println!("{}", risktier_tests::book::rule_text(rule));
                        for (at, measure) in book.measures.iter().enumerate() {
                            println!("  m{at}: {}", measure.text());
                        }
                    }
                }
                panic!("seed {seed} depth {depth}\n{json}\nfound    {:?}\nexpected {wanted:?}", found(sector));
            }
            for measure in &sector.measures {
                let at: usize = measure.name[1..].parse().unwrap();
                let mut reference = Reference::new(&firm, &book.measures);
                let value = reference.eval(&risktier_tests::expr::E::Measure(at, MEASURES[at]));
                let value = serde_json::to_value(risktier_tests::firm::json_value(&value)).unwrap();
                let got = serde_json::to_value(&measure.value).unwrap();
                assert_eq!(
                    got,
                    value,
                    "seed {seed} depth {depth} {}\n{}\n{json}",
                    measure.name,
                    book.measures[at].text()
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_grade_is_what_the_tables_of_the_semantics_say(seed: u64, depth in 1usize..5) {
        check(seed, depth, 20);
    }
}
