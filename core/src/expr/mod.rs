//! Typed expressions: what conditions, points and measures become when a book is loaded.
//!
//! Takes the abstract syntax tree of a closure ([`lower`]), gives the id of a node in a [`Graph`].

pub(crate) mod graph;
#[cfg(feature = "scripts")]
pub(crate) mod lower;
pub(crate) mod scalar;

pub(crate) use graph::{AggKind, CmpOp, Constant, FrameId, Graph, NodeId, Op, TextTest};
pub use scalar::FaultKind;
pub(crate) use scalar::Scalar;
