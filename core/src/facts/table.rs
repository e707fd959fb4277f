//! Firms as a table of columns in memory, without Arrow: from typed arrays, or from the cells of a file.

use super::cells::wrong_type;
use super::column::{FirmColumn, Values};
use super::columns::{FactColumn, ListColumn, Source};
use super::{Cell, DataError, Expected, firm::field_name};
use crate::book::Fact;
use crate::plan::PlanList;

/// A table: named columns of as many rows each.
///
/// ```
/// use risktier::{FirmColumn, FirmTable};
///
/// let table = FirmTable::new(2)
///     .with("id", FirmColumn::texts([Some("a"), Some("b")]))?
///     .with("employees", FirmColumn::from(vec![12, 7]))?;
/// assert_eq!(table.rows(), 2);
/// assert!(table.clone().with("floors", FirmColumn::from(vec![3])).is_err());
/// # Ok::<(), risktier::FirmTableError>(())
/// ```
#[derive(Debug, Clone)]
pub struct FirmTable {
    rows: usize,
    columns: Vec<(String, TableColumn)>,
}

#[derive(Debug, Clone)]
enum TableColumn {
    Plain(FirmColumn),
    List(Lists),
}

/// A list for each row.
#[derive(Debug, Clone)]
struct Lists {
    /// Where the items of each row begin, and the end of the last.
    starts: Vec<usize>,
    /// Rows whose list is known.
    known: Vec<bool>,
    items: FirmTable,
}

impl Lists {
    fn is_known(&self, row: usize) -> bool {
        self.known.get(row).copied().unwrap_or(true)
    }

    /// How many items a row has; none if its list is unknown.
    fn len_of(&self, row: usize) -> Option<usize> {
        let (from, to) = self.starts.get(row).zip(self.starts.get(row + 1))?;
        self.is_known(row).then(|| to - from)
    }
}

/// Columns that do not go together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FirmTableError {
    /// A column with more or fewer rows than the table.
    #[error("column `{column}` has {found} rows; expected {expected}, as many as the table")]
    Rows {
        /// The column.
        column: String,
        /// How many it has.
        found: usize,
        /// How many the table has.
        expected: usize,
    },
    /// Two columns of one name.
    #[error("column `{column}` is there twice; expected each name once: which is meant cannot be known")]
    Twice {
        /// The column.
        column: String,
    },
    /// The starts of a list's items are not in order.
    #[error("list `{column}`: items of row {row}, counted from 0, begin behind their end, or there are too few items")]
    Starts {
        /// The list.
        column: String,
        /// The row.
        row: usize,
    },
}

impl FirmTable {
    /// A table of so many rows, without columns.
    pub fn new(rows: usize) -> FirmTable {
        FirmTable { rows, columns: Vec::new() }
    }

    /// Adds a column.
    ///
    /// # Errors
    /// If it has another number of rows, or there is one of this name.
    pub fn with(self, name: impl Into<String>, column: FirmColumn) -> Result<FirmTable, FirmTableError> {
        let rows = column.len();
        self.added(name.into(), rows, TableColumn::Plain(column))
    }

    /// Adds a list: `starts` says for each row where its items begin in the table of items, and ends with the end of the last;
    /// `known` of which rows the list is known, all if it is shorter.
    ///
    /// # Errors
    /// As for [`FirmTable::with`]; if the starts do not go up, or there are too few items.
    pub fn with_list(
        self,
        name: impl Into<String>,
        starts: Vec<usize>,
        known: Vec<bool>,
        items: FirmTable,
    ) -> Result<FirmTable, FirmTableError> {
        let name = name.into();
        let rows = starts.len().saturating_sub(1);
        let wrong = |pair: &[usize]| matches!(pair, [from, to] if from > to || *to > items.rows);
        if let Some(row) = starts.windows(2).position(wrong) {
            return Err(FirmTableError::Starts { column: name, row });
        }
        self.added(name, rows, TableColumn::List(Lists { starts, known, items }))
    }

    fn added(mut self, name: String, rows: usize, column: TableColumn) -> Result<FirmTable, FirmTableError> {
        if rows != self.rows {
            return Err(FirmTableError::Rows { column: name, found: rows, expected: self.rows });
        }
        if self.columns.iter().any(|(known, _)| *known == name) {
            return Err(FirmTableError::Twice { column: name });
        }
        self.columns.push((name, column));
        Ok(self)
    }

    /// How many rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The names of its columns.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|(name, _)| name.as_str())
    }

    /// A column that is no list.
    pub fn column(&self, name: &str) -> Option<&FirmColumn> {
        match self.find(name) {
            Some(TableColumn::Plain(column)) => Some(column),
            _ => None,
        }
    }

    fn find(&self, name: &str) -> Option<&TableColumn> {
        self.columns.iter().find(|(known, _)| known == name).map(|(_, column)| column)
    }
}

/// The columns of a table, for some of its rows.
pub(crate) struct TableSource<'a> {
    pub(crate) table: &'a FirmTable,
    /// The rows of the plan's sector, if they are not all.
    pub(crate) rows: Option<&'a [u32]>,
    pub(crate) parse_text: bool,
    pub(crate) parse_columns: &'a [String],
}

impl TableSource<'_> {
    fn parses(&self, name: &str) -> bool {
        self.parse_text || self.parse_columns.iter().any(|column| column == name)
    }

    /// The rows of the plan's sector, by their place in the table.
    fn of_rows(&self) -> Box<dyn Iterator<Item = usize> + '_> {
        match self.rows {
            None => Box::new(0..self.table.rows),
            Some(rows) => Box::new(rows.iter().map(|row| *row as usize)),
        }
    }

    fn taken(&self, column: &FirmColumn) -> FirmColumn {
        self.rows.map_or_else(|| column.clone(), |rows| column.taken(rows))
    }
}

impl Source for TableSource<'_> {
    type Error = std::convert::Infallible;

    fn rows(&self) -> usize {
        self.rows.map_or(self.table.rows, <[u32]>::len)
    }

    fn fact(&self, fact: &Fact) -> Result<Option<FactColumn>, Self::Error> {
        Ok(self.table.find(&fact.name).map(|column| match column {
            TableColumn::Plain(column) => FactColumn::new(fact, self.taken(column), self.parses(&fact.name)),
            TableColumn::List(lists) => {
                let cell = |row: usize| match lists.len_of(row) {
                    None => Cell::Unknown,
                    Some(items) => wrong_type(fact, format!("a list of {items}")),
                };
                FactColumn::of_cells(fact, self.of_rows().map(cell))
            }
        }))
    }

    fn list(&self, list: &PlanList) -> Result<Option<ListColumn>, Self::Error> {
        Ok(self.table.find(&list.name).map(|column| match column {
            TableColumn::Plain(column) => no_lists(list, &self.taken(column)),
            TableColumn::List(lists) => self.lists(list, lists),
        }))
    }
}

/// A column of values where lists should be.
fn no_lists(list: &PlanList, column: &FirmColumn) -> ListColumn {
    let mut lists = ListColumn::unknown(list, column.len());
    for at in (0..column.len()).filter(|at| !column.is_unknown(*at)) {
        lists.bad.push((at, DataError::new(&list.name, shown(column, at), Expected::List)));
    }
    lists
}

fn shown(column: &FirmColumn, at: usize) -> String {
    match &column.values {
        Values::Bool(values) => values.value(at).to_string(),
        Values::Float32(values) => values.get(at).map(|value| format!("{value:?}")).unwrap_or_default(),
        Values::Float64(values) => values.get(at).map(|value| format!("{value:?}")).unwrap_or_default(),
        Values::Date(days) => {
            let day = days.get(at).and_then(|days| crate::Date::from_days(i64::from(*days)));
            day.map(|day| day.to_string()).unwrap_or_default()
        }
        _ => column
            .text(at)
            .map(str::to_owned)
            .or_else(|| column.integer(at).map(|number| number.to_string()))
            .unwrap_or_default(),
    }
}

impl TableSource<'_> {
    fn lists(&self, list: &PlanList, lists: &Lists) -> ListColumn {
        let mut items: Vec<u32> = Vec::new();
        let mut offsets = vec![0];
        for row in self.of_rows() {
            // The items of an unknown list are nobody's.
            if let (Some(from), Some(to), true) =
                (lists.starts.get(row), lists.starts.get(row + 1), lists.is_known(row))
            {
                items.extend(*from as u32..*to as u32);
            }
            offsets.push(items.len());
        }
        let in_place =
            items.len() == lists.items.rows && items.iter().enumerate().all(|(at, item)| at == *item as usize);
        let fields = list.fields.iter().map(|spec| match lists.items.column(&spec.name) {
            None => FactColumn::unknown(items.len()),
            Some(column) => {
                let column = if in_place { column.clone() } else { column.taken(&items) };
                FactColumn::new(spec, column, self.parses(&field_name(&list.name, &spec.name)))
            }
        });
        let fields = fields.collect();
        let valid = self.of_rows().map(|row| lists.is_known(row)).collect();
        ListColumn { offsets, valid: Some(valid), fields, bad: Vec::new() }
    }
}
