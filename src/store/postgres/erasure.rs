//! Taking everything about a wearer out: the rows, and then what is left of them in the tables' files.
//! The server's write-ahead log, its archive and backups keep what they hold until they are recycled.

use deadpool_postgres::{Client, Transaction};
use tokio_postgres::types::ToSql;

use super::{checkpoints, owner, record, registry};
use crate::store::{AuditEntry, Block, DeviceSpan, Erased, Erasure, StoreError, value};

/// The tables that held something, each written anew afterwards without what was taken out.
const TABLES: [&str; 15] = [
    "blocks",
    "strips",
    "worn",
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

/// Blocks held in memory at once.
const BLOCKS_AT_ONCE: i32 = 64;

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
    let mut erased = Erased {
        readings: take_out_readings(transaction, wearer).await?,
        ..Erased::default()
    };
    for statement in [STRIPS, UNFINISHED, WORN] {
        rows(statement, &of_wearer).await?;
    }
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

const STRIPS: &str = "DELETE FROM strips AS s USING worn AS w, runs AS r
     WHERE w.wearer = $1 AND r.partition = w.partition AND s.partition = r.partition AND s.run = r.run
       AND s.device = w.device AND s.wearer = w.wearer";

/// And of a run that was never finished.
const UNFINISHED: &str = "DELETE FROM strips AS s USING partitions AS p
     WHERE s.wearer = $1 AND s.partition = p.partition AND s.run = p.filed_position + 1";

const WORN: &str = "DELETE FROM worn WHERE wearer = $1";

/// Puts blocks without the wearer in the place of those that have readings of theirs; positions and times
/// stay, so that the journal can be replayed. Returns how many readings there were.
async fn take_out_readings(
    transaction: &Transaction<'_>,
    wearer: &str,
) -> Result<usize, StoreError> {
    let of_wearer = "SELECT partition, last_position, body FROM blocks
         WHERE position($1::bytea IN keys) > 0";
    let of_wearer = transaction.prepare(of_wearer).await?;
    let empty = "UPDATE blocks SET observed_from_ms = $3, observed_to_ms = $4, keys = $5, body = $6
         WHERE partition = $1 AND last_position = $2";
    let empty = transaction.prepare(empty).await?;
    let portal = transaction
        .bind(&of_wearer, &[&Block::key(wearer).as_slice()])
        .await?;
    let mut erased = 0;
    loop {
        let rows = transaction.query_portal(&portal, BLOCKS_AT_ONCE).await?;
        for row in &rows {
            let (partition, last): (i32, i64) = (row.try_get(0)?, row.try_get(1)?);
            let Some((block, readings)) = Block::without(row.try_get(2)?, wearer)? else {
                continue;
            };
            erased += readings;
            let values: [&(dyn ToSql + Sync); 6] = [
                &partition,
                &last,
                &block.observed_from_ms,
                &block.observed_to_ms,
                &block.keys,
                &block.body,
            ];
            transaction.execute(&empty, &values).await?;
        }
        if rows.is_empty() {
            return Ok(erased);
        }
    }
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
