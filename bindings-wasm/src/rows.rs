//! The rows of a table of text that comes in pieces.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

/// Takes bytes of UTF-8 in pieces of any size, gives rows of cells.
pub struct Rows {
    reader: Reader,
    text: Vec<u8>,
    ends: Vec<usize>,
    text_len: usize,
    ends_len: usize,
}

impl Rows {
    pub fn new(separator: u8) -> Rows {
        let reader = ReaderBuilder::new().delimiter(separator).build();
        Rows { reader, text: vec![0; 1 << 12], ends: vec![0; 64], text_len: 0, ends_len: 0 }
    }

    /// Calls with every row that is complete. No bytes at all: the end of the table.
    pub fn push(&mut self, mut bytes: &[u8], mut row: impl FnMut(&[&str])) {
        let at_end = bytes.is_empty();
        loop {
            let text = self.text.get_mut(self.text_len..).unwrap_or_default();
            let ends = self.ends.get_mut(self.ends_len..).unwrap_or_default();
            let (result, read, written, ended) = self.reader.read_record(bytes, text, ends);
            bytes = bytes.get(read..).unwrap_or_default();
            self.text_len += written;
            self.ends_len += ended;
            match result {
                ReadRecordResult::InputEmpty if at_end => {}
                ReadRecordResult::InputEmpty | ReadRecordResult::End => return,
                ReadRecordResult::OutputFull => self.text.resize(self.text.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::Record => {
                    let mut from = 0;
                    let ends = self.ends.iter().take(self.ends_len);
                    let texts: Vec<String> = ends
                        .map(|to| {
                            let cell = self.text.get(from..*to).unwrap_or_default();
                            from = *to;
                            // What is not UTF-8 here was not decoded: its marks show it.
                            String::from_utf8_lossy(cell).into_owned()
                        })
                        .collect();
                    row(&texts.iter().map(String::as_str).collect::<Vec<_>>());
                    (self.text_len, self.ends_len) = (0, 0);
                }
            }
        }
    }
}
