//! Committing a batch, in one transaction of few round trips.
//!
//! First the partition's row is claimed: whoever is not its owner, or not where its journal ends, is
//! refused there, and no second commit to the partition runs beside this one. What is already there
//! is asked for in the same breath. Then all rows go out together; the live stream's counter comes
//! last, because its lock holds up the commits of all partitions.

use std::collections::BTreeSet;

use deadpool_postgres::{Client, Transaction};
use futures_util::future::try_join3;
use model::Reading;

use super::days::{Day, Days};
use super::identity::{self, Marks};
use super::owner::Claim;
use super::readings::{self, ReadingRows};
use super::{alerts, gather, policy, queue, record};
use crate::store::{
    CommitBatch, Committed, JournalEntry, JournalInput, RoutedDecision, StoreError,
};

/// Writes the batch.
pub(super) async fn commit(
    client: &mut Client,
    days: &Days,
    batch: &CommitBatch,
) -> Result<Committed, StoreError> {
    let claim = Claim::of(batch)?;
    let rows = ReadingRows::of(batch.partition, &batch.entries)?;
    let wanted: BTreeSet<Day> = readings_of(&batch.entries)
        .map(|(e, _)| Day::of(e.at))
        .collect();
    days.ensure(client, &wanted).await?;
    let transaction = client.transaction().await?;
    prepare(&transaction).await?;
    let devices = batch_devices(&batch.entries);
    let ((), marks, known) = try_join3(
        claim.take(&transaction),
        Marks::lock(&transaction, &devices),
        alerts::known(&transaction, &batch.decisions),
    )
    .await?;
    let fresh = alerts::fresh(&batch.decisions, &known);
    write(&transaction, batch, &rows, &marks, &fresh).await?;
    let newest_event = alerts::newest_event(&transaction).await?;
    transaction.commit().await?;
    Ok(Committed {
        newest_event,
        decisions: fresh.len(),
    })
}

async fn write(
    transaction: &Transaction<'_>,
    batch: &CommitBatch,
    rows: &ReadingRows,
    marks: &Marks,
    fresh: &[&RoutedDecision],
) -> Result<(), StoreError> {
    let readings: Vec<&Reading> = readings_of(&batch.entries).map(|(_, r)| r).collect();
    let raised = marks.raise(&readings)?;
    raised.write(transaction).await?;
    if !raised.doubtful.is_empty() {
        refuse_known(transaction, &raised.doubtful).await?;
    }
    rows.insert(transaction).await?;
    policy::insert(transaction, batch.partition, &batch.entries).await?;
    record::bury(transaction, &batch.dead_letters).await?;
    let sorted = gather::sort(transaction, fresh).await?;
    queue::put(transaction, &sorted.queued).await?;
    alerts::insert(transaction, fresh, &sorted.hidden).await?;
    gather::put(transaction, fresh, &sorted).await?;
    gather::end(transaction, &batch.over).await
}

/// Prepares what the first round trip sends together: a statement that had to be prepared in between
/// would come after those behind it.
async fn prepare(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    transaction.prepare_cached(Claim::TAKE).await?;
    transaction.prepare_cached(alerts::KNOWN).await?;
    identity::prepare(transaction).await
}

async fn refuse_known(
    transaction: &Transaction<'_>,
    doubtful: &[model::Identity],
) -> Result<(), StoreError> {
    let observed = readings::observed_at(transaction, doubtful).await?;
    let taken = doubtful
        .iter()
        .zip(observed)
        .find(|(_, observed)| observed.is_some());
    match taken {
        None => Ok(()),
        Some((identity, _)) => Err(StoreError::Conflict(format!(
            "reading {} of {} is in the journal already",
            identity.key(),
            identity.device()
        ))),
    }
}

fn readings_of(entries: &[JournalEntry]) -> impl Iterator<Item = (&JournalEntry, &Reading)> {
    entries.iter().filter_map(|entry| match &entry.input {
        JournalInput::Reading(reading) => Some((entry, reading)),
        JournalInput::Policy(_) | JournalInput::Erased => None,
    })
}

fn batch_devices(entries: &[JournalEntry]) -> BTreeSet<&str> {
    readings_of(entries)
        .map(|(_, reading)| reading.report.device.as_str())
        .collect()
}
