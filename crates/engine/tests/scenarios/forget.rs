//! Who is forgotten might as well never have been handed in.

use chrono::TimeDelta;
use engine::RulesPolicy;
use model::{Decision, PolicyChange, Reading, Timestamp, WearerId};
use proptest::prelude::*;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;

use crate::script::{Driven, Input, Script};

/// One fix: seconds since the one before, metres north, seconds on its way.
type Sent = (i64, f64, i64);

/// A curfew at a place of their own, a zone, and the stream.
fn story(stream: &[Sent]) -> Vec<Input> {
    let mut script = Script::curfew()
        .zone("Z-1", 600.0, 0.0, 100.0)
        .order(
            2,
            json!([
                {"id": "C-1", "kind": "exclusion_zone", "zones": ["Z-1"]},
                {"id": "C-2", "kind": "curfew", "place": "P-1",
                 "windows": [{"days": ["Mon", "Tue"], "start": "19:00", "end": "07:00"}]},
            ]),
        )
        .change(
            json!({"absence": {"id": "A-1", "condition": "C-2", "from": "2026-03-02T20:00:00Z",
                                   "to": "2026-03-02T20:30:00Z", "reason": "agreed", "authorised_by": "officer"}}),
        );
    let mut at = script.at("17:00");
    for (wait_s, north, late_s) in stream {
        at = at.plus(TimeDelta::seconds(*wait_s));
        let received = at.plus(TimeDelta::seconds(*late_s));
        script = script.fix_claiming(at, received, (*north, 0.0), json!({"acc": 8.0}));
    }
    script.inputs
}

/// The same of somebody else, with device, order and place of their own.
fn renamed<T: Serialize + DeserializeOwned>(what: &T) -> T {
    let mut text = serde_json::to_string(what).unwrap();
    for id in ["W", "D", "O", "C", "P", "A", "Z"] {
        text = text
            .replace(&format!("\"{id}-1\""), &format!("\"{id}-7\""))
            .replace(&format!("\"{id}-2\""), &format!("\"{id}-8\""));
    }
    serde_json::from_str(&text).unwrap()
}

fn of_somebody_else(input: Input) -> Input {
    match input {
        Input::Policy(change, now) => Input::Policy(Box::new(renamed(&*change)), now),
        Input::Reading(reading, now) => Input::Reading(Box::new(renamed::<Reading>(&reading)), now),
        Input::Timeout(now) => Input::Timeout(now),
    }
}

/// Both in order of arrival; whether it is about the one to be forgotten.
fn together(theirs: Vec<Input>, others: Vec<Input>) -> Vec<(bool, Input)> {
    let theirs = theirs.into_iter().map(|input| (true, input));
    let others = others
        .into_iter()
        .map(|input| (false, of_somebody_else(input)));
    let mut both: Vec<_> = theirs.chain(others).collect();
    both.sort_by_key(|(_, input)| input.now());
    both
}

struct Ended {
    decisions: Vec<Decision>,
    snapshot: Vec<u8>,
}

/// Hands everything in; what is theirs as an erased entry of the journal from the `forgotten`-th on.
fn run(both: &[(bool, Input)], forgotten: usize, until: Timestamp) -> Ended {
    let wearer = WearerId::new("W-1").unwrap();
    let changes: Vec<PolicyChange> = both
        .iter()
        .filter(|(theirs, _)| *theirs)
        .filter_map(|(_, input)| {
            if let Input::Policy(change, _) = input {
                Some((**change).clone())
            } else {
                None
            }
        })
        .collect();
    let mut driven = Driven::new(RulesPolicy::default());
    let mut decisions = Vec::new();
    for (index, (theirs, input)) in both.iter().enumerate() {
        if index == forgotten {
            driven.engine.forget(&wearer, &changes);
        }
        if *theirs && index >= forgotten {
            driven.feed(&Input::Timeout(input.now()));
        } else {
            driven.feed(input);
        }
        decisions.extend(driven.decisions());
    }
    driven.feed(&Input::Timeout(until));
    decisions.extend(driven.decisions());
    decisions.retain(|decision| decision.wearer != wearer);
    let snapshot = driven.engine.snapshot().unwrap();
    Ended {
        decisions,
        snapshot,
    }
}

fn any_stream() -> impl Strategy<Value = Vec<Sent>> {
    let wait = prop_oneof![6 => Just(60_i64), 1 => 200..7_000_i64];
    let north = prop_oneof![0.0..40.0_f64, 560.0..640.0_f64, 2_000.0..2_100.0_f64];
    let late = prop_oneof![5 => Just(0_i64), 1 => 60..3_000_i64];
    let stay = (wait, north, late, 1..12_usize)
        .prop_map(|(wait, north, late, fixes)| vec![(wait, north, late); fixes]);
    prop::collection::vec(stay, 1..8).prop_map(|stays| stays.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn who_is_forgotten_might_as_well_never_have_been_handed_in(
        theirs in any_stream(),
        others in any_stream(),
        share in 0.0..=1.0_f64,
    ) {
        let both = together(story(&theirs), story(&others));
        let until = both.last().unwrap().1.now().plus(TimeDelta::hours(30));
        let never = run(&both, 0, until);
        prop_assert!(!never.decisions.is_empty());
        let forgotten = (0..both.len()).rev().find(|index| *index as f64 <= share * both.len() as f64);
        let later = run(&both, forgotten.unwrap(), until);
        prop_assert_eq!(&later.decisions, &never.decisions);
        prop_assert_eq!(&later.snapshot, &never.snapshot);
    }
}

#[test]
fn nothing_of_who_is_forgotten_stands_in_the_next_snapshot() {
    let stream: Vec<Sent> = (0..200).map(|_| (60, 600.0, 0)).collect();
    let both = together(story(&stream), story(&stream));
    let until = both.last().unwrap().1.now();
    let found = |ended: &Ended, id: &str| {
        let mut places = ended.snapshot.windows(id.len());
        places.any(|window| window == id.as_bytes())
    };
    let known = run(&both, both.len(), until);
    let forgotten = run(&both, both.len() - 1, until);
    for id in ["W-1", "D-1", "O-1", "C-1", "C-2", "P-1", "A-1", "Z-1"] {
        assert!(!found(&forgotten, id), "{id}");
        assert!(found(&known, id), "{id}");
    }
    for id in ["W-7", "D-7", "O-7", "C-7", "P-7", "A-7", "Z-7"] {
        assert!(found(&forgotten, id), "{id}");
    }
}
