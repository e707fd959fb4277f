//! Columns of text, as CSV files and related tables have them.

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::builder::StringBuilder;
use csv::ByteRecord;
use risktier::mapping::has_thousands;
use risktier::{Lang, Type};

use crate::mapping::Source;
use crate::notes::Notes;
use crate::words::say;

/// Collects columns of text row by row.
pub struct TextColumns {
    /// The indices of the cells, and what is read from them.
    sources: Vec<(Vec<usize>, Source)>,
    builders: Vec<StringBuilder>,
    rows: usize,
    notes: Notes,
    /// How many cells a row should have.
    width: usize,
    name: String,
    lang: Lang,
}

impl TextColumns {
    pub fn new(path: &Path, sources: Vec<(Vec<usize>, Source)>, width: usize, lang: Lang) -> TextColumns {
        let builders = sources.iter().map(|_| StringBuilder::new()).collect();
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        TextColumns { sources, builders, rows: 0, notes: Notes::new(), width, name, lang }
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Adds a row of a CSV file. A row with too few or too many cells is kept, and noted.
    pub fn push(&mut self, record: &ByteRecord) {
        let line = record.position().map_or(0, csv::Position::line);
        let mut odd = Vec::new();
        if record.len() != self.width {
            let (name, found, expected) = (&self.name, record.len(), self.width);
            odd.push(say(
                self.lang,
                format!("{name}:{line} has {found} cells; expected {expected}, as in the first line"),
                format!("{name}:{line} 有 {found} 格，应与首行一样为 {expected} 格"),
            ));
        }
        for ((at, source), builder) in self.sources.iter().zip(&mut self.builders) {
            if let ([only], true) = (at.as_slice(), source.reading.is_plain()) {
                // The usual way: the cell as it is.
                let Some(cell) = record.get(*only).filter(|cell| !cell.is_empty()) else {
                    builder.append_null();
                    continue;
                };
                let text = String::from_utf8_lossy(cell);
                odd.extend(not_text(&self.name, line, source, cell, self.lang));
                odd.extend(foreign_number(&self.name, line, source, &text, self.lang));
                builder.append_value(text);
                continue;
            }
            let cells: Vec<Option<Cow<'_, str>>> =
                at.iter().map(|at| record.get(*at).map(String::from_utf8_lossy)).collect();
            for cell in at.iter().filter_map(|at| record.get(*at)) {
                odd.extend(not_text(&self.name, line, source, cell, self.lang));
            }
            let cells: Vec<Option<&str>> = cells.iter().map(Option::as_deref).collect();
            let value = source.reading.value(&cells);
            if let Some(value) = &value {
                odd.extend(foreign_number(&self.name, line, source, value, self.lang));
            }
            builder.append_option(value);
        }
        self.notes.extend(odd.into_iter().map(|note| (self.rows, note)));
        self.rows += 1;
    }

    /// Adds a row of texts by the index of a cell; a cell that is not there is empty.
    pub fn push_texts(&mut self, cell: impl Fn(usize) -> Option<String>) {
        for ((at, source), builder) in self.sources.iter().zip(&mut self.builders) {
            let cells: Vec<Option<String>> = at.iter().map(|at| cell(*at).filter(|text| !text.is_empty())).collect();
            let cells: Vec<Option<&str>> = cells.iter().map(Option::as_deref).collect();
            builder.append_option(source.reading.value(&cells));
        }
        self.rows += 1;
    }

    /// The columns that were collected, by target; the collector is empty then.
    pub fn take(&mut self) -> (Vec<(String, ArrayRef)>, usize, Notes) {
        let arrays = self.builders.iter_mut().map(|builder| Arc::new(builder.finish()) as ArrayRef);
        let columns = self.sources.iter().map(|(_, source)| source.target.clone()).zip(arrays).collect();
        (columns, std::mem::take(&mut self.rows), std::mem::take(&mut self.notes))
    }
}

fn not_text(name: &str, line: u64, source: &Source, cell: &[u8], lang: Lang) -> Option<String> {
    let column = source.reading.columns.join(", ");
    std::str::from_utf8(cell).is_err().then(|| {
        say(
            lang,
            format!("{name}:{line}: `{column}` is not UTF-8; expected a file in one encoding"),
            format!("{name}:{line}：`{column}` 不是 UTF-8 编码，文件应为同一种编码"),
        )
    })
}

/// A number with thousands separators or a percent sign, which is not read unless a mapping says so.
fn foreign_number(name: &str, line: u64, source: &Source, text: &str, lang: Lang) -> Option<String> {
    if !matches!(source.ty, Some(Type::Int | Type::Float)) {
        return None;
    }
    let text = text.trim();
    let (what, key) = if has_thousands(text) {
        (say(lang, "thousands separators", "千位分隔符"), "thousands")
    } else if text.strip_suffix(['%', '％']).is_some_and(|number| number.trim_end().parse::<f64>().is_ok()) {
        (say(lang, "a percent sign", "百分号"), "percent")
    } else {
        return None;
    };
    let column = source.reading.columns.first().map_or(source.target.as_str(), String::as_str);
    Some(say(
        lang,
        format!(
            "{name}:{line}: `{column}` is written with {what}; expected a plain number, or `{key} = true` for it in a mapping"
        ),
        format!("{name}:{line}：`{column}` 带有{what}，应为普通数字，或在映射文件中为其设置 `{key} = true`"),
    ))
}
