//! What a forecast says, as far as the early-warning list reads it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{Date, Label, Lang, Tier};

/// A firm whose tier will change on a day if nobody acts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForecastEntry {
    /// Its id.
    pub firm: String,
    /// Its name.
    #[serde(default)]
    pub name: Option<String>,
    /// Its sector.
    #[serde(default)]
    pub sector: Option<Arc<str>>,
    /// Its tier now.
    pub tier_now: Tier,
    /// The first day of the other tier.
    pub on: Date,
    /// The tier from that day on.
    pub to: Tier,
    /// Because of what.
    pub because: Because,
}

/// Because of what: a text, a text in both languages, or several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Because {
    /// A text, or the id of a rule.
    Text(String),
    /// Several of them. Before a label, since a pair of texts could be read as one.
    Several(Vec<Because>),
    /// A text in both languages.
    Label(Label),
}

impl Because {
    /// In one line.
    pub fn text(&self, lang: Lang) -> String {
        match self {
            Because::Text(text) => text.clone(),
            Because::Label(label) => label.get(lang).to_owned(),
            Because::Several(several) => several.iter().map(|one| one.text(lang)).collect::<Vec<_>>().join("; "),
        }
    }
}

/// Those that get worse, the soonest first, and of one day the worst.
pub(super) fn warnings(forecast: &[ForecastEntry], as_of: Date) -> Vec<ForecastEntry> {
    let mut warnings: Vec<ForecastEntry> =
        forecast.iter().filter(|entry| entry.to > entry.tier_now && entry.on > as_of).cloned().collect();
    warnings.sort_by(|a, b| (a.on, b.to, &a.firm).cmp(&(b.on, a.to, &b.firm)));
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_of_reasons_is_no_label() {
        let read = |text: &str| serde_json::from_str::<Because>(text).unwrap().text(Lang::Zh);
        assert_eq!(read(r#"["FW-12: licence_until 2026-12-31", "FW-13"]"#), "FW-12: licence_until 2026-12-31; FW-13");
        assert_eq!(read(r#"{"en": "a licence", "zh": "许可证"}"#), "许可证");
        assert_eq!(read(r#""FW-12""#), "FW-12");
    }
}
