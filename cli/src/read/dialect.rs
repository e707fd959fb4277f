//! How a table of text is written: its encoding and what separates its cells, told from the file itself.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use encoding_rs::{Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};
use encoding_rs_io::DecodeReaderBytesBuilder;

use crate::error::CliError;

/// The separators that tables come with.
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// So much of the first line is looked at.
const FIRST_LINE: u64 = 1 << 20;

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    pub encoding: &'static Encoding,
    pub separator: u8,
}

impl Dialect {
    /// Looks through a file. `usual` separates the cells where the first line does not tell.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn of(path: &Path, usual: u8) -> Result<Dialect, CliError> {
        let encoding = encoding(path)?;
        let file = File::open(path).map_err(CliError::read(path))?;
        let decoded = Dialect { encoding, separator: usual }.decode(file).map_err(CliError::read(path))?;
        let mut first = Vec::new();
        BufReader::new(decoded.take(FIRST_LINE)).read_until(b'\n', &mut first).map_err(CliError::read(path))?;
        Ok(Dialect { encoding, separator: separator(&String::from_utf8_lossy(&first), usual) })
    }

    /// The file as UTF-8, without the mark at its beginning.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn decode<R: Read + 'static>(self, file: R) -> io::Result<Box<dyn Read>> {
        if self.encoding != UTF_8 {
            let decoder = DecodeReaderBytesBuilder::new().encoding(Some(self.encoding)).bom_override(true).build(file);
            return Ok(Box::new(decoder));
        }
        let mut file = BufReader::with_capacity(1 << 16, file);
        if file.fill_buf()?.starts_with(&[0xef, 0xbb, 0xbf]) {
            file.consume(3);
        }
        Ok(Box::new(file))
    }
}

/// UTF-8, unless the file begins with another mark, or more of its lines are GB 18030 than UTF-8.
fn encoding(path: &Path) -> Result<&'static Encoding, CliError> {
    let mut file = BufReader::with_capacity(1 << 20, File::open(path).map_err(CliError::read(path))?);
    let start = file.fill_buf().map_err(CliError::read(path))?;
    match start {
        [0xff, 0xfe, ..] => return Ok(UTF_16LE),
        [0xfe, 0xff, ..] => return Ok(UTF_16BE),
        _ => {}
    }
    let (mut utf8, mut gb18030) = (0u64, 0u64);
    let mut line = Vec::new();
    loop {
        line.clear();
        if file.read_until(b'\n', &mut line).map_err(CliError::read(path))? == 0 {
            break;
        }
        if line.is_ascii() {
            continue;
        }
        if std::str::from_utf8(&line).is_ok() {
            utf8 += 1;
        } else if GB18030.decode_without_bom_handling_and_without_replacement(&line).is_some() {
            gb18030 += 1;
        }
    }
    Ok(if gb18030 > utf8 { GB18030 } else { UTF_8 })
}

/// The separator that stands most often in the first line, outside quotes.
fn separator(first_line: &str, usual: u8) -> u8 {
    let mut quoted = false;
    let mut counts = [0usize; SEPARATORS.len()];
    for byte in first_line.bytes() {
        if byte == b'"' {
            quoted = !quoted;
        } else if !quoted && let Some(at) = SEPARATORS.iter().position(|separator| *separator == byte) {
            counts.iter_mut().skip(at).take(1).for_each(|count| *count += 1);
        }
    }
    let most = counts.iter().copied().max().unwrap_or(0);
    let usual_count = SEPARATORS.iter().zip(counts).find(|(separator, _)| **separator == usual).map(|(_, count)| count);
    if most == 0 || usual_count == Some(most) {
        return usual;
    }
    SEPARATORS.iter().zip(counts).find(|(_, count)| *count == most).map_or(usual, |(separator, _)| *separator)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_separator_is_the_one_that_stands_most_often() {
        assert_eq!(separator("id,sector,employees", b','), b',');
        assert_eq!(separator("id;sector;\"a,b,c,d\"", b','), b';');
        assert_eq!(separator("id\tsector\temployees", b','), b'\t');
        assert_eq!(separator("id", b'\t'), b'\t');
        assert_eq!(separator("编号|行业|人数", b','), b'|');
    }
}
