//! What follow-up says of a hazard.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{Date, Label, Tier};

/// What has become of a hazard.
///
/// Only a rule that is clear closes a hazard. Whatever leaves it unknown keeps it open, and its time runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FollowState {
    /// Found, and its deadline has passed.
    Overdue,
    /// Closed once, and found again.
    Reopened,
    /// Found for the first time.
    New,
    /// Found as before, within its time.
    StillOpen,
    /// It was found, and now the record does not say.
    Unverified,
    /// The firm is in the register, but has no lists: it could not be graded, or none were issued for it.
    NoLists,
    /// The firm is not in the register any more.
    FirmAbsent,
    /// The firm names none of the sectors any more that have the rule.
    SectorLeft,
    /// The rule is no longer in force, or no longer in the book: nobody asks for it now.
    RuleWithdrawn,
    /// The rule is clear.
    Closed,
}

impl FollowState {
    /// All states, the most urgent first.
    pub const ALL: [FollowState; 10] = [
        FollowState::Overdue,
        FollowState::Reopened,
        FollowState::New,
        FollowState::StillOpen,
        FollowState::Unverified,
        FollowState::NoLists,
        FollowState::FirmAbsent,
        FollowState::SectorLeft,
        FollowState::RuleWithdrawn,
        FollowState::Closed,
    ];

    /// Somebody still has to do something about it.
    pub fn is_open(self) -> bool {
        !matches!(self, FollowState::Closed | FollowState::RuleWithdrawn)
    }

    /// Its name for programs: `still-open`.
    pub fn id(self) -> &'static str {
        match self {
            FollowState::Overdue => "overdue",
            FollowState::Reopened => "reopened",
            FollowState::New => "new",
            FollowState::StillOpen => "still-open",
            FollowState::Unverified => "unverified",
            FollowState::NoLists => "no-lists",
            FollowState::FirmAbsent => "firm-absent",
            FollowState::SectorLeft => "sector-left",
            FollowState::RuleWithdrawn => "rule-withdrawn",
            FollowState::Closed => "closed",
        }
    }
}

/// A sector by its id, and what it is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SectorName {
    /// Its id.
    pub id: Arc<str>,
    /// What it is called.
    pub name: Label,
}

/// A hazard over time: what goes out this period, and in again the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowedHazard {
    /// `FIRM/hazard/RULE`
    pub id: String,
    /// The firm's own id.
    pub firm: String,
    /// The firm's name, if the lists gave one.
    pub name: Option<String>,
    /// The tier of the firm when it was last graded.
    pub firm_tier: Tier,
    /// The rule that found it.
    pub rule: Arc<str>,
    /// The sectors of the firm that have the rule.
    pub sectors: Vec<SectorName>,
    /// What is wrong.
    pub finding: Label,
    /// An item of a published list of major hazards; else a general one.
    pub major: bool,
    /// The tier that the rule demands; none for a rule of the score.
    pub tier: Option<Tier>,
    /// It cannot be put right, and passes only with time: it has no deadline.
    pub lasting: bool,
    /// What has become of it.
    pub state: FollowState,
    /// The day of the grading that found it first. Never changes.
    pub first_seen: Date,
    /// The day of the grading from which its time counts: `first_seen`, or where it was reopened the last.
    pub opened: Date,
    /// Days to put it right, as the rule said on that day.
    pub days: Option<u32>,
    /// The last day for it: `opened` and `days`.
    pub due: Option<Date>,
    /// Days past `due`: up to now, or up to the day it was closed.
    pub late_days: u32,
    /// The last day that a grading found it.
    pub last_found: Date,
    /// How often it was found again after it had been closed.
    pub times_reopened: u32,
    /// The day of the grading that found it closed.
    pub closed_on: Option<Date>,
    /// What is to be done.
    pub measure: Label,
    /// The post that does it.
    pub owner: Label,
    /// Who verifies that it is done.
    pub verified_by: Option<Label>,
    /// The day of the follow-up that says this.
    pub as_of: Date,
}

impl FollowedHazard {
    /// It is open, and its deadline has passed, whether it was found again or cannot be verified.
    pub fn is_overdue(&self) -> bool {
        self.state.is_open() && self.late_days > 0
    }
}

/// Hazards, counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FollowCounts {
    /// By state, all ten, the most urgent first; together they are all hazards.
    #[serde(serialize_with = "by_id")]
    pub by_state: [(FollowState, usize); 10],
    /// Open, in whatever state.
    pub open: usize,
    /// Of the open ones, items of a published list of major hazards.
    pub open_major: usize,
    /// Of the open ones, those past their deadline: those in the state `overdue`, and those that cannot be verified.
    pub overdue: usize,
    /// Closed by this follow-up.
    pub closed_now: usize,
}

fn by_id<S: serde::Serializer>(counts: &[(FollowState, usize)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(counts.iter().map(|(state, count)| (state.id(), count)))
}

impl FollowCounts {
    /// Counts hazards as they stand on a day.
    pub fn of(hazards: &[FollowedHazard], as_of: Date) -> FollowCounts {
        let count = |is: &dyn Fn(&FollowedHazard) -> bool| hazards.iter().filter(|hazard| is(hazard)).count();
        FollowCounts {
            by_state: FollowState::ALL.map(|state| (state, count(&|hazard| hazard.state == state))),
            open: count(&|hazard| hazard.state.is_open()),
            open_major: count(&|hazard| hazard.state.is_open() && hazard.major),
            overdue: count(&FollowedHazard::is_overdue),
            closed_now: count(&|hazard| hazard.state == FollowState::Closed && hazard.closed_on == Some(as_of)),
        }
    }

    /// How many are in a state.
    pub fn in_state(&self, state: FollowState) -> usize {
        self.by_state.iter().find(|(of, _)| *of == state).map_or(0, |(_, count)| *count)
    }
}

/// The follow-up of a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FollowUp {
    /// The grading date of this period.
    pub as_of: Date,
    /// Every hazard of before and every one found now, each once: the most urgent first, then by id.
    pub hazards: Vec<FollowedHazard>,
    /// The same, counted.
    pub counts: FollowCounts,
    /// Firms of this period that have no id: their hazards cannot be followed.
    pub firms_without_id: usize,
}
