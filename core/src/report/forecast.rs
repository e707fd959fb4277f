//! What a forecast says, as far as the early-warning list reads it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{Date, Label, Lang, Tier, TierChange};

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
    /// All changes of its tier, the first one first, where the forecast says them.
    #[serde(default, skip_serializing)]
    pub changes: Vec<TierChange>,
}

impl ForecastEntry {
    /// The entry of its first change to a worse tier than it has now, if there is one.
    fn worse(&self) -> Option<ForecastEntry> {
        if self.to > self.tier_now {
            return Some(ForecastEntry { changes: Vec::new(), ..self.clone() });
        }
        let change = self.changes.iter().find(|change| change.to > self.tier_now)?;
        let sector = change.because.first().map(|turn| Arc::clone(&turn.sector));
        Some(ForecastEntry {
            sector: sector.or_else(|| self.sector.clone()),
            on: change.on,
            to: change.to,
            because: Because::Several(change.because.iter().map(|turn| Because::Text(turn.to_string())).collect()),
            changes: Vec::new(),
            ..self.clone()
        })
    }
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

/// Those that get worse than they are, the soonest first, and of one day the worst.
pub(super) fn warnings(forecast: &[ForecastEntry], as_of: Date) -> Vec<ForecastEntry> {
    let mut warnings: Vec<ForecastEntry> =
        forecast.iter().filter_map(ForecastEntry::worse).filter(|entry| entry.on > as_of).collect();
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
    #[test]
    fn who_gets_better_first_is_warned_of_what_comes_after() {
        let text = r#"[
            {"firm": "a", "tier_now": "orange", "on": "2026-11-20", "to": "blue", "because": ["SH-1: ends"], "changes": [
                {"on": "2026-11-20", "from": "orange", "to": "blue",
                 "because": [{"sector": "shops", "rule": "SH-1", "was": "fired", "is": null, "behind": []}]},
                {"on": "2026-12-01", "from": "blue", "to": "red",
                 "because": [{"sector": "shops", "rule": "SH-2", "was": "clear", "is": "fired",
                              "behind": [{"name": "stock.checked_on", "item": 2, "date": "2026-11-30"}]}]}]},
            {"firm": "b", "tier_now": "red", "on": "2026-11-20", "to": "orange", "because": "SH-1: ends"}
        ]"#;
        let forecast: Vec<ForecastEntry> = serde_json::from_str(text).unwrap();
        let warnings = warnings(&forecast, "2026-11-01".parse().unwrap());
        let seen: Vec<_> =
            warnings.iter().map(|one| (&*one.firm, one.on.to_string(), one.to, one.because.text(Lang::En))).collect();
        let because = "SH-2: stock.checked_on[2] 2026-11-30".to_owned();
        assert_eq!(seen, [("a", "2026-12-01".to_owned(), Tier::Red, because)]);
    }
}
