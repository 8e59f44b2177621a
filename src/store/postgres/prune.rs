//! Letting go of what need not be kept any longer.

use deadpool_postgres::{Client, Transaction};
use model::Timestamp;
use tokio_postgres::types::ToSql;

use crate::store::{Prune, Pruned, StoreError, value};

/// A day of readings takes longer to delete than a statement may in a commit; waiting for a lock, which
/// stops commits behind it, may not take long at all.
const PATIENCE: &str = "SET LOCAL statement_timeout = '30min'; SET LOCAL lock_timeout = '5s'";

/// Where each journal is to begin: at the newest checkpoint at or before the instant, where there is one and
/// it is newer than the base so far. Nobody drops that checkpoint meanwhile.
const BASES: &str = "WITH newest AS (
         SELECT partition, position FROM checkpoints AS c WHERE position =
             (SELECT max(position) FROM checkpoints AS n
              WHERE n.partition = c.partition AND n.at_ms <= $1)
         FOR KEY SHARE)
     SELECT p.partition, greatest(p.base_position, coalesce(newest.position, 0))
     FROM partitions AS p LEFT JOIN newest ON newest.partition = p.partition ORDER BY p.partition";

/// What of blocks or runs those cover.
macro_rules! covered {
    ($held:literal, $more:literal) => {
        concat!(
            $held,
            " unnest($2::integer[], $3::bigint[]) AS base (partition, position)
             WHERE held.partition = base.partition AND held.last_position <= base.position
               AND held.to_ms < $1",
            $more
        )
    };
}

const COUNT: &str = covered!(
    "SELECT coalesce(sum(held.readings), 0)::bigint FROM blocks AS held,",
    ""
);

const STRIPS: &str = covered!(
    "DELETE FROM strips AS s USING runs AS held,",
    " AND s.partition = held.partition AND s.run = held.run"
);

const RUNS: &str = covered!("DELETE FROM runs AS held USING", "");

const BLOCKS: &str = covered!("DELETE FROM blocks AS held USING", "");

/// Up to when the journal no longer leads to what was decided, in any partition.
const LED_TO_NO_MORE: &str = "SELECT coalesce(min(coalesce(c.at_ms, 0)), 0)
     FROM unnest($1::integer[], $2::bigint[]) AS base (partition, position)
     JOIN partitions AS p ON p.partition = base.partition
     LEFT JOIN checkpoints AS c ON c.partition = base.partition AND c.position = base.position
     WHERE p.position > 0";

const DELIVERIES: &str = "DELETE FROM deliveries AS d USING notifications AS n
     WHERE n.id = d.notification AND n.state = 'acknowledged' AND n.acknowledged_ms < $1
       AND n.decided_ms <= $2";

const NOTIFICATIONS: &str = "DELETE FROM notifications
     WHERE state = 'acknowledged' AND acknowledged_ms < $1 AND decided_ms <= $2";

const DEAD_LETTERS: &str = "DELETE FROM dead_letters WHERE received_ms < $1";

const LOCK: &str = "SELECT FROM partitions ORDER BY partition FOR NO KEY UPDATE";

const MOVE: &str = "UPDATE partitions AS p SET base_position = greatest(p.base_position, base.position), unfiled_blocks =
         (SELECT count(*) FROM blocks AS b
          WHERE b.partition = p.partition AND b.last_position > p.filed_position)
     FROM unnest($1::integer[], $2::bigint[]) AS base (partition, position)
     WHERE base.partition = p.partition AND base.position > 0";

/// What only an older base needed.
const ANCHORS: &str = "DELETE FROM checkpoints AS c USING partitions AS p
     WHERE p.partition = c.partition AND c.position < p.base_position AND c.at_ms < $1";

/// Of checkpoints that are gone; not of one that is being saved, which is newer than all.
const PARTS: &str = "DELETE FROM checkpoint_parts AS p
     WHERE p.position < (SELECT max(c.position) FROM checkpoints AS c WHERE c.partition = p.partition)
       AND NOT EXISTS (SELECT 1 FROM checkpoints AS c
                       WHERE c.partition = p.partition AND c.position = p.position)";

/// Lets go of what is older than `before`, or counts it, in one transaction.
pub(super) async fn run(
    client: &mut Client,
    before: Timestamp,
    how: Prune,
) -> Result<Pruned, StoreError> {
    let transaction = client.transaction().await?;
    transaction.batch_execute(PATIENCE).await?;
    let bases = Bases::find(&transaction, before).await?;
    let readings = bases.covered(&transaction, how).await?;
    let led_to = transaction
        .query_one(LED_TO_NO_MORE, &[&bases.partitions, &bases.positions])
        .await?;
    let (before_ms, led_to_ms): (i64, i64) = (before.epoch_ms(), led_to.try_get(0)?);
    let settled: [&(dyn ToSql + Sync); 2] = [&before_ms, &led_to_ms];
    transaction.execute(DELIVERIES, &settled).await?;
    let notifications = transaction.execute(NOTIFICATIONS, &settled).await?;
    let dead_letters = transaction.execute(DEAD_LETTERS, &[&before_ms]).await?;
    match how {
        Prune::Apply => {
            bases.apply(&transaction).await?;
            transaction.commit().await?;
        }
        Prune::DryRun => transaction.rollback().await?,
    }
    Ok(Pruned {
        readings,
        notifications,
        dead_letters,
    })
}

/// Where journals are to begin.
struct Bases {
    before_ms: i64,
    partitions: Vec<i32>,
    positions: Vec<i64>,
}

impl Bases {
    async fn find(transaction: &Transaction<'_>, before: Timestamp) -> Result<Self, StoreError> {
        let before_ms = before.epoch_ms();
        let mut bases = Self {
            before_ms,
            partitions: Vec::new(),
            positions: Vec::new(),
        };
        for row in transaction.query(BASES, &[&before_ms]).await? {
            bases.partitions.push(row.try_get(0)?);
            bases.positions.push(row.try_get(1)?);
        }
        Ok(bases)
    }

    /// How many readings are in blocks that are covered, which go, with what is filed of them.
    async fn covered(&self, transaction: &Transaction<'_>, how: Prune) -> Result<u64, StoreError> {
        let covered: [&(dyn ToSql + Sync); 3] =
            [&self.before_ms, &self.partitions, &self.positions];
        let readings = transaction.query_one(COUNT, &covered).await?;
        if how == Prune::Apply {
            transaction.execute(STRIPS, &covered).await?;
            transaction.execute(RUNS, &covered).await?;
            transaction.execute(BLOCKS, &covered).await?;
        }
        value::uncount(readings.try_get(0)?)
    }

    /// Moves the bases. At the end: from here on, commits wait.
    async fn apply(&self, transaction: &Transaction<'_>) -> Result<(), StoreError> {
        transaction.execute(LOCK, &[]).await?;
        transaction
            .execute(MOVE, &[&self.partitions, &self.positions])
            .await?;
        transaction.execute(ANCHORS, &[&self.before_ms]).await?;
        transaction.execute(PARTS, &[]).await?;
        Ok(())
    }
}
