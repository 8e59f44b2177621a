//! The queues: what waits, what is handed out, what is settled.
//!
//! A notification is `ready`, `leased` until its due time, `delayed` until its due time, or
//! `acknowledged`. What is past its due time counts as ready, and becomes so at the next claim.

use model::{Notification, Recipient, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use crate::store::value;
use crate::store::{
    CLAIM_MAX, ClaimRequest, Delivery, QueueError, QueueStatus, Receipt, StoreError,
};

/// Puts a notification at the end of its recipient's queue, unless it is there already.
pub(super) fn insert(
    connection: &Connection,
    notification: &Notification,
) -> Result<(), StoreError> {
    let decision = &notification.decision;
    let recipient = notification.recipient.as_str();
    connection
        .prepare_cached(
            "INSERT INTO notifications
                 (id, recipient, wearer, alert, revision, severity, notify_by_ms, decided_ms, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT (id) DO NOTHING",
        )?
        .execute(params![
            notification.id.to_string(),
            recipient,
            decision.wearer.as_str(),
            decision.alert.to_string(),
            decision.revision,
            notification.severity.as_str(),
            notification.notify_by.map(Timestamp::epoch_ms),
            decision.decided.epoch_ms(),
            value::body(notification)?,
        ])?;
    connection
        .prepare_cached("INSERT INTO queues (recipient) VALUES (?1) ON CONFLICT DO NOTHING")?
        .execute([recipient])?;
    Ok(())
}

pub(super) fn claim(
    connection: &Connection,
    request: &ClaimRequest,
) -> Result<Vec<Delivery>, StoreError> {
    make_due_ready(connection, &request.recipient, request.now)?;
    let lease_until = request.now.plus(request.lease);
    claimable(connection, &request.recipient, request.max.min(CLAIM_MAX))?
        .into_iter()
        .map(|waiting| hand_out(connection, request, lease_until, waiting))
        .collect()
}

fn make_due_ready(
    connection: &Connection,
    recipient: &Recipient,
    now: Timestamp,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "UPDATE notifications SET state = 'ready', due_ms = NULL
             WHERE recipient = ?1 AND state IN ('leased', 'delayed') AND due_ms <= ?2",
        )?
        .execute(params![recipient.as_str(), now.epoch_ms()])?;
    Ok(())
}

/// A notification about to be handed out.
struct Waiting {
    number: i64,
    attempts: u32,
    notification: Notification,
}

/// The oldest that are ready, without those that an earlier one about the same wearer holds up.
/// An earlier one that is ready itself holds nothing up: it is taken before, or both are left.
fn claimable(
    connection: &Connection,
    recipient: &Recipient,
    max: usize,
) -> Result<Vec<Waiting>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT number, attempt, body FROM notifications AS this
         WHERE recipient = ?1 AND state = 'ready' AND NOT EXISTS (
             SELECT 1 FROM notifications AS earlier
             WHERE earlier.recipient = this.recipient AND earlier.wearer = this.wearer
               AND earlier.number < this.number AND earlier.state IN ('leased', 'delayed'))
         ORDER BY number LIMIT ?2",
    )?;
    let mut rows = statement.query(params![recipient.as_str(), value::limit(max)])?;
    let mut waiting = Vec::new();
    while let Some(row) = rows.next()? {
        waiting.push(Waiting {
            number: row.get(0)?,
            attempts: value::uncount_u32(row.get(1)?)?,
            notification: value::unjson(&row.get::<_, String>(2)?)?,
        });
    }
    Ok(waiting)
}

fn hand_out(
    connection: &Connection,
    request: &ClaimRequest,
    lease_until: Timestamp,
    waiting: Waiting,
) -> Result<Delivery, StoreError> {
    let attempt = waiting.attempts + 1;
    connection
        .prepare_cached(
            "UPDATE notifications SET state = 'leased', due_ms = ?2, attempt = ?3
             WHERE number = ?1",
        )?
        .execute(params![waiting.number, lease_until.epoch_ms(), attempt])?;
    connection
        .prepare_cached(
            "INSERT INTO deliveries (notification, attempt, consumer, claimed_ms, lease_ms)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            waiting.notification.id.to_string(),
            attempt,
            request.consumer,
            request.now.epoch_ms(),
            lease_until.epoch_ms(),
        ])?;
    Ok(Delivery {
        receipt: Receipt {
            notification: waiting.notification.id,
            attempt,
        },
        attempt,
        lease_until,
        notification: waiting.notification,
    })
}

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

pub(super) fn ack(
    connection: &Connection,
    receipt: &Receipt,
    now: Timestamp,
) -> Result<(), QueueError> {
    if standing(connection, receipt, now)? == Standing::Acknowledged {
        return Ok(());
    }
    acknowledge(connection, receipt, now)?;
    Ok(settle(connection, receipt, "acknowledged", None, now)?)
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

pub(super) fn nack(
    connection: &Connection,
    receipt: &Receipt,
    reason: &str,
    again_at: Timestamp,
    now: Timestamp,
) -> Result<(), QueueError> {
    if standing(connection, receipt, now)? == Standing::Acknowledged {
        return Err(QueueError::Settled);
    }
    give_back(connection, receipt, again_at)?;
    Ok(settle(
        connection,
        receipt,
        "given_back",
        Some(reason),
        now,
    )?)
}

fn give_back(
    connection: &Connection,
    receipt: &Receipt,
    again_at: Timestamp,
) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE notifications SET state = 'delayed', due_ms = ?2 WHERE id = ?1")?
        .execute(params![
            receipt.notification.to_string(),
            again_at.epoch_ms()
        ])?;
    Ok(())
}

fn settle(
    connection: &Connection,
    receipt: &Receipt,
    outcome: &str,
    reason: Option<&str>,
    now: Timestamp,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "UPDATE deliveries SET outcome = ?3, settled_ms = ?4, reason = ?5
             WHERE notification = ?1 AND attempt = ?2",
        )?
        .execute(params![
            receipt.notification.to_string(),
            receipt.attempt,
            outcome,
            now.epoch_ms(),
            reason,
        ])?;
    Ok(())
}

pub(super) fn queues(
    connection: &Connection,
    now: Timestamp,
) -> Result<Vec<QueueStatus>, StoreError> {
    // The conditions repeat those of the partial indexes word for word, or these are not used.
    let mut statement = connection.prepare_cached(
        "SELECT q.recipient, q.acknowledged,
             (SELECT count(*) FROM notifications AS n
              WHERE n.recipient = q.recipient AND n.state <> 'acknowledged'),
             (SELECT count(*) FROM notifications AS n
              WHERE n.recipient = q.recipient AND n.state IN ('leased', 'delayed')
                AND n.due_ms > ?1 AND n.state = 'leased'),
             (SELECT min(n.decided_ms) FROM notifications AS n
              WHERE n.recipient = q.recipient AND n.state <> 'acknowledged')
         FROM queues AS q ORDER BY q.recipient",
    )?;
    let mut rows = statement.query([now.epoch_ms()])?;
    let mut queues = Vec::new();
    while let Some(row) = rows.next()? {
        let waiting = value::uncount(row.get(2)?)?;
        let leased = value::uncount(row.get(3)?)?;
        let oldest: Option<i64> = row.get(4)?;
        queues.push(QueueStatus {
            recipient: value::known(Recipient::new(row.get::<_, String>(0)?))?,
            ready: waiting.saturating_sub(leased),
            leased,
            acknowledged: value::uncount(row.get(1)?)?,
            oldest_unacknowledged: oldest.map(value::instant).transpose()?,
        });
    }
    Ok(queues)
}
