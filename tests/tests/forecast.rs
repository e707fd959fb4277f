//! A forecast says what grading every day of the horizon says: over random books whose rules and parameters begin and end on the
//! way, and over the examples of the standard book.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

use proptest::prelude::*;
use risktier::{BatchForecast, BatchOptions, Date, ExampleFile, Forecast, Outlook, RuleBook, RuleOutcome, Tier};
use risktier_tests::arrow::batch;
use risktier_tests::book::{Book, MEASURES};
use risktier_tests::expr::{Ty, V};
use risktier_tests::firm::{Firm, FirmOptions, Items, firm};
use risktier_tests::generate::{ALL, Options};
use risktier_tests::rng::Rng;
use risktier_tests::schema::{AS_OF, FACTS, LISTS};
use risktier_tests::table::table;

const HORIZON: i64 = 45;

fn day(after: i64) -> Date {
    Date::from_days(i64::from(AS_OF) + after).unwrap()
}

fn script(date: Date) -> String {
    let text = date.to_string();
    let parts: Vec<i32> = text.split('-').map(|part| part.parse().unwrap()).collect();
    format!("date({}, {}, {})", parts[0], parts[1], parts[2])
}

/// What rules ask of dates.
fn of_dates(rng: &mut Rng) -> String {
    let days = rng.below(60);
    match rng.below(8) {
        0 => "firm.d0 < AS_OF".into(),
        1 => format!("AS_OF - firm.d1 > {days}"),
        2 => format!("firm.d0 + {days} <= AS_OF && firm.b0"),
        3 => format!("firm.inv.some(|i| i.on && AS_OF - i.day >= {days})"),
        4 => format!("firm.tasks.count(|t| !t.done && t.due < AS_OF - {}) > 1", days / 2),
        5 => format!("firm.inv.max(|i| i.day) + {days} < AS_OF"),
        6 => format!("(AS_OF - firm.d0) / 7 > {}", days / 7),
        _ => format!("firm.tasks.sum(|t| if t.due < AS_OF {{ 1 }} else {{ 0 }}) * 2 > {}", 1 + days % 3),
    }
}

/// A random book that asks much of the day, with rules and a parameter that begin and end within the horizon.
fn book(rng: &mut Rng) -> RuleBook {
    let depth = rng.pick(&[1, 2, 2, 3]);
    let mut text = Book::random(rng, Options { measures: MEASURES, ..ALL }, depth, 4).text;
    text = text.replace("firm.d1", "AS_OF");
    text = text.replace("since: date(2030, 1, 1), value: 6", &format!("since: {}, value: 6", script(day(20))));
    let begins = "since: date(2020, 1, 1), control";
    let mut out = String::new();
    for (at, part) in text.split(begins).enumerate() {
        if at > 0 {
            let since = if rng.percent(15) { day(rng.below(50) as i64) } else { day(-100) };
            out += &format!("since: {}, ", script(since));
            if rng.percent(15) {
                out += &format!("until: {}, ", script(since.plus_days(110).unwrap()));
            }
            out += "control";
        }
        out += part;
    }
    for at in 0..4 {
        let (when, tier) = (of_dates(rng), rng.pick(&["YELLOW", "ORANGE", "RED"]));
        out += &format!(
            "\nrule(\"D-{at}\", #{{ risk: #{{ en: \"r\", zh: \"r\" }}, finding: #{{ en: \"f\", zh: \"f\" }}, when: |firm| {when}, \
             tier: {tier}, cite: own(\"t\"), since: date(2020, 1, 1), control: #{{ en: \"c\", zh: \"c\" }}, owner: \"o\", days: 1 }});"
        );
    }
    RuleBook::from_sources([("book", out.as_str())]).unwrap_or_else(|error| panic!("{error}\n{out}"))
}

fn firms(rng: &mut Rng, count: usize) -> Vec<Firm> {
    let mut firms = Vec::new();
    for at in 0..count {
        let unknown = rng.pick(&[0, 0, 15, 40]);
        let edge = rng.pick(&[0, 10]);
        let mut firm = firm(rng, FirmOptions { unknown, edge });
        for (fact, value) in FACTS.iter().zip(&mut firm.facts) {
            // Days that pass within the horizon, or a round number of days after it began.
            if fact.ty == Ty::Date && rng.percent(60) {
                *value = V::Date(AS_OF + rng.below(120) as i32 - 60);
            }
        }
        let days = LISTS.iter().map(|list| list.fields.iter().position(|field| field.ty == Ty::Date));
        for (place, items) in days.zip(&mut firm.lists) {
            let (Some(place), Items::Known(items)) = (place, items) else { continue };
            for item in items.iter_mut().flatten() {
                if rng.percent(60) {
                    item[place] = V::Date(AS_OF + rng.below(120) as i32 - 60);
                }
            }
        }
        firm.id = format!("firm {at}");
        firm.sectors = ["s0", "s1", "s2"].into_iter().filter(|_| rng.percent(50)).map(String::from).collect();
        if firm.sectors.is_empty() || rng.percent(5) {
            firm.sectors.push(rng.pick(&["s1", "s2", "s9"]).into());
        }
        firms.push(firm);
    }
    firms
}

/// The tiers of a firm on every day, by grading it on every day.
fn every_day(book: &RuleBook, firms: &[String], days: i64) -> Vec<Vec<Option<Tier>>> {
    let texts: Vec<&str> = firms.iter().map(String::as_str).collect();
    let on = |day: Date| {
        let grades = book.as_of(day).grade_json_batch(&texts, None).unwrap();
        (0..firms.len()).map(|row| grades.tiers(row).map(|(tier, ..)| tier)).collect::<Vec<_>>()
    };
    (0..=days).map(|after| on(day(after))).collect()
}

/// The changes that the tiers of every day show.
fn changes_of(days: &[Vec<Option<Tier>>], row: usize) -> Vec<(Date, Tier)> {
    let changed = |at: &usize| days[*at][row] != days[*at - 1][row];
    (1..days.len()).filter(changed).map(|at| (day(at as i64), days[at][row].unwrap())).collect()
}

fn told(forecast: &Forecast) -> Vec<(Date, Tier)> {
    forecast.changes.iter().map(|change| (change.on, change.to)).collect()
}

/// What a change says of its rules is what the grades of the two days say.
fn reasons_hold(book: &RuleBook, firm: &str, forecast: &Forecast) {
    for change in &forecast.changes {
        assert!(!change.because.is_empty(), "nothing turns on {}: {firm}", change.on);
        let outcomes = |day: Date| {
            let explained = book.as_of(day).explain_json(firm).unwrap();
            let of = |sector: &risktier::SectorExplanation| {
                let rules = sector.rules.iter();
                rules.map(|rule| ((sector.sector.clone(), rule.rule.clone()), rule.outcome)).collect::<Vec<_>>()
            };
            explained.sectors.iter().flat_map(of).collect::<std::collections::BTreeMap<_, RuleOutcome>>()
        };
        let (was, is) = (outcomes(change.on.plus_days(-1).unwrap()), outcomes(change.on));
        for turn in &change.because {
            let key = (turn.sector.clone(), turn.rule.clone());
            assert_eq!((turn.was, turn.is), (was.get(&key).copied(), is.get(&key).copied()), "{turn:?}");
        }
    }
}

fn agrees(book: &RuleBook, firms: &[Firm], rng: &mut Rng) -> (usize, usize) {
    let outlook = book.as_of(day(0)).look_ahead(day(HORIZON)).unwrap();
    let texts: Vec<String> = firms.iter().map(|firm| firm.json().to_string()).collect();
    let days = every_day(book, &texts, HORIZON);
    let by_json = outlook.forecast_json_batch(&texts.iter().map(String::as_str).collect::<Vec<_>>(), None).unwrap();
    let record_batch = batch(firms, rng);
    let by_arrow = outlook.forecast_batch(&record_batch, &BatchOptions::default()).unwrap();
    let columns = table(firms, rng);
    let by_table = outlook.forecast_table(&columns, &BatchOptions::default()).unwrap();
    let (mut changes, mut turns) = (0, 0);
    for (row, text) in texts.iter().enumerate() {
        let expected = changes_of(&days, row);
        for (kind, batch) in [("json", &by_json), ("arrow", &by_arrow), ("table", &by_table)] {
            assert_eq!(batch.tier(row), days[0][row], "{kind} {text}");
            assert_eq!(batch.changes(row), expected, "{kind} {text}");
        }
        let Ok(forecast) = outlook.forecast_json(text) else {
            assert_eq!(days[0][row], None);
            continue;
        };
        assert_eq!(Some(forecast.tier), days[0][row]);
        assert_eq!(told(&forecast), expected, "{text}");
        assert_eq!(by_json.forecast(row).unwrap(), forecast, "{text}");
        reasons_hold(book, text, &forecast);
        changes += expected.len();
        turns +=
            forecast.changes.iter().flat_map(|change| &change.because).filter(|turn| !turn.behind.is_empty()).count();
    }
    (changes, turns)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn a_forecast_equals_grading_every_day(seed in any::<u64>()) {
        let mut rng = Rng::new(seed);
        let book = book(&mut rng);
        let firms = firms(&mut rng, 12);
        agrees(&book, &firms, &mut rng);
    }
}

#[test]
fn the_random_books_do_turn() {
    let (mut changes, mut turns) = (0, 0);
    for seed in 0..12 {
        let mut rng = Rng::new(1000 + seed);
        let book = book(&mut rng);
        let firms = firms(&mut rng, 20);
        let (more, with_dates) = agrees(&book, &firms, &mut rng);
        changes += more;
        turns += with_dates;
    }
    assert!(changes > 50 && turns > 10, "{changes} changes of tier, {turns} turns with a date behind");
}

/// The firms of the examples of the standard book, by the date of their file.
fn examples() -> Vec<String> {
    let files = risktier_rules::examples().map(|(_, text)| ExampleFile::read(text).unwrap());
    files
        .flat_map(|file| file.firms().map(|firm| serde_json::Value::from(firm).to_string()).collect::<Vec<_>>())
        .collect()
}

fn outlook(book: &RuleBook, days: i64) -> Outlook {
    book.as_of(day(0)).look_ahead(day(days)).unwrap()
}

#[test]
fn every_example_of_the_standard_book_for_four_hundred_days() {
    const DAYS: i64 = 400;
    let book = risktier_rules::book();
    // Every third: grading all of them every day takes minutes.
    let texts: Vec<String> = examples().into_iter().step_by(3).collect();
    assert!(texts.len() > 1000);
    let refs: Vec<&str> = texts.iter().map(String::as_str).collect();
    let outlook = outlook(&book, DAYS);
    let ahead: BatchForecast = outlook.forecast_json_batch(&refs, None).unwrap();
    let days = every_day(&book, &texts, DAYS);
    let mut changes = 0;
    for (row, text) in texts.iter().enumerate() {
        let expected = changes_of(&days, row);
        assert_eq!(ahead.tier(row), days[0][row]);
        assert_eq!(ahead.changes(row), expected, "{text}");
        let forecast = outlook.forecast_json(text).unwrap();
        assert_eq!(told(&forecast), expected, "{text}");
        assert!(forecast.changes.iter().all(|change| !change.because.is_empty()), "{text}");
        changes += expected.len();
    }
    assert!(changes > 150, "{changes} changes");
}

#[test]
fn a_horizon_must_lie_ahead_and_not_too_far() {
    let book = risktier_rules::book();
    let grader = book.as_of(day(0));
    assert!(grader.look_ahead(day(-1)).unwrap_err().to_string().contains("before the grading date"));
    assert!(grader.look_ahead(day(4000)).unwrap_err().to_string().contains("at most 3653 days"));
    let today = grader.look_ahead(day(0)).unwrap();
    let forecast = today.forecast_json(r#"{"sector": "fuel-stations"}"#).unwrap();
    assert!(forecast.changes.is_empty());
}
