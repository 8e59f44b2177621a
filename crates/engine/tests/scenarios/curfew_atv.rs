//! Time out of curfew, added up: a budget of 120 minutes, warned of at 90.

use model::DecisionKind::{AtvExhausted, AtvWarning};
use model::Phase::{Cleared, Opened, Withdrawn};
use model::{AtvEvidence, Decision, Evidence};
use serde_json::json;

use crate::home::{AWAY, absence, nightly};
use crate::script::{Script, Story};

fn atv(decision: &Decision) -> &AtvEvidence {
    let Evidence::Atv(evidence) = &decision.evidence else {
        panic!("{:?}", decision.evidence);
    };
    evidence
}

/// Kind and phase of what was told about the budget.
fn told(story: &Story) -> Vec<String> {
    let told = story.told().into_iter();
    told.filter(|told| told.starts_with("atv_")).collect()
}

/// Out from `from` until `to`, as the home unit shows it.
fn out(script: Script, from: &str, to: &str) -> Script {
    script.hears(from, false).hears(to, true)
}

#[test]
fn the_warning_and_the_budget_are_told_by_timer_at_the_very_minute() {
    let script = out(Script::detained().hears("18:50", true), "19:30", "20:10");
    let story = script.hears("22:00", false).until("23:59").run();
    assert_eq!(told(&story), ["atv_warning opened", "atv_exhausted opened"]);
    let warning = story.the(AtvWarning, Opened);
    assert_eq!(
        (warning.onset, warning.decided),
        (story.at("22:50"), story.at("22:50"))
    );
    let exhausted = story.the(AtvExhausted, Opened);
    assert_eq!(
        (exhausted.onset, exhausted.decided),
        (story.at("23:20"), story.at("23:20"))
    );
    let evidence = atv(exhausted);
    assert_eq!(
        (evidence.budget_s, evidence.threshold_s, evidence.counted_s),
        (7200, 7200, 7200)
    );
    let listed: Vec<_> = evidence
        .absences
        .iter()
        .map(|absence| absence.counted_s)
        .collect();
    assert_eq!(listed, [40 * 60, 80 * 60]);
    assert_eq!(
        (atv(warning).threshold_s, atv(warning).counted_s),
        (5400, 5400)
    );
}

#[test]
fn minutes_119_are_within_the_budget_and_121_are_not() {
    let back = |at: &str| {
        let script = out(Script::detained().hears("18:50", true), "20:00", at);
        told(&script.until("23:59").run())
    };
    assert_eq!(back("21:59"), ["atv_warning opened"]);
    assert_eq!(
        back("22:01"),
        ["atv_warning opened", "atv_exhausted opened"]
    );
}

#[test]
fn a_total_reached_at_the_very_end_of_the_window_is_told_then() {
    let script = Script::detained().hears("2026-03-03T03:00:00Z", true);
    let script = script.hears("2026-03-03T05:00:00Z", false);
    let story = script.until("2026-03-03T07:00:00Z").run();
    let exhausted = story.the(AtvExhausted, Opened);
    let end = story.at("2026-03-03T07:00:00Z");
    assert_eq!((exhausted.onset, exhausted.decided), (end, end));
    assert_eq!(atv(exhausted).counted_s, 7200);
}

#[test]
fn short_absences_count_although_none_is_a_breach() {
    let mut script = Script::detained().hears("18:50", true);
    for hour in 19..=23 {
        for minute in [10, 30, 50] {
            let (from, to) = (format!("{hour}:{minute}"), format!("{hour}:{}", minute + 9));
            script = out(script, &from, &to);
        }
    }
    let story = script.run();
    // Nine minutes each: the tenth of them ends at 90 minutes, 22:19; the fourteenth holds the 120th.
    assert_eq!(story.told(), ["atv_warning opened", "atv_exhausted opened"]);
    assert_eq!(story.the(AtvWarning, Opened).onset, story.at("22:19"));
    assert_eq!(story.the(AtvExhausted, Opened).onset, story.at("23:33"));
}

#[test]
fn a_late_batch_tells_it_as_of_when_the_evidence_shows_it() {
    let script = Script::new()
        .place("P-1", 0.0, 0.0, 50.0)
        .hdc(1, &json!([nightly("C-2", "P-1", "19:00", "07:00")]));
    let (from, to, received) = (script.at("18:50"), script.at("22:00"), script.at("22:01"));
    let story = script
        .travel_late(from, to, (AWAY, 0.0), (AWAY, 0.0), |_| received)
        .run();
    let exhausted = story.the(AtvExhausted, Opened);
    assert_eq!(
        (exhausted.onset, exhausted.decided),
        (story.at("21:00"), story.at("22:01"))
    );
}

#[test]
fn a_total_that_later_readings_do_not_bear_out_is_withdrawn() {
    let script = Script::detained()
        .hears("18:50", true)
        .hears("20:00", false);
    let story = script
        .until("22:05")
        .hears_late("RF-1", "21:50", "22:05", true)
        .run();
    assert_eq!(
        told(&story),
        [
            "atv_warning opened",
            "atv_exhausted opened",
            "atv_exhausted withdrawn"
        ]
    );
    assert_eq!(atv(story.the(AtvExhausted, Withdrawn)).counted_s, 110 * 60);
}

#[test]
fn excused_afterwards_it_is_cleared_and_told_anew_when_the_total_is_reached_again() {
    let script = out(Script::detained().hears("18:50", true), "20:00", "22:10");
    let (from, to) = (script.at("20:00"), script.at("21:00"));
    let script = script.change(absence("A-1", from, to));
    let story = script
        .hears("23:00", false)
        .until("2026-03-03T00:30:00Z")
        .run();
    assert_eq!(
        told(&story),
        [
            "atv_warning opened",
            "atv_exhausted opened",
            "atv_warning cleared",
            "atv_exhausted cleared",
            "atv_warning opened",
            "atv_exhausted opened",
        ]
    );
    let cleared = atv(story.the(AtvExhausted, Cleared));
    assert_eq!((cleared.counted_s, cleared.excused_s), (70 * 60, 3600));
    let last = story.decisions.last().unwrap();
    assert_eq!(last.decided, story.at("23:50"));
    assert_eq!(atv(last).counted_s, 7200);
    let alerts: Vec<_> = story.all(AtvExhausted, Opened).map(|d| d.alert).collect();
    assert_ne!(alerts[0], alerts[1]);
}

#[test]
fn an_absence_authorised_before_does_not_count() {
    let script = Script::detained();
    let (from, to) = (script.at("20:00"), script.at("21:00"));
    let script = script.change(absence("A-1", from, to)).hears("18:50", true);
    let story = out(script, "20:00", "22:29").until("23:59").run();
    assert!(told(&story).is_empty(), "{:?}", story.brief());
}

#[test]
fn only_home_detention_curfew_has_a_budget_as_shipped() {
    let story = Script::curfew().stay("18:30", "23:00", AWAY, 0.0).run();
    assert!(told(&story).is_empty());
    let all = "[curfew]\natv_hdc_only = false\n";
    let script = Script::curfew().change(json!({"rules": {"toml": all}}));
    let story = script.stay("18:30", "23:00", AWAY, 0.0).run();
    assert_eq!(story.the(AtvExhausted, Opened).onset, story.at("21:00"));
}

#[test]
fn a_budget_of_days_begins_anew_at_local_midnight() {
    let rules = json!({"rules": {"toml": "[curfew]\natv_period_days = 1\n"}});
    let script = Script::detained().change(rules).hears("18:50", true);
    let script = out(script, "22:10", "2026-03-03T01:40:00Z");
    let story = script.until("2026-03-03T03:00:00Z").run();
    // 110 minutes before midnight and 100 after it: twice warned of, never used up.
    assert_eq!(
        told(&story),
        [
            "atv_warning opened",
            "atv_warning cleared",
            "atv_warning opened"
        ]
    );
    let again = story.all(AtvWarning, Opened).last().unwrap();
    assert_eq!(again.onset, story.at("2026-03-03T01:30:00Z"));
    assert_eq!(atv(again).period_start, story.at("2026-03-03T00:00:00Z"));
}

#[test]
fn a_larger_budget_ends_what_was_told_of_the_smaller() {
    let script = out(Script::detained().hears("18:50", true), "20:00", "22:10");
    let more = json!({"rules": {"toml": "[curfew]\natv_budget_min = 240\n"}});
    let story = script.change(more).run();
    assert_eq!(
        told(&story)[2..],
        ["atv_warning cleared", "atv_exhausted cleared"]
    );
}

#[test]
fn what_is_open_ends_with_the_condition() {
    let script = out(Script::detained().hears("18:50", true), "20:00", "22:10");
    let story = script.hdc(2, &json!([])).run();
    let cleared = atv(story.the(AtvExhausted, Cleared));
    assert_eq!(
        cleared.note.as_deref(),
        Some("not in version 2 of the order")
    );
}
