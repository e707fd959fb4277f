//! The conditions of a book on one day: its graph with dates and parameters in place, and what each variable can be.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::formula::{Variable, Word};
use super::range::Range;
use super::theory::{Domain, Domains};
use crate::book::{BookData, Entries, Fact, Rule};
use crate::expr::{AggKind, Constant, FrameId, Graph, NodeId, Op};
use crate::{Date, Type, Value};

pub(super) const FALSE: Word = 0;
pub(super) const TRUE: Word = 1;

/// A fact of the firm, or (list, field) of the items of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leaf {
    Fact(u32),
    Field(u32, u32),
}

pub(crate) struct Ground<'b> {
    pub(super) book: &'b BookData,
    pub(super) graph: Graph,
    /// By node of the book's graph: the node here.
    ids: Vec<Option<NodeId>>,
    words: Vec<Arc<str>>,
    word_of: BTreeMap<Arc<str>, Word>,
    /// By node, the facts and fields below it, sorted: which [`Ground::leaf`] counts.
    leaves: Vec<Arc<[u32]>>,
    /// By list, the number of its first field.
    first_fields: Vec<u32>,
    /// Facts, and fields of lists, of which a condition asks whether they are known.
    asked_facts: BTreeSet<u32>,
    asked_fields: BTreeSet<(u32, u32)>,
}

impl<'b> Ground<'b> {
    pub(crate) fn new(book: &'b BookData, day: Date) -> Ground<'b> {
        let roots: Vec<NodeId> = book.rules.iter().flat_map(Rule::nodes).collect();
        let (graph, ids) = book.graph.rebuilt(roots, |op| match op {
            Op::AsOf => Some(Some(Constant::Date(day))),
            Op::Param(at) => {
                let value = book.parameters.get(*at as usize).and_then(|parameter| parameter.on(day));
                Some(value.map(Constant::from))
            }
            _ => None,
        });
        let mut ground = Ground {
            book,
            graph,
            ids,
            leaves: Vec::new(),
            first_fields: Vec::new(),
            words: vec!["false".into(), "true".into()],
            word_of: BTreeMap::new(),
            asked_facts: BTreeSet::new(),
            asked_fields: BTreeSet::new(),
        };
        let mut first = book.facts.len() as u32;
        for list in &book.lists {
            ground.first_fields.push(first);
            first += list.fields.len() as u32;
        }
        for at in 0..ground.graph.nodes().len() {
            let leaves = ground.leaves_of(NodeId(at as u32));
            ground.leaves.push(leaves);
        }
        let declared = book.facts.iter().chain(book.lists.iter().flat_map(|list| &list.fields));
        for text in declared.flat_map(|fact| &fact.one_of) {
            ground.learn(text);
        }
        for table in &book.tables {
            if let Entries::Rows(rows) = &table.entries {
                rows.keys().for_each(|key| ground.learn(key));
            }
        }
        for node in ground.graph.nodes().to_vec() {
            match &node.op {
                Op::Const(Constant::Text(text)) => ground.learn(text),
                Op::InTexts(_, texts) => texts.iter().for_each(|text| ground.learn(text)),
                Op::Known(a) | Op::Coalesce(a, _) => ground.ask(*a),
                _ => {}
            }
        }
        ground
    }

    fn leaves_of(&self, id: NodeId) -> Arc<[u32]> {
        let node = self.graph.node(id);
        let own = match &node.op {
            Op::Fact(fact) => self.leaf(Leaf::Fact(*fact)),
            Op::Field(field) => self.leaf(Leaf::Field(self.graph.frame(node.frame).list, *field)),
            // That a list is looked at at all, behind all facts and fields.
            Op::Agg(agg) => {
                let fields = self.book.lists.iter().map(|list| list.fields.len()).sum::<usize>();
                Some((self.book.facts.len() + fields) as u32 + self.graph.frame(agg.frame).list)
            }
            _ => None,
        };
        let below = self.graph.operands(id);
        if let (None, [only]) = (own, below.as_slice()) {
            return self.leaves(*only);
        }
        let mut all: Vec<u32> = own.into_iter().collect();
        for operand in below {
            all.extend(self.leaves(operand).iter());
        }
        all.sort_unstable();
        all.dedup();
        all.into()
    }

    fn leaf(&self, leaf: Leaf) -> Option<u32> {
        match leaf {
            Leaf::Fact(fact) => Some(fact),
            Leaf::Field(list, field) => Some(self.first_fields.get(list as usize)? + field),
        }
    }

    /// The facts and fields that a node hangs on.
    pub(super) fn leaves(&self, node: NodeId) -> Arc<[u32]> {
        self.leaves.get(node.index()).cloned().unwrap_or_default()
    }

    /// The lists that a node looks at.
    pub(super) fn lists(&self, node: NodeId) -> Vec<u32> {
        let fields = self.book.lists.iter().map(|list| list.fields.len()).sum::<usize>();
        let first = (self.book.facts.len() + fields) as u32;
        self.leaves(node).iter().filter_map(|leaf| leaf.checked_sub(first)).collect()
    }

    /// Does a node hang on a fact or field?
    pub(super) fn hangs_on(&self, node: NodeId, leaf: Leaf) -> bool {
        let leaves = self.leaves.get(node.index());
        self.leaf(leaf).is_some_and(|leaf| leaves.is_some_and(|leaves| leaves.binary_search(&leaf).is_ok()))
    }

    fn learn(&mut self, text: &Arc<str>) {
        if !self.word_of.contains_key(text) {
            self.word_of.insert(Arc::clone(text), self.words.len() as Word);
            self.words.push(Arc::clone(text));
        }
    }

    /// The leaves below a node of which somebody asks whether it is known.
    fn ask(&mut self, node: NodeId) {
        let mut open = vec![node];
        while let Some(id) = open.pop() {
            let node = self.graph.node(id);
            match &node.op {
                Op::Fact(at) => {
                    if self.book.facts.get(*at as usize).is_some_and(|fact| fact.absent.is_none()) {
                        self.asked_facts.insert(*at);
                    }
                }
                Op::Field(at) => {
                    let list = self.graph.frame(node.frame).list;
                    if self.field(list, *at).is_some_and(|field| field.absent.is_none()) {
                        self.asked_fields.insert((list, *at));
                    }
                }
                _ => open.extend(self.graph.operands(id)),
            }
        }
    }

    pub(crate) fn node(&self, of_book: NodeId) -> Option<NodeId> {
        self.ids.get(of_book.index()).copied().flatten()
    }

    pub(super) fn outcome(&self, rule: usize) -> Option<NodeId> {
        self.node(self.book.rules.get(rule)?.outcome)
    }

    pub(super) fn word(&self, text: &str) -> Option<Word> {
        self.word_of.get(text).copied()
    }

    pub(super) fn text(&self, word: Word) -> Option<&Arc<str>> {
        self.words.get(word as usize)
    }

    pub(super) fn texts(&self) -> impl Iterator<Item = (Word, &Arc<str>)> {
        self.words.iter().enumerate().skip(2).map(|(at, text)| (at as Word, text))
    }

    pub(super) fn fact(&self, fact: u32) -> Option<&'b Fact> {
        self.book.facts.get(fact as usize)
    }

    pub(super) fn field(&self, list: u32, field: u32) -> Option<&'b Fact> {
        self.book.lists.get(list as usize)?.fields.get(field as usize)
    }

    pub(super) fn may_be_unknown(&self, variable: Variable) -> bool {
        match variable {
            Variable::Fact(fact, _) => self.asked_facts.contains(&fact),
            Variable::Field { list, field, .. } => self.asked_fields.contains(&(list, field)),
            _ => false,
        }
    }

    fn of_fact(&self, fact: &Fact) -> Domain {
        match fact.ty {
            Type::Bool => Domain::Words(vec![FALSE, TRUE]),
            Type::Text if fact.one_of.is_empty() => Domain::AnyText,
            Type::Text => {
                let mut words: Vec<Word> = fact.one_of.iter().filter_map(|text| self.word(text)).collect();
                words.sort_unstable();
                Domain::Words(words)
            }
            Type::Int | Type::Float | Type::Date => {
                let mut range = numbers(fact.ty);
                if let Some(low) = fact.min.as_ref().and_then(number) {
                    range.at_least(low, false);
                }
                if let Some(high) = fact.max.as_ref().and_then(number) {
                    range.at_most(high, false);
                }
                Domain::Numbers(range)
            }
        }
    }

    fn of_node(&self, id: NodeId) -> Domain {
        match self.graph.ty(id) {
            Type::Bool => Domain::Words(vec![FALSE, TRUE]),
            Type::Text => Domain::AnyText,
            ty => {
                let mut range = numbers(ty);
                if self.is_at_least_nought(id) {
                    range.at_least(0.0, false);
                }
                Domain::Numbers(range)
            }
        }
    }

    /// Sums and counts of what cannot be negative.
    fn is_at_least_nought(&self, id: NodeId) -> bool {
        let node = self.graph.node(id);
        let all = |ids: &[NodeId]| ids.iter().all(|id| self.is_at_least_nought(*id));
        match &node.op {
            Op::Agg(agg) => match agg.kind {
                AggKind::Count => true,
                AggKind::Sum | AggKind::Max | AggKind::Min => {
                    agg.value.is_some_and(|value| self.is_at_least_nought(value))
                }
                AggKind::Some | AggKind::All => false,
            },
            Op::Const(Constant::Int(value)) => *value >= 0,
            Op::Const(Constant::Float(bits)) => f64::from_bits(*bits) >= 0.0,
            Op::Fact(_) | Op::Field(_) => {
                let fact = match &node.op {
                    Op::Fact(at) => self.fact(*at),
                    Op::Field(at) => self.field(self.graph.frame(node.frame).list, *at),
                    _ => None,
                };
                fact.and_then(|fact| fact.min.as_ref()).and_then(number).is_some_and(|low| low >= 0.0)
            }
            Op::Up(a) | Op::ToFloat(a) | Op::ToInt(a) | Op::Round(a) | Op::Ceiling(a) | Op::Floor(a) => all(&[*a]),
            Op::Abs(_) | Op::PointsOf(_) | Op::TextLen(_) => true,
            Op::Add(a, b) | Op::Mul(a, b) | Op::Div(a, b) | Op::Min(a, b) | Op::If(_, a, b) => all(&[*a, *b]),
            Op::Max(a, b) => all(&[*a]) || all(&[*b]),
            _ => false,
        }
    }

    /// The list whose items a frame has, if it stands in the firm's own frame.
    pub(super) fn list_of(&self, frame: FrameId) -> Option<u32> {
        let frame = self.graph.frame(frame);
        (frame.parent == FrameId::FIRM).then_some(frame.list)
    }
}

impl Domains for Ground<'_> {
    fn domain(&self, variable: Variable) -> Domain {
        let yes_or_no = || Domain::Words(vec![FALSE, TRUE]);
        match variable {
            Variable::Fact(fact, _) => self.fact(fact).map_or_else(yes_or_no, |fact| self.of_fact(fact)),
            Variable::Field { list, field, .. } => {
                self.field(list, field).map_or_else(yes_or_no, |field| self.of_fact(field))
            }
            Variable::FactKnown(..) | Variable::FieldKnown { .. } | Variable::Item { .. } => yes_or_no(),
            Variable::Opaque { node, .. } => self.of_node(node),
        }
    }
}

fn numbers(ty: Type) -> Range {
    let mut range = Range { whole: ty != Type::Float, ..Range::default() };
    if ty == Type::Date {
        let years = [Date::new(1, 1, 1), Date::new(9999, 12, 31)];
        if let [Some(first), Some(last)] = years {
            range.at_least(f64::from(first.days()), false);
            range.at_most(f64::from(last.days()), false);
        }
    }
    range
}

pub(super) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Int(value) => Some(*value as f64),
        Value::Float(value) => Some(*value),
        Value::Date(value) => Some(f64::from(value.days())),
        Value::Bool(_) | Value::Text(_) => None,
    }
}
