//! The machine itself: the same inputs give the same bytes, wherever it was stopped and whenever it
//! was woken.

use engine::{Engine, RulesPolicy};
use model::{Decision, DecisionKind, Phase, Timestamp, WearerId};
use proptest::prelude::*;
use serde_json::json;

use crate::script::{Driven, Input, Script, curfew_evidence};

fn bytes(decisions: &[Decision]) -> String {
    serde_json::to_string(decisions).unwrap()
}

fn run(inputs: &[Input]) -> String {
    let mut driven = Driven::new(RulesPolicy::default());
    let mut decisions = Vec::new();
    for input in inputs {
        driven.feed(input);
        decisions.extend(driven.decisions());
    }
    bytes(&decisions)
}

/// One leg of a journey: how long, how far from the origin, and whether the tag was silent.
type Leg = (u32, f64, bool);

/// A wearer with every rule there is, who moves about as `legs` say; uploads every `upload_s`.
fn journey(legs: &[Leg], upload_s: u32) -> Script {
    let script = Script::new()
        .device(60, upload_s)
        .zone("Z-1", 0.0, 0.0, 100.0)
        .zone("Z-2", 0.0, 400.0, 150.0)
        .zone("Z-3", 0.0, 0.0, 2000.0)
        .place("P-1", 0.0, 0.0, 60.0);
    let days = ["Mon", "Tue"];
    let mut script = script.order(1, json!([
        {"id": "C-1", "kind": "exclusion_zone", "zones": ["Z-2"]},
        {"id": "C-2", "kind": "exclusion_zone", "zones": ["Z-1"], "schedule": [
            {"days": days, "start": "01:00", "end": "02:00"}, {"days": days, "start": "02:30", "end": "05:00"}]},
        {"id": "C-3", "kind": "inclusion_zone", "zones": ["Z-3"]},
        {"id": "C-4", "kind": "curfew", "place": "P-1", "windows": [
            {"days": days, "start": "00:30", "end": "03:00"}, {"days": days, "start": "03:30", "end": "04:00"}]},
    ]));
    let mut at = script.at("00:10");
    let upload_ms = i64::from(upload_s) * 1000;
    for &(minutes, north, silent) in legs {
        let to = at.plus(chrono::TimeDelta::minutes(i64::from(minutes)));
        if !silent {
            let east = if north > 300.0 { 400.0 } else { 0.0 };
            script = script.travel_late(at, to, (north, 0.0), (north * 0.9, east), |observed| {
                let ms = observed.epoch_ms();
                Timestamp::from_epoch_ms(ms - ms.rem_euclid(upload_ms) + upload_ms).unwrap()
            });
        }
        at = to;
    }
    let last = script.inputs.last().map_or(at, Input::now);
    script
        .inputs
        .push(Input::Timeout(last.plus(chrono::TimeDelta::hours(3))));
    script
}

fn legs() -> impl Strategy<Value = Vec<Leg>> {
    let north = prop_oneof![
        Just(0.0),
        Just(95.0),
        Just(400.0),
        Just(1900.0),
        Just(3000.0)
    ];
    let leg = (1u32..50, north, prop::bool::weighted(0.2));
    prop::collection::vec(leg, 1..9)
}

const USUAL: &[Leg] = &[
    (40, 3000.0, false),
    (30, 0.0, false),
    (20, 400.0, false),
    (50, 0.0, true),
    (45, 3000.0, false),
    (49, 95.0, false),
];

#[test]
fn the_same_inputs_give_the_same_bytes() {
    let script = journey(USUAL, 600);
    let told = run(&script.inputs);
    assert_eq!(told, run(&script.inputs));
    assert!(told.matches("\"opened\"").count() > 5, "{told}");
}

#[test]
fn stopped_and_restored_after_every_input_it_decides_the_same() {
    let script = journey(USUAL, 300);
    let mut driven = Driven::new(RulesPolicy::default());
    let mut decisions = Vec::new();
    for input in &script.inputs {
        driven.feed(input);
        driven.restart();
        decisions.extend(driven.decisions());
    }
    assert_eq!(bytes(&decisions), run(&script.inputs));
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a share of a few thousand"
)]
fn part(of: usize, share: f64) -> usize {
    (of as f64 * share) as usize
}

/// The same of three wearers, each input of one after that of the other.
fn threefold(inputs: &[Input]) -> Vec<Input> {
    let wearers = ["W-1", "W-2", "W-3"];
    let of = |input: &Input, wearer: &str| match input {
        Input::Policy(change, now) => {
            let text = serde_json::to_string(change).unwrap();
            let change = serde_json::from_str(&text.replace("W-1", wearer)).unwrap();
            Input::Policy(Box::new(change), *now)
        }
        Input::Reading(reading, now) => {
            let mut reading = reading.clone();
            reading.wearer = WearerId::new(wearer).unwrap();
            Input::Reading(reading, *now)
        }
        Input::Timeout(now) => Input::Timeout(*now),
    };
    let each = |input| wearers.map(|wearer| of(input, wearer));
    inputs.iter().flat_map(each).collect()
}

#[test]
fn bytes_that_are_no_snapshot_are_refused() {
    assert!(Engine::restore(b"").is_err());
    assert!(Engine::restore(b"tagwatch").is_err());
    let snapshot = Engine::new(RulesPolicy::default()).snapshot().unwrap();
    assert!(Engine::restore(&snapshot[..snapshot.len() / 2]).is_err());
    // Cut off between two sections.
    let mut driven = Driven::new(RulesPolicy::default());
    journey(USUAL, 300).inputs.iter().for_each(|input| {
        driven.feed(input);
    });
    driven.engine.begin_snapshot().unwrap();
    let first = driven.engine.snapshot_slice(1).unwrap().unwrap();
    let why = Engine::restore(&first).unwrap_err().to_string();
    assert!(why.contains("parts of a state"), "{why}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_snapshot_taken_in_slices_is_of_the_moment_at_which_it_was_begun(
        legs in legs(),
        begun_after in 0.0..1.0,
        bytes in 1usize..3_000,
        every in 1usize..6,
    ) {
        let inputs = threefold(&journey(&legs, 600).inputs);
        let (before, after) = inputs.split_at(part(inputs.len(), begun_after));
        let mut driven = Driven::new(RulesPolicy::default());
        for input in before {
            driven.feed(input);
        }
        let whole = driven.engine.snapshot().unwrap();
        driven.engine.begin_snapshot().unwrap();
        let mut sliced = Vec::new();
        for (number, input) in after.iter().enumerate() {
            driven.feed(input);
            driven.decisions();
            if number % every == 0 && let Some(slice) = driven.engine.snapshot_slice(bytes).unwrap() {
                sliced.extend(slice);
            }
        }
        while let Some(slice) = driven.engine.snapshot_slice(bytes).unwrap() {
            sliced.extend(slice);
        }
        let restored = Engine::restore(&sliced).unwrap();
        prop_assert_eq!(restored.snapshot().unwrap(), whole);
    }

    #[test]
    fn when_it_is_woken_does_not_matter(
        legs in legs(),
        upload_s in prop_oneof![Just(60u32), Just(600)],
        wakes in prop::collection::vec(0u32..86_400, 0..200),
    ) {
        let script = journey(&legs, upload_s);
        let mut woken = Vec::new();
        let mut wakes: Vec<Timestamp> = wakes
            .into_iter()
            .map(|second| script.at("00:00").plus(chrono::TimeDelta::seconds(i64::from(second))))
            .collect();
        wakes.sort_unstable();
        let mut wakes = wakes.into_iter().peekable();
        for input in &script.inputs {
            while let Some(wake) = wakes.next_if(|wake| *wake <= input.now()) {
                woken.push(Input::Timeout(wake));
            }
            woken.push(input.clone());
        }
        prop_assert_eq!(run(&script.inputs), run(&woken));
    }

    #[test]
    fn an_engine_woken_only_when_it_asks_decides_the_same(legs in legs()) {
        let script = journey(&legs, 600);
        let mut driven = Driven::new(RulesPolicy::default());
        let mut decisions = Vec::new();
        for input in &script.inputs {
            while let Some((due, _)) = driven.engine.poll_timeout().filter(|(due, _)| *due <= input.now()) {
                prop_assert!(due > driven.engine.now());
                driven.feed(&Input::Timeout(due));
                decisions.extend(driven.decisions());
            }
            driven.feed(input);
            decisions.extend(driven.decisions());
        }
        prop_assert_eq!(bytes(&decisions), run(&script.inputs));
    }

    #[test]
    fn a_breach_never_depends_on_when_uploads_came(legs in legs()) {
        // Silence and what is presumed at a deadline depend on what had arrived; what fixes show
        // does not. Episodes of zones always in force, and their onsets, are the same.
        let zones = |script: &Script| -> Vec<_> {
            let shown = |decision: &Decision| {
                let condition = decision.condition.as_ref().map(ToString::to_string);
                let always = condition.as_deref() == Some("C-1") || condition.as_deref() == Some("C-3");
                always && decision.kind != DecisionKind::ZoneUnknown
            };
            let decisions = script.run().decisions;
            let shown = decisions.iter().filter(|decision| shown(decision));
            shown.map(|d| (d.alert, d.kind, d.phase, d.onset)).collect()
        };
        prop_assert_eq!(zones(&journey(&legs, 60)), zones(&journey(&legs, 600)));
    }

    #[test]
    fn the_facts_of_a_curfew_never_depend_on_when_uploads_came(legs in legs()) {
        let facts = |script: &Script| -> Vec<_> {
            let completed = [
                DecisionKind::LateReturn,
                DecisionKind::OutAtEnd,
                DecisionKind::AbsentThroughout,
            ];
            let decisions = script.run().decisions;
            let facts = decisions.iter().filter(|decision| completed.contains(&decision.kind));
            let fact = |decision: &Decision| {
                let evidence = curfew_evidence(decision);
                (decision.alert, decision.phase, decision.onset, evidence.absent_to, evidence.absent_s)
            };
            facts.map(fact).collect()
        };
        prop_assert_eq!(facts(&journey(&legs, 60)), facts(&journey(&legs, 600)));
    }

    #[test]
    fn alerts_open_once_and_clear_at_most_once_whatever_happens(legs in legs(), upload_s in 60u32..1200) {
        let mut alerts = std::collections::BTreeMap::new();
        for decision in journey(&legs, upload_s).run().decisions {
            let (revision, cleared) = alerts.entry(decision.alert).or_insert((0u32, false));
            *revision += 1;
            // What was ended can only turn out to have been otherwise, by evidence that came late.
            let corrected = decision.late
                && matches!(decision.phase, Phase::Amended | Phase::Withdrawn);
            prop_assert!(!*cleared || corrected, "{decision:?}");
            prop_assert_eq!(decision.revision, *revision);
            prop_assert_eq!(decision.phase == Phase::Opened, *revision == 1);
            *cleared |= decision.phase == Phase::Cleared;
            prop_assert!(decision.onset <= decision.decided);
        }
    }
}
