//! Blocks, choices and local names.

use rhai::{Expr, FlowControl, Position, Stmt, StmtBlock, SwitchCasesCollection};

use super::{Bound, Lowered, Lowerer, Names};
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
            return self.fail(Problem::NoElse, script, position);
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
            Stmt::Assignment(assignment) => self.fail(Problem::Mutation, script, assignment.0.position()),
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
        let no = self.block(otherwise, names, script, position);
        let yes = self.node(yes?, script, position)?;
        let no = self.node(no?, script, position)?;
        let node = self.choose(condition?, yes, no, script, position)?;
        Some(Bound::Node(node))
    }

    fn choose(
        &mut self,
        condition: NodeId,
        yes: NodeId,
        no: NodeId,
        script: usize,
        position: Position,
    ) -> Lowered<NodeId> {
        let mut sides = [yes, no];
        self.same_type(&mut sides, script, position)?;
        let [yes, no] = sides;
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
        let on_at = on.start_position();
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
            let equal = self.compare(CmpOp::Eq, on, literal, script, on_at)?;
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
            let inside = self.contains(Bound::Range { from, to, inclusive }, on, script, on_at)?;
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
            result = self.choose(condition, value, result, script, arm.rhs.start_position())?;
        }
        Some(Bound::Node(result))
    }
}
