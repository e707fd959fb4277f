//! Questions to a list: `some`, `all`, `sum`, `count`, `max`, `min`, `filter` and `len`.

use rhai::Position;

use super::{Bound, ClosureValue, ListValue, Lowered, Lowerer, Place, result_span};
use crate::Type;
use crate::diagnostic::{FunctionsOf, Problem};
use crate::expr::graph::Agg;
use crate::expr::{AggKind, CmpOp, Constant, FrameId, NodeId};

/// Closures inside closures: one.
const MAX_DEPTH: usize = 2;

impl Lowerer<'_> {
    pub(super) fn list_method(
        &mut self,
        list: ListValue,
        name: &str,
        args: Vec<Bound>,
        script: usize,
        position: Position,
    ) -> Lowered<Bound> {
        let mut closures = Vec::with_capacity(args.len());
        for arg in args {
            match arg {
                Bound::Closure(closure) => closures.push(closure),
                _ => {
                    return self.fail(Problem::NeedsClosure { name: name.to_owned() }, script, position);
                }
            }
        }
        let kind = match name {
            "filter" => None,
            "some" => Some(AggKind::Some),
            "all" => Some(AggKind::All),
            "sum" => Some(AggKind::Sum),
            "count" | "len" | "is_empty" => Some(AggKind::Count),
            "max" => Some(AggKind::Max),
            "min" => Some(AggKind::Min),
            _ => {
                let known = ["some", "all", "sum", "count", "max", "min", "filter", "len", "is_empty"];
                let nearest = self.diagnostics.nearest(name, known);
                return self.fail(
                    Problem::UnknownFunction { name: name.to_owned(), nearest, of: FunctionsOf::List },
                    script,
                    position,
                );
            }
        };
        let wants_closure = !matches!(name, "len" | "is_empty");
        let closure = match (wants_closure, closures.len()) {
            (true, 1) => closures.pop(),
            (true, 0) if name == "count" => None,
            (false, 0) => None,
            (_, found) => {
                let expected =
                    if wants_closure { format!(".{name}(|item| item.name > 0)") } else { format!(".{name}()") };
                return self.fail(Problem::WrongCount { name: name.to_owned(), expected, found }, script, position);
            }
        };
        let Some(kind) = kind else {
            let mut list = list;
            list.filters.extend(closure);
            return Some(Bound::List(list));
        };
        let node = self.aggregate(kind, &list, closure.as_ref(), script, position)?;
        if name == "is_empty" {
            let zero = self.graph.constant(Constant::Int(0));
            return self.compare(CmpOp::Eq, node, zero, [Place::NONE; 2]).map(Bound::Node);
        }
        Some(Bound::Node(node))
    }

    fn aggregate(
        &mut self,
        kind: AggKind,
        list: &ListValue,
        closure: Option<&ClosureValue>,
        script: usize,
        position: Position,
    ) -> Lowered<NodeId> {
        let parent = self.frame();
        let frame = self.graph.frame_of(parent, list.list);
        if self.graph.depth(frame) > MAX_DEPTH {
            return self.fail(Problem::TooNested, script, position);
        }
        self.frames.push(frame);
        let filters: Vec<Lowered<NodeId>> =
            list.filters.iter().map(|filter| self.item_closure(filter, frame, position)).collect();
        let value = closure.map(|closure| self.item_closure(closure, frame, position));
        self.frames.pop();

        let mut conditions = Vec::with_capacity(filters.len());
        for (filter, closure) in filters.into_iter().zip(&list.filters) {
            let filter = filter?;
            if self.graph.ty(filter) != Type::Bool {
                let found = self.graph.ty(filter);
                return self.wrong_answer(closure, &[Type::Bool], found, position);
            }
            conditions.push(filter);
        }
        let filter = match conditions.as_slice() {
            [] => None,
            all => {
                let all = self.graph.and(all);
                Some(self.graph.lift(all, frame))
            }
        };
        let value = match value {
            Some(value) => Some(value?),
            None => None,
        };
        let found = value.map(|value| self.graph.ty(value));
        let ty = match (kind, found) {
            (AggKind::Some | AggKind::All, Some(Type::Bool)) => Type::Bool,
            (AggKind::Count, None | Some(Type::Bool)) => Type::Int,
            (AggKind::Sum, Some(ty @ (Type::Int | Type::Float))) => ty,
            (AggKind::Max | AggKind::Min, Some(ty @ (Type::Int | Type::Float | Type::Date))) => ty,
            (kind, Some(other)) => {
                let wanted: &[Type] = match kind {
                    AggKind::Some | AggKind::All | AggKind::Count => &[Type::Bool],
                    AggKind::Sum => &[Type::Int, Type::Float],
                    AggKind::Max | AggKind::Min => &[Type::Int, Type::Float, Type::Date],
                };
                return self.wrong_answer(closure?, wanted, other, position);
            }
            (_, None) => return None,
        };
        let value = value.map(|value| self.graph.lift(value, frame));
        let node = self.graph.aggregate(Agg { kind, frame, filter, value }, ty);
        Some(self.note_fault(node, script, position))
    }

    /// A closure that gives a value of the wrong type.
    fn wrong_answer<T>(
        &mut self,
        closure: &ClosureValue,
        wanted: &[Type],
        found: Type,
        position: Position,
    ) -> Lowered<T> {
        let at = self.closure_position(closure, position);
        let (from, to) = result_span(&closure.function.body).unwrap_or((at, at));
        let hint = None;
        let problem = Problem::TypeMismatch { expected: wanted.to_vec(), found, hint };
        self.fail_over(problem, closure.function.script, from, to)
    }

    /// A closure over the items of a frame.
    fn item_closure(&mut self, closure: &ClosureValue, frame: FrameId, position: Position) -> Lowered<NodeId> {
        let script = closure.function.script;
        let own = closure.function.params.len().saturating_sub(closure.captured.len());
        if own != 1 {
            let at = self.closure_position(closure, position);
            return self.fail(Problem::WrongParameters { expected: "|item| item.name > 0", found: own }, script, at);
        }
        let at = self.closure_position(closure, position);
        let result = self.apply(closure, vec![Bound::Item(frame)], at)?;
        let (from, to) = result_span(&closure.function.body).unwrap_or((at, at));
        self.node_over(result, script, from, to)
    }
}
