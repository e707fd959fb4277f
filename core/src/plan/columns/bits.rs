//! Masks: one bit a row, 64 rows a word.

use arrow_buffer::{BooleanBuffer, NullBuffer};

/// Words for so many rows.
pub(crate) fn words(rows: usize) -> usize {
    rows.div_ceil(64)
}

/// A word with a bit for each row that it has; `word` counts from 0.
pub(crate) fn row_bits(rows: usize, word: usize) -> u64 {
    let left = rows.saturating_sub(word * 64);
    if left >= 64 { u64::MAX } else { (1 << left) - 1 }
}

/// Copies a run of Arrow bits, from any offset, into words; bits beyond the run are 0.
pub(crate) fn copy_bits(bits: &BooleanBuffer, from: usize, len: usize, out: &mut Vec<u64>) {
    out.clear();
    let slice = bits.slice(from, len);
    out.extend(slice.bit_chunks().iter_padded().take(words(len)));
}

/// The validity of a run of rows; all ones where there are no nulls. Gives true if the run has no null.
pub(crate) fn copy_validity(nulls: Option<&NullBuffer>, from: usize, len: usize, out: &mut Vec<u64>) -> bool {
    match nulls {
        None => {
            fill(out, len, true);
            true
        }
        Some(nulls) => {
            copy_bits(nulls.inner(), from, len, out);
            is_full(out, len)
        }
    }
}

pub(crate) fn fill(out: &mut Vec<u64>, rows: usize, value: bool) {
    out.clear();
    out.resize(words(rows), if value { u64::MAX } else { 0 });
}

pub(crate) fn is_full(bits: &[u64], rows: usize) -> bool {
    bits.iter().enumerate().all(|(at, word)| word & row_bits(rows, at) == row_bits(rows, at))
}

pub(crate) fn bit(bits: &[u64], row: usize) -> bool {
    bits.get(row / 64).is_some_and(|word| word >> (row % 64) & 1 == 1)
}

pub(crate) fn set(bits: &mut [u64], row: usize) {
    if let Some(word) = bits.get_mut(row / 64) {
        *word |= 1 << (row % 64);
    }
}

/// Calls with every row whose bit is set.
pub(crate) fn for_each_set(bits: &[u64], mut call: impl FnMut(usize)) {
    for (at, word) in bits.iter().enumerate() {
        let mut word = *word;
        while word != 0 {
            call(at * 64 + word.trailing_zeros() as usize);
            word &= word - 1;
        }
    }
}
