//! What is registered changes while it is watched.

use model::DecisionKind::{ExclusionZoneEntered, GeometryMissing, NotMonitored, OutPastStart};
use model::Phase::{Cleared, Opened};
use serde_json::{Value, json};

use crate::script::{Script, point};

fn order(version: u32, suspensions: &Value) -> Value {
    json!({"order": {
        "id": "O-1", "version": version, "wearer": "W-1", "type": "POST_RELEASE",
        "from": "2026-01-01T00:00:00Z", "suspensions": suspensions,
        "conditions": [{"id": "C-1", "kind": "exclusion_zone", "zones": ["Z-1"]}]
    }})
}

#[test]
fn a_decision_names_the_revision_of_the_registry_that_it_was_made_under() {
    let story = Script::excluded()
        .change(json!({"revision": {"registry": 7}}))
        .stay("10:00", "10:05", 0.0, 0.0)
        .change(json!({"revision": {"registry": 9}}))
        .stay("10:05", "10:15", 500.0, 0.0)
        .run();
    assert_eq!(story.the(ExclusionZoneEntered, Opened).registry, Some(7));
    assert_eq!(story.the(ExclusionZoneEntered, Cleared).registry, Some(9));
}

#[test]
fn without_revisions_a_decision_names_none() {
    let story = Script::excluded().stay("10:00", "10:05", 0.0, 0.0).run();
    assert_eq!(story.the(ExclusionZoneEntered, Opened).registry, None);
}

#[test]
fn while_an_order_is_suspended_nothing_is_enforced_and_afterwards_it_is_again() {
    let suspended = json!([{"from": "2026-03-02T10:10:00Z", "to": "2026-03-02T10:30:00Z"}]);
    let story = Script::excluded()
        .change(order(2, &suspended))
        .stay("10:00", "10:05", 0.0, 0.0)
        .stay("10:05", "10:20", 0.0, 0.0)
        .stay("10:20", "10:28", 500.0, 0.0)
        .stay("10:28", "10:40", 0.0, 0.0)
        .run();
    let opened: Vec<_> = story.all(ExclusionZoneEntered, Opened).collect();
    assert_eq!(opened.len(), 2, "{:?}", story.told());
    let cleared: Vec<_> = story.all(ExclusionZoneEntered, Cleared).collect();
    assert!(
        cleared[0].decided >= story.at("10:10"),
        "{:?}",
        story.brief()
    );
    assert!(opened[1].onset >= story.at("10:30"), "{:?}", story.brief());
    assert_eq!(opened[1].order_version, Some(2));
}

#[test]
fn an_order_suspended_until_further_notice_is_enforced_again_by_a_variation() {
    let story = Script::excluded()
        .change(order(2, &json!([{"from": "2026-03-02T09:00:00Z"}])))
        .stay("10:00", "10:10", 0.0, 0.0)
        .change(order(
            3,
            &json!([{"from": "2026-03-02T09:00:00Z", "to": "2026-03-02T10:10:00Z"}]),
        ))
        .stay("10:10", "10:20", 0.0, 0.0)
        .run();
    let opened = story.the(ExclusionZoneEntered, Opened);
    assert_eq!(opened.order_version, Some(3));
    assert!(opened.onset >= story.at("10:10"), "{:?}", story.brief());
}

#[test]
fn nobody_need_watch_an_order_that_is_suspended() {
    let unwatched = |suspensions: Value| {
        Script::without_device("2026-03-02")
            .zone("Z-1", 0.0, 0.0, 100.0)
            .change(order(1, &suspensions))
            .until("20:00")
            .run_in_full()
            .has(NotMonitored)
    };
    assert!(unwatched(json!([])));
    assert!(!unwatched(json!([{"from": "2026-01-01T00:00:00Z"}])));
}

#[test]
fn a_zone_that_is_removed_is_missed_and_its_breach_ends() {
    let story = Script::excluded()
        .stay("10:00", "10:05", 0.0, 0.0)
        .change(json!({"removed": "zone/Z-1"}))
        .stay("10:05", "10:10", 0.0, 0.0)
        .run();
    assert_eq!(story.all(ExclusionZoneEntered, Cleared).count(), 1);
    assert!(story.has(GeometryMissing));
}

#[test]
fn an_absence_that_is_taken_back_lifts_nothing() {
    let absence = json!({"absence": {
        "id": "A-1", "condition": "C-2", "from": "2026-03-02T18:00:00Z",
        "to": "2026-03-03T08:00:00Z", "reason": "a wedding", "authorised_by": "the court"
    }});
    let evening = |script: Script| script.stay("18:30", "20:30", 900.0, 0.0).run();
    let allowed = evening(Script::curfew().change(absence.clone()));
    assert!(!allowed.has(OutPastStart));
    let taken_back = json!({"removed": "absence/A-1"});
    let refused = evening(Script::curfew().change(absence).change(taken_back));
    assert!(refused.has(OutPastStart), "{:?}", refused.told());
}

#[test]
fn a_device_that_was_never_worn_watches_nobody() {
    let activation = json!({"activation": {
        "device": "GPS-2", "kind": "gps", "wearer": "W-1", "from": "2026-03-01T00:00:00Z"
    }});
    let removed = json!({"removed": "activation/GPS-2/W-1/2026-03-01T00:00:00Z"});
    let story = Script::without_device("2026-03-02")
        .zone("Z-1", 0.0, 0.0, 100.0)
        .change(activation)
        .change(order(1, &json!([])))
        .change(removed)
        .until("20:00")
        .run_in_full();
    assert!(story.has(NotMonitored), "{:?}", story.told());
}

#[test]
fn a_zone_drawn_anew_over_somebody_who_stays_put_is_entered_from_then_on() {
    let story = Script::excluded()
        .stay("10:00", "10:10", 1000.0, 0.0)
        .zone("Z-1", 1000.0, 0.0, 100.0)
        .stay("10:10", "10:20", 1000.0, 0.0)
        .run_with_restarts();
    let opened = story.the(ExclusionZoneEntered, Opened);
    assert!(opened.onset >= story.at("10:09"), "{:?}", story.brief());
}

#[test]
fn a_zone_drawn_away_from_somebody_within_ends_their_breach() {
    let story = Script::excluded()
        .stay("10:00", "10:10", 0.0, 0.0)
        .zone("Z-1", 5000.0, 0.0, 100.0)
        .stay("10:10", "10:20", 0.0, 0.0)
        .run_with_restarts();
    let cleared = story.the(ExclusionZoneEntered, Cleared);
    assert!(cleared.decided <= story.at("10:12"), "{:?}", story.brief());
}

#[test]
fn a_place_moved_to_where_somebody_stays_in_curfew_ends_their_absence() {
    let story = Script::curfew()
        .stay("18:30", "19:30", 900.0, 0.0)
        .place("P-1", 900.0, 0.0, 50.0)
        .stay("19:30", "20:00", 900.0, 0.0)
        .run_with_restarts();
    assert_eq!(story.all(OutPastStart, Opened).count(), 1);
    let cleared = story.the(OutPastStart, Cleared);
    assert!(
        cleared.decided >= story.at("19:29") && cleared.decided <= story.at("19:45"),
        "{:?}",
        story.brief()
    );
}

#[test]
fn hours_varied_to_begin_later_end_an_absence_that_is_none_any_more() {
    let later = |story: Script| {
        story.order(
            2,
            json!([{"id": "C-2", "kind": "curfew", "place": "P-1",
                "windows": [{"days": ["Mon"], "start": "21:00", "end": "07:00"}]}]),
        )
    };
    let story = later(Script::curfew().stay("18:30", "19:30", 900.0, 0.0))
        .stay("19:30", "20:50", 900.0, 0.0)
        .stay("20:50", "22:00", 0.0, 0.0)
        .run_with_restarts();
    let cleared = story.the(OutPastStart, Cleared);
    assert!(cleared.decided <= story.at("19:45"), "{:?}", story.brief());
    assert_eq!(cleared.order_version, Some(2));
    assert_eq!(story.all(OutPastStart, Opened).count(), 1);
    let in_time = later(Script::curfew().stay("17:30", "18:30", 900.0, 0.0))
        .stay("18:30", "20:50", 900.0, 0.0)
        .stay("20:50", "22:00", 0.0, 0.0)
        .run_with_restarts();
    assert!(!in_time.has(OutPastStart), "{:?}", in_time.brief());
}

#[test]
fn a_wearer_who_is_given_another_device_within_a_zone_is_still_in_the_same_breach() {
    let script = Script::excluded()
        .stay("10:00", "10:10", 0.0, 0.0)
        .change(json!({"activation": {
            "device": "D-1", "kind": "gps", "wearer": "W-1", "from": "2026-01-01T00:00:00Z",
            "to": "2026-03-02T10:10:00Z", "cadence_s": 60, "upload_interval_s": 600,
        }}))
        .change(json!({"activation": {
            "device": "D-2", "kind": "gps", "wearer": "W-1", "from": "2026-03-02T10:10:00Z",
            "cadence_s": 60, "upload_interval_s": 600,
        }}));
    let story = (0..10)
        .fold(script, |script, minute| {
            let north = if minute < 5 { 0.0 } else { 500.0 };
            let (lat, lon) = point(north, 0.0);
            let at = script.at(&format!("10:{}", 11 + minute));
            let fix = json!({
                "device": "D-2", "wearer": "W-1", "kind": "position", "seq": minute, "t": at,
                "received_at": at, "lat": lat, "lon": lon, "acc": 8.0, "sat": 9, "hdop": 1.0, "src": "gps",
            });
            script.reading(fix, at)
        })
        .run_with_restarts();
    let opened: Vec<_> = story.all(ExclusionZoneEntered, Opened).collect();
    assert_eq!(opened.len(), 1, "{:?}", story.brief());
    let cleared = story.the(ExclusionZoneEntered, Cleared);
    assert_eq!(cleared.alert, opened[0].alert);
    assert!(cleared.decided >= story.at("10:16"), "{:?}", story.brief());
}
