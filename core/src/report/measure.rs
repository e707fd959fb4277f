//! What an indicator can count: each a share, a rate or a mean, as what is counted over what it is counted of.

use serde::{Deserialize, Serialize};

use super::counts::{self, TierCounts};
use super::forecast::{self, ForecastEntry};
use super::migration::{Migration, Rules};
use super::period::Period;
use crate::lang::say;
use crate::{FollowState, FollowedHazard, Lang, RuleBook, Tier};

/// What an indicator counts.
///
/// Of firms "graded" are those that have a tier; of hazards "open" are those that are neither closed nor of a withdrawn rule,
/// and "past the deadline" also those that cannot be verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// Red firms of those graded.
    RedShare,
    /// Orange firms of those graded.
    OrangeShare,
    /// Blue firms of those graded.
    BlueShare,
    /// Firms in red that their record does not rule out, though they are graded better, of those graded.
    PossiblyRedShare,
    /// Graded firms whose tier unknowns can change, of those graded.
    UnsettledShare,
    /// Firms that could not be graded, of all.
    UngradedShare,
    /// Firms with something that could not be read, of all.
    ErrorShare,
    /// Findings a graded firm.
    FindingsPerFirm,
    /// Findings that demand red by themselves, a hundred graded firms.
    RedFindingsPer100,
    /// Rules that the record leaves open, a graded firm.
    OpenRulesPerFirm,
    /// Red firms of those graded in key fields.
    KeyFieldRedShare,
    /// Sectors with a red firm, of those with a graded one.
    SectorsWithRedShare,
    /// Red firms of those graded in the district where that share is the largest.
    WorstDistrictRedShare,
    /// Firms with a worse tier than in the period before, of those graded in both.
    WorsenedShare,
    /// Firms with a better tier than in the period before, of those graded in both.
    ImprovedShare,
    /// Firms that became red, of those graded.
    NewRedShare,
    /// Firms that are red no longer, of those that were and are graded still.
    LiftedRedShare,
    /// Open major hazards, a hundred graded firms.
    MajorsPer100,
    /// Firms with an open major hazard, of those graded.
    FirmsWithMajorShare,
    /// Open hazards past their deadline, of those with one.
    OverdueShare,
    /// Open major hazards past their deadline, of those with one.
    MajorOverdueShare,
    /// Days past the deadline, a hazard that is so.
    MeanDaysLate,
    /// Hazards closed this period, of those and the open ones of before that could be.
    ClosedShare,
    /// Hazards closed this period within their time, of those closed with a deadline.
    ClosedInTimeShare,
    /// Days that hazards took which were closed this period, each.
    MeanDaysToClose,
    /// Hazards that were reopened, of those reopened now and those that stayed closed.
    ReopenedShare,
    /// Open hazards of which nothing is known now, of those open.
    UnverifiedShare,
    /// Firms that the forecast sees in a worse tier, of those graded.
    ForecastWorseShare,
}

/// What is counted, and of how many.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Ratio {
    pub(super) part: u64,
    pub(super) of: u64,
    scale: f64,
}

impl Ratio {
    /// None where there is nothing to count of.
    fn new(part: u64, of: u64, scale: f64) -> Option<Ratio> {
        (of > 0).then_some(Ratio { part, of, scale })
    }

    fn share(part: u64, of: u64) -> Option<Ratio> {
        Ratio::new(part, of, 100.0)
    }

    pub(super) fn value(self) -> f64 {
        self.part as f64 * self.scale / self.of as f64
    }
}

/// What a measure looks at.
pub(super) struct Sight<'s> {
    pub(super) now: &'s Period,
    pub(super) counts: TierCounts,
    pub(super) migration: Option<&'s Migration>,
    /// Only where it was made for this period.
    pub(super) forecast: Option<&'s [ForecastEntry]>,
    pub(super) book: &'s RuleBook,
    pub(super) rules: &'s Rules<'s>,
}

impl Measure {
    /// The unit of its values.
    pub fn unit(self, lang: Lang) -> &'static str {
        match self {
            Measure::FindingsPerFirm | Measure::OpenRulesPerFirm => say(lang, "a firm", "项/家"),
            Measure::RedFindingsPer100 | Measure::MajorsPer100 => say(lang, "a hundred firms", "项/百家"),
            Measure::MeanDaysLate | Measure::MeanDaysToClose => say(lang, "days", "天"),
            _ => "%",
        }
    }

    /// What it comes to; none where the period does not say, or there is nothing to count of.
    pub(super) fn of(self, sight: &Sight<'_>) -> Option<Ratio> {
        let (firms, graded) = (&sight.now.firms, sight.counts.graded());
        let tier = |tier: Tier| sight.counts.in_tier(tier);
        let rules = sight.rules;
        match self {
            Measure::RedShare => Ratio::share(tier(Tier::Red), graded),
            Measure::OrangeShare => Ratio::share(tier(Tier::Orange), graded),
            Measure::BlueShare => Ratio::share(tier(Tier::Blue), graded),
            Measure::PossiblyRedShare => {
                let is = |firm: &&super::GradedFirm| {
                    firm.tier.is_some_and(|tier| tier < Tier::Red) && firm.worst == Some(Tier::Red)
                };
                Ratio::share(firms.iter().filter(is).count() as u64, graded)
            }
            Measure::UnsettledShare => Ratio::share(graded.saturating_sub(sight.counts.settled), graded),
            Measure::UngradedShare => Ratio::share(sight.counts.ungraded, sight.counts.firms),
            Measure::ErrorShare => Ratio::share(sight.counts.with_errors, sight.counts.firms),
            Measure::FindingsPerFirm => {
                let found = firms.iter().flat_map(|firm| &firm.fired).filter(|rule| rules.is_finding(rule));
                Ratio::new(found.count() as u64, graded, 1.0)
            }
            Measure::RedFindingsPer100 => {
                let found = firms.iter().flat_map(|firm| &firm.fired).filter(|rule| rules.demands_red(rule));
                Ratio::share(found.count() as u64, graded)
            }
            Measure::OpenRulesPerFirm => {
                Ratio::new(firms.iter().map(|firm| firm.undetermined.len() as u64).sum(), graded, 1.0)
            }
            Measure::KeyFieldRedShare => {
                let groups = counts::by_key_field(sight.now, None, sight.book);
                let in_key_fields = groups.iter().filter(|group| !group.id.is_empty());
                let (red, graded) = in_key_fields.fold((0, 0), |(red, graded), group| {
                    (red + group.now.in_tier(Tier::Red), graded + group.now.graded())
                });
                Ratio::share(red, graded)
            }
            Measure::SectorsWithRedShare => {
                let groups = counts::by_sector(sight.now, None, sight.book);
                let graded = groups.iter().filter(|group| group.now.graded() > 0);
                let (with_red, all) = graded
                    .fold((0, 0), |(red, all), group| (red + u64::from(group.now.in_tier(Tier::Red) > 0), all + 1));
                Ratio::share(with_red, all)
            }
            Measure::WorstDistrictRedShare => {
                let groups = sight.now.has_districts.then(|| counts::by_district(sight.now, None))?;
                let named = groups.iter().filter(|group| !group.id.is_empty());
                let shares = named.filter_map(|group| Ratio::share(group.now.in_tier(Tier::Red), group.now.graded()));
                shares.max_by(|a, b| a.value().total_cmp(&b.value()))
            }
            Measure::WorsenedShare => {
                let moved = sight.migration?;
                Ratio::share(moved.worse, moved.worse + moved.better + moved.same)
            }
            Measure::ImprovedShare => {
                let moved = sight.migration?;
                Ratio::share(moved.better, moved.worse + moved.better + moved.same)
            }
            Measure::NewRedShare => Ratio::share(sight.migration?.new_reds.len() as u64, graded),
            Measure::LiftedRedShare => {
                let [.., was_red, _, _] = sight.migration?.matrix;
                let [blue, yellow, orange, red, _, _] = was_red;
                Ratio::share(blue + yellow + orange, blue + yellow + orange + red)
            }
            Measure::ForecastWorseShare => {
                let warnings = forecast::warnings(sight.forecast?, sight.now.as_of);
                let firms: std::collections::BTreeSet<&str> =
                    warnings.iter().map(|entry| entry.firm.as_str()).collect();
                Ratio::share(firms.len() as u64, graded)
            }
            of_hazards => of_hazards.of_hazards(sight.now.hazards.as_deref()?, sight, graded),
        }
    }

    fn of_hazards(self, hazards: &[FollowedHazard], sight: &Sight<'_>, graded: u64) -> Option<Ratio> {
        let as_of = sight.now.as_of;
        let count = |is: &dyn Fn(&FollowedHazard) -> bool| hazards.iter().filter(|hazard| is(hazard)).count() as u64;
        let open = |hazard: &FollowedHazard| hazard.state.is_open();
        let major = |hazard: &FollowedHazard| hazard.state.is_open() && hazard.major;
        let closed_now =
            |hazard: &FollowedHazard| hazard.state == FollowState::Closed && hazard.closed_on == Some(as_of);
        match self {
            Measure::MajorsPer100 => Ratio::share(count(&major), graded),
            Measure::FirmsWithMajorShare => {
                let firms = hazards.iter().filter(|hazard| major(hazard)).map(|hazard| hazard.firm.as_str());
                Ratio::share(firms.collect::<std::collections::BTreeSet<_>>().len() as u64, graded)
            }
            Measure::OverdueShare => {
                Ratio::share(count(&FollowedHazard::is_overdue), count(&|hazard| open(hazard) && hazard.due.is_some()))
            }
            Measure::MajorOverdueShare => Ratio::share(
                count(&|hazard| hazard.is_overdue() && hazard.major),
                count(&|hazard| major(hazard) && hazard.due.is_some()),
            ),
            Measure::MeanDaysLate => {
                let late = hazards.iter().filter(|hazard| hazard.is_overdue());
                let (days, all) =
                    late.fold((0, 0), |(days, all), hazard| (days + u64::from(hazard.late_days), all + 1));
                Ratio::new(days, all, 1.0)
            }
            Measure::ClosedShare => {
                let closed = count(&closed_now);
                let could_be = |hazard: &FollowedHazard| {
                    open(hazard) && !hazard.lasting && !matches!(hazard.state, FollowState::New | FollowState::Reopened)
                };
                Ratio::share(closed, closed + count(&could_be))
            }
            Measure::ClosedInTimeShare => {
                let with_deadline = |hazard: &FollowedHazard| closed_now(hazard) && hazard.due.is_some();
                let in_time = |hazard: &FollowedHazard| with_deadline(hazard) && hazard.late_days == 0;
                Ratio::share(count(&in_time), count(&with_deadline))
            }
            Measure::MeanDaysToClose => {
                let took = |hazard: &FollowedHazard| {
                    u64::try_from(i64::from(as_of.days()) - i64::from(hazard.opened.days())).unwrap_or(0)
                };
                let closed = hazards.iter().filter(|hazard| closed_now(hazard));
                let (days, all) = closed.fold((0, 0), |(days, all), hazard| (days + took(hazard), all + 1));
                Ratio::new(days, all, 1.0)
            }
            Measure::ReopenedShare => {
                let reopened = count(&|hazard| hazard.state == FollowState::Reopened);
                Ratio::share(
                    reopened,
                    reopened + count(&|hazard| hazard.state == FollowState::Closed && !closed_now(hazard)),
                )
            }
            Measure::UnverifiedShare => {
                let unknown =
                    [FollowState::Unverified, FollowState::NoLists, FollowState::FirmAbsent, FollowState::SectorLeft];
                Ratio::share(count(&|hazard| unknown.contains(&hazard.state)), count(&open))
            }
            _ => None,
        }
    }
}
