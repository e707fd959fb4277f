//! Runs every script of a book once, imports first, and goes on after an error with the next statement.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use rhai::{AST, Caches, Dynamic, Engine, EvalAltResult, Module, ModuleResolver, Position, Scope, Shared, Stmt};

use super::limits::{
    MAX_BOOK_BYTES, MAX_DATA, MAX_FUNCTIONS, MAX_IMPORT_DEPTH, MAX_IMPORTS, MAX_OPERATIONS, MAX_SCRIPT_BYTES,
    MAX_SCRIPTS, MAX_SYNTAX_NODES,
};
use super::vocabulary::WHOLE_SCRIPT;
use super::{Declaration, Script, Scripts, engine, misreading, syntax, vocabulary};
use crate::book::nearest;
use crate::diagnostic::{Limit, MAX_PROBLEMS, Problem};

/// What the scripts say while they run.
pub(crate) struct Collector {
    names: HashMap<String, usize>,
    pub(super) declarations: Vec<Declaration>,
    pub(super) amendments: Vec<Declaration>,
    pub(super) problems: Vec<(Problem, usize, Position)>,
    /// The scripts that are running, each inside the one before, with the group that each has opened.
    running: Vec<(usize, Option<usize>)>,
    /// The statement that each of them is at.
    statements: Vec<Position>,
    operations: u64,
    /// How much more may be read from variables and declared.
    data_left: u64,
    /// The limit that stopped the book.
    stopped: Option<Limit>,
}

impl Collector {
    fn new() -> Collector {
        Collector {
            names: HashMap::new(),
            declarations: Vec::new(),
            amendments: Vec::new(),
            problems: Vec::new(),
            running: Vec::new(),
            statements: Vec::new(),
            operations: 0,
            data_left: MAX_DATA,
            stopped: None,
        }
    }

    /// Counts a step. Not Rhai's own count, which begins anew with every script.
    pub(super) fn step(&mut self) -> Option<Dynamic> {
        self.operations += 1;
        if self.operations > MAX_OPERATIONS {
            self.stopped.get_or_insert(Limit::Operations(MAX_OPERATIONS));
        }
        self.stopped.as_ref().map(|_| Dynamic::UNIT)
    }

    /// Counts a value that is copied, kept or looked through.
    pub(super) fn charge(&mut self, value: &Dynamic, position: Position) -> Result<(), Box<EvalAltResult>> {
        // By far the most values are single ones, which steps count already.
        let simple =
            !(value.is_map() || value.is_array() || value.is_fnptr() || value.is_string() || value.is_shared());
        if simple || vocabulary::weigh(value, 0, &mut self.data_left) {
            return Ok(());
        }
        Err(self.stop(Limit::Data, position))
    }

    /// Ends all scripts for good.
    pub(super) fn stop(&mut self, limit: Limit, position: Position) -> Box<EvalAltResult> {
        self.stopped.get_or_insert(limit);
        EvalAltResult::ErrorTerminated(Dynamic::UNIT, position).into()
    }

    /// The script that a call stands in: its own source, or the script that is running.
    pub(super) fn script_named(&self, name: Option<&str>) -> usize {
        name.and_then(|name| self.names.get(name).copied())
            .or_else(|| self.running.last().map(|(script, _)| *script))
            .unwrap_or(0)
    }

    /// The statement that is running.
    pub(super) fn statement(&self) -> Option<(usize, Position)> {
        Some((self.running.last()?.0, *self.statements.last()?))
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
    /// It could not be read, which has been reported.
    Unread,
    Waiting(AST),
    Running,
    Done(Shared<Module>),
}

struct Runner {
    collector: Rc<RefCell<Collector>>,
    names: Vec<String>,
    states: RefCell<Vec<State>>,
}

/// Reads and runs all sources, in the order of their names.
pub(crate) fn run(sources: &BTreeMap<String, Arc<str>>) -> Scripts {
    let mut scripts = Scripts::default();
    let mut problems: Vec<(Problem, usize, Position)> = Vec::new();
    let mut nodes = 0;
    let mut asts = Vec::new();
    let collector = Rc::new(RefCell::new(Collector::new()));
    let parsed_names = Rc::new(engine::Names::default());
    let mut engine = engine::closed_engine(&parsed_names);
    vocabulary::register(&mut engine, &collector);

    let total: usize = sources.values().map(|source| source.len()).sum();
    for (at, (name, source)) in sources.iter().enumerate() {
        let mut script = Script {
            name: name.as_str().into(),
            source: Arc::clone(source),
            lines: syntax::line_starts(source),
            functions: HashMap::new(),
            closure_functions: HashMap::new(),
            imports: HashMap::new(),
            closures: HashMap::new(),
            keys: Vec::new(),
        };
        let limit = if source.len() > MAX_SCRIPT_BYTES {
            Some(Limit::ScriptBytes(MAX_SCRIPT_BYTES))
        } else if at >= MAX_SCRIPTS {
            Some(Limit::Scripts(MAX_SCRIPTS))
        } else if total > MAX_BOOK_BYTES {
            Some(Limit::BookBytes(MAX_BOOK_BYTES))
        } else {
            None
        };
        let mut ast = None;
        parsed_names.forget();
        match limit {
            Some(what) => problems.push((Problem::Limit { what }, at, WHOLE_SCRIPT)),
            None => match engine.compile(&**source) {
                Ok(mut read) => {
                    read.set_source(name.as_str());
                    nodes += syntax::size(&read);
                    if nodes > MAX_SYNTAX_NODES {
                        problems.push((Problem::Limit { what: Limit::BookBytes(MAX_BOOK_BYTES) }, at, WHOLE_SCRIPT));
                    } else if read.iter_functions().count() > MAX_FUNCTIONS {
                        problems.push((Problem::Limit { what: Limit::Functions(MAX_FUNCTIONS) }, at, WHOLE_SCRIPT));
                    } else {
                        script.functions = syntax::functions(&read, at);
                        let closures = script.functions.values().filter(|function| function.name.starts_with("anon$"));
                        script.closure_functions =
                            closures.map(|function| (function.name.clone(), Rc::clone(function))).collect();
                        let places = syntax::places(&read);
                        script.closures = places.closures;
                        script.keys = places.keys;
                        ast = Some(read);
                    }
                }
                Err(error) => {
                    let (problem, position) =
                        misreading::syntax(error.err_type(), source, &script.lines, error.position());
                    problems.push((problem, at, position));
                }
            },
        }
        collector.borrow_mut().names.insert(name.clone(), at);
        scripts.scripts.push(script);
        asts.push(ast);
    }

    scripts.incomplete = !problems.is_empty();
    let names: Vec<String> = sources.keys().cloned().collect();
    let known: HashMap<&str, usize> = names
        .iter()
        .enumerate()
        .flat_map(|(at, name)| [Some((name.as_str(), at)), name.strip_suffix(".rhai").map(|name| (name, at))])
        .flatten()
        .collect();
    for (at, ast) in asts.iter().enumerate() {
        let Some(ast) = ast else { continue };
        for (what, position) in syntax::misplaced_imports(ast) {
            problems.push((Problem::BadImport { what }, at, position));
        }
        for (alias, name, position) in syntax::imports(ast) {
            match known.get(name.as_str()).copied() {
                Some(found) => {
                    if let Some(script) = scripts.scripts.get_mut(at) {
                        script.imports.insert(alias, found);
                    }
                }
                None => {
                    let suggest = problems.len() < MAX_PROBLEMS / 5;
                    let names = names.iter().take(if suggest { names.len() } else { 0 });
                    let nearest = nearest(&name, names.map(|name| name.trim_end_matches(".rhai")));
                    problems.push((Problem::UnknownImport { name, nearest }, at, position));
                }
            }
        }
    }

    if let Some(script) = too_many_imports(&scripts.scripts) {
        problems.push((Problem::Limit { what: Limit::Imports(MAX_IMPORTS) }, script, WHOLE_SCRIPT));
        asts.iter_mut().for_each(|ast| *ast = None);
        scripts.incomplete = true;
    }
    let states = asts.into_iter().map(|ast| ast.map_or(State::Unread, State::Waiting)).collect();
    let runner = Rc::new(Runner { collector: Rc::clone(&collector), names, states: RefCell::new(states) });
    engine.set_module_resolver(Resolver(Rc::clone(&runner)));
    for at in 0..scripts.scripts.len() {
        runner.script(&engine, at, Position::NONE);
    }
    drop(engine);

    let mut collector = collector.borrow_mut();
    problems.append(&mut collector.problems);
    scripts.incomplete |= collector.stopped.is_some();
    scripts.declarations = std::mem::take(&mut collector.declarations);
    scripts.amendments = std::mem::take(&mut collector.amendments);
    for (problem, script, position) in problems {
        let diagnostic = scripts.diagnostic(problem, script, position);
        scripts.diagnostics.push(diagnostic);
    }
    scripts
}

/// A script with too many ways through imports.
fn too_many_imports(scripts: &[Script]) -> Option<usize> {
    let mut ways = vec![1usize; scripts.len()];
    // A way is no longer than imports may be deep, in a ring of imports too.
    for _ in 0..MAX_IMPORT_DEPTH {
        let longer = |script: &Script| {
            let further = script.imports.values().map(|target| ways.get(*target).copied().unwrap_or(0));
            further.fold(1usize, usize::saturating_add)
        };
        ways = scripts.iter().map(longer).collect();
    }
    ways.iter().position(|ways| *ways > MAX_IMPORTS)
}

/// Scripts are imported by name without the ending.
fn known_as(script: &str, name: &str) -> bool {
    script == name || script.strip_suffix(".rhai") == Some(name)
}

impl Runner {
    /// Runs a script unless it has run; gives the module of its functions.
    fn script(&self, engine: &Engine, at: usize, imported_at: Position) -> Option<Shared<Module>> {
        if self.collector.borrow().stopped.is_some() {
            return None;
        }
        let depth = self.collector.borrow().running.len();
        let state = match self.states.borrow_mut().get_mut(at)? {
            State::Unread => return None,
            State::Done(module) => return Some(Shared::clone(module)),
            State::Waiting(_) if depth >= MAX_IMPORT_DEPTH => {
                let mut collector = self.collector.borrow_mut();
                let script = collector.script_named(None);
                let problem = Problem::Limit { what: Limit::ImportDepth(MAX_IMPORT_DEPTH) };
                if !collector.problems.iter().any(|(known, ..)| *known == problem) {
                    collector.problems.push((problem, script, imported_at));
                }
                return None;
            }
            state => std::mem::replace(state, State::Running),
        };
        let State::Waiting(ast) = state else {
            self.report_cycle(at, imported_at);
            return None;
        };
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
        if collector.problems.iter().any(|(known, ..)| *known == problem) {
            return;
        }
        let script = collector.script_named(None);
        collector.problems.push((problem, script, imported_at));
    }

    /// Statement by statement, so that one that fails does not hide what is wrong with the next.
    fn statements(&self, engine: &Engine, at: usize, ast: &AST) -> Shared<Module> {
        let mut scope = Scope::new();
        let mut global = engine.new_global_runtime_state();
        let mut caches = Caches::new();
        global.source = ast.source().map(Into::into);
        global.lib.push(ast.shared_lib().clone());
        self.collector.borrow_mut().statements.push(Position::NONE);
        for statement in ast.statements() {
            if let Some(at) = self.collector.borrow_mut().statements.last_mut() {
                *at = statement.position();
            }
            #[expect(deprecated, reason = "rhai marks it as volatile; the version is pinned")]
            let result =
                engine.eval_statements_raw(&mut global, &mut caches, &mut scope, std::slice::from_ref(statement));
            if let Err(error) = result {
                // More variables only give the same error again.
                let stop = matches!(*error, EvalAltResult::ErrorTooManyVariables(_));
                self.report(at, *error);
                if stop || self.collector.borrow().stopped.is_some() {
                    break;
                }
            }
        }
        self.collector.borrow_mut().statements.pop();
        if self.collector.borrow().stopped.is_some() {
            return Shared::new(Module::new());
        }
        // The module that importers see: functions, and the imports that these need. Declarations ran above, once.
        let imports = ast.statements().iter().filter(|statement| syntax::is_plain_import(statement)).cloned();
        let mut functions = AST::new(imports.collect::<Vec<Stmt>>(), ast.shared_lib().clone());
        if let Some(name) = self.names.get(at) {
            functions.set_source(name.as_str());
        }
        Module::eval_ast_as_new(Scope::new(), &functions, engine).unwrap_or_default().into()
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
        let problem = match (&error, &collector.stopped) {
            // Once: what is inside stops what is outside.
            (EvalAltResult::ErrorTerminated(..), Some(limit)) => {
                let problem = Problem::Limit { what: limit.clone() };
                if collector.problems.iter().any(|(known, ..)| *known == problem) {
                    return;
                }
                problem
            }
            _ => match misreading::run(&error) {
                Some(problem) => problem,
                None => return,
            },
        };
        if collector.problems.len() < MAX_PROBLEMS {
            collector.problems.push((problem, script, position));
        }
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
