//! One value of a fact, and whether it is what was declared.

use std::borrow::Cow;

use super::{DataError, Expected};
use crate::book::Fact;
use crate::expr::Scalar;
use crate::{Date, Type, Value};

/// A value that was read for a fact.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell<'a> {
    Unknown,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Cow<'a, str>),
    Date(i32),
    Bad(Box<DataError>),
}

impl Cell<'_> {
    pub(crate) fn scalar(&self) -> Scalar<'_> {
        match self {
            Cell::Unknown | Cell::Bad(_) => Scalar::Unknown,
            Cell::Bool(value) => Scalar::Bool(*value),
            Cell::Int(value) => Scalar::Int(*value),
            Cell::Float(value) => Scalar::Float(*value),
            Cell::Text(value) => Scalar::Text(value),
            Cell::Date(value) => Scalar::Date(*value),
        }
    }
}

/// The value that stands for an unknown fact, if one was declared.
pub(crate) fn absent(fact: &Fact) -> Scalar<'_> {
    match &fact.absent {
        None => Scalar::Unknown,
        Some(Value::Bool(value)) => Scalar::Bool(*value),
        Some(Value::Int(value)) => Scalar::Int(*value),
        Some(Value::Float(value)) => Scalar::Float(*value),
        Some(Value::Text(value)) => Scalar::Text(value),
        Some(Value::Date(value)) => Scalar::Date(value.days()),
    }
}

#[inline]
fn in_limits(fact: &Fact, cell: &Cell<'_>) -> bool {
    if fact.min.is_none() && fact.max.is_none() && fact.one_of.is_empty() {
        return true;
    }
    let least = match (&fact.min, cell) {
        (None, _) => true,
        (Some(Value::Int(limit)), Cell::Int(value)) => value >= limit,
        (Some(Value::Float(limit)), Cell::Float(value)) => value >= limit,
        (Some(Value::Date(limit)), Cell::Date(value)) => *value >= limit.days(),
        _ => true,
    };
    let most = match (&fact.max, cell) {
        (None, _) => true,
        (Some(Value::Int(limit)), Cell::Int(value)) => value <= limit,
        (Some(Value::Float(limit)), Cell::Float(value)) => value <= limit,
        (Some(Value::Date(limit)), Cell::Date(value)) => *value <= limit.days(),
        _ => true,
    };
    let listed = match cell {
        Cell::Text(value) => fact.one_of.is_empty() || fact.one_of.iter().any(|one| **one == **value),
        _ => true,
    };
    least && most && listed
}

/// The cell, or what is wrong with it.
#[inline]
pub(crate) fn check<'a>(fact: &Fact, cell: Cell<'a>) -> Cell<'a> {
    if let Cell::Float(value) = cell
        && !value.is_finite()
    {
        return Cell::Bad(Box::new(DataError::new(&fact.name, format!("{value}"), Expected::Finite)));
    }
    if in_limits(fact, &cell) { cell } else { out_of_limits(fact, cell) }
}

#[cold]
fn out_of_limits<'a>(fact: &Fact, cell: Cell<'a>) -> Cell<'a> {
    let text = match &cell {
        Cell::Int(value) => value.to_string(),
        Cell::Float(value) => format!("{value:?}"),
        Cell::Text(value) => value.to_string(),
        Cell::Date(value) => Date::from_days(i64::from(*value)).map(|date| date.to_string()).unwrap_or_default(),
        _ => String::new(),
    };
    Cell::Bad(Box::new(DataError::out_of_limits(fact, text)))
}

pub(crate) fn wrong_type<'a>(fact: &Fact, value: impl Into<String>) -> Cell<'a> {
    Cell::Bad(Box::new(DataError::new(&fact.name, value, Expected::Type(fact.ty))))
}

/// A number for a fact: whole numbers stand for floats, and floats without a fraction for whole numbers.
pub(crate) fn number_cell<'a>(fact: &Fact, number: f64) -> Cell<'a> {
    match fact.ty {
        Type::Float => check(fact, Cell::Float(number)),
        Type::Int if number.is_finite() && number.fract() == 0.0 && number.abs() < 9_223_372_036_854_775_808.0 => {
            check(fact, Cell::Int(number as i64))
        }
        Type::Int if !number.is_finite() => check(fact, Cell::Float(number)),
        _ => wrong_type(fact, format!("{number:?}")),
    }
}

pub(crate) fn int_cell<'a>(fact: &Fact, number: i64) -> Cell<'a> {
    match fact.ty {
        Type::Int => check(fact, Cell::Int(number)),
        Type::Float => check(fact, Cell::Float(number as f64)),
        _ => wrong_type(fact, number.to_string()),
    }
}

pub(crate) fn bool_cell<'a>(fact: &Fact, value: bool) -> Cell<'a> {
    if fact.ty == Type::Bool { Cell::Bool(value) } else { wrong_type(fact, value.to_string()) }
}

pub(crate) fn text_cell<'a>(fact: &Fact, text: Cow<'a, str>) -> Cell<'a> {
    match fact.ty {
        Type::Text => check(fact, Cell::Text(text)),
        Type::Date => match text.parse::<Date>() {
            Ok(date) => check(fact, Cell::Date(date.days())),
            Err(_) => wrong_type(fact, text),
        },
        _ => wrong_type(fact, text),
    }
}

/// A cell of a file without types, such as CSV: the text is read as the fact's type. An empty cell is unknown.
#[cfg(feature = "columns")]
pub(crate) fn parsed_cell<'a>(fact: &Fact, text: &'a str) -> Cell<'a> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Cell::Unknown;
    }
    match fact.ty {
        Type::Text => check(fact, Cell::Text(Cow::Borrowed(text))),
        Type::Date => text_cell(fact, Cow::Borrowed(trimmed)),
        Type::Bool => match trimmed {
            "true" | "TRUE" | "True" => Cell::Bool(true),
            "false" | "FALSE" | "False" => Cell::Bool(false),
            _ => wrong_type(fact, text),
        },
        Type::Int => match (trimmed.parse::<i64>(), trimmed.parse::<f64>()) {
            (Ok(number), _) => int_cell(fact, number),
            (_, Ok(number)) if number.is_finite() => match number_cell(fact, number) {
                // The text as it was given, not as a float prints it.
                Cell::Bad(_) if number.fract() != 0.0 || number.abs() >= 9_223_372_036_854_775_808.0 => {
                    wrong_type(fact, text)
                }
                cell => cell,
            },
            _ => wrong_type(fact, text),
        },
        Type::Float => match trimmed.parse::<f64>() {
            Ok(number) => check(fact, Cell::Float(number)),
            Err(_) => wrong_type(fact, text),
        },
    }
}
