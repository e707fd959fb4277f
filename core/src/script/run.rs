//! Runs every script of a book once, imports first, and goes on after an error with the next statement.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use rhai::{AST, Caches, Engine, EvalAltResult, Module, ModuleResolver, ParseErrorType, Position, Shared, Stmt};

use super::limits::{MAX_BOOK_BYTES, MAX_FUNCTIONS, MAX_OPERATIONS, MAX_SCRIPT_BYTES};
use super::vocabulary::WHOLE_SCRIPT;
use super::{Declaration, Script, Scripts, engine, syntax, vocabulary};
use crate::book::nearest;
use crate::diagnostic::{Diagnostic, Limit, Problem};

/// What the scripts say while they run.
#[derive(Default)]
pub(crate) struct Collector {
    names: HashMap<String, usize>,
    pub(super) declarations: Vec<Declaration>,
    pub(super) problems: Vec<(Problem, usize, Position)>,
    /// The scripts that are running, each inside the one before, with the group that each has opened.
    running: Vec<(usize, Option<usize>)>,
}

impl Collector {
    /// The script that a call stands in: its own source, or the script that is running.
    pub(super) fn script_named(&self, name: Option<&str>) -> usize {
        name.and_then(|name| self.names.get(name).copied())
            .or_else(|| self.running.last().map(|(script, _)| *script))
            .unwrap_or(0)
    }

    pub(super) fn set_group(&mut self, declaration: usize) {
        if let Some((_, group)) = self.running.last_mut() {
            *group = Some(declaration);
        }
    }

    pub(super) fn group(&self) -> Option<usize> {
        self.running.last().and_then(|(_, group)| *group)
    }
}

enum State {
    Waiting,
    Running,
    Done(Shared<Module>),
}

struct Runner {
    collector: Rc<RefCell<Collector>>,
    names: Vec<String>,
    asts: RefCell<Vec<Option<AST>>>,
    states: RefCell<Vec<State>>,
}

/// Reads and runs all sources, in the order of their names.
pub(crate) fn run(sources: &BTreeMap<String, Arc<str>>) -> Scripts {
    let mut scripts = Scripts::default();
    let mut problems: Vec<(Problem, usize, Position)> = Vec::new();
    let mut asts = Vec::new();
    let collector = Rc::new(RefCell::new(Collector::default()));
    let mut engine = engine::closed_engine();
    vocabulary::register(&mut engine, &collector);

    let total: usize = sources.values().map(|source| source.len()).sum();
    for (at, (name, source)) in sources.iter().enumerate() {
        let mut script = Script {
            name: name.as_str().into(),
            source: Arc::clone(source),
            functions: HashMap::new(),
            imports: HashMap::new(),
            closures: HashMap::new(),
            keys: HashMap::new(),
        };
        let limit = if source.len() > MAX_SCRIPT_BYTES {
            Some(Limit::ScriptBytes(MAX_SCRIPT_BYTES))
        } else if total > MAX_BOOK_BYTES {
            Some(Limit::BookBytes(MAX_BOOK_BYTES))
        } else {
            None
        };
        let mut ast = None;
        match limit {
            Some(what) => problems.push((Problem::Limit { what }, at, WHOLE_SCRIPT)),
            None => match engine.compile(&**source) {
                Ok(mut read) => {
                    read.set_source(name.as_str());
                    if read.iter_functions().count() > MAX_FUNCTIONS {
                        problems.push((Problem::Limit { what: Limit::Functions(MAX_FUNCTIONS) }, at, WHOLE_SCRIPT));
                    } else {
                        script.functions = syntax::functions(&read, at);
                        let places = syntax::places(&read);
                        script.closures = places.closures;
                        script.keys = places.keys;
                        ast = Some(read);
                    }
                }
                Err(error) => problems.push((syntax_problem(error.err_type()), at, error.position())),
            },
        }
        collector.borrow_mut().names.insert(name.clone(), at);
        scripts.scripts.push(script);
        asts.push(ast);
    }

    let names: Vec<String> = sources.keys().cloned().collect();
    for (at, ast) in asts.iter().enumerate() {
        let Some(ast) = ast else { continue };
        for (alias, name, position) in syntax::imports(ast) {
            match names.iter().position(|known| known_as(known, &name)) {
                Some(found) => {
                    if let Some(script) = scripts.scripts.get_mut(at) {
                        script.imports.insert(alias, found);
                    }
                }
                None => {
                    let nearest = nearest(&name, names.iter().map(|name| name.trim_end_matches(".rhai")));
                    problems.push((Problem::UnknownImport { name, nearest }, at, position));
                }
            }
        }
    }

    let states = asts.iter().map(|_| State::Waiting).collect();
    let runner = Rc::new(Runner {
        collector: Rc::clone(&collector),
        names,
        asts: RefCell::new(asts),
        states: RefCell::new(states),
    });
    engine.set_module_resolver(Resolver(Rc::clone(&runner)));
    for at in 0..scripts.scripts.len() {
        runner.script(&engine, at, Position::NONE);
    }
    drop(engine);

    let mut collector = collector.borrow_mut();
    problems.append(&mut collector.problems);
    scripts.declarations = std::mem::take(&mut collector.declarations);
    scripts.diagnostics = problems
        .into_iter()
        .map(|(problem, script, position)| scripts.diagnostic(problem, script, position))
        .collect::<Vec<Diagnostic>>();
    scripts
}

/// Scripts are imported by name without the ending.
fn known_as(script: &str, name: &str) -> bool {
    script == name || script.strip_suffix(".rhai") == Some(name)
}

impl Runner {
    /// Runs a script unless it has run; gives the module of its functions.
    fn script(&self, engine: &Engine, at: usize, imported_at: Position) -> Option<Shared<Module>> {
        let ast = self.asts.borrow().get(at).cloned().flatten()?;
        {
            let mut states = self.states.borrow_mut();
            let state = states.get_mut(at)?;
            match state {
                State::Done(module) => return Some(Shared::clone(module)),
                State::Running => {
                    drop(states);
                    self.report_cycle(at, imported_at);
                    return None;
                }
                State::Waiting => *state = State::Running,
            }
        }
        self.collector.borrow_mut().running.push((at, None));
        let module = self.statements(engine, at, &ast);
        self.collector.borrow_mut().running.pop();
        if let Some(state) = self.states.borrow_mut().get_mut(at) {
            *state = State::Done(Shared::clone(&module));
        }
        Some(module)
    }

    fn report_cycle(&self, at: usize, imported_at: Position) {
        let mut collector = self.collector.borrow_mut();
        let name = |script: usize| self.names.get(script).map_or("", String::as_str);
        let mut path: Vec<&str> =
            collector.running.iter().map(|(script, _)| *script).skip_while(|script| *script != at).map(name).collect();
        path.push(name(at));
        let problem = Problem::ImportCycle { path: path.join(" → ") };
        let script = collector.script_named(None);
        collector.problems.push((problem, script, imported_at));
    }

    /// Statement by statement, so that one that fails does not hide what is wrong with the next.
    fn statements(&self, engine: &Engine, at: usize, ast: &AST) -> Shared<Module> {
        let mut scope = vocabulary::scope();
        let mut global = engine.new_global_runtime_state();
        let mut caches = Caches::new();
        global.source = ast.source().map(Into::into);
        global.lib.push(ast.shared_lib().clone());
        for statement in ast.statements() {
            #[expect(deprecated, reason = "rhai marks it as volatile; the version is pinned")]
            let result =
                engine.eval_statements_raw(&mut global, &mut caches, &mut scope, std::slice::from_ref(statement));
            if let Err(error) = result {
                let stop = matches!(
                    *error,
                    EvalAltResult::ErrorTooManyOperations(_)
                        | EvalAltResult::ErrorTerminated(..)
                        | EvalAltResult::ErrorDataTooLarge(..)
                        | EvalAltResult::ErrorTooManyVariables(_)
                        | EvalAltResult::ErrorStackOverflow(_)
                );
                self.report(at, *error);
                if stop {
                    break;
                }
            }
        }
        // The module that importers see: functions, and what they need of imports. Declarations ran above, once.
        let imports: Vec<Stmt> =
            ast.statements().iter().filter(|stmt| matches!(stmt, Stmt::Import(..))).cloned().collect();
        let mut functions = AST::new(imports, ast.shared_lib().clone());
        if let Some(name) = self.names.get(at) {
            functions.set_source(name.as_str());
        }
        Module::eval_ast_as_new(vocabulary::scope(), &functions, engine).unwrap_or_default().into()
    }

    fn report(&self, at: usize, error: EvalAltResult) {
        let mut collector = self.collector.borrow_mut();
        // An error inside a function, or inside an imported module, is reported where it arose.
        let (mut script, mut error) = (at, error);
        let mut position = error.position();
        while let EvalAltResult::ErrorInFunctionCall(_, source, inner, _)
        | EvalAltResult::ErrorInModule(source, inner, _) = error
        {
            if !source.is_empty() {
                script = collector.names.get(&source).copied().unwrap_or(script);
            }
            error = *inner;
            position = if error.position().is_none() { position } else { error.position() };
        }
        let Some(problem) = run_problem(&error) else { return };
        collector.problems.push((problem, script, position));
    }
}

struct Resolver(Rc<Runner>);

impl ModuleResolver for Resolver {
    fn resolve(
        &self,
        engine: &Engine,
        _source: Option<&str>,
        path: &str,
        position: Position,
    ) -> Result<Shared<Module>, Box<EvalAltResult>> {
        let found = self.0.names.iter().position(|name| known_as(name, path));
        let module = found.and_then(|at| self.0.script(engine, at, position));
        // What is wrong has been reported; an empty module lets the rest of the script be checked.
        Ok(module.unwrap_or_default())
    }
}

fn syntax_problem(error: &ParseErrorType) -> Problem {
    match error {
        ParseErrorType::ExprTooDeep => Problem::Limit { what: Limit::ExpressionDepth },
        ParseErrorType::TooManyFunctions => Problem::Limit { what: Limit::Functions(MAX_FUNCTIONS) },
        ParseErrorType::LiteralTooLarge(..) => Problem::Limit { what: Limit::DataSize },
        other => Problem::Syntax { reason: lower_first(&other.to_string()) },
    }
}

/// `None` for what has been reported where it arose.
fn run_problem(error: &EvalAltResult) -> Option<Problem> {
    Some(match error {
        EvalAltResult::ErrorTerminated(..) => return None,
        EvalAltResult::ErrorTooManyOperations(_) => Problem::Limit { what: Limit::Operations(MAX_OPERATIONS) },
        EvalAltResult::ErrorStackOverflow(_) => Problem::Limit { what: Limit::CallDepth },
        EvalAltResult::ErrorDataTooLarge(..) | EvalAltResult::ErrorTooManyVariables(_) => {
            Problem::Limit { what: Limit::DataSize }
        }
        EvalAltResult::ErrorParsing(error, _) => syntax_problem(error),
        EvalAltResult::ErrorVariableNotFound(name, _) => {
            let known = vocabulary::scope();
            let nearest = nearest(name, known.iter_raw().map(|(name, _, _)| name));
            Problem::UnknownName { name: name.clone(), nearest }
        }
        EvalAltResult::ErrorFunctionNotFound(signature, _) => {
            let name = signature.split([' ', '(']).next().unwrap_or(signature).to_owned();
            let nearest = nearest(&name, WORDS.iter().copied()).filter(|nearest| *nearest != name);
            if nearest.is_none() && WORDS.contains(&name.as_str()) {
                Problem::Run { reason: format!("`{signature}` does not fit any form of `{name}`") }
            } else {
                Problem::UnknownFunction { name, nearest }
            }
        }
        other => {
            let mut bare = other.to_string();
            if let Some(at) = bare.rfind(" (line ") {
                bare.truncate(at);
            }
            Problem::Run { reason: lower_first(bare.trim_start_matches("Runtime error: ")) }
        }
    })
}

/// The vocabulary, to suggest the nearest word.
const WORDS: [&str; 16] = [
    "document",
    "role",
    "sector",
    "part",
    "fact",
    "list",
    "field",
    "measure",
    "parameter",
    "table",
    "item",
    "rule",
    "cite",
    "own",
    "date",
    "lookup",
];

fn lower_first(text: &str) -> String {
    let mut chars = text.trim_end_matches('.').chars();
    match chars.next() {
        Some(first) if !chars.as_str().starts_with(char::is_uppercase) => {
            first.to_lowercase().collect::<String>() + chars.as_str()
        }
        Some(first) => first.to_string() + chars.as_str(),
        None => String::new(),
    }
}
