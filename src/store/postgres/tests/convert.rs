//! A store as the version left it that kept a row for each reading.

use refinery::Target;
use tokio_postgres::types::ToSql;

use super::super::schema;
use super::*;
use crate::store::contract::sample;
use crate::store::{HistoryQuery, JournalInput};

const PARTITION: PartitionId = PartitionId(0);

/// Of the owner that wrote rows.
const EPOCH: u64 = 5;

/// Where the kept journal goes on from.
const BASE: u64 = 10;

/// Readings over two days, with a change of policy and an erased one between, and an erased reading.
fn journal() -> Vec<JournalEntry> {
    let entry = |position: u64| {
        let seconds = i64::try_from(position).unwrap() * 100;
        let mut reading = sample::fix("GPS-1", Some(u64::MAX - position), seconds);
        if position.is_multiple_of(3) {
            reading = sample::presence("RF-2", seconds);
            reading.wearer = sample::wearer("W-2");
        }
        let mut entry = sample::entry(position, reading);
        match position {
            300 => entry.input = JournalInput::Policy(change()),
            400 | 700 => entry.input = JournalInput::Erased,
            _ => {}
        }
        entry
    };
    (BASE + 1..=1_210).map(entry).collect()
}

fn change() -> PolicyChange {
    PolicyChange::Revision { registry: 7 }
}

/// Makes the store, as by that version.
async fn old_store(database: &Database) -> PostgresStore {
    let store = PostgresStore::connect(&database.url, &PostgresConfig::default()).unwrap();
    let mut session = store.sessions.open().await.unwrap();
    let client = session.client().unwrap();
    schema::run(client, Target::Version(6)).await.unwrap();
    for (day, from) in [
        ("20260329", 1_774_742_400_000_i64),
        ("20260330", 1_774_828_800_000),
    ] {
        let to = from + 86_400_000;
        let make = format!(
            "CREATE TABLE readings_{day} PARTITION OF readings FOR VALUES FROM ({from}) TO ({to})"
        );
        client.batch_execute(&make).await.unwrap();
    }
    client
        .batch_execute(
            "INSERT INTO partitions (partition, epoch, position, base_position) VALUES (0, 5, 1210, 10);
             INSERT INTO partitions (partition, epoch) VALUES (1, 1);
             INSERT INTO checkpoints VALUES (0, 10, 1774746000000, '');
             INSERT INTO devices VALUES ('GPS-1', 7, NULL)",
        )
        .await
        .unwrap();
    for entry in journal() {
        let (position, at_ms) = (value::count(entry.position).unwrap(), entry.at.epoch_ms());
        let (sql, body) = match &entry.input {
            JournalInput::Policy(change) => (CHANGE, Some(value::body(change).unwrap())),
            JournalInput::Erased if entry.position == 400 => (CHANGE, None),
            JournalInput::Erased => (ERASED, Some("{}".to_owned())),
            JournalInput::Reading(reading) => (READING, Some(value::body(reading).unwrap())),
        };
        let values: [&(dyn ToSql + Sync); 3] = [&position, &at_ms, &body];
        client.execute(sql, &values).await.unwrap();
    }
    session.close(Ok::<_, StoreError>(())).unwrap();
    store
}

const CHANGE: &str = "INSERT INTO policy_changes VALUES (0, $1, $2, $3)";
const READING: &str =
    "INSERT INTO readings (partition, position, at_ms, kind, device, observed_ms, wearer, body)
     VALUES (0, $1, $2, 'position', 'GPS-1', 0, 'W-1', $3)";
const ERASED: &str =
    "INSERT INTO readings (partition, position, at_ms, kind, device, observed_ms, wearer, body)
     VALUES (0, $1, $2, 'erased', '', 0, '', $3)";

#[tokio::test]
async fn rows_of_readings_become_blocks_and_the_journal_reads_the_same() {
    let database = Database::new();
    old_store(&database).await.close().await;
    let store = database.store().await;
    let kept = store.journal_after(PARTITION, 0, 10_000).await.unwrap();
    assert_eq!(kept, journal());
    assert_eq!(store.last_position(PARTITION).await.unwrap(), 1_210);
    assert_eq!(store.base(PARTITION).await.unwrap().unwrap().position, BASE);
    assert_eq!(
        database.sql("SELECT count(*), max(readings) FROM blocks"),
        "3|500\n"
    );
    assert_eq!(
        database.sql("SELECT unfiled_blocks, filed_position FROM partitions ORDER BY partition"),
        "3|0\n0|0\n"
    );
    let gone = "SELECT count(*) FROM pg_class WHERE relname ~ 'readings' OR relname = 'devices'";
    assert_eq!(database.sql(gone), "0\n");
    store.close().await;
    let again = database.store().await;
    assert_eq!(
        again.journal_after(PARTITION, 0, 10_000).await.unwrap(),
        kept
    );
}

#[tokio::test]
async fn what_was_converted_is_filed_and_found() {
    let database = Database::new();
    old_store(&database).await.close().await;
    let store = database.store().await;
    let epoch = store.acquire(PARTITION).await.unwrap();
    let due = Due {
        entries: 1,
        blocks: 1,
    };
    while store.file(PARTITION, epoch, due).await.unwrap() {}
    let query = HistoryQuery {
        partition: PARTITION,
        wearer: sample::wearer("W-2"),
        since: Timestamp::default(),
        up_to: u64::MAX,
        limit: 10_000,
    };
    let theirs = journal().into_iter().filter_map(|entry| match entry.input {
        JournalInput::Reading(reading) if reading.wearer.as_str() == "W-2" => {
            Some((entry.at, reading))
        }
        JournalInput::Reading(_) | JournalInput::Policy(_) | JournalInput::Erased => None,
    });
    assert_eq!(
        store.history(&query).await.unwrap(),
        theirs.collect::<Vec<_>>()
    );
}

/// A process of the version before that still runs.
#[tokio::test]
async fn who_wrote_rows_is_fenced_off() {
    let database = Database::new();
    let old = old_store(&database).await;
    let store = database.store().await;
    let claim = "UPDATE partitions SET position = position + 1
         WHERE partition = 0 AND epoch = 5 AND position = 1210 RETURNING position";
    assert_eq!(database.sql(claim), "");
    let stale = sample::batch(PARTITION, EPOCH);
    let refusal = store.commit(Arc::new(stale)).await;
    assert!(
        matches!(refusal, Err(StoreError::Fenced { .. })),
        "{refusal:?}"
    );
    old.close().await;
}

/// It was killed after the tables were made, before the rows were converted.
#[tokio::test]
async fn a_conversion_that_was_cut_off_begins_anew() {
    let database = Database::new();
    let old = old_store(&database).await;
    let mut session = old.sessions.open().await.unwrap();
    let client = session.client().unwrap();
    schema::run(client, Target::Version(7)).await.unwrap();
    let pending = schema::pending(client).await.unwrap();
    let names: Vec<&str> = pending.iter().map(|step| step.name.as_str()).collect();
    assert_eq!(names, ["V8__no_rows_of_readings", "V9__own_changes"]);
    drop(session);
    let store = database.store().await;
    let kept = store.journal_after(PARTITION, 0, 10_000).await.unwrap();
    assert_eq!(kept, journal());
}
