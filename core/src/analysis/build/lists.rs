//! What is asked of the items of a list: that one is such, that none is, that so many are.

use super::{Builder, Place};
use crate::analysis::formula::{Copy, Formula, Literal, Variable};
use crate::analysis::ground::Leaf;
use crate::expr::graph::Agg;

impl Builder<'_, '_> {
    /// An item that the filter lets through and whose value is `value`: there is one, or there is none.
    pub(super) fn quantified(&mut self, agg: &Agg, list: u32, exists: bool, value: bool, copy: Copy) -> Formula {
        if exists {
            let own = self.another(list);
            let such = self.candidates(list, own).into_iter().map(|item| self.such_item(agg, list, item, value, copy));
            Formula::any(such.collect::<Vec<_>>())
        } else {
            self.each(agg, list, value, copy)
        }
    }

    /// The items that can be the one that is asked for: its own, the one that is changed, or any.
    fn candidates(&self, list: u32, own: u32) -> Vec<u32> {
        if self.limited.contains(&list) {
            return (0..self.items.get(&list).copied().unwrap_or(0).max(own + 1)).collect();
        }
        match self.changed {
            Some(Leaf::Field(changed, _)) if changed == list => vec![0, own],
            _ => vec![own],
        }
    }

    fn another(&mut self, list: u32) -> u32 {
        let next = self.next.entry(list).or_default();
        *next += 1;
        *next - 1
    }

    fn such_item(&mut self, agg: &Agg, list: u32, item: u32, value: bool, copy: Copy) -> Formula {
        let place = Place { item: Some((list, item)), copy };
        let there = Formula::Literal(Literal::is(Variable::Item { list, item }, true));
        let filter = agg.filter.map_or(Formula::TRUE, |filter| self.formula(filter, true, place));
        let holds = agg.value.map_or(Formula::of(value), |node| self.formula(node, value, place));
        Formula::all([there, filter, holds])
    }

    /// No item is such.
    fn each(&mut self, agg: &Agg, list: u32, value: bool, copy: Copy) -> Formula {
        // At least one, so that what the closure asks of the firm is seen in the first round.
        let items = self.items.get(&list).copied().unwrap_or(0);
        let mut parts = Vec::new();
        for item in 0..items.max(1) {
            let no = self.no_such_item(agg, list, item, value, copy);
            if item < items {
                parts.push(no);
            }
        }
        Formula::all(parts)
    }

    fn no_such_item(&mut self, agg: &Agg, list: u32, item: u32, value: bool, copy: Copy) -> Formula {
        let place = Place { item: Some((list, item)), copy };
        let away = Formula::Literal(Literal::is(Variable::Item { list, item }, false));
        let filter = agg.filter.map_or(Formula::FALSE, |filter| self.formula(filter, false, place));
        let holds = agg.value.map_or(Formula::of(!value), |node| self.formula(node, !value, place));
        Formula::any([away, filter, holds])
    }

    /// `count(..) >= least`, or its denial.
    pub(super) fn counted(&mut self, agg: &Agg, list: u32, least: i64, is: bool, copy: Copy) -> Formula {
        if least <= 0 {
            return Formula::of(is);
        }
        if is {
            let own: Vec<u32> = (0..least).map(|_| self.another(list)).collect();
            if self.limited.contains(&list) {
                let all = self.candidates(list, own.last().copied().unwrap_or(0));
                let such: Vec<Formula> =
                    all.into_iter().map(|item| self.such_item(agg, list, item, true, copy)).collect();
                return match subsets(such.len(), least as usize) {
                    Some(sets) => Formula::any(sets.into_iter().map(|set| {
                        Formula::all(set.into_iter().filter_map(|at| such.get(at).cloned()).collect::<Vec<_>>())
                    })),
                    // Too many to write down: taken for possible, which can only leave something undecided.
                    None => Formula::TRUE,
                };
            }
            let mut parts = Vec::new();
            for (at, own) in own.into_iter().enumerate() {
                // One of them may be the changed one.
                let candidates = if at == 0 { self.candidates(list, own) } else { vec![own] };
                let such = candidates.into_iter().map(|item| self.such_item(agg, list, item, true, copy));
                parts.push(Formula::any(such.collect::<Vec<_>>()));
            }
            return Formula::all(parts);
        }
        if least == 1 {
            return self.each(agg, list, true, copy);
        }
        // Of any `least` items one is no such item.
        self.limited.insert(list);
        let items = self.items.get(&list).copied().unwrap_or(0);
        let not: Vec<Formula> =
            (0..items.max(1)).map(|item| self.no_such_item(agg, list, item, true, copy)).take(items as usize).collect();
        let sets = subsets(not.len(), least as usize);
        match sets {
            Some(sets) => Formula::all(
                sets.into_iter().map(|set| Formula::any(set.into_iter().filter_map(|at| not.get(at).cloned()))),
            ),
            // Too many to write down: leaving them out can only leave something undecided.
            None => Formula::TRUE,
        }
    }
}

/// The sets of `size` out of `of`; none if there are very many.
fn subsets(of: usize, size: usize) -> Option<Vec<Vec<usize>>> {
    let mut sets: Vec<Vec<usize>> = vec![Vec::new()];
    for _ in 0..size {
        let mut longer = Vec::new();
        for set in &sets {
            let from = set.last().map_or(0, |last| last + 1);
            longer.extend((from..of).map(|next| set.iter().copied().chain([next]).collect::<Vec<_>>()));
        }
        if longer.len() > 500 {
            return None;
        }
        sets = longer;
    }
    Some(sets)
}
