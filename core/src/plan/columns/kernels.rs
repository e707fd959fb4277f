//! The loops over rows that a vectorizing compiler turns into SIMD, one small function an operation, run with the widest
//! instructions that the machine has (`pulp` picks them when the program runs, without unsafe code here).

use pulp::Arch;

use crate::expr::CmpOp;
use crate::expr::scalar::{TOLERANCE, compare_floats};

/// A bit for each row for which `test` holds. Whole words; the last may have fewer rows.
#[inline(always)]
fn pack<T: Copy>(values: &[T], out: &mut [u64], test: impl Fn(T) -> bool) {
    let (blocks, rest) = values.as_chunks::<64>();
    let (whole, last) = out.split_at_mut(blocks.len());
    for (block, word) in blocks.iter().zip(whole) {
        let mut flags = [0u8; 64];
        for (flag, value) in flags.iter_mut().zip(block) {
            *flag = u8::from(test(*value));
        }
        *word = pack_flags(&flags);
    }
    if let Some(word) = last.first_mut() {
        *word = rest.iter().enumerate().fold(0, |bits, (at, value)| bits | u64::from(test(*value)) << at);
    }
}

/// 64 bytes of 0 or 1 to 64 bits: each eight bytes by one multiplication that brings their lowest bits together.
#[inline(always)]
fn pack_flags(flags: &[u8; 64]) -> u64 {
    let (eights, _) = flags.as_chunks::<8>();
    let mut word = 0u64;
    for (at, eight) in eights.iter().enumerate() {
        let bits = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        word |= bits << (at * 8);
    }
    word
}

/// The same for two columns.
#[inline(always)]
fn pack_pairs<T: Copy>(a: &[T], b: &[T], out: &mut [u64], test: impl Fn(T, T) -> bool) {
    for ((a, b), word) in a.chunks(64).zip(b.chunks(64)).zip(out) {
        let mut flags = [0u8; 64];
        for (flag, (a, b)) in flags.iter_mut().zip(a.iter().zip(b)) {
            *flag = u8::from(test(*a, *b));
        }
        *word = pack_flags(&flags);
    }
}

/// Numbers that a column can hold, compared with a constant.
pub(crate) trait Lane: Copy + PartialOrd + Send + Sync {}

impl<T: Copy + PartialOrd + Send + Sync> Lane for T {}

/// Compares every value with a constant of its own type.
pub(crate) fn compare_const<T: Lane>(arch: Arch, op: CmpOp, values: &[T], constant: T, out: &mut [u64]) {
    arch.dispatch(
        #[inline(always)]
        || match op {
            CmpOp::Eq => pack(values, out, #[inline(always)] |value| value == constant),
            CmpOp::Ne => pack(values, out, #[inline(always)] |value| value != constant),
            CmpOp::Lt => pack(values, out, #[inline(always)] |value| value < constant),
            CmpOp::Le => pack(values, out, #[inline(always)] |value| value <= constant),
            CmpOp::Gt => pack(values, out, #[inline(always)] |value| value > constant),
            CmpOp::Ge => pack(values, out, #[inline(always)] |value| value >= constant),
        },
    );
}

/// Compares two columns of whole numbers or days.
pub(crate) fn compare_ints(arch: Arch, op: CmpOp, a: &[i64], b: &[i64], out: &mut [u64]) {
    arch.dispatch(
        #[inline(always)]
        || match op {
            CmpOp::Eq => pack_pairs(a, b, out, #[inline(always)] |a, b| a == b),
            CmpOp::Ne => pack_pairs(a, b, out, #[inline(always)] |a, b| a != b),
            CmpOp::Lt => pack_pairs(a, b, out, #[inline(always)] |a, b| a < b),
            CmpOp::Le => pack_pairs(a, b, out, #[inline(always)] |a, b| a <= b),
            CmpOp::Gt => pack_pairs(a, b, out, #[inline(always)] |a, b| a > b),
            CmpOp::Ge => pack_pairs(a, b, out, #[inline(always)] |a, b| a >= b),
        },
    );
}

/// Compares two columns of floats, within the tolerance.
pub(crate) fn compare_float_pairs(arch: Arch, op: CmpOp, a: &[f64], b: &[f64], out: &mut [u64]) {
    arch.dispatch(
        #[inline(always)]
        || pack_pairs(a, b, out, #[inline(always)] |a, b| compare_floats(op, a, b)),
    );
}

/// The floats that are equal to a constant within the tolerance: the least and the greatest.
///
/// With them a comparison with the constant is two or one of the machine's own.
pub(crate) fn tolerance_band(constant: f64) -> (f64, f64) {
    let equal = |value: f64| crate::expr::scalar::float_eq(value, constant);
    // Floats of one sign lie in the order of their bits; bisect between the constant and one that is surely outside.
    let edge = |outward: fn(f64) -> f64, far: f64| {
        let (mut inside, mut outside) = (constant, far);
        while outward(inside) != outside {
            let middle = midpoint(inside, outside);
            if equal(middle) {
                inside = middle;
            } else {
                outside = middle;
            }
        }
        inside
    };
    if constant == 0.0 {
        // Only zero is within a relative distance of zero.
        return (0.0, 0.0);
    }
    let reach = constant.abs() * TOLERANCE * 4.0;
    (edge(f64::next_down, constant - reach), edge(f64::next_up, constant + reach))
}

/// A float between two of one sign, by their bits.
fn midpoint(a: f64, b: f64) -> f64 {
    let (x, y) = (a.to_bits(), b.to_bits());
    f64::from_bits(x / 2 + y / 2 + (x & y & 1))
}

/// Compares floats with a constant whose tolerance band is known.
pub(crate) fn compare_band<T: Lane + Into<f64>>(arch: Arch, op: CmpOp, values: &[T], (low, high): (f64, f64), out: &mut [u64]) {
    arch.dispatch(
        #[inline(always)]
        || match op {
            CmpOp::Eq => pack(values, out, #[inline(always)] |value: T| (value.into() >= low) & (value.into() <= high)),
            CmpOp::Ne => pack(values, out, #[inline(always)] |value: T| (value.into() < low) | (value.into() > high)),
            CmpOp::Lt => pack(values, out, #[inline(always)] |value: T| value.into() < low),
            CmpOp::Le => pack(values, out, #[inline(always)] |value: T| value.into() <= high),
            CmpOp::Gt => pack(values, out, #[inline(always)] |value: T| value.into() > high),
            CmpOp::Ge => pack(values, out, #[inline(always)] |value: T| value.into() >= low),
        },
    );
}

/// A bit for each value outside limits (a float that is not finite is outside any).
pub(crate) fn outside<T: Lane>(arch: Arch, values: &[T], low: T, high: T, out: &mut [u64]) {
    arch.dispatch(
        #[inline(always)]
        || pack(values, out, #[inline(always)] |value| !((value >= low) & (value <= high))),
    );
}

/// True if every value lies within limits: a quick answer, so that the bits need not be made.
pub(crate) fn all_inside<T: Lane>(arch: Arch, values: &[T], low: T, high: T) -> bool {
    arch.dispatch(
        #[inline(always)]
        || {
            values.chunks(256).all(
                #[inline(always)]
                |block| !block.iter().fold(false, #[inline(always)] |bad, value| bad | !((*value >= low) & (*value <= high))),
            )
        },
    )
}

/// Applies an operation to every row.
pub(crate) fn map<T: Copy, R>(arch: Arch, a: &[T], out: &mut [R], op: impl Fn(T) -> R) {
    arch.dispatch(
        #[inline(always)]
        || {
            for (out, a) in out.iter_mut().zip(a) {
                *out = op(*a);
            }
        },
    );
}

/// Applies an operation to every pair of rows.
pub(crate) fn zip<T: Copy, U: Copy, R>(arch: Arch, a: &[T], b: &[U], out: &mut [R], op: impl Fn(T, U) -> R) {
    arch.dispatch(
        #[inline(always)]
        || {
            for ((out, a), b) in out.iter_mut().zip(a).zip(b) {
                *out = op(*a, *b);
            }
        },
    );
}

/// A bit for each float that is not finite.
pub(crate) fn not_finite(arch: Arch, values: &[f64], out: &mut [u64]) {
    outside(arch, values, f64::MIN, f64::MAX, out);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packing_puts_every_row_at_its_bit() {
        let values: Vec<i64> = (0..200).map(|at| at * 7 % 13).collect();
        let mut out = vec![0; 4];
        compare_const(Arch::new(), CmpOp::Gt, &values, 6, &mut out);
        for (at, value) in values.iter().enumerate() {
            assert_eq!(out[at / 64] >> (at % 64) & 1 == 1, *value > 6, "row {at}");
        }
        assert_eq!(out[3] >> 8, 0, "no bit beyond the rows");
    }

    #[test]
    fn a_band_is_exactly_the_floats_that_are_equal() {
        for constant in [1.0, -1.0, 0.1, 1e300, -3.5e-300, 12345.678, f64::MIN_POSITIVE, 5e-324] {
            let (low, high) = tolerance_band(constant);
            let equal = |value| crate::expr::scalar::float_eq(value, constant);
            assert!(equal(low) && equal(high) && low <= constant && constant <= high, "{constant}");
            assert!(!equal(low.next_down()) && !equal(high.next_up()), "{constant}");
        }
        assert_eq!(tolerance_band(0.0), (0.0, 0.0));
    }
}
