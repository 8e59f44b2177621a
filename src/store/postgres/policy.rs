//! Changes of registry and rules in the journal.

use deadpool_postgres::{Client, GenericClient, Transaction};
use model::{PartitionId, PolicyChange};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use crate::store::once_each::OnceEach;
use crate::store::{JournalEntry, JournalInput, OwnChange, StoreError, value};

pub(super) async fn insert(
    transaction: &Transaction<'_>,
    partition: PartitionId,
    entries: &[JournalEntry],
) -> Result<(), StoreError> {
    let (mut positions, mut at_ms, mut bodies) = (Vec::new(), Vec::new(), Vec::new());
    for entry in entries {
        let JournalInput::Policy(change) = &entry.input else {
            continue;
        };
        positions.push(value::count(entry.position)?);
        at_ms.push(entry.at.epoch_ms());
        bodies.push(value::body(change)?);
    }
    if positions.is_empty() {
        return Ok(());
    }
    let statement = transaction
        .prepare_cached(
            "INSERT INTO policy_changes (partition, position, at_ms, body)
             SELECT $1, * FROM unnest($2::bigint[], $3::bigint[], $4::text[])",
        )
        .await?;
    let partition = i32::from(partition.0);
    transaction
        .execute(&statement, &[&partition, &positions, &at_ms, &bodies])
        .await?;
    Ok(())
}

pub(super) async fn newest(
    client: &Client,
    partition: PartitionId,
    kind: OwnChange,
) -> Result<Option<PolicyChange>, StoreError> {
    let statement = client
        .prepare_cached(
            "SELECT body FROM policy_changes
             WHERE partition = $1 AND \"left\"(body, 7) IN ('{\"rules', '{\"broke')
                 AND starts_with(body, $2)
             ORDER BY position DESC LIMIT 1",
        )
        .await?;
    let wanted: [&(dyn ToSql + Sync); 2] = [&i32::from(partition.0), &value::tag(kind.as_str())];
    let row = client.query_opt(&statement, &wanted).await?;
    row.map(|row| value::unjson(row.try_get(0)?)).transpose()
}

/// Up to `limit` changes after a position, with their places, in order.
pub(super) async fn after(
    client: &impl GenericClient,
    partition: PartitionId,
    position: u64,
    limit: usize,
) -> Result<Vec<JournalEntry>, StoreError> {
    let statement = client
        .prepare_cached(
            "SELECT position, at_ms, body FROM policy_changes
             WHERE partition = $1 AND position > $2 ORDER BY position LIMIT $3",
        )
        .await?;
    let (partition, position) = (i32::from(partition.0), value::count(position)?);
    let rows = client
        .query(&statement, &[&partition, &position, &value::limit(limit)])
        .await?;
    rows.iter().map(entry).collect()
}

/// The changes that one partition journaled, with their places.
pub(super) async fn entries(
    client: &Client,
    partition: PartitionId,
) -> Result<Vec<JournalEntry>, StoreError> {
    let statement = client
        .prepare_cached(
            "SELECT position, at_ms, body FROM policy_changes
             WHERE partition = $1 AND body IS NOT NULL ORDER BY position",
        )
        .await?;
    let rows = client.query(&statement, &[&i32::from(partition.0)]).await?;
    rows.iter().map(entry).collect()
}

fn entry(row: &Row) -> Result<JournalEntry, StoreError> {
    Ok(JournalEntry {
        position: value::uncount(row.try_get(0)?)?,
        at: value::instant(row.try_get(1)?)?,
        input: match row.try_get(2)? {
            Some(body) => JournalInput::Policy(value::unjson(body)?),
            None => JournalInput::Erased,
        },
    })
}

/// The changes that one partition journaled, or all.
pub(super) async fn changes(
    client: &Client,
    partition: Option<PartitionId>,
) -> Result<Vec<PolicyChange>, StoreError> {
    let statement = client
        .prepare_cached(
            "SELECT partition, body FROM policy_changes
             WHERE ($1::integer IS NULL OR partition = $1) AND body IS NOT NULL
             ORDER BY at_ms, partition, position",
        )
        .await?;
    let wanted = partition.map(|partition| i32::from(partition.0));
    let mut once = OnceEach::default();
    let mut changes = Vec::new();
    for row in client.query(&statement, &[&wanted]).await? {
        let body: &str = row.try_get(1)?;
        // One partition has no copies of another's, and a county of texts is not held for nothing.
        if partition.is_some() || once.admits(super::partition(row.try_get(0)?)?, body) {
            changes.push(value::unjson(body)?);
        }
    }
    Ok(changes)
}
