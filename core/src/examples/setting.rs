//! What a case is graded with: takes the day and the parameters that a file of examples states, gives the plan's constants and a
//! book that has them.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::book::{BookData, ParameterValue};
use crate::expr::Constant;
use crate::{Date, RuleBook, Type, Value};

/// A day, and values of parameters in place of those of the book. The smallest comes first where one stands for all.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Setting {
    pub(super) day: Date,
    /// By index into the book's parameters, in this order.
    parameters: Vec<(usize, Constant)>,
}

impl Setting {
    /// The parameters as the book has them.
    pub(super) fn of_day(day: Date) -> Setting {
        Setting { day, parameters: Vec::new() }
    }

    /// As a file states it; if it cannot be, what is wrong with it.
    pub(super) fn read(book: &BookData, day: Date, stated: &Map<String, Json>) -> Result<Setting, String> {
        let mut setting = Setting::of_day(day);
        for (name, json) in stated {
            let Some(at) = book.parameters.iter().position(|known| *known.name == **name) else {
                let nearest = crate::nearest(name, book.parameters.iter().map(|known| &*known.name));
                let hint = nearest.map_or_else(String::new, |nearest| format!(", did you mean `{nearest}`?"));
                return Err(format!("no parameter `{name}`{hint}"));
            };
            let Some(ty) = book.parameters.get(at).map(|known| known.ty) else { continue };
            let Some(value) = typed(ty, json) else {
                return Err(format!("parameter `{name}`: {json} is no {}", ty.name()));
            };
            setting.parameters.push((at, Constant::from(&value)));
        }
        setting.parameters.sort();
        Ok(setting)
    }

    /// The value of a parameter of the book.
    pub(super) fn value(&self, book: &BookData, parameter: u32) -> Option<Constant> {
        let at = parameter as usize;
        let stated = self.parameters.iter().find(|(known, _)| *known == at).map(|(_, value)| value.clone());
        stated.or_else(|| book.parameters.get(at)?.on(self.day).map(Constant::from))
    }

    /// The book with these parameters.
    pub(super) fn book(&self, book: &RuleBook) -> RuleBook {
        if self.parameters.is_empty() {
            return book.clone();
        }
        let mut data = (*book.data).clone();
        for (at, value) in &self.parameters {
            if let Some(parameter) = data.parameters.get_mut(*at) {
                parameter.values =
                    vec![ParameterValue { since: self.day, value: super::values::value_of(value), cite: Vec::new() }];
                parameter.overridden = true;
            }
        }
        RuleBook { data: Arc::new(data) }
    }

    /// What a file has to state, beside its day: with a key for the parameters, if there are any.
    pub(super) fn stated(&self, book: &BookData, file_day: Date, into: &mut Map<String, Json>) {
        if self.day != file_day {
            into.insert("as_of".into(), Json::from(self.day.to_string()));
        }
        let name = |at: usize| book.parameters.get(at).map(|known| known.name.to_string());
        let stated: Map<String, Json> = self
            .parameters
            .iter()
            .filter_map(|(at, value)| Some((name(*at)?, serde_json::to_value(super::values::value_of(value)).ok()?)))
            .collect();
        if !stated.is_empty() {
            into.insert("parameters".into(), stated.into());
        }
    }
}

fn typed(ty: Type, json: &Json) -> Option<Value> {
    match ty {
        Type::Bool => json.as_bool().map(Value::Bool),
        Type::Int => json.as_i64().map(Value::Int),
        Type::Float => json.as_f64().map(Value::Float),
        Type::Text => json.as_str().map(|text| Value::Text(text.into())),
        Type::Date => json.as_str().and_then(|text| text.parse().ok()).map(Value::Date),
    }
}
