//! From the timelines of rules to the tiers of a firm in one sector, day by day.

use super::moving::{Held, Moving};
use crate::Tier;
use crate::expr::{FrameId, NodeId, Scalar};
use crate::grade::{Bounds, Outcome, decide_in_force};
use crate::plan::{Days, PlanAmount, PlanEffect};

/// A firm in a sector, with its timelines evaluated.
pub(crate) struct Ahead<'m, 'a, H> {
    pub(crate) moving: &'m Moving<'a>,
    pub(crate) held: &'m H,
}

/// The tier on the first day, and the days on which it becomes another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Steps {
    pub(crate) first: Tier,
    pub(crate) then: Vec<(i32, Tier)>,
}

impl Steps {
    /// The worst of several sectors on each day.
    pub(crate) fn worst(all: &[Steps]) -> Option<Steps> {
        let on = |steps: &Steps, day: i32| {
            let begun = steps.then.iter().rev().find(|(from, _)| *from <= day);
            begun.map_or(steps.first, |(_, tier)| *tier)
        };
        let mut worst = Steps { first: all.iter().map(|steps| steps.first).max()?, then: Vec::new() };
        let mut days: Vec<i32> = all.iter().flat_map(|steps| steps.then.iter().map(|(day, _)| *day)).collect();
        days.sort_unstable();
        days.dedup();
        for day in days {
            let tier = all.iter().map(|steps| on(steps, day)).max()?;
            worst.push(day, tier);
        }
        Some(worst)
    }

    fn push(&mut self, day: i32, tier: Tier) {
        if self.then.last().map_or(self.first, |(_, tier)| *tier) != tier {
            self.then.push((day, tier));
        }
    }
}

impl<'a, H: Held<'a>> Ahead<'_, 'a, H> {
    /// The tiers of all days.
    pub(crate) fn steps(&self) -> Steps {
        let mut steps = Steps { first: self.bounds(self.moving.plan.days.first.days()).tier, then: Vec::new() };
        for day in self.turns() {
            steps.push(day, self.bounds(day).tier);
        }
        steps
    }

    /// The days on which some rule comes out otherwise than the day before.
    pub(crate) fn turns(&self) -> Vec<i32> {
        let plan = self.moving.plan;
        let mut days = Vec::new();
        let mut add = |id: NodeId| {
            if self.moving.moves(id) {
                days.extend(self.line(id).then.iter().map(|(day, _)| *day));
            }
        };
        for rule in &plan.rules {
            add(rule.outcome);
            if let PlanEffect::Points { amount: PlanAmount::Computed(node), .. } = rule.effect {
                add(node);
            }
        }
        let Days { first, last } = plan.days;
        for rule in plan.rules.iter().filter(|rule| rule.force != plan.days) {
            days.extend((rule.force.first > first).then_some(rule.force.first.days()));
            days.extend((rule.force.last < last).then_some(rule.force.last.days() + 1));
        }
        days.sort_unstable();
        days.dedup();
        days
    }

    /// Tier and score on a day.
    pub(crate) fn bounds(&self, day: i32) -> Bounds {
        decide_in_force(self.moving.plan, |rule| self.outcome(rule, day), |rule| self.points(rule, day))
    }

    /// The outcome of a rule of the plan on a day; none if it is not in force.
    pub(crate) fn outcome(&self, rule: usize, day: i32) -> Option<Outcome> {
        let rule = self.moving.plan.rules.get(rule)?;
        if day < rule.force.first.days() || rule.force.last.days() < day {
            return None;
        }
        Some(match self.value(rule.outcome, day) {
            Scalar::Bool(true) => Outcome::Fired,
            Scalar::Bool(false) => Outcome::Clear,
            _ => Outcome::Undetermined,
        })
    }

    /// The points that a rule computes on a day, in thousandths.
    pub(crate) fn points(&self, rule: usize, day: i32) -> Option<i64> {
        match self.moving.plan.rules.get(rule)?.effect {
            PlanEffect::Points { amount: PlanAmount::Computed(node), .. } => match self.value(node, day) {
                Scalar::Int(points) => Some(points),
                _ => None,
            },
            _ => None,
        }
    }

    fn value(&self, id: NodeId, day: i32) -> Scalar<'a> {
        if self.moving.moves(id) {
            self.line(id).on(day)
        } else {
            self.moving.still(self.held, id, self.held.items(FrameId::FIRM).start)
        }
    }

    fn line(&self, id: NodeId) -> super::timeline::Seen<'_, 'a> {
        self.moving.see(self.held, id, FrameId::FIRM, self.held.items(FrameId::FIRM).start)
    }
}
