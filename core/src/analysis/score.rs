//! Bands that no score reaches, and points that never change a tier.
//!
//! What the items of a sector can add to a score is kept as numbers that can be reached, and stretches of them where points are
//! computed. Rules are taken to fire in any combination, so that what cannot be reached here cannot be reached.

use std::collections::BTreeMap;

use super::Context;
use super::build::Builder;
use super::ground::Ground;
use super::solve::{Answer, solve};
use super::theory::{Domain, Domains};
use crate::Points;
use crate::book::{Amount, Band, Effect, Scheme, Sector};
use crate::diagnostic::Finding;
use crate::expr::NodeId;

/// Stretches of numbers, in thousandths of points, sorted and apart.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Reach(Vec<(i64, i64)>);

/// Stretches that are told apart; beyond, neighbours are taken together.
const MOST: usize = 4000;

impl Reach {
    fn of(mut stretches: Vec<(i64, i64)>) -> Reach {
        stretches.sort_unstable();
        let mut joined: Vec<(i64, i64)> = Vec::with_capacity(stretches.len());
        for (low, high) in stretches {
            match joined.last_mut() {
                Some((_, last)) if low <= last.saturating_add(1) => *last = (*last).max(high),
                _ => joined.push((low, high)),
            }
        }
        while joined.len() > MOST {
            let pairs: Vec<(i64, i64)> =
                joined.chunks(2).filter_map(|pair| Some((pair.first()?.0, pair.last()?.1))).collect();
            joined = pairs;
        }
        Reach(joined)
    }

    /// All sums of one of these and one of those.
    fn plus(&self, other: &Reach) -> Reach {
        let sums = self.0.iter().flat_map(|(low, high)| {
            other
                .0
                .iter()
                .map(move |(other_low, other_high)| (low.saturating_add(*other_low), high.saturating_add(*other_high)))
        });
        Reach::of(sums.collect())
    }

    fn map(&self, of: impl Fn(i64) -> i64) -> Reach {
        Reach::of(self.0.iter().map(|(low, high)| (of(*low), of(*high))).collect())
    }

    fn ends(&self) -> Option<(i64, i64)> {
        Some((self.0.first()?.0, self.0.last()?.1))
    }

    fn meets(&self, low: i64, high: i64) -> bool {
        self.0.iter().any(|(own_low, own_high)| *own_low <= high && low <= *own_high)
    }
}

/// A rule of the score: what it adds when it fires.
struct Adds {
    rule: usize,
    item: usize,
    least: i64,
    most: i64,
}

pub(super) fn check(context: &mut Context<'_>) {
    // Points change a tier in one sector or in none.
    let mut idle: BTreeMap<usize, Option<String>> = BTreeMap::new();
    for sector in &context.book.sectors {
        let Some(scheme) = &sector.scheme else { continue };
        let adds = adds(context, sector);
        bands(context, sector, scheme, &adds);
        for one in &adds {
            let of = idle.entry(one.rule).or_insert_with(|| Some(sector.id.to_string()));
            if of.is_some() && can_decide(context, scheme, &adds, one) {
                *of = None;
            }
        }
    }
    for (rule, sector) in idle {
        if let (Some(sector), Some(of)) = (sector, context.book.rules.get(rule)) {
            context.report(Finding::IdlePoints { rule: of.id.to_string(), sector }, &of.site, None);
        }
    }
}

fn adds(context: &Context<'_>, sector: &Sector) -> Vec<Adds> {
    let mut adds = Vec::new();
    for rule in sector.rules.iter().filter(|rule| context.rules.contains(rule)) {
        let Some(of) = context.book.rules.get(*rule) else { continue };
        let Effect::Points { item, deduct, amount } = &of.effect else { continue };
        let (least, most) = match amount {
            Amount::Fixed(points) => (points.thousandths(), points.thousandths()),
            Amount::Computed(formula) => {
                context.ground.node(formula.node).map_or((0, Points::MAX.thousandths()), |node| {
                    ends(&context.ground, node, context.ground.outcome(*rule))
                })
            }
        };
        let (least, most) = if *deduct { (-most, -least) } else { (least, most) };
        adds.push(Adds { rule: *rule, item: *item, least, most });
    }
    adds
}

/// The least and most thousandths of points that a firm for which a rule fires can get.
fn ends(ground: &Ground<'_>, node: NodeId, outcome: Option<NodeId>) -> (i64, i64) {
    let limit = Points::MAX.thousandths();
    if let Some(constant) = ground.graph.as_constant(node) {
        if let crate::expr::Constant::Int(points) = constant {
            return (*points, *points);
        }
        return (0, limit);
    }
    let mut ends: Option<(i64, i64)> = None;
    for (guard, sum) in Builder::new(ground, None).number_cases(node, outcome) {
        if matches!(solve(&guard, ground), Answer::No) {
            continue;
        }
        let mut case = (sum.constant, sum.constant);
        for (variable, factor) in &sum.terms {
            let (low, high) = match ground.domain(*variable) {
                Domain::Numbers(range) => range.times(*factor),
                Domain::Words(_) | Domain::AnyText => (f64::NEG_INFINITY, f64::INFINITY),
            };
            case = (case.0 + low, case.1 + high);
        }
        let inside = |end: f64| end.clamp(0.0, limit as f64).round() as i64;
        let case = (inside(case.0), inside(case.1));
        ends = Some(ends.map_or(case, |known| (known.0.min(case.0), known.1.max(case.1))));
    }
    ends.unwrap_or((0, limit))
}

/// What an item can add, with each of its rules but one.
fn item(context: &Context<'_>, item: usize, adds: &[Adds], without: Option<usize>) -> Reach {
    let mut reach = Reach(vec![(0, 0)]);
    for one in adds.iter().filter(|one| one.item == item && Some(one.rule) != without) {
        reach = reach.plus(&Reach::of(vec![(0, 0), (one.least, one.most)]));
    }
    let Some(of) = context.book.items.get(item) else { return reach };
    if without.is_some() { reach } else { reach.map(|points| of.clip(points)) }
}

/// What a score can be, without one item.
fn scores(context: &Context<'_>, scheme: &Scheme, adds: &[Adds], without: Option<usize>) -> Reach {
    let base = scheme.base.thousandths();
    let mut items: Vec<usize> = adds.iter().map(|one| one.item).collect();
    items.sort_unstable();
    items.dedup();
    let others = items.into_iter().filter(|one| Some(*one) != without);
    others.fold(Reach(vec![(base, base)]), |reach, one| reach.plus(&item(context, one, adds, None)))
}

fn bands(context: &mut Context<'_>, sector: &Sector, scheme: &Scheme, adds: &[Adds]) {
    let reach = scores(context, scheme, adds, None);
    let Some((lowest, highest)) = reach.ends() else { return };
    for band in &scheme.bands {
        let (low, high) = limits(band);
        if !reach.meets(low, high) {
            let score = |thousandths| Points::from_thousandths(thousandths).to_string();
            let finding = Finding::UnreachedBand {
                sector: sector.id.to_string(),
                tier: band.tier,
                lowest: score(lowest),
                highest: score(highest),
            };
            context.report(finding, &scheme.site, None);
        }
    }
}

fn limits(band: &Band) -> (i64, i64) {
    let low = band.from.map_or(i64::MIN / 4, Points::thousandths);
    (low, band.below.map_or(i64::MAX / 4, |below| below.thousandths() - 1))
}

/// Is there a score at which the rule makes the difference between two tiers?
fn can_decide(context: &Context<'_>, scheme: &Scheme, adds: &[Adds], one: &Adds) -> bool {
    let Some(of) = context.book.items.get(one.item) else { return true };
    let others = scores(context, scheme, adds, Some(one.item));
    let own = item(context, one.item, adds, Some(one.rule));
    let limits: Vec<i64> = scheme.bands.iter().filter_map(|band| band.from).map(Points::thousandths).collect();
    own.0.iter().any(|(low, high)| {
        let lower = of.clip(low.saturating_add(one.least.min(0)));
        let upper = of.clip(high.saturating_add(one.most.max(0)));
        // A limit lies between the two scores for some score of the others.
        lower < upper && limits.iter().any(|limit| others.meets(limit - upper, limit - lower - 1))
    })
}
