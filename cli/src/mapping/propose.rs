//! `risktier map`: which column of a file could be which fact, and how sure that is.

use std::collections::BTreeMap;
use std::path::Path;

use arrow_array::ArrayRef;
use csv::ByteRecord;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use risktier::mapping::{Proposal, ProposedBy, SeenColumn, texts};
use risktier::{ID_KEY, SECTOR_KEY};

use crate::Outcome;
use crate::args::MapArgs;
use crate::book;
use crate::console::Console;
use crate::error::CliError;
use crate::progress::Progress;
use crate::read::{FileFormat, csv as csv_file, json, parquet as parquet_file};
use crate::register::known_sector;

/// So many rows are looked at.
const ROWS: usize = 1000;

pub fn run(args: &MapArgs, console: &mut Console) -> Result<Outcome, CliError> {
    let grader = book::load(&args.book)?.as_of(book::grading_date(args.as_of)?);
    known_sector(&grader, &args.sector)?;
    let columns = look(&args.file)?;
    let chosen = grader.propose_mapping(&args.sector, &columns, args.least);
    console.line(write(&args.file, &args.sector, &columns, &chosen))?;
    Ok(Outcome::Done)
}

/// The columns of a file, with the values of its first rows.
fn look(path: &Path) -> Result<Vec<SeenColumn>, CliError> {
    let progress = Progress::new(&[], false);
    match FileFormat::of(path)? {
        format @ (FileFormat::Csv | FileFormat::Tsv) => {
            let separator = if format == FileFormat::Tsv { b'\t' } else { b',' };
            let mut table = csv_file::open(&progress, path, separator)?;
            let mut columns: Vec<SeenColumn> =
                table.names.into_iter().map(|name| SeenColumn { name, values: Vec::new() }).collect();
            let mut record = ByteRecord::new();
            for _ in 0..ROWS {
                if !table.reader.read_byte_record(&mut record).map_err(|error| csv_file::failed(path, error))? {
                    break;
                }
                for (column, cell) in columns.iter_mut().zip(&record) {
                    column.values.push(String::from_utf8_lossy(cell).trim().to_owned());
                }
            }
            Ok(columns)
        }
        FileFormat::Json | FileFormat::JsonLines => {
            let text = std::fs::read_to_string(path).map_err(CliError::read(path))?;
            let lines = FileFormat::of(path)? == FileFormat::JsonLines;
            let items: Vec<&str> = if lines {
                text.lines().filter(|line| !line.trim().is_empty()).take(ROWS).collect()
            } else {
                json::elements(path, &text)?.into_iter().take(ROWS).map(|item| item.get()).collect()
            };
            let mut columns: Vec<SeenColumn> = Vec::new();
            for item in items {
                let Ok(object) = json::Object::parse(item) else { continue };
                for (key, value) in object.pairs() {
                    let at = columns.iter().position(|column| column.name == *key).unwrap_or_else(|| {
                        columns.push(SeenColumn { name: key.clone(), values: Vec::new() });
                        columns.len() - 1
                    });
                    if let (Some(column), Some(text)) = (columns.get_mut(at), json::text(value)) {
                        column.values.push(text);
                    }
                }
            }
            Ok(columns)
        }
        FileFormat::Parquet => {
            let not_parquet = |error: &dyn ToString| parquet_file::not_parquet(path, error.to_string());
            let file = std::fs::File::open(path).map_err(CliError::read(path))?;
            let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| not_parquet(&error))?;
            let schema = std::sync::Arc::clone(builder.schema());
            let reader = builder.with_batch_size(ROWS).build().map_err(|error| not_parquet(&error))?;
            let mut columns: Vec<SeenColumn> = schema
                .fields()
                .iter()
                .map(|field| SeenColumn { name: field.name().clone(), values: Vec::new() })
                .collect();
            for batch in reader.take(1) {
                let batch = batch.map_err(|error| not_parquet(&error))?;
                for (column, array) in columns.iter_mut().zip(batch.columns()) {
                    column.values = values(array);
                }
            }
            Ok(columns)
        }
    }
}

fn values(array: &ArrayRef) -> Vec<String> {
    let texts = texts(array);
    texts.map(|texts| texts.iter().flatten().map(str::to_owned).collect()).unwrap_or_default()
}

/// How the column is read, as the right side of a line.
fn spec(columns: &[SeenColumn], one: &Proposal) -> String {
    let name = quoted(columns.get(one.column).map_or("", |column| &column.name));
    let mut more: Vec<String> = Vec::new();
    if one.yes_no {
        more.push("codes = \"yes-no\"".into());
    }
    if one.thousands {
        more.push("thousands = true".into());
    }
    if one.percent {
        more.push("percent = true".into());
    }
    more.extend(one.from.map(|from| format!("from = {}", quoted(from))));
    more.extend(one.date.map(|date| format!("date = {}", quoted(date))));
    if more.is_empty() { name } else { format!("{{ column = {name}, {} }}", more.join(", ")) }
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// A key of TOML; quoted where it must be.
fn key(text: &str) -> String {
    let bare = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-') && !text.is_empty();
    if bare { text.to_owned() } else { quoted(text) }
}

/// The proposal as a mapping file.
fn write(path: &Path, sector: &str, columns: &[SeenColumn], chosen: &[Proposal]) -> String {
    let mut lines = vec![
        format!(
            "# Proposed for `{}` and the sector `{sector}`: read it, mend it, and give it to `risktier grade --map`.",
            path.file_name().unwrap_or(path.as_os_str()).to_string_lossy()
        ),
        "# Behind each line: how sure it is, 0 to 1, and what it was told by.".into(),
        String::new(),
    ];
    let line = |left: &str, one: &Proposal| {
        let why = match one.why {
            ProposedBy::Name => "by its name",
            ProposedBy::Label => "by its label",
        };
        format!("{left} = {}  # {:.2} {why}", spec(columns, one), one.confidence)
    };
    let of = |target: &str| chosen.iter().find(|one| one.target == target);
    match of(ID_KEY) {
        Some(one) => lines.push(line(ID_KEY, one)),
        None => lines.push("# id = \"...\"  # no column looks like the firm's id".into()),
    }
    match of(SECTOR_KEY) {
        Some(one) => lines.push(line(SECTOR_KEY, one)),
        None => lines.push(format!("sector = {{ value = {} }}", quoted(sector))),
    }
    let facts: Vec<&Proposal> = chosen
        .iter()
        .filter(|one| !one.target.contains('.') && ![ID_KEY, SECTOR_KEY].contains(&&*one.target))
        .collect();
    if !facts.is_empty() {
        lines.extend([String::new(), "[facts]".into()]);
        lines.extend(facts.iter().map(|one| line(&key(&one.target), one)));
    }
    let mut lists: BTreeMap<&str, Vec<(&str, &Proposal)>> = BTreeMap::new();
    for one in chosen {
        if let Some((list, field)) = one.target.split_once('.') {
            lists.entry(list).or_default().push((field, one));
        }
    }
    for (list, fields) in lists {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
        lines.extend([String::new(), format!("[lists.{}]", key(list)), format!("file = {}", quoted(&name))]);
        lines.extend([String::new(), format!("[lists.{}.fields]", key(list))]);
        lines.extend(fields.into_iter().map(|(field, one)| line(&key(field), one)));
    }
    let left: Vec<&str> = columns
        .iter()
        .enumerate()
        .filter(|(at, _)| !chosen.iter().any(|one| one.column == *at))
        .map(|(_, column)| column.name.as_str())
        .collect();
    if !left.is_empty() {
        lines.extend([String::new(), format!("# Columns without a proposal: {}", left.join(", "))]);
    }
    lines.join("\n")
}
