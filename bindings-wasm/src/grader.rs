//! A book on a grading date, and what it says of one firm.

use risktier::{BatchOptions, Explanation, FirmLists, Grader, ListKind};
use wasm_bindgen::prelude::*;

use crate::error::Failure;
use crate::grades::NativeGrades;
use crate::register::seen_columns;
use crate::table::TableBuilder;
use crate::{json, language};

#[wasm_bindgen(js_name = Grader)]
pub struct NativeGrader {
    grader: Grader,
}

impl NativeGrader {
    pub fn new(grader: Grader) -> NativeGrader {
        NativeGrader { grader }
    }

    pub fn inner(&self) -> &Grader {
        &self.grader
    }

    fn known_sector(&self, sector: &str) -> Result<(), Failure> {
        let mut known = self.grader.book().sectors().iter().map(|sector| &*sector.id);
        if known.any(|id| id == sector) {
            return Ok(());
        }
        let known = self.grader.book().sectors().iter().map(|sector| &*sector.id);
        let hint = risktier::nearest(sector, known).map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
        Err(Failure::new("ARGUMENT", format!("the book has no sector `{sector}`{hint}")))
    }

    fn explanation(&self, firm: &str) -> Result<Explanation, Failure> {
        Ok(self.grader.explain_json(firm)?)
    }

    fn lists_of(&self, firm: &str, name: Option<String>) -> Result<FirmLists, Failure> {
        let mut lists = self.grader.lists_of(&self.explanation(firm)?);
        lists.name = name;
        Ok(lists)
    }
}

#[wasm_bindgen(js_class = Grader)]
impl NativeGrader {
    #[wasm_bindgen(getter, js_name = asOf)]
    pub fn as_of(&self) -> String {
        self.grader.as_of().to_string()
    }

    /// The facts and lists that a sector reads on this day, as JSON.
    pub fn facts(&self, sector: &str) -> Result<String, Failure> {
        self.known_sector(sector)?;
        json(&self.grader.facts_of(sector).unwrap_or_default())
    }

    /// Which column of a table could be which fact of a sector: columns as JSON in, proposals out.
    #[wasm_bindgen(js_name = proposeMapping)]
    pub fn propose_mapping(&self, sector: &str, columns: &str, least: f64) -> Result<String, Failure> {
        self.known_sector(sector)?;
        json(&self.grader.propose_mapping(sector, &seen_columns(columns)?, least))
    }

    /// Grades a table.
    #[wasm_bindgen(js_name = gradeTable)]
    pub fn grade_table(
        &self,
        table: TableBuilder,
        sector: Option<String>,
        parse_text: bool,
    ) -> Result<NativeGrades, Failure> {
        let options = BatchOptions { sector, parse_text, ..BatchOptions::default() };
        Ok(NativeGrades::new(vec![self.grader.grade_table(&table.build(), &options)?], Vec::new(), Vec::new()))
    }

    pub fn grade(&self, firm: &str) -> Result<String, Failure> {
        json(&self.grader.grade_json(firm)?)
    }

    pub fn explain(&self, firm: &str) -> Result<String, Failure> {
        json(&self.explanation(firm)?)
    }

    pub fn lists(&self, firm: &str, name: Option<String>) -> Result<String, Failure> {
        json(&self.lists_of(firm, name)?)
    }

    /// The three lists as a page to print.
    #[wasm_bindgen(js_name = listsHtml)]
    pub fn lists_html(&self, firm: &str, name: Option<String>, lang: &str) -> Result<String, Failure> {
        Ok(self.lists_of(firm, name)?.to_html(language(lang)?))
    }

    /// One of the three lists as a table: the titles of its columns, then a row an entry, as JSON texts.
    #[wasm_bindgen(js_name = listTable)]
    pub fn list_table(&self, firm: &str, name: Option<String>, kind: &str, lang: &str) -> Result<String, Failure> {
        let lang = language(lang)?;
        let kinds = [ListKind::Risks, ListKind::Hazards, ListKind::Responsibilities];
        let Some(kind) = kinds.into_iter().find(|one| one.id() == kind) else {
            let message = format!("there is no list `{kind}`; expected `risks`, `hazards` or `responsibilities`");
            return Err(Failure::new("ARGUMENT", message));
        };
        let lists = self.lists_of(firm, name)?;
        let mut table = vec![kind.columns().iter().map(|column| column.title(lang).to_owned()).collect::<Vec<_>>()];
        table.extend(lists.rows(kind, lang).iter().map(|row| row.iter().map(|cell| cell.to_text(lang)).collect()));
        json(&table)
    }
}
