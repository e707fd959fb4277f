use std::sync::Arc;

use serde::{Serialize, Serializer};

use crate::book::Fact;
use crate::{Lang, Type};

/// A value that is not what its fact was declared as. The fact counts as unknown.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[cfg_attr(
    feature = "typescript",
    derive(ts_rs::TS),
    ts(type = "{ fact: string, item?: number, value: string, expected: string, expected_zh: string }")
)]
#[error("{}", self.message(Lang::En))]
pub struct DataError {
    /// The fact, or `list.field`.
    pub fact: Arc<str>,
    /// Which item of a list, from 0.
    pub item: Option<usize>,
    /// The value, as text.
    pub value: String,
    pub(crate) expected: Expected,
}

/// What was expected in place of a value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expected {
    Type(Type),
    /// Smallest and largest value.
    Range(Option<String>, Option<String>),
    OneOf(Vec<Arc<str>>),
    Finite,
    List,
    Record,
    /// The key is given more than once.
    Once,
}

impl DataError {
    pub(crate) fn new(fact: &Arc<str>, value: impl Into<String>, expected: Expected) -> DataError {
        DataError { fact: Arc::clone(fact), item: None, value: value.into(), expected }
    }

    /// What was expected, for a fact's own limits.
    pub(crate) fn out_of_limits(fact: &Fact, value: String) -> DataError {
        let expected = if fact.one_of.is_empty() {
            Expected::Range(fact.min.as_ref().map(ToString::to_string), fact.max.as_ref().map(ToString::to_string))
        } else {
            Expected::OneOf(fact.one_of.clone())
        };
        DataError::new(&fact.name, value, expected)
    }

    /// What was expected, in a language.
    pub fn expected(&self, lang: Lang) -> String {
        let zh = lang == Lang::Zh;
        match &self.expected {
            Expected::Type(ty) => match (ty, zh) {
                (Type::Bool, false) => "true or false".into(),
                (Type::Bool, true) => "true 或 false".into(),
                (Type::Int, false) => "a whole number of 64 bits".into(),
                (Type::Int, true) => "64位整数".into(),
                (Type::Float, false) => "a number".into(),
                (Type::Float, true) => "数字".into(),
                (Type::Text, false) => "a text".into(),
                (Type::Text, true) => "文本".into(),
                (Type::Date, false) => "a date as YYYY-MM-DD".into(),
                (Type::Date, true) => "YYYY-MM-DD 格式的日期".into(),
            },
            Expected::Range(Some(min), Some(max)) if zh => format!("{min} 至 {max}"),
            Expected::Range(Some(min), Some(max)) => format!("{min} to {max}"),
            Expected::Range(Some(min), None) if zh => format!("不小于 {min}"),
            Expected::Range(Some(min), None) => format!("{min} or more"),
            Expected::Range(None, Some(max)) if zh => format!("不大于 {max}"),
            Expected::Range(None, max) => format!("{} or less", max.as_deref().unwrap_or("?")),
            Expected::OneOf(values) => {
                let values: Vec<String> = values.iter().map(|value| format!("`{value}`")).collect();
                if zh { format!("{} 之一", values.join("、")) } else { format!("one of {}", values.join(", ")) }
            }
            Expected::Finite if zh => "有限数".into(),
            Expected::Finite => "a finite number".into(),
            Expected::List if zh => "记录的列表".into(),
            Expected::List => "a list of records".into(),
            Expected::Record if zh => "一条记录".into(),
            Expected::Record => "a record".into(),
            Expected::Once if zh => "只给出一次".into(),
            Expected::Once => "given once".into(),
        }
    }

    /// The whole error in one line, in a language.
    pub fn message(&self, lang: Lang) -> String {
        let place = match (self.item, lang) {
            (None, _) => String::new(),
            (Some(item), Lang::En) => format!(" of item {}", item + 1),
            (Some(item), Lang::Zh) => format!("（第 {} 条）", item + 1),
        };
        let (fact, value, expected) = (&self.fact, &self.value, self.expected(lang));
        match lang {
            Lang::En => format!("`{fact}`{place} is `{value}`; expected {expected}"),
            Lang::Zh => format!("`{fact}`{place}为 `{value}`，应为{expected}"),
        }
    }
}

impl Serialize for DataError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut record = serializer.serialize_struct("DataError", 5)?;
        record.serialize_field("fact", &self.fact)?;
        if let Some(item) = self.item {
            record.serialize_field("item", &item)?;
        }
        record.serialize_field("value", &self.value)?;
        record.serialize_field("expected", &self.expected(Lang::En))?;
        record.serialize_field("expected_zh", &self.expected(Lang::Zh))?;
        record.end()
    }
}

/// Why a firm, or one of its sectors, could not be graded.
#[derive(Debug, Clone, PartialEq, Serialize, thiserror::Error)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "snake_case")]
#[error("{}", self.message(Lang::En))]
#[non_exhaustive]
pub enum FirmError {
    /// The record names no sector.
    NoSector,
    /// The book has no such sector.
    UnknownSector {
        /// The name that the record gives.
        sector: String,
        /// The nearest sector that the book has.
        nearest: Option<String>,
    },
}

impl FirmError {
    /// The error in one line, in a language.
    pub fn message(&self, lang: Lang) -> String {
        match (self, lang) {
            (FirmError::NoSector, Lang::En) => "the firm names no sector; expected the id of one in `sector`".into(),
            (FirmError::NoSector, Lang::Zh) => "企业没有给出行业，应在 `sector` 中填写行业代号".into(),
            (FirmError::UnknownSector { sector, nearest }, Lang::En) => {
                let hint = nearest.as_ref().map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
                format!("the book has no sector `{sector}`{hint}")
            }
            (FirmError::UnknownSector { sector, nearest }, Lang::Zh) => {
                let hint = nearest.as_ref().map(|name| format!("，是否为 `{name}`？")).unwrap_or_default();
                format!("规则册没有行业 `{sector}`{hint}")
            }
        }
    }
}

/// A record that cannot be graded at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GradeError {
    /// Not JSON, or not an object.
    #[error("the firm is not a JSON object: {0}; expected {{\"sector\": ..., FACT: VALUE, ...}}")]
    Json(#[from] serde_json::Error),
    /// A record that serde cannot take apart into named fields.
    #[error("the firm is not a record of named fields: {0}; expected a struct or a map")]
    Record(String),
    /// The sector is missing or not known.
    #[error(transparent)]
    Firm(#[from] FirmError),
}
