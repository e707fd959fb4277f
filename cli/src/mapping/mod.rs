//! Which columns of a file feed which keys of a firm: by their names, or as `--map`, `--column` and `--id` say.

mod file;
pub mod propose;

use std::collections::BTreeMap;
use std::path::Path;

use risktier::mapping::Reading;
use risktier::{Fact, Grader, ID_KEY, List, SECTOR_KEY, Type, nearest};

use crate::error::CliError;
use file::MapFile;

/// The key of a column that is handed through to the results.
const KEPT: &str = "keep:";
/// The kept column with the firm's name.
pub const NAME_KEY: &str = "name";
/// The key of the column that says which rows of a table belong to a list.
pub const ROWS_KEY: &str = "rows:";

/// What is read for a key of a firm, or for a field of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// The key that the engine knows, or one of this module's own.
    pub target: String,
    /// The type that the book declares for it.
    pub ty: Option<Type>,
    pub reading: Reading,
}

impl Source {
    fn plain(target: impl Into<String>, column: &str, ty: Option<Type>) -> Source {
        Source { target: target.into(), ty, reading: Reading::column(column) }
    }

    /// The name of a column that is handed through, if it is one.
    pub fn kept(&self) -> Option<&str> {
        kept(&self.target)
    }
}

/// The name of a column that is handed through, from its key.
pub fn kept(target: &str) -> Option<&str> {
    target.strip_prefix(KEPT)
}

/// What a mapping says of a list from a table of its own.
#[derive(Debug, Clone, Default)]
struct ListMapping {
    file: Option<String>,
    id: Option<String>,
    partial: bool,
    fields: Vec<Source>,
    rows: Option<file::RowSpec>,
}

/// What the arguments and the mapping file say.
#[derive(Debug, Clone, Default)]
pub struct Mapping {
    id: String,
    keep: Vec<(String, String)>,
    firm: Vec<Source>,
    lists: BTreeMap<String, ListMapping>,
    /// Lists that come from tables of their own, so that a column of that name is not read.
    related: Vec<String>,
}

/// What the command line says.
#[derive(Debug, Default)]
pub struct MappingArgs<'a> {
    pub map: Option<&'a Path>,
    pub id: Option<&'a str>,
    pub name: Option<&'a str>,
    pub keep: &'a [String],
    pub columns: &'a [(String, String)],
    /// Lists with a table on the command line.
    pub lists: Vec<String>,
}

/// The columns of one file, by what they are read for.
#[derive(Debug, Default)]
pub struct Resolved {
    /// The indices of its columns, and what is read from them.
    pub sources: Vec<(Vec<usize>, Source)>,
    /// Columns that nothing is read from.
    pub unknown: Vec<String>,
}

impl Mapping {
    /// # Errors
    /// If the mapping file cannot be read, or something names a fact, list, unit or code table that there is not.
    pub fn new(grader: &Grader, args: &MappingArgs<'_>) -> Result<Mapping, CliError> {
        let file = args.map.map(file::read).transpose()?.unwrap_or_default();
        let mut mapping = Mapping { related: args.lists.clone(), ..Mapping::default() };
        mapping.id = args.id.map(str::to_owned).or_else(|| file.id.clone()).unwrap_or_else(|| ID_KEY.to_owned());
        let name = args.name.or(file.name.as_deref());
        mapping.keep.extend(name.map(|column| (NAME_KEY.to_owned(), column.to_owned())));
        for column in args.keep.iter().chain(&file.keep) {
            if !mapping.keep.iter().any(|(key, _)| key == column) {
                mapping.keep.push((column.clone(), column.clone()));
            }
        }
        if let Some(path) = args.map {
            mapping.take(grader, path, &file)?;
        }
        for (fact, column) in args.columns {
            mapping.rename(grader, fact, column)?;
        }
        Ok(mapping)
    }

    /// What the mapping file says.
    fn take(&mut self, grader: &Grader, path: &Path, file: &MapFile) -> Result<(), CliError> {
        let within = |error: String| CliError::Content {
            path: path.to_owned(),
            expected: "a mapping that fits the book",
            error,
        };
        if let Some(spec) = &file.sector {
            let reading = spec.reading(None, &file.codes).map_err(|error| within(format!("sector: {error}")))?;
            self.firm.push(Source { target: SECTOR_KEY.into(), ty: Some(Type::Text), reading });
        }
        for (name, spec) in &file.facts {
            let Some(fact) = fact_named(grader, name) else { return Err(unknown_fact(grader, name)) };
            let reading =
                spec.reading(Some(fact), &file.codes).map_err(|error| within(format!("facts.{name}: {error}")))?;
            self.firm.push(Source { target: name.clone(), ty: Some(fact.ty), reading });
        }
        for (name, spec) in &file.lists {
            let list = find_list(grader, name)?;
            let mut fields = Vec::with_capacity(spec.fields.len());
            for (field, of_field) in &spec.fields {
                let known = list.fields.iter().find(|known| *known.name == **field);
                let known = known.ok_or_else(|| unknown_field(list, field))?;
                let reading = of_field
                    .reading(Some(known), &file.codes)
                    .map_err(|error| within(format!("lists.{name}.fields.{field}: {error}")))?;
                fields.push(Source { target: field.clone(), ty: Some(known.ty), reading });
            }
            if spec.file.is_none() && !self.related.contains(name) {
                return Err(within(format!(
                    "lists.{name}: no `file`; expected the table of the list, or `--list {name}=FILE`"
                )));
            }
            if !self.related.contains(name) {
                self.related.push(name.clone());
            }
            let of_list = ListMapping {
                file: spec.file.clone(),
                id: spec.id.clone(),
                partial: spec.partial,
                fields,
                rows: spec.rows.clone(),
            };
            self.lists.insert(name.clone(), of_list);
        }
        Ok(())
    }

    /// `--column FACT=COLUMN*FACTOR`
    fn rename(&mut self, grader: &Grader, fact: &str, column: &str) -> Result<(), CliError> {
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
        let reading = Reading { factor, ..Reading::column(column) };
        let Some((list_name, field)) = fact.split_once('.') else {
            if fact == ID_KEY || !knows_key(grader, fact) {
                return Err(unknown_fact(grader, fact));
            }
            let ty = fact_named(grader, fact).map(|fact| fact.ty);
            put(&mut self.firm, Source { target: fact.to_owned(), ty, reading });
            return Ok(());
        };
        let list = find_list(grader, list_name)?;
        let known = list.fields.iter().find(|known| *known.name == *field).ok_or_else(|| unknown_field(list, field))?;
        if !self.related.iter().any(|related| related == list_name) {
            return Err(CliError::Argument {
                option: "column",
                value: format!("{fact}={column}"),
                expected: format!("`--list {list_name}=FILE` with it: only columns of related tables can be renamed"),
            });
        }
        let source = Source { target: field.to_owned(), ty: Some(known.ty), reading };
        put(&mut self.lists.entry(list_name.to_owned()).or_default().fields, source);
        Ok(())
    }

    /// The column of the firm's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Files of lists that the mapping names, and whether they are partial.
    pub fn list_files(&self) -> impl Iterator<Item = (&str, &str, bool)> {
        self.lists.iter().filter_map(|(name, list)| Some((name.as_str(), list.file.as_deref()?, list.partial)))
    }

    /// Which rows of its table belong to a list: those with one of these texts in the column of [`ROWS_KEY`].
    pub fn rows_of(&self, list: &str) -> Option<&[String]> {
        self.lists.get(list)?.rows.as_ref().map(|rows| rows.is.as_slice())
    }

    /// The columns that are handed through, by the names that they get.
    pub fn kept(&self) -> impl Iterator<Item = &str> {
        self.keep.iter().map(|(name, _)| name.as_str())
    }

    /// Does the mapping say itself where the sector is?
    pub fn names_sector(&self) -> bool {
        self.firm.iter().any(|source| source.target == SECTOR_KEY)
    }

    /// What is read from several columns, or is no column: for readers that go by key.
    pub fn sources(&self) -> &[Source] {
        &self.firm
    }

    /// What the key of a firm is read for when it is read as it is: usually for one thing, or for none.
    pub fn targets(&self, grader: &Grader, key: &str) -> Vec<Source> {
        let mut targets: Vec<Source> = self
            .keep
            .iter()
            .filter(|(_, column)| column == key)
            .map(|(name, column)| Source::plain(format!("{KEPT}{name}"), column, None))
            .collect();
        if key == self.id {
            targets.push(Source::plain(ID_KEY, key, None));
        }
        let is_mapped = |target: &str| self.firm.iter().any(|source| source.target == target);
        let by_name = key != ID_KEY && knows_key(grader, key) && !self.related.iter().any(|list| list == key);
        if by_name && !is_mapped(key) {
            targets.push(Source::plain(key, key, fact_named(grader, key).map(|fact| fact.ty)));
        }
        targets
    }

    /// Does the mapping read a column of this name for a firm?
    pub fn reads(&self, key: &str) -> bool {
        self.firm.iter().any(|source| source.reading.columns.iter().any(|column| column == key))
    }

    /// What the columns of a file of firms are read for.
    ///
    /// # Errors
    /// If a column that was named is not there, or one that is read is there twice.
    pub fn of_firms(&self, grader: &Grader, path: &Path, headers: &[&str]) -> Result<Resolved, CliError> {
        if self.id != ID_KEY || !self.related.is_empty() {
            must_have(path, headers, &self.id, "the id of the firm there; name its column with `--id COLUMN`")?;
        }
        for (_, column) in &self.keep {
            must_have(path, headers, column, "a column to keep")?;
        }
        resolve(path, headers, &self.firm, |header| self.targets(grader, header))
    }

    /// What the columns of a related table are read for. The id of the firm has the key `id`, before any field.
    ///
    /// # Errors
    /// As for [`Mapping::of_firms`].
    pub fn of_related(&self, list: &List, path: &Path, headers: &[&str]) -> Result<(usize, Resolved), CliError> {
        let none = ListMapping::default();
        let of_list = self.lists.get(&*list.name).unwrap_or(&none);
        let id = of_list.id.as_deref().unwrap_or(&self.id);
        let at = must_have(path, headers, id, "the id of the firm there; name its column with `--id COLUMN`")?;
        let by_name = |header: &str| {
            let field = list.fields.iter().find(|field| *field.name == *header);
            let mapped = of_list.fields.iter().any(|source| source.target == header);
            field.filter(|_| !mapped).map(|field| Source::plain(header, header, Some(field.ty))).into_iter().collect()
        };
        let mut resolved = resolve(path, headers, &of_list.fields, by_name)?;
        if let Some(rows) = &of_list.rows {
            let column = must_have(path, headers, &rows.column, "the column that says which rows belong to the list")?;
            resolved.sources.push((vec![column], Source::plain(ROWS_KEY, &rows.column, None)));
            resolved.unknown.retain(|known| *known != rows.column);
        }
        // What is handed through of the firms says nothing new beside their items.
        resolved.unknown.retain(|column| column != id && !self.keep.iter().any(|(_, kept)| kept == column));
        Ok((at, resolved))
    }
}

/// Adds what is read for a key, in place of what was.
fn put(sources: &mut Vec<Source>, source: Source) {
    sources.retain(|known| known.target != source.target);
    sources.push(source);
}

fn must_have(path: &Path, headers: &[&str], column: &str, expected: &str) -> Result<usize, CliError> {
    headers.iter().position(|header| *header == column).ok_or_else(|| CliError::NoColumn {
        path: path.to_owned(),
        column: column.to_owned(),
        expected: expected.to_owned(),
        nearest: nearest(column, headers.iter().copied()),
    })
}

fn resolve(
    path: &Path,
    headers: &[&str],
    mapped: &[Source],
    by_name: impl Fn(&str) -> Vec<Source>,
) -> Result<Resolved, CliError> {
    let mut resolved = Resolved::default();
    for source in mapped {
        let columns = source.reading.columns.iter();
        let at: Result<Vec<usize>, CliError> =
            columns.map(|column| must_have(path, headers, column, "the column that the mapping names")).collect();
        resolved.sources.push((at?, source.clone()));
    }
    for (at, header) in headers.iter().enumerate() {
        let sources = by_name(header);
        let is_mapped = resolved.sources.iter().any(|(columns, _)| columns.contains(&at));
        if sources.is_empty() && !is_mapped {
            resolved.unknown.push((*header).to_owned());
        }
        for source in sources {
            if resolved.sources.iter().any(|(_, known)| known.target == source.target) {
                return Err(CliError::ColumnTwice { path: path.to_owned(), column: (*header).to_owned() });
            }
            resolved.sources.push((vec![at], source));
        }
    }
    Ok(resolved)
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

fn fact_named<'g>(grader: &'g Grader, name: &str) -> Option<&'g Fact> {
    grader.book().facts().iter().find(|fact| *fact.name == *name)
}

/// A fact, a list, `id` or `sector`.
fn knows_key(grader: &Grader, key: &str) -> bool {
    key == ID_KEY
        || key == SECTOR_KEY
        || fact_named(grader, key).is_some()
        || grader.book().lists().iter().any(|list| *list.name == *key)
}

fn unknown_fact(grader: &Grader, name: &str) -> CliError {
    CliError::Unknown {
        what: "fact",
        name: name.to_owned(),
        expected: "a fact that its scripts declare, or LIST.FIELD",
        nearest: nearest_key(grader, name),
    }
}

fn unknown_field(list: &List, field: &str) -> CliError {
    CliError::Unknown {
        what: "field",
        name: format!("{}.{field}", list.name),
        expected: "a field that the list declares",
        nearest: nearest(field, list.fields.iter().map(|field| &*field.name)),
    }
}

/// The name that a firm can have nearest to one that the book does not know.
pub fn nearest_key(grader: &Grader, name: &str) -> Option<String> {
    let book = grader.book();
    let facts = book.facts().iter().map(|fact| &*fact.name);
    nearest(name, facts.chain(book.lists().iter().map(|list| &*list.name)).chain([ID_KEY, SECTOR_KEY]))
}
