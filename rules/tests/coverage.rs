//! The examples say enough: every condition of every rule is shown to decide, and of the small mistakes that could be made in
//! the rules they notice nearly all.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, reason = "tests")]

use risktier::AtomShown;

/// The share of small mistakes that the examples must notice, in percent.
const NOTICED: f64 = 95.0;
/// Rules with atoms that no example shows to decide, how many, and why. None of it is proved by
/// trying every combination, so the engine counts these atoms as missing.
const OPEN: [(&str, usize, &str); 21] = [
    ("RP-01a", 8, "bands of sets that the parameters do not choose, and values off both scales at once"),
    ("RP-01b", 8, "the same"),
    ("RP-02", 8, "the same"),
    ("RP-04", 8, "the same"),
    (
        "GR-03",
        4,
        "of two items with one number, each is found by the other: turned round at one of them it is still found",
    ),
    ("GR-06", 1, "of two items in one store, each is found by the other"),
    ("GR-06.2011", 3, "the same"),
    ("HT-01c", 1, "the same"),
    ("EL-05", 1, "the same, of two accounts"),
    ("EL-22", 7, "the same, of two fates; and a code that equals a given one is given"),
    ("EL-24", 3, "the same, of two issues"),
    ("EL-25", 11, "the same, of two items in store"),
    ("EL-11", 2, "a shift that equals a given one is given"),
    ("EL-12", 2, "the same"),
    ("EL-14", 2, "the same"),
    ("EL-21", 1, "a code that equals a given one is given"),
    ("EL-23", 2, "the same"),
    ("EL-53", 1, "the same"),
    ("GR-04", 1, "every class but `none` has a threshold, which has been asked for first"),
    ("CT-12", 1, "a kitchen without gas has no cylinder"),
    ("CT-13", 1, "of three counts of the same faults one is enough"),
];

#[test]
fn every_atom_of_every_condition_is_shown_to_decide() {
    let coverage = risktier_rules::book().coverage(risktier_rules::examples());
    assert!(coverage.atoms() > 3000, "{} atoms: most of the conditions were not looked at", coverage.atoms());
    let mut open = Vec::new();
    for rule in &coverage.rules {
        let missing: Vec<String> = rule
            .atoms
            .iter()
            .filter(|atom| matches!(atom.shown, AtomShown::Missing { .. }))
            .map(|atom| format!("{}: {}: {}: {:?}", rule.site, rule.rule, atom.text, atom.shown))
            .collect();
        let known = OPEN.iter().find(|(id, ..)| *id == &*rule.rule).map_or(0, |(_, count, _)| *count);
        if missing.len() > known {
            open.extend(missing);
        } else {
            assert_eq!(missing.len(), known, "{}: shown by now; take it out of the list", rule.rule);
        }
    }
    assert!(open.is_empty(), "{} atoms without examples (`risktier test --suggest`):\n{}", open.len(), open.join("\n"));
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
