//! The values of facts that make a difference to a rule: takes the nodes of a rule on a day, gives for every fact that they read
//! a few values such that the comparisons come out in every way that they can.

use std::collections::HashMap;

use crate::book::{BookData, Entries, Fact};
use crate::expr::{Constant, FrameId, NodeId, Op, Scalar, scalar};
use crate::plan::one::{ListRow, Row};
use crate::plan::{Plan, PlanList};
use crate::{Date, Type, Value};

/// The most combinations that are tried.
const MOST: usize = 200_000;
/// Stands for every text that a rule does not ask for.
const OTHER: &str = "other";

/// Values for the facts of a plan and for the fields of its lists, by slot; none stands for unknown.
#[derive(Debug)]
pub(super) struct Values {
    pub(super) facts: Vec<Vec<Option<Constant>>>,
    pub(super) fields: Vec<Vec<Vec<Option<Constant>>>>,
    /// Do these values make every combination of comparisons that any values make?
    is_complete: bool,
    /// The list that one item is made of; none where no item counts.
    list: Option<usize>,
}

/// What is asked of the items of a list, where that is not asked of pairs.
pub(super) struct Closures {
    /// Slot of the list.
    list: usize,
    /// What the aggregates over the list are told of an item.
    pub(super) roots: Vec<NodeId>,
    /// By node: does it go into a root?
    region: Vec<bool>,
}

impl Closures {
    /// Those over the list that a node of the plan stands inside of.
    pub(super) fn around(plan: &Plan, inside: NodeId) -> Option<Closures> {
        let frame = plan.node(inside)?.frame;
        let place = plan.frames.get(frame.index()).filter(|_| frame != FrameId::FIRM)?;
        let of_frame = plan.nodes.iter().filter_map(|node| match &node.op {
            Op::Agg(agg) if agg.frame == frame => Some(agg),
            _ => None,
        });
        let roots: Vec<NodeId> = of_frame.flat_map(|agg| agg.filter.into_iter().chain(agg.value)).collect();
        let mut region = vec![false; plan.nodes.len()];
        let mut open = roots.clone();
        while let Some(id) = open.pop() {
            let (Some(seen), Some(node)) = (region.get_mut(id.index()), plan.node(id)) else { continue };
            if !std::mem::replace(seen, true) {
                open.extend(node.op.all_operands());
            }
        }
        let is_single = place.parent == FrameId::FIRM;
        is_single.then_some(Closures { list: place.list as usize, roots, region })
    }
}

impl Values {
    /// For a plan on a day.
    pub(super) fn of(book: &BookData, plan: &Plan) -> Values {
        let is_complete = !plan.has_items && plan.lists.is_empty();
        Values::of_nodes(book, plan, |_| true, is_complete)
    }

    /// For the item of a list, and the facts of the firm that its closures read.
    pub(super) fn of_items(book: &BookData, plan: &Plan, closures: &Closures) -> Values {
        let counts = |id: NodeId| closures.region.get(id.index()) == Some(&true);
        let is_read = |wanted: Leaf| {
            (0..plan.nodes.len() as u32).map(NodeId).any(|id| counts(id) && leaf(plan, id) == Some(wanted))
        };
        let mut values = Values::of_nodes(book, plan, counts, true);
        values.list = Some(closures.list);
        let facts = values.facts.iter_mut().enumerate().filter(|(at, _)| !is_read(Leaf::Fact(*at)));
        facts.for_each(|(_, values)| values.truncate(1));
        for (list, fields) in values.fields.iter_mut().enumerate() {
            let unread = fields.iter_mut().enumerate().filter(|(at, _)| !is_read(Leaf::Field(list, *at)));
            unread.for_each(|(_, values)| values.truncate(1));
        }
        values
    }

    fn of_nodes(book: &BookData, plan: &Plan, counts: impl Fn(NodeId) -> bool, is_complete: bool) -> Values {
        let mut search = Search { book, plan, marks: HashMap::new(), is_complete };
        (0..plan.nodes.len() as u32).map(NodeId).filter(|id| counts(*id)).for_each(|id| search.node(id));
        let of = |leaf: Leaf, fact: &Fact| values(fact, search.marks.get(&leaf).map(Vec::as_slice).unwrap_or_default());
        let facts = plan.facts.iter().enumerate();
        let fields = |(list, spec): (usize, &PlanList)| {
            let fields = spec.fields.iter().enumerate();
            fields.map(|(at, field)| of(Leaf::Field(list, at), field)).collect()
        };
        Values {
            facts: facts.map(|(at, fact)| of(Leaf::Fact(at), &fact.spec)).collect(),
            fields: plan.lists.iter().enumerate().map(fields).collect(),
            is_complete: search.is_complete,
            list: None,
        }
    }

    /// These values and others of the same facts.
    pub(super) fn and(mut self, other: &Values) -> Values {
        let fields = self.fields.iter_mut().flatten().zip(other.fields.iter().flatten());
        for (values, more) in self.facts.iter_mut().zip(&other.facts).chain(fields) {
            for value in more {
                if !values.contains(value) {
                    values.push(value.clone());
                }
            }
        }
        self.is_complete &= other.is_complete;
        self
    }

    /// Goes through every combination while `go_on` says so. True if the combinations stand for every firm, or every item, and
    /// none was left out for being one too many.
    pub(super) fn every<'a>(&'a self, plan: &'a Plan, mut go_on: impl FnMut(&Row<'a>) -> bool) -> bool {
        let fields = self.list.and_then(|list| self.fields.get(list)).map(Vec::as_slice).unwrap_or_default();
        let all = || self.facts.iter().chain(fields);
        let count = all().try_fold(1usize, |count, values| count.checked_mul(values.len()));
        let Some(count) = count.filter(|count| self.is_complete && *count <= MOST) else { return false };
        let mut row = Row { facts: vec![Scalar::Unknown; plan.facts.len()], lists: vec![None; plan.lists.len()] };
        for nth in 0..count {
            let mut rest = nth;
            let mut next = |values: &'a Vec<Option<Constant>>| {
                let value = values.get(rest % values.len().max(1)).and_then(Option::as_ref);
                rest /= values.len().max(1);
                value.map_or(Scalar::Unknown, Scalar::from_constant)
            };
            for (slot, values) in row.facts.iter_mut().zip(&self.facts) {
                *slot = next(values);
            }
            if let Some(list) = self.list.and_then(|list| row.lists.get_mut(list)) {
                *list = Some(ListRow { len: 1, fields: fields.iter().map(|values| vec![next(values)]).collect() });
            }
            if !go_on(&row) {
                break;
            }
        }
        true
    }
}

/// What a value is given for: a fact, or a field of a list, by slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Leaf {
    Fact(usize),
    Field(usize, usize),
}

/// The fact or field that a node reads.
pub(super) fn leaf(plan: &Plan, id: NodeId) -> Option<Leaf> {
    let node = plan.node(id)?;
    match node.op {
        Op::Fact(slot) => Some(Leaf::Fact(slot as usize)),
        Op::Field(at) => Some(Leaf::Field(plan.frames.get(node.frame.index())?.list as usize, at as usize)),
        _ => None,
    }
}

struct Search<'s> {
    book: &'s BookData,
    plan: &'s Plan,
    /// What facts and fields are compared with.
    marks: HashMap<Leaf, Vec<Constant>>,
    is_complete: bool,
}

impl Search<'_> {
    fn op(&self, id: NodeId) -> &Op {
        self.plan.node(id).map_or(&Op::Unknown, |node| &node.op)
    }

    fn is_bool(&self, id: NodeId) -> bool {
        self.plan.node(id).is_some_and(|node| node.ty == Type::Bool)
    }

    /// The fact that a node has the value of, or rises or falls with; and how a value of the node becomes one of the fact.
    fn carried(&self, id: NodeId, value: Option<&Constant>) -> Option<(Leaf, Option<Constant>)> {
        let day = |constant: &Constant, days: i64| match constant {
            Constant::Date(date) => date.plus_days(days).map(Constant::Date),
            _ => None,
        };
        let int = |constant: Option<&Constant>| match constant {
            Some(Constant::Int(value)) => Some(*value),
            _ => None,
        };
        match self.op(id) {
            Op::Fact(_) | Op::Field(_) => Some((leaf(self.plan, id)?, value.cloned())),
            Op::Up(a) => self.carried(*a, value),
            Op::ToFloat(a) => {
                let whole = match value {
                    Some(Constant::Float(bits)) => Some(Constant::Int(f64::from_bits(*bits).floor() as i64)),
                    _ => None,
                };
                self.carried(*a, whole.as_ref())
            }
            Op::Coalesce(a, b) if self.constant(*b).is_some() => self.carried(*a, value),
            Op::DateDiff(a, b) => match (self.constant(*a), self.constant(*b)) {
                (Some(from), _) => {
                    let from = int(value).and_then(|days| day(&from, days.checked_neg()?));
                    self.carried(*b, from.as_ref())
                }
                (_, Some(to)) => {
                    let to = int(value).and_then(|days| day(&to, days));
                    self.carried(*a, to.as_ref())
                }
                _ => None,
            },
            Op::DateAdd(a, b) => {
                let Some(Constant::Int(days)) = self.constant(*b) else { return None };
                let to = value.and_then(|value| day(value, days.checked_neg()?));
                self.carried(*a, to.as_ref())
            }
            _ => None,
        }
    }

    /// The value of a node that is the same for every firm.
    fn constant(&self, id: NodeId) -> Option<Constant> {
        match self.constants(id)?.as_slice() {
            [one] => Some(one.clone()),
            _ => None,
        }
    }

    /// The values that a node can have, where no number of the firm goes into it.
    fn constants(&self, id: NodeId) -> Option<Vec<Constant>> {
        match self.op(id) {
            Op::Const(constant) => Some(vec![constant.clone()]),
            Op::Unknown => Some(Vec::new()),
            Op::If(_, a, b) => {
                let mut all = self.constants(*a)?;
                all.extend(self.constants(*b)?);
                Some(all)
            }
            Op::ToFloat(a) => {
                let float = |constant: Constant| match constant {
                    Constant::Int(value) => Constant::float(value as f64),
                    other => other,
                };
                Some(self.constants(*a)?.into_iter().map(float).collect())
            }
            Op::Up(a) => self.constants(*a),
            op @ (Op::DateAdd(a, b)
            | Op::DateDiff(a, b)
            | Op::Add(a, b)
            | Op::Sub(a, b)
            | Op::Mul(a, b)
            | Op::Div(a, b)) => {
                let (a, b) = (self.constant(*a)?, self.constant(*b)?);
                let folded = scalar::binary(op, Scalar::from_constant(&a), Scalar::from_constant(&b)).ok()?;
                Some(Constant::from_scalar(folded).into_iter().collect())
            }
            Op::Lookup(table, _) => {
                let table = self.book.tables.get(*table as usize)?;
                Some(match &table.entries {
                    Entries::Rows(rows) => rows.values().map(Constant::from).collect(),
                    Entries::Ranges(ranges) => ranges.iter().map(|range| Constant::from(&range.value)).collect(),
                })
            }
            _ => None,
        }
    }

    fn mark(&mut self, carrier: NodeId, values: &[Constant]) {
        for value in values {
            if let Some((leaf, Some(mark))) = self.carried(carrier, Some(value)) {
                self.marks.entry(leaf).or_default().push(mark);
            }
        }
    }

    fn node(&mut self, id: NodeId) {
        let op = self.op(id).clone();
        match &op {
            Op::Cmp(_, a, b) => {
                let known = match (self.carried(*a, None), self.constants(*b)) {
                    (Some(_), Some(values)) => Some((*a, values)),
                    _ => self.constants(*a).filter(|_| self.carried(*b, None).is_some()).map(|values| (*b, values)),
                };
                match known {
                    Some((carrier, values)) => self.mark(carrier, &values),
                    None if self.constants(*a).is_some() && self.constants(*b).is_some() => {}
                    None => self.is_complete = false,
                }
            }
            Op::InTexts(a, texts) => {
                let texts: Vec<Constant> = texts.iter().map(|text| Constant::Text(text.clone())).collect();
                self.mark(*a, &texts);
                self.is_complete &= self.carried(*a, None).is_some();
            }
            Op::Lookup(table, a) => {
                let marks = match self.book.tables.get(*table as usize).map(|table| &table.entries) {
                    Some(Entries::Rows(rows)) => rows.keys().map(|key| Constant::Text(key.clone())).collect(),
                    Some(Entries::Ranges(ranges)) => {
                        let limits = ranges.iter().flat_map(|range| [range.lower(), range.upper()]);
                        limits.flatten().map(|(limit, _)| Constant::float(limit)).collect()
                    }
                    None => Vec::new(),
                };
                self.mark(*a, &marks);
                self.is_complete &= self.carried(*a, None).is_some();
            }
            // What combines conditions, and what only hands a value on to a node that has been looked at.
            Op::And(_) | Op::Or(_) | Op::Not(_) | Op::Known(_) | Op::Const(_) | Op::Unknown => {}
            Op::Fact(_) | Op::Field(_) | Op::Up(_) => {}
            Op::If(_, a, _) if self.is_bool(*a) || self.constants(id).is_some() => {}
            Op::If(c, a, b) if c == a && a == b => {}
            Op::Add(..) | Op::Sub(..) | Op::Mul(..) | Op::Div(..) if self.constants(id).is_some() => {}
            Op::ToFloat(_) | Op::DateDiff(..) | Op::DateAdd(..) | Op::Coalesce(..) => {
                let fine = self.carried(id, None).is_some() || self.constants(id).is_some() || self.is_bool(id);
                self.is_complete &= fine;
            }
            Op::PointsOf(a) if self.constants(*a).is_some() => {}
            _ => self.is_complete = false,
        }
    }
}

fn float(constant: &Constant) -> Option<f64> {
    match constant {
        Constant::Float(bits) => Some(f64::from_bits(*bits)),
        _ => None,
    }
}

/// The number or day next to one: a step of its digits, or a day, up or down.
pub(super) fn moved(constant: &Constant, up: bool) -> Option<Constant> {
    let by = if up { 1 } else { -1 };
    match constant {
        Constant::Int(value) => value.checked_add(by).map(Constant::Int),
        Constant::Float(bits) => Some(Constant::float(stepped(f64::from_bits(*bits), up))),
        Constant::Date(date) => date.plus_days(by).map(Constant::Date),
        Constant::Bool(_) | Constant::Text(_) => None,
    }
}

/// Is a comparison the same for every firm, whenever it is known? Of values that it chooses among, and of no numbers of the firm.
pub(super) fn never_varies(book: &BookData, plan: &Plan, comparison: NodeId) -> bool {
    let search = Search { book, plan, marks: HashMap::new(), is_complete: true };
    let Op::Cmp(_, a, b) = search.op(comparison) else { return false };
    let (Some(left), Some(right)) = (search.constants(*a), search.constants(*b)) else { return false };
    let compare = |a: &Constant, b: &Constant| {
        let op = search.op(comparison);
        let known = scalar::binary(op, Scalar::from_constant(a), Scalar::from_constant(b)).ok();
        known.and_then(Constant::from_scalar)
    };
    let mut found = left.iter().flat_map(|a| right.iter().map(move |b| compare(a, b)));
    let Some(first) = found.next() else { return false };
    found.all(|other| other == first)
}

/// The smallest step that the digits of a number show: 0.1 for 0.5, 1 for 40.
fn step(number: f64) -> f64 {
    let text = format!("{:?}", number.abs());
    let decimals = text.split_once('.').map_or("", |(_, decimals)| decimals);
    if decimals == "0" || decimals.contains('e') {
        return 1.0;
    }
    10f64.powi(-(decimals.len().min(12) as i32))
}

/// A number a step of its digits up or down, written with those digits.
fn stepped(number: f64, up: bool) -> f64 {
    let by = step(number);
    let moved = if up { number + by } else { number - by };
    (moved / by).round() / (1.0 / by).round()
}

/// What a fact is compared with, what lies next to it on either side and between, and the ends of its range.
fn values(fact: &Fact, marks: &[Constant]) -> Vec<Option<Constant>> {
    let mut all: Vec<Constant> = Vec::new();
    match fact.ty {
        Type::Bool => all.extend([Constant::Bool(true), Constant::Bool(false)]),
        Type::Text if !fact.one_of.is_empty() => {
            all.extend(fact.one_of.iter().map(|text| Constant::Text(text.clone())));
        }
        Type::Text => {
            all.extend(marks.iter().cloned());
            all.push(Constant::Text(OTHER.into()));
        }
        Type::Int | Type::Date | Type::Float => {
            all.extend(
                marks.iter().flat_map(|mark| [moved(mark, false), Some(mark.clone()), moved(mark, true)]).flatten(),
            );
            let mut floats: Vec<f64> = marks.iter().filter_map(float).collect();
            floats.sort_by(f64::total_cmp);
            all.extend(floats.windows(2).map(|pair| Constant::float(pair.iter().sum::<f64>() / 2.0)));
            all.extend(fact.min.iter().chain(&fact.max).map(Constant::from));
            all.push(match fact.ty {
                Type::Int => Constant::Int(0),
                Type::Float => Constant::float(0.0),
                _ => Constant::Date(Date::EPOCH),
            });
        }
    }
    let mut kept: Vec<Option<Constant>> = Vec::new();
    for value in all {
        if is_allowed(fact, &value) && !kept.contains(&Some(value.clone())) {
            kept.push(Some(value));
        }
    }
    if fact.absent.is_none() {
        kept.push(None);
    }
    kept
}

/// Could the fact have this value?
pub(super) fn is_allowed(fact: &Fact, constant: &Constant) -> bool {
    fact.allows(&value_of(constant))
}

pub(super) fn value_of(constant: &Constant) -> Value {
    match constant {
        Constant::Bool(value) => Value::Bool(*value),
        Constant::Int(value) => Value::Int(*value),
        Constant::Float(bits) => Value::Float(f64::from_bits(*bits)),
        Constant::Text(text) => Value::Text(text.clone()),
        Constant::Date(date) => Value::Date(*date),
    }
}
