//! Operators, the functions of the rule language, and the functions of scripts.

use std::rc::Rc;

use rhai::{Expr, FnCallExpr, Position};

use super::{Bound, ClosureValue, Lowered, Lowerer, Names};
use crate::Type;
use crate::book::nearest;
use crate::diagnostic::{Construct, Declared, Problem};
use crate::expr::{CmpOp, Constant, FrameId, NodeId, Op, TextTest};
use crate::script::Function;

/// The functions of the rule language, to suggest the nearest.
const FUNCTIONS: [&str; 26] = [
    "abs",
    "all",
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
    "cite",
    "own",
    "rule",
    "fact",
];

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
            ("contains", [container, item]) => {
                let container = self.expr(container, names, script);
                let item = self.value(item, names, script)?;
                self.contains(container?, item, script, position).map(Bound::Node)
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
            ("lookup", [table, key]) => self.lookup(table, key, names, script).map(Bound::Node),
            ("param", [name]) => self.parameter(name, names, script).map(Bound::Node),
            _ if self.function(script, name, args.len()).is_some() => self.script_call(call, names, script, position),
            _ => {
                // Everything else takes plain values: both sides are looked at before one can fail.
                let values: Vec<Lowered<Bound>> = args.iter().map(|arg| self.expr(arg, names, script)).collect();
                let mut values = values.into_iter().collect::<Lowered<Vec<Bound>>>()?.into_iter();
                match values.next() {
                    Some(first) => self.built_in(name, first, values.collect(), script, position),
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
        if let ("contains", [item]) = (name, args.as_slice()) {
            let item = self.node(item.clone(), script, position)?;
            return self.contains(base, item, script, position).map(Bound::Node);
        }
        self.built_in(name, base, args, script, position)
    }

    fn range(&mut self, from: &Expr, to: &Expr, inclusive: bool, names: &mut Names, script: usize) -> Lowered<Bound> {
        let from = self.value_of(from, Type::Int, names, script);
        let to = self.value_of(to, Type::Int, names, script)?;
        Some(Bound::Range { from: from?, to, inclusive })
    }

    /// An operator or function of the rule language on plain values.
    fn built_in(
        &mut self,
        name: &str,
        first: Bound,
        rest: Vec<Bound>,
        script: usize,
        position: Position,
    ) -> Lowered<Bound> {
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
        let a = self.node(first, script, position)?;
        let mut others = Vec::with_capacity(rest.len());
        for bound in rest {
            others.push(self.node(bound, script, position)?);
        }
        let node = match (name, cmp, others.as_slice()) {
            (_, Some(cmp), [b]) => self.compare(cmp, a, *b, script, position)?,
            ("+" | "-" | "*" | "/" | "%", _, [b]) => self.arithmetic(name, a, *b, script, position)?,
            ("-", _, []) => self.number_function(Op::Neg, a, script, position)?,
            ("+", _, []) => a,
            ("!", _, []) => {
                if self.graph.ty(a) != Type::Bool {
                    let found = self.graph.ty(a);
                    return self.mismatch("bool", found, script, position);
                }
                self.not(a)
            }
            ("abs", _, []) => self.number_function(Op::Abs, a, script, position)?,
            ("round", _, []) => self.whole(Op::Round, a, script, position)?,
            ("floor", _, []) => self.whole(Op::Floor, a, script, position)?,
            ("ceiling", _, []) => self.whole(Op::Ceiling, a, script, position)?,
            ("to_float", _, []) => {
                self.number_type(a, script, position)?;
                self.as_float(a)
            }
            ("to_int", _, []) => match self.number_type(a, script, position)? {
                Type::Float => {
                    let node = self.graph.unary(Op::ToInt, a, Type::Int);
                    self.note_fault(node, script, position)
                }
                _ => a,
            },
            ("min" | "max", _, [b]) => {
                let mut sides = [a, *b];
                let ty = self.same_type(&mut sides, script, position)?;
                if !ty.is_number() {
                    return self.mismatch("int / float", ty, script, position);
                }
                let [a, b] = sides;
                self.graph.binary(if name == "min" { Op::Min } else { Op::Max }, a, b, ty)
            }
            ("starts_with", _, [part]) => self.text_test(TextTest::StartsWith, a, *part, script, position)?,
            ("ends_with", _, [part]) => self.text_test(TextTest::EndsWith, a, *part, script, position)?,
            ("len", _, []) => {
                self.expect_text(a, script, position)?;
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
                        let problem = Problem::TypeMismatch {
                            expected: "date(2026, 5, 1)".into(),
                            found: "date(?, ?, ?)".into(),
                        };
                        return self.fail(problem, script, position);
                    }
                }
            }
            ("**", ..) => return self.fail(Problem::NotInLanguage { what: Construct::Power }, script, position),
            ("&" | "|" | "^" | "<<" | ">>", ..) => {
                return self.fail(Problem::NotInLanguage { what: Construct::BitOperator }, script, position);
            }
            (name, ..) if FUNCTIONS.contains(&name) => {
                let expected = match name {
                    "min" | "max" => "min(a, b) / max(a, b)",
                    "starts_with" | "ends_with" | "contains" => "text.contains(\"...\")",
                    "date" => "date(2026, 5, 1)",
                    "lookup" => "lookup(\"table\", key)",
                    "param" => "param(\"name\")",
                    "known" => "known(x)",
                    "some" | "all" | "sum" | "count" | "filter" | "is_empty" => "firm.list.some(|item| ...)",
                    _ => "x.round()",
                };
                let found = others.len() + 1;
                return self.fail(
                    Problem::WrongCount { name: name.into(), expected: expected.into(), found },
                    script,
                    position,
                );
            }
            _ => return self.unknown_function(name, script, position),
        };
        Some(Bound::Node(node))
    }

    fn unknown_function<T>(&mut self, name: &str, script: usize, position: Position) -> Lowered<T> {
        let own = self.scripts.scripts.get(script);
        let own = own.into_iter().flat_map(|script| script.functions.keys().map(|(name, _)| name.as_str()));
        let nearest = nearest(name, FUNCTIONS.into_iter().chain(own));
        self.fail(Problem::UnknownFunction { name: name.to_owned(), nearest }, script, position)
    }

    fn number_type(&mut self, node: NodeId, script: usize, position: Position) -> Lowered<Type> {
        let ty = self.graph.ty(node);
        if ty.is_number() { Some(ty) } else { self.mismatch("int / float", ty, script, position) }
    }

    fn number_function(
        &mut self,
        op: fn(NodeId) -> Op,
        a: NodeId,
        script: usize,
        position: Position,
    ) -> Lowered<NodeId> {
        let ty = self.number_type(a, script, position)?;
        let node = self.graph.unary(op, a, ty);
        Some(self.note_fault(node, script, position))
    }

    fn whole(&mut self, op: fn(NodeId) -> Op, a: NodeId, script: usize, position: Position) -> Lowered<NodeId> {
        match self.graph.ty(a) {
            Type::Float => Some(self.graph.unary(op, a, Type::Float)),
            other => self.mismatch("float", other, script, position),
        }
    }

    fn expect_text(&mut self, node: NodeId, script: usize, position: Position) -> Lowered<()> {
        match self.graph.ty(node) {
            Type::Text => Some(()),
            other => self.mismatch("text", other, script, position),
        }
    }

    fn text_test(
        &mut self,
        test: TextTest,
        a: NodeId,
        part: NodeId,
        script: usize,
        position: Position,
    ) -> Lowered<NodeId> {
        self.expect_text(a, script, position)?;
        self.expect_text(part, script, position)?;
        Some(self.graph.binary(|a, part| Op::TextTest(test, a, part), a, part, Type::Bool))
    }

    fn arithmetic(&mut self, name: &str, a: NodeId, b: NodeId, script: usize, position: Position) -> Lowered<NodeId> {
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
                let ty = self.same_type(&mut sides, script, position)?;
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
            (_, Type::Int | Type::Float, other) | (_, other, _) => {
                return self.mismatch("int / float", other, script, position);
            }
        };
        Some(self.note_fault(node, script, position))
    }

    fn constant_text(&mut self, expr: &Expr, kind: Declared, names: &mut Names, script: usize) -> Lowered<String> {
        let node = self.value_of(expr, Type::Text, names, script)?;
        match self.graph.as_constant(node) {
            Some(Constant::Text(text)) => Some(text.to_string()),
            _ => {
                let problem = Problem::UnknownReference { kind, id: "?".into(), nearest: None };
                self.fail(problem, script, expr.start_position())
            }
        }
    }

    fn lookup(&mut self, table: &Expr, key: &Expr, names: &mut Names, script: usize) -> Lowered<NodeId> {
        let name = self.constant_text(table, Declared::Table, names, script);
        let key_node = self.value(key, names, script);
        let name = name?;
        let Some(symbol) = self.symbols.tables.get(&name).copied() else {
            let nearest = nearest(&name, self.symbols.tables.keys().map(String::as_str));
            let problem = Problem::UnknownReference { kind: Declared::Table, id: name, nearest };
            return self.fail(problem, script, table.start_position());
        };
        let mut key_node = key_node?;
        let found = self.graph.ty(key_node);
        if symbol.by_text != (found == Type::Text) || (!symbol.by_text && !found.is_number()) {
            let expected = if symbol.by_text { "text" } else { "int / float" };
            return self.mismatch(expected, found, script, key.start_position());
        }
        if !symbol.by_text {
            key_node = self.as_float(key_node);
        }
        let node = self.graph.lookup(symbol.index, key_node, symbol.ty);
        Some(self.note_fault(node, script, key.start_position()))
    }

    fn parameter(&mut self, name: &Expr, names: &mut Names, script: usize) -> Lowered<NodeId> {
        let at = name.start_position();
        let name = self.constant_text(name, Declared::Parameter, names, script)?;
        match self.symbols.parameters.get(&name).copied() {
            Some((index, ty)) => Some(self.graph.leaf(Op::Param(index), FrameId::FIRM, ty)),
            None => {
                let nearest = nearest(&name, self.symbols.parameters.keys().map(String::as_str));
                self.fail(Problem::UnknownReference { kind: Declared::Parameter, id: name, nearest }, script, at)
            }
        }
    }

    // Functions of scripts.

    fn function(&self, script: usize, name: &str, arity: usize) -> Option<Rc<Function>> {
        self.scripts.scripts.get(script)?.functions.get(&(name.to_owned(), arity)).map(Rc::clone)
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
                        let nearest = nearest(&alias.name, known);
                        let problem = Problem::UnknownName { name: alias.name.to_string(), nearest };
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
            if let Some((_, arity)) = known.clone().find(|(known, _)| known == name) {
                let problem = Problem::WrongCount { name: name.into(), expected: arity.to_string(), found: args.len() };
                return self.fail(problem, script, position);
            }
            let nearest = nearest(name, known.map(|(name, _)| name.as_str()).filter(|name| !name.starts_with("anon$")));
            return self.fail(Problem::UnknownFunction { name: name.to_owned(), nearest }, script, position);
        };
        let key = (target, name.to_owned(), args.len());
        if self.calls.contains(&key) {
            return self.fail(Problem::Recursion { name: name.to_owned() }, script, position);
        }
        self.calls.push(key);
        let closure = ClosureValue { function, captured: Vec::new() };
        let result = self.apply(&closure, args);
        self.calls.pop();
        result
    }
}
