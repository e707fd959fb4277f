//! Looking ahead and comparing, beside grading the same firms once: `cargo bench -p risktier-rules --bench change`. The goal is at
//! most four times the cost of grading.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

mod register;

use arrow_array::RecordBatch;
use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use register::{FIRMS, firms, in_turn};
use risktier::{BatchOptions, Date, GradedRow, Grader, Outlook, RegisterChange};

/// How far it is looked ahead, in days.
const AHEAD: i64 = 90;

/// How many firms change, with everything that the watch list says of them.
fn watch_list(outlook: &Outlook, batch: &RecordBatch) -> usize {
    let ahead = outlook.forecast_batch(batch, &BatchOptions::default()).unwrap();
    let changing = (0..ahead.len()).filter(|row| !ahead.changes(*row).is_empty());
    changing.map(|row| ahead.forecast(row).unwrap()).filter(|forecast| !forecast.changes[0].because.is_empty()).count()
}

/// Grades on both sides, and who moved for which rules, over batches.
fn diff(before: &Grader, after: &Grader, batch: &RecordBatch, batches: usize) -> RegisterChange {
    let mut change = RegisterChange::default();
    for at in 0..batches {
        let (before, after) = (before.grade_batch(batch).unwrap(), after.grade_batch(batch).unwrap());
        for row in 0..before.len() {
            let place = (at * FIRMS + row) as u64;
            change.add(GradedRow { grades: &before, row, place }, GradedRow { grades: &after, row, place });
        }
    }
    change
}

fn change(c: &mut Criterion) {
    let book = risktier_rules::book();
    let as_of: Date = "2026-11-01".parse().unwrap();
    let until = as_of.plus_days(AHEAD).unwrap();
    let (before, after) = (book.as_of(as_of), book.as_of(until));
    let outlook = before.look_ahead(until).unwrap();
    let batch = in_turn(&book, &firms());

    // Whoever has another tier at the end has changed on the way; some have changed and come back.
    let (watched, moved) = (watch_list(&outlook, &batch), diff(&before, &after, &batch, 1).moved.len());
    assert!(0 < moved && moved <= watched, "{moved} firms moved, {watched} are watched");

    // The register in one batch, and a million firms in fifty.
    for batches in [1, 50] {
        let mut group = c.benchmark_group(format!("change_of_{}_firms", batches * FIRMS));
        group.throughput(Throughput::Elements((batches * FIRMS) as u64));
        group.sample_size(if batches == 1 { 20 } else { 10 }).sampling_mode(SamplingMode::Flat);
        let over_all = |one: &dyn Fn() -> usize| (0..batches).map(|_| one()).sum::<usize>();
        group.bench_function("grading_once", |b| {
            b.iter(|| over_all(&|| before.grade_batch(&batch).unwrap().len()));
        });
        group.bench_function("tiers_of_90_days", |b| {
            b.iter(|| over_all(&|| outlook.forecast_batch(&batch, &BatchOptions::default()).unwrap().len()));
        });
        group.bench_function("watch_list_of_90_days", |b| b.iter(|| over_all(&|| watch_list(&outlook, &batch))));
        group.bench_function("diff_of_two_days", |b| b.iter(|| diff(&before, &after, &batch, batches).moved.len()));
        group.finish();
    }
}

criterion_group!(benches, change);
criterion_main!(benches);
