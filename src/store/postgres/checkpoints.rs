//! Checkpoints: the newest, anchors, and the base that the kept journal goes on from.

use deadpool_postgres::{Client, Transaction};
use model::{PartitionId, Timestamp};
use tokio_postgres::Row;

use super::owner;
use crate::store::prune::ANCHOR_EVERY;
use crate::store::{Checkpoint, CheckpointEnd, CheckpointPart, StoreError, packed, value};

/// Checkpoints to start from: the newest, and one for when that is unreadable.
const NEWEST: i64 = 2;

/// Parts of no checkpoint that go with each part that is kept: more than come to be.
const LEFT_OVER: i64 = 2;

pub(super) async fn save(
    client: &mut Client,
    epoch: u64,
    checkpoint: &Checkpoint,
) -> Result<(), StoreError> {
    let transaction = client.transaction().await?;
    owner::check(&transaction, checkpoint.partition, epoch).await?;
    put(&transaction, checkpoint).await?;
    drop_old(&transaction, checkpoint.partition).await?;
    Ok(transaction.commit().await?)
}

/// Keeps a part, and lets go of a few that are of no checkpoint.
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
            "INSERT INTO checkpoint_parts (partition, position, number, bytes)
             VALUES ($1, $2, $3, $4)
             ON CONFLICT (partition, position, number) DO UPDATE SET bytes = excluded.bytes",
            &[&partition, &position, &number(part.number)?, &part.bytes],
        )
        .await?;
    transaction
        .execute(
            "DELETE FROM checkpoint_parts WHERE (partition, position, number) IN
               (SELECT p.partition, p.position, p.number FROM checkpoint_parts AS p
                WHERE p.partition = $1 AND p.position <> $2 AND NOT EXISTS
                  (SELECT 1 FROM checkpoints AS c
                   WHERE c.partition = p.partition AND c.position = p.position)
                LIMIT $3)",
            &[&partition, &position, &LEFT_OVER],
        )
        .await?;
    Ok(transaction.commit().await?)
}

/// Makes a checkpoint of the parts saved.
pub(super) async fn finish(
    client: &mut Client,
    epoch: u64,
    end: CheckpointEnd,
) -> Result<(), StoreError> {
    let (partition, position) = (i32::from(end.partition.0), value::count(end.position)?);
    let transaction = client.transaction().await?;
    owner::check(&transaction, end.partition, epoch).await?;
    transaction
        .execute(
            "DELETE FROM checkpoint_parts
             WHERE partition = $1 AND position = $2 AND number >= $3",
            &[&partition, &position, &number(end.parts)?],
        )
        .await?;
    let row = transaction
        .query_one(
            "SELECT count(*)::integer FROM checkpoint_parts WHERE partition = $1 AND position = $2",
            &[&partition, &position],
        )
        .await?;
    let kept = u32::try_from(row.try_get::<_, i32>(0)?).unwrap_or_default();
    if kept != end.parts {
        return Err(end.incomplete(kept));
    }
    put_row(&transaction, end.partition, end.position, end.at, &[]).await?;
    drop_old(&transaction, end.partition).await?;
    Ok(transaction.commit().await?)
}

fn number(number: u32) -> Result<i32, StoreError> {
    i32::try_from(number)
        .map_err(|_large| StoreError::Corrupt(format!("a checkpoint of {number} parts")))
}

async fn drop_old(transaction: &Transaction<'_>, partition: PartitionId) -> Result<(), StoreError> {
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
            &[
                &i32::from(partition.0),
                &NEWEST,
                &ANCHOR_EVERY.num_milliseconds(),
            ],
        )
        .await?;
    Ok(())
}

/// Keeps a checkpoint, in the place of one at that position.
pub(super) async fn put(
    transaction: &Transaction<'_>,
    checkpoint: &Checkpoint,
) -> Result<(), StoreError> {
    let Checkpoint {
        partition,
        position,
        at,
        snapshot,
    } = checkpoint;
    transaction
        .execute(
            "DELETE FROM checkpoint_parts WHERE partition = $1 AND position = $2",
            &[&i32::from(partition.0), &value::count(*position)?],
        )
        .await?;
    let packed = packed::pack(snapshot);
    put_row(transaction, *partition, *position, *at, &packed).await
}

async fn put_row(
    transaction: &Transaction<'_>,
    partition: PartitionId,
    position: u64,
    at: Timestamp,
    packed: &[u8],
) -> Result<(), StoreError> {
    transaction
        .execute(
            "INSERT INTO checkpoints (partition, position, at_ms, snapshot)
             VALUES ($1, $2, $3, $4)
             ON CONFLICT (partition, position) DO UPDATE
             SET at_ms = excluded.at_ms, snapshot = excluded.snapshot",
            &[
                &i32::from(partition.0),
                &value::count(position)?,
                &at.epoch_ms(),
                &packed,
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
    whole(client, partition, &rows).await
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
    whole(client, partition, &rows).await
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
    let found = whole(client, partition, row.as_slice()).await?;
    Ok(found.into_iter().next())
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

/// The checkpoints of these rows, each with its parts.
async fn whole(
    client: &Client,
    partition: PartitionId,
    rows: &[Row],
) -> Result<Vec<Checkpoint>, StoreError> {
    let mut checkpoints = Vec::with_capacity(rows.len());
    for row in rows {
        let position: i64 = row.try_get(0)?;
        let parts = client
            .query(
                "SELECT bytes FROM checkpoint_parts
                 WHERE partition = $1 AND position = $2 ORDER BY number",
                &[&i32::from(partition.0), &position],
            )
            .await?;
        let mut snapshot = Vec::new();
        for part in &parts {
            snapshot.extend(packed::unpack(part.try_get(0)?)?);
        }
        snapshot.extend(packed::unpack(row.try_get(2)?)?);
        checkpoints.push(Checkpoint {
            partition,
            position: value::uncount(position)?,
            at: value::instant(row.try_get(1)?)?,
            snapshot,
        });
    }
    Ok(checkpoints)
}
