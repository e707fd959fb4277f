//! A file of examples.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{Date, SECTOR_KEY, Tier};

type Facts = Map<String, Value>;

/// The examples beside a script: a sound firm of a sector, and cases that change some of its facts.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExampleFile {
    pub(super) sector: String,
    pub(super) as_of: Date,
    pub(super) sound: Facts,
    pub(super) rules: Vec<RuleExamples>,
    #[serde(default)]
    pub(super) grades: Vec<GradeExample>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleExamples {
    pub(super) rule: String,
    pub(super) fires: Vec<Facts>,
    pub(super) clear: Vec<Facts>,
    #[serde(default)]
    pub(super) undetermined: Vec<Facts>,
    /// The tier that the firms of `fires` are at least, because of this rule.
    #[serde(default)]
    pub(super) tier: Option<Tier>,
    /// What the rule brings the firms of `fires`: negative for a deduction.
    #[serde(default)]
    pub(super) points: Option<StatedPoints>,
    /// Of cases that were proposed, and that nobody has read against the clause yet.
    #[serde(default)]
    pub(super) confirm: Option<String>,
    /// Where the rule was in force only before the date of the file.
    #[serde(default)]
    pub(super) as_of: Option<Date>,
    /// Values of parameters in place of those of the book.
    #[serde(default)]
    pub(super) parameters: Facts,
}

/// The same points for every case of `fires`, or those of each in their order.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum StatedPoints {
    All(f64),
    Each(Vec<f64>),
}

impl StatedPoints {
    /// Of one case of `fires`.
    pub(super) fn of(&self, case: usize) -> Option<f64> {
        match self {
            StatedPoints::All(points) => Some(*points),
            StatedPoints::Each(points) => points.get(case).copied(),
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GradeExample {
    pub(super) name: String,
    pub(super) facts: Facts,
    pub(super) tier: Tier,
    #[serde(default)]
    pub(super) score: Option<f64>,
    #[serde(default)]
    pub(super) measures: BTreeMap<String, Value>,
    #[serde(default)]
    pub(super) best: Option<Tier>,
    #[serde(default)]
    pub(super) worst: Option<Tier>,
    #[serde(default)]
    pub(super) as_of: Option<Date>,
    /// Values of parameters in place of those of the book.
    #[serde(default)]
    pub(super) parameters: Facts,
    /// For readers: where the expected values come from.
    #[serde(default, rename = "comment")]
    _comment: Option<String>,
}

/// A text that is no file of examples.
#[derive(Debug, thiserror::Error)]
#[error("not a file of examples: {0}; expected {{\"sector\": ..., \"as_of\": ..., \"sound\": ..., \"rules\": [...]}}")]
pub struct ExampleFileError(#[from] serde_json::Error);

impl ExampleFile {
    /// Reads the JSON text of a file.
    ///
    /// # Errors
    /// If it is no file of examples; with line and column.
    pub fn read(text: &str) -> Result<ExampleFile, ExampleFileError> {
        Ok(serde_json::from_str(text)?)
    }

    /// The date that its cases are graded on, if they name none.
    pub fn as_of(&self) -> Date {
        self.as_of
    }

    /// The rules that it has cases for.
    pub fn rules(&self) -> impl Iterator<Item = &str> {
        self.rules.iter().map(|case| case.rule.as_str())
    }

    /// The firms of all cases, whole.
    pub fn firms(&self) -> impl Iterator<Item = Map<String, Value>> {
        let of_rules =
            self.rules.iter().flat_map(|case| case.fires.iter().chain(&case.clear).chain(&case.undetermined));
        of_rules.chain(self.grades.iter().map(|case| &case.facts)).map(|change| self.firm(change))
    }

    /// The sound firm, with some facts changed.
    pub(super) fn firm(&self, change: &Facts) -> Facts {
        let mut facts = self.sound.clone();
        facts.extend(change.clone());
        facts.insert(SECTOR_KEY.into(), self.sector.clone().into());
        facts
    }
}
