//! What changes from one book, day or set of parameters to another: over a register, takes the grades of both, gives who moved and for
//! which rules; over the rules, takes two graders, gives what was added, removed, and changed in its words or in its meaning.

#[cfg(feature = "analysis")]
mod book;
#[cfg(feature = "analysis")]
mod meaning;
#[cfg(feature = "columns")]
mod register;

#[cfg(feature = "analysis")]
pub use book::{BookChange, PartChange, RuleChange, RuleChangeKind, RuleWitness};
#[cfg(feature = "columns")]
pub use register::{GradedRow, Moved, RegisterChange, SectorMoves};
