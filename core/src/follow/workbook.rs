//! The follow-up as a workbook: the counts, and every hazard.

use std::io::Write;

use super::record::FollowUp;
use crate::lang::say;
use crate::sheets::{Properties, Sheets};
use crate::{Column, Lang, ListCell, WorkbookError};

const COUNTS: &[Column] = &[Column::new("state", "State", "状态", 34), Column::new("hazards", "Hazards", "隐患数", 12)];

impl FollowUp {
    /// Writes a workbook of two sheets: the counts, and all hazards with filters. The same follow-up gives the same bytes.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn to_xlsx(&self, lang: Lang, to: impl Write + Send) -> Result<(), WorkbookError> {
        let properties = Properties {
            title: say(lang, "Follow-up of hazards", "隐患跟踪"),
            comment: format!("as of {}", self.as_of),
            day: self.as_of,
        };
        // In files of its own where it can be: a register may have millions.
        let mut sheets = Sheets::new(&properties, lang, cfg!(feature = "xlsx-large"))?;
        let counts = sheets.add(say(lang, "Counts", "统计"), Column::headings(COUNTS, lang))?;
        for (name, count) in self.counts.rows(lang) {
            sheets.row(counts, &[ListCell::text(name), ListCell::Number(count as f64)])?;
        }
        let hazards = sheets.add(say(lang, "Hazards", "隐患"), Column::headings(FollowUp::columns(), lang))?;
        for hazard in &self.hazards {
            sheets.row(hazards, &hazard.row(lang))?;
        }
        sheets.save(to)
    }
}
