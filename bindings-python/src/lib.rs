//! The native part of the Python package `risktier`. Everything that is done for each row is done here, without the
//! interpreter lock; the Python files around it say what comes in and what goes out.
//!
//! | module | takes | gives |
//! |---|---|---|
//! | `book` | rule scripts, JSON of one firm | a book, a grader, JSON of its answers |
//! | `capsule` | objects with the Arrow PyCapsule interface | record batches, and back |
//! | `input` | record batches in the names of a register | record batches in the names of the book |
//! | `grades` | those | grades, and the tables that are made of them |
//! | `tables` | grades | long tables: findings, open rules, missing facts, errors, lists |
//! | `follow` | the hazards of before, and grades | every hazard, and what has become of it |
//! | `report` | grades and follow-ups of several days | the monthly report |
//! | `comparison` | two gradings of one register | who moved, and by which rules |
//! | `frame` | record batches | the object that Python sees |
//! | `errors` | errors of the engine | exceptions of `risktier.errors` |

mod ahead;
mod book;
mod capsule;
mod comparison;
mod errors;
mod follow;
mod frame;
mod grades;
mod input;
mod report;
mod tables;

use pyo3::prelude::*;

/// The native part of risktier.
#[pymodule(gil_used = false)]
mod _native {
    #[pymodule_export]
    use crate::book::{NativeBook, NativeGrader};
    #[pymodule_export]
    use crate::follow::NativeFollowUp;
    #[pymodule_export]
    use crate::frame::Frame;
    #[pymodule_export]
    use crate::grades::NativeGrades;
    #[pymodule_export]
    use crate::report::{NativePeriod, NativeReport};
    #[pymodule_export]
    const ENGINE_VERSION: &str = risktier::ENGINE_VERSION;
}
