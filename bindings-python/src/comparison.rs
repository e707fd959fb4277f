//! Two gradings of one register, by other books or on other days: takes both, gives how many firms went from which tier to
//! which, and for each firm that moved the rules that fire only on one side.

use std::sync::Arc;

use arrow_array::builder::{Float64Builder, Int64Builder, ListBuilder, StringBuilder};
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_schema::ArrowError;
use rayon::prelude::*;
use risktier::{Lang, RuleOutcome, Tier};
use rustc_hash::FxHashMap;

use crate::grades::{NativeGrades, Part};

/// A row of a register.
type Place<'g> = (&'g Part, usize);

/// A firm whose tier is not the same on both sides.
struct Move<'g> {
    before: Place<'g>,
    after: Place<'g>,
}

/// Two gradings, matched firm by firm.
pub struct Compared<'g> {
    /// From tier (4 for ungraded), to tier.
    counts: [[i64; 5]; 5],
    moves: Vec<Move<'g>>,
    pub only_before: usize,
    pub only_after: usize,
}

fn places(grades: &NativeGrades) -> Vec<Place<'_>> {
    grades.parts.iter().flat_map(|part| (0..part.grades.len()).map(move |row| (part, row))).collect()
}

fn tier((part, row): Place<'_>) -> Option<Tier> {
    part.grades.tiers(row).map(|(tier, ..)| tier)
}

fn fired((part, row): Place<'_>) -> Vec<&str> {
    part.grades.rules(row, RuleOutcome::Fired).map(|of| &*of.rule.id).collect()
}

/// Where one side has the firms of the other.
fn matched<'g>(before: &[Place<'g>], after: &[Place<'g>]) -> Result<Vec<(Place<'g>, Place<'g>)>, String> {
    let ids = |places: &[Place<'g>]| -> Vec<Option<String>> {
        places.par_iter().map(|(part, row)| part.grades.id(*row)).collect()
    };
    let (ids_before, ids_after) = (ids(before), ids(after));
    if ids_before == ids_after {
        return Ok(before.iter().copied().zip(after.iter().copied()).collect());
    }
    let mut by_id: FxHashMap<&str, Place<'g>> = FxHashMap::default();
    for (id, place) in ids_after.iter().zip(after) {
        let Some(id) = id else {
            return Err(
                "the registers differ, and not every firm has an id; expected one register, or a column `id` in both"
                    .into(),
            );
        };
        if by_id.insert(id, *place).is_some() {
            return Err(format!(
                "the registers differ, and `{id}` is the id of several firms; expected ids that name one each"
            ));
        }
    }
    let mut seen = rustc_hash::FxHashSet::default();
    let mut pairs = Vec::new();
    for (id, place) in ids_before.iter().zip(before) {
        let Some(id) = id else {
            return Err(
                "the registers differ, and not every firm has an id; expected one register, or a column `id` in both"
                    .into(),
            );
        };
        if !seen.insert(id.as_str()) {
            return Err(format!(
                "the registers differ, and `{id}` is the id of several firms; expected ids that name one each"
            ));
        }
        if let Some(after) = by_id.get(id.as_str()) {
            pairs.push((*place, *after));
        }
    }
    Ok(pairs)
}

pub fn compare<'g>(before: &'g NativeGrades, after: &'g NativeGrades) -> Result<Compared<'g>, String> {
    let (rows_before, rows_after) = (places(before), places(after));
    let pairs = matched(&rows_before, &rows_after)?;
    let mut compared = Compared {
        counts: [[0; 5]; 5],
        moves: Vec::new(),
        only_before: rows_before.len() - pairs.len(),
        only_after: rows_after.len() - pairs.len(),
    };
    for (before, after) in pairs {
        let (from, to) = (tier(before), tier(after));
        let place = |tier: Option<Tier>| tier.map_or(4, |tier| tier as usize);
        if let Some(count) = compared.counts.get_mut(place(from)).and_then(|row| row.get_mut(place(to))) {
            *count += 1;
        }
        if from != to {
            compared.moves.push(Move { before, after });
        }
    }
    Ok(compared)
}

impl Compared<'_> {
    /// A row for each tier before, a column for each tier after.
    pub fn matrix(&self) -> Result<RecordBatch, ArrowError> {
        let names = ["blue", "yellow", "orange", "red", "ungraded"];
        let mut columns: Vec<(&str, ArrayRef)> = vec![("before", Arc::new(StringArray::from_iter_values(names)))];
        for (at, name) in names.into_iter().enumerate() {
            let counts = self.counts.iter().map(|row| row.get(at).copied());
            columns.push((name, Arc::new(counts.collect::<Int64Array>())));
        }
        RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, false)))
    }

    /// A row for each firm that moved.
    pub fn moved(&self) -> Result<RecordBatch, ArrowError> {
        let [mut id, mut sector, mut before, mut after, mut direction]: [StringBuilder; 5] =
            std::array::from_fn(|_| StringBuilder::new());
        let [mut row, mut row_after] = [Int64Builder::new(), Int64Builder::new()];
        let [mut score_before, mut score_after] = [Float64Builder::new(), Float64Builder::new()];
        let [mut now, mut no_longer] = std::array::from_fn(|_| ListBuilder::new(StringBuilder::new()));
        for one in &self.moves {
            let (from, to) = (tier(one.before), tier(one.after));
            row.append_value((one.before.0.start + one.before.1) as i64);
            row_after.append_value((one.after.0.start + one.after.1) as i64);
            id.append_option(one.after.0.grades.id(one.after.1));
            sector.append_option(one.after.0.grades.decided_by(one.after.1));
            before.append_option(from.map(|tier| tier.name(Lang::En)));
            after.append_option(to.map(|tier| tier.name(Lang::En)));
            direction.append_option(from.zip(to).map(|(from, to)| if to > from { "worse" } else { "better" }));
            let score = |(part, row): Place<'_>| part.grades.score(row).map(|score| score.value.to_f64());
            score_before.append_option(score(one.before));
            score_after.append_option(score(one.after));
            let (was, is) = (fired(one.before), fired(one.after));
            is.iter().filter(|rule| !was.contains(rule)).for_each(|rule| now.values().append_value(rule));
            now.append(true);
            was.iter().filter(|rule| !is.contains(rule)).for_each(|rule| no_longer.values().append_value(rule));
            no_longer.append(true);
        }
        RecordBatch::try_from_iter_with_nullable([
            ("row", Arc::new(row.finish()) as ArrayRef, false),
            ("row_after", Arc::new(row_after.finish()), false),
            ("id", Arc::new(id.finish()), true),
            ("sector", Arc::new(sector.finish()), true),
            ("before", Arc::new(before.finish()), true),
            ("after", Arc::new(after.finish()), true),
            ("direction", Arc::new(direction.finish()), true),
            ("score_before", Arc::new(score_before.finish()), true),
            ("score_after", Arc::new(score_after.finish()), true),
            ("fires_now", Arc::new(now.finish()), false),
            ("no_longer", Arc::new(no_longer.finish()), false),
        ])
    }
}
