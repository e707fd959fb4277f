//! `risktier check`: everything that is wrong, or odd, in a rule book.

use risktier::{Diagnostic, Directions, RuleBook, Severity};
use serde_json::json;

use crate::Outcome;
use crate::args::CheckArgs;
use crate::book;
use crate::console::Console;
use crate::error::CliError;
use crate::words::{count, grouped, say};

pub fn run(args: &CheckArgs, console: &mut Console) -> Result<Outcome, CliError> {
    let day = book::grading_date(args.as_of)?;
    let built = book::sources(args.dir.as_deref(), !args.no_standard)?.build();
    let mut directions = Directions::default();
    let diagnostics: Vec<Diagnostic> = match &built {
        Ok(book) => {
            let analysis = book.as_of(day).check();
            directions = analysis.directions;
            book.warnings().iter().cloned().chain(analysis.findings).collect()
        }
        Err(error) => error.diagnostics().to_vec(),
    };
    if args.json {
        let object = json!({ "as_of": day, "diagnostics": diagnostics, "directions": directions });
        console.line(format!("{object:#}"))?;
    } else {
        let lang = console.lang();
        for diagnostic in &diagnostics {
            console.line(diagnostic.render(lang).trim_end())?;
            console.line("")?;
        }
        summary(built.as_ref().ok(), &diagnostics, &directions, console)?;
        if args.directions {
            list(&directions, console)?;
        }
    }
    Ok(match built {
        Err(_) => Outcome::CouldNotRun,
        Ok(_) if args.deny_warnings && !diagnostics.is_empty() => Outcome::SomeErrors,
        Ok(_) => Outcome::Done,
    })
}

fn summary(
    book: Option<&RuleBook>,
    diagnostics: &[Diagnostic],
    directions: &Directions,
    console: &mut Console,
) -> Result<(), CliError> {
    let lang = console.lang();
    let of = |severity| diagnostics.iter().filter(|one| one.severity() == severity).count() as u64;
    let (errors, warnings) = (of(Severity::Error), of(Severity::Warning));
    let Some(book) = book else {
        return console.line(say(
            lang,
            format!(
                "{}, {}: the book cannot be used",
                count(errors, "error", "errors"),
                count(warnings, "warning", "warnings")
            ),
            format!("{errors} 个错误，{warnings} 个警告：规则册不能使用"),
        ));
    };
    let (sectors, rules) = (book.sectors().len() as u64, book.rules().len() as u64);
    let facts = (book.facts().len() + book.lists().len()) as u64;
    console.line(say(
        lang,
        format!(
            "{}, {}, {}, {}: the book is sound",
            count(sectors, "sector", "sectors"),
            count(rules, "rule", "rules"),
            count(facts, "fact", "facts"),
            count(warnings, "warning", "warnings")
        ),
        format!("{sectors} 个行业，{rules} 条规则，{facts} 项事实，{warnings} 个警告：规则册可以使用"),
    ))?;
    let (proved, undecided) = (directions.proved.len() as u64, directions.undecided.len() as u64);
    if proved + undecided == 0 {
        return Ok(());
    }
    console.line(say(
        lang,
        format!(
            "{} declared to get worse in one direction: proved of {} that no tier gets better with it, {} not decided",
            count(proved + undecided, "fact", "facts"),
            grouped(proved),
            grouped(undecided)
        ),
        format!(
            "{} 项事实声明了变差方向：已证明其中 {proved} 项变差时等级不会变好，{undecided} 项未能判定",
            proved + undecided
        ),
    ))
}

fn list(directions: &Directions, console: &mut Console) -> Result<(), CliError> {
    let lang = console.lang();
    for fact in &directions.proved {
        console.line(say(lang, format!("proved: {fact}"), format!("已证明：{fact}")))?;
    }
    for fact in &directions.undecided {
        console.line(say(lang, format!("not decided: {fact}"), format!("未判定：{fact}")))?;
    }
    for (fact, worse) in &directions.possible {
        let worse = worse.name();
        console.line(say(
            lang,
            format!("not declared: {fact} (could say `worse: {worse}`)"),
            format!("未声明：{fact}（可写 `worse: {worse}`）"),
        ))?;
    }
    Ok(())
}
