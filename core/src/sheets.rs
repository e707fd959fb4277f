//! Tables as the sheets of a workbook: headings, cells by their kind, filters. What they say is decided elsewhere.

use std::io::Write;

use rust_xlsxwriter::{Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, XlsxError};

use crate::{Date, Lang, ListCell};

/// A workbook could not be written.
#[derive(Debug, thiserror::Error)]
#[error("the workbook cannot be written: {0}")]
pub struct WorkbookError(#[from] XlsxError);

/// The most rows of a sheet, the headings included.
const MOST_ROWS: u32 = 1_048_576;
/// The longest text of a cell.
const LONGEST: usize = 32_767;

/// The heading of a column, and its width in characters.
#[derive(Debug, Clone)]
pub(crate) struct Heading {
    pub(crate) title: String,
    pub(crate) width: u16,
}

/// What stands in the properties of a workbook. The same tables give the same bytes: the only date inside is this one.
pub(crate) struct Properties<'p> {
    pub(crate) title: &'p str,
    pub(crate) comment: String,
    pub(crate) day: Date,
}

/// A workbook that takes row after row, sheet by sheet.
pub(crate) struct Sheets {
    book: rust_xlsxwriter::Workbook,
    lang: Lang,
    large: bool,
    sheets: Vec<Sheet>,
    styles: Styles,
}

/// A sheet that is being written, or its continuation.
struct Sheet {
    name: String,
    headings: Vec<Heading>,
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

impl Sheets {
    /// A workbook without a sheet. `large` keeps its rows in temporary files.
    pub(crate) fn new(properties: &Properties<'_>, lang: Lang, large: bool) -> Result<Sheets, WorkbookError> {
        let mut book = rust_xlsxwriter::Workbook::new();
        let created = ExcelDateTime::from_timestamp(i64::from(properties.day.days()) * 86_400)?;
        let of_file = DocProperties::new()
            .set_title(properties.title)
            .set_comment(&properties.comment)
            .set_creation_datetime(&created);
        book.set_properties(&of_file);
        Ok(Sheets { book, lang, large, sheets: Vec::new(), styles: Styles::new() })
    }

    /// Adds a sheet, and gives its number for [`Sheets::row`].
    pub(crate) fn add(&mut self, name: &str, headings: Vec<Heading>) -> Result<usize, WorkbookError> {
        let at = self.book.worksheets().len();
        let name = sheet_name(name);
        self.begin(&name, &headings)?;
        self.sheets.push(Sheet { name, headings, at, part: 1, row: 1 });
        Ok(self.sheets.len() - 1)
    }

    /// Adds a worksheet with its headings.
    fn begin(&mut self, name: &str, headings: &[Heading]) -> Result<(), XlsxError> {
        let sheet = match self.large {
            #[cfg(feature = "xlsx-large")]
            true => self.book.add_worksheet_with_constant_memory()?,
            _ => self.book.add_worksheet(),
        };
        sheet.set_name(name)?.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
        sheet.set_repeat_rows(0, 0)?.set_freeze_panes(1, 0)?;
        sheet.set_footer("&L&A&R&P / &N");
        for (at, heading) in (0u16..).zip(headings) {
            sheet.set_column_width(at, heading.width)?;
        }
        for (at, heading) in (0u16..).zip(headings) {
            sheet.write_string_with_format(0, at, &heading.title, &self.styles.heading)?;
        }
        Ok(())
    }

    /// Adds a row to a sheet, or to its continuation where it is full.
    pub(crate) fn row(&mut self, sheet: usize, cells: &[ListCell]) -> Result<(), WorkbookError> {
        let Some(state) = self.sheets.get(sheet) else { return Ok(()) };
        if state.row == MOST_ROWS {
            let (headings, part) = (state.headings.clone(), state.part + 1);
            let name = sheet_name(&format!("{} ({part})", state.name));
            self.end(sheet)?;
            let at = self.book.worksheets().len();
            self.begin(&name, &headings)?;
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
        let last = u16::try_from(state.headings.len()).unwrap_or(1).saturating_sub(1);
        let worksheet = self.book.worksheet_from_index(state.at)?;
        worksheet.autofilter(0, 0, state.row.saturating_sub(1).max(1), last)?;
        Ok(())
    }

    /// Writes the workbook.
    pub(crate) fn save(mut self, to: impl Write + Send) -> Result<(), WorkbookError> {
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
