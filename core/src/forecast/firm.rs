//! One firm, evaluated by the executor for one firm: its tiers ahead, and what turns them.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use super::moving::{Held, Moving};
use super::record::{Behind, RuleTurn, TierChange};
use super::tiers::{Ahead, Steps};
use crate::expr::{FrameId, NodeId, Op, Scalar};
use crate::facts::field_name;
use crate::grade::{Outcome, band};
use crate::plan::Plan;
use crate::plan::one::{Evaluation, Row};
use crate::{Date, RuleOutcome, Tier, Type};

/// A firm in a sector, as the executor for one firm leaves it.
pub(crate) struct OneFirm<'e, 'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) row: &'e Row<'a>,
    pub(crate) evaluation: &'e Evaluation<'a>,
}

impl<'a> Held<'a> for OneFirm<'_, 'a> {
    fn value(&self, node: NodeId, item: usize) -> Scalar<'a> {
        match self.plan.node(node).map(|node| node.frame) {
            Some(FrameId::FIRM) => self.evaluation.value(node),
            _ => {
                let items = self.evaluation.items.get(node.index());
                items.and_then(|items| items.get(item)).copied().unwrap_or(Scalar::Unknown)
            }
        }
    }

    fn items(&self, frame: FrameId) -> Range<usize> {
        match frame {
            FrameId::FIRM => 0..1,
            _ => 0..self.evaluation.extents.get(frame.index()).map_or(0, |extent| extent.len()),
        }
    }

    fn outer(&self, frame: FrameId, item: usize) -> usize {
        self.evaluation.extents.get(frame.index()).map_or(0, |extent| extent.outer(item))
    }

    fn of(&self, aggregate: NodeId, frame: FrameId, outer: usize) -> Option<Range<usize>> {
        let needs_all = self.plan.joins.get(frame.index())?.needs_all(aggregate);
        let extent = self.evaluation.extents.get(frame.index())?;
        if extent.is_too_many(needs_all) { None } else { extent.of(outer) }
    }
}

/// A firm in one of its sectors, over the days of the plan.
pub(crate) struct SectorAhead<'e, 'a> {
    held: OneFirm<'e, 'a>,
    moving: Moving<'a>,
    pub(crate) steps: Steps,
}

impl<'e, 'a> SectorAhead<'e, 'a> {
    pub(crate) fn new(mut moving: Moving<'a>, row: &'e Row<'a>, evaluation: &'e Evaluation<'a>) -> Self {
        let held = OneFirm { plan: moving.plan, row, evaluation };
        moving.run(&held);
        let steps = Ahead { moving: &moving, held: &held }.steps();
        SectorAhead { held, moving, steps }
    }

    fn ahead(&self) -> Ahead<'_, 'a, OneFirm<'e, 'a>> {
        Ahead { moving: &self.moving, held: &self.held }
    }

    /// The rules that turn on a day and carry the firm from one tier to another.
    fn turns(&self, day: i32, from: Tier, to: Tier, into: &mut Vec<RuleTurn>) {
        let (plan, ahead) = (self.moving.plan, self.ahead());
        let (was, is) = (ahead.bounds(day - 1), ahead.bounds(day));
        // A sector that is not what the firm's tier comes from, on the worse side, has no part in it.
        let (worse, here) = if to > from { (to, is.tier) } else { (from, was.tier) };
        if was.tier == is.tier || here != worse {
            return;
        }
        let better = from.min(to);
        let of_score = plan.scheme.as_ref().is_some_and(|scheme| {
            let tier = |score: Option<(i64, i64, i64)>| score.map(|(value, ..)| band(scheme, value));
            tier(was.score) != tier(is.score) && tier(was.score).max(tier(is.score)) > Some(better)
        });
        for (at, rule) in plan.rules.iter().enumerate() {
            let outcomes = (ahead.outcome(at, day - 1), ahead.outcome(at, day));
            let fires = (outcomes.0 == Some(Outcome::Fired), outcomes.1 == Some(Outcome::Fired));
            let points = (ahead.points(at, day - 1), ahead.points(at, day));
            let counts = match rule.effect {
                crate::plan::PlanEffect::Floor(tier) => {
                    // What fires on the worse side only.
                    tier > better && if to > from { fires == (false, true) } else { fires == (true, false) }
                }
                crate::plan::PlanEffect::Points { .. } => {
                    of_score && (fires.0 != fires.1 || (fires.1 && points.0 != points.1) || begins_or_ends(outcomes))
                }
            };
            if counts {
                into.push(RuleTurn {
                    sector: Arc::clone(&plan.id),
                    rule: Arc::clone(&rule.id),
                    was: outcomes.0.map(told),
                    is: outcomes.1.map(told),
                    behind: self.behind(at, day),
                });
            }
        }
    }

    /// The dates that turn a rule on a day.
    fn behind(&self, rule: usize, day: i32) -> Vec<Behind> {
        let plan = self.moving.plan;
        let Some(rule) = plan.rules.get(rule) else { return Vec::new() };
        let mut walk = Walk { ahead: self, day, seen: BTreeSet::new(), found: BTreeSet::new() };
        walk.turned(rule.outcome, FrameId::FIRM, 0);
        if let crate::plan::PlanEffect::Points { amount: crate::plan::PlanAmount::Computed(node), .. } = rule.effect {
            walk.turned(node, FrameId::FIRM, 0);
        }
        walk.found.into_iter().collect()
    }
}

fn begins_or_ends(outcomes: (Option<Outcome>, Option<Outcome>)) -> bool {
    outcomes.0.is_some() != outcomes.1.is_some()
}

fn told(outcome: Outcome) -> RuleOutcome {
    match outcome {
        Outcome::Fired => RuleOutcome::Fired,
        Outcome::Clear => RuleOutcome::Clear,
        Outcome::Undetermined => RuleOutcome::Undetermined,
    }
}

/// From a node that turns on a day down to the dates for which it does.
struct Walk<'s, 'e, 'a> {
    ahead: &'s SectorAhead<'e, 'a>,
    day: i32,
    seen: BTreeSet<(NodeId, usize)>,
    found: BTreeSet<Behind>,
}

impl Walk<'_, '_, '_> {
    /// A node, as one of `frame` sees it: where operands turn as well, it turns for them; else it turns for the dates below.
    fn turned(&mut self, id: NodeId, frame: FrameId, item: usize) {
        let ahead = self.ahead;
        let moving = &ahead.moving;
        if !moving.moves(id) || !moving.see(&ahead.held, id, frame, item).breaks_on(self.day) {
            return;
        }
        let operands = self.operands(id, frame, item);
        if !operands.is_empty() && !self.seen.insert((id, item)) {
            return;
        }
        let turns = |(id, frame, item): &(NodeId, FrameId, usize)| {
            moving.moves(*id) && moving.see(&ahead.held, *id, *frame, *item).breaks_on(self.day)
        };
        let turned: Vec<_> = operands.iter().copied().filter(turns).collect();
        if turned.is_empty() {
            self.dates(id, frame, item);
        }
        for (id, frame, item) in turned {
            self.turned(id, frame, item);
        }
    }

    /// The dates below a node, and the parameter that it is.
    fn dates(&mut self, id: NodeId, frame: FrameId, item: usize) {
        let plan = self.ahead.moving.plan;
        let row = self.ahead.held.row;
        let Some(node) = plan.node(id) else { return };
        let is_date = node.ty == Type::Date;
        match &node.op {
            Op::Param(slot) => {
                let name = plan.params.get(*slot as usize).map(|param| Arc::clone(&param.name));
                let day = Date::from_days(self.day.into());
                self.found.extend(name.zip(day).map(|(name, date)| Behind { name, item: None, date }));
            }
            Op::Fact(slot) if is_date => {
                let spec = plan.facts.get(*slot as usize).map(|fact| &fact.spec);
                let value = row.facts.get(*slot as usize).copied();
                if let (Some(spec), Some(date)) = (spec, value.and_then(day_of)) {
                    self.found.insert(Behind { name: Arc::clone(&spec.name), item: None, date });
                }
            }
            Op::Field(field) if is_date => {
                let list = plan.frames.get(frame.index()).map(|frame| frame.list as usize);
                let list = list.and_then(|list| Some((plan.lists.get(list)?, row.lists.get(list)?.as_ref()?)));
                let extent = self.ahead.held.evaluation.extents.get(frame.index());
                let (Some((spec, list)), Some(extent)) = (list, extent) else { return };
                let place = extent.place(item);
                let value = list.fields.get(*field as usize).and_then(|values| values.get(place)).copied();
                if let (Some(field), Some(date)) = (spec.fields.get(*field as usize), value.and_then(day_of)) {
                    let name = field_name(&spec.name, &field.name);
                    self.found.insert(Behind { name, item: Some(place), date });
                }
            }
            _ => {
                for (id, frame, item) in self.operands(id, frame, item) {
                    if self.seen.insert((id, item)) {
                        self.dates(id, frame, item);
                    }
                }
            }
        }
    }

    /// The operands of a node, with the frame and item at which it sees them.
    fn operands(&self, id: NodeId, frame: FrameId, item: usize) -> Vec<(NodeId, FrameId, usize)> {
        let plan = self.ahead.moving.plan;
        let held = &self.ahead.held;
        let Some(node) = plan.node(id) else { return Vec::new() };
        match &node.op {
            Op::Up(a) => {
                let parent = plan.frames.get(frame.index()).map_or(FrameId::FIRM, |frame| frame.parent);
                vec![(*a, parent, held.outer(frame, item))]
            }
            Op::Agg(agg) => {
                let items = held.of(id, agg.frame, item).unwrap_or(0..0);
                let of_item = |item| agg.filter.iter().chain(&agg.value).map(move |id| (*id, agg.frame, item));
                items.flat_map(of_item).collect()
            }
            op => op.operands().into_iter().map(|id| (id, frame, item)).collect(),
        }
    }
}

fn day_of(value: Scalar<'_>) -> Option<Date> {
    match value {
        Scalar::Date(days) => Date::from_days(days.into()),
        _ => None,
    }
}

/// The changes of tier of a firm from its sectors, with what turns each.
pub(crate) fn changes(sectors: &[SectorAhead<'_, '_>]) -> Option<(Tier, Vec<TierChange>)> {
    let steps: Vec<Steps> = sectors.iter().map(|sector| sector.steps.clone()).collect();
    let worst = Steps::worst(&steps)?;
    let mut from = worst.first;
    let mut changes = Vec::with_capacity(worst.then.len());
    for (day, to) in &worst.then {
        let mut because = Vec::new();
        for sector in sectors {
            sector.turns(*day, from, *to, &mut because);
        }
        if let Some(on) = Date::from_days(i64::from(*day)) {
            changes.push(TierChange { on, from, to: *to, because });
        }
        from = *to;
    }
    Some((worst.first, changes))
}
