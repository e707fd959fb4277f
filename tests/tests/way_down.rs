//! The way down: what it says brings a firm to a tier does, no rule of it can be spared, and nothing does it with less effort.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

use std::fmt::Write;

use proptest::prelude::*;
use risktier::{Date, Goal, Grader, RuleBook, Tier, Way};
use serde_json::{Map, Value};

/// What a rule does, for the generator.
#[derive(Debug, Clone, Copy)]
enum Effect {
    Floor(Tier),
    Points { item: usize, amount: u32, harmful: bool },
}

#[derive(Debug, Clone)]
struct Rule {
    effect: Effect,
    days: u32,
    lasting: bool,
    /// Of the fact that the rule reads.
    state: Option<bool>,
}

#[derive(Debug, Clone)]
struct Case {
    rules: Vec<Rule>,
    /// How many points an item can cost, and bring.
    caps: [(u32, u32); 2],
    /// Deductions from 100, or penalty points from 0.
    higher_is_better: bool,
    scored: bool,
}

fn tier() -> impl Strategy<Value = Tier> {
    prop_oneof![Just(Tier::Yellow), Just(Tier::Orange), Just(Tier::Red)]
}

fn rule() -> impl Strategy<Value = Rule> {
    let effect = prop_oneof![
        1 => tier().prop_map(Effect::Floor),
        3 => (0..2usize, 1..30u32, prop::bool::weighted(0.8)).prop_map(|(item, amount, harmful)| Effect::Points { item, amount, harmful }),
    ];
    let state = prop_oneof![3 => Just(Some(true)), 1 => Just(Some(false)), 1 => Just(None)];
    (effect, 0..40u32, prop::bool::weighted(0.1), state).prop_map(|(effect, days, lasting, state)| Rule {
        effect,
        days,
        lasting,
        state,
    })
}

fn case() -> impl Strategy<Value = Case> {
    let caps = [(10..60u32, 0..10u32), (10..60u32, 0..10u32)];
    (prop::collection::vec(rule(), 1..9), caps, any::<bool>(), prop::bool::weighted(0.9))
        .prop_map(|(rules, caps, higher_is_better, scored)| Case { rules, caps, higher_is_better, scored })
}

fn mark(tier: Tier) -> &'static str {
    ["BLUE", "YELLOW", "ORANGE", "RED"][tier as usize]
}

impl Case {
    /// A book with one rule a fact, so that to close a finding is to make its fact false.
    fn grader(&self) -> Grader {
        let bands = match (self.scored, self.higher_is_better) {
            (false, _) => "",
            (_, true) => {
                ", score: #{ base: 100, bands: [ #{ tier: RED, below: 60 }, #{ tier: ORANGE, from: 60, below: 75 },
                 #{ tier: YELLOW, from: 75, below: 90 }, #{ tier: BLUE, from: 90 } ] }"
            }
            (_, false) => {
                ", score: #{ base: 0, bands: [ #{ tier: BLUE, below: 20 }, #{ tier: YELLOW, from: 20, below: 40 },
                 #{ tier: ORANGE, from: 40, below: 60 }, #{ tier: RED, from: 60 } ] }"
            }
        };
        let mut script = format!(
            "role(\"r\", #{{ en: \"R\", zh: \"R\" }});\nsector(\"s\", #{{ name: #{{ en: \"S\", zh: \"S\" }}{bands} }});\n"
        );
        for (at, (cost, gain)) in self.caps.iter().enumerate() {
            let (low, high) = if self.higher_is_better { (*cost, *gain) } else { (*gain, *cost) };
            writeln!(script, "item(\"i{at}\", #{{ en: \"I\", zh: \"I\", lowest: -{low}, highest: {high} }});").unwrap();
        }
        for (at, rule) in self.rules.iter().enumerate() {
            writeln!(script, "fact(\"f{at}\", BOOL, #{{ en: \"F\", zh: \"F\" }});").unwrap();
            let effect = match rule.effect {
                Effect::Floor(tier) => format!("tier: {}", mark(tier)),
                Effect::Points { .. } if !self.scored => "tier: YELLOW".to_owned(),
                Effect::Points { item, amount, harmful } => {
                    let word = if harmful == self.higher_is_better { "deduct" } else { "add" };
                    format!("item: \"i{item}\", {word}: {amount}")
                }
            };
            let (days, lasting) = (rule.days, rule.lasting);
            writeln!(
                script,
                "rule(\"R{at}\", #{{ risk: #{{ en: \"r\", zh: \"r\" }}, finding: #{{ en: \"f\", zh: \"f\" }},
                 when: |firm| firm.f{at}, {effect}, lasting: {lasting}, cite: own(\"x\"), since: date(2020, 1, 1),
                 control: #{{ en: \"c\", zh: \"c\" }}, owner: \"r\", days: {days} }});"
            )
            .unwrap();
        }
        RuleBook::from_sources([("case.rhai", script)]).unwrap().as_of(Date::new(2026, 11, 1).unwrap())
    }

    fn facts(&self) -> Map<String, Value> {
        let mut facts = Map::from_iter([("sector".to_owned(), Value::from("s"))]);
        for (at, rule) in self.rules.iter().enumerate() {
            facts.insert(format!("f{at}"), rule.state.map_or(Value::Null, Value::from));
        }
        facts
    }

    fn is_merit(&self, at: usize) -> bool {
        self.scored && matches!(self.rules[at].effect, Effect::Points { harmful: false, .. })
    }

    /// The firm with these rules turned out well.
    fn after(&self, rules: &[usize]) -> Map<String, Value> {
        let mut facts = self.facts();
        for at in rules {
            facts.insert(format!("f{at}"), self.is_merit(*at).into());
        }
        facts
    }

    fn reaches(&self, grader: &Grader, rules: &[usize], to: Tier, goal: Goal) -> bool {
        let grade = grader.grade_value(&Value::Object(self.after(rules))).unwrap();
        match goal {
            Goal::OnRecord => grade.tier <= to,
            Goal::ForCertain => grade.worst <= to,
        }
    }

    /// What could turn out better than it stands.
    fn steps(&self) -> Vec<usize> {
        let open = |at: &usize| {
            let rule = &self.rules[*at];
            match rule.state {
                Some(true) => !self.is_merit(*at) && !rule.lasting,
                Some(false) => false,
                None => true,
            }
        };
        (0..self.rules.len()).filter(open).collect()
    }

    fn effort(&self, rules: &[usize]) -> u32 {
        rules.iter().filter(|at| self.rules[**at].state == Some(true)).map(|at| self.rules[*at].days).sum()
    }
}

fn rules_of(way: &Way) -> Vec<usize> {
    let mut rules: Vec<usize> = way.close.iter().chain(&way.establish).map(|id| id[1..].parse().unwrap()).collect();
    rules.sort_unstable();
    rules
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn every_way_leads_there_and_the_first_takes_the_least(case in case()) {
        let grader = case.grader();
        let explanation = grader.explain(&Value::Object(case.facts())).unwrap();
        let grade = &explanation.grade;
        let ways = &explanation.sectors[0].way_down;
        let steps = case.steps();
        for (goal, from) in [(Goal::OnRecord, grade.tier), (Goal::ForCertain, grade.worst)] {
            for to in Tier::ALL.into_iter().filter(|to| *to < from) {
                // What is the same for certain as on record is told once.
                let of = |goal| ways.iter().find(|way| way.to == to && way.goal == goal);
                let told = of(goal).or_else(|| of(Goal::OnRecord)).expect("a way, or that there is none");
                let brute = (0u32..1 << steps.len())
                    .map(|set| steps.iter().enumerate().filter(|(bit, _)| set >> bit & 1 == 1).map(|(_, at)| *at).collect::<Vec<_>>())
                    .filter(|set| case.reaches(&grader, set, to, goal))
                    .map(|set| (case.effort(&set), set.len()))
                    .min();
                match (brute, told.ways.first()) {
                    (None, None) => {}
                    (Some(best), Some(first)) => {
                        let rules = rules_of(first);
                        prop_assert_eq!((first.effort_days, rules.len()), best, "to {} {:?}: {:?}", to, goal, told);
                    }
                    (brute, first) => prop_assert!(false, "to {} {:?}: {:?}, told {:?}", to, goal, brute, first),
                }
                for way in &told.ways {
                    let rules = rules_of(way);
                    prop_assert!(case.reaches(&grader, &rules, to, goal), "{:?} does not lead to {}", way, to);
                    for spared in &rules {
                        let rest: Vec<usize> = rules.iter().copied().filter(|at| at != spared).collect();
                        prop_assert!(!case.reaches(&grader, &rest, to, goal), "{:?} can spare R{}", way, spared);
                    }
                    for at in &way.close {
                        prop_assert!(!case.rules[at[1..].parse::<usize>().unwrap()].lasting);
                    }
                }
                if told.ways.is_empty() && !told.blocked_by.is_empty() {
                    for id in &told.blocked_by {
                        prop_assert!(case.rules[id[1..].parse::<usize>().unwrap()].lasting);
                    }
                }
            }
        }
    }
}
