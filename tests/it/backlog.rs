//! What piled up while tagwatch was away, or while its store was, drains: all of it, once, in order, and
//! in memory that does not grow with it.

use std::time::{Duration, Instant};

use rusqlite::Connection;
use tagwatch::store::{Block, JournalEntry, JournalInput};

use crate::harness::{
    Mosquitto, SHIPPED, Tagwatch, device, fix, publish, registry, sys, topic, wait_until,
};

const WEARERS: u32 = 200;

/// How much more memory tagwatch may hold at its most than after the first tenth of a backlog: what is
/// bounded (4,000 messages in flight, caches of SQLite, the engine's trails) is filled by then.
const GROWTH_MAX_KIB: u64 = 16 * 1024;

/// Between two fixes of one device: so that the longest backlog here is half a day old.
const CADENCE_MS: i64 = 10_000;
const OLDEST_MS: i64 = 50_000_000;

/// Fixes of everybody, outside the zone, of the last half day.
fn backlog(rounds: std::ops::Range<u32>) -> impl ExactSizeIterator<Item = (String, String)> {
    let topics: Vec<String> = (0..WEARERS).map(|n| topic(n as usize, 1)).collect();
    let start_ms = chrono::Utc::now().timestamp_millis() - OLDEST_MS;
    (rounds.start * WEARERS..rounds.end * WEARERS).map(move |n| {
        let (round, wearer) = (n / WEARERS, n % WEARERS);
        let fix = fix(
            u64::from(round) + 1,
            start_ms + i64::from(round) * CADENCE_MS,
            600.0,
        );
        (topics[wearer as usize].clone(), fix.to_string())
    })
}

/// Every reading in the journal, in its order: device and sequence number.
fn journaled(tagwatch: &Tagwatch) -> Vec<(String, u32)> {
    let connection = Connection::open(tagwatch.store_path()).unwrap();
    let mut statement = connection
        .prepare("SELECT body FROM blocks ORDER BY last_position")
        .unwrap();
    let bodies = statement.query_map([], |row| row.get::<_, Vec<u8>>(0));
    let entries = bodies
        .unwrap()
        .flat_map(|body| Block::entries(&body.unwrap()).unwrap());
    entries.map(|entry| told(&entry)).collect()
}

/// Device and sequence number of a reading.
fn told(entry: &JournalEntry) -> (String, u32) {
    match &entry.input {
        JournalInput::Reading(reading) => {
            let seq = reading.report.seq.unwrap();
            (
                reading.report.device.to_string(),
                u32::try_from(seq).unwrap(),
            )
        }
        other @ (JournalInput::Policy(_) | JournalInput::Erased) => panic!("{other:?}"),
    }
}

fn assert_all_once_in_order(tagwatch: &Tagwatch, rounds: u32) {
    let journaled = journaled(tagwatch);
    assert_eq!(journaled.len(), (rounds * WEARERS) as usize);
    let expected = (0..rounds * WEARERS).map(|n| (device((n % WEARERS) as usize), n / WEARERS + 1));
    assert!(expected.eq(journaled), "each once, in the order published");
}

/// What a drain took.
struct Drain {
    seconds: f64,
    /// Memory after the first tenth.
    early_kib: u64,
    most_kib: u64,
}

/// Waits until so many readings have been journaled since the start, watching the memory.
fn drain(tagwatch: &Tagwatch, readings: u64) -> Drain {
    let started = Instant::now();
    let (mut early_kib, mut most_kib) = (0, 0);
    let mut last = (0, Instant::now());
    loop {
        let done = tagwatch.journaled();
        if done > last.0 {
            last = (done, Instant::now());
        }
        assert!(
            last.1.elapsed() < Duration::from_secs(60),
            "stuck at {done}"
        );
        let memory = tagwatch.memory_kib();
        most_kib = most_kib.max(memory);
        if done * 10 < readings {
            early_kib = early_kib.max(memory);
        }
        if done >= readings {
            let seconds = started.elapsed().as_secs_f64();
            return Drain {
                seconds,
                early_kib,
                most_kib,
            };
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[expect(clippy::print_stdout, reason = "figures, for --nocapture")]
fn drains(rounds: u32) {
    let mosquitto = Mosquitto::start();
    let mut tagwatch = Tagwatch::start(mosquitto.port, 1, &registry(WEARERS as usize));
    wait_until("the session is there", || {
        tagwatch.metric("tagwatch_mqtt_connections") >= 1
    });
    assert!(tagwatch.terminate().success(), "{}", tagwatch.output());
    publish(mosquitto.port, backlog(0..rounds));
    tagwatch.restart();
    let drain = drain(&tagwatch, u64::from(rounds * WEARERS));
    let Drain {
        seconds,
        early_kib,
        most_kib,
    } = drain;
    let readings = rounds * WEARERS;
    println!("{readings} readings in {seconds:.1} s, at most {most_kib} KiB, {early_kib} early");
    assert!(
        most_kib < early_kib + GROWTH_MAX_KIB,
        "{most_kib} after {early_kib} KiB"
    );
    assert!(tagwatch.terminate().success(), "{}", tagwatch.output());
    assert_all_once_in_order(&tagwatch, rounds);
}

#[test]
fn a_backlog_of_fifty_thousand_messages_drains_all_once_in_order_in_flat_memory() {
    drains(50_000 / WEARERS);
}

/// `cargo test --test it -- --ignored --nocapture a_backlog_of_a_million`: minutes.
#[test]
#[ignore = "takes minutes; the same as the one above, twenty times as long"]
fn a_backlog_of_a_million_messages_drains_all_once_in_order_in_flat_memory() {
    drains(1_000_000 / WEARERS);
}

#[test]
fn while_the_store_is_locked_the_broker_holds_and_then_all_is_taken_in() {
    const BEFORE: u32 = 5;
    const WHILE: u32 = 45;
    let mosquitto = Mosquitto::with(&SHIPPED.replace("sys_interval 10", "sys_interval 1"));
    let mut tagwatch = Tagwatch::start(mosquitto.port, 1, &registry(WEARERS as usize));
    publish(mosquitto.port, backlog(0..BEFORE));
    let before = u64::from(BEFORE * WEARERS);
    wait_until("the first are in the file", || {
        journaled(&tagwatch).len() as u64 == before
    });

    let lock = Connection::open(tagwatch.store_path()).unwrap();
    lock.execute_batch("BEGIN EXCLUSIVE").unwrap();
    publish(mosquitto.port, backlog(BEFORE..BEFORE + WHILE));
    let early_kib = tagwatch.memory_kib();
    let mut why = String::new();
    wait_until("it is not ready and says why", || {
        let (status, body) = tagwatch.api.get("/readyz");
        why = body["reason"].as_str().unwrap_or_default().to_owned();
        status == 503 && why.contains("store unavailable")
    });
    assert!(
        why.contains("partition 0") && why.contains("locked"),
        "{why}"
    );
    assert_eq!(tagwatch.api.get("/healthz").0, 200, "it is alive");
    wait_until("the broker says that it holds them", || {
        let held: u32 = sys(mosquitto.port, "store/messages/count").parse().unwrap();
        held >= WHILE * WEARERS
    });
    let grown_kib = tagwatch.memory_kib().saturating_sub(early_kib);
    assert!(
        grown_kib < GROWTH_MAX_KIB,
        "{grown_kib} KiB while the store is locked"
    );
    assert_eq!(journaled(&tagwatch).len() as u64, before, "nothing is kept");

    lock.execute_batch("ROLLBACK").unwrap();
    let all = u64::from((BEFORE + WHILE) * WEARERS);
    wait_until("it goes on by itself", || tagwatch.journaled() == all);
    wait_until("it is ready again", || tagwatch.api.get("/readyz").0 == 200);
    assert!(tagwatch.terminate().success(), "{}", tagwatch.output());
    assert_all_once_in_order(&tagwatch, BEFORE + WHILE);
}
