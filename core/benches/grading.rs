//! The benchmark workload side by side in one run: columns, one firm, and the same rules written by hand in Rust.
//!
//! `cargo bench -p risktier --bench grading`. Figures and method: `BENCHMARKS.md`.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

mod by_hand;
mod register;

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use risktier::{Date, Grader, RuleBook};

const SCRIPT: &str = include_str!("workload.rhai");

fn grader() -> Grader {
    RuleBook::from_sources([("workload.rhai", SCRIPT)]).unwrap().as_of(Date::new(2026, 11, 1).unwrap())
}

fn many(c: &mut Criterion) {
    // One thread for both: rayon would take all there are.
    let one_thread = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let rows = 1 << 18;
    let register = register::Register::new(rows);
    let batch = register.to_batch();
    let narrow = register.to_narrow_batch();
    let nulls = register.to_batch_with_nulls();
    let grader = grader();

    let by_hand = by_hand::grade_rows(&register);
    let by_columns = grader.grade_batch(&batch).unwrap();
    assert_eq!(by_columns.counts().0, by_hand.tiers, "both sides of the comparison must agree");

    let mut group = c.benchmark_group("many");
    group.throughput(Throughput::Elements(rows as u64)).sample_size(20).measurement_time(Duration::from_secs(4));
    group.bench_function("row_loop_by_hand", |b| b.iter(|| black_box(by_hand::grade_rows(black_box(&register)))));
    group.bench_function("columns_1_thread", |b| {
        b.iter(|| one_thread.install(|| black_box(grader.grade_batch(black_box(&batch)).unwrap())))
    });
    group.bench_function("columns_1_thread_narrow_types", |b| {
        b.iter(|| one_thread.install(|| black_box(grader.grade_batch(black_box(&narrow)).unwrap())))
    });
    group.bench_function("columns_1_thread_5_percent_nulls", |b| {
        b.iter(|| one_thread.install(|| black_box(grader.grade_batch(black_box(&nulls)).unwrap())))
    });
    group.bench_function("columns_all_threads", |b| {
        b.iter(|| black_box(grader.grade_batch(black_box(&batch)).unwrap()))
    });
    group.finish();
}

fn one(c: &mut Criterion) {
    let register = register::Register::new(256);
    let texts: Vec<String> = (0..256).map(|row| register.to_json(row)).collect();
    let grader = grader();
    for (row, text) in texts.iter().enumerate() {
        let grade = grader.grade_json(text).unwrap();
        let (tier, fired) = by_hand::grade_json(text);
        assert_eq!((grade.tier as u8, grade.sectors[0].fired.len()), (tier, fired.len()), "row {row}");
    }
    let mut group = c.benchmark_group("one");
    group.throughput(Throughput::Elements(256)).sample_size(40).measurement_time(Duration::from_secs(3));
    group.bench_function("json_by_hand", |b| {
        b.iter(|| texts.iter().map(|text| by_hand::grade_json(text).1.len()).sum::<usize>())
    });
    group.bench_function("json", |b| {
        b.iter(|| texts.iter().map(|text| grader.grade_json(text).unwrap().sectors[0].fired.len()).sum::<usize>())
    });
    group.finish();
}

fn load(c: &mut Criterion) {
    let mut group = c.benchmark_group("load");
    group.sample_size(20).measurement_time(Duration::from_secs(3));
    group.bench_function("workload", |b| {
        b.iter(|| RuleBook::from_sources([("workload.rhai", black_box(SCRIPT))]).unwrap())
    });
    group.finish();
}

criterion_group!(benches, many, one, load);
criterion_main!(benches);
