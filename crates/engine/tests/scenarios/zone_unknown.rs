//! Not knowing whether a wearer is inside or outside a zone. Uploads each ten minutes, and half an hour.

use model::DecisionKind::{ExclusionZoneEntered, ZoneUnknown};
use model::Evidence;
use model::Phase::{Cleared, Opened};
use serde_json::json;

use crate::script::Script;

/// To stay within 100 m of the origin from 09:00 to 12:00 on Mondays.
fn included() -> Script {
    Script::new().zone("Z-1", 0.0, 0.0, 100.0).order(
        1,
        json!([{"id": "C-1", "kind": "inclusion_zone", "zones": ["Z-1"], "schedule": [
            {"days": ["Mon"], "start": "09:00", "end": "12:00"}
        ]}]),
    )
}

#[test]
fn silence_in_force_is_told_after_the_upload_interval_and_half_an_hour() {
    let script = included().stay("08:30", "10:00", 0.0, 0.0);
    script.clone().until("10:38").run().tells(&[]);
    let story = script.stay("11:00", "12:10", 0.0, 0.0).until("14:00").run();
    story.tells(&["zone_unknown opened", "zone_unknown cleared"]);
    let opened = story.the(ZoneUnknown, Opened);
    assert_eq!(opened.onset, story.at("09:59"));
    assert_eq!(opened.decided, story.at("10:39"));
    let Evidence::Oversight(evidence) = &opened.evidence else {
        panic!("{:?}", opened.evidence);
    };
    assert_eq!(evidence.limit_s, Some(2400));
    let cleared = story.the(ZoneUnknown, Cleared);
    assert!(cleared.decided <= story.at("11:03"), "{:?}", story.brief());
}

#[test]
fn silence_out_of_hours_says_nothing() {
    included()
        .stay("08:00", "08:10", 0.0, 0.0)
        .until("09:39:59")
        .run()
        .tells(&[]);
    included()
        .stay("08:30", "11:50", 0.0, 0.0)
        .until("22:00")
        .run()
        .tells(&[]);
}

#[test]
fn not_knowing_ends_with_the_hours() {
    let story = included()
        .stay("08:30", "09:30", 0.0, 0.0)
        .until("14:00")
        .run();
    story.tells(&["zone_unknown opened", "zone_unknown cleared"]);
    assert_eq!(story.the(ZoneUnknown, Cleared).decided, story.at("12:00"));
}

#[test]
fn a_wearer_of_whom_nothing_was_ever_heard_is_not_known_to_be_inside() {
    let story = included().until("14:00").run();
    story.tells(&["zone_unknown opened", "zone_unknown cleared"]);
    let opened = story.the(ZoneUnknown, Opened);
    assert_eq!(
        (opened.onset, opened.decided),
        (story.at("09:00"), story.at("09:40"))
    );
}

#[test]
fn silence_within_an_exclusion_zone_is_told_and_silence_outside_is_not() {
    let away = Script::excluded().stay("09:00", "09:30", 2000.0, 0.0);
    away.clone().until("20:00").run().tells(&[]);
    let inside = away.stay("09:30", "10:00", 0.0, 0.0).until("11:00");
    let story = inside.stay("11:00", "11:10", 0.0, 0.0).run();
    assert!(story.has(ExclusionZoneEntered));
    let opened = story.the(ZoneUnknown, Opened);
    assert_eq!(
        (opened.onset, opened.decided),
        (story.at("09:59"), story.at("10:39"))
    );
    assert_eq!(story.the(ZoneUnknown, Cleared).decided, story.at("11:00"));
    assert_eq!(story.all(ExclusionZoneEntered, Cleared).count(), 0);
}

#[test]
fn uploads_that_come_at_their_interval_are_no_silence() {
    let mut script = included();
    let (from, to) = (script.at("08:00"), script.at("12:30"));
    script = script.travel_late(from, to, (0.0, 0.0), (0.0, 0.0), |at| {
        let ms = at.epoch_ms();
        model::Timestamp::from_epoch_ms(ms - ms.rem_euclid(600_000) + 600_000).unwrap()
    });
    script.run().tells(&[]);
}
