//! Grades of Arrow record batches.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef, RecordBatch, StringArray, UInt32Array};
use arrow_cast::display::array_value_to_string;
use arrow_schema::{ArrowError, DataType};

use super::register::{Register, SectorTexts};
use super::{BatchError, BatchGrades, BatchOptions, Grader};
use crate::facts::ArrowSource;
use crate::facts::columns::Columns;
use crate::plan::Plan;
use crate::{ID_KEY, SECTOR_KEY};

impl Grader {
    /// Grades every row of a record batch: a column `sector` (one id, or several with `;` between), a column for each
    /// fact by its name, lists as `List<Struct>`, and if there is one a column `id`, which is handed through. Columns that
    /// the book does not know are passed over; facts without a column are unknown. Any integer or float width, plain
    /// and dictionary text, dates and timestamps (UTC) are read.
    ///
    /// # Errors
    /// If there is no way to know the sectors. What is wrong with a row stands in its grade.
    pub fn grade_batch(&self, batch: &RecordBatch) -> Result<BatchGrades, BatchError> {
        self.grade_batch_with(batch, &BatchOptions::default())
    }

    /// [`Grader::grade_batch`] with options.
    ///
    /// # Errors
    /// As for [`Grader::grade_batch`].
    pub fn grade_batch_with(&self, batch: &RecordBatch, options: &BatchOptions) -> Result<BatchGrades, BatchError> {
        self.grade_register(Register::of_batch(batch, options)?, options.sector.as_deref())
    }
}

impl<'r> Register<'r> {
    pub(crate) fn of_batch(batch: &'r RecordBatch, options: &'r BatchOptions) -> Result<Register<'r>, BatchError> {
        let columns: HashMap<String, ArrayRef> = batch
            .schema()
            .fields()
            .iter()
            .zip(batch.columns())
            .map(|(field, array)| (field.name().clone(), Arc::clone(array)))
            .collect();
        let sectors = columns.get(SECTOR_KEY).map(sector_texts).transpose()?;
        let ids = columns.get(ID_KEY).cloned();
        let id = move |row: usize| {
            let ids = ids.as_ref()?;
            (row < ids.len() && ids.is_valid(row)).then(|| array_value_to_string(ids, row).unwrap_or_default())
        };
        let read = move |plan: &Plan, rows: Option<&[u32]>| {
            let rows = rows.map(|rows| UInt32Array::from(rows.to_vec()));
            let source = ArrowSource {
                columns: &columns,
                len: rows.as_ref().map_or(batch.num_rows(), UInt32Array::len),
                rows: rows.as_ref(),
                parse_text: options.parse_text,
                parse_columns: &options.parse_columns,
            };
            Ok(Columns::read(plan, &source)?)
        };
        Ok(Register { len: batch.num_rows(), sectors, ids: Box::new(id), read: Box::new(read) })
    }
}

/// The different texts of a sector column, and which of them each row has.
fn sector_texts(column: &ArrayRef) -> Result<SectorTexts, ArrowError> {
    let codes = match column.data_type() {
        DataType::List(_) | DataType::LargeList(_) => joined(column)?,
        _ => Arc::clone(column),
    };
    let codes = arrow_cast::cast(&codes, &DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)))?;
    let codes = codes.as_dictionary::<Int32Type>();
    let texts = codes.values().as_string::<i32>();
    Ok(SectorTexts {
        texts: texts.iter().map(|text| text.unwrap_or_default().to_owned()).collect(),
        of_row: if codes.null_count() == 0 {
            codes.keys().values().iter().map(|key| *key as u32).collect()
        } else {
            codes.keys().iter().map(|key| key.map_or(u32::MAX, |key| key as u32)).collect()
        },
    })
}

/// Lists of sector ids, as one text each.
fn joined(column: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let mut texts = Vec::with_capacity(column.len());
    for row in 0..column.len() {
        let items = match column.data_type() {
            DataType::List(_) => column.as_list::<i32>().value(row),
            _ => column.as_list::<i64>().value(row),
        };
        let ids = (0..items.len()).filter(|at| items.is_valid(*at)).map(|at| array_value_to_string(&items, at));
        texts.push(ids.collect::<Result<Vec<String>, ArrowError>>()?.join(";"));
    }
    Ok(Arc::new(StringArray::from(texts)))
}
