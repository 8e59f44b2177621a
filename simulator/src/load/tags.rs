//! Tags for load alone: each a counter of four bytes, at the middle of the town.

use chrono::Utc;
use model::{
    DeviceId, DeviceReading, FixSource, Metres, ObservedAt, PartitionId, Position, ReadingBody,
    ReadingKind, Timestamp, WearerId,
};
use wire::topic::NativeTopic;

use crate::Upload;
use crate::scenario::Scenario;
use crate::town::{TOWN_LAT, TOWN_LON};

/// The tags, which take their turns.
#[derive(Debug)]
pub(super) struct Tags {
    seqs: Vec<u32>,
    turn: usize,
    readings: u16,
    partitions: std::num::NonZeroU16,
}

impl Tags {
    /// One for each wearer of `scenario`, with the ids of its registry.
    pub(super) fn new(scenario: &Scenario, readings: u16) -> Self {
        Self {
            seqs: vec![0; scenario.wearers.max(1)],
            turn: 0,
            readings,
            partitions: scenario.partitions,
        }
    }

    /// The next tag's message, of readings a millisecond apart up to now.
    pub(super) fn next_upload(&mut self) -> Upload {
        let number = self.turn + 1;
        let now = Timestamp::from_chrono(Utc::now()).unwrap_or_default();
        let first = self.seqs.get(self.turn).copied().unwrap_or_default();
        let batch: Vec<DeviceReading> = (0..self.readings)
            .filter_map(|of| {
                let age = chrono::TimeDelta::milliseconds(i64::from(self.readings - 1 - of));
                reading(number, first.wrapping_add(of.into()), now.minus(age))
            })
            .collect();
        if let Some(seq) = self.seqs.get_mut(self.turn) {
            *seq = seq.wrapping_add(self.readings.into());
        }
        self.turn = number % self.seqs.len().max(1);
        Upload {
            at: now,
            topic: self.topic(number).unwrap_or_default(),
            payload: wire::encode(&batch),
            readings: batch.len(),
        }
    }

    fn topic(&self, number: usize) -> Option<String> {
        let wearer = WearerId::new(format!("W-{number:06}")).ok()?;
        let topic = NativeTopic {
            partition: PartitionId::of(&wearer, self.partitions),
            device: DeviceId::new(format!("GPS-{number:06}")).ok()?,
            kind: ReadingKind::Position,
        };
        Some(topic.to_string())
    }
}

fn reading(number: usize, seq: u32, at: Timestamp) -> Option<DeviceReading> {
    Some(DeviceReading {
        device: DeviceId::new(format!("GPS-{number:06}")).ok()?,
        seq: Some(seq.into()),
        observed_at: ObservedAt(at),
        recorded_at: None,
        body: ReadingBody::Position(Position {
            lat: TOWN_LAT,
            lon: TOWN_LON,
            acc: Some(Metres(5.0)),
            sat: None,
            hdop: None,
            speed: None,
            course: None,
            src: FixSource::Gps,
        }),
    })
}
