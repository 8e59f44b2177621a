//! Checkpoints: the newest, anchors, and the base that the kept journal goes on from.

use model::PartitionId;
use rusqlite::{Connection, Row, params};

use super::commit;
use crate::store::prune::ANCHOR_EVERY;
use crate::store::{Checkpoint, StoreError, value};

/// Checkpoints to start from: the newest, and one for when that is unreadable.
const NEWEST: u32 = 2;

pub(super) fn save(
    connection: &Connection,
    epoch: u64,
    checkpoint: &Checkpoint,
) -> Result<(), StoreError> {
    commit::check_owner(connection, checkpoint.partition, epoch)?;
    put(connection, checkpoint)?;
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
            checkpoint.partition.0,
            NEWEST,
            ANCHOR_EVERY.num_milliseconds()
        ])?;
    Ok(())
}

/// Keeps a checkpoint, in the place of one at that position.
pub(super) fn put(connection: &Connection, checkpoint: &Checkpoint) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO checkpoints (partition, position, at_ms, snapshot)
             VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![
            checkpoint.partition.0,
            value::count(checkpoint.position)?,
            checkpoint.at.epoch_ms(),
            checkpoint.snapshot,
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
        checkpoints.push(checkpoint(partition, row)?);
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
        checkpoints.push(checkpoint(partition, row)?);
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
        .map(|row| checkpoint(partition, row))
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

fn checkpoint(partition: PartitionId, row: &Row<'_>) -> Result<Checkpoint, StoreError> {
    Ok(Checkpoint {
        partition,
        position: value::uncount(row.get(0)?)?,
        at: value::instant(row.get(1)?)?,
        snapshot: row.get(2)?,
    })
}
