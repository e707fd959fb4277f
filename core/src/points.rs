use std::fmt;

use serde::{Serialize, Serializer};

/// Points or a score, exact to a thousandth.
///
/// Kept as whole thousandths, so that no order of summation can show in a score.
///
/// ```
/// use risktier::Points;
/// let deducted = Points::from_f64(0.1).unwrap();
/// assert_eq!(Points::from_thousandths(300), Points::from_thousandths(3 * deducted.thousandths()));
/// assert_eq!(Points::from_f64(71.2).unwrap().to_string(), "71.2");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(type = "number"))]
pub struct Points(i64);

impl Points {
    /// The largest number of points that a rule may carry: a million.
    pub const MAX: Points = Points(1_000_000_000);

    /// So many thousandths of a point.
    pub const fn from_thousandths(thousandths: i64) -> Points {
        Points(thousandths)
    }

    /// A number of points, rounded to the nearest thousandth; `None` above a million or not finite.
    pub fn from_f64(points: f64) -> Option<Points> {
        let thousandths = (points * 1000.0).round();
        // The cast is exact: the bound is far below 2^53.
        (thousandths.abs() <= Points::MAX.0 as f64).then_some(Points(thousandths as i64))
    }

    /// In thousandths of a point.
    pub const fn thousandths(self) -> i64 {
        self.0
    }

    /// As a number, the nearest there is.
    pub fn to_f64(self) -> f64 {
        self.0 as f64 / 1000.0
    }
}

impl fmt::Display for Points {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / 1000, (self.0 % 1000).abs());
        let sign = if self.0 < 0 && whole == 0 { "-" } else { "" };
        if rest == 0 {
            return f.pad(&whole.to_string());
        }
        let decimals = format!("{rest:03}");
        f.pad(&format!("{sign}{whole}.{}", decimals.trim_end_matches('0')))
    }
}

impl Serialize for Points {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 % 1000 == 0 {
            serializer.serialize_i64(self.0 / 1000)
        } else {
            serializer.serialize_f64(self.to_f64())
        }
    }
}
