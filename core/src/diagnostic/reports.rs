use std::collections::HashSet;

use super::{Diagnostic, Limit, Problem, Severity, Site};
use crate::Lang;
use crate::book::nearest;

/// Problems of a book that are kept. More are no help to anyone, and would let a small script fill the memory.
pub(crate) const MAX_PROBLEMS: usize = 1_000;

/// What has been found so far, each thing once.
#[derive(Debug, Default)]
pub(crate) struct Reports {
    list: Vec<Diagnostic>,
    seen: HashSet<(Site, Option<Site>, String)>,
    errors: bool,
}

impl Reports {
    /// True when nothing more is kept: what is costly to find need not be looked for.
    pub(crate) fn is_full(&self) -> bool {
        self.list.len() >= MAX_PROBLEMS
    }

    /// The known name that is nearest to an unknown one. With many problems there is none: to find it costs more than all
    /// the rest of a problem.
    pub(crate) fn nearest<'n>(&self, name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<String> {
        if self.list.len() < MAX_PROBLEMS / 5 { nearest(name, known) } else { None }
    }

    pub(crate) fn has_errors(&self) -> bool {
        self.errors
    }

    pub(crate) fn push(&mut self, diagnostic: Diagnostic) {
        // An error is worth more than a warning: it must be seen that there is one.
        if self.is_full() && (self.errors || diagnostic.severity() == Severity::Warning) {
            return;
        }
        // A function that is inlined twice must not report what is wrong with it twice.
        if self.seen.insert((diagnostic.site().clone(), diagnostic.caller().cloned(), diagnostic.message(Lang::En))) {
            self.errors |= diagnostic.severity() == Severity::Error;
            self.list.push(diagnostic);
        }
    }

    pub(crate) fn append(&mut self, other: Reports) {
        for diagnostic in other.list {
            self.push(diagnostic);
        }
    }

    /// All of them, in the order of scripts and lines.
    pub(crate) fn finish(mut self) -> Vec<Diagnostic> {
        if self.is_full() {
            let site = Site { script: "".into(), line: 0, column: 0 };
            let problem = Problem::Limit { what: Limit::Problems(MAX_PROBLEMS) };
            self.list.push(Diagnostic::new(problem, site, None, None));
        }
        self.list.sort_by(|a, b| a.site().cmp(b.site()));
        self.list
    }

    /// Keeps what passes a test.
    pub(crate) fn retain(&mut self, keep: impl Fn(&Problem) -> bool) {
        self.list.retain(|one| keep(&one.problem));
        self.errors = self.list.iter().any(|one| one.severity() == Severity::Error);
    }
}
