//! The zone rule knows no directions and no dates: a stream that is mirrored, or moved elsewhere or
//! to another week, is judged alike.

use chrono::TimeDelta;
use model::{Decision, DecisionKind, Evidence};
use proptest::prelude::*;
use serde_json::json;

use crate::script::{Script, Story, zone_evidence};

/// One fix: seconds since the one before, metres north and east of the zone's middle, metres
/// claimed.
type Sent = (i64, f64, f64, f64);

/// Where a stream is sent from, and when.
#[derive(Debug, Clone, Copy)]
struct Picture {
    /// East becomes west.
    mirrored: bool,
    /// Metres east.
    moved_m: f64,
    /// Weeks later.
    weeks: i64,
}

const AS_IT_IS: Picture = Picture {
    mirrored: false,
    moved_m: 0.0,
    weeks: 0,
};

impl Picture {
    fn east(self, east: f64) -> f64 {
        let east = if self.mirrored { -east } else { east };
        east + self.moved_m
    }
}

/// Two exclusion zones side by side, a restriction to a large one, and the stream.
fn judge(stream: &[Sent], picture: Picture) -> Story {
    let mut script = Script::new()
        .zone("Z-1", 0.0, picture.east(0.0), 100.0)
        .zone("Z-2", 60.0, picture.east(260.0), 120.0)
        .zone("Z-3", 0.0, picture.east(100.0), 450.0)
        .order(
            1,
            json!([
                {"id": "C-1", "kind": "exclusion_zone", "zones": ["Z-1", "Z-2"]},
                {"id": "C-2", "kind": "restriction_zone", "zones": ["Z-3"]},
            ]),
        );
    let mut at = script.at("10:00").plus(TimeDelta::weeks(picture.weeks));
    for (wait_s, north, east, acc) in stream {
        at = at.plus(TimeDelta::seconds(*wait_s));
        script = script.fix_claiming(at, at, (*north, picture.east(*east)), json!({"acc": acc}));
    }
    script.run()
}

/// What a decision says, with times counted back to the week of the stream itself.
fn said(decision: &Decision, picture: Picture) -> String {
    let back = TimeDelta::weeks(picture.weeks);
    let about = if let Evidence::Transit(transit) = &decision.evidence {
        transit.zone.to_string()
    } else {
        let zone = zone_evidence(decision);
        format!("{} of {} fixes", zone.zone, zone.fixes_used)
    };
    let (onset, decided) = (decision.onset.minus(back), decision.decided.minus(back));
    let condition = decision.condition.as_ref().map(ToString::to_string);
    let (kind, phase) = (decision.kind, decision.phase);
    format!("{condition:?} {kind} {phase} {onset} {decided} {about}")
}

fn any_stream() -> impl Strategy<Value = Vec<Sent>> {
    let wait = prop_oneof![6 => Just(60_i64), 2 => 5..200_i64, 1 => 200..2_000_i64];
    let spot = prop_oneof![
        (-150.0..150.0_f64, -150.0..150.0_f64),
        (-700.0..700.0_f64, -500.0..700.0_f64),
    ];
    // Stays of some fixes, each a few metres off.
    let off = (-20.0..20.0_f64, -20.0..20.0_f64, 0.0..60.0_f64);
    let stay = (wait, spot, prop::collection::vec(off, 1..9)).prop_map(|(wait, spot, fixes)| {
        let sent = move |(n, e, acc): (f64, f64, f64)| (wait, spot.0 + n, spot.1 + e, acc);
        fixes.into_iter().map(sent).collect::<Vec<_>>()
    });
    prop::collection::vec(stay, 1..10).prop_map(|stays| stays.concat())
}

fn judged_alike(stream: &[Sent], picture: Picture) -> Result<(), TestCaseError> {
    let told = |picture| {
        let story = judge(stream, picture);
        let said = story
            .decisions
            .iter()
            .filter(|decision| decision.kind != DecisionKind::ZoneUnknown)
            .map(|decision| said(decision, picture));
        said.collect::<Vec<_>>()
    };
    prop_assert_eq!(told(AS_IT_IS), told(picture));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_mirrored_stream_gives_the_mirrored_decisions(stream in any_stream()) {
        judged_alike(&stream, Picture { mirrored: true, ..AS_IT_IS })?;
    }

    #[test]
    fn a_stream_moved_elsewhere_gives_the_same_decisions(stream in any_stream(), moved_m in -80_000.0..80_000.0_f64) {
        judged_alike(&stream, Picture { moved_m, ..AS_IT_IS })?;
    }

    #[test]
    fn a_stream_of_another_week_gives_the_same_decisions(stream in any_stream(), weeks in 1..30_i64) {
        judged_alike(&stream, Picture { weeks, ..AS_IT_IS })?;
    }
}

#[test]
fn the_streams_are_such_that_something_is_decided() {
    let inside: Vec<Sent> = (0..10).map(|_| (60, 20.0, 30.0, 8.0)).collect();
    let beyond: Vec<Sent> = (0..10).map(|_| (60, 20.0, -600.0, 8.0)).collect();
    let story = judge(&[inside, beyond].concat(), AS_IT_IS);
    let told = story.told();
    for kind in [
        "exclusion_zone_entered cleared",
        "restriction_zone_left opened",
    ] {
        assert!(told.iter().any(|line| line == kind), "{told:?}");
    }
}
