//! The items of lists, laid side by side for a chunk, and which row or item each belongs to.

#![expect(clippy::indexing_slicing, reason = "frame and slot ids are made by the plan that owns the arrays")]

use super::{Executor, Scratch, bits};
use crate::expr::FrameId;
use crate::plan::pairs::{MAX_PAIRS, Pairs, Side, pair};

/// The items of a frame for the rows of a chunk.
#[derive(Debug, Default)]
pub(crate) struct FrameRows {
    pub(crate) len: usize,
    /// By item: the row, or item, of the frame outside.
    pub(crate) outer: Vec<u32>,
    /// By row, or item, of the frame outside: where its items begin; and the end of the last.
    pub(crate) starts: Vec<u32>,
    /// By item: its place among the items of its list in the chunk; empty where that is the item itself.
    pub(crate) place: Vec<u32>,
    /// Rows, or items, outside whose list is unknown, or whose pairs are too many.
    pub(crate) unknown: Vec<u64>,
    pub(crate) too_many: Vec<u64>,
    /// Items outside of which only the pairs are there that aggregates with an equality look at.
    pub(crate) partial: Vec<u64>,
}

impl<'a> Executor<'a> {
    /// The most pairs that closures inside closures look at for a row.
    pub(super) fn pairs_of(&self, row: usize) -> usize {
        let len = |list: u32| self.columns.lists[list as usize].items(row).map_or(0, |(from, to)| to - from);
        let frames = self.plan.frames.iter().skip(1).filter(|frame| frame.parent != FrameId::FIRM);
        let pairs = frames.map(|frame| len(frame.list) * len(self.plan.frames[frame.parent.index()].list));
        pairs.map(|pairs| pairs.min(MAX_PAIRS)).sum()
    }

    pub(super) fn frames(&self, scratch: &mut Scratch<'a>) {
        let mut pairs = Pairs::default();
        for at in 1..self.plan.frames.len() {
            let frame = self.plan.frames[at];
            let (before, rest) = scratch.frames.split_at_mut(at);
            let rows = &mut rest[0];
            let list = &self.columns.lists[frame.list as usize];
            rows.outer.clear();
            rows.starts.clear();
            rows.place.clear();
            rows.starts.push(0);
            if frame.parent == FrameId::FIRM {
                bits::fill(&mut rows.unknown, scratch.rows, false);
                bits::fill(&mut rows.too_many, scratch.rows, false);
                bits::fill(&mut rows.partial, scratch.rows, false);
                for row in 0..scratch.rows {
                    match list.items(scratch.from + row) {
                        None => bits::set(&mut rows.unknown, row),
                        Some((from, to)) => rows.outer.extend(std::iter::repeat_n(row as u32, to - from)),
                    }
                    rows.starts.push(rows.outer.len() as u32);
                }
                rows.len = rows.outer.len();
                continue;
            }
            // A closure inside a closure: for each item outside the items of this list that it goes with.
            let parent = &before[frame.parent.index()];
            bits::fill(&mut rows.unknown, parent.len, false);
            bits::fill(&mut rows.too_many, parent.len, false);
            bits::fill(&mut rows.partial, parent.len, false);
            let chunk_start = list.offsets[scratch.from];
            let outer_list = self.plan.frames[frame.parent.index()].list as usize;
            let outer_start = self.columns.lists[outer_list].offsets[scratch.from];
            let mut from_outer = 0;
            while from_outer < parent.len {
                let row = self.firm_of(frame.parent, from_outer, before);
                let same = |outer: &usize| self.firm_of(frame.parent, *outer, before) == row;
                let outer_len = (from_outer..parent.len).take_while(same).count();
                match list.items(scratch.from + row) {
                    None => {
                        for outer in from_outer..from_outer + outer_len {
                            bits::set(&mut rows.unknown, outer);
                            rows.starts.push(rows.outer.len() as u32);
                        }
                    }
                    Some((from, to)) => {
                        let outer_value = |field: usize, outer: usize| {
                            let outer = from_outer + outer;
                            let item = parent.place.get(outer).map_or(outer, |place| *place as usize);
                            self.columns.item_value(self.plan, outer_list, field, outer_start + item)
                        };
                        let inner_value = |field: usize, item: usize| {
                            self.columns.item_value(self.plan, frame.list as usize, field, from + item)
                        };
                        let found = pair(
                            &self.plan.joins[at],
                            &Side { len: outer_len, value: outer_value },
                            &Side { len: to - from, value: inner_value },
                            &mut pairs,
                        );
                        if pairs.partial {
                            (from_outer..from_outer + outer_len).for_each(|outer| bits::set(&mut rows.partial, outer));
                        }
                        let base = rows.outer.len() as u32;
                        if found {
                            rows.outer.extend(pairs.outer.iter().map(|outer| from_outer as u32 + outer));
                            rows.place.extend(pairs.place.iter().map(|item| (from - chunk_start) as u32 + item));
                            rows.starts.extend(pairs.starts.iter().skip(1).map(|start| base + start));
                        } else {
                            for outer in from_outer..from_outer + outer_len {
                                bits::set(&mut rows.too_many, outer);
                                rows.starts.push(base);
                            }
                        }
                    }
                }
                from_outer += outer_len;
            }
            rows.len = rows.outer.len();
        }
    }

    /// How many rows a frame has in this chunk.
    pub(super) fn len_of(&self, frame: FrameId, scratch: &Scratch<'a>) -> usize {
        if frame == FrameId::FIRM { scratch.rows } else { scratch.frames[frame.index()].len }
    }

    /// Marks the firm that an item belongs to.
    pub(super) fn firm_of(&self, frame: FrameId, item: usize, frames: &[FrameRows]) -> usize {
        let mut item = item;
        let mut frame = frame;
        while frame != FrameId::FIRM {
            item = frames[frame.index()].outer[item] as usize;
            frame = self.plan.frames[frame.index()].parent;
        }
        item
    }
}
