//! Firms of JSON files: an array of objects, one object, or one object a line.
//!
//! A firm reaches the engine as the text that stands in the file. Only where a key is renamed, or a related list or a
//! sector is added, a new text is put together, from the old values untouched: a key that is given twice, or a number
//! of thirty digits, is still the engine's to judge.

use std::borrow::Cow;
use std::fmt;
use std::io::{BufRead, BufReader};
use std::path::Path;

use arrow_array::StringArray;
use rayon::prelude::*;
use risktier::{FirmLists, Grade, GradeColumns, GradeError, ID_KEY, SECTOR_KEY, Tier, Type};
use rustc_hash::FxHashMap;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{Firms, LISTS_AT_ONCE, Records, Run, Sink, content, with_kept};
use crate::error::CliError;
use crate::mapping::{NAME_KEY, Source};
use crate::notes::{self, Notes};
use crate::related::typed;

/// So many firms are in memory at a time, with their grades.
const CHUNK: usize = 2048;

/// The keys and values of an object, in their order, as they are written.
pub struct Object<'a> {
    pairs: Vec<(String, &'a RawValue)>,
}

impl<'a> Object<'a> {
    /// # Errors
    /// If the text is no JSON object.
    pub fn parse(text: &'a str) -> Result<Object<'a>, serde_json::Error> {
        serde_json::from_str(text)
    }

    pub fn pairs(&self) -> impl Iterator<Item = (&String, &'a RawValue)> {
        self.pairs.iter().map(|(key, value)| (key, *value))
    }
}

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Object<'de>, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<'de>, A::Error> {
                let mut pairs = Vec::with_capacity(32);
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Object { pairs })
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}

/// A value as the text of a cell; none for `null`.
pub fn text(value: &RawValue) -> Option<String> {
    match value.get() {
        "null" => None,
        text if text.starts_with('"') => serde_json::from_str(text).ok(),
        text => Some(text.to_owned()),
    }
}

/// The objects of a document: the elements of its array, or the document itself.
///
/// # Errors
/// If it is no JSON.
pub fn elements<'a>(path: &Path, text: &'a str) -> Result<Vec<&'a RawValue>, CliError> {
    let text = text.trim_start_matches('\u{feff}');
    let not_json = |error| content(path, "JSON, an array of objects or one object", error);
    if text.trim_start().starts_with('[') {
        serde_json::from_str(text).map_err(not_json)
    } else {
        Ok(vec![serde_json::from_str(text).map_err(not_json)?])
    }
}

/// Reads and grades a JSON document.
pub fn grade_document(run: &mut Run<'_>, path: &Path, sink: Sink<'_>) -> Result<(), CliError> {
    let mut text = String::new();
    std::io::Read::read_to_string(&mut run.progress.open(path)?, &mut text).map_err(CliError::read(path))?;
    let elements = elements(path, &text)?;
    let mut first = 1;
    for chunk in elements.chunks(CHUNK) {
        let firms: Vec<(u64, &str)> = (first..).zip(chunk.iter().map(|element| element.get())).collect();
        grade_chunk(run, path, &firms, sink)?;
        first += chunk.len() as u64;
    }
    Ok(())
}

/// Reads and grades JSON lines. A line that is not JSON is a firm that cannot be graded; the others are not touched.
pub fn grade_lines(run: &mut Run<'_>, path: &Path, sink: Sink<'_>) -> Result<(), CliError> {
    let mut reader = BufReader::new(run.progress.open(path)?);
    let mut lines: Vec<(u64, String)> = Vec::with_capacity(CHUNK);
    let mut number = 0;
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        let more = reader.read_until(b'\n', &mut bytes).map_err(CliError::read(path))? > 0;
        number += 1;
        let line = String::from_utf8_lossy(&bytes);
        let line = line.trim_start_matches('\u{feff}').trim();
        if !line.is_empty() {
            lines.push((number, line.to_owned()));
        }
        if lines.len() == CHUNK || (!more && !lines.is_empty()) {
            let firms: Vec<(u64, &str)> = lines.iter().map(|(number, line)| (*number, line.as_str())).collect();
            grade_chunk(run, path, &firms, sink)?;
            lines.clear();
        }
        if !more {
            return Ok(());
        }
    }
}

/// A firm that was graded.
struct Graded {
    id: Option<String>,
    result: Result<Grade, GradeError>,
    lists: Option<Box<FirmLists>>,
    kept: Vec<Option<String>>,
    unknown: Vec<String>,
    notes: Vec<String>,
}

fn grade_chunk(run: &mut Run<'_>, path: &Path, firms: &[(u64, &str)], sink: Sink<'_>) -> Result<(), CliError> {
    if sink.takes_firms() {
        return hand_on(run, path, firms, sink);
    }
    let lists_from = sink.lists_from();
    let mut columns = GradeColumns::new(run.grader, &run.export);
    let mut notes = Notes::new();
    let mut unknown = Vec::new();
    let mut kept: Vec<Vec<Option<String>>> = run.mapping.kept().map(|_| Vec::with_capacity(firms.len())).collect();
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let mut row = 0;
    let mut issued: Vec<FirmLists> = Vec::new();
    for firms in firms.chunks(if lists_from.is_some() { LISTS_AT_ONCE } else { CHUNK }) {
        let shared = &*run;
        let mut graded: Vec<Graded> = Vec::new();
        firms
            .par_iter()
            .map_init(Keys::default, |keys, (_, text)| grade_one(shared, prepare(shared, keys, text), lists_from))
            .collect_into_vec(&mut graded);
        for (mut firm, (place, _)) in graded.into_iter().zip(firms) {
            if let Some(id) = &firm.id {
                run.found.id(id);
                for related in &mut run.related {
                    related.mark(id);
                }
            }
            if let Err(GradeError::Json(_)) = firm.result {
                notes.push((row, format!("{name}:{place}")));
            }
            notes.extend(firm.notes.drain(..).map(|note| (row, note)));
            for key in firm.unknown.drain(..) {
                if !unknown.contains(&key) {
                    unknown.push(key);
                }
            }
            for (column, value) in kept.iter_mut().zip(firm.kept) {
                column.push(value);
            }
            columns.push(firm.id.as_deref(), &firm.result);
            issued.extend(firm.lists.map(|lists| *lists));
            row += 1;
        }
        // The lists do not wait for the grades of the whole chunk.
        issued.drain(..).try_for_each(|lists| sink.lists(&lists))?;
    }
    run.pass_over(path, &unknown);
    let results = columns.finish().map_err(|error| CliError::Results(error.to_string()))?;
    let results = notes::add(results, &mut notes).map_err(|error| CliError::Results(error.to_string()))?;
    let kept: Vec<(String, StringArray)> =
        run.mapping.kept().map(str::to_owned).zip(kept.into_iter().map(StringArray::from)).collect();
    sink.grades(&with_kept(&results, &kept)?)
}

/// What the keys of firms are read for: looked up once for each key.
#[derive(Default)]
struct Keys(FxHashMap<String, (Vec<Source>, bool)>);

impl Keys {
    /// What is read from the key as it is, and whether the mapping reads it in another way.
    fn targets(&mut self, run: &Run<'_>, key: &str) -> &(Vec<Source>, bool) {
        let look = || (run.mapping.targets(run.grader, key), run.mapping.reads(key));
        self.0.entry(key.to_owned()).or_insert_with(look)
    }
}

/// A firm as the engine reads it.
struct Prepared<'t> {
    id: Option<String>,
    text: Cow<'t, str>,
    kept: Vec<Option<String>>,
    unknown: Vec<String>,
    notes: Vec<String>,
    is_json: bool,
}

fn prepare<'t>(run: &Run<'_>, keys: &mut Keys, text: &'t str) -> Prepared<'t> {
    let mut kept: Vec<Option<String>> = run.mapping.kept().map(|_| None).collect();
    let Ok(object) = Object::parse(text) else {
        return Prepared { id: None, text: text.into(), kept, unknown: Vec::new(), notes: Vec::new(), is_json: false };
    };
    let mut rebuilt = String::with_capacity(text.len() + 64);
    let mut changed = false;
    let mut unknown = Vec::new();
    let mut notes = Vec::new();
    let mut id = None;
    let mut has_sector = false;
    for (key, value) in object.pairs() {
        let (targets, is_mapped) = keys.targets(run, key);
        if targets.is_empty() {
            changed = true;
            if !is_mapped && !run.related.iter().any(|related| related.name() == key) {
                unknown.push(key.clone());
            }
        }
        for source in targets {
            if let Some(name) = source.kept() {
                changed = true;
                let place = run.mapping.kept().position(|known| known == name);
                if let Some(cell) = place.and_then(|at| kept.get_mut(at)) {
                    *cell = self::text(value);
                }
                continue;
            }
            changed |= source.target != *key;
            let raw = value.get();
            if source.target == ID_KEY {
                id = self::text(value);
            }
            // An unknown sector is no sector: the one of the arguments stands in.
            if source.target == SECTOR_KEY {
                if run.batch.sector.is_some() && matches!(raw, "null" | "\"\"" | "[]") {
                    changed = true;
                    continue;
                }
                has_sector = true;
            }
            append(&mut rebuilt, &source.target, raw);
        }
    }
    for source in run.mapping.sources() {
        let cell =
            |column: &String| object.pairs().find(|(key, _)| *key == column).and_then(|(_, value)| self::text(value));
        let cells: Vec<Option<String>> = source.reading.columns.iter().map(cell).collect();
        let cells: Vec<Option<&str>> = cells.iter().map(Option::as_deref).collect();
        let Some(value) = source.reading.value(&cells) else { continue };
        changed = true;
        has_sector |= source.target == SECTOR_KEY;
        append(&mut rebuilt, &source.target, &typed(source.ty.unwrap_or(Type::Text), &value).to_string());
    }
    for related in &run.related {
        changed = true;
        append(&mut rebuilt, related.name(), &related.items(id.as_deref(), &mut notes).to_string());
    }
    if let Some(sector) = run.batch.sector.as_ref().filter(|_| !has_sector) {
        changed = true;
        append(&mut rebuilt, SECTOR_KEY, &serde_json::Value::from(sector.as_str()).to_string());
    }
    let text = if changed { format!("{{{rebuilt}}}").into() } else { text.into() };
    Prepared { id, text, kept, unknown, notes, is_json: true }
}

fn grade_one(run: &Run<'_>, firm: Prepared<'_>, lists_from: Option<Tier>) -> Graded {
    let Prepared { id, text, kept, unknown, notes, is_json } = firm;
    // Of what is no JSON the engine says what is wrong with it.
    let Some(from) = lists_from.filter(|_| is_json) else {
        return Graded { id, result: run.grader.grade_json(&text), lists: None, kept, unknown, notes };
    };
    match run.grader.explain_json(&text) {
        Ok(explanation) => {
            let mut lists = (explanation.grade.tier >= from).then(|| Box::new(run.grader.lists_of(&explanation)));
            if let Some(lists) = &mut lists {
                let names = run.mapping.kept().position(|name| name == NAME_KEY);
                lists.name = names.and_then(|at| kept.get(at).cloned().flatten());
            }
            Graded { id, result: Ok(explanation.grade), lists, kept, unknown, notes }
        }
        Err(error) => Graded { id, result: Err(error), lists: None, kept, unknown, notes },
    }
}

/// Hands firms on as they were read; what is no JSON is a firm of which nothing is known.
fn hand_on(run: &mut Run<'_>, path: &Path, firms: &[(u64, &str)], sink: Sink<'_>) -> Result<(), CliError> {
    let shared = &*run;
    let prepared: Vec<Prepared<'_>> =
        firms.par_iter().map_init(Keys::default, |keys, (_, text)| prepare(shared, keys, text)).collect();
    let at = run.mapping.kept().position(|name| name == NAME_KEY);
    let mut unknown = Vec::new();
    let mut names = Vec::with_capacity(prepared.len());
    for firm in &prepared {
        if let Some(id) = &firm.id {
            run.found.id(id);
            run.related.iter_mut().for_each(|related| related.mark(id));
        }
        names.push(at.and_then(|at| firm.kept.get(at).cloned().flatten()));
        unknown.extend(firm.unknown.iter().filter(|key| !unknown.contains(*key)).cloned().collect::<Vec<_>>());
    }
    run.pass_over(path, &unknown);
    let texts = prepared.iter().map(|firm| if firm.is_json { &*firm.text } else { "{}" }).collect();
    sink.firms(&Firms { records: Records::Texts(texts), names })
}

/// Adds a key and its value to the text of an object.
fn append(object: &mut String, key: &str, value: &str) {
    if !object.is_empty() {
        object.push(',');
    }
    object.push_str(&serde_json::Value::from(key).to_string());
    object.push(':');
    object.push_str(value);
}

/// A firm's text with a sector, if it names none.
///
/// # Errors
/// If it is no JSON object.
pub fn with_sector(text: &str, sector: &str) -> Result<String, serde_json::Error> {
    let object = Object::parse(text)?;
    let mut rebuilt = String::with_capacity(text.len() + 64);
    let mut has_sector = false;
    for (key, value) in object.pairs() {
        if key == SECTOR_KEY {
            if matches!(value.get(), "null" | "\"\"" | "[]") {
                continue;
            }
            has_sector = true;
        }
        append(&mut rebuilt, key, value.get());
    }
    if !has_sector {
        append(&mut rebuilt, SECTOR_KEY, &serde_json::Value::from(sector).to_string());
    }
    Ok(format!("{{{rebuilt}}}"))
}
