//! One message of one tag.

use model::{DeviceReading, Timestamp};

/// One message as a tag publishes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// When the tag sends it.
    pub at: Timestamp,
    /// The topic: `em/v1/<partition>/<device>/<kind>`.
    pub topic: String,
    /// The native payload, oldest reading first.
    pub payload: Vec<u8>,
    /// How many readings it carries.
    pub readings: usize,
}

impl Upload {
    /// The message with these readings, oldest first.
    pub(crate) fn of(at: Timestamp, topic: &str, readings: &[DeviceReading]) -> Self {
        Self {
            at,
            topic: topic.to_owned(),
            payload: wire::encode(readings),
            readings: readings.len(),
        }
    }
}
