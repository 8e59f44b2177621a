//! The fact in a reading, by kind, and the reading around it.

use model::{
    Alcohol, CheckIn, DeviceEvent, DeviceId, DeviceReading, EventCode, FixSource, IdentityMatch,
    KmPerHour, Metres, ObservedAt, Position, ReadingBody, ReadingKind, RecordedAt,
};

use crate::check::{
    bearing, boolean, concentration, count, describing, instant, latitude, longitude, name,
    not_negative, number, optional, per_cent, required, sequence, text,
};
use crate::error::{FieldError, Reason};
use crate::fields::Fields;
use crate::scalar::Scalar;

/// The longest name of a prompt taken in, in bytes: the bound of any other id.
const PROMPT_BYTES_MAX: usize = 96;

/// The reading of `kind` that `object` holds; what was left out of it goes to `left_out`.
pub(crate) fn reading(
    device: &DeviceId,
    kind: ReadingKind,
    object: &Fields<'_>,
    left_out: &mut Vec<FieldError>,
) -> Result<DeviceReading, FieldError> {
    let observed_at = ObservedAt(required("t", object.t.as_ref(), instant)?);
    let body = body(kind, object, left_out)?;
    let recorded_at = object.recorded_at.as_ref();
    Ok(DeviceReading {
        device: device.clone(),
        seq: describing("seq", object.seq.as_ref(), sequence, left_out),
        observed_at,
        recorded_at: describing("recorded_at", recorded_at, instant, left_out).map(RecordedAt),
        body,
    })
}

fn body(
    kind: ReadingKind,
    object: &Fields<'_>,
    left_out: &mut Vec<FieldError>,
) -> Result<ReadingBody, FieldError> {
    match kind {
        ReadingKind::Position => position(object, left_out).map(ReadingBody::Position),
        ReadingKind::Presence => presence(object),
        ReadingKind::Alcohol => alcohol(object, left_out).map(ReadingBody::Alcohol),
        ReadingKind::Event => event(object, left_out).map(ReadingBody::Event),
        ReadingKind::CheckIn => check_in(object, left_out).map(ReadingBody::CheckIn),
    }
}

/// Coordinates and the radius claimed for them.
pub(crate) struct Fix {
    pub(crate) lat: f64,
    pub(crate) lon: f64,
    pub(crate) acc: Option<Metres>,
}

/// Checks a fix; all of it is needed to know where the wearer was.
pub(crate) fn fix(
    lat: Option<&Scalar<'_>>,
    lon: Option<&Scalar<'_>>,
    acc: Option<&Scalar<'_>>,
) -> Result<Fix, FieldError> {
    let lat = required("lat", lat, latitude)?;
    let lon = required("lon", lon, longitude)?;
    if lat == 0.0 && lon == 0.0 {
        return Err(FieldError {
            field: "lat, lon",
            value: "0, 0".to_owned(),
            reason: Reason::NullIsland,
        });
    }
    let acc = optional("acc", acc, not_negative)?.map(Metres);
    Ok(Fix { lat, lon, acc })
}

fn position(object: &Fields<'_>, left_out: &mut Vec<FieldError>) -> Result<Position, FieldError> {
    let Fix { lat, lon, acc } = fix(
        object.lat.as_ref(),
        object.lon.as_ref(),
        object.acc.as_ref(),
    )?;
    // How a fix was obtained decides whether it is evidence of a point at all: never guessed.
    let src = optional("src", object.src.as_ref(), source)?.unwrap_or_default();
    Ok(Position {
        lat,
        lon,
        acc,
        sat: describing("sat", object.sat.as_ref(), count, left_out),
        hdop: describing("hdop", object.hdop.as_ref(), not_negative, left_out),
        speed: describing("speed", object.speed.as_ref(), not_negative, left_out).map(KmPerHour),
        course: describing("course", object.course.as_ref(), bearing, left_out),
        src,
    })
}

fn source(value: &Scalar<'_>) -> Result<FixSource, Reason> {
    name(value, "one of gps, rf, lbs, wifi")
}

fn presence(object: &Fields<'_>) -> Result<ReadingBody, FieldError> {
    let in_range = required("in_range", object.in_range.as_ref(), boolean)?;
    Ok(ReadingBody::Presence { in_range })
}

fn alcohol(object: &Fields<'_>, left_out: &mut Vec<FieldError>) -> Result<Alcohol, FieldError> {
    Ok(Alcohol {
        tac: required("tac", object.tac.as_ref(), concentration)?,
        ir: describing("ir", object.ir.as_ref(), number, left_out),
        skin_c: describing("skin_c", object.skin_c.as_ref(), number, left_out),
        ambient_c: describing("ambient_c", object.ambient_c.as_ref(), number, left_out),
    })
}

fn event(object: &Fields<'_>, left_out: &mut Vec<FieldError>) -> Result<DeviceEvent, FieldError> {
    Ok(DeviceEvent {
        code: required("code", object.code.as_ref(), event_code)?,
        pct: describing("pct", object.pct.as_ref(), per_cent, left_out),
    })
}

fn event_code(value: &Scalar<'_>) -> Result<EventCode, Reason> {
    name(value, "the code of an event")
}

fn check_in(object: &Fields<'_>, left_out: &mut Vec<FieldError>) -> Result<CheckIn, FieldError> {
    let fix = answered_from(object, left_out);
    Ok(CheckIn {
        prompt: required("prompt", object.prompt.as_ref(), prompt)?,
        identity: required("identity", object.identity.as_ref(), identity)?,
        lat: fix.as_ref().map(|fix| fix.lat),
        lon: fix.as_ref().map(|fix| fix.lon),
        acc: fix.and_then(|fix| fix.acc),
    })
}

/// Where a prompt was answered from: all of it or, when any of it is nonsense, none.
fn answered_from(object: &Fields<'_>, left_out: &mut Vec<FieldError>) -> Option<Fix> {
    let (lat, lon, acc) = (
        object.lat.as_ref(),
        object.lon.as_ref(),
        object.acc.as_ref(),
    );
    let said = |slot: Option<&Scalar<'_>>| slot.is_some_and(|value| *value != Scalar::Null);
    if !said(lat) && !said(lon) && !said(acc) {
        return None;
    }
    fix(lat, lon, acc)
        .map_err(|error| left_out.push(error))
        .ok()
}

fn prompt(value: &Scalar<'_>) -> Result<String, Reason> {
    let text = text(value)?;
    if text.is_empty() {
        return Err(Reason::IsNot("the id of a prompt"));
    }
    if text.len() > PROMPT_BYTES_MAX {
        return Err(Reason::TooLong(PROMPT_BYTES_MAX));
    }
    Ok(text.to_owned())
}

fn identity(value: &Scalar<'_>) -> Result<IdentityMatch, Reason> {
    name(value, "match or no_match")
}
