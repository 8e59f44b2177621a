//! A wearer's tag: when it takes a fix, what it measures, when it uploads.

mod alcohol;
mod clock;
mod events;
mod home_unit;
mod link;
mod noise;
mod phone;
pub(crate) mod receiver;

use chrono::TimeDelta;
use model::{DeviceReading, ObservedAt, ReadingBody, ReadingKind, Timestamp};
use wire::topic::NativeTopic;

pub(crate) use alcohol::{AlcoholTag, READING_S as ALCOHOL_READING_S};
use clock::TagClock;
pub(crate) use events::{EventReports, TagEvent};
pub(crate) use home_unit::{HomeUnit, REPORTS_S as HOME_UNIT_REPORTS_S};
pub(crate) use link::Link;
pub(crate) use phone::Phone;
use receiver::Receiver;

use crate::dice::{Dice, Stream};
use crate::life::track::Track;
use crate::person::Person;
use crate::{LinkConfig, Upload, WorldConfig};

/// Seconds between fixes at rest: real trails thin out while the wearer stays (median 203 fixes a
/// day). Silence of more than ten minutes means "not known where", and with one coarse fix in between and
/// the worst clock two of them are still less.
pub(crate) const REST_CADENCE_S: u32 = 270;

/// Only after so long without motion a tag counts itself at rest; an invented figure.
const REST_AFTER: TimeDelta = TimeDelta::minutes(10);

/// Readings in one message at most; what is stored beyond goes in a further one.
const MESSAGE_READINGS_MAX: usize = 200;

/// Messages of one tag under way at most before none is repeated: the network keeps a few.
const UNDER_WAY_MAX: usize = 16;

/// How long after the first delivery the second one comes.
const REPEAT_AFTER: TimeDelta = TimeDelta::seconds(5);

/// The seconds after the start within which a tag takes its first fix.
const FIRST_FIX_WITHIN_S: f64 = 15.0;

/// A tag on its wearer.
///
/// Its store is bounded by what comes in between two uploads: the longest interval and the longest
/// loss of signal or outage: fewer than 100 readings without an outage, four a minute in one.
#[derive(Debug, Clone)]
pub(crate) struct Tag {
    track: Track,
    receiver: Receiver,
    clock: TagClock,
    dice: Dice,
    topic: String,
    seq: u64,
    next_fix: Timestamp,
    next_upload: Timestamp,
    stored: Vec<DeviceReading>,
    /// What the network delivers later, in no order.
    under_way: Vec<Upload>,
    link: LinkConfig,
}

/// Tags go on counting where they were: at the second at which the world begins, so that what a later
/// run of it sends is new to an installation that knows an earlier one.
fn first_seq(config: &WorldConfig) -> u64 {
    u64::try_from(config.start.epoch_ms() / 1000).unwrap_or_default()
}

impl Tag {
    pub(crate) fn new(person: &Person, config: &WorldConfig) -> Self {
        let mut dice = Dice::new(config.seed, Stream::Tag, person.index, 0);
        let topic = NativeTopic {
            partition: person.partition,
            device: person.device.clone(),
            kind: ReadingKind::Position,
        };
        let first = crate::millis(dice.between(1.0, FIRST_FIX_WITHIN_S));
        Self {
            track: Track::new(config),
            receiver: Receiver::new(),
            clock: TagClock::new(config, person.index),
            topic: topic.to_string(),
            seq: first_seq(config),
            next_fix: config.start.plus(TimeDelta::milliseconds(first)),
            next_upload: person.link.next_upload(config.start),
            stored: Vec::new(),
            under_way: Vec::new(),
            link: config.link,
            dice,
        }
    }

    /// Lives until `to`, and adds what it uploads to `uploads`.
    pub(crate) fn run(
        &mut self,
        to: Timestamp,
        person: &Person,
        config: &WorldConfig,
        uploads: &mut Vec<Upload>,
    ) {
        loop {
            let arrives = self.under_way.iter().map(|upload| upload.at).min();
            let arrives = arrives.unwrap_or(Timestamp::MAX);
            let next = self.next_fix.min(self.next_upload).min(arrives);
            if next > to {
                return;
            }
            // What is measured at the moment of an upload is still part of it.
            if next == self.next_fix {
                self.fix(person, config);
            } else if next == arrives {
                uploads.extend(self.under_way.extract_if(.., |upload| upload.at == next));
            } else {
                self.upload(next, uploads);
                self.next_upload = person
                    .link
                    .next_upload(next.plus(TimeDelta::milliseconds(1)));
            }
        }
    }

    /// Uploads at `at` what is stored, signal or not, and what is under way arrives: the end of a run.
    pub(crate) fn flush(&mut self, at: Timestamp, uploads: &mut Vec<Upload>) {
        self.upload(at, uploads);
        self.under_way.sort_by_key(|upload| upload.at);
        let late = self.under_way.drain(..);
        uploads.extend(late.map(|upload| Upload { at, ..upload }));
    }

    fn fix(&mut self, person: &Person, config: &WorldConfig) {
        let at = self.next_fix;
        let on = person.battery.on_at(at);
        if on > at {
            self.next_fix = on;
            return;
        }
        let sight = self.track.at(at, person, config);
        let position = self.receiver.measure(&mut self.dice, at, &sight);
        self.stored.push(DeviceReading {
            device: person.device.clone(),
            seq: Some(self.seq),
            observed_at: ObservedAt(self.clock.shows(at)),
            recorded_at: None,
            body: ReadingBody::Position(position),
        });
        self.seq += 1;
        let at_rest = sight
            .still_since
            .is_some_and(|since| at.since(since) >= REST_AFTER);
        self.next_fix = if at_rest {
            self.wake(at)
        } else {
            at.plus(TimeDelta::seconds(person.cadence_s.into()))
        };
    }

    /// The next fix at rest: after the slow cadence, or when motion wakes the tag.
    fn wake(&mut self, at: Timestamp) -> Timestamp {
        let slow = at.plus(TimeDelta::seconds(REST_CADENCE_S.into()));
        let stirring = TimeDelta::milliseconds(crate::millis(self.dice.between(3.0, 15.0)));
        slow.min(self.track.next_motion(at).plus(stirring))
    }

    fn upload(&mut self, at: Timestamp, uploads: &mut Vec<Upload>) {
        let stored = std::mem::take(&mut self.stored);
        for batch in stored.chunks(MESSAGE_READINGS_MAX) {
            let upload = Upload::of(at, &self.topic, batch);
            let is_repeated =
                self.under_way.len() < UNDER_WAY_MAX && self.dice.chance(self.link.duplicates);
            if is_repeated {
                self.under_way.push(Upload {
                    at: at.plus(REPEAT_AFTER),
                    ..upload.clone()
                });
            }
            let takes_s = self.link.delay_s.1;
            if takes_s > 0.0 {
                let takes_s = self.dice.between(self.link.delay_s.0, takes_s);
                let at = at.plus(TimeDelta::milliseconds(crate::millis(takes_s)));
                self.under_way.push(Upload { at, ..upload });
            } else {
                uploads.push(upload);
            }
        }
    }
}
