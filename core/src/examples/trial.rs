//! Takes a rule, or a measure with the rules that read it, gives the nodes that decide it by themselves, to be evaluated for
//! the firms of examples again and again, as they are and changed.

use std::collections::HashMap;

use super::setting::Setting;
use crate::Type;
use crate::book::BookData;
use crate::expr::graph::{Agg, Node};
use crate::expr::{AggKind, Constant, FrameId, NodeId, Op, Scalar};
use crate::grade::Outcome;
use crate::plan::one::{self, Evaluation, ListRow, Row};
use crate::plan::{Plan, PlanList};

/// A rule whose outcome is looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target {
    /// Index into the book's rules.
    pub(super) rule: usize,
    pub(super) outcome: NodeId,
    /// Thousandths, where they are computed.
    pub(super) points: Option<NodeId>,
}

/// What a rule comes to: its outcome, and its points in thousandths if it fired and they are computed.
pub(super) type Verdict = (Outcome, Option<i64>);

/// Nodes that decide rules, with the grading date and the parameters still open.
pub(super) struct Trial<'b> {
    pub(super) book: &'b BookData,
    pub(super) plan: Plan,
    pub(super) targets: Vec<Target>,
    /// The measure that is tried.
    pub(super) measure: Option<NodeId>,
    /// By node: is it part of what is tried, and not of a measure that is tried by itself?
    pub(super) own: Vec<bool>,
    /// Nodes that are measures of the book.
    pub(super) measures: HashMap<NodeId, usize>,
}

fn is_leaf(op: &Op) -> bool {
    matches!(op, Op::Const(_) | Op::Unknown | Op::AsOf | Op::Param(_) | Op::Fact(_) | Op::Field(_) | Op::ListKnown(_))
}

impl<'b> Trial<'b> {
    /// Of a rule.
    pub(super) fn of_rule(book: &'b BookData, rule: usize) -> Option<Trial<'b>> {
        Trial::new(book, None, &[rule])
    }

    /// Of a measure, and the rules that read it.
    pub(super) fn of_measure(book: &'b BookData, measure: usize, rules: &[usize]) -> Option<Trial<'b>> {
        Trial::new(book, Some(measure), rules)
    }

    fn new(book: &'b BookData, measure: Option<usize>, rules: &[usize]) -> Option<Trial<'b>> {
        let measure_root = match measure {
            Some(at) => Some(book.measures.get(at)?.node),
            None => None,
        };
        let of_rules = rules.iter().filter_map(|at| book.rules.get(*at)).flat_map(|rule| rule.nodes());
        let roots: Vec<NodeId> = measure_root.into_iter().chain(of_rules).collect();
        let (mut plan, ids) = Plan::of_roots(book, &roots)?;
        let new = |id: NodeId| ids.get(id.index()).copied().flatten();
        let mut measures = HashMap::new();
        for (at, one) in book.measures.iter().enumerate() {
            if let Some(id) = new(one.node)
                && !plan.node(id).is_none_or(|node| is_leaf(&node.op))
            {
                measures.insert(id, at);
            }
        }
        // What a root reads is then the operand of a node, like everything else that can be changed.
        let mut rooted = |id: NodeId| {
            let ty = plan.node(id).map_or(Type::Bool, |node| node.ty);
            plan.nodes.push(Node { op: Op::If(id, id, id), frame: FrameId::FIRM, ty });
            NodeId(plan.nodes.len() as u32 - 1)
        };
        let measure_root = measure_root.and_then(new);
        let measure_top = measure_root.map(&mut rooted);
        let mut targets = Vec::with_capacity(rules.len());
        for at in rules {
            let rule = book.rules.get(*at)?;
            let mut nodes = rule.nodes().filter_map(new);
            let outcome = rooted(nodes.next()?);
            targets.push(Target { rule: *at, outcome, points: nodes.next().map(&mut rooted) });
        }
        let tops: Vec<NodeId> = match measure_top {
            Some(top) => vec![top],
            None => targets.iter().flat_map(|target| [Some(target.outcome), target.points]).flatten().collect(),
        };
        let mut trial = Trial { book, plan, targets, measure: measure_top, own: Vec::new(), measures };
        let formulas: Vec<NodeId> = rules.iter().filter_map(|at| new(book.rules.get(*at)?.nodes().nth(1)?)).collect();
        trial.own = trial.reach(&tops, measure_root, &formulas);
        Some(trial)
    }

    /// What lies under some nodes, down to measures; not stopped by the one that is tried. Nor is it anything of the rule's
    /// that points are above zero: the engine asks that of every formula.
    fn reach(&self, tops: &[NodeId], tried: Option<NodeId>, formulas: &[NodeId]) -> Vec<bool> {
        let mut own = vec![false; self.plan.nodes.len()];
        let mut open = tops.to_vec();
        while let Some(id) = open.pop() {
            if self.measures.contains_key(&id) && Some(id) != tried {
                continue;
            }
            let (Some(seen), Some(node)) = (own.get_mut(id.index()), self.plan.node(id)) else { continue };
            if matches!(&node.op, Op::Cmp(_, points, _) if formulas.contains(points)) {
                continue;
            }
            if !std::mem::replace(seen, true) {
                open.extend(node.op.all_operands());
            }
        }
        own
    }

    /// The plan with the day and the parameters of a setting.
    pub(super) fn on(&self, setting: &Setting) -> Plan {
        let mut plan = self.plan.clone();
        for node in &mut plan.nodes {
            let value = match &node.op {
                Op::AsOf => Some(Constant::Date(setting.day)),
                Op::Param(at) => setting.value(self.book, *at),
                _ => continue,
            };
            node.op = value.map_or(Op::Unknown, Op::Const);
        }
        plan
    }

    /// The nodes that are atoms: conditions that are not made of conditions.
    pub(super) fn atoms(&self) -> Vec<NodeId> {
        let varies = self.varying();
        let own = self.plan.nodes.iter().zip(&self.own).enumerate().filter(|(_, (_, own))| **own);
        let atoms = own.filter(|(at, (node, _))| is_atom(node) && varies.get(*at) == Some(&true));
        atoms.map(|(at, _)| NodeId(at as u32)).collect()
    }

    /// By node: can it make a difference with the parameters that a plan of a day has? A branch that these never take cannot.
    pub(super) fn live(&self, plan: &Plan) -> Vec<bool> {
        let varies = self.varying();
        // Inside a closure a parameter has its value for every item, also for one of which nothing is known.
        let item = |list: &PlanList| Some(ListRow { len: 1, fields: vec![vec![Scalar::Unknown]; list.fields.len()] });
        let lists = plan.lists.iter().map(item).collect();
        let row = Row { facts: vec![Scalar::Unknown; plan.facts.len()], lists };
        let evaluation = one::run(self.book, plan, &row);
        let fixed = |id: NodeId| {
            let is_fixed = varies.get(id.index()) == Some(&false);
            is_fixed.then(|| value(plan, &evaluation, id, 0))
        };
        let mut live = vec![false; plan.nodes.len()];
        let mut open: Vec<NodeId> =
            self.targets.iter().flat_map(|target| [Some(target.outcome), target.points]).flatten().collect();
        open.extend(self.measure);
        while let Some(id) = open.pop() {
            let (Some(seen), Some(node)) = (live.get_mut(id.index()), plan.node(id)) else { continue };
            if std::mem::replace(seen, true) {
                continue;
            }
            match &node.op {
                Op::If(c, a, b) => match fixed(*c) {
                    Some(Scalar::Bool(true)) => open.extend([*c, *a]),
                    Some(Scalar::Bool(false)) => open.extend([*c, *b]),
                    _ => open.extend([*c, *a, *b]),
                },
                op => open.extend(op.all_operands()),
            }
        }
        live
    }

    /// By node: can it differ from firm to firm?
    fn varying(&self) -> Vec<bool> {
        let mut varies: Vec<bool> = Vec::with_capacity(self.plan.nodes.len());
        for node in &self.plan.nodes {
            let reads = matches!(node.op, Op::Fact(_) | Op::Field(_) | Op::ListKnown(_) | Op::Agg(_));
            let any = node.op.all_operands().iter().any(|id| varies.get(id.index()) == Some(&true));
            varies.push(reads || any);
        }
        varies
    }
}

/// What is under `&&`, `||`, `!`, `if`, `??` and the closures of `some` and `all`: a comparison, a fact, a test.
fn is_atom(node: &Node) -> bool {
    let is_aggregate = matches!(node.op, Op::Agg(Agg { kind: AggKind::Some | AggKind::All, .. }));
    let is_joined = matches!(node.op, Op::And(_) | Op::Or(_) | Op::Not(_) | Op::If(..) | Op::Coalesce(..) | Op::Up(_));
    node.ty == Type::Bool && !is_aggregate && !is_joined
}

impl Target {
    /// What the rule comes to in an evaluation.
    pub(super) fn verdict(&self, evaluation: &Evaluation<'_>) -> Verdict {
        match evaluation.value(self.outcome) {
            Scalar::Bool(true) => {
                let points = self.points.and_then(|points| match evaluation.value(points) {
                    Scalar::Int(points) => Some(points),
                    _ => None,
                });
                (Outcome::Fired, points)
            }
            Scalar::Bool(false) => (Outcome::Clear, None),
            _ => (Outcome::Undetermined, None),
        }
    }
}

/// The value of a node at an item of its frame.
pub(super) fn value<'a>(plan: &Plan, evaluation: &Evaluation<'a>, node: NodeId, item: usize) -> Scalar<'a> {
    match plan.node(node) {
        Some(known) if known.frame == FrameId::FIRM => evaluation.value(node),
        _ => evaluation.items.get(node.index()).and_then(|items| items.get(item)).copied().unwrap_or(Scalar::Unknown),
    }
}

/// How many items the frame of a node has.
pub(super) fn items(plan: &Plan, evaluation: &Evaluation<'_>, node: NodeId) -> usize {
    match plan.node(node) {
        Some(known) if known.frame == FrameId::FIRM => 1,
        Some(known) => evaluation.extents.get(known.frame.index()).map_or(0, one::Extent::len),
        None => 0,
    }
}

/// Where the values of an atom decide: with this value the rule comes to this, and to something else if only the atom had
/// the other value, at this item of a list or at all of them that have this value.
pub(super) fn deciding<'a>(
    book: &'a BookData,
    plan: &'a Plan,
    row: &Row<'a>,
    evaluation: &Evaluation<'a>,
    target: &Target,
    atom: NodeId,
) -> Vec<(bool, Verdict)> {
    let came = target.verdict(evaluation);
    let count = items(plan, evaluation, atom);
    let mut found = Vec::new();
    for now in [true, false] {
        let having: Vec<usize> =
            (0..count).filter(|item| value(plan, evaluation, atom, *item) == Scalar::Bool(now)).collect();
        let decides = |items: &[usize]| {
            let other = one::supposing(book, plan, row, evaluation, (atom, items), Scalar::Bool(!now));
            target.verdict(&other) != came
        };
        let alone = having.iter().any(|item| decides(std::slice::from_ref(item)));
        // Of two that are alike each bears the rule out by itself, and only both together do not.
        if alone || having.len() > 1 && decides(&having) {
            found.push((now, came));
        }
    }
    found
}
