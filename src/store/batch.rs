//! What is committed together.

use model::{
    AlertId, Decision, Notification, PartitionId, PolicyChange, Reading, Severity, Timestamp,
};
use serde::{Deserialize, Serialize};

use super::StoreError;
use super::triage::Deadline;

/// One input of a partition's engine, in the order in which the engine was handed it.
#[derive(Debug, Clone, PartialEq)]
pub struct JournalEntry {
    /// Counts the partition's entries from 1 without gaps.
    pub position: u64,
    /// Engine time at which it was handed over.
    pub at: Timestamp,
    /// The input.
    pub input: JournalInput,
}

/// The inputs of an engine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JournalInput {
    /// A reading.
    Reading(Reading),
    /// A change of the registry.
    Policy(PolicyChange),
    /// What it was is erased: it was about somebody of whom nothing is kept any more.
    Erased,
}

/// A decision, and whom routing addressed it to.
#[derive(Debug, Clone, PartialEq)]
pub struct RoutedDecision {
    /// The decision.
    pub decision: Decision,
    /// How urgent the alert is.
    pub severity: Severity,
    /// By when the first recipient must have been told.
    pub notify_by: Option<Timestamp>,
    /// The queue rows.
    pub notifications: Vec<Notification>,
    /// Until when somebody has to acknowledge the alert, where it opens.
    pub deadline: Option<Deadline>,
    /// What becomes of the alert, where it opens while another one gathers such alerts.
    pub gathered: Option<Gathered>,
    /// Alerts that were told before this one began to gather them: they are listed under it.
    pub gathers: Vec<AlertId>,
}

/// An alert that another one gathers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gathered {
    /// The other one, such as an incident.
    pub under: AlertId,
    /// Whether what is said of it is held until the other one is over. What is said of an alert later is
    /// held behind what is held of it already.
    pub held: bool,
}

/// Everything that one transaction holds.
#[derive(Debug, Clone, PartialEq)]
pub struct CommitBatch {
    /// The partition.
    pub partition: PartitionId,
    /// The owner's epoch, from [`super::Store::acquire`].
    pub epoch: u64,
    /// Journal entries, in order.
    pub entries: Vec<JournalEntry>,
    /// The decisions they caused, in order.
    pub decisions: Vec<RoutedDecision>,
    /// Alerts that gather no more: what is held under them goes out where it is about an alert that is
    /// still open, and is let go of where it is not.
    pub over: Vec<AlertId>,
    /// What could not be used.
    pub dead_letters: Vec<DeadLetter>,
}

impl CommitBatch {
    /// Whether there is nothing to write.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.entries.is_empty()
            && self.decisions.is_empty()
            && self.over.is_empty()
            && self.dead_letters.is_empty()
    }
}

/// What a commit came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Committed {
    /// The number of the newest event of the live stream.
    pub newest_event: u64,
    /// How many of the batch's decisions were new.
    pub decisions: usize,
}

/// Why a message, or a reading in it, could not be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    missing_docs,
    reason = "the names say it all; docs/dead-letters.md explains each"
)]
pub enum DeadLetterReason {
    UnknownTopic,
    PayloadTooLarge,
    Undecodable,
    ImpossibleValue,
    ObservedInFuture,
    UnknownDevice,
    NotActivated,
    WrongPartition,
    SequenceReused,
}

impl DeadLetterReason {
    /// Every reason.
    pub const ALL: [Self; 9] = [
        Self::UnknownTopic,
        Self::PayloadTooLarge,
        Self::Undecodable,
        Self::ImpossibleValue,
        Self::ObservedInFuture,
        Self::UnknownDevice,
        Self::NotActivated,
        Self::WrongPartition,
        Self::SequenceReused,
    ];

    /// The name in formats and metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnknownTopic => "unknown_topic",
            Self::PayloadTooLarge => "payload_too_large",
            Self::Undecodable => "undecodable",
            Self::ImpossibleValue => "impossible_value",
            Self::ObservedInFuture => "observed_in_future",
            Self::UnknownDevice => "unknown_device",
            Self::NotActivated => "not_activated",
            Self::WrongPartition => "wrong_partition",
            Self::SequenceReused => "sequence_reused",
        }
    }
}

/// A message, or a part of one, that could not be used: kept with the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// When it was taken in.
    pub received_at: Timestamp,
    /// The topic it came on.
    pub topic: String,
    /// The bytes of the message, all of them.
    pub payload: Vec<u8>,
    /// Why.
    pub reason: DeadLetterReason,
    /// The reason in words, with the offending value and the element of the batch.
    pub detail: String,
}

/// A part of a snapshot that is saved while the engine goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckpointPart {
    /// The partition.
    pub partition: PartitionId,
    /// The last journal position the snapshot covers.
    pub position: u64,
    /// Which part, from 0.
    pub number: u32,
    /// The part.
    pub bytes: Vec<u8>,
}

/// What makes a checkpoint of the parts that were saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckpointEnd {
    /// The partition.
    pub partition: PartitionId,
    /// The last journal position the snapshot covers.
    pub position: u64,
    /// Engine time of the snapshot.
    pub at: Timestamp,
    /// How many parts there are.
    pub parts: u32,
}

impl CheckpointEnd {
    /// So many parts are kept, which are not all.
    pub(super) fn incomplete(&self, kept: u32) -> StoreError {
        let Self {
            partition,
            position,
            parts,
            ..
        } = self;
        StoreError::Corrupt(format!(
            "of the checkpoint of partition {partition} at {position} {kept} of {parts} parts are kept"
        ))
    }
}

/// A snapshot of a partition's engine: a shortcut, never the truth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The partition.
    pub partition: PartitionId,
    /// The last journal position the snapshot covers.
    pub position: u64,
    /// Engine time of the snapshot.
    pub at: Timestamp,
    /// The engine's own form of its state.
    pub snapshot: Vec<u8>,
}
