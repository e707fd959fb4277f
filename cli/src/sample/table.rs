//! Writes the register: a file of firms, and one for each list.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use csv::Writer;
use risktier::{Fact, ID_KEY, List, RuleBook, SECTOR_KEY};
use serde_json::Value;

use super::draw::Firm;
use super::profile::Profile;
use crate::error::CliError;

/// Column that says what kind of register this is, and what it says.
const SOURCE: (&str, &str) = ("source", "synthetic");

struct Sheet {
    path: PathBuf,
    csv: Writer<BufWriter<File>>,
}

impl Sheet {
    fn new(path: PathBuf, headings: &[&str]) -> Result<Sheet, CliError> {
        let file = File::create(&path).map_err(CliError::write(&path))?;
        let mut sheet = Sheet { csv: Writer::from_writer(BufWriter::new(file)), path };
        sheet.row(headings)?;
        Ok(sheet)
    }

    fn row<T: AsRef<[u8]>>(&mut self, cells: &[T]) -> Result<(), CliError> {
        self.csv.write_record(cells).map_err(CliError::write(&self.path))
    }
}

/// The files of a register.
pub struct Tables<'b> {
    folder: PathBuf,
    firms: Sheet,
    facts: Vec<&'b Fact>,
    lists: Vec<(&'b List, Sheet)>,
}

impl<'b> Tables<'b> {
    /// # Errors
    /// If the folder cannot be made, or a file cannot be written.
    pub fn new(folder: &Path, book: &'b RuleBook, profiles: &[Profile<'_>]) -> Result<Tables<'b>, CliError> {
        fs::create_dir_all(folder).map_err(CliError::write(folder))?;
        let read =
            |name: &str| profiles.iter().any(|profile| profile.facts.facts.iter().any(|fact| *fact.name == *name));
        let facts: Vec<&Fact> = book.facts().iter().filter(|fact| read(&fact.name)).collect();
        let mut headings = vec![ID_KEY, SECTOR_KEY, SOURCE.0, "name", "district"];
        headings.extend(facts.iter().map(|fact| &*fact.name));
        let firms = Sheet::new(folder.join("firms.csv"), &headings)?;
        let mut lists = Vec::new();
        for list in book.lists() {
            if profiles.iter().any(|profile| profile.facts.lists.iter().any(|known| known.name == list.name)) {
                let mut headings = vec![ID_KEY, SOURCE.0];
                headings.extend(list.fields.iter().map(|field| &*field.name));
                lists.push((list, Sheet::new(folder.join(format!("{}.csv", list.name)), &headings)?));
            }
        }
        Ok(Tables { folder: folder.to_owned(), firms, facts, lists })
    }

    /// # Errors
    /// If a file cannot be written.
    pub fn write(&mut self, firm: &Firm) -> Result<(), CliError> {
        let name = format!("Synthetic firm {0} 虚构企业{0}", firm.id);
        let mut row = vec![firm.id.clone(), firm.sector.clone(), SOURCE.1.to_owned(), name, firm.district.clone()];
        row.extend(self.facts.iter().map(|fact| cell(firm.facts.get(&*fact.name))));
        self.firms.row(&row)?;
        for (list, sheet) in &mut self.lists {
            for item in firm.facts.get(&*list.name).and_then(Value::as_array).into_iter().flatten() {
                let mut row = vec![firm.id.clone(), SOURCE.1.to_owned()];
                row.extend(list.fields.iter().map(|field| cell(item.get(&*field.name))));
                sheet.row(&row)?;
            }
        }
        Ok(())
    }

    /// Gives the paths of the files.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn finish(self) -> Result<Vec<PathBuf>, CliError> {
        let map = self.folder.join("map.toml");
        fs::write(&map, self.mapping()).map_err(CliError::write(&map))?;
        let sheets = std::iter::once(self.firms).chain(self.lists.into_iter().map(|(_, sheet)| sheet));
        let finish = |mut sheet: Sheet| -> Result<PathBuf, CliError> {
            sheet.csv.flush().map_err(CliError::write(&sheet.path))?;
            Ok(sheet.path)
        };
        let mut files: Vec<PathBuf> = sheets.map(finish).collect::<Result<_, _>>()?;
        files.push(map);
        Ok(files)
    }

    /// A mapping file that finds the tables of the lists.
    fn mapping(&self) -> String {
        let mut lines = vec![
            "# Which tables belong to the register beside this file. No row of them stands for a real firm.".to_owned(),
            "name = \"name\"".into(),
            format!("keep = [\"district\", \"{}\"]", SOURCE.0),
        ];
        for (list, sheet) in &self.lists {
            let file = sheet.path.file_name().unwrap_or_default().to_string_lossy();
            lines.push(format!("\n[lists.{}]\nfile = \"{file}\"", list.name));
        }
        lines.push(String::new());
        lines.join("\n")
    }
}

fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}
