//! The queues: what waits, what is handed out, what is settled.
//!
//! A notification is `ready`, `leased` until its due time, `delayed` until its due time, or
//! `acknowledged`. What is past its due time counts as ready, and becomes so at the next claim.
//!
//! Claims to one queue take turns under an advisory lock. Skipping rows that others have locked
//! instead would hand a wearer's second notification out while the first is being claimed elsewhere.

use deadpool_postgres::{Client, Transaction};
use model::{Notification, Recipient, Timestamp};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use crate::store::{
    CLAIM_MAX, ClaimRequest, Delivery, QueueError, QueueStatus, Receipt, StoreError, value,
};

/// First key of the advisory locks of queues ("queu"); the second is the queue's hash.
const LOCKS: i32 = 0x7175_6575;

const INSERT: &str = "INSERT INTO notifications
         (id, recipient, wearer, alert, revision, severity, notify_by_ms, decided_ms, body)
     SELECT id, recipient, wearer, alert, revision, severity, notify_by_ms, decided_ms, body
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[],
             $7::bigint[], $8::bigint[], $9::text[])
         WITH ORDINALITY AS u (id, recipient, wearer, alert, revision, severity, notify_by_ms,
             decided_ms, body, place)
     ORDER BY place ON CONFLICT (id) DO NOTHING";

/// In order, so that two commits never wait for each other.
const NAME: &str = "INSERT INTO queues (recipient)
     SELECT DISTINCT recipient FROM unnest($1::text[]) AS u (recipient) ORDER BY recipient
     ON CONFLICT (recipient) DO NOTHING";

/// Puts notifications at the end of their recipients' queues, unless they are there already.
pub(super) async fn put(
    transaction: &Transaction<'_>,
    notifications: &[&Notification],
) -> Result<(), StoreError> {
    let mut rows = NotificationRows::default();
    for notification in notifications {
        rows.push(notification)?;
    }
    if rows.ids.is_empty() {
        return Ok(());
    }
    let name = transaction.prepare_cached(NAME).await?;
    let insert = transaction.prepare_cached(INSERT).await?;
    let recipients: [&(dyn ToSql + Sync); 1] = [&rows.recipients];
    let columns = rows.columns();
    futures_util::future::try_join(
        transaction.execute(&name, &recipients),
        transaction.execute(&insert, &columns),
    )
    .await?;
    Ok(())
}

#[derive(Default)]
struct NotificationRows {
    ids: Vec<String>,
    recipients: Vec<String>,
    wearers: Vec<String>,
    alerts: Vec<String>,
    revisions: Vec<i64>,
    severities: Vec<&'static str>,
    notify_by_ms: Vec<Option<i64>>,
    decided_ms: Vec<i64>,
    bodies: Vec<String>,
}

impl NotificationRows {
    fn push(&mut self, notification: &Notification) -> Result<(), StoreError> {
        let decision = &notification.decision;
        self.ids.push(notification.id.to_string());
        self.recipients
            .push(notification.recipient.as_str().to_owned());
        self.wearers.push(decision.wearer.to_string());
        self.alerts.push(decision.alert.to_string());
        self.revisions.push(decision.revision.into());
        self.severities.push(notification.severity.as_str());
        self.notify_by_ms
            .push(notification.notify_by.map(Timestamp::epoch_ms));
        self.decided_ms.push(decision.decided.epoch_ms());
        self.bodies.push(value::body(notification)?);
        Ok(())
    }

    fn columns(&self) -> [&(dyn ToSql + Sync); 9] {
        [
            &self.ids,
            &self.recipients,
            &self.wearers,
            &self.alerts,
            &self.revisions,
            &self.severities,
            &self.notify_by_ms,
            &self.decided_ms,
            &self.bodies,
        ]
    }
}

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

pub(super) async fn claim(
    client: &mut Client,
    request: &ClaimRequest,
) -> Result<Vec<Delivery>, StoreError> {
    let recipient = request.recipient.as_str();
    let max = value::limit(request.max.min(CLAIM_MAX));
    let consumer = super::text(&request.consumer);
    let lease_until = request.now.plus(request.lease);
    let (now_ms, lease_ms) = (request.now.epoch_ms(), lease_until.epoch_ms());
    let transaction = client.transaction().await?;
    let lock = transaction
        .prepare_cached("SELECT pg_advisory_xact_lock($1, hashtext($2))")
        .await?;
    transaction.execute(&lock, &[&LOCKS, &recipient]).await?;
    let due = transaction.prepare_cached(MAKE_DUE_READY).await?;
    transaction.execute(&due, &[&recipient, &now_ms]).await?;
    let hand_out = transaction.prepare_cached(HAND_OUT).await?;
    let rows = transaction
        .query(
            &hand_out,
            &[&recipient, &max, &consumer, &now_ms, &lease_ms],
        )
        .await?;
    let deliveries = rows.iter().map(|row| delivery(row, lease_until)).collect();
    transaction.commit().await?;
    deliveries
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

const ACK: &str = "WITH settled AS (
         UPDATE notifications SET state = 'acknowledged', due_ms = NULL, acknowledged_ms = $3
         WHERE id = $1 AND attempt = $2 AND state = 'leased' AND due_ms > $3
         RETURNING recipient),
     counted AS (
         UPDATE queues SET acknowledged = acknowledged + 1
         FROM settled WHERE queues.recipient = settled.recipient),
     written_down AS (
         UPDATE deliveries SET outcome = 'acknowledged', settled_ms = $3
         FROM settled WHERE notification = $1 AND deliveries.attempt = $2)
     SELECT count(*) FROM settled";

pub(super) async fn ack(
    client: &Client,
    receipt: &Receipt,
    now: Timestamp,
) -> Result<(), QueueError> {
    let (id, attempt) = key(receipt);
    let values: [&(dyn ToSql + Sync); 3] = [&id, &attempt, &now.epoch_ms()];
    if settled(client, ACK, &values).await? {
        return Ok(());
    }
    match standing(client, &id, attempt).await? {
        Standing::Acknowledged => Ok(()),
        Standing::NeverGivenOut => Err(QueueError::Unknown),
        Standing::GoneBy => Err(QueueError::Expired),
    }
}

const NACK: &str = "WITH settled AS (
         UPDATE notifications SET state = 'delayed', due_ms = $4
         WHERE id = $1 AND attempt = $2 AND state = 'leased' AND due_ms > $3
         RETURNING recipient),
     written_down AS (
         UPDATE deliveries SET outcome = 'given_back', settled_ms = $3, reason = $5
         FROM settled WHERE notification = $1 AND deliveries.attempt = $2)
     SELECT count(*) FROM settled";

pub(super) async fn nack(
    client: &Client,
    receipt: &Receipt,
    reason: &str,
    again_at: Timestamp,
    now: Timestamp,
) -> Result<(), QueueError> {
    let (id, attempt) = key(receipt);
    let (now_ms, again_ms) = (now.epoch_ms(), again_at.epoch_ms());
    let reason = super::text(reason);
    let values: [&(dyn ToSql + Sync); 5] = [&id, &attempt, &now_ms, &again_ms, &reason];
    if settled(client, NACK, &values).await? {
        return Ok(());
    }
    match standing(client, &id, attempt).await? {
        Standing::Acknowledged => Err(QueueError::Settled),
        Standing::NeverGivenOut => Err(QueueError::Unknown),
        Standing::GoneBy => Err(QueueError::Expired),
    }
}

fn key(receipt: &Receipt) -> (String, i64) {
    (receipt.notification.to_string(), receipt.attempt.into())
}

async fn settled(
    client: &Client,
    sql: &str,
    values: &[&(dyn ToSql + Sync)],
) -> Result<bool, StoreError> {
    let statement = client.prepare_cached(sql).await?;
    let settled: i64 = client.query_one(&statement, values).await?.try_get(0)?;
    Ok(settled > 0)
}

/// How a receipt stands that settles nothing.
enum Standing {
    /// It was acknowledged by this very receipt.
    Acknowledged,
    NeverGivenOut,
    GoneBy,
}

async fn standing(client: &Client, id: &str, attempt: i64) -> Result<Standing, StoreError> {
    let statement = client
        .prepare_cached("SELECT attempt, state FROM notifications WHERE id = $1")
        .await?;
    let Some(row) = client.query_opt(&statement, &[&id]).await? else {
        return Ok(Standing::NeverGivenOut);
    };
    let newest: i64 = row.try_get(0)?;
    let state: &str = row.try_get(1)?;
    Ok(if attempt == 0 || attempt > newest {
        Standing::NeverGivenOut
    } else if attempt == newest && state == "acknowledged" {
        Standing::Acknowledged
    } else {
        Standing::GoneBy
    })
}

pub(super) async fn queues(
    client: &Client,
    now: Timestamp,
) -> Result<Vec<QueueStatus>, StoreError> {
    let statement = client
        .prepare_cached(
            "SELECT q.recipient, q.acknowledged, count(n.number),
                 count(n.number) FILTER (WHERE n.state = 'leased' AND n.due_ms > $1),
                 min(n.decided_ms)
             FROM queues AS q LEFT JOIN notifications AS n
                 ON n.recipient = q.recipient AND n.state <> 'acknowledged'
             GROUP BY q.recipient ORDER BY q.recipient COLLATE \"C\"",
        )
        .await?;
    let rows = client.query(&statement, &[&now.epoch_ms()]).await?;
    rows.iter().map(status).collect()
}

fn status(row: &Row) -> Result<QueueStatus, StoreError> {
    let waiting = value::uncount(row.try_get(2)?)?;
    let leased = value::uncount(row.try_get(3)?)?;
    let oldest: Option<i64> = row.try_get(4)?;
    Ok(QueueStatus {
        recipient: value::known(Recipient::new(row.try_get::<_, &str>(0)?))?,
        ready: waiting.saturating_sub(leased),
        leased,
        acknowledged: value::uncount(row.try_get(1)?)?,
        oldest_unacknowledged: oldest.map(value::instant).transpose()?,
    })
}
