//! What a forecast says.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{DataError, Date, FirmError, Identity, RuleOutcome, Tier};

/// How the tier of a firm changes by itself while its facts stay as they are.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Forecast {
    /// The firm's own id, if the record gave one.
    pub id: Option<String>,
    /// The tier on record on the grading date.
    pub tier: Tier,
    /// The last day that was looked at.
    pub until: Date,
    /// Every change of the tier on record up to that day, the first one first.
    pub changes: Vec<TierChange>,
    /// Values that were not what their facts are declared as; each counts as unknown.
    pub data_errors: Vec<DataError>,
    /// Sectors that the book does not have.
    pub errors: Vec<FirmError>,
    /// What looked ahead.
    pub identity: Identity,
}

/// The tier on record becomes another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TierChange {
    /// The first day of the new tier.
    pub on: Date,
    /// The tier up to the day before.
    pub from: Tier,
    /// The new tier.
    pub to: Tier,
    /// The rules that turn on that day and carry the firm there, in the order of the book.
    pub because: Vec<RuleTurn>,
}

/// A rule comes out otherwise than the day before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleTurn {
    /// The sector that it is asked for.
    pub sector: Arc<str>,
    /// The rule.
    pub rule: Arc<str>,
    /// What it came to the day before; none if it was not yet in force.
    pub was: Option<RuleOutcome>,
    /// What it comes to; none if it is no longer in force.
    pub is: Option<RuleOutcome>,
    /// The dates that turn it. Empty where it begins or ends.
    pub behind: Vec<Behind>,
}

/// `FW-12: licence_until 2026-12-31`, `FW-12: begins`.
impl fmt::Display for RuleTurn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rule)?;
        match (self.was, self.is) {
            (None, _) => f.write_str(": begins"),
            (_, None) => f.write_str(": ends"),
            _ => self.behind.iter().enumerate().try_for_each(|(at, behind)| {
                f.write_str(if at == 0 { ": " } else { ", " })?;
                behind.fmt(f)
            }),
        }
    }
}

/// A date that a rule turns on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Behind {
    /// A fact, or a field of a list as `list.field`, or a parameter whose value changes.
    pub name: Arc<str>,
    /// Of a field: the item's place in its list, from 0.
    pub item: Option<usize>,
    /// The value of the fact; of a parameter, the first day of its new value.
    pub date: Date,
}

/// `licence_until 2026-12-31`, and of an item `stock.checked_on[2] 2026-01-05`.
impl fmt::Display for Behind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.item {
            None => write!(f, "{} {}", self.name, self.date),
            Some(item) => write!(f, "{}[{item}] {}", self.name, self.date),
        }
    }
}
