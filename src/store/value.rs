//! Between the model's values and the columns they are kept in.

use std::fmt::Display;

use model::{NotificationId, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::store::{QueuedState, StoreError};

/// A count for a column of 63 bits.
///
/// # Errors
/// [`StoreError::Conflict`] above 2^63 - 1: no count of ours gets there.
pub(super) fn count(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number).map_err(|error| StoreError::Conflict(format!("{number}: {error}")))
}

/// The count in a column.
pub(super) fn uncount(column: i64) -> Result<u64, StoreError> {
    u64::try_from(column).map_err(|error| StoreError::Corrupt(format!("{column}: {error}")))
}

/// A count that the model holds in 32 bits.
pub(super) fn uncount_u32(column: i64) -> Result<u32, StoreError> {
    u32::try_from(column).map_err(|error| StoreError::Corrupt(format!("{column}: {error}")))
}

/// How many rows were touched.
pub(super) fn size(rows: u64) -> Result<usize, StoreError> {
    usize::try_from(rows).map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// How many rows at most; a wish beyond 2^63 is a wish for all.
pub(super) fn limit(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

/// The instant in a column.
pub(super) fn instant(column: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_epoch_ms(column).map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// The JSON text of a value.
pub(super) fn json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// The JSON text of a value that must be read again.
///
/// JSON has no infinity and no not-a-number: they are written as `null`, and a journal or a queue
/// with one of them in it could never be read again, or would read otherwise. So a text with a
/// `null` in it is read and written once more.
///
/// # Errors
/// [`StoreError::Corrupt`] when the text does not stand for this value.
pub(super) fn body<T: Serialize + DeserializeOwned>(value: &T) -> Result<String, StoreError> {
    let text = json(value)?;
    if text.contains(":null") && json(&unjson::<T>(&text)?)? != text {
        return Err(StoreError::Corrupt(
            "a number is not finite and has no JSON form".to_owned(),
        ));
    }
    Ok(text)
}

/// How the JSON text of an enum's variant begins.
pub(super) fn tag(variant: &str) -> String {
    format!("{{\"{variant}\":")
}

/// The value of a JSON text.
pub(super) fn unjson<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// What a column's text stands for, where it must stand for something.
pub(super) fn known<T, E: Display>(parsed: Result<T, E>) -> Result<T, StoreError> {
    parsed.map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// The value that goes by a name in the formats.
pub(super) fn name<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    let named = serde::de::value::StrDeserializer::<serde::de::value::Error>::new(text);
    known(T::deserialize(named))
}

/// The notification that goes by an id.
pub(super) fn notification(id: &str) -> Result<NotificationId, StoreError> {
    known(NotificationId::parse(id))
}

/// Where a notification stands, from its columns.
pub(super) fn queued(
    state: &str,
    due_ms: Option<i64>,
    dead_ms: Option<i64>,
    reason: Option<String>,
) -> Result<QueuedState, StoreError> {
    let due = due_ms.map(instant).transpose()?;
    let dead = dead_ms.map(instant).transpose()?;
    match (state, due, dead, reason) {
        ("ready", _, _, _) => Ok(QueuedState::Ready),
        ("leased", Some(until), _, _) => Ok(QueuedState::Leased { until }),
        ("delayed", Some(until), _, _) => Ok(QueuedState::Delayed { until }),
        ("dead", _, Some(since), Some(reason)) => Ok(QueuedState::Dead { since, reason }),
        (other, ..) => Err(StoreError::Corrupt(format!("notification {other:?}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_json_cannot_hold_is_refused_before_it_is_kept() {
        use crate::store::contract::sample;
        use model::{Metres, ReadingBody};
        let mut reading = sample::fix("GPS-1", Some(1), 0);
        assert!(body(&reading).is_ok());
        for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            for (lat, acc) in [(number, 1.0), (52.8, number)] {
                if let ReadingBody::Position(position) = &mut reading.report.body {
                    position.lat = lat;
                    position.acc = Some(Metres(acc));
                }
                assert!(matches!(body(&reading), Err(StoreError::Corrupt(_))));
            }
        }
    }
}
