//! `risktier report`: dated results of `risktier grade` in, the monthly report out.

use std::fs;
use std::io::Write;
use std::path::Path;

use risktier::FollowedHazard;
use risktier::report::{ForecastEntry, Indicators, MonthlyReport, Period, STANDARD_INDICATORS};

use crate::Outcome;
use crate::args::{ReportArgs, ReportFormat};
use crate::book;
use crate::console::Console;
use crate::error::CliError;
use crate::follow::{follow, whole};
use crate::period::{self, Graded};
use crate::read::content;
use crate::words::say;

pub fn run(args: &ReportArgs, console: &mut Console) -> Result<Outcome, CliError> {
    if args.print_indicators {
        console.line(STANDARD_INDICATORS.trim_end())?;
        return Ok(Outcome::Done);
    }
    let Some(out) = &args.out else {
        return Err(CliError::Argument { option: "out", value: String::new(), expected: "a folder".into() });
    };
    let lang = console.lang();
    let indicators = args.indicators.as_deref().map_or_else(|| Ok(Indicators::standard()), indicators)?;
    let forecast = args.forecast.as_deref().map(forecast).transpose()?;
    let book = book::load(&args.book)?;
    let periods = periods(args)?;
    let report = MonthlyReport::new(periods, &book, &indicators, forecast.as_deref())
        .map_err(|error| CliError::Results(error.to_string()))?;
    for sentence in report.sentences(lang) {
        console.line(sentence)?;
    }
    for left_out in &report.left_out {
        let (what, why) = (left_out.what.get(lang), left_out.why.get(lang));
        console.warning(say(lang, format!("left out: {what}: {why}"), format!("未包含：{what}：{why}")));
    }
    fs::create_dir_all(out).map_err(CliError::write(out))?;
    let formats = if args.formats.is_empty() { ReportFormat::ALL.as_slice() } else { &args.formats };
    for format in ReportFormat::ALL.iter().filter(|format| formats.contains(format)) {
        let file = match format {
            ReportFormat::Html => whole(out, "report.html", |file| {
                file.write_all(report.to_html(lang).as_bytes()).map_err(|error| error.to_string())
            }),
            ReportFormat::Xlsx => {
                whole(out, "report.xlsx", |file| report.to_xlsx(lang, file).map_err(|error| error.to_string()))
            }
            ReportFormat::Json => whole(out, "report.json", |file| {
                serde_json::to_writer_pretty(&mut *file, &report).map_err(|error| error.to_string())?;
                file.write_all(b"\n").map_err(|error| error.to_string())
            }),
        }?;
        console.line(say(lang, format!("wrote {}", file.display()), format!("已写入 {}", file.display())))?;
    }
    Ok(Outcome::Done)
}

fn indicators(path: &Path) -> Result<Indicators, CliError> {
    let text = fs::read_to_string(path).map_err(CliError::read(path))?;
    Indicators::from_toml(&text).map_err(|error| content(path, "indicators in TOML", error))
}

fn forecast(path: &Path) -> Result<Vec<ForecastEntry>, CliError> {
    let text = fs::read_to_string(path).map_err(CliError::read(path))?;
    serde_json::from_str(&text).map_err(|error| content(path, "a forecast, as `risktier forecast` writes it", error))
}

/// Reads the folders in the order of their days. Where one has no follow-up, its lists are followed from the period before.
fn periods(args: &ReportArgs) -> Result<Vec<Period>, CliError> {
    let mut dated: Vec<(Graded, &Path)> = Vec::new();
    for folder in &args.periods {
        dated.push((period::graded(folder)?, folder));
    }
    dated.sort_by_key(|(graded, _)| graded.as_of);
    let mut periods: Vec<Period> = Vec::with_capacity(dated.len());
    for (graded, folder) in dated {
        let Some(path) = period::grades_file(folder) else {
            let nothing = "there is no grades.csv, .jsonl or .parquet in it";
            return Err(content(folder, "a folder of `risktier grade --out`", nothing));
        };
        let grades = period::grades(&path, Some(&args.district))?;
        let before = periods.last().and_then(|before| before.hazards.as_deref());
        let hazards = hazards(folder, before.unwrap_or_default(), &graded)?;
        periods.push(Period {
            as_of: graded.as_of,
            book: graded.book,
            engine: graded.engine,
            firms: grades.firms,
            has_districts: grades.has_district,
            has_missing: grades.has_missing,
            hazards,
        });
    }
    Ok(periods)
}

fn hazards(folder: &Path, before: &[FollowedHazard], graded: &Graded) -> Result<Option<Vec<FollowedHazard>>, CliError> {
    if let Some(path) = period::file(folder, "follow.jsonl") {
        let hazards = period::followed(&path)?;
        return match hazards.iter().find(|hazard| hazard.as_of != graded.as_of) {
            None => Ok(Some(hazards)),
            Some(other) => {
                let found = format!("`{}` was followed up as of {}", other.id, other.as_of);
                Err(content(&path, "the follow-up of the day of the summary.json beside it", found))
            }
        };
    }
    if period::file(folder, "lists.jsonl").is_none() {
        return Ok(None);
    }
    Ok(Some(follow(before.to_vec(), folder)?.hazards))
}
