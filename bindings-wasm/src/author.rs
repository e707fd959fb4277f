//! For who writes rules: reads scripts, and gives a compiled book, or what is wrong in them.

use std::collections::BTreeMap;

use risktier::assist::Assist;
use risktier::{
    AtomShown, BookError, Diagnostic, Directions, ExampleCase, Label, Lang, RuleBook, RuleBookBuilder, Severity, Type,
    Value,
};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

use crate::error::{Failure, Finding};
use crate::{day, json};

/// Another value for a parameter, from a day on.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ParameterOverride {
    pub name: String,
    /// As YYYY-MM-DD.
    pub since: String,
    #[cfg_attr(feature = "typescript", ts(type = "boolean | number | bigint | string"))]
    pub value: Box<serde_json::value::RawValue>,
}

/// What the analysis of a book came to.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Checked {
    pub findings: Vec<Finding>,
    pub directions: Directions,
}

/// What the examples of a book came to.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Tested {
    /// How many cases there are.
    pub cases: usize,
    /// Those that do not hold.
    pub failed: Vec<ExampleCase>,
    /// How many atomic conditions some firm may show to decide.
    pub atoms: usize,
    /// Those that no case shows to decide: masking MC/DC.
    pub open: Vec<OpenAtom>,
}

/// An atomic condition that the examples do not show to decide.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct OpenAtom {
    pub rule: String,
    pub script: String,
    pub line: u32,
    /// In the words of the rule language.
    pub text: String,
    /// Is there a case in which it decides by being true?
    pub when_true: bool,
    /// Is there one in which it decides by being false?
    pub when_false: bool,
}

/// Scripts while they are written: what may stand at a place, and what a name means. Places count units of UTF-16 from the
/// beginning of the script.
#[wasm_bindgen]
pub struct Writing {
    assist: Assist,
}

#[wasm_bindgen]
impl Writing {
    /// `sources` is a JSON object of texts by name.
    #[wasm_bindgen(constructor)]
    pub fn new(sources: &str) -> Result<Writing, Failure> {
        Ok(Writing { assist: Assist::new(texts(sources)?) })
    }

    /// A script has another text.
    pub fn edit(&mut self, script: &str, text: &str) {
        self.assist.edit(script, text);
    }

    /// What may be written at a place, as JSON.
    pub fn completions(&self, script: &str, offset: u32) -> Result<String, Failure> {
        let at = self.assist.offset_utf16(script, offset);
        json(&at.map(|at| self.assist.completions(script, at)).unwrap_or_default())
    }

    /// What the name at a place means, as JSON; `null` where there is none.
    pub fn hover(&self, script: &str, offset: u32) -> Result<String, Failure> {
        json(&self.assist.offset_utf16(script, offset).and_then(|at| self.assist.hover(script, at)))
    }
}

fn texts(sources: &str) -> Result<BTreeMap<String, String>, Failure> {
    serde_json::from_str(sources)
        .map_err(|error| Failure::new("ARGUMENT", format!("scripts or examples: {error}; expected texts by name")))
}

/// A book that was read from scripts.
#[wasm_bindgen]
pub struct Compiled {
    book: RuleBook,
}

#[wasm_bindgen]
impl Compiled {
    /// For the engine to open.
    #[wasm_bindgen(getter)]
    pub fn bytes(&self) -> Vec<u8> {
        self.book.to_compiled()
    }

    /// What is odd in the scripts, as JSON.
    #[wasm_bindgen(getter)]
    pub fn warnings(&self) -> Result<String, Failure> {
        json(&self.book.warnings().iter().map(finding).collect::<Vec<_>>())
    }

    /// What the analysis of the whole book finds on a day, and the directions of facts, as JSON.
    pub fn check(&self, as_of: &str) -> Result<String, Failure> {
        let analysis = self.book.as_of(day(as_of)?).check();
        let findings = analysis.findings.iter().map(finding).collect();
        json(&Checked { findings, directions: analysis.directions })
    }

    /// What files of examples come to, and what they leave open, as JSON. `files` is a JSON object of texts by name.
    pub fn test(&self, files: &str) -> Result<String, Failure> {
        let files = texts(files)?;
        let files = || files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        let report = self.book.run_examples(files());
        let coverage = self.book.coverage(files());
        let open = coverage.rules.iter().flat_map(|rule| {
            rule.atoms.iter().filter_map(|atom| match atom.shown {
                AtomShown::Missing { when_true, when_false } => Some(OpenAtom {
                    rule: rule.rule.to_string(),
                    script: rule.site.script.to_string(),
                    line: rule.site.line,
                    text: atom.text.clone(),
                    when_true,
                    when_false,
                }),
                _ => None,
            })
        });
        json(&Tested {
            cases: report.cases.len(),
            atoms: coverage.atoms(),
            open: open.collect(),
            failed: report.cases.into_iter().filter(|case| case.came.is_some()).collect(),
        })
    }
}

/// Reads scripts: `sources` is a JSON object of texts by name, `parameters` an array of values.
#[wasm_bindgen]
pub fn compile(sources: &str, parameters: &str) -> Result<Compiled, Failure> {
    let sources = texts(sources)?;
    let parameters: Vec<ParameterOverride> = serde_json::from_str(parameters).map_err(|error| {
        Failure::new("ARGUMENT", format!("the parameters: {error}; expected name, since and value"))
    })?;
    let scripts = sources.into_iter().fold(RuleBook::builder(), |builder, (name, text)| builder.source(name, text));
    let book = scripts.clone().build()?;
    let book = if parameters.is_empty() { book } else { with_parameters(&book, scripts, &parameters)?.build()? };
    Ok(Compiled { book })
}

fn with_parameters(
    book: &RuleBook,
    mut scripts: RuleBookBuilder,
    values: &[ParameterOverride],
) -> Result<RuleBookBuilder, Failure> {
    for ParameterOverride { name, since, value } in values {
        let known = book.parameters().iter().find(|parameter| *parameter.name == **name);
        let parameter = known.ok_or_else(|| {
            let nearest = risktier::nearest(name, book.parameters().iter().map(|parameter| &*parameter.name));
            let hint = nearest.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
            Failure::new("ARGUMENT", format!("the book has no parameter `{name}`{hint}"))
        })?;
        let read = read(parameter.ty, value.get()).ok_or_else(|| {
            let message = format!("parameter `{name}`: {value}; expected a value of the type {}", parameter.ty.name());
            Failure::new("ARGUMENT", message)
        })?;
        scripts = scripts.parameter(name, day(since)?, read);
    }
    Ok(scripts)
}

fn read(ty: Type, json: &str) -> Option<Value> {
    Some(match ty {
        Type::Bool => Value::Bool(serde_json::from_str(json).ok()?),
        Type::Int => Value::Int(serde_json::from_str(json).ok()?),
        Type::Float => Value::Float(serde_json::from_str(json).ok()?),
        Type::Text => Value::Text(serde_json::from_str::<String>(json).ok()?.into()),
        Type::Date => Value::Date(serde_json::from_str(json).ok()?),
    })
}

fn finding(one: &Diagnostic) -> Finding {
    let label =
        |of: &dyn Fn(Lang) -> Option<String>| Some(Label { en: of(Lang::En)?.into(), zh: of(Lang::Zh)?.into() });
    let site = one.site();
    Finding {
        code: one.code().to_owned(),
        severity: match one.severity() {
            Severity::Error => "error".to_owned(),
            Severity::Warning => "warning".to_owned(),
        },
        script: site.script.to_string(),
        line: site.line,
        column: site.column,
        width: one.width(),
        message: Label { en: one.message(Lang::En).into(), zh: one.message(Lang::Zh).into() },
        expected: label(&|lang| one.expected(lang)),
        help: label(&|lang| one.help(lang)),
        witness: one.witness().cloned(),
    }
}

impl From<BookError> for Failure {
    fn from(error: BookError) -> Failure {
        let diagnostics = error.diagnostics().iter().map(finding).collect();
        Failure { code: "BOOK", message: error.to_string(), diagnostics }
    }
}
