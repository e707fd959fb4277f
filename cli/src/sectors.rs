//! `risktier sectors`: what the book grades.

use comfy_table::Cell;
use serde_json::json;

use crate::Outcome;
use crate::args::SectorsArgs;
use crate::book;
use crate::console::Console;
use crate::error::CliError;
use crate::report::{draw, number, table};
use crate::words::{grouped, say};

pub fn run(args: &SectorsArgs, console: &mut Console) -> Result<Outcome, CliError> {
    let lang = console.lang();
    let book = book::load(&args.book)?;
    let date = book::grading_date(args.as_of)?;
    let grader = book.as_of(date);
    let counts = |sector: &risktier::Sector| {
        let in_force = |rule: &&usize| book.rules().get(**rule).is_some_and(|rule| rule.in_force(date));
        let facts = grader.facts_of(&sector.id).map_or(0, |facts| facts.facts.len() + facts.lists.len());
        (sector.rules.iter().filter(in_force).count(), facts)
    };
    if args.json {
        let sectors = book.sectors().iter().map(|sector| {
            let (rules, facts) = counts(sector);
            json!({
                "id": sector.id, "name": sector.name, "key_field": sector.key_field.as_deref().and_then(|id| book.key_field(id)), "codes": sector.codes,
                "parts": sector.parts, "scored": sector.scheme.is_some(), "rules": rules, "facts": facts,
            })
        });
        console.line(format!("{:#}", sectors.collect::<serde_json::Value>()))?;
        return Ok(Outcome::Done);
    }
    let mut sheet =
        table(&say(lang, ["id", "name", "key field", "rules", "facts"], ["代号", "名称", "重点领域", "规则", "事实"]));
    for sector in book.sectors() {
        let (rules, facts) = counts(sector);
        sheet.add_row(vec![
            Cell::new(&sector.id),
            Cell::new(sector.name.get(lang)),
            Cell::new(
                sector.key_field.as_deref().and_then(|id| book.key_field(id)).map_or("", |field| field.name.get(lang)),
            ),
            number(grouped(rules as u64)),
            number(grouped(facts as u64)),
        ]);
    }
    draw(&sheet, console)?;
    Ok(Outcome::Done)
}
