//! A concrete firm that shows a finding.

use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::build::{Ask, Builder};
use super::formula::{Copy, Formula, Literal, Variable};
use super::ground::{Ground, TRUE};
use super::solve::{Answer, solve};
use super::theory::{Assigned, Domain, Domains, Model};
use crate::book::Fact;
use crate::expr::NodeId;
use crate::plan::Plan;
use crate::{Date, SECTOR_KEY, Tier, Type};

/// A firm that shows what a finding says, graded by the engine.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Witness {
    /// The firm, as it would be graded.
    #[cfg_attr(feature = "typescript", ts(type = "{ [fact: string]: unknown }"))]
    pub firm: Map<String, Json>,
    /// Its tier.
    pub tier: Tier,
    /// Where a finding compares two firms: the facts that the other has otherwise, and its tier.
    #[cfg_attr(feature = "typescript", ts(type = "[{ [fact: string]: unknown }, Tier] | null"))]
    pub other: Option<(Map<String, Json>, Tier)>,
}

/// A firm of a sector that answers questions so; none if no firm does. An error if it was not decided.
pub(crate) fn firm_for(ground: &Ground<'_>, sector: &str, asks: &[Ask]) -> Result<Option<Map<String, Json>>, ()> {
    let formula = Builder::new(ground, None).all(asks);
    match solve(&formula, ground) {
        Answer::Yes(model) => {
            let asked: Vec<NodeId> = asks.iter().map(|ask| ask.node).collect();
            Ok(Some(Writer::new(ground, &asked, &formula, model).firm(sector, 0, None)))
        }
        Answer::No => Ok(None),
        Answer::Open => Err(()),
    }
}

/// All variables of a formula.
fn variables(formula: &Formula, to: &mut Vec<Variable>) {
    match formula {
        Formula::Literal(Literal::Among { variable, .. }) => to.push(*variable),
        Formula::Literal(Literal::Below { sum, .. }) => to.extend(sum.terms.iter().map(|(variable, _)| *variable)),
        Formula::And(parts) | Formula::Or(parts) => parts.iter().for_each(|part| variables(part, to)),
    }
}

/// Writes a model as the JSON of a firm.
pub(super) struct Writer<'g, 'b> {
    pub(super) ground: &'g Ground<'b>,
    pub(super) model: Model,
    /// Lists that are given even if no item of them was thought of.
    lists: Vec<u32>,
}

impl<'g, 'b> Writer<'g, 'b> {
    /// What a formula mentions and the search left open has some value too.
    pub(super) fn new(ground: &'g Ground<'b>, asked: &[NodeId], formula: &Formula, mut model: Model) -> Writer<'g, 'b> {
        let mut all = Vec::new();
        variables(formula, &mut all);
        for variable in all {
            if !model.contains_key(&variable)
                && let Some(value) = first(ground, variable)
            {
                model.insert(variable, value);
            }
        }
        let mut lists: Vec<u32> = asked.iter().flat_map(|node| ground.lists(*node)).collect();
        lists.sort_unstable();
        lists.dedup();
        Writer { ground, model, lists }
    }

    /// The firm of one copy. With a plan, every fact and list that the plan reads is given.
    pub(super) fn firm(&self, sector: &str, copy: Copy, plan: Option<&Plan>) -> Map<String, Json> {
        let mut firm = Map::new();
        firm.insert(SECTOR_KEY.into(), sector.into());
        if let Some(plan) = plan {
            for fact in &plan.facts {
                self.put_fact(&mut firm, fact.fact as u32, copy);
            }
            for list in &plan.lists {
                firm.insert(list.name.to_string(), Json::Array(self.items(list.list as u32, copy)));
            }
            return firm;
        }
        for variable in self.model.keys() {
            if let Variable::Fact(fact, _) = variable {
                self.put_fact(&mut firm, *fact, copy);
            }
        }
        for list in &self.lists {
            if let Some(of) = self.ground.book.lists.get(*list as usize) {
                firm.insert(of.name.to_string(), Json::Array(self.items(*list, copy)));
            }
        }
        firm
    }

    fn put_fact(&self, firm: &mut Map<String, Json>, fact: u32, copy: Copy) {
        let Some(spec) = self.ground.fact(fact) else { return };
        if self.is_unknown(Variable::FactKnown(fact, copy)) {
            return;
        }
        if let Some(value) = self.json(spec, Variable::Fact(fact, copy)) {
            firm.insert(spec.name.to_string(), value);
        }
    }

    fn items(&self, list: u32, copy: Copy) -> Vec<Json> {
        let Some(of) = self.ground.book.lists.get(list as usize) else { return Vec::new() };
        let mut items = Vec::new();
        for (variable, value) in &self.model {
            let Variable::Item { list: own, item } = variable else { continue };
            if *own != list || *value != Assigned::Word(TRUE) {
                continue;
            }
            let mut fields = Map::new();
            for (at, spec) in of.fields.iter().enumerate() {
                let (field, item) = (at as u32, *item);
                if !self.is_unknown(Variable::FieldKnown { list, item, field, copy })
                    && let Some(value) = self.json(spec, Variable::Field { list, item, field, copy })
                {
                    fields.insert(spec.name.to_string(), value);
                }
            }
            items.push(Json::Object(fields));
        }
        items
    }

    fn is_unknown(&self, known: Variable) -> bool {
        self.of(known).is_some_and(|value| value != Assigned::Word(TRUE))
    }

    /// The value of a variable, or of the one that both firms share.
    fn of(&self, variable: Variable) -> Option<Assigned> {
        let shared = match variable {
            Variable::Fact(fact, _) => Variable::Fact(fact, 0),
            Variable::FactKnown(fact, _) => Variable::FactKnown(fact, 0),
            Variable::Field { list, item, field, .. } => Variable::Field { list, item, field, copy: 0 },
            Variable::FieldKnown { list, item, field, .. } => Variable::FieldKnown { list, item, field, copy: 0 },
            other => other,
        };
        self.model.get(&variable).or_else(|| self.model.get(&shared)).copied()
    }

    fn json(&self, spec: &Fact, variable: Variable) -> Option<Json> {
        let value = self.of(variable).or_else(|| first(self.ground, variable))?;
        Some(match (spec.ty, value) {
            (Type::Bool, Assigned::Word(word)) => (word == TRUE).into(),
            (Type::Text, Assigned::Word(word)) => self.ground.text(word)?.to_string().into(),
            (Type::Text, Assigned::OtherText) => "something else".into(),
            (Type::Int, Assigned::Number(value)) => (value as i64).into(),
            (Type::Float, Assigned::Number(value)) => value.into(),
            (Type::Date, Assigned::Number(value)) => Date::from_days(value as i64)?.to_string().into(),
            _ => return None,
        })
    }
}

/// Some value of a variable.
fn first(ground: &Ground<'_>, variable: Variable) -> Option<Assigned> {
    Some(match ground.domain(variable) {
        Domain::Words(words) if matches!(variable, Variable::FactKnown(..) | Variable::FieldKnown { .. }) => {
            Assigned::Word(*words.last()?)
        }
        Domain::Words(words) => Assigned::Word(*words.first()?),
        Domain::AnyText => Assigned::OtherText,
        Domain::Numbers(range) => Assigned::Number(range.value()?),
    })
}
