//! The safety index: a weighted mean of scored indicators, and how it came to be.

use serde::Serialize;

use super::indicators::{Indicator, Indicators};
use super::measure::Sight;
use crate::Date;

/// The safety index of this period, and before.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SafetyIndex {
    /// 0 to 100, the weighted mean of the scores of this period's indicators that have a value; none if none has.
    pub value: Option<f64>,
    /// Every indicator, in the order in which they were declared.
    pub indicators: Vec<IndicatorValue>,
    /// Ids of those that have no value in this period, and are left out.
    pub left_out: Vec<String>,
    /// A point a period, the oldest first.
    pub trend: Vec<IndexPoint>,
    /// Ids of those that have a value in every period: `comparable` is made of them.
    pub comparable_by: Vec<String>,
}

/// An indicator of this period.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IndicatorValue {
    /// As it was declared.
    #[serde(flatten)]
    pub indicator: Indicator,
    /// What was counted.
    pub part: Option<u64>,
    /// Of how many.
    pub of: Option<u64>,
    /// What that comes to, in the unit of what it counts.
    pub value: Option<f64>,
    /// What that is worth, 0 to 100.
    pub score: Option<f64>,
    /// Its value in the period before.
    pub before: Option<f64>,
}

/// The index of a period.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct IndexPoint {
    /// The grading date.
    pub as_of: Date,
    /// Of all indicators that have a value in that period.
    pub value: Option<f64>,
    /// How many these are.
    pub indicators: usize,
    /// Of the indicators that have a value in every period: these can be compared.
    pub comparable: Option<f64>,
}

/// The weighted mean of scores.
fn mean(scores: impl Iterator<Item = (f64, f64)>) -> Option<f64> {
    let (sum, weights) =
        scores.fold((0.0, 0.0), |(sum, weights), (weight, score)| (sum + weight * score, weights + weight));
    (weights > 0.0).then_some(sum / weights)
}

impl SafetyIndex {
    /// From the periods, the oldest first.
    pub(super) fn new(indicators: &Indicators, sights: &[Sight<'_>]) -> SafetyIndex {
        let ratios: Vec<Vec<_>> =
            sights.iter().map(|sight| indicators.iter().map(|one| one.counts.of(sight)).collect()).collect();
        let in_all = |at: usize| ratios.iter().all(|of_period| of_period.get(at).is_some_and(Option::is_some));
        let trend = sights.iter().zip(&ratios).map(|(sight, ratios)| {
            let scores = || {
                let with_value = indicators.iter().zip(ratios).enumerate();
                with_value.filter_map(|(at, (one, ratio))| Some((at, one.weight, one.score((*ratio)?.value()))))
            };
            IndexPoint {
                as_of: sight.now.as_of,
                value: mean(scores().map(|(_, weight, score)| (weight, score))),
                indicators: scores().count(),
                comparable: mean(scores().filter(|(at, ..)| in_all(*at)).map(|(_, weight, score)| (weight, score))),
            }
        });
        let trend: Vec<IndexPoint> = trend.collect();
        let (now, before) = (ratios.last(), ratios.len().checked_sub(2).and_then(|at| ratios.get(at)));
        let values = indicators.iter().enumerate().map(|(at, indicator)| {
            let ratio = now.and_then(|ratios| *ratios.get(at)?);
            let value = ratio.map(|ratio| ratio.value());
            IndicatorValue {
                indicator: indicator.clone(),
                part: ratio.map(|ratio| ratio.part),
                of: ratio.map(|ratio| ratio.of),
                value,
                score: value.map(|value| indicator.score(value)),
                before: before.and_then(|ratios| (*ratios.get(at)?).map(|ratio| ratio.value())),
            }
        });
        let values: Vec<IndicatorValue> = values.collect();
        let comparable = indicators.iter().enumerate().filter(|(at, _)| in_all(*at));
        SafetyIndex {
            value: trend.last().and_then(|point| point.value),
            left_out: values.iter().filter(|one| one.value.is_none()).map(|one| one.indicator.id.clone()).collect(),
            comparable_by: comparable.map(|(_, one)| one.id.clone()).collect(),
            indicators: values,
            trend,
        }
    }
}
