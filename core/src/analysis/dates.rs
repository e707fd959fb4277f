//! Versions of rules that leave days out, rules that nothing follows, and documents that are no more.

use super::Context;
use crate::book::Citation;
use crate::diagnostic::Finding;

pub(super) fn check(context: &mut Context<'_>) {
    let book = context.book;
    let day = context.grader.as_of();
    for rule in &book.rules {
        if let Some(replaced) = rule.replaces.as_ref().and_then(|id| book.rules.iter().find(|one| one.id == *id)) {
            let gap = match replaced.until {
                Some(until) if until < rule.since => Some((until, rule.since, false)),
                Some(until) if until > rule.since => Some((rule.since, until, true)),
                Some(_) => None,
                // It ends nowhere: the last day that can be written is as good as none.
                None => Some((rule.since, crate::Date::new(9999, 12, 31).unwrap_or(rule.since), true)),
            };
            if let Some((from, until, both)) = gap {
                let finding = Finding::VersionGap {
                    rule: rule.id.to_string(),
                    replaced: replaced.id.to_string(),
                    from: from.to_string(),
                    until: until.to_string(),
                    both,
                };
                context.report(finding, &rule.site, None);
            }
        }
        if let Some(until) = rule.until.filter(|until| *until <= day)
            && !book.rules.iter().any(|one| one.replaces.as_ref() == Some(&rule.id))
        {
            let finding = Finding::Expired { rule: rule.id.to_string(), until: until.to_string() };
            context.report(finding, &rule.site, None);
        }
        let mut cited: Vec<&str> = Vec::new();
        for cite in rule.cite.iter().filter(|_| rule.in_force(day)) {
            let Citation::Clause { document, .. } = cite else { continue };
            let Some(until) = document.until.filter(|until| *until <= day) else { continue };
            if !cited.contains(&&*document.id) {
                cited.push(&document.id);
                let finding = Finding::ReplacedDocument {
                    rule: rule.id.to_string(),
                    document: document.id.to_string(),
                    until: until.to_string(),
                    by: document.replaced_by.as_ref().map(ToString::to_string),
                };
                context.report(finding, &rule.site, None);
            }
        }
    }
}
