//! Conditions that no firm or every firm meets, and floors that say nothing that another does not say.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::Context;
use super::build::{Ask, Builder};
use super::solve::{Answer, solve};
use super::witness::{Witness, Writer};
use crate::Tier;
use crate::book::{Amount, Effect};
use crate::diagnostic::Finding;

pub(super) fn check(context: &mut Context<'_>) {
    context.idle = never_or_always(context);
    implied(context);
}

/// Gives the rules whose condition is the same for all firms.
fn never_or_always(context: &mut Context<'_>) -> BTreeSet<usize> {
    let mut idle = BTreeSet::new();
    for rule in context.rules.clone() {
        let (Some(node), Some(of)) = (context.ground.outcome(rule), context.book.rules.get(rule)) else { continue };
        // Loading warns of conditions without facts.
        if context.ground.graph.as_constant(node).is_some() {
            idle.insert(rule);
            continue;
        }
        let computed = matches!(of.effect, Effect::Points { amount: Amount::Computed(_), .. });
        for always in [false, true] {
            if (always && computed) || !ask(context, &[Ask::new(node, !always)]).is_no() {
                continue;
            }
            idle.insert(rule);
            let finding = Finding::Condition { rule: of.id.to_string(), always };
            context.report(finding, &of.site, None);
            break;
        }
    }
    idle
}

fn ask(context: &Context<'_>, asks: &[Ask]) -> Answer {
    let formula = Builder::new(&context.ground, None).all(asks);
    solve(&formula, &context.ground)
}

fn implied(context: &mut Context<'_>) {
    let floors: Vec<(usize, Tier)> = context
        .rules
        .iter()
        .filter(|rule| !context.idle.contains(rule))
        .filter_map(|rule| Some((*rule, context.floor(*rule)?)))
        .collect();
    // A rule of a shared part says something if it does so in one of the sectors that take it over.
    let mut covered: BTreeMap<usize, Option<Covering>> = BTreeMap::new();
    for sector in &context.book.sectors {
        let own: Vec<(usize, Tier)> = floors.iter().copied().filter(|(rule, _)| sector.rules.contains(rule)).collect();
        for (rule, tier) in &own {
            if covered.get(rule).is_some_and(Option::is_none) {
                continue;
            }
            let mut best: Option<Covering> = None;
            for (other, other_tier) in &own {
                let shares = shares(context, *rule, *other);
                let is_better = best.as_ref().is_none_or(|known| *other_tier > known.tier);
                if rule != other && other_tier >= tier && shares && is_better && fires_with(context, *rule, *other) {
                    best = Some(Covering { by: *other, tier: *other_tier, sector: sector.id.clone() });
                }
            }
            covered.insert(*rule, best);
        }
    }
    for (rule, tier) in floors {
        within(context, rule);
        if let Some(Some(covering)) = covered.get(&rule) {
            tell(context, rule, tier, covering);
        }
    }
}

/// Do two rules read a fact or field in common?
fn shares(context: &Context<'_>, one: usize, other: usize) -> bool {
    let leaves = |rule| context.ground.outcome(rule).map(|node| context.ground.leaves(node)).unwrap_or_default();
    let other = leaves(other);
    leaves(one).iter().any(|leaf| other.binary_search(leaf).is_ok())
}

/// A floor that fires wherever another one does.
struct Covering {
    by: usize,
    tier: Tier,
    sector: Arc<str>,
}

/// Is a rule a case of the rule that it names?
fn within(context: &mut Context<'_>, rule: usize) {
    let Some(of) = context.book.rules.get(rule) else { return };
    let Some(named) = &of.within else { return };
    let Some(by) =
        context.rules.iter().copied().find(|at| context.book.rules.get(*at).is_some_and(|one| one.id == *named))
    else {
        return;
    };
    let (Some(node), Some(other)) = (context.ground.outcome(rule), context.ground.outcome(by)) else { return };
    let formula = Builder::new(&context.ground, None).all(&[Ask::new(node, true), Ask::new(other, false)]);
    let Answer::Yes(model) = solve(&formula, &context.ground) else { return };
    let Some(sector) = context.book.sectors.iter().find(|one| one.rules.contains(&rule) && one.rules.contains(&by))
    else {
        return;
    };
    let firm = Writer::new(&context.ground, &[node, other], &formula, model).firm(&sector.id, 0, None);
    if let Some(witness) = graded(context, firm, &[rule], &[by]) {
        context.report(Finding::NotWithin { rule: of.id.to_string(), by: named.to_string() }, &of.site, Some(witness));
    }
}

/// Does `other` fire wherever `rule` does?
fn fires_with(context: &mut Context<'_>, rule: usize, other: usize) -> bool {
    if let Some(known) = context.implied.get(&(rule, other)) {
        return *known;
    }
    let nodes = context.ground.outcome(rule).zip(context.ground.outcome(other));
    let implies = nodes.is_some_and(|(a, b)| a == b || ask(context, &[Ask::new(a, true), Ask::new(b, false)]).is_no());
    context.implied.insert((rule, other), implies);
    implies
}

fn tell(context: &mut Context<'_>, rule: usize, tier: Tier, covering: &Covering) {
    let (Some(of), Some(other)) = (context.book.rules.get(rule), context.book.rules.get(covering.by)) else { return };
    if of.within.as_ref() == Some(&other.id) || of.within.is_some() && within_by_way(context, rule, covering.by) {
        return;
    }
    let (name, by) = (of.id.to_string(), other.id.to_string());
    let finding = if covering.tier > tier {
        Finding::NeverDecides { rule: name, tier, by, by_tier: covering.tier }
    } else {
        let same = fires_with(context, covering.by, rule);
        // Of two that say the same, the second is told, unless one says that it is a case of the other.
        if same && (covering.by > rule || other.within.as_ref() == Some(&of.id)) {
            return;
        }
        Finding::Implied { rule: name, by, same }
    };
    let witness = fires_together(context, &covering.sector, rule, covering.by);
    context.report(finding, &of.site, witness);
}

/// Is a rule a case of another by way of others?
fn within_by_way(context: &Context<'_>, rule: usize, by: usize) -> bool {
    let mut at = rule;
    for _ in 0..context.book.rules.len() {
        let Some(named) = context.book.rules.get(at).and_then(|rule| rule.within.as_ref()) else { return false };
        let Some(next) = context.book.rules.iter().position(|rule| rule.id == *named) else { return false };
        if next == by {
            return true;
        }
        at = next;
    }
    false
}

/// A firm for which both fire.
fn fires_together(context: &Context<'_>, sector: &str, rule: usize, by: usize) -> Option<Witness> {
    let node = context.ground.outcome(rule)?;
    let other = context.ground.outcome(by)?;
    let formula = Builder::new(&context.ground, None).all(&[Ask::new(node, true), Ask::new(other, true)]);
    let Answer::Yes(model) = solve(&formula, &context.ground) else { return None };
    let firm = Writer::new(&context.ground, &[node, other], &formula, model).firm(sector, 0, None);
    graded(context, firm, &[rule, by], &[])
}

/// The firm, if the engine says that these rules fire for it and those are clear.
fn graded(context: &Context<'_>, firm: Map<String, Json>, fire: &[usize], clear: &[usize]) -> Option<Witness> {
    let grade = context.grader.grade_value(&firm.clone().into()).ok()?;
    let among = |at: &usize, ids: &[&Arc<str>]| context.book.rules.get(*at).is_some_and(|rule| ids.contains(&&rule.id));
    let fired: Vec<&Arc<str>> = grade.sectors.iter().flat_map(|one| &one.fired).map(|one| &one.rule).collect();
    let open: Vec<&Arc<str>> = grade.sectors.iter().flat_map(|one| &one.undetermined).map(|one| &one.rule).collect();
    let as_said = fire.iter().all(|at| among(at, &fired))
        && clear.iter().all(|at| !among(at, &fired) && !among(at, &open))
        && grade.data_errors.is_empty();
    as_said.then_some(Witness { firm, tier: grade.tier, other: None })
}
