//! Related tables: the items of a list, in a file of their own, joined to the firms by id and held in memory.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, RecordBatch, StringArray};
use arrow_schema::ArrowError;
use arrow_select::concat::concat;
use csv::ByteRecord;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use risktier::mapping::{Reading, texts};
use risktier::{Fact, Grader, ID_KEY, Lang, List, RelatedRows, Type, nearest};
use rustc_hash::FxHashMap;
use serde_json::{Map, Value};

use crate::error::CliError;
use crate::mapping::{Mapping, ROWS_KEY, Source, find_list};
use crate::notes::Notes;
use crate::progress::Progress;
use crate::read::json::Object;
use crate::read::text::TextColumns;
use crate::read::{FileFormat, Found, content, csv as csv_file, json, parquet as parquet_file};

/// A related table.
#[derive(Debug)]
pub struct Related {
    name: String,
    path: PathBuf,
    fields: Vec<(Fact, StringArray)>,
    rows: RelatedRows,
    /// Rows that the mapping leaves to other lists.
    of_other_lists: u64,
    notes: FxHashMap<u32, String>,
    /// The table is not the whole register: no row is not an empty list.
    partial: bool,
}

/// A table as it was read: texts by target, the id of the firm among them.
struct Table {
    columns: Vec<(String, ArrayRef)>,
    notes: Notes,
    unknown: Vec<String>,
}

impl Related {
    /// Reads a related table.
    ///
    /// # Errors
    /// If the book has no such list, or the file cannot be read or has no column with the id.
    pub fn load(
        grader: &Grader,
        mapping: &Mapping,
        (name, path): (&str, &Path),
        partial: bool,
        (found, lang): (&mut Found, Lang),
    ) -> Result<Related, CliError> {
        let list = find_list(grader, name)?;
        let table = match FileFormat::of(path)? {
            FileFormat::Csv => csv_table(list, mapping, path, b',', found, lang)?,
            FileFormat::Tsv => csv_table(list, mapping, path, b'\t', found, lang)?,
            FileFormat::Json => {
                let text = std::fs::read_to_string(path).map_err(CliError::read(path))?;
                let items = json::elements(path, &text)?;
                json_table(list, mapping, path, items.iter().map(|item| Ok(item.get().to_owned())), lang)?
            }
            FileFormat::JsonLines => {
                let lines = BufReader::new(File::open(path).map_err(CliError::read(path))?).lines();
                let lines = lines.map(|line| line.map_err(CliError::read(path)));
                let filled = lines.filter(|line| line.as_ref().map_or(true, |line| !line.trim().is_empty()));
                json_table(list, mapping, path, filled, lang)?
            }
            FileFormat::Parquet => parquet_table(list, mapping, path)?,
        };
        found.pass_over(path, &table.unknown, lang, |column| {
            nearest(column, list.fields.iter().map(|field| &*field.name))
        });
        index(list, path, table, mapping.rows_of(name), partial)
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The rows that belong to no firm that was graded, from 0, with the id that they name.
    pub fn orphans(&self) -> Vec<(u32, Option<&str>)> {
        self.rows.orphans()
    }

    /// How many rows the mapping leaves to other lists.
    pub fn of_other_lists(&self) -> u64 {
        self.of_other_lists
    }

    /// Remembers that a firm was graded.
    pub fn mark(&mut self, id: &str) {
        self.rows.mark(id);
    }

    /// The lists of these firms as a column. What was odd about their rows goes to the notes.
    ///
    /// # Errors
    /// If there are more items than a column can hold.
    pub fn column(&mut self, ids: &StringArray, notes: &mut Notes) -> Result<ArrayRef, ArrowError> {
        let fields: Vec<(&str, ArrayRef)> =
            self.fields.iter().map(|(field, texts)| (&*field.name, Arc::new(texts.clone()) as ArrayRef)).collect();
        let fields: Vec<(&str, &ArrayRef)> = fields.iter().map(|(name, texts)| (*name, texts)).collect();
        let of_row = &self.notes;
        self.rows.column(ids, &fields, self.partial, |at, row| {
            notes.extend(of_row.get(&row).map(|note| (at, note.clone())));
        })
    }

    /// The list of a firm as JSON, and what was odd about its rows; `null` where the list is unknown.
    pub fn items(&self, id: Option<&str>, notes: &mut Vec<String>) -> Value {
        let Some(rows) = id.and_then(|id| self.rows.of(id)) else {
            return if self.partial || id.is_none() { Value::Null } else { Value::Array(Vec::new()) };
        };
        let item = |row: &u32| {
            let at = *row as usize;
            let cell = |(field, texts): &(Fact, StringArray)| {
                let text = (at < texts.len() && texts.is_valid(at)).then(|| texts.value(at));
                (field.name.to_string(), text.map_or(Value::Null, |text| typed(field.ty, text)))
            };
            Value::Object(self.fields.iter().map(cell).collect::<Map<_, _>>())
        };
        notes.extend(rows.iter().filter_map(|row| self.notes.get(row).cloned()));
        Value::Array(rows.iter().map(item).collect())
    }
}

/// Joins rows to firms.
fn index(list: &List, path: &Path, table: Table, rows: Option<&[String]>, partial: bool) -> Result<Related, CliError> {
    let not_text = |error: ArrowError| content(path, "a table of texts, numbers and dates", error);
    let mut ids = None;
    let mut kinds = None;
    let mut fields = Vec::new();
    for (target, column) in &table.columns {
        let texts = texts(column).map_err(not_text)?;
        // A field may be called `id` too; the id of the firm comes first.
        if target == ID_KEY && ids.is_none() {
            ids = Some(texts);
        } else if target == ROWS_KEY {
            kinds = Some(texts);
        } else if let Some(field) = list.fields.iter().find(|field| *field.name == **target) {
            fields.push((field.clone(), texts));
        }
    }
    let ids = ids.unwrap_or_else(|| StringArray::new_null(0));
    if u32::try_from(ids.len()).is_err() {
        return Err(content(path, "a table of at most four thousand million rows", "it is larger"));
    }
    let belongs = |row: usize| match (&kinds, rows) {
        (Some(kinds), Some(wanted)) => {
            kinds.is_valid(row) && wanted.iter().any(|wanted| wanted == kinds.value(row).trim())
        }
        _ => true,
    };
    let of_other_lists = (0..ids.len()).filter(|row| !belongs(*row)).count() as u64;
    let mut notes: FxHashMap<u32, String> = FxHashMap::default();
    for (row, note) in table.notes {
        let Ok(row) = u32::try_from(row) else { continue };
        notes.entry(row).and_modify(|known| *known = format!("{known}; {note}")).or_insert(note);
    }
    Ok(Related {
        name: list.name.to_string(),
        path: path.to_owned(),
        fields,
        rows: RelatedRows::new(&ids, belongs),
        of_other_lists,
        notes,
        partial,
    })
}

/// The id of the firm, and then the fields.
fn with_id(id: usize, sources: Vec<(Vec<usize>, Source)>) -> Vec<(Vec<usize>, Source)> {
    let source = Source { target: ID_KEY.into(), ty: None, reading: Reading::column(ID_KEY) };
    std::iter::once((vec![id], source)).chain(sources).collect()
}

fn csv_table(
    list: &List,
    mapping: &Mapping,
    path: &Path,
    separator: u8,
    found: &mut Found,
    lang: Lang,
) -> Result<Table, CliError> {
    let progress = Progress::new(&[], false);
    let csv_file::Table { mut reader, names, encoding } = csv_file::open(&progress, path, separator)?;
    found.encoding(path, encoding, lang);
    let headers: Vec<&str> = names.iter().map(String::as_str).collect();
    let (id, resolved) = mapping.of_related(list, path, &headers)?;
    let mut texts = TextColumns::new(path, with_id(id, resolved.sources), headers.len(), lang);
    let mut record = ByteRecord::new();
    while reader.read_byte_record(&mut record).map_err(|error| csv_file::failed(path, error))? {
        texts.push(&record);
    }
    let (columns, _, notes) = texts.take();
    Ok(Table { columns, notes, unknown: resolved.unknown })
}

fn parquet_table(list: &List, mapping: &Mapping, path: &Path) -> Result<Table, CliError> {
    let not_parquet = |error: &dyn ToString| parquet_file::not_parquet(path, error.to_string());
    let file = File::open(path).map_err(CliError::read(path))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| not_parquet(&error))?;
    let schema = Arc::clone(builder.schema());
    let headers: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    let (id, resolved) = mapping.of_related(list, path, &headers)?;
    let batches: Result<Vec<_>, _> = builder.build().map_err(|error| not_parquet(&error))?.collect();
    let batches = batches.map_err(|error| not_parquet(&error))?;
    let rows = batches.iter().map(RecordBatch::num_rows).sum();
    let mut columns = Vec::new();
    for (places, source) in with_id(id, resolved.sources) {
        let mut of_source = Vec::with_capacity(places.len());
        for at in places {
            let parts: Vec<&dyn Array> =
                batches.iter().filter_map(|batch| batch.columns().get(at)).map(AsRef::as_ref).collect();
            if !parts.is_empty() {
                of_source.push(concat(&parts).map_err(|error| not_parquet(&error))?);
            }
        }
        let column = source.reading.column_of(&of_source, rows).map_err(|error| not_parquet(&error))?;
        columns.push((source.target, column));
    }
    Ok(Table { columns, notes: Notes::new(), unknown: resolved.unknown })
}

fn json_table(
    list: &List,
    mapping: &Mapping,
    path: &Path,
    items: impl Iterator<Item = Result<String, CliError>>,
    lang: Lang,
) -> Result<Table, CliError> {
    // Which keys there are shows only item by item: all of them are read before the columns are known.
    let mut keys: Vec<String> = Vec::new();
    let mut rows: Vec<Vec<(usize, String)>> = Vec::new();
    for item in items {
        let item = item?;
        let object = Object::parse(&item).map_err(|error| content(path, "records as JSON objects", error))?;
        let mut row = Vec::with_capacity(keys.len());
        for (key, value) in object.pairs() {
            let at = keys.iter().position(|known| known == key).unwrap_or_else(|| {
                keys.push(key.clone());
                keys.len() - 1
            });
            row.extend(json::text(value).map(|text| (at, text)));
        }
        rows.push(row);
    }
    if keys.is_empty() {
        keys.push(mapping.id().to_owned());
    }
    let headers: Vec<&str> = keys.iter().map(String::as_str).collect();
    let (id, resolved) = mapping.of_related(list, path, &headers)?;
    let mut texts = TextColumns::new(path, with_id(id, resolved.sources), headers.len(), lang);
    for row in rows {
        texts.push_texts(|at| row.iter().rev().find(|(key, _)| *key == at).map(|(_, text)| text.clone()));
    }
    let (columns, _, notes) = texts.take();
    Ok(Table { columns, notes, unknown: resolved.unknown })
}

/// A text as a JSON value of the type of its field; what does not read as that type stays a text, and is reported.
pub fn typed(ty: Type, text: &str) -> Value {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Value::Null;
    }
    let number = || trimmed.parse::<f64>().ok().and_then(serde_json::Number::from_f64).map(Value::Number);
    let value = match ty {
        Type::Bool => match trimmed {
            "true" | "TRUE" | "True" => Some(Value::Bool(true)),
            "false" | "FALSE" | "False" => Some(Value::Bool(false)),
            _ => None,
        },
        Type::Int => trimmed.parse::<i64>().ok().map(Value::from).or_else(number),
        Type::Float => number(),
        Type::Date => Some(Value::from(trimmed)),
        Type::Text => None,
    };
    value.unwrap_or_else(|| Value::from(text))
}
