//! A table, put together from typed arrays column by column.

use risktier::{FirmColumn, FirmTable};
use wasm_bindgen::prelude::*;

use crate::error::Failure;

/// `known` is a byte for each row, 0 where the value is unknown; without it all are known.
#[wasm_bindgen(js_name = Table)]
pub struct TableBuilder {
    table: FirmTable,
}

impl TableBuilder {
    pub fn build(self) -> FirmTable {
        self.table
    }

    fn add(&mut self, name: String, column: FirmColumn, known: Option<Vec<u8>>) -> Result<(), Failure> {
        let column = match known {
            None => column,
            Some(known) if known.len() != column.len() => {
                let (found, expected) = (known.len(), column.len());
                let message =
                    format!("column `{name}`: `known` has {found} rows; expected {expected}, as many as its values");
                return Err(Failure::new("TABLE", message));
            }
            Some(known) => column.with_known(&known.iter().map(|known| *known != 0).collect::<Vec<_>>()),
        };
        self.replace(|table| table.with(name, column))
    }

    fn replace(
        &mut self,
        with: impl FnOnce(FirmTable) -> Result<FirmTable, risktier::FirmTableError>,
    ) -> Result<(), Failure> {
        let table = std::mem::replace(&mut self.table, FirmTable::new(0));
        self.table = with(table)?;
        Ok(())
    }
}

#[wasm_bindgen(js_class = Table)]
impl TableBuilder {
    #[wasm_bindgen(constructor)]
    pub fn new(rows: usize) -> TableBuilder {
        TableBuilder { table: FirmTable::new(rows) }
    }

    pub fn int8(&mut self, name: String, values: Vec<i8>, known: Option<Vec<u8>>) -> Result<(), Failure> {
        self.add(name, values.into(), known)
    }

    pub fn int16(&mut self, name: String, values: Vec<i16>, known: Option<Vec<u8>>) -> Result<(), Failure> {
        self.add(name, values.into(), known)
    }

    pub fn int32(&mut self, name: String, values: Vec<i32>, known: Option<Vec<u8>>) -> Result<(), Failure> {
        self.add(name, values.into(), known)
    }

    pub fn int64(&mut self, name: String, values: Vec<i64>, known: Option<Vec<u8>>) -> Result<(), Failure> {
        self.add(name, values.into(), known)
    }

    pub fn uint8(&mut self, name: String, values: Vec<u8>, known: Option<Vec<u8>>) -> Result<(), Failure> {
        self.add(name, values.into(), known)
    }

    pub fn uint16(&mut self, name: String, values: Vec<u16>, known: Option<Vec<u8>>) -> Result<(), Failure> {
        self.add(name, values.into(), known)
    }

    pub fn uint32(&mut self, name: String, values: Vec<u32>, known: Option<Vec<u8>>) -> Result<(), Failure> {
        self.add(name, values.into(), known)
    }

    pub fn float32(&mut self, name: String, values: Vec<f32>, known: Option<Vec<u8>>) -> Result<(), Failure> {
        self.add(name, values.into(), known)
    }

    pub fn float64(&mut self, name: String, values: Vec<f64>, known: Option<Vec<u8>>) -> Result<(), Failure> {
        self.add(name, values.into(), known)
    }

    /// A byte for each row: 0 is false.
    pub fn bools(&mut self, name: String, values: Vec<u8>, known: Option<Vec<u8>>) -> Result<(), Failure> {
        let values: Vec<bool> = values.into_iter().map(|value| value != 0).collect();
        self.add(name, values.into(), known)
    }

    /// Days since 1970-01-01.
    pub fn days(&mut self, name: String, values: Vec<i32>, known: Option<Vec<u8>>) -> Result<(), Failure> {
        self.add(name, FirmColumn::days(values), known)
    }

    /// For each row the place of its text among the words; a place beyond them is unknown.
    pub fn texts(
        &mut self,
        name: String,
        codes: Vec<u32>,
        words: Vec<String>,
        known: Option<Vec<u8>>,
    ) -> Result<(), Failure> {
        self.add(name, FirmColumn::coded(codes, words.iter().map(String::as_str)), known)
    }

    /// Where the items of each row begin, and the end of the last; and the items.
    pub fn lists(
        &mut self,
        name: String,
        starts: Vec<u32>,
        items: TableBuilder,
        known: Option<Vec<u8>>,
    ) -> Result<(), Failure> {
        let starts = starts.into_iter().map(|start| start as usize).collect();
        let known = known.unwrap_or_default().into_iter().map(|known| known != 0).collect();
        self.replace(|table| table.with_list(name, starts, known, items.build()))
    }
}
