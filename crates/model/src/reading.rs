//! Readings: the facts that devices report.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::id::IdentityKey;
use crate::{DeviceId, GeoPoint, KmPerHour, Metres, ObservedAt, ReceivedAt, RecordedAt, WearerId};

/// What a device reported, before it is known who wears it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeviceReading {
    /// The device, as named by the topic it published on.
    pub device: DeviceId,
    /// The device's own running number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
    /// When the device says it happened.
    #[serde(rename = "t")]
    pub observed_at: ObservedAt,
    /// When the device stored it, where it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded_at: Option<RecordedAt>,
    /// The fact.
    #[serde(flatten)]
    pub body: ReadingBody,
}

impl DeviceReading {
    /// What makes this the same reading as another.
    #[must_use]
    pub fn identity(&self) -> Identity {
        let key = match self.seq {
            Some(seq) => IdentityKey::Sequence(seq),
            None => IdentityKey::Moment(self.body.fact(), self.observed_at.0),
        };
        Identity {
            device: self.device.clone(),
            key,
        }
    }
}

/// A reading taken in and attributed, by activation, to the person who wore the device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// Who wore the device at the time it was observed.
    pub wearer: WearerId,
    /// When this system took it in.
    pub received_at: ReceivedAt,
    /// What the device reported.
    #[serde(flatten)]
    pub report: DeviceReading,
}

/// What makes two readings the same: device and sequence number or, lacking one, device, kind (of
/// an event, its code too) and the time observed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity {
    device: DeviceId,
    key: IdentityKey,
}

impl Identity {
    /// The device that reported it.
    #[must_use]
    pub const fn device(&self) -> &DeviceId {
        &self.device
    }

    /// The device's running number, where the reading carries one.
    #[must_use]
    pub const fn sequence(&self) -> Option<u64> {
        match self.key {
            IdentityKey::Sequence(seq) => Some(seq),
            IdentityKey::Moment(..) => None,
        }
    }

    /// What was reported and the time observed, where the reading carries no running number.
    #[must_use]
    pub const fn moment(&self) -> Option<(FactKind, crate::Timestamp)> {
        match self.key {
            IdentityKey::Sequence(_) => None,
            IdentityKey::Moment(fact, at) => Some((fact, at)),
        }
    }

    /// The part that tells this reading from the device's others, as stable text.
    #[must_use]
    pub fn key(&self) -> String {
        match &self.key {
            IdentityKey::Sequence(seq) => format!("s{seq}"),
            IdentityKey::Moment(fact, at) => format!("t{}:{fact}", at.epoch_ms()),
        }
    }
}

/// The kinds of reading, as they stand in topics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReadingKind {
    /// A position fix.
    Position,
    /// RF presence at a home monitoring unit.
    Presence,
    /// A transdermal alcohol reading.
    Alcohol,
    /// A device event.
    Event,
    /// An answer to a check-in prompt.
    CheckIn,
}

impl ReadingKind {
    /// The name in topics and in readings files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Position => "position",
            Self::Presence => "presence",
            Self::Alcohol => "alcohol",
            Self::Event => "event",
            Self::CheckIn => "check-in",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [
            Self::Position,
            Self::Presence,
            Self::Alcohol,
            Self::Event,
            Self::CheckIn,
        ]
        .into_iter()
        .find(|kind| kind.as_str() == name)
    }
}

impl fmt::Display for ReadingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a reading is about, as far as it tells readings of one device and one instant apart: a strap
/// cut and a case opened in the same millisecond are two events.
///
/// Written as the kind, and for an event with its code: `position`, `event:strap_cut`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FactKind {
    kind: ReadingKind,
    code: Option<EventCode>,
}

impl fmt::Display for FactKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.as_str())?;
        self.code
            .map_or(Ok(()), |code| write!(f, ":{}", code.as_str()))
    }
}

/// The fact that a reading reports.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ReadingBody {
    /// A position fix.
    Position(Position),
    /// RF presence at a home monitoring unit.
    Presence {
        /// Whether the unit hears the tag.
        in_range: bool,
    },
    /// A transdermal alcohol reading.
    Alcohol(Alcohol),
    /// A device event.
    Event(DeviceEvent),
    /// An answer to a check-in prompt.
    CheckIn(CheckIn),
}

impl ReadingBody {
    /// Which kind of reading this is.
    #[must_use]
    pub const fn kind(&self) -> ReadingKind {
        match self {
            Self::Position(_) => ReadingKind::Position,
            Self::Presence { .. } => ReadingKind::Presence,
            Self::Alcohol(_) => ReadingKind::Alcohol,
            Self::Event(_) => ReadingKind::Event,
            Self::CheckIn(_) => ReadingKind::CheckIn,
        }
    }

    /// What it is about, which tells it from others of the same device and instant.
    #[must_use]
    pub const fn fact(&self) -> FactKind {
        let code = match self {
            Self::Event(event) => Some(event.code),
            Self::Position(_) | Self::Presence { .. } | Self::Alcohol(_) | Self::CheckIn(_) => None,
        };
        FactKind {
            kind: self.kind(),
            code,
        }
    }
}

/// How a fix was obtained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FixSource {
    /// Satellites.
    #[default]
    Gps,
    /// A radio beacon.
    Rf,
    /// Cell towers: radii up to 1.6 km, never evidence of a point.
    Lbs,
    /// Wireless networks.
    Wifi,
}

impl FixSource {
    /// The name in formats.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gps => "gps",
            Self::Rf => "rf",
            Self::Lbs => "lbs",
            Self::Wifi => "wifi",
        }
    }
}

/// A position fix as reported. The numbers are what the device said: a fix is checked by
/// [`Position::point`] before anything is concluded from it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// Degrees, WGS84.
    pub lat: f64,
    /// Degrees, WGS84.
    pub lon: f64,
    /// The radius the device claims, in metres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acc: Option<Metres>,
    /// Satellites used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sat: Option<u8>,
    /// Horizontal dilution of precision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hdop: Option<f64>,
    /// Speed over ground.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed: Option<KmPerHour>,
    /// Direction of travel in degrees from north.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub course: Option<f64>,
    /// How the fix was obtained.
    #[serde(default)]
    pub src: FixSource,
}

/// Why a reported position cannot be one.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum BadPosition {
    /// Not finite, or not on the globe.
    #[error(transparent)]
    OutOfRange(#[from] crate::OutOfRange),
    /// (0, 0): what a receiver without a fix reports.
    #[error("position (0, 0) is what a receiver without a fix reports")]
    NullIsland,
    /// A negative or not finite accuracy.
    #[error("accuracy {0} m is not a radius")]
    Accuracy(f64),
}

impl Position {
    /// The point on the ground.
    ///
    /// # Errors
    /// When the coordinates are not finite, not on the globe or (0, 0), or the accuracy is negative
    /// or not finite.
    pub fn point(&self) -> Result<GeoPoint, BadPosition> {
        let point = GeoPoint::new(self.lat, self.lon)?;
        if self.lat == 0.0 && self.lon == 0.0 {
            return Err(BadPosition::NullIsland);
        }
        match self.acc {
            Some(Metres(acc)) if !acc.is_finite() || acc < 0.0 => Err(BadPosition::Accuracy(acc)),
            Some(_) | None => Ok(point),
        }
    }
}

/// A transdermal alcohol reading.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Alcohol {
    /// Transdermal alcohol concentration in mg/100 mL.
    pub tac: i32,
    /// Infra-red reflection, volts or a ratio: watched for change only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ir: Option<f64>,
    /// Skin temperature in °C.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skin_c: Option<f64>,
    /// Ambient temperature in °C.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ambient_c: Option<f64>,
}

/// What a device says happened to it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct DeviceEvent {
    /// What happened.
    pub code: EventCode,
    /// Charge left in per cent, with `battery`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pct: Option<u8>,
}

/// The events that devices report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the field's own and say it all")]
pub enum EventCode {
    StrapCut,
    StrapRestored,
    CaseOpen,
    CaseClosed,
    Battery,
    BatteryLow,
    BatteryDead,
    ChargingStart,
    ChargingEnd,
    HmuMoved,
    MainsLost,
    MainsRestored,
    MotionStart,
    MotionEnd,
    JammingStart,
    JammingEnd,
    Fault,
}

impl EventCode {
    /// The name in formats.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::StrapCut => "strap_cut",
            Self::StrapRestored => "strap_restored",
            Self::CaseOpen => "case_open",
            Self::CaseClosed => "case_closed",
            Self::Battery => "battery",
            Self::BatteryLow => "battery_low",
            Self::BatteryDead => "battery_dead",
            Self::ChargingStart => "charging_start",
            Self::ChargingEnd => "charging_end",
            Self::HmuMoved => "hmu_moved",
            Self::MainsLost => "mains_lost",
            Self::MainsRestored => "mains_restored",
            Self::MotionStart => "motion_start",
            Self::MotionEnd => "motion_end",
            Self::JammingStart => "jamming_start",
            Self::JammingEnd => "jamming_end",
            Self::Fault => "fault",
        }
    }
}

/// An answer to a check-in prompt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckIn {
    /// The prompt answered.
    pub prompt: String,
    /// Whether the person answering is the wearer.
    pub identity: IdentityMatch,
    /// Degrees, WGS84.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lat: Option<f64>,
    /// Degrees, WGS84.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lon: Option<f64>,
    /// The radius the device claims, in metres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acc: Option<Metres>,
}

/// The result of comparing the person answering with the wearer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it all")]
pub enum IdentityMatch {
    Match,
    NoMatch,
}

impl IdentityMatch {
    /// The name in formats.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Match => "match",
            Self::NoMatch => "no_match",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fix(lat: f64, lon: f64) -> Position {
        Position {
            lat,
            lon,
            acc: None,
            sat: None,
            hdop: None,
            speed: None,
            course: None,
            src: FixSource::Gps,
        }
    }

    #[test]
    fn a_receiver_without_a_fix_is_not_a_position() {
        assert_eq!(fix(0.0, 0.0).point(), Err(BadPosition::NullIsland));
        assert!(fix(f64::NAN, 0.1).point().is_err());
        assert!(fix(52.8, -2.1).point().is_ok());
        let negative = Position {
            acc: Some(Metres(-1.0)),
            ..fix(52.8, -2.1)
        };
        assert_eq!(negative.point(), Err(BadPosition::Accuracy(-1.0)));
    }

    #[test]
    fn a_reading_survives_its_json_form() {
        let text = r#"{"wearer":"W-1","received_at":"2026-03-29T01:00:00Z","device":"GPS-7","seq":41,"t":"2026-03-29T00:59:30Z","kind":"position","lat":52.8,"lon":-2.1,"acc":8.5,"src":"gps"}"#;
        let reading: Reading = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&reading).unwrap(), text);
    }

    #[test]
    fn sequence_numbers_identify_a_reading_and_times_do_where_there_is_none() {
        let mut reading: Reading = serde_json::from_str(
            r#"{"wearer":"W-1","received_at":1,"device":"D","t":5,"kind":"presence","in_range":true}"#,
        )
        .unwrap();
        assert_eq!(reading.report.identity().key(), "t5:presence");
        reading.report.seq = Some(9);
        assert_eq!(reading.report.identity().key(), "s9");
    }

    #[test]
    fn two_events_of_one_instant_are_two_readings() {
        let identity = |code: &str| {
            let text = format!(r#"{{"device":"D","t":5,"kind":"event","code":"{code}"}}"#);
            let report: DeviceReading = serde_json::from_str(&text).unwrap();
            report.identity()
        };
        assert_eq!(identity("strap_cut").key(), "t5:event:strap_cut");
        assert_eq!(identity("strap_cut"), identity("strap_cut"));
        assert_ne!(identity("strap_cut"), identity("case_open"));
    }
}
