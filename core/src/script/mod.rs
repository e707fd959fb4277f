//! Rule scripts: takes sources in memory, gives [`Scripts`]: what they declare, not yet checked, and the bodies of
//! their functions, not yet lowered.

mod engine;
mod limits;
mod run;
mod syntax;
mod vocabulary;

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use rhai::{Dynamic, Position, Stmt};

pub(crate) use limits::{MAX_CONDITION_NODES, MAX_LOWERING_DEPTH, MAX_PROBLEMS, MAX_RULES, MAX_VISITS};
pub(crate) use run::run;
pub(crate) use vocabulary::{AsOfMark, BasisMark, CitationValue, FieldValue, TierMark, TypeMark, make_date};

use crate::Site;
use crate::diagnostic::{Declared, Diagnostic, Problem};

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
    pub(crate) functions: HashMap<(String, usize), Rc<Function>>,
    /// Alias to index of the imported script.
    pub(crate) imports: HashMap<String, usize>,
    /// Where closures stand, by the name that rhai gives them.
    pub(crate) closures: HashMap<String, Position>,
    /// Where the keys of literal maps stand: position of the call, path of keys.
    pub(crate) keys: HashMap<(Position, String), Position>,
}

/// One call of the vocabulary, as the script made it.
#[derive(Debug)]
pub(crate) struct Declaration {
    pub(crate) kind: Declared,
    pub(crate) id: Dynamic,
    /// The type of a fact, measure or parameter.
    pub(crate) ty: Option<Dynamic>,
    pub(crate) body: Dynamic,
    pub(crate) script: usize,
    pub(crate) position: Position,
    /// Index of the declaration of the sector or part that it belongs to.
    pub(crate) group: Option<usize>,
}

/// What running all scripts of a book gives.
#[derive(Debug, Default)]
pub(crate) struct Scripts {
    pub(crate) scripts: Vec<Script>,
    pub(crate) declarations: Vec<Declaration>,
    pub(crate) diagnostics: Vec<Diagnostic>,
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
        let source = self.scripts.get(script).map(|script| &*script.source);
        Diagnostic::new(problem, self.site(script, position), source)
    }

    /// The place of a key in the map literal of a declaration, or the declaration itself.
    pub(crate) fn key_position(&self, declaration: &Declaration, path: &str) -> Position {
        let script = self.scripts.get(declaration.script);
        let mut path = path;
        loop {
            let key = (declaration.position, path.to_owned());
            if let Some(position) = script.and_then(|script| script.keys.get(&key)) {
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
    /// The text of a closure, without its parameters, as it is written.
    pub(crate) fn closure_text(&self, pointer: &rhai::FnPtr, script: usize) -> Arc<str> {
        let place = |script: &Script| {
            let position = script.closures.get(pointer.fn_name())?;
            syntax::closure_text(&script.source, *position)
        };
        let first = self.scripts.get(script).and_then(place);
        first.or_else(|| self.scripts.iter().find_map(place)).unwrap_or_default().into()
    }
}
