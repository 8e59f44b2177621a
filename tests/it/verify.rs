//! `tagwatch verify`: a store that `tagwatch run` has written is proved, and what somebody changed in it
//! is found by name.

use std::path::{Path, PathBuf};
use std::process::Command;

use model::{DeviceReading, ReadingBody};
use rusqlite::{Connection, params};
use serde_json::Value;
use tagwatch::store::{Block, JournalEntry, JournalInput};

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
    changed(original, |connection| {
        connection.execute_batch(change).unwrap();
        assert!(connection.total_changes() > 0, "{change} changes nothing");
    })
}

/// The same, of readings that partition 0 journaled.
fn rewritten(original: &Tagwatch, change: impl FnOnce(&mut Vec<JournalEntry>)) -> Vec<Value> {
    changed(original, |connection| {
        let blocks = blocks(connection);
        let entries = |block: &(i64, Vec<u8>)| Block::entries(&block.1).unwrap();
        let mut all: Vec<JournalEntry> = blocks.iter().flat_map(entries).collect();
        let before = all.clone();
        change(&mut all);
        assert_ne!(all, before, "nothing is changed");
        for block in &blocks {
            let places: Vec<u64> = entries(block).iter().map(|entry| entry.position).collect();
            let is_here = |entry: &&JournalEntry| places.contains(&entry.position);
            let here: Vec<JournalEntry> = all.iter().filter(is_here).cloned().collect();
            rewrite(connection, block.0, &Block::of(&here).unwrap().unwrap());
        }
    })
}

/// Rows and bodies of partition 0's blocks, in order.
fn blocks(connection: &Connection) -> Vec<(i64, Vec<u8>)> {
    let sql = "SELECT rowid, body FROM blocks WHERE partition = 0 ORDER BY last_position";
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    rows.unwrap().map(Result::unwrap).collect()
}

/// Puts other readings into a row, with everything that is said of them beside.
fn rewrite(connection: &Connection, row: i64, block: &Block) {
    let numbers = [block.first, block.last, block.readings].map(u64::cast_signed);
    let sql = "UPDATE blocks SET first_position = ?2, last_position = ?3, readings = ?4,
             from_ms = ?5, to_ms = ?6, observed_from_ms = ?7, observed_to_ms = ?8, keys = ?9,
             body = ?10
         WHERE rowid = ?1";
    let Block { from_ms, to_ms, .. } = block;
    let [first, last, readings] = numbers;
    let observed = (block.observed_from_ms, block.observed_to_ms);
    let values = params![
        row, first, last, readings, from_ms, to_ms, observed.0, observed.1, block.keys, block.body
    ];
    assert_eq!(connection.execute(sql, values).unwrap(), 1);
}

fn changed(original: &Tagwatch, change: impl FnOnce(&Connection)) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let path: PathBuf = folder.path().join("copy.sqlite");
    std::fs::copy(original.store_path(), &path).unwrap();
    let connection = Connection::open(&path).unwrap();
    change(&connection);
    drop(connection);
    let (sound, report) = verify(&path);
    assert!(!sound, "the change was not found");
    report["findings"].as_array().unwrap().clone()
}

fn report(entry: &mut JournalEntry) -> &mut DeviceReading {
    match &mut entry.input {
        JournalInput::Reading(reading) => &mut reading.report,
        other @ (JournalInput::Policy(_) | JournalInput::Erased) => panic!("{other:?}"),
    }
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

    let found = rewritten(&store, |entries| {
        entries.remove(entries.len() - 3);
    });
    assert_eq!(found[0]["finding"], "entries_missing", "{found:?}");
    assert_eq!(found[0]["from"], found[0]["to"]);

    a_changed_order_is_found(&store);
    what_is_gone_or_added_is_found(&store);
    what_cannot_be_read_is_found(&store);
}

/// The first reading and the last change places.
fn a_changed_order_is_found(store: &Tagwatch) {
    let mut second = 0;
    let found = rewritten(store, |entries| {
        let (Some(first), Some(last)) = (entries.first().cloned(), entries.last().cloned()) else {
            panic!("no readings");
        };
        let put = |entry: &mut JournalEntry, other: JournalEntry| {
            (entry.at, entry.input) = (other.at, other.input);
        };
        put(entries.first_mut().unwrap(), last);
        put(entries.last_mut().unwrap(), first);
        second = entries[1].position;
    });
    assert_eq!(found[0]["finding"], "entry_out_of_order", "{found:?}");
    assert_eq!(
        found[0]["position"], second,
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
    let found = rewritten(store, |entries| {
        let mut reports = entries.iter_mut().map(report);
        let reading = reports.find(|report| report.seq == Some(22)).unwrap();
        match &mut reading.body {
            ReadingBody::Position(position) => position.lat += 1.0,
            other => panic!("{other:?}"),
        }
    });
    assert!(names(&found).contains(&"decision_different"), "{found:?}");

    let found = rewritten(store, |entries| {
        for entry in entries {
            let report = report(entry);
            report.seq = report.seq.map(|seq| if seq == 30 { 31 } else { seq });
        }
    });
    assert!(names(&found).contains(&"reading_altered"), "{found:?}");

    let mut damaged = 0;
    let found = changed(store, |connection| damaged = damage(connection));
    assert_eq!(names(&found), ["entry_unreadable"], "{found:?}");
    assert_eq!(found[0]["position"], damaged);

    let found = tampered(
        store,
        "UPDATE policy_changes SET body = '{' WHERE partition = 0 AND position = 2",
    );
    assert_eq!(names(&found), ["entry_unreadable"], "{found:?}");
    assert_eq!(found[0]["position"], 2);
}

/// Writes over the bytes of a reading in the middle of a block, and of all after it. Returns its position.
fn damage(connection: &Connection) -> u64 {
    let blocks = blocks(connection);
    let is_large = |block: &&(i64, Vec<u8>)| Block::entries(&block.1).unwrap().len() > 2;
    let (row, body) = blocks.iter().find(is_large).unwrap();
    let entries = Block::entries(body).unwrap();
    let (before, after) = entries.split_at(entries.len() / 2);
    let mut damaged = Block::of(before).unwrap().unwrap().body;
    assert!(body.starts_with(&damaged));
    damaged.resize(body.len(), 0xff);
    let sql = "UPDATE blocks SET body = ?2 WHERE rowid = ?1";
    assert_eq!(connection.execute(sql, params![row, damaged]).unwrap(), 1);
    after[0].position
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

/// What `tagwatch journal` prints of a store, by line.
fn printed(store: &Path, more: &[&str]) -> Vec<Value> {
    let output = Command::new(TAGWATCH)
        .args(["journal", "--by", "clerk", "--store"])
        .arg(store)
        .args(more)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let text = String::from_utf8(output.stdout).unwrap();
    let line = |line| serde_json::from_str(line).unwrap();
    text.lines().map(line).collect()
}

#[test]
fn what_was_taken_in_is_printed_in_the_documented_format_and_who_looked_is_written_down() {
    let tagwatch = a_store();
    let store = tagwatch.store_path();
    let everything = printed(&store, &[]);
    let readings: Vec<&Value> = everything
        .iter()
        .filter_map(|line| line["input"].get("reading"))
        .collect();
    assert_eq!(readings.len(), (ROUNDS * WEARERS) as usize);
    let wearer = readings[0]["wearer"].as_str().unwrap();
    let theirs = printed(&store, &["--wearer", wearer]);
    assert_eq!(theirs.len(), ROUNDS as usize);
    for line in &theirs {
        let reading = &line["input"]["reading"];
        assert_eq!(
            (&reading["wearer"], &reading["kind"]),
            (&wearer.into(), &"position".into())
        );
        assert!(
            reading["lat"].is_f64() && reading["t"].is_string(),
            "{reading}"
        );
    }
    let connection = Connection::open(&store).unwrap();
    let looks = "SELECT count(*) FROM audit WHERE actor = 'clerk' AND action = 'journal.read'";
    let looks: u32 = connection.query_row(looks, [], |row| row.get(0)).unwrap();
    assert_eq!(looks, 2);
}
