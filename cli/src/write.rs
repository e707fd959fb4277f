//! Writes the results as CSV, JSON Lines or Parquet. A file gets its name when it is whole.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch, StringArray};
use arrow_json::LineDelimitedWriter;
use arrow_json::writer::{LineDelimited, WriterBuilder};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use risktier::mapping::texts;

use crate::args::Format;
use crate::error::CliError;

enum Sheet {
    Csv(Box<arrow_csv::Writer<BufWriter<File>>>),
    Jsonl(LineDelimitedWriter<BufWriter<File>>),
    Parquet(Box<ArrowWriter<BufWriter<File>>>),
}

/// A file of results that is being written.
pub struct Writer {
    sheet: Sheet,
    path: PathBuf,
    part: PathBuf,
}

impl Writer {
    /// Starts `grades.csv`, or `.jsonl`, or `.parquet`, in a folder, which is made if it is not there.
    ///
    /// # Errors
    /// If the folder cannot be made, or the file cannot be written.
    pub fn new(folder: &Path, format: Format, schema: &SchemaRef) -> Result<Writer, CliError> {
        fs::create_dir_all(folder).map_err(CliError::write(folder))?;
        let ending = match format {
            Format::Csv => "csv",
            Format::Jsonl => "jsonl",
            Format::Parquet => "parquet",
        };
        let path = folder.join(format!("grades.{ending}"));
        let part = folder.join(format!("grades.{ending}.part"));
        let file = BufWriter::with_capacity(1 << 20, File::create(&part).map_err(CliError::write(&part))?);
        let sheet = match format {
            Format::Csv => Sheet::Csv(Box::new(arrow_csv::Writer::new(file))),
            Format::Jsonl => {
                Sheet::Jsonl(WriterBuilder::new().with_explicit_nulls(true).build::<_, LineDelimited>(file))
            }
            Format::Parquet => {
                let properties =
                    WriterProperties::builder().set_compression(Compression::ZSTD(ZstdLevel::default())).build();
                let writer = ArrowWriter::try_new(file, Arc::clone(schema), Some(properties));
                Sheet::Parquet(Box::new(writer.map_err(CliError::write(&part))?))
            }
        };
        let mut writer = Writer { sheet, path, part };
        // The names of the columns stand there even when there is no firm.
        writer.write(&RecordBatch::new_empty(Arc::clone(schema)))?;
        Ok(writer)
    }

    /// # Errors
    /// If the file cannot be written.
    pub fn write(&mut self, results: &RecordBatch) -> Result<(), CliError> {
        match &mut self.sheet {
            Sheet::Csv(writer) => {
                flat(results).and_then(|flat| writer.write(&flat)).map_err(CliError::write(&self.part))
            }
            Sheet::Jsonl(writer) => writer.write(results).map_err(CliError::write(&self.part)),
            Sheet::Parquet(writer) => writer.write(results).map_err(CliError::write(&self.part)),
        }
    }

    /// Gives the path of the finished file.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn finish(self) -> Result<PathBuf, CliError> {
        let Writer { sheet, path, part } = self;
        let mut file = match sheet {
            Sheet::Csv(writer) => writer.into_inner(),
            Sheet::Jsonl(mut writer) => {
                writer.finish().map_err(CliError::write(&part))?;
                writer.into_inner()
            }
            Sheet::Parquet(writer) => writer.into_inner().map_err(CliError::write(&part))?,
        };
        file.flush().map_err(CliError::write(&part))?;
        drop(file);
        fs::rename(&part, &path).map_err(CliError::write(&path))?;
        Ok(path)
    }
}

/// CSV has no lists: their items stand in one cell with `;` between.
pub fn flat(results: &RecordBatch) -> Result<RecordBatch, arrow_schema::ArrowError> {
    let schema = results.schema();
    let mut fields = Vec::with_capacity(schema.fields().len());
    let mut columns: Vec<ArrayRef> = Vec::with_capacity(schema.fields().len());
    for (field, column) in schema.fields().iter().zip(results.columns()) {
        match column.data_type() {
            DataType::List(_) => {
                fields.push(Field::new(field.name(), DataType::Utf8, true));
                columns.push(Arc::new(joined(column)?));
            }
            _ => {
                fields.push(field.as_ref().clone());
                columns.push(Arc::clone(column));
            }
        }
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
}

fn joined(lists: &ArrayRef) -> Result<StringArray, arrow_schema::ArrowError> {
    let lists = lists.as_list::<i32>();
    let texts = texts(lists.values())?;
    let mut joined = StringBuilder::new();
    for (row, bounds) in lists.value_offsets().windows(2).enumerate() {
        let (&[from, to], false) = (bounds, lists.is_null(row)) else {
            joined.append_null();
            continue;
        };
        let (from, to) = (usize::try_from(from).unwrap_or(0), usize::try_from(to).unwrap_or(0));
        let mut cell = String::new();
        for at in from..to.min(texts.len()) {
            if at > from {
                cell.push(';');
            }
            cell.push_str(texts.value(at));
        }
        joined.append_value(cell);
    }
    Ok(joined.finish())
}
