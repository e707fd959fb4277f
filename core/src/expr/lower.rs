//! Lowering: takes a closure of a rule script, gives a node of the [`Graph`]. The only place that knows Rhai's syntax
//! tree, which may change in any release: the version is pinned, and `syntax_tests` hold the tree to what is used here.
//!
//! Functions are inlined and closures over lists become aggregates, so nothing is left to interpret. Whatever Rhai
//! would do that this language has no word for (a loop, an assignment, an unknown function) is refused with its place.

mod at_least;
mod calls;
mod lists;
mod statements;

use std::collections::HashMap;
use std::rc::Rc;

use rhai::{ASTFlags, ASTNode, Dynamic, Expr, FnPtr, ImmutableString, Position, Stmt};

use super::{CmpOp, Constant, FrameId, Graph, NodeId, Op};
use crate::diagnostic::{Construct, Declared, Hint, Known, Limit, Problem, Reports};
use crate::script::{
    AsOfMark, Function, MAX_BOOK_VISITS, MAX_CONDITION_NODES, MAX_LOWERING_DEPTH, MAX_VISITS, Scripts,
};
use crate::{Date, Site, Type};

/// What a name of the book stands for in `firm.name`.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Symbol {
    Fact(u32, Type),
    List(u32),
    /// Index into [`Lowerer::measures`].
    Measure(usize),
}

/// A table as conditions see it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TableSymbol {
    pub(crate) index: u32,
    pub(crate) by_text: bool,
    pub(crate) ty: Type,
}

/// The names of a book.
#[derive(Debug, Default)]
pub(crate) struct Symbols {
    pub(crate) firm: HashMap<String, Symbol>,
    /// Name and fields of every list.
    pub(crate) lists: Vec<(String, Vec<(String, Type)>)>,
    pub(crate) parameters: HashMap<String, (u32, Type)>,
    pub(crate) tables: HashMap<String, TableSymbol>,
}

/// A measure, lowered when it is first read.
#[derive(Debug)]
pub(crate) struct MeasureSource {
    pub(crate) name: String,
    pub(crate) ty: Type,
    pub(crate) formula: Option<FnPtr>,
    pub(crate) script: usize,
    pub(crate) position: Position,
    pub(crate) state: MeasureState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MeasureState {
    Waiting,
    Lowering,
    Done(Option<NodeId>),
}

/// What a name means while a closure is lowered.
#[derive(Debug, Clone)]
enum Bound {
    Node(NodeId),
    Firm,
    /// The item of a frame.
    Item(FrameId),
    List(ListValue),
    /// A captured map or array, or a mark: data of the script.
    Data(Rc<Dynamic>),
    Array(Rc<[Bound]>),
    Range {
        from: NodeId,
        to: NodeId,
        inclusive: bool,
    },
    Closure(ClosureValue),
}

/// A list of the firm, with the filters put on it. They are lowered where the list is asked, which may be inside another closure.
#[derive(Debug, Clone)]
struct ListValue {
    list: u32,
    filters: Vec<ClosureValue>,
}

/// A closure with the values that it captured.
#[derive(Debug, Clone)]
struct ClosureValue {
    function: Rc<Function>,
    captured: Vec<Bound>,
}

/// Names that are visible, innermost last.
type Names = Vec<(String, Bound)>;

/// Where a value is written, to underline it.
#[derive(Debug, Clone, Copy)]
struct Place<'e> {
    expr: Option<&'e Expr>,
    script: usize,
    /// The sign or the word that the value is given to.
    operator: Position,
    /// Does it stand before a dot, and the operator behind?
    receiver: bool,
}

impl<'e> Place<'e> {
    const NONE: Place<'static> = Place { expr: None, script: 0, operator: Position::NONE, receiver: false };

    fn of(expr: &'e Expr, script: usize) -> Place<'e> {
        Place { expr: Some(expr), script, operator: expr.start_position(), receiver: false }
    }

    /// The operand of an operator, or what a function is given.
    fn operand(expr: Option<&'e Expr>, script: usize, operator: Position) -> Place<'e> {
        Place { expr, script, operator, receiver: false }
    }

    /// Its first and its last token.
    fn span(self) -> (Position, Position) {
        match self.expr {
            Some(expr) => span(expr),
            None => (self.operator, self.operator),
        }
    }
}

/// The first and the last token of an expression. Rhai knows only where each begins, operators at their sign.
fn span(expr: &Expr) -> (Position, Position) {
    let mut ends = (expr.start_position(), expr.start_position());
    expr.walk(&mut Vec::new(), &mut |path| {
        let at = match path.last() {
            Some(ASTNode::Expr(expr)) => expr.position(),
            Some(ASTNode::Stmt(stmt)) => stmt.position(),
            _ => Position::NONE,
        };
        if !at.is_none() {
            let (first, last) = ends;
            ends = (if first.is_none() { at } else { first.min(at) }, last.max(at));
        }
        true
    });
    ends
}

/// The last statement of a body.
fn result_span(body: &[Stmt]) -> Option<(Position, Position)> {
    match body.iter().rev().find(|statement| !statement.is_noop())? {
        Stmt::Expr(expr) => Some(span(expr)),
        other => Some((other.position(), other.position())),
    }
}

fn is_comparison(expr: &Expr) -> bool {
    matches!(expr, Expr::FnCall(call, _) if matches!(call.name.as_str(), "<" | "<=" | ">" | ">="))
}

/// What a closure has to give.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Wanted {
    Exactly(Type),
    Number,
}

pub(crate) struct Lowerer<'a> {
    scripts: &'a Scripts,
    pub(crate) symbols: Symbols,
    pub(crate) measures: Vec<MeasureSource>,
    pub(crate) graph: Graph,
    pub(crate) diagnostics: Reports,
    /// Where operations that may fault stand, in the closure that is being lowered.
    fault_sites: Vec<(NodeId, Site)>,
    pub(crate) first_sites: HashMap<NodeId, Site>,
    /// The functions that are being inlined, to refuse recursion.
    calls: Vec<(usize, String, usize)>,
    /// The frame that is being lowered, innermost last.
    frames: Vec<FrameId>,
    visits: usize,
    /// Of all closures before this one.
    book_visits: usize,
    /// Expressions and blocks that are being lowered, each inside the one before, through inlined functions too.
    depth: usize,
    too_large: bool,
    closure_too_large: bool,
}

/// `None` where something is wrong; it has been reported.
type Lowered<T> = Option<T>;

impl<'a> Lowerer<'a> {
    pub(crate) fn new(scripts: &'a Scripts, symbols: Symbols, measures: Vec<MeasureSource>) -> Lowerer<'a> {
        Lowerer {
            scripts,
            symbols,
            measures,
            graph: Graph::default(),
            diagnostics: Reports::default(),
            fault_sites: Vec::new(),
            first_sites: HashMap::new(),
            calls: Vec::new(),
            frames: vec![FrameId::FIRM],
            visits: 0,
            book_visits: 0,
            depth: 0,
            too_large: false,
            closure_too_large: false,
        }
    }

    /// Lowers the closure of a declaration. Gives its node, and where in it operations stand that may fault.
    pub(crate) fn closure(
        &mut self,
        pointer: &FnPtr,
        script: usize,
        position: Position,
        owner: (Declared, &str),
        wanted: Wanted,
    ) -> Lowered<(NodeId, Vec<(NodeId, Site)>)> {
        let outer_sites = std::mem::take(&mut self.fault_sites);
        let outer_frames = std::mem::replace(&mut self.frames, vec![FrameId::FIRM]);
        let outer_visits = std::mem::replace(&mut self.visits, 0);
        let outer_too_large = std::mem::replace(&mut self.closure_too_large, false);
        let node = self.checked_closure(pointer, script, position, owner, wanted);
        self.book_visits += self.visits;
        self.visits = outer_visits;
        self.closure_too_large = outer_too_large;
        self.frames = outer_frames;
        let sites = std::mem::replace(&mut self.fault_sites, outer_sites);
        for (node, site) in &sites {
            self.first_sites.entry(*node).or_insert_with(|| site.clone());
        }
        Some((node?, sites))
    }

    fn checked_closure(
        &mut self,
        pointer: &FnPtr,
        script: usize,
        position: Position,
        (kind, id): (Declared, &str),
        wanted: Wanted,
    ) -> Lowered<NodeId> {
        let closure = self.closure_value(pointer, script, position)?;
        let own = closure.function.params.len().saturating_sub(closure.captured.len());
        if own != 1 {
            let at = self.closure_position(&closure, position);
            let problem = Problem::WrongParameters { expected: "|firm| firm.name > 0", found: own };
            return self.fail(problem, closure.function.script, at);
        }
        let at = self.closure_position(&closure, position);
        let script = closure.function.script;
        let result = self.apply(&closure, vec![Bound::Firm], at)?;
        let (from, to) = result_span(&closure.function.body).unwrap_or((at, at));
        let node = self.node_over(result, script, from, to)?;
        let found = self.graph.ty(node);
        let fits = match wanted {
            Wanted::Exactly(ty) => ty == found || (ty == Type::Float && found == Type::Int),
            Wanted::Number => found.is_number(),
        };
        if !fits {
            let expected = match wanted {
                Wanted::Exactly(ty) => vec![ty],
                Wanted::Number => vec![Type::Int, Type::Float],
            };
            let problem = Problem::NotAnswer { what: kind, id: id.to_owned(), expected, found };
            return self.fail_over(problem, script, from, to);
        }
        Some(match wanted {
            Wanted::Exactly(Type::Float) => self.as_float(node),
            _ => node,
        })
    }

    /// The place of a closure in its script, as best as it is known.
    fn closure_position(&self, closure: &ClosureValue, fallback: Position) -> Position {
        let script = self.scripts.scripts.get(closure.function.script);
        let place = script.and_then(|script| script.closures.get(&closure.function.name));
        place.copied().unwrap_or(fallback)
    }

    fn closure_value(&mut self, pointer: &FnPtr, script: usize, position: Position) -> Lowered<ClosureValue> {
        let captured: Vec<Bound> = pointer.iter_curry().map(|value| self.data(value.clone())).collect();
        let Some(function) = self.find_closure(pointer.fn_name(), script) else {
            return self.fail(Problem::NotInLanguage { what: Construct::Closure }, script, position);
        };
        Some(ClosureValue { function, captured })
    }

    /// A closure by the name rhai gave it: in the script that uses it, or in any other that could have handed it over.
    fn find_closure(&self, name: &str, script: usize) -> Option<Rc<Function>> {
        let in_script = |script: &crate::script::Script| script.closure_functions.get(name).map(Rc::clone);
        let first = self.scripts.scripts.get(script).and_then(in_script);
        first.or_else(|| self.scripts.scripts.iter().find_map(in_script))
    }

    /// Lowers the body of a function with its parameters bound.
    fn apply(&mut self, closure: &ClosureValue, args: Vec<Bound>, position: Position) -> Lowered<Bound> {
        let function = Rc::clone(&closure.function);
        let values = closure.captured.iter().cloned().chain(args);
        let mut names: Names = function.params.iter().cloned().zip(values).collect();
        self.block(&function.body, &mut names, function.script, position)
    }

    // Reporting.

    fn report(&mut self, problem: Problem, script: usize, position: Position) {
        if !self.diagnostics.is_full() {
            self.diagnostics.push(self.scripts.diagnostic(problem, script, position));
        }
    }

    fn fail<T>(&mut self, problem: Problem, script: usize, position: Position) -> Lowered<T> {
        self.report(problem, script, position);
        None
    }

    /// With all underlined from one token to another.
    fn fail_over<T>(&mut self, problem: Problem, script: usize, from: Position, to: Position) -> Lowered<T> {
        if !self.diagnostics.is_full() {
            self.diagnostics.push(self.scripts.diagnostic_over(problem, script, from, to));
        }
        None
    }

    /// A value of the wrong type: `place` is the value, and how it is written.
    fn mismatch<T>(&mut self, expected: &[Type], found: Type, place: Place<'_>) -> Lowered<T> {
        self.mismatch_with(expected, found, None, place)
    }

    fn mismatch_with<T>(&mut self, expected: &[Type], found: Type, hint: Option<Hint>, place: Place<'_>) -> Lowered<T> {
        let usual = match (expected, found) {
            ([Type::Date], Type::Text | Type::Int) => Some(Hint::WriteDate),
            ([Type::Int] | [Type::Float] | [Type::Int, Type::Float], Type::Text) => match place.expr {
                Some(Expr::StringConstant(text, _)) if text.trim().parse::<f64>().is_ok() => Some(Hint::NoQuotes),
                _ => None,
            },
            ([Type::Bool], Type::Int | Type::Float) => Some(Hint::CompareFirst),
            _ => None,
        };
        let problem = if place.receiver {
            Problem::WrongReceiver { expected: expected.to_vec(), found, hint }
        } else {
            Problem::TypeMismatch { expected: expected.to_vec(), found, hint: hint.or(usual) }
        };
        let (from, to) = place.span();
        self.fail_over(problem, place.script, from, to)
    }

    /// Looking through data costs as well as looking at expressions.
    fn charge(&mut self, work: usize) {
        self.visits += work / 8;
    }

    fn note_fault(&mut self, node: NodeId, script: usize, position: Position) -> NodeId {
        if self.graph.can_fault(node) {
            let site = self.scripts.site(script, position);
            self.fault_sites.push((node, site));
        }
        node
    }

    fn frame(&self) -> FrameId {
        self.frames.last().copied().unwrap_or(FrameId::FIRM)
    }

    // Values.

    fn data(&mut self, value: Dynamic) -> Bound {
        let value = value.flatten();
        if let Ok(value) = value.as_bool() {
            return Bound::Node(self.graph.bool(value));
        }
        if let Ok(value) = value.as_int() {
            return Bound::Node(self.graph.constant(Constant::Int(value)));
        }
        if let Ok(value) = value.as_float()
            && value.is_finite()
        {
            return Bound::Node(self.graph.constant(Constant::float(value)));
        }
        if value.is_string()
            && let Ok(text) = value.clone().into_immutable_string()
        {
            return Bound::Node(self.text(&text));
        }
        if let Some(date) = value.clone().try_cast::<Date>() {
            return Bound::Node(self.graph.constant(Constant::Date(date)));
        }
        if value.clone().try_cast::<AsOfMark>().is_some() {
            return Bound::Node(self.as_of());
        }
        Bound::Data(Rc::new(value))
    }

    fn text(&mut self, text: &str) -> NodeId {
        self.graph.constant(Constant::Text(text.into()))
    }

    fn as_of(&mut self) -> NodeId {
        self.graph.leaf(Op::AsOf, FrameId::FIRM, Type::Date)
    }

    fn as_float(&mut self, node: NodeId) -> NodeId {
        if self.graph.ty(node) == Type::Int { self.graph.unary(Op::ToFloat, node, Type::Float) } else { node }
    }

    /// A value, where one is needed.
    fn node(&mut self, bound: Bound, script: usize, position: Position) -> Lowered<NodeId> {
        self.node_over(bound, script, position, position)
    }

    fn list_name(&self, list: u32) -> String {
        self.symbols.lists.get(list as usize).map_or_else(String::new, |(name, _)| name.clone())
    }

    /// A value, where one is needed, that stands in the script from one token to another.
    fn node_over(&mut self, bound: Bound, script: usize, from: Position, to: Position) -> Lowered<NodeId> {
        let what = match bound {
            Bound::Node(node) => return Some(node),
            Bound::Firm => Construct::FirmAsValue,
            Bound::Item(_) => Construct::ItemAsValue,
            Bound::List(list) => {
                let name = self.list_name(list.list);
                return self.fail_over(Problem::ListAsValue { name }, script, from, to);
            }
            Bound::Data(value) if value.is_unit() => Construct::Unit,
            Bound::Data(value) if value.is_map() => Construct::Map,
            Bound::Data(value) if value.is_array() => Construct::Array,
            Bound::Data(_) => Construct::Mark,
            Bound::Array(_) => Construct::Array,
            Bound::Range { .. } => Construct::Range,
            Bound::Closure(_) => Construct::Closure,
        };
        self.fail_over(Problem::NotInLanguage { what }, script, from, to)
    }

    fn value(&mut self, expr: &Expr, names: &mut Names, script: usize) -> Lowered<NodeId> {
        let bound = self.expr(expr, names, script)?;
        if let Bound::Node(node) = bound {
            return Some(node);
        }
        let (from, to) = span(expr);
        self.node_over(bound, script, from, to)
    }

    fn value_of(&mut self, expr: &Expr, ty: Type, names: &mut Names, script: usize) -> Lowered<NodeId> {
        let node = self.value(expr, names, script)?;
        let found = self.graph.ty(node);
        if found == ty { Some(node) } else { self.mismatch(&[ty], found, Place::of(expr, script)) }
    }

    // Expressions.

    fn expr(&mut self, expr: &Expr, names: &mut Names, script: usize) -> Lowered<Bound> {
        self.deeper(script, expr.position(), |lowerer| lowerer.expr_here(expr, names, script))
    }

    /// Lowers something inside what is being lowered, unless that is too deep already: the stack must not run out.
    fn deeper<T>(
        &mut self,
        script: usize,
        position: Position,
        lower: impl FnOnce(&mut Self) -> Lowered<T>,
    ) -> Lowered<T> {
        if self.depth >= MAX_LOWERING_DEPTH {
            return self.fail(Problem::Limit { what: Limit::ExpressionDepth }, script, position);
        }
        self.depth += 1;
        let lowered = lower(self);
        self.depth -= 1;
        lowered
    }

    /// The limit of the book: said once.
    fn fail_once<T>(&mut self, what: Limit, script: usize, position: Position) -> Lowered<T> {
        if !std::mem::replace(&mut self.too_large, true) {
            self.report(Problem::Limit { what }, script, position);
        }
        None
    }

    fn expr_here(&mut self, expr: &Expr, names: &mut Names, script: usize) -> Lowered<Bound> {
        self.visits += 1;
        let limit = MAX_CONDITION_NODES;
        if self.visits + self.book_visits > MAX_BOOK_VISITS {
            return self.fail_once(Limit::Conditions(MAX_BOOK_VISITS), script, expr.position());
        }
        if self.visits > MAX_VISITS || self.graph.nodes().len() > limit {
            if self.graph.nodes().len() > limit {
                return self.fail_once(Limit::Conditions(limit), script, expr.position());
            }
            let first = !std::mem::replace(&mut self.closure_too_large, true);
            return if first { self.fail(Problem::TooLarge, script, expr.position()) } else { None };
        }
        let position = expr.start_position();
        match expr {
            Expr::BoolConstant(value, _) => Some(Bound::Node(self.graph.bool(*value))),
            Expr::IntegerConstant(value, _) => Some(Bound::Node(self.graph.constant(Constant::Int(*value)))),
            Expr::FloatConstant(value, _) => Some(Bound::Node(self.graph.constant(Constant::float(**value)))),
            Expr::StringConstant(text, _) => Some(Bound::Node(self.text(text))),
            Expr::CharConstant(text, _) => Some(Bound::Node(self.text(&text.to_string()))),
            Expr::Unit(_) => self.fail(Problem::NotInLanguage { what: Construct::Unit }, script, position),
            Expr::DynamicConstant(value, _) => {
                if let Some(pointer) = value.clone().try_cast::<FnPtr>() {
                    return self.closure_value(&pointer, script, position).map(Bound::Closure);
                }
                Some(self.data((**value).clone()))
            }
            Expr::Variable(variable, _, position) => {
                self.variable(&variable.1, !variable.2.is_empty(), names, script, *position)
            }
            Expr::Array(items, _) => {
                let items: Vec<Lowered<Bound>> = items.iter().map(|item| self.expr(item, names, script)).collect();
                items.into_iter().collect::<Lowered<Vec<Bound>>>().map(|items| Bound::Array(items.into()))
            }
            Expr::And(operands, _) => self.junction(operands, names, script, false),
            Expr::Or(operands, _) => self.junction(operands, names, script, true),
            Expr::Coalesce(operands, _) => self.coalesce(operands, names, script),
            Expr::Dot(chain, ..) => {
                let base = self.expr(&chain.lhs, names, script)?;
                self.chain(base, &chain.rhs, names, script)
            }
            Expr::Index(chain, flags, _) => {
                let base = self.expr(&chain.lhs, names, script)?;
                self.index(base, &chain.rhs, *flags, names, script)
            }
            Expr::FnCall(call, position) => self.call(call, names, script, *position),
            Expr::Stmt(block) => self.expression_block(block, names, script),
            Expr::InterpolatedString(..) => {
                self.fail(Problem::NotInLanguage { what: Construct::TextJoin }, script, position)
            }
            Expr::Map(..) => self.fail(Problem::NotInLanguage { what: Construct::Map }, script, position),
            Expr::ThisPtr(_) => self.fail(Problem::NotInLanguage { what: Construct::This }, script, position),
            _ => self.fail(Problem::NotInLanguage { what: Construct::Other }, script, position),
        }
    }

    fn variable(
        &mut self,
        name: &ImmutableString,
        qualified: bool,
        names: &Names,
        script: usize,
        position: Position,
    ) -> Lowered<Bound> {
        self.charge(names.len());
        let found = names.iter().rev().find(|(known, _)| known == name.as_str());
        match found {
            Some((_, bound)) if !qualified => Some(bound.clone()),
            _ if name == "AS_OF" => Some(Bound::Node(self.as_of())),
            _ => {
                let known = names.iter().map(|(name, _)| name.as_str()).chain(["AS_OF"]);
                let nearest = self.diagnostics.nearest(name, known).or_else(|| {
                    let fact = name.to_lowercase();
                    self.symbols.firm.contains_key(&fact).then(|| format!("firm.{fact}"))
                });
                let problem = Problem::UnknownName { name: name.to_string(), nearest, known: Known::Condition };
                self.fail(problem, script, position)
            }
        }
    }

    fn junction(&mut self, operands: &[Expr], names: &mut Names, script: usize, or: bool) -> Lowered<Bound> {
        // All operands are looked at, so that everything that is wrong is reported at once.
        let nodes: Vec<Lowered<NodeId>> =
            operands.iter().map(|operand| self.value_of(operand, Type::Bool, names, script)).collect();
        let nodes = nodes.into_iter().collect::<Lowered<Vec<NodeId>>>()?;
        Some(Bound::Node(if or { self.graph.or(&nodes) } else { self.graph.and(&nodes) }))
    }

    fn coalesce(&mut self, operands: &[Expr], names: &mut Names, script: usize) -> Lowered<Bound> {
        let nodes: Vec<Lowered<NodeId>> = operands.iter().map(|operand| self.value(operand, names, script)).collect();
        let mut nodes = nodes.into_iter().collect::<Lowered<Vec<NodeId>>>()?;
        let places: Vec<Place<'_>> = operands.iter().map(|operand| Place::of(operand, script)).collect();
        self.same_type(&mut nodes, &places)?;
        let mut from_last = nodes.into_iter().rev();
        let mut result = from_last.next()?;
        for node in from_last {
            result = self.graph.coalesce(node, result);
        }
        Some(Bound::Node(result))
    }

    /// Makes values one type: ints become floats where there is a float among them.
    fn same_type(&mut self, nodes: &mut [NodeId], places: &[Place<'_>]) -> Lowered<Type> {
        let types: Vec<Type> = nodes.iter().map(|node| self.graph.ty(*node)).collect();
        let first = *types.first()?;
        if types.iter().all(|ty| *ty == first) {
            return Some(first);
        }
        if types.iter().all(|ty| ty.is_number()) {
            for node in nodes {
                *node = self.as_float(*node);
            }
            return Some(Type::Float);
        }
        let differs = |ty: &Type| *ty != first && !(ty.is_number() && first.is_number());
        let at = types.iter().position(differs).unwrap_or(0);
        let found = types.get(at).copied().unwrap_or(first);
        let place = places.get(at).or(places.last()).copied().unwrap_or(Place::NONE);
        let hint = (first == Type::Bool).then_some(Hint::BoolAlone);
        self.mismatch_with(&[first], found, hint, place)
    }

    // Members.

    /// What stands behind a dot.
    fn chain(&mut self, base: Bound, member: &Expr, names: &mut Names, script: usize) -> Lowered<Bound> {
        match member {
            Expr::Property(property, position) => self.property(base, &property.2, script, *position),
            Expr::MethodCall(call, position) => self.method(base, call, names, script, *position),
            Expr::Dot(chain, ..) => {
                let base = self.chain(base, &chain.lhs, names, script)?;
                self.chain(base, &chain.rhs, names, script)
            }
            Expr::Index(chain, flags, _) => {
                let base = self.chain(base, &chain.lhs, names, script)?;
                self.index(base, &chain.rhs, *flags, names, script)
            }
            other => self.fail(Problem::NotInLanguage { what: Construct::Other }, script, other.position()),
        }
    }

    /// What stands in brackets, and what follows them.
    fn index(&mut self, base: Bound, rest: &Expr, flags: ASTFlags, names: &mut Names, script: usize) -> Lowered<Bound> {
        let (key, then): (&Expr, Option<&Expr>) = match rest {
            Expr::Dot(chain, ..) | Expr::Index(chain, ..) if !flags.intersects(ASTFlags::BREAK) => {
                (&chain.lhs, Some(&chain.rhs))
            }
            only => (only, None),
        };
        let at = key.start_position();
        if !matches!(base, Bound::Firm | Bound::Item(_) | Bound::Data(_)) {
            return self.fail(Problem::NotInLanguage { what: Construct::Index }, script, at);
        }
        let key_node = self.value(key, names, script)?;
        let constant = self.graph.as_constant(key_node).cloned();
        let inner = match (base, constant) {
            (base @ (Bound::Firm | Bound::Item(_)), Some(Constant::Text(name))) => {
                self.property(base, &name, script, at)?
            }
            (Bound::Data(value), Some(Constant::Text(name))) => self.property(Bound::Data(value), &name, script, at)?,
            (Bound::Data(value), Some(Constant::Int(number))) if value.is_array() => {
                let items = value.read_lock::<rhai::Array>();
                let number = usize::try_from(number).ok();
                let item = items.zip(number).and_then(|(items, number)| items.get(number).cloned());
                match item {
                    Some(item) => self.data(item),
                    None => return self.fail(Problem::NotInLanguage { what: Construct::Index }, script, at),
                }
            }
            _ => return self.fail(Problem::NotInLanguage { what: Construct::Index }, script, at),
        };
        match (rest, then) {
            (Expr::Index(_, flags, _), Some(then)) => self.index(inner, then, *flags, names, script),
            (_, Some(then)) => self.chain(inner, then, names, script),
            (_, None) => Some(inner),
        }
    }

    fn property(&mut self, base: Bound, name: &str, script: usize, position: Position) -> Lowered<Bound> {
        match base {
            Bound::Firm => match self.symbols.firm.get(name).copied() {
                Some(Symbol::Fact(index, ty)) => Some(Bound::Node(self.graph.leaf(Op::Fact(index), FrameId::FIRM, ty))),
                Some(Symbol::List(list)) => Some(Bound::List(ListValue { list, filters: Vec::new() })),
                Some(Symbol::Measure(index)) => self.measure(index).map(Bound::Node),
                None => {
                    let nearest = self.diagnostics.nearest(name, self.symbols.firm.keys().map(String::as_str));
                    self.fail(Problem::UnknownFact { name: name.to_owned(), nearest }, script, position)
                }
            },
            Bound::Item(frame) => {
                let list = self.graph.frame(frame).list;
                let (list, fields) = self.symbols.lists.get(list as usize)?;
                match fields.iter().position(|(known, _)| known == name) {
                    Some(at) => {
                        let ty = fields.get(at)?.1;
                        Some(Bound::Node(self.graph.leaf(Op::Field(at as u32), frame, ty)))
                    }
                    None => {
                        let nearest = self.diagnostics.nearest(name, fields.iter().map(|(name, _)| name.as_str()));
                        let problem = Problem::UnknownField { list: list.clone(), name: name.to_owned(), nearest };
                        self.fail(problem, script, position)
                    }
                }
            }
            Bound::Data(value) if value.is_map() => {
                let map = value.read_lock::<rhai::Map>()?;
                match map.get(name) {
                    Some(value) => Some(self.data(value.clone())),
                    None => {
                        let nearest = self.diagnostics.nearest(name, map.keys().map(|key| key.as_str()));
                        let problem = Problem::UnknownName { name: name.to_owned(), nearest, known: Known::Key };
                        self.fail(problem, script, position)
                    }
                }
            }
            other => {
                let node = self.node(other, script, position)?;
                let problem = Problem::NoMember { name: name.to_owned(), found: self.graph.ty(node) };
                self.fail(problem, script, position)
            }
        }
    }

    /// The node of a measure, lowered now if it was not yet.
    pub(crate) fn measure(&mut self, index: usize) -> Lowered<NodeId> {
        let source = self.measures.get_mut(index)?;
        match source.state {
            MeasureState::Done(node) => return node,
            MeasureState::Lowering => {
                let (name, script, position) = (source.name.clone(), source.script, source.position);
                return self.fail(Problem::Recursion { kind: Some(Declared::Measure), name }, script, position);
            }
            MeasureState::Waiting => source.state = MeasureState::Lowering,
        }
        let (name, ty, script, position) = (source.name.clone(), source.ty, source.script, source.position);
        let formula = source.formula.clone();
        let lowered = formula.and_then(|formula| {
            self.closure(&formula, script, position, (Declared::Measure, &name), Wanted::Exactly(ty))
        });
        let node = lowered.map(|(node, _)| node);
        if let Some(source) = self.measures.get_mut(index) {
            source.state = MeasureState::Done(node);
        }
        node
    }

    // Comparison and arithmetic, of which calls and `in` and `switch` make use.

    fn compare(&mut self, op: CmpOp, a: NodeId, b: NodeId, places: [Place<'_>; 2]) -> Lowered<NodeId> {
        let mut sides = [a, b];
        let ordered = !matches!(op, CmpOp::Eq | CmpOp::Ne);
        if ordered
            && let [Place { expr: Some(left), .. }, right] = places
            && is_comparison(left)
        {
            return self.fail_over(Problem::ChainedComparison, right.script, right.operator, right.operator);
        }
        let ty = self.same_type(&mut sides, &places)?;
        if ordered && matches!(ty, Type::Bool | Type::Text) {
            let (from, to) = places[0].span();
            return self.fail_over(Problem::NoOrder { found: ty }, places[0].script, from, to);
        }
        let [a, b] = sides;
        if ty == Type::Bool {
            // `x == true` is x: logic has nodes of its own.
            let both = self.graph.and(&[a, b]);
            let (not_a, not_b) = (self.not(a), self.not(b));
            let neither = self.graph.and(&[not_a, not_b]);
            let equal = self.graph.or(&[both, neither]);
            return Some(if op == CmpOp::Eq { equal } else { self.not(equal) });
        }
        Some(self.graph.binary(|a, b| Op::Cmp(op, a, b), a, b, Type::Bool))
    }

    fn not(&mut self, node: NodeId) -> NodeId {
        self.graph.unary(Op::Not, node, Type::Bool)
    }

    /// Is a value in a list of values, a range, or a text?
    fn contains(&mut self, container: Bound, item: NodeId, places: [Place<'_>; 2]) -> Lowered<NodeId> {
        let [container_place, item_place] = places;
        match container {
            Bound::Range { from, to, inclusive } => {
                if self.graph.ty(item) != Type::Int {
                    let found = self.graph.ty(item);
                    let hint = (found == Type::Float).then_some(Hint::CompareLimits);
                    return self.mismatch_with(&[Type::Int], found, hint, item_place);
                }
                let places = [item_place, container_place];
                let least = self.compare(CmpOp::Ge, item, from, places)?;
                let below = if inclusive { CmpOp::Le } else { CmpOp::Lt };
                let most = self.compare(below, item, to, places)?;
                Some(self.graph.and(&[least, most]))
            }
            Bound::Data(value) if value.is_array() => {
                let items = value.read_lock::<rhai::Array>()?;
                self.charge(8 * items.len());
                let items = items.iter().map(|item| self.data(item.clone())).collect();
                self.contains(Bound::Array(items), item, places)
            }
            Bound::Array(items) => {
                let mut texts = Vec::new();
                let mut equal = Vec::with_capacity(items.len());
                self.charge(4 * items.len());
                for (at, candidate) in items.iter().enumerate() {
                    let place = match container_place.expr {
                        Some(Expr::Array(exprs, _)) => {
                            exprs.get(at).map_or(container_place, |expr| Place { expr: Some(expr), ..container_place })
                        }
                        _ => container_place,
                    };
                    let (from, to) = place.span();
                    let candidate = self.node_over(candidate.clone(), place.script, from, to)?;
                    match self.graph.as_constant(candidate) {
                        Some(Constant::Text(text)) if self.graph.ty(item) == Type::Text => texts.push(text.clone()),
                        _ => equal.push(self.compare(CmpOp::Eq, item, candidate, [item_place, place])?),
                    }
                }
                texts.sort();
                texts.dedup();
                match texts.as_slice() {
                    [] => {}
                    [one] => {
                        let one = self.text(one);
                        equal.push(self.compare(CmpOp::Eq, item, one, [item_place, container_place])?);
                    }
                    _ => {
                        let set = texts.into_boxed_slice();
                        equal.push(self.graph.unary(|item| Op::InTexts(item, set.clone()), item, Type::Bool));
                    }
                }
                Some(self.graph.or(&equal))
            }
            other => {
                let (from, to) = container_place.span();
                let text = self.node_over(other, container_place.script, from, to)?;
                for (side, place) in [(text, container_place), (item, item_place)] {
                    if self.graph.ty(side) != Type::Text {
                        let found = self.graph.ty(side);
                        return self.mismatch(&[Type::Text], found, place);
                    }
                }
                let test = super::TextTest::Contains;
                Some(self.graph.binary(|text, part| Op::TextTest(test, text, part), text, item, Type::Bool))
            }
        }
    }
}

#[cfg(test)]
mod syntax_tests;

/// The lowering relies on these shapes of rhai's syntax tree. When an upgrade changes one, it fails here first.
#[cfg(test)]
mod tests {
    use rhai::{AST, ASTNode, Engine, OptimizationLevel, Stmt};

    use super::*;

    fn parse(source: &str) -> AST {
        let mut engine = Engine::new_raw();
        engine.set_optimization_level(OptimizationLevel::None);
        engine.compile(source).unwrap()
    }

    /// The tree as text, without places and hashes.
    fn shape(expr: &Expr) -> String {
        let all = |items: &[Expr]| items.iter().map(shape).collect::<Vec<_>>().join(" ");
        match expr {
            Expr::Variable(variable, ..) => variable.1.to_string(),
            Expr::IntegerConstant(value, _) => value.to_string(),
            Expr::StringConstant(text, _) => format!("{text:?}"),
            Expr::BoolConstant(value, _) => value.to_string(),
            Expr::Property(property, _) => format!(".{}", property.2),
            Expr::FnCall(call, _) => format!("{}({})", call.name, all(&call.args)),
            Expr::MethodCall(call, _) => format!(".{}({})", call.name, all(&call.args)),
            Expr::Dot(chain, ..) => format!("dot[{} {}]", shape(&chain.lhs), shape(&chain.rhs)),
            Expr::Index(chain, flags, _) => {
                format!(
                    "index{}[{} {}]",
                    if flags.intersects(ASTFlags::BREAK) { "!" } else { "" },
                    shape(&chain.lhs),
                    shape(&chain.rhs)
                )
            }
            Expr::And(items, _) => format!("and[{}]", all(items)),
            Expr::Or(items, _) => format!("or[{}]", all(items)),
            Expr::Coalesce(items, _) => format!("coalesce[{}]", all(items)),
            Expr::Array(items, _) => format!("array[{}]", all(items)),
            Expr::DynamicConstant(value, _) => format!("constant {}", value.type_name()),
            Expr::Stmt(block) => format!("block of {}", block.statements().len()),
            other => format!("{other:?}"),
        }
    }

    fn expression(source: &str) -> String {
        match parse(source).statements() {
            [Stmt::Expr(expr)] => shape(expr),
            other => panic!("{source}: {other:?}"),
        }
    }

    #[test]
    fn expressions_have_the_shapes_that_the_lowering_reads() {
        for (source, expected) in [
            ("a > 1", ">(a 1)"),
            ("!x", "!(x)"),
            ("-x", "-(x)"),
            ("a && b && (c && d)", "and[a b c d]"),
            ("a || b && !c || d", "or[a and[b !(c)] d]"),
            ("a ?? 0 > 3", ">(coalesce[a 0] 3)"),
            ("firm.hazard.level", "dot[firm dot[.hazard .level]]"),
            ("f[\"x\"]", "index![f \"x\"]"),
            ("f.list[0].x", "dot[f index[.list dot[0 .x]]]"),
            ("x in [3, 4]", "contains(array[3 4] x)"),
            ("x !in [3]", "!(contains(array[3] x))"),
            ("x in 1..5", "contains(..(1 5) x)"),
            ("x in 1..=5", "contains(..=(1 5) x)"),
            ("\"ab\" in name", "contains(name \"ab\")"),
            ("[3, 4].contains(x)", "dot[array[3 4] .contains(x)]"),
            ("firm.inv.some(|i| i.x)", "dot[firm dot[.inv .some(constant Fn)]]"),
            ("firm.inv.filter(|i| i.x).len()", "dot[firm dot[.inv dot[.filter(constant Fn) .len()]]]"),
            ("f(|i| i.d > t)", "f(block of 2)"),
        ] {
            assert_eq!(expression(source), expected, "{source}");
        }
    }

    #[test]
    fn a_closure_that_captures_is_a_share_and_a_curry() {
        let ast = parse("f(|i| i.d > t)");
        let [Stmt::Expr(call)] = ast.statements() else { panic!() };
        let Expr::FnCall(call, _) = &**call else { panic!() };
        let [Expr::Stmt(block)] = &*call.args else { panic!() };
        let [Stmt::Share(_), Stmt::Expr(curry)] = block.statements() else { panic!() };
        assert_eq!(shape(curry), "curry(constant Fn t)");
        let params: Vec<Vec<&str>> = ast.iter_functions().map(|f| f.params).collect();
        assert_eq!(params, [["t", "i"]], "what is captured comes first");
    }

    #[test]
    fn a_switch_keeps_its_values_and_its_order() {
        let ast = parse("switch x { 1 => a, 2..5 => b, \"t\" if g => c, _ => d }");
        let [Stmt::Switch(switch, _)] = ast.statements() else { panic!("{ast:?}") };
        let (_, cases) = &**switch;
        assert_eq!(cases.expressions.len(), 4);
        assert_eq!(cases.def_case, Some(3));
        let mut values: Vec<String> =
            cases.cases.values().map(|case| format!("{} {:?}", case.value, case.blocks)).collect();
        values.sort();
        assert_eq!(values, ["1 [0]", "2..5 [1]", "t [2]"], "literals lead to their arms; ranges stand here once more");
        assert!(matches!(&*cases.ranges, [rhai::RangeCase::ExclusiveInt(range, 1)] if *range == (2..5)));
    }

    #[test]
    fn the_body_of_each_function_can_be_reached() {
        let ast = parse("fn f(a) { let b = a; b } fn g(a, b) { a } fn f(a, b) { 3 }");
        for (name, arity, statements) in [("f", 1, 2), ("g", 2, 1), ("f", 2, 1)] {
            let mut one = ast.clone_functions_only();
            one.retain_functions(|_, _, n, params| n == name && params == arity);
            let mut found = 0;
            one.walk(&mut |path| {
                found += usize::from(matches!(path, [ASTNode::Stmt(_)]));
                true
            });
            assert_eq!(found, statements, "{name}/{arity}");
        }
    }
}
