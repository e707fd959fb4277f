//! A book on a grading date.

use risktier::Grader;
use wasm_bindgen::prelude::*;

use crate::error::Failure;
#[cfg(feature = "batch")]
use crate::grades::NativeGrades;
use crate::json;
#[cfg(feature = "batch")]
use crate::register::seen_columns;
#[cfg(feature = "batch")]
use crate::table::TableBuilder;

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
}

#[cfg(feature = "batch")]
#[wasm_bindgen(js_class = Grader)]
impl NativeGrader {
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
        let options = risktier::BatchOptions { sector, parse_text, ..risktier::BatchOptions::default() };
        Ok(NativeGrades::new(vec![self.grader.grade_table(&table.build(), &options)?], Vec::new(), Vec::new()))
    }
}
