//! A register as the arguments name it: files of firms, a mapping, related tables, read piece by piece.

use std::fs;
use std::path::{Path, PathBuf};

use risktier::{BatchOptions, ExportOptions, Grader, Lang, nearest};

use crate::args::ReadingArgs;
use crate::console::Console;
use crate::error::CliError;
use crate::mapping::{Mapping, MappingArgs, find_list};
use crate::progress::Progress;
use crate::read::{FileFormat, Found, Results, Run};
use crate::related::Related;

/// Files of firms, and how they are read.
pub struct Register<'a> {
    files: &'a [PathBuf],
    args: &'a ReadingArgs,
}

impl<'a> Register<'a> {
    /// What is wrong with the arguments shows before anything is written.
    ///
    /// # Errors
    /// If a file is not there, or of an ending that is not known.
    pub fn new(files: &'a [PathBuf], args: &'a ReadingArgs) -> Result<Register<'a>, CliError> {
        if let Some(threads) = args.threads {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.into()).build_global();
            pool.map_err(|error| CliError::Threads { threads, error: error.to_string() })?;
        }
        for file in files {
            FileFormat::of(file)?;
            fs::metadata(file).map_err(CliError::read(file))?;
        }
        Ok(Register { files, args })
    }

    /// # Errors
    /// If the sector, the mapping or a related table does not fit the book.
    pub fn open(&self, grader: &'a Grader, export: ExportOptions, lang: Lang) -> Result<Opened<'a>, CliError> {
        let args = self.args;
        if let Some(sector) = &args.sector {
            known_sector(grader, sector)?;
        }
        let mapping = Mapping::new(
            grader,
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
        let related = related(self.files, args, grader, &mapping, (&mut found, lang))?;
        Ok(Opened { files: self.files, args, grader, mapping, related, export, found, lang })
    }
}

/// A register that fits a book.
pub struct Opened<'a> {
    files: &'a [PathBuf],
    args: &'a ReadingArgs,
    grader: &'a Grader,
    mapping: Mapping,
    related: Vec<Related>,
    export: ExportOptions,
    found: Found,
    lang: Lang,
}

impl Opened<'_> {
    pub fn mapping(&self) -> &Mapping {
        &self.mapping
    }

    /// The related tables, which know when it is read which of their rows belong to no firm.
    pub fn related(&self) -> &[Related] {
        &self.related
    }

    /// Reads all files, and says what is odd about them.
    ///
    /// # Errors
    /// If a file cannot be read, or a result cannot be written.
    pub fn read(&mut self, output: &mut dyn Results, console: &mut Console) -> Result<(), CliError> {
        let progress = Progress::new(self.files, !self.args.no_progress);
        let mut run = Run {
            grader: self.grader,
            mapping: &self.mapping,
            related: std::mem::take(&mut self.related),
            batch: BatchOptions { sector: self.args.sector.clone(), parse_text: true, ..BatchOptions::default() },
            export: self.export,
            lang: self.lang,
            progress: &progress,
            found: std::mem::take(&mut self.found),
        };
        for file in self.files {
            run.file(file, output)?;
        }
        progress.finish();
        for warning in run.found.finish(&run.related, self.lang) {
            console.warning(warning);
        }
        self.related = run.related;
        Ok(())
    }
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
    files_of_firms: &[PathBuf],
    args: &ReadingArgs,
    grader: &Grader,
    mapping: &Mapping,
    (found, lang): (&mut Found, Lang),
) -> Result<Vec<Related>, CliError> {
    // A table on the command line takes the place of the one that the mapping names beside the first file of firms.
    let beside = files_of_firms.first().and_then(|file| file.parent()).unwrap_or(Path::new(""));
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
