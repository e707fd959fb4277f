//! Two gradings of one register, by other books or on other days: takes both, gives how many firms went from which tier to
//! which, and for each firm that moved the rules that fire only on one side.

use std::sync::Arc;

use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::ArrowError;
use rayon::prelude::*;
use risktier::{GradedRow, Lang, Moved, Points, RegisterChange, Tier};
use rustc_hash::FxHashMap;

use crate::grades::{NativeGrades, Part};

/// A row of a register.
type Place<'g> = (&'g Part, usize);

/// Two gradings, matched firm by firm.
pub struct Compared {
    change: RegisterChange,
    pub only_before: usize,
    pub only_after: usize,
}

fn places(grades: &NativeGrades) -> Vec<Place<'_>> {
    grades.parts.iter().flat_map(|part| (0..part.grades.len()).map(move |row| (part, row))).collect()
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

pub fn compare(before: &NativeGrades, after: &NativeGrades) -> Result<Compared, String> {
    let (rows_before, rows_after) = (places(before), places(after));
    let pairs = matched(&rows_before, &rows_after)?;
    let (only_before, only_after) = (rows_before.len() - pairs.len(), rows_after.len() - pairs.len());
    let mut change = RegisterChange::default();
    change.add_only(only_before as u64, only_after as u64);
    let row = |(part, row): Place<'_>| (part.start + row) as u64;
    for (before, after) in pairs {
        let [one, other] = [before, after].map(|(part, at)| (&part.grades, at));
        change.add(
            GradedRow { grades: one.0, row: one.1, place: row(before) },
            GradedRow { grades: other.0, row: other.1, place: row(after) },
        );
    }
    Ok(Compared { change, only_before, only_after })
}

impl Compared {
    /// A row for each tier before, a column for each tier after.
    pub fn matrix(&self) -> Result<RecordBatch, ArrowError> {
        let names = ["blue", "yellow", "orange", "red", "ungraded"];
        let mut columns: Vec<(&str, ArrayRef)> = vec![("before", Arc::new(StringArray::from_iter_values(names)))];
        for (at, name) in names.into_iter().enumerate() {
            let counts = self.change.matrix.iter().map(|row| row.get(at).map(|count| *count as i64));
            columns.push((name, Arc::new(counts.collect::<Int64Array>())));
        }
        RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, false)))
    }

    /// A row for each firm that moved.
    pub fn moved(&self) -> Result<RecordBatch, ArrowError> {
        let moved = &self.change.moved;
        let texts = |of: &dyn Fn(&Moved) -> Option<String>| -> ArrayRef {
            Arc::new(moved.iter().map(of).collect::<StringArray>())
        };
        let numbers = |of: &dyn Fn(&Moved) -> u64| -> ArrayRef {
            Arc::new(moved.iter().map(|one| Some(of(one) as i64)).collect::<Int64Array>())
        };
        let scores = |of: &dyn Fn(&Moved) -> Option<Points>| -> ArrayRef {
            Arc::new(moved.iter().map(|one| of(one).map(Points::to_f64)).collect::<Float64Array>())
        };
        let lists = |of: &dyn Fn(&Moved) -> &[Arc<str>]| -> ArrayRef {
            let mut lists = ListBuilder::new(StringBuilder::new());
            for one in moved {
                of(one).iter().for_each(|rule| lists.values().append_value(rule));
                lists.append(true);
            }
            Arc::new(lists.finish())
        };
        let tier = |tier: Option<Tier>| tier.map(|tier| tier.name(Lang::En).to_owned());
        let direction = |one: &Moved| {
            one.before.zip(one.after).map(|(from, to)| if to > from { "worse" } else { "better" }.to_owned())
        };
        RecordBatch::try_from_iter_with_nullable([
            ("row", numbers(&|one| one.row), false),
            ("row_after", numbers(&|one| one.row_after), false),
            ("id", texts(&|one| one.id.clone()), true),
            ("sector", texts(&|one| one.sector.as_ref().map(ToString::to_string)), true),
            ("before", texts(&|one| tier(one.before)), true),
            ("after", texts(&|one| tier(one.after)), true),
            ("direction", texts(&direction), true),
            ("score_before", scores(&|one| one.score_before), true),
            ("score_after", scores(&|one| one.score_after), true),
            ("fires_now", lists(&|one| &one.fires_now), false),
            ("no_longer", lists(&|one| &one.no_longer), false),
            ("weighs_otherwise", lists(&|one| &one.weighs_otherwise), false),
        ])
    }
}
