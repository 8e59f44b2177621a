//! What a tag reports of itself, its strap and its battery: at once, or as soon as there is signal.

use std::collections::VecDeque;

use model::{
    DeviceEvent, DeviceReading, EventCode, ObservedAt, ReadingBody, ReadingKind, Timestamp,
};
use wire::topic::NativeTopic;

use crate::Upload;
use crate::person::Person;

/// An event that a tag reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TagEvent {
    pub(crate) at: Timestamp,
    pub(crate) code: EventCode,
    /// Charge left in per cent, of a battery.
    pub(crate) pct: Option<u8>,
}

/// The events a tag still has to report.
#[derive(Debug, Clone)]
pub(crate) struct EventReports {
    topic: String,
    left: VecDeque<TagEvent>,
}

impl EventReports {
    pub(crate) fn new(person: &Person) -> Self {
        let mut left = person.battery.events();
        // A tag that is off sees what became of its strap when it is on again.
        left.extend(person.straps.events.iter().map(|event| TagEvent {
            at: person.battery.on_at(event.at),
            ..*event
        }));
        left.sort();
        let topic = NativeTopic {
            partition: person.partition,
            device: person.device.clone(),
            kind: ReadingKind::Event,
        };
        Self {
            topic: topic.to_string(),
            left: left.into(),
        }
    }

    /// Reports what there is until `to`.
    pub(crate) fn run(&mut self, to: Timestamp, person: &Person, uploads: &mut Vec<Upload>) {
        while let Some(event) = self.left.front().copied() {
            let at = person.link.signal_at(event.at);
            if at > to {
                return;
            }
            self.left.pop_front();
            uploads.push(self.upload(at, event, person));
        }
    }

    fn upload(&self, at: Timestamp, event: TagEvent, person: &Person) -> Upload {
        let reading = DeviceReading {
            device: person.device.clone(),
            // Known by its time: the numbers are those of fixes.
            seq: None,
            observed_at: ObservedAt(event.at),
            recorded_at: None,
            body: ReadingBody::Event(DeviceEvent {
                code: event.code,
                pct: event.pct,
            }),
        };
        Upload::of(at, &self.topic, &[reading])
    }
}
