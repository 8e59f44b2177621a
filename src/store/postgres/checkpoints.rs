//! Checkpoints: the newest, anchors, and the base that the kept journal goes on from.

use deadpool_postgres::{Client, Transaction};
use model::PartitionId;
use tokio_postgres::Row;

use super::owner;
use crate::store::prune::{ANCHOR_EVERY, PARTS_SWEPT};
use crate::store::{Checkpoint, CheckpointPart, StoreError, missing_parts, value};

/// Checkpoints to start from: the newest, and one for when that is unreadable.
const NEWEST: i64 = 2;

pub(super) async fn save_part(
    client: &mut Client,
    epoch: u64,
    part: &CheckpointPart,
) -> Result<(), StoreError> {
    let (partition, position) = (i32::from(part.partition.0), value::count(part.position)?);
    let transaction = client.transaction().await?;
    owner::check(&transaction, part.partition, epoch).await?;
    transaction
        .execute(
            "DELETE FROM checkpoints WHERE partition = $1 AND position = $2",
            &[&partition, &position],
        )
        .await?;
    transaction
        .execute(
            "INSERT INTO checkpoint_parts (partition, position, number, bytes)
             VALUES ($1, $2, $3, $4)
             ON CONFLICT (partition, position, number) DO UPDATE SET bytes = excluded.bytes",
            &[&partition, &position, &number(part.number)?, &part.bytes],
        )
        .await?;
    transaction
        .execute(
            "DELETE FROM checkpoint_parts WHERE ctid = ANY (ARRAY
                 (SELECT p.ctid FROM checkpoint_parts AS p
                  WHERE p.partition = $1 AND p.position <> $2
                    AND NOT EXISTS (SELECT 1 FROM checkpoints AS c
                                    WHERE c.partition = p.partition AND c.position = p.position)
                  LIMIT $3))",
            &[&partition, &position, &i64::from(PARTS_SWEPT)],
        )
        .await?;
    Ok(transaction.commit().await?)
}

fn number(part: u32) -> Result<i32, StoreError> {
    i32::try_from(part)
        .map_err(|error| StoreError::Conflict(format!("{part} parts of a checkpoint: {error}")))
}

pub(super) async fn finish(
    client: &mut Client,
    epoch: u64,
    parts: u32,
    checkpoint: &Checkpoint,
) -> Result<(), StoreError> {
    let partition = i32::from(checkpoint.partition.0);
    let transaction = client.transaction().await?;
    owner::check(&transaction, checkpoint.partition, epoch).await?;
    put(&transaction, parts, checkpoint).await?;
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

/// Keeps a checkpoint that `parts` parts come before, in the place of one at that position.
pub(super) async fn put(
    transaction: &Transaction<'_>,
    parts: u32,
    checkpoint: &Checkpoint,
) -> Result<(), StoreError> {
    let partition = i32::from(checkpoint.partition.0);
    let (position, number) = (value::count(checkpoint.position)?, number(parts)?);
    transaction
        .execute(
            "DELETE FROM checkpoint_parts WHERE partition = $1 AND position = $2 AND number >= $3",
            &[&partition, &position, &number],
        )
        .await?;
    let found = transaction
        .query_one(
            "SELECT count(*) FROM checkpoint_parts WHERE partition = $1 AND position = $2",
            &[&partition, &position],
        )
        .await?;
    if found.try_get::<_, i64>(0)? != i64::from(parts) {
        return Err(missing_parts(checkpoint));
    }
    transaction
        .execute(
            "INSERT INTO checkpoints (partition, position, at_ms, snapshot, parts)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (partition, position) DO UPDATE
             SET at_ms = excluded.at_ms, snapshot = excluded.snapshot, parts = excluded.parts",
            &[
                &partition,
                &position,
                &checkpoint.at.epoch_ms(),
                &checkpoint.snapshot,
                &number,
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
    all(client, partition, &rows).await
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
    all(client, partition, &rows).await
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
    match row {
        Some(row) => Ok(Some(checkpoint(client, partition, &row).await?)),
        None => Ok(None),
    }
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

async fn all(
    client: &Client,
    partition: PartitionId,
    rows: &[Row],
) -> Result<Vec<Checkpoint>, StoreError> {
    let mut checkpoints = Vec::with_capacity(rows.len());
    for row in rows {
        checkpoints.push(checkpoint(client, partition, row).await?);
    }
    Ok(checkpoints)
}

async fn checkpoint(
    client: &Client,
    partition: PartitionId,
    row: &Row,
) -> Result<Checkpoint, StoreError> {
    let position: i64 = row.try_get(0)?;
    let parts = client
        .query(
            "SELECT bytes FROM checkpoint_parts WHERE partition = $1 AND position = $2
             ORDER BY number",
            &[&i32::from(partition.0), &position],
        )
        .await?;
    let mut snapshot = Vec::new();
    for part in &parts {
        snapshot.extend_from_slice(part.try_get(0)?);
    }
    snapshot.extend_from_slice(row.try_get(2)?);
    Ok(Checkpoint {
        partition,
        position: value::uncount(position)?,
        at: value::instant(row.try_get(1)?)?,
        snapshot,
    })
}
