//! What a partition takes in.

use model::{PolicyChange, Timestamp};
use tokio::sync::{mpsc, watch};

use super::intake::Intake;
use crate::ingest::{AckTicket, Link, Message, SessionEnds};

/// What a batch comes of, as long as it is not committed: it survives the loss of an engine.
#[derive(Debug, Default)]
pub(super) struct Source {
    pub(super) messages: Vec<Message>,
    pub(super) changes: Vec<PolicyChange>,
}

impl Source {
    pub(super) const fn is_empty(&self) -> bool {
        self.messages.is_empty() && self.changes.is_empty()
    }

    /// Adds what came later.
    pub(super) fn append(&mut self, mut later: Self) {
        self.messages.append(&mut later.messages);
        self.changes.append(&mut later.changes);
    }
}

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
    /// Taken from `messages` and `changes`, not judged yet.
    pub(super) pending: Source,
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
            pending: Source::default(),
        }
    }

    /// Takes what changes there are, and looks where intake stands: news of that comes before everything else.
    pub(super) fn look(&mut self, now: Timestamp) {
        while let Ok(changes) = self.changes.try_recv() {
            self.pending.changes.extend(changes);
        }
        let news = self.intake.look(now, self.link.is_up());
        self.pending.changes.splice(0..0, news);
    }

    /// Puts changes before everything else.
    pub(super) fn hand_over(&mut self, changes: Vec<PolicyChange>) {
        self.pending.changes.splice(0..0, changes);
    }

    /// Puts what was taken before everything else.
    pub(super) fn take_back(&mut self, mut source: Source) {
        source.append(std::mem::take(&mut self.pending));
        self.pending = source;
    }
}
