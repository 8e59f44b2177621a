//! Attendance and check-ins as a machine: neither when it is woken nor where it is stopped matters.

use engine::{Engine, RulesPolicy};
use model::{Decision, DeviceCommand, Timestamp};
use proptest::prelude::*;
use serde_json::json;

use crate::check_in::{commands, prompted};
use crate::script::{Driven, Input, Script};

/// What came out, in order.
type Told = (Vec<Decision>, Vec<DeviceCommand>);

fn drain(engine: &mut Engine, told: &mut Told) {
    told.0.extend(std::iter::from_fn(|| engine.poll_decision()));
    told.1.extend(std::iter::from_fn(|| engine.poll_command()));
}

fn run(inputs: &[Input]) -> Told {
    let mut driven = Driven::new(RulesPolicy::default());
    let mut told = Told::default();
    for input in inputs {
        driven.feed(input);
        drain(&mut driven.engine, &mut told);
    }
    told
}

/// A wearer with appointments and check-ins, who moves about as `legs` say (minutes, metres north,
/// whether the tag is silent) from 09:30 on, and answers prompts so many seconds late.
fn day(legs: &[(u32, f64, bool)], upload_s: u32, answers: &[i64]) -> Script {
    let script = prompted().device(60, upload_s);
    let at = |text: &str| script.at(text);
    let appointments = json!([
        {"start": at("10:00"), "end": at("11:00")}, {"start": at("11:00"), "end": at("11:30")},
        {"start": at("13:00"), "end": at("14:00")}, {"start": at("16:00"), "end": at("16:05")},
    ]);
    let mut script = script.order(
        2,
        json!([
            {"id": "C-5", "kind": "attendance", "place": "P-1", "appointments": appointments},
            {"id": "C-6", "kind": "check_in", "prompts_per_day": 3, "between": ["08:00", "21:00"],
             "answer_within_s": 900, "place": "P-1"},
        ]),
    );
    let prompts = commands(&script.clone().until("23:00"));
    let mut from = script.at("09:30");
    for &(minutes, north, silent) in legs {
        let to = from.plus(chrono::TimeDelta::minutes(i64::from(minutes)));
        if !silent {
            let upload_ms = i64::from(upload_s) * 1000;
            script = script.travel_late(from, to, (north, 0.0), (north, 5.0), |observed| {
                let ms = observed.epoch_ms();
                Timestamp::from_epoch_ms(ms - ms.rem_euclid(upload_ms) + upload_ms).unwrap()
            });
        }
        from = to;
    }
    for (prompt, late_s) in prompts.iter().zip(answers) {
        let now = prompt.at.plus(chrono::TimeDelta::seconds(*late_s));
        script = script.reading(
            json!({"wearer": "W-1", "received_at": now, "device": "NF-1", "t": now,
                "kind": "check-in", "prompt": prompt.prompt, "identity": "match"}),
            now,
        );
    }
    script.inputs.sort_by_key(Input::now);
    script.until("2026-03-04T12:00:00Z")
}

const USUAL: &[(u32, f64, bool)] = &[
    (50, 900.0, false),
    (30, 0.0, false),
    (45, 900.0, false),
    (60, 0.0, true),
    (50, 0.0, false),
    (60, 900.0, false),
];

#[test]
fn stopped_and_restored_after_every_input_it_decides_and_asks_the_same() {
    let script = day(USUAL, 300, &[100, 5000]);
    let mut driven = Driven::new(RulesPolicy::default());
    let mut told = Told::default();
    for input in &script.inputs {
        driven.feed(input);
        driven.restart();
        drain(&mut driven.engine, &mut told);
    }
    assert_eq!(told, run(&script.inputs));
    assert!(told.0.len() > 8 && told.1.len() > 3, "{told:#?}");
}

fn legs() -> impl Strategy<Value = Vec<(u32, f64, bool)>> {
    let north = prop_oneof![Just(0.0), Just(48.0), Just(60.0), Just(900.0)];
    prop::collection::vec((1u32..70, north, prop::bool::weighted(0.3)), 1..9)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn when_it_is_woken_does_not_matter(
        legs in legs(),
        upload_s in prop_oneof![Just(60u32), Just(600)],
        answers in prop::collection::vec(0i64..90_000, 0..4),
        wakes in prop::collection::vec(0u32..172_800, 0..200),
    ) {
        let script = day(&legs, upload_s, &answers);
        let begin = script.at("00:00");
        let mut inputs = script.inputs.clone();
        let wake = |second: u32| begin.plus(chrono::TimeDelta::seconds(i64::from(second)));
        inputs.extend(wakes.into_iter().map(|second| Input::Timeout(wake(second))));
        inputs.sort_by_key(Input::now);
        prop_assert_eq!(run(&script.inputs), run(&inputs));
    }

    #[test]
    fn woken_only_when_it_asks_it_decides_the_same(
        legs in legs(),
        answers in prop::collection::vec(0i64..90_000, 0..4),
    ) {
        let script = day(&legs, 600, &answers);
        let mut driven = Driven::new(RulesPolicy::default());
        let mut told = Told::default();
        for input in &script.inputs {
            while let Some((due, _)) = driven.engine.poll_timeout().filter(|(due, _)| *due <= input.now()) {
                prop_assert!(due > driven.engine.now());
                driven.engine.handle_timeout(due);
                drain(&mut driven.engine, &mut told);
            }
            driven.feed(input);
            drain(&mut driven.engine, &mut told);
        }
        prop_assert_eq!(told, run(&script.inputs));
    }

    #[test]
    fn what_attendance_shows_never_depends_on_when_uploads_came(legs in legs()) {
        let facts = |upload_s: u32| -> Vec<_> {
            let decisions = run(&day(&legs, upload_s, &[]).inputs).0;
            let facts = decisions.iter().filter(|d| d.kind.as_str().starts_with("attendance"));
            facts.map(|d| (d.alert, d.phase, d.onset)).collect()
        };
        prop_assert_eq!(facts(60), facts(600));
    }

    #[test]
    fn alerts_open_once_and_clear_at_most_once(
        legs in legs(),
        answers in prop::collection::vec(0i64..90_000, 0..4),
    ) {
        let mut alerts = std::collections::BTreeMap::new();
        for decision in run(&day(&legs, 600, &answers).inputs).0 {
            let (revision, cleared) = alerts.entry(decision.alert).or_insert((0u32, false));
            *revision += 1;
            prop_assert!(!*cleared, "{decision:?}");
            prop_assert_eq!(decision.revision, *revision);
            *cleared = decision.phase == model::Phase::Cleared;
            prop_assert!(decision.onset <= decision.decided);
        }
    }
}
