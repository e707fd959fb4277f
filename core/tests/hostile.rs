//! Scripts that try to hang or exhaust their reader are refused with a clear error, in bounded memory.
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
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use risktier::RuleBook;

/// Counts what is allocated, and the most that ever was.
struct Counting;

static NOW: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: hands everything through to the system's allocator and only counts.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = NOW.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        PEAK.fetch_max(now, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const MOST: usize = 100 << 20;

/// A whole book around a condition and the functions that it calls.
fn condition(functions: &str, when: &str) -> String {
    format!(
        r#"{functions}
        sector("s", #{{ name: #{{ en: "a", zh: "b" }} }});
        fact("n", INT, #{{ en: "a", zh: "b" }});
        list("items", #{{ en: "a", zh: "b", item: #{{ x: field(INT, #{{ en: "a", zh: "b" }}) }} }});
        role("p", #{{ en: "a", zh: "b" }});
        rule("R", #{{ risk: #{{ en: "a", zh: "b" }}, finding: #{{ en: "a", zh: "b" }}, control: #{{ en: "a", zh: "b" }},
            when: |firm| {when}, tier: RED, cite: own("x"), since: date(2020, 1, 1), owner: "p", days: 1 }});"#
    )
}

fn cases() -> Vec<(&'static str, String, &'static str)> {
    let many = |part: &str, times: usize| part.repeat(times);
    let number = |from: usize, to: usize, part: &dyn Fn(usize) -> String| (from..to).map(part).collect::<String>();
    vec![
        ("endless loop", "for i in 0..1000000000 { }".into(), "E005"),
        ("loop words", "while true { }".into(), "E001"),
        ("recursion", "fn f(x) { f(x) } f(1);".into(), "E005"),
        ("mutual recursion", "fn f(x) { g(x) } fn g(x) { f(x) } f(1);".into(), "E005"),
        ("recursion through closures", "let f = |g, x| g.call(g, x); f.call(f, 1);".into(), "E001"),
        ("text that doubles", "let s = \"aaaaaaaa\"; for i in 0..60 { s += s; }".into(), "E005"),
        ("array that doubles", "let a = [1, 2]; for i in 0..60 { a += a; }".into(), "E005"),
        ("padded text", "let s = \"a\"; s.pad(1000000000, \"b\");".into(), "E005"),
        ("padded array", "let a = []; a.pad(100000000, 1);".into(), "E005"),
        ("map of maps", "let m = #{}; for i in 0..100000 { m = #{ a: m, b: m }; }".into(), "E005"),
        (
            "memory in many variables",
            number(0, 3000, &|i| format!("let a{i} = []; a{i}.pad(10000, \"yyyyyyyy\");")),
            "E005",
        ),
        ("deep brackets", format!("let x = {}1{};", many("(", 20_000), many(")", 20_000)), "E005"),
        ("deep arrays", format!("let x = {}{};", many("[", 20_000), many("]", 20_000)), "E005"),
        ("deep maps", format!("let x = {}1{};", many("#{a:", 20_000), many("}", 20_000)), "E005"),
        ("deep blocks", format!("{}{}", many("{", 20_000), many("}", 20_000)), "E005"),
        ("many minus signs", format!("let x = {}1;", many("-", 20_000)), "E001"),
        ("many not signs", format!("let x = {}true;", many("!", 20_000)), "E005"),
        ("long chain of dots", format!("let x = a{};", many(".b", 20_000)), "E005"),
        ("long else if", format!("if a {{ 1 }} {}", many("else if a { 1 } ", 20_000)), "E005"),
        ("long sum", format!("let x = 1{};", many(" + 1", 20_000)), "E005"),
        ("table of a million rows", "let m = #{}; for i in 0..1000000 { m[\"k\" + i] = i; }".into(), "E005"),
        ("a hundred thousand rules", "for i in 0..100000 { rule(\"R\" + i, #{}); }".into(), "E016"),
        (
            "ten million facts",
            "for i in 0..10000000 { fact(\"f\" + i, INT, #{ en: \"a\", zh: \"b\" }); }".into(),
            "E005",
        ),
        ("ten thousand functions", number(0, 10_000, &|i| format!("fn f{i}(x) {{ x }}\n")), "E005"),
        ("a script of two megabytes", format!("// {}", many("x", 2_000_000)), "E005"),
        ("control characters", "let x = 1;\u{0} \u{1} let y = 2;".into(), "E001"),
        ("sleep", "sleep(100);".into(), "E043"),
        ("eval", "eval(\"1\");".into(), "E001"),
        ("the clock", "timestamp();".into(), "E043"),
        ("exit", "exit(0);".into(), "E043"),
        ("import of itself", "import \"hostile\" as h;".into(), "E004"),
        (
            "functions that call the next twice",
            condition(
                &format!(
                    "fn f0(x) {{ x + 1 }}\n{}",
                    number(1, 40, &|i| format!("fn f{i}(x) {{ f{p}(x) + f{p}(x + {i}) }}\n", p = i - 1))
                ),
                "f39(firm.n) > 3",
            ),
            "E054",
        ),
        (
            "functions inside functions",
            condition(
                &format!(
                    "fn f0(x) {{ x + 1 }}\n{}",
                    number(1, 500, &|i| format!("fn f{i}(x) {{ f{}(x) + 1 }}\n", i - 1))
                ),
                "f499(firm.n) > 3",
            ),
            "E005",
        ),
        ("recursion in a condition", condition("fn f(x) { f(x - 1) }", "f(firm.n) > 3"), "E050"),
        (
            "closures inside closures",
            condition("", "firm.items.some(|a| firm.items.some(|b| firm.items.some(|c| a.x + b.x + c.x > 3)))"),
            "E053",
        ),
    ]
}

#[test]
fn hostile_scripts_are_refused_in_little_memory() {
    for (name, script, code) in cases() {
        let before = NOW.load(Ordering::Relaxed);
        PEAK.store(before, Ordering::Relaxed);
        let (send, receive) = mpsc::channel();
        // The stack of an ordinary thread.
        let thread = thread::Builder::new().stack_size(2 << 20).spawn(move || {
            let result = RuleBook::from_sources([("hostile.rhai", script)]);
            let codes: Vec<&str> = match &result {
                Ok(_) => Vec::new(),
                Err(error) => error.diagnostics().iter().map(|one| one.code()).collect(),
            };
            send.send(codes).unwrap();
        });
        // Only against a hang; how long it takes is measured in the benchmarks.
        let codes = receive.recv_timeout(Duration::from_secs(60)).unwrap_or_else(|_| panic!("{name}: hangs"));
        thread.unwrap().join().unwrap();
        let peak = PEAK.load(Ordering::Relaxed).saturating_sub(before);
        assert!(codes.contains(&code), "{name}: {codes:?}");
        assert!(peak < MOST, "{name}: {} MB", peak >> 20);
    }
}

#[test]
fn a_long_condition_is_not_a_deep_one() {
    let lets: String = (1..9_000).map(|i| format!("let x{i} = x{} + {i}; ", i - 1)).collect();
    let book =
        RuleBook::from_sources([("long.rhai", condition("", &format!("{{ let x0 = firm.n; {lets} x8999 > 3 }}")))]);
    let grader = book.unwrap().as_of(risktier::Date::new(2026, 1, 1).unwrap());
    let known = grader.grade_json(r#"{"sector": "s", "n": 1}"#).unwrap();
    assert_eq!(known.sectors[0].fired.len(), 1);
    let unknown = grader.grade_json(r#"{"sector": "s"}"#).unwrap();
    assert_eq!(&*unknown.missing[0].fact, "n");
}
