//! Checkpoints, dead letters and the audit trail.

use model::PartitionId;
use rusqlite::{Connection, params};

use super::commit;
use crate::store::value;
use crate::store::{AuditEntry, Checkpoint, DeadLetter, DeadLetterRecord, StoreError};

/// Checkpoints kept of a partition: the newest, and one for when that is unreadable.
const CHECKPOINTS_KEPT: u32 = 2;

pub(super) fn save_checkpoint(
    connection: &Connection,
    epoch: u64,
    checkpoint: &Checkpoint,
) -> Result<(), StoreError> {
    commit::check_owner(connection, checkpoint.partition, epoch)?;
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
    connection
        .prepare_cached(
            "DELETE FROM checkpoints WHERE partition = ?1 AND position NOT IN
                 (SELECT position FROM checkpoints WHERE partition = ?1
                  ORDER BY position DESC LIMIT ?2)",
        )?
        .execute(params![checkpoint.partition.0, CHECKPOINTS_KEPT])?;
    Ok(())
}

pub(super) fn checkpoints(
    connection: &Connection,
    partition: PartitionId,
) -> Result<Vec<Checkpoint>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT position, at_ms, snapshot FROM checkpoints
         WHERE partition = ?1 ORDER BY position DESC",
    )?;
    let mut rows = statement.query([partition.0])?;
    let mut checkpoints = Vec::new();
    while let Some(row) = rows.next()? {
        checkpoints.push(Checkpoint {
            partition,
            position: value::uncount(row.get(0)?)?,
            at: value::instant(row.get(1)?)?,
            snapshot: row.get(2)?,
        });
    }
    Ok(checkpoints)
}

pub(super) fn bury(connection: &Connection, letter: &DeadLetter) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO dead_letters (received_ms, topic, reason, detail, payload)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            letter.received_at.epoch_ms(),
            letter.topic,
            letter.reason.as_str(),
            letter.detail,
            letter.payload,
        ])?;
    Ok(())
}

pub(super) fn dead_letters(
    connection: &Connection,
    limit: usize,
) -> Result<Vec<DeadLetterRecord>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT id, received_ms, topic, payload, reason, detail FROM dead_letters
         ORDER BY id DESC LIMIT ?1",
    )?;
    let mut rows = statement.query([value::limit(limit)])?;
    let mut letters = Vec::new();
    while let Some(row) = rows.next()? {
        letters.push(DeadLetterRecord {
            id: value::uncount(row.get(0)?)?,
            received_at: value::instant(row.get(1)?)?,
            topic: row.get(2)?,
            payload: row.get(3)?,
            reason: value::name(&row.get::<_, String>(4)?)?,
            detail: row.get(5)?,
        });
    }
    Ok(letters)
}

pub(super) fn audit(connection: &Connection, entry: &AuditEntry) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO audit (at_ms, actor, action, subject, reason)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            entry.at.epoch_ms(),
            entry.actor,
            entry.action,
            entry.subject,
            entry.reason,
        ])?;
    Ok(())
}

pub(super) fn audit_trail(
    connection: &Connection,
    limit: usize,
) -> Result<Vec<AuditEntry>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT at_ms, actor, action, subject, reason FROM audit ORDER BY id DESC LIMIT ?1",
    )?;
    let mut rows = statement.query([value::limit(limit)])?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        entries.push(AuditEntry {
            at: value::instant(row.get(0)?)?,
            actor: row.get(1)?,
            action: row.get(2)?,
            subject: row.get(3)?,
            reason: row.get(4)?,
        });
    }
    Ok(entries)
}
