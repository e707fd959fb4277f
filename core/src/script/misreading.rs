//! What is wrong where Rhai cannot go on: its parser says what it wants next, an author needs to know what to change.

use rhai::{EvalAltResult, LexError, ParseErrorType, Position};

use super::engine::TOO_MANY_NAMES;
use super::limits::{MAX_DECLARED_NAMES, MAX_FUNCTIONS, MAX_VARIABLES};
use super::vocabulary::{MARKS, NoSuchDay, words};
use crate::book::nearest;
use crate::diagnostic::{FunctionsOf, Known, Limit, Misread, Pair, Problem, Stopped, token_width};

/// A script around a place.
struct Place<'a> {
    before: &'a str,
    /// What stands there: a word, a number, a sign. Empty at the end of the script.
    token: &'a str,
    after: &'a str,
}

fn place<'a>(source: &'a str, starts: &[usize], position: Position) -> Option<Place<'a>> {
    let start = *starts.get(position.line()?.checked_sub(1)?)?;
    let line = source.get(start..)?;
    let skipped: usize =
        line.chars().take(position.position().unwrap_or(1).saturating_sub(1)).map(char::len_utf8).sum();
    let at = start + skipped;
    let here = source.get(at..)?;
    let width = token_width(here.lines().next().unwrap_or(""), 1);
    let bytes: usize = here.chars().take(width).take_while(|c| !c.is_whitespace()).map(char::len_utf8).sum();
    Some(Place { before: source.get(..at)?, token: here.get(..bytes)?, after: here.get(bytes..)? })
}

fn half_width(c: char) -> Option<&'static str> {
    Some(match c {
        '，' | '、' => ",",
        '。' | '．' => ".",
        '；' => ";",
        '：' => ":",
        '（' => "(",
        '）' => ")",
        '【' | '［' => "[",
        '】' | '］' => "]",
        '｛' => "{",
        '｝' => "}",
        '“' | '”' | '＂' | '「' | '」' => "\"",
        '‘' | '’' | '＇' => "\"",
        '＞' => ">",
        '＜' => "<",
        '≥' => ">=",
        '≤' => "<=",
        '≠' => "!=",
        '＝' => "==",
        '！' => "!",
        '＋' => "+",
        '－' | '—' | '–' => "-",
        '×' | '＊' => "*",
        '÷' | '／' => "/",
        '％' => "%",
        '＆' => "&&",
        '｜' => "|",
        '＃' => "#",
        '\u{3000}' | '\u{a0}' => " ",
        _ => return None,
    })
}

fn operator_meant(token: &str) -> Option<&'static str> {
    Some(match token {
        "and" | "AND" | "And" | "且" => "&&",
        "or" | "OR" | "Or" | "或" => "||",
        "not" | "NOT" | "Not" => "!",
        "is" | "equals" | "eq" | "=" | "===" => "==",
        "<>" | "!==" | "ne" => "!=",
        "=>" => ">=",
        "=<" => "<=",
        "elseif" | "elif" | "elsif" => "else if",
        "between" => "in",
        _ => return None,
    })
}

fn last_word(text: &str) -> &str {
    let text = text.trim_end();
    let start = text.rfind(|c: char| !(c.is_alphanumeric() || c == '_')).map_or(0, |at| at + 1);
    // A sign of several bytes ends before the next character begins.
    text.get(start..).or_else(|| text.get(text.char_indices().rev().find(|(at, _)| *at < start)?.0..)).unwrap_or("")
}

/// The problem, and its place where that is not the parser's.
pub(super) fn syntax(error: &ParseErrorType, source: &str, starts: &[usize], at: Position) -> (Problem, Position) {
    let limit = |what: Limit| (Problem::Limit { what }, at);
    match error {
        ParseErrorType::ExprTooDeep => return limit(Limit::ExpressionDepth),
        ParseErrorType::TooManyFunctions => return limit(Limit::Functions(MAX_FUNCTIONS)),
        ParseErrorType::LiteralTooLarge(..) => return limit(Limit::DataSize),
        ParseErrorType::BadInput(LexError::Runtime(reason)) if reason == TOO_MANY_NAMES => {
            return limit(Limit::Variables(MAX_DECLARED_NAMES));
        }
        _ => {}
    }
    let empty = Place { before: source, token: "", after: "" };
    let place = place(source, starts, at).unwrap_or(empty);
    if let Some(moved) = no_hash(error, &place, source) {
        return (Problem::Syntax { what: Misread::NoHash }, moved);
    }
    // The end of the script is after its last line; there is nothing to see.
    let end = place.token.is_empty() && place.after.trim().is_empty();
    let what = misread(error, &place);
    let shown = match &what {
        _ if end => end_of(source),
        // The parser stops behind a word that it took for a name.
        Misread::NotOperator { found, .. } if *found == last_word(place.before) => {
            start_of(end_of(place.before), found)
        }
        _ => at,
    };
    (Problem::Syntax { what }, shown)
}

fn end_of(source: &str) -> Position {
    let text = source.trim_end();
    let line = text.matches('\n').count() + 1;
    let column = text.rsplit('\n').next().unwrap_or("").chars().count();
    position(line, column)
}

fn position(line: usize, column: usize) -> Position {
    match u16::try_from(line) {
        Ok(line) if line > 0 => Position::new(line, column.try_into().unwrap_or(u16::MAX)),
        _ => Position::NONE,
    }
}

/// From the last character of a word to its first.
fn start_of(end: Position, word: &str) -> Position {
    let column = end.position().unwrap_or(1) + 1;
    position(end.line().unwrap_or(1), column.saturating_sub(word.chars().count()))
}

/// A map that lost its `#`: the parser stops at the colon behind its first key.
fn no_hash(error: &ParseErrorType, place: &Place<'_>, source: &str) -> Option<Position> {
    if !matches!(error, ParseErrorType::MissingToken(..)) || place.token != ":" {
        return None;
    }
    let before =
        place.before.trim_end().trim_end_matches(|c: char| c.is_alphanumeric() || c == '_' || c == '"').trim_end();
    let block = before.strip_suffix('{')?;
    let head = source.get(..block.len())?;
    let line = head.matches('\n').count() + 1;
    let column = head.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    (!block.ends_with('#')).then(|| position(line, column))
}

fn misread(error: &ParseErrorType, place: &Place<'_>) -> Misread {
    let token = place.token.to_owned();
    if let Some((found, meant)) = place.token.chars().next().and_then(|c| Some((c, half_width(c)?))) {
        return Misread::FullWidth { found, meant };
    }
    match error {
        ParseErrorType::BadInput(LexError::UnterminatedString) => return Misread::OpenText,
        ParseErrorType::BadInput(LexError::MalformedEscapeSequence(found)) => {
            return Misread::BadEscape { found: found.clone() };
        }
        ParseErrorType::BadInput(LexError::MalformedNumber(found)) => {
            return Misread::BadNumber { found: found.clone() };
        }
        ParseErrorType::BadInput(LexError::MalformedChar(_)) => return Misread::SingleQuotes,
        ParseErrorType::Reserved(word) if word.starts_with(char::is_alphabetic) => {
            return Misread::Forbidden { word: word.clone() };
        }
        ParseErrorType::BadInput(LexError::ImproperSymbol(word, _)) if word.starts_with(char::is_alphabetic) => {
            return Misread::Forbidden { word: word.clone() };
        }
        ParseErrorType::DuplicatedProperty(key) => return Misread::KeyTwice { key: key.clone() },
        ParseErrorType::AssignmentToConstant(name) if !name.is_empty() => {
            return Misread::Constant { name: name.clone() };
        }
        ParseErrorType::WrongFnDefinition => return Misread::NestedFunction,
        ParseErrorType::FnDuplicatedDefinition(name, _) => return Misread::FunctionTwice { name: name.clone() },
        ParseErrorType::MismatchedType(wanted, _) if wanted.contains("boolean") => return Misread::NotCondition,
        ParseErrorType::MismatchedType(wanted, _) if wanted.contains("iterable") => return Misread::NotIterable,
        _ => {}
    }
    if place.token == ">" && place.before.ends_with('<') {
        return Misread::NotOperator { found: "<>".into(), meant: "!=" };
    }
    if let Some(meant) = operator_meant(&token) {
        return Misread::NotOperator { found: token, meant };
    }
    let previous = last_word(place.before);
    if matches!(previous, "not" | "NOT" | "elseif" | "elif")
        && let Some(meant) = operator_meant(previous)
    {
        return Misread::NotOperator { found: previous.to_owned(), meant };
    }
    if place.before.trim_end().ends_with('%') {
        return Misread::NoSuchOperator { found: "%".into() };
    }
    match error {
        ParseErrorType::UnknownOperator(found) => Misread::NoSuchOperator { found: found.clone() },
        ParseErrorType::BadInput(LexError::ImproperSymbol(found, _)) if !found.is_empty() => {
            Misread::NoSuchOperator { found: found.clone() }
        }
        ParseErrorType::Reserved(found) => Misread::NoSuchOperator { found: found.clone() },
        ParseErrorType::PropertyExpected if place.before.ends_with('.') => {
            let digits = |c: char| !(c.is_ascii_digit() || c == '.');
            let start = place.before.rfind(digits).map_or(0, |at| at + 1);
            Misread::BadNumber { found: format!("{}{token}", place.before.get(start..).unwrap_or("")) }
        }
        ParseErrorType::PropertyExpected => Misread::NotAKey { found: token },
        // `#{` that does not close may as well have a key that is none.
        ParseErrorType::MissingToken(sign, why) if sign == "}" && why.contains("map") && !token.is_empty() => {
            Misread::NotAKey { found: token }
        }
        ParseErrorType::MissingToken(sign, _) if sign == ";" && matches!(token.as_str(), ")" | "]" | "}") => {
            Misread::Unexpected { found: token }
        }
        ParseErrorType::MissingToken(sign, why) if sign == "," && matches!(token.as_str(), ";" | "") => {
            let closing = if why.contains("array") {
                "]"
            } else if why.contains("map") {
                "}"
            } else {
                ")"
            };
            Misread::MissingSign { sign: closing.into(), before: token }
        }
        ParseErrorType::MissingToken(sign, _) => Misread::MissingSign { sign: sign.clone(), before: token },
        ParseErrorType::UnexpectedEOF => Misread::Unexpected { found: String::new() },
        ParseErrorType::BadInput(LexError::UnexpectedInput(found)) => Misread::Unexpected { found: found.clone() },
        ParseErrorType::ExprExpected(_) => Misread::Unexpected { found: token },
        other => Misread::Other { reason: lower_first(&other.to_string()).replace('\'', "`") },
    }
}

/// `None` for what has been reported where it arose.
pub(super) fn run(error: &EvalAltResult) -> Option<Problem> {
    let stopped = |what: Stopped| Problem::Run { what };
    Some(match error {
        EvalAltResult::ErrorTerminated(..) => return None,
        EvalAltResult::ErrorStackOverflow(_) => Problem::Limit { what: Limit::CallDepth },
        EvalAltResult::ErrorDataTooLarge(..) => Problem::Limit { what: Limit::DataSize },
        EvalAltResult::ErrorTooManyVariables(_) => Problem::Limit { what: Limit::Variables(MAX_VARIABLES) },
        EvalAltResult::ErrorVariableNotFound(name, _) => Problem::UnknownName {
            name: name.clone(),
            nearest: nearest(name, MARKS.into_iter().chain(["firm"])),
            known: Known::Script,
        },
        EvalAltResult::ErrorModuleNotFound(name, _) => {
            Problem::UnknownName { name: name.clone(), nearest: None, known: Known::Import }
        }
        EvalAltResult::ErrorFunctionNotFound(signature, _) => function_not_found(signature),
        EvalAltResult::ErrorPropertyNotFound(key, _) => stopped(Stopped::NoKey { key: key.clone() }),
        EvalAltResult::ErrorArrayBounds(_, number, _) => stopped(Stopped::NoItem { number: number.to_string() }),
        EvalAltResult::ErrorArithmetic(reason, _)
            if reason.starts_with("Division by zero") || reason.starts_with("Modulo") =>
        {
            stopped(Stopped::DivisionByZero)
        }
        EvalAltResult::ErrorArithmetic(reason, _) if reason.contains("overflow") => stopped(Stopped::Overflow),
        EvalAltResult::ErrorRuntime(value, _) => match value.read_lock::<NoSuchDay>() {
            Some(day) => stopped(Stopped::NoSuchDay { day: day.0.clone() }),
            None => stopped(Stopped::Thrown { text: shortened(&value.to_string()) }),
        },
        EvalAltResult::ErrorFor(_) => Problem::Syntax { what: Misread::NotIterable },
        EvalAltResult::ErrorMismatchDataType(wanted, _, _) if wanted == "bool" => {
            Problem::Syntax { what: Misread::NotCondition }
        }
        other => {
            let mut bare = other.to_string();
            if let Some(at) = bare.rfind(" (line ") {
                bare.truncate(at);
            }
            stopped(Stopped::Other { reason: shortened(&lower_first(&bare)) })
        }
    })
}

/// From `name (type, type)`.
fn function_not_found(signature: &str) -> Problem {
    let (name, types) = signature.split_once(" (").unwrap_or((signature, ""));
    let types = types.trim_end_matches(')');
    let found: Vec<Pair> = types.split(", ").filter(|ty| !ty.is_empty()).map(type_of).collect();
    // An imported function comes with its module.
    let plain = name.rsplit("::").next().unwrap_or(name);
    if words().any(|word| word == plain) {
        return Problem::Run { what: Stopped::WrongForm { word: plain.to_owned(), found } };
    }
    if !plain.starts_with(|c: char| c.is_alphabetic() || c == '_') {
        return Problem::Run { what: Stopped::Operator { name: plain.to_owned(), found } };
    }
    let of = if name == plain { FunctionsOf::Language } else { FunctionsOf::Script };
    Problem::UnknownFunction { name: plain.to_owned(), nearest: nearest(plain, words()), of }
}

fn type_of(name: &str) -> Pair {
    let (en, zh) = match name.trim() {
        "i64" => ("a whole number", "整数"),
        "f64" => ("a number with decimals", "小数"),
        "bool" => ("true or false", "布尔值"),
        "map" => ("a map", "映射"),
        "array" => ("an array", "数组"),
        "Fn" => ("a closure", "闭包"),
        "()" => ("`()`", "`()`"),
        "type" => ("a type", "类型"),
        "tier" => ("a tier", "等级"),
        "direction" => ("`UP`, `DOWN`, `TRUE` or `FALSE`", "`UP`、`DOWN`、`TRUE` 或 `FALSE`"),
        "basis" => ("`READ` or `RECALLED`", "`READ` 或 `RECALLED`"),
        "field" => ("a field", "字段"),
        "citation" => ("a citation", "引用"),
        "date" => ("a date", "日期"),
        text if text.contains("String") || text.contains("str") || text == "char" => ("a text", "文本"),
        _ => ("another value", "其他值"),
    };
    (en.into(), zh.into())
}

fn shortened(text: &str) -> String {
    let line = text.lines().next().unwrap_or("");
    match line.char_indices().nth(120) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or("")),
        None => line.to_owned(),
    }
}

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
