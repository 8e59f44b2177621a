//! Zones without a schedule: domain's awkward cases.

use engine::Outcome;
use model::DecisionKind::{
    ExclusionZoneEntered, ExclusionZonePossible, InclusionZoneLeft, RestrictionZoneLeft,
    TransitPossible,
};
use model::Phase::{Cleared, Opened};
use serde_json::json;

use crate::script::{Script, zone_evidence};

#[test]
fn walking_in_and_out_is_one_breach_with_its_true_times() {
    // 100 m a minute towards the centre: inside the edge from 10:04 on.
    let story = Script::excluded()
        .travel("10:00", "10:05", (500.0, 0.0), (0.0, 0.0))
        .stay("10:05", "10:10", 0.0, 0.0)
        .travel("10:10", "10:16", (0.0, 0.0), (600.0, 0.0))
        .run();
    story.tells(&[
        "exclusion_zone_possible opened",
        "exclusion_zone_possible cleared",
        "exclusion_zone_entered opened",
        "exclusion_zone_entered cleared",
    ]);
    let breach = story.the(ExclusionZoneEntered, Opened);
    assert!(breach.onset <= story.at("10:05") && breach.onset >= story.at("10:03"));
    assert!(breach.decided <= story.at("10:08"), "{}", breach.decided);
    let evidence = zone_evidence(breach);
    assert_eq!(evidence.zone.as_str(), "Z-1");
    assert!(evidence.score >= evidence.threshold);
    assert_eq!(evidence.fixes.first().unwrap().observed_at.0, breach.onset);
    let cleared = zone_evidence(story.the(ExclusionZoneEntered, Cleared));
    let ended = cleared.ended.unwrap();
    assert!(
        ended >= story.at("10:11") && ended <= story.at("10:12"),
        "{ended}"
    );
    assert!(
        (cleared.deepest_m - 100.0).abs() < 1.0,
        "{}",
        cleared.deepest_m
    );
}

#[test]
fn a_receiver_200_m_off_that_claims_2_m_breaches_nothing() {
    let off = |script: Script, at: &str| {
        let at = script.at(at);
        script.fix_claiming(at, at, (50.0, 0.0), json!({"acc": 2.0}))
    };
    let script = Script::excluded().stay("10:00", "10:10", 250.0, 0.0);
    let once = off(script.clone(), "10:10")
        .stay("10:11", "10:30", 250.0, 0.0)
        .run();
    assert!(!once.has(ExclusionZoneEntered), "{:?}", once.brief());
    let twice = off(off(script, "10:10"), "10:10:04")
        .stay("10:11", "10:30", 250.0, 0.0)
        .run();
    assert!(!twice.has(ExclusionZoneEntered), "{:?}", twice.brief());
}

#[test]
fn a_jump_that_nobody_can_make_is_held_back_and_counts_only_if_the_next_fix_agrees() {
    let script = Script::excluded().stay("10:00", "10:05", 3000.0, 0.0);
    let lone = script
        .clone()
        .fix("10:04:10", 0.0, 0.0)
        .stay("10:05", "10:08", 3000.0, 0.0)
        .run();
    assert_eq!(lone.outcomes.get(5), Some(&Outcome::Quarantined));
    lone.tells(&[]);
    let agreed = script
        .fix("10:04:10", 0.0, 0.0)
        .stay("10:05", "10:08", 0.0, 0.0)
        .run();
    let breach = agreed.the(ExclusionZoneEntered, Opened);
    assert_eq!(breach.onset, agreed.at("10:04:10"));
}

#[test]
fn the_first_fix_ever_already_inside_is_where_the_breach_began() {
    let story = Script::excluded().stay("10:00", "10:05", 10.0, 10.0).run();
    let breach = story.the(ExclusionZoneEntered, Opened);
    assert_eq!(breach.onset, story.at("10:00"));
    assert_eq!(breach.decided, story.at("10:01"));
    assert_eq!(
        story.the(ExclusionZonePossible, Opened).decided,
        story.at("10:00")
    );
}

#[test]
fn passing_straight_through_between_two_fixes_is_told_to_operators_and_is_no_breach() {
    let story = Script::excluded()
        .stay("10:00", "10:03", 800.0, 0.0)
        .stay("10:03", "10:05", -800.0, 0.0)
        .run();
    story.tells(&["transit_possible opened", "transit_possible cleared"]);
    let transit = story.the(TransitPossible, Opened);
    assert_eq!(
        (transit.onset, transit.decided),
        (story.at("10:02"), story.at("10:03"))
    );
}

#[test]
fn passing_by_is_nothing() {
    Script::excluded()
        .stay("10:00", "10:03", 800.0, 80.0)
        .stay("10:03", "10:05", -800.0, 80.0)
        .run()
        .tells(&[]);
}

#[test]
fn a_fix_from_inside_delivered_again_after_leaving_changes_nothing() {
    let script = Script::excluded()
        .stay("10:00", "10:05", 0.0, 0.0)
        .stay("10:05", "10:10", 400.0, 0.0);
    let before = script.run().told();
    let again: Vec<_> = script.inputs.iter().rev().take(8).cloned().collect();
    let mut script = script;
    script.inputs.extend(again.into_iter().rev());
    let story = script.run();
    assert_eq!(story.told(), before);
    assert!(
        story
            .outcomes
            .iter()
            .rev()
            .take(8)
            .all(|outcome| *outcome == Outcome::Duplicate)
    );
}

#[test]
fn an_older_fix_that_was_never_seen_is_late_and_no_evidence_yet() {
    let story = Script::excluded()
        .stay("10:00", "10:05", 400.0, 0.0)
        .fix_late("10:02:30", "10:05", 0.0, 0.0)
        .run();
    assert_eq!(story.outcomes.last(), Some(&Outcome::Late));
    story.tells(&[]);
}

#[test]
fn a_day_of_cell_fixes_is_nothing() {
    let mut script = Script::excluded();
    for hour in 8..18 {
        for minute in 0..60 {
            let at = script.at(&format!("{hour:02}:{minute:02}"));
            script = script.fix_claiming(at, at, (0.0, 0.0), json!({"acc": 60.0, "src": "lbs"}));
        }
    }
    let story = script.run();
    story.tells(&[]);
    assert!(
        story
            .outcomes
            .iter()
            .all(|outcome| *outcome == Outcome::Coarse)
    );
}

#[test]
fn one_fix_each_ten_minutes_is_enough_in_the_end() {
    let mut script = Script::excluded().device(600, 600);
    for at in ["10:00", "10:10", "10:20", "10:30", "10:40"] {
        script = script.fix(at, 0.0, 0.0);
    }
    let story = script.run();
    let breach = story.the(ExclusionZoneEntered, Opened);
    assert_eq!(
        (breach.onset, breach.decided),
        (story.at("10:00"), story.at("10:20"))
    );
    assert!((zone_evidence(breach).threshold - 10.0).abs() < 1e-9);
}

#[test]
fn an_exit_is_never_invented_in_a_gap() {
    let inside = Script::excluded()
        .stay("10:00", "10:05", 0.0, 0.0)
        .until("14:00");
    assert_eq!(inside.run().all(ExclusionZoneEntered, Cleared).count(), 0);
    let story = inside
        .fix("14:00", 800.0, 0.0)
        .fix("14:01", 800.0, 0.0)
        .run();
    let cleared = zone_evidence(story.the(ExclusionZoneEntered, Cleared));
    assert_eq!(cleared.ended, Some(story.at("14:00")));
}

#[test]
fn evidence_from_before_a_gap_does_not_count_after_it() {
    let story = Script::excluded()
        .stay("10:00", "10:05", 400.0, 0.0)
        .fix("10:05", 0.0, 0.0)
        .fix("11:05", 0.0, 0.0)
        .run();
    assert!(!story.has(ExclusionZoneEntered), "{:?}", story.brief());
    // The possible episode neither flaps nor ends, since the first fix after the gap says the same.
    story.tells(&["exclusion_zone_possible opened"]);
}

#[test]
fn a_second_zone_of_the_same_condition_adds_to_the_open_episode() {
    let story = Script::new()
        .zone("Z-1", 0.0, 0.0, 100.0)
        .zone("Z-2", 0.0, 150.0, 100.0)
        .order(
            1,
            json!([{"id": "C-1", "kind": "exclusion_zone", "zones": ["Z-1", "Z-2"]}]),
        )
        .stay("10:00", "10:05", 0.0, 0.0)
        .stay("10:05", "10:10", 0.0, 150.0)
        .stay("10:10", "10:15", 0.0, 600.0)
        .run();
    story.tells(&[
        "exclusion_zone_possible opened",
        "exclusion_zone_possible cleared",
        "exclusion_zone_entered opened",
        "exclusion_zone_entered updated",
        "exclusion_zone_entered cleared",
    ]);
    let alerts: std::collections::BTreeSet<_> = story
        .decisions
        .iter()
        .skip(2)
        .map(|decision| decision.alert)
        .collect();
    assert_eq!(alerts.len(), 1);
    let revisions: Vec<u32> = story.decisions.iter().skip(2).map(|d| d.revision).collect();
    assert_eq!(revisions, [1, 2, 3]);
}

#[test]
fn inside_any_one_of_several_inclusion_zones_complies() {
    for (kind, left) in [
        ("inclusion_zone", InclusionZoneLeft),
        ("restriction_zone", RestrictionZoneLeft),
    ] {
        let story = Script::new()
            .until("09:50")
            .zone("Z-1", 0.0, 0.0, 100.0)
            .zone("Z-2", 0.0, 1000.0, 100.0)
            .order(
                1,
                json!([{"id": "C-1", "kind": kind, "zones": ["Z-1", "Z-2"]}]),
            )
            .stay("10:00", "10:05", 0.0, 0.0)
            .stay("10:05", "10:10", 0.0, 1000.0)
            .stay("10:10", "10:15", 0.0, 1500.0)
            .stay("10:15", "10:20", 0.0, 1000.0)
            .run();
        assert_eq!(
            story.told(),
            [format!("{left} opened"), format!("{left} cleared")]
        );
        let breach = story.the(left, Opened);
        assert_eq!(breach.onset, story.at("10:10"));
        let evidence = zone_evidence(breach);
        assert_eq!(evidence.zone.as_str(), "Z-2");
        assert!((evidence.deepest_m - 400.0).abs() < 2.0);
    }
}

#[test]
fn hours_at_50_m_outside_under_heavy_tailed_lasting_errors_raise_nothing() {
    let mut noise = Noise(0x5eed);
    let mut script = Script::excluded();
    let (mut north, mut east) = (0.0, 0.0);
    for minute in 0..12 * 60 {
        // Errors last a minute or two, and one in fifty is several times as large.
        let scale = if noise.uniform() < 0.02 { 30.0 } else { 7.0 };
        north = 0.5 * north + scale * noise.normal();
        east = 0.5 * east + scale * noise.normal();
        let at = script.at(&format!("{:02}:{:02}", 6 + minute / 60, minute % 60));
        script = script.fix_claiming(at, at, (150.0 + north, east), json!({"acc": 8.0}));
    }
    script.run().tells(&[]);
}

#[test]
fn five_metres_inside_the_edge_it_takes_a_quarter_of_an_hour_to_be_sure() {
    // 5 m is a third of the 15 m that a fix is worth: each says 0.5 of the 7 that are needed. So
    // it is possible after some minutes, and a breach in the end, since the wearer is inside.
    let mut noise = Noise(7);
    let mut script = Script::excluded();
    for minute in 0..60 {
        let at = script.at(&format!("10:{minute:02}"));
        let jitter = 20.0 * noise.uniform() - 10.0;
        script = script.fix_claiming(at, at, (95.0 + jitter, 0.0), json!({"acc": 8.0}));
    }
    let story = script.run();
    let breach = story.the(ExclusionZoneEntered, Opened);
    assert!(breach.decided >= story.at("10:08"), "{:?}", story.brief());
    assert!(
        story.all(ExclusionZonePossible, Opened).count() <= 2,
        "{:?}",
        story.brief()
    );
}

/// A small generator of its own (splitmix64), so that the test says the same for ever.
struct Noise(u64);

impl Noise {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let top = u32::try_from((z ^ (z >> 31)) >> 32).unwrap();
        f64::from(top) / 4_294_967_296.0
    }

    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}
