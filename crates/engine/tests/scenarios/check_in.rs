//! Check-ins: three prompts a day between 08:00 and 21:00, fifteen minutes to answer, within 50 m.

use engine::{Outcome, RulesPolicy};
use model::DecisionKind::{CheckInElsewhere, CheckInIdentity, CheckInMissed, PresenceUnknown};
use model::Phase::{Cleared, Opened};
use model::{DeviceCommand, Evidence, Timestamp};
use serde_json::{Value, json};

use crate::script::{Driven, Input, Script, Story, point, time};

const DAY: &str = "2026-03-02";

fn condition(place: Option<&str>) -> Value {
    json!([{"id": "C-6", "kind": "check_in", "prompts_per_day": 3, "between": ["08:00", "21:00"],
        "answer_within_s": 900, "place": place}])
}

fn carried(script: Script) -> Script {
    script.change(json!({"activation": {
        "device": "NF-1", "kind": "non_fitted", "wearer": "W-1", "from": "2026-01-01T00:00:00Z",
    }}))
}

pub(crate) fn prompted() -> Script {
    let script = carried(Script::new()).place("P-1", 0.0, 0.0, 50.0);
    script.order(1, condition(Some("P-1")))
}

/// What devices are told to do in the course of a script.
pub(crate) fn commands(script: &Script) -> Vec<DeviceCommand> {
    let mut driven = Driven::new(RulesPolicy::default());
    let mut commands = Vec::new();
    for input in &script.inputs {
        driven.feed(input);
        commands.extend(std::iter::from_fn(|| driven.engine.poll_command()));
    }
    commands
}

/// The prompts of the day.
fn prompts() -> Vec<DeviceCommand> {
    commands(&prompted().until("23:00"))
}

fn after(at: Timestamp, seconds: i64) -> Timestamp {
    at.plus(chrono::TimeDelta::seconds(seconds))
}

/// An answer observed so many seconds after the prompt, and received so many.
fn answer(
    script: Script,
    prompt: &DeviceCommand,
    (observed_s, received_s): (i64, i64),
    more: &Value,
) -> Script {
    let received = after(prompt.at, received_s);
    let mut reading = json!({
        "wearer": "W-1", "received_at": received, "device": "NF-1", "t": after(prompt.at, observed_s),
        "kind": "check-in", "prompt": prompt.prompt, "identity": "match",
    });
    let more = more.as_object().unwrap().clone();
    reading.as_object_mut().unwrap().extend(more);
    script.reading(reading, received)
}

fn located(north: f64, acc: f64) -> Value {
    let (lat, lon) = point(north, 0.0);
    json!({"lat": lat, "lon": lon, "acc": acc})
}

/// The day's first prompt answered so; time then runs until the answer would be given up.
fn first_answered(times: (i64, i64), more: &Value) -> Story {
    let prompt = &prompts()[0];
    let mut script = answer(prompted(), prompt, times, more);
    script.inputs.push(Input::Timeout(after(prompt.at, 1300)));
    script.run()
}

fn evidence(decision: &model::Decision) -> &model::CheckInEvidence {
    let Evidence::CheckIn(evidence) = &decision.evidence else {
        panic!("{:?}", decision.evidence);
    };
    evidence
}

#[test]
fn three_prompts_go_out_each_in_its_third_of_the_day() {
    let prompts = prompts();
    assert_eq!(prompts.len(), 3);
    let share = 13 * 3600 / 3;
    for (prompt, third) in prompts.iter().zip(0..) {
        let from = after(time(DAY, "08:00"), third * share);
        assert!(from <= prompt.at, "{prompt:?}");
        assert!(prompt.at < after(from, share * 3 / 4), "{prompt:?}");
        assert_eq!(prompt.answer_by, after(prompt.at, 900));
        assert_eq!(prompt.device.as_str(), "NF-1");
    }
}

#[test]
fn the_next_day_asks_at_other_times_under_other_names() {
    let both = commands(&prompted().until("2026-03-03T23:00:00Z"));
    let mut moments: Vec<i64> = both
        .iter()
        .map(|prompt| prompt.at.epoch_ms() % 86_400_000)
        .collect();
    moments.sort_unstable();
    moments.dedup();
    assert_eq!(moments.len(), 6);
    let mut names: Vec<&str> = both.iter().map(|prompt| prompt.prompt.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 6);
}

#[test]
fn an_answer_in_time_from_the_place_is_nothing() {
    let story = first_answered((60, 65), &located(20.0, 8.0));
    story.tells(&[]);
    assert_eq!(story.outcomes, [Outcome::Used]);
}

#[test]
fn a_prompt_that_nobody_answers_is_missed_by_timer() {
    let prompt = &prompts()[0];
    let mut script = prompted();
    script.inputs.push(Input::Timeout(after(prompt.at, 1300)));
    let story = script.run();
    story.tells(&["check_in_missed opened"]);
    let missed = story.the(CheckInMissed, Opened);
    assert_eq!(missed.onset, prompt.answer_by);
    assert_eq!(missed.decided, after(prompt.answer_by, 300));
    assert_eq!(evidence(missed).asked_at, prompt.at);
    assert_eq!(evidence(missed).observed_at, None);
}

#[test]
fn each_missed_prompt_is_an_alert_of_its_own_and_is_closed_a_day_later() {
    let story = prompted().until("23:00").run();
    let mut alerts: Vec<_> = story.all(CheckInMissed, Opened).map(|d| d.alert).collect();
    alerts.sort_unstable();
    alerts.dedup();
    assert_eq!(alerts.len(), 3);
    assert_eq!(story.all(CheckInMissed, Cleared).count(), 0);
    let last = prompts()[2].answer_by;
    let mut script = prompted();
    script.inputs.push(Input::Timeout(after(last, 86_400)));
    let story = script.run();
    let closed: Vec<_> = story.all(CheckInMissed, Cleared).collect();
    assert_eq!(closed.len(), 3);
    assert_eq!(closed[2].decided, after(last, 86_400));
    let note = evidence(closed[2]).note.as_deref();
    assert_eq!(note, Some("no answer has come"));
}

#[test]
fn an_answer_given_in_time_that_comes_hours_later_clears_the_miss() {
    let story = first_answered((800, 8000), &located(20.0, 8.0));
    story.tells(&["check_in_missed opened", "check_in_missed cleared"]);
    let note = evidence(story.the(CheckInMissed, Cleared)).note.as_deref();
    assert_eq!(note, Some("answered in time; the answer came in late"));
}

#[test]
fn an_answer_given_too_late_is_a_miss_that_says_so() {
    let note = Some("answered 100 s too late");
    let story = first_answered((1000, 1005), &located(20.0, 8.0));
    story.tells(&["check_in_missed opened", "check_in_missed cleared"]);
    let missed = story.the(CheckInMissed, Opened);
    assert_eq!(evidence(missed).note.as_deref(), note);
    let story = first_answered((1000, 4000), &located(20.0, 8.0));
    story.tells(&["check_in_missed opened", "check_in_missed cleared"]);
    let cleared = story.the(CheckInMissed, Cleared);
    assert_eq!(evidence(cleared).note.as_deref(), note);
}

#[test]
fn an_answer_that_came_in_time_was_given_in_time_whatever_the_devices_clock_says() {
    first_answered((-7200, 60), &located(20.0, 8.0)).tells(&[]);
    let story = first_answered((7200, 60), &located(20.0, 8.0));
    story.tells(&["clock_skew opened"]);
    // A slow clock does not make a late answer one in time.
    let story = first_answered((-7200, 1000), &located(20.0, 8.0));
    story.tells(&["check_in_missed opened", "check_in_missed cleared"]);
}

#[test]
fn somebody_else_answering_is_told_and_says_nothing_of_where_the_wearer_is() {
    let mut more = located(5000.0, 8.0);
    more["identity"] = json!("no_match");
    let story = first_answered((60, 65), &more);
    story.tells(&["check_in_identity opened", "check_in_identity cleared"]);
    let fact = story.the(CheckInIdentity, Opened);
    assert_eq!(fact.onset, after(prompts()[0].at, 60));
    assert_eq!(evidence(fact).identity, Some(model::IdentityMatch::NoMatch));
}

#[test]
fn answering_from_elsewhere_is_told_with_how_far_and_how_sure() {
    let story = first_answered((60, 65), &located(900.0, 40.0));
    story.tells(&["check_in_elsewhere opened", "check_in_elsewhere cleared"]);
    let shown = evidence(story.the(CheckInElsewhere, Opened));
    assert!((shown.distance_m.unwrap() - 850.0).abs() < 1.0, "{shown:?}");
    assert_eq!(shown.allowance_m, Some(40.0));
}

#[test]
fn the_claimed_accuracy_counts_for_the_wearer() {
    first_answered((60, 65), &located(89.0, 40.0)).tells(&[]);
    let story = first_answered((60, 65), &located(91.0, 40.0));
    story.tells(&["check_in_elsewhere opened", "check_in_elsewhere cleared"]);
    // No receiver is taken to be better than 15 m.
    first_answered((60, 65), &located(64.0, 2.0)).tells(&[]);
}

#[test]
fn a_position_that_shows_nothing_is_not_known_rather_than_elsewhere() {
    let nowhere = json!({"lat": 0.0, "lon": 0.0, "acc": 5.0});
    for more in [
        json!({}),
        located(0.0, 1000.0),
        located(9000.0, 1000.0),
        nowhere,
    ] {
        let story = first_answered((60, 65), &more);
        story.tells(&["presence_unknown opened", "presence_unknown cleared"]);
        assert!(evidence(story.the(PresenceUnknown, Opened)).note.is_some());
    }
}

#[test]
fn where_no_place_is_demanded_none_is_judged() {
    let prompt = &commands(
        &carried(Script::new())
            .order(1, condition(None))
            .until("23:00"),
    )[0];
    let script = carried(Script::new()).order(1, condition(None));
    let script = answer(script, prompt, (60, 60), &located(9000.0, 5.0));
    script.run().tells(&[]);
}

#[test]
fn a_second_answer_is_a_duplicate_and_an_unknown_prompt_is_not_judged() {
    let prompt = &prompts()[0];
    let script = answer(prompted(), prompt, (60, 60), &located(0.0, 5.0));
    let script = answer(script, prompt, (70, 70), &json!({"identity": "no_match"}));
    let script = answer(script, prompt, (80, 80), &json!({"prompt": "another"}));
    let story = script.run();
    story.tells(&[]);
    assert_eq!(
        story.outcomes,
        [Outcome::Used, Outcome::Duplicate, Outcome::NotJudged]
    );
}

#[test]
fn authorised_absences_send_no_prompts_and_excuse_those_sent() {
    let absence = |script: Script, from: &str, to: &str| {
        let (from, to) = (script.at(from), script.at(to));
        script.change(json!({"absence": {
            "id": "A-1", "condition": "C-6", "from": from, "to": to, "reason": "night shift", "authorised_by": "PO",
        }}))
    };
    let script = absence(prompted(), "00:00", "23:59").until("23:00");
    assert_eq!(commands(&script), []);
    script.run().tells(&[]);
    let first = prompts()[0].at;
    let mut script = prompted();
    script.inputs.push(Input::Timeout(after(first, 1300)));
    let story = absence(script, "08:00", "13:00").run();
    story.tells(&["check_in_missed opened", "check_in_missed cleared"]);
    let note = evidence(story.the(CheckInMissed, Cleared)).note.as_deref();
    assert_eq!(
        note,
        Some("as varied or excused, the check-in was not demanded")
    );
}

#[test]
fn without_a_device_to_ask_nobody_misses_anything_and_that_is_told() {
    let script = Script::new().order(1, condition(None));
    let script = carried(script.until("14:00")).until("22:00");
    let told = script.run().told();
    assert_eq!(told[..2], ["not_monitored opened", "not_monitored cleared"]);
    assert!(!commands(&script).is_empty());
}

#[test]
fn what_fell_due_while_we_were_down_was_not_asked_and_is_not_missed() {
    let [first, second, _] = &prompts()[..] else {
        panic!("not three prompts");
    };
    let resumed = after(second.at, 60);
    let gap = |mut script: Script| {
        script.inputs.push(Input::Timeout(after(first.at, 10)));
        let change = json!({"intake_gap": {"from": after(first.at, 10), "to": resumed}});
        let change = serde_json::from_value(change).unwrap();
        script.inputs.push(Input::Policy(Box::new(change), resumed));
        script.inputs.push(Input::Timeout(after(resumed, 299)));
        script
    };
    let script = gap(prompted());
    assert_eq!(commands(&script), std::slice::from_ref(first));
    script.run().tells(&[]);
    let mut script = script;
    script.inputs.push(Input::Timeout(after(resumed, 300)));
    script.run().tells(&["check_in_missed opened"]);
}

/// Twelve prompts in the small hours of the day after `eve`.
fn on_the_night(eve: &'static str, between: [&str; 2]) -> Vec<DeviceCommand> {
    let (from, to) = (time(eve, "20:00"), after(time(eve, "20:00"), 16 * 3600));
    let condition = json!([{"id": "C-6", "kind": "check_in", "prompts_per_day": 12, "between": between,
        "answer_within_s": 60, "from": from, "to": to}]);
    let mut script = carried(Script::on(eve)).order(1, condition);
    script.inputs.push(Input::Timeout(to));
    commands(&script)
}

#[test]
fn on_the_night_the_clocks_go_forward_prompts_stay_within_the_local_hours() {
    // 00:30 to 03:00 is an hour and a half: 01:00 to 02:00 does not exist.
    let prompts = on_the_night("2026-03-28", ["00:30", "03:00"]);
    assert_eq!(prompts.len(), 12);
    for prompt in &prompts {
        let (from, to) = ("2026-03-29T00:30:00Z", "2026-03-29T02:00:00Z");
        assert!(
            time("", from) <= prompt.at && prompt.at < time("", to),
            "{prompt:?}"
        );
    }
    assert_eq!(on_the_night("2026-03-28", ["01:10", "01:50"]), []);
}

#[test]
fn on_the_night_the_clocks_go_back_prompts_stay_within_the_local_hours() {
    // Local time from, to; instants from, to. 01:00 to 02:00 comes twice, from 00:00Z and 01:00Z.
    for (between, from, to) in [
        (
            ["00:30", "03:00"],
            "2026-10-24T23:30:00Z",
            "2026-10-25T03:00:00Z",
        ),
        (
            ["00:30", "01:30"],
            "2026-10-24T23:30:00Z",
            "2026-10-25T00:30:00Z",
        ),
        (
            ["01:30", "03:00"],
            "2026-10-25T01:30:00Z",
            "2026-10-25T03:00:00Z",
        ),
        (
            ["01:10", "01:50"],
            "2026-10-25T01:10:00Z",
            "2026-10-25T01:50:00Z",
        ),
    ] {
        let prompts = on_the_night("2026-10-24", between);
        assert_eq!(prompts.len(), 12, "{between:?}");
        for prompt in &prompts {
            assert!(
                time("", from) <= prompt.at && prompt.at < time("", to),
                "{between:?} {prompt:?}"
            );
        }
    }
}
