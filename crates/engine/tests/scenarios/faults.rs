//! Readings that cannot be true.

use engine::Outcome;
use model::DecisionKind::{ClockSkew, DeviceFault, ExclusionZoneEntered};
use model::Evidence;
use model::Phase::{Cleared, Opened};
use serde_json::json;

use crate::script::Script;

/// Names the value and the limit.
const SKEWED: &str = "observed at 2026-03-02T10:02:00Z, 120 s in the future, more than 60 s";

#[test]
fn a_clock_in_the_future_is_told_once_until_it_is_right_again() {
    let story = Script::excluded()
        .fix_late("10:02:00", "10:00", 0.0, 0.0)
        .fix_late("10:03:00", "10:01", 0.0, 0.0)
        .fix("10:02", 500.0, 0.0)
        .run();
    story.tells(&["clock_skew opened", "clock_skew cleared"]);
    assert_eq!(
        story.outcomes.first(),
        Some(&Outcome::Invalid(SKEWED.to_owned()))
    );
    let Evidence::Device(evidence) = &story.the(ClockSkew, Cleared).evidence else {
        panic!("not about a device");
    };
    assert_eq!(evidence.count, 2);
    assert_eq!(
        story
            .the(ClockSkew, Opened)
            .device
            .as_ref()
            .unwrap()
            .as_str(),
        "D-1"
    );
}

#[test]
fn positions_that_cannot_be_leave_no_trace_but_a_fault() {
    let script = Script::excluded().stay("10:00", "10:02", 0.0, 0.0);
    let at = script.at("10:02");
    let null_island = json!({
        "wearer": "W-1", "received_at": at, "device": "D-1", "seq": 90, "t": at,
        "kind": "position", "lat": 0.0, "lon": 0.0,
    });
    let story = script
        .reading(null_island, at)
        .stay("10:03", "10:40", 0.0, 0.0)
        .run_in_full();
    assert!(
        matches!(story.outcomes.get(2), Some(Outcome::Invalid(reason)) if reason.contains("(0, 0)"))
    );
    story.the(DeviceFault, Opened);
    assert_eq!(story.the(DeviceFault, Cleared).decided, story.at("10:32"));
    assert_eq!(
        story.the(ExclusionZoneEntered, Opened).onset,
        story.at("10:00")
    );
}

#[test]
fn a_fault_that_a_device_tells_of_and_impossible_readings_are_one_episode() {
    let script = Script::excluded().stay("10:00", "10:02", 0.0, 0.0);
    let of = |time: &str, seq: u64, more: serde_json::Value| {
        let at = script.at(time);
        let mut reading = json!({
            "wearer": "W-1", "received_at": at, "device": "D-1", "seq": seq, "t": at,
        });
        let fields = more.as_object().cloned().unwrap_or_default();
        reading.as_object_mut().unwrap().extend(fields);
        (reading, at)
    };
    let nowhere = |time, seq| {
        of(
            time,
            seq,
            json!({"kind": "position", "lat": 0.0, "lon": 0.0}),
        )
    };
    let fault = of("10:04", 91, json!({"kind": "event", "code": "fault"}));
    let mut story = script.clone();
    for (reading, at) in [
        nowhere("10:03", 90),
        fault,
        nowhere("10:20", 92),
        nowhere("10:30", 93),
    ] {
        story = story.reading(reading, at);
    }
    let story = story.until("11:30").run_in_full();
    story.tells_of(
        &[DeviceFault],
        &[
            "device_fault opened",
            "device_fault updated",
            "device_fault cleared",
        ],
    );
    let over = story.the(DeviceFault, Cleared);
    assert_eq!(over.decided, story.at("11:00"));
    let model::Evidence::Device(evidence) = &over.evidence else {
        panic!("{over:?}");
    };
    assert_eq!(evidence.count, 4);
}

#[test]
fn what_has_no_rule_or_no_wearer_is_not_judged() {
    let script = Script::excluded();
    let at = script.at("10:00");
    let presence = json!({
        "wearer": "W-1", "received_at": at, "device": "D-1", "t": at, "kind": "presence",
        "in_range": true,
    });
    let stranger = json!({
        "wearer": "W-9", "received_at": at, "device": "D-9", "t": at, "kind": "position",
        "lat": 52.8, "lon": -2.1,
    });
    let story = script.reading(presence, at).reading(stranger, at).run();
    assert_eq!(story.outcomes, [Outcome::NotJudged, Outcome::NotJudged]);
    story.tells(&[]);
}
