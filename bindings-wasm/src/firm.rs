//! What a book says of one firm on its grading date.

use risktier::{Explanation, FirmLists, ListKind};
use wasm_bindgen::prelude::*;

use crate::error::Failure;
use crate::grader::NativeGrader;
use crate::{json, language};

impl NativeGrader {
    fn explanation(&self, firm: &str) -> Result<Explanation, Failure> {
        Ok(self.inner().explain_json(firm)?)
    }

    fn lists_of(&self, firm: &str, name: Option<String>) -> Result<FirmLists, Failure> {
        let mut lists = self.inner().lists_of(&self.explanation(firm)?);
        lists.name = name;
        Ok(lists)
    }
}

#[wasm_bindgen(js_class = Grader)]
impl NativeGrader {
    pub fn grade(&self, firm: &str) -> Result<String, Failure> {
        json(&self.inner().grade_json(firm)?)
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
