//! Grades for many firms: groups rows by sector, runs each plan over its own rows, and puts everything back in order.

use std::collections::BTreeMap;

use super::grader::Assessment;
use super::record::{Fault, Grade};
use super::register::{BySector, Layout, Register};
use super::{Explanation, Grader, Outcome, RuleOutcome, Score};
use crate::facts;
use crate::facts::columns::Columns;
use crate::plan::Plan;
use crate::plan::columns::{Executor, Outcomes, bits};
use crate::plan::one::Row;
use crate::{DataError, FirmError, FirmTable, Points, Rule, Tier};

/// How to read a batch.
#[derive(Debug, Clone, Default)]
pub struct BatchOptions {
    /// The sector of rows that name none.
    pub sector: Option<String>,
    /// Read columns of text as the type of their fact, cell by cell, as in CSV. A cell that does not read is a data
    /// error of its firm; an empty one is unknown.
    pub parse_text: bool,
    /// Columns of text that are read so though the others are not: names of facts, or `list.field`.
    pub parse_columns: Vec<String>,
}

/// A batch that cannot be graded at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BatchError {
    /// There is no way to know the sectors.
    #[error(
        "the batch has no column `sector`, and no sector is given for rows that name none; expected one of the two"
    )]
    NoSectorColumn,
    /// The sector given for rows that name none.
    #[error(transparent)]
    Sector(#[from] FirmError),
    /// Arrow could not convert a column.
    #[cfg(feature = "arrow")]
    #[error("a column cannot be read: {0}")]
    Arrow(#[from] arrow_schema::ArrowError),
}

/// Firms as JSON texts that cannot be graded at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JsonBatchError {
    /// The sector given for firms that name none.
    #[error(transparent)]
    Sector(FirmError),
    /// A text that is no firm.
    #[error("firm {at}, counted from 0: {error}")]
    Firm {
        /// Its place, from 0.
        at: usize,
        /// Why.
        error: crate::GradeError,
    },
}

impl From<BatchError> for JsonBatchError {
    fn from(error: BatchError) -> JsonBatchError {
        match error {
            BatchError::Sector(error) => JsonBatchError::Sector(error),
            // Every firm has said something of its sectors.
            _ => JsonBatchError::Sector(FirmError::NoSector),
        }
    }
}

/// The grades of a batch, one for each row, in the order of the rows.
pub struct BatchGrades {
    grader: Grader,
    graded: BySector<Group>,
}

/// A rule that was asked for a row.
#[derive(Debug, Clone, Copy)]
pub struct RuleOfRow<'b> {
    /// The sector that it was asked for.
    pub sector: &'b str,
    /// The rule.
    pub rule: &'b Rule,
    /// The rule counts for the firm: nothing is wrong when it fires.
    pub merit: bool,
}

/// The rows of one sector.
struct Group {
    sector: usize,
    columns: Columns,
    outcomes: Outcomes,
    /// By unit: reasons of faults.
    faults: BTreeMap<usize, Vec<Fault>>,
    errors: BTreeMap<usize, Vec<DataError>>,
}

/// Rows that one thread grades at a time.
const RUN: usize = 16 * 2048;

impl Grader {
    /// Grades every row of a table: a column `sector` (one id, or several with `;` between), a column for each fact by its
    /// name, and if there is one a column `id`, which is handed through. Columns that the book does not know are passed over;
    /// facts without a column are unknown.
    ///
    /// # Errors
    /// If there is no way to know the sectors. What is wrong with a row stands in its grade.
    ///
    /// ```
    /// # use risktier::{BatchOptions, FirmColumn, RuleBook, FirmTable, Tier};
    /// # let book = RuleBook::from_sources([("s.rhai", r#"
    /// #     role("p", #{ en: "P", zh: "P" });
    /// #     sector("shops", #{ name: #{ en: "Shops", zh: "商店" } });
    /// #     fact("exits", INT, #{ en: "Exits", zh: "出口", unit: "exits", min: 0 });
    /// #     rule("S-1", #{ risk: #{ en: "r", zh: "r" }, finding: #{ en: "f", zh: "f" }, when: |firm| firm.exits < 2,
    /// #         tier: RED, cite: own("an example"), since: date(2020, 1, 1), control: #{ en: "c", zh: "c" },
    /// #         owner: "p", days: 0 });
    /// # "#)]).unwrap();
    /// let table = FirmTable::new(3).with("exits", FirmColumn::from(vec![1, 2, 0]).with_known(&[true, true, false]))?;
    /// let options = BatchOptions { sector: Some("shops".into()), ..BatchOptions::default() };
    /// let grades = book.as_of("2026-11-01".parse()?).grade_table(&table, &options)?;
    /// assert_eq!(grades.tiers(0), Some((Tier::Red, Tier::Red, Tier::Red)));
    /// assert_eq!(grades.tiers(2), Some((Tier::Blue, Tier::Blue, Tier::Red)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn grade_table(&self, table: &FirmTable, options: &BatchOptions) -> Result<BatchGrades, BatchError> {
        self.grade_register(Register::of_table(table, options), options.sector.as_deref())
    }

    /// Grades the rows of a register, sector by sector.
    pub(super) fn grade_register(
        &self,
        register: Register<'_>,
        default: Option<&str>,
    ) -> Result<BatchGrades, BatchError> {
        let graded =
            register.by_sector(self, default, |sector, plan, columns| self.grade_group(sector, plan, columns))?;
        Ok(BatchGrades { grader: self.clone(), graded })
    }

    /// Grades firms from JSON texts, one each, as [`Grader::grade_json`] does. `sector` is for firms that name none.
    ///
    /// # Errors
    /// If the book has no such sector; or a text is not a JSON object, with its place among the texts. What is wrong with a
    /// firm stands in its grade.
    pub fn grade_json_batch(&self, texts: &[&str], sector: Option<&str>) -> Result<BatchGrades, JsonBatchError> {
        Ok(self.grade_register(Register::of_json(self, texts)?, sector)?)
    }

    fn grade_group(&self, sector: usize, plan: &Plan, columns: Columns) -> Group {
        let executor = Executor::new(self.data(), plan, &columns);
        let runs: Vec<(usize, usize)> =
            (0..columns.len.div_ceil(RUN)).map(|run| (run * RUN, ((run + 1) * RUN).min(columns.len))).collect();
        #[cfg(feature = "parallel")]
        let parts: Vec<Outcomes> = {
            use rayon::prelude::*;
            runs.par_iter().map(|(from, to)| executor.run(*from, *to)).collect()
        };
        #[cfg(not(feature = "parallel"))]
        let parts: Vec<Outcomes> = runs.iter().map(|(from, to)| executor.run(*from, *to)).collect();
        let outcomes = Outcomes::joined(parts, plan);

        // What is rare is looked at one by one, by the executor for one firm. Most operations that fault stand in branches
        // that were not taken, and keep nothing from a value.
        let mut faulted = Vec::new();
        if outcomes.faulted.iter().any(|word| *word != 0) {
            let open = outcomes.open_rows();
            bits::for_each_set(&outcomes.faulted, |unit| faulted.extend(bits::bit(&open, unit).then_some(unit)));
        }
        let faults_of = |unit: usize| {
            let faults = self.assess(plan, &columns.row(plan, unit), Vec::new()).grade.faults;
            (!faults.is_empty()).then_some((unit, faults))
        };
        #[cfg(feature = "parallel")]
        let faults: BTreeMap<usize, Vec<Fault>> = {
            use rayon::prelude::*;
            let found: Vec<_> = faulted.into_par_iter().filter_map(faults_of).collect();
            found.into_iter().collect()
        };
        #[cfg(not(feature = "parallel"))]
        let faults: BTreeMap<usize, Vec<Fault>> = faulted.into_iter().filter_map(faults_of).collect();
        let mut erroneous = columns.bad_rows(plan);
        bits::for_each_set(&outcomes.erroneous, |unit| erroneous.push(unit));
        erroneous.sort_unstable();
        erroneous.dedup();
        let errors = erroneous.into_iter().map(|unit| (unit, columns.errors(plan, unit))).collect();
        drop(executor);
        Group { sector, columns, outcomes, faults, errors }
    }
}

impl Outcomes {
    /// Runs one after the other. Each but the last has whole words of masks.
    fn joined(parts: Vec<Outcomes>, plan: &Plan) -> Outcomes {
        let mut parts = parts.into_iter();
        let Some(mut all) = parts.next() else {
            return Outcomes {
                fired: vec![Vec::new(); plan.rules.len()],
                undetermined: vec![Vec::new(); plan.rules.len()],
                measures: vec![Vec::new(); plan.measures.len()],
                ..Outcomes::default()
            };
        };
        for mut part in parts {
            if all.open || part.open {
                all.keep_bounds();
                part.keep_bounds();
            }
            all.rows += part.rows;
            all.tier.append(&mut part.tier);
            all.best.append(&mut part.best);
            all.worst.append(&mut part.worst);
            all.score.append(&mut part.score);
            all.low.append(&mut part.low);
            all.high.append(&mut part.high);
            all.faulted.append(&mut part.faulted);
            all.erroneous.append(&mut part.erroneous);
            for (all, part) in all.fired.iter_mut().zip(&mut part.fired) {
                all.append(part);
            }
            for (all, part) in all.undetermined.iter_mut().zip(&mut part.undetermined) {
                all.append(part);
            }
            for (all, part) in all.measures.iter_mut().zip(&mut part.measures) {
                all.append(part);
            }
        }
        all
    }

    /// Rows in which some rule is undetermined, or some measure has no value.
    fn open_rows(&self) -> Vec<u64> {
        let mut open = vec![0; self.faulted.len()];
        for mask in &self.undetermined {
            for (open, word) in open.iter_mut().zip(mask) {
                *open |= word;
            }
        }
        for (row, _) in
            self.measures.iter().flat_map(|values| values.iter().enumerate().filter(|(_, value)| value.is_none()))
        {
            bits::set(&mut open, row);
        }
        open
    }
}

/// A row in one sector.
#[derive(Clone, Copy)]
pub(crate) struct Unit<'b> {
    grader: &'b Grader,
    group: &'b Group,
    at: usize,
}

impl<'b> Unit<'b> {
    pub(crate) fn plan(&self) -> Option<&'b Plan> {
        self.grader.plan(self.group.sector)
    }

    fn tier_of(&self, tiers: &[u8]) -> Tier {
        Tier::from_index(tiers.get(self.at).copied().unwrap_or(Tier::Red as u8))
    }

    pub(crate) fn tiers(&self) -> (Tier, Tier, Tier) {
        let outcomes = &self.group.outcomes;
        let tier = self.tier_of(&outcomes.tier);
        if !outcomes.open {
            return (tier, tier, tier);
        }
        (tier, self.tier_of(&outcomes.best), self.tier_of(&outcomes.worst))
    }

    /// Value, lowest and highest score.
    pub(crate) fn score(&self) -> Option<(Points, Points, Points)> {
        let outcomes = &self.group.outcomes;
        let at = |scores: &[i64]| scores.get(self.at).copied().map(Points::from_thousandths);
        let value = at(&outcomes.score)?;
        Some(if outcomes.open { (value, at(&outcomes.low)?, at(&outcomes.high)?) } else { (value, value, value) })
    }

    pub(crate) fn outcome(&self, rule: usize) -> Outcome {
        let has = |masks: &[Vec<u64>]| masks.get(rule).is_some_and(|mask| bits::bit(mask, self.at));
        if has(&self.group.outcomes.fired) {
            Outcome::Fired
        } else if has(&self.group.outcomes.undetermined) {
            Outcome::Undetermined
        } else {
            Outcome::Clear
        }
    }

    /// Index into the book's measures, and value.
    #[cfg(feature = "arrow")]
    pub(crate) fn measures(&self) -> impl Iterator<Item = (usize, Option<&'b crate::Value>)> + use<'b> {
        let plan = self.plan();
        let measures = plan.map(|plan| plan.measures.as_slice()).unwrap_or_default();
        let values = &self.group.outcomes.measures;
        let at = self.at;
        measures
            .iter()
            .zip(values)
            .map(move |((index, _), values)| (*index, values.get(at).and_then(|value| value.as_ref())))
    }

    pub(crate) fn faults(&self) -> &'b [Fault] {
        self.group.faults.get(&self.at).map(Vec::as_slice).unwrap_or_default()
    }

    pub(crate) fn data_errors(&self) -> &'b [DataError] {
        self.group.errors.get(&self.at).map(Vec::as_slice).unwrap_or_default()
    }
}

impl BatchGrades {
    /// Stands for the tier of a row that could not be graded.
    pub const NO_TIER: u8 = 255;

    /// How many rows: as many as the batch had.
    pub fn len(&self) -> usize {
        self.graded.len
    }

    /// True for a batch without rows.
    pub fn is_empty(&self) -> bool {
        self.graded.len == 0
    }

    /// The grader that made them.
    pub fn grader(&self) -> &Grader {
        &self.grader
    }

    /// The firm's own id, as text.
    pub fn id(&self, row: usize) -> Option<String> {
        (self.graded.ids)(row)
    }

    /// Tier on record, best and worst of a row; none if it could not be graded.
    pub fn tiers(&self, row: usize) -> Option<(Tier, Tier, Tier)> {
        let mut all = self.units(row).map(|unit| unit.tiers());
        let first = all.next()?;
        let (tier, best, worst) = all.fold(first, |a, b| (a.0.max(b.0), a.1.max(b.1), a.2.max(b.2)));
        Some((tier, best, if self.firm_errors(row).is_empty() { worst } else { Tier::Red }))
    }

    /// The outcomes of all rows, where every row has the same one sector.
    pub(crate) fn one_sector(&self) -> Option<&Outcomes> {
        match (&self.graded.layout, self.graded.groups.as_slice()) {
            (Layout::OneSector, [group]) => Some(&group.outcomes),
            _ => None,
        }
    }

    /// Tier on record, best and worst of every row, from 0 for blue to 3 for red; [`BatchGrades::NO_TIER`] where it could not be
    /// graded.
    pub fn tier_codes(&self) -> [Vec<u8>; 3] {
        if let Some(outcomes) = self.one_sector() {
            let tier = outcomes.tier.clone();
            let end = |codes: &Vec<u8>| if outcomes.open { codes.clone() } else { tier.clone() };
            return [tier.clone(), end(&outcomes.best), end(&outcomes.worst)];
        }
        let mut codes: [Vec<u8>; 3] = std::array::from_fn(|_| Vec::with_capacity(self.graded.len));
        for row in 0..self.graded.len {
            let of_row = self.tiers(row).map(|(tier, best, worst)| [tier, best, worst]);
            for (at, codes) in codes.iter_mut().enumerate() {
                let code = of_row.and_then(|tiers| tiers.get(at).copied());
                codes.push(code.map_or(BatchGrades::NO_TIER, |tier| tier as u8));
            }
        }
        codes
    }

    /// The score of every row in the sector that decided; not a number where that has none.
    pub fn score_values(&self) -> Vec<f64> {
        if let Some(outcomes) = self.one_sector()
            && !outcomes.score.is_empty()
        {
            return outcomes.score.iter().map(|score| Points::from_thousandths(*score).to_f64()).collect();
        }
        (0..self.graded.len).map(|row| self.score(row).map_or(f64::NAN, |score| score.value.to_f64())).collect()
    }

    /// What is wrong with the sectors of a row.
    pub fn firm_errors(&self, row: usize) -> &[FirmError] {
        self.graded.layout.errors(row)
    }

    /// The sector that decided the tier of a row; none if it could not be graded.
    pub fn decided_by(&self, row: usize) -> Option<&str> {
        self.deciding(row).and_then(|unit| unit.plan()).map(|plan| &*plan.id)
    }

    /// The score of a row in the sector that decided, if that has one.
    pub fn score(&self, row: usize) -> Option<Score> {
        self.deciding(row).and_then(|unit| unit.score()).map(|(value, low, high)| Score { value, low, high })
    }

    pub(crate) fn deciding(&self, row: usize) -> Option<Unit<'_>> {
        let (tier, ..) = self.tiers(row)?;
        self.units(row).find(|unit| unit.tiers().0 == tier)
    }

    /// The rules of a row that came out one way, in the order of the book.
    pub fn rules(&self, row: usize, outcome: RuleOutcome) -> impl Iterator<Item = RuleOfRow<'_>> {
        let wanted = match outcome {
            RuleOutcome::Fired => Outcome::Fired,
            RuleOutcome::Clear => Outcome::Clear,
            RuleOutcome::Undetermined => Outcome::Undetermined,
        };
        self.units(row).filter_map(|unit| Some((unit, unit.plan()?))).flat_map(move |(unit, plan)| {
            let rules = plan.rules.iter().enumerate().filter(move |(at, _)| unit.outcome(*at) == wanted);
            rules.filter_map(|(at, rule)| {
                let rule = self.grader.data().rules.get(rule.rule)?;
                Some(RuleOfRow { sector: &plan.id, rule, merit: plan.is_merit(at) })
            })
        })
    }

    /// Is anything wrong with the record of a row: its sectors, a value, or an operation on its values?
    pub fn has_errors(&self, row: usize) -> bool {
        let in_unit = |unit: Unit<'_>| !unit.data_errors().is_empty() || !unit.faults().is_empty();
        !self.firm_errors(row).is_empty() || self.units(row).any(in_unit)
    }

    /// The values of a row that were not what their facts are declared as, each once.
    pub fn data_errors(&self, row: usize) -> Vec<DataError> {
        let mut errors: Vec<DataError> = Vec::new();
        for error in self.units(row).flat_map(|unit| unit.data_errors()) {
            if !errors.contains(error) {
                errors.push(error.clone());
            }
        }
        facts::sort_errors(&mut errors);
        errors
    }

    /// The operations of a row that had no value, each place once.
    pub fn faults(&self, row: usize) -> Vec<&Fault> {
        let mut faults: Vec<&Fault> = Vec::new();
        for fault in self.units(row).flat_map(|unit| unit.faults()) {
            if !faults.iter().any(|known| known.kind == fault.kind && known.site == fault.site) {
                faults.push(fault);
            }
        }
        faults
    }

    pub(crate) fn units(&self, row: usize) -> impl Iterator<Item = Unit<'_>> {
        self.graded.layout.units(row, self.graded.len).filter_map(|(group, at)| {
            Some(Unit { grader: &self.grader, group: self.graded.groups.get(group as usize)?, at: at as usize })
        })
    }

    /// How many rows have each tier (blue, yellow, orange, red), and how many could not be graded.
    pub fn counts(&self) -> ([usize; 4], usize) {
        let mut counts = [0; 4];
        let mut ungraded = 0;
        for row in 0..self.len() {
            match self.tiers(row).and_then(|(tier, ..)| counts.get_mut(tier as usize)) {
                Some(count) => *count += 1,
                None => ungraded += 1,
            }
        }
        (counts, ungraded)
    }

    /// The whole grade of a row, as [`Grader::grade_json`] gives it for one firm.
    ///
    /// # Errors
    /// If the row could not be graded.
    pub fn grade(&self, row: usize) -> Result<Grade, FirmError> {
        self.looked_at(row, |_, _| {})
    }

    /// The grade of a row and why, as [`Grader::explain_json`] gives it for one firm.
    ///
    /// # Errors
    /// If the row could not be graded.
    pub fn explain(&self, row: usize) -> Result<Explanation, FirmError> {
        let mut sectors = Vec::new();
        let grade = self.looked_at(row, |assessment, row| sectors.push(self.grader.explain_sector(assessment, row)))?;
        Ok(Explanation { grade, sectors })
    }

    /// A row looked at once more, by the executor for one firm, which keeps the reasons.
    fn looked_at(&self, row: usize, mut seen: impl FnMut(&Assessment<'_>, &Row<'_>)) -> Result<Grade, FirmError> {
        let mut parts = Vec::new();
        let errors = self.firm_errors(row).to_vec();
        let mut data_errors: Vec<DataError> = Vec::new();
        for unit in self.units(row) {
            let Some(plan) = unit.plan() else { continue };
            let columns = &unit.group.columns;
            let values = columns.row(plan, unit.at);
            let assessment = self.grader.assess(plan, &values, columns.assumed(plan, unit.at));
            seen(&assessment, &values);
            for error in unit.data_errors() {
                if !data_errors.contains(error) {
                    data_errors.push(error.clone());
                }
            }
            let missing = assessment.missing();
            parts.push((assessment.grade, missing));
        }
        if parts.is_empty() {
            return Err(errors.into_iter().next().unwrap_or(FirmError::NoSector));
        }
        facts::sort_errors(&mut data_errors);
        Ok(self.grader.combine(self.id(row), parts, data_errors, errors))
    }
}
