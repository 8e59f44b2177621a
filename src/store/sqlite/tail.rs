//! The newest blocks, which are not filed yet.

use model::PartitionId;
use rusqlite::{Connection, Row, params};

use super::journal::bytes;
use crate::store::{Block, StoreError};

/// Whose readings a block holds.
pub(super) struct Keys<'a>(&'a [u8]);

impl Keys<'_> {
    pub(super) fn may_hold(&self, id: &str) -> bool {
        Block::may_hold(self.0, id)
    }

    pub(super) fn may_hold_any(&self, keys: &[[u8; 4]]) -> bool {
        Block::may_hold_any(self.0, keys)
    }
}

/// A block's partition, and its body, which is read from the file only when it is asked for.
pub(super) type Lent<'a> = (PartitionId, &'a dyn Fn() -> Result<&'a [u8], StoreError>);

/// Lends each block of a partition's tail, or of all.
pub(super) fn each(
    connection: &Connection,
    partition: Option<PartitionId>,
    mut look: impl FnMut(&Keys<'_>, Lent<'_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT b.partition, b.keys, b.body FROM partition_owners AS p
         JOIN blocks AS b ON b.partition = p.partition AND b.last_position > p.filed_position
         WHERE ?1 IS NULL OR p.partition = ?1
         ORDER BY b.partition, b.last_position",
    )?;
    let mut rows = statement.query([partition.map(|partition| partition.0)])?;
    while let Some(row) = rows.next()? {
        lend(row, |keys, lent| look(keys, lent))?;
    }
    Ok(())
}

/// Lends the blocks of all tails, the newest first, for as long as more are wanted.
pub(super) fn each_newest_first(
    connection: &Connection,
    mut look: impl FnMut(&Keys<'_>, Lent<'_>) -> Result<bool, StoreError>,
) -> Result<(), StoreError> {
    let mut partitions =
        connection.prepare_cached("SELECT partition, filed_position FROM partition_owners")?;
    let mut statement = connection.prepare_cached(
        "SELECT partition, keys, body FROM blocks
         WHERE partition = ?1 AND last_position > ?2 ORDER BY last_position DESC",
    )?;
    let mut tails = partitions.query([])?;
    while let Some(tail) = tails.next()? {
        let (partition, filed): (u16, i64) = (tail.get(0)?, tail.get(1)?);
        let mut rows = statement.query(params![partition, filed])?;
        while let Some(row) = rows.next()? {
            if !lend(row, |keys, lent| look(keys, lent))? {
                return Ok(());
            }
        }
    }
    Ok(())
}

fn lend<T>(
    row: &Row<'_>,
    look: impl FnOnce(&Keys<'_>, Lent<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let partition = PartitionId(row.get(0)?);
    look(&Keys(bytes(row, 1)?), (partition, &|| bytes(row, 2)))
}
