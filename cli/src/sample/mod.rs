//! `risktier sample`: a synthetic register, drawn from the facts that the rules of a book read.
//!
//! [`profile`] finds out, by grading, which values are sound in a sector and which are findings; [`draw`] makes firms of
//! all four tiers from them; [`months`] lets them live on; [`table`] writes them.

mod draw;
mod months;
mod profile;
mod spoil;
mod table;
mod values;

use std::collections::BTreeMap;
use std::path::PathBuf;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use risktier::{Date, Grader, RuleBook};
use serde_json::{Map, Value};

use crate::Outcome;
use crate::args::SampleArgs;
use crate::book;
use crate::console::Console;
use crate::error::CliError;
use crate::register::known_sector;
use crate::words::{grouped, say};
use draw::Draw;
use profile::Profile;
use table::Tables;

/// Firms that are drawn before they are written.
const CHUNK: u64 = 4096;
/// Day of the firms where nothing else gives one: the same arguments give the same files on any day.
const DAY: (i16, i8, i8) = (2026, 11, 1);

/// The sound firm of a sector or part, as the examples beside the rules give it.
struct Example {
    of: String,
    sound: Map<String, Value>,
}

/// Lists that the examples give firms, by the name of the list: ledgers and inventories that hang together.
type ExampleLists = BTreeMap<String, Vec<Value>>;

pub fn run(args: &SampleArgs, console: &mut Console) -> Result<Outcome, CliError> {
    let book = book::load(&args.book)?;
    let (examples, lists, day) = examples(args)?;
    let grader = book.as_of(day);
    for sector in &args.sectors {
        known_sector(&grader, sector)?;
    }
    if args.bad > args.firms {
        return Err(CliError::Argument {
            option: "bad",
            value: args.bad.to_string(),
            expected: format!("at most as many rows as there are firms, {}", args.firms),
        });
    }
    let chosen = |id: &str| args.sectors.is_empty() || args.sectors.iter().any(|sector| sector == id);
    let sectors: Vec<&str> = book.sectors().iter().map(|sector| &*sector.id).filter(|id| chosen(id)).collect();
    let profiles: Vec<Profile<'_>> = sectors
        .par_iter()
        .map(|sector| Profile::new(&grader, sector, &sound(&book, sector, &examples), &lists, args.seed))
        .collect();
    let days = months::days(day, args.months);
    let folders: Vec<PathBuf> = if args.months == 1 {
        vec![args.out.clone()]
    } else {
        let month = |day: &Date| day.to_string().rsplit_once('-').map(|(month, _)| args.out.join(month));
        days.iter().filter_map(month).collect()
    };
    let mut tables: Vec<Tables<'_>> =
        folders.iter().map(|folder| Tables::new(folder, &book, &profiles)).collect::<Result<_, _>>()?;
    let mut written = vec![0u64; tables.len()];
    let bad = spoil::rows(args.firms, args.bad, args.seed);
    let all = months::firms(args.firms, args.months);
    let draw = Draw { grader: &grader, profiles: &profiles, seed: args.seed, firms: all, missing: args.missing };
    for first in (0..all).step_by(CHUNK as usize) {
        let last = all.min(first + CHUNK);
        let firms: Vec<Vec<Option<draw::Firm>>> = (first..last)
            .into_par_iter()
            .map(|at| draw.in_months(at, args.firms, args.months, bad.get(&at).copied()))
            .collect();
        for months in &firms {
            for (firm, (tables, written)) in months.iter().zip(tables.iter_mut().zip(&mut written)) {
                if let Some(firm) = firm {
                    tables.write(firm)?;
                    *written += 1;
                }
            }
        }
    }
    let lang = console.lang();
    for ((day, tables), written) in days.iter().zip(tables).zip(written) {
        let files = tables.finish()?;
        console.line(say(
            lang,
            format!("{} synthetic firms as of {day}, seed {}", grouped(written), args.seed),
            format!("{} 家虚构企业，日期 {day}，种子 {}", grouped(written), args.seed),
        ))?;
        for file in files {
            console.line(say(lang, format!("wrote {}", file.display()), format!("已写入 {}", file.display())))?;
        }
    }
    Ok(Outcome::Done)
}

/// A generator that depends on the seed and on what is drawn, and on nothing else.
fn generator(seed: u64, stream: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(stream);
    rng
}

/// The sound firms of the examples, and the day that they are graded on.
fn examples(args: &SampleArgs) -> Result<(Vec<Example>, ExampleLists, Date), CliError> {
    let mut examples = Vec::new();
    let mut lists = ExampleLists::new();
    let mut day = None;
    for (name, text) in book::examples(&args.book)? {
        let content = |error: serde_json::Error| CliError::Content {
            path: name.clone().into(),
            expected: "the examples of a sector, as JSON",
            error: error.to_string(),
        };
        let json: Value = serde_json::from_str(&text).map_err(content)?;
        let of = json.get("sector").or_else(|| json.get("part")).and_then(Value::as_str);
        collect_lists(&json, &mut lists);
        if let (Some(of), Some(sound)) = (of, json.get("sound").and_then(Value::as_object)) {
            examples.push(Example { of: of.to_owned(), sound: sound.clone() });
        }
        let as_of = json.get("as_of").and_then(Value::as_str).and_then(|date| date.parse::<Date>().ok());
        day = day.max(as_of);
    }
    let (year, month, of_month) = DAY;
    let day = args.as_of.or(day).or(Date::new(year, month, of_month));
    day.map(|day| (examples, lists, day))
        .ok_or_else(|| CliError::Results("there is no day to draw dates around".into()))
}

/// Every array of records inside the examples, under the name that it has there.
fn collect_lists(json: &Value, lists: &mut ExampleLists) {
    match json {
        Value::Object(map) => {
            for (name, value) in map {
                let is_list =
                    value.as_array().is_some_and(|items| !items.is_empty() && items.iter().all(Value::is_object));
                if is_list && !["rules", "grades", "fires", "clear", "undetermined"].contains(&name.as_str()) {
                    let known = lists.entry(name.clone()).or_default();
                    if !known.contains(value) {
                        known.push(value.clone());
                    }
                }
                collect_lists(value, lists);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_lists(item, lists)),
        _ => {}
    }
}

/// What a sound firm of a sector looks like: the examples of its parts, and its own on top.
fn sound(book: &RuleBook, sector: &str, examples: &[Example]) -> Map<String, Value> {
    let parts = book.sector(sector).map(|sector| sector.parts.as_slice()).unwrap_or_default();
    let mut sound = Map::new();
    let own = std::iter::once(sector);
    for of in parts.iter().map(|part| &**part).chain(own) {
        for example in examples.iter().filter(|example| example.of == of) {
            sound.extend(example.sound.clone());
        }
    }
    sound
}

/// How a firm of one sector stands, the worse the greater.
type Standing = (risktier::Tier, risktier::Tier, i64, i64);

fn standing(grader: &Grader, sector: &str, facts: &Map<String, Value>) -> Option<Standing> {
    let mut firm = facts.clone();
    firm.insert(risktier::SECTOR_KEY.into(), sector.into());
    let grade = grader.grade_value(&Value::Object(firm)).ok()?;
    let score = grade.sectors.first().and_then(|sector| sector.score);
    let (value, low) = score.map_or((0, 0), |score| (-score.value.thousandths(), -score.low.thousandths()));
    Some((grade.tier, grade.worst, value, low))
}
