//! Another name for a thing, in all scripts. The edits are tried before they are given: the renamed book must load, and
//! its conditions must be what they were.

use super::names::Thing;
use super::{Assist, Edit, Kind};
use crate::RuleBook;
use crate::book::BookData;
use crate::expr::graph::Node;
use crate::expr::{Constant, Op};

/// Why a name cannot be changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RenameError {
    /// Nothing there that scripts declare.
    #[error("there is no name here that a script declares; expected a fact, field, list, rule, document or the like")]
    NoName,
    /// Not a name.
    #[error("`{0}` is not a name; expected {1}")]
    NotAName(String, &'static str),
    /// Something else has it.
    #[error("`{0}` is the name of something else; expected a name that is not taken")]
    Taken(String),
    /// The scripts have errors.
    #[error("the scripts have errors, so that it cannot be known where the name is read; mend them first")]
    Broken,
    /// The renamed book would not be the same.
    #[error("`{0}` is also read where its place cannot be told, such as under a computed name; rename it by hand")]
    Elsewhere(String),
}

impl Assist {
    /// The stretch that a rename at a byte of a script would change, and the name in it.
    ///
    /// # Errors
    /// If nothing there can be renamed.
    pub fn renamable(&self, script: &str, offset: usize) -> Result<(super::Span, String), RenameError> {
        let named = self.named_at(script, offset).ok_or(RenameError::NoName)?;
        let declared = self.occurrences(&named.thing).any(|(_, one)| one.declares);
        let span = self.script(script).map(|one| one.span(named.start, named.end));
        match span {
            Some(span) if declared => Ok((span, named.thing.name.clone())),
            _ => Err(RenameError::NoName),
        }
    }

    /// The edits that give the thing at a byte of a script another name in all scripts.
    ///
    /// # Errors
    /// If nothing there can be renamed, the name is none or taken, or the edits would not leave the book as it is.
    pub fn rename(&self, script: &str, offset: usize, name: &str) -> Result<Vec<Edit>, RenameError> {
        self.renamable(script, offset)?;
        let thing = self.named_at(script, offset).map(|one| one.thing.clone()).ok_or(RenameError::NoName)?;
        if let Some(expected) = no_name(thing.kind, name) {
            return Err(RenameError::NotAName(name.to_owned(), expected));
        }
        if name == thing.name {
            return Ok(Vec::new());
        }
        let taken = Thing { name: name.to_owned(), ..thing.clone() };
        if self.occurrences(&taken).any(|(_, one)| one.declares) || self.label(&taken).is_some() {
            return Err(RenameError::Taken(name.to_owned()));
        }
        let before = match &self.book {
            Some(book) if self.is_sound() => book,
            _ => return Err(RenameError::Broken),
        };
        let mut edits = Vec::new();
        let mut renamed = Vec::with_capacity(self.scripts.len());
        for script in &self.scripts {
            let mut text = String::with_capacity(script.source.len());
            let mut at = 0;
            let mut spans: Vec<(usize, usize)> = script
                .walk
                .occurrences
                .iter()
                .filter(|one| one.thing == thing)
                .map(|one| (one.start, one.end))
                .collect();
            spans.sort_unstable();
            spans.dedup();
            for (start, end) in spans {
                text.push_str(script.source.get(at..start).unwrap_or(""));
                text.push_str(name);
                at = end;
                edits.push(Edit { span: script.span(start, end), text: name.to_owned() });
            }
            text.push_str(script.source.get(at..).unwrap_or(""));
            renamed.push((script.name.to_string(), text));
        }
        match RuleBook::from_sources(renamed.iter().map(|(name, text)| (name.as_str(), text.as_str()))) {
            Ok(after) if same(before, &after, &thing, name) => Ok(edits),
            _ => Err(RenameError::Elsewhere(thing.name)),
        }
    }

    fn is_sound(&self) -> bool {
        self.diagnostics.iter().all(|one| one.severity() == crate::Severity::Warning)
    }
}

/// Do two books ask the same, but for one name? Facts and lists are numbered as they stand, fields by their names.
fn same(before: &RuleBook, after: &RuleBook, thing: &Thing, name: &str) -> bool {
    let (one, other) = (&before.data, &after.data);
    let node = |(a, b): (&Node, &Node)| match (&a.op, &b.op) {
        (Op::Field(_), Op::Field(_)) => match (field(one, a), field(other, b)) {
            (Some((list, field)), Some((_, new))) => {
                let is_it = thing.kind == Kind::Field && thing.name == field && thing.within.as_deref() == Some(list);
                new == if is_it { name } else { field }
            }
            _ => false,
        },
        // `param("name")` and `lookup("name", ..)`: the name is a node too, though nothing asks for its value.
        (Op::Const(Constant::Text(a)), Op::Const(Constant::Text(b))) => {
            let is_it = matches!(thing.kind, Kind::Parameter | Kind::Table) && **a == *thing.name;
            **b == *if is_it { name } else { a }
        }
        (a, b) => a == b,
    };
    let nodes = one.graph.nodes().iter().zip(other.graph.nodes()).all(node);
    let rules = one.rules.iter().zip(&other.rules).all(|(one, other)| {
        one.outcome == other.outcome && one.owner == other.owner && one.cite.len() == other.cite.len()
    });
    nodes
        && rules
        && one.graph.nodes().len() == other.graph.nodes().len()
        && one.graph.frames() == other.graph.frames()
        && one.rules.len() == other.rules.len()
        && one.facts.len() == other.facts.len()
        && one.items.len() == other.items.len()
        && one.warnings.len() == other.warnings.len()
}

/// The list and field that a node reads.
fn field<'a>(data: &'a BookData, node: &Node) -> Option<(&'a str, &'a str)> {
    let Op::Field(at) = node.op else { return None };
    let list = data.lists.get(data.graph.frame(node.frame).list as usize)?;
    Some((&list.name, &list.fields.get(at as usize)?.name))
}

/// What is expected of a name, if this is none.
fn no_name(kind: Kind, name: &str) -> Option<&'static str> {
    let mut chars = name.chars();
    let short = name.chars().count() <= 64;
    if matches!(kind, Kind::Fact | Kind::Field) {
        let plain = chars.next().is_some_and(|c| c.is_ascii_lowercase())
            && chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
            && (kind == Kind::Field || ![crate::SECTOR_KEY, crate::ID_KEY].contains(&name));
        (!plain || !short).then_some("a small letter, then small letters, digits and `_`; not `id` or `sector`")
    } else {
        let plain =
            chars.next().is_some_and(char::is_alphabetic) && chars.all(|c| c.is_alphanumeric() || "-_.".contains(c));
        (!plain || !short).then_some("a letter, then letters, digits, `-`, `_` and `.`")
    }
}
