//! Random stories of presence, held against a count of minutes; and the machine with units and budgets.

use engine::RulesPolicy;
use model::{Decision, DecisionKind, Evidence, Phase, Timestamp};
use proptest::prelude::*;
use serde_json::json;

use crate::home::{absence, nightly};
use crate::script::{Driven, Input, Script};

/// Minutes of a stay, and whether it is at home.
type Stay = (u32, bool);

fn stays() -> impl Strategy<Value = Vec<Stay>> {
    prop::collection::vec((1u32..150, any::<bool>()), 1..40)
}

fn minute(script: &Script, minute: u32) -> Timestamp {
    let start = script.at("12:00");
    start.plus(chrono::TimeDelta::minutes(i64::from(minute)))
}

/// A unit that reports every change, and each half hour, from noon on for some two days.
fn story(stays: &[Stay], lifted: (u32, u32)) -> (Script, Vec<bool>) {
    let mut script = Script::new()
        .place("P-1", 0.0, 0.0, 50.0)
        .unit("RF-1", 3600, Some("P-1"))
        .hdc(1, &json!([nightly("C-2", "P-1", "19:00", "07:00")]));
    let (from, to) = (
        minute(&script, lifted.0),
        minute(&script, lifted.0 + lifted.1),
    );
    script = script.change(absence("A-1", from, to));
    let home: Vec<bool> = stays
        .iter()
        .flat_map(|&(minutes, home)| (0..minutes).map(move |_| home))
        .collect();
    for (at, pair) in home.windows(2).enumerate() {
        if at == 0 || pair[0] != pair[1] || at % 30 == 0 {
            let which = if at == 0 { 0 } else { at + 1 };
            let now = minute(&script, u32::try_from(which).unwrap());
            script = script.hears(&now.to_string(), home[which]);
        }
    }
    (script, home)
}

/// Whether each minute from noon on is within 19:00 to 07:00 and not lifted: winter time throughout.
fn in_force(at: usize, lifted: (u32, u32)) -> bool {
    let of_day = (12 * 60 + at) % (24 * 60);
    let by_day = (7 * 60..19 * 60).contains(&of_day);
    let from = lifted.0 as usize;
    !by_day && !(from..from + lifted.1 as usize).contains(&at)
}

fn decide(inputs: &[Input], every: impl Fn(&mut Driven)) -> Vec<Decision> {
    let mut driven = Driven::new(RulesPolicy::default());
    let mut decisions = Vec::new();
    for input in inputs {
        driven.feed(input);
        every(&mut driven);
        decisions.extend(driven.decisions());
    }
    decisions
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn what_is_counted_is_the_count_of_minutes(
        stays in stays(),
        lifted in (300u32..1500, 1u32..300),
    ) {
        let (script, home) = story(&stays, lifted);
        let last = script.inputs.last().unwrap().now();
        let known = usize::try_from(last.since(script.at("12:00")).num_minutes()).unwrap();
        let out = |at: &usize| in_force(*at, lifted) && !home[*at];
        let counted: Vec<usize> = (0..known.min(home.len())).filter(out).collect();
        let decisions = script.run().decisions;
        for (kind, total) in [(DecisionKind::AtvWarning, 90), (DecisionKind::AtvExhausted, 120)] {
            let opened = |d: &&Decision| d.kind == kind && d.phase == Phase::Opened;
            let told: Vec<&Decision> = decisions.iter().filter(opened).collect();
            let reached = counted.get(total - 1);
            prop_assert_eq!(told.len(), usize::from(reached.is_some()), "{:?}", told);
            if let (Some(told), Some(reached)) = (told.first(), reached) {
                let at = minute(&script, u32::try_from(reached + 1).unwrap());
                prop_assert_eq!((told.onset, told.decided), (at, at));
            }
            let withdrawn = |d: &Decision| d.kind == kind && d.phase == Phase::Withdrawn;
            prop_assert!(!decisions.iter().any(withdrawn));
        }
    }

    #[test]
    fn what_is_counted_by_positions_is_the_count_of_minutes(
        stays in prop::collection::vec((6u32..150, any::<bool>()), 3..14),
        lifted in (300u32..900, 1u32..300),
    ) {
        let mut script = Script::new()
            .place("P-1", 0.0, 0.0, 50.0)
            .hdc(1, &json!([nightly("C-2", "P-1", "19:00", "07:00")]));
        let (from, to) = (minute(&script, lifted.0), minute(&script, lifted.0 + lifted.1));
        script = script.change(absence("A-1", from, to));
        let mut home = Vec::new();
        for &(minutes, at_home) in &stays {
            let from = minute(&script, u32::try_from(home.len()).unwrap());
            home.extend((0..minutes).map(|_| at_home));
            let to = minute(&script, u32::try_from(home.len()).unwrap());
            let where_ = (if at_home { 0.0 } else { 900.0 }, 0.0);
            script = script.travel_late(from, to, where_, where_, |at| at);
        }
        let out = |at: &usize| in_force(*at, lifted) && !home[*at];
        let counted: Vec<usize> = (0..home.len() - 1).filter(out).collect();
        let decisions = script.run().decisions;
        for (kind, total) in [(DecisionKind::AtvWarning, 90), (DecisionKind::AtvExhausted, 120)] {
            let of = |phase| decisions.iter().filter(move |d| d.kind == kind && d.phase == phase);
            let onsets: Vec<Timestamp> = of(Phase::Opened).map(|told| told.onset).collect();
            let reached = counted.get(total - 1);
            let expected = reached.map(|at| minute(&script, u32::try_from(at + 1).unwrap()));
            prop_assert_eq!(onsets, Vec::from_iter(expected));
            prop_assert_eq!(of(Phase::Withdrawn).count(), 0);
        }
    }

    #[test]
    fn absence_in_a_breach_is_the_count_of_its_windows_minutes(stays in stays()) {
        let never = (0, 0);
        let (script, home) = story(&stays, never);
        for decision in script.run().decisions {
            let Evidence::Curfew(evidence) = &decision.evidence else { continue };
            let of_window = decision.phase == Phase::Cleared && evidence.absent_to.is_some();
            if !of_window { continue }
            let noon = script.at("12:00");
            let index = |at: Timestamp| usize::try_from(at.since(noon).num_minutes()).unwrap();
            let until = index(evidence.absent_to.unwrap());
            let out = (index(evidence.window_start)..until).filter(|at| !home[*at]).count();
            prop_assert_eq!(evidence.absent_s, i64::try_from(out).unwrap() * 60, "{:?}", decision);
        }
    }

    #[test]
    fn neither_wake_ups_nor_restarts_change_a_byte(
        stays in stays(),
        wakes in prop::collection::vec(0u32..4000, 0..40),
        excused in any::<bool>(),
    ) {
        let (mut script, _) = story(&stays, (600, 100));
        // Positions beside the unit, at home by night, and an absence granted afterwards.
        let day = script.inputs.split_off(script.inputs.len() / 2);
        let from = script.inputs.last().unwrap().now();
        let to = from.plus(chrono::TimeDelta::minutes(50));
        script = script.travel_late(from, to, (900.0, 0.0), (0.0, 0.0), |at| at);
        script.inputs.extend(day);
        if excused {
            script = script.change(absence("A-2", from, to));
        }
        script.inputs.sort_by_key(Input::now);
        let plain = decide(&script.inputs, |_| ());
        let restarted = decide(&script.inputs, Driven::restart);
        prop_assert_eq!(&plain, &restarted);
        let mut woken = script.inputs.clone();
        let last = script.inputs.last().unwrap().now();
        let wakes = wakes.into_iter().map(|wake| minute(&script, wake)).filter(|at| *at <= last);
        woken.extend(wakes.map(Input::Timeout));
        woken.sort_by_key(Input::now);
        prop_assert_eq!(plain, decide(&woken, |_| ()));
    }
}
