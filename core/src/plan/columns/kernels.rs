//! The loops over rows that a vectorizing compiler turns into SIMD, one small function an operation, run with the widest
//! instructions that the machine has (`pulp` picks them when the program runs, without unsafe code here).

#![expect(clippy::indexing_slicing, reason = "every index is compared with the length in the loop's own condition")]

use pulp::{Arch, Simd, WithSimd};

use crate::expr::CmpOp;
use crate::expr::scalar::{TOLERANCE, compare_floats};

/// A test of one value, inlined into its loop.
trait Test<T>: Copy {
    fn test(self, value: T) -> bool;
}

/// A test of two values, inlined into its loop.
trait PairTest<T>: Copy {
    fn test(self, a: T, b: T) -> bool;
}

impl<T, F: Fn(T) -> bool + Copy> Test<T> for F {
    #[inline(always)]
    fn test(self, value: T) -> bool {
        self(value)
    }
}

impl<T, F: Fn(T, T) -> bool + Copy> PairTest<T> for F {
    #[inline(always)]
    fn test(self, a: T, b: T) -> bool {
        self(a, b)
    }
}

/// 64 bytes of 0 or 1 to 64 bits: each eight bytes by one multiplication that brings their lowest bits together.
#[inline(always)]
fn pack_flags(flags: &[u8; 64]) -> u64 {
    let mut word = 0u64;
    let mut eight = 0;
    while eight < 8 {
        let at = eight * 8;
        let bytes = [
            flags[at],
            flags[at + 1],
            flags[at + 2],
            flags[at + 3],
            flags[at + 4],
            flags[at + 5],
            flags[at + 6],
            flags[at + 7],
        ];
        word |= (u64::from_le_bytes(bytes).wrapping_mul(0x0102_0408_1020_4080) >> 56) << at;
        eight += 1;
    }
    word
}

/// A bit for each row for which a test holds, 64 rows at a time.
struct Pack<'k, T, F> {
    blocks: &'k [[T; 64]],
    out: &'k mut [u64],
    test: F,
}

impl<T: Copy, F: Test<T>> WithSimd for Pack<'_, T, F> {
    type Output = ();

    // The loops are written with indices: what a kernel calls must vanish before the compiler decides whether to
    // inline it into the version for wider instructions, and iterators do so too late.
    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let mut block = 0;
        while block < self.blocks.len() && block < self.out.len() {
            let values = &self.blocks[block];
            let mut flags = [0u8; 64];
            let mut row = 0;
            while row < 64 {
                flags[row] = self.test.test(values[row]) as u8;
                row += 1;
            }
            self.out[block] = pack_flags(&flags);
            block += 1;
        }
    }
}

/// The same for two columns.
struct PackPairs<'k, T, F> {
    a: &'k [[T; 64]],
    b: &'k [[T; 64]],
    out: &'k mut [u64],
    test: F,
}

impl<T: Copy, F: PairTest<T>> WithSimd for PackPairs<'_, T, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let mut block = 0;
        while block < self.a.len() && block < self.b.len() && block < self.out.len() {
            let (a, b) = (&self.a[block], &self.b[block]);
            let mut flags = [0u8; 64];
            let mut row = 0;
            while row < 64 {
                flags[row] = self.test.test(a[row], b[row]) as u8;
                row += 1;
            }
            self.out[block] = pack_flags(&flags);
            block += 1;
        }
    }
}

fn pack<T: Copy>(arch: Arch, values: &[T], out: &mut [u64], test: impl Test<T>) {
    let (blocks, rest) = values.as_chunks::<64>();
    let (whole, last) = out.split_at_mut(blocks.len());
    arch.dispatch(Pack { blocks, out: whole, test });
    if let Some(word) = last.first_mut() {
        *word = rest.iter().enumerate().fold(0, |bits, (at, value)| bits | u64::from(test.test(*value)) << at);
    }
}

fn pack_pairs<T: Copy>(arch: Arch, a: &[T], b: &[T], out: &mut [u64], test: impl PairTest<T>) {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<64>(), b.as_chunks::<64>());
    let (whole, last) = out.split_at_mut(a.len());
    arch.dispatch(PackPairs { a, b, out: whole, test });
    if let Some(word) = last.first_mut() {
        let rest = a_rest.iter().zip(b_rest).enumerate();
        *word = rest.fold(0, |bits, (at, (a, b))| bits | u64::from(test.test(*a, *b)) << at);
    }
}

/// Numbers that a column can hold, compared with a constant.
pub(crate) trait Lane: Copy + PartialOrd + Send + Sync {}

impl<T: Copy + PartialOrd + Send + Sync> Lane for T {}

/// Compares every value with a constant of its own type.
pub(crate) fn compare_const<T: Lane>(arch: Arch, op: CmpOp, values: &[T], constant: T, out: &mut [u64]) {
    match op {
        CmpOp::Eq => pack(
            arch,
            values,
            out,
            #[inline(always)]
            move |value: T| value == constant,
        ),
        CmpOp::Ne => pack(
            arch,
            values,
            out,
            #[inline(always)]
            move |value: T| value != constant,
        ),
        CmpOp::Lt => pack(
            arch,
            values,
            out,
            #[inline(always)]
            move |value: T| value < constant,
        ),
        CmpOp::Le => pack(
            arch,
            values,
            out,
            #[inline(always)]
            move |value: T| value <= constant,
        ),
        CmpOp::Gt => pack(
            arch,
            values,
            out,
            #[inline(always)]
            move |value: T| value > constant,
        ),
        CmpOp::Ge => pack(
            arch,
            values,
            out,
            #[inline(always)]
            move |value: T| value >= constant,
        ),
    }
}

/// Compares two columns of whole numbers or days.
pub(crate) fn compare_ints(arch: Arch, op: CmpOp, a: &[i64], b: &[i64], out: &mut [u64]) {
    match op {
        CmpOp::Eq => pack_pairs(
            arch,
            a,
            b,
            out,
            #[inline(always)]
            |a: i64, b: i64| a == b,
        ),
        CmpOp::Ne => pack_pairs(
            arch,
            a,
            b,
            out,
            #[inline(always)]
            |a: i64, b: i64| a != b,
        ),
        CmpOp::Lt => pack_pairs(
            arch,
            a,
            b,
            out,
            #[inline(always)]
            |a: i64, b: i64| a < b,
        ),
        CmpOp::Le => pack_pairs(
            arch,
            a,
            b,
            out,
            #[inline(always)]
            |a: i64, b: i64| a <= b,
        ),
        CmpOp::Gt => pack_pairs(
            arch,
            a,
            b,
            out,
            #[inline(always)]
            |a: i64, b: i64| a > b,
        ),
        CmpOp::Ge => pack_pairs(
            arch,
            a,
            b,
            out,
            #[inline(always)]
            |a: i64, b: i64| a >= b,
        ),
    }
}

/// Compares two columns of floats, within the tolerance.
pub(crate) fn compare_float_pairs(arch: Arch, op: CmpOp, a: &[f64], b: &[f64], out: &mut [u64]) {
    pack_pairs(
        arch,
        a,
        b,
        out,
        #[inline(always)]
        move |a: f64, b: f64| compare_floats(op, a, b),
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
    // At least one float away: the smallest numbers have no room for a relative distance.
    let below = (constant - reach).min(constant.next_down());
    let above = (constant + reach).max(constant.next_up());
    (edge(f64::next_down, below), edge(f64::next_up, above))
}

/// A float between two of one sign, by their bits.
fn midpoint(a: f64, b: f64) -> f64 {
    let (x, y) = (a.to_bits(), b.to_bits());
    f64::from_bits(x / 2 + y / 2 + (x & y & 1))
}

/// Compares floats with a constant whose tolerance band is known.
pub(crate) fn compare_band(arch: Arch, op: CmpOp, values: &[f64], (low, high): (f64, f64), out: &mut [u64]) {
    match op {
        CmpOp::Eq => pack(
            arch,
            values,
            out,
            #[inline(always)]
            move |value: f64| (value >= low) & (value <= high),
        ),
        CmpOp::Ne => pack(
            arch,
            values,
            out,
            #[inline(always)]
            move |value: f64| (value < low) | (value > high),
        ),
        CmpOp::Lt => pack(
            arch,
            values,
            out,
            #[inline(always)]
            move |value: f64| value < low,
        ),
        CmpOp::Le => pack(
            arch,
            values,
            out,
            #[inline(always)]
            move |value: f64| value <= high,
        ),
        CmpOp::Gt => pack(
            arch,
            values,
            out,
            #[inline(always)]
            move |value: f64| value > high,
        ),
        CmpOp::Ge => pack(
            arch,
            values,
            out,
            #[inline(always)]
            move |value: f64| value >= low,
        ),
    }
}

/// A bit for each value outside limits (a float that is not finite is outside any).
pub(crate) fn outside<T: Lane>(arch: Arch, values: &[T], low: T, high: T, out: &mut [u64]) {
    pack(
        arch,
        values,
        out,
        #[inline(always)]
        move |value: T| !((value >= low) & (value <= high)),
    );
}

/// True if every value lies within limits: a quick answer, so that the bits need not be made.
pub(crate) fn all_inside<T: Lane>(arch: Arch, values: &[T], low: T, high: T) -> bool {
    arch.dispatch(Inside { values, low, high })
}

struct Inside<'k, T> {
    values: &'k [T],
    low: T,
    high: T,
}

impl<T: Lane> WithSimd for Inside<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> bool {
        let mut bad = false;
        let mut row = 0;
        while row < self.values.len() {
            let value = self.values[row];
            bad |= !((value >= self.low) & (value <= self.high));
            row += 1;
        }
        !bad
    }
}

/// Applies an operation to every row.
pub(crate) fn map<T: Copy, R>(arch: Arch, a: &[T], out: &mut [R], op: impl Fn(T) -> R) {
    arch.dispatch(Map { a, out, op });
}

struct Map<'k, T, R, F> {
    a: &'k [T],
    out: &'k mut [R],
    op: F,
}

impl<T: Copy, R, F: Fn(T) -> R> WithSimd for Map<'_, T, R, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let mut row = 0;
        while row < self.a.len() && row < self.out.len() {
            self.out[row] = (self.op)(self.a[row]);
            row += 1;
        }
    }
}

/// Applies an operation to every pair of rows.
pub(crate) fn zip<T: Copy, U: Copy, R>(arch: Arch, a: &[T], b: &[U], out: &mut [R], op: impl Fn(T, U) -> R) {
    arch.dispatch(Zip { a, b, out, op });
}

struct Zip<'k, T, U, R, F> {
    a: &'k [T],
    b: &'k [U],
    out: &'k mut [R],
    op: F,
}

impl<T: Copy, U: Copy, R, F: Fn(T, U) -> R> WithSimd for Zip<'_, T, U, R, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let mut row = 0;
        while row < self.a.len() && row < self.b.len() && row < self.out.len() {
            self.out[row] = (self.op)(self.a[row], self.b[row]);
            row += 1;
        }
    }
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
        for constant in [1.0, -1.0, -5e-324, 1e-310, 0.1, 1e300, -3.5e-300, 12345.678, f64::MIN_POSITIVE, 5e-324] {
            let (low, high) = tolerance_band(constant);
            let equal = |value| crate::expr::scalar::float_eq(value, constant);
            assert!(equal(low) && equal(high) && low <= constant && constant <= high, "{constant}");
            assert!(!equal(low.next_down()) && !equal(high.next_up()), "{constant}");
        }
        assert_eq!(tolerance_band(0.0), (0.0, 0.0));
    }
}
