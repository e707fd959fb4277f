use std::fmt::Write;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::{Diagnostic, Severity};
use crate::Lang;

/// Characters of a line that are shown.
const LONGEST: usize = 200;

/// How many characters the token at a column (from 1) has: a word, a text in quotes, or a sign.
pub(crate) fn token_width(line: &str, column: u32) -> usize {
    let mut rest = line.chars().skip((column as usize).saturating_sub(1));
    let Some(first) = rest.next() else { return 1 };
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    if column == 0 {
        line.chars().count()
    } else if first == '"' {
        let mut escaped = false;
        let inside = rest.take_while(|c| {
            let ends = *c == '"' && !escaped;
            escaped = *c == '\\' && !escaped;
            !ends
        });
        inside.count() + 2
    } else if is_word(first) {
        1 + rest.take_while(|c| is_word(*c)).count()
    } else if first == '|' {
        // The parameters of a closure.
        rest.position(|c| c == '|').map_or(1, |between| between + 2)
    } else if first.is_ascii_punctuation() && !"({[)}];,.".contains(first) {
        1 + rest.take_while(|c| "=&|.<>*".contains(*c)).count()
    } else {
        1
    }
}

pub(super) fn render(diagnostic: &Diagnostic, lang: Lang) -> String {
    let word = match (diagnostic.severity(), lang) {
        (Severity::Error, Lang::En) => "error",
        (Severity::Error, Lang::Zh) => "错误",
        (Severity::Warning, Lang::En) => "warning",
        (Severity::Warning, Lang::Zh) => "警告",
    };
    let mut text = format!("{word}[{}]: {}\n", diagnostic.code(), diagnostic.message(lang));
    let number = diagnostic.site.line.to_string();
    let margin = " ".repeat(if diagnostic.site.line == 0 { 0 } else { number.len() });
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{margin}--> {}", diagnostic.site);
    if let Some(line) = diagnostic.source_line() {
        let column = (diagnostic.site.column as usize).max(1);
        // A line that no screen can show is cut around the place.
        let cut = if column > LONGEST / 2 && line.chars().nth(LONGEST).is_some() { column - LONGEST / 2 } else { 0 };
        let rest: String = line.chars().skip(cut).take(LONGEST).collect();
        let ends = if line.chars().nth(cut + LONGEST).is_some() { "…" } else { "" };
        let line = format!("{}{rest}{ends}", if cut > 0 { "…" } else { "" });
        let column = column - cut + usize::from(cut > 0);
        let before: String = line.chars().take(column - 1).collect();
        let marked: String = line.chars().skip(column - 1).take(diagnostic.width).collect();
        // A tab stays a tab, so that the marks stand below it whatever its width.
        let pad: String =
            before.chars().map(|c| if c == '\t' { "\t".into() } else { " ".repeat(c.width().unwrap_or(0)) }).collect();
        let marks = "^".repeat(marked.width().max(1));
        let _ = writeln!(text, "{margin} |\n{number} | {line}\n{margin} | {pad}{marks}");
    }
    let (expected, help) = match lang {
        Lang::En => ("expected", "help"),
        Lang::Zh => ("应为", "建议"),
    };
    if let Some(what) = diagnostic.expected(lang) {
        let _ = writeln!(text, "{margin} = {expected}: {what}");
    }
    if let Some(site) = &diagnostic.called_from {
        let word = if lang == Lang::En { "declared from" } else { "调用处" };
        let _ = writeln!(text, "{margin} = {word}: {site}");
    }
    #[cfg(feature = "analysis")]
    if let Some(witness) = diagnostic.witness() {
        let (firm, other) = if lang == Lang::En { ("for example", "and with") } else { ("例如", "改为") };
        let shown = |facts: &serde_json::Map<_, _>| serde_json::Value::from(facts.clone()).to_string();
        let _ = writeln!(text, "{margin} = {firm}: {}: {}", shown(&witness.firm), witness.tier.name(lang));
        if let Some((facts, tier)) = &witness.other {
            let _ = writeln!(text, "{margin} = {other}: {}: {}", shown(facts), tier.name(lang));
        }
    }
    if let Some(how) = diagnostic.help(lang) {
        let _ = writeln!(text, "{margin} = {help}: {how}");
    }
    text
}
