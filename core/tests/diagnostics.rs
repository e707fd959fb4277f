//! Every message that a rule script can get, in English and Chinese.
//!
//! A file dropped into `diagnostics/` is a test. A line `// file: name.rhai` begins another script of the same book;
//! what stands before the first such line is named after the fixture. `// with: common` adds `diagnostics/common.rhai_`.

#![allow(
    missing_docs,
    unsafe_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests"
)]
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

use risktier::{Diagnostic, Lang, RuleBook, Severity};

const COMMON: &str = include_str!("diagnostics/common.rhai_");

fn scripts(name: &str, text: &str) -> Vec<(String, String)> {
    let mut scripts = vec![(name.to_owned(), String::new())];
    for line in text.split_inclusive('\n') {
        match line.trim_end().strip_prefix("// file: ") {
            Some(next) => scripts.push((next.to_owned(), String::new())),
            None => scripts.last_mut().unwrap().1.push_str(line),
        }
    }
    scripts.retain(|(_, text)| !text.trim().is_empty());
    if text.starts_with("// with: common") {
        scripts.push(("common.rhai".into(), COMMON.into()));
    }
    scripts
}

fn diagnose(scripts: Vec<(String, String)>) -> Vec<Diagnostic> {
    match RuleBook::from_sources(scripts) {
        Ok(book) => book.warnings().to_vec(),
        Err(error) => error.diagnostics().to_vec(),
    }
}

fn of_fixture(path: &Path) -> Vec<Diagnostic> {
    let name = path.file_name().unwrap().to_str().unwrap();
    diagnose(scripts(name, &std::fs::read_to_string(path).unwrap()))
}

#[test]
fn messages() {
    insta::glob!("diagnostics/*.rhai", |path| {
        let diagnostics = of_fixture(path);
        assert!(!diagnostics.is_empty(), "{} has nothing wrong with it", path.display());
        let mut text = String::new();
        for diagnostic in &diagnostics {
            writeln!(text, "{}", diagnostic.render(Lang::En)).unwrap();
        }
        for diagnostic in &diagnostics {
            writeln!(text, "{}", diagnostic.render(Lang::Zh)).unwrap();
        }
        insta::assert_snapshot!(text.trim_end());
    });
}

#[test]
fn every_message_keeps_the_house_style() {
    insta::glob!("diagnostics/*.rhai", |path| {
        for diagnostic in of_fixture(path) {
            let texts = [Lang::En, Lang::Zh].map(|lang| {
                let more = [diagnostic.expected(lang), diagnostic.help(lang)];
                [Some(diagnostic.message(lang)), more[0].clone(), more[1].clone()]
            });
            for text in texts.iter().flatten().flatten() {
                let shown = format!("{}: {text}", diagnostic.code());
                assert!(!text.contains('\n'), "one line: {shown}");
                assert!(!text.ends_with(['.', '。']), "no full stop: {shown}");
                assert!(!text.contains("rhai") || text.contains(".rhai"), "no word of the machinery: {shown}");
                assert!(!text.contains("::") || text.contains('`'), "no Rust path: {shown}");
                assert_eq!(text.matches('`').count() % 2, 0, "backticks in pairs: {shown}");
            }
            let english = diagnostic.message(Lang::En);
            assert!(!english.starts_with(char::is_uppercase), "lower case: {english}");
            let chinese = diagnostic.message(Lang::Zh);
            assert!(chinese.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "Chinese: {chinese}");
        }
    });
}

/// The codes as `catalogue.rs` writes them: a code without a fixture fails here.
#[test]
fn every_code_has_a_fixture() {
    let catalogue = include_str!("../src/diagnostic/catalogue.rs");
    let is_code = |text: &str| {
        text.len() == 4
            && text.starts_with(['E', 'W'])
            && text.get(1..).unwrap().bytes().all(|byte| byte.is_ascii_digit())
    };
    let declared: BTreeSet<String> = catalogue.split('"').filter(|text| is_code(text)).map(str::to_owned).collect();
    assert!(declared.len() > 45, "{declared:?}");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics");
    let mut shown = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "rhai") {
            let codes: BTreeSet<String> = of_fixture(&path).iter().map(|one| one.code().to_owned()).collect();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            if let Some(code) = name.get(..4).map(str::to_uppercase).filter(|code| is_code(code)) {
                assert!(codes.contains(&code), "{name} gives {codes:?}");
            }
            shown.extend(codes);
        }
    }
    // A value given to the builder stands in no script: `book.rs` has a test of its message.
    shown.insert("E035".to_owned());
    let without: Vec<_> = declared.difference(&shown).collect();
    assert!(without.is_empty(), "codes without a fixture: {without:?}");
    let unknown: Vec<_> = shown.difference(&declared).collect();
    assert!(unknown.is_empty(), "codes that the catalogue does not list: {unknown:?}");
}

fn with_common(text: &str) -> Vec<Diagnostic> {
    diagnose(vec![("test.rhai".into(), text.into()), ("common.rhai".into(), COMMON.into())])
}

/// Code, line, column and the underlined text.
fn places(diagnostics: &[Diagnostic]) -> Vec<(&'static str, u32, u32, String)> {
    let marked = |one: &Diagnostic| {
        let line = one.source_line().unwrap_or("");
        line.chars().skip((one.site().column as usize).saturating_sub(1)).take(one.width()).collect()
    };
    diagnostics.iter().map(|one| (one.code(), one.site().line, one.site().column, marked(one))).collect()
}

#[test]
fn all_errors_of_a_script_are_collected_at_once() {
    let diagnostics = with_common(
        r#"import "common" as c;
import "nowhere" as n;
part("p", #{ name: #{ en: "P" } });
fact("Bad", INT, #{ en: "Bad", zh: "坏" });
fact("low", INT, #{ en: "Low", zh: "低", min: 3, max: 1, unitt: "t" });
c::check("A", |firm| firm.employes > 1 && firm.area > "x" && firm.stock > 3);
c::check("A", |firm| firm.live);
no_such_word("x");
c::check("B", |firm| firm.stock.some(|i| i.tonnnes > 1.0) || firm.stok.len() > 2);
"#,
    );
    let found: Vec<(&str, u32)> = diagnostics.iter().map(|one| (one.code(), one.site().line)).collect();
    for wanted in [
        ("E003", 2),
        ("E015", 3),
        ("E011", 4),
        ("E025", 5),
        ("E014", 5),
        ("E040", 6),
        ("E045", 6),
        ("E047", 6),
        ("E043", 8),
        ("E041", 9),
        ("E040", 9),
    ] {
        assert!(found.contains(&wanted), "{wanted:?} is missing in {found:?}");
    }
    assert!(found.iter().any(|(code, _)| *code == "E010"), "{found:?}");
    assert!(diagnostics.is_sorted_by_key(|one| one.site().clone()), "{found:?}");
}

#[test]
fn columns_count_characters() {
    let found = places(&with_common(
        "import \"common\" as c; part(\"p\", #{ name: #{ en: \"P\", zh: \"通用部分\" } });\n/* 中文注释，很长 */ c::check(\"甲\", |firm| firm.name == \"危险化学品\" && firm.employes > 1);\n",
    ));
    assert_eq!(found, [("E040", 2, 65, "employes".to_owned())]);
}

#[test]
fn a_key_of_a_map_is_the_place() {
    let source = r#"import "common" as c;
part("p", #{ name: #{ en: "P", zh: "" } });
fact("f", INT, #{
    en: "F",
    min: "none",
    zh: 3,
});
list("l", #{ en: "L", zh: "列", item: #{
    one: field(INT, #{ en: "One" }),
    two: field(TEXT, #{ en: "Two", zh: "二", unitt: "t" }),
} });
parameter("q", INT, #{ en: "Q", zh: "参", unit: "t", values: [
    #{ since: date(2020, 1, 1), value: 1, cite: own("x") },
    #{ since: date(2021, 1, 1), value: "2", cite: own("x") },
] });
"#;
    let found = places(&with_common(source));
    let place = |code: &str, line: u32| {
        let one = found.iter().find(|(known, at, ..)| *known == code && *at == line);
        one.map_or_else(|| panic!("{code} on line {line}: {found:?}"), |(_, _, _, marked)| marked.clone())
    };
    assert_eq!(place("E015", 2), "zh");
    assert_eq!(place("E013", 5), "min");
    assert_eq!(place("E013", 6), "zh");
    assert_eq!(place("E015", 9), "one");
    assert_eq!(place("E014", 10), "unitt");
    assert_eq!(place("E013", 14), "value");
}

#[test]
fn an_error_in_a_function_names_the_script_of_the_function() {
    let diagnostics = diagnose(vec![
        (
            "user.rhai".into(),
            "import \"common\" as c; import \"lib\" as lib;\npart(\"p\", #{ name: #{ en: \"P\", zh: \"部\" } });\nc::check(\"A\", |firm| lib::many(firm));\nlib::declare();\n"
                .into(),
        ),
        (
            "lib.rhai".into(),
            "fn many(firm) {\n    firm.employes > 3\n}\nfn declare() {\n    fact(\"Oops\", INT, #{ en: \"O\", zh: \"错\" });\n    nothing_here(1);\n}\n"
                .into(),
        ),
        ("common.rhai".into(), COMMON.into()),
    ]);
    let found: Vec<(String, &str)> = diagnostics.iter().map(|one| (one.site().to_string(), one.code())).collect();
    assert!(found.contains(&("lib.rhai:2:10".into(), "E040")), "{found:?}");
    assert!(found.contains(&("lib.rhai:5:10".into(), "E011")), "{found:?}");
    assert!(found.contains(&("lib.rhai:6:5".into(), "E043")), "{found:?}");
}

#[test]
fn warnings_do_not_refuse_a_book() {
    let book = RuleBook::from_sources([
        ("common.rhai", COMMON),
        ("a.rhai", "fact(\"nobody_reads\", INT, #{ en: \"N\", zh: \"无\" });"),
    ])
    .unwrap();
    assert_eq!(book.warnings().iter().map(Diagnostic::severity).collect::<Vec<_>>(), [Severity::Warning]);
}

#[test]
fn the_common_script_is_sound() {
    let book = RuleBook::from_sources([("common.rhai", COMMON)]).unwrap_or_else(|error| panic!("{error}"));
    assert!(book.warnings().is_empty(), "{:?}", book.warnings());
}
