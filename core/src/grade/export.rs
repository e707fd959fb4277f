//! Grades as Arrow columns.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use arrow_array::builder::{
    ArrayBuilder, BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, ListBuilder, StringBuilder,
};
use arrow_array::{ArrayRef, BooleanArray, Float64Array, RecordBatch, StringArray};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};

use super::record::{Fault, Grade};
use super::{BatchGrades, Grader, Outcome, Score};
use crate::plan::columns::Outcomes;
use crate::{DataError, FirmError, GradeError, Lang, Points, Tier, Type, Value};

/// What to export.
#[derive(Debug, Clone, Copy, Default)]
pub struct ExportOptions {
    /// The language of error texts.
    pub lang: Lang,
    /// With a column `missing`: the facts that keep a grade unsettled, the most decisive first. It takes longer, since each
    /// unsettled firm is looked at one by one.
    pub missing: bool,
}

/// Collects grades as columns, one row a firm:
///
/// | column | type | |
/// |---|---|---|
/// | `id` | text | the firm's own id |
/// | `sector` | text | the sector that decided |
/// | `tier`, `best`, `worst` | text | none if the firm could not be graded |
/// | `settled` | bool | |
/// | `score`, `score_low`, `score_high` | float | of the deciding sector, if it has a score |
/// | `fired`, `undetermined` | list of text | ids of rules |
/// | `missing` | list of text | if asked for |
/// | one for each measure of the book | its type | |
/// | `errors` | text | data errors, faults, and why a firm could not be graded |
pub struct GradeColumns {
    schema: SchemaRef,
    lang: Lang,
    id: StringBuilder,
    sector: StringBuilder,
    tier: StringBuilder,
    best: StringBuilder,
    worst: StringBuilder,
    settled: BooleanBuilder,
    scores: [Float64Builder; 3],
    fired: ListBuilder<StringBuilder>,
    undetermined: ListBuilder<StringBuilder>,
    missing: Option<ListBuilder<StringBuilder>>,
    /// As the book declares them.
    measures: Vec<MeasureBuilder>,
    measure_index: HashMap<Arc<str>, usize>,
    errors: StringBuilder,
}

enum MeasureBuilder {
    Bool(BooleanBuilder),
    Int(Int64Builder),
    Float(Float64Builder),
    Text(StringBuilder),
    Date(Date32Builder),
}

impl MeasureBuilder {
    fn new(ty: Type) -> MeasureBuilder {
        match ty {
            Type::Bool => MeasureBuilder::Bool(BooleanBuilder::new()),
            Type::Int => MeasureBuilder::Int(Int64Builder::new()),
            Type::Float => MeasureBuilder::Float(Float64Builder::new()),
            Type::Text => MeasureBuilder::Text(StringBuilder::new()),
            Type::Date => MeasureBuilder::Date(Date32Builder::new()),
        }
    }

    fn push(&mut self, value: Option<&Value>) {
        match (self, value) {
            (MeasureBuilder::Bool(out), Some(Value::Bool(value))) => out.append_value(*value),
            (MeasureBuilder::Int(out), Some(Value::Int(value))) => out.append_value(*value),
            (MeasureBuilder::Float(out), Some(Value::Float(value))) => out.append_value(*value),
            (MeasureBuilder::Text(out), Some(Value::Text(value))) => out.append_value(value),
            (MeasureBuilder::Date(out), Some(Value::Date(value))) => out.append_value(value.days()),
            (MeasureBuilder::Bool(out), _) => out.append_null(),
            (MeasureBuilder::Int(out), _) => out.append_null(),
            (MeasureBuilder::Float(out), _) => out.append_null(),
            (MeasureBuilder::Text(out), _) => out.append_null(),
            (MeasureBuilder::Date(out), _) => out.append_null(),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            MeasureBuilder::Bool(out) => Arc::new(out.finish()),
            MeasureBuilder::Int(out) => Arc::new(out.finish()),
            MeasureBuilder::Float(out) => Arc::new(out.finish()),
            MeasureBuilder::Text(out) => Arc::new(out.finish()),
            MeasureBuilder::Date(out) => Arc::new(out.finish()),
        }
    }
}

/// One row of the export.
struct Line<'l> {
    id: Option<&'l str>,
    sector: Option<&'l str>,
    tiers: Option<(Tier, Tier, Tier)>,
    score: Option<(Points, Points, Points)>,
    errors: Vec<String>,
}

fn texts(lang: Lang, firm: &[FirmError], data: &[DataError], faults: &[&Fault]) -> Vec<String> {
    let firm = firm.iter().map(|error| error.message(lang));
    let data = data.iter().map(|error| error.message(lang));
    let faults = faults.iter().map(|fault| format!("{} ({})", fault.kind.message(lang), fault.site));
    firm.chain(data).chain(faults).collect()
}

impl GradeColumns {
    /// Columns for grades of this grader's book.
    pub fn new(grader: &Grader, options: &ExportOptions) -> GradeColumns {
        let text = |name: &str| Field::new(name, DataType::Utf8, true);
        let float = |name: &str| Field::new(name, DataType::Float64, true);
        let list =
            |name: &str| Field::new(name, DataType::List(Arc::new(Field::new("item", DataType::Utf8, true))), false);
        let mut fields = vec![text("id"), text("sector"), text("tier"), text("best"), text("worst")];
        fields.push(Field::new("settled", DataType::Boolean, true));
        fields.extend([float("score"), float("score_low"), float("score_high"), list("fired"), list("undetermined")]);
        if options.missing {
            fields.push(list("missing"));
        }
        let mut measures = Vec::new();
        let mut measure_index = HashMap::new();
        for measure in grader.book().measures() {
            let ty = match measure.ty {
                Type::Bool => DataType::Boolean,
                Type::Int => DataType::Int64,
                Type::Float => DataType::Float64,
                Type::Text => DataType::Utf8,
                Type::Date => DataType::Date32,
            };
            fields.push(Field::new(&*measure.name, ty, true));
            measure_index.insert(Arc::clone(&measure.name), measures.len());
            measures.push(MeasureBuilder::new(measure.ty));
        }
        fields.push(text("errors"));
        let builder = StringBuilder::new;
        GradeColumns {
            schema: Arc::new(Schema::new(fields)),
            lang: options.lang,
            id: builder(),
            sector: builder(),
            tier: builder(),
            best: builder(),
            worst: builder(),
            settled: BooleanBuilder::new(),
            scores: [Float64Builder::new(), Float64Builder::new(), Float64Builder::new()],
            fired: ListBuilder::new(builder()),
            undetermined: ListBuilder::new(builder()),
            missing: options.missing.then(|| ListBuilder::new(builder())),
            measures,
            measure_index,
            errors: builder(),
        }
    }

    /// The columns' names and types.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// Rows so far.
    pub fn len(&self) -> usize {
        self.id.len()
    }

    /// True if there is no row yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds a grade, or the reason why there is none. `id` is used where the grade has none of its own.
    pub fn push(&mut self, id: Option<&str>, result: &Result<Grade, GradeError>) {
        match result {
            Ok(grade) => self.push_grade(id, grade),
            Err(error) => {
                let text = match error {
                    GradeError::Firm(error) => error.message(self.lang),
                    other => other.to_string(),
                };
                self.push_line(&Line { id, sector: None, tiers: None, score: None, errors: vec![text] });
                self.end_rules([], [], []);
                self.push_measures([]);
            }
        }
    }

    fn push_grade(&mut self, id: Option<&str>, grade: &Grade) {
        let deciding = grade.sectors.iter().find(|sector| sector.sector == grade.decided_by);
        let mut faults: Vec<&Fault> = Vec::new();
        for fault in grade.sectors.iter().flat_map(|sector| &sector.faults) {
            if !faults.iter().any(|known| known.kind == fault.kind && known.site == fault.site) {
                faults.push(fault);
            }
        }
        self.push_line(&Line {
            id: grade.id.as_deref().or(id),
            sector: Some(&grade.decided_by),
            tiers: Some((grade.tier, grade.best, grade.worst)),
            score: deciding.and_then(|sector| sector.score).map(|score| (score.value, score.low, score.high)),
            errors: texts(self.lang, &grade.errors, &grade.data_errors, &faults),
        });
        self.end_rules(
            grade.sectors.iter().flat_map(|sector| sector.fired.iter().map(|fired| &*fired.rule)),
            grade.sectors.iter().flat_map(|sector| sector.undetermined.iter().map(|open| &*open.rule)),
            grade.missing.iter().map(|missing| &*missing.fact),
        );
        let all = grade.sectors.iter().flat_map(|sector| &sector.measures);
        let indexed: Vec<(usize, Option<&Value>)> =
            all.filter_map(|measure| Some((*self.measure_index.get(&measure.name)?, measure.value.as_ref()))).collect();
        self.push_measures(indexed);
    }

    fn push_line(&mut self, line: &Line<'_>) {
        self.id.append_option(line.id);
        self.sector.append_option(line.sector);
        let name = |pick: fn((Tier, Tier, Tier)) -> Tier| line.tiers.map(|tiers| pick(tiers).name(Lang::En));
        self.tier.append_option(name(|tiers| tiers.0));
        self.best.append_option(name(|tiers| tiers.1));
        self.worst.append_option(name(|tiers| tiers.2));
        self.settled.append_option(line.tiers.map(|(_, best, worst)| best == worst));
        let [value, low, high] = &mut self.scores;
        value.append_option(line.score.map(|score| score.0.to_f64()));
        low.append_option(line.score.map(|score| score.1.to_f64()));
        high.append_option(line.score.map(|score| score.2.to_f64()));
        self.errors.append_option((!line.errors.is_empty()).then(|| line.errors.join("; ")));
    }

    fn end_rules<'i>(
        &mut self,
        fired: impl IntoIterator<Item = &'i str>,
        undetermined: impl IntoIterator<Item = &'i str>,
        missing: impl IntoIterator<Item = &'i str>,
    ) {
        fired.into_iter().for_each(|id| self.fired.values().append_value(id));
        self.fired.append(true);
        undetermined.into_iter().for_each(|id| self.undetermined.values().append_value(id));
        self.undetermined.append(true);
        if let Some(column) = &mut self.missing {
            missing.into_iter().for_each(|fact| column.values().append_value(fact));
            column.append(true);
        }
    }

    /// By index into the book's measures. A firm of several sectors has one value in each, all the same.
    fn push_measures<'v>(&mut self, values: impl IntoIterator<Item = (usize, Option<&'v Value>)>) {
        let mut row = vec![None; self.measures.len()];
        for (at, value) in values {
            if let Some(cell) = row.get_mut(at) {
                *cell = cell.or(value);
            }
        }
        for (builder, value) in self.measures.iter_mut().zip(row) {
            builder.push(value);
        }
    }

    /// The columns as a record batch; the collection is empty again.
    ///
    /// # Errors
    /// Never; Arrow checks the lengths.
    pub fn finish(&mut self) -> Result<RecordBatch, ArrowError> {
        let [value, low, high] = &mut self.scores;
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(self.id.finish()),
            Arc::new(self.sector.finish()),
            Arc::new(self.tier.finish()),
            Arc::new(self.best.finish()),
            Arc::new(self.worst.finish()),
            Arc::new(self.settled.finish()),
            Arc::new(value.finish()),
            Arc::new(low.finish()),
            Arc::new(high.finish()),
            Arc::new(self.fired.finish()),
            Arc::new(self.undetermined.finish()),
        ];
        if let Some(missing) = &mut self.missing {
            columns.push(Arc::new(missing.finish()));
        }
        columns.extend(self.measures.iter_mut().map(MeasureBuilder::finish));
        columns.push(Arc::new(self.errors.finish()));
        RecordBatch::try_new(Arc::clone(&self.schema), columns)
    }
}

impl BatchGrades {
    /// The grades as Arrow columns, one row for each of the batch; see [`GradeColumns`].
    ///
    /// # Errors
    /// Never; Arrow checks the lengths.
    pub fn to_record_batch(&self, options: &ExportOptions) -> Result<RecordBatch, ArrowError> {
        self.to_record_batch_of(0..self.len(), options)
    }

    /// [`BatchGrades::to_record_batch`] for some of the rows, so that several threads can share the work.
    ///
    /// # Errors
    /// Never; Arrow checks the lengths.
    pub fn to_record_batch_of(&self, rows: Range<usize>, options: &ExportOptions) -> Result<RecordBatch, ArrowError> {
        let mut columns = GradeColumns::new(self.grader(), options);
        for row in rows.start..rows.end.min(self.len()) {
            self.export_row(row, options, &mut columns);
        }
        columns.finish()
    }

    /// One column of the export alone, for some of the rows; none for those that take a look at every rule or measure.
    pub fn to_column_of(&self, name: &str, rows: Range<usize>) -> Option<ArrayRef> {
        let rows = rows.start..rows.end.min(self.len());
        // Where all rows have one sector, its outcomes lie as the column will.
        let one = self.one_sector();
        let tier = |pick: fn((Tier, Tier, Tier)) -> Tier, of: fn(&Outcomes) -> &[u8]| -> ArrayRef {
            // The longest of the four names has six letters.
            let mut out = StringBuilder::with_capacity(rows.len(), rows.len() * 6);
            match one.and_then(|one| of(one).get(rows.clone())) {
                Some(tiers) => tiers.iter().for_each(|tier| out.append_value(Tier::from_index(*tier).name(Lang::En))),
                None => {
                    let name = |row| self.tiers(row).map(|tiers| pick(tiers).name(Lang::En));
                    rows.clone().for_each(|row| out.append_option(name(row)));
                }
            }
            Arc::new(out.finish())
        };
        let score = |pick: fn(Score) -> Points, of: fn(&Outcomes) -> &[i64]| -> ArrayRef {
            if let Some(scores) = one.and_then(|one| of(one).get(rows.clone())).filter(|scores| !scores.is_empty()) {
                let scores = scores.iter().map(|score| Points::from_thousandths(*score).to_f64());
                return Arc::new(Float64Array::from_iter_values(scores));
            }
            let score = |row| self.score(row).map(|score| pick(score).to_f64());
            Arc::new(rows.clone().map(score).collect::<Float64Array>())
        };
        Some(match name {
            "id" => Arc::new(rows.map(|row| self.id(row)).collect::<StringArray>()),
            "sector" => Arc::new(rows.map(|row| self.decided_by(row)).collect::<StringArray>()),
            "tier" => tier(|tiers| tiers.0, |one| &one.tier),
            "best" => tier(|tiers| tiers.1, |one| if one.open { &one.best } else { &one.tier }),
            "worst" => tier(|tiers| tiers.2, |one| if one.open { &one.worst } else { &one.tier }),
            "settled" => {
                let settled = |row| self.tiers(row).map(|(_, best, worst)| best == worst);
                Arc::new(rows.map(settled).collect::<BooleanArray>())
            }
            "score" => score(|score| score.value, |one| &one.score),
            "score_low" => score(|score| score.low, |one| if one.open { &one.low } else { &one.score }),
            "score_high" => score(|score| score.high, |one| if one.open { &one.high } else { &one.score }),
            _ => return None,
        })
    }

    fn export_row(&self, row: usize, options: &ExportOptions, columns: &mut GradeColumns) {
        let id = self.id(row);
        let tiers = self.tiers(row);
        let deciding = self.deciding(row);
        columns.push_line(&Line {
            id: id.as_deref(),
            sector: deciding.and_then(|unit| unit.plan()).map(|plan| &*plan.id),
            tiers,
            score: deciding.and_then(|unit| unit.score()),
            errors: texts(options.lang, self.firm_errors(row), &self.data_errors(row), &self.faults(row)),
        });
        let open = tiers.is_some_and(|(_, best, worst)| best != worst);
        let missing = if options.missing && open {
            self.grade(row).map(|grade| grade.missing).unwrap_or_default()
        } else {
            Vec::new()
        };
        let with = |outcome: Outcome| {
            self.units(row).flat_map(move |unit| {
                let rules = unit.plan().map(|plan| plan.rules.as_slice()).unwrap_or_default();
                rules.iter().enumerate().filter(move |(at, _)| unit.outcome(*at) == outcome).map(|(_, rule)| &*rule.id)
            })
        };
        columns.end_rules(
            with(Outcome::Fired),
            with(Outcome::Undetermined),
            missing.iter().map(|missing| &*missing.fact),
        );
        columns.push_measures(self.units(row).flat_map(|unit| unit.measures()));
    }
}
