//! Amendments: takes what the scripts declare and what others of them say in addition, gives declarations in which the
//! amended keys are replaced or added to. So a city lays its own numbers, names and colours over a book that it does not
//! edit.

use std::collections::BTreeMap;

use rhai::{Array, Dynamic};

use super::fields::to_text;
use super::nearest;
use crate::diagnostic::{Declared, Problem, Reports};
use crate::script::{Amended, Scripts, TierMark};

/// What may be amended, by kind. Not what a rule asks, nor from when: whoever disagrees adds a rule, and floors only ever
/// make a tier worse.
fn amendable(kind: Declared) -> &'static [&'static str] {
    match kind {
        Declared::Role | Declared::KeyField => &["en", "zh"],
        Declared::Sector => &["name", "key_field", "codes", "uses", "score"],
        Declared::Parameter => &["values"],
        Declared::Rule => &["tier", "days", "owner", "risk", "finding", "control", "cite"],
        Declared::Supervision => &["control_level", "frequency", "every_days", "verified_by", "establish_days", "cite"],
        Declared::IssuedList => &["en", "zh", "cite"],
        _ => &[],
    }
}

/// What an amendment adds to and does not replace: the parts of a sector, and where a rule comes from.
fn is_added(kind: Declared, key: &str) -> bool {
    matches!((kind, key), (Declared::Sector, "uses") | (Declared::Rule, "cite"))
}

pub(super) fn amend(scripts: &mut Scripts, diagnostics: &mut Reports) {
    let mut known: BTreeMap<(Declared, String), usize> = BTreeMap::new();
    for (at, declaration) in scripts.declarations.iter().enumerate() {
        // What is declared inside a sector belongs to it alone; but a rule has one name in the whole book.
        if let Some(id) = to_text(&declaration.id)
            && (declaration.group.is_none() || declaration.kind == Declared::Rule)
        {
            known.entry((declaration.kind, id.to_string())).or_insert(at);
        }
    }
    for by in 0..scripts.amendments.len() {
        for (problem, path) in amendment(scripts, by, &known) {
            if let Some(amendment) = scripts.amendments.get(by) {
                diagnostics.push(scripts.diagnostic_in(problem, amendment, &path));
            }
        }
    }
}

/// Applies one amendment; what is wrong with it, and at which key.
fn amendment(scripts: &mut Scripts, by: usize, known: &BTreeMap<(Declared, String), usize>) -> Vec<(Problem, String)> {
    let Some(amendment) = scripts.amendments.get(by) else { return Vec::new() };
    let kind = amendment.kind;
    let id = to_text(&amendment.id).map(|id| id.to_string()).unwrap_or_default();
    let Ok(body) = amendment.body.clone() else {
        let found = amendment.body.as_ref().err().map(super::fields::describe).unwrap_or_default();
        return vec![(Problem::WrongBody { kind, id, found }, "#id".into())];
    };
    let Some(declared) = known.get(&(kind, id.clone())).copied() else {
        let names = known.keys().filter(|(other, _)| *other == kind).map(|(_, name)| name.as_str());
        let nearest = nearest(&id, names);
        return vec![(Problem::UnknownReference { kind, id, nearest }, "#id".into())];
    };
    let mut problems = Vec::new();
    if kind == Declared::Rule && !body.contains_key("cite") {
        problems.push((Problem::NoGround { id: id.clone() }, "#id".to_owned()));
    }
    for (key, value) in body {
        let keys = amendable(kind);
        if !keys.contains(&key.as_str()) {
            let problem = Problem::NotAmendable { kind, id: id.clone(), key: key.to_string(), keys };
            problems.push((problem, key.to_string()));
            continue;
        }
        let amended = scripts.declarations.get(declared).and_then(|one| one.amended.get(key.as_str()).copied());
        if let Some(first) = amended.and_then(|amended| scripts.amendments.get(amended.by))
            && !is_added(kind, &key)
        {
            let first = scripts.key_site(first, &key).to_string();
            problems
                .push((Problem::AmendedTwice { kind, id: id.clone(), key: key.to_string(), first }, key.to_string()));
            continue;
        }
        let Some(declaration) = scripts.declarations.get_mut(declared) else { continue };
        // What is no map has been given by mistake, which is reported when the declaration is read.
        let Ok(map) = &mut declaration.body else { continue };
        if key == "tier"
            && let (Some(to), Some(from)) = (tier(&value), map.get("tier").and_then(tier))
            && to < from
        {
            if map.get("major").is_some_and(|major| major.as_bool() == Ok(true)) {
                problems.push((Problem::LoweredMajor { id: id.clone() }, key.to_string()));
                continue;
            }
            problems.push((Problem::LoweredTier { id: id.clone(), from, to }, key.to_string()));
        }
        let mut own = 0;
        let value = if is_added(kind, &key) {
            let mut values = array(map.remove(key.as_str()).unwrap_or_default());
            own = values.len();
            values.extend(array(value));
            values.into()
        } else {
            value
        };
        map.insert(key.clone(), value);
        declaration.amended.insert(key.to_string(), Amended { by, own });
    }
    problems
}

fn tier(value: &Dynamic) -> Option<crate::Tier> {
    value.clone().try_cast::<TierMark>().map(|mark| mark.0)
}

/// One value or many, as both `cite` and an amendment of it may have.
fn array(value: Dynamic) -> Array {
    if value.is_unit() {
        return Array::new();
    }
    value.try_cast_result::<Array>().unwrap_or_else(|value| vec![value])
}
