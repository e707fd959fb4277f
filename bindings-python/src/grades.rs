//! The grades of a register: holds the graded batches and the register's own columns, and makes tables of them on request.

use std::fs::File;
use std::io::BufWriter;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::{
    Array, ArrayRef, Float64Array, Int64Array, RecordBatch, RecordBatchOptions, StringArray, new_null_array,
};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use pyo3::exceptions::{PyIndexError, PyOSError, PyRuntimeError};
use pyo3::prelude::*;
use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};
use risktier::mapping::texts;
use risktier::report::GradedFirm;
use risktier::{BatchGrades, ExportOptions, FirmLists, FirmStatus, GradeColumns, Grader, Lang, Tier, Workbook};
use rustc_hash::FxHashMap;

use crate::book::{json, language};
use crate::follow::{self, NativeFollowUp};
use crate::frame::Frame;
use crate::report::{NativePeriod, Told};
use crate::{capsule, comparison, errors, tables};

/// Rows that one thread exports at a time.
const RUN: usize = 1 << 15;
/// So many firms have their lists in memory at a time.
const LISTS_AT_ONCE: usize = 4096;

/// The threads of all cores, and the process that they belong to.
static ALL_CORES: Mutex<Option<(u32, Arc<ThreadPool>)>> = Mutex::new(None);

/// A process that was forked has a copy of the pool without its threads, and would wait for them for ever: it gets a pool of
/// its own. That is why rayon's global pool is not used.
fn all_cores() -> Result<Arc<ThreadPool>, ThreadPoolBuildError> {
    let mut held = ALL_CORES.lock().unwrap_or_else(PoisonError::into_inner);
    let process = std::process::id();
    if let Some((of, pool)) = &*held
        && *of == process
    {
        return Ok(Arc::clone(pool));
    }
    let pool = Arc::new(ThreadPoolBuilder::new().build()?);
    // To drop the parent's pool would be to speak to threads that are not here.
    std::mem::forget(held.replace((process, Arc::clone(&pool))));
    Ok(pool)
}

/// Runs something on this many threads; on all cores if it is not said.
pub fn in_pool<T: Send>(threads: Option<usize>, run: impl FnOnce() -> T + Send) -> PyResult<T> {
    let pool = match threads {
        None => all_cores(),
        Some(threads) => ThreadPoolBuilder::new().num_threads(threads).build().map(Arc::new),
    };
    let pool = pool.map_err(|error| PyRuntimeError::new_err(format!("the threads cannot be had: {error}")))?;
    Ok(pool.install(run))
}

/// A graded batch.
pub struct Part {
    /// The first row of it in the register.
    pub start: usize,
    /// As it came; none for records.
    pub columns: Option<RecordBatch>,
    pub grades: BatchGrades,
}

/// Rows of a part.
pub struct Rows<'p> {
    pub part: &'p Part,
    pub rows: Range<usize>,
}

/// Grades of a register, one for each row.
#[pyclass(module = "risktier._native", frozen)]
pub struct NativeGrades {
    pub grader: Grader,
    schema: SchemaRef,
    pub parts: Vec<Part>,
    threads: Option<usize>,
}

/// Which firms get lists, and in which words.
pub struct Listing {
    pub from: Tier,
    pub lang: Lang,
    /// The firms' names, by row of the register.
    pub names: Option<StringArray>,
}

impl NativeGrades {
    pub fn new(
        grader: &Grader,
        schema: SchemaRef,
        columns: Vec<RecordBatch>,
        graded: Vec<BatchGrades>,
        threads: Option<usize>,
    ) -> NativeGrades {
        let mut parts = Vec::with_capacity(graded.len());
        let mut start = 0;
        let mut columns = columns.into_iter();
        for grades in graded {
            let len = grades.len();
            parts.push(Part { start, columns: columns.next(), grades });
            start += len;
        }
        NativeGrades { grader: grader.clone(), schema, parts, threads }
    }

    pub fn len(&self) -> usize {
        self.parts.iter().map(|part| part.grades.len()).sum()
    }

    /// The rows in runs that threads can share.
    pub fn runs(&self, run: usize) -> Vec<Rows<'_>> {
        let of_part = |part| {
            let len = part_len(part);
            (0..len).step_by(run).map(move |from| Rows { part, rows: from..(from + run).min(len) })
        };
        self.parts.iter().flat_map(of_part).collect()
    }

    /// A table with a batch for each run of rows.
    pub fn table(
        &self,
        py: Python<'_>,
        schema: SchemaRef,
        run: usize,
        make: impl Fn(&Rows<'_>) -> Result<RecordBatch, ArrowError> + Send + Sync,
    ) -> PyResult<Frame> {
        let batches = py.detach(|| {
            in_pool(self.threads, || self.runs(run).par_iter().map(&make).collect::<Result<Vec<_>, ArrowError>>())
        })?;
        let batches = batches.map_err(errors::arrow)?;
        Ok(Frame::new(schema, batches.into_iter().filter(|batch| batch.num_rows() > 0).collect()))
    }

    /// Every firm as the monthly report takes it.
    pub fn firms(&self) -> PyResult<Vec<GradedFirm>> {
        let firm = |part: &Part, row| match part.grades.grade(row) {
            Ok(grade) => GradedFirm::from(&grade),
            Err(_) => GradedFirm { id: part.grades.id(row), has_errors: true, ..GradedFirm::default() },
        };
        let firms = || {
            let runs = self.runs(RUN / 16);
            let of_run = |rows: &Rows<'_>| -> Vec<_> { rows.rows.clone().map(|row| firm(rows.part, row)).collect() };
            runs.par_iter().flat_map_iter(of_run).collect()
        };
        in_pool(self.threads, firms)
    }

    fn part_of(&self, row: usize) -> PyResult<(&Part, usize)> {
        let after = self.parts.partition_point(|part| part.start <= row);
        let part =
            after.checked_sub(1).and_then(|at| self.parts.get(at)).filter(|part| row - part.start < part.grades.len());
        let out = || PyIndexError::new_err(format!("row {row}; there are {} rows, from 0", self.len()));
        part.map(|part| (part, row - part.start)).ok_or_else(out)
    }

    /// A column of the register as texts, over all parts.
    fn register_texts(&self, name: &str) -> Result<Option<StringArray>, ArrowError> {
        let Ok(at) = self.schema.index_of(name) else { return Ok(None) };
        let columns = self.parts.iter().filter_map(|part| part.columns.as_ref()?.columns().get(at));
        let columns: Vec<StringArray> = columns.map(texts).collect::<Result<_, _>>()?;
        if columns.is_empty() {
            return Ok(Some(StringArray::new_null(0)));
        }
        let columns: Vec<&dyn Array> = columns.iter().map(|column| column as &dyn Array).collect();
        let all = arrow_select::concat::concat(&columns)?;
        Ok(all.as_any().downcast_ref::<StringArray>().cloned())
    }

    /// The sectors that decided, as a column.
    fn deciding_sectors(&self) -> StringArray {
        let rows = self.parts.iter().flat_map(|part| (0..part.grades.len()).map(move |row| (part, row)));
        rows.map(|(part, row)| part.grades.decided_by(row)).collect()
    }

    fn listing(
        &self,
        from: &str,
        lang: &str,
        names: Option<&str>,
        extra: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Listing> {
        let from = Tier::ALL.into_iter().find(|tier| tier.name(Lang::En) == from);
        let from = from.ok_or_else(|| {
            pyo3::exceptions::PyValueError::new_err("tier: expected `blue`, `yellow`, `orange` or `red`")
        })?;
        let names = names.map(|name| self.column(name, extra)).transpose()?;
        Ok(Listing { from, lang: language(lang)?, names })
    }

    /// A column of the register, or of a frame that goes with it row by row.
    fn column(&self, name: &str, extra: Option<&Bound<'_, PyAny>>) -> PyResult<StringArray> {
        if let Some(extra) = extra {
            let (schema, batches) = capsule::read(extra)?;
            if let Ok(at) = schema.index_of(name) {
                let batch = arrow_select::concat::concat_batches(&schema, &batches).map_err(errors::arrow)?;
                return batch
                    .columns()
                    .get(at)
                    .map_or_else(|| Ok(StringArray::new_null(0)), texts)
                    .map_err(errors::arrow);
            }
        }
        if let Some(texts) = self.register_texts(name).map_err(errors::arrow)? {
            return Ok(texts);
        }
        if name == "sector" {
            return Ok(self.deciding_sectors());
        }
        Python::attach(|py| {
            let known = self.schema.fields().iter().map(|field| field.name().as_str());
            let expected =
                "a column of the register that was graded; a reader or relation keeps those that `keep=` names";
            Err(errors::unknown(py, "column", name, known, expected))
        })
    }

    /// The lists of the firms from a tier on, some at a time.
    fn each_list(
        &self,
        listing: &Listing,
        mut take: impl FnMut(Vec<FirmLists>) -> PyResult<()> + Send,
    ) -> PyResult<()> {
        let chosen: Vec<(&Part, usize)> = self
            .parts
            .iter()
            .flat_map(|part| (0..part.grades.len()).map(move |row| (part, row)))
            .filter(|(part, row)| part.grades.tiers(*row).is_some_and(|(tier, ..)| tier >= listing.from))
            .collect();
        for some in chosen.chunks(LISTS_AT_ONCE) {
            let issue = |(part, row): &(&Part, usize)| {
                let mut lists = self.grader.lists_of(&part.grades.explain(*row).ok()?);
                let at = part.start + row;
                let names = listing.names.as_ref().filter(|names| at < names.len() && names.is_valid(at));
                lists.name = names.map(|names| names.value(at).to_owned());
                Some(lists)
            };
            let lists = in_pool(self.threads, || some.par_iter().filter_map(issue).collect())?;
            take(lists)?;
        }
        Ok(())
    }
}

fn part_len(part: &Part) -> usize {
    part.grades.len()
}

/// Columns that are made without a look at each rule.
const SIMPLE: [&str; 9] = ["id", "sector", "tier", "best", "worst", "settled", "score", "score_low", "score_high"];

#[pymethods]
impl NativeGrades {
    fn __len__(&self) -> usize {
        self.len()
    }

    /// Columns of the register that are held.
    #[getter]
    fn register_columns(&self) -> Vec<String> {
        self.schema.fields().iter().map(|field| field.name().clone()).collect()
    }

    /// What graded: hash of the book, version of the engine, grading date.
    #[getter]
    fn identity(&self) -> (String, &'static str, String) {
        let identity = self.grader.identity();
        (identity.book.to_string(), identity.engine, identity.as_of.to_string())
    }

    /// How many rows have each tier, from blue to red, and how many could not be graded.
    fn counts(&self, py: Python<'_>) -> ([usize; 4], usize) {
        py.detach(|| {
            let mut all = ([0; 4], 0);
            for (counts, ungraded) in self.parts.iter().map(|part| part.grades.counts()) {
                all.0.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
                all.1 += ungraded;
            }
            all
        })
    }

    /// A row for each tier, and one for what could not be graded: firms, their share, and how many are settled.
    fn summary(&self, py: Python<'_>) -> PyResult<Frame> {
        let counts = py.detach(|| {
            let mut counts = [(0_i64, 0_i64); 5];
            for (part, row) in self.parts.iter().flat_map(|part| (0..part.grades.len()).map(move |row| (part, row))) {
                let tiers = part.grades.tiers(row);
                if let Some((firms, settled)) = counts.get_mut(tiers.map_or(4, |(tier, ..)| tier as usize)) {
                    *firms += 1;
                    *settled += i64::from(tiers.is_some_and(|(_, best, worst)| best == worst));
                }
            }
            counts
        });
        let total = self.len().max(1) as f64;
        let names = Tier::ALL.map(|tier| tier.name(Lang::En)).into_iter().chain(["ungraded"]);
        let numbers =
            |of: fn(&(i64, i64)) -> i64| -> ArrayRef { Arc::new(Int64Array::from_iter_values(counts.iter().map(of))) };
        let shares = counts.iter().map(|(firms, _)| *firms as f64 / total);
        let batch = RecordBatch::try_from_iter_with_nullable([
            ("tier", Arc::new(StringArray::from_iter_values(names)) as ArrayRef, false),
            ("firms", numbers(|(firms, _)| *firms), false),
            ("share", Arc::new(Float64Array::from_iter_values(shares)), false),
            ("settled", numbers(|(_, settled)| *settled), false),
        ]);
        batch.map(Frame::of).map_err(errors::arrow)
    }

    /// How many rows are settled, and how many have an error.
    fn totals(&self, py: Python<'_>) -> PyResult<(usize, usize)> {
        let count = |rows: &Rows<'_>| {
            let grades = &rows.part.grades;
            let settled = |row: &usize| grades.tiers(*row).is_some_and(|(_, best, worst)| best == worst);
            let wrong = |row: &usize| grades.has_errors(*row);
            (rows.rows.clone().filter(settled).count(), rows.rows.clone().filter(wrong).count())
        };
        py.detach(|| {
            in_pool(self.threads, || {
                self.runs(RUN).par_iter().map(count).reduce(|| (0, 0), |a, b| (a.0 + b.0, a.1 + b.1))
            })
        })
    }

    /// The grades as columns; all of them if none are named.
    fn export(&self, py: Python<'_>, columns: Option<Vec<String>>, missing: bool, lang: &str) -> PyResult<Frame> {
        let options = ExportOptions { lang: language(lang)?, missing };
        let whole = GradeColumns::new(&self.grader, &options).schema();
        let Some(columns) = columns else {
            return self.table(py, whole, RUN, |rows| rows.part.grades.to_record_batch_of(rows.rows.clone(), &options));
        };
        let mut places = Vec::with_capacity(columns.len());
        for name in &columns {
            let known = whole.fields().iter().map(|field| field.name().as_str());
            let wanted = "a column of the grades (`missing` with `missing=True`)";
            places.push(whole.index_of(name).map_err(|_| errors::unknown(py, "column", name, known, wanted))?);
        }
        let schema = Arc::new(whole.project(&places).map_err(errors::arrow)?);
        if columns.iter().all(|name| SIMPLE.contains(&name.as_str())) {
            let make = |rows: &Rows<'_>| {
                let column = |name: &String| {
                    let column = rows.part.grades.to_column_of(name, rows.rows.clone());
                    column.unwrap_or_else(|| new_null_array(&DataType::Utf8, rows.rows.len()))
                };
                let options = RecordBatchOptions::new().with_row_count(Some(rows.rows.len()));
                RecordBatch::try_new_with_options(Arc::clone(&schema), columns.iter().map(column).collect(), &options)
            };
            return self.table(py, Arc::clone(&schema), RUN, make);
        }
        self.table(py, schema, RUN, |rows| {
            rows.part.grades.to_record_batch_of(rows.rows.clone(), &options)?.project(&places)
        })
    }

    /// Firms by tier for each combination of these columns.
    fn by(&self, py: Python<'_>, names: Vec<String>, extra: Option<&Bound<'_, PyAny>>) -> PyResult<Frame> {
        let keys: Vec<StringArray> = names.iter().map(|name| self.column(name, extra)).collect::<PyResult<_>>()?;
        if let Some((name, column)) = names.iter().zip(&keys).find(|(_, column)| column.len() != self.len()) {
            let text = format!("`{name}` has {} rows; expected {}, as the register had", column.len(), self.len());
            return Err(errors::raise(py, "InputError", (text,)));
        }
        let batch = py.detach(|| {
            // Blue to red, ungraded, settled.
            let mut groups: FxHashMap<Vec<Option<&str>>, [i64; 6]> = FxHashMap::default();
            for part in &self.parts {
                for row in 0..part.grades.len() {
                    let at = part.start + row;
                    let key = keys.iter().map(|column| column.is_valid(at).then(|| column.value(at))).collect();
                    let counts = groups.entry(key).or_default();
                    let tiers = part.grades.tiers(row);
                    let place = tiers.map_or(4, |(tier, ..)| tier as usize);
                    let settled = tiers.is_some_and(|(_, best, worst)| best == worst);
                    counts.iter_mut().enumerate().for_each(|(at, count)| {
                        *count += i64::from(at == place || (at == 5 && settled));
                    });
                }
            }
            let mut sorted: Vec<_> = groups.into_iter().collect();
            sorted.sort();
            let mut fields = Vec::new();
            let mut columns: Vec<ArrayRef> = Vec::new();
            for (at, name) in names.iter().enumerate() {
                let texts = sorted.iter().map(|(key, _)| key.get(at).copied().flatten()).collect::<StringArray>();
                fields.push(Field::new(name, DataType::Utf8, true));
                columns.push(Arc::new(texts));
            }
            let mut count = |name: &str, of: &dyn Fn(&[i64; 6]) -> i64| {
                fields.push(Field::new(name, DataType::Int64, false));
                columns.push(Arc::new(sorted.iter().map(|(_, counts)| Some(of(counts))).collect::<Int64Array>()));
            };
            count("firms", &|counts| counts.iter().take(5).sum());
            for (at, name) in ["blue", "yellow", "orange", "red", "ungraded", "settled"].into_iter().enumerate() {
                count(name, &|counts| counts.get(at).copied().unwrap_or_default());
            }
            RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
        });
        batch.map(Frame::of).map_err(errors::arrow)
    }

    /// A row for each rule that fired for each firm.
    fn findings(&self, py: Python<'_>, lang: &str, merits: bool) -> PyResult<Frame> {
        let lang = language(lang)?;
        self.table(py, tables::findings_schema(), RUN / 4, |rows| tables::findings(rows, lang, merits))
    }

    /// A row for each rule that the record of a firm leaves open.
    fn undetermined(&self, py: Python<'_>, lang: &str) -> PyResult<Frame> {
        let lang = language(lang)?;
        self.table(py, tables::undetermined_schema(), RUN / 16, |rows| tables::undetermined(rows, lang))
    }

    /// The facts that keep grades open, the one that would settle most firms first.
    fn missing(&self, py: Python<'_>, lang: &str) -> PyResult<Frame> {
        let lang = language(lang)?;
        let counted = py.detach(|| {
            in_pool(self.threads, || {
                let runs = self.runs(RUN / 16);
                runs.par_iter()
                    .map(tables::count_missing)
                    .reduce(tables::MissingCounts::default, tables::MissingCounts::joined)
            })
        })?;
        tables::missing(self.grader.book(), &counted, lang).map(Frame::of).map_err(errors::arrow)
    }

    /// A row for each thing that is wrong with the record of a firm.
    fn errors(&self, py: Python<'_>, lang: &str) -> PyResult<Frame> {
        let lang = language(lang)?;
        self.table(py, tables::errors_schema(), RUN, |rows| tables::errors(rows, lang))
    }

    /// The three lists of all firms from a tier on.
    fn lists(
        &self,
        py: Python<'_>,
        tier: &str,
        lang: &str,
        name: Option<&str>,
        extra: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<(Frame, Frame, Frame)> {
        let listing = self.listing(tier, lang, name, extra)?;
        let mut columns = tables::ListTables::new(listing.lang);
        py.detach(|| {
            self.each_list(&listing, |lists| {
                lists.iter().for_each(|lists| columns.push(lists));
                Ok(())
            })
        })?;
        let [risks, hazards, responsibilities] = columns.finish().map_err(errors::arrow)?;
        Ok((Frame::of(risks), Frame::of(hazards), Frame::of(responsibilities)))
    }

    /// The three lists as a workbook; gives how many firms are in it.
    fn to_excel(
        &self,
        py: Python<'_>,
        path: &str,
        tier: &str,
        lang: &str,
        name: Option<&str>,
        extra: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<usize> {
        let listing = self.listing(tier, lang, name, extra)?;
        py.detach(|| {
            let mut workbook = Workbook::large(&self.grader, listing.lang).map_err(|error| errors::workbook(&error))?;
            let mut firms = 0;
            self.each_list(&listing, |lists| {
                firms += lists.len();
                lists.iter().try_for_each(|lists| workbook.add(lists)).map_err(|error| errors::workbook(&error))
            })?;
            let file = File::create(path).map_err(|error| PyOSError::new_err(format!("{path}: {error}")))?;
            workbook.save(BufWriter::new(file)).map_err(|error| errors::workbook(&error))?;
            Ok(firms)
        })
    }

    /// The hazards of before, followed up by the lists of all firms.
    fn follow(
        &self,
        py: Python<'_>,
        before: Vec<String>,
        name: Option<&str>,
        extra: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<NativeFollowUp> {
        let listing = self.listing(Tier::Blue.name(Lang::En), "en", name, extra)?;
        let mut follower = follow::start(&before, self.grader.as_of())?;
        py.detach(|| {
            self.each_list(&listing, |lists| {
                lists
                    .iter()
                    .try_for_each(|lists| follower.add(&FirmStatus::from(lists)).map_err(|error| follow::wrong(&error)))
            })
        })?;
        for part in &self.parts {
            let ungraded = (0..part.grades.len()).filter(|row| part.grades.tiers(*row).is_none());
            ungraded.filter_map(|row| part.grades.id(row)).for_each(|id| follower.add_without_lists(&id));
        }
        Ok(NativeFollowUp(follower.finish()))
    }

    /// These grades as a period of the monthly report.
    fn period(
        &self,
        py: Python<'_>,
        name: Option<&str>,
        district: Option<&str>,
        extra: Option<&Bound<'_, PyAny>>,
        follow_up: &NativeFollowUp,
    ) -> PyResult<NativePeriod> {
        let told = |column: Option<&str>| column.map(|column| self.column(column, extra)).transpose();
        let told = Told { names: told(name)?, districts: told(district)? };
        py.detach(|| NativePeriod::new(self, &told, follow_up))
    }

    /// The whole grade of a row, as JSON.
    fn grade_json(&self, row: usize) -> PyResult<String> {
        let (part, row) = self.part_of(row)?;
        Python::attach(|py| json(&part.grades.grade(row).map_err(|error| errors::firm(py, &error))?))
    }

    /// The grade of a row and why, as JSON.
    fn explain_json(&self, row: usize) -> PyResult<String> {
        let (part, row) = self.part_of(row)?;
        Python::attach(|py| json(&part.grades.explain(row).map_err(|error| errors::firm(py, &error))?))
    }

    /// How many scores of each tier lie in each of `bins` steps of equal width: the edges, and a list for each tier.
    fn score_counts(&self, py: Python<'_>, bins: usize) -> (Vec<f64>, [Vec<usize>; 4]) {
        py.detach(|| {
            let scored = || {
                let rows = self.parts.iter().flat_map(|part| (0..part.grades.len()).map(move |row| (part, row)));
                rows.filter_map(|(part, row)| {
                    let (tier, ..) = part.grades.tiers(row)?;
                    Some((tier as usize, part.grades.score(row)?.value.to_f64()))
                })
            };
            let (low, high) =
                scored().fold((f64::MAX, f64::MIN), |(low, high), (_, score)| (low.min(score), high.max(score)));
            if low > high {
                return (Vec::new(), Default::default());
            }
            let bins = bins.max(1);
            let width = ((high - low) / bins as f64).max(f64::MIN_POSITIVE);
            let mut counts: [Vec<usize>; 4] = std::array::from_fn(|_| vec![0; bins]);
            for (tier, score) in scored() {
                let bin = (((score - low) / width) as usize).min(bins - 1);
                if let Some(count) = counts.get_mut(tier).and_then(|counts| counts.get_mut(bin)) {
                    *count += 1;
                }
            }
            ((0..=bins).map(|at| low + width * at as f64).collect(), counts)
        })
    }

    /// Another grading of the same register beside this one: the matrix, the firms that moved, and how many firms only one
    /// of the two has.
    fn compare(&self, py: Python<'_>, after: &NativeGrades) -> PyResult<(Frame, Frame, (usize, usize))> {
        let compared = py.detach(|| in_pool(self.threads, || comparison::compare(self, after)))?;
        let compared = compared.map_err(|text| errors::raise(py, "InputError", (text,)))?;
        let matrix = compared.matrix().map_err(errors::arrow)?;
        let moved = compared.moved().map_err(errors::arrow)?;
        Ok((Frame::of(matrix), Frame::of(moved), (compared.only_before, compared.only_after)))
    }
}
