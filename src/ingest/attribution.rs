//! From one message to the readings in it, each attributed to a wearer, and the dead letters for
//! what cannot be.

use std::num::NonZeroU16;

use model::{DeviceReading, PartitionId, Reading, ReceivedAt};
use wire::topic::{NativeTopic, Topic};

use super::{Attribution, Burial, Directory, Message};
use crate::store::DeadLetterReason;

/// Whose messages are being taken in.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The partition of the session they came to.
    pub partition: PartitionId,
    /// How many partitions there are.
    pub partitions: NonZeroU16,
    /// Who wears which device.
    pub directory: &'a Directory,
}

/// What came of one message: every element ended as a reading or in the burial.
#[derive(Debug)]
pub struct TakenIn<'a> {
    /// Its readings, in the order in which they stood in it.
    pub readings: Vec<Reading>,
    /// What could not be used.
    pub burial: Burial<'a>,
}

/// Decodes and attributes one message.
#[must_use]
pub fn take_in<'a>(message: &'a Message, place: Place<'_>) -> TakenIn<'a> {
    let burial = Burial::new(&message.topic, &message.payload, message.received_at);
    let mut intake = TakenIn {
        readings: Vec::new(),
        burial,
    };
    match Topic::parse(&message.topic) {
        // What we publish ourselves, for devices to read.
        Ok(Topic::Command { .. }) => {}
        Ok(Topic::Native(native)) => intake.native(&native, message, place),
        Ok(Topic::OwnTracks { .. }) => {
            intake
                .burial
                .bury(DeadLetterReason::UnknownTopic, "not a topic of a partition");
        }
        Err(error) => intake
            .burial
            .bury(DeadLetterReason::UnknownTopic, &error.to_string()),
    }
    intake
}

impl TakenIn<'_> {
    fn native(&mut self, topic: &NativeTopic, message: &Message, place: Place<'_>) {
        let (bytes, bytes_max) = (message.payload.len(), wire::PAYLOAD_BYTES_MAX);
        if bytes > bytes_max {
            let detail = format!("payload of {bytes} bytes is over {bytes_max}");
            return self.burial.bury(DeadLetterReason::PayloadTooLarge, &detail);
        }
        match wire::decode(topic, &message.payload) {
            Err(error) => self
                .burial
                .bury(DeadLetterReason::Undecodable, &error.to_string()),
            Ok(elements) => {
                self.readings.reserve(elements.len());
                for element in elements {
                    match element {
                        Ok(report) => self.attribute(report, message, place),
                        Err(error) => self
                            .burial
                            .bury(DeadLetterReason::ImpossibleValue, &error.to_string()),
                    }
                }
            }
        }
    }

    fn attribute(&mut self, report: DeviceReading, message: &Message, place: Place<'_>) {
        let (device, observed_at) = (&report.device, report.observed_at);
        let wearer = match place.directory.attribute(device, observed_at) {
            Attribution::Wearer(wearer) => wearer,
            Attribution::NotActivated => {
                let detail = format!("device {device} was worn by nobody at {observed_at}");
                return self.burial.bury(DeadLetterReason::NotActivated, &detail);
            }
            Attribution::UnknownDevice => {
                let detail = format!("device {device} is not known");
                return self.burial.bury(DeadLetterReason::UnknownDevice, &detail);
            }
        };
        let (right, partition) = (PartitionId::of(&wearer, place.partitions), place.partition);
        if right != partition {
            let detail = format!("device {device} belongs to partition {right}, not {partition}");
            return self.burial.bury(DeadLetterReason::WrongPartition, &detail);
        }
        let received_at = ReceivedAt(message.received_at);
        self.readings.push(Reading {
            wearer,
            received_at,
            report,
        });
    }
}
