//! What a tag reports of its strap: at once, or as soon as there is signal.

use std::collections::VecDeque;

use model::{DeviceEvent, DeviceReading, ObservedAt, ReadingBody, ReadingKind, Timestamp};
use wire::topic::NativeTopic;

use crate::Upload;
use crate::person::{Person, StrapEvent};

/// The events a tag still has to report.
#[derive(Debug, Clone)]
pub(crate) struct StrapReports {
    topic: String,
    left: VecDeque<StrapEvent>,
}

impl StrapReports {
    pub(crate) fn new(person: &Person) -> Self {
        let topic = NativeTopic {
            partition: person.partition,
            device: person.device.clone(),
            kind: ReadingKind::Event,
        };
        Self {
            topic: topic.to_string(),
            left: person.straps.events.iter().copied().collect(),
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

    fn upload(&self, at: Timestamp, event: StrapEvent, person: &Person) -> Upload {
        let reading = DeviceReading {
            device: person.device.clone(),
            // Known by its time: the numbers are those of fixes.
            seq: None,
            observed_at: ObservedAt(event.at),
            recorded_at: None,
            body: ReadingBody::Event(DeviceEvent {
                code: event.code,
                pct: None,
            }),
        };
        Upload::of(at, &self.topic, &[reading])
    }
}
