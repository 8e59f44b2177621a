//! Filing a run of the journal.

use model::{DeviceId, PartitionId};
use rusqlite::{Connection, OptionalExtension, params};

use super::commit;
use super::journal::{bytes, text};
use crate::store::journal::{Filing, Slice, Strip};
use crate::store::{Due, Seen, StoreError, value};

/// The next run of a partition, where there is as much as is due.
pub(super) fn next(
    connection: &Connection,
    partition: PartitionId,
    due: Due,
) -> Result<Option<Filing>, StoreError> {
    let found: Option<(i64, i64, i64)> = connection
        .prepare_cached(
            "SELECT position, filed_position, unfiled_blocks FROM partition_owners
             WHERE partition = ?1",
        )?
        .query_row([partition.0], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    let (position, filed, blocks) = found.unwrap_or_default();
    if blocks == 0 || !due.is_reached(value::uncount(position - filed)?, value::uncount(blocks)?) {
        return Ok(None);
    }
    let mut statement = connection.prepare_cached(
        "SELECT readings, body FROM blocks
         WHERE partition = ?1 AND last_position > ?2 ORDER BY last_position",
    )?;
    let mut rows = statement.query(params![partition.0, filed])?;
    let (mut bodies, mut readings) = (Vec::new(), 0);
    while readings < due.entries
        && let Some(row) = rows.next()?
    {
        readings += value::uncount(row.get(0)?)?;
        bodies.push(bytes(row, 1)?.to_vec());
    }
    Filing::of(value::uncount(filed + 1)?, &bodies).map(Some)
}

/// Writes a slice of it.
pub(super) fn write(
    connection: &Connection,
    (partition, epoch): (PartitionId, u64),
    filing: &Filing,
    slice: &Slice,
) -> Result<(), StoreError> {
    commit::check_owner(connection, partition, epoch)?;
    match slice {
        Slice::Strips(rows) => {
            let strips = filing.strips.get(rows.clone()).unwrap_or_default();
            strips
                .iter()
                .try_for_each(|strip| insert_strip(connection, (partition, filing.run), strip))
        }
        Slice::Seen(rows) => {
            let devices = filing.seen.get(rows.clone()).unwrap_or_default();
            devices
                .iter()
                .try_for_each(|(device, seen)| note_seen(connection, partition, device, seen))
        }
        Slice::Bound(number) => match filing.bound.get(*number) {
            Some(block) => {
                connection
                    .prepare_cached(
                        "DELETE FROM blocks WHERE partition = ?1 AND last_position BETWEEN ?2 AND ?3",
                    )?
                    .execute(params![
                        partition.0,
                        value::count(block.first)?,
                        value::count(block.last)?
                    ])?;
                commit::insert_block(connection, partition, block)
            }
            None => Ok(()),
        },
        Slice::End => end(connection, partition, filing),
    }
}

fn insert_strip(
    connection: &Connection,
    (partition, run): (PartitionId, u64),
    strip: &Strip,
) -> Result<(), StoreError> {
    let (seq_from, seq_to) = strip.seqs.unzip();
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO strips (partition, run, device, wearer, first_position, seq_from,
                 seq_to, observed_from_ms, observed_to_ms, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(params![
            partition.0,
            value::count(run)?,
            strip.device.as_str(),
            strip.wearer.as_str(),
            value::count(strip.first)?,
            seq_from,
            seq_to,
            strip.observed_from_ms,
            strip.observed_to_ms,
            strip.body,
        ])?;
    connection
        .prepare_cached(
            "INSERT OR IGNORE INTO worn (wearer, device, partition) VALUES (?1, ?2, ?3)",
        )?
        .execute(params![
            strip.wearer.as_str(),
            strip.device.as_str(),
            partition.0
        ])?;
    Ok(())
}

fn note_seen(
    connection: &Connection,
    partition: PartitionId,
    device: &DeviceId,
    seen: &Seen,
) -> Result<(), StoreError> {
    let mut all = seen.clone();
    let mut known =
        connection.prepare_cached("SELECT seen FROM seen WHERE device = ?1 AND partition = ?2")?;
    let mut rows = known.query(params![device.as_str(), partition.0])?;
    while let Some(row) = rows.next()? {
        all.merge(&text(row, 0)?.parse()?);
    }
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO seen (device, partition, seen) VALUES (?1, ?2, ?3)",
        )?
        .execute(params![device.as_str(), partition.0, all.to_string()])?;
    Ok(())
}

/// From now on all of it is found where it was filed.
fn end(connection: &Connection, partition: PartitionId, filing: &Filing) -> Result<(), StoreError> {
    let last = value::count(filing.last)?;
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO runs (partition, run, last_position, from_ms, to_ms,
                 observed_from_ms, observed_to_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            partition.0,
            value::count(filing.run)?,
            last,
            filing.from_ms,
            filing.to_ms,
            filing.observed_from_ms,
            filing.observed_to_ms,
        ])?;
    connection
        .prepare_cached(
            "UPDATE partition_owners SET filed_position = ?2, unfiled_blocks =
                 (SELECT count(*) FROM blocks WHERE partition = ?1 AND last_position > ?2)
             WHERE partition = ?1",
        )?
        .execute(params![partition.0, last])?;
    Ok(())
}
