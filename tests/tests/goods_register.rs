//! The register of dangerous goods: one that is kept as it should be is clean, and every single fault in it is found.
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

/// Substances, their class and the group that they are stored by: all of them may lie side by side.
const SUBSTANCES: [(&str, &str, &str); 3] =
    [("甲醇", "W5.3", "flammable-liquid"), ("乙醇", "W5.3", "flammable-liquid"), ("甲苯", "W5.3", "flammable-liquid")];

/// Items that are numbered, classed, counted, within their licence and fresh.
fn register() -> impl Strategy<Value = Vec<Value>> {
    let item = (0..SUBSTANCES.len(), 1..80u32, 0..60u32, 1..3u32, 1..31u32);
    prop::collection::vec(item, 1..12).prop_map(|items| {
        let item = |(at, (which, tenths, spare, store, days)): (usize, (usize, u32, u32, u32, u32))| {
            let (name, class, group) = SUBSTANCES[which];
            let tonnes = f64::from(tenths) / 10.0;
            json!({
                "number": format!("N-{at:03}"), "name": name, "hazard_class": class, "storage_group": group,
                "store": format!("store {store}"), "tonnes": tonnes, "book_tonnes": tonnes, "counted_tonnes": tonnes,
                "licensed_tonnes": f64::from(tenths + spare) / 10.0, "expires_on": "2027-06-30",
                "counted_on": format!("2026-10-{days:02}"),
            })
        };
        items.into_iter().enumerate().map(item).collect()
    })
}

fn found(inventory: &[Value]) -> (Vec<String>, Vec<String>) {
    let firm = json!({
        "sector": "hazchem-storage-trade", "stores_dangerous_goods": true, "goods_register_kept": true,
        "mhs_registered_and_filed": true, "major_hazard_level_stated": 1, "exposed_persons_500m": 0, "inventory": inventory,
    });
    let grade = grader().grade_value(&firm).unwrap();
    assert_eq!(grade.data_errors, []);
    let of_register = |id: &str| id.starts_with("GR-");
    let sector = &grade.sectors[0];
    let fired = sector.fired.iter().map(|fired| fired.rule.to_string()).filter(|id| of_register(id)).collect();
    let open = sector.undetermined.iter().map(|open| open.rule.to_string()).filter(|id| of_register(id)).collect();
    (fired, open)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 80, ..ProptestConfig::default() })]

    #[test]
    fn a_register_that_is_kept_is_clean(items in register()) {
        let (fired, open) = found(&items);
        prop_assert_eq!(fired, [""; 0]);
        prop_assert_eq!(open, [""; 0]);
    }

    #[test]
    fn every_single_fault_is_found(items in register(), which in any::<Index>(), fault in 0..9usize) {
        let mut items = items;
        let at = which.index(items.len());
        let item = &mut items[at];
        let wanted = match fault {
            0 => { item["licensed_tonnes"] = json!(item["book_tonnes"].as_f64().unwrap() - 0.05); "GR-05" }
            1 => { item["expires_on"] = json!("2026-10-31"); "GR-07b" }
            2 => { item["counted_tonnes"] = json!(item["book_tonnes"].as_f64().unwrap() * 0.9); "GR-08a" }
            3 => { item["counted_on"] = json!("2026-09-01"); "GR-09" }
            4 => { item["number"] = json!(""); "GR-02" }
            5 => { let copy = item.clone(); items.push(copy); "GR-03" }
            6 => { item["name"] = json!("无名"); item["hazard_class"] = Value::Null; "GR-04" }
            7 => {
                let mut acid = item.clone();
                acid["number"] = json!("N-900");
                acid["storage_group"] = json!("oxidiser");
                items.push(acid);
                "GR-06"
            }
            _ => { item["expires_on"] = json!("2026-10-31"); item["storage_group"] = json!("organic-peroxide"); "GR-07a" }
        };
        let (fired, _) = found(&items);
        prop_assert!(fired.iter().any(|rule| rule == wanted), "{wanted} is not among {:?}", fired);
    }

    #[test]
    fn a_register_of_another_order_is_the_same(items in register(), turn in any::<Index>()) {
        let mut turned = items.clone();
        turned.rotate_left(turn.index(items.len()));
        prop_assert_eq!(found(&items), found(&turned));
    }
}
