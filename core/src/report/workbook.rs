//! The report as a workbook: a sheet a table.

use std::io::Write;

use super::record::MonthlyReport;
use crate::lang::say;
use crate::sheets::{Heading, Properties, Sheets};
use crate::{Lang, ListCell, WorkbookError};

impl MonthlyReport {
    /// Writes a workbook in a language: the summary, a sheet for every table with all its rows, and what is left out. The same
    /// report gives the same bytes.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn to_xlsx(&self, lang: Lang, to: impl Write + Send) -> Result<(), WorkbookError> {
        let properties = Properties {
            title: say(lang, "Monthly safety report", "安全风险月报"),
            comment: format!("as of {}", self.as_of),
            day: self.as_of,
        };
        let mut sheets = Sheets::new(&properties, lang, cfg!(feature = "xlsx-large"))?;
        let heading = |title: &str, width: u16| Heading { title: title.to_owned(), width };
        let summary = sheets.add(say(lang, "Summary", "摘要"), vec![heading(say(lang, "Summary", "摘要"), 110)])?;
        for sentence in self.sentences(lang) {
            sheets.row(summary, &[ListCell::text(sentence)])?;
        }
        for table in self.tables(lang) {
            let headings = table.columns.iter().map(|(title, width)| heading(title, *width)).collect();
            let sheet = sheets.add(sheet_title(table.id, lang), headings)?;
            for row in &table.rows {
                sheets.row(sheet, row)?;
            }
        }
        if !self.left_out.is_empty() {
            let headings = vec![heading(say(lang, "Left out", "未包含"), 40), heading(say(lang, "Why", "原因"), 80)];
            let sheet = sheets.add(say(lang, "Left out", "未包含"), headings)?;
            for left_out in &self.left_out {
                sheets
                    .row(sheet, &[ListCell::text(left_out.what.get(lang)), ListCell::text(left_out.why.get(lang))])?;
            }
        }
        sheets.save(to)
    }
}

/// Titles are longer than the name of a sheet can be.
fn sheet_title(id: &'static str, lang: Lang) -> &'static str {
    match id {
        "tiers" => say(lang, "Tiers", "等级分布"),
        "indicators" => say(lang, "Safety index", "安全指数"),
        "migration" => say(lang, "Moves", "等级变动"),
        "new-reds" => say(lang, "New reds", "新增红色"),
        "lifted-reds" => say(lang, "Lifted reds", "降级红色"),
        "sectors" => say(lang, "Sectors", "行业"),
        "key-fields" => say(lang, "Key fields", "重点领域"),
        "districts" => say(lang, "Districts", "地区"),
        "hazards" => say(lang, "Hazards", "隐患"),
        "overdue" => say(lang, "Overdue", "逾期隐患"),
        "findings" => say(lang, "Findings", "高频隐患"),
        "missing" => say(lang, "Missing facts", "缺失数据"),
        "early-warning" => say(lang, "Early warning", "提前预警"),
        other => other,
    }
}
