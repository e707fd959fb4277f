//! Compiled books: the same book again, and nothing that is damaged.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

use proptest::prelude::*;
use risktier::{CompiledBookError, Date, ENGINE_VERSION, RuleBook, Value};
use sha2::{Digest, Sha256};

/// A bit of everything that a book can hold.
const SCRIPT: &str = r#"
document("LAW", #{ title: "安全生产法", title_en: "Work Safety Law", number: "主席令第八十八号", issuer: "全国人大常委会", date: date(2021, 9, 1), url: "https://example.org/law" });
role("principal", #{ en: "Principal", zh: "主要负责人" });
key_field("gas", #{ en: "Gas", zh: "燃气" });
fact("employees", INT, #{ en: "Employees", zh: "职工人数", unit: "persons", min: 0, max: 100000 });
fact("inspected", DATE, #{ en: "Inspected", zh: "检验日期" });
fact("pressure", FLOAT, #{ en: "Pressure", zh: "压力", unit: "MPa", min: -0.1, absent: 0.5 });
fact("kind", TEXT, #{ en: "Kind", zh: "类别", one_of: ["A", "B", "其他"] });
fact("locked", BOOL, #{ en: "Locked", zh: "上锁" });
list("tanks", #{ en: "Tanks", zh: "储罐", item: #{
    tonnes: field(FLOAT, #{ en: "Tonnes", zh: "存量", unit: "t", min: 0.0 }),
    since:  field(DATE, #{ en: "In use since", zh: "投用日期" }),
} });
parameter("most", INT, #{ en: "Most", zh: "上限", values: [
    #{ since: date(2010, 1, 1), value: 10, cite: cite("LAW", "Art. 1", READ) },
    #{ since: date(2024, 1, 1), value: 5, cite: own("a reason\u0000 with \u0001 odd \u0002 signs") },
] });
table("limits", #{ en: "Limits", zh: "临界量", unit: "t", cite: cite("LAW", "Table 1", RECALLED, "a note"), rows: #{ A: 1.5, B: 20.0 } });
measure("share", FLOAT, #{ en: "Share", zh: "占比", value: |firm| firm.tanks.sum(|tank| tank.tonnes) / 100.0 });
supervision(RED, #{
    control_level: #{ en: "City", zh: "市级" }, frequency: #{ en: "monthly", zh: "每月" }, every_days: 30,
    verified_by: #{ en: "the city", zh: "市应急局" }, establish_days: 3, cite: own("ours"),
});
sector("works", #{ name: #{ en: "Works", zh: "工厂" }, key_field: "gas", codes: ["C25"], uses: ["common"],
    score: #{ base: 100, bands: [ #{ tier: RED, below: 60 }, #{ tier: ORANGE, from: 60, below: 70.5 }, #{ tier: YELLOW, from: 70.5, below: 90 }, #{ tier: BLUE, from: 90 } ] } });
item("care", #{ en: "Care", zh: "管理", lowest: -30, highest: 2.125 });
for row in [ #{ id: "W-1", most: 3 }, #{ id: "W-2", most: 7 } ] {
    rule(row.id, #{
        risk: #{ en: "Risk", zh: "风险" }, finding: #{ en: "Finding", zh: "问题" }, control: #{ en: "Control", zh: "措施" },
        when: |firm| firm.tanks.some(|tank| tank.tonnes > 1.0 * row.most && (AS_OF - tank.since) > 365) || firm.kind == "其他",
        tier: ORANGE, cite: [cite("LAW", "Art. 20", READ), own("an example")], since: date(2020, 1, 1), until: date(2030, 1, 1), owner: "principal", days: 7,
    });
}
rule("W-3", #{
    risk: #{ en: "Risk", zh: "风险" }, finding: #{ en: "Finding", zh: "问题" }, control: #{ en: "Control", zh: "措施" },
    when: |firm| firm.employees > param("most") && !firm.locked,
    deduct: |firm| 0.5 * firm.employees / firm.pressure, item: "care",
    cite: own("an example"), since: date(2020, 1, 1), owner: "principal", days: 7,
});
part("common", #{ name: #{ en: "Common", zh: "通用" } });
rule("C-1", #{
    risk: #{ en: "Risk", zh: "风险" }, finding: #{ en: "Finding", zh: "问题" }, control: #{ en: "Control", zh: "措施" },
    when: |firm| firm.share > lookup("limits", firm.kind), tier: RED, major: true,
    cite: cite("LAW", "Art. 3", READ), since: date(2020, 1, 1), owner: "principal", days: 1,
});
"#;

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn book() -> RuleBook {
    RuleBook::from_sources([("works.rhai", SCRIPT)]).unwrap_or_else(|error| panic!("{error}"))
}

const FIRMS: [&str; 5] = [
    r#"{"sector": "works", "employees": 40, "locked": false, "kind": "A", "tanks": [{"tonnes": 160.5, "since": "2020-01-01"}]}"#,
    r#"{"sector": "works", "kind": "其他", "pressure": 0.0, "employees": 9, "locked": false}"#,
    r#"{"sector": "works", "kind": "C", "tanks": [{"tonnes": -1}, {"since": "2026-05-05"}]}"#,
    r#"{"sector": "works"}"#,
    r#"{"sector": ["works", "none"], "employees": 9007199254740993}"#,
];

/// Everything that a grader says of some firms.
fn said(book: &RuleBook) -> Vec<String> {
    let grader = book.as_of(day("2026-11-01"));
    let of = |firm: &str| {
        let explanation = grader.explain_json(firm).unwrap();
        [
            serde_json::to_string(&grader.grade_json(firm).unwrap()).unwrap(),
            serde_json::to_string(&explanation).unwrap(),
            serde_json::to_string(&grader.lists_of(&explanation)).unwrap(),
        ]
    };
    FIRMS.into_iter().flat_map(of).collect()
}

#[test]
fn a_compiled_book_says_the_same() {
    let book = book();
    let bytes = book.to_compiled();
    let copy = RuleBook::from_compiled(&bytes).unwrap();
    assert_eq!(copy.hash(), book.hash());
    assert_eq!(said(&copy), said(&book));
    assert_eq!(copy.to_compiled(), bytes, "equal books give equal bytes");
    let shown = |book: &RuleBook| {
        format!(
            "{:?}{:?}{:?}{:?}{:?}{:?}{:?}{:?}{:?}{:?}",
            book.documents(),
            book.roles(),
            book.key_fields(),
            book.facts(),
            book.lists(),
            book.measures(),
            book.parameters(),
            book.items(),
            book.rules(),
            book.sectors()
        )
    };
    assert_eq!(shown(&copy), shown(&book));
    assert!(said(&book).iter().any(|text| text.contains(r#""tier":"red""#)), "the firms are not all alike");
}

#[test]
fn scripts_can_be_given_back_to_a_compiled_book_and_no_others() {
    let copy = RuleBook::from_compiled(&book().to_compiled()).unwrap();
    assert_eq!(copy.sources().count(), 0);
    assert_eq!(copy.to_bundle(), None);
    let whole = copy.clone().with_sources([("works.rhai", SCRIPT)]).unwrap();
    assert_eq!(whole.to_bundle(), book().to_bundle());
    let other = copy.with_sources([("works.rhai", SCRIPT.replace("persons", "people"))]);
    assert_eq!(other.unwrap_err(), CompiledBookError::OtherSources { expected: book().hash().to_owned() });
}

#[test]
fn values_given_for_parameters_are_kept() {
    let book = RuleBook::builder()
        .source("works.rhai", SCRIPT)
        .parameter("most", day("2020-01-01"), Value::Int(20))
        .build()
        .unwrap();
    let copy = RuleBook::from_compiled(&book.to_compiled()).unwrap().with_sources([("works.rhai", SCRIPT)]).unwrap();
    assert_eq!(copy.to_bundle(), book.to_bundle());
    assert_eq!(said(&copy), said(&book));
}

#[test]
fn what_cannot_be_opened_says_why() {
    let bytes = book().to_compiled();
    assert_eq!(RuleBook::from_compiled(b"").unwrap_err(), CompiledBookError::Format);
    assert_eq!(RuleBook::from_compiled(b"sector(\"works\")").unwrap_err(), CompiledBookError::Format);
    for length in 14..bytes.len() {
        assert_eq!(RuleBook::from_compiled(&bytes[..length]).unwrap_err(), CompiledBookError::Damaged, "{length}");
    }
    let mut longer = bytes.clone();
    longer.push(0);
    assert_eq!(RuleBook::from_compiled(&longer).unwrap_err(), CompiledBookError::Damaged);
    let version = bytes.windows(ENGINE_VERSION.len()).position(|part| part == ENGINE_VERSION.as_bytes()).unwrap();
    let mut other = bytes;
    other[version] = b'9';
    let error = RuleBook::from_compiled(&other).unwrap_err();
    assert!(error.to_string().contains(&format!("compiled by engine 9{}; expected", &ENGINE_VERSION[1..])), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Not even where somebody made the checksum fit.
    #[test]
    fn no_bytes_make_it_panic(changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)) {
        thread_local!(static BYTES: Vec<u8> = book().to_compiled());
        let mut bytes = BYTES.with(Clone::clone);
        let head = 14 + 1 + ENGINE_VERSION.len();
        for (at, value) in changes {
            let at = head + 32 + at.index(bytes.len() - head - 32);
            bytes[at] = value;
        }
        let checksum = Sha256::digest(&bytes[head + 32..]);
        bytes[head..head + 32].copy_from_slice(&checksum);
        if let Ok(book) = RuleBook::from_compiled(&bytes) {
            let grader = book.as_of(day("2026-11-01"));
            #[cfg(feature = "arrow")]
            drop(grader.grade_json_batch(&FIRMS, None));
            for firm in FIRMS {
                // Where the name of the sector is what was changed, there is no grade.
                if let Ok(explanation) = grader.explain_json(firm) {
                    grader.lists_of(&explanation);
                }
            }
        }
    }
}
