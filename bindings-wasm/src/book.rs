//! A rule book: opened from bytes, and what is in it.

use risktier::{Amount, Citation, Effect, Entries, Label, Points, RuleBook, Scheme, Site, Supervision, Tier};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::error::Failure;
use crate::grader::NativeGrader;
use crate::{day, json};

#[wasm_bindgen(js_name = Book)]
pub struct NativeBook {
    book: RuleBook,
}

/// A sector, as a page shows it.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Sector<'b> {
    pub id: &'b str,
    pub name: &'b Label,
    /// The key field that it belongs to.
    pub key_field: Option<&'b str>,
    /// Codes of industrial classification.
    pub codes: Vec<&'b str>,
    /// The parts whose rules it takes over.
    pub parts: Vec<&'b str>,
    pub scheme: Option<&'b Scheme>,
    /// What follows from each tier, blue first.
    pub supervision: Vec<Option<&'b Supervision>>,
    /// Ids of its rules, those of its parts too.
    pub rules: Vec<&'b str>,
    pub site: &'b Site,
}

/// A rule, as it is declared.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Rule<'b> {
    pub id: &'b str,
    pub risk: &'b Label,
    pub finding: &'b Label,
    pub control: &'b Label,
    /// The condition, as it is written.
    pub condition: Option<&'b str>,
    /// The least tier that it demands, for a floor.
    pub tier: Option<Tier>,
    /// The scored item that it adds to.
    pub item: Option<&'b str>,
    /// Its points, negative for a deduction, if they are fixed.
    pub points: Option<Points>,
    /// The formula of its points, if they are computed.
    pub formula: Option<&'b str>,
    /// An item of a published list of major hazards.
    pub major: bool,
    /// It cannot be put right, and passes only with time.
    pub lasting: bool,
    pub cite: &'b [Citation],
    /// In force from this day, as YYYY-MM-DD.
    pub since: risktier::Date,
    /// The first day on which it is no longer in force.
    pub until: Option<risktier::Date>,
    /// The post that answers for it.
    pub owner: Option<&'b Label>,
    /// Days to put it right.
    pub days: u32,
    pub site: &'b Site,
}

#[wasm_bindgen(js_class = Book)]
impl NativeBook {
    /// From the bytes of a compiled book.
    pub fn open(bytes: &[u8]) -> Result<NativeBook, Failure> {
        Ok(NativeBook { book: RuleBook::from_compiled(bytes)? })
    }

    #[wasm_bindgen(getter)]
    pub fn hash(&self) -> String {
        self.book.hash().to_owned()
    }

    pub fn grader(&self, as_of: &str) -> Result<NativeGrader, Failure> {
        Ok(NativeGrader::new(self.book.as_of(day(as_of)?)))
    }

    /// One part of what is in it, by name, as JSON.
    pub fn part(&self, name: &str) -> Result<String, Failure> {
        let book = &self.book;
        match name {
            "sectors" => json(&book.sectors().iter().map(|sector| self.sector(sector)).collect::<Vec<_>>()),
            "rules" => json(&book.rules().iter().map(|rule| self.rule(rule)).collect::<Vec<_>>()),
            "facts" => json(&book.facts()),
            "lists" => json(&book.lists()),
            "measures" => json(&book.measures()),
            "parameters" => json(&book.parameters()),
            "tables" => json(&book.tables().iter().filter(|table| !is_empty(&table.entries)).collect::<Vec<_>>()),
            "items" => json(&book.items()),
            "documents" => json(&book.documents()),
            "roles" => json(&book.roles()),
            "key_fields" => json(&book.key_fields()),
            "issued_lists" => json(&book.issued_lists()),
            other => Err(Failure::new("ARGUMENT", format!("a book has no `{other}`; expected one of its parts"))),
        }
    }
}

fn is_empty(entries: &Entries) -> bool {
    match entries {
        Entries::Rows(rows) => rows.is_empty(),
        Entries::Ranges(ranges) => ranges.is_empty(),
    }
}

impl NativeBook {
    fn sector<'b>(&'b self, sector: &'b risktier::Sector) -> Sector<'b> {
        Sector {
            id: &sector.id,
            name: &sector.name,
            key_field: sector.key_field.as_deref(),
            codes: sector.codes.iter().map(|code| &**code).collect(),
            parts: sector.parts.iter().map(|part| &**part).collect(),
            scheme: sector.scheme.as_ref(),
            supervision: sector.supervision.iter().map(Option::as_ref).collect(),
            rules: sector.rules.iter().filter_map(|at| self.book.rules().get(*at)).map(|rule| &*rule.id).collect(),
            site: &sector.site,
        }
    }

    fn rule<'b>(&'b self, rule: &'b risktier::Rule) -> Rule<'b> {
        let (tier, item, points, formula) = match &rule.effect {
            Effect::Floor(tier) => (Some(*tier), None, None, None),
            Effect::Points { item, deduct, amount } => {
                let item = self.book.items().get(*item).map(|item| &*item.id);
                match amount {
                    Amount::Fixed(points) if *deduct => {
                        (None, item, Some(Points::from_thousandths(-points.thousandths())), None)
                    }
                    Amount::Fixed(points) => (None, item, Some(*points), None),
                    Amount::Computed(formula) => (None, item, None, Some(&*formula.text)),
                }
            }
        };
        Rule {
            id: &rule.id,
            risk: &rule.risk,
            finding: &rule.finding,
            control: &rule.control,
            condition: rule.condition.as_deref(),
            tier,
            item,
            points,
            formula,
            major: rule.major,
            lasting: rule.lasting,
            cite: &rule.cite,
            since: rule.since,
            until: rule.until,
            owner: self.book.roles().get(rule.owner).map(|role| &role.name),
            days: rule.days,
            site: &rule.site,
        }
    }
}
