//! What examples show of the rules: takes a book and files of examples, gives for every rule which outcomes they show, and for
//! every atom of its condition whether they show that it decides.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use super::cases::{Cases, RuleCase};
use super::setting::Setting;
use super::trial::{Trial, Verdict, deciding, value};
use super::values::{Closures, Values, never_varies};
use super::words::Words;
use crate::expr::{NodeId, Scalar};
use crate::grade::Outcome;
use crate::plan::Plan;
use crate::plan::one::{self, Row};
use crate::{RuleBook, Site};

/// What the examples show of a book.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Coverage {
    /// By rule, in the order of the book.
    pub rules: Vec<RuleCoverage>,
}

/// What the examples show of a rule.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RuleCoverage {
    /// The rule.
    pub rule: Arc<str>,
    /// Where it is declared.
    pub site: Site,
    /// In how many cases it fires, as the file says.
    pub fires: usize,
    /// In how many it is clear.
    pub clear: usize,
    /// In how many it is undetermined.
    pub undetermined: usize,
    /// The atoms of its condition, and of the formula of its points.
    pub atoms: Vec<AtomCoverage>,
}

/// A condition that is not made of conditions, such as `firm.exits < 2`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AtomCoverage {
    /// In the words of the rule language.
    pub text: String,
    /// Whether the examples show that it decides.
    pub shown: AtomShown,
}

/// Whether examples show that an atom decides.
///
/// This is masking MC/DC (modified condition/decision coverage): in one case the atom is true, in another false, the rule
/// comes to something else, and in each of the two it would not have come to what it did if the atom alone had had the other
/// value: for an atom inside a closure at one item of the list, or at every item at which it has this one. What the rule comes to is its outcome, fired, clear or
/// undetermined, and its points if they are computed. "Would have" is what the engine says of the nodes of the rule, with
/// unknown values as everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AtomShown {
    /// Both ways.
    Shown,
    /// Not both ways: no case in which it decides by being true, or none in which it does by being false.
    Missing {
        /// Is there a case in which it decides by being true?
        when_true: bool,
        /// Is there one in which it decides by being false?
        when_false: bool,
    },
    /// No firm can show it: every combination of what the facts of the rule can be was tried; or, for an atom inside a
    /// closure, of what an item and the facts of the firm can be that the closure reads. Nor does an atom decide
    /// that the parameters of the day leave no choice, or in a branch that they never take.
    Impossible,
}

impl Coverage {
    fn count(&self, is: impl Fn(AtomShown) -> bool) -> usize {
        self.rules.iter().flat_map(|rule| &rule.atoms).filter(|atom| is(atom.shown)).count()
    }

    /// How many atoms there are that some firm may show.
    pub fn atoms(&self) -> usize {
        self.count(|shown| shown != AtomShown::Impossible)
    }

    /// How many atoms the examples show to decide.
    pub fn shown(&self) -> usize {
        self.count(|shown| shown == AtomShown::Shown)
    }

    /// How many atoms no firm can show to decide.
    pub fn impossible(&self) -> usize {
        self.count(|shown| shown == AtomShown::Impossible)
    }

    /// The share of atoms that the examples show, in percent; 100 where there are none.
    pub fn percent(&self) -> f64 {
        percent(self.shown(), self.atoms())
    }

    /// The rules that no case shows firing, or none shows clear.
    pub fn one_sided(&self) -> impl Iterator<Item = &RuleCoverage> {
        self.rules.iter().filter(|rule| rule.fires == 0 || rule.clear == 0)
    }
}

pub(super) fn percent(part: usize, whole: usize) -> f64 {
    if whole == 0 { 100.0 } else { 100.0 * part as f64 / whole as f64 }
}

impl RuleBook {
    /// What files of examples (name and JSON text) show of each rule of this book. A case counts for the rule that it names,
    /// if the rule comes to what the file says; a rule that no case names has no atom shown.
    ///
    /// ```
    /// # use risktier::{AtomShown, RuleBook};
    /// # let book = RuleBook::from_sources([("s.rhai", r#"
    /// #     role("p", #{ en: "P", zh: "P" });
    /// #     sector("shops", #{ name: #{ en: "Shops", zh: "商店" } });
    /// #     fact("exits", INT, #{ en: "Exits", zh: "出口", unit: "exits", min: 0 });
    /// #     fact("cellar", BOOL, #{ en: "Is in a cellar", zh: "地下" });
    /// #     rule("S-1", #{ risk: #{ en: "r", zh: "r" }, finding: #{ en: "f", zh: "f" }, when: |firm| firm.cellar && firm.exits < 2,
    /// #         tier: RED, cite: own("an example"), since: date(2020, 1, 1), control: #{ en: "c", zh: "c" },
    /// #         owner: "p", days: 0 });
    /// # "#)]).unwrap();
    /// // The rule asks `firm.cellar && firm.exits < 2`.
    /// let coverage = book.coverage([("s.examples.json", r#"{
    ///     "sector": "shops", "as_of": "2026-11-01", "sound": { "exits": 2, "cellar": false },
    ///     "rules": [{ "rule": "S-1", "fires": [{ "exits": 1, "cellar": true }], "clear": [{ "cellar": true }] }]
    /// }"#)]);
    /// let atoms = &coverage.rules[0].atoms;
    /// assert_eq!((atoms[1].text.as_str(), atoms[1].shown), ("firm.exits < 2", AtomShown::Shown));
    /// // Nothing shows that a shop above ground may have one exit.
    /// assert_eq!((atoms[0].text.as_str(), atoms[0].shown), ("firm.cellar", AtomShown::Missing { when_true: true, when_false: false }));
    /// assert_eq!(coverage.percent(), 50.0);
    /// ```
    pub fn coverage<'t>(&self, files: impl IntoIterator<Item = (&'t str, &'t str)>) -> Coverage {
        let cases = Cases::read(self, files);
        let of_rule = |at: usize| {
            let trial = Trial::of_rule(&self.data, at)?;
            Some(Shown::by(&trial, cases.of_rules.get(&at).map(Vec::as_slice).unwrap_or_default()).coverage(&trial))
        };
        Coverage { rules: (0..self.rules().len()).filter_map(of_rule).collect() }
    }
}

/// What cases show of the atoms of a rule.
pub(super) struct Shown {
    settings: Vec<Setting>,
    pub(super) atoms: Vec<(NodeId, Vec<(bool, Verdict)>)>,
    outcomes: [usize; 3],
}

impl Shown {
    pub(super) fn by(trial: &Trial<'_>, cases: &[RuleCase]) -> Shown {
        let mut shown = Shown {
            settings: Vec::new(),
            atoms: trial.atoms().into_iter().map(|atom| (atom, Vec::new())).collect(),
            outcomes: [0; 3],
        };
        let mut plans: BTreeMap<Setting, Plan> = BTreeMap::new();
        for RuleCase { setting, .. } in cases {
            if !plans.contains_key(setting) {
                plans.insert(setting.clone(), trial.on(setting));
            }
        }
        for case in cases {
            let Some(plan) = plans.get(&case.setting) else { continue };
            let row = case.firm.row(plan);
            if shown.add(trial, plan, &row, Some(case.wanted)) {
                match case.wanted {
                    Outcome::Fired => shown.outcomes[0] += 1,
                    Outcome::Clear => shown.outcomes[1] += 1,
                    Outcome::Undetermined => shown.outcomes[2] += 1,
                }
            }
        }
        shown.settings = plans.into_keys().collect();
        shown
    }

    /// Takes one more firm, if the rule comes to what is wanted; did it?
    pub(super) fn add<'a>(
        &mut self,
        trial: &Trial<'a>,
        plan: &'a Plan,
        row: &Row<'a>,
        wanted: Option<Outcome>,
    ) -> bool {
        let Some(target) = trial.targets.first() else { return false };
        let evaluation = one::run(trial.book, plan, row);
        if wanted.is_some_and(|wanted| target.verdict(&evaluation).0 != wanted) {
            return false;
        }
        for (atom, found) in &mut self.atoms {
            if is_shown(found) {
                continue;
            }
            for one in deciding(trial.book, plan, row, &evaluation, target, *atom) {
                if !found.contains(&one) {
                    found.push(one);
                }
            }
        }
        true
    }

    fn coverage(self, trial: &Trial<'_>) -> RuleCoverage {
        let words = Words { trial, plan: &trial.plan, inserted: None };
        let impossible = self.impossible(trial);
        let atom = |(atom, found): &(NodeId, Vec<(bool, Verdict)>)| AtomCoverage {
            text: words.of(*atom),
            shown: if is_shown(found) {
                AtomShown::Shown
            } else if impossible.contains(atom) {
                AtomShown::Impossible
            } else {
                let has = |value| found.iter().any(|(known, _)| *known == value);
                AtomShown::Missing { when_true: has(true), when_false: has(false) }
            },
        };
        let rule = trial.targets.first().and_then(|target| trial.book.rules.get(target.rule));
        RuleCoverage {
            rule: rule.map_or_else(|| "".into(), |rule| Arc::clone(&rule.id)),
            site: rule.map_or_else(|| Site { script: "".into(), line: 0, column: 0 }, |rule| rule.site.clone()),
            fires: self.outcomes[0],
            clear: self.outcomes[1],
            undetermined: self.outcomes[2],
            atoms: self.atoms.iter().map(atom).collect(),
        }
    }

    /// The atoms that no firm shows, with the day and the parameters of any case.
    fn impossible(&self, trial: &Trial<'_>) -> Vec<NodeId> {
        let mut all: Option<Vec<NodeId>> = None;
        for setting in &self.settings {
            let proved = self.impossible_with(trial, setting);
            all = Some(match all {
                Some(all) => all.into_iter().filter(|atom| proved.contains(atom)).collect(),
                None => proved,
            });
        }
        all.unwrap_or_default()
    }

    fn impossible_with(&self, trial: &Trial<'_>, setting: &Setting) -> Vec<NodeId> {
        let open = || self.atoms.iter().filter(|(_, found)| !is_shown(found)).map(|(atom, _)| *atom);
        if open().next().is_none() {
            return Vec::new();
        }
        let plan = trial.on(setting);
        let live = trial.live(&plan);
        let is_dead = |atom: NodeId| live.get(atom.index()) == Some(&false);
        let mut proved: Vec<NodeId> = open()
            .filter(|atom| {
                is_dead(*atom) || never_varies(trial.book, &plan, *atom) || never_matters(trial, &plan, *atom)
            })
            .collect();
        let values = Values::of(trial.book, &plan);
        let mut all =
            Shown { settings: Vec::new(), atoms: open().map(|atom| (atom, Vec::new())).collect(), outcomes: [0; 3] };
        let tried = values.every(&plan, |row| {
            all.add(trial, &plan, row, None);
            all.atoms.iter().any(|(_, found)| !is_shown(found))
        });
        if tried {
            proved.extend(all.atoms.iter().filter(|(_, found)| !is_shown(found)).map(|(atom, _)| *atom));
        }
        proved
    }
}

/// Is there a value that an atom inside a closure never makes a difference by, whatever the item is? What the aggregates over
/// the list are told of an item is then the same with the atom turned round.
fn never_matters(trial: &Trial<'_>, plan: &Plan, atom: NodeId) -> bool {
    let Some(closures) = Closures::around(plan, atom) else { return false };
    let values = Values::of_items(trial.book, plan, &closures);
    let mut matters = [false; 2];
    let tried = values.every(plan, |row| {
        let before = one::run(trial.book, plan, row);
        if let Scalar::Bool(now) = value(plan, &before, atom, 0)
            && !matters.get(usize::from(now)).copied().unwrap_or(true)
        {
            let after = one::supposing(trial.book, plan, row, &before, (atom, &[0]), Scalar::Bool(!now));
            let differs = |root: &NodeId| value(plan, &before, *root, 0) != value(plan, &after, *root, 0);
            if let Some(matters) = matters.get_mut(usize::from(now)) {
                *matters = closures.roots.iter().any(differs);
            }
        }
        matters != [true; 2]
    });
    tried && matters != [true; 2]
}

/// Is there a case in which the atom decides by being true, and one in which it does by being false, that come to different
/// things?
pub(super) fn is_shown(found: &[(bool, Verdict)]) -> bool {
    found.iter().any(|(value, came)| *value && found.iter().any(|(other, else_came)| !*other && else_came != came))
}
