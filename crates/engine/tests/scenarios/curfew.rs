//! Curfews by GPS, 19:00 to 07:00 at a place of 50 m, grace 15 minutes.

use model::DecisionKind::{
    AbsentThroughout, LateReturn, LeftDuring, OutAtEnd, OutPastStart, PresenceUnknown,
};
use model::Phase::{Cleared, Opened};
use serde_json::json;

use crate::script::{Script, curfew_evidence};

const AWAY: f64 = 900.0;

/// Home through the night until the morning after.
fn home(script: Script, from: &str, to: &str) -> Script {
    script.stay(from, to, 0.0, 0.0)
}

fn away(script: Script, from: &str, to: &str) -> Script {
    script.stay(from, to, AWAY, 0.0)
}

const MORNING: &str = "2026-03-03T07:10:00Z";

#[test]
fn at_home_all_night_is_nothing() {
    home(Script::curfew(), "18:30", MORNING).run().tells(&[]);
}

#[test]
fn not_home_when_the_grace_is_used_up_is_told_at_that_minute_by_timer() {
    let story = away(Script::curfew(), "18:30", "19:14:30")
        .until("19:20")
        .run();
    story.tells(&["out_past_start opened"]);
    let breach = story.the(OutPastStart, Opened);
    assert_eq!(
        (breach.onset, breach.decided),
        (story.at("19:00"), story.at("19:15"))
    );
    assert_eq!(curfew_evidence(breach).absent_s, 900);
}

#[test]
fn on_the_way_home_when_the_grace_is_used_up_is_not_told_by_timer() {
    let script = away(Script::curfew(), "18:30", "19:14");
    home(script, "19:14", "19:40").run().tells(&[]);
}

#[test]
fn coming_home_late_ends_the_breach_and_is_a_fact_of_its_own() {
    let script = away(Script::curfew(), "18:30", "19:40");
    let story = home(script, "19:40", MORNING).run();
    story.tells(&[
        "out_past_start opened",
        "out_past_start cleared",
        "late_return opened",
        "late_return cleared",
    ]);
    let late = story.the(LateReturn, Opened);
    let evidence = curfew_evidence(late);
    assert_eq!(evidence.absent_from, Some(story.at("19:00")));
    assert_eq!(evidence.absent_to, Some(story.at("19:40")));
    assert_eq!(evidence.absent_s, 40 * 60);
    assert_eq!(late.onset, story.at("19:00"));
}

#[test]
fn leaving_during_the_night_counts_from_when_they_left() {
    let script = home(Script::curfew(), "18:30", "22:00");
    let script = away(script, "22:00", "22:30");
    let story = home(script, "22:30", MORNING).run();
    story.tells(&["left_during opened", "left_during cleared"]);
    let breach = story.the(LeftDuring, Opened);
    assert_eq!(
        (breach.onset, breach.decided),
        (story.at("22:00"), story.at("22:15"))
    );
    let cleared = curfew_evidence(story.the(LeftDuring, Cleared));
    assert_eq!(cleared.absent_to, Some(story.at("22:30")));
    assert_eq!(cleared.absent_s, 30 * 60);
}

#[test]
fn ten_minutes_out_is_within_the_grace() {
    let script = home(Script::curfew(), "18:30", "22:00");
    let script = away(script, "22:00", "22:10");
    home(script, "22:10", MORNING).run().tells(&[]);
}

#[test]
fn out_at_the_end_is_told_however_short() {
    let script = home(Script::curfew(), "18:30", "2026-03-03T06:55:00Z");
    let story = away(script, "2026-03-03T06:55:00Z", MORNING).run();
    story.tells(&["out_at_end opened", "out_at_end cleared"]);
    let fact = story.the(OutAtEnd, Opened);
    assert_eq!(fact.onset, story.at("2026-03-03T06:55:00Z"));
    assert_eq!(curfew_evidence(fact).absent_s, 300);
    let long = home(Script::curfew(), "18:30", "2026-03-03T06:00:00Z");
    away(long, "2026-03-03T06:00:00Z", MORNING).run().tells(&[
        "left_during opened",
        "left_during cleared",
        "out_at_end opened",
        "out_at_end cleared",
    ]);
}

#[test]
fn absent_throughout_replaces_out_past_start() {
    let story = away(Script::curfew(), "18:30", MORNING).run();
    story.tells(&[
        "out_past_start opened",
        "out_past_start cleared",
        "absent_throughout opened",
        "absent_throughout cleared",
    ]);
    let fact = story.the(AbsentThroughout, Opened);
    assert_eq!(fact.onset, story.at("19:00"));
    assert_eq!(curfew_evidence(fact).absent_s, 12 * 3600);
    let note = curfew_evidence(story.the(OutPastStart, Cleared))
        .note
        .clone();
    assert_eq!(note.as_deref(), Some("became absent_throughout"));
}

#[test]
fn a_night_with_an_hour_of_silence_is_not_absence_throughout() {
    let script = away(Script::curfew(), "18:30", "23:00");
    let story = away(script, "2026-03-03T00:00:00Z", MORNING).run();
    story.tells(&[
        "out_past_start opened",
        "presence_unknown opened",
        "presence_unknown cleared",
        "out_past_start cleared",
    ]);
}

#[test]
fn silence_is_told_once_and_never_as_absence() {
    let story = Script::curfew().until("2026-03-03T12:00:00Z").run();
    story.tells(&["presence_unknown opened", "presence_unknown cleared"]);
    let opened = story.the(PresenceUnknown, Opened);
    // The start, the grace of 15 minutes, the upload interval of 10, the margin of 30.
    assert_eq!(opened.decided, story.at("19:55"));
    let cleared = story.the(PresenceUnknown, Cleared);
    assert_eq!(cleared.decided, story.at("2026-03-03T07:00:00Z"));
}

#[test]
fn silence_in_the_night_is_told_after_the_margin_and_ends_when_it_is_known_again() {
    let script = home(Script::curfew(), "18:30", "22:00");
    let story = home(script, "2026-03-03T01:00:00Z", MORNING).run();
    story.tells(&["presence_unknown opened", "presence_unknown cleared"]);
    let opened = story.the(PresenceUnknown, Opened);
    assert_eq!(
        (opened.onset, opened.decided),
        (story.at("21:59"), story.at("22:39"))
    );
    let cleared = story.the(PresenceUnknown, Cleared);
    assert!(cleared.decided <= story.at("2026-03-03T01:05:00Z"));
}

#[test]
fn our_own_outage_is_not_their_silence() {
    let gap = json!({"intake_gap": {"from": "2026-03-02T22:00:00Z", "to": "2026-03-02T23:30:00Z"}});
    let script = home(Script::curfew(), "18:30", "22:00");
    // The engine was asleep through the gap, and hears of it before time runs on.
    let mut script = script;
    let change = serde_json::from_value(gap).unwrap();
    let resumed = script.at("23:30");
    script
        .inputs
        .push(crate::script::Input::Policy(Box::new(change), resumed));
    let (from, to) = (script.at("22:00"), script.at("23:30"));
    let script = script.travel_late(from, to, (0.0, 0.0), (0.0, 0.0), |_| resumed);
    home(script, "23:31", MORNING).run().tells(&[]);
}

#[test]
fn a_batch_that_arrives_late_tells_the_same_episodes_as_fixes_that_came_at_once() {
    let day = |script: Script, received: fn(model::Timestamp) -> model::Timestamp| {
        let legs = [
            ("18:30", "19:40", AWAY),
            ("19:40", "22:00", 0.0),
            ("22:00", "22:40", AWAY),
            ("22:40", "2026-03-03T06:50:00Z", 0.0),
            ("2026-03-03T06:50:00Z", MORNING, AWAY),
        ];
        legs.into_iter().fold(script, |script, (from, to, north)| {
            let (from, to) = (script.at(from), script.at(to));
            script.travel_late(from, to, (north, 0.0), (north, 0.0), received)
        })
    };
    // Uploads each ten minutes.
    let upload = |at: model::Timestamp| {
        let ms = at.epoch_ms();
        model::Timestamp::from_epoch_ms(ms - ms.rem_euclid(600_000) + 600_000).unwrap()
    };
    let at_once = day(Script::curfew(), |at| at).run();
    let late = day(Script::curfew(), upload).run();
    assert_eq!(at_once.told(), late.told());
    let onsets = |story: &crate::script::Story| -> Vec<_> {
        story
            .decisions
            .iter()
            .map(|decision| (decision.alert, decision.onset))
            .collect()
    };
    assert_eq!(onsets(&at_once), onsets(&late));
    assert_eq!(at_once.told().len(), 8, "{:?}", at_once.brief());
}

#[test]
fn an_authorised_absence_lifts_the_curfew_for_its_time() {
    let absence = json!({"absence": {
        "id": "A-1", "condition": "C-2", "from": "2026-03-02T21:00:00Z",
        "to": "2026-03-02T23:00:00Z", "reason": "hospital", "authorised_by": "officer",
    }});
    let script = home(Script::curfew().change(absence), "18:30", "21:05");
    let script = away(script, "21:05", "22:55");
    home(script.clone(), "22:55", MORNING).run().tells(&[]);
    // Back an hour late: from the end of the absence.
    let late = home(
        away(script, "22:55", "2026-03-03T00:00:00Z"),
        "2026-03-03T00:00:00Z",
        MORNING,
    );
    let story = late.run();
    assert_eq!(story.the(OutPastStart, Opened).onset, story.at("23:00"));
    assert_eq!(
        curfew_evidence(story.the(LateReturn, Opened)).absent_s,
        3600
    );
}

#[test]
fn an_absence_authorised_afterwards_ends_the_breach() {
    let script = home(Script::curfew(), "18:30", "22:00");
    let story = away(script, "22:00", "22:30")
        .change(json!({"absence": {
            "id": "A-1", "condition": "C-2", "from": "2026-03-02T21:30:00Z",
            "to": "2026-03-02T23:00:00Z", "reason": "hospital", "authorised_by": "officer",
        }}))
        .run();
    story.tells(&["left_during opened", "left_during cleared"]);
}

#[test]
fn the_nights_on_which_the_clocks_change_count_elapsed_minutes() {
    for (day, start, end, hours) in [
        (
            "2026-03-28",
            "2026-03-28T19:00:00Z",
            "2026-03-29T06:00:00Z",
            11,
        ),
        (
            "2026-10-24",
            "2026-10-24T18:00:00Z",
            "2026-10-25T07:00:00Z",
            13,
        ),
    ] {
        let script = Script::curfew_on(day, "19:00", "07:00");
        let story = away(script, "17:00", &end.replace(":00:00Z", ":10:00Z")).run();
        let fact = story.the(AbsentThroughout, Opened);
        assert_eq!(fact.onset, story.at(start));
        assert_eq!(curfew_evidence(fact).absent_s, hours * 3600);
    }
}

#[test]
fn a_short_window_wholly_in_silence_is_told_once_it_is_over() {
    let story = Script::curfew_on("2026-03-02", "19:00", "19:30")
        .until("21:00")
        .run();
    story.tells(&["presence_unknown opened", "presence_unknown cleared"]);
    assert_eq!(
        story.the(PresenceUnknown, Opened).decided,
        story.at("19:55")
    );
}

#[test]
fn first_seen_absent_in_the_middle_of_a_window_is_told_from_when_it_was_seen() {
    let story = away(Script::curfew(), "20:00", "21:00").run();
    let breach = story.the(OutPastStart, Opened);
    assert_eq!(
        (breach.onset, breach.decided),
        (story.at("20:00"), story.at("20:15"))
    );
}

#[test]
fn a_night_of_cell_fixes_is_a_night_of_not_knowing() {
    let mut script = Script::curfew();
    for minute in 0..150 {
        let at = script.at(&format!("{}:{:02}", 18 + minute / 60, minute % 60));
        script = script.fix_claiming(at, at, (0.0, 0.0), json!({"acc": 60.0, "src": "lbs"}));
    }
    let story = script.run();
    story.tells(&["presence_unknown opened"]);
    assert_eq!(
        story.the(PresenceUnknown, Opened).decided,
        story.at("19:55")
    );
}

#[test]
fn a_tag_whose_fixes_are_always_an_hour_old_does_not_show_where_its_wearer_is() {
    let script = Script::curfew();
    let (from, to) = (script.at("17:00"), script.at("21:00"));
    let hour = chrono::TimeDelta::hours(1);
    let script = script.travel_late(from, to, (0.0, 0.0), (0.0, 0.0), |at| at.plus(hour));
    script.run().tells(&["presence_unknown opened"]);
}

#[test]
fn a_backlog_of_hours_that_comes_in_at_once_opens_and_clears_nothing_in_between() {
    let script = home(Script::curfew(), "18:30", "20:00");
    let (from, to, received) = (script.at("20:00"), script.at("23:00"), script.at("23:00"));
    let script = script.travel_late(from, to, (0.0, 0.0), (0.0, 0.0), |_| received);
    let story = home(script, "23:01", MORNING).run();
    // Told at 20:39 when nothing had come; cleared once, when the backlog had caught up.
    story.tells(&["presence_unknown opened", "presence_unknown cleared"]);
}
