//! Curfews by home units, alone and beside positions. 19:00 to 07:00, grace 15 minutes.

use engine::Outcome;
use model::DecisionKind::{
    AbsentThroughout, LateReturn, LeftDuring, OutAtEnd, OutPastStart, PresenceUnknown,
};
use model::Phase::{Cleared, Opened, Withdrawn};
use model::{Presence, PresenceSource};
use serde_json::json;

use crate::home::{AWAY, absence};
use crate::script::{Script, curfew_evidence};

const DAWN: &str = "2026-03-03T07:00:00Z";
const MORNING: &str = "2026-03-03T07:30:00Z";

/// Times of what was decided, with kinds and phases.
fn brief(script: &Script) -> Vec<String> {
    script.run().brief()
}

#[test]
fn a_unit_alone_shows_a_night_at_home() {
    let script = Script::detained().heard("18:30", MORNING, true);
    script.until("2026-03-03T12:00:00Z").run().tells(&[]);
}

#[test]
fn a_unit_alone_tells_out_past_start_by_timer_and_late_return_to_the_minute() {
    let script = Script::detained().heard("18:00", "19:40", false);
    let story = script.hears("19:42", true).until("19:50").run();
    story.tells(&[
        "out_past_start opened",
        "out_past_start cleared",
        "late_return opened",
        "late_return cleared",
    ]);
    let breach = story.the(OutPastStart, Opened);
    assert_eq!(
        (breach.onset, breach.decided),
        (story.at("19:00"), story.at("19:15"))
    );
    let evidence = curfew_evidence(breach);
    assert_eq!(evidence.source, Some(PresenceSource::Rf));
    let rf = evidence.rf.as_ref().unwrap();
    assert_eq!((rf.in_range, rf.since), (false, story.at("18:00")));
    assert_eq!(rf.observed_at.0, story.at("19:00"));
    let late = story.the(LateReturn, Opened);
    assert_eq!(late.decided, story.at("19:42"));
    assert_eq!(curfew_evidence(late).absent_s, 42 * 60);
}

#[test]
fn a_unit_alone_tells_left_during_from_the_minute_it_lost_the_tag() {
    let script = Script::detained().heard("18:30", "22:00", true);
    let story = script
        .hears("22:04", false)
        .hears("22:31", true)
        .heard("23:00", MORNING, true)
        .run();
    story.tells(&["left_during opened", "left_during cleared"]);
    let breach = story.the(LeftDuring, Opened);
    assert_eq!(
        (breach.onset, breach.decided),
        (story.at("22:04"), story.at("22:19"))
    );
    let cleared = curfew_evidence(story.the(LeftDuring, Cleared));
    assert_eq!(cleared.absent_to, Some(story.at("22:31")));
    assert_eq!(cleared.absent_s, 27 * 60);
}

#[test]
fn a_unit_alone_tells_out_at_the_end_and_absent_throughout() {
    let script = Script::detained().heard("18:30", "2026-03-03T06:50:00Z", true);
    let story = script
        .hears("2026-03-03T06:52:00Z", false)
        .hears("2026-03-03T07:20:00Z", false)
        .run();
    let fact = story.the(OutAtEnd, Opened);
    assert_eq!(fact.onset, story.at("2026-03-03T06:52:00Z"));
    assert_eq!(curfew_evidence(fact).absent_s, 8 * 60);
    let out = Script::detained().heard("18:30", MORNING, false).run();
    let fact = out.the(AbsentThroughout, Opened);
    assert_eq!(fact.onset, out.at("19:00"));
    assert_eq!(curfew_evidence(fact).absent_s, 12 * 3600);
}

#[test]
fn a_unit_that_falls_silent_is_not_knowing_and_never_absence() {
    let script = Script::detained().heard("18:30", "22:00", true);
    let story = script.until("2026-03-03T12:00:00Z").run();
    story.tells(&["presence_unknown opened", "presence_unknown cleared"]);
    let opened = story.the(PresenceUnknown, Opened);
    // Heard at 21:30 for the last time; five times its hour after that it says nothing any more.
    assert_eq!(
        (opened.onset, opened.decided),
        (story.at("21:30"), story.at("2026-03-03T02:30:00Z"))
    );
}

#[test]
fn fixes_conclude_no_exit_while_a_unit_hears_the_tag() {
    let script = Script::detained().stay("18:30", "22:00", 0.0, 0.0);
    let mut script = script.hears("22:00", true);
    for minute in 1..60 {
        let at = script.at(&format!("22:{minute:02}"));
        script = script.fix_claiming(at, at, (AWAY, 0.0), json!({"acc": 8.0}));
        if minute % 20 == 0 {
            script = script.hears(&at.to_string(), true);
        }
    }
    let script = script.hears("23:00", true).stay("23:01", "23:30", 0.0, 0.0);
    script.heard("23:30", MORNING, true).run().tells(&[]);
}

#[test]
fn fixes_count_from_when_a_unit_was_last_heard_once_it_has_fallen_silent() {
    let script = Script::detained().unit("RF-1", 300, Some("P-1"));
    let script = script.stay("18:30", "21:59", 0.0, 0.0).hears("22:00", true);
    let story = script.stay("22:05", "23:00", AWAY, 0.0).run();
    let breach = story.the(LeftDuring, Opened);
    // Silent after half an hour: until then it outranks what fixes show.
    assert_eq!(
        (breach.onset, breach.decided),
        (story.at("22:05"), story.at("22:30"))
    );
    assert_eq!(curfew_evidence(breach).source, Some(PresenceSource::Gps));
}

#[test]
fn out_of_range_with_fixes_that_show_the_wearer_at_home_is_presence() {
    let mut script = Script::detained().stay("18:30", "22:00", 0.0, 0.0);
    script = script.hears("22:00", false);
    script = script
        .stay("22:00", "23:00", 0.0, 0.0)
        .hears("23:00", false);
    script = script.stay("23:00", "23:40", 0.0, 0.0).hears("23:40", true);
    script.stay("23:41", MORNING, 0.0, 0.0).run().tells(&[]);
}

#[test]
fn out_of_range_when_fixes_stop_is_absence_from_when_they_stopped() {
    let script = Script::detained().stay("18:30", "22:01", 0.0, 0.0);
    let story = script.hears("22:01", false).until("22:40").run();
    story.tells(&["left_during opened"]);
    let breach = story.the(LeftDuring, Opened);
    // A gap of ten minutes and an upload of ten after the last fix at 22:00.
    assert_eq!(
        (breach.onset, breach.decided),
        (story.at("22:00"), story.at("22:20"))
    );
    assert_eq!(curfew_evidence(breach).presence, Presence::Absent);
}

#[test]
fn a_unit_at_another_place_says_nothing() {
    let script = Script::detained()
        .place("P-2", 5000.0, 0.0, 50.0)
        .unit("RF-2", 3600, Some("P-2"));
    let story = script
        .hears_late("RF-2", "19:00", "19:00", true)
        .stay("19:01", "20:00", AWAY, 0.0)
        .run();
    assert_eq!(story.outcomes[0], Outcome::NotJudged);
    assert!(story.has(OutPastStart));
}

#[test]
fn each_unit_is_taken_in_order_and_once() {
    let story = Script::detained()
        .hears("19:00", true)
        .hears_late("RF-1", "18:59", "19:01", false)
        .hears_late("RF-1", "19:00", "19:02", true)
        .run();
    assert_eq!(
        story.outcomes,
        [Outcome::Used, Outcome::Late, Outcome::Duplicate]
    );
    let ahead = Script::detained()
        .hears_late("RF-1", "21:00", "19:00", true)
        .run();
    assert!(matches!(ahead.outcomes[0], Outcome::Invalid(_)));
    ahead.tells(&["clock_skew opened"]);
}

#[test]
fn a_unit_without_mains_says_nothing_until_it_hears_the_tag() {
    let script = Script::detained().heard("18:30", "20:00", true);
    let script = script
        .unit_event("20:00", "mains_lost")
        .heard("20:10", "22:00", false);
    let told = |script: &Script| script.run().has(LeftDuring);
    assert!(!told(&script), "{:?}", brief(&script));
    let heard = script
        .clone()
        .hears("22:10", true)
        .heard("22:40", "23:40", false);
    assert!(told(&heard), "{:?}", brief(&heard));
    let restored = script
        .unit_event("22:05", "mains_restored")
        .heard("22:10", "23:40", false);
    assert!(restored.run().has(OutPastStart) || told(&restored));
}

#[test]
fn a_unit_that_was_moved_does_not_outrank_fixes_that_show_the_wearer_elsewhere() {
    let script = Script::detained()
        .stay("18:30", "22:00", 0.0, 0.0)
        .hears("22:00", true);
    // The wearer takes the unit along.
    let mut script = script.unit_event("22:01", "hmu_moved");
    for minute in 2..50 {
        let at = script.at(&format!("22:{minute:02}"));
        script = script.fix_claiming(at, at, (AWAY, 0.0), json!({"acc": 8.0}));
        if minute % 5 == 0 {
            script = script.hears(&at.to_string(), true);
        }
    }
    let story = script.run();
    assert_eq!(story.the(LeftDuring, Opened).onset, story.at("22:02"));
    // Moved on the shelf, with nothing that contradicts it: it counts again when it hears the tag.
    let script = Script::detained().heard("18:30", "22:00", true);
    let script = script
        .unit_event("22:01", "hmu_moved")
        .heard("22:30", "23:30", true);
    let story = script.hears("23:30", false).until("23:50").run();
    assert_eq!(story.the(LeftDuring, Opened).onset, story.at("23:30"));
}

#[test]
fn a_unit_taken_away_says_nothing_any_more() {
    let script = Script::detained().heard("18:30", "20:00", true);
    let script = script.change(json!({"activation": {
        "device": "RF-1", "kind": "rf", "wearer": "W-1", "from": "2026-01-01T00:00:00Z",
        "to": "2026-03-02T20:00:00Z", "cadence_s": 3600, "hmu_place": "P-1",
    }}));
    let story = script.stay("20:01", "21:00", AWAY, 0.0).run();
    assert!(
        story.has(OutPastStart) || story.has(LeftDuring),
        "{:?}",
        story.brief()
    );
}

#[test]
fn a_presumed_breach_that_later_readings_contradict_is_withdrawn() {
    let script = Script::detained().heard("18:00", "19:30", false);
    let script = script
        .until("19:16")
        .hears_late("RF-1", "19:10", "19:16", true);
    // The unit's own later reading, observed at 19:00, came before; the return of 19:10 is news.
    let story = script.run();
    story.tells(&["out_past_start opened", "out_past_start withdrawn"]);
    let why = curfew_evidence(story.the(OutPastStart, Withdrawn));
    assert_eq!(
        why.note.as_deref(),
        Some("later readings show a return within the grace")
    );
}

#[test]
fn fixes_that_show_a_return_before_the_grace_was_used_up_withdraw_the_breach() {
    let script = Script::curfew()
        .stay("18:30", "19:14", AWAY, 0.0)
        .until("19:16");
    let (from, to, received) = (script.at("19:14"), script.at("19:20"), script.at("19:21"));
    let story = script
        .travel_late(from, to, (0.0, 0.0), (0.0, 0.0), |_| received)
        .run();
    story.tells(&["out_past_start opened", "out_past_start withdrawn"]);
}

#[test]
fn an_absence_in_mid_window_takes_its_minutes_out_of_what_is_told() {
    let script = Script::detained();
    let (from, to) = (script.at("22:00"), script.at("23:00"));
    let script = script
        .change(absence("A-1", from, to))
        .heard("18:30", "22:00", true);
    let script = script.hears("21:50", false).hears("23:10", true);
    script
        .heard("23:30", MORNING, true)
        .until(DAWN)
        .run()
        .tells(&[]);
}
