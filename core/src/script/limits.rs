//! What a book may cost to load. A script from a stranger must not be able to hang or exhaust its reader: each limit
//! stands well above what the standard book needs, and together they keep a refusal under a second and 100 MB.

/// Bytes of one script.
pub(crate) const MAX_SCRIPT_BYTES: usize = 256 << 10;
/// Bytes of all scripts of a book.
pub(crate) const MAX_BOOK_BYTES: usize = 4 << 20;
/// Statements and expressions of all scripts of a book: their syntax trees are in memory together.
pub(crate) const MAX_SYNTAX_NODES: usize = 400_000;
/// Steps that the scripts of a book may take while they declare.
pub(crate) const MAX_OPERATIONS: u64 = 1_000_000;
/// Values that are read from variables or declared, in all. Texts count by their length. Rhai counts steps, but a step
/// may copy or look through all of a value, and closures keep copies alive that its own limits do not see.
pub(crate) const MAX_DATA: u64 = 1_000_000;
/// Values inside values.
pub(crate) const MAX_DATA_DEPTH: usize = 24;
/// Declarations of a book.
pub(crate) const MAX_DECLARATIONS: usize = 20_000;
/// Rules of a book.
pub(crate) const MAX_RULES: usize = 5_000;
/// Rules of all sectors, those of their parts counted for each sector.
pub(crate) const MAX_ADOPTED: usize = 100_000;
/// Functions and closures of a script.
pub(crate) const MAX_FUNCTIONS: usize = 2_000;
/// Scripts that import scripts.
pub(crate) const MAX_IMPORT_DEPTH: usize = 16;
/// Scripts that one script reaches by imports, each counted as often as there are ways to it: Rhai goes all of them.
pub(crate) const MAX_IMPORTS: usize = 2_000;
/// Scripts of a book.
pub(crate) const MAX_SCRIPTS: usize = 1_000;
/// Functions that call functions, while scripts run and while conditions are lowered.
pub(crate) const MAX_CALL_LEVELS: usize = 24;
/// Expressions inside expressions.
pub(crate) const MAX_EXPRESSION_DEPTH: usize = 64;
/// Expressions inside expressions once functions are inlined.
pub(crate) const MAX_LOWERING_DEPTH: usize = 128;
/// Bytes of a text, all texts inside an array or map counted.
pub(crate) const MAX_STRING: usize = 64 << 10;
/// Items of an array, and of a map, those inside counted.
pub(crate) const MAX_ITEMS: usize = 5_000;
/// Variables alive at once.
pub(crate) const MAX_VARIABLES: usize = 128;
/// `let` and `const` of a script, those of conditions counted.
pub(crate) const MAX_DECLARED_NAMES: usize = 2_000;
/// Parameters of a function, and names one after the other.
pub(crate) const MAX_PARAMETERS: usize = 200;
/// Nodes that the conditions of a book may have in all, after inlining.
pub(crate) const MAX_CONDITION_NODES: usize = 200_000;
/// Expressions that lowering one closure may visit.
pub(crate) const MAX_VISITS: usize = 20_000;
/// Expressions that lowering all closures of a book may visit.
pub(crate) const MAX_BOOK_VISITS: usize = 1_000_000;
