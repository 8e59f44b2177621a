//! The registry is changed over HTTP while everything runs.

use serde_json::{Value, json};

use crate::harness::{Mosquitto, Tagwatch, ZONE_LAT, ZONE_LON, fix, publish, topic, wait_until};

const PARTITIONS: u16 = 2;

/// A wearer, their tag and an order that keeps them out of a zone, one by one, as a clerk enters them.
fn enter(tagwatch: &Tagwatch) {
    let made = |path: &str, document: Value| {
        let (status, body) = tagwatch.api.change("PUT", path, None, &document);
        assert_eq!(status, 200, "{body}");
    };
    made("/v1/registry/zone/Z-1", zone(ZONE_LAT));
    made(
        "/v1/registry/wearer/W-0",
        json!({"id": "W-0", "police_force": "loamshire"}),
    );
    made(
        "/v1/registry/order/O-1",
        json!({"id": "O-1", "wearer": "W-0", "type": "BAIL", "from": "2026-01-01T00:00:00Z",
            "conditions": [{"id": "C-1", "kind": "exclusion_zone", "zones": ["Z-1"]}]}),
    );
    let worn = json!({"wearer": "W-0", "kind": "gps", "from": "2026-01-01T00:00:00Z"});
    let (status, body) = tagwatch
        .api
        .change("POST", "/v1/devices/GPS-0/activate", None, &worn);
    assert_eq!(status, 200, "{body}");
}

fn zone(lat: f64) -> Value {
    json!({"type": "Feature", "properties": {"name": "The Circle", "radius_m": 150.0},
        "geometry": {"type": "Point", "coordinates": [ZONE_LON, lat]}})
}

/// Fixes in the middle of the circle, a minute apart, the last one `ago` minutes old.
fn stand_still(port: u16, seq: u64, fixes: u64, ago: i64) {
    let now_ms = chrono::Utc::now().timestamp_millis();
    let messages = (0..fixes).map(move |minute| {
        let before = ago + i64::try_from(fixes - 1 - minute).unwrap();
        let payload = fix(seq + minute, now_ms - before * 60_000, 5.0);
        (topic(0, PARTITIONS), payload.to_string())
    });
    publish(port, messages);
}

fn state(tagwatch: &Tagwatch) -> Vec<(String, u64)> {
    let (_, body) = tagwatch.api.get("/v1/alerts?kind=exclusion_zone_entered");
    let told = |alert: &Value| {
        let state = alert["state"].as_str().unwrap().to_owned();
        (state, alert["decision"]["registry"].as_u64().unwrap())
    };
    body["alerts"]
        .as_array()
        .unwrap()
        .iter()
        .map(told)
        .collect()
}

/// Waits until every engine has come to the newest revision, which it gives back.
fn followed(tagwatch: &Tagwatch) -> u64 {
    let (_, body) = tagwatch.api.get("/v1/registry");
    let revision = body["revision"].as_u64().unwrap();
    wait_until("the engines follow", || {
        (0..PARTITIONS).all(|partition| {
            let name = format!("tagwatch_registry_revision{{partition=\"{partition}\"}}");
            tagwatch.metric(&name) == revision
        })
    });
    revision
}

#[test]
fn what_is_entered_is_watched_and_what_is_varied_is_judged_by_from_then_on() {
    let mosquitto = Mosquitto::start();
    let mut tagwatch = Tagwatch::start(mosquitto.port, PARTITIONS, "{}");
    enter(&tagwatch);
    let entered = followed(&tagwatch);
    assert_eq!(entered, 4);
    stand_still(mosquitto.port, 1, 8, 20);
    wait_until("the visit is told of", || {
        state(&tagwatch) == [("open".to_owned(), entered)]
    });
    assert_eq!(tagwatch.api.dead_letters(), []);

    // The zone is moved away from the wearer, by one of two people who have both seen version 1.
    let away = zone(ZONE_LAT + 0.1);
    let path = "/v1/registry/zone/Z-1";
    let (status, body) = tagwatch.api.change("PUT", path, Some(1), &away);
    assert_eq!(status, 200, "{body}");
    let (status, body) = tagwatch.api.change("PUT", path, Some(1), &away);
    assert_eq!(status, 412, "{body}");
    let moved = followed(&tagwatch);
    assert_eq!(moved, entered + 1);
    stand_still(mosquitto.port, 9, 10, 0);
    wait_until("the breach has ended", || {
        state(&tagwatch) == [("cleared".to_owned(), moved)]
    });

    tagwatch.kill();
    tagwatch.restart();
    assert_eq!(followed(&tagwatch), moved);
    let (_, versions) = tagwatch.api.get(&format!("{path}/versions"));
    assert_eq!(versions["parts"].as_array().unwrap().len(), 2);
    let (_, before) = tagwatch.api.get(&format!("{path}?revision={entered}"));
    assert_eq!(
        before["document"]["geometry"]["coordinates"],
        json!([ZONE_LON, ZONE_LAT])
    );
}
