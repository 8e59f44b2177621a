//! The topics that devices publish on and are spoken to on.

use std::fmt;

use model::{DeviceId, IdError, PartitionId, ReadingKind};
use thiserror::Error;

use crate::error::cut;

/// Every OwnTracks client's own topic. Messages of other types (`/cmd`, `/event`, `/waypoint` …)
/// have topics below it, which this filter leaves out.
pub const OWNTRACKS_FILTER: &str = "owntracks/+/+";

/// The longest name of an OwnTracks device taken in, in bytes: the bound of any other id.
const OWNTRACKS_DEVICE_BYTES_MAX: usize = 96;

/// A topic that tagwatch knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Topic {
    /// A device's readings of one kind: `em/v1/<partition>/<device>/<kind>`.
    Native(NativeTopic),
    /// What a device is told: `em/v1/<partition>/<device>/command`.
    Command {
        /// The partition of the wearer of the device.
        partition: PartitionId,
        /// The device spoken to.
        device: DeviceId,
    },
    /// An OwnTracks client's positions: `owntracks/<user>/<device>`.
    OwnTracks {
        /// The user the client logs in as, which is our id of the device: the broker's ACL ties
        /// both topics to the same user name.
        user: DeviceId,
        /// What the client calls itself.
        device: String,
    },
}

/// The topic of a device's readings of one kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NativeTopic {
    /// The partition the device publishes to; whether it is its wearer's is for the caller to see.
    pub partition: PartitionId,
    /// Who reports: the topic is the identity.
    pub device: DeviceId,
    /// What is reported.
    pub kind: ReadingKind,
}

/// Why a topic is none of ours.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TopicError {
    /// Of another shape altogether.
    #[error(
        "topic {0:?} is neither em/v1/<partition>/<device>/<kind> nor owntracks/<user>/<device>"
    )]
    Shape(String),
    /// The partition is not a number.
    #[error("partition {0:?} is not a whole number between 0 and 65535 without leading zeros")]
    Partition(String),
    /// The device cannot be one.
    #[error("device in topic: {0}")]
    Device(#[source] IdError),
    /// What is reported is nothing we know.
    #[error("kind {0:?} is not one of position, presence, alcohol, event, check-in, command")]
    Kind(String),
}

impl Topic {
    /// Takes a topic apart.
    ///
    /// # Errors
    /// When it is none of ours, naming the part that is wrong.
    pub fn parse(topic: &str) -> Result<Self, TopicError> {
        let mut parts = topic.split('/');
        let part = [
            parts.next(),
            parts.next(),
            parts.next(),
            parts.next(),
            parts.next(),
            parts.next(),
        ];
        match part {
            [
                Some("em"),
                Some("v1"),
                Some(partition),
                Some(device),
                Some(kind),
                None,
            ] => native(partition, device, kind),
            [
                Some("owntracks"),
                Some(user),
                Some(device),
                None,
                None,
                None,
            ] => owntracks(topic, user, device),
            _ => Err(TopicError::Shape(cut(topic))),
        }
    }
}

fn native(partition: &str, device: &str, kind: &str) -> Result<Topic, TopicError> {
    let partition = parse_partition(partition)?;
    let device = DeviceId::new(device).map_err(TopicError::Device)?;
    if kind == COMMAND {
        return Ok(Topic::Command { partition, device });
    }
    let kind = ReadingKind::parse(kind).ok_or_else(|| TopicError::Kind(cut(kind)))?;
    Ok(Topic::Native(NativeTopic {
        partition,
        device,
        kind,
    }))
}

fn owntracks(topic: &str, user: &str, device: &str) -> Result<Topic, TopicError> {
    if device.is_empty() || device.len() > OWNTRACKS_DEVICE_BYTES_MAX {
        return Err(TopicError::Shape(cut(topic)));
    }
    Ok(Topic::OwnTracks {
        user: DeviceId::new(user).map_err(TopicError::Device)?,
        device: device.to_owned(),
    })
}

/// One partition has one spelling, so that a topic can be compared as text.
fn parse_partition(text: &str) -> Result<PartitionId, TopicError> {
    match text.parse::<u16>() {
        Ok(number) if number.to_string() == text => Ok(PartitionId(number)),
        Ok(_) | Err(_) => Err(TopicError::Partition(cut(text))),
    }
}

const COMMAND: &str = "command";

impl fmt::Display for NativeTopic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "em/v1/{}/{}/{}", self.partition, self.device, self.kind)
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Native(topic) => topic.fmt(f),
            Self::Command { partition, device } => {
                write!(f, "em/v1/{partition}/{device}/{COMMAND}")
            }
            Self::OwnTracks { user, device } => write!(f, "owntracks/{user}/{device}"),
        }
    }
}

/// What to subscribe to for the readings (and commands) of one partition: `em/v1/7/+/+`.
#[must_use]
pub fn partition_filter(partition: PartitionId) -> String {
    format!("em/v1/{partition}/+/+")
}

/// The topic on which `device` is told what to do.
#[must_use]
pub fn command_topic(partition: PartitionId, device: &DeviceId) -> String {
    format!("em/v1/{partition}/{device}/{COMMAND}")
}
