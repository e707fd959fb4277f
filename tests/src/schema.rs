//! The facts, tables, parameters and functions that every generated book declares.

use crate::expr::{E, Ty, V};

pub struct FactSpec {
    pub name: &'static str,
    pub ty: Ty,
    /// What stands in the declaration after the labels.
    pub more: &'static str,
    pub one_of: &'static [&'static str],
    pub limits: Option<(f64, f64)>,
    pub absent: Option<V>,
}

const fn fact(name: &'static str, ty: Ty) -> FactSpec {
    FactSpec { name, ty, more: "", one_of: &[], limits: None, absent: None }
}

const LEVELS: &[&str] = &["none", "level 1", "level 2", "重大"];
const LEVELS_TEXT: &str = r#", one_of: ["none", "level 1", "level 2", "重大"]"#;

pub static FACTS: &[FactSpec] = &[
    fact("b0", Ty::Bool),
    fact("b1", Ty::Bool),
    fact("b2", Ty::Bool),
    fact("n0", Ty::Int),
    fact("n1", Ty::Int),
    fact("n2", Ty::Int),
    FactSpec { more: ", min: 0, max: 100", limits: Some((0.0, 100.0)), ..fact("n_lim", Ty::Int) },
    fact("f0", Ty::Float),
    fact("f1", Ty::Float),
    fact("f2", Ty::Float),
    FactSpec { more: ", min: 0.0, max: 1000.0", limits: Some((0.0, 1000.0)), ..fact("f_lim", Ty::Float) },
    fact("t0", Ty::Text),
    fact("t1", Ty::Text),
    FactSpec { more: LEVELS_TEXT, one_of: LEVELS, ..fact("k0", Ty::Text) },
    FactSpec { more: LEVELS_TEXT, one_of: LEVELS, ..fact("k1", Ty::Text) },
    fact("d0", Ty::Date),
    fact("d1", Ty::Date),
    FactSpec { more: ", absent: false", absent: Some(V::Bool(false)), ..fact("ab", Ty::Bool) },
    FactSpec { more: ", absent: 3", absent: Some(V::Int(3)), ..fact("an", Ty::Int) },
    FactSpec { more: ", absent: 0.5", absent: Some(V::Float(0.5)), ..fact("af", Ty::Float) },
];

pub struct ListSpec {
    pub name: &'static str,
    pub fields: &'static [FactSpec],
}

pub static LISTS: &[ListSpec] = &[
    ListSpec {
        name: "inv",
        fields: &[
            fact("cas", Ty::Text),
            FactSpec { more: ", min: 0.0", limits: Some((0.0, f64::MAX)), ..fact("tonnes", Ty::Float) },
            fact("n", Ty::Int),
            fact("on", Ty::Bool),
            fact("day", Ty::Date),
            FactSpec { more: LEVELS_TEXT, one_of: LEVELS, ..fact("kind", Ty::Text) },
        ],
    },
    ListSpec {
        name: "tasks",
        fields: &[
            fact("hours", Ty::Float),
            fact("done", Ty::Bool),
            FactSpec { more: ", min: -5, max: 2000000", limits: Some((-5.0, 2_000_000.0)), ..fact("persons", Ty::Int) },
            fact("due", Ty::Date),
            FactSpec { more: ", absent: false", absent: Some(V::Bool(false)), ..fact("late", Ty::Bool) },
        ],
    },
];

pub fn fact_index(name: &str) -> usize {
    FACTS.iter().position(|fact| fact.name == name).unwrap()
}

/// Tables: name, key, value, rows or ranges.
pub enum Rows {
    Text(&'static [(&'static str, V)]),
    Ranges(&'static [(Option<f64>, Option<f64>, V)]),
}

pub struct TableSpec {
    pub name: &'static str,
    pub ty: Ty,
    pub rows: Rows,
}

pub static TABLES: &[TableSpec] = &[
    TableSpec {
        name: "weight",
        ty: Ty::Float,
        rows: Rows::Text(&[
            ("none", V::Float(0.0)),
            ("level 1", V::Float(0.7)),
            ("level 2", V::Float(12.5)),
            ("重大", V::Float(1e6)),
            ("", V::Float(-1.0)),
        ]),
    },
    TableSpec {
        name: "rank",
        ty: Ty::Int,
        rows: Rows::Text(&[("none", V::Int(0)), ("level 1", V::Int(1)), ("重大", V::Int(9))]),
    },
    TableSpec {
        name: "toxic",
        ty: Ty::Bool,
        rows: Rows::Text(&[("ab", V::Bool(true)), ("abc", V::Bool(false)), ("none", V::Bool(true))]),
    },
    TableSpec {
        name: "alpha",
        ty: Ty::Float,
        rows: Rows::Ranges(&[
            (None, Some(1.0), V::Float(0.5)),
            (Some(1.0), Some(30.0), V::Float(1.0)),
            (Some(30.0), Some(50.0), V::Float(1.2)),
            (Some(100.0), None, V::Float(2.0)),
        ]),
    },
    TableSpec {
        name: "grade",
        ty: Ty::Int,
        rows: Rows::Ranges(&[
            (None, Some(0.0), V::Int(-1)),
            (Some(0.0), Some(0.3), V::Int(0)),
            (Some(0.3), None, V::Int(7)),
        ]),
    },
];

/// Parameters, with the value in force on the grading date of the tests.
pub static PARAMETERS: &[(&str, Ty, &str, V)] = &[
    (
        "p_int",
        Ty::Int,
        "#{ since: date(2000, 1, 1), value: 7, cite: own(\"t\") }, #{ since: date(2020, 1, 1), value: 5, cite: own(\"t\") }, #{ since: date(2030, 1, 1), value: 6, cite: own(\"t\") }",
        V::Int(5),
    ),
    ("p_float", Ty::Float, "#{ since: date(2000, 1, 1), value: 0.3, cite: own(\"t\") }", V::Float(0.3)),
];

/// The grading date: 2026-11-01.
pub const AS_OF: i32 = 20_758;

pub struct FnSpec {
    pub name: &'static str,
    /// As a script of the book writes it.
    pub text: &'static str,
    pub params: &'static [(&'static str, Ty)],
    pub ty: Ty,
    pub body: fn() -> E,
}

fn var(name: &str) -> Box<E> {
    Box::new(E::Var(name.into()))
}

fn lit(value: V) -> Box<E> {
    Box::new(E::Lit(value))
}

/// Functions of the pack, written as a person would, and what they mean.
pub static FUNCTIONS: &[FnSpec] = &[
    FnSpec {
        name: "scale",
        text: "fn scale(x, y) { let half = x / 2.0; half * y + 1.0 }",
        params: &[("x", Ty::Float), ("y", Ty::Float)],
        ty: Ty::Float,
        body: || {
            let half = E::Bin("/", var("x"), lit(V::Float(2.0)));
            E::Let(
                "half".into(),
                Box::new(half),
                Box::new(E::Bin("+", Box::new(E::Bin("*", var("half"), var("y"))), lit(V::Float(1.0)))),
            )
        },
    },
    FnSpec {
        name: "choose",
        text: "fn choose(b, x, y) { if b { return x; } y }",
        params: &[("b", Ty::Bool), ("x", Ty::Int), ("y", Ty::Int)],
        ty: Ty::Int,
        body: || E::If(var("b"), var("x"), var("y")),
    },
    FnSpec {
        name: "soon",
        text: "fn soon(d) { d - AS_OF in 0..30 }",
        params: &[("d", Ty::Date)],
        ty: Ty::Bool,
        body: || {
            let days = E::Bin("-", var("d"), Box::new(E::AsOf));
            E::InRange(Box::new(days), lit(V::Int(0)), lit(V::Int(30)), false)
        },
    },
    FnSpec {
        name: "level",
        text: "fn level(t) { switch t { \"none\" => 0, \"level 1\" | \"level 2\" => 1, _ => 2 } }",
        params: &[("t", Ty::Text)],
        ty: Ty::Int,
        body: || {
            let equal = |text: &'static str| E::Bin("==", var("t"), lit(V::Text(text)));
            let some = E::Bin("||", Box::new(equal("level 1")), Box::new(equal("level 2")));
            E::If(
                Box::new(equal("none")),
                lit(V::Int(0)),
                Box::new(E::If(Box::new(some), lit(V::Int(1)), lit(V::Int(2)))),
            )
        },
    },
];
