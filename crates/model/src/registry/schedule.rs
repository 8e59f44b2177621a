//! Weekly windows in local civil time.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A day of the week.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[expect(missing_docs, reason = "the names say it all")]
pub enum Day {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl From<chrono::Weekday> for Day {
    fn from(day: chrono::Weekday) -> Self {
        match day {
            chrono::Weekday::Mon => Self::Mon,
            chrono::Weekday::Tue => Self::Tue,
            chrono::Weekday::Wed => Self::Wed,
            chrono::Weekday::Thu => Self::Thu,
            chrono::Weekday::Fri => Self::Fri,
            chrono::Weekday::Sat => Self::Sat,
            chrono::Weekday::Sun => Self::Sun,
        }
    }
}

/// A window that opens on each of `days` at `start` and closes at `end`, on the next day when `end`
/// is not after `start`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WeeklyWindow {
    /// The days on which it opens.
    pub days: Vec<Day>,
    /// Opens at this local time.
    pub start: TimeOfDay,
    /// Closes at this local time.
    pub end: TimeOfDay,
}

/// Why a text is not a time of day.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is not a time of day from 00:00 to 24:00")]
pub struct TimeOfDayError(String);

/// A local time of day to the minute, `00:00` to `24:00`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeOfDay(u16);

impl TimeOfDay {
    /// The end of the day.
    pub const MIDNIGHT_NEXT: Self = Self(24 * 60);

    /// Minutes since local midnight, 0 to 1440.
    #[must_use]
    pub const fn minutes(self) -> u16 {
        self.0
    }

    /// Takes `HH:MM`.
    ///
    /// # Errors
    /// When `text` is not a time of day.
    pub fn parse(text: &str) -> Result<Self, TimeOfDayError> {
        Self::parse_minutes(text)
            .map(Self)
            .ok_or_else(|| TimeOfDayError(text.to_owned()))
    }

    fn parse_minutes(text: &str) -> Option<u16> {
        let (hours, minutes) = text.split_once(':')?;
        let two_digits = |part: &str| {
            let digits = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| part.parse::<u16>().ok()).flatten()
        };
        let (hours, minutes) = (two_digits(hours)?, two_digits(minutes)?);
        let total = hours * 60 + minutes;
        (minutes < 60 && total <= 24 * 60).then_some(total)
    }
}

impl TryFrom<String> for TimeOfDay {
    type Error = TimeOfDayError;

    fn try_from(text: String) -> Result<Self, TimeOfDayError> {
        Self::parse(&text)
    }
}

impl From<TimeOfDay> for String {
    fn from(time: TimeOfDay) -> Self {
        time.to_string()
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl fmt::Debug for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day_run_from_midnight_to_midnight() {
        assert_eq!(TimeOfDay::parse("00:00").unwrap().minutes(), 0);
        assert_eq!(TimeOfDay::parse("24:00").unwrap(), TimeOfDay::MIDNIGHT_NEXT);
        for text in ["24:01", "7:00", "07:60", "07-00", "", "07:000", "+7:00"] {
            assert!(TimeOfDay::parse(text).is_err(), "{text:?}");
        }
    }
}
