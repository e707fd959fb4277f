//! The monthly report: takes the graded periods of a register, gives one record of what changed, with tables, a page to print
//! and a workbook made of it.
//!
//! ```text
//! [Period, ..] + RuleBook + Indicators (+ forecast) ──▶ MonthlyReport ──▶ JSON, page, workbook
//! ```
//!
//! Every number is a count over the periods, and can be counted again in the files that they were read from. What the periods
//! do not say is left out and named ([`MonthlyReport::left_out`]), never taken for nothing.

mod charts;
mod counts;
mod forecast;
mod index;
mod indicators;
mod measure;
mod migration;
mod page;
mod period;
mod record;
mod tables;
#[cfg(feature = "xlsx")]
mod workbook;

pub use counts::{GroupCounts, TierCounts};
pub use forecast::{Because, ForecastEntry};
pub use index::{IndexPoint, IndicatorValue, SafetyIndex};
pub use indicators::{Indicator, IndicatorError, Indicators, MOST_INDICATORS, STANDARD_INDICATORS};
pub use measure::Measure;
pub use migration::{Migration, Reason, ReasonKind, RedChange, Standing};
pub use period::{GradedFirm, Period};
pub use record::{FactCount, HazardSection, LeftOut, MonthlyReport, PeriodCounts, ReportError, RuleCount};
pub use tables::ReportTable;
