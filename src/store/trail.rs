//! Where wearers were: what a search over positions asks for and finds.

use model::{
    DeviceId, Latitude, Longitude, Metres, ObservedAt, Reading, ReadingBody, Timestamp, WearerId,
};

/// The most positions that one search finds: a week of a tag that reports every minute is 10,080.
pub const TRAIL_MAX: usize = 20_000;

/// Which positions of one wearer are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrailQuery {
    /// Whose.
    pub wearer: WearerId,
    /// Observed at or after this instant
    pub from: Timestamp,
    /// and before this one.
    pub to: Timestamp,
    /// How many at most, and never more than [`TRAIL_MAX`].
    pub limit: usize,
    /// Where there are more than that, the newest of them rather than the oldest.
    pub newest: bool,
}

/// Which positions within a box are wanted, whoever's they are. Its edges and corners belong to it. It
/// does not cross the antimeridian: what does is two boxes.
#[derive(Debug, Clone, PartialEq)]
pub struct BoxQuery {
    /// Its southern edge, in degrees.
    pub south: Latitude,
    /// Its western edge, in degrees.
    pub west: Longitude,
    /// Its northern edge, in degrees.
    pub north: Latitude,
    /// Its eastern edge, in degrees. A box whose eastern edge is west of its western one is empty.
    pub east: Longitude,
    /// Observed at or after this instant
    pub from: Timestamp,
    /// and before this one.
    pub to: Timestamp,
    /// How many at most, and never more than [`TRAIL_MAX`].
    pub limit: usize,
}

impl BoxQuery {
    /// Whether the box holds this position.
    pub(super) fn holds(&self, point: &TrailPoint) -> bool {
        (self.south.degrees()..=self.north.degrees()).contains(&point.lat)
            && (self.west.degrees()..=self.east.degrees()).contains(&point.lon)
    }
}

/// A position as it was reported, journaled, and attributed.
#[derive(Debug, Clone, PartialEq)]
pub struct TrailPoint {
    /// Who wore the device.
    pub wearer: WearerId,
    /// The device.
    pub device: DeviceId,
    /// When it was there.
    pub observed_at: ObservedAt,
    /// WGS 84 latitude in degrees.
    pub lat: f64,
    /// WGS 84 longitude in degrees.
    pub lon: f64,
    /// The accuracy it reported.
    pub accuracy: Option<Metres>,
}

impl TrailPoint {
    /// The point of a reading that is a position on earth.
    pub(super) fn of(reading: &Reading) -> Option<Self> {
        let report = &reading.report;
        let position = match &report.body {
            ReadingBody::Position(position) => position,
            ReadingBody::Presence { .. }
            | ReadingBody::Alcohol(_)
            | ReadingBody::Event(_)
            | ReadingBody::CheckIn(_) => return None,
        };
        let point = Self {
            wearer: reading.wearer.clone(),
            device: report.device.clone(),
            observed_at: report.observed_at,
            lat: position.lat,
            lon: position.lon,
            accuracy: position.acc,
        };
        point.is_on_earth().then_some(point)
    }

    /// Whether a device that has lost its mind reported it: such readings are journaled too.
    pub(super) fn is_on_earth(&self) -> bool {
        Latitude::new(self.lat).is_ok() && Longitude::new(self.lon).is_ok()
    }
}
