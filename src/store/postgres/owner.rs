//! Who may write a partition, and where.

use deadpool_postgres::{Client, GenericClient};
use model::PartitionId;
use tokio_postgres::Statement;
use tokio_postgres::types::ToSql;

use crate::store::{Block, CommitBatch, StoreError, value};

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
    client: &impl GenericClient,
    partition: PartitionId,
    ours: u64,
) -> Result<(), StoreError> {
    let share = "SELECT epoch FROM partitions WHERE partition = $1 FOR SHARE";
    refuse(client, share, (partition, ours)).await
}

/// As [`check`], for whoever is going to write the partition's row: two that share it could not.
pub(super) async fn lock(
    client: &impl GenericClient,
    partition: PartitionId,
    ours: u64,
) -> Result<(), StoreError> {
    let own = "SELECT epoch FROM partitions WHERE partition = $1 FOR NO KEY UPDATE";
    refuse(client, own, (partition, ours)).await
}

async fn refuse(
    client: &impl GenericClient,
    sql: &str,
    (partition, ours): (PartitionId, u64),
) -> Result<(), StoreError> {
    let statement = client.prepare_cached(sql).await?;
    let row = client
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
    /// Claims it for changes of policy, or for nothing.
    const TAKE: &str = "UPDATE partitions SET position = position + $4
         WHERE partition = $1 AND epoch = $2 AND ($3::bigint IS NULL OR position = $3)
         RETURNING (SELECT newest_event FROM stream)";

    /// Claims it and keeps a block there.
    const APPEND: &str = "WITH claimed AS (
             UPDATE partitions SET position = position + $4, unfiled_blocks = unfiled_blocks + 1
             WHERE partition = $1 AND epoch = $2 AND position = $3 RETURNING partition)
         INSERT INTO blocks (partition, last_position, first_position, readings, from_ms, to_ms,
             observed_from_ms, observed_to_ms, keys, body)
         SELECT partition, $5, $6, $7, $8, $9, $10, $11, $12, $13 FROM claimed
         RETURNING (SELECT newest_event FROM stream)";

    /// # Errors
    /// [`StoreError::Conflict`] when the entries do not follow one another.
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

    /// Prepares what [`Claim::take`] runs.
    pub(super) async fn prepare(
        client: &impl GenericClient,
        block: Option<&Block>,
    ) -> Result<Statement, StoreError> {
        let sql = if block.is_some() {
            Self::APPEND
        } else {
            Self::TAKE
        };
        Ok(client.prepare_cached(sql).await?)
    }

    /// Takes it, and keeps the block of the batch there, if it has one. Returns the number of the live
    /// stream's newest event.
    pub(super) async fn take(
        &self,
        client: &impl GenericClient,
        statement: &Statement,
        block: Option<&Block>,
    ) -> Result<u64, StoreError> {
        let partition = i32::from(self.partition.0);
        let epoch = value::count(self.epoch)?;
        let place: [&(dyn ToSql + Sync); 4] = [&partition, &epoch, &self.end, &self.entries];
        let taken = match block {
            None => client.query_opt(statement, &place).await?,
            Some(block) => {
                let [last, first, readings] =
                    [block.last, block.first, block.readings].map(value::count);
                let (last, first, readings) = (last?, first?, readings?);
                let columns: [&(dyn ToSql + Sync); 9] = [
                    &last,
                    &first,
                    &readings,
                    &block.from_ms,
                    &block.to_ms,
                    &block.observed_from_ms,
                    &block.observed_to_ms,
                    &block.keys,
                    &block.body,
                ];
                let values = [place.as_slice(), columns.as_slice()].concat();
                client.query_opt(statement, &values).await?
            }
        };
        match taken {
            Some(row) => value::uncount(row.try_get(0)?),
            None => Err(self.refusal(client).await),
        }
    }

    /// Why it could not be taken.
    async fn refusal(&self, client: &impl GenericClient) -> StoreError {
        match check(client, self.partition, self.epoch).await {
            Err(refusal) => refusal,
            Ok(()) => StoreError::Conflict(format!(
                "the journal of partition {} does not end at {:?}",
                self.partition, self.end
            )),
        }
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
