//! Plans: takes a book, a sector and a grading date, gives the nodes to evaluate for a firm of that sector, and two
//! executors for them: [`one`] firm, and [`columns`] of many.
//!
//! A plan may also be made for a run of days, for a forecast. The executors evaluate it on the first of them; it knows
//! which nodes come to something else on the days after, and when its rules and parameters begin and end.

#[cfg(feature = "columns")]
pub(crate) mod columns;
pub(crate) mod one;
pub(crate) mod pairs;

use std::collections::HashMap;
use std::sync::Arc;

use crate::book::{Amount, BookData, Effect, Entries, Fact, Parameter, Rule, Scheme};
use crate::expr::graph::{Frame, Graph, Node};
use crate::expr::{CmpOp, Constant, FaultKind, FrameId, NodeId, Op, Scalar, scalar};
use crate::{Date, Site, Tier};

/// The days that a plan is made for, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Days {
    pub(crate) first: Date,
    pub(crate) last: Date,
}

/// What is evaluated for a firm of one sector on one grading date, or on each of a run of days.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) id: Arc<str>,
    pub(crate) days: Days,
    /// The parameters that have another value on another of the days. `Op::Param` counts these.
    pub(crate) params: Vec<PlanParam>,
    /// The nodes that the rules depend on and that may have another value on another of the days, operands first.
    pub(crate) moving: Vec<NodeId>,
    /// The facts that the plan reads. `Op::Fact` counts these.
    pub(crate) facts: Vec<PlanFact>,
    /// The lists that the plan reads. `Op::ListKnown` and frames count these; `Op::Field` counts their fields.
    pub(crate) lists: Vec<PlanList>,
    pub(crate) nodes: Vec<Node>,
    pub(crate) frames: Vec<Frame>,
    /// By frame, how the pairs of a closure inside a closure are found.
    pub(crate) joins: Vec<pairs::Joins>,
    pub(crate) rules: Vec<PlanRule>,
    pub(crate) items: Vec<PlanItem>,
    pub(crate) scheme: Option<Scheme>,
    /// Index into the book's measures, and the node.
    pub(crate) measures: Vec<(usize, NodeId)>,
    /// Does any node look at the items of a list?
    pub(crate) has_items: bool,
    /// By fact or list of the book: its slot in `facts` or `lists`.
    fact_slots: Vec<Option<u32>>,
    list_slots: Vec<Option<u32>>,
    first_sites: HashMap<NodeId, Site>,
}

#[derive(Debug, Clone)]
pub(crate) struct PlanFact {
    /// Index into the book's facts.
    pub(crate) fact: usize,
    pub(crate) spec: Fact,
}

#[derive(Debug, Clone)]
pub(crate) struct PlanList {
    /// Index into the book's lists.
    pub(crate) list: usize,
    pub(crate) name: Arc<str>,
    /// All fields of the list, so that an item keeps one shape everywhere.
    pub(crate) fields: Vec<Fact>,
}

/// A parameter whose value changes within the days of the plan.
#[derive(Debug, Clone)]
pub(crate) struct PlanParam {
    pub(crate) name: Arc<str>,
    pub(crate) first: Option<Constant>,
    /// The days on which another value begins.
    pub(crate) then: Vec<(Date, Constant)>,
}

#[derive(Debug, Clone)]
pub(crate) struct PlanRule {
    /// Index into the book's rules.
    pub(crate) rule: usize,
    pub(crate) id: Arc<str>,
    /// The days of the plan on which it is in force.
    pub(crate) force: Days,
    pub(crate) outcome: NodeId,
    pub(crate) effect: PlanEffect,
    fault_sites: Vec<(NodeId, Site)>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum PlanEffect {
    Floor(Tier),
    /// Index into the plan's items; -1 to deduct, 1 to add; how many thousandths.
    Points {
        item: usize,
        sign: i64,
        amount: PlanAmount,
    },
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum PlanAmount {
    Fixed(i64),
    Computed(NodeId),
}

#[derive(Debug, Clone)]
pub(crate) struct PlanItem {
    pub(crate) lowest: i64,
    pub(crate) highest: i64,
}

/// Stands for no limit: far outside all points, far inside the range of sums.
pub(crate) const UNLIMITED: i64 = i64::MAX / 1_000_000;

impl PlanItem {
    pub(crate) fn clip(&self, points: i64) -> i64 {
        points.clamp(self.lowest, self.highest)
    }
}

impl Plan {
    /// The plan of a sector on a run of days.
    pub(crate) fn new(book: &BookData, sector_index: usize, days: Days) -> Option<Plan> {
        let sector = book.sectors.get(sector_index)?;
        let in_force: Vec<usize> = sector
            .rules
            .iter()
            .copied()
            .filter(|at| book.rules.get(*at).is_some_and(|rule| force(rule, days).is_some()))
            .collect();
        let rules = || in_force.iter().filter_map(|at| Some((*at, book.rules.get(*at)?)));
        let roots = rules().flat_map(|(_, rule)| {
            let points = match &rule.effect {
                Effect::Points { amount: Amount::Computed(formula), .. } => Some(formula.node),
                _ => None,
            };
            [Some(rule.outcome), points].into_iter().flatten()
        });
        // A measure belongs to the sectors whose rules read what it computes.
        let roots: Vec<NodeId> = roots.collect();
        let needed = book.graph.reachable(roots.iter().copied());
        let is_needed = |node: NodeId| needed.get(node.index()).copied().unwrap_or(false);
        let mut measures: Vec<(usize, NodeId)> = book
            .measures
            .iter()
            .enumerate()
            .filter(|(_, measure)| is_needed(measure.node) && book.graph.as_constant(measure.node).is_none())
            .map(|(at, measure)| (at, measure.node))
            .collect();
        // And so does one that looks at the same lists alone.
        let lists_read: Vec<u32> = lists_of(book, &needed);
        for (at, measure) in book.measures.iter().enumerate() {
            let reach = book.graph.reachable([measure.node]);
            let own = lists_of(book, &reach);
            if !measures.iter().any(|(known, _)| *known == at)
                && !own.is_empty()
                && own.iter().all(|list| lists_read.contains(list))
            {
                measures.push((at, measure.node));
            }
        }
        measures.sort_unstable();

        let (graph, ids) =
            book.graph.rebuilt(roots.iter().copied().chain(measures.iter().map(|(_, node)| *node)), |op| match op {
                Op::AsOf => (days.first == days.last).then_some(Some(Constant::Date(days.first))),
                Op::Param(at) => {
                    let parameter = book.parameters.get(*at as usize);
                    if parameter.is_some_and(|parameter| changes(parameter, days).next().is_some()) {
                        return None;
                    }
                    Some(parameter.and_then(|parameter| parameter.on(days.first)).map(Constant::from))
                }
                _ => None,
            });
        let new = |id: NodeId| ids.get(id.index()).copied().flatten();

        let mut plan = Plan::of_graph(book, Arc::clone(&sector.id), days, &graph);
        plan.joins = pairs::joins(graph.nodes(), graph.frames());
        plan.scheme = sector.scheme.clone();
        plan.measures = measures.iter().filter_map(|(at, node)| Some((*at, new(*node)?))).collect();
        for (node, site) in &book.first_sites {
            if let Some(node) = new(*node) {
                plan.first_sites.insert(node, site.clone());
            }
        }
        let mut params: Vec<u32> = Vec::new();
        for node in &mut plan.nodes {
            if let Op::Param(at) = &mut node.op {
                let parameter = book.parameters.get(*at as usize)?;
                *at = params.iter().position(|known| known == at).unwrap_or_else(|| {
                    params.push(*at);
                    plan.params.push(PlanParam {
                        name: Arc::clone(&parameter.name),
                        first: parameter.on(days.first).map(Constant::from),
                        then: changes(parameter, days).collect(),
                    });
                    params.len() - 1
                }) as u32;
            }
        }
        plan.rules.reserve(in_force.len());
        let mut items: Vec<usize> = Vec::new();
        for (at, rule) in rules() {
            let effect = match &rule.effect {
                Effect::Floor(tier) => PlanEffect::Floor(*tier),
                Effect::Points { item, deduct, amount } => {
                    let slot = items.iter().position(|known| known == item).unwrap_or_else(|| {
                        items.push(*item);
                        items.len() - 1
                    });
                    let amount = match amount {
                        Amount::Fixed(points) => PlanAmount::Fixed(points.thousandths()),
                        Amount::Computed(formula) => PlanAmount::Computed(new(formula.node)?),
                    };
                    PlanEffect::Points { item: slot, sign: if *deduct { -1 } else { 1 }, amount }
                }
            };
            let fault_sites =
                rule.fault_sites.iter().filter_map(|(node, site)| Some((new(*node)?, site.clone()))).collect();
            plan.rules.push(PlanRule {
                rule: at,
                id: Arc::clone(&rule.id),
                force: force(rule, days)?,
                outcome: new(rule.outcome)?,
                effect,
                fault_sites,
            });
        }
        for item in items {
            let item = book.items.get(item)?;
            plan.items.push(PlanItem {
                lowest: item.lowest.map_or(-UNLIMITED, |points| points.thousandths()),
                highest: item.highest.map_or(UNLIMITED, |points| points.thousandths()),
            });
        }
        if days.first != days.last {
            plan.moving = plan.moving_nodes(&graph);
        }
        Some(plan)
    }

    /// The nodes that move with the day, of those that rules depend on.
    fn moving_nodes(&self, graph: &Graph) -> Vec<NodeId> {
        let points = |rule: &PlanRule| match rule.effect {
            PlanEffect::Points { amount: PlanAmount::Computed(node), .. } => Some(node),
            _ => None,
        };
        let needed = graph.reachable(self.rules.iter().flat_map(|rule| [Some(rule.outcome), points(rule)]).flatten());
        let mut moves = vec![false; graph.nodes().len()];
        let mut moving = Vec::new();
        for (at, node) in graph.nodes().iter().enumerate() {
            let id = NodeId(at as u32);
            let itself = matches!(node.op, Op::AsOf | Op::Param(_));
            let below = || graph.operands(id).iter().any(|id| moves.get(id.index()).copied().unwrap_or(false));
            let is = itself || below();
            if let Some(place) = moves.get_mut(at) {
                *place = is;
            }
            if is && needed.get(at).copied().unwrap_or(false) {
                moving.push(id);
            }
        }
        moving
    }

    /// Is every rule in force on all days of the plan?
    #[cfg(feature = "columns")]
    pub(crate) fn rules_stay(&self) -> bool {
        self.rules.iter().all(|rule| rule.force == self.days)
    }

    /// The nodes that some roots need, by themselves: no rules, every pair of items, and the grading date and the parameters
    /// still open. Gives the new id of each node of the book that is needed.
    pub(crate) fn of_roots(book: &BookData, roots: &[NodeId]) -> Option<(Plan, Vec<Option<NodeId>>)> {
        // Of no day yet.
        let day = Date::from_days(0)?;
        let days = Days { first: day, last: day };
        let (graph, ids) = book.graph.rebuilt(roots.iter().copied(), |_| None);
        let mut plan = Plan::of_graph(book, "".into(), days, &graph);
        plan.joins = pairs::all(graph.nodes(), graph.frames());
        Some((plan, ids))
    }

    /// The nodes of a graph, with slots for what they read.
    fn of_graph(book: &BookData, id: Arc<str>, days: Days, graph: &Graph) -> Plan {
        let mut plan = Plan {
            id,
            days,
            params: Vec::new(),
            moving: Vec::new(),
            facts: Vec::new(),
            lists: Vec::new(),
            nodes: Vec::with_capacity(graph.nodes().len()),
            frames: Vec::with_capacity(graph.frames().len()),
            joins: Vec::new(),
            rules: Vec::new(),
            items: Vec::new(),
            scheme: None,
            measures: Vec::new(),
            has_items: graph.nodes().iter().any(|node| node.frame != FrameId::FIRM || matches!(node.op, Op::Agg(_))),
            fact_slots: vec![None; book.facts.len()],
            list_slots: vec![None; book.lists.len()],
            first_sites: HashMap::new(),
        };
        for node in graph.nodes() {
            let mut node = node.clone();
            match &mut node.op {
                Op::Fact(at) => *at = plan.fact_slot(book, *at),
                Op::ListKnown(at) => *at = plan.list_slot(book, *at),
                _ => {}
            }
            plan.nodes.push(node);
        }
        for (at, frame) in graph.frames().iter().enumerate() {
            let list = if at == 0 { u32::MAX } else { plan.list_slot(book, frame.list) };
            plan.frames.push(Frame { parent: frame.parent, list });
        }
        plan
    }

    fn fact_slot(&mut self, book: &BookData, fact: u32) -> u32 {
        let next = self.facts.len() as u32;
        match (self.fact_slots.get_mut(fact as usize), book.facts.get(fact as usize)) {
            (Some(Some(slot)), _) => *slot,
            (Some(slot), Some(spec)) => {
                *slot = Some(next);
                self.facts.push(PlanFact { fact: fact as usize, spec: spec.clone() });
                next
            }
            _ => next,
        }
    }

    fn list_slot(&mut self, book: &BookData, list: u32) -> u32 {
        let next = self.lists.len() as u32;
        match (self.list_slots.get_mut(list as usize), book.lists.get(list as usize)) {
            (Some(Some(slot)), _) => *slot,
            (Some(slot), Some(spec)) => {
                *slot = Some(next);
                self.lists.push(PlanList {
                    list: list as usize,
                    name: Arc::clone(&spec.name),
                    fields: spec.fields.clone(),
                });
                next
            }
            _ => next,
        }
    }

    /// The rules with their effects and the scheme alone: enough to decide from outcomes that are known.
    pub(crate) fn without_nodes(&self) -> Plan {
        Plan {
            id: Arc::clone(&self.id),
            days: self.days,
            params: Vec::new(),
            moving: Vec::new(),
            facts: Vec::new(),
            lists: Vec::new(),
            nodes: Vec::new(),
            frames: Vec::new(),
            joins: Vec::new(),
            rules: self.rules.clone(),
            items: self.items.clone(),
            scheme: self.scheme.clone(),
            measures: Vec::new(),
            has_items: false,
            fact_slots: Vec::new(),
            list_slots: Vec::new(),
            first_sites: HashMap::new(),
        }
    }

    /// The slot of a fact of the book, if this plan reads it.
    pub(crate) fn slot_of_fact(&self, fact: usize) -> Option<usize> {
        self.fact_slots.get(fact).copied().flatten().map(|slot| slot as usize)
    }

    /// The slot of a list of the book, if this plan reads it.
    pub(crate) fn slot_of_list(&self, list: usize) -> Option<usize> {
        self.list_slots.get(list).copied().flatten().map(|slot| slot as usize)
    }

    /// Where the operation stands that faulted for a rule, or for a measure.
    pub(crate) fn site(&self, rule: Option<usize>, node: NodeId) -> Option<&Site> {
        let own =
            rule.and_then(|rule| self.rules.get(rule)).map(|rule| rule.fault_sites.as_slice()).unwrap_or_default();
        own.iter().find(|(known, _)| *known == node).map(|(_, site)| site).or_else(|| self.first_sites.get(&node))
    }

    /// Does any node read this field of this list?
    #[cfg(feature = "columns")]
    pub(crate) fn reads_field(&self, list: usize, field: usize) -> bool {
        self.nodes.iter().any(|node| {
            let of = self.frames.get(node.frame.index()).map(|frame| frame.list as usize);
            matches!(node.op, Op::Field(at) if at as usize == field && of == Some(list))
        })
    }

    /// Does a higher score give a better tier?
    pub(crate) fn higher_is_better(&self) -> bool {
        self.scheme.as_ref().is_none_or(Scheme::higher_is_better)
    }

    /// Does a rule count for the firm, so that nothing is wrong when it fires?
    pub(crate) fn is_merit(&self, rule: usize) -> bool {
        match self.rules.get(rule).map(|rule| rule.effect) {
            Some(PlanEffect::Points { sign, .. }) => (sign > 0) == self.higher_is_better(),
            _ => false,
        }
    }

    pub(crate) fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id.index())
    }
}

/// The days of a plan on which a rule is in force; none if it never is.
fn force(rule: &Rule, days: Days) -> Option<Days> {
    let first = rule.since.max(days.first);
    // A rule is in force to the day before `until`; none is before the first day that there is.
    let last = match rule.until {
        Some(until) => until.plus_days(-1)?.min(days.last),
        None => days.last,
    };
    (first <= last).then_some(Days { first, last })
}

/// The values that a parameter takes after the first day.
fn changes(parameter: &Parameter, days: Days) -> impl Iterator<Item = (Date, Constant)> {
    let later = parameter.values.iter().filter(move |value| days.first < value.since && value.since <= days.last);
    later.map(|value| (value.since, Constant::from(&value.value)))
}

fn lists_of(book: &BookData, needed: &[bool]) -> Vec<u32> {
    let mut lists = Vec::new();
    for (node, _) in book.graph.nodes().iter().zip(needed).filter(|(_, needed)| **needed) {
        if let Op::Agg(agg) = &node.op {
            lists.push(book.graph.frame(agg.frame).list);
        }
    }
    lists.sort_unstable();
    lists.dedup();
    lists
}

/// A value of a table, or the fault that it has none.
pub(crate) fn look_up<'a>(book: &'a BookData, table: u32, key: Scalar<'_>) -> Result<Scalar<'a>, FaultKind> {
    let Some(table) = book.tables.get(table as usize) else { return Ok(Scalar::Unknown) };
    let found = match (&table.entries, key) {
        (_, Scalar::Unknown) => return Ok(Scalar::Unknown),
        (Entries::Rows(rows), Scalar::Text(key)) => rows.get(key),
        (Entries::Ranges(ranges), Scalar::Float(key)) => ranges.iter().rev().find_map(|range| {
            let compared = |op: CmpOp, limit: f64| scalar::compare_floats(op, key, limit);
            let begins = |(limit, included)| compared(if included { CmpOp::Ge } else { CmpOp::Gt }, limit);
            let goes_on = |(limit, included)| compared(if included { CmpOp::Le } else { CmpOp::Lt }, limit);
            (range.lower().is_none_or(begins) && range.upper().is_none_or(goes_on)).then_some(&range.value)
        }),
        _ => None,
    };
    match found {
        Some(crate::Value::Bool(value)) => Ok(Scalar::Bool(*value)),
        Some(crate::Value::Int(value)) => Ok(Scalar::Int(*value)),
        Some(crate::Value::Float(value)) => Ok(Scalar::Float(*value)),
        Some(crate::Value::Text(value)) => Ok(Scalar::Text(value)),
        Some(crate::Value::Date(value)) => Ok(Scalar::Date(value.days())),
        None => {
            let key = match key {
                Scalar::Text(key) => key.to_owned(),
                Scalar::Float(key) => format!("{key:?}"),
                _ => String::new(),
            };
            Err(FaultKind::NoEntry { table: Arc::clone(&table.name), key })
        }
    }
}
