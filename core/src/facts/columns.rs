//! Firms as columns: every column that a plan reads, in a type that the executor can use in place, with what is wrong in it.

use std::borrow::Cow;
use std::collections::HashMap;

use arrow_buffer::{BooleanBuffer, NullBuffer};

use super::cells::{absent, bool_cell, check, int_cell, number_cell, parsed_cell, text_cell, wrong_type};
use super::column::{FirmColumn, Texts, Values};
use super::{Cell, DataError, Firm, Items, firm::field_name};
use crate::book::Fact;
use crate::expr::Scalar;
use crate::plan::one::{ListRow, Row};
use crate::plan::{Plan, PlanList};
use crate::{Date, Type};

/// A column for a fact.
pub(crate) struct FactColumn {
    /// Of the fact's own type, integers and floats in any width; all unknown where the batch has no such column. Texts are not coded.
    pub(crate) column: FirmColumn,
    /// Rows whose value did not fit the type. They are unknown in `column`.
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
    pub(super) bad: Vec<(usize, DataError)>,
}

/// Everything that a plan reads of a batch.
pub(crate) struct Columns {
    pub(crate) len: usize,
    pub(crate) facts: Vec<FactColumn>,
    pub(crate) lists: Vec<ListColumn>,
}

/// Where the columns of a batch are found.
pub(crate) trait Source {
    type Error;

    /// How many rows the plan's sector has.
    fn rows(&self) -> usize;
    /// The column of a fact; none if there is no such column.
    fn fact(&self, fact: &Fact) -> Result<Option<FactColumn>, Self::Error>;
    /// The column of a list.
    fn list(&self, list: &PlanList) -> Result<Option<ListColumn>, Self::Error>;
}

impl Columns {
    pub(crate) fn read<S: Source>(plan: &Plan, source: &S) -> Result<Columns, S::Error> {
        let len = source.rows();
        let mut facts = Vec::with_capacity(plan.facts.len());
        for fact in &plan.facts {
            facts.push(source.fact(&fact.spec)?.unwrap_or_else(|| FactColumn::unknown(len)));
        }
        let mut lists = Vec::with_capacity(plan.lists.len());
        for list in &plan.lists {
            lists.push(source.list(list)?.unwrap_or_else(|| ListColumn::unknown(list, len)));
        }
        Ok(Columns { len, facts, lists })
    }

    /// Firms that were read one by one, as columns.
    pub(crate) fn of_firms<'f>(plan: &Plan, firms: &[&Firm<'f>]) -> Columns {
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
        let facts =
            plan.facts.iter().zip(cells).map(|(fact, cells)| FactColumn::of_cells(&fact.spec, cells.into_iter()));
        let lists = plan.lists.iter().enumerate().map(|(slot, list)| {
            let items = |firm: &&Firm<'f>| {
                let given = firm.lists.iter().find(|(list, _)| plan.slot_of_list(*list as usize) == Some(slot));
                given.map_or(Items::Unknown, |(_, items)| items.clone())
            };
            ListColumn::of_items(list, firms.iter().map(items))
        });
        Columns { len, facts: facts.collect(), lists: lists.collect() }
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
                    let items = (0..field.column.len()).filter(|item| matches!(field.cell(spec, *item), Cell::Bad(_)));
                    rows.extend(items.map(|item| column.row_of(item)));
                }
            }
        }
        rows
    }
}

impl ListColumn {
    pub(super) fn unknown(list: &PlanList, len: usize) -> ListColumn {
        ListColumn {
            offsets: vec![0; len + 1],
            valid: Some(NullBuffer::new_null(len)),
            fields: list.fields.iter().map(|_| FactColumn::unknown(0)).collect(),
            bad: Vec::new(),
        }
    }

    /// The lists of firms that were read one by one, each item with all its fields.
    fn of_items<'a>(list: &PlanList, lists: impl Iterator<Item = Items<'a>>) -> ListColumn {
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
        let fields = list.fields.iter().zip(fields).map(|(spec, cells)| FactColumn::of_cells(spec, cells.into_iter()));
        ListColumn { offsets, valid: Some(NullBuffer::from(valid)), fields: fields.collect(), bad }
    }

    /// From and to of the items of a row; none for an unknown list.
    pub(crate) fn items(&self, row: usize) -> Option<(usize, usize)> {
        if self.valid.as_ref().is_some_and(|valid| valid.is_null(row)) {
            return None;
        }
        Some((*self.offsets.get(row)?, *self.offsets.get(row + 1)?))
    }

    pub(super) fn row_of(&self, item: usize) -> usize {
        self.offsets.partition_point(|from| *from <= item).saturating_sub(1)
    }
}

impl FactColumn {
    pub(super) fn unknown(rows: usize) -> FactColumn {
        FactColumn { column: FirmColumn::unknown(rows), bad: HashMap::new() }
    }

    /// A column as it was given: in place where it is of the fact's type, else value by value.
    pub(super) fn new(spec: &Fact, column: FirmColumn, parse_text: bool) -> FactColumn {
        let fits = match (spec.ty, &column.values) {
            (_, Values::Unknown(_)) | (Type::Bool, Values::Bool(_)) | (Type::Date, Values::Date(_)) => true,
            (Type::Text, Values::Text(_)) => !parse_text,
            (Type::Float, Values::Float32(_) | Values::Float64(_)) => true,
            (
                Type::Int | Type::Float,
                Values::Int8(_)
                | Values::Int16(_)
                | Values::Int32(_)
                | Values::Int64(_)
                | Values::UInt8(_)
                | Values::UInt16(_)
                | Values::UInt32(_),
            ) => true,
            _ => false,
        };
        if fits {
            return FactColumn { column, bad: HashMap::new() };
        }
        FactColumn::of_cells(spec, (0..column.len()).map(|at| foreign_cell(spec, &column, at, parse_text)))
    }

    /// The value of a row after all checks.
    fn cell(&self, spec: &Fact, at: usize) -> Cell<'_> {
        if self.column.is_unknown(at) {
            return Cell::Unknown;
        }
        match &self.column.values {
            Values::Bool(values) => bool_cell(spec, values.value(at)),
            Values::Text(texts) => check(spec, Cell::Text(Cow::Borrowed(texts.get(at)))),
            Values::Date(days) => date_cell(spec, days.get(at).copied().unwrap_or_default()),
            Values::Float32(values) => number_cell(spec, f64::from(values.get(at).copied().unwrap_or_default())),
            Values::Float64(values) => number_cell(spec, values.get(at).copied().unwrap_or_default()),
            _ => self.column.integer(at).map_or(Cell::Unknown, |number| int_cell(spec, number)),
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
            // From the column itself, whose text lives as long as the column.
            Cell::Text(_) => self.column.text(at).map_or(Scalar::Unknown, Scalar::Text),
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

    /// A column of the fact's own type from cells; what is bad becomes unknown and is kept aside.
    pub(super) fn of_cells<'a>(spec: &Fact, cells: impl Iterator<Item = Cell<'a>>) -> FactColumn {
        let mut bad = HashMap::new();
        let mut known = Vec::new();
        let cells = cells.enumerate().map(|(at, cell)| {
            known.push(!matches!(cell, Cell::Unknown | Cell::Bad(_)));
            match cell {
                Cell::Bad(error) => {
                    bad.insert(at, *error);
                    Cell::Unknown
                }
                cell => cell,
            }
        });
        let values = match spec.ty {
            Type::Bool => Values::Bool(cells.map(|cell| matches!(cell, Cell::Bool(true))).collect::<BooleanBuffer>()),
            Type::Int => Values::Int64(cells.map(|cell| if let Cell::Int(value) = cell { value } else { 0 }).collect()),
            Type::Float => {
                Values::Float64(cells.map(|cell| if let Cell::Float(value) = cell { value } else { 0.0 }).collect())
            }
            Type::Date => {
                Values::Date(cells.map(|cell| if let Cell::Date(value) = cell { value } else { 0 }).collect())
            }
            Type::Text => {
                let (mut all, mut starts) = (String::new(), vec![0]);
                cells.for_each(|cell| {
                    if let Cell::Text(text) = cell {
                        all.push_str(&text);
                    }
                    starts.push(all.len());
                });
                Values::Text(Texts::Own { all, starts })
            }
        };
        FactColumn { column: FirmColumn::new(values, None).with_known(&known), bad }
    }
}

fn date_cell<'a>(spec: &Fact, days: i32) -> Cell<'a> {
    match (Date::from_days(days.into()), spec.ty) {
        (Some(date), Type::Date) => check(spec, Cell::Date(date.days())),
        (Some(date), _) => wrong_type(spec, date.to_string()),
        (None, _) => wrong_type(spec, days.to_string()),
    }
}

/// A value of a column whose type is not the fact's.
fn foreign_cell<'a>(spec: &Fact, column: &'a FirmColumn, at: usize, parse_text: bool) -> Cell<'a> {
    if column.is_unknown(at) {
        return Cell::Unknown;
    }
    match &column.values {
        Values::Unknown(_) => Cell::Unknown,
        Values::Bool(values) => bool_cell(spec, values.value(at)),
        Values::Text(_) | Values::Coded(..) => {
            let text = column.text(at).unwrap_or_default();
            if parse_text { parsed_cell(spec, text) } else { text_cell(spec, Cow::Borrowed(text)) }
        }
        Values::Float32(values) => number_cell(spec, f64::from(values.get(at).copied().unwrap_or_default())),
        Values::Float64(values) => number_cell(spec, values.get(at).copied().unwrap_or_default()),
        Values::Date(days) => date_cell(spec, days.get(at).copied().unwrap_or_default()),
        _ => column.integer(at).map_or(Cell::Unknown, |number| int_cell(spec, number)),
    }
}
