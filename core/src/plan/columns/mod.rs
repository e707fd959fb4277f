//! The executor for many firms: every node once for a chunk of rows, in columns. Equal to the executor for [`one`] firm
//! on everything, which the tests check; what is rare (the reasons for faults, the texts of errors) is made by that one.
//!
//! [`one`]: super::one

mod ahead;
pub(crate) mod bits;
mod buffers;
mod frames;
mod kernels;
mod leaves;
mod operations;
mod score;

use pulp::Arch;

use super::{Plan, PlanAmount, PlanEffect};
use crate::book::BookData;
use crate::expr::{NodeId, Op};
use crate::facts::columns::Columns;
use crate::{Type, Value};
pub(crate) use ahead::TiersAhead;
use buffers::{Buffer, Values};
use frames::FrameRows;

/// Rows that are evaluated together: their buffers stay in the fast part of the memory.
const CHUNK: usize = 2048;
/// Pairs of items that a chunk may have; it gets fewer rows where lists are long.
const CHUNK_PAIRS: usize = 1 << 20;

/// What a run of rows came to. Rows count from the start of the run, which is a whole number of mask words.
#[derive(Debug, Default)]
pub(crate) struct Outcomes {
    pub(crate) rows: usize,
    pub(crate) tier: Vec<u8>,
    /// Empty, as are `low` and `high`, where no rule of any row is open: they are the same as on record then.
    pub(crate) best: Vec<u8>,
    pub(crate) worst: Vec<u8>,
    /// On record, lowest, highest; empty without a score.
    pub(crate) score: Vec<i64>,
    pub(crate) low: Vec<i64>,
    pub(crate) high: Vec<i64>,
    /// Some rule of some row is undetermined.
    pub(crate) open: bool,
    /// By rule of the plan.
    pub(crate) fired: Vec<Vec<u64>>,
    pub(crate) undetermined: Vec<Vec<u64>>,
    /// Rows in which some operation faulted, or a value was out of its limits: to be looked at one by one.
    pub(crate) faulted: Vec<u64>,
    pub(crate) erroneous: Vec<u64>,
    /// By measure of the plan.
    pub(crate) measures: Vec<Vec<Option<Value>>>,
}

/// Evaluates a plan over columns.
pub(crate) struct Executor<'a> {
    book: &'a BookData,
    plan: &'a Plan,
    columns: &'a Columns,
    arch: Arch,
    /// Nodes whose values are read as a buffer: a fact that is only compared with constants is read where it lies.
    buffered: Vec<bool>,
    bands: Vec<Option<(f64, f64)>>,
    pairs: bool,
}

/// The buffers of a chunk, kept from one to the next.
struct Scratch<'a> {
    buffers: Vec<Buffer<'a>>,
    frames: Vec<FrameRows>,
    /// Of the chunk: first row, and how many.
    from: usize,
    rows: usize,
    faulted: Vec<u64>,
    erroneous: Vec<u64>,
    /// For bits that only last for one node.
    bits: Vec<u64>,
}

impl<'a> Executor<'a> {
    pub(crate) fn new(book: &'a BookData, plan: &'a Plan, columns: &'a Columns) -> Executor<'a> {
        let mut buffered = vec![false; plan.nodes.len()];
        let mut bands = vec![None; plan.nodes.len()];
        let mut mark = |id: NodeId| {
            if let Some(mark) = buffered.get_mut(id.index()) {
                *mark = true;
            }
        };
        for (at, node) in plan.nodes.iter().enumerate() {
            if let Op::Cmp(_, a, b) = &node.op {
                let constant = plan.node(*b).and_then(|node| match &node.op {
                    Op::Const(constant) => Some(constant),
                    _ => None,
                });
                if let (Some(constant), Some(band)) = (constant, bands.get_mut(at)) {
                    if let crate::expr::Constant::Float(bits) = constant {
                        *band = Some(kernels::tolerance_band(f64::from_bits(*bits)));
                    }
                    let fact = plan.node(*a).is_some_and(|node| matches!(node.op, Op::Fact(_)));
                    if fact && constant.ty() != Type::Text {
                        continue;
                    }
                }
                mark(*a);
                mark(*b);
                continue;
            }
            match &node.op {
                Op::Up(a) => mark(*a),
                Op::Agg(agg) => agg.filter.iter().chain(&agg.value).for_each(|id| mark(*id)),
                Op::Known(_) => {}
                other => other.operands().into_iter().for_each(&mut mark),
            }
        }
        for rule in &plan.rules {
            mark(rule.outcome);
            if let PlanEffect::Points { amount: PlanAmount::Computed(node), .. } = rule.effect {
                mark(node);
            }
        }
        plan.measures.iter().for_each(|(_, node)| mark(*node));
        let pairs = plan.frames.iter().skip(1).any(|frame| frame.parent != crate::expr::FrameId::FIRM);
        Executor { book, plan, columns, arch: Arch::new(), buffered, bands, pairs }
    }

    /// Evaluates the rows from `from` (a multiple of 64) to `to`.
    pub(crate) fn run(&self, from: usize, to: usize) -> Outcomes {
        self.run_chunks(from, to, |_| {})
    }

    /// [`Executor::run`], with a look at the buffers of each chunk while they are full.
    fn run_chunks(&self, from: usize, to: usize, mut look: impl FnMut(&Scratch<'a>)) -> Outcomes {
        let mut scratch = Scratch {
            buffers: self.plan.nodes.iter().map(|_| Buffer::default()).collect(),
            frames: self.plan.frames.iter().map(|_| FrameRows::default()).collect(),
            from,
            rows: 0,
            faulted: Vec::new(),
            erroneous: Vec::new(),
            bits: Vec::new(),
        };
        let mut out = Outcomes {
            fired: vec![Vec::new(); self.plan.rules.len()],
            undetermined: vec![Vec::new(); self.plan.rules.len()],
            measures: vec![Vec::new(); self.plan.measures.len()],
            ..Outcomes::default()
        };
        out.tier.reserve(to - from);
        out.score.reserve(if self.plan.scheme.is_some() { to - from } else { 0 });
        for masks in out.fired.iter_mut().chain(&mut out.undetermined) {
            masks.reserve(bits::words(to - from));
        }
        while scratch.from < to {
            scratch.rows = self.chunk_rows(scratch.from, to);
            self.chunk(&mut scratch, &mut out);
            look(&scratch);
            scratch.from += scratch.rows;
        }
        out
    }

    /// How many rows the next chunk has: whole words of masks but at the end.
    fn chunk_rows(&self, from: usize, to: usize) -> usize {
        let most = CHUNK.min(to - from);
        if !self.pairs {
            return most;
        }
        let mut rows = 0;
        let mut pairs = 0usize;
        while rows < most {
            let word = 64.min(most - rows);
            pairs += (from + rows..from + rows + word).map(|row| self.pairs_of(row)).sum::<usize>();
            if rows > 0 && pairs > CHUNK_PAIRS {
                break;
            }
            rows += word;
        }
        rows
    }

    fn chunk(&self, scratch: &mut Scratch<'a>, out: &mut Outcomes) {
        bits::fill(&mut scratch.faulted, scratch.rows, false);
        bits::fill(&mut scratch.erroneous, scratch.rows, false);
        self.frames(scratch);
        for at in 0..self.plan.nodes.len() {
            self.node(NodeId(at as u32), scratch);
        }
        self.decide(scratch, out);
        self.take_measures(scratch, out);
        out.faulted.extend_from_slice(&scratch.faulted);
        out.erroneous.extend_from_slice(&scratch.erroneous);
        out.rows += scratch.rows;
    }

    fn take_measures(&self, scratch: &Scratch<'a>, out: &mut Outcomes) {
        for ((_, node), values) in self.plan.measures.iter().zip(&mut out.measures) {
            let Some(buffer) = scratch.buffers.get(node.index()) else { continue };
            values.extend((0..scratch.rows).map(|row| {
                if !buffer.is_known(row) {
                    return None;
                }
                Some(match &buffer.values {
                    Values::Bool(bits) => Value::Bool(bits::bit(bits, row)),
                    Values::Int(values) => Value::Int(*values.get(row)?),
                    Values::Float(values) => Value::Float(*values.get(row)?),
                    Values::Date(values) => Value::Date(crate::Date::from_days(*values.get(row)?)?),
                    Values::Text(values) => Value::Text((*values.get(row)?).into()),
                })
            }));
        }
    }
}
