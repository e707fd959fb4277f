//! Hindcasts: real disasters, as firms of which only that is known which could be known the day before; graded with
//! the law of that day and with today's.

use std::collections::BTreeMap;
use std::fmt::Write;

use risktier::{Basis, Citation, Date, Grade, Lang, RuleBook, Tier, Type};
use serde::Deserialize;
use serde_json::{Map, Value};

/// The day on which "today's law" is read. A constant: the table must not change with the calendar.
pub const TODAY: (i16, i8, i8) = (2026, 11, 1);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hindcast {
    pub firm: Pair,
    /// The day of the disaster; the firm is graded as of the day before.
    pub date: Date,
    pub dead: u32,
    pub injured: Option<u32>,
    pub sector: Vec<String>,
    pub expected: Expected,
    pub comment: Option<String>,
    pub record: Vec<Statement>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pair {
    pub en: String,
    pub zh: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Expected {
    #[serde(rename = "red")]
    Red,
    /// Nothing was on record: a book that grades it red grades every such firm red.
    #[serde(rename = "not red")]
    NotRed,
}

/// One thing that is said of the firm, with the facts that say it to the rules.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    pub en: String,
    pub zh: String,
    pub known: Known,
    pub basis: StatementBasis,
    pub source: Option<String>,
    #[serde(default)]
    pub facts: Map<String, Value>,
    /// Why no fact of the book says it.
    pub not_used: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Known {
    /// An authority, a test, a permit or a court paper held it before the day.
    Record,
    /// An honest inspection the day before would have seen it.
    Observable,
    /// Known only afterwards: not given to the rules.
    Afterwards,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum StatementBasis {
    Read,
    Recalled,
}

impl Hindcast {
    /// Reads a case and checks that it says of every statement what became of it.
    pub fn read(text: &str) -> Result<Hindcast, String> {
        let case: Hindcast = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let mut seen = BTreeMap::new();
        for statement in &case.record {
            match (statement.known, statement.facts.is_empty(), &statement.not_used) {
                (Known::Afterwards, false, _) => return Err(format!("facts known only afterwards: {}", statement.en)),
                (Known::Afterwards, true, _) | (_, false, None) | (_, true, Some(_)) => {}
                _ => return Err(format!("expected either facts or `not_used`: {}", statement.en)),
            }
            if statement.basis == StatementBasis::Read && statement.source.is_none() {
                return Err(format!("read, but no source: {}", statement.en));
            }
            for fact in statement.facts.keys() {
                if let Some(other) = seen.insert(fact, &statement.en) {
                    return Err(format!("`{fact}` is said twice: {other}; {}", statement.en));
                }
            }
        }
        Ok(case)
    }

    /// The firm as of the eve of the disaster, with its dates moved by some days.
    fn firm(&self, book: &RuleBook, moved: i64, read_only: bool) -> Value {
        let mut firm = Map::new();
        firm.insert("sector".into(), self.sector.clone().into());
        let given = |statement: &&Statement| !read_only || statement.basis == StatementBasis::Read;
        for (name, value) in self.record.iter().filter(given).flat_map(|statement| &statement.facts) {
            let mut value = value.clone();
            let is_date = |facts: &[risktier::Fact], name: &str| {
                facts.iter().any(|fact| *fact.name == *name && fact.ty == Type::Date)
            };
            if let (true, Value::String(day)) = (is_date(book.facts(), name), &mut value) {
                move_day(day, moved);
            }
            if let (Some(list), Value::Array(items)) =
                (book.lists().iter().find(|list| *list.name == **name), &mut value)
            {
                for (field, value) in items.iter_mut().filter_map(Value::as_object_mut).flatten() {
                    if let (true, Value::String(day)) = (is_date(&list.fields, field), value) {
                        move_day(day, moved);
                    }
                }
            }
            firm.insert(name.clone(), value);
        }
        firm.into()
    }

    fn eve(&self) -> Date {
        self.date.plus_days(-1).unwrap()
    }

    /// With the law of the eve.
    pub fn then(&self, book: &RuleBook) -> Grade {
        book.as_of(self.eve()).grade_value(&self.firm(book, 0, false)).unwrap()
    }

    /// As if the firm stood there today; all statements, or only those whose source was read.
    pub fn today(&self, book: &RuleBook, read_only: bool) -> Grade {
        let today = Date::new(TODAY.0, TODAY.1, TODAY.2).unwrap();
        let moved = i64::from(today.days()) - i64::from(self.eve().days());
        book.as_of(today).grade_value(&self.firm(book, moved, read_only)).unwrap()
    }
}

fn move_day(day: &mut String, by: i64) {
    let date: Date = day.parse().unwrap();
    *day = date.plus_days(by).unwrap().to_string();
}

/// The rules that a grade rests on, the worst first.
fn floors<'a>(book: &'a RuleBook, grade: &Grade) -> Vec<(Tier, &'a risktier::Rule)> {
    let mut floors: Vec<(Tier, &risktier::Rule)> = Vec::new();
    for fired in grade.sectors.iter().flat_map(|sector| &sector.fired) {
        if let (Some(tier), Some(rule)) = (fired.tier, book.rule(&fired.rule))
            && floors.iter().all(|(_, known)| known.id != rule.id)
        {
            floors.push((tier, rule));
        }
    }
    floors.sort_by_key(|(tier, _)| std::cmp::Reverse(*tier));
    floors
}

fn names(book: &RuleBook, grade: &Grade) -> String {
    let ids: Vec<&str> =
        floors(book, grade).iter().take_while(|(tier, _)| *tier == grade.tier).map(|(_, rule)| &*rule.id).collect();
    if ids.is_empty() { "the score".into() } else { ids.join(", ") }
}

/// The page of results: a table, and for each case what was known and which rules fire.
pub fn page(book: &RuleBook, cases: &[(String, Hindcast)]) -> String {
    let mut page = String::from(HEAD);
    let mut out = |line: String| {
        page.push_str(&line);
        page.push('\n');
    };
    out("| disaster | day | dead | expected | law of the eve | today's law | what was read alone |".into());
    out("|---|---|---|---|---|---|---|".into());
    for (name, case) in cases {
        let (then, today, read) = (case.then(book), case.today(book, false), case.today(book, true));
        let tier = |grade: &Grade| match grade.tier {
            Tier::Red | Tier::Orange => format!("**{}** ({})", grade.tier.name(Lang::En), names(book, grade)),
            tier => format!("{}, worst {}", tier.name(Lang::En), grade.worst.name(Lang::En)),
        };
        let expected = if case.expected == Expected::Red { "red" } else { "not red" };
        out(format!(
            "| [{}](#{name}) | {} | {} | {expected} | {} | {} | {} |",
            case.firm.en,
            case.date,
            case.dead,
            tier(&then),
            tier(&today),
            tier(&read)
        ));
    }
    for (name, case) in cases {
        out(format!("\n<a id=\"{name}\"></a>\n## {} / {}", case.firm.en, case.firm.zh));
        let injured = case.injured.map(|count| format!(", {count} injured")).unwrap_or_default();
        out(format!("{}: {} dead{injured}. Graded as {}.", case.date, case.dead, case.sector.join(", ")));
        if let Some(comment) = &case.comment {
            out(comment.clone());
        }
        out("\n| known before | | facts |\n|---|---|---|".into());
        for statement in &case.record {
            let known = match statement.known {
                Known::Record => "on record",
                Known::Observable => "to be seen",
                Known::Afterwards => "only afterwards: not given to the rules",
            };
            let basis = match (statement.basis, &statement.source) {
                (StatementBasis::Read, Some(source)) => format!("[read]({source})"),
                _ => "from memory".to_owned(),
            };
            let facts: Vec<String> =
                statement.facts.iter().map(|(fact, value)| format!("`{fact}` = `{value}`")).collect();
            let facts = statement.not_used.clone().unwrap_or_else(|| facts.join("<br>"));
            out(format!("| {}<br>{} | {known}; {basis} | {facts} |", statement.en, statement.zh));
        }
        let (then, today) = (case.then(book), case.today(book, false));
        out("\n| rule | | law of the eve | today's |\n|---|---|---|---|".into());
        let both: Vec<(Tier, &risktier::Rule)> = {
            let (mut all, today) = (floors(book, &then), floors(book, &today));
            all.extend(
                today.into_iter().filter(|(_, rule)| !floors(book, &then).iter().any(|(_, known)| known.id == rule.id)),
            );
            all.sort_by_key(|(tier, _)| std::cmp::Reverse(*tier));
            all
        };
        for (tier, rule) in both {
            let fires = |grade: &Grade| {
                let fired = grade.sectors.iter().flat_map(|sector| &sector.fired).any(|fired| fired.rule == rule.id);
                if fired { tier.name(Lang::En) } else { "" }
            };
            let mut cited = String::new();
            for cite in &rule.cite {
                match cite {
                    Citation::Clause { document, article, basis, .. } => {
                        let recalled = if *basis == Basis::Recalled { " [from memory]" } else { "" };
                        write!(cited, "; {} {article}{recalled}", document.number).unwrap();
                    }
                    Citation::Own { .. } => cited.push_str("; own judgement"),
                }
            }
            out(format!(
                "| {} | {}<br>{}<br>{} | {} | {} |",
                rule.id,
                rule.finding.en,
                rule.finding.zh,
                cited.trim_start_matches("; "),
                fires(&then),
                fires(&today)
            ));
        }
    }
    page
}

const HEAD: &str = "\
# Hindcasts

Real disasters, graded as of the day before: only with what an authority had on record or an honest inspection would have
seen, never with what was found afterwards. Once with the law then in force, as far as the book has it, and once as if the firm
stood there today (its dates moved along).

What this does not show: the cases and their facts were chosen by people who knew the outcome, so the share of reds is an upper
bound, and nothing here says how many sound firms would be called red. One case is here for that reason: nothing was on record,
and it must not be red. Where the law of the eve says less than red, either it was weaker, or the book does not have the older
text: rules are in force from the day of the document that they cite.

This page is written by the tests (`RISKTIER_UPDATE=1 cargo test -p risktier-tests --test hindcasts`); the cases are the JSON files beside it.

";
