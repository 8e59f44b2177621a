//! What operators see of a queue, and put back into it.

use deadpool_postgres::Client;
use model::NotificationId;
use tokio_postgres::Row;

use crate::store::postgres::record;
use crate::store::{DeadOnes, DeliveryRecord, PeekQuery, Queued, Requeue, StoreError, value};

const WAITING: &str = "SELECT body, attempt, state, due_ms, dead_ms, dead_reason
     FROM notifications WHERE recipient = $1 AND state NOT IN ('acknowledged', 'dead')
     ORDER BY number LIMIT $2";

const DEAD: &str = "SELECT body, attempt, state, due_ms, dead_ms, dead_reason
     FROM notifications WHERE recipient = $1 AND state = 'dead' ORDER BY number LIMIT $2";

pub(in crate::store::postgres) async fn peek(
    client: &Client,
    query: &PeekQuery,
) -> Result<Vec<Queued>, StoreError> {
    let sql = if query.dead { DEAD } else { WAITING };
    let statement = client.prepare_cached(sql).await?;
    let (recipient, limit) = (query.recipient.as_str(), value::limit(query.limit));
    let rows = client.query(&statement, &[&recipient, &limit]).await?;
    rows.iter().map(queued).collect()
}

fn queued(row: &Row) -> Result<Queued, StoreError> {
    Ok(Queued {
        notification: value::unjson(row.try_get(0)?)?,
        attempt: value::uncount_u32(row.try_get(1)?)?,
        state: value::queued(
            row.try_get(2)?,
            row.try_get(3)?,
            row.try_get(4)?,
            row.try_get(5)?,
        )?,
    })
}

pub(in crate::store::postgres) async fn deliveries(
    client: &Client,
    notification: NotificationId,
) -> Result<Vec<DeliveryRecord>, StoreError> {
    let statement = client
        .prepare_cached(
            "SELECT attempt, consumer, claimed_ms, outcome, settled_ms, reason, answer
             FROM deliveries WHERE notification = $1 ORDER BY attempt",
        )
        .await?;
    let rows = client
        .query(&statement, &[&notification.to_string()])
        .await?;
    rows.iter().map(record_of).collect()
}

fn record_of(row: &Row) -> Result<DeliveryRecord, StoreError> {
    let settled: Option<i64> = row.try_get(4)?;
    Ok(DeliveryRecord {
        attempt: value::uncount_u32(row.try_get(0)?)?,
        consumer: row.try_get(1)?,
        claimed: value::instant(row.try_get(2)?)?,
        outcome: row.try_get(3)?,
        settled: settled.map(value::instant).transpose()?,
        reason: row.try_get(5)?,
        answer: row.try_get(6)?,
    })
}

const OF_QUEUE: &str = "UPDATE notifications
     SET state = 'ready', forgiven = attempt, dead_ms = NULL, dead_reason = NULL
     WHERE recipient = $1 AND state = 'dead'";

const ONE: &str = "UPDATE notifications
     SET state = 'ready', forgiven = attempt, dead_ms = NULL, dead_reason = NULL
     WHERE id = $1 AND state = 'dead'";

pub(in crate::store::postgres) async fn requeue(
    client: &mut Client,
    requeue: &Requeue,
) -> Result<u64, StoreError> {
    let (sql, name) = match &requeue.which {
        DeadOnes::Of(recipient) => (OF_QUEUE, recipient.to_string()),
        DeadOnes::One(id) => (ONE, id.to_string()),
    };
    let transaction = client.transaction().await?;
    let statement = transaction.prepare_cached(sql).await?;
    let count = transaction.execute(&statement, &[&name]).await?;
    record::audit(&transaction, &requeue.audit_entry(count)).await?;
    transaction.commit().await?;
    Ok(count)
}
