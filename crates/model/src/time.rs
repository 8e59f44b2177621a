//! Instants, and the three times of a reading that must never be mixed up.

use std::fmt;
use std::num::NonZeroU64;

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
/// milliseconds. An `Option` of one takes no more room than it does.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(NonZeroU64);

/// What is added to the milliseconds that are kept, so that none of them is 0.
const KEPT_AHEAD_MS: i64 = 1;

/// 9999-12-31T23:59:59.999Z, the last instant that RFC 3339 can write.
const LATEST_MS: i64 = 253_402_300_799_999;

impl Timestamp {
    /// The last instant that can be written.
    pub const MAX: Self = Self::clamped(LATEST_MS);

    /// 1970-01-01T00:00:00Z, the first.
    const EPOCH: Self = Self::clamped(0);

    /// From milliseconds since 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// When the instant lies outside the years 1970 to 9999.
    pub const fn from_epoch_ms(ms: i64) -> Result<Self, TimestampError> {
        if ms < 0 || ms > LATEST_MS {
            return Err(TimestampError::Range(ms));
        }
        Ok(Self::clamped(ms))
    }

    /// From milliseconds since 1970-01-01T00:00:00Z, held within the writable range.
    const fn clamped(ms: i64) -> Self {
        let ms = if ms < 0 {
            0
        } else if ms > LATEST_MS {
            LATEST_MS
        } else {
            ms
        };
        Self(NonZeroU64::MIN.saturating_add(ms.unsigned_abs()))
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn epoch_ms(self) -> i64 {
        self.0.get().cast_signed() - KEPT_AHEAD_MS
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
        DateTime::from_timestamp_millis(self.epoch_ms()).unwrap_or(DateTime::UNIX_EPOCH)
    }

    /// The time elapsed since `earlier`; negative when `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> TimeDelta {
        TimeDelta::milliseconds(self.epoch_ms() - earlier.epoch_ms())
    }

    /// Seconds elapsed since `earlier`; negative when `earlier` is later.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "exact for differences below 2^53 ms"
    )]
    pub fn seconds_since(self, earlier: Self) -> f64 {
        (self.epoch_ms() - earlier.epoch_ms()) as f64 / 1000.0
    }

    /// This instant moved by `delta`, held within the writable range.
    #[must_use]
    pub fn plus(self, delta: TimeDelta) -> Self {
        Self::clamped(self.epoch_ms().saturating_add(delta.num_milliseconds()))
    }

    /// This instant moved on by whole seconds, held within the writable range.
    #[must_use]
    pub const fn plus_seconds(self, seconds: u64) -> Self {
        let ms = seconds.saturating_mul(1000);
        let kept = self.0.saturating_add(ms);
        if kept.get() < Self::MAX.0.get() {
            Self(kept)
        } else {
            Self::MAX
        }
    }

    /// This instant moved back by `delta`, held within the writable range.
    #[must_use]
    pub fn minus(self, delta: TimeDelta) -> Self {
        self.plus(-delta)
    }
}

impl Default for Timestamp {
    fn default() -> Self {
        Self::EPOCH
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let format = if self.epoch_ms() % 1000 == 0 {
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
            serializer.serialize_i64(self.epoch_ms())
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
    fn perhaps_an_instant_takes_no_more_room_than_one() {
        assert_eq!(size_of::<Option<Timestamp>>(), size_of::<i64>());
    }

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
