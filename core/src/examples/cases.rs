//! Takes a book and the texts of files of examples, gives their firms, read once for every rule and every sector.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::ExampleFile;
use super::file::GradeExample;
use super::setting::Setting;
use crate::facts::{self, Firm, Reader};
use crate::grade::Outcome;
use crate::{Points, RuleBook, Tier};

/// A firm for which a file says what becomes of a rule.
#[derive(Debug)]
pub(super) struct RuleCase {
    /// Index into the files.
    pub(super) file: usize,
    pub(super) setting: Setting,
    pub(super) firm: Firm<'static>,
    /// What the firm has that the sound one has not.
    pub(super) change: Map<String, Value>,
    pub(super) wanted: Outcome,
    pub(super) tier: Option<Tier>,
    pub(super) points: Option<Points>,
}

/// A firm for which a file says what its grade is.
#[derive(Debug)]
pub(super) struct GradeCase {
    pub(super) setting: Setting,
    pub(super) sector: usize,
    pub(super) firm: Firm<'static>,
    pub(super) wanted: GradeExample,
}

/// The cases of all files that could be read.
#[derive(Debug, Default)]
pub(super) struct Cases {
    pub(super) files: Vec<(String, ExampleFile)>,
    /// By rule of the book.
    pub(super) of_rules: BTreeMap<usize, Vec<RuleCase>>,
    pub(super) of_grades: Vec<GradeCase>,
}

impl Cases {
    /// A file that cannot be read, a rule that the book has not, or has not on the day, and a parameter that it has not, is reported when the examples are run.
    pub(super) fn read<'t>(book: &RuleBook, files: impl IntoIterator<Item = (&'t str, &'t str)>) -> Cases {
        let reader = Reader::new(&book.data);
        let mut cases = Cases::default();
        let by_id: BTreeMap<&str, usize> = book.rules().iter().enumerate().map(|(at, rule)| (&*rule.id, at)).collect();
        for (name, text) in files {
            let Ok(file) = ExampleFile::read(text) else { continue };
            let at = cases.files.len();
            let firm =
                |change: &Map<String, Value>| facts::from_owned(&book.data, &reader, file.firm(change).into()).ok();
            for one in &file.rules {
                let day = one.as_of.unwrap_or(file.as_of);
                let Some(rule) = by_id.get(one.rule.as_str()).copied() else { continue };
                if !book.rules().get(rule).is_some_and(|rule| rule.in_force(day)) {
                    continue;
                }
                let Ok(setting) = Setting::read(&book.data, day, &one.parameters) else { continue };
                let all = [
                    (&one.fires, Outcome::Fired),
                    (&one.clear, Outcome::Clear),
                    (&one.undetermined, Outcome::Undetermined),
                ];
                for (changes, wanted) in all {
                    for (nth, change) in changes.iter().enumerate() {
                        let Some(firm) = firm(change) else { continue };
                        let fires = wanted == Outcome::Fired;
                        let stated = one.points.as_ref().filter(|_| fires).and_then(|points| points.of(nth));
                        cases.of_rules.entry(rule).or_default().push(RuleCase {
                            file: at,
                            setting: setting.clone(),
                            firm,
                            change: change.clone(),
                            wanted,
                            tier: one.tier.filter(|_| fires),
                            points: stated.and_then(Points::from_f64),
                        });
                    }
                }
            }
            let sector = book.sectors().iter().position(|sector| *sector.id == *file.sector);
            for one in &file.grades {
                let (Some(sector), Some(firm)) = (sector, firm(&one.facts)) else { continue };
                let day = one.as_of.unwrap_or(file.as_of);
                let Ok(setting) = Setting::read(&book.data, day, &one.parameters) else { continue };
                cases.of_grades.push(GradeCase { setting, sector, firm, wanted: one.clone() });
            }
            cases.files.push((name.to_owned(), file));
        }
        cases
    }
}
