//! Who tells the operators of a gap: partitions that are behind together are one gap.

use std::sync::{Arc, Mutex, PoisonError};

use model::PartitionId;

/// At most one partition of a process tells of a gap at a time.
#[derive(Debug, Clone, Default)]
pub(super) struct Teller(Arc<Mutex<Option<PartitionId>>>);

impl Teller {
    /// Whether `partition` is to tell of the gap that it is in.
    pub(super) fn takes(&self, partition: PartitionId) -> bool {
        let mut teller = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *teller.get_or_insert(partition) == partition
    }

    /// The gap of `partition` is over; whether it was the one that told of it.
    pub(super) fn leaves(&self, partition: PartitionId) -> bool {
        let mut teller = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let told = *teller == Some(partition);
        if told {
            *teller = None;
        }
        told
    }
}
