//! What the engine wants to know of a script's syntax tree before it runs: function bodies, imports, and the places
//! of closures and keys.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use rhai::{AST, ASTNode, Expr, FnCallExpr, FnPtr, Module, Position, ScriptFuncDef, Shared, Stmt};

use super::{Function, vocabulary};
use crate::diagnostic::BadImport;

/// The functions and closures of a script, by name and number of parameters.
pub(super) fn functions(ast: &AST, script: usize) -> HashMap<(String, usize), Rc<Function>> {
    // rhai 1.27 does not export the type of a function's body, but the AST of one function can be walked.
    let function = |definition: &Shared<ScriptFuncDef>| {
        let mut alone = Module::new();
        alone.set_script_fn(Shared::clone(definition));
        let mut body = Vec::new();
        AST::new([], alone).walk(&mut |path| {
            if let [ASTNode::Stmt(stmt)] = path {
                body.push((*stmt).clone());
            }
            true
        });
        let name = definition.name.to_string();
        let params: Vec<String> = definition.params.iter().map(|param| param.to_string()).collect();
        let key = (name.clone(), params.len());
        (key, Rc::new(Function { script, name, params, body }))
    };
    ast.iter_fn_def().map(function).collect()
}

/// Where the lines of a text begin.
pub(super) fn line_starts(text: &str) -> Vec<usize> {
    let mut starts = vec![0];
    starts.extend(text.match_indices('\n').map(|(at, _)| at + 1));
    starts
}

/// How many statements and expressions there are.
pub(super) fn size(ast: &AST) -> usize {
    let mut nodes = 0;
    ast.walk(&mut |_| {
        nodes += 1;
        true
    });
    nodes
}

/// `import "name" as alias` at the top level of a script: alias, name, place.
pub(super) fn imports(ast: &AST) -> Vec<(String, String, Position)> {
    let import = |stmt: &Stmt| match stmt {
        Stmt::Import(parts, _) => {
            let (path, alias) = &**parts;
            match path {
                Expr::StringConstant(name, position) => Some((alias.name.to_string(), name.to_string(), *position)),
                _ => None,
            }
        }
        _ => None,
    };
    ast.statements().iter().filter_map(import).collect()
}

/// `import "name" as alias`, with a name that can be read without running the script.
pub(super) fn is_plain_import(statement: &Stmt) -> bool {
    matches!(statement, Stmt::Import(parts, _) if matches!(parts.0, Expr::StringConstant(..)))
}

/// Imports that are not at the top level, or whose name is computed.
pub(super) fn misplaced_imports(ast: &AST) -> Vec<(BadImport, Position)> {
    let mut found = Vec::new();
    let top: HashSet<Position> = ast.statements().iter().map(Stmt::position).collect();
    ast.walk(&mut |path| {
        if let Some(ASTNode::Stmt(statement @ Stmt::Import(_, position))) = path.last() {
            if path.len() > 1 || !top.contains(position) {
                found.push((BadImport::Inside, *position));
            } else if !is_plain_import(statement) {
                found.push((BadImport::Computed, *position));
            }
        }
        true
    });
    found
}

#[derive(Default)]
pub(super) struct Places {
    pub(super) closures: HashMap<String, Position>,
    /// Sorted: position of the call, hash of the path of keys, position of the key.
    pub(super) keys: Vec<(Position, u64, Position)>,
}

/// Where closures and the keys of literal maps stand.
pub(super) fn places(ast: &AST) -> Places {
    let declaring: HashSet<&str> = vocabulary::declaring().collect();
    let mut places = Places::default();
    ast.walk(&mut |path| {
        match path.last() {
            Some(ASTNode::Expr(Expr::DynamicConstant(value, position))) => {
                if let Some(pointer) = value.read_lock::<FnPtr>() {
                    places.closures.insert(pointer.fn_name().to_owned(), *position);
                }
            }
            Some(ASTNode::Expr(Expr::FnCall(call, position)) | ASTNode::Stmt(Stmt::FnCall(call, position)))
                if declaring.contains(call.name.as_str()) =>
            {
                call_keys(call, *position, &mut places);
            }
            _ => {}
        }
        true
    });
    places.keys.sort_unstable();
    places
}

/// FNV-1a, which can be carried on from a path to a longer one: paths themselves would be many copies of their keys.
const NO_PATH: u64 = 0xcbf2_9ce4_8422_2325;

fn extended(hash: u64, text: &str) -> u64 {
    text.bytes().fold(hash, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Of keys with points between them.
pub(super) fn path_hash(path: &str) -> u64 {
    extended(NO_PATH, path)
}

fn call_keys(call: &FnCallExpr, position: Position, places: &mut Places) {
    if let Some(id) = call.args.first() {
        places.keys.push((position, path_hash("#id"), id.start_position()));
    }
    if let [_, ty, _] = call.args.as_slice() {
        places.keys.push((position, path_hash("#type"), ty.start_position()));
    }
    for arg in &call.args {
        map_keys(arg, position, NO_PATH, places);
    }
}

fn map_keys(expr: &Expr, call: Position, path: u64, places: &mut Places) {
    let join = |key: &str| if path == NO_PATH { path_hash(key) } else { extended(extended(path, "."), key) };
    match expr {
        Expr::Map(map, _) => {
            for (key, value) in &map.0 {
                let path = join(&key.name);
                places.keys.push((call, path, key.pos));
                map_keys(value, call, path, places);
            }
        }
        Expr::Array(items, _) => {
            for (at, item) in items.iter().enumerate() {
                let path = join(&at.to_string());
                places.keys.push((call, path, item.start_position()));
                map_keys(item, call, path, places);
            }
        }
        Expr::FnCall(inner, _) if inner.name == "field" => {
            if let Some(ty) = inner.args.first() {
                places.keys.push((call, join("#type"), ty.start_position()));
            }
            for arg in &inner.args {
                map_keys(arg, call, path, places);
            }
        }
        _ => {}
    }
}

/// From a closure's first bar on, in a text that begins with its line: the text behind its parameters, up to the
/// comma, bracket or semicolon that ends it.
pub(super) fn closure_text(source: &str, column: usize) -> Option<String> {
    let offset: usize = source.chars().take(column - 1).map(char::len_utf8).sum();
    let text = source.get(offset..)?;
    let body = match text.strip_prefix("||") {
        Some(body) => body,
        None => text.strip_prefix('|')?.split_once('|')?.1,
    };
    let mut depth = 0usize;
    let mut end = body.len();
    let mut chars = body.char_indices().peekable();
    let mut quote: Option<char> = None;
    while let Some((at, c)) = chars.next() {
        match (quote, c) {
            (Some(_), '\\') => {
                chars.next();
            }
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '`') => quote = Some(c),
            (None, '/') if chars.peek().is_some_and(|(_, next)| *next == '/') => {
                while chars.next_if(|(_, c)| *c != '\n').is_some() {}
            }
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}' | ',' | ';') if depth == 0 => {
                end = at;
                break;
            }
            (None, ')' | ']' | '}') => depth -= 1,
            _ => {}
        }
    }
    Some(body.get(..end)?.trim().to_owned())
}
