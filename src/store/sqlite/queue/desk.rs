//! What operators see of a queue, and put back into it.

use model::NotificationId;
use rusqlite::{Connection, Row, params};

use crate::store::sqlite::record;
use crate::store::value;
use crate::store::{DeadOnes, DeliveryRecord, PeekQuery, Queued, Requeue, StoreError};

const WAITING: &str = "SELECT body, attempt, state, due_ms, dead_ms, dead_reason
     FROM notifications WHERE recipient = ?1 AND state NOT IN ('acknowledged', 'dead')
     ORDER BY number LIMIT ?2";

const DEAD: &str = "SELECT body, attempt, state, due_ms, dead_ms, dead_reason
     FROM notifications WHERE recipient = ?1 AND state = 'dead' ORDER BY number LIMIT ?2";

pub(in crate::store::sqlite) fn peek(
    connection: &Connection,
    query: &PeekQuery,
) -> Result<Vec<Queued>, StoreError> {
    let mut statement = connection.prepare_cached(if query.dead { DEAD } else { WAITING })?;
    let values = params![query.recipient.as_str(), value::limit(query.limit)];
    let mut rows = statement.query(values)?;
    let mut seen = Vec::new();
    while let Some(row) = rows.next()? {
        let reason: Option<String> = row.get(5)?;
        seen.push(Queued {
            notification: value::unjson(&row.get::<_, String>(0)?)?,
            attempt: value::uncount_u32(row.get(1)?)?,
            state: value::queued(&row.get::<_, String>(2)?, row.get(3)?, row.get(4)?, reason)?,
        });
    }
    Ok(seen)
}

pub(in crate::store::sqlite) fn deliveries(
    connection: &Connection,
    notification: NotificationId,
) -> Result<Vec<DeliveryRecord>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT attempt, consumer, claimed_ms, outcome, settled_ms, reason, answer
         FROM deliveries WHERE notification = ?1 ORDER BY attempt",
    )?;
    let mut rows = statement.query([notification.to_string()])?;
    let mut records = Vec::new();
    while let Some(row) = rows.next()? {
        records.push(record_of(row)?);
    }
    Ok(records)
}

fn record_of(row: &Row<'_>) -> Result<DeliveryRecord, StoreError> {
    let settled: Option<i64> = row.get(4)?;
    Ok(DeliveryRecord {
        attempt: value::uncount_u32(row.get(0)?)?,
        consumer: row.get(1)?,
        claimed: value::instant(row.get(2)?)?,
        outcome: row.get(3)?,
        settled: settled.map(value::instant).transpose()?,
        reason: row.get(5)?,
        answer: row.get(6)?,
    })
}

const OF_QUEUE: &str = "UPDATE notifications
     SET state = 'ready', forgiven = attempt, dead_ms = NULL, dead_reason = NULL
     WHERE recipient = ?1 AND state = 'dead'";

const ONE: &str = "UPDATE notifications
     SET state = 'ready', forgiven = attempt, dead_ms = NULL, dead_reason = NULL
     WHERE id = ?1 AND state = 'dead'";

pub(in crate::store::sqlite) fn requeue(
    connection: &Connection,
    requeue: &Requeue,
) -> Result<u64, StoreError> {
    let (sql, name) = match &requeue.which {
        DeadOnes::Of(recipient) => (OF_QUEUE, recipient.to_string()),
        DeadOnes::One(id) => (ONE, id.to_string()),
    };
    let count = connection.prepare_cached(sql)?.execute([name])? as u64;
    record::audit(connection, &requeue.audit_entry(count))?;
    Ok(count)
}
