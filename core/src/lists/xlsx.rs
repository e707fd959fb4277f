//! The lists as a workbook: a sheet of firms, a sheet a list, and the ways down.

use std::io::Write;

use super::record::FirmLists;
use super::table::{Column, ListCell, ListKind};
use super::words::say;
use crate::sheets::{Properties, Sheets};
use crate::{Grader, Lang, Tier, WorkbookError};

const FIRMS: &[Column] = &[
    Column::new("firm", "Firm", "企业编号", 14),
    Column::new("name", "Name", "企业名称", 22),
    Column::new("sector", "Sector", "行业领域", 26),
    Column::new("tier", "Tier", "风险等级", 9),
    Column::new("best", "Best possible", "最好可能", 9),
    Column::new("worst", "Worst possible", "最差可能", 9),
    Column::new("score", "Score", "得分", 9),
    Column::new("major", "Major hazards", "重大隐患", 9),
    Column::new("general", "General hazards", "一般隐患", 9),
    Column::new("to_verify", "To verify", "待核实", 9),
    Column::new("earliest", "First deadline", "最早期限", 12),
    Column::new("inspection", "Next inspection by", "下次检查期限", 14),
    Column::new("supervision", "Supervision", "监管频次", 34),
    Column::new("errors", "Data errors", "数据错误", 40),
];

/// A workbook that takes firm after firm.
///
/// Sheets: firms; risk list, hazard list, responsibility list, with each firm's ways down to better tiers at its foot. Tiers stand as words on their
/// colours; headings are frozen, repeated on every printed page, and carry filters. A list that is longer than a sheet goes
/// on in the next one. The same lists give the same bytes: the only date inside is the grading date.
pub struct Workbook {
    sheets: Sheets,
    lang: Lang,
}

impl Workbook {
    /// A workbook in memory, for one firm or a few.
    ///
    /// # Errors
    /// If the grading date is none that a workbook can hold.
    pub fn new(grader: &Grader, lang: Lang) -> Result<Workbook, WorkbookError> {
        Workbook::with(grader, lang, false)
    }

    /// A workbook whose rows wait in temporary files, for a register of any size.
    ///
    /// # Errors
    /// If no temporary file can be made.
    #[cfg(feature = "xlsx-large")]
    pub fn large(grader: &Grader, lang: Lang) -> Result<Workbook, WorkbookError> {
        Workbook::with(grader, lang, true)
    }

    fn with(grader: &Grader, lang: Lang, large: bool) -> Result<Workbook, WorkbookError> {
        let identity = grader.identity();
        let properties = Properties {
            title: say(lang, "Risk, hazard and responsibility lists", "风险、隐患、责任清单"),
            comment: format!("book {}, engine {}, as of {}", identity.book, identity.engine, identity.as_of),
            day: grader.as_of(),
        };
        let mut sheets = Sheets::new(&properties, lang, large)?;
        sheets.add(say(lang, "Firms", "企业"), Column::headings(FIRMS, lang))?;
        for kind in ListKind::ALL {
            let named = grader.book().issued_lists().iter().find(|list| &*list.id == kind.id());
            let otherwise = super::issue::default_name(kind.id());
            let name = named.map_or(&otherwise, |list| &list.name);
            sheets.add(name.get(lang), Column::headings(kind.columns(), lang))?;
        }
        Ok(Workbook { sheets, lang })
    }

    /// Adds a firm.
    ///
    /// # Errors
    /// If a temporary file cannot be written.
    pub fn add(&mut self, lists: &FirmLists) -> Result<(), WorkbookError> {
        self.sheets.row(0, &firm_row(lists, self.lang))?;
        for (at, kind) in (1..).zip(ListKind::ALL) {
            for row in lists.rows(kind, self.lang) {
                self.sheets.row(at, &row)?;
            }
        }
        Ok(())
    }

    /// Writes the workbook.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn save(self, to: impl Write + Send) -> Result<(), WorkbookError> {
        self.sheets.save(to)
    }
}

fn firm_row(lists: &FirmLists, lang: Lang) -> Vec<ListCell> {
    let text = |text: String| if text.is_empty() { ListCell::Empty } else { ListCell::Text(text) };
    let joined = |texts: Vec<&str>| texts.join(say(lang, "; ", "；"));
    let counts = lists.counts();
    let number = |count: usize| ListCell::Number(count as f64);
    let tier = |tier: Tier| ListCell::Tier(tier);
    let deciding = lists.sectors.iter().find(|sector| sector.id == lists.decided_by);
    vec![
        text(lists.firm.clone().unwrap_or_default()),
        text(lists.name.clone().unwrap_or_default()),
        text(joined(lists.sectors.iter().map(|sector| sector.name.get(lang)).collect())),
        tier(lists.tier),
        tier(lists.best),
        tier(lists.worst),
        deciding.and_then(|sector| sector.score).map_or(ListCell::Empty, |score| ListCell::Number(score.to_f64())),
        number(counts.major),
        number(counts.general),
        number(counts.to_verify),
        lists.duties.iter().filter_map(|duty| duty.deadline).min().map_or(ListCell::Empty, ListCell::Date),
        lists.supervision.as_ref().and_then(|one| one.due).map_or(ListCell::Empty, ListCell::Date),
        text(lists.supervision.as_ref().map(|one| one.frequency.get(lang).to_owned()).unwrap_or_default()),
        text(joined(lists.errors.iter().map(|error| error.get(lang)).collect())),
    ]
}
