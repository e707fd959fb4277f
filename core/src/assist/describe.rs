//! What is said of a name: its label, type, unit and range, where it stands, and what reads it.

use std::fmt::Write;

use super::names::Thing;
use super::{Assist, Hover, Kind, words};
use crate::diagnostic::Declared;
use crate::{Amount, Citation, Effect, Fact, Label, Lang, Rule, RuleBook, Site, Type, Value};

fn label(en: impl Into<String>, zh: impl Into<String>) -> Label {
    Label { en: en.into().into(), zh: zh.into().into() }
}

/// Type, unit and range: `int, persons, 0..`.
pub(super) fn detail(fact: &Fact) -> String {
    let mut text = kind(fact.ty, fact.unit.as_deref());
    if fact.min.is_some() || fact.max.is_some() {
        let show = |limit: &Option<Value>| limit.as_ref().map(Value::to_string).unwrap_or_default();
        let _ = write!(text, ", {}..{}", show(&fact.min), show(&fact.max));
    }
    if !fact.one_of.is_empty() {
        let values: Vec<String> = fact.one_of.iter().map(|value| format!("\"{value}\"")).collect();
        let _ = write!(text, ", {}", values.join(" | "));
    }
    if let Some(absent) = &fact.absent {
        let _ = write!(text, ", absent: {absent}");
    }
    if let Some(worse) = fact.worse {
        let _ = write!(text, ", worse: {}", worse.name());
    }
    text
}

pub(super) fn kind(ty: Type, unit: Option<&str>) -> String {
    unit.map_or_else(|| ty.name().to_owned(), |unit| format!("{}, {unit}", ty.name()))
}

fn citations(cite: &[Citation], lang: Lang) -> String {
    cite.iter().map(|one| one.text(lang)).collect::<Vec<_>>().join("; ")
}

impl Assist {
    /// What is known of the name or word at a byte of a script.
    pub fn hover(&self, script: &str, offset: usize) -> Option<Hover> {
        let found = self.script(script)?;
        if let Some(named) = self.named_at(script, offset) {
            let span = found.span(named.start, named.end);
            return Some(Hover { span, text: self.describe(&named.thing) });
        }
        let token = found.tokens.iter().find(|token| token.start <= offset && offset <= token.end)?;
        let word = words::find(token.text(&found.source))?;
        let text = label(format!("`{}`\n\n{}", word.usage, word.en), format!("`{}`\n\n{}", word.usage, word.zh));
        Some(Hover { span: found.span(token.start, token.end), text })
    }

    fn describe(&self, thing: &Thing) -> Label {
        let kind = self.exact_kind(thing);
        let name = match &thing.within {
            Some(within) if kind == Kind::Field => format!("{within}.{}", thing.name),
            _ => thing.name.clone(),
        };
        let word = |lang| declared(kind).map_or("", |kind| kind.word(lang));
        let called = |lang| self.label(thing).map(|label| format!(": {}", label.get(lang))).unwrap_or_default();
        let text = |lang: Lang| {
            let mut text = format!("**{name}** ({}){}", word(lang), called(lang));
            for line in self.lines(thing, lang) {
                let _ = write!(text, "\n\n{line}");
            }
            text
        };
        label(text(Lang::En), text(Lang::Zh))
    }

    /// What there is to say of a thing besides its name and label.
    fn lines(&self, thing: &Thing, lang: Lang) -> Vec<String> {
        let Some(book) = self.book.as_ref() else { return Vec::new() };
        let name = &*thing.name;
        let mut lines = Vec::new();
        match thing.kind {
            Kind::Fact => {
                lines.extend(book.facts().iter().find(|one| *one.name == *name).map(detail));
                let measure = book.measures().iter().find(|one| *one.name == *name);
                lines.extend(measure.map(|one| kind(one.ty, one.unit.as_deref())));
                lines.extend(measure.map(|one| format!("`{}`", one.formula)));
                lines.extend(book.lists().iter().find(|one| *one.name == *name).map(|one| {
                    one.fields.iter().map(|field| format!("`{}`", field.name)).collect::<Vec<_>>().join(", ")
                }));
                lines.extend(readers(book, name).map(|count| match lang {
                    Lang::En => format!("rules that read it: {count}"),
                    Lang::Zh => format!("{count} 条规则读取"),
                }));
            }
            Kind::Field => lines.extend(field(book, thing).map(detail)),
            Kind::Rule => {
                if let Some(rule) = book.rule(name) {
                    lines.extend(of_rule(rule, book, lang));
                }
            }
            Kind::Document => {
                if let Some(one) = book.documents().iter().find(|one| *one.id == *name) {
                    let date = one.date.map(|date| format!(", {date}")).unwrap_or_default();
                    lines.push(format!("{}{date}", one.number));
                    lines.extend(one.issuer.as_ref().map(ToString::to_string));
                    lines.extend(one.url.as_ref().map(|url| format!("<{url}>")));
                }
            }
            Kind::Parameter => {
                if let Some(one) = book.parameters().iter().find(|one| *one.name == *name) {
                    lines.push(kind(one.ty, one.unit.as_deref()));
                    let value = |value: &crate::ParameterValue| {
                        format!("{}: {} ({})", value.since, value.value, citations(&value.cite, lang))
                    };
                    lines.extend(one.values.iter().map(value));
                }
            }
            Kind::Table => {
                if let Some(one) = book.tables().iter().find(|one| *one.name == *name) {
                    lines.push(kind(one.ty, one.unit.as_deref()));
                    lines.push(citations(&one.cite, lang));
                }
            }
            Kind::Sector | Kind::Part => {
                let sector = book.sector(name).map(|one| one.rules.len());
                let rules =
                    sector.or_else(|| book.parts().iter().find(|one| *one.id == *name).map(|one| one.rules.len()));
                lines.extend(rules.map(|count| match lang {
                    Lang::En => format!("rules: {count}"),
                    Lang::Zh => format!("{count} 条规则"),
                }));
            }
            _ => {}
        }
        if let Some(site) = self.site(thing) {
            lines.push(match lang {
                Lang::En => format!("declared at {site}"),
                Lang::Zh => format!("声明于 {site}"),
            });
        }
        lines
    }

    /// What people call a thing.
    pub(super) fn label(&self, thing: &Thing) -> Option<Label> {
        let book = self.book.as_ref()?;
        let name = &*thing.name;
        match thing.kind {
            Kind::Fact | Kind::List | Kind::Measure => {
                let fact = book.facts().iter().find(|one| *one.name == *name).map(|one| &one.label);
                let list = || book.lists().iter().find(|one| *one.name == *name).map(|one| &one.label);
                let measure = || book.measures().iter().find(|one| *one.name == *name).map(|one| &one.label);
                fact.or_else(list).or_else(measure).cloned()
            }
            Kind::Field => field(book, thing).map(|one| one.label.clone()),
            Kind::Document => book.documents().iter().find(|one| *one.id == *name).map(|one| {
                let en = one.title_en.as_ref().unwrap_or(&one.title);
                Label { en: en.clone(), zh: one.title.clone() }
            }),
            Kind::Role => book.roles().iter().find(|one| *one.id == *name).map(|one| one.name.clone()),
            Kind::KeyField => book.key_field(name).map(|one| one.name.clone()),
            Kind::Sector => book.sector(name).map(|one| one.name.clone()),
            Kind::Part => book.parts().iter().find(|one| *one.id == *name).map(|one| one.name.clone()),
            Kind::Parameter => book.parameters().iter().find(|one| *one.name == *name).map(|one| one.label.clone()),
            Kind::Table => book.tables().iter().find(|one| *one.name == *name).map(|one| one.label.clone()),
            Kind::Rule => book.rule(name).map(|one| one.finding.clone()),
            // Its id is that of its sector or part alone, and only the scan knows whose it is.
            Kind::Item | Kind::Function | Kind::Word | Kind::Key | Kind::Variable | Kind::Value => None,
        }
    }

    /// Where the book has it, if it keeps that.
    pub(super) fn site(&self, thing: &Thing) -> Option<Site> {
        let book = self.book.as_ref()?;
        let name = &*thing.name;
        match thing.kind {
            Kind::Fact | Kind::List | Kind::Measure => {
                let fact = book.facts().iter().find(|one| *one.name == *name).map(|one| &one.site);
                let list = || book.lists().iter().find(|one| *one.name == *name).map(|one| &one.site);
                let measure = || book.measures().iter().find(|one| *one.name == *name).map(|one| &one.site);
                fact.or_else(list).or_else(measure).cloned()
            }
            Kind::Field => field(book, thing).map(|one| one.site.clone()),
            Kind::Sector => book.sector(name).map(|one| one.site.clone()),
            Kind::Rule => book.rule(name).map(|one| one.site.clone()),
            _ => None,
        }
    }
}

pub(super) fn field<'a>(book: &'a RuleBook, thing: &Thing) -> Option<&'a Fact> {
    let list = thing.within.as_deref()?;
    book.lists().iter().find(|one| *one.name == *list)?.fields.iter().find(|one| *one.name == *thing.name)
}

/// How many rules read a fact or list.
fn readers(book: &RuleBook, name: &str) -> Option<usize> {
    let fact = book.facts().iter().position(|one| *one.name == *name);
    let list = book.lists().iter().position(|one| *one.name == *name);
    if fact.is_none() && list.is_none() {
        return None;
    }
    let reads = |rule: &&Rule| {
        let (facts, lists) = book.data.read_by(rule.nodes());
        fact.is_some_and(|at| facts.get(at) == Some(&true)) || list.is_some_and(|at| lists.get(at) == Some(&true))
    };
    Some(book.rules().iter().filter(reads).count())
}

fn of_rule(rule: &Rule, book: &RuleBook, lang: Lang) -> Vec<String> {
    let effect = match &rule.effect {
        Effect::Floor(tier) => tier.name(lang).to_owned(),
        Effect::Points { item, deduct, amount } => {
            let sign = if *deduct { "−" } else { "+" };
            let item = book.items().get(*item).map(|item| item.name.get(lang)).unwrap_or_default();
            match amount {
                Amount::Fixed(points) => format!("{item}: {sign}{points}"),
                Amount::Computed(formula) => format!("{item}: {sign} `{}`", formula.text),
            }
        }
    };
    let mut lines = vec![effect];
    lines.extend(rule.condition.as_ref().map(|condition| format!("`{condition}`")));
    lines.push(citations(&rule.cite, lang));
    lines
}

fn declared(kind: Kind) -> Option<Declared> {
    Some(match kind {
        Kind::Document => Declared::Document,
        Kind::Role => Declared::Role,
        Kind::KeyField => Declared::KeyField,
        Kind::Sector => Declared::Sector,
        Kind::Part => Declared::Part,
        Kind::Fact => Declared::Fact,
        Kind::List => Declared::List,
        Kind::Field => Declared::Field,
        Kind::Measure => Declared::Measure,
        Kind::Parameter => Declared::Parameter,
        Kind::Table => Declared::Table,
        Kind::Item => Declared::Item,
        Kind::Rule => Declared::Rule,
        Kind::Function | Kind::Word | Kind::Key | Kind::Variable | Kind::Value => return None,
    })
}
