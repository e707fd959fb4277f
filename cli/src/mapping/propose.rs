//! `risktier map`: which column of a file could be which fact, and how sure that is.

use std::collections::BTreeMap;
use std::path::Path;

use arrow_array::ArrayRef;
use csv::ByteRecord;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use risktier::mapping::{has_thousands, texts, units, yes_no};
use risktier::{Fact, Grader, ID_KEY, Label, SECTOR_KEY, Type};

use crate::Outcome;
use crate::args::MapArgs;
use crate::book;
use crate::console::Console;
use crate::error::CliError;
use crate::grade::known_sector;
use crate::progress::Progress;
use crate::read::{FileFormat, csv as csv_file, json, parquet as parquet_file};

/// So many rows are looked at.
const ROWS: usize = 1000;

/// A column, with the values of the first rows.
struct Seen {
    name: String,
    values: Vec<String>,
}

/// How a column would be read as a fact.
#[derive(Debug, Clone)]
struct Proposal {
    column: usize,
    /// `fact`, or `list.field`.
    target: String,
    confidence: f64,
    why: &'static str,
    /// The right side of the line.
    spec: String,
}

pub fn run(args: &MapArgs, console: &mut Console) -> Result<Outcome, CliError> {
    let grader = book::load(&args.book)?.as_of(book::grading_date(args.as_of)?);
    known_sector(&grader, &args.sector)?;
    let columns = look(&args.file)?;
    let chosen = choose(&grader, &args.sector, &columns, args.least);
    console.line(write(&args.file, &args.sector, &columns, &chosen))?;
    Ok(Outcome::Done)
}

/// The columns of a file, with the values of its first rows.
fn look(path: &Path) -> Result<Vec<Seen>, CliError> {
    let progress = Progress::new(&[], false);
    match FileFormat::of(path)? {
        format @ (FileFormat::Csv | FileFormat::Tsv) => {
            let separator = if format == FileFormat::Tsv { b'\t' } else { b',' };
            let mut table = csv_file::open(&progress, path, separator)?;
            let mut columns: Vec<Seen> =
                table.names.into_iter().map(|name| Seen { name, values: Vec::new() }).collect();
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
            let mut columns: Vec<Seen> = Vec::new();
            for item in items {
                let Ok(object) = json::Object::parse(item) else { continue };
                for (key, value) in object.pairs() {
                    let at = columns.iter().position(|column| column.name == *key).unwrap_or_else(|| {
                        columns.push(Seen { name: key.clone(), values: Vec::new() });
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
            let mut columns: Vec<Seen> =
                schema.fields().iter().map(|field| Seen { name: field.name().clone(), values: Vec::new() }).collect();
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

/// The most convincing fact for each column, each fact once.
fn choose(grader: &Grader, sector: &str, columns: &[Seen], least: f64) -> Vec<Proposal> {
    let facts = grader.facts_of(sector).unwrap_or_default();
    let plain = Label { en: "".into(), zh: "".into() };
    let mut all: Vec<Proposal> = Vec::new();
    for (at, column) in columns.iter().enumerate() {
        for key in [ID_KEY, SECTOR_KEY] {
            let (likeness, why) = alike(&column.name, key, &plain);
            all.push(Proposal {
                column: at,
                target: key.into(),
                confidence: likeness,
                why,
                spec: quoted(&column.name),
            });
        }
        for fact in &facts.facts {
            all.extend(propose(at, column, fact, &fact.name, 1.0));
        }
        for list in &facts.lists {
            for field in &list.fields {
                // A field of a list is less likely meant where a fact of the firm would do.
                all.extend(propose(at, column, field, &format!("{}.{}", list.name, field.name), 0.97));
            }
        }
    }
    all.retain(|one| one.confidence >= least);
    all.sort_by(|a, b| {
        b.confidence.total_cmp(&a.confidence).then(a.column.cmp(&b.column)).then(a.target.cmp(&b.target))
    });
    let mut chosen: Vec<Proposal> = Vec::new();
    for one in all {
        if !chosen.iter().any(|known| known.column == one.column || known.target == one.target) {
            chosen.push(one);
        }
    }
    chosen
}

fn propose(at: usize, column: &Seen, fact: &Fact, target: &str, weight: f64) -> Option<Proposal> {
    let (likeness, why) = alike(&column.name, &fact.name, &fact.label);
    if likeness < 0.3 {
        return None;
    }
    let (fits, spec) = fits(column, fact);
    let confidence = likeness * (0.4 + 0.6 * fits) * weight;
    Some(Proposal { column: at, target: target.to_owned(), confidence, why, spec })
}

/// How alike a heading is to a fact's name or label, 0 to 1.
fn alike(heading: &str, name: &str, label: &Label) -> (f64, &'static str) {
    let words = |text: &str| -> Vec<String> {
        let split = text.to_lowercase();
        let words = split.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        words.map(|word| word.trim_end_matches('s').to_owned()).collect()
    };
    let shared = |a: &[String], b: &[String]| -> f64 {
        if a.is_empty() || b.is_empty() {
            return 0.0;
        }
        let common = a.iter().filter(|word| b.contains(word)).count() as f64;
        2.0 * common / (a.len() + b.len()) as f64
    };
    let (of_heading, of_name) = (words(heading), words(name));
    let by_name = if of_heading == of_name {
        1.0
    } else {
        shared(&of_heading, &of_name).max(strsim::jaro_winkler(&of_heading.concat(), &of_name.concat()).powi(3) * 0.9)
    };
    let by_label = {
        let bare: String = heading.split(['(', '（', '[']).next().unwrap_or(heading).trim().to_owned();
        let zh = if bare.is_empty() || label.zh.is_empty() {
            0.0
        } else if *bare == *label.zh {
            1.0
        } else if bare.is_ascii() {
            0.0
        } else {
            strsim::sorensen_dice(&bare, &label.zh)
        };
        zh.max(shared(&of_heading, &words(&label.en)) * 0.9)
    };
    if by_name >= by_label { (by_name, "by its name") } else { (by_label, "by its label") }
}

/// How much of what stands in a column the fact could be, 0 to 1, and how it would be read.
fn fits(column: &Seen, fact: &Fact) -> (f64, String) {
    let given: Vec<&str> = column.values.iter().map(String::as_str).filter(|value| !value.is_empty()).collect();
    let mut more: Vec<String> = Vec::new();
    let share = |is: &dyn Fn(&str) -> bool| {
        if given.is_empty() { 0.5 } else { given.iter().filter(|value| is(value)).count() as f64 / given.len() as f64 }
    };
    let fits = match fact.ty {
        Type::Bool => {
            let codes = yes_no();
            let plain = share(&|value| matches!(value, "true" | "false"));
            if plain < 1.0 && share(&|value| codes.contains_key(value)) > plain {
                more.push("codes = \"yes-no\"".into());
            }
            share(&|value| codes.contains_key(value))
        }
        Type::Int | Type::Float => {
            let bare = |value: &str| value.trim_end_matches(['%', '％']).trim_end().replace(',', "");
            let whole = fact.ty == Type::Int;
            if given.iter().any(|value| has_thousands(value)) {
                more.push("thousands = true".into());
            }
            if given.iter().any(|value| value.ends_with(['%', '％'])) {
                more.push("percent = true".into());
            }
            let from = units::named_in(&column.name);
            if let (Some(from), Some(to)) = (from, fact.unit.as_deref())
                && units::factor(from, to).is_some_and(|factor| factor != 1.0)
            {
                more.push(format!("from = {}", quoted(from)));
            }
            share(&|value| bare(value).parse::<f64>().is_ok_and(|number| !whole || number.fract() == 0.0))
        }
        Type::Date => {
            let is = |value: &str| value.parse::<risktier::Date>().is_ok();
            let formats = ["%Y/%m/%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y%m%d", "%Y年%m月%d日"];
            let reads = |format: &str| share(&|value| jiff::civil::Date::strptime(format, value).is_ok());
            let best = formats.into_iter().max_by(|a, b| reads(a).total_cmp(&reads(b)));
            match best.filter(|format| reads(format) > share(&is)) {
                Some(format) => {
                    more.push(format!("date = {}", quoted(format)));
                    reads(format)
                }
                None => share(&is),
            }
        }
        Type::Text if fact.one_of.is_empty() => 0.8,
        Type::Text => share(&|value| fact.one_of.iter().any(|one| **one == *value)),
    };
    let spec = if more.is_empty() {
        quoted(&column.name)
    } else {
        format!("{{ column = {}, {} }}", quoted(&column.name), more.join(", "))
    };
    (fits, spec)
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
fn write(path: &Path, sector: &str, columns: &[Seen], chosen: &[Proposal]) -> String {
    let mut lines = vec![
        format!(
            "# Proposed for `{}` and the sector `{sector}`: read it, mend it, and give it to `risktier grade --map`.",
            path.file_name().unwrap_or(path.as_os_str()).to_string_lossy()
        ),
        "# Behind each line: how sure it is, 0 to 1, and what it was told by.".into(),
        String::new(),
    ];
    let line = |left: &str, one: &Proposal| format!("{left} = {}  # {:.2} {}", one.spec, one.confidence, one.why);
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
