//! Looking ahead over columns: what does not move with the day is in the buffers of a chunk; what does is worked out from there,
//! row by row.

#![expect(clippy::indexing_slicing, reason = "node, frame and slot ids are made by the plan that owns the arrays")]

use std::ops::Range;

use super::operations::value_at;
use super::{Executor, Scratch, bits};
use crate::Tier;
use crate::expr::{FrameId, NodeId, Scalar};
use crate::forecast::moving::{Held, Moving};
use crate::forecast::tiers::{Ahead, Steps};

/// The tiers of a run of rows over the days of the plan.
#[derive(Debug, Default)]
pub(crate) struct TiersAhead {
    /// On the first day, by row.
    pub(crate) tier: Vec<u8>,
    /// Rows whose tier changes, with the first days of the others, in the order of the rows.
    pub(crate) then: Vec<(u32, Vec<(i32, Tier)>)>,
}

/// A row of a chunk.
struct ChunkRow<'s, 'e, 'a> {
    executor: &'e Executor<'a>,
    scratch: &'s Scratch<'a>,
    row: usize,
}

impl<'a> Held<'a> for ChunkRow<'_, '_, 'a> {
    fn value(&self, node: NodeId, item: usize) -> Scalar<'a> {
        value_at(&self.scratch.buffers[node.index()], item)
    }

    fn items(&self, frame: FrameId) -> Range<usize> {
        if frame == FrameId::FIRM {
            return self.row..self.row + 1;
        }
        let outer = self.items(self.executor.plan.frames[frame.index()].parent);
        let starts = &self.scratch.frames[frame.index()].starts;
        starts[outer.start] as usize..starts[outer.end] as usize
    }

    fn outer(&self, frame: FrameId, item: usize) -> usize {
        self.scratch.frames[frame.index()].outer[item] as usize
    }

    fn of(&self, aggregate: NodeId, frame: FrameId, outer: usize) -> Option<Range<usize>> {
        let rows = &self.scratch.frames[frame.index()];
        let partial = bits::bit(&rows.partial, outer) && self.executor.plan.joins[frame.index()].needs_all(aggregate);
        if bits::bit(&rows.unknown, outer) || bits::bit(&rows.too_many, outer) || partial {
            return None;
        }
        Some(rows.starts[outer] as usize..rows.starts[outer + 1] as usize)
    }
}

impl<'a> Executor<'a> {
    /// Evaluates the rows from `from` (a multiple of 64) to `to` over all days of the plan.
    pub(crate) fn run_ahead(&self, from: usize, to: usize) -> TiersAhead {
        let mut moving = Moving::new(self.book, self.plan);
        let rules_stay = self.plan.rules_stay();
        let mut first: Vec<(usize, Tier)> = Vec::new();
        let mut then = Vec::new();
        let outcomes = self.run_chunks(from, to, |scratch| {
            if self.plan.moving.is_empty() && rules_stay {
                return;
            }
            for row in 0..scratch.rows {
                let held = ChunkRow { executor: self, scratch, row };
                moving.run(&held);
                let ahead = Ahead { moving: &moving, held: &held };
                // Most rows do not turn: their tier is that of the masks.
                if rules_stay && ahead.turns().is_empty() {
                    continue;
                }
                let Steps { first: tier, then: days } = ahead.steps();
                first.push((scratch.from - from + row, tier));
                if !days.is_empty() {
                    then.push(((scratch.from + row) as u32, days));
                }
            }
        });
        let mut tier = outcomes.tier;
        for (row, first) in first {
            tier[row] = first as u8;
        }
        TiersAhead { tier, then }
    }
}
