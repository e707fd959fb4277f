//! The register in numbers, from the results as they are exported, whatever file the firms came from.

use std::collections::BTreeMap;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, RecordBatch, StringArray};
use risktier::{Lang, Points, Tier};
use rustc_hash::FxHashMap;
use serde::{Serialize, Serializer};

use crate::error::CliError;
use crate::notes::ERRORS;

/// Firms by tier.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tiers {
    /// From blue to red.
    pub graded: [u64; 4],
    /// Firms that have no tier.
    pub ungraded: u64,
}

impl Tiers {
    fn add(&mut self, tier: Option<usize>) {
        match tier.and_then(|tier| self.graded.get_mut(tier)) {
            Some(count) => *count += 1,
            None => self.ungraded += 1,
        }
    }

    pub fn total(&self) -> u64 {
        self.graded.iter().sum::<u64>() + self.ungraded
    }
}

impl Serialize for Tiers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let graded = Tier::ALL.iter().zip(self.graded).map(|(tier, count)| (tier.name(Lang::En), count));
        serializer.collect_map(graded.chain([("ungraded", self.ungraded)]))
    }
}

/// The firms of one sector; of a firm in several, it is the one that decided.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct SectorSummary {
    pub tiers: Tiers,
    pub settled: u64,
}

/// The register in numbers.
#[derive(Debug, Default)]
pub struct Summary {
    pub firms: u64,
    pub tiers: Tiers,
    pub settled: u64,
    pub firms_with_errors: u64,
    pub fired: u64,
    /// In thousandths of a point, so that the order of the firms cannot show.
    score_sum: i128,
    pub sectors: BTreeMap<String, SectorSummary>,
    rules: FxHashMap<String, u64>,
}

impl Summary {
    /// Adds a part of the results.
    ///
    /// # Errors
    /// If it lacks one of the columns.
    pub fn add(&mut self, results: &RecordBatch) -> Result<(), CliError> {
        let sectors = texts(results, "sector")?;
        let tiers = texts(results, "tier")?;
        let errors = column(results, ERRORS)?;
        let settled = column(results, "settled")?.as_boolean_opt().ok_or_else(|| wrong("settled"))?;
        let scores = column(results, "score")?.as_primitive_opt::<Float64Type>().ok_or_else(|| wrong("score"))?;
        for row in 0..results.num_rows() {
            let tier = tiers.is_valid(row).then(|| tiers.value(row));
            let tier = tier.and_then(|name| Tier::ALL.iter().position(|tier| tier.name(Lang::En) == name));
            let is_settled = settled.is_valid(row) && settled.value(row);
            self.firms += 1;
            self.tiers.add(tier);
            self.settled += u64::from(is_settled);
            self.firms_with_errors += u64::from(errors.is_valid(row));
            let name = if sectors.is_valid(row) { sectors.value(row) } else { "" };
            if let Some(sector) = self.sectors.get_mut(name) {
                sector.tiers.add(tier);
                sector.settled += u64::from(is_settled);
            } else {
                let mut sector = SectorSummary { settled: u64::from(is_settled), ..SectorSummary::default() };
                sector.tiers.add(tier);
                self.sectors.insert(name.to_owned(), sector);
            }
        }
        for score in scores.iter().flatten() {
            self.score_sum += i128::from(Points::from_f64(score).map_or(0, Points::thousandths));
        }
        let fired = column(results, "fired")?.as_list_opt::<i32>().ok_or_else(|| wrong("fired"))?;
        let (Some(first), Some(last)) = (fired.value_offsets().first(), fired.value_offsets().last()) else {
            return Ok(());
        };
        let rules = fired.values().as_string_opt::<i32>().ok_or_else(|| wrong("fired"))?;
        for at in *first..*last {
            let Ok(at) = usize::try_from(at) else { continue };
            self.fired += 1;
            match self.rules.get_mut(rules.value(at)) {
                Some(count) => *count += 1,
                None => {
                    self.rules.insert(rules.value(at).to_owned(), 1);
                }
            }
        }
        Ok(())
    }

    /// The sum of the scores; whole where it is whole.
    pub fn score_sum(&self) -> serde_json::Value {
        match i64::try_from(self.score_sum / 1000) {
            Ok(whole) if self.score_sum % 1000 == 0 => whole.into(),
            // A sum that is this large has no thousandths left as a JSON number.
            _ => (self.score_sum as f64 / 1000.0).into(),
        }
    }

    /// The rules that fired most, and how often.
    pub fn most_fired(&self, most: usize) -> Vec<(&str, u64)> {
        let mut rules: Vec<(&str, u64)> = self.rules.iter().map(|(rule, count)| (rule.as_str(), *count)).collect();
        rules.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        rules.truncate(most);
        rules
    }

    /// As one JSON object.
    pub fn to_json(&self, as_of: &str, book: &str) -> serde_json::Value {
        let sectors: BTreeMap<&str, &SectorSummary> = self
            .sectors
            .iter()
            .map(|(name, sector)| (if name.is_empty() { "ungraded" } else { name.as_str() }, sector))
            .collect();
        let rules: serde_json::Map<String, serde_json::Value> =
            self.most_fired(usize::MAX).into_iter().map(|(rule, count)| (rule.to_owned(), count.into())).collect();
        serde_json::json!({
            "firms": self.firms,
            "tiers": self.tiers,
            "score_sum": self.score_sum(),
            "fired": self.fired,
            "settled": self.settled,
            "firms_with_errors": self.firms_with_errors,
            "as_of": as_of,
            "book": book,
            "engine": risktier::ENGINE_VERSION,
            "sectors": sectors,
            "rules": rules,
        })
    }

    /// Some firms had errors, or no grade.
    pub fn has_errors(&self) -> bool {
        self.firms_with_errors > 0 || self.tiers.ungraded > 0
    }
}

fn wrong(name: &str) -> CliError {
    CliError::Results(format!("the column `{name}` is not of its type"))
}

fn column<'b>(results: &'b RecordBatch, name: &str) -> Result<&'b arrow_array::ArrayRef, CliError> {
    results.column_by_name(name).ok_or_else(|| CliError::Results(format!("there is no column `{name}`")))
}

fn texts<'b>(results: &'b RecordBatch, name: &str) -> Result<&'b StringArray, CliError> {
    column(results, name)?.as_string_opt::<i32>().ok_or_else(|| wrong(name))
}
