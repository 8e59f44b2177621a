//! Taking everything about a wearer out: the rows, and then what is left of them in the tables' files.
//! The server's write-ahead log, its archive and backups keep what they hold until they are recycled.

use deadpool_postgres::{Client, Transaction};
use tokio_postgres::types::ToSql;

use super::{checkpoints, owner, record, registry};
use crate::store::{AuditEntry, DeviceSpan, Erased, Erasure, StoreError, value};

/// The tables that held something, each written anew afterwards without what was taken out.
const TABLES: [&str; 13] = [
    "readings",
    "policy_changes",
    "deliveries",
    "notifications",
    "held_notifications",
    "alerts",
    "decisions",
    "steps",
    "dead_letters",
    "checkpoints",
    "checkpoint_parts",
    "registry",
    "registry_references",
];

/// Takes the rows out.
pub(super) async fn erase(client: &mut Client, erasure: &Erasure) -> Result<Erased, StoreError> {
    let transaction = begin(client).await?;
    for (partition, epoch) in &erasure.epochs {
        owner::check(&transaction, *partition, *epoch).await?;
        let base = checkpoints::base_position(&transaction, *partition).await?;
        erasure.check_base(*partition, base)?;
    }
    let erased = take_out(&transaction, erasure).await?;
    let given = erasure.audit.reason.as_deref().unwrap_or_default();
    let entry = AuditEntry {
        reason: Some(format!("{given} (erased: {erased})")),
        ..erasure.audit.clone()
    };
    record::audit(&transaction, &entry).await?;
    transaction.commit().await?;
    Ok(erased)
}

/// How much would be taken out. Nothing is.
pub(super) async fn rehearse(client: &mut Client, erasure: &Erasure) -> Result<Erased, StoreError> {
    let transaction = begin(client).await?;
    let erased = take_out(&transaction, erasure).await?;
    transaction.rollback().await?;
    Ok(erased)
}

/// Writes the tables anew. Nobody else can use them meanwhile.
pub(super) async fn compact(client: &Client) -> Result<(), StoreError> {
    client.batch_execute("SET statement_timeout = 0").await?;
    for table in TABLES {
        client
            .batch_execute(&format!("VACUUM (FULL) {table}"))
            .await?;
    }
    client.batch_execute("RESET statement_timeout").await?;
    Ok(())
}

/// A history of years is gone through, which may take longer than a statement usually may.
async fn begin(client: &mut Client) -> Result<Transaction<'_>, StoreError> {
    let transaction = client.transaction().await?;
    transaction
        .batch_execute("SET LOCAL statement_timeout = 0")
        .await?;
    Ok(transaction)
}

async fn take_out(transaction: &Transaction<'_>, erasure: &Erasure) -> Result<Erased, StoreError> {
    let mut erased = take_out_rows(transaction, erasure).await?;
    for span in &erasure.devices {
        erased.dead_letters += take_out_letters(transaction, span).await?;
    }
    for (partition, _epoch) in &erasure.epochs {
        let checkpoints = "DELETE FROM checkpoints WHERE partition = $1";
        let rows = transaction
            .execute(checkpoints, &[&i32::from(partition.0)])
            .await?;
        erased.checkpoints += usize::try_from(rows).unwrap_or(usize::MAX);
        let parts = "DELETE FROM checkpoint_parts WHERE partition = $1";
        transaction
            .execute(parts, &[&i32::from(partition.0)])
            .await?;
    }
    for checkpoint in &erasure.checkpoints {
        checkpoints::put(transaction, checkpoint).await?;
    }
    Ok(erased)
}

async fn take_out_rows(
    transaction: &Transaction<'_>,
    erasure: &Erasure,
) -> Result<Erased, StoreError> {
    let wearer = erasure.wearer.as_str();
    let of_wearer: [&(dyn ToSql + Sync); 1] = [&wearer];
    let rows = async |statement: &str, values: &[&(dyn ToSql + Sync)]| {
        let rows = transaction.execute(statement, values).await?;
        Ok::<_, StoreError>(usize::try_from(rows).unwrap_or(usize::MAX))
    };
    let readings = rows(
        "UPDATE readings SET kind = 'erased', device = '', seq = NULL, observed_ms = 0, wearer = '',
             lat = NULL, lon = NULL, accuracy_m = NULL, body = '{}'
         WHERE wearer = $1",
        &of_wearer,
    );
    let mut erased = Erased {
        readings: readings.await?,
        ..Erased::default()
    };
    for (partition, position) in &erasure.changes {
        let place: [&(dyn ToSql + Sync); 2] = [&i32::from(partition.0), &value::count(*position)?];
        erased.changes += rows(
            "UPDATE policy_changes SET body = NULL
             WHERE partition = $1 AND position = $2 AND body IS NOT NULL",
            &place,
        )
        .await?;
    }
    erased.registered = registry::erase(transaction, &erasure.parts).await?;
    rows(
        "DELETE FROM deliveries WHERE notification IN
             (SELECT id FROM notifications WHERE wearer = $1)",
        &of_wearer,
    )
    .await?;
    let held = "DELETE FROM held_notifications WHERE wearer = $1";
    rows(held, &of_wearer).await?;
    erased.notifications = rows("DELETE FROM notifications WHERE wearer = $1", &of_wearer).await?;
    let alerts = transaction
        .query(
            "DELETE FROM alerts WHERE wearer = $1 RETURNING alert",
            &of_wearer,
        )
        .await?;
    let alerts: Vec<String> = alerts
        .iter()
        .map(|row| row.try_get(0))
        .collect::<Result<_, _>>()?;
    erased.alerts = alerts.len();
    erased.steps = rows("DELETE FROM steps WHERE alert = ANY ($1)", &[&alerts]).await?;
    erased.decisions = rows("DELETE FROM decisions WHERE alert = ANY ($1)", &[&alerts]).await?;
    Ok(erased)
}

/// The device is a level of the topic.
async fn take_out_letters(
    transaction: &Transaction<'_>,
    span: &DeviceSpan,
) -> Result<usize, StoreError> {
    let (from_ms, to) = (
        span.from.epoch_ms(),
        span.to.unwrap_or(model::Timestamp::MAX),
    );
    let level = format!("/{}/", span.device);
    let rows = transaction
        .execute(
            "DELETE FROM dead_letters
             WHERE received_ms >= $1 AND received_ms < $2 AND strpos(topic, $3) > 0",
            &[&from_ms, &to.epoch_ms(), &level],
        )
        .await?;
    Ok(usize::try_from(rows).unwrap_or(usize::MAX))
}
