//! Firms to try: takes firms of examples and the nodes of a rule, gives firms that differ from them in one or two values, those
//! that the rule compares with first.

use serde_json::{Map, Value as Json};

use super::trial::{Trial, items, value};
use super::values::{Leaf, Values, is_allowed, leaf, value_of};
use crate::book::Fact;
use crate::expr::{Constant, NodeId, Op, Scalar};
use crate::plan::Plan;
use crate::plan::one::{self, Row};
use crate::{Date, Type};

/// A firm of the examples that others are made of.
pub(super) struct Base<'f> {
    pub(super) row: Row<'f>,
    /// What it has that the sound firm has not.
    pub(super) change: Map<String, Json>,
    /// All that it has.
    pub(super) whole: Map<String, Json>,
}

/// One difference from a base.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Step {
    Fact(usize, Option<Constant>),
    Field {
        list: usize,
        item: usize,
        field: usize,
        value: Option<Constant>,
    },
    /// No items.
    Empty(usize),
    /// One item more, a copy of this one.
    Again {
        list: usize,
        item: usize,
    },
    /// Without this item.
    Without {
        list: usize,
        item: usize,
    },
    /// The items of another base.
    List {
        list: usize,
        base: usize,
    },
}

/// Numbers, and days from the grading date, between which an arithmetic comparison may turn.
const LADDER: [i64; 26] = [
    0,
    1,
    2,
    3,
    5,
    7,
    10,
    20,
    30,
    50,
    70,
    100,
    180,
    200,
    365,
    500,
    730,
    1000,
    1500,
    2000,
    5000,
    10_000,
    20_000,
    100_000,
    1_000_000,
    100_000_000,
];
/// Floats are looked for in hundredths.
const GRID: f64 = 100.0;

/// What could be otherwise in a base.
pub(super) fn steps(trial: &Trial<'_>, plan: &Plan, day: Date, bases: &[Base<'_>], at: usize) -> Vec<Step> {
    let Some(base) = bases.get(at) else { return Vec::new() };
    let values = Values::of(trial.book, plan);
    let mut steps = Vec::new();
    for (slot, values) in values.facts.iter().enumerate() {
        steps.extend(values.iter().map(|value| Step::Fact(slot, value.clone())));
        // Numbers that tell a product from a quotient.
        let few = [2, 3].map(Constant::Int).into_iter();
        let allowed = few.filter(|few| plan.facts.get(slot).is_some_and(|fact| is_allowed(&fact.spec, few)));
        steps.extend(allowed.map(|few| Step::Fact(slot, Some(few))));
    }
    for (list, fields) in values.fields.iter().enumerate() {
        let Some(Some(row)) = base.row.lists.get(list) else { continue };
        for item in 0..row.len.min(4) {
            for (field, values) in fields.iter().enumerate() {
                if !is_read(plan, Leaf::Field(list, field)) {
                    continue;
                }
                steps.extend(values.iter().map(|value| Step::Field { list, item, field, value: value.clone() }));
            }
            steps.push(Step::Without { list, item });
            steps.push(Step::Again { list, item });
        }
        steps.push(Step::Empty(list));
    }
    for (from, other) in bases.iter().enumerate().filter(|(from, _)| *from != at) {
        for list in 0..plan.lists.len() {
            if other.row.lists.get(list).is_some_and(|items| items.as_ref().is_some_and(|items| items.len > 0)) {
                steps.push(Step::List { list, base: from });
            }
        }
    }
    steps.extend(turning_points(trial, plan, day, &base.row));
    // What leaves a value open is tried last.
    let is_open = |step: &Step| matches!(step, Step::Fact(_, None) | Step::Field { value: None, .. });
    steps.sort_by_key(is_open);
    let mut kept: Vec<Step> = Vec::with_capacity(steps.len());
    for step in steps {
        if !kept.contains(&step) && !is_idle(&base.row, &step) {
            kept.push(step);
        }
    }
    kept
}

fn is_read(plan: &Plan, wanted: Leaf) -> bool {
    (0..plan.nodes.len()).any(|at| leaf(plan, NodeId(at as u32)) == Some(wanted))
}

fn scalar(value: &Option<Constant>) -> Scalar<'_> {
    value.as_ref().map_or(Scalar::Unknown, Scalar::from_constant)
}

fn is_idle(row: &Row<'_>, step: &Step) -> bool {
    match step {
        Step::Fact(slot, value) => row.facts.get(*slot) == Some(&scalar(value)),
        Step::Field { list, item, field, value } => {
            let items = row.lists.get(*list).and_then(Option::as_ref);
            items.and_then(|items| items.fields.get(*field)?.get(*item)) == Some(&scalar(value))
        }
        _ => false,
    }
}

/// The row of a base with some steps taken; none if one cannot be.
pub(super) fn stepped<'f>(bases: &[Base<'f>], at: usize, steps: &'f [&'f Step]) -> Option<Row<'f>> {
    let mut row = bases.get(at)?.row.clone();
    for step in steps {
        match step {
            Step::Fact(slot, value) => *row.facts.get_mut(*slot)? = scalar(value),
            Step::Field { list, item, field, value } => {
                *row.lists.get_mut(*list)?.as_mut()?.fields.get_mut(*field)?.get_mut(*item)? = scalar(value);
            }
            Step::Empty(list) => {
                let items = row.lists.get_mut(*list)?.as_mut()?;
                items.len = 0;
                items.fields.iter_mut().for_each(Vec::clear);
            }
            Step::Again { list, item } => {
                let items = row.lists.get_mut(*list)?.as_mut()?;
                items.len += 1;
                for field in &mut items.fields {
                    field.push(field.get(*item).copied()?);
                }
            }
            Step::Without { list, item } => {
                let items = row.lists.get_mut(*list)?.as_mut()?;
                items.len = items.len.checked_sub(1)?;
                for field in items.fields.iter_mut().filter(|field| *item < field.len()) {
                    field.remove(*item);
                }
            }
            Step::List { list, base } => {
                let items = bases.get(*base)?.row.lists.get(*list)?.clone();
                *row.lists.get_mut(*list)? = items;
            }
        }
    }
    Some(row)
}

/// What the firm of a base with some steps taken has that the sound one has not.
pub(super) fn written(plan: &Plan, bases: &[Base<'_>], at: usize, steps: &[&Step]) -> Option<Map<String, Json>> {
    let base = bases.get(at)?;
    let mut change = base.change.clone();
    for step in steps {
        let list_of = |list: &usize| plan.lists.get(*list);
        match step {
            Step::Fact(slot, value) => {
                change.insert(plan.facts.get(*slot)?.spec.name.to_string(), json(value));
            }
            Step::Field { list, item, field, value } => {
                let name = list_of(list)?.fields.get(*field)?.name.to_string();
                with_items(&mut change, base, &list_of(list)?.name, |items| {
                    items.get_mut(*item)?.as_object_mut()?.insert(name, json(value));
                    Some(())
                })?;
            }
            Step::Empty(list) => {
                change.insert(list_of(list)?.name.to_string(), Json::Array(Vec::new()));
            }
            Step::Again { list, item } => {
                with_items(&mut change, base, &list_of(list)?.name, |items| {
                    items.push(items.get(*item)?.clone());
                    Some(())
                })?;
            }
            Step::Without { list, item } => {
                with_items(&mut change, base, &list_of(list)?.name, |items| {
                    (*item < items.len()).then(|| items.remove(*item)).map(|_| ())
                })?;
            }
            Step::List { list, base } => {
                let name = &list_of(list)?.name;
                change.insert(name.to_string(), bases.get(*base)?.whole.get(&**name)?.clone());
            }
        }
    }
    Some(change)
}

fn with_items(
    change: &mut Map<String, Json>,
    base: &Base<'_>,
    list: &str,
    edit: impl FnOnce(&mut Vec<Json>) -> Option<()>,
) -> Option<()> {
    let items = change.get(list).or_else(|| base.whole.get(list))?.clone();
    let Json::Array(mut items) = items else { return None };
    edit(&mut items)?;
    change.insert(list.to_owned(), Json::Array(items));
    Some(())
}

fn json(value: &Option<Constant>) -> Json {
    let value = value.as_ref().map(value_of);
    serde_json::to_value(value).unwrap_or(Json::Null)
}

/// Values of a base's facts and fields on either side of where a comparison of computed numbers turns.
fn turning_points(trial: &Trial<'_>, plan: &Plan, day: Date, row: &Row<'_>) -> Vec<Step> {
    let mut found = Vec::new();
    for (at, node) in plan.nodes.iter().enumerate() {
        let (Op::Cmp(_, a, b), Some(true)) = (&node.op, trial.own.get(at)) else { continue };
        let at = NodeId(at as u32);
        let below = below(plan, &[*a, *b]);
        let is_plain = below.len() == 1 && (leaf(plan, *a).is_some() || leaf(plan, *b).is_some());
        if is_plain {
            continue;
        }
        for one in below {
            match one {
                Leaf::Fact(slot) => {
                    let Some(fact) = plan.facts.get(slot) else { continue };
                    let step = |value: Constant| Step::Fact(slot, Some(value));
                    turns(trial, plan, row, at, &fact.spec, day, step, &mut found);
                }
                Leaf::Field(list, field) => {
                    let Some(spec) = plan.lists.get(list).and_then(|list| list.fields.get(field)) else { continue };
                    let len = row.lists.get(list).and_then(Option::as_ref).map_or(0, |items| items.len);
                    for item in 0..len.min(3) {
                        let step = |value: Constant| Step::Field { list, item, field, value: Some(value) };
                        turns(trial, plan, row, at, spec, day, step, &mut found);
                    }
                }
            }
        }
    }
    found
}

/// The facts and fields that go into some nodes.
fn below(plan: &Plan, roots: &[NodeId]) -> Vec<Leaf> {
    let mut found = Vec::new();
    let mut seen = vec![false; plan.nodes.len()];
    let mut open = roots.to_vec();
    while let Some(id) = open.pop() {
        let Some(seen) = seen.get_mut(id.index()) else { continue };
        if std::mem::replace(seen, true) {
            continue;
        }
        match (leaf(plan, id), plan.node(id)) {
            (Some(leaf), _) if found.contains(&leaf) => {}
            (Some(leaf), _) => found.push(leaf),
            (None, Some(node)) => open.extend(node.op.all_operands()),
            _ => {}
        }
    }
    found
}

#[expect(clippy::too_many_arguments, reason = "one search, called twice")]
fn turns(
    trial: &Trial<'_>,
    plan: &Plan,
    row: &Row<'_>,
    at: NodeId,
    fact: &Fact,
    day: Date,
    step: impl Fn(Constant) -> Step,
    into: &mut Vec<Step>,
) {
    // Whole numbers of what the fact is counted in.
    let constant = |number: i64| match fact.ty {
        Type::Int => Some(Constant::Int(number)),
        Type::Float => Some(Constant::float(number as f64 / GRID)),
        Type::Date => day.plus_days(number).map(Constant::Date),
        Type::Bool | Type::Text => None,
    };
    let scale = if fact.ty == Type::Float { GRID as i64 } else { 1 };
    let seen = |number: i64| -> Option<Vec<Option<bool>>> {
        let constant = constant(number).filter(|constant| is_allowed(fact, constant))?;
        let step = step(constant);
        let mut row = row.clone();
        match &step {
            Step::Fact(slot, value) => *row.facts.get_mut(*slot)? = scalar(value),
            Step::Field { list, item, field, value } => {
                *row.lists.get_mut(*list)?.as_mut()?.fields.get_mut(*field)?.get_mut(*item)? = scalar(value);
            }
            _ => {}
        }
        let evaluation = one::run(trial.book, plan, &row);
        let truth = |item| match value(plan, &evaluation, at, item) {
            Scalar::Bool(value) => Some(value),
            _ => None,
        };
        Some((0..items(plan, &evaluation, at)).map(truth).collect())
    };
    let rungs = LADDER.iter().rev().map(|number| -number).chain(LADDER.iter().skip(1).copied());
    let tried: Vec<(i64, Vec<Option<bool>>)> = rungs
        .filter_map(|number| number.checked_mul(scale))
        .filter_map(|number| Some((number, seen(number)?)))
        .collect();
    for pair in tried.windows(2) {
        let [(low, at_low), (high, at_high)] = pair else { continue };
        if at_low == at_high {
            continue;
        }
        let (mut low, mut high) = (*low, *high);
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            match seen(middle) {
                Some(found) if found == *at_low => low = middle,
                Some(_) => high = middle,
                None => break,
            }
        }
        into.extend(
            [low - 1, low, high, high + 1]
                .into_iter()
                .filter_map(constant)
                .filter(|one| is_allowed(fact, one))
                .map(&step),
        );
    }
}
