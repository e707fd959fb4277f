//! Facts that are declared to get worse in one direction: does the tier ever get better when they do?
//!
//! Two firms are thought of that differ in one fact, the second worse. A proof says of every rule, or of all rules together, that what
//! it adds to the first firm's grade it adds to the second's. Where there is none, a counter-example is looked for, and
//! graded: only what the engine confirms is reported.

use std::sync::Arc;

use serde::Serialize;

use super::Context;
use super::build::{Ask, Builder, Numbers};
use super::formula::{Formula, Literal, Sum, Variable};
use super::ground::Leaf;
use super::influence::{depending, facts, points};
use super::solve::{Answer, solve};
use super::witness::{Witness, Writer};
use crate::book::{Amount, Effect, Scheme, Sector, Worse};
use crate::diagnostic::Finding;
use crate::expr::{CmpOp, NodeId};
use crate::{Tier, Type};

/// What is known of the directions of facts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Directions {
    /// Facts, and `list.field`, whose declared direction is proved: no firm's tier gets better when it gets worse.
    pub proved: Vec<Arc<str>>,
    /// Facts with a declared direction that was neither proved nor refuted.
    pub undecided: Vec<Arc<str>>,
    /// Facts that declare no direction, and have one: no firm's tier gets better this way, and some firm's the other way.
    pub possible: Vec<(Arc<str>, Worse)>,
}

enum Verdict {
    Proved,
    Refuted(Box<(Finding, Witness)>),
    Undecided,
}

pub(super) fn check(context: &mut Context<'_>) -> Directions {
    let mut directions = Directions::default();
    for (changed, name, site) in facts(context) {
        let spec = match changed {
            Leaf::Fact(fact) => context.ground.fact(fact),
            Leaf::Field(list, field) => context.ground.field(list, field),
        };
        let Some(spec) = spec else { continue };
        if let Some(worse) = spec.worse {
            match verdict(context, changed, &name, worse, true) {
                Verdict::Proved => directions.proved.push(name.into()),
                Verdict::Undecided => directions.undecided.push(name.into()),
                Verdict::Refuted(shown) => context.report(shown.0, &site, Some(shown.1)),
            }
            continue;
        }
        let ways: &[Worse] = match spec.ty {
            Type::Bool => &[Worse::True, Worse::False],
            Type::Int | Type::Float | Type::Date => &[Worse::Up, Worse::Down],
            Type::Text => &[],
        };
        let proved: Vec<Worse> = ways
            .iter()
            .copied()
            .filter(|worse| matches!(verdict(context, changed, &name, *worse, false), Verdict::Proved))
            .collect();
        if let [only] = proved.as_slice() {
            directions.possible.push((name.into(), *only));
        }
    }
    directions
}

/// The second firm is worse than the first.
fn worsened(changed: Leaf, worse: Worse) -> Formula {
    let of = |copy| match changed {
        Leaf::Fact(fact) => Variable::Fact(fact, copy),
        Leaf::Field(list, field) => Variable::Field { list, item: 0, field, copy },
    };
    let literal = |variable, is| Formula::Literal(Literal::is(variable, is));
    let there = match changed {
        Leaf::Field(list, _) => literal(Variable::Item { list, item: 0 }, true),
        Leaf::Fact(_) => Formula::TRUE,
    };
    let rises = |low, high| {
        let sum = Sum::variable(low).plus(&Sum::variable(high), -1.0);
        Formula::Literal(Literal::Below { sum, strict: true })
    };
    let differ = match worse {
        Worse::True => Formula::all([literal(of(0), false), literal(of(1), true)]),
        Worse::False => Formula::all([literal(of(0), true), literal(of(1), false)]),
        Worse::Up => rises(of(0), of(1)),
        Worse::Down => rises(of(1), of(0)),
    };
    Formula::all([there, differ])
}

/// The rules that hang on the fact, whether they are scored, and in which direction.
type Asked = (Vec<usize>, bool, bool);

/// With `refute`, a counter-example is looked for where there is no proof.
fn verdict(context: &Context<'_>, changed: Leaf, name: &str, worse: Worse, refute: bool) -> Verdict {
    let read = depending(context, changed);
    let mut proved = true;
    let question = Question { context, changed, worse, worsened: worsened(changed, worse) };
    // Sectors that take over the same parts ask the same.
    let mut asked: Vec<(Asked, Vec<Doubt>)> = Vec::new();
    for (at, sector) in context.book.sectors.iter().enumerate() {
        let own: Vec<usize> = read.iter().copied().filter(|rule| sector.rules.contains(rule)).collect();
        if own.is_empty() {
            continue;
        }
        let higher_is_better = sector.scheme.as_ref().is_none_or(Scheme::higher_is_better);
        let key = (own, sector.scheme.is_some(), higher_is_better);
        let known = asked.iter().position(|(known, _)| *known == key);
        let known = known.unwrap_or_else(|| {
            let doubts = question.doubts(sector, &key.0);
            asked.push((key, doubts));
            asked.len() - 1
        });
        let Some(((own, ..), doubts)) = asked.get(known) else { continue };
        for doubt in doubts {
            if question.is_covered(sector, own, doubt) {
                continue;
            }
            proved = false;
            if !refute {
                return Verdict::Undecided;
            }
            if let Some((finding, witness)) = question.confirmed(at, sector, own, doubt, name) {
                return Verdict::Refuted(Box::new((finding, witness)));
            }
        }
    }
    if proved { Verdict::Proved } else { Verdict::Undecided }
}

/// A way in which the second firm could be graded better, which no proof rules out.
#[derive(Clone)]
struct Doubt {
    /// The tier from which on the first firm could be worse off than the second.
    tier: Tier,
    asks: Vec<Ask>,
    /// Points of the first firm, how they compare with those of the second, and these.
    points: Option<(Numbers, CmpOp, Numbers)>,
}

/// Thousandths of points that two firms are tried apart, where points are computed.
const APART: [f64; 5] = [40_000.0, 20_000.0, 10_000.0, 3_000.0, 0.0];

impl Doubt {
    /// The points of both firms, far apart and then less: few differences are seen in a tier.
    fn apart(&self) -> impl Iterator<Item = Option<(Numbers, CmpOp, Numbers)>> {
        let computed =
            self.points.as_ref().is_some_and(|(one, _, other)| !one.nodes.is_empty() || !other.nodes.is_empty());
        let points = self.points.clone();
        APART.into_iter().filter(move |apart| computed || *apart == 0.0).map(move |apart| {
            let (mut one, op, other) = points.clone()?;
            one.fixed += if op == CmpOp::Gt { -apart } else { apart };
            Some((one, op, other))
        })
    }
}

struct Question<'q, 'a> {
    context: &'q Context<'a>,
    changed: Leaf,
    worse: Worse,
    worsened: Formula,
}

/// Scored rules of one item whose firing patterns are gone through.
const MOST_TOGETHER: usize = 4;

impl Question<'_, '_> {
    fn formula(&self, doubt: &Doubt) -> Formula {
        let mut builder = Builder::new(&self.context.ground, Some(self.changed));
        let asked = match &doubt.points {
            None => builder.all(&doubt.asks),
            Some((one, op, other)) => builder.all_and_sums(&doubt.asks, one, *op, other),
        };
        Formula::all([self.worsened.clone(), asked])
    }

    fn is_possible(&self, doubt: &Doubt) -> bool {
        !solve(&self.formula(doubt), &self.context.ground).is_no()
    }

    fn doubts(&self, sector: &Sector, own: &[usize]) -> Vec<Doubt> {
        let mut doubts = self.of_floors(own);
        doubts.extend(self.of_scores(sector, own));
        doubts
    }

    fn of_floors(&self, own: &[usize]) -> Vec<Doubt> {
        let mut doubts = Vec::new();
        let floors: Vec<(Tier, NodeId)> = own
            .iter()
            .filter_map(|rule| Some((self.context.floor(*rule)?, self.context.ground.outcome(*rule)?)))
            .collect();
        for (tier, node) in &floors {
            // It fires for the first firm, and for the second nothing that demands as much.
            let lost = floors.iter().filter(|(other, _)| other >= tier).map(|(_, node)| Ask::new(*node, false).of(1));
            let asks = [Ask::new(*node, true)].into_iter().chain(lost).collect();
            let doubt = Doubt { tier: *tier, asks, points: None };
            if self.is_possible(&doubt) {
                doubts.push(doubt);
            }
        }
        doubts
    }

    /// Item by item: do the points that hang on the fact ever count less against the second firm?
    fn of_scores(&self, sector: &Sector, own: &[usize]) -> Vec<Doubt> {
        let context = self.context;
        let Some(scheme) = &sector.scheme else { return Vec::new() };
        let higher_is_better = scheme.higher_is_better();
        let scored: Vec<(usize, usize)> = own
            .iter()
            .filter_map(|rule| match &context.book.rules.get(*rule)?.effect {
                Effect::Points { item, .. } => Some((*rule, *item)),
                Effect::Floor(_) => None,
            })
            .collect();
        let mut items: Vec<usize> = scored.iter().map(|(_, item)| *item).collect();
        items.sort_unstable();
        items.dedup();
        let mut doubts = Vec::new();
        for item in items {
            let rules: Vec<usize> = scored.iter().filter(|(_, of)| *of == item).map(|(rule, _)| *rule).collect();
            let single = rules.iter().flat_map(|rule| self.of_rules(&[*rule], higher_is_better)).collect::<Vec<_>>();
            // What one rule gives up another of the same item may take over.
            let alike =
                rules.windows(2).all(|pair| matches!(pair, [one, other] if self.deducts(*one) == self.deducts(*other)));
            let together = alike && rules.len() > 1 && rules.len() <= MOST_TOGETHER && !single.is_empty();
            doubts.extend(if together { self.of_rules(&rules, higher_is_better) } else { single });
        }
        doubts
    }

    fn of_rules(&self, rules: &[usize], higher_is_better: bool) -> Vec<Doubt> {
        let patterns = 1u32 << rules.len();
        let mut doubts = Vec::new();
        for one in 0..patterns {
            for other in 0..patterns {
                if let Some(doubt) = self.of_pattern(rules, one, other, higher_is_better)
                    && self.is_possible(&doubt)
                {
                    doubts.push(doubt);
                }
            }
        }
        doubts
    }

    fn deducts(&self, rule: usize) -> bool {
        matches!(self.context.book.rules.get(rule).map(|rule| &rule.effect), Some(Effect::Points { deduct: true, .. }))
    }

    /// These rules fire for the first firm, those for the second, and the second comes off better.
    fn of_pattern(&self, rules: &[usize], one: u32, other: u32, higher_is_better: bool) -> Option<Doubt> {
        let context = self.context;
        let mut asks = Vec::new();
        let mut sums = [Numbers::default(), Numbers::default()];
        for (at, rule) in rules.iter().enumerate() {
            let node = context.ground.outcome(*rule)?;
            let Effect::Points { amount, .. } = &context.book.rules.get(*rule)?.effect else { return None };
            for (copy, (pattern, sum)) in [one, other].into_iter().zip(&mut sums).enumerate() {
                let fires = pattern >> at & 1 == 1;
                asks.push(Ask::new(node, fires).of(copy as u8));
                match (fires, amount) {
                    (false, _) => {}
                    (true, Amount::Fixed(points)) => sum.fixed += points.thousandths() as f64,
                    (true, Amount::Computed(_)) => sum.nodes.push(points(context, *rule)?),
                }
            }
        }
        // Points that a firm would rather not have, and fewer of them for the second; or the other way round.
        let harms = self.deducts(*rules.first()?) == higher_is_better;
        let [first, second] = sums;
        Some(Doubt {
            tier: Tier::Yellow,
            asks,
            points: Some((first, if harms { CmpOp::Gt } else { CmpOp::Lt }, second)),
        })
    }

    /// The rules of a sector that do not hang on the fact.
    fn others(&self, sector: &Sector, own: &[usize]) -> Vec<usize> {
        let others = sector.rules.iter().copied();
        others.filter(|rule| self.context.rules.contains(rule) && !own.contains(rule)).collect()
    }

    /// No other floor that demands as much hides the difference.
    fn no_floor_beside(&self, sector: &Sector, own: &[usize], doubt: &Doubt) -> Vec<Ask> {
        let context = self.context;
        let others = self.others(sector, own).into_iter();
        others
            .filter(|rule| context.floor(*rule).is_some_and(|tier| tier >= doubt.tier))
            .filter_map(|rule| Some(Ask::new(context.ground.outcome(rule)?, false)))
            .collect()
    }

    /// Does another floor always fire where the doubt is about floors?
    fn is_covered(&self, sector: &Sector, own: &[usize], doubt: &Doubt) -> bool {
        let beside = self.no_floor_beside(sector, own, doubt);
        let asks = doubt.asks.iter().copied().chain(beside).collect();
        doubt.points.is_none() && !self.is_possible(&Doubt { asks, ..doubt.clone() })
    }

    /// The doubt as two firms that the engine grades, the worse one better.
    fn confirmed(
        &self,
        at: usize,
        sector: &Sector,
        own: &[usize],
        doubt: &Doubt,
        name: &str,
    ) -> Option<(Finding, Witness)> {
        let context = self.context;
        let plan = context.grader.plan(at)?;
        let outcome = |rule: usize, is: bool| Some(Ask::new(context.ground.outcome(rule)?, is));
        let others = || self.others(sector, own).into_iter();
        let floors = self.no_floor_beside(sector, own, doubt);
        let computed: Vec<Ask> =
            others().filter(|rule| points(context, *rule).is_some()).filter_map(|rule| outcome(rule, false)).collect();
        let mut scored: Vec<(i64, usize)> = others()
            .filter_map(|rule| match &context.book.rules.get(rule)?.effect {
                Effect::Points { amount: Amount::Fixed(points), .. } => Some((points.thousandths(), rule)),
                _ => None,
            })
            .collect();
        scored.sort_by_key(|(points, _)| std::cmp::Reverse(*points));
        // With a score the difference shows only near the end of a band: other findings bring the firm there.
        let to_the_end = (0..=scored.len().min(24)).map(|count| {
            let fires = scored.iter().enumerate().filter_map(|(at, (_, rule))| outcome(*rule, at < count));
            computed.iter().copied().chain(fires).collect::<Vec<_>>()
        });
        let tries =
            to_the_end.chain([Vec::new()]).flat_map(|scores| doubt.apart().map(move |points| (scores.clone(), points)));
        tries.into_iter().find_map(|(scores, points)| {
            let asks = doubt.asks.iter().chain(&floors).copied().chain(scores).collect();
            let formula = self.formula(&Doubt { tier: doubt.tier, asks, points });
            let Answer::Yes(model) = solve(&formula, &context.ground) else { return None };
            let writer = Writer::new(&context.ground, &[], &formula, model);
            let firms = [writer.firm(&sector.id, 0, Some(plan)), writer.firm(&sector.id, 1, Some(plan))];
            let [Ok(first), Ok(second)] = firms.clone().map(|firm| context.grader.grade_value(&firm.into())) else {
                return None;
            };
            if second.tier >= first.tier || !first.settled || !second.settled {
                return None;
            }
            let [firm, other] = firms;
            let differs = other.into_iter().filter(|(key, value)| firm.get(key) != Some(value)).collect();
            let finding = Finding::NotMonotone {
                fact: name.to_owned(),
                worse: self.worse.name(),
                sector: sector.id.to_string(),
                from: first.tier,
                to: second.tier,
            };
            Some((finding, Witness { firm, tier: first.tier, other: Some((differs, second.tier)) }))
        })
    }
}
