//! `tagwatch verify`: a store that `tagwatch run` has written is proved, and what somebody changed in it
//! is found by name.

use std::path::{Path, PathBuf};
use std::process::Command;

use rusqlite::Connection;
use serde_json::Value;

use crate::harness::{Mosquitto, TAGWATCH, Tagwatch, publish, registry, wait_until};

const WEARERS: u32 = 4;
const PARTITIONS: u16 = 2;
const ROUNDS: u32 = 60;

/// Everybody's walk, up to now.
fn walks() -> impl ExactSizeIterator<Item = (String, String)> {
    let start_ms = chrono::Utc::now().timestamp_millis() - i64::from(ROUNDS) * 60_000;
    crate::harness::walks(start_ms, (ROUNDS, WEARERS), PARTITIONS)
}

/// An installation that has decided something and was stopped.
fn a_store() -> Tagwatch {
    let mosquitto = Mosquitto::start();
    let mut tagwatch = Tagwatch::start(mosquitto.port, PARTITIONS, &registry(WEARERS as usize));
    publish(mosquitto.port, walks());
    let journaled = "tagwatch_readings_total{kind=\"position\",outcome=\"journaled\"}";
    wait_until("everything is taken in", || {
        tagwatch.metric(journaled) == u64::from(ROUNDS * WEARERS)
    });
    assert!(tagwatch.terminate().success(), "{}", tagwatch.output());
    tagwatch
}

fn verify(store: &Path) -> (bool, Value) {
    let output = Command::new(TAGWATCH)
        .args(["verify", "--json", "--store"])
        .arg(store)
        .output()
        .unwrap();
    let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("{error}: {}", String::from_utf8_lossy(&output.stderr));
    });
    (output.status.success(), report)
}

/// A copy of the store with something changed in it, and what is found.
fn tampered(original: &Tagwatch, change: &str) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let path: PathBuf = folder.path().join("copy.sqlite");
    std::fs::copy(original.store_path(), &path).unwrap();
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch(change).unwrap();
    assert!(connection.total_changes() > 0, "{change} changes nothing");
    drop(connection);
    let (sound, report) = verify(&path);
    assert!(!sound, "{change} was not found");
    report["findings"].as_array().unwrap().clone()
}

/// What kinds of things were found.
fn names(findings: &[Value]) -> Vec<&str> {
    let names = findings.iter().map(|finding| finding["finding"].as_str());
    let mut names: Vec<&str> = names.map(Option::unwrap).collect();
    names.dedup();
    names
}

#[test]
fn a_store_is_proved_and_what_was_changed_in_it_is_found_by_name() {
    let store = a_store();
    let (sound, report) = verify(&store.store_path());
    assert!(sound, "{report}");
    let decisions = &report["decisions"];
    assert!(
        decisions["matching"].as_u64().unwrap() >= u64::from(2 * WEARERS),
        "{report}"
    );
    assert!(
        report["queue_rows"]["present"].as_u64().unwrap() > 0,
        "{report}"
    );
    assert_eq!(
        report["partitions"].as_array().unwrap().len(),
        usize::from(PARTITIONS)
    );

    let found = tampered(
        &store,
        "UPDATE decisions SET body = replace(body, '\"fixes_used\":', '\"fixes_used\":9')
         WHERE event = (SELECT min(event) FROM decisions WHERE body LIKE '%\"kind\":\"exclusion_zone_entered\"%')",
    );
    assert_eq!(names(&found), ["decision_different"], "{found:?}");
    assert_eq!(found[0]["field"], "/evidence/fixes_used");
    assert_eq!(found[0]["kind"], "exclusion_zone_entered");
    let value = |side: &str| found[0][side].as_str().unwrap().to_owned();
    assert_eq!(value("kept"), format!("9{}", value("replayed")));

    let found = tampered(
        &store,
        "DELETE FROM journal WHERE partition = 0 AND position =
             (SELECT max(position) - 2 FROM journal WHERE partition = 0)",
    );
    assert_eq!(found[0]["finding"], "entries_missing", "{found:?}");
    assert_eq!(found[0]["from"], found[0]["to"]);

    a_changed_order_is_found(&store);
    what_is_gone_or_added_is_found(&store);
    what_cannot_be_read_is_found(&store);
}

fn a_changed_order_is_found(store: &Tagwatch) {
    let last = "(SELECT max(position) FROM journal WHERE partition = 0)";
    let found = tampered(
        store,
        &format!(
            "UPDATE journal SET position = -1 WHERE partition = 0 AND position = {last};
             UPDATE journal SET position = (SELECT max(position) + 1 FROM journal WHERE partition = 0)
                 WHERE partition = 0 AND position = 5;
             UPDATE journal SET position = 5 WHERE partition = 0 AND position = -1;"
        ),
    );
    assert_eq!(found[0]["finding"], "entry_out_of_order", "{found:?}");
    assert_eq!(
        found[0]["position"], 6,
        "it is earlier than what now stands before it"
    );
}

fn what_is_gone_or_added_is_found(store: &Tagwatch) {
    let found = tampered(
        store,
        "PRAGMA foreign_keys = off;
         DELETE FROM decisions WHERE event = (SELECT min(event) FROM decisions WHERE revision = 2)",
    );
    assert!(names(&found).contains(&"decision_missing"), "{found:?}");

    let found = tampered(
        store,
        "INSERT INTO decisions
             (alert, revision, phase, decided_ms, severity, notify_by_ms, recipients, body)
         SELECT alert, 77, phase, decided_ms, severity, notify_by_ms, '[]', body
         FROM decisions LIMIT 1",
    );
    assert_eq!(names(&found), ["decision_extra"], "{found:?}");
    assert_eq!(found[0]["revision"], 77);

    let found = tampered(
        store,
        "PRAGMA foreign_keys = off;
         DELETE FROM notifications WHERE number = (SELECT min(number) FROM notifications)",
    );
    assert_eq!(names(&found), ["queue_row_missing"], "{found:?}");
    assert!(found[0]["recipient"].is_string(), "{found:?}");
}

fn what_cannot_be_read_is_found(store: &Tagwatch) {
    let found = tampered(
        store,
        "UPDATE journal SET body = replace(body, '\"lat\":52', '\"lat\":53')
         WHERE partition = 0 AND position = (SELECT min(position) FROM journal
             WHERE partition = 0 AND body LIKE '%\"seq\":22,%')",
    );
    assert!(names(&found).contains(&"decision_different"), "{found:?}");

    let found = tampered(
        store,
        "UPDATE journal SET body = replace(body, '\"seq\":30,', '\"seq\":31,')
         WHERE body LIKE '%\"seq\":30,%'",
    );
    assert!(names(&found).contains(&"reading_altered"), "{found:?}");

    let found = tampered(
        store,
        "UPDATE journal SET body = '{' WHERE partition = 0 AND position = 9",
    );
    assert_eq!(names(&found), ["entry_unreadable"], "{found:?}");
    assert_eq!(found[0]["position"], 9);
}

#[test]
fn a_store_in_use_can_be_proved() {
    let mosquitto = Mosquitto::start();
    let tagwatch = Tagwatch::start(mosquitto.port, PARTITIONS, &registry(WEARERS as usize));
    let publishing = std::thread::spawn(move || {
        publish(mosquitto.port, walks());
        mosquitto
    });
    for _ in 0..3 {
        let (sound, report) = verify(&tagwatch.store_path());
        assert!(sound, "{report}");
    }
    drop(publishing.join().unwrap());
}

#[test]
fn no_store_is_not_taken_for_a_sound_one() {
    let output = Command::new(TAGWATCH)
        .args(["verify", "--store", "/nowhere/tagwatch.sqlite"])
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("no store at /nowhere"));
}
