//! What a verification finds wrong.

use std::fmt;

use model::{AlertId, DecisionKind, PartitionId, Recipient};
use serde::Serialize;

/// One thing that is wrong, by name.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "finding", rename_all = "snake_case")]
pub enum Finding {
    /// Positions of the journal are not there.
    EntriesMissing {
        /// The partition.
        partition: PartitionId,
        /// The first that is missing.
        from: u64,
        /// The last.
        to: u64,
    },
    /// An entry cannot be read; nothing of the partition after it is replayed.
    EntryUnreadable {
        /// The partition.
        partition: PartitionId,
        /// Its position.
        position: u64,
        /// Why.
        why: String,
    },
    /// An entry was handed in before the one it follows: they have changed places, or times.
    EntryOutOfOrder {
        /// The partition.
        partition: PartitionId,
        /// Its position.
        position: u64,
    },
    /// A reading is not the one that its place in the journal is known by.
    ReadingAltered {
        /// The partition.
        partition: PartitionId,
        /// Its position.
        position: u64,
    },
    /// The same reading stands twice.
    ReadingTwice {
        /// The partition.
        partition: PartitionId,
        /// The position of the second.
        position: u64,
    },
    /// The journal leads to a decision that is not kept.
    DecisionMissing(DecisionName),
    /// A decision is kept that the journal does not lead to.
    DecisionExtra(DecisionName),
    /// A decision is kept otherwise than the journal leads to it.
    DecisionDifferent {
        /// Which.
        #[serde(flatten)]
        decision: DecisionName,
        /// The first field that differs, as a JSON pointer; empty when only the writing does.
        field: String,
        /// What is kept.
        kept: String,
        /// What the journal leads to.
        replayed: String,
    },
    /// A decision is not in a queue that it went to.
    QueueRowMissing {
        /// Which.
        #[serde(flatten)]
        decision: DecisionName,
        /// Whose queue.
        recipient: Recipient,
    },
}

/// What a decision is known by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DecisionName {
    /// The alert.
    pub alert: AlertId,
    /// The revision.
    pub revision: u32,
    /// Its kind, where it can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<DecisionKind>,
}

impl fmt::Display for DecisionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "alert {} revision {}", self.alert, self.revision)?;
        match self.kind {
            Some(kind) => write!(f, " ({kind})"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EntriesMissing {
                partition,
                from,
                to,
            } => write!(
                f,
                "partition {partition}: positions {from} to {to} are missing"
            ),
            Self::EntryUnreadable {
                partition,
                position,
                why,
            } => write!(
                f,
                "partition {partition}: position {position} cannot be read, and nothing after it is \
                 replayed: {why}"
            ),
            Self::EntryOutOfOrder {
                partition,
                position,
            } => write!(
                f,
                "partition {partition}: position {position} is earlier than the one before"
            ),
            Self::ReadingAltered {
                partition,
                position,
            } => write!(
                f,
                "partition {partition}: the reading at position {position} is not the one it is known by"
            ),
            Self::ReadingTwice {
                partition,
                position,
            } => write!(
                f,
                "partition {partition}: the reading at position {position} stands twice"
            ),
            Self::DecisionMissing(decision) => {
                write!(f, "{decision}: the journal leads to it, and it is not kept")
            }
            Self::DecisionExtra(decision) => {
                write!(f, "{decision}: kept, and the journal does not lead to it")
            }
            Self::DecisionDifferent {
                decision,
                field,
                kept,
                replayed,
            } => write!(
                f,
                "{decision}: differs at {field:?}: kept {kept}, the journal leads to {replayed}"
            ),
            Self::QueueRowMissing {
                decision,
                recipient,
            } => write!(f, "{decision}: not in the queue of {recipient}"),
        }
    }
}
