//! What the reader of a file has to say of single rows: added to the errors of the firm.

use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::{Array, RecordBatch, StringArray};
use arrow_cast::cast;
use arrow_schema::{ArrowError, DataType};

/// Column of the results that says what is wrong.
pub const ERRORS: &str = "errors";

/// Notes by row, from 0.
pub type Notes = Vec<(usize, String)>;

/// The results with the notes among the errors.
///
/// # Errors
/// If the batch has no column of errors.
pub fn add(batch: RecordBatch, notes: &mut Notes) -> Result<RecordBatch, ArrowError> {
    if notes.is_empty() {
        return Ok(batch);
    }
    notes.sort_by_key(|(row, _)| *row);
    let schema = batch.schema();
    let at = schema.index_of(ERRORS)?;
    let mut columns = batch.columns().to_vec();
    let Some(column) = columns.get_mut(at) else { return Ok(batch) };
    let errors = cast(column, &DataType::Utf8)?;
    let Some(errors) = errors.as_any().downcast_ref::<StringArray>() else { return Ok(batch) };
    let mut merged = StringBuilder::with_capacity(errors.len(), errors.value_data().len() + 64 * notes.len());
    let mut notes = notes.drain(..).peekable();
    for (row, error) in errors.iter().enumerate() {
        let mut text = error.unwrap_or_default().to_owned();
        while let Some((_, note)) = notes.next_if(|(of, _)| *of == row) {
            if !text.is_empty() {
                text.push_str("; ");
            }
            text.push_str(&note);
        }
        merged.append_option((error.is_some() || !text.is_empty()).then_some(text));
    }
    *column = cast(&merged.finish(), column.data_type())?;
    RecordBatch::try_new(Arc::clone(&schema), columns)
}
