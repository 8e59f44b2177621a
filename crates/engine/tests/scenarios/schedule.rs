//! Zones with a schedule: what was observed when decides, not what arrived when.

use model::DecisionKind::ExclusionZoneEntered;
use model::Phase::{Cleared, Opened};
use serde_json::json;

use crate::script::{Script, Story, zone_evidence};

/// Kept out of a zone of 100 m around the origin from 08:00 to 17:00.
fn by_day() -> Script {
    Script::new().zone("Z-1", 0.0, 0.0, 100.0).order(
        1,
        json!([{"id": "C-1", "kind": "exclusion_zone", "zones": ["Z-1"], "schedule": [
            {"days": ["Mon", "Tue"], "start": "08:00", "end": "17:00"}
        ]}]),
    )
}

/// Fixes from `from` to `to`, all received at `received`.
fn batch(script: Script, from: &str, to: &str, received: &str, north: f64) -> Script {
    let (from, to, received) = (script.at(from), script.at(to), script.at(received));
    script.travel_late(from, to, (north, 0.0), (north, 0.0), |_| received)
}

fn breach(story: &Story) -> (String, String) {
    let breach = story.the(ExclusionZoneEntered, Opened);
    (breach.onset.to_string(), breach.decided.to_string())
}

#[test]
fn inside_when_the_window_opens_is_a_breach_at_that_minute_by_timer() {
    let story = by_day()
        .stay("07:50", "08:00", 0.0, 0.0)
        .until("08:10")
        .run();
    assert_eq!(
        breach(&story),
        ("2026-03-02T08:00:00Z".into(), "2026-03-02T08:00:00Z".into())
    );
    let evidence = zone_evidence(story.the(ExclusionZoneEntered, Opened));
    assert_eq!(evidence.in_force_from, Some(story.at("08:00")));
}

#[test]
fn nothing_is_concluded_at_the_opening_from_what_is_no_longer_fresh_or_in_doubt() {
    by_day()
        .stay("07:40", "07:50", 0.0, 0.0)
        .until("09:00")
        .run()
        .tells(&[]);
    by_day()
        .stay("07:50", "07:59", 0.0, 0.0)
        .fix("07:59", 300.0, 0.0)
        .until("09:00")
        .run()
        .tells(&[]);
}

#[test]
fn leaving_before_the_window_opens_is_no_breach_however_late_it_arrives() {
    let script = batch(by_day(), "07:40", "07:50", "07:50", 0.0);
    let script = batch(script, "07:50", "08:00", "08:05", 0.0);
    script.clone().until("09:00").run().tells(&[]);
    // Had the wearer stayed, the first fix observed after the opening shows it.
    let stayed = batch(script.clone(), "08:00", "08:10", "08:15", 0.0).run();
    assert_eq!(
        breach(&stayed),
        ("2026-03-02T08:00:00Z".into(), "2026-03-02T08:15:00Z".into())
    );
    batch(script, "08:00", "08:10", "08:15", 500.0)
        .run()
        .tells(&[]);
}

#[test]
fn entering_before_the_window_closes_counts_however_late_it_arrives() {
    let script = by_day().stay("16:40", "16:50", 500.0, 0.0);
    let story = batch(script, "16:50", "17:05", "17:06", 0.0).run();
    assert_eq!(
        breach(&story),
        ("2026-03-02T16:50:00Z".into(), "2026-03-02T17:06:00Z".into())
    );
    let cleared = zone_evidence(story.the(ExclusionZoneEntered, Cleared));
    assert_eq!(cleared.ended, Some(story.at("17:00")));
}

#[test]
fn a_breach_that_nothing_more_is_heard_of_is_closed_some_time_after_the_window() {
    let script = by_day().stay("16:50", "16:55", 0.0, 0.0);
    let story = script.clone().until("18:00").run();
    let cleared = story.the(ExclusionZoneEntered, Cleared);
    // The end, the upload interval of 10 minutes, and the margin of 30.
    assert_eq!(cleared.decided, story.at("17:40"));
    assert_eq!(zone_evidence(cleared).ended, Some(story.at("17:00")));
    // What still comes from before the end is not told of again; the next day is another matter.
    let later = batch(script.until("18:00"), "16:55", "17:10", "19:00", 0.0);
    assert_eq!(later.run().all(ExclusionZoneEntered, Opened).count(), 1);
    let tuesday = later.stay("2026-03-03T09:00:00Z", "2026-03-03T09:10:00Z", 0.0, 0.0);
    assert_eq!(tuesday.run().all(ExclusionZoneEntered, Opened).count(), 2);
}

#[test]
fn outside_the_hours_nothing_is_said() {
    by_day()
        .stay("17:30", "18:30", 0.0, 0.0)
        .until("20:00")
        .run()
        .tells(&[]);
}

#[test]
fn an_order_that_ends_ends_its_breach() {
    let story = Script::new()
        .zone("Z-1", 0.0, 0.0, 100.0)
        .order(
            1,
            json!([{"id": "C-1", "kind": "exclusion_zone", "zones": ["Z-1"],
                    "to": "2026-03-02T12:00:00Z"}]),
        )
        .stay("11:50", "12:10", 0.0, 0.0)
        .run();
    let cleared = story.the(ExclusionZoneEntered, Cleared);
    assert_eq!(cleared.decided, story.at("12:00"));
    assert_eq!(story.all(ExclusionZoneEntered, Opened).count(), 1);
}

#[test]
fn an_inclusion_with_hours_is_judged_from_outside_its_edge_by_timer_as_by_fix() {
    let script = Script::new().zone("Z-1", 0.0, 0.0, 100.0).order(
        1,
        json!([{"id": "C-1", "kind": "inclusion_zone", "zones": ["Z-1"], "schedule": [
            {"days": ["Mon"], "start": "08:00", "end": "17:00"}
        ]}]),
    );
    // The zone is drawn again in between, so that the state is laid on new ground.
    let script = script
        .stay("07:50", "08:00", 600.0, 0.0)
        .zone("Z-1", 0.0, 0.0, 110.0);
    let story = script.until("08:01").run();
    story.tells(&["inclusion_zone_left opened"]);
    let evidence = zone_evidence(&story.decisions[0]);
    assert!(
        evidence
            .fixes
            .iter()
            .all(|fix| (fix.distance_m - 490.0).abs() < 2.0)
    );
}
