//! What may be written at a place: by the brackets around it, and by what stands before it.

use std::collections::BTreeSet;

use super::describe::{detail, kind};
use super::names::{Frame, Thing, named_by};
use super::token::{self, Kind as Tokens, Token};
use super::walk::{Is, Walk, walk};
use super::words::{self, Word};
use super::{Assist, Completion, Kind, Script};
use crate::Label;

/// What has been begun at a place.
struct Begun {
    start: usize,
    end: usize,
    text: String,
}

struct Found<'a> {
    assist: &'a Assist,
    script: &'a Script,
    begun: Begun,
    given: BTreeSet<String>,
    list: Vec<Completion>,
}

impl Assist {
    /// What may be written at a byte of a script, what begins as written there; in a sensible order.
    pub fn completions(&self, script: &str, offset: usize) -> Vec<Completion> {
        let Some((at, script)) = self.scripts.iter().enumerate().find(|(_, one)| &*one.name == script) else {
            return Vec::new();
        };
        let source = &*script.source;
        if source.get(..offset).is_none() || token::in_comment(source, &script.tokens, offset) {
            return Vec::new();
        }
        let under = script.tokens.iter().find(|token| token.start < offset && offset <= token.end).copied();
        let before: Vec<Token> = script.tokens.iter().copied().take_while(|token| token.end < offset).collect();
        let mut before = before;
        let mut in_text = false;
        let mut begun = Begun { start: offset, end: offset, text: String::new() };
        match under {
            Some(token) if token.kind == Tokens::Text => {
                let (start, end) = token.inside(source);
                if (start..=end).contains(&offset) {
                    in_text = true;
                    begun = Begun { start, end, text: source.get(start..offset).unwrap_or("").to_owned() };
                } else {
                    before.push(token);
                }
            }
            Some(token) if token.kind == Tokens::Word => {
                let text = source.get(token.start..offset).unwrap_or("").to_owned();
                begun = Begun { start: token.start, end: token.end, text };
            }
            Some(token) if token.kind == Tokens::Number => return Vec::new(),
            Some(token) => before.push(token),
            None => {}
        }
        let last = before.last().map_or("", |token| token.text(source));
        // What a walk skips behind a dot is not there yet: the expression before the dot is what counts.
        let ending = walk(source, &before, at, &self.known);
        let mut found = Found { assist: self, script, begun, given: BTreeSet::new(), list: Vec::new() };
        if in_text {
            found.in_text(&ending, last);
        } else if matches!(last, "." | "?.") {
            found.members(&ending);
        } else if last == "::" {
            let alias = before.iter().rev().nth(1).map_or("", |token| token.text(source));
            found.functions_of(&ending, Some(alias));
        } else if ending.in_parameters || matches!(last, "fn" | "let" | "const" | "as") {
            return Vec::new();
        } else {
            found.words(&ending);
        }
        found.list
    }
}

impl Found<'_> {
    fn add(&mut self, label: &str, kind: Kind, detail: impl Into<String>, documentation: Option<Label>) {
        if !label.starts_with(&*self.begun.text) || !self.given.insert(label.to_owned()) {
            return;
        }
        let span = self.script.span(self.begun.start, self.begun.end);
        self.list.push(Completion { label: label.to_owned(), kind, detail: detail.into(), documentation, span });
    }

    fn word(&mut self, word: &Word, kind: Kind) {
        let documentation = Label { en: word.en.into(), zh: word.zh.into() };
        self.add(word.name, kind, word.usage, Some(documentation));
    }

    /// All that scripts declare of a kind, those of the book with what it knows of them.
    fn declared(&mut self, kind: Kind, within: Option<&str>) {
        let scripts = self.assist.scripts.iter();
        let declared: BTreeSet<Thing> = scripts
            .flat_map(|script| &script.walk.occurrences)
            .filter(|one| one.declares && one.thing.kind == kind && one.thing.within.as_deref() == within)
            .map(|one| one.thing.clone())
            .collect();
        for thing in declared {
            let (label, detail) = (self.assist.label(&thing), self.detail(&thing));
            self.add(&thing.name, self.assist.exact_kind(&thing), detail, label);
        }
        // What a loop declares under a computed name, only the book knows.
        let Some(book) = self.assist.book.as_ref() else { return };
        let computed: Vec<String> = match kind {
            Kind::Fact => {
                let facts = book.facts().iter().map(|one| &one.name);
                let measures = book.measures().iter().map(|one| &one.name);
                facts.chain(measures).map(ToString::to_string).collect()
            }
            Kind::Parameter => book.parameters().iter().map(|one| one.name.to_string()).collect(),
            Kind::Rule => book.rules().iter().map(|one| one.id.to_string()).collect(),
            _ => Vec::new(),
        };
        for name in computed {
            let thing = Thing { kind, name, within: None };
            // The name may be from before an edit: a script that is half written declares less than it will.
            let (label, detail) = (self.assist.label(&thing), self.detail(&thing));
            self.add(&thing.name, self.assist.exact_kind(&thing), detail, label);
        }
    }

    fn detail(&self, thing: &Thing) -> String {
        let Some(book) = self.assist.book.as_ref() else { return String::new() };
        let name = &*thing.name;
        match thing.kind {
            Kind::Fact => {
                let fact = book.facts().iter().find(|one| *one.name == *name).map(detail);
                let measure = || book.measures().iter().find(|one| *one.name == *name);
                let list = || book.lists().iter().find(|one| *one.name == *name).map(|_| "list".to_owned());
                fact.or_else(|| measure().map(|one| kind(one.ty, one.unit.as_deref()))).or_else(list)
            }
            Kind::Field => super::describe::field(book, thing).map(detail),
            Kind::Parameter => {
                book.parameters().iter().find(|one| *one.name == *name).map(|one| kind(one.ty, one.unit.as_deref()))
            }
            Kind::Table => {
                book.tables().iter().find(|one| *one.name == *name).map(|one| kind(one.ty, one.unit.as_deref()))
            }
            Kind::Document => book.documents().iter().find(|one| *one.id == *name).map(|one| one.number.to_string()),
            _ => None,
        }
        .unwrap_or_default()
    }

    fn in_text(&mut self, ending: &Walk, last: &str) {
        if last == "import" {
            for script in &self.assist.scripts {
                self.add(script.name.trim_end_matches(".rhai"), Kind::Value, "", None);
            }
            return;
        }
        if let Some(compared) = &ending.compared
            && matches!(last, "==" | "!=")
        {
            let book = self.assist.book.as_ref();
            let fact = match compared.kind {
                Kind::Field => book.and_then(|book| super::describe::field(book, compared)),
                _ => book.and_then(|book| book.facts().iter().find(|one| *one.name == *compared.name)),
            };
            for value in fact.map(|fact| fact.one_of.clone()).unwrap_or_default() {
                self.add(&value, Kind::Value, "", None);
            }
            return;
        }
        if !matches!(last, "(" | "[" | "," | ":") {
            return;
        }
        // The name does not matter: what would be named here?
        if let Some((thing, declares)) = named_by(&ending.frames, ending.group.as_deref(), "")
            && !declares
        {
            self.declared(thing.kind, thing.within.as_deref());
        }
    }

    fn members(&mut self, ending: &Walk) {
        for one in &ending.chain {
            match one {
                Is::Firm => self.declared(Kind::Fact, None),
                Is::Item(list) => self.declared(Kind::Field, Some(list)),
                Is::List(_) => words::OF_LISTS.iter().for_each(|word| self.word(word, Kind::Function)),
            }
        }
        if ending.chain.is_empty() {
            words::OF_VALUES.iter().for_each(|word| self.word(word, Kind::Function));
        }
    }

    fn functions_of(&mut self, ending: &Walk, alias: Option<&str>) {
        let at = match alias {
            Some(alias) => ending.imported(alias),
            None => self.assist.scripts.iter().position(|one| one.name == self.script.name),
        };
        let Some(script) = at.and_then(|at| self.assist.scripts.get(at)) else { return };
        for (name, _) in &script.walk.answers {
            self.add(name, Kind::Function, &*script.name, None);
        }
    }

    fn words(&mut self, ending: &Walk) {
        let Some(frame) = ending.frames.last() else {
            words::WORDS.iter().filter(|word| word.name != "field").for_each(|word| self.word(word, Kind::Word));
            return;
        };
        if frame.open == '#' && frame.key.is_none() {
            return self.keys(&ending.frames, frame);
        }
        let call = frame.call.as_deref().filter(|_| frame.open == '(').unwrap_or("");
        let key = frame.key.as_deref().filter(|_| frame.open == '#').unwrap_or("");
        let marks: &[&str] = match (call, frame.at, key) {
            ("fact" | "measure" | "parameter", 1, _) | ("field", 0, _) => &words::TYPES,
            ("supervision" | "amend_supervision", 0, _) | (_, _, "tier") => &words::TIERS,
            ("cite", 2, _) => &words::BASES,
            (_, _, "worse") => &words::DIRECTIONS,
            _ => &[],
        };
        if !marks.is_empty() {
            marks.iter().for_each(|mark| self.add(mark, Kind::Value, "", None));
            return;
        }
        if matches!(key, "major" | "lasting") {
            ["true", "false"].iter().for_each(|value| self.add(value, Kind::Value, "", None));
            return;
        }
        if key == "cite" {
            let of_citations = |word: &&Word| matches!(word.name, "cite" | "own");
            words::FUNCTIONS.iter().filter(of_citations).for_each(|word| self.word(word, Kind::Function));
        }
        for (name, types) in ending.variables.iter().rev() {
            let of = types.iter().map(|one| match one {
                Is::Firm => "firm".to_owned(),
                Is::List(list) => format!("list {list}"),
                Is::Item(list) => format!("item of {list}"),
            });
            self.add(name, Kind::Variable, of.collect::<Vec<_>>().join(" | "), None);
        }
        self.functions_of(ending, None);
        words::FUNCTIONS.iter().for_each(|word| self.word(word, Kind::Function));
        if ending.frames.iter().any(|frame| frame.key.as_deref() == Some("item")) {
            words::WORDS.iter().filter(|word| word.name == "field").for_each(|word| self.word(word, Kind::Word));
        }
    }

    /// The keys that a map does not have yet.
    fn keys(&mut self, frames: &[Frame], frame: &Frame) {
        let outer = |back: usize| frames.len().checked_sub(back + 1).and_then(|at| frames.get(at));
        let Some(around) = outer(1) else { return };
        let declaration = around.call.as_deref().filter(|_| around.open == '(').and_then(words::find);
        let keys: &[&str] = match (declaration, around.key.as_deref()) {
            (Some(word), _) => word.keys,
            (None, Some(key)) => inner(key),
            (None, None) if around.open == '[' => outer(2).and_then(|map| map.key.as_deref()).map_or(&[], inner),
            _ => &[],
        };
        let effect = ["tier", "deduct", "add"];
        let has_effect = frame.keys.iter().any(|key| effect.contains(&key.as_str()));
        for key in keys {
            let over = has_effect && effect.contains(key) && declaration.is_some_and(|word| word.name == "rule");
            // Written as it is: to Rhai `until` needs no quotes here.
            if !frame.keys.iter().any(|given| given == key) && !over {
                let of = declaration.map_or("", |word| word.name);
                self.add(key, Kind::Key, of, None);
            }
        }
    }
}

fn inner(key: &str) -> &'static [&'static str] {
    let labels = ["name", "risk", "finding", "control", "control_level", "frequency", "verified_by"];
    if labels.contains(&key) {
        return &["en", "zh"];
    }
    words::INNER.iter().find(|(name, _)| *name == key).map_or(&[], |(_, keys)| keys)
}
