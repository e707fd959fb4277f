//! Firms of a table of text: every cell is text, and is read as the type of its fact.

use std::io::Read;
use std::path::Path;

use csv::{ByteRecord, Reader, ReaderBuilder};
use encoding_rs::UTF_8;

use super::dialect::Dialect;
use super::text::TextColumns;
use super::{CHUNK, Run, Sink};
use crate::error::CliError;
use crate::progress::Progress;

/// A table of text, opened.
pub struct Table {
    pub reader: Reader<Box<dyn Read>>,
    /// The names in its first line.
    pub names: Vec<String>,
    /// The name of its encoding, if that is not UTF-8.
    pub encoding: Option<&'static str>,
}

/// Reads and grades a file.
pub fn grade(run: &mut Run<'_>, path: &Path, separator: u8, sink: Sink<'_>) -> Result<(), CliError> {
    let Table { mut reader, names, encoding } = open(run.progress, path, separator)?;
    run.found.encoding(path, encoding, run.lang);
    let headers: Vec<&str> = names.iter().map(String::as_str).collect();
    let resolved = run.mapping.of_firms(run.grader, path, &headers)?;
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

/// Opens a table behind its first line. `separator` is the usual one of its ending.
///
/// # Errors
/// If the file cannot be read, has no first line, or is not text.
pub fn open(progress: &Progress, path: &Path, separator: u8) -> Result<Table, CliError> {
    let dialect = Dialect::of(path, separator)?;
    let file = dialect.decode(progress.open(path)?).map_err(CliError::read(path))?;
    let mut reader = ReaderBuilder::new().delimiter(dialect.separator).flexible(true).from_reader(file);
    let headers = reader.byte_headers().map_err(|error| failed(path, error))?;
    let mut names = Vec::with_capacity(headers.len());
    for header in headers {
        match std::str::from_utf8(header) {
            Ok(name) => names.push(name.trim().to_owned()),
            Err(error) => return Err(super::content(path, "a table in UTF-8, UTF-16 or GB 18030", error)),
        }
    }
    if names.is_empty() {
        return Err(super::content(path, "a table with the names of its columns in the first line", "it is empty"));
    }
    let encoding = Some(dialect.encoding).filter(|encoding| *encoding != UTF_8).map(|encoding| encoding.name());
    Ok(Table { reader, names, encoding })
}

/// Reading stopped. Rows that are odd do not: this is about the file as a whole.
pub fn failed(path: &Path, error: csv::Error) -> CliError {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => CliError::Read { path: path.to_owned(), error },
        other => super::content(path, "a table", format!("{other:?}")),
    }
}
