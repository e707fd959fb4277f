//! What a value comes to over a run of days: pieces in which it stays, or moves by as much every day.

use std::borrow::Cow;

use crate::Date;
use crate::expr::Scalar;
use crate::plan::Days;

/// A value over some days.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Piece<'a> {
    /// The same on each of them.
    Same(Scalar<'a>),
    /// Moving with the day.
    Line(Line),
}

/// A whole number, or a day, that is `slope * day + shift`, days counted from 1970-01-01. It is inside the range of its type on
/// every day of its piece: whoever makes one checks its ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) is_date: bool,
    pub(crate) slope: i64,
    pub(crate) shift: i64,
}

impl Line {
    /// The line as a piece over some days; none if it leaves the range of its type on one of them.
    pub(crate) fn piece<'a>(is_date: bool, slope: i128, shift: i128, (from, to): (i32, i32)) -> Option<Piece<'a>> {
        let inside = |day: i32| {
            let value = slope.checked_mul(i128::from(day))?.checked_add(shift)?;
            let value = i64::try_from(value).ok()?;
            if is_date { Date::from_days(value).map(|_| value) } else { Some(value) }
        };
        let first = inside(from)?;
        inside(to)?;
        if slope == 0 {
            return Some(Piece::Same(scalar(is_date, first)));
        }
        Some(Piece::Line(Line { is_date, slope: i64::try_from(slope).ok()?, shift: i64::try_from(shift).ok()? }))
    }

    fn on<'a>(self, day: i32) -> Scalar<'a> {
        // Wide: the parts may be large where the sum is not.
        let value = i128::from(self.slope) * i128::from(day) + i128::from(self.shift);
        i64::try_from(value).map_or(Scalar::Unknown, |value| scalar(self.is_date, value))
    }
}

fn scalar<'a>(is_date: bool, value: i64) -> Scalar<'a> {
    if is_date { i32::try_from(value).map_or(Scalar::Unknown, Scalar::Date) } else { Scalar::Int(value) }
}

impl<'a> Piece<'a> {
    pub(crate) fn on(self, day: i32) -> Scalar<'a> {
        match self {
            Piece::Same(value) => value,
            Piece::Line(line) => line.on(day),
        }
    }
}

/// The pieces of a value over the days of a plan, each different from the one before.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Timeline<'a> {
    pub(crate) first: Piece<'a>,
    /// The days on which another piece begins.
    pub(crate) then: Vec<(i32, Piece<'a>)>,
}

impl<'a> Timeline<'a> {
    pub(crate) fn same(value: Scalar<'a>) -> Timeline<'a> {
        Timeline::of(Piece::Same(value))
    }

    pub(crate) fn of(first: Piece<'a>) -> Timeline<'a> {
        Timeline { first, then: Vec::new() }
    }

    /// The value on a day.
    pub(crate) fn on(&self, day: i32) -> Scalar<'a> {
        let begun = self.then.iter().rev().find(|(from, _)| *from <= day);
        begun.map_or(self.first, |(_, piece)| *piece).on(day)
    }

    /// Does another piece begin on this day?
    pub(crate) fn breaks_on(&self, day: i32) -> bool {
        self.then.iter().any(|(from, _)| *from == day)
    }

    /// The value, if it is the same on all days.
    pub(crate) fn settled(&self) -> Option<Scalar<'a>> {
        match (self.first, self.then.is_empty()) {
            (Piece::Same(value), true) => Some(value),
            _ => None,
        }
    }
}

/// Puts a timeline together, piece by piece in the order of the days.
#[derive(Debug, Default)]
pub(crate) struct Builder<'a> {
    made: Option<Timeline<'a>>,
}

impl<'a> Builder<'a> {
    pub(crate) fn push(&mut self, from: i32, piece: Piece<'a>) {
        match &mut self.made {
            None => self.made = Some(Timeline::of(piece)),
            Some(made) => {
                let last = made.then.last().map_or(made.first, |(_, last)| *last);
                if last != piece {
                    made.then.push((from, piece));
                }
            }
        }
    }

    /// A value for each day, where no algebra says how it moves.
    pub(crate) fn each_day(&mut self, (from, to): (i32, i32), value: impl Fn(i32) -> Scalar<'a>) {
        (from..=to).for_each(|day| self.push(day, Piece::Same(value(day))));
    }

    pub(crate) fn done(self) -> Timeline<'a> {
        self.made.unwrap_or_else(|| Timeline::same(Scalar::Unknown))
    }
}

/// Some timelines side by side: calls with the first and last day of each stretch in which none of them begins another piece.
pub(crate) fn stretches<'a, const N: usize>(
    days: Days,
    lines: [&Timeline<'a>; N],
    mut call: impl FnMut((i32, i32), [Piece<'a>; N]),
) {
    let mut pieces = lines.map(|line| line.first);
    let mut next = [0usize; N];
    let last = days.last.days();
    let mut from = days.first.days();
    loop {
        let begins = lines.iter().zip(next).filter_map(|(line, next)| line.then.get(next).map(|(day, _)| *day));
        let Some(begin) = begins.min() else { break };
        call((from, begin - 1), pieces);
        for ((line, next), piece) in lines.iter().zip(&mut next).zip(&mut pieces) {
            if let Some((day, begun)) = line.then.get(*next)
                && *day == begin
            {
                *piece = *begun;
                *next += 1;
            }
        }
        from = begin;
    }
    call((from, last), pieces);
}

/// A timeline that stands in the evaluation, or one of a value that does not move.
pub(crate) type Seen<'t, 'a> = Cow<'t, Timeline<'a>>;
