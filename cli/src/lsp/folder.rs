//! The scripts of a folder as the editor has them: those on disk, those that are open, and the standard book under them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use std::str::FromStr;

use lsp_types::{
    Diagnostic, DiagnosticSeverity, InitializeParams, NumberOrString, Position, PublishDiagnosticsParams, Range,
    TextDocumentContentChangeEvent, Uri,
};
use risktier::assist::{Assist, Place, Problem, Span, Unit, offset_in};
use risktier::{Date, Lang, Severity};

use crate::book;
use crate::error::CliError;

pub struct Folder {
    root: PathBuf,
    standard: bool,
    unit: Unit,
    pub assist: Assist,
    /// By name of the script: the text that the editor has, and how it calls the file.
    open: BTreeMap<String, (String, Uri)>,
    /// Names of scripts that the assistance has not read as they are now.
    waiting: BTreeSet<String>,
    /// Is there something that was not told yet?
    news: bool,
    /// Is the book to be analysed, when nobody types?
    pub saved: bool,
    /// What the analysis found; nothing since the last change.
    findings: Vec<Problem>,
    /// Files that were last told to have problems.
    told: BTreeMap<String, Uri>,
}

/// The folder that the editor has open.
pub fn root(params: &InitializeParams) -> Option<PathBuf> {
    let folder = params.workspace_folders.as_ref().and_then(|folders| folders.first()).map(|folder| &folder.uri);
    #[expect(deprecated, reason = "older editors name their folder so")]
    folder.or(params.root_uri.as_ref()).and_then(path)
}

/// The path of a `file:` URI.
fn path(uri: &Uri) -> Option<PathBuf> {
    let rest = uri.as_str().strip_prefix("file://")?;
    let encoded = rest.find('/').and_then(|at| rest.get(at..))?;
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            let digits = std::str::from_utf8(&digits).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    let text = String::from_utf8(bytes).ok()?;
    // `/c:/rules`
    let drive = text.strip_prefix('/').filter(|rest| cfg!(windows) && rest.get(1..2) == Some(":"));
    Some(PathBuf::from(drive.unwrap_or(&text)))
}

fn uri(path: &Path) -> Option<Uri> {
    let text = path.to_str()?.replace('\\', "/");
    let mut encoded = String::from(if text.starts_with('/') { "file://" } else { "file:///" });
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~:".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    Uri::from_str(&encoded).ok()
}

impl Folder {
    pub fn open(root: Option<PathBuf>, standard: bool, unit: Unit) -> Result<Folder, CliError> {
        let root = root.unwrap_or_else(|| PathBuf::from("."));
        let root = std::fs::canonicalize(&root).map_err(CliError::read(&root))?;
        let assist = Assist::new(book::texts(&root, standard)?);
        let (open, waiting, told) = (BTreeMap::new(), BTreeSet::new(), BTreeMap::new());
        let findings = Vec::new();
        Ok(Folder { root, standard, unit, assist, open, waiting, news: true, saved: true, findings, told })
    }

    /// The name of the script in a file, which is its path in the folder.
    pub fn script(&self, uri: &Uri) -> Option<String> {
        if let Some((name, _)) = self.open.iter().find(|(_, (_, known))| known == uri) {
            return Some(name.clone());
        }
        let path = path(uri)?;
        // An editor may know the folder by another path to it.
        let inside = match path.strip_prefix(&self.root) {
            Ok(inside) => inside.to_owned(),
            Err(_) => {
                let folder = std::fs::canonicalize(path.parent()?).ok()?;
                folder.join(path.file_name()?).strip_prefix(&self.root).ok()?.to_owned()
            }
        };
        let mut parts = Vec::new();
        for part in inside.components() {
            match part {
                Component::Normal(part) => parts.push(part.to_str()?),
                _ => return None,
            }
        }
        let name = parts.join("/");
        name.ends_with(".rhai").then_some(name)
    }

    /// The file of a script, if it has one: those of the standard book have none.
    pub fn uri(&self, script: &str) -> Option<Uri> {
        if let Some((_, uri)) = self.open.get(script) {
            return Some(uri.clone());
        }
        let path = self.root.join(script);
        if path.is_file() { uri(&path) } else { None }
    }

    pub fn opened(&mut self, uri: &Uri, text: String) {
        if let Some(name) = self.script(uri) {
            self.open.insert(name.clone(), (text, uri.clone()));
            self.waiting.insert(name);
        }
    }

    pub fn changed(&mut self, uri: &Uri, changes: Vec<TextDocumentContentChangeEvent>) {
        let Some(name) = self.script(uri) else { return };
        let Some((text, _)) = self.open.get_mut(&name) else { return };
        for change in changes {
            match change.range {
                None => *text = change.text,
                Some(range) => {
                    let at = |place: Position| {
                        let from = |number: u32| number.saturating_add(1);
                        offset_in(text, from(place.line), from(place.character), self.unit)
                    };
                    let (from, to) = (at(range.start), at(range.end));
                    if from <= to {
                        text.replace_range(from..to, &change.text);
                    }
                }
            }
        }
        self.waiting.insert(name);
    }

    pub fn closed(&mut self, uri: &Uri) {
        if let Some(name) = self.script(uri)
            && self.open.remove(&name).is_some()
        {
            self.waiting.insert(name);
            self.read_again();
        }
    }

    /// Something changed on disk.
    pub fn read_again(&mut self) {
        let Ok(texts) = book::texts(&self.root, self.standard) else { return };
        let gone: Vec<String> =
            self.assist.scripts().filter(|name| !texts.contains_key(*name)).map(String::from).collect();
        let differs = |(name, text): &(&String, &String)| self.assist.source(name) != Some(text);
        let new: Vec<String> = texts.iter().filter(differs).map(|(name, _)| name.clone()).collect();
        self.waiting.extend(gone.into_iter().chain(new).filter(|name| !self.open.contains_key(name)));
    }

    /// Reads what is waiting.
    pub fn settle(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        if waiting.is_empty() {
            return;
        }
        self.news = true;
        self.findings.clear();
        let mut on_disk = None;
        for name in waiting {
            let text = match self.open.get(&name) {
                Some((text, _)) => Some(text.clone()),
                None => {
                    let texts =
                        on_disk.get_or_insert_with(|| book::texts(&self.root, self.standard).unwrap_or_default());
                    texts.get(&name).cloned()
                }
            };
            match text {
                Some(text) if self.assist.source(&name) == Some(&text) => {}
                Some(text) => self.assist.edit(&name, text),
                None => self.assist.remove(&name),
            }
        }
    }

    /// Analyses the book as a whole.
    pub fn analyse(&mut self, as_of: Date) {
        self.settle();
        self.saved = false;
        self.findings = self.assist.findings(as_of);
        self.news = true;
    }

    /// What is to be told of files since the last time.
    pub fn news(&mut self, lang: Lang) -> Vec<PublishDiagnosticsParams> {
        self.settle();
        if !std::mem::take(&mut self.news) {
            return Vec::new();
        }
        let mut by_script: BTreeMap<String, (Uri, Vec<Diagnostic>)> = BTreeMap::new();
        for (name, uri) in std::mem::take(&mut self.told) {
            by_script.insert(name, (uri, Vec::new()));
        }
        for name in self.open.keys() {
            if let Some(uri) = self.uri(name) {
                by_script.insert(name.clone(), (uri, Vec::new()));
            }
        }
        for problem in self.assist.problems().iter().chain(&self.findings) {
            let name = problem.span.script.to_string();
            let Some(uri) = self.uri(&name) else { continue };
            let mut message = problem.message.get(lang).to_owned();
            for more in [&problem.expected, &problem.help].into_iter().flatten() {
                message.push('\n');
                message.push_str(more.get(lang));
            }
            let severity = match problem.severity {
                Severity::Error => DiagnosticSeverity::ERROR,
                Severity::Warning => DiagnosticSeverity::WARNING,
            };
            let diagnostic = Diagnostic {
                range: self.range(&problem.span),
                severity: Some(severity),
                code: Some(NumberOrString::String(problem.code.into())),
                source: Some("risktier".into()),
                message,
                ..Diagnostic::default()
            };
            self.told.insert(name.clone(), uri.clone());
            by_script.entry(name).or_insert_with(|| (uri, Vec::new())).1.push(diagnostic);
        }
        let told = |(uri, diagnostics)| PublishDiagnosticsParams { uri, diagnostics, version: None };
        by_script.into_values().map(told).collect()
    }

    pub fn range(&self, span: &Span) -> Range {
        let position = |place: Place| {
            let column = match self.unit {
                Unit::Utf8 => place.column_utf8,
                Unit::Utf16 => place.column_utf16,
                Unit::Chars => place.column,
            };
            Position { line: place.line.saturating_sub(1), character: column.saturating_sub(1) }
        };
        Range { start: position(span.from), end: position(span.to) }
    }

    /// The byte of a script that a position means.
    pub fn offset(&self, script: &str, position: Position) -> Option<usize> {
        let (line, column) = (position.line.saturating_add(1), position.character.saturating_add(1));
        self.assist.offset(script, line, column, self.unit)
    }
}
