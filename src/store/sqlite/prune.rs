//! Letting go of what need not be kept any longer.

use model::Timestamp;
use rusqlite::Connection;

use crate::store::{Prune, Pruned, StoreError, value};

/// The newest checkpoint at or before the instant becomes the base, where there is one and it is
/// newer than the base so far.
const BASES: &str = "UPDATE partition_owners SET base_position = max(base_position,
         coalesce((SELECT max(position) FROM checkpoints AS c
                   WHERE c.partition = partition_owners.partition AND c.at_ms <= ?1), 0))";

const COVERED: &str = "to_ms < ?1 AND last_position <=
         (SELECT base_position FROM partition_owners AS p WHERE p.partition = held.partition)";

/// The runs that go, and what is filed of them.
const STRIPS: &str = "DELETE FROM strips WHERE (partition, run) IN
         (SELECT partition, run FROM runs AS held WHERE ";

/// What only an older base needed.
const ANCHORS: &str = "DELETE FROM checkpoints WHERE position <
         (SELECT base_position FROM partition_owners AS p
          WHERE p.partition = checkpoints.partition) AND at_ms < ?1";

/// Of checkpoints that are gone; not of one that is being saved, which is newer than all.
const PARTS: &str = "DELETE FROM checkpoint_parts WHERE position <
         (SELECT max(c.position) FROM checkpoints AS c
          WHERE c.partition = checkpoint_parts.partition)
       AND NOT EXISTS (SELECT 1 FROM checkpoints AS c
          WHERE c.partition = checkpoint_parts.partition AND c.position = checkpoint_parts.position)";

/// Up to when the journal no longer leads to what was decided, in any partition.
const LED_TO_NO_MORE: &str = "SELECT coalesce(min(coalesce(c.at_ms, 0)), 0)
     FROM partition_owners AS p LEFT JOIN checkpoints AS c
         ON c.partition = p.partition AND c.position = p.base_position
     WHERE p.position > 0";

const DELIVERIES: &str = "DELETE FROM deliveries WHERE notification IN
         (SELECT id FROM notifications WHERE state = 'acknowledged' AND acknowledged_ms < ?1
            AND decided_ms <= ?2)";

const NOTIFICATIONS: &str = "DELETE FROM notifications
     WHERE state = 'acknowledged' AND acknowledged_ms < ?1 AND decided_ms <= ?2";

const DEAD_LETTERS: &str = "DELETE FROM dead_letters WHERE received_ms < ?1";

/// Lets go of what is older than `before`; undone by the caller where it is only to be counted.
pub(super) fn prune(connection: &Connection, before: Timestamp) -> Result<Pruned, StoreError> {
    let before_ms = before.epoch_ms();
    connection.execute(BASES, [before_ms])?;
    let readings = prune_readings(connection, before_ms)?;
    connection.execute(ANCHORS, [before_ms])?;
    connection.execute(PARTS, [])?;
    let led_to_ms: i64 = connection.query_row(LED_TO_NO_MORE, [], |row| row.get(0))?;
    connection.execute(DELIVERIES, [before_ms, led_to_ms])?;
    let notifications = connection.execute(NOTIFICATIONS, [before_ms, led_to_ms])?;
    let dead_letters = connection.execute(DEAD_LETTERS, [before_ms])?;
    Ok(Pruned {
        readings,
        notifications: notifications as u64,
        dead_letters: dead_letters as u64,
    })
}

/// Lets go of whole blocks and runs; returns how many readings the blocks had.
fn prune_readings(connection: &Connection, before_ms: i64) -> Result<u64, StoreError> {
    let readings = connection.query_row(
        &format!("SELECT coalesce(sum(readings), 0) FROM blocks AS held WHERE {COVERED}"),
        [before_ms],
        |row| row.get(0),
    )?;
    connection.execute(&format!("{STRIPS}{COVERED})"), [before_ms])?;
    connection.execute(
        &format!("DELETE FROM runs AS held WHERE {COVERED}"),
        [before_ms],
    )?;
    connection.execute(
        &format!("DELETE FROM blocks AS held WHERE {COVERED}"),
        [before_ms],
    )?;
    connection.execute(
        "UPDATE partition_owners AS p SET unfiled_blocks = (SELECT count(*) FROM blocks AS b
             WHERE b.partition = p.partition AND b.last_position > p.filed_position)",
        [],
    )?;
    value::uncount(readings)
}

/// As [`prune`], and takes it back.
pub(super) fn count(connection: &Connection, before: Timestamp) -> Result<Pruned, StoreError> {
    connection.execute_batch("SAVEPOINT dry_run")?;
    let counted = prune(connection, before);
    connection.execute_batch("ROLLBACK TO dry_run; RELEASE dry_run")?;
    counted
}

/// Whichever is wanted.
pub(super) fn run(
    connection: &Connection,
    before: Timestamp,
    how: Prune,
) -> Result<Pruned, StoreError> {
    match how {
        Prune::Apply => prune(connection, before),
        Prune::DryRun => count(connection, before),
    }
}
