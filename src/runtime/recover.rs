//! Recovery is replay: the newest checkpoint that can be read, and the journal after it.

use engine::{Engine, RulesPolicy};
use model::{PartitionId, PolicyChange, Timestamp};

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
    let mut profiles = Profiles::default();
    let changes =
        while_unavailable("reading the registry", || store.policy_changes(Some(id))).await?;
    for change in &changes {
        profiles.apply(change);
    }
    let checkpoints = while_unavailable("reading checkpoints", || store.checkpoints(id)).await?;
    let start = Start::from_checkpoints(checkpoints).unwrap_or_else(|| Start::empty(rules));
    let mut partition = Partition {
        id,
        epoch,
        engine: start.engine,
        position: start.position,
        checkpointed: start.position,
        last: start.at,
        known: Known::default(),
        profiles,
        strays: Strays::default(),
        shared: shared.clone(),
    };
    replay_tail(&mut partition).await?;
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
    loop {
        let after = partition.position;
        let page = while_unavailable("reading the journal", || {
            store.journal_after(partition.id, after, PAGE)
        })
        .await?;
        if page.is_empty() {
            return Ok(());
        }
        for entry in page {
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

/// What to tell an engine whose installation was down from `last` to `now`: nobody's silence in
/// between means anything. `None` when nothing was ever taken in. All partitions of an installation are
/// down together: the first one tells the operators.
#[must_use]
pub(super) fn outage(
    partition: PartitionId,
    last: Timestamp,
    now: Timestamp,
) -> Option<PolicyChange> {
    let known = last > Timestamp::default() && now > last;
    known.then_some(PolicyChange::IntakeGap {
        from: last,
        to: now,
        told_by: (partition == PartitionId(0)).then_some(partition),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn every_partition_knows_of_an_outage_and_the_first_one_tells_of_it() {
        let (from, to) = (at("2026-03-02T09:00:00Z"), at("2026-03-02T11:00:00Z"));
        for (id, told_by) in [(0, Some(PartitionId(0))), (1, None)] {
            let gap = PolicyChange::IntakeGap { from, to, told_by };
            assert_eq!(outage(PartitionId(id), from, to), Some(gap));
        }
    }

    #[test]
    fn a_first_start_is_no_outage() {
        let now = at("2026-03-02T11:00:00Z");
        assert_eq!(outage(PartitionId(0), Timestamp::default(), now), None);
    }
}
