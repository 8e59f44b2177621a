//! Checkpoints: the newest, anchors, and the base that the kept journal goes on from.

use deadpool_postgres::{Client, Transaction};
use model::PartitionId;
use tokio_postgres::Row;

use super::owner;
use crate::store::prune::ANCHOR_EVERY;
use crate::store::{Checkpoint, StoreError, value};

/// Checkpoints to start from: the newest, and one for when that is unreadable.
const NEWEST: i64 = 2;

pub(super) async fn save(
    client: &mut Client,
    epoch: u64,
    checkpoint: &Checkpoint,
) -> Result<(), StoreError> {
    let partition = i32::from(checkpoint.partition.0);
    let transaction = client.transaction().await?;
    owner::check(&transaction, checkpoint.partition, epoch).await?;
    put(&transaction, checkpoint).await?;
    transaction
        .execute(
            "DELETE FROM checkpoints WHERE partition = $1
               AND position NOT IN
                 (SELECT position FROM checkpoints WHERE partition = $1
                  ORDER BY position DESC LIMIT $2)
               AND position NOT IN
                 (SELECT min(position) FROM checkpoints WHERE partition = $1
                  GROUP BY at_ms / $3)
               AND position NOT IN
                 (SELECT base_position FROM partitions WHERE partition = $1)",
            &[&partition, &NEWEST, &ANCHOR_EVERY.num_milliseconds()],
        )
        .await?;
    Ok(transaction.commit().await?)
}

/// Keeps a checkpoint, in the place of one at that position.
pub(super) async fn put(
    transaction: &Transaction<'_>,
    checkpoint: &Checkpoint,
) -> Result<(), StoreError> {
    transaction
        .execute(
            "INSERT INTO checkpoints (partition, position, at_ms, snapshot)
             VALUES ($1, $2, $3, $4)
             ON CONFLICT (partition, position) DO UPDATE
             SET at_ms = excluded.at_ms, snapshot = excluded.snapshot",
            &[
                &i32::from(checkpoint.partition.0),
                &value::count(checkpoint.position)?,
                &checkpoint.at.epoch_ms(),
                &checkpoint.snapshot,
            ],
        )
        .await?;
    Ok(())
}

/// Every one, oldest first.
pub(super) async fn every(
    client: &Client,
    partition: PartitionId,
) -> Result<Vec<Checkpoint>, StoreError> {
    let rows = client
        .query(
            "SELECT position, at_ms, snapshot FROM checkpoints
             WHERE partition = $1 ORDER BY position",
            &[&i32::from(partition.0)],
        )
        .await?;
    rows.iter().map(|row| checkpoint(partition, row)).collect()
}

pub(super) async fn newest(
    client: &Client,
    partition: PartitionId,
) -> Result<Vec<Checkpoint>, StoreError> {
    let rows = client
        .query(
            "SELECT position, at_ms, snapshot FROM checkpoints
             WHERE partition = $1 ORDER BY position DESC LIMIT $2",
            &[&i32::from(partition.0), &NEWEST],
        )
        .await?;
    rows.iter().map(|row| checkpoint(partition, row)).collect()
}

/// The checkpoint that the kept journal goes on from, where its beginning is gone.
pub(super) async fn base(
    client: &Client,
    partition: PartitionId,
) -> Result<Option<Checkpoint>, StoreError> {
    let row = client
        .query_opt(
            "SELECT c.position, c.at_ms, c.snapshot FROM partitions AS p
             JOIN checkpoints AS c ON c.partition = p.partition AND c.position = p.base_position
             WHERE p.partition = $1 AND p.base_position > 0",
            &[&i32::from(partition.0)],
        )
        .await?;
    row.map(|row| checkpoint(partition, &row)).transpose()
}

/// Where the kept journal goes on from, whether or not the checkpoint there is still kept.
pub(super) async fn base_position(
    transaction: &Transaction<'_>,
    partition: PartitionId,
) -> Result<u64, StoreError> {
    let row = transaction
        .query_one(
            "SELECT coalesce(max(base_position), 0) FROM partitions WHERE partition = $1",
            &[&i32::from(partition.0)],
        )
        .await?;
    value::uncount(row.try_get(0)?)
}

fn checkpoint(partition: PartitionId, row: &Row) -> Result<Checkpoint, StoreError> {
    Ok(Checkpoint {
        partition,
        position: value::uncount(row.try_get(0)?)?,
        at: value::instant(row.try_get(1)?)?,
        snapshot: row.try_get(2)?,
    })
}
