//! The analysis of a book: takes the conditions of a book on a day, gives what is odd about them, each with a firm that shows it.
//!
//! | file | takes | gives |
//! |---|---|---|
//! | [`ground`] | a book and a day | its graph without dates and parameters, and what each fact can be |
//! | [`build`] | questions about nodes | a [`formula`] |
//! | [`solve`] | a formula | values that satisfy it, or the proof that none do |
//! | [`witness`] | such values | a firm |
//! | `conditions`, `score`, `influence`, `worse`, `tables`, `dates` | all of these | findings |
//!
//! A finding is reported only if it is proved: that no firm meets a condition, by the formula that no values satisfy; that a
//! firm gets a better tier by getting worse, by that firm, graded by the engine. What is not decided is not reported.

mod build;
mod conditions;
mod dates;
mod formula;
mod ground;
mod influence;
mod linear;
mod range;
mod score;
mod solve;
mod tables;
mod theory;
mod witness;
mod worse;

pub(crate) use build::Ask;
pub(crate) use ground::Ground;
pub use witness::Witness;
pub(crate) use witness::firm_for;
pub use worse::Directions;

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;

use crate::book::{BookData, Effect};
use crate::diagnostic::{Diagnostic, Finding, Problem};
use crate::{Grader, Site};

/// What the analysis of a book came to.
#[derive(Debug, Clone, Serialize)]
pub struct Analysis {
    /// What is odd, in the order of scripts and lines; all of it proved, and shown by a firm where a firm can show it.
    pub findings: Vec<Diagnostic>,
    /// Of the facts that get worse in one direction.
    pub directions: Directions,
}

/// What the checks share.
struct Context<'a> {
    grader: &'a Grader,
    book: &'a BookData,
    ground: Ground<'a>,
    /// Indices of the rules in force.
    rules: Vec<usize>,
    findings: Vec<Diagnostic>,
    /// Rules that fire for no firm, or for every firm: what else is odd about them follows.
    idle: BTreeSet<usize>,
    /// Whether one rule fires wherever another does.
    implied: HashMap<(usize, usize), bool>,
}

impl Grader {
    /// Looks for what is odd about the rules that are in force on the grading date: conditions that no firm, or every firm, meets; rules
    /// that say nothing that others do not say; points, bands, facts and rows of tables without effect; facts that are
    /// declared to be worse in one direction and are not; versions of rules that leave days out. In the order of scripts and lines.
    pub fn check(&self) -> Analysis {
        let book = self.data();
        let rules =
            (0..book.rules.len()).filter(|at| book.rules.get(*at).is_some_and(|rule| rule.in_force(self.as_of())));
        let mut context = Context {
            grader: self,
            book,
            ground: Ground::new(book, self.as_of()),
            rules: rules.collect(),
            findings: Vec::new(),
            idle: BTreeSet::new(),
            implied: HashMap::new(),
        };
        conditions::check(&mut context);
        score::check(&mut context);
        influence::check(&mut context);
        tables::check(&mut context);
        dates::check(&mut context);
        let directions = worse::check(&mut context);
        let mut findings = context.findings;
        findings.sort_by(|a, b| a.site().cmp(b.site()).then_with(|| a.code().cmp(b.code())));
        Analysis { findings, directions }
    }
}

impl Context<'_> {
    fn report(&mut self, finding: Finding, site: &Site, witness: Option<Witness>) {
        let source = self.book.sources.get(&*site.script).and_then(|text| {
            let line = (site.line as usize).checked_sub(1)?;
            let from = text.split_inclusive('\n').take(line).map(str::len).sum::<usize>();
            let length = text.get(from..)?.lines().next()?.len();
            Some((text.clone(), from..from + length))
        });
        let diagnostic = Diagnostic::new(Problem::Found(finding), site.clone(), source, None);
        self.findings.push(diagnostic.shown_by(witness));
    }

    /// The tier of a rule that is a floor.
    fn floor(&self, rule: usize) -> Option<crate::Tier> {
        match self.book.rules.get(rule)?.effect {
            Effect::Floor(tier) => Some(tier),
            Effect::Points { .. } => None,
        }
    }
}
