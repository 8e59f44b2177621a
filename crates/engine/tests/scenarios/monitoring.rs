//! Orders that nobody watches.

use model::DecisionKind::{IntakeGap, NotMonitored, UnknownDevice};
use model::Phase::{Cleared, Opened, Updated};
use model::{Decision, Evidence, OversightEvidence};
use serde_json::{Value, json};

use crate::script::{Script, Story};

/// An order of 2 March, from 08:00 to midnight on the 9th, and no device.
fn ordered() -> Script {
    bare().change(json!({ "order": order(1, "2026-03-02T08:00:00Z") }))
}

fn bare() -> Script {
    Script::without_device("2026-03-02").zone("Z-1", 0.0, 0.0, 100.0)
}

fn order(version: u32, from: &str) -> Value {
    json!({
        "id": "O-1", "version": version, "wearer": "W-1", "type": "POST_RELEASE",
        "from": from, "to": "2026-03-09T00:00:00Z",
        "conditions": [{"id": "C-1", "kind": "exclusion_zone", "zones": ["Z-1"]}],
    })
}

fn worn(kind: &str, from: &str, to: Option<&str>) -> Value {
    json!({"activation": {
        "device": format!("{kind}-1"), "kind": kind, "wearer": "W-1", "from": from, "to": to,
        "cadence_s": 60, "upload_interval_s": 600,
    }})
}

fn heard(script: Script, device: &str, at: &str) -> Script {
    let at = script.at(at);
    let reading = json!({
        "wearer": "W-1", "received_at": at, "device": device, "t": at,
        "kind": "event", "code": "motion_start",
    });
    script.reading(reading, at)
}

fn evidence(decision: &Decision) -> &OversightEvidence {
    let Evidence::Oversight(evidence) = &decision.evidence else {
        panic!("{:?}", decision.evidence);
    };
    evidence
}

fn tells(story: &Story, expected: &[&str]) {
    story.tells_of(&[NotMonitored], expected);
}

#[test]
fn an_order_without_a_device_is_told_of_an_hour_after_its_start() {
    let story = ordered().until("09:00").run_in_full();
    tells(&story, &["not_monitored opened"]);
    let opened = story.the(NotMonitored, Opened);
    assert_eq!(opened.onset, story.at("08:00"));
    assert_eq!(opened.decided, story.at("09:00"));
    assert_eq!(opened.order.as_ref().map(|id| id.as_str()), Some("O-1"));
    assert_eq!(opened.order_version, Some(1));
    assert_eq!((&opened.condition, &opened.device), (&None, &None));
    assert_eq!(evidence(opened).limit_s, Some(3600));
    tells(&ordered().until("08:59:59").run_in_full(), &[]);
}

#[test]
fn a_device_that_is_activated_ends_it() {
    let script = ordered()
        .until("10:00")
        .change(worn("gps", "2026-03-02T10:00:00Z", None));
    let story = script.until("23:00").run_in_full();
    tells(&story, &["not_monitored opened", "not_monitored cleared"]);
    let cleared = story.the(NotMonitored, Cleared);
    assert_eq!(cleared.decided, story.at("10:00"));
    assert_eq!(evidence(cleared).reason, "device gps-1 is activated");
}

#[test]
fn a_device_to_be_fitted_later_counts_from_then() {
    let script = ordered().change(worn("gps", "2026-03-02T12:00:00Z", None));
    let story = script.until("13:00").run_in_full();
    tells(&story, &["not_monitored opened", "not_monitored cleared"]);
    assert_eq!(story.the(NotMonitored, Cleared).decided, story.at("12:00"));
}

#[test]
fn a_device_fitted_in_time_and_heard_is_no_alert() {
    let script = ordered().change(worn("gps", "2026-03-02T08:30:00Z", None));
    tells(
        &heard(script, "gps-1", "08:40").until("23:00").run_in_full(),
        &[],
    );
}

#[test]
fn a_day_of_silence_of_the_only_device_is_told_and_ends_with_the_first_word() {
    let script = ordered().change(worn("gps", "2026-03-02T08:00:00Z", None));
    let script = heard(script, "gps-1", "10:00").until("2026-03-03T10:09:59Z");
    tells(&script.run_in_full(), &[]);
    let script = heard(script, "gps-1", "2026-03-03T12:00:00Z");
    let story = script.until("2026-03-04T09:00:00Z").run_in_full();
    tells(&story, &["not_monitored opened", "not_monitored cleared"]);
    let opened = story.the(NotMonitored, Opened);
    assert_eq!(opened.onset, story.at("10:00"));
    // A day, and the upload interval.
    assert_eq!(opened.decided, story.at("2026-03-03T10:10:00Z"));
    let device = &evidence(opened).devices[0];
    assert_eq!(device.allowed_s, 87_000);
    assert_eq!(device.heard_at.map(|at| at.0), Some(story.at("10:00")));
    let cleared = story.the(NotMonitored, Cleared);
    assert_eq!(cleared.decided, story.at("2026-03-03T12:00:00Z"));
    assert_eq!(evidence(cleared).reason, "device gps-1 was heard");
}

#[test]
fn a_device_that_never_was_heard_is_told_of_too() {
    let script = ordered().change(worn("gps", "2026-03-02T08:00:00Z", None));
    let story = script.until("2026-03-04T00:00:00Z").run_in_full();
    tells(&story, &["not_monitored opened"]);
    let opened = story.the(NotMonitored, Opened);
    assert_eq!(opened.decided, story.at("2026-03-03T08:10:00Z"));
    assert_eq!(evidence(opened).devices[0].heard_at, None);
}

#[test]
fn one_device_that_is_heard_is_enough() {
    let mut script = ordered()
        .change(worn("gps", "2026-03-02T08:00:00Z", None))
        .change(worn("rf", "2026-03-02T08:00:00Z", None));
    for day in 3..8 {
        script = heard(script, "rf-1", &format!("2026-03-0{day}T08:00:00Z"));
    }
    tells(&script.run_in_full(), &[]);
}

#[test]
fn what_is_carried_does_not_stand_for_what_is_fitted() {
    let mut script = ordered()
        .change(worn("gps", "2026-03-02T08:00:00Z", None))
        .change(worn("non_fitted", "2026-03-02T08:00:00Z", None));
    script = heard(script, "non_fitted-1", "2026-03-03T08:00:00Z");
    tells(
        &script.until("2026-03-03T09:00:00Z").run_in_full(),
        &["not_monitored opened"],
    );
}

#[test]
fn a_daily_upload_of_an_alcohol_tag_is_not_silence() {
    let mut script = ordered().change(worn("alcohol", "2026-03-02T08:00:00Z", None));
    for day in 3..6 {
        script = heard(script, "alcohol-1", &format!("2026-03-0{day}T11:30:00Z"));
    }
    tells(&script.run_in_full(), &[]);
    let story = script.until("2026-03-07T11:30:00Z").run_in_full();
    tells(&story, &["not_monitored opened"]);
}

#[test]
fn an_order_that_starts_in_future_is_told_of_then() {
    let script = bare().change(json!({ "order": order(1, "2026-03-05T08:00:00Z") }));
    tells(
        &script.clone().until("2026-03-05T08:59:00Z").run_in_full(),
        &[],
    );
    tells(
        &script.until("2026-03-05T09:00:00Z").run_in_full(),
        &["not_monitored opened"],
    );
}

#[test]
fn an_order_that_ends_is_no_longer_to_be_watched() {
    let story = ordered().until("2026-03-10T00:00:00Z").run_in_full();
    tells(&story, &["not_monitored opened", "not_monitored cleared"]);
    let cleared = story.the(NotMonitored, Cleared);
    assert_eq!(cleared.decided, story.at("2026-03-09T00:00:00Z"));
}

#[test]
fn an_order_suspended_by_a_variation_is_no_longer_to_be_watched() {
    let mut suspended = order(2, "2026-03-02T08:00:00Z");
    suspended["conditions"] = json!([]);
    let script = ordered()
        .until("12:00")
        .change(json!({ "order": suspended }));
    let story = script.until("2026-03-05T00:00:00Z").run_in_full();
    tells(&story, &["not_monitored opened", "not_monitored cleared"]);
    assert_eq!(story.the(NotMonitored, Cleared).order_version, Some(2));
}

#[test]
fn a_device_taken_off_for_good_is_one_episode_with_another_cause() {
    let script = ordered().change(worn("gps", "2026-03-02T08:00:00Z", None));
    let script = script.until("2026-03-03T09:00:00Z");
    let ended = worn("gps", "2026-03-02T08:00:00Z", Some("2026-03-03T09:00:00Z"));
    let story = script
        .change(ended)
        .until("2026-03-03T12:00:00Z")
        .run_in_full();
    tells(&story, &["not_monitored opened", "not_monitored updated"]);
    let updated = story.the(NotMonitored, Updated);
    assert_eq!(updated.decided, story.at("2026-03-03T10:00:00Z"));
}

#[test]
fn a_device_changed_for_another_within_the_hour_is_no_alert() {
    let script = ordered()
        .change(worn(
            "gps",
            "2026-03-02T08:00:00Z",
            Some("2026-03-02T12:00:00Z"),
        ))
        .change(worn("rf", "2026-03-02T12:40:00Z", None));
    tells(&script.until("23:00").run_in_full(), &[]);
}

#[test]
fn our_own_outage_is_not_their_silence() {
    let gap = json!({"intake_gap": {"from": "2026-03-02T09:00:00Z", "to": "2026-03-04T09:00:00Z"}});
    let script = ordered().change(worn("gps", "2026-03-02T08:00:00Z", None));
    let script = script.until("09:00").gap(gap, "2026-03-04T09:00:00Z");
    tells(
        &script.clone().until("2026-03-04T09:39:59Z").run_in_full(),
        &[],
    );
    let story = script.clone().until("2026-03-04T09:40:00Z").run_in_full();
    tells(&story, &["not_monitored opened"]);
    tells(
        &heard(script, "gps-1", "2026-03-04T09:30:00Z")
            .until("2026-03-05T09:00:00Z")
            .run_in_full(),
        &[],
    );
}

#[test]
fn each_order_has_an_episode_of_its_own() {
    let mut other = order(1, "2026-03-02T08:00:00Z");
    other["id"] = json!("O-2");
    let story = ordered()
        .change(json!({ "order": other }))
        .until("10:00")
        .run_in_full();
    let alerts: std::collections::BTreeSet<_> = story
        .all(NotMonitored, Opened)
        .map(|decision| decision.alert)
        .collect();
    assert_eq!(alerts.len(), 2);
}

#[test]
fn our_own_gap_is_told_once_by_the_partition_that_is_to_tell_it() {
    let gap = |to: &str, told_by: Value| {
        let gap =
            json!({"intake_gap": {"from": "2026-03-02T09:00:00Z", "to": to, "told_by": told_by}});
        let story = ordered().until("09:00").gap(gap, to).run_in_full();
        story.all(IntakeGap, Opened).cloned().collect::<Vec<_>>()
    };
    let told = gap("2026-03-02T11:00:00Z", json!(0));
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].wearer.as_str(), "(partition-0)");
    assert!(told[0].wearer.is_partition());
    let reason = &evidence(&told[0]).reason;
    assert!(reason.contains("for 7200 s"), "{reason}");
    assert!(gap("2026-03-02T11:00:00Z", json!(null)).is_empty());
    assert!(gap("2026-03-02T09:01:00Z", json!(0)).is_empty());
}

#[test]
fn a_gap_that_goes_on_is_one_episode_until_intake_has_caught_up() {
    let gap = |to: &str, ongoing: bool, told_by: Value| {
        json!({"intake_gap": {
            "from": "2026-03-02T09:00:00Z", "to": to, "ongoing": ongoing, "told_by": told_by
        }})
    };
    let [told, resumed, over] = [
        "2026-03-02T09:02:00Z",
        "2026-03-02T13:00:00Z",
        "2026-03-02T13:30:00Z",
    ];
    let story = ordered()
        .until("09:00")
        .gap(gap(told, true, json!(0)), told)
        .gap(gap(resumed, true, json!(0)), resumed)
        .gap(gap(over, false, json!(null)), over)
        .run_in_full();
    story.tells_of(&[IntakeGap], &["intake_gap opened", "intake_gap cleared"]);
    let over = story.the(IntakeGap, Cleared);
    assert_eq!(over.decided, story.at("13:30"));
    let reason = &evidence(over).reason;
    assert!(reason.contains("for 16200 s"), "{reason}");
}

#[test]
fn messages_that_the_broker_dropped_are_told_and_a_count_that_stands_still_is_not() {
    let seen = |messages: u64| {
        json!({"broker_dropped": {"partition": 0, "from": "2026-03-02T09:00:00Z",
            "to": "2026-03-02T09:00:10Z", "messages": messages, "counter": 1_200}})
    };
    let story = ordered()
        .until("09:00")
        .change(seen(0))
        .until("09:30")
        .change(seen(990))
        .until("10:00")
        .change(seen(3))
        .run_in_full();
    let told: Vec<_> = story.all(IntakeGap, Opened).collect();
    assert_eq!(told.len(), 2);
    assert_ne!(
        told[0].alert, told[1].alert,
        "each loss is an alert of its own"
    );
    assert_eq!(told[0].wearer.as_str(), "(partition-0)");
    let Evidence::BrokerLoss(evidence) = &told[0].evidence else {
        panic!("{:?}", told[0].evidence);
    };
    assert_eq!((evidence.messages, evidence.counter), (990, 1_200));
    assert!(
        evidence.reason.contains("dropped 990 messages"),
        "{evidence:?}"
    );
}

#[test]
fn a_device_that_nobody_knows_is_one_episode_with_a_count_until_it_is_quiet() {
    let stray = json!({"stray": {"partition": 2, "device": "X-1", "reason": "unknown_device"}});
    let story = ordered()
        .until("09:00")
        .change(stray.clone())
        .until("11:00")
        .change(stray)
        .until("2026-03-03T12:00:00Z")
        .run_in_full();
    let opened = story.the(UnknownDevice, Opened);
    assert_eq!(opened.decided, story.at("09:00"));
    assert_eq!(opened.wearer.as_str(), "(partition-2)");
    let cleared = story.the(UnknownDevice, Cleared);
    assert_eq!(cleared.decided, story.at("2026-03-03T11:00:00Z"));
    let Evidence::Device(evidence) = &cleared.evidence else {
        panic!("{:?}", cleared.evidence);
    };
    assert_eq!(evidence.count, 2);
}
