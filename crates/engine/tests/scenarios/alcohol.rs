//! Alcohol: episodes, what qualifies them, and what is not known.

mod oracle;

use engine::{Outcome, RulesPolicy};
use model::DecisionKind::{
    AlcoholConfirmed, AlcoholDetected, AlcoholEnvironmental, AlcoholGap, AlcoholObstruction,
    AlcoholProbable, SensorFault,
};
use model::Phase::{Cleared, Opened, Updated};
use model::{
    AlcoholEvidence, AlcoholGapCause, AlcoholQualification, Decision, DecisionKind, Evidence,
    Timestamp,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use self::oracle::{Found, episodes};
use crate::script::{Driven, Input, Script};

/// A rise to 92 and a fall of some 17 an hour, one reading each half hour.
const EVENING: &[i32] = &[
    0, 0, 12, 34, 58, 80, 92, 88, 80, 71, 63, 55, 46, 38, 30, 22, 13, 6, 0, 0,
];

fn plus(at: Timestamp, minutes: i64) -> Timestamp {
    at.plus(chrono::TimeDelta::minutes(minutes))
}

fn watched(duty: Value) -> Script {
    let mut condition = json!({"id": "C-4", "from": "2026-03-02T00:00:00Z"});
    let Value::Object(duty) = duty else {
        panic!("{duty}");
    };
    condition.as_object_mut().unwrap().extend(duty);
    Script::new()
        .change(json!({"activation": {
            "device": "A-1", "kind": "alcohol", "wearer": "W-1", "from": "2026-03-01T00:00:00Z",
            "cadence_s": 1800, "upload_interval_s": 86400,
        }}))
        .order(1, json!([condition]))
}

fn abstinent() -> Script {
    watched(json!({"kind": "alcohol_abstinence"}))
}

fn limited() -> Script {
    watched(json!({"kind": "alcohol_limit", "peak_mg_per_100ml": 80}))
}

fn taken(script: Script, at: Timestamp, received: Timestamp, fields: Value) -> Script {
    let mut reading = json!({
        "wearer": "W-1", "received_at": received, "device": "A-1", "t": at, "kind": "alcohol",
        "tac": 0, "ir": 1.2, "skin_c": 33.0, "ambient_c": 21.0,
    });
    let Value::Object(fields) = fields else {
        panic!("{fields}");
    };
    reading.as_object_mut().unwrap().extend(fields);
    script.reading(reading, received)
}

fn series(mut script: Script, from: &str, tacs: &[i32]) -> Script {
    let mut at = script.at(from);
    for tac in tacs {
        script = taken(script, at, at, json!({ "tac": tac }));
        at = plus(at, 30);
    }
    script
}

fn strap(script: Script, code: &str, text: &str) -> Script {
    strap_with_clock(script, code, text, text)
}

fn strap_with_clock(script: Script, code: &str, observed: &str, received: &str) -> Script {
    let (observed, received) = (script.at(observed), script.at(received));
    let event = json!({
        "wearer": "W-1", "received_at": received, "device": "A-1", "t": observed,
        "kind": "event", "code": code,
    });
    script.reading(event, received)
}

fn alcohol(decision: &Decision) -> &AlcoholEvidence {
    let Evidence::Alcohol(evidence) = &decision.evidence else {
        panic!("{:?}", decision.evidence);
    };
    evidence
}

#[test]
fn an_evening_is_detected_within_the_hour_and_confirmed_by_its_fall() {
    let story = series(abstinent(), "10:00", EVENING).run();
    story.tells(&[
        "alcohol_detected opened",
        "alcohol_detected cleared",
        "alcohol_confirmed opened",
        "alcohol_confirmed cleared",
    ]);
    let detected = story.the(AlcoholDetected, Opened);
    assert_eq!(detected.onset, story.at("11:30"));
    assert_eq!(detected.decided, story.at("12:30"));
    let confirmed = story.the(AlcoholConfirmed, Opened);
    assert_eq!(confirmed.onset, story.at("11:30"));
    let evidence = alcohol(confirmed);
    assert_eq!((evidence.peak, evidence.peak_at), (92, story.at("13:00")));
    assert_eq!(evidence.run_readings, 13);
    assert!((evidence.run_span_s - 6.0 * 3600.0).abs() < 0.1);
    // The second reading under 20 comes half an hour after the first, the third an hour.
    assert_eq!(evidence.closed, Some(story.at("19:00")));
    let fall = evidence.tail.unwrap().fall_per_h.unwrap();
    assert!((15.0..18.0).contains(&fall), "{fall}");
    let note = alcohol(story.the(AlcoholDetected, Cleared)).note.clone();
    assert_eq!(note.as_deref(), Some("became alcohol_confirmed"));
}

#[test]
fn a_single_high_reading_is_environmental_and_never_detected() {
    let story = series(abstinent(), "10:00", &[0, 310, 4, 0, 0]).run();
    story.tells(&[
        "alcohol_environmental opened",
        "alcohol_environmental cleared",
    ]);
}

#[test]
fn what_vanishes_faster_than_a_body_can_is_environmental() {
    let story = series(abstinent(), "10:00", &[300, 340, 330, 3, 0, 0]).run();
    assert!(story.has(AlcoholDetected));
    let evidence = alcohol(story.the(AlcoholEnvironmental, Opened));
    assert!(evidence.drop_per_h.unwrap() > 100.0);
}

#[test]
fn three_readings_within_minutes_are_no_sustained_run() {
    let mut script = abstinent();
    for (minute, tac) in [(0, 90), (4, 95), (8, 90), (38, 0), (68, 0), (98, 0)] {
        let at = plus(script.at("10:00"), minute);
        script = taken(script, at, at, json!({ "tac": tac }));
    }
    let story = script.run();
    assert!(!story.has(AlcoholDetected));
    story.the(AlcoholEnvironmental, Opened);
}

#[test]
fn a_limit_is_alerted_when_the_peak_passes_it_and_not_before() {
    let story = series(limited(), "10:00", EVENING).run();
    let detected = story.the(AlcoholDetected, Opened);
    assert_eq!(detected.decided, story.at("13:00"));
    assert_eq!(alcohol(detected).limit, Some(80));
    story.the(AlcoholConfirmed, Opened);
    let within: Vec<i32> = EVENING.iter().map(|tac| (*tac).min(80)).collect();
    series(limited(), "10:00", &within).run().tells(&[]);
}

#[test]
fn an_open_strap_leaves_it_to_a_person() {
    let mut script = series(abstinent(), "10:00", &EVENING[..9]);
    script = strap(script, "strap_cut", "14:10");
    script = strap(script, "strap_restored", "14:20");
    let story = series(script, "14:30", &EVENING[9..]).run();
    let evidence = alcohol(story.the(AlcoholProbable, Opened));
    assert_eq!(evidence.qualified, [AlcoholQualification::Strap]);
}

#[test]
fn a_strap_opened_by_a_clock_that_runs_ahead_leaves_it_to_a_person() {
    let mut script = series(abstinent(), "10:00", &EVENING[..9]);
    script = strap_with_clock(script, "strap_cut", "20:10", "14:10");
    script = strap_with_clock(script, "strap_restored", "20:20", "14:20");
    let story = series(script, "14:30", &EVENING[9..]).run();
    let evidence = alcohol(story.the(AlcoholProbable, Opened));
    assert_eq!(evidence.qualified, [AlcoholQualification::Strap]);
}

#[test]
fn a_strap_opened_and_closed_before_the_drinking_by_a_clock_ahead_qualifies_nothing() {
    let mut script = series(abstinent(), "10:00", &EVENING[..2]);
    script = strap_with_clock(script, "strap_cut", "14:10", "10:35");
    script = strap_with_clock(script, "strap_restored", "14:20", "10:50");
    let story = series(script, "11:00", &EVENING[2..]).run();
    story.the(AlcoholConfirmed, Opened);
}

#[test]
fn a_strap_open_and_closed_before_the_drinking_qualifies_nothing() {
    let mut script = series(abstinent(), "10:00", &EVENING[..2]);
    script = strap(script, "strap_cut", "10:35");
    script = strap(script, "strap_restored", "10:50");
    let story = series(script, "11:00", &EVENING[2..]).run();
    story.the(AlcoholConfirmed, Opened);
}

#[test]
fn a_gap_is_told_restarts_the_run_and_is_never_sober() {
    let script = series(abstinent(), "10:00", &[50, 50]);
    let story = series(script, "13:31", &[50, 40, 30, 22, 10, 0, 0]).run();
    let Evidence::AlcoholGap(gap) = &story.the(AlcoholGap, Opened).evidence else {
        panic!("no gap");
    };
    assert_eq!(gap.cause, AlcoholGapCause::Readings);
    assert_eq!(
        story.the(AlcoholDetected, Opened).decided,
        story.at("14:31")
    );
    assert_eq!(
        alcohol(story.the(AlcoholProbable, Opened)).gap_s,
        Some(181.0 * 60.0)
    );
}

#[test]
fn a_plateau_is_probable_and_named() {
    let mut slow = vec![0, 22, 24];
    slow.extend([22; 15]);
    slow.extend([19, 18, 17]);
    let story = series(abstinent(), "08:00", &slow).run();
    assert!(alcohol(story.the(AlcoholProbable, Opened)).plateau);
}

#[test]
fn a_cliff_at_the_end_of_a_plateau_does_not_make_it_the_fall_of_a_body() {
    let mut stuck = vec![0, 30, 60];
    stuck.extend([59; 16]);
    stuck.extend([19; 3]);
    let story = series(abstinent(), "08:00", &stuck).run();
    assert!(!story.has(AlcoholConfirmed));
    assert!(alcohol(story.the(AlcoholProbable, Opened)).plateau);
}

#[test]
fn drinking_again_soon_goes_on_from_the_first_episode() {
    let script = series(abstinent(), "00:00", EVENING);
    let story = series(script, "10:00", &EVENING[2..]).run();
    let onsets: Vec<_> = story.all(AlcoholConfirmed, Opened).collect();
    assert_eq!(onsets.len(), 2);
    assert_eq!(alcohol(onsets[1]).goes_on_from, Some(story.at("01:30")));
    assert_eq!(onsets[1].onset, story.at("01:30"));
    assert_ne!(onsets[0].alert, onsets[1].alert);
}

#[test]
fn infra_red_out_of_its_band_for_eight_hours_is_an_obstruction() {
    let mut script = abstinent();
    for step in 0..30 {
        let at = plus(script.at("00:00"), step * 30);
        let ir = if (8..26).contains(&step) { 0.8 } else { 1.2 };
        script = taken(script, at, at, json!({ "ir": ir }));
    }
    let story = script.run();
    story.tells(&["alcohol_obstruction opened", "alcohol_obstruction cleared"]);
    let opened = story.the(AlcoholObstruction, Opened);
    assert_eq!(
        (opened.onset, opened.decided),
        (story.at("04:00"), story.at("12:00"))
    );
}

#[test]
fn cold_skin_alone_is_no_removal_but_with_infra_red_it_is() {
    let run = |ir: f64| {
        let mut script = abstinent();
        for step in 0..14 {
            let at = plus(script.at("00:00"), step * 30);
            let fields = match step {
                0..8 => json!({}),
                _ => json!({"ir": ir, "skin_c": 18.4, "ambient_c": 18.0}),
            };
            script = taken(script, at, at, fields);
        }
        script.run()
    };
    run(1.2).tells(&[]);
    let story = run(0.6);
    let opened = story.the(AlcoholObstruction, Opened);
    assert_eq!(
        (opened.onset, opened.decided),
        (story.at("04:00"), story.at("06:00"))
    );
    let Evidence::Obstruction(evidence) = &opened.evidence else {
        panic!("no obstruction");
    };
    assert_eq!(evidence.cause, AlcoholQualification::OffBody);
}

#[test]
fn readings_that_no_body_gives_leave_the_episode_as_it_was() {
    let script = series(abstinent(), "10:00", &EVENING[..7]);
    let at = script.at("13:10");
    let script = taken(script, at, at, json!({"tac": 601}));
    let at = script.at("13:12");
    let script = taken(script, at, at, json!({"tac": -1}));
    let story = series(script, "13:30", &EVENING[7..]).run();
    let Evidence::SensorFault(evidence) = &story.the(SensorFault, Cleared).evidence else {
        panic!("no fault");
    };
    assert_eq!(evidence.count, 2);
    let confirmed = story.the(AlcoholConfirmed, Opened);
    let undisturbed = series(abstinent(), "10:00", EVENING).run();
    let plain = undisturbed.the(AlcoholConfirmed, Opened);
    assert_eq!(alcohol(confirmed), alcohol(plain));
    assert!(matches!(&story.outcomes[7], Outcome::Invalid(why) if why.contains("601")));
}

#[test]
fn an_upload_that_does_not_come_and_two_days_of_silence_are_one_gap_told_twice() {
    let story = series(abstinent(), "10:00", &[0, 0])
        .until("2026-03-10T00:00:00Z")
        .run();
    let opened = story.the(AlcoholGap, Opened);
    assert_eq!(opened.decided, story.at("2026-03-03T12:30:00Z"));
    let updated = story.the(AlcoholGap, Updated);
    assert_eq!(updated.decided, story.at("2026-03-04T10:30:00Z"));
    assert_eq!(updated.alert, opened.alert);
    let Evidence::AlcoholGap(gap) = &updated.evidence else {
        panic!("no gap");
    };
    assert_eq!(gap.cause, AlcoholGapCause::Silence);
    assert_eq!(story.all(AlcoholGap, Cleared).count(), 0);
    let back = story.at("2026-03-10T00:00:00Z");
    let script = series(abstinent(), "10:00", &[0, 0]);
    let story = taken(script, back, back, json!({})).run();
    // That, and the gap between the readings itself.
    assert_eq!(story.all(AlcoholGap, Cleared).count(), 2);
}

#[test]
fn our_own_outage_is_not_their_silence() {
    let story = series(abstinent(), "10:00", &[0, 0])
        .change(json!({"intake_gap": {
            "from": "2026-03-02T10:40:00Z", "to": "2026-03-03T12:00:00Z",
        }}))
        .until("2026-03-03T13:59:00Z")
        .run();
    story.tells(&[]);
}

#[test]
fn what_came_before_or_is_known_already_is_not_used() {
    let script = series(abstinent(), "10:00", &[0, 0, 0]);
    let (now, early) = (script.at("11:10"), script.at("10:15"));
    let known = script.at("10:30");
    let script = taken(script, known, now, json!({"tac": 300}));
    let story = taken(script, early, now, json!({"tac": 300})).run();
    assert_eq!(story.outcomes[3..], [Outcome::Late, Outcome::Late]);
    story.tells(&[]);
}

#[test]
fn an_episode_that_the_order_outlives_is_not_classified() {
    let story = series(abstinent(), "10:00", &EVENING[..10])
        .order(2, json!([]))
        .run();
    let note = alcohol(story.the(AlcoholDetected, Cleared)).note.clone();
    assert_eq!(
        note.as_deref(),
        Some("not classified: not in version 2 of the order")
    );
}

/// A generated reading: minutes since the one before, and its concentration.
type Point = (i64, i32);

fn curve() -> impl Strategy<Value = Vec<Point>> {
    let cadence = prop_oneof![8 => Just(30i64), 2 => 3i64..9, 1 => 151i64..400];
    let minutes = prop::collection::vec(cadence, 40);
    let drink = (20i32..260, 1i32..6, 1i32..50, 0usize..12);
    (minutes, drink).prop_map(|(minutes, (peak, rise, fall, sober))| {
        let mut tac = 0;
        let mut rising = true;
        let level = |(step, gap): (usize, i64)| {
            if step >= sober && rising {
                tac += peak / rise;
                rising = tac < peak;
            } else if step >= sober {
                tac = (tac - fall * i32::try_from(gap).unwrap() / 60).max(0);
            }
            (gap, tac)
        };
        minutes.into_iter().enumerate().map(level).collect()
    })
}

fn noise() -> impl Strategy<Value = Vec<Point>> {
    let minutes = prop_oneof![8 => Just(30i64), 2 => 1i64..9, 1 => 100i64..400];
    let tac = prop_oneof![3 => 0i32..20, 5 => 20i32..90, 1 => 100i32..400, 1 => Just(601)];
    prop::collection::vec((minutes, tac), 1..80)
}

fn points() -> impl Strategy<Value = Vec<Point>> {
    prop_oneof![
        curve(),
        noise(),
        (curve(), curve()).prop_map(|(a, b)| [a, b].concat())
    ]
}

/// The points one by one, or in bursts of `burst`, some of them twice.
fn scripted(points: &[Point], burst: usize, again: usize) -> Script {
    let mut script = abstinent();
    let mut at = script.at("00:00");
    let readings: Vec<_> = points
        .iter()
        .map(|(minutes, tac)| {
            at = plus(at, *minutes);
            (at, *tac)
        })
        .collect();
    for upload in readings.chunks(burst) {
        let received = upload.last().unwrap().0;
        for (step, (at, tac)) in upload.iter().enumerate() {
            script = taken(script, *at, received, json!({ "tac": tac }));
            if again > 0 && step % again == 0 {
                script = taken(script, *at, received, json!({ "tac": tac }));
            }
        }
    }
    script
}

fn classified(decisions: &[Decision]) -> Vec<Found> {
    let kinds = [AlcoholConfirmed, AlcoholProbable, AlcoholEnvironmental];
    let is_class = |d: &&Decision| kinds.contains(&d.kind) && d.phase == Opened;
    let found = |d: &Decision| {
        let evidence = alcohol(d);
        Found {
            kind: d.kind,
            onset: d.onset,
            closed: evidence.closed.unwrap(),
            peak: evidence.peak,
            plateau: evidence.plateau,
        }
    };
    decisions.iter().filter(is_class).map(found).collect()
}

/// Decisions by evidence time, without when they were taken.
fn timeless(decisions: &[Decision]) -> Vec<Value> {
    let by_readings = |d: &&Decision| {
        if let Evidence::AlcoholGap(gap) = &d.evidence {
            return gap.cause == AlcoholGapCause::Readings;
        }
        d.kind != SensorFault
    };
    let strip = |d: &Decision| {
        let mut json = serde_json::to_value(d).unwrap();
        let fields = json.as_object_mut().unwrap();
        fields.remove("decided");
        fields.remove("alert");
        json
    };
    decisions.iter().filter(by_readings).map(strip).collect()
}

fn bytes(inputs: &[Input], restoring: bool) -> String {
    let mut driven = Driven::new(RulesPolicy::default());
    let mut decisions = Vec::new();
    for input in inputs {
        driven.feed(input);
        decisions.extend(std::iter::from_fn(|| driven.engine.poll_decision()));
        if restoring {
            driven.restart();
        }
    }
    serde_json::to_string(&decisions).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn the_rule_finds_what_the_plain_reading_of_its_text_finds(points in points()) {
        let script = scripted(&points, 1, 0);
        let mut at = script.at("00:00");
        let readings: Vec<_> = points.iter().map(|(minutes, tac)| {
            at = plus(at, *minutes);
            (at, *tac)
        }).collect();
        prop_assert_eq!(classified(&script.run().decisions), episodes(&readings));
    }

    #[test]
    fn bursts_and_repeats_change_nothing(points in points(), burst in 2usize..49, again in 0usize..4) {
        let one_by_one = scripted(&points, 1, 0).run();
        let uploads = scripted(&points, burst, again).run();
        prop_assert_eq!(timeless(&one_by_one.decisions), timeless(&uploads.decisions));
    }

    #[test]
    fn neither_wake_ups_nor_restarts_change_a_byte(points in points(), wakes in prop::collection::vec(0i64..4000, 0..40)) {
        let script = scripted(&points, 5, 3);
        let mut wakes: Vec<_> = wakes.into_iter().map(|minute| plus(script.at("00:00"), minute)).collect();
        wakes.sort_unstable();
        let mut wakes = wakes.into_iter().peekable();
        let mut woken = Vec::new();
        for input in &script.inputs {
            while let Some(wake) = wakes.next_if(|wake| *wake <= input.now()) {
                woken.push(Input::Timeout(wake));
            }
            woken.push(input.clone());
        }
        let told = bytes(&script.inputs, false);
        prop_assert_eq!(&told, &bytes(&woken, false));
        prop_assert_eq!(&told, &bytes(&script.inputs, true));
    }
}

#[test]
fn the_oracle_knows_an_evening() {
    let at = crate::script::time("2026-03-02", "10:00");
    let readings: Vec<_> = (0..)
        .zip(EVENING)
        .map(|(i, tac)| (plus(at, 30 * i), *tac))
        .collect();
    let kinds: Vec<DecisionKind> = episodes(&readings).iter().map(|found| found.kind).collect();
    assert_eq!(kinds, [AlcoholConfirmed]);
}
