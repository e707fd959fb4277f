//! Grades as judges of a mistake: takes the cases that state a grade, graded once, gives whether one would come out otherwise
//! if some rules came to something else.

use std::collections::BTreeMap;

use super::cases::{Cases, GradeCase};
use super::setting::Setting;
use super::states;
use super::trial::{Trial, Verdict};
use crate::expr::Scalar;
use crate::facts::Firm;
use crate::grade::{Bounds, Outcome, decide, to_value};
use crate::plan::one::Row;
use crate::plan::{Plan, PlanEffect};
use crate::{Grader, Points, RuleBook};

/// A case that states a grade, and holds.
pub(super) struct GradeTrial<'t> {
    case: &'t GradeCase,
    plan: &'t Plan,
    outcomes: Vec<Outcome>,
    points: Vec<Option<i64>>,
}

/// All cases that state a grade, and hold.
pub(super) struct GradeTrials<'t> {
    all: Vec<GradeTrial<'t>>,
    /// By sector: the measures and rules of the book that it has.
    rules: BTreeMap<usize, Vec<usize>>,
}

impl Cases {
    /// A grader for each setting that a grade is stated of.
    pub(super) fn graders(&self, book: &RuleBook) -> BTreeMap<Setting, Grader> {
        let mut graders = BTreeMap::new();
        for GradeCase { setting, .. } in &self.of_grades {
            if !graders.contains_key(setting) {
                graders.insert(setting.clone(), setting.book(book).as_of(setting.day));
            }
        }
        graders
    }
}

impl<'t> GradeTrials<'t> {
    pub(super) fn new(cases: &'t Cases, graders: &'t BTreeMap<Setting, Grader>) -> GradeTrials<'t> {
        let mut trials = GradeTrials { all: Vec::new(), rules: BTreeMap::new() };
        for case in &cases.of_grades {
            let Some(grader) = graders.get(&case.setting) else { continue };
            let Some(plan) = grader.plan(case.sector) else { continue };
            let assessment = grader.assess(plan, &case.firm.row(plan), Vec::new());
            let points = (0..plan.rules.len()).map(|at| assessment.points(at)).collect();
            let trial = GradeTrial { case, plan, outcomes: assessment.outcomes, points };
            if !trial.is_other(assessment.bounds) {
                trials.rules.entry(case.sector).or_insert_with(|| plan.rules.iter().map(|rule| rule.rule).collect());
                trials.all.push(trial);
            }
        }
        trials
    }

    /// Those that a mistake in what is tried could change.
    pub(super) fn of<'s>(&'s self, trial: &'s Trial<'_>) -> impl Iterator<Item = &'s GradeTrial<'t>> {
        let reads = |grade: &&GradeTrial<'t>| {
            let rules = self.rules.get(&grade.case.sector).map(Vec::as_slice).unwrap_or_default();
            trial.targets.iter().any(|target| rules.contains(&target.rule))
                || trial.measure.is_some() && !grade.case.wanted.measures.is_empty()
        };
        self.all.iter().filter(reads)
    }
}

impl GradeTrial<'_> {
    pub(super) fn setting(&self) -> &Setting {
        &self.case.setting
    }

    /// What a plan reads of the firm.
    pub(super) fn row<'r>(&'r self, plan: &'r Plan) -> Row<'r> {
        let firm: &'r Firm<'r> = &self.case.firm;
        firm.row(plan)
    }

    fn is_other(&self, bounds: Bounds) -> bool {
        let wanted = &self.case.wanted;
        let score = bounds.score.map(|(value, ..)| Points::from_thousandths(value).to_f64());
        bounds.tier != wanted.tier
            || wanted.best.is_some_and(|best| best != bounds.best)
            || wanted.worst.is_some_and(|worst| worst != bounds.worst)
            || wanted.score.is_some_and(|stated| Some(stated) != score)
    }

    /// Would the grade come out otherwise if some rules of the book came to something else, or a measure had another value?
    pub(super) fn notices(
        &self,
        verdicts: impl Iterator<Item = (usize, Verdict)>,
        measure: Option<(usize, &str, Scalar<'_>)>,
    ) -> bool {
        let mut changed = BTreeMap::new();
        for (rule, verdict) in verdicts {
            if let Some(at) = self.plan.rules.iter().position(|known| known.rule == rule) {
                changed.insert(at, verdict);
            }
        }
        let own = |at: usize| self.outcomes.get(at).copied().unwrap_or(Outcome::Undetermined);
        let outcome = |at: usize| changed.get(&at).map_or_else(|| own(at), |(outcome, _)| *outcome);
        let points = |at: usize| match changed.get(&at) {
            Some((_, points)) => *points,
            None => self.points.get(at).copied().flatten(),
        };
        self.is_other(decide(self.plan, outcome, points))
            || measure.is_some_and(|(at, name, value)| {
                self.plan.measures.iter().any(|(known, _)| *known == at) && self.states_another(name, value)
            })
    }

    fn states_another(&self, measure: &str, value: Scalar<'_>) -> bool {
        let stated = self.case.wanted.measures.get(measure);
        stated.is_some_and(|stated| !states(stated, to_value(value).as_ref()))
    }

    /// Would the grade come out otherwise if a rule of the book had another effect? Of points only how many counts.
    pub(super) fn notices_effect(&self, rule: usize, effect: PlanEffect) -> bool {
        let Some(at) = self.plan.rules.iter().position(|known| known.rule == rule) else { return false };
        if self.outcomes.get(at) == Some(&Outcome::Clear) {
            return false;
        }
        let mut plan = self.plan.without_nodes();
        if let Some(rule) = plan.rules.get_mut(at) {
            rule.effect = match (rule.effect, effect) {
                (PlanEffect::Points { item, sign, .. }, PlanEffect::Points { amount, .. }) => {
                    PlanEffect::Points { item, sign, amount }
                }
                (_, other) => other,
            };
        }
        let outcome = |at: usize| self.outcomes.get(at).copied().unwrap_or(Outcome::Undetermined);
        self.is_other(decide(&plan, outcome, |at| self.points.get(at).copied().flatten()))
    }
}
