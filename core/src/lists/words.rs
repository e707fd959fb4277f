//! Words that the lists are told in.

use super::{DutyKind, HazardState};
pub(super) use crate::lang::say;
use crate::{Goal, Lang, RuleOutcome};

pub(super) fn outcome(outcome: RuleOutcome, lang: Lang) -> &'static str {
    match outcome {
        RuleOutcome::Fired => say(lang, "found", "已发现"),
        RuleOutcome::Undetermined => say(lang, "to be verified", "待核实"),
        RuleOutcome::Clear => say(lang, "under control", "受控"),
    }
}

pub(super) fn state(state: HazardState, lang: Lang) -> &'static str {
    match state {
        HazardState::Found => outcome(RuleOutcome::Fired, lang),
        HazardState::ToVerify => outcome(RuleOutcome::Undetermined, lang),
    }
}

pub(super) fn kind(kind: DutyKind, lang: Lang) -> &'static str {
    match kind {
        DutyKind::Rectify => say(lang, "rectify", "整改"),
        DutyKind::Establish => say(lang, "establish", "核实"),
    }
}

/// A unit in words. Signs of units are the same everywhere; what is counted has a word in each language.
pub(super) fn unit(unit: &str, lang: Lang) -> &str {
    const COUNTED: [(&str, &str); 14] = [
        ("persons", "人"),
        ("items", "项"),
        ("times", "次"),
        ("days", "天"),
        ("years", "年"),
        ("minutes", "分钟"),
        ("kinds", "种"),
        ("places", "处"),
        ("rooms", "间"),
        ("stores", "座"),
        ("sets", "台"),
        ("steps", "道"),
        ("points", "分"),
        ("10^4 CNY", "万元"),
    ];
    let known = COUNTED.iter().find(|(en, _)| lang == Lang::Zh && *en == unit);
    known.map_or(unit, |(_, zh)| zh)
}

pub(super) fn goal(goal: Goal, lang: Lang) -> &'static str {
    match goal {
        Goal::OnRecord => say(lang, "on record", "按现有记录"),
        Goal::ForCertain => say(lang, "for certain", "确保"),
    }
}
