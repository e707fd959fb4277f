//! How long the standard book takes to load: `cargo bench -p risktier-rules`.
#![allow(missing_docs, clippy::unwrap_used)]

use criterion::{Criterion, criterion_group, criterion_main};

fn load(c: &mut Criterion) {
    c.bench_function("standard_book", |b| b.iter(|| risktier_rules::try_book().unwrap()));
}

criterion_group!(benches, load);
criterion_main!(benches);
