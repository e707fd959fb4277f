//! What a book may cost to load. A script from a stranger must not be able to hang or exhaust its reader.

/// Bytes of one script.
pub(crate) const MAX_SCRIPT_BYTES: usize = 1 << 20;
/// Bytes of all scripts of a book.
pub(crate) const MAX_BOOK_BYTES: usize = 16 << 20;
/// Steps that a script may take while it declares.
pub(crate) const MAX_OPERATIONS: u64 = 500_000;
/// Declarations of a book.
pub(crate) const MAX_DECLARATIONS: usize = 30_000;
/// Rules of a book.
pub(crate) const MAX_RULES: usize = 20_000;
/// Functions and closures of a script.
pub(crate) const MAX_FUNCTIONS: usize = 2_000;
/// Functions that call functions.
pub(crate) const MAX_CALL_LEVELS: usize = 32;
/// Expressions inside expressions.
pub(crate) const MAX_EXPRESSION_DEPTH: usize = 64;
/// Characters of a text, all texts inside an array or map counted.
pub(crate) const MAX_STRING: usize = 256 << 10;
/// Items of an array, and of a map, those inside counted.
pub(crate) const MAX_ITEMS: usize = 10_000;
/// Variables alive at once.
pub(crate) const MAX_VARIABLES: usize = 128;
/// Problems that are reported of a book. Who has more reads the first.
pub(crate) const MAX_PROBLEMS: usize = 1_000;
/// Nodes that the conditions of a book may have in all, after inlining.
pub(crate) const MAX_CONDITION_NODES: usize = 1_000_000;
/// Expressions that lowering one closure may visit.
pub(crate) const MAX_VISITS: usize = 50_000;
/// Expressions and blocks inside each other while a condition is lowered, through inlined functions too.
pub(crate) const MAX_LOWERING_DEPTH: usize = 128;
