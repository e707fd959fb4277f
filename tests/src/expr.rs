//! Conditions of the rule language, as a tree, and as the text that an author would write.

use risktier::Date;

use crate::schema::{FACTS, FUNCTIONS, LISTS, PARAMETERS, TABLES};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ty {
    Bool,
    Int,
    Float,
    Text,
    Date,
}

impl Ty {
    pub fn mark(self) -> &'static str {
        match self {
            Ty::Bool => "BOOL",
            Ty::Int => "INT",
            Ty::Float => "FLOAT",
            Ty::Text => "TEXT",
            Ty::Date => "DATE",
        }
    }
}

/// A value, or the lack of one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum V {
    Unknown,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(&'static str),
    Date(i32),
}

/// A list, as a value.
#[derive(Debug, Clone)]
pub enum L {
    Base(usize),
    /// Items for which a closure holds; the name of its parameter.
    Filter(Box<L>, String, Box<E>),
    Var(String),
}

#[derive(Debug, Clone)]
pub enum E {
    Lit(V),
    AsOf,
    Fact(usize),
    /// A measure of the book.
    Measure(usize, Ty),
    /// Of the item that a name stands for: list and field.
    Field(String, usize, usize),
    Var(String),
    Param(usize),
    /// `!`, `-`, or a function or method of one operand.
    Un(&'static str, Box<E>),
    /// An operator, or `min` or `max`.
    Bin(&'static str, Box<E>, Box<E>),
    InList(Box<E>, Vec<E>),
    /// Whether the end belongs to it.
    InRange(Box<E>, Box<E>, Box<E>, bool),
    /// `starts_with`, `ends_with`, `contains`, or `in` with the sides exchanged.
    TextTest(&'static str, Box<E>, Box<E>),
    If(Box<E>, Box<E>, Box<E>),
    Switch(Box<E>, Vec<Arm>, Box<E>),
    Let(String, Box<E>, Box<E>),
    LetList(String, L, Box<E>),
    Coalesce(Vec<E>),
    Known(Box<E>),
    KnownList(usize),
    Lookup(usize, Box<E>),
    Call(usize, Vec<E>),
    /// `some`, `all`, `sum` (of floats: `sum_f`), `count`, `max`, `min`, with a closure; `len`, `count`, `is_empty` without.
    Agg(&'static str, L, Option<(String, Box<E>)>),
}

#[derive(Debug, Clone)]
pub struct Arm {
    pub literals: Vec<V>,
    pub range: Option<(i64, i64, bool)>,
    pub guard: Option<E>,
    pub value: E,
}

pub fn float_text(value: f64) -> String {
    let text = format!("{:?}", value.abs());
    let text = match text.split_once('e') {
        Some((digits, power)) if !digits.contains('.') => format!("{digits}.0e{power}"),
        _ => text,
    };
    if value.is_sign_negative() { format!("(-{text})") } else { text }
}

pub fn literal(value: &V) -> String {
    match value {
        V::Unknown => "()".into(),
        V::Bool(value) => value.to_string(),
        V::Int(value) if *value < 0 => format!("({value})"),
        V::Int(value) => value.to_string(),
        V::Float(value) => float_text(*value),
        V::Text(value) => format!("\"{value}\""),
        V::Date(value) => {
            let text = Date::from_days(i64::from(*value)).unwrap().to_string();
            let parts: Vec<i64> = text.split('-').map(|part| part.parse().unwrap()).collect();
            format!("date({}, {}, {})", parts[0], parts[1], parts[2])
        }
    }
}

impl L {
    pub fn text(&self) -> String {
        match self {
            L::Base(list) => format!("firm.{}", LISTS[*list].name),
            L::Filter(list, name, keep) => format!("{}.filter(|{name}| {})", list.text(), keep.text()),
            L::Var(name) => name.clone(),
        }
    }
}

impl E {
    /// As a rule script has it.
    pub fn script(&self) -> String {
        self.text().replace(".sum_f(", ".sum(")
    }

    /// With a name of its own for sums of floats, which an empty list cannot tell from others.
    pub fn text(&self) -> String {
        match self {
            E::Lit(value) => literal(value),
            E::AsOf => "AS_OF".into(),
            E::Fact(fact) => format!("firm.{}", FACTS[*fact].name),
            E::Measure(measure, _) => format!("firm.m{measure}"),
            E::Field(item, list, field) => format!("{item}.{}", LISTS[*list].fields[*field].name),
            E::Var(name) => name.clone(),
            E::Param(param) => format!("param(\"{}\")", PARAMETERS[*param].0),
            E::Un(op @ ("!" | "-"), a) => format!("{op}({})", a.text()),
            E::Un(op @ ("abs" | "to_int" | "to_float"), a) => format!("{op}({})", a.text()),
            E::Un(op, a) => format!("({}).{op}()", a.text()),
            E::Bin(op @ ("min" | "max"), a, b) => format!("{op}({}, {})", a.text(), b.text()),
            E::Bin(op, a, b) => format!("({} {op} {})", a.text(), b.text()),
            E::InList(a, items) => {
                let items: Vec<String> = items.iter().map(E::text).collect();
                format!("({} in [{}])", a.text(), items.join(", "))
            }
            E::InRange(a, from, to, inclusive) => {
                format!("({} in {}{}{})", a.text(), from.text(), if *inclusive { "..=" } else { ".." }, to.text())
            }
            E::TextTest("in", a, part) => format!("({} in {})", part.text(), a.text()),
            E::TextTest(test, a, part) => format!("({}).{test}({})", a.text(), part.text()),
            E::If(c, a, b) => format!("(if {} {{ {} }} else {{ {} }})", c.text(), a.text(), b.text()),
            E::Switch(on, arms, otherwise) => {
                let mut text = format!("(switch {} {{ ", on.text());
                for arm in arms {
                    let mut cases: Vec<String> = arm.literals.iter().map(literal).collect();
                    // Cases are literals: no parentheses.
                    cases.iter_mut().for_each(|case| *case = case.trim_matches(['(', ')']).to_owned());
                    cases
                        .extend(arm.range.map(|(from, to, inclusive)| {
                            format!("{from}{}{to}", if inclusive { "..=" } else { ".." })
                        }));
                    text += &cases.join(" | ");
                    if let Some(guard) = &arm.guard {
                        text += &format!(" if {}", guard.text());
                    }
                    text += &format!(" => {}, ", arm.value.text());
                }
                text += &format!("_ => {} }})", otherwise.text());
                text
            }
            E::Let(name, value, rest) => format!("({{ let {name} = {}; {} }})", value.text(), rest.text()),
            E::LetList(name, list, rest) => format!("({{ let {name} = {}; {} }})", list.text(), rest.text()),
            E::Coalesce(all) => format!("({})", all.iter().map(E::text).collect::<Vec<_>>().join(" ?? ")),
            E::Known(a) => format!("known({})", a.text()),
            E::KnownList(list) => format!("known(firm.{})", LISTS[*list].name),
            E::Lookup(table, key) => format!("lookup(\"{}\", {})", TABLES[*table].name, key.text()),
            E::Call(function, args) => {
                let args: Vec<String> = args.iter().map(E::text).collect();
                format!("{}({})", FUNCTIONS[*function].name, args.join(", "))
            }
            E::Agg(kind, list, None) => format!("{}.{kind}()", list.text()),
            E::Agg(kind, list, Some((name, ask))) => format!("{}.{kind}(|{name}| {})", list.text(), ask.text()),
        }
    }
}
