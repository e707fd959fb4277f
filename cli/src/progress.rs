//! How far a long read has come, on a terminal only.

use std::fs::File;
use std::io::{BufReader, IsTerminal, Read};
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};

use crate::error::CliError;

/// A bar by bytes of input; nothing where nobody watches.
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    pub fn new(files: &[PathBuf], wanted: bool) -> Progress {
        if !wanted || !std::io::stderr().is_terminal() {
            return Progress { bar: ProgressBar::hidden() };
        }
        let bytes = files.iter().filter_map(|file| file.metadata().ok()).map(|file| file.len()).sum();
        let bar = ProgressBar::new(bytes);
        if let Ok(style) = ProgressStyle::with_template("{bar:40} {percent}% {bytes} of {total_bytes}, {eta} left") {
            bar.set_style(style);
        }
        Progress { bar }
    }

    /// Opens a file whose bytes move the bar as they are read.
    pub fn open(&self, path: &Path) -> Result<impl Read + Send + use<>, CliError> {
        let file = File::open(path).map_err(CliError::read(path))?;
        Ok(BufReader::with_capacity(1 << 20, self.bar.wrap_read(file)))
    }

    /// For readers that jump about in their file.
    pub fn advance(&self, bytes: u64) {
        self.bar.inc(bytes);
    }

    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
