//! What goes over the counter of a queue.

use std::fmt;

use chrono::TimeDelta;
use model::{Notification, NotificationId, Recipient, Timestamp};
use serde::{Deserialize, Serialize};

/// A wish to take notifications from a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimRequest {
    /// Whose queue.
    pub recipient: Recipient,
    /// Who takes them; kept with the delivery.
    pub consumer: String,
    /// How many at most.
    pub max: usize,
    /// For how long they are leased.
    pub lease: TimeDelta,
    /// The present.
    pub now: Timestamp,
}

/// A notification handed out under a lease.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// What to settle it by.
    pub receipt: Receipt,
    /// Counts the times it was handed out, from 1.
    pub attempt: u32,
    /// From this instant on it may be handed out again, and this receipt settles nothing any more.
    pub lease_until: Timestamp,
    /// The message.
    pub notification: Notification,
}

/// Names one handing-out of one notification: `<notification id>:<attempt>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Receipt {
    /// The notification.
    pub notification: NotificationId,
    /// Which handing-out of it.
    pub attempt: u32,
}

impl Receipt {
    /// Takes the text form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (notification, attempt) = text.rsplit_once(':')?;
        Some(Self {
            notification: NotificationId::parse(notification).ok()?,
            attempt: attempt.parse().ok()?,
        })
    }
}

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.notification, self.attempt)
    }
}

/// How a queue stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueStatus {
    /// Whose queue.
    pub recipient: Recipient,
    /// Waiting to be claimed.
    pub ready: u64,
    /// Claimed, and not settled yet.
    pub leased: u64,
    /// Acknowledged.
    pub acknowledged: u64,
    /// When the oldest one not acknowledged was decided.
    pub oldest_unacknowledged: Option<Timestamp>,
}
