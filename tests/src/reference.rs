//! What a condition means: the tables of the semantics, written as plainly as can be, one firm at a time, straight from
//! the generator's tree. Shares no code with the engine.

use crate::expr::{E, L, V};
use crate::firm::{Firm, Items};
use crate::schema::{AS_OF, FACTS, FUNCTIONS, LISTS, PARAMETERS, Rows, TABLES};

/// Each item by its fields, and whether it is in the list, if that is known.
type List = Option<Vec<(Vec<V>, Option<bool>)>>;

#[derive(Clone)]
enum Bound {
    Value(V),
    Item(Vec<V>),
    List(List),
}

pub struct Reference<'a> {
    pub firm: &'a Firm,
    pub measures: &'a [E],
    names: Vec<(String, Bound)>,
    /// Some operation on known operands had no value.
    pub faulted: bool,
}

pub fn float_eq(a: f64, b: f64) -> bool {
    a == b || (a - b).abs() <= 1e-12 * a.abs().max(b.abs())
}

/// Three-valued `and`.
fn and(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn not(a: Option<bool>) -> Option<bool> {
    a.map(|a| !a)
}

fn or(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    not(and(not(a), not(b)))
}

fn truth(value: &V) -> Option<bool> {
    match value {
        V::Bool(value) => Some(*value),
        V::Unknown => None,
        other => panic!("{other:?} is no truth value"),
    }
}

fn value(truth: Option<bool>) -> V {
    truth.map_or(V::Unknown, V::Bool)
}

fn number(value: &V) -> f64 {
    match value {
        V::Int(value) => *value as f64,
        V::Float(value) => *value,
        other => panic!("{other:?} is no number"),
    }
}

fn equal(a: &V, b: &V) -> bool {
    match (a, b) {
        (V::Float(_), _) | (_, V::Float(_)) => float_eq(number(a), number(b)),
        _ => a == b,
    }
}

fn less(a: &V, b: &V) -> bool {
    match (a, b) {
        (V::Int(a), V::Int(b)) => a < b,
        (V::Date(a), V::Date(b)) => a < b,
        _ => number(a) < number(b) && !equal(a, b),
    }
}

/// Sums as a person checks them: exactly enough, and the same way every time.
pub fn float_sum(values: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut rest) = (0.0f64, 0.0f64);
    for value in values {
        let next = sum + value;
        let (large, small) = if sum.abs() >= value.abs() { (sum, value) } else { (value, sum) };
        rest += (large - next) + small;
        sum = next;
    }
    sum + rest
}

impl<'a> Reference<'a> {
    pub fn new(firm: &'a Firm, measures: &'a [E]) -> Reference<'a> {
        Reference { firm, measures, names: Vec::new(), faulted: false }
    }

    fn find(&self, name: &str) -> Bound {
        self.names.iter().rev().find(|(known, _)| known == name).unwrap_or_else(|| panic!("no `{name}`")).1.clone()
    }

    fn with<T>(&mut self, name: &str, bound: Bound, run: impl FnOnce(&mut Self) -> T) -> T {
        self.names.push((name.into(), bound));
        let result = run(self);
        self.names.pop();
        result
    }

    fn fault(&mut self) -> V {
        self.faulted = true;
        V::Unknown
    }

    fn finite(&mut self, value: f64) -> V {
        if value.is_finite() { V::Float(value) } else { self.fault() }
    }

    fn whole(&mut self, value: Option<i64>) -> V {
        match value {
            Some(value) => V::Int(value),
            None => self.fault(),
        }
    }

    fn list(&mut self, list: &L) -> List {
        match list {
            L::Base(at) => {
                let Items::Known(items) = &self.firm.lists[*at] else { return None };
                let specs = LISTS[*at].fields;
                let item = |item: &Option<Vec<V>>| {
                    let fields = specs.iter().enumerate().map(|(field, spec)| {
                        let given = item.as_ref().map_or(V::Unknown, |item| item[field]);
                        if given == V::Unknown { spec.absent.unwrap_or(V::Unknown) } else { given }
                    });
                    (fields.collect(), Some(true))
                };
                Some(items.iter().map(item).collect())
            }
            L::Filter(list, name, keep) => {
                let items = self.list(list)?;
                let kept = items.into_iter().map(|(item, inside)| {
                    let keep = self.with(name, Bound::Item(item.clone()), |of| truth(&of.eval(keep)));
                    (item, and(inside, keep))
                });
                Some(kept.filter(|(_, inside)| *inside != Some(false)).collect())
            }
            L::Var(name) => match self.find(name) {
                Bound::List(list) => list,
                _ => panic!("`{name}` is no list"),
            },
        }
    }

    pub fn eval(&mut self, e: &E) -> V {
        match e {
            E::Lit(value) => *value,
            E::AsOf => V::Date(AS_OF),
            E::Fact(at) => match &self.firm.facts[*at] {
                V::Unknown => FACTS[*at].absent.unwrap_or(V::Unknown),
                value => *value,
            },
            E::Measure(at, ty) => {
                let measures = self.measures;
                let names = std::mem::take(&mut self.names);
                let value = self.eval(&measures[*at]);
                self.names = names;
                match (value, ty) {
                    (V::Int(value), crate::expr::Ty::Float) => V::Float(value as f64),
                    (value, _) => value,
                }
            }
            E::Field(name, _, field) => match self.find(name) {
                Bound::Item(fields) => fields[*field],
                _ => panic!("`{name}` is no item"),
            },
            E::Var(name) => match self.find(name) {
                Bound::Value(value) => value,
                _ => panic!("`{name}` is no value"),
            },
            E::Param(at) => PARAMETERS[*at].3,
            E::Un(op, a) => {
                let a = self.eval(a);
                self.unary(op, a)
            }
            E::Bin("&&", a, b) => {
                let (a, b) = (self.eval(a), self.eval(b));
                value(and(truth(&a), truth(&b)))
            }
            E::Bin("||", a, b) => {
                let (a, b) = (self.eval(a), self.eval(b));
                value(or(truth(&a), truth(&b)))
            }
            E::Bin(op, a, b) => {
                let (a, b) = (self.eval(a), self.eval(b));
                self.binary(op, a, b)
            }
            E::InList(a, items) => {
                let a = self.eval(a);
                let mut found = Some(false);
                for item in items {
                    let item = self.eval(item);
                    let same = if a == V::Unknown || item == V::Unknown { None } else { Some(equal(&a, &item)) };
                    found = or(found, same);
                }
                value(found)
            }
            E::InRange(a, from, to, inclusive) => {
                let (a, from, to) = (self.eval(a), self.eval(from), self.eval(to));
                let compare = |x: &V, y: &V, strict: bool| match (x, y) {
                    (V::Int(x), V::Int(y)) => Some(if strict { x < y } else { x <= y }),
                    _ => None,
                };
                value(and(compare(&from, &a, false), compare(&a, &to, !inclusive)))
            }
            E::TextTest(test, a, part) => match (self.eval(a), self.eval(part)) {
                (V::Text(a), V::Text(part)) => V::Bool(match *test {
                    "starts_with" => a.starts_with(part),
                    "ends_with" => a.ends_with(part),
                    _ => a.contains(part),
                }),
                _ => V::Unknown,
            },
            E::If(c, a, b) => {
                let (c, a, b) = (self.eval(c), self.eval(a), self.eval(b));
                match truth(&c) {
                    Some(true) => a,
                    Some(false) => b,
                    None if a == b => a,
                    None => V::Unknown,
                }
            }
            E::Switch(on, arms, otherwise) => {
                let on = self.eval(on);
                let mut result = self.eval(otherwise);
                for arm in arms.iter().rev() {
                    let mut hit = Some(false);
                    for literal in &arm.literals {
                        hit = or(hit, if on == V::Unknown { None } else { Some(equal(&on, literal)) });
                    }
                    if let Some((from, to, inclusive)) = arm.range {
                        let inside = match on {
                            V::Int(on) => Some(on >= from && (on < to || (inclusive && on == to))),
                            _ => None,
                        };
                        // A range without a number in it is no case.
                        hit = or(hit, if from < to || (inclusive && from == to) { inside } else { Some(false) });
                    }
                    if let Some(guard) = &arm.guard {
                        let guard = self.eval(guard);
                        hit = and(hit, truth(&guard));
                    }
                    let value = self.eval(&arm.value);
                    result = match hit {
                        Some(true) => value,
                        Some(false) => result,
                        None if value == result => value,
                        None => V::Unknown,
                    };
                }
                result
            }
            E::Let(name, value, rest) => {
                let value = self.eval(value);
                self.with(name, Bound::Value(value), |of| of.eval(rest))
            }
            E::LetList(name, list, rest) => {
                let list = self.list(list);
                self.with(name, Bound::List(list), |of| of.eval(rest))
            }
            E::Coalesce(all) => {
                let values: Vec<V> = all.iter().map(|one| self.eval(one)).collect();
                values.into_iter().find(|value| *value != V::Unknown).unwrap_or(V::Unknown)
            }
            E::Known(a) => V::Bool(self.eval(a) != V::Unknown),
            E::KnownList(list) => V::Bool(matches!(self.firm.lists[*list], Items::Known(_))),
            E::Lookup(table, key) => {
                let key = self.eval(key);
                let found = match (&TABLES[*table].rows, &key) {
                    (_, V::Unknown) => return V::Unknown,
                    (Rows::Text(rows), V::Text(key)) => rows.iter().find(|(row, _)| row == key).map(|(_, value)| value),
                    (Rows::Ranges(ranges), key) => ranges.iter().find_map(|(from, below, value)| {
                        let reaches = |limit: f64| !less(key, &V::Float(limit));
                        (from.is_none_or(reaches) && !below.is_some_and(reaches)).then_some(value)
                    }),
                    _ => panic!("a key of another type"),
                };
                match found {
                    Some(value) => *value,
                    None => self.fault(),
                }
            }
            E::Call(function, args) => {
                let spec = &FUNCTIONS[*function];
                let args: Vec<V> = args.iter().map(|arg| self.eval(arg)).collect();
                let names = std::mem::take(&mut self.names);
                self.names = spec
                    .params
                    .iter()
                    .zip(args)
                    .map(|((name, _), arg)| ((*name).to_owned(), Bound::Value(arg)))
                    .collect();
                let value = self.eval(&(spec.body)());
                self.names = names;
                value
            }
            E::Agg(kind, list, ask) => {
                let Some(items) = self.list(list) else { return V::Unknown };
                let asked: Vec<V> = items
                    .into_iter()
                    .map(|(item, inside)| match (inside, ask) {
                        (None, _) => V::Unknown,
                        (_, None) => V::Bool(true),
                        (_, Some((name, ask))) => self.with(name, Bound::Item(item), |of| of.eval(ask)),
                    })
                    .collect();
                self.aggregate(kind, &asked)
            }
        }
    }

    fn aggregate(&mut self, kind: &str, items: &[V]) -> V {
        match kind {
            "some" => return value(items.iter().map(truth).fold(Some(false), or)),
            "all" => return value(items.iter().map(truth).fold(Some(true), and)),
            _ => {}
        }
        if items.contains(&V::Unknown) {
            return V::Unknown;
        }
        match kind {
            "count" | "len" => V::Int(items.iter().filter(|item| **item == V::Bool(true)).count() as i64),
            "is_empty" => V::Bool(items.is_empty()),
            "sum_f" => {
                let total = float_sum(items.iter().map(number));
                self.finite(total)
            }
            "sum" => {
                let total: i128 =
                    items.iter().map(|item| if let V::Int(item) = item { i128::from(*item) } else { 0 }).sum();
                self.whole(i64::try_from(total).ok())
            }
            _ => {
                let mut best: Option<&V> = None;
                for item in items {
                    let better = |best: &V| match (item, best) {
                        (V::Float(a), V::Float(b)) => {
                            if kind == "max" {
                                a > b
                            } else {
                                a < b
                            }
                        }
                        (V::Int(a), V::Int(b)) => {
                            if kind == "max" {
                                a > b
                            } else {
                                a < b
                            }
                        }
                        (V::Date(a), V::Date(b)) => {
                            if kind == "max" {
                                a > b
                            } else {
                                a < b
                            }
                        }
                        _ => panic!("no order"),
                    };
                    if best.is_none_or(better) {
                        best = Some(item);
                    }
                }
                match best {
                    Some(best) => *best,
                    None => self.fault(),
                }
            }
        }
    }

    fn unary(&mut self, op: &str, a: V) -> V {
        match (op, a) {
            (_, V::Unknown) => V::Unknown,
            ("!", V::Bool(a)) => V::Bool(!a),
            ("-", V::Int(a)) => self.whole(a.checked_neg()),
            ("-", V::Float(a)) => V::Float(-a),
            ("abs", V::Int(a)) => self.whole(a.checked_abs()),
            ("abs", V::Float(a)) => V::Float(a.abs()),
            ("round", V::Float(a)) => V::Float(a.round()),
            ("floor", V::Float(a)) => V::Float(a.floor()),
            ("ceiling", V::Float(a)) => V::Float(a.ceil()),
            ("to_float", a) => V::Float(number(&a)),
            ("to_int", V::Int(a)) => V::Int(a),
            ("to_int", V::Float(a)) => {
                let whole = a.trunc();
                let fits = (-(2f64.powi(63))..2f64.powi(63)).contains(&whole);
                self.whole(fits.then_some(whole as i64))
            }
            ("len", V::Text(a)) => V::Int(a.chars().count() as i64),
            (op, a) => panic!("{op} {a:?}"),
        }
    }

    fn binary(&mut self, op: &str, a: V, b: V) -> V {
        if a == V::Unknown || b == V::Unknown {
            return V::Unknown;
        }
        match (op, &a, &b) {
            ("==", ..) => return V::Bool(equal(&a, &b)),
            ("!=", ..) => return V::Bool(!equal(&a, &b)),
            ("<", ..) => return V::Bool(less(&a, &b)),
            (">=", ..) => return V::Bool(!less(&a, &b)),
            (">", ..) => return V::Bool(less(&b, &a)),
            ("<=", ..) => return V::Bool(!less(&b, &a)),
            _ => {}
        }
        match (op, a, b) {
            ("-", V::Date(a), V::Date(b)) => V::Int(i64::from(a) - i64::from(b)),
            ("+", V::Date(a), V::Int(b)) => self.day(i64::from(a).checked_add(b)),
            ("-", V::Date(a), V::Int(b)) => self.day(i64::from(a).checked_sub(b)),
            ("+", V::Int(a), V::Int(b)) => self.whole(a.checked_add(b)),
            ("-", V::Int(a), V::Int(b)) => self.whole(a.checked_sub(b)),
            ("*", V::Int(a), V::Int(b)) => self.whole(a.checked_mul(b)),
            ("/", V::Int(a), V::Int(b)) => self.whole(a.checked_div(b)),
            ("%", V::Int(a), V::Int(b)) => self.whole(a.checked_rem(b)),
            ("min", V::Int(a), V::Int(b)) => V::Int(a.min(b)),
            ("max", V::Int(a), V::Int(b)) => V::Int(a.max(b)),
            (op, a, b) => {
                let (a, b) = (number(&a), number(&b));
                let result = match op {
                    "+" => a + b,
                    "-" => a - b,
                    "*" => a * b,
                    "/" | "%" if b == 0.0 => f64::NAN,
                    "/" => a / b,
                    "%" => a % b,
                    "min" => {
                        if b < a {
                            b
                        } else {
                            a
                        }
                    }
                    "max" => {
                        if b > a {
                            b
                        } else {
                            a
                        }
                    }
                    other => panic!("{other}"),
                };
                self.finite(result)
            }
        }
    }

    fn day(&mut self, days: Option<i64>) -> V {
        match days.and_then(risktier::Date::from_days) {
            Some(date) => V::Date(date.days()),
            None => self.fault(),
        }
    }
}
