//! Whether what was taken out of a compiled book holds together: the executors rely on it and do not look again.

use super::codec::{Damaged, Taken};
use crate::book::{Amount, BookData, Effect, Entries, Rule};
use crate::expr::graph::{Frame, Node};
use crate::expr::{AggKind, FrameId, NodeId, Op};
use crate::{Type, Value};

/// Operands inside operands, and lists inside lists: far above what scripts come to, far below what would exhaust a stack.
const MAX_DEPTH: u32 = 1_000;
const MAX_FRAMES_DEEP: u32 = 64;

fn sure(holds: bool) -> Taken<()> {
    if holds { Ok(()) } else { Err(Damaged) }
}

/// Every place that is named is there, and every operation has operands of its types.
pub(super) fn check(book: &BookData) -> Taken<()> {
    let nodes = book.graph.nodes();
    frames(book)?;
    let mut depths: Vec<u32> = Vec::with_capacity(nodes.len());
    for (at, node) in nodes.iter().enumerate() {
        let of = Operands { book, known: nodes.get(..at).ok_or(Damaged)? };
        of.check(node)?;
        let operands = match &node.op {
            Op::Up(a) => vec![*a],
            Op::Agg(agg) => agg.filter.iter().chain(&agg.value).copied().collect(),
            op => op.operands(),
        };
        let depth = operands.iter().filter_map(|id| depths.get(id.index())).max().map_or(0, |depth| depth + 1);
        sure(depth <= MAX_DEPTH)?;
        depths.push(depth);
    }
    let typed = |id: NodeId, ty: Type| sure(nodes.get(id.index()).is_some_and(|node| node.ty == ty));
    let in_firm = |id: NodeId| sure(nodes.get(id.index()).is_some_and(|node| node.frame == FrameId::FIRM));
    for measure in &book.measures {
        typed(measure.node, measure.ty)?;
        in_firm(measure.node)?;
    }
    for rule in &book.rules {
        typed(rule.outcome, Type::Bool)?;
        sure(rule.owner < book.roles.len())?;
        effect(book, rule)?;
        rule.nodes().try_for_each(in_firm)?;
        rule.fault_sites.iter().try_for_each(|(node, _)| sure(node.index() < nodes.len()))?;
    }
    book.first_sites.keys().try_for_each(|node| sure(node.index() < nodes.len()))?;
    let rules =
        book.sectors.iter().flat_map(|sector| &sector.rules).chain(book.parts.iter().flat_map(|part| &part.rules));
    rules.into_iter().try_for_each(|rule| sure(*rule < book.rules.len()))?;
    for item in &book.items {
        sure(item.lowest.is_none_or(|lowest| item.highest.is_none_or(|highest| lowest <= highest)))?;
    }
    for sector in &book.sectors {
        sure(sector.scheme.as_ref().is_none_or(|scheme| !scheme.bands.is_empty()))?;
    }
    let values =
        book.parameters.iter().flat_map(|parameter| parameter.values.iter().map(|one| (parameter.ty, &one.value)));
    let entries = book.tables.iter().flat_map(|table| {
        let values: Vec<&Value> = match &table.entries {
            Entries::Rows(rows) => rows.values().collect(),
            Entries::Ranges(ranges) => ranges.iter().map(|range| &range.value).collect(),
        };
        values.into_iter().map(|value| (table.ty, value))
    });
    let facts = book.facts.iter().chain(book.lists.iter().flat_map(|list| &list.fields));
    let limits = facts.flat_map(|fact| {
        let limits = [&fact.min, &fact.max, &fact.absent];
        limits.into_iter().flatten().map(|value| (fact.ty, value))
    });
    values.chain(entries).chain(limits).try_for_each(|(ty, value)| sure(value.ty() == ty))
}

fn frames(book: &BookData) -> Taken<()> {
    let mut depths: Vec<u32> = Vec::new();
    for (at, Frame { parent, list }) in book.graph.frames().iter().enumerate() {
        if at == 0 {
            sure(*parent == FrameId::FIRM && *list == u32::MAX)?;
            depths.push(0);
            continue;
        }
        sure((*list as usize) < book.lists.len())?;
        let depth = depths.get(parent.index()).ok_or(Damaged)? + 1;
        sure(depth <= MAX_FRAMES_DEEP)?;
        depths.push(depth);
    }
    sure(!depths.is_empty())
}

fn effect(book: &BookData, rule: &Rule) -> Taken<()> {
    let Effect::Points { item, amount, .. } = &rule.effect else { return Ok(()) };
    sure(*item < book.items.len())?;
    match amount {
        Amount::Fixed(_) => Ok(()),
        Amount::Computed(formula) => {
            let node = book.graph.nodes().get(formula.node.index()).ok_or(Damaged)?;
            sure(matches!(node.op, Op::PointsOf(_)) || (node.ty == Type::Int && is_constant(node)))
        }
    }
}

fn is_constant(node: &Node) -> bool {
    matches!(node.op, Op::Const(_) | Op::Unknown)
}

/// The nodes that a node can have as operands: those before it.
struct Operands<'a> {
    book: &'a BookData,
    known: &'a [Node],
}

impl Operands<'_> {
    /// The type of an operand as a node in this frame sees it.
    fn ty(&self, id: NodeId, frame: FrameId) -> Taken<Type> {
        let node = self.known.get(id.index()).ok_or(Damaged)?;
        sure(node.frame == frame || is_constant(node))?;
        Ok(node.ty)
    }

    fn check(&self, node: &Node) -> Taken<()> {
        let (book, frame, ty) = (self.book, node.frame, node.ty);
        let place = *book.graph.frames().get(frame.index()).ok_or(Damaged)?;
        let of = |id: &NodeId| self.ty(*id, frame);
        let all = |ids: &[&NodeId], wanted: Type| ids.iter().try_for_each(|id| sure(of(id)? == wanted));
        match &node.op {
            Op::Const(constant) => sure(constant.ty() == ty && frame == FrameId::FIRM),
            Op::Unknown => sure(frame == FrameId::FIRM),
            Op::AsOf => sure(ty == Type::Date && frame == FrameId::FIRM),
            Op::Param(at) => {
                let parameter = book.parameters.get(*at as usize).ok_or(Damaged)?;
                sure(parameter.ty == ty && frame == FrameId::FIRM)
            }
            Op::Fact(at) => {
                let fact = book.facts.get(*at as usize).ok_or(Damaged)?;
                sure(fact.ty == ty && frame == FrameId::FIRM)
            }
            Op::Field(at) => {
                sure(frame != FrameId::FIRM)?;
                let list = book.lists.get(place.list as usize).ok_or(Damaged)?;
                sure(list.fields.get(*at as usize).ok_or(Damaged)?.ty == ty)
            }
            Op::ListKnown(at) => sure((*at as usize) < book.lists.len() && ty == Type::Bool && frame == FrameId::FIRM),
            Op::Up(a) => {
                sure(frame != FrameId::FIRM)?;
                sure(self.ty(*a, place.parent)? == ty)
            }
            Op::Not(a) => sure(ty == Type::Bool && of(a)? == Type::Bool),
            Op::And(operands) | Op::Or(operands) => {
                sure(ty == Type::Bool)?;
                operands.iter().try_for_each(|id| sure(of(id)? == Type::Bool))
            }
            Op::Cmp(_, a, b) => sure(ty == Type::Bool && of(a)? == of(b)?),
            Op::Neg(a) | Op::Abs(a) => sure(ty.is_number() && of(a)? == ty),
            Op::Round(a) | Op::Floor(a) | Op::Ceiling(a) => sure(ty == Type::Float && of(a)? == Type::Float),
            Op::ToFloat(a) => sure(ty == Type::Float && of(a)? == Type::Int),
            Op::ToInt(a) => sure(ty == Type::Int && of(a)? == Type::Float),
            Op::PointsOf(a) => sure(ty == Type::Int && of(a)?.is_number()),
            Op::Add(a, b)
            | Op::Sub(a, b)
            | Op::Mul(a, b)
            | Op::Div(a, b)
            | Op::Rem(a, b)
            | Op::Min(a, b)
            | Op::Max(a, b) => {
                sure(ty.is_number())?;
                all(&[a, b], ty)
            }
            Op::DateDiff(a, b) => {
                sure(ty == Type::Int)?;
                all(&[a, b], Type::Date)
            }
            Op::DateAdd(a, b) => sure(ty == Type::Date && of(a)? == Type::Date && of(b)? == Type::Int),
            Op::If(condition, a, b) => {
                sure(of(condition)? == Type::Bool)?;
                all(&[a, b], ty)
            }
            Op::Coalesce(a, b) => all(&[a, b], ty),
            Op::Known(a) => {
                of(a)?;
                sure(ty == Type::Bool)
            }
            Op::TextTest(_, a, b) => {
                sure(ty == Type::Bool)?;
                all(&[a, b], Type::Text)
            }
            Op::TextLen(a) => sure(ty == Type::Int && of(a)? == Type::Text),
            Op::InTexts(a, _) => sure(ty == Type::Bool && of(a)? == Type::Text),
            Op::Lookup(at, key) => {
                let table = book.tables.get(*at as usize).ok_or(Damaged)?;
                let wanted = match table.entries {
                    Entries::Rows(_) => Type::Text,
                    Entries::Ranges(_) => Type::Float,
                };
                sure(table.ty == ty && of(key)? == wanted)
            }
            Op::Agg(agg) => {
                sure(agg.frame != FrameId::FIRM)?;
                let inner = book.graph.frames().get(agg.frame.index()).ok_or(Damaged)?;
                sure(inner.parent == frame)?;
                if let Some(filter) = agg.filter {
                    sure(self.ty(filter, agg.frame)? == Type::Bool)?;
                }
                let value = agg.value.map(|value| self.ty(value, agg.frame)).transpose()?;
                sure(match agg.kind {
                    AggKind::Some | AggKind::All => ty == Type::Bool && value == Some(Type::Bool),
                    AggKind::Count => ty == Type::Int && value.is_none_or(|value| value == Type::Bool),
                    AggKind::Sum => ty.is_number() && value == Some(ty),
                    AggKind::Max | AggKind::Min => {
                        value == Some(ty) && matches!(ty, Type::Int | Type::Float | Type::Date)
                    }
                })
            }
        }
    }
}
