//! Deciding again from the journals of a store.

use engine::{Engine, RulesPolicy};
use model::{Decision, PartitionId, Timestamp};

use crate::store::{JournalInput, Store, StoreError};

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
            match entry.input {
                JournalInput::Reading(reading) => {
                    engine.handle_reading(&reading, entry.at);
                }
                JournalInput::Policy(change) => engine.handle_policy(&change, entry.at),
            }
            decisions.extend(std::iter::from_fn(|| engine.poll_decision()));
        }
    }
    if let Some(until) = until {
        engine.handle_timeout(until);
        decisions.extend(std::iter::from_fn(|| engine.poll_decision()));
    }
    Ok(())
}
