//! Related tables: the items of a list, in a table of their own, joined to the firms by id.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, ListArray, StringArray, StructArray, UInt32Array};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::{ArrowError, DataType, Field, Fields};
use arrow_select::take::take;
use rustc_hash::FxHashMap;

/// The rows of one firm.
#[derive(Debug, Default)]
struct Rows {
    rows: Vec<u32>,
    graded: bool,
}

/// Which rows of a related table belong to which firm. Ids are compared as texts, without blanks at their ends.
#[derive(Debug, Default)]
pub struct RelatedRows {
    firms: FxHashMap<Box<str>, Rows>,
    /// Rows that name no firm.
    without_id: Vec<u32>,
}

impl RelatedRows {
    /// From the firm that each row names; only the rows that belong to the list.
    pub fn new(ids: &StringArray, belongs: impl Fn(usize) -> bool) -> RelatedRows {
        let mut all = RelatedRows::default();
        for (row, id) in ids.iter().enumerate().filter(|(row, _)| belongs(*row)) {
            // Arrow arrays of texts are bounded by 32 bits; so are their rows.
            let row = row as u32;
            let Some(id) = id.map(str::trim).filter(|id| !id.is_empty()) else {
                all.without_id.push(row);
                continue;
            };
            match all.firms.get_mut(id) {
                Some(rows) => rows.rows.push(row),
                None => {
                    all.firms.insert(id.into(), Rows { rows: vec![row], graded: false });
                }
            }
        }
        all
    }

    /// The rows of a firm; none if the table does not name it.
    pub fn of(&self, id: &str) -> Option<&[u32]> {
        self.firms.get(id.trim()).map(|firm| firm.rows.as_slice())
    }

    /// Remembers that a firm was graded.
    pub fn mark(&mut self, id: &str) {
        if let Some(rows) = self.firms.get_mut(id.trim()) {
            rows.graded = true;
        }
    }

    /// The rows that belong to no firm that was graded, from 0, with the id that they name.
    pub fn orphans(&self) -> Vec<(u32, Option<&str>)> {
        let left = self.firms.iter().filter(|(_, rows)| !rows.graded);
        let named = left.flat_map(|(id, rows)| rows.rows.iter().map(move |row| (*row, Some(&**id))));
        let mut all: Vec<_> = self.without_id.iter().map(|row| (*row, None)).chain(named).collect();
        all.sort_unstable();
        all
    }

    /// The lists of these firms as a column, from the fields of the table; the firms count as graded. `seen` is told the
    /// firm and the row of each item. A firm that the table does not name has an empty list, or, where the table is
    /// `partial`, an unknown one.
    ///
    /// # Errors
    /// If there are more items than a column can hold.
    pub fn column(
        &mut self,
        ids: &StringArray,
        fields: &[(&str, &ArrayRef)],
        partial: bool,
        mut seen: impl FnMut(usize, u32),
    ) -> Result<ArrayRef, ArrowError> {
        let mut rows: Vec<u32> = Vec::new();
        let mut lengths = Vec::with_capacity(ids.len());
        let mut known = Vec::with_capacity(ids.len());
        for (at, id) in ids.iter().enumerate() {
            let firm = id.and_then(|id| self.firms.get_mut(id.trim()));
            known.push(firm.is_some() || (!partial && id.is_some()));
            let Some(firm) = firm else {
                lengths.push(0);
                continue;
            };
            firm.graded = true;
            lengths.push(firm.rows.len());
            rows.extend_from_slice(&firm.rows);
            firm.rows.iter().for_each(|row| seen(at, *row));
        }
        if i32::try_from(rows.len()).is_err() {
            return Err(ArrowError::InvalidArgumentError(format!("{} items; expected fewer than 2^31", rows.len())));
        }
        let rows = UInt32Array::from(rows);
        let mut types = Vec::with_capacity(fields.len());
        let mut arrays = Vec::with_capacity(fields.len());
        for (name, column) in fields {
            let taken = take(column, &rows, None)?;
            types.push(Field::new(*name, taken.data_type().clone(), true));
            arrays.push(taken);
        }
        let types = Fields::from(types);
        let items = StructArray::try_new_with_length(types.clone(), arrays, None, rows.len())?;
        let list = ListArray::try_new(
            Arc::new(Field::new("item", DataType::Struct(types), true)),
            OffsetBuffer::from_lengths(lengths),
            Arc::new(items),
            Some(NullBuffer::from(known)),
        )?;
        Ok(Arc::new(list))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::cast::AsArray;

    #[test]
    fn rows_are_joined_by_id_and_none_is_lost() {
        let ids = StringArray::from(vec![Some("b"), Some(" a "), None, Some("b"), Some("z")]);
        let tonnes: ArrayRef = Arc::new(arrow_array::Int64Array::from(vec![1, 2, 3, 4, 5]));
        let mut related = RelatedRows::new(&ids, |_| true);
        let firms = StringArray::from(vec![Some("a"), Some("b"), Some("c"), None]);
        let column = related.column(&firms, &[("tonnes", &tonnes)], false, |_, _| {}).unwrap();
        let lists = column.as_list::<i32>();
        let lengths: Vec<Option<usize>> = (0..4).map(|at| lists.is_valid(at).then(|| lists.value(at).len())).collect();
        assert_eq!(lengths, [Some(1), Some(2), Some(0), None]);
        assert_eq!(related.orphans(), [(2, None), (4, Some("z"))]);
        let partial = related.column(&firms, &[], true, |_, _| {}).unwrap();
        assert!(partial.is_null(2), "the table does not say");
    }
}
