//! The grades of a register, a row each.

use std::collections::HashMap;

use risktier::{BatchGrades, Lang, RuleOutcome};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::error::Failure;
use crate::json;

/// A column of the register that is kept beside the grades: each text once.
pub struct Kept {
    name: String,
    words: Vec<String>,
    places: HashMap<String, u32>,
    codes: Vec<u32>,
}

impl Kept {
    pub fn new(name: &str) -> Kept {
        Kept { name: name.to_owned(), words: Vec::new(), places: HashMap::new(), codes: Vec::new() }
    }

    pub fn push(&mut self, text: &str) {
        let code = match self.places.get(text) {
            Some(code) => *code,
            None => {
                let code = self.words.len() as u32;
                self.words.push(text.to_owned());
                self.places.insert(text.to_owned(), code);
                code
            }
        };
        self.codes.push(code);
    }
}

/// How often a rule came out.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct RuleCount {
    pub rule: String,
    /// In how many firms it fired.
    pub fired: u32,
    /// In how many it is undetermined.
    pub undetermined: u32,
}

#[wasm_bindgen(js_name = Grades)]
pub struct NativeGrades {
    parts: Vec<BatchGrades>,
    kept: Vec<Kept>,
    /// Rows with more or fewer cells than the first line of their table.
    odd: Vec<u32>,
}

impl NativeGrades {
    pub fn new(parts: Vec<BatchGrades>, kept: Vec<Kept>, odd: Vec<u32>) -> NativeGrades {
        NativeGrades { parts, kept, odd }
    }

    /// What is wrong with the record of a row: its cells, its sectors, its values, and operations on them.
    fn errors_of(&self, part: &BatchGrades, at: usize, row: usize, lang: Lang) -> Vec<String> {
        let odd = u32::try_from(row).is_ok_and(|row| self.odd.binary_search(&row).is_ok());
        let cells = odd.then(|| match lang {
            Lang::En => "more or fewer cells than the first line".to_owned(),
            Lang::Zh => "格数与首行不同".to_owned(),
        });
        let of_firm = part.firm_errors(at).iter().map(|error| error.message(lang));
        let of_values = part.data_errors(at).into_iter().map(|error| error.message(lang));
        let of_operations =
            part.faults(at).into_iter().map(|fault| format!("{}: {}", fault.site, fault.kind.message(lang)));
        cells.into_iter().chain(of_firm).chain(of_values).chain(of_operations).collect()
    }

    /// The part that a row is in, and its place there.
    fn place(&self, row: usize) -> Result<(&BatchGrades, usize), Failure> {
        let mut at = row;
        for part in &self.parts {
            if at < part.len() {
                return Ok((part, at));
            }
            at -= part.len();
        }
        let rows = self.length();
        Err(Failure::new("ARGUMENT", format!("there is no row {row}; expected one of the {rows}, counted from 0")))
    }

    fn rows(&self) -> impl Iterator<Item = (&BatchGrades, usize)> {
        self.parts.iter().flat_map(|part| (0..part.len()).map(move |row| (part, row)))
    }
}

#[wasm_bindgen(js_class = Grades)]
impl NativeGrades {
    #[wasm_bindgen(getter)]
    pub fn length(&self) -> usize {
        self.parts.iter().map(BatchGrades::len).sum()
    }

    /// Tier on record (0), best (1) or worst (2) of every row.
    pub fn tiers(&self, which: usize) -> Vec<u8> {
        let mut all = Vec::with_capacity(self.length());
        for part in &self.parts {
            let codes = part.tier_codes();
            all.extend_from_slice(codes.get(which).map(Vec::as_slice).unwrap_or_default());
        }
        all
    }

    pub fn scores(&self) -> Vec<f64> {
        self.parts.iter().flat_map(BatchGrades::score_values).collect()
    }

    /// The place of the deciding sector among those of the book; 65535 for a row that could not be graded.
    pub fn sectors(&self) -> Vec<u16> {
        let sectors = self.parts.first().map(|part| part.grader().book().sectors()).unwrap_or_default();
        let places: HashMap<&str, u16> = sectors.iter().zip(0..).map(|(sector, at)| (&*sector.id, at)).collect();
        let of = |(part, row): (&BatchGrades, usize)| part.decided_by(row).and_then(|id| places.get(id).copied());
        self.rows().map(|row| of(row).unwrap_or(u16::MAX)).collect()
    }

    /// How many rules fired in every row.
    pub fn fired(&self) -> Vec<u16> {
        let of = |(part, row): (&BatchGrades, usize)| part.rules(row, RuleOutcome::Fired).count();
        self.rows().map(|row| u16::try_from(of(row)).unwrap_or(u16::MAX)).collect()
    }

    /// Rows whose record has something wrong.
    #[wasm_bindgen(js_name = rowsWithErrors)]
    pub fn rows_with_errors(&self) -> Vec<u32> {
        let wrong = |((part, at), row): &((&BatchGrades, usize), u32)| {
            part.has_errors(*at) || self.odd.binary_search(row).is_ok()
        };
        self.rows().zip(0u32..).filter(wrong).map(|(_, row)| row).collect()
    }

    /// Of the rules that fired or are undetermined somewhere, how often; as JSON.
    #[wasm_bindgen(js_name = ruleCounts)]
    pub fn rule_counts(&self) -> Result<String, Failure> {
        let mut counts: Vec<RuleCount> = Vec::new();
        let mut places: HashMap<&str, usize> = HashMap::new();
        for (part, row) in self.rows() {
            for outcome in [RuleOutcome::Fired, RuleOutcome::Undetermined] {
                // A rule that two sectors of a firm share counts once.
                let mut seen: Vec<&str> = Vec::new();
                for of_row in part.rules(row, outcome) {
                    let id = &*of_row.rule.id;
                    if seen.contains(&id) {
                        continue;
                    }
                    seen.push(id);
                    let at = *places.entry(id).or_insert_with(|| {
                        counts.push(RuleCount { rule: id.to_owned(), ..RuleCount::default() });
                        counts.len() - 1
                    });
                    if let Some(count) = counts.get_mut(at) {
                        match outcome {
                            RuleOutcome::Fired => count.fired += 1,
                            _ => count.undetermined += 1,
                        }
                    }
                }
            }
        }
        json(&counts)
    }

    pub fn id(&self, row: usize) -> Result<Option<String>, Failure> {
        let (part, at) = self.place(row)?;
        Ok(part.id(at))
    }

    pub fn grade(&self, row: usize) -> Result<String, Failure> {
        let (part, at) = self.place(row)?;
        json(&part.grade(at)?)
    }

    pub fn explain(&self, row: usize) -> Result<String, Failure> {
        let (part, at) = self.place(row)?;
        json(&part.explain(at)?)
    }

    pub fn lists(&self, row: usize, name: Option<String>) -> Result<String, Failure> {
        let (part, at) = self.place(row)?;
        let mut lists = part.grader().lists_of(&part.explain(at)?);
        lists.name = name;
        json(&lists)
    }

    /// What is wrong with the record of a row, a text each, as JSON.
    pub fn errors(&self, row: usize, lang: &str) -> Result<String, Failure> {
        let lang = crate::language(lang)?;
        let (part, at) = self.place(row)?;
        json(&self.errors_of(part, at, row, lang))
    }

    /// The texts of a kept column, as JSON, and for each row its place among them.
    #[wasm_bindgen(js_name = keptWords)]
    pub fn kept_words(&self, name: &str) -> Result<String, Failure> {
        json(&self.kept_column(name)?.words)
    }

    #[wasm_bindgen(js_name = keptCodes)]
    pub fn kept_codes(&self, name: &str) -> Result<Vec<u32>, Failure> {
        Ok(self.kept_column(name)?.codes.clone())
    }

    /// The grades as CSV, with a mark at the beginning so that spreadsheets show Chinese.
    #[wasm_bindgen(js_name = toCsv)]
    pub fn to_csv(&self, lang: &str) -> Result<String, Failure> {
        let lang = crate::language(lang)?;
        let kept: Vec<&Kept> = self.kept.iter().filter(|kept| kept.name != "id").collect();
        let mut out =
            csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer("\u{feff}".as_bytes().to_vec());
        let names = ["sector", "tier", "best", "worst", "settled", "score", "fired", "undetermined", "errors"];
        let names = ["id"].into_iter().chain(kept.iter().map(|kept| kept.name.as_str())).chain(names);
        out.write_record(names.map(|name| plain(name.to_owned()))).map_err(not_written)?;
        for ((part, at), row) in self.rows().zip(0usize..) {
            let tiers = part.tiers(at).map(|(tier, best, worst)| [tier, best, worst]);
            let tier = |which: usize| {
                let tier = tiers.and_then(|tiers| tiers.get(which).copied());
                tier.map(|tier| tier.name(lang).to_owned()).unwrap_or_default()
            };
            let rules = |outcome| {
                let ids: Vec<&str> = part.rules(at, outcome).map(|rule| &*rule.rule.id).collect();
                ids.join(" ")
            };
            let words = kept.iter().map(|kept| {
                let word = kept.codes.get(row).and_then(|code| kept.words.get(*code as usize));
                word.cloned().unwrap_or_default()
            });
            let cells = [part.id(at).unwrap_or_default()].into_iter().chain(words).chain([
                part.decided_by(at).unwrap_or_default().to_owned(),
                tier(0),
                tier(1),
                tier(2),
                tiers.map(|[_, best, worst]| (best == worst).to_string()).unwrap_or_default(),
                part.score(at).map(|score| score.value.to_string()).unwrap_or_default(),
                rules(RuleOutcome::Fired),
                rules(RuleOutcome::Undetermined),
                self.errors_of(part, at, row, lang).join("; "),
            ]);
            out.write_record(cells.map(plain)).map_err(not_written)?;
        }
        let bytes = out.into_inner().map_err(not_written)?;
        String::from_utf8(bytes).map_err(not_written)
    }
}

impl NativeGrades {
    fn kept_column(&self, name: &str) -> Result<&Kept, Failure> {
        self.kept.iter().find(|kept| kept.name == name).ok_or_else(|| {
            Failure::new(
                "ARGUMENT",
                format!("column `{name}` was not kept; expected one that was named when the register was read"),
            )
        })
    }
}

/// A spreadsheet would take some beginnings of a cell for a formula, and run it.
fn plain(cell: String) -> String {
    let formula =
        cell.starts_with(['=', '+', '@', '\t', '\r']) || (cell.starts_with('-') && cell.parse::<f64>().is_err());
    if formula { format!("'{cell}") } else { cell }
}

fn not_written(error: impl ToString) -> Failure {
    Failure::new("TABLE", error.to_string())
}
