//! What a condition asks, as a formula over the firm's facts: comparisons of sums with numbers and memberships in sets,
//! joined by and and or. What the analysis does not see into is a variable of its own, which may have any value: so a
//! formula that nothing satisfies is a condition that no firm meets.

use std::sync::Arc;

use crate::expr::NodeId;

/// One of two firms that differ in what is asked about; the first is the only one where nothing is compared.
pub(super) type Copy = u8;

/// What has a value in a firm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Variable {
    /// Index into the book's facts.
    Fact(u32, Copy),
    /// Is the fact known? Only where conditions ask that.
    FactKnown(u32, Copy),
    /// Does the firm have this item of this list?
    Item { list: u32, item: u32 },
    /// A field of an item.
    Field { list: u32, item: u32, field: u32, copy: Copy },
    /// Is the field known? Only where conditions ask that.
    FieldKnown { list: u32, item: u32, field: u32, copy: Copy },
    /// A node that is not looked into, for an item or (`u32::MAX`) for the firm.
    Opaque { node: NodeId, item: u32, copy: Copy },
}

/// A text that a fact can have: index into the texts of the builder. Of a bool, 0 is false and 1 is true.
pub(super) type Word = u32;

/// `constant + factor * variable + ...`
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Sum {
    /// By variable, none twice, no factor of zero.
    pub(super) terms: Vec<(Variable, f64)>,
    pub(super) constant: f64,
}

impl Sum {
    pub(super) fn constant(constant: f64) -> Sum {
        Sum { terms: Vec::new(), constant }
    }

    pub(super) fn variable(variable: Variable) -> Sum {
        Sum { terms: vec![(variable, 1.0)], constant: 0.0 }
    }

    pub(super) fn plus(&self, other: &Sum, factor: f64) -> Sum {
        let mut sum = self.clone();
        sum.constant += factor * other.constant;
        for (variable, of) in &other.terms {
            match sum.terms.iter_mut().find(|(known, _)| known == variable) {
                Some((_, known)) => *known += factor * of,
                None => sum.terms.push((*variable, factor * of)),
            }
        }
        sum.terms.retain(|(_, factor)| *factor != 0.0);
        sum.terms.sort_by_key(|(variable, _)| *variable);
        sum
    }

    pub(super) fn times(&self, factor: f64) -> Sum {
        Sum::default().plus(self, factor)
    }
}

/// What a formula says at its leaves.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Literal {
    /// The variable is (or is not) one of these words, which are sorted.
    Among { variable: Variable, words: Arc<[Word]>, is: bool },
    /// The sum is below zero, or (not `strict`) at most zero.
    Below { sum: Sum, strict: bool },
}

impl Literal {
    pub(super) fn is(variable: Variable, yes: bool) -> Literal {
        Literal::Among { variable, words: [1].into(), is: yes }
    }

    pub(super) fn negated(&self) -> Literal {
        match self {
            Literal::Among { variable, words, is } => {
                Literal::Among { variable: *variable, words: Arc::clone(words), is: !is }
            }
            Literal::Below { sum, strict } => Literal::Below { sum: sum.times(-1.0), strict: !strict },
        }
    }
}

/// A formula in negation normal form.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Formula {
    Literal(Literal),
    And(Vec<Formula>),
    Or(Vec<Formula>),
}

impl Formula {
    pub(super) const TRUE: Formula = Formula::And(Vec::new());
    pub(super) const FALSE: Formula = Formula::Or(Vec::new());

    pub(super) fn of(value: bool) -> Formula {
        if value { Formula::TRUE } else { Formula::FALSE }
    }

    pub(super) fn is_true(&self) -> bool {
        matches!(self, Formula::And(parts) if parts.is_empty())
    }

    pub(super) fn is_false(&self) -> bool {
        matches!(self, Formula::Or(parts) if parts.is_empty())
    }

    /// All of them.
    pub(super) fn all(parts: impl IntoIterator<Item = Formula>) -> Formula {
        Formula::joined(parts, true)
    }

    /// One of them at least.
    pub(super) fn any(parts: impl IntoIterator<Item = Formula>) -> Formula {
        Formula::joined(parts, false)
    }

    fn joined(parts: impl IntoIterator<Item = Formula>, all: bool) -> Formula {
        let mut flat = Vec::new();
        for part in parts {
            match part {
                part if if all { part.is_true() } else { part.is_false() } => {}
                part if if all { part.is_false() } else { part.is_true() } => return part,
                Formula::And(nested) if all => flat.extend(nested),
                Formula::Or(nested) if !all => flat.extend(nested),
                part => flat.push(part),
            }
        }
        match flat.pop() {
            Some(one) if flat.is_empty() => one,
            Some(last) => {
                flat.push(last);
                if all { Formula::And(flat) } else { Formula::Or(flat) }
            }
            None => Formula::of(all),
        }
    }

    /// Its denial.
    pub(super) fn negated(&self) -> Formula {
        match self {
            Formula::Literal(literal) => Formula::Literal(literal.negated()),
            Formula::And(parts) => Formula::any(parts.iter().map(Formula::negated).collect::<Vec<_>>()),
            Formula::Or(parts) => Formula::all(parts.iter().map(Formula::negated).collect::<Vec<_>>()),
        }
    }

    /// How many literals it has.
    pub(super) fn size(&self) -> usize {
        match self {
            Formula::Literal(_) => 1,
            Formula::And(parts) | Formula::Or(parts) => parts.iter().map(Formula::size).sum(),
        }
    }
}
