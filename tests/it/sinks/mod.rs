//! Notifications are passed on to others' systems, which die in the middle of it and come back: each
//! arrives at least once, under one id, one wearer's in order.

mod amqp;
mod consumers;
mod mqtt;
mod receiver;
mod webhook;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::harness::{Tagwatch, publish, registry, wait_until, walks};

/// A key for tests, made by nobody for nothing else.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

const WEARERS: u32 = 12;
/// Everybody goes in, and out again.
const ROUNDS: u32 = 60;
/// 2026-03-02T10:00:00Z.
const START_MS: i64 = 1_772_445_600_000;
const QUEUE: &str = "police/staffordshire";

/// An installation with this sink, that takes readings in from the broker on `mqtt_port`.
fn start(mqtt_port: u16, sink: &str) -> Tagwatch {
    let registry = registry(WEARERS as usize);
    let sink = format!("\n[[sink]]\nname = \"police\"\nqueues = [\"police/*\"]\n{sink}");
    let variables = [("SINK_SECRET", SECRET)];
    Tagwatch::start_with(mqtt_port, 1, &registry, (&sink, &variables))
}

/// Has everybody breach their condition and leave again.
fn breach(mqtt_port: u16) {
    publish(mqtt_port, walks(START_MS, (ROUNDS, WEARERS), 1));
}

/// How the police's queue stands: ready, leased, dead, acknowledged.
fn standing(tagwatch: &Tagwatch) -> [u64; 4] {
    let (_, body) = tagwatch.api.get("/v1/queues");
    let queues = body["queues"].as_array().unwrap();
    let queue = queues.iter().find(|queue| queue["recipient"] == QUEUE);
    let count = |name: &str| queue.map_or(0, |queue| queue[name].as_u64().unwrap());
    ["ready", "leased", "dead", "acknowledged"].map(count)
}

/// Waits until all that was decided is taken over; at least an alert and its end for each.
fn wait_for_all(tagwatch: &Tagwatch) -> u64 {
    let all_in = u64::from(WEARERS * ROUNDS);
    wait_until("every reading is journaled", || {
        tagwatch.journaled() == all_in
    });
    wait_until("every notification is taken over", || {
        let [ready, leased, dead, acknowledged] = standing(tagwatch);
        assert_eq!(dead, 0);
        ready == 0 && leased == 0 && acknowledged >= u64::from(2 * WEARERS)
    });
    standing(tagwatch)[3]
}

/// Holds what arrived against what is promised: `count` notifications, each at least once and always
/// the same, and each wearer's in the order decided. Returns how many came again.
fn assert_promises(arrived: &[Value], count: u64) -> usize {
    let mut by_id: BTreeMap<&str, &Value> = BTreeMap::new();
    let mut by_wearer: BTreeMap<&str, Vec<(&str, u64)>> = BTreeMap::new();
    let mut again = 0;
    for event in arrived {
        let id = event["id"].as_str().unwrap();
        if let Some(first) = by_id.insert(id, event) {
            let decision = |event: &Value| event["data"]["decision"].clone();
            assert_eq!(decision(first), decision(event), "it says the same again");
            again += 1;
            continue;
        }
        let wearer = event["subject"].as_str().unwrap();
        let decision = &event["data"]["decision"];
        let place = (
            event["time"].as_str().unwrap(),
            decision["revision"].as_u64().unwrap(),
        );
        by_wearer.entry(wearer).or_default().push(place);
    }
    assert_eq!(by_id.len() as u64, count, "each arrives");
    assert_eq!(by_wearer.len(), WEARERS as usize);
    for (wearer, places) in by_wearer {
        assert!(places.is_sorted(), "{wearer}: {places:?}");
        let distinct: BTreeSet<_> = places.iter().collect();
        assert!(distinct.len() > 1, "{wearer}: {places:?}");
    }
    again
}

/// What the records of deliveries say that the remote end answered, of everything acknowledged.
fn answers(tagwatch: &Tagwatch) -> BTreeSet<(String, Option<String>)> {
    let connection = rusqlite::Connection::open(tagwatch.store_path()).unwrap();
    let mut statement = connection
        .prepare("SELECT consumer, answer FROM deliveries WHERE outcome = 'acknowledged'")
        .unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    rows.unwrap().map(Result::unwrap).collect()
}
