//! Grades: takes the outcomes of a plan's rules, gives a tier with its bounds, and the reasons.

#[cfg(feature = "arrow")]
mod arrow;
#[cfg(feature = "columns")]
mod batch;
mod bounds;
mod explain;
#[cfg(feature = "arrow")]
mod export;
mod grader;
mod missing;
mod reads;
mod reasons;
mod record;
#[cfg(feature = "columns")]
pub(crate) mod register;
mod way_down;

#[cfg(feature = "columns")]
pub use batch::{BatchError, BatchGrades, BatchOptions, JsonBatchError, RuleOfRow};
pub(crate) use bounds::{Bounds, Outcome, band, decide, decide_in_force};
pub use explain::{Explanation, FactRead, ItemRead, RuleExplanation, RuleOutcome, SectorExplanation};
#[cfg(feature = "arrow")]
pub use export::{ExportOptions, GradeColumns};
pub use grader::Grader;
pub(crate) use grader::to_value;
pub use reads::SectorFacts;
pub use record::{Fault, Fired, Grade, Identity, MeasureValue, Missing, Score, SectorGrade, Undetermined, Wait};
pub use way_down::{Goal, Way, WayDown};
