//! Tags for load alone: everybody is at home, so nobody breaches anything but what is planned.
//!
//! A tag costs a place and a count, 24 bytes, so that a million of them fit on a small machine.

use std::num::NonZeroU16;

use chrono::TimeDelta;
use model::{
    DeviceEvent, DeviceId, DeviceReading, EventCode, FixSource, IdError, Metres, ObservedAt,
    PartitionId, Position, ReadingBody, ReadingKind, Timestamp, WearerId,
};
use wire::topic::NativeTopic;

use crate::Upload;
use crate::dice::{Dice, Stream};
use crate::person::Person;
use crate::scenario::Scenario;

/// How far fixes lie from the home, in metres (standard deviation), and what they claim: well inside
/// a curfew address of 50 m, since it is not the rules that a load is about.
const SCATTER_M: f64 = 3.0;
const ACCURACY_M: f64 = 5.0;

/// The tags of a load, which take their turns.
#[derive(Debug)]
pub(crate) struct Tags {
    tags: Vec<Tag>,
    turn: usize,
    readings: u16,
    partitions: NonZeroU16,
    dice: Dice,
    /// Sequence numbers of this run begin here: at the run's second, so that those of a later run are
    /// new to the installation.
    first_seq: u64,
}

#[derive(Debug, Clone, Copy)]
struct Tag {
    lat: f64,
    lon: f64,
    sent: u32,
}

impl Tags {
    /// One for each wearer of `scenario`, as its registry has them; `now` by the installation's clock.
    pub(crate) fn new(scenario: &Scenario, readings: u16, now: Timestamp) -> Self {
        let count = u64::try_from(scenario.wearers).unwrap_or(u64::MAX);
        let home = |index| {
            let (lat, lon) = Person::home(scenario.seed, index).degrees();
            Tag { lat, lon, sent: 0 }
        };
        Self {
            tags: (0..count).map(home).collect(),
            turn: 0,
            readings,
            partitions: scenario.partitions,
            dice: Dice::new(scenario.seed, Stream::Load, 0, 1),
            first_seq: u64::try_from(now.epoch_ms()).unwrap_or_default(),
        }
    }

    /// How many there are.
    pub(crate) const fn len(&self) -> usize {
        self.tags.len()
    }

    /// The next tag's message, of readings a millisecond apart up to `now`.
    ///
    /// # Errors
    /// When an id is none, which would be a mistake in this file.
    pub(crate) fn next_upload(&mut self, now: Timestamp) -> Result<Upload, IdError> {
        let number = self.turn;
        self.turn = (self.turn + 1) % self.tags.len().max(1);
        let bodies: Vec<ReadingBody> = (0..self.readings)
            .map(|_of| ReadingBody::Position(self.fix(number)))
            .collect();
        self.upload(number, now, ReadingKind::Position, bodies)
    }

    /// An event that the tag with this number reports.
    ///
    /// # Errors
    /// When an id is none, which would be a mistake in this file.
    pub(crate) fn event(
        &mut self,
        number: usize,
        now: Timestamp,
        code: EventCode,
    ) -> Result<Upload, IdError> {
        let event = ReadingBody::Event(DeviceEvent { code, pct: None });
        self.upload(number, now, ReadingKind::Event, vec![event])
    }

    fn upload(
        &mut self,
        number: usize,
        now: Timestamp,
        kind: ReadingKind,
        bodies: Vec<ReadingBody>,
    ) -> Result<Upload, IdError> {
        let wearer = wearer(number)?;
        let device = DeviceId::new(format!("GPS-{:06}", number + 1))?;
        let last = i64::try_from(bodies.len()).unwrap_or(1) - 1;
        let readings: Vec<DeviceReading> = (0_i64..)
            .zip(bodies)
            .map(|(of, body)| DeviceReading {
                device: device.clone(),
                seq: Some(self.seq(number)),
                observed_at: ObservedAt(now.minus(TimeDelta::milliseconds(last - of))),
                recorded_at: None,
                body,
            })
            .collect();
        let topic = NativeTopic {
            partition: PartitionId::of(&wearer, self.partitions),
            device,
            kind,
        };
        Ok(Upload::of(now, &topic.to_string(), &readings))
    }

    fn seq(&mut self, number: usize) -> u64 {
        let sent = self.tags.get_mut(number).map_or(0, |tag| {
            tag.sent = tag.sent.wrapping_add(1);
            tag.sent
        });
        self.first_seq + u64::from(sent)
    }

    fn fix(&mut self, number: usize) -> Position {
        let (north, east) = (self.dice.normal(), self.dice.normal());
        let (lat, lon) = self
            .tags
            .get(number)
            .map_or((0.0, 0.0), |tag| (tag.lat, tag.lon));
        // Near enough: an error of a third in how far a fix is off changes nothing.
        let degrees = SCATTER_M / 111_000.0;
        Position {
            lat: lat + north * degrees,
            lon: lon + east * degrees,
            acc: Some(Metres(ACCURACY_M)),
            sat: Some(9),
            hdop: None,
            speed: None,
            course: None,
            src: FixSource::Gps,
        }
    }
}

/// The wearer with this number, from zero.
pub(crate) fn wearer(number: usize) -> Result<WearerId, IdError> {
    WearerId::new(format!("W-{:06}", number + 1))
}
