//! Settling what was handed out.

use deadpool_postgres::Client;
use model::Timestamp;
use tokio_postgres::types::ToSql;

use crate::store::postgres::text;
use crate::store::{Again, Fate, GiveBack, QueueError, Receipt, StoreError};

const ACK: &str = "WITH settled AS (
         UPDATE notifications SET state = 'acknowledged', due_ms = NULL, acknowledged_ms = $3
         WHERE id = $1 AND attempt = $2 AND state = 'leased' AND due_ms > $3
         RETURNING recipient),
     counted AS (
         UPDATE queues SET acknowledged = acknowledged + 1
         FROM settled WHERE queues.recipient = settled.recipient),
     written_down AS (
         UPDATE deliveries SET outcome = 'acknowledged', settled_ms = $3, answer = $4
         FROM settled WHERE notification = $1 AND deliveries.attempt = $2)
     SELECT count(*) FROM settled";

pub(in crate::store::postgres) async fn ack(
    client: &Client,
    receipt: &Receipt,
    answer: Option<&str>,
    now: Timestamp,
) -> Result<(), QueueError> {
    let (id, attempt) = key(receipt);
    let answer = answer.map(text);
    let values: [&(dyn ToSql + Sync); 4] = [&id, &attempt, &now.epoch_ms(), &answer];
    if settled(client, ACK, &values).await? {
        return Ok(());
    }
    match standing(client, &id, attempt).await? {
        Standing::Acknowledged => Ok(()),
        Standing::NeverGivenOut => Err(QueueError::Unknown),
        Standing::GoneBy => Err(QueueError::Expired),
    }
}

/// $4: claimable again from then on, null where it dies; $5: how many attempts it may have, null
/// where it dies or this one does not count.
const NACK: &str = "WITH fate AS (
         SELECT id, $4::bigint IS NULL OR coalesce(attempt - forgiven >= $5::bigint, false) AS dead
         FROM notifications
         WHERE id = $1 AND attempt = $2 AND state = 'leased' AND due_ms > $3 FOR UPDATE),
     settled AS (
         UPDATE notifications AS n
         SET state = CASE WHEN dead THEN 'dead' ELSE 'delayed' END,
             due_ms = CASE WHEN NOT dead THEN $4::bigint END,
             dead_ms = CASE WHEN dead THEN $3::bigint END,
             dead_reason = CASE WHEN dead THEN $6::text END,
             forgiven = forgiven + CASE WHEN NOT dead AND $5::bigint IS NULL THEN 1 ELSE 0 END
         FROM fate WHERE n.id = fate.id RETURNING dead),
     written_down AS (
         UPDATE deliveries SET outcome = 'given_back', settled_ms = $3, reason = $6
         FROM settled WHERE notification = $1 AND deliveries.attempt = $2)
     SELECT dead FROM settled";

pub(in crate::store::postgres) async fn nack(
    client: &Client,
    back: &GiveBack,
) -> Result<Fate, QueueError> {
    let (id, attempt) = key(&back.receipt);
    let now_ms = back.now.epoch_ms();
    let (again_ms, attempts_max) = match back.again {
        Again::Retry { at, attempts_max } => (Some(at.epoch_ms()), Some(i64::from(attempts_max))),
        Again::Untried { at } => (Some(at.epoch_ms()), None),
        Again::Never => (None, None),
    };
    let reason = text(&back.reason);
    let values: [&(dyn ToSql + Sync); 6] =
        [&id, &attempt, &now_ms, &again_ms, &attempts_max, &reason];
    let statement = client
        .prepare_cached(NACK)
        .await
        .map_err(StoreError::from)?;
    let row = client.query_opt(&statement, &values).await;
    let Some(row) = row.map_err(StoreError::from)? else {
        return Err(refusal(client, &id, attempt).await?);
    };
    let dead = row.try_get(0).map_err(StoreError::from)?;
    Ok(if dead { Fate::Dead } else { Fate::Waits })
}

const EXTEND: &str = "WITH settled AS (
         UPDATE notifications SET due_ms = $4
         WHERE id = $1 AND attempt = $2 AND state = 'leased' AND due_ms > $3
         RETURNING recipient),
     written_down AS (
         UPDATE deliveries SET lease_ms = $4
         FROM settled WHERE notification = $1 AND deliveries.attempt = $2)
     SELECT count(*) FROM settled";

pub(in crate::store::postgres) async fn extend(
    client: &Client,
    receipt: &Receipt,
    until: Timestamp,
    now: Timestamp,
) -> Result<(), QueueError> {
    let (id, attempt) = key(receipt);
    let values: [&(dyn ToSql + Sync); 4] = [&id, &attempt, &now.epoch_ms(), &until.epoch_ms()];
    if settled(client, EXTEND, &values).await? {
        return Ok(());
    }
    Err(refusal(client, &id, attempt).await?)
}

/// Why a receipt holds nothing.
async fn refusal(client: &Client, id: &str, attempt: i64) -> Result<QueueError, StoreError> {
    Ok(match standing(client, id, attempt).await? {
        Standing::Acknowledged => QueueError::Settled,
        Standing::NeverGivenOut => QueueError::Unknown,
        Standing::GoneBy => QueueError::Expired,
    })
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
