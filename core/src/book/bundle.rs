//! A book as one JSON document of its sources, to store it or send it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::RuleBook;
use crate::{BookError, Date, Type, Value};

#[derive(Serialize, Deserialize)]
struct Bundle {
    format: String,
    hash: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    parameters: BTreeMap<String, Vec<Override>>,
    sources: BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize)]
struct Override {
    since: Date,
    #[serde(rename = "type")]
    ty: String,
    value: String,
}

const FORMAT: &str = "risktier-bundle-1";

/// A bundle that cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// Not a bundle.
    #[error("not a bundle of rule scripts: {0}; expected the JSON that `RuleBook::to_bundle` writes")]
    Json(#[from] serde_json::Error),
    /// A bundle of another format.
    #[error("the bundle has format `{found}`; expected `{FORMAT}`: open it with the engine that wrote it")]
    Format {
        /// What it says.
        found: String,
    },
    /// A parameter value that does not read as its type.
    #[error(
        "the value `{value}` of parameter `{name}` is not a {ty}; expected the text that `RuleBook::to_bundle` writes"
    )]
    Parameter {
        /// The parameter.
        name: String,
        /// The type that the bundle names.
        ty: String,
        /// The text.
        value: String,
    },
    /// The scripts have errors.
    #[error(transparent)]
    Book(#[from] BookError),
    /// The scripts are not those that the bundle was made of, or this engine reads them otherwise.
    #[error(
        "the bundle says it is `{expected}`, its scripts are `{found}`; expected equal hashes: get an unchanged copy"
    )]
    Hash {
        /// The hash in the bundle.
        expected: String,
        /// The hash of its scripts.
        found: String,
    },
}

fn parse(ty: &str, text: &str) -> Option<Value> {
    Some(match ty {
        "bool" => Value::Bool(text.parse().ok()?),
        "int" => Value::Int(text.parse().ok()?),
        "float" => Value::Float(text.parse().ok().filter(|value: &f64| value.is_finite())?),
        "text" => Value::Text(text.into()),
        "date" => Value::Date(text.parse().ok()?),
        _ => return None,
    })
}

impl RuleBook {
    /// The sources and overrides of this book as JSON; none if it was compiled, and has no scripts. Equal books give equal
    /// bytes.
    pub fn to_bundle(&self) -> Option<String> {
        if self.data.sources.is_empty() && !self.data.rules.is_empty() {
            return None;
        }
        let parameters = self.data.overrides.iter().map(|(name, values)| {
            let values = values.iter().map(|(since, value)| {
                let ty: Type = value.ty();
                Override { since: *since, ty: ty.name().into(), value: value.to_string() }
            });
            (name.clone(), values.collect())
        });
        let bundle = Bundle {
            format: FORMAT.into(),
            hash: self.hash().to_owned(),
            parameters: parameters.collect(),
            sources: self.sources().map(|(name, source)| (name.to_owned(), source.to_owned())).collect(),
        };
        // Maps of texts always have a JSON form.
        serde_json::to_string_pretty(&bundle).ok()
    }

    /// Opens what [`RuleBook::to_bundle`] wrote.
    ///
    /// # Errors
    /// If it is not a bundle, if its scripts have errors, or if they are not those that it was made of.
    ///
    /// ```
    /// # use risktier::RuleBook;
    /// # let book = RuleBook::from_sources([("a.rhai", r#"sector("a", #{ name: #{ en: "A", zh: "甲" } });"#)]).unwrap();
    /// let copy = RuleBook::from_bundle(&book.to_bundle().unwrap()).unwrap();
    /// assert_eq!(copy.hash(), book.hash());
    /// ```
    pub fn from_bundle(json: &str) -> Result<RuleBook, BundleError> {
        let bundle: Bundle = serde_json::from_str(json)?;
        if bundle.format != FORMAT {
            return Err(BundleError::Format { found: bundle.format });
        }
        let mut builder = RuleBook::builder();
        for (name, source) in bundle.sources {
            builder = builder.source(name, source);
        }
        for (name, values) in bundle.parameters {
            for Override { since, ty, value } in values {
                let Some(value) = parse(&ty, &value) else {
                    return Err(BundleError::Parameter { name, ty, value });
                };
                builder = builder.parameter(name.clone(), since, value);
            }
        }
        let book = builder.build()?;
        if book.hash() != bundle.hash {
            return Err(BundleError::Hash { expected: bundle.hash, found: book.hash().to_owned() });
        }
        Ok(book)
    }
}
