//! The journal's changes of policy.

use model::{PartitionId, PolicyChange};
use rusqlite::{Connection, OptionalExtension, Rows, params};

use crate::store::once_each::OnceEach;
use crate::store::{JournalEntry, JournalInput, OwnChange, StoreError, value};

/// Keeps the changes among entries.
pub(super) fn insert(
    connection: &Connection,
    partition: PartitionId,
    entries: &[JournalEntry],
) -> Result<(), StoreError> {
    for entry in entries {
        let JournalInput::Policy(change) = &entry.input else {
            continue;
        };
        connection
            .prepare_cached(
                "INSERT INTO policy_changes (partition, position, at_ms, body)
                 VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![
                partition.0,
                value::count(entry.position)?,
                entry.at.epoch_ms(),
                value::body(change)?,
            ])?;
    }
    Ok(())
}

/// Up to `limit` changes after a position, with their places, in order.
pub(super) fn after(
    connection: &Connection,
    partition: PartitionId,
    position: u64,
    limit: usize,
) -> Result<Vec<JournalEntry>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT position, at_ms, body FROM policy_changes
         WHERE partition = ?1 AND position > ?2 ORDER BY position LIMIT ?3",
    )?;
    entries(statement.query(params![
        partition.0,
        value::count(position)?,
        value::limit(limit)
    ])?)
}

/// All that are not erased, with their places, in order.
pub(super) fn every(
    connection: &Connection,
    partition: PartitionId,
) -> Result<Vec<JournalEntry>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT position, at_ms, body FROM policy_changes
         WHERE partition = ?1 AND body IS NOT NULL ORDER BY position",
    )?;
    entries(statement.query([partition.0])?)
}

fn entries(mut rows: Rows<'_>) -> Result<Vec<JournalEntry>, StoreError> {
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        let body = row
            .get_ref(2)?
            .as_str_or_null()
            .map_err(rusqlite::Error::from)?;
        entries.push(JournalEntry {
            position: value::uncount(row.get(0)?)?,
            at: value::instant(row.get(1)?)?,
            input: match body {
                Some(body) => JournalInput::Policy(value::unjson(body)?),
                None => JournalInput::Erased,
            },
        });
    }
    Ok(entries)
}

/// By the index of those, which goes by the second condition.
pub(super) const NEWEST: &str = "SELECT body FROM policy_changes
     WHERE partition = ?1 AND substr(body, 1, 7) IN ('{\"rules', '{\"broke')
         AND substr(body, 1, length(?2)) = ?2
     ORDER BY position DESC LIMIT 1";

/// The newest change of a kind.
pub(super) fn newest(
    connection: &Connection,
    partition: PartitionId,
    kind: OwnChange,
) -> Result<Option<PolicyChange>, StoreError> {
    let mut statement = connection.prepare_cached(NEWEST)?;
    let body: Option<String> = statement
        .query_row(params![partition.0, value::tag(kind.as_str())], |row| {
            row.get(0)
        })
        .optional()?;
    body.as_deref().map(value::unjson).transpose()
}

/// The changes that one partition journaled, or all.
pub(super) fn changes(
    connection: &Connection,
    partition: Option<PartitionId>,
) -> Result<Vec<PolicyChange>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT partition, body FROM policy_changes
         WHERE body IS NOT NULL AND (?1 IS NULL OR partition = ?1)
         ORDER BY at_ms, partition, position",
    )?;
    let mut rows = statement.query([partition.map(|partition| partition.0)])?;
    let mut once = OnceEach::default();
    let mut changes = Vec::new();
    while let Some(row) = rows.next()? {
        let body = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
        // One partition has no copies of another's, and a county of texts is not held for nothing.
        if partition.is_some() || once.admits(PartitionId(row.get(0)?), body) {
            changes.push(value::unjson(body)?);
        }
    }
    Ok(changes)
}
