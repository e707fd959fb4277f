//! Which pairs of items a closure inside a closure looks at: takes the graph of a plan, gives the equalities, such as
//! `b.code == a.code`, that alone decide for a pair that it does not count; and with them the pairs that are left.
//!
//! A ledger compares every event with every other. By an equality only those are compared that share a code or a shift,
//! so that the work grows with the events, not with their square.

use rustc_hash::FxHashMap;

use crate::expr::graph::{Agg, AggKind, Frame, Node};
use crate::expr::{CmpOp, Constant, FrameId, NodeId, Op, Scalar};

/// The most pairs of items that a closure inside a closure may look at for one firm.
pub(crate) const MAX_PAIRS: usize = 1_000_000;
/// For so few pairs it is not worth while to look for equal values first.
const FEW: usize = 8;

/// An equality without which a pair does not count.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Join {
    /// Field of the items inside.
    inner: usize,
    /// Field of the items outside.
    outer: usize,
    /// Pairs do not count either where the value inside, or outside, is unknown.
    inner_known: bool,
    outer_known: bool,
    /// Nor where it is one of these.
    never: Vec<Constant>,
}

/// How the pairs of a frame are found.
#[derive(Debug, Default, Clone)]
pub(crate) struct Joins {
    /// Aggregates that look at all pairs.
    whole: Vec<NodeId>,
    /// By aggregate of the others: the equalities it offers.
    some: Vec<Vec<Join>>,
}

impl Joins {
    /// Does an aggregate look at all pairs?
    pub(crate) fn needs_all(&self, aggregate: NodeId) -> bool {
        self.whole.contains(&aggregate)
    }

    /// Takes the ids of aggregates, to be changed with those of the nodes.
    pub(crate) fn renumber(&mut self, change: impl FnMut(&mut NodeId)) {
        self.whole.iter_mut().for_each(change);
    }
}

/// By frame, how its pairs are found.
pub(crate) fn joins(nodes: &[Node], frames: &[Frame]) -> Vec<Joins> {
    let graph = Search { nodes, frames };
    let of_frame = |(at, frame): (usize, &Frame)| {
        let mut joins = Joins::default();
        if frame.parent == FrameId::FIRM {
            return joins;
        }
        for (id, node) in nodes.iter().enumerate() {
            match &node.op {
                Op::Agg(agg) if agg.frame.index() == at => match graph.joins_of(agg) {
                    none if none.is_empty() => joins.whole.push(NodeId(id as u32)),
                    some => joins.some.push(some),
                },
                _ => {}
            }
        }
        joins
    };
    frames.iter().enumerate().map(of_frame).collect()
}

/// By frame, that every pair is looked at, also those that cannot count.
pub(crate) fn all(nodes: &[Node], frames: &[Frame]) -> Vec<Joins> {
    let aggregates = |at: usize| {
        let is_over = |node: &&(usize, &Node)| matches!(&node.1.op, Op::Agg(agg) if agg.frame.index() == at);
        let found: Vec<(usize, &Node)> = nodes.iter().enumerate().collect();
        found.iter().filter(is_over).map(|(id, _)| NodeId(*id as u32)).collect()
    };
    (0..frames.len()).map(|at| Joins { whole: aggregates(at), some: Vec::new() }).collect()
}

struct Search<'p> {
    nodes: &'p [Node],
    frames: &'p [Frame],
}

impl<'p> Search<'p> {
    fn op(&self, id: NodeId) -> Option<&'p Op> {
        self.nodes.get(id.index()).map(|node| &node.op)
    }

    fn joins_of(&self, agg: &Agg) -> Vec<Join> {
        let mut needed = Vec::new();
        match (agg.filter, agg.kind, agg.value) {
            // Where it is unknown whether an item passes the filter, what is asked of it does not matter.
            (Some(filter), ..) => self.needed(filter, true, &mut needed),
            (None, AggKind::Some | AggKind::Count, Some(value)) => self.needed(value, true, &mut needed),
            (None, AggKind::All, Some(value)) => self.needed(value, false, &mut needed),
            _ => {}
        }
        let equalities = needed.iter().filter_map(|(id, holds)| self.equality(*id, *holds, agg.frame));
        equalities.map(|(inner, outer)| self.join(inner, outer, agg.frame, &needed)).collect()
    }

    /// What must be so (true), or must not be so (false), for a node not to be false (true): where any of it is known to
    /// be otherwise, the node is known to be false (true).
    fn needed(&self, root: NodeId, holds: bool, into: &mut Vec<(NodeId, bool)>) {
        let mut open = vec![(root, holds)];
        while let Some((id, holds)) = open.pop() {
            match self.op(id) {
                Some(Op::And(operands)) if holds => open.extend(operands.iter().map(|id| (*id, holds))),
                Some(Op::Or(operands)) if !holds => open.extend(operands.iter().map(|id| (*id, holds))),
                Some(Op::Not(a)) => open.push((*a, !holds)),
                Some(Op::Coalesce(a, _)) => open.push((*a, holds)),
                _ => into.push((id, holds)),
            }
        }
    }

    /// The fields inside and outside that a node compares.
    fn equality(&self, id: NodeId, holds: bool, frame: FrameId) -> Option<(usize, usize)> {
        let (a, b) = match (self.op(id)?, holds) {
            (Op::Cmp(CmpOp::Eq, a, b), true) | (Op::Cmp(CmpOp::Ne, a, b), false) => (*a, *b),
            _ => return None,
        };
        // Floats are equal within a tolerance, which no table of equal values finds.
        if !matches!(self.nodes.get(a.index())?.ty, crate::Type::Text | crate::Type::Int | crate::Type::Date) {
            return None;
        }
        let side =
            |inner: NodeId, outer: NodeId| Some((self.inner_field(inner, frame)?, self.outer_field(outer, frame)?));
        side(a, b).or_else(|| side(b, a))
    }

    fn inner_field(&self, id: NodeId, frame: FrameId) -> Option<usize> {
        let node = self.nodes.get(id.index())?;
        match node.op {
            Op::Field(field) if node.frame == frame => Some(field as usize),
            _ => None,
        }
    }

    fn outer_field(&self, id: NodeId, frame: FrameId) -> Option<usize> {
        let node = self.nodes.get(id.index())?;
        match node.op {
            Op::Up(a) if node.frame == frame => self.inner_field(a, self.frames.get(frame.index())?.parent),
            _ => None,
        }
    }

    fn join(&self, inner: usize, outer: usize, frame: FrameId, needed: &[(NodeId, bool)]) -> Join {
        let mut join = Join { inner, outer, inner_known: false, outer_known: false, never: Vec::new() };
        let parent = self.frames.get(frame.index()).map_or(FrameId::FIRM, |frame| frame.parent);
        for (id, holds) in needed {
            match (self.op(*id), holds) {
                (Some(Op::Known(a)), true) => {
                    join.inner_known |= self.inner_field(*a, frame) == Some(inner);
                    join.outer_known |= self.outer_field(*a, frame) == Some(outer);
                }
                (Some(Op::Cmp(CmpOp::Ne, a, b)), true) | (Some(Op::Cmp(CmpOp::Eq, a, b)), false) => {
                    if let (true, Some(Op::Const(constant))) = (self.inner_field(*a, frame) == Some(inner), self.op(*b))
                    {
                        join.never.push(constant.clone());
                    }
                }
                // What is needed of the item outside alone.
                (Some(Op::Up(a)), holds) => {
                    let mut above = Vec::new();
                    self.needed(*a, *holds, &mut above);
                    for (id, holds) in above {
                        match (self.op(id), holds) {
                            (Some(Op::Known(a)), true) => {
                                join.outer_known |= self.inner_field(*a, parent) == Some(outer);
                            }
                            // What the value outside is not, its equal inside is not either.
                            (Some(Op::Cmp(CmpOp::Ne, a, b)), true) | (Some(Op::Cmp(CmpOp::Eq, a, b)), false)
                                if self.inner_field(*a, parent) == Some(outer) =>
                            {
                                if let Some(Op::Const(constant)) = self.op(*b) {
                                    join.never.push(constant.clone());
                                }
                            }
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
        join
    }
}

/// The pairs of a frame for one firm, item by item of the frame outside.
#[derive(Debug, Default, Clone)]
pub(crate) struct Pairs {
    /// By item outside: where its pairs begin; and the end of the last.
    pub(crate) starts: Vec<u32>,
    /// By pair: the item outside, and the item of the list.
    pub(crate) outer: Vec<u32>,
    pub(crate) place: Vec<u32>,
    /// All pairs would be too many: these are only those that aggregates with an equality look at.
    pub(crate) partial: bool,
}

impl Pairs {
    fn clear(&mut self) {
        self.partial = false;
        self.starts.clear();
        self.outer.clear();
        self.place.clear();
        self.starts.push(0);
    }

    fn end(&mut self) {
        self.starts.push(self.place.len() as u32);
    }

    fn all(&mut self, outer: usize, inner_len: usize) {
        self.outer.extend(std::iter::repeat_n(outer as u32, inner_len));
        self.place.extend(0..inner_len as u32);
    }
}

/// The values of the items of a frame: how many there are, and that of a field of one.
pub(crate) struct Side<F> {
    pub(crate) len: usize,
    pub(crate) value: F,
}

/// Finds the pairs of a firm; false if they are too many.
pub(crate) fn pair<'a>(
    joins: &Joins,
    outer: &Side<impl Fn(usize, usize) -> Scalar<'a>>,
    inner: &Side<impl Fn(usize, usize) -> Scalar<'a>>,
    into: &mut Pairs,
) -> bool {
    into.clear();
    let most = outer.len.saturating_mul(inner.len);
    if most <= FEW || (!joins.whole.is_empty() && most <= MAX_PAIRS) {
        for at in 0..outer.len {
            into.all(at, inner.len);
            into.end();
        }
        return true;
    }
    into.partial = !joins.whole.is_empty();
    if joins.some.is_empty() {
        return false;
    }
    let tables: Vec<Table<'a, '_>> = joins.some.iter().filter_map(|joins| Table::best(joins, outer, inner)).collect();
    let mut found: Vec<u32> = Vec::new();
    for at in 0..outer.len {
        found.clear();
        if !tables.iter().all(|table| table.find((outer.value)(table.join.outer, at), &mut found)) {
            found.clear();
            found.extend(0..inner.len as u32);
        }
        // In the order of the list, so that a sum comes out the same to the last bit.
        found.sort_unstable();
        found.dedup();
        if into.place.len() + found.len() > MAX_PAIRS {
            return false;
        }
        into.outer.extend(std::iter::repeat_n(at as u32, found.len()));
        into.place.extend_from_slice(&found);
        into.end();
    }
    true
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Key<'a> {
    Int(i64),
    Date(i32),
    Text(&'a str),
}

impl<'a> Key<'a> {
    fn of(value: Scalar<'a>) -> Option<Key<'a>> {
        match value {
            Scalar::Int(value) => Some(Key::Int(value)),
            Scalar::Date(value) => Some(Key::Date(value)),
            Scalar::Text(value) => Some(Key::Text(value)),
            _ => None,
        }
    }
}

/// The items inside, by the value of a field.
struct Table<'a, 'j> {
    join: &'j Join,
    items: FxHashMap<Key<'a>, Vec<u32>>,
    /// Items whose value is unknown, where these count.
    unknown: Vec<u32>,
}

impl<'a, 'j> Table<'a, 'j> {
    /// Of several equalities the one that leaves the fewest pairs.
    fn best(
        joins: &'j [Join],
        outer: &Side<impl Fn(usize, usize) -> Scalar<'a>>,
        inner: &Side<impl Fn(usize, usize) -> Scalar<'a>>,
    ) -> Option<Table<'a, 'j>> {
        let tables = joins.iter().map(|join| {
            let table = Table::new(join, inner);
            let pairs = (0..outer.len).map(|at| table.pairs((outer.value)(join.outer, at), inner.len)).sum::<usize>();
            (pairs, table)
        });
        tables.min_by_key(|(pairs, _)| *pairs).map(|(_, table)| table)
    }

    fn new(join: &'j Join, inner: &Side<impl Fn(usize, usize) -> Scalar<'a>>) -> Table<'a, 'j> {
        let mut table = Table { join, items: FxHashMap::default(), unknown: Vec::new() };
        for at in 0..inner.len {
            let value = (inner.value)(join.inner, at);
            match Key::of(value) {
                Some(_) if join.never.iter().any(|never| Scalar::from_constant(never) == value) => {}
                Some(key) => table.items.entry(key).or_default().push(at as u32),
                None if join.inner_known => {}
                None => table.unknown.push(at as u32),
            }
        }
        table
    }

    /// How many items a value outside goes with.
    fn pairs(&self, value: Scalar<'a>, all: usize) -> usize {
        match Key::of(value) {
            Some(key) => self.items.get(&key).map_or(0, Vec::len) + self.unknown.len(),
            None if self.join.outer_known => 0,
            None => all,
        }
    }

    /// Adds the items that a value outside goes with; false where it goes with all.
    fn find(&self, value: Scalar<'a>, into: &mut Vec<u32>) -> bool {
        match Key::of(value) {
            Some(key) => {
                into.extend(self.items.get(&key).into_iter().flatten());
                into.extend(&self.unknown);
                true
            }
            None => self.join.outer_known,
        }
    }
}
