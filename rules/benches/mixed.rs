//! A register of all forty sectors, mixed, against registers of one sector each: `cargo bench -p risktier-rules --bench mixed`.
//! The firms are those of the examples beside the scripts, over and over.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

#[path = "../tests/columns/mod.rs"]
mod columns;

use std::collections::BTreeMap;

use arrow_array::RecordBatch;
use columns::{Facts, batch};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use risktier::{BatchGrades, ExampleFile, Grader, SectorFacts};

const FIRMS_A_SECTOR: usize = 500;

/// Firms of each sector, from its examples.
fn firms() -> BTreeMap<String, Vec<Facts>> {
    let mut firms: BTreeMap<String, Vec<Facts>> = BTreeMap::new();
    for (name, text) in risktier_rules::examples().filter(|(name, _)| name.starts_with("sectors/")) {
        let sector = name.trim_start_matches("sectors/").trim_end_matches(".examples.json");
        let all: Vec<Facts> = ExampleFile::read(text).unwrap().firms().collect();
        firms.insert(sector.to_owned(), all.into_iter().cycle().take(FIRMS_A_SECTOR).collect());
    }
    firms
}

fn grade(grader: &Grader, batch: &RecordBatch) -> BatchGrades {
    grader.grade_batch(batch).unwrap()
}

fn mixed(c: &mut Criterion) {
    let book = risktier_rules::book();
    let grader = book.as_of("2026-11-01".parse().unwrap());
    let firms = firms();
    assert_eq!(firms.len(), 40);
    let one_each: Vec<RecordBatch> =
        firms.iter().map(|(sector, firms)| batch(&grader.facts_of(sector).unwrap(), firms)).collect();
    // A firm of each sector in turn: the worst order for whoever wants neighbours alike.
    let in_turn: Vec<Facts> =
        (0..FIRMS_A_SECTOR).flat_map(|at| firms.values().map(move |firms| firms[at].clone())).collect();
    let everything = SectorFacts { facts: book.facts().iter().collect(), lists: book.lists().iter().collect() };
    let all = batch(&everything, &in_turn);

    let counts = |batch: &RecordBatch| grade(&grader, batch).counts().0;
    let sum = |a: [usize; 4], b: [usize; 4]| [a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]];
    assert_eq!(one_each.iter().map(counts).fold([0; 4], sum), counts(&all), "the same firms, the same tiers");

    let mut group = c.benchmark_group("mixed_register");
    group.throughput(Throughput::Elements((40 * FIRMS_A_SECTOR) as u64));
    group.bench_function("one_sector_at_a_time", |b| {
        b.iter(|| one_each.iter().map(|batch| grade(&grader, batch).len()).sum::<usize>());
    });
    group.bench_function("forty_sectors_in_turn", |b| b.iter(|| grade(&grader, &all).len()));
    group.finish();
}

criterion_group!(benches, mixed);
criterion_main!(benches);
