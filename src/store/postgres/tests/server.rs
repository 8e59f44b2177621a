//! A server that stands still, answers that are lost, schemas that race, and encryption.

use std::time::{Duration, Instant};

use model::Reading;

use super::*;
use crate::store::contract::sample;

/// Short, so that tests of it end soon.
fn hasty() -> PostgresConfig {
    PostgresConfig {
        connect_timeout_s: 1,
        statement_timeout_s: 1,
        ..PostgresConfig::default()
    }
}

fn batch(epoch: u64, from: u64, readings: Vec<Reading>) -> Arc<CommitBatch> {
    Arc::new(CommitBatch {
        entries: (from..)
            .zip(readings)
            .map(|(position, reading)| sample::entry(position, reading))
            .collect(),
        ..sample::batch(PartitionId(0), epoch)
    })
}

/// Whatever is left of a commit whose caller was told that the server did not answer, it is there
/// whole or not at all, and a second attempt neither doubles nor loses it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_stands_still_is_unavailable_and_its_last_commit_whole() {
    let server = Postgres::start(Durability::Unsynced, "").unwrap();
    let url = Secret::new(server.database().unwrap().url);
    let store = PostgresStore::open(&url, &hasty()).await.unwrap();
    let epoch = store.acquire(PartitionId(0)).await.unwrap();
    let first = batch(epoch, 1, vec![sample::fix("GPS-1", Some(1), 0)]);
    store.commit(first).await.unwrap();

    server.signal("STOP").unwrap();
    let started = Instant::now();
    let second = batch(epoch, 2, vec![sample::fix("GPS-1", Some(2), 60)]);
    let refusal = store.commit(Arc::clone(&second)).await;
    assert!(
        matches!(refusal, Err(StoreError::Unavailable(_))),
        "{refusal:?}"
    );
    let refusal = store.ping().await;
    assert!(
        matches!(refusal, Err(StoreError::Unavailable(_))),
        "{refusal:?}"
    );
    assert!(started.elapsed() < Duration::from_secs(10));

    server.signal("CONT").unwrap();
    let settled = loop {
        match store.commit(Arc::clone(&second)).await {
            Err(StoreError::Unavailable(_)) => tokio::time::sleep(Duration::from_millis(50)).await,
            settled => break settled,
        }
    };
    assert!(
        matches!(settled, Ok(_) | Err(StoreError::Conflict(_))),
        "{settled:?}"
    );
    let journal = store.journal_after(PartitionId(0), 0, 10).await.unwrap();
    assert_eq!(journal[1..], second.entries);
}

/// The commit was applied and its answer lost: a second attempt is a conflict, so that the engine is
/// rebuilt from the journal, where the batch is, once.
#[tokio::test]
async fn a_commit_whose_answer_was_lost_is_a_conflict_and_nothing_of_it_is_doubled_or_lost() {
    let store = Database::new().store().await;
    let epoch = store.acquire(PartitionId(0)).await.unwrap();
    let batch = Arc::new(CommitBatch {
        entries: vec![sample::entry(1, sample::fix("GPS-1", Some(1), 0))],
        decisions: vec![sample::routed("W-1", 1, 1, &["operators"])],
        dead_letters: vec![sample::dead_letter("kept once")],
        ..sample::batch(PartitionId(0), epoch)
    });
    store.commit(Arc::clone(&batch)).await.unwrap();
    let again = store.commit(Arc::clone(&batch)).await;
    assert!(matches!(again, Err(StoreError::Conflict(_))), "{again:?}");
    let journal = store.journal_after(PartitionId(0), 0, 10).await.unwrap();
    assert_eq!(journal, batch.entries);
    assert_eq!(store.events_after(0, 10).await.unwrap().len(), 1);
    assert_eq!(store.dead_letters(10).await.unwrap().len(), 1);
    let identity = sample::fix("GPS-1", Some(1), 0).report.identity();
    let known = store.observed_at(&[identity]).await.unwrap();
    assert_eq!(
        known,
        [Some(sample::at(0))],
        "what comes again is a duplicate"
    );
}

/// An owner that was cut off in the middle of a commit holds nobody up, and cannot finish it.
#[tokio::test]
async fn a_commit_that_is_given_up_midway_leaves_nothing_behind() {
    let store = Database::new().store().await;
    let epoch = store.acquire(PartitionId(0)).await.unwrap();
    for wait_us in [0, 100, 300, 1000, 3000] {
        let last = store.last_position(PartitionId(0)).await.unwrap();
        let reading = sample::fix("GPS-1", Some(last + 1), 0);
        let commit = store.commit(batch(epoch, last + 1, vec![reading]));
        drop(tokio::time::timeout(Duration::from_micros(wait_us), commit).await);
    }
    let next = store.acquire(PartitionId(0)).await.unwrap();
    let last = store.last_position(PartitionId(0)).await.unwrap();
    let journal = store.journal_after(PartitionId(0), 0, 100).await.unwrap();
    assert_eq!(value::count(last).unwrap(), value::limit(journal.len()));
    let reading = sample::fix("GPS-1", Some(100), 0);
    store
        .commit(batch(next, last + 1, vec![reading]))
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_that_start_at_once_migrate_once() {
    let database = Arc::new(Database::new());
    let mut starting = tokio::task::JoinSet::new();
    for _process in 0..6 {
        let database = Arc::clone(&database);
        starting.spawn(async move { database.store().await });
    }
    while let Some(started) = starting.join_next().await {
        started.unwrap().ping().await.unwrap();
    }
    let config = PostgresConfig::default();
    let pending = PostgresStore::pending_migrations(&database.url, &config).await;
    assert_eq!(pending.unwrap(), []);
}

#[tokio::test]
async fn an_empty_database_has_every_migration_before_it_and_gets_none_by_looking() {
    let database = Database::new();
    let config = PostgresConfig::default();
    for _look in 0..2 {
        let pending = PostgresStore::pending_migrations(&database.url, &config).await;
        let pending = pending.unwrap();
        assert_eq!(pending[0].name, "V1__first_tables");
        assert!(pending[0].sql.contains("CREATE TABLE readings"));
    }
}

#[tokio::test]
async fn a_newer_schema_is_refused_by_name() {
    let database = Database::new();
    database.store().await.close().await;
    database.sql(
        "INSERT INTO refinery_schema_history (version, name, applied_on, checksum)
         VALUES (999, 'dispositions', '2026-03-29T01:00:00Z', '1')",
    );
    let opened = PostgresStore::open(&database.url, &PostgresConfig::default()).await;
    let refusal = opened.err().unwrap();
    assert!(matches!(refusal, StoreError::Corrupt(_)), "{refusal}");
    assert!(
        refusal.to_string().contains("V999__dispositions"),
        "{refusal}"
    );
}

#[tokio::test]
async fn a_url_that_is_none_is_refused_without_being_repeated() {
    let url = Secret::new("postgres://u:hunter2@host:notaport/db");
    let refusal = PostgresStore::open(&url, &hasty()).await.err().unwrap();
    assert!(!refusal.to_string().contains("hunter2"), "{refusal}");
    assert!(!format!("{url:?}").contains("hunter2"));
}

/// Whoever comes while another migrates waits for longer than a request may take.
#[tokio::test]
async fn a_migration_may_take_longer_than_a_request() {
    let database = Database::new();
    let url = database.url.clone();
    let (other, connection) = tokio_postgres::connect(url.expose(), tokio_postgres::NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    let sql = format!("SELECT pg_advisory_lock({})", super::super::schema::LOCK);
    other.batch_execute(&sql).await.unwrap();
    let longer_than_a_request = hasty().statement_timeout() * 3;
    let release = async {
        tokio::time::sleep(longer_than_a_request).await;
        drop(other);
    };
    let config = hasty();
    let (opened, ()) = tokio::join!(PostgresStore::open(&url, &config), release);
    assert_eq!(opened.unwrap().acquire(PartitionId(0)).await.unwrap(), 1);
}
