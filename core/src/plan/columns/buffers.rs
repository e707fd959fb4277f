//! What a node has for the rows of a chunk.

use super::bits;

/// The values of a node, and which are known. The rows that are not known have any value.
#[derive(Debug, Default)]
pub(crate) struct Buffer<'a> {
    pub(crate) values: Values<'a>,
    /// Bits of known rows. For booleans: of rows that are true or false.
    pub(crate) known: Vec<u64>,
    /// All rows are known: `known` need not be looked at.
    pub(crate) full: bool,
}

#[derive(Debug)]
pub(crate) enum Values<'a> {
    /// Bits of rows that are true; a subset of the known ones.
    Bool(Vec<u64>),
    Int(Vec<i64>),
    Float(Vec<f64>),
    /// Days, so that they are computed with like whole numbers.
    Date(Vec<i64>),
    Text(Vec<&'a str>),
}

impl Default for Values<'_> {
    fn default() -> Self {
        Values::Bool(Vec::new())
    }
}

impl<'a> Buffer<'a> {
    pub(crate) fn truth(&self) -> &[u64] {
        match &self.values {
            Values::Bool(bits) => bits,
            _ => &[],
        }
    }

    /// Word of rows that are true.
    pub(crate) fn yes(&self, word: usize) -> u64 {
        self.truth().get(word).copied().unwrap_or(0)
    }

    /// Word of rows that are known.
    pub(crate) fn known_word(&self, word: usize) -> u64 {
        if self.full { u64::MAX } else { self.known.get(word).copied().unwrap_or(0) }
    }

    /// Word of rows that are false.
    pub(crate) fn no(&self, word: usize) -> u64 {
        self.known_word(word) & !self.yes(word)
    }

    pub(crate) fn is_known(&self, row: usize) -> bool {
        self.full || bits::bit(&self.known, row)
    }

    pub(crate) fn ints(&self) -> &[i64] {
        match &self.values {
            Values::Int(values) | Values::Date(values) => values,
            _ => &[],
        }
    }

    pub(crate) fn floats(&self) -> &[f64] {
        match &self.values {
            Values::Float(values) => values,
            _ => &[],
        }
    }

    pub(crate) fn texts(&self) -> &[&'a str] {
        match &self.values {
            Values::Text(values) => values,
            _ => &[],
        }
    }

    /// All rows known, or with the rows of two operands both known.
    pub(crate) fn know_both(&mut self, a: &Buffer<'_>, b: &Buffer<'_>, rows: usize) {
        self.full = a.full && b.full;
        self.known.clear();
        if !self.full {
            self.known.extend((0..bits::words(rows)).map(|word| a.known_word(word) & b.known_word(word)));
        }
    }

    pub(crate) fn know_as(&mut self, a: &Buffer<'_>) {
        self.full = a.full;
        self.known.clear();
        self.known.extend_from_slice(&a.known);
    }

    /// Takes rows from the known ones.
    pub(crate) fn forget(&mut self, which: &[u64], rows: usize) {
        if self.full {
            bits::fill(&mut self.known, rows, true);
            self.full = false;
        }
        for (known, which) in self.known.iter_mut().zip(which) {
            *known &= !which;
        }
    }
}

/// The vector inside, cleared, of the variant that is wanted.
macro_rules! writer {
    ($name:ident, $variant:ident, $ty:ty) => {
        impl<'a> Buffer<'a> {
            #[doc = concat!("The values as ", stringify!($variant), ", with so many rows, to write.")]
            // Not `expect`: clippy does not look into every use of the macro.
            #[allow(clippy::unreachable, reason = "the variant is set just above")]
            pub(crate) fn $name(&mut self, rows: usize) -> &mut Vec<$ty> {
                if !matches!(self.values, Values::$variant(_)) {
                    self.values = Values::$variant(Vec::new());
                }
                let Values::$variant(values) = &mut self.values else { unreachable!() };
                values.resize(rows, <$ty>::default());
                values
            }
        }
    };
}

// Bits of rows that are true: so many words.
writer!(bool_mut, Bool, u64);
writer!(int_mut, Int, i64);
writer!(float_mut, Float, f64);
writer!(date_mut, Date, i64);
writer!(text_mut, Text, &'a str);
