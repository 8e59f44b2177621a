//! A device that is carried: shows prompts, and sends what is answered.

use std::collections::BTreeSet;

use model::{
    CheckIn, DeviceCommand, DeviceReading, IdentityMatch, Metres, ObservedAt, ReadingBody,
    ReadingKind, Timestamp,
};
use wire::topic::NativeTopic;

use super::first_seq;
use crate::life::track::Track;
use crate::person::{OwnCheckIns, Person, Response};
use crate::{PlannedBreach, Upload, WorldConfig};

/// Prompts remembered, to know one that comes again: of some days.
const PROMPTS_MAX: usize = 64;

/// The radius such a device claims, in metres.
const ACCURACY_M: f64 = 12.0;

/// A device that is carried.
#[derive(Debug, Clone)]
pub(crate) struct Phone {
    topic: String,
    seq: u64,
    track: Track,
    known: BTreeSet<(Timestamp, String)>,
    /// Answers that will be given, by their time.
    answers: Vec<(Timestamp, String)>,
}

impl Phone {
    pub(crate) fn new(person: &Person, own: &OwnCheckIns, config: &WorldConfig) -> Self {
        let topic = NativeTopic {
            partition: person.partition,
            device: own.device.clone(),
            kind: ReadingKind::CheckIn,
        };
        Self {
            topic: topic.to_string(),
            seq: first_seq(config),
            track: Track::new(config),
            known: BTreeSet::new(),
            answers: Vec::new(),
        }
    }

    /// Shows a prompt. What must be told, where it is going to be ignored.
    pub(crate) fn shows(
        &mut self,
        command: &DeviceCommand,
        (person, own): (&Person, &OwnCheckIns),
    ) -> Option<PlannedBreach> {
        if !self.known.insert((command.at, command.prompt.clone())) {
            return None;
        }
        if self.known.len() > PROMPTS_MAX {
            self.known.pop_first();
        }
        match own.response(&person.wearer, command) {
            Response::Answered(at) => {
                self.answers.push((at, command.prompt.clone()));
                self.answers.sort();
                None
            }
            Response::Ignored(breach) => Some(*breach),
        }
    }

    /// Sends what is answered until `to`.
    pub(crate) fn run(
        &mut self,
        to: Timestamp,
        (person, own): (&Person, &OwnCheckIns),
        config: &WorldConfig,
        uploads: &mut Vec<Upload>,
    ) {
        let given = self.answers.partition_point(|(at, _)| *at <= to);
        let answers: Vec<(Timestamp, String)> = self.answers.drain(..given).collect();
        for (at, prompt) in answers {
            let (lat, lon) = self.track.at(at, person, config).spot.degrees();
            let answer = CheckIn {
                prompt,
                identity: IdentityMatch::Match,
                lat: Some(lat),
                lon: Some(lon),
                acc: Some(Metres(ACCURACY_M)),
            };
            let reading = DeviceReading {
                device: own.device.clone(),
                seq: Some(self.seq),
                observed_at: ObservedAt(at),
                recorded_at: None,
                body: ReadingBody::CheckIn(answer),
            };
            self.seq += 1;
            uploads.push(Upload::of(at, &self.topic, &[reading]));
        }
    }
}
