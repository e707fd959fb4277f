//! The rows of `grades.csv`, `.jsonl` or `.parquet`.

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::sync::Arc;

use arrow_array::{Array, StringArray};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use risktier::mapping::texts;
use risktier::report::GradedFirm;
use risktier::{Lang, Tier};
use rustc_hash::FxHashSet;
use serde_json::Value;

use crate::error::CliError;
use crate::read::parquet::not_parquet;
use crate::read::{CHUNK, FileFormat, content};
use crate::write::flat;

const GRADES: &str = "the grades of firms, as `risktier grade --out` writes them";

/// The firms of a file of grades, and which of the columns are there that need not be.
#[derive(Debug, Default)]
pub struct Grades {
    pub firms: Vec<GradedFirm>,
    pub has_district: bool,
    pub has_missing: bool,
}

/// Columns without which a file is none of grades.
const NEEDED: [&str; 7] = ["id", "sector", "tier", "best", "worst", "fired", "undetermined"];

/// Reads the grades of a file; the district from a column of this name, if it is there.
///
/// # Errors
/// If the file cannot be read, lacks a column, or has a tier that is none.
pub fn grades(path: &Path, district: Option<&str>) -> Result<Grades, CliError> {
    let mut reader = Reader { district, names: FxHashSet::default(), read: Grades::default() };
    match FileFormat::of(path)? {
        FileFormat::Parquet => reader.parquet(path)?,
        FileFormat::JsonLines => reader.json_lines(path)?,
        _ => reader.csv(path)?,
    }
    Ok(reader.read)
}

struct Reader<'r> {
    district: Option<&'r str>,
    /// Names that many rows share are kept once.
    names: FxHashSet<Arc<str>>,
    read: Grades,
}

impl Reader<'_> {
    fn csv(&mut self, path: &Path) -> Result<(), CliError> {
        let wrong = |error: csv::Error| crate::read::csv::failed(path, error);
        let mut reader = csv::Reader::from_path(path).map_err(wrong)?;
        let headings = reader.headers().map_err(wrong)?.clone();
        let at = |name: &str| headings.iter().position(|heading| heading.trim_start_matches('\u{feff}') == name);
        self.columns(path, &|name| at(name).is_some())?;
        for row in reader.records() {
            let row = row.map_err(wrong)?;
            self.firm(path, &|name| at(name).and_then(|at| row.get(at)).map(Cow::Borrowed))?;
        }
        Ok(())
    }

    fn json_lines(&mut self, path: &Path) -> Result<(), CliError> {
        let lines = BufReader::with_capacity(1 << 20, File::open(path).map_err(CliError::read(path))?).lines();
        for (at, line) in lines.enumerate() {
            let line = line.map_err(CliError::read(path))?;
            let row: serde_json::Map<String, Value> = serde_json::from_str(&line)
                .map_err(|error| content(path, GRADES, format!("line {}: {error}", at + 1)))?;
            if at == 0 {
                self.columns(path, &|name| row.contains_key(name))?;
            }
            self.firm(path, &|name| row.get(name).map(as_text))?;
        }
        Ok(())
    }

    fn parquet(&mut self, path: &Path) -> Result<(), CliError> {
        let file = File::open(path).map_err(CliError::read(path))?;
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| not_parquet(path, error))?;
        let schema = Arc::clone(builder.schema());
        self.columns(path, &|name| schema.index_of(name).is_ok())?;
        let reader = builder.with_batch_size(CHUNK).build().map_err(|error| not_parquet(path, error))?;
        for batch in reader {
            let batch = batch.and_then(|batch| flat(&batch)).map_err(|error| not_parquet(path, error))?;
            let columns: Vec<(&str, StringArray)> = schema
                .fields()
                .iter()
                .zip(batch.columns())
                .filter(|(field, _)| self.wants(field.name()))
                .map(|(field, column)| Ok((field.name().as_str(), texts(column)?)))
                .collect::<Result<_, arrow_schema::ArrowError>>()
                .map_err(|error| not_parquet(path, error))?;
            for row in 0..batch.num_rows() {
                let cell = |name: &str| {
                    let (_, column) = columns.iter().find(|(known, _)| *known == name)?;
                    column.is_valid(row).then(|| Cow::Borrowed(column.value(row)))
                };
                self.firm(path, &cell)?;
            }
        }
        Ok(())
    }

    fn wants(&self, name: &str) -> bool {
        NEEDED.contains(&name) || ["name", "missing", "errors"].contains(&name) || self.district == Some(name)
    }

    fn columns(&mut self, path: &Path, is_there: &dyn Fn(&str) -> bool) -> Result<(), CliError> {
        if let Some(missing) = NEEDED.iter().find(|name| !is_there(name)) {
            return Err(CliError::NoColumn {
                path: path.to_owned(),
                column: (*missing).to_owned(),
                expected: GRADES.to_owned(),
                nearest: None,
            });
        }
        self.read.has_district = self.district.is_some_and(is_there);
        self.read.has_missing = is_there("missing");
        Ok(())
    }

    /// Adds the firm of a row.
    fn firm<'c>(&mut self, path: &Path, cell: &dyn Fn(&str) -> Option<Cow<'c, str>>) -> Result<(), CliError> {
        let cell = |name: &str| cell(name).filter(|text| !text.is_empty());
        let tier = |name: &str| match cell(name) {
            None => Ok(None),
            Some(text) => match Tier::ALL.into_iter().find(|tier| tier.name(Lang::En) == text) {
                Some(tier) => Ok(Some(tier)),
                None => Err(content(path, GRADES, format!("`{text}` in the column `{name}` is no tier"))),
            },
        };
        let (now, best, worst) = (tier("tier")?, tier("best")?, tier("worst")?);
        let names = &mut self.names;
        let mut shared = |text: &str| match names.get(text) {
            Some(known) => Arc::clone(known),
            None => {
                let name: Arc<str> = text.into();
                names.insert(Arc::clone(&name));
                name
            }
        };
        let mut all = |name: &str| -> Vec<Arc<str>> {
            cell(name).map(|text| text.split(';').map(&mut shared).collect()).unwrap_or_default()
        };
        let (fired, undetermined, missing) = (all("fired"), all("undetermined"), all("missing"));
        self.read.firms.push(GradedFirm {
            id: cell("id").map(Cow::into_owned),
            name: cell("name").map(Cow::into_owned),
            district: self.district.and_then(cell).map(|text| shared(&text)),
            sector: cell("sector").map(|text| shared(&text)),
            tier: now,
            best,
            worst,
            fired,
            undetermined,
            missing,
            has_errors: cell("errors").is_some(),
        });
        Ok(())
    }
}

/// As it stands in CSV.
fn as_text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Null => Cow::Borrowed(""),
        Value::String(text) => Cow::Borrowed(text),
        Value::Array(items) => Cow::Owned(items.iter().map(as_text).collect::<Vec<_>>().join(";")),
        other => Cow::Owned(other.to_string()),
    }
}
