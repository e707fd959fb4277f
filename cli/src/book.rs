//! Which rules: the standard book, a folder of scripts, or both; and on which day.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use risktier::{Date, RuleBook, RuleBookBuilder, Type, Value, nearest};

use crate::args::BookArgs;
use crate::error::CliError;

/// The first day that there is: an override holds on every grading date.
fn always() -> Option<Date> {
    Date::new(1, 1, 1)
}

/// The book that the arguments ask for.
pub fn load(args: &BookArgs) -> Result<RuleBook, CliError> {
    if args.book.is_none() && args.parameters.is_empty() {
        return Ok(risktier_rules::book());
    }
    let builder = sources(args.book.as_deref(), !args.no_standard)?;
    let book = builder.clone().build()?;
    if args.parameters.is_empty() {
        return Ok(book);
    }
    let mut builder = builder;
    for (name, text) in &args.parameters {
        let Some(parameter) = book.parameters().iter().find(|parameter| *parameter.name == **name) else {
            return Err(CliError::Unknown {
                what: "parameter",
                name: name.clone(),
                expected: "a parameter that its scripts declare",
                nearest: nearest(name, book.parameters().iter().map(|parameter| &*parameter.name)),
            });
        };
        let (Some(since), Some(value)) = (always(), value(parameter.ty, text)) else {
            return Err(CliError::Argument {
                option: "parameter",
                value: format!("{name}={text}"),
                expected: format!("a value of the type {}", parameter.ty.name()),
            });
        };
        builder = builder.parameter(name, since, value);
    }
    Ok(builder.build()?)
}

/// The scripts of the standard book and of a folder, not yet loaded.
pub fn sources(folder: Option<&Path>, standard: bool) -> Result<RuleBookBuilder, CliError> {
    let mut builder = RuleBook::builder();
    if standard {
        for (name, text) in risktier_rules::sources() {
            builder = builder.source(name, text);
        }
    }
    if let Some(folder) = folder {
        for (name, text) in files(folder, ".rhai")? {
            builder = builder.source(name, text);
        }
    }
    Ok(builder)
}

/// The scripts of a folder, which may have none yet, and those of the standard book that it does not replace: name and
/// text.
pub fn texts(folder: &Path, standard: bool) -> Result<BTreeMap<String, String>, CliError> {
    let own = read_all(folder, ".rhai")?;
    let under = risktier_rules::sources().filter(|_| standard);
    Ok(under.map(|(name, text)| (name.to_owned(), text.to_owned())).chain(own).collect())
}

/// The examples beside the scripts: name and JSON text.
pub fn examples(args: &BookArgs) -> Result<Vec<(String, String)>, CliError> {
    let mut examples = Vec::new();
    if !args.no_standard {
        examples.extend(risktier_rules::examples().map(|(name, text)| (name.to_owned(), text.to_owned())));
    }
    if let Some(folder) = &args.book {
        let own = read_all(folder, ".examples.json")?;
        examples.retain(|(name, _)| own.iter().all(|(own, _)| own != name));
        examples.extend(own);
    }
    Ok(examples)
}

/// The examples of a folder alone, or those of the standard book.
pub fn own_examples(folder: Option<&Path>) -> Result<Vec<(String, String)>, CliError> {
    match folder {
        Some(folder) => read_all(folder, ".examples.json"),
        None => Ok(risktier_rules::examples().map(|(name, text)| (name.to_owned(), text.to_owned())).collect()),
    }
}

/// The names of the scripts of a folder, or of the standard book.
pub fn own_scripts(folder: Option<&Path>) -> Result<Vec<String>, CliError> {
    match folder {
        Some(folder) => Ok(files(folder, ".rhai")?.into_iter().map(|(name, _)| name).collect()),
        None => Ok(risktier_rules::sources().map(|(name, _)| name.to_owned()).collect()),
    }
}

/// The files of a folder and its subfolders with an ending, by name relative to it. There must be one.
fn files(folder: &Path, ending: &str) -> Result<Vec<(String, String)>, CliError> {
    let files = read_all(folder, ending)?;
    if files.is_empty() { Err(CliError::NoScripts { path: folder.to_owned() }) } else { Ok(files) }
}

fn read_all(folder: &Path, ending: &str) -> Result<Vec<(String, String)>, CliError> {
    let mut files = Vec::new();
    let mut open: Vec<(PathBuf, String)> = vec![(folder.to_owned(), String::new())];
    while let Some((folder, prefix)) = open.pop() {
        for entry in fs::read_dir(&folder).map_err(CliError::read(&folder))? {
            let entry = entry.map_err(CliError::read(&folder))?;
            let path = entry.path();
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            let kind = entry.file_type().map_err(CliError::read(&path))?;
            if kind.is_dir() {
                open.push((path, format!("{name}/")));
            } else if name.ends_with(ending) {
                let text = fs::read_to_string(&path).map_err(CliError::read(&path))?;
                files.push((name, text));
            }
        }
    }
    files.sort();
    Ok(files)
}

fn value(ty: Type, text: &str) -> Option<Value> {
    Some(match ty {
        Type::Bool => Value::Bool(text.parse().ok()?),
        Type::Int => Value::Int(text.parse().ok()?),
        Type::Float => Value::Float(text.parse().ok().filter(|number: &f64| number.is_finite())?),
        Type::Text => Value::Text(text.into()),
        Type::Date => Value::Date(text.parse().ok()?),
    })
}

/// The grading date: as given, or today by the clock of the system, which nothing else in this project reads.
pub fn grading_date(given: Option<Date>) -> Result<Date, CliError> {
    if let Some(date) = given {
        return Ok(date);
    }
    let today = jiff::Zoned::now().date();
    Date::new(today.year(), today.month(), today.day()).ok_or_else(|| CliError::Argument {
        option: "as-of",
        value: today.to_string(),
        expected: "a clock that shows a day of the years 1 to 9999, or a day as YYYY-MM-DD".into(),
    })
}
