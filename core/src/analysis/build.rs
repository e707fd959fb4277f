//! From nodes of the graph to formulas.
//!
//! `some` over a list is an item that the firm has; `all`, and `some` denied, hold for every item that was thought of. Since
//! taking other items away changes neither, the items thought of are enough, and no firm is missed. Each `some` has an item of its own:
//! the same item twice is a firm, too. Only where a list is held to a number of items may one item serve for several.

use std::collections::{BTreeMap, BTreeSet};

use super::formula::{Copy, Formula, Literal, Sum, Variable, Word};
use super::ground::{FALSE, Ground, Leaf, TRUE};
use crate::Type;
use crate::book::Entries;
use crate::expr::graph::{Agg, CmpOp};
use crate::expr::{AggKind, Constant, NodeId, Op, TextTest};

/// A count up to this is told item by item; a greater one is a number of its own.
const COUNTED: i64 = 6;
/// Cases of a number that are told apart.
const MOST_CASES: usize = 64;
/// The firm itself, where an item is meant.
const NO_ITEM: u32 = u32::MAX;

/// Where a node is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    /// List and item.
    item: Option<(u32, u32)>,
    copy: Copy,
}

/// A question: is this node true (or false) for this firm?
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ask {
    pub(super) node: NodeId,
    pub(super) is: bool,
    pub(super) copy: Copy,
}

impl Ask {
    pub(crate) fn new(node: NodeId, is: bool) -> Ask {
        Ask { node, is, copy: 0 }
    }

    pub(super) fn of(self, copy: Copy) -> Ask {
        Ask { copy, ..self }
    }
}

/// Numbers that are added up.
#[derive(Debug, Clone, Default)]
pub(super) struct Numbers {
    pub(super) fixed: f64,
    pub(super) nodes: Vec<NodeId>,
}

pub(super) struct Builder<'g, 'b> {
    ground: &'g Ground<'b>,
    /// What two firms differ in; of a field, in the first item of the list.
    changed: Option<Leaf>,
    /// By list, how many items are thought of.
    items: BTreeMap<u32, u32>,
    next: BTreeMap<u32, u32>,
    /// Lists that are held to a number of some items.
    limited: BTreeSet<u32>,
    known: BTreeMap<(NodeId, bool, Place), Formula>,
    /// A lookup whose key is to be in no row.
    pub(super) missed: Option<NodeId>,
}

enum TextTerm {
    Word(Word),
    Variable(Variable),
}

pub(super) type Cases<T> = Vec<(Formula, T)>;

impl<'g, 'b> Builder<'g, 'b> {
    pub(super) fn new(ground: &'g Ground<'b>, changed: Option<Leaf>) -> Builder<'g, 'b> {
        Builder {
            ground,
            changed,
            items: BTreeMap::new(),
            next: BTreeMap::new(),
            limited: BTreeSet::new(),
            known: BTreeMap::new(),
            missed: None,
        }
    }

    /// Does a node hang on what is changed?
    pub(super) fn depends(&self, node: NodeId) -> bool {
        self.changed.is_some_and(|changed| self.ground.hangs_on(node, changed))
    }

    /// All of the questions at once.
    pub(super) fn all(&mut self, asks: &[Ask]) -> Formula {
        self.in_rounds(|builder| builder.asked(asks))
    }

    /// The questions, and that the sum of some numbers for one firm compares so with the sum of others for the other firm.
    pub(super) fn all_and_sums(&mut self, asks: &[Ask], one: &Numbers, op: CmpOp, other: &Numbers) -> Formula {
        self.in_rounds(|builder| {
            let asked = builder.asked(asks);
            let (left, right) = (builder.sum_of(one, 0), builder.sum_of(other, 1));
            let mut parts = Vec::new();
            for (guard, sum) in &left {
                for (other_guard, other) in &right {
                    parts.push(Formula::all([guard.clone(), other_guard.clone(), compared(op, sum, other)]));
                }
            }
            Formula::all([asked, Formula::any(parts)])
        })
    }

    /// A number case by case, where a rule fires.
    pub(super) fn number_cases(&mut self, number: NodeId, outcome: Option<NodeId>) -> Cases<Sum> {
        let asks: Vec<Ask> = outcome.map(|node| Ask::new(node, true)).into_iter().collect();
        self.in_rounds(|builder| {
            let asked = builder.asked(&asks);
            let cases = builder.numbers(number, Place { item: None, copy: 0 });
            cases.into_iter().map(|(guard, sum)| (Formula::all([asked.clone(), guard]), sum)).collect()
        })
    }

    /// The first round counts the items that are thought of; the second says of each what holds for all of them.
    fn in_rounds<T>(&mut self, make: impl Fn(&mut Self) -> T) -> T {
        self.items = self.first_items();
        self.next = self.first_items();
        self.limited.clear();
        self.known.clear();
        make(self);
        self.items = std::mem::take(&mut self.next);
        self.next = self.first_items();
        self.known.clear();
        make(self)
    }

    fn asked(&mut self, asks: &[Ask]) -> Formula {
        let place = |copy| Place { item: None, copy };
        Formula::all(asks.iter().map(|ask| self.formula(ask.node, ask.is, place(ask.copy))).collect::<Vec<_>>())
    }

    fn sum_of(&mut self, numbers: &Numbers, copy: Copy) -> Cases<Sum> {
        let mut cases = vec![(Formula::TRUE, Sum::constant(numbers.fixed))];
        for number in &numbers.nodes {
            let of = self.numbers(*number, Place { item: None, copy });
            let with = cases.iter().flat_map(|(guard, sum)| {
                of.iter().map(move |(other, more)| (Formula::all([guard.clone(), other.clone()]), sum.plus(more, 1.0)))
            });
            cases = with.collect();
        }
        cases
    }

    /// The item that is changed is there before any other.
    fn first_items(&self) -> BTreeMap<u32, u32> {
        match self.changed {
            Some(Leaf::Field(list, _)) => BTreeMap::from([(list, 1)]),
            _ => BTreeMap::new(),
        }
    }

    fn formula(&mut self, id: NodeId, is: bool, place: Place) -> Formula {
        // What does not hang on the change is the same for both firms.
        let place = Place { copy: if self.depends(id) { place.copy } else { 0 }, ..place };
        if let Some(known) = self.known.get(&(id, is, place)) {
            return known.clone();
        }
        let formula = self.build(id, is, place);
        self.known.insert((id, is, place), formula.clone());
        formula
    }

    fn build(&mut self, id: NodeId, is: bool, place: Place) -> Formula {
        let ground = self.ground;
        match &ground.graph.node(id).op {
            Op::Const(Constant::Bool(value)) => Formula::of(*value == is),
            Op::Unknown => Formula::FALSE,
            Op::Fact(_) | Op::Field(_) => match self.variable(id, place) {
                Some(variable) => self.known_and(variable, Formula::Literal(Literal::is(variable, is))),
                None => self.opaque_bool(id, is, place),
            },
            Op::Up(outer) => self.formula(*outer, is, Place { item: None, ..place }),
            Op::Not(a) => self.formula(*a, !is, place),
            Op::And(parts) | Op::Or(parts) => {
                let all = matches!(ground.graph.node(id).op, Op::And(_)) == is;
                let parts: Vec<Formula> = parts.iter().map(|part| self.formula(*part, is, place)).collect();
                if all { Formula::all(parts) } else { Formula::any(parts) }
            }
            Op::Cmp(op, a, b) => {
                let op = if is { *op } else { op.negated() };
                self.comparison(id, op, *a, *b, is, place)
            }
            Op::If(condition, a, b) => {
                let yes = [self.formula(*condition, true, place), self.formula(*a, is, place)];
                let no = [self.formula(*condition, false, place), self.formula(*b, is, place)];
                Formula::any([Formula::all(yes), Formula::all(no)])
            }
            Op::Coalesce(a, b) => match self.variable(*a, place) {
                Some(variable) if ground.may_be_unknown(variable) => {
                    let known = self.formula(*a, is, place);
                    let other = self.formula(*b, is, place);
                    Formula::any([known, Formula::all([is_known(variable, false), other])])
                }
                Some(_) => self.formula(*a, is, place),
                None => self.opaque_bool(id, is, place),
            },
            Op::Known(a) => match self.variable(*a, place) {
                Some(variable) if ground.may_be_unknown(variable) => is_known(variable, is),
                Some(_) => Formula::of(is),
                None => self.opaque_bool(id, is, place),
            },
            Op::InTexts(a, texts) => {
                let words: Vec<Word> = texts.iter().filter_map(|text| ground.word(text)).collect();
                self.among(*a, words, is, place).unwrap_or_else(|| self.opaque_bool(id, is, place))
            }
            Op::TextTest(test, a, b) => match (self.variable(*a, place), ground.graph.as_constant(*b)) {
                (Some(variable), Some(Constant::Text(part))) if self.is_closed(variable) => {
                    let holds = |text: &str| match test {
                        TextTest::StartsWith => text.starts_with(&**part),
                        TextTest::EndsWith => text.ends_with(&**part),
                        TextTest::Contains => text.contains(&**part),
                    };
                    let words = ground.texts().filter(|(_, text)| holds(text)).map(|(word, _)| word).collect();
                    self.among(*a, words, is, place).unwrap_or_else(|| self.opaque_bool(id, is, place))
                }
                _ => self.opaque_bool(id, is, place),
            },
            Op::Agg(agg) => match (agg.kind, ground.list_of(agg.frame)) {
                (AggKind::Some, Some(list)) => self.quantified(agg, list, is, true, place.copy),
                (AggKind::All, Some(list)) => self.quantified(agg, list, !is, false, place.copy),
                _ => self.opaque_bool(id, is, place),
            },
            _ => self.opaque_bool(id, is, place),
        }
    }

    /// An item that the filter lets through and whose value is `value`: there is one, or there is none.
    fn quantified(&mut self, agg: &Agg, list: u32, exists: bool, value: bool, copy: Copy) -> Formula {
        if exists {
            let own = self.another(list);
            let such = self.candidates(list, own).into_iter().map(|item| self.such_item(agg, list, item, value, copy));
            Formula::any(such.collect::<Vec<_>>())
        } else {
            self.each(agg, list, value, copy)
        }
    }

    /// The items that can be the one that is asked for: its own, the one that is changed, or any.
    fn candidates(&self, list: u32, own: u32) -> Vec<u32> {
        if self.limited.contains(&list) {
            return (0..self.items.get(&list).copied().unwrap_or(0).max(own + 1)).collect();
        }
        match self.changed {
            Some(Leaf::Field(changed, _)) if changed == list => vec![0, own],
            _ => vec![own],
        }
    }

    fn another(&mut self, list: u32) -> u32 {
        let next = self.next.entry(list).or_default();
        *next += 1;
        *next - 1
    }

    fn such_item(&mut self, agg: &Agg, list: u32, item: u32, value: bool, copy: Copy) -> Formula {
        let place = Place { item: Some((list, item)), copy };
        let there = Formula::Literal(Literal::is(Variable::Item { list, item }, true));
        let filter = agg.filter.map_or(Formula::TRUE, |filter| self.formula(filter, true, place));
        let holds = agg.value.map_or(Formula::of(value), |node| self.formula(node, value, place));
        Formula::all([there, filter, holds])
    }

    /// No item is such.
    fn each(&mut self, agg: &Agg, list: u32, value: bool, copy: Copy) -> Formula {
        // At least one, so that what the closure asks of the firm is seen in the first round.
        let items = self.items.get(&list).copied().unwrap_or(0);
        let mut parts = Vec::new();
        for item in 0..items.max(1) {
            let no = self.no_such_item(agg, list, item, value, copy);
            if item < items {
                parts.push(no);
            }
        }
        Formula::all(parts)
    }

    fn no_such_item(&mut self, agg: &Agg, list: u32, item: u32, value: bool, copy: Copy) -> Formula {
        let place = Place { item: Some((list, item)), copy };
        let away = Formula::Literal(Literal::is(Variable::Item { list, item }, false));
        let filter = agg.filter.map_or(Formula::FALSE, |filter| self.formula(filter, false, place));
        let holds = agg.value.map_or(Formula::of(!value), |node| self.formula(node, !value, place));
        Formula::any([away, filter, holds])
    }

    /// `count(..) >= least`, or its denial.
    fn counted(&mut self, agg: &Agg, list: u32, least: i64, is: bool, copy: Copy) -> Formula {
        if least <= 0 {
            return Formula::of(is);
        }
        if is {
            let own: Vec<u32> = (0..least).map(|_| self.another(list)).collect();
            if self.limited.contains(&list) {
                let all = self.candidates(list, own.last().copied().unwrap_or(0));
                let such: Vec<Formula> =
                    all.into_iter().map(|item| self.such_item(agg, list, item, true, copy)).collect();
                return match subsets(such.len(), least as usize) {
                    Some(sets) => Formula::any(sets.into_iter().map(|set| {
                        Formula::all(set.into_iter().filter_map(|at| such.get(at).cloned()).collect::<Vec<_>>())
                    })),
                    // Too many to write down: taken for possible, which can only leave something undecided.
                    None => Formula::TRUE,
                };
            }
            let mut parts = Vec::new();
            for (at, own) in own.into_iter().enumerate() {
                // One of them may be the changed one.
                let candidates = if at == 0 { self.candidates(list, own) } else { vec![own] };
                let such = candidates.into_iter().map(|item| self.such_item(agg, list, item, true, copy));
                parts.push(Formula::any(such.collect::<Vec<_>>()));
            }
            return Formula::all(parts);
        }
        if least == 1 {
            return self.each(agg, list, true, copy);
        }
        // Of any `least` items one is no such item.
        self.limited.insert(list);
        let items = self.items.get(&list).copied().unwrap_or(0);
        let not: Vec<Formula> =
            (0..items.max(1)).map(|item| self.no_such_item(agg, list, item, true, copy)).take(items as usize).collect();
        let sets = subsets(not.len(), least as usize);
        match sets {
            Some(sets) => Formula::all(
                sets.into_iter().map(|set| Formula::any(set.into_iter().filter_map(|at| not.get(at).cloned()))),
            ),
            // Too many to write down: leaving them out can only leave something undecided.
            None => Formula::TRUE,
        }
    }

    fn comparison(&mut self, id: NodeId, op: CmpOp, a: NodeId, b: NodeId, is: bool, place: Place) -> Formula {
        let ground = self.ground;
        match ground.graph.ty(a) {
            Type::Bool => {
                let same = [self.formula(a, true, place), self.formula(b, op == CmpOp::Eq, place)];
                let other = [self.formula(a, false, place), self.formula(b, op != CmpOp::Eq, place)];
                Formula::any([Formula::all(same), Formula::all(other)])
            }
            Type::Text if matches!(op, CmpOp::Eq | CmpOp::Ne) => {
                let (left, right) = (self.texts(a, place), self.texts(b, place));
                let mut parts = Vec::new();
                for (guard, one) in &left {
                    for (other_guard, other) in &right {
                        let holds = match (one, other) {
                            (TextTerm::Word(one), TextTerm::Word(other)) => {
                                Formula::of((one == other) == (op == CmpOp::Eq))
                            }
                            (TextTerm::Variable(variable), TextTerm::Word(word))
                            | (TextTerm::Word(word), TextTerm::Variable(variable)) => {
                                let words = [*word].into();
                                Formula::Literal(Literal::Among { variable: *variable, words, is: op == CmpOp::Eq })
                            }
                            (TextTerm::Variable(_), TextTerm::Variable(_)) => self.opaque_bool(id, is, place),
                        };
                        parts.push(Formula::all([guard.clone(), other_guard.clone(), holds]));
                    }
                }
                Formula::any(parts)
            }
            Type::Text => self.opaque_bool(id, is, place),
            Type::Int | Type::Float | Type::Date => {
                if let (Op::Agg(agg), Some(Constant::Int(limit))) =
                    (&ground.graph.node(a).op, ground.graph.as_constant(b))
                    && agg.kind == AggKind::Count
                    && *limit < COUNTED
                    && let Some(list) = ground.list_of(agg.frame)
                {
                    let (limit, copy) = (*limit, place.copy);
                    return match op {
                        CmpOp::Ge => self.counted(agg, list, limit, true, copy),
                        CmpOp::Gt => self.counted(agg, list, limit + 1, true, copy),
                        CmpOp::Lt => self.counted(agg, list, limit, false, copy),
                        CmpOp::Le => self.counted(agg, list, limit + 1, false, copy),
                        CmpOp::Eq => {
                            let least = self.counted(agg, list, limit, true, copy);
                            Formula::all([least, self.counted(agg, list, limit + 1, false, copy)])
                        }
                        CmpOp::Ne => {
                            let less = self.counted(agg, list, limit, false, copy);
                            Formula::any([less, self.counted(agg, list, limit + 1, true, copy)])
                        }
                    };
                }
                let (left, right) = (self.numbers(a, place), self.numbers(b, place));
                let mut parts = Vec::new();
                for (guard, one) in &left {
                    for (other_guard, other) in &right {
                        parts.push(Formula::all([guard.clone(), other_guard.clone(), compared(op, one, other)]));
                    }
                }
                Formula::any(parts)
            }
        }
    }

    /// A number, case by case; the cases shut each other out.
    fn numbers(&mut self, id: NodeId, place: Place) -> Cases<Sum> {
        let cases = self.numbers_of(id, place);
        if cases.len() > MOST_CASES { self.opaque_number(id, place) } else { cases }
    }

    fn numbers_of(&mut self, id: NodeId, place: Place) -> Cases<Sum> {
        let ground = self.ground;
        let always = |number: f64| vec![(Formula::TRUE, Sum::constant(number))];
        match &ground.graph.node(id).op {
            Op::Const(Constant::Int(value)) => always(*value as f64),
            Op::Const(Constant::Float(bits)) => always(f64::from_bits(*bits)),
            Op::Const(Constant::Date(day)) => always(f64::from(day.days())),
            Op::Unknown => Vec::new(),
            Op::Fact(_) | Op::Field(_) => match self.variable(id, place) {
                Some(variable) => vec![(self.known_and(variable, Formula::TRUE), Sum::variable(variable))],
                None => self.opaque_number(id, place),
            },
            Op::Up(outer) => self.numbers(*outer, Place { item: None, ..place }),
            Op::ToFloat(a) => self.numbers(*a, place),
            Op::PointsOf(a) => self.each_number(*a, place, |sum| Some(sum.times(1000.0)), id),
            Op::Neg(a) => self.each_number(*a, place, |sum| Some(sum.times(-1.0)), id),
            Op::Add(a, b) | Op::DateAdd(a, b) => self.each_pair(*a, *b, place, |a, b| Some(a.plus(b, 1.0)), id),
            Op::Sub(a, b) | Op::DateDiff(a, b) => self.each_pair(*a, *b, place, |a, b| Some(a.plus(b, -1.0)), id),
            Op::Mul(a, b) => {
                let times = |a: &Sum, b: &Sum| match (a.terms.is_empty(), b.terms.is_empty()) {
                    (true, _) => Some(b.times(a.constant)),
                    (_, true) => Some(a.times(b.constant)),
                    _ => None,
                };
                self.each_pair(*a, *b, place, times, id)
            }
            Op::Div(a, b) if ground.graph.ty(id) == Type::Float => {
                let divided =
                    |a: &Sum, b: &Sum| (b.terms.is_empty() && b.constant != 0.0).then(|| a.times(1.0 / b.constant));
                self.each_pair(*a, *b, place, divided, id)
            }
            Op::Abs(a) => {
                let of = self.numbers(*a, place);
                let nought = Sum::constant(0.0);
                let up = of.iter().map(|(guard, sum)| {
                    (Formula::all([guard.clone(), compared(CmpOp::Ge, sum, &nought)]), sum.clone())
                });
                let down = of.iter().map(|(guard, sum)| {
                    (Formula::all([guard.clone(), compared(CmpOp::Lt, sum, &nought)]), sum.times(-1.0))
                });
                up.chain(down).collect()
            }
            Op::Min(a, b) | Op::Max(a, b) => {
                let first = if matches!(ground.graph.node(id).op, Op::Min(..)) { CmpOp::Le } else { CmpOp::Ge };
                let (left, right) = (self.numbers(*a, place), self.numbers(*b, place));
                let mut cases = Vec::new();
                for (guard, one) in &left {
                    for (other_guard, other) in &right {
                        for (op, value) in [(first, one), (first.negated(), other)] {
                            let guards = [guard.clone(), other_guard.clone(), compared(op, one, other)];
                            cases.push((Formula::all(guards), value.clone()));
                        }
                    }
                }
                cases
            }
            Op::If(condition, a, b) => {
                let mut cases = Vec::new();
                for (is, value) in [(true, *a), (false, *b)] {
                    let when = self.formula(*condition, is, place);
                    for (guard, sum) in self.numbers(value, place) {
                        cases.push((Formula::all([when.clone(), guard]), sum));
                    }
                }
                cases
            }
            Op::Coalesce(a, b) => match self.variable(*a, place) {
                Some(variable) => {
                    let mut cases = self.numbers(*a, place);
                    if ground.may_be_unknown(variable) {
                        for (guard, sum) in self.numbers(*b, place) {
                            cases.push((Formula::all([is_known(variable, false), guard]), sum));
                        }
                    }
                    cases
                }
                None => self.opaque_number(id, place),
            },
            Op::Lookup(table, key) => match self.looked_up(*table, *key, place) {
                Some(rows) if self.missed == Some(id) => {
                    // A key that is unknown is in no row either, but nothing is looked up then.
                    let known = self.is_known(*key, place);
                    let outside = rows.iter().map(|(row, _)| row.negated()).chain([known]);
                    let outside = Formula::all(outside.collect::<Vec<_>>());
                    let any = Sum::variable(self.opaque(id, place));
                    vec![(outside, any)]
                }
                Some(rows) => rows,
                None => self.opaque_number(id, place),
            },
            _ => self.opaque_number(id, place),
        }
    }

    fn each_number(&mut self, a: NodeId, place: Place, of: impl Fn(&Sum) -> Option<Sum>, id: NodeId) -> Cases<Sum> {
        let cases = self.numbers(a, place);
        let made: Option<Cases<Sum>> = cases.into_iter().map(|(guard, sum)| Some((guard, of(&sum)?))).collect();
        made.unwrap_or_else(|| self.opaque_number(id, place))
    }

    fn each_pair(
        &mut self,
        a: NodeId,
        b: NodeId,
        place: Place,
        of: impl Fn(&Sum, &Sum) -> Option<Sum>,
        id: NodeId,
    ) -> Cases<Sum> {
        let (left, right) = (self.numbers(a, place), self.numbers(b, place));
        let mut cases = Vec::new();
        for (guard, one) in &left {
            for (other_guard, other) in &right {
                match of(one, other) {
                    Some(sum) => cases.push((Formula::all([guard.clone(), other_guard.clone()]), sum)),
                    None => return self.opaque_number(id, place),
                }
            }
        }
        cases
    }

    /// What the key of each row of a table must be, for a lookup in the firm's own frame.
    pub(super) fn rows(&mut self, table: u32, key: NodeId) -> Option<Vec<Formula>> {
        let cases = self.in_rounds(|builder| builder.looked_up(table, key, Place { item: None, copy: 0 }))?;
        Some(cases.into_iter().map(|(guard, _)| guard).collect())
    }

    /// That a key has a value.
    fn is_known(&mut self, key: NodeId, place: Place) -> Formula {
        let guards: Vec<Formula> = if self.ground.graph.ty(key) == Type::Text {
            self.texts(key, place).into_iter().map(|(guard, _)| guard).collect()
        } else {
            self.numbers(key, place).into_iter().map(|(guard, _)| guard).collect()
        };
        Formula::any(guards)
    }

    /// The rows of a table whose values are numbers, each with what the key must be.
    fn looked_up(&mut self, table: u32, key: NodeId, place: Place) -> Option<Cases<Sum>> {
        let table = self.ground.book.tables.get(table as usize)?;
        let mut cases = Vec::new();
        match &table.entries {
            Entries::Ranges(rows) => {
                for (guard, sum) in self.numbers(key, place) {
                    for row in rows {
                        let limit = |limit: Option<(f64, bool)>, with: CmpOp, without: CmpOp| match limit {
                            Some((limit, true)) => compared(with, &sum, &Sum::constant(limit)),
                            Some((limit, false)) => compared(without, &sum, &Sum::constant(limit)),
                            None => Formula::TRUE,
                        };
                        let begins = limit(row.lower(), CmpOp::Ge, CmpOp::Gt);
                        let inside = [guard.clone(), begins, limit(row.upper(), CmpOp::Le, CmpOp::Lt)];
                        cases.push((Formula::all(inside), Sum::constant(super::ground::number(&row.value)?)));
                    }
                }
            }
            Entries::Rows(rows) => {
                let mut rows: Vec<_> = rows.iter().collect();
                rows.sort_by_key(|(text, _)| (*text).clone());
                for (text, value) in rows {
                    let word = self.ground.word(text)?;
                    let is = self.among(key, vec![word], true, place)?;
                    cases.push((is, Sum::constant(super::ground::number(value)?)));
                }
            }
        }
        Some(cases)
    }

    fn texts(&mut self, id: NodeId, place: Place) -> Cases<TextTerm> {
        let ground = self.ground;
        match &ground.graph.node(id).op {
            Op::Const(Constant::Text(text)) => match ground.word(text) {
                Some(word) => vec![(Formula::TRUE, TextTerm::Word(word))],
                None => Vec::new(),
            },
            Op::Unknown => Vec::new(),
            Op::Fact(_) | Op::Field(_) => match self.variable(id, place) {
                Some(variable) => vec![(self.known_and(variable, Formula::TRUE), TextTerm::Variable(variable))],
                None => vec![(Formula::TRUE, TextTerm::Variable(self.opaque(id, place)))],
            },
            Op::Up(outer) => self.texts(*outer, Place { item: None, ..place }),
            Op::If(condition, a, b) => {
                let mut cases = Vec::new();
                for (is, value) in [(true, *a), (false, *b)] {
                    let when = self.formula(*condition, is, place);
                    for (guard, text) in self.texts(value, place) {
                        cases.push((Formula::all([when.clone(), guard]), text));
                    }
                }
                cases
            }
            _ => vec![(Formula::TRUE, TextTerm::Variable(self.opaque(id, place)))],
        }
    }

    /// Is a text one of some words?
    fn among(&mut self, id: NodeId, mut words: Vec<Word>, is: bool, place: Place) -> Option<Formula> {
        words.sort_unstable();
        words.dedup();
        let parts = self.texts(id, place).into_iter().map(|(guard, text)| {
            let holds = match text {
                TextTerm::Word(word) => Formula::of(words.contains(&word) == is),
                TextTerm::Variable(variable) => {
                    Formula::Literal(Literal::Among { variable, words: words.as_slice().into(), is })
                }
            };
            Formula::all([guard, holds])
        });
        Some(Formula::any(parts.collect::<Vec<_>>()))
    }

    fn is_closed(&self, variable: Variable) -> bool {
        use super::theory::{Domain, Domains};
        matches!(self.ground.domain(variable), Domain::Words(_))
    }

    /// The variable of a leaf.
    fn variable(&self, id: NodeId, place: Place) -> Option<Variable> {
        let ground = self.ground;
        let copy = if self.depends(id) { place.copy } else { 0 };
        match (&ground.graph.node(id).op, place.item) {
            (Op::Fact(fact), _) => Some(Variable::Fact(*fact, copy)),
            (Op::Field(field), Some((list, item))) => {
                // Only one item is changed.
                let copy = if item == 0 { copy } else { 0 };
                Some(Variable::Field { list, item, field: *field, copy })
            }
            (Op::Up(outer), _) => self.variable(*outer, Place { item: None, ..place }),
            _ => None,
        }
    }

    fn known_and(&self, variable: Variable, formula: Formula) -> Formula {
        if self.ground.may_be_unknown(variable) { Formula::all([is_known(variable, true), formula]) } else { formula }
    }

    fn opaque(&self, id: NodeId, place: Place) -> Variable {
        let item = place.item.map_or(NO_ITEM, |(_, item)| item);
        let copy = if self.depends(id) && (item == NO_ITEM || item == 0) { place.copy } else { 0 };
        Variable::Opaque { node: id, item, copy }
    }

    fn opaque_bool(&self, id: NodeId, is: bool, place: Place) -> Formula {
        let words = [TRUE].into();
        Formula::Literal(Literal::Among { variable: self.opaque(id, place), words, is })
    }

    fn opaque_number(&self, id: NodeId, place: Place) -> Cases<Sum> {
        vec![(Formula::TRUE, Sum::variable(self.opaque(id, place)))]
    }
}

fn is_known(variable: Variable, is: bool) -> Formula {
    let known = match variable {
        Variable::Fact(fact, copy) => Variable::FactKnown(fact, copy),
        Variable::Field { list, item, field, copy } => Variable::FieldKnown { list, item, field, copy },
        other => other,
    };
    Formula::Literal(Literal::Among { variable: known, words: [if is { TRUE } else { FALSE }].into(), is: true })
}

/// `one op other`.
fn compared(op: CmpOp, one: &Sum, other: &Sum) -> Formula {
    let below = |sum: Sum, strict: bool| {
        if sum.terms.is_empty() {
            return Formula::of(if strict { sum.constant < 0.0 } else { sum.constant <= 0.0 });
        }
        Formula::Literal(Literal::Below { sum, strict })
    };
    match op {
        CmpOp::Lt => below(one.plus(other, -1.0), true),
        CmpOp::Le => below(one.plus(other, -1.0), false),
        CmpOp::Gt => below(other.plus(one, -1.0), true),
        CmpOp::Ge => below(other.plus(one, -1.0), false),
        CmpOp::Eq => Formula::all([below(one.plus(other, -1.0), false), below(other.plus(one, -1.0), false)]),
        CmpOp::Ne => Formula::any([below(one.plus(other, -1.0), true), below(other.plus(one, -1.0), true)]),
    }
}

/// The sets of `size` out of `of`; none if there are very many.
fn subsets(of: usize, size: usize) -> Option<Vec<Vec<usize>>> {
    let mut sets: Vec<Vec<usize>> = vec![Vec::new()];
    for _ in 0..size {
        let mut longer = Vec::new();
        for set in &sets {
            let from = set.last().map_or(0, |last| last + 1);
            longer.extend((from..of).map(|next| set.iter().copied().chain([next]).collect::<Vec<_>>()));
        }
        if longer.len() > 500 {
            return None;
        }
        sets = longer;
    }
    Some(sets)
}
