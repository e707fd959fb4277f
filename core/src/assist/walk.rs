//! Walks the tokens of one script, and says of each name what it names: in which call it stands, under which key of which
//! map, and of what a variable is the firm, a list, or an item.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Kind as Named;
use super::names::{Frame, Thing, named_by};
use super::token::{Kind, Token};

/// What an expression stands for. An argument of a function may be several.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Is {
    Firm,
    List(String),
    Item(String),
}

pub(super) type Types = BTreeSet<Is>;

/// What is known of all scripts before one of them is walked.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct Known {
    pub(super) lists: BTreeSet<String>,
    /// Of a function, by script and name: what its parameters are given, and what it answers.
    pub(super) given: BTreeMap<(usize, String), Vec<Types>>,
    pub(super) answers: BTreeMap<(usize, String), Types>,
    /// Number of a script, by its name without the ending.
    pub(super) scripts: HashMap<String, usize>,
}

#[derive(Debug, Clone)]
pub(super) struct Occurrence {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) thing: Thing,
    pub(super) declares: bool,
}

/// Where a walk ended: for what may come next.
#[derive(Debug, Default)]
pub(super) struct Walk {
    pub(super) frames: Vec<Frame>,
    pub(super) variables: Vec<(String, Types)>,
    pub(super) occurrences: Vec<Occurrence>,
    /// Calls of functions of scripts: script, name, argument, what it is.
    pub(super) calls: Vec<(usize, String, usize, Types)>,
    pub(super) answers: Vec<(String, Types)>,
    /// What the expression before this place is.
    pub(super) chain: Types,
    /// What is compared with what comes.
    pub(super) compared: Option<Thing>,
    pub(super) group: Option<String>,
    /// Between the bars of a closure, where names are made up.
    pub(super) in_parameters: bool,
    last: Option<Thing>,
    closures: Vec<(usize, usize)>,
    lets: Vec<(usize, String)>,
    imports: HashMap<String, usize>,
}

/// Keys whose closures are given the firm.
const OF_FIRM: [&str; 4] = ["when", "value", "deduct", "add"];

impl Walk {
    /// The script that an alias of `import` stands for.
    pub(super) fn imported(&self, alias: &str) -> Option<usize> {
        self.imports.get(alias).copied()
    }
}

struct Walker<'a> {
    source: &'a str,
    tokens: &'a [Token],
    script: usize,
    known: &'a Known,
    walk: Walk,
}

pub(super) fn walk(source: &str, tokens: &[Token], script: usize, known: &Known) -> Walk {
    let mut walker = Walker { source, tokens, script, known, walk: Walk::default() };
    let mut at = 0;
    while at < tokens.len() {
        at = walker.token(at).max(at + 1);
    }
    walker.walk
}

impl Walker<'_> {
    fn text(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| token.text(self.source))
    }

    fn is_word(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| token.kind == Kind::Word)
    }

    fn before(&self, at: usize) -> &str {
        at.checked_sub(1).map_or("", |at| self.text(at))
    }

    /// Takes one token, or a few; gives the next.
    fn token(&mut self, at: usize) -> usize {
        let Some(token) = self.tokens.get(at).copied() else { return at + 1 };
        match token.kind {
            Kind::Word => return self.word(at, token),
            Kind::Text => {
                self.quoted(at, token);
                self.walk.chain.clear();
            }
            Kind::Number => self.walk.chain.clear(),
            Kind::Sign => return self.sign(at, token),
        }
        at + 1
    }

    fn word(&mut self, at: usize, token: Token) -> usize {
        let word = token.text(self.source).to_owned();
        let next = self.text(at + 1);
        match self.before(at) {
            "." | "?." => {
                if next != "(" {
                    self.member(&word, token);
                }
                return at + 1;
            }
            "::" => return at + 1,
            _ => {}
        }
        if self.walk.frames.last().is_some_and(|frame| frame.open == '#' && frame.key.is_none()) && next == ":" {
            self.key(&word, (token.start, token.end), at);
            return at + 2;
        }
        match word.as_str() {
            "import" => {
                let name = self.tokens.get(at + 1).filter(|token| token.kind == Kind::Text);
                if let Some(name) = name
                    && self.text(at + 2) == "as"
                {
                    let (from, to) = name.inside(self.source);
                    let found = self.source.get(from..to).and_then(|name| self.known.scripts.get(name));
                    if let Some(found) = found {
                        self.walk.imports.insert(self.text(at + 3).to_owned(), *found);
                    }
                    return at + 4;
                }
            }
            "fn" => return self.function(at),
            "let" | "const" if self.is_word(at + 1) => {
                self.walk.lets.push((self.walk.frames.len(), self.text(at + 1).to_owned()));
                self.walk.chain.clear();
                return at + 2;
            }
            _ if next != "(" && next != "::" => {
                let found = self.walk.variables.iter().rev().find(|(name, _)| *name == word);
                self.walk.chain = found.map(|(_, types)| types.clone()).unwrap_or_default();
            }
            _ => {}
        }
        at + 1
    }

    /// `fn name(a, b) {`
    fn function(&mut self, at: usize) -> usize {
        let name = self.text(at + 1).to_owned();
        let mut params = Vec::new();
        let mut next = at + 3;
        while self.is_word(next) {
            params.push(self.text(next).to_owned());
            next += if self.text(next + 1) == "," { 2 } else { 1 };
        }
        if self.text(at + 2) != "(" || self.text(next) != ")" || self.text(next + 1) != "{" {
            return at + 1;
        }
        let given = self.known.given.get(&(self.script, name.clone()));
        let variables = self.walk.variables.len();
        for (at, param) in params.into_iter().enumerate() {
            let mut types = given.and_then(|given| given.get(at)).cloned().unwrap_or_default();
            if types.is_empty() && param == "firm" {
                types.insert(Is::Firm);
            }
            self.walk.variables.push((param, types));
        }
        self.walk.chain.clear();
        self.walk.frames.push(Frame { open: '{', function: Some(name), variables, ..Frame::default() });
        next + 2
    }

    fn member(&mut self, name: &str, token: Token) {
        let mut next = Types::new();
        let chain = std::mem::take(&mut self.walk.chain);
        for one in chain {
            let thing = match one {
                Is::Firm => {
                    if self.known.lists.contains(name) {
                        next.insert(Is::List(name.to_owned()));
                    }
                    Thing { kind: Named::Fact, name: name.to_owned(), within: None }
                }
                Is::Item(list) => Thing { kind: Named::Field, name: name.to_owned(), within: Some(list) },
                Is::List(_) => continue,
            };
            self.walk.last = Some(thing.clone());
            self.occurrence((token.start, token.end), thing, false);
        }
        self.walk.chain = next;
    }

    fn occurrence(&mut self, (start, end): (usize, usize), thing: Thing, declares: bool) {
        self.walk.occurrences.push(Occurrence { start, end, thing, declares });
    }

    /// A key of a map, before its colon.
    fn key(&mut self, name: &str, span: (usize, usize), at: usize) {
        // `item: #{ name: field(..) }` of a list.
        let frames = &self.walk.frames;
        let outer = frames.len().checked_sub(2).and_then(|at| frames.get(at));
        let call = frames.len().checked_sub(3).and_then(|at| frames.get(at));
        let in_list = outer.is_some_and(|outer| outer.key.as_deref() == Some("item"));
        if in_list
            && let Some(list) =
                call.filter(|call| call.call.as_deref() == Some("list")).and_then(|call| call.id.clone())
            && self.text(at + 2) == "field"
        {
            self.occurrence(span, Thing { kind: Named::Field, name: name.to_owned(), within: Some(list) }, true);
        }
        if let Some(frame) = self.walk.frames.last_mut() {
            frame.key = Some(name.to_owned());
            frame.keys.push(name.to_owned());
        }
        self.walk.chain.clear();
    }

    fn quoted(&mut self, at: usize, token: Token) {
        let span = token.inside(self.source);
        let Some(name) = self.source.get(span.0..span.1).map(str::to_owned) else { return };
        let Some(frame) = self.walk.frames.last() else { return };
        if frame.open == '#' && frame.key.is_none() {
            if self.text(at + 1) == ":" {
                self.key(&name, span, at);
            }
            return;
        }
        // What stands behind a sign is worked with, and names nothing.
        if !matches!(self.before(at), "(" | "[" | "," | ":" | "#{") || token.text(self.source).starts_with('`') {
            return;
        }
        if let Some((thing, declares)) = named_by(&self.walk.frames, self.walk.group.as_deref(), &name) {
            if declares && matches!(thing.kind, Named::Sector | Named::Part) {
                self.walk.group = Some(name.clone());
            }
            self.occurrence(span, thing, declares);
        }
        if let Some(frame) = self.walk.frames.last_mut()
            && frame.open == '('
            && frame.at == 0
        {
            frame.id = Some(name);
        }
    }

    fn sign(&mut self, at: usize, token: Token) -> usize {
        let sign = token.text(self.source).to_owned();
        match sign.as_str() {
            "." | "?." | "::" => return at + 1,
            "(" | "[" | "{" | "#{" => self.open(at, &sign),
            ")" | "]" | "}" => self.close(),
            "," | ";" => {
                self.end_closures();
                self.argument();
                let depth = self.walk.frames.len();
                if sign == ";" {
                    while self.walk.lets.last().is_some_and(|(level, _)| *level >= depth) {
                        if let Some((_, name)) = self.walk.lets.pop() {
                            let types = self.walk.chain.clone();
                            self.walk.variables.push((name, types));
                        }
                    }
                } else if let Some(frame) = self.walk.frames.last_mut() {
                    frame.at += 1;
                    frame.key = None;
                }
                self.walk.compared = None;
                self.walk.last = None;
            }
            "|" if self.is_operand(at) => return self.closure(at),
            "==" | "!=" => self.walk.compared = self.walk.last.take(),
            "&&" | "||" => {
                self.walk.compared = None;
                self.walk.last = None;
            }
            _ => {}
        }
        if !matches!(sign.as_str(), ")" | "]" | "}") {
            self.walk.chain.clear();
        }
        at + 1
    }

    /// May an expression begin here?
    fn is_operand(&self, at: usize) -> bool {
        match at.checked_sub(1).and_then(|at| self.tokens.get(at)) {
            None => true,
            Some(token) if token.kind == Kind::Sign => !matches!(token.text(self.source), ")" | "]" | "}"),
            Some(token) => token.text(self.source) == "return",
        }
    }

    /// `|a, b|`
    fn closure(&mut self, at: usize) -> usize {
        let frame = self.walk.frames.last();
        let receiver = frame.filter(|frame| frame.open == '(').and_then(|frame| frame.receiver.clone());
        let of_firm = frame.and_then(|frame| frame.key.as_deref()).is_some_and(|key| OF_FIRM.contains(&key));
        let items: Types = receiver
            .unwrap_or_default()
            .into_iter()
            .filter_map(|one| if let Is::List(list) = one { Some(Is::Item(list)) } else { None })
            .collect();
        self.walk.closures.push((self.walk.frames.len(), self.walk.variables.len()));
        let mut next = at + 1;
        while self.is_word(next) {
            let name = self.text(next).to_owned();
            let types = if !items.is_empty() {
                items.clone()
            } else if of_firm || name == "firm" {
                Types::from([Is::Firm])
            } else {
                Types::new()
            };
            self.walk.variables.push((name, types));
            next += if self.text(next + 1) == "," { 2 } else { 1 };
        }
        self.walk.chain.clear();
        self.walk.in_parameters = next >= self.tokens.len();
        if self.text(next) == "|" { next + 1 } else { next }
    }

    /// The closures that end where something ends at this depth.
    fn end_closures(&mut self) {
        let depth = self.walk.frames.len();
        while self.walk.closures.last().is_some_and(|(level, _)| *level >= depth) {
            if let Some((_, variables)) = self.walk.closures.pop() {
                self.walk.variables.truncate(variables);
            }
        }
    }

    fn open(&mut self, at: usize, sign: &str) {
        let mut frame = Frame {
            open: sign.chars().next().unwrap_or('('),
            variables: self.walk.variables.len(),
            ..Frame::default()
        };
        let behind = at.checked_sub(1).filter(|at| self.is_word(*at));
        if let (true, Some(name)) = (sign == "(", behind) {
            frame.call = Some(self.text(name).to_owned());
            match self.before(name) {
                "." | "?." => frame.receiver = Some(self.walk.chain.clone()),
                "::" => frame.alias = name.checked_sub(2).map(|at| self.text(at).to_owned()),
                _ => {}
            }
        }
        self.walk.frames.push(frame);
    }

    /// The script and name of the function that a bracket calls.
    fn called(&self, frame: &Frame) -> Option<(usize, String)> {
        let name = frame.call.clone().filter(|_| frame.receiver.is_none())?;
        let script = match &frame.alias {
            Some(alias) => *self.walk.imports.get(alias)?,
            None => self.script,
        };
        Some((script, name))
    }

    fn argument(&mut self) {
        let Some(frame) = self.walk.frames.last() else { return };
        if frame.open == '('
            && !self.walk.chain.is_empty()
            && let Some((script, name)) = self.called(frame)
        {
            let call = (script, name, frame.at, self.walk.chain.clone());
            self.walk.calls.push(call);
        }
    }

    fn close(&mut self) {
        self.end_closures();
        self.argument();
        let Some(frame) = self.walk.frames.pop() else { return };
        self.walk.variables.truncate(frame.variables);
        let depth = self.walk.frames.len();
        self.walk.lets.retain(|(level, _)| *level <= depth);
        if let Some(name) = &frame.function {
            let answer = std::mem::take(&mut self.walk.chain);
            self.walk.answers.push((name.clone(), answer));
        } else if let Some(receiver) = &frame.receiver {
            let keeps = frame.call.as_deref() == Some("filter");
            self.walk.chain = if keeps { receiver.clone() } else { Types::new() };
        } else if let Some(called) = self.called(&frame) {
            self.walk.chain = self.known.answers.get(&called).cloned().unwrap_or_default();
        } else if matches!(frame.open, '[' | '#') {
            self.walk.chain.clear();
        }
    }
}
