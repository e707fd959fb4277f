//! `risktier grade`: a register in, grades out.

use std::fs;
use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use risktier::{BatchOptions, ExportOptions, FirmLists, GradeColumns, Grader, Tier, nearest};

use crate::Outcome;
use crate::args::{GradeArgs, SummaryFormat};
use crate::book;
use crate::console::Console;
use crate::error::CliError;
use crate::lists::ListWriter;
use crate::mapping::{Mapping, MappingArgs, find_list};
use crate::progress::Progress;
use crate::read::{FileFormat, Found, Results, Run, schema_with_kept};
use crate::related::Related;
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
    let mapping = Mapping::new(
        &grader,
        &MappingArgs {
            map: args.map.as_deref(),
            id: args.id.as_deref(),
            name: args.name.as_deref(),
            keep: &args.keep,
            columns: &args.columns,
            lists: args.related.iter().map(|(name, _)| name.clone()).collect(),
        },
    )?;
    let mut found = Found::default();
    let related = related(args, &grader, &mapping, (&mut found, lang))?;
    let progress = Progress::new(&args.files, !args.no_progress);
    let schema = schema_with_kept(&GradeColumns::new(&grader, &export).schema(), &mapping)?;
    let mut output = Output {
        summary: Summary::default(),
        grades: args.out.as_deref().map(|folder| Writer::new(folder, args.format, &schema)).transpose()?,
        lists: match &args.out {
            Some(folder) if !args.lists.is_empty() => Some(ListWriter::new(&grader, folder, &args.lists, lang)?),
            _ => None,
        },
        lists_from: args.lists_from.into(),
    };
    let mut run = Run {
        grader: &grader,
        mapping: &mapping,
        related,
        batch: BatchOptions { sector: args.sector.clone(), parse_text: true, ..BatchOptions::default() },
        export,
        lang,
        progress: &progress,
        found,
    };
    for file in &args.files {
        run.file(file, &mut output)?;
    }
    progress.finish();
    for warning in run.found.finish(&run.related, lang) {
        console.warning(warning);
    }

    let Output { summary, grades, lists, .. } = output;
    let json = summary.to_json(&grader.as_of().to_string(), grader.book().hash());
    let mut files = Vec::new();
    if let (Some(writer), Some(folder)) = (grades, &args.out) {
        files.push(writer.finish()?);
        files.push(write_summary(folder, &json)?);
        files.extend(lists.map(ListWriter::finish).transpose()?.unwrap_or_default());
        files.extend(write_left_over(folder, &run.related)?);
    }
    match args.summary {
        SummaryFormat::Json => console.line(json)?,
        SummaryFormat::Text => report::print(&summary, &grader, &files, console)?,
    }
    Ok(if summary.has_errors() { Outcome::SomeErrors } else { Outcome::Done })
}

/// Everything that is made of the results.
struct Output {
    summary: Summary,
    grades: Option<Writer>,
    lists: Option<ListWriter>,
    lists_from: Tier,
}

impl Results for Output {
    fn grades(&mut self, results: &RecordBatch) -> Result<(), CliError> {
        self.summary.add(results)?;
        self.grades.as_mut().map_or(Ok(()), |writer| writer.write(results))
    }

    fn lists(&mut self, lists: &FirmLists) -> Result<(), CliError> {
        self.lists.as_mut().map_or(Ok(()), |writer| writer.write(lists))
    }

    fn lists_from(&self) -> Option<Tier> {
        self.lists.as_ref().map(|_| self.lists_from)
    }
}

/// The rows of related tables that belong to no firm that was graded, so that every row of the input is accounted for.
fn write_left_over(folder: &Path, related: &[Related]) -> Result<Option<PathBuf>, CliError> {
    let path = folder.join("left_over.csv");
    if related.iter().all(|table| table.orphans().is_empty()) {
        // One of an earlier run would speak of other rows.
        if path.exists() {
            fs::remove_file(&path).map_err(CliError::write(&path))?;
        }
        return Ok(None);
    }
    let mut file = csv::Writer::from_path(&path).map_err(CliError::write(&path))?;
    file.write_record(["file", "list", "row", "firm", "reason"]).map_err(CliError::write(&path))?;
    for table in related {
        let name = table.path().display().to_string();
        for (row, firm) in table.orphans() {
            let reason = if firm.is_some() { "no firm of this id was graded" } else { "it names no firm" };
            // From 1, below the headings.
            let row = (u64::from(row) + 1).to_string();
            let record = [name.as_str(), table.name(), &row, firm.unwrap_or_default(), reason];
            file.write_record(record).map_err(CliError::write(&path))?;
        }
    }
    file.flush().map_err(CliError::write(&path))?;
    Ok(Some(path))
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
    // A table on the command line takes the place of the one that the mapping names beside the first file of firms.
    let beside = args.files.first().and_then(|file| file.parent()).unwrap_or(Path::new(""));
    let mut files: Vec<(&str, PathBuf, bool)> = Vec::new();
    for (name, file) in &args.related {
        if files.iter().any(|(known, ..)| known == name) {
            return Err(CliError::Argument {
                option: "list",
                value: format!("{name}={file}"),
                expected: format!("one table for the list `{name}`"),
            });
        }
        files.push((name, PathBuf::from(file), false));
    }
    for (name, file, partial) in mapping.list_files() {
        match files.iter_mut().find(|(known, ..)| *known == name) {
            Some((_, _, known)) => *known = partial,
            None => files.push((name, beside.join(file), partial)),
        }
    }
    for name in &args.partial_lists {
        find_list(grader, name)?;
        let Some((_, _, partial)) = files.iter_mut().find(|(known, ..)| known == name) else {
            return Err(CliError::Argument {
                option: "list-partial",
                value: name.clone(),
                expected: format!("`--list {name}=FILE` with it"),
            });
        };
        *partial = true;
    }
    let load = |(name, file, partial): (&str, PathBuf, bool)| {
        Related::load(grader, mapping, (name, &file), partial, (&mut *found, lang))
    };
    files.into_iter().map(load).collect()
}

fn write_summary(folder: &Path, summary: &serde_json::Value) -> Result<PathBuf, CliError> {
    let path = folder.join("summary.json");
    fs::write(&path, format!("{summary:#}\n")).map_err(CliError::write(&path))?;
    Ok(path)
}
