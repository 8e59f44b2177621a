//! What a partition takes in.

use model::PolicyChange;
use tokio::sync::mpsc;

use crate::ingest::{AckTicket, Message};

/// What a partition takes in.
pub(super) struct Inbox {
    /// Messages of the session.
    pub messages: mpsc::Receiver<Message>,
    /// Changes of the registry.
    pub changes: mpsc::Receiver<Vec<PolicyChange>>,
    /// Where tickets of committed messages go.
    pub acks: mpsc::Sender<Vec<AckTicket>>,
    /// Taken from `messages`, not committed yet: they survive the loss of an engine.
    pub(super) pending: Vec<Message>,
    /// Taken from `changes`, not committed yet.
    pub(super) pending_changes: Vec<PolicyChange>,
}

impl Inbox {
    /// An inbox with nothing pending.
    #[must_use]
    pub(super) const fn new(
        messages: mpsc::Receiver<Message>,
        changes: mpsc::Receiver<Vec<PolicyChange>>,
        acks: mpsc::Sender<Vec<AckTicket>>,
    ) -> Self {
        Self {
            messages,
            changes,
            acks,
            pending: Vec::new(),
            pending_changes: Vec::new(),
        }
    }

    /// Puts changes before everything else.
    pub(super) fn hand_over(&mut self, changes: Vec<PolicyChange>) {
        self.pending_changes.splice(0..0, changes);
    }
}
