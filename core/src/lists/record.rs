//! What the lists say, as records.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{Citation, Date, FactRead, IssuedList, Label, Points, RuleOutcome, Tier, WayDown};

/// The three lists of a firm.
///
/// Each item has an id that stays the same as long as its rule is about the same firm: `FIRM/risk/RULE`, `FIRM/hazard/RULE`,
/// `FIRM/duty/RULE`, and `FIRM/duty/FACT` for a fact to establish; without the firm where it has no id. Rules that count for a
/// firm are in none of the lists: nothing is wrong there.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct FirmLists {
    /// The firm's own id, if the record gave one.
    pub firm: Option<String>,
    /// The firm's name, where whoever issues the lists knows it: the engine does not.
    pub name: Option<String>,
    /// The tier on record.
    pub tier: Tier,
    /// The best tier that the record cannot rule out.
    pub best: Tier,
    /// The worst tier that the record cannot rule out.
    pub worst: Tier,
    /// The sectors of the firm, with their names.
    pub sectors: Vec<ListedSector>,
    /// The sector that decided the tier.
    pub decided_by: Arc<str>,
    /// How a firm of this tier is supervised, if the book says so.
    pub supervision: Option<NextInspection>,
    /// What the lists are called, in the order risks, hazards, responsibilities.
    pub names: [IssuedList; 3],
    /// Every risk that the rules of the firm's sectors watch for: those found first, then those to be verified, then those
    /// under control, each the worst first.
    pub risks: Vec<RiskEntry>,
    /// Every finding, major ones first, then what is to be verified.
    pub hazards: Vec<Hazard>,
    /// Who does what by when, the earliest first.
    pub duties: Vec<Duty>,
    /// What could not be read of the firm's record, in words of both languages.
    pub errors: Vec<Label>,
    /// What graded.
    pub identity: crate::Identity,
}

/// A sector of the firm.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ListedSector {
    /// Its id.
    pub id: Arc<str>,
    /// What it is called.
    pub name: Label,
    /// The firm's tier in it.
    pub tier: Tier,
    /// The firm's score in it, if it has one.
    pub score: Option<Points>,
    /// What it takes to come to each better tier in it.
    pub way_down: Vec<WayDown>,
}

/// How the firm is supervised, and when the next inspection is due.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct NextInspection {
    /// How often, and how.
    pub frequency: Label,
    /// The last day for the next inspection, counted from the grading date.
    pub due: Option<Date>,
}

/// An item of the risk list.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct RiskEntry {
    /// `FIRM/risk/RULE`
    pub id: String,
    /// The rule that watches for it.
    pub rule: Arc<str>,
    /// The sectors of the firm that have the rule.
    pub sectors: Vec<Arc<str>>,
    /// What could happen.
    pub risk: Label,
    /// The tier that the rule demands when it fires; none for a rule of the score.
    pub tier: Option<Tier>,
    /// What a rule of the score adds (deducts, if negative) when it fires; none where that hangs on facts.
    pub points: Option<Points>,
    /// Fired, clear or undetermined.
    pub outcome: RuleOutcome,
    /// The control measure.
    pub control: Label,
    /// Who inside the firm controls it, by its tier; a risk of the score like one of the lowest tier.
    pub control_level: Option<Label>,
    /// The post that answers for it.
    pub owner: Label,
    /// Where the rule comes from.
    pub cite: Vec<Citation>,
}

/// Is it found, or could it be?
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum HazardState {
    /// The record shows it.
    Found,
    /// The record does not say.
    ToVerify,
}

/// An item of the hazard list.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Hazard {
    /// `FIRM/hazard/RULE`
    pub id: String,
    /// The rule that found it.
    pub rule: Arc<str>,
    /// The sectors of the firm that have the rule.
    pub sectors: Vec<Arc<str>>,
    /// Found, or to be verified.
    pub state: HazardState,
    /// What is wrong.
    pub finding: Label,
    /// An item of a published list of major hazards; else a general one.
    pub major: bool,
    /// The tier that the rule demands; none for a rule of the score.
    pub tier: Option<Tier>,
    /// What a rule of the score adds (deducts, if negative).
    pub points: Option<Points>,
    /// The facts and values that show it.
    pub shown_by: Vec<FactRead>,
    /// The facts to collect, where it is to be verified.
    pub collect: Vec<Collect>,
    /// The requirement that it breaks.
    pub requirement: Vec<Citation>,
    /// It cannot be put right, and passes only with time.
    pub lasting: bool,
}

/// A fact to collect.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Collect {
    /// The fact, or `list.field`.
    pub fact: Arc<str>,
    /// What it is.
    pub label: Label,
    /// Unit of measurement.
    pub unit: Option<Arc<str>>,
    /// In which items of the list, from 0; empty for the list itself, or for a fact that is no list.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "typescript", ts(as = "Option<Vec<usize>>", optional))]
    pub items: Vec<usize>,
}

/// What kind of duty it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum DutyKind {
    /// Put a finding right.
    Rectify,
    /// Establish a fact that is missing.
    Establish,
}

/// An item of the responsibility list.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Duty {
    /// `FIRM/duty/RULE`, or `FIRM/duty/FACT`
    pub id: String,
    /// To rectify, or to establish.
    pub kind: DutyKind,
    /// The rule that found it, or those that wait for the fact.
    pub rules: Vec<Arc<str>>,
    /// The fact to establish.
    pub fact: Option<Arc<str>>,
    /// What is to be done.
    pub measure: Label,
    /// The post that does it.
    pub owner: Label,
    /// Days from the grading date; none if neither rule nor book says.
    pub days: Option<u32>,
    /// The last day for it.
    pub deadline: Option<Date>,
    /// Who verifies that it is done.
    pub verified_by: Option<Label>,
    /// For a major hazard: the five assignments (五落实).
    pub five: Option<FiveAssignments>,
}

/// What must be settled for a major hazard before work on it begins.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct FiveAssignments {
    /// Who answers for it.
    pub responsibility: Label,
    /// What is to be done.
    pub measures: Label,
    /// With what funds: for the firm to enter.
    pub funds: Label,
    /// Until when.
    pub time_limit: Option<Date>,
    /// The emergency plan that holds until then: for what it must be made.
    pub emergency_plan: Label,
}
