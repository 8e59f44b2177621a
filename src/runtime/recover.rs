//! Recovery is replay: the newest checkpoint that can be read, and the journal after it.

use engine::{Engine, RulesPolicy};
use model::{PartitionId, Timestamp};

use super::assembly::Assembly;
use super::checkpoint;
use super::drive;
use super::known::Known;
use super::partition::Partition;
use super::profiles::Profiles;
use super::retry::while_unavailable;
use super::shared::Shared;
use super::strays::Strays;
use crate::store::{Checkpoint, JournalEntry, StoreError};

/// Journal entries read at once while replaying.
const PAGE: usize = 2_000;

/// Takes ownership of a partition and rebuilds its engine.
///
/// # Errors
/// When the store has what it cannot read.
pub(super) async fn recover(
    id: PartitionId,
    rules: &RulesPolicy,
    shared: &Shared,
) -> Result<Partition, StoreError> {
    let store = &shared.store;
    let epoch = while_unavailable("taking a partition", || store.acquire(id)).await?;
    let start = Start::find(id, rules, shared).await?;
    let mut partition = Partition {
        id,
        epoch,
        checkpoint_due: start.position + checkpoint::interval(shared, &start.engine),
        engine: start.engine,
        position: start.position,
        checkpointed: start.position,
        saving: None,
        assembly: Assembly::default(),
        flight: None,
        last: start.at,
        known: Known::default(),
        profiles: Profiles::default(),
        strays: Strays::default(),
        shared: shared.clone(),
    };
    replay_tail(&mut partition).await?;
    partition.known =
        while_unavailable("reading what is journaled", || Known::of(&**store, id)).await?;
    partition.profiles = Profiles::read(shared, id, partition.engine.registry_revision()).await?;
    tracing::info!(
        partition = %id,
        epoch,
        checkpoint = partition.checkpointed,
        position = partition.position,
        "recovered"
    );
    Ok(partition)
}

struct Start {
    engine: Engine,
    position: u64,
    at: Timestamp,
}

impl Start {
    /// One of the newest checkpoints; or else the beginning of the journal that is kept.
    async fn find(
        id: PartitionId,
        rules: &RulesPolicy,
        shared: &Shared,
    ) -> Result<Self, StoreError> {
        let store = &shared.store;
        let newest = while_unavailable("reading checkpoints", || store.checkpoints(id)).await?;
        if let Some(start) = Self::from_checkpoints(newest) {
            return Ok(start);
        }
        let base = while_unavailable("reading checkpoints", || store.base(id)).await?;
        let Some(base) = base else {
            return Ok(Self::empty(rules));
        };
        let position = base.position;
        Self::from_checkpoints(vec![base]).ok_or_else(|| {
            StoreError::Corrupt(format!(
                "the journal of partition {id} goes on from a checkpoint at {position} that cannot \
                 be read"
            ))
        })
    }

    fn empty(rules: &RulesPolicy) -> Self {
        Self {
            engine: Engine::new(rules.clone()),
            position: 0,
            at: Timestamp::default(),
        }
    }

    /// The newest checkpoint that can be read. One that cannot costs time, nothing else.
    fn from_checkpoints(checkpoints: Vec<Checkpoint>) -> Option<Self> {
        checkpoints.into_iter().find_map(|checkpoint| {
            let Checkpoint {
                partition,
                position,
                at,
                snapshot,
            } = checkpoint;
            match Engine::restore(&snapshot) {
                Ok(engine) => Some(Self {
                    engine,
                    position,
                    at,
                }),
                Err(error) => {
                    tracing::warn!(%partition, position, %error, "checkpoint unreadable");
                    None
                }
            }
        })
    }
}

async fn replay_tail(partition: &mut Partition) -> Result<(), StoreError> {
    let store = std::sync::Arc::clone(&partition.shared.store);
    let end =
        while_unavailable("reading the journal", || store.last_position(partition.id)).await?;
    loop {
        let after = partition.position;
        let page = while_unavailable("reading the journal", || {
            store.journal_after(partition.id, after, PAGE)
        })
        .await?;
        if page.is_empty() {
            return drive::reaches(partition.id, after, end);
        }
        for entry in page {
            drive::follows(partition.id, partition.position, entry.position)?;
            apply(partition, &entry).await?;
        }
    }
}

/// Hands an entry to the engine again. What it concludes was committed with the entry.
async fn apply(partition: &mut Partition, entry: &JournalEntry) -> Result<(), StoreError> {
    let store = std::sync::Arc::clone(&partition.shared.store);
    drive::hand_in(&mut partition.engine, entry, &*store, partition.id).await?;
    while partition.engine.poll_decision().is_some() {}
    while partition.engine.poll_command().is_some() {}
    partition.position = entry.position;
    partition.last = entry.at;
    Ok(())
}
