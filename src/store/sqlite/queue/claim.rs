//! Handing out.

use model::{Notification, Recipient, Timestamp};
use rusqlite::{Connection, params};

use crate::store::value;
use crate::store::{
    CLAIM_MAX, ClaimRequest, Claimed, Delivery, LEASE_RAN_OUT, Receipt, StoreError,
};

pub(in crate::store::sqlite) fn claim(
    connection: &Connection,
    request: &ClaimRequest,
) -> Result<Claimed, StoreError> {
    let died = let_die(connection, request)?;
    make_due_ready(connection, &request.recipient, request.now)?;
    let lease_until = request.now.plus(request.lease);
    let waiting = claimable(connection, &request.recipient, request.max.min(CLAIM_MAX))?;
    let deliveries = waiting
        .into_iter()
        .map(|waiting| hand_out(connection, request, lease_until, waiting))
        .collect::<Result<_, StoreError>>()?;
    Ok(Claimed { deliveries, died })
}

/// Gives up what ran out of leases. Returns its last attempts.
fn let_die(connection: &Connection, request: &ClaimRequest) -> Result<Vec<Receipt>, StoreError> {
    let mut statement = connection.prepare_cached(
        "UPDATE notifications SET state = 'dead', due_ms = NULL, dead_ms = ?2, dead_reason = ?4
         WHERE recipient = ?1 AND state IN ('leased', 'delayed') AND due_ms <= ?2
           AND state = 'leased' AND attempt - forgiven >= ?3
         RETURNING id, attempt",
    )?;
    let mut rows = statement.query(params![
        request.recipient.as_str(),
        request.now.epoch_ms(),
        request.attempts_max,
        LEASE_RAN_OUT
    ])?;
    let mut died = Vec::new();
    while let Some(row) = rows.next()? {
        died.push(Receipt {
            notification: value::notification(&row.get::<_, String>(0)?)?,
            attempt: value::uncount_u32(row.get(1)?)?,
        });
    }
    Ok(died)
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
