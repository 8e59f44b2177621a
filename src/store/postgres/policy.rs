//! Changes of registry and rules in the journal.

use deadpool_postgres::{Client, Transaction};
use model::{PartitionId, PolicyChange};

use crate::store::once_each::OnceEach;
use crate::store::{JournalEntry, JournalInput, StoreError, value};

pub(super) async fn insert(
    transaction: &Transaction<'_>,
    partition: PartitionId,
    entries: &[JournalEntry],
) -> Result<(), StoreError> {
    let (mut positions, mut at_ms, mut bodies) = (Vec::new(), Vec::new(), Vec::new());
    for entry in entries {
        if let JournalInput::Policy(change) = &entry.input {
            positions.push(value::count(entry.position)?);
            at_ms.push(entry.at.epoch_ms());
            bodies.push(value::body(change)?);
        }
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

/// The changes that one partition journaled, or all.
pub(super) async fn changes(
    client: &Client,
    partition: Option<PartitionId>,
) -> Result<Vec<PolicyChange>, StoreError> {
    let statement = client
        .prepare_cached(
            "SELECT partition, body FROM policy_changes
             WHERE $1::integer IS NULL OR partition = $1
             ORDER BY at_ms, partition, position",
        )
        .await?;
    let wanted = partition.map(|partition| i32::from(partition.0));
    let mut once = OnceEach::default();
    let mut changes = Vec::new();
    for row in client.query(&statement, &[&wanted]).await? {
        let body: &str = row.try_get(1)?;
        if once.admits(super::partition(row.try_get(0)?)?, body) {
            changes.push(value::unjson(body)?);
        }
    }
    Ok(changes)
}
