//! Reads the maps of declarations, one key at a time, and reports what is missing, of the wrong kind, or not known.

use std::borrow::Cow;
use std::sync::Arc;

use rhai::{Dynamic, FnPtr, Map};

use crate::diagnostic::{Declared, Pair, Problem, Reports, Shape};
use crate::script::{Declaration, Misplaced, Scripts};
use crate::{Date, Label, Site, Value};

/// The name of a key, without the numbers and keys that lead to it.
fn shown(path: &str) -> String {
    let name = |part: &&str| !part.starts_with(|c: char| c.is_ascii_digit() || c == '#');
    match path.rsplit('.').find(name) {
        Some(key) => key.to_owned(),
        None if path.contains("#type") => "type".to_owned(),
        None => path.trim_start_matches('#').to_owned(),
    }
}

/// A declaration that is being read.
pub(super) struct Fields<'a> {
    pub(super) scripts: &'a Scripts,
    pub(super) declaration: &'a Declaration,
    pub(super) kind: Declared,
    pub(super) id: String,
    /// Path of this map inside the declaration, such as `item.cas`.
    path: String,
    map: Cow<'a, Map>,
    asked: Vec<&'static str>,
    forgiving: bool,
    diagnostics: &'a mut Reports,
}

/// What a value is, in English and Chinese.
pub(super) fn describe(value: &Dynamic) -> Pair {
    let pair = |en: &str, zh: &str| (en.to_owned(), zh.to_owned());
    if value.is_unit() {
        return pair("`()`", " `()`");
    }
    if let Some(text) = to_text(value) {
        let short: String = text.chars().take(40).collect();
        let more = if short.len() < text.len() { "…" } else { "" };
        return (format!("the text `\"{short}{more}\"`"), format!("文本 `\"{short}{more}\"`"));
    }
    let name = match value.read_lock::<Misplaced>() {
        Some(misplaced) => misplaced.0,
        None => value.type_name(),
    };
    match name {
        "i64" => (format!("the whole number `{value}`"), format!("整数 `{value}`")),
        "f64" => (format!("the number `{value:?}`"), format!("数字 `{value:?}`")),
        "bool" => (format!("`{value}`"), format!(" `{value}`")),
        "map" => pair("a map", "映射"),
        "array" => pair("an array", "数组"),
        "Fn" => pair("a closure", "闭包"),
        other => match other.rsplit("::").next().unwrap_or(other) {
            "TypeMark" => pair("a type", "类型"),
            "TierMark" => pair("a tier", "等级"),
            "BasisMark" => pair("`READ` or `RECALLED`", " `READ` 或 `RECALLED`"),
            "WorseMark" => pair("a direction", "变差方向"),
            "AsOfMark" => pair("the grading date", "评估日期"),
            "CitationValue" => pair("a citation", "引用"),
            "FieldValue" => pair("a field", "字段"),
            "Date" => pair("a date", "日期"),
            _ => pair("another value", "其他值"),
        },
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
        diagnostics: &'a mut Reports,
    ) -> Fields<'a> {
        let mut fields = Fields {
            scripts,
            declaration,
            kind: declaration.kind,
            id,
            path: String::new(),
            map: Cow::Owned(Map::new()),
            asked: Vec::new(),
            forgiving: false,
            diagnostics,
        };
        match &declaration.body {
            Ok(map) => fields.map = Cow::Borrowed(map),
            Err(other) => {
                fields.forgive();
                let problem = Problem::WrongBody { kind: fields.kind, id: fields.id.clone(), found: describe(other) };
                fields.report(problem, "#id");
            }
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
            map: Cow::Owned(map),
            asked: Vec::new(),
            forgiving: false,
            diagnostics: self.diagnostics,
        }
    }

    /// What is missing or not known here follows from what has been reported.
    pub(super) fn forgive(&mut self) {
        self.forgiving = true;
    }

    fn join(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    pub(super) fn site(&self, key: &str) -> Site {
        self.scripts.key_site(self.declaration, &self.join(key))
    }

    pub(super) fn nearest<'n>(&self, name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<String> {
        self.diagnostics.nearest(name, known)
    }

    /// True when nothing more is kept of what is wrong.
    pub(super) fn is_full(&self) -> bool {
        self.diagnostics.is_full()
    }

    pub(super) fn report(&mut self, problem: Problem, key: &str) {
        let follows = matches!(
            problem,
            Problem::Missing { .. }
                | Problem::NoTranslation { .. }
                | Problem::UnknownKey { .. }
                | Problem::NoEffect { .. }
        );
        if self.forgiving && follows {
            return;
        }
        if self.diagnostics.is_full() && self.diagnostics.has_errors() {
            return;
        }
        let diagnostic = self.scripts.diagnostic_in(problem, self.declaration, &self.join(key));
        self.diagnostics.push(diagnostic);
    }

    pub(super) fn wrong(&mut self, key: &str, expected: Shape, found: &Dynamic) {
        let problem = Problem::WrongKind {
            kind: self.kind,
            id: self.id.clone(),
            key: shown(key),
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
        match self.required(key)?.try_cast_result::<Map>() {
            Ok(map) => {
                let mut inner = self.inner(key, map);
                let label = inner.label_of(Some(key));
                inner.finish();
                label
            }
            Err(value) => {
                self.wrong(key, Shape::Labels, &value);
                None
            }
        }
    }

    /// The keys `en` and `zh` of this very map.
    pub(super) fn label_of(&mut self, what: Option<&str>) -> Option<Label> {
        let mut texts = [None, None];
        for (slot, lang) in texts.iter_mut().zip(["en", "zh"]) {
            let value = self.raw(lang);
            match value.as_ref().map(to_text) {
                Some(Some(text)) if !text.trim().is_empty() => *slot = Some(text),
                Some(None) => self.wrong(lang, Shape::Text, &value.unwrap_or_default()),
                _ => {
                    let problem = Problem::NoTranslation {
                        kind: self.kind,
                        id: self.id.clone(),
                        key: what.map(str::to_owned),
                        lang,
                    };
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
        let unasked = self.map.keys().filter(|key| !self.asked.contains(&key.as_str()));
        let unasked: Vec<String> = unasked.map(ToString::to_string).collect();
        for key in unasked {
            if !self.is_full() {
                let nearest = self.diagnostics.nearest(&key, self.asked.iter().copied());
                let problem = Problem::UnknownKey { kind: self.kind, id: self.id.clone(), key: key.clone(), nearest };
                self.report(problem, &key);
            }
        }
    }
}
