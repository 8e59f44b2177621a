//! A home monitoring unit: hears the wearer's RF tag at home, or does not, and says so when that changes
//! and every so often.

use chrono::TimeDelta;
use model::{DeviceReading, ObservedAt, ReadingBody, ReadingKind, Timestamp};
use wire::topic::NativeTopic;

use super::first_seq;
use crate::dice::{Dice, Stream};
use crate::life::track::Track;
use crate::person::{OwnHomeUnit, Person};
use crate::{Upload, WorldConfig};

/// Seconds between two tries to hear the tag.
const LISTENS_S: u32 = 30;

/// Seconds after which it reports though nothing has changed. Invented.
pub(crate) const REPORTS_S: u32 = 900;

/// How far it hears, in metres: a house and its garden.
const RANGE_M: f64 = 40.0;

/// How likely a try at home fails, and how many go on failing then: bodies and walls. Invented; far
/// shorter than any grace.
const DROPOUT: f64 = 1.0 / 400.0;
const DROPOUT_TRIES: (i64, i64) = (1, 4);

/// A home unit.
#[derive(Debug, Clone)]
pub(crate) struct HomeUnit {
    track: Track,
    dice: Dice,
    topic: String,
    seq: u64,
    next: Timestamp,
    /// What was reported last, and when.
    told: Option<(bool, Timestamp)>,
    /// Tries that still fail.
    failing: i64,
}

impl HomeUnit {
    pub(crate) fn new(person: &Person, own: &OwnHomeUnit, config: &WorldConfig) -> Self {
        let mut dice = Dice::new(config.seed, Stream::HomeUnit, person.index, 1);
        let topic = NativeTopic {
            partition: person.partition,
            device: own.device.clone(),
            kind: ReadingKind::Presence,
        };
        let first = TimeDelta::seconds(dice.whole(1, i64::from(LISTENS_S)));
        Self {
            track: Track::new(config),
            topic: topic.to_string(),
            seq: first_seq(config),
            next: config.start.plus(first),
            told: None,
            failing: 0,
            dice,
        }
    }

    /// Listens until `to`, and adds what it reports to `uploads`: it hangs on a line of its own, which no
    /// outage of the mobile network takes away.
    pub(crate) fn run(
        &mut self,
        to: Timestamp,
        (person, own): (&Person, &OwnHomeUnit),
        config: &WorldConfig,
        uploads: &mut Vec<Upload>,
    ) {
        while self.next <= to {
            let at = self.next;
            self.next = at.plus(TimeDelta::seconds(LISTENS_S.into()));
            let is_heard = self.hears(at, person, config);
            let is_due = self.told.is_none_or(|(told, since)| {
                told != is_heard || at.since(since) >= TimeDelta::seconds(REPORTS_S.into())
            });
            if is_due {
                self.told = Some((is_heard, at));
                uploads.push(self.report(at, is_heard, own));
            }
        }
    }

    fn hears(&mut self, at: Timestamp, person: &Person, config: &WorldConfig) -> bool {
        let sight = self.track.at(at, person, config);
        if self.failing > 0 {
            self.failing -= 1;
        } else if self.dice.chance(DROPOUT) {
            self.failing = self.dice.whole(DROPOUT_TRIES.0, DROPOUT_TRIES.1);
        }
        self.failing == 0 && sight.spot.distance(person.home) <= RANGE_M
    }

    fn report(&mut self, at: Timestamp, in_range: bool, own: &OwnHomeUnit) -> Upload {
        let reading = DeviceReading {
            device: own.device.clone(),
            seq: Some(self.seq),
            observed_at: ObservedAt(at),
            recorded_at: None,
            body: ReadingBody::Presence { in_range },
        };
        self.seq += 1;
        Upload::of(at, &self.topic, &[reading])
    }
}
