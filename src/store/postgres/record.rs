//! Checkpoints, dead letters and the audit trail.

use deadpool_postgres::{Client, GenericClient};
use model::PartitionId;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::owner;
use crate::store::{AuditEntry, Checkpoint, DeadLetter, DeadLetterRecord, StoreError, value};

/// Checkpoints kept of a partition: the newest, and one for when that is unreadable.
const CHECKPOINTS_KEPT: i64 = 2;

pub(super) async fn save_checkpoint(
    client: &mut Client,
    epoch: u64,
    checkpoint: &Checkpoint,
) -> Result<(), StoreError> {
    let partition = i32::from(checkpoint.partition.0);
    let position = value::count(checkpoint.position)?;
    let at_ms = checkpoint.at.epoch_ms();
    let transaction = client.transaction().await?;
    owner::check(&transaction, checkpoint.partition, epoch).await?;
    transaction
        .execute(
            "INSERT INTO checkpoints (partition, position, at_ms, snapshot)
             VALUES ($1, $2, $3, $4)
             ON CONFLICT (partition, position) DO UPDATE
             SET at_ms = excluded.at_ms, snapshot = excluded.snapshot",
            &[&partition, &position, &at_ms, &checkpoint.snapshot],
        )
        .await?;
    transaction
        .execute(
            "DELETE FROM checkpoints WHERE partition = $1 AND position NOT IN
                 (SELECT position FROM checkpoints WHERE partition = $1
                  ORDER BY position DESC LIMIT $2)",
            &[&partition, &CHECKPOINTS_KEPT],
        )
        .await?;
    Ok(transaction.commit().await?)
}

pub(super) async fn checkpoints(
    client: &Client,
    partition: PartitionId,
) -> Result<Vec<Checkpoint>, StoreError> {
    let rows = client
        .query(
            "SELECT position, at_ms, snapshot FROM checkpoints
             WHERE partition = $1 ORDER BY position DESC",
            &[&i32::from(partition.0)],
        )
        .await?;
    let checkpoint = |row: &Row| -> Result<Checkpoint, StoreError> {
        Ok(Checkpoint {
            partition,
            position: value::uncount(row.try_get(0)?)?,
            at: value::instant(row.try_get(1)?)?,
            snapshot: row.try_get(2)?,
        })
    };
    rows.iter().map(checkpoint).collect()
}

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
