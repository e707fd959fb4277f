//! The cases that are missing: takes a book and files of examples, gives cases that would show what no case shows yet, and
//! notice the mistakes that none notices.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value as Json, json};

use super::cases::{Cases, RuleCase};
use super::coverage::{Shown, is_shown};
use super::grades::GradeTrials;
use super::mutants::{Mutant, mutated};
use super::mutation::{Bench, points};
use super::search::{Base, Step, stepped, steps, written};
use super::setting::Setting;
use super::trial::{Target, Trial, Verdict};
use super::words::Words;
use crate::book::Effect;
use crate::facts::{self, Firm, Reader};
use crate::grade::Outcome;
use crate::plan::Plan;
use crate::plan::one::{self, Row};
use crate::{Date, Points, RuleBook};

/// The most firms that are tried for a rule.
const MOST: usize = 6_000;
/// Of so many cases of a rule others are made.
const BASES: usize = 12;

/// Cases of a rule that are missing.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Suggestion {
    /// The file of examples that they belong into.
    pub file: String,
    /// The rule.
    pub rule: Arc<str>,
    /// What each would show, in the order of `fires`, `clear`, `undetermined`.
    pub shows: Vec<String>,
    /// What to add to the `rules` of the file. It does not hold while it has the key `confirm`: the outcomes are what the engine
    /// made of the rule as it is, and an expert has to say that they are what the clause means.
    pub examples: Json,
}

impl RuleBook {
    /// Cases that files of examples (name and JSON text) lack: those that would show an atom deciding (see
    /// [`RuleBook::coverage`]), and those that would notice a mistake (see [`RuleBook::mutation`]). They are looked for among
    /// firms that differ in one or two values from the sound one or from a case of the rule, at the numbers that it compares
    /// with and next to them. What is not found there is not suggested.
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
    /// // The rule asks `firm.exits < 2`.
    /// let suggestions = book.suggest_examples([("s.examples.json", r#"{
    ///     "sector": "shops", "as_of": "2026-11-01", "sound": { "exits": 3 },
    ///     "rules": [{ "rule": "S-1", "tier": "red", "fires": [{ "exits": 1 }], "clear": [{}] }]
    /// }"#)]);
    /// assert_eq!(suggestions[0].examples["clear"][0].to_string(), r#"{"exits":2}"#);
    /// ```
    pub fn suggest_examples<'t>(&self, files: impl IntoIterator<Item = (&'t str, &'t str)>) -> Vec<Suggestion> {
        let cases = Cases::read(self, files);
        let graders = cases.graders(self);
        let grades = GradeTrials::new(&cases, &graders);
        let reader = Reader::new(&self.data);
        let mut found: BTreeMap<(Home, usize), Vec<Found>> = BTreeMap::new();
        let mut look = |trial: &Trial<'_>| {
            for (home, one) in missing(trial, &cases, &grades, self, &reader) {
                found.entry((home, one.rule)).or_default().push(one);
            }
        };
        for at in 0..self.rules().len() {
            if let Some(trial) = Trial::of_rule(&self.data, at) {
                look(&trial);
            }
        }
        for at in 0..self.measures().len() {
            if let Some(trial) = Trial::of_measure(&self.data, at, &self.rules_reading(at)) {
                look(&trial);
            }
        }
        let suggestion = |((home, rule), found): ((Home, usize), Vec<Found>)| {
            let (name, file) = cases.files.get(home.file)?;
            let rule = self.rules().get(rule)?;
            let mut suggestion = suggestion(name, &rule.id, &rule.effect, &found);
            if let Some(examples) = suggestion.examples.as_object_mut() {
                home.setting.stated(&self.data, file.as_of, examples);
            }
            Some(suggestion)
        };
        found.into_iter().filter_map(suggestion).collect()
    }
}

/// A case that was found.
struct Found {
    rule: usize,
    outcome: Outcome,
    points: Option<i64>,
    change: Map<String, Json>,
    shows: Vec<String>,
}

/// Where cases belong: a file, by its place, and a setting.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Home {
    file: usize,
    setting: Setting,
}

fn suggestion(file: &str, rule: &Arc<str>, effect: &Effect, found: &[Found]) -> Suggestion {
    let of = |outcome: Outcome| found.iter().filter(move |one| one.outcome == outcome);
    let changes = |outcome| of(outcome).map(|one| Json::from(one.change.clone())).collect::<Vec<Json>>();
    let mut examples = json!({ "rule": &**rule, "confirm": "outcomes of the engine: is each what the clause means?" });
    let fires = changes(Outcome::Fired);
    if let Some(map) = examples.as_object_mut() {
        if !fires.is_empty() {
            let stated = of(Outcome::Fired).filter_map(|one| Some(Points::from_thousandths(one.points?).to_f64()));
            let stated: Vec<f64> = stated.collect();
            match effect {
                Effect::Floor(tier) => map.insert("tier".into(), json!(tier)),
                _ if stated.len() == fires.len() => map.insert("points".into(), json!(stated)),
                _ => None,
            };
        }
        map.insert("fires".into(), fires.into());
        map.insert("clear".into(), changes(Outcome::Clear).into());
        let undetermined = changes(Outcome::Undetermined);
        if !undetermined.is_empty() {
            map.insert("undetermined".into(), undetermined.into());
        }
    }
    let order = [Outcome::Fired, Outcome::Clear, Outcome::Undetermined];
    let shows = order.into_iter().flat_map(of).map(|one| one.shows.join("; ")).collect();
    Suggestion { file: file.to_owned(), rule: Arc::clone(rule), shows, examples }
}

/// What is looked for with a trial.
struct Goals<'t, 'b> {
    bench: &'t Bench<'t, 'b>,
    /// None for a measure, whose atoms are no decisions.
    shown: Option<Shown>,
    /// Mutants that survive, and what they make of the plan of the day.
    mutants: Vec<(Mutant, Plan)>,
    fires: bool,
    clear: bool,
}

impl Goals<'_, '_> {
    fn is_reached(&self) -> bool {
        let atoms = self.shown.as_ref().is_none_or(|shown| shown.atoms.iter().all(|(_, found)| is_shown(found)));
        atoms && self.mutants.is_empty() && self.fires && self.clear
    }

    /// What a firm would show: of which rule, what it comes to, and in words. Goals that it reaches are done.
    fn reach(&mut self, plan: &Plan, row: &Row<'_>, with_unknown: bool) -> Option<(Target, Verdict, Vec<String>)> {
        let trial = self.bench.trial;
        let before = one::run(trial.book, plan, row);
        let mut chosen: Option<(Target, Verdict)> = None;
        let mut shows = Vec::new();
        let fits = |verdict: &Verdict| (verdict.0 == Outcome::Undetermined) == with_unknown;
        self.mutants.retain(|(mutant, changed)| {
            let after = one::run(trial.book, changed, row);
            let differs = |target: &&Target| {
                let verdict = target.verdict(&before);
                fits(&verdict)
                    && chosen.is_none_or(|(known, _)| known.rule == target.rule)
                    && verdict != super::mutation::shifted(target, mutant).verdict(&after)
            };
            let Some(target) = trial.targets.iter().find(differs) else { return true };
            chosen = Some((*target, target.verdict(&before)));
            shows.extend(self.bench.describe(mutant).map(|mutant| format!("not `{}`", mutant.to)));
            false
        });
        if let Some(shown) = &mut self.shown
            && let Some(target) = trial.targets.first()
        {
            let verdict = target.verdict(&before);
            let words = Words { trial, plan: &trial.plan, inserted: None };
            for (atom, found) in shown.atoms.iter_mut().filter(|(_, found)| !is_shown(found)) {
                for one in super::trial::deciding(trial.book, plan, row, &before, target, *atom) {
                    // Worth a case if it brings the other value, or what is shown of it at last.
                    if found.contains(&one)
                        || found.iter().any(|(value, _)| *value == one.0) && !is_shown(&with(found, one))
                    {
                        continue;
                    }
                    shows.push(format!("`{}` decides by being {}", words.of(*atom), one.0));
                    found.push(one);
                    chosen = Some((*target, verdict));
                }
            }
            if !self.fires && verdict.0 == Outcome::Fired || !self.clear && verdict.0 == Outcome::Clear {
                shows.push("the outcome".into());
                chosen = Some((*target, verdict));
            }
            self.fires |= verdict.0 == Outcome::Fired;
            self.clear |= verdict.0 == Outcome::Clear;
        }
        chosen.map(|(target, verdict)| (target, verdict, shows))
    }
}

fn with(found: &[(bool, Verdict)], one: (bool, Verdict)) -> Vec<(bool, Verdict)> {
    found.iter().copied().chain([one]).collect()
}

/// The cases that a trial lacks, each with its place.
fn missing(
    trial: &Trial<'_>,
    cases: &Cases,
    grades: &GradeTrials<'_>,
    book: &RuleBook,
    reader: &Reader,
) -> Vec<(Home, Found)> {
    let bench = Bench::new(trial, cases, grades);
    let own: Vec<&RuleCase> =
        trial.targets.iter().flat_map(|target| cases.of_rules.get(&target.rule).into_iter().flatten()).collect();
    let own_of_rule = trial.targets.first().and_then(|target| cases.of_rules.get(&target.rule));
    let shown = trial.measure.is_none().then(|| Shown::by(trial, own_of_rule.map(Vec::as_slice).unwrap_or_default()));
    let has = |outcome| trial.measure.is_some() || own.iter().any(|case| case.wanted == outcome);
    let mut goals =
        Goals { mutants: Vec::new(), bench: &bench, shown, fires: has(Outcome::Fired), clear: has(Outcome::Clear) };
    let mut surviving = bench.surviving();
    let mut found = Vec::new();
    for home in homes(trial, cases, book, &own) {
        let Some((_, file)) = cases.files.get(home.file) else { continue };
        let plan = trial.on(&home.setting);
        // What cannot be made in this setting, or is not found in it, may be in another.
        let mut elsewhere = Vec::new();
        for mutant in std::mem::take(&mut surviving) {
            match mutated(trial, &plan, &mutant, &home.setting) {
                Some(changed) => goals.mutants.push((mutant, changed)),
                None => elsewhere.push(mutant),
            }
        }
        if !goals.is_reached() {
            let at_home = own.iter().filter(|case| case.file == home.file && case.setting == home.setting);
            let changes = std::iter::once(Map::new()).chain(at_home.map(|case| case.change.clone())).take(BASES);
            let read = |change: Map<String, Json>| {
                let whole = file.firm(&change);
                let firm = facts::from_owned(&book.data, reader, whole.clone().into()).ok()?;
                Some(((change, whole), firm))
            };
            let (words, firms): (Vec<_>, Vec<Firm<'static>>) = changes.filter_map(read).unzip();
            let bases: Vec<Base<'_>> = words
                .into_iter()
                .zip(&firms)
                .map(|((change, whole), firm)| Base { row: firm.row(&plan), change, whole })
                .collect();
            for with_unknown in [false, true] {
                let day = home.setting.day;
                search(trial, &plan, day, &bases, &mut goals, with_unknown, |target, verdict, shows, change| {
                    let points = points(trial, &target, verdict);
                    found.push((home.clone(), Found { rule: target.rule, outcome: verdict.0, points, change, shows }));
                });
            }
        }
        surviving = goals.mutants.drain(..).map(|(mutant, _)| mutant).chain(elsewhere).collect();
    }
    found
}

/// Where cases of what is tried belong: those of its cases are, or what a file says of a rule without any.
fn homes(trial: &Trial<'_>, cases: &Cases, book: &RuleBook, own: &[&RuleCase]) -> Vec<Home> {
    let mut homes: Vec<Home> = Vec::new();
    for case in own {
        let home = Home { file: case.file, setting: case.setting.clone() };
        if !homes.contains(&home) {
            homes.push(home);
        }
    }
    if homes.is_empty()
        && let Some(target) = trial.targets.first()
    {
        let has = |sector: &str| book.sector(sector).is_some_and(|sector| sector.rules.contains(&target.rule));
        let file = cases.files.iter().enumerate().find(|(_, (_, file))| has(&file.sector));
        homes.extend(file.map(|(at, (_, file))| Home { file: at, setting: Setting::of_day(file.as_of) }));
    }
    homes
}

fn search(
    trial: &Trial<'_>,
    plan: &Plan,
    day: Date,
    bases: &[Base<'_>],
    goals: &mut Goals<'_, '_>,
    with_unknown: bool,
    mut take: impl FnMut(Target, Verdict, Vec<String>, Map<String, Json>),
) {
    let all: Vec<Vec<Step>> = (0..bases.len()).map(|at| steps(trial, plan, day, bases, at)).collect();
    let mut tried = 0;
    // Firms that differ in nothing, in one value, in two.
    for width in 0..3 {
        for (at, steps) in all.iter().enumerate() {
            let chosen: Box<dyn Iterator<Item = Vec<&Step>>> = match width {
                0 => Box::new(std::iter::once(Vec::new())),
                1 => Box::new(steps.iter().map(|one| vec![one])),
                _ => Box::new(
                    steps
                        .iter()
                        .enumerate()
                        .flat_map(|(nth, one)| steps.iter().skip(nth + 1).map(move |other| vec![one, other])),
                ),
            };
            let share = MOST / 3 * width.max(1) / if width == 2 { all.len().max(1) } else { 1 };
            for chosen in chosen.take(share) {
                if goals.is_reached() || tried > MOST {
                    return;
                }
                tried += 1;
                let Some(row) = stepped(bases, at, &chosen) else { continue };
                if let Some((target, verdict, shows)) = goals.reach(plan, &row, with_unknown)
                    && let Some(change) = written(plan, bases, at, &chosen)
                {
                    take(target, verdict, shows, change);
                }
            }
        }
    }
}
