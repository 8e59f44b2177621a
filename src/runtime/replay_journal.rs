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
    // The rules are in the journal, before anything that is judged by them.
    let mut engine = Engine::new(RulesPolicy::default());
    let mut position = 0;
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

/// Takes out what was decided. What devices would be told now, they were told then.
fn drain(engine: &mut Engine, decisions: &mut Vec<Decision>) {
    decisions.extend(std::iter::from_fn(|| engine.poll_decision()));
    while engine.poll_command().is_some() {}
}
