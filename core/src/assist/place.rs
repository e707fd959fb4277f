//! Places in scripts, counted as whoever shows them counts.

use std::sync::Arc;

use serde::Serialize;

/// A place in a script, as whoever shows it may count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Place {
    /// From 1.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
    /// From 1, in units of UTF-16.
    pub column_utf16: u32,
    /// From 1, in bytes of UTF-8.
    pub column_utf8: u32,
    /// From the beginning of the script, from 0, in units of UTF-16.
    pub offset_utf16: u32,
}

/// A stretch of a script, the end not included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Span {
    /// The name of the script.
    pub script: Arc<str>,
    /// Where it begins.
    pub from: Place,
    /// Where it ends.
    pub to: Place,
}

/// How columns of a line are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Bytes of UTF-8.
    Utf8,
    /// Units of UTF-16: what CodeMirror and most language clients count.
    Utf16,
    /// Characters.
    Chars,
}

pub(super) fn span_in(script: &Arc<str>, source: &str, from: usize, to: usize) -> Span {
    Span { script: Arc::clone(script), from: place(source, from), to: place(source, to.max(from)) }
}

/// The byte of a text at a line and column, both from 1; behind the end of a line its end is meant.
pub fn offset_in(source: &str, line: u32, column: u32, unit: Unit) -> usize {
    let from = match line.checked_sub(2) {
        None => 0,
        Some(before) => source.match_indices('\n').nth(before as usize).map_or(source.len(), |(at, _)| at + 1),
    };
    let text = source.get(from..).and_then(|rest| rest.split(['\r', '\n']).next()).unwrap_or("");
    from + bytes_of(text, column.saturating_sub(1) as usize, unit)
}

fn place(source: &str, offset: usize) -> Place {
    let before = source.get(..offset).unwrap_or(source);
    let line = before.rsplit('\n').next().unwrap_or("");
    let count = |amount: usize| u32::try_from(amount).unwrap_or(u32::MAX);
    Place {
        line: count(before.matches('\n').count() + 1),
        column: count(line.chars().count() + 1),
        column_utf16: count(line.encode_utf16().count() + 1),
        column_utf8: count(line.len() + 1),
        offset_utf16: count(before.encode_utf16().count()),
    }
}

/// The bytes of so many units; of a unit inside a character, up to that character.
pub(super) fn bytes_of(text: &str, units: usize, unit: Unit) -> usize {
    let mut counted = 0;
    for (at, c) in text.char_indices() {
        let width = match unit {
            Unit::Utf8 => c.len_utf8(),
            Unit::Utf16 => c.len_utf16(),
            Unit::Chars => 1,
        };
        if counted + width > units {
            return at;
        }
        counted += width;
    }
    text.len()
}
