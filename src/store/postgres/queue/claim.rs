//! Handing out.

use deadpool_postgres::Client;
use futures_util::future::try_join5;
use model::{Notification, Timestamp};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use crate::store::postgres::text;
use crate::store::{
    CLAIM_MAX, ClaimRequest, Claimed, Delivery, LEASE_RAN_OUT, Receipt, StoreError, value,
};

/// First key of the advisory locks of queues ("queu"); the second is the queue's hash.
const LOCKS: i32 = 0x7175_6575;

/// A claim does not wait for the disk. Where the server dies before it gets there, what was handed out is ready again, as
/// if its lease had run out; whatever is committed after it, such as that it was acknowledged, takes it along.
const NOT_WAITING: &str = "SELECT set_config('synchronous_commit', 'off', true)";

const LOCK: &str = "SELECT pg_advisory_xact_lock($1, hashtext($2))";

const LET_DIE: &str = "UPDATE notifications
     SET state = 'dead', due_ms = NULL, dead_ms = $2, dead_reason = $4
     WHERE recipient = $1 AND state = 'leased' AND due_ms <= $2 AND attempt - forgiven >= $3
     RETURNING id, attempt";

const MAKE_DUE_READY: &str = "UPDATE notifications SET state = 'ready', due_ms = NULL
     WHERE recipient = $1 AND state IN ('leased', 'delayed') AND due_ms <= $2";

/// Hands out the oldest that are ready, without those that an earlier one about the same wearer holds
/// up, and writes the deliveries down. An earlier one that is ready itself holds nothing up: it is
/// taken before, or both are left.
const HAND_OUT: &str = "WITH next AS (
         SELECT number FROM notifications AS this
         WHERE recipient = $1 AND state = 'ready' AND NOT EXISTS (
             SELECT 1 FROM notifications AS earlier
             WHERE earlier.recipient = this.recipient AND earlier.wearer = this.wearer
               AND earlier.number < this.number AND earlier.state IN ('leased', 'delayed'))
         ORDER BY number LIMIT $2),
     handed_out AS (
         UPDATE notifications AS n SET state = 'leased', due_ms = $5, attempt = attempt + 1
         FROM next WHERE n.number = next.number
         RETURNING n.number, n.id, n.attempt, n.body),
     written_down AS (
         INSERT INTO deliveries (notification, attempt, consumer, claimed_ms, lease_ms)
         SELECT id, attempt, $3, $4, $5 FROM handed_out)
     SELECT attempt, body FROM handed_out ORDER BY number";

pub(in crate::store::postgres) async fn claim(
    client: &mut Client,
    request: &ClaimRequest,
) -> Result<Claimed, StoreError> {
    let recipient = request.recipient.as_str();
    let max = value::limit(request.max.min(CLAIM_MAX));
    let consumer = text(&request.consumer);
    let lease_until = request.now.plus(request.lease);
    let (now_ms, lease_ms) = (request.now.epoch_ms(), lease_until.epoch_ms());
    let attempts_max = i64::from(request.attempts_max);
    let transaction = client.transaction().await?;
    // All prepared before the first round trip, which sends them together, in this order.
    let not_waiting = transaction.prepare_cached(NOT_WAITING).await?;
    let lock = transaction.prepare_cached(LOCK).await?;
    let let_die = transaction.prepare_cached(LET_DIE).await?;
    let due = transaction.prepare_cached(MAKE_DUE_READY).await?;
    let hand_out = transaction.prepare_cached(HAND_OUT).await?;
    let queue: [&(dyn ToSql + Sync); 2] = [&LOCKS, &recipient];
    let dead: [&(dyn ToSql + Sync); 4] = [&recipient, &now_ms, &attempts_max, &LEASE_RAN_OUT];
    let by_now: [&(dyn ToSql + Sync); 2] = [&recipient, &now_ms];
    let wanted: [&(dyn ToSql + Sync); 5] = [&recipient, &max, &consumer, &now_ms, &lease_ms];
    let (_, _, died, _, handed_out) = try_join5(
        transaction.execute(&not_waiting, &[]),
        transaction.execute(&lock, &queue),
        transaction.query(&let_die, &dead),
        transaction.execute(&due, &by_now),
        transaction.query(&hand_out, &wanted),
    )
    .await?;
    let deliveries = handed_out.iter().map(|row| delivery(row, lease_until));
    let claimed = Claimed {
        deliveries: deliveries.collect::<Result<_, StoreError>>()?,
        died: died
            .iter()
            .map(last_attempt)
            .collect::<Result<_, StoreError>>()?,
    };
    transaction.commit().await?;
    Ok(claimed)
}

fn last_attempt(row: &Row) -> Result<Receipt, StoreError> {
    Ok(Receipt {
        notification: value::notification(row.try_get(0)?)?,
        attempt: value::uncount_u32(row.try_get(1)?)?,
    })
}

fn delivery(row: &Row, lease_until: Timestamp) -> Result<Delivery, StoreError> {
    let attempt = value::uncount_u32(row.try_get(0)?)?;
    let notification: Notification = value::unjson(row.try_get(1)?)?;
    Ok(Delivery {
        receipt: Receipt {
            notification: notification.id,
            attempt,
        },
        attempt,
        lease_until,
        notification,
    })
}
