//! Words, texts and signs of a script, without its comments. Takes any text, broken or not.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    /// In quotes, which belong to it; without the second where the script ends first.
    Text,
    Number,
    Sign,
}

/// Bytes of a script from `start` up to `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Token {
    pub(super) fn text(self, source: &str) -> &str {
        source.get(self.start..self.end).unwrap_or("")
    }

    /// Without the quotes.
    pub(super) fn inside(self, source: &str) -> (usize, usize) {
        let text = self.text(source);
        let quote = text.chars().next().unwrap_or('"');
        let closed = text.len() > 1 && text.ends_with(quote);
        (self.start + 1, if closed { self.end - 1 } else { self.end })
    }
}

/// Longer ones first.
const SIGNS: [&str; 15] = ["..=", "...", "||", "&&", "::", "==", "!=", "<=", ">=", "=>", "..", "??", "?.", "#{", "->"];

pub(super) fn tokens(source: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(rest) = source.get(at..)
        && let Some(first) = rest.chars().next()
    {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let until = |end: Option<usize>| end.unwrap_or(rest.len());
        let (kind, length) = if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        } else if rest.starts_with("//") {
            at += until(rest.find('\n'));
            continue;
        } else if rest.starts_with("/*") {
            at += comment(rest);
            continue;
        } else if matches!(first, '"' | '`' | '\'') {
            (Kind::Text, quoted(rest, first))
        } else if first.is_ascii_digit() {
            (Kind::Number, number(rest))
        } else if is_word(first) {
            (Kind::Word, until(rest.find(|c| !is_word(c))))
        } else {
            let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign));
            (Kind::Sign, sign.map_or(first.len_utf8(), |sign| sign.len()))
        };
        tokens.push(Token { kind, start: at, end: at + length });
        at += length;
    }
    tokens
}

/// Is a place inside a comment?
pub(super) fn in_comment(source: &str, tokens: &[Token], offset: usize) -> bool {
    let before = tokens.iter().rev().find(|token| token.start < offset);
    if before.is_some_and(|token| offset < token.end) {
        return false;
    }
    let gap = source.get(before.map_or(0, |token| token.end)..offset).unwrap_or("");
    let line = gap.rsplit('\n').next().unwrap_or("");
    line.contains("//") || gap.matches("/*").count() > gap.matches("*/").count()
}

/// Comments of Rhai stand inside each other.
fn comment(text: &str) -> usize {
    let (mut depth, mut at) = (0usize, 0);
    while let Some(rest) = text.get(at..) {
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            match rest.chars().next() {
                Some(c) => at += c.len_utf8(),
                None => break,
            }
        }
    }
    text.len()
}

/// A text in double quotes ends with its line, so that a missing quote does not swallow the script.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '\n' if quote != '`' && !escaped => return at,
            _ if escaped => escaped = false,
            '\\' if quote != '`' => escaped = true,
            c if c == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// `1..5` is two numbers and a sign.
fn number(text: &str) -> usize {
    let is_digit = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let whole = text.find(|c| !is_digit(c)).unwrap_or(text.len());
    let rest = text.get(whole..).unwrap_or("");
    match rest.strip_prefix('.') {
        Some(decimals) if decimals.starts_with(|c: char| c.is_ascii_digit()) => {
            whole + 1 + decimals.find(|c| !is_digit(c)).unwrap_or(decimals.len())
        }
        _ => whole,
    }
}
