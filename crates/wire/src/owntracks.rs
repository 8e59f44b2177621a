//! OwnTracks' JSON, taken in as positions.
//!
//! From <https://owntracks.org/booklet/tech/json>: `lat` and `lon` in degrees, `tst` in epoch
//! seconds, `acc` in metres, `vel` in km/h, `cog` in degrees, `created_at` in epoch seconds. A
//! negative `vel` or `cog` is how iOS says that it does not know. There is no sequence number, so
//! a reading is identified by its time. Where Android names the `network` provider as its `source`,
//! the fix came from cells and networks and is taken as `lbs`: kept, but never evidence of a point.
//!
//! Mind that a ping (`t` = `p`) carries the time of sending as its `tst`, so a phone that has
//! found no new fix repeats its last one with a new time.

use model::{
    DeviceId, DeviceReading, FixSource, KmPerHour, ObservedAt, Position, ReadingBody, RecordedAt,
};
use serde::Deserialize;

use crate::body::{Fix, fix};
use crate::check::{bearing, epoch_seconds, number, optional, required, text};
use crate::error::{FieldError, PayloadError};
use crate::payload::text_of;
use crate::scalar::Scalar;

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow, rename = "_type")]
    message_type: Option<Scalar<'a>>,
    #[serde(borrow)]
    lat: Option<Scalar<'a>>,
    #[serde(borrow)]
    lon: Option<Scalar<'a>>,
    #[serde(borrow)]
    acc: Option<Scalar<'a>>,
    #[serde(borrow)]
    tst: Option<Scalar<'a>>,
    #[serde(borrow)]
    created_at: Option<Scalar<'a>>,
    #[serde(borrow)]
    vel: Option<Scalar<'a>>,
    #[serde(borrow)]
    cog: Option<Scalar<'a>>,
    #[serde(borrow)]
    source: Option<Scalar<'a>>,
}

/// Reads a message published by `device`. `None` is a valid message that is no location (`lwt`,
/// `transition`, `waypoint`, `status`, `card` …): nothing to take in.
///
/// Speed, course and time of sending are left out where they make no sense; the message has no
/// place for the errors of a native batch, and a phone's position must not be lost for them.
///
/// # Errors
/// When the payload is no OwnTracks message, is encrypted, or is a location without time, place or
/// a sane radius.
pub fn decode(device: &DeviceId, payload: &[u8]) -> Result<Option<DeviceReading>, PayloadError> {
    let text = text_of(payload)?;
    let message: Message<'_> =
        serde_json::from_str(text).map_err(|error| PayloadError::syntax(&error))?;
    match message_type(&message)? {
        "location" => {
            let reading = location(device, &message).map_err(|error| error.at(0, false))?;
            Ok(Some(reading))
        }
        "encrypted" => Err(PayloadError::Encrypted),
        _ => Ok(None),
    }
}

fn message_type<'a>(message: &'a Message<'_>) -> Result<&'a str, PayloadError> {
    let Some(value) = &message.message_type else {
        return Err(FieldError::missing("_type").at(0, false).into());
    };
    text(value).map_err(|reason| {
        let value = value.quoted();
        let error = FieldError {
            field: "_type",
            value,
            reason,
        };
        error.at(0, false).into()
    })
}

fn location(device: &DeviceId, message: &Message<'_>) -> Result<DeviceReading, FieldError> {
    let observed_at = ObservedAt(required("tst", message.tst.as_ref(), epoch_seconds)?);
    let Fix { lat, lon, acc } = fix(
        message.lat.as_ref(),
        message.lon.as_ref(),
        message.acc.as_ref(),
    )?;
    let speed = optional("vel", message.vel.as_ref(), number).unwrap_or_default();
    let course = optional("cog", message.cog.as_ref(), bearing).unwrap_or_default();
    let created_at = message.created_at.as_ref();
    let recorded_at = optional("created_at", created_at, epoch_seconds).unwrap_or_default();
    Ok(DeviceReading {
        device: device.clone(),
        seq: None,
        observed_at,
        recorded_at: recorded_at.map(RecordedAt),
        body: ReadingBody::Position(Position {
            lat,
            lon,
            acc,
            sat: None,
            hdop: None,
            speed: speed.filter(|speed| *speed >= 0.0).map(KmPerHour),
            course,
            src: source(message),
        }),
    })
}

fn source(message: &Message<'_>) -> FixSource {
    match &message.source {
        Some(Scalar::Text(provider)) if provider == "network" => FixSource::Lbs,
        Some(_) | None => FixSource::Gps,
    }
}
