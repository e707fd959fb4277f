//! So many of several conditions, made of `&&` and `||`: takes a number and conditions, gives one node.

use rhai::{Expr, Position};

use super::{Bound, Lowered, Lowerer, Names};
use crate::Type;
use crate::diagnostic::Problem;
use crate::expr::{Constant, NodeId};

impl Lowerer<'_> {
    /// `at_least(2, [a, b, c])`. True once so many are true, false once too many are false, unknown in between. As no
    /// condition is negated on the way, `&&` and `||` over values that may be unknown come to exactly that.
    pub(super) fn at_least(
        &mut self,
        number: &Expr,
        conditions: &Expr,
        names: &mut Names,
        script: usize,
        position: Position,
    ) -> Lowered<Bound> {
        let number = self.value_of(number, Type::Int, names, script);
        let Expr::Array(conditions, _) = conditions else {
            return self.fail(Problem::NotAtLeast, script, position);
        };
        let nodes: Vec<Lowered<NodeId>> =
            conditions.iter().map(|condition| self.value_of(condition, Type::Bool, names, script)).collect();
        let nodes = nodes.into_iter().collect::<Lowered<Vec<NodeId>>>()?;
        let number = match self.graph.as_constant(number?) {
            Some(Constant::Int(number)) => {
                usize::try_from(*number).ok().filter(|number| (1..=nodes.len()).contains(number))
            }
            _ => None,
        };
        let Some(number) = number else {
            return self.fail(Problem::NotAtLeast, script, position);
        };
        self.charge(8 * number * nodes.len());
        // At its place `n - 1`: at least `n` of the conditions so far.
        let mut so_far: Vec<Option<NodeId>> = vec![None; number];
        for node in nodes {
            for at in (0..number).rev() {
                let this_too = match at.checked_sub(1).map(|before| so_far.get(before).copied().flatten()) {
                    None => Some(node),
                    Some(before) => before.map(|before| self.graph.and(&[before, node])),
                };
                if let (Some(this_too), Some(place)) = (this_too, so_far.get_mut(at)) {
                    *place = Some(match *place {
                        Some(already) => self.graph.or(&[already, this_too]),
                        None => this_too,
                    });
                }
            }
        }
        so_far.last().copied().flatten().map(Bound::Node)
    }
}
