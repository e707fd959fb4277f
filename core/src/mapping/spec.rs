//! What a mapping says of one fact, as a mapping file or a program writes it down.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

use super::reading::{Codes, Combine, Reading};
use super::units;
use crate::{Fact, nearest};

/// A constant or a meaning, as the text that would stand in a cell: `true`, `3.5`, `2026-11-01`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellText(pub String);

impl<'de> Deserialize<'de> for CellText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<CellText, D::Error> {
        struct Scalar;
        impl<'de> Visitor<'de> for Scalar {
            type Value = CellText;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, a number, true or false, or a date")
            }

            fn visit_str<E>(self, text: &str) -> Result<CellText, E> {
                Ok(CellText(text.to_owned()))
            }

            fn visit_bool<E>(self, value: bool) -> Result<CellText, E> {
                Ok(CellText(value.to_string()))
            }

            fn visit_i64<E>(self, number: i64) -> Result<CellText, E> {
                Ok(CellText(number.to_string()))
            }

            fn visit_u64<E>(self, number: u64) -> Result<CellText, E> {
                Ok(CellText(number.to_string()))
            }

            fn visit_f64<E>(self, number: f64) -> Result<CellText, E> {
                Ok(CellText(format!("{number:?}")))
            }

            /// `null`: unknown.
            fn visit_unit<E>(self) -> Result<CellText, E> {
                Ok(CellText(String::new()))
            }

            /// A date of TOML comes as a map of one text.
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<CellText, A::Error> {
                let entry: Option<(String, String)> = map.next_entry()?;
                match entry {
                    Some((key, text)) if key.contains("datetime") => Ok(CellText(text)),
                    _ => Err(A::Error::custom("a table; expected a text, a number, true or false, or a date")),
                }
            }
        }
        deserializer.deserialize_any(Scalar)
    }
}

/// What stands in a cell, and what it means; an empty text for unknown.
pub type CodeTable = BTreeMap<String, CellText>;

/// The name of a code table, or the table itself.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(untagged)]
pub enum CodesSpec {
    /// One of the tables that go with the mapping, or `yes-no`.
    Named(String),
    /// The table.
    Here(CodeTable),
}

/// How a fact is read: the name of a column, or more.
#[derive(Debug, Default, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Full {
    column: Option<String>,
    #[serde(default)]
    columns: Vec<String>,
    #[serde(default)]
    combine: Combine,
    value: Option<CellText>,
    codes: Option<CodesSpec>,
    #[serde(default)]
    thousands: bool,
    #[serde(default)]
    percent: bool,
    date: Option<String>,
    times: Option<f64>,
    from: Option<String>,
}

/// How a fact is read. As text: the name of a column, or a table such as `{ column = "kg", from = "kg" }`.
#[derive(Debug, Clone)]
pub struct Spec {
    /// The columns that are read.
    pub columns: Vec<String>,
    /// How several become one.
    pub combine: Combine,
    /// A constant in place of columns.
    pub value: Option<CellText>,
    /// What stands in the cells, and what it means.
    pub codes: Option<CodesSpec>,
    /// `1,234.5` is a number.
    pub thousands: bool,
    /// `95%` is a number.
    pub percent: bool,
    /// How dates are written, as in strptime.
    pub date: Option<String>,
    /// A factor.
    pub times: Option<f64>,
    /// The unit of the column, which is turned into that of the fact.
    pub from: Option<String>,
}

impl From<Full> for Spec {
    fn from(full: Full) -> Spec {
        let mut columns = full.columns;
        columns.extend(full.column);
        let Full { combine, value, codes, thousands, percent, date, times, from, .. } = full;
        Spec { columns, combine, value, codes, thousands, percent, date, times, from }
    }
}

impl<'de> Deserialize<'de> for Spec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Spec, D::Error> {
        struct ColumnOrMore;
        impl<'de> Visitor<'de> for ColumnOrMore {
            type Value = Spec;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a column, or a table such as { column = \"...\", from = \"kg\" }")
            }

            fn visit_str<E>(self, column: &str) -> Result<Spec, E> {
                Ok(Full { column: Some(column.to_owned()), ..Full::default() }.into())
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Spec, A::Error> {
                Full::deserialize(MapAccessDeserializer::new(map)).map(Spec::from)
            }
        }
        deserializer.deserialize_any(ColumnOrMore)
    }
}

impl Spec {
    /// How a value is read for a fact (none for the sector), with the code tables that go with the mapping.
    ///
    /// # Errors
    /// What does not fit, as a text.
    pub fn reading(&self, fact: Option<&Fact>, tables: &BTreeMap<String, CodeTable>) -> Result<Reading, String> {
        match (self.columns.len(), &self.value) {
            (0, None) => return Err("no `column`; expected one, or `columns`, or a `value`".into()),
            (1.., Some(_)) => return Err("both a column and a `value`; expected one of them".into()),
            _ => {}
        }
        let unit = fact.and_then(|fact| fact.unit.as_deref());
        let mut factor = self.times;
        if let Some(from) = &self.from {
            let to = unit.ok_or("`from` a unit, but the fact has none; expected `times` with a number")?;
            let by = units::factor(from, to).ok_or_else(|| {
                let alike = units::alike(to);
                let expected = if alike.is_empty() { "`times` with a number".to_owned() } else { alike.join(", ") };
                format!("`{from}` cannot be turned into `{to}`; expected {expected}")
            })?;
            factor = Some(factor.unwrap_or(1.0) * by);
        }
        let codes = match &self.codes {
            None => None,
            Some(CodesSpec::Here(table)) => Some(codes(table)),
            Some(CodesSpec::Named(name)) => match (tables.get(name), name.as_str()) {
                (Some(table), _) => Some(codes(table)),
                (None, "yes-no") => Some(yes_no()),
                (None, _) => {
                    let known = tables.keys().map(String::as_str).chain(["yes-no"]);
                    let hint = nearest(name, known).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                    return Err(format!("no code table `{name}`; expected one under [codes], or `yes-no`{hint}"));
                }
            },
        };
        if let Some(format) = &self.date
            && !writes_dates(format)
        {
            return Err(format!("`{format}` is no way to write a date; expected one such as %d/%m/%Y"));
        }
        Ok(Reading {
            columns: self.columns.clone(),
            combine: self.combine,
            constant: self.value.as_ref().map(|value| value.0.clone()),
            codes: codes.map(Arc::new),
            thousands: self.thousands,
            percent: self.percent.then(|| if unit == Some("%") { 1.0 } else { 0.01 }),
            date: self.date.clone(),
            factor,
        })
    }
}

/// Does a format tell one day from another?
fn writes_dates(format: &str) -> bool {
    let day = jiff::civil::date(2026, 11, 27);
    let text = jiff::fmt::strtime::format(format, day);
    text.is_ok_and(|text| jiff::civil::Date::strptime(format, &text).is_ok_and(|back| back == day))
}

fn codes(table: &CodeTable) -> Codes {
    table.iter().map(|(code, value)| (code.clone(), value.0.clone())).collect()
}

/// The ways to say yes and no that need no table.
pub fn yes_no() -> Codes {
    let yes = ["是", "有", "已", "Y", "y", "Yes", "yes", "YES", "T", "TRUE", "True", "true", "1", "√"];
    let no = ["否", "无", "未", "N", "n", "No", "no", "NO", "F", "FALSE", "False", "false", "0", "×"];
    let yes = yes.into_iter().map(|word| (word.to_owned(), "true".to_owned()));
    yes.chain(no.into_iter().map(|word| (word.to_owned(), "false".to_owned()))).collect()
}
