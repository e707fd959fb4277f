//! Sums of several variables against numbers: takes inequalities and the ranges of variables, gives values that fit them all,
//! or the knowledge that none do (Fourier and Motzkin's elimination).

use std::collections::BTreeMap;

use super::formula::{Sum, Variable};
use super::range::Range;

/// `sum < 0`, or `sum <= 0`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Inequality {
    pub(super) sum: Sum,
    pub(super) strict: bool,
}

/// What the inequalities leave.
pub(super) enum Fit {
    Values(BTreeMap<Variable, f64>),
    None,
    /// Too many, or whole numbers that elimination does not find.
    Unknown,
}

/// Elimination squares the number of inequalities with each variable; rules have two or three.
const MOST: usize = 600;
/// A contradiction smaller than this is taken for an error of rounding.
const SLACK: f64 = 1e-9;

pub(super) fn fit(inequalities: &[Inequality], ranges: &BTreeMap<Variable, Range>) -> Fit {
    let mut variables: Vec<Variable> =
        inequalities.iter().flat_map(|one| one.sum.terms.iter().map(|(variable, _)| *variable)).collect();
    variables.sort_unstable();
    variables.dedup();
    let mut current: Vec<Inequality> = inequalities.to_vec();
    for variable in &variables {
        let Some(range) = ranges.get(variable) else { continue };
        let plain = Sum::variable(*variable);
        if let Some(low) = range.low {
            // low - x <= 0
            current.push(Inequality { sum: Sum::constant(low.at).plus(&plain, -1.0), strict: low.open });
        }
        if let Some(high) = range.high {
            current.push(Inequality { sum: plain.plus(&Sum::constant(high.at), -1.0), strict: high.open });
        }
    }
    // What bounded each variable when it was eliminated, for the way back.
    let mut steps: Vec<(Variable, Vec<Inequality>)> = Vec::new();
    for variable in &variables {
        let factor = |one: &Inequality| one.sum.terms.iter().find(|(known, _)| known == variable).map(|(_, f)| *f);
        let (with, mut rest): (Vec<Inequality>, Vec<Inequality>) =
            current.into_iter().partition(|one| factor(one).is_some());
        let (above, below): (Vec<&Inequality>, Vec<&Inequality>) =
            with.iter().partition(|one| factor(one).is_some_and(|factor| factor > 0.0));
        for upper in &above {
            for lower in &below {
                let (Some(up), Some(low)) = (factor(upper), factor(lower)) else { continue };
                let mut sum = upper.sum.times(1.0 / up).plus(&lower.sum, -1.0 / low);
                sum.terms.retain(|(known, factor)| known != variable && factor.abs() > SLACK);
                rest.push(Inequality { sum, strict: upper.strict || lower.strict });
            }
        }
        steps.push((*variable, with));
        if rest.iter().any(is_contradiction) {
            return Fit::None;
        }
        rest.retain(|one| !one.sum.terms.is_empty());
        if rest.len() > MOST {
            return Fit::Unknown;
        }
        current = rest;
    }
    let mut values: BTreeMap<Variable, f64> = BTreeMap::new();
    for (variable, bounds) in steps.into_iter().rev() {
        let mut range = ranges.get(&variable).cloned().unwrap_or_default();
        for bound in bounds {
            let mut factor = 0.0;
            let mut rest = bound.sum.constant;
            for (known, of) in &bound.sum.terms {
                if *known == variable {
                    factor = *of;
                } else {
                    rest += of * values.get(known).copied().unwrap_or(0.0);
                }
            }
            if factor > 0.0 {
                range.at_most(-rest / factor, bound.strict);
            } else if factor < 0.0 {
                range.at_least(-rest / factor, bound.strict);
            }
        }
        match range.value() {
            Some(value) => values.insert(variable, value),
            None => return Fit::Unknown,
        };
    }
    Fit::Values(values)
}

fn is_contradiction(one: &Inequality) -> bool {
    one.sum.terms.is_empty() && (one.sum.constant > SLACK || (one.strict && one.sum.constant >= 0.0))
}
