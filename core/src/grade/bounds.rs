//! From the outcomes of rules to a tier, a score, and the ends of both.

#![expect(clippy::indexing_slicing, reason = "item slots are made by the plan that owns the items")]

use crate::Tier;
use crate::book::Scheme;
use crate::plan::{Plan, PlanAmount, PlanEffect, UNLIMITED};

/// The outcome of a rule for a firm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Fired,
    Clear,
    Undetermined,
}

/// A tier and a score with the ends that the record cannot rule out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bounds {
    pub(crate) tier: Tier,
    pub(crate) best: Tier,
    pub(crate) worst: Tier,
    /// Value, lowest and highest, in thousandths; none without a score.
    pub(crate) score: Option<(i64, i64, i64)>,
}

/// The tier of a score. The bands cover every score that can be reached; red if one should not.
pub(crate) fn band(scheme: &Scheme, score: i64) -> Tier {
    scheme.bands.iter().find(|band| band.holds(score)).map_or(Tier::Red, |band| band.tier)
}

/// Decides from outcomes, and from the points of rules that fired (or could) where those are computed: `points` gives
/// thousandths, or none where they are unknown.
pub(crate) fn decide(plan: &Plan, outcome: impl Fn(usize) -> Outcome, points: impl Fn(usize) -> Option<i64>) -> Bounds {
    decide_in_force(plan, |at| Some(outcome(at)), points)
}

/// [`decide`] where some rules of the plan may not be in force: these have no outcome.
pub(crate) fn decide_in_force(
    plan: &Plan,
    outcome: impl Fn(usize) -> Option<Outcome>,
    points: impl Fn(usize) -> Option<i64>,
) -> Bounds {
    let mut floor = Tier::Blue;
    let mut floor_worst = Tier::Blue;
    // By item: on record, at the lowest, at the highest.
    let mut items = vec![(0i64, 0i64, 0i64); plan.items.len()];
    // An item counts, with its limits, where one of its rules is in force.
    let mut counts = vec![false; plan.items.len()];
    for (at, rule) in plan.rules.iter().enumerate() {
        let Some(outcome) = outcome(at) else { continue };
        if let PlanEffect::Points { item, .. } = rule.effect {
            counts[item] = true;
        }
        match (rule.effect, outcome) {
            (_, Outcome::Clear) => {}
            (PlanEffect::Floor(tier), Outcome::Fired) => floor = floor.max(tier),
            (PlanEffect::Floor(tier), Outcome::Undetermined) => floor_worst = floor_worst.max(tier),
            (PlanEffect::Points { item, sign, amount }, outcome) => {
                let amount = match amount {
                    PlanAmount::Fixed(points) => points,
                    PlanAmount::Computed(_) => points(at).unwrap_or(UNLIMITED),
                };
                let (value, low, high) = &mut items[item];
                match (outcome, sign < 0) {
                    (Outcome::Fired, _) => {
                        *value += sign * amount;
                        *low += sign * amount;
                        *high += sign * amount;
                    }
                    (_, true) => *low -= amount,
                    (_, false) => *high += amount,
                }
            }
        }
    }
    let Some(scheme) = &plan.scheme else {
        return Bounds { tier: floor, best: floor, worst: floor.max(floor_worst), score: None };
    };
    let base = scheme.base.thousandths();
    let (mut value, mut low, mut high) = (base, base, base);
    for ((item, (at_value, at_low, at_high)), _) in
        plan.items.iter().zip(items).zip(counts).filter(|(_, counts)| *counts)
    {
        value += item.clip(at_value);
        low += item.clip(at_low);
        high += item.clip(at_high);
    }
    // The bands only get better or only get worse: the ends of the score are the ends of the tier.
    let (at_low, at_high) = (band(scheme, low), band(scheme, high));
    Bounds {
        tier: floor.max(band(scheme, value)),
        best: floor.max(at_low.min(at_high)),
        worst: floor.max(floor_worst).max(at_low.max(at_high)),
        score: Some((value, low, high)),
    }
}
