//! The examples say enough: every condition of every rule is shown to decide, and of the small mistakes that could be made in
//! the rules they notice nearly all.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, reason = "tests")]

use risktier::AtomShown;

/// The share of small mistakes that the examples must notice, in percent.
const NOTICED: f64 = 95.0;
#[test]
fn every_atom_of_every_condition_is_shown_to_decide() {
    let coverage = risktier_rules::book().coverage(risktier_rules::examples());
    assert!(coverage.atoms() > 3000, "{} atoms: most of the conditions were not looked at", coverage.atoms());
    let missing = coverage.rules.iter().flat_map(|rule| {
        let atoms = rule.atoms.iter().filter(|atom| matches!(atom.shown, AtomShown::Missing { .. }));
        atoms.map(move |atom| format!("{}: {}: {}: {:?}", rule.site, rule.rule, atom.text, atom.shown))
    });
    let missing: Vec<String> = missing.collect();
    assert!(
        missing.is_empty(),
        "{} atoms without examples (`risktier test --suggest`):\n{}",
        missing.len(),
        missing.join("\n")
    );
    let one_sided: Vec<&str> = coverage.one_sided().map(|rule| &*rule.rule).collect();
    assert_eq!(one_sided, [""; 0], "rules that no example shows firing, or none shows clear");
}

#[test]
fn small_mistakes_in_the_rules_are_noticed() {
    let mutation = risktier_rules::book().mutation(risktier_rules::examples());
    let made = mutation.killed() + mutation.survived();
    assert!(made > 10_000, "{made} mistakes: most of the rules were not looked at");
    let survived: Vec<String> = mutation
        .subjects
        .iter()
        .flat_map(|one| one.survived.iter().map(move |mutant| format!("{}: {}: {mutant}", one.site, one.name)))
        .collect();
    assert!(
        mutation.percent() >= NOTICED,
        "{:.2} % of {made} noticed; not noticed:\n{}",
        mutation.percent(),
        survived.join("\n")
    );
}
