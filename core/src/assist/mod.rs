//! Help for who writes rules (feature `assist`): takes the scripts of a book, one of them perhaps half written, and gives
//! what an editor shows. A language server and a page with an editor are thin layers over it.
//!
//! ```
//! use risktier::assist::Assist;
//!
//! let mut assist = Assist::new([("crane.rhai", r#"fact("overdue", INT, #{ en: "Overdue", zh: "超期" });"#)]);
//! assist.edit("crane.rhai", "fact(\"overdue\", INT, #{ en: \"Overdue\" });");
//! assert!(assist.problems().iter().any(|one| one.code == "E015"));
//! let hover = assist.hover("crane.rhai", 8).unwrap();
//! assert!(hover.text.en.contains("overdue"));
//! ```

mod complete;
mod describe;
mod names;
mod place;
mod rename;
mod token;
mod walk;
mod words;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

pub use place::{Place, Span, Unit, offset_in};
pub use rename::RenameError;

use crate::{Diagnostic, Label, Lang, RuleBook, Severity};
use names::Thing;
use place::{bytes_of, span_in};
use walk::{Known, Occurrence, Walk};

/// What is wrong with a script, or odd.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// What is to be underlined.
    pub span: Span,
    /// Error or warning.
    pub severity: Severity,
    /// Its stable code.
    pub code: &'static str,
    /// What is wrong.
    pub message: Label,
    /// What was expected.
    pub expected: Option<Label>,
    /// How to mend it.
    pub help: Option<Label>,
}

/// What a name or word is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words of the vocabulary say it")]
pub enum Kind {
    Document,
    Role,
    KeyField,
    Sector,
    Part,
    Fact,
    List,
    Field,
    Measure,
    Parameter,
    Table,
    Item,
    Rule,
    /// A function of conditions, or of a script.
    Function,
    /// A word of the vocabulary.
    Word,
    /// A key of a declaration.
    Key,
    /// A variable.
    Variable,
    /// A value that stands for itself, such as a tier, or one of a closed set.
    Value,
}

impl Kind {
    /// Facts, lists and measures share one space of names: `firm.name`.
    fn is_of_firm(self) -> bool {
        matches!(self, Kind::Fact | Kind::List | Kind::Measure)
    }
}

/// What may be written at a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Completion {
    /// What is put in, in place of `span`.
    pub label: String,
    /// What it is.
    pub kind: Kind,
    /// In short: type, unit and range, or how it is written.
    pub detail: String,
    /// What it means.
    pub documentation: Option<Label>,
    /// The word that has been begun.
    pub span: Span,
}

/// What is shown beside a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Hover {
    /// The name.
    pub span: Span,
    /// In Markdown.
    pub text: Label,
}

/// A line of the outline of a script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outlined {
    /// Its name in the scripts.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// What people call it, where the book could be read.
    pub label: Option<Label>,
    /// Where it is declared.
    pub span: Span,
    /// The sector or part, or the list, that it belongs to.
    pub within: Option<String>,
}

/// What is put in place of a stretch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Edit {
    /// What is replaced.
    pub span: Span,
    /// The new text.
    pub text: String,
}

struct Script {
    name: Arc<str>,
    source: Arc<str>,
    tokens: Vec<token::Token>,
    walk: Walk,
}

/// The scripts of a book while they are written.
pub struct Assist {
    scripts: Vec<Script>,
    known: Known,
    /// The last book that could be used: its names serve while a script is half written.
    book: Option<RuleBook>,
    diagnostics: Vec<Diagnostic>,
}

/// Rounds until nothing new is known of functions; a function calls others to some depth.
const MOST_ROUNDS: usize = 8;

impl Assist {
    /// Reads the scripts of a book.
    pub fn new<N: Into<Arc<str>>, T: Into<Arc<str>>>(sources: impl IntoIterator<Item = (N, T)>) -> Assist {
        let sources: BTreeMap<Arc<str>, Arc<str>> =
            sources.into_iter().map(|(name, text)| (name.into(), text.into())).collect();
        let scripts = sources.into_iter().map(|(name, source)| Script::new(name, source)).collect();
        let mut assist = Assist { scripts, known: Known::default(), book: None, diagnostics: Vec::new() };
        assist.read();
        assist
    }

    /// The scripts that one of them needs: itself, and those that declare no sector. Every sector is a book with the
    /// shared scripts alone, and that is quicker to read than all.
    pub fn alone(&self, script: &str) -> Assist {
        let shared = |one: &&Script| {
            let sector = |seen: &Occurrence| seen.declares && seen.thing.kind == Kind::Sector;
            &*one.name == script || !one.walk.occurrences.iter().any(sector)
        };
        Assist::new(self.scripts.iter().filter(shared).map(|one| (Arc::clone(&one.name), Arc::clone(&one.source))))
    }

    /// Puts a text in place of a script's, or adds a script.
    pub fn edit(&mut self, script: &str, text: impl Into<Arc<str>>) {
        let new = Script::new(script.into(), text.into());
        match self.scripts.binary_search_by(|one| (*one.name).cmp(script)) {
            Ok(at) => {
                if let Some(old) = self.scripts.get_mut(at) {
                    *old = new;
                }
            }
            Err(at) => self.scripts.insert(at, new),
        }
        self.read();
    }

    /// Takes a script away.
    pub fn remove(&mut self, script: &str) {
        self.scripts.retain(|one| &*one.name != script);
        self.read();
    }

    /// The text of a script.
    pub fn source(&self, script: &str) -> Option<&str> {
        self.script(script).map(|one| &*one.source)
    }

    /// The names of the scripts.
    pub fn scripts(&self) -> impl Iterator<Item = &str> {
        self.scripts.iter().map(|one| &*one.name)
    }

    /// The last book that could be used, if there was one.
    pub fn book(&self) -> Option<&RuleBook> {
        self.book.as_ref()
    }

    fn read(&mut self) {
        self.walk();
        match RuleBook::from_sources(self.scripts.iter().map(|one| (&*one.name, &*one.source))) {
            Ok(book) => {
                self.diagnostics = book.warnings().to_vec();
                self.book = Some(book);
            }
            Err(error) => self.diagnostics = error.diagnostics().to_vec(),
        }
    }

    /// Walks the scripts until what is known of their functions is known to all.
    fn walk(&mut self) {
        let names = self.scripts.iter().enumerate();
        let mut known = Known {
            scripts: names.map(|(at, one)| (one.name.trim_end_matches(".rhai").to_owned(), at)).collect(),
            ..Known::default()
        };
        for round in 0..MOST_ROUNDS {
            let mut next = Known { scripts: known.scripts.clone(), ..Known::default() };
            for (at, script) in self.scripts.iter_mut().enumerate() {
                script.walk = walk::walk(&script.source, &script.tokens, at, &known);
                next.lists.extend(lists(script));
                for (script, name, argument, types) in &script.walk.calls {
                    let given = next.given.entry((*script, name.clone())).or_default();
                    given.resize(given.len().max(argument + 1), Default::default());
                    if let Some(known) = given.get_mut(*argument) {
                        known.extend(types.iter().cloned());
                    }
                }
                for (name, types) in &script.walk.answers {
                    next.answers.insert((at, name.clone()), types.clone());
                }
            }
            if next == known && round > 0 {
                break;
            }
            known = next;
        }
        self.known = known;
    }

    fn script(&self, name: &str) -> Option<&Script> {
        let at = self.scripts.binary_search_by(|one| (*one.name).cmp(name)).ok()?;
        self.scripts.get(at)
    }

    /// The byte of a script at a line and column, both from 1; behind the end of a line its end is meant.
    pub fn offset(&self, script: &str, line: u32, column: u32, unit: Unit) -> Option<usize> {
        self.source(script).map(|source| offset_in(source, line, column, unit))
    }

    /// The byte of a script at a number of units of UTF-16 from its beginning.
    pub fn offset_utf16(&self, script: &str, units: u32) -> Option<usize> {
        self.source(script).map(|source| bytes_of(source, units as usize, Unit::Utf16))
    }

    /// What the loader says of all scripts.
    pub fn problems(&self) -> Vec<Problem> {
        self.diagnostics.iter().filter_map(|one| self.problem(one)).collect()
    }

    /// What the analysis of the whole book finds on a day; nothing while a script has an error.
    #[cfg(feature = "analysis")]
    pub fn findings(&self, as_of: crate::Date) -> Vec<Problem> {
        let broken = self.diagnostics.iter().any(|one| one.severity() == Severity::Error);
        let Some(book) = self.book.as_ref().filter(|_| !broken) else { return Vec::new() };
        book.as_of(as_of).check().findings.iter().filter_map(|one| self.problem(one)).collect()
    }

    fn problem(&self, one: &Diagnostic) -> Option<Problem> {
        let both = |text: &dyn Fn(Lang) -> Option<String>| {
            Some(Label { en: text(Lang::En)?.into(), zh: text(Lang::Zh)?.into() })
        };
        let site = one.site();
        let from = self.offset(&site.script, site.line, site.column, Unit::Chars).unwrap_or(0);
        let source = self.source(&site.script).unwrap_or("");
        let width: usize = source.get(from..).unwrap_or("").chars().take(one.width()).map(char::len_utf8).sum();
        Some(Problem {
            span: span_in(&site.script, source, from, from + width),
            severity: one.severity(),
            code: one.code(),
            message: both(&|lang| Some(one.message(lang)))?,
            expected: both(&|lang| one.expected(lang)),
            help: both(&|lang| one.help(lang)),
        })
    }

    /// What stands at a byte of a script: the name under it, or just before it.
    fn named_at(&self, script: &str, offset: usize) -> Option<&Occurrence> {
        let seen = &self.script(script)?.walk.occurrences;
        let at = seen.iter().find(|one| one.start <= offset && offset < one.end);
        at.or_else(|| seen.iter().find(|one| one.end == offset))
    }

    fn occurrences<'a>(&'a self, thing: &'a Thing) -> impl Iterator<Item = (&'a Script, &'a Occurrence)> {
        self.scripts.iter().flat_map(move |script| {
            script.walk.occurrences.iter().filter(move |one| one.thing == *thing).map(move |one| (script, one))
        })
    }

    /// Where the name at a byte of a script is declared.
    pub fn definition(&self, script: &str, offset: usize) -> Vec<Span> {
        let Some(named) = self.named_at(script, offset) else { return Vec::new() };
        let declared = self.occurrences(&named.thing).filter(|(_, one)| one.declares);
        let mut spans: Vec<Span> = declared.map(|(script, one)| script.span(one.start, one.end)).collect();
        // Declared in a loop under a computed name: the book knows the statement.
        if spans.is_empty() {
            spans.extend(self.site(&named.thing).and_then(|site| {
                let from = self.offset(&site.script, site.line, site.column, Unit::Chars)?;
                self.script(&site.script).map(|script| script.span(from, from))
            }));
        }
        spans
    }

    /// All places of the name at a byte of a script, its declaration first where it is asked for.
    pub fn references(&self, script: &str, offset: usize, declaration: bool) -> Vec<Span> {
        let Some(named) = self.named_at(script, offset) else { return Vec::new() };
        let wanted = self.occurrences(&named.thing).filter(|(_, one)| declaration || !one.declares);
        let mut found: Vec<(bool, Span)> =
            wanted.map(|(script, one)| (!one.declares, script.span(one.start, one.end))).collect();
        found.sort_by_key(|(use_, _)| *use_);
        found.into_iter().map(|(_, span)| span).collect()
    }

    /// The outline of a script: what it declares, in order.
    pub fn symbols(&self, script: &str) -> Vec<Outlined> {
        let Some(script) = self.script(script) else { return Vec::new() };
        let mut group: Option<&str> = None;
        let mut symbols = Vec::new();
        for one in script.walk.occurrences.iter().filter(|one| one.declares) {
            if matches!(one.thing.kind, Kind::Sector | Kind::Part) {
                group = Some(&one.thing.name);
            }
            let within = match one.thing.kind {
                Kind::Rule => group.map(str::to_owned),
                _ => one.thing.within.clone(),
            };
            symbols.push(Outlined {
                name: one.thing.name.clone(),
                kind: self.exact_kind(&one.thing),
                label: self.label(&one.thing),
                span: script.span(one.start, one.end),
                within,
            });
        }
        symbols
    }
}

/// A name in the space of facts may be that of a list or measure.
impl Assist {
    fn exact_kind(&self, thing: &Thing) -> Kind {
        let is_measure = |book: &RuleBook| book.measures().iter().any(|one| *one.name == *thing.name);
        match thing.kind {
            Kind::Fact if self.known.lists.contains(&thing.name) => Kind::List,
            Kind::Fact if self.book.as_ref().is_some_and(is_measure) => Kind::Measure,
            other => other,
        }
    }
}

/// The lists that a script declares.
fn lists(script: &Script) -> impl Iterator<Item = String> {
    let text = |at: usize| script.tokens.get(at).map_or("", |token| token.text(&script.source));
    let at =
        |at: usize| text(at) == "list" && text(at + 1) == "(" && at.checked_sub(1).is_none_or(|at| text(at) != ".");
    let name = |at: usize| {
        let (from, to) = script.tokens.get(at + 2)?.inside(&script.source);
        script.source.get(from..to).map(str::to_owned)
    };
    (0..script.tokens.len()).filter(move |one| at(*one)).filter_map(name).collect::<Vec<_>>().into_iter()
}

impl Script {
    fn new(name: Arc<str>, source: Arc<str>) -> Script {
        let tokens = token::tokens(&source);
        Script { name, source, tokens, walk: Walk::default() }
    }

    fn span(&self, from: usize, to: usize) -> Span {
        span_in(&self.name, &self.source, from, to)
    }
}
