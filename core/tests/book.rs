//! What a book is made of, how it is named, stored and shared.

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
use risktier::{BookError, BundleError, Date, Diagnostic, Effect, Lang, RuleBook, Tier, Value};

const SHARED: &str = r#"
role("principal", #{ en: "Principal", zh: "主要负责人" });
fact("employees", INT, #{ en: "Employees", zh: "职工人数", min: 0 });
fact("trained", INT, #{ en: "Trained", zh: "持证人数", min: 0 });
fact("inspected", DATE, #{ en: "Inspected", zh: "检验日期" });
parameter("most", INT, #{ en: "Most", zh: "上限", unit: "persons",
    values: [ #{ since: date(2010, 1, 1), value: 10, cite: own("an example") } ] });
"#;

/// A function that declares, for scripts that import this one.
const HELPERS: &str = r#"
fn check(id, tier, when) {
    rule(id, #{
        risk: #{ en: "Risk", zh: "风险" }, finding: #{ en: "Finding of " + id, zh: id + "的问题" }, control: #{ en: "Control", zh: "措施" },
        when: when, tier: tier, cite: own("an example"), since: date(2020, 1, 1), owner: "principal", days: 7,
    });
}
fn overdue(id, days) {
    check(id, ORANGE, |firm| AS_OF - firm.inspected > days);
}
fn limit_of(name, limit) {
    |firm| firm[name] > limit
}
"#;

const SECTOR: &str = r#"
import "helpers" as h;
sector("works", #{ name: #{ en: "Works", zh: "工厂" }, uses: ["common"] });
h::check("W-1", RED, |firm| firm.employees > param("most"));
"#;

const PART: &str = r#"
import "helpers" as h;
part("common", #{ name: #{ en: "Common", zh: "通用" } });
h::overdue("C-1", 365);
for row in [ #{ fact: "employees", most: 100 }, #{ fact: "trained", most: 50 } ] {
    h::check("C-" + row.fact, YELLOW, |firm| firm[row.fact] > row.most);
}
h::check("C-4", YELLOW, h::limit_of("trained", 7));
"#;

fn sources() -> Vec<(&'static str, &'static str)> {
    vec![("shared.rhai", SHARED), ("helpers.rhai", HELPERS), ("works.rhai", SECTOR), ("common.rhai", PART)]
}

fn book() -> RuleBook {
    RuleBook::from_sources(sources()).unwrap_or_else(|error| panic!("{error}"))
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// The ids of what fires for a firm.
fn fired(book: &RuleBook, on: &str, facts: &str) -> Vec<String> {
    let grade = book.as_of(day(on)).grade_json(&format!(r#"{{"sector": "works", {facts}}}"#)).unwrap();
    grade.sectors[0].fired.iter().map(|one| one.rule.to_string()).collect()
}

fn errors(scripts: Vec<(&str, &str)>) -> Vec<Diagnostic> {
    match RuleBook::from_sources(scripts) {
        Ok(_) => panic!("the book has no errors"),
        Err(error) => error.diagnostics().to_vec(),
    }
}

#[test]
fn a_book_crosses_threads_and_costs_nothing_to_clone() {
    fn shared<T: Send + Sync + Clone + 'static>(value: &T) -> T {
        value.clone()
    }
    let book = book();
    let copy = shared(&book);
    // One and the same data: even the texts of both are at one place.
    assert!(std::ptr::eq(book.hash(), copy.hash()));
    let grader = shared(&copy.as_of(day("2026-01-01")));
    let tier = std::thread::spawn(move || grader.grade_json(r#"{"sector": "works", "employees": 11}"#).unwrap().tier);
    assert_eq!(tier.join().unwrap(), Tier::Red);
    assert_eq!(size_of::<RuleBook>(), size_of::<usize>());
}

#[test]
fn a_bundle_gives_the_same_book() {
    let book = book();
    let bundle = book.to_bundle().unwrap();
    let copy = RuleBook::from_bundle(&bundle).unwrap();
    assert_eq!(copy.hash(), book.hash());
    assert_eq!(copy.to_bundle().as_deref(), Some(bundle.as_str()));
    assert_eq!(copy.sources().collect::<Vec<_>>(), book.sources().collect::<Vec<_>>());
    assert_eq!(fired(&copy, "2026-01-01", r#""employees": 11"#), ["W-1"]);
}

#[test]
fn a_bundle_keeps_values_given_for_parameters() {
    let values = [(day("2020-01-01"), Value::Int(20)), (day("2025-06-01"), Value::Int(-3))];
    let mut builder = RuleBook::builder();
    for (name, text) in sources() {
        builder = builder.source(name, text);
    }
    for (since, value) in values {
        builder = builder.parameter("most", since, value);
    }
    let book = builder.build().unwrap();
    let copy = RuleBook::from_bundle(&book.to_bundle().unwrap()).unwrap();
    assert_eq!(copy.hash(), book.hash());
    let parameter = &copy.parameters()[0];
    assert!(parameter.overridden);
    assert_eq!(
        parameter.values.iter().map(|value| (value.since, value.value.clone())).collect::<Vec<_>>(),
        [(day("2020-01-01"), Value::Int(20)), (day("2025-06-01"), Value::Int(-3)),]
    );
}

#[test]
fn bundles_that_cannot_be_opened_say_why() {
    let bundle = book().to_bundle().unwrap();
    assert!(matches!(RuleBook::from_bundle("{"), Err(BundleError::Json(_))));
    assert!(matches!(
        RuleBook::from_bundle(&bundle.replace("risktier-bundle-1", "x")),
        Err(BundleError::Format { .. })
    ));
    assert!(matches!(RuleBook::from_bundle(&bundle.replace("Works", "Work")), Err(BundleError::Hash { .. })));
    assert!(matches!(RuleBook::from_bundle(&bundle.replace("principal", "print(")), Err(BundleError::Book(_))));
    let with_value =
        |value: &str| bundle.replace("\"sources\"", &format!("\"parameters\": {{\"most\": [{value}]}}, \"sources\""));
    for value in [
        r#"{"since": "2020-01-01", "type": "int", "value": "ten"}"#,
        r#"{"since": "2020-01-01", "type": "float", "value": "inf"}"#,
        r#"{"since": "2020-01-01", "type": "list", "value": "1"}"#,
    ] {
        let error = RuleBook::from_bundle(&with_value(value)).unwrap_err();
        assert!(matches!(error, BundleError::Parameter { .. }), "{error}");
        let text = error.to_string();
        assert!(!text.contains('\n') && !text.ends_with('.') && text.contains("expected"), "{text}");
    }
    // A value that is given in the bundle but was not in the book is another book.
    let error =
        RuleBook::from_bundle(&with_value(r#"{"since": "2020-01-01", "type": "int", "value": "1"}"#)).unwrap_err();
    assert!(matches!(error, BundleError::Hash { .. }), "{error}");
}

#[test]
fn the_hash_names_the_sources_and_the_values() {
    let first = book();
    assert_eq!(first.hash().len(), 64);
    assert_eq!(first.hash(), book().hash());
    let mut backwards = sources();
    backwards.reverse();
    assert_eq!(RuleBook::from_sources(backwards).unwrap().hash(), first.hash());
    // A comment, a name, a value: all of them change it.
    let commented = format!("{SECTOR}// a comment\n");
    let mut changed = sources();
    changed[2].1 = &commented;
    let commented = RuleBook::from_sources(changed).unwrap();
    assert_ne!(commented.hash(), first.hash());
    let mut renamed = sources();
    renamed[3].0 = "common2.rhai";
    assert_ne!(RuleBook::from_sources(renamed).unwrap().hash(), first.hash());
    let given = |day: &str, value: i64| {
        let builder =
            sources().into_iter().fold(RuleBook::builder(), |builder, (name, text)| builder.source(name, text));
        builder.parameter("most", day.parse().unwrap(), Value::Int(value)).build().unwrap().hash().to_owned()
    };
    let hashes = [given("2010-01-01", 10), given("2010-01-01", 11), given("2011-01-01", 11), first.hash().to_owned()];
    for (at, one) in hashes.iter().enumerate() {
        assert!(!hashes[..at].contains(one), "{hashes:?}");
    }
}

#[test]
fn values_of_parameters_have_their_days() {
    let builder = sources().into_iter().fold(RuleBook::builder(), |builder, (name, text)| builder.source(name, text));
    // Given in any order.
    let book = builder
        .parameter("most", day("2024-01-01"), Value::Int(30))
        .parameter("most", day("2015-01-01"), Value::Int(20))
        .build()
        .unwrap();
    assert_eq!(fired(&book, "2023-12-31", r#""employees": 25"#), ["W-1"]);
    assert_eq!(fired(&book, "2024-01-01", r#""employees": 25"#), Vec::<String>::new());
    assert_eq!(fired(&self::book(), "2024-01-01", r#""employees": 25"#), ["W-1"]);
}

#[test]
fn values_of_parameters_are_checked() {
    let build = |name: &str, since: &str, value: Value| -> BookError {
        let builder =
            sources().into_iter().fold(RuleBook::builder(), |builder, (name, text)| builder.source(name, text));
        builder.parameter(name, since.parse().unwrap(), value).build().unwrap_err()
    };
    let of = |error: &BookError| (error.diagnostics()[0].code(), error.diagnostics()[0].message(Lang::En));
    let unknown = build("mots", "2010-01-01", Value::Int(1));
    assert_eq!(of(&unknown), ("E017", "there is no parameter `mots`".into()));
    assert_eq!(unknown.diagnostics()[0].help(Lang::En).as_deref(), Some("did you mean `most`?"));
    let wrong = build("most", "2010-01-01", Value::Float(1.5));
    assert_eq!(of(&wrong), ("E035", "the value given for parameter `most` is float".into()));
    assert_eq!(wrong.diagnostics()[0].message(Lang::Zh), "为参数 `most` 给出的值是小数");
    assert_eq!(wrong.diagnostics()[0].expected(Lang::En).as_deref(), Some("int"));
    // Without a value on the first day of a rule that reads it.
    assert_eq!(of(&build("most", "2021-01-01", Value::Int(1))).0, "E033");
}

#[test]
fn it_does_not_matter_in_which_order_scripts_come() {
    // What is declared last in the order of names is read by what is declared first, and the other way round.
    let ids = |names: [&str; 4]| {
        let scripts = sources().into_iter().zip(names).map(|((_, text), name)| {
            let text =
                text.replace("import \"helpers\"", &format!("import \"{}\"", names[1].trim_end_matches(".rhai")));
            (name.to_owned(), text)
        });
        let book = RuleBook::from_sources(scripts).unwrap_or_else(|error| panic!("{error}"));
        let mut ids: Vec<String> = book.rules().iter().map(|rule| rule.id.to_string()).collect();
        ids.sort();
        (ids, fired(&book, "2026-01-01", r#""employees": 101, "trained": 51, "inspected": "2020-01-01""#).len())
    };
    let first = ids(["a.rhai", "b.rhai", "c.rhai", "d.rhai"]);
    assert_eq!(first.0, ["C-1", "C-4", "C-employees", "C-trained", "W-1"]);
    assert_eq!(first.1, 5);
    for names in [
        ["d.rhai", "c.rhai", "b.rhai", "a.rhai"],
        ["b.rhai", "z.rhai", "a.rhai", "c.rhai"],
        ["m/x.rhai", "m/y", "q", "a/b/c.rhai"],
    ] {
        assert_eq!(ids(names), first, "{names:?}");
    }
}

#[test]
fn sectors_take_over_parts() {
    let book = book();
    let sector = book.sector("works").unwrap();
    assert_eq!(sector.parts.iter().map(|part| &**part).collect::<Vec<_>>(), ["common"]);
    let ids: Vec<&str> = sector.rules.iter().map(|rule| &*book.rules()[*rule].id).collect();
    assert_eq!(ids, ["W-1", "C-1", "C-employees", "C-trained", "C-4"]);
    assert_eq!(book.parts()[0].rules.len(), 4);
    // Named twice is taken over once.
    let twice = SECTOR.replace("[\"common\"]", "[\"common\", \"common\"]");
    let mut scripts = sources();
    scripts[2].1 = &twice;
    let book = RuleBook::from_sources(scripts).unwrap();
    assert_eq!(book.sector("works").unwrap().rules.len(), 5);
}

#[test]
fn loops_leave_each_closure_its_own_values() {
    let book = book();
    let texts = |id: &str| book.rule(id).unwrap().condition.clone().unwrap().to_string();
    assert_eq!(texts("C-employees"), "firm[row.fact] > row.most");
    assert_eq!(fired(&book, "2026-01-01", r#""employees": 5, "trained": 51"#), ["C-trained", "C-4"]);
    assert_eq!(fired(&book, "2026-01-01", r#""employees": 101, "trained": 5"#), ["W-1", "C-employees"]);
    assert_eq!(fired(&book, "2026-01-01", r#""trained": 8"#), ["C-4"]);
}

#[test]
fn the_grading_date_is_there_inside_functions() {
    let book = book();
    assert_eq!(fired(&book, "2026-01-01", r#""inspected": "2024-12-31""#), ["C-1"]);
    assert_eq!(fired(&book, "2026-01-01", r#""inspected": "2025-01-01""#), Vec::<String>::new());
}

#[test]
fn marks_are_there_inside_functions_and_their_closures() {
    let script = r#"
role("r", #{ en: "R", zh: "岗" });
sector("works", #{ name: #{ en: "S", zh: "业" } });
fn facts(name) { fact(name, DATE, #{ en: "F", zh: "日" }); }
facts("due");
fn late(days) {
    let grace = days * 2;
    |firm| { let late = AS_OF - firm.due; late > grace }
}
fn declare(id, days) {
    rule(id, #{ risk: #{ en: "R", zh: "险" }, finding: #{ en: "F", zh: "题" }, control: #{ en: "C", zh: "施" },
        when: late(days), tier: RED, cite: own("x"), since: date(2020, 1, 1), owner: "r", days: 1 });
}
for days in [10, 20] { declare("R-" + days, days); }
let until = 3;
rule("R-until", #{ risk: #{ en: "R", zh: "险" }, finding: #{ en: "F", zh: "题" }, control: #{ en: "C", zh: "施" },
    when: |firm| AS_OF - firm.due > until, tier: BLUE, cite: own("x"), since: date(2020, 1, 1), until: date(2024, 1, 1), owner: "r", days: 1 });
"#;
    let book = RuleBook::from_sources([("a.rhai", script)]).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(fired(&book, "2026-01-31", r#""due": "2026-01-01""#), ["R-10"]);
    assert_eq!(fired(&book, "2026-03-01", r#""due": "2026-01-01""#), ["R-10", "R-20"]);
    assert_eq!(fired(&book, "2023-12-31", r#""due": "2023-12-01""#), ["R-10", "R-until"]);
    assert_eq!(book.rule("R-until").unwrap().until, Some(day("2024-01-01")));
}

#[test]
fn items_belong_to_their_sector_or_part() {
    let group = |kind: &str, id: &str, rule: &str| {
        format!(
            r#"{kind}("{id}", #{{ name: #{{ en: "G", zh: "组" }} }});
item("care", #{{ en: "Care of {id}", zh: "管理", lowest: -10 }});
rule("{rule}", #{{ risk: #{{ en: "R", zh: "险" }}, finding: #{{ en: "F", zh: "题" }}, control: #{{ en: "C", zh: "施" }},
    when: |firm| firm.employees > 1, item: "care", deduct: 3, cite: own("x"), since: date(2020, 1, 1), owner: "principal", days: 1 }});
"#
        )
    };
    let (one, two) = (group("sector", "one", "R-1"), group("part", "two", "R-2"));
    let book =
        RuleBook::from_sources([("s", SHARED), ("one", &one), ("two", &two)]).unwrap_or_else(|error| panic!("{error}"));
    let item_of = |rule: &str| match book.rule(rule).unwrap().effect {
        Effect::Points { item, .. } => book.items()[item].name.en.to_string(),
        Effect::Floor(_) => panic!(),
    };
    assert_eq!((item_of("R-1"), item_of("R-2")), ("Care of one".into(), "Care of two".into()));
    // The item of another group is none of this one.
    let stray =
        "part(\"three\", #{ name: #{ en: \"G\", zh: \"组\" } });\nrule(\"R-3\", #{ item: \"care\", deduct: 3 });";
    let found = errors(vec![("s", SHARED), ("one", &one), ("three", stray)]);
    assert!(found.iter().any(|one| one.code() == "E017" && one.site().line == 2), "{found:?}");
}

#[test]
fn an_id_is_declared_once_in_all_scripts() {
    let again = "fact(\"employees\", FLOAT, #{ en: \"E\", zh: \"人\" });\nlist(\"trained\", #{ en: \"T\", zh: \"列\", item: #{} });";
    let mut scripts = sources();
    scripts.push(("zz.rhai", again));
    let found = errors(scripts);
    let twice: Vec<String> = found
        .iter()
        .filter(|one| one.code() == "E010")
        .map(|one| format!("{}: {}", one.site(), one.message(Lang::En)))
        .collect();
    assert_eq!(
        twice,
        [
            "zz.rhai:1:6: fact `employees` is declared twice; first at `shared.rhai:3:1`",
            "zz.rhai:2:6: list `trained` is declared twice; first at `shared.rhai:4:1`",
        ]
    );
    // Through a function, the calls are the places that count.
    let mut scripts = sources();
    let rule = "import \"helpers\" as h;\npart(\"zz\", #{ name: #{ en: \"Z\", zh: \"组\" } });\nh::check(\"C-1\", RED, |firm| firm.employees > 3);\n";
    scripts.push(("zz.rhai", rule));
    let found = errors(scripts);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].message(Lang::En), "rule `C-1` is declared twice; first at `common.rhai:4:4`");
    assert_eq!(found[0].caller().map(ToString::to_string).as_deref(), Some("zz.rhai:3:4"));
}

#[test]
fn a_script_is_run_once_however_often_it_is_imported() {
    let counted = "role(\"principal\", #{ en: \"P\", zh: \"负\" });\nfn one() { 1 }";
    let user =
        |n: usize| format!("import \"counted\" as c;\nsector(\"s{n}\", #{{ name: #{{ en: \"S\", zh: \"业\" }} }});");
    let (a, b) = (user(1), user(2));
    let book = RuleBook::from_sources([("a.rhai", a.as_str()), ("b.rhai", &b), ("counted.rhai", counted)]).unwrap();
    assert_eq!((book.roles().len(), book.sectors().len()), (1, 2));
}

#[test]
fn a_function_uses_the_imports_of_its_own_script() {
    // While scripts declare, and in conditions.
    let inner = "fn label(id) { #{ en: id, zh: id } }\nfn many(firm) { firm.employees > 3 }";
    let middle = r#"import "inner" as i;
fn declare(id) {
    rule(id, #{ risk: i::label(id), finding: i::label(id), control: i::label(id), when: |firm| i::many(firm),
        tier: RED, cite: own("x"), since: date(2020, 1, 1), owner: "principal", days: 1 });
}"#;
    let outer =
        "import \"middle\" as m;\nsector(\"works\", #{ name: #{ en: \"O\", zh: \"外\" } });\nm::declare(\"R-1\");";
    for names in [["a", "b", "c"], ["c", "b", "a"]] {
        let [a, b, c] = names;
        let middle = middle.replace("\"inner\"", &format!("\"{a}\""));
        let outer = outer.replace("\"middle\"", &format!("\"{b}\""));
        let scripts = [("shared", SHARED), (a, inner), (b, middle.as_str()), (c, outer.as_str())];
        let book = RuleBook::from_sources(scripts).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(fired(&book, "2026-01-01", r#""employees": 4"#), ["R-1"]);
    }
}

#[test]
fn an_imported_script_keeps_its_own_sector() {
    // The rules of the importing script belong to its sector, not to one that the imported script opened.
    let inner = "sector(\"inner\", #{ name: #{ en: \"I\", zh: \"内\" } });\nfn f(firm) { firm.employees > 3 }";
    let outer = r#"sector("outer", #{ name: #{ en: "O", zh: "外" } });
import "inner" as i;
rule("R", #{ risk: #{ en: "R", zh: "险" }, finding: #{ en: "F", zh: "题" }, control: #{ en: "C", zh: "施" },
    when: |firm| i::f(firm), tier: RED, cite: own("x"), since: date(2020, 1, 1), owner: "principal", days: 1 });"#;
    let book = RuleBook::from_sources([("shared", SHARED), ("inner", inner), ("outer", outer)])
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((book.sector("inner").unwrap().rules.len(), book.sector("outer").unwrap().rules.len()), (0, 1));
}

#[test]
fn a_later_source_of_a_name_takes_the_place_of_the_earlier() {
    let book = RuleBook::builder()
        .source("a.rhai", "this does not parse")
        .source("a.rhai", "sector(\"s\", #{ name: #{ en: \"S\", zh: \"业\" } });")
        .build()
        .unwrap();
    assert_eq!(book.sources().count(), 1);
}

#[test]
fn a_book_without_sources_is_refused() {
    let found = errors(Vec::new());
    assert_eq!(found.iter().map(Diagnostic::code).collect::<Vec<_>>(), ["E034"]);
}

#[test]
fn the_parameters_of_closures_may_have_any_name() {
    let script = r#"
role("r", #{ en: "R", zh: "岗" });
sector("works", #{ name: #{ en: "S", zh: "业" } });
fact("n", INT, #{ en: "N", zh: "数" });
list("l", #{ en: "L", zh: "列", item: #{ q: field(INT, #{ en: "Q", zh: "量" }) } });
const LIMIT = 3;
let limits = #{ low: [1, 2, 3], high: 9 };
rule("R", #{ risk: #{ en: "R", zh: "险" }, finding: #{ en: "F", zh: "题" }, control: #{ en: "C", zh: "施" },
    when: |f| f.l.some(|row| row.q > LIMIT && row.q < limits.high && f.n in limits.low), tier: RED, cite: own("x"),
    since: date(2020, 1, 1), owner: "r", days: 1 });
"#;
    let book = RuleBook::from_sources([("a.rhai", script)]).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(fired(&book, "2026-01-01", r#""n": 2, "l": [{"q": 1}, {"q": 4}]"#), ["R"]);
    assert_eq!(fired(&book, "2026-01-01", r#""n": 4, "l": [{"q": 4}]"#), Vec::<String>::new());
    assert_eq!(fired(&book, "2026-01-01", r#""n": 2, "l": [{"q": 9}]"#), Vec::<String>::new());
}
