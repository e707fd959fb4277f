//! Facts that rules read and that change nothing.

use super::Context;
use super::build::{Ask, Builder, Numbers};
use super::ground::Leaf;
use super::solve::solve;
use crate::Site;
use crate::book::{Amount, Effect};
use crate::diagnostic::Finding;
use crate::expr::{CmpOp, NodeId};

pub(super) fn check(context: &mut Context<'_>) {
    for (changed, name, site) in facts(context) {
        let mut read = depending(context, changed);
        read.retain(|rule| !context.idle.contains(rule));
        if !read.is_empty() && !read.iter().any(|rule| may_change(context, changed, *rule)) {
            context.report(Finding::NoInfluence { fact: name }, &site, None);
        }
    }
}

/// Every fact, and every field of a list, by name.
pub(super) fn facts(context: &Context<'_>) -> Vec<(Leaf, String, Site)> {
    let of_firm = context
        .book
        .facts
        .iter()
        .enumerate()
        .map(|(at, fact)| (Leaf::Fact(at as u32), fact.name.to_string(), fact.site.clone()));
    let of_items = context.book.lists.iter().enumerate().flat_map(|(list, of)| {
        of.fields.iter().enumerate().map(move |(at, field)| {
            (Leaf::Field(list as u32, at as u32), format!("{}.{}", of.name, field.name), field.site.clone())
        })
    });
    of_firm.chain(of_items).collect()
}

/// The rules in force whose outcome or points hang on what is changed.
pub(super) fn depending(context: &Context<'_>, changed: Leaf) -> Vec<usize> {
    let hangs = |rule: &&usize| {
        let nodes = [context.ground.outcome(**rule), points(context, **rule)];
        nodes.into_iter().flatten().any(|node| context.ground.hangs_on(node, changed))
    };
    context.rules.iter().filter(hangs).copied().collect()
}

/// The node of computed points.
pub(super) fn points(context: &Context<'_>, rule: usize) -> Option<NodeId> {
    match &context.book.rules.get(rule)?.effect {
        Effect::Points { amount: Amount::Computed(formula), .. } => context.ground.node(formula.node),
        _ => None,
    }
}

/// Are there two firms that differ in this alone, one of which the rule fires for, or to which it gives other points?
fn may_change(context: &Context<'_>, changed: Leaf, rule: usize) -> bool {
    let Some(node) = context.ground.outcome(rule) else { return true };
    let (one, other) = (Ask::new(node, true), Ask::new(node, false).of(1));
    let mut builder = Builder::new(&context.ground, Some(changed));
    if !solve(&builder.all(&[one, other]), &context.ground).is_no() {
        return true;
    }
    points(context, rule).is_some_and(|points| {
        let both = [one, Ask::new(node, true).of(1)];
        let points = Numbers { fixed: 0.0, nodes: vec![points] };
        let formula = builder.all_and_sums(&both, &points, CmpOp::Ne, &points);
        !solve(&formula, &context.ground).is_no()
    })
}
