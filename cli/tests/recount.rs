//! The report counted again: from the rows of the grades and the lines of the follow-up, by other code than its own.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod tool;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use calamine::{Data, Reader, Xlsx, open_workbook};
use serde_json::Value;
use tool::{BOOK, Folder, read, run};

const MONTHS: [(&str, &str); 3] = [("2026-09", "2026-09-15"), ("2026-10", "2026-10-15"), ("2026-11", "2026-11-15")];

/// Samples, grades and follows up three months: `sample/MONTH` and `graded/MONTH`.
fn chain(firms: &str) -> Folder {
    let folder = Folder::new();
    let sample = folder.text("sample");
    let args = [
        "sample",
        "--firms",
        firms,
        "--seed",
        "7",
        "--bad",
        "6",
        "--months",
        "3",
        "--as-of",
        "2026-11-15",
        "--out",
        &sample,
    ];
    let ran = run(&[&args, &BOOK[..]].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let mut before: Option<String> = None;
    for (month, day) in MONTHS {
        let (firms, map) =
            (folder.text(&format!("sample/{month}/firms.csv")), folder.text(&format!("sample/{month}/map.toml")));
        let out = folder.text(&format!("graded/{month}"));
        let args = [
            "grade",
            &firms,
            "--map",
            &map,
            "--as-of",
            day,
            "--lists",
            "jsonl",
            "--missing",
            "--no-progress",
            "--out",
            &out,
        ];
        let ran = run(&[&args, &BOOK[..]].concat());
        assert_eq!(ran.code, Some(1), "some rows are wrong on purpose: {}", ran.err);
        let mut args = vec!["follow", "--now", &out, "--out", &out];
        if let Some(before) = &before {
            args.extend(["--before", before]);
        }
        let ran = run(&args);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        before = Some(out);
    }
    folder
}

fn report(folder: &Folder, out: &str, more: &[&str]) -> (tool::Ran, String) {
    let periods: Vec<String> = MONTHS.iter().rev().map(|(month, _)| folder.text(&format!("graded/{month}"))).collect();
    let out = folder.text(out);
    let mut args = vec!["report", "--out", &out];
    args.extend(periods.iter().map(String::as_str));
    let ran = run(&[&args, &BOOK[..], more].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    (ran, out)
}

fn lines(path: impl AsRef<Path>) -> Vec<Value> {
    read(path).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The rows of a table, by column.
fn rows(path: impl AsRef<Path>) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let headings = reader.headers().unwrap().clone();
    let row = |row: csv::StringRecord| headings.iter().map(str::to_owned).zip(row.iter().map(str::to_owned)).collect();
    reader.records().map(|record| row(record.unwrap())).collect()
}

fn sheet(workbook: &mut Xlsx<std::io::BufReader<fs::File>>, name: &str) -> Vec<Vec<Data>> {
    workbook
        .worksheet_range(name)
        .unwrap_or_else(|error| panic!("{name}: {error}"))
        .rows()
        .map(<[Data]>::to_vec)
        .collect()
}

#[test]
fn three_months_come_to_a_report_that_can_be_counted_again() {
    let folder = chain("400");

    // Firms enter and leave, and what was found in one month is accounted for in the next.
    let ids = |month: &str| -> BTreeSet<String> {
        rows(folder.path(&format!("graded/{month}/grades.csv"))).into_iter().map(|row| row["id"].clone()).collect()
    };
    let (first, last) = (ids("2026-09"), ids("2026-11"));
    assert!(first.difference(&last).count() > 2 && last.difference(&first).count() > 2);
    for pair in MONTHS.windows(2) {
        let id = |line: Value| line["id"].as_str().unwrap().to_owned();
        let of = |month: &str| lines(folder.path(&format!("graded/{month}/follow.jsonl"))).into_iter().map(id);
        let (before, after): (BTreeSet<String>, Vec<String>) = (of(pair[0].0).collect(), of(pair[1].0).collect());
        let once: BTreeSet<String> = after.iter().cloned().collect();
        assert_eq!(once.len(), after.len());
        assert!(before.is_subset(&once));
    }
    let states: BTreeSet<String> = lines(folder.path("graded/2026-11/follow.jsonl"))
        .iter()
        .map(|line| line["state"].as_str().unwrap().to_owned())
        .collect();
    for state in ["new", "overdue", "closed", "reopened", "unverified", "firm-absent"] {
        assert!(states.contains(state), "{state}: {states:?}");
    }
    let followed = lines(folder.path("graded/2026-11/follow.jsonl"));
    assert_eq!(rows(folder.path("graded/2026-11/follow.csv")).len(), followed.len());
    let mut workbook: Xlsx<_> = open_workbook(folder.path("graded/2026-11/follow.xlsx")).unwrap();
    assert_eq!(sheet(&mut workbook, "Hazards").len(), followed.len() + 1);

    let (ran, out) = report(&folder, "report", &[]);
    assert!(ran.err.contains("left out: early warning"), "{}", ran.err);
    let report: Value = serde_json::from_str(&read(Path::new(&out).join("report.json"))).unwrap();

    // Counted again from the grades.
    for (at, (month, day)) in MONTHS.iter().enumerate() {
        let rows = rows(folder.path(&format!("graded/{month}/grades.csv")));
        let period = &report["periods"][at];
        assert_eq!(period["as_of"], *day);
        assert_eq!(period["counts"]["firms"], rows.len());
        for tier in ["blue", "yellow", "orange", "red"] {
            let count = rows.iter().filter(|row| row["tier"] == tier).count();
            assert_eq!(period["counts"]["tiers"][tier], count, "{month} {tier}");
        }
        assert_eq!(period["counts"]["ungraded"], rows.iter().filter(|row| row["tier"].is_empty()).count());
        assert_eq!(period["counts"]["settled"], rows.iter().filter(|row| row["settled"] == "true").count());
        assert_eq!(period["counts"]["with_errors"], rows.iter().filter(|row| !row["errors"].is_empty()).count());
        let followed = lines(folder.path(&format!("graded/{month}/follow.jsonl")));
        for (state, count) in period["hazards"]["by_state"].as_object().unwrap() {
            assert_eq!(*count, followed.iter().filter(|line| line["state"] == **state).count(), "{month} {state}");
        }
    }
    let (was, is) = (rows(folder.path("graded/2026-10/grades.csv")), rows(folder.path("graded/2026-11/grades.csv")));
    for district in report["districts"].as_array().unwrap() {
        let here = |rows: &[BTreeMap<String, String>], tier: &str| {
            rows.iter().filter(|row| district["id"] == row["district"] && row["tier"] == tier).count()
        };
        assert_eq!(district["now"]["tiers"]["red"], here(&is, "red"));
        assert_eq!(district["before"]["tiers"]["blue"], here(&was, "blue"));
    }
    let order = ["blue", "yellow", "orange", "red", "ungraded", "absent"];
    let mut matrix = [[0u64; 6]; 6];
    let tiers = |rows: &[BTreeMap<String, String>]| -> BTreeMap<String, String> {
        let tier = |row: &BTreeMap<String, String>| {
            if row["tier"].is_empty() { "ungraded".into() } else { row["tier"].clone() }
        };
        rows.iter().map(|row| (row["id"].clone(), tier(row))).collect()
    };
    let (was_in, is_in) = (tiers(&was), tiers(&is));
    for id in was_in.keys().chain(is_in.keys()).collect::<BTreeSet<_>>() {
        let place = |tiers: &BTreeMap<String, String>| {
            let name = tiers.get(id).map_or("absent", String::as_str);
            order.iter().position(|known| *known == name).unwrap()
        };
        matrix[place(&was_in)][place(&is_in)] += 1;
    }
    assert_eq!(report["migration"]["matrix"], serde_json::to_value(matrix).unwrap());
    let new: Vec<&str> =
        report["migration"]["new_reds"].as_array().unwrap().iter().map(|one| one["firm"].as_str().unwrap()).collect();
    let red = |tiers: &BTreeMap<String, String>, id: &str| tiers.get(id).is_some_and(|tier| tier == "red");
    let counted: Vec<&str> =
        is_in.keys().filter(|id| red(&is_in, id) && !red(&was_in, id)).map(String::as_str).collect();
    assert_eq!(new, counted);
    assert!(!new.is_empty());
    for one in report["migration"]["new_reds"].as_array().unwrap() {
        let row = is.iter().find(|row| one["firm"] == row["id"]).unwrap();
        let fired: Vec<&str> = row["fired"].split(';').collect();
        let reasons = one["reasons"].as_array().unwrap();
        assert!(!reasons.is_empty(), "{one}");
        assert!(reasons.iter().all(|reason| fired.contains(&reason["rule"].as_str().unwrap())), "{one}");
    }
    for count in report["top_findings"].as_array().unwrap() {
        let rule = count["rule"].as_str().unwrap();
        assert_eq!(count["firms"], is.iter().filter(|row| row["fired"].split(';').any(|fired| fired == rule)).count());
    }
    for count in report["missing_facts"].as_array().unwrap() {
        let fact = count["fact"].as_str().unwrap();
        assert_eq!(count["firms"], is.iter().filter(|row| row["missing"].split(';').any(|one| one == fact)).count());
        assert_eq!(count["first"], is.iter().filter(|row| row["missing"].split(';').next() == Some(fact)).count());
    }
    let overdue = followed.iter().filter(|line| {
        line["late_days"].as_u64().unwrap() > 0
            && !["closed", "rule-withdrawn"].contains(&line["state"].as_str().unwrap())
    });
    assert_eq!(report["hazards"]["overdue"].as_array().unwrap().len(), overdue.count());

    // The index is the mean of the scores by weight, and says what it is made of.
    let indicators = report["index"]["indicators"].as_array().unwrap();
    assert_eq!(indicators.len(), 28);
    let (mut sum, mut weights) = (0.0, 0.0);
    for one in indicators {
        let Some(score) = one["score"].as_f64() else {
            assert!(report["index"]["left_out"].as_array().unwrap().contains(&one["id"]));
            continue;
        };
        assert!((0.0..=100.0).contains(&score) && one["basis"].as_str().unwrap().starts_with("OWN"));
        sum += score * one["weight"].as_f64().unwrap();
        weights += one["weight"].as_f64().unwrap();
    }
    assert!((report["index"]["value"].as_f64().unwrap() - sum / weights).abs() < 1e-9);
    let red = indicators.iter().find(|one| one["id"] == "red").unwrap();
    assert_eq!(red["part"], is.iter().filter(|row| row["tier"] == "red").count());
    assert_eq!(red["of"], is.iter().filter(|row| !row["tier"].is_empty()).count());

    // The workbook has every row.
    let mut workbook: Xlsx<_> = open_workbook(Path::new(&out).join("report.xlsx")).unwrap();
    assert_eq!(sheet(&mut workbook, "New reds").len(), new.len() + 1);
    assert_eq!(sheet(&mut workbook, "Overdue").len(), report["hazards"]["overdue"].as_array().unwrap().len() + 1);
    let months = sheet(&mut workbook, "Tiers");
    assert_eq!(months.len(), 4);
    assert_eq!(months[3][1], Data::Float(report["periods"][2]["counts"]["tiers"]["red"].as_f64().unwrap()));
    let moves = sheet(&mut workbook, "Moves");
    for (row, counts) in moves.iter().skip(1).zip(matrix) {
        assert_eq!(row[1..].to_vec(), counts.map(|count| Data::Float(count as f64)).to_vec());
    }

    // The same files give the same bytes; grades in other formats and lists without a follow-up say the same.
    let (_, again) = self::report(&folder, "again", &[]);
    for name in ["report.html", "report.xlsx", "report.json"] {
        assert!(
            fs::read(Path::new(&out).join(name)).unwrap() == fs::read(Path::new(&again).join(name)).unwrap(),
            "{name}"
        );
    }
    for (month, _) in MONTHS {
        fs::remove_file(folder.path(&format!("graded/{month}/follow.jsonl"))).unwrap();
    }
    let (_, unfollowed) = self::report(&folder, "unfollowed", &["--formats", "json"]);
    assert_eq!(read(Path::new(&unfollowed).join("report.json")), read(Path::new(&out).join("report.json")));

    page(&read(Path::new(&out).join("report.html")), "en");
    let (_, zh) = self::report(&folder, "zh", &["--formats", "html", "--lang", "zh"]);
    let zh = read(Path::new(&zh).join("report.html"));
    page(&zh, "zh-CN");
    for words in ["安全风险月报", "按行业", "隐患状态", "安全指数", "超过期限"] {
        assert!(zh.contains(words), "{words}");
    }
}

/// Every tag that is opened is closed, nothing is a script, nothing comes from elsewhere.
fn page(html: &str, lang: &str) {
    assert!(html.starts_with("<!DOCTYPE html><html lang=") && html.contains(&format!("<html lang=\"{lang}\">")));
    for word in ["<script", "javascript:", "onload=", "http://", "https://", "src="] {
        assert!(!html.contains(word), "{word}");
    }
    let mut open: Vec<&str> = Vec::new();
    let style = html.find("<style>").unwrap()..html.find("</style>").unwrap();
    for (at, _) in html.match_indices('<') {
        if style.contains(&at) && at != style.start {
            continue;
        }
        let tag = &html[at + 1..at + html[at..].find('>').unwrap()];
        let name = tag.split([' ', '>']).next().unwrap();
        if name.starts_with('!') || ["meta", "col", "br"].contains(&name) {
            continue;
        }
        match name.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name)),
            None => open.push(name),
        }
    }
    assert!(open.is_empty(), "{open:?}");
    let ids: Vec<&str> =
        html.match_indices(" id=\"").map(|(at, _)| html[at + 5..].split('"').next().unwrap()).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "an id twice");
    assert!(html.matches("<svg class=\"chart\" role=\"img\"").count() >= 4);
    for (at, _) in html.match_indices("url(#") {
        let id = html[at + 5..].split(')').next().unwrap();
        assert!(ids.contains(&id), "no pattern {id}");
    }
}

#[test]
fn one_month_says_what_it_lacks_and_other_formats_say_the_same() {
    let folder = Folder::new()
        .with("firms.csv", "id,sector,area,fire_doors_ok,employees,floor_m2\na,shops,north,false,1,100\nb,shops,south,true,,100\nc,nowhere,south,,,\n");
    let firms = folder.text("firms.csv");
    let mut reports = Vec::new();
    for format in ["csv", "jsonl", "parquet"] {
        let out = folder.text(format);
        let args = [
            "grade",
            &firms,
            "--as-of",
            "2026-11-01",
            "--keep",
            "area",
            "--missing",
            "--format",
            format,
            "--out",
            &out,
        ];
        assert_eq!(run(&[&args, &BOOK[..]].concat()).code, Some(1));
        let to = folder.text(&format!("{format}-report"));
        let forecast = folder.text("forecast.json");
        fs::write(&forecast, r#"[
            { "firm": "a", "name": null, "sector": "shops", "tier_now": "orange", "on": "2026-12-24", "to": "red", "because": ["SH-2", { "en": "grows", "zh": "增加" }] },
            { "firm": "b", "tier_now": "blue", "on": "2026-12-01", "to": "yellow", "because": "SH-3" },
            { "firm": "d", "tier_now": "red", "on": "2026-11-20", "to": "blue", "because": "passes" }
        ]"#).unwrap();
        let args = ["report", &out, "--out", &to, "--district", "area", "--forecast", &forecast];
        let ran = run(&[&args, &BOOK[..]].concat());
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        assert!(
            ran.err.contains("there is no earlier period") && ran.err.contains("neither lists nor a follow-up"),
            "{}",
            ran.err
        );
        reports.push(read(Path::new(&to).join("report.json")));
    }
    assert_eq!(reports[0], reports[1]);
    assert_eq!(reports[0], reports[2]);
    let report: Value = serde_json::from_str(&reports[0]).unwrap();
    assert_eq!(report["migration"], Value::Null);
    assert_eq!(report["hazards"], Value::Null);
    assert_eq!(report["districts"][1]["id"], "south");
    assert_eq!(report["districts"][1]["now"]["ungraded"], 1);
    let warned: Vec<&str> =
        report["early_warning"].as_array().unwrap().iter().map(|one| one["firm"].as_str().unwrap()).collect();
    assert_eq!(warned, ["b", "a"], "the soonest first, and nobody who gets better");
    let left_out = report["index"]["left_out"].as_array().unwrap();
    assert!(left_out.iter().any(|id| id == "overdue") && !left_out.iter().any(|id| id == "forecast"));
}

#[test]
fn indicators_are_declared_and_checked() {
    let wrong = r#"[[indicator]]
id = "x"
label = { en = "x", zh = "x" }
counts = "luck"
weight = 1.0
best = 0.0
worst = 1.0
basis = "OWN"
"#;
    let folder = Folder::new()
        .with("wrong.toml", wrong)
        .with("flat.toml", wrong.replace("luck", "red-share").replace("worst = 1.0", "worst = 0.0"));
    let (empty, out) = (folder.text(""), folder.text("out"));
    let indicators = |name: &str| run(&["report", &empty, "--out", &out, "--indicators", &folder.text(name)]).err;
    let named = indicators("wrong.toml");
    assert!(named.contains("luck") && named.contains("red-share"), "{named}");
    let flat = indicators("flat.toml");
    assert!(flat.contains("the indicator `x` scores 100 and 0 at the same value"), "{flat}");
    let ran = run(&["report", "--print-indicators"]);
    assert_eq!((ran.code, ran.out.matches("[[indicator]]").count()), (Some(0), 28));
}
