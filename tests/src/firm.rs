//! Random firms, and a firm as JSON text.

use serde_json::{Map, Value as Json, json};

use crate::expr::{Ty, V};
use crate::generate::{day, float, int, text_for};
use crate::rng::Rng;
use crate::schema::{FACTS, FactSpec, LISTS};

#[derive(Debug, Clone, PartialEq)]
pub enum Items {
    Unknown,
    /// Items by their fields; none for an item of which nothing is known.
    Known(Vec<Option<Vec<V>>>),
}

/// By fact and list of the schema.
#[derive(Debug, Clone, PartialEq)]
pub struct Firm {
    pub id: String,
    pub sectors: Vec<String>,
    pub facts: Vec<V>,
    pub lists: Vec<Items>,
}

#[derive(Debug, Clone, Copy)]
pub struct FirmOptions {
    /// Of a hundred facts, so many are unknown.
    pub unknown: u64,
    /// Of a hundred numbers, so many are at an edge of their type.
    pub edge: u64,
}

/// JSON text is read to the nearest float but one; these tests are not about that.
fn round_trips(value: f64) -> bool {
    serde_json::to_string(&value).is_ok_and(|text| serde_json::from_str::<f64>(&text).is_ok_and(|read| read == value))
}

fn value(rng: &mut Rng, spec: &FactSpec, options: FirmOptions) -> V {
    if rng.percent(options.unknown) {
        return V::Unknown;
    }
    match spec.ty {
        Ty::Bool => V::Bool(rng.percent(50)),
        Ty::Int => loop {
            let value = int(rng, options.edge);
            if spec.limits.is_none_or(|(min, max)| (min..=max).contains(&(value as f64))) {
                return V::Int(value);
            }
        },
        Ty::Float => loop {
            let random = rng.percent(20).then(|| rng.range(-1_000_000_000, 1_000_000_000) as f64 / 3.0e5);
            let value = random.unwrap_or_else(|| float(rng, options.edge));
            if round_trips(value) && spec.limits.is_none_or(|(min, max)| (min..=max).contains(&value)) {
                return V::Float(value);
            }
        },
        Ty::Text => V::Text(text_for(rng, spec)),
        Ty::Date => V::Date(day(rng, options.edge / 2)),
    }
}

pub fn firm(rng: &mut Rng, options: FirmOptions) -> Firm {
    let facts = FACTS.iter().map(|spec| value(rng, spec, options)).collect();
    let lists = LISTS.iter().map(|list| {
        if rng.percent(options.unknown / 2) {
            return Items::Unknown;
        }
        let len = rng.pick(&[0, 1, 1, 2, 2, 3, 4, 5]);
        let item = |rng: &mut Rng| {
            if rng.percent(options.unknown / 10) {
                return None;
            }
            // Many unknown fields would leave nothing to be settled by the others.
            let options = FirmOptions { unknown: options.unknown / 2, edge: options.edge / 2 };
            Some(list.fields.iter().map(|spec| value(rng, spec, options)).collect())
        };
        Items::Known((0..len).map(|_| item(rng)).collect())
    });
    let lists = lists.collect();
    Firm { id: format!("firm {}", rng.below(1000)), sectors: Vec::new(), facts, lists }
}

pub fn json_value(value: &V) -> Json {
    match value {
        V::Unknown => Json::Null,
        V::Bool(value) => json!(value),
        V::Int(value) => json!(value),
        V::Float(value) => json!(value),
        V::Text(value) => json!(value),
        V::Date(value) => json!(risktier::Date::from_days(i64::from(*value)).unwrap().to_string()),
    }
}

fn record(specs: &[FactSpec], values: &[V], map: &mut Map<String, Json>) {
    for (at, (spec, value)) in specs.iter().zip(values).enumerate() {
        // An unknown is a null or not there at all.
        if *value != V::Unknown || at % 2 == 0 {
            map.insert(spec.name.into(), json_value(value));
        }
    }
}

impl Firm {
    pub fn json(&self) -> Json {
        let mut map = Map::new();
        map.insert("id".into(), json!(self.id));
        map.insert("sector".into(), json!(self.sectors.join(";")));
        record(FACTS, &self.facts, &mut map);
        for (list, items) in LISTS.iter().zip(&self.lists) {
            if let Items::Known(items) = items {
                let items = items.iter().map(|item| match item {
                    None => Json::Null,
                    Some(values) => {
                        let mut map = Map::new();
                        record(list.fields, values, &mut map);
                        Json::Object(map)
                    }
                });
                map.insert(list.name.into(), Json::Array(items.collect()));
            }
        }
        Json::Object(map)
    }

    pub fn all_known(&self) -> bool {
        let lists = self.lists.iter().all(|items| match items {
            Items::Unknown => false,
            Items::Known(items) => {
                items.iter().flatten().all(|item| !item.contains(&V::Unknown)) && !items.contains(&None)
            }
        });
        lists && !self.facts.contains(&V::Unknown)
    }
}
