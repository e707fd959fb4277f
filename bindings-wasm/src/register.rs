//! A register as a table of text: what its columns could be, and its grades, piece by piece as it is read.

use std::collections::BTreeMap;
use std::collections::HashMap;

use risktier::mapping::{Reading, SeenColumn, Spec};
use risktier::{BatchGrades, BatchOptions, FirmColumn, FirmTable, Grader, ID_KEY, SECTOR_KEY};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

use crate::error::Failure;
use crate::grader::NativeGrader;
use crate::grades::{Kept, NativeGrades};
use crate::json;
use crate::rows::Rows;

/// Rows that are graded together.
const BLOCK: usize = 8192;

/// A column of a table of text.
#[derive(Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct TextColumn {
    pub name: String,
    /// What stands in it, row by row.
    pub values: Vec<String>,
}

/// Columns as JSON, for proposals.
pub fn seen_columns(json: &str) -> Result<Vec<SeenColumn>, Failure> {
    let columns: Vec<TextColumn> = serde_json::from_str(json)
        .map_err(|error| Failure::new("ARGUMENT", format!("the columns: {error}; expected names and values")))?;
    Ok(columns.into_iter().map(|column| SeenColumn { name: column.name, values: column.values }).collect())
}

fn separator_byte(separator: &str) -> Result<u8, Failure> {
    match separator.as_bytes() {
        [byte] => Ok(*byte),
        _ => Err(Failure::new("ARGUMENT", format!("separator `{separator}`; expected one of `,` `;` `|` and tab"))),
    }
}

/// The columns of a table with the values of its first rows, as JSON.
#[wasm_bindgen(js_name = lookAt)]
pub fn look_at(text: &str, separator: &str, most: usize) -> Result<String, Failure> {
    let mut columns: Vec<TextColumn> = Vec::new();
    let mut rows = 0;
    let mut see = |row: &[&str]| {
        if columns.is_empty() {
            columns.extend(row.iter().map(|name| TextColumn { name: name.trim().to_owned(), values: Vec::new() }));
        } else if rows < most {
            rows += 1;
            for (at, column) in columns.iter_mut().enumerate() {
                column.values.push(row.get(at).map(|cell| cell.trim().to_owned()).unwrap_or_default());
            }
        }
    };
    let mut reader = Rows::new(separator_byte(separator)?);
    reader.push(text.as_bytes(), &mut see);
    reader.push(&[], &mut see);
    json(&columns)
}

/// How a register is read.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct HowRead {
    separator: String,
    /// The sector of rows that name none.
    sector: Option<String>,
    /// How each fact is read; without it, every column is the fact of its name.
    mapping: Option<BTreeMap<String, Spec>>,
    /// Columns that are kept beside the grades, such as a name or a district.
    keep: Vec<String>,
}

/// What is read from the cells of a row.
struct Source {
    target: String,
    cells: Vec<usize>,
    reading: Reading,
    values: Vec<Option<String>>,
}

/// A register that is being graded.
#[wasm_bindgen]
pub struct Register {
    grader: Grader,
    how: HowRead,
    options: BatchOptions,
    rows: Rows,
    header: Option<Header>,
    waiting: usize,
    graded: Vec<BatchGrades>,
}

struct Header {
    width: usize,
    sources: Vec<Source>,
    kept: Vec<(usize, Kept)>,
    /// Rows with too few or too many cells.
    odd: Vec<u32>,
}

#[wasm_bindgen]
impl Register {
    /// `how` is JSON.
    #[wasm_bindgen(constructor)]
    pub fn new(grader: &NativeGrader, how: &str) -> Result<Register, Failure> {
        let how: HowRead = serde_json::from_str(how)
            .map_err(|error| Failure::new("ARGUMENT", format!("how the register is read: {error}")))?;
        let options = BatchOptions { sector: how.sector.clone(), parse_text: true, ..BatchOptions::default() };
        Ok(Register {
            grader: grader.inner().clone(),
            rows: Rows::new(separator_byte(&how.separator)?),
            how,
            options,
            header: None,
            waiting: 0,
            graded: Vec::new(),
        })
    }

    /// A piece of the table, of any size; gives how many rows have been graded.
    pub fn push(&mut self, text: &[u8]) -> Result<usize, Failure> {
        self.read(text)?;
        Ok(self.graded.iter().map(BatchGrades::len).sum())
    }

    /// The end of the table: the grades of all rows.
    pub fn finish(mut self) -> Result<NativeGrades, Failure> {
        self.read(&[])?;
        self.grade_waiting()?;
        if self.header.is_none() {
            return Err(Failure::new(
                "TABLE",
                "the table is empty; expected a first line with the names of its columns",
            ));
        }
        let (kept, odd) = self.header.map(|header| (header.kept, header.odd)).unwrap_or_default();
        let kept = kept.into_iter().map(|(_, kept)| kept).collect();
        Ok(NativeGrades::new(self.graded, kept, odd))
    }
}

impl Register {
    fn read(&mut self, text: &[u8]) -> Result<(), Failure> {
        let mut rows = std::mem::replace(&mut self.rows, Rows::new(b','));
        let mut failed = None;
        rows.push(text, |row| {
            if failed.is_none() {
                failed = self.row(row).err();
            }
        });
        self.rows = rows;
        failed.map_or(Ok(()), Err)
    }

    fn row(&mut self, cells: &[&str]) -> Result<(), Failure> {
        let Some(header) = &mut self.header else {
            self.header = Some(header(&self.grader, &self.how, cells)?);
            return Ok(());
        };
        // A line without anything is no firm.
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            return Ok(());
        }
        if cells.len() != header.width {
            let row = self.graded.iter().map(BatchGrades::len).sum::<usize>() + self.waiting;
            header.odd.push(row as u32);
        }
        for source in &mut header.sources {
            let of_row: Vec<Option<&str>> =
                source.cells.iter().map(|at| cells.get(*at).copied().filter(|cell| !cell.is_empty())).collect();
            source.values.push(source.reading.value(&of_row));
        }
        for (at, kept) in &mut header.kept {
            kept.push(cells.get(*at).copied().unwrap_or_default());
        }
        self.waiting += 1;
        if self.waiting == BLOCK { self.grade_waiting() } else { Ok(()) }
    }

    fn grade_waiting(&mut self) -> Result<(), Failure> {
        let Some(header) = &mut self.header else { return Ok(()) };
        let rows = std::mem::take(&mut self.waiting);
        if rows == 0 {
            return Ok(());
        }
        let mut table = FirmTable::new(rows);
        for source in &mut header.sources {
            let values = std::mem::take(&mut source.values);
            table = table.with(source.target.as_str(), FirmColumn::texts(values.iter().map(Option::as_deref)))?;
        }
        self.graded.push(self.grader.grade_table(&table, &self.options)?);
        Ok(())
    }
}

fn header(grader: &Grader, how: &HowRead, cells: &[&str]) -> Result<Header, Failure> {
    let mut names: HashMap<&str, usize> = HashMap::new();
    for (at, name) in cells.iter().map(|name| name.trim_start_matches('\u{feff}').trim()).enumerate() {
        if !name.is_empty() && names.insert(name, at).is_some() {
            let message =
                format!("column `{name}` is there twice; expected each name once: which is meant cannot be known");
            return Err(Failure::new("TABLE", message));
        }
    }
    let place = |name: &str| {
        names.get(name).copied().ok_or_else(|| {
            let hint = risktier::nearest(name, names.keys().copied()).map(|name| format!("; did you mean `{name}`?"));
            Failure::new("TABLE", format!("the table has no column `{name}`{}", hint.unwrap_or_default()))
        })
    };
    let facts = grader.book().facts();
    let mut sources = Vec::new();
    match &how.mapping {
        None => {
            let known =
                |name: &&&str| [ID_KEY, SECTOR_KEY].contains(*name) || facts.iter().any(|fact| *fact.name == ***name);
            let mut found: Vec<&&str> = names.keys().filter(known).collect();
            found.sort_by_key(|name| names.get(**name));
            for name in found {
                let cells = vec![place(name)?];
                let reading = Reading::column(*name);
                sources.push(Source { target: (*name).to_owned(), cells, reading, values: Vec::new() });
            }
        }
        Some(mapping) => {
            for (target, spec) in mapping {
                let fact = facts.iter().find(|fact| *fact.name == **target);
                if fact.is_none() && ![ID_KEY, SECTOR_KEY].contains(&target.as_str()) {
                    let nearest = risktier::nearest(target, facts.iter().map(|fact| &*fact.name));
                    let hint = nearest.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
                    return Err(Failure::new("TABLE", format!("the book has no fact `{target}`{hint}")));
                }
                let reading = spec
                    .reading(fact, &BTreeMap::new())
                    .map_err(|wrong| Failure::new("TABLE", format!("the mapping of `{target}`: {wrong}")))?;
                let cells = reading.columns.iter().map(|name| place(name)).collect::<Result<_, _>>()?;
                sources.push(Source { target: target.clone(), cells, reading, values: Vec::new() });
            }
        }
    }
    let kept = how.keep.iter().map(|name| Ok((place(name)?, Kept::new(name)))).collect::<Result<_, Failure>>()?;
    Ok(Header { width: cells.len(), sources, kept, odd: Vec::new() })
}
