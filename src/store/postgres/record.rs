//! Dead letters and the audit trail.

use deadpool_postgres::{Client, GenericClient};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use crate::store::{AuditEntry, DeadLetter, DeadLetterRecord, StoreError, value};

/// In the order given.
pub(super) async fn bury(
    client: &impl GenericClient,
    letters: &[DeadLetter],
) -> Result<(), StoreError> {
    if letters.is_empty() {
        return Ok(());
    }
    let received_ms: Vec<i64> = letters.iter().map(|l| l.received_at.epoch_ms()).collect();
    let topics: Vec<_> = letters.iter().map(|l| super::text(&l.topic)).collect();
    let reasons: Vec<&str> = letters.iter().map(|l| l.reason.as_str()).collect();
    let details: Vec<_> = letters.iter().map(|l| super::text(&l.detail)).collect();
    let payloads: Vec<&[u8]> = letters.iter().map(|l| l.payload.as_slice()).collect();
    let statement = client
        .prepare_cached(
            "INSERT INTO dead_letters (received_ms, topic, reason, detail, payload)
             SELECT received_ms, topic, reason, detail, payload
             FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::bytea[])
                 WITH ORDINALITY AS u (received_ms, topic, reason, detail, payload, place)
             ORDER BY place",
        )
        .await?;
    let columns: [&(dyn ToSql + Sync); 5] = [&received_ms, &topics, &reasons, &details, &payloads];
    client.execute(&statement, &columns).await?;
    Ok(())
}

pub(super) async fn dead_letters(
    client: &Client,
    limit: usize,
) -> Result<Vec<DeadLetterRecord>, StoreError> {
    let statement = client
        .prepare_cached(
            "SELECT id, received_ms, topic, payload, reason, detail FROM dead_letters
             ORDER BY id DESC LIMIT $1",
        )
        .await?;
    let rows = client.query(&statement, &[&value::limit(limit)]).await?;
    rows.iter().map(dead_letter).collect()
}

fn dead_letter(row: &Row) -> Result<DeadLetterRecord, StoreError> {
    Ok(DeadLetterRecord {
        id: value::uncount(row.try_get(0)?)?,
        received_at: value::instant(row.try_get(1)?)?,
        topic: row.try_get(2)?,
        payload: row.try_get(3)?,
        reason: value::name(row.try_get(4)?)?,
        detail: row.try_get(5)?,
    })
}

pub(super) async fn audit(
    client: &impl GenericClient,
    entry: &AuditEntry,
) -> Result<(), StoreError> {
    let [actor, action, subject] =
        [&entry.actor, &entry.action, &entry.subject].map(|text| super::text(text));
    let reason = entry.reason.as_deref().map(super::text);
    let statement = client
        .prepare_cached(
            "INSERT INTO audit (at_ms, actor, action, subject, reason)
             VALUES ($1, $2, $3, $4, $5)",
        )
        .await?;
    let at_ms = entry.at.epoch_ms();
    client
        .execute(&statement, &[&at_ms, &actor, &action, &subject, &reason])
        .await?;
    Ok(())
}

pub(super) async fn audit_trail(
    client: &Client,
    limit: usize,
) -> Result<Vec<AuditEntry>, StoreError> {
    let statement = client
        .prepare_cached(
            "SELECT at_ms, actor, action, subject, reason FROM audit ORDER BY id DESC LIMIT $1",
        )
        .await?;
    let rows = client.query(&statement, &[&value::limit(limit)]).await?;
    let entry = |row: &Row| -> Result<AuditEntry, StoreError> {
        Ok(AuditEntry {
            at: value::instant(row.try_get(0)?)?,
            actor: row.try_get(1)?,
            action: row.try_get(2)?,
            subject: row.try_get(3)?,
            reason: row.try_get(4)?,
        })
    };
    rows.iter().map(entry).collect()
}

/// Asks for a place to write: a server that only reads cannot take readings in.
pub(super) async fn ping(client: &Client) -> Result<(), StoreError> {
    let statement = client
        .prepare_cached("SELECT 1 FROM stream FOR KEY SHARE")
        .await?;
    client.query(&statement, &[]).await?;
    Ok(())
}
