//! `risktier forecast`: a register in, the days on which its firms change their tiers out.

use std::fs;
use std::path::{Path, PathBuf};

use comfy_table::Cell;
use risktier::{BatchForecast, Date, ExportOptions, Forecast, Grader, Outlook, RuleTurn, Tier, TierChange};
use serde::Serialize;

use crate::Outcome;
use crate::args::ForecastArgs;
use crate::book;
use crate::console::{Console, HEADING, paint_tiers};
use crate::error::CliError;
use crate::follow::whole;
use crate::read::{Firms, Records, Results};
use crate::register::Register;
use crate::report::table;
use crate::words::{count, grouped, say};

/// Firms that are printed; files have all.
const PRINTED: usize = 20;

pub fn run(args: &ForecastArgs, console: &mut Console) -> Result<Outcome, CliError> {
    let register = Register::new(&args.register.files, &args.register.reading)?;
    let grader = book::load(&args.book)?.as_of(book::grading_date(args.as_of)?);
    let until = match args.until {
        Some(until) => until,
        None => grader.as_of().plus_days(args.days.into()).unwrap_or(grader.as_of()),
    };
    let outlook = grader.look_ahead(until).map_err(|error| CliError::Argument {
        option: "until",
        value: until.to_string(),
        expected: error.to_string(),
    })?;
    let lang = console.lang();
    let mut watch = Watch { outlook: &outlook, list: Vec::new(), firms: 0, ungraded: 0 };
    register.open(&grader, ExportOptions { lang, missing: false }, lang)?.read(&mut watch, console)?;
    let Watch { mut list, firms, ungraded, .. } = watch;
    // The soonest first, and of one day the worst.
    list.sort_by(|a, b| (a.on, b.to, b.tier_now, &a.firm).cmp(&(b.on, a.to, a.tier_now, &b.firm)));
    let files = args.out.as_deref().map(|out| write(out, &list, &grader, console)).transpose()?.unwrap_or_default();
    if args.json {
        console.line(serde_json::to_string_pretty(&list).unwrap_or_default())?;
    } else {
        print(&list, &outlook, (firms, ungraded), console)?;
        for file in files {
            console.line(say(lang, format!("wrote {}", file.display()), format!("已写入 {}", file.display())))?;
        }
    }
    Ok(if ungraded > 0 { Outcome::SomeErrors } else { Outcome::Done })
}

/// A firm whose tier changes: its first change, as the monthly report reads it, and all of them.
#[derive(Debug, Serialize)]
struct Watched {
    firm: String,
    name: Option<String>,
    sector: Option<String>,
    tier_now: Tier,
    on: Date,
    to: Tier,
    because: Vec<String>,
    changes: Vec<TierChange>,
}

/// Takes firms, keeps those whose tier changes.
struct Watch<'o> {
    outlook: &'o Outlook,
    list: Vec<Watched>,
    firms: u64,
    ungraded: u64,
}

impl Results for Watch<'_> {
    fn takes_firms(&self) -> bool {
        true
    }

    fn firms(&mut self, firms: &Firms<'_>) -> Result<(), CliError> {
        let wrong = |error: &dyn ToString| CliError::Results(error.to_string());
        let forecasts: BatchForecast = match &firms.records {
            Records::Columns(batch, options) => {
                self.outlook.forecast_batch(batch, options).map_err(|error| wrong(&error))?
            }
            Records::Texts(texts) => self.outlook.forecast_json_batch(texts, None).map_err(|error| wrong(&error))?,
        };
        for row in 0..forecasts.len() {
            self.firms += 1;
            if forecasts.tier(row).is_none() {
                self.ungraded += 1;
            } else if !forecasts.changes(row).is_empty()
                && let Ok(forecast) = forecasts.forecast(row)
            {
                let number = || format!("#{}", self.firms);
                let firm = forecast.id.clone().unwrap_or_else(number);
                let name = firms.names.get(row).cloned().flatten();
                self.list.extend(watched(firm, name, forecast));
            }
        }
        Ok(())
    }
}

fn watched(firm: String, name: Option<String>, forecast: Forecast) -> Option<Watched> {
    let first = forecast.changes.first()?;
    Some(Watched {
        firm,
        name,
        sector: first.because.first().map(|turn| turn.sector.to_string()),
        tier_now: forecast.tier,
        on: first.on,
        to: first.to,
        because: first.because.iter().map(RuleTurn::to_string).collect(),
        changes: forecast.changes,
    })
}

fn print(
    list: &[Watched],
    outlook: &Outlook,
    (firms, ungraded): (u64, u64),
    console: &mut Console,
) -> Result<(), CliError> {
    let lang = console.lang();
    let changing = list.len() as u64;
    let worse = list.iter().filter(|one| one.to > one.tier_now).count() as u64;
    let (from, until) = (outlook.as_of(), outlook.until());
    console.line(say(
        lang,
        format!(
            "{HEADING}{}, {} to {until}: {} of another tier if nobody acts{HEADING:#}, {} worse at first",
            count(firms, "firm", "firms"),
            from,
            grouped(changing),
            grouped(worse)
        ),
        format!("{HEADING}{firms} 家企业，{from} 至 {until}：不采取措施时 {changing} 家等级将变化{HEADING:#}，其中 {worse} 家首先变差"),
    ))?;
    if ungraded > 0 {
        console.line(say(
            lang,
            format!("{} that cannot be graded", count(ungraded, "firm", "firms")),
            format!("{ungraded} 家企业无法定级"),
        ))?;
    }
    if list.is_empty() {
        return Ok(());
    }
    let mut sheet = table(&say(
        lang,
        ["on", "firm", "name", "now", "then", "because of"],
        ["日期", "企业", "名称", "当前", "届时", "原因"],
    ));
    for one in list.iter().take(PRINTED) {
        sheet.add_row(vec![
            Cell::new(one.on),
            Cell::new(&one.firm),
            Cell::new(one.name.as_deref().unwrap_or_default()),
            Cell::new(one.tier_now.name(lang)),
            Cell::new(one.to.name(lang)),
            Cell::new(one.because.join("; ")),
        ]);
    }
    for line in sheet.to_string().lines() {
        console.line(paint_tiers(line.trim_end(), lang))?;
    }
    if list.len() > PRINTED {
        let more = grouped((list.len() - PRINTED) as u64);
        console.line(say(lang, format!("and {more} more"), format!("另有 {more} 家")))?;
    }
    Ok(())
}

/// `forecast.csv` to read, and `forecast.json` for the monthly report.
fn write(out: &Path, list: &[Watched], grader: &Grader, console: &Console) -> Result<Vec<PathBuf>, CliError> {
    fs::create_dir_all(out).map_err(CliError::write(out))?;
    let lang = console.lang();
    let book = grader.book();
    let csv = whole(out, "forecast.csv", |file| {
        let mut csv = csv::Writer::from_writer(file);
        let headings = ["on", "firm", "name", "sector", "tier_now", "to", "rules", "finding", "because"];
        csv.write_record(headings).map_err(|error| error.to_string())?;
        for one in list {
            let turns = one.changes.first().map(|change| change.because.as_slice()).unwrap_or_default();
            let rules: Vec<&str> = turns.iter().map(|turn| &*turn.rule).collect();
            let findings: Vec<&str> =
                rules.iter().filter_map(|rule| Some(book.rule(rule)?.finding.get(lang))).collect();
            csv.write_record([
                one.on.to_string().as_str(),
                &one.firm,
                one.name.as_deref().unwrap_or_default(),
                one.sector.as_deref().unwrap_or_default(),
                one.tier_now.name(lang),
                one.to.name(lang),
                &rules.join(";"),
                &findings.join("; "),
                &one.because.join("; "),
            ])
            .map_err(|error| error.to_string())?;
        }
        csv.flush().map_err(|error| error.to_string())
    })?;
    let json = whole(out, "forecast.json", |file| {
        serde_json::to_writer_pretty(&mut *file, list).map_err(|error| error.to_string())?;
        std::io::Write::write_all(file, b"\n").map_err(|error| error.to_string())
    })?;
    Ok(vec![csv, json])
}
