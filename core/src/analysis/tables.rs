//! Keys that a table lacks, and rows that nothing looks up.

use std::collections::BTreeMap;

use super::Context;
use super::build::{Ask, Builder};
use super::solve::{Answer, solve};
use super::witness::{Witness, Writer};
use crate::book::{Entries, RangeEntry, Table};
use crate::diagnostic::Finding;
use crate::expr::{FaultKind, FrameId, NodeId, Op};

pub(super) fn check(context: &mut Context<'_>) {
    let graph = &context.ground.graph;
    let lookups: Vec<(NodeId, u32, NodeId)> = graph
        .nodes()
        .iter()
        .enumerate()
        .filter_map(|(at, node)| match &node.op {
            Op::Lookup(table, key) => Some((NodeId(at as u32), *table, *key)),
            _ => None,
        })
        .collect();
    for (lookup, table, _) in &lookups {
        gap(context, *lookup, *table);
    }
    let mut by_table: BTreeMap<u32, Vec<NodeId>> = BTreeMap::new();
    for (_, table, key) in lookups {
        by_table.entry(table).or_default().push(key);
    }
    for (table, keys) in by_table {
        unreached(context, table, &keys);
    }
}

/// A firm that makes a rule look up what the table does not have.
fn gap(context: &mut Context<'_>, lookup: NodeId, table: u32) {
    let Some(table) = context.book.tables.get(table as usize).map(|table| table.name.to_string()) else { return };
    for rule in context.rules.clone() {
        let Some(outcome) = context.ground.outcome(rule) else { continue };
        if !context.ground.graph.reachable([outcome]).get(lookup.index()).copied().unwrap_or(false) {
            continue;
        }
        let mut builder = Builder::new(&context.ground, None);
        builder.missed = Some(lookup);
        let formula = builder.all(&[Ask::new(outcome, true)]);
        let Answer::Yes(model) = solve(&formula, &context.ground) else { continue };
        let Some(of) = context.book.rules.get(rule) else { continue };
        let Some(sector) = context.book.sectors.iter().find(|sector| sector.rules.contains(&rule)) else { continue };
        let firm = Writer::new(&context.ground, &[outcome], &formula, model).firm(&sector.id, 0, None);
        let Ok(grade) = context.grader.grade_value(&firm.clone().into()) else { continue };
        // Of this table, and this rule: `known` and `??` stand in for what a table lacks.
        let fault = grade.sectors.iter().flat_map(|sector| &sector.faults).find_map(|fault| match &fault.kind {
            FaultKind::NoEntry { table: of_table, key } => {
                let is_it = **of_table == *table && fault.affects.iter().any(|affected| **affected == *of.id);
                is_it.then(|| key.clone())
            }
            _ => None,
        });
        if let Some(key) = fault {
            let finding = Finding::TableGap { table, key: format!("`{key}`"), rule: of.id.to_string() };
            let witness = Witness { firm, tier: grade.tier, other: None };
            context.report(finding, &of.site, Some(witness));
            return;
        }
    }
}

fn unreached(context: &mut Context<'_>, table: u32, keys: &[NodeId]) {
    let Some(of) = context.book.tables.get(table as usize) else { return };
    let mut rows = rows(of);
    for key in keys {
        // A key that hangs on an item is not looked into.
        if context.ground.graph.node(*key).frame != FrameId::FIRM {
            return;
        }
        let Some(guards) = Builder::new(&context.ground, None).rows(table, *key) else { return };
        if guards.len() % rows.len().max(1) != 0 {
            return;
        }
        let count = rows.len().max(1);
        for (at, guard) in guards.iter().enumerate() {
            if !solve(guard, &context.ground).is_no()
                && let Some((_, reached)) = rows.get_mut(at % count)
            {
                *reached = true;
            }
        }
    }
    let site = of.site.clone();
    for (row, _) in rows.into_iter().filter(|(_, reached)| !reached) {
        context.report(Finding::UnreachedRow { table: of.name.to_string(), row }, &site, None);
    }
}

/// In the words of the script: `from 1 below 30`.
fn words(row: &RangeEntry) -> String {
    let limits = [("from", row.from), ("above", row.above), ("below", row.below), ("to", row.to)];
    let given = limits.into_iter().filter_map(|(word, limit)| Some(format!("{word} {}", limit?)));
    given.collect::<Vec<String>>().join(" ")
}

/// The rows as they are told, in the order of their guards, none reached yet.
fn rows(table: &Table) -> Vec<(String, bool)> {
    match &table.entries {
        Entries::Rows(rows) => {
            let mut keys: Vec<_> = rows.keys().collect();
            keys.sort();
            keys.into_iter().map(|key| (format!("`{key}`"), false)).collect()
        }
        Entries::Ranges(ranges) => ranges.iter().map(|row| (format!("`{}`", words(row)), false)).collect(),
    }
}
