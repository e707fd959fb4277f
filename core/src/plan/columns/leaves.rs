//! Facts and fields: which rows are known, which values are out of their limits, and the values where they are needed.

#![expect(clippy::indexing_slicing, reason = "slots are made by the plan that owns the columns")]
#![expect(
    clippy::redundant_closure,
    clippy::useless_conversion,
    reason = "one code for all widths; closures can be inlined into kernels, paths to functions less surely"
)]

use super::buffers::Buffer;
use super::{Executor, bits, kernels};
use crate::book::Fact;
use crate::expr::{CmpOp, Constant};
use crate::facts::column::Values;
use crate::facts::columns::FactColumn;
use crate::{Date, Type, Value};

/// Runs code with a run of the values of a column of integers or days, as a slice of its own type.
macro_rules! with_ints {
    ($column:expr, $from:expr, $rows:expr, |$values:ident| $body:expr, $otherwise:expr) => {
        with_ints!(@each $column, $from, $rows, $values, $body, $otherwise,
            Int8, Int16, Int32, Int64, UInt8, UInt16, UInt32, Date)
    };
    (@each $column:expr, $from:expr, $rows:expr, $values:ident, $body:expr, $otherwise:expr, $($variant:ident),*) => {
        match $column {
            $(Values::$variant(values) => {
                let $values = &values[$from..$from + $rows];
                $body
            })*
            _ => $otherwise,
        }
    };
}

fn int_limit(limit: &Option<Value>, otherwise: i64) -> i64 {
    match limit {
        Some(Value::Int(limit)) => *limit,
        Some(Value::Date(limit)) => i64::from(limit.days()),
        _ => otherwise,
    }
}

fn float_limit(limit: &Option<Value>, otherwise: f64) -> f64 {
    match limit {
        Some(Value::Float(limit)) => *limit,
        _ => otherwise,
    }
}

/// The first and last day, as numbers.
fn days() -> (i64, i64) {
    let day = |year, month, day| Date::new(year, month, day).map_or(0, |date| i64::from(date.days()));
    (day(1, 1, 1), day(9999, 12, 31))
}

impl<'a> Executor<'a> {
    /// Reads a run of a column into a buffer. Bits of rows whose value is out of limits go to `bad`.
    pub(super) fn load(
        &self,
        spec: &'a Fact,
        column: &'a FactColumn,
        (from, rows): (usize, usize),
        values_needed: bool,
        buffer: &mut Buffer<'a>,
        bad: &mut Vec<u64>,
    ) {
        let values = &column.column.values;
        bad.clear();
        if matches!(values, Values::Unknown(_)) {
            buffer.full = false;
            bits::fill(&mut buffer.known, rows, false);
            match spec.ty {
                Type::Bool => buffer.bool_mut(bits::words(rows)).fill(0),
                Type::Int => buffer.int_mut(rows).fill(0),
                Type::Float => buffer.float_mut(rows).fill(0.0),
                Type::Date => buffer.date_mut(rows).fill(0),
                Type::Text => buffer.text_mut(rows).fill(""),
            }
            self.fill_absent(spec, rows, buffer);
            return;
        }
        buffer.full = bits::copy_validity(column.column.nulls.as_ref(), from, rows, &mut buffer.known);
        let values_needed = values_needed || spec.absent.is_some();
        match spec.ty {
            Type::Bool => {
                let truth = buffer.bool_mut(bits::words(rows));
                if let Values::Bool(values) = values {
                    bits::copy_bits(values, from, rows, truth);
                }
                if !buffer.full {
                    let known = std::mem::take(&mut buffer.known);
                    for (truth, known) in buffer.bool_mut(known.len()).iter_mut().zip(&known) {
                        *truth &= known;
                    }
                    buffer.known = known;
                }
            }
            Type::Int | Type::Date => {
                let (least, most) = if spec.ty == Type::Date { days() } else { (i64::MIN, i64::MAX) };
                let (low, high) = (int_limit(&spec.min, least).max(least), int_limit(&spec.max, most).min(most));
                with_ints!(
                    values,
                    from,
                    rows,
                    |values| {
                        if (low, high) != (i64::MIN, i64::MAX) {
                            self.check_ints(values, low, high, rows, bad);
                        }
                        if values_needed {
                            let out = if spec.ty == Type::Date { buffer.date_mut(rows) } else { buffer.int_mut(rows) };
                            kernels::map(
                                self.arch,
                                values,
                                out,
                                #[inline(always)]
                                |value| i64::from(value),
                            );
                        }
                    },
                    {}
                );
            }
            Type::Float => {
                let low = float_limit(&spec.min, f64::MIN);
                let high = float_limit(&spec.max, f64::MAX);
                match values {
                    Values::Float64(values) => {
                        let values = &values[from..from + rows];
                        self.check_floats(values, low, high, rows, bad);
                        if values_needed {
                            buffer.float_mut(rows).copy_from_slice(values);
                        }
                    }
                    Values::Float32(values) => {
                        let values = &values[from..from + rows];
                        let out = buffer.float_mut(rows);
                        kernels::map(
                            self.arch,
                            values,
                            out,
                            #[inline(always)]
                            |value| f64::from(value),
                        );
                        self.check_floats(out, low, high, rows, bad);
                    }
                    _ => with_ints!(
                        values,
                        from,
                        rows,
                        |values| {
                            let out = buffer.float_mut(rows);
                            // As an int becomes a float everywhere: to the nearest.
                            kernels::map(
                                self.arch,
                                values,
                                out,
                                #[inline(always)]
                                |value| i64::from(value) as f64,
                            );
                            self.check_floats(out, low, high, rows, bad);
                        },
                        {}
                    ),
                }
            }
            Type::Text => {
                let out = buffer.text_mut(rows);
                if let Values::Text(texts) = values {
                    for (row, out) in out.iter_mut().enumerate() {
                        *out = texts.get(from + row);
                    }
                }
                if !spec.one_of.is_empty() {
                    bad.resize(bits::words(rows), 0);
                    for (row, text) in buffer.texts().iter().enumerate() {
                        if !spec.one_of.iter().any(|one| **one == **text) {
                            bits::set(bad, row);
                        }
                    }
                }
            }
        }
        if !bad.is_empty() {
            // What stands in a null is nobody's error.
            for (word, bad) in bad.iter_mut().enumerate() {
                *bad &= buffer.known_word(word) & bits::row_bits(rows, word);
            }
            if bad.iter().all(|word| *word == 0) {
                bad.clear();
            } else {
                buffer.forget(bad, rows);
            }
        }
        self.fill_absent(spec, rows, buffer);
    }

    fn check_ints<T>(&self, values: &[T], low: i64, high: i64, rows: usize, bad: &mut Vec<u64>)
    where
        T: kernels::Lane + Into<i64> + TryFrom<i64> + Bounded,
    {
        if low > T::MAX.into() || high < T::MIN.into() {
            bits::fill(bad, rows, true);
            return;
        }
        let low = T::try_from(low).unwrap_or(T::MIN);
        let high = T::try_from(high).unwrap_or(T::MAX);
        if !kernels::all_inside(self.arch, values, low, high) {
            bad.resize(bits::words(rows), 0);
            kernels::outside(self.arch, values, low, high, bad);
        }
    }

    fn check_floats(&self, values: &[f64], low: f64, high: f64, rows: usize, bad: &mut Vec<u64>) {
        if !kernels::all_inside(self.arch, values, low, high) {
            bad.resize(bits::words(rows), 0);
            kernels::outside(self.arch, values, low, high, bad);
        }
    }

    /// Puts the declared value in place of unknown ones.
    fn fill_absent(&self, spec: &'a Fact, rows: usize, buffer: &mut Buffer<'a>) {
        let Some(value) = &spec.absent else { return };
        if buffer.full {
            return;
        }
        let mut unknown = std::mem::take(&mut buffer.known);
        for (at, word) in unknown.iter_mut().enumerate() {
            *word = !*word & bits::row_bits(rows, at);
        }
        match value {
            Value::Bool(value) => {
                for (truth, unknown) in buffer.bool_mut(unknown.len()).iter_mut().zip(&unknown) {
                    *truth = if *value { *truth | unknown } else { *truth & !unknown };
                }
            }
            Value::Int(value) => {
                let out = buffer.int_mut(rows);
                bits::for_each_set(&unknown, |row| out[row] = *value);
            }
            Value::Float(value) => {
                let out = buffer.float_mut(rows);
                bits::for_each_set(&unknown, |row| out[row] = *value);
            }
            Value::Date(value) => {
                let out = buffer.date_mut(rows);
                bits::for_each_set(&unknown, |row| out[row] = i64::from(value.days()));
            }
            Value::Text(value) => {
                let out = buffer.text_mut(rows);
                bits::for_each_set(&unknown, |row| out[row] = value);
            }
        }
        buffer.full = true;
    }

    /// Compares a fact with a constant where the fact lies. False if it does not lie as its own type.
    pub(super) fn compare_in_place(
        &self,
        spec: &Fact,
        column: &FactColumn,
        (from, rows): (usize, usize),
        op: CmpOp,
        (constant, band): (&Constant, Option<(f64, f64)>),
        out: &mut [u64],
    ) -> bool {
        if spec.absent.is_some() {
            return false;
        }
        let values = &column.column.values;
        match (constant, values) {
            (_, Values::Unknown(_)) => false,
            (Constant::Float(_), Values::Float64(values)) => {
                let values = &values[from..from + rows];
                kernels::compare_band(self.arch, op, values, band.unwrap_or_default(), out);
                true
            }
            (Constant::Int(_) | Constant::Date(_), _) => {
                let constant = match constant {
                    Constant::Date(date) => i64::from(date.days()),
                    Constant::Int(constant) => *constant,
                    _ => 0,
                };
                with_ints!(
                    values,
                    from,
                    rows,
                    |values| {
                        self.compare_ints_in_place(values, op, constant, out);
                        true
                    },
                    false
                )
            }
            _ => false,
        }
    }

    fn compare_ints_in_place<T>(&self, values: &[T], op: CmpOp, constant: i64, out: &mut [u64])
    where
        T: kernels::Lane + Into<i64> + TryFrom<i64> + Bounded,
    {
        if let Ok(constant) = T::try_from(constant) {
            kernels::compare_const(self.arch, op, values, constant, out);
            return;
        }
        // The type cannot hold the constant: every value is on one side of it.
        let above = constant < T::MIN.into();
        let holds = match op {
            CmpOp::Eq => false,
            CmpOp::Ne => true,
            CmpOp::Lt | CmpOp::Le => !above,
            CmpOp::Gt | CmpOp::Ge => above,
        };
        out.fill(if holds { u64::MAX } else { 0 });
    }

    /// May a fact's buffer be left empty, because it is only compared with constants in place?
    pub(super) fn lies_in_place(spec: &Fact, column: &FactColumn) -> bool {
        if spec.absent.is_some() {
            return false;
        }
        match (spec.ty, &column.column.values) {
            (_, Values::Unknown(_)) => false,
            (Type::Float, values) => matches!(values, Values::Float64(_)),
            (Type::Int | Type::Date, _) => true,
            _ => false,
        }
    }
}

/// The ends of an integer type.
pub(crate) trait Bounded {
    const MIN: Self;
    const MAX: Self;
}

macro_rules! bounded {
    ($($ty:ident),*) => {
        $(impl Bounded for $ty {
            const MIN: $ty = $ty::MIN;
            const MAX: $ty = $ty::MAX;
        })*
    };
}

bounded!(i8, i16, i32, i64, u8, u16, u32);
