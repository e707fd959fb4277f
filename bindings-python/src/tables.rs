//! Long tables: takes rows of graded batches, gives a row for each finding, open rule, missing fact, error, or item of a list.

use std::sync::{Arc, LazyLock};

use arrow_array::builder::{BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, ListBuilder, StringBuilder};
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use risktier::{
    Amount, Column, DataError, Effect, FirmLists, Lang, ListCell, ListKind, Points, Rule, RuleBook, RuleOutcome, Tier,
};
use rustc_hash::FxHashMap;

use crate::book::citation;
use crate::grades::Rows;

fn field(name: &str, ty: DataType, nullable: bool) -> Field {
    Field::new(name, ty, nullable)
}

fn list_of_text() -> DataType {
    DataType::List(Arc::new(Field::new("item", DataType::Utf8, true)))
}

/// `row` to `finding`: see [`RuleHead`].
fn rule_fields() -> Vec<Field> {
    vec![
        field("row", DataType::Int64, false),
        field("id", DataType::Utf8, true),
        field("sector", DataType::Utf8, false),
        field("rule", DataType::Utf8, false),
        field("tier", DataType::Utf8, true),
        field("points", DataType::Float64, true),
        field("major", DataType::Boolean, false),
        field("finding", DataType::Utf8, false),
    ]
}

static FINDINGS: LazyLock<SchemaRef> = LazyLock::new(|| {
    let mut fields = rule_fields();
    fields.extend([
        field("control", DataType::Utf8, false),
        field("days", DataType::Int64, false),
        field("citation", DataType::Utf8, false),
    ]);
    Arc::new(Schema::new(fields))
});

static UNDETERMINED: LazyLock<SchemaRef> = LazyLock::new(|| {
    let mut fields = rule_fields();
    fields.push(field("waits_for", list_of_text(), false));
    Arc::new(Schema::new(fields))
});

static ERRORS: LazyLock<SchemaRef> = LazyLock::new(|| {
    Arc::new(Schema::new(vec![
        field("row", DataType::Int64, false),
        field("id", DataType::Utf8, true),
        field("kind", DataType::Utf8, false),
        field("fact", DataType::Utf8, true),
        field("item", DataType::Int64, true),
        field("value", DataType::Utf8, true),
        field("expected", DataType::Utf8, true),
        field("message", DataType::Utf8, false),
        field("affects", list_of_text(), false),
    ]))
});

pub fn findings_schema() -> SchemaRef {
    Arc::clone(&FINDINGS)
}

pub fn undetermined_schema() -> SchemaRef {
    Arc::clone(&UNDETERMINED)
}

pub fn errors_schema() -> SchemaRef {
    Arc::clone(&ERRORS)
}

/// The tier that a rule demands, and its points where they are fixed.
fn effect(rule: &Rule) -> (Option<Tier>, Option<Points>) {
    match &rule.effect {
        Effect::Floor(tier) => (Some(*tier), None),
        Effect::Points { deduct, amount: Amount::Fixed(points), .. } => {
            (None, Some(if *deduct { Points::from_thousandths(-points.thousandths()) } else { *points }))
        }
        Effect::Points { .. } => (None, None),
    }
}

fn has_computed_points(rule: &Rule) -> bool {
    matches!(rule.effect, Effect::Points { amount: Amount::Computed(_), .. })
}

/// The first columns of every long table.
#[derive(Default)]
struct Head {
    row: Int64Builder,
    id: StringBuilder,
}

impl Head {
    fn push(&mut self, rows: &Rows<'_>, row: usize, id: Option<&str>) {
        self.row.append_value((rows.part.start + row) as i64);
        self.id.append_option(id);
    }

    fn finish(&mut self) -> [ArrayRef; 2] {
        [Arc::new(self.row.finish()), Arc::new(self.id.finish())]
    }
}

/// The columns that the tables with a row for each rule begin with, `row` to `finding`.
#[derive(Default)]
struct RuleHead {
    head: Head,
    sector: StringBuilder,
    rule: StringBuilder,
    tier: StringBuilder,
    points: Float64Builder,
    major: BooleanBuilder,
    finding: StringBuilder,
}

impl RuleHead {
    /// `points` where they are not those that the rule has for every firm.
    fn push(
        &mut self,
        at: (&Rows<'_>, usize, Option<&str>),
        sector: &str,
        rule: &Rule,
        points: Option<Points>,
        lang: Lang,
    ) {
        let (rows, row, id) = at;
        self.head.push(rows, row, id);
        self.sector.append_value(sector);
        self.rule.append_value(&*rule.id);
        let (floor, fixed) = effect(rule);
        self.tier.append_option(floor.map(|tier| tier.name(Lang::En)));
        self.points.append_option(points.or(fixed).map(Points::to_f64));
        self.major.append_value(rule.major);
        self.finding.append_value(rule.finding.get(lang));
    }

    fn finish(&mut self) -> Vec<ArrayRef> {
        let mut columns = Vec::from(self.head.finish());
        let texts = |texts: &mut StringBuilder| -> ArrayRef { Arc::new(texts.finish()) };
        columns.extend([texts(&mut self.sector), texts(&mut self.rule), texts(&mut self.tier)]);
        columns.extend([Arc::new(self.points.finish()) as ArrayRef, Arc::new(self.major.finish())]);
        columns.push(texts(&mut self.finding));
        columns
    }
}

pub fn findings(rows: &Rows<'_>, lang: Lang, merits: bool) -> Result<RecordBatch, ArrowError> {
    let grades = &rows.part.grades;
    let mut head = RuleHead::default();
    let [mut control, mut cite]: [StringBuilder; 2] = std::array::from_fn(|_| StringBuilder::new());
    let mut days = Int64Builder::new();
    // A rule is cited for many firms.
    let mut citations: FxHashMap<*const Rule, String> = FxHashMap::default();
    for row in rows.rows.clone() {
        let mut id: Option<Option<String>> = None;
        let mut computed = None;
        for of in grades.rules(row, RuleOutcome::Fired).filter(|of| of.merit == merits) {
            let rule = of.rule;
            let mut points = None;
            if has_computed_points(rule) {
                // Rare: the points are looked up by the executor for one firm.
                let grade = computed.get_or_insert_with(|| grades.grade(row).ok());
                let fired = grade.iter().flat_map(|grade| &grade.sectors).flat_map(|sector| &sector.fired);
                points = fired.filter(|fired| fired.rule == rule.id).find_map(|fired| fired.points);
            }
            let id = id.get_or_insert_with(|| grades.id(row)).as_deref();
            head.push((rows, row, id), of.sector, rule, points, lang);
            control.append_value(rule.control.get(lang));
            days.append_value(rule.days.into());
            cite.append_value(citations.entry(std::ptr::from_ref(rule)).or_insert_with(|| citation(rule, lang)));
        }
    }
    let mut columns = head.finish();
    columns.extend([Arc::new(control.finish()) as ArrayRef, Arc::new(days.finish()), Arc::new(cite.finish())]);
    RecordBatch::try_new(findings_schema(), columns)
}

pub fn undetermined(rows: &Rows<'_>, lang: Lang) -> Result<RecordBatch, ArrowError> {
    let grades = &rows.part.grades;
    let book = grades.grader().book();
    let mut head = RuleHead::default();
    let mut waits_for = ListBuilder::new(StringBuilder::new());
    let by_id: FxHashMap<&str, &Rule> = book.rules().iter().map(|rule| (&*rule.id, rule)).collect();
    for row in rows.rows.clone() {
        if grades.rules(row, RuleOutcome::Undetermined).next().is_none() {
            continue;
        }
        let Ok(grade) = grades.grade(row) else { continue };
        for of in &grade.sectors {
            for open in &of.undetermined {
                let Some(rule) = by_id.get(&*open.rule) else { continue };
                head.push((rows, row, grade.id.as_deref()), &of.sector, rule, None, lang);
                open.waits_for.iter().for_each(|wait| waits_for.values().append_value(&*wait.fact));
                waits_for.append(true);
            }
        }
    }
    let mut columns = head.finish();
    columns.push(Arc::new(waits_for.finish()));
    RecordBatch::try_new(undetermined_schema(), columns)
}

pub fn errors(rows: &Rows<'_>, lang: Lang) -> Result<RecordBatch, ArrowError> {
    let grades = &rows.part.grades;
    let mut head = Head::default();
    let [mut kind, mut fact, mut value, mut expected, mut message]: [StringBuilder; 5] =
        std::array::from_fn(|_| StringBuilder::new());
    let mut item = Int64Builder::new();
    let mut affects = ListBuilder::new(StringBuilder::new());
    for row in rows.rows.clone().filter(|row| grades.has_errors(*row)) {
        let id = grades.id(row);
        let mut push = |name: &str, error: Option<&DataError>, text: String| {
            head.push(rows, row, id.as_deref());
            kind.append_value(name);
            fact.append_option(error.map(|error| &*error.fact));
            item.append_option(error.and_then(|error| error.item).map(|item| item as i64));
            value.append_option(error.map(|error| error.value.as_str()));
            expected.append_option(error.map(|error| error.expected(lang)));
            message.append_value(text);
        };
        for error in grades.firm_errors(row) {
            push("sector", None, error.message(lang));
            affects.append(true);
        }
        for error in &grades.data_errors(row) {
            push("data", Some(error), error.message(lang));
            affects.append(true);
        }
        for fault in grades.faults(row) {
            push("fault", None, format!("{} ({})", fault.kind.message(lang), fault.site));
            fault.affects.iter().for_each(|rule| affects.values().append_value(rule));
            affects.append(true);
        }
    }
    let [row, id] = head.finish();
    RecordBatch::try_new(
        errors_schema(),
        vec![
            row,
            id,
            Arc::new(kind.finish()),
            Arc::new(fact.finish()),
            Arc::new(item.finish()),
            Arc::new(value.finish()),
            Arc::new(expected.finish()),
            Arc::new(message.finish()),
            Arc::new(affects.finish()),
        ],
    )
}

/// How often a fact is missing.
#[derive(Debug, Clone, Copy, Default)]
struct MissingCount {
    /// Firms whose grade it keeps open.
    firms: i64,
    /// Of those: it settles the grade, however it turns out.
    settles: i64,
    /// It can settle the grade, if it turns out one way.
    may_settle: i64,
    /// It narrows the grade most.
    first: i64,
}

/// By fact.
#[derive(Default)]
pub struct MissingCounts(FxHashMap<Arc<str>, MissingCount>);

impl MissingCounts {
    pub fn joined(mut self, other: MissingCounts) -> MissingCounts {
        for (fact, more) in other.0 {
            let count = self.0.entry(fact).or_default();
            count.firms += more.firms;
            count.settles += more.settles;
            count.may_settle += more.may_settle;
            count.first += more.first;
        }
        self
    }
}

pub fn count_missing(rows: &Rows<'_>) -> MissingCounts {
    let mut counts = MissingCounts::default();
    let grades = &rows.part.grades;
    let is_open = |row: &usize| grades.tiers(*row).is_some_and(|(_, best, worst)| best != worst);
    for row in rows.rows.clone().filter(is_open) {
        let Ok(grade) = grades.grade(row) else { continue };
        for (at, missing) in grade.missing.iter().enumerate() {
            let count = counts.0.entry(Arc::clone(&missing.fact)).or_default();
            let (at_best, at_worst) = (missing.worst_at_best == grade.best, missing.best_at_worst == grade.worst);
            count.firms += 1;
            count.settles += i64::from(at_best && at_worst);
            count.may_settle += i64::from(at_best || at_worst);
            count.first += i64::from(at == 0);
        }
    }
    counts
}

/// What a fact is, and its unit.
fn described(book: &RuleBook, fact: &str, lang: Lang) -> (String, Option<String>) {
    let single = book.facts().iter().find(|known| *known.name == *fact);
    let of_list = || {
        let (list, field) = fact.split_once('.')?;
        book.lists().iter().find(|known| *known.name == *list)?.fields.iter().find(|known| *known.name == *field)
    };
    if let Some(known) = single.or_else(of_list) {
        return (known.label.get(lang).to_owned(), known.unit.as_ref().map(ToString::to_string));
    }
    let list = book.lists().iter().find(|known| *known.name == *fact);
    (list.map_or(fact, |list| list.label.get(lang)).to_owned(), None)
}

pub fn missing(book: &RuleBook, counts: &MissingCounts, lang: Lang) -> Result<RecordBatch, ArrowError> {
    let mut all: Vec<(&Arc<str>, &MissingCount)> = counts.0.iter().collect();
    all.sort_by_key(|(fact, count)| {
        use std::cmp::Reverse;
        (Reverse(count.settles), Reverse(count.may_settle), Reverse(count.first), Reverse(count.firms), *fact)
    });
    let texts: Vec<(String, Option<String>)> = all.iter().map(|(fact, _)| described(book, fact, lang)).collect();
    let numbers = |of: fn(&MissingCount) -> i64| -> ArrayRef {
        Arc::new(all.iter().map(|(_, count)| Some(of(count))).collect::<Int64Array>())
    };
    RecordBatch::try_from_iter_with_nullable([
        ("fact", Arc::new(all.iter().map(|(fact, _)| Some(&***fact)).collect::<StringArray>()) as ArrayRef, false),
        ("label", Arc::new(texts.iter().map(|(label, _)| Some(label.as_str())).collect::<StringArray>()), false),
        ("unit", Arc::new(texts.iter().map(|(_, unit)| unit.as_deref()).collect::<StringArray>()), true),
        ("settles", numbers(|count| count.settles), false),
        ("may_settle", numbers(|count| count.may_settle), false),
        ("first", numbers(|count| count.first), false),
        ("firms", numbers(|count| count.firms), false),
    ])
}

enum CellColumn {
    Text(StringBuilder),
    Number(Float64Builder),
    Date(Date32Builder),
}

/// Rows of cells as the columns of a table.
pub struct CellTable {
    lang: Lang,
    columns: &'static [Column],
    built: Vec<CellColumn>,
}

impl CellTable {
    pub fn new(columns: &'static [Column], lang: Lang) -> CellTable {
        let column = |column: &Column| match column.key {
            "points" | "days" | "late_days" | "reopened" => CellColumn::Number(Float64Builder::new()),
            "deadline" | "first_seen" | "opened" | "due" | "last_found" | "closed_on" => {
                CellColumn::Date(Date32Builder::new())
            }
            _ => CellColumn::Text(StringBuilder::new()),
        };
        CellTable { lang, columns, built: columns.iter().map(column).collect() }
    }

    pub fn push(&mut self, row: &[ListCell]) {
        for (cell, column) in row.iter().zip(&mut self.built) {
            match (column, cell) {
                (CellColumn::Text(out), ListCell::Empty) => out.append_null(),
                // Tiers have one name in data, whatever the language of the texts.
                (CellColumn::Text(out), ListCell::Tier(tier)) => out.append_value(tier.name(Lang::En)),
                (CellColumn::Text(out), cell) => out.append_value(cell.to_text(self.lang)),
                (CellColumn::Number(out), ListCell::Number(number)) => out.append_value(*number),
                (CellColumn::Number(out), _) => out.append_null(),
                (CellColumn::Date(out), ListCell::Date(date)) => out.append_value(date.days()),
                (CellColumn::Date(out), _) => out.append_null(),
            }
        }
    }

    pub fn finish(self) -> Result<RecordBatch, ArrowError> {
        let arrays = self.built.into_iter().map(|column| -> ArrayRef {
            match column {
                CellColumn::Text(mut out) => Arc::new(out.finish()),
                CellColumn::Number(mut out) => Arc::new(out.finish()),
                CellColumn::Date(mut out) => Arc::new(out.finish()),
            }
        });
        let named = self.columns.iter().zip(arrays).map(|(column, array)| (column.key, array, true));
        RecordBatch::try_from_iter_with_nullable(named)
    }
}

/// The three lists of many firms.
pub struct ListTables {
    lang: Lang,
    tables: [CellTable; 3],
}

impl ListTables {
    pub fn new(lang: Lang) -> ListTables {
        ListTables { lang, tables: ListKind::ALL.map(|kind| CellTable::new(kind.columns(), lang)) }
    }

    pub fn push(&mut self, lists: &FirmLists) {
        for (kind, table) in ListKind::ALL.into_iter().zip(&mut self.tables) {
            lists.rows(kind, self.lang).iter().for_each(|row| table.push(row));
        }
    }

    pub fn finish(self) -> Result<[RecordBatch; 3], ArrowError> {
        let [risks, hazards, duties] = self.tables;
        Ok([risks.finish()?, hazards.finish()?, duties.finish()?])
    }
}
