//! What an unknown node waits for: from the values of an evaluation back to unknown facts and to faults.

#![expect(clippy::indexing_slicing, reason = "node, frame and slot ids are made by the plan that owns the arrays")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::expr::{FaultKind, FrameId, NodeId, Op, Scalar};
use crate::facts::field_name;
use crate::grade::{Fault, Wait};
use crate::plan::Plan;
use crate::plan::one::Evaluation;

/// Walks from unknown nodes to their causes. One for a firm and a plan.
pub(crate) struct Causes<'e, 'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) evaluation: &'e Evaluation<'a>,
}

/// A node to look at, at an item of its frame; inside the left side of a `??` or not.
#[derive(Debug, Clone, Copy)]
struct Step {
    node: NodeId,
    frame: FrameId,
    item: usize,
    replaced: bool,
}

/// Why one node is unknown.
#[derive(Debug, Default, Clone)]
pub(crate) struct Cause {
    /// Unknown facts, and in which items.
    pub(crate) facts: BTreeMap<Arc<str>, BTreeSet<usize>>,
    /// Nodes that faulted on the way.
    pub(crate) faulted: BTreeSet<NodeId>,
}

impl Cause {
    pub(crate) fn waits(&self) -> Vec<Wait> {
        let wait = |(fact, items): (&Arc<str>, &BTreeSet<usize>)| Wait {
            fact: Arc::clone(fact),
            items: items.iter().copied().collect(),
        };
        self.facts.iter().map(wait).collect()
    }
}

impl<'a> Causes<'_, 'a> {
    fn value(&self, node: NodeId, frame: FrameId, item: usize) -> Scalar<'a> {
        if frame == FrameId::FIRM || self.plan.nodes[node.index()].frame == FrameId::FIRM {
            self.evaluation.value(node)
        } else {
            self.evaluation.items[node.index()].get(item).copied().unwrap_or(Scalar::Unknown)
        }
    }

    /// Why a node of the firm's own frame is unknown.
    pub(crate) fn of(&self, root: NodeId) -> Cause {
        let mut cause = Cause::default();
        let mut seen = BTreeSet::new();
        // A stack of its own: a graph may be deeper than the thread's.
        let mut open = vec![Step { node: root, frame: FrameId::FIRM, item: 0, replaced: false }];
        while let Some(step) = open.pop() {
            self.visit(step, &mut seen, &mut open, &mut cause);
        }
        cause
    }

    fn visit(&self, step: Step, seen: &mut BTreeSet<(NodeId, usize, bool)>, open: &mut Vec<Step>, cause: &mut Cause) {
        let Step { node: id, frame, item, replaced } = step;
        let node = &self.plan.nodes[id.index()];
        let item = if node.frame == FrameId::FIRM { 0 } else { item };
        if self.value(id, frame, item).is_known() || !seen.insert((id, item, replaced)) {
            return;
        }
        let frame = node.frame;
        if !replaced && self.evaluation.faults.iter().any(|fault| fault.node == id) {
            cause.faulted.insert(id);
        }
        match &node.op {
            Op::Fact(slot) => {
                cause.facts.entry(Arc::clone(&self.plan.facts[*slot as usize].spec.name)).or_default();
            }
            Op::Field(field) => {
                let list = &self.plan.lists[self.plan.frames[frame.index()].list as usize];
                let name = field_name(&list.name, &list.fields[*field as usize].name);
                let item = self.evaluation.extents[frame.index()].place(item);
                cause.facts.entry(name).or_default().insert(item);
            }
            Op::Up(a) => {
                let parent = self.plan.frames[frame.index()].parent;
                let outer = self.evaluation.extents[frame.index()].outer(item);
                open.push(Step { node: *a, frame: parent, item: outer, replaced });
            }
            // Where `a` is unknown the value is that of `b`: what `a` waits for could still settle it, but a fault in `a` is
            // what `??` was written for.
            Op::Coalesce(a, b) => {
                open.push(Step { node: *a, frame, item, replaced: true });
                open.push(Step { node: *b, frame, item, replaced });
            }
            Op::If(condition, a, b) => match self.value(*condition, frame, item) {
                Scalar::Bool(true) => open.push(Step { node: *a, frame, item, replaced }),
                Scalar::Bool(false) => open.push(Step { node: *b, frame, item, replaced }),
                _ => open.push(Step { node: *condition, frame, item, replaced }),
            },
            Op::Agg(agg) => {
                let extent = &self.evaluation.extents[agg.frame.index()];
                if extent.is_too_many(self.plan.joins[agg.frame.index()].needs_all(id)) {
                    return;
                }
                let Some(items) = extent.of(item) else {
                    let list = &self.plan.lists[self.plan.frames[agg.frame.index()].list as usize];
                    cause.facts.entry(Arc::clone(&list.name)).or_default();
                    return;
                };
                for inner in items {
                    let filter = agg.filter.map_or(Scalar::Bool(true), |filter| self.value(filter, agg.frame, inner));
                    match (filter, agg.filter, agg.value) {
                        (Scalar::Bool(false), ..) => {}
                        (Scalar::Unknown, Some(filter), _) => {
                            open.push(Step { node: filter, frame: agg.frame, item: inner, replaced })
                        }
                        (_, _, Some(value)) => open.push(Step { node: value, frame: agg.frame, item: inner, replaced }),
                        _ => {}
                    }
                }
            }
            _ => {
                for operand in node.op.operands() {
                    open.push(Step { node: operand, frame, item, replaced });
                }
            }
        }
    }

    /// The faults behind a cause.
    pub(crate) fn faults(&self, rule: Option<usize>, name: &Arc<str>, cause: &Cause, into: &mut Vec<Fault>) {
        for node in &cause.faulted {
            let Some(site) = self.plan.site(rule, *node) else { continue };
            let kinds: BTreeSet<&FaultKind> =
                self.evaluation.faults.iter().filter(|fault| fault.node == *node).map(|fault| &fault.kind).collect();
            for kind in kinds {
                match into.iter_mut().find(|known| known.kind == *kind && known.site == *site) {
                    Some(known) => {
                        if !known.affects.contains(name) {
                            known.affects.push(Arc::clone(name));
                        }
                    }
                    None => {
                        into.push(Fault { kind: kind.clone(), site: site.clone(), affects: vec![Arc::clone(name)] })
                    }
                }
            }
        }
    }
}
