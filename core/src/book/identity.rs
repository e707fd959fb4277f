//! What a book is known by: a hash of everything that it says.

use std::collections::BTreeMap;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::Overrides;

/// Raised when the same scripts come to mean something else, so that old hashes stay true.
const LANGUAGE_VERSION: &str = "risktier-rules-1";

/// Of scripts by name, and values of parameters in place of theirs.
pub(super) fn hash(sources: &BTreeMap<String, Arc<str>>, overrides: &Overrides) -> Arc<str> {
    let mut hasher = Sha256::new();
    let mut part = |text: &str| {
        // The length first: no two lists of parts give the same bytes.
        hasher.update((text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    };
    part(LANGUAGE_VERSION);
    for (name, source) in sources {
        part(name);
        part(source);
    }
    for (name, values) in overrides {
        for (since, value) in values {
            part(name);
            part(&since.to_string());
            part(value.ty().name());
            part(&value.to_string());
        }
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()
}
