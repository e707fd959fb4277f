//! Reads a firm from anything serde can take apart, straight into its cells: JSON text is not made into a tree first.

use std::borrow::Cow;
use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::cells::{bool_cell, int_cell, number_cell, text_cell, wrong_type};
use super::firm::Key;
use super::{Cell, DataError, Expected, Firm, GradeError, Items, Reader};
use crate::book::{BookData, Fact, List};

/// Reads a firm from JSON text.
pub(crate) fn from_json<'a>(book: &BookData, reader: &Reader, json: &'a str) -> Result<Firm<'a>, GradeError> {
    let mut json = serde_json::Deserializer::from_str(json);
    let firm = FirmSeed { book, reader }.deserialize(&mut json)?;
    json.end()?;
    Ok(firm)
}

/// Reads a firm from a JSON tree.
pub(crate) fn from_value<'a>(
    book: &BookData,
    reader: &Reader,
    value: &'a serde_json::Value,
) -> Result<Firm<'a>, GradeError> {
    Ok(FirmSeed { book, reader }.deserialize(value)?)
}

/// Reads a firm from a JSON tree that it takes over.
pub(crate) fn from_owned(
    book: &BookData,
    reader: &Reader,
    value: serde_json::Value,
) -> Result<Firm<'static>, GradeError> {
    Ok(FirmSeed { book, reader }.deserialize(value)?)
}

/// Reads a firm from a record of the caller's own type. By way of `serde_value`, which unlike JSON keeps NaN.
pub(crate) fn from_record<T: serde::Serialize>(
    book: &BookData,
    reader: &Reader,
    record: &T,
) -> Result<Firm<'static>, GradeError> {
    let tree = serde_value::to_value(record).map_err(|error| GradeError::Record(error.to_string()))?;
    let firm = FirmSeed { book, reader }.deserialize(tree);
    firm.map_err(|error: serde_value::DeserializerError| GradeError::Record(error.to_string()))
}

struct FirmSeed<'b> {
    book: &'b BookData,
    reader: &'b Reader,
}

impl<'de> DeserializeSeed<'de> for FirmSeed<'_> {
    type Value = Firm<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Firm<'de>, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for FirmSeed<'_> {
    type Value = Firm<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a firm as an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Firm<'de>, A::Error> {
        let mut firm = Firm { facts: Vec::with_capacity(map.size_hint().unwrap_or(32).min(256)), ..Firm::default() };
        // Which facts and lists were given: a bit each.
        let mut given = vec![0u64; (self.book.facts.len() + self.book.lists.len()) / 64 + 1];
        let mut is_again = |at: usize| {
            let Some(word) = given.get_mut(at / 64) else { return false };
            let bit = 1u64 << (at % 64);
            let again = *word & bit != 0;
            *word |= bit;
            again
        };
        // Records tend to have their keys in the order of the book: the next fact is tried before the key is looked up.
        let mut next = 0;
        while let Some(name) = map.next_key_seed(TextSeed)? {
            let guess = self.book.facts.get(next).filter(|fact| *fact.name == *name).map(|_| Key::Fact(next as u32));
            let key = guess.or_else(|| self.reader.key(&name));
            if let Some(Key::Fact(at)) = key {
                next = at as usize + 1;
            }
            match key {
                Some(Key::Fact(at)) => {
                    let Some(fact) = self.book.facts.get(at as usize) else { continue };
                    let cell = map.next_value_seed(CellSeed { fact })?;
                    if is_again(at as usize) {
                        // Which of the two is meant cannot be known.
                        firm.facts.retain(|(known, _)| *known != at);
                        let error = DataError::new(&fact.name, "...", Expected::Once);
                        firm.facts.push((at, Cell::Bad(Box::new(error))));
                    } else {
                        firm.facts.push((at, cell));
                    }
                }
                Some(Key::List(at)) => {
                    let Some(list) = self.book.lists.get(at as usize) else { continue };
                    let items = map.next_value_seed(ListSeed { reader: self.reader, list, at })?;
                    if is_again(self.book.facts.len() + at as usize) {
                        firm.lists.retain(|(known, _)| *known != at);
                        let error = DataError::new(&list.name, "...", Expected::Once);
                        firm.lists.push((at, Items::Bad(Box::new(error))));
                    } else {
                        firm.lists.push((at, items));
                    }
                }
                Some(Key::Sector) => {
                    for text in map.next_value_seed(TextsSeed)? {
                        firm.add_sectors(text);
                    }
                }
                Some(Key::Id) => firm.id = map.next_value_seed(TextsSeed)?.into_iter().next(),
                None => {
                    map.next_value::<IgnoredAny>()?;
                    firm.unknown_keys.push(name.into_owned());
                }
            }
        }
        Ok(firm)
    }
}

struct TextSeed;

impl<'de> DeserializeSeed<'de> for TextSeed {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Cow<'de, str>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for TextSeed {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Owned(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Owned(text))
    }
}

/// The id or sectors of a firm: a text, a number, or an array of them.
struct TextsSeed;

impl<'de> DeserializeSeed<'de> for TextsSeed {
    type Value = Vec<Cow<'de, str>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for TextsSeed {
    type Value = Vec<Cow<'de, str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, or an array of texts")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(vec![Cow::Borrowed(text)])
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(vec![Cow::Owned(text.to_owned())])
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(vec![Cow::Owned(number.to_string())])
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(vec![Cow::Owned(number.to_string())])
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(vec![Cow::Owned(number.to_string())])
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(vec![Cow::Owned(value.to_string())])
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut texts = Vec::new();
        while let Some(more) = seq.next_element_seed(TextsSeed)? {
            texts.extend(more);
        }
        Ok(texts)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Vec::new())
    }
}

/// One value of a fact. Nothing that serde can give is an error here: what does not fit is a bad cell.
struct CellSeed<'f> {
    fact: &'f Fact,
}

impl<'de> DeserializeSeed<'de> for CellSeed<'_> {
    type Value = Cell<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Cell<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for CellSeed<'_> {
    type Value = Cell<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of a fact")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Cell<'de>, E> {
        Ok(bool_cell(self.fact, value))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Cell<'de>, E> {
        Ok(int_cell(self.fact, number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Cell<'de>, E> {
        Ok(match i64::try_from(number) {
            Ok(number) => int_cell(self.fact, number),
            Err(_) if self.fact.ty == crate::Type::Float => number_cell(self.fact, number as f64),
            Err(_) => wrong_type(self.fact, number.to_string()),
        })
    }

    fn visit_f64<E>(self, number: f64) -> Result<Cell<'de>, E> {
        Ok(number_cell(self.fact, number))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Cell<'de>, E> {
        Ok(text_cell(self.fact, Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Cell<'de>, E> {
        Ok(text_cell(self.fact, Cow::Owned(text.to_owned())))
    }

    fn visit_unit<E>(self) -> Result<Cell<'de>, E> {
        Ok(Cell::Unknown)
    }

    fn visit_none<E>(self) -> Result<Cell<'de>, E> {
        Ok(Cell::Unknown)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Cell<'de>, D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Cell<'de>, D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Cell<'de>, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(wrong_type(self.fact, "[...]"))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Cell<'de>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(wrong_type(self.fact, "{...}"))
    }
}

/// A list of records.
struct ListSeed<'b> {
    reader: &'b Reader,
    list: &'b List,
    at: u32,
}

impl ListSeed<'_> {
    fn bad<'de>(&self, value: impl Into<String>) -> Items<'de> {
        Items::Bad(Box::new(DataError::new(&self.list.name, value, Expected::List)))
    }
}

impl<'de> DeserializeSeed<'de> for ListSeed<'_> {
    type Value = Items<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Items<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ListSeed<'_> {
    type Value = Items<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of records")
    }

    fn visit_unit<E>(self) -> Result<Items<'de>, E> {
        Ok(Items::Unknown)
    }

    fn visit_none<E>(self) -> Result<Items<'de>, E> {
        Ok(Items::Unknown)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Items<'de>, D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Items<'de>, E> {
        Ok(self.bad(value.to_string()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Items<'de>, E> {
        Ok(self.bad(number.to_string()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Items<'de>, E> {
        Ok(self.bad(number.to_string()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Items<'de>, E> {
        Ok(self.bad(format!("{number:?}")))
    }

    fn visit_str<E>(self, text: &str) -> Result<Items<'de>, E> {
        Ok(self.bad(text))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Items<'de>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(self.bad("{...}"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Items<'de>, A::Error> {
        let mut cells = Vec::new();
        let mut errors = Vec::new();
        let mut len = 0;
        while let Some(problem) = seq.next_element_seed(ItemSeed { of: &self, cells: &mut cells, len })? {
            if let Some(value) = problem {
                let mut error = DataError::new(&self.list.name, value, Expected::Record);
                error.item = Some(len);
                errors.push(error);
            }
            len += 1;
        }
        Ok(Items::Known { len, cells, errors })
    }
}

/// One item of a list: adds a cell for each field. Gives the text of an item that is not a record.
struct ItemSeed<'b, 'c, 'de> {
    of: &'b ListSeed<'b>,
    cells: &'c mut Vec<Cell<'de>>,
    len: usize,
}

impl ItemSeed<'_, '_, '_> {
    fn unknown(self, value: Option<String>) -> Option<String> {
        let fields = self.of.list.fields.len();
        self.cells.resize((self.len + 1) * fields, Cell::Unknown);
        value
    }
}

impl<'de> DeserializeSeed<'de> for ItemSeed<'_, '_, 'de> {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ItemSeed<'_, '_, 'de> {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an item as an object")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(self.unknown(None))
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(self.unknown(None))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(self.unknown(Some(value.to_string())))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(self.unknown(Some(number.to_string())))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(self.unknown(Some(number.to_string())))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(self.unknown(Some(format!("{number:?}"))))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(self.unknown(Some(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(self.unknown(Some("[...]".into())))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let list = self.of.list;
        let start = self.len * list.fields.len();
        self.cells.resize(start + list.fields.len(), Cell::Unknown);
        let mut given = vec![false; list.fields.len()];
        while let Some(name) = map.next_key_seed(TextSeed)? {
            let field = self.of.reader.field(self.of.at, &name);
            let Some((at, spec)) = field.and_then(|at| Some((at as usize, list.fields.get(at as usize)?))) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let mut cell = map.next_value_seed(CellSeed { fact: spec })?;
            if given.get(at).copied().unwrap_or(false) {
                cell = Cell::Bad(Box::new(DataError::new(&spec.name, "...", Expected::Once)));
            }
            if let Some(given) = given.get_mut(at) {
                *given = true;
            }
            match self.cells.get_mut(start + at) {
                Some(slot) => *slot = cell,
                None => return Err(A::Error::custom("an item has more fields than its list")),
            }
        }
        Ok(None)
    }
}
