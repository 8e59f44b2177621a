//! The queues: what waits, what is handed out, what is settled.
//!
//! A notification is `ready`, `leased` until its due time, `delayed` until its due time,
//! `acknowledged`, or `dead`. What is past its due time counts as ready, and becomes so at the next
//! claim; or dead, where it was the lease of the last attempt.
//!
//! Claims to one queue take turns under an advisory lock. Skipping rows that others have locked
//! instead would hand a wearer's second notification out while the first is being claimed elsewhere.

mod claim;
mod desk;
mod settle;

use deadpool_postgres::{Client, Transaction};
use model::{Notification, Recipient, Timestamp};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use crate::store::{QueueStatus, StoreError, value};

pub(super) use claim::claim;
pub(super) use desk::{deliveries, peek, requeue};
pub(super) use settle::{ack, extend, nack};

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

pub(super) async fn queues(
    client: &Client,
    now: Timestamp,
) -> Result<Vec<QueueStatus>, StoreError> {
    let statement = client
        .prepare_cached(
            "SELECT q.recipient, q.acknowledged, count(n.number),
                 count(n.number) FILTER (WHERE n.state = 'leased' AND n.due_ms > $1),
                 min(n.decided_ms), count(n.number) FILTER (WHERE n.notify_by_ms < $1),
                 (SELECT count(*) FROM notifications AS d
                  WHERE d.recipient = q.recipient AND d.state = 'dead')
             FROM queues AS q LEFT JOIN notifications AS n
                 ON n.recipient = q.recipient AND n.state NOT IN ('acknowledged', 'dead')
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
        dead: value::uncount(row.try_get(6)?)?,
        late: value::uncount(row.try_get(5)?)?,
        acknowledged: value::uncount(row.try_get(1)?)?,
        oldest_unacknowledged: oldest.map(value::instant).transpose()?,
    })
}
