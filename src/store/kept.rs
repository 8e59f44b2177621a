//! What is kept of a decision, as it is kept: for holding it against what a replay decides.

use model::{AlertId, Recipient, Timestamp, WearerId};

/// A decision as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptDecision {
    /// Its number in the live stream.
    pub event: u64,
    /// The alert.
    pub alert: AlertId,
    /// The revision.
    pub revision: u32,
    /// Whom the alert is about.
    pub wearer: WearerId,
    /// When it was decided.
    pub decided: Timestamp,
    /// Its JSON, to the byte.
    pub body: String,
    /// Whose queues it is said to have gone to, in order.
    pub recipients: Vec<Recipient>,
    /// Whose queues it is in, acknowledged or not.
    pub queued: Vec<Recipient>,
}
