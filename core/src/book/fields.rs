//! Reads the maps of declarations, one key at a time, and reports what is missing, of the wrong kind, or not known.

use std::sync::Arc;

use rhai::{Dynamic, FnPtr, Map, Position};

use crate::diagnostic::{Declared, Diagnostic, Problem, Shape};
use crate::script::{Declaration, Scripts};
use crate::{Date, Label, Value, book::nearest};

/// A declaration that is being read.
pub(super) struct Fields<'a> {
    pub(super) scripts: &'a Scripts,
    pub(super) declaration: &'a Declaration,
    pub(super) kind: Declared,
    pub(super) id: String,
    /// Path of this map inside the declaration, such as `item.cas`.
    path: String,
    map: Map,
    asked: Vec<&'static str>,
    diagnostics: &'a mut Vec<Diagnostic>,
}

pub(super) fn describe(value: &Dynamic) -> String {
    if value.is_unit() {
        return "()".into();
    }
    match value.type_name() {
        "i64" => format!("the whole number {value}"),
        "f64" => format!("the number {value:?}"),
        "bool" => format!("{value}"),
        "string" => format!("the text \"{value}\""),
        "map" => "a map".into(),
        "array" => "an array".into(),
        "Fn" => "a closure".into(),
        other => {
            let short = other.rsplit("::").next().unwrap_or(other);
            match short {
                "TypeMark" => "a type".into(),
                "TierMark" => "a tier".into(),
                "BasisMark" => "READ or RECALLED".into(),
                "AsOfMark" => "the grading date".into(),
                "CitationValue" => "a citation".into(),
                "FieldValue" => "a field".into(),
                "Date" => "a date".into(),
                _ => short.to_owned(),
            }
        }
    }
}

pub(super) fn to_value(value: &Dynamic) -> Option<Value> {
    if let Ok(value) = value.as_bool() {
        return Some(Value::Bool(value));
    }
    if let Ok(value) = value.as_int() {
        return Some(Value::Int(value));
    }
    if let Ok(value) = value.as_float() {
        return value.is_finite().then_some(Value::Float(value));
    }
    if value.is_string() {
        return value.clone().into_immutable_string().ok().map(|text| Value::Text(text.as_str().into()));
    }
    value.clone().try_cast::<Date>().map(Value::Date)
}

pub(super) fn to_number(value: &Dynamic) -> Option<f64> {
    value.as_int().ok().map(|value| value as f64).or_else(|| value.as_float().ok().filter(|value| value.is_finite()))
}

pub(super) fn to_text(value: &Dynamic) -> Option<Arc<str>> {
    value.clone().into_immutable_string().ok().map(|text| text.as_str().into())
}

impl<'a> Fields<'a> {
    pub(super) fn new(
        scripts: &'a Scripts,
        declaration: &'a Declaration,
        id: String,
        diagnostics: &'a mut Vec<Diagnostic>,
    ) -> Fields<'a> {
        let mut fields = Fields {
            scripts,
            declaration,
            kind: declaration.kind,
            id,
            path: String::new(),
            map: Map::new(),
            asked: Vec::new(),
            diagnostics,
        };
        match declaration.body.clone().try_cast::<Map>() {
            Some(map) => fields.map = map,
            None => fields.wrong("#{ ... }", Shape::Map, &declaration.body),
        }
        fields
    }

    /// A map inside this one.
    pub(super) fn inner(&mut self, key: &str, map: Map) -> Fields<'_> {
        let path = self.join(key);
        Fields {
            scripts: self.scripts,
            declaration: self.declaration,
            kind: self.kind,
            id: self.id.clone(),
            path,
            map,
            asked: Vec::new(),
            diagnostics: self.diagnostics,
        }
    }

    fn join(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    pub(super) fn position(&self, key: &str) -> Position {
        self.scripts.key_position(self.declaration, &self.join(key))
    }

    pub(super) fn report(&mut self, problem: Problem, key: &str) {
        let position = self.position(key);
        let diagnostic = self.scripts.diagnostic(problem, self.declaration.script, position);
        self.diagnostics.push(diagnostic);
    }

    pub(super) fn wrong(&mut self, key: &str, expected: Shape, found: &Dynamic) {
        let problem = Problem::WrongKind {
            kind: self.kind,
            id: self.id.clone(),
            key: self.join(key),
            expected,
            found: describe(found),
        };
        self.report(problem, key);
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.map.contains_key(key)
    }

    /// The value of a key that may be left out.
    pub(super) fn raw(&mut self, key: &'static str) -> Option<Dynamic> {
        self.asked.push(key);
        self.map.get(key).cloned()
    }

    fn missing(&mut self, key: &'static str) {
        let problem = Problem::Missing { kind: self.kind, id: self.id.clone(), key };
        self.report(problem, "#id");
    }

    /// The value of a key that must be there.
    pub(super) fn required(&mut self, key: &'static str) -> Option<Dynamic> {
        let value = self.raw(key);
        if value.is_none() {
            self.missing(key);
        }
        value
    }

    pub(super) fn optional<T>(
        &mut self,
        key: &'static str,
        shape: Shape,
        read: impl Fn(&Dynamic) -> Option<T>,
    ) -> Option<T> {
        let value = self.raw(key)?;
        let found = read(&value);
        if found.is_none() {
            self.wrong(key, shape, &value);
        }
        found
    }

    pub(super) fn text(&mut self, key: &'static str) -> Option<Arc<str>> {
        self.optional(key, Shape::Text, to_text)
    }

    pub(super) fn required_text(&mut self, key: &'static str) -> Option<Arc<str>> {
        if !self.has(key) {
            self.asked.push(key);
            self.missing(key);
            return None;
        }
        self.text(key)
    }

    pub(super) fn date(&mut self, key: &'static str) -> Option<Date> {
        self.optional(key, Shape::Date, |value| value.clone().try_cast::<Date>())
    }

    pub(super) fn closure(&mut self, key: &'static str) -> Option<FnPtr> {
        self.optional(key, Shape::Closure, |value| value.clone().try_cast::<FnPtr>())
    }

    pub(super) fn texts(&mut self, key: &'static str) -> Vec<Arc<str>> {
        self.optional(key, Shape::ArrayOfText, |value| {
            value.clone().into_array().ok()?.iter().map(to_text).collect::<Option<Vec<_>>>()
        })
        .unwrap_or_default()
    }

    /// A text in both languages under a key.
    pub(super) fn labels(&mut self, key: &'static str) -> Option<Label> {
        let value = self.required(key)?;
        match value.clone().try_cast::<Map>() {
            Some(map) => {
                let mut inner = self.inner(key, map);
                let label = inner.label_of(key);
                inner.finish();
                label
            }
            None => {
                self.wrong(key, Shape::Labels, &value);
                None
            }
        }
    }

    /// The keys `en` and `zh` of this very map.
    pub(super) fn label_of(&mut self, what: &str) -> Option<Label> {
        let mut texts = [None, None];
        for (slot, lang) in texts.iter_mut().zip(["en", "zh"]) {
            let value = self.raw(lang);
            match value.as_ref().map(to_text) {
                Some(Some(text)) if !text.trim().is_empty() => *slot = Some(text),
                Some(None) => self.wrong(lang, Shape::Text, &value.unwrap_or_default()),
                _ => {
                    let problem =
                        Problem::NoTranslation { kind: self.kind, id: self.id.clone(), key: what.to_owned(), lang };
                    let at = if self.has(lang) { lang } else { "#id" };
                    if self.path.is_empty() {
                        self.report(problem, at);
                    } else {
                        self.report(problem, lang);
                    }
                }
            }
        }
        let [Some(en), Some(zh)] = texts else { return None };
        Some(Label { en, zh })
    }

    /// Reports the keys that nobody asked for.
    pub(super) fn finish(mut self) {
        let keys: Vec<String> = self.map.keys().map(ToString::to_string).collect();
        for key in keys {
            if !self.asked.contains(&key.as_str()) {
                let nearest = nearest(&key, self.asked.iter().copied());
                let problem =
                    Problem::UnknownKey { kind: self.kind, id: self.id.clone(), key: self.join(&key), nearest };
                self.report(problem, &key);
            }
        }
    }
}
