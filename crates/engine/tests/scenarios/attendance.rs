//! Attendance by GPS: an appointment from 10:00 to 11:00 at a place of 50 m, tolerance 10 minutes.

use model::DecisionKind::{
    AttendanceLate, AttendanceLeftEarly, AttendanceMissed, GeometryMissing, PresenceUnknown,
};
use model::Evidence;
use model::Phase::{Cleared, Opened};
use serde_json::{Value, json};

use crate::script::{Script, point, time};

const AWAY: f64 = 900.0;

fn condition(appointments: &[(&str, &str)]) -> Value {
    let appointment = |&(start, end): &(&str, &str)| json!({"start": time("2026-03-02", start), "end": time("2026-03-02", end)});
    let appointments: Vec<Value> = appointments.iter().map(appointment).collect();
    json!([{"id": "C-5", "kind": "attendance", "place": "P-2", "appointments": appointments}])
}

pub(crate) fn appointment() -> Script {
    appointments(&[("10:00", "11:00")])
}

fn appointments(all: &[(&str, &str)]) -> Script {
    Script::new()
        .place("P-2", 0.0, 0.0, 50.0)
        .order(1, condition(all))
}

fn there(script: Script, from: &str, to: &str) -> Script {
    script.stay(from, to, 0.0, 0.0)
}

fn away(script: Script, from: &str, to: &str) -> Script {
    script.stay(from, to, AWAY, 0.0)
}

fn absence(script: Script, from: &str, to: &str) -> Script {
    let (from, to) = (script.at(from), script.at(to));
    script.change(json!({"absence": {
        "id": "A-1", "condition": "C-5", "from": from, "to": to, "reason": "hospital", "authorised_by": "PO",
    }}))
}

fn evidence(decision: &model::Decision) -> &model::AttendanceEvidence {
    let Evidence::Attendance(evidence) = &decision.evidence else {
        panic!("{:?}", decision.evidence);
    };
    evidence
}

#[test]
fn being_there_throughout_is_nothing() {
    let script = there(appointment(), "09:50", "11:10");
    script.until("20:00").run().tells(&[]);
}

#[test]
fn elsewhere_throughout_is_missed_as_soon_as_the_end_is_settled() {
    let story = away(appointment(), "09:50", "11:10").until("20:00").run();
    story.tells(&["attendance_missed opened", "attendance_missed cleared"]);
    let missed = story.the(AttendanceMissed, Opened);
    assert_eq!(
        (missed.onset, missed.decided),
        (story.at("10:00"), story.at("11:00"))
    );
    assert_eq!(evidence(missed).away_s, 3600);
    assert_eq!(evidence(missed).arrived, None);
}

#[test]
fn silence_throughout_is_never_missed_but_not_known() {
    // 11:00 and the upload interval of 10 minutes and the margin of 30.
    let story = appointment().until("20:00").run();
    story.tells(&["presence_unknown opened"]);
    let unknown = story.the(PresenceUnknown, Opened);
    assert_eq!(
        (unknown.onset, unknown.decided),
        (story.at("10:00"), story.at("11:40"))
    );
}

#[test]
fn seen_elsewhere_and_then_silent_is_not_known_rather_than_missed() {
    let story = away(appointment(), "09:50", "10:40").until("20:00").run();
    story.tells(&["presence_unknown opened"]);
    let unknown = story.the(PresenceUnknown, Opened);
    assert_eq!(unknown.onset, story.at("10:39"));
    assert_eq!(evidence(unknown).away_s, 39 * 60);
}

#[test]
fn half_an_hour_of_silence_within_an_absence_is_not_missed() {
    let script = away(appointment(), "09:50", "10:10");
    let story = away(script, "10:40", "11:10").until("20:00").run();
    story.tells(&["presence_unknown opened", "presence_unknown cleared"]);
    let note = evidence(story.the(PresenceUnknown, Opened)).note.as_deref();
    assert_eq!(note, Some("the fixes show part of the appointment only"));
}

#[test]
fn a_quarter_of_an_hour_late_is_told_on_arrival() {
    let script = away(appointment(), "09:50", "10:15");
    let story = there(script, "10:15", "11:10").run();
    story.tells(&["attendance_late opened", "attendance_late cleared"]);
    let late = story.the(AttendanceLate, Opened);
    assert_eq!(late.onset, story.at("10:00"));
    assert_eq!(late.decided, story.at("10:16"));
    assert_eq!(evidence(late).arrived, Some(story.at("10:15")));
    assert_eq!(evidence(late).away_s, 15 * 60);
}

#[test]
fn ten_minutes_late_or_early_is_within_the_tolerance() {
    let script = away(appointment(), "09:50", "10:10");
    let script = there(script, "10:10", "10:50");
    away(script, "10:50", "11:10").run().tells(&[]);
}

#[test]
fn first_seen_after_a_silence_is_not_late() {
    let script = away(appointment(), "09:00", "09:55");
    there(script, "10:30", "11:10").run().tells(&[]);
}

#[test]
fn leaving_a_quarter_of_an_hour_early_is_told_at_the_end() {
    let script = there(appointment(), "09:50", "10:45");
    let story = away(script, "10:45", "11:10").run();
    story.tells(&[
        "attendance_left_early opened",
        "attendance_left_early cleared",
    ]);
    let left = story.the(AttendanceLeftEarly, Opened);
    assert_eq!(
        (left.onset, left.decided),
        (story.at("10:45"), story.at("11:00"))
    );
    assert_eq!(evidence(left).left, Some(story.at("10:45")));
    assert_eq!(evidence(left).away_s, 15 * 60);
}

#[test]
fn going_silent_at_the_place_is_not_leaving() {
    let script = there(appointment(), "09:50", "10:30");
    script.clone().until("20:00").run().tells(&[]);
    away(script, "12:00", "12:30").run().tells(&[]);
}

#[test]
fn stepping_out_and_coming_back_is_not_leaving_early() {
    let script = there(appointment(), "09:50", "10:20");
    let script = away(script, "10:20", "10:50");
    there(script, "10:50", "11:10").run().tells(&[]);
}

#[test]
fn fixes_that_come_hours_later_resolve_what_was_not_known() {
    let late = |north: f64| {
        let script = appointment().until("13:00");
        let (from, to) = (script.at("09:50"), script.at("11:10"));
        let received = script.at("13:00");
        script.travel_late(from, to, (north, 0.0), (north, 0.0), |_| received)
    };
    late(0.0)
        .run()
        .tells(&["presence_unknown opened", "presence_unknown cleared"]);
    let story = late(AWAY).run();
    story.tells(&[
        "presence_unknown opened",
        "presence_unknown cleared",
        "attendance_missed opened",
        "attendance_missed cleared",
    ]);
    assert_eq!(
        evidence(story.the(PresenceUnknown, Cleared))
            .note
            .as_deref(),
        Some("later fixes show that the wearer was elsewhere")
    );
    assert_eq!(evidence(story.the(AttendanceMissed, Opened)).away_s, 3600);
}

#[test]
fn an_authorised_absence_excuses_all_of_it_or_a_part() {
    let excused = absence(appointment(), "09:00", "12:00");
    away(excused, "09:50", "11:10")
        .until("20:00")
        .run()
        .tells(&[]);
    let script = absence(appointment(), "09:00", "10:30");
    let script = away(script, "09:50", "10:35");
    there(script, "10:35", "11:10").run().tells(&[]);
    let script = absence(appointment(), "10:30", "12:00");
    let script = there(script, "09:50", "10:25");
    away(script, "10:25", "11:10").run().tells(&[]);
}

#[test]
fn an_absence_authorised_while_they_are_away_takes_the_time_out() {
    let script = absence(away(appointment(), "09:50", "10:20"), "09:00", "10:30");
    let story = away(script, "10:21", "11:10").run();
    story.tells(&["attendance_missed opened", "attendance_missed cleared"]);
    let missed = story.the(AttendanceMissed, Opened);
    assert_eq!(missed.onset, story.at("10:30"));
    assert_eq!(evidence(missed).away_s, 1800);
}

#[test]
fn every_appointment_is_judged_on_its_own() {
    let script = appointments(&[("12:00", "13:00"), ("10:00", "11:00"), ("11:00", "12:00")]);
    let script = away(script, "09:50", "11:00");
    let story = there(script, "11:00", "12:40").until("20:00").run();
    story.tells(&["attendance_missed opened", "attendance_missed cleared"]);
    let story = appointments(&[("10:00", "11:00"), ("12:00", "13:00")])
        .until("20:00")
        .run();
    story.tells(&[
        "presence_unknown opened",
        "presence_unknown cleared",
        "presence_unknown opened",
    ]);
}

#[test]
fn appointments_of_the_past_are_not_given_up_when_they_become_known() {
    let script = Script::new().place("P-2", 0.0, 0.0, 50.0).until("14:00");
    let script = script.order(1, condition(&[("10:00", "11:00"), ("13:00", "13:30")]));
    script.until("20:00").run().tells(&[]);
}

#[test]
fn a_gap_in_our_own_intake_puts_off_not_knowing() {
    let script = appointment().until("11:20").change(json!({"intake_gap": {
        "from": time("2026-03-02", "09:00"), "to": time("2026-03-02", "12:00"),
    }}));
    let story = script.until("20:00").run();
    assert_eq!(
        story.the(PresenceUnknown, Opened).decided,
        story.at("12:30")
    );
}

#[test]
fn outside_the_orders_and_the_conditions_time_there_is_no_duty() {
    let mut condition = condition(&[("10:00", "11:00")]);
    condition[0]["to"] = json!(time("2026-03-02", "10:00"));
    let script = Script::new()
        .place("P-2", 0.0, 0.0, 50.0)
        .order(1, condition);
    away(script, "09:50", "11:10")
        .until("20:00")
        .run()
        .tells(&[]);
}

#[test]
fn without_its_place_an_appointment_is_not_watched_and_that_is_told() {
    let script = Script::new().order(1, condition(&[("10:00", "11:00"), ("15:00", "16:00")]));
    let script = script.until("12:00").place("P-2", 0.0, 0.0, 50.0);
    let story = away(script, "14:50", "16:10").run();
    story.tells(&[
        "geometry_missing opened",
        "geometry_missing cleared",
        "attendance_missed opened",
        "attendance_missed cleared",
    ]);
    assert_eq!(
        story.the(GeometryMissing, Cleared).decided,
        story.at("12:00")
    );
}

#[test]
fn a_variation_that_drops_the_condition_closes_what_is_open() {
    let story = appointment().until("12:00").order(2, json!([])).run();
    story.tells(&["presence_unknown opened", "presence_unknown cleared"]);
    let note = evidence(story.the(PresenceUnknown, Cleared))
        .note
        .as_deref();
    assert_eq!(note, Some("not in version 2 of the order"));
}

#[test]
fn being_at_one_place_says_nothing_of_another_that_a_variation_names() {
    let script = there(appointment(), "09:00", "09:59");
    let mut elsewhere = condition(&[("10:00", "11:00")]);
    elsewhere[0]["place"] = json!("P-3");
    let script = script.place("P-3", AWAY, 0.0, 50.0).order(2, elsewhere);
    // Where they were between 09:58 and 10:05 is not known to be the new place.
    let story = there(script, "10:05", "11:10").run();
    story.tells(&["presence_unknown opened", "presence_unknown cleared"]);
}

#[test]
fn the_fixes_shown_are_measured_from_the_edge_of_the_place() {
    let story = away(appointment(), "09:50", "11:10").run();
    let shown = &evidence(story.the(AttendanceMissed, Opened)).fixes;
    assert_eq!(shown.len(), 16);
    assert!((shown[0].distance_m - 850.0).abs() < 1.0, "{shown:?}");
    assert!((shown[0].lat - point(AWAY, 0.0).0).abs() < 1e-9);
}
