//! What goes wrong, on its way to JavaScript: a record that `js/errors.ts` makes an `Error` of.

#[cfg(feature = "batch")]
use risktier::{BatchError, FirmTableError};
use risktier::{CompiledBookError, FirmError, GradeError};
use serde::Serialize;
use wasm_bindgen::JsValue;

/// A failure: what kind, in one word, and what was expected.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Failure {
    /// `ARGUMENT`, `FIRM`, `TABLE`, `COMPILED`, or `BOOK`.
    pub code: &'static str,
    pub message: String,
    /// For `BOOK`: everything that is wrong in the scripts, as JSON.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "typescript", ts(as = "Option<Vec<Finding>>", optional))]
    pub diagnostics: Vec<Finding>,
}

/// One thing that is wrong, or odd, in a rule script.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(rename = "Diagnostic"))]
pub struct Finding {
    /// Stable, such as `E014`.
    pub code: String,
    pub severity: String,
    pub script: String,
    /// From 1.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
    /// How many characters to underline.
    pub width: usize,
    pub message: risktier::Label,
    pub expected: Option<risktier::Label>,
    pub help: Option<risktier::Label>,
    /// A firm that shows it, for what the analysis of the whole book found.
    #[cfg(feature = "author")]
    pub witness: Option<risktier::Witness>,
}

impl Failure {
    pub fn new(code: &'static str, message: impl Into<String>) -> Failure {
        Failure { code, message: message.into(), diagnostics: Vec::new() }
    }
}

impl From<GradeError> for Failure {
    fn from(error: GradeError) -> Failure {
        Failure::new("FIRM", error.to_string())
    }
}

impl From<FirmError> for Failure {
    fn from(error: FirmError) -> Failure {
        Failure::new("FIRM", error.to_string())
    }
}

#[cfg(feature = "batch")]
impl From<BatchError> for Failure {
    fn from(error: BatchError) -> Failure {
        Failure::new("TABLE", error.to_string())
    }
}

#[cfg(feature = "batch")]
impl From<FirmTableError> for Failure {
    fn from(error: FirmTableError) -> Failure {
        Failure::new("TABLE", error.to_string())
    }
}

impl From<CompiledBookError> for Failure {
    fn from(error: CompiledBookError) -> Failure {
        Failure::new("COMPILED", error.to_string())
    }
}

impl From<Failure> for JsValue {
    fn from(failure: Failure) -> JsValue {
        // Texts and numbers always have a JSON form.
        JsValue::from_str(&serde_json::to_string(&failure).unwrap_or_default())
    }
}
