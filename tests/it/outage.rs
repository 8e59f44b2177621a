//! Our outage is not their silence: the process is away over the start of a curfew, and is then given
//! everything that was sent meanwhile.
//!
//! `OUTAGE_WEARERS=25000 OUTAGE_MINUTES=30 cargo test --release --test it outage` is the size of a
//! county.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use chrono_tz::Europe::London;
use model::{Decision, DecisionKind, Phase};
use serde_json::{Value, json};

use crate::harness::{
    Mosquitto, Tagwatch, fix, publish, replayed_decisions, stored_decisions, topic, wait_until,
};

const PARTITIONS: u16 = 3;

/// Every tenth wearer is not at home when the curfew begins.
const OUT_EVERY: usize = 10;

/// The curfew began so many minutes before the process is there again: longer than its grace of 15.
const CURFEW_MIN: i64 = 20;

fn number(name: &str, usual: usize) -> usize {
    std::env::var(name).map_or(usual, |text| text.parse().unwrap())
}

fn minutes_long(count: usize) -> TimeDelta {
    TimeDelta::minutes(count.try_into().unwrap())
}

/// Everybody is to be at home, in the middle of the harness's circle, from `start` on for six hours.
fn registry(wearers: usize, start: DateTime<Utc>) -> String {
    let local = |at: DateTime<Utc>| at.with_timezone(&London).format("%H:%M").to_string();
    let end = start + TimeDelta::hours(6);
    let mut document: Value = serde_json::from_str(&crate::harness::registry(wearers)).unwrap();
    let orders = document["orders"].as_array_mut().unwrap();
    for (number, order) in orders.iter_mut().enumerate() {
        order["time_zone"] = json!("Europe/London");
        order["conditions"] = json!([{
            "id": format!("C-{number}"), "kind": "curfew", "place": "P-1", "windows": [{
                "days": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
                "start": local(start), "end": local(end),
            }]
        }]);
    }
    document["places"] = json!([{
        "id": "P-1", "lat": crate::harness::ZONE_LAT, "lon": crate::harness::ZONE_LON, "radius_m": 50
    }]);
    document.to_string()
}

/// Fixes of everybody, minute by minute, from `from` on.
fn report(
    port: u16,
    wearers: usize,
    (from, minutes): (DateTime<Utc>, usize),
    north_m: impl Fn(usize, DateTime<Utc>) -> f64 + Send + 'static,
) {
    let minutes = (0..minutes).map(move |minute| from + minutes_long(minute));
    let fixes = minutes.flat_map(move |at| (0..wearers).map(move |wearer| (wearer, at)));
    let messages = fixes.map(move |(wearer, at)| {
        let (minute, t_ms) = (at.timestamp() / 60, at.timestamp_millis());
        let payload = fix(minute.unsigned_abs(), t_ms, north_m(wearer, at));
        (topic(wearer, PARTITIONS), payload.to_string())
    });
    publish(port, messages);
}

/// Waits for so many readings, however long it takes, as long as it goes on.
fn take_in(tagwatch: &Tagwatch, readings: u64) {
    let mut journaled = tagwatch.journaled();
    while journaled < readings {
        let before = journaled;
        wait_until("more is taken in", || {
            journaled = tagwatch.journaled();
            journaled > before
        });
    }
}

fn text(mut decisions: Vec<Decision>) -> String {
    decisions.sort_by_key(|d| (d.alert.to_string(), d.revision));
    serde_json::to_string_pretty(&decisions).unwrap()
}

#[test]
fn an_outage_over_the_start_of_a_curfew_makes_nobody_silent_and_hides_no_breach() {
    let wearers = number("OUTAGE_WEARERS", 120);
    let minutes = number("OUTAGE_MINUTES", 75);
    let now = Utc::now()
        .with_second(0)
        .unwrap()
        .with_nanosecond(0)
        .unwrap();
    let curfew = now - TimeDelta::minutes(CURFEW_MIN);
    let down = now - minutes_long(minutes);

    let mosquitto = Mosquitto::start();
    let port = mosquitto.port;
    let registry = registry(wearers, curfew);
    let mut tagwatch = Tagwatch::start_in_the_past(port, PARTITIONS, &registry, Utc::now() - down);
    report(port, wearers, (down - TimeDelta::minutes(4), 4), |_, _| 5.0);
    let before = 4 * wearers;
    wait_until("the last fixes before the outage are kept", || {
        tagwatch.journaled() >= before as u64
    });
    tagwatch.kill();

    // They leave ten minutes before they have to be at home.
    let left = curfew - TimeDelta::minutes(10);
    let north_m = move |wearer: usize, at| {
        let is_out = wearer.is_multiple_of(OUT_EVERY) && at >= left;
        if is_out { 900.0 } else { 5.0 }
    };
    report(port, wearers, (down, minutes), north_m);
    tagwatch.restart();
    take_in(&tagwatch, (minutes * wearers) as u64);
    wait_until("intake has caught up", || !tagwatch.is_behind());
    assert!(tagwatch.terminate().success(), "{}", tagwatch.output());

    let stored = stored_decisions(tagwatch.store());
    let opened = |kind: DecisionKind| {
        let opened = stored
            .iter()
            .filter(move |d| d.kind == kind && d.phase == Phase::Opened);
        opened.map(|d| d.wearer.to_string()).collect::<Vec<_>>()
    };
    let told: BTreeSet<&str> = stored.iter().map(|d| d.kind.as_str()).collect();
    assert_eq!(told, BTreeSet::from(["intake_gap", "out_past_start"]));
    let out: BTreeSet<String> = opened(DecisionKind::OutPastStart).into_iter().collect();
    let expected = (0..wearers).step_by(OUT_EVERY).map(|n| format!("W-{n}"));
    assert_eq!(out, expected.collect());
    assert_eq!(opened(DecisionKind::IntakeGap).len(), 1);
    let gap: Vec<Phase> = stored
        .iter()
        .filter(|d| d.kind == DecisionKind::IntakeGap)
        .map(|d| d.phase)
        .collect();
    assert_eq!(gap, [Phase::Opened, Phase::Cleared]);
    assert_eq!(text(stored), text(replayed_decisions(&tagwatch)));
}
