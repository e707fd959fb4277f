//! The summary as text: firms by sector and tier, the rules that fired most, the files that were written.

use std::path::PathBuf;

use comfy_table::{Cell, CellAlignment, Table};
use risktier::{Grader, Lang, Tier};

use crate::console::{Console, FAINT, HEADING, paint_tiers};
use crate::error::CliError;
use crate::summary::{SectorSummary, Summary};
use crate::words::{grouped, say};

/// So many rules are named.
const RULES: usize = 10;

/// Lines above and below, and a double one under the headings; none between the rows.
const STYLE: &str = "  ── ══      ──    ";

/// A table in the style of all of them, with its first line as heading.
pub fn table(headings: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_preset(STYLE).set_header(headings.iter().map(Cell::new));
    table
}

/// A number in its column.
pub fn number(text: impl Into<String>) -> Cell {
    Cell::new(text.into()).set_alignment(CellAlignment::Right)
}

/// Prints a table.
///
/// # Errors
/// If nothing can be printed.
pub fn draw(table: &Table, console: &mut Console) -> Result<(), CliError> {
    table.to_string().lines().try_for_each(|line| console.line(line.trim_end()))
}

fn share(part: u64, of: u64) -> String {
    if of == 0 { "-".into() } else { format!("{:.1}%", 100.0 * part as f64 / of as f64) }
}

/// Prints the summary.
///
/// # Errors
/// If nothing can be printed.
pub fn print(summary: &Summary, grader: &Grader, files: &[PathBuf], console: &mut Console) -> Result<(), CliError> {
    let lang = console.lang();
    let hash: String = grader.book().hash().chars().take(12).collect();
    console.line(match lang {
        Lang::En => format!(
            "{HEADING}{} firms graded as of {}{HEADING:#} {FAINT}(book {hash}, engine {}){FAINT:#}",
            grouped(summary.firms),
            grader.as_of(),
            risktier::ENGINE_VERSION
        ),
        Lang::Zh => format!(
            "{HEADING}{} 家企业已定级，定级日期 {}{HEADING:#} {FAINT}（规则册 {hash}，引擎 {}）{FAINT:#}",
            grouped(summary.firms),
            grader.as_of(),
            risktier::ENGINE_VERSION
        ),
    })?;
    sectors(summary, grader, console)?;
    console.line(say(
        lang,
        format!(
            "settled {} of {} ({}), firms with errors {}, not graded {}",
            grouped(summary.settled),
            grouped(summary.firms),
            share(summary.settled, summary.firms),
            grouped(summary.firms_with_errors),
            grouped(summary.tiers.ungraded)
        ),
        format!(
            "已定案 {} / {}（{}），有错误的企业 {}，未能定级 {}",
            grouped(summary.settled),
            grouped(summary.firms),
            share(summary.settled, summary.firms),
            grouped(summary.firms_with_errors),
            grouped(summary.tiers.ungraded)
        ),
    ))?;
    rules(summary, grader, console)?;
    for file in files {
        console.line(say(lang, format!("wrote {}", file.display()), format!("已写入 {}", file.display())))?;
    }
    Ok(())
}

fn sectors(summary: &Summary, grader: &Grader, console: &mut Console) -> Result<(), CliError> {
    let lang = console.lang();
    let mut headings = vec![say(lang, "sector", "行业")];
    // The worst first, as a reader looks for it.
    headings.extend(Tier::ALL.iter().rev().map(|tier| tier.name(lang)));
    headings.extend(say(lang, ["not graded", "total", "settled"], ["未定级", "合计", "已定案"]));
    let mut sheet = table(&headings);
    let mut add = |name: String, sector: &SectorSummary| {
        let total = sector.tiers.total();
        let mut cells = vec![Cell::new(name)];
        cells.extend(sector.tiers.graded.iter().rev().map(|count| number(grouped(*count))));
        cells.push(number(grouped(sector.tiers.ungraded)));
        cells.push(number(grouped(total)));
        cells.push(number(share(sector.settled, total)));
        sheet.add_row(cells);
    };
    let book = grader.book();
    for sector in book.sectors() {
        if let Some(found) = summary.sectors.get(&*sector.id) {
            add(sector.name.get(lang).to_owned(), found);
        }
    }
    if let Some(without) = summary.sectors.get("") {
        add(say(lang, "no sector of the book", "行业不明").to_owned(), without);
    }
    if summary.sectors.len() > 1 {
        add(say(lang, "all", "全部").to_owned(), &SectorSummary { tiers: summary.tiers, settled: summary.settled });
    }
    for (at, line) in sheet.to_string().lines().enumerate() {
        // The second line has the names of the tiers.
        let line = line.trim_end();
        console.line(if at == 1 { paint_tiers(line, lang) } else { line.to_owned() })?;
    }
    Ok(())
}

fn rules(summary: &Summary, grader: &Grader, console: &mut Console) -> Result<(), CliError> {
    let lang = console.lang();
    let most = summary.most_fired(RULES);
    if most.is_empty() {
        return Ok(());
    }
    console.line(say(
        lang,
        format!("{HEADING}rules that fired most{HEADING:#} ({} in all)", grouped(summary.fired)),
        format!("{HEADING}触发最多的规则{HEADING:#}（共 {} 次）", grouped(summary.fired)),
    ))?;
    let mut sheet = table(&say(lang, ["rule", "firms", "finding"], ["规则", "企业", "问题"]));
    sheet.set_content_arrangement(comfy_table::ContentArrangement::Dynamic).set_width(110);
    for (id, count) in most {
        let finding = grader.book().rule(id).map(|rule| rule.finding.get(lang)).unwrap_or_default();
        sheet.add_row(vec![Cell::new(id), number(grouped(count)), Cell::new(finding)]);
    }
    draw(&sheet, console)
}
