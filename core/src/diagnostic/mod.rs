//! What is wrong with a rule script, where, what was expected, and how to mend it.

mod catalogue;
#[cfg(feature = "analysis")]
mod findings;
mod render;
mod reports;
mod wording;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde::Serialize;

pub(crate) use catalogue::{
    BadImport, Construct, Declared, FunctionsOf, Known, Limit, Pair, Problem, RowProblem, Shape,
};
#[cfg(feature = "analysis")]
pub(crate) use findings::Finding;
pub(crate) use render::token_width;
pub(crate) use reports::{MAX_PROBLEMS, Reports};
pub(crate) use wording::{Hint, Misread, Stopped};

use crate::{Lang, Site};

/// Whether a book can be used in spite of a diagnostic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The book is refused.
    Error,
    /// The book can be used; somebody should look.
    Warning,
}

/// One thing that is wrong, or odd, in a rule script.
///
/// Its code is stable; its text may get better.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnostic {
    problem: Problem,
    site: Site,
    /// The script and its line. Shared: a copy of a long line for each of many problems would be costly.
    source: Option<(Arc<str>, Range<usize>)>,
    /// Where the function was called that the site is in, if it is in one.
    called_from: Option<Site>,
    /// How many characters to underline.
    width: usize,
    /// A firm that shows it.
    #[cfg(feature = "analysis")]
    witness: Option<crate::analysis::Witness>,
}

impl Diagnostic {
    /// `width` is that of the token at the site where it is not given.
    pub(crate) fn new(
        problem: Problem,
        site: Site,
        source: Option<(Arc<str>, Range<usize>)>,
        width: Option<usize>,
    ) -> Diagnostic {
        let mut diagnostic = Diagnostic {
            problem,
            site,
            source,
            called_from: None,
            width: 1,
            #[cfg(feature = "analysis")]
            witness: None,
        };
        let token = diagnostic.source_line().map_or(1, |line| token_width(line, diagnostic.site.column));
        diagnostic.width = width.unwrap_or(token).max(1);
        diagnostic
    }

    pub(crate) fn called_from(self, site: Option<Site>) -> Diagnostic {
        Diagnostic { called_from: site, ..self }
    }

    #[cfg(feature = "analysis")]
    pub(crate) fn shown_by(self, witness: Option<crate::analysis::Witness>) -> Diagnostic {
        Diagnostic { witness, ..self }
    }

    /// A firm that shows it, for what the analysis of a book found.
    #[cfg(feature = "analysis")]
    pub fn witness(&self) -> Option<&crate::analysis::Witness> {
        self.witness.as_ref()
    }

    /// The stable code: `E` and a number for an error, `W` and a number for a warning.
    pub fn code(&self) -> &'static str {
        self.problem.code()
    }

    /// Error or warning.
    pub fn severity(&self) -> Severity {
        if self.code().starts_with('E') { Severity::Error } else { Severity::Warning }
    }

    /// Where.
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// The statement that called the function which the site is in, for what a function declares.
    pub fn caller(&self) -> Option<&Site> {
        self.called_from.as_ref()
    }

    /// The line of the script, if there is one.
    pub fn source_line(&self) -> Option<&str> {
        self.source.as_ref().and_then(|(text, line)| text.get(line.clone()))
    }

    /// How many characters, from the column of the site on, are meant.
    pub fn width(&self) -> usize {
        self.width
    }

    /// What is wrong, in one line.
    pub fn message(&self, lang: Lang) -> String {
        self.problem.message(lang)
    }

    /// What was expected, if there is more to say than the message does.
    pub fn expected(&self, lang: Lang) -> Option<String> {
        self.problem.expected(lang)
    }

    /// How to mend it.
    pub fn help(&self, lang: Lang) -> Option<String> {
        self.problem.help(lang)
    }

    /// The whole diagnostic as text of several lines, with the place underlined.
    pub fn render(&self, lang: Lang) -> String {
        render::render(self, lang)
    }
}

/// As an object: `code`, `severity`, `site`, `message`, `expected` and `help` in both languages, `text` as it is printed, and the
/// `witness`.
impl Serialize for Diagnostic {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let both = |of: &dyn Fn(Lang) -> Option<String>| {
            let [en, zh] = [Lang::En, Lang::Zh].map(of);
            en.zip(zh).map(|(en, zh)| crate::Label { en: en.into(), zh: zh.into() })
        };
        let mut object = serializer.serialize_struct("Diagnostic", 8)?;
        object.serialize_field("code", self.code())?;
        object.serialize_field("severity", &self.severity())?;
        object.serialize_field("site", &self.site)?;
        object.serialize_field("message", &both(&|lang| Some(self.message(lang))))?;
        object.serialize_field("expected", &both(&|lang| self.expected(lang)))?;
        object.serialize_field("help", &both(&|lang| self.help(lang)))?;
        object.serialize_field("text", &both(&|lang| Some(self.render(lang))))?;
        #[cfg(feature = "analysis")]
        object.serialize_field("witness", &self.witness)?;
        object.end()
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(Lang::En))
    }
}

/// A book that could not be built: every error and warning, in the order of scripts and lines.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub struct BookError {
    diagnostics: Vec<Diagnostic>,
}

impl BookError {
    pub(crate) fn new(diagnostics: Vec<Diagnostic>) -> BookError {
        BookError { diagnostics }
    }

    /// Every error and warning that was found.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// The diagnostics as text, one after the other.
    pub fn render(&self, lang: Lang) -> String {
        let texts: Vec<String> = self.diagnostics.iter().map(|one| one.render(lang)).collect();
        texts.join("\n")
    }
}

impl fmt::Display for BookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(Lang::En))
    }
}
