//! Committing a batch, in few round trips.
//!
//! A block of readings that causes nothing, as nearly all are, is one statement, which is its own
//! transaction: it moves the end of the partition's journal, which only the owner can from where it is, and
//! keeps the block. Whatever else a batch holds goes into a transaction with that statement first: whoever is
//! not the partition's owner, or not where its journal ends, is refused there, and no second commit to the
//! partition runs beside this one. The live stream's counter comes last, because its lock holds up the commits
//! of all partitions, and only where something was decided.

use deadpool_postgres::{Client, Transaction};
use futures_util::future::{try_join, try_join3};

use super::gather::HeldUnder;
use super::owner::Claim;
use super::{alerts, gather, policy, queue, record};
use crate::store::{Block, CommitBatch, Committed, JournalInput, RoutedDecision, StoreError};

/// Writes the batch and the block of its readings.
pub(super) async fn commit(
    client: &mut Client,
    batch: &CommitBatch,
    block: Option<&Block>,
) -> Result<Committed, StoreError> {
    let claim = Claim::of(batch)?;
    if is_plain(batch) {
        let statement = Claim::prepare(client, block).await?;
        let newest_event = claim.take(client, &statement, block).await?;
        return Ok(Committed {
            newest_event,
            decisions: 0,
        });
    }
    let transaction = client.transaction().await?;
    // Prepared before the first round trip, which sends them together: a statement that had to be prepared in
    // between would come after those behind it.
    let statement = Claim::prepare(&transaction, block).await?;
    transaction.prepare_cached(alerts::KNOWN).await?;
    transaction.prepare_cached(gather::HELD_UNDER).await?;
    let (newest_event, known, held) = try_join3(
        claim.take(&transaction, &statement, block),
        alerts::known(&transaction, &batch.decisions),
        gather::held_under(&transaction, &batch.decisions),
    )
    .await?;
    let fresh = alerts::fresh(&batch.decisions, &known);
    let newer_event = write(&transaction, batch, (&fresh, held)).await?;
    transaction.commit().await?;
    Ok(Committed {
        newest_event: newer_event.unwrap_or(newest_event),
        decisions: fresh.len(),
    })
}

/// Whether there is nothing in the batch but readings.
fn is_plain(batch: &CommitBatch) -> bool {
    let is_change = |input: &JournalInput| matches!(input, JournalInput::Policy(_));
    batch.decisions.is_empty()
        && batch.over.is_empty()
        && batch.dead_letters.is_empty()
        && !batch.entries.iter().any(|entry| is_change(&entry.input))
}

/// Writes all but the block. Returns the number of the live stream's newest event, where something was decided.
async fn write(
    transaction: &Transaction<'_>,
    batch: &CommitBatch,
    (fresh, held): (&[&RoutedDecision], HeldUnder),
) -> Result<Option<u64>, StoreError> {
    policy::insert(transaction, batch.partition, &batch.entries).await?;
    record::bury(transaction, &batch.dead_letters).await?;
    let sorted = gather::sort(held, fresh);
    // In one round trip, the queues first: the counter is locked from here on.
    let ((), newest_event) = try_join(
        queue::put(transaction, &sorted.queued),
        alerts::insert(transaction, fresh, &sorted.hidden),
    )
    .await?;
    gather::put(transaction, fresh, &sorted).await?;
    gather::end(transaction, &batch.over).await?;
    Ok(newest_event)
}
