//! What the engine wants to know of a script's syntax tree before it runs: function bodies, imports, and the places
//! of closures and keys.

use std::collections::HashMap;
use std::rc::Rc;

use rhai::{AST, ASTNode, Expr, FnCallExpr, FnPtr, Position, Stmt};

use super::Function;

/// The functions and closures of a script, by name and number of parameters.
pub(super) fn functions(ast: &AST, script: usize) -> HashMap<(String, usize), Rc<Function>> {
    let mut functions = HashMap::new();
    let signatures: Vec<(String, Vec<String>)> = ast
        .iter_functions()
        .map(|f| (f.name.to_owned(), f.params.iter().map(|param| (*param).to_owned()).collect()))
        .collect();
    for (name, params) in signatures {
        // rhai 1.27 does not export the type of a function's body; an AST of one function can be walked.
        let mut one = ast.clone_functions_only();
        one.retain_functions(|_, _, n, arity| n == name && arity == params.len());
        let mut body = Vec::new();
        one.walk(&mut |path| {
            if let [ASTNode::Stmt(stmt)] = path {
                body.push((*stmt).clone());
            }
            true
        });
        let function = Function { script, name: name.clone(), params, body };
        functions.insert((name, function.params.len()), Rc::new(function));
    }
    functions
}

/// `import "name" as alias` at the top level of a script: alias, name, place.
pub(super) fn imports(ast: &AST) -> Vec<(String, String, Position)> {
    let import = |stmt: &Stmt| match stmt {
        Stmt::Import(parts, position) => {
            let (path, alias) = &**parts;
            match path {
                Expr::StringConstant(name, _) => Some((alias.name.to_string(), name.to_string(), *position)),
                _ => None,
            }
        }
        _ => None,
    };
    ast.statements().iter().filter_map(import).collect()
}

#[derive(Default)]
pub(super) struct Places {
    pub(super) closures: HashMap<String, Position>,
    pub(super) keys: HashMap<(Position, String), Position>,
}

/// Where closures and the keys of literal maps stand.
pub(super) fn places(ast: &AST) -> Places {
    let mut places = Places::default();
    ast.walk(&mut |path| {
        match path.last() {
            Some(ASTNode::Expr(Expr::DynamicConstant(value, position))) => {
                if let Some(pointer) = value.read_lock::<FnPtr>() {
                    places.closures.insert(pointer.fn_name().to_owned(), *position);
                }
            }
            Some(ASTNode::Expr(Expr::FnCall(call, position)) | ASTNode::Stmt(Stmt::FnCall(call, position))) => {
                call_keys(call, *position, &mut places);
            }
            _ => {}
        }
        true
    });
    places
}

fn call_keys(call: &FnCallExpr, position: Position, places: &mut Places) {
    if let Some(Expr::StringConstant(_, at)) = call.args.first() {
        places.keys.insert((position, "#id".into()), *at);
    }
    for arg in &call.args {
        map_keys(arg, position, "", places);
    }
}

fn map_keys(expr: &Expr, call: Position, path: &str, places: &mut Places) {
    let join = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match expr {
        Expr::Map(map, _) => {
            for (key, value) in &map.0 {
                let path = join(&key.name);
                places.keys.insert((call, path.clone()), key.pos);
                map_keys(value, call, &path, places);
            }
        }
        Expr::Array(items, _) => {
            for (at, item) in items.iter().enumerate() {
                let path = join(&at.to_string());
                places.keys.insert((call, path.clone()), item.position());
                map_keys(item, call, &path, places);
            }
        }
        // `field(TYPE, #{ .. })`
        Expr::FnCall(inner, _) => {
            for arg in &inner.args {
                map_keys(arg, call, path, places);
            }
        }
        _ => {}
    }
}

/// From a closure's first bar on: the text behind its parameters, up to the comma, bracket or semicolon that ends it.
pub(super) fn closure_text(source: &str, position: Position) -> Option<String> {
    let line = position.line()?;
    let column = position.position()?;
    let start: usize = source.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let line_text = source.get(start..)?;
    let offset: usize = line_text.chars().take(column - 1).map(char::len_utf8).sum();
    let text = line_text.get(offset..)?;
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
