//! Registers as they come: other names, units and codes by a mapping; odd encodings, separators and rows. Every row of the
//! input is accounted for in the output.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod tool;

use encoding_rs::{GB18030, UTF_16LE};
use tool::{BOOK, DAY, Folder, Ran, cell, grade, read, run};

const FIRMS: &str = "\
id,sector,employees,fire_doors_ok,kind,inspected_on,floor_m2
a,shops,10,true,food,2026-06-01,100.5
b,shops,10,false,paint,2026-06-01,100.5
";

/// The grades of a file of firms with these bytes, and what was said.
fn graded(name: &str, bytes: impl AsRef<[u8]>, more: &[&str]) -> (String, Ran) {
    let folder = Folder::new().with(name, bytes);
    let out = folder.text("out");
    let ran = grade(&[&[folder.text(name).as_str(), "--out", &out], more].concat());
    let path = folder.path("out").join("grades.csv");
    (if path.exists() { read(path) } else { String::new() }, ran)
}

#[test]
fn marks_line_ends_quotes_and_separators_do_not_matter() {
    let (plain, _) = graded("firms.csv", FIRMS, &[]);
    let quoted = FIRMS.replace("b,shops", "\"b\",\"shops\"");
    for (what, bytes) in [
        ("a mark", format!("\u{feff}{FIRMS}")),
        ("a mark before a quote", format!("\u{feff}{}", FIRMS.replacen("id,", "\"id\",", 1))),
        ("CRLF", FIRMS.replace('\n', "\r\n")),
        ("quotes", quoted),
        ("semicolons", FIRMS.replace(',', ";")),
        ("tabs", FIRMS.replace(',', "\t")),
        ("bars", FIRMS.replace(',', "|")),
    ] {
        let (same, ran) = graded("firms.csv", bytes, &[]);
        assert_eq!(same, plain, "{what}: {}", ran.err);
        assert_eq!(ran.code, Some(0), "{what}");
    }
}

#[test]
fn a_quoted_cell_may_have_a_line_of_its_own() {
    let firms = FIRMS
        .replace("id,sector", "id,remark,sector")
        .replace("a,shops", "a,\"two\nlines, and \"\"quotes\"\"\",shops")
        .replace("b,shops", "b,,shops");
    let (grades, ran) = graded("firms.csv", firms, &["--keep", "remark"]);
    assert_eq!(cell(&grades, "a", "remark"), "two\nlines, and \"quotes\"");
    assert_eq!(cell(&grades, "b", "tier"), "orange", "{}", ran.err);
}

#[test]
fn gb_18030_and_utf_16_are_told_by_their_bytes() {
    let firms = FIRMS.replace("a,shops", "甲公司,shops").replace("b,shops", "乙公司,shops");
    let (plain, _) = graded("firms.csv", &firms, &[]);
    assert!(plain.contains("甲公司"));
    let (gbk, ran) = graded("firms.csv", GB18030.encode(&firms).0, &[]);
    assert_eq!(gbk, plain);
    assert!(ran.err.contains("is read as gb18030"), "{}", ran.err);
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(firms.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    assert_eq!(UTF_16LE.decode(&utf16).0, firms);
    let (same, ran) = graded("firms.csv", utf16, &[]);
    assert_eq!(same, plain, "{}", ran.err);
    // One broken cell does not turn a file in UTF-8 into another encoding.
    let mut broken = format!("{firms}丙公司,shops,10,true,food,2026-06-01,").into_bytes();
    broken.extend([0xb1, 0xfb, b'\n']);
    let (grades, ran) = graded("firms.csv", broken, &[]);
    assert!(grades.contains("甲公司") && grades.contains("丙公司"), "{grades}");
    assert!(cell(&grades, "丙公司", "errors").contains("not UTF-8"), "{}", ran.err);
}

#[test]
fn thousands_and_percent_signs_are_refused_unless_the_mapping_allows_them() {
    let firms =
        "id,sector,employees,fire_doors_ok,kind,inspected_on,floor_m2\nx,shops,\"1,234\",true,food,2026-06-01,12%\n";
    let (grades, ran) = graded("firms.csv", firms, &[]);
    let errors = cell(&grades, "x", "errors");
    assert!(
        errors.contains(
            "`employees` is written with thousands separators; expected a plain number, or `thousands = true`"
        ),
        "{errors}"
    );
    assert!(errors.contains("`floor_m2` is written with a percent sign"), "{errors}");
    assert_eq!(ran.code, Some(1));
    let folder = Folder::new().with("firms.csv", firms).with(
        "map.toml",
        "[facts]\nemployees = { column = \"employees\", thousands = true }\nfloor_m2 = { column = \"floor_m2\", percent = true }\n",
    );
    let out = folder.text("out");
    let ran = grade(&[&folder.text("firms.csv"), "--map", &folder.text("map.toml"), "--out", &out]);
    let grades = read(folder.path("out").join("grades.csv"));
    assert_eq!(cell(&grades, "x", "errors"), "", "{}", ran.err);
    assert!(cell(&grades, "x", "fired").contains("SH-"), "1,234 employees are many: {grades}");
}

#[test]
fn ids_that_come_twice_in_one_file_or_in_two_are_graded_each_and_named() {
    let folder = Folder::new().with("one.csv", FIRMS).with("two.csv", FIRMS);
    let out = folder.text("out");
    let ran = grade(&[&folder.text("one.csv"), &folder.text("two.csv"), "--out", &out]);
    assert_eq!(read(folder.path("out").join("grades.csv")).lines().count(), 1 + 4, "no row is lost");
    assert!(ran.err.contains("2 rows have an id that an earlier row has (a, b)"), "{}", ran.err);
}

#[test]
fn rows_of_related_tables_without_a_firm_are_left_over_by_name() {
    let folder = Folder::new()
        .with("firms.csv", FIRMS)
        .with("inventory.csv", "id,name,tonnes\na,paint,1\nz,thinner,2\n,glue,3\n");
    let out = folder.text("out");
    let list = format!("inventory={}", folder.text("inventory.csv"));
    let ran = grade(&[&folder.text("firms.csv"), "--list", &list, "--out", &out]);
    assert!(ran.err.contains("2 rows belong to no firm that was graded"), "{}", ran.err);
    let left = read(folder.path("out").join("left_over.csv"));
    let rows: Vec<&str> = left.lines().skip(1).collect();
    assert_eq!(rows.len(), 2);
    assert!(rows[0].ends_with("inventory,2,z,no firm of this id was graded"), "{left}");
    assert!(rows[1].ends_with("inventory,3,,it names no firm"), "{left}");
    // When nothing is left over, no file of an earlier run says so.
    let whole = folder.with("inventory.csv", "id,name,tonnes\na,paint,1\n");
    grade(&[&whole.text("firms.csv"), "--list", &list, "--out", &out]);
    assert!(!whole.path("out").join("left_over.csv").exists());
}

const FOREIGN: &str = "\
No,Company,staff,doors 1,doors 2,checked,goods,kg,area
7,Bread & Co,12,是,有,03.11.2026,粮油,1500,\"2,000\"
8,Paint & Co,12,是,否,03.05.2026,油漆,20000,90
";
const MAP: &str = r#"
id = "No"
name = "Company"
sector = { value = "shops" }

[codes.goods]
"粮油" = "food"
"油漆" = "paint"

[facts]
employees = "staff"
fire_doors_ok = { columns = ["doors 1", "doors 2"], combine = "all", codes = "yes-no" }
inspected_on = { column = "checked", date = "%d.%m.%Y" }
kind = { column = "goods", codes = "goods" }
floor_m2 = { column = "area", thousands = true }

[lists.inventory]
file = "stock.csv"
id = "company"
rows = { column = "what", is = ["stock"] }

[lists.inventory.fields]
name = "article"
tonnes = { column = "kg", from = "kg" }
"#;
const STOCK: &str = "company,what,article,kg\n7,stock,paint,1500\n7,waste,rags,9000\n8,stock,thinner,20000\n";

#[test]
fn a_mapping_reads_names_units_codes_constants_and_lists() {
    let folder = Folder::new().with("firms.csv", FOREIGN).with("map.toml", MAP).with("stock.csv", STOCK);
    let same = "\
id,name,sector,employees,fire_doors_ok,inspected_on,kind,floor_m2
7,Bread & Co,shops,12,true,2026-11-03,food,2000
8,Paint & Co,shops,12,false,2026-05-03,paint,90
";
    let folder = folder.with("plain.csv", same).with("inventory.csv", "id,name,tonnes\n7,paint,1.5\n8,thinner,20\n");
    let (mapped, plain) = (folder.text("mapped"), folder.text("plain"));
    let ran = grade(&[&folder.text("firms.csv"), "--map", &folder.text("map.toml"), "--out", &mapped]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.err.contains("1 row belongs not to the list `inventory`, as the mapping says"), "{}", ran.err);
    let list = format!("inventory={}", folder.text("inventory.csv"));
    grade(&[&folder.text("plain.csv"), "--list", &list, "--name", "name", "--out", &plain]);
    let grades = read(folder.path("mapped").join("grades.csv"));
    assert_eq!(grades, read(folder.path("plain").join("grades.csv")));
    assert_eq!(cell(&grades, "7", "name"), "Bread & Co");
}

#[test]
fn a_mapping_reads_json_and_parquet_alike() {
    let folder = Folder::new().with("firms.csv", FOREIGN).with("map.toml", MAP).with("stock.csv", STOCK).with(
        "firms.jsonl",
        "{\"No\":\"7\",\"Company\":\"Bread & Co\",\"staff\":12,\"doors 1\":\"是\",\"doors 2\":\"有\",\"checked\":\"03.11.2026\",\"goods\":\"粮油\",\"area\":\"2,000\"}\n\
         {\"No\":\"8\",\"Company\":\"Paint & Co\",\"staff\":12,\"doors 1\":\"是\",\"doors 2\":\"否\",\"checked\":\"03.05.2026\",\"goods\":\"油漆\",\"area\":90}\n",
    );
    let (csv, json) = (folder.text("csv"), folder.text("json"));
    grade(&[&folder.text("firms.csv"), "--map", &folder.text("map.toml"), "--out", &csv]);
    let ran = grade(&[&folder.text("firms.jsonl"), "--map", &folder.text("map.toml"), "--out", &json]);
    assert_eq!(
        read(folder.path("json").join("grades.csv")),
        read(folder.path("csv").join("grades.csv")),
        "{}",
        ran.err
    );
}

#[test]
fn what_is_wrong_with_a_mapping_is_said_with_its_place() {
    let cases = [
        ("id = 3", "map.toml"),
        (
            "[facts]\nemploees = \"staff\"",
            "the book has no fact `emploees`; expected a fact that its scripts declare, or LIST.FIELD; did you mean `employees`?",
        ),
        (
            "[facts]\nemployees = \"stuff\"",
            "has no column `stuff`; expected the column that the mapping names; did you mean `staff`?",
        ),
        (
            "[facts]\nemployees = { column = \"staff\", from = \"kg\" }",
            "facts.employees: `kg` cannot be turned into `persons`; expected `times` with a number",
        ),
        (
            "[facts]\nkind = { column = \"goods\", codes = \"yes-now\" }",
            "no code table `yes-now`; expected one under [codes], or `yes-no`; did you mean `yes-no`?",
        ),
        (
            "[facts]\ninspected_on = { column = \"checked\", date = \"%Y\" }",
            "`%Y` is no way to write a date; expected one such as %d/%m/%Y",
        ),
        ("[facts]\nkind = { codes = \"yes-no\" }", "facts.kind: no `column`; expected one, or `columns`, or a `value`"),
        ("[facts]\nkind = { colum = \"goods\" }", "unknown field `colum`"),
        ("[lists.stock]\nfile = \"stock.csv\"", "the book has no list `stock`"),
        (
            "[lists.inventory]\nid = \"No\"",
            "lists.inventory: no `file`; expected the table of the list, or `--list inventory=FILE`",
        ),
        (
            "[lists.inventory]\nfile = \"stock.csv\"\nid = \"company\"\n[lists.inventory.fields]\nweight = \"kg\"",
            "the book has no field `inventory.weight`",
        ),
    ];
    for (map, wanted) in cases {
        let map = if map.starts_with("id") {
            map.to_owned()
        } else {
            format!("id = \"No\"\nsector = {{ value = \"shops\" }}\n{map}")
        };
        let folder = Folder::new().with("firms.csv", FOREIGN).with("stock.csv", STOCK).with("map.toml", &map);
        let ran = grade(&[&folder.text("firms.csv"), "--map", &folder.text("map.toml")]);
        assert_eq!(ran.code, Some(2), "{map}");
        assert!(ran.err.contains(wanted), "{map}\n{}", ran.err);
    }
}

#[test]
fn a_mapping_is_proposed_and_what_is_proposed_works() {
    let firms = "id;sector;Employees;fire doors ok;kind;inspected_on;floor (m2);colour\n1;shops;12;是;food;2026/05/03;90;red\n2;shops;14;否;paint;2026/06/13;120;blue\n";
    let folder = Folder::new().with("firms.csv", firms);
    let proposed = run(&[&["map", &folder.text("firms.csv"), "shops"], &BOOK[..], &DAY[..]].concat());
    assert_eq!(proposed.code, Some(0), "{}", proposed.err);
    for line in [
        "id = \"id\"  # 1.00",
        "employees = \"Employees\"  # 1.00 by its name",
        "fire_doors_ok = { column = \"fire doors ok\", codes = \"yes-no\" }",
        "inspected_on = { column = \"inspected_on\", date = \"%Y/%m/%d\" }",
        "# Columns without a proposal: kind, colour",
    ] {
        assert!(proposed.out.contains(line), "{line}\n{}", proposed.out);
    }
    let folder = folder.with("map.toml", &proposed.out);
    let out = folder.text("out");
    let ran = grade(&[&folder.text("firms.csv"), "--map", &folder.text("map.toml"), "--out", &out]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert_eq!(cell(&read(folder.path("out").join("grades.csv")), "1", "tier"), "blue");
}

#[test]
fn lists_of_a_register_come_in_every_format_for_the_tiers_that_are_asked_for() {
    let folder = Folder::new().with("firms.csv", FIRMS);
    let out = folder.text("out");
    let ran =
        grade(&[&folder.text("firms.csv"), "--out", &out, "--lists", "csv,xlsx,jsonl,html", "--lists-from", "orange"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let risks = read(folder.path("out").join("risks.csv"));
    assert!(risks.starts_with("\u{feff}Item,Firm,"), "{risks}");
    assert!(risks.lines().skip(1).all(|row| row.starts_with("b/risk/")), "{risks}");
    let lists = read(folder.path("out").join("lists.jsonl"));
    assert_eq!(lists.lines().count(), 1);
    let lists: serde_json::Value = serde_json::from_str(&lists).unwrap();
    assert_eq!((lists["firm"].as_str(), lists["tier"].as_str()), (Some("b"), Some("orange")));
    assert!(lists["sectors"][0]["way_down"][0]["ways"][0]["close"].is_array(), "{lists}");
    assert!(read(folder.path("out").join("firms").join("b.html")).contains("b/hazard/"));
    assert!(folder.path("out").join("lists.xlsx").exists());
    assert!(
        std::fs::read_dir(folder.path("out")).unwrap().all(|file| !file
            .unwrap()
            .file_name()
            .to_string_lossy()
            .ends_with(".part"))
    );
}

#[test]
fn the_lists_of_one_firm_are_printed_or_written() {
    let folder = Folder::new()
        .with("firm.json", r#"{"id":"../b 1","sector":"shops","employees":10,"fire_doors_ok":false,"kind":"paint"}"#);
    let args = ["lists", &folder.text("firm.json")];
    let ran = run(&[&args, &BOOK[..], &DAY[..], &["--lang", "zh"]].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(
        ran.out.contains("风险清单") && ran.out.contains("责任清单") && ran.out.contains("降级路径"),
        "{}",
        ran.out
    );
    let ran = run(&[&args, &BOOK[..], &DAY[..], &["--json"]].concat());
    let lists: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(lists["firm"], "../b 1");
    let out = folder.text("out");
    let ran = run(&[&args, &BOOK[..], &DAY[..], &["--out", &out, "--formats", "html"]].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let pages: Vec<String> = std::fs::read_dir(folder.path("out").join("firms"))
        .unwrap()
        .map(|file| file.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(pages.len(), 1, "the page stays in its folder");
    assert!(pages[0].starts_with("b1-") && pages[0].ends_with(".html"), "{pages:?}");
}
