//! Committing a batch.

use model::PartitionId;
use rusqlite::{Connection, OptionalExtension, params};

use super::{alerts, gather, policy, record};
use crate::store::value;
use crate::store::{Block, CommitBatch, Committed, JournalEntry, StoreError};

/// Writes the batch and the block of its readings. The caller's savepoint undoes all of it if this
/// returns an error.
pub(super) fn commit(
    connection: &Connection,
    batch: &CommitBatch,
    block: Option<&Block>,
) -> Result<Committed, StoreError> {
    append(connection, batch, block)?;
    let mut decisions = 0;
    for routed in &batch.decisions {
        if !alerts::insert_decision(connection, routed)? {
            continue;
        }
        decisions += 1;
        gather::put(connection, routed)?;
    }
    for alert in &batch.over {
        gather::end(connection, *alert)?;
    }
    for letter in &batch.dead_letters {
        record::bury(connection, letter)?;
    }
    Ok(Committed {
        newest_event: alerts::newest_event(connection)?,
        decisions,
    })
}

/// Takes ownership of a partition.
pub(super) fn acquire(connection: &Connection, partition: PartitionId) -> Result<u64, StoreError> {
    let epoch: i64 = connection
        .prepare_cached(
            "INSERT INTO partition_owners (partition, epoch) VALUES (?1, 1)
             ON CONFLICT (partition) DO UPDATE SET epoch = epoch + 1
             RETURNING epoch",
        )?
        .query_row([partition.0], |row| row.get(0))?;
    value::uncount(epoch)
}

/// Refuses whoever does not hold the partition; says where its journal ends.
pub(super) fn check_owner(
    connection: &Connection,
    partition: PartitionId,
    ours: u64,
) -> Result<u64, StoreError> {
    let found: Option<(i64, i64)> = connection
        .prepare_cached("SELECT epoch, position FROM partition_owners WHERE partition = ?1")?
        .query_row([partition.0], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let current = value::uncount(found.map_or(0, |(epoch, _)| epoch))?;
    match found {
        Some((_, position)) if current == ours => value::uncount(position),
        Some(_) | None => Err(StoreError::Fenced {
            partition,
            ours,
            current,
        }),
    }
}

/// Puts the batch's entries at the end of the journal.
fn append(
    connection: &Connection,
    batch: &CommitBatch,
    block: Option<&Block>,
) -> Result<(), StoreError> {
    let end = check_owner(connection, batch.partition, batch.epoch)?;
    let Some(last) = check_positions(batch.partition, end, &batch.entries)? else {
        return Ok(());
    };
    if let Some(block) = block {
        insert_block(connection, batch.partition, block)?;
    }
    policy::insert(connection, batch.partition, &batch.entries)?;
    connection
        .prepare_cached(
            "UPDATE partition_owners
             SET position = ?2, unfiled_blocks = unfiled_blocks + ?3 WHERE partition = ?1",
        )?
        .execute(params![
            batch.partition.0,
            value::count(last)?,
            block.is_some(),
        ])?;
    Ok(())
}

/// Where the journal ends then; `None` where nothing is added.
fn check_positions(
    partition: PartitionId,
    end: u64,
    entries: &[JournalEntry],
) -> Result<Option<u64>, StoreError> {
    for (expected, entry) in (end + 1..).zip(entries) {
        let given = entry.position;
        if given != expected {
            return Err(StoreError::Conflict(format!(
                "position {given} of partition {partition} where {expected} comes next"
            )));
        }
    }
    Ok(entries.last().map(|entry| entry.position))
}

/// Keeps a block.
pub(super) fn insert_block(
    connection: &Connection,
    partition: PartitionId,
    block: &Block,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO blocks (partition, last_position, first_position, readings, from_ms, to_ms,
                 observed_from_ms, observed_to_ms, keys, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(params![
            partition.0,
            value::count(block.last)?,
            value::count(block.first)?,
            value::count(block.readings)?,
            block.from_ms,
            block.to_ms,
            block.observed_from_ms,
            block.observed_to_ms,
            block.keys,
            block.body,
        ])?;
    Ok(())
}
