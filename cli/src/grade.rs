//! `risktier grade`: a register in, grades out.

use std::fs;
use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use risktier::{ExportOptions, FirmLists, GradeColumns, Tier};

use crate::Outcome;
use crate::args::{GradeArgs, SummaryFormat};
use crate::book;
use crate::console::Console;
use crate::error::CliError;
use crate::lists::ListWriter;
use crate::read::{Results, schema_with_kept};
use crate::register::Register;
use crate::related::Related;
use crate::report;
use crate::summary::Summary;
use crate::write::Writer;

pub fn run(args: &GradeArgs, console: &mut Console) -> Result<Outcome, CliError> {
    let register = Register::new(&args.register.files, &args.register.reading)?;
    let grader = book::load(&args.book)?.as_of(book::grading_date(args.as_of)?);
    let lang = console.lang();
    let export = ExportOptions { lang, missing: args.missing };
    let mut run = register.open(&grader, export, lang)?;
    let schema = schema_with_kept(&GradeColumns::new(&grader, &export).schema(), run.mapping())?;
    let mut output = Output {
        summary: Summary::default(),
        grades: args.out.as_deref().map(|folder| Writer::new(folder, args.format, &schema)).transpose()?,
        lists: match &args.out {
            Some(folder) if !args.lists.is_empty() => Some(ListWriter::new(&grader, folder, &args.lists, lang)?),
            _ => None,
        },
        lists_from: args.lists_from.into(),
    };
    run.read(&mut output, console)?;

    let Output { summary, grades, lists, .. } = output;
    let json = summary.to_json(&grader.as_of().to_string(), grader.book().hash());
    let mut files = Vec::new();
    if let (Some(writer), Some(folder)) = (grades, &args.out) {
        files.push(writer.finish()?);
        files.push(write_summary(folder, &json)?);
        files.extend(lists.map(ListWriter::finish).transpose()?.unwrap_or_default());
        files.extend(write_left_over(folder, run.related())?);
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

fn write_summary(folder: &Path, summary: &serde_json::Value) -> Result<PathBuf, CliError> {
    let path = folder.join("summary.json");
    fs::write(&path, format!("{summary:#}\n")).map_err(CliError::write(&path))?;
    Ok(path)
}
