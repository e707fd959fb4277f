//! Rule scripts: takes sources in memory, gives [`Scripts`]: what they declare, not yet checked, and the bodies of
//! their functions, not yet lowered.

mod engine;
mod limits;
mod misreading;
mod run;
mod syntax;
mod vocabulary;

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use rhai::{Dynamic, Map, Position, Stmt};

pub(crate) use limits::{
    MAX_ADOPTED, MAX_BOOK_VISITS, MAX_CALL_LEVELS, MAX_CONDITION_NODES, MAX_LOWERING_DEPTH, MAX_RULES, MAX_VISITS,
};
pub(crate) use run::run;
pub(crate) use vocabulary::{
    AsOfMark, BasisMark, CitationValue, FieldValue, Misplaced, TierMark, TypeMark, WorseMark, make_date,
};

use crate::Site;
use crate::diagnostic::{Declared, Diagnostic, Problem, Reports, token_width};

/// A function or closure of a script.
#[derive(Debug)]
pub(crate) struct Function {
    /// Index of the script it stands in.
    pub(crate) script: usize,
    pub(crate) name: String,
    /// Captured names first, for a closure.
    pub(crate) params: Vec<String>,
    pub(crate) body: Vec<Stmt>,
}

/// A script that has been read.
#[derive(Debug)]
pub(crate) struct Script {
    pub(crate) name: Arc<str>,
    pub(crate) source: Arc<str>,
    /// Where each line begins, in bytes.
    pub(crate) lines: Vec<usize>,
    pub(crate) functions: HashMap<(String, usize), Rc<Function>>,
    /// Those of them that are closures, by the name that rhai gives them.
    pub(crate) closure_functions: HashMap<String, Rc<Function>>,
    /// Alias to index of the imported script.
    pub(crate) imports: HashMap<String, usize>,
    /// Where closures stand, by the name that rhai gives them.
    pub(crate) closures: HashMap<String, Position>,
    /// Where the keys of literal maps stand, sorted: position of the call, hash of the path of keys, position.
    pub(crate) keys: Vec<(Position, u64, Position)>,
}

/// One call of the vocabulary, as the script made it.
#[derive(Debug)]
pub(crate) struct Declaration {
    pub(crate) kind: Declared,
    pub(crate) id: Dynamic,
    /// The type of a fact, measure or parameter.
    pub(crate) ty: Option<Dynamic>,
    /// Its map, or what was given in place of one.
    pub(crate) body: Result<Map, Dynamic>,
    pub(crate) script: usize,
    pub(crate) position: Position,
    /// The statement of a running script from which it was declared through a function.
    pub(crate) caller: Option<(usize, Position)>,
    /// Index of the declaration of the sector or part that it belongs to.
    pub(crate) group: Option<usize>,
    /// The keys that amendments gave or added to.
    pub(crate) amended: BTreeMap<String, Amended>,
}

/// A key of a declaration that stands in an amendment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Amended {
    /// Index of the amendment.
    pub(crate) by: usize,
    /// How many values of an array are the declaration's own, before those of the amendment.
    pub(crate) own: usize,
}

/// What running all scripts of a book gives.
#[derive(Debug, Default)]
pub(crate) struct Scripts {
    pub(crate) scripts: Vec<Script>,
    pub(crate) declarations: Vec<Declaration>,
    /// What scripts say of things that others declare.
    pub(crate) amendments: Vec<Declaration>,
    pub(crate) diagnostics: Reports,
    /// A script could not be read or was stopped: what it would have declared is not there.
    pub(crate) incomplete: bool,
    closure_texts: RefCell<HashMap<String, Arc<str>>>,
}

impl Scripts {
    pub(crate) fn site(&self, script: usize, position: Position) -> Site {
        let name = self.scripts.get(script).map_or_else(|| Arc::from(""), |script| Arc::clone(&script.name));
        Site {
            script: name,
            line: position.line().unwrap_or(0) as u32,
            column: position.position().unwrap_or(0) as u32,
        }
    }

    pub(crate) fn diagnostic(&self, problem: Problem, script: usize, position: Position) -> Diagnostic {
        Diagnostic::new(problem, self.site(script, position), self.line(script, position), None)
    }

    /// A diagnostic at a key of a declaration, such as `cite.1`, or of the amendment that the key stands in.
    pub(crate) fn diagnostic_in(&self, problem: Problem, declaration: &Declaration, path: &str) -> Diagnostic {
        let (declaration, path) = self.written(declaration, path);
        let position = self.key_position(declaration, &path);
        let caller = declaration.caller.map(|(script, position)| self.site(script, position));
        self.diagnostic(problem, declaration.script, position).called_from(caller)
    }

    /// Where a key of a declaration stands.
    pub(crate) fn key_site(&self, declaration: &Declaration, path: &str) -> Site {
        let (declaration, path) = self.written(declaration, path);
        self.site(declaration.script, self.key_position(declaration, &path))
    }

    /// Where a key was written: in the declaration, or in an amendment, by another path if it comes behind others.
    fn written<'a>(&'a self, declaration: &'a Declaration, path: &'a str) -> (&'a Declaration, Cow<'a, str>) {
        let (key, rest) = path.split_once('.').map_or((path, None), |(key, rest)| (key, Some(rest)));
        let amendment = declaration.amended.get(key).and_then(|one| Some((one.own, self.amendments.get(one.by)?)));
        let Some((own, amendment)) = amendment else { return (declaration, Cow::Borrowed(path)) };
        let at = rest.and_then(|rest| rest.split('.').next()).and_then(|at| at.parse::<usize>().ok());
        match at {
            Some(at) if at < own => (declaration, Cow::Borrowed(path)),
            Some(at) => (amendment, Cow::Owned(format!("{key}.{}", at - own))),
            None => (amendment, Cow::Borrowed(path)),
        }
    }

    /// A diagnostic that underlines all from one token to another.
    pub(crate) fn diagnostic_over(&self, problem: Problem, script: usize, from: Position, to: Position) -> Diagnostic {
        let width = || {
            let (source, line) = self.line(script, from)?;
            let (first, last) = (from.position()?, to.position()?);
            let text = source.get(line)?;
            let end = if from.line() == to.line() {
                last + token_width(text, u32::try_from(last).ok()?)
            } else {
                text.chars().count() + 1
            };
            end.checked_sub(first)
        };
        Diagnostic::new(problem, self.site(script, from), self.line(script, from), width())
    }

    pub(crate) fn diagnostic_at(&self, problem: Problem, site: Site) -> Diagnostic {
        let script = self.scripts.iter().position(|script| script.name == site.script);
        let line = script.and_then(|script| self.line_at(script, site.line as usize));
        Diagnostic::new(problem, site, line, None)
    }

    fn line(&self, script: usize, position: Position) -> Option<(Arc<str>, std::ops::Range<usize>)> {
        self.line_at(script, position.line()?)
    }

    fn line_at(&self, script: usize, line: usize) -> Option<(Arc<str>, std::ops::Range<usize>)> {
        let script = self.scripts.get(script)?;
        let from = *script.lines.get(line.checked_sub(1)?)?;
        let to = script.lines.get(line).copied().unwrap_or(script.source.len());
        let text = script.source.get(from..to)?;
        Some((Arc::clone(&script.source), from..from + text.trim_end_matches(['\r', '\n']).len()))
    }

    /// The place of a key in the map literal of a declaration, or the declaration itself.
    fn key_position(&self, declaration: &Declaration, path: &str) -> Position {
        let script = self.scripts.get(declaration.script);
        let mut path = path;
        loop {
            let wanted = (declaration.position, syntax::path_hash(path));
            let found = script.and_then(|script| {
                let at = script.keys.binary_search_by_key(&wanted, |(call, path, _)| (*call, *path)).ok()?;
                script.keys.get(at)
            });
            if let Some((.., position)) = found {
                return *position;
            }
            match path.rfind('.') {
                Some(dot) => path = path.get(..dot).unwrap_or(""),
                None => return declaration.position,
            }
        }
    }
}

impl Scripts {
    /// The script and place of a closure: in the script that uses it, or in another that handed it over.
    pub(crate) fn closure_place(&self, pointer: &rhai::FnPtr, script: usize) -> Option<(usize, Position)> {
        let place = |at: usize| {
            let position = self.scripts.get(at)?.closures.get(pointer.fn_name())?;
            Some((at, *position))
        };
        place(script).or_else(|| (0..self.scripts.len()).find_map(place))
    }

    /// The text of a closure, without its parameters, as it is written.
    pub(crate) fn closure_text(&self, pointer: &rhai::FnPtr, script: usize) -> Arc<str> {
        // One text for the many rules that a loop may declare with one closure.
        if let Some(text) = self.closure_texts.borrow().get(pointer.fn_name()) {
            return Arc::clone(text);
        }
        let read = |(script, position): (usize, Position)| {
            let script = self.scripts.get(script)?;
            let from = *script.lines.get(position.line()?.checked_sub(1)?)?;
            syntax::closure_text(script.source.get(from..)?, position.position()?)
        };
        let text: Arc<str> = self.closure_place(pointer, script).and_then(read).unwrap_or_default().into();
        self.closure_texts.borrow_mut().insert(pointer.fn_name().to_owned(), Arc::clone(&text));
        text
    }
}
