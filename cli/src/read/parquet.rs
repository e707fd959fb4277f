//! Firms of a Parquet file: columns keep their types.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow_array::ArrayRef;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::{CHUNK, Run, Sink, content};
use crate::error::CliError;
use crate::notes::Notes;

/// Reads and grades a file.
pub fn grade(run: &mut Run<'_>, path: &Path, sink: Sink<'_>) -> Result<(), CliError> {
    let file = File::open(path).map_err(CliError::read(path))?;
    let bytes = file.metadata().map_or(0, |file| file.len());
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| not_parquet(path, error))?;
    let rows_of_file = u64::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or(0).max(1);
    let schema = Arc::clone(builder.schema());
    let headers: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    let resolved = run.mapping.of_firms(run.grader, path, &headers)?;
    run.pass_over(path, &resolved.unknown);
    run.must_name_sectors(path, &resolved)?;

    // Columns that nobody reads are not decoded.
    let mut wanted: Vec<usize> = resolved.sources.iter().flat_map(|(at, _)| at.iter().copied()).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let mask = ProjectionMask::roots(builder.parquet_schema(), wanted.iter().copied());
    let reader =
        builder.with_projection(mask).with_batch_size(CHUNK).build().map_err(|error| not_parquet(path, error))?;
    let mut done = 0;
    for batch in reader {
        let batch = batch.map_err(|error| not_parquet(path, error))?;
        let mut columns = Vec::with_capacity(resolved.sources.len());
        for (at, source) in &resolved.sources {
            let place = |at: &usize| wanted.binary_search(at).ok().and_then(|at| batch.columns().get(at)).cloned();
            let of_source: Vec<ArrayRef> = at.iter().filter_map(place).collect();
            let column =
                source.reading.column_of(&of_source, batch.num_rows()).map_err(|error| not_parquet(path, error))?;
            columns.push((source.target.clone(), column));
        }
        run.grade_columns(path, columns, batch.num_rows(), Notes::new(), sink)?;
        let before = bytes * done / rows_of_file;
        done += batch.num_rows() as u64;
        run.progress.advance(bytes * done / rows_of_file - before);
    }
    Ok(())
}

/// A file that is not Parquet, or is broken.
pub fn not_parquet(path: &Path, error: impl ToString) -> CliError {
    content(path, "a Parquet file", error)
}
