//! The registry as the journal has it: read once when an installation starts, because it is large.

use std::collections::BTreeMap;
use std::num::NonZeroU16;

use futures_util::future::try_join_all;
use model::{PartitionId, PolicyChange};

use super::retry::while_unavailable;
use crate::store::{Store, StoreError};

/// What one partition has journaled of the registry.
#[derive(Debug, Default)]
pub(super) struct Record {
    /// The journal position up to which it is complete, at least.
    pub(super) up_to: u64,
    /// The changes, oldest first.
    pub(super) changes: Vec<PolicyChange>,
}

impl Record {
    /// Reads a partition's.
    ///
    /// # Errors
    /// When the store has what it cannot read.
    pub(super) async fn read(store: &dyn Store, id: PartitionId) -> Result<Self, StoreError> {
        // In this order: what is journaled in between is in the changes, and is no surprise later.
        let up_to = while_unavailable("reading the journal", || store.last_position(id)).await?;
        let changes =
            while_unavailable("reading the registry", || store.policy_changes(Some(id))).await?;
        Ok(Self { up_to, changes })
    }
}

/// What every partition has journaled of it.
#[derive(Debug, Default)]
pub(super) struct Records(BTreeMap<PartitionId, Record>);

impl Records {
    /// Reads all.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) async fn read(store: &dyn Store) -> Result<Self, StoreError> {
        let partitions = store.partitions().await?;
        let read =
            async |id: PartitionId| Ok::<_, StoreError>((id, Record::read(store, id).await?));
        let records = try_join_all(partitions.into_iter().map(read)).await?;
        Ok(Self(records.into_iter().collect()))
    }

    /// Everything, partition by partition; what concerns several is there several times.
    pub(super) fn changes(&self) -> impl Iterator<Item = &PolicyChange> {
        self.0.values().flat_map(|record| &record.changes)
    }

    /// A partition whose journal has a wearer who belongs elsewhere when there are so many, and where.
    pub(super) fn misplaced(&self, partitions: NonZeroU16) -> Option<(PartitionId, PartitionId)> {
        self.0.iter().find_map(|(found, record)| {
            record.changes.iter().find_map(|change| {
                let PolicyChange::Wearer(wearer) = change else {
                    return None;
                };
                let expected = PartitionId::of(&wearer.id, partitions);
                (expected != *found).then_some((*found, expected))
            })
        })
    }

    /// Hands a partition's over.
    pub(super) fn take(&mut self, id: PartitionId) -> Record {
        self.0.remove(&id).unwrap_or_default()
    }
}
