//! The monthly report of registers that were graded on several days.

use std::fs::File;
use std::io::BufWriter;
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, Date32Array, Float64Array, RecordBatch, StringArray};
use arrow_schema::ArrowError;
use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;
use risktier::report::{ForecastEntry, Indicators, MonthlyReport, Period, ReportTable};
use risktier::{Lang, ListCell};

use crate::book::{json, language};
use crate::errors;
use crate::follow::{NativeFollowUp, wrong};
use crate::frame::Frame;
use crate::grades::NativeGrades;

/// What the register says of its firms beside their facts, by row.
pub struct Told {
    pub names: Option<StringArray>,
    pub districts: Option<StringArray>,
}

fn cell(column: Option<&StringArray>, row: usize) -> Option<&str> {
    let column = column.filter(|column| row < column.len() && column.is_valid(row))?;
    Some(column.value(row)).filter(|text| !text.is_empty())
}

/// A register as it was graded on a day.
#[pyclass(module = "risktier._native", frozen)]
pub struct NativePeriod(Period);

impl NativePeriod {
    pub fn new(grades: &NativeGrades, told: &Told, follow_up: &NativeFollowUp) -> PyResult<NativePeriod> {
        let identity = grades.grader.identity();
        if follow_up.0.as_of != identity.as_of {
            let text = format!(
                "the follow-up is as of {}; expected that of the grades of {}",
                follow_up.0.as_of, identity.as_of
            );
            return Err(wrong(&text));
        }
        let mut firms = grades.firms()?;
        for (row, firm) in firms.iter_mut().enumerate() {
            firm.name = cell(told.names.as_ref(), row).map(str::to_owned);
            firm.district = cell(told.districts.as_ref(), row).map(Arc::from);
        }
        Ok(NativePeriod(Period {
            as_of: identity.as_of,
            book: identity.book.to_string(),
            engine: identity.engine.to_owned(),
            firms,
            has_districts: told.districts.is_some(),
            has_missing: true,
            hazards: Some(follow_up.0.hazards.clone()),
        }))
    }
}

/// Name, title, note and rows of a table.
type Table = (&'static str, String, Option<String>, Frame);

/// The monthly report.
#[pyclass(module = "risktier._native", frozen)]
pub struct NativeReport(MonthlyReport);

#[pymethods]
impl NativeReport {
    /// `grades` are those of the latest period: their book says what the rules are.
    #[new]
    fn new(
        py: Python<'_>,
        periods: Vec<Bound<'_, NativePeriod>>,
        grades: &NativeGrades,
        indicators: Option<&str>,
        forecast: Option<&str>,
    ) -> PyResult<NativeReport> {
        let periods: Vec<Period> = periods.iter().map(|period| period.get().0.clone()).collect();
        let indicators = match indicators {
            None => Indicators::standard(),
            Some(text) => Indicators::from_toml(text).map_err(|error| wrong(&format!("indicators: {error}")))?,
        };
        let read = |text: &str| -> PyResult<Vec<ForecastEntry>> {
            let expected = "expected a forecast, as `RuleBook.forecast` or `risktier forecast` gives it";
            serde_json::from_str(text).map_err(|error| wrong(&format!("forecast: {error}; {expected}")))
        };
        let mut forecast = forecast.map(read).transpose()?;
        let latest = periods.iter().max_by_key(|period| period.as_of);
        if let (Some(entries), Some(latest)) = (&mut forecast, latest) {
            named(entries, latest);
        }
        let make = || MonthlyReport::new(periods, grades.grader.book(), &indicators, forecast.as_deref());
        py.detach(make).map(NativeReport).map_err(|error| wrong(&error))
    }

    /// The whole report, as JSON.
    fn json(&self) -> PyResult<String> {
        json(&self.0)
    }

    /// The report in a few sentences.
    fn sentences(&self, lang: &str) -> PyResult<Vec<String>> {
        Ok(self.0.sentences(language(lang)?))
    }

    /// Its tables: name, title, note, and the rows.
    fn tables(&self, lang: &str) -> PyResult<Vec<Table>> {
        let lang = language(lang)?;
        let frame = |table: ReportTable| {
            let rows = batch(&table, lang).map(Frame::of).map_err(errors::arrow)?;
            Ok((table.id, table.title, table.note, rows))
        };
        self.0.tables(lang).into_iter().map(frame).collect()
    }

    /// As a page that prints.
    fn html(&self, lang: &str) -> PyResult<String> {
        Ok(self.0.to_html(language(lang)?))
    }

    /// Writes a workbook.
    fn to_excel(&self, py: Python<'_>, path: &str, lang: &str) -> PyResult<()> {
        let lang = language(lang)?;
        py.detach(|| {
            let file = File::create(path).map_err(|error| PyOSError::new_err(format!("{path}: {error}")))?;
            self.0.to_xlsx(lang, BufWriter::new(file)).map_err(|error| errors::workbook(&error))
        })
    }
}

/// Gives the firms of a forecast their names and sectors, where it does not say them.
fn named(forecast: &mut [ForecastEntry], latest: &Period) {
    let firms: rustc_hash::FxHashMap<&str, _> =
        latest.firms.iter().filter_map(|firm| Some((firm.id.as_deref()?, firm))).collect();
    for entry in forecast {
        let Some(firm) = firms.get(entry.firm.as_str()) else { continue };
        entry.name = entry.name.take().or_else(|| firm.name.clone());
        entry.sector = entry.sector.take().or_else(|| firm.sector.clone());
    }
}

/// A column is of numbers or of days if every cell of it is one or empty, else of text.
fn batch(table: &ReportTable, lang: Lang) -> Result<RecordBatch, ArrowError> {
    let columns = table.columns.iter().enumerate().map(|(at, (heading, _))| {
        let cells = || table.rows.iter().map(move |row| row.get(at).unwrap_or(&ListCell::Empty));
        let all = |is: fn(&ListCell) -> bool| {
            cells().any(is) && cells().all(|cell| is(cell) || matches!(cell, ListCell::Empty))
        };
        let array: ArrayRef = if all(|cell| matches!(cell, ListCell::Number(_))) {
            Arc::new(Float64Array::from_iter(cells().map(|cell| match cell {
                ListCell::Number(number) => Some(*number),
                _ => None,
            })))
        } else if all(|cell| matches!(cell, ListCell::Date(_))) {
            Arc::new(Date32Array::from_iter(cells().map(|cell| match cell {
                ListCell::Date(date) => Some(date.days()),
                _ => None,
            })))
        } else {
            Arc::new(StringArray::from_iter(cells().map(|cell| match cell {
                ListCell::Empty => None,
                ListCell::Tier(tier) => Some(tier.name(Lang::En).to_owned()),
                cell => Some(cell.to_text(lang)),
            })))
        };
        (heading.as_str(), array, true)
    });
    RecordBatch::try_from_iter_with_nullable(columns)
}
