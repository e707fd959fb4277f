//! Grades for many firms: groups rows by sector, runs each plan over its own rows, and puts everything back in order.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef, RecordBatch, StringArray, UInt32Array};
use arrow_cast::display::array_value_to_string;
use arrow_schema::{ArrowError, DataType};

use super::grader::Assessment;
use super::record::{Fault, Grade};
use super::{Explanation, Grader, Outcome, RuleOutcome, Score};
use crate::facts::columns::{Columns, Source};
use crate::facts::{self, Firm};
use crate::plan::Plan;
use crate::plan::columns::{Executor, Outcomes, bits};
use crate::plan::one::Row;
use crate::{DataError, FirmError, ID_KEY, Points, Rule, SECTOR_KEY, Tier};

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
    #[error("a column cannot be read: {0}")]
    Arrow(#[from] ArrowError),
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
    /// Arrow could not hold the sectors.
    #[error(transparent)]
    Batch(#[from] BatchError),
    /// Arrow could not hold the values.
    #[error("the values of the firms cannot be held: {0}")]
    Arrow(#[from] ArrowError),
}

/// The grades of a batch, one for each row, in the order of the rows.
pub struct BatchGrades {
    grader: Grader,
    ids: Option<ArrayRef>,
    len: usize,
    layout: Layout,
    groups: Vec<Group>,
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

/// Where the grades of the rows are.
enum Layout {
    /// Every row has one sector, the same: the grades lie in the one group as the rows do.
    OneSector,
    Mixed {
        /// Where the units of each row begin, and the end of the last.
        starts: Vec<u32>,
        units: Vec<UnitAt>,
        /// What was wrong with the sectors of a row.
        errors: BTreeMap<usize, Vec<FirmError>>,
    },
}

/// The rows of a sector.
type Members = (usize, Vec<u32>);

/// A group, and a place in it.
type UnitAt = (u32, u32);

/// What the sector column says of a row: the sectors, and what is wrong with them.
#[derive(Debug, Clone, Default)]
struct SectorText {
    sectors: Vec<usize>,
    errors: Vec<FirmError>,
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
    /// Grades every row of a record batch: a column `sector` (one id, or several with `;` between), a column for each
    /// fact by its name, lists as `List<Struct>`, and if there is one a column `id`, which is handed through. Columns that
    /// the book does not know are passed over; facts without a column are unknown. Any integer or float width, plain
    /// and dictionary text, dates and timestamps (UTC) are read.
    ///
    /// # Errors
    /// If there is no way to know the sectors. What is wrong with a row stands in its grade.
    pub fn grade_batch(&self, batch: &RecordBatch) -> Result<BatchGrades, BatchError> {
        self.grade_batch_with(batch, &BatchOptions::default())
    }

    /// [`Grader::grade_batch`] with options.
    ///
    /// # Errors
    /// As for [`Grader::grade_batch`].
    pub fn grade_batch_with(&self, batch: &RecordBatch, options: &BatchOptions) -> Result<BatchGrades, BatchError> {
        let columns: HashMap<String, ArrayRef> = batch
            .schema()
            .fields()
            .iter()
            .zip(batch.columns())
            .map(|(field, array)| (field.name().clone(), Arc::clone(array)))
            .collect();
        let default = match &options.sector {
            None => None,
            Some(id) => Some(self.sector_index(id).ok_or_else(|| self.unknown_sector(id))?),
        };
        let (layout, members) = self.sectors_of(columns.get(SECTOR_KEY), default, batch.num_rows())?;
        let mut groups = Vec::with_capacity(members.len());
        for (sector, members) in members {
            let Some(plan) = self.plan(sector) else { continue };
            let selection = (members.len() != batch.num_rows()).then(|| UInt32Array::from(members.clone()));
            let source = Source {
                columns: &columns,
                rows: selection.as_ref(),
                len: members.len(),
                parse_text: options.parse_text,
                parse_columns: &options.parse_columns,
            };
            let read = Columns::read(plan, &source)?;
            groups.push(self.grade_group(sector, plan, read));
        }
        Ok(BatchGrades {
            grader: self.clone(),
            ids: columns.get(ID_KEY).cloned(),
            len: batch.num_rows(),
            layout,
            groups,
        })
    }

    /// Grades firms from JSON texts, one each, as [`Grader::grade_json`] does. `sector` is for firms that name none.
    ///
    /// # Errors
    /// If the book has no such sector; or a text is not a JSON object, with its place among the texts. What is wrong with a
    /// firm stands in its grade.
    pub fn grade_json_batch<'t>(&self, texts: &[&'t str], sector: Option<&str>) -> Result<BatchGrades, JsonBatchError> {
        let default = match sector {
            None => None,
            Some(id) => Some(self.sector_index(id).ok_or_else(|| JsonBatchError::Sector(self.unknown_sector(id)))?),
        };
        let read = |(at, text): (usize, &&'t str)| {
            facts::from_json(self.data(), &self.inner.reader, text).map_err(|error| JsonBatchError::Firm { at, error })
        };
        #[cfg(feature = "parallel")]
        let firms: Vec<Firm<'t>> = {
            use rayon::prelude::*;
            texts.par_iter().enumerate().map(read).collect::<Result<_, _>>()?
        };
        #[cfg(not(feature = "parallel"))]
        let firms: Vec<Firm<'_>> = texts.iter().enumerate().map(read).collect::<Result<_, _>>()?;

        let sectors: StringArray = firms.iter().map(|firm| Some(firm.sectors.join(";"))).collect();
        let sectors: ArrayRef = Arc::new(sectors);
        let (layout, members) = self.sectors_of(Some(&sectors), default, firms.len())?;
        let mut groups = Vec::with_capacity(members.len());
        for (sector, members) in members {
            let Some(plan) = self.plan(sector) else { continue };
            let of_sector: Vec<&Firm<'_>> = members.iter().filter_map(|row| firms.get(*row as usize)).collect();
            groups.push(self.grade_group(sector, plan, Columns::of_firms(plan, &of_sector)?));
        }
        let ids: StringArray = firms.iter().map(|firm| firm.id.as_deref()).collect();
        Ok(BatchGrades { grader: self.clone(), ids: Some(Arc::new(ids)), len: firms.len(), layout, groups })
    }

    /// Which rows belong to which sector.
    fn sectors_of(
        &self,
        column: Option<&ArrayRef>,
        default: Option<usize>,
        len: usize,
    ) -> Result<(Layout, Vec<Members>), BatchError> {
        let read = |text: &str| {
            let mut of = SectorText::default();
            for id in text.split(';').map(str::trim).filter(|id| !id.is_empty()) {
                match self.sector_index(id) {
                    Some(sector) if of.sectors.contains(&sector) => {}
                    Some(sector) => of.sectors.push(sector),
                    None => of.errors.push(self.unknown_sector(id)),
                }
            }
            if of.sectors.is_empty() && of.errors.is_empty() {
                match default {
                    Some(sector) => of.sectors.push(sector),
                    None => of.errors.push(FirmError::NoSector),
                }
            }
            of
        };
        // Registers name few sectors many times: each text is read once.
        let (kinds, of_row) = match (column, default) {
            (None, None) => return Err(BatchError::NoSectorColumn),
            (None, Some(_)) => (vec![read("")], vec![0; len]),
            (Some(column), _) => kinds_of(column, read)?,
        };
        if let ([only], false) = (kinds.as_slice(), of_row.is_empty())
            && let ([sector], []) = (only.sectors.as_slice(), only.errors.as_slice())
        {
            return Ok((Layout::OneSector, vec![(*sector, (0..len as u32).collect())]));
        }
        let mut members: Vec<Members> = Vec::new();
        let mut starts = Vec::with_capacity(len + 1);
        let mut units = Vec::with_capacity(len);
        let mut errors = BTreeMap::new();
        starts.push(0);
        for (row, kind) in of_row.into_iter().enumerate() {
            let Some(of) = kinds.get(kind as usize) else { continue };
            for sector in &of.sectors {
                let group = members.iter().position(|(known, _)| known == sector).unwrap_or_else(|| {
                    members.push((*sector, Vec::new()));
                    members.len() - 1
                });
                if let Some((_, members)) = members.get_mut(group) {
                    units.push((group as u32, members.len() as u32));
                    members.push(row as u32);
                }
            }
            if !of.errors.is_empty() {
                errors.insert(row, of.errors.clone());
            }
            starts.push(units.len() as u32);
        }
        Ok((Layout::Mixed { starts, units, errors }, members))
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

/// The different texts of a sector column, read, and which of them each row has.
fn kinds_of(column: &ArrayRef, read: impl Fn(&str) -> SectorText) -> Result<(Vec<SectorText>, Vec<u32>), ArrowError> {
    let codes = match column.data_type() {
        DataType::List(_) | DataType::LargeList(_) => joined(column)?,
        _ => Arc::clone(column),
    };
    let codes = arrow_cast::cast(&codes, &DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)))?;
    let codes = codes.as_dictionary::<Int32Type>();
    let texts = codes.values().as_string::<i32>();
    let mut kinds: Vec<SectorText> = texts.iter().map(|text| read(text.unwrap_or_default())).collect();
    if codes.null_count() == 0 {
        return Ok((kinds, codes.keys().values().iter().map(|key| *key as u32).collect()));
    }
    // One more kind, for rows that say nothing.
    kinds.push(read(""));
    let none = kinds.len() as u32 - 1;
    Ok((kinds, codes.keys().iter().map(|key| key.map_or(none, |key| key as u32)).collect()))
}

/// Lists of sector ids, as one text each.
fn joined(column: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let mut texts = Vec::with_capacity(column.len());
    for row in 0..column.len() {
        let items = match column.data_type() {
            DataType::List(_) => column.as_list::<i32>().value(row),
            _ => column.as_list::<i64>().value(row),
        };
        let ids = (0..items.len()).filter(|at| items.is_valid(*at)).map(|at| array_value_to_string(&items, at));
        texts.push(ids.collect::<Result<Vec<String>, ArrowError>>()?.join(";"));
    }
    Ok(Arc::new(StringArray::from(texts)))
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
    /// How many rows: as many as the batch had.
    pub fn len(&self) -> usize {
        self.len
    }

    /// True for a batch without rows.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The grader that made them.
    pub fn grader(&self) -> &Grader {
        &self.grader
    }

    /// The firm's own id, as text.
    pub fn id(&self, row: usize) -> Option<String> {
        let ids = self.ids.as_ref()?;
        (row < ids.len() && ids.is_valid(row)).then(|| array_value_to_string(ids, row).unwrap_or_default())
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
        match (&self.layout, self.groups.as_slice()) {
            (Layout::OneSector, [group]) => Some(&group.outcomes),
            _ => None,
        }
    }

    /// What is wrong with the sectors of a row.
    pub fn firm_errors(&self, row: usize) -> &[FirmError] {
        match &self.layout {
            Layout::OneSector => &[],
            Layout::Mixed { errors, .. } => errors.get(&row).map(Vec::as_slice).unwrap_or_default(),
        }
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
        let (one, many): (Option<UnitAt>, &[UnitAt]) = match &self.layout {
            Layout::OneSector => ((row < self.len).then_some((0, row as u32)), &[]),
            Layout::Mixed { starts, units, .. } => {
                let ends = starts.get(row).zip(starts.get(row + 1));
                (None, ends.and_then(|(from, to)| units.get(*from as usize..*to as usize)).unwrap_or_default())
            }
        };
        one.into_iter().chain(many.iter().copied()).filter_map(|(group, at)| {
            Some(Unit { grader: &self.grader, group: self.groups.get(group as usize)?, at: at as usize })
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
