//! Where something stands in the rule scripts.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;

/// A place in a rule script.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Site {
    /// The name of the script, as it was given to the builder.
    pub script: Arc<str>,
    /// From 1.
    pub line: u32,
    /// From 1, in characters. 0 where the whole line, or the whole script, is meant.
    pub column: u32,
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.script)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        if self.column > 0 {
            write!(f, ":{}", self.column)?;
        }
        Ok(())
    }
}
