//! Batteries that are left uncharged again and again.

use model::DecisionKind::ChargeMissed;
use model::Phase::{Opened, Withdrawn};
use model::{ChargeEvidence, Decision, Evidence};
use serde_json::json;

use crate::script::Script;

fn evidence(decision: &Decision) -> &ChargeEvidence {
    let Evidence::Charge(evidence) = &decision.evidence else {
        panic!("{:?}", decision.evidence);
    };
    evidence
}

/// An event of day `day` of March 2026, with the hour it was observed and received at.
fn event(script: Script, code: &str, day: u32, observed: &str, received: &str) -> Script {
    let time = |hour: &str| script.at(&format!("2026-03-{day:02}T{hour}:00Z"));
    let (observed, received) = (time(observed), time(received));
    let reading = json!({
        "wearer": "W-1", "received_at": received, "device": "D-1", "t": observed,
        "kind": "event", "code": code,
    });
    script.reading(reading, received)
}

fn at(script: Script, code: &str, day: u32, hour: &str) -> Script {
    event(script, code, day, hour, hour)
}

/// Low at six in the evening, charged at midnight less an hour: an hour too late.
fn uncharged(script: Script, day: u32) -> Script {
    at(
        at(script, "battery_low", day, "18:00"),
        "charging_start",
        day,
        "23:00",
    )
}

#[test]
fn a_battery_charged_in_time_every_day_is_nothing_to_tell() {
    let mut script = Script::new();
    for day in 3..10 {
        script = at(script, "battery_low", day, "18:00");
        script = at(script, "charging_start", day, "21:59");
    }
    script.run().tells_of(&[ChargeMissed], &[]);
}

#[test]
fn the_second_failure_within_a_week_is_told_when_its_time_is_over() {
    let story = uncharged(uncharged(Script::new(), 3), 5)
        .until("2026-03-06T12:00:00Z")
        .run();
    story.tells_of(
        &[ChargeMissed],
        &["charge_missed opened", "charge_missed cleared"],
    );
    let opened = story.the(ChargeMissed, Opened);
    assert_eq!(opened.decided, story.at("2026-03-05T22:00:00Z"));
    let low = ["2026-03-03T18:00:00Z", "2026-03-05T18:00:00Z"].map(|time| story.at(time));
    assert_eq!(evidence(opened).low_since, low);
}

#[test]
fn failures_more_than_a_week_apart_do_not_add_up() {
    let story = uncharged(uncharged(Script::new(), 3), 10).run();
    story.tells_of(&[ChargeMissed], &[]);
}

#[test]
fn a_battery_that_dies_is_a_failure_at_once_and_only_one() {
    let script = at(uncharged(Script::new(), 3), "battery_low", 5, "18:00");
    let story = at(script, "battery_dead", 5, "19:00")
        .until("2026-03-06T12:00:00Z")
        .run();
    story.tells_of(&[ChargeMissed], &["charge_missed opened"]);
    assert_eq!(
        story.the(ChargeMissed, Opened).onset,
        story.at("2026-03-05T19:00:00Z")
    );
}

#[test]
fn a_charge_in_time_that_is_heard_of_late_takes_it_back() {
    let script = at(uncharged(Script::new(), 3), "battery_low", 5, "18:00");
    let story = event(script, "charging_start", 5, "20:00", "23:30").run();
    story.tells_of(
        &[ChargeMissed],
        &["charge_missed opened", "charge_missed withdrawn"],
    );
    let withdrawn = evidence(story.the(ChargeMissed, Withdrawn));
    assert_eq!(withdrawn.low_since, [story.at("2026-03-03T18:00:00Z")]);
}

#[test]
fn a_low_charge_and_its_late_charging_in_one_upload_are_judged_by_when_they_were() {
    let script = event(
        uncharged(Script::new(), 3),
        "battery_low",
        5,
        "08:00",
        "20:00",
    );
    let in_time = event(script.clone(), "charging_start", 5, "11:00", "20:00");
    in_time
        .until("2026-03-06T12:00:00Z")
        .run()
        .tells_of(&[ChargeMissed], &[]);
    let late = event(script, "charging_start", 5, "13:00", "20:00").run();
    assert_eq!(
        late.the(ChargeMissed, Opened).onset,
        late.at("2026-03-05T12:00:00Z")
    );
}

#[test]
fn our_own_outage_is_no_failure_to_charge() {
    let script = at(uncharged(Script::new(), 3), "battery_low", 5, "18:00");
    let gap = |to: &str| json!({"intake_gap": {"from": "2026-03-05T18:01:00Z", "to": to}});
    let script = script
        .until("2026-03-05T21:50:00Z")
        .change(gap("2026-03-05T21:50:00Z"));
    let story = event(script, "charging_start", 5, "21:00", "22:10").run();
    story.tells_of(&[ChargeMissed], &[]);
}
