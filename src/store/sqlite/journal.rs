//! Reading the journal: in its order, and by whom it is about.

use model::{DeviceId, Identity, PartitionId, Reading, Timestamp};
use rusqlite::{Connection, Row, params};

use super::{policy, tail};
use crate::store::journal::{Found, Sought, each_seen, ordered};
use crate::store::value;
use crate::store::{Block, HistoryQuery, JournalEntry, Seen, StoreError};

pub(super) fn last_position(
    connection: &Connection,
    partition: PartitionId,
) -> Result<u64, StoreError> {
    let last = connection
        .prepare_cached(
            "SELECT coalesce(max(position), 0) FROM partition_owners WHERE partition = ?1",
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
    let mut entries = readings_after(connection, partition, position, limit)?;
    let changes = policy::after(connection, partition, position, limit)?;
    if !changes.is_empty() {
        entries.extend(changes);
        entries.sort_by_key(|entry| entry.position);
        entries.truncate(limit);
    }
    Ok(entries)
}

fn readings_after(
    connection: &Connection,
    partition: PartitionId,
    position: u64,
    limit: usize,
) -> Result<Vec<JournalEntry>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT body FROM blocks
         WHERE partition = ?1 AND last_position > ?2 ORDER BY last_position",
    )?;
    let mut rows = statement.query(params![partition.0, value::count(position)?])?;
    let mut entries = Vec::new();
    while entries.len() < limit
        && let Some(row) = rows.next()?
    {
        Block::add_after(&mut entries, bytes(row, 0)?, position, limit)?;
    }
    Ok(entries)
}

pub(super) fn history(
    connection: &Connection,
    query: &HistoryQuery,
) -> Result<Vec<(Timestamp, Reading)>, StoreError> {
    let mut found = Found::default();
    let mut statement = connection.prepare_cached(
        "SELECT s.body FROM worn AS w
         JOIN runs AS r ON r.partition = w.partition AND r.to_ms >= ?3 AND r.run <= ?4
         JOIN strips AS s ON s.partition = r.partition AND s.run = r.run
             AND s.device = w.device AND s.wearer = w.wearer
         WHERE w.wearer = ?1 AND w.partition = ?2",
    )?;
    let mut strips = statement.query(params![
        query.wearer.as_str(),
        query.partition.0,
        query.since.epoch_ms(),
        value::count(query.up_to)?
    ])?;
    while let Some(row) = strips.next()? {
        found.add_history(query, bytes(row, 0)?)?;
    }
    tail::each(connection, Some(query.partition), |keys, (_, body)| {
        if keys.may_hold(query.wearer.as_str()) {
            found.add_history(query, body()?)?;
        }
        Ok(())
    })?;
    found.into_history(query.limit)
}

/// What is journaled of each device.
pub(super) fn seen(connection: &Connection, devices: &[DeviceId]) -> Result<Vec<Seen>, StoreError> {
    let mut seen = Vec::with_capacity(devices.len());
    let mut statement = connection.prepare_cached("SELECT seen FROM seen WHERE device = ?1")?;
    for device in devices {
        let mut of_device = Seen::default();
        let mut rows = statement.query([device.as_str()])?;
        while let Some(row) = rows.next()? {
            of_device.merge(&text(row, 0)?.parse()?);
        }
        seen.push(of_device);
    }
    if devices.is_empty() {
        return Ok(seen);
    }
    tail::each(connection, None, |keys, (_, body)| {
        let is_held = |device: &DeviceId| keys.may_hold(device.as_str());
        if !devices.iter().any(is_held) {
            return Ok(());
        }
        each_seen(body()?, |device, seq, observed_at| {
            let is_of = |wanted: &DeviceId| wanted.as_str() == device;
            for (_, seen) in devices.iter().zip(&mut seen).filter(|(d, _)| is_of(d)) {
                seen.add(seq, observed_at);
            }
            Ok(())
        })
    })?;
    Ok(seen)
}

/// What a partition's journal has of each device.
pub(super) fn seen_by(
    connection: &Connection,
    partition: PartitionId,
) -> Result<Vec<(DeviceId, Seen)>, StoreError> {
    let mut seen = std::collections::BTreeMap::new();
    let mut statement =
        connection.prepare_cached("SELECT device, seen FROM seen WHERE partition = ?1")?;
    let mut rows = statement.query([partition.0])?;
    while let Some(row) = rows.next()? {
        let device = value::known(DeviceId::new(text(row, 0)?))?;
        seen.insert(device, text(row, 1)?.parse()?);
    }
    tail::each(connection, Some(partition), |_, (_, body)| {
        each_seen(body()?, |device, seq, observed_at| {
            let device = value::known(DeviceId::new(device))?;
            let of_device: &mut Seen = seen.entry(device).or_default();
            of_device.add(seq, observed_at);
            Ok(())
        })
    })?;
    Ok(seen.into_iter().collect())
}

/// When the reading of each identity was observed.
pub(super) fn observed_at(
    connection: &Connection,
    identities: &[Identity],
) -> Result<Vec<Option<Timestamp>>, StoreError> {
    let mut sought = Sought::new(identities);
    if identities.is_empty() {
        return Ok(sought.into_observed());
    }
    let keys = sought.keys();
    // What comes twice came just before, nearly always.
    tail::each_newest_first(connection, |held, (_, body)| {
        if held.may_hold_any(&keys) {
            sought.look(body()?)?;
        }
        Ok(!sought.is_complete())
    })?;
    let missing: Vec<&Identity> = sought.missing().collect();
    for identity in missing {
        look_among_filed(connection, identity, &mut sought)?;
    }
    Ok(sought.into_observed())
}

fn look_among_filed(
    connection: &Connection,
    identity: &Identity,
    sought: &mut Sought<'_>,
) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT s.body FROM seen AS d
         JOIN runs AS r ON r.partition = d.partition
         JOIN strips AS s ON s.partition = r.partition AND s.run = r.run AND s.device = d.device
         WHERE d.device = ?1
           AND (?2 IS NULL OR (s.seq_from <= ?2 AND s.seq_to >= ?2))
           AND (?3 IS NULL OR (r.observed_from_ms <= ?3 AND r.observed_to_ms >= ?3
                AND s.observed_from_ms <= ?3 AND s.observed_to_ms >= ?3))
         ORDER BY r.run DESC",
    )?;
    let seq = identity.sequence().map(ordered);
    let moment_ms = identity.moment().map(|(_fact, at)| at.epoch_ms());
    let mut rows = statement.query(params![identity.device().as_str(), seq, moment_ms])?;
    while let Some(row) = rows.next()? {
        sought.look(bytes(row, 0)?)?;
        if !sought.misses(identity) {
            break;
        }
    }
    Ok(())
}

pub(super) fn partitions(connection: &Connection) -> Result<Vec<PartitionId>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT partition FROM partition_owners WHERE position > 0 ORDER BY partition",
    )?;
    let mut rows = statement.query([])?;
    let mut partitions = Vec::new();
    while let Some(row) = rows.next()? {
        partitions.push(PartitionId(row.get(0)?));
    }
    Ok(partitions)
}

/// The bytes in a column.
pub(super) fn bytes<'a>(row: &'a Row<'_>, column: usize) -> Result<&'a [u8], StoreError> {
    Ok(row
        .get_ref(column)?
        .as_blob()
        .map_err(rusqlite::Error::from)?)
}

/// The text in a column.
pub(super) fn text<'a>(row: &'a Row<'_>, column: usize) -> Result<&'a str, StoreError> {
    Ok(row
        .get_ref(column)?
        .as_str()
        .map_err(rusqlite::Error::from)?)
}
