//! Firms as Arrow columns: every column that a plan reads, in a type that the executor can use in place, with what is
//! wrong in it.

use std::borrow::Cow;
use std::collections::HashMap;

use arrow_array::builder::{BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Date64Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, UInt32Array, new_null_array};
use arrow_buffer::NullBuffer;
use arrow_cast::display::array_value_to_string;
use arrow_schema::{DataType, TimeUnit};

use super::cells::{absent, bool_cell, check, int_cell, number_cell, parsed_cell, text_cell, wrong_type};
use super::{Cell, DataError, Expected, Firm, Items, firm::field_name};
use crate::book::Fact;
use crate::expr::Scalar;
use crate::plan::one::{ListRow, Row};
use crate::plan::{Plan, PlanList};
use crate::{Date, Type};

/// A column for a fact.
pub(crate) struct FactColumn {
    /// Boolean, an integer up to 64 bits (UInt64 excepted), Float32, Float64, Date32 or Utf8, as the fact's type goes;
    /// Null where the batch has no such column.
    pub(crate) array: ArrayRef,
    /// Rows whose value did not fit the type. They are null in `array`.
    bad: HashMap<usize, DataError>,
}

/// A column for a list.
pub(crate) struct ListColumn {
    /// Where the items of each row begin, and the end of the last. A null row has no items.
    pub(crate) offsets: Vec<usize>,
    pub(crate) valid: Option<NullBuffer>,
    /// By field of the list.
    pub(crate) fields: Vec<FactColumn>,
    /// Rows whose value is no list, and items that are no record.
    bad: Vec<(usize, DataError)>,
}

/// Everything that a plan reads of a batch.
pub(crate) struct Columns {
    pub(crate) len: usize,
    pub(crate) facts: Vec<FactColumn>,
    pub(crate) lists: Vec<ListColumn>,
}

/// Where the columns of a batch are found.
pub(crate) struct Source<'a> {
    pub(crate) columns: &'a HashMap<String, ArrayRef>,
    /// The rows of the plan's sector, if they are not all.
    pub(crate) rows: Option<&'a UInt32Array>,
    pub(crate) len: usize,
    pub(crate) parse_text: bool,
    pub(crate) parse_columns: &'a [String],
}

impl Source<'_> {
    /// Is text of this fact, or `list.field`, read as its type?
    fn parses(&self, name: &str) -> bool {
        self.parse_text || self.parse_columns.iter().any(|column| column == name)
    }
}

impl Columns {
    pub(crate) fn read(plan: &Plan, source: &Source<'_>) -> Result<Columns, arrow_schema::ArrowError> {
        let column = |name: &str| -> Result<Option<ArrayRef>, arrow_schema::ArrowError> {
            let Some(array) = source.columns.get(name) else { return Ok(None) };
            Ok(Some(match source.rows {
                None => array.clone(),
                Some(rows) => arrow_select::take::take(array, rows, None)?,
            }))
        };
        let mut facts = Vec::with_capacity(plan.facts.len());
        for fact in &plan.facts {
            facts.push(match column(&fact.spec.name)? {
                None => FactColumn { array: new_null_array(&DataType::Null, source.len), bad: HashMap::new() },
                Some(array) => FactColumn::read(&fact.spec, &array, source.parses(&fact.spec.name))?,
            });
        }
        let mut lists = Vec::with_capacity(plan.lists.len());
        for list in &plan.lists {
            lists.push(match column(&list.name)? {
                None => ListColumn::unknown(list, source.len),
                Some(array) => ListColumn::read(list, &array, source)?,
            });
        }
        Ok(Columns { len: source.len, facts, lists })
    }

    /// Firms that were read one by one, as columns.
    pub(crate) fn of_firms<'f>(plan: &Plan, firms: &[&Firm<'f>]) -> Result<Columns, arrow_schema::ArrowError> {
        let len = firms.len();
        let mut cells: Vec<Vec<Cell<'_>>> = plan.facts.iter().map(|_| vec![Cell::Unknown; len]).collect();
        for (row, firm) in firms.iter().enumerate() {
            for (fact, cell) in &firm.facts {
                let slot = plan.slot_of_fact(*fact as usize).and_then(|slot| cells.get_mut(slot));
                if let Some(place) = slot.and_then(|cells| cells.get_mut(row)) {
                    *place = cell.clone();
                }
            }
        }
        let facts = plan.facts.iter().zip(cells).map(|(fact, cells)| from_cells(&fact.spec, cells.into_iter()));
        let lists = plan.lists.iter().enumerate().map(|(slot, list)| {
            let items = |firm: &&Firm<'f>| {
                let given = firm.lists.iter().find(|(list, _)| plan.slot_of_list(*list as usize) == Some(slot));
                given.map_or(Items::Unknown, |(_, items)| items.clone())
            };
            ListColumn::of_items(list, firms.iter().map(items))
        });
        Ok(Columns { len, facts: facts.collect::<Result<_, _>>()?, lists: lists.collect::<Result<_, _>>()? })
    }

    /// One row, as the one-firm executor reads it.
    pub(crate) fn row<'a>(&'a self, plan: &'a Plan, at: usize) -> Row<'a> {
        let facts = plan.facts.iter().zip(&self.facts).map(|(fact, column)| column.value(&fact.spec, at)).collect();
        let lists = plan.lists.iter().zip(&self.lists).map(|(list, column)| {
            let (from, to) = column.items(at)?;
            let fields = list.fields.iter().zip(&column.fields);
            let fields = fields.map(|(spec, column)| (from..to).map(|item| column.value(spec, item)).collect());
            Some(ListRow { len: to - from, fields: fields.collect() })
        });
        Row { facts, lists: lists.collect() }
    }

    /// The value of a field of an item of a list of the plan; items count from the first of the batch.
    pub(crate) fn item_value<'a>(&'a self, plan: &'a Plan, list: usize, field: usize, item: usize) -> Scalar<'a> {
        let spec = plan.lists.get(list).and_then(|list| list.fields.get(field));
        let column = self.lists.get(list).and_then(|list| list.fields.get(field));
        let (Some(spec), Some(column)) = (spec, column) else { return Scalar::Unknown };
        column.value(spec, item)
    }

    /// What is wrong in a row.
    pub(crate) fn errors(&self, plan: &Plan, at: usize) -> Vec<DataError> {
        let mut errors = Vec::new();
        for (fact, column) in plan.facts.iter().zip(&self.facts) {
            errors.extend(column.error(&fact.spec, at));
        }
        for (list, column) in plan.lists.iter().zip(&self.lists) {
            errors.extend(column.bad.iter().filter(|(row, _)| *row == at).map(|(_, error)| error.clone()));
            let Some((from, to)) = column.items(at) else { continue };
            for (spec, field) in list.fields.iter().zip(&column.fields) {
                for item in from..to {
                    if let Some(mut error) = field.error(spec, item) {
                        error.fact = field_name(&list.name, &spec.name);
                        error.item = Some(item - from);
                        errors.push(error);
                    }
                }
            }
        }
        super::firm::sort_errors(&mut errors);
        errors
    }

    /// The facts that a declared value stands for in a row.
    pub(crate) fn assumed(&self, plan: &Plan, at: usize) -> Vec<std::sync::Arc<str>> {
        let of = plan.facts.iter().zip(&self.facts);
        let assumed =
            of.filter(|(fact, column)| fact.spec.absent.is_some() && !column.scalar(&fact.spec, at).is_known());
        assumed.map(|(fact, _)| std::sync::Arc::clone(&fact.spec.name)).collect()
    }

    /// Rows that no mask shows: those that are bad by type, which are null in their arrays, and those with a value out
    /// of its limits in a field that no rule reads.
    pub(crate) fn bad_rows(&self, plan: &Plan) -> Vec<usize> {
        let facts = self.facts.iter().flat_map(|column| column.bad.keys().copied());
        let lists = self.lists.iter().flat_map(|column| {
            let items = column.fields.iter().flat_map(|field| field.bad.keys().copied());
            let rows = items.map(|item| column.row_of(item));
            column.bad.iter().map(|(row, _)| *row).chain(rows)
        });
        let mut rows: Vec<usize> = facts.chain(lists).collect();
        for (slot, (list, column)) in plan.lists.iter().zip(&self.lists).enumerate() {
            for (at, (spec, field)) in list.fields.iter().zip(&column.fields).enumerate() {
                if !plan.reads_field(slot, at) && !spec.allows_all() {
                    let items = (0..field.array.len()).filter(|item| matches!(field.cell(spec, *item), Cell::Bad(_)));
                    rows.extend(items.map(|item| column.row_of(item)));
                }
            }
        }
        rows
    }
}

impl ListColumn {
    fn unknown(list: &PlanList, len: usize) -> ListColumn {
        let empty = |_| FactColumn { array: new_null_array(&DataType::Null, 0), bad: HashMap::new() };
        ListColumn {
            offsets: vec![0; len + 1],
            valid: Some(NullBuffer::new_null(len)),
            fields: list.fields.iter().map(empty).collect(),
            bad: Vec::new(),
        }
    }

    fn read(list: &PlanList, array: &ArrayRef, source: &Source<'_>) -> Result<ListColumn, arrow_schema::ArrowError> {
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
                    column
                        .bad
                        .push((at, DataError::new(&list.name, array_value_to_string(array, at)?, Expected::List)));
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
            let empty = |_| FactColumn { array: new_null_array(&DataType::Null, items.len()), bad: HashMap::new() };
            column.fields = list.fields.iter().map(empty).collect();
            return Ok(column);
        };
        let records = items.as_struct();
        for spec in &list.fields {
            column.fields.push(match records.column_by_name(&spec.name) {
                None => FactColumn { array: new_null_array(&DataType::Null, items.len()), bad: HashMap::new() },
                Some(field) => {
                    // An item that is null as a whole has no field either.
                    let field = match records.nulls() {
                        Some(nulls) => {
                            arrow_select::nullif::nullif(field, &arrow_array::BooleanArray::new(!nulls.inner(), None))?
                        }
                        None => field.clone(),
                    };
                    FactColumn::read(spec, &field, source.parses(&field_name(&list.name, &spec.name)))?
                }
            });
        }
        Ok(column)
    }

    /// The lists of firms that were read one by one, each item with all its fields.
    fn of_items<'a>(
        list: &PlanList,
        lists: impl Iterator<Item = Items<'a>>,
    ) -> Result<ListColumn, arrow_schema::ArrowError> {
        let mut offsets = vec![0];
        let mut valid = Vec::new();
        let mut bad = Vec::new();
        let mut fields: Vec<Vec<Cell<'a>>> = list.fields.iter().map(|_| Vec::new()).collect();
        let mut total = 0;
        for (row, items) in lists.enumerate() {
            valid.push(matches!(items, Items::Known { .. }));
            match items {
                Items::Unknown => {}
                Items::Bad(error) => bad.push((row, *error)),
                Items::Known { len, cells, errors } => {
                    total += len;
                    bad.extend(errors.into_iter().map(|error| (row, error)));
                    for (at, cell) in cells.into_iter().enumerate() {
                        if let Some(field) = fields.get_mut(at % list.fields.len().max(1)) {
                            field.push(cell);
                        }
                    }
                }
            }
            offsets.push(total);
        }
        let fields = list.fields.iter().zip(fields).map(|(spec, cells)| from_cells(spec, cells.into_iter()));
        Ok(ListColumn { offsets, valid: Some(NullBuffer::from(valid)), fields: fields.collect::<Result<_, _>>()?, bad })
    }

    /// From and to of the items of a row; none for an unknown list.
    pub(crate) fn items(&self, row: usize) -> Option<(usize, usize)> {
        if self.valid.as_ref().is_some_and(|valid| valid.is_null(row)) {
            return None;
        }
        Some((*self.offsets.get(row)?, *self.offsets.get(row + 1)?))
    }

    fn row_of(&self, item: usize) -> usize {
        self.offsets.partition_point(|from| *from <= item).saturating_sub(1)
    }
}

/// Arrow lets a null list keep items; here it must not, so that the items of a run of rows lie side by side.
fn without_hidden_items(
    offsets: Vec<usize>,
    items: ArrayRef,
    valid: Option<&NullBuffer>,
) -> Result<(Vec<usize>, ArrayRef), arrow_schema::ArrowError> {
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

impl FactColumn {
    fn read(spec: &Fact, array: &ArrayRef, parse_text: bool) -> Result<FactColumn, arrow_schema::ArrowError> {
        if let DataType::Dictionary(_, values) = array.data_type() {
            let plain = arrow_cast::cast(array, values)?;
            return FactColumn::read(spec, &plain, parse_text);
        }
        if matches!(array.data_type(), DataType::LargeUtf8 | DataType::Utf8View) {
            let plain = arrow_cast::cast(array, &DataType::Utf8)?;
            return FactColumn::read(spec, &plain, parse_text);
        }
        if matches!(
            array.data_type(),
            DataType::Float16
                | DataType::Decimal32(..)
                | DataType::Decimal64(..)
                | DataType::Decimal128(..)
                | DataType::Decimal256(..)
        ) {
            let plain = arrow_cast::cast(array, &DataType::Float64)?;
            return FactColumn::read(spec, &plain, parse_text);
        }
        let fits = match (spec.ty, array.data_type()) {
            (_, DataType::Null) => true,
            (Type::Bool, DataType::Boolean) | (Type::Date, DataType::Date32) => true,
            (Type::Text, DataType::Utf8) => !parse_text,
            (Type::Int | Type::Float, ty) => {
                (ty.is_integer() && *ty != DataType::UInt64)
                    || (spec.ty == Type::Float && matches!(ty, DataType::Float32 | DataType::Float64))
            }
            _ => false,
        };
        if fits {
            return Ok(FactColumn { array: array.clone(), bad: HashMap::new() });
        }
        let cells = (0..array.len()).map(|at| foreign_cell(spec, array, at, parse_text));
        from_cells(spec, cells)
    }

    /// The value of a row after all checks.
    fn cell(&self, spec: &Fact, at: usize) -> Cell<'_> {
        if self.array.is_null(at) {
            return Cell::Unknown;
        }
        match self.array.data_type() {
            DataType::Boolean => bool_cell(spec, self.array.as_boolean().value(at)),
            DataType::Utf8 => check(spec, Cell::Text(Cow::Borrowed(self.array.as_string::<i32>().value(at)))),
            DataType::Date32 => match Date::from_days(i64::from(self.array.as_primitive::<Date32Type>().value(at))) {
                Some(date) => check(spec, Cell::Date(date.days())),
                None => wrong_type(spec, self.array.as_primitive::<Date32Type>().value(at).to_string()),
            },
            DataType::Float32 => number_cell(spec, f64::from(self.array.as_primitive::<Float32Type>().value(at))),
            DataType::Float64 => number_cell(spec, self.array.as_primitive::<Float64Type>().value(at)),
            _ => integer(&self.array, at).map_or(Cell::Unknown, |number| int_cell(spec, number)),
        }
    }

    /// The value that a rule reads: the one given, or that which stands for an unknown one.
    fn value<'a>(&'a self, spec: &'a Fact, at: usize) -> Scalar<'a> {
        match self.scalar(spec, at) {
            Scalar::Unknown => absent(spec),
            known => known,
        }
    }

    pub(crate) fn scalar<'a>(&'a self, spec: &'a Fact, at: usize) -> Scalar<'a> {
        match self.cell(spec, at) {
            Cell::Unknown | Cell::Bad(_) => Scalar::Unknown,
            Cell::Bool(value) => Scalar::Bool(value),
            Cell::Int(value) => Scalar::Int(value),
            Cell::Float(value) => Scalar::Float(value),
            Cell::Date(value) => Scalar::Date(value),
            // From the array itself, whose text lives as long as the column.
            Cell::Text(_) => Scalar::Text(self.array.as_string::<i32>().value(at)),
        }
    }

    fn error(&self, spec: &Fact, at: usize) -> Option<DataError> {
        if let Some(error) = self.bad.get(&at) {
            return Some(error.clone());
        }
        match self.cell(spec, at) {
            Cell::Bad(error) => Some(*error),
            _ => None,
        }
    }
}

fn integer(array: &ArrayRef, at: usize) -> Option<i64> {
    Some(match array.data_type() {
        DataType::Int8 => array.as_primitive::<Int8Type>().value(at).into(),
        DataType::Int16 => array.as_primitive::<Int16Type>().value(at).into(),
        DataType::Int32 => array.as_primitive::<Int32Type>().value(at).into(),
        DataType::Int64 => array.as_primitive::<Int64Type>().value(at),
        DataType::UInt8 => array.as_primitive::<UInt8Type>().value(at).into(),
        DataType::UInt16 => array.as_primitive::<UInt16Type>().value(at).into(),
        DataType::UInt32 => array.as_primitive::<UInt32Type>().value(at).into(),
        _ => return None,
    })
}

/// A value of a column whose type is not the fact's.
fn foreign_cell<'a>(spec: &Fact, array: &'a ArrayRef, at: usize, parse_text: bool) -> Cell<'a> {
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
        DataType::Boolean => bool_cell(spec, array.as_boolean().value(at)),
        DataType::Utf8 if parse_text => parsed_cell(spec, array.as_string::<i32>().value(at)),
        DataType::Utf8 => text_cell(spec, Cow::Borrowed(array.as_string::<i32>().value(at))),
        DataType::Float32 => number_cell(spec, f64::from(array.as_primitive::<Float32Type>().value(at))),
        DataType::Float64 => number_cell(spec, array.as_primitive::<Float64Type>().value(at)),
        DataType::Date32 => date(Date::from_days(array.as_primitive::<Date32Type>().value(at).into())),
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
        _ => match integer(array, at) {
            Some(number) => int_cell(spec, number),
            None => wrong_type(spec, array_value_to_string(array, at).unwrap_or_default()),
        },
    }
}

/// A column of the fact's own type from cells; what is bad becomes null and is kept aside.
fn from_cells<'a>(spec: &Fact, cells: impl Iterator<Item = Cell<'a>>) -> Result<FactColumn, arrow_schema::ArrowError> {
    let mut bad = HashMap::new();
    let mut keep = |at: usize, cell: Cell<'a>| match cell {
        Cell::Bad(error) => {
            bad.insert(at, *error);
            Cell::Unknown
        }
        cell => cell,
    };
    let cells = cells.enumerate().map(|(at, cell)| keep(at, cell));
    let array: ArrayRef = match spec.ty {
        Type::Bool => {
            let mut values = BooleanBuilder::new();
            cells.for_each(|cell| values.append_option(if let Cell::Bool(value) = cell { Some(value) } else { None }));
            std::sync::Arc::new(values.finish())
        }
        Type::Int => {
            let mut values = Int64Builder::new();
            cells.for_each(|cell| values.append_option(if let Cell::Int(value) = cell { Some(value) } else { None }));
            std::sync::Arc::new(values.finish())
        }
        Type::Float => {
            let mut values = Float64Builder::new();
            cells.for_each(|cell| values.append_option(if let Cell::Float(value) = cell { Some(value) } else { None }));
            std::sync::Arc::new(values.finish())
        }
        Type::Date => {
            let mut values = Date32Builder::new();
            cells.for_each(|cell| values.append_option(if let Cell::Date(value) = cell { Some(value) } else { None }));
            std::sync::Arc::new(values.finish())
        }
        Type::Text => {
            let mut values = StringBuilder::new();
            cells.for_each(|cell| match &cell {
                Cell::Text(value) => values.append_value(value),
                _ => values.append_null(),
            });
            std::sync::Arc::new(values.finish())
        }
    };
    Ok(FactColumn { array, bad })
}
