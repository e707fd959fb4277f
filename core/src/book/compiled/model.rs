//! What of a book is stored, field by field. A field that is not named here does not compile.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::codec::{Damaged, Reader, Stored, Stream, Taken, Writer, each};
use crate::book::*;
use crate::expr::graph::{Agg, Frame, Node};
use crate::expr::{AggKind, CmpOp, Constant, FrameId, NodeId, Op, TextTest};
use crate::{Label, Site, Tier, Type, Value};

macro_rules! stored_struct {
    ($($ty:ident { $($field:ident),* $(,)? })*) => {
        $(impl Stored for $ty {
            fn put(&self, to: &mut Writer) {
                let $ty { $($field),* } = self;
                $($field.put(to);)*
            }

            fn take(from: &mut Reader<'_>) -> Taken<$ty> {
                $(let $field = Stored::take(from)?;)*
                Ok($ty { $($field),* })
            }

            fn put_all(values: &[$ty], to: &mut Writer) {
                $(values.iter().for_each(|value| value.$field.put(to));)*
            }

            fn take_all(count: usize, from: &mut Reader<'_>) -> Taken<Vec<$ty>> {
                $(let mut $field = each(count, from)?.into_iter();)*
                let mut all = Vec::with_capacity(count);
                for _ in 0..count {
                    all.push($ty { $($field: $field.next().ok_or(Damaged)?),* });
                }
                Ok(all)
            }
        })*
    };
}

/// Each variant with the number that stands for it, and its fields by name or place.
macro_rules! stored_enum {
    ($($ty:ident { $($tag:literal: $variant:ident { $($field:tt: $name:ident),* $(,)? }),* $(,)? })*) => {
        $(impl Stored for $ty {
            fn put(&self, to: &mut Writer) {
                match self {
                    $($ty::$variant { $($field: $name),* } => {
                        u8::put(&$tag, to);
                        $($name.put(to);)*
                    })*
                }
            }

            fn take(from: &mut Reader<'_>) -> Taken<$ty> {
                Ok(match u8::take(from)? {
                    $($tag => $ty::$variant { $($field: Stored::take(from)?),* },)*
                    _ => return Err(Damaged),
                })
            }
        })*
    };
}

stored_struct! {
    Label { en, zh }
    Document { id, title, title_en, number, issuer, date, url, until, replaced_by }
    Role { id, name }
    KeyField { id, name }
    Fact { name, ty, label, unit, min, max, one_of, absent, worse, site }
    List { name, label, fields, site }
    Measure { name, ty, label, unit, formula, node, site }
    Parameter { name, ty, label, unit, values, overridden }
    ParameterValue { since, value, cite }
    Table { name, label, unit, ty, entries, cite, site }
    RangeEntry { from, above, below, to, value }
    Item { id, name, lowest, highest, group }
    Supervision { tier, control_level, frequency, every_days, verified_by, establish_days, cite, group }
    IssuedList { id, name, cite }
    Formula { text, node }
    Rule {
        id, risk, finding, control, condition, effect, major, lasting, cite, since, until, replaces, within, owner, days, site,
        outcome, fault_sites,
    }
    Scheme { base, bands, site }
    Band { tier, from, below }
    Sector { id, name, key_field, codes, parts, scheme, supervision, rules, site }
    Part { id, name, rules }
    Agg { kind, frame, filter, value }
    Node { op, frame, ty }
    Frame { parent, list }
}

stored_enum! {
    Tier { 0: Blue {}, 1: Yellow {}, 2: Orange {}, 3: Red {} }
    Type { 0: Bool {}, 1: Int {}, 2: Float {}, 3: Text {}, 4: Date {} }
    Value { 0: Bool { 0: a }, 1: Int { 0: a }, 2: Float { 0: a }, 3: Text { 0: a }, 4: Date { 0: a } }
    Constant { 0: Bool { 0: a }, 1: Int { 0: a }, 2: Float { 0: a }, 3: Text { 0: a }, 4: Date { 0: a } }
    Worse { 0: Up {}, 1: Down {}, 2: True {}, 3: False {} }
    Basis { 0: Read {}, 1: Recalled {} }
    Citation {
        0: Clause { document: document, article: article, basis: basis, note: note },
        1: Own { reason: reason },
    }
    Entries { 0: Rows { 0: rows }, 1: Ranges { 0: ranges } }
    Effect { 0: Floor { 0: tier }, 1: Points { item: item, deduct: deduct, amount: amount } }
    Amount { 0: Fixed { 0: points }, 1: Computed { 0: formula } }
    CmpOp { 0: Eq {}, 1: Ne {}, 2: Lt {}, 3: Le {}, 4: Gt {}, 5: Ge {} }
    TextTest { 0: StartsWith {}, 1: EndsWith {}, 2: Contains {} }
    AggKind { 0: Some {}, 1: All {}, 2: Sum {}, 3: Count {}, 4: Max {}, 5: Min {} }
    Op {
        0: Const { 0: a },
        1: Unknown {},
        2: AsOf {},
        3: Param { 0: a },
        4: Fact { 0: a },
        5: Field { 0: a },
        6: Up { 0: a },
        7: ListKnown { 0: a },
        8: Not { 0: a },
        9: And { 0: a },
        10: Or { 0: a },
        11: Cmp { 0: a, 1: b, 2: c },
        12: Neg { 0: a },
        13: Abs { 0: a },
        14: Round { 0: a },
        15: Floor { 0: a },
        16: Ceiling { 0: a },
        17: ToFloat { 0: a },
        18: ToInt { 0: a },
        19: PointsOf { 0: a },
        20: Add { 0: a, 1: b },
        21: Sub { 0: a, 1: b },
        22: Mul { 0: a, 1: b },
        23: Div { 0: a, 1: b },
        24: Rem { 0: a, 1: b },
        25: Min { 0: a, 1: b },
        26: Max { 0: a, 1: b },
        27: DateDiff { 0: a, 1: b },
        28: DateAdd { 0: a, 1: b },
        29: If { 0: a, 1: b, 2: c },
        30: Coalesce { 0: a, 1: b },
        31: Known { 0: a },
        32: TextTest { 0: a, 1: b, 2: c },
        33: TextLen { 0: a },
        34: InTexts { 0: a, 1: b },
        35: Lookup { 0: a, 1: b },
        36: Agg { 0: a },
    }
}

/// By how far it is from the node before.
impl Stored for NodeId {
    fn put(&self, to: &mut Writer) {
        let id = i64::from(self.0);
        to.signed(Stream::Node, id - to.last.node);
        to.last.node = id;
    }

    fn take(from: &mut Reader<'_>) -> Taken<NodeId> {
        let id = from.last.node.checked_add(from.signed(Stream::Node)?).ok_or(Damaged)?;
        from.last.node = id;
        u32::try_from(id).map(NodeId).map_err(|_| Damaged)
    }
}

/// The line by how far it is from the line before.
impl Stored for Site {
    fn put(&self, to: &mut Writer) {
        let changed = to.last.script.as_ref() != Some(&self.script);
        to.number(Stream::Place, u64::from(changed));
        if changed {
            self.script.put(to);
            to.last.script = Some(Arc::clone(&self.script));
        }
        let line = i64::from(self.line);
        to.signed(Stream::Place, line - to.last.line);
        to.last.line = line;
        to.number(Stream::Place, u64::from(self.column));
    }

    fn take(from: &mut Reader<'_>) -> Taken<Site> {
        if from.number(Stream::Place)? != 0 {
            from.last.script = Some(Stored::take(from)?);
        }
        let script = from.last.script.clone().ok_or(Damaged)?;
        let line = from.last.line.checked_add(from.signed(Stream::Place)?).ok_or(Damaged)?;
        from.last.line = line;
        let line = u32::try_from(line).map_err(|_| Damaged)?;
        let column = u32::try_from(from.number(Stream::Place)?).map_err(|_| Damaged)?;
        Ok(Site { script, line, column })
    }
}

impl Stored for FrameId {
    fn put(&self, to: &mut Writer) {
        self.0.put(to);
    }

    fn take(from: &mut Reader<'_>) -> Taken<FrameId> {
        Ok(FrameId(u32::take(from)?))
    }
}

/// The rows of a table, in the order of their keys: the same book gives the same bytes.
impl Stored for HashMap<Arc<str>, Value> {
    fn put(&self, to: &mut Writer) {
        let sorted: BTreeMap<&Arc<str>, &Value> = self.iter().collect();
        sorted.len().put(to);
        for (key, value) in sorted {
            key.put(to);
            value.put(to);
        }
    }

    fn take(from: &mut Reader<'_>) -> Taken<HashMap<Arc<str>, Value>> {
        Ok(Vec::<(Arc<str>, Value)>::take(from)?.into_iter().collect())
    }
}
