//! Comparisons, and the numbers in them, case by case.

use super::{Builder, Cases, Numbers, Place, TextTerm, is_known};
use crate::Type;
use crate::analysis::formula::{Copy, Formula, Literal, Sum};
use crate::analysis::ground;
use crate::book::Entries;
use crate::expr::graph::CmpOp;
use crate::expr::{AggKind, Constant, NodeId, Op};

/// A count up to this is told item by item; a greater one is a number of its own.
const COUNTED: i64 = 6;
/// Cases of a number that are told apart.
const MOST_CASES: usize = 64;

impl Builder<'_, '_> {
    pub(super) fn sum_of(&mut self, numbers: &Numbers, copy: Copy) -> Cases<Sum> {
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

    pub(super) fn comparison(
        &mut self,
        id: NodeId,
        op: CmpOp,
        a: NodeId,
        b: NodeId,
        is: bool,
        place: Place,
    ) -> Formula {
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
    pub(super) fn numbers(&mut self, id: NodeId, place: Place) -> Cases<Sum> {
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

    /// The rows of a table whose values are numbers, each with what the key must be.
    pub(super) fn looked_up(&mut self, table: u32, key: NodeId, place: Place) -> Option<Cases<Sum>> {
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
                        cases.push((Formula::all(inside), Sum::constant(ground::number(&row.value)?)));
                    }
                }
            }
            Entries::Rows(rows) => {
                let mut rows: Vec<_> = rows.iter().collect();
                rows.sort_by_key(|(text, _)| (*text).clone());
                for (text, value) in rows {
                    let word = self.ground.word(text)?;
                    let is = self.among(key, vec![word], true, place)?;
                    cases.push((is, Sum::constant(ground::number(value)?)));
                }
            }
        }
        Some(cases)
    }
}

/// `one op other`.
pub(super) fn compared(op: CmpOp, one: &Sum, other: &Sum) -> Formula {
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
