//! What the report is made of: periods as they were graded.

use std::collections::HashMap;
use std::sync::Arc;

use crate::{Date, FollowedHazard, Grade, Tier};

/// A firm as it was graded in a period: what a row of the grades says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GradedFirm {
    /// Its own id.
    pub id: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// The district that it lies in.
    pub district: Option<Arc<str>>,
    /// The sector that decided its tier.
    pub sector: Option<Arc<str>>,
    /// The tier on record; none if it could not be graded.
    pub tier: Option<Tier>,
    /// The best tier that the record cannot rule out.
    pub best: Option<Tier>,
    /// The worst tier that the record cannot rule out.
    pub worst: Option<Tier>,
    /// The rules that fired, those that count for the firm among them.
    pub fired: Vec<Arc<str>>,
    /// The rules that the record leaves open.
    pub undetermined: Vec<Arc<str>>,
    /// The facts that keep the grade unsettled, the most decisive first.
    pub missing: Vec<Arc<str>>,
    /// Something of its record could not be read, or had no value.
    pub has_errors: bool,
}

impl From<&Grade> for GradedFirm {
    /// As a row of the grades has it; a grade knows neither the name nor the district.
    fn from(grade: &Grade) -> GradedFirm {
        let sectors = || grade.sectors.iter();
        GradedFirm {
            id: grade.id.clone(),
            name: None,
            district: None,
            sector: Some(Arc::clone(&grade.decided_by)),
            tier: Some(grade.tier),
            best: Some(grade.best),
            worst: Some(grade.worst),
            fired: sectors().flat_map(|sector| &sector.fired).map(|fired| Arc::clone(&fired.rule)).collect(),
            undetermined: sectors()
                .flat_map(|sector| &sector.undetermined)
                .map(|open| Arc::clone(&open.rule))
                .collect(),
            missing: grade.missing.iter().map(|missing| missing.fact.as_ref().into()).collect(),
            has_errors: !(grade.errors.is_empty()
                && grade.data_errors.is_empty()
                && sectors().all(|sector| sector.faults.is_empty())),
        }
    }
}

impl GradedFirm {
    /// No unknown can change its tier.
    pub fn is_settled(&self) -> bool {
        self.tier.is_some() && self.best == self.worst
    }
}

/// A register as it was graded on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Period {
    /// The grading date.
    pub as_of: Date,
    /// The hash of the book that graded.
    pub book: String,
    /// The version of the engine that graded.
    pub engine: String,
    /// Every firm, whether it could be graded or not.
    pub firms: Vec<GradedFirm>,
    /// The firms say which district they lie in.
    pub has_districts: bool,
    /// The firms say which facts are missing.
    pub has_missing: bool,
    /// The hazards as they were followed up on that day.
    pub hazards: Option<Vec<FollowedHazard>>,
}

impl Period {
    /// Firms by their id; of a firm that is there several times, the row of the worst tier.
    pub(super) fn by_id(&self) -> HashMap<&str, &GradedFirm> {
        let mut by_id: HashMap<&str, &GradedFirm> = HashMap::with_capacity(self.firms.len());
        for firm in &self.firms {
            let Some(id) = firm.id.as_deref() else { continue };
            let known = by_id.entry(id).or_insert(firm);
            if known.tier < firm.tier {
                *known = firm;
            }
        }
        by_id
    }
}
