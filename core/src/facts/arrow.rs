//! Arrow record batches: the columns of a batch, as the executor reads them, in place where they are of a fact's type.

use std::collections::HashMap;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Date64Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, UInt32Array};
use arrow_buffer::NullBuffer;
use arrow_cast::display::array_value_to_string;
use arrow_schema::{ArrowError, DataType, TimeUnit};

use super::cells::{check, int_cell, number_cell, wrong_type};
use super::column::{FirmColumn, Texts, Values};
use super::columns::{FactColumn, ListColumn, Source};
use super::{Cell, DataError, Expected, firm::field_name};
use crate::book::Fact;
use crate::plan::PlanList;
use crate::{Date, Type};

/// The columns of a record batch.
pub(crate) struct ArrowSource<'a> {
    pub(crate) columns: &'a HashMap<String, ArrayRef>,
    /// The rows of the plan's sector, if they are not all.
    pub(crate) rows: Option<&'a UInt32Array>,
    pub(crate) len: usize,
    pub(crate) parse_text: bool,
    pub(crate) parse_columns: &'a [String],
}

impl ArrowSource<'_> {
    /// Is text of this fact, or `list.field`, read as its type?
    fn parses(&self, name: &str) -> bool {
        self.parse_text || self.parse_columns.iter().any(|column| column == name)
    }

    fn column(&self, name: &str) -> Result<Option<ArrayRef>, ArrowError> {
        let Some(array) = self.columns.get(name) else { return Ok(None) };
        Ok(Some(match self.rows {
            None => array.clone(),
            Some(rows) => arrow_select::take::take(array, rows, None)?,
        }))
    }
}

impl Source for ArrowSource<'_> {
    type Error = ArrowError;

    fn rows(&self) -> usize {
        self.len
    }

    fn fact(&self, fact: &Fact) -> Result<Option<FactColumn>, ArrowError> {
        let array = self.column(&fact.name)?;
        array.map(|array| fact_column(fact, &array, self.parses(&fact.name))).transpose()
    }

    fn list(&self, list: &PlanList) -> Result<Option<ListColumn>, ArrowError> {
        let array = self.column(&list.name)?;
        array.map(|array| list_column(list, &array, self)).transpose()
    }
}

fn list_column(list: &PlanList, array: &ArrayRef, source: &ArrowSource<'_>) -> Result<ListColumn, ArrowError> {
    let len = array.len();
    let (offsets, items): (Vec<usize>, ArrayRef) = match array.data_type() {
        DataType::Null => return Ok(ListColumn::unknown(list, len)),
        DataType::List(_) => {
            let lists = array.as_list::<i32>();
            (lists.offsets().iter().map(|at| *at as usize).collect(), lists.values().clone())
        }
        DataType::LargeList(_) => {
            let lists = array.as_list::<i64>();
            (lists.offsets().iter().map(|at| *at as usize).collect(), lists.values().clone())
        }
        DataType::FixedSizeList(..) => {
            let lists = array.as_fixed_size_list();
            let width = lists.value_length() as usize;
            ((0..=len).map(|at| at * width).collect(), lists.values().clone())
        }
        _ => {
            let mut column = ListColumn::unknown(list, len);
            for at in (0..len).filter(|at| array.is_valid(*at)) {
                let error = DataError::new(&list.name, array_value_to_string(array, at)?, Expected::List);
                column.bad.push((at, error));
            }
            return Ok(column);
        }
    };
    let valid = array.nulls().cloned();
    let (offsets, items) = without_hidden_items(offsets, items, valid.as_ref())?;
    let (offsets, items) = without_outside_items(offsets, items);
    let mut column = ListColumn { offsets, valid, fields: Vec::with_capacity(list.fields.len()), bad: Vec::new() };
    let DataType::Struct(_) = items.data_type() else {
        for at in (0..items.len()).filter(|at| items.is_valid(*at)) {
            let row = column.row_of(at);
            let mut error = DataError::new(&list.name, array_value_to_string(&items, at)?, Expected::Record);
            error.item = column.offsets.get(row).map(|from| at - from);
            column.bad.push((row, error));
        }
        column.fields = list.fields.iter().map(|_| FactColumn::unknown(items.len())).collect();
        return Ok(column);
    };
    let records = items.as_struct();
    for spec in &list.fields {
        column.fields.push(match records.column_by_name(&spec.name) {
            None => FactColumn::unknown(items.len()),
            Some(field) => {
                // An item that is null as a whole has no field either.
                let field = match records.nulls() {
                    Some(nulls) => {
                        arrow_select::nullif::nullif(field, &arrow_array::BooleanArray::new(!nulls.inner(), None))?
                    }
                    None => field.clone(),
                };
                fact_column(spec, &field, source.parses(&field_name(&list.name, &spec.name)))?
            }
        });
    }
    Ok(column)
}

/// Arrow lets a null list keep items; here it must not, so that the items of a run of rows lie side by side.
fn without_hidden_items(
    offsets: Vec<usize>,
    items: ArrayRef,
    valid: Option<&NullBuffer>,
) -> Result<(Vec<usize>, ArrayRef), ArrowError> {
    let hidden = |(row, pair): (usize, &[usize])| {
        let [from, to] = pair else { return false };
        to > from && valid.is_some_and(|valid| valid.is_null(row))
    };
    if !offsets.windows(2).enumerate().any(hidden) {
        return Ok((offsets, items));
    }
    let mut kept = Vec::new();
    let mut new_offsets = vec![0];
    for (row, pair) in offsets.windows(2).enumerate() {
        if let ([from, to], false) = (pair, hidden((row, pair))) {
            kept.extend(*from as u64..*to as u64);
        }
        new_offsets.push(kept.len());
    }
    let items = arrow_select::take::take(&items, &arrow_array::UInt64Array::from(kept), None)?;
    Ok((new_offsets, items))
}

/// A slice of a list array keeps the items of the rows that were cut off; they are no row's here.
fn without_outside_items(mut offsets: Vec<usize>, items: ArrayRef) -> (Vec<usize>, ArrayRef) {
    let (from, to) = (offsets.first().copied().unwrap_or(0), offsets.last().copied().unwrap_or(0));
    if (from, to) == (0, items.len()) {
        return (offsets, items);
    }
    offsets.iter_mut().for_each(|at| *at -= from);
    (offsets, items.slice(from, to - from))
}

fn fact_column(spec: &Fact, array: &ArrayRef, parse_text: bool) -> Result<FactColumn, ArrowError> {
    let values = match array.data_type() {
        DataType::Dictionary(_, values) => {
            return fact_column(spec, &arrow_cast::cast(array, values)?, parse_text);
        }
        DataType::LargeUtf8 | DataType::Utf8View => {
            return fact_column(spec, &arrow_cast::cast(array, &DataType::Utf8)?, parse_text);
        }
        DataType::Float16
        | DataType::Decimal32(..)
        | DataType::Decimal64(..)
        | DataType::Decimal128(..)
        | DataType::Decimal256(..) => {
            return fact_column(spec, &arrow_cast::cast(array, &DataType::Float64)?, parse_text);
        }
        DataType::Null => Values::Unknown(array.len()),
        DataType::Boolean => Values::Bool(array.as_boolean().values().clone()),
        DataType::Int8 => Values::Int8(array.as_primitive::<Int8Type>().values().clone()),
        DataType::Int16 => Values::Int16(array.as_primitive::<Int16Type>().values().clone()),
        DataType::Int32 => Values::Int32(array.as_primitive::<Int32Type>().values().clone()),
        DataType::Int64 => Values::Int64(array.as_primitive::<Int64Type>().values().clone()),
        DataType::UInt8 => Values::UInt8(array.as_primitive::<UInt8Type>().values().clone()),
        DataType::UInt16 => Values::UInt16(array.as_primitive::<UInt16Type>().values().clone()),
        DataType::UInt32 => Values::UInt32(array.as_primitive::<UInt32Type>().values().clone()),
        DataType::Float32 => Values::Float32(array.as_primitive::<Float32Type>().values().clone()),
        DataType::Float64 => Values::Float64(array.as_primitive::<Float64Type>().values().clone()),
        DataType::Date32 => Values::Date(array.as_primitive::<Date32Type>().values().clone()),
        DataType::Utf8 => Values::Text(Texts::Arrow(array.as_string::<i32>().clone())),
        _ => return Ok(FactColumn::of_cells(spec, (0..array.len()).map(|at| other_cell(spec, array, at)))),
    };
    Ok(FactColumn::new(spec, FirmColumn::new(values, array.nulls().cloned()), parse_text))
}

/// A value of a type that only Arrow has.
fn other_cell<'a>(spec: &Fact, array: &ArrayRef, at: usize) -> Cell<'a> {
    if array.is_null(at) {
        return Cell::Unknown;
    }
    let date = |days: Option<Date>| match (days, spec.ty) {
        (Some(date), Type::Date) => check(spec, Cell::Date(date.days())),
        (Some(date), _) => wrong_type(spec, date.to_string()),
        (None, _) => wrong_type(spec, array_value_to_string(array, at).unwrap_or_default()),
    };
    let per_day = |unit: TimeUnit| match unit {
        TimeUnit::Second => 86_400,
        TimeUnit::Millisecond => 86_400_000,
        TimeUnit::Microsecond => 86_400_000_000,
        TimeUnit::Nanosecond => 86_400_000_000_000i64,
    };
    match array.data_type() {
        DataType::Date64 => date(Date::from_days(array.as_primitive::<Date64Type>().value(at).div_euclid(86_400_000))),
        DataType::Timestamp(unit, _) => {
            let stamp = arrow_cast::cast(&array.slice(at, 1), &DataType::Int64);
            let ticks = stamp.ok().map(|stamp| stamp.as_primitive::<Int64Type>().value(0));
            date(ticks.and_then(|ticks| Date::from_days(ticks.div_euclid(per_day(*unit)))))
        }
        DataType::UInt64 => {
            let number = array.as_primitive::<UInt64Type>().value(at);
            match i64::try_from(number) {
                Ok(number) => int_cell(spec, number),
                Err(_) if spec.ty == Type::Float => number_cell(spec, number as f64),
                Err(_) => wrong_type(spec, number.to_string()),
            }
        }
        _ => wrong_type(spec, array_value_to_string(array, at).unwrap_or_default()),
    }
}
