//! Settling what was handed out.

use model::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use crate::store::{Again, Fate, GiveBack, QueueError, Receipt, StoreError};

/// How a receipt stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// Its lease runs.
    Held,
    /// It was acknowledged by this very receipt.
    Acknowledged,
}

fn standing(
    connection: &Connection,
    receipt: &Receipt,
    now: Timestamp,
) -> Result<Standing, QueueError> {
    let row: Option<(u32, String, Option<i64>)> = connection
        .prepare_cached("SELECT attempt, state, due_ms FROM notifications WHERE id = ?1")
        .and_then(|mut statement| {
            statement
                .query_row([receipt.notification.to_string()], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
                })
                .optional()
        })
        .map_err(StoreError::from)?;
    let Some((newest, state, due)) = row else {
        return Err(QueueError::Unknown);
    };
    if receipt.attempt == 0 || receipt.attempt > newest {
        return Err(QueueError::Unknown);
    }
    let current = receipt.attempt == newest;
    match (current, state.as_str()) {
        (true, "acknowledged") => Ok(Standing::Acknowledged),
        (true, "leased") if due.is_some_and(|due| now.epoch_ms() < due) => Ok(Standing::Held),
        _ => Err(QueueError::Expired),
    }
}

pub(in crate::store::sqlite) fn ack(
    connection: &Connection,
    receipt: &Receipt,
    answer: Option<&str>,
    now: Timestamp,
) -> Result<(), QueueError> {
    if standing(connection, receipt, now)? == Standing::Acknowledged {
        return Ok(());
    }
    acknowledge(connection, receipt, now)?;
    let settled = Settled {
        outcome: "acknowledged",
        reason: None,
        answer,
        now,
    };
    Ok(settle(connection, receipt, &settled)?)
}

fn acknowledge(
    connection: &Connection,
    receipt: &Receipt,
    now: Timestamp,
) -> Result<(), StoreError> {
    let recipient: String = connection
        .prepare_cached(
            "UPDATE notifications
             SET state = 'acknowledged', due_ms = NULL, acknowledged_ms = ?2
             WHERE id = ?1 RETURNING recipient",
        )?
        .query_row(
            params![receipt.notification.to_string(), now.epoch_ms()],
            |row| row.get(0),
        )?;
    connection
        .prepare_cached("UPDATE queues SET acknowledged = acknowledged + 1 WHERE recipient = ?1")?
        .execute([recipient])?;
    Ok(())
}

pub(in crate::store::sqlite) fn nack(
    connection: &Connection,
    back: &GiveBack,
) -> Result<Fate, QueueError> {
    held(connection, &back.receipt, back.now)?;
    let settled = Settled {
        outcome: "given_back",
        reason: Some(&back.reason),
        answer: None,
        now: back.now,
    };
    settle(connection, &back.receipt, &settled)?;
    Ok(give_back(connection, back)?)
}

pub(in crate::store::sqlite) fn extend(
    connection: &Connection,
    receipt: &Receipt,
    until: Timestamp,
    now: Timestamp,
) -> Result<(), QueueError> {
    held(connection, receipt, now)?;
    let id = receipt.notification.to_string();
    let until_ms = until.epoch_ms();
    connection
        .prepare_cached("UPDATE notifications SET due_ms = ?2 WHERE id = ?1")
        .and_then(|mut statement| statement.execute(params![id, until_ms]))
        .map_err(StoreError::from)?;
    connection
        .prepare_cached(
            "UPDATE deliveries SET lease_ms = ?3 WHERE notification = ?1 AND attempt = ?2",
        )
        .and_then(|mut statement| statement.execute(params![id, receipt.attempt, until_ms]))
        .map_err(StoreError::from)?;
    Ok(())
}

/// Refuses a receipt that holds nothing.
fn held(connection: &Connection, receipt: &Receipt, now: Timestamp) -> Result<(), QueueError> {
    match standing(connection, receipt, now)? {
        Standing::Held => Ok(()),
        Standing::Acknowledged => Err(QueueError::Settled),
    }
}

fn give_back(connection: &Connection, back: &GiveBack) -> Result<Fate, StoreError> {
    match back.again {
        Again::Retry { at, attempts_max } => {
            if tries(connection, &back.receipt)? >= attempts_max {
                bury(connection, back)
            } else {
                delay(connection, &back.receipt, at, 0)
            }
        }
        Again::Untried { at } => delay(connection, &back.receipt, at, 1),
        Again::Never => bury(connection, back),
    }
}

/// The attempts that count.
fn tries(connection: &Connection, receipt: &Receipt) -> Result<u32, StoreError> {
    let tries = connection
        .prepare_cached("SELECT attempt - forgiven FROM notifications WHERE id = ?1")?
        .query_row([receipt.notification.to_string()], |row| row.get(0))?;
    Ok(tries)
}

fn delay(
    connection: &Connection,
    receipt: &Receipt,
    at: Timestamp,
    forgiven: u32,
) -> Result<Fate, StoreError> {
    connection
        .prepare_cached(
            "UPDATE notifications SET state = 'delayed', due_ms = ?2, forgiven = forgiven + ?3
             WHERE id = ?1",
        )?
        .execute(params![
            receipt.notification.to_string(),
            at.epoch_ms(),
            forgiven
        ])?;
    Ok(Fate::Waits)
}

fn bury(connection: &Connection, back: &GiveBack) -> Result<Fate, StoreError> {
    connection
        .prepare_cached(
            "UPDATE notifications
             SET state = 'dead', due_ms = NULL, dead_ms = ?2, dead_reason = ?3 WHERE id = ?1",
        )?
        .execute(params![
            back.receipt.notification.to_string(),
            back.now.epoch_ms(),
            back.reason
        ])?;
    Ok(Fate::Dead)
}

/// What comes of a delivery.
struct Settled<'a> {
    outcome: &'static str,
    reason: Option<&'a str>,
    answer: Option<&'a str>,
    now: Timestamp,
}

fn settle(
    connection: &Connection,
    receipt: &Receipt,
    settled: &Settled<'_>,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "UPDATE deliveries SET outcome = ?3, settled_ms = ?4, reason = ?5, answer = ?6
             WHERE notification = ?1 AND attempt = ?2",
        )?
        .execute(params![
            receipt.notification.to_string(),
            receipt.attempt,
            settled.outcome,
            settled.now.epoch_ms(),
            settled.reason,
            settled.answer,
        ])?;
    Ok(())
}
