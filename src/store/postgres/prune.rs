//! Letting go of what need not be kept any longer: whole days of readings, without a scan.

use std::collections::BTreeMap;

use deadpool_postgres::{Client, Transaction};
use model::Timestamp;
use tokio_postgres::types::ToSql;

use super::days::{self, Day};
use crate::store::{Prune, Pruned, StoreError, value};

/// Counting a day's readings takes longer than a statement may in a commit; waiting for a lock, which
/// stops commits behind it, may not take long at all.
const PATIENCE: &str = "SET LOCAL statement_timeout = '30min'; SET LOCAL lock_timeout = '5s'";

/// The newest checkpoint at or before the instant becomes the base, where there is one and it is
/// newer than the base so far.
const BASES: &str = "UPDATE partitions AS p SET base_position = base.position
     FROM (SELECT partition, max(position) AS position FROM checkpoints
           WHERE at_ms <= $1 GROUP BY partition) AS base
     WHERE base.partition = p.partition AND base.position > p.base_position";

/// What only an older base needed.
const ANCHORS: &str = "DELETE FROM checkpoints AS c USING partitions AS p
     WHERE p.partition = c.partition AND c.position < p.base_position AND c.at_ms < $1";

/// Of checkpoints that are gone; not of one that is being saved, which is newer than all.
const PARTS: &str = "DELETE FROM checkpoint_parts AS p
     WHERE p.position < (SELECT max(c.position) FROM checkpoints AS c WHERE c.partition = p.partition)
       AND NOT EXISTS (SELECT 1 FROM checkpoints AS c
                       WHERE c.partition = p.partition AND c.position = p.position)";

/// Up to when the journal no longer leads to what was decided, in any partition.
const LED_TO_NO_MORE: &str = "SELECT coalesce(min(coalesce(c.at_ms, 0)), 0)
     FROM partitions AS p LEFT JOIN checkpoints AS c
         ON c.partition = p.partition AND c.position = p.base_position
     WHERE p.position > 0";

const DELIVERIES: &str = "DELETE FROM deliveries AS d USING notifications AS n
     WHERE n.id = d.notification AND n.state = 'acknowledged' AND n.acknowledged_ms < $1
       AND n.decided_ms <= $2";

const NOTIFICATIONS: &str = "DELETE FROM notifications
     WHERE state = 'acknowledged' AND acknowledged_ms < $1 AND decided_ms <= $2";

const DEAD_LETTERS: &str = "DELETE FROM dead_letters WHERE received_ms < $1";

/// Lets go of what is older than `before`, or counts it, in one transaction. Of readings only days
/// go of which every partition's base covers all it has.
pub(super) async fn run(
    client: &mut Client,
    before: Timestamp,
    how: Prune,
) -> Result<Pruned, StoreError> {
    let transaction = client.transaction().await?;
    transaction.batch_execute(PATIENCE).await?;
    days::lock(&transaction).await?;
    let before_ms = before.epoch_ms();
    transaction.execute(BASES, &[&before_ms]).await?;
    transaction.execute(ANCHORS, &[&before_ms]).await?;
    transaction.execute(PARTS, &[]).await?;
    let led_to = transaction.query_one(LED_TO_NO_MORE, &[]).await?;
    let led_to_ms: i64 = led_to.try_get(0)?;
    let settled: [&(dyn ToSql + Sync); 2] = [&before_ms, &led_to_ms];
    transaction.execute(DELIVERIES, &settled).await?;
    let notifications = transaction.execute(NOTIFICATIONS, &settled).await?;
    let dead_letters = transaction.execute(DEAD_LETTERS, &[&before_ms]).await?;
    let readings = drop_days(&transaction, before).await?;
    match how {
        Prune::Apply => transaction.commit().await?,
        Prune::DryRun => transaction.rollback().await?,
    }
    Ok(Pruned {
        readings,
        notifications,
        dead_letters,
    })
}

async fn drop_days(transaction: &Transaction<'_>, before: Timestamp) -> Result<u64, StoreError> {
    let bases = bases(transaction).await?;
    let mut readings = 0;
    let mut covered = Vec::new();
    for day in days::made(transaction).await? {
        if day.is_over(before)
            && let Some(count) = count_covered(transaction, day, &bases).await?
        {
            readings += count;
            covered.push(day);
        }
    }
    // All at the end: from the first on, commits wait.
    for day in covered {
        let sql = format!("DROP TABLE {}", day.table()?);
        transaction.batch_execute(&sql).await?;
    }
    Ok(readings)
}

async fn bases(transaction: &Transaction<'_>) -> Result<BTreeMap<i32, i64>, StoreError> {
    let rows = transaction
        .query("SELECT partition, base_position FROM partitions", &[])
        .await?;
    let base = |row: &tokio_postgres::Row| Ok((row.try_get(0)?, row.try_get(1)?));
    rows.iter().map(base).collect()
}

/// How many readings the day has, if the bases cover all of them.
async fn count_covered(
    transaction: &Transaction<'_>,
    day: Day,
    bases: &BTreeMap<i32, i64>,
) -> Result<Option<u64>, StoreError> {
    let sql = format!(
        "SELECT partition, max(position), count(*) FROM {} GROUP BY partition",
        day.table()?
    );
    let mut readings = 0;
    for row in transaction.query(&sql, &[]).await? {
        let (partition, newest): (i32, i64) = (row.try_get(0)?, row.try_get(1)?);
        if bases.get(&partition).is_none_or(|base| *base < newest) {
            return Ok(None);
        }
        readings += value::uncount(row.try_get(2)?)?;
    }
    Ok(Some(readings))
}
