//! Scripts that would hang or exhaust their reader are refused: with an error, never a panic, in little memory, on a
//! small stack.

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
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::fmt::Write;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use risktier::{Lang, RuleBook};

/// Counts what a thread allocates, and how much it was at most. By thread: while one test loads a script, others make theirs.
struct Counting;

thread_local! {
    /// May fall below nothing: a thread frees what others made.
    static HELD: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

fn count(more: isize) {
    // Not in a thread that is about to end.
    let held = HELD.try_with(|held| {
        held.set(held.get() + more);
        held.get()
    });
    if let Ok(held) = held {
        let _ = PEAK.try_with(|peak| peak.set(peak.get().max(held)));
    }
}

/// The most that this thread holds while something runs, beyond what it held before; in bytes.
fn peak_of<T>(run: impl FnOnce() -> T) -> (T, usize) {
    let before = HELD.get();
    PEAK.set(before);
    let done = run();
    (done, usize::try_from(PEAK.get() - before).unwrap())
}

#[expect(unsafe_code, reason = "an allocator cannot be written without")]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // Both are there while one is copied to the other.
        count(size as isize);
        count(-(layout.size() as isize));
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const MEMORY: usize = 100 << 20;
/// What a thread gets when nobody says otherwise.
const STACK: usize = 2 << 20;
/// Only a guard against hanging: debug builds on a busy machine are slow. Release builds are held to a second below.
const PATIENCE: Duration = Duration::from_secs(20);

const HEAD: &str = r#"
role("principal", #{ en: "Principal", zh: "负责人" });
fact("n", INT, #{ en: "N", zh: "数" });
fact("x", FLOAT, #{ en: "X", zh: "量" });
fact("t", TEXT, #{ en: "T", zh: "文" });
fact("b", BOOL, #{ en: "B", zh: "真" });
list("items", #{ en: "I", zh: "列", item: #{ q: field(INT, #{ en: "Q", zh: "量" }), k: field(TEXT, #{ en: "K", zh: "类" }) } });
sector("s", #{ name: #{ en: "S", zh: "业" } });
fn check(id, when) {
    rule(id, #{
        risk: #{ en: "R", zh: "险" }, finding: #{ en: "F", zh: "题" }, control: #{ en: "C", zh: "施" },
        when: when, tier: RED, cite: own("a test"), since: date(2020, 1, 1), owner: "principal", days: 7,
    });
}
"#;

fn rule(id: &str, when: &str) -> String {
    format!(
        "rule(\"{id}\", #{{ risk: #{{ en: \"R\", zh: \"险\" }}, finding: #{{ en: \"F\", zh: \"题\" }}, control: #{{ en: \"C\", zh: \"施\" }}, when: {when}, tier: RED, cite: own(\"a test\"), since: date(2020, 1, 1), owner: \"principal\", days: 7 }});\n"
    )
}

/// Loads scripts in a thread with a small stack. Gives the codes of what was wrong.
fn load(name: &str, scripts: Vec<(String, String)>) -> Vec<&'static str> {
    let bytes: usize = scripts.iter().map(|(_, text)| text.len()).sum();
    let (done, wait) = mpsc::channel();
    let start = Instant::now();
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(move || {
        let codes = || -> Vec<&'static str> {
            match RuleBook::from_sources(scripts) {
                Ok(_) => Vec::new(),
                Err(error) => {
                    let english = error.render(Lang::En);
                    assert!(english.len() < 4 << 20, "{} bytes of messages", english.len());
                    error.diagnostics().iter().map(risktier::Diagnostic::code).collect()
                }
            }
        };
        let measured = peak_of(codes);
        // The book and its scripts are gone by now: what frees them must not need much stack either.
        let _ = done.send(measured);
    });
    let thread = thread.unwrap();
    let (codes, peak) = match wait.recv_timeout(PATIENCE) {
        Ok(measured) => measured,
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("{name}: not done after {PATIENCE:?}"),
        Err(mpsc::RecvTimeoutError::Disconnected) => {
            let _ = thread.join();
            panic!("{name}: panicked");
        }
    };
    let time = start.elapsed();
    thread.join().unwrap_or_else(|_| panic!("{name}: panicked"));
    let mut shown = codes.clone();
    shown.dedup();
    shown.truncate(6);
    println!(
        "{name}: {:.3} s, {:.1} MB of heap, {bytes} bytes, {} x {shown:?}",
        time.as_secs_f64(),
        peak as f64 / 1048576.0,
        codes.len()
    );
    // The reader's own copy of the scripts is not the reader's fault.
    assert!(peak < MEMORY, "{name}: {} MB", peak >> 20);
    codes
}

fn refused_with(name: &str, text: &str, code: &str) {
    let codes = load(name, vec![("hostile.rhai".into(), format!("{HEAD}{text}"))]);
    assert!(codes.contains(&code), "{name}: {code} expected, {:?} found", codes.iter().take(9).collect::<Vec<_>>());
}

/// Refused or not, it must not cost much.
fn harmless(name: &str, text: &str) {
    load(name, vec![("hostile.rhai".into(), format!("{HEAD}{text}"))]);
}

fn condition(name: &str, when: &str, code: &str) {
    refused_with(name, &rule("R", &format!("|firm| {when}")), code);
}

fn nested(open: &str, inside: &str, close: &str, times: usize) -> String {
    format!("{}{inside}{}", open.repeat(times), close.repeat(times))
}

#[test]
fn loops_that_do_not_end() {
    refused_with("for", "for i in 0..1000000000 { }", "E005");
    refused_with("for with a body", "let n = 0; for i in 0..1000000000 { n += i % 7; }", "E005");
    refused_with("for inside for", "for i in 0..100000 { for j in 0..100000 { i * j } }", "E005");
    refused_with("range backwards", "for i in range(0, -1000000000, -1) { }", "E005");
    refused_with("while", "while true { }", "E001");
    refused_with("loop", "loop { }", "E001");
    refused_with("do", "do { } while true;", "E001");
    refused_with("recursion", "fn f(n) { f(n + 1) } f(0);", "E005");
    refused_with("recursion, two by two", "fn f(n) { if n > 0 { f(n - 1); f(n - 1) } else { 0 } } f(1000);", "E005");
    refused_with("recursion, wide", "fn f(n) { if n > 0 { for i in 0..100 { f(n - 1); } } } f(20);", "E005");
    refused_with(
        "recursion of a declaration",
        "fn f(n) { check(\"R\" + n, |firm| firm.n > n); f(n + 1) } f(0);",
        "E005",
    );
    refused_with("statements that all fail", &"no_such_thing();\n".repeat(15_000), "E043");
    refused_with(
        "statements that all differ",
        &(0..10_000).fold(String::new(), |mut text, i| {
            let _ = writeln!(text, "no_such_{i}();");
            text
        }),
        "E043",
    );
}

#[test]
fn closures_that_call_each_other() {
    // `call` is no word of the language, and closures hide in arrays and maps.
    refused_with("a closure that calls itself", "let f = |f| f.call(f); f.call(f);", "E001");
    harmless("a closure in a map", "let m = #{}; m.f = |m| m.f(m); m.f(m);");
    harmless("filter of filter", "fn f(n) { [1, 2].filter(|x| f(n + 1)) } f(0);");
    harmless(
        "map over a large array",
        "let a = []; for i in 0..4000 { a.push(i); } a.map(|x| a.map(|y| a.map(|z| z)));",
    );
    harmless(
        "sort with a closure",
        "let a = []; for i in 0..4000 { a.push(i); } for j in 0..1000 { a.sort(|x, y| y - x); }",
    );
    harmless(
        "reduce that grows",
        "let a = []; for i in 0..4000 { a.push(i); } a.reduce(|s, x| s + \"aaaaaaaaaaaaaaaa\" + s, \"a\");",
    );
    harmless("a closure that holds itself", "let a = []; let f = || a; a.push(f); check(\"R\", |firm| f);");
    harmless(
        "a closure that holds itself, declared",
        "let a = #{}; let f = |firm| a; a.f = f; rule(\"R\", #{ when: f });",
    );
    let mut doubling = String::from("let a0 = [1, 1];\n");
    for i in 1..60 {
        let _ = writeln!(doubling, "let f{i} = || a{}; let a{i} = [f{i}, f{i}];", i - 1);
    }
    refused_with("closures that double", &format!("{doubling}fact(\"big\", INT, a59);"), "E005");
    let mut folded = String::from("let a0 = 1;\n");
    for i in 1..60 {
        let _ = writeln!(folded, "let a{i} = |firm| a{} == a{};", i - 1, i - 1);
    }
    harmless("conditions that double through captured closures", &format!("{folded}check(\"R\", a59);"));
}

#[test]
fn data_that_grows() {
    refused_with("a text that doubles", "let s = \"0123456789\"; for i in 0..64 { s += s; }", "E005");
    refused_with(
        "a text that doubles by interpolation",
        "let s = \"0123456789\"; for i in 0..64 { s = `${s}${s}`; }",
        "E005",
    );
    refused_with("an array that doubles", "let a = [1]; for i in 0..64 { a += a; }", "E005");
    refused_with("an array that nests", "let a = [1]; for i in 0..64 { a = [a, a]; }", "E005");
    refused_with("an array that nests deeply", "let a = [1]; for i in 0..100000 { a = [a]; }", "E005");
    refused_with("an array pushed into itself", "let a = [1]; for i in 0..64 { a.push(a); }", "E005");
    refused_with("a map that nests", "let m = #{}; for i in 0..64 { m = #{ a: m, b: m }; }", "E005");
    refused_with("a map that nests deeply", "let m = #{}; for i in 0..100000 { m = #{ a: m }; }", "E005");
    refused_with("a map with many keys", "let m = #{}; for i in 0..1000000 { m[`k${i}`] = i; }", "E005");
    refused_with(
        "a map with long keys",
        "let s = \"k\"; for i in 0..15 { s += s; } let m = #{}; for i in 0..100000 { m[s + i] = i; }",
        "E005",
    );
    refused_with("pad", "let a = []; a.pad(1000000000, 0);", "E043");
    refused_with(
        "pad of a text",
        "let s = \"a\"; s.pad(1000000000, \"ab\"); let r = \"a\"; r.pad(1000000000, 'b');",
        "E043",
    );
    harmless(
        "split",
        "let s = \"a,\"; for i in 0..14 { s += s; } let all = []; for i in 0..1000000 { all.push(s.split(\",\")); }",
    );
    harmless(
        "to_array, chars, bytes",
        "let s = \"ab\"; for i in 0..14 { s += s; } for i in 0..1000000 { s.to_array(); s.chars(); s.bytes(); }",
    );
    harmless("replace that grows", "let s = \"a\"; for i in 0..1000 { s.replace(\"a\", \"aaaaaaaa\"); }");
    harmless(
        "comparing long texts",
        "let s = \"ab\"; for i in 0..14 { s += s; } let r = s + \"x\"; for i in 0..1000000 { s == r; }",
    );
    harmless(
        "finding in long texts",
        "let s = \"ab\"; for i in 0..14 { s += s; } let r = s + \"x\"; for i in 0..1000000 { s.contains(r); s.index_of(r); }",
    );
    harmless(
        "looking through an array",
        "let a = []; for i in 0..4000 { a.push(i); } for i in 0..1000000 { a.contains(-1); a.len(); a[0] = i; }",
    );
    harmless(
        "comparing arrays",
        "let a = []; for i in 0..4000 { a.push(i); } let c = a; for i in 0..1000000 { a == c; }",
    );
    harmless(
        "dedup and sort",
        "let a = []; for i in 0..4000 { a.push(i % 7); } for i in 0..100000 { a.dedup(); a.sort(); a.reverse(); }",
    );
    harmless("numbers", "let x = 2.0; for i in 0..1000000 { x = x ** x; } let n = 2; for i in 0..100 { n *= n; }");
    refused_with("shifts", "1 << 9999999999; let n = 9223372036854775807; n + 1;", "E002");
}

#[test]
fn memory_in_many_variables() {
    let mut variables = String::from("let s = \"0123456789\"; for i in 0..12 { s += s; }\n");
    for i in 0..5_000 {
        let _ = writeln!(variables, "let v{i} = s + {i};");
    }
    refused_with("texts in variables", &variables, "E005");
    let mut arrays = String::from("let a = []; for i in 0..4500 { a.push(i); }\n");
    for i in 0..5_000 {
        let _ = writeln!(arrays, "let v{i} = a;");
    }
    refused_with("arrays in variables", &arrays, "E005");
    refused_with(
        "arrays in the variables of functions",
        "let a = []; for i in 0..4500 { a.push(i); }\nfn f(a, n) { let b = a; let c = a; let d = a; let e = a; if n > 0 { f(b, n - 1); f(c, n - 1); f(d, n - 1); f(e, n - 1) } }\nf(a, 20);",
        "E005",
    );
    refused_with(
        "arrays held by closures",
        "let a = []; for i in 0..4500 { a.push(i); } let all = []; for i in 0..4000 { let c = a; all.push(|| c); }",
        "E005",
    );
    refused_with(
        "literals held by functions",
        &format!(
            "fn f(n) {{ let a = [{}]; let b = [{}]; if n > 0 {{ f(n - 1); f(n - 1); }} a }}\nf(22);",
            "0,".repeat(4000),
            "0,".repeat(4000)
        ),
        "E005",
    );
    refused_with(
        "declarations with large bodies",
        "let a = []; for i in 0..4500 { a.push(i); } for i in 0..100000 { rule(\"R\" + i, #{ risk: a, finding: a, control: a, when: a }); }",
        "E005",
    );
    refused_with(
        "fields with large bodies",
        "let m = #{}; for i in 0..4000 { m[`k${i}`] = i; } let f = field(INT, m); let l = #{}; for i in 0..4000 { l[`f${i}`] = f; } list(\"l\", #{ en: \"L\", zh: \"列\", item: l });",
        "E005",
    );
    refused_with(
        "long ids",
        "let s = \"x\"; for i in 0..15 { s += s; } for i in 0..100000 { role(s + i, #{ en: s, zh: s }); }",
        "E005",
    );
}

#[test]
fn literals_that_are_large() {
    let row = |i: usize| format!("\"k{i}\": {i}.5,\n");
    let rows: String = (0..20_000).map(row).collect();
    refused_with(
        "a table of many rows",
        &format!("table(\"t\", #{{ en: \"T\", zh: \"表\", cite: own(\"x\"), rows: #{{ {rows} }} }});"),
        "E005",
    );
    let million: String = (0..1_000_000).map(row).collect();
    refused_with(
        "a table of a million rows",
        &format!("table(\"t\", #{{ en: \"T\", zh: \"表\", cite: own(\"x\"), rows: #{{ {million} }} }});"),
        "E005",
    );
    refused_with(
        "a table made by a loop",
        "let m = #{}; for i in 0..1000000 { m[`${i}`] = 1.0; } table(\"t\", #{ en: \"T\", zh: \"表\", cite: own(\"x\"), rows: m });",
        "E005",
    );
    refused_with("an array literal", &format!("let a = [{}];", "1,".repeat(200_000)), "E005");
    refused_with("a text literal", &format!("let s = \"{}\";", "x".repeat(200_000)), "E005");
    harmless("an identifier", &format!("let {} = 1;", "x".repeat(200_000)));
    refused_with(
        "a fact name",
        &format!("fact(\"{}\", INT, #{{ en: \"F\", zh: \"数\" }});", "x".repeat(60_000)),
        "E011",
    );
    let long = "x".repeat(30_000);
    harmless(
        "long unknown names",
        &format!(
            "{}{}",
            (0..8).map(|i| format!("fact(\"{long}{i}\", INT, #{{ en: \"F\", zh: \"数\" }});\n")).collect::<String>(),
            rule("R", &format!("|firm| firm.{long} > 1"))
        ),
    );
    harmless("a number", &format!("let n = {};", "9".repeat(100_000)));
    refused_with("two megabytes of comment", &"// nothing\n".repeat(200_000), "E005");
    refused_with("two megabytes on one line", &"1;".repeat(1_000_000), "E005");
    harmless("half a megabyte of calls", &"f();".repeat(120_000));
    harmless("half a megabyte of blocks", &"{}".repeat(240_000));
    harmless("half a megabyte of empty maps", &"#{};".repeat(120_000));
    harmless("half a megabyte of minus", &"-x;".repeat(160_000));
    harmless("half a megabyte of dots", &"x.y;".repeat(120_000));
    harmless("half a megabyte of texts", &"\"\";".repeat(160_000));
    harmless("half a megabyte of lets", &"let a=a;".repeat(60_000));
    harmless("half a megabyte of ifs", &"if a{}".repeat(80_000));
    harmless("half a megabyte of switches", &"switch a{}".repeat(48_000));
    harmless("half a megabyte of closures", &"|a|a;".repeat(90_000));
    harmless(
        "a map of equal keys",
        &format!("let m = #{{ {} }};", (0..20_000).map(|i| format!("{}{i}: 1,", "k".repeat(12))).collect::<String>()),
    );
    harmless(
        "maps up to the limit",
        &(0..7)
            .map(|m| {
                format!(
                    "let m{m} = #{{ {} }};\n",
                    (0..4_900)
                        .map(|i| format!("{i:04}kkkk: 1,").replace(':', "k:"))
                        .map(|key| format!("k{key}"))
                        .collect::<String>()
                )
            })
            .collect::<String>(),
    );
    let many: Vec<(String, String)> = (0..40).map(|i| (format!("s{i}.rhai"), "f();".repeat(120_000))).collect();
    assert!(load("a book of many large scripts", many).contains(&"E005"));
    let many: Vec<(String, String)> = (0..8).map(|i| (format!("s{i}.rhai"), "f();".repeat(120_000))).collect();
    assert!(!load("a book of several large scripts", many).is_empty());
    let many: Vec<(String, String)> =
        (0..2_000).map(|i| (format!("s{i}.rhai"), "for i in 0..1000000000 { }".to_owned())).collect();
    assert!(load("a book of many loops", many).contains(&"E005"));
    let keys = format!("fact(\"f\", INT, #{{ {}: [{}] }});", "k".repeat(30_000), "1,".repeat(4_900));
    harmless("long paths of keys", &keys);
    let mut deep = String::from("1");
    for _ in 0..20 {
        deep = format!("#{{ {}: {deep} }}", "k".repeat(2_000));
    }
    harmless("long paths of nested keys", &format!("fact(\"f\", INT, {deep});").repeat(10));
}

#[test]
fn nesting() {
    for (name, open, inside, close) in [
        ("parentheses", "(", "1", ")"),
        ("blocks", "{", "1", "}"),
        ("arrays", "[", "1", "]"),
        ("maps", "#{ a: ", "1", "}"),
        ("minus", "-", "x", ""),
        ("not", "!", "true", ""),
        ("plus", "1 + ", "1", ""),
        ("and", "true && ", "true", ""),
        ("power", "2 ** ", "2", ""),
        ("coalesce", "x ?? ", "1", ""),
        ("else if", "if x { 1 } else ", "{ 1 }", ""),
        ("if", "if true { ", "1", "}"),
        ("switch", "switch 1 { _ => ", "1", "}"),
        ("closures", "|x| ", "1", ""),
        ("calls", "f(", "1", ")"),
        ("index", "a[", "0", "]"),
        ("return", "return ", "1", ""),
        ("interpolation", "`${", "1", "}`"),
        ("for", "for i in [1] { ", "", "}"),
        ("comments", "/* ", "", " */"),
    ] {
        for times in [100, 10_000, 100_000 / open.len()] {
            let text = nested(open, inside, close, times);
            harmless(&format!("{times} nested {name}"), &format!("let v = {text};"));
            let codes = load(
                &format!("{times} nested {name} in a condition"),
                vec![("hostile.rhai".into(), format!("{HEAD}{}", rule("R", &format!("|firm| {text}"))))],
            );
            assert!(!codes.is_empty() || name == "comments", "{name}");
        }
    }
    condition("dots", &format!("firm{}", ".a".repeat(10_000)), "E005");
    condition("dots that may be empty", &format!("firm{}", "?.a".repeat(10_000)), "E005");
    condition("methods", &format!("firm.items{}.len() > 0", ".filter(|i| i.q > 0)".repeat(500)), "E005");
    condition("indexes", &format!("firm{}", "[0]".repeat(10_000)), "E005");
    condition(
        "closures inside closures",
        &format!("{}true{}", "firm.items.some(|i| ".repeat(5), ")".repeat(5)),
        "E053",
    );
    condition("a sum of many", &format!("{} > 0", vec!["firm.n"; 10_000].join(" + ")), "E005");
    condition("an `and` of many", &vec!["firm.b"; 10_000].join(" && "), "E005");
}

#[test]
fn declarations_without_end() {
    refused_with("rules in a loop", "for i in 0..100000 { check(\"R\" + i, |firm| firm.n > i); }", "E005");
    refused_with("facts in a loop", "for i in 0..10000000 { fact(`f${i}`, INT, #{ en: \"F\", zh: \"数\" }); }", "E005");
    refused_with("roles in a loop", "for i in 0..10000000 { role(`r${i}`, #{}); }", "E005");
    refused_with(
        "sectors in a loop",
        "for i in 0..10000000 { sector(`s${i}`, #{ name: #{ en: \"S\", zh: \"业\" } }); }",
        "E005",
    );
    refused_with("items in a loop", "for i in 0..10000000 { item(`i${i}`, #{ en: \"I\", zh: \"项\" }); }", "E005");
    refused_with(
        "wrong declarations in a loop",
        "for i in 0..10000000 { fact(\"Wrong \" + i, INT, #{ eng: 1, zhe: 2, min: \"x\" }); }",
        "E005",
    );
    harmless(
        "rules with large conditions",
        &format!(
            "fn f(firm) {{ {} }}\nfor i in 0..2000 {{ check(\"R\" + i, |firm| f(firm) > i); }}",
            vec!["firm.n"; 40].join(" + ")
        ),
    );
    harmless(
        "rules that name unknown roles",
        "for i in 0..3000 { role(`r${i}abcdefghijklmnopqrstuvwxyz`, #{ en: \"R\", zh: \"岗\" }); } for i in 0..3000 { rule(`R${i}`, #{ owner: `q${i}bcdefghijklmnopqrstuvwxyzz` }); }",
    );
    harmless(
        "conditions that name unknown facts",
        "for i in 0..3000 { fact(`f${i}abcdefghijklmnopqrstuvwxyz`, INT, #{ en: \"R\", zh: \"岗\" }); } for i in 0..3000 { let n = `q${i}bcdefghijklmnopqrstuvwxyzz`; check(`R${i}`, |firm| firm[n] > 1); }",
    );
    harmless(
        "citations in plenty",
        "for i in 0..3000 { document(`D${i}`, #{ title: \"T\", number: \"N\" }); } let c = []; for i in 0..3000 { c.push(cite(`D${i}`, \"a\", READ)); } for i in 0..3000 { rule(`R${i}`, #{ cite: c }); }",
    );
    harmless(
        "sectors that take over a large part again and again",
        "part(\"p\", #{ name: #{ en: \"P\", zh: \"部\" } });\nfor i in 0..2000 { check(`R${i}`, |firm| firm.n > i); }\nfor i in 0..4000 { sector(`s${i}`, #{ name: #{ en: \"S\", zh: \"业\" }, uses: [\"p\", \"p\", \"p\"] }); }",
    );
    harmless(
        "a closure of a long text in many rules",
        &format!("for i in 0..3000 {{ check(`R${{i}}`, |firm| /* {} */ firm.n > i); }}", "x".repeat(300_000)),
    );
    harmless(
        "parameters that begin too late",
        "let v = []; for i in 0..100 { parameter(`p${i}`, INT, #{ en: \"P\", zh: \"参\", values: [#{ since: date(2030, 1, 1), value: 1, cite: own(\"x\") }] }); } fn f(firm) { param(\"p1\") + param(\"p2\") + param(\"p3\") } for i in 0..3000 { check(`R${i}`, |firm| f(firm) > firm.n + i); }",
    );
    harmless(
        "measures that read each other",
        &(0..3_000)
            .map(|i| {
                format!(
                    "measure(\"m{i}\", INT, #{{ en: \"M\", zh: \"量\", value: |firm| firm.m{} + firm.m{} }});\n",
                    i + 1,
                    i + 1
                )
            })
            .collect::<String>(),
    );
    harmless(
        "measures that read the one before",
        &(0..2_000)
            .map(|i| {
                format!(
                    "measure(\"m{i}\", INT, #{{ en: \"M\", zh: \"量\", value: |firm| {} }});\n",
                    if i == 0 { "firm.n".to_owned() } else { format!("firm.m{} + firm.m{}", i - 1, i - 1) }
                )
            })
            .collect::<String>(),
    );
}

#[test]
fn functions_without_end() {
    let functions: String = (0..10_000).map(|i| format!("fn f{i}() {{ {i} }}\n")).collect();
    refused_with("ten thousand functions", &functions, "E005");
    let functions: String = (0..1_900).map(|i| format!("fn f{i}(a) {{ a + {i} }}\n")).collect();
    harmless("as many functions as there may be", &functions);
    let closures: String = (0..1_900).map(|i| format!("let a = |a| a + {i};\n")).collect();
    harmless("as many closures as there may be", &closures);
    let twice = |times: usize| -> String {
        (0..times).map(|i| format!("fn f{i}(firm) {{ f{}(firm) + f{}(firm) }}\n", i + 1, i + 1)).collect()
    };
    refused_with(
        "each function calls the next twice",
        &format!("{}fn f22(firm) {{ firm.n }}\n{}", twice(22), rule("R", "|firm| f0(firm) > 1")),
        "E054",
    );
    refused_with(
        "a thousand such functions",
        &format!("{}fn f1000(firm) {{ firm.n }}\n{}", twice(1_000), rule("R", "|firm| f0(firm) > 1")),
        "E005",
    );
    let chain: String = (0..1_500).map(|i| format!("fn f{i}(firm) {{ f{}(firm) }}\n", i + 1)).collect();
    refused_with(
        "a long chain of functions",
        &format!("{chain}fn f1500(firm) {{ firm.n }}\n{}", rule("R", "|firm| f0(firm) > 1")),
        "E005",
    );
    let deep: String = (0..20)
        .map(|i| format!("fn f{i}(firm) {{ {}f{}(firm){} }}\n", "(1 + ".repeat(15), i + 1, ")".repeat(15)))
        .collect();
    harmless(
        "deep expressions in a chain of functions",
        &format!("{deep}fn f20(firm) {{ firm.n }}\n{}", rule("R", "|firm| f0(firm) > 1")),
    );
    harmless(
        "as many rules with such functions",
        &format!(
            "{}fn f12(firm) {{ firm.n }}\nfor i in 0..3000 {{ check(`R${{i}}`, |firm| f0(firm) > i); }}",
            twice(12)
        ),
    );
    harmless(
        "recursion in a condition",
        &format!("fn f(firm) {{ f(firm) + f(firm) }}\n{}", rule("R", "|firm| f(firm) > 1")),
    );
    let parameters: String = (0..20_000).map(|i| format!("parameter_{i},")).collect();
    refused_with("a function of many parameters", &format!("fn f({parameters}) {{ 1 }}"), "E005");
    refused_with("a closure of many parameters", &format!("let f = |{parameters}| 1;"), "E005");
    refused_with("a call of many names", &format!("f({parameters} 1);"), "E005");
    refused_with("many names", &(0..30_000).map(|i| format!("let v{i}=z;")).collect::<String>(), "E005");
    let lets: String = (0..1_900)
        .map(|i| format!("let v{i} = firm.n + v{};", if i == 0 { "w".to_owned() } else { (i - 1).to_string() }))
        .collect();
    harmless("a condition of many lets", &rule("R", &format!("|firm| {{ let vw = 1; {lets} v1899 > 1 }}")));
    let lets: String = (0..1_900).map(|i| format!("let v{i} = a;")).collect();
    harmless(
        "a condition of many lets that reach back",
        &rule("R", &format!("|firm| {{ let a = firm.n; {lets} v1899 > 1 }}")),
    );
    let flat: String = (0..1_900)
        .map(|i| format!("let v{i} = v{} && firm.n > {i};", if i == 0 { "w".to_owned() } else { (i - 1).to_string() }))
        .collect();
    harmless("an `and` that grows by lets", &rule("R", &format!("|firm| {{ let vw = firm.b; {flat} v1899 }}")));
    let arms: String = (0..20_000).map(|i| format!("{i} => true,")).collect();
    harmless("a huge switch", &rule("R", &format!("|firm| switch firm.n {{ {arms} _ => false }}")));
    let ranges: String = (0..10_000).map(|i| format!("{i}..{} => true,", i + 1)).collect();
    harmless("a huge switch of ranges", &rule("R", &format!("|firm| switch firm.n {{ {ranges} _ => false }}")));
    harmless(
        "captured arrays looked through",
        "let a = []; for i in 0..4900 { a.push(i); } for i in 0..1000 { check(`R${i}`, |firm| firm.n + i in a); }",
    );
    harmless(
        "captured texts looked through",
        "let a = []; for i in 0..4900 { a.push(`t${i}`); } for i in 0..150 { check(`R${i}`, |firm| firm.t in a && firm.n > i); }",
    );
    harmless(
        "a captured map of maps",
        "let m = #{}; for i in 0..60 { m[`k${i}`] = #{}; for j in 0..60 { m[`k${i}`][`j${j}`] = j; } } for i in 0..200 { check(`R${i}`, |firm| m.k1.j1 + m.k2.j2 + m.k3.j3 > firm.n); }",
    );
}

#[test]
fn odd_characters_and_words() {
    harmless("a NUL", "let a = \"\0\"; \0");
    harmless("control characters", "let a\u{7} = 1; \u{1b}[31m \u{200b} \u{feff}");
    harmless("a byte order mark", "\u{feff}let a = 1;");
    harmless("emoji", "let 🎆 = 1; fact(\"🎆\", INT, #{ en: \"🎆\", zh: \"🎆\" });");
    harmless("right to left", "let \u{202e}a = 1; no_such_\u{202e}();");
    harmless("marks that join", &format!("let a{} = 1; x", "\u{301}".repeat(10_000)));
    harmless("only carriage returns", &"let a = 1;\r".repeat(1_000));
    harmless("an open text", "let a = \"");
    harmless("an open comment", "/* ");
    harmless("an open raw text", "let a = `${");
    harmless("a hash bang", "#!/bin/sh\nrm -rf /");
    for (name, text) in [
        ("eval", "eval(\"1\");"),
        ("print", "print(\"x\");"),
        ("debug", "debug(\"x\");"),
        ("Fn", "Fn(\"check\");"),
        ("call", "call(|| 1);"),
        ("try", "try { 1 } catch { 2 }"),
    ] {
        refused_with(name, text, "E001");
    }
    for (name, text) in [
        ("sleep", "sleep(10);"),
        ("sleep a little", "sleep(2.5);"),
        ("timestamp", "timestamp();"),
        ("exit", "exit();"),
        ("rand", "rand();"),
        ("open_file", "open_file(\"/etc/passwd\");"),
    ] {
        refused_with(name, text, "E043");
    }
    harmless("reflection", "is_def_fn(\"check\", 2); is_def_var(\"x\"); type_of(1); tag(1); get_fn_metadata_list();");
    harmless("this", "this.x = 1;");
    harmless("exports", "export const A = 1; let b = 2; export b as c;");
    harmless("global", "const A = [1]; fn f() { global::A } for i in 0..1000000 { f(); }");
}

#[test]
fn imports() {
    let one = |text: &str| vec![("a.rhai".to_owned(), text.to_owned())];
    assert!(load("itself", one("import \"a\" as a;")).contains(&"E004"));
    assert!(load("unknown", one("import \"b\" as b;")).contains(&"E003"));
    assert!(load("a file", one("import \"/etc/passwd\" as b; import \"../../a\" as c;")).contains(&"E003"));
    assert!(load("a computed name", one("let n = \"a\"; import n + \"\" as b;")).contains(&"E003"));
    let ring: Vec<(String, String)> =
        (0..12).map(|i| (format!("s{i:03}.rhai"), format!("import \"s{:03}\" as next;", (i + 1) % 12))).collect();
    assert!(load("a ring", ring).contains(&"E004"));
    let chain: Vec<(String, String)> = (0..3_000)
        .map(|i| {
            (
                format!("s{i:04}.rhai"),
                if i < 2_999 { format!("import \"s{:04}\" as next;", i + 1) } else { String::new() },
            )
        })
        .collect();
    assert!(load("a long chain", chain).contains(&"E005"));
    let all: Vec<(String, String)> = (0..60)
        .map(|i| (format!("s{i:02}.rhai"), (i + 1..60).map(|j| format!("import \"s{j:02}\" as s{j};\n")).collect()))
        .collect();
    load("each imports all after it", all);
    let layers: Vec<(String, String)> = (0..15)
        .flat_map(|layer| {
            (0..20).map(move |i| {
                let text =
                    (0..20).map(|j| format!("import \"s{:02}x{j:02}\" as s{j};\n", layer + 1)).collect::<String>();
                (format!("s{layer:02}x{i:02}.rhai"), if layer < 14 { text } else { String::from("fn f() { 1 }") })
            })
        })
        .collect();
    load("layers that each import all of the next", layers);
    assert!(load("in a loop", one("for i in 0..1000000000 { import \"b\" as b; }")).contains(&"E005"));
    let names: Vec<(String, String)> =
        (0..900).map(|i| (format!("s{i:04}.rhai"), format!("import \"nothing{i}\" as x;"))).collect();
    assert!(load("many unknown", names).contains(&"E003"));
}

#[test]
fn bands_and_scores() {
    let bands: String = (0..4_000).map(|i| format!("#{{ tier: RED, from: {i}, below: {} }},", i + 1)).collect();
    harmless(
        "bands in plenty",
        &format!(
            "sector(\"z\", #{{ name: #{{ en: \"Z\", zh: \"业\" }}, score: #{{ base: 100, bands: [{bands}] }} }});"
        ),
    );
    harmless(
        "items and rules in plenty",
        "sector(\"z\", #{ name: #{ en: \"Z\", zh: \"业\" }, score: #{ base: 100, bands: [#{ tier: RED }] } });\nfor i in 0..2000 { item(`i${i}`, #{ en: \"I\", zh: \"项\", lowest: -1 }); }\nfor i in 0..2000 { rule(`P${i}`, #{ risk: #{ en: \"R\", zh: \"险\" }, finding: #{ en: \"F\", zh: \"题\" }, control: #{ en: \"C\", zh: \"施\" }, when: |firm| firm.n > i, item: `i${i}`, deduct: 1, cite: own(\"x\"), since: date(2020, 1, 1), owner: \"principal\", days: 1 }); }",
    );
}

/// A list that a firm sends may be as long as it likes: comparing every item with every other ends where it would cost
/// too much, and what that would have said stays open. Comparing those of equal value goes on.
#[test]
fn lists_too_long_to_compare() {
    let rules = rule("R-ALL", "|firm| firm.items.some(|a| firm.items.count(|b| b.q < a.q) > 900000)")
        + rule("R-SAME", "|firm| firm.items.some(|a| firm.items.count(|b| b.k == a.k) > 1)").as_str();
    let book = RuleBook::from_sources([("hostile.rhai", format!("{HEAD}{rules}"))]).unwrap();
    let grader = book.as_of("2026-11-01".parse().unwrap());
    let firm = |len: usize, twice: bool| {
        let key = |at: usize| if twice && at == len - 1 { 0 } else { at };
        let items: Vec<serde_json::Value> =
            (0..len).map(|at| serde_json::json!({ "q": at, "k": format!("k{}", key(at)) })).collect();
        serde_json::json!({ "sector": "s", "items": items })
    };
    for (len, too_long) in [(1000, false), (1001, true), (100_000, true)] {
        for twice in [false, true] {
            let firm = firm(len, twice);
            let (grade, peak) = peak_of(|| grader.grade_value(&firm).unwrap());
            let sector = &grade.sectors[0];
            let fired: Vec<&str> = sector.fired.iter().map(|fired| &*fired.rule).collect();
            let open: Vec<&str> = sector.undetermined.iter().map(|open| &*open.rule).collect();
            assert_eq!(fired, if twice { vec!["R-SAME"] } else { vec![] }, "{len} items");
            assert_eq!(open, if too_long { vec!["R-ALL"] } else { vec![] }, "{len} items");
            if too_long {
                assert_eq!(sector.faults[0].kind, risktier::FaultKind::TooManyPairs);
            }
            println!("{len} items: {:.1} MB of heap", peak as f64 / 1048576.0);
            assert!(peak < 4 * MEMORY, "{len} items: {} MB", peak >> 20);
        }
    }
}
