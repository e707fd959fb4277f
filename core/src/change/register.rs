//! Two gradings of one register, row by row.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use crate::{Amount, BatchGrades, Effect, Points, Rule, RuleOutcome, Tier};

/// A row of a graded register.
#[derive(Clone, Copy)]
pub struct GradedRow<'g> {
    /// The batch that it is in.
    pub grades: &'g BatchGrades,
    /// Its place in the batch.
    pub row: usize,
    /// Its place in the register, from 0.
    pub place: u64,
}

/// What a register comes to under two books, on two days, or with two sets of parameters.
///
/// Tiers are counted in five places: blue, yellow, orange, red, not graded.
#[derive(Debug, Clone, Default, Serialize)]
pub struct RegisterChange {
    /// Firms by tier before (outer) and after (inner).
    pub matrix: [[u64; 5]; 5],
    /// Firms that are on one side only: before, after.
    pub only: [u64; 2],
    /// Settled grades before and after.
    pub settled: [u64; 2],
    /// The same by the sector that decided after, else before.
    pub sectors: BTreeMap<Arc<str>, SectorMoves>,
    /// Every firm whose tier is not the same, in the order of the rows.
    pub moved: Vec<Moved>,
}

/// The firms of a sector.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct SectorMoves {
    /// How many.
    pub firms: u64,
    /// Of these with a worse tier after.
    pub worse: u64,
    /// Of these with a better tier after.
    pub better: u64,
}

/// A firm whose tier is not the same.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Moved {
    /// Its row before, from 0.
    pub row: u64,
    /// Its row after, from 0.
    pub row_after: u64,
    /// Its own id.
    pub id: Option<String>,
    /// The sector that decided after, else before.
    pub sector: Option<Arc<str>>,
    /// Its tier before; none if it could not be graded.
    pub before: Option<Tier>,
    /// Its tier after; none if it could not be graded.
    pub after: Option<Tier>,
    /// Its score before, in the sector that decided.
    pub score_before: Option<Points>,
    /// Its score after, in the sector that decided.
    pub score_after: Option<Points>,
    /// The rules that fire after and did not before.
    pub fires_now: Vec<Arc<str>>,
    /// The rules that fired before and do not after.
    pub no_longer: Vec<Arc<str>>,
    /// The rules that fire on both sides and do not demand the same tier or points.
    pub weighs_otherwise: Vec<Arc<str>>,
}

fn place(tier: Option<Tier>) -> usize {
    tier.map_or(4, |tier| tier as usize)
}

impl GradedRow<'_> {
    fn tier(&self) -> Option<Tier> {
        self.grades.tiers(self.row).map(|(tier, ..)| tier)
    }

    fn is_settled(&self) -> bool {
        self.grades.tiers(self.row).is_some_and(|(_, best, worst)| best == worst)
    }

    fn sector(&self) -> Option<Arc<str>> {
        self.grades.decided_by(self.row).map(Arc::from)
    }

    fn fired(&self) -> Vec<&Rule> {
        let mut fired: Vec<&Rule> = self.grades.rules(self.row, RuleOutcome::Fired).map(|of| of.rule).collect();
        fired.sort_by(|a, b| a.id.cmp(&b.id));
        // A rule of two sectors of the firm is one rule.
        fired.dedup_by(|a, b| a.id == b.id);
        fired
    }
}

/// What a rule demands, as far as it is the same for all firms.
fn weight(rule: &Rule) -> (Option<Tier>, Option<(bool, Option<Points>)>) {
    match &rule.effect {
        Effect::Floor(tier) => (Some(*tier), None),
        Effect::Points { deduct, amount: Amount::Fixed(points), .. } => (None, Some((*deduct, Some(*points)))),
        Effect::Points { deduct, amount: Amount::Computed(_), .. } => (None, Some((*deduct, None))),
    }
}

impl RegisterChange {
    /// Adds a firm that is on both sides.
    pub fn add(&mut self, before: GradedRow<'_>, after: GradedRow<'_>) {
        let (from, to) = (before.tier(), after.tier());
        if let Some(count) = self.matrix.get_mut(place(from)).and_then(|row| row.get_mut(place(to))) {
            *count += 1;
        }
        for (count, row) in self.settled.iter_mut().zip([before, after]) {
            *count += u64::from(row.is_settled());
        }
        let sector = after.sector().or_else(|| before.sector());
        if let Some(sector) = &sector {
            let moves = self.sectors.entry(Arc::clone(sector)).or_default();
            moves.firms += 1;
            moves.worse += u64::from(from.zip(to).is_some_and(|(from, to)| to > from));
            moves.better += u64::from(from.zip(to).is_some_and(|(from, to)| to < from));
        }
        if from == to {
            return;
        }
        let (was, is) = (before.fired(), after.fired());
        let other = |rule: &&&Rule, among: &[&Rule]| !among.iter().any(|known| known.id == rule.id);
        let ids = |rules: Vec<&&Rule>| rules.into_iter().map(|rule| Arc::clone(&rule.id)).collect();
        let both = is.iter().filter_map(|rule| Some((rule, was.iter().find(|known| known.id == rule.id)?)));
        self.moved.push(Moved {
            row: before.place,
            row_after: after.place,
            id: after.grades.id(after.row),
            sector,
            before: from,
            after: to,
            score_before: before.grades.score(before.row).map(|score| score.value),
            score_after: after.grades.score(after.row).map(|score| score.value),
            fires_now: ids(is.iter().filter(|rule| other(rule, &was)).collect()),
            no_longer: ids(was.iter().filter(|rule| other(rule, &is)).collect()),
            weighs_otherwise: ids(both.filter(|(is, was)| weight(is) != weight(was)).map(|(is, _)| is).collect()),
        });
    }

    /// Adds firms that are on one side only: before, after.
    pub fn add_only(&mut self, before: u64, after: u64) {
        self.only = [self.only[0] + before, self.only[1] + after];
    }

    /// Firms on both sides.
    pub fn firms(&self) -> u64 {
        self.matrix.iter().flatten().sum()
    }

    /// Firms with a worse tier after.
    pub fn worse(&self) -> u64 {
        self.sectors.values().map(|moves| moves.worse).sum()
    }

    /// Firms with a better tier after.
    pub fn better(&self) -> u64 {
        self.sectors.values().map(|moves| moves.better).sum()
    }
}
