//! Taking everything about a wearer out: the rows, and then what is left of them in the file.

use std::path::Path;

use rusqlite::{Connection, params};

use super::{checkpoints, commit, connection, journal, record, registry};
use crate::store::{AuditEntry, Block, DeviceSpan, Erased, Erasure, StoreError, value};

/// Takes the rows out. The caller's savepoint undoes all of it if this returns an error.
pub(super) fn erase(connection: &Connection, erasure: &Erasure) -> Result<Erased, StoreError> {
    for (partition, epoch) in &erasure.epochs {
        commit::check_owner(connection, *partition, *epoch)?;
        erasure.check_base(
            *partition,
            checkpoints::base_position(connection, *partition)?,
        )?;
    }
    let erased = take_out(connection, erasure)?;
    let given = erasure.audit.reason.as_deref().unwrap_or_default();
    record::audit(
        connection,
        &AuditEntry {
            reason: Some(format!("{given} (erased: {erased})")),
            ..erasure.audit.clone()
        },
    )?;
    Ok(erased)
}

/// How much would be taken out. Nothing is.
pub(super) fn rehearse(connection: &Connection, erasure: &Erasure) -> Result<Erased, StoreError> {
    connection.execute_batch("SAVEPOINT rehearsal")?;
    let erased = take_out(connection, erasure);
    connection.execute_batch("ROLLBACK TO rehearsal; RELEASE rehearsal")?;
    erased
}

fn take_out(connection: &Connection, erasure: &Erasure) -> Result<Erased, StoreError> {
    let wearer = erasure.wearer.as_str();
    let mut erased = Erased {
        readings: take_out_readings(connection, wearer)?,
        ..Erased::default()
    };
    let mut empty = connection.prepare(
        "UPDATE policy_changes SET body = NULL
         WHERE partition = ?1 AND position = ?2 AND body IS NOT NULL",
    )?;
    for (partition, position) in &erasure.changes {
        erased.changes += empty.execute(params![partition.0, value::count(*position)?])?;
    }
    erased.registered = registry::erase(connection, &erasure.parts)?;
    connection.execute(
        "DELETE FROM deliveries WHERE notification IN
             (SELECT id FROM notifications WHERE wearer = ?1)",
        [wearer],
    )?;
    connection.execute("DELETE FROM held_notifications WHERE wearer = ?1", [wearer])?;
    erased.notifications =
        connection.execute("DELETE FROM notifications WHERE wearer = ?1", [wearer])?;
    for alert in alerts(connection, wearer)? {
        erased.steps += connection.execute("DELETE FROM steps WHERE alert = ?1", [&alert])?;
        erased.alerts += connection.execute("DELETE FROM alerts WHERE alert = ?1", [&alert])?;
        erased.decisions +=
            connection.execute("DELETE FROM decisions WHERE alert = ?1", [&alert])?;
    }
    for span in &erasure.devices {
        erased.dead_letters += take_out_letters(connection, span)?;
    }
    for (partition, _epoch) in &erasure.epochs {
        let checkpoints = "DELETE FROM checkpoints WHERE partition = ?1";
        erased.checkpoints += connection.execute(checkpoints, [partition.0])?;
        let parts = "DELETE FROM checkpoint_parts WHERE partition = ?1";
        connection.execute(parts, [partition.0])?;
    }
    for checkpoint in &erasure.checkpoints {
        checkpoints::put(connection, checkpoint)?;
    }
    Ok(erased)
}

/// Puts blocks without the wearer in the place of those that have readings of theirs; positions and times
/// stay, so that the journal can be replayed. Returns how many readings there were.
fn take_out_readings(connection: &Connection, wearer: &str) -> Result<usize, StoreError> {
    let mut erased = 0;
    for row in blocks_of(connection, wearer)? {
        let body: Vec<u8> =
            connection.query_row("SELECT body FROM blocks WHERE rowid = ?1", [row], |row| {
                row.get(0)
            })?;
        let Some((block, readings)) = Block::without(&body, wearer)? else {
            continue;
        };
        erased += readings;
        connection
            .prepare_cached(
                "UPDATE blocks SET observed_from_ms = ?2, observed_to_ms = ?3, keys = ?4, body = ?5
                 WHERE rowid = ?1",
            )?
            .execute(params![
                row,
                block.observed_from_ms,
                block.observed_to_ms,
                block.keys,
                block.body
            ])?;
    }
    connection.execute(
        "DELETE FROM strips WHERE wearer = ?1 AND (partition, run, device) IN
             (SELECT r.partition, r.run, w.device FROM worn AS w
              JOIN runs AS r ON r.partition = w.partition WHERE w.wearer = ?1)",
        [wearer],
    )?;
    // And of a run that was never finished.
    connection.execute(
        "DELETE FROM strips WHERE wearer = ?1 AND (partition, run) IN
             (SELECT partition, filed_position + 1 FROM partition_owners)",
        [wearer],
    )?;
    connection.execute("DELETE FROM worn WHERE wearer = ?1", [wearer])?;
    Ok(erased)
}

/// Rows of the blocks that may have readings of theirs.
fn blocks_of(connection: &Connection, wearer: &str) -> Result<Vec<i64>, StoreError> {
    let mut statement = connection.prepare("SELECT rowid, keys FROM blocks")?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        if Block::may_hold(journal::bytes(row, 1)?, wearer) {
            found.push(row.get(0)?);
        }
    }
    Ok(found)
}

fn alerts(connection: &Connection, wearer: &str) -> Result<Vec<String>, StoreError> {
    let mut statement = connection.prepare("SELECT alert FROM alerts WHERE wearer = ?1")?;
    let rows = statement.query_map([wearer], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The device is a level of the topic.
fn take_out_letters(connection: &Connection, span: &DeviceSpan) -> Result<usize, StoreError> {
    let to = span.to.unwrap_or(model::Timestamp::MAX);
    Ok(connection.execute(
        "DELETE FROM dead_letters
         WHERE received_ms >= ?1 AND received_ms < ?2 AND instr(topic, ?3) > 0",
        params![
            span.from.epoch_ms(),
            to.epoch_ms(),
            format!("/{}/", span.device)
        ],
    )?)
}

/// Writes the file anew, without free pages, and empties the log: what was taken out is in neither.
///
/// # Errors
/// [`StoreError::Unavailable`] when somebody else uses the store.
pub(super) fn compact(path: &Path) -> Result<(), StoreError> {
    let connection = connection::writing(path)?;
    connection.execute_batch("VACUUM")?;
    let busy: bool =
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if busy {
        return Err(StoreError::Unavailable(
            "the rows are erased, but another process reads the store, and its log still holds them: \
             end that process and erase again"
                .to_owned(),
        ));
    }
    Ok(())
}
