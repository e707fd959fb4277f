//! The indicators of the safety index: a small declared table, which a city replaces by its own.

use serde::{Deserialize, Serialize};

use super::measure::Measure;
use crate::Label;

/// The indicators that are used where no others are given, as TOML.
pub const STANDARD_INDICATORS: &str = include_str!("indicators.toml");

/// So many indicators an index can have.
pub const MOST_INDICATORS: usize = 28;

/// An indicator: what it counts, and what that is worth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Indicator {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub label: Label,
    /// What it counts.
    pub counts: Measure,
    /// What it weighs against the others.
    pub weight: f64,
    /// The value that scores 100, in the unit of what it counts; better ones score no more.
    pub best: f64,
    /// The value that scores 0; worse ones score no less.
    pub worst: f64,
    /// Where indicator, weight and limits come from.
    pub basis: String,
}

impl Indicator {
    /// The score of a value, 0 to 100: straight from `worst` to `best`.
    ///
    /// ```
    /// use risktier::report::Indicators;
    /// let standard = Indicators::standard();
    /// let red = standard.iter().find(|indicator| indicator.id == "red").unwrap();
    /// assert_eq!((red.best, red.worst), (0.0, 10.0));
    /// assert_eq!((red.score(0.0), red.score(2.5), red.score(40.0)), (100.0, 75.0, 0.0));
    /// ```
    pub fn score(&self, value: f64) -> f64 {
        // No negative nought.
        ((value - self.worst) / (self.best - self.worst) * 100.0).clamp(0.0, 100.0) + 0.0
    }
}

/// Checked indicators.
#[derive(Debug, Clone, PartialEq)]
pub struct Indicators(Vec<Indicator>);

/// Indicators that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IndicatorError {
    /// They are not written as they should be.
    #[error("expected `[[indicator]]` with id, label.en, label.zh, counts, weight, best, worst and basis: {0}")]
    Form(String),
    /// There are none, or too many.
    #[error("there are {0} indicators; expected 1 to {MOST_INDICATORS}")]
    Number(usize),
    /// An id is there twice.
    #[error("the indicator `{0}` is there twice; expected each id once")]
    Twice(String),
    /// A weight is none.
    #[error("the indicator `{0}` has no weight above 0 that is a number; expected one")]
    Weight(String),
    /// The limits do not span anything.
    #[error(
        "the indicator `{0}` scores 100 and 0 at the same value, or at none that is a number; expected two numbers"
    )]
    Limits(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    indicator: Vec<Indicator>,
}

impl Indicators {
    /// Indicators from TOML.
    ///
    /// # Errors
    /// If it is not of the form of [`STANDARD_INDICATORS`], or says something that cannot be scored.
    pub fn from_toml(text: &str) -> Result<Indicators, IndicatorError> {
        let file: File = toml::from_str(text).map_err(|error| IndicatorError::Form(error.to_string()))?;
        Indicators::new(file.indicator)
    }

    /// Checks indicators.
    ///
    /// # Errors
    /// If there are none or too many, an id is there twice, or a weight or limits are none.
    pub fn new(indicators: Vec<Indicator>) -> Result<Indicators, IndicatorError> {
        if indicators.is_empty() || indicators.len() > MOST_INDICATORS {
            return Err(IndicatorError::Number(indicators.len()));
        }
        for (at, indicator) in indicators.iter().enumerate() {
            let id = || indicator.id.clone();
            if indicators.iter().take(at).any(|known| known.id == indicator.id) {
                return Err(IndicatorError::Twice(id()));
            }
            if !(indicator.weight.is_finite() && indicator.weight > 0.0) {
                return Err(IndicatorError::Weight(id()));
            }
            if !(indicator.best.is_finite() && indicator.worst.is_finite() && indicator.best != indicator.worst) {
                return Err(IndicatorError::Limits(id()));
            }
        }
        Ok(Indicators(indicators))
    }

    /// Those of [`STANDARD_INDICATORS`]: this project's own choice, no official list.
    #[expect(clippy::expect_used, reason = "compiled in, and read by every test of the report")]
    pub fn standard() -> Indicators {
        Indicators::from_toml(STANDARD_INDICATORS).expect("the standard indicators are sound")
    }

    /// One after the other.
    pub fn iter(&self) -> impl Iterator<Item = &Indicator> {
        self.0.iter()
    }
}
