//! Registers of other names, units and codes: takes what a mapping says of a fact, and the columns that it names; gives the
//! column that the engine reads.
//!
//! Nothing is repaired in silence: a cell that the mapping cannot read reaches the engine as it stands, and is reported for
//! its firm.

mod propose;
mod reading;
mod spec;
pub mod units;

pub use propose::{Proposal, ProposedBy, SeenColumn};
#[cfg(feature = "arrow")]
pub use reading::texts;
pub use reading::{Codes, Combine, Reading, has_thousands};
pub use spec::{CellText, CodeTable, CodesSpec, Spec, yes_no};
