//! The process dies without last words, and nothing that the broker had acknowledged is lost.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use model::{Decision, ObservedAt};
use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS};
use tagwatch::store::JournalInput;

use crate::harness::{
    Mosquitto, Tagwatch, checkpoints, database, device, fix, journal, registry, replayed_decisions,
    start_postgres, stored_decisions, topic, wait_until,
};

const WEARERS: usize = 25;
const PARTITIONS: u16 = 3;
const FIXES_EACH: u64 = 160;

/// 2026-03-02T10:00:00Z.
const START_MS: i64 = 1_772_445_600_000;

/// Metres north of the zone's middle: everybody walks in, stays, and leaves.
fn walk(minute: u64) -> f64 {
    match minute {
        0..40 => 600.0,
        40..80 => 20.0,
        _ => 700.0,
    }
}

/// Publishes every wearer's walk, minute by minute, at QoS 1, and returns once the broker has
/// acknowledged all of it.
async fn publish_all(port: u16) {
    let mut options = MqttOptions::new("publisher", "127.0.0.1", port);
    options
        .set_inflight(50)
        .set_keep_alive(Duration::from_secs(30));
    let (client, mut events) = AsyncClient::new(options, 10);
    let sending = tokio::spawn(async move {
        for minute in 0..FIXES_EACH {
            for number in 0..WEARERS {
                let t_ms = START_MS + i64::try_from(minute).unwrap() * 60_000;
                let payload = fix(minute + 1, t_ms, walk(minute)).to_string();
                let topic = topic(number, PARTITIONS);
                client
                    .publish(topic, QoS::AtLeastOnce, false, payload)
                    .await
                    .unwrap();
            }
            // Spread over a few seconds, so that deaths fall into the middle of it.
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        client
    });
    let mut acknowledged = 0;
    while acknowledged < WEARERS * usize::try_from(FIXES_EACH).unwrap() {
        if let Event::Incoming(Packet::PubAck(_)) = events.poll().await.unwrap() {
            acknowledged += 1;
        }
    }
    drop(sending.await.unwrap());
}

/// Device, sequence number and time of every reading in the journal.
fn journaled(tagwatch: &Tagwatch) -> Vec<(String, u64, ObservedAt)> {
    let readings = journal(tagwatch.store())
        .into_iter()
        .filter_map(|entry| match entry.input {
            JournalInput::Reading(reading) => Some(reading.report),
            JournalInput::Policy(_) | JournalInput::Erased => None,
        });
    readings
        .map(|report| {
            (
                report.device.to_string(),
                report.seq.unwrap(),
                report.observed_at,
            )
        })
        .collect()
}

fn by_identity(decisions: Vec<Decision>) -> BTreeMap<(String, u32), Decision> {
    let count = decisions.len();
    let map: BTreeMap<_, _> = decisions
        .into_iter()
        .map(|d| ((d.alert.to_string(), d.revision), d))
        .collect();
    assert_eq!(map.len(), count, "a decision stands twice");
    map
}

#[test]
fn a_killed_process_loses_nothing_and_repeats_nothing() {
    let mosquitto = Mosquitto::start();
    let tagwatch = Tagwatch::start(mosquitto.port, PARTITIONS, &registry(WEARERS));
    kill_while_publishing(mosquitto.port, tagwatch);
}

#[test]
fn a_killed_process_loses_nothing_and_repeats_nothing_on_postgres() {
    let (mosquitto, postgres) = (Mosquitto::start(), start_postgres());
    let registry = registry(WEARERS);
    let store = database(&postgres);
    let tagwatch = Tagwatch::start_on(store, mosquitto.port, PARTITIONS, &registry);
    kill_while_publishing(mosquitto.port, tagwatch);
}

fn kill_while_publishing(port: u16, mut tagwatch: Tagwatch) {
    let publishing = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(publish_all(port));
    });
    for pause_ms in [700, 450, 900] {
        std::thread::sleep(Duration::from_millis(pause_ms));
        tagwatch.kill();
        tagwatch.restart();
    }
    publishing.join().unwrap();
    let expected = WEARERS * usize::try_from(FIXES_EACH).unwrap();
    wait_until("everything is in the journal", || {
        let metrics = tagwatch.api.get("/readyz").0;
        metrics == 200 && count_journaled(&tagwatch) >= expected
    });
    // Nobody stopped in good order so far: it was saved while readings came in.
    let saved = checkpoints(tagwatch.store());
    assert!(!saved.is_empty(), "{}", tagwatch.output());
    for checkpoint in saved {
        assert!(engine::Engine::restore(&checkpoint.snapshot).is_ok());
    }
    assert!(tagwatch.terminate().success(), "{}", tagwatch.output());

    let journaled = journaled(&tagwatch);
    let distinct: BTreeSet<_> = journaled.iter().cloned().collect();
    assert_eq!(journaled.len(), expected, "every reading once");
    assert_eq!(distinct.len(), expected, "and each of them");
    for number in 0..WEARERS {
        let own = journaled
            .iter()
            .filter(|(name, _, _)| *name == device(number))
            .count();
        assert_eq!(own, usize::try_from(FIXES_EACH).unwrap());
    }

    let stored = by_identity(stored_decisions(tagwatch.store()));
    let entered = |d: &&Decision| d.kind == model::DecisionKind::ExclusionZoneEntered;
    let opened = stored
        .values()
        .filter(entered)
        .filter(|d| d.phase == model::Phase::Opened);
    assert_eq!(opened.count(), WEARERS, "one alert for each who walked in");
    assert_eq!(
        stored,
        by_identity(replayed_decisions(&tagwatch)),
        "as a replay of the journal decides"
    );
}

/// Counts readings through the metrics of the running process plus what earlier ones left: the store
/// itself, opened a second time.
fn count_journaled(tagwatch: &Tagwatch) -> usize {
    journaled(tagwatch).len()
}

#[test]
fn told_to_stop_it_commits_acknowledges_and_leaves_a_checkpoint() {
    let mosquitto = Mosquitto::start();
    let mut tagwatch = Tagwatch::start(mosquitto.port, 1, &registry(1));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let (client, mut events) = AsyncClient::new(
            MqttOptions::new("publisher", "127.0.0.1", mosquitto.port),
            10,
        );
        let payload = fix(1, START_MS, 500.0).to_string();
        client
            .publish(topic(0, 1), QoS::AtLeastOnce, false, payload)
            .await
            .unwrap();
        while !matches!(
            events.poll().await.unwrap(),
            Event::Incoming(Packet::PubAck(_))
        ) {}
    });
    wait_until("the reading is in the journal", || {
        count_journaled(&tagwatch) == 1
    });
    assert!(tagwatch.terminate().success(), "{}", tagwatch.output());
    tagwatch.restart();
    assert!(tagwatch.terminate().success());
    assert_eq!(
        count_journaled(&tagwatch),
        1,
        "nothing comes again after a clean stop"
    );
    assert!(
        !tagwatch.output().contains("ERROR"),
        "{}",
        tagwatch.output()
    );
}
