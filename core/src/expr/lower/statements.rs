//! Blocks, choices and local names.

use rhai::{Expr, FlowControl, Position, Stmt, StmtBlock, SwitchCasesCollection};

use super::{Bound, Lowered, Lowerer, Names, Place, result_span};
use crate::Type;
use crate::diagnostic::{Construct, Problem};
use crate::expr::{CmpOp, NodeId};

/// A guard of a `switch` arm that is always open.
fn is_open(guard: &Expr) -> bool {
    matches!(guard, Expr::BoolConstant(true, _))
}

impl Lowerer<'_> {
    /// An expression that is a block: a closure that captures, or a `{ ... }`, `if` or `switch` as a value.
    pub(super) fn expression_block(&mut self, block: &StmtBlock, names: &mut Names, script: usize) -> Lowered<Bound> {
        if let [Stmt::Share(_), Stmt::Expr(call)] = block.statements()
            && let Expr::FnCall(call, position) = &**call
        {
            return self.call(call, names, script, *position);
        }
        self.block(block.statements(), names, script, block.position())
    }

    /// Statements of which the last gives the value. Names that it declares end with it.
    pub(super) fn block(
        &mut self,
        statements: &[Stmt],
        names: &mut Names,
        script: usize,
        position: Position,
    ) -> Lowered<Bound> {
        let visible = names.len();
        let result = self.deeper(script, position, |lowerer| lowerer.statements(statements, names, script, position));
        names.truncate(visible);
        result
    }

    fn statements(
        &mut self,
        statements: &[Stmt],
        names: &mut Names,
        script: usize,
        position: Position,
    ) -> Lowered<Bound> {
        let mut statements = statements;
        // Names first, one after the other: there may be many.
        while let Some((first, rest)) = statements.split_first() {
            match first {
                Stmt::Noop(_) | Stmt::Share(_) => {}
                Stmt::Var(variable, ..) => {
                    let (name, value, _) = &**variable;
                    let bound = self.expr(value, names, script)?;
                    names.push((name.name.to_string(), bound));
                    if rest.is_empty() {
                        return self.fail(Problem::NotInLanguage { what: Construct::EarlyStatement }, script, name.pos);
                    }
                }
                _ => break,
            }
            statements = rest;
        }
        let Some((first, rest)) = statements.split_first() else {
            return self.fail(Problem::NotInLanguage { what: Construct::Empty }, script, position);
        };
        let last = rest.iter().all(Stmt::is_noop);
        match first {
            Stmt::If(flow, at) => {
                let otherwise: &[Stmt] =
                    if flow.branch.statements().is_empty() { rest } else { flow.branch.statements() };
                let returns = matches!(flow.body.statements().last(), Some(Stmt::Return(..)));
                let early = returns && flow.branch.statements().is_empty();
                if !(last || early) {
                    return self.fail(Problem::NotInLanguage { what: Construct::EarlyStatement }, script, *at);
                }
                self.choice(flow, otherwise, names, script, *at)
            }
            Stmt::Switch(switch, at) if last => self.switch(&switch.0, &switch.1, names, script, *at),
            Stmt::Expr(expr) if last => self.expr(expr, names, script),
            Stmt::FnCall(call, at) if last => self.call(call, names, script, *at),
            Stmt::Block(block) if last => self.block(block.statements(), names, script, block.position()),
            Stmt::Return(Some(expr), flags, at) => {
                if flags.intersects(rhai::ASTFlags::BREAK) {
                    return self.fail(Problem::NotInLanguage { what: Construct::Throw }, script, *at);
                }
                self.expr(expr, names, script)
            }
            Stmt::While(_, at) | Stmt::For(_, at) => self.fail(Problem::Loop, script, *at),
            Stmt::Do(_, _, at) | Stmt::BreakLoop(_, _, at) => self.fail(Problem::Loop, script, *at),
            Stmt::Assignment(assignment) => {
                let compares = !assignment.0.is_op_assignment();
                self.fail(Problem::Mutation { compares }, script, assignment.0.position())
            }
            Stmt::Return(None, _, at) => self.fail(Problem::NotInLanguage { what: Construct::Unit }, script, *at),
            Stmt::TryCatch(_, at) | Stmt::Import(_, at) | Stmt::Export(_, at) => {
                self.fail(Problem::NotInLanguage { what: Construct::Other }, script, *at)
            }
            other => self.fail(Problem::NotInLanguage { what: Construct::EarlyStatement }, script, other.position()),
        }
    }

    fn choice(
        &mut self,
        flow: &FlowControl,
        otherwise: &[Stmt],
        names: &mut Names,
        script: usize,
        position: Position,
    ) -> Lowered<Bound> {
        let condition = self.value_of(&flow.expr, Type::Bool, names, script);
        let yes = self.block(flow.body.statements(), names, script, position);
        if otherwise.iter().all(Stmt::is_noop) {
            return self.fail(Problem::NoElse, script, position);
        }
        let no = self.block(otherwise, names, script, position);
        let [yes_at, no_at] =
            [flow.body.statements(), otherwise].map(|body| result_span(body).unwrap_or((position, position)));
        let yes = self.node_over(yes?, script, yes_at.0, yes_at.1)?;
        let no = self.node_over(no?, script, no_at.0, no_at.1)?;
        let places = [yes_at, no_at].map(|(from, _)| Place::operand(None, script, from));
        let node = self.choose(condition?, yes, no, places, false)?;
        Some(Bound::Node(node))
    }

    /// One of two values of one type; the first where the condition holds, or with `other_way` where it does not.
    fn choose(
        &mut self,
        condition: NodeId,
        first: NodeId,
        second: NodeId,
        places: [Place<'_>; 2],
        other_way: bool,
    ) -> Lowered<NodeId> {
        let mut sides = [first, second];
        self.same_type(&mut sides, &places)?;
        let [first, second] = sides;
        let (yes, no) = if other_way { (second, first) } else { (first, second) };
        Some(self.graph.choose(condition, yes, no))
    }

    fn switch(
        &mut self,
        on: &Expr,
        cases: &SwitchCasesCollection,
        names: &mut Names,
        script: usize,
        position: Position,
    ) -> Lowered<Bound> {
        let on_place = Place::of(on, script);
        let on = self.value(on, names, script)?;
        let Some(default) = cases.def_case else { return self.fail(Problem::NoElse, script, position) };
        // Which values and ranges lead to which arm.
        let mut tests: Vec<Vec<NodeId>> = vec![Vec::new(); cases.expressions.len()];
        let mut literals: Vec<(Bound, &[usize])> = Vec::new();
        // Sorted: rhai keeps them by a hash, whose order must not show.
        let mut by_text: Vec<_> = cases.cases.values().collect();
        by_text.sort_by_key(|case| case.value.to_string());
        for case in by_text {
            literals.push((self.data(case.value.clone()), &case.blocks));
        }
        for (literal, arms) in literals {
            let Bound::Node(literal) = literal else { continue };
            // Rhai keeps no place of a case: the value that is asked is underlined.
            let (wanted, found) = (self.graph.ty(on), self.graph.ty(literal));
            if wanted != found && !(wanted.is_number() && found.is_number()) {
                return self.mismatch(&[found], wanted, on_place);
            }
            let equal = self.compare(CmpOp::Eq, on, literal, [on_place; 2])?;
            for arm in arms {
                tests.get_mut(*arm)?.push(equal);
            }
        }
        for range in &cases.ranges {
            let (from, to, inclusive, arm) = match range {
                rhai::RangeCase::ExclusiveInt(range, arm) => (range.start, range.end, false, *arm),
                rhai::RangeCase::InclusiveInt(range, arm) => (*range.start(), *range.end(), true, *arm),
            };
            let from = self.graph.constant(crate::expr::Constant::Int(from));
            let to = self.graph.constant(crate::expr::Constant::Int(to));
            let inside = self.contains(Bound::Range { from, to, inclusive }, on, [on_place; 2])?;
            let tests = tests.get_mut(arm)?;
            tests.push(inside);
        }
        let otherwise = cases.expressions.get(default)?;
        let mut result = self.value(&otherwise.rhs, names, script)?;
        // From the last arm to the first: an earlier arm wins.
        for (arm, tests) in cases.expressions.iter().zip(&tests).rev() {
            if tests.is_empty() {
                continue;
            }
            let mut condition = self.graph.or(tests);
            if !is_open(&arm.lhs) {
                let guard = self.value_of(&arm.lhs, Type::Bool, names, script)?;
                condition = self.graph.and(&[condition, guard]);
            }
            let value = self.value(&arm.rhs, names, script)?;
            // The default gives the type that the others have to have.
            let result_place = Place::of(&otherwise.rhs, script);
            result = self.choose(condition, result, value, [result_place, Place::of(&arm.rhs, script)], true)?;
        }
        Some(Bound::Node(result))
    }
}
