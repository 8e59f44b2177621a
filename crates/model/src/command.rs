//! What devices are told to do.

use serde::{Deserialize, Serialize};

use crate::{DeviceId, Timestamp};

/// Asks the person who carries a device to check in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceCommand {
    /// The device that asks.
    pub device: DeviceId,
    /// Names the prompt; the answer gives it back.
    pub prompt: String,
    /// When it is to be shown.
    pub at: Timestamp,
    /// An answer observed after this is too late.
    pub answer_by: Timestamp,
}
