//! Arrow data across the border of the interpreter, by the Arrow PyCapsule interface. Takes and gives record batches; no
//! buffer is copied. The only unsafe code of the package.
#![expect(unsafe_code, reason = "the Arrow C data interface hands structures over by address")]

use std::ffi::CStr;

use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema, from_ffi};
use arrow_array::ffi_stream::{FFI_ArrowArrayStream, RecordBatchStreamReader};
use arrow_array::{RecordBatch, RecordBatchIterator, RecordBatchReader, StructArray};
use arrow_schema::{ArrowError, SchemaRef};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyTuple};

use crate::errors;

const STREAM: &CStr = c"arrow_array_stream";
const SCHEMA: &CStr = c"arrow_schema";
const ARRAY: &CStr = c"arrow_array";

/// All record batches of an object.
pub fn read(object: &Bound<'_, PyAny>) -> PyResult<(SchemaRef, Vec<RecordBatch>)> {
    let py = object.py();
    if object.hasattr("__arrow_c_stream__")? {
        let capsule = object.call_method0("__arrow_c_stream__")?.cast_into::<PyCapsule>()?;
        let pointer = capsule.pointer_checked(Some(STREAM))?.cast::<FFI_ArrowArrayStream>();
        // SAFETY: a capsule of this name holds an ArrowArrayStream. `from_raw` moves it out and leaves a released one
        // behind, so that the destructor of the capsule frees nothing twice.
        let stream = unsafe { FFI_ArrowArrayStream::from_raw(pointer.as_ptr()) };
        // A stream may be backed by Python, which takes the lock by itself when it needs it.
        return py
            .detach(|| {
                let reader = RecordBatchStreamReader::try_new(stream)?;
                let schema = reader.schema();
                Ok((schema, reader.collect::<Result<Vec<_>, ArrowError>>()?))
            })
            .map_err(errors::arrow);
    }
    if object.hasattr("__arrow_c_array__")? {
        let pair = object.call_method0("__arrow_c_array__")?.cast_into::<PyTuple>()?;
        let schema = pair.get_item(0)?.cast_into::<PyCapsule>()?;
        let array = pair.get_item(1)?.cast_into::<PyCapsule>()?;
        let schema = schema.pointer_checked(Some(SCHEMA))?.cast::<FFI_ArrowSchema>();
        let array = array.pointer_checked(Some(ARRAY))?.cast::<FFI_ArrowArray>();
        // SAFETY: capsules of these names hold an ArrowSchema and an ArrowArray that fit each other. The array is moved out
        // and a released one left behind; the schema is only read, while `pair` keeps its capsule.
        let data = unsafe { from_ffi(FFI_ArrowArray::from_raw(array.as_ptr()), schema.as_ref()) };
        let data = data.map_err(errors::arrow)?;
        if !matches!(data.data_type(), arrow_schema::DataType::Struct(_)) {
            return Err(PyTypeError::new_err(format!(
                "a single column of {} cannot be graded; expected a record batch, with a column for each fact",
                data.data_type()
            )));
        }
        let batch = RecordBatch::from(StructArray::from(data));
        return Ok((batch.schema(), vec![batch]));
    }
    Err(PyTypeError::new_err(format!(
        "`{}` has no Arrow data; expected a pyarrow, polars or pandas frame, a duckdb relation, a list of dicts, or an object \
         with `__arrow_c_stream__`",
        object.get_type().name()?
    )))
}

/// Record batches as a capsule that other libraries read.
pub fn write<'py>(py: Python<'py>, schema: SchemaRef, batches: Vec<RecordBatch>) -> PyResult<Bound<'py, PyCapsule>> {
    let reader = RecordBatchIterator::new(batches.into_iter().map(Ok), schema);
    PyCapsule::new_with_value(py, FFI_ArrowArrayStream::new(Box::new(reader)), STREAM)
}
