use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A day of the Gregorian calendar, without a time or a zone.
///
/// ```
/// use risktier::Date;
/// let issued: Date = "2026-11-01".parse().unwrap();
/// assert_eq!(issued.plus_days(30).unwrap().to_string(), "2026-12-01");
/// assert_eq!(Date::new(2024, 2, 30), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(rename = "Day", type = "string"))]
pub struct Date(i32);

/// Days from 0001-01-01 and to 9999-12-31, counted from 1970-01-01.
const FIRST: i32 = -719_162;
const LAST: i32 = 2_932_896;

impl Date {
    /// 1970-01-01.
    pub(crate) const EPOCH: Date = Date(0);

    /// The day of a year, month (1-12) and day (1-31), if there is such a day in the years 1 to 9999.
    pub fn new(year: i16, month: i8, day: i8) -> Option<Date> {
        if year < 1 {
            return None;
        }
        let date = jiff::civil::Date::new(year, month, day).ok()?;
        let epoch = jiff::civil::Date::constant(1970, 1, 1);
        Some(Date(date.duration_since(epoch).as_hours().checked_div(24)?.try_into().ok()?))
    }

    /// The day this many days after 1970-01-01 (before, if negative), in the years 1 to 9999.
    pub fn from_days(days: i64) -> Option<Date> {
        let days = i32::try_from(days).ok()?;
        (FIRST..=LAST).contains(&days).then_some(Date(days))
    }

    /// Days since 1970-01-01, negative before.
    pub const fn days(self) -> i32 {
        self.0
    }

    /// The day `days` later, if it is still in the years 1 to 9999.
    pub fn plus_days(self, days: i64) -> Option<Date> {
        Date::from_days(i64::from(self.0).checked_add(days)?)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let epoch = jiff::civil::Date::constant(1970, 1, 1);
        let span = jiff::SignedDuration::from_hours(i64::from(self.0) * 24);
        match epoch.checked_add(span) {
            Ok(date) => date.fmt(f),
            Err(_) => write!(f, "day {}", self.0),
        }
    }
}

/// The text is not a day written as `2026-11-01`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a date; expected a day of the calendar as YYYY-MM-DD")]
pub struct ParseDateError {
    text: String,
}

impl FromStr for Date {
    type Err = ParseDateError;

    fn from_str(text: &str) -> Result<Date, ParseDateError> {
        let error = || ParseDateError { text: text.to_owned() };
        // One form only, so that no reader has to guess which number is the month.
        let mut parts = text.splitn(3, '-');
        let mut part = |width: usize| {
            let digits = parts.next()?;
            (digits.len() == width && digits.bytes().all(|b| b.is_ascii_digit())).then(|| digits.parse::<i16>().ok())?
        };
        let (year, month, day) = (part(4), part(2), part(2));
        let (Some(year), Some(month), Some(day)) = (year, month, day) else { return Err(error()) };
        let (Ok(month), Ok(day)) = (i8::try_from(month), i8::try_from(day)) else { return Err(error()) };
        Date::new(year, month, day).ok_or_else(error)
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_iso_days_are_dates() {
        for text in
            ["2026-1-01", "2026-13-01", "2026-02-29", "20260201", "01-02-2026", "2026-01-01T00", "-001-01-01", ""]
        {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
        assert_eq!("2024-02-29".parse::<Date>().unwrap().days(), 19_782);
        assert_eq!(Date::new(1970, 1, 1).unwrap().days(), 0);
        assert_eq!(Date::new(1, 1, 1).unwrap().days(), FIRST);
        assert_eq!(Date::new(9999, 12, 31).unwrap().days(), LAST);
    }
}
