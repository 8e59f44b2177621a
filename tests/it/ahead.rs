//! The next batch is judged while the last is committed: what the store does not have yet is known all the same.

use std::time::Duration;

use rusqlite::Connection;
use tagwatch::store::JournalInput;

use crate::harness::{
    Mosquitto, Tagwatch, fix, journal, publish, registry, replayed_decisions, stored_decisions,
    topic, wait_until,
};

/// 2026-03-02T10:00:00Z.
const START_MS: i64 = 1_772_445_600_000;

/// Fixes with these numbers.
fn send(port: u16, numbers: impl IntoIterator<Item = u64>) {
    let messages = numbers.into_iter().map(|n| {
        let t_ms = START_MS + i64::try_from(n).unwrap() * 60_000;
        (topic(0, 1), fix(n, t_ms, 600.0).to_string())
    });
    publish(port, messages.collect::<Vec<_>>().into_iter());
}

fn numbers(tagwatch: &Tagwatch) -> Vec<u64> {
    let entries = journal(tagwatch.store()).into_iter();
    let seqs = entries.filter_map(|entry| match entry.input {
        JournalInput::Reading(reading) => reading.report.seq,
        JournalInput::Policy(_) | JournalInput::Erased => None,
    });
    seqs.collect()
}

#[test]
fn what_comes_again_while_its_commit_is_on_its_way_is_journaled_once() {
    let broker = Mosquitto::start();
    let mut tagwatch = Tagwatch::start(broker.port, 1, &registry(1));
    send(broker.port, [1]);
    wait_until("the first is taken in", || tagwatch.journaled() == 1);
    // Somebody else writes, and no commit comes to its end.
    let somebody = Connection::open(tagwatch.store_path()).unwrap();
    somebody.execute_batch("BEGIN IMMEDIATE").unwrap();
    send(broker.port, [2]);
    wait_until("the second is judged", || tagwatch.journaled() == 2);
    send(broker.port, [3, 2, 3, 1, 4]);
    std::thread::sleep(Duration::from_millis(300));
    somebody.execute_batch("COMMIT").unwrap();
    wait_until("all is taken in", || tagwatch.journaled() == 4);
    let again = "tagwatch_readings_total{kind=\"position\",outcome=\"duplicate\"}";
    wait_until("what came again is told apart", || {
        tagwatch.metric(again) == 3
    });
    assert!(tagwatch.terminate().success());
    assert_eq!(numbers(&tagwatch), [1, 2, 3, 4]);
    assert_eq!(
        replayed_decisions(&tagwatch),
        stored_decisions(tagwatch.store())
    );
}
