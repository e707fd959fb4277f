//! The words that a rule script can say. Each only writes down what was said; [`crate::book`] checks it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use rhai::{Dynamic, Engine, EvalAltResult, FnPtr, NativeCallContext, Position};

use super::limits::{MAX_DATA_DEPTH, MAX_DECLARATIONS};
use super::{Declaration, run::Collector};
use crate::diagnostic::{Declared, Limit};
use crate::{Date, Tier, Type, Worse};

/// `BOOL`, `INT` and so on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TypeMark(pub(crate) Type);

/// `RED`, `ORANGE` and so on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TierMark(pub(crate) Tier);

/// `READ` or `RECALLED`: true if the clause was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BasisMark(pub(crate) bool);

/// `UP`, `DOWN`, `TRUE` or `FALSE`: in which direction a fact gets worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WorseMark(pub(crate) Worse);

/// `AS_OF`: the grading date, which no script knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AsOfMark;

/// `field(TYPE, #{ .. })`
#[derive(Debug, Clone)]
pub(crate) struct FieldValue {
    pub(crate) ty: Dynamic,
    /// Shared: Rhai copies a value whenever a variable is read.
    pub(crate) body: Rc<Dynamic>,
}

/// What `date(..)` was asked for.
#[derive(Debug, Clone)]
pub(crate) struct NoSuchDay(pub(crate) String);

/// `cite(..)` or `own(..)`
#[derive(Debug, Clone)]
pub(crate) enum CitationValue {
    Cite { document: Dynamic, article: Dynamic, basis: Dynamic, note: Option<Dynamic> },
    Own { reason: Dynamic },
}

type Shared = Rc<RefCell<Collector>>;
type Answer<T> = Result<T, Box<EvalAltResult>>;

/// The words that stand for themselves.
pub(super) const MARKS: [&str; 12] =
    ["BOOL", "INT", "FLOAT", "TEXT", "DATE", "RED", "ORANGE", "YELLOW", "BLUE", "READ", "RECALLED", "AS_OF"];

/// The words that declare with an id and a map.
const DECLARING: [(&str, Declared); 11] = [
    ("document", Declared::Document),
    ("role", Declared::Role),
    ("key_field", Declared::KeyField),
    ("sector", Declared::Sector),
    ("part", Declared::Part),
    ("list", Declared::List),
    ("table", Declared::Table),
    ("item", Declared::Item),
    ("rule", Declared::Rule),
    ("supervision", Declared::Supervision),
    ("issued_list", Declared::IssuedList),
];
/// Those with a type between the two.
const DECLARING_TYPED: [(&str, Declared); 3] =
    [("fact", Declared::Fact), ("measure", Declared::Measure), ("parameter", Declared::Parameter)];
/// Those that say how a thing differs from what another script declares.
const AMENDING: [(&str, Declared); 7] = [
    ("amend_role", Declared::Role),
    ("amend_key_field", Declared::KeyField),
    ("amend_sector", Declared::Sector),
    ("amend_parameter", Declared::Parameter),
    ("amend_rule", Declared::Rule),
    ("amend_supervision", Declared::Supervision),
    ("amend_issued_list", Declared::IssuedList),
];

/// The words whose maps declare something.
pub(super) fn declaring() -> impl Iterator<Item = &'static str> {
    DECLARING.iter().chain(&DECLARING_TYPED).chain(&AMENDING).map(|(word, _)| *word)
}

/// All words of the vocabulary but the marks.
pub(super) fn words() -> impl Iterator<Item = &'static str> {
    declaring().chain(["field", "cite", "own", "date"])
}

fn mark(name: &str) -> Option<Dynamic> {
    Some(match name {
        "BOOL" => Dynamic::from(TypeMark(Type::Bool)),
        "INT" => Dynamic::from(TypeMark(Type::Int)),
        "FLOAT" => Dynamic::from(TypeMark(Type::Float)),
        "TEXT" => Dynamic::from(TypeMark(Type::Text)),
        "DATE" => Dynamic::from(TypeMark(Type::Date)),
        "RED" => Dynamic::from(TierMark(Tier::Red)),
        "ORANGE" => Dynamic::from(TierMark(Tier::Orange)),
        "YELLOW" => Dynamic::from(TierMark(Tier::Yellow)),
        "BLUE" => Dynamic::from(TierMark(Tier::Blue)),
        "READ" => Dynamic::from(BasisMark(true)),
        "RECALLED" => Dynamic::from(BasisMark(false)),
        "UP" => Dynamic::from(WorseMark(Worse::Up)),
        "DOWN" => Dynamic::from(WorseMark(Worse::Down)),
        "TRUE" => Dynamic::from(WorseMark(Worse::True)),
        "FALSE" => Dynamic::from(WorseMark(Worse::False)),
        "AS_OF" => Dynamic::from(AsOfMark),
        _ => return None,
    })
}

pub(super) fn register(engine: &mut Engine, collector: &Shared) {
    engine
        .register_type_with_name::<TypeMark>("type")
        .register_type_with_name::<TierMark>("tier")
        .register_type_with_name::<BasisMark>("basis")
        .register_type_with_name::<WorseMark>("direction")
        .register_type_with_name::<AsOfMark>("the grading date")
        .register_type_with_name::<FieldValue>("field")
        .register_type_with_name::<CitationValue>("citation")
        .register_type_with_name::<Date>("date");

    // Not variables of a scope: functions, and closures inside them, see none but their own.
    let to = Rc::clone(collector);
    #[expect(deprecated, reason = "rhai marks it as volatile; the version is pinned")]
    engine.on_var(move |name, _, context| {
        if let Some(mark) = mark(name) {
            return Ok(Some(mark));
        }
        if let Some(value) = context.scope().get(name) {
            to.borrow_mut().charge(value, Position::NONE)?;
        }
        Ok(None)
    });
    // A variable that is never read still holds its value: it is counted when the next one comes.
    let to = Rc::clone(collector);
    #[expect(deprecated, reason = "rhai marks it as volatile; the version is pinned")]
    engine.on_def_var(move |runs, _, context| {
        if runs && let Some((_, _, value)) = context.scope().iter_raw().next() {
            to.borrow_mut().charge(value, Position::NONE)?;
        }
        Ok(true)
    });
    let to = Rc::clone(collector);
    engine.on_progress(move |_| to.borrow_mut().step());

    for (word, kind) in DECLARING {
        let to = Rc::clone(collector);
        engine.register_fn(word, move |ctx: NativeCallContext, id: Dynamic, body: Dynamic| {
            declare(&to, &ctx, Said::Declared, kind, id, None, body)
        });
    }
    for (word, kind) in AMENDING {
        let to = Rc::clone(collector);
        engine.register_fn(word, move |ctx: NativeCallContext, id: Dynamic, body: Dynamic| {
            declare(&to, &ctx, Said::Amended, kind, id, None, body)
        });
    }
    for (word, kind) in DECLARING_TYPED {
        let to = Rc::clone(collector);
        engine.register_fn(word, move |ctx: NativeCallContext, id: Dynamic, ty: Dynamic, body: Dynamic| {
            declare(&to, &ctx, Said::Declared, kind, id, Some(ty), body)
        });
    }

    let to = Rc::clone(collector);
    engine.register_fn("field", move |ctx: NativeCallContext, ty: Dynamic, body: Dynamic| -> Answer<FieldValue> {
        let body = admitted(&mut to.borrow_mut(), body, ctx.call_position())?;
        Ok(FieldValue { ty: plain(ty), body: Rc::new(body) })
    });
    engine.register_fn("own", |reason: Dynamic| CitationValue::Own { reason: plain(reason) });
    engine.register_fn("cite", |document: Dynamic, article: Dynamic, basis: Dynamic| CitationValue::Cite {
        document: plain(document),
        article: plain(article),
        basis: plain(basis),
        note: None,
    });
    engine.register_fn("cite", |document: Dynamic, article: Dynamic, basis: Dynamic, note: Dynamic| {
        CitationValue::Cite {
            document: plain(document),
            article: plain(article),
            basis: plain(basis),
            note: Some(plain(note)),
        }
    });
    // It makes much out of little, which no step counts.
    let missing = |ctx: &NativeCallContext| -> Answer<()> {
        Err(EvalAltResult::ErrorFunctionNotFound("pad".into(), ctx.call_position()).into())
    };
    engine.register_fn("pad", move |ctx: NativeCallContext, _: &mut rhai::Array, _: i64, _: Dynamic| missing(&ctx));
    engine.register_fn(
        "pad",
        move |ctx: NativeCallContext, _: &mut rhai::ImmutableString, _: i64, _: rhai::ImmutableString| missing(&ctx),
    );
    engine.register_fn("pad", move |ctx: NativeCallContext, _: &mut rhai::ImmutableString, _: i64, _: char| {
        missing(&ctx)
    });
    engine.register_fn("date", |ctx: NativeCallContext, year: i64, month: i64, day: i64| -> Answer<Date> {
        make_date(year, month, day).ok_or_else(|| {
            let day = format!("{year:04}-{month:02}-{day:02}");
            EvalAltResult::ErrorRuntime(Dynamic::from(NoSuchDay(day)), ctx.call_position()).into()
        })
    });
}

pub(crate) fn make_date(year: i64, month: i64, day: i64) -> Option<Date> {
    Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?)
}

/// What is said of a thing: that it is, or how it differs from what another script declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Declared,
    Amended,
}

fn declare(
    to: &Shared,
    ctx: &NativeCallContext,
    said: Said,
    kind: Declared,
    id: Dynamic,
    ty: Option<Dynamic>,
    body: Dynamic,
) -> Answer<()> {
    let mut collector = to.borrow_mut();
    let position = ctx.call_position();
    let script = collector.script_named(ctx.call_source());
    if collector.declarations.len() + collector.amendments.len() >= MAX_DECLARATIONS {
        return Err(collector.stop(Limit::Declarations(MAX_DECLARATIONS), position));
    }
    let body = admitted(&mut collector, body, position)?;
    let body = if body.is_map() { Ok(body.cast()) } else { Err(body) };
    let declared = said == Said::Declared;
    let opens_group = declared && matches!(kind, Declared::Sector | Declared::Part);
    // Supervision outside a sector is that of the whole book.
    let belongs = declared && matches!(kind, Declared::Rule | Declared::Item | Declared::Supervision);
    if opens_group {
        let at = collector.declarations.len();
        collector.set_group(at);
    }
    let caller = if ctx.call_level() > 1 { collector.statement() } else { None };
    let group = if belongs { collector.group() } else { None };
    let declaration = Declaration {
        kind,
        id: plain(tier_name(id)),
        ty: ty.map(plain),
        body,
        script,
        position,
        caller,
        group,
        amended: BTreeMap::new(),
    };
    match said {
        Said::Declared => collector.declarations.push(declaration),
        Said::Amended => collector.amendments.push(declaration),
    }
    Ok(())
}

/// An id, a type, a text: nothing that has values inside.
fn plain(value: Dynamic) -> Dynamic {
    let value = value.flatten();
    let inside = value.is_map() || value.is_array() || value.is_fnptr();
    if inside { Dynamic::from(Misplaced(value.type_name())) } else { value }
}

/// The name of a tier, where a tier is the id.
fn tier_name(id: Dynamic) -> Dynamic {
    match id.clone().try_cast::<TierMark>() {
        Some(TierMark(tier)) => tier.name(crate::Lang::En).into(),
        None => id,
    }
}

/// What stands where a plain value should: only its kind is kept, for the message.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Misplaced(pub(crate) &'static str);

/// What is declared, if there is room for it.
fn admitted(collector: &mut Collector, value: Dynamic, position: Position) -> Answer<Dynamic> {
    collector.charge(&value, position)?;
    Ok(snapshot(value))
}

/// Counts a value and all that is inside it. False when it is too much, or too deep.
pub(super) fn weigh(value: &Dynamic, depth: usize, left: &mut u64) -> bool {
    let mut take = |amount: usize| {
        let rest = left.checked_sub(amount as u64);
        *left = rest.unwrap_or(0);
        rest.is_some()
    };
    if !take(1) || depth > MAX_DATA_DEPTH {
        return false;
    }
    if let Ok(text) = value.as_immutable_string_ref() {
        return take(text.len() / 16);
    }
    if let Some(map) = value.read_lock::<rhai::Map>() {
        return map.iter().all(|(key, value)| {
            let fits = left.checked_sub(key.len() as u64 / 16);
            *left = fits.unwrap_or(0);
            fits.is_some() && weigh(value, depth + 1, left)
        });
    }
    if let Some(array) = value.read_lock::<rhai::Array>() {
        return array.iter().all(|value| weigh(value, depth + 1, left));
    }
    if let Some(pointer) = value.read_lock::<FnPtr>() {
        return pointer.iter_curry().all(|value| weigh(value, depth + 1, left));
    }
    if let Some(field) = value.read_lock::<FieldValue>() {
        return weigh(&field.body, depth + 1, left);
    }
    true
}

/// The value as it is now: later changes to captured variables, such as that of a `for`, do not reach it.
fn snapshot(value: Dynamic) -> Dynamic {
    let value = value.flatten();
    if value.is_fnptr() {
        let mut pointer: FnPtr = value.cast();
        for captured in pointer.iter_curry_mut() {
            *captured = snapshot(std::mem::take(captured));
        }
        return Dynamic::from(pointer);
    }
    if value.is_map() {
        let mut map: rhai::Map = value.cast();
        for value in map.values_mut() {
            *value = snapshot(std::mem::take(value));
        }
        return map.into();
    }
    if value.is_array() {
        let mut array: rhai::Array = value.cast();
        for value in &mut array {
            *value = snapshot(std::mem::take(value));
        }
        return array.into();
    }
    value
}

/// Where a position is missing, as for a script that is too large.
pub(super) const WHOLE_SCRIPT: Position = Position::NONE;
