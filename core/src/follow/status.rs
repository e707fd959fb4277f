//! What follow-up reads of a firm's lists.

use std::sync::Arc;

use serde::Deserialize;

use super::record::SectorName;
use crate::{Date, DutyKind, FirmLists, HazardState, Label, RuleOutcome, Tier};

/// How the rules of a firm's sectors stand on a day: from [`FirmLists`], or from what was written of them (a line of
/// `lists.jsonl`).
///
/// ```
/// # use risktier::{Date, FirmStatus, RuleBook};
/// # let book = RuleBook::from_sources([("s.rhai", r#"
/// #     role("p", #{ en: "Principal", zh: "负责人" });
/// #     sector("shops", #{ name: #{ en: "Shops", zh: "商店" } });
/// #     fact("exits", INT, #{ en: "Exits", zh: "出口", unit: "exits", min: 0 });
/// #     rule("S-1", #{ risk: #{ en: "r", zh: "r" }, finding: #{ en: "Too few exits", zh: "出口不足" },
/// #         when: |firm| firm.exits < 2, tier: RED, cite: own("an example"), since: date(2020, 1, 1),
/// #         control: #{ en: "Open another", zh: "增设" }, owner: "p", days: 30 });
/// # "#)]).unwrap();
/// let grader = book.as_of(Date::new(2026, 11, 1).unwrap());
/// let lists = grader.lists_json(r#"{ "id": "F7", "sector": "shops", "exits": 1 }"#).unwrap();
/// let line = serde_json::to_string(&lists).unwrap();
/// let read: FirmStatus = serde_json::from_str(&line).unwrap();
/// assert_eq!(read, FirmStatus::from(&lists));
/// ```
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(from = "Lists")]
pub struct FirmStatus {
    /// The firm's own id.
    pub firm: Option<String>,
    /// The firm's name.
    pub name: Option<String>,
    /// The tier on record.
    pub tier: Tier,
    /// The grading date.
    pub as_of: Date,
    /// The sectors of the firm.
    pub sectors: Vec<SectorName>,
    /// Every rule that they watch for, and how it stands.
    pub watched: Vec<WatchedRule>,
    /// What was found.
    pub found: Vec<HazardStatus>,
}

/// A rule that a sector of the firm watches for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct WatchedRule {
    /// Its id.
    pub rule: Arc<str>,
    /// How it stands.
    pub outcome: RuleOutcome,
}

/// A hazard that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct HazardStatus {
    /// `FIRM/hazard/RULE`
    pub id: String,
    /// The rule that found it.
    pub rule: Arc<str>,
    /// The sectors of the firm that have the rule.
    pub sectors: Vec<Arc<str>>,
    /// What is wrong.
    pub finding: Label,
    /// An item of a published list of major hazards.
    pub major: bool,
    /// The tier that the rule demands; none for a rule of the score.
    pub tier: Option<Tier>,
    /// It passes only with time.
    pub lasting: bool,
    /// What is to be done about it, if the responsibility list says.
    pub rectify: Option<Rectification>,
}

/// What is to be done about a hazard, from the responsibility list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rectification {
    /// What is to be done.
    pub measure: Label,
    /// The post that does it.
    pub owner: Label,
    /// Days from the grading date.
    pub days: Option<u32>,
    /// Who verifies that it is done.
    pub verified_by: Option<Label>,
}

/// The parts of serialized lists that are read.
#[derive(Deserialize)]
struct Lists {
    firm: Option<String>,
    name: Option<String>,
    tier: Tier,
    sectors: Vec<SectorName>,
    risks: Vec<WatchedRule>,
    hazards: Vec<ListedHazard>,
    duties: Vec<ListedDuty>,
    identity: OfDay,
}

#[derive(Deserialize)]
struct OfDay {
    as_of: Date,
}

#[derive(Deserialize)]
struct ListedHazard {
    id: String,
    rule: Arc<str>,
    sectors: Vec<Arc<str>>,
    state: HazardState,
    finding: Label,
    major: bool,
    tier: Option<Tier>,
    lasting: bool,
}

#[derive(Deserialize)]
struct ListedDuty {
    kind: DutyKind,
    rules: Vec<Arc<str>>,
    measure: Label,
    owner: Label,
    days: Option<u32>,
    verified_by: Option<Label>,
}

impl From<Lists> for FirmStatus {
    fn from(lists: Lists) -> FirmStatus {
        let Lists { firm, name, tier, sectors, risks, hazards, duties, identity } = lists;
        let rectify = |rule: &Arc<str>| {
            let duty = duties.iter().find(|duty| duty.kind == DutyKind::Rectify && duty.rules.contains(rule))?;
            Some(Rectification {
                measure: duty.measure.clone(),
                owner: duty.owner.clone(),
                days: duty.days,
                verified_by: duty.verified_by.clone(),
            })
        };
        let found = hazards.into_iter().filter(|hazard| hazard.state == HazardState::Found);
        let found = found.map(|hazard| HazardStatus {
            rectify: rectify(&hazard.rule),
            id: hazard.id,
            rule: hazard.rule,
            sectors: hazard.sectors,
            finding: hazard.finding,
            major: hazard.major,
            tier: hazard.tier,
            lasting: hazard.lasting,
        });
        FirmStatus { firm, name, tier, as_of: identity.as_of, sectors, watched: risks, found: found.collect() }
    }
}

impl From<&FirmLists> for FirmStatus {
    fn from(lists: &FirmLists) -> FirmStatus {
        FirmStatus::from(Lists {
            firm: lists.firm.clone(),
            name: lists.name.clone(),
            tier: lists.tier,
            sectors: lists
                .sectors
                .iter()
                .map(|sector| SectorName { id: Arc::clone(&sector.id), name: sector.name.clone() })
                .collect(),
            risks: lists
                .risks
                .iter()
                .map(|risk| WatchedRule { rule: Arc::clone(&risk.rule), outcome: risk.outcome })
                .collect(),
            hazards: lists
                .hazards
                .iter()
                .map(|hazard| ListedHazard {
                    id: hazard.id.clone(),
                    rule: Arc::clone(&hazard.rule),
                    sectors: hazard.sectors.clone(),
                    state: hazard.state,
                    finding: hazard.finding.clone(),
                    major: hazard.major,
                    tier: hazard.tier,
                    lasting: hazard.lasting,
                })
                .collect(),
            duties: lists
                .duties
                .iter()
                .map(|duty| ListedDuty {
                    kind: duty.kind,
                    rules: duty.rules.clone(),
                    measure: duty.measure.clone(),
                    owner: duty.owner.clone(),
                    days: duty.days,
                    verified_by: duty.verified_by.clone(),
                })
                .collect(),
            identity: OfDay { as_of: lists.identity.as_of },
        })
    }
}
