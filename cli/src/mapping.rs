//! Which column of a file feeds which key of a firm: names as they are, or as `--column` and `--id` say.

use risktier::{Grader, ID_KEY, List, SECTOR_KEY, nearest};

use crate::error::CliError;

/// A column that is read for a key of a firm, or for a field of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// The key that the engine knows.
    pub target: String,
    /// Numbers are multiplied by it.
    pub factor: Option<f64>,
}

/// `FACT=COLUMN*FACTOR`, taken apart.
#[derive(Debug, Clone)]
struct Renamed {
    /// For `list.field`.
    list: Option<String>,
    source: Source,
    column: String,
}

/// What `--id` and `--column` say.
#[derive(Debug, Clone)]
pub struct Mapping {
    id: String,
    renamed: Vec<Renamed>,
    /// Lists that come from tables of their own, so that a column of that name is not read.
    related: Vec<String>,
}

/// The columns of one file, by what they are read for.
#[derive(Debug, Default)]
pub struct Resolved {
    /// Index of the column, and what it is read for.
    pub sources: Vec<(usize, Source)>,
    /// Columns that the book has no use for.
    pub unknown: Vec<String>,
}

impl Mapping {
    /// # Errors
    /// If `--column` names a fact that the book does not have, or a field of a list without a table.
    pub fn new(
        grader: &Grader,
        id: &str,
        columns: &[(String, String)],
        related: Vec<String>,
    ) -> Result<Mapping, CliError> {
        let renamed =
            columns.iter().map(|(fact, column)| rename(grader, fact, column, &related)).collect::<Result<_, _>>()?;
        Ok(Mapping { id: id.to_owned(), renamed, related })
    }

    /// The column of the firm's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What the key of a firm is read for: usually for one thing, or for none.
    pub fn targets(&self, grader: &Grader, key: &str) -> Vec<Source> {
        let mine = |one: &&Renamed| one.list.is_none() && one.column == key;
        let mut targets: Vec<Source> = self.renamed.iter().filter(mine).map(|one| one.source.clone()).collect();
        let is_renamed =
            |target: &str| self.renamed.iter().any(|one| one.list.is_none() && one.source.target == target);
        if key == self.id {
            targets.push(Source { target: ID_KEY.into(), factor: None });
        }
        let by_name = key != ID_KEY && knows_key(grader, key) && !self.related.iter().any(|list| list == key);
        if by_name && !is_renamed(key) {
            targets.push(Source { target: key.to_owned(), factor: None });
        }
        targets
    }

    /// What the columns of a file of firms are read for.
    ///
    /// # Errors
    /// If a column that was named is not there, or one that is read is there twice.
    pub fn of_firms(&self, grader: &Grader, path: &std::path::Path, headers: &[&str]) -> Result<Resolved, CliError> {
        for renamed in self.renamed.iter().filter(|one| one.list.is_none()) {
            must_have(path, headers, &renamed.column, "the column that `--column` names")?;
        }
        if self.id != ID_KEY || !self.related.is_empty() {
            must_have(path, headers, &self.id, "the id of the firm there; name its column with `--id COLUMN`")?;
        }
        resolve(path, headers, |header| self.targets(grader, header))
    }

    /// What the key of an item of a related table is read for.
    pub fn field_targets(&self, list: &List, key: &str) -> Vec<Source> {
        let here = |one: &&Renamed| one.list.as_deref() == Some(&*list.name);
        let mine = self.renamed.iter().filter(here).filter(|one| one.column == key);
        let mut targets: Vec<Source> = mine.map(|one| one.source.clone()).collect();
        let is_field = list.fields.iter().any(|field| *field.name == *key);
        if is_field && !self.renamed.iter().filter(here).any(|one| one.source.target == key) {
            targets.push(Source { target: key.to_owned(), factor: None });
        }
        targets
    }

    /// What the columns of a related table are read for. The id of the firm has the key `id`, before any field.
    ///
    /// # Errors
    /// As for [`Mapping::of_firms`].
    pub fn of_related(
        &self,
        list: &List,
        path: &std::path::Path,
        headers: &[&str],
    ) -> Result<(usize, Resolved), CliError> {
        for renamed in self.renamed.iter().filter(|one| one.list.as_deref() == Some(&*list.name)) {
            must_have(path, headers, &renamed.column, "the column that `--column` names")?;
        }
        let id = must_have(path, headers, &self.id, "the id of the firm there; name its column with `--id COLUMN`")?;
        let mut resolved = resolve(path, headers, |header| self.field_targets(list, header))?;
        resolved.unknown.retain(|column| *column != self.id);
        Ok((id, resolved))
    }
}

fn must_have(path: &std::path::Path, headers: &[&str], column: &str, expected: &str) -> Result<usize, CliError> {
    headers.iter().position(|header| *header == column).ok_or_else(|| CliError::NoColumn {
        path: path.to_owned(),
        column: column.to_owned(),
        expected: expected.to_owned(),
        nearest: nearest(column, headers.iter().copied()),
    })
}

fn resolve(
    path: &std::path::Path,
    headers: &[&str],
    targets: impl Fn(&str) -> Vec<Source>,
) -> Result<Resolved, CliError> {
    let mut resolved = Resolved::default();
    for (at, header) in headers.iter().enumerate() {
        let targets = targets(header);
        if targets.is_empty() {
            resolved.unknown.push((*header).to_owned());
        }
        for source in targets {
            if resolved.sources.iter().any(|(_, known)| known.target == source.target) {
                return Err(CliError::ColumnTwice { path: path.to_owned(), column: (*header).to_owned() });
            }
            resolved.sources.push((at, source));
        }
    }
    Ok(resolved)
}

fn rename(grader: &Grader, fact: &str, column: &str, related: &[String]) -> Result<Renamed, CliError> {
    let (column, factor) = match column.rsplit_once('*') {
        None => (column, None),
        Some((column, factor)) => match factor.trim().parse::<f64>() {
            Ok(factor) if factor.is_finite() => (column.trim_end(), Some(factor)),
            _ => {
                return Err(CliError::Argument {
                    option: "column",
                    value: format!("{fact}={column}*{factor}"),
                    expected: "FACT=COLUMN or FACT=COLUMN*NUMBER".into(),
                });
            }
        },
    };
    let renamed = |list: Option<&str>, target: &str| Renamed {
        list: list.map(str::to_owned),
        source: Source { target: target.to_owned(), factor },
        column: column.to_owned(),
    };
    let Some((list_name, field)) = fact.split_once('.') else {
        if fact == ID_KEY || !knows_key(grader, fact) {
            return Err(unknown_fact(grader, fact));
        }
        return Ok(renamed(None, fact));
    };
    let list = find_list(grader, list_name)?;
    if !list.fields.iter().any(|known| *known.name == *field) {
        return Err(CliError::Unknown {
            what: "field",
            name: fact.to_owned(),
            expected: "a field that the list declares",
            nearest: nearest(field, list.fields.iter().map(|field| &*field.name)),
        });
    }
    if !related.iter().any(|related| related == list_name) {
        return Err(CliError::Argument {
            option: "column",
            value: format!("{fact}={column}"),
            expected: format!("`--list {list_name}=FILE` with it: only columns of related tables can be renamed"),
        });
    }
    Ok(renamed(Some(list_name), field))
}

/// The list of a name.
///
/// # Errors
/// If the book has none.
pub fn find_list<'g>(grader: &'g Grader, name: &str) -> Result<&'g List, CliError> {
    let lists = grader.book().lists();
    lists.iter().find(|list| *list.name == *name).ok_or_else(|| CliError::Unknown {
        what: "list",
        name: name.to_owned(),
        expected: "a list that its scripts declare",
        nearest: nearest(name, lists.iter().map(|list| &*list.name)),
    })
}

/// A fact, a list, `id` or `sector`.
fn knows_key(grader: &Grader, key: &str) -> bool {
    let book = grader.book();
    key == ID_KEY
        || key == SECTOR_KEY
        || book.facts().iter().any(|fact| *fact.name == *key)
        || book.lists().iter().any(|list| *list.name == *key)
}

fn unknown_fact(grader: &Grader, name: &str) -> CliError {
    CliError::Unknown {
        what: "fact",
        name: name.to_owned(),
        expected: "a fact that its scripts declare, or LIST.FIELD",
        nearest: nearest_key(grader, name),
    }
}

/// The name that a firm can have nearest to one that the book does not know.
pub fn nearest_key(grader: &Grader, name: &str) -> Option<String> {
    let book = grader.book();
    let facts = book.facts().iter().map(|fact| &*fact.name);
    nearest(name, facts.chain(book.lists().iter().map(|list| &*list.name)).chain([ID_KEY, SECTOR_KEY]))
}

/// A number in a text, times a factor. What is no number stays as it is, and is reported for its firm.
pub fn scaled(text: &str, factor: f64) -> Option<String> {
    let number = text.trim().parse::<f64>().ok().filter(|number| number.is_finite())?;
    let scaled = number * factor;
    scaled.is_finite().then(|| format!("{scaled:?}"))
}
