//! The outlook: a grader, and how far it looks ahead.

use serde::Serialize;

use super::firm::{SectorAhead, changes};
use super::moving::Moving;
use super::record::Forecast;
use crate::facts::{self, Firm};
use crate::plan::one;
use crate::{Date, GradeError, Grader};

/// A [`Grader`] that looks ahead to a last day: says when the tiers of firms change if nobody acts. Cheap to clone.
///
/// ```
/// # use risktier::{RuleBook, Tier};
/// # let book = RuleBook::from_sources([("s.rhai", r#"
/// #     role("p", #{ en: "P", zh: "P" });
/// #     sector("shops", #{ name: #{ en: "Shops", zh: "商店" } });
/// #     fact("licence_until", DATE, #{ en: "Last day of the licence", zh: "许可证届满日" });
/// #     rule("S-1", #{ risk: #{ en: "r", zh: "r" }, finding: #{ en: "f", zh: "f" },
/// #         when: |firm| firm.licence_until < AS_OF, tier: RED, cite: own("an example"), since: date(2020, 1, 1),
/// #         control: #{ en: "c", zh: "c" }, owner: "p", days: 0 });
/// # "#)]).unwrap();
/// let outlook = book.as_of("2026-11-01".parse()?).look_ahead("2027-01-30".parse()?)?;
/// let forecast = outlook.forecast_json(r#"{"sector": "shops", "licence_until": "2026-12-31"}"#)?;
/// assert_eq!(forecast.tier, Tier::Blue);
/// assert_eq!(forecast.changes[0].to, Tier::Red);
/// assert_eq!(forecast.changes[0].on.to_string(), "2027-01-01");
/// assert_eq!(&*forecast.changes[0].because[0].behind[0].name, "licence_until");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Outlook {
    /// Its plans are those of all days from the grading date to the last.
    pub(super) grader: Grader,
}

/// A last day that cannot be looked ahead to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HorizonError {
    /// It lies before the grading date.
    #[error("{until} is before the grading date {as_of}; expected that day or a later one")]
    Past {
        /// The grading date.
        as_of: Date,
        /// The day asked for.
        until: Date,
    },
    /// It lies too far ahead.
    #[error("{until} is too far ahead; expected at most {most} days, up to {last}", most = Outlook::MOST_DAYS)]
    TooFar {
        /// The day asked for.
        until: Date,
        /// The last day that can be.
        last: Date,
    },
}

impl Grader {
    /// Looks ahead from the grading date to a last day.
    ///
    /// # Errors
    /// If the day is before the grading date, or more than [`Outlook::MOST_DAYS`] after it.
    pub fn look_ahead(&self, until: Date) -> Result<Outlook, HorizonError> {
        let as_of = self.as_of();
        if until < as_of {
            return Err(HorizonError::Past { as_of, until });
        }
        if let Some(last) = as_of.plus_days(Outlook::MOST_DAYS)
            && until > last
        {
            return Err(HorizonError::TooFar { until, last });
        }
        Ok(Outlook { grader: Grader::ahead(self.book().clone(), as_of, until) })
    }
}

impl Outlook {
    /// The most days that can be looked ahead: ten years. Facts that stay as they are for so long are not worth a longer look.
    pub const MOST_DAYS: i64 = 3653;

    /// The last day that is looked at.
    pub fn until(&self) -> Date {
        self.grader.days().last
    }

    /// The grading date: the day that is looked ahead from.
    pub fn as_of(&self) -> Date {
        self.grader.as_of()
    }

    /// The forecast of a firm from JSON text, as [`Grader::grade_json`] reads it.
    ///
    /// # Errors
    /// As for [`Grader::grade_json`].
    pub fn forecast_json(&self, json: &str) -> Result<Forecast, GradeError> {
        self.forecast_firm(&facts::from_json(self.grader.data(), &self.grader.inner.reader, json)?)
    }

    /// The forecast of a firm from a record of your own type.
    ///
    /// # Errors
    /// As for [`Grader::grade_json`].
    pub fn forecast<T: Serialize>(&self, record: &T) -> Result<Forecast, GradeError> {
        self.forecast_firm(&facts::from_record(self.grader.data(), &self.grader.inner.reader, record)?)
    }

    fn forecast_firm(&self, firm: &Firm<'_>) -> Result<Forecast, GradeError> {
        let (plans, errors) = self.grader.plans_of(firm)?;
        let data_errors = firm.errors(&plans);
        let book = self.grader.data();
        let rows: Vec<_> = plans.iter().map(|plan| firm.row(plan)).collect();
        let evaluations: Vec<_> = plans.iter().zip(&rows).map(|(plan, row)| one::run(book, plan, row)).collect();
        let sectors = plans.iter().zip(&rows).zip(&evaluations);
        let sectors: Vec<_> =
            sectors.map(|((plan, row), values)| SectorAhead::new(Moving::new(book, plan), row, values)).collect();
        let (tier, changes) = changes(&sectors).ok_or(crate::FirmError::NoSector)?;
        Ok(Forecast {
            id: firm.id.as_ref().map(ToString::to_string),
            tier,
            until: self.until(),
            changes,
            data_errors,
            errors,
            identity: self.grader.identity(),
        })
    }
}
