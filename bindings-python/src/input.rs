//! From a register to the names of the book: takes record batches as they come, what `column_map` says of their columns, and
//! related tables; gives record batches whose columns are facts and lists, converted and joined. Columns that are read as
//! they are stay where they are.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions, StringArray};
use arrow_schema::{ArrowError, DataType, Field, Schema};
use arrow_select::concat::concat_batches;
use pyo3::prelude::*;
use risktier::mapping::{Reading, Spec, texts};
use risktier::{Fact, Grader, ID_KEY, List, RelatedRows, SECTOR_KEY, Type, nearest};

use crate::{capsule, errors};

/// What `column_map` says: by key of a firm (a fact, `id`, `sector`, or `list.field`, `list.id`).
pub type ColumnMap = BTreeMap<String, Spec>;

/// A column that the engine reads, and from what.
struct Source {
    /// A fact, a list, `id`, `sector`, or a field of a list.
    target: String,
    reading: Reading,
    /// Places of its columns.
    columns: Vec<usize>,
}

/// What is read from the columns of one table.
#[derive(Default)]
struct Resolved {
    sources: Vec<Source>,
    /// Columns that nothing is read from.
    unknown: Vec<String>,
}

/// A related table, ready to be joined.
struct Related {
    list: String,
    rows: RelatedRows,
    fields: Vec<(String, ArrayRef)>,
    partial: bool,
}

/// A register on its way to the engine.
pub struct Input<'g> {
    grader: &'g Grader,
    map: ColumnMap,
    related: Vec<Related>,
    /// Columns of text that the mapping made, to be read as the type of their fact.
    pub parse_columns: Vec<String>,
    /// Columns that the book has no use for, by table (none for the register), with the nearest name that it has.
    pub unknown: Vec<(Option<String>, String, Option<String>)>,
}

/// A table that is given for a list.
pub struct RelatedTable<'py> {
    pub list: String,
    pub table: Bound<'py, PyAny>,
    pub partial: bool,
}

fn find_list<'g>(py: Python<'_>, grader: &'g Grader, name: &str) -> PyResult<&'g List> {
    let lists = grader.book().lists();
    lists.iter().find(|list| *list.name == *name).ok_or_else(|| {
        let known = lists.iter().map(|list| &*list.name);
        errors::unknown(py, "list", name, known, "a list that the book declares")
    })
}

fn find_fact<'g>(grader: &'g Grader, name: &str) -> Option<&'g Fact> {
    grader.book().facts().iter().find(|fact| *fact.name == *name)
}

fn is_list(grader: &Grader, name: &str) -> bool {
    grader.book().lists().iter().any(|list| *list.name == *name)
}

/// The names that a column of a register can have.
pub fn known_keys(grader: &Grader) -> impl Iterator<Item = &str> {
    let book = grader.book();
    let facts = book.facts().iter().map(|fact| &*fact.name);
    facts.chain(book.lists().iter().map(|list| &*list.name)).chain([ID_KEY, SECTOR_KEY])
}

fn is_text(ty: &DataType) -> bool {
    match ty {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, values) => is_text(values),
        _ => false,
    }
}

fn is_day(ty: &DataType) -> bool {
    matches!(ty, DataType::Date32 | DataType::Date64 | DataType::Timestamp(..))
}

/// Can a column of this type hold the fact at all? Single values that do not fit are the engine's to report.
fn fits(fact: &Fact, ty: &DataType, parse_text: bool) -> bool {
    let plain = match ty {
        DataType::Dictionary(_, values) => values,
        other => other,
    };
    *plain == DataType::Null
        || (parse_text && is_text(plain))
        || match fact.ty {
            Type::Bool => *plain == DataType::Boolean,
            Type::Int | Type::Float => plain.is_numeric(),
            Type::Text => is_text(plain),
            Type::Date => is_day(plain) || is_text(plain),
        }
}

fn expected(fact: &Fact) -> &'static str {
    match fact.ty {
        Type::Bool => "true or false (a column of bool)",
        Type::Int => "whole numbers (any integer type, or floats without a fraction)",
        Type::Float => "numbers (any integer, float or decimal type)",
        Type::Text => "texts (string or categorical)",
        Type::Date => "days (date, timestamp, or text as YYYY-MM-DD)",
    }
}

fn column_type(
    py: Python<'_>,
    column: &str,
    target: &str,
    found: &DataType,
    expected: &str,
    fact: Option<&Fact>,
) -> PyErr {
    let hint = match fact.map(|fact| fact.ty) {
        Some(Type::Bool) if found.is_integer() || is_text(found) => {
            format!(
                "; `column_map={{\"{target}\": {{\"column\": \"{column}\", \"codes\": \"yes-no\"}}}}` reads 1 and 0, yes and no"
            )
        }
        Some(_) if is_text(found) => "; `parse_text=True` reads numbers and days from texts".to_owned(),
        _ => String::new(),
    };
    errors::raise(py, "ColumnTypeError", (column, target, expected, found.to_string(), hint))
}

/// Are the columns what the book declares?
fn check_field(py: Python<'_>, grader: &Grader, target: &str, field: &Field, parse_text: bool) -> PyResult<()> {
    let (column, ty) = (field.name(), field.data_type());
    if let Some(fact) = find_fact(grader, target) {
        if fits(fact, ty, parse_text) {
            return Ok(());
        }
        return Err(column_type(py, column, target, ty, expected(fact), Some(fact)));
    }
    if target == SECTOR_KEY {
        let is_list = matches!(ty, DataType::List(item) | DataType::LargeList(item) if is_text(item.data_type()));
        if is_text(ty) || is_list || *ty == DataType::Null {
            return Ok(());
        }
        return Err(column_type(py, column, target, ty, "ids of sectors (text, or a list of texts)", None));
    }
    if target == ID_KEY {
        if ty.is_nested() {
            return Err(column_type(py, column, target, ty, "an id for each firm (text or a number)", None));
        }
        return Ok(());
    }
    let Some(list) = grader.book().lists().iter().find(|list| *list.name == *target) else { return Ok(()) };
    let item = match ty {
        DataType::Null => return Ok(()),
        DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => item.data_type(),
        _ => {
            return Err(column_type(
                py,
                column,
                target,
                ty,
                "a list of records in each row, or `lists=` with a table",
                None,
            ));
        }
    };
    match item {
        DataType::Null => Ok(()),
        DataType::Struct(fields) => {
            check_fields(py, list, fields.iter().map(|field| (field.name().as_str(), field.as_ref())), parse_text)
        }
        _ => Err(column_type(py, column, target, ty, "a list of records (structs) in each row", None)),
    }
}

/// The fields of a list, by the name that the book has for them.
fn check_fields<'f>(
    py: Python<'_>,
    list: &List,
    fields: impl Iterator<Item = (&'f str, &'f Field)>,
    parse_text: bool,
) -> PyResult<()> {
    for (target, field) in fields {
        let Some(fact) = list.fields.iter().find(|fact| *fact.name == *target) else { continue };
        if !fits(fact, field.data_type(), parse_text) {
            let name = format!("{}.{target}", list.name);
            return Err(column_type(py, field.name(), &name, field.data_type(), expected(fact), Some(fact)));
        }
    }
    Ok(())
}

/// Reads what Python says of the columns.
pub fn column_map(py: Python<'_>, grader: &Grader, json: &str) -> PyResult<ColumnMap> {
    let map: ColumnMap = serde_json::from_str(json)
        .map_err(|error| errors::raise(py, "InputError", (format!("column_map: {error}"),)))?;
    for key in map.keys() {
        let is_known = match key.split_once('.') {
            _ if key == ID_KEY || key == SECTOR_KEY => true,
            Some((list, field)) => {
                let list = find_list(py, grader, list)?;
                let known = list.fields.iter().map(|known| &*known.name);
                if field != ID_KEY && !known.clone().any(|known| known == field) {
                    return Err(errors::unknown(py, "field", key, known, "a field that the list declares"));
                }
                true
            }
            None => find_fact(grader, key).is_some() || is_list(grader, key),
        };
        if !is_known {
            return Err(errors::unknown(
                py,
                "fact",
                key,
                known_keys(grader),
                "a fact that the book declares, or LIST.FIELD",
            ));
        }
    }
    Ok(map)
}

impl<'g> Input<'g> {
    pub fn new(
        py: Python<'_>,
        grader: &'g Grader,
        map: ColumnMap,
        related: Vec<RelatedTable<'_>>,
        parse_text: bool,
    ) -> PyResult<Input<'g>> {
        let mut input = Input { grader, map, related: Vec::new(), parse_columns: Vec::new(), unknown: Vec::new() };
        for table in related {
            let related = input.read_related(py, table, parse_text)?;
            input.related.push(related);
        }
        for key in input.map.keys().filter(|key| !key.ends_with(".id")) {
            if let Some((list, _)) = key.split_once('.')
                && !input.related.iter().any(|related| related.list == list)
            {
                let text = format!(
                    "column_map: `{key}`: only columns of related tables can be mapped; expected `lists={{\"{list}\": ...}}` with it"
                );
                return Err(errors::raise(py, "InputError", (text,)));
            }
        }
        Ok(input)
    }

    fn reading(&self, py: Python<'_>, key: &str, spec: &Spec, fact: Option<&Fact>) -> PyResult<Reading> {
        spec.reading(fact, &BTreeMap::new())
            .map_err(|error| errors::raise(py, "InputError", (format!("column_map: {key}: {error}"),)))
    }

    /// The places of the columns that a reading names.
    fn places(&self, py: Python<'_>, schema: &Schema, key: &str, reading: &Reading) -> PyResult<Vec<usize>> {
        let place = |name: &String| {
            schema.index_of(name).map_err(|_| {
                let known = schema.fields().iter().map(|field| field.name().as_str());
                errors::unknown(
                    py,
                    "column",
                    name,
                    known,
                    &format!("a column of the frame, as column_map says for `{key}`"),
                )
            })
        };
        reading.columns.iter().map(place).collect()
    }

    /// What is read from the columns of a register.
    fn resolve(&self, py: Python<'_>, schema: &Schema) -> PyResult<Resolved> {
        let mut resolved = Resolved::default();
        for (key, spec) in self.map.iter().filter(|(key, _)| !key.contains('.')) {
            let reading = self.reading(py, key, spec, find_fact(self.grader, key))?;
            let columns = self.places(py, schema, key, &reading)?;
            resolved.sources.push(Source { target: key.clone(), reading, columns });
        }
        for (at, field) in schema.fields().iter().enumerate() {
            let name = field.name();
            let is_key = name == ID_KEY
                || name == SECTOR_KEY
                || find_fact(self.grader, name).is_some()
                || is_list(self.grader, name);
            let is_related = self.related.iter().any(|related| related.list == *name);
            if is_key && !is_related && !self.map.contains_key(name) {
                if resolved.sources.iter().any(|known| known.target == *name) {
                    return Err(errors::raise(
                        py,
                        "InputError",
                        (format!("the frame has two columns `{name}`; expected one"),),
                    ));
                }
                resolved.sources.push(Source {
                    target: name.clone(),
                    reading: Reading::column(name),
                    columns: vec![at],
                });
            } else if !resolved.sources.iter().any(|source| source.columns.contains(&at)) {
                resolved.unknown.push(name.clone());
            }
        }
        Ok(resolved)
    }

    /// Which columns of a register will be read.
    pub fn needed(&self, py: Python<'_>, columns: &[String]) -> PyResult<Vec<String>> {
        let fields: Vec<Field> = columns.iter().map(|name| Field::new(name, DataType::Null, true)).collect();
        let resolved = self.resolve(py, &Schema::new(fields))?;
        let read = |at: &usize| resolved.sources.iter().any(|source| source.columns.contains(at));
        Ok(columns.iter().enumerate().filter(|(at, _)| read(at)).map(|(_, name)| name.clone()).collect())
    }

    fn read_related(&mut self, py: Python<'_>, given: RelatedTable<'_>, parse_text: bool) -> PyResult<Related> {
        let list = find_list(py, self.grader, &given.list)?;
        let (schema, batches) = capsule::read(&given.table)?;
        let batch = concat_batches(&schema, &batches).map_err(errors::arrow)?;
        let id_key = format!("{}.{ID_KEY}", list.name);
        // The column that the mapping names; else that of the register, if the table has it; else `id`.
        let of_register =
            self.map.get(ID_KEY).and_then(|spec| spec.columns.first()).filter(|name| schema.index_of(name).is_ok());
        let of_table = self.map.get(&id_key).and_then(|spec| spec.columns.first());
        let id = of_table.or(of_register).map_or(ID_KEY, String::as_str);
        let at = schema.index_of(id).map_err(|_| {
            let known = schema.fields().iter().map(|field| field.name().as_str());
            let wanted = format!(
                "the id of the firm in the table for `{}`; name it with column_map={{\"{id_key}\": ...}}",
                list.name
            );
            errors::unknown(py, "column", id, known, &wanted)
        })?;
        let mut fields = Vec::new();
        let mut used = vec![at];
        for field in &list.fields {
            let key = format!("{}.{}", list.name, field.name);
            let reading = match self.map.get(&key).filter(|_| key != id_key) {
                Some(spec) => self.reading(py, &key, spec, Some(field))?,
                // A field may be called `id` too; the id of the firm comes first.
                None if schema.index_of(&field.name).is_ok() && *field.name != *id => Reading::column(&*field.name),
                None => continue,
            };
            let places = self.places(py, &schema, &key, &reading)?;
            let columns: Vec<ArrayRef> = places.iter().filter_map(|at| batch.columns().get(*at)).cloned().collect();
            let column = reading.column_of(&columns, batch.num_rows()).map_err(errors::arrow)?;
            let parses = !reading.is_plain() && is_text(column.data_type());
            if parses {
                self.parse_columns.push(key);
            }
            let name =
                places.first().and_then(|at| schema.fields().get(*at)).map_or(&*field.name, |field| field.name());
            let shown = Field::new(name, column.data_type().clone(), true);
            check_fields(py, list, std::iter::once((&*field.name, &shown)), parse_text || parses)?;
            used.extend(places);
            fields.push((field.name.to_string(), column));
        }
        for (at, field) in schema.fields().iter().enumerate() {
            if !used.contains(&at) {
                let near = nearest(field.name(), list.fields.iter().map(|known| &*known.name));
                self.unknown.push((Some(list.name.to_string()), field.name().clone(), near));
            }
        }
        let ids = texts(batch.column(at)).map_err(errors::arrow)?;
        Ok(Related {
            list: list.name.to_string(),
            rows: RelatedRows::new(&ids, |_| true),
            fields,
            partial: given.partial,
        })
    }

    /// A register in the names of the book, batch by batch.
    pub fn convert(
        &mut self,
        py: Python<'_>,
        schema: &Schema,
        batches: &[RecordBatch],
        parse_text: bool,
        has_sector: bool,
    ) -> PyResult<Vec<RecordBatch>> {
        let resolved = self.resolve(py, schema)?;
        if !has_sector && !resolved.sources.iter().any(|source| source.target == SECTOR_KEY) {
            let near = nearest(SECTOR_KEY, resolved.unknown.iter().map(String::as_str));
            let expected =
                "the id of each firm's sector there; or `sector=\"ID\"` for all, or column_map={\"sector\": ...}";
            return Err(errors::raise(py, "UnknownNameError", ("column", SECTOR_KEY, expected, near)));
        }
        let needs_id = self.related.first().map(|related| related.list.clone());
        if let Some(list) = needs_id.filter(|_| !resolved.sources.iter().any(|source| source.target == ID_KEY)) {
            let expected =
                format!("the id of each firm, to join the table for `{list}`; name it with column_map={{\"id\": ...}}");
            return Err(errors::raise(py, "UnknownNameError", ("column", ID_KEY, expected, None::<String>)));
        }
        for source in &resolved.sources {
            let is_plain = source.reading.is_plain();
            if let (Some(field), true) = (source.columns.first().and_then(|at| schema.fields().get(*at)), is_plain) {
                check_field(py, self.grader, &source.target, field, parse_text)?;
            }
            if !is_plain && find_fact(self.grader, &source.target).is_some() {
                self.parse_columns.push(source.target.clone());
            }
        }
        for name in &resolved.unknown {
            self.unknown.push((None, name.clone(), nearest(name, known_keys(self.grader))));
        }
        let related = &mut self.related;
        py.detach(|| {
            batches.iter().map(|batch| convert_batch(&resolved, related, batch)).collect::<Result<Vec<_>, _>>()
        })
        .map_err(errors::arrow)
    }

    /// Rows of related tables that belong to no firm of the register: list, how many, and some of the ids.
    pub fn orphans(&self) -> Vec<(String, usize, Vec<String>)> {
        let of = |related: &Related| {
            let left = related.rows.orphans();
            let mut ids: Vec<String> = left.iter().filter_map(|(_, id)| id.map(str::to_owned)).collect();
            ids.dedup();
            ids.truncate(3);
            (related.list.clone(), left.len(), ids)
        };
        self.related.iter().map(of).filter(|(_, rows, _)| *rows > 0).collect()
    }
}

fn convert_batch(resolved: &Resolved, related: &mut [Related], batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let rows = batch.num_rows();
    let mut fields = Vec::with_capacity(resolved.sources.len() + related.len());
    let mut columns: Vec<ArrayRef> = Vec::with_capacity(fields.capacity());
    let mut ids = None;
    for source in &resolved.sources {
        let of_source: Vec<ArrayRef> =
            source.columns.iter().filter_map(|at| batch.columns().get(*at)).cloned().collect();
        let column = source.reading.column_of(&of_source, rows)?;
        if source.target == ID_KEY && !related.is_empty() {
            ids = Some(texts(&column)?);
        }
        fields.push(Field::new(&source.target, column.data_type().clone(), true));
        columns.push(column);
    }
    let ids = ids.unwrap_or_else(|| StringArray::new_null(rows));
    for table in related {
        let items: Vec<(&str, &ArrayRef)> = table.fields.iter().map(|(name, column)| (name.as_str(), column)).collect();
        let column = table.rows.column(&ids, &items, table.partial, |_, _| {})?;
        fields.push(Field::new(&table.list, column.data_type().clone(), true));
        columns.push(column);
    }
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &options)
}
