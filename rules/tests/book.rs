//! What the standard book promises of itself, rule by rule. A rule that breaks a promise fails the build.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

use std::collections::{BTreeMap, BTreeSet};

use risktier::{Basis, Citation, Date, Effect, Label, Rule, RuleBook, Tier};

fn book() -> RuleBook {
    risktier_rules::book()
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}')
}

/// Fails with all that broke the promise, not only the first.
fn none(broken: &BTreeSet<String>) {
    let broken: Vec<&str> = broken.iter().map(String::as_str).collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// What was compiled when the crate was built is what the scripts say now.
#[test]
fn the_compiled_book_is_that_of_the_scripts() {
    let from_scripts = RuleBook::from_sources(risktier_rules::sources()).unwrap();
    assert!(from_scripts.to_compiled() == risktier_rules::compiled(), "other bytes");
    assert_eq!(book().hash(), from_scripts.hash());
    assert_eq!(book().to_bundle(), from_scripts.to_bundle());
}

/// A firm of which nothing is known has nothing behind it: a rule is clear only where its facts say themselves what it means
/// that they are not recorded.
#[test]
fn silence_neither_clears_nor_convicts() {
    let book = risktier_rules::book();
    let days: BTreeSet<Date> = book.rules().iter().map(|rule| rule.since).collect();
    for day in days.into_iter().filter(|day| *day >= Date::new(2004, 1, 1).unwrap()) {
        let grader = book.as_of(day);
        for sector in book.sectors() {
            let grade = grader.grade_json(&format!(r#"{{"sector": "{}"}}"#, sector.id)).unwrap();
            let of_sector = &grade.sectors[0];
            assert!(of_sector.fired.is_empty(), "{} on {day}: {:?}", sector.id, of_sector.fired);
            let open: BTreeSet<&str> = of_sector.undetermined.iter().map(|open| &*open.rule).collect();
            let in_force = sector.rules.iter().map(|rule| &book.rules()[*rule]).filter(|rule| rule.in_force(day));
            for rule in in_force.filter(|rule| !open.contains(&*rule.id)) {
                let read = book.facts_read_by([rule]);
                let closed = read.lists.is_empty() && read.facts.iter().all(|fact| fact.absent.is_some());
                assert!(closed, "{} is clear of a firm of which nothing is known", rule.id);
            }
        }
    }
}

/// What several sectors read stands in `shared/`: nobody needs one sector's script to understand another's.
#[test]
fn every_sector_is_a_book_with_the_shared_scripts_alone() {
    let (shared, sectors): (Vec<_>, Vec<_>) =
        risktier_rules::sources().partition(|(name, _)| name.starts_with("shared/"));
    assert!(sectors.len() >= 40);
    for (name, text) in sectors {
        let book = RuleBook::from_sources(shared.iter().copied().chain([(name, text)]));
        assert!(book.is_ok(), "{name}:\n{}", book.unwrap_err());
    }
}

#[test]
fn there_are_forty_sectors_in_six_key_fields_each_with_a_score() {
    let book = book();
    assert_eq!(book.sectors().len(), 40);
    let fields: BTreeSet<&str> = book.sectors().iter().filter_map(|sector| sector.key_field.as_deref()).collect();
    let six =
        ["city-gas", "construction", "fire-crowded-places", "hazardous-chemicals", "mines", "road-water-transport"];
    assert_eq!(fields.into_iter().collect::<Vec<_>>(), six);
    for sector in book.sectors() {
        assert_eq!(sector.scheme.as_ref().map(|scheme| scheme.bands.len()), Some(4), "{}", sector.id);
        assert!(sector.parts.iter().any(|part| &**part == "management"), "{}", sector.id);
        let floors = sector.rules.iter().filter(|at| matches!(book.rules()[**at].effect, Effect::Floor(_))).count();
        assert!(floors > 16 + 4, "{}: {floors}", sector.id);
        let own = book.sources().any(|(name, _)| name == format!("sectors/{}.rhai", sector.id));
        assert!(own, "{} stands in a script of its name", sector.id);
    }
}

#[test]
fn everything_that_people_read_is_there_in_both_languages() {
    let book = book();
    let mut broken = BTreeSet::new();
    let mut check = |what: String, label: &Label| {
        if label.en.trim().is_empty() || label.en.chars().any(is_han) || !label.zh.chars().any(is_han) {
            broken.insert(format!("{what}: {} / {}", label.en, label.zh));
        }
    };
    for rule in book.rules() {
        for label in [&rule.risk, &rule.finding, &rule.control] {
            check(rule.id.to_string(), label);
        }
    }
    book.facts().iter().for_each(|fact| check(fact.name.to_string(), &fact.label));
    for list in book.lists() {
        check(list.name.to_string(), &list.label);
        list.fields.iter().for_each(|field| check(format!("{}.{}", list.name, field.name), &field.label));
    }
    book.measures().iter().for_each(|measure| check(measure.name.to_string(), &measure.label));
    book.parameters().iter().for_each(|parameter| check(parameter.name.to_string(), &parameter.label));
    book.tables().iter().for_each(|table| check(table.name.to_string(), &table.label));
    book.items().iter().for_each(|item| check(item.id.to_string(), &item.name));
    book.sectors().iter().for_each(|sector| check(sector.id.to_string(), &sector.name));
    none(&broken);
}

#[test]
fn every_citation_can_be_looked_up() {
    let book = book();
    let mut broken = BTreeSet::new();
    for rule in book.rules() {
        for cite in &rule.cite {
            match cite {
                Citation::Clause { document, article, .. } => {
                    if document.number.trim().is_empty() || article.trim().is_empty() {
                        broken.insert(format!("{}: {} {article}", rule.id, document.id));
                    }
                    // A rule may come later than its document, where the clause did; never earlier.
                    if document.date.is_some_and(|date| date > rule.since) && rule.cite.len() == 1 {
                        broken.insert(format!(
                            "{}: since {}, {} of {:?}",
                            rule.id, rule.since, document.id, document.date
                        ));
                    }
                }
                Citation::Own { reason } => {
                    if reason.split_whitespace().count() < 4 && &**reason != "points" {
                        broken.insert(format!("{}: `{reason}` is no reason", rule.id));
                    }
                }
            }
        }
    }
    none(&broken);
}

#[test]
fn what_counts_as_a_major_hazard_is_red_and_published() {
    let book = book();
    let mut broken = BTreeSet::new();
    for rule in book.rules().iter().filter(|rule| rule.major) {
        let red = matches!(rule.effect, Effect::Floor(Tier::Red));
        if !red || !rule.cite.iter().any(|cite| matches!(cite, Citation::Clause { .. })) {
            broken.insert(rule.id.to_string());
        }
    }
    none(&broken);
}

fn first_document(rule: &Rule) -> Option<&str> {
    rule.cite.iter().find_map(|cite| match cite {
        Citation::Clause { document, .. } => Some(&*document.id),
        Citation::Own { .. } => None,
    })
}

fn overlap(a: &Rule, b: &Rule) -> bool {
    a.until.is_none_or(|until| b.since < until) && b.until.is_none_or(|until| a.since < until)
}

#[test]
fn no_two_floors_of_a_sector_ask_the_same_of_the_same_clause() {
    let book = book();
    let mut broken = BTreeSet::new();
    for sector in book.sectors() {
        let mut by_condition: BTreeMap<&str, Vec<&Rule>> = BTreeMap::new();
        for rule in sector.rules.iter().map(|at| &book.rules()[*at]) {
            if let (Some(condition), Effect::Floor(_)) = (&rule.condition, &rule.effect) {
                by_condition.entry(condition).or_default().push(rule);
            }
        }
        for rules in by_condition.values() {
            for (at, a) in rules.iter().enumerate() {
                for b in &rules[at + 1..] {
                    // Two published lists may name the same fact; the firm then sees both clauses.
                    if overlap(a, b) && first_document(a) == first_document(b) {
                        broken.insert(format!("{}: {} and {}", sector.id, a.id, b.id));
                    }
                }
            }
        }
    }
    none(&broken);
}

/// Does a text say a number: in digits, as a word, or as the share or the time that it stands for?
fn says(text: &str, number: f64) -> bool {
    const WORDS: [(&str, f64); 22] = [
        ("two", 2.0),
        ("three", 3.0),
        ("four", 4.0),
        ("five", 5.0),
        ("six", 6.0),
        ("seven", 7.0),
        ("eight", 8.0),
        ("nine", 9.0),
        ("ten", 10.0),
        ("twelve", 12.0),
        ("tenth", 10.0),
        ("fifth", 20.0),
        ("quarter", 25.0),
        ("half", 50.0),
        ("week", 7.0),
        ("month", 31.0),
        ("quarter", 92.0),
        ("half", 183.0),
        ("year", 365.0),
        ("year", 366.0),
        ("yearly", 366.0),
        ("years", 731.0),
    ];
    let text = text.to_lowercase();
    let spoken = |wanted: f64| {
        let words = text.split(|c: char| !c.is_alphabetic());
        words.into_iter().any(|word| WORDS.iter().any(|(known, value)| *known == word && *value == wanted))
    };
    let written = |wanted: f64| {
        let digits = text.split(|c: char| !c.is_ascii_digit() && c != '.');
        digits.filter_map(|part| part.trim_matches('.').parse::<f64>().ok()).any(|found| (found - wanted).abs() < 1e-9)
    };
    // As it stands; `0.75` for 75 percent; `1.2` or `120.0` for a fifth more; 100 as what makes percent of a share.
    let mut meant = vec![number];
    if number.fract() != 0.0 {
        meant.extend([100.0 * number, 100.0 * number - 100.0]);
    } else if number > 100.0 {
        meant.push(number - 100.0);
    }
    let percent = number == 100.0 && text.contains("percent");
    percent || meant.into_iter().any(|wanted| written(wanted) || spoken((wanted * 1e6).round() / 1e6))
}

/// Numbers of a condition, as written; those inside names and texts are none.
fn numbers(condition: &str) -> Vec<f64> {
    let outside: String = condition.split('"').step_by(2).collect();
    let parts = outside.split(|c: char| !c.is_alphanumeric() && c != '.' && c != '_');
    parts.filter(|part| part.starts_with(|c: char| c.is_ascii_digit())).filter_map(|part| part.parse().ok()).collect()
}

#[test]
fn a_number_in_a_condition_is_explained_beside_it() {
    let book = book();
    let mut broken = BTreeSet::new();
    for rule in book.rules() {
        let Some(condition) = &rule.condition else { continue };
        let cite: Vec<String> = rule.cite.iter().map(|cite| cite.text(risktier::Lang::En)).collect();
        let beside =
            format!("{} {} {} {} {}", rule.finding.en, rule.finding.zh, rule.control.en, rule.risk.en, cite.join(" "));
        for number in numbers(condition).into_iter().filter(|number| ![0.0, 1.0].contains(number)) {
            if !says(&beside, number) {
                broken.insert(format!("{}: {number} in `{condition}`: {}", rule.id, rule.finding.en));
            }
        }
    }
    none(&broken);
}

/// Nobody shall take for checked what was not.
#[test]
fn what_was_recalled_says_so() {
    let book = book();
    let clauses = || book.rules().iter().flat_map(|rule| &rule.cite);
    let recalled = clauses().filter(|cite| matches!(cite, Citation::Clause { basis: Basis::Recalled, .. }));
    for cite in recalled {
        assert!(cite.text(risktier::Lang::En).contains("from memory"));
        assert!(cite.text(risktier::Lang::Zh).contains("凭记忆引用"));
    }
}
