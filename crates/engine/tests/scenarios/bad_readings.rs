//! Whatever devices send and whatever orders say, in whatever order and at whatever times: nothing
//! panics, nothing grows without end, and what cannot be true is told of.

use std::collections::BTreeSet;

use engine::{Outcome, RulesPolicy};
use model::{
    Alcohol, CheckIn, Decision, DecisionKind, DeviceEvent, DeviceReading, EventCode, FixSource,
    IdentityMatch, KmPerHour, Metres, ObservedAt, Phase, PolicyChange, Position, Reading,
    ReadingBody, ReceivedAt, RecordedAt, Timestamp,
};
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;

use crate::script::{Driven, Input};

/// 2 March 2026, 00:00 UTC, in milliseconds since the epoch.
const MONDAY_MS: i64 = 1_772_409_600_000;

const DAY_MS: i64 = 86_400_000;

fn instant(ms: i64) -> Timestamp {
    Timestamp::from_epoch_ms(ms.clamp(0, Timestamp::MAX.epoch_ms())).unwrap()
}

/// From the epoch to the last instant there is, but mostly of some days.
fn any_instant() -> impl Strategy<Value = Timestamp> {
    prop_oneof![
        6 => (MONDAY_MS..MONDAY_MS + 3 * DAY_MS).prop_map(instant),
        1 => (0..=Timestamp::MAX.epoch_ms()).prop_map(instant),
        1 => select(vec![instant(0), instant(1), Timestamp::MAX]),
    ]
}

/// Our own clock: it may step back and forth, but not by centuries, through which every night's and
/// every prompt's timer would fire in turn.
fn any_now() -> impl Strategy<Value = Timestamp> {
    let days = |days: i64| MONDAY_MS + days * DAY_MS;
    prop_oneof![
        12 => (days(0)..days(3)).prop_map(instant),
        1 => (days(-2)..days(21)).prop_map(instant),
        1 => Just(instant(0)),
    ]
}

/// Every float there is, those that are no number too; and those beside the zones.
fn any_float() -> impl Strategy<Value = f64> {
    use prop::num::f64::{INFINITE, NEGATIVE, NORMAL, POSITIVE, QUIET_NAN, SUBNORMAL, ZERO};
    prop_oneof![
        POSITIVE | NEGATIVE | NORMAL | SUBNORMAL | ZERO | INFINITE | QUIET_NAN,
        -400.0..400.0_f64,
        select(vec![
            90.0,
            -90.0,
            180.0,
            -180.0,
            0.0,
            -0.0,
            f64::MAX,
            f64::MIN_POSITIVE
        ]),
    ]
}

fn any_latitude() -> impl Strategy<Value = f64> {
    prop_oneof![3 => 52.79..52.81_f64, 1 => any_float()]
}

fn any_longitude() -> impl Strategy<Value = f64> {
    prop_oneof![3 => -2.12..-2.08_f64, 1 => any_float()]
}

fn any_position() -> impl Strategy<Value = ReadingBody> {
    use FixSource::{Gps, Lbs, Rf, Wifi};
    (
        (any_latitude(), any_longitude()),
        of(any_float()),
        of(any::<u8>()),
        (of(any_float()), of(any_float()), of(any_float())),
        select(vec![Gps, Gps, Gps, Rf, Lbs, Wifi]),
    )
        .prop_map(|((lat, lon), acc, sat, (hdop, speed, course), src)| {
            ReadingBody::Position(Position {
                lat,
                lon,
                acc: acc.map(Metres),
                sat,
                hdop,
                speed: speed.map(KmPerHour),
                course,
                src,
            })
        })
}

fn any_alcohol() -> impl Strategy<Value = ReadingBody> {
    let tac = prop_oneof![0..200_i32, any::<i32>(), select(vec![i32::MIN, i32::MAX])];
    let (ir, skin, ambient) = (of(any_float()), of(any_float()), of(any_float()));
    (tac, ir, skin, ambient).prop_map(|(tac, ir, skin_c, ambient_c)| {
        ReadingBody::Alcohol(Alcohol {
            tac,
            ir,
            skin_c,
            ambient_c,
        })
    })
}

fn any_event() -> impl Strategy<Value = ReadingBody> {
    use EventCode as E;
    let codes = vec![
        E::StrapCut,
        E::StrapRestored,
        E::CaseOpen,
        E::CaseClosed,
        E::Battery,
        E::BatteryLow,
        E::BatteryDead,
        E::ChargingStart,
        E::ChargingEnd,
        E::HmuMoved,
        E::MainsLost,
        E::MainsRestored,
        E::MotionStart,
        E::MotionEnd,
        E::JammingStart,
        E::JammingEnd,
        E::Fault,
    ];
    (select(codes), of(any::<u8>()))
        .prop_map(|(code, pct)| ReadingBody::Event(DeviceEvent { code, pct }))
}

fn any_check_in() -> impl Strategy<Value = ReadingBody> {
    let identities = vec![IdentityMatch::Match, IdentityMatch::NoMatch];
    let place = (of(any_latitude()), of(any_longitude()), of(any_float()));
    (
        "[ -~]{0,12}|2026-03-02.[1-4].[0-9a-f]{16}",
        select(identities),
        place,
    )
        .prop_map(|(prompt, identity, (lat, lon, acc))| {
            ReadingBody::CheckIn(CheckIn {
                prompt,
                identity,
                lat,
                lon,
                acc: acc.map(Metres),
            })
        })
}

fn any_body() -> impl Strategy<Value = ReadingBody> {
    prop_oneof![
        5 => any_position(),
        2 => any_alcohol(),
        2 => any_event(),
        1 => any_check_in(),
        1 => any::<bool>().prop_map(|in_range| ReadingBody::Presence { in_range }),
    ]
}

/// Of a device that is worn, or of one that nobody knows.
fn any_reading() -> impl Strategy<Value = Reading> {
    let seq = prop_oneof![0..40_u64, any::<u64>(), select(vec![0, u64::MAX])];
    let device = select(vec!["D-1", "D-2", "D-3", "D-4", "D-X"]);
    let recorded = of(any_instant().prop_map(RecordedAt));
    (
        device,
        of(seq),
        any_instant(),
        recorded,
        any_body(),
        any_instant(),
    )
        .prop_map(
            |(device, seq, observed, recorded_at, body, received)| Reading {
                wearer: model::WearerId::new("W-1").unwrap(),
                received_at: ReceivedAt(received),
                report: DeviceReading {
                    device: model::DeviceId::new(device).unwrap(),
                    seq,
                    observed_at: ObservedAt(observed),
                    recorded_at,
                    body,
                },
            },
        )
}

fn any_clock() -> impl Strategy<Value = String> {
    (0..=24_u32, 0..60_u32).prop_map(|(hour, minute)| match hour {
        24 => "24:00".to_owned(),
        _ => format!("{hour:02}:{minute:02}"),
    })
}

/// Windows of no length, of a whole day, over midnight, and the same one twice.
fn any_windows() -> impl Strategy<Value = serde_json::Value> {
    let days = prop::collection::vec(select(vec!["Mon", "Tue", "Wed", "Sun"]), 0..4);
    let window = (days, any_clock(), any_clock())
        .prop_map(|(days, start, end)| json!({"days": days, "start": start, "end": end}));
    prop::collection::vec(window, 0..4).prop_map(serde_json::Value::from)
}

fn any_order() -> impl Strategy<Value = PolicyChange> {
    let zones = prop::collection::vec(select(vec!["Z-1", "Z-2", "Z-9", "set:S"]), 0..3);
    let prompts = (any::<u8>(), any_clock(), any_clock(), any::<u32>());
    let span = (any_instant(), any_instant());
    (1..6_u32, zones, any_windows(), prompts, span, any::<u32>()).prop_map(
        |(version, zones, windows, (prompts, first, last, within), (from, to), peak)| {
            let order = json!({"order": {
                "id": "O-1", "version": version, "wearer": "W-1", "type": "POST_RELEASE",
                "from": "2026-01-01T00:00:00Z", "time_zone": "Europe/London",
                "conditions": [
                    {"id": "C-1", "kind": "exclusion_zone", "zones": zones, "schedule": windows},
                    {"id": "C-2", "kind": "inclusion_zone", "zones": zones},
                    {"id": "C-3", "kind": "restriction_zone", "zones": zones, "from": from},
                    {"id": "C-4", "kind": "curfew", "place": "P-1", "windows": windows},
                    {"id": "C-5", "kind": "attendance", "place": "P-1", "appointments": [
                        {"start": from, "end": to}]},
                    {"id": "C-6", "kind": "check_in", "prompts_per_day": prompts,
                     "between": [first, last], "answer_within_s": within, "place": "P-1"},
                    {"id": "C-7", "kind": "alcohol_abstinence", "from": from, "to": to},
                    {"id": "C-8", "kind": "alcohol_limit", "peak_mg_per_100ml": peak},
                    {"id": "C-9", "kind": "trail"},
                ],
            }});
            serde_json::from_value(order).unwrap()
        },
    )
}

fn any_activation() -> impl Strategy<Value = PolicyChange> {
    let pace = || prop_oneof![select(vec![0, 1, 60, u32::MAX]), any::<u32>()];
    let kinds = select(vec![
        ("D-1", "gps"),
        ("D-2", "rf"),
        ("D-3", "alcohol"),
        ("D-4", "non_fitted"),
    ]);
    (kinds, any_instant(), of(any_instant()), pace(), pace()).prop_map(
        |((device, kind), from, to, cadence_s, upload_s)| {
            let activation = json!({"activation": {
                "device": device, "kind": kind, "wearer": "W-1", "from": from, "to": to,
                "cadence_s": cadence_s, "upload_interval_s": upload_s, "hmu_place": "P-1",
            }});
            serde_json::from_value(activation).unwrap()
        },
    )
}

/// Zones with no extent, turned inside out, at a pole, round half the globe.
fn any_zone() -> impl Strategy<Value = PolicyChange> {
    let id = select(vec!["Z-1", "Z-2"]);
    let corner = (52.79..52.81_f64, -2.12..-2.08_f64);
    let anywhere = (-90.0..=90.0_f64, -180.0..=180.0_f64);
    let ring = prop::collection::vec(prop_oneof![3 => corner, 1 => anywhere.clone()], 0..6);
    let point = |(lat, lon): (f64, f64)| json!({"lat": lat, "lon": lon});
    let circle = (anywhere, prop_oneof![0.0..5_000.0, -1.0..1e12_f64]).prop_map(
        move |(centre, radius)| json!({"circle": {"centre": point(centre), "radius_m": radius}}),
    );
    let polygon = (ring.clone(), of(ring)).prop_map(move |(outline, hole)| {
        let points = |ring: Vec<_>| ring.into_iter().map(point).collect::<Vec<_>>();
        let holes: Vec<_> = hole.into_iter().map(points).collect();
        json!({"polygons": [{"outline": points(outline), "holes": holes}]})
    });
    (id, prop_oneof![circle, polygon], any::<bool>()).prop_filter_map(
        "not even a document",
        |(id, shape, set)| {
            let zone = json!({"id": id, "shape": shape});
            let change = if set {
                json!({"zone_set": {"id": "S", "zones": [zone]}})
            } else {
                json!({ "zone": zone })
            };
            serde_json::from_value(change).ok()
        },
    )
}

fn any_absence() -> impl Strategy<Value = PolicyChange> {
    let condition = select(vec!["C-1", "C-4", "C-7", "C-99"]);
    (condition, any_instant(), any_instant()).prop_map(|(condition, from, to)| {
        let absence = json!({"absence": {
            "id": "A-1", "condition": condition, "from": from, "to": to,
            "reason": "hospital", "authorised_by": "officer",
        }});
        serde_json::from_value(absence).unwrap()
    })
}

fn any_change() -> impl Strategy<Value = PolicyChange> {
    let gap = (any_instant(), any_instant());
    prop_oneof![
        3 => any_order(),
        3 => any_activation(),
        2 => any_zone(),
        1 => any_absence(),
        1 => (gap, any::<bool>()).prop_map(|((from, to), ongoing)| PolicyChange::IntakeGap { from, to, ongoing, told_by: None }),
    ]
}

fn any_input() -> impl Strategy<Value = Input> {
    let reading = (any_reading(), any_now());
    let change = (any_change(), any_now());
    prop_oneof![
        12 => reading.prop_map(|(reading, now)| Input::Reading(Box::new(reading), now)),
        3 => change.prop_map(|(change, now)| Input::Policy(Box::new(change), now)),
        1 => any_now().prop_map(Input::Timeout),
    ]
}

/// A wearer with every kind of device and condition, and two ordinary zones.
fn watched() -> Driven {
    let mut driven = Driven::new(RulesPolicy::default());
    let engine = &mut driven.engine;
    let now = instant(MONDAY_MS);
    let mut put = |change: serde_json::Value| {
        let change: PolicyChange = serde_json::from_value(change).unwrap();
        engine.handle_policy(&change, now);
    };
    put(json!({"place": {"id": "P-1", "lat": 52.8, "lon": -2.1, "radius_m": 60.0}}));
    for (id, lat) in [("Z-1", 52.8), ("Z-2", 52.806)] {
        let circle = json!({"centre": {"lat": lat, "lon": -2.1}, "radius_m": 200.0});
        put(json!({"zone": {"id": id, "shape": {"circle": circle}}}));
    }
    for (device, kind) in [
        ("D-1", "gps"),
        ("D-2", "rf"),
        ("D-3", "alcohol"),
        ("D-4", "non_fitted"),
    ] {
        put(
            json!({"activation": {"device": device, "kind": kind, "wearer": "W-1",
            "from": "2026-01-01T00:00:00Z", "hmu_place": "P-1"}}),
        );
    }
    let daily = json!([{"days": ["Mon", "Tue", "Wed"], "start": "19:00", "end": "07:00"}]);
    put(json!({"order": {
        "id": "O-1", "version": 1, "wearer": "W-1", "type": "POST_RELEASE",
        "from": "2026-01-01T00:00:00Z",
        "conditions": [
            {"id": "C-1", "kind": "exclusion_zone", "zones": ["Z-1"]},
            {"id": "C-2", "kind": "inclusion_zone", "zones": ["Z-1", "Z-2"]},
            {"id": "C-4", "kind": "curfew", "place": "P-1", "windows": daily},
            {"id": "C-6", "kind": "check_in", "prompts_per_day": 3, "between": ["08:00", "21:00"],
             "answer_within_s": 900, "place": "P-1"},
            {"id": "C-7", "kind": "alcohol_abstinence"},
        ],
    }}));
    driven
}

/// Feeds an input, and checks what must hold after every one.
fn feed(driven: &mut Driven, input: &Input) -> (Option<Outcome>, Vec<Decision>) {
    let outcome = driven.feed(input);
    let decisions = driven.decisions();
    let engine = &mut driven.engine;
    std::iter::from_fn(|| engine.poll_command()).for_each(drop);
    if let Some((next, _)) = engine.poll_timeout() {
        assert!(next > engine.now(), "{next} is not after {}", engine.now());
    }
    for decision in &decisions {
        let text = serde_json::to_string(decision).unwrap();
        let read: Decision = serde_json::from_str(&text).unwrap();
        assert_eq!(read.alert, decision.alert, "{text}");
    }
    (outcome, decisions)
}

/// What there can be at most, in bytes: each kind of trouble of each of five devices with what has been
/// told of it, in the state and in the four of old that are kept; and 256 episodes that are remembered.
const STATE_MAX: usize = 2 * 5 * 10 * 800 + 256 * 1_000;

/// What flags a reading that cannot be true.
const FLAGS: [DecisionKind; 3] = [
    DecisionKind::DeviceFault,
    DecisionKind::ClockSkew,
    DecisionKind::SensorFault,
];

fn is_impossible(reading: &Reading, now: Timestamp) -> bool {
    let ReadingBody::Position(position) = &reading.report.body else {
        return false;
    };
    position.point().is_err() || reading.report.observed_at.0.seconds_since(now) > 60.0
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn no_reading_order_or_time_makes_it_panic_and_a_snapshot_carries_on_alike(
        inputs in prop::collection::vec(any_input(), 1..60), stop in any::<prop::sample::Index>()
    ) {
        let mut driven = watched();
        let mut twin = None;
        let stop = stop.index(inputs.len());
        for (index, input) in inputs.iter().enumerate() {
            let told = feed(&mut driven, input);
            if let Some(twin) = &mut twin {
                prop_assert_eq!(&feed(twin, input), &told);
            }
            if index == stop {
                let mut restored = driven.twin();
                restored.restart();
                twin = Some(restored);
            }
        }
    }

    #[test]
    fn an_impossible_position_is_invalid_and_flagged(
        readings in prop::collection::vec((any_reading(), any_now()), 1..60)
    ) {
        let mut driven = watched();
        let mut flagged = BTreeSet::new();
        for (reading, now) in readings {
            let input = Input::Reading(Box::new(reading.clone()), now);
            let (outcome, decisions) = feed(&mut driven, &input);
            for decision in decisions.into_iter().filter(|decision| FLAGS.contains(&decision.kind)) {
                let Some(device) = decision.device else { continue };
                if decision.phase == Phase::Cleared {
                    flagged.remove(&(device, decision.kind));
                } else {
                    flagged.insert((device, decision.kind));
                }
            }
            // The engine's clock never runs back, so what is ahead of it is told by its own time.
            if is_impossible(&reading, driven.engine.now()) {
                prop_assert!(matches!(outcome, Some(Outcome::Invalid(_))), "{:?}: {:?}", outcome, reading);
                let known = flagged.iter().any(|(device, _)| *device == reading.report.device);
                prop_assert!(known, "{:?} is not flagged", reading);
            }
        }
    }

    #[test]
    fn an_alcohol_reading_that_no_body_gives_is_invalid_and_flagged(
        tac in prop_oneof![i32::MIN..0, 601..=i32::MAX], minute in 0..600_i64
    ) {
        let mut driven = watched();
        let at = instant(MONDAY_MS + minute * 60_000);
        let reading = json!({
            "wearer": "W-1", "received_at": at, "device": "D-3", "t": at, "kind": "alcohol", "tac": tac,
        });
        let reading: Reading = serde_json::from_value(reading).unwrap();
        let (outcome, decisions) = feed(&mut driven, &Input::Reading(Box::new(reading), at));
        prop_assert!(matches!(outcome, Some(Outcome::Invalid(_))), "{:?}", outcome);
        let flagged = decisions.iter().filter(|decision| decision.kind == DecisionKind::SensorFault);
        prop_assert_eq!(flagged.count(), 1);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2))]

    #[test]
    fn thousands_of_bad_readings_leave_the_state_within_its_bound(
        some in prop::collection::vec((any_reading(), any_now()), 200),
        more in prop::collection::vec((any_reading(), any_now()), 1_800),
        again in prop::collection::vec((any_reading(), any_now()), 1_000),
    ) {
        let mut driven = watched();
        let mut feed_all = |readings: Vec<(Reading, Timestamp)>| {
            for (reading, now) in readings {
                feed(&mut driven, &Input::Reading(Box::new(reading), now));
            }
            driven.engine.snapshot().unwrap().len()
        };
        let sizes = [feed_all(some), feed_all(more), feed_all(again)];
        prop_assert!(sizes.iter().all(|size| *size < STATE_MAX), "{:?} bytes", sizes);
    }
}
