//! A firm as it was read: the facts that were given, in the order they were given, for any sector of the book.

use std::borrow::Cow;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::cells::absent;
use super::{Cell, DataError, ID_KEY, SECTOR_KEY};
use crate::book::BookData;
use crate::expr::Scalar;
use crate::plan::Plan;
use crate::plan::one::{ListRow, Row};

/// What a key of a firm's record means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    Sector,
    Id,
    Fact(u32),
    List(u32),
}

/// Knows the keys that firms of a book can have.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    keys: FxHashMap<Box<str>, Key>,
    /// By list: key to field.
    fields: Vec<FxHashMap<Box<str>, u32>>,
}

impl Reader {
    pub(crate) fn new(book: &BookData) -> Reader {
        let mut keys: FxHashMap<Box<str>, Key> = FxHashMap::default();
        for (at, fact) in book.facts.iter().enumerate() {
            keys.insert((*fact.name).into(), Key::Fact(at as u32));
        }
        for (at, list) in book.lists.iter().enumerate() {
            keys.insert((*list.name).into(), Key::List(at as u32));
        }
        keys.insert(SECTOR_KEY.into(), Key::Sector);
        keys.insert(ID_KEY.into(), Key::Id);
        let fields = book
            .lists
            .iter()
            .map(|list| list.fields.iter().enumerate().map(|(at, field)| ((*field.name).into(), at as u32)).collect());
        Reader { fields: fields.collect(), keys }
    }

    #[inline]
    pub(crate) fn key(&self, name: &str) -> Option<Key> {
        self.keys.get(name).copied()
    }

    pub(crate) fn field(&self, list: u32, name: &str) -> Option<u32> {
        self.fields.get(list as usize)?.get(name).copied()
    }
}

/// A list that was given: known with its items, or bad.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Items<'a> {
    Unknown,
    /// `cells` item by item, each with all fields of the list; and what is wrong with whole items.
    Known {
        len: usize,
        cells: Vec<Cell<'a>>,
        errors: Vec<DataError>,
    },
    Bad(Box<DataError>),
}

/// A firm's record.
#[derive(Debug, Clone, Default)]
pub(crate) struct Firm<'a> {
    pub(crate) id: Option<Cow<'a, str>>,
    pub(crate) sectors: Vec<Cow<'a, str>>,
    pub(crate) facts: Vec<(u32, Cell<'a>)>,
    pub(crate) lists: Vec<(u32, Items<'a>)>,
    /// Keys that the book has no use for.
    pub(crate) unknown_keys: Vec<String>,
}

impl<'a> Firm<'a> {
    /// Takes the ids of sectors from a text: one, or several with `;` between.
    pub(crate) fn add_sectors(&mut self, text: Cow<'a, str>) {
        if text.contains(';') {
            for part in text.split(';') {
                self.add_sectors(Cow::Owned(part.to_owned()));
            }
            return;
        }
        let trimmed = match text {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) if text.trim().len() == text.len() => Cow::Owned(text),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        };
        if !trimmed.is_empty() && !self.sectors.contains(&trimmed) {
            self.sectors.push(trimmed);
        }
    }

    /// The row that a plan reads of this firm.
    pub(crate) fn row<'r>(&'r self, plan: &'r Plan) -> Row<'r> {
        let mut row = Row { facts: vec![Scalar::Unknown; plan.facts.len()], lists: vec![None; plan.lists.len()] };
        for (fact, cell) in &self.facts {
            let slot = plan.slot_of_fact(*fact as usize);
            if let Some(value) = slot.and_then(|slot| row.facts.get_mut(slot)) {
                *value = cell.scalar();
            }
        }
        for (value, fact) in row.facts.iter_mut().zip(&plan.facts) {
            if *value == Scalar::Unknown {
                *value = absent(&fact.spec);
            }
        }
        for (list, items) in &self.lists {
            let Some(slot) = plan.slot_of_list(*list as usize) else { continue };
            let (Items::Known { len, cells, .. }, Some(spec)) = (items, plan.lists.get(slot)) else { continue };
            let width = spec.fields.len();
            let column = |(at, field)| {
                let value = |cell: &'r Cell<'a>| match cell.scalar() {
                    Scalar::Unknown => absent(field),
                    known => known,
                };
                cells.iter().skip(at).step_by(width.max(1)).map(value).collect()
            };
            let fields = spec.fields.iter().enumerate().map(column).collect();
            if let Some(list) = row.lists.get_mut(slot) {
                *list = Some(ListRow { len: *len, fields });
            }
        }
        row
    }

    /// What is wrong with the values that a plan reads, by fact of the book, so that several plans report it once.
    pub(crate) fn errors(&self, plans: &[&Plan]) -> Vec<DataError> {
        let mut errors = Vec::new();
        for (fact, cell) in &self.facts {
            if let Cell::Bad(error) = cell
                && plans.iter().any(|plan| plan.slot_of_fact(*fact as usize).is_some())
            {
                errors.push((**error).clone());
            }
        }
        for (list, items) in &self.lists {
            let Some((plan, slot)) = plans.iter().find_map(|plan| Some((plan, plan.slot_of_list(*list as usize)?)))
            else {
                continue;
            };
            match items {
                Items::Unknown => {}
                Items::Bad(error) => errors.push((**error).clone()),
                Items::Known { cells, errors: broken, .. } => {
                    errors.extend(broken.iter().cloned());
                    let Some(spec) = plan.lists.get(slot) else { continue };
                    let width = spec.fields.len().max(1);
                    for (at, cell) in cells.iter().enumerate() {
                        if let Cell::Bad(error) = cell {
                            let mut error = (**error).clone();
                            error.fact = field_name(&spec.name, &error.fact);
                            error.item = Some(at / width);
                            errors.push(error);
                        }
                    }
                }
            }
        }
        sort_errors(&mut errors);
        errors
    }
}

/// One order, whatever the order of keys or columns was.
pub(crate) fn sort_errors(errors: &mut [DataError]) {
    errors.sort_by(|a, b| (&a.fact, a.item, &a.value).cmp(&(&b.fact, b.item, &b.value)));
}

pub(crate) fn field_name(list: &str, field: &str) -> Arc<str> {
    format!("{list}.{field}").into()
}
