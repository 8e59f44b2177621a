//! How many partitions there are cannot change once there is a journal.

use std::num::NonZeroU16;

use model::{PartitionId, PolicyChange};

use crate::store::{JournalInput, Store, StoreError};

/// A partition whose journal has a wearer who belongs elsewhere when there are so many, and where.
///
/// # Errors
/// When the store fails.
pub(super) async fn misplaced(
    store: &dyn Store,
    partitions: NonZeroU16,
) -> Result<Option<(PartitionId, PartitionId)>, StoreError> {
    let journaled = store.partitions().await?;
    // Every partition journals its rules before anything else: these are the ones there were.
    if journaled.iter().map(|id| id.0).eq(0..partitions.get()) {
        return Ok(None);
    }
    for found in journaled {
        for entry in store.policy_entries(found).await? {
            if let JournalInput::Policy(PolicyChange::Wearer(wearer)) = entry.input {
                let expected = PartitionId::of(&wearer.id, partitions);
                if expected != found {
                    return Ok(Some((found, expected)));
                }
            }
        }
    }
    Ok(None)
}
