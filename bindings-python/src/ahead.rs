//! Forecasts of a register: a row for each change of a firm's tier.

use std::sync::Arc;

use arrow_array::builder::{Date32Builder, Int64Builder, ListBuilder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::ArrowError;
use risktier::{BatchForecast, Behind, Lang, Tier, TierChange};

/// `licence_until 2026-12-31`, and of an item `stock.checked_on[2] 2026-01-05`; that a rule begins or ends.
fn because(change: &TierChange) -> impl Iterator<Item = String> {
    change.because.iter().flat_map(|turn| {
        let dates = turn.behind.iter().map(Behind::to_string);
        let begins = match (turn.was, turn.is) {
            (None, _) => Some(format!("{} begins", turn.rule)),
            (_, None) => Some(format!("{} ends", turn.rule)),
            _ => None,
        };
        dates.chain(begins).collect::<Vec<_>>()
    })
}

/// The changes of all rows, by the day, and of one day the worst first.
pub fn table(parts: &[BatchForecast]) -> Result<RecordBatch, ArrowError> {
    let mut rows: Vec<(usize, Option<String>, Tier, TierChange)> = Vec::new();
    let mut start = 0;
    for part in parts {
        for row in (0..part.len()).filter(|row| !part.changes(*row).is_empty()) {
            let Ok(forecast) = part.forecast(row) else { continue };
            let (id, now) = (forecast.id, forecast.tier);
            rows.extend(forecast.changes.into_iter().map(|change| (start + row, id.clone(), now, change)));
        }
        start += part.len();
    }
    rows.sort_by(|a, b| (a.3.on, b.3.to, a.0).cmp(&(b.3.on, a.3.to, b.0)));
    let (mut row, mut on) = (Int64Builder::new(), Date32Builder::new());
    let [mut id, mut sector, mut now, mut from, mut to]: [StringBuilder; 5] =
        std::array::from_fn(|_| StringBuilder::new());
    let [mut rules, mut reasons] = std::array::from_fn(|_| ListBuilder::new(StringBuilder::new()));
    for (at, firm, tier, change) in &rows {
        row.append_value(*at as i64);
        id.append_option(firm.as_deref());
        sector.append_option(change.because.first().map(|turn| &*turn.sector));
        now.append_value(tier.name(Lang::En));
        on.append_value(change.on.days());
        from.append_value(change.from.name(Lang::En));
        to.append_value(change.to.name(Lang::En));
        let mut turned: Vec<&str> = change.because.iter().map(|turn| &*turn.rule).collect();
        turned.dedup();
        turned.into_iter().for_each(|rule| rules.values().append_value(rule));
        rules.append(true);
        because(change).for_each(|reason| reasons.values().append_value(reason));
        reasons.append(true);
    }
    RecordBatch::try_from_iter_with_nullable([
        ("row", Arc::new(row.finish()) as ArrayRef, false),
        ("id", Arc::new(id.finish()), true),
        ("sector", Arc::new(sector.finish()), true),
        ("tier_now", Arc::new(now.finish()), false),
        ("on", Arc::new(on.finish()), false),
        ("from", Arc::new(from.finish()), false),
        ("to", Arc::new(to.finish()), false),
        ("rules", Arc::new(rules.finish()), false),
        ("because", Arc::new(reasons.finish()), false),
    ])
}
