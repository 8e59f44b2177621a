//! Reading the journal.

use model::{DeviceId, Identity, PartitionId, PolicyChange, Reading, Timestamp};
use rusqlite::{Connection, OptionalExtension, Rows, params};

use super::commit::{ERASED, POLICY};
use crate::store::once_each::OnceEach;
use crate::store::value;
use crate::store::{HistoryQuery, JournalEntry, JournalInput, StoreError};

pub(super) fn last_position(
    connection: &Connection,
    partition: PartitionId,
) -> Result<u64, StoreError> {
    // The last entries themselves may be gone, but then a base covers them.
    let last: i64 = connection
        .prepare_cached(
            "SELECT max(
                 coalesce((SELECT max(position) FROM journal WHERE partition = ?1), 0),
                 coalesce((SELECT base_position FROM partition_owners WHERE partition = ?1), 0))",
        )?
        .query_row([partition.0], |row| row.get(0))?;
    value::uncount(last)
}

pub(super) fn after(
    connection: &Connection,
    partition: PartitionId,
    position: u64,
    limit: usize,
) -> Result<Vec<JournalEntry>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT position, at_ms, kind, body FROM journal
         WHERE partition = ?1 AND position > ?2 ORDER BY position LIMIT ?3",
    )?;
    entries(statement.query(params![
        partition.0,
        value::count(position)?,
        value::limit(limit)
    ])?)
}

pub(super) fn newest_change(
    connection: &Connection,
    partition: PartitionId,
    kind: &str,
) -> Result<Option<PolicyChange>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT body FROM journal
         WHERE kind = 'policy' AND partition = ?1 AND substr(body, 1, length(?2)) = ?2
         ORDER BY position DESC LIMIT 1",
    )?;
    let body: Option<String> = statement
        .query_row(params![partition.0, value::tag(kind)], |row| row.get(0))
        .optional()?;
    body.as_deref().map(value::unjson).transpose()
}

pub(super) fn policy_entries(
    connection: &Connection,
    partition: PartitionId,
) -> Result<Vec<JournalEntry>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT position, at_ms, kind, body FROM journal
         WHERE kind = 'policy' AND partition = ?1 ORDER BY position",
    )?;
    entries(statement.query([partition.0])?)
}

fn entries(mut rows: Rows<'_>) -> Result<Vec<JournalEntry>, StoreError> {
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        let text = |column| row.get_ref(column)?.as_str().map_err(rusqlite::Error::from);
        entries.push(JournalEntry {
            position: value::uncount(row.get(0)?)?,
            at: value::instant(row.get(1)?)?,
            input: input(text(2)?, text(3)?)?,
        });
    }
    Ok(entries)
}

pub(super) fn history(
    connection: &Connection,
    query: &HistoryQuery,
) -> Result<Vec<(Timestamp, Reading)>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT at_ms, body FROM journal
         WHERE wearer = ?1 AND partition = ?2 AND at_ms >= ?3 AND position <= ?4
         ORDER BY at_ms, position LIMIT ?5",
    )?;
    let mut rows = statement.query(params![
        query.wearer.as_str(),
        query.partition.0,
        query.since.epoch_ms(),
        value::count(query.up_to)?,
        value::limit(query.limit)
    ])?;
    let mut readings = Vec::new();
    while let Some(row) = rows.next()? {
        let body = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
        readings.push((value::instant(row.get(0)?)?, value::unjson(body)?));
    }
    Ok(readings)
}

fn input(kind: &str, body: &str) -> Result<JournalInput, StoreError> {
    Ok(match kind {
        POLICY => JournalInput::Policy(value::unjson(body)?),
        ERASED => JournalInput::Erased,
        _reading => JournalInput::Reading(value::unjson(body)?),
    })
}

/// The newest running number of each device.
pub(super) fn newest_sequences(
    connection: &Connection,
    devices: &[DeviceId],
) -> Result<Vec<Option<u64>>, StoreError> {
    let newest = |device| newest_sequence(connection, device);
    devices.iter().map(newest).collect()
}

/// The newest running number of a device. The upper half of the unsigned numbers stands in the
/// column as the negative ones, so it is asked for first; each question is one look at the index.
fn newest_sequence(connection: &Connection, device: &DeviceId) -> Result<Option<u64>, StoreError> {
    for question in [
        "SELECT max(seq) FROM journal WHERE device = ?1 AND seq < 0",
        "SELECT max(seq) FROM journal WHERE device = ?1 AND seq >= 0",
    ] {
        let newest: Option<i64> = connection
            .prepare_cached(question)?
            .query_row([device.as_str()], |row| row.get(0))?;
        if let Some(newest) = newest {
            return Ok(Some(newest.cast_unsigned()));
        }
    }
    Ok(None)
}

pub(super) fn observed_at(
    connection: &Connection,
    identities: &[Identity],
) -> Result<Vec<Option<Timestamp>>, StoreError> {
    identities
        .iter()
        .map(|identity| observed(connection, identity))
        .collect()
}

fn observed(connection: &Connection, identity: &Identity) -> Result<Option<Timestamp>, StoreError> {
    let device = identity.device().as_str();
    let found: Option<i64> = if let Some(seq) = identity.sequence() {
        connection
            .prepare_cached("SELECT observed_ms FROM journal WHERE device = ?1 AND seq = ?2")?
            .query_row(params![device, seq.cast_signed()], |row| row.get(0))
            .optional()?
    } else if let Some((fact, at)) = identity.moment() {
        connection
            .prepare_cached(
                "SELECT observed_ms FROM journal
                 WHERE device = ?1 AND kind = ?2 AND observed_ms = ?3 AND seq IS NULL",
            )?
            .query_row(params![device, fact.to_string(), at.epoch_ms()], |row| {
                row.get(0)
            })
            .optional()?
    } else {
        None
    };
    found.map(value::instant).transpose()
}

pub(super) fn partitions(connection: &Connection) -> Result<Vec<PartitionId>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT partition FROM partition_owners AS p
         WHERE base_position > 0
            OR EXISTS (SELECT 1 FROM journal WHERE journal.partition = p.partition)
         ORDER BY partition",
    )?;
    let mut rows = statement.query([])?;
    let mut partitions = Vec::new();
    while let Some(row) = rows.next()? {
        partitions.push(PartitionId(row.get(0)?));
    }
    Ok(partitions)
}

/// The changes that one partition journaled, or all.
pub(super) fn policy_changes(
    connection: &Connection,
    partition: Option<PartitionId>,
) -> Result<Vec<PolicyChange>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT partition, body FROM journal
         WHERE kind = 'policy' AND (?1 IS NULL OR partition = ?1)
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
