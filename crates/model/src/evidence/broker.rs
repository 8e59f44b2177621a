//! Evidence that messages were lost before they came to us.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// What the broker says of messages that it dropped.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BrokerLossEvidence {
    /// Version of the rules policy.
    pub policy: String,
    /// The broker's count was looked at then.
    pub from: Timestamp,
    /// And then again.
    pub to: Timestamp,
    /// Dropped in between. The broker does not say whose.
    pub messages: u64,
    /// The broker's count at `to`, since the broker was started.
    pub counter: u64,
    /// The same in words.
    pub reason: String,
}
