//! What a text or word names, by the brackets that it stands in.

use super::Kind as Named;
use super::walk::Types;

/// A thing that scripts declare: its kind, its name, and the list, sector or part that it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Thing {
    pub(super) kind: Named,
    pub(super) name: String,
    pub(super) within: Option<String>,
}

/// An open bracket.
#[derive(Debug, Clone, Default)]
pub(super) struct Frame {
    /// `(`, `[`, `{`, or `#` for a map.
    pub(super) open: char,
    /// The function that is called.
    pub(super) call: Option<String>,
    pub(super) alias: Option<String>,
    /// What stands before the dot of a method.
    pub(super) receiver: Option<Types>,
    /// The argument or item, from 0.
    pub(super) at: usize,
    /// The first argument, if it is a text.
    pub(super) id: Option<String>,
    /// The key of a map whose value comes, and all keys so far.
    pub(super) key: Option<String>,
    pub(super) keys: Vec<String>,
    pub(super) variables: usize,
    pub(super) function: Option<String>,
}

pub(super) fn kind_of(word: &str) -> Option<Named> {
    Some(match word.strip_prefix("amend_").unwrap_or(word) {
        "document" => Named::Document,
        "role" => Named::Role,
        "key_field" => Named::KeyField,
        "sector" => Named::Sector,
        "part" => Named::Part,
        "fact" => Named::Fact,
        "list" => Named::List,
        "measure" => Named::Measure,
        "parameter" => Named::Parameter,
        "table" => Named::Table,
        "item" => Named::Item,
        "rule" => Named::Rule,
        _ => return None,
    })
}

/// What a text names by the brackets around it, and whether it is declared there.
pub(super) fn named_by(frames: &[Frame], group: Option<&str>, name: &str) -> Option<(Thing, bool)> {
    let thing = |kind, within: Option<&str>| Thing { kind, name: name.to_owned(), within: within.map(str::to_owned) };
    let frame = frames.last()?;
    if frame.open == '(' && frame.at == 0 && frame.receiver.is_none() {
        let word = frame.call.as_deref()?;
        return Some(match word {
            "cite" => (thing(Named::Document, None), false),
            "lookup" => (thing(Named::Table, None), false),
            "param" => (thing(Named::Parameter, None), false),
            _ => {
                let kind = kind_of(word)?;
                let within = if kind == Named::Item { group } else { None };
                let declared = !word.starts_with("amend_");
                (thing(if kind.is_of_firm() { Named::Fact } else { kind }, within), declared)
            }
        });
    }
    // A key of a declaration's own map, or an array under it.
    let up = usize::from(frame.open == '[');
    let at = |back: usize| frames.len().checked_sub(back + 1).and_then(|at| frames.get(at));
    let (map, call) = (at(up)?, at(up + 1)?);
    if map.open != '#' {
        return None;
    }
    let word = call.call.as_deref()?.trim_start_matches("amend_");
    match (word, map.key.as_deref()?, up) {
        ("rule", "owner", 0) => Some((thing(Named::Role, None), false)),
        ("rule", "item", 0) => Some((thing(Named::Item, group), false)),
        ("sector", "key_field", 0) => Some((thing(Named::KeyField, None), false)),
        ("sector", "uses", 1) => Some((thing(Named::Part, None), false)),
        _ => None,
    }
}
