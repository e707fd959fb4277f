//! Which facts and lists the firms of a sector are asked for.

use serde::Serialize;

use super::Grader;
use crate::{Fact, List, Rule, RuleBook};

/// What rules read: those of a sector on the grading date, with the measures that are reported with its grades; or some.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SectorFacts<'b> {
    /// Single-valued facts, in the order of the book.
    pub facts: Vec<&'b Fact>,
    /// Lists, in the order of the book.
    pub lists: Vec<&'b List>,
}

impl RuleBook {
    /// The facts and lists that some rules read, on whatever date.
    ///
    /// ```
    /// # use risktier::RuleBook;
    /// # let book = RuleBook::from_sources([("s.rhai", r#"
    /// #     role("p", #{ en: "P", zh: "P" });
    /// #     sector("shops", #{ name: #{ en: "Shops", zh: "商店" } });
    /// #     fact("exits", INT, #{ en: "Exits", zh: "出口", unit: "exits", min: 0 });
    /// #     rule("S-1", #{ risk: #{ en: "r", zh: "r" }, finding: #{ en: "f", zh: "f" }, when: |firm| firm.exits < 2,
    /// #         tier: RED, cite: own("an example"), since: date(2020, 1, 1), control: #{ en: "c", zh: "c" },
    /// #         owner: "p", days: 0 });
    /// # "#)]).unwrap();
    /// let facts = book.facts_read_by(book.rules());
    /// assert_eq!(&*facts.facts[0].name, "exits");
    /// ```
    pub fn facts_read_by<'r>(&self, rules: impl IntoIterator<Item = &'r Rule>) -> SectorFacts<'_> {
        let (facts, lists) = self.data.read_by(rules.into_iter().flat_map(Rule::nodes));
        SectorFacts {
            facts: self.facts().iter().zip(facts).filter(|(_, read)| *read).map(|(fact, _)| fact).collect(),
            lists: self.lists().iter().zip(lists).filter(|(_, read)| *read).map(|(list, _)| list).collect(),
        }
    }
}

impl Grader {
    /// The facts and lists that the rules of a sector read; none if the book has no such sector.
    ///
    /// ```
    /// # use risktier::{Date, RuleBook};
    /// # let book = RuleBook::from_sources([("s.rhai", r#"
    /// #     role("p", #{ en: "P", zh: "P" });
    /// #     sector("shops", #{ name: #{ en: "Shops", zh: "商店" } });
    /// #     fact("exits", INT, #{ en: "Exits", zh: "出口", unit: "exits", min: 0 });
    /// #     rule("S-1", #{ risk: #{ en: "r", zh: "r" }, finding: #{ en: "f", zh: "f" }, when: |firm| firm.exits < 2,
    /// #         tier: RED, cite: own("an example"), since: date(2020, 1, 1), control: #{ en: "c", zh: "c" },
    /// #         owner: "p", days: 0 });
    /// # "#)]).unwrap();
    /// let grader = book.as_of(Date::new(2026, 11, 1).unwrap());
    /// let facts = grader.facts_of("shops").unwrap();
    /// assert_eq!(&*facts.facts[0].name, "exits");
    /// ```
    pub fn facts_of(&self, sector: &str) -> Option<SectorFacts<'_>> {
        let book = self.data();
        let plan = self.plan(self.sector_index(sector)?)?;
        let facts = book.facts.iter().enumerate().filter(|(at, _)| plan.slot_of_fact(*at).is_some());
        let lists = book.lists.iter().enumerate().filter(|(at, _)| plan.slot_of_list(*at).is_some());
        Some(SectorFacts { facts: facts.map(|(_, fact)| fact).collect(), lists: lists.map(|(_, list)| list).collect() })
    }
}
