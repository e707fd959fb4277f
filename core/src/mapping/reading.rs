//! From the cells of a row to one value: codes, thousands separators, percent signs, dates, units, several columns into one.
//!
//! A cell that cannot be read stays as it is, and is reported for its firm by the engine: nothing is repaired in silence.

use std::collections::BTreeMap;
use std::sync::Arc;

#[cfg(feature = "arrow")]
use arrow_array::{Array, ArrayRef, Float64Array, StringArray, cast::AsArray, types::Float64Type};
#[cfg(feature = "arrow")]
use arrow_schema::{ArrowError, DataType};
use serde::Deserialize;

/// How several columns become one value. Empty cells are left out; where all are empty, there is no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Combine {
    /// The first that is not empty.
    #[default]
    First,
    /// Their sum; unknown if one of them is empty.
    Sum,
    /// The largest number.
    Max,
    /// The smallest number.
    Min,
    /// True if one is true; false if all are false.
    Any,
    /// False if one is false; true if all are true.
    All,
    /// Their texts with a space between.
    Join,
}

/// What a code stands for; an empty text for unknown.
pub type Codes = BTreeMap<String, String>;

/// How a value is read from the cells of a row.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    /// The columns; none for a constant.
    pub columns: Vec<String>,
    /// How several become one.
    pub combine: Combine,
    /// Always this value.
    pub constant: Option<String>,
    /// What stands in the cells, and what it means.
    pub codes: Option<Arc<Codes>>,
    /// `1,234.5` is a number.
    pub thousands: bool,
    /// `12%` is a number: 12 where the fact is in percent, else 0.12.
    pub percent: Option<f64>,
    /// How dates are written, as in strptime.
    pub date: Option<String>,
    /// Numbers are multiplied by it.
    pub factor: Option<f64>,
}

impl Reading {
    /// A column as it is.
    pub fn column(column: impl Into<String>) -> Reading {
        Reading { columns: vec![column.into()], ..Reading::default() }
    }

    /// True if the value is the cell.
    pub fn is_plain(&self) -> bool {
        *self == Reading { columns: self.columns.clone(), ..Reading::default() } && self.columns.len() == 1
    }

    /// The value of a row, from its cells in the order of the columns.
    pub fn value(&self, cells: &[Option<&str>]) -> Option<String> {
        if let Some(constant) = &self.constant {
            return Some(constant.clone());
        }
        let read: Vec<Option<String>> = cells.iter().map(|cell| cell.and_then(|cell| self.cell(cell))).collect();
        let known = || read.iter().flatten();
        let numbers = || known().map(|text| text.parse::<f64>().ok()).collect::<Option<Vec<f64>>>();
        // What is no number, or no yes or no, is handed on as it stands, so that it is reported.
        let otherwise = || known().cloned().collect::<Vec<_>>().join(" ");
        match self.combine {
            _ if known().next().is_none() => None,
            Combine::First => known().next().cloned(),
            Combine::Join => Some(otherwise()),
            Combine::Sum if read.iter().any(Option::is_none) => None,
            Combine::Sum => Some(numbers().map_or_else(otherwise, |all| number(all.iter().sum()))),
            Combine::Max => {
                Some(numbers().map_or_else(otherwise, |all| number(all.into_iter().fold(f64::MIN, f64::max))))
            }
            Combine::Min => {
                Some(numbers().map_or_else(otherwise, |all| number(all.into_iter().fold(f64::MAX, f64::min))))
            }
            Combine::Any => self.logic(&read, "true", "false", otherwise),
            Combine::All => self.logic(&read, "false", "true", otherwise),
        }
    }

    /// `settles` as soon as one is; `else_` if all are known to be; unknown if not.
    fn logic(
        &self,
        read: &[Option<String>],
        settles: &str,
        else_: &str,
        otherwise: impl Fn() -> String,
    ) -> Option<String> {
        if read.iter().flatten().any(|text| text != "true" && text != "false") {
            return Some(otherwise());
        }
        if read.iter().flatten().any(|text| text == settles) {
            return Some(settles.to_owned());
        }
        read.iter().all(Option::is_some).then(|| else_.to_owned())
    }

    fn cell(&self, cell: &str) -> Option<String> {
        let trimmed = cell.trim();
        if trimmed.is_empty() {
            return None;
        }
        if let Some(code) = self.codes.as_ref().and_then(|codes| codes.get(trimmed)) {
            return Some(code.clone()).filter(|value| !value.is_empty());
        }
        if let Some(format) = &self.date {
            return Some(date(trimmed, format).unwrap_or_else(|| cell.to_owned()));
        }
        let mut text = trimmed;
        let without;
        let mut factor = self.factor;
        if let Some(per_cent) = self.percent
            && let Some(number) = text.strip_suffix(['%', '％'])
        {
            text = number.trim_end();
            factor = Some(factor.unwrap_or(1.0) * per_cent);
        }
        if self.thousands && has_thousands(text) {
            without = text.replace(',', "");
            text = &without;
        }
        let changed = factor.is_some() || text != trimmed;
        let read =
            factor.map_or_else(|| text.parse().ok().map(|_: f64| text.to_owned()), |factor| scaled(text, factor));
        Some(if changed { read.unwrap_or_else(|| cell.to_owned()) } else { cell.to_owned() })
    }
}

#[cfg(feature = "arrow")]
impl Reading {
    /// The columns of a batch as one column: as it is where it is plain, else texts for the engine to read as the type of
    /// their fact. Numbers that are only multiplied stay numbers.
    ///
    /// # Errors
    /// If a column has no form as text.
    pub fn column_of(&self, columns: &[ArrayRef], rows: usize) -> Result<ArrayRef, ArrowError> {
        if let ([only], true) = (columns, self.is_plain()) {
            return Ok(Arc::clone(only));
        }
        if let ([only], Some(factor)) = (columns, self.factor)
            && (only.data_type().is_integer() || *only.data_type() == DataType::Float64)
            && (Reading { factor: None, thousands: false, percent: None, ..self.clone() }).is_plain()
        {
            let numbers = arrow_cast::cast(only, &DataType::Float64)?;
            let scaled: Float64Array = numbers.as_primitive::<Float64Type>().unary(|number| number * factor);
            return Ok(Arc::new(scaled));
        }
        let texts: Vec<StringArray> = columns.iter().map(texts).collect::<Result<_, _>>()?;
        let value = |row: usize| {
            let cells: Vec<Option<&str>> =
                texts.iter().map(|texts| texts.is_valid(row).then(|| texts.value(row))).collect();
            self.value(&cells)
        };
        Ok(Arc::new((0..rows).map(value).collect::<StringArray>()))
    }
}

/// Any column as text: dates as `2026-11-01`, numbers as they read back.
///
/// # Errors
/// If its type has no form as text.
#[cfg(feature = "arrow")]
pub fn texts(array: &ArrayRef) -> Result<StringArray, ArrowError> {
    let array = match array.data_type() {
        DataType::Timestamp(..) | DataType::Date64 => arrow_cast::cast(array, &DataType::Date32)?,
        _ => Arc::clone(array),
    };
    let text = arrow_cast::cast(&array, &DataType::Utf8)?;
    match text.as_any().downcast_ref::<StringArray>() {
        Some(text) => Ok(text.clone()),
        None => Err(ArrowError::CastError(format!("{} has no form as text", array.data_type()))),
    }
}

fn date(text: &str, format: &str) -> Option<String> {
    jiff::civil::Date::strptime(format, text).ok().map(|date| date.to_string())
}

/// As short as it reads back.
fn number(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < 1e15 { format!("{number:.0}") } else { format!("{number:?}") }
}

/// `1,234` and `-12,345,678.9`: groups of three, as thousands are written.
pub fn has_thousands(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let whole = unsigned.split_once('.').map_or(unsigned, |(whole, _)| whole);
    let mut groups = whole.split(',');
    let digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    let first = groups.next().is_some_and(|first| (1..=3).contains(&first.len()) && digits(first));
    let mut more = groups.peekable();
    first && more.peek().is_some() && more.all(|group| group.len() == 3 && digits(group))
}

/// A number in a text, times a factor. What is no number stays as it is, and is reported for its firm.
fn scaled(text: &str, factor: f64) -> Option<String> {
    let number = text.trim().parse::<f64>().ok().filter(|number| number.is_finite())?;
    let scaled = number * factor;
    scaled.is_finite().then(|| format!("{scaled:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(columns: usize) -> Reading {
        Reading { columns: vec!["c".into(); columns], ..Reading::default() }
    }

    #[test]
    fn cells_are_read_only_as_far_as_the_mapping_allows() {
        let plain = reading(1);
        assert_eq!(plain.value(&[Some("1,234")]).as_deref(), Some("1,234"));
        let thousands = Reading { thousands: true, ..reading(1) };
        assert_eq!(thousands.value(&[Some("-1,234.5")]).as_deref(), Some("-1234.5"));
        assert_eq!(thousands.value(&[Some("12,34")]).as_deref(), Some("12,34"), "no thousands");
        let percent = Reading { percent: Some(0.01), ..reading(1) };
        assert_eq!(percent.value(&[Some("12.5%")]).as_deref(), Some("0.125"));
        assert_eq!(percent.value(&[Some("12.5")]).as_deref(), Some("12.5"));
        let pounds = Reading { factor: Some(0.000_453_592_37), ..reading(1) };
        assert_eq!(pounds.value(&[Some("10000")]).as_deref(), Some("4.5359237"));
        assert_eq!(pounds.value(&[Some("many")]).as_deref(), Some("many"));
        let day = Reading { date: Some("%d.%m.%Y".into()), ..reading(1) };
        assert_eq!(day.value(&[Some("03.11.2026")]).as_deref(), Some("2026-11-03"));
        assert_eq!(day.value(&[Some("2026-11-03")]).as_deref(), Some("2026-11-03"), "left for the engine to read");
        let codes = Codes::from([("是".into(), "true".into()), ("不详".into(), String::new())]);
        let coded = Reading { codes: Some(Arc::new(codes)), ..reading(1) };
        assert_eq!(coded.value(&[Some(" 是 ")]).as_deref(), Some("true"));
        assert_eq!(coded.value(&[Some("不详")]), None);
        assert_eq!(coded.value(&[Some("也许")]).as_deref(), Some("也许"));
    }

    /// Columns of numbers are multiplied without a text between; what a firm is graded by must not depend on it.
    #[cfg(feature = "arrow")]
    #[test]
    fn a_multiplied_column_of_numbers_says_what_its_texts_would() {
        use crate::{BatchOptions, RuleBook};
        use arrow_array::{Int64Array, RecordBatch};

        let script = r#"
            role("p", #{ en: "P", zh: "岗" });
            sector("a", #{ name: #{ en: "A", zh: "甲" } });
            fact("whole", INT, #{ en: "Whole", zh: "整数", unit: "m", min: 0 });
            fact("tonnes", FLOAT, #{ en: "Tonnes", zh: "吨", unit: "t", min: 0.0 });
            fn one(id, when) {
                rule(id, #{ risk: #{ en: "r", zh: "险" }, finding: #{ en: "f", zh: "患" }, when: when, tier: RED, cite: own("x"),
                    since: date(2020, 1, 1), control: #{ en: "c", zh: "措" }, owner: "p", days: 0 });
            }
            one("W", |firm| firm.whole >= 3000);
            one("T", |firm| firm.tonnes >= 4.5359237);
        "#;
        let grader = RuleBook::from_sources([("a.rhai", script)]).unwrap().as_of("2026-11-01".parse().unwrap());
        let whole = [Some(3), Some(2), Some(0), Some(-1), None, Some(i64::MAX), Some((1 << 53) + 1)];
        let tonnes = [10_000.0, 9_999.999_999_9, 0.1, 1e-300, f64::NAN, f64::INFINITY, -5.0];
        let given: [ArrayRef; 2] =
            [Arc::new(Int64Array::from(whole.to_vec())), Arc::new(Float64Array::from(tonnes.to_vec()))];
        let graded = |columns: [ArrayRef; 2]| {
            let [whole, tonnes] = columns;
            let batch = RecordBatch::try_from_iter([("whole", whole), ("tonnes", tonnes)]).unwrap();
            let options = BatchOptions { sector: Some("a".into()), parse_text: true, ..BatchOptions::default() };
            let grades = grader.grade_batch_with(&batch, &options).unwrap();
            (0..grades.len()).map(|row| (grades.tiers(row), grades.data_errors(row).len())).collect::<Vec<_>>()
        };
        let readings = [1000.0, 0.000_453_592_37].map(|factor| Reading { factor: Some(factor), ..reading(1) });
        let as_numbers = [0, 1].map(|at| readings[at].column_of(&given[at..=at], whole.len()).unwrap());
        let as_texts = [0, 1].map(|at| -> ArrayRef {
            let cells = texts(&given[at]).unwrap();
            let value = |cell: Option<&str>| readings[at].value(&[cell]);
            Arc::new(cells.iter().map(value).collect::<StringArray>())
        });
        assert!(as_numbers.iter().all(|column| *column.data_type() == DataType::Float64));
        let (numbers, texts) = (graded(as_numbers), graded(as_texts));
        assert_eq!(numbers[0], (Some((crate::Tier::Red, crate::Tier::Red, crate::Tier::Red)), 0));
        assert_eq!(numbers, texts);
    }

    #[test]
    fn several_columns_become_one_value_and_an_empty_cell_is_never_a_zero() {
        let of = |combine, cells: &[Option<&str>]| Reading { combine, ..reading(cells.len()) }.value(cells);
        assert_eq!(of(Combine::Sum, &[Some("2"), Some("3")]).as_deref(), Some("5"));
        assert_eq!(of(Combine::Sum, &[Some("2"), None]), None);
        assert_eq!(of(Combine::Max, &[Some("2"), Some("3.5")]).as_deref(), Some("3.5"));
        assert_eq!(of(Combine::First, &[None, Some("b")]).as_deref(), Some("b"));
        assert_eq!(of(Combine::Any, &[Some("false"), Some("true"), None]).as_deref(), Some("true"));
        assert_eq!(of(Combine::Any, &[Some("false"), None]), None);
        assert_eq!(of(Combine::Any, &[Some("false"), Some("false")]).as_deref(), Some("false"));
        assert_eq!(of(Combine::All, &[Some("true"), Some("false")]).as_deref(), Some("false"));
        assert_eq!(of(Combine::Sum, &[Some("2"), Some("x")]).as_deref(), Some("2 x"), "reported as it stands");
        assert_eq!(of(Combine::Join, &[Some("a"), None, Some("b")]).as_deref(), Some("a b"));
    }
}
