//! Every number that a condition compares with has an example on either side of it: where the number is moved a little, some
//! example must come out otherwise.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use risktier::RuleBook;

/// Functions for the authors of other packs, which no rule of the standard book calls, and the scale of a set of bands that is
/// not the standard book's own. `tests/tests/methods.rs` holds them against published examples.
const UNCALLED: [(&str, &str); 4] = [
    ("shared/risk_matrix.rhai", "fn complete("),
    ("shared/risk_matrix.rhai", "fn enterprise_l("),
    ("shared/risk_matrix.rhai", "fn enterprise_s("),
    ("shared/risk_matrix.rhai", "fn scale_top("),
];

/// A number in a condition: where it stands in its script, and others that stand close to it.
struct Number {
    script: &'static str,
    from: usize,
    to: usize,
    near: Vec<String>,
}

/// Where conditions and the functions that they call stand: after `when:`, and after `fn name(...)`.
fn conditions(script: &str, text: &str) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut regions = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if let Some(after) = skipped(text, at) {
            at = after;
        } else if text[at..].starts_with("fn ") && (at == 0 || bytes[at - 1] == b'\n') {
            let open = at + text[at..].find('{').unwrap();
            let end = closing(text, open + 1, b"");
            let uncalled = UNCALLED.iter().any(|(of, head)| *of == script && text[at..].starts_with(head));
            // A function that declares rules has dates and days in it; its conditions are found inside.
            if uncalled {
                at = end;
            } else if text[open..end].contains("rule(") {
                at = open + 1;
            } else {
                regions.push((open + 1, end));
                at = end;
            }
        } else if text[at..].starts_with("when:") {
            let end = closing(text, at + 5, b",");
            regions.push((at + 5, end));
            at = end;
        } else {
            at += text[at..].chars().next().unwrap().len_utf8();
        }
    }
    regions
}

/// Behind a text or a comment that begins here.
fn skipped(text: &str, at: usize) -> Option<usize> {
    let rest = &text[at..];
    if rest.starts_with("//") {
        return Some(at + rest.find('\n').unwrap_or(rest.len()));
    }
    let quoted = rest.strip_prefix('"')?;
    Some(at + 1 + quoted.find('"').unwrap() + 1)
}

/// Where what begins here ends: at a closing bracket of its own, or at one of some characters outside brackets.
fn closing(text: &str, from: usize, ends: &[u8]) -> usize {
    let bytes = text.as_bytes();
    let (mut at, mut depth) = (from, 0);
    while at < bytes.len() {
        if let Some(after) = skipped(text, at) {
            at = after;
            continue;
        }
        match bytes[at] {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' if depth == 0 => return at,
            b')' | b']' | b'}' => depth -= 1,
            byte if depth == 0 && ends.contains(&byte) => return at,
            _ => {}
        }
        at += 1;
    }
    at
}

fn numbers(script: &'static str, text: &'static str) -> Vec<Number> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    for (mut at, end) in conditions(script, text) {
        while at < end {
            if let Some(after) = skipped(text, at) {
                at = after;
                continue;
            }
            if text[at..].starts_with("date(") {
                at = closing(text, at + 5, b"");
                continue;
            }
            let starts = bytes[at].is_ascii_digit()
                && !(bytes[at - 1].is_ascii_alphanumeric() || b"_.".contains(&bytes[at - 1]));
            if !starts {
                at += 1;
                continue;
            }
            let digits = |from: usize| text[from..].bytes().take_while(u8::is_ascii_digit).count();
            let mut to = at + digits(at);
            let is_float = bytes[to] == b'.' && bytes[to + 1].is_ascii_digit();
            if is_float {
                to += 1 + digits(to + 1);
            }
            let near = if is_float {
                let number: f64 = text[at..to].parse().unwrap();
                let step = if number == 0.0 { 1e-3 } else { number * 0.06 };
                vec![format!("{:?}", number + step), format!("({:?})", number - step)]
            } else {
                let number: i64 = text[at..to].parse().unwrap();
                vec![(number + 1).to_string(), format!("({})", number - 1)]
            };
            found.push(Number { script, from: at, to, near });
            at = to;
        }
    }
    found
}

#[test]
fn every_number_in_a_condition_has_examples_on_either_side() {
    let sources: BTreeMap<&str, &'static str> = risktier_rules::sources().collect();
    let examples: BTreeMap<&str, &str> = risktier_rules::examples().collect();
    let numbers: Vec<Number> = sources.iter().flat_map(|(script, text)| numbers(script, text)).collect();
    assert!(numbers.len() > 200, "{}", numbers.len());
    let unseen = Mutex::new(Vec::new());
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let Some(number) = numbers.get(next.fetch_add(1, Ordering::Relaxed)) {
                    for near in &number.near {
                        if !is_seen(&sources, &examples, number, near) {
                            let text = sources[number.script];
                            let line = text[..number.from].matches('\n').count() + 1;
                            let shown = text.lines().nth(line - 1).unwrap().trim();
                            unseen.lock().unwrap().push(format!(
                                "{}:{line}: {} could be {near}: {shown}",
                                number.script,
                                &text[number.from..number.to]
                            ));
                        }
                    }
                }
            });
        }
    });
    let mut unseen = unseen.into_inner().unwrap();
    unseen.sort();
    assert!(unseen.is_empty(), "{} numbers without an example close to them:\n{}", unseen.len(), unseen.join("\n"));
}

fn sector_of(examples: &str) -> String {
    let file: serde_json::Value = serde_json::from_str(examples).unwrap();
    file["sector"].as_str().unwrap().to_owned()
}

/// Does an example come out otherwise when the number is another?
fn is_seen(
    sources: &BTreeMap<&str, &'static str>,
    examples: &BTreeMap<&str, &str>,
    number: &Number,
    near: &str,
) -> bool {
    let text = sources[number.script];
    let changed = format!("{}{near}{}", &text[..number.from], &text[number.to..]);
    let own = format!("{}.examples.json", number.script.strip_suffix(".rhai").unwrap());
    let files = match examples.get_key_value(own.as_str()) {
        Some((name, text)) => vec![(*name, *text)],
        None => examples.iter().map(|(name, text)| (*name, *text)).collect(),
    };
    // Sectors that the examples do not name are left out: what is shared is a book without them.
    let named: BTreeSet<String> = files.iter().map(|(_, text)| sector_of(text)).collect();
    let scripts = sources.iter().filter(|(name, _)| {
        let sector = name.strip_prefix("sectors/").and_then(|name| name.strip_suffix(".rhai"));
        sector.is_none_or(|sector| named.contains(sector))
    });
    let text = |name: &str, text: &'static str| if name == number.script { changed.clone() } else { text.to_owned() };
    let Ok(book) = RuleBook::from_sources(scripts.map(|(name, own)| (*name, text(name, own)))) else {
        // Not a book any more: whoever moved the number would know.
        return true;
    };
    files.into_iter().any(|file| book.run_examples([file]).failed().next().is_some())
}
