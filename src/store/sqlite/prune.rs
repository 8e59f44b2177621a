//! Letting go of what need not be kept any longer.

use model::Timestamp;
use rusqlite::Connection;

use crate::store::{Prune, Pruned, StoreError};

/// The newest checkpoint at or before the instant becomes the base, where there is one and it is
/// newer than the base so far.
const BASES: &str = "UPDATE partition_owners SET base_position = max(base_position,
         coalesce((SELECT max(position) FROM checkpoints AS c
                   WHERE c.partition = partition_owners.partition AND c.at_ms <= ?1), 0))";

const READINGS: &str = "DELETE FROM journal WHERE device IS NOT NULL AND at_ms < ?1
       AND position <= (SELECT base_position FROM partition_owners AS p
                        WHERE p.partition = journal.partition)";

/// What only an older base needed.
const ANCHORS: &str = "DELETE FROM checkpoints WHERE position <
         (SELECT base_position FROM partition_owners AS p
          WHERE p.partition = checkpoints.partition) AND at_ms < ?1";

const DELIVERIES: &str = "DELETE FROM deliveries WHERE notification IN
         (SELECT id FROM notifications WHERE state = 'acknowledged' AND acknowledged_ms < ?1)";

const NOTIFICATIONS: &str =
    "DELETE FROM notifications WHERE state = 'acknowledged' AND acknowledged_ms < ?1";

const DEAD_LETTERS: &str = "DELETE FROM dead_letters WHERE received_ms < ?1";

/// Lets go of what is older than `before`; undone by the caller where it is only to be counted.
pub(super) fn prune(connection: &Connection, before: Timestamp) -> Result<Pruned, StoreError> {
    let run = |sql| -> Result<u64, StoreError> {
        let touched = connection.execute(sql, [before.epoch_ms()])?;
        u64::try_from(touched).map_err(|error| StoreError::Corrupt(error.to_string()))
    };
    run(BASES)?;
    let readings = run(READINGS)?;
    run(ANCHORS)?;
    run(DELIVERIES)?;
    Ok(Pruned {
        readings,
        notifications: run(NOTIFICATIONS)?,
        dead_letters: run(DEAD_LETTERS)?,
    })
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
