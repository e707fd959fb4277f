//! Reading firms: takes JSON text, a `serde_json::Value`, any `serde::Serialize` record or an Arrow batch, gives rows
//! that a plan can evaluate, and says of every value that does not fit what was expected.

#[cfg(feature = "arrow")]
mod arrow;
mod cells;
#[cfg(feature = "columns")]
pub(crate) mod column;
#[cfg(feature = "columns")]
pub(crate) mod columns;
mod error;
mod firm;
mod record;
#[cfg(feature = "arrow")]
mod related;
#[cfg(feature = "columns")]
mod table;

#[cfg(feature = "arrow")]
pub(crate) use arrow::ArrowSource;

pub(crate) use cells::Cell;
pub(crate) use error::Expected;
pub use error::{DataError, FirmError, GradeError};
#[cfg(feature = "columns")]
pub(crate) use firm::sort_errors;
pub(crate) use firm::{Firm, Items, Reader, field_name};
pub(crate) use record::{from_json, from_owned, from_record, from_value};

#[cfg(feature = "columns")]
pub use column::FirmColumn;
#[cfg(feature = "arrow")]
pub use related::RelatedRows;
#[cfg(feature = "columns")]
pub(crate) use table::TableSource;
#[cfg(feature = "columns")]
pub use table::{FirmTable, FirmTableError};

/// The key that names the sector, or sectors, of a firm.
pub const SECTOR_KEY: &str = "sector";
/// The key that names the firm. It is handed through, never graded.
pub const ID_KEY: &str = "id";
