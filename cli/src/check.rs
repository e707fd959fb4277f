//! `risktier check`: everything that is wrong, or odd, in a rule book.

use risktier::{Diagnostic, Severity};

use crate::Outcome;
use crate::args::CheckArgs;
use crate::book;
use crate::console::Console;
use crate::error::CliError;
use crate::words::{count, say};

pub fn run(args: &CheckArgs, console: &mut Console) -> Result<Outcome, CliError> {
    let lang = console.lang();
    let built = book::sources(args.dir.as_deref(), !args.no_standard)?.build();
    let (diagnostics, outcome): (&[Diagnostic], Outcome) = match &built {
        Ok(book) => (book.warnings(), Outcome::Done),
        Err(error) => (error.diagnostics(), Outcome::CouldNotRun),
    };
    for diagnostic in diagnostics {
        console.line(diagnostic.render(lang).trim_end())?;
        console.line("")?;
    }
    let of = |severity| diagnostics.iter().filter(|one| one.severity() == severity).count() as u64;
    let (errors, warnings) = (of(Severity::Error), of(Severity::Warning));
    console.line(match &built {
        Err(_) => say(
            lang,
            format!(
                "{}, {}: the book cannot be used",
                count(errors, "error", "errors"),
                count(warnings, "warning", "warnings")
            ),
            format!("{errors} 个错误，{warnings} 个警告：规则册不能使用"),
        ),
        Ok(book) => {
            let (sectors, rules) = (book.sectors().len() as u64, book.rules().len() as u64);
            let facts = (book.facts().len() + book.lists().len()) as u64;
            say(
                lang,
                format!(
                    "{}, {}, {}, {}: the book is sound",
                    count(sectors, "sector", "sectors"),
                    count(rules, "rule", "rules"),
                    count(facts, "fact", "facts"),
                    count(warnings, "warning", "warnings")
                ),
                format!("{sectors} 个行业，{rules} 条规则，{facts} 项事实，{warnings} 个警告：规则册可以使用"),
            )
        }
    })?;
    Ok(outcome)
}
