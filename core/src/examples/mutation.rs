//! Would the examples notice a mistake? Takes a book and files of examples, makes every small mistake in the rules, one at a
//! time, and gives those that no case notices.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use super::cases::{Cases, RuleCase};
use super::coverage::percent;
use super::grades::GradeTrials;
use super::mutants::{Mutant, mutants, mutated};
use super::setting::Setting;
use super::trial::{Target, Trial, Verdict, value};
use super::values::{Closures, Values};
use super::words::Words;
use crate::book::{Amount, Effect};
use crate::expr::NodeId;
use crate::plan::one::{self, Evaluation, Row};
use crate::plan::{Plan, PlanAmount, PlanEffect};
use crate::{Date, Points, RuleBook, Site, Tier};

/// What became of the small mistakes that were made in a book.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Mutation {
    /// By rule, in the order of the book; then by measure.
    pub subjects: Vec<Mutated>,
}

/// A rule or a measure, and the mistakes that were made in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mutated {
    /// The id of the rule, or the name of the measure.
    pub name: Arc<str>,
    /// True for a measure. What rules read of it is tried once, with the cases of all of them.
    pub is_measure: bool,
    /// Where it is declared.
    pub site: Site,
    /// How many mistakes some case notices.
    pub killed: usize,
    /// How many change nothing for any firm: every combination of what the facts can be was tried, or they stand in a branch
    /// that the parameters never take. They count for nothing.
    pub equivalent: usize,
    /// The mistakes that no case notices.
    pub survived: Vec<SurvivingMutant>,
}

/// A mistake that no case notices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SurvivingMutant {
    /// What was changed, in the words of the rule language.
    pub from: String,
    /// What it was changed to.
    pub to: String,
}

impl fmt::Display for SurvivingMutant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` could be `{}`", self.from, self.to)
    }
}

impl Mutation {
    /// How many mistakes some case notices.
    pub fn killed(&self) -> usize {
        self.subjects.iter().map(|one| one.killed).sum()
    }

    /// How many mistakes change nothing for any firm.
    pub fn equivalent(&self) -> usize {
        self.subjects.iter().map(|one| one.equivalent).sum()
    }

    /// How many mistakes no case notices.
    pub fn survived(&self) -> usize {
        self.subjects.iter().map(|one| one.survived.len()).sum()
    }

    /// The share of mistakes that some case notices, in percent, without those that change nothing; 100 where there are none.
    pub fn percent(&self) -> f64 {
        percent(self.killed(), self.killed() + self.survived())
    }
}

impl RuleBook {
    /// Makes every small mistake in the rules of this book, one at a time (a `<` that should be `<=`, a number one too high,
    /// `||` for `&&`, another tier), and gives those that no case of some files of examples (name and JSON text) notices.
    ///
    /// A case notices a mistake if something comes out otherwise than its file says: of a rule that it names the outcome, the
    /// `tier` or the `points`; of a grade what is stated of it.
    ///
    /// ```
    /// # use risktier::RuleBook;
    /// # let book = RuleBook::from_sources([("s.rhai", r#"
    /// #     role("p", #{ en: "P", zh: "P" });
    /// #     sector("shops", #{ name: #{ en: "Shops", zh: "商店" } });
    /// #     fact("exits", INT, #{ en: "Exits", zh: "出口", unit: "exits", min: 0 });
    /// #     rule("S-1", #{ risk: #{ en: "r", zh: "r" }, finding: #{ en: "f", zh: "f" }, when: |firm| firm.exits < 2,
    /// #         tier: RED, cite: own("an example"), since: date(2020, 1, 1), control: #{ en: "c", zh: "c" },
    /// #         owner: "p", days: 0 });
    /// # "#)]).unwrap();
    /// // The rule asks `firm.exits < 2`, and makes a firm red.
    /// let mutation = book.mutation([("s.examples.json", r#"{
    ///     "sector": "shops", "as_of": "2026-11-01", "sound": { "exits": 3 },
    ///     "rules": [{ "rule": "S-1", "tier": "red", "fires": [{ "exits": 1 }], "clear": [{}] }]
    /// }"#)]);
    /// let survived: Vec<String> = mutation.subjects[0].survived.iter().map(ToString::to_string).collect();
    /// assert_eq!(survived, ["`firm.exits < 2` could be `firm.exits <= 2`", "`firm.exits < 2` could be `firm.exits < 3`"]);
    /// ```
    pub fn mutation<'t>(&self, files: impl IntoIterator<Item = (&'t str, &'t str)>) -> Mutation {
        let cases = Cases::read(self, files);
        let graders = cases.graders(self);
        let grades = GradeTrials::new(&cases, &graders);
        let mut subjects = Vec::with_capacity(self.rules().len());
        for (at, rule) in self.rules().iter().enumerate() {
            let Some(trial) = Trial::of_rule(&self.data, at) else { continue };
            let mut bench = Bench::new(&trial, &cases, &grades);
            let mut subject = bench.run(Arc::clone(&rule.id), rule.site.clone());
            bench.effects(at, &mut subject);
            subjects.push(subject);
        }
        for (at, measure) in self.measures().iter().enumerate() {
            let Some(trial) = Trial::of_measure(&self.data, at, &self.rules_reading(at)) else { continue };
            subjects.push(Bench::new(&trial, &cases, &grades).run(Arc::clone(&measure.name), measure.site.clone()));
        }
        Mutation { subjects }
    }

    pub(super) fn rules_reading(&self, measure: usize) -> Vec<usize> {
        let Some(measure) = self.measures().get(measure) else { return Vec::new() };
        let reads =
            |rule: &crate::Rule| self.data.graph.reachable(rule.nodes()).get(measure.node.index()) == Some(&true);
        self.rules().iter().enumerate().filter(|(_, rule)| reads(rule)).map(|(at, _)| at).collect()
    }
}

/// A trial, and the cases that can notice a mistake in it.
pub(super) struct Bench<'t, 'b> {
    pub(super) trial: &'t Trial<'b>,
    grades: &'t GradeTrials<'t>,
    pub(super) plans: BTreeMap<Setting, Plan>,
    cases: Vec<BenchCase<'t>>,
}

struct BenchCase<'t> {
    case: &'t RuleCase,
    target: Target,
    row: Row<'t>,
}

/// What the points of a rule are in thousandths, with their sign.
pub(super) fn points(trial: &Trial<'_>, target: &Target, verdict: Verdict) -> Option<i64> {
    match trial.book.rules.get(target.rule).map(|rule| &rule.effect) {
        Some(Effect::Points { deduct, amount, .. }) => {
            let sign = if *deduct { -1 } else { 1 };
            match amount {
                Amount::Fixed(points) => Some(sign * points.thousandths()),
                Amount::Computed(_) => verdict.1.map(|points| sign * points),
            }
        }
        _ => None,
    }
}

impl<'t, 'b> Bench<'t, 'b> {
    pub(super) fn new(trial: &'t Trial<'b>, cases: &'t Cases, grades: &'t GradeTrials<'t>) -> Bench<'t, 'b> {
        let mut bench = Bench { trial, grades, plans: BTreeMap::new(), cases: Vec::new() };
        for target in &trial.targets {
            for case in cases.of_rules.get(&target.rule).map(Vec::as_slice).unwrap_or_default() {
                bench.set(&case.setting);
                bench.cases.push(BenchCase { case, target: *target, row: case.firm.row(&trial.plan) });
            }
        }
        for grade in grades.of(trial) {
            bench.set(grade.setting());
        }
        // A case that does not hold as it is notices nothing.
        let plans = &bench.plans;
        let holds = |one: &BenchCase<'t>| {
            plans.get(&one.case.setting).is_some_and(|plan| {
                let evaluation = one::run(trial.book, plan, &one.row);
                !notices(trial, one.case, &one.target, one.target.verdict(&evaluation))
            })
        };
        bench.cases.retain(holds);
        bench
    }

    fn set(&mut self, setting: &Setting) {
        if !self.plans.contains_key(setting) {
            self.plans.insert(setting.clone(), self.trial.on(setting));
        }
    }

    fn run(&mut self, name: Arc<str>, site: Site) -> Mutated {
        let is_measure = self.trial.measure.is_some();
        let mut subject = Mutated { name, is_measure, site, killed: 0, equivalent: 0, survived: Vec::new() };
        for mutant in mutants(self.trial) {
            if self.is_killed(&mutant) {
                subject.killed += 1;
            } else if self.is_equivalent(&mutant) {
                subject.equivalent += 1;
            } else {
                subject.survived.extend(self.describe(&mutant));
            }
        }
        subject
    }

    /// The mutants that no case notices and that some firm may.
    pub(super) fn surviving(&self) -> Vec<Mutant> {
        let survives = |mutant: &Mutant| !self.is_killed(mutant) && !self.is_equivalent(mutant);
        mutants(self.trial).into_iter().filter(survives).collect()
    }

    pub(super) fn describe(&self, mutant: &Mutant) -> Option<SurvivingMutant> {
        let none = Setting::of_day(Date::EPOCH);
        let setting = self.plans.keys().next().unwrap_or(&none);
        let plan = mutated(self.trial, &self.trial.plan, mutant, setting)?;
        let before = Words { trial: self.trial, plan: &self.trial.plan, inserted: None };
        let after = Words { trial: self.trial, plan: &plan, inserted: Some(mutant.at.index()) };
        Some(SurvivingMutant { from: before.inside(mutant.at), to: after.inside(NodeId(mutant.at.0 + 1)) })
    }

    fn is_killed(&self, mutant: &Mutant) -> bool {
        for (setting, plan) in &self.plans {
            let Some(plan) = mutated(self.trial, plan, mutant, setting) else { continue };
            let is_noticed = |one: &BenchCase<'_>| {
                let target = shifted(&one.target, mutant);
                let evaluation = one::run(self.trial.book, &plan, &one.row);
                notices(self.trial, one.case, &target, target.verdict(&evaluation))
            };
            if self.cases.iter().filter(|one| one.case.setting == *setting).any(is_noticed) {
                return true;
            }
            let measure = self.trial.measure.map(|measure| NodeId(measure.0 + 1));
            for grade in self.grades.of(self.trial).filter(|grade| grade.setting() == setting) {
                let row = grade.row(&self.trial.plan);
                let evaluation = one::run(self.trial.book, &plan, &row);
                let verdict = |target: &Target| (target.rule, shifted(target, mutant).verdict(&evaluation));
                let verdicts = self.trial.targets.iter().map(verdict);
                let measure =
                    measure.and_then(|node| self.measure().map(|(at, name)| (at, name, evaluation.value(node))));
                if grade.notices(verdicts, measure) {
                    return true;
                }
            }
        }
        false
    }

    fn measure(&self) -> Option<(usize, &str)> {
        // The node on top of the measure hands on the value of its own.
        let top = self.trial.plan.node(self.trial.measure?)?;
        let at = self.trial.measures.get(top.op.all_operands().first()?).copied()?;
        Some((at, &self.trial.book.measures.get(at)?.name))
    }

    /// Is there no firm for which the mutant makes a difference? Only said where every combination of values was tried.
    fn is_equivalent(&self, mutant: &Mutant) -> bool {
        let is_same = |(setting, plan): (&Setting, &Plan)| self.is_equivalent_with(setting, plan, mutant);
        !self.plans.is_empty() && self.plans.iter().all(is_same)
    }

    fn is_equivalent_with(&self, setting: &Setting, plan: &Plan, mutant: &Mutant) -> bool {
        let Some(changed) = mutated(self.trial, plan, mutant, setting) else { return false };
        let is_dead = self.trial.live(plan).get(mutant.at.index()) == Some(&false);
        if is_dead || self.is_same_of_items(plan, &changed, mutant) {
            return true;
        }
        let values = Values::of(self.trial.book, plan).and(&Values::of(self.trial.book, &changed));
        let mut differs = false;
        let tried = values.every(plan, |row| {
            let before = one::run(self.trial.book, plan, row);
            let after = one::run(self.trial.book, &changed, row);
            differs = self.differs(&before, &after, mutant);
            !differs
        });
        tried && !differs
    }

    /// Are the aggregates over a list told the same of an item, whatever it is? For a mutant inside a closure.
    fn is_same_of_items(&self, plan: &Plan, changed: &Plan, mutant: &Mutant) -> bool {
        let place = NodeId(mutant.at.0 + 1);
        let (Some(before), Some(after)) = (Closures::around(plan, mutant.at), Closures::around(changed, place)) else {
            return false;
        };
        let of_after = Values::of_items(self.trial.book, changed, &after);
        let values = Values::of_items(self.trial.book, plan, &before).and(&of_after);
        let mut differs = false;
        let tried = values.every(plan, |row| {
            let (old, new) = (one::run(self.trial.book, plan, row), one::run(self.trial.book, changed, row));
            let pairs = before.roots.iter().zip(&after.roots);
            differs = pairs.into_iter().any(|(a, b)| value(plan, &old, *a, 0) != value(changed, &new, *b, 0));
            !differs
        });
        tried && !differs
    }

    /// Does a rule, or the measure, come to something else?
    pub(super) fn differs(&self, before: &Evaluation<'_>, after: &Evaluation<'_>, mutant: &Mutant) -> bool {
        let of_rule = |target: &Target| target.verdict(before) != shifted(target, mutant).verdict(after);
        let of_measure = |node: NodeId| before.value(node) != after.value(NodeId(node.0 + 1));
        self.trial.targets.iter().any(of_rule) || self.trial.measure.is_some_and(of_measure)
    }

    /// Mistakes in the effect of a rule.
    fn effects(&self, rule: usize, subject: &mut Mutated) {
        let Some(effect) = self.trial.book.rules.get(rule).map(|rule| &rule.effect) else { return };
        let states_points = self.cases.iter().any(|one| one.case.points.is_some());
        let states_tier = self.cases.iter().any(|one| one.case.tier.is_some());
        let mut tried = |stated: bool, plan_effect: PlanEffect, from: String, to: String| {
            if stated || self.grades.of(self.trial).any(|grade| grade.notices_effect(rule, plan_effect)) {
                subject.killed += 1;
            } else {
                subject.survived.push(SurvivingMutant { from, to });
            }
        };
        match effect {
            Effect::Floor(tier) => {
                for other in Tier::ALL.into_iter().filter(|other| other.distance(*tier) == 1) {
                    tried(states_tier, PlanEffect::Floor(other), format!("tier {tier}"), format!("tier {other}"));
                }
            }
            Effect::Points { amount: Amount::Fixed(points), deduct, .. } => {
                let sign = if *deduct { -1 } else { 1 };
                for by in [-1000, 1000] {
                    let other = points.thousandths() + by;
                    let moved = PlanEffect::Points { item: 0, sign, amount: PlanAmount::Fixed(other) };
                    let words = |points: i64| format!("{} points", Points::from_thousandths(sign * points));
                    tried(states_points, moved, words(points.thousandths()), words(other));
                }
            }
            Effect::Points { .. } => {}
        }
    }
}

/// Where the top of a rule lies in a plan that has one node more.
pub(super) fn shifted(target: &Target, mutant: &Mutant) -> Target {
    let shift = |id: NodeId| if id >= mutant.at { NodeId(id.0 + 1) } else { id };
    Target { rule: target.rule, outcome: shift(target.outcome), points: target.points.map(shift) }
}

/// Does a rule come to something else than its case says?
fn notices(trial: &Trial<'_>, case: &RuleCase, target: &Target, verdict: Verdict) -> bool {
    let is_other = |stated: Points| points(trial, target, verdict) != Some(stated.thousandths());
    verdict.0 != case.wanted || case.points.is_some_and(is_other) || states_another_tier(trial, case, target)
}

fn states_another_tier(trial: &Trial<'_>, case: &RuleCase, target: &Target) -> bool {
    let Some(stated) = case.tier else { return false };
    let rule = trial.book.rules.get(target.rule);
    !matches!(rule.map(|rule| &rule.effect), Some(Effect::Floor(tier)) if *tier == stated)
}
