//! The way down: what a firm has to close, and to establish, to reach each better tier.
//!
//! A tier is reached when no floor above it stands and the score is in a band of it or better. Floors leave no choice; the
//! score does: the sets of rules that bring it into the band are found item by item, since an item is held to its limits,
//! and then put together.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use super::bounds::{Outcome, band};
use crate::Tier;
use crate::book::{BookData, Scheme};
use crate::plan::{Plan, PlanAmount, PlanEffect, UNLIMITED};

/// How many ways are told for one tier.
const MOST_WAYS: usize = 3;
/// Ways to one gain that are kept while they are put together: more than are told, as some turn out to do too much.
const KEPT: usize = 6;
/// Gains that are looked at side by side; beyond, those that another one outdoes are dropped.
const MOST_GAINS: usize = 4096;

/// What it takes for a firm to come to a better tier in one sector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct WayDown {
    /// The tier to reach.
    pub to: Tier,
    /// When it counts as reached.
    pub goal: Goal,
    /// The smallest sets of rules that do it, the one with the least effort first, at most three. Each does it alone, and
    /// none can spare a rule. Empty if nothing that can be put right does it.
    pub ways: Vec<Way>,
    /// Rules above that tier whose findings cannot be put right, and pass only with time.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "typescript", ts(as = "Option<Vec<Arc<str>>>", optional))]
    pub blocked_by: Vec<Arc<str>>,
}

/// When a tier counts as reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum Goal {
    /// The tier on record is that one or better.
    OnRecord,
    /// No unknown fact can make it worse than that one.
    ForCertain,
}

impl Goal {
    /// `on-record` or `for-certain`.
    pub(crate) fn id(self) -> &'static str {
        match self {
            Goal::OnRecord => "on-record",
            Goal::ForCertain => "for-certain",
        }
    }
}

/// One set of rules that brings a firm to a tier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Way {
    /// Fired rules whose findings are to be closed.
    pub close: Vec<Arc<str>>,
    /// Undetermined rules that must turn out well: not to apply, or, where a rule counts for the firm, to apply.
    pub establish: Vec<Arc<str>>,
    /// The unknown facts that those rules wait for.
    pub facts: Vec<Arc<str>>,
    /// Days for all of it, one finding after the other, by the days to rectify of each rule. Facts count nothing.
    pub effort_days: u32,
    /// Days of the longest: all of it at the same time.
    pub longest_days: u32,
}

/// A rule that could turn out better than it stands.
#[derive(Debug, Clone, Copy)]
struct Step {
    /// Index into the plan's rules.
    rule: usize,
    /// What it brings to its item, before the limits; positive.
    gain: i64,
    days: u32,
}

/// Steps that bring a gain together; ordered by effort, then by number, then by the order of the book.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
struct Choice {
    days: u32,
    count: usize,
    rules: Vec<usize>,
}

impl Choice {
    fn with(&self, step: Step) -> Choice {
        let mut rules = self.rules.clone();
        rules.push(step.rule);
        Choice { days: self.days.saturating_add(step.days), count: self.count + 1, rules }
    }

    fn and(&self, other: &Choice) -> Choice {
        let mut rules = self.rules.clone();
        rules.extend(&other.rules);
        rules.sort_unstable();
        Choice { days: self.days.saturating_add(other.days), count: self.count + other.count, rules }
    }
}

/// The best choices for each gain.
type Choices = BTreeMap<i64, Vec<Choice>>;

fn keep(choices: &mut Choices, gain: i64, choice: Choice) {
    let kept = choices.entry(gain).or_default();
    if let Err(at) = kept.binary_search(&choice)
        && at < KEPT
    {
        kept.insert(at, choice);
        kept.truncate(KEPT);
    }
}

/// Drops gains that a greater one has for no more effort.
fn prune(choices: &mut Choices) {
    if choices.len() <= MOST_GAINS {
        return;
    }
    let mut best: Option<Choice> = None;
    let mut kept = Choices::new();
    for (gain, of) in std::mem::take(choices).into_iter().rev() {
        let cheapest = of.iter().min_by_key(|choice| (choice.days, choice.count)).cloned();
        let outdone = best
            .as_ref()
            .zip(cheapest.as_ref())
            .is_some_and(|(best, one)| best.days <= one.days && best.count <= one.count);
        if !outdone {
            best = cheapest;
            kept.insert(gain, of);
        }
    }
    *choices = kept;
}

/// A firm in one sector, as it stands.
pub(crate) struct Standing<'a, P: Fn(usize) -> Option<i64>> {
    pub(crate) book: &'a BookData,
    pub(crate) plan: &'a Plan,
    pub(crate) outcomes: &'a [Outcome],
    /// Computed points of a rule, in thousandths; none where they are unknown.
    pub(crate) points: P,
}

impl<P: Fn(usize) -> Option<i64>> Standing<'_, P> {
    fn outcome(&self, rule: usize) -> Outcome {
        self.outcomes.get(rule).copied().unwrap_or(Outcome::Undetermined)
    }

    fn rule(&self, at: usize) -> Option<&crate::book::Rule> {
        self.plan.rules.get(at).and_then(|rule| self.book.rules.get(rule.rule))
    }

    fn id(&self, at: usize) -> Option<Arc<str>> {
        self.plan.rules.get(at).map(|rule| Arc::clone(&rule.id))
    }

    /// How a rule with points moves the score if it applies; positive for the better.
    fn worth(&self, at: usize) -> Option<(usize, i64)> {
        let PlanEffect::Points { item, sign, amount } = self.plan.rules.get(at)?.effect else { return None };
        let amount = match amount {
            PlanAmount::Fixed(points) => points,
            PlanAmount::Computed(_) => (self.points)(at).unwrap_or(UNLIMITED),
        };
        let towards = if self.plan.higher_is_better() { 1 } else { -1 };
        Some((item, towards * sign * amount))
    }

    /// What the firm needs for every tier better than the one it has, on record and for certain.
    pub(crate) fn way_down(&self, tier: Tier, worst: Tier, facts: impl Fn(usize) -> Vec<Arc<str>>) -> Vec<WayDown> {
        let mut all: Vec<WayDown> = Vec::new();
        for (goal, from) in [(Goal::OnRecord, tier), (Goal::ForCertain, worst)] {
            for to in Tier::ALL.into_iter().rev().filter(|to| *to < from) {
                let way = self.to_tier(to, goal, &facts);
                // What makes it certain is told only where it takes more than the record.
                let same =
                    |known: &WayDown| (known.to, &known.ways, &known.blocked_by) == (to, &way.ways, &way.blocked_by);
                if !all.iter().any(same) {
                    all.push(way);
                }
            }
        }
        all.sort_by_key(|way| (std::cmp::Reverse(way.to), way.goal));
        all
    }

    fn to_tier(&self, to: Tier, goal: Goal, facts: &impl Fn(usize) -> Vec<Arc<str>>) -> WayDown {
        let rules = 0..self.plan.rules.len();
        let above = |at: &usize| match self.plan.rules.get(*at).map(|rule| rule.effect) {
            Some(PlanEffect::Floor(floor)) => floor > to,
            _ => false,
        };
        let stands = |at: &usize| match self.outcome(*at) {
            Outcome::Fired => true,
            Outcome::Undetermined => goal == Goal::ForCertain,
            Outcome::Clear => false,
        };
        let floors: Vec<usize> = rules.filter(above).filter(stands).collect();
        let is_lasting =
            |at: &usize| self.outcome(*at) == Outcome::Fired && self.rule(*at).is_some_and(|rule| rule.lasting);
        let blocked_by: Vec<Arc<str>> =
            floors.iter().filter(|at| is_lasting(at)).filter_map(|at| self.id(*at)).collect();
        let ways = if blocked_by.is_empty() {
            let mut ways: Vec<Choice> = match &self.plan.scheme {
                None => vec![Choice::default()],
                Some(scheme) => self.for_score(scheme, to, goal),
            };
            let floor_days = floors.iter().map(|at| self.days(*at)).fold(0, u32::saturating_add);
            for way in &mut ways {
                way.days = way.days.saturating_add(floor_days);
                way.rules.extend(&floors);
                way.rules.sort_unstable();
            }
            ways.into_iter().map(|way| self.told(&way, facts)).collect()
        } else {
            Vec::new()
        };
        WayDown { to, goal, ways, blocked_by }
    }

    /// Days to close a finding; to establish a fact takes none.
    fn days(&self, at: usize) -> u32 {
        match self.outcome(at) {
            Outcome::Fired if !self.plan.is_merit(at) => self.rule(at).map_or(0, |rule| rule.days),
            _ => 0,
        }
    }

    fn told(&self, way: &Choice, facts: &impl Fn(usize) -> Vec<Arc<str>>) -> Way {
        let (close, establish): (Vec<usize>, Vec<usize>) =
            way.rules.iter().partition(|at| self.outcome(**at) == Outcome::Fired);
        let mut needed: Vec<Arc<str>> = establish.iter().flat_map(|at| facts(*at)).collect();
        needed.sort();
        needed.dedup();
        let ids = |rules: &[usize]| rules.iter().filter_map(|at| self.id(*at)).collect();
        Way {
            close: ids(&close),
            establish: ids(&establish),
            facts: needed,
            effort_days: way.days,
            longest_days: close.iter().map(|at| self.days(*at)).max().unwrap_or(0),
        }
    }

    /// The choices that bring the score into a band of a tier or better: none that can spare a rule.
    fn for_score(&self, scheme: &Scheme, to: Tier, goal: Goal) -> Vec<Choice> {
        let reaches = |choice: &[usize]| band(scheme, self.score(scheme, goal, choice)) <= to;
        if reaches(&[]) {
            return vec![Choice::default()];
        }
        let mut all = Choices::from([(0, vec![Choice::default()])]);
        for item in 0..self.plan.items.len() {
            let of_item = self.of_item(item, goal);
            if of_item.len() == 1 {
                continue;
            }
            let mut together = Choices::new();
            for (gain, choices) in &all {
                for (more, others) in &of_item {
                    for choice in choices {
                        for other in others {
                            keep(&mut together, gain + more, choice.and(other));
                        }
                    }
                }
            }
            prune(&mut together);
            all = together;
        }
        let mut found: Vec<Choice> = all.into_values().flatten().filter(|choice| reaches(&choice.rules)).collect();
        found.retain(|choice| {
            choice.rules.iter().all(|spared| {
                let rest: Vec<usize> = choice.rules.iter().copied().filter(|rule| rule != spared).collect();
                !reaches(&rest)
            })
        });
        found.sort();
        found.dedup();
        found.truncate(MOST_WAYS);
        found
    }

    /// The steps that an item offers, put together, by what they bring to the score within the item's limits.
    fn of_item(&self, item: usize, goal: Goal) -> Choices {
        let (before, steps) = self.item(item, goal, &[]);
        let mut raw = Choices::from([(0, vec![Choice::default()])]);
        for step in steps {
            let known: Vec<(i64, Choice)> =
                raw.iter().flat_map(|(gain, choices)| choices.iter().map(|choice| (*gain, choice.clone()))).collect();
            for (gain, choice) in known {
                keep(&mut raw, gain.saturating_add(step.gain), choice.with(step));
            }
            prune(&mut raw);
        }
        let mut gains = Choices::new();
        for (gain, choices) in raw {
            let gained = self.limited(item, before.saturating_add(gain)) - self.limited(item, before);
            // Nothing is gained by steps that the limits of the item swallow.
            for choice in choices.into_iter().filter(|choice| gained > 0 || choice.count == 0) {
                keep(&mut gains, gained, choice);
            }
        }
        gains
    }

    /// An item's sum with the better side up, held to the limits of the item.
    fn limited(&self, item: usize, sum: i64) -> i64 {
        let Some(item) = self.plan.items.get(item) else { return 0 };
        if self.plan.higher_is_better() { item.clip(sum) } else { -item.clip(-sum) }
    }

    /// The sum of an item with the better side up once some rules have turned out well, and the steps that it still offers.
    fn item(&self, item: usize, goal: Goal, done: &[usize]) -> (i64, Vec<Step>) {
        let mut sum = 0i64;
        let mut steps = Vec::new();
        for at in 0..self.plan.rules.len() {
            let Some((of, worth)) = self.worth(at) else { continue };
            if of != item {
                continue;
            }
            let merit = worth > 0 || (worth == 0 && self.plan.is_merit(at));
            let is_done = done.contains(&at);
            let counts = match (self.outcome(at), merit) {
                (Outcome::Clear, _) => false,
                (Outcome::Fired, true) => true,
                (Outcome::Fired, false) => !is_done,
                (Outcome::Undetermined, true) => is_done,
                (Outcome::Undetermined, false) => goal == Goal::ForCertain && !is_done,
            };
            if counts {
                sum = sum.saturating_add(worth);
            }
            let lasting = self.outcome(at) == Outcome::Fired && self.rule(at).is_some_and(|rule| rule.lasting);
            if counts != merit && worth != 0 && !is_done && !lasting && self.outcome(at) != Outcome::Clear {
                steps.push(Step { rule: at, gain: worth.abs(), days: self.days(at) });
            }
        }
        (sum, steps)
    }

    /// The score once some rules have turned out well.
    fn score(&self, scheme: &Scheme, goal: Goal, done: &[usize]) -> i64 {
        let better: i64 =
            (0..self.plan.items.len()).map(|item| self.limited(item, self.item(item, goal, done).0)).sum();
        let base = scheme.base.thousandths();
        if self.plan.higher_is_better() { base + better } else { base - better }
    }
}
