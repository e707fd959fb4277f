//! How long the standard book takes to load, compiled and from its scripts, and to be analysed, and a ledger of civil explosives to check:
//! `cargo bench -p risktier-rules`.
#![allow(missing_docs, clippy::unwrap_used)]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use serde_json::json;

fn load(c: &mut Criterion) {
    c.bench_function("standard_book", |b| b.iter(|| risktier_rules::try_book().unwrap()));
    c.bench_function("standard_book_from_scripts", |b| {
        b.iter(|| risktier::RuleBook::from_sources(risktier_rules::sources()).unwrap())
    });
}

/// The analysis of the whole book.
fn analysis(c: &mut Criterion) {
    let grader = risktier_rules::book().as_of("2026-11-01".parse().unwrap());
    let mut group = c.benchmark_group("analysis");
    group.sample_size(10);
    group.bench_function("standard_book", |b| b.iter(|| grader.check().findings.len()));
    group.finish();
}

/// A ledger that is kept as it should be: each shift draws detonators and uses them.
fn firm(events: usize) -> String {
    let entries: Vec<serde_json::Value> = (0..events)
        .map(|at| {
            let (item, kind) = (at / 2, if at % 2 == 0 { "issue" } else { "use" });
            json!({
                "kind": kind, "material": "detonator", "code": format!("D{item:06}"), "quantity": 1.0,
                "shift": format!("S{}", item / 20), "day": format!("2026-10-{:02}", 1 + item / 20 % 28), "planned": 20.0,
            })
        })
        .collect();
    let shifts: Vec<serde_json::Value> = (0..=events / 40)
        .map(|at| json!({ "shift": format!("S{at}"), "ended": true, "roles_separated": true, "signed": true, "safety_check_done": true }))
        .collect();
    let stock = json!({ "material": "detonator", "store": "1", "opening": 100_000.0, "closing": 100_000.0 - (events / 2) as f64, "capacity": 200_000.0, "coded": true });
    json!({ "sector": "civil-explosives", "explosive_events": entries, "explosive_shifts": shifts, "explosive_stocks": [stock] }).to_string()
}

fn ledger(c: &mut Criterion) {
    let grader = risktier_rules::book().as_of("2026-11-01".parse().unwrap());
    let mut group = c.benchmark_group("ledger");
    group.sample_size(10);
    for events in [300, 1500, 3000, 12_000] {
        let firm = firm(events);
        let grade = grader.grade_json(&firm).unwrap();
        let rules = grade.sectors.iter().flat_map(|sector| &sector.fired);
        assert!(!rules.into_iter().any(|fired| fired.rule.starts_with("EL-")), "the ledger is clean");
        group.throughput(Throughput::Elements(events as u64));
        group.bench_with_input(BenchmarkId::from_parameter(events), &firm, |b, firm| {
            b.iter(|| grader.grade_json(firm).unwrap());
        });
    }
    group.finish();
}

criterion_group!(benches, load, analysis, ledger);
criterion_main!(benches);
