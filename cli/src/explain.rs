//! `risktier explain`: why a firm has its grade.

use std::fs;
use std::io::Read;
use std::path::Path;

use risktier::{
    Effect, Explanation, FactRead, GradeError, Grader, Lang, RuleExplanation, RuleOutcome, SectorExplanation, Wait,
    WayDown,
};

use crate::Outcome;
use crate::args::ExplainArgs;
use crate::book;
use crate::console::{Console, FAINT, HEADING, tier_word};
use crate::error::CliError;
use crate::read::json;
use crate::register::known_sector;
use crate::words::say;

pub fn run(args: &ExplainArgs, console: &mut Console) -> Result<Outcome, CliError> {
    let text = firm_text(&args.file)?;
    let grader = book::load(&args.book)?.as_of(book::grading_date(args.as_of)?);
    let text = with_sector(&grader, args.sector.as_deref(), text, &args.file)?;
    let failed = |error: GradeError| CliError::Firm { path: args.file.clone(), error };
    let explanation = match grader.explain_json(&text) {
        Ok(explanation) => explanation,
        // The firm was read, and has no grade: what would be an error of its row in a register.
        Err(error @ GradeError::Firm(_)) => {
            console.error(&failed(error));
            return Ok(Outcome::SomeErrors);
        }
        Err(error) => return Err(failed(error)),
    };
    if args.json {
        let json = serde_json::to_string_pretty(&explanation).map_err(|error| CliError::Results(error.to_string()))?;
        console.line(json)?;
    } else {
        print(&explanation, &grader, args.all, console)?;
    }
    let grade = &explanation.grade;
    let faults = grade.sectors.iter().any(|sector| !sector.faults.is_empty());
    let errors = faults || !grade.data_errors.is_empty() || !grade.errors.is_empty();
    Ok(if errors { Outcome::SomeErrors } else { Outcome::Done })
}

/// The text with the sector that the arguments give, if the firm names none.
///
/// # Errors
/// If the book has no such sector, or the text is no JSON object.
pub fn with_sector(grader: &Grader, sector: Option<&str>, text: String, path: &Path) -> Result<String, CliError> {
    let Some(sector) = sector else { return Ok(text) };
    known_sector(grader, sector)?;
    json::with_sector(&text, sector).map_err(|error| CliError::Firm { path: path.to_owned(), error: error.into() })
}

/// The text of a file, or of standard input for `-`.
///
/// # Errors
/// If it cannot be read.
pub fn firm_text(path: &Path) -> Result<String, CliError> {
    if path == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map_err(CliError::read(path))?;
        return Ok(text);
    }
    let text = fs::read_to_string(path).map_err(CliError::read(path))?;
    Ok(text.trim_start_matches('\u{feff}').to_owned())
}

fn print(explanation: &Explanation, grader: &Grader, all: bool, console: &mut Console) -> Result<(), CliError> {
    let lang = console.lang();
    let grade = &explanation.grade;
    let word = |tier| tier_word(tier, lang);
    if let Some(id) = &grade.id {
        console.line(format!("{} {HEADING}{id}{HEADING:#}", say(lang, "firm", "企业")))?;
    }
    let bounds = if grade.settled {
        say(lang, "settled: no missing fact can change it", "已定案：缺失的数据不会改变定级").to_owned()
    } else {
        say(
            lang,
            format!("not settled: from {} to {} is possible", word(grade.best), word(grade.worst)),
            format!("未定案：可能为{}至{}", word(grade.best), word(grade.worst)),
        )
    };
    console.line(format!("{} {} ({bounds})", say(lang, "tier", "风险等级"), word(grade.tier)))?;
    console.line(format!(
        "{FAINT}{} {}, {} {}, {} {}{FAINT:#}",
        say(lang, "as of", "定级日期"),
        grade.identity.as_of,
        say(lang, "book", "规则册"),
        grade.identity.book.chars().take(12).collect::<String>(),
        say(lang, "engine", "引擎"),
        grade.identity.engine
    ))?;
    for sector in &explanation.sectors {
        print_sector(sector, explanation, grader, all, console)?;
    }
    print_way_down(explanation, grader, console)?;
    print_missing(explanation, console)?;
    print_errors(explanation, console)
}

fn print_sector(
    sector: &SectorExplanation,
    explanation: &Explanation,
    grader: &Grader,
    all: bool,
    console: &mut Console,
) -> Result<(), CliError> {
    let lang = console.lang();
    let name = grader.book().sector(&sector.sector).map_or(&*sector.sector, |sector| sector.name.get(lang));
    console.line("")?;
    let Some(grade) = explanation.grade.sectors.iter().find(|grade| grade.sector == sector.sector) else {
        return Ok(());
    };
    console.line(format!("{HEADING}{name}{HEADING:#} ({}): {}", sector.sector, tier_word(grade.tier, lang)))?;
    if let Some(score) = grade.score {
        console.line(say(
            lang,
            format!("  score {} (from {} to {} is possible)", score.value, score.low, score.high),
            format!("  得分 {}（可能为 {} 至 {}）", score.value, score.low, score.high),
        ))?;
    }
    let by = sector.decided_by.join(", ");
    let decided = match (sector.by_score, by.is_empty()) {
        (true, true) => say(lang, "the score".to_owned(), "得分".to_owned()),
        (true, false) => say(lang, format!("the score: {by}"), format!("得分：{by}")),
        (false, true) => say(lang, "no rule: this is where every firm starts".to_owned(), "无规则触发".to_owned()),
        (false, false) => by,
    };
    console.line(format!("  {} {decided}", say(lang, "decided by", "决定因素")))?;
    for measure in &grade.measures {
        let spec = grader.book().measures().iter().find(|spec| spec.name == measure.name);
        let label = spec.map_or(&*measure.name, |spec| spec.label.get(lang));
        let unit = unit(spec.and_then(|spec| spec.unit.as_deref()));
        let value = measure.value.as_ref().map_or_else(|| unknown(lang).to_owned(), |value| format!("{value}{unit}"));
        console.line(format!("  {label} ({}): {value}", measure.name))?;
    }
    for fact in &grade.assumed {
        console.line(say(
            lang,
            format!("  `{fact}` is not recorded: the book says what that means"),
            format!("  `{fact}` 未登记，按规则册的规定取值"),
        ))?;
    }
    let outcomes = [
        (RuleOutcome::Fired, say(lang, "fired", "已触发")),
        (RuleOutcome::Undetermined, say(lang, "undetermined", "待核实")),
        (RuleOutcome::Clear, say(lang, "clear", "未触发")),
    ];
    for (outcome, word) in outcomes {
        let rules: Vec<&RuleExplanation> = sector.rules.iter().filter(|rule| rule.outcome == outcome).collect();
        if rules.is_empty() {
            continue;
        }
        console.line(format!("  {HEADING}{word}{HEADING:#} ({})", rules.len()))?;
        if outcome == RuleOutcome::Clear && !all {
            let ids: Vec<&str> = rules.iter().map(|rule| &*rule.rule).collect();
            console.line(format!("    {FAINT}{}{FAINT:#}", ids.join(" ")))?;
            continue;
        }
        for rule in rules {
            print_rule(rule, grader, console)?;
        }
    }
    Ok(())
}

fn print_rule(rule: &RuleExplanation, grader: &Grader, console: &mut Console) -> Result<(), CliError> {
    let lang = console.lang();
    let effect = match (rule.tier, rule.points, grader.book().rule(&rule.rule).map(|rule| &rule.effect)) {
        (Some(tier), ..) => {
            say(lang, format!("at least {}", tier_word(tier, lang)), format!("至少{}", tier_word(tier, lang)))
        }
        (None, Some(points), _) => {
            let sign = if points.thousandths() > 0 { "+" } else { "" };
            format!("{sign}{points} {}", say(lang, "points", "分"))
        }
        (None, None, Some(Effect::Points { deduct: true, .. })) => say(lang, "points off", "扣分").to_owned(),
        _ => say(lang, "points", "加分").to_owned(),
    };
    console.line(format!("    {HEADING}{}{HEADING:#} {} ({effect})", rule.rule, rule.finding.get(lang)))?;
    let condition: Vec<&str> = rule.condition.split_whitespace().collect();
    console.line(format!("      {}  {}", say(lang, "when ", "条件"), condition.join(" ")))?;
    for fact in &rule.read {
        console.line(format!("      {}  {}", say(lang, "read ", "依据"), read_fact(fact, lang)))?;
    }
    if !rule.waits_for.is_empty() {
        let waits: Vec<String> = rule.waits_for.iter().map(|wait| waits_for(wait, lang)).collect();
        console.line(format!("      {}  {}", say(lang, "waits", "待查"), waits.join(say(lang, ", ", "、"))))?;
    }
    for cite in &rule.cite {
        console.line(format!("      {}  {}", say(lang, "cited", "出处"), cite.text(lang)))?;
    }
    Ok(())
}

fn unknown(lang: Lang) -> &'static str {
    say(lang, "unknown", "未知")
}

/// The unit behind a number; `1` is no unit.
fn unit(unit: Option<&str>) -> String {
    unit.filter(|unit| *unit != "1").map(|unit| format!(" {unit}")).unwrap_or_default()
}

fn read_fact(fact: &FactRead, lang: Lang) -> String {
    let value = match (&fact.value, fact.items) {
        (Some(value), _) => format!("{value}{}", unit(fact.unit.as_deref())),
        (None, Some(items)) => {
            let shown: Vec<String> = fact.shown_by.iter().map(|item| (item.item + 1).to_string()).collect();
            let shown = shown.join(", ");
            match fact.shown_by.is_empty() {
                true => say(lang, format!("a list of {items}"), format!("共 {items} 条")),
                false => say(
                    lang,
                    format!("a list of {items}, shown by no. {shown}"),
                    format!("共 {items} 条，见第 {shown} 条"),
                ),
            }
        }
        (None, None) => unknown(lang).to_owned(),
    };
    format!("{} = {value} ({})", fact.fact, fact.label.get(lang))
}

fn waits_for(wait: &Wait, lang: Lang) -> String {
    if wait.items.is_empty() {
        return wait.fact.to_string();
    }
    let items: Vec<String> = wait.items.iter().map(|item| (item + 1).to_string()).collect();
    let items = items.join(", ");
    say(lang, format!("{} of item {items}", wait.fact), format!("第 {items} 条的 {}", wait.fact))
}

fn print_way_down(explanation: &Explanation, grader: &Grader, console: &mut Console) -> Result<(), CliError> {
    let lang = console.lang();
    let several = explanation.sectors.len() > 1;
    let mut heading = Some(say(lang, "ways down to a better tier", "降级路径"));
    for sector in &explanation.sectors {
        let name = grader.book().sector(&sector.sector).map_or(&*sector.sector, |known| known.name.get(lang));
        let name = if several { format!("{name}: ") } else { String::new() };
        for line in WayDown::lines(&sector.way_down, lang) {
            if let Some(heading) = heading.take() {
                console.line("")?;
                console.line(format!("{HEADING}{heading}{HEADING:#}"))?;
            }
            console.line(format!("  {name}{line}"))?;
        }
    }
    Ok(())
}

fn print_missing(explanation: &Explanation, console: &mut Console) -> Result<(), CliError> {
    let lang = console.lang();
    if explanation.grade.missing.is_empty() {
        return Ok(());
    }
    console.line("")?;
    console.line(format!(
        "{HEADING}{}{HEADING:#}",
        say(lang, "missing, the most decisive first", "缺失的数据，影响最大的在前")
    ))?;
    for missing in &explanation.grade.missing {
        let rules = missing.decides.join(" ");
        let ends = say(
            lang,
            format!(
                "leaves {} to {} at worst, {} to {} at best",
                tier_word(missing.best_at_worst, lang),
                tier_word(explanation.grade.worst, lang),
                tier_word(explanation.grade.best, lang),
                tier_word(missing.worst_at_best, lang)
            ),
            format!(
                "最差时为{}至{}，最好时为{}至{}",
                tier_word(missing.best_at_worst, lang),
                tier_word(explanation.grade.worst, lang),
                tier_word(explanation.grade.best, lang),
                tier_word(missing.worst_at_best, lang)
            ),
        );
        let decides =
            if rules.is_empty() { String::new() } else { format!("; {} {rules}", say(lang, "decides", "可决定")) };
        console.line(format!("  {}: {ends}{decides}", missing.fact))?;
    }
    Ok(())
}

fn print_errors(explanation: &Explanation, console: &mut Console) -> Result<(), CliError> {
    let lang = console.lang();
    let grade = &explanation.grade;
    let firm = grade.errors.iter().map(|error| error.message(lang));
    let data = grade.data_errors.iter().map(|error| error.message(lang));
    let faults = grade.sectors.iter().flat_map(|sector| &sector.faults);
    let faults =
        faults.map(|fault| format!("{} ({}): {}", fault.kind.message(lang), fault.site, fault.affects.join(" ")));
    let all: Vec<String> = firm.chain(data).chain(faults).collect();
    if all.is_empty() {
        return Ok(());
    }
    console.line("")?;
    console.line(format!("{HEADING}{}{HEADING:#}", say(lang, "errors", "错误")))?;
    all.iter().try_for_each(|error| console.line(format!("  {error}")))
}
