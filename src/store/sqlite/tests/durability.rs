//! The file: who may read it, what is refused, and how long a commit lasts.

use super::*;
use crate::store::contract::sample;

#[test]
fn a_commit_is_synced_to_the_disk_before_it_returns() {
    let site = File::new();
    let connection = connection::writing(&site.path()).unwrap();
    let pragma = |name| -> String {
        connection
            .pragma_query_value(None, name, |row| {
                row.get::<_, rusqlite::types::Value>(0)
                    .map(|value| format!("{value:?}"))
            })
            .unwrap()
    };
    assert_eq!(pragma("journal_mode"), r#"Text("wal")"#);
    // 2 is FULL.
    assert_eq!(pragma("synchronous"), "Integer(2)");
}

#[cfg(unix)]
#[tokio::test]
async fn only_its_owner_may_read_the_file_and_its_log() {
    use std::os::unix::fs::PermissionsExt;
    let site = File::new();
    let store = site.open().await;
    sample::commit_readings(&store, vec![sample::fix("GPS-1", Some(1), 0)]).await;
    let folder = site.path().parent().unwrap().to_owned();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    let files: Vec<_> = std::fs::read_dir(&folder).unwrap().collect();
    assert!(files.len() >= 2, "the file and its log");
    for file in files {
        assert_eq!(mode(&file.unwrap().path()), 0o600);
    }
}

#[test]
fn a_file_that_is_no_database_is_refused_and_left_as_it_was() {
    let site = File::new();
    std::fs::create_dir_all(site.path().parent().unwrap()).unwrap();
    let text = "minutes of the meeting\n".repeat(100);
    std::fs::write(site.path(), &text).unwrap();
    let refusal = SqliteStore::open(site.path()).err().unwrap();
    assert!(matches!(refusal, StoreError::Corrupt(_)), "{refusal}");
    assert_eq!(std::fs::read_to_string(site.path()).unwrap(), text);
}

#[test]
fn a_folder_that_cannot_be_made_is_unavailable() {
    let site = File::new();
    let file = site.folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let refusal = SqliteStore::open(file.join("store.sqlite")).err().unwrap();
    assert!(matches!(refusal, StoreError::Unavailable(_)), "{refusal}");
}

#[tokio::test]
async fn a_closed_store_is_unavailable_and_its_file_whole() {
    let site = File::new();
    let store = Arc::new(SqliteStore::open(site.path()).unwrap());
    let as_store: Arc<dyn Store> = store.clone();
    sample::commit_readings(&as_store, vec![sample::fix("GPS-1", Some(1), 0)]).await;
    store.close().await;
    store.close().await;
    let refusal = store.acquire(PartitionId(0)).await;
    assert!(matches!(refusal, Err(StoreError::Unavailable(_))));
    let refusal = store.last_position(PartitionId(0)).await;
    assert!(matches!(refusal, Err(StoreError::Unavailable(_))));
    let log = site.path().with_extension("sqlite-wal");
    assert!(!log.exists(), "the log is folded into the file");
    let reopened = site.open().await;
    assert_eq!(reopened.last_position(PartitionId(0)).await.unwrap(), 1);
}

#[tokio::test]
async fn what_was_let_in_before_closing_is_done() {
    let site = File::new();
    let store = Arc::new(SqliteStore::open(site.path()).unwrap());
    let waiting: Vec<_> = (0..20)
        .map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.acquire(PartitionId(0)).await })
        })
        .collect();
    tokio::task::yield_now().await;
    store.close().await;
    let mut done = 0;
    for answer in waiting {
        done += u64::from(answer.await.unwrap().is_ok());
    }
    let reopened = site.open().await;
    assert_eq!(reopened.acquire(PartitionId(0)).await.unwrap(), done + 1);
}

/// What this program writes today must be found by those of tomorrow: a body that does not decode
/// is reported as such, and does not stop the rest from being read.
#[tokio::test]
async fn an_unreadable_body_is_reported_as_corrupt() {
    let site = File::new();
    let store = site.open().await;
    sample::commit_readings(&store, vec![sample::fix("GPS-1", Some(1), 0)]).await;
    let connection = connection::writing(&site.path()).unwrap();
    connection
        .execute("UPDATE blocks SET body = x'0105'", [])
        .unwrap();
    let refusal = store.journal_after(PartitionId(0), 0, 10).await;
    assert!(matches!(refusal, Err(StoreError::Corrupt(_))));
    assert_eq!(store.last_position(PartitionId(0)).await.unwrap(), 1);
}
