//! Changes of what is to be watched, in the middle of things.

use model::DecisionKind::{ExclusionZoneEntered, GeometryMissing};
use model::Phase::{Cleared, Opened};
use model::{Evidence, FixSource};
use serde_json::json;

use crate::script::{Script, zone_evidence};

#[test]
fn a_variation_keeps_the_state_and_the_open_episode_of_a_condition_it_keeps() {
    let story = Script::excluded()
        .stay("10:00", "10:05", 0.0, 0.0)
        .order(
            2,
            json!([
                {"id": "C-9", "kind": "trail"},
                {"id": "C-1", "kind": "exclusion_zone", "zones": ["Z-1"]},
            ]),
        )
        .stay("10:05", "10:10", 0.0, 0.0)
        .stay("10:10", "10:15", 500.0, 0.0)
        .run();
    let opened = story.the(ExclusionZoneEntered, Opened);
    let cleared = story.the(ExclusionZoneEntered, Cleared);
    assert_eq!(opened.alert, cleared.alert);
    assert_eq!(
        (opened.order_version, cleared.order_version),
        (Some(1), Some(2))
    );
}

#[test]
fn a_condition_that_a_variation_drops_has_its_episode_ended_with_a_note() {
    let story = Script::excluded()
        .stay("10:00", "10:05", 0.0, 0.0)
        .order(2, json!([]))
        .stay("10:05", "10:10", 0.0, 0.0)
        .order(
            3,
            json!([{"id": "C-1", "kind": "exclusion_zone", "zones": ["Z-1"]}]),
        )
        .stay("10:10", "10:15", 0.0, 0.0)
        .run();
    let cleared = story.the(ExclusionZoneEntered, Cleared);
    assert_eq!(
        zone_evidence(cleared).note.as_deref(),
        Some("not in version 2 of the order")
    );
    // Come back, it is a new episode with an alert of its own.
    let alerts: Vec<_> = story
        .all(ExclusionZoneEntered, Opened)
        .map(|d| d.alert)
        .collect();
    assert_eq!(alerts.len(), 2);
    assert_ne!(alerts[0], alerts[1]);
}

#[test]
fn an_older_or_equal_version_is_ignored() {
    let story = Script::excluded()
        .stay("10:00", "10:05", 0.0, 0.0)
        .order(1, json!([]))
        .stay("10:05", "10:10", 0.0, 0.0)
        .run();
    assert_eq!(story.all(ExclusionZoneEntered, Cleared).count(), 0);
}

#[test]
fn a_zone_not_yet_defined_is_told_until_it_is() {
    let zones = json!(["Z-1", "set:schools"]);
    let story = Script::new()
        .order(
            1,
            json!([{"id": "C-1", "kind": "exclusion_zone", "zones": zones}]),
        )
        .zone("Z-1", 0.0, 0.0, 100.0)
        .change(json!({"zone_set": {"id": "schools", "zones": []}}))
        .stay("10:00", "10:05", 0.0, 0.0)
        .run();
    assert_eq!(
        story.told()[..3],
        [
            "geometry_missing opened",
            "geometry_missing updated",
            "geometry_missing cleared"
        ]
    );
    let Evidence::Oversight(evidence) = &story.the(GeometryMissing, Opened).evidence else {
        panic!("not an oversight");
    };
    assert_eq!(
        evidence.reason,
        "zone Z-1 is not defined; set:schools is not defined"
    );
    assert_eq!(evidence.zones.len(), 2);
    assert!(story.has(ExclusionZoneEntered));
}

#[test]
fn a_zone_too_small_to_be_watched_is_told_with_the_reason() {
    let story = Script::new()
        .zone("Z-1", 0.0, 0.0, 20.0)
        .order(
            1,
            json!([{"id": "C-1", "kind": "exclusion_zone", "zones": ["Z-1"]}]),
        )
        .run();
    let Evidence::Oversight(evidence) = &story.the(GeometryMissing, Opened).evidence else {
        panic!("not an oversight");
    };
    assert!(
        evidence.reason.contains("Z-1") && evidence.reason.contains("45"),
        "{}",
        evidence.reason
    );
}

#[test]
fn being_outside_what_is_known_of_an_inclusion_says_nothing_while_a_part_is_missing() {
    let story = Script::new()
        .zone("Z-1", 0.0, 0.0, 100.0)
        .order(
            1,
            json!([{"id": "C-1", "kind": "inclusion_zone", "zones": ["Z-1", "Z-2"]}]),
        )
        .stay("10:00", "10:05", 900.0, 0.0)
        .run();
    story.tells(&["geometry_missing opened"]);
}

#[test]
fn a_zone_taken_out_of_the_condition_ends_its_breach() {
    let story = Script::excluded()
        .zone("Z-2", 5000.0, 0.0, 100.0)
        .stay("10:00", "10:05", 0.0, 0.0)
        .order(
            2,
            json!([{"id": "C-1", "kind": "exclusion_zone", "zones": ["Z-2"]}]),
        )
        .run();
    let cleared = zone_evidence(story.the(ExclusionZoneEntered, Cleared));
    assert_eq!(
        cleared.note.as_deref(),
        Some("the zone is no longer part of the condition")
    );
    assert!(cleared.fixes.iter().all(|fix| fix.src == FixSource::Gps));
}

#[test]
fn a_condition_without_any_zone_is_told_of() {
    for kind in ["exclusion_zone", "inclusion_zone", "restriction_zone"] {
        let story = Script::new()
            .change(json!({"zone_set": {"id": "none", "zones": []}}))
            .order(
                1,
                json!([{"id": "C-1", "kind": kind, "zones": ["set:none"]}]),
            )
            .stay("10:00", "10:05", 0.0, 0.0)
            .run();
        story.tells(&["geometry_missing opened"]);
    }
}
