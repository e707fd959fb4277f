//! What can only be checked when the whole book is there: bands against reachable scores, parameters against the
//! dates of rules, facts that nothing reads, conditions that never change.

use std::collections::BTreeMap;

use super::BookData;
use super::model::{Amount, Effect, Rule, Scheme, Sector};
use crate::diagnostic::{Declared, MAX_PROBLEMS, Problem, Reports};
use crate::expr::{NodeId, Op};
use crate::script::{Declaration, Scripts};
use crate::{Date, Points, Site};

pub(super) fn check(scripts: &Scripts, data: &BookData, diagnostics: &mut Reports) {
    let before = diagnostics.has_errors();
    let mut report = |problem: Problem, site: &Site| {
        let diagnostic = scripts.diagnostic_at(problem, site.clone());
        diagnostics.push(diagnostic);
    };
    // A sector that could not be read has been reported.
    let declares = |one: &Declaration| one.kind == Declared::Sector;
    if !scripts.incomplete && !scripts.declarations.iter().any(declares) {
        let script = scripts.scripts.first().map_or_else(|| "".into(), |script| script.name.clone());
        report(Problem::NoSector, &Site { script, line: 0, column: 0 });
    }
    for sector in &data.sectors {
        if let Some(scheme) = &sector.scheme {
            for problem in bands(data, sector, scheme) {
                report(problem, &scheme.site);
            }
        }
    }
    late_parameters(data, &mut report);
    if !before {
        unread(data, &mut report);
    }
}

/// Parameters without a value on the first day of a rule that reads them.
fn late_parameters(data: &BookData, report: &mut impl FnMut(Problem, &Site)) {
    let first = |index: u32| {
        let parameter = data.parameters.get(index as usize)?;
        // One without any value has been reported.
        Some((parameter, parameter.values.first()?.since))
    };
    // For each node the last day on which a parameter below it begins, so that most rules are one comparison.
    let mut latest: Vec<Option<Date>> = Vec::with_capacity(data.graph.nodes().len());
    for (at, node) in data.graph.nodes().iter().enumerate() {
        let day = match &node.op {
            Op::Param(index) => first(*index).map(|(_, since)| since),
            _ => {
                let operands = data.graph.operands(NodeId(at as u32));
                operands.iter().filter_map(|id| latest.get(id.index()).copied().flatten()).max()
            }
        };
        latest.push(day);
    }
    let late = |rule: &&Rule| latest.get(rule.outcome.index()).copied().flatten().is_some_and(|day| day > rule.since);
    for rule in data.rules.iter().filter(late).take(MAX_PROBLEMS) {
        let needed = data.graph.reachable([rule.outcome]);
        for (node, _) in data.graph.nodes().iter().zip(&needed).filter(|(_, needed)| **needed) {
            let Op::Param(index) = &node.op else { continue };
            if let Some((parameter, since)) = first(*index)
                && since > rule.since
            {
                let problem = Problem::ParameterTooLate {
                    rule: rule.id.to_string(),
                    parameter: parameter.name.to_string(),
                    from: since.to_string(),
                    rule_from: rule.since.to_string(),
                };
                report(problem, &rule.site);
            }
        }
    }
}

fn unread(data: &BookData, report: &mut impl FnMut(Problem, &Site)) {
    let measures = data.measures.iter().map(|measure| measure.node);
    let (facts, lists) = data.read_by(data.rules.iter().flat_map(Rule::nodes).chain(measures));
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
    let mut items: BTreeMap<usize, (i64, i64)> = BTreeMap::new();
    for rule in sector.rules.iter().filter_map(|rule| data.rules.get(*rule)) {
        let Effect::Points { item, deduct, amount } = &rule.effect else { continue };
        let most = match amount {
            Amount::Fixed(points) => points.thousandths(),
            Amount::Computed(_) => Points::MAX.thousandths(),
        };
        let (down, up) = items.entry(*item).or_default();
        if *deduct {
            *down = down.saturating_sub(most);
        } else {
            *up = up.saturating_add(most);
        }
    }
    let (mut low, mut high) = (scheme.base.thousandths(), scheme.base.thousandths());
    for (item, (down, up)) in items {
        let Some(item) = data.items.get(item) else { continue };
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
            (None, _) => problems.push(Problem::BandGap {
                id: id(),
                score: score(probe),
                lowest: score(low),
                highest: score(high),
            }),
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
