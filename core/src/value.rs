use std::fmt;
use std::sync::Arc;

use serde::{Serialize, Serializer};

use crate::Date;

/// The type of a fact, a measure or an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum Type {
    /// True or false.
    Bool,
    /// A whole number of 64 bits.
    Int,
    /// A finite number in double precision.
    Float,
    /// A text.
    Text,
    /// A day.
    Date,
}

impl Type {
    /// The word that rule scripts use: `bool`, `int`, `float`, `text`, `date`.
    pub const fn name(self) -> &'static str {
        match self {
            Type::Bool => "bool",
            Type::Int => "int",
            Type::Float => "float",
            Type::Text => "text",
            Type::Date => "date",
        }
    }

    /// True for int and float.
    pub const fn is_number(self) -> bool {
        matches!(self, Type::Int | Type::Float)
    }
}

/// A known value.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(type = "boolean | number | bigint | string"))]
pub enum Value {
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A finite number.
    Float(f64),
    /// A text.
    Text(Arc<str>),
    /// A day.
    Date(Date),
}

impl Value {
    /// The type of this value.
    pub const fn ty(&self) -> Type {
        match self {
            Value::Bool(_) => Type::Bool,
            Value::Int(_) => Type::Int,
            Value::Float(_) => Type::Float,
            Value::Text(_) => Type::Text,
            Value::Date(_) => Type::Date,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Bool(value) => value.fmt(f),
            Value::Int(value) => value.fmt(f),
            // `{:?}` is the shortest text that reads back as the same number, and keeps the `.0`.
            Value::Float(value) => write!(f, "{value:?}"),
            Value::Text(value) => value.fmt(f),
            Value::Date(value) => value.fmt(f),
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Int(value) => serializer.serialize_i64(*value),
            Value::Float(value) => serializer.serialize_f64(*value),
            Value::Text(value) => serializer.serialize_str(value),
            Value::Date(value) => value.serialize(serializer),
        }
    }
}
