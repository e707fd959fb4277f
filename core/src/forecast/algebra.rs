//! Operations on timelines: exact for all of them. Sums, differences and comparisons of what moves evenly are solved for the day;
//! what cannot be solved is worked out for each day of the stretch, by the very functions of the executors.

use super::timeline::{Builder, Line, Piece, Timeline, stretches};
use crate::expr::{CmpOp, FaultKind, Op, Scalar, scalar};
use crate::plan::Days;

/// An operation on one value.
pub(crate) fn unary<'a>(
    days: Days,
    op: &Op,
    a: &Timeline<'a>,
    apply: impl Fn(Scalar<'a>) -> Result<Scalar<'a>, FaultKind>,
) -> Timeline<'a> {
    let value = |a: Scalar<'a>| match a {
        Scalar::Unknown => Scalar::Unknown,
        a => apply(a).unwrap_or(Scalar::Unknown),
    };
    let mut out = Builder::default();
    stretches(days, [a], |(from, to), [piece]| match (op, piece) {
        (_, Piece::Same(a)) => out.push(from, Piece::Same(value(a))),
        (Op::Neg(_), Piece::Line(line))
            if let Some(piece) = Line::piece(false, -i128::from(line.slope), -i128::from(line.shift), (from, to)) =>
        {
            out.push(from, piece);
        }
        (_, piece) => out.each_day((from, to), |day| value(piece.on(day))),
    });
    out.done()
}

/// An operation on two values.
pub(crate) fn binary<'a>(days: Days, op: &Op, a: &Timeline<'a>, b: &Timeline<'a>) -> Timeline<'a> {
    let value = |a: Scalar<'a>, b: Scalar<'a>| match (a, b) {
        (Scalar::Unknown, _) | (_, Scalar::Unknown) => Scalar::Unknown,
        (a, b) => scalar::binary(op, a, b).unwrap_or(Scalar::Unknown),
    };
    let mut out = Builder::default();
    stretches(days, [a, b], |span, [a, b]| match (a, b) {
        (Piece::Same(a), Piece::Same(b)) => out.push(span.0, Piece::Same(value(a, b))),
        (Piece::Same(Scalar::Unknown), _) | (_, Piece::Same(Scalar::Unknown)) => {
            out.push(span.0, Piece::Same(Scalar::Unknown));
        }
        _ if solve(op, a, b, span, &mut out) => {}
        _ => out.each_day(span, |day| value(a.on(day), b.on(day))),
    });
    out.done()
}

/// Slope and shift of a whole number or a day.
fn even(piece: Piece<'_>) -> Option<(i128, i128)> {
    match piece {
        Piece::Line(line) => Some((line.slope.into(), line.shift.into())),
        Piece::Same(Scalar::Int(value)) => Some((0, value.into())),
        Piece::Same(Scalar::Date(value)) => Some((0, value.into())),
        Piece::Same(_) => None,
    }
}

/// The operation on what moves evenly, if the result does, or is a comparison. False if it is to be worked out day by day.
fn solve<'a>(op: &Op, a: Piece<'a>, b: Piece<'a>, span: (i32, i32), out: &mut Builder<'a>) -> bool {
    let (Some((a_slope, a_shift)), Some((b_slope, b_shift))) = (even(a), even(b)) else { return false };
    let (is_date, line) = match op {
        Op::Cmp(op, ..) => {
            compare(*op, a_slope - b_slope, a_shift - b_shift, span, out);
            return true;
        }
        Op::Add(..) => (false, (a_slope + b_slope, a_shift + b_shift)),
        Op::DateAdd(..) => (true, (a_slope + b_slope, a_shift + b_shift)),
        Op::Sub(..) | Op::DateDiff(..) => (false, (a_slope - b_slope, a_shift - b_shift)),
        // Of two numbers of 64 bits each; where both move, the product moves unevenly.
        Op::Mul(..) if b_slope == 0 => (false, (a_slope * b_shift, a_shift * b_shift)),
        Op::Mul(..) if a_slope == 0 => (false, (b_slope * a_shift, b_shift * a_shift)),
        _ => return false,
    };
    let piece = Line::piece(is_date, line.0, line.1, span);
    if let Some(piece) = piece {
        out.push(span.0, piece);
    }
    piece.is_some()
}

/// Where `slope * day + shift` compares with 0 as `op` says.
fn compare<'a>(op: CmpOp, slope: i128, shift: i128, (from, to): (i32, i32), out: &mut Builder<'a>) {
    let (op, slope, shift) = if slope < 0 { (op.flipped(), -slope, -shift) } else { (op, slope, shift) };
    let mut push = |day: i128, holds: bool| {
        if let Ok(day) = i32::try_from(day) {
            out.push(day, Piece::Same(Scalar::Bool(holds)));
        }
    };
    let (from, to) = (i128::from(from), i128::from(to));
    // Rising: below 0 before the day `reaches`, above 0 from the day `passes`.
    let (reaches, passes) = if slope == 0 {
        (if shift >= 0 { from } else { to + 1 }, if shift > 0 { from } else { to + 1 })
    } else {
        (-shift.div_euclid(slope), (-shift).div_euclid(slope) + 1)
    };
    let holds = |day: i128| match op {
        CmpOp::Lt => day < reaches,
        CmpOp::Ge => day >= reaches,
        CmpOp::Le => day < passes,
        CmpOp::Gt => day >= passes,
        CmpOp::Eq => reaches <= day && day < passes,
        CmpOp::Ne => day < reaches || passes <= day,
    };
    push(from, holds(from));
    for day in [reaches, passes] {
        if from < day && day <= to {
            push(day, holds(day));
        }
    }
}

/// `&&` (or, with `dominant` true, `||`) of two values.
pub(crate) fn junction<'a>(days: Days, dominant: bool, a: &Timeline<'a>, b: &Timeline<'a>) -> Timeline<'a> {
    let mut out = Builder::default();
    stretches(days, [a, b], |(from, _), pieces| {
        let value = match pieces {
            [Piece::Same(Scalar::Bool(value)), _] | [_, Piece::Same(Scalar::Bool(value))] if value == dominant => {
                Scalar::Bool(dominant)
            }
            [Piece::Same(Scalar::Bool(_)), Piece::Same(Scalar::Bool(_))] => Scalar::Bool(!dominant),
            _ => Scalar::Unknown,
        };
        out.push(from, Piece::Same(value));
    });
    out.done()
}

/// Is the value known?
pub(crate) fn known<'a>(days: Days, a: &Timeline<'a>) -> Timeline<'a> {
    let mut out = Builder::default();
    stretches(days, [a], |(from, _), [piece]| {
        out.push(from, Piece::Same(Scalar::Bool(piece != Piece::Same(Scalar::Unknown))));
    });
    out.done()
}

/// `a ?? b`.
pub(crate) fn coalesce<'a>(days: Days, a: &Timeline<'a>, b: &Timeline<'a>) -> Timeline<'a> {
    let mut out = Builder::default();
    stretches(days, [a, b], |(from, _), [a, b]| {
        out.push(from, if a == Piece::Same(Scalar::Unknown) { b } else { a });
    });
    out.done()
}

/// `if c {a} else {b}`.
pub(crate) fn choose<'a>(days: Days, c: &Timeline<'a>, a: &Timeline<'a>, b: &Timeline<'a>) -> Timeline<'a> {
    let mut out = Builder::default();
    stretches(days, [c, a, b], |span, [c, a, b]| match c {
        Piece::Same(Scalar::Bool(true)) => out.push(span.0, a),
        Piece::Same(Scalar::Bool(false)) => out.push(span.0, b),
        _ if a == b => out.push(span.0, a),
        _ => out.each_day(span, |day| if a.on(day) == b.on(day) { a.on(day) } else { Scalar::Unknown }),
    });
    out.done()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Date;

    const OPS: [CmpOp; 6] = [CmpOp::Eq, CmpOp::Ne, CmpOp::Lt, CmpOp::Le, CmpOp::Gt, CmpOp::Ge];

    #[test]
    fn comparisons_and_sums_of_lines_are_what_each_day_says() {
        let days = Days { first: Date::from_days(20_000).unwrap(), last: Date::from_days(20_040).unwrap() };
        let mut pieces: Vec<Timeline<'_>> = Vec::new();
        for slope in [-7, -2, -1, 0, 1, 3] {
            for middle in [-500, -3, 0, 1, 2, 9] {
                pieces
                    .push(Timeline::of(Line::piece(false, slope, middle - slope * 20_020, (20_000, 20_040)).unwrap()));
            }
        }
        let zero = crate::expr::NodeId(0);
        for a in &pieces {
            for b in &pieces {
                let ops = OPS.map(|op| Op::Cmp(op, zero, zero)).into_iter();
                let sums = [Op::Add(zero, zero), Op::Sub(zero, zero), Op::Mul(zero, zero), Op::Div(zero, zero)];
                for op in ops.chain(sums).chain([Op::Min(zero, zero), Op::Rem(zero, zero)]) {
                    let line = binary(days, &op, a, b);
                    for day in 20_000..=20_040 {
                        let expected = scalar::binary(&op, a.on(day), b.on(day)).unwrap_or(Scalar::Unknown);
                        assert_eq!(line.on(day), expected, "{op:?} {a:?} {b:?} on {day}");
                    }
                    // Each piece differs from the one before it: a break is a change.
                    let breaks = || line.then.iter().map(|(day, _)| *day);
                    assert!(breaks().all(|day| 20_000 < day && day <= 20_040));
                    if matches!(op, Op::Cmp(..)) {
                        assert!(breaks().all(|day| line.on(day) != line.on(day - 1)), "{op:?} {line:?}");
                        assert!(line.then.len() <= 2);
                    }
                }
            }
        }
    }

    #[test]
    fn what_leaves_its_range_on_some_day_is_unknown_from_that_day() {
        let last = Date::new(9999, 12, 31).unwrap();
        let first = last.plus_days(-10).unwrap();
        let days = Days { first, last };
        let today = Timeline::of(Piece::Line(Line { is_date: true, slope: 1, shift: 0 }));
        let zero = crate::expr::NodeId(0);
        let later = binary(days, &Op::DateAdd(zero, zero), &today, &Timeline::same(Scalar::Int(4)));
        assert!(later.on(last.days() - 4).is_known());
        assert_eq!(later.on(last.days() - 3), Scalar::Unknown);
        let large = Timeline::same(Scalar::Int(i64::MAX));
        let days_old = binary(days, &Op::DateDiff(zero, zero), &today, &Timeline::same(Scalar::Date(first.days() + 5)));
        let sum = binary(days, &Op::Add(zero, zero), &days_old, &large);
        assert_eq!(sum.on(first.days() + 5), Scalar::Int(i64::MAX));
        assert_eq!(sum.on(first.days() + 6), Scalar::Unknown);
    }
}
