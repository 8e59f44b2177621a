//! Devices that are not heard from, and devices that give no fix.

use chrono::TimeDelta;
use model::DecisionKind::{AlcoholGap, NoContact, NoFix, PresenceUnknown};
use model::Phase::{Cleared, Opened};
use model::{ContactEvidence, Decision, EventCode, Evidence};
use serde_json::json;

use crate::script::Script;

fn evidence(decision: &Decision) -> &ContactEvidence {
    let Evidence::Contact(evidence) = &decision.evidence else {
        panic!("{:?}", decision.evidence);
    };
    evidence
}

/// The tag says that it moves, which is contact and no fix.
fn moves(script: Script, observed: &str, received: &str) -> Script {
    event(script, "motion_start", observed, received)
}

fn event(script: Script, code: &str, observed: &str, received: &str) -> Script {
    let (observed, received) = (script.at(observed), script.at(received));
    let reading = json!({
        "wearer": "W-1", "received_at": received, "device": "D-1", "t": observed,
        "kind": "event", "code": code,
    });
    script.reading(reading, received)
}

/// In contact every half an hour, without a fix.
fn without_fix(mut script: Script, from: &str, times: i32) -> Script {
    let mut at = script.at(from);
    for _ in 0..times {
        let text = at.to_string();
        script = moves(script, &text, &text);
        at = at.plus(TimeDelta::minutes(30));
    }
    script
}

fn gap(script: Script, from: &str, to: &str) -> Script {
    let gap = json!({"intake_gap": {"from": script.at(from), "to": script.at(to)}});
    script.until(to).change(gap)
}

#[test]
fn a_tag_that_falls_silent_is_told_once_an_hour_after_its_upload_was_due() {
    let story = Script::new()
        .fix("01:00", 0.0, 0.0)
        .until("23:00")
        .run_in_full();
    story.tells_of(&[NoContact, NoFix], &["no_contact opened"]);
    let opened = story.the(NoContact, Opened);
    assert_eq!(opened.onset, story.at("01:00"));
    assert_eq!(opened.decided, story.at("02:10"));
    let told = evidence(opened);
    assert_eq!((told.planned_s, told.margin_s), (600, 3600));
}

#[test]
fn a_tag_that_was_never_heard_from_is_silent_since_we_heard_of_it() {
    let story = Script::new().until("03:00").run_in_full();
    let opened = story.the(NoContact, Opened);
    assert_eq!(opened.onset, story.at("00:00"));
    assert_eq!(evidence(opened).heard_at, None);
}

#[test]
fn whatever_comes_in_ends_the_silence_however_old_it_is() {
    let script = Script::new().fix("01:00", 0.0, 0.0).until("12:00");
    let story = moves(script, "00:30", "12:30").run_in_full();
    story.tells_of(&[NoContact], &["no_contact opened", "no_contact cleared"]);
    assert_eq!(story.the(NoContact, Cleared).decided, story.at("12:30"));
}

#[test]
fn the_silence_says_what_was_heard_last() {
    let script = event(Script::new(), "battery_dead", "01:00", "01:01");
    let story = script.until("12:00").run_in_full();
    let told = evidence(story.the(NoContact, Opened));
    assert_eq!(told.last_event, Some(EventCode::BatteryDead));
    assert_eq!(told.heard_at.map(|at| at.0), Some(story.at("01:01")));
}

#[test]
fn our_own_outage_is_not_their_silence() {
    let script = Script::new().fix("01:00", 0.0, 0.0);
    let story = gap(script.clone(), "01:01", "02:00")
        .until("02:59")
        .run_in_full();
    story.tells_of(&[NoContact], &[]);
    let story = gap(script, "01:01", "02:00").until("03:01").run_in_full();
    assert_eq!(story.the(NoContact, Opened).decided, story.at("03:00"));
}

#[test]
fn while_nothing_is_taken_in_nobody_is_silent_however_long_it_lasts() {
    let ongoing = |script: &Script, to: &str, ongoing: bool| {
        let (from, to) = (script.at("01:01"), script.at(to));
        json!({"intake_gap": {"from": from, "to": to, "ongoing": ongoing}})
    };
    let script = Script::new()
        .change(json!({"activation": {
            "device": "A-1", "kind": "alcohol", "wearer": "W-1", "from": "2026-01-01T00:00:00Z",
            "cadence_s": 1800, "upload_interval_s": 86400,
        }}))
        .zone("Z-1", 0.0, 0.0, 150.0)
        .place("P-1", 800.0, 0.0, 60.0)
        .order(
            1,
            json!([
                {"id": "C-1", "kind": "exclusion_zone", "zones": ["Z-1"]},
                {"id": "C-2", "kind": "curfew", "place": "P-1", "windows": [
                    {"days": ["Mon", "Tue"], "start": "19:00", "end": "07:00"}]},
                {"id": "C-4", "kind": "alcohol_abstinence"},
            ]),
        )
        .fix("01:00", 800.0, 0.0);
    let began = ongoing(&script, "01:02", true);
    let over = ongoing(&script, "2026-03-05T01:00:00Z", false);
    let silent = script.gap(began, "01:02");
    let days = "2026-03-05T01:00:00Z";
    let story = silent.clone().until(days).run_in_full();
    assert!(story.told().is_empty(), "{:?}", story.told());
    let story = silent
        .gap(over, days)
        .until("2026-03-07T12:00:00Z")
        .run_in_full();
    for kind in [NoContact, PresenceUnknown, AlcoholGap] {
        assert!(story.has(kind), "{kind} in {:?}", story.told());
    }
}

#[test]
fn a_tag_that_is_no_longer_worn_is_not_silent() {
    let ended = json!({"activation": {
        "device": "D-1", "kind": "gps", "wearer": "W-1", "from": "2026-01-01T00:00:00Z",
        "to": "2026-03-02T02:30:00Z",
    }});
    let script = Script::new()
        .fix("01:00", 0.0, 0.0)
        .fix("02:00", 0.0, 0.0)
        .change(ended.clone());
    script
        .until("23:00")
        .run_in_full()
        .tells_of(&[NoContact, NoFix], &[]);
    let script = Script::new().fix("01:00", 0.0, 0.0).change(ended);
    let story = script.until("23:00").run_in_full();
    story.tells_of(&[NoContact], &["no_contact opened", "no_contact cleared"]);
    assert_eq!(story.the(NoContact, Cleared).decided, story.at("02:30"));
}

#[test]
fn a_tag_that_is_to_be_fitted_later_is_waited_for_from_then_on() {
    let script = Script::new().change(json!({"activation": {
        "device": "D-2", "kind": "rf", "wearer": "W-1", "from": "2026-03-02T12:00:00Z",
    }}));
    let story = script.until("14:00").run_in_full();
    let mut opened = story.all(NoContact, Opened);
    let fitted = opened.find(|decision| evidence(decision).device.as_str() == "D-2");
    assert_eq!(
        fitted.map(|decision| decision.decided),
        Some(story.at("13:10"))
    );
}

#[test]
fn prompts_and_daily_uploads_are_not_watched_for_contact() {
    for kind in ["alcohol", "non_fitted"] {
        let script = Script::new().change(json!({"activation": {
            "device": "D-1", "kind": kind, "wearer": "W-1", "from": "2026-01-01T00:00:00Z",
        }}));
        let story = script.until("2026-03-04T00:00:00Z").run_in_full();
        story.tells_of(&[NoContact, NoFix], &[]);
    }
}

#[test]
fn a_tag_in_contact_without_a_fix_is_told_once_until_it_has_one() {
    let script = Script::new().fix("01:00", 0.0, 0.0);
    let story = without_fix(script, "01:30", 16)
        .fix("09:10", 0.0, 0.0)
        .run_in_full();
    story.tells_of(&[NoContact, NoFix], &["no_fix opened", "no_fix cleared"]);
    let opened = story.the(NoFix, Opened);
    assert_eq!(opened.onset, story.at("01:00"));
    assert_eq!(opened.decided, story.at("07:01"));
    assert_eq!(story.the(NoFix, Cleared).decided, story.at("09:10"));
}

#[test]
fn contact_that_is_regained_gives_time_for_a_fix() {
    let script = Script::new().fix("02:00", 0.0, 0.0).until("12:00");
    let story = without_fix(script.clone(), "12:00", 12)
        .until("18:00")
        .run_in_full();
    story.tells_of(&[NoFix], &[]);
    let story = without_fix(script, "12:00", 13)
        .until("18:02")
        .run_in_full();
    assert_eq!(story.the(NoFix, Opened).onset, story.at("12:00"));
}

#[test]
fn a_home_unit_has_no_fix_to_give() {
    let script = Script::new().change(json!({"activation": {
        "device": "D-1", "kind": "rf", "wearer": "W-1", "from": "2026-01-01T00:00:00Z",
    }}));
    without_fix(script, "09:00", 20)
        .run_in_full()
        .tells_of(&[NoFix], &[]);
}

#[test]
fn silence_is_the_same_after_a_restart() {
    let script = Script::new().fix("09:00", 0.0, 0.0).until("09:30");
    let script = moves(script.until("12:00"), "12:30", "12:30").until("14:00");
    let mut driven = crate::script::Driven::new(engine::RulesPolicy::default());
    let mut decisions = Vec::new();
    for input in &script.inputs {
        driven.feed(input);
        decisions.extend(driven.decisions());
        driven.restart();
    }
    assert_eq!(decisions, script.run_in_full().decisions);
}
