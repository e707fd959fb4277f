//! Why a firm has its grade: each rule with its condition as written, what it read, and what came of it. Made from the
//! values of the evaluation that decided.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::grader::{Assessment, assumed, to_value};
use super::way_down::Standing;
use super::{Grade, Grader, Outcome, Wait, WayDown};
use crate::book::{Amount, Citation, Effect};
use crate::expr::graph::{Agg, AggKind};
use crate::expr::{FrameId, NodeId, Op, Scalar};
use crate::facts::{self, Firm};
use crate::plan::one::{ListRow, Row};
use crate::plan::{Plan, PlanList};
use crate::{GradeError, Label, Points, Site, Tier, Value};

/// A grade with the outcome of every rule.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Explanation {
    /// The grade itself.
    pub grade: Grade,
    /// Each sector of the firm.
    pub sectors: Vec<SectorExplanation>,
}

/// A firm in one sector.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SectorExplanation {
    /// The sector.
    pub sector: Arc<str>,
    /// The rules that put the firm into its tier: floors of that tier that fired, or, where the score alone did, the
    /// rules that took points the wrong way.
    pub decided_by: Vec<Arc<str>>,
    /// True if the band of the score gives the tier.
    pub by_score: bool,
    /// What it takes to come to each better tier, on record and for certain.
    pub way_down: Vec<WayDown>,
    /// Every rule in force, in the order of the book.
    pub rules: Vec<RuleExplanation>,
}

/// The outcome of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum RuleOutcome {
    /// The condition is true.
    Fired,
    /// The condition is false.
    Clear,
    /// The record does not say.
    Undetermined,
}

/// A rule and what came of it.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct RuleExplanation {
    /// The id of the rule.
    pub rule: Arc<str>,
    /// Index into [`RuleBook::rules`](crate::RuleBook::rules).
    #[serde(skip)]
    pub(crate) index: usize,
    /// The rule counts for the firm: nothing is wrong when it fires.
    pub merit: bool,
    /// Fired, clear or undetermined.
    pub outcome: RuleOutcome,
    /// What is wrong, when it fires.
    pub finding: Label,
    /// The condition, or the formula of its points, as it is written.
    pub condition: Arc<str>,
    /// The least tier that it demands, for a floor.
    pub tier: Option<Tier>,
    /// The points that it carries (before its item's cap), if it has fired or its points are fixed.
    pub points: Option<Points>,
    /// The facts that it read.
    pub read: Vec<FactRead>,
    /// The unknown facts that it waits for.
    pub waits_for: Vec<Wait>,
    /// Where it comes from.
    pub cite: Vec<Citation>,
    /// Where it is declared.
    pub site: Site,
}

/// A fact that a rule read.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct FactRead {
    /// The fact, list or measure.
    pub fact: Arc<str>,
    /// What it is.
    pub label: Label,
    /// Unit of measurement.
    pub unit: Option<Arc<str>>,
    /// Its value; none if unknown, or if it is a list.
    pub value: Option<Value>,
    /// For a list: how many items.
    pub items: Option<usize>,
    /// For a list that the rule asks whether some, all or how many of its items are so: the items that show the answer, at
    /// most twenty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "typescript", ts(as = "Option<Vec<ItemRead>>", optional))]
    pub shown_by: Vec<ItemRead>,
}

/// An item of a list that a rule read.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ItemRead {
    /// Its place in the list, from 0.
    pub item: usize,
    /// Its known values, by field.
    pub values: BTreeMap<Arc<str>, Value>,
}

/// So many items of a list are shown for a rule.
const MOST_ITEMS: usize = 20;

impl Grader {
    /// Grades a firm from JSON text and says why.
    ///
    /// # Errors
    /// As for [`Grader::grade_json`].
    pub fn explain_json(&self, json: &str) -> Result<Explanation, GradeError> {
        self.explain_firm(&facts::from_json(self.data(), &self.inner.reader, json)?)
    }

    /// Grades a firm from a record of your own type and says why.
    ///
    /// # Errors
    /// As for [`Grader::grade_json`].
    pub fn explain<T: Serialize>(&self, record: &T) -> Result<Explanation, GradeError> {
        self.explain_firm(&facts::from_record(self.data(), &self.inner.reader, record)?)
    }

    pub(crate) fn explain_firm(&self, firm: &Firm<'_>) -> Result<Explanation, GradeError> {
        let (plans, errors) = self.plans_of(firm)?;
        let data_errors = firm.errors(&plans);
        let mut sectors = Vec::with_capacity(plans.len());
        let mut parts = Vec::with_capacity(plans.len());
        for plan in plans {
            let row = firm.row(plan);
            let assessment = self.assess(plan, &row, assumed(firm, plan));
            sectors.push(self.explain_sector(&assessment, &row));
            let missing = assessment.missing();
            parts.push((assessment.grade, missing));
        }
        let grade = self.combine(firm.id.as_ref().map(ToString::to_string), parts, data_errors, errors);
        Ok(Explanation { grade, sectors })
    }

    pub(crate) fn explain_sector(&self, assessment: &Assessment<'_>, row: &Row<'_>) -> SectorExplanation {
        let book = self.data();
        let plan = assessment.plan;
        let mut rules = Vec::with_capacity(plan.rules.len());
        for (at, plan_rule) in plan.rules.iter().enumerate() {
            let Some(rule) = book.rules.get(plan_rule.rule) else { continue };
            let outcome = match assessment.outcomes.get(at) {
                Some(Outcome::Fired) => RuleOutcome::Fired,
                Some(Outcome::Clear) => RuleOutcome::Clear,
                _ => RuleOutcome::Undetermined,
            };
            let fired = assessment.grade.fired.iter().find(|fired| fired.rule == rule.id);
            let (tier, points, formula) = match &rule.effect {
                Effect::Floor(tier) => (Some(*tier), None, None),
                Effect::Points { deduct, amount: Amount::Fixed(points), .. } => {
                    let sign = if *deduct { -1 } else { 1 };
                    (None, Some(Points::from_thousandths(sign * points.thousandths())), None)
                }
                Effect::Points { amount: Amount::Computed(formula), .. } => {
                    (None, fired.and_then(|fired| fired.points), Some(Arc::clone(&formula.text)))
                }
            };
            rules.push(RuleExplanation {
                rule: Arc::clone(&rule.id),
                index: plan_rule.rule,
                merit: plan.is_merit(at),
                outcome,
                finding: rule.finding.clone(),
                condition: rule.condition.clone().or(formula).unwrap_or_default(),
                tier,
                points,
                read: self.facts_read(plan, plan_rule.outcome, assessment, row),
                waits_for: assessment.causes.get(&at).map(|cause| cause.waits()).unwrap_or_default(),
                cite: rule.cite.clone(),
                site: rule.site.clone(),
            });
        }
        let tier = assessment.bounds.tier;
        let at_floor = |rule: &&RuleExplanation| rule.outcome == RuleOutcome::Fired && rule.tier == Some(tier);
        let mut decided_by: Vec<Arc<str>> = rules.iter().filter(at_floor).map(|rule| Arc::clone(&rule.rule)).collect();
        let band = plan.scheme.as_ref().zip(assessment.bounds.score);
        let by_score = band.is_some_and(|(scheme, (score, ..))| super::bounds::band(scheme, score) == tier);
        if decided_by.is_empty() && by_score {
            let takes = |rule: &&RuleExplanation| rule.outcome == RuleOutcome::Fired && rule.points.is_some();
            decided_by = rules.iter().filter(takes).map(|rule| Arc::clone(&rule.rule)).collect();
        }
        let standing = Standing { book, plan, outcomes: &assessment.outcomes, points: |at| assessment.points(at) };
        let facts = |at: usize| {
            let cause = assessment.causes.get(&at);
            cause.map(|cause| cause.facts.keys().cloned().collect()).unwrap_or_default()
        };
        let way_down = standing.way_down(assessment.bounds.tier, assessment.bounds.worst, facts);
        SectorExplanation { sector: Arc::clone(&plan.id), decided_by, by_score, way_down, rules }
    }

    fn facts_read(&self, plan: &Plan, root: NodeId, assessment: &Assessment<'_>, row: &Row<'_>) -> Vec<FactRead> {
        let book = self.data();
        let mut facts = Vec::new();
        let mut lists = Vec::new();
        let mut shown: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        let mut measures = Vec::new();
        let mut seen = vec![false; plan.nodes.len()];
        let mut open = vec![root];
        while let Some(id) = open.pop() {
            match seen.get_mut(id.index()) {
                Some(seen) if !*seen => *seen = true,
                _ => continue,
            }
            let Some(node) = plan.node(id) else { continue };
            measures.extend(plan.measures.iter().filter(|(_, node)| *node == id && id != root).copied());
            match &node.op {
                Op::Fact(slot) => facts.push(*slot as usize),
                Op::ListKnown(slot) => lists.push(*slot as usize),
                Op::Up(a) => open.push(*a),
                Op::Agg(agg) => {
                    if let Some(slot) = plan.frames.get(agg.frame.index()).map(|frame| frame.list as usize) {
                        lists.push(slot);
                        if node.frame == FrameId::FIRM {
                            shown.entry(slot).or_default().extend(items_shown(agg, assessment));
                        }
                    }
                    open.extend(agg.filter.iter().chain(&agg.value));
                }
                other => open.extend(other.operands()),
            }
        }
        facts.sort_unstable();
        lists.sort_unstable();
        lists.dedup();
        let mut read = Vec::with_capacity(facts.len() + lists.len() + measures.len());
        for (index, node) in measures {
            let Some(measure) = book.measures.get(index) else { continue };
            read.push(FactRead {
                fact: Arc::clone(&measure.name),
                label: measure.label.clone(),
                unit: measure.unit.clone(),
                value: to_value(assessment.evaluation.value(node)),
                items: None,
                shown_by: Vec::new(),
            });
        }
        for slot in facts {
            let Some(spec) = plan.facts.get(slot).map(|fact| &fact.spec) else { continue };
            read.push(FactRead {
                fact: Arc::clone(&spec.name),
                label: spec.label.clone(),
                unit: spec.unit.clone(),
                value: row.facts.get(slot).and_then(|value| to_value(*value)),
                items: None,
                shown_by: Vec::new(),
            });
        }
        for slot in lists {
            let Some(spec) = plan.lists.get(slot) else { continue };
            let Some(list) = book.lists.get(spec.list) else { continue };
            let items = row.lists.get(slot).and_then(|list| list.as_ref());
            let shown = shown.get(&slot).into_iter().flatten().take(MOST_ITEMS);
            let item_read = |list: &ListRow<'_>, item: usize| ItemRead { item, values: values_of(spec, list, item) };
            read.push(FactRead {
                fact: Arc::clone(&list.name),
                label: list.label.clone(),
                unit: None,
                value: None,
                items: items.map(|list| list.len),
                shown_by: items.map(|list| shown.map(|item| item_read(list, *item)).collect()).unwrap_or_default(),
            });
        }
        read
    }
}

/// The items that a question to a list turns on: those for which it is true, or, of one that asks for all, false.
fn items_shown(agg: &Agg, assessment: &Assessment<'_>) -> Vec<usize> {
    let wanted = match agg.kind {
        AggKind::Some | AggKind::Count => true,
        AggKind::All => false,
        AggKind::Sum | AggKind::Max | AggKind::Min => return Vec::new(),
    };
    let (plan, evaluation) = (assessment.plan, &assessment.evaluation);
    // What is the same for every item has one value.
    let at = |id: NodeId, item: usize| match plan.node(id).map(|node| node.frame) {
        Some(FrameId::FIRM) => evaluation.value(id),
        _ => evaluation.items.get(id.index()).and_then(|items| items.get(item)).copied().unwrap_or(Scalar::Unknown),
    };
    let len = agg.filter.iter().chain(&agg.value).filter_map(|id| evaluation.items.get(id.index())).map(Vec::len).max();
    let is = |id: Option<NodeId>, item: usize, wanted: bool| id.is_none_or(|id| at(id, item) == Scalar::Bool(wanted));
    let shows = |item: &usize| is(agg.filter, *item, true) && is(agg.value, *item, wanted);
    (0..len.unwrap_or(0)).filter(shows).collect()
}

/// The known values of an item.
fn values_of(spec: &PlanList, list: &ListRow<'_>, item: usize) -> BTreeMap<Arc<str>, Value> {
    let fields = spec.fields.iter().zip(&list.fields);
    let known = |(field, values): (&crate::Fact, &Vec<Scalar<'_>>)| {
        Some((Arc::clone(&field.name), to_value(values.get(item).copied()?)?))
    };
    fields.filter_map(known).collect()
}
