//! Who moved between tiers since the period before, and why firms became red, or are so no longer.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use serde::{Serialize, Serializer};

use super::period::{GradedFirm, Period};
use crate::book::{Effect, Rule, Sector};
use crate::lang::say;
use crate::{Date, Label, Lang, Points, RuleBook, Tier};

/// Where a firm stands in a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// It has a tier.
    Graded(Tier),
    /// It is in the register, and could not be graded.
    Ungraded,
    /// It is not in the register.
    Absent,
}

impl Standing {
    /// All six: the tiers from blue to red, ungraded, absent.
    pub const ALL: [Standing; 6] = [
        Standing::Graded(Tier::Blue),
        Standing::Graded(Tier::Yellow),
        Standing::Graded(Tier::Orange),
        Standing::Graded(Tier::Red),
        Standing::Ungraded,
        Standing::Absent,
    ];

    fn of(firm: Option<&GradedFirm>) -> Standing {
        match firm.map(|firm| firm.tier) {
            None => Standing::Absent,
            Some(None) => Standing::Ungraded,
            Some(Some(tier)) => Standing::Graded(tier),
        }
    }

    fn index(self) -> usize {
        match self {
            Standing::Graded(tier) => tier as usize,
            Standing::Ungraded => 4,
            Standing::Absent => 5,
        }
    }

    /// Its name for programs: `red`, `ungraded`, `absent`.
    pub fn id(self) -> &'static str {
        match self {
            Standing::Graded(tier) => tier.name(Lang::En),
            Standing::Ungraded => "ungraded",
            Standing::Absent => "absent",
        }
    }

    /// In words of a language.
    pub fn name(self, lang: Lang) -> &'static str {
        match self {
            Standing::Graded(tier) => tier.name(lang),
            Standing::Ungraded => say(lang, "not graded", "未定级"),
            Standing::Absent => say(lang, "not in the register", "不在册"),
        }
    }
}

impl Serialize for Standing {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

/// Who moved since the period before. Firms are known by their ids; of one with several rows the worst counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Migration {
    /// The day of the period before.
    pub from: Date,
    /// The day of this period.
    pub to: Date,
    /// Firms by where they stood (rows) and where they stand (columns), in the order of [`Standing::ALL`].
    pub matrix: [[u64; 6]; 6],
    /// Firms with a tier in both periods, and a worse one now.
    pub worse: u64,
    /// Firms with a tier in both periods, and a better one now.
    pub better: u64,
    /// Firms with the same tier in both periods.
    pub same: u64,
    /// Firms that were not in the register before.
    pub entered: u64,
    /// Firms that are not in the register any more.
    pub left: u64,
    /// Firms that became red: they had another tier, none, or were not in the register.
    pub new_reds: Vec<RedChange>,
    /// Firms that were red, and have a better tier now. Who is ungraded or gone now is not among them.
    pub lifted_reds: Vec<RedChange>,
    /// Rows of both periods that have no id, and cannot be followed.
    pub rows_without_id: u64,
}

/// A firm that became red, or is so no longer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RedChange {
    /// Its id.
    pub firm: String,
    /// Its name.
    pub name: Option<String>,
    /// The sector that decides its tier now.
    pub sector: Option<Arc<str>>,
    /// Its district.
    pub district: Option<Arc<str>>,
    /// Where it stood.
    pub from: Standing,
    /// Where it stands.
    pub to: Standing,
    /// The best tier that its record cannot rule out now.
    pub best: Option<Tier>,
    /// The worst tier that its record cannot rule out now.
    pub worst: Option<Tier>,
    /// The rules that made the difference: those that demand red by themselves where there are any, else those of the score
    /// and of lower tiers.
    pub reasons: Vec<Reason>,
}

/// How a rule made a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReasonKind {
    /// It is found now, and was not.
    Found,
    /// It is found now, as it was before.
    StillFound,
    /// It was found, and is so no longer.
    NoLongerFound,
    /// It was found, and now the record does not say.
    Unknown,
}

impl ReasonKind {
    /// In words of a language.
    pub fn name(self, lang: Lang) -> &'static str {
        match self {
            ReasonKind::Found => say(lang, "found now", "新发现"),
            ReasonKind::StillFound => say(lang, "found as before", "仍存在"),
            ReasonKind::NoLongerFound => say(lang, "no longer found", "不再存在"),
            ReasonKind::Unknown => say(lang, "now unknown", "目前不明"),
        }
    }
}

/// A rule that made a difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// The rule.
    pub rule: Arc<str>,
    /// What is wrong; none if the book has no such rule.
    pub finding: Option<Label>,
    /// How it made a difference.
    pub kind: ReasonKind,
}

/// What a book says of rules, by id.
pub(super) struct Rules<'b> {
    rules: HashMap<&'b str, &'b Rule>,
    /// Those that count for a firm: nothing is wrong when they fire.
    merits: HashSet<&'b str>,
}

/// Does a higher score give a better tier?
fn higher_is_better(sector: &Sector) -> bool {
    let bands = sector.scheme.as_ref().map(|scheme| scheme.bands.as_slice()).unwrap_or_default();
    let lowest = bands.iter().min_by_key(|band| band.from.map(Points::thousandths));
    let highest = bands.iter().max_by_key(|band| band.from.map(Points::thousandths));
    lowest.map(|band| band.tier) >= highest.map(|band| band.tier)
}

impl<'b> Rules<'b> {
    pub(super) fn of(book: &'b RuleBook) -> Rules<'b> {
        let rules: HashMap<&str, &Rule> = book.rules().iter().map(|rule| (&*rule.id, rule)).collect();
        let (mut merits, mut findings) = (HashSet::new(), HashSet::new());
        for sector in book.sectors() {
            let higher_is_better = higher_is_better(sector);
            for rule in sector.rules.iter().filter_map(|at| book.rules().get(*at)) {
                let is_merit = matches!(&rule.effect, Effect::Points { deduct, .. } if *deduct != higher_is_better);
                if is_merit {
                    merits.insert(&*rule.id)
                } else {
                    findings.insert(&*rule.id)
                };
            }
        }
        merits.retain(|rule| !findings.contains(rule));
        Rules { rules, merits }
    }

    pub(super) fn get(&self, id: &str) -> Option<&'b Rule> {
        self.rules.get(id).copied()
    }

    /// It finds something wrong, as far as the book knows it.
    pub(super) fn is_finding(&self, id: &str) -> bool {
        !self.merits.contains(id)
    }

    pub(super) fn demands_red(&self, id: &str) -> bool {
        self.get(id).is_some_and(|rule| matches!(rule.effect, Effect::Floor(Tier::Red)))
    }

    /// Those that demand red by themselves; all, if there are none.
    fn weighty(&self, reasons: Vec<(Arc<str>, ReasonKind)>) -> Vec<Reason> {
        let red = reasons.iter().any(|(rule, _)| self.demands_red(rule));
        let kept = reasons.into_iter().filter(|(rule, _)| !red || self.demands_red(rule));
        let reason = |(rule, kind): (Arc<str>, ReasonKind)| Reason {
            finding: self.get(&rule).map(|rule| rule.finding.clone()),
            rule,
            kind,
        };
        kept.map(reason).collect()
    }
}

impl Migration {
    /// Who moved between two periods.
    pub(super) fn new(before: &Period, now: &Period, rules: &Rules<'_>) -> Migration {
        let (was, is) = (before.by_id(), now.by_id());
        let without_id = |period: &Period| period.firms.iter().filter(|firm| firm.id.is_none()).count() as u64;
        let mut migration = Migration {
            from: before.as_of,
            to: now.as_of,
            matrix: [[0; 6]; 6],
            worse: 0,
            better: 0,
            same: 0,
            entered: 0,
            left: 0,
            new_reds: Vec::new(),
            lifted_reds: Vec::new(),
            rows_without_id: without_id(before) + without_id(now),
        };
        let ids: BTreeSet<&str> = was.keys().chain(is.keys()).copied().collect();
        for id in ids {
            migration.add(id, (was.get(id).copied(), is.get(id).copied()), rules);
        }
        migration
    }

    fn add(&mut self, id: &str, (was, is): (Option<&GradedFirm>, Option<&GradedFirm>), rules: &Rules<'_>) {
        const RED: Standing = Standing::Graded(Tier::Red);
        let (from, to) = (Standing::of(was), Standing::of(is));
        if let Some(cell) = self.matrix.get_mut(from.index()).and_then(|row| row.get_mut(to.index())) {
            *cell += 1;
        }
        self.entered += u64::from(from == Standing::Absent);
        self.left += u64::from(to == Standing::Absent);
        if let (Standing::Graded(from), Standing::Graded(to)) = (from, to) {
            self.worse += u64::from(from < to);
            self.better += u64::from(from > to);
            self.same += u64::from(from == to);
        }
        let change = |firm: &GradedFirm, reasons: Vec<Reason>| RedChange {
            firm: id.to_owned(),
            name: firm.name.clone(),
            sector: firm.sector.clone(),
            district: firm.district.clone(),
            from,
            to,
            best: firm.best,
            worst: firm.worst,
            reasons,
        };
        match (is, to == RED, from == RED) {
            (Some(firm), true, false) => self.new_reds.push(change(firm, why_red(was, firm, rules))),
            (Some(firm), false, true) if to != Standing::Ungraded => {
                self.lifted_reds.push(change(firm, why_lifted(was, firm, rules)));
            }
            _ => {}
        }
    }
}

fn why_red(was: Option<&GradedFirm>, is: &GradedFirm, rules: &Rules<'_>) -> Vec<Reason> {
    let found_before: BTreeSet<&str> = was.into_iter().flat_map(|firm| &firm.fired).map(|rule| &**rule).collect();
    let fired = is.fired.iter().filter(|rule| rules.is_finding(rule));
    let (new, still): (Vec<_>, Vec<_>) = fired
        .map(|rule| {
            let is_new = !found_before.contains(&**rule);
            (Arc::clone(rule), if is_new { ReasonKind::Found } else { ReasonKind::StillFound })
        })
        .partition(|(_, kind)| *kind == ReasonKind::Found);
    // Who had no tier before may be red by what was found then.
    let by_new = new.iter().any(|(rule, _)| rules.demands_red(rule));
    let by_old = still.iter().any(|(rule, _)| rules.demands_red(rule));
    if by_new || (!by_old && !new.is_empty()) { rules.weighty(new) } else { rules.weighty(still) }
}

fn why_lifted(was: Option<&GradedFirm>, is: &GradedFirm, rules: &Rules<'_>) -> Vec<Reason> {
    let found: BTreeSet<&str> = is.fired.iter().map(|rule| &**rule).collect();
    let open: BTreeSet<&str> = is.undetermined.iter().map(|rule| &**rule).collect();
    let before = was.into_iter().flat_map(|firm| &firm.fired).filter(|rule| rules.is_finding(rule));
    let gone = before.filter(|rule| !found.contains(&***rule)).map(|rule| {
        let kind = if open.contains(&**rule) { ReasonKind::Unknown } else { ReasonKind::NoLongerFound };
        (Arc::clone(rule), kind)
    });
    rules.weighty(gone.collect())
}
