//! What a reading says, by place.

use model::{
    Alcohol, CheckIn, DeviceEvent, EventCode, FixSource, IdentityMatch, KmPerHour, Metres,
    Position, ReadingBody,
};
use serde::{Deserialize, Serialize};

use super::line::corrupt;
use crate::store::StoreError;

/// A [`ReadingBody`], by place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum Fact<'a> {
    Position {
        lat: f64,
        lon: f64,
        acc: Option<f64>,
        sat: Option<u8>,
        hdop: Option<f64>,
        speed: Option<f64>,
        course: Option<f64>,
        src: FixSource,
    },
    Presence(bool),
    Alcohol {
        tac: i32,
        ir: Option<f64>,
        skin_c: Option<f64>,
        ambient_c: Option<f64>,
    },
    Event(EventCode, Option<u8>),
    CheckIn {
        prompt: &'a str,
        identity: IdentityMatch,
        lat: Option<f64>,
        lon: Option<f64>,
        acc: Option<f64>,
    },
}

impl<'a> Fact<'a> {
    /// # Errors
    /// [`StoreError::Corrupt`] when a number in it is not finite.
    pub(super) fn of(body: &'a ReadingBody) -> Result<Self, StoreError> {
        let fact = match body {
            ReadingBody::Position(position) => Self::Position {
                lat: position.lat,
                lon: position.lon,
                acc: position.acc.map(|acc| acc.0),
                sat: position.sat,
                hdop: position.hdop,
                speed: position.speed.map(|speed| speed.0),
                course: position.course,
                src: position.src,
            },
            ReadingBody::Presence { in_range } => Self::Presence(*in_range),
            ReadingBody::Alcohol(alcohol) => Self::Alcohol {
                tac: alcohol.tac,
                ir: alcohol.ir,
                skin_c: alcohol.skin_c,
                ambient_c: alcohol.ambient_c,
            },
            ReadingBody::Event(event) => Self::Event(event.code, event.pct),
            ReadingBody::CheckIn(check_in) => Self::CheckIn {
                prompt: &check_in.prompt,
                identity: check_in.identity,
                lat: check_in.lat,
                lon: check_in.lon,
                acc: check_in.acc.map(|acc| acc.0),
            },
        };
        if fact.numbers().into_iter().flatten().all(f64::is_finite) {
            return Ok(fact);
        }
        Err(corrupt("a number is not finite and has no form in text"))
    }

    const fn numbers(&self) -> [Option<f64>; 6] {
        match *self {
            Self::Position {
                lat,
                lon,
                acc,
                hdop,
                speed,
                course,
                ..
            } => [Some(lat), Some(lon), acc, hdop, speed, course],
            Self::Alcohol {
                ir,
                skin_c,
                ambient_c,
                ..
            } => [ir, skin_c, ambient_c, None, None, None],
            Self::CheckIn { lat, lon, acc, .. } => [lat, lon, acc, None, None, None],
            Self::Presence(_) | Self::Event(..) => [None; 6],
        }
    }

    pub(super) fn body(&self) -> ReadingBody {
        match *self {
            Self::Position {
                lat,
                lon,
                acc,
                sat,
                hdop,
                speed,
                course,
                src,
            } => ReadingBody::Position(Position {
                lat,
                lon,
                acc: acc.map(Metres),
                sat,
                hdop,
                speed: speed.map(KmPerHour),
                course,
                src,
            }),
            Self::Presence(in_range) => ReadingBody::Presence { in_range },
            Self::Alcohol {
                tac,
                ir,
                skin_c,
                ambient_c,
            } => ReadingBody::Alcohol(Alcohol {
                tac,
                ir,
                skin_c,
                ambient_c,
            }),
            Self::Event(code, pct) => ReadingBody::Event(DeviceEvent { code, pct }),
            Self::CheckIn {
                prompt,
                identity,
                lat,
                lon,
                acc,
            } => ReadingBody::CheckIn(CheckIn {
                prompt: prompt.to_owned(),
                identity,
                lat,
                lon,
                acc: acc.map(Metres),
            }),
        }
    }
}
