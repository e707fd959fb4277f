//! The grader: a book on a grading date.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, OnceLock};

use super::reasons::{Cause, Causes};
use super::record::*;
use super::{Bounds, Outcome, decide};
use crate::book::BookData;
use crate::expr::Scalar;
use crate::facts::{self, Firm, Reader};
use crate::plan::one::{self, Evaluation, Row};
use crate::plan::{Days, Plan, PlanAmount, PlanEffect};
use crate::{Date, ENGINE_VERSION, FirmError, GradeError, Points, RuleBook, Tier, Value, nearest};

/// A [`RuleBook`] on a grading date: grades firms. Cheap to clone, and free to cross threads.
#[derive(Clone)]
pub struct Grader {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    book: RuleBook,
    pub(crate) as_of: Date,
    /// The last day that its plans look ahead to; of a grader, the grading date itself.
    until: Date,
    pub(crate) reader: Reader,
    sectors: HashMap<Arc<str>, usize>,
    /// By sector; made when a firm of it is first graded.
    plans: Vec<OnceLock<Option<Plan>>>,
}

impl fmt::Debug for Grader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Grader").field("book", &self.inner.book).field("as_of", &self.inner.as_of).finish()
    }
}

/// A firm in one sector, evaluated: everything that the grade and its explanation are made from.
pub(crate) struct Assessment<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) bounds: Bounds,
    pub(crate) outcomes: Vec<Outcome>,
    pub(crate) evaluation: Evaluation<'a>,
    /// Of undetermined rules.
    pub(crate) causes: BTreeMap<usize, Cause>,
    pub(crate) grade: SectorGrade,
}

impl Grader {
    pub(crate) fn new(book: RuleBook, as_of: Date) -> Grader {
        Grader::ahead(book, as_of, as_of)
    }

    /// A grader whose plans also know what comes to pass up to a later day.
    pub(crate) fn ahead(book: RuleBook, as_of: Date, until: Date) -> Grader {
        let data = &book.data;
        let sectors = data.sectors.iter().enumerate().map(|(at, sector)| (Arc::clone(&sector.id), at)).collect();
        let inner = Inner {
            reader: Reader::new(data),
            plans: data.sectors.iter().map(|_| OnceLock::new()).collect(),
            sectors,
            as_of,
            until,
            book,
        };
        Grader { inner: Arc::new(inner) }
    }

    /// The book.
    pub fn book(&self) -> &RuleBook {
        &self.inner.book
    }

    /// The grading date.
    pub fn as_of(&self) -> Date {
        self.inner.as_of
    }

    /// What goes into every grade to say what made it.
    pub fn identity(&self) -> Identity {
        Identity { book: Arc::clone(&self.data().hash), engine: ENGINE_VERSION, as_of: self.inner.as_of }
    }

    /// Grades a firm from JSON text: `{"sector": "...", FACT: VALUE, ...}`. `sector` may be an array, or several ids
    /// with `;` between; `id` is handed through. Keys that the book does not know are passed over.
    ///
    /// # Errors
    /// If the text is not a JSON object, or names no sector of the book. A value that does not fit its fact is no
    /// error here: it counts as unknown, and stands in [`Grade::data_errors`].
    pub fn grade_json(&self, json: &str) -> Result<Grade, GradeError> {
        let firm = facts::from_json(self.data(), &self.inner.reader, json)?;
        Ok(self.grade_firm(&firm)?)
    }

    /// Grades a firm from a JSON tree.
    ///
    /// # Errors
    /// As for [`Grader::grade_json`].
    pub fn grade_value(&self, value: &serde_json::Value) -> Result<Grade, GradeError> {
        let firm = facts::from_value(self.data(), &self.inner.reader, value)?;
        Ok(self.grade_firm(&firm)?)
    }

    /// Grades a firm from a record of your own type: a struct, or a map from text.
    ///
    /// # Errors
    /// As for [`Grader::grade_json`].
    pub fn grade<T: serde::Serialize>(&self, record: &T) -> Result<Grade, GradeError> {
        let firm = facts::from_record(self.data(), &self.inner.reader, record)?;
        Ok(self.grade_firm(&firm)?)
    }

    pub(crate) fn data(&self) -> &BookData {
        &self.inner.book.data
    }

    pub(crate) fn sector_index(&self, id: &str) -> Option<usize> {
        self.inner.sectors.get(id).copied()
    }

    pub(crate) fn plan(&self, sector: usize) -> Option<&Plan> {
        let slot = self.inner.plans.get(sector)?;
        slot.get_or_init(|| Plan::new(self.data(), sector, self.days())).as_ref()
    }

    pub(crate) fn days(&self) -> Days {
        Days { first: self.inner.as_of, last: self.inner.until }
    }

    pub(crate) fn unknown_sector(&self, sector: &str) -> FirmError {
        let nearest = nearest(sector, self.data().sectors.iter().map(|sector| &*sector.id));
        FirmError::UnknownSector { sector: sector.to_owned(), nearest }
    }

    /// The plans of a firm's sectors, and what is wrong with the others.
    pub(crate) fn plans_of(&self, firm: &Firm<'_>) -> Result<(Vec<&Plan>, Vec<FirmError>), FirmError> {
        let mut plans = Vec::with_capacity(firm.sectors.len());
        let mut errors = Vec::new();
        for sector in &firm.sectors {
            match self.sector_index(sector).and_then(|at| self.plan(at)) {
                Some(plan) => plans.push(plan),
                None => errors.push(self.unknown_sector(sector)),
            }
        }
        if plans.is_empty() {
            return Err(errors.into_iter().next().unwrap_or(FirmError::NoSector));
        }
        Ok((plans, errors))
    }

    pub(crate) fn grade_firm(&self, firm: &Firm<'_>) -> Result<Grade, FirmError> {
        let (plans, errors) = self.plans_of(firm)?;
        let data_errors = firm.errors(&plans);
        let mut parts = Vec::with_capacity(plans.len());
        for plan in plans {
            let row = firm.row(plan);
            let assumed = assumed(firm, plan);
            let assessment = self.assess(plan, &row, assumed);
            let missing = assessment.missing();
            parts.push((assessment.grade, missing));
        }
        Ok(self.combine(firm.id.as_ref().map(ToString::to_string), parts, data_errors, errors))
    }

    /// One grade from those in each sector: the worst decides.
    pub(crate) fn combine(
        &self,
        id: Option<String>,
        parts: Vec<(SectorGrade, Vec<Missing>)>,
        data_errors: Vec<crate::DataError>,
        errors: Vec<FirmError>,
    ) -> Grade {
        let over =
            |pick: fn(&SectorGrade) -> Tier| parts.iter().map(|(grade, _)| pick(grade)).max().unwrap_or(Tier::Red);
        let (tier, best) = (over(|grade| grade.tier), over(|grade| grade.best));
        let worst = if errors.is_empty() { over(|grade| grade.worst) } else { Tier::Red };
        let first_worst = parts.iter().find(|(grade, _)| grade.tier == tier);
        let decided_by = first_worst.map_or_else(|| "".into(), |(grade, _)| Arc::clone(&grade.sector));
        let missing = if best == worst { Vec::new() } else { combine_missing(&parts, !errors.is_empty()) };
        Grade {
            id,
            tier,
            best,
            worst,
            settled: best == worst,
            decided_by,
            sectors: parts.into_iter().map(|(grade, _)| grade).collect(),
            data_errors,
            errors,
            missing,
            identity: self.identity(),
        }
    }

    pub(crate) fn assess<'a>(&'a self, plan: &'a Plan, row: &Row<'a>, assumed: Vec<Arc<str>>) -> Assessment<'a> {
        let book = self.data();
        let evaluation = one::run(book, plan, row);
        let outcomes: Vec<Outcome> = plan
            .rules
            .iter()
            .map(|rule| match evaluation.value(rule.outcome) {
                Scalar::Bool(true) => Outcome::Fired,
                Scalar::Bool(false) => Outcome::Clear,
                _ => Outcome::Undetermined,
            })
            .collect();
        let points = |at: usize| computed_points(plan, &evaluation, at);
        let bounds = decide(plan, |at| outcomes.get(at).copied().unwrap_or(Outcome::Undetermined), points);

        let causes = Causes { plan, evaluation: &evaluation };
        let mut fired = Vec::new();
        let mut undetermined = Vec::new();
        let mut faults = Vec::new();
        let mut by_rule = BTreeMap::new();
        for (at, (rule, outcome)) in plan.rules.iter().zip(&outcomes).enumerate() {
            match outcome {
                Outcome::Clear => {}
                Outcome::Fired => {
                    let (tier, thousandths) = match rule.effect {
                        PlanEffect::Floor(tier) => (Some(tier), None),
                        PlanEffect::Points { sign, amount: PlanAmount::Fixed(amount), .. } => {
                            (None, Some(sign * amount))
                        }
                        PlanEffect::Points { sign, .. } => (None, points(at).map(|amount| sign * amount)),
                    };
                    fired.push(Fired {
                        rule: Arc::clone(&rule.id),
                        tier,
                        points: thousandths.map(Points::from_thousandths),
                    });
                }
                Outcome::Undetermined => {
                    let cause = causes.of(rule.outcome);
                    causes.faults(Some(at), &rule.id, &cause, &mut faults);
                    undetermined.push(Undetermined { rule: Arc::clone(&rule.id), waits_for: cause.waits() });
                    by_rule.insert(at, cause);
                }
            }
        }
        let mut measures = Vec::with_capacity(plan.measures.len());
        for (index, node) in &plan.measures {
            let Some(measure) = book.measures.get(*index) else { continue };
            let value = to_value(evaluation.value(*node));
            if value.is_none() && !evaluation.faults.is_empty() {
                causes.faults(None, &measure.name, &causes.of(*node), &mut faults);
            }
            measures.push(MeasureValue { name: Arc::clone(&measure.name), value });
        }
        faults.sort_by(|a, b| (&a.site, &a.kind).cmp(&(&b.site, &b.kind)));
        let grade = SectorGrade {
            sector: Arc::clone(&plan.id),
            tier: bounds.tier,
            best: bounds.best,
            worst: bounds.worst,
            settled: bounds.best == bounds.worst,
            score: bounds.score.map(|(value, low, high)| Score {
                value: Points::from_thousandths(value),
                low: Points::from_thousandths(low),
                high: Points::from_thousandths(high),
            }),
            fired,
            undetermined,
            faults,
            measures,
            assumed,
        };
        Assessment { plan, bounds, outcomes, evaluation, causes: by_rule, grade }
    }
}

impl Assessment<'_> {
    /// Computed points of a rule, in thousandths; none where they are unknown.
    pub(crate) fn points(&self, rule: usize) -> Option<i64> {
        computed_points(self.plan, &self.evaluation, rule)
    }

    /// The unknown facts that keep the grade open.
    pub(crate) fn missing(&self) -> Vec<Missing> {
        let causes = Causes { plan: self.plan, evaluation: &self.evaluation };
        causes.missing(self.bounds, &self.outcomes, |at| self.points(at), &self.causes)
    }
}

fn computed_points(plan: &Plan, evaluation: &Evaluation<'_>, rule: usize) -> Option<i64> {
    match plan.rules.get(rule).map(|rule| rule.effect) {
        Some(PlanEffect::Points { amount: PlanAmount::Computed(node), .. }) => match evaluation.value(node) {
            Scalar::Int(points) => Some(points),
            _ => None,
        },
        _ => None,
    }
}

/// The facts that the plan reads, that the firm did not give, and that a declared value stands for.
pub(crate) fn assumed(firm: &Firm<'_>, plan: &Plan) -> Vec<Arc<str>> {
    let given =
        |fact: usize| firm.facts.iter().any(|(known, cell)| *known as usize == fact && cell.scalar().is_known());
    let of_facts = plan.facts.iter().filter(|fact| fact.spec.absent.is_some() && !given(fact.fact));
    of_facts.map(|fact| Arc::clone(&fact.spec.name)).collect()
}

pub(crate) fn to_value(scalar: Scalar<'_>) -> Option<Value> {
    Some(match scalar {
        Scalar::Unknown => return None,
        Scalar::Bool(value) => Value::Bool(value),
        Scalar::Int(value) => Value::Int(value),
        Scalar::Float(value) => Value::Float(value),
        Scalar::Text(value) => Value::Text(value.into()),
        Scalar::Date(value) => Value::Date(Date::from_days(i64::from(value))?),
    })
}

/// The facts missing in any sector. Where the firm also names a sector that the book does not have, `stays_red`: no fact
/// of the others makes anything of its worst.
fn combine_missing(parts: &[(SectorGrade, Vec<Missing>)], stays_red: bool) -> Vec<Missing> {
    if let ([(_, only)], false) = (parts, stays_red) {
        return only.clone();
    }
    let over = |pick: fn(&SectorGrade) -> Tier| parts.iter().map(|(grade, _)| pick(grade)).max().unwrap_or(Tier::Red);
    let best = over(|grade| grade.best);
    let worst = if stays_red { Tier::Red } else { over(|grade| grade.worst) };
    let mut facts: BTreeMap<&Arc<str>, Missing> = BTreeMap::new();
    for missing in parts.iter().flat_map(|(_, missing)| missing) {
        let in_sector = |(grade, all): &(SectorGrade, Vec<Missing>)| {
            let own = all.iter().find(|one| one.fact == missing.fact);
            own.map_or((grade.best, grade.worst), |own| (own.best_at_worst, own.worst_at_best))
        };
        let ends: Vec<(Tier, Tier)> = parts.iter().map(in_sector).collect();
        let entry = facts.entry(&missing.fact).or_insert_with(|| Missing {
            fact: Arc::clone(&missing.fact),
            decides: Vec::new(),
            best_at_worst: ends.iter().map(|(best, _)| *best).max().unwrap_or(best),
            worst_at_best: if stays_red { worst } else { ends.iter().map(|(_, worst)| *worst).max().unwrap_or(worst) },
        });
        for rule in &missing.decides {
            if !entry.decides.contains(rule) {
                entry.decides.push(Arc::clone(rule));
            }
        }
    }
    let mut all: Vec<Missing> = facts.into_values().collect();
    all.sort_by_key(|one| {
        let narrowed = one.best_at_worst.distance(best) + worst.distance(one.worst_at_best);
        (std::cmp::Reverse(narrowed), std::cmp::Reverse(one.decides.len()), Arc::clone(&one.fact))
    });
    all
}
