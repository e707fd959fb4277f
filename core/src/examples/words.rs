//! Takes a node, gives the words of the rule language for it: for reports, where no text of a script is at hand, or a changed
//! one is meant.

use super::trial::Trial;
use crate::expr::graph::Agg;
use crate::expr::{AggKind, CmpOp, Constant, FrameId, NodeId, Op, TextTest};
use crate::plan::Plan;

/// The names of the firm and of items, by how many frames they lie inside.
const NAMES: [&str; 4] = ["firm", "item", "other", "third"];

/// Writes nodes of a plan: those of a trial, or a changed copy of them.
pub(super) struct Words<'w> {
    pub(super) trial: &'w Trial<'w>,
    pub(super) plan: &'w Plan,
    /// Where the plan has one node more than the trial.
    pub(super) inserted: Option<usize>,
}

impl Words<'_> {
    fn depth(&self, frame: FrameId) -> usize {
        let (mut depth, mut frame) = (0, frame);
        while frame != FrameId::FIRM && depth < NAMES.len() {
            frame = self.plan.frames.get(frame.index()).map_or(FrameId::FIRM, |frame| frame.parent);
            depth += 1;
        }
        depth
    }

    fn name(&self, frame: FrameId) -> &'static str {
        NAMES.get(self.depth(frame)).copied().unwrap_or("item")
    }

    /// The measure that a node is, by its id in the trial.
    fn measure(&self, id: NodeId) -> Option<&str> {
        let id = match self.inserted {
            Some(at) if id.index() == at => return None,
            Some(at) if id.index() > at => NodeId(id.0 - 1),
            _ => id,
        };
        let at = self.trial.measures.get(&id)?;
        self.trial.book.measures.get(*at).map(|measure| &*measure.name)
    }

    /// A node; a measure by its name.
    pub(super) fn of(&self, id: NodeId) -> String {
        match self.measure(id) {
            Some(name) => format!("firm.{name}"),
            None => self.inside(id),
        }
    }

    /// An operand: in brackets where it needs them.
    fn operand(&self, id: NodeId) -> String {
        let text = self.of(id);
        let Some(node) = self.plan.node(id) else { return text };
        let is_logic = matches!(node.op, Op::And(_) | Op::Or(_) | Op::Cmp(..) | Op::Coalesce(..) | Op::If(..));
        let is_sum = matches!(node.op, Op::Add(..) | Op::Sub(..) | Op::Mul(..) | Op::Div(..) | Op::Rem(..));
        let is_joined = is_logic || is_sum || matches!(node.op, Op::DateDiff(..) | Op::DateAdd(..));
        if is_joined && self.measure(id).is_none() { format!("({text})") } else { text }
    }

    fn joined(&self, operands: &[NodeId], word: &str) -> String {
        operands.iter().map(|id| self.operand(*id)).collect::<Vec<_>>().join(word)
    }

    /// A node, and if it is a measure, how that is made.
    pub(super) fn inside(&self, id: NodeId) -> String {
        let Some(node) = self.plan.node(id) else { return String::new() };
        let two = |a: &NodeId, word: &str, b: &NodeId| format!("{} {word} {}", self.operand(*a), self.operand(*b));
        let call = |name: &str, a: &NodeId| format!("{}.{name}()", self.operand(*a));
        let book = self.trial.book;
        match &node.op {
            Op::Const(constant) => of_constant(constant),
            Op::Unknown => "unknown".into(),
            Op::AsOf => "AS_OF".into(),
            Op::Param(at) => {
                let name = book.parameters.get(*at as usize).map(|one| &*one.name).unwrap_or_default();
                format!("param(\"{name}\")")
            }
            Op::Fact(slot) => {
                let name = self.plan.facts.get(*slot as usize).map(|fact| &*fact.spec.name).unwrap_or_default();
                format!("firm.{name}")
            }
            Op::Field(at) => {
                let list = self.plan.frames.get(node.frame.index()).map(|frame| frame.list as usize);
                let list = list.and_then(|list| self.plan.lists.get(list));
                let field = list.and_then(|list| list.fields.get(*at as usize));
                format!("{}.{}", self.name(node.frame), field.map(|field| &*field.name).unwrap_or_default())
            }
            Op::Up(a) => self.of(*a),
            Op::ListKnown(slot) => {
                let name = self.plan.lists.get(*slot as usize).map(|list| &*list.name).unwrap_or_default();
                format!("known(firm.{name})")
            }
            Op::Not(a) => format!("!{}", self.operand(*a)),
            Op::And(operands) => self.joined(operands, " && "),
            Op::Or(operands) => self.joined(operands, " || "),
            Op::Cmp(op, a, b) => two(a, sign(*op), b),
            Op::Neg(a) => format!("-{}", self.operand(*a)),
            Op::Abs(a) => format!("abs({})", self.of(*a)),
            Op::Round(a) => call("round", a),
            Op::Floor(a) => call("floor", a),
            Op::Ceiling(a) => call("ceiling", a),
            // Whole numbers mix with others as they are.
            Op::ToFloat(a) | Op::PointsOf(a) => self.of(*a),
            Op::ToInt(a) => format!("to_int({})", self.of(*a)),
            Op::Add(a, b) | Op::DateAdd(a, b) => two(a, "+", b),
            Op::Sub(a, b) | Op::DateDiff(a, b) => two(a, "-", b),
            Op::Mul(a, b) => two(a, "*", b),
            Op::Div(a, b) => two(a, "/", b),
            Op::Rem(a, b) => two(a, "%", b),
            Op::Min(a, b) => format!("min({}, {})", self.of(*a), self.of(*b)),
            Op::Max(a, b) => format!("max({}, {})", self.of(*a), self.of(*b)),
            Op::If(c, a, b) if c == a && a == b => self.of(*a),
            Op::If(c, a, b) => format!("if {} {{ {} }} else {{ {} }}", self.of(*c), self.of(*a), self.of(*b)),
            Op::Coalesce(a, b) => two(a, "??", b),
            Op::Known(a) => format!("known({})", self.of(*a)),
            Op::TextTest(test, a, b) => {
                let name = match test {
                    TextTest::StartsWith => "starts_with",
                    TextTest::EndsWith => "ends_with",
                    TextTest::Contains => "contains",
                };
                format!("{}.{name}({})", self.operand(*a), self.of(*b))
            }
            Op::TextLen(a) => call("len", a),
            Op::InTexts(a, texts) => {
                let texts: Vec<String> = texts.iter().map(|text| format!("{text:?}")).collect();
                format!("{} in [{}]", self.operand(*a), texts.join(", "))
            }
            Op::Lookup(table, a) => {
                let name = book.tables.get(*table as usize).map(|table| &*table.name).unwrap_or_default();
                format!("lookup(\"{name}\", {})", self.of(*a))
            }
            Op::Agg(agg) => self.aggregate(agg),
        }
    }

    fn aggregate(&self, agg: &Agg) -> String {
        let list = self.plan.frames.get(agg.frame.index()).and_then(|frame| self.plan.lists.get(frame.list as usize));
        let name = self.name(agg.frame);
        let mut text = format!("firm.{}", list.map(|list| &*list.name).unwrap_or_default());
        if let Some(filter) = agg.filter {
            text.push_str(&format!(".filter(|{name}| {})", self.of(filter)));
        }
        let kind = match (agg.kind, agg.value) {
            (AggKind::Count, None) => return format!("{text}.len()"),
            (AggKind::Some, _) => "some",
            (AggKind::All, _) => "all",
            (AggKind::Sum, _) => "sum",
            (AggKind::Count, _) => "count",
            (AggKind::Max, _) => "max",
            (AggKind::Min, _) => "min",
        };
        let value = agg.value.map(|value| self.of(value)).unwrap_or_default();
        format!("{text}.{kind}(|{name}| {value})")
    }
}

fn sign(op: CmpOp) -> &'static str {
    match op {
        CmpOp::Eq => "==",
        CmpOp::Ne => "!=",
        CmpOp::Lt => "<",
        CmpOp::Le => "<=",
        CmpOp::Gt => ">",
        CmpOp::Ge => ">=",
    }
}

fn of_constant(constant: &Constant) -> String {
    match constant {
        Constant::Bool(value) => value.to_string(),
        Constant::Int(value) => value.to_string(),
        Constant::Float(bits) => format!("{:?}", f64::from_bits(*bits)),
        Constant::Text(text) => format!("{text:?}"),
        Constant::Date(date) => date.to_string(),
    }
}
