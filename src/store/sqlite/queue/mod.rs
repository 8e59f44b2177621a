//! The queues: what waits, what is handed out, what is settled.
//!
//! A notification is `ready`, `leased` until its due time, `delayed` until its due time,
//! `acknowledged`, or `dead`. What is past its due time counts as ready, and becomes so at the next
//! claim; or dead, where it was the lease of the last attempt.

mod claim;
mod desk;
mod settle;

use model::{Notification, Recipient, Timestamp};
use rusqlite::{Connection, params};

use crate::store::value;
use crate::store::{QueueStatus, StoreError};

pub(super) use claim::claim;
pub(super) use desk::{deliveries, peek, requeue};
pub(super) use settle::{ack, extend, nack};

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

/// The conditions repeat those of the partial indexes word for word, or these are not used.
const QUEUES: &str = "SELECT q.recipient, q.acknowledged,
         (SELECT count(*) FROM notifications AS n
          WHERE n.recipient = q.recipient AND n.state NOT IN ('acknowledged', 'dead')),
         (SELECT count(*) FROM notifications AS n
          WHERE n.recipient = q.recipient AND n.state IN ('leased', 'delayed')
            AND n.due_ms > ?1 AND n.state = 'leased'),
         (SELECT min(n.decided_ms) FROM notifications AS n
          WHERE n.recipient = q.recipient AND n.state NOT IN ('acknowledged', 'dead')),
         (SELECT count(*) FROM notifications AS n
          WHERE n.recipient = q.recipient AND n.state = 'dead'),
         (SELECT count(*) FROM notifications AS n
          WHERE n.recipient = q.recipient AND n.state NOT IN ('acknowledged', 'dead')
            AND n.notify_by_ms < ?1)
     FROM queues AS q ORDER BY q.recipient";

pub(super) fn queues(
    connection: &Connection,
    now: Timestamp,
) -> Result<Vec<QueueStatus>, StoreError> {
    let mut statement = connection.prepare_cached(QUEUES)?;
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
            dead: value::uncount(row.get(5)?)?,
            late: value::uncount(row.get(6)?)?,
            acknowledged: value::uncount(row.get(1)?)?,
            oldest_unacknowledged: oldest.map(value::instant).transpose()?,
        });
    }
    Ok(queues)
}
