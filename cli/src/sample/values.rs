//! Values that a fact could have.

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use risktier::{Date, Entries, Fact, List, RuleBook, Type, Value as Known};
use serde_json::{Map, Value};

/// Draws values for the facts of a book.
pub struct Values<'b> {
    pub book: &'b RuleBook,
    pub day: Date,
}

/// Quantities that turn up in registers, and numbers of people, from none to many.
const QUANTITIES: [f64; 12] = [0.0, 1.0, 2.0, 3.0, 5.0, 8.0, 15.0, 30.0, 60.0, 150.0, 500.0, 2000.0];
/// Numbers of places, kinds, times and the like.
const COUNTS: [f64; 8] = [0.0, 1.0, 2.0, 3.0, 4.0, 6.0, 9.0, 14.0];
/// Days before and after the day of the register.
const DAYS: [i64; 11] = [-2500, -1500, -900, -500, -300, -150, -40, 20, 120, 400, 900];

impl Values<'_> {
    /// Values of every size that the fact allows.
    pub fn of_fact(&self, fact: &Fact, rng: &mut ChaCha8Rng) -> Vec<Value> {
        match fact.ty {
            Type::Bool => vec![false.into(), true.into()],
            Type::Int => self.numbers(fact, rng, |number| Known::Int(number as i64)),
            Type::Float => self.numbers(fact, rng, |number| Known::Float((number * 100.0).round() / 100.0)),
            Type::Date => {
                let day = |days: &i64| self.day.plus_days(days + rng.random_range(-15..15)).map(Known::Date);
                DAYS.iter()
                    .filter_map(day)
                    .filter(|date| fact.allows(date))
                    .map(|date| date.to_string().into())
                    .collect()
            }
            Type::Text if fact.one_of.is_empty() => self.texts(fact, rng),
            Type::Text => fact.one_of.iter().map(|text| Value::from(&**text)).collect(),
        }
    }

    fn numbers(&self, fact: &Fact, rng: &mut ChaCha8Rng, number: impl Fn(f64) -> Known) -> Vec<Value> {
        let as_f64 = |limit: &Known| match limit {
            Known::Int(limit) => *limit as f64,
            Known::Float(limit) => *limit,
            _ => 0.0,
        };
        let min = fact.min.as_ref().map_or(0.0, as_f64);
        let steps = match fact.max.as_ref().map(as_f64) {
            Some(max) if max - min < 1e6 => (0..=10).map(|tenth| min + (max - min) * f64::from(tenth) / 10.0).collect(),
            _ => {
                let many = fact.ty == Type::Float || fact.unit.as_deref() == Some("persons");
                let steps = if many { QUANTITIES.as_slice() } else { COUNTS.as_slice() };
                steps.iter().map(|step| min + step * rng.random_range(0.8..1.2)).collect::<Vec<f64>>()
            }
        };
        let mut values: Vec<Known> = Vec::new();
        for value in steps.into_iter().map(number) {
            if fact.allows(&value) && !values.contains(&value) {
                values.push(value);
            }
        }
        values.into_iter().filter_map(|value| serde_json::to_value(value).ok()).collect()
    }

    /// Keys of the tables that are looked up by such a text, as `..._by_cas` is by `cas`.
    fn texts(&self, fact: &Fact, rng: &mut ChaCha8Rng) -> Vec<Value> {
        let ending = format!("by_{}", fact.name);
        let mut keys: Vec<&str> = Vec::new();
        for table in self.book.tables().iter().filter(|table| table.name.ends_with(&ending)) {
            if let Entries::Rows(rows) = &table.entries {
                keys.extend(rows.keys().map(|key| &**key));
            }
        }
        keys.sort_unstable();
        keys.dedup();
        if keys.is_empty() {
            return (1..=3).map(|number| format!("synthetic {number}").into()).collect();
        }
        (0..6).filter_map(|_| keys.get(rng.random_range(0..keys.len()))).map(|key| Value::from(*key)).collect()
    }

    /// Lists of different lengths, the empty one first.
    pub fn of_list(&self, list: &List, rng: &mut ChaCha8Rng) -> Vec<Value> {
        let mut lists = vec![Value::Array(Vec::new())];
        for length in [1, 1, 1, 2, 2, 3, 4, 5, 8] {
            lists.push(Value::Array((0..length).map(|_| self.item(list, rng)).collect()));
        }
        lists
    }

    fn item(&self, list: &List, rng: &mut ChaCha8Rng) -> Value {
        // Of several texts that name the same thing, one is given: drawn apart, they would contradict each other.
        let named: Vec<&str> =
            list.fields.iter().filter(|field| field.ty == Type::Text).map(|field| &*field.name).collect();
        let name = named.get(rng.random_range(0..named.len().max(1))).copied();
        let mut item = Map::new();
        for field in &list.fields {
            let values = self.of_fact(field, rng);
            let value = values.get(rng.random_range(0..values.len().max(1))).cloned();
            let given = field.ty != Type::Text || name == Some(&*field.name);
            item.insert(field.name.to_string(), value.filter(|_| given).unwrap_or(Value::Null));
        }
        Value::Object(item)
    }
}
