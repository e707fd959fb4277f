//! Firms of a CSV file: every cell is text, and is read as the type of its fact.

use std::io::Read;
use std::path::Path;

use csv::{ByteRecord, Reader, ReaderBuilder};

use super::text::TextColumns;
use super::{CHUNK, Run, Sink};
use crate::error::CliError;

/// Reads and grades a file.
pub fn grade(run: &mut Run<'_>, path: &Path, delimiter: u8, sink: Sink<'_>) -> Result<(), CliError> {
    let (mut reader, headers) = open(run.progress.open(path)?, path, delimiter)?;
    let names: Vec<&str> = headers.iter().map(String::as_str).collect();
    let resolved = run.mapping.of_firms(run.grader, path, &names)?;
    run.pass_over(path, &resolved.unknown);
    run.must_name_sectors(path, &resolved)?;
    let mut columns = TextColumns::new(path, resolved.sources, headers.len(), run.lang);
    let mut record = ByteRecord::new();
    while reader.read_byte_record(&mut record).map_err(|error| failed(path, error))? {
        columns.push(&record);
        if columns.rows() == CHUNK {
            let (columns, rows, notes) = columns.take();
            run.grade_columns(path, columns, rows, notes, sink)?;
        }
    }
    if columns.rows() > 0 {
        let (columns, rows, notes) = columns.take();
        run.grade_columns(path, columns, rows, notes, sink)?;
    }
    Ok(())
}

/// A reader behind the first line, and the names in it.
///
/// # Errors
/// If the file has no first line, or it is not text.
pub fn open<R: Read>(file: R, path: &Path, delimiter: u8) -> Result<(Reader<R>, Vec<String>), CliError> {
    let mut reader = ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(file);
    let headers = reader.byte_headers().map_err(|error| failed(path, error))?;
    let mut names = Vec::with_capacity(headers.len());
    for header in headers {
        match std::str::from_utf8(header) {
            Ok(name) => names.push(name.trim_start_matches('\u{feff}').trim().to_owned()),
            Err(error) => return Err(super::content(path, "a table in UTF-8", error)),
        }
    }
    if names.is_empty() {
        return Err(super::content(path, "a table with the names of its columns in the first line", "it is empty"));
    }
    Ok((reader, names))
}

/// Reading stopped. Rows that are odd do not: this is about the file as a whole.
pub fn failed(path: &Path, error: csv::Error) -> CliError {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => CliError::Read { path: path.to_owned(), error },
        other => super::content(path, "a table", format!("{other:?}")),
    }
}
