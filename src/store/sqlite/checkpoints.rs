//! Checkpoints: the newest, anchors, and the base that the kept journal goes on from.

use model::{PartitionId, Timestamp};
use rusqlite::{Connection, Row, params};

use super::commit;
use crate::store::prune::ANCHOR_EVERY;
use crate::store::{Checkpoint, CheckpointEnd, CheckpointPart, StoreError, packed, value};

/// Checkpoints to start from: the newest, and one for when that is unreadable.
const NEWEST: u32 = 2;

/// Parts of no checkpoint that go with each part that is kept: more than come to be.
const LEFT_OVER: u32 = 2;

pub(super) fn save(
    connection: &Connection,
    epoch: u64,
    checkpoint: &Checkpoint,
) -> Result<(), StoreError> {
    commit::check_owner(connection, checkpoint.partition, epoch)?;
    put(connection, checkpoint)?;
    drop_old(connection, checkpoint.partition)
}

/// Keeps a part, and lets go of a few that are of no checkpoint: all of them at once would hold up commits.
pub(super) fn save_part(
    connection: &Connection,
    epoch: u64,
    part: &CheckpointPart,
) -> Result<(), StoreError> {
    commit::check_owner(connection, part.partition, epoch)?;
    let position = value::count(part.position)?;
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO checkpoint_parts (partition, position, number, bytes)
             VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![part.partition.0, position, part.number, part.bytes])?;
    connection
        .prepare_cached(
            "DELETE FROM checkpoint_parts WHERE rowid IN
               (SELECT p.rowid FROM checkpoint_parts AS p
                WHERE p.partition = ?1 AND p.position <> ?2 AND NOT EXISTS
                  (SELECT 1 FROM checkpoints AS c
                   WHERE c.partition = p.partition AND c.position = p.position)
                LIMIT ?3)",
        )?
        .execute(params![part.partition.0, position, LEFT_OVER])?;
    Ok(())
}

/// Makes a checkpoint of the parts saved.
pub(super) fn finish(
    connection: &Connection,
    epoch: u64,
    end: CheckpointEnd,
) -> Result<(), StoreError> {
    commit::check_owner(connection, end.partition, epoch)?;
    let (partition, position) = (end.partition.0, value::count(end.position)?);
    connection
        .prepare_cached(
            "DELETE FROM checkpoint_parts
             WHERE partition = ?1 AND position = ?2 AND number >= ?3",
        )?
        .execute(params![partition, position, end.parts])?;
    let kept: u32 = connection.query_row(
        "SELECT count(*) FROM checkpoint_parts WHERE partition = ?1 AND position = ?2",
        params![partition, position],
        |row| row.get(0),
    )?;
    if kept != end.parts {
        return Err(end.incomplete(kept));
    }
    put_row(connection, end.partition, end.position, end.at, &[])?;
    drop_old(connection, end.partition)
}

fn drop_old(connection: &Connection, partition: PartitionId) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "DELETE FROM checkpoints WHERE partition = ?1
               AND position NOT IN
                 (SELECT position FROM checkpoints WHERE partition = ?1
                  ORDER BY position DESC LIMIT ?2)
               AND position NOT IN
                 (SELECT min(position) FROM checkpoints WHERE partition = ?1
                  GROUP BY at_ms / ?3)
               AND position NOT IN
                 (SELECT base_position FROM partition_owners WHERE partition = ?1)",
        )?
        .execute(params![
            partition.0,
            NEWEST,
            ANCHOR_EVERY.num_milliseconds()
        ])?;
    Ok(())
}

/// Keeps a checkpoint, in the place of one at that position.
pub(super) fn put(connection: &Connection, checkpoint: &Checkpoint) -> Result<(), StoreError> {
    let Checkpoint {
        partition,
        position,
        at,
        snapshot,
    } = checkpoint;
    connection
        .prepare_cached("DELETE FROM checkpoint_parts WHERE partition = ?1 AND position = ?2")?
        .execute(params![partition.0, value::count(*position)?])?;
    put_row(
        connection,
        *partition,
        *position,
        *at,
        &packed::pack(snapshot),
    )
}

fn put_row(
    connection: &Connection,
    partition: PartitionId,
    position: u64,
    at: Timestamp,
    packed: &[u8],
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO checkpoints (partition, position, at_ms, snapshot)
             VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![
            partition.0,
            value::count(position)?,
            at.epoch_ms(),
            packed,
        ])?;
    Ok(())
}

/// Every one, oldest first.
pub(super) fn every(
    connection: &Connection,
    partition: PartitionId,
) -> Result<Vec<Checkpoint>, StoreError> {
    let mut statement = connection.prepare(
        "SELECT position, at_ms, snapshot FROM checkpoints WHERE partition = ?1 ORDER BY position",
    )?;
    let mut rows = statement.query([partition.0])?;
    let mut checkpoints = Vec::new();
    while let Some(row) = rows.next()? {
        checkpoints.push(checkpoint(connection, partition, row)?);
    }
    Ok(checkpoints)
}

pub(super) fn newest(
    connection: &Connection,
    partition: PartitionId,
) -> Result<Vec<Checkpoint>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT position, at_ms, snapshot FROM checkpoints
         WHERE partition = ?1 ORDER BY position DESC LIMIT ?2",
    )?;
    let mut rows = statement.query(params![partition.0, NEWEST])?;
    let mut checkpoints = Vec::new();
    while let Some(row) = rows.next()? {
        checkpoints.push(checkpoint(connection, partition, row)?);
    }
    Ok(checkpoints)
}

/// The checkpoint that the kept journal goes on from, where its beginning is gone.
pub(super) fn base(
    connection: &Connection,
    partition: PartitionId,
) -> Result<Option<Checkpoint>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT c.position, c.at_ms, c.snapshot FROM partition_owners AS p
         JOIN checkpoints AS c ON c.partition = p.partition AND c.position = p.base_position
         WHERE p.partition = ?1 AND p.base_position > 0",
    )?;
    let mut rows = statement.query([partition.0])?;
    rows.next()?
        .map(|row| checkpoint(connection, partition, row))
        .transpose()
}

/// Where the kept journal goes on from, whether or not the checkpoint there is still kept.
pub(super) fn base_position(
    connection: &Connection,
    partition: PartitionId,
) -> Result<u64, StoreError> {
    let base = connection.query_row(
        "SELECT coalesce(max(base_position), 0) FROM partition_owners WHERE partition = ?1",
        [partition.0],
        |row| row.get(0),
    )?;
    value::uncount(base)
}

fn checkpoint(
    connection: &Connection,
    partition: PartitionId,
    row: &Row<'_>,
) -> Result<Checkpoint, StoreError> {
    let position: i64 = row.get(0)?;
    let mut snapshot = Vec::new();
    let mut statement = connection.prepare_cached(
        "SELECT bytes FROM checkpoint_parts WHERE partition = ?1 AND position = ?2 ORDER BY number",
    )?;
    let mut parts = statement.query(params![partition.0, position])?;
    while let Some(part) = parts.next()? {
        snapshot.extend(packed::unpack(&part.get::<_, Vec<u8>>(0)?)?);
    }
    snapshot.extend(packed::unpack(&row.get::<_, Vec<u8>>(2)?)?);
    Ok(Checkpoint {
        partition,
        position: value::uncount(position)?,
        at: value::instant(row.get(1)?)?,
        snapshot,
    })
}
