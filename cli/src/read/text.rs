//! Columns of text, as CSV files and related tables have them.

use std::path::Path;
use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::{Array, ArrayRef, StringArray};
use arrow_cast::cast;
use arrow_schema::{ArrowError, DataType};
use csv::ByteRecord;
use risktier::Lang;

use crate::mapping::{Source, scaled};
use crate::notes::Notes;

/// Collects columns of text row by row.
pub struct TextColumns {
    sources: Vec<(usize, Source)>,
    builders: Vec<StringBuilder>,
    rows: usize,
    notes: Notes,
    /// How many cells a row should have.
    width: usize,
    name: String,
    lang: Lang,
}

impl TextColumns {
    pub fn new(path: &Path, sources: Vec<(usize, Source)>, width: usize, lang: Lang) -> TextColumns {
        let builders = sources.iter().map(|_| StringBuilder::new()).collect();
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        TextColumns { sources, builders, rows: 0, notes: Notes::new(), width, name, lang }
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Adds a row of a CSV file. A row with too few or too many cells is kept, and noted.
    pub fn push(&mut self, record: &ByteRecord) {
        let line = record.position().map_or(0, csv::Position::line);
        if record.len() != self.width {
            let (name, found, expected) = (&self.name, record.len(), self.width);
            self.note(match self.lang {
                Lang::En => format!("{name}:{line} has {found} cells; expected {expected}, as in the first line"),
                Lang::Zh => format!("{name}:{line} 有 {found} 格，应与首行一样为 {expected} 格"),
            });
        }
        let mut not_text = None;
        for ((at, source), builder) in self.sources.iter().zip(&mut self.builders) {
            let Some(cell) = record.get(*at).filter(|cell| !cell.is_empty()) else {
                builder.append_null();
                continue;
            };
            let text = String::from_utf8_lossy(cell);
            if std::str::from_utf8(cell).is_err() {
                not_text = Some(source.target.clone());
            }
            append(builder, &text, source.factor);
        }
        if let Some(column) = not_text {
            let name = &self.name;
            self.note(match self.lang {
                Lang::En => format!("{name}:{line}: `{column}` is not UTF-8; expected a file in UTF-8"),
                Lang::Zh => format!("{name}:{line}：`{column}` 不是 UTF-8 编码，文件应为 UTF-8 编码"),
            });
        }
        self.rows += 1;
    }

    /// Adds a row of texts by key; a key that no column is read for is left out.
    pub fn push_texts(&mut self, cell: impl Fn(usize) -> Option<String>) {
        for ((at, source), builder) in self.sources.iter().zip(&mut self.builders) {
            match cell(*at).filter(|text| !text.is_empty()) {
                Some(text) => append(builder, &text, source.factor),
                None => builder.append_null(),
            }
        }
        self.rows += 1;
    }

    /// Something to say of the row that is being added.
    fn note(&mut self, note: String) {
        self.notes.push((self.rows, note));
    }

    /// The columns that were collected, by target; the collector is empty then.
    pub fn take(&mut self) -> (Vec<(String, ArrayRef)>, usize, Notes) {
        let arrays = self.builders.iter_mut().map(|builder| Arc::new(builder.finish()) as ArrayRef);
        let columns = self.sources.iter().map(|(_, source)| source.target.clone()).zip(arrays).collect();
        (columns, std::mem::take(&mut self.rows), std::mem::take(&mut self.notes))
    }
}

fn append(builder: &mut StringBuilder, text: &str, factor: Option<f64>) {
    match factor.and_then(|factor| scaled(text, factor)) {
        Some(scaled) => builder.append_value(scaled),
        None => builder.append_value(text),
    }
}

/// Any column as text: dates as `2026-11-01`, numbers as they read back.
///
/// # Errors
/// If its type has no form as text.
pub fn of_array(array: &ArrayRef) -> Result<StringArray, ArrowError> {
    let array = match array.data_type() {
        DataType::Timestamp(..) | DataType::Date64 => cast(array, &DataType::Date32)?,
        _ => Arc::clone(array),
    };
    let text = cast(&array, &DataType::Utf8)?;
    match text.as_any().downcast_ref::<StringArray>() {
        Some(text) => Ok(text.clone()),
        None => Err(ArrowError::CastError(format!("{} has no form as text", array.data_type()))),
    }
}
