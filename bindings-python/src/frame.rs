//! The table that Python sees: record batches behind the Arrow PyCapsule interface, with ways into other libraries.

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, SchemaRef};
use pyo3::exceptions::{PyKeyError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{IntoPyDict, PyCapsule, PyDict, PyList};

use crate::capsule;

/// A table: columns of one length, held as Arrow record batches.
#[pyclass(module = "risktier", frozen)]
pub struct Frame {
    pub schema: SchemaRef,
    pub batches: Vec<RecordBatch>,
}

impl Frame {
    pub fn new(schema: SchemaRef, batches: Vec<RecordBatch>) -> Frame {
        Frame { schema, batches }
    }

    pub fn of(batch: RecordBatch) -> Frame {
        Frame { schema: batch.schema(), batches: vec![batch] }
    }

    fn rows(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }
}

/// A cell as an object of Python.
fn cell<'py>(py: Python<'py>, array: &ArrayRef, at: usize) -> PyResult<Bound<'py, PyAny>> {
    if array.is_null(at) {
        return Ok(py.None().into_bound(py));
    }
    Ok(match array.data_type() {
        DataType::Utf8 => array.as_string::<i32>().value(at).into_pyobject(py)?.into_any(),
        DataType::Boolean => array.as_boolean().value(at).into_pyobject(py)?.to_owned().into_any(),
        DataType::Int64 => array.as_primitive::<Int64Type>().value(at).into_pyobject(py)?.into_any(),
        DataType::Float64 => array.as_primitive::<Float64Type>().value(at).into_pyobject(py)?.into_any(),
        DataType::Date32 => {
            // Days are counted from 1970-01-01 there, from 0001-01-01 here.
            let ordinal = array.as_primitive::<Date32Type>().value(at) + 719_163;
            py.import("datetime")?.getattr("date")?.call_method1("fromordinal", (ordinal,))?
        }
        DataType::List(_) => {
            let items = array.as_list::<i32>().value(at);
            let list = PyList::empty(py);
            for item in 0..items.len() {
                list.append(cell(py, &items, item)?)?;
            }
            list.into_any()
        }
        other => return Err(PyTypeError::new_err(format!("a column of {other} has no form as objects of Python"))),
    })
}

#[pymethods]
impl Frame {
    /// From anything with the Arrow PyCapsule interface.
    #[new]
    fn from_python(data: &Bound<'_, PyAny>) -> PyResult<Frame> {
        let (schema, batches) = capsule::read(data)?;
        Ok(Frame { schema, batches })
    }

    /// The rows as an Arrow stream, for any library that knows the PyCapsule interface.
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // The interface allows a producer to ignore the wish.
        drop(requested_schema);
        capsule::write(py, self.schema.clone(), self.batches.clone())
    }

    /// The names of the columns.
    #[getter]
    fn columns(&self) -> Vec<String> {
        self.schema.fields().iter().map(|field| field.name().clone()).collect()
    }

    /// Rows and columns.
    #[getter]
    fn shape(&self) -> (usize, usize) {
        (self.rows(), self.schema.fields().len())
    }

    fn __len__(&self) -> usize {
        self.rows()
    }

    /// A column as a list.
    fn __getitem__<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyList>> {
        let Ok(at) = self.schema.index_of(name) else {
            return Err(PyKeyError::new_err(format!("no column `{name}`; there are {}", self.columns().join(", "))));
        };
        let list = PyList::empty(py);
        for array in self.batches.iter().filter_map(|batch| batch.columns().get(at)) {
            for row in 0..array.len() {
                list.append(cell(py, array, row)?)?;
            }
        }
        Ok(list)
    }

    /// The rows as dicts.
    fn to_dicts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let list = PyList::empty(py);
        for batch in &self.batches {
            for row in 0..batch.num_rows() {
                let dict = PyDict::new(py);
                for (field, array) in self.schema.fields().iter().zip(batch.columns()) {
                    dict.set_item(field.name(), cell(py, array, row)?)?;
                }
                list.append(dict)?;
            }
        }
        Ok(list)
    }

    /// The first rows.
    #[pyo3(signature = (n = 10))]
    fn head(&self, n: usize) -> Frame {
        let mut left = n;
        let mut batches = Vec::new();
        for batch in &self.batches {
            let take = left.min(batch.num_rows());
            if take > 0 {
                batches.push(batch.slice(0, take));
            }
            left -= take;
        }
        Frame::new(self.schema.clone(), batches)
    }

    /// As a pyarrow Table, without a copy. Needs pyarrow.
    fn to_arrow<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("pyarrow")?.call_method1("table", (slf,))
    }

    /// As a polars DataFrame. Needs polars.
    fn to_polars<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("polars")?.call_method1("DataFrame", (slf,))
    }

    /// As a pandas DataFrame. Needs pandas; with pyarrow it is quick, without it goes by way of Python objects.
    fn to_pandas<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        let pandas = py.import("pandas")?;
        if py.import("pyarrow").is_ok() {
            return Frame::to_arrow(slf)?.call_method0("to_pandas");
        }
        let (rows, columns) = (slf.get().to_dicts(py)?, slf.get().columns());
        pandas.call_method("DataFrame", (rows,), Some(&[("columns", columns)].into_py_dict(py)?))
    }

    /// Pickles by way of pyarrow.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyAny>,))> {
        Ok((slf.get_type().into_any(), (Frame::to_arrow(slf)?,)))
    }

    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        slf.py().import("risktier._html")?.call_method1("frame_text", (slf,))?.extract()
    }

    fn _repr_html_(slf: &Bound<'_, Self>) -> PyResult<String> {
        slf.py().import("risktier._html")?.call_method1("frame_html", (slf,))?.extract()
    }
}
