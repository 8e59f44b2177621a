//! What goes over the counter of a queue.

use std::fmt;

use chrono::TimeDelta;
use model::{Notification, NotificationId, Recipient, Timestamp};
use serde::{Deserialize, Serialize};

use super::AuditEntry;

/// Why a notification is dead that nobody gave back.
pub(super) const LEASE_RAN_OUT: &str = "the lease of the last attempt ran out";

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
    /// After how many attempts a notification whose lease ran out is dead.
    pub attempts_max: u32,
    /// The present.
    pub now: Timestamp,
}

/// What came of a claim.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Claimed {
    /// What is handed out, oldest first.
    pub deliveries: Vec<Delivery>,
    /// The last attempts of what was found dead.
    pub died: Vec<Receipt>,
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

/// A delivery given back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GiveBack {
    /// Which delivery.
    pub receipt: Receipt,
    /// Why.
    pub reason: String,
    /// What is to become of the notification.
    pub again: Again,
    /// The present.
    pub now: Timestamp,
}

/// What is to become of a notification given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// It is tried again, unless it was tried as often as it may be: then it is dead.
    Retry {
        /// Claimable again from then on.
        at: Timestamp,
        /// How often it may be tried.
        attempts_max: u32,
    },
    /// It was not tried, or what failed is not about it: the attempt does not count.
    Untried {
        /// Claimable again from then on.
        at: Timestamp,
    },
    /// It will never be taken: it is dead.
    Never,
}

/// What became of a notification given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It waits for its next attempt.
    Waits,
    /// It is handed out no more, unless an operator puts it back.
    Dead,
}

/// Which notifications of a queue to look at, without claiming them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeekQuery {
    /// Whose queue.
    pub recipient: Recipient,
    /// The dead ones, or else those that wait or are leased.
    pub dead: bool,
    /// How many at most.
    pub limit: usize,
}

/// A notification that is looked at in its queue.
#[derive(Debug, Clone, PartialEq)]
pub struct Queued {
    /// The message.
    pub notification: Notification,
    /// Where it stands.
    pub state: QueuedState,
    /// How often it was handed out.
    pub attempt: u32,
}

/// Where a notification stands that is not acknowledged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum QueuedState {
    /// Claimable, unless an earlier one about the same wearer is not.
    Ready,
    /// Handed out.
    Leased {
        /// The lease ends.
        until: Timestamp,
    },
    /// Given back.
    Delayed {
        /// Claimable again from then on.
        until: Timestamp,
    },
    /// Handed out no more.
    Dead {
        /// Since when.
        since: Timestamp,
        /// Why.
        reason: String,
    },
}

/// One handing-out of a notification, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryRecord {
    /// Counts them, from 1.
    pub attempt: u32,
    /// Who took it: a consumer, or `sink:` and the name of a sink.
    pub consumer: String,
    /// When.
    pub claimed: Timestamp,
    /// `acknowledged` or `given_back`; none while leased, and after a lease that ran out.
    pub outcome: Option<String>,
    /// When it was settled.
    pub settled: Option<Timestamp>,
    /// Why it was given back.
    pub reason: Option<String>,
    /// What the remote end answered when it took it over: `HTTP 202`.
    pub answer: Option<String>,
}

/// A wish to have dead notifications handed out again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requeue {
    /// Which.
    pub which: DeadOnes,
    /// Who wishes it.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// The present.
    pub now: Timestamp,
}

/// Which dead notifications.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeadOnes {
    /// All of a queue.
    Of(Recipient),
    /// This one.
    One(NotificationId),
}

impl Requeue {
    /// What is written to the audit trail.
    pub(super) fn audit_entry(&self, count: u64) -> AuditEntry {
        let subject = match &self.which {
            DeadOnes::Of(recipient) => format!("queue {recipient}, notifications: {count}"),
            DeadOnes::One(id) => format!("notification {id}, notifications: {count}"),
        };
        AuditEntry {
            at: self.now,
            actor: self.actor.clone(),
            action: "queue.requeue".to_owned(),
            subject,
            reason: Some(self.reason.clone()),
        }
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
    /// Given up after too many attempts, or refused: handed out no more.
    pub dead: u64,
    /// Neither acknowledged nor dead, and due already.
    pub late: u64,
    /// Acknowledged.
    pub acknowledged: u64,
    /// When the oldest one that is neither acknowledged nor dead was decided.
    pub oldest_unacknowledged: Option<Timestamp>,
}
