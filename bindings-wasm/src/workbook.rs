//! The three lists of a firm as a workbook.

use risktier::{Workbook, WorkbookError};
use wasm_bindgen::prelude::*;

use crate::error::Failure;
use crate::grader::NativeGrader;
use crate::language;

#[wasm_bindgen(js_class = Grader)]
impl NativeGrader {
    #[wasm_bindgen(js_name = listsXlsx)]
    pub fn lists_xlsx(&self, firm: &str, name: Option<String>, lang: &str) -> Result<Vec<u8>, Failure> {
        let grader = self.inner();
        let mut lists = grader.lists_of(&grader.explain_json(firm)?);
        lists.name = name;
        let not_written = |error: WorkbookError| Failure::new("TABLE", error.to_string());
        let mut workbook = Workbook::new(grader, language(lang)?).map_err(not_written)?;
        workbook.add(&lists).map_err(not_written)?;
        let mut out = std::io::Cursor::new(Vec::new());
        workbook.save(&mut out).map_err(not_written)?;
        Ok(out.into_inner())
    }
}
