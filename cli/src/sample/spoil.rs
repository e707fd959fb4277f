//! Rows that are wrong on purpose, as some rows of every real register are.

use std::collections::BTreeMap;

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use risktier::{Fact, Type, Value as Known};
use serde_json::Value;

use super::draw::Firm;
use super::generator;
use super::profile::Profile;

/// What is wrong with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spoil {
    WrongType,
    OutOfRange,
    UnknownSector,
}

/// Which rows are wrong, and how.
pub fn rows(firms: u64, bad: u64, seed: u64) -> BTreeMap<u64, Spoil> {
    let mut rng = generator(seed, u64::MAX);
    let mut rows = BTreeMap::new();
    let kinds = [Spoil::WrongType, Spoil::OutOfRange, Spoil::UnknownSector];
    let mut kinds = kinds.iter().cycle();
    while (rows.len() as u64) < bad.min(firms) {
        let row = rng.random_range(0..firms);
        if let (false, Some(kind)) = (rows.contains_key(&row), kinds.next()) {
            rows.insert(row, *kind);
        }
    }
    rows
}

/// Makes a firm wrong.
pub fn spoil(firm: &mut Firm, profile: &Profile<'_>, how: Spoil, rng: &mut ChaCha8Rng) {
    let facts = &profile.facts.facts;
    let mut pick = |fits: fn(&Fact) -> bool| {
        let fitting: Vec<&Fact> = facts.iter().copied().filter(|fact| fits(fact)).collect();
        fitting.get(rng.random_range(0..fitting.len().max(1))).copied()
    };
    let spoiled = match how {
        Spoil::WrongType => pick(|fact| fact.ty != Type::Text).map(|fact| (fact, Value::from("n/a"))),
        Spoil::OutOfRange => pick(|fact| outside(fact).is_some()).and_then(|fact| Some((fact, outside(fact)?))),
        Spoil::UnknownSector => None,
    };
    match spoiled {
        Some((fact, value)) => drop(firm.facts.insert(fact.name.to_string(), value)),
        // A letter is missing.
        None => drop(firm.sector.pop()),
    }
}

/// A value of the right type that the fact cannot have.
fn outside(fact: &Fact) -> Option<Value> {
    if !fact.one_of.is_empty() {
        return Some("something else".into());
    }
    match (&fact.min, &fact.max) {
        (Some(Known::Int(min)), _) => min.checked_sub(1).map(Value::from),
        (_, Some(Known::Int(max))) => max.checked_add(1).map(Value::from),
        (Some(Known::Float(min)), _) => Some((min - 1.0).into()),
        (_, Some(Known::Float(max))) => Some((max + 1.0).into()),
        _ => None,
    }
}
