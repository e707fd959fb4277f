//! One value at a time: what every operation means. Constant folding and the one-firm executor call these
//! functions; the kernels of the columns executor do the same for many rows and are tested against them.

use std::sync::Arc;

use serde::Serialize;

use super::graph::{CmpOp, Constant, Op, TextTest};
use crate::{Date, Lang, Points};

/// A value or the lack of one, cheap to copy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Scalar<'a> {
    Unknown,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(&'a str),
    Date(i32),
}

impl<'a> Scalar<'a> {
    pub(crate) fn is_known(self) -> bool {
        self != Scalar::Unknown
    }

    pub(crate) fn from_constant(constant: &'a Constant) -> Scalar<'a> {
        match constant {
            Constant::Bool(value) => Scalar::Bool(*value),
            Constant::Int(value) => Scalar::Int(*value),
            Constant::Float(bits) => Scalar::Float(f64::from_bits(*bits)),
            Constant::Text(value) => Scalar::Text(value),
            Constant::Date(value) => Scalar::Date(value.days()),
        }
    }
}

/// Why an operation on known values has no value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum FaultKind {
    /// A whole number left the range of 64 bits.
    Overflow,
    /// A division, or a remainder, by zero.
    DivisionByZero,
    /// A number that is not finite.
    NotFinite,
    /// A table has no entry for a key.
    NoEntry {
        /// The table.
        table: Arc<str>,
        /// The key that was looked up.
        key: String,
    },
    /// The largest or smallest of a list without items.
    EmptyList,
    /// A computed number of points is negative.
    NegativePoints,
    /// A computed number of points is above a million.
    TooManyPoints,
    /// A day outside the years 1 to 9999.
    DateOutOfRange,
    /// A closure inside a closure would look at more than a million pairs of items.
    TooManyPairs,
}

impl FaultKind {
    /// What happened, in a language.
    pub fn message(&self, lang: Lang) -> String {
        match (self, lang) {
            (FaultKind::Overflow, Lang::En) => "the whole number does not fit in 64 bits".into(),
            (FaultKind::Overflow, Lang::Zh) => "整数超出64位范围".into(),
            (FaultKind::DivisionByZero, Lang::En) => "division by zero".into(),
            (FaultKind::DivisionByZero, Lang::Zh) => "除数为零".into(),
            (FaultKind::NotFinite, Lang::En) => "the result is not a finite number".into(),
            (FaultKind::NotFinite, Lang::Zh) => "计算结果不是有限数".into(),
            (FaultKind::NoEntry { table, key }, Lang::En) => format!("table `{table}` has no entry for `{key}`"),
            (FaultKind::NoEntry { table, key }, Lang::Zh) => format!("表 `{table}` 中没有 `{key}` 的条目"),
            (FaultKind::EmptyList, Lang::En) => "an empty list has no largest or smallest item".into(),
            (FaultKind::EmptyList, Lang::Zh) => "空列表没有最大值或最小值".into(),
            (FaultKind::NegativePoints, Lang::En) => "the computed number of points is negative".into(),
            (FaultKind::NegativePoints, Lang::Zh) => "计算出的分值为负".into(),
            (FaultKind::TooManyPoints, Lang::En) => "the computed number of points is above a million".into(),
            (FaultKind::TooManyPoints, Lang::Zh) => "计算出的分值超过一百万".into(),
            (FaultKind::DateOutOfRange, Lang::En) => "the day is outside the years 1 to 9999".into(),
            (FaultKind::DateOutOfRange, Lang::Zh) => "日期超出公元1年至9999年".into(),
            (FaultKind::TooManyPairs, Lang::En) => "the lists are too long to compare item by item".into(),
            (FaultKind::TooManyPairs, Lang::Zh) => "列表过长，无法逐项比较".into(),
        }
    }
}

/// Values within this relative distance are equal.
pub(crate) const TOLERANCE: f64 = 1e-12;

pub(crate) fn float_eq(a: f64, b: f64) -> bool {
    a == b || (a - b).abs() <= TOLERANCE * a.abs().max(b.abs())
}

pub(crate) fn compare_floats(op: CmpOp, a: f64, b: f64) -> bool {
    match op {
        CmpOp::Eq => float_eq(a, b),
        CmpOp::Ne => !float_eq(a, b),
        CmpOp::Lt => a < b && !float_eq(a, b),
        CmpOp::Le => a < b || float_eq(a, b),
        CmpOp::Gt => a > b && !float_eq(a, b),
        CmpOp::Ge => a > b || float_eq(a, b),
    }
}

pub(crate) fn compare<T: PartialOrd + ?Sized>(op: CmpOp, a: &T, b: &T) -> bool {
    match op {
        CmpOp::Eq => a == b,
        CmpOp::Ne => a != b,
        CmpOp::Lt => a < b,
        CmpOp::Le => a <= b,
        CmpOp::Gt => a > b,
        CmpOp::Ge => a >= b,
    }
}

fn finite<'a>(value: f64) -> Result<Scalar<'a>, FaultKind> {
    if value.is_finite() { Ok(Scalar::Float(value)) } else { Err(FaultKind::NotFinite) }
}

fn int<'a>(value: Option<i64>) -> Result<Scalar<'a>, FaultKind> {
    value.map(Scalar::Int).ok_or(FaultKind::Overflow)
}

pub(crate) fn text_test(test: TextTest, text: &str, part: &str) -> bool {
    match test {
        TextTest::StartsWith => text.starts_with(part),
        TextTest::EndsWith => text.ends_with(part),
        TextTest::Contains => text.contains(part),
    }
}

/// A computed number of points, in thousandths.
pub(crate) fn points_of(value: f64) -> Result<i64, FaultKind> {
    let points = Points::from_f64(value).ok_or(FaultKind::TooManyPoints)?;
    if points.thousandths() < 0 { Err(FaultKind::NegativePoints) } else { Ok(points.thousandths()) }
}

/// An operation on two known values.
pub(crate) fn binary<'a>(op: &Op, a: Scalar<'a>, b: Scalar<'a>) -> Result<Scalar<'a>, FaultKind> {
    use Scalar::{Bool, Date as Day, Float, Int, Text};
    Ok(match (op, a, b) {
        (Op::Cmp(op, ..), Int(a), Int(b)) => Bool(compare(*op, &a, &b)),
        (Op::Cmp(op, ..), Float(a), Float(b)) => Bool(compare_floats(*op, a, b)),
        (Op::Cmp(op, ..), Day(a), Day(b)) => Bool(compare(*op, &a, &b)),
        (Op::Cmp(op, ..), Text(a), Text(b)) => Bool(compare(*op, a, b)),
        (Op::Cmp(op, ..), Bool(a), Bool(b)) => Bool(compare(*op, &a, &b)),
        (Op::Add(..), Int(a), Int(b)) => int(a.checked_add(b))?,
        (Op::Sub(..), Int(a), Int(b)) => int(a.checked_sub(b))?,
        (Op::Mul(..), Int(a), Int(b)) => int(a.checked_mul(b))?,
        (Op::Div(..) | Op::Rem(..), Int(_), Int(0)) => return Err(FaultKind::DivisionByZero),
        (Op::Div(..), Int(a), Int(b)) => int(a.checked_div(b))?,
        (Op::Rem(..), Int(a), Int(b)) => int(a.checked_rem(b))?,
        (Op::Min(..), Int(a), Int(b)) => Int(a.min(b)),
        (Op::Max(..), Int(a), Int(b)) => Int(a.max(b)),
        (Op::Add(..), Float(a), Float(b)) => finite(a + b)?,
        (Op::Sub(..), Float(a), Float(b)) => finite(a - b)?,
        (Op::Mul(..), Float(a), Float(b)) => finite(a * b)?,
        (Op::Div(..) | Op::Rem(..), Float(_), Float(0.0)) => return Err(FaultKind::DivisionByZero),
        (Op::Div(..), Float(a), Float(b)) => finite(a / b)?,
        (Op::Rem(..), Float(a), Float(b)) => finite(a % b)?,
        (Op::Min(..), Float(a), Float(b)) => Float(if b < a { b } else { a }),
        (Op::Max(..), Float(a), Float(b)) => Float(if b > a { b } else { a }),
        (Op::DateDiff(..), Day(a), Day(b)) => Int(i64::from(a) - i64::from(b)),
        (Op::DateAdd(..), Day(a), Int(b)) => {
            let day = i64::from(a).checked_add(b).and_then(Date::from_days);
            Day(day.ok_or(FaultKind::DateOutOfRange)?.days())
        }
        (Op::TextTest(test, ..), Text(a), Text(b)) => Bool(text_test(*test, a, b)),
        // The type check at load time leaves no other combination.
        _ => Scalar::Unknown,
    })
}

/// An operation on one known value.
pub(crate) fn unary<'a>(op: &Op, a: Scalar<'a>) -> Result<Scalar<'a>, FaultKind> {
    use Scalar::{Bool, Float, Int, Text};
    Ok(match (op, a) {
        (Op::Not(_), Bool(a)) => Bool(!a),
        (Op::Neg(_), Int(a)) => int(a.checked_neg())?,
        (Op::Neg(_), Float(a)) => Float(-a),
        (Op::Abs(_), Int(a)) => int(a.checked_abs())?,
        (Op::Abs(_), Float(a)) => Float(a.abs()),
        (Op::Round(_), Float(a)) => Float(a.round()),
        (Op::Floor(_), Float(a)) => Float(a.floor()),
        (Op::Ceiling(_), Float(a)) => Float(a.ceil()),
        (Op::ToFloat(_), Int(a)) => Float(a as f64),
        (Op::ToInt(_), Float(a)) => {
            // 2^63 is the first float above the range; -2^63 is the last in it.
            if (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&a) {
                Int(a as i64)
            } else {
                return Err(FaultKind::Overflow);
            }
        }
        (Op::PointsOf(_), Int(a)) => Int(points_of(a as f64)?),
        (Op::PointsOf(_), Float(a)) => Int(points_of(a)?),
        (Op::TextLen(_), Text(a)) => Int(a.chars().count() as i64),
        (Op::InTexts(_, set), Text(a)) => Bool(set.iter().any(|text| &**text == a)),
        _ => Scalar::Unknown,
    })
}

/// A compensated sum (Neumaier): the same items in the same order give the same result everywhere.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct FloatSum {
    sum: f64,
    lost: f64,
}

impl FloatSum {
    pub(crate) fn add(&mut self, value: f64) {
        let next = self.sum + value;
        self.lost += if self.sum.abs() >= value.abs() { (self.sum - next) + value } else { (value - next) + self.sum };
        self.sum = next;
    }

    pub(crate) fn total(self) -> f64 {
        self.sum + self.lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_reaches_a_threshold_that_plain_addition_misses() {
        let trap: f64 = [350.0 / 500.0, 40.0 / 200.0, 1.0 / 10.0].iter().sum();
        assert!(trap < 1.0, "the trap is there");
        assert!(compare_floats(CmpOp::Ge, trap, 1.0));
        let mut sum = FloatSum::default();
        for value in [1e16, 1.0, -1e16] {
            sum.add(value);
        }
        assert_eq!(sum.total(), 1.0);
    }

    #[test]
    fn the_six_comparisons_agree_with_each_other_inside_and_outside_the_tolerance() {
        for (a, b) in [(1.0, 1.0 + 1e-13), (1.0, 1.0 + 1e-11), (0.0, 1e-300), (-2.0, 3.0), (f64::MAX, f64::MIN)] {
            for (a, b) in [(a, b), (b, a)] {
                assert_eq!(compare_floats(CmpOp::Eq, a, b), !compare_floats(CmpOp::Ne, a, b));
                assert_eq!(compare_floats(CmpOp::Lt, a, b), !compare_floats(CmpOp::Ge, a, b));
                assert_eq!(compare_floats(CmpOp::Gt, a, b), !compare_floats(CmpOp::Le, a, b));
                assert_eq!(compare_floats(CmpOp::Lt, a, b), compare_floats(CmpOp::Gt, b, a));
            }
        }
    }
}
