//! A file of the version before, in which each reading was a row.

use model::{PartitionId, PolicyChange};
use rusqlite::{Connection, params};

use super::*;
use crate::store::contract::sample;
use crate::store::{HistoryQuery, JournalEntry, JournalInput, Store, value};

const PARTITION: PartitionId = PartitionId(3);

fn entries() -> Vec<JournalEntry> {
    let mut entries: Vec<JournalEntry> = (1..=1_200)
        .map(|n| {
            let seconds = i64::try_from(n).unwrap() * 60;
            sample::entry(n, sample::fix(&format!("GPS-{}", n % 7), Some(n), seconds))
        })
        .collect();
    let change: PolicyChange =
        serde_json::from_str(r#"{"wearer":{"id":"W-1","name":"Zoë"}}"#).unwrap();
    entries[0].input = JournalInput::Policy(change.clone());
    entries[700].input = JournalInput::Policy(change);
    entries[800].input = JournalInput::Erased;
    entries
}

fn insert(connection: &Connection, entry: &JournalEntry) {
    let (kind, device, body) = match &entry.input {
        JournalInput::Reading(reading) => {
            let report = &reading.report;
            let kind = report.body.fact().to_string();
            (
                kind,
                Some(report.device.to_string()),
                value::json(reading).unwrap(),
            )
        }
        JournalInput::Policy(change) => ("policy".to_owned(), None, value::json(change).unwrap()),
        JournalInput::Erased => ("erased".to_owned(), None, "{}".to_owned()),
    };
    connection
        .execute(
            "INSERT INTO journal (partition, position, at_ms, kind, device, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                PARTITION.0,
                i64::try_from(entry.position).unwrap(),
                entry.at.epoch_ms(),
                kind,
                device,
                body
            ],
        )
        .unwrap();
}

#[tokio::test]
async fn rows_of_the_version_before_become_blocks() {
    let site = File::new();
    let mut connection = connection::writing(&site.path()).unwrap();
    schema::migrate_to(&mut connection, 12).unwrap();
    connection
        .execute(
            "INSERT INTO partition_owners (partition, epoch) VALUES (3, 4)",
            [],
        )
        .unwrap();
    entries()
        .iter()
        .for_each(|entry| insert(&connection, entry));
    drop(connection);

    let store = site.open().await;
    let journal = store.journal_after(PARTITION, 0, 10_000).await.unwrap();
    assert_eq!(journal, entries());
    assert_eq!(store.last_position(PARTITION).await.unwrap(), 1_200);
    assert_eq!(store.partitions().await.unwrap(), [PARTITION]);
    assert_eq!(store.policy_changes(None).await.unwrap().len(), 2);
    let seen = store.seen(&[sample::device("GPS-6")]).await.unwrap();
    assert!(seen[0].may_hold(&sample::fix("GPS-6", Some(1_196), 0).report.identity()));
    let query = HistoryQuery {
        partition: PARTITION,
        wearer: sample::wearer("W-1"),
        since: sample::at(0),
        up_to: 1_200,
        limit: 10_000,
    };
    assert_eq!(store.history(&query).await.unwrap().len(), 1_197);
    assert_eq!(store.acquire(PARTITION).await.unwrap(), 5);
}
