//! What is asked of a wearer's past.

use model::{PartitionId, Timestamp, WearerId};

/// Which readings of a wearer are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryQuery {
    /// The partition that journaled them.
    pub partition: PartitionId,
    /// Whose.
    pub wearer: WearerId,
    /// Handed to the engine at or after this engine time.
    pub since: Timestamp,
    /// Up to this position of the journal.
    pub up_to: u64,
    /// So many at most.
    pub limit: usize,
}
