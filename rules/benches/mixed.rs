//! A register of all forty sectors, mixed, against registers of one sector each: `cargo bench -p risktier-rules --bench mixed`.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

mod register;

use arrow_array::RecordBatch;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use register::{FIRMS, firms, in_turn, one_each};
use risktier::{BatchGrades, Grader};

fn grade(grader: &Grader, batch: &RecordBatch) -> BatchGrades {
    grader.grade_batch(batch).unwrap()
}

fn mixed(c: &mut Criterion) {
    let book = risktier_rules::book();
    let grader = book.as_of("2026-11-01".parse().unwrap());
    let firms = firms();
    let one_each = one_each(&grader, &firms);
    let all = in_turn(&book, &firms);

    let counts = |batch: &RecordBatch| grade(&grader, batch).counts().0;
    let sum = |a: [usize; 4], b: [usize; 4]| [a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]];
    assert_eq!(one_each.iter().map(counts).fold([0; 4], sum), counts(&all), "the same firms, the same tiers");

    let mut group = c.benchmark_group("mixed_register");
    group.throughput(Throughput::Elements(FIRMS as u64));
    group.bench_function("one_sector_at_a_time", |b| {
        b.iter(|| one_each.iter().map(|batch| grade(&grader, batch).len()).sum::<usize>());
    });
    group.bench_function("forty_sectors_in_turn", |b| b.iter(|| grade(&grader, &all).len()));
    group.finish();
}

criterion_group!(benches, mixed);
criterion_main!(benches);
