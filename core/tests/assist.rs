//! What an editor shows of half-written scripts.
#![cfg(feature = "assist")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use proptest::prelude::*;
use risktier::Severity;
use risktier::assist::{Assist, Completion, Kind, RenameError, Unit};

const BOOK: &str = r#"
document("LAW", #{ title: "条例", title_en: "Law", number: "No. 1" });
role("principal", #{ en: "Principal", zh: "主要负责人" });
part("extra", #{ name: #{ en: "Extra", zh: "附加" } });
sector("shops", #{ name: #{ en: "Shops", zh: "商店" }, uses: ["extra"], score: #{ base: 100, bands: [#{ tier: BLUE }] } });
item("order", #{ en: "Order", zh: "秩序", lowest: -10 });
parameter("most", INT, #{ en: "Most", zh: "上限", unit: "persons", values: [ #{ since: date(2000, 1, 1), value: 3, cite: own("x") } ] });
table("prices", #{ en: "Prices", zh: "价格", cite: own("x"), rows: #{ "a": 1.0 } });
fact("people", INT, #{ en: "People", zh: "人数", unit: "persons", min: 0 });
fact("activity", TEXT, #{ en: "Activity", zh: "活动", one_of: ["retail", "wholesale"] });
list("stock", #{ en: "Stock", zh: "库存", item: #{ name: field(TEXT, #{ en: "Name", zh: "名称" }), kg: field(FLOAT, #{ en: "Mass", zh: "质量" }) } });
fn heavy(i, least) { i.kg > least }
fn goods(firm) { firm.stock.filter(|x| x.kg > 0.0) }
rule("S-1", #{ risk: #{ en: "r", zh: "险" }, finding: #{ en: "Crowded 人", zh: "拥挤" }, // people in a comment
    when: |firm| firm.people > param("most") && firm.stock.some(|i| heavy(i, 1.0) && lookup("prices", i.name) > 0.5),
    tier: RED, cite: cite("LAW", "Art. 1", READ), since: date(2000, 1, 1), control: #{ en: "people", zh: "少" }, owner: "principal", days: 1 });
rule("S-2", #{ risk: #{ en: "r", zh: "险" }, finding: #{ en: "f", zh: "见" }, when: |firm| goods(firm).count(|g| g.kg > 5.0) > 1 && firm.activity == "retail",
    item: "order", deduct: 2, cite: own("x"), since: date(2000, 1, 1), control: #{ en: "c", zh: "控" }, owner: "principal", days: 1 });
"#;

fn book() -> Assist {
    let assist = Assist::new([("a.rhai", BOOK)]);
    assert!(assist.problems().is_empty(), "{:?}", assist.problems());
    assist
}

/// Completions where `⟨|⟩` stands in a text behind the book.
fn at(text: &str) -> Vec<Completion> {
    let mut assist = book();
    let text = format!("{BOOK}\n{text}");
    let offset = text.find("⟨|⟩").expect("a mark");
    assist.edit("a.rhai", text.replace("⟨|⟩", ""));
    assist.completions("a.rhai", offset)
}

fn labels(text: &str) -> Vec<String> {
    at(text).into_iter().map(|one| one.label).collect()
}

#[test]
fn completions_fit_their_place() {
    assert_eq!(labels("rule(\"S-3\", #{ when: |firm| firm.⟨|⟩"), ["activity", "people", "stock"]);
    assert_eq!(labels("rule(\"S-3\", #{ when: |firm| firm.pe⟨|⟩ > 3, tier: RED })"), ["people"]);
    assert_eq!(labels("rule(\"S-3\", #{ when: |firm| firm.stock.some(|i| i.⟨|⟩"), ["kg", "name"]);
    assert_eq!(labels("fn f(i) { i.⟨|⟩ }\nrule(\"S-3\", #{ when: |firm| firm.stock.all(|x| f(x)) });"), ["kg", "name"]);
    assert_eq!(labels("rule(\"S-3\", #{ when: |firm| goods(firm).all(|i| i.⟨|⟩"), ["kg", "name"]);
    assert!(labels("rule(\"S-3\", #{ when: |firm| firm.stock.⟨|⟩").contains(&"filter".to_owned()));
    assert_eq!(labels("rule(\"S-3\", #{ when: |firm| firm.activity == \"⟨|⟩"), ["retail", "wholesale"]);
    assert_eq!(labels("rule(\"S-3\", #{ when: |firm| lookup(\"⟨|⟩"), ["prices"]);
    assert_eq!(labels("rule(\"S-3\", #{ when: |firm| param(\"⟨|⟩\")"), ["most"]);
    assert_eq!(labels("rule(\"S-3\", #{ cite: cite(\"⟨|⟩"), ["LAW"]);
    assert_eq!(labels("rule(\"S-3\", #{ cite: cite(\"LAW\", \"Art. 1\", ⟨|⟩"), ["READ", "RECALLED"]);
    assert_eq!(labels("rule(\"S-3\", #{ owner: \"⟨|⟩"), ["principal"]);
    assert_eq!(labels("rule(\"S-3\", #{ item: \"⟨|⟩"), ["order"]);
    assert_eq!(labels("sector(\"t\", #{ uses: [\"⟨|⟩"), ["extra"]);
    assert_eq!(labels("rule(\"S-3\", #{ tier: ⟨|⟩"), ["RED", "ORANGE", "YELLOW", "BLUE"]);
    assert_eq!(labels("fact(\"x\", ⟨|⟩"), ["BOOL", "INT", "FLOAT", "TEXT", "DATE"]);
    assert_eq!(labels("part(\"x\", #{ ⟨|⟩ });"), ["name"]);
    assert_eq!(labels("amend_ru⟨|⟩"), ["amend_rule"]);
    assert_eq!(labels("rule(\"S-3\", #{ risk: #{ en: \"x\", ⟨|⟩"), ["zh"]);
    let keys = labels("rule(\"S-3\", #{ risk: #{ en: \"x\", zh: \"x\" }, tier: RED, ⟨|⟩ });");
    assert!(keys.contains(&"finding".to_owned()) && keys.contains(&"until".to_owned()));
    assert!(!keys.iter().any(|key| ["risk", "tier", "deduct"].contains(&key.as_str())), "{keys:?}");
    let inside = labels("rule(\"S-3\", #{ when: |firm| ⟨|⟩");
    assert!(["firm", "heavy", "known", "AS_OF"].iter().all(|word| inside.iter().any(|one| one == word)), "{inside:?}");
    assert!(labels("// firm.⟨|⟩").is_empty());
    assert!(labels("let x = \"firm.⟨|⟩\";").is_empty());
}

#[test]
fn completions_say_what_they_are() {
    let all = at("rule(\"S-3\", #{ when: |firm| firm.peop⟨|⟩le > 3 });");
    let one = &all[0];
    assert_eq!((one.kind, one.detail.as_str()), (Kind::Fact, "int, persons, 0.."));
    assert_eq!(&*one.documentation.as_ref().unwrap().zh, "人数");
    assert_eq!(one.span.to.column - one.span.from.column, 6);
    assert_eq!(at("rule(\"S-3\", #{ when: |firm| firm.sto⟨|⟩")[0].kind, Kind::List);
}

/// The first byte of the nth place of a word.
fn offset(word: &str, nth: usize) -> usize {
    BOOK.match_indices(word).nth(nth).expect("the word").0
}

#[test]
fn hover_tells_what_a_name_is() {
    let assist = book();
    let hover = |at| assist.hover("a.rhai", at).unwrap().text;
    let people = hover(offset("firm.people", 0) + 6);
    assert_eq!(
        &*people.en,
        "**people** (fact): People\n\nint, persons, 0..\n\nrules that read it: 1\n\ndeclared at a.rhai:9:1"
    );
    assert!(people.zh.contains("人数") && people.zh.contains("1 条规则"));
    assert!(hover(offset("S-1", 0)).en.contains("red\n\n`firm.people > param"));
    assert!(hover(offset("\"LAW\", \"Art", 0) + 1).en.contains("No. 1"));
    assert!(hover(offset("param(\"most", 0) + 7).en.contains("2000-01-01: 3"));
    assert!(hover(offset("i.kg > least", 0) + 2).en.starts_with("**stock.kg** (field): Mass"));
    assert!(hover(offset("sector(", 0)).zh.contains("行业"));
    assert!(hover(offset("owner: \"prin", 0) + 8).en.contains("Principal"));
    assert_eq!(assist.hover("a.rhai", offset("people in a comment", 0)), None);
}

#[test]
fn names_are_found_where_they_are_meant() {
    let assist = book();
    let declared = assist.definition("a.rhai", offset("firm.people", 0) + 5);
    assert_eq!(declared.len(), 1);
    assert_eq!((declared[0].from.line, declared[0].from.column), (9, 7));
    // Declared, and read through a function, in a closure on the list, and in one on what a function answers.
    let fields = assist.references("a.rhai", offset("kg: field", 0), true);
    assert_eq!(fields.iter().map(|span| span.from.line).collect::<Vec<_>>(), [11, 12, 13, 17]);
    assert_eq!(assist.references("a.rhai", offset("people", 0), true).len(), 2, "not the comment, not the label");
    assert_eq!(assist.references("a.rhai", offset("\"principal", 0) + 1, false).len(), 2);
    let outline = assist.symbols("a.rhai");
    let names: Vec<&str> = outline.iter().map(|one| &*one.name).collect();
    assert_eq!(
        names,
        [
            "LAW",
            "principal",
            "extra",
            "shops",
            "order",
            "most",
            "prices",
            "people",
            "activity",
            "stock",
            "name",
            "kg",
            "S-1",
            "S-2"
        ]
    );
    assert_eq!(outline[9].kind, Kind::List);
    assert_eq!(outline[12].within.as_deref(), Some("shops"));
}

#[test]
fn a_rename_is_made_everywhere_or_refused() {
    let assist = book();
    for (place, name) in [
        (offset("kg: field", 0), "amount"),
        (offset("stock", 0), "holdings"),
        (offset("people", 0), "visitors"),
        (offset("most", 0), "limit"),
        (offset("S-1", 0), "S-9"),
        (offset("LAW", 0), "ACT"),
        (offset("principal", 0), "owner"),
        (offset("order", 0), "tidiness"),
        (offset("prices", 0), "costs"),
    ] {
        let edits = assist.rename("a.rhai", place, name).unwrap_or_else(|error| panic!("{name}: {error}"));
        let mut text = BOOK.to_owned();
        for edit in edits.iter().rev() {
            let at = |place: risktier::assist::Place| {
                assist.offset("a.rhai", place.line, place.column_utf16, Unit::Utf16).unwrap()
            };
            text.replace_range(at(edit.span.from)..at(edit.span.to), name);
        }
        let renamed = Assist::new([("a.rhai", text.as_str())]);
        assert!(renamed.problems().is_empty(), "{name}: {:?}", renamed.problems());
    }
    let fails = |place, name: &str| assist.rename("a.rhai", place, name).unwrap_err();
    assert!(matches!(fails(offset("people", 0), "Many"), RenameError::NotAName(..)));
    assert!(matches!(fails(offset("people", 0), "id"), RenameError::NotAName(..)));
    assert_eq!(fails(offset("people", 0), "stock"), RenameError::Taken("stock".into()));
    assert_eq!(fails(offset("date(", 0), "day"), RenameError::NoName);
    let mut broken = book();
    broken.edit("b.rhai", "fact(");
    assert_eq!(broken.rename("a.rhai", offset("people", 0), "many"), Err(RenameError::Broken));
    let mut computed = book();
    let rule = r#"let n = "peo" + "ple"; fact("z", INT, #{ en: "z", zh: "z" }); measure("m", INT, #{ en: "m", zh: "m", value: |firm| firm[n] + firm.z });"#;
    computed.edit("b.rhai", rule);
    assert!(computed.problems().iter().all(|one| one.severity == Severity::Warning), "{:?}", computed.problems());
    let error = computed.rename("a.rhai", offset("people", 0), "many").unwrap_err();
    assert_eq!(error, RenameError::Elsewhere("people".into()));
}

#[test]
fn problems_have_places_in_every_unit() {
    let mut assist = book();
    assist.edit("b.rhai", "let 险 = \"𠮷\"; fact(\"x\", INT, #{ en: \"x\" });");
    let problems = assist.problems();
    let one = problems.iter().find(|one| one.code == "E015").expect("no translation");
    assert_eq!((&*one.span.script, one.span.from.line), ("b.rhai", 1));
    assert_eq!((one.span.from.column, one.span.from.column_utf16, one.span.from.column_utf8), (19, 20, 24));
    assert!(one.message.zh.chars().any(|c| c > '\u{3000}'));
    // The names of the last good book serve while the script is broken.
    assert!(assist.book().is_some());
    assist.edit("b.rhai", "");
    assert!(assist.problems().is_empty());
    assist.remove("b.rhai");
    assert_eq!(assist.scripts().collect::<Vec<_>>(), ["a.rhai"]);
}

#[test]
fn a_script_is_read_with_those_that_it_needs() {
    let other = "sector(\"other\", #{ name: #{ en: \"o\", zh: \"o\" } });";
    let assist = Assist::new([("a.rhai", BOOK), ("b.rhai", other), ("shared.rhai", "fn f(x) { x }")]);
    assert_eq!(assist.alone("a.rhai").scripts().collect::<Vec<_>>(), ["a.rhai", "shared.rhai"]);
}

/// Everything that can be asked of a place.
fn ask(assist: &Assist, offset: usize) {
    assist.completions("a.rhai", offset);
    assist.hover("a.rhai", offset);
    assist.definition("a.rhai", offset);
    assist.references("a.rhai", offset, true);
    let _ = assist.renamable("a.rhai", offset);
}

#[test]
fn every_place_can_be_asked_about() {
    let assist = book();
    for offset in 0..BOOK.len() + 3 {
        ask(&assist, offset);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_prefix_panics(cut in 0..BOOK.len(), at in 0..BOOK.len(), put in "[\"`|(){}\\[\\]#.,:;/* \n险a]{0,6}") {
        let cut = (0..=cut).rev().find(|cut| BOOK.is_char_boundary(*cut)).unwrap();
        let mut assist = book();
        assist.edit("a.rhai", format!("{}{put}", &BOOK[..cut]));
        ask(&assist, at);
        ask(&assist, cut + put.len());
        assist.symbols("a.rhai");
        assist.problems();
    }
}
