//! The numbers that a fact can still have.

/// An end of a range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct End {
    pub(super) at: f64,
    /// True if the end itself is not in the range.
    pub(super) open: bool,
}

/// Numbers between two ends; whole ones, or all.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Range {
    pub(super) low: Option<End>,
    pub(super) high: Option<End>,
    pub(super) whole: bool,
}

impl Range {
    /// Numbers from here on.
    pub(super) fn at_least(&mut self, at: f64, open: bool) {
        let end = if self.whole {
            // Numbers of thresholds are a little off when they come from a division.
            let next = (at - 1e-9).ceil();
            End { at: if open && next <= at + 1e-9 { next + 1.0 } else { next }, open: false }
        } else {
            End { at, open }
        };
        if self.low.is_none_or(|low| end.at > low.at || (end.at == low.at && end.open)) {
            self.low = Some(end);
        }
    }

    /// Numbers up to here.
    pub(super) fn at_most(&mut self, at: f64, open: bool) {
        let end = if self.whole {
            let next = (at + 1e-9).floor();
            End { at: if open && next >= at - 1e-9 { next - 1.0 } else { next }, open: false }
        } else {
            End { at, open }
        };
        if self.high.is_none_or(|high| end.at < high.at || (end.at == high.at && end.open)) {
            self.high = Some(end);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        match (self.low, self.high) {
            (Some(low), Some(high)) => low.at > high.at || (low.at == high.at && (low.open || high.open)),
            _ => false,
        }
    }

    fn holds(&self, value: f64) -> bool {
        self.low.is_none_or(|low| value > low.at || (value == low.at && !low.open))
            && self.high.is_none_or(|high| value < high.at || (value == high.at && !high.open))
    }

    /// A number of the range that is easy to read: nought, else an end, else the shortest decimal near an end.
    pub(super) fn value(&self) -> Option<f64> {
        if self.is_empty() {
            return None;
        }
        if self.holds(0.0) {
            return Some(0.0);
        }
        let ends = [self.low, self.high].into_iter().flatten();
        let mut ends: Vec<End> = ends.collect();
        ends.sort_by(|a, b| a.at.abs().total_cmp(&b.at.abs()));
        if let Some(end) = ends.iter().find(|end| !end.open && self.holds(end.at)) {
            return Some(end.at);
        }
        let nearest = ends.first()?.at;
        if self.low.is_none() || self.high.is_none() {
            let step = if self.low.is_some() { 1.0 } else { -1.0 };
            return Some(nearest + step).filter(|value| self.holds(*value));
        }
        let (low, high) = (self.low?.at, self.high?.at);
        let middle = low + (high - low) / 2.0;
        // As few decimals as tell it from both ends.
        (0..12)
            .map(|digits| {
                let scale = 10f64.powi(digits);
                (middle * scale).round() / scale
            })
            .find(|value| self.holds(*value))
            .or(Some(middle))
            .filter(|value| self.holds(*value))
    }

    /// The least and greatest of `factor * value`, infinite where there is no end.
    pub(super) fn times(&self, factor: f64) -> (f64, f64) {
        let low = self.low.map_or(f64::NEG_INFINITY, |end| end.at) * factor;
        let high = self.high.map_or(f64::INFINITY, |end| end.at) * factor;
        if factor < 0.0 { (high, low) } else { (low, high) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(low: Option<(f64, bool)>, high: Option<(f64, bool)>, whole: bool) -> Range {
        let mut range = Range { whole, ..Range::default() };
        if let Some((at, open)) = low {
            range.at_least(at, open);
        }
        if let Some((at, open)) = high {
            range.at_most(at, open);
        }
        range
    }

    #[test]
    fn open_ends_of_whole_numbers_are_the_next_whole_number() {
        assert_eq!(range(Some((3.0, true)), None, true).value(), Some(4.0));
        assert_eq!(range(Some((3.0, true)), Some((4.0, true)), true).value(), None);
        assert_eq!(range(Some((2.5, false)), Some((3.5, false)), true).value(), Some(3.0));
        assert!(range(Some((3.0, true)), Some((3.0, false)), false).is_empty());
    }

    #[test]
    fn a_value_is_short_and_inside() {
        assert_eq!(range(None, Some((5.0, true)), false).value(), Some(0.0));
        assert_eq!(range(Some((5.0, true)), None, false).value(), Some(6.0));
        assert_eq!(range(Some((0.5, true)), Some((0.6, true)), false).value(), Some(0.55));
        assert_eq!(range(Some((-9.0, false)), Some((-2.0, true)), true).value(), Some(-3.0));
    }
}
