//! Looking ahead: takes a grader, a last day and firms whose facts stay as they are, gives the days on which their tiers change by
//! themselves, because licences run out, deadlines pass, and rules begin and end.
//!
//! No day is graded twice. A plan for the run of days knows the nodes that move with the day; each of them becomes a
//! [`timeline`] for a firm, solved for the days on which it changes; the tier is decided anew on those days only.

mod algebra;
#[cfg(feature = "columns")]
mod batch;
mod firm;
pub(crate) mod moving;
mod outlook;
mod record;
pub(crate) mod tiers;
pub(crate) mod timeline;

#[cfg(feature = "columns")]
pub use batch::BatchForecast;
pub use outlook::{HorizonError, Outlook};
pub use record::{Behind, Forecast, RuleTurn, TierChange};
