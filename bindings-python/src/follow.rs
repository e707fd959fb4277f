//! Hazards from one period to the next.

use std::fs::File;
use std::io::BufWriter;

use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;
use risktier::{Date, FollowUp, FollowedHazard, Follower};

use crate::book::{json, language};
use crate::errors;
use crate::frame::Frame;
use crate::tables::CellTable;

/// The follow-up of a period.
#[pyclass(module = "risktier._native", frozen)]
pub struct NativeFollowUp(pub FollowUp);

/// What does not follow, as an exception.
pub fn wrong(error: &impl ToString) -> PyErr {
    Python::attach(|py| errors::raise(py, "InputError", (error.to_string(),)))
}

/// Starts from the lines that a follow-up gave.
pub fn start(before: &[String], as_of: Date) -> PyResult<Follower> {
    let read = |(at, line): (usize, &String)| {
        let expected = "expected a hazard, as a follow-up gives it";
        serde_json::from_str(line).map_err(|error| wrong(&format!("before: line {}: {error}; {expected}", at + 1)))
    };
    let hazards: Vec<FollowedHazard> = before.iter().enumerate().map(read).collect::<PyResult<_>>()?;
    Follower::new(hazards, as_of).map_err(|error| wrong(&error))
}

#[pymethods]
impl NativeFollowUp {
    fn __len__(&self) -> usize {
        self.0.hazards.len()
    }

    /// The grading date.
    #[getter]
    fn as_of(&self) -> String {
        self.0.as_of.to_string()
    }

    /// Firms whose hazards cannot be followed.
    #[getter]
    fn firms_without_id(&self) -> usize {
        self.0.firms_without_id
    }

    /// The counts, as JSON.
    fn counts_json(&self) -> PyResult<String> {
        json(&self.0.counts)
    }

    /// Every hazard as a line of JSON.
    fn lines(&self) -> PyResult<Vec<String>> {
        self.0.hazards.iter().map(json).collect()
    }

    /// A row a hazard.
    fn frame(&self, lang: &str) -> PyResult<Frame> {
        let lang = language(lang)?;
        let mut table = CellTable::new(FollowUp::columns(), lang);
        self.0.hazards.iter().for_each(|hazard| table.push(&hazard.row(lang)));
        table.finish().map(Frame::of).map_err(errors::arrow)
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
