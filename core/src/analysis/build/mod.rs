//! From nodes of the graph to formulas.
//!
//! `some` over a list is an item that the firm has; `all`, and `some` denied, hold for every item that was thought of. Since
//! taking other items away changes neither, the items thought of are enough, and no firm is missed. Each `some` has an item of its own:
//! the same item twice is a firm, too. Only where a list is held to a number of items may one item serve for several.

mod lists;
mod numbers;

use std::collections::{BTreeMap, BTreeSet};

use numbers::compared;

use super::formula::{Copy, Formula, Literal, Sum, Variable, Word};
use super::ground::{FALSE, Ground, Leaf, TRUE};
use crate::Type;
use crate::expr::graph::CmpOp;
use crate::expr::{AggKind, Constant, NodeId, Op, TextTest};

/// The firm itself, where an item is meant.
const NO_ITEM: u32 = u32::MAX;

/// Where a node is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    /// List and item.
    item: Option<(u32, u32)>,
    copy: Copy,
}

/// A question: is this node true (or false) for this firm?
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ask {
    pub(super) node: NodeId,
    pub(super) is: bool,
    pub(super) copy: Copy,
}

impl Ask {
    pub(crate) fn new(node: NodeId, is: bool) -> Ask {
        Ask { node, is, copy: 0 }
    }

    pub(super) fn of(self, copy: Copy) -> Ask {
        Ask { copy, ..self }
    }
}

/// Numbers that are added up.
#[derive(Debug, Clone, Default)]
pub(super) struct Numbers {
    pub(super) fixed: f64,
    pub(super) nodes: Vec<NodeId>,
}

pub(super) struct Builder<'g, 'b> {
    ground: &'g Ground<'b>,
    /// What two firms differ in; of a field, in the first item of the list.
    changed: Option<Leaf>,
    /// By list, how many items are thought of.
    items: BTreeMap<u32, u32>,
    next: BTreeMap<u32, u32>,
    /// Lists that are held to a number of some items.
    limited: BTreeSet<u32>,
    known: BTreeMap<(NodeId, bool, Place), Formula>,
    /// A lookup whose key is to be in no row.
    pub(super) missed: Option<NodeId>,
}

enum TextTerm {
    Word(Word),
    Variable(Variable),
}

pub(super) type Cases<T> = Vec<(Formula, T)>;

impl<'g, 'b> Builder<'g, 'b> {
    pub(super) fn new(ground: &'g Ground<'b>, changed: Option<Leaf>) -> Builder<'g, 'b> {
        Builder {
            ground,
            changed,
            items: BTreeMap::new(),
            next: BTreeMap::new(),
            limited: BTreeSet::new(),
            known: BTreeMap::new(),
            missed: None,
        }
    }

    /// Does a node hang on what is changed?
    pub(super) fn depends(&self, node: NodeId) -> bool {
        self.changed.is_some_and(|changed| self.ground.hangs_on(node, changed))
    }

    /// All of the questions at once.
    pub(super) fn all(&mut self, asks: &[Ask]) -> Formula {
        self.in_rounds(|builder| builder.asked(asks))
    }

    /// The questions, and that the sum of some numbers for one firm compares so with the sum of others for the other firm.
    pub(super) fn all_and_sums(&mut self, asks: &[Ask], one: &Numbers, op: CmpOp, other: &Numbers) -> Formula {
        self.in_rounds(|builder| {
            let asked = builder.asked(asks);
            let (left, right) = (builder.sum_of(one, 0), builder.sum_of(other, 1));
            let mut parts = Vec::new();
            for (guard, sum) in &left {
                for (other_guard, other) in &right {
                    parts.push(Formula::all([guard.clone(), other_guard.clone(), compared(op, sum, other)]));
                }
            }
            Formula::all([asked, Formula::any(parts)])
        })
    }

    /// A number case by case, where a rule fires.
    pub(super) fn number_cases(&mut self, number: NodeId, outcome: Option<NodeId>) -> Cases<Sum> {
        let asks: Vec<Ask> = outcome.map(|node| Ask::new(node, true)).into_iter().collect();
        self.in_rounds(|builder| {
            let asked = builder.asked(&asks);
            let cases = builder.numbers(number, Place { item: None, copy: 0 });
            cases.into_iter().map(|(guard, sum)| (Formula::all([asked.clone(), guard]), sum)).collect()
        })
    }

    /// The first round counts the items that are thought of; the second says of each what holds for all of them.
    fn in_rounds<T>(&mut self, make: impl Fn(&mut Self) -> T) -> T {
        self.items = self.first_items();
        self.next = self.first_items();
        self.limited.clear();
        self.known.clear();
        make(self);
        self.items = std::mem::take(&mut self.next);
        self.next = self.first_items();
        self.known.clear();
        make(self)
    }

    fn asked(&mut self, asks: &[Ask]) -> Formula {
        let place = |copy| Place { item: None, copy };
        Formula::all(asks.iter().map(|ask| self.formula(ask.node, ask.is, place(ask.copy))).collect::<Vec<_>>())
    }

    /// The item that is changed is there before any other.
    fn first_items(&self) -> BTreeMap<u32, u32> {
        match self.changed {
            Some(Leaf::Field(list, _)) => BTreeMap::from([(list, 1)]),
            _ => BTreeMap::new(),
        }
    }

    fn formula(&mut self, id: NodeId, is: bool, place: Place) -> Formula {
        // What does not hang on the change is the same for both firms.
        let place = Place { copy: if self.depends(id) { place.copy } else { 0 }, ..place };
        if let Some(known) = self.known.get(&(id, is, place)) {
            return known.clone();
        }
        let formula = self.build(id, is, place);
        self.known.insert((id, is, place), formula.clone());
        formula
    }

    fn build(&mut self, id: NodeId, is: bool, place: Place) -> Formula {
        let ground = self.ground;
        match &ground.graph.node(id).op {
            Op::Const(Constant::Bool(value)) => Formula::of(*value == is),
            Op::Unknown => Formula::FALSE,
            Op::Fact(_) | Op::Field(_) => match self.variable(id, place) {
                Some(variable) => self.known_and(variable, Formula::Literal(Literal::is(variable, is))),
                None => self.opaque_bool(id, is, place),
            },
            Op::Up(outer) => self.formula(*outer, is, Place { item: None, ..place }),
            Op::Not(a) => self.formula(*a, !is, place),
            Op::And(parts) | Op::Or(parts) => {
                let all = matches!(ground.graph.node(id).op, Op::And(_)) == is;
                let parts: Vec<Formula> = parts.iter().map(|part| self.formula(*part, is, place)).collect();
                if all { Formula::all(parts) } else { Formula::any(parts) }
            }
            Op::Cmp(op, a, b) => {
                let op = if is { *op } else { op.negated() };
                self.comparison(id, op, *a, *b, is, place)
            }
            Op::If(condition, a, b) => {
                let yes = [self.formula(*condition, true, place), self.formula(*a, is, place)];
                let no = [self.formula(*condition, false, place), self.formula(*b, is, place)];
                Formula::any([Formula::all(yes), Formula::all(no)])
            }
            Op::Coalesce(a, b) => match self.variable(*a, place) {
                Some(variable) if ground.may_be_unknown(variable) => {
                    let known = self.formula(*a, is, place);
                    let other = self.formula(*b, is, place);
                    Formula::any([known, Formula::all([is_known(variable, false), other])])
                }
                Some(_) => self.formula(*a, is, place),
                None => self.opaque_bool(id, is, place),
            },
            Op::Known(a) => match self.variable(*a, place) {
                Some(variable) if ground.may_be_unknown(variable) => is_known(variable, is),
                Some(_) => Formula::of(is),
                None => self.opaque_bool(id, is, place),
            },
            Op::InTexts(a, texts) => {
                let words: Vec<Word> = texts.iter().filter_map(|text| ground.word(text)).collect();
                self.among(*a, words, is, place).unwrap_or_else(|| self.opaque_bool(id, is, place))
            }
            Op::TextTest(test, a, b) => match (self.variable(*a, place), ground.graph.as_constant(*b)) {
                (Some(variable), Some(Constant::Text(part))) if self.is_closed(variable) => {
                    let holds = |text: &str| match test {
                        TextTest::StartsWith => text.starts_with(&**part),
                        TextTest::EndsWith => text.ends_with(&**part),
                        TextTest::Contains => text.contains(&**part),
                    };
                    let words = ground.texts().filter(|(_, text)| holds(text)).map(|(word, _)| word).collect();
                    self.among(*a, words, is, place).unwrap_or_else(|| self.opaque_bool(id, is, place))
                }
                _ => self.opaque_bool(id, is, place),
            },
            Op::Agg(agg) => match (agg.kind, ground.list_of(agg.frame)) {
                (AggKind::Some, Some(list)) => self.quantified(agg, list, is, true, place.copy),
                (AggKind::All, Some(list)) => self.quantified(agg, list, !is, false, place.copy),
                _ => self.opaque_bool(id, is, place),
            },
            _ => self.opaque_bool(id, is, place),
        }
    }

    /// What the key of each row of a table must be, for a lookup in the firm's own frame.
    pub(super) fn rows(&mut self, table: u32, key: NodeId) -> Option<Vec<Formula>> {
        let cases = self.in_rounds(|builder| builder.looked_up(table, key, Place { item: None, copy: 0 }))?;
        Some(cases.into_iter().map(|(guard, _)| guard).collect())
    }

    /// That a key has a value.
    fn is_known(&mut self, key: NodeId, place: Place) -> Formula {
        let guards: Vec<Formula> = if self.ground.graph.ty(key) == Type::Text {
            self.texts(key, place).into_iter().map(|(guard, _)| guard).collect()
        } else {
            self.numbers(key, place).into_iter().map(|(guard, _)| guard).collect()
        };
        Formula::any(guards)
    }

    fn texts(&mut self, id: NodeId, place: Place) -> Cases<TextTerm> {
        let ground = self.ground;
        match &ground.graph.node(id).op {
            Op::Const(Constant::Text(text)) => match ground.word(text) {
                Some(word) => vec![(Formula::TRUE, TextTerm::Word(word))],
                None => Vec::new(),
            },
            Op::Unknown => Vec::new(),
            Op::Fact(_) | Op::Field(_) => match self.variable(id, place) {
                Some(variable) => vec![(self.known_and(variable, Formula::TRUE), TextTerm::Variable(variable))],
                None => vec![(Formula::TRUE, TextTerm::Variable(self.opaque(id, place)))],
            },
            Op::Up(outer) => self.texts(*outer, Place { item: None, ..place }),
            Op::If(condition, a, b) => {
                let mut cases = Vec::new();
                for (is, value) in [(true, *a), (false, *b)] {
                    let when = self.formula(*condition, is, place);
                    for (guard, text) in self.texts(value, place) {
                        cases.push((Formula::all([when.clone(), guard]), text));
                    }
                }
                cases
            }
            _ => vec![(Formula::TRUE, TextTerm::Variable(self.opaque(id, place)))],
        }
    }

    /// Is a text one of some words?
    fn among(&mut self, id: NodeId, mut words: Vec<Word>, is: bool, place: Place) -> Option<Formula> {
        words.sort_unstable();
        words.dedup();
        let parts = self.texts(id, place).into_iter().map(|(guard, text)| {
            let holds = match text {
                TextTerm::Word(word) => Formula::of(words.contains(&word) == is),
                TextTerm::Variable(variable) => {
                    Formula::Literal(Literal::Among { variable, words: words.as_slice().into(), is })
                }
            };
            Formula::all([guard, holds])
        });
        Some(Formula::any(parts.collect::<Vec<_>>()))
    }

    fn is_closed(&self, variable: Variable) -> bool {
        use super::theory::{Domain, Domains};
        matches!(self.ground.domain(variable), Domain::Words(_))
    }

    /// The variable of a leaf.
    fn variable(&self, id: NodeId, place: Place) -> Option<Variable> {
        let ground = self.ground;
        let copy = if self.depends(id) { place.copy } else { 0 };
        match (&ground.graph.node(id).op, place.item) {
            (Op::Fact(fact), _) => Some(Variable::Fact(*fact, copy)),
            (Op::Field(field), Some((list, item))) => {
                // Only one item is changed.
                let copy = if item == 0 { copy } else { 0 };
                Some(Variable::Field { list, item, field: *field, copy })
            }
            (Op::Up(outer), _) => self.variable(*outer, Place { item: None, ..place }),
            _ => None,
        }
    }

    fn known_and(&self, variable: Variable, formula: Formula) -> Formula {
        if self.ground.may_be_unknown(variable) { Formula::all([is_known(variable, true), formula]) } else { formula }
    }

    fn opaque(&self, id: NodeId, place: Place) -> Variable {
        let item = place.item.map_or(NO_ITEM, |(_, item)| item);
        let copy = if self.depends(id) && (item == NO_ITEM || item == 0) { place.copy } else { 0 };
        Variable::Opaque { node: id, item, copy }
    }

    fn opaque_bool(&self, id: NodeId, is: bool, place: Place) -> Formula {
        let words = [TRUE].into();
        Formula::Literal(Literal::Among { variable: self.opaque(id, place), words, is })
    }

    fn opaque_number(&self, id: NodeId, place: Place) -> Cases<Sum> {
        vec![(Formula::TRUE, Sum::variable(self.opaque(id, place)))]
    }
}

fn is_known(variable: Variable, is: bool) -> Formula {
    let known = match variable {
        Variable::Fact(fact, copy) => Variable::FactKnown(fact, copy),
        Variable::Field { list, item, field, copy } => Variable::FieldKnown { list, item, field, copy },
        other => other,
    };
    Formula::Literal(Literal::Among { variable: known, words: [if is { TRUE } else { FALSE }].into(), is: true })
}
