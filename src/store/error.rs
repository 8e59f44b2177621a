//! What can go wrong in a store.

use thiserror::Error;

/// Why the store did not do as asked.
#[derive(Debug, Error)]
pub enum StoreError {
    /// It cannot be reached or is busy or full: trying again may succeed.
    #[error("store unavailable: {0}")]
    Unavailable(String),
    /// A journal position or the identity of a reading is already taken.
    #[error("store conflict: {0}")]
    Conflict(String),
    /// A newer owner holds the partition.
    #[error(
        "another tagwatch has taken partition {partition} over (epoch {current}; ours was {ours})"
    )]
    Fenced {
        /// The partition.
        partition: model::PartitionId,
        /// The epoch of the caller.
        ours: u64,
        /// The epoch of the owner.
        current: u64,
    },
    /// What is stored cannot be read.
    #[error("stored data unreadable: {0}")]
    Corrupt(String),
}

/// Why a delivery could not be settled.
#[derive(Debug, Error)]
pub enum QueueError {
    /// The receipt was never given out.
    #[error("unknown receipt")]
    Unknown,
    /// The lease ran out: the notification is, or will be, given out again.
    #[error("the lease of this receipt has run out")]
    Expired,
    /// It was acknowledged already.
    #[error("already acknowledged")]
    Settled,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
