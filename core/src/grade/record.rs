//! What a grade says.

use std::sync::Arc;

use serde::Serialize;

use crate::{DataError, Date, FaultKind, FirmError, Points, Site, Tier, Value};

/// The grade of one firm, with its reasons.
///
/// The same [`Identity`] and the same facts give the same grade, byte for byte when serialized, on every platform.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Grade {
    /// The firm's own id, if the record gave one.
    pub id: Option<String>,
    /// The tier on record: what the known facts show.
    pub tier: Tier,
    /// The best tier that the record cannot rule out.
    pub best: Tier,
    /// The worst tier that the record cannot rule out.
    pub worst: Tier,
    /// True if no unknown can change the tier: `best == worst`.
    pub settled: bool,
    /// The sector that decided `tier`.
    pub decided_by: Arc<str>,
    /// The grade in each sector of the firm.
    pub sectors: Vec<SectorGrade>,
    /// Values that were not what their facts are declared as; each counts as unknown.
    pub data_errors: Vec<DataError>,
    /// Sectors that the book does not have. `worst` is red then: nothing is known of their rules.
    pub errors: Vec<FirmError>,
    /// The unknown facts that keep the grade unsettled, the one that narrows `[best, worst]` most first.
    pub missing: Vec<Missing>,
    /// What graded.
    pub identity: Identity,
}

/// What graded: with it, and the same facts, a grade can be made again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Identity {
    /// [`RuleBook::hash`](crate::RuleBook::hash).
    pub book: Arc<str>,
    /// [`ENGINE_VERSION`](crate::ENGINE_VERSION).
    pub engine: &'static str,
    /// The grading date.
    pub as_of: Date,
}

/// The grade of a firm in one sector.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SectorGrade {
    /// The sector.
    pub sector: Arc<str>,
    /// The tier on record.
    pub tier: Tier,
    /// The best tier that the record cannot rule out.
    pub best: Tier,
    /// The worst tier that the record cannot rule out.
    pub worst: Tier,
    /// True if `best == worst`.
    pub settled: bool,
    /// The score, if the sector has one.
    pub score: Option<Score>,
    /// The rules that fired, in the order of the book.
    pub fired: Vec<Fired>,
    /// The rules that could be either, in the order of the book.
    pub undetermined: Vec<Undetermined>,
    /// Operations that had no value, and kept a rule or a measure from one.
    pub faults: Vec<Fault>,
    /// Quantities that were computed.
    pub measures: Vec<MeasureValue>,
    /// Unknown facts that a value stands for, because the book says what their absence means.
    pub assumed: Vec<Arc<str>>,
}

/// A score, exact to a thousandth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Score {
    /// On record: undetermined rules count nothing.
    pub value: Points,
    /// The lowest that the record cannot rule out.
    pub low: Points,
    /// The highest that the record cannot rule out.
    pub high: Points,
}

/// A rule that fired.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Fired {
    /// The id of the rule.
    pub rule: Arc<str>,
    /// The least tier that it demands, for a floor.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub tier: Option<Tier>,
    /// What it adds to its item, negative for a deduction, before the item's cap.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub points: Option<Points>,
}

/// A rule that the record does not decide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Undetermined {
    /// The id of the rule.
    pub rule: Arc<str>,
    /// The unknown facts that it waits for.
    pub waits_for: Vec<Wait>,
}

/// An unknown fact.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Wait {
    /// The fact, or `list.field`.
    pub fact: Arc<str>,
    /// In which items of the list, from 0.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "typescript", ts(as = "Option<Vec<usize>>", optional))]
    pub items: Vec<usize>,
}

/// An operation without a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Fault {
    /// What happened.
    #[serde(flatten)]
    pub kind: FaultKind,
    /// Where the operation stands.
    pub site: Site,
    /// The rules that it left undetermined, and the measures that it left without a value.
    pub affects: Vec<Arc<str>>,
}

/// A quantity that was computed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct MeasureValue {
    /// The measure.
    pub name: Arc<str>,
    /// Its value; none if unknown.
    pub value: Option<Value>,
}

/// An unknown fact that keeps a grade unsettled, and what it would decide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Missing {
    /// The fact, or `list.field`.
    pub fact: Arc<str>,
    /// The rules that it is sure to be able to decide alone, one way or the other. Exact for logic over comparisons; a fact
    /// in a choice, or in a question to a list, beside other unknowns may decide more rules than are named here.
    pub decides: Vec<Arc<str>>,
    /// The best tier still possible if it turns out for the worst.
    pub best_at_worst: Tier,
    /// The worst tier still possible if it turns out for the best.
    pub worst_at_best: Tier,
}
