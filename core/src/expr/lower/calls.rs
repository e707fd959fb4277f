//! Operators, the functions of the rule language, and the functions of scripts.

use std::rc::Rc;

use rhai::{Expr, FnCallExpr, Position};

use super::{Bound, ClosureValue, Lowered, Lowerer, Names, Place};
use crate::Type;
use crate::diagnostic::{Construct, Declared, FunctionsOf, Hint, Known, Limit, Problem};
use crate::expr::{CmpOp, Constant, FrameId, NodeId, Op, TextTest};
use crate::script::{Function, MAX_CALL_LEVELS};

/// The functions of the rule language, to suggest the nearest.
const FUNCTIONS: [&str; 23] = [
    "abs",
    "all",
    "at_least",
    "ceiling",
    "contains",
    "count",
    "date",
    "ends_with",
    "filter",
    "floor",
    "known",
    "len",
    "lookup",
    "max",
    "min",
    "param",
    "round",
    "some",
    "starts_with",
    "sum",
    "to_float",
    "to_int",
    "is_empty",
];

/// How a function is written, to show it.
fn usage(name: &str) -> &'static str {
    match name {
        "min" => "min(a, b)",
        "max" => "max(a, b)",
        "abs" => "abs(x)",
        "to_float" => "to_float(x)",
        "to_int" => "to_int(x)",
        "round" => "x.round()",
        "floor" => "x.floor()",
        "ceiling" => "x.ceiling()",
        "starts_with" => "x.starts_with(\"a\")",
        "ends_with" => "x.ends_with(\"a\")",
        "contains" => "x.contains(\"a\")",
        "len" => "x.len()",
        "date" => "date(2026, 5, 1)",
        "lookup" => "lookup(\"table\", key)",
        "param" => "param(\"name\")",
        "known" => "known(x)",
        "at_least" => "at_least(2, [a, b, c])",
        "sum" => "firm.list.sum(|item| item.name)",
        "is_empty" => "firm.list.is_empty()",
        "count" => "firm.list.count(|item| item.name > 0)",
        "filter" => "firm.list.filter(|item| item.name > 0)",
        "all" => "firm.list.all(|item| item.name > 0)",
        _ => "firm.list.some(|item| item.name > 0)",
    }
}

/// What an operator or function is given, value by value, and where that is written.
#[derive(Clone, Copy)]
struct Given<'e> {
    name: &'e str,
    args: &'e [Expr],
    /// Does its first value stand before a dot?
    method: bool,
    script: usize,
    position: Position,
}

impl<'e> Given<'e> {
    /// The place of a value, the one before a dot counted.
    fn place(&self, at: usize) -> Place<'e> {
        let expr = if self.method { at.checked_sub(1).and_then(|at| self.args.get(at)) } else { self.args.get(at) };
        Place { receiver: self.method && at == 0, ..Place::operand(expr, self.script, self.position) }
    }
}

impl Lowerer<'_> {
    pub(super) fn call(
        &mut self,
        call: &FnCallExpr,
        names: &mut Names,
        script: usize,
        position: Position,
    ) -> Lowered<Bound> {
        if !call.namespace.is_empty() {
            return self.script_call(call, names, script, position);
        }
        let name = call.name.as_str();
        let args: &[Expr] = &call.args;
        match (name, args) {
            ("curry", [pointer, captured @ ..]) => {
                let Bound::Closure(mut closure) = self.expr(pointer, names, script)? else { return None };
                for value in captured {
                    closure.captured.push(self.expr(value, names, script)?);
                }
                Some(Bound::Closure(closure))
            }
            ("..", [from, to]) => self.range(from, to, false, names, script),
            ("..=", [from, to]) => self.range(from, to, true, names, script),
            ("contains", [container_expr, item_expr]) => {
                let container = self.expr(container_expr, names, script);
                let item = self.value(item_expr, names, script)?;
                let places = [container_expr, item_expr].map(|expr| Place::operand(Some(expr), script, position));
                self.contains(container?, item, places).map(Bound::Node)
            }
            ("known", [what]) => match self.expr(what, names, script)? {
                Bound::List(list) => {
                    Some(Bound::Node(self.graph.leaf(Op::ListKnown(list.list), FrameId::FIRM, Type::Bool)))
                }
                other => {
                    let node = self.node(other, script, what.start_position())?;
                    Some(Bound::Node(self.graph.unary(Op::Known, node, Type::Bool)))
                }
            },
            ("at_least", [number, conditions]) => self.at_least(number, conditions, names, script, position),
            ("lookup", [table, key]) => self.lookup(table, key, names, script).map(Bound::Node),
            ("param", [name]) => self.parameter(name, names, script).map(Bound::Node),
            _ if self.function(script, name, args.len()).is_some() => self.script_call(call, names, script, position),
            _ if self.any_function(script, name) => self.script_call(call, names, script, position),
            _ => {
                // Everything else takes plain values: both sides are looked at before one can fail.
                let values: Vec<Lowered<Bound>> = args.iter().map(|arg| self.expr(arg, names, script)).collect();
                let mut values = values.into_iter().collect::<Lowered<Vec<Bound>>>()?.into_iter();
                match values.next() {
                    Some(first) => {
                        let given = Given { name, args, method: false, script, position };
                        self.built_in(given, first, values.collect())
                    }
                    None => self.unknown_function(name, script, position),
                }
            }
        }
    }

    pub(super) fn method(
        &mut self,
        base: Bound,
        call: &FnCallExpr,
        names: &mut Names,
        script: usize,
        position: Position,
    ) -> Lowered<Bound> {
        let args: Vec<Lowered<Bound>> = call.args.iter().map(|arg| self.expr(arg, names, script)).collect();
        let args = args.into_iter().collect::<Lowered<Vec<Bound>>>()?;
        let name = call.name.as_str();
        if let Bound::List(list) = base {
            return self.list_method(list, name, args, script, position);
        }
        let given = Given { name, args: &call.args, method: true, script, position };
        if let ("contains", [item]) = (name, args.as_slice()) {
            let item = self.node(item.clone(), script, position)?;
            return self.contains(base, item, [given.place(0), given.place(1)]).map(Bound::Node);
        }
        self.built_in(given, base, args)
    }

    fn range(&mut self, from: &Expr, to: &Expr, inclusive: bool, names: &mut Names, script: usize) -> Lowered<Bound> {
        let from = self.value_of(from, Type::Int, names, script);
        let to = self.value_of(to, Type::Int, names, script)?;
        Some(Bound::Range { from: from?, to, inclusive })
    }

    /// An operator or function of the rule language on plain values.
    fn built_in(&mut self, given: Given<'_>, first: Bound, rest: Vec<Bound>) -> Lowered<Bound> {
        let Given { name, script, position, .. } = given;
        if let (Bound::List(list), "max" | "min" | "sum" | "count" | "len") = (&first, name) {
            return self.list_method(list.clone(), name, rest, script, position);
        }
        let cmp = match name {
            "==" => Some(CmpOp::Eq),
            "!=" => Some(CmpOp::Ne),
            "<" => Some(CmpOp::Lt),
            "<=" => Some(CmpOp::Le),
            ">" => Some(CmpOp::Gt),
            ">=" => Some(CmpOp::Ge),
            _ => None,
        };
        let mut values = Vec::with_capacity(rest.len() + 1);
        for (at, bound) in std::iter::once(first).chain(rest).enumerate() {
            let (from, to) = given.place(at).span();
            values.push(self.node_over(bound, script, from, to));
        }
        let values = values.into_iter().collect::<Lowered<Vec<NodeId>>>()?;
        let (a, others) = values.split_first()?;
        let a = *a;
        let first = given.place(0);
        let node = match (name, cmp, others) {
            (_, Some(cmp), [b]) => {
                let right = Place { operator: position, ..given.place(1) };
                self.compare(cmp, a, *b, [first, right])?
            }
            ("+" | "-" | "*" | "/" | "%", _, [b]) => self.arithmetic(given, a, *b)?,
            ("-", _, []) => self.number_function(Op::Neg, a, first)?,
            ("+", _, []) => {
                self.number_type(a, first)?;
                a
            }
            ("!", _, []) => {
                if self.graph.ty(a) != Type::Bool {
                    let found = self.graph.ty(a);
                    return self.mismatch(&[Type::Bool], found, first);
                }
                self.not(a)
            }
            ("abs", _, []) => self.number_function(Op::Abs, a, first)?,
            ("round", _, []) => self.whole(Op::Round, a, first)?,
            ("floor", _, []) => self.whole(Op::Floor, a, first)?,
            ("ceiling", _, []) => self.whole(Op::Ceiling, a, first)?,
            ("to_float", _, []) => {
                self.number_type(a, first)?;
                self.as_float(a)
            }
            ("to_int", _, []) => match self.number_type(a, first)? {
                Type::Float => {
                    let node = self.graph.unary(Op::ToInt, a, Type::Int);
                    self.note_fault(node, script, position)
                }
                _ => a,
            },
            ("min" | "max", _, [b]) => {
                let mut sides = [a, *b];
                let ty = self.same_type(&mut sides, &[first, given.place(1)])?;
                if !ty.is_number() {
                    return self.mismatch(&[Type::Int, Type::Float], ty, first);
                }
                let [a, b] = sides;
                self.graph.binary(if name == "min" { Op::Min } else { Op::Max }, a, b, ty)
            }
            ("starts_with", _, [part]) => self.text_test(TextTest::StartsWith, a, *part, [first, given.place(1)])?,
            ("ends_with", _, [part]) => self.text_test(TextTest::EndsWith, a, *part, [first, given.place(1)])?,
            ("len", _, []) => {
                self.expect_text(a, first)?;
                self.graph.unary(Op::TextLen, a, Type::Int)
            }
            ("date", _, [month, day]) => {
                let parts = [a, *month, *day].map(|part| match self.graph.as_constant(part) {
                    Some(Constant::Int(number)) => Some(*number),
                    _ => None,
                });
                let date = match parts {
                    [Some(year), Some(month), Some(day)] => crate::script::make_date(year, month, day),
                    _ => None,
                };
                match date {
                    Some(date) => self.graph.constant(Constant::Date(date)),
                    None => {
                        let (_, end) = given.place(2).span();
                        return self.fail_over(Problem::NotConstantDate, script, position, end);
                    }
                }
            }
            ("**", ..) => return self.fail(Problem::NotInLanguage { what: Construct::Power }, script, position),
            ("&" | "|" | "^" | "<<" | ">>", ..) => {
                return self.fail(Problem::NotInLanguage { what: Construct::BitOperator }, script, position);
            }
            (name, ..) if FUNCTIONS.contains(&name) => {
                let found = others.len() + usize::from(!given.method);
                let problem = Problem::WrongCount { name: name.into(), expected: usage(name).into(), found };
                return self.fail(problem, script, position);
            }
            _ => return self.unknown_function(name, script, position),
        };
        Some(Bound::Node(node))
    }

    fn unknown_function<T>(&mut self, name: &str, script: usize, position: Position) -> Lowered<T> {
        let own = self.scripts.scripts.get(script);
        self.charge(own.map_or(0, |script| script.functions.len()) * 8);
        let own = own.into_iter().flat_map(|script| script.functions.keys().map(|(name, _)| name.as_str()));
        let named = own.filter(|name| !name.starts_with("anon$"));
        let nearest = self.diagnostics.nearest(name, FUNCTIONS.into_iter().chain(named));
        self.fail(
            Problem::UnknownFunction { name: name.to_owned(), nearest, of: FunctionsOf::Language },
            script,
            position,
        )
    }

    fn number_type(&mut self, node: NodeId, place: Place<'_>) -> Lowered<Type> {
        let ty = self.graph.ty(node);
        if ty.is_number() { Some(ty) } else { self.mismatch(&[Type::Int, Type::Float], ty, place) }
    }

    fn number_function(&mut self, op: fn(NodeId) -> Op, a: NodeId, place: Place<'_>) -> Lowered<NodeId> {
        let ty = self.number_type(a, place)?;
        let node = self.graph.unary(op, a, ty);
        Some(self.note_fault(node, place.script, place.operator))
    }

    fn whole(&mut self, op: fn(NodeId) -> Op, a: NodeId, place: Place<'_>) -> Lowered<NodeId> {
        match self.graph.ty(a) {
            Type::Float => Some(self.graph.unary(op, a, Type::Float)),
            other => {
                let hint = (other == Type::Int).then_some(Hint::AlreadyWhole);
                self.mismatch_with(&[Type::Float], other, hint, place)
            }
        }
    }

    fn expect_text(&mut self, node: NodeId, place: Place<'_>) -> Lowered<()> {
        match self.graph.ty(node) {
            Type::Text => Some(()),
            other => self.mismatch(&[Type::Text], other, place),
        }
    }

    fn text_test(&mut self, test: TextTest, a: NodeId, part: NodeId, places: [Place<'_>; 2]) -> Lowered<NodeId> {
        let [a_place, part_place] = places;
        self.expect_text(a, a_place)?;
        self.expect_text(part, part_place)?;
        Some(self.graph.binary(|a, part| Op::TextTest(test, a, part), a, part, Type::Bool))
    }

    fn arithmetic(&mut self, given: Given<'_>, a: NodeId, b: NodeId) -> Lowered<NodeId> {
        let Given { name, script, position, .. } = given;
        let (left, right) = (given.place(0), given.place(1));
        let numbers = [Type::Int, Type::Float];
        let node = match (name, self.graph.ty(a), self.graph.ty(b)) {
            ("-", Type::Date, Type::Date) => self.graph.binary(Op::DateDiff, a, b, Type::Int),
            ("+", Type::Date, Type::Int) => self.graph.binary(Op::DateAdd, a, b, Type::Date),
            ("+", Type::Int, Type::Date) => self.graph.binary(Op::DateAdd, b, a, Type::Date),
            ("-", Type::Date, Type::Int) => {
                let back = self.graph.unary(Op::Neg, b, Type::Int);
                let back = self.note_fault(back, script, position);
                self.graph.binary(Op::DateAdd, a, back, Type::Date)
            }
            ("+", Type::Text, _) | ("+", _, Type::Text) => {
                return self.fail(Problem::NotInLanguage { what: Construct::TextJoin }, script, position);
            }
            (_, Type::Int | Type::Float, Type::Int | Type::Float) => {
                let mut sides = [a, b];
                let ty = self.same_type(&mut sides, &[left, right])?;
                let [a, b] = sides;
                let op = match name {
                    "+" => Op::Add,
                    "-" => Op::Sub,
                    "*" => Op::Mul,
                    "/" => Op::Div,
                    _ => Op::Rem,
                };
                self.graph.binary(op, a, b, ty)
            }
            ("+" | "-", Type::Date, other) => {
                let wanted: &[Type] = if name == "+" { &[Type::Int] } else { &[Type::Int, Type::Date] };
                let hint = (other == Type::Float).then_some(Hint::WholeDays);
                return self.mismatch_with(wanted, other, hint, right);
            }
            (_, Type::Int | Type::Float, other) => return self.mismatch(&numbers, other, right),
            (_, other, _) => return self.mismatch(&numbers, other, left),
        };
        Some(self.note_fault(node, script, position))
    }

    fn constant_text(&mut self, expr: &Expr, names: &mut Names, script: usize) -> Lowered<String> {
        let node = self.value_of(expr, Type::Text, names, script)?;
        match self.graph.as_constant(node) {
            Some(Constant::Text(text)) => Some(text.to_string()),
            _ => {
                let (from, to) = super::span(expr);
                self.fail_over(Problem::NotInLanguage { what: Construct::ComputedName }, script, from, to)
            }
        }
    }

    fn lookup(&mut self, table: &Expr, key: &Expr, names: &mut Names, script: usize) -> Lowered<NodeId> {
        let name = self.constant_text(table, names, script);
        let key_node = self.value(key, names, script);
        let name = name?;
        let Some(symbol) = self.symbols.tables.get(&name).copied() else {
            let nearest = self.diagnostics.nearest(&name, self.symbols.tables.keys().map(String::as_str));
            let problem = Problem::UnknownReference { kind: Declared::Table, id: name, nearest };
            return self.fail(problem, script, table.start_position());
        };
        let mut key_node = key_node?;
        let found = self.graph.ty(key_node);
        if symbol.by_text != (found == Type::Text) || (!symbol.by_text && !found.is_number()) {
            let expected: &[Type] = if symbol.by_text { &[Type::Text] } else { &[Type::Int, Type::Float] };
            return self.mismatch(expected, found, Place::of(key, script));
        }
        if !symbol.by_text {
            key_node = self.as_float(key_node);
        }
        let node = self.graph.lookup(symbol.index, key_node, symbol.ty);
        Some(self.note_fault(node, script, key.start_position()))
    }

    fn parameter(&mut self, name: &Expr, names: &mut Names, script: usize) -> Lowered<NodeId> {
        let at = name.start_position();
        let name = self.constant_text(name, names, script)?;
        match self.symbols.parameters.get(&name).copied() {
            Some((index, ty)) => Some(self.graph.leaf(Op::Param(index), FrameId::FIRM, ty)),
            None => {
                let nearest = self.diagnostics.nearest(&name, self.symbols.parameters.keys().map(String::as_str));
                self.fail(Problem::UnknownReference { kind: Declared::Parameter, id: name, nearest }, script, at)
            }
        }
    }

    // Functions of scripts.

    fn function(&self, script: usize, name: &str, arity: usize) -> Option<Rc<Function>> {
        self.scripts.scripts.get(script)?.functions.get(&(name.to_owned(), arity)).map(Rc::clone)
    }

    /// Is there a function of this name, for whatever number of arguments?
    fn any_function(&self, script: usize, name: &str) -> bool {
        let functions = self.scripts.scripts.get(script).map(|script| &script.functions);
        functions.is_some_and(|functions| functions.keys().any(|(known, _)| known == name))
    }

    fn script_call(
        &mut self,
        call: &FnCallExpr,
        names: &mut Names,
        script: usize,
        position: Position,
    ) -> Lowered<Bound> {
        let name = call.name.as_str();
        let target = match call.namespace.path.first() {
            None => script,
            Some(alias) => {
                let imports = self.scripts.scripts.get(script).map(|script| &script.imports);
                match imports.and_then(|imports| imports.get(alias.as_str())) {
                    Some(target) => *target,
                    None => {
                        let known = imports.into_iter().flat_map(|imports| imports.keys().map(String::as_str));
                        let nearest = self.diagnostics.nearest(&alias.name, known);
                        let problem =
                            Problem::UnknownName { name: alias.name.to_string(), nearest, known: Known::Import };
                        return self.fail(problem, script, alias.pos);
                    }
                }
            }
        };
        let args: Vec<Lowered<Bound>> = call.args.iter().map(|arg| self.expr(arg, names, script)).collect();
        let args = args.into_iter().collect::<Lowered<Vec<Bound>>>()?;
        let Some(function) = self.function(target, name, args.len()) else {
            let others = self.scripts.scripts.get(target);
            let known = others.into_iter().flat_map(|script| script.functions.keys());
            if let Some(other) =
                others.into_iter().flat_map(|script| script.functions.values()).find(|other| other.name == name)
            {
                let expected = format!("{name}({})", other.params.join(", "));
                let problem = Problem::WrongCount { name: name.into(), expected, found: args.len() };
                return self.fail(problem, script, position);
            }
            let nearest = self
                .diagnostics
                .nearest(name, known.map(|(name, _)| name.as_str()).filter(|name| !name.starts_with("anon$")));
            let problem = Problem::UnknownFunction { name: name.to_owned(), nearest, of: FunctionsOf::Script };
            return self.fail(problem, script, position);
        };
        let key = (target, name.to_owned(), args.len());
        if self.calls.contains(&key) {
            return self.fail(Problem::Recursion { kind: None, name: name.to_owned() }, script, position);
        }
        if self.calls.len() >= MAX_CALL_LEVELS {
            return self.fail(Problem::Limit { what: Limit::CallDepth }, script, position);
        }
        self.calls.push(key);
        let closure = ClosureValue { function, captured: Vec::new() };
        let result = self.apply(&closure, args, position);
        self.calls.pop();
        result
    }
}
