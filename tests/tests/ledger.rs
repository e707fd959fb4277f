//! The ledger of civil explosives: a valid one is clean, and every single event that is taken out, entered twice or
//! altered is found.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

use std::sync::OnceLock;

use proptest::prelude::*;
use proptest::sample::Index;
use risktier::{Date, Grader};
use serde_json::{Value, json};

fn grader() -> &'static Grader {
    static GRADER: OnceLock<Grader> = OnceLock::new();
    GRADER.get_or_init(|| risktier_rules::book().as_of(Date::new(2026, 11, 1).unwrap()))
}

#[derive(Debug, Clone)]
struct Shift {
    detonators: usize,
    used: usize,
    /// Tenths of kilograms.
    drawn: u32,
    left: u32,
    day: u32,
}

#[derive(Debug, Clone)]
struct Ledger {
    events: Vec<Value>,
    stocks: Vec<Value>,
    shifts: Vec<Value>,
}

fn shift() -> impl Strategy<Value = Shift> {
    (1..6usize, 1..200u32, 1..28u32).prop_flat_map(|(detonators, drawn, day)| {
        (0..=detonators, 0..drawn).prop_map(move |(used, left)| Shift { detonators, used, drawn, left, day })
    })
}

fn ledger() -> impl Strategy<Value = Ledger> {
    (prop::collection::vec(shift(), 1..6), 1..500u32, 0..300u32)
        .prop_map(|(shifts, opening, received)| build(&shifts, opening, received))
}

/// A ledger of October that is kept as it should be: a detonator has a code and one fate; what is left comes back.
fn build(shifts: &[Shift], opening: u32, received: u32) -> Ledger {
    let kilograms = |tenths: u32| f64::from(tenths) / 10.0;
    let day = |day: u32| format!("2026-10-{day:02}");
    let mut ledger = Ledger { events: Vec::new(), stocks: Vec::new(), shifts: Vec::new() };
    let (mut used_up, mut blown) = (0, 0);
    let mut code = 0;
    if received > 0 {
        ledger
            .events
            .push(json!({ "kind": "receive", "material": "emulsion", "quantity": kilograms(received), "day": day(1) }));
    }
    for (at, shift) in shifts.iter().enumerate() {
        let name = format!("S{at}");
        let mut event = |kind: &str, material: &str, code: Option<&str>, quantity: f64, planned: Option<f64>| {
            ledger.events.push(json!({
                "kind": kind, "material": material, "code": code, "quantity": quantity, "shift": name,
                "day": day(shift.day), "planned": planned,
            }));
        };
        for detonator in 0..shift.detonators {
            code += 1;
            let code = format!("D{code:04}");
            event("issue", "detonator", Some(&code), 1.0, Some(shift.detonators as f64));
            event(if detonator < shift.used { "use" } else { "return" }, "detonator", Some(&code), 1.0, None);
        }
        event("issue", "emulsion", None, kilograms(shift.drawn), Some(kilograms(shift.drawn)));
        event("use", "emulsion", None, kilograms(shift.drawn - shift.left), None);
        if shift.left > 0 {
            event("return", "emulsion", None, kilograms(shift.left), None);
        }
        used_up += shift.drawn - shift.left;
        blown += shift.used;
        ledger.shifts.push(json!({
            "shift": name, "ended": true, "roles_separated": true, "signed": true, "safety_check_done": true,
        }));
    }
    let opening = opening + used_up;
    ledger.stocks.push(json!({
        "material": "emulsion", "store": "1", "opening": kilograms(opening),
        "closing": kilograms(opening + received - used_up), "capacity": 10_000.0, "coded": false,
    }));
    ledger.stocks.push(json!({
        "material": "detonator", "store": "1", "opening": 500.0, "closing": 500.0 - blown as f64,
        "capacity": 1000.0, "coded": true,
    }));
    ledger
}

/// The rules of the ledger that fire, and those that stay open.
fn found(ledger: &Ledger) -> (Vec<String>, Vec<String>) {
    let firm = json!({
        "sector": "civil-explosives", "explosives_flow_entered": true, "explosives_records_kept_2y": true,
        "explosive_events": ledger.events, "explosive_stocks": ledger.stocks, "explosive_shifts": ledger.shifts,
    });
    let grade = grader().grade_value(&firm).unwrap();
    assert_eq!(grade.data_errors, []);
    let of_ledger = |id: &str| id.starts_with("EL-");
    let sector = &grade.sectors[0];
    let fired = sector.fired.iter().map(|fired| fired.rule.to_string()).filter(|id| of_ledger(id)).collect();
    let open = sector.undetermined.iter().map(|open| open.rule.to_string()).filter(|id| of_ledger(id)).collect();
    (fired, open)
}

const NONE: [String; 0] = [];

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn a_valid_ledger_is_clean(ledger in ledger()) {
        let (fired, open) = found(&ledger);
        prop_assert_eq!(fired, NONE);
        prop_assert_eq!(open, NONE);
    }

    #[test]
    fn an_event_that_is_taken_out_is_found(ledger in ledger(), which in any::<Index>()) {
        let mut ledger = ledger;
        let event = ledger.events.remove(which.index(ledger.events.len()));
        let (fired, _) = found(&ledger);
        prop_assert!(!fired.is_empty(), "{event}");
        if event["kind"] == "use" && event["material"] == "detonator" {
            prop_assert!(fired.iter().any(|rule| rule == "EL-21"), "a detonator without a fate: {:?}", fired);
        }
    }

    #[test]
    fn an_event_that_is_entered_twice_is_found(ledger in ledger(), which in any::<Index>()) {
        let mut ledger = ledger;
        let event = ledger.events[which.index(ledger.events.len())].clone();
        ledger.events.push(event.clone());
        let (fired, _) = found(&ledger);
        prop_assert!(!fired.is_empty(), "{event}");
    }

    #[test]
    fn an_event_that_is_altered_is_found(ledger in ledger(), which in any::<Index>(), how in 0..6usize, more in 1..50u32) {
        let mut ledger = ledger;
        let at = which.index(ledger.events.len());
        let before = ledger.events[at].clone();
        let event = &mut ledger.events[at];
        match how {
            0 => event["quantity"] = json!(event["quantity"].as_f64().unwrap() + f64::from(more) / 10.0),
            1 => event["material"] = json!("another"),
            2 if event["code"].is_string() => event["code"] = json!("D9999"),
            3 if event["shift"].is_string() => event["shift"] = json!("S99"),
            4 if event["kind"] == "use" => event["kind"] = json!("return"),
            4 if event["kind"] == "return" => event["kind"] = json!("use"),
            5 if event["planned"].is_number() && event["quantity"].as_f64() > Some(0.0) => {
                event["planned"] = json!(event["planned"].as_f64().unwrap() - 0.05);
            }
            _ => event["quantity"] = Value::Null,
        }
        let after = ledger.events[at].clone();
        let (fired, _) = found(&ledger);
        prop_assert!(!fired.is_empty(), "{before} became {after}");
    }

    #[test]
    fn a_count_that_is_off_is_found(ledger in ledger(), which in 0..2usize, off in 1..100u32, short in any::<bool>()) {
        let mut ledger = ledger;
        let closing = ledger.stocks[which]["closing"].as_f64().unwrap();
        let off = f64::from(off) / 10.0;
        prop_assume!(!short || closing >= off);
        ledger.stocks[which]["closing"] = json!(if short { closing - off } else { closing + off });
        let (fired, _) = found(&ledger);
        let wanted = if short { "EL-01" } else { "EL-02" };
        prop_assert!(fired.iter().any(|rule| rule == wanted), "{:?}", fired);
    }
}

#[test]
fn a_missing_detonator_is_red_and_reported_at_once() {
    let shift = Shift { detonators: 2, used: 2, drawn: 10, left: 0, day: 20 };
    let mut ledger = build(&[shift], 100, 0);
    ledger.events.retain(|event| !(event["kind"] == "use" && event["code"] == "D0002"));
    let firm = json!({
        "sector": "civil-explosives", "explosives_flow_entered": true, "explosives_records_kept_2y": true,
        "explosive_events": ledger.events, "explosive_stocks": ledger.stocks, "explosive_shifts": ledger.shifts,
    });
    let lists = grader().lists(&firm).unwrap();
    let hazard = lists.hazards.iter().find(|hazard| &*hazard.rule == "EL-21").unwrap();
    assert_eq!(hazard.tier, Some(risktier::Tier::Red));
    let shown = hazard.shown_by.iter().find(|read| &*read.fact == "explosive_events").unwrap();
    assert_eq!(shown.shown_by.len(), 1, "the event that shows it");
    assert_eq!(shown.shown_by[0].values["code"].to_string(), "D0002");
    let duty = lists.duties.iter().find(|duty| &*duty.rules[0] == "EL-21").unwrap();
    assert_eq!(duty.days, Some(0));
    assert!(duty.measure.en.to_lowercase().contains("report to the police at once"), "{}", duty.measure.en);
}

/// Four thousand events have sixteen million pairs; those that share a code, a shift or a material are few.
#[test]
fn a_ledger_of_thousands_of_events_is_checked_to_the_end() {
    let shift = |at: u32| Shift { detonators: 20, used: 18, drawn: 100 + at % 7, left: at % 5, day: 1 + at % 27 };
    let shifts: Vec<Shift> = (0..100).map(shift).collect();
    let mut ledger = build(&shifts, 500, 300);
    // The stock of detonators that `build` opens with is too small for so many.
    ledger.stocks[1]["opening"] = json!(5000.0);
    ledger.stocks[1]["closing"] = json!(5000.0 - 1800.0);
    ledger.stocks[1]["capacity"] = json!(10_000.0);
    assert!(ledger.events.len() > 4000, "{}", ledger.events.len());
    assert_eq!(found(&ledger), (Vec::new(), Vec::new()));

    let at =
        ledger.events.iter().rposition(|event| event["kind"] == "use" && event["material"] == "detonator").unwrap();
    ledger.events.remove(at);
    let (fired, open) = found(&ledger);
    assert!(fired.iter().any(|rule| rule == "EL-21"), "{fired:?}");
    assert_eq!(open, NONE);
}
