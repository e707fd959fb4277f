//! The executor for one firm: every node once, operands first; the values are kept, so that the explanation and the
//! list of missing facts come from the very evaluation that decided.

#![expect(clippy::indexing_slicing, reason = "node, frame and slot ids are made by the plan that owns the arrays")]

use std::ops::Range;

use crate::book::BookData;
use crate::expr::graph::{Agg, AggState};
use crate::expr::{FaultKind, FrameId, NodeId, Op, Scalar, scalar};

use super::pairs::{Pairs, Side, pair};
use super::{Plan, look_up};

/// A firm as a plan reads it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Row<'a> {
    /// By slot of the plan's facts.
    pub(crate) facts: Vec<Scalar<'a>>,
    /// By slot of the plan's lists; none for an unknown list.
    pub(crate) lists: Vec<Option<ListRow<'a>>>,
}

/// The items of a list, field by field.
#[derive(Debug, Clone, Default)]
pub(crate) struct ListRow<'a> {
    pub(crate) len: usize,
    pub(crate) fields: Vec<Vec<Scalar<'a>>>,
}

/// What a frame has for this firm.
#[derive(Debug, Clone)]
pub(crate) enum Extent {
    Unknown,
    TooMany,
    /// The items of a list; of the firm's own frame, the firm.
    Items(usize),
    Pairs(Pairs),
}

impl Extent {
    pub(crate) fn len(&self) -> usize {
        match self {
            Extent::Unknown | Extent::TooMany => 0,
            Extent::Items(len) => *len,
            Extent::Pairs(pairs) => pairs.place.len(),
        }
    }

    /// The item of the list that an item of the frame stands for.
    #[inline(always)]
    pub(crate) fn place(&self, item: usize) -> usize {
        match self {
            Extent::Pairs(pairs) => pairs.place[item] as usize,
            _ => item,
        }
    }

    /// The item of the frame outside that an item belongs to.
    #[inline(always)]
    pub(crate) fn outer(&self, item: usize) -> usize {
        match self {
            Extent::Pairs(pairs) => pairs.outer[item] as usize,
            _ => 0,
        }
    }

    /// Are there too many pairs for an aggregate, of which `all` says whether it looks at all of them?
    pub(crate) fn is_too_many(&self, all: bool) -> bool {
        match self {
            Extent::TooMany => true,
            Extent::Pairs(pairs) => all && pairs.partial,
            _ => false,
        }
    }

    /// The items that belong to an item of the frame outside; none for an unknown list.
    pub(crate) fn of(&self, outer: usize) -> Option<Range<usize>> {
        match self {
            Extent::Unknown | Extent::TooMany => None,
            Extent::Items(len) => Some(0..*len),
            Extent::Pairs(pairs) => Some(pairs.starts[outer] as usize..pairs.starts[outer + 1] as usize),
        }
    }
}

/// A fault at a node; at which item, for a node inside a closure.
#[derive(Debug, Clone)]
pub(crate) struct NodeFault {
    pub(crate) node: NodeId,
    pub(crate) kind: FaultKind,
}

/// The values of all nodes for one firm.
#[derive(Debug, Clone)]
pub(crate) struct Evaluation<'a> {
    /// Of nodes in the firm's own frame.
    pub(crate) values: Vec<Scalar<'a>>,
    /// Of nodes in other frames, item by item; empty if the plan has none.
    pub(crate) items: Vec<Vec<Scalar<'a>>>,
    /// By frame; empty if the plan looks at no items.
    pub(crate) extents: Vec<Extent>,
    pub(crate) faults: Vec<NodeFault>,
}

impl<'a> Evaluation<'a> {
    pub(crate) fn value(&self, node: NodeId) -> Scalar<'a> {
        self.values[node.index()]
    }
}

/// Evaluates a plan for a firm.
pub(crate) fn run<'a>(book: &'a BookData, plan: &'a Plan, row: &Row<'a>) -> Evaluation<'a> {
    let mut run = Run {
        book,
        plan,
        row,
        out: Evaluation {
            values: vec![Scalar::Unknown; plan.nodes.len()],
            items: if plan.has_items { vec![Vec::new(); plan.nodes.len()] } else { Vec::new() },
            extents: if plan.has_items { extents(plan, row) } else { Vec::new() },
            faults: Vec::new(),
        },
    };
    if !plan.has_items {
        // Most plans: every node has one value, and no frame need be looked at.
        for at in 0..plan.nodes.len() {
            let value = run.evaluate::<false>(NodeId(at as u32), 0);
            run.out.values[at] = value;
        }
        return run.out;
    }
    for at in 0..plan.nodes.len() {
        run.step(NodeId(at as u32));
    }
    run.out
}

/// What an evaluation would be if one node had another value, for the firm or at some items of its frame, and nothing else
/// were otherwise.
pub(crate) fn supposing<'a>(
    book: &'a BookData,
    plan: &'a Plan,
    row: &Row<'a>,
    before: &Evaluation<'a>,
    (node, items): (NodeId, &[usize]),
    value: Scalar<'a>,
) -> Evaluation<'a> {
    let mut run = Run { book, plan, row, out: before.clone() };
    if plan.nodes[node.index()].frame == FrameId::FIRM {
        run.out.values[node.index()] = value;
    } else {
        for item in items {
            run.out.items[node.index()][*item] = value;
        }
    }
    let mut changed = vec![false; plan.nodes.len()];
    changed[node.index()] = true;
    for (at, above) in plan.nodes.iter().enumerate().skip(node.index() + 1) {
        if above.op.all_operands().iter().any(|operand| changed[operand.index()]) {
            changed[at] = true;
            run.step(NodeId(at as u32));
        }
    }
    run.out
}

fn extents(plan: &Plan, row: &Row<'_>) -> Vec<Extent> {
    let mut extents = Vec::with_capacity(plan.frames.len());
    extents.push(Extent::Items(1));
    for at in 1..plan.frames.len() {
        let frame = plan.frames[at];
        let list = row.lists[frame.list as usize].as_ref();
        // A frame is made after the frame that it stands in.
        let parent = &extents[frame.parent.index()];
        let extent = match (parent, list) {
            (Extent::TooMany, _) => Extent::TooMany,
            (Extent::Unknown, _) | (_, None) => Extent::Unknown,
            (_, Some(list)) if frame.parent == FrameId::FIRM => Extent::Items(list.len),
            (_, Some(list)) => {
                let outer = row.lists[plan.frames[frame.parent.index()].list as usize].as_ref();
                let outer_value = |field: usize, item| match outer {
                    Some(outer) => outer.fields[field][parent.place(item)],
                    None => Scalar::Unknown,
                };
                let mut pairs = Pairs::default();
                let found = pair(
                    &plan.joins[at],
                    &Side { len: parent.len(), value: outer_value },
                    &Side { len: list.len, value: |field: usize, item: usize| list.fields[field][item] },
                    &mut pairs,
                );
                if found { Extent::Pairs(pairs) } else { Extent::TooMany }
            }
        };
        extents.push(extent);
    }
    extents
}

struct Run<'r, 'a> {
    book: &'a BookData,
    plan: &'a Plan,
    row: &'r Row<'a>,
    out: Evaluation<'a>,
}

impl<'a> Run<'_, 'a> {
    /// A value as a node of a frame sees it: constants and the firm's values are the same for every item.
    #[inline(always)]
    fn at<const ITEMS: bool>(&self, id: NodeId, frame: FrameId, item: usize) -> Scalar<'a> {
        if !ITEMS || frame == FrameId::FIRM || self.plan.nodes[id.index()].frame == FrameId::FIRM {
            self.out.values[id.index()]
        } else {
            self.out.items[id.index()][item]
        }
    }

    /// The values of a node, of whatever frame.
    fn step(&mut self, id: NodeId) {
        let plan = self.plan;
        let node = &plan.nodes[id.index()];
        if let Op::Agg(agg) = &node.op {
            self.aggregate(id, agg, node.frame);
        } else if node.frame == FrameId::FIRM {
            self.out.values[id.index()] = self.evaluate::<true>(id, 0);
        } else {
            let len = self.out.extents[node.frame.index()].len();
            let values = (0..len).map(|item| self.evaluate::<true>(id, item)).collect();
            self.out.items[id.index()] = values;
        }
    }

    fn fault(&mut self, node: NodeId, kind: FaultKind) -> Scalar<'a> {
        self.out.faults.push(NodeFault { node, kind });
        Scalar::Unknown
    }

    /// The value of a node; `ITEMS` is false for a plan that looks at no list.
    fn evaluate<const ITEMS: bool>(&mut self, id: NodeId, item: usize) -> Scalar<'a> {
        let plan = self.plan;
        let node = &plan.nodes[id.index()];
        let frame = node.frame;
        let result = match &node.op {
            Op::Const(constant) => return Scalar::from_constant(constant),
            Op::Unknown | Op::Agg(_) => return Scalar::Unknown,
            Op::AsOf => return Scalar::Date(plan.days.first.days()),
            Op::Param(slot) => {
                let value = plan.params[*slot as usize].first.as_ref();
                return value.map_or(Scalar::Unknown, Scalar::from_constant);
            }
            Op::Fact(slot) => return self.row.facts[*slot as usize],
            Op::ListKnown(slot) => return Scalar::Bool(self.row.lists[*slot as usize].is_some()),
            Op::Field(field) => {
                let list = &self.row.lists[plan.frames[frame.index()].list as usize];
                let Some(list) = list else { return Scalar::Unknown };
                return list.fields[*field as usize][self.out.extents[frame.index()].place(item)];
            }
            Op::Up(a) => {
                let parent = plan.frames[frame.index()].parent;
                return self.at::<ITEMS>(*a, parent, self.out.extents[frame.index()].outer(item));
            }
            Op::And(operands) => return self.junction::<ITEMS>(operands, false, frame, item),
            Op::Or(operands) => return self.junction::<ITEMS>(operands, true, frame, item),
            Op::Known(a) => return Scalar::Bool(self.at::<ITEMS>(*a, frame, item).is_known()),
            Op::Coalesce(a, b) => {
                let value = self.at::<ITEMS>(*a, frame, item);
                return if value.is_known() { value } else { self.at::<ITEMS>(*b, frame, item) };
            }
            Op::If(condition, a, b) => {
                let (a, b) = (self.at::<ITEMS>(*a, frame, item), self.at::<ITEMS>(*b, frame, item));
                return match self.at::<ITEMS>(*condition, frame, item) {
                    Scalar::Bool(true) => a,
                    Scalar::Bool(false) => b,
                    _ if a == b => a,
                    _ => Scalar::Unknown,
                };
            }
            Op::Lookup(table, key) => look_up(self.book, *table, self.at::<ITEMS>(*key, frame, item)),
            Op::Not(a)
            | Op::Neg(a)
            | Op::Abs(a)
            | Op::Round(a)
            | Op::Floor(a)
            | Op::Ceiling(a)
            | Op::ToFloat(a)
            | Op::ToInt(a)
            | Op::PointsOf(a)
            | Op::TextLen(a)
            | Op::InTexts(a, _) => match self.at::<ITEMS>(*a, frame, item) {
                Scalar::Unknown => return Scalar::Unknown,
                a => scalar::unary(&node.op, a),
            },
            Op::Cmp(op, a, b) => {
                return match (self.at::<ITEMS>(*a, frame, item), self.at::<ITEMS>(*b, frame, item)) {
                    (Scalar::Int(a), Scalar::Int(b)) => Scalar::Bool(scalar::compare(*op, &a, &b)),
                    (Scalar::Float(a), Scalar::Float(b)) => Scalar::Bool(scalar::compare_floats(*op, a, b)),
                    (Scalar::Date(a), Scalar::Date(b)) => Scalar::Bool(scalar::compare(*op, &a, &b)),
                    (Scalar::Text(a), Scalar::Text(b)) => Scalar::Bool(scalar::compare(*op, a, b)),
                    _ => Scalar::Unknown,
                };
            }
            Op::Add(a, b)
            | Op::Sub(a, b)
            | Op::Mul(a, b)
            | Op::Div(a, b)
            | Op::Rem(a, b)
            | Op::Min(a, b)
            | Op::Max(a, b)
            | Op::DateDiff(a, b)
            | Op::DateAdd(a, b)
            | Op::TextTest(_, a, b) => match (self.at::<ITEMS>(*a, frame, item), self.at::<ITEMS>(*b, frame, item)) {
                (Scalar::Unknown, _) | (_, Scalar::Unknown) => return Scalar::Unknown,
                (a, b) => scalar::binary(&node.op, a, b),
            },
        };
        match result {
            Ok(value) => value,
            Err(kind) => self.fault(id, kind),
        }
    }

    #[inline(always)]
    fn junction<const ITEMS: bool>(
        &self,
        operands: &[NodeId],
        dominant: bool,
        frame: FrameId,
        item: usize,
    ) -> Scalar<'a> {
        let mut result = Scalar::Bool(!dominant);
        for operand in operands {
            match self.at::<ITEMS>(*operand, frame, item) {
                Scalar::Bool(value) if value == dominant => return Scalar::Bool(dominant),
                Scalar::Bool(_) => {}
                _ => result = Scalar::Unknown,
            }
        }
        result
    }

    fn aggregate(&mut self, id: NodeId, agg: &Agg, frame: FrameId) {
        let outer = self.out.extents[frame.index()].len();
        let too_many =
            self.out.extents[agg.frame.index()].is_too_many(self.plan.joins[agg.frame.index()].needs_all(id));
        if outer > 0 && too_many {
            self.fault(id, FaultKind::TooManyPairs);
        }
        let mut results = Vec::with_capacity(outer);
        for one in 0..outer {
            let value = match self.out.extents[agg.frame.index()].of(one) {
                Some(items) if !too_many => self.reduce(id, agg, items),
                _ => Scalar::Unknown,
            };
            results.push(value);
        }
        if frame == FrameId::FIRM {
            self.out.values[id.index()] = results.first().copied().unwrap_or(Scalar::Unknown);
        } else {
            self.out.items[id.index()] = results;
        }
    }

    fn reduce(&mut self, id: NodeId, agg: &Agg, items: Range<usize>) -> Scalar<'a> {
        let mut state = AggState::new(agg.kind);
        for item in items {
            let filter = agg.filter.map_or(Scalar::Bool(true), |filter| self.at::<true>(filter, agg.frame, item));
            match filter {
                Scalar::Bool(false) => {}
                Scalar::Bool(_) => {
                    state.add(agg.value.map_or(Scalar::Bool(true), |value| self.at::<true>(value, agg.frame, item)));
                }
                _ => state.add(Scalar::Unknown),
            }
        }
        match state.result(self.plan.nodes[id.index()].ty) {
            Ok(value) => value,
            Err(kind) => self.fault(id, kind),
        }
    }
}
