//! The three lists: what they say of a fixed set of firms in both languages, their ids, and the forms that they come in.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

use std::collections::BTreeSet;
use std::fmt::Write;
use std::io::Cursor;
use std::sync::{Arc, OnceLock};

use arrow_array::{ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray};
use calamine::{Data, Reader, Xlsx};
use risktier::{Date, FirmLists, Grader, HazardState, Lang, ListCell, ListKind, RuleBook, RuleOutcome, Tier, Workbook};
use serde_json::{Value, json};

fn grader() -> &'static Grader {
    static GRADER: OnceLock<Grader> = OnceLock::new();
    GRADER.get_or_init(|| risktier_rules::book().as_of(Date::new(2026, 11, 1).unwrap()))
}

fn firms() -> Vec<Value> {
    serde_json::from_str(include_str!("../data/lists/firms.json")).unwrap()
}

fn told(lists: &FirmLists, lang: Lang) -> String {
    let mut text = String::new();
    for kind in ListKind::ALL {
        let rows = lists.rows(kind, lang);
        writeln!(text, "== {} ({})", lists.name(kind, lang), rows.len()).unwrap();
        // The first rows, and the foot of the responsibility list.
        let foot = rows.iter().rev().take_while(|row| row[0].to_text(lang).contains("way/")).count();
        for row in rows.iter().take(12).chain(rows.iter().skip((rows.len() - foot).max(12))) {
            for (column, cell) in kind.columns().iter().zip(row) {
                if *cell != ListCell::Empty && column.key != "firm" {
                    writeln!(text, "{}: {}", column.title(lang), cell.to_text(lang)).unwrap();
                }
            }
            text.push('\n');
        }
    }
    text
}

#[test]
fn lists_of_a_fixed_set_of_firms() {
    for (at, firm) in firms().iter().enumerate() {
        let lists = grader().lists(firm).unwrap();
        for lang in [Lang::En, Lang::Zh] {
            insta::assert_snapshot!(format!("firm_{at}_{lang:?}"), told(&lists, lang));
        }
    }
}

#[test]
fn ids_stay_when_facts_change_that_do_not_matter() {
    let firm = firms().swap_remove(0);
    let ids = |firm: &Value| {
        let lists = grader().lists(firm).unwrap();
        let found = lists.hazards.iter().filter(|hazard| hazard.state == HazardState::Found);
        found.map(|hazard| hazard.id.clone()).collect::<BTreeSet<_>>()
    };
    let before = ids(&firm);
    assert!(before.contains("FW-1/hazard/FW-03"), "{before:?}");
    let mut other = firm.clone();
    other["persons_in_workroom"] = json!(12);
    other["explosive_kg"] = json!(2.5);
    other["employees"] = json!(77);
    assert_eq!(ids(&other), before);
    let all: Vec<String> = {
        let lists = grader().lists(&firm).unwrap();
        let risks = lists.risks.into_iter().map(|item| item.id);
        risks
            .chain(lists.hazards.into_iter().map(|item| item.id))
            .chain(lists.duties.into_iter().map(|item| item.id))
            .collect()
    };
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len(), "each id once");
}

#[test]
fn a_rule_of_two_sectors_is_one_item_that_names_both() {
    let lists = grader().lists(&firms()[1]).unwrap();
    let hazard = lists.hazards.iter().filter(|hazard| &*hazard.rule == "MG-03").collect::<Vec<_>>();
    assert_eq!(hazard.len(), 1);
    assert_eq!(hazard[0].sectors.len(), 2);
}

#[test]
fn deadlines_count_from_the_grading_date_and_major_hazards_have_five_assignments() {
    let lists = grader().lists(&firms()[0]).unwrap();
    let duty = lists.duties.iter().find(|duty| &*duty.rules[0] == "FW-03").unwrap();
    assert_eq!(duty.deadline, Some(Date::new(2026, 11, 1).unwrap()));
    let five = duty.five.as_ref().unwrap();
    assert_eq!((five.time_limit, &five.measures), (duty.deadline, &duty.measure));
    let licence = lists.duties.iter().find(|duty| &*duty.rules[0] == "MG-01").unwrap();
    assert_eq!(licence.deadline, Some(Date::new(2026, 11, 16).unwrap()), "15 days");
    assert!(licence.five.is_none(), "a general hazard");
    assert!(lists.duties.is_sorted_by_key(|duty| duty.deadline), "the earliest first");
    let supervision = lists.supervision.unwrap();
    assert_eq!(supervision.due, Some(Date::new(2026, 12, 1).unwrap()), "a red firm, every 30 days");
}

#[test]
fn an_undetermined_rule_is_to_be_verified_with_the_facts_to_collect() {
    let lists = grader().lists(&firms()[3]).unwrap();
    assert_eq!(lists.tier, Tier::Blue);
    assert!(lists.hazards.iter().all(|hazard| hazard.state == HazardState::ToVerify && !hazard.collect.is_empty()));
    let facts: BTreeSet<_> = lists.duties.iter().filter_map(|duty| duty.fact.clone()).collect();
    let wanted: BTreeSet<_> = lists
        .hazards
        .iter()
        .flat_map(|hazard| hazard.collect.iter().map(|collect| Arc::clone(&collect.fact)))
        .collect();
    assert_eq!(facts, wanted, "a duty for each fact, once");
    assert_eq!(
        lists.hazards[0].id,
        format!("hazard/{}", lists.hazards[0].rule),
        "no firm in the id of a firm without one"
    );
}

#[test]
fn merits_are_no_hazards() {
    let firm = json!({ "sector": "fireworks", "accidents": [], "standardisation_grade": 1 });
    let explanation = grader().explain(&firm).unwrap();
    let merits: Vec<_> =
        explanation.sectors[0].rules.iter().filter(|rule| rule.merit && rule.outcome == RuleOutcome::Fired).collect();
    assert!(!merits.is_empty());
    let lists = grader().lists_of(&explanation);
    for merit in merits {
        assert!(lists.risks.iter().all(|risk| risk.rule != merit.rule), "{}", merit.rule);
        assert!(lists.hazards.iter().all(|hazard| hazard.rule != merit.rule), "{}", merit.rule);
    }
}

#[test]
fn a_row_of_a_batch_is_explained_as_the_firm_alone_is() {
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("id", Arc::new(StringArray::from(vec!["A", "B"]))),
        ("sector", Arc::new(StringArray::from(vec!["fireworks", "fireworks;commercial-hospitality"]))),
        ("fireworks_activity", Arc::new(StringArray::from(vec![Some("production"), None]))),
        ("persons_in_workroom", Arc::new(Int64Array::from(vec![Some(9), Some(2)]))),
        ("approved_persons", Arc::new(Int64Array::from(vec![Some(6), None]))),
        ("live_repair", Arc::new(BooleanArray::from(vec![Some(true), None]))),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let grades = grader().grade_batch(&batch).unwrap();
    let firms = [
        json!({ "id": "A", "sector": "fireworks", "fireworks_activity": "production", "persons_in_workroom": 9, "approved_persons": 6, "live_repair": true }),
        json!({ "id": "B", "sector": ["fireworks", "commercial-hospitality"], "persons_in_workroom": 2 }),
    ];
    for (row, firm) in firms.iter().enumerate() {
        let of_batch = serde_json::to_value(grades.explain(row).unwrap()).unwrap();
        assert_eq!(of_batch, serde_json::to_value(grader().explain(firm).unwrap()).unwrap());
    }
}

/// Cells of a workbook as the texts that they stand for.
fn text(cell: &Data) -> String {
    match cell {
        Data::Empty => String::new(),
        Data::String(text) => text.clone(),
        Data::Float(number) => number.to_string(),
        Data::Int(number) => number.to_string(),
        Data::DateTime(day) => Date::from_days(day.as_f64() as i64 - 25_569).unwrap().to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_workbook_read_again_says_the_same_cell_by_cell() {
    for lang in [Lang::En, Lang::Zh] {
        let all: Vec<FirmLists> = firms().iter().map(|firm| grader().lists(firm).unwrap()).collect();
        let write = || {
            let mut workbook = Workbook::new(grader(), lang).unwrap();
            all.iter().for_each(|lists| workbook.add(lists).unwrap());
            let mut bytes = Vec::new();
            workbook.save(&mut bytes).unwrap();
            bytes
        };
        let bytes = write();
        assert_eq!(bytes, write(), "the same lists, the same bytes");
        let mut workbook: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).unwrap();
        let names = workbook.sheet_names();
        for (sheet, kind) in names.iter().skip(1).zip(ListKind::ALL) {
            assert_eq!(sheet, all[0].name(kind, lang));
            let range = workbook.worksheet_range(sheet).unwrap();
            let mut rows = range.rows();
            let headings: Vec<String> = rows.next().unwrap().iter().map(text).collect();
            assert_eq!(headings, kind.columns().iter().map(|column| column.title(lang)).collect::<Vec<_>>());
            let wanted: Vec<Vec<String>> = all
                .iter()
                .flat_map(|lists| lists.rows(kind, lang))
                .map(|row| row.iter().map(|cell| cell.to_text(lang)).collect())
                .collect();
            let found: Vec<Vec<String>> = rows.map(|row| row.iter().map(text).collect()).collect();
            assert_eq!(found, wanted, "{sheet}");
        }
        let firms = workbook.worksheet_range(&names[0]).unwrap();
        assert_eq!(firms.height(), 1 + all.len());
        assert_eq!(text(firms.get((1, 3)).unwrap()), Tier::Red.name(lang));
    }
}

#[test]
fn the_page_is_whole_and_shows_data_as_text() {
    let mut lists = grader().lists(&firms()[0]).unwrap();
    lists.name = Some("<script>alert(1)</script> & Co".into());
    let page = lists.to_html(Lang::En);
    assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>"));
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp; Co"), "what the data says is no markup");
    assert!(!page.contains("<script"), "no scripts");
    assert!(!page.contains("http://") && !page.contains("src="), "nothing is loaded");
    for hazard in &lists.hazards {
        assert!(page.contains(&hazard.id), "{}", hazard.id);
    }
    assert!(page.contains("span class=\"tier red\""), "the colour, and the word in it");
}

#[test]
fn a_sector_can_say_otherwise_how_it_is_supervised_and_a_book_how_its_lists_are_called() {
    let script = r#"
        role("p", #{ en: "Principal", zh: "负责人" });
        issued_list("hazards", #{ en: "Defects", zh: "缺陷单", cite: own("an example") });
        supervision(RED, #{ control_level: #{ en: "Firm", zh: "公司" }, frequency: #{ en: "Weekly", zh: "每周" }, every_days: 7,
            verified_by: #{ en: "City", zh: "市" }, establish_days: 2, cite: own("an example") });
        sector("a", #{ name: #{ en: "A", zh: "甲" } });
        fact("bad", BOOL, #{ en: "Bad", zh: "坏" });
        fn must_be_good(id) {
            rule(id, #{ risk: #{ en: "r", zh: "r" }, finding: #{ en: "f", zh: "f" }, when: |firm| firm.bad, tier: RED,
                cite: own("x"), since: date(2020, 1, 1), control: #{ en: "c", zh: "c" }, owner: "p", days: 3 });
        }
        must_be_good("A-1");
        sector("b", #{ name: #{ en: "B", zh: "乙" } });
        supervision(RED, #{ control_level: #{ en: "Group", zh: "集团" }, frequency: #{ en: "Daily", zh: "每日" }, every_days: 1,
            verified_by: #{ en: "Province", zh: "省" }, establish_days: 1, cite: own("an example") });
        must_be_good("B-1");
    "#;
    let grader = RuleBook::from_sources([("s.rhai", script)]).unwrap().as_of(Date::new(2026, 11, 1).unwrap());
    for (sector, frequency, due, verified, level) in
        [("a", "Weekly", "2026-11-08", "City", "Firm"), ("b", "Daily", "2026-11-02", "Province", "Group")]
    {
        let lists = grader.lists(&json!({ "id": "F", "sector": sector, "bad": true })).unwrap();
        let supervision = lists.supervision.as_ref().unwrap();
        assert_eq!((&*supervision.frequency.en, supervision.due.unwrap().to_string().as_str()), (frequency, due));
        assert_eq!(&*lists.duties[0].verified_by.as_ref().unwrap().en, verified);
        assert_eq!(&*lists.risks[0].control_level.as_ref().unwrap().en, level);
        assert_eq!(lists.name(ListKind::Hazards, Lang::Zh), "缺陷单");
        assert_eq!(
            lists.name(ListKind::Risks, Lang::Zh),
            "风险清单",
            "as the engine calls it where the book does not say"
        );
    }
}
