//! The examples beside rule scripts: takes a book and the texts of example files, gives a report of every case, what was
//! wanted and what came.

mod cases;
mod coverage;
mod file;
mod grades;
mod mutants;
mod mutation;
mod search;
mod setting;
mod suggest;
mod trial;
mod values;
mod words;

pub use coverage::{AtomCoverage, AtomShown, Coverage, RuleCoverage};
pub use file::{ExampleFile, ExampleFileError};
pub use mutation::{Mutated, Mutation, SurvivingMutant};
pub use suggest::Suggestion;

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use serde_json::Value as Json;

use crate::{Grade, Grader, Points, RuleBook, Tier, Value};
use file::{GradeExample, RuleExamples, StatedPoints};
use setting::Setting;

/// One case of a file of examples, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ExampleCase {
    /// The file.
    pub file: String,
    /// The rule, or the name of the grade.
    pub name: String,
    /// The facts that the case changes of the sound firm, as JSON.
    pub facts: String,
    /// What the file says: `fires`, `clear` or `undetermined` of a rule; the parts of a grade.
    pub wanted: String,
    /// What came in its place; none if the case holds.
    pub came: Option<String>,
}

impl fmt::Display for ExampleCase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: wanted {}", self.file, self.name, self.wanted)?;
        if let Some(came) = &self.came {
            write!(f, ", came {came}")?;
        }
        if self.facts.is_empty() { Ok(()) } else { write!(f, ", with {}", self.facts) }
    }
}

/// What came of all examples.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ExampleReport {
    /// Every case, in the order of the files.
    pub cases: Vec<ExampleCase>,
}

impl ExampleReport {
    /// How many cases hold.
    pub fn passed(&self) -> usize {
        self.cases.len() - self.failed().count()
    }

    /// The cases that do not hold.
    pub fn failed(&self) -> impl Iterator<Item = &ExampleCase> {
        self.cases.iter().filter(|case| case.came.is_some())
    }
}

impl RuleBook {
    /// Runs files of examples (name and JSON text) against this book. A file that cannot be read is a case that does not hold.
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
    /// let report = book.run_examples([("s.examples.json", r#"{
    ///     "sector": "shops", "as_of": "2026-11-01", "sound": { "exits": 2 },
    ///     "rules": [{ "rule": "S-1", "fires": [{ "exits": 1 }], "clear": [{}], "undetermined": [{ "exits": null }] }],
    ///     "grades": [{ "name": "one exit", "facts": { "exits": 1 }, "tier": "orange" }]
    /// }"#)]);
    /// assert_eq!(report.passed(), 3);
    /// let failed = report.failed().next().unwrap();
    /// assert_eq!((failed.wanted.as_str(), failed.came.as_deref()), ("tier orange", Some("tier red")));
    /// ```
    pub fn run_examples<'t>(&self, files: impl IntoIterator<Item = (&'t str, &'t str)>) -> ExampleReport {
        let mut report = ExampleReport::default();
        for (name, text) in files {
            match ExampleFile::read(text) {
                Ok(file) => {
                    let graders = BTreeMap::new();
                    Runner { book: self, name, file: &file, graders, cases: &mut report.cases }.run();
                }
                Err(error) => report.cases.push(ExampleCase {
                    file: name.to_owned(),
                    name: "file".into(),
                    facts: String::new(),
                    wanted: "a file of examples".into(),
                    came: Some(error.to_string()),
                }),
            }
        }
        report
    }
}

struct Runner<'r> {
    book: &'r RuleBook,
    name: &'r str,
    file: &'r ExampleFile,
    /// One for each setting: many cases have the same.
    graders: BTreeMap<Setting, Grader>,
    cases: &'r mut Vec<ExampleCase>,
}

impl Runner<'_> {
    fn run(mut self) {
        for case in &self.file.rules {
            self.rule(case);
        }
        for case in &self.file.grades {
            self.grade(case);
        }
    }

    fn grader(&mut self, setting: Setting) -> Grader {
        let book = self.book;
        let grader = |setting: &Setting| setting.book(book).as_of(setting.day);
        self.graders.entry(setting.clone()).or_insert_with(|| grader(&setting)).clone()
    }

    fn push(&mut self, name: &str, facts: String, wanted: impl Into<String>, came: Option<String>) {
        let (file, name, wanted) = (self.name.to_owned(), name.to_owned(), wanted.into());
        self.cases.push(ExampleCase { file, name, facts, wanted, came });
    }

    fn rule(&mut self, case: &RuleExamples) {
        let day = case.as_of.unwrap_or(self.file.as_of);
        let name = case.rule.as_str();
        let Some(rule) = self.book.rule(name) else {
            return self.push(name, String::new(), "a rule of the book", Some("no such rule".into()));
        };
        if !rule.in_force(day) {
            return self.push(name, String::new(), format!("in force on {day}"), Some("not in force".into()));
        }
        if case.confirm.is_some() {
            let came = "a proposal: read it against the clause, and take `confirm` away";
            self.push(name, String::new(), "cases that somebody has confirmed", Some(came.into()));
        }
        if let Some(StatedPoints::Each(points)) = &case.points
            && points.len() != case.fires.len()
        {
            let (wanted, came) = (format!("points of {} cases", case.fires.len()), format!("of {}", points.len()));
            self.push(name, String::new(), wanted, Some(came));
        }
        let all_of_rule = || self.file.rules.iter().filter(|other| other.rule == case.rule);
        if all_of_rule().all(|case| case.fires.is_empty()) || all_of_rule().all(|case| case.clear.is_empty()) {
            self.push(name, String::new(), "both `fires` and `clear`", Some("one of them is empty".into()));
        }
        let setting = match Setting::read(&self.book.data, day, &case.parameters) {
            Ok(setting) => setting,
            Err(came) => return self.push(name, String::new(), "parameters of the book", Some(came)),
        };
        let grader = self.grader(setting);
        let all = [(&case.fires, "fires"), (&case.clear, "clear"), (&case.undetermined, "undetermined")];
        for (changes, wanted) in all {
            for (nth, change) in changes.iter().enumerate() {
                let facts = serde_json::Value::from(change.clone()).to_string();
                let effect = if wanted == "fires" { Stated::of(case, nth) } else { Stated::default() };
                let came = match grader.grade_value(&self.file.firm(change).into()) {
                    Err(error) => Some(error.to_string()),
                    Ok(grade) => data_errors(&grade).or_else(|| {
                        let came = outcome(&grade, name);
                        if came == wanted { other_effect(&grade, name, &effect) } else { Some(came.to_owned()) }
                    }),
                };
                self.push(name, facts, format!("{wanted}{}", effect.words()), came);
            }
        }
    }

    fn grade(&mut self, case: &GradeExample) {
        let day = case.as_of.unwrap_or(self.file.as_of);
        let setting = match Setting::read(&self.book.data, day, &case.parameters) {
            Ok(setting) => setting,
            Err(came) => return self.push(&case.name, String::new(), "parameters of the book", Some(came)),
        };
        let grader = self.grader(setting);
        let facts = serde_json::Value::from(case.facts.clone()).to_string();
        let grade = match grader.grade_value(&self.file.firm(&case.facts).into()) {
            Ok(grade) => grade,
            Err(error) => return self.push(&case.name, facts, "a grade", Some(error.to_string())),
        };
        let mut wanted = vec![format!("tier {}", case.tier)];
        let mut came: Vec<String> = data_errors(&grade).into_iter().collect();
        let mut differ = |what: &str, expected: String, found: String, is_other: bool, always: bool| {
            if !always {
                wanted.push(format!("{what} {expected}"));
            }
            if is_other {
                came.push(format!("{what} {found}"));
            }
        };
        differ("tier", case.tier.to_string(), grade.tier.to_string(), grade.tier != case.tier, true);
        if let Some(best) = case.best {
            differ("best", best.to_string(), grade.best.to_string(), grade.best != best, false);
        }
        if let Some(worst) = case.worst {
            differ("worst", worst.to_string(), grade.worst.to_string(), grade.worst != worst, false);
        }
        let sector = grade.sectors.first();
        if let Some(score) = case.score {
            let found = sector.and_then(|sector| sector.score).map(|score| score.value.to_f64());
            let text = found.map_or_else(|| "none".into(), |found| found.to_string());
            differ("score", score.to_string(), text, found != Some(score), false);
        }
        for (measure, value) in &case.measures {
            let known = sector.and_then(|sector| sector.measures.iter().find(|known| *known.name == **measure));
            let found = known.and_then(|known| known.value.as_ref());
            let is_other = known.is_none() || !states(value, found);
            let text = match (known, found) {
                (None, _) => "no such measure".into(),
                (_, None) => "unknown".into(),
                (_, Some(found)) => found.to_string(),
            };
            differ(measure, value.to_string(), text, is_other, false);
        }
        let came = (!came.is_empty()).then(|| came.join(", "));
        self.push(&case.name, facts, wanted.join(", "), came);
    }
}

/// Is the value that a file states of a measure the one that it has? Of decimals as a report shows them, not bits.
fn states(stated: &Json, found: Option<&Value>) -> bool {
    let Some(found) = found else { return stated.is_null() };
    let number = match found {
        Value::Int(value) => Some(*value as f64),
        Value::Float(value) => Some(*value),
        _ => None,
    };
    match (stated.as_f64(), number) {
        (Some(stated), Some(found)) => (stated - found).abs() < 1e-9,
        (None, None) => serde_json::to_value(found).is_ok_and(|found| found == *stated),
        _ => false,
    }
}

/// What a file says of the effect of a rule in one case.
#[derive(Debug, Default)]
struct Stated {
    tier: Option<Tier>,
    points: Option<Points>,
}

impl Stated {
    fn of(case: &RuleExamples, nth: usize) -> Stated {
        let points = case.points.as_ref().and_then(|points| points.of(nth)).and_then(Points::from_f64);
        Stated { tier: case.tier, points }
    }

    fn words(&self) -> String {
        let tier = self.tier.map(|tier| format!(", tier {tier}"));
        let points = self.points.map(|points| format!(", points {points}"));
        tier.into_iter().chain(points).collect()
    }
}

/// The effect of a rule that fired, where it is not what was stated.
fn other_effect(grade: &Grade, rule: &str, stated: &Stated) -> Option<String> {
    let fired = grade.sectors.iter().flat_map(|sector| &sector.fired).find(|fired| &*fired.rule == rule)?;
    let tier = stated.tier.filter(|tier| fired.tier != Some(*tier)).map(|_| match fired.tier {
        Some(tier) => format!("tier {tier}"),
        None => "no tier".into(),
    });
    let points = stated.points.filter(|points| fired.points != Some(*points)).map(|_| match fired.points {
        Some(points) => format!("points {points}"),
        None => "no points".into(),
    });
    let came: Vec<String> = tier.into_iter().chain(points).collect();
    (!came.is_empty()).then(|| came.join(", "))
}

fn data_errors(grade: &Grade) -> Option<String> {
    let errors: Vec<String> = grade.data_errors.iter().map(ToString::to_string).collect();
    (!errors.is_empty()).then(|| errors.join("; "))
}

fn outcome(grade: &Grade, rule: &str) -> &'static str {
    let in_any = |has: &dyn Fn(&crate::SectorGrade) -> bool| grade.sectors.iter().any(has);
    if in_any(&|sector| sector.fired.iter().any(|fired| &*fired.rule == rule)) {
        "fires"
    } else if in_any(&|sector| sector.undetermined.iter().any(|open| &*open.rule == rule)) {
        "undetermined"
    } else {
        "clear"
    }
}
