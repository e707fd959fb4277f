//! From the outcome masks of a chunk to tiers and scores, for all its rows at once. The same as
//! [`decide`](crate::grade) does for one firm.

#![expect(clippy::indexing_slicing, reason = "node and item slots are made by the plan that owns the arrays")]

use super::{Executor, Outcomes, Scratch, bits};
use crate::Tier;
use crate::book::Scheme;
use crate::plan::{PlanAmount, PlanEffect, UNLIMITED};

/// The tier of every score, as steps: how many of `limits` a score reaches says which of `tiers` it has.
struct Steps {
    limits: Vec<i64>,
    tiers: Vec<u8>,
}

impl Steps {
    fn new(scheme: &Scheme) -> Steps {
        // Bands are sorted by where they begin, and cover every score that can be reached.
        Steps {
            limits: scheme.bands.iter().skip(1).filter_map(|band| band.from).map(|from| from.thousandths()).collect(),
            tiers: scheme.bands.iter().map(|band| band.tier as u8).collect(),
        }
    }

    fn tiers(&self, scores: &[i64], out: &mut Vec<u8>) {
        out.extend(scores.iter().map(|score| {
            let step = self.limits.iter().map(|limit| usize::from(score >= limit)).sum::<usize>();
            self.tiers.get(step).copied().unwrap_or(Tier::Red as u8)
        }));
    }
}

impl Outcomes {
    /// From now on bounds are kept: so far they were the same as on record.
    pub(crate) fn keep_bounds(&mut self) {
        if !self.open {
            self.open = true;
            self.best = self.tier.clone();
            self.worst = self.tier.clone();
            self.low = self.score.clone();
            self.high = self.score.clone();
        }
    }
}

impl<'a> Executor<'a> {
    pub(super) fn decide(&self, scratch: &Scratch<'a>, out: &mut Outcomes) {
        let plan = self.plan;
        let rows = scratch.rows;
        let words = bits::words(rows);
        let mut any_open = false;
        for (rule, (fired, open)) in plan.rules.iter().zip(out.fired.iter_mut().zip(&mut out.undetermined)) {
            let buffer = &scratch.buffers[rule.outcome.index()];
            for word in 0..words {
                let rows = bits::row_bits(rows, word);
                let unknown = !buffer.known_word(word) & rows;
                fired.push(buffer.yes(word) & rows);
                open.push(unknown);
                any_open |= unknown != 0;
            }
        }
        let start = out.tier.len();
        let tail = |mask: &'_ Vec<u64>| -> std::ops::Range<usize> { mask.len() - words..mask.len() };

        if any_open {
            out.keep_bounds();
        }
        match &plan.scheme {
            None => {
                out.tier.resize(start + rows, Tier::Blue as u8);
                if out.open {
                    out.best.resize(start + rows, Tier::Blue as u8);
                    out.worst.resize(start + rows, Tier::Blue as u8);
                }
            }
            Some(scheme) => {
                let base = scheme.base.thousandths();
                out.score.resize(start + rows, base);
                if any_open {
                    out.low.resize(start + rows, base);
                    out.high.resize(start + rows, base);
                }
                self.add_items(scratch, out, start, any_open);
                let steps = Steps::new(scheme);
                steps.tiers(&out.score[start..], &mut out.tier);
                if any_open {
                    steps.tiers(&out.low[start..], &mut out.best);
                    steps.tiers(&out.high[start..], &mut out.worst);
                    for (best, worst) in out.best[start..].iter_mut().zip(&mut out.worst[start..]) {
                        (*best, *worst) = ((*best).min(*worst), (*best).max(*worst));
                    }
                } else if out.open {
                    out.low.extend_from_slice(&out.score[start..]);
                    out.high.extend_from_slice(&out.score[start..]);
                    out.best.extend_from_slice(&out.tier[start..]);
                    out.worst.extend_from_slice(&out.tier[start..]);
                }
            }
        }
        for tier in [Tier::Yellow, Tier::Orange, Tier::Red] {
            let mut fired = vec![0u64; words];
            let mut open = vec![0u64; words];
            for (at, rule) in plan.rules.iter().enumerate() {
                if !matches!(rule.effect, PlanEffect::Floor(floor) if floor == tier) {
                    continue;
                }
                for (all, one) in fired.iter_mut().zip(&out.fired[at][tail(&out.fired[at])]) {
                    *all |= one;
                }
                for (all, one) in open.iter_mut().zip(&out.undetermined[at][tail(&out.undetermined[at])]) {
                    *all |= one;
                }
            }
            let raise = |tiers: &mut [u8], row: usize| tiers[row] = tiers[row].max(tier as u8);
            bits::for_each_set(&fired, |row| {
                raise(&mut out.tier[start..], row);
                if out.open {
                    raise(&mut out.best[start..], row);
                    raise(&mut out.worst[start..], row);
                }
            });
            bits::for_each_set(&open, |row| raise(&mut out.worst[start..], row));
        }
    }

    fn add_items(&self, scratch: &Scratch<'a>, out: &mut Outcomes, start: usize, any_open: bool) {
        let plan = self.plan;
        let rows = scratch.rows;
        let words = bits::words(rows);
        let (mut value, mut low, mut high) = (vec![0i64; rows], vec![0i64; rows], vec![0i64; rows]);
        for (slot, item) in plan.items.iter().enumerate() {
            value.fill(0);
            if any_open {
                low.fill(0);
                high.fill(0);
            }
            for (at, rule) in plan.rules.iter().enumerate() {
                let PlanEffect::Points { item, sign, amount } = rule.effect else { continue };
                if item != slot {
                    continue;
                }
                let fired = &out.fired[at];
                let fired = &fired[fired.len() - words..];
                let open = &out.undetermined[at];
                let open = &open[open.len() - words..];
                let points = |row: usize| match amount {
                    PlanAmount::Fixed(points) => points,
                    PlanAmount::Computed(node) => {
                        let buffer = &scratch.buffers[node.index()];
                        if buffer.is_known(row) {
                            buffer.ints().get(row).copied().unwrap_or(UNLIMITED)
                        } else {
                            UNLIMITED
                        }
                    }
                };
                bits::for_each_set(fired, |row| value[row] += sign * points(row));
                if any_open {
                    bits::for_each_set(fired, |row| {
                        low[row] += sign * points(row);
                        high[row] += sign * points(row);
                    });
                    let end = if sign < 0 { &mut low } else { &mut high };
                    bits::for_each_set(open, |row| end[row] += sign * points(row));
                }
            }
            for (score, points) in out.score[start..].iter_mut().zip(&value) {
                *score += item.clip(*points);
            }
            if any_open {
                for (score, points) in out.low[start..].iter_mut().zip(&low) {
                    *score += item.clip(*points);
                }
                for (score, points) in out.high[start..].iter_mut().zip(&high) {
                    *score += item.clip(*points);
                }
            }
        }
    }
}
