//! A book, and a book on a grading date. Answers about one firm are JSON, in the forms of the core.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::builder::{Date32Builder, Float64Builder, ListBuilder, StringBuilder};
use arrow_array::{ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray};
use arrow_schema::SchemaRef;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyList;
use risktier::{
    Amount, BatchOptions, Date, Effect, Explanation, Fact, Grader, Lang, Outlook, Rule, RuleBook, Type, Value,
};
use serde_json::value::RawValue;

use crate::ahead;
use crate::capsule;
use crate::errors;
use crate::frame::Frame;
use crate::grades::{NativeGrades, in_pool};
use crate::input::{ColumnMap, Input, RelatedTable, column_map, known_keys};

/// A language from its name.
pub fn language(lang: &str) -> PyResult<Lang> {
    match lang {
        "en" => Ok(Lang::En),
        "zh" => Ok(Lang::Zh),
        other => Err(PyValueError::new_err(format!("lang is `{other}`; expected `en` or `zh`"))),
    }
}

fn day(text: &str) -> PyResult<Date> {
    text.parse()
        .map_err(|_| PyValueError::new_err(format!("`{text}` is not a day; expected a date or a text as YYYY-MM-DD")))
}

/// A value of Python for a parameter.
fn value(ty: Type, given: &Bound<'_, PyAny>) -> PyResult<Value> {
    let wrong = || {
        let text = given.repr().map(|text| text.to_string()).unwrap_or_default();
        PyValueError::new_err(format!("{text} is not a value of the type {}", ty.name()))
    };
    let is_bool = given.is_instance_of::<pyo3::types::PyBool>();
    match ty {
        Type::Bool if is_bool => Ok(Value::Bool(given.extract()?)),
        Type::Int if !is_bool => Ok(Value::Int(given.extract().map_err(|_| wrong())?)),
        Type::Float if !is_bool => match given.extract::<f64>() {
            Ok(number) if number.is_finite() => Ok(Value::Float(number)),
            _ => Err(wrong()),
        },
        Type::Text => Ok(Value::Text(given.extract::<String>().map_err(|_| wrong())?.into())),
        Type::Date => Ok(Value::Date(given.str()?.to_string().parse().map_err(|_| wrong())?)),
        _ => Err(wrong()),
    }
}

/// What was found, behind the share that comes to.
#[derive(serde::Serialize)]
struct Shares<T> {
    percent: f64,
    #[serde(flatten)]
    all: T,
}

fn texts(files: &BTreeMap<String, String>) -> impl Iterator<Item = (&str, &str)> {
    files.iter().map(|(name, text)| (name.as_str(), text.as_str()))
}

/// A rule book, immutable.
#[pyclass(module = "risktier._native", frozen)]
pub struct NativeBook {
    book: RuleBook,
}

#[pymethods]
impl NativeBook {
    /// Scripts in memory, by name; `parameters` are name, first day and value.
    #[new]
    fn new(
        py: Python<'_>,
        sources: BTreeMap<String, String>,
        parameters: Vec<(String, String, Bound<'_, PyAny>)>,
    ) -> PyResult<NativeBook> {
        let mut builder = RuleBook::builder();
        for (name, text) in sources {
            builder = builder.source(name, text);
        }
        if !parameters.is_empty() {
            // The types of the parameters are known when the scripts have been read.
            let plain = py.detach(|| builder.clone().build()).map_err(|error| errors::book(py, &error))?;
            for (name, since, given) in parameters {
                let known = plain.parameters().iter().find(|known| *known.name == *name).ok_or_else(|| {
                    let names = plain.parameters().iter().map(|known| &*known.name);
                    errors::unknown(py, "parameter", &name, names, "a parameter that the book declares")
                })?;
                builder = builder.parameter(name, day(&since)?, value(known.ty, &given)?);
            }
        }
        let book = py.detach(|| builder.build()).map_err(|error| errors::book(py, &error))?;
        Ok(NativeBook { book })
    }

    /// The standard book, compiled when this package was built.
    #[staticmethod]
    fn standard(py: Python<'_>) -> NativeBook {
        NativeBook { book: py.detach(risktier_rules::book) }
    }

    /// The scripts of the standard book.
    #[staticmethod]
    fn standard_sources() -> BTreeMap<&'static str, &'static str> {
        risktier_rules::sources().collect()
    }

    /// The examples beside them.
    #[staticmethod]
    fn standard_examples() -> BTreeMap<&'static str, &'static str> {
        risktier_rules::examples().collect()
    }

    #[staticmethod]
    fn from_bundle(py: Python<'_>, text: &str) -> PyResult<NativeBook> {
        let book = py.detach(|| RuleBook::from_bundle(text)).map_err(|error| errors::bundle(py, &error))?;
        Ok(NativeBook { book })
    }

    fn to_bundle(&self) -> PyResult<String> {
        self.book
            .to_bundle()
            .ok_or_else(|| PyValueError::new_err("the book has no scripts; expected one made of scripts"))
    }

    #[getter]
    fn hash(&self) -> &str {
        self.book.hash()
    }

    fn sources(&self) -> BTreeMap<&str, &str> {
        self.book.sources().collect()
    }

    /// What is odd in the scripts.
    fn warnings<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        errors::diagnostics(py, self.book.warnings())
    }

    /// What the analysis finds on a day, and the directions of facts as JSON.
    fn analysis<'py>(&self, py: Python<'py>, as_of: &str) -> PyResult<(Bound<'py, PyList>, String)> {
        let day = day(as_of)?;
        let analysis = py.detach(|| self.book.as_of(day).check());
        Ok((errors::diagnostics(py, &analysis.findings)?, json(&analysis.directions)?))
    }

    /// Runs files of examples: a report as JSON.
    fn run_examples(&self, py: Python<'_>, files: BTreeMap<String, String>) -> PyResult<String> {
        json(&py.detach(|| self.book.run_examples(texts(&files))))
    }

    /// What files of examples show of the rules: as JSON.
    fn coverage(&self, py: Python<'_>, files: BTreeMap<String, String>) -> PyResult<String> {
        let coverage = py.detach(|| self.book.coverage(texts(&files)));
        json(&Shares { percent: coverage.percent(), all: coverage })
    }

    /// The small mistakes in the rules that files of examples would notice, and those that they would not: as JSON.
    fn mutation(&self, py: Python<'_>, files: BTreeMap<String, String>) -> PyResult<String> {
        let mutation = py.detach(|| self.book.mutation(texts(&files)));
        json(&Shares { percent: mutation.percent(), all: mutation })
    }

    /// The cases that files of examples lack: as JSON.
    fn suggest_examples(&self, py: Python<'_>, files: BTreeMap<String, String>) -> PyResult<String> {
        json(&py.detach(|| self.book.suggest_examples(texts(&files))))
    }

    fn grader(&self, as_of: &str) -> PyResult<NativeGrader> {
        Ok(NativeGrader { grader: self.book.as_of(day(as_of)?) })
    }

    /// A row for each rule and sector that has it.
    fn rules(&self, lang: &str) -> PyResult<Frame> {
        let lang = language(lang)?;
        let mut rows: Vec<(&str, &Rule)> = Vec::new();
        for sector in self.book.sectors() {
            rows.extend(sector.rules.iter().filter_map(|at| Some((&*sector.id, self.book.rules().get(*at)?))));
        }
        let text = |of: &dyn Fn(&Rule) -> Option<String>| -> ArrayRef {
            Arc::new(rows.iter().map(|(_, rule)| of(rule)).collect::<StringArray>())
        };
        let mut points = Float64Builder::new();
        let mut since = Date32Builder::new();
        let mut until = Date32Builder::new();
        for (_, rule) in &rows {
            points.append_option(match &rule.effect {
                Effect::Points { deduct, amount: Amount::Fixed(points), .. } => {
                    Some(if *deduct { -points.to_f64() } else { points.to_f64() })
                }
                _ => None,
            });
            since.append_value(rule.since.days());
            until.append_option(rule.until.map(Date::days));
        }
        let role = |rule: &Rule| self.book.roles().get(rule.owner).map(|role| role.name.get(lang).to_owned());
        let condition = |rule: &Rule| {
            let formula = match &rule.effect {
                Effect::Points { amount: Amount::Computed(formula), .. } => Some(&formula.text),
                _ => None,
            };
            rule.condition.as_ref().or(formula).map(ToString::to_string)
        };
        let item = |rule: &Rule| match &rule.effect {
            Effect::Points { item, .. } => self.book.items().get(*item).map(|item| item.id.to_string()),
            Effect::Floor(_) => None,
        };
        let tier = |rule: &Rule| match rule.effect {
            Effect::Floor(tier) => Some(tier.name(Lang::En).to_owned()),
            Effect::Points { .. } => None,
        };
        let days: Int64Array = rows.iter().map(|(_, rule)| Some(i64::from(rule.days))).collect();
        let lines: Int64Array = rows.iter().map(|(_, rule)| Some(i64::from(rule.site.line))).collect();
        let flag = |of: fn(&Rule) -> bool| -> ArrayRef {
            Arc::new(rows.iter().map(|(_, rule)| Some(of(rule))).collect::<BooleanArray>())
        };
        let batch = RecordBatch::try_from_iter_with_nullable([
            ("rule", text(&|rule| Some(rule.id.to_string())), false),
            (
                "sector",
                Arc::new(rows.iter().map(|(sector, _)| Some(*sector)).collect::<StringArray>()) as ArrayRef,
                false,
            ),
            ("tier", text(&tier), true),
            ("item", text(&item), true),
            ("points", Arc::new(points.finish()), true),
            ("major", flag(|rule| rule.major), false),
            ("lasting", flag(|rule| rule.lasting), false),
            ("condition", text(&condition), true),
            ("risk", text(&|rule| Some(rule.risk.get(lang).to_owned())), false),
            ("finding", text(&|rule| Some(rule.finding.get(lang).to_owned())), false),
            ("control", text(&|rule| Some(rule.control.get(lang).to_owned())), false),
            ("citation", text(&|rule| Some(citation(rule, lang))), false),
            ("since", Arc::new(since.finish()), false),
            ("until", Arc::new(until.finish()), true),
            ("replaces", text(&|rule| rule.replaces.as_ref().map(ToString::to_string)), true),
            ("within", text(&|rule| rule.within.as_ref().map(ToString::to_string)), true),
            ("owner", text(&role), true),
            ("days", Arc::new(days), false),
            ("script", text(&|rule| Some(rule.site.script.to_string())), false),
            ("line", Arc::new(lines), false),
        ]);
        batch.map(Frame::of).map_err(errors::arrow)
    }

    /// A row for each sector.
    fn sectors(&self, lang: &str) -> PyResult<Frame> {
        let lang = language(lang)?;
        let sectors = self.book.sectors();
        let mut codes = ListBuilder::new(StringBuilder::new());
        for sector in sectors {
            sector.codes.iter().for_each(|code| codes.values().append_value(code));
            codes.append(true);
        }
        let batch = RecordBatch::try_from_iter_with_nullable([
            (
                "sector",
                Arc::new(sectors.iter().map(|sector| Some(&*sector.id)).collect::<StringArray>()) as ArrayRef,
                false,
            ),
            (
                "name",
                Arc::new(sectors.iter().map(|sector| Some(sector.name.get(lang))).collect::<StringArray>()),
                false,
            ),
            (
                "key_field",
                Arc::new(sectors.iter().map(|sector| sector.key_field.as_deref()).collect::<StringArray>()),
                true,
            ),
            ("codes", Arc::new(codes.finish()), false),
            (
                "rules",
                Arc::new(sectors.iter().map(|sector| Some(sector.rules.len() as i64)).collect::<Int64Array>()),
                false,
            ),
            (
                "scored",
                Arc::new(sectors.iter().map(|sector| Some(sector.scheme.is_some())).collect::<BooleanArray>()),
                false,
            ),
        ]);
        batch.map(Frame::of).map_err(errors::arrow)
    }

    /// A row for each parameter and day from which a value holds.
    fn parameters(&self, lang: &str) -> PyResult<Frame> {
        let lang = language(lang)?;
        let mut texts: [StringBuilder; 5] = std::array::from_fn(|_| StringBuilder::new());
        let mut since = Date32Builder::new();
        let mut overridden = Vec::new();
        for parameter in self.book.parameters() {
            for value in &parameter.values {
                let [name, ty, label, unit, text] = &mut texts;
                name.append_value(&*parameter.name);
                ty.append_value(parameter.ty.name());
                label.append_value(parameter.label.get(lang));
                unit.append_option(parameter.unit.as_deref());
                text.append_value(value.value.to_string());
                since.append_value(value.since.days());
                overridden.push(Some(parameter.overridden));
            }
        }
        let [name, ty, label, unit, text] = &mut texts;
        let batch = RecordBatch::try_from_iter_with_nullable([
            ("parameter", Arc::new(name.finish()) as ArrayRef, false),
            ("type", Arc::new(ty.finish()), false),
            ("label", Arc::new(label.finish()), false),
            ("unit", Arc::new(unit.finish()), true),
            ("since", Arc::new(since.finish()), false),
            ("value", Arc::new(text.finish()), false),
            ("overridden", Arc::new(BooleanArray::from(overridden)), false),
        ]);
        batch.map(Frame::of).map_err(errors::arrow)
    }
}

/// The citations of a rule, in one text.
pub fn citation(rule: &Rule, lang: Lang) -> String {
    let separator = if lang == Lang::Zh { "；" } else { "; " };
    rule.cite.iter().map(|cite| cite.text(lang)).collect::<Vec<_>>().join(separator)
}

/// What the core serializes, as JSON.
pub fn json(value: &impl serde::Serialize) -> PyResult<String> {
    serde_json::to_string(value).map_err(|error| PyValueError::new_err(error.to_string()))
}

/// What comes beside the grades of a frame: columns that the book does not know, and rows that belong to no firm.
type Notes = (Vec<(Option<String>, String, Option<String>)>, Vec<(String, usize, Vec<String>)>);

/// A book on a grading date.
#[pyclass(module = "risktier._native", frozen)]
pub struct NativeGrader {
    grader: Grader,
}

/// A frame, and how the engine reads it.
struct Register {
    schema: SchemaRef,
    /// As it came.
    columns: Vec<RecordBatch>,
    /// In the names of the book.
    batches: Vec<RecordBatch>,
    options: BatchOptions,
    notes: Notes,
}

impl NativeGrader {
    /// `lists` are name, table, and whether it is partial.
    fn read(
        &self,
        py: Python<'_>,
        frame: &Bound<'_, PyAny>,
        lists: Vec<(String, Bound<'_, PyAny>, bool)>,
        column_map: Option<&str>,
        sector: Option<String>,
        parse_text: bool,
    ) -> PyResult<Register> {
        let map = self.map(py, column_map)?;
        let related = lists.into_iter().map(|(list, table, partial)| RelatedTable { list, table, partial });
        let mut input = Input::new(py, &self.grader, map, related.collect(), parse_text)?;
        let (schema, columns) = capsule::read(frame)?;
        let batches = input.convert(py, &schema, &columns, parse_text, sector.is_some())?;
        let options = BatchOptions { sector, parse_text, parse_columns: std::mem::take(&mut input.parse_columns) };
        let notes = (std::mem::take(&mut input.unknown), input.orphans());
        Ok(Register { schema, columns, batches, options, notes })
    }

    fn map(&self, py: Python<'_>, json: Option<&str>) -> PyResult<ColumnMap> {
        json.map_or_else(|| Ok(ColumnMap::new()), |json| column_map(py, &self.grader, json))
    }

    fn outlook(&self, py: Python<'_>, until: &str) -> PyResult<Outlook> {
        let ahead = self.grader.look_ahead(day(until)?);
        ahead.map_err(|error| errors::raise(py, "InputError", (format!("until: {error}"),)))
    }

    fn explanation(&self, py: Python<'_>, firm: &str) -> PyResult<Explanation> {
        py.detach(|| self.grader.explain_json(firm)).map_err(|error| errors::grade(py, &error))
    }
}

#[pymethods]
impl NativeGrader {
    #[getter]
    fn as_of(&self) -> String {
        self.grader.as_of().to_string()
    }

    /// The grade of a firm from JSON, as JSON.
    fn grade_json(&self, py: Python<'_>, firm: &str) -> PyResult<String> {
        json(&py.detach(|| self.grader.grade_json(firm)).map_err(|error| errors::grade(py, &error))?)
    }

    fn explain_json(&self, py: Python<'_>, firm: &str) -> PyResult<String> {
        json(&self.explanation(py, firm)?)
    }

    /// The three lists of a firm, as JSON.
    fn lists_json(&self, py: Python<'_>, firm: &str, name: Option<String>) -> PyResult<String> {
        let explanation = self.explanation(py, firm)?;
        let mut lists = self.grader.lists_of(&explanation);
        lists.name = name;
        json(&lists)
    }

    /// The three lists of a firm, as a page.
    fn lists_html(&self, py: Python<'_>, firm: &str, name: Option<String>, lang: &str) -> PyResult<String> {
        let lang = language(lang)?;
        let explanation = self.explanation(py, firm)?;
        let mut lists = self.grader.lists_of(&explanation);
        lists.name = name;
        Ok(lists.to_html(lang))
    }

    /// Names of facts and lists, `id` and `sector`.
    fn keys(&self) -> Vec<&str> {
        known_keys(&self.grader).collect()
    }

    /// The name that a register can have nearest to one that the book does not know.
    fn nearest_key(&self, name: &str) -> Option<String> {
        risktier::nearest(name, known_keys(&self.grader))
    }

    /// Which of these columns will be read.
    fn needed(
        &self,
        py: Python<'_>,
        columns: Vec<String>,
        lists: Vec<String>,
        column_map: Option<&str>,
    ) -> PyResult<Vec<String>> {
        let mut map = self.map(py, column_map)?;
        // Fields of related tables are no columns of the register.
        map.retain(|key, _| !key.contains('.'));
        let needed = Input::new(py, &self.grader, map, Vec::new(), false)?.needed(py, &columns)?;
        Ok(needed.into_iter().filter(|column| !lists.contains(column)).collect())
    }

    /// The facts that a sector reads, or all of the book; fields of lists as `list.field`.
    fn facts(&self, py: Python<'_>, sector: Option<&str>, lang: &str) -> PyResult<Frame> {
        let lang = language(lang)?;
        let book = self.grader.book();
        let (facts, lists) = match sector {
            None => (book.facts().iter().collect::<Vec<_>>(), book.lists().iter().collect::<Vec<_>>()),
            Some(id) => {
                let of_sector = self.grader.facts_of(id).ok_or_else(|| {
                    let known = book.sectors().iter().map(|sector| &*sector.id);
                    errors::unknown(py, "sector", id, known, "one that `book.sectors` lists")
                })?;
                (of_sector.facts, of_sector.lists)
            }
        };
        let mut rows: Vec<(String, &Fact)> = facts.into_iter().map(|fact| (fact.name.to_string(), fact)).collect();
        for list in lists {
            rows.extend(list.fields.iter().map(|field| (format!("{}.{}", list.name, field.name), field)));
        }
        let text = |of: &dyn Fn(&Fact) -> Option<String>| -> ArrayRef {
            Arc::new(rows.iter().map(|(_, fact)| of(fact)).collect::<StringArray>())
        };
        let mut one_of = ListBuilder::new(StringBuilder::new());
        for (_, fact) in &rows {
            fact.one_of.iter().for_each(|value| one_of.values().append_value(value));
            one_of.append(true);
        }
        let shown = |value: &Option<Value>| value.as_ref().map(ToString::to_string);
        let batch = RecordBatch::try_from_iter_with_nullable([
            (
                "fact",
                Arc::new(rows.iter().map(|(name, _)| Some(name.as_str())).collect::<StringArray>()) as ArrayRef,
                false,
            ),
            ("type", text(&|fact| Some(fact.ty.name().to_owned())), false),
            ("label", text(&|fact| Some(fact.label.get(lang).to_owned())), false),
            ("unit", text(&|fact| fact.unit.as_ref().map(ToString::to_string)), true),
            ("min", text(&|fact| shown(&fact.min)), true),
            ("max", text(&|fact| shown(&fact.max)), true),
            ("one_of", Arc::new(one_of.finish()), false),
            ("absent", text(&|fact| shown(&fact.absent)), true),
            ("worse", text(&|fact| fact.worse.map(|worse| worse.name().to_owned())), true),
        ]);
        batch.map(Frame::of).map_err(errors::arrow)
    }

    /// The columns of exported grades, without a row.
    fn grade_schema(&self, missing: bool) -> PyResult<Frame> {
        let options = risktier::ExportOptions { lang: Lang::En, missing };
        let schema = risktier::GradeColumns::new(&self.grader, &options).schema();
        Ok(Frame::new(schema, Vec::new()))
    }

    /// The forecasts of a frame: a row for each change. Arguments as for `grade_frame`.
    #[pyo3(signature = (frame, *, until, lists, column_map, sector, parse_text, threads))]
    #[expect(clippy::too_many_arguments, reason = "the arguments of Python, by name")]
    fn forecast_frame(
        &self,
        py: Python<'_>,
        frame: &Bound<'_, PyAny>,
        until: &str,
        lists: Vec<(String, Bound<'_, PyAny>, bool)>,
        column_map: Option<&str>,
        sector: Option<String>,
        parse_text: bool,
        threads: Option<usize>,
    ) -> PyResult<(Frame, Notes)> {
        let outlook = self.outlook(py, until)?;
        let read = self.read(py, frame, lists, column_map, sector, parse_text)?;
        let look = || read.batches.iter().map(|batch| outlook.forecast_batch(batch, &read.options)).collect();
        let parts: Result<Vec<_>, risktier::BatchError> = py.detach(|| in_pool(threads, look))?;
        let parts = parts.map_err(|error| errors::batch(&error))?;
        let table = py.detach(|| ahead::table(&parts)).map_err(errors::arrow)?;
        Ok((Frame::of(table), read.notes))
    }

    /// The forecasts of firms from the text of a JSON array of objects.
    #[pyo3(signature = (firms, *, until, sector, threads))]
    fn forecast_records(
        &self,
        py: Python<'_>,
        firms: &str,
        until: &str,
        sector: Option<&str>,
        threads: Option<usize>,
    ) -> PyResult<Frame> {
        let outlook = self.outlook(py, until)?;
        let parts = py.detach(|| {
            in_pool(threads, || {
                let texts: Result<Vec<&RawValue>, serde_json::Error> = serde_json::from_str(firms);
                let texts = texts.map_err(|error| error.to_string())?;
                let texts: Vec<&str> = texts.iter().map(|text| text.get()).collect();
                Ok::<_, String>(outlook.forecast_json_batch(&texts, sector))
            })
        })?;
        let parts = parts.map_err(|error| errors::raise(py, "InputError", (error,)))?;
        let parts = parts.map_err(|error| errors::json_batch(&error))?;
        let table = py.detach(|| ahead::table(&[parts])).map_err(errors::arrow)?;
        Ok(Frame::of(table))
    }

    /// The forecast of one firm, as JSON.
    fn forecast_json(&self, py: Python<'_>, firm: &str, until: &str) -> PyResult<String> {
        let outlook = self.outlook(py, until)?;
        json(&py.detach(|| outlook.forecast_json(firm)).map_err(|error| errors::grade(py, &error))?)
    }

    /// What changed over the rules from these to those of another grader, as JSON.
    fn changes_json(&self, py: Python<'_>, after: &NativeGrader) -> PyResult<String> {
        json(&py.detach(|| risktier::BookChange::between(&self.grader, &after.grader)))
    }

    /// Grades a frame. `lists` are name, table, and whether it is partial.
    #[pyo3(signature = (frame, *, lists, column_map, sector, parse_text, threads))]
    #[expect(clippy::too_many_arguments, reason = "the arguments of Python, by name")]
    fn grade_frame(
        &self,
        py: Python<'_>,
        frame: &Bound<'_, PyAny>,
        lists: Vec<(String, Bound<'_, PyAny>, bool)>,
        column_map: Option<&str>,
        sector: Option<String>,
        parse_text: bool,
        threads: Option<usize>,
    ) -> PyResult<(NativeGrades, Notes)> {
        let read = self.read(py, frame, lists, column_map, sector, parse_text)?;
        let grade = || read.batches.iter().map(|batch| self.grader.grade_batch_with(batch, &read.options)).collect();
        let graded: Result<Vec<_>, risktier::BatchError> = py.detach(|| in_pool(threads, grade))?;
        let graded = graded.map_err(|error| errors::batch(&error))?;
        Ok((NativeGrades::new(&self.grader, read.schema, read.columns, graded, threads), read.notes))
    }

    /// Grades firms from the text of a JSON array of objects.
    #[pyo3(signature = (firms, *, sector, threads))]
    fn grade_records(
        &self,
        py: Python<'_>,
        firms: &str,
        sector: Option<&str>,
        threads: Option<usize>,
    ) -> PyResult<NativeGrades> {
        let graded = py.detach(|| {
            in_pool(threads, || {
                let texts: Result<Vec<&RawValue>, serde_json::Error> = serde_json::from_str(firms);
                let texts = texts.map_err(|error| error.to_string())?;
                let texts: Vec<&str> = texts.iter().map(|text| text.get()).collect();
                Ok::<_, String>(self.grader.grade_json_batch(&texts, sector))
            })
        })?;
        let graded = graded.map_err(|error| errors::raise(py, "InputError", (error,)))?;
        let graded = graded.map_err(|error| errors::json_batch(&error))?;
        let schema = Arc::new(arrow_schema::Schema::empty());
        Ok(NativeGrades::new(&self.grader, schema, Vec::new(), vec![graded], threads))
    }
}
