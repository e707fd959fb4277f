//! `risktier grade`: a register in, grades out.

use std::fs;
use std::path::{Path, PathBuf};

use risktier::{BatchOptions, ExportOptions, GradeColumns, Grader, nearest};

use crate::Outcome;
use crate::args::{GradeArgs, SummaryFormat};
use crate::book;
use crate::console::Console;
use crate::error::CliError;
use crate::lists::Related;
use crate::mapping::{Mapping, find_list};
use crate::progress::Progress;
use crate::read::{FileFormat, Found, Run};
use crate::report;
use crate::summary::Summary;
use crate::write::Writer;

pub fn run(args: &GradeArgs, console: &mut Console) -> Result<Outcome, CliError> {
    if let Some(threads) = args.threads {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.into()).build_global();
        pool.map_err(|error| CliError::Threads { threads, error: error.to_string() })?;
    }
    // What is wrong with the arguments shows before anything is written.
    for file in &args.files {
        FileFormat::of(file)?;
        fs::metadata(file).map_err(CliError::read(file))?;
    }
    let grader = book::load(&args.book)?.as_of(book::grading_date(args.as_of)?);
    if let Some(sector) = &args.sector {
        known_sector(&grader, sector)?;
    }
    let lang = console.lang();
    let export = ExportOptions { lang, missing: args.missing };
    let names = args.lists.iter().map(|(name, _)| name.clone()).collect();
    let mapping = Mapping::new(&grader, &args.id, &args.columns, names)?;
    let mut found = Found::default();
    let related = related(args, &grader, &mapping, (&mut found, lang))?;
    let progress = Progress::new(&args.files, !args.no_progress);
    let schema = GradeColumns::new(&grader, &export).schema();
    let mut writer = args.out.as_deref().map(|folder| Writer::new(folder, args.format, &schema)).transpose()?;
    let mut summary = Summary::default();
    let mut run = Run {
        grader: &grader,
        mapping: &mapping,
        related,
        batch: BatchOptions { sector: args.sector.clone(), parse_text: true },
        export,
        lang,
        progress: &progress,
        found,
    };
    for file in &args.files {
        run.file(file, &mut |results| {
            summary.add(results)?;
            writer.as_mut().map_or(Ok(()), |writer| writer.write(results))
        })?;
    }
    progress.finish();
    for warning in run.found.finish(&run.related, lang) {
        console.warning(warning);
    }

    let json = summary.to_json(&grader.as_of().to_string(), grader.book().hash());
    let mut files = Vec::new();
    if let (Some(writer), Some(folder)) = (writer, &args.out) {
        files.push(writer.finish()?);
        files.push(write_summary(folder, &json)?);
    }
    match args.summary {
        SummaryFormat::Json => console.line(json)?,
        SummaryFormat::Text => report::print(&summary, &grader, &files, console)?,
    }
    Ok(if summary.has_errors() { Outcome::SomeErrors } else { Outcome::Done })
}

/// # Errors
/// If the book has no such sector.
pub fn known_sector(grader: &Grader, sector: &str) -> Result<(), CliError> {
    let book = grader.book();
    if book.sector(sector).is_some() {
        return Ok(());
    }
    Err(CliError::Unknown {
        what: "sector",
        name: sector.to_owned(),
        expected: "one that `risktier sectors` lists",
        nearest: nearest(sector, book.sectors().iter().map(|sector| &*sector.id)),
    })
}

fn related(
    args: &GradeArgs,
    grader: &Grader,
    mapping: &Mapping,
    (found, lang): (&mut Found, risktier::Lang),
) -> Result<Vec<Related>, CliError> {
    for name in &args.partial_lists {
        find_list(grader, name)?;
        if !args.lists.iter().any(|(list, _)| list == name) {
            return Err(CliError::Argument {
                option: "list-partial",
                value: name.clone(),
                expected: format!("`--list {name}=FILE` with it"),
            });
        }
    }
    let mut tables: Vec<Related> = Vec::with_capacity(args.lists.len());
    for (name, file) in &args.lists {
        if tables.iter().any(|table| table.name() == name) {
            return Err(CliError::Argument {
                option: "list",
                value: format!("{name}={file}"),
                expected: format!("one table for the list `{name}`"),
            });
        }
        let partial = args.partial_lists.contains(name);
        tables.push(Related::load(grader, mapping, (name, Path::new(file)), partial, (&mut *found, lang))?);
    }
    Ok(tables)
}

fn write_summary(folder: &Path, summary: &serde_json::Value) -> Result<PathBuf, CliError> {
    let path = folder.join("summary.json");
    fs::write(&path, format!("{summary:#}\n")).map_err(CliError::write(&path))?;
    Ok(path)
}
