//! Dead letters and the audit trail.

use rusqlite::{Connection, params};

use crate::store::value;
use crate::store::{AuditEntry, DeadLetter, DeadLetterRecord, StoreError};

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
