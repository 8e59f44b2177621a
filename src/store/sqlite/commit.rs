//! Committing a batch.

use model::{PartitionId, Reading};
use rusqlite::{Connection, OptionalExtension, params};

use super::{alerts, gather, journal, record};
use crate::store::value;
use crate::store::{CommitBatch, Committed, JournalEntry, JournalInput, StoreError};

/// The kinds, in the journal, of what is not a reading.
pub(super) const POLICY: &str = "policy";
pub(super) const ERASED: &str = "erased";

/// Writes the batch. The caller's savepoint undoes all of it if this returns an error.
pub(super) fn commit(
    connection: &Connection,
    batch: &CommitBatch,
) -> Result<Committed, StoreError> {
    check_owner(connection, batch.partition, batch.epoch)?;
    let mut position = journal::last_position(connection, batch.partition)?;
    for entry in &batch.entries {
        position += 1;
        check_position(batch.partition, position, entry.position)?;
        insert_entry(connection, batch.partition, entry)?;
    }
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

/// Refuses whoever does not hold the partition.
pub(super) fn check_owner(
    connection: &Connection,
    partition: PartitionId,
    ours: u64,
) -> Result<(), StoreError> {
    let epoch: Option<i64> = connection
        .prepare_cached("SELECT epoch FROM partition_owners WHERE partition = ?1")?
        .query_row([partition.0], |row| row.get(0))
        .optional()?;
    let current = value::uncount(epoch.unwrap_or(0))?;
    if current == ours && epoch.is_some() {
        return Ok(());
    }
    Err(StoreError::Fenced {
        partition,
        ours,
        current,
    })
}

fn check_position(partition: PartitionId, expected: u64, given: u64) -> Result<(), StoreError> {
    if given == expected {
        return Ok(());
    }
    Err(StoreError::Conflict(format!(
        "position {given} of partition {partition} where {expected} comes next"
    )))
}

fn insert_entry(
    connection: &Connection,
    partition: PartitionId,
    entry: &JournalEntry,
) -> Result<(), StoreError> {
    let inserted = match &entry.input {
        JournalInput::Reading(reading) => insert_reading(connection, partition, entry, reading),
        JournalInput::Policy(change) => {
            let body = value::body(change)?;
            insert_other(connection, partition, entry, POLICY, &body)
        }
        JournalInput::Erased => insert_other(connection, partition, entry, ERASED, "{}"),
    };
    inserted.map_err(|error| at_position(error, partition, entry.position))
}

fn insert_reading(
    connection: &Connection,
    partition: PartitionId,
    entry: &JournalEntry,
    reading: &Reading,
) -> Result<(), StoreError> {
    let report = &reading.report;
    connection
        .prepare_cached(
            "INSERT INTO journal
                 (partition, position, at_ms, kind, device, seq, observed_ms, body, wearer)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            partition.0,
            value::count(entry.position)?,
            entry.at.epoch_ms(),
            report.body.fact().to_string(),
            report.device.as_str(),
            report.seq.map(u64::cast_signed),
            report.observed_at.0.epoch_ms(),
            value::body(reading)?,
            reading.wearer.as_str(),
        ])?;
    Ok(())
}

fn insert_other(
    connection: &Connection,
    partition: PartitionId,
    entry: &JournalEntry,
    kind: &str,
    body: &str,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO journal (partition, position, at_ms, kind, body)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            partition.0,
            value::count(entry.position)?,
            entry.at.epoch_ms(),
            kind,
            body,
        ])?;
    Ok(())
}

fn at_position(error: StoreError, partition: PartitionId, position: u64) -> StoreError {
    match error {
        StoreError::Conflict(why) => {
            StoreError::Conflict(format!("entry {position} of partition {partition}: {why}"))
        }
        StoreError::Unavailable(_) | StoreError::Fenced { .. } | StoreError::Corrupt(_) => error,
    }
}
