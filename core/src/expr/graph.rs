//! The expression graph: every node once, operands before the nodes that use them.

use std::collections::HashMap;
use std::sync::Arc;

use super::scalar::{self, FaultKind, Scalar};
use crate::{Date, Type, Value};

/// A node of a [`Graph`]; smaller ids never depend on larger ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct NodeId(pub(crate) u32);

/// What a node has a value for: frame 0 the firm, others each item of a list of the firm (or, for a closure
/// inside a closure, each pair of items).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct FrameId(pub(crate) u32);

impl FrameId {
    pub(crate) const FIRM: FrameId = FrameId(0);
}

impl NodeId {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

impl FrameId {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Constant {
    Bool(bool),
    Int(i64),
    /// The bits of a finite float, so that constants can be hashed.
    Float(u64),
    Text(Arc<str>),
    Date(Date),
}

impl Constant {
    pub(crate) fn float(value: f64) -> Constant {
        // One zero, so that equal constants are one node.
        Constant::Float(if value == 0.0 { 0.0f64.to_bits() } else { value.to_bits() })
    }

    pub(crate) fn ty(&self) -> Type {
        match self {
            Constant::Bool(_) => Type::Bool,
            Constant::Int(_) => Type::Int,
            Constant::Float(_) => Type::Float,
            Constant::Text(_) => Type::Text,
            Constant::Date(_) => Type::Date,
        }
    }

    pub(crate) fn from_scalar(scalar: Scalar<'_>) -> Option<Constant> {
        Some(match scalar {
            Scalar::Unknown => return None,
            Scalar::Bool(value) => Constant::Bool(value),
            Scalar::Int(value) => Constant::Int(value),
            Scalar::Float(value) => Constant::float(value),
            Scalar::Text(value) => Constant::Text(value.into()),
            Scalar::Date(value) => Constant::Date(Date::from_days(i64::from(value))?),
        })
    }
}

impl From<&Value> for Constant {
    fn from(value: &Value) -> Constant {
        match value {
            Value::Bool(value) => Constant::Bool(*value),
            Value::Int(value) => Constant::Int(*value),
            Value::Float(value) => Constant::float(*value),
            Value::Text(value) => Constant::Text(Arc::clone(value)),
            Value::Date(value) => Constant::Date(*value),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum CmpOp {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

impl CmpOp {
    /// The comparison that is true exactly where this one is false.
    pub(crate) fn negated(self) -> CmpOp {
        match self {
            CmpOp::Eq => CmpOp::Ne,
            CmpOp::Ne => CmpOp::Eq,
            CmpOp::Lt => CmpOp::Ge,
            CmpOp::Ge => CmpOp::Lt,
            CmpOp::Gt => CmpOp::Le,
            CmpOp::Le => CmpOp::Gt,
        }
    }

    /// The comparison that says the same with its sides exchanged.
    pub(crate) fn flipped(self) -> CmpOp {
        match self {
            CmpOp::Eq | CmpOp::Ne => self,
            CmpOp::Lt => CmpOp::Gt,
            CmpOp::Gt => CmpOp::Lt,
            CmpOp::Le => CmpOp::Ge,
            CmpOp::Ge => CmpOp::Le,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum TextTest {
    StartsWith,
    EndsWith,
    Contains,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum AggKind {
    Some,
    All,
    Sum,
    Count,
    Max,
    Min,
}

/// An operation. Operands stand in the node's own frame, except those of `Up` (one frame out), of an aggregate
/// (one frame in), and constants, which have no frame.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Op {
    Const(Constant),
    /// Never known: what is left of a parameter that is not in force.
    Unknown,
    AsOf,
    /// Index into the book's parameters.
    Param(u32),
    /// Index into the book's facts.
    Fact(u32),
    /// A field of the item of the node's frame.
    Field(u32),
    /// The value that the frame one out has for the firm, or the item, that this item belongs to.
    Up(NodeId),
    /// Is the list known? Index into the book's lists.
    ListKnown(u32),
    Not(NodeId),
    And(Box<[NodeId]>),
    Or(Box<[NodeId]>),
    Cmp(CmpOp, NodeId, NodeId),
    Neg(NodeId),
    Abs(NodeId),
    Round(NodeId),
    Floor(NodeId),
    Ceiling(NodeId),
    ToFloat(NodeId),
    ToInt(NodeId),
    /// A number as points, in thousandths.
    PointsOf(NodeId),
    Add(NodeId, NodeId),
    Sub(NodeId, NodeId),
    Mul(NodeId, NodeId),
    Div(NodeId, NodeId),
    Rem(NodeId, NodeId),
    Min(NodeId, NodeId),
    Max(NodeId, NodeId),
    /// Days from the second date to the first.
    DateDiff(NodeId, NodeId),
    DateAdd(NodeId, NodeId),
    If(NodeId, NodeId, NodeId),
    Coalesce(NodeId, NodeId),
    Known(NodeId),
    TextTest(TextTest, NodeId, NodeId),
    TextLen(NodeId),
    InTexts(NodeId, Box<[Arc<str>]>),
    /// Index into the book's tables, and the key.
    Lookup(u32, NodeId),
    Agg(Agg),
}

impl Op {
    /// The operands in the node's own frame: all but that of `Up` and those of an aggregate.
    pub(crate) fn operands(&self) -> Vec<NodeId> {
        match self {
            Op::Const(_) | Op::Unknown | Op::AsOf | Op::Param(_) | Op::Fact(_) | Op::Field(_) | Op::ListKnown(_) => {
                vec![]
            }
            Op::Up(_) | Op::Agg(_) => vec![],
            Op::Not(a)
            | Op::Neg(a)
            | Op::Abs(a)
            | Op::Round(a)
            | Op::Floor(a)
            | Op::Ceiling(a)
            | Op::ToFloat(a)
            | Op::ToInt(a)
            | Op::PointsOf(a)
            | Op::Known(a)
            | Op::TextLen(a)
            | Op::InTexts(a, _)
            | Op::Lookup(_, a) => vec![*a],
            Op::And(operands) | Op::Or(operands) => operands.to_vec(),
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
            | Op::Coalesce(a, b)
            | Op::TextTest(_, a, b) => vec![*a, *b],
            Op::If(c, a, b) => vec![*c, *a, *b],
        }
    }
}

impl Op {
    /// The operands, in whatever frame they are.
    pub(crate) fn all_operands(&self) -> Vec<NodeId> {
        match self {
            Op::Up(a) => vec![*a],
            Op::Agg(agg) => agg.filter.iter().chain(&agg.value).copied().collect(),
            op => op.operands(),
        }
    }

    /// Takes each operand in the order of [`Op::all_operands`], to be changed.
    pub(crate) fn change_operands(&mut self, mut change: impl FnMut(&mut NodeId)) {
        match self {
            Op::Const(_) | Op::Unknown | Op::AsOf | Op::Param(_) | Op::Fact(_) | Op::Field(_) | Op::ListKnown(_) => {}
            Op::Up(a)
            | Op::Not(a)
            | Op::Neg(a)
            | Op::Abs(a)
            | Op::Round(a)
            | Op::Floor(a)
            | Op::Ceiling(a)
            | Op::ToFloat(a)
            | Op::ToInt(a)
            | Op::PointsOf(a)
            | Op::Known(a)
            | Op::TextLen(a)
            | Op::InTexts(a, _)
            | Op::Lookup(_, a) => change(a),
            Op::And(operands) | Op::Or(operands) => operands.iter_mut().for_each(change),
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
            | Op::Coalesce(a, b)
            | Op::TextTest(_, a, b) => {
                change(a);
                change(b);
            }
            Op::If(c, a, b) => {
                change(c);
                change(a);
                change(b);
            }
            Op::Agg(agg) => agg.filter.iter_mut().chain(&mut agg.value).for_each(change),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Agg {
    pub(crate) kind: AggKind,
    /// The frame of the items.
    pub(crate) frame: FrameId,
    pub(crate) filter: Option<NodeId>,
    /// What is asked or added up; none for a plain count.
    pub(crate) value: Option<NodeId>,
}

#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) op: Op,
    pub(crate) frame: FrameId,
    pub(crate) ty: Type,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Frame {
    pub(crate) parent: FrameId,
    /// Index into the book's lists. Of no meaning for the firm's own frame.
    pub(crate) list: u32,
}

/// Nodes without duplicates, operands first.
#[derive(Debug, Clone)]
pub(crate) struct Graph {
    nodes: Vec<Node>,
    frames: Vec<Frame>,
    index: HashMap<(FrameId, Op), NodeId>,
}

impl Default for Graph {
    fn default() -> Graph {
        Graph {
            nodes: Vec::new(),
            frames: vec![Frame { parent: FrameId::FIRM, list: u32::MAX }],
            index: HashMap::new(),
        }
    }
}

#[expect(clippy::indexing_slicing, reason = "ids are made by the graph that they index, which never shrinks")]
impl Graph {
    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.index()]
    }

    pub(crate) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// A graph that was taken apart, to be read: what is added to it finds no earlier node again.
    pub(crate) fn of_parts(nodes: Vec<Node>, frames: Vec<Frame>) -> Graph {
        Graph { nodes, frames, index: HashMap::new() }
    }

    pub(crate) fn frames(&self) -> &[Frame] {
        &self.frames
    }

    pub(crate) fn frame(&self, id: FrameId) -> Frame {
        self.frames[id.index()]
    }

    pub(crate) fn ty(&self, id: NodeId) -> Type {
        self.node(id).ty
    }

    /// The frame of the items of a list, seen from a frame.
    pub(crate) fn frame_of(&mut self, parent: FrameId, list: u32) -> FrameId {
        let frame = Frame { parent, list };
        let found = self.frames.iter().skip(1).position(|known| *known == frame);
        FrameId(match found {
            Some(at) => at as u32 + 1,
            None => {
                self.frames.push(frame);
                self.frames.len() as u32 - 1
            }
        })
    }

    /// How many frames lie outside this one: 0 for the firm's own.
    pub(crate) fn depth(&self, frame: FrameId) -> usize {
        if frame == FrameId::FIRM { 0 } else { 1 + self.depth(self.frame(frame).parent) }
    }

    fn is_constant(&self, id: NodeId) -> bool {
        matches!(self.node(id).op, Op::Const(_) | Op::Unknown)
    }

    /// The node as seen from a frame at or inside its own.
    pub(crate) fn lift(&mut self, id: NodeId, frame: FrameId) -> NodeId {
        if self.node(id).frame == frame || self.is_constant(id) {
            return id;
        }
        let parent = self.frame(frame).parent;
        let outer = self.lift(id, parent);
        let ty = self.ty(outer);
        self.intern(Op::Up(outer), frame, ty)
    }

    fn intern(&mut self, op: Op, frame: FrameId, ty: Type) -> NodeId {
        let key = (frame, op);
        if let Some(id) = self.index.get(&key) {
            return *id;
        }
        let id = NodeId(self.nodes.len() as u32);
        self.nodes.push(Node { op: key.1.clone(), frame, ty });
        self.index.insert(key, id);
        id
    }

    pub(crate) fn constant(&mut self, constant: Constant) -> NodeId {
        let ty = constant.ty();
        self.intern(Op::Const(constant), FrameId::FIRM, ty)
    }

    pub(crate) fn unknown(&mut self, ty: Type) -> NodeId {
        // One unknown a type: the key carries it as a parameter index no book has.
        let key = (FrameId(u32::MAX - ty as u32), Op::Unknown);
        if let Some(id) = self.index.get(&key) {
            return *id;
        }
        let id = NodeId(self.nodes.len() as u32);
        self.nodes.push(Node { op: Op::Unknown, frame: FrameId::FIRM, ty });
        self.index.insert(key, id);
        id
    }

    pub(crate) fn bool(&mut self, value: bool) -> NodeId {
        self.constant(Constant::Bool(value))
    }

    pub(crate) fn as_constant(&self, id: NodeId) -> Option<&Constant> {
        match &self.node(id).op {
            Op::Const(constant) => Some(constant),
            _ => None,
        }
    }

    /// A leaf in a frame: a fact, a field, the grading date, a parameter.
    pub(crate) fn leaf(&mut self, op: Op, frame: FrameId, ty: Type) -> NodeId {
        self.intern(op, frame, ty)
    }

    /// An aggregate over a frame, as a node of the frame one out.
    pub(crate) fn aggregate(&mut self, agg: Agg, ty: Type) -> NodeId {
        let parent = self.frame(agg.frame).parent;
        self.intern(Op::Agg(agg), parent, ty)
    }

    fn known_bool(&self, id: NodeId) -> Option<bool> {
        match self.as_constant(id) {
            Some(Constant::Bool(value)) => Some(*value),
            _ => None,
        }
    }

    /// `&&` (or, with `dominant` true, `||`) of operands in one frame: flattened, without repeats, folded.
    fn junction(&mut self, operands: &[NodeId], dominant: bool, frame: FrameId) -> NodeId {
        let mut flat: Vec<NodeId> = Vec::with_capacity(operands.len());
        for operand in operands {
            let nested = match (&self.node(*operand).op, dominant) {
                (Op::And(nested), false) | (Op::Or(nested), true) => nested.to_vec(),
                _ => vec![*operand],
            };
            for id in nested {
                match self.known_bool(id) {
                    Some(value) if value == dominant => return self.bool(dominant),
                    Some(_) => {}
                    None if flat.contains(&id) => {}
                    None => flat.push(id),
                }
            }
        }
        // One order for the same operands, so that `a && b` and `b && a` are one node.
        flat.sort_unstable();
        match flat.as_slice() {
            [] => self.bool(!dominant),
            [one] => *one,
            _ => {
                let operands = flat.into_boxed_slice();
                self.intern(if dominant { Op::Or(operands) } else { Op::And(operands) }, frame, Type::Bool)
            }
        }
    }

    fn deepest(&self, operands: &[NodeId]) -> FrameId {
        let in_frames = operands.iter().filter(|id| !self.is_constant(**id)).map(|id| self.node(*id).frame);
        in_frames.max_by_key(|frame| self.depth(*frame)).unwrap_or(FrameId::FIRM)
    }

    pub(crate) fn and(&mut self, operands: &[NodeId]) -> NodeId {
        let frame = self.deepest(operands);
        let lifted: Vec<NodeId> = operands.iter().map(|id| self.lift(*id, frame)).collect();
        self.junction(&lifted, false, frame)
    }

    pub(crate) fn or(&mut self, operands: &[NodeId]) -> NodeId {
        let frame = self.deepest(operands);
        let lifted: Vec<NodeId> = operands.iter().map(|id| self.lift(*id, frame)).collect();
        self.junction(&lifted, true, frame)
    }

    /// An operation on one operand.
    pub(crate) fn unary(&mut self, make: impl FnOnce(NodeId) -> Op, a: NodeId, ty: Type) -> NodeId {
        let op = make(a);
        let simpler = match (&op, &self.node(a).op) {
            (Op::Not(_), Op::Not(inner)) => Some(*inner),
            (Op::Not(_), Op::Cmp(cmp, x, y)) => {
                let (cmp, x, y) = (cmp.negated(), *x, *y);
                return self.binary(|x, y| Op::Cmp(cmp, x, y), x, y, Type::Bool);
            }
            (Op::Known(_), Op::Const(_)) => Some(self.bool(true)),
            (Op::Known(_), Op::Unknown) => Some(self.bool(false)),
            (_, Op::Unknown) => Some(self.unknown(ty)),
            _ => None,
        };
        if let Some(id) = simpler {
            return id;
        }
        if let Op::Const(constant) = &self.node(a).op
            && let Ok(value) = scalar::unary(&op, Scalar::from_constant(constant))
            && let Some(folded) = Constant::from_scalar(value)
        {
            return self.constant(folded);
        }
        let frame = self.deepest(&[a]);
        self.intern(op, frame, ty)
    }

    /// An operation on two operands.
    pub(crate) fn binary(&mut self, make: impl FnOnce(NodeId, NodeId) -> Op, a: NodeId, b: NodeId, ty: Type) -> NodeId {
        let frame = self.deepest(&[a, b]);
        let (a, b) = (self.lift(a, frame), self.lift(b, frame));
        let op = make(a, b);
        if let (Op::Const(x), Op::Const(y)) = (&self.node(a).op, &self.node(b).op)
            && let Ok(value) = scalar::binary(&op, Scalar::from_constant(x), Scalar::from_constant(y))
            && let Some(folded) = Constant::from_scalar(value)
        {
            return self.constant(folded);
        }
        // Kernels compare a column with a constant on the right.
        let op = match op {
            Op::Cmp(cmp, a, b) if matches!(self.node(a).op, Op::Const(_)) => Op::Cmp(cmp.flipped(), b, a),
            other => other,
        };
        self.intern(op, frame, ty)
    }

    /// The value of `a` or of `b`, as the condition says.
    pub(crate) fn choose(&mut self, condition: NodeId, a: NodeId, b: NodeId) -> NodeId {
        match self.known_bool(condition) {
            Some(true) => return a,
            Some(false) => return b,
            None if a == b && self.is_constant(a) => return a,
            None => {}
        }
        let ty = self.ty(a);
        let frame = self.deepest(&[condition, a, b]);
        let (condition, a, b) = (self.lift(condition, frame), self.lift(a, frame), self.lift(b, frame));
        self.intern(Op::If(condition, a, b), frame, ty)
    }

    /// `a ?? b`.
    pub(crate) fn coalesce(&mut self, a: NodeId, b: NodeId) -> NodeId {
        match self.node(a).op {
            Op::Const(_) => return a,
            Op::Unknown => return b,
            _ => {}
        }
        let ty = self.ty(a);
        let frame = self.deepest(&[a, b]);
        let (a, b) = (self.lift(a, frame), self.lift(b, frame));
        self.intern(Op::Coalesce(a, b), frame, ty)
    }

    /// A lookup in a table.
    pub(crate) fn lookup(&mut self, table: u32, key: NodeId, ty: Type) -> NodeId {
        if matches!(self.node(key).op, Op::Unknown) {
            return self.unknown(ty);
        }
        let frame = self.deepest(&[key]);
        self.intern(Op::Lookup(table, key), frame, ty)
    }

    /// The operands of a node, in whatever frame they are.
    pub(crate) fn operands(&self, id: NodeId) -> Vec<NodeId> {
        self.node(id).op.all_operands()
    }

    /// Which nodes the roots need, themselves included.
    pub(crate) fn reachable(&self, roots: impl IntoIterator<Item = NodeId>) -> Vec<bool> {
        let mut needed = vec![false; self.nodes.len()];
        let mut open: Vec<NodeId> = roots.into_iter().collect();
        while let Some(id) = open.pop() {
            if !std::mem::replace(&mut needed[id.index()], true) {
                open.extend(self.operands(id));
            }
        }
        needed
    }

    /// The nodes that the roots need, with leaves replaced, in a graph of its own. Gives the new id of each old node.
    pub(crate) fn rebuilt(
        &self,
        roots: impl IntoIterator<Item = NodeId>,
        replace: impl FnMut(&Op) -> Option<Option<Constant>>,
    ) -> (Graph, Vec<Option<NodeId>>) {
        let mut graph = Graph::default();
        let ids = self.copied(&mut graph, roots, replace, |_, op| op, |list| list);
        (graph, ids)
    }

    /// The nodes that the roots need, with leaves replaced, added to a graph: `leaf` says what a fact, field, list or table is
    /// there (a field with its list), `list` which list. Gives the new id of each old node.
    pub(crate) fn copied(
        &self,
        graph: &mut Graph,
        roots: impl IntoIterator<Item = NodeId>,
        mut replace: impl FnMut(&Op) -> Option<Option<Constant>>,
        leaf: impl Fn(u32, Op) -> Op,
        list: impl Fn(u32) -> u32,
    ) -> Vec<Option<NodeId>> {
        let needed = self.reachable(roots);
        let mut ids: Vec<Option<NodeId>> = vec![None; self.nodes.len()];
        let mut frames: Vec<Option<FrameId>> = vec![None; self.frames.len()];
        frames[0] = Some(FrameId::FIRM);
        for (at, node) in self.nodes.iter().enumerate().filter(|(at, _)| needed[*at]) {
            let new = |id: NodeId| ids[id.index()].unwrap_or(id);
            let frame = self.frame_in(graph, &mut frames, node.frame, &list);
            let ty = node.ty;
            let id = match &node.op {
                Op::Const(constant) => graph.constant(constant.clone()),
                Op::Unknown => graph.unknown(ty),
                Op::AsOf | Op::Param(_) => match replace(&node.op) {
                    None => graph.leaf(node.op.clone(), FrameId::FIRM, ty),
                    Some(None) => graph.unknown(ty),
                    Some(Some(constant)) => graph.constant(constant),
                },
                Op::Fact(_) | Op::Field(_) | Op::ListKnown(_) => {
                    let of_list = if node.frame == FrameId::FIRM { u32::MAX } else { self.frame(node.frame).list };
                    graph.leaf(leaf(of_list, node.op.clone()), frame, ty)
                }
                Op::Up(a) => graph.lift(new(*a), frame),
                Op::Not(a) => graph.unary(Op::Not, new(*a), ty),
                Op::Neg(a) => graph.unary(Op::Neg, new(*a), ty),
                Op::Abs(a) => graph.unary(Op::Abs, new(*a), ty),
                Op::Round(a) => graph.unary(Op::Round, new(*a), ty),
                Op::Floor(a) => graph.unary(Op::Floor, new(*a), ty),
                Op::Ceiling(a) => graph.unary(Op::Ceiling, new(*a), ty),
                Op::ToFloat(a) => graph.unary(Op::ToFloat, new(*a), ty),
                Op::ToInt(a) => graph.unary(Op::ToInt, new(*a), ty),
                Op::PointsOf(a) => graph.unary(Op::PointsOf, new(*a), ty),
                Op::Known(a) => graph.unary(Op::Known, new(*a), ty),
                Op::TextLen(a) => graph.unary(Op::TextLen, new(*a), ty),
                Op::InTexts(a, set) => graph.unary(|a| Op::InTexts(a, set.clone()), new(*a), ty),
                Op::Lookup(..) => match leaf(u32::MAX, node.op.clone()) {
                    Op::Lookup(table, a) => graph.lookup(table, new(a), ty),
                    _ => graph.unknown(ty),
                },
                Op::And(operands) => graph.and(&operands.iter().map(|id| new(*id)).collect::<Vec<_>>()),
                Op::Or(operands) => graph.or(&operands.iter().map(|id| new(*id)).collect::<Vec<_>>()),
                Op::Cmp(cmp, a, b) => graph.binary(|a, b| Op::Cmp(*cmp, a, b), new(*a), new(*b), ty),
                Op::Add(a, b) => graph.binary(Op::Add, new(*a), new(*b), ty),
                Op::Sub(a, b) => graph.binary(Op::Sub, new(*a), new(*b), ty),
                Op::Mul(a, b) => graph.binary(Op::Mul, new(*a), new(*b), ty),
                Op::Div(a, b) => graph.binary(Op::Div, new(*a), new(*b), ty),
                Op::Rem(a, b) => graph.binary(Op::Rem, new(*a), new(*b), ty),
                Op::Min(a, b) => graph.binary(Op::Min, new(*a), new(*b), ty),
                Op::Max(a, b) => graph.binary(Op::Max, new(*a), new(*b), ty),
                Op::DateDiff(a, b) => graph.binary(Op::DateDiff, new(*a), new(*b), ty),
                Op::DateAdd(a, b) => graph.binary(Op::DateAdd, new(*a), new(*b), ty),
                Op::TextTest(test, a, b) => graph.binary(|a, b| Op::TextTest(*test, a, b), new(*a), new(*b), ty),
                Op::Coalesce(a, b) => graph.coalesce(new(*a), new(*b)),
                Op::If(c, a, b) => graph.choose(new(*c), new(*a), new(*b)),
                Op::Agg(agg) => {
                    let inner = self.frame_in(graph, &mut frames, agg.frame, &list);
                    // A closure that became a constant still has to be asked of every item.
                    let filter = agg.filter.map(new);
                    let value = agg.value.map(new);
                    graph.aggregate(Agg { kind: agg.kind, frame: inner, filter, value }, ty)
                }
            };
            ids[at] = Some(id);
        }
        ids
    }

    fn frame_in(
        &self,
        graph: &mut Graph,
        frames: &mut [Option<FrameId>],
        frame: FrameId,
        of: &impl Fn(u32) -> u32,
    ) -> FrameId {
        if let Some(known) = frames[frame.index()] {
            return known;
        }
        let Frame { parent, list } = self.frame(frame);
        let parent = self.frame_in(graph, frames, parent, of);
        let made = graph.frame_of(parent, of(list));
        frames[frame.index()] = Some(made);
        made
    }

    /// Can this operation fault on known operands?
    #[cfg(feature = "scripts")]
    pub(crate) fn can_fault(&self, id: NodeId) -> bool {
        match &self.node(id).op {
            Op::Neg(a) | Op::Abs(a) => self.ty(*a) == Type::Int,
            Op::Add(..) | Op::Sub(..) | Op::Mul(..) | Op::Div(..) | Op::Rem(..) => true,
            Op::ToInt(_) | Op::PointsOf(_) | Op::DateAdd(..) | Op::Lookup(..) => true,
            Op::Agg(agg) => matches!(agg.kind, AggKind::Sum | AggKind::Max | AggKind::Min) || self.depth(agg.frame) > 1,
            _ => false,
        }
    }
}

/// What an aggregate does with its items, one at a time, in order. `Unknown` items are those whose filter or value is unknown.
#[derive(Debug, Clone)]
pub(crate) struct AggState {
    kind: AggKind,
    unknown: bool,
    settled: bool,
    count: i64,
    /// Wide, so that the order of items cannot decide whether a sum fits.
    int: i128,
    best: Option<BestItem>,
    float: scalar::FloatSum,
}

#[derive(Debug, Clone, Copy)]
enum BestItem {
    Int(i64),
    Float(f64),
    Date(i32),
}

impl AggState {
    pub(crate) fn new(kind: AggKind) -> AggState {
        AggState {
            kind,
            unknown: false,
            settled: false,
            count: 0,
            int: 0,
            best: None,
            float: scalar::FloatSum::default(),
        }
    }

    /// Takes an item that its filter lets through; `value` is `Unknown` also where the filter is.
    pub(crate) fn add(&mut self, value: Scalar<'_>) {
        match (self.kind, value) {
            (_, Scalar::Unknown) => self.unknown = true,
            (AggKind::Some, Scalar::Bool(value)) => self.settled |= value,
            (AggKind::All, Scalar::Bool(value)) => self.settled |= !value,
            (AggKind::Count, Scalar::Bool(value)) => self.count += i64::from(value),
            (AggKind::Sum, Scalar::Int(value)) => self.int += i128::from(value),
            (AggKind::Sum, Scalar::Float(value)) => self.float.add(value),
            (AggKind::Max | AggKind::Min, value) => {
                let max = self.kind == AggKind::Max;
                self.best = match (value, self.best) {
                    (Scalar::Int(new), Some(BestItem::Int(old))) => {
                        Some(BestItem::Int(if max { new.max(old) } else { new.min(old) }))
                    }
                    (Scalar::Date(new), Some(BestItem::Date(old))) => {
                        Some(BestItem::Date(if max { new.max(old) } else { new.min(old) }))
                    }
                    (Scalar::Float(new), Some(BestItem::Float(old))) => {
                        Some(BestItem::Float(if (max && new > old) || (!max && new < old) { new } else { old }))
                    }
                    (Scalar::Int(new), _) => Some(BestItem::Int(new)),
                    (Scalar::Float(new), _) => Some(BestItem::Float(new)),
                    (Scalar::Date(new), _) => Some(BestItem::Date(new)),
                    _ => self.best,
                };
            }
            _ => {}
        }
    }

    pub(crate) fn result<'a>(&self, ty: Type) -> Result<Scalar<'a>, FaultKind> {
        Ok(match self.kind {
            AggKind::Some if self.settled => Scalar::Bool(true),
            AggKind::All if self.settled => Scalar::Bool(false),
            _ if self.unknown => Scalar::Unknown,
            AggKind::Some => Scalar::Bool(false),
            AggKind::All => Scalar::Bool(true),
            AggKind::Count => Scalar::Int(self.count),
            AggKind::Sum if ty == Type::Int => Scalar::Int(i64::try_from(self.int).map_err(|_| FaultKind::Overflow)?),
            AggKind::Sum => {
                let total = self.float.total();
                if !total.is_finite() {
                    return Err(FaultKind::NotFinite);
                }
                Scalar::Float(total)
            }
            AggKind::Max | AggKind::Min => match self.best {
                None => return Err(FaultKind::EmptyList),
                Some(BestItem::Int(value)) => Scalar::Int(value),
                Some(BestItem::Float(value)) => Scalar::Float(value),
                Some(BestItem::Date(value)) => Scalar::Date(value),
            },
        })
    }
}
