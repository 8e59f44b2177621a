//! Evidence that comes late.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use model::{
    AlcoholGapCause, ConditionId, Decision, DecisionKind, Evidence, KindGroup, Phase, ReadingKind,
    Timestamp,
};
use proptest::prelude::*;
use serde_json::json;

use crate::script::{Driven, Input, Script, Story};

fn late(story: &Story) -> Vec<String> {
    let late = story.decisions.iter().filter(|decision| decision.late);
    late.map(|decision| format!("{} {}", decision.kind, decision.phase))
        .collect()
}

/// A visit to the zone that comes in after fixes from later.
fn visited_late() -> Script {
    let script = Script::excluded()
        .stay("09:00", "09:30", 2000.0, 0.0)
        .stay("10:00", "10:10", 2000.0, 0.0);
    let (from, to) = (script.at("09:31"), script.at("09:45"));
    let arrived = script.at("10:12");
    script.travel_late(from, to, (0.0, 0.0), (0.0, 0.0), |_| arrived)
}

#[test]
fn a_visit_to_a_zone_that_comes_late_is_told_of_with_its_own_times() {
    let story = visited_late().until("11:00").run();
    assert_eq!(
        late(&story),
        [
            "exclusion_zone_entered opened",
            "exclusion_zone_entered cleared"
        ]
    );
    let opened = story.the(DecisionKind::ExclusionZoneEntered, Phase::Opened);
    assert_eq!(opened.onset, story.at("09:31"));
    assert_eq!(opened.decided, story.at("10:12:10"));
}

/// What readings show of an episode, in the end.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the others show nothing of it"
)]
fn outline(decision: &Decision, state: &str) -> Option<String> {
    let Decision {
        kind,
        phase,
        onset,
        condition,
        ..
    } = decision;
    let provisional = matches!(
        kind,
        DecisionKind::ExclusionZonePossible | DecisionKind::AlcoholDetected
    );
    let by_readings = match kind.group() {
        KindGroup::Zone | KindGroup::Curfew | KindGroup::Alcohol | KindGroup::Attendance => {
            !matches!(
                kind,
                DecisionKind::PresenceUnknown | DecisionKind::ZoneUnknown
            )
        }
        KindGroup::CheckIn | KindGroup::Device | KindGroup::Oversight => false,
    };
    let numbers = match &decision.evidence {
        Evidence::Zone(zone) => format!("{} ended {:?}", zone.zone, zone.ended),
        Evidence::Curfew(curfew) => format!(
            "absent {:?} to {:?}, {} s",
            curfew.absent_from, curfew.absent_to, curfew.absent_s
        ),
        Evidence::Attendance(visit) => {
            format!("{:?} {:?} {}", visit.arrived, visit.left, visit.away_s)
        }
        Evidence::Alcohol(alcohol) => format!("peak {} {:?}", alcohol.peak, alcohol.closed),
        Evidence::Transit(transit) => format!("{:?}", transit.after.observed_at),
        Evidence::AlcoholGap(gap) if gap.cause != AlcoholGapCause::Readings => return None,
        _ => String::new(),
    };
    (by_readings && !provisional && *phase != Phase::Withdrawn)
        .then(|| format!("{condition:?} {kind} from {onset}: {state}, {numbers}"))
}

/// So many observations settle whether what was presumed is so.
const CONCLUSIVE: usize = 3;

/// Whether a timer presumed it and too little was observed within ten minutes to bear it out or not: that
/// hangs on what had come by then.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the others show nothing of it"
)]
fn is_presumed(opened: &Decision, observed: &BTreeSet<(Timestamp, ReadingKind)>) -> bool {
    let (newest, by_unit) = match &opened.evidence {
        Evidence::Zone(zone) => (zone.fixes.last().map(|fix| fix.observed_at), false),
        Evidence::Curfew(curfew) => (curfew.last_observed_at, true),
        _ => return false,
    };
    let Some(newest) = newest.map(|observed| observed.0) else {
        return false;
    };
    let soon = newest.plus(TimeDelta::minutes(10));
    let after = observed.iter().filter(|(at, kind)| {
        newest < *at && *at <= soon && (by_unit || *kind == ReadingKind::Position)
    });
    newest < opened.decided && after.count() < CONCLUSIVE
}

/// What an episode is known by, however its numbers change.
type Key = (Option<ConditionId>, DecisionKind, Timestamp);

fn key(decision: &Decision) -> Key {
    (decision.condition.clone(), decision.kind, decision.onset)
}

/// The episodes that a timer presumed and nothing has borne out or not, where all came at once.
fn presumed(story: &Story, observed: &BTreeSet<(Timestamp, ReadingKind)>) -> BTreeSet<Key> {
    let opened = story.decisions.iter();
    opened
        .filter(|decision| decision.phase == Phase::Opened && !decision.late)
        .filter(|decision| is_presumed(decision, observed))
        .map(key)
        .collect()
}

/// The episodes that stand in the end.
fn episodes(story: &Story) -> BTreeMap<Key, String> {
    let mut last: BTreeMap<_, (&Decision, &str)> = BTreeMap::new();
    for decision in &story.decisions {
        let state = match decision.phase {
            Phase::Opened | Phase::Updated => "open",
            Phase::Cleared | Phase::Withdrawn => "over",
            Phase::Amended => last[&decision.alert].1,
        };
        last.insert(decision.alert, (decision, state));
    }
    let stand = last.values();
    stand
        .filter_map(|(decision, state)| Some((key(decision), outline(decision, state)?)))
        .collect()
}

/// A wearer with zones, a curfew, an appointment and perhaps a home unit, who goes where `legs` (minutes,
/// metres north) say from 17:00 on.
fn day(legs: &[(u32, f64)], home_unit: bool, tac: &[i32]) -> Script {
    let days = ["Mon", "Tue"];
    let mut script = Script::new()
        .zone("Z-1", 0.0, 0.0, 100.0)
        .zone("Z-2", 800.0, 0.0, 150.0)
        .zone("Z-3", 0.0, 0.0, 2500.0)
        .place("P-1", 400.0, 0.0, 60.0)
        .order(1, json!([
            {"id": "C-1", "kind": "exclusion_zone", "zones": ["Z-1", "Z-2"]},
            {"id": "C-2", "kind": "exclusion_zone", "zones": ["Z-2"], "schedule": [
                {"days": days, "start": "18:00", "end": "19:00"}, {"days": days, "start": "20:00", "end": "22:00"}]},
            {"id": "C-3", "kind": "inclusion_zone", "zones": ["Z-3"]},
            {"id": "C-4", "kind": "curfew", "place": "P-1", "windows": [
                {"days": days, "start": "19:00", "end": "21:00"}, {"days": days, "start": "22:00", "end": "23:30"}]},
            {"id": "C-6", "kind": "alcohol_abstinence"},
            {"id": "C-5", "kind": "attendance", "place": "P-1", "appointments": [
                {"start": "2026-03-02T17:30:00Z", "end": "2026-03-02T18:30:00Z"}]},
        ]));
    if home_unit {
        script = script.change(json!({"activation": {
            "device": "H-1", "kind": "rf", "wearer": "W-1", "from": "2026-01-01T00:00:00Z",
            "cadence_s": 600, "upload_interval_s": 60, "hmu_place": "P-1",
        }}));
    }
    let mut at = script.at("17:00");
    for &(minutes, north) in legs {
        let to = at.plus(TimeDelta::minutes(i64::from(minutes)));
        script = script.travel_late(at, to, (north, 0.0), (north, 0.0), |observed| observed);
        if home_unit {
            script = unit_says((north - 400.0).abs() < 1.0, at, to, script);
        }
        at = to;
    }
    script = drinks(tac, script);
    script.inputs.sort_by_key(Input::now);
    script
}

/// An alcohol tag reads `tac` each half hour from 17:10 on.
fn drinks(tac: &[i32], script: Script) -> Script {
    let mut script = script.change(json!({"activation": {
        "device": "A-1", "kind": "alcohol", "wearer": "W-1", "from": "2026-01-01T00:00:00Z",
        "cadence_s": 1800, "upload_interval_s": 86400,
    }}));
    let mut at = script.at("17:10");
    for tac in tac {
        let reading = json!({
            "wearer": "W-1", "received_at": at, "device": "A-1", "t": at, "kind": "alcohol", "tac": tac,
            "ir": 1.0,
        });
        script = script.reading(reading, at);
        at = at.plus(TimeDelta::minutes(30));
    }
    script
}

/// The home unit at the curfew's place says whether it hears the tag, on change and every ten minutes.
fn unit_says(in_range: bool, from: Timestamp, to: Timestamp, mut script: Script) -> Script {
    let mut at = from.plus(TimeDelta::seconds(20));
    while at < to {
        let reading = json!({
            "wearer": "W-1", "received_at": at, "device": "H-1", "t": at, "kind": "presence",
            "in_range": in_range,
        });
        script = script.reading(reading, at);
        at = at.plus(TimeDelta::minutes(10));
    }
    script
}

/// The same readings, each `delays` minutes late in turn, in the order in which they then come.
fn delayed(script: &Script, delays: &[u32]) -> Script {
    let mut delays = delays.iter().cycle();
    let mut delayed = script.clone();
    for input in &mut delayed.inputs {
        if let Input::Reading(_, now) = input {
            let minutes = delays.next().copied().unwrap_or_default();
            *now = now.plus(TimeDelta::minutes(i64::from(minutes)));
        }
    }
    delayed.inputs.sort_by_key(Input::now);
    delayed
}

fn settled(script: &Script) -> Story {
    script.clone().until("2026-03-04T12:00:00Z").run()
}

/// When it was observed where the wearer is.
fn observed(script: &Script) -> BTreeSet<(Timestamp, ReadingKind)> {
    let observed = script.inputs.iter().filter_map(|input| match input {
        Input::Reading(reading, _) => {
            let kind = reading.report.body.kind();
            let tells = matches!(kind, ReadingKind::Position | ReadingKind::Presence);
            tells.then_some((reading.report.observed_at.0, kind))
        }
        Input::Policy(..) | Input::Timeout(_) => None,
    });
    observed.collect()
}

fn legs() -> impl Strategy<Value = Vec<(u32, f64)>> {
    let north = prop_oneof![
        Just(0.0),
        Just(95.0),
        Just(400.0),
        Just(800.0),
        Just(1500.0),
        Just(3500.0)
    ];
    prop::collection::vec((1u32..60, north), 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: std::env::var("CASES").map_or(64, |n| n.parse().unwrap()), max_shrink_iters: 2000, ..ProptestConfig::default() })]

    #[test]
    fn the_same_readings_in_any_order_end_in_the_same_episodes(
        legs in legs(),
        home_unit in any::<bool>(),
        tac in prop::collection::vec(prop_oneof![Just(0), Just(15), 20..60i32, 60..160i32], 0..20),
        delays in prop::collection::vec(prop_oneof![Just(0u32), 0u32..10, 0u32..600], 1..40),
    ) {
        let script = day(&legs, home_unit, &tac);
        let at_once = settled(&script);
        let delayed = episodes(&settled(&delayed(&script, &delays)));
        let presumed = presumed(&at_once, &observed(&script));
        let at_once = episodes(&at_once);
        let only = |a: &BTreeMap<Key, String>, b: &BTreeMap<Key, String>| -> Vec<String> {
            let apart = a.iter().filter(|(key, text)| {
                !presumed.contains(*key) && b.get(*key) != Some(*text)
            });
            apart.map(|(_, text)| text.clone()).collect()
        };
        let apart = (only(&delayed, &at_once), only(&at_once, &delayed));
        prop_assert!(apart == (vec![], vec![]), "delayed, at once: {apart:#?}");
    }
}

#[test]
fn a_wearer_of_very_many_episodes_stays_bounded_and_is_still_judged() {
    // In and out of the zone every four minutes for two days: hundreds of episodes.
    let mut script = Script::excluded();
    let mut at = script.at("00:00");
    for _ in 0..360 {
        for north in [0.0, 1500.0] {
            let to = at.plus(TimeDelta::minutes(4));
            script = script.travel_late(at, to, (north, 0.0), (north, 0.0), |observed| observed);
            at = to;
        }
    }
    let mut driven = Driven::new(engine::RulesPolicy::default());
    let mut opened = BTreeSet::new();
    let mut largest = 0;
    for (index, input) in script.inputs.iter().enumerate() {
        driven.feed(input);
        for decision in driven.decisions() {
            assert!(!decision.late, "{decision:?}");
            opened.insert(decision.alert);
        }
        if index % 500 == 0 {
            largest = largest.max(driven.engine.snapshot().unwrap().len());
        }
    }
    assert!(opened.len() > 600, "{}", opened.len());
    assert!(largest < 600_000, "{largest} bytes");
}
