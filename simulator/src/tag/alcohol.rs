//! An alcohol tag: a TAC reading each half hour, uploaded as it goes or in one daily burst.

use chrono::TimeDelta;
use model::{Alcohol, DeviceReading, ObservedAt, ReadingBody, ReadingKind, Timestamp};
use wire::topic::NativeTopic;

use super::first_seq;
use crate::dice::{Dice, Stream};
use crate::life::drink::NOISE_MAX;
use crate::person::{OwnAbstinence, Person};
use crate::{Upload, WorldConfig};

/// Seconds between readings, as such tags do.
pub(crate) const READING_S: u32 = 1_800;

/// What the infra-red sensor shows of skin, as a ratio, and by how much it wavers: a few per cent, where
/// the rules look for more than 12.
const IR: f64 = 1.2;
const IR_WAVERS: f64 = 0.02;

/// Skin under a tag and the air around it in °C, and how much they waver. Invented.
const SKIN_C: f64 = 33.0;
const AMBIENT_C: f64 = 22.0;
const WAVERS_C: f64 = 0.4;

/// An alcohol tag on its wearer. Its store is bounded by a day's readings and the longest outage's.
#[derive(Debug, Clone)]
pub(crate) struct AlcoholTag {
    dice: Dice,
    topic: String,
    seq: u64,
    next_reading: Timestamp,
    next_upload: Timestamp,
    stored: Vec<DeviceReading>,
}

impl AlcoholTag {
    pub(crate) fn new(person: &Person, own: &OwnAbstinence, config: &WorldConfig) -> Self {
        let mut dice = Dice::new(config.seed, Stream::AlcoholTag, person.index, 0);
        let topic = NativeTopic {
            partition: person.partition,
            device: own.device.clone(),
            kind: ReadingKind::Alcohol,
        };
        let first = TimeDelta::seconds(dice.whole(5, 120));
        Self {
            topic: topic.to_string(),
            seq: first_seq(config),
            next_reading: config.start.plus(first),
            next_upload: own.link.next_upload(config.start),
            stored: Vec::new(),
            dice,
        }
    }

    /// Lives until `to`, and adds what it uploads to `uploads`.
    pub(crate) fn run(&mut self, to: Timestamp, own: &OwnAbstinence, uploads: &mut Vec<Upload>) {
        loop {
            let next = self.next_reading.min(self.next_upload);
            if next > to {
                return;
            }
            // What is measured at the moment of an upload is still part of it.
            if next == self.next_reading {
                self.measure(own);
            } else {
                self.flush(next, uploads);
                let after = next.plus(TimeDelta::milliseconds(1));
                self.next_upload = own.link.next_upload(after);
            }
        }
    }

    /// Uploads at `at` what is stored, signal or not: the end of a run.
    pub(crate) fn flush(&mut self, at: Timestamp, uploads: &mut Vec<Upload>) {
        let stored = std::mem::take(&mut self.stored);
        for batch in stored.chunks(super::MESSAGE_READINGS_MAX) {
            uploads.push(Upload::of(at, &self.topic, batch));
        }
    }

    fn measure(&mut self, own: &OwnAbstinence) {
        let at = self.next_reading;
        let tac = own.tac(at) + self.dice.normal().clamp(-NOISE_MAX, NOISE_MAX);
        let mut wavering = |middle: f64, by: f64| Some(rounded(middle + by * self.dice.normal()));
        let body = Alcohol {
            tac: whole(tac.max(0.0)),
            ir: wavering(IR, IR_WAVERS),
            skin_c: wavering(SKIN_C, WAVERS_C),
            ambient_c: wavering(AMBIENT_C, WAVERS_C),
        };
        self.stored.push(DeviceReading {
            device: own.device.clone(),
            seq: Some(self.seq),
            observed_at: ObservedAt(at),
            recorded_at: None,
            body: ReadingBody::Alcohol(body),
        });
        self.seq += 1;
        self.next_reading = at.plus(TimeDelta::seconds(READING_S.into()));
    }
}

/// To a hundredth, as sensors give it.
fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a few hundred at most, and a cast saturates"
)]
fn whole(value: f64) -> i32 {
    value.floor() as i32
}
