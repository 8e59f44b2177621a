//! The schema, and how a file gets to it.

use rusqlite::{Connection, TransactionBehavior};

use super::convert;
use crate::store::{Migration, StoreError};

/// One step of the schema: applied once, whole, in the order of its number, and never changed
/// after it was released.
struct Step {
    number: i64,
    name: &'static str,
    sql: &'static str,
    /// What SQL cannot do, done after it.
    then: Option<Then>,
}

type Then = fn(&Connection) -> Result<(), StoreError>;

const MIGRATIONS: &[Step] = &[
    Step {
        number: 1,
        name: "first_tables",
        sql: include_str!("migrations/0001_first_tables.sql"),
        then: None,
    },
    Step {
        number: 2,
        name: "events_by_code",
        sql: include_str!("migrations/0002_events_by_code.sql"),
        then: None,
    },
    Step {
        number: 3,
        name: "journal_of_wearer",
        sql: include_str!("migrations/0003_journal_of_wearer.sql"),
        then: None,
    },
    Step {
        number: 4,
        name: "queue_rows_of_decision",
        sql: include_str!("migrations/0004_queue_rows_of_decision.sql"),
        then: None,
    },
    Step {
        number: 5,
        name: "trail",
        sql: include_str!("migrations/0005_trail.sql"),
        then: None,
    },
    Step {
        number: 6,
        name: "base",
        sql: include_str!("migrations/0006_base.sql"),
        then: None,
    },
    Step {
        number: 7,
        name: "registry",
        sql: include_str!("migrations/0007_registry.sql"),
        then: None,
    },
    Step {
        number: 8,
        name: "triage",
        sql: include_str!("migrations/0008_triage.sql"),
        then: None,
    },
    Step {
        number: 9,
        name: "dead_notifications",
        sql: include_str!("migrations/0009_dead_notifications.sql"),
        then: None,
    },
    Step {
        number: 10,
        name: "tokens",
        sql: include_str!("migrations/0010_tokens.sql"),
        then: None,
    },
    Step {
        number: 11,
        name: "checkpoint_parts",
        sql: include_str!("migrations/0011_checkpoint_parts.sql"),
        then: None,
    },
    Step {
        number: 12,
        name: "one_index_by_wearer",
        sql: include_str!("migrations/0012_one_index_by_wearer.sql"),
        then: None,
    },
    Step {
        number: 13,
        name: "blocks",
        sql: include_str!("migrations/0013_blocks.sql"),
        then: Some(convert::rows_to_blocks),
    },
    Step {
        number: 14,
        name: "no_rows_of_readings",
        sql: include_str!("migrations/0014_no_rows_of_readings.sql"),
        then: None,
    },
    Step {
        number: 15,
        name: "own_changes",
        sql: include_str!("migrations/0015_own_changes.sql"),
        then: None,
    },
];

/// Marks a file as ours ("tagw"), so that somebody else's database is not written into.
const APPLICATION_ID: i64 = 0x7461_6777;

/// Brings the schema up to date, in one transaction.
///
/// # Errors
/// [`StoreError::Corrupt`] when the file is another program's database, or a newer tagwatch has
/// migrated it already.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    migrate_to(connection, i64::MAX)
}

/// As [`migrate`], up to a step.
pub(super) fn migrate_to(connection: &mut Connection, last: i64) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    claim_file(&transaction)?;
    let newest = newest_applied(&transaction)?;
    refuse_newer(newest.as_ref())?;
    let done = newest.map_or(0, |(number, _)| number);
    let is_due = |step: &&Step| step.number > done && step.number <= last;
    for step in MIGRATIONS.iter().filter(is_due) {
        transaction.execute_batch(step.sql)?;
        if let Some(then) = step.then {
            then(&transaction)?;
        }
        transaction.execute(
            "INSERT INTO schema_migrations (number, name) VALUES (?1, ?2)",
            (step.number, step.name),
        )?;
    }
    transaction.commit()?;
    Ok(())
}

/// What [`migrate`] would apply to a file that is not there.
pub(super) fn all() -> Vec<Migration> {
    after(0)
}

/// What [`migrate`] would apply to this file.
///
/// # Errors
/// As for [`migrate`].
pub(super) fn pending(connection: &Connection) -> Result<Vec<Migration>, StoreError> {
    if !is_ours(connection)? {
        return Ok(all());
    }
    let newest = newest_applied(connection)?;
    refuse_newer(newest.as_ref())?;
    Ok(after(newest.map_or(0, |(number, _)| number)))
}

fn after(done: i64) -> Vec<Migration> {
    let steps = MIGRATIONS.iter().filter(|step| step.number > done);
    steps
        .map(|step| Migration {
            name: format!("{:04}_{}", step.number, step.name),
            sql: step.sql.to_owned(),
        })
        .collect()
}

fn claim_file(connection: &Connection) -> Result<(), StoreError> {
    if is_ours(connection)? {
        return Ok(());
    }
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    connection.execute_batch(
        "CREATE TABLE schema_migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT",
    )?;
    Ok(())
}

/// Whether it is a store of ours already; an empty file may become one.
fn is_ours(connection: &Connection) -> Result<bool, StoreError> {
    let id: i64 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if id == APPLICATION_ID {
        return Ok(true);
    }
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if tables > 0 || id != 0 {
        return Err(StoreError::Corrupt(
            "the file is the database of another program".to_owned(),
        ));
    }
    Ok(false)
}

fn newest_applied(connection: &Connection) -> Result<Option<(i64, String)>, StoreError> {
    let mut statement = connection
        .prepare("SELECT number, name FROM schema_migrations ORDER BY number DESC LIMIT 1")?;
    let mut rows = statement.query([])?;
    match rows.next()? {
        Some(row) => Ok(Some((row.get(0)?, row.get(1)?))),
        None => Ok(None),
    }
}

fn refuse_newer(newest: Option<&(i64, String)>) -> Result<(), StoreError> {
    let known = MIGRATIONS.last().map_or(0, |step| step.number);
    match newest {
        Some((number, name)) if *number > known => Err(StoreError::Corrupt(format!(
            "the file was migrated to {number:04}_{name} by a newer tagwatch; this one knows \
             migrations up to {known:04}"
        ))),
        Some(_) | None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_are_numbered_from_one_without_gaps() {
        let numbers: Vec<i64> = MIGRATIONS.iter().map(|step| step.number).collect();
        let expected: Vec<i64> = (1..).take(MIGRATIONS.len()).collect();
        assert_eq!(numbers, expected);
    }

    #[test]
    fn migrating_twice_changes_nothing() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection).unwrap();
        migrate(&mut connection).unwrap();
        let newest = MIGRATIONS
            .last()
            .map(|step| (step.number, step.name.to_owned()));
        assert_eq!(newest_applied(&connection).unwrap(), newest);
    }

    /// A file as the release before migration `number` left it.
    fn before(number: i64) -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .pragma_update(None, "foreign_keys", true)
            .unwrap();
        claim_file(&connection).unwrap();
        for step in MIGRATIONS.iter().filter(|step| step.number < number) {
            connection.execute_batch(step.sql).unwrap();
            connection
                .execute(
                    "INSERT INTO schema_migrations VALUES (?1, ?2)",
                    (step.number, step.name),
                )
                .unwrap();
        }
        connection
    }

    #[test]
    fn queues_made_anew_keep_what_waits_with_its_deliveries_and_numbers() {
        let mut connection = before(8);
        connection
            .execute_batch(
                "INSERT INTO notifications
                     (number, id, recipient, wearer, alert, revision, severity, decided_ms, body)
                 VALUES (7, 'N-1', 'operators', 'W-1', 'A-1', 1, 'critical', 5, '{}'),
                        (9, 'N-2', 'operators', 'W-1', 'A-1', 2, 'critical', 6, '{}');
                 DELETE FROM notifications WHERE id = 'N-2';
                 INSERT INTO deliveries (notification, attempt, consumer, claimed_ms, lease_ms)
                 VALUES ('N-1', 1, 'desk-1', 7, 8);",
            )
            .unwrap();
        migrate(&mut connection).unwrap();
        let kept: (i64, i64, i64) = connection
            .query_row(
                "SELECT number, forgiven, d.lease_ms FROM notifications AS n
                 JOIN deliveries AS d ON d.notification = n.id",
                [],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )
            .unwrap();
        assert_eq!(kept, (7, 0, 8));
        let next: i64 = connection
            .query_row(
                "INSERT INTO notifications
                     (id, recipient, wearer, alert, revision, severity, decided_ms, body)
                 VALUES ('N-3', 'operators', 'W-1', 'A-1', 3, 'critical', 7, '{}')
                 RETURNING number",
                [],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(next, 10, "a number that was given is not given again");
        let stray = connection.execute(
            "INSERT INTO deliveries (notification, attempt, consumer, claimed_ms, lease_ms)
             VALUES ('N-0', 1, 'desk-1', 7, 8)",
            [],
        );
        assert!(stray.is_err(), "deliveries are of notifications");
    }

    #[test]
    fn a_newer_schema_is_refused_by_name() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection).unwrap();
        connection
            .execute(
                "INSERT INTO schema_migrations VALUES (999, 'dispositions')",
                [],
            )
            .unwrap();
        let refusal = migrate(&mut connection).unwrap_err().to_string();
        assert!(refusal.contains("0999_dispositions"), "{refusal}");
    }

    #[test]
    fn the_database_of_another_program_is_left_alone() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch("CREATE TABLE theirs (x INTEGER)")
            .unwrap();
        let refusal = migrate(&mut connection).unwrap_err();
        assert!(matches!(refusal, StoreError::Corrupt(_)), "{refusal}");
    }
}
