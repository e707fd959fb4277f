//! Errors of the engine as exceptions of `risktier.errors`, with what they know in attributes.

use arrow_schema::ArrowError;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use risktier::{BookError, BundleError, Diagnostic, FirmError, GradeError, JsonBatchError, Lang, WorkbookError};

/// An exception of `risktier.errors`.
pub fn raise<'py>(py: Python<'py>, class: &str, args: impl pyo3::call::PyCallArgs<'py>) -> PyErr {
    let error =
        py.import("risktier.errors").and_then(|module| module.getattr(class)).and_then(|class| class.call1(args));
    match error {
        Ok(error) => PyErr::from_value(error),
        Err(error) => error,
    }
}

pub fn arrow(error: ArrowError) -> PyErr {
    Python::attach(|py| raise(py, "InputError", (error.to_string(),)))
}

/// The value of an argument that is none of those that there are.
pub fn unknown<'n>(
    py: Python<'_>,
    what: &str,
    name: &str,
    known: impl IntoIterator<Item = &'n str>,
    expected: &str,
) -> PyErr {
    let nearest = risktier::nearest(name, known);
    raise(py, "UnknownNameError", (what, name, expected, nearest))
}

pub fn firm(py: Python<'_>, error: &FirmError) -> PyErr {
    match error {
        FirmError::UnknownSector { sector, nearest } => {
            raise(py, "UnknownNameError", ("sector", sector, "one that `book.sectors` lists", nearest.clone()))
        }
        other => raise(py, "InputError", (other.message(Lang::En),)),
    }
}

pub fn grade(py: Python<'_>, error: &GradeError) -> PyErr {
    match error {
        GradeError::Firm(error) => firm(py, error),
        other => raise(py, "InputError", (other.to_string(),)),
    }
}

pub fn json_batch(error: &JsonBatchError) -> PyErr {
    Python::attach(|py| match error {
        JsonBatchError::Sector(error) => firm(py, error),
        other => raise(py, "InputError", (other.to_string(),)),
    })
}

pub fn batch(error: &risktier::BatchError) -> PyErr {
    Python::attach(|py| match error {
        risktier::BatchError::Sector(error) => firm(py, error),
        other => raise(py, "InputError", (other.to_string(),)),
    })
}

pub fn book(py: Python<'_>, error: &BookError) -> PyErr {
    match diagnostics(py, error.diagnostics()) {
        Ok(list) => raise(py, "BookError", (error.render(Lang::En), list)),
        Err(error) => error,
    }
}

pub fn bundle(py: Python<'_>, error: &BundleError) -> PyErr {
    match error {
        BundleError::Book(error) => book(py, error),
        other => raise(py, "BundleError", (other.to_string(),)),
    }
}

pub fn workbook(error: &WorkbookError) -> PyErr {
    PyRuntimeError::new_err(error.to_string())
}

/// Diagnostics as dicts.
pub fn diagnostics<'py>(py: Python<'py>, all: &[Diagnostic]) -> PyResult<Bound<'py, PyList>> {
    let list = PyList::empty(py);
    for one in all {
        let site = one.site();
        let dict = PyDict::new(py);
        dict.set_item("code", one.code())?;
        dict.set_item("severity", if one.severity() == risktier::Severity::Error { "error" } else { "warning" })?;
        dict.set_item("script", &*site.script)?;
        dict.set_item("line", site.line)?;
        dict.set_item("column", site.column)?;
        dict.set_item("width", one.width())?;
        dict.set_item("message", one.message(Lang::En))?;
        dict.set_item("message_zh", one.message(Lang::Zh))?;
        dict.set_item("expected", one.expected(Lang::En))?;
        dict.set_item("expected_zh", one.expected(Lang::Zh))?;
        dict.set_item("help", one.help(Lang::En))?;
        dict.set_item("help_zh", one.help(Lang::Zh))?;
        let firm = one.witness().map(serde_json::to_string).transpose();
        let firm = firm.map_err(|error| PyRuntimeError::new_err(error.to_string()))?;
        let witness = firm.map(|json| py.import("json")?.call_method1("loads", (json,))).transpose()?;
        dict.set_item("witness", witness)?;
        dict.set_item("source_line", one.source_line())?;
        dict.set_item("text", one.render(Lang::En))?;
        list.append(dict)?;
    }
    Ok(list)
}
