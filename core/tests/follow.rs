//! Follow-up: nothing is lost between periods, nothing gets better by not being known.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::collections::BTreeSet;

use proptest::prelude::*;
use risktier::{Date, FirmStatus, FollowState, FollowUp, FollowedHazard, Follower, RuleBook};
use serde_json::{Value, json};

fn book() -> RuleBook {
    let rule = |id: &str, fact: &str, tier: &str, days: u32, more: &str| {
        format!(
            "rule(\"{id}\", #{{ risk: #{{ en: \"r\", zh: \"险\" }}, finding: #{{ en: \"{fact}\", zh: \"患\" }}, when: |firm| firm.{fact}, \
             tier: {tier}, cite: own(\"an example\"), since: date(2020, 1, 1), control: #{{ en: \"c\", zh: \"改\" }}, owner: \"p\", \
             days: {days}{more} }});\n"
        )
    };
    let source = [
        "role(\"p\", #{ en: \"Principal\", zh: \"负责人\" });\n",
        "fact(\"a\", BOOL, #{ en: \"A\", zh: \"甲\" }); fact(\"b\", BOOL, #{ en: \"B\", zh: \"乙\" });\n",
        "fact(\"c\", BOOL, #{ en: \"C\", zh: \"丙\" }); fact(\"d\", BOOL, #{ en: \"D\", zh: \"丁\" });\n",
        "part(\"shared\", #{ name: #{ en: \"Shared\", zh: \"通用\" } });\n",
        &rule("P-1", "a", "ORANGE", 20, ""),
        "sector(\"shops\", #{ name: #{ en: \"Shops\", zh: \"商店\" }, uses: [\"shared\"] });\n",
        &rule("S-1", "b", "RED", 40, ", major: true"),
        &rule("S-2", "c", "YELLOW", 30, ", lasting: true"),
        "sector(\"mills\", #{ name: #{ en: \"Mills\", zh: \"工厂\" }, uses: [\"shared\"] });\n",
        &rule("M-1", "d", "RED", 10, ", \"until\": date(2026, 3, 15)"),
    ]
    .concat();
    RuleBook::from_sources([("s.rhai", source)]).unwrap_or_else(|error| panic!("{error}"))
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn follow(book: &RuleBook, before: Vec<FollowedHazard>, as_of: Date, firms: &[Value]) -> FollowUp {
    let grader = book.as_of(as_of);
    let mut follower = Follower::new(before, as_of).unwrap();
    for firm in firms {
        let lists = grader.lists_json(&firm.to_string()).unwrap();
        // What was written and read again says the same.
        let read: FirmStatus = serde_json::from_str(&serde_json::to_string(&lists).unwrap()).unwrap();
        assert_eq!(read, FirmStatus::from(&lists));
        follower.add(&read).unwrap();
    }
    follower.finish()
}

fn state(follow_up: &FollowUp, id: &str) -> FollowState {
    follow_up.hazards.iter().find(|hazard| hazard.id == id).unwrap_or_else(|| panic!("{id}")).state
}

#[test]
fn a_hazard_is_followed_through_its_life() {
    let book = book();
    let firm = |b: Value| json!({ "id": "F", "sector": "shops", "a": false, "b": b, "c": false });
    let january = follow(&book, Vec::new(), day("2026-01-10"), &[firm(json!(true))]);
    assert_eq!(state(&january, "F/hazard/S-1"), FollowState::New);
    assert_eq!(january.hazards[0].due, Some(day("2026-02-19")));
    let february = follow(&book, january.hazards, day("2026-02-10"), &[firm(json!(true))]);
    assert_eq!(state(&february, "F/hazard/S-1"), FollowState::StillOpen);
    assert_eq!(february.hazards[0].due, Some(day("2026-02-19")), "the time does not begin again");
    let march = follow(&book, february.hazards, day("2026-03-10"), &[firm(json!(null))]);
    assert_eq!(state(&march, "F/hazard/S-1"), FollowState::Unverified, "not known is not closed");
    assert_eq!(march.hazards[0].late_days, 19);
    assert_eq!((march.counts.open, march.counts.overdue), (1, 1));
    let april = follow(&book, march.hazards, day("2026-04-10"), &[firm(json!(true))]);
    assert_eq!(state(&april, "F/hazard/S-1"), FollowState::Overdue);
    let may = follow(&book, april.hazards, day("2026-05-10"), &[firm(json!(false))]);
    assert_eq!(state(&may, "F/hazard/S-1"), FollowState::Closed);
    assert_eq!((may.counts.open, may.counts.closed_now), (0, 1));
    let june = follow(&book, may.hazards, day("2026-06-10"), &[firm(json!(true))]);
    assert_eq!(state(&june, "F/hazard/S-1"), FollowState::Reopened);
    assert_eq!(june.hazards[0].times_reopened, 1);
    assert_eq!(june.hazards[0].due, Some(day("2026-07-20")), "a hazard that came back has its time anew");
    assert_eq!(june.hazards[0].first_seen, day("2026-01-10"));
}

#[test]
fn what_leaves_a_hazard_unknown_keeps_it() {
    let book = book();
    let all = json!({ "id": "F", "sector": ["shops", "mills"], "a": true, "b": true, "c": true, "d": true });
    let before = follow(&book, Vec::new(), day("2026-03-01"), std::slice::from_ref(&all));
    assert_eq!(before.hazards.len(), 4);
    let gone = follow(&book, before.hazards.clone(), day("2026-04-01"), &[]);
    assert!(gone.hazards.iter().all(|hazard| hazard.state == FollowState::FirmAbsent && hazard.state.is_open()));
    // Mills only: what shops asked is not closed by leaving them. M-1 is no longer in force.
    let mills = json!({ "id": "F", "sector": "mills", "a": false, "d": true });
    let moved = follow(&book, before.hazards.clone(), day("2026-04-01"), &[mills]);
    assert_eq!(state(&moved, "F/hazard/S-1"), FollowState::SectorLeft);
    assert_eq!(
        state(&moved, "F/hazard/P-1"),
        FollowState::Closed,
        "the shared rule is clear in the sector that is left"
    );
    assert_eq!(state(&moved, "F/hazard/M-1"), FollowState::RuleWithdrawn);
    let mut follower = Follower::new(before.hazards, day("2026-04-01")).unwrap();
    follower.add_without_lists("F");
    assert!(follower.finish().hazards.iter().all(|hazard| hazard.state == FollowState::NoLists));
}

#[test]
fn of_a_firm_that_is_there_twice_the_worse_row_counts() {
    let book = book();
    let firm = |a: Value| json!({ "id": "F", "sector": "shops", "a": a, "b": false, "c": false });
    let before = follow(&book, Vec::new(), day("2026-01-01"), &[firm(json!(true))]).hazards;
    let of = |rows: &[Value]| follow(&book, before.clone(), day("2026-01-02"), rows);
    assert_eq!(of(&[firm(json!(false))]).hazards[0].state, FollowState::Closed);
    assert_eq!(of(&[firm(json!(false)), firm(json!(true))]).hazards[0].state, FollowState::StillOpen);
    assert_eq!(of(&[firm(json!(false)), firm(json!(null))]).hazards[0].state, FollowState::Unverified);
    let mut follower = Follower::new(before.clone(), day("2026-01-02")).unwrap();
    let lists = book.as_of(day("2026-01-02")).lists_json(&firm(json!(false)).to_string()).unwrap();
    follower.add_without_lists("F");
    follower.add(&FirmStatus::from(&lists)).unwrap();
    assert_eq!(follower.finish().hazards[0].state, FollowState::NoLists, "one row could not be graded");
    let nameless = of(&[json!({ "sector": "shops", "a": true })]);
    assert_eq!((nameless.firms_without_id, nameless.hazards.len()), (1, 1));
    assert_eq!(nameless.hazards[0].state, FollowState::FirmAbsent);
}

#[test]
fn what_passes_only_with_time_is_never_late_and_withdrawn_rules_ask_for_nothing() {
    let book = book();
    let shops = json!({ "id": "F", "sector": "shops", "a": false, "b": false, "c": true });
    let mills = json!({ "id": "G", "sector": "mills", "a": false, "d": true });
    let before = follow(&book, Vec::new(), day("2026-03-01"), &[shops.clone(), mills.clone()]);
    let now = follow(&book, before.hazards, day("2026-12-01"), &[shops, mills]);
    let hazard = |id: &str| now.hazards.iter().find(|hazard| hazard.id == id).unwrap();
    assert_eq!((hazard("F/hazard/S-2").due, hazard("F/hazard/S-2").state), (None, FollowState::StillOpen));
    assert_eq!(hazard("G/hazard/M-1").state, FollowState::RuleWithdrawn);
    assert_eq!((now.counts.open, now.counts.overdue), (1, 0));
}

#[test]
fn what_does_not_follow_is_refused() {
    let book = book();
    let firm = json!({ "id": "F", "sector": "shops", "a": true, "b": false, "c": false });
    let now = follow(&book, Vec::new(), day("2026-03-01"), std::slice::from_ref(&firm));
    let Err(error) = Follower::new(now.hazards.clone(), day("2026-02-01")) else { panic!() };
    assert!(error.to_string().contains("expected no day later than 2026-02-01"), "{error}");
    let twice = [now.hazards.clone(), now.hazards].concat();
    let Err(error) = Follower::new(twice, day("2026-04-01")) else { panic!() };
    assert!(error.to_string().contains("is twice among the hazards"), "{error}");
    let mut follower = Follower::new(Vec::new(), day("2026-04-01")).unwrap();
    let lists = book.as_of(day("2026-03-01")).lists_json(&firm.to_string()).unwrap();
    let error = follower.add(&FirmStatus::from(&lists)).unwrap_err();
    assert!(error.to_string().contains("expected 2026-04-01"), "{error}");
}

fn fact() -> impl Strategy<Value = Value> {
    prop_oneof![Just(json!(true)), Just(json!(false)), Just(Value::Null)]
}

/// The firms of a period: which are there, in which sectors, and what is known of them.
fn register() -> impl Strategy<Value = Vec<Value>> {
    let sectors = prop_oneof![Just(json!("shops")), Just(json!("mills")), Just(json!(["shops", "mills"]))];
    let firm = (any::<bool>(), sectors, fact(), fact(), fact(), fact());
    prop::collection::vec(firm, 4).prop_map(|firms| {
        let ids = firms.into_iter().enumerate().filter(|(_, firm)| firm.0);
        ids.map(|(at, (_, sector, a, b, c, d))| {
            json!({ "id": format!("F{at}"), "sector": sector, "a": a, "b": b, "c": c, "d": d })
        })
        .collect()
    })
}

proptest! {
    #[test]
    fn nothing_is_lost_and_nothing_counts_twice(periods in prop::collection::vec(register(), 1..6)) {
        let book = book();
        let mut before: Vec<FollowedHazard> = Vec::new();
        for (at, firms) in periods.iter().enumerate() {
            let as_of = day("2026-01-01").plus_days(31 * at as i64).unwrap();
            let grader = book.as_of(as_of);
            let found: BTreeSet<String> = firms
                .iter()
                .flat_map(|firm| FirmStatus::from(&grader.lists_json(&firm.to_string()).unwrap()).found)
                .map(|hazard| hazard.id)
                .collect();
            let now = follow(&book, before.clone(), as_of, firms);
            let ids: Vec<&str> = now.hazards.iter().map(|hazard| hazard.id.as_str()).collect();
            prop_assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "each once");
            for hazard in &before {
                prop_assert!(ids.contains(&hazard.id.as_str()), "{} is lost", hazard.id);
            }
            for id in &found {
                prop_assert!(ids.contains(&id.as_str()), "{} is not followed", id);
            }
            prop_assert_eq!(ids.len(), before.iter().map(|one| one.id.clone()).chain(found.clone()).collect::<BTreeSet<_>>().len());
            let by_state: usize = now.counts.by_state.iter().map(|(_, count)| count).sum();
            prop_assert_eq!(by_state, ids.len());
            for hazard in &now.hazards {
                let was = before.iter().find(|one| one.id == hazard.id);
                let is_found = found.contains(&hazard.id);
                prop_assert_eq!(is_found, matches!(hazard.state, FollowState::New | FollowState::StillOpen | FollowState::Overdue | FollowState::Reopened));
                // Only a rule that is clear closes a hazard.
                if hazard.state == FollowState::Closed && was.is_some_and(|was| was.state != FollowState::Closed) {
                    let firm = firms.iter().find(|firm| firm["id"] == hazard.firm.as_str()).unwrap();
                    let grade = grader.grade_value(firm).unwrap();
                    let open = grade.sectors.iter().flat_map(|sector| &sector.undetermined).any(|one| one.rule == hazard.rule);
                    prop_assert!(!open && !is_found);
                }
                if let Some(was) = was {
                    prop_assert_eq!(was.first_seen, hazard.first_seen);
                    prop_assert!(was.state == FollowState::Closed || was.due == hazard.due, "its time does not begin again");
                }
            }
            // In any order, and through a file and back.
            let turned: Vec<Value> = firms.iter().rev().cloned().collect();
            let written: Vec<String> = before.iter().map(|hazard| serde_json::to_string(hazard).unwrap()).collect();
            let read = written.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
            prop_assert_eq!(&follow(&book, read, as_of, &turned), &now);
            // The same lists again find nothing new and close nothing.
            let again = follow(&book, now.hazards.clone(), as_of, firms);
            prop_assert_eq!(again.counts.in_state(FollowState::New) + again.counts.in_state(FollowState::Reopened), 0);
            prop_assert_eq!(again.counts.open, now.counts.open);
            before = now.hazards;
        }
    }
}
