//! Do two conditions say the same? Both books are laid side by side in one graph, facts and lists by their names, and a firm is looked for that one
//! condition holds for and the other does not. None is a proof; one is graded by both books before it is shown.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::Date;
use crate::analysis::{Ask, Ground, firm_for};
use crate::book::{BookData, Entries, Fact, List, Rule};
use crate::expr::{Constant, Graph, NodeId, Op};

/// Two books in one, each on its day: of every rule the node before and the node after.
pub(super) struct Joined {
    pub(super) data: BookData,
    /// By rule of the first and of the second book: its outcome, and its computed points.
    nodes: [Vec<(Option<NodeId>, Option<NodeId>)>; 2],
}

/// Parameters as they are on the day of the book; the grading date the same for both: that days pass changes no meaning.
fn ground_of(book: &BookData, day: Date, as_of: Date) -> impl FnMut(&Op) -> Option<Option<Constant>> {
    move |op| match op {
        Op::AsOf => Some(Some(Constant::Date(as_of))),
        Op::Param(at) => {
            let value = book.parameters.get(*at as usize).and_then(|parameter| parameter.on(day));
            Some(value.map(Constant::from))
        }
        _ => None,
    }
}

/// A fact of both books can be what either allows.
fn widened(known: &mut Fact, other: &Fact) {
    if known.ty != other.ty {
        return;
    }
    if known.min != other.min {
        known.min = None;
    }
    if known.max != other.max {
        known.max = None;
    }
    if known.one_of.is_empty() || other.one_of.is_empty() {
        known.one_of = Vec::new();
    } else {
        let more: Vec<Arc<str>> = other.one_of.iter().filter(|text| !known.one_of.contains(text)).cloned().collect();
        known.one_of.extend(more);
    }
    if known.absent != other.absent {
        known.absent = None;
    }
}

fn fact_among(facts: &mut Vec<Fact>, other: &Fact) -> u32 {
    match facts.iter_mut().position(|fact| fact.name == other.name && fact.ty == other.ty) {
        Some(at) => {
            if let Some(known) = facts.get_mut(at) {
                widened(known, other);
            }
            at as u32
        }
        None => {
            facts.push(other.clone());
            facts.len() as u32 - 1
        }
    }
}

impl Joined {
    pub(super) fn new(before: (&BookData, Date), after: (&BookData, Date)) -> Joined {
        let mut data = before.0.clone();
        let facts: Vec<u32> = after.0.facts.iter().map(|fact| fact_among(&mut data.facts, fact)).collect();
        let mut lists: Vec<(u32, Vec<u32>)> = Vec::new();
        for list in &after.0.lists {
            let at = data.lists.iter().position(|known| known.name == list.name).unwrap_or_else(|| {
                data.lists.push(List { fields: Vec::new(), ..list.clone() });
                data.lists.len() - 1
            });
            let fields = match data.lists.get_mut(at) {
                Some(known) => list.fields.iter().map(|field| fact_among(&mut known.fields, field)).collect(),
                None => Vec::new(),
            };
            lists.push((at as u32, fields));
        }
        let same = |a: &Entries, b: &Entries| match (a, b) {
            (Entries::Rows(a), Entries::Rows(b)) => a == b,
            (Entries::Ranges(a), Entries::Ranges(b)) => {
                a.len() == b.len()
                    && a.iter()
                        .zip(b)
                        .all(|(a, b)| a.lower() == b.lower() && a.upper() == b.upper() && a.value == b.value)
            }
            _ => false,
        };
        let mut tables: Vec<u32> = Vec::new();
        for table in &after.0.tables {
            let known =
                data.tables.iter().position(|known| known.name == table.name && same(&known.entries, &table.entries));
            let at = known.unwrap_or_else(|| {
                data.tables.push(table.clone());
                data.tables.len() - 1
            });
            tables.push(at as u32);
        }

        let mut graph = Graph::default();
        let roots = |book: &BookData| book.rules.iter().flat_map(Rule::nodes).collect::<Vec<_>>();
        let first = before.0.graph.copied(
            &mut graph,
            roots(before.0),
            ground_of(before.0, before.1, after.1),
            |_, op| op,
            |list| list,
        );
        let get = |among: &[u32], at: u32| among.get(at as usize).copied().unwrap_or(at);
        let list = |at: u32| lists.get(at as usize).map_or(at, |(at, _)| *at);
        let leaf = |of_list: u32, op: Op| match op {
            Op::Fact(at) => Op::Fact(get(&facts, at)),
            Op::Field(at) => {
                let fields = lists.get(of_list as usize).map(|(_, fields)| fields.as_slice()).unwrap_or_default();
                Op::Field(get(fields, at))
            }
            Op::ListKnown(at) => Op::ListKnown(list(at)),
            Op::Lookup(table, key) => Op::Lookup(get(&tables, table), key),
            other => other,
        };
        let second = after.0.graph.copied(&mut graph, roots(after.0), ground_of(after.0, after.1, after.1), leaf, list);
        let nodes = |book: &BookData, ids: &[Option<NodeId>]| {
            let new = |id: NodeId| ids.get(id.index()).copied().flatten();
            book.rules
                .iter()
                .map(|rule| {
                    let mut nodes = rule.nodes();
                    (nodes.next().and_then(new), nodes.next().and_then(new))
                })
                .collect::<Vec<_>>()
        };
        let nodes = [nodes(before.0, &first), nodes(after.0, &second)];
        // The rules of both, so that the analysis sees all nodes.
        data.rules = before.0.rules.iter().chain(&after.0.rules).cloned().collect();
        let all = nodes.iter().flatten();
        for (rule, (outcome, points)) in data.rules.iter_mut().zip(all) {
            if let Some(outcome) = outcome {
                rule.outcome = *outcome;
            }
            if let (crate::Effect::Points { amount: crate::Amount::Computed(formula), .. }, Some(points)) =
                (&mut rule.effect, points)
            {
                formula.node = *points;
            }
        }
        data.graph = graph;
        Joined { data, nodes }
    }

    /// Outcome and points of a rule before (0) or after (1).
    pub(super) fn of(&self, side: usize, rule: usize) -> (Option<NodeId>, Option<NodeId>) {
        self.nodes.get(side).and_then(|nodes| nodes.get(rule)).copied().unwrap_or_default()
    }
}

/// What is known of two conditions.
pub(super) enum Same {
    /// No firm tells them apart.
    Proved,
    /// These firms may: to be graded.
    Candidates(Vec<serde_json::Map<String, serde_json::Value>>),
}

/// Looks for firms of a sector that one condition holds for and the other does not.
pub(super) fn compare(ground: &Ground<'_>, sector: &str, before: NodeId, after: NodeId) -> Same {
    // In the ground graph nodes may have become one.
    let (Some(one), Some(other)) = (ground.node(before), ground.node(after)) else {
        return Same::Candidates(Vec::new());
    };
    if one == other {
        return Same::Proved;
    }
    let mut candidates = Vec::new();
    let mut proved = true;
    for (is, not) in [(one, other), (other, one)] {
        match firm_for(ground, sector, &[Ask::new(is, true), Ask::new(not, false)]) {
            Ok(None) => {}
            Ok(Some(firm)) => {
                proved = false;
                candidates.push(firm);
            }
            Err(()) => proved = false,
        }
    }
    if proved { Same::Proved } else { Same::Candidates(candidates) }
}

/// By name, for maps that are compared.
pub(super) fn by_name<T, K: Ord>(all: &[T], name: impl Fn(&T) -> K) -> BTreeMap<K, &T> {
    all.iter().map(|one| (name(one), one)).collect()
}
