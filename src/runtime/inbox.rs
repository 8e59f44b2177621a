//! What a partition takes in.

use model::{PolicyChange, Timestamp};
use tokio::sync::{mpsc, watch};

use super::intake::Intake;
use crate::ingest::{AckTicket, Link, Message, SessionEnds};

/// What a partition takes in.
pub(super) struct Inbox {
    /// Messages of the session.
    pub messages: mpsc::Receiver<Message>,
    /// The session's link to the broker.
    pub link: Link,
    /// Whether what is sent is taken in.
    pub intake: Intake,
    /// The newest revision of the registry.
    pub registry: watch::Receiver<u64>,
    /// Changes that other parts of this process make.
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
    pub(super) fn new(
        ends: SessionEnds,
        changes: mpsc::Receiver<Vec<PolicyChange>>,
        registry: watch::Receiver<u64>,
        intake: Intake,
    ) -> Self {
        let SessionEnds {
            messages,
            acks,
            link,
        } = ends;
        Self {
            messages,
            link,
            intake,
            registry,
            changes,
            acks,
            pending: Vec::new(),
            pending_changes: Vec::new(),
        }
    }

    /// Whether something is to be handed to the engine.
    pub(super) const fn is_empty(&self) -> bool {
        self.pending.is_empty() && self.pending_changes.is_empty()
    }

    /// Looks where intake stands; news of it comes before everything else.
    pub(super) fn look(&mut self, now: Timestamp) {
        let news = self.intake.look(now, self.link.is_up());
        self.pending_changes.splice(0..0, news);
    }

    /// Puts changes before everything else.
    pub(super) fn hand_over(&mut self, changes: Vec<PolicyChange>) {
        self.pending_changes.splice(0..0, changes);
    }
}
