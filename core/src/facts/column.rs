//! Values of one type, one for each row, known or unknown: what the columns executor reads in place.

use std::sync::Arc;

use arrow_buffer::{ArrowNativeType, BooleanBuffer, NullBuffer, ScalarBuffer};

/// A column of a [`FirmTable`](super::FirmTable).
///
/// ```
/// use risktier::FirmColumn;
///
/// let employees = FirmColumn::from(vec![12, 0, 7]).with_known(&[true, false, true]);
/// assert_eq!(employees.len(), 3);
/// assert!(employees.is_unknown(1));
/// ```
#[derive(Debug, Clone)]
pub struct FirmColumn {
    pub(crate) values: Values,
    pub(crate) nulls: Option<NullBuffer>,
}

/// In the width that they came in.
#[derive(Debug, Clone)]
pub(crate) enum Values {
    /// All unknown, so many.
    Unknown(usize),
    Bool(BooleanBuffer),
    Int8(ScalarBuffer<i8>),
    Int16(ScalarBuffer<i16>),
    Int32(ScalarBuffer<i32>),
    Int64(ScalarBuffer<i64>),
    UInt8(ScalarBuffer<u8>),
    UInt16(ScalarBuffer<u16>),
    UInt32(ScalarBuffer<u32>),
    Float32(ScalarBuffer<f32>),
    Float64(ScalarBuffer<f64>),
    /// Days since 1970-01-01.
    Date(ScalarBuffer<i32>),
    Text(Texts),
    /// Texts by their place among the different ones. One that is not there is unknown.
    Coded(ScalarBuffer<u32>, Arc<Texts>),
}

/// Texts that lie one behind the other.
#[derive(Debug, Clone)]
pub(crate) enum Texts {
    Own {
        all: String,
        /// Where each begins, and the end of the last.
        starts: Vec<usize>,
    },
    /// Where Arrow keeps them.
    #[cfg(feature = "arrow")]
    Arrow(arrow_array::StringArray),
}

impl Texts {
    pub(crate) fn len(&self) -> usize {
        match self {
            Texts::Own { starts, .. } => starts.len().saturating_sub(1),
            #[cfg(feature = "arrow")]
            Texts::Arrow(texts) => arrow_array::Array::len(texts),
        }
    }

    /// The text of a row; of one that is not there, an empty one.
    pub(crate) fn get(&self, at: usize) -> &str {
        match self {
            Texts::Own { all, starts } => {
                let ends = starts.get(at).zip(starts.get(at + 1));
                ends.and_then(|(from, to)| all.get(*from..*to)).unwrap_or_default()
            }
            #[cfg(feature = "arrow")]
            Texts::Arrow(texts) => texts.value(at),
        }
    }
}

impl<'t> FromIterator<&'t str> for Texts {
    fn from_iter<I: IntoIterator<Item = &'t str>>(texts: I) -> Texts {
        let (mut all, mut starts) = (String::new(), vec![0]);
        for text in texts {
            all.push_str(text);
            starts.push(all.len());
        }
        Texts::Own { all, starts }
    }
}

impl FirmColumn {
    pub(crate) fn new(values: Values, nulls: Option<NullBuffer>) -> FirmColumn {
        FirmColumn { values, nulls }
    }

    /// So many rows of which nothing is known.
    pub fn unknown(rows: usize) -> FirmColumn {
        FirmColumn::new(Values::Unknown(rows), None)
    }

    /// Days since 1970-01-01.
    pub fn days(days: Vec<i32>) -> FirmColumn {
        FirmColumn::new(Values::Date(days.into()), None)
    }

    /// Texts; `None` is unknown.
    pub fn texts<'t>(texts: impl IntoIterator<Item = Option<&'t str>>) -> FirmColumn {
        let mut known = Vec::new();
        let texts: Texts = texts
            .into_iter()
            .map(|text| {
                known.push(text.is_some());
                text.unwrap_or_default()
            })
            .collect();
        FirmColumn::new(Values::Text(texts), None).with_known(&known)
    }

    /// Texts of which many are the same: for each row, the place of its text among the words. A place beyond them is unknown.
    pub fn coded<'t>(codes: Vec<u32>, words: impl IntoIterator<Item = &'t str>) -> FirmColumn {
        let words: Texts = words.into_iter().collect();
        let count = words.len();
        let known: Vec<bool> = codes.iter().map(|code| (*code as usize) < count).collect();
        FirmColumn::new(Values::Coded(codes.into(), Arc::new(words)), None).with_known(&known)
    }

    /// Which rows are known. Rows beyond the end of the slice are as they were.
    #[must_use]
    pub fn with_known(mut self, known: &[bool]) -> FirmColumn {
        let rows = (0..self.len()).map(|at| !self.is_unknown(at) && known.get(at).copied().unwrap_or(true));
        let nulls: NullBuffer = rows.collect();
        self.nulls = (nulls.null_count() > 0).then_some(nulls);
        self
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        match &self.values {
            Values::Unknown(rows) => *rows,
            Values::Bool(values) => values.len(),
            Values::Int8(values) => values.len(),
            Values::Int16(values) => values.len(),
            Values::Int32(values) => values.len(),
            Values::Int64(values) => values.len(),
            Values::UInt8(values) => values.len(),
            Values::UInt16(values) => values.len(),
            Values::UInt32(values) => values.len(),
            Values::Float32(values) => values.len(),
            Values::Float64(values) => values.len(),
            Values::Date(values) => values.len(),
            Values::Text(texts) => texts.len(),
            Values::Coded(codes, _) => codes.len(),
        }
    }

    /// True without rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Is the value of a row unknown?
    pub fn is_unknown(&self, row: usize) -> bool {
        matches!(self.values, Values::Unknown(_)) || self.nulls.as_ref().is_some_and(|nulls| nulls.is_null(row))
    }

    /// The text of a row, if it is a column of texts and the row is known.
    pub fn text(&self, row: usize) -> Option<&str> {
        if row >= self.len() || self.is_unknown(row) {
            return None;
        }
        match &self.values {
            Values::Text(texts) => Some(texts.get(row)),
            Values::Coded(codes, words) => codes.get(row).map(|code| words.get(*code as usize)),
            _ => None,
        }
    }

    /// A whole number of a row.
    pub(crate) fn integer(&self, row: usize) -> Option<i64> {
        Some(match &self.values {
            Values::Int8(values) => (*values.get(row)?).into(),
            Values::Int16(values) => (*values.get(row)?).into(),
            Values::Int32(values) => (*values.get(row)?).into(),
            Values::Int64(values) => *values.get(row)?,
            Values::UInt8(values) => (*values.get(row)?).into(),
            Values::UInt16(values) => (*values.get(row)?).into(),
            Values::UInt32(values) => (*values.get(row)?).into(),
            _ => return None,
        })
    }

    /// Some rows, in the order given. A row that is not there is unknown.
    pub(crate) fn taken(&self, rows: &[u32]) -> FirmColumn {
        fn pick<T: ArrowNativeType>(values: &ScalarBuffer<T>, rows: &[u32]) -> ScalarBuffer<T> {
            rows.iter().map(|row| values.get(*row as usize).copied().unwrap_or_default()).collect()
        }
        let values = match &self.values {
            Values::Unknown(_) => Values::Unknown(rows.len()),
            Values::Bool(values) => {
                let at = |row: &u32| (*row as usize) < values.len() && values.value(*row as usize);
                Values::Bool(rows.iter().map(at).collect())
            }
            Values::Int8(values) => Values::Int8(pick(values, rows)),
            Values::Int16(values) => Values::Int16(pick(values, rows)),
            Values::Int32(values) => Values::Int32(pick(values, rows)),
            Values::Int64(values) => Values::Int64(pick(values, rows)),
            Values::UInt8(values) => Values::UInt8(pick(values, rows)),
            Values::UInt16(values) => Values::UInt16(pick(values, rows)),
            Values::UInt32(values) => Values::UInt32(pick(values, rows)),
            Values::Float32(values) => Values::Float32(pick(values, rows)),
            Values::Float64(values) => Values::Float64(pick(values, rows)),
            Values::Date(values) => Values::Date(pick(values, rows)),
            Values::Text(texts) => Values::Text(rows.iter().map(|row| texts.get(*row as usize)).collect()),
            Values::Coded(codes, words) => Values::Coded(pick(codes, rows), Arc::clone(words)),
        };
        let len = self.len();
        let known: Vec<bool> =
            rows.iter().map(|row| (*row as usize) < len && !self.is_unknown(*row as usize)).collect();
        FirmColumn::new(values, None).with_known(&known)
    }
}

macro_rules! from_vec {
    ($($ty:ty => $variant:ident),* $(,)?) => {
        $(impl From<Vec<$ty>> for FirmColumn {
            fn from(values: Vec<$ty>) -> FirmColumn {
                FirmColumn::new(Values::$variant(values.into()), None)
            }
        })*
    };
}

from_vec! {
    bool => Bool, i8 => Int8, i16 => Int16, i32 => Int32, i64 => Int64, u8 => UInt8, u16 => UInt16, u32 => UInt32,
    f32 => Float32, f64 => Float64,
}
