//! Two books, rule by rule and part by part.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::meaning::{Joined, Same, by_name, compare};
use crate::analysis::{Ask, Ground, firm_for};
use crate::book::{Amount, BookData, Effect, Rule};
use crate::expr::NodeId;
use crate::{Grader, RuleOutcome, Tier};

/// What changes from one book to another, or in one book from one day to another.
#[derive(Debug, Clone, Serialize)]
pub struct BookChange {
    /// Every rule of either book, by id.
    pub rules: Vec<RuleChange>,
    /// Facts, lists, tables and whatever else is declared, where they were added, removed or changed.
    pub parts: Vec<PartChange>,
}

/// How a rule changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RuleChangeKind {
    /// It is in force after, and was not before.
    Added,
    /// It was in force before, and is not after.
    Removed,
    /// For some firm it comes out otherwise, or has another effect.
    Meaning,
    /// Its condition is written otherwise; that it means the same was neither proved nor refuted.
    Undecided,
    /// Something of it is said otherwise, and it means the same.
    Words,
    /// Nothing of it changed.
    Same,
}

/// A rule of either book.
#[derive(Debug, Clone, Serialize)]
pub struct RuleChange {
    /// Its id.
    pub rule: Arc<str>,
    /// How it changed.
    pub kind: RuleChangeKind,
    /// The keys of its declaration that say something else: `when`, `tier`, `cite` and so on.
    pub keys: Vec<&'static str>,
    /// A firm for which it comes out otherwise.
    pub witness: Option<RuleWitness>,
}

/// A firm for which a rule comes out otherwise, as both books say.
#[derive(Debug, Clone, Serialize)]
pub struct RuleWitness {
    /// The firm.
    pub firm: Map<String, Json>,
    /// How the rule comes out before, and the firm's tier.
    pub before: (RuleOutcome, Tier),
    /// How the rule comes out after, and the firm's tier.
    pub after: (RuleOutcome, Tier),
}

/// A declaration that is no rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct PartChange {
    /// What it is: `fact`, `list`, `table`, `parameter`, `measure`, `sector`, `item`, `role`, `document`.
    pub what: &'static str,
    /// Its name or id.
    pub name: String,
    /// Added (before is none), removed (after is none) or changed: what it says, as JSON.
    pub before: Option<String>,
    /// As `before`.
    pub after: Option<String>,
}

impl BookChange {
    /// From one grader to another: two books, or one book on two days.
    pub fn between(before: &Grader, after: &Grader) -> BookChange {
        let (one, other) = (before.data(), after.data());
        let joined = Joined::new((one, before.as_of()), (other, after.as_of()));
        let ground = Ground::new(&joined.data, after.as_of());
        let place = |book: &BookData, grader: &Grader| -> BTreeMap<Arc<str>, usize> {
            let in_force = book.rules.iter().enumerate().filter(|(_, rule)| rule.in_force(grader.as_of()));
            in_force.map(|(at, rule)| (Arc::clone(&rule.id), at)).collect()
        };
        let (in_one, in_other) = (place(one, before), place(other, after));
        let ids: BTreeSet<&Arc<str>> = in_one.keys().chain(in_other.keys()).collect();
        let compared = Compared { before, after, joined: &joined, ground: &ground };
        let rules = ids.into_iter().map(|id| match (in_one.get(id), in_other.get(id)) {
            (Some(was), Some(is)) => compared.rule(id, *was, *is),
            (was, _) => {
                let kind = if was.is_some() { RuleChangeKind::Removed } else { RuleChangeKind::Added };
                RuleChange { rule: Arc::clone(id), kind, keys: Vec::new(), witness: None }
            }
        });
        BookChange { rules: rules.collect(), parts: parts(one, other) }
    }

    /// The rules that changed in a way.
    pub fn of(&self, kind: RuleChangeKind) -> impl Iterator<Item = &RuleChange> {
        self.rules.iter().filter(move |rule| rule.kind == kind)
    }
}

struct Compared<'c, 'b> {
    before: &'c Grader,
    after: &'c Grader,
    joined: &'c Joined,
    ground: &'c Ground<'b>,
}

impl Compared<'_, '_> {
    fn rule(&self, id: &Arc<str>, was: usize, is: usize) -> RuleChange {
        let (one, other) = (self.before.data(), self.after.data());
        let (Some(rule), Some(now)) = (one.rules.get(was), other.rules.get(is)) else {
            return RuleChange {
                rule: Arc::clone(id),
                kind: RuleChangeKind::Undecided,
                keys: Vec::new(),
                witness: None,
            };
        };
        let keys = keys(one, rule, other, now);
        let sector = self.sector(was, is);
        let ((Some(old), old_points), (Some(new), new_points)) = (self.joined.of(0, was), self.joined.of(1, is)) else {
            return RuleChange { rule: Arc::clone(id), kind: RuleChangeKind::Undecided, keys, witness: None };
        };
        let mut kind = if keys.is_empty() { RuleChangeKind::Same } else { RuleChangeKind::Words };
        let mut witness = None;
        match compare(self.ground, &sector, old, new) {
            Same::Proved => {
                // The same condition with another effect shows wherever it fires.
                let points = old_points.and_then(|node| self.ground.node(node))
                    != new_points.and_then(|node| self.ground.node(node));
                if points || effect(one, rule) != effect(other, now) {
                    kind = RuleChangeKind::Meaning;
                    witness = self.fires(&sector, old, (was, is)).and_then(|firm| self.graded(id, firm, false));
                }
            }
            Same::Candidates(firms) => {
                witness = firms.into_iter().find_map(|firm| self.graded(id, firm, true));
                kind = if witness.is_some() { RuleChangeKind::Meaning } else { RuleChangeKind::Undecided };
            }
        }
        RuleChange { rule: Arc::clone(id), kind, keys, witness }
    }

    /// A firm that a rule fires for, and if there is one no other rule of the sector.
    fn fires(&self, sector: &str, outcome: NodeId, (was, is): (usize, usize)) -> Option<Map<String, Json>> {
        let fires = Ask::new(self.ground.node(outcome)?, true);
        let of = |side: usize, grader: &Grader, own: usize| -> Vec<Ask> {
            let book = grader.data();
            let rules = book.sectors.iter().find(|known| &*known.id == sector).map(|sector| sector.rules.as_slice());
            rules
                .unwrap_or_default()
                .iter()
                .filter(|rule| {
                    **rule != own && book.rules.get(**rule).is_some_and(|rule| rule.in_force(grader.as_of()))
                })
                .filter_map(|rule| Some(Ask::new(self.ground.node(self.joined.of(side, *rule).0?)?, false)))
                .collect()
        };
        let alone: Vec<Ask> = [fires].into_iter().chain(of(0, self.before, was)).chain(of(1, self.after, is)).collect();
        let found = firm_for(self.ground, sector, &alone).ok().flatten();
        found.or_else(|| firm_for(self.ground, sector, &[fires]).ok().flatten())
    }

    /// A sector that has the rule in both books, else in either.
    fn sector(&self, was: usize, is: usize) -> String {
        let having = |book: &BookData, rule: usize| -> Vec<String> {
            book.sectors
                .iter()
                .filter(|sector| sector.rules.contains(&rule))
                .map(|sector| sector.id.to_string())
                .collect()
        };
        let (one, other) = (having(self.before.data(), was), having(self.after.data(), is));
        one.iter().find(|id| other.contains(id)).or(one.first()).or(other.first()).cloned().unwrap_or_default()
    }

    /// The firm as both books grade it, if they differ about the rule (or, not `differs`, if it fires for both).
    fn graded(&self, id: &str, firm: Map<String, Json>, differs: bool) -> Option<RuleWitness> {
        let of = |grader: &Grader| {
            let grade = grader.grade_value(&firm.clone().into()).ok()?;
            let has = |fired: bool| {
                grade.sectors.iter().any(|sector| {
                    if fired {
                        sector.fired.iter().any(|rule| &*rule.rule == id)
                    } else {
                        sector.undetermined.iter().any(|rule| &*rule.rule == id)
                    }
                })
            };
            let outcome = match (has(true), has(false)) {
                (true, _) => RuleOutcome::Fired,
                (_, true) => RuleOutcome::Undetermined,
                _ => RuleOutcome::Clear,
            };
            Some((outcome, grade.tier))
        };
        let (before, after) = (of(self.before)?, of(self.after)?);
        let shown =
            if differs { before.0 != after.0 } else { before.0 == RuleOutcome::Fired && after.0 == RuleOutcome::Fired };
        shown.then_some(RuleWitness { firm, before, after })
    }
}

/// What a rule does when it fires, told without places in its book.
fn effect(book: &BookData, rule: &Rule) -> String {
    match &rule.effect {
        Effect::Floor(tier) => format!("{tier:?}"),
        Effect::Points { item, deduct, amount } => {
            let of = book.items.get(*item).map(|item| (&item.id, item.lowest, item.highest));
            let amount = match amount {
                Amount::Fixed(points) => points.to_string(),
                // Compared as nodes.
                Amount::Computed(_) => "computed".into(),
            };
            format!("{of:?} {deduct} {amount}")
        }
    }
}

/// The keys of the declaration that say something else.
fn keys(one: &BookData, rule: &Rule, other: &BookData, now: &Rule) -> Vec<&'static str> {
    let owner = |book: &BookData, rule: &Rule| book.roles.get(rule.owner).map(|role| Arc::clone(&role.id));
    let cite = |rule: &Rule| serde_json::to_string(&rule.cite).unwrap_or_default();
    let points = |rule: &Rule| match &rule.effect {
        Effect::Points { amount: Amount::Computed(formula), .. } => Some(Arc::clone(&formula.text)),
        _ => None,
    };
    let differing = [
        ("risk", rule.risk != now.risk),
        ("finding", rule.finding != now.finding),
        ("control", rule.control != now.control),
        ("when", rule.condition != now.condition),
        ("effect", effect(one, rule) != effect(other, now) || points(rule) != points(now)),
        ("major", rule.major != now.major),
        ("lasting", rule.lasting != now.lasting),
        ("cite", cite(rule) != cite(now)),
        ("since", rule.since != now.since),
        ("until", rule.until != now.until),
        ("owner", owner(one, rule) != owner(other, now)),
        ("days", rule.days != now.days),
    ];
    differing.into_iter().filter(|(_, differs)| *differs).map(|(key, _)| key).collect()
}

fn parts(one: &BookData, other: &BookData) -> Vec<PartChange> {
    fn each<T: Serialize>(
        what: &'static str,
        one: &[T],
        other: &[T],
        name: impl Fn(&T) -> String,
        to: &mut Vec<PartChange>,
    ) {
        let (one, other) = (by_name(one, &name), by_name(other, &name));
        let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
        for name in names {
            let text = |of: Option<&&T>| of.and_then(|of| serde_json::to_value(of).ok()).map(|value| value.to_string());
            let (before, after) = (text(one.get(name)), text(other.get(name)));
            if before != after {
                to.push(PartChange { what, name: name.clone(), before, after });
            }
        }
    }
    let mut parts = Vec::new();
    let to = &mut parts;
    each("fact", &one.facts, &other.facts, |fact| fact.name.to_string(), to);
    each("list", &one.lists, &other.lists, |list| list.name.to_string(), to);
    each("measure", &one.measures, &other.measures, |measure| measure.name.to_string(), to);
    each("parameter", &one.parameters, &other.parameters, |parameter| parameter.name.to_string(), to);
    each("table", &one.tables, &other.tables, |table| table.name.to_string(), to);
    each("item", &one.items, &other.items, |item| item.id.to_string(), to);
    each("role", &one.roles, &other.roles, |role| role.id.to_string(), to);
    each("key-field", &one.key_fields, &other.key_fields, |field| field.id.to_string(), to);
    each("document", &one.documents, &other.documents, |document| document.id.to_string(), to);
    let sectors = |book: &BookData| -> Vec<(String, Json)> {
        let of = |sector: &crate::Sector| {
            let value = serde_json::json!({
                "name": sector.name, "key_field": sector.key_field, "codes": sector.codes, "parts": sector.parts,
                "score": sector.scheme, "supervision": sector.supervision,
            });
            (sector.id.to_string(), value)
        };
        book.sectors.iter().map(of).collect()
    };
    each("sector", &sectors(one), &sectors(other), |(id, _)| id.clone(), to);
    parts
}
