//! Which column of a table could be which fact, and how sure that is: takes headings and the values of some rows, gives
//! proposals that a person reads and mends.

use serde::Serialize;

use super::{has_thousands, units, yes_no};
use crate::{Fact, Grader, ID_KEY, Label, SECTOR_KEY, Type};

/// A column, with the values of some rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SeenColumn {
    /// Its heading.
    pub name: String,
    /// What stands in it; empty where a cell is.
    pub values: Vec<String>,
}

/// How a column would be read as a fact.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Proposal {
    /// Which of the columns, from 0.
    pub column: usize,
    /// `id`, `sector`, a fact, or `list.field`.
    pub target: String,
    /// How sure it is, 0 to 1.
    pub confidence: f64,
    /// What it was told by.
    pub why: ProposedBy,
    /// `codes = "yes-no"`: the cells are words for yes and no.
    pub yes_no: bool,
    /// Numbers have thousands separators.
    pub thousands: bool,
    /// Numbers have percent signs.
    pub percent: bool,
    /// The unit of the column, where it is another than the fact's.
    pub from: Option<&'static str>,
    /// How dates are written, as in strptime.
    pub date: Option<&'static str>,
}

/// What a proposal was told by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum ProposedBy {
    /// The name of the fact.
    Name,
    /// Its label.
    Label,
}

impl Grader {
    /// The most convincing fact of a sector for each column, each fact once, the surest first; none surer than `least`, 0 to 1, is left
    /// out.
    pub fn propose_mapping(&self, sector: &str, columns: &[SeenColumn], least: f64) -> Vec<Proposal> {
        let facts = self.facts_of(sector).unwrap_or_default();
        let plain = Label { en: "".into(), zh: "".into() };
        let mut all: Vec<Proposal> = Vec::new();
        for (at, column) in columns.iter().enumerate() {
            for key in [ID_KEY, SECTOR_KEY] {
                let (confidence, why) = alike(&column.name, key, &plain);
                all.push(Proposal { confidence, why, ..Proposal::plain(at, key) });
            }
            for fact in &facts.facts {
                all.extend(propose(at, column, fact, &fact.name, 1.0));
            }
            for list in &facts.lists {
                for field in &list.fields {
                    // A field of a list is less likely meant where a fact of the firm would do.
                    all.extend(propose(at, column, field, &format!("{}.{}", list.name, field.name), 0.97));
                }
            }
        }
        all.retain(|one| one.confidence >= least);
        all.sort_by(|a, b| {
            b.confidence.total_cmp(&a.confidence).then(a.column.cmp(&b.column)).then(a.target.cmp(&b.target))
        });
        let mut chosen: Vec<Proposal> = Vec::new();
        for one in all {
            if !chosen.iter().any(|known| known.column == one.column || known.target == one.target) {
                chosen.push(one);
            }
        }
        chosen
    }
}

impl Proposal {
    fn plain(column: usize, target: &str) -> Proposal {
        Proposal {
            column,
            target: target.to_owned(),
            confidence: 0.0,
            why: ProposedBy::Name,
            yes_no: false,
            thousands: false,
            percent: false,
            from: None,
            date: None,
        }
    }
}

fn propose(at: usize, column: &SeenColumn, fact: &Fact, target: &str, weight: f64) -> Option<Proposal> {
    let (likeness, why) = alike(&column.name, &fact.name, &fact.label);
    if likeness < 0.3 {
        return None;
    }
    let mut proposal = Proposal { why, ..Proposal::plain(at, target) };
    let fits = fits(column, fact, &mut proposal);
    proposal.confidence = likeness * (0.4 + 0.6 * fits) * weight;
    Some(proposal)
}

/// How alike a heading is to a fact's name or label, 0 to 1.
fn alike(heading: &str, name: &str, label: &Label) -> (f64, ProposedBy) {
    let words = |text: &str| -> Vec<String> {
        let split = text.to_lowercase();
        let words = split.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        words.map(|word| word.trim_end_matches('s').to_owned()).collect()
    };
    let shared = |a: &[String], b: &[String]| -> f64 {
        if a.is_empty() || b.is_empty() {
            return 0.0;
        }
        let common = a.iter().filter(|word| b.contains(word)).count() as f64;
        2.0 * common / (a.len() + b.len()) as f64
    };
    let (of_heading, of_name) = (words(heading), words(name));
    let by_name = if of_heading == of_name {
        1.0
    } else {
        shared(&of_heading, &of_name).max(strsim::jaro_winkler(&of_heading.concat(), &of_name.concat()).powi(3) * 0.9)
    };
    let by_label = {
        let bare: String = heading.split(['(', '（', '[']).next().unwrap_or(heading).trim().to_owned();
        let zh = if bare.is_empty() || label.zh.is_empty() {
            0.0
        } else if *bare == *label.zh {
            1.0
        } else if bare.is_ascii() {
            0.0
        } else {
            strsim::sorensen_dice(&bare, &label.zh)
        };
        zh.max(shared(&of_heading, &words(&label.en)) * 0.9)
    };
    if by_name >= by_label { (by_name, ProposedBy::Name) } else { (by_label, ProposedBy::Label) }
}

/// How much of what stands in a column the fact could be, 0 to 1; how it would be read is written into the proposal.
fn fits(column: &SeenColumn, fact: &Fact, how: &mut Proposal) -> f64 {
    let given: Vec<&str> = column.values.iter().map(String::as_str).filter(|value| !value.is_empty()).collect();
    let share = |is: &dyn Fn(&str) -> bool| {
        if given.is_empty() { 0.5 } else { given.iter().filter(|value| is(value)).count() as f64 / given.len() as f64 }
    };
    match fact.ty {
        Type::Bool => {
            let codes = yes_no();
            let plain = share(&|value| matches!(value, "true" | "false"));
            if plain < 1.0 && share(&|value| codes.contains_key(value)) > plain {
                how.yes_no = true;
            }
            share(&|value| codes.contains_key(value))
        }
        Type::Int | Type::Float => {
            let bare = |value: &str| value.trim_end_matches(['%', '％']).trim_end().replace(',', "");
            let whole = fact.ty == Type::Int;
            how.thousands = given.iter().any(|value| has_thousands(value));
            how.percent = given.iter().any(|value| value.ends_with(['%', '％']));
            let from = units::named_in(&column.name);
            if let (Some(from), Some(to)) = (from, fact.unit.as_deref())
                && units::factor(from, to).is_some_and(|factor| factor != 1.0)
            {
                how.from = Some(from);
            }
            share(&|value| bare(value).parse::<f64>().is_ok_and(|number| !whole || number.fract() == 0.0))
        }
        Type::Date => {
            let is = |value: &str| value.parse::<crate::Date>().is_ok();
            let formats = ["%Y/%m/%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y%m%d", "%Y年%m月%d日"];
            let reads = |format: &str| share(&|value| jiff::civil::Date::strptime(format, value).is_ok());
            let best = formats.into_iter().max_by(|a, b| reads(a).total_cmp(&reads(b)));
            match best.filter(|format| reads(format) > share(&is)) {
                Some(format) => {
                    how.date = Some(format);
                    reads(format)
                }
                None => share(&is),
            }
        }
        Type::Text if fact.one_of.is_empty() => 0.8,
        Type::Text => share(&|value| fact.one_of.iter().any(|one| **one == *value)),
    }
}
