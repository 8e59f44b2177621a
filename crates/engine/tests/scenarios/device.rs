//! What devices say happened to them.

use model::DecisionKind::{BatteryLow, ClockSkew, HmuMainsLost, StrapTamper};
use model::Phase::{Cleared, Opened, Updated};
use model::{Decision, DeviceEvidence, Evidence, Timestamp};
use serde_json::json;

use crate::script::Script;

fn event(script: Script, code: &str, observed: &str, received: &str) -> Script {
    let (observed, received) = (script.at(observed), script.at(received));
    let reading = json!({
        "wearer": "W-1", "received_at": received, "device": "D-1", "t": observed,
        "kind": "event", "code": code,
    });
    script.reading(reading, received)
}

fn at(script: Script, code: &str, time: &str) -> Script {
    event(script, code, time, time)
}

fn evidence(decision: &Decision) -> Option<&DeviceEvidence> {
    if let Evidence::Device(evidence) = &decision.evidence {
        return Some(evidence);
    }
    None
}

fn count(decision: &Decision) -> Option<u32> {
    evidence(decision).map(|evidence| evidence.count)
}

fn observed(decision: &Decision) -> Option<Timestamp> {
    Some(evidence(decision)?.observed_at?.0)
}

#[test]
fn a_strap_cut_is_told_at_once_and_stays_open() {
    let script = at(Script::excluded(), "strap_cut", "10:00").until("23:00");
    let story = script.run();
    story.tells(&["strap_tamper opened"]);
    let opened = story.the(StrapTamper, Opened);
    assert_eq!(opened.onset, story.at("10:00"));
    assert_eq!(opened.device.as_ref().map(|id| id.as_str()), Some("D-1"));
}

#[test]
fn a_strap_taped_up_after_four_minutes_is_not_dismissed_before_it_has_held() {
    let script = at(Script::excluded(), "strap_cut", "10:00");
    let story = at(script, "strap_restored", "10:04").until("10:33").run();
    story.tells(&["strap_tamper opened"]);
    let script = at(Script::excluded(), "strap_cut", "10:00");
    let story = at(script, "strap_restored", "10:04").until("11:00").run();
    story.tells(&["strap_tamper opened", "strap_tamper cleared"]);
    let cleared = story.the(StrapTamper, Cleared);
    assert_eq!(cleared.decided, story.at("10:34"));
    assert_eq!(observed(cleared), Some(story.at("10:04")));
}

#[test]
fn a_strap_that_flaps_is_one_episode_with_a_count() {
    let mut script = Script::excluded();
    for (cut, restored) in [("10:00", "10:02"), ("10:10", "10:12"), ("10:20", "10:22")] {
        script = at(script, "strap_cut", cut);
        script = at(script, "strap_restored", restored);
    }
    let story = script.until("12:00").run();
    story.tells(&[
        "strap_tamper opened",
        "strap_tamper updated",
        "strap_tamper updated",
        "strap_tamper cleared",
    ]);
    assert_eq!(
        story.all(StrapTamper, Updated).filter_map(count).max(),
        Some(3)
    );
    assert_eq!(count(story.the(StrapTamper, Cleared)), Some(3));
}

#[test]
fn a_cut_after_it_had_held_is_a_new_episode() {
    let script = at(Script::excluded(), "strap_cut", "10:00");
    let script = at(script, "strap_restored", "10:04");
    let story = at(script, "strap_cut", "12:00").run();
    let alerts: Vec<_> = story.all(StrapTamper, Opened).map(|d| d.alert).collect();
    assert_eq!(alerts.len(), 2);
    assert_ne!(alerts.first(), alerts.last());
}

#[test]
fn a_cut_that_arrives_after_its_repair_is_told_all_the_same() {
    let script = at(Script::excluded(), "strap_cut", "09:00");
    let script = at(script, "strap_restored", "09:10").until("10:00");
    let story = event(script, "strap_cut", "09:05", "10:30").run();
    story.tells(&[
        "strap_tamper opened",
        "strap_tamper cleared",
        "strap_tamper opened",
        "strap_tamper cleared",
    ]);
}

#[test]
fn a_tamper_with_a_clock_in_the_future_is_told_with_the_clock() {
    let story = event(Script::excluded(), "strap_cut", "18:00", "10:00").run();
    story.tells(&["clock_skew opened", "strap_tamper opened"]);
    assert_eq!(story.the(StrapTamper, Opened).onset, story.at("10:00"));
    assert_eq!(count(story.the(ClockSkew, Opened)), Some(1));
}

#[test]
fn a_low_battery_is_told_once_until_it_is_charged() {
    let mut script = Script::excluded();
    for time in ["10:00", "10:30", "11:00"] {
        script = at(script, "battery_low", time);
    }
    let story = at(script, "charging_start", "11:30").until("13:00").run();
    story.tells(&["battery_low opened", "battery_low cleared"]);
    assert_eq!(count(story.the(BatteryLow, Cleared)), Some(3));
}

#[test]
fn a_home_unit_moved_twice_within_the_while_is_one_episode_and_later_another() {
    let script = at(Script::excluded(), "hmu_moved", "10:00");
    let script = at(script, "hmu_moved", "10:10");
    let story = at(script, "hmu_moved", "12:00").until("13:00").run();
    story.tells(&[
        "hmu_moved opened",
        "hmu_moved updated",
        "hmu_moved cleared",
        "hmu_moved opened",
        "hmu_moved cleared",
    ]);
}

/// The tag, worn until noon.
fn worn_until_noon(script: Script) -> Script {
    script.change(json!({"activation": {
        "device": "D-1", "kind": "gps", "wearer": "W-1", "from": "2026-01-01T00:00:00Z",
        "to": "2026-03-02T12:00:00Z", "cadence_s": 60, "upload_interval_s": 600,
    }}))
}

#[test]
fn a_strap_that_is_cut_when_its_tag_is_taken_off_for_good_is_ended_and_says_why() {
    let script = at(worn_until_noon(Script::excluded()), "strap_cut", "11:59");
    let story = script.until("14:00").run();
    story.tells(&["strap_tamper opened", "strap_tamper cleared"]);
    let cleared = story.the(StrapTamper, Cleared);
    assert_eq!(cleared.decided, story.at("12:00"));
    let reason = evidence(cleared).map(|evidence| evidence.reason.as_str());
    let expected = "strap_cut reported; ended because the device was taken off at \
        2026-03-02T12:00:00Z, not because it was put right";
    assert_eq!(reason, Some(expected));
}

#[test]
fn a_trouble_of_a_tag_that_is_reported_taken_off_afterwards_ends_then() {
    let script = at(Script::excluded(), "battery_low", "11:00").until("13:00");
    let story = worn_until_noon(script).until("14:00").run();
    story.tells(&["battery_low opened", "battery_low cleared"]);
    assert_eq!(story.the(BatteryLow, Cleared).decided, story.at("13:00"));
}

#[test]
fn what_a_tag_tells_of_its_last_hour_when_it_is_off_is_told_and_ended_at_once() {
    let script = worn_until_noon(Script::excluded()).until("12:30");
    let story = event(script, "strap_cut", "11:30", "12:31").run();
    story.tells(&["strap_tamper opened", "strap_tamper cleared"]);
    assert_eq!(story.the(StrapTamper, Opened).onset, story.at("11:30"));
}

#[test]
fn mains_that_flicker_are_not_told_of() {
    let script = at(Script::excluded(), "mains_lost", "10:00");
    let script = at(script, "mains_restored", "10:04");
    script.until("12:00").run().tells(&[]);
}

#[test]
fn mains_that_stay_away_are_told_after_five_minutes_from_when_they_were_lost() {
    let story = at(Script::excluded(), "mains_lost", "10:00")
        .until("12:00")
        .run();
    story.tells(&["hmu_mains_lost opened"]);
    let opened = story.the(HmuMainsLost, Opened);
    assert_eq!(opened.onset, story.at("10:00"));
    assert_eq!(opened.decided, story.at("10:05"));
}

#[test]
fn mains_lost_with_the_battery_low_too_are_told_at_once() {
    let script = at(Script::excluded(), "mains_lost", "10:00");
    let story = at(script, "battery_low", "10:02").run();
    story.tells(&["battery_low opened", "hmu_mains_lost opened"]);
    let script = at(Script::excluded(), "battery_low", "09:58");
    let story = at(script, "mains_lost", "10:00").run();
    story.tells(&["battery_low opened", "hmu_mains_lost opened"]);
}

#[test]
fn mains_away_for_hours_that_are_heard_of_once_they_are_back_are_told_all_the_same() {
    let script = event(Script::excluded(), "mains_lost", "02:00", "06:00");
    let story = event(script, "mains_restored", "05:00", "06:00")
        .until("07:00")
        .run();
    story.tells(&["hmu_mains_lost opened", "hmu_mains_lost cleared"]);
    assert_eq!(story.the(HmuMainsLost, Opened).onset, story.at("02:00"));
    let script = event(Script::excluded(), "mains_lost", "02:00", "06:00");
    let script = event(script, "mains_restored", "02:01", "06:00");
    script.until("07:00").run().tells(&[]);
}
