//! Several addresses, several windows, the day of release, absences and variations in mid-window.

use model::DecisionKind::{LateReturn, LeftDuring, OutPastStart, PresenceUnknown};
use model::Phase::{Cleared, Opened};
use model::{ConditionId, Timestamp};
use serde_json::json;

use crate::home::{AWAY, WEEK, absence, nightly};
use crate::script::{Script, Story, curfew_evidence};

/// A curfew at P-1 in the evening and at P-2, 900 m north, in the night.
fn split() -> Script {
    Script::new()
        .place("P-1", 0.0, 0.0, 50.0)
        .place("P-2", AWAY, 0.0, 50.0)
        .unit("RF-1", 3600, Some("P-1"))
        .unit("RF-2", 3600, Some("P-2"))
        .hdc(
            1,
            &json!([
                nightly("C-2", "P-1", "19:00", "22:00"),
                nightly("C-3", "P-2", "22:30", "07:00")
            ]),
        )
}

fn about(story: &Story, condition: &str) -> Vec<String> {
    let id = ConditionId::new(condition).ok();
    let told = story.decisions.iter().filter(|d| d.condition == id);
    told.map(|d| format!("{} {}", d.kind, d.phase)).collect()
}

#[test]
fn a_night_split_over_two_addresses_is_kept_by_being_at_each_in_its_hours() {
    let script = split().stay("18:30", "22:05", 0.0, 0.0);
    let script = script.stay("22:20", "23:59", AWAY, 0.0);
    script.run().tells(&[]);
    let units = split().hears("18:50", true).hears("22:01", false);
    let units = units.hears_late("RF-2", "22:20", "22:20", true);
    units
        .hears_late("RF-2", "23:59", "23:59", true)
        .run()
        .tells(&[]);
}

#[test]
fn staying_at_the_first_address_is_a_breach_of_the_second_only() {
    let story = split().stay("18:30", "23:30", 0.0, 0.0).run();
    assert_eq!(about(&story, "C-2"), Vec::<String>::new());
    assert_eq!(about(&story, "C-3"), ["out_past_start opened"]);
    assert_eq!(story.the(OutPastStart, Opened).onset, story.at("22:30"));
}

#[test]
fn three_windows_a_day_are_three_windows() {
    let windows = json!([
        {"days": ["Mon"], "start": "06:00", "end": "08:00"},
        {"days": ["Mon"], "start": "12:30", "end": "13:30"},
        {"days": ["Mon"], "start": "21:00", "end": "05:00"},
    ]);
    let script = Script::new().place("P-1", 0.0, 0.0, 50.0).order(
        1,
        json!([{"id": "C-2", "kind": "curfew", "place": "P-1", "windows": windows}]),
    );
    let script = script
        .stay("05:30", "08:01", 0.0, 0.0)
        .stay("08:01", "13:00", AWAY, 0.0);
    let script = script
        .stay("13:00", "21:30", 0.0, 0.0)
        .stay("21:30", "22:00", AWAY, 0.0);
    let story = script.stay("22:00", "23:00", 0.0, 0.0).run();
    story.tells(&[
        "out_past_start opened",
        "out_past_start cleared",
        "late_return opened",
        "late_return cleared",
        "left_during opened",
        "left_during cleared",
    ]);
    assert_eq!(story.the(LateReturn, Opened).onset, story.at("12:30"));
    let window = curfew_evidence(story.the(LeftDuring, Opened));
    assert_eq!(
        (window.window_start, window.window_end),
        (story.at("21:00"), story.at("2026-03-03T05:00:00Z"))
    );
}

#[test]
fn the_day_of_release_has_hours_of_its_own() {
    let released = |from: &str| {
        let script = Script::new().place("P-1", 0.0, 0.0, 50.0).order(
            1,
            json!([
                {"id": "C-2", "kind": "curfew", "place": "P-1",
                 "windows": [{"days": WEEK, "start": "19:00", "end": "07:00"}],
                 "release_day": {"date": "2026-03-02", "start": "15:00", "end": "07:00"},
                 "from": "2026-03-02T09:00:00Z"}
            ]),
        );
        script
            .stay("09:30", from, AWAY, 0.0)
            .stay(from, "20:00", 0.0, 0.0)
            .run()
    };
    released("14:50").tells(&[]);
    let late = released("15:40");
    assert_eq!(late.the(OutPastStart, Opened).decided, late.at("15:15"));
}

#[test]
fn an_absence_granted_afterwards_ends_an_open_breach_within_it_with_a_note() {
    let script = Script::detained()
        .hears("18:50", true)
        .hears("22:00", false)
        .hears("22:20", false);
    let (from, to) = (script.at("21:30"), script.at("23:00"));
    let story = script.change(absence("A-1", from, to)).run();
    let cleared = curfew_evidence(story.the(LeftDuring, Cleared));
    assert!(cleared.note.is_some());
    assert_eq!(cleared.absent_s, 0);
}

#[test]
fn what_is_left_of_an_absence_granted_afterwards_is_judged_anew() {
    let script = Script::detained()
        .hears("18:50", true)
        .hears("21:00", false)
        .hears("22:05", false);
    let (from, to) = (script.at("20:30"), script.at("22:00"));
    let story = script.change(absence("A-1", from, to)).until("22:30").run();
    story.tells(&[
        "left_during opened",
        "left_during cleared",
        "out_past_start opened",
    ]);
    let left = curfew_evidence(story.the(LeftDuring, Cleared));
    assert_eq!(
        left.note.as_deref(),
        Some("what is left of the absence is within the grace")
    );
    assert_eq!(left.absent_s, 300);
    let again = story.the(OutPastStart, Opened);
    assert_eq!(
        (again.onset, again.decided),
        (story.at("22:00"), story.at("22:15"))
    );
}

#[test]
fn minutes_granted_afterwards_come_back_out_of_a_closed_absence() {
    let script = Script::detained().hears("18:50", true);
    let script = script
        .hears("20:00", false)
        .hears("20:40", true)
        .hears("21:00", false);
    let (from, to) = (script.at("20:00"), script.at("20:30"));
    let script = script
        .change(absence("A-1", from, to))
        .hears("21:20", false);
    let story = script.hears("21:30", true).run();
    // The window begins anew where the absence ends: ten minutes of the first, thirty of the second.
    let cleared = curfew_evidence(story.all(LeftDuring, Cleared).last().unwrap());
    assert_eq!(
        (cleared.window_start, cleared.absent_s),
        (story.at("20:30"), 40 * 60)
    );
}

#[test]
fn a_variation_to_other_hours_in_mid_window_goes_on_with_them() {
    let script = Script::detained()
        .hears("18:50", false)
        .hears("19:20", false);
    let script = script.hdc(2, &json!([nightly("C-2", "P-1", "20:00", "07:00")]));
    let story = script.hears("20:20", true).run();
    story.tells(&[
        "out_past_start opened",
        "out_past_start cleared",
        "out_past_start opened",
        "out_past_start cleared",
        "late_return opened",
        "late_return cleared",
    ]);
    let onsets: Vec<Timestamp> = story.all(OutPastStart, Opened).map(|d| d.onset).collect();
    assert_eq!(onsets, [story.at("19:00"), story.at("20:00")]);
}

#[test]
fn a_variation_to_another_place_forgets_what_was_known_of_the_old_one() {
    let moved = |script: Script| {
        let script = script.place("P-2", 5000.0, 0.0, 50.0);
        script.hdc(2, &json!([nightly("C-2", "P-2", "19:00", "07:00")]))
    };
    let home = Script::detained()
        .stay("18:30", "20:00", 0.0, 0.0)
        .hears("20:00", true);
    let story = moved(home).until("23:00").run();
    story.tells(&["presence_unknown opened"]);
    let unknown = story.the(PresenceUnknown, Opened);
    assert_eq!(unknown.decided, story.at("20:40"));
    assert_eq!(curfew_evidence(unknown).place.as_str(), "P-2");
    // A breach at the old place ends; the old unit says nothing of the new one.
    let out = Script::detained()
        .hears("18:50", false)
        .hears("19:20", false);
    let story = moved(out).hears("19:50", false).until("19:59").run();
    story.tells(&["out_past_start opened", "out_past_start cleared"]);
    let cleared = curfew_evidence(story.the(OutPastStart, Cleared));
    assert_eq!(
        cleared.note.as_deref(),
        Some("the curfew is at another place now")
    );
}

#[test]
fn a_suspension_in_mid_window_ends_everything_and_counts_nothing_more() {
    let script = Script::detained()
        .hears("18:50", false)
        .hears("19:20", false);
    let script = script.hdc(
        2,
        &json!([
            {"id": "C-2", "kind": "curfew", "place": "P-1", "windows": []}
        ]),
    );
    let story = script
        .hears("23:00", false)
        .until("2026-03-03T12:00:00Z")
        .run();
    story.tells(&["out_past_start opened", "out_past_start cleared"]);
}

#[test]
fn the_nights_of_both_clock_changes_are_added_up_in_elapsed_minutes() {
    // Out from 00:50 to 02:10 local time: 20 minutes in March, 140 in October.
    for (day, back, spent) in [
        ("2026-03-28", "2026-03-29T01:10:00Z", vec![]),
        (
            "2026-10-24",
            "2026-10-25T02:10:00Z",
            vec!["atv_warning", "atv_exhausted"],
        ),
    ] {
        let out = if day == "2026-03-28" {
            "2026-03-29T00:50:00Z"
        } else {
            "2026-10-24T23:50:00Z"
        };
        let script = Script::on(day)
            .place("P-1", 0.0, 0.0, 50.0)
            .unit("RF-1", 3600, None)
            .hdc(1, &json!([nightly("C-2", "P-1", "19:00", "07:00")]));
        let story = script
            .hears("23:00", true)
            .hears(out, false)
            .hears(back, true)
            .run();
        let minutes = story.at(back).since(story.at(out)).num_minutes();
        assert_eq!(minutes, if spent.is_empty() { 20 } else { 140 });
        let cleared = curfew_evidence(story.the(LeftDuring, Cleared));
        assert_eq!(cleared.absent_s, minutes * 60);
        let told = story.told();
        let of_budget = told.iter().filter(|told| told.starts_with("atv_"));
        assert_eq!(of_budget.count(), spent.len(), "{:?}", story.brief());
    }
}
