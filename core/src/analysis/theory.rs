//! What is known of a firm while a formula is being tried: which words and which numbers each variable can still have.

use std::collections::BTreeMap;

use super::formula::{Literal, Sum, Variable, Word};
use super::linear::{self, Fit, Inequality};
use super::range::Range;

/// What a variable can be before anything is said of it.
#[derive(Debug, Clone)]
pub(super) enum Domain {
    /// One of these words, sorted.
    Words(Vec<Word>),
    /// Any text.
    AnyText,
    Numbers(Range),
}

/// Which words a variable can still be.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Words {
    Among(Vec<Word>),
    AnyBut(Vec<Word>),
}

/// A value for a variable.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Assigned {
    Word(Word),
    /// A text that no condition names.
    OtherText,
    Number(f64),
}

/// Values for the variables of a formula.
pub(super) type Model = BTreeMap<Variable, Assigned>;

pub(super) trait Domains {
    fn domain(&self, variable: Variable) -> Domain;
}

#[derive(Debug, Clone, Default)]
pub(super) struct Theory {
    words: BTreeMap<Variable, Words>,
    ranges: BTreeMap<Variable, Range>,
    sums: Vec<Inequality>,
}

impl Theory {
    fn words(&self, variable: Variable, domains: &dyn Domains) -> Words {
        self.words.get(&variable).cloned().unwrap_or_else(|| match domains.domain(variable) {
            Domain::Words(words) => Words::Among(words),
            Domain::AnyText | Domain::Numbers(_) => Words::AnyBut(Vec::new()),
        })
    }

    fn range(&self, variable: Variable, domains: &dyn Domains) -> Range {
        self.ranges.get(&variable).copied().unwrap_or_else(|| match domains.domain(variable) {
            Domain::Numbers(range) => range,
            Domain::Words(_) | Domain::AnyText => Range::default(),
        })
    }

    /// Takes a literal for true; false if it cannot be.
    pub(super) fn assert(&mut self, literal: &Literal, domains: &dyn Domains) -> bool {
        match literal {
            Literal::Among { variable, words, is } => {
                let left = match (self.words(*variable, domains), is) {
                    (Words::Among(known), is) => {
                        Words::Among(known.into_iter().filter(|word| words.contains(word) == *is).collect())
                    }
                    (Words::AnyBut(not), true) => {
                        Words::Among(words.iter().copied().filter(|word| !not.contains(word)).collect())
                    }
                    (Words::AnyBut(mut not), false) => {
                        not.extend(words.iter().copied());
                        not.sort_unstable();
                        not.dedup();
                        Words::AnyBut(not)
                    }
                };
                let possible = !matches!(&left, Words::Among(words) if words.is_empty());
                self.words.insert(*variable, left);
                possible
            }
            Literal::Below { sum, strict } => match sum.terms.as_slice() {
                [] => is_below(sum.constant, *strict),
                [(variable, factor)] => {
                    let mut range = self.range(*variable, domains);
                    let at = -sum.constant / factor;
                    if *factor > 0.0 {
                        range.at_most(at, *strict);
                    } else {
                        range.at_least(at, *strict);
                    }
                    self.ranges.insert(*variable, range);
                    !range.is_empty() && self.sums_hold(Some(*variable), domains)
                }
                terms => {
                    for (variable, _) in terms {
                        let range = self.range(*variable, domains);
                        self.ranges.insert(*variable, range);
                    }
                    self.sums.push(self.tightened(sum, *strict));
                    self.sums_hold(None, domains)
                }
            },
        }
    }

    /// A sum of whole numbers is a whole number: between 1 and 2 there is none.
    fn tightened(&self, sum: &Sum, strict: bool) -> Inequality {
        let is_whole = |(variable, factor): &(Variable, f64)| {
            factor.fract() == 0.0 && factor.abs() < 1e9 && self.ranges.get(variable).is_some_and(|range| range.whole)
        };
        if !sum.terms.iter().all(is_whole) {
            return Inequality { sum: sum.clone(), strict };
        }
        let divisor = sum.terms.iter().fold(0.0, |divisor, (_, factor)| gcd(divisor, factor.abs()));
        let mut least = Range { whole: true, ..Range::default() };
        least.at_most(-sum.constant / divisor, strict);
        let mut sum = sum.times(1.0 / divisor);
        sum.constant = -least.high.map_or(f64::INFINITY, |high| high.at);
        Inequality { sum, strict: false }
    }

    /// Is there still room for the sums that a variable stands in?
    fn sums_hold(&self, changed: Option<Variable>, domains: &dyn Domains) -> bool {
        let concerned = |one: &&Inequality| {
            changed.is_none_or(|changed| one.sum.terms.iter().any(|(variable, _)| *variable == changed))
        };
        if self.sums.iter().filter(concerned).any(|one| is_below(self.ends(&one.sum, domains).0, one.strict).eq(&false))
        {
            return false;
        }
        self.sums.is_empty() || !matches!(linear::fit(&self.sums, &self.ranges), Fit::None)
    }

    /// The least and the greatest that a sum can be.
    fn ends(&self, sum: &Sum, domains: &dyn Domains) -> (f64, f64) {
        let mut ends = (sum.constant, sum.constant);
        for (variable, factor) in &sum.terms {
            let (low, high) = self.range(*variable, domains).times(*factor);
            ends = (ends.0 + low, ends.1 + high);
        }
        ends
    }

    /// Is a literal true or false whatever the variables still can be?
    pub(super) fn settled(&self, literal: &Literal, domains: &dyn Domains) -> Option<bool> {
        match literal {
            Literal::Among { variable, words, is } => {
                let settled = match self.words(*variable, domains) {
                    Words::Among(known) => {
                        let inside = known.iter().filter(|word| words.contains(word)).count();
                        (inside == 0 || inside == known.len()).then_some(inside > 0)
                    }
                    Words::AnyBut(not) => words.iter().all(|word| not.contains(word)).then_some(false),
                };
                settled.map(|among| among == *is)
            }
            Literal::Below { sum, strict } => match sum.terms.as_slice() {
                [(variable, factor)] => {
                    // The ends of one range say exactly what a bound leaves of it.
                    let range = self.range(*variable, domains);
                    let at = -sum.constant / factor;
                    let (mut inside, mut outside) = (range, range);
                    if *factor > 0.0 {
                        inside.at_most(at, *strict);
                        outside.at_least(at, !*strict);
                    } else {
                        inside.at_least(at, *strict);
                        outside.at_most(at, !*strict);
                    }
                    match (inside.is_empty(), outside.is_empty()) {
                        (true, _) => Some(false),
                        (_, true) => Some(true),
                        _ => None,
                    }
                }
                _ => {
                    let (low, high) = self.ends(sum, domains);
                    if !is_below(low, *strict) {
                        Some(false)
                    } else if is_below(high, *strict) && high.is_finite() {
                        Some(true)
                    } else {
                        None
                    }
                }
            },
        }
    }

    /// Values for everything that was said; none if there are none, or none are found.
    pub(super) fn model(&self) -> Option<Model> {
        let mut model = Model::new();
        for (variable, words) in &self.words {
            let value = match words {
                Words::Among(words) => Assigned::Word(*words.first()?),
                Words::AnyBut(_) => Assigned::OtherText,
            };
            model.insert(*variable, value);
        }
        let sums = match linear::fit(&self.sums, &self.ranges) {
            Fit::Values(values) => values,
            Fit::None | Fit::Unknown => return None,
        };
        for (variable, range) in &self.ranges {
            let value = match sums.get(variable) {
                Some(value) => *value,
                None => range.value()?,
            };
            model.insert(*variable, Assigned::Number(value));
        }
        Some(model)
    }
}

fn gcd(a: f64, b: f64) -> f64 {
    if b == 0.0 { a } else { gcd(b, a % b) }
}

fn is_below(value: f64, strict: bool) -> bool {
    if strict { value < 0.0 } else { value <= 0.0 }
}
