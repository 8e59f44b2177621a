//! Instants, and the three times of a reading that must never be mixed up.

use std::fmt;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

/// Why a value is not an instant.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TimestampError {
    /// Neither RFC 3339 with an offset nor epoch milliseconds.
    #[error("{0:?} is neither an RFC 3339 time with an offset nor epoch milliseconds")]
    Syntax(String),
    /// Outside the years 1970 to 9999, where every format we write can still carry it.
    #[error("{0} ms since the epoch is outside the years 1970 to 9999")]
    Range(i64),
}

/// An instant in UTC with a resolution of one millisecond.
///
/// Written as RFC 3339 in text formats; read from RFC 3339 with an offset, or from epoch
/// milliseconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

/// 9999-12-31T23:59:59.999Z, the last instant that RFC 3339 can write.
const LATEST_MS: i64 = 253_402_300_799_999;

impl Timestamp {
    /// The last instant that can be written.
    pub const MAX: Self = Self(LATEST_MS);

    /// From milliseconds since 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// When the instant lies outside the years 1970 to 9999.
    pub const fn from_epoch_ms(ms: i64) -> Result<Self, TimestampError> {
        if ms < 0 || ms > LATEST_MS {
            return Err(TimestampError::Range(ms));
        }
        Ok(Self(ms))
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn epoch_ms(self) -> i64 {
        self.0
    }

    /// Takes an RFC 3339 time with an offset.
    ///
    /// # Errors
    /// When `text` is not one, or lies outside the years 1970 to 9999.
    pub fn parse(text: &str) -> Result<Self, TimestampError> {
        let parsed = DateTime::parse_from_rfc3339(text)
            .map_err(|_syntax| TimestampError::Syntax(text.to_owned()))?;
        Self::from_epoch_ms(parsed.timestamp_millis())
    }

    /// From chrono's instant; sub-millisecond digits are cut off.
    ///
    /// # Errors
    /// When the instant lies outside the years 1970 to 9999.
    pub fn from_chrono(instant: DateTime<Utc>) -> Result<Self, TimestampError> {
        Self::from_epoch_ms(instant.timestamp_millis())
    }

    /// The same instant for chrono.
    #[must_use]
    pub fn to_chrono(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0).unwrap_or(DateTime::UNIX_EPOCH)
    }

    /// The time elapsed since `earlier`; negative when `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> TimeDelta {
        TimeDelta::milliseconds(self.0 - earlier.0)
    }

    /// Seconds elapsed since `earlier`; negative when `earlier` is later.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "exact for differences below 2^53 ms"
    )]
    pub fn seconds_since(self, earlier: Self) -> f64 {
        (self.0 - earlier.0) as f64 / 1000.0
    }

    /// This instant moved by `delta`, held within the writable range.
    #[must_use]
    pub fn plus(self, delta: TimeDelta) -> Self {
        Self(
            self.0
                .saturating_add(delta.num_milliseconds())
                .clamp(0, LATEST_MS),
        )
    }

    /// This instant moved back by `delta`, held within the writable range.
    #[must_use]
    pub fn minus(self, delta: TimeDelta) -> Self {
        self.plus(-delta)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let format = if self.0 % 1000 == 0 {
            SecondsFormat::Secs
        } else {
            SecondsFormat::Millis
        };
        f.write_str(&self.to_chrono().to_rfc3339_opts(format, true))
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::str::FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, TimestampError> {
        Self::parse(text)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            serializer.serialize_i64(self.0)
        }
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TimestampVisitor)
    }
}

struct TimestampVisitor;

impl serde::de::Visitor<'_> for TimestampVisitor {
    type Value = Timestamp;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an RFC 3339 time with an offset, or epoch milliseconds")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Timestamp, E> {
        Timestamp::parse(text).map_err(E::custom)
    }

    fn visit_i64<E: serde::de::Error>(self, ms: i64) -> Result<Timestamp, E> {
        Timestamp::from_epoch_ms(ms).map_err(E::custom)
    }

    fn visit_u64<E: serde::de::Error>(self, ms: u64) -> Result<Timestamp, E> {
        let ms = i64::try_from(ms).unwrap_or(i64::MAX);
        Timestamp::from_epoch_ms(ms).map_err(E::custom)
    }
}

macro_rules! instant {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default,
        )]
        #[serde(transparent)]
        pub struct $name(pub Timestamp);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    };
}

instant!(
    /// When the device says it happened.
    ObservedAt
);
instant!(
    /// When the device stored it.
    RecordedAt
);
instant!(
    /// When this system took it in.
    ReceivedAt
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_epoch_milliseconds_name_the_same_instant() {
        let text: Timestamp = serde_json::from_str("\"2026-03-29T00:59:30Z\"").unwrap();
        let number: Timestamp = serde_json::from_str("1774745970000").unwrap();
        assert_eq!(text, number);
        assert_eq!(text.to_string(), "2026-03-29T00:59:30Z");
    }

    #[test]
    fn milliseconds_survive_a_round_trip() {
        let instant = Timestamp::from_epoch_ms(1_774_745_970_123).unwrap();
        assert_eq!(Timestamp::parse(&instant.to_string()), Ok(instant));
    }

    #[test]
    fn times_without_an_offset_or_outside_the_range_are_refused() {
        for text in [
            "2026-03-29T00:59:30",
            "yesterday",
            "1969-01-01T00:00:00Z",
            "",
        ] {
            assert!(Timestamp::parse(text).is_err(), "{text:?}");
        }
        assert!(serde_json::from_str::<Timestamp>("-1").is_err());
        assert!(serde_json::from_str::<Timestamp>("18446744073709551615").is_err());
    }
}
