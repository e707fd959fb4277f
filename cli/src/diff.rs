//! `risktier diff`: two books, days or sets of parameters in, what changes out: over a register, and rule by rule.

use std::fs;
use std::path::{Path, PathBuf};

use comfy_table::Cell;
use risktier::{
    BookChange, ExportOptions, GradedRow, Grader, Moved, RegisterChange, RuleChange, RuleChangeKind, RuleOutcome, Tier,
};
use serde_json::json;

use crate::Outcome;
use crate::args::{BookArgs, DiffArgs};
use crate::book;
use crate::console::{Console, HEADING, paint_tiers};
use crate::error::CliError;
use crate::follow::whole;
use crate::read::{Firms, Results};
use crate::register::Register;
use crate::report::{number, table};
use crate::words::{count, grouped, say};

/// Firms and rules that are printed; files have all.
const PRINTED: usize = 20;

pub fn run(args: &DiffArgs, console: &mut Console) -> Result<Outcome, CliError> {
    let register = Register::new(&args.files, &args.reading)?;
    let lang = console.lang();
    let before = BookArgs {
        book: args.before.clone(),
        no_standard: args.before_no_standard,
        parameters: args.before_parameters.clone(),
    };
    let day = book::grading_date(args.as_of)?;
    let before = book::load(&before)?.as_of(args.before_as_of.unwrap_or(day));
    let after = book::load(&args.book)?.as_of(day);
    let rules = BookChange::between(&before, &after);
    let mut firms = None;
    if !args.files.is_empty() {
        let mut both = Both { before: &before, after: &after, change: RegisterChange::default(), rows: 0 };
        register.open(&after, ExportOptions { lang, missing: false }, lang)?.read(&mut both, console)?;
        firms = Some(both.change);
    }
    let json = json!({
        "before": { "book": before.book().hash(), "as_of": before.as_of() },
        "after": { "book": after.book().hash(), "as_of": after.as_of() },
        "rules": rules.rules.iter().filter(|rule| rule.kind != RuleChangeKind::Same).collect::<Vec<_>>(),
        "parts": rules.parts,
        "register": firms,
    });
    let files =
        args.out.as_deref().map(|out| write(out, &json, firms.as_ref(), console)).transpose()?.unwrap_or_default();
    if args.json {
        console.line(format!("{json:#}"))?;
    } else {
        print_rules(&rules, (&before, &after), console)?;
        if let Some(firms) = &firms {
            print_firms(firms, console)?;
        }
        for file in files {
            console.line(say(lang, format!("wrote {}", file.display()), format!("已写入 {}", file.display())))?;
        }
    }
    let ungraded =
        firms.as_ref().is_some_and(|firms| firms.matrix.iter().any(|row| row.last().is_some_and(|count| *count > 0)));
    Ok(if ungraded { Outcome::SomeErrors } else { Outcome::Done })
}

/// Grades firms on both sides.
struct Both<'g> {
    before: &'g Grader,
    after: &'g Grader,
    change: RegisterChange,
    rows: u64,
}

impl Results for Both<'_> {
    fn takes_firms(&self) -> bool {
        true
    }

    fn firms(&mut self, firms: &Firms<'_>) -> Result<(), CliError> {
        let (before, after) = (firms.grade(self.before)?, firms.grade(self.after)?);
        for row in 0..after.len() {
            let place = self.rows + row as u64;
            self.change.add(GradedRow { grades: &before, row, place }, GradedRow { grades: &after, row, place });
        }
        self.rows += after.len() as u64;
        Ok(())
    }
}

fn kind_word(kind: RuleChangeKind, lang: risktier::Lang) -> &'static str {
    match kind {
        RuleChangeKind::Added => say(lang, "added", "新增"),
        RuleChangeKind::Removed => say(lang, "removed", "删除"),
        RuleChangeKind::Meaning => say(lang, "changed in meaning", "含义变化"),
        RuleChangeKind::Undecided => say(lang, "perhaps changed in meaning", "含义可能变化"),
        RuleChangeKind::Words => say(lang, "changed in words", "仅措辞变化"),
        RuleChangeKind::Same => say(lang, "the same", "不变"),
    }
}

fn print_rules(
    change: &BookChange,
    (before, after): (&Grader, &Grader),
    console: &mut Console,
) -> Result<(), CliError> {
    let lang = console.lang();
    let kinds = [
        RuleChangeKind::Added,
        RuleChangeKind::Removed,
        RuleChangeKind::Meaning,
        RuleChangeKind::Undecided,
        RuleChangeKind::Words,
        RuleChangeKind::Same,
    ];
    let title = say(lang, "Rules", "规则");
    console.line(format!("{HEADING}{title}, {} → {}{HEADING:#}", before.as_of(), after.as_of()))?;
    let mut sheet = table(&say(lang, ["rules", "how many"], ["规则", "数量"]));
    for kind in kinds {
        sheet.add_row(vec![Cell::new(kind_word(kind, lang)), number(grouped(change.of(kind).count() as u64))]);
    }
    for line in sheet.to_string().lines() {
        console.line(line.trim_end())?;
    }
    for kind in kinds.into_iter().filter(|kind| *kind != RuleChangeKind::Same) {
        let rules: Vec<&RuleChange> = change.of(kind).collect();
        for rule in rules.iter().take(PRINTED) {
            let keys = if rule.keys.is_empty() { String::new() } else { format!(" ({})", rule.keys.join(", ")) };
            console.line(format!("{} {}{keys}", rule.rule, kind_word(kind, lang)))?;
            if let Some(witness) = &rule.witness {
                let outcome = |(outcome, tier): (RuleOutcome, Tier)| {
                    let word = match outcome {
                        RuleOutcome::Fired => say(lang, "fires", "触发"),
                        RuleOutcome::Clear => say(lang, "clear", "不触发"),
                        RuleOutcome::Undetermined => say(lang, "undetermined", "无法判定"),
                    };
                    format!("{word}, {}", tier.name(lang))
                };
                let firm = serde_json::Value::from(witness.firm.clone());
                let line = format!("  {firm}: {} → {}", outcome(witness.before), outcome(witness.after));
                console.line(paint_tiers(&line, lang))?;
            }
        }
        if rules.len() > PRINTED {
            let more = grouped((rules.len() - PRINTED) as u64);
            console.line(say(lang, format!("and {more} more"), format!("另有 {more} 条")))?;
        }
    }
    for part in change.parts.iter().take(PRINTED) {
        let how = match (&part.before, &part.after) {
            (None, _) => RuleChangeKind::Added,
            (_, None) => RuleChangeKind::Removed,
            _ => RuleChangeKind::Words,
        };
        let how = if how == RuleChangeKind::Words { say(lang, "changed", "变化") } else { kind_word(how, lang) };
        console.line(format!("{} {} {how}", part.what, part.name))?;
    }
    if change.parts.len() > PRINTED {
        let more = grouped((change.parts.len() - PRINTED) as u64);
        console.line(say(lang, format!("and {more} more declarations"), format!("另有 {more} 项声明")))?;
    }
    Ok(())
}

fn print_firms(change: &RegisterChange, console: &mut Console) -> Result<(), CliError> {
    let lang = console.lang();
    let (firms, moved) = (change.firms(), change.moved.len() as u64);
    console.line("")?;
    console.line(say(
        lang,
        format!(
            "{HEADING}{} of {} move{HEADING:#}: {} worse, {} better; settled {} before, {} after",
            grouped(moved),
            count(firms, "firm", "firms"),
            grouped(change.worse()),
            grouped(change.better()),
            grouped(change.settled[0]),
            grouped(change.settled[1])
        ),
        format!(
            "{HEADING}{firms} 家企业中 {moved} 家等级变化{HEADING:#}：变差 {}，变好 {}；已确定等级 {} → {}",
            change.worse(),
            change.better(),
            change.settled[0],
            change.settled[1]
        ),
    ))?;
    let names: Vec<&str> =
        Tier::ALL.iter().map(|tier| tier.name(lang)).chain([say(lang, "not graded", "无法定级")]).collect();
    let mut headings = vec![say(lang, "before \\ after", "前\\后")];
    headings.extend(&names);
    let mut sheet = table(&headings);
    for (name, row) in names.iter().zip(change.matrix) {
        let mut cells = vec![Cell::new(name)];
        cells.extend(row.iter().map(|count| number(grouped(*count))));
        sheet.add_row(cells);
    }
    for line in sheet.to_string().lines() {
        console.line(paint_tiers(line.trim_end(), lang))?;
    }
    let mut sectors: Vec<_> = change.sectors.iter().filter(|(_, moves)| moves.worse + moves.better > 0).collect();
    sectors.sort_by_key(|(id, moves)| (std::cmp::Reverse(moves.worse + moves.better), (*id).clone()));
    if !sectors.is_empty() {
        let mut sheet = table(&say(lang, ["sector", "firms", "worse", "better"], ["行业", "企业", "变差", "变好"]));
        for (id, moves) in sectors.into_iter().take(PRINTED) {
            let numbers = [moves.firms, moves.worse, moves.better].map(|count| number(grouped(count)));
            sheet.add_row([Cell::new(id)].into_iter().chain(numbers));
        }
        for line in sheet.to_string().lines() {
            console.line(line.trim_end())?;
        }
    }
    for moved in change.moved.iter().take(PRINTED) {
        console.line(paint_tiers(&told(moved, lang), lang))?;
    }
    if change.moved.len() > PRINTED {
        let more = grouped((change.moved.len() - PRINTED) as u64);
        console.line(say(lang, format!("and {more} more"), format!("另有 {more} 家")))?;
    }
    Ok(())
}

/// `F-12: blue → red, +FW-03 -FW-04 ~FW-05`
fn told(moved: &Moved, lang: risktier::Lang) -> String {
    let none = say(lang, "not graded", "无法定级");
    let tier = |tier: Option<Tier>| tier.map_or(none, |tier| tier.name(lang));
    let id = moved.id.clone().unwrap_or_else(|| format!("#{}", moved.row_after + 1));
    let signed = |sign: char, rules: &[std::sync::Arc<str>]| -> String {
        rules.iter().map(|rule| format!(" {sign}{rule}")).collect()
    };
    format!(
        "{id}: {} → {},{}{}{}",
        tier(moved.before),
        tier(moved.after),
        signed('+', &moved.fires_now),
        signed('-', &moved.no_longer),
        signed('~', &moved.weighs_otherwise)
    )
}

fn write(
    out: &Path,
    json: &serde_json::Value,
    firms: Option<&RegisterChange>,
    console: &Console,
) -> Result<Vec<PathBuf>, CliError> {
    fs::create_dir_all(out).map_err(CliError::write(out))?;
    let lang = console.lang();
    let mut files = vec![whole(out, "changes.json", |file| {
        serde_json::to_writer_pretty(&mut *file, json).map_err(|error| error.to_string())?;
        std::io::Write::write_all(file, b"\n").map_err(|error| error.to_string())
    })?];
    if let Some(firms) = firms {
        files.push(whole(out, "moved.csv", |file| {
            let mut csv = csv::Writer::from_writer(file);
            let headings = [
                "row",
                "id",
                "sector",
                "before",
                "after",
                "score_before",
                "score_after",
                "fires_now",
                "no_longer",
                "weighs_otherwise",
            ];
            csv.write_record(headings).map_err(|error| error.to_string())?;
            for one in &firms.moved {
                let tier = |tier: Option<Tier>| tier.map_or("", |tier| tier.name(lang)).to_owned();
                let score = |score: Option<risktier::Points>| score.map(|score| score.to_string()).unwrap_or_default();
                csv.write_record([
                    (one.row_after + 1).to_string(),
                    one.id.clone().unwrap_or_default(),
                    one.sector.as_deref().unwrap_or_default().to_owned(),
                    tier(one.before),
                    tier(one.after),
                    score(one.score_before),
                    score(one.score_after),
                    one.fires_now.join(";"),
                    one.no_longer.join(";"),
                    one.weighs_otherwise.join(";"),
                ])
                .map_err(|error| error.to_string())?;
            }
            csv.flush().map_err(|error| error.to_string())
        })?);
    }
    Ok(files)
}
