//! Reads files of firms piece by piece, grades each piece, and hands the results on. Nothing here holds a whole register.

pub mod csv;
mod dialect;
pub mod json;
pub mod parquet;
pub mod text;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, RecordBatch, RecordBatchOptions, StringArray};
use arrow_schema::{DataType, Field, Schema};
use rayon::prelude::*;
use risktier::mapping::texts;
use risktier::{BatchOptions, ExportOptions, FirmLists, Grader, ID_KEY, Lang, SECTOR_KEY, Tier, nearest};
use rustc_hash::FxHashSet;

use crate::error::CliError;
use crate::mapping::{Mapping, NAME_KEY, Resolved, kept, nearest_key};
use crate::notes::{self, Notes};
use crate::progress::Progress;
use crate::related::Related;
use crate::words::{count, grouped, say};

/// So many firms are graded at a time.
pub const CHUNK: usize = 8192;

/// The format of a file, by its ending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFormat {
    Csv,
    Tsv,
    Json,
    JsonLines,
    Parquet,
}

impl FileFormat {
    /// # Errors
    /// If the ending is not known.
    pub fn of(path: &Path) -> Result<FileFormat, CliError> {
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        match ending.as_deref() {
            Some("csv") => Ok(FileFormat::Csv),
            Some("tsv") => Ok(FileFormat::Tsv),
            Some("json") => Ok(FileFormat::Json),
            Some("jsonl" | "ndjson") => Ok(FileFormat::JsonLines),
            Some("parquet") => Ok(FileFormat::Parquet),
            _ => Err(CliError::Ending {
                path: path.to_owned(),
                expected: ".csv, .tsv, .json, .jsonl, .ndjson or .parquet",
            }),
        }
    }
}

/// Takes what comes out, chunk by chunk, in the order of the firms.
pub trait Results {
    /// The grades of some firms, with the columns that are handed through.
    ///
    /// # Errors
    /// If they cannot be written.
    fn grades(&mut self, results: &RecordBatch) -> Result<(), CliError> {
        let _ = results;
        Ok(())
    }

    /// The three lists of one firm, and its name.
    ///
    /// # Errors
    /// If they cannot be written.
    fn lists(&mut self, lists: &FirmLists) -> Result<(), CliError> {
        let _ = lists;
        Ok(())
    }

    /// The best tier whose firms get lists; none if nobody does.
    fn lists_from(&self) -> Option<Tier> {
        None
    }

    /// Whoever takes the firms themselves gets no grades and no lists.
    fn takes_firms(&self) -> bool {
        false
    }

    /// Firms as they were read, in the order of the file.
    ///
    /// # Errors
    /// If nothing can be made of them.
    fn firms(&mut self, firms: &Firms<'_>) -> Result<(), CliError> {
        let _ = firms;
        Ok(())
    }
}

/// Firms as the engine reads them, and their names where the file has them.
pub struct Firms<'f> {
    pub records: Records<'f>,
    pub names: Vec<Option<String>>,
}

pub enum Records<'f> {
    Columns(&'f RecordBatch, &'f BatchOptions),
    Texts(Vec<&'f str>),
}

impl Firms<'_> {
    /// # Errors
    /// If the columns do not fit the facts.
    pub fn grade(&self, grader: &Grader) -> Result<risktier::BatchGrades, CliError> {
        match &self.records {
            Records::Columns(batch, options) => {
                grader.grade_batch_with(batch, options).map_err(|error| CliError::Results(error.to_string()))
            }
            Records::Texts(texts) => {
                grader.grade_json_batch(texts, None).map_err(|error| CliError::Results(error.to_string()))
            }
        }
    }
}

/// Where the results go.
pub type Sink<'a> = &'a mut dyn Results;

/// So many firms have their lists in memory at a time.
const LISTS_AT_ONCE: usize = 256;

/// Everything that the readers need, and what they found on the way.
pub struct Run<'a> {
    pub grader: &'a Grader,
    pub mapping: &'a Mapping,
    pub related: Vec<Related>,
    pub batch: BatchOptions,
    pub export: ExportOptions,
    pub lang: Lang,
    pub progress: &'a Progress,
    pub found: Found,
}

/// What should be said of the files when all of them are read.
#[derive(Debug, Default)]
pub struct Found {
    /// Hashes of ids: eight bytes a firm, so that a long register fits.
    ids: FxHashSet<u64>,
    repeated: u64,
    /// The first of them.
    repeated_ids: Vec<String>,
    encodings: Vec<std::path::PathBuf>,
    passed_over: Vec<String>,
    pub warnings: Vec<String>,
}

impl Run<'_> {
    /// Reads and grades a file of firms.
    ///
    /// # Errors
    /// If the file cannot be read, or is not what its ending says. What is wrong with single firms is in the results.
    pub fn file(&mut self, path: &Path, sink: Sink<'_>) -> Result<(), CliError> {
        match FileFormat::of(path)? {
            FileFormat::Csv => csv::grade(self, path, b',', sink),
            FileFormat::Tsv => csv::grade(self, path, b'\t', sink),
            FileFormat::Json => json::grade_document(self, path, sink),
            FileFormat::JsonLines => json::grade_lines(self, path, sink),
            FileFormat::Parquet => parquet::grade(self, path, sink),
        }
    }

    /// Grades firms that were read as columns.
    fn grade_columns(
        &mut self,
        path: &Path,
        mut columns: Vec<(String, ArrayRef)>,
        rows: usize,
        mut notes: Notes,
        sink: Sink<'_>,
    ) -> Result<(), CliError> {
        let kept = self.take_kept(&mut columns)?;
        let ids = columns.iter().find(|(name, _)| name == ID_KEY).map(|(_, ids)| Arc::clone(ids));
        let ids = match &ids {
            Some(ids) => texts(ids).map_err(|error| content(path, "a file with an id for each firm", error))?,
            None => StringArray::new_null(rows),
        };
        for id in ids.iter().flatten() {
            self.found.id(id);
        }
        for related in &mut self.related {
            columns.retain(|(name, _)| name != related.name());
            let column = related.column(&ids, &mut notes).map_err(|error| CliError::Results(error.to_string()))?;
            columns.push((related.name().to_owned(), column));
        }
        let fields: Vec<Field> =
            columns.iter().map(|(name, column)| Field::new(name, column.data_type().clone(), true)).collect();
        let arrays = columns.into_iter().map(|(_, column)| column).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let batch = RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &options)
            .map_err(|error| CliError::Results(error.to_string()))?;
        let names = kept.iter().find(|(name, _)| name == NAME_KEY).map(|(_, names)| names);
        if sink.takes_firms() {
            let names = match names {
                Some(names) => names.iter().map(|name| name.map(str::to_owned)).collect(),
                None => vec![None; rows],
            };
            return sink.firms(&Firms { records: Records::Columns(&batch, &self.batch), names });
        }
        let grades = self.grader.grade_batch_with(&batch, &self.batch).map_err(CliError::batch(path))?;
        let results = grades.to_record_batch(&self.export).map_err(|error| CliError::Results(error.to_string()))?;
        let results = notes::add(results, &mut notes).map_err(|error| CliError::Results(error.to_string()))?;
        sink.grades(&with_kept(&results, &kept)?)?;
        let Some(from) = sink.lists_from() else { return Ok(()) };
        let rows: Vec<usize> =
            (0..grades.len()).filter(|row| grades.tiers(*row).is_some_and(|(tier, ..)| tier >= from)).collect();
        for rows in rows.chunks(LISTS_AT_ONCE) {
            let issued: Vec<Option<FirmLists>> = rows
                .par_iter()
                .map(|row| {
                    let mut lists = self.grader.lists_of(&grades.explain(*row).ok()?);
                    lists.name = names.filter(|names| names.is_valid(*row)).map(|names| names.value(*row).to_owned());
                    Some(lists)
                })
                .collect();
            issued.iter().flatten().try_for_each(|lists| sink.lists(lists))?;
        }
        Ok(())
    }

    /// Takes the columns that are handed through, as texts by the names that they get.
    fn take_kept(&self, columns: &mut Vec<(String, ArrayRef)>) -> Result<Vec<(String, StringArray)>, CliError> {
        let mut taken = Vec::new();
        for name in self.mapping.kept() {
            let Some(at) = columns.iter().position(|(target, _)| kept(target) == Some(name)) else { continue };
            let (_, column) = columns.swap_remove(at);
            let texts = texts(&column).map_err(|error| CliError::Results(error.to_string()))?;
            taken.push((name.to_owned(), texts));
        }
        Ok(taken)
    }

    /// # Errors
    /// If the file has no column of sectors, and none is given for all firms.
    fn must_name_sectors(&self, path: &Path, resolved: &Resolved) -> Result<(), CliError> {
        let named = resolved.sources.iter().any(|(_, source)| source.target == SECTOR_KEY);
        if named || self.batch.sector.is_some() || self.mapping.names_sector() {
            return Ok(());
        }
        Err(CliError::NoColumn {
            path: path.to_owned(),
            column: SECTOR_KEY.into(),
            expected: "the id of the firm's sector there, or `--sector ID` for all firms".into(),
            nearest: nearest(SECTOR_KEY, resolved.unknown.iter().map(String::as_str)),
        })
    }

    /// Says of columns that the book does not know what they may have meant.
    fn pass_over(&mut self, path: &Path, columns: &[String]) {
        let grader = self.grader;
        self.found.pass_over(path, columns, self.lang, |name| nearest_key(grader, name));
    }
}

impl Found {
    pub fn id(&mut self, id: &str) {
        let mut hasher = DefaultHasher::new();
        id.hash(&mut hasher);
        if !self.ids.insert(hasher.finish()) {
            self.repeated += 1;
            if self.repeated_ids.len() < 5 {
                self.repeated_ids.push(id.to_owned());
            }
        }
    }

    /// A file that is not in UTF-8 is said to be so, once.
    pub fn encoding(&mut self, path: &Path, encoding: Option<&str>, lang: Lang) {
        let Some(encoding) = encoding.filter(|_| !self.encodings.iter().any(|known| known == path)) else { return };
        self.encodings.push(path.to_owned());
        let path = path.display();
        self.warnings.push(say(
            lang,
            format!("`{path}` is read as {encoding}, as its bytes show"),
            format!("`{path}`：按内容识别为 {encoding} 编码"),
        ));
    }

    /// Each column is spoken of once.
    pub fn pass_over(&mut self, path: &Path, columns: &[String], lang: Lang, nearest: impl Fn(&str) -> Option<String>) {
        let mut others = Vec::new();
        for column in columns {
            if column.is_empty() || self.passed_over.contains(column) {
                continue;
            }
            self.passed_over.push(column.clone());
            match nearest(column) {
                Some(near) => self.warnings.push(match lang {
                    Lang::En => format!(
                        "`{}`: the book does not know the column `{column}`, it is passed over; did you mean `{near}`?",
                        path.display()
                    ),
                    Lang::Zh => {
                        format!("`{}`：规则册不认识列 `{column}`，已忽略；是否为 `{near}`？", path.display())
                    }
                }),
                None => others.push(format!("`{column}`")),
            }
        }
        if !others.is_empty() {
            self.warnings.push(match lang {
                Lang::En => {
                    let noun = if others.len() == 1 { "column" } else { "columns" };
                    format!(
                        "`{}`: {noun} that the book does not know, passed over: {}",
                        path.display(),
                        others.join(", ")
                    )
                }
                Lang::Zh => format!("`{}`：规则册不认识的列，已忽略：{}", path.display(), others.join("、")),
            });
        }
    }

    /// What is to be said when all files are read.
    pub fn finish(&mut self, related: &[Related], lang: Lang) -> Vec<String> {
        if self.repeated > 0 {
            self.warnings.push(match lang {
                Lang::En => format!(
                    "{} an id that an earlier row has ({}); each row is graded on its own",
                    count(self.repeated, "row has", "rows have"),
                    examples(&self.repeated_ids, self.repeated)
                ),
                Lang::Zh => format!(
                    "{} 行的编号与前面的行相同（{}）；每行单独定级",
                    grouped(self.repeated),
                    examples(&self.repeated_ids, self.repeated)
                ),
            });
        }
        for related in related {
            let orphans = related.orphans().len() as u64;
            let others = related.of_other_lists();
            if others > 0 {
                let (path, name) = (related.path().display(), related.name());
                self.warnings.push(say(
                    lang,
                    format!(
                        "`{path}`: {} not to the list `{name}`, as the mapping says",
                        count(others, "row belongs", "rows belong")
                    ),
                    format!("`{path}`：按映射文件，{} 行不属于列表 `{name}`", grouped(others)),
                ));
            }
            if orphans > 0 {
                let path = related.path().display();
                self.warnings.push(say(
                    lang,
                    format!("`{path}`: {} to no firm that was graded", count(orphans, "row belongs", "rows belong")),
                    format!("`{path}`：{} 行不属于任何已定级的企业", grouped(orphans)),
                ));
            }
        }
        std::mem::take(&mut self.warnings)
    }
}

fn examples(ids: &[String], of: u64) -> String {
    let more = if of > ids.len() as u64 { ", ..." } else { "" };
    format!("{}{more}", ids.join(", "))
}

/// The results with the columns that are handed through, behind the id.
fn with_kept(results: &RecordBatch, kept: &[(String, StringArray)]) -> Result<RecordBatch, CliError> {
    if kept.is_empty() {
        return Ok(results.clone());
    }
    let schema = results.schema();
    let mut fields: Vec<Field> = schema.fields().iter().map(|field| field.as_ref().clone()).collect();
    let mut columns = results.columns().to_vec();
    for (at, (name, texts)) in kept.iter().enumerate() {
        fields.insert((at + 1).min(fields.len()), Field::new(name, DataType::Utf8, true));
        columns.insert((at + 1).min(columns.len()), Arc::new(texts.clone()));
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).map_err(|error| CliError::Results(error.to_string()))
}

/// The schema of the results with the columns that are handed through.
///
/// # Errors
/// Never: the columns have the types that they are given here.
pub fn schema_with_kept(schema: &Arc<Schema>, mapping: &Mapping) -> Result<Arc<Schema>, CliError> {
    let none: Vec<(String, StringArray)> =
        mapping.kept().map(|name| (name.to_owned(), StringArray::new_null(0))).collect();
    Ok(with_kept(&RecordBatch::new_empty(Arc::clone(schema)), &none)?.schema())
}

/// A file that is not what it should be.
pub fn content(path: &Path, expected: &'static str, error: impl ToString) -> CliError {
    CliError::Content { path: path.to_owned(), expected, error: error.to_string() }
}
