//! What a scenario may say: each number within its bounds, or an error that says which.

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};

use crate::driver::CONNECTIONS_MAX;
use crate::load::Stage;

/// The longest loss of signal in seconds: well inside the six hours in which there is at most one.
const LOSS_S_MAX: f64 = 3_600.0;

/// The longest that a message takes in seconds: beyond, the network gives up and the tag tries again.
const DELAY_S_MAX: f64 = 300.0;

/// Readings in one message at most, as of a tag that lives in the town.
const BATCH_MAX: u16 = 200;

/// The most wearers: what the tags of a world cost in memory is bounded by it.
const WEARERS_MAX: usize = 1_000_000;

/// Seconds between fixes: up to those of the usual plan, within which breaches are due.
const CADENCE_S: std::ops::RangeInclusive<u32> = 1..=60;

/// Seconds between uploads, up to an hour.
const UPLOAD_S: std::ops::RangeInclusive<u32> = 10..=3_600;

/// How long a battery lasts, in hours: at least the day and night after which it is charged again.
const BATTERY_H: std::ops::RangeInclusive<f64> = 30.0..=1000.0;

/// The worst clock: a second in three hours.
const DRIFT_PPM_MAX: f64 = 100.0;

/// A clock that is further off is another story: a fix a minute in the future is refused.
const CLOCK_STEP_S_MAX: f64 = 45.0;

/// The most straps cut a second: what one token may claim and acknowledge by default.
const ALERTS_PER_S_MAX: u32 = 100;

/// The longest outage in minutes: a day, which is what tags keep readings for at least.
const OUTAGE_MINUTES_MAX: u32 = 24 * 60;

/// How far a cell is from the middle of town at most, and how large, in metres: beyond lives nobody.
const CELL_M_MAX: f64 = 50_000.0;

pub(super) fn batch<'de, D: Deserializer<'de>>(value: D) -> Result<u16, D::Error> {
    let readings = u16::deserialize(value)?;
    if (1..=BATCH_MAX).contains(&readings) {
        return Ok(readings);
    }
    Err(D::Error::custom(format!(
        "a message carries 1 to {BATCH_MAX} readings"
    )))
}

/// A number within a range, or an error that says which.
fn within<'de, T, D>(
    value: D,
    range: std::ops::RangeInclusive<T>,
    what: &str,
) -> Result<T, D::Error>
where
    T: Deserialize<'de> + PartialOrd + std::fmt::Display,
    D: Deserializer<'de>,
{
    let found = T::deserialize(value)?;
    if range.contains(&found) {
        return Ok(found);
    }
    let (least, most) = range.into_inner();
    Err(D::Error::custom(format!(
        "{found}: {what} from {least} to {most}"
    )))
}

pub(super) fn wearers<'de, D: Deserializer<'de>>(value: D) -> Result<usize, D::Error> {
    within(value, 1..=WEARERS_MAX, "a world has wearers")
}

pub(super) fn connections<'de, D: Deserializer<'de>>(value: D) -> Result<usize, D::Error> {
    within(value, 1..=CONNECTIONS_MAX, "a load has connections")
}

pub(super) fn cadence<'de, D: Deserializer<'de>>(value: D) -> Result<Option<u32>, D::Error> {
    within(value, CADENCE_S, "tags take a fix every so many seconds,").map(Some)
}

pub(super) fn upload<'de, D: Deserializer<'de>>(value: D) -> Result<Option<u32>, D::Error> {
    within(value, UPLOAD_S, "tags upload every so many seconds,").map(Some)
}

pub(super) fn battery<'de, D: Deserializer<'de>>(value: D) -> Result<Option<(f64, f64)>, D::Error> {
    let (shortest, longest) = <(f64, f64)>::deserialize(value)?;
    if BATTERY_H.contains(&shortest) && BATTERY_H.contains(&longest) && shortest <= longest {
        return Ok(Some((shortest, longest)));
    }
    let (least, most) = BATTERY_H.into_inner();
    Err(D::Error::custom(format!(
        "a battery lasts from the shortest to the longest, both {least} to {most} hours"
    )))
}

pub(super) fn drift<'de, D: Deserializer<'de>>(value: D) -> Result<f64, D::Error> {
    within(
        value,
        0.0..=DRIFT_PPM_MAX,
        "a clock drifts in parts per million",
    )
}

pub(super) fn clock_step<'de, D: Deserializer<'de>>(value: D) -> Result<f64, D::Error> {
    within(
        value,
        0.0..=CLOCK_STEP_S_MAX,
        "a clock is set wrong by seconds",
    )
}

pub(super) fn alerts<'de, D: Deserializer<'de>>(value: D) -> Result<u32, D::Error> {
    within(value, 0..=ALERTS_PER_S_MAX, "a load cuts straps a second")
}

pub(super) fn outage_minutes<'de, D: Deserializer<'de>>(value: D) -> Result<u32, D::Error> {
    within(value, 1..=OUTAGE_MINUTES_MAX, "it lasts minutes")
}

pub(super) fn offset<'de, D: Deserializer<'de>>(value: D) -> Result<f64, D::Error> {
    within(
        value,
        -CELL_M_MAX..=CELL_M_MAX,
        "a cell is from the middle of town, in metres,",
    )
}

pub(super) fn radius<'de, D: Deserializer<'de>>(value: D) -> Result<f64, D::Error> {
    within(value, 1.0..=CELL_M_MAX, "a cell has a radius in metres")
}

pub(super) fn stages<'de, D: Deserializer<'de>>(value: D) -> Result<Vec<Stage>, D::Error> {
    let stages = Vec::<Stage>::deserialize(value)?;
    let asks = |stage: &Stage| {
        stage.messages_per_s > 0 || stage.to_messages_per_s.is_some_and(|rate| rate > 0)
    };
    if stages.is_empty() || !stages.iter().all(|stage| stage.seconds > 0 && asks(stage)) {
        return Err(D::Error::custom(
            "a load has stages, each of a second at least and with messages to send",
        ));
    }
    Ok(stages)
}

pub(super) fn probability<'de, D: Deserializer<'de>>(value: D) -> Result<f64, D::Error> {
    let probability = f64::deserialize(value)?;
    if (0.0..=1.0).contains(&probability) {
        return Ok(probability);
    }
    Err(D::Error::custom(format!(
        "{probability} is no probability: it lies between 0 and 1"
    )))
}

pub(super) fn delays<'de, D: Deserializer<'de>>(value: D) -> Result<(f64, f64), D::Error> {
    let (shortest, longest) = <(f64, f64)>::deserialize(value)?;
    if 0.0 <= shortest && shortest <= longest && longest <= DELAY_S_MAX {
        return Ok((shortest, longest));
    }
    Err(D::Error::custom(format!(
        "a message takes from the shortest to the longest, both 0 to {DELAY_S_MAX} seconds"
    )))
}

pub(super) fn losses<'de, D: Deserializer<'de>>(value: D) -> Result<(f64, f64), D::Error> {
    let (shortest, longest) = <(f64, f64)>::deserialize(value)?;
    if 0.0 <= shortest && shortest <= longest && longest <= LOSS_S_MAX {
        return Ok((shortest, longest));
    }
    Err(D::Error::custom(format!(
        "a loss lasts from the shortest to the longest, both 0 to {LOSS_S_MAX} seconds"
    )))
}
