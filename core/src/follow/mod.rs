//! Follow-up (隐患闭环): takes the hazards of last period and the lists of this one, gives every hazard with what has become
//! of it.
//!
//! ```text
//! Vec<FollowedHazard> of before ─┐
//! FirmStatus of now, each firm ──┴─▶ Follower ──▶ FollowUp
//! ```
//!
//! What comes out goes in again next period. Nothing is stored here, and nothing is lost: a hazard of before is in the
//! result once, whatever has become of its firm or its rule.

mod follower;
mod record;
mod status;
mod table;
#[cfg(feature = "xlsx")]
mod workbook;

pub use follower::{FollowError, Follower};
pub use record::{FollowCounts, FollowState, FollowUp, FollowedHazard, SectorName};
pub use status::{FirmStatus, HazardStatus, Rectification, WatchedRule};
