//! Every operation, over the rows of a chunk.

#![expect(clippy::indexing_slicing, reason = "node, frame and slot ids are made by the plan that owns the arrays")]

use super::buffers::{Buffer, Values};
use super::{Executor, Scratch, bits, kernels};
use crate::Type;
use crate::expr::graph::{Agg, AggState};
use crate::expr::scalar::{self, text_test};
use crate::expr::{CmpOp, Constant, FrameId, NodeId, Op, Scalar};
use crate::plan::look_up;

impl<'a> Executor<'a> {
    pub(super) fn node(&self, id: NodeId, scratch: &mut Scratch<'a>) {
        let node = &self.plan.nodes[id.index()];
        let rows = match &node.op {
            // Constants are as long as the longest frame that may read them.
            Op::Const(_) => {
                if !self.buffered[id.index()] {
                    return;
                }
                scratch.frames.iter().skip(1).map(|frame| frame.len).max().unwrap_or(0).max(scratch.rows)
            }
            Op::Unknown => scratch.frames.iter().skip(1).map(|frame| frame.len).max().unwrap_or(0).max(scratch.rows),
            _ => self.len_of(node.frame, scratch),
        };
        let mut buffer = std::mem::take(&mut scratch.buffers[id.index()]);
        self.evaluate(id, rows, &mut buffer, scratch);
        scratch.buffers[id.index()] = buffer;
    }

    fn evaluate(&self, id: NodeId, rows: usize, out: &mut Buffer<'a>, scratch: &mut Scratch<'a>) {
        let plan = self.plan;
        let node = &plan.nodes[id.index()];
        let words = bits::words(rows);
        match &node.op {
            Op::Const(constant) => constant_buffer(constant, rows, out),
            Op::Unknown => unknown_buffer(node.ty, rows, out),
            Op::AsOf => {
                out.full = true;
                out.date_mut(rows).fill(i64::from(plan.days.first.days()));
            }
            Op::Param(slot) => match &plan.params[*slot as usize].first {
                Some(constant) => constant_buffer(constant, rows, out),
                None => unknown_buffer(node.ty, rows, out),
            },
            Op::Fact(slot) => {
                let (fact, column) = (&plan.facts[*slot as usize], &self.columns.facts[*slot as usize]);
                let needed = self.buffered[id.index()] || !Self::lies_in_place(&fact.spec, column);
                let mut bad = std::mem::take(&mut scratch.bits);
                self.load(&fact.spec, column, (scratch.from, rows), needed, out, &mut bad);
                for (all, bad) in scratch.erroneous.iter_mut().zip(&bad) {
                    *all |= bad;
                }
                scratch.bits = bad;
            }
            Op::Field(field) => self.field(*field as usize, node.frame, rows, out, scratch),
            Op::ListKnown(slot) => {
                let list = &self.columns.lists[*slot as usize];
                bits::copy_validity(list.valid.as_ref(), scratch.from, rows, out.bool_mut(words));
                out.full = true;
            }
            Op::Up(a) => gather(&scratch.buffers[a.index()], &scratch.frames[node.frame.index()].outer, out),
            Op::And(operands) => junction(operands, false, words, out, &scratch.buffers),
            Op::Or(operands) => junction(operands, true, words, out, &scratch.buffers),
            Op::Not(a) => {
                let a = &scratch.buffers[a.index()];
                out.know_as(a);
                let truth = out.bool_mut(words);
                for (word, truth) in truth.iter_mut().enumerate() {
                    *truth = a.no(word);
                }
            }
            Op::Known(a) => {
                let a = &scratch.buffers[a.index()];
                let truth = out.bool_mut(words);
                for (word, truth) in truth.iter_mut().enumerate() {
                    *truth = a.known_word(word);
                }
                out.full = true;
            }
            Op::Cmp(op, a, b) => self.compare(id, *op, (*a, *b), rows, out, scratch),
            Op::If(condition, a, b) => {
                let [condition, a, b] = [condition, a, b].map(|id| &scratch.buffers[id.index()]);
                choose(condition, a, b, rows, out);
            }
            Op::Coalesce(a, b) => {
                let [a, b] = [a, b].map(|id| &scratch.buffers[id.index()]);
                coalesce(a, b, rows, out);
            }
            Op::Agg(agg) => self.aggregate(id, agg, rows, out, scratch),
            Op::Lookup(table, key) => self.lookup(id, *table, *key, rows, out, scratch),
            Op::Add(a, b) | Op::Sub(a, b) | Op::Mul(a, b) if node.ty == Type::Float => {
                let [a, b] = [a, b].map(|id| &scratch.buffers[id.index()]);
                out.know_both(a, b, rows);
                let values = out.float_mut(rows);
                let (a, b) = (&a.floats()[..rows], &b.floats()[..rows]);
                match &node.op {
                    Op::Add(..) => kernels::zip(
                        self.arch,
                        a,
                        b,
                        values,
                        #[inline(always)]
                        |a, b| a + b,
                    ),
                    Op::Sub(..) => kernels::zip(
                        self.arch,
                        a,
                        b,
                        values,
                        #[inline(always)]
                        |a, b| a - b,
                    ),
                    _ => kernels::zip(
                        self.arch,
                        a,
                        b,
                        values,
                        #[inline(always)]
                        |a, b| a * b,
                    ),
                }
                let mut bad = std::mem::take(&mut scratch.bits);
                bad.clear();
                bad.resize(words, 0);
                kernels::not_finite(self.arch, out.floats(), &mut bad);
                self.fault_rows(node.frame, rows, &mut bad, out, scratch);
                scratch.bits = bad;
            }
            // Whole numbers that are far from the ends of their range cannot leave it: then no row need be looked at.
            Op::Add(a, b) | Op::Sub(a, b) | Op::Mul(a, b) if self.is_small(&node.op, *a, *b, rows, scratch) => {
                let [a, b] = [a, b].map(|id| &scratch.buffers[id.index()]);
                out.know_both(a, b, rows);
                let (a, b) = (&a.ints()[..rows], &b.ints()[..rows]);
                let values = out.int_mut(rows);
                match &node.op {
                    Op::Add(..) => kernels::zip(
                        self.arch,
                        a,
                        b,
                        values,
                        #[inline(always)]
                        |a: i64, b: i64| a.wrapping_add(b),
                    ),
                    Op::Sub(..) => kernels::zip(
                        self.arch,
                        a,
                        b,
                        values,
                        #[inline(always)]
                        |a: i64, b: i64| a.wrapping_sub(b),
                    ),
                    _ => kernels::zip(
                        self.arch,
                        a,
                        b,
                        values,
                        #[inline(always)]
                        |a: i64, b: i64| a.wrapping_mul(b),
                    ),
                }
            }
            Op::ToFloat(a) => {
                let a = &scratch.buffers[a.index()];
                out.know_as(a);
                kernels::map(
                    self.arch,
                    &a.ints()[..rows],
                    out.float_mut(rows),
                    #[inline(always)]
                    |a| a as f64,
                );
            }
            Op::DateDiff(a, b) => {
                let [a, b] = [a, b].map(|id| &scratch.buffers[id.index()]);
                out.know_both(a, b, rows);
                let (a, b) = (&a.ints()[..rows], &b.ints()[..rows]);
                kernels::zip(
                    self.arch,
                    a,
                    b,
                    out.int_mut(rows),
                    #[inline(always)]
                    |a: i64, b: i64| a.wrapping_sub(b),
                );
            }
            // The rest row by row, by the very functions of the one-firm executor.
            Op::Neg(a)
            | Op::Abs(a)
            | Op::Round(a)
            | Op::Floor(a)
            | Op::Ceiling(a)
            | Op::ToInt(a)
            | Op::PointsOf(a)
            | Op::TextLen(a)
            | Op::InTexts(a, _) => {
                self.each_row(id, rows, out, scratch, |buffers, row| match value_at(&buffers[a.index()], row) {
                    Scalar::Unknown => Ok(Scalar::Unknown),
                    value => scalar::unary(&node.op, value),
                });
            }
            Op::Add(a, b)
            | Op::Sub(a, b)
            | Op::Mul(a, b)
            | Op::Div(a, b)
            | Op::Rem(a, b)
            | Op::Min(a, b)
            | Op::Max(a, b)
            | Op::DateAdd(a, b) => {
                self.each_row(id, rows, out, scratch, |buffers, row| {
                    match (value_at(&buffers[a.index()], row), value_at(&buffers[b.index()], row)) {
                        (Scalar::Unknown, _) | (_, Scalar::Unknown) => Ok(Scalar::Unknown),
                        (a, b) => scalar::binary(&node.op, a, b),
                    }
                });
            }
            Op::TextTest(test, a, b) => {
                let [a, b] = [a, b].map(|id| &scratch.buffers[id.index()]);
                out.know_both(a, b, rows);
                let truth = out.bool_mut(words);
                truth.fill(0);
                for (row, (a, b)) in a.texts().iter().zip(b.texts()).take(rows).enumerate() {
                    if text_test(*test, a, b) {
                        bits::set(truth, row);
                    }
                }
                only_known(out);
            }
        }
    }

    /// Are all values so small that the operation cannot overflow?
    fn is_small(&self, op: &Op, a: NodeId, b: NodeId, rows: usize, scratch: &Scratch<'a>) -> bool {
        let most = if matches!(op, Op::Mul(..)) { i64::from(i32::MAX) } else { i64::MAX / 2 };
        let inside = |id: NodeId| {
            let values = scratch.buffers[id.index()].ints();
            values.len() >= rows && kernels::all_inside(self.arch, &values[..rows], -most, most)
        };
        inside(a) && inside(b)
    }

    /// Reads a field for the items of a frame.
    fn field(&self, field: usize, frame: FrameId, rows: usize, out: &mut Buffer<'a>, scratch: &mut Scratch<'a>) {
        let list_slot = self.plan.frames[frame.index()].list as usize;
        let (list, column) = (&self.plan.lists[list_slot], &self.columns.lists[list_slot]);
        let (spec, values) = (&list.fields[field], &column.fields[field]);
        let from = column.offsets[scratch.from];
        let to = column.offsets[scratch.from + scratch.rows];
        let mut bad = std::mem::take(&mut scratch.bits);
        let nested = self.plan.frames[frame.index()].parent != FrameId::FIRM;
        if nested {
            let mut flat = Buffer::default();
            self.load(spec, values, (from, to - from), true, &mut flat, &mut bad);
            gather(&flat, &scratch.frames[frame.index()].place, out);
            bits::for_each_set(&bad, |item| {
                let row = column.offsets.partition_point(|start| *start <= from + item).saturating_sub(1);
                bits::set(&mut scratch.erroneous, row - scratch.from);
            });
        } else {
            self.load(spec, values, (from, rows), true, out, &mut bad);
            bits::for_each_set(&bad, |item| {
                let row = scratch.frames[frame.index()].outer[item] as usize;
                bits::set(&mut scratch.erroneous, row);
            });
        }
        scratch.bits = bad;
    }

    fn compare(
        &self,
        id: NodeId,
        op: CmpOp,
        (a_id, b_id): (NodeId, NodeId),
        rows: usize,
        out: &mut Buffer<'a>,
        scratch: &Scratch<'a>,
    ) {
        let words = bits::words(rows);
        let a = &scratch.buffers[a_id.index()];
        let (a_node, b_node) = (&self.plan.nodes[a_id.index()], &self.plan.nodes[b_id.index()]);
        if let Op::Const(constant) = &b_node.op {
            let band = self.bands[id.index()];
            out.know_as(a);
            let truth = out.bool_mut(words);
            let in_place = match &a_node.op {
                Op::Fact(slot) => {
                    let (fact, column) = (&self.plan.facts[*slot as usize], &self.columns.facts[*slot as usize]);
                    self.compare_in_place(&fact.spec, column, (scratch.from, rows), op, (constant, band), truth)
                }
                _ => false,
            };
            if !in_place {
                match (&a.values, constant) {
                    (Values::Int(values), Constant::Int(constant)) => {
                        kernels::compare_const(self.arch, op, &values[..rows], *constant, truth);
                    }
                    (Values::Date(values), Constant::Date(constant)) => {
                        kernels::compare_const(self.arch, op, &values[..rows], i64::from(constant.days()), truth);
                    }
                    (Values::Float(values), Constant::Float(_)) => {
                        kernels::compare_band(self.arch, op, &values[..rows], band.unwrap_or_default(), truth);
                    }
                    (Values::Text(values), Constant::Text(constant)) => {
                        truth.fill(0);
                        for (row, value) in values.iter().take(rows).enumerate() {
                            if scalar::compare(op, *value, &**constant) {
                                bits::set(truth, row);
                            }
                        }
                    }
                    _ => truth.fill(0),
                }
            }
            only_known(out);
            return;
        }
        let b = &scratch.buffers[b_id.index()];
        out.know_both(a, b, rows);
        let truth = out.bool_mut(words);
        match (&a.values, &b.values) {
            (Values::Int(a), Values::Int(b)) | (Values::Date(a), Values::Date(b)) => {
                kernels::compare_ints(self.arch, op, &a[..rows], &b[..rows], truth);
            }
            (Values::Float(a), Values::Float(b)) => {
                kernels::compare_float_pairs(self.arch, op, &a[..rows], &b[..rows], truth);
            }
            (Values::Text(a), Values::Text(b)) => {
                truth.fill(0);
                for (row, (a, b)) in a.iter().zip(b).take(rows).enumerate() {
                    if scalar::compare(op, *a, *b) {
                        bits::set(truth, row);
                    }
                }
            }
            _ => truth.fill(0),
        }
        only_known(out);
    }

    /// Takes rows that faulted from the known ones and marks their firms. Only rows that were known can fault.
    fn fault_rows(
        &self,
        frame: FrameId,
        rows: usize,
        bad: &mut [u64],
        out: &mut Buffer<'a>,
        scratch: &mut Scratch<'a>,
    ) {
        let mut any = 0;
        for (word, bad) in bad.iter_mut().enumerate() {
            *bad &= out.known_word(word) & bits::row_bits(rows, word);
            any |= *bad;
        }
        if any == 0 {
            return;
        }
        out.forget(bad, rows);
        bits::for_each_set(bad, |item| {
            let row = self.firm_of(frame, item, &scratch.frames);
            bits::set(&mut scratch.faulted, row);
        });
    }

    fn each_row(
        &self,
        id: NodeId,
        rows: usize,
        out: &mut Buffer<'a>,
        scratch: &mut Scratch<'a>,
        value: impl Fn(&[Buffer<'a>], usize) -> Result<Scalar<'a>, crate::FaultKind>,
    ) {
        let node = &self.plan.nodes[id.index()];
        let mut writer = RowWriter::new(out, node.ty, rows);
        for row in 0..rows {
            match value(&scratch.buffers, row) {
                Ok(value) => writer.put(row, value),
                Err(_) => {
                    let firm = self.firm_of(node.frame, row, &scratch.frames);
                    bits::set(&mut scratch.faulted, firm);
                }
            }
        }
    }

    fn lookup(
        &self,
        id: NodeId,
        table: u32,
        key: NodeId,
        rows: usize,
        out: &mut Buffer<'a>,
        scratch: &mut Scratch<'a>,
    ) {
        let book = self.book;
        self.each_row(id, rows, out, scratch, |buffers, row| {
            look_up(book, table, value_at(&buffers[key.index()], row))
        });
    }

    fn aggregate(&self, id: NodeId, agg: &Agg, rows: usize, out: &mut Buffer<'a>, scratch: &mut Scratch<'a>) {
        let node = &self.plan.nodes[id.index()];
        let mut writer = RowWriter::new(out, node.ty, rows);
        let needs_all = self.plan.joins[agg.frame.index()].needs_all(id);
        for row in 0..rows {
            let frame = &scratch.frames[agg.frame.index()];
            let result = if bits::bit(&frame.unknown, row) {
                Ok(Scalar::Unknown)
            } else if bits::bit(&frame.too_many, row) || (needs_all && bits::bit(&frame.partial, row)) {
                Err(crate::FaultKind::TooManyPairs)
            } else {
                let mut state = AggState::new(agg.kind);
                for item in frame.starts[row] as usize..frame.starts[row + 1] as usize {
                    let filter =
                        agg.filter.map_or(Scalar::Bool(true), |id| value_at(&scratch.buffers[id.index()], item));
                    match filter {
                        Scalar::Bool(false) => {}
                        Scalar::Bool(_) => {
                            state.add(
                                agg.value.map_or(Scalar::Bool(true), |id| value_at(&scratch.buffers[id.index()], item)),
                            );
                        }
                        _ => state.add(Scalar::Unknown),
                    }
                }
                state.result(node.ty)
            };
            match result {
                Ok(value) => writer.put(row, value),
                Err(_) => {
                    let firm = self.firm_of(node.frame, row, &scratch.frames);
                    bits::set(&mut scratch.faulted, firm);
                }
            }
        }
    }
}

/// One value of a buffer.
pub(super) fn value_at<'a>(buffer: &Buffer<'a>, row: usize) -> Scalar<'a> {
    if !buffer.is_known(row) {
        return Scalar::Unknown;
    }
    match &buffer.values {
        Values::Bool(truth) => Scalar::Bool(bits::bit(truth, row)),
        Values::Int(values) => values.get(row).map_or(Scalar::Unknown, |value| Scalar::Int(*value)),
        Values::Float(values) => values.get(row).map_or(Scalar::Unknown, |value| Scalar::Float(*value)),
        Values::Date(values) => values.get(row).map_or(Scalar::Unknown, |value| Scalar::Date(*value as i32)),
        Values::Text(values) => values.get(row).map_or(Scalar::Unknown, |value| Scalar::Text(value)),
    }
}

/// Writes values one by one; a row that is not written stays unknown.
struct RowWriter<'w, 'a> {
    buffer: &'w mut Buffer<'a>,
}

impl<'w, 'a> RowWriter<'w, 'a> {
    fn new(buffer: &'w mut Buffer<'a>, ty: Type, rows: usize) -> RowWriter<'w, 'a> {
        buffer.full = false;
        bits::fill(&mut buffer.known, rows, false);
        match ty {
            Type::Bool => buffer.bool_mut(bits::words(rows)).fill(0),
            Type::Int => drop(buffer.int_mut(rows)),
            Type::Float => drop(buffer.float_mut(rows)),
            Type::Date => drop(buffer.date_mut(rows)),
            Type::Text => drop(buffer.text_mut(rows)),
        }
        RowWriter { buffer }
    }

    fn put(&mut self, row: usize, value: Scalar<'a>) {
        match (&mut self.buffer.values, value) {
            (_, Scalar::Unknown) => return,
            (Values::Bool(truth), Scalar::Bool(value)) => {
                if value {
                    bits::set(truth, row);
                }
            }
            (Values::Int(values), Scalar::Int(value)) => values[row] = value,
            (Values::Float(values), Scalar::Float(value)) => values[row] = value,
            (Values::Date(values), Scalar::Date(value)) => values[row] = i64::from(value),
            (Values::Text(values), Scalar::Text(value)) => values[row] = value,
            _ => return,
        }
        bits::set(&mut self.buffer.known, row);
    }
}

fn constant_buffer<'a>(constant: &'a Constant, rows: usize, out: &mut Buffer<'a>) {
    let filled = match &out.values {
        Values::Bool(values) => values.len() * 64,
        Values::Int(values) | Values::Date(values) => values.len(),
        Values::Float(values) => values.len(),
        Values::Text(values) => values.len(),
    };
    // Filled once, for the longest chunk so far.
    if out.full && filled >= rows {
        return;
    }
    out.full = true;
    match constant {
        Constant::Bool(value) => {
            let word = if *value { u64::MAX } else { 0 };
            out.bool_mut(bits::words(rows)).fill(word);
        }
        Constant::Int(value) => out.int_mut(rows).fill(*value),
        Constant::Float(value) => out.float_mut(rows).fill(f64::from_bits(*value)),
        Constant::Date(value) => out.date_mut(rows).fill(i64::from(value.days())),
        Constant::Text(value) => out.text_mut(rows).fill(value),
    }
}

fn unknown_buffer(ty: Type, rows: usize, out: &mut Buffer<'_>) {
    RowWriter::new(out, ty, rows);
}

/// Rows that are not known are not true either.
fn only_known(out: &mut Buffer<'_>) {
    if out.full {
        return;
    }
    let known = std::mem::take(&mut out.known);
    for (truth, known) in out.bool_mut(known.len()).iter_mut().zip(&known) {
        *truth &= known;
    }
    out.known = known;
}

fn junction(operands: &[NodeId], dominant: bool, words: usize, out: &mut Buffer<'_>, buffers: &[Buffer<'_>]) {
    let all_full = operands.iter().all(|id| buffers[id.index()].full);
    let mut known = std::mem::take(&mut out.known);
    known.clear();
    let truth = out.bool_mut(words);
    if all_full {
        truth.fill(if dominant { 0 } else { u64::MAX });
        for id in operands {
            let operand = buffers[id.index()].truth();
            for (truth, operand) in truth.iter_mut().zip(operand) {
                *truth = if dominant { *truth | operand } else { *truth & operand };
            }
        }
    } else {
        for (word, truth) in truth.iter_mut().enumerate() {
            // `hit`: some operand decides; `miss`: every operand is known not to.
            let (mut hit, mut miss) = (0u64, u64::MAX);
            for id in operands {
                let operand = &buffers[id.index()];
                let (yes, no) = (operand.yes(word), operand.no(word));
                hit |= if dominant { yes } else { no };
                miss &= if dominant { no } else { yes };
            }
            *truth = if dominant { hit } else { miss };
            known.push(hit | miss);
        }
    }
    out.full = all_full;
    out.known = known;
}

fn gather<'a>(from: &Buffer<'a>, places: &[u32], out: &mut Buffer<'a>) {
    let rows = places.len();
    let words = bits::words(rows);
    out.full = from.full;
    out.known.clear();
    if !from.full {
        out.known.resize(words, 0);
        for (row, place) in places.iter().enumerate() {
            if from.is_known(*place as usize) {
                bits::set(&mut out.known, row);
            }
        }
    }
    match &from.values {
        Values::Bool(truth) => {
            let out = out.bool_mut(words);
            out.fill(0);
            for (row, place) in places.iter().enumerate() {
                if bits::bit(truth, *place as usize) {
                    bits::set(out, row);
                }
            }
        }
        Values::Int(values) => copy_places(values, places, out.int_mut(rows)),
        Values::Float(values) => copy_places(values, places, out.float_mut(rows)),
        Values::Date(values) => copy_places(values, places, out.date_mut(rows)),
        Values::Text(values) => copy_places(values, places, out.text_mut(rows)),
    }
}

fn copy_places<T: Copy>(values: &[T], places: &[u32], out: &mut [T]) {
    for (out, place) in out.iter_mut().zip(places) {
        *out = values[*place as usize];
    }
}

fn choose<'a>(condition: &Buffer<'a>, a: &Buffer<'a>, b: &Buffer<'a>, rows: usize, out: &mut Buffer<'a>) {
    let words = bits::words(rows);
    out.full = condition.full && a.full && b.full;
    out.known.clear();
    let mut equal = vec![0u64; words];
    if !condition.full {
        for (row, both) in (0..rows).map(|row| (row, a.is_known(row) && b.is_known(row))) {
            if both && value_at(a, row) == value_at(b, row) {
                bits::set(&mut equal, row);
            }
        }
    }
    if !out.full {
        out.known.extend((0..words).map(|word| {
            let (yes, no) = (condition.yes(word), condition.no(word));
            let open = !(yes | no);
            (yes & a.known_word(word)) | (no & b.known_word(word)) | (open & equal[word])
        }));
    }
    // Where the condition is open and both sides are equal, the first: of two zeros they may not be the same.
    let pick = |row: usize| bits::bit(condition.truth(), row) || !condition.is_known(row);
    match (&a.values, &b.values) {
        (Values::Bool(a), Values::Bool(b)) => {
            let out = out.bool_mut(words);
            for (word, out) in out.iter_mut().enumerate() {
                let yes = condition.yes(word);
                // Where the condition is open, both sides are equal or the row is unknown.
                *out = (yes & a[word]) | (!yes & b[word]);
            }
        }
        (Values::Int(a), Values::Int(b)) => select(a, b, pick, out.int_mut(rows)),
        (Values::Float(a), Values::Float(b)) => select(a, b, pick, out.float_mut(rows)),
        (Values::Date(a), Values::Date(b)) => select(a, b, pick, out.date_mut(rows)),
        (Values::Text(a), Values::Text(b)) => select(a, b, pick, out.text_mut(rows)),
        _ => {}
    }
    if matches!(out.values, Values::Bool(_)) {
        only_known(out);
    }
}

fn select<T: Copy>(a: &[T], b: &[T], pick: impl Fn(usize) -> bool, out: &mut [T]) {
    for (row, out) in out.iter_mut().enumerate() {
        *out = if pick(row) { a[row] } else { b[row] };
    }
}

fn coalesce<'a>(a: &Buffer<'a>, b: &Buffer<'a>, rows: usize, out: &mut Buffer<'a>) {
    let words = bits::words(rows);
    out.full = a.full || b.full;
    out.known.clear();
    if !out.full {
        out.known.extend((0..words).map(|word| a.known_word(word) | b.known_word(word)));
    }
    let pick = |row: usize| a.is_known(row);
    match (&a.values, &b.values) {
        (Values::Bool(yes), Values::Bool(other)) => {
            let out = out.bool_mut(words);
            for (word, out) in out.iter_mut().enumerate() {
                let known = a.known_word(word);
                *out = (known & yes[word]) | (!known & other[word]);
            }
        }
        (Values::Int(a), Values::Int(b)) => select(a, b, pick, out.int_mut(rows)),
        (Values::Float(a), Values::Float(b)) => select(a, b, pick, out.float_mut(rows)),
        (Values::Date(a), Values::Date(b)) => select(a, b, pick, out.date_mut(rows)),
        (Values::Text(a), Values::Text(b)) => select(a, b, pick, out.text_mut(rows)),
        _ => {}
    }
    if matches!(out.values, Values::Bool(_)) {
        only_known(out);
    }
}
