//! Which atoms examples show to decide (masking MC/DC): by hand, and against its definition on random conditions.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use risktier::{AtomShown, Coverage, RuleBook, RuleCoverage};
use serde_json::{Value, json};

const MISSING: AtomShown = AtomShown::Missing { when_true: false, when_false: false };

fn book(when: &str) -> RuleBook {
    let script = format!(
        r#"
        role("p", #{{ en: "P", zh: "P" }});
        sector("shops", #{{ name: #{{ en: "Shops", zh: "商店" }} }});
        fact("a", BOOL, #{{ en: "A", zh: "甲" }});
        fact("b", BOOL, #{{ en: "B", zh: "乙" }});
        fact("m", INT, #{{ en: "M", zh: "丙", min: 0, max: 4 }});
        fact("n", INT, #{{ en: "N", zh: "丁", min: 0, max: 4 }});
        list("tanks", #{{ en: "Tanks", zh: "储罐", item: #{{
            full: field(BOOL, #{{ en: "Full", zh: "满" }}),
            volume: field(FLOAT, #{{ en: "Volume", zh: "容积", min: 0.0 }}) }} }});
        rule("S-1", #{{ risk: #{{ en: "r", zh: "r" }}, finding: #{{ en: "f", zh: "f" }}, when: |firm| {when},
            tier: RED, cite: own("an example"), since: date(2020, 1, 1), control: #{{ en: "c", zh: "c" }},
            owner: "p", days: 0 }});
    "#
    );
    RuleBook::from_sources([("s.rhai", script)]).unwrap()
}

fn covered(when: &str, fires: &[Value], clear: &[Value]) -> RuleCoverage {
    covered_by(when, &json!({ "rule": "S-1", "fires": fires, "clear": clear }))
}

fn covered_by(when: &str, cases: &Value) -> RuleCoverage {
    let text = json!({ "sector": "shops", "as_of": "2026-11-01", "sound": {}, "rules": [cases] }).to_string();
    let Coverage { rules } = book(when).coverage([("s.examples.json", text.as_str())]);
    rules.into_iter().next().unwrap()
}

fn shown(rule: &RuleCoverage) -> BTreeMap<&str, AtomShown> {
    rule.atoms.iter().map(|atom| (atom.text.as_str(), atom.shown)).collect()
}

#[test]
fn each_atom_of_a_conjunction_needs_a_case_in_which_it_alone_is_false() {
    let both = [json!({ "a": true, "b": true })];
    let neither = covered("firm.a && firm.b", &both, &[json!({ "a": false, "b": false })]);
    let when_true = AtomShown::Missing { when_true: true, when_false: false };
    assert_eq!(shown(&neither), BTreeMap::from([("firm.a", when_true), ("firm.b", when_true)]));
    let one = covered("firm.a && firm.b", &both, &[json!({ "a": false, "b": true })]);
    assert_eq!(shown(&one), BTreeMap::from([("firm.a", AtomShown::Shown), ("firm.b", when_true)]));
    // With the other unknown the rule would have been undetermined, which is something else than clear.
    let unknown = covered("firm.a && firm.b", &both, &[json!({ "a": false, "b": null })]);
    assert_eq!(shown(&unknown), BTreeMap::from([("firm.a", AtomShown::Shown), ("firm.b", when_true)]));
    assert_eq!((one.fires, one.clear, one.undetermined), (1, 1, 0));
}

#[test]
fn a_case_that_does_not_hold_or_that_is_missing_shows_nothing() {
    let wrong = covered("firm.a", &[json!({ "a": false })], &[json!({ "a": true })]);
    assert_eq!((shown(&wrong), wrong.fires, wrong.clear), (BTreeMap::from([("firm.a", MISSING)]), 0, 0));
    let none = book("firm.a").coverage([]);
    assert_eq!((none.rules[0].atoms[0].shown, none.percent()), (MISSING, 0.0));
    assert_eq!(none.one_sided().count(), 1);
}

#[test]
fn coupled_atoms_are_shown_where_the_others_are_masked() {
    let rule = covered("firm.m < 1 || firm.m > 3", &[json!({ "m": 0 }), json!({ "m": 4 })], &[json!({ "m": 2 })]);
    assert_eq!(shown(&rule), BTreeMap::from([("firm.m < 1", AtomShown::Shown), ("firm.m > 3", AtomShown::Shown)]));
}

#[test]
fn what_no_firm_can_show_is_said_to_be_impossible_only_after_every_firm_was_tried() {
    // Whatever is below 1 is below 2.
    let rule = covered("firm.m < 2 || firm.m < 1", &[json!({ "m": 1 })], &[json!({ "m": 2 })]);
    assert_eq!(shown(&rule)["firm.m < 2"], AtomShown::Shown);
    assert_eq!(shown(&rule)["firm.m < 1"], AtomShown::Impossible);
    // Of the items of a list too, one by one.
    let when = "firm.tanks.some(|t| t.volume < 2.0 || t.volume < 1.0)";
    let tanks = |volume: f64| json!({ "tanks": [{ "volume": volume, "full": true }] });
    let rule = covered(when, &[tanks(1.5)], &[tanks(2.0)]);
    assert_eq!(shown(&rule)["item.volume < 2.0"], AtomShown::Shown);
    assert_eq!(shown(&rule)["item.volume < 1.0"], AtomShown::Impossible);
    // Numbers that are computed have too many values to try, and so nothing is said.
    let rule = covered("firm.m < 2 || firm.m + 1 < 2", &[json!({ "m": 1 })], &[json!({ "m": 2 })]);
    assert!(matches!(shown(&rule)["(firm.m + 1) < 2"], AtomShown::Missing { .. }), "{rule:?}");
}

#[test]
fn atoms_inside_closures_are_shown_on_items() {
    let when = "firm.tanks.some(|t| t.full && t.volume > 10.0)";
    let tank = |full: bool, volume: f64| json!({ "full": full, "volume": volume });
    let one_full = [json!({ "tanks": [tank(true, 20.0), tank(false, 5.0)] })];
    let none_large = json!({ "tanks": [tank(true, 5.0)] });
    let rule = covered(when, &one_full, std::slice::from_ref(&none_large));
    let when_true = AtomShown::Missing { when_true: true, when_false: false };
    assert_eq!(shown(&rule), BTreeMap::from([("item.full", when_true), ("item.volume > 10.0", AtomShown::Shown)]));
    let rule = covered(when, &one_full, &[none_large, json!({ "tanks": [tank(false, 20.0)] })]);
    assert!(rule.atoms.iter().all(|atom| atom.shown == AtomShown::Shown));
    // Of two items of the kind neither decides by itself, but both together do; an item of another kind takes no part.
    let two = [json!({ "tanks": [tank(true, 20.0), tank(true, 20.0), tank(false, 5.0)] })];
    let rule = covered(when, &two, &[json!({ "tanks": [] })]);
    assert!(rule.atoms.iter().all(|atom| atom.shown == when_true), "{:?}", rule.atoms);
}

#[test]
fn what_two_items_are_asked_of_each_other_decides_though_each_finds_the_other() {
    let when = "firm.tanks.some(|t| firm.tanks.count(|o| o.volume == t.volume) > 1)";
    let tanks = |volumes: &[f64]| json!({ "tanks": volumes.iter().map(|volume| json!({ "volume": volume })).collect::<Vec<_>>() });
    let rule = covered(when, &[tanks(&[5.0, 5.0])], &[tanks(&[5.0, 6.0])]);
    assert_eq!(rule.atoms.len(), 2);
    assert!(rule.atoms.iter().all(|atom| atom.shown == AtomShown::Shown), "{:?}", rule.atoms);
}

#[test]
fn a_case_may_set_parameters() {
    let script = r#"
        role("p", #{ en: "P", zh: "P" });
        sector("shops", #{ name: #{ en: "Shops", zh: "商店" } });
        fact("m", INT, #{ en: "M", zh: "丙", min: 0, max: 9 });
        parameter("most", INT, #{ en: "Most", zh: "上限", unit: "1", values: [
            #{ since: date(2020, 1, 1), value: 3, cite: own("x") } ] });
        parameter("strict", BOOL, #{ en: "Strict", zh: "从严", values: [
            #{ since: date(2020, 1, 1), value: false, cite: own("x") } ] });
        rule("S-1", #{ risk: #{ en: "r", zh: "r" }, finding: #{ en: "f", zh: "f" },
            when: |firm| firm.m > param("most") || param("strict") && firm.m > 1, tier: RED, cite: own("an example"),
            since: date(2020, 1, 1), control: #{ en: "c", zh: "c" }, owner: "p", days: 0 });
    "#;
    let book = RuleBook::from_sources([("s.rhai", script)]).unwrap();
    let file = |rules: Value, grades: Value| {
        json!({ "sector": "shops", "as_of": "2026-11-01", "sound": { "m": 0 }, "rules": rules, "grades": grades })
            .to_string()
    };
    let plain = json!({ "rule": "S-1", "tier": "red", "fires": [{ "m": 4 }], "clear": [{ "m": 3 }] });
    let five = json!({ "rule": "S-1", "parameters": { "most": 5 }, "fires": [{ "m": 6 }], "clear": [{ "m": 5 }] });
    let strict =
        json!({ "rule": "S-1", "parameters": { "strict": true }, "fires": [{ "m": 2 }], "clear": [{ "m": 1 }] });
    let grades = json!([{ "name": "many", "facts": { "m": 5 }, "tier": "red" },
        { "name": "not too many", "facts": { "m": 5 }, "parameters": { "most": 5 }, "tier": "blue" }]);
    let text = file(json!([plain, five]), grades);
    let report = book.run_examples([("s", text.as_str())]);
    assert_eq!((report.failed().count(), report.passed()), (0, 6), "{report:?}");
    // What nothing can show where nobody is strict can be shown where somebody is.
    let atoms = |text: &str| {
        let coverage = book.coverage([("s", text)]);
        shown(&coverage.rules[0]).into_iter().map(|(atom, shown)| (atom.to_owned(), shown)).collect::<BTreeMap<_, _>>()
    };
    assert_eq!(atoms(&text)["firm.m > 1"], AtomShown::Impossible);
    let text = file(json!([plain, five, strict]), json!([]));
    assert_eq!(book.run_examples([("s", text.as_str())]).failed().count(), 0);
    assert!(atoms(&text).values().all(|shown| *shown == AtomShown::Shown));
    assert_eq!(book.mutation([("s", text.as_str())]).survived(), 0);
    // A case that is missing is suggested for the parameters that it is missing with.
    let half = json!({ "rule": "S-1", "parameters": { "strict": true }, "fires": [{ "m": 2 }], "clear": [] });
    let text = file(json!([plain, half]), json!([]));
    let suggestions = book.suggest_examples([("s", text.as_str())]);
    let of_strict = suggestions.iter().find(|one| one.examples.get("parameters").is_some()).unwrap();
    assert_eq!(of_strict.examples["parameters"], json!({ "strict": true }));
    assert!(of_strict.examples["clear"].as_array().unwrap().contains(&json!({ "m": 1 })), "{}", of_strict.examples);
    // What is no parameter of the book, and no value of one, is said.
    for (parameters, came) in [
        (json!({ "mots": 5 }), "no parameter `mots`, did you mean `most`?"),
        (json!({ "most": "five" }), "parameter `most`: \"five\" is no int"),
    ] {
        let text =
            file(json!([{ "rule": "S-1", "parameters": parameters, "fires": [{ "m": 6 }], "clear": [{}] }]), json!([]));
        let report = book.run_examples([("s", text.as_str())]);
        let failed: Vec<_> =
            report.failed().map(|case| (case.wanted.as_str(), case.came.as_deref().unwrap())).collect();
        assert_eq!(failed, [("parameters of the book", came)]);
    }
}

#[test]
fn atoms_of_filters_counts_and_branches_decide_through_the_number_that_is_compared() {
    let when = "firm.tanks.filter(|t| t.full).sum(|t| t.volume) > (if firm.a { 10.0 } else { 20.0 })";
    let tanks = |full: bool| json!([{ "full": full, "volume": 15.0 }]);
    let fires = [json!({ "a": true, "tanks": tanks(true) })];
    let clear = [json!({ "a": false, "tanks": tanks(true) }), json!({ "a": true, "tanks": tanks(false) })];
    let rule = covered(when, &fires, &clear);
    assert_eq!(rule.atoms.len(), 3);
    assert!(rule.atoms.iter().all(|atom| atom.shown == AtomShown::Shown), "{:?}", rule.atoms);
}

#[test]
fn equality_of_two_items_is_asked_of_pairs_that_differ_too() {
    let when = "firm.tanks.some(|t| firm.tanks.some(|o| o.volume > t.volume && o.full == false && t.full))";
    let tank = |full: bool, volume: f64| json!({ "full": full, "volume": volume });
    let fires = [json!({ "tanks": [tank(true, 1.0), tank(false, 2.0), tank(true, 9.0), tank(true, 9.0)] })];
    let clear = [
        json!({ "tanks": [tank(true, 2.0), tank(false, 1.0)] }),
        json!({ "tanks": [tank(true, 1.0), tank(true, 2.0)] }),
        json!({ "tanks": [tank(false, 1.0), tank(false, 2.0)] }),
    ];
    let rule = covered(when, &fires, &clear);
    assert!(rule.atoms.iter().all(|atom| atom.shown == AtomShown::Shown), "{:?}", rule.atoms);
}

#[test]
fn what_is_suggested_shows_what_was_missing_once_it_is_confirmed() {
    let book = book("firm.a && (firm.m < 2 || firm.n >= 3)");
    let sparse = json!({ "sector": "shops", "as_of": "2026-11-01", "sound": { "a": false, "b": false, "m": 3, "n": 0 },
        "rules": [{ "rule": "S-1", "fires": [{ "a": true, "m": 0 }], "clear": [{}] }] });
    let text = sparse.to_string();
    let suggestions = book.suggest_examples([("s.examples.json", text.as_str())]);
    let [one] = suggestions.as_slice() else { panic!("{suggestions:?}") };
    let mut full = sparse;
    full["rules"].as_array_mut().unwrap().push(one.examples.clone());
    let unconfirmed = full.to_string();
    let report = book.run_examples([("s.examples.json", unconfirmed.as_str())]);
    let failed: Vec<&str> = report.failed().map(|case| case.wanted.as_str()).collect();
    assert_eq!(failed, ["cases that somebody has confirmed"]);
    full["rules"][1].as_object_mut().unwrap().remove("confirm");
    let text = full.to_string();
    assert_eq!(book.run_examples([("s.examples.json", text.as_str())]).failed().count(), 0);
    assert_eq!(book.coverage([("s.examples.json", text.as_str())]).percent(), 100.0);
    assert_eq!(book.mutation([("s.examples.json", text.as_str())]).percent(), 100.0);
    assert!(book.suggest_examples([("s.examples.json", text.as_str())]).is_empty());
}

/// A condition of the random tests.
#[derive(Debug, Clone)]
enum Condition {
    Fact(&'static str),
    Below(&'static str, i64),
    Not(Box<Condition>),
    And(Box<Condition>, Box<Condition>),
    Or(Box<Condition>, Box<Condition>),
    If(Box<Condition>, Box<Condition>, Box<Condition>),
}

type Firm = BTreeMap<&'static str, Option<i64>>;

impl Condition {
    fn text(&self) -> String {
        match self {
            Condition::Fact(name) => format!("firm.{name}"),
            Condition::Below(name, limit) => format!("firm.{name} < {limit}"),
            Condition::Not(a) => format!("!({})", a.text()),
            Condition::And(a, b) => format!("(({}) && ({}))", a.text(), b.text()),
            Condition::Or(a, b) => format!("(({}) || ({}))", a.text(), b.text()),
            Condition::If(c, a, b) => format!("(if {} {{ {} }} else {{ {} }})", c.text(), a.text(), b.text()),
        }
    }

    /// The same for conditions that are one node: operands without order and repeats.
    fn key(&self) -> String {
        let all = match self {
            Condition::And(..) => self.operands(true),
            Condition::Or(..) => self.operands(false),
            Condition::Not(a) => return format!("!({})", a.key()),
            Condition::If(c, a, b) => return format!("if {} {{ {} }} else {{ {} }}", c.key(), a.key(), b.key()),
            _ => return self.text(),
        };
        let word = if matches!(self, Condition::And(..)) { "&&" } else { "||" };
        format!("({})", all.into_iter().collect::<Vec<_>>().join(word))
    }

    fn operands(&self, of_and: bool) -> BTreeSet<String> {
        match self {
            Condition::And(a, b) if of_and => a.operands(true).into_iter().chain(b.operands(true)).collect(),
            Condition::Or(a, b) if !of_and => a.operands(false).into_iter().chain(b.operands(false)).collect(),
            _ => BTreeSet::from([self.key()]),
        }
    }

    /// `!x`, and `x` for `!!x`, as the graph has it.
    fn not(a: Box<Condition>) -> Condition {
        if let Condition::Not(inner) = *a { *inner } else { Condition::Not(a) }
    }

    /// Two conditions joined; one, if they are the same.
    fn joined(
        a: Box<Condition>,
        b: Box<Condition>,
        with: fn(Box<Condition>, Box<Condition>) -> Condition,
    ) -> Condition {
        if a.key() == b.key() { *a } else { with(a, b) }
    }

    /// Atoms by their text: a negated comparison is a comparison of its own.
    fn atoms(&self, negated: bool, into: &mut BTreeSet<String>) {
        match self {
            Condition::Fact(_) => {
                into.insert(self.text());
            }
            Condition::Below(name, limit) => {
                into.insert(format!("firm.{name} {} {limit}", if negated { ">=" } else { "<" }));
            }
            Condition::Not(a) => a.atoms(!negated, into),
            Condition::And(a, b) | Condition::Or(a, b) => {
                a.atoms(false, into);
                b.atoms(false, into);
            }
            Condition::If(c, a, b) => {
                c.atoms(false, into);
                a.atoms(false, into);
                b.atoms(false, into);
            }
        }
    }

    /// The value, with the value of one atom turned round.
    fn value(&self, firm: &Firm, turned: Option<&str>, negated: bool) -> Option<bool> {
        let turn =
            |text: String, value: Option<bool>| if turned == Some(&text) { value.map(|value| !value) } else { value };
        match self {
            Condition::Fact(name) => {
                let value = turn(self.text(), firm[name].map(|value| value == 1));
                if negated { value.map(|value| !value) } else { value }
            }
            Condition::Below(name, limit) => {
                let below = firm[name].map(|value| value < *limit);
                if negated {
                    turn(format!("firm.{name} >= {limit}"), below.map(|below| !below))
                } else {
                    turn(format!("firm.{name} < {limit}"), below)
                }
            }
            Condition::Not(a) => a.value(firm, turned, !negated),
            Condition::And(a, b) => {
                let value = match (a.value(firm, turned, false), b.value(firm, turned, false)) {
                    (Some(false), _) | (_, Some(false)) => Some(false),
                    (Some(true), Some(true)) => Some(true),
                    _ => None,
                };
                if negated { value.map(|value| !value) } else { value }
            }
            Condition::Or(a, b) => {
                let value = match (a.value(firm, turned, false), b.value(firm, turned, false)) {
                    (Some(true), _) | (_, Some(true)) => Some(true),
                    (Some(false), Some(false)) => Some(false),
                    _ => None,
                };
                if negated { value.map(|value| !value) } else { value }
            }
            Condition::If(c, a, b) => {
                let (a, b) = (a.value(firm, turned, false), b.value(firm, turned, false));
                let value = match c.value(firm, turned, false) {
                    Some(true) => a,
                    Some(false) => b,
                    None if a == b => a,
                    None => None,
                };
                if negated { value.map(|value| !value) } else { value }
            }
        }
    }

    fn value_of_atom(atom: &str, firm: &Firm) -> Option<bool> {
        let words: Vec<&str> = atom.trim_start_matches("firm.").split(' ').collect();
        let value = firm[words[0]]?;
        Some(match words.get(1..) {
            Some(["<", limit]) => value < limit.parse().unwrap(),
            Some([">=", limit]) => value >= limit.parse().unwrap(),
            _ => value == 1,
        })
    }

    /// The definition, as it is written.
    fn shown(&self, atom: &str, firms: &[Firm]) -> AtomShown {
        let decides: BTreeSet<(bool, Option<bool>)> = firms
            .iter()
            .filter_map(|firm| {
                let value = Condition::value_of_atom(atom, firm)?;
                let (came, else_came) = (self.value(firm, None, false), self.value(firm, Some(atom), false));
                (came != else_came).then_some((value, came))
            })
            .collect();
        let has = |value| decides.iter().any(|(known, _)| *known == value);
        let differs = |came| decides.iter().any(|(known, else_came)| !*known && *else_came != came);
        if decides.iter().any(|(known, came)| *known && differs(*came)) {
            AtomShown::Shown
        } else {
            AtomShown::Missing { when_true: has(true), when_false: has(false) }
        }
    }
}

fn condition() -> impl Strategy<Value = Condition> {
    let fact = prop_oneof![Just("a"), Just("b")].prop_map(Condition::Fact);
    let below = (prop_oneof![Just("m"), Just("n")], 1i64..4).prop_map(|(name, limit)| Condition::Below(name, limit));
    prop_oneof![fact, below].prop_recursive(3, 8, 3, |inner| {
        let boxed = move || inner.clone().prop_map(Box::new);
        prop_oneof![
            boxed().prop_map(Condition::not),
            (boxed(), boxed()).prop_map(|(a, b)| Condition::joined(a, b, Condition::And)),
            (boxed(), boxed()).prop_map(|(a, b)| Condition::joined(a, b, Condition::Or)),
            (boxed(), boxed(), boxed()).prop_map(|(c, a, b)| Condition::If(c, a, b)),
        ]
    })
}

fn firm() -> impl Strategy<Value = Firm> {
    let bit = || prop_oneof![4 => (0i64..2).prop_map(Some), 1 => Just(None)];
    let number = || prop_oneof![4 => (0i64..5).prop_map(Some), 1 => Just(None)];
    (bit(), bit(), number(), number()).prop_map(|(a, b, m, n)| BTreeMap::from([("a", a), ("b", b), ("m", m), ("n", n)]))
}

fn every_firm() -> Vec<Firm> {
    let bits = [None, Some(0), Some(1)];
    let numbers = [None, Some(0), Some(1), Some(2), Some(3), Some(4)];
    let mut all = Vec::new();
    for a in bits {
        for b in bits {
            for m in numbers {
                all.extend(numbers.map(|n| BTreeMap::from([("a", a), ("b", b), ("m", m), ("n", n)])));
            }
        }
    }
    all
}

fn as_json(firm: &Firm) -> Value {
    let bit = |name: &str| firm[name].map(|value| value == 1);
    json!({ "a": bit("a"), "b": bit("b"), "m": firm["m"], "n": firm["n"] })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(192) })]

    #[test]
    fn an_atom_is_shown_just_where_the_definition_says(condition in condition(), firms in prop::collection::vec(firm(), 1..12)) {
        let of = |wanted: Option<bool>| -> Vec<Value> {
            firms.iter().filter(|firm| condition.value(firm, None, false) == wanted).map(as_json).collect()
        };
        let cases = json!({ "rule": "S-1", "fires": of(Some(true)), "clear": of(Some(false)), "undetermined": of(None) });
        let rule = covered_by(&condition.text(), &cases);
        let mut atoms = BTreeSet::new();
        condition.atoms(false, &mut atoms);
        // `if c { x } else { x }` reads `c` all the same.
        let found = shown(&rule);
        prop_assert_eq!(found.keys().map(ToString::to_string).collect::<BTreeSet<_>>(), atoms);
        for (atom, shown) in found {
            match shown {
                AtomShown::Impossible => {
                    prop_assert!(condition.shown(atom, &every_firm()) != AtomShown::Shown, "{atom} in {}", condition.text());
                }
                shown => prop_assert_eq!(shown, condition.shown(atom, &firms), "{} in {}", atom, condition.text()),
            }
        }
    }
}
