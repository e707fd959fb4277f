//! The lists as a workbook: a sheet of firms, a sheet a list, and the ways down.

use std::io::Write;

use rust_xlsxwriter::{Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, XlsxError};

use super::record::FirmLists;
use super::table::{Column, ListCell, ListKind};
use super::words::say;
use crate::{Grader, Lang, Tier};

/// A workbook could not be written.
#[derive(Debug, thiserror::Error)]
#[error("the workbook cannot be written: {0}")]
pub struct WorkbookError(#[from] XlsxError);

/// The most rows of a sheet, the headings included.
const MOST_ROWS: u32 = 1_048_576;
/// The longest text of a cell.
const LONGEST: usize = 32_767;

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
    book: rust_xlsxwriter::Workbook,
    lang: Lang,
    large: bool,
    sheets: Vec<Sheet>,
    styles: Styles,
}

/// A sheet that is being written, or its continuation.
struct Sheet {
    name: String,
    columns: &'static [Column],
    /// Index of the worksheet that takes the next row.
    at: usize,
    part: usize,
    row: u32,
}

struct Styles {
    heading: Format,
    text: Format,
    number: Format,
    date: Format,
    tiers: [Format; 4],
}

impl Styles {
    fn new() -> Styles {
        let cell = || Format::new().set_text_wrap().set_align(FormatAlign::Top).set_border(FormatBorder::Hair);
        let tier = |fill: u32, ink: Color| {
            cell().set_background_color(Color::RGB(fill)).set_font_color(ink).set_align(FormatAlign::Center).set_bold()
        };
        Styles {
            heading: cell().set_bold().set_background_color(Color::RGB(0x00E7_E9EE)).set_border(FormatBorder::Thin),
            text: cell(),
            number: cell().set_num_format("General"),
            date: cell().set_num_format("yyyy-mm-dd"),
            // Dark enough, or light enough, to read the word on them.
            tiers: [
                tier(0x001F_5FA8, Color::White),
                tier(0x00FF_D84A, Color::Black),
                tier(0x00F2_8C28, Color::Black),
                tier(0x00C6_2828, Color::White),
            ],
        }
    }
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
        let mut book = rust_xlsxwriter::Workbook::new();
        let day = i64::from(grader.as_of().days()) * 86_400;
        let identity = grader.identity();
        let properties = DocProperties::new()
            .set_title(say(lang, "Risk, hazard and responsibility lists", "风险、隐患、责任清单"))
            .set_comment(format!("book {}, engine {}, as of {}", identity.book, identity.engine, identity.as_of))
            .set_creation_datetime(&ExcelDateTime::from_timestamp(day)?);
        book.set_properties(&properties);
        let named = |id: &str, otherwise: &'static str| {
            let known = grader.book().issued_lists().iter().find(|list| &*list.id == id);
            sheet_name(known.map_or(otherwise, |list| list.name.get(lang)))
        };
        let names = [
            (say(lang, "Firms", "企业").to_owned(), FIRMS),
            (named("risks", say(lang, "Risk list", "风险清单")), ListKind::Risks.columns()),
            (named("hazards", say(lang, "Hazard list", "隐患清单")), ListKind::Hazards.columns()),
            (
                named("responsibilities", say(lang, "Responsibility list", "责任清单")),
                ListKind::Responsibilities.columns(),
            ),
        ];
        let mut workbook = Workbook { book, lang, large, sheets: Vec::with_capacity(4), styles: Styles::new() };
        for (at, (name, columns)) in names.into_iter().enumerate() {
            workbook.begin(&name, columns)?;
            workbook.sheets.push(Sheet { name, columns, at, part: 1, row: 1 });
        }
        Ok(workbook)
    }

    /// Adds a worksheet with its headings.
    fn begin(&mut self, name: &str, columns: &[Column]) -> Result<(), XlsxError> {
        let sheet = match self.large {
            #[cfg(feature = "xlsx-large")]
            true => self.book.add_worksheet_with_constant_memory()?,
            _ => self.book.add_worksheet(),
        };
        sheet.set_name(name)?.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
        sheet.set_repeat_rows(0, 0)?.set_freeze_panes(1, 0)?;
        sheet.set_footer("&L&A&R&P / &N");
        for (at, column) in (0u16..).zip(columns) {
            sheet.set_column_width(at, column.width)?;
        }
        for (at, column) in (0u16..).zip(columns) {
            sheet.write_string_with_format(0, at, column.title(self.lang), &self.styles.heading)?;
        }
        Ok(())
    }

    /// Adds a firm.
    ///
    /// # Errors
    /// If a temporary file cannot be written.
    pub fn add(&mut self, lists: &FirmLists) -> Result<(), WorkbookError> {
        self.row(0, &firm_row(lists, self.lang))?;
        for (at, kind) in (1..).zip(ListKind::ALL) {
            for row in lists.rows(kind, self.lang) {
                self.row(at, &row)?;
            }
        }
        Ok(())
    }

    fn row(&mut self, sheet: usize, cells: &[ListCell]) -> Result<(), XlsxError> {
        let Some(state) = self.sheets.get(sheet) else { return Ok(()) };
        if state.row == MOST_ROWS {
            let (columns, part) = (state.columns, state.part + 1);
            let name = sheet_name(&format!("{} ({part})", state.name));
            self.end(sheet)?;
            let at = self.book.worksheets().len();
            self.begin(&name, columns)?;
            if let Some(state) = self.sheets.get_mut(sheet) {
                (state.at, state.part, state.row) = (at, part, 1);
            }
        }
        let Some(state) = self.sheets.get_mut(sheet) else { return Ok(()) };
        let worksheet = self.book.worksheet_from_index(state.at)?;
        let styles = &self.styles;
        for (at, cell) in (0u16..).zip(cells) {
            match cell {
                ListCell::Empty => worksheet.write_blank(state.row, at, &styles.text)?,
                ListCell::Text(text) => {
                    worksheet.write_string_with_format(state.row, at, shortened(text), &styles.text)?
                }
                ListCell::Number(number) => {
                    worksheet.write_number_with_format(state.row, at, *number, &styles.number)?
                }
                ListCell::Date(date) => {
                    // Days of a workbook count from 1899-12-30.
                    let serial = f64::from(date.days()) + 25_569.0;
                    if serial >= 61.0 {
                        worksheet.write_number_with_format(state.row, at, serial, &styles.date)?
                    } else {
                        worksheet.write_string_with_format(state.row, at, date.to_string(), &styles.text)?
                    }
                }
                ListCell::Tier(tier) => {
                    let style = styles.tiers.get(*tier as usize).unwrap_or(&styles.text);
                    worksheet.write_string_with_format(state.row, at, tier.name(self.lang), style)?
                }
            };
        }
        state.row += 1;
        Ok(())
    }

    /// Filters over all rows of the worksheet that a sheet is at.
    fn end(&mut self, sheet: usize) -> Result<(), XlsxError> {
        let Some(state) = self.sheets.get(sheet) else { return Ok(()) };
        let last = u16::try_from(state.columns.len()).unwrap_or(1).saturating_sub(1);
        let worksheet = self.book.worksheet_from_index(state.at)?;
        worksheet.autofilter(0, 0, state.row.saturating_sub(1).max(1), last)?;
        Ok(())
    }

    /// Writes the workbook.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn save(mut self, to: impl Write + Send) -> Result<(), WorkbookError> {
        for sheet in 0..self.sheets.len() {
            self.end(sheet)?;
        }
        self.book.save_to_writer(to)?;
        Ok(())
    }
}

/// A name that a sheet can have: at most 31 characters, none of `[]:*?/\`.
fn sheet_name(name: &str) -> String {
    let plain = name.chars().map(|c| if "[]:*?/\\".contains(c) { ' ' } else { c });
    let name: String = plain.take(31).collect();
    name.trim_matches('\'').to_owned()
}

/// A text that a cell can hold.
fn shortened(text: &str) -> String {
    if text.encode_utf16().count() <= LONGEST {
        return text.to_owned();
    }
    let mut length = 0;
    let kept = text.chars().take_while(|c| {
        length += c.len_utf16();
        length < LONGEST
    });
    kept.chain(['…']).collect()
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
