//! Who may write a partition, and where.

use deadpool_postgres::{Client, Transaction};
use model::PartitionId;

use crate::store::{CommitBatch, StoreError, value};

/// Takes ownership of a partition.
pub(super) async fn acquire(client: &Client, partition: PartitionId) -> Result<u64, StoreError> {
    let statement = client
        .prepare_cached(
            "INSERT INTO partitions AS p (partition, epoch) VALUES ($1, 1)
             ON CONFLICT (partition) DO UPDATE SET epoch = p.epoch + 1
             RETURNING epoch",
        )
        .await?;
    let row = client
        .query_one(&statement, &[&i32::from(partition.0)])
        .await?;
    value::uncount(row.try_get(0)?)
}

/// Refuses whoever does not hold the partition, and lets nobody take it until the transaction ends.
pub(super) async fn check(
    transaction: &Transaction<'_>,
    partition: PartitionId,
    ours: u64,
) -> Result<(), StoreError> {
    let statement = transaction
        .prepare_cached("SELECT epoch FROM partitions WHERE partition = $1 FOR SHARE")
        .await?;
    let row = transaction
        .query_opt(&statement, &[&i32::from(partition.0)])
        .await?;
    let current = row.map_or(Ok(0), |row| value::uncount(row.try_get(0)?))?;
    if current == ours && current > 0 {
        return Ok(());
    }
    Err(StoreError::Fenced {
        partition,
        ours,
        current,
    })
}

/// A place at the end of a partition's journal.
pub(super) struct Claim {
    partition: PartitionId,
    epoch: u64,
    /// Where the journal must end for the batch to fit; any end will do for a batch without entries.
    end: Option<i64>,
    entries: i64,
}

impl Claim {
    /// Claims it.
    pub(super) const TAKE: &str = "UPDATE partitions SET position = position + $4
         WHERE partition = $1 AND epoch = $2 AND ($3::bigint IS NULL OR position = $3)";

    pub(super) fn of(batch: &CommitBatch) -> Result<Self, StoreError> {
        let mut end = None;
        if let Some(first) = batch.entries.first() {
            for (entry, expected) in batch.entries.iter().zip(first.position..) {
                check_position(batch.partition, expected, entry.position)?;
            }
            end = Some(value::count(first.position)? - 1);
        }
        Ok(Self {
            partition: batch.partition,
            epoch: batch.epoch,
            end,
            entries: value::limit(batch.entries.len()),
        })
    }

    pub(super) async fn take(&self, transaction: &Transaction<'_>) -> Result<(), StoreError> {
        let partition = i32::from(self.partition.0);
        let epoch = value::count(self.epoch)?;
        let statement = transaction.prepare_cached(Self::TAKE).await?;
        let taken = transaction
            .execute(&statement, &[&partition, &epoch, &self.end, &self.entries])
            .await?;
        if taken == 0 {
            check(transaction, self.partition, self.epoch).await?;
            return Err(StoreError::Conflict(format!(
                "the journal of partition {} does not end at {:?}",
                self.partition, self.end
            )));
        }
        Ok(())
    }
}

fn check_position(partition: PartitionId, expected: u64, given: u64) -> Result<(), StoreError> {
    if given == expected {
        return Ok(());
    }
    Err(StoreError::Conflict(format!(
        "position {given} of partition {partition} where {expected} comes next"
    )))
}
