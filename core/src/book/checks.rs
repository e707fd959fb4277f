//! What can only be checked when the whole book is there: bands against reachable scores, parameters against the
//! dates of rules, facts that nothing reads, conditions that never change.

use super::BookData;
use super::model::{Amount, Effect, Scheme, Sector};
use crate::diagnostic::{Declared, Diagnostic, Problem, Severity};
use crate::expr::{Constant, Op};
use crate::script::Scripts;
use crate::{Points, Site};

pub(super) fn check(scripts: &Scripts, data: &BookData, diagnostics: &mut Vec<Diagnostic>) {
    let has_errors = diagnostics.iter().any(|one| one.severity() == Severity::Error);
    let mut report = |problem: Problem, site: &Site| {
        let script = scripts.scripts.iter().find(|script| script.name == site.script);
        diagnostics.push(Diagnostic::new(problem, site.clone(), script.map(|script| &*script.source)));
    };
    // Where a script could not be read, its sectors are not missing.
    if data.sectors.is_empty() && !has_errors {
        let script = scripts.scripts.first().map_or_else(|| "".into(), |script| script.name.clone());
        report(Problem::NoSector, &Site { script, line: 0, column: 0 });
    }
    for sector in &data.sectors {
        if let Some(scheme) = &sector.scheme {
            for problem in bands(data, sector, scheme) {
                report(problem, &sector.site);
            }
        }
    }
    unread(data, &mut report);
    for rule in &data.rules {
        if let Some(Constant::Bool(value)) = data.graph.as_constant(rule.outcome) {
            report(Problem::ConstantCondition { id: rule.id.to_string(), value: *value }, &rule.site);
        }
        let needed = data.graph.reachable([rule.outcome]);
        for (node, needed) in data.graph.nodes().iter().zip(&needed) {
            let (Op::Param(index), true) = (&node.op, *needed) else { continue };
            let Some(parameter) = data.parameters.get(*index as usize) else { continue };
            let first = parameter.values.first().map(|value| value.since);
            if first.is_none_or(|first| first > rule.since) {
                let problem = Problem::ParameterTooLate {
                    rule: rule.id.to_string(),
                    parameter: parameter.name.to_string(),
                    from: first.map_or_else(|| "?".into(), |first| first.to_string()),
                    rule_from: rule.since.to_string(),
                };
                report(problem, &rule.site);
            }
        }
    }
}

fn unread(data: &BookData, report: &mut impl FnMut(Problem, &Site)) {
    let roots = data.rules.iter().flat_map(|rule| {
        let points = match &rule.effect {
            Effect::Points { amount: Amount::Computed(formula), .. } => Some(formula.node),
            _ => None,
        };
        [Some(rule.outcome), points].into_iter().flatten()
    });
    let needed = data.graph.reachable(roots.chain(data.measures.iter().map(|measure| measure.node)));
    let mut facts = vec![false; data.facts.len()];
    let mut lists = vec![false; data.lists.len()];
    let mark = |marks: &mut Vec<bool>, at: u32| {
        if let Some(mark) = marks.get_mut(at as usize) {
            *mark = true;
        }
    };
    for (node, _) in data.graph.nodes().iter().zip(&needed).filter(|(_, needed)| **needed) {
        match &node.op {
            Op::Fact(at) => mark(&mut facts, *at),
            Op::ListKnown(at) => mark(&mut lists, *at),
            Op::Agg(agg) => mark(&mut lists, data.graph.frame(agg.frame).list),
            _ => {}
        }
    }
    for (fact, read) in data.facts.iter().zip(facts) {
        if !read {
            report(Problem::UnreadFact { kind: Declared::Fact, name: fact.name.to_string() }, &fact.site);
        }
    }
    for (list, read) in data.lists.iter().zip(lists) {
        if !read {
            report(Problem::UnreadFact { kind: Declared::List, name: list.name.to_string() }, &list.site);
        }
    }
}

/// The least and the greatest score that the rules of a sector can reach.
fn reach(data: &BookData, sector: &Sector, scheme: &Scheme) -> (i64, i64) {
    let (mut low, mut high) = (scheme.base.thousandths(), scheme.base.thousandths());
    for (at, item) in data.items.iter().enumerate() {
        let (mut down, mut up) = (0i64, 0i64);
        for rule in sector.rules.iter().filter_map(|rule| data.rules.get(*rule)) {
            let Effect::Points { item: of, deduct, amount } = &rule.effect else { continue };
            if *of != at {
                continue;
            }
            let most = match amount {
                Amount::Fixed(points) => points.thousandths(),
                Amount::Computed(_) => Points::MAX.thousandths(),
            };
            if *deduct {
                down = down.saturating_sub(most);
            } else {
                up = up.saturating_add(most);
            }
        }
        low = low.saturating_add(item.clip(down));
        high = high.saturating_add(item.clip(up));
    }
    (low, high)
}

fn bands(data: &BookData, sector: &Sector, scheme: &Scheme) -> Vec<Problem> {
    let id = || sector.id.to_string();
    let score = |thousandths: i64| Points::from_thousandths(thousandths).to_string();
    let (low, high) = reach(data, sector, scheme);
    let mut problems = Vec::new();
    // Where bands begin and end, and the ends of the reach: between two of these nothing changes.
    let mut probes = vec![low, high];
    for band in &scheme.bands {
        for limit in [band.from, band.below].into_iter().flatten() {
            probes.extend([limit.thousandths() - 1, limit.thousandths()]);
        }
    }
    probes.retain(|probe| (low..=high).contains(probe));
    probes.sort_unstable();
    probes.dedup();
    let mut tiers = Vec::new();
    for probe in probes {
        let mut holding = scheme.bands.iter().filter(|band| band.holds(probe));
        match (holding.next(), holding.next()) {
            (None, _) => problems.push(Problem::BandGap { id: id(), score: score(probe) }),
            (Some(_), Some(_)) => problems.push(Problem::BandOverlap { id: id(), score: score(probe) }),
            (Some(band), None) => tiers.push(band.tier),
        }
    }
    // One message a kind: the first score that shows it says enough.
    problems.dedup_by_key(|problem| problem.code());
    if !tiers.is_sorted() && !tiers.iter().rev().is_sorted() {
        problems.push(Problem::BandOrder { id: id() });
    }
    problems
}
