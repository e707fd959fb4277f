//! The words that a rule script can say. Each only writes down what was said; [`crate::book`] checks it.

use std::cell::RefCell;
use std::rc::Rc;

use rhai::{Dynamic, Engine, EvalAltResult, FnPtr, Module, NativeCallContext, Position, Scope};

use super::limits::MAX_DECLARATIONS;
use super::{Declaration, run::Collector};
use crate::diagnostic::{Declared, Limit, Problem};
use crate::{Date, Tier, Type};

/// `BOOL`, `INT` and so on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TypeMark(pub(crate) Type);

/// `RED`, `ORANGE` and so on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TierMark(pub(crate) Tier);

/// `READ` or `RECALLED`: true if the clause was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BasisMark(pub(crate) bool);

/// `AS_OF`: the grading date, which no script knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AsOfMark;

/// `field(TYPE, #{ .. })`
#[derive(Debug, Clone)]
pub(crate) struct FieldValue {
    pub(crate) ty: Dynamic,
    pub(crate) body: Dynamic,
}

/// `cite(..)` or `own(..)`
#[derive(Debug, Clone)]
pub(crate) enum CitationValue {
    Cite { document: Dynamic, article: Dynamic, basis: Dynamic, note: Option<Dynamic> },
    Own { reason: Dynamic },
}

type Shared = Rc<RefCell<Collector>>;
type Answer<T> = Result<T, Box<EvalAltResult>>;

/// The marks, for the functions of scripts (which see no variables) and for the statements (whose closures capture them).
fn marks() -> Vec<(&'static str, Dynamic)> {
    let mut marks = vec![
        ("READ", Dynamic::from(BasisMark(true))),
        ("RECALLED", Dynamic::from(BasisMark(false))),
        ("AS_OF", Dynamic::from(AsOfMark)),
    ];
    for (name, ty) in
        [("BOOL", Type::Bool), ("INT", Type::Int), ("FLOAT", Type::Float), ("TEXT", Type::Text), ("DATE", Type::Date)]
    {
        marks.push((name, Dynamic::from(TypeMark(ty))));
    }
    for (name, tier) in [("RED", Tier::Red), ("ORANGE", Tier::Orange), ("YELLOW", Tier::Yellow), ("BLUE", Tier::Blue)] {
        marks.push((name, Dynamic::from(TierMark(tier))));
    }
    marks
}

/// The scope that a script starts with.
pub(super) fn scope() -> Scope<'static> {
    let mut scope = Scope::new();
    for (name, mark) in marks() {
        scope.push_constant_dynamic(name, mark);
    }
    scope
}

pub(super) fn register(engine: &mut Engine, collector: &Shared) {
    engine
        .register_type_with_name::<TypeMark>("type")
        .register_type_with_name::<TierMark>("tier")
        .register_type_with_name::<BasisMark>("basis")
        .register_type_with_name::<AsOfMark>("the grading date")
        .register_type_with_name::<FieldValue>("field")
        .register_type_with_name::<CitationValue>("citation")
        .register_type_with_name::<Date>("date");

    let mut module = Module::new();
    for (name, mark) in marks() {
        module.set_var(name, mark);
    }
    engine.register_global_module(module.into());

    for (word, kind) in [
        ("document", Declared::Document),
        ("role", Declared::Role),
        ("sector", Declared::Sector),
        ("part", Declared::Part),
        ("list", Declared::List),
        ("table", Declared::Table),
        ("item", Declared::Item),
        ("rule", Declared::Rule),
    ] {
        let to = Rc::clone(collector);
        engine.register_fn(word, move |ctx: NativeCallContext, id: Dynamic, body: Dynamic| {
            declare(&to, &ctx, kind, id, None, body)
        });
    }
    for (word, kind) in [("fact", Declared::Fact), ("measure", Declared::Measure), ("parameter", Declared::Parameter)] {
        let to = Rc::clone(collector);
        engine.register_fn(word, move |ctx: NativeCallContext, id: Dynamic, ty: Dynamic, body: Dynamic| {
            declare(&to, &ctx, kind, id, Some(ty), body)
        });
    }

    engine.register_fn("field", |ty: Dynamic, body: Dynamic| FieldValue { ty, body: snapshot(body) });
    engine.register_fn("own", |reason: Dynamic| CitationValue::Own { reason });
    engine.register_fn("cite", |document: Dynamic, article: Dynamic, basis: Dynamic| CitationValue::Cite {
        document,
        article,
        basis,
        note: None,
    });
    engine.register_fn("cite", |document: Dynamic, article: Dynamic, basis: Dynamic, note: Dynamic| {
        CitationValue::Cite { document, article, basis, note: Some(note) }
    });
    engine.register_fn("date", |ctx: NativeCallContext, year: i64, month: i64, day: i64| -> Answer<Date> {
        make_date(year, month, day).ok_or_else(|| {
            let reason = format!("there is no day {year:04}-{month:02}-{day:02}");
            EvalAltResult::ErrorRuntime(reason.into(), ctx.call_position()).into()
        })
    });
}

pub(crate) fn make_date(year: i64, month: i64, day: i64) -> Option<Date> {
    Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?)
}

fn declare(
    to: &Shared,
    ctx: &NativeCallContext,
    kind: Declared,
    id: Dynamic,
    ty: Option<Dynamic>,
    body: Dynamic,
) -> Answer<()> {
    let mut collector = to.borrow_mut();
    let position = ctx.call_position();
    let script = collector.script_named(ctx.call_source());
    if collector.declarations.len() >= MAX_DECLARATIONS {
        collector.problems.push((Problem::Limit { what: Limit::Declarations(MAX_DECLARATIONS) }, script, position));
        return Err(EvalAltResult::ErrorTerminated(Dynamic::UNIT, position).into());
    }
    let opens_group = matches!(kind, Declared::Sector | Declared::Part);
    let belongs = matches!(kind, Declared::Rule | Declared::Item);
    if opens_group {
        let at = collector.declarations.len();
        collector.set_group(at);
    }
    let group = if belongs { collector.group() } else { None };
    collector.declarations.push(Declaration {
        kind,
        id: id.flatten(),
        ty,
        body: snapshot(body),
        script,
        position,
        group,
    });
    Ok(())
}

/// A copy that later changes to captured variables, such as that of a `for`, do not reach.
fn snapshot(value: Dynamic) -> Dynamic {
    let value = value.flatten();
    if let Some(pointer) = value.read_lock::<FnPtr>() {
        let mut copy = pointer.clone();
        for captured in copy.iter_curry_mut() {
            *captured = snapshot(captured.clone());
        }
        return Dynamic::from(copy);
    }
    if value.is_map()
        && let Some(map) = value.clone().try_cast::<rhai::Map>()
    {
        return map.into_iter().map(|(key, value)| (key, snapshot(value))).collect::<rhai::Map>().into();
    }
    if value.is_array()
        && let Some(array) = value.clone().try_cast::<rhai::Array>()
    {
        return array.into_iter().map(snapshot).collect::<rhai::Array>().into();
    }
    value
}

/// Where a position is missing, as for a script that is too large.
pub(super) const WHOLE_SCRIPT: Position = Position::NONE;
