//! Is there a firm that a formula holds for? Takes a formula and the domains of its variables, gives values that satisfy it, or
//! the proof that none do (analytic tableaux: literals narrow what variables can be, alternatives are tried one by one).

use super::formula::Formula;
use super::theory::{Domains, Model, Theory};

/// The answer to a formula.
#[derive(Debug)]
pub(super) enum Answer {
    /// A firm with these values satisfies it.
    Yes(Model),
    /// No firm does.
    No,
    /// It was not decided with the steps allowed.
    Open,
}

impl Answer {
    pub(super) fn is_no(&self) -> bool {
        matches!(self, Answer::No)
    }
}

/// Alternatives that are tried before the analysis gives up. Conditions of rules need tens.
const MOST_STEPS: u32 = 1500;
/// Literals beyond which a formula is not tried.
const LARGEST: usize = 20_000;

pub(super) fn solve(formula: &Formula, domains: &dyn Domains) -> Answer {
    if formula.size() > LARGEST {
        return Answer::Open;
    }
    let mut search = Search { domains, steps: 0, gave_up: false };
    match search.run(Theory::default(), vec![formula.clone()], Vec::new()) {
        Some(model) => Answer::Yes(model),
        None if search.gave_up => Answer::Open,
        None => Answer::No,
    }
}

struct Search<'d> {
    domains: &'d dyn Domains,
    steps: u32,
    /// A branch was left without knowing that it holds nothing.
    gave_up: bool,
}

impl Search<'_> {
    fn run(&mut self, mut theory: Theory, mut pending: Vec<Formula>, mut open: Vec<Vec<Formula>>) -> Option<Model> {
        loop {
            while let Some(formula) = pending.pop() {
                match formula {
                    Formula::Literal(literal) => {
                        if !theory.assert(&literal, self.domains) {
                            return None;
                        }
                    }
                    Formula::And(parts) => pending.extend(parts),
                    Formula::Or(parts) => open.push(parts),
                }
            }
            // Alternatives that what is known rules out; where one is left it holds.
            let mut left = Vec::with_capacity(open.len());
            for parts in open {
                let mut alive = Vec::with_capacity(parts.len());
                let mut holds = false;
                for part in parts {
                    match self.settled(&theory, &part) {
                        Some(true) => holds = true,
                        Some(false) => {}
                        None => alive.push(part),
                    }
                }
                if holds {
                    continue;
                }
                match alive.len() {
                    0 => return None,
                    1 => pending.append(&mut alive),
                    _ => left.push(alive),
                }
            }
            open = left;
            if pending.is_empty() {
                break;
            }
        }
        let Some((at, _)) = open.iter().enumerate().min_by_key(|(_, parts)| parts.len()) else {
            let model = theory.model();
            self.gave_up |= model.is_none();
            return model;
        };
        let parts = open.swap_remove(at);
        let mut theory = theory;
        for part in parts {
            self.steps += 1;
            if self.steps > MOST_STEPS {
                self.gave_up = true;
                return None;
            }
            let tried = match &part {
                Formula::Literal(literal) => Some(literal.negated()),
                _ => None,
            };
            if let Some(model) = self.run(theory.clone(), vec![part], open.clone()) {
                return Some(model);
            }
            // What was tried with an alternative need not be tried again with the next.
            if let Some(not) = tried
                && !theory.assert(&not, self.domains)
            {
                return None;
            }
        }
        None
    }

    fn settled(&self, theory: &Theory, formula: &Formula) -> Option<bool> {
        match formula {
            Formula::Literal(literal) => theory.settled(literal, self.domains),
            Formula::And(parts) => {
                let mut all = true;
                for part in parts {
                    match self.settled(theory, part) {
                        Some(false) => return Some(false),
                        Some(true) => {}
                        None => all = false,
                    }
                }
                all.then_some(true)
            }
            Formula::Or(parts) => {
                let mut none = true;
                for part in parts {
                    match self.settled(theory, part) {
                        Some(true) => return Some(true),
                        Some(false) => {}
                        None => none = false,
                    }
                }
                none.then_some(false)
            }
        }
    }
}
