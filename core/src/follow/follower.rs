//! Follows the hazards of a register from one period to the next.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::record::{FollowCounts, FollowState, FollowUp, FollowedHazard, SectorName};
use super::status::{FirmStatus, HazardStatus};
use crate::{Date, RuleOutcome};

/// Hazards cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FollowError {
    /// The hazards of before are of a later day than the lists of now.
    #[error("`{id}` was followed up on {before}; expected no day later than {now}, the day of the lists of now")]
    Backwards {
        /// The hazard.
        id: String,
        /// Its day.
        before: Date,
        /// The day of the lists.
        now: Date,
    },
    /// A hazard is twice among those of before.
    #[error("`{id}` is twice among the hazards of before; expected each once")]
    Twice {
        /// The hazard.
        id: String,
    },
    /// A firm's lists are of another day than those of the others.
    #[error("the lists of the firm `{firm}` are as of {found}; expected {expected}, as those of the others")]
    OtherDay {
        /// The firm.
        firm: String,
        /// The day of its lists.
        found: Date,
        /// The day of the others.
        expected: Date,
    },
}

/// A hazard is one of a rule at a firm.
type Key = (String, Arc<str>);

/// What this period says of a hazard. Of several rows of one firm the greatest counts, so that none hides what another shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Seen {
    FirmAbsent,
    RuleWithdrawn,
    SectorLeft,
    Clear,
    NoLists,
    Unverified,
    Found,
}

struct Tracked {
    before: Option<FollowedHazard>,
    seen: Seen,
    /// As it is found now.
    found: Option<FollowedHazard>,
}

/// Takes the hazards of before, then firm after firm of now in any order, and gives the follow-up.
///
/// ```
/// # use risktier::{Date, FirmStatus, FollowState, Follower, RuleBook};
/// # let book = RuleBook::from_sources([("s.rhai", r#"
/// #     role("p", #{ en: "Principal", zh: "负责人" });
/// #     sector("shops", #{ name: #{ en: "Shops", zh: "商店" } });
/// #     fact("exits", INT, #{ en: "Exits", zh: "出口", unit: "exits", min: 0 });
/// #     rule("S-1", #{ risk: #{ en: "r", zh: "r" }, finding: #{ en: "Too few exits", zh: "出口不足" },
/// #         when: |firm| firm.exits < 2, tier: RED, cite: own("an example"), since: date(2020, 1, 1),
/// #         control: #{ en: "Open another", zh: "增设" }, owner: "p", days: 30 });
/// # "#)]).unwrap();
/// let mut before = Vec::new();
/// let mut states = Vec::new();
/// for (month, firm) in [(9, r#"{ "id": "F7", "sector": "shops", "exits": 1 }"#),
///                       (10, r#"{ "id": "F7", "sector": "shops" }"#),
///                       (11, r#"{ "id": "F7", "sector": "shops", "exits": 2 }"#)] {
///     let day = Date::new(2026, month, 20).unwrap();
///     let mut follower = Follower::new(before, day).unwrap();
///     follower.add(&FirmStatus::from(&book.as_of(day).lists_json(firm).unwrap())).unwrap();
///     let follow_up = follower.finish();
///     states.push((follow_up.hazards[0].state, follow_up.hazards[0].late_days));
///     before = follow_up.hazards;
/// }
/// // Nothing is known in October, so it stays open; it was due on 20 October, and took a month more.
/// assert_eq!(states, [(FollowState::New, 0), (FollowState::Unverified, 0), (FollowState::Closed, 31)]);
/// ```
pub struct Follower {
    as_of: Date,
    hazards: BTreeMap<Key, Tracked>,
    firms_without_id: usize,
}

impl Follower {
    /// Starts the follow-up of the period that was graded as of a day; `before` is empty in the first.
    ///
    /// # Errors
    /// If a hazard of before is of a later day, or there twice.
    pub fn new(before: Vec<FollowedHazard>, as_of: Date) -> Result<Follower, FollowError> {
        let mut hazards = BTreeMap::new();
        for hazard in before {
            if hazard.as_of > as_of {
                return Err(FollowError::Backwards { id: hazard.id, before: hazard.as_of, now: as_of });
            }
            let id = hazard.id.clone();
            let key = (hazard.firm.clone(), Arc::clone(&hazard.rule));
            let tracked = Tracked { before: Some(hazard), seen: Seen::FirmAbsent, found: None };
            if hazards.insert(key, tracked).is_some() {
                return Err(FollowError::Twice { id });
            }
        }
        Ok(Follower { as_of, hazards, firms_without_id: 0 })
    }

    /// Adds a firm of this period. Of a firm that is there twice, what any of its rows shows is found.
    ///
    /// # Errors
    /// If it was graded as of another day.
    pub fn add(&mut self, status: &FirmStatus) -> Result<(), FollowError> {
        if status.as_of != self.as_of {
            let firm = status.firm.clone().unwrap_or_default();
            return Err(FollowError::OtherDay { firm, found: status.as_of, expected: self.as_of });
        }
        let Some(firm) = &status.firm else {
            self.firms_without_id += 1;
            return Ok(());
        };
        let outcomes: BTreeMap<&str, RuleOutcome> =
            status.watched.iter().map(|watched| (&*watched.rule, watched.outcome)).collect();
        let sectors: BTreeSet<&str> = status.sectors.iter().map(|sector| &*sector.id).collect();
        for tracked in self.of_firm(firm) {
            let Some(before) = &tracked.before else { continue };
            let seen = match outcomes.get(&*before.rule) {
                Some(RuleOutcome::Fired) => Seen::Found,
                Some(RuleOutcome::Undetermined) => Seen::Unverified,
                Some(RuleOutcome::Clear) => Seen::Clear,
                None if before.sectors.iter().any(|sector| sectors.contains(&*sector.id)) => Seen::RuleWithdrawn,
                None => Seen::SectorLeft,
            };
            tracked.seen = tracked.seen.max(seen);
        }
        for hazard in &status.found {
            let found = first_seen(status, firm, hazard);
            let key = (firm.clone(), Arc::clone(&hazard.rule));
            let tracked =
                self.hazards.entry(key).or_insert_with(|| Tracked { before: None, seen: Seen::Found, found: None });
            tracked.seen = Seen::Found;
            tracked.found.get_or_insert(found);
        }
        Ok(())
    }

    /// Adds a firm that is in the register of this period, but has no lists: it could not be graded, or none were issued for
    /// it.
    pub fn add_without_lists(&mut self, firm: &str) {
        for tracked in self.of_firm(firm) {
            tracked.seen = tracked.seen.max(Seen::NoLists);
        }
    }

    fn of_firm<'f>(&'f mut self, firm: &'f str) -> impl Iterator<Item = &'f mut Tracked> {
        let first: Key = (firm.to_owned(), Arc::from(""));
        self.hazards.range_mut(first..).take_while(move |(key, _)| key.0 == firm).map(|(_, tracked)| tracked)
    }

    /// Gives the follow-up.
    pub fn finish(self) -> FollowUp {
        let as_of = self.as_of;
        let followed = self.hazards.into_values().filter_map(|tracked| tracked.followed(as_of));
        let mut hazards: Vec<FollowedHazard> = followed.collect();
        let urgency = |hazard: &FollowedHazard| {
            (hazard.state, Reverse(hazard.major), Reverse(hazard.tier), Reverse(hazard.late_days))
        };
        hazards.sort_by(|a, b| urgency(a).cmp(&urgency(b)).then_with(|| a.id.cmp(&b.id)));
        let counts = FollowCounts::of(&hazards, as_of);
        FollowUp { as_of, hazards, counts, firms_without_id: self.firms_without_id }
    }
}

/// A hazard that nobody knew before.
fn first_seen(status: &FirmStatus, firm: &str, hazard: &HazardStatus) -> FollowedHazard {
    let rectify = hazard.rectify.as_ref();
    let nothing = || crate::Label { en: "".into(), zh: "".into() };
    let named = |id: &Arc<str>| status.sectors.iter().find(|sector| sector.id == *id).cloned();
    let bare = |id: &Arc<str>| SectorName {
        id: Arc::clone(id),
        name: crate::Label { en: Arc::clone(id), zh: Arc::clone(id) },
    };
    let mut new = FollowedHazard {
        id: hazard.id.clone(),
        firm: firm.to_owned(),
        name: status.name.clone(),
        firm_tier: status.tier,
        rule: Arc::clone(&hazard.rule),
        sectors: hazard.sectors.iter().map(|id| named(id).unwrap_or_else(|| bare(id))).collect(),
        finding: hazard.finding.clone(),
        major: hazard.major,
        tier: hazard.tier,
        lasting: hazard.lasting,
        state: FollowState::New,
        first_seen: status.as_of,
        opened: status.as_of,
        days: rectify.and_then(|rectify| rectify.days),
        due: None,
        late_days: 0,
        last_found: status.as_of,
        times_reopened: 0,
        closed_on: None,
        measure: rectify.map_or_else(nothing, |rectify| rectify.measure.clone()),
        owner: rectify.map_or_else(nothing, |rectify| rectify.owner.clone()),
        verified_by: rectify.and_then(|rectify| rectify.verified_by.clone()),
        as_of: status.as_of,
    };
    new.due = due(&new);
    new
}

/// What passes only with time has no deadline.
fn due(hazard: &FollowedHazard) -> Option<Date> {
    let days = hazard.days.filter(|_| !hazard.lasting)?;
    hazard.opened.plus_days(days.into())
}

/// Days from the deadline on.
fn late(hazard: &FollowedHazard, day: Date) -> u32 {
    hazard.due.map_or(0, |due| u32::try_from(i64::from(day.days()) - i64::from(due.days())).unwrap_or(0))
}

impl Tracked {
    fn followed(self, as_of: Date) -> Option<FollowedHazard> {
        let Tracked { before, seen, found } = self;
        let Some(before) = before else { return found };
        let was_closed = before.state == FollowState::Closed;
        let mut hazard = match found {
            // What it is comes from now, how long it has been known from before.
            Some(found) => FollowedHazard {
                first_seen: before.first_seen,
                opened: if was_closed { as_of } else { before.opened },
                days: if was_closed { found.days } else { before.days },
                due: if was_closed { found.due } else { before.due },
                times_reopened: before.times_reopened,
                ..found
            },
            None => before,
        };
        hazard.as_of = as_of;
        hazard.state = match (was_closed, seen) {
            (true, Seen::Found) => {
                hazard.times_reopened += 1;
                FollowState::Reopened
            }
            (true, _) => return Some(hazard),
            (false, Seen::Clear) => {
                hazard.closed_on = Some(as_of);
                hazard.late_days = late(&hazard, as_of);
                FollowState::Closed
            }
            (false, Seen::Found) => FollowState::StillOpen,
            (false, Seen::Unverified) => FollowState::Unverified,
            (false, Seen::NoLists) => FollowState::NoLists,
            (false, Seen::FirmAbsent) => FollowState::FirmAbsent,
            (false, Seen::SectorLeft) => FollowState::SectorLeft,
            (false, Seen::RuleWithdrawn) => FollowState::RuleWithdrawn,
        };
        if hazard.state.is_open() {
            hazard.late_days = late(&hazard, as_of);
        }
        if hazard.state == FollowState::StillOpen && hazard.late_days > 0 {
            hazard.state = FollowState::Overdue;
        }
        Some(hazard)
    }
}
