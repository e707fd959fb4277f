//! Evaluates the nodes of a plan that move with the day: takes the values of the others for a firm, gives a timeline for each.

#![expect(clippy::indexing_slicing, reason = "node, frame and slot ids are made by the plan that owns the arrays")]

use std::borrow::Cow;
use std::ops::Range;

use super::algebra;
use super::timeline::{Builder, Line, Piece, Seen, Timeline};
use crate::book::BookData;
use crate::expr::graph::{Agg, AggKind, AggState};
use crate::expr::{FrameId, NodeId, Op, Scalar, scalar};
use crate::plan::{Plan, look_up};

/// What an executor has for one firm: the values of the nodes that do not move, and the items of its lists.
pub(crate) trait Held<'a> {
    /// The value of a node, at an item of its frame.
    fn value(&self, node: NodeId, item: usize) -> Scalar<'a>;
    /// The items of a frame that belong to the firm; of the firm's own frame, the firm.
    fn items(&self, frame: FrameId) -> Range<usize>;
    /// The item of the frame outside that an item belongs to.
    fn outer(&self, frame: FrameId, item: usize) -> usize;
    /// The items that an aggregate looks at for an item of its own frame; none for an unknown list, or too many pairs.
    fn of(&self, aggregate: NodeId, frame: FrameId, outer: usize) -> Option<Range<usize>>;
}

/// The timelines of a plan for one firm after the other. Keeps its memory from one to the next.
pub(crate) struct Moving<'a> {
    book: &'a BookData,
    pub(crate) plan: &'a Plan,
    /// By node: its place among the moving ones.
    places: Vec<Option<u32>>,
    /// By place, and item of the node's frame.
    lines: Vec<Vec<Timeline<'a>>>,
}

impl<'a> Moving<'a> {
    pub(crate) fn new(book: &'a BookData, plan: &'a Plan) -> Moving<'a> {
        let mut places = vec![None; plan.nodes.len()];
        for (at, node) in plan.moving.iter().enumerate() {
            places[node.index()] = Some(at as u32);
        }
        Moving { book, plan, places, lines: vec![Vec::new(); plan.moving.len()] }
    }

    /// Evaluates a firm.
    pub(crate) fn run(&mut self, held: &impl Held<'a>) {
        for (place, id) in self.plan.moving.iter().enumerate() {
            let mut lines = std::mem::take(&mut self.lines[place]);
            lines.clear();
            for item in held.items(self.plan.nodes[id.index()].frame) {
                lines.push(self.evaluate(held, *id, item));
            }
            self.lines[place] = lines;
        }
    }

    pub(crate) fn moves(&self, id: NodeId) -> bool {
        self.places[id.index()].is_some()
    }

    /// A node as a node of `frame` sees it, at an item of that frame.
    pub(crate) fn see(&self, held: &impl Held<'a>, id: NodeId, frame: FrameId, item: usize) -> Seen<'_, 'a> {
        let own = self.plan.nodes[id.index()].frame;
        // The firm's values, and constants, are the same for every item.
        let item = if own == frame { item } else { held.items(own).start };
        match self.places[id.index()] {
            Some(place) => {
                let line = self.lines[place as usize].get(item - held.items(own).start);
                line.map_or_else(|| Cow::Owned(Timeline::same(Scalar::Unknown)), Cow::Borrowed)
            }
            None => Cow::Owned(Timeline::same(self.still(held, id, item))),
        }
    }

    pub(crate) fn still(&self, held: &impl Held<'a>, id: NodeId, item: usize) -> Scalar<'a> {
        match &self.plan.nodes[id.index()].op {
            Op::Const(constant) => Scalar::from_constant(constant),
            _ => held.value(id, item),
        }
    }

    fn evaluate(&self, held: &impl Held<'a>, id: NodeId, item: usize) -> Timeline<'a> {
        let (plan, days) = (self.plan, self.plan.days);
        let node = &plan.nodes[id.index()];
        let frame = node.frame;
        let see = |id: &NodeId| self.see(held, *id, frame, item);
        match &node.op {
            Op::AsOf => Timeline::of(Piece::Line(Line { is_date: true, slope: 1, shift: 0 })),
            Op::Param(slot) => {
                let param = &plan.params[*slot as usize];
                let first = param.first.as_ref().map_or(Scalar::Unknown, Scalar::from_constant);
                let mut out = Builder::default();
                out.push(days.first.days(), Piece::Same(first));
                for (since, value) in &param.then {
                    out.push(since.days(), Piece::Same(Scalar::from_constant(value)));
                }
                out.done()
            }
            Op::Up(a) => {
                let parent = plan.frames[frame.index()].parent;
                self.see(held, *a, parent, held.outer(frame, item)).into_owned()
            }
            Op::And(operands) => self.junction(held, operands, false, frame, item),
            Op::Or(operands) => self.junction(held, operands, true, frame, item),
            Op::Known(a) => algebra::known(days, &see(a)),
            Op::Coalesce(a, b) => algebra::coalesce(days, &see(a), &see(b)),
            Op::If(condition, a, b) => algebra::choose(days, &see(condition), &see(a), &see(b)),
            Op::Lookup(table, key) => algebra::unary(days, &node.op, &see(key), |key| look_up(self.book, *table, key)),
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
            | Op::InTexts(a, _) => algebra::unary(days, &node.op, &see(a), |a| scalar::unary(&node.op, a)),
            Op::Cmp(_, a, b)
            | Op::Add(a, b)
            | Op::Sub(a, b)
            | Op::Mul(a, b)
            | Op::Div(a, b)
            | Op::Rem(a, b)
            | Op::Min(a, b)
            | Op::Max(a, b)
            | Op::DateDiff(a, b)
            | Op::DateAdd(a, b)
            | Op::TextTest(_, a, b) => algebra::binary(days, &node.op, &see(a), &see(b)),
            Op::Agg(agg) => match held.of(id, agg.frame, item) {
                None => Timeline::same(Scalar::Unknown),
                Some(items) if matches!(agg.kind, AggKind::Some | AggKind::All | AggKind::Count) => {
                    self.count(held, agg, items)
                }
                Some(items) => self.reduce(held, agg, items, node.ty),
            },
            // None of these moves.
            Op::Const(_) | Op::Unknown | Op::Fact(_) | Op::Field(_) | Op::ListKnown(_) => {
                Timeline::same(Scalar::Unknown)
            }
        }
    }

    fn junction(
        &self,
        held: &impl Held<'a>,
        operands: &[NodeId],
        dominant: bool,
        frame: FrameId,
        item: usize,
    ) -> Timeline<'a> {
        let mut all = Timeline::same(Scalar::Bool(!dominant));
        for operand in operands {
            let operand = self.see(held, *operand, frame, item);
            all = match (all.settled(), operand.settled()) {
                (Some(Scalar::Bool(value)), _) if value == dominant => return all,
                // What cannot decide leaves the others as they are.
                (Some(Scalar::Bool(_)), _) => operand.into_owned(),
                (_, Some(Scalar::Bool(value))) if value != dominant => all,
                _ => algebra::junction(self.plan.days, dominant, &all, &operand),
            };
        }
        all
    }

    /// Filter and value of an item of an aggregate.
    fn item(&self, held: &impl Held<'a>, agg: &Agg, item: usize) -> (Seen<'_, 'a>, Seen<'_, 'a>) {
        let yes = || Cow::Owned(Timeline::same(Scalar::Bool(true)));
        let see = |id: Option<NodeId>| id.map_or_else(yes, |id| self.see(held, id, agg.frame, item));
        (see(agg.filter), see(agg.value))
    }

    /// Aggregates over booleans: how many items are true, false and unknown, changed on the days on which one of them changes.
    fn count(&self, held: &impl Held<'a>, agg: &Agg, items: Range<usize>) -> Timeline<'a> {
        let days = self.plan.days;
        let mut tally = Tally::default();
        let mut turns: Vec<(i32, Scalar<'a>, Scalar<'a>)> = Vec::new();
        for item in items {
            let (filter, value) = self.item(held, agg, item);
            let counted = if filter.settled() == Some(Scalar::Bool(true)) {
                value.into_owned()
            } else {
                let mut out = Builder::default();
                super::timeline::stretches(days, [&filter, &value], |(from, _), [filter, value]| {
                    // A number stands for an item that the filter leaves out: it is counted as nothing.
                    let left_out = Piece::Same(Scalar::Int(0));
                    out.push(
                        from,
                        match filter {
                            Piece::Same(Scalar::Bool(true)) => value,
                            Piece::Same(Scalar::Bool(false)) => left_out,
                            _ => Piece::Same(Scalar::Unknown),
                        },
                    );
                });
                out.done()
            };
            let mut before = counted.first.on(days.first.days());
            tally.add(before, 1);
            for (day, piece) in &counted.then {
                let after = piece.on(*day);
                turns.push((*day, before, after));
                before = after;
            }
        }
        turns.sort_by_key(|(day, ..)| *day);
        let mut out = Builder::default();
        out.push(days.first.days(), Piece::Same(tally.result(agg.kind)));
        for turns in turns.chunk_by(|a, b| a.0 == b.0) {
            for (_, before, after) in turns {
                tally.add(*before, -1);
                tally.add(*after, 1);
            }
            if let Some((day, ..)) = turns.first() {
                out.push(*day, Piece::Same(tally.result(agg.kind)));
            }
        }
        out.done()
    }

    /// Sums and ends: worked out anew on the days on which an item changes; on each day, where one moves with it.
    fn reduce(&self, held: &impl Held<'a>, agg: &Agg, items: Range<usize>, ty: crate::Type) -> Timeline<'a> {
        let days = self.plan.days;
        let (first, last) = (days.first.days(), days.last.days());
        let items: Vec<_> = items.map(|item| self.item(held, agg, item)).collect();
        let lines = || items.iter().flat_map(|(filter, value)| [filter, value]);
        let is_line = |piece: &Piece<'_>| matches!(piece, Piece::Line(_));
        let mut on: Vec<i32> =
            if lines().any(|line| is_line(&line.first) || line.then.iter().any(|(_, piece)| is_line(piece))) {
                (first..=last).collect()
            } else {
                std::iter::once(first).chain(lines().flat_map(|line| line.then.iter().map(|(day, _)| *day))).collect()
            };
        on.sort_unstable();
        on.dedup();
        let mut out = Builder::default();
        for day in on {
            let mut state = AggState::new(agg.kind);
            for (filter, value) in &items {
                match filter.on(day) {
                    Scalar::Bool(false) => {}
                    Scalar::Bool(true) => state.add(value.on(day)),
                    _ => state.add(Scalar::Unknown),
                }
            }
            out.push(day, Piece::Same(state.result(ty).unwrap_or(Scalar::Unknown)));
        }
        out.done()
    }
}

/// How many items are true, false and unknown.
#[derive(Debug, Default)]
struct Tally {
    yes: i64,
    no: i64,
    unknown: i64,
}

impl Tally {
    fn add(&mut self, value: Scalar<'_>, by: i64) {
        match value {
            Scalar::Bool(true) => self.yes += by,
            Scalar::Bool(false) => self.no += by,
            Scalar::Unknown => self.unknown += by,
            _ => {}
        }
    }

    /// What [`AggState`] makes of the same items.
    fn result<'a>(&self, kind: AggKind) -> Scalar<'a> {
        match kind {
            AggKind::Some if self.yes > 0 => Scalar::Bool(true),
            AggKind::All if self.no > 0 => Scalar::Bool(false),
            _ if self.unknown > 0 => Scalar::Unknown,
            AggKind::Count => Scalar::Int(self.yes),
            kind => Scalar::Bool(kind == AggKind::All),
        }
    }
}
