//! The three lists (三单): takes the explanation of a firm's grade, gives what could happen there, what is wrong there, and
//! who does what by when.
//!
//! What they are called, who controls and verifies, and how often a tier is supervised is said by the book.

#[cfg(feature = "html")]
pub(crate) mod html;
mod issue;
mod record;
mod table;
mod words;
#[cfg(feature = "xlsx")]
mod xlsx;

pub use record::{
    Collect, Duty, DutyKind, FirmLists, FiveAssignments, Hazard, HazardState, ListedSector, NextInspection, RiskEntry,
};
pub use table::{Column, HazardCounts, ListCell, ListKind};
#[cfg(feature = "xlsx")]
pub use xlsx::Workbook;

/// The ids of the three lists.
pub(crate) const LIST_IDS: [&str; 3] = ["risks", "hazards", "responsibilities"];
