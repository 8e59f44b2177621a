//! Deciding again from the journals of a store.

use engine::{Engine, RulesPolicy};
use model::{Decision, PartitionId, Timestamp};

use super::drive;
use crate::store::{Store, StoreError};

/// Journal entries read at once.
const PAGE: usize = 2_000;

/// Everything that engines conclude from the journals, partition by partition.
///
/// # Errors
/// When the store fails.
pub async fn decisions(
    store: &dyn Store,
    until: Option<Timestamp>,
) -> Result<Vec<Decision>, StoreError> {
    let mut decisions = Vec::new();
    for partition in store.partitions().await? {
        one_partition(store, partition, until, &mut decisions).await?;
    }
    Ok(decisions)
}

async fn one_partition(
    store: &dyn Store,
    partition: PartitionId,
    until: Option<Timestamp>,
    decisions: &mut Vec<Decision>,
) -> Result<(), StoreError> {
    let (mut engine, mut position) = beginning(store, partition).await?;
    loop {
        let page = store.journal_after(partition, position, PAGE).await?;
        let Some(last) = page.last() else { break };
        position = last.position;
        for entry in page {
            drive::hand_in(&mut engine, &entry, store, partition).await?;
            drain(&mut engine, decisions);
        }
    }
    if let Some(until) = until {
        drive::advance(&mut engine, until, store, (partition, position)).await?;
        drain(&mut engine, decisions);
    }
    Ok(())
}

/// The engine before the first entry that is kept, and the position it stands at.
async fn beginning(store: &dyn Store, partition: PartitionId) -> Result<(Engine, u64), StoreError> {
    let Some(base) = store.base(partition).await? else {
        // The rules are in the journal, before anything that is judged by them.
        return Ok((Engine::new(RulesPolicy::default()), 0));
    };
    let (position, at) = (base.position, base.at);
    tracing::warn!(%partition, position, %at, "the journal before this is gone: replayed from a checkpoint");
    let engine = Engine::restore(&base.snapshot)
        .map_err(|error| StoreError::Corrupt(format!("checkpoint at {position}: {error}")))?;
    Ok((engine, position))
}

/// Takes out what was decided. What devices would be told now, they were told then.
fn drain(engine: &mut Engine, decisions: &mut Vec<Decision>) {
    decisions.extend(std::iter::from_fn(|| engine.poll_decision()));
    while engine.poll_command().is_some() {}
}
