use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Lang;

/// A risk tier: the grade of a firm, or the least grade that a rule demands.
///
/// Tiers are in a total order, `Blue < Yellow < Orange < Red`, and the worse one wins.
///
/// ```
/// use risktier::Tier;
/// assert!(Tier::Blue < Tier::Red);
/// assert_eq!(Tier::Orange.max(Tier::Yellow), Tier::Orange);
/// assert_eq!(serde_json::to_string(&Tier::Orange).unwrap(), "\"orange\"");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum Tier {
    /// Low risk (低风险).
    #[default]
    Blue = 0,
    /// General risk (一般风险).
    Yellow = 1,
    /// Larger risk (较大风险).
    Orange = 2,
    /// Major risk (重大风险).
    Red = 3,
}

impl Tier {
    /// All tiers, the best first.
    pub const ALL: [Tier; 4] = [Tier::Blue, Tier::Yellow, Tier::Orange, Tier::Red];

    /// The word for this tier in a language: `red`, or `红`.
    pub fn name(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Tier::Blue, Lang::En) => "blue",
            (Tier::Yellow, Lang::En) => "yellow",
            (Tier::Orange, Lang::En) => "orange",
            (Tier::Red, Lang::En) => "red",
            (Tier::Blue, Lang::Zh) => "蓝",
            (Tier::Yellow, Lang::Zh) => "黄",
            (Tier::Orange, Lang::Zh) => "橙",
            (Tier::Red, Lang::Zh) => "红",
        }
    }

    /// How many tiers lie between two: 0 for the same, 3 from blue to red.
    pub(crate) fn distance(self, other: Tier) -> u8 {
        (self as u8).abs_diff(other as u8)
    }

    /// The tier with this number, 0 for blue to 3 for red; anything above is red.
    #[cfg(feature = "columns")]
    pub(crate) fn from_index(index: u8) -> Tier {
        match index {
            0 => Tier::Blue,
            1 => Tier::Yellow,
            2 => Tier::Orange,
            _ => Tier::Red,
        }
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name(Lang::En))
    }
}
