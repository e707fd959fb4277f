//! The binary, run on small files with a small book.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod tool;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use tool::{BOOK, DAY, Folder, cell, grade, read, run};

const FIRMS: &str = "\
id,sector,employees,fire_doors_ok,kind,inspected_on,floor_m2
a,shops,10,true,food,2026-06-01,100.5
b,shops,10,false,paint,2026-06-01,100.5
c,shops,80,true,other,2024-06-01,100.5
d,shops,,true,food,,100.5
";
const INVENTORY: &str = "id,name,tonnes\na,paint,1.5\na,thinner,0.5\nc,paint,9\nc,thinner,2.25\n";

fn folder() -> Folder {
    Folder::new().with("firms.csv", FIRMS).with("inventory.csv", INVENTORY)
}

fn inventory(folder: &Folder) -> String {
    format!("inventory={}", folder.text("inventory.csv"))
}

fn parquet() -> Vec<u8> {
    let date = |text: &str| text.parse::<risktier::Date>().unwrap().days();
    let columns: [(&str, ArrayRef); 7] = [
        ("id", Arc::new(StringArray::from(vec!["a", "b", "c", "d"]))),
        ("sector", Arc::new(StringArray::from(vec!["shops"; 4]))),
        ("employees", Arc::new(Int64Array::from(vec![Some(10), Some(10), Some(80), None]))),
        ("fire_doors_ok", Arc::new(BooleanArray::from(vec![true, false, true, true]))),
        ("kind", Arc::new(StringArray::from(vec!["food", "paint", "other", "food"]))),
        (
            "inspected_on",
            Arc::new(Date32Array::from(vec![
                Some(date("2026-06-01")),
                Some(date("2026-06-01")),
                Some(date("2024-06-01")),
                None,
            ])),
        ),
        ("floor_m2", Arc::new(Float64Array::from(vec![100.5; 4]))),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

const FIRMS_JSONL: &str = r#"{"id":"a","sector":"shops","employees":10,"fire_doors_ok":true,"kind":"food","inspected_on":"2026-06-01","floor_m2":100.5}
{"id":"b","sector":"shops","employees":10,"fire_doors_ok":false,"kind":"paint","inspected_on":"2026-06-01","floor_m2":100.5}
{"id":"c","sector":["shops"],"employees":80,"fire_doors_ok":true,"kind":"other","inspected_on":"2024-06-01","floor_m2":100.5}
{"id":"d","sector":"shops","employees":null,"fire_doors_ok":true,"kind":"food","floor_m2":100.5}
"#;

#[test]
fn csv_json_and_parquet_give_the_same_grades() {
    let array = format!("[{}]", FIRMS_JSONL.trim().replace('\n', ","));
    let folder = folder().with("firms.jsonl", FIRMS_JSONL).with("firms.json", array).with("firms.parquet", parquet());
    let mut results = Vec::new();
    for name in ["firms.csv", "firms.jsonl", "firms.json", "firms.parquet"] {
        let out = folder.text(&format!("out-{name}"));
        let ran = grade(&[&folder.text(name), "--list", &inventory(&folder), "--out", &out]);
        assert_eq!(ran.code, Some(0), "{name}: {}{}", ran.out, ran.err);
        assert_eq!(ran.err, "", "{name}");
        results.push(read(Path::new(&out).join("grades.csv")));
    }
    for other in &results[1..] {
        assert_eq!(other, &results[0]);
    }
    let csv = &results[0];
    assert_eq!(cell(csv, "a", "tier"), "blue");
    assert_eq!(cell(csv, "a", "held_t"), "2.0");
    assert_eq!(cell(csv, "b", "tier"), "orange");
    assert_eq!(cell(csv, "b", "held_t"), "0.0", "no row in the whole register is an empty list");
    assert_eq!(cell(csv, "c", "tier"), "red");
    assert_eq!(cell(csv, "c", "fired"), "SH-2;SH-3;SH-4");
    assert_eq!(cell(csv, "c", "score"), "73.0");
    assert_eq!(cell(csv, "d", "settled"), "false");
    assert_eq!(cell(csv, "d", "worst"), "orange");
}

#[test]
fn results_are_written_in_every_format() {
    let folder = folder();
    for (format, ending) in [("csv", "csv"), ("jsonl", "jsonl"), ("parquet", "parquet")] {
        let out = folder.text("out");
        let ran = grade(&[&folder.text("firms.csv"), "--out", &out, "--format", format, "--missing"]);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        let path = Path::new(&out).join(format!("grades.{ending}"));
        assert!(ran.out.contains(&path.display().to_string()), "{}", ran.out);
        let bytes = fs::read(path).unwrap();
        match ending {
            "parquet" => assert!(bytes.starts_with(b"PAR1")),
            "jsonl" => {
                let first: serde_json::Value =
                    serde_json::from_slice(bytes.split(|byte| *byte == b'\n').next().unwrap()).unwrap();
                assert_eq!(first["tier"], "blue");
                assert_eq!(first["missing"], serde_json::json!(["inventory"]));
                assert_eq!(first["errors"], serde_json::Value::Null);
            }
            _ => assert_eq!(cell(&String::from_utf8(bytes).unwrap(), "b", "missing"), "inventory"),
        }
    }
    assert!(!folder.path("out").join("grades.csv.part").exists());
}

#[test]
fn the_summary_as_json_is_all_there_is_on_standard_output() {
    let folder = folder();
    let ran = grade(&[
        &folder.text("firms.csv"),
        "--list",
        &inventory(&folder),
        "--summary",
        "json",
        "--out",
        &folder.text("out"),
    ]);
    let summary: serde_json::Value = serde_json::from_str(&ran.out).expect("one JSON object");
    assert_eq!(summary["firms"], 4);
    let tiers = serde_json::json!({ "blue": 2, "yellow": 0, "orange": 1, "red": 1, "ungraded": 0 });
    assert_eq!(summary["tiers"], tiers);
    assert_eq!(summary["score_sum"], 100 + 100 + 73 + 100);
    assert_eq!(summary["fired"], 4);
    assert_eq!(summary["settled"], 3);
    assert_eq!(summary["firms_with_errors"], 0);
    assert_eq!(summary["as_of"], "2026-11-01");
    assert_eq!(summary["book"].as_str().unwrap().len(), 64);
    let written: serde_json::Value = serde_json::from_str(&read(folder.path("out").join("summary.json"))).unwrap();
    assert_eq!(written, summary);
}

#[test]
fn the_summary_as_text_names_tiers_rules_and_files_in_both_languages() {
    let folder = folder();
    let ran = grade(&[&folder.text("firms.csv"), "--list", &inventory(&folder)]);
    for word in
        ["4 firms graded as of 2026-11-01", "Shops", "red", "SH-2", "More than ten tonnes held", "settled 3 of 4"]
    {
        assert!(ran.out.contains(word), "{word} in\n{}", ran.out);
    }
    assert!(!ran.out.contains('\u{1b}'), "no colours where there is no terminal");
    let ran = grade(&[&folder.text("firms.csv"), "--list", &inventory(&folder), "--lang", "zh"]);
    for word in ["4 家企业已定级", "商店", "红", "存放超过10吨"] {
        assert!(ran.out.contains(word), "{word} in\n{}", ran.out);
    }
}

#[test]
fn bad_cells_stay_with_their_firm() {
    let firms = "id,sector,employees,fire_doors_ok,kind,inspected_on,floor_m2\n\
                 a,shops,many,true,food,2026-06-01,100\n\
                 b,shops,-1,true,glass,01/06/2026,100\n\
                 c,shop,10,true,food,2026-06-01,100\n\
                 d,shops,10,true,food,2026-06-01,100\n";
    let folder = folder().with("bad.csv", firms);
    let ran = grade(&[&folder.text("bad.csv"), "--list", &inventory(&folder), "--out", &folder.text("out")]);
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    let csv = read(folder.path("out").join("grades.csv"));
    assert_eq!(cell(&csv, "a", "errors"), "`employees` is `many`; expected a whole number of 64 bits");
    let errors = cell(&csv, "b", "errors");
    assert!(errors.contains("`employees` is `-1`; expected 0 to 100000"), "{errors}");
    assert!(errors.contains("`inspected_on` is `01/06/2026`; expected a date as YYYY-MM-DD"), "{errors}");
    assert_eq!(cell(&csv, "c", "tier"), "");
    assert_eq!(cell(&csv, "c", "errors"), "the book has no sector `shop`; did you mean `shops`?");
    assert_eq!(cell(&csv, "d", "errors"), "");
    assert_eq!(cell(&csv, "d", "tier"), "blue");
}

#[test]
fn rows_with_too_few_or_too_many_cells_are_kept_and_named() {
    let firms = "id,sector,fire_doors_ok,kind\na,shops,false\nb,shops,true,food,what,is,this\nc,shops,true,food\n";
    let folder = folder().with("ragged.csv", firms);
    let ran = grade(&[&folder.text("ragged.csv"), "--out", &folder.text("out")]);
    assert_eq!(ran.code, Some(1));
    let csv = read(folder.path("out").join("grades.csv"));
    assert_eq!(cell(&csv, "a", "tier"), "orange");
    assert_eq!(cell(&csv, "a", "errors"), "ragged.csv:2 has 3 cells; expected 4, as in the first line");
    assert_eq!(cell(&csv, "b", "errors"), "ragged.csv:3 has 7 cells; expected 4, as in the first line");
    assert_eq!(cell(&csv, "c", "errors"), "");
}

#[test]
fn a_line_that_is_not_json_is_a_firm_without_a_grade() {
    let lines = "{\"id\":\"a\",\"sector\":\"shops\",\"fire_doors_ok\":false}\n{oops\n[1]\n{\"id\":3,\"sector\":\"shops\",\"employees\":1,\"employees\":2}\n";
    let folder = folder().with("firms.jsonl", lines);
    let ran = grade(&[&folder.text("firms.jsonl"), "--out", &folder.text("out"), "--format", "jsonl"]);
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    let rows: Vec<serde_json::Value> =
        read(folder.path("out").join("grades.jsonl")).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len(), 4);
    assert_eq!(rows[0]["tier"], "orange");
    assert_eq!(rows[1]["tier"], serde_json::Value::Null);
    assert!(rows[1]["errors"].as_str().unwrap().ends_with("; firms.jsonl:2"), "{}", rows[1]);
    assert!(rows[2]["errors"].as_str().unwrap().contains("not a JSON object"), "{}", rows[2]);
    assert_eq!(rows[3]["id"], "3");
    assert!(rows[3]["errors"].as_str().unwrap().contains("given once"), "{}", rows[3]);
}

#[test]
fn unknown_columns_are_named_with_the_nearest_fact() {
    let folder = folder().with("odd.csv", "id,sector,employes,telephone\na,shops,3,12\na,shops,3,12\n");
    let ran = grade(&[&folder.text("odd.csv")]);
    assert!(
        ran.err.contains("the book does not know the column `employes`, it is passed over; did you mean `employees`?"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("`telephone`"), "{}", ran.err);
    assert_eq!(ran.err.matches("employes").count(), 1, "{}", ran.err);
    assert!(ran.err.contains("1 row has an id that an earlier row has"), "{}", ran.err);
    let lines = "{\"id\":\"a\",\"sector\":\"shops\",\"employes\":3}\n".repeat(3);
    let folder = folder.with("odd.jsonl", lines);
    let ran = grade(&[&folder.text("odd.jsonl")]);
    assert_eq!(ran.err.matches("did you mean `employees`?").count(), 1, "{}", ran.err);
}

#[test]
fn columns_can_be_renamed_and_scaled() {
    let firms = "facility,staff,fire_doors_ok\na,10,true\nb,80,true\n";
    let held = "facility,what,pounds\na,paint,4409.25\nz,paint,1\n,paint,1\nb,paint,lots\n";
    let folder = folder().with("f.csv", firms).with("held.csv", held);
    let ran = grade(&[
        &folder.text("f.csv"),
        "--list",
        &format!("inventory={}", folder.text("held.csv")),
        "--id",
        "facility",
        "--sector",
        "shops",
        "--column",
        "employees=staff",
        "--column",
        "inventory.name=what",
        "--column",
        "inventory.tonnes=pounds*0.00045359237",
        "--out",
        &folder.text("out"),
    ]);
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    let csv = read(folder.path("out").join("grades.csv"));
    let held: f64 = cell(&csv, "a", "held_t").parse().unwrap();
    assert!((held - 2.0).abs() < 1e-5, "{held}");
    assert_eq!(cell(&csv, "b", "held_t"), "");
    assert!(cell(&csv, "b", "errors").contains("`inventory.tonnes` of item 1 is `lots`; expected a number"), "{csv}");
    assert!(ran.err.contains("2 rows belong to no firm that was graded"), "{}", ran.err);
    assert!(!ran.err.contains("`what`"), "{}", ran.err);
}

#[test]
fn a_partial_table_leaves_the_lists_of_other_firms_unknown() {
    let folder = folder();
    let ran = grade(&[
        &folder.text("firms.csv"),
        "--list",
        &inventory(&folder),
        "--list-partial",
        "inventory",
        "--out",
        &folder.text("out"),
    ]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let csv = read(folder.path("out").join("grades.csv"));
    assert_eq!(cell(&csv, "b", "held_t"), "");
    assert_eq!(cell(&csv, "b", "worst"), "red");
}

#[test]
fn what_cannot_run_says_what_was_expected() {
    let folder = folder().with("firms.txt", "id").with("not.parquet", "id").with("empty.csv", "");
    let firms = folder.text("firms.csv");
    let cases: [(&[&str], &str); 10] = [
        (&[&folder.text("nothing.csv")], "cannot read"),
        (&[&folder.text("firms.txt")], "expected .csv, .tsv, .json, .jsonl, .ndjson or .parquet"),
        (&[&folder.text("not.parquet")], "is not a Parquet file"),
        (&[&folder.text("empty.csv")], "is not a table with the names of its columns in the first line"),
        (&[&firms, "--sector", "shop"], "did you mean `shops`?"),
        (&[&firms, "--column", "employes=staff"], "did you mean `employees`?"),
        (&[&firms, "--column", "employees=staff"], "has no column `staff`"),
        (&[&firms, "--list", &format!("stock={}", folder.text("inventory.csv"))], "the book has no list `stock`"),
        (&[&firms, "--id", "facility"], "has no column `facility`"),
        (&[&firms, "--parameter", "x=1"], "the book has no parameter `x`"),
    ];
    for (args, expected) in cases {
        let ran = grade(args);
        assert_eq!(ran.code, Some(2), "{args:?}");
        assert!(ran.err.contains(expected), "{expected} in {}", ran.err);
        assert_eq!(ran.out, "", "{args:?}");
    }
    let ran = run(&["grade", &firms, "--as-of", "1/2/2026"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("YYYY-MM-DD"), "{}", ran.err);
}

#[test]
fn a_firm_is_explained() {
    let firm = r#"{"id":"c","employees":80,"fire_doors_ok":"no","inspected_on":"2024-06-01","floor_m2":100.5,"inventory":[{"tonnes":11}]}"#;
    let folder = folder().with("firm.json", firm);
    let path = folder.text("firm.json");
    let ran = run(&[&["explain", &path, "--sector", "shops"], &BOOK[..], &DAY].concat());
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    for word in [
        "firm c",
        "tier red",
        "settled",
        "decided by SH-2",
        "More than ten tonnes held",
        "firm.held_t > 10.0",
        "held_t = 11.0 t",
        "own judgement: an example",
        "undetermined",
        "waits  fire_doors_ok",
        "`fire_doors_ok` is `no`; expected true or false",
    ] {
        assert!(ran.out.contains(word), "{word} in\n{}", ran.out);
    }
    let ran = run(&[&["explain", &path, "--sector", "shops", "--json"], &BOOK[..], &DAY].concat());
    let explanation: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(explanation["grade"]["tier"], "red");
    let ran = run(&[&["explain", &path], &BOOK[..], &DAY].concat());
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("names no sector"), "{}", ran.err);
}

#[test]
fn examples_of_a_book_are_run() {
    let folder = Folder::new().with("shops.rhai", read(Path::new(BOOK[1]).join("shops.rhai"))).with(
        "shops.examples.json",
        r#"{ "sector": "shops", "as_of": "2026-11-01", "sound": { "fire_doors_ok": true }, "rules": [
            { "rule": "SH-1", "fires": [{ "fire_doors_ok": false }], "clear": [{}, { "fire_doors_ok": null }] }
        ] }"#,
    );
    let book = folder.text("");
    let ran = run(&["test", &book, "--no-standard"]);
    assert_eq!(ran.code, Some(1), "{} {}", ran.out, ran.err);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!(lines[0], r#"shops.examples.json: SH-1: wanted clear, came undetermined, with {"fire_doors_ok":null}"#);
    assert!(lines[1].starts_with("rules without examples: "), "{}", ran.out);
    assert!(lines[2].starts_with("3 cases, 1 failed; 1 of "), "{}", ran.out);

    let ran = run(&["test"]);
    assert_eq!(ran.code, Some(0), "{}", ran.out);
    let rules = risktier_rules::book().rules().len();
    let all = format!("{} of {} rules with examples", grouped(rules), grouped(rules));
    assert!(ran.out.contains(" cases, 0 failed; ") && ran.out.contains(&all), "{}", ran.out);
}

#[test]
fn what_examples_leave_open_is_said_and_can_be_required() {
    let script = r#"
        role("p", #{ en: "P", zh: "P" });
        sector("kiosks", #{ name: #{ en: "Kiosks", zh: "报亭" } });
        fact("exits", INT, #{ en: "Exits", zh: "出口", unit: "exits", min: 0 });
        fact("cellar", BOOL, #{ en: "In a cellar", zh: "地下" });
        rule("K-1", #{ risk: #{ en: "r", zh: "r" }, finding: #{ en: "f", zh: "f" }, when: |firm| firm.cellar && firm.exits < 2,
            tier: RED, cite: own("an example"), since: date(2020, 1, 1), control: #{ en: "c", zh: "c" }, owner: "p", days: 0 });
    "#;
    let cases = r#"{ "sector": "kiosks", "as_of": "2026-11-01", "sound": { "exits": 3, "cellar": true }, "rules": [
        { "rule": "K-1", "tier": "red", "fires": [{ "exits": 1 }], "clear": [{}] } ] }"#;
    let folder = Folder::new().with("kiosks.rhai", script).with("kiosks.examples.json", cases);
    let book = folder.text("");
    let ran = run(&["test", &book, "--no-standard", "--coverage", "--mutants", "--suggest"]);
    assert_eq!(ran.code, Some(0), "{} {}", ran.out, ran.err);
    for line in [
        "1 rule: 1 shown firing, 1 clear, 0 undetermined; MC/DC 50.0 %: 1 of 2 atoms shown to decide, 0 more cannot",
        "`firm.cellar`: no case in which it decides by being false",
        "`firm.exits < 2` could be `firm.exits <= 2`, and no case would notice",
        "2 cases suggested, for 1 rule",
    ] {
        assert!(ran.out.contains(line), "{line} in\n{}", ran.out);
    }
    let ran = run(&["test", &book, "--no-standard", "--require-mcdc", "100", "--require-mutants", "10"]);
    assert_eq!(ran.code, Some(1), "{} {}", ran.out, ran.err);
    assert!(ran.err.contains("MC/DC: 50.0 %; expected at least 100 %") && !ran.err.contains("mutants"), "{}", ran.err);
    let ran = run(&["test", &book, "--no-standard", "--coverage", "--suggest", "--json"]);
    let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(report["coverage"]["percent"], 50.0);
    assert_eq!(report["coverage"]["rules"][0]["atoms"].as_array().unwrap().len(), 2);
    assert_eq!(report["suggestions"][0]["examples"]["rule"], "K-1");
    assert!(report["mutation"].is_null());
}

#[test]
fn a_book_is_compiled_into_one_file() {
    let folder = Folder::new();
    let path = folder.text("shops.book");
    let ran = run(&[&["compile", "--out", &path], &BOOK[..]].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let book = risktier::RuleBook::from_compiled(&fs::read(&path).unwrap()).unwrap();
    assert!(ran.out.contains(book.hash()), "{}", ran.out);
    let firm = r#"{"sector": "shops", "employees": 10, "fire_doors_ok": false}"#;
    assert_eq!(book.as_of(DAY[1].parse().unwrap()).grade_json(firm).unwrap().tier, risktier::Tier::Orange);
    let ran = run(&["compile", "--out", &folder.text("none/standard.book")]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("cannot write"), "{}", ran.err);
}

fn grouped(number: usize) -> String {
    format!("{},{:03}", number / 1000, number % 1000)
}

#[test]
fn books_are_checked() {
    let book = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/book");
    let ran = run(&["check", book, "--no-standard"]);
    assert_eq!(ran.code, Some(0), "{}", ran.out);
    assert!(ran.out.contains("1 sector, 4 rules, 6 facts"), "{}", ran.out);
    let broken = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/broken");
    let ran = run(&["check", broken, "--no-standard"]);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.out.contains("employes") && ran.out.contains("employees") && ran.out.contains("shops.rhai:7"),
        "{}",
        ran.out
    );
    let ran = run(&["check", broken, "--no-standard", "--lang", "zh"]);
    assert!(ran.out.contains("规则册不能使用"), "{}", ran.out);
    let ran = run(&["sectors", "--book", broken, "--no-standard"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("the rule book has errors"), "{}", ran.err);
}

#[test]
fn sectors_and_their_facts_are_listed() {
    let ran = run(&[&["sectors", "--json"], &BOOK[..]].concat());
    let sectors: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(sectors[0]["id"], "shops");
    assert_eq!(sectors[0]["rules"], 4);
    // `kind` is read by no rule.
    assert_eq!(sectors[0]["facts"], 5);
    let ran = run(&[&["sectors"], &BOOK[..]].concat());
    assert!(ran.out.contains("shops"), "{}", ran.out);
    let ran = run(&[&["schema", "shops"], &BOOK[..]].concat());
    assert!(
        ran.out.contains("employees") && ran.out.contains("0..100000") && ran.out.contains("inventory.tonnes"),
        "{}",
        ran.out
    );
    let ran = run(&[&["schema", "shops", "--json-schema"], &BOOK[..]].concat());
    let schema: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(schema["properties"]["employees"]["type"], serde_json::json!(["integer", "null"]));
    assert_eq!(schema["properties"]["employees"]["maximum"], 100_000);
    assert_eq!(schema["properties"]["inventory"]["items"]["properties"]["tonnes"]["minimum"], 0.0);
    let ran = run(&[&["schema", "shop"], &BOOK[..]].concat());
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("did you mean `shops`?"), "{}", ran.err);
}

#[test]
fn samples_are_the_same_for_a_seed_and_come_to_all_tiers() {
    let folder = Folder::new();
    let sample = |out: &str, seed: &str| {
        let out = folder.text(out);
        let ran = run(
            &[&["sample", "--firms", "400", "--seed", seed, "--bad", "6", "--out", &out], &BOOK[..], &DAY].concat()
        );
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        (read(Path::new(&out).join("firms.csv")), read(Path::new(&out).join("inventory.csv")))
    };
    let first = sample("first", "7");
    assert_eq!(first, sample("again", "7"));
    assert_ne!(first, sample("other", "8"));
    assert_eq!(first.0.lines().count(), 401);
    assert!(first.0.lines().skip(1).all(|line| line.contains(",synthetic,")));

    let firms = folder.text("first/firms.csv");
    let list = format!("inventory={}", folder.text("first/inventory.csv"));
    let ran = grade(&[&firms, "--list", &list, "--summary", "json"]);
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    let summary: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    for tier in ["blue", "yellow", "orange", "red"] {
        assert!(summary["tiers"][tier].as_u64().unwrap() >= 10, "{summary}");
    }
    assert_eq!(summary["tiers"]["ungraded"], 2);
    assert_eq!(summary["firms_with_errors"], 6);
}

#[test]
fn whoever_stops_reading_gets_no_panic() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_risktier"))
        .args([&["schema", "shops", "--json-schema"], &BOOK[..]].concat())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}
