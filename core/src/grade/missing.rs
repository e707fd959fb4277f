//! Which unknown facts keep a grade open, the most decisive first.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::reasons::{Cause, Causes};
use super::{Bounds, Missing, Outcome, decide};
use crate::expr::{FrameId, NodeId, Op, Scalar};

/// Logic inside logic that is looked into; below, a fact is a lever if it is the only unknown.
const MAX_DEPTH: usize = 64;

/// The facts each of which could, alone, make a node true, and those that could make it false.
type Levers = (BTreeSet<Arc<str>>, BTreeSet<Arc<str>>);

impl Causes<'_, '_> {
    /// Exact for logic; for anything else a fact is a lever if it is the only unknown.
    fn levers(&self, id: NodeId, depth: usize) -> Levers {
        let Some(node) = self.plan.node(id) else { return Levers::default() };
        let is_open = |node: &&NodeId| self.evaluation.value(**node) == Scalar::Unknown;
        match &node.op {
            Op::And(operands) | Op::Or(operands) if depth < MAX_DEPTH => {
                let open: Vec<Levers> =
                    operands.iter().filter(is_open).map(|node| self.levers(*node, depth + 1)).collect();
                let any = |pick: fn(&Levers) -> &BTreeSet<Arc<str>>| open.iter().flat_map(pick).cloned().collect();
                let all = |pick: fn(&Levers) -> &BTreeSet<Arc<str>>| {
                    let mut sets = open.iter().map(pick);
                    let first = sets.next().cloned().unwrap_or_default();
                    sets.fold(first, |common, set| common.intersection(set).cloned().collect())
                };
                if matches!(node.op, Op::And(_)) {
                    (all(|l| &l.0), any(|l| &l.1))
                } else {
                    (any(|l| &l.0), all(|l| &l.1))
                }
            }
            Op::Not(a) if depth < MAX_DEPTH => {
                let (truth, falsehood) = self.levers(*a, depth + 1);
                (falsehood, truth)
            }
            _ => {
                let cause = self.of(id);
                let only: BTreeSet<Arc<str>> = if cause.facts.len() == 1 && cause.faulted.is_empty() {
                    cause.facts.into_keys().collect()
                } else {
                    BTreeSet::new()
                };
                (only.clone(), only)
            }
        }
    }

    /// The unknown facts behind undetermined rules. `outcomes` and `points` as in [`decide`]; `causes` by rule.
    pub(crate) fn missing(
        &self,
        bounds: Bounds,
        outcomes: &[Outcome],
        points: impl Fn(usize) -> Option<i64> + Copy,
        causes: &BTreeMap<usize, Cause>,
    ) -> Vec<Missing> {
        if bounds.best == bounds.worst {
            return Vec::new();
        }
        let mut waiting: BTreeMap<Arc<str>, usize> = BTreeMap::new();
        let mut to_true: BTreeMap<Arc<str>, BTreeSet<usize>> = BTreeMap::new();
        let mut to_false: BTreeMap<Arc<str>, BTreeSet<usize>> = BTreeMap::new();
        for (rule, cause) in causes {
            for fact in cause.facts.keys() {
                *waiting.entry(Arc::clone(fact)).or_default() += 1;
            }
            let Some(outcome) = self.plan.rules.get(*rule).map(|rule| rule.outcome) else { continue };
            debug_assert_eq!(self.plan.node(outcome).map(|node| node.frame), Some(FrameId::FIRM));
            let (truth, falsehood) = self.levers(outcome, 0);
            for fact in truth {
                to_true.entry(fact).or_default().insert(*rule);
            }
            for fact in falsehood {
                to_false.entry(fact).or_default().insert(*rule);
            }
        }
        let none = BTreeSet::new();
        let mut missing: Vec<(u8, usize, Missing)> = Vec::with_capacity(waiting.len());
        for (fact, waits) in waiting {
            let fires = to_true.get(&fact).unwrap_or(&none);
            let clears = to_false.get(&fact).unwrap_or(&none);
            let at_worst = self.turned_out(Turn::Worst, fires, clears, outcomes, points);
            let at_best = self.turned_out(Turn::Best, fires, clears, outcomes, points);
            let narrowed = at_worst.best.distance(bounds.best) + bounds.worst.distance(at_best.worst);
            let decides =
                fires.union(clears).filter_map(|at| self.plan.rules.get(*at)).map(|rule| Arc::clone(&rule.id));
            let missing_fact = Missing {
                fact,
                decides: decides.collect(),
                best_at_worst: at_worst.best,
                worst_at_best: at_best.worst,
            };
            missing.push((narrowed, waits, missing_fact));
        }
        missing.sort_by(|a, b| (b.0, b.1, &a.2.fact).cmp(&(a.0, a.1, &b.2.fact)));
        missing.into_iter().map(|(_, _, missing)| missing).collect()
    }

    /// The bounds once a fact has turned out: for the worst, rules against the firm fire and rules for it do not; for
    /// the best the other way round. Points that are unknown are then as many as the item lets count, or none.
    fn turned_out(
        &self,
        turn: Turn,
        fires: &BTreeSet<usize>,
        clears: &BTreeSet<usize>,
        outcomes: &[Outcome],
        points: impl Fn(usize) -> Option<i64>,
    ) -> Bounds {
        let outcome = |at: usize| {
            let wanted = self.plan.is_merit(at) == (turn == Turn::Best);
            match (wanted, fires.contains(&at), clears.contains(&at)) {
                (true, true, _) => Outcome::Fired,
                (false, _, true) => Outcome::Clear,
                _ => outcomes.get(at).copied().unwrap_or(Outcome::Clear),
            }
        };
        decide(self.plan, outcome, &points)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    Best,
    Worst,
}
