//! `risktier follow`: lists of last period and of this one in, every hazard with what has become of it out.

mod write;

pub use write::whole;

use std::path::Path;

use comfy_table::Cell;
use risktier::{FollowError, FollowUp, FollowedHazard, Follower};

use crate::Outcome;
use crate::args::{FollowArgs, SheetFormat, SummaryFormat};
use crate::console::{Console, HEADING};
use crate::error::CliError;
use crate::period;
use crate::read::content;
use crate::report::{draw, number, table};
use crate::words::{count, grouped, say};

pub fn run(args: &FollowArgs, console: &mut Console) -> Result<Outcome, CliError> {
    let before = match &args.before {
        Some(path) => period::hazards_before(path)?,
        None => Vec::new(),
    };
    let follow_up = follow(before, &args.now)?;
    let lang = console.lang();
    if follow_up.firms_without_id > 0 {
        let firms = follow_up.firms_without_id as u64;
        console.warning(say(
            lang,
            format!("{} no id: what was found there cannot be followed", count(firms, "firm has", "firms have")),
            format!("{} 家企业没有编号，其隐患无法跟踪", grouped(firms)),
        ));
    }
    let mut files = Vec::new();
    if let Some(folder) = &args.out {
        let formats = if args.formats.is_empty() { SheetFormat::ALL.as_slice() } else { &args.formats };
        files = write::files(folder, &follow_up, formats, lang)?;
    }
    match args.summary {
        SummaryFormat::Json => {
            let mut json = serde_json::json!({ "as_of": follow_up.as_of, "hazards": follow_up.hazards.len() });
            if let Some(json) = json.as_object_mut() {
                json.insert("counts".into(), serde_json::to_value(&follow_up.counts).unwrap_or_default());
                json.insert("firms_without_id".into(), follow_up.firms_without_id.into());
            }
            console.line(json)?;
        }
        SummaryFormat::Text => print(&follow_up, console)?,
    }
    for file in files.iter().filter(|_| args.summary == SummaryFormat::Text) {
        console.line(say(lang, format!("wrote {}", file.display()), format!("已写入 {}", file.display())))?;
    }
    Ok(Outcome::Done)
}

/// Follows hazards up by the lists of a folder or file. Where the grades are beside the lists, a firm that was graded but has
/// no lists is told from one that is gone.
///
/// # Errors
/// If there are no lists, or they cannot be read or followed.
pub fn follow(before: Vec<FollowedHazard>, now: &Path) -> Result<FollowUp, CliError> {
    let is_folder = now.is_dir();
    let lists = if is_folder { now.join("lists.jsonl") } else { now.to_owned() };
    let wrong = |error: FollowError| content(&lists, "lists that follow those of before", error);
    let mut before = Some(before);
    let mut follower: Option<Follower> = None;
    // An empty register has a day, too.
    if is_folder && period::file(now, "summary.json").is_some() {
        let as_of = period::graded(now)?.as_of;
        follower = Some(Follower::new(before.take().unwrap_or_default(), as_of).map_err(wrong)?);
    }
    let mut listed = rustc_hash::FxHashSet::default();
    period::each_firm(&lists, &mut |status| {
        let follower = match &mut follower {
            Some(follower) => follower,
            none => none.insert(Follower::new(before.take().unwrap_or_default(), status.as_of).map_err(wrong)?),
        };
        follower.add(&status).map_err(wrong)?;
        listed.extend(status.firm);
        Ok(())
    })?;
    let Some(mut follower) = follower else {
        return Err(content(&lists, "lists of at least one firm", "it is empty, and no summary.json is beside it"));
    };
    if let Some(path) = period::grades_file(now).filter(|_| is_folder) {
        for firm in period::grades(&path, None)?.firms {
            // One row of a firm that has several may have no grade.
            if let Some(id) = firm.id.filter(|id| firm.tier.is_none() || !listed.contains(id)) {
                follower.add_without_lists(&id);
            }
        }
    }
    Ok(follower.finish())
}

fn print(follow_up: &FollowUp, console: &mut Console) -> Result<(), CliError> {
    let lang = console.lang();
    let all = grouped(follow_up.hazards.len() as u64);
    console.line(say(
        lang,
        format!("{HEADING}{all} hazards followed up as of {}{HEADING:#}", follow_up.as_of),
        format!("{HEADING}跟踪隐患 {all} 项，日期 {}{HEADING:#}", follow_up.as_of),
    ))?;
    let mut sheet = table(&say(lang, ["state", "hazards"], ["状态", "隐患数"]));
    for (name, count) in follow_up.counts.rows(lang) {
        sheet.add_row(vec![Cell::new(name), number(grouped(count as u64))]);
    }
    draw(&sheet, console)
}
