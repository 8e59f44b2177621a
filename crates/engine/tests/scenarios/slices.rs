//! A snapshot taken in slices is of the moment at which it was begun, whatever happens meanwhile.

use chrono::TimeDelta;
use engine::{Engine, RulesPolicy};
use model::{PolicyChange, Reading, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::script::{Driven, Input, time};

/// Wearers there are when the snapshot is begun; those with greater numbers are met later, if at all.
const KNOWN: u8 = 6;

/// What happens to the wearer of that number.
#[derive(Debug, Clone)]
enum Happens {
    /// A fix so many metres north of home, so many seconds old when it comes.
    Fix(u16, i64),
    /// They are met, or their order is varied, and their zone moved by so many metres.
    Registered(u32, u16),
    /// The zones of the set that all orders point at are others.
    Schools(u8),
    /// Nothing, for so many hours: timers fire.
    Silence(i64),
}

fn any_event() -> impl Strategy<Value = (u8, Happens)> {
    let happens = prop_oneof![
        8 => (0..900_u16, prop_oneof![5 => Just(0_i64), 1 => 60..3_000_i64])
            .prop_map(|(north, late_s)| Happens::Fix(north, late_s)),
        2 => (2..5_u32, 0..900_u16).prop_map(|(version, north)| Happens::Registered(version, north)),
        1 => (0..5_u8).prop_map(Happens::Schools),
        1 => (1..14_i64).prop_map(Happens::Silence),
    ];
    (1..=KNOWN + 2, happens)
}

fn policy(change: Value, now: Timestamp) -> Input {
    let change: PolicyChange = serde_json::from_value(change).unwrap();
    Input::Policy(Box::new(change), now)
}

fn lat(north: u16) -> f64 {
    52.8 + f64::from(north) / 111_264.0
}

fn circle(id: &str, north: u16) -> Value {
    json!({"id": id, "shape": {"circle":
        {"centre": {"lat": lat(north), "lon": -2.1}, "radius_m": 100.0}}})
}

fn registered(number: u8, version: u32, north: u16, now: Timestamp) -> Vec<Input> {
    let daily = json!([{"days": ["Mon", "Tue", "Wed"], "start": "19:00", "end": "07:00"}]);
    let of = |kind: &str| format!("{kind}-{number}");
    let changes = [
        json!({"place": {"id": of("P"), "lat": 52.8, "lon": -2.1, "radius_m": 60.0}}),
        json!({"zone": circle(&of("Z"), north)}),
        json!({"activation": {"device": of("D"), "kind": "gps", "wearer": of("W"),
            "from": "2026-01-01T00:00:00Z"}}),
        json!({"order": {
        "id": of("O"), "version": version, "wearer": of("W"), "type": "POST_RELEASE",
        "from": "2026-01-01T00:00:00Z",
        "conditions": [
            {"id": of("CZ"), "kind": "exclusion_zone", "zones": [of("Z"), "set:schools"]},
            {"id": of("CC"), "kind": "curfew", "place": of("P"), "windows": daily},
        ]}}),
    ];
    changes
        .into_iter()
        .map(|change| policy(change, now))
        .collect()
}

fn schools(count: u8, now: Timestamp) -> Input {
    let zones: Vec<Value> = (0..count)
        .map(|school| circle(&format!("S-{school}"), 5_000 + 500 * u16::from(school)))
        .collect();
    policy(json!({"zone_set": {"id": "schools", "zones": zones}}), now)
}

fn fix(number: u8, north: u16, observed: Timestamp, now: Timestamp) -> Input {
    let reading = json!({
        "wearer": format!("W-{number}"), "received_at": now, "device": format!("D-{number}"),
        "t": observed, "kind": "position", "lat": lat(north), "lon": -2.1, "acc": 8.0,
    });
    let reading: Reading = serde_json::from_value(reading).unwrap();
    Input::Reading(Box::new(reading), now)
}

/// Everybody is met, and then it happens, a minute after each other.
fn inputs(events: &[(u8, Happens)]) -> Vec<Input> {
    let mut now = time("2026-03-02", "17:00");
    let mut inputs = vec![schools(2, now)];
    for number in 1..=KNOWN {
        inputs.extend(registered(number, 1, 600, now));
    }
    for (number, happens) in events {
        now = now.plus(TimeDelta::minutes(1));
        match happens {
            Happens::Fix(north, late_s) => {
                let observed = now.plus(TimeDelta::seconds(-late_s));
                inputs.push(fix(*number, *north, observed, now));
            }
            Happens::Registered(version, north) => {
                inputs.extend(registered(*number, *version, *north, now));
            }
            Happens::Schools(count) => inputs.push(schools(*count, now)),
            Happens::Silence(hours) => {
                now = now.plus(TimeDelta::hours(*hours));
                inputs.push(Input::Timeout(now));
            }
        }
    }
    inputs
}

fn slice(engine: &mut Engine, max: usize, taken: &mut Vec<u8>) -> bool {
    let slice = engine.snapshot_slice(max).unwrap();
    taken.extend(slice.iter().flatten());
    slice.is_some()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn slices_taken_between_any_inputs_are_the_snapshot_of_when_they_were_begun(
        events in prop::collection::vec(any_event(), 1..60),
        begun in any::<prop::sample::Index>(),
        sizes in prop::collection::vec(0..4_usize, 60),
    ) {
        let inputs = inputs(&events);
        let (before, after) = inputs.split_at(begun.index(inputs.len()));
        let (mut driven, mut twin) = (Driven::new(RulesPolicy::default()), Driven::new(RulesPolicy::default()));
        for input in before {
            driven.feed(input);
            twin.feed(input);
        }
        let expected = driven.engine.snapshot().unwrap();
        driven.engine.begin_snapshot().unwrap();
        let mut taken = Vec::new();
        for (input, size) in after.iter().zip(sizes.iter().cycle()) {
            // Now and then nothing is taken for a while.
            if *size > 0 {
                slice(&mut driven.engine, *size, &mut taken);
            }
            driven.feed(input);
            twin.feed(input);
        }
        while slice(&mut driven.engine, 2, &mut taken) {}
        prop_assert!(taken == expected, "{} bytes, not {}", taken.len(), expected.len());
        prop_assert_eq!(driven.decisions(), twin.decisions());
        prop_assert_eq!(driven.engine.snapshot().unwrap(), twin.engine.snapshot().unwrap());
    }
}

#[test]
fn a_snapshot_begun_again_is_of_the_later_moment() {
    let inputs = inputs(&[(1, Happens::Fix(10, 0)), (2, Happens::Fix(600, 0))]);
    let (last, before) = inputs.split_last().unwrap();
    let mut driven = Driven::new(RulesPolicy::default());
    for input in before {
        driven.feed(input);
    }
    driven.engine.begin_snapshot().unwrap();
    slice(&mut driven.engine, 3, &mut Vec::new());
    driven.feed(last);
    driven.engine.begin_snapshot().unwrap();
    let mut taken = Vec::new();
    while slice(&mut driven.engine, 5, &mut taken) {}
    assert_eq!(taken, driven.engine.snapshot().unwrap());
    assert!(driven.engine.snapshot_slice(5).unwrap().is_none());
}
