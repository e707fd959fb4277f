//! Conditions as Rhai's own interpreter evaluates them: the standard packages, and next to them only what the rule
//! language adds to Rhai (dates, `lookup`, `param`, `known`, the questions to lists) and the tolerant comparison of
//! floats.

use std::cell::Cell;
use std::rc::Rc;

use rhai::packages::{
    BasicArrayPackage, BasicIteratorPackage, BasicMapPackage, BasicMathPackage, CorePackage, LogicPackage,
    MoreStringPackage, Package,
};
use rhai::{AST, Array, Dynamic, Engine, EvalAltResult, FnPtr, ImmutableString, Map, Module, NativeCallContext, Scope};

use crate::expr::V;
use crate::firm::{Firm, Items};
use crate::reference::float_eq;
use crate::schema::{AS_OF, FACTS, FUNCTIONS, FactSpec, LISTS, PARAMETERS, Rows, TABLES};

/// A day, with operators of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Day(i64);

type Answer<T> = Result<T, Box<EvalAltResult>>;

fn fail<T>(why: &str) -> Answer<T> {
    Err(why.into())
}

fn day(days: Option<i64>) -> Answer<Day> {
    match days {
        Some(days) if (-719_162..=2_932_896).contains(&days) => Ok(Day(days)),
        _ => fail("no such day"),
    }
}

pub struct Oracle {
    engine: Engine,
    functions: AST,
    /// A float that is not finite came up, with which Rhai goes on.
    strange: Rc<Cell<bool>>,
}

#[derive(Debug, PartialEq)]
pub enum Verdict {
    Is(bool),
    /// An error, or a float that is not finite on the way.
    Fault,
}

fn dynamic(value: V) -> Dynamic {
    match value {
        V::Unknown => Dynamic::UNIT,
        V::Bool(value) => value.into(),
        V::Int(value) => value.into(),
        V::Float(value) => value.into(),
        V::Text(value) => value.into(),
        V::Date(value) => Dynamic::from(Day(i64::from(value))),
    }
}

fn record(specs: &[FactSpec], values: &[V]) -> Map {
    specs.iter().zip(values).map(|(spec, value)| (spec.name.into(), dynamic(*value))).collect()
}

/// A firm as a script sees it.
pub fn firm_map(firm: &Firm) -> Dynamic {
    let mut map = record(FACTS, &firm.facts);
    for (list, items) in LISTS.iter().zip(&firm.lists) {
        let Items::Known(items) = items else { panic!("an unknown list") };
        let items: Array =
            items.iter().map(|item| record(list.fields, item.as_ref().expect("a known item")).into()).collect();
        map.insert(list.name.into(), items.into());
    }
    map.into()
}

fn ask(ctx: &NativeCallContext, list: &Array, closure: &FnPtr) -> Answer<Array> {
    list.iter().map(|item| closure.call_within_context::<Dynamic>(ctx, (item.clone(),))).collect()
}

fn best(ctx: &NativeCallContext, list: &Array, closure: &FnPtr, max: bool) -> Answer<Dynamic> {
    let mut best: Option<Dynamic> = None;
    for value in ask(ctx, list, closure)? {
        let better = best.as_ref().is_none_or(|best| {
            let order = if value.is_int() {
                value.as_int().unwrap().partial_cmp(&best.as_int().unwrap())
            } else if value.is_float() {
                value.as_float().unwrap().partial_cmp(&best.as_float().unwrap())
            } else {
                value.clone().cast::<Day>().partial_cmp(&best.clone().cast::<Day>())
            };
            order == Some(if max { std::cmp::Ordering::Greater } else { std::cmp::Ordering::Less })
        });
        if better {
            best = Some(value);
        }
    }
    best.map_or_else(|| fail("empty"), Ok)
}

macro_rules! compare {
    ($engine:expr, $strange:expr, $a:ty, $b:ty) => {
        let note = Rc::clone(&$strange);
        $engine.register_fn("==", move |a: $a, b: $b| {
            watch(&note, a as f64, b as f64);
            float_eq(a as f64, b as f64)
        });
        $engine.register_fn("!=", |a: $a, b: $b| !float_eq(a as f64, b as f64));
        $engine.register_fn("<", |a: $a, b: $b| (a as f64) < b as f64 && !float_eq(a as f64, b as f64));
        $engine.register_fn("<=", |a: $a, b: $b| (a as f64) < b as f64 || float_eq(a as f64, b as f64));
        $engine.register_fn(">", |a: $a, b: $b| a as f64 > b as f64 && !float_eq(a as f64, b as f64));
        $engine.register_fn(">=", |a: $a, b: $b| a as f64 > b as f64 || float_eq(a as f64, b as f64));
        // The very operations of Rhai; only that a result that is not finite is noticed.
        for op in ["+", "-", "*", "/", "%"] {
            let note = Rc::clone(&$strange);
            $engine.register_fn(op, move |a: $a, b: $b| {
                let (a, b) = (a as f64, b as f64);
                let result = match op {
                    "+" => a + b,
                    "-" => a - b,
                    "*" => a * b,
                    "/" => a / b,
                    _ => a % b,
                };
                watch(&note, result, result);
                result
            });
        }
    };
}

fn watch(note: &Cell<bool>, a: f64, b: f64) {
    if !a.is_finite() || !b.is_finite() {
        note.set(true);
    }
}

impl Oracle {
    pub fn new() -> Oracle {
        let mut engine = Engine::new_raw();
        CorePackage::new().register_into_engine(&mut engine);
        LogicPackage::new().register_into_engine(&mut engine);
        BasicMathPackage::new().register_into_engine(&mut engine);
        BasicArrayPackage::new().register_into_engine(&mut engine);
        BasicMapPackage::new().register_into_engine(&mut engine);
        BasicIteratorPackage::new().register_into_engine(&mut engine);
        MoreStringPackage::new().register_into_engine(&mut engine);
        engine.set_max_expr_depths(0, 0);
        engine.set_fail_on_invalid_map_property(true);
        // Else the built-in operators would go before those below.
        engine.set_fast_operators(false);
        let strange = Rc::new(Cell::new(false));
        compare!(engine, strange, f64, f64);
        compare!(engine, strange, i64, f64);
        compare!(engine, strange, f64, i64);

        engine.register_type_with_name::<Day>("date");
        engine.register_fn("==", |a: Day, b: Day| a == b);
        engine.register_fn("!=", |a: Day, b: Day| a != b);
        engine.register_fn("<", |a: Day, b: Day| a < b);
        engine.register_fn("<=", |a: Day, b: Day| a <= b);
        engine.register_fn(">", |a: Day, b: Day| a > b);
        engine.register_fn(">=", |a: Day, b: Day| a >= b);
        engine.register_fn("-", |a: Day, b: Day| a.0 - b.0);
        engine.register_fn("+", |a: Day, b: i64| day(a.0.checked_add(b)));
        engine.register_fn("-", |a: Day, b: i64| day(a.0.checked_sub(b)));
        engine.register_fn("date", |year: i64, month: i64, of: i64| -> Answer<Day> {
            let date = risktier::Date::new(year as i16, month as i8, of as i8);
            day(date.map(|date| i64::from(date.days())))
        });
        // Rhai takes 2^63 itself for the largest whole number; here it is out of range, like all above it.
        engine.register_fn("to_int", |value: f64| -> Answer<i64> {
            if (-(2f64.powi(63))..2f64.powi(63)).contains(&value) { Ok(value as i64) } else { fail("overflow") }
        });
        engine.register_fn("known", |value: Dynamic| !value.is_unit());
        engine.register_fn("param", |name: ImmutableString| {
            let found = PARAMETERS.iter().find(|(known, ..)| *known == name.as_str());
            dynamic(found.expect("a parameter").3)
        });
        engine.register_fn("lookup", |table: ImmutableString, key: Dynamic| -> Answer<Dynamic> {
            let table = TABLES.iter().find(|known| known.name == table.as_str()).expect("a table");
            let found = match &table.rows {
                Rows::Text(rows) => {
                    let key = key.into_immutable_string().expect("a text");
                    rows.iter().find(|(row, _)| *row == key.as_str()).map(|(_, value)| *value)
                }
                Rows::Ranges(ranges) => {
                    let key = key.as_float().unwrap_or_else(|_| key.as_int().expect("a number") as f64);
                    let reached = |limit: f64| key >= limit || float_eq(key, limit);
                    let mut inside = ranges
                        .iter()
                        .filter(|(from, below, _)| from.is_none_or(reached) && !below.is_some_and(reached));
                    inside.next().map(|(.., value)| *value)
                }
            };
            found.map_or_else(|| fail("no entry"), |value| Ok(dynamic(value)))
        });

        engine.register_fn("count", |ctx: NativeCallContext, list: Array, closure: FnPtr| -> Answer<i64> {
            Ok(ask(&ctx, &list, &closure)?.iter().filter(|value| value.as_bool().expect("a truth value")).count()
                as i64)
        });
        engine.register_fn("count", |list: Array| list.len() as i64);
        engine.register_fn("sum", |ctx: NativeCallContext, list: Array, closure: FnPtr| -> Answer<i64> {
            let values = ask(&ctx, &list, &closure)?;
            let total: i128 = values.iter().map(|value| i128::from(value.as_int().expect("an int"))).sum();
            i64::try_from(total).or_else(|_| fail("overflow"))
        });
        let note = Rc::clone(&strange);
        engine.register_fn("sum_f", move |ctx: NativeCallContext, list: Array, closure: FnPtr| -> Answer<f64> {
            let values = ask(&ctx, &list, &closure)?;
            let total = crate::reference::float_sum(values.iter().map(|value| value.as_float().expect("a float")));
            watch(&note, total, total);
            Ok(total)
        });
        engine.register_fn("max", |ctx: NativeCallContext, list: Array, closure: FnPtr| {
            best(&ctx, &list, &closure, true)
        });
        engine.register_fn("min", |ctx: NativeCallContext, list: Array, closure: FnPtr| {
            best(&ctx, &list, &closure, false)
        });

        let mut module = Module::new();
        module.set_var("AS_OF", Dynamic::from(Day(i64::from(AS_OF))));
        engine.register_global_module(module.into());
        let functions: Vec<&str> = FUNCTIONS.iter().map(|function| function.text).collect();
        let functions = engine.compile(functions.join("\n")).expect("functions");
        Oracle { engine, functions, strange }
    }

    pub fn compile(&self, condition: &str) -> AST {
        let condition = self.engine.compile(condition).unwrap_or_else(|error| panic!("{error}\n{condition}"));
        self.functions.merge(&condition)
    }

    pub fn eval(&self, condition: &AST, firm: &Dynamic) -> Verdict {
        let mut scope = Scope::new();
        scope.push_dynamic("firm", firm.clone());
        self.strange.set(false);
        match self.engine.eval_ast_with_scope::<Dynamic>(&mut scope, condition) {
            Ok(value) if !self.strange.get() => Verdict::Is(value.as_bool().expect("a truth value")),
            Ok(_) => Verdict::Fault,
            Err(error) => match *error {
                // A mistake of the oracle is no fault of the firm.
                EvalAltResult::ErrorFunctionNotFound(..)
                | EvalAltResult::ErrorVariableNotFound(..)
                | EvalAltResult::ErrorPropertyNotFound(..)
                | EvalAltResult::ErrorMismatchDataType(..)
                | EvalAltResult::ErrorMismatchOutputType(..) => panic!("{error}"),
                _ => Verdict::Fault,
            },
        }
    }
}

impl Default for Oracle {
    fn default() -> Oracle {
        Oracle::new()
    }
}
