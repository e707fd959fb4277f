//! The three lists in files, for one firm or a register; and `risktier lists`.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use comfy_table::{Cell, ContentArrangement};
use risktier::{FirmLists, GradeError, Grader, Lang, ListKind, Workbook};
use sha2::{Digest, Sha256};

use crate::Outcome;
use crate::args::{ListFormat, ListsArgs};
use crate::book;
use crate::console::{Console, FAINT, HEADING, tier_word};
use crate::error::CliError;
use crate::explain::{firm_text, with_sector};
use crate::report::{draw, table};
use crate::words::say;

/// Excel takes a CSV file for UTF-8 only with this mark.
pub const MARK: &[u8] = "\u{feff}".as_bytes();

/// Files of lists that are being written. A file gets its name when it is whole.
pub struct ListWriter {
    lang: Lang,
    folder: PathBuf,
    csv: Vec<Part<csv::Writer<BufWriter<File>>>>,
    jsonl: Option<Part<BufWriter<File>>>,
    workbook: Option<(Workbook, PathBuf)>,
    pages: Option<PathBuf>,
    page_names: BTreeSet<String>,
    firms: u64,
}

/// A file under a name that says that it is not whole.
struct Part<W> {
    writer: W,
    part: PathBuf,
    path: PathBuf,
}

fn begin(folder: &Path, name: &str) -> Result<(BufWriter<File>, PathBuf, PathBuf), CliError> {
    let path = folder.join(name);
    let part = folder.join(format!("{name}.part"));
    let file = File::create(&part).map_err(CliError::write(&part))?;
    Ok((BufWriter::with_capacity(1 << 20, file), part, path))
}

impl ListWriter {
    /// Starts the files in a folder, which is made if it is not there.
    ///
    /// # Errors
    /// If the folder or a file cannot be made.
    pub fn new(grader: &Grader, folder: &Path, formats: &[ListFormat], lang: Lang) -> Result<ListWriter, CliError> {
        fs::create_dir_all(folder).map_err(CliError::write(folder))?;
        let mut writer = ListWriter {
            lang,
            folder: folder.to_owned(),
            csv: Vec::new(),
            jsonl: None,
            workbook: None,
            pages: None,
            page_names: BTreeSet::new(),
            firms: 0,
        };
        if formats.contains(&ListFormat::Csv) {
            for kind in ListKind::ALL {
                let (mut file, part, path) = begin(folder, &format!("{}.csv", kind.id()))?;
                file.write_all(MARK).map_err(CliError::write(&part))?;
                let mut csv = csv::Writer::from_writer(file);
                let headings = kind.columns().iter().map(|column| column.title(lang));
                csv.write_record(headings).map_err(CliError::write(&part))?;
                writer.csv.push(Part { writer: csv, part, path });
            }
        }
        if formats.contains(&ListFormat::Jsonl) {
            let (file, part, path) = begin(folder, "lists.jsonl")?;
            writer.jsonl = Some(Part { writer: file, part, path });
        }
        if formats.contains(&ListFormat::Xlsx) {
            let path = folder.join("lists.xlsx");
            let workbook = Workbook::large(grader, lang).map_err(CliError::write(&path))?;
            writer.workbook = Some((workbook, path));
        }
        if formats.contains(&ListFormat::Html) {
            let pages = folder.join("firms");
            fs::create_dir_all(&pages).map_err(CliError::write(&pages))?;
            writer.pages = Some(pages);
        }
        Ok(writer)
    }

    /// # Errors
    /// If a file cannot be written.
    pub fn write(&mut self, lists: &FirmLists) -> Result<(), CliError> {
        self.firms += 1;
        for (kind, csv) in ListKind::ALL.into_iter().zip(&mut self.csv) {
            for row in lists.rows(kind, self.lang) {
                let cells = row.iter().map(|cell| cell.to_text(self.lang));
                csv.writer.write_record(cells).map_err(CliError::write(&csv.part))?;
            }
        }
        if let Some(jsonl) = &mut self.jsonl {
            serde_json::to_writer(&mut jsonl.writer, lists).map_err(CliError::write(&jsonl.part))?;
            jsonl.writer.write_all(b"\n").map_err(CliError::write(&jsonl.part))?;
        }
        if let Some((workbook, path)) = &mut self.workbook {
            workbook.add(lists).map_err(CliError::write(path))?;
        }
        if let Some(pages) = self.pages.clone() {
            let page = pages.join(self.page_name(lists));
            fs::write(&page, lists.to_html(self.lang)).map_err(CliError::write(&page))?;
        }
        Ok(())
    }

    /// A name for the page of a firm: its id where that can be the name of a file, and is the first of its kind.
    fn page_name(&mut self, lists: &FirmLists) -> String {
        let id = lists.firm.as_deref().unwrap_or("firm");
        let plain = |c: char| c.is_alphanumeric() || "-_.".contains(c);
        let is_plain = id.chars().all(plain) && !id.starts_with('.') && id.len() <= 100;
        let mut name = if is_plain {
            id.to_owned()
        } else {
            let kept: String = id.chars().filter(|c| plain(*c)).take(40).collect();
            let hash: String = Sha256::digest(id.as_bytes()).iter().take(4).map(|byte| format!("{byte:02x}")).collect();
            format!("{}-{hash}", kept.trim_start_matches('.'))
        };
        // On some systems, names that differ in case alone are one.
        if self.page_names.contains(&name.to_lowercase()) {
            name = format!("{name}-{}", self.firms);
        }
        self.page_names.insert(name.to_lowercase());
        format!("{name}.html")
    }

    /// Gives the paths of the finished files.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn finish(self) -> Result<Vec<PathBuf>, CliError> {
        let mut files = Vec::new();
        let mut named = |part: &Path, path: PathBuf| -> Result<(), CliError> {
            fs::rename(part, &path).map_err(CliError::write(&path))?;
            files.push(path);
            Ok(())
        };
        for mut csv in self.csv {
            csv.writer.flush().map_err(CliError::write(&csv.part))?;
            drop(csv.writer);
            named(&csv.part, csv.path)?;
        }
        if let Some(mut jsonl) = self.jsonl {
            jsonl.writer.flush().map_err(CliError::write(&jsonl.part))?;
            drop(jsonl.writer);
            named(&jsonl.part, jsonl.path)?;
        }
        if let Some((workbook, path)) = self.workbook {
            let (mut file, part, path) = begin(&self.folder, &path.file_name().unwrap_or_default().to_string_lossy())?;
            workbook.save(&mut file).map_err(CliError::write(&part))?;
            file.flush().map_err(CliError::write(&part))?;
            drop(file);
            named(&part, path)?;
        }
        files.extend(self.pages);
        Ok(files)
    }
}

/// `risktier lists`
pub fn run(args: &ListsArgs, console: &mut Console) -> Result<Outcome, CliError> {
    let text = firm_text(&args.file)?;
    let grader = book::load(&args.book)?.as_of(book::grading_date(args.as_of)?);
    let text = with_sector(&grader, args.sector.as_deref(), text, &args.file)?;
    let failed = |error: GradeError| CliError::Firm { path: args.file.clone(), error };
    let mut lists = match grader.lists_json(&text) {
        Ok(lists) => lists,
        Err(error @ GradeError::Firm(_)) => {
            console.error(&failed(error));
            return Ok(Outcome::SomeErrors);
        }
        Err(error) => return Err(failed(error)),
    };
    lists.name.clone_from(&args.name);
    if let Some(folder) = &args.out {
        let formats = if args.formats.is_empty() { ListFormat::ALL.to_vec() } else { args.formats.clone() };
        let mut writer = ListWriter::new(&grader, folder, &formats, console.lang())?;
        writer.write(&lists)?;
        for file in writer.finish()? {
            let file = file.display();
            console.line(say(console.lang(), format!("wrote {file}"), format!("已写入 {file}")))?;
        }
    } else if args.json {
        let json = serde_json::to_string_pretty(&lists).map_err(|error| CliError::Results(error.to_string()))?;
        console.line(json)?;
    } else {
        print(&lists, console)?;
    }
    Ok(if lists.errors.is_empty() { Outcome::Done } else { Outcome::SomeErrors })
}

/// Columns that a terminal has no room for.
const NOT_PRINTED: [&str; 9] =
    ["item", "firm", "name", "sector", "basis", "requirement", "funds", "emergency_plan", "supervision"];

fn print(lists: &FirmLists, console: &mut Console) -> Result<(), CliError> {
    let lang = console.lang();
    let firm = lists.firm.as_deref().unwrap_or(say(lang, "the firm", "企业"));
    console.line(format!("{HEADING}{firm}{HEADING:#} {}", tier_word(lists.tier, lang)))?;
    if let Some(supervision) = &lists.supervision {
        let due =
            supervision.due.map(|due| say(lang, format!("; by {due}"), format!("；{due} 前"))).unwrap_or_default();
        console.line(format!("{FAINT}{}{due}{FAINT:#}", supervision.frequency.get(lang)))?;
    }
    for kind in ListKind::ALL {
        console.line("")?;
        let rows = lists.rows(kind, lang);
        console.line(format!("{HEADING}{}{HEADING:#} ({})", lists.name(kind, lang), rows.len()))?;
        let columns = kind.columns();
        let printed = |at: &usize| columns.get(*at).is_some_and(|column| !NOT_PRINTED.contains(&column.key));
        let shown: Vec<usize> = (0..columns.len()).filter(printed).collect();
        let headings: Vec<&str> = shown.iter().filter_map(|at| columns.get(*at)).map(|one| one.title(lang)).collect();
        let mut sheet = table(&headings);
        sheet.set_content_arrangement(ContentArrangement::Dynamic).set_width(160);
        for row in &rows {
            sheet.add_row(shown.iter().filter_map(|at| row.get(*at)).map(|cell| Cell::new(cell.to_text(lang))));
        }
        draw(&sheet, console)?;
    }
    for error in &lists.errors {
        console.warning(error.get(lang));
    }
    Ok(())
}
