//! Small mistakes that an author could have made: takes the nodes of a trial, gives every change of one of them, and the plan
//! with one change made.

use std::collections::BTreeSet;

use super::setting::Setting;
use super::trial::Trial;
use super::values::moved;
use crate::expr::graph::{Agg, Node};
use crate::expr::{AggKind, CmpOp, Constant, FrameId, NodeId, Op};
use crate::plan::Plan;

/// A change of one node.
#[derive(Debug, Clone)]
pub(super) struct Mutant {
    /// The node.
    pub(super) at: NodeId,
    pub(super) change: Change,
}

#[derive(Debug, Clone)]
pub(super) enum Change {
    /// Another operation.
    Op(Op),
    /// Another operand, by its place.
    Operand(usize, Operand),
}

/// What takes the place of an operand.
#[derive(Debug, Clone)]
pub(super) enum Operand {
    /// A node that the plan has not.
    New(Node),
    /// The value of a parameter on the day, moved up or down.
    Moved(u32, bool),
}

/// Every mutant of what is tried.
///
/// * a comparison: its limit included or not, and turned round; `==` and `!=`
/// * `&&` and `||`, `+` and `-`, `*` and `/`, `min` and `max`, `some` and `all`, and the roundings exchanged
/// * `!`, a filter and `??` left out; the branches of an `if` exchanged
/// * a number, a day or a parameter a step up or down, wherever it is used
/// * a condition that is a fact, or a test of one, negated; a fact taken for the next of its type that the rule reads
pub(super) fn mutants(trial: &Trial<'_>) -> Vec<Mutant> {
    let mut all = Vec::new();
    let own = trial.plan.nodes.iter().zip(&trial.own).enumerate().filter(|(_, (_, own))| **own);
    for (at, (node, _)) in own {
        let at = NodeId(at as u32);
        all.extend(operations(node).into_iter().map(|op| Mutant { at, change: Change::Op(op) }));
        let mut operands = node.op.all_operands();
        if is_root(&node.op) {
            operands.truncate(1);
        }
        for (place, operand) in operands.into_iter().enumerate() {
            let changed = |by: Operand| Mutant { at, change: Change::Operand(place, by) };
            all.extend(replacements(trial, node, operand).into_iter().map(changed));
        }
    }
    all
}

/// The node that a trial puts on top of a rule.
fn is_root(op: &Op) -> bool {
    matches!(op, Op::If(c, a, b) if c == a && a == b)
}

/// An operation that has the value of a node.
fn same(a: NodeId) -> Op {
    Op::If(a, a, a)
}

fn operations(node: &Node) -> Vec<Op> {
    let agg = |agg: &Agg, kind| Op::Agg(Agg { kind, ..agg.clone() });
    match &node.op {
        Op::Cmp(op, a, b) => {
            let others: &[CmpOp] = match op {
                CmpOp::Eq => &[CmpOp::Ne],
                CmpOp::Ne => &[CmpOp::Eq],
                CmpOp::Lt => &[CmpOp::Le, CmpOp::Ge],
                CmpOp::Le => &[CmpOp::Lt, CmpOp::Gt],
                CmpOp::Gt => &[CmpOp::Ge, CmpOp::Le],
                CmpOp::Ge => &[CmpOp::Gt, CmpOp::Lt],
            };
            others.iter().map(|op| Op::Cmp(*op, *a, *b)).collect()
        }
        Op::And(operands) if operands.len() > 1 => vec![Op::Or(operands.clone())],
        Op::Or(operands) if operands.len() > 1 => vec![Op::And(operands.clone())],
        Op::Not(a) => vec![same(*a)],
        Op::Coalesce(a, _) => vec![same(*a)],
        Op::If(c, a, b) if a != b => vec![Op::If(*c, *b, *a)],
        Op::Add(a, b) => vec![Op::Sub(*a, *b)],
        Op::Sub(a, b) => vec![Op::Add(*a, *b)],
        Op::Mul(a, b) => vec![Op::Div(*a, *b)],
        Op::Div(a, b) => vec![Op::Mul(*a, *b)],
        Op::Min(a, b) => vec![Op::Max(*a, *b)],
        Op::Max(a, b) => vec![Op::Min(*a, *b)],
        Op::Round(a) => vec![Op::Floor(*a), Op::Ceiling(*a)],
        Op::Floor(a) => vec![Op::Ceiling(*a)],
        Op::Ceiling(a) => vec![Op::Floor(*a)],
        Op::Agg(one) => {
            let mut all = match one.kind {
                AggKind::Some => vec![agg(one, AggKind::All)],
                AggKind::All => vec![agg(one, AggKind::Some)],
                AggKind::Max => vec![agg(one, AggKind::Min)],
                AggKind::Min => vec![agg(one, AggKind::Max)],
                AggKind::Sum | AggKind::Count => vec![],
            };
            if one.filter.is_some() {
                all.push(Op::Agg(Agg { filter: None, ..one.clone() }));
            }
            all
        }
        _ => vec![],
    }
}

fn replacements(trial: &Trial<'_>, user: &Node, operand: NodeId) -> Vec<Operand> {
    let Some(node) = trial.plan.node(operand) else { return vec![] };
    let new = |op: Op, frame: FrameId| Operand::New(Node { op, frame, ty: node.ty });
    let mut all = Vec::new();
    match &node.op {
        Op::Const(constant) => {
            let near = [moved(constant, false), moved(constant, true)];
            all.extend(near.into_iter().flatten().map(|near| new(Op::Const(near), FrameId::FIRM)));
        }
        Op::Param(at) if node.ty != crate::Type::Bool && node.ty != crate::Type::Text => {
            all.extend([Operand::Moved(*at, false), Operand::Moved(*at, true)]);
        }
        Op::Fact(_) | Op::Field(_) => {
            if let Some(other) = next_like(trial, operand, node) {
                all.push(new(other, node.frame));
            }
        }
        _ => {}
    }
    // An `Up` hands on what is negated where it is used.
    let is_fact = matches!(origin(trial, operand).op, Op::Fact(_) | Op::Field(_) | Op::ListKnown(_) | Op::Known(_));
    let is_test = matches!(origin(trial, operand).op, Op::InTexts(..) | Op::TextTest(..) | Op::Lookup(..));
    let is_asked = !matches!(user.op, Op::Not(_) | Op::Up(_) | Op::Known(_));
    if node.ty == crate::Type::Bool && (is_fact || is_test) && is_asked {
        all.push(new(Op::Not(operand), node.frame));
    }
    all
}

fn origin<'t>(trial: &'t Trial<'_>, mut id: NodeId) -> &'t Node {
    const NONE: &Node = &Node { op: Op::Unknown, frame: FrameId::FIRM, ty: crate::Type::Bool };
    loop {
        match trial.plan.node(id) {
            Some(Node { op: Op::Up(a), .. }) => id = *a,
            Some(node) => return node,
            None => return NONE,
        }
    }
}

/// The next fact, or field of the same items, of the same type that is read, in a circle.
fn next_like(trial: &Trial<'_>, id: NodeId, node: &Node) -> Option<Op> {
    let is_like = |other: &Node| {
        other.ty == node.ty
            && other.frame == node.frame
            && matches!((&other.op, &node.op), (Op::Fact(_), Op::Fact(_)) | (Op::Field(_), Op::Field(_)))
    };
    let read: BTreeSet<usize> = trial
        .plan
        .nodes
        .iter()
        .zip(&trial.own)
        .enumerate()
        .filter(|(_, (other, own))| **own && is_like(other))
        .map(|(at, _)| at)
        .collect();
    let next = read.range(id.index() + 1..).next().or_else(|| read.first())?;
    let other = trial.plan.nodes.get(*next)?;
    (other.op != node.op).then(|| other.op.clone())
}

/// The plan of a day with a change made, which has one node more: before the changed one. None where a parameter has no value.
pub(super) fn mutated(trial: &Trial<'_>, plan: &Plan, mutant: &Mutant, setting: &Setting) -> Option<Plan> {
    let mut plan = plan.clone();
    let at = mutant.at.index();
    let spare = Node { op: Op::Unknown, frame: FrameId::FIRM, ty: crate::Type::Bool };
    let inserted = match &mutant.change {
        Change::Op(op) => {
            plan.nodes.get_mut(at)?.op = op.clone();
            spare
        }
        Change::Operand(_, Operand::New(node)) => node.clone(),
        Change::Operand(_, Operand::Moved(parameter_at, up)) => {
            let value: Constant = moved(&setting.value(trial.book, *parameter_at)?, *up)?;
            Node { ty: value.ty(), op: Op::Const(value), frame: FrameId::FIRM }
        }
    };
    plan.nodes.insert(at, inserted);
    let shifted = |id: &mut NodeId| {
        if id.index() >= at {
            id.0 += 1;
        }
    };
    for node in plan.nodes.iter_mut().skip(at + 1) {
        node.op.change_operands(shifted);
    }
    if let Change::Operand(place, _) = &mutant.change {
        let node = plan.nodes.get_mut(at + 1)?;
        let all = is_root(&node.op);
        let mut nth = 0;
        node.op.change_operands(|id| {
            if all || nth == *place {
                *id = mutant.at;
            }
            nth += 1;
        });
    }
    for joins in &mut plan.joins {
        joins.renumber(shifted);
    }
    Some(plan)
}
