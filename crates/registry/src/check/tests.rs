#![expect(
    clippy::needless_pass_by_value,
    reason = "parts of documents are written where they are used"
)]

use std::collections::BTreeSet;
use std::path::Path;

use model::registry::WeeklyWindow;
use model::{PolicyChange, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::week;
use crate::document::{Document, read_text};
use crate::meter::Meter;
use crate::problem::Problems;

fn now() -> Timestamp {
    Timestamp::parse("2026-04-01T12:00:00Z").unwrap()
}

fn read(document: &Value) -> Document {
    let text = serde_json::to_string_pretty(document).unwrap();
    read_text(Path::new("here.json"), text, &Meter::default())
        .sound()
        .unwrap()
}

/// What is told of a document, seen together with another one that is registered: without its line and
/// column, which the reading's own tests are about.
fn told_after(known: &Value, document: &Value) -> Vec<String> {
    let known = read(known).into_changes();
    let document = read(document);
    let nothing = BTreeSet::new();
    let found = super::check(
        &known,
        document.changes(),
        &nothing,
        now(),
        &Meter::default(),
    );
    let problems: Problems = found
        .into_iter()
        .map(|problem| document.placed(problem))
        .collect();
    problems
        .iter()
        .map(|problem| {
            assert!(problem.at.is_some(), "{problem:?}");
            problem
                .to_string()
                .splitn(4, ':')
                .nth(3)
                .unwrap()
                .trim()
                .to_owned()
        })
        .collect()
}

#[track_caller]
fn check(document: &Value, expect: &[&str]) {
    assert_eq!(told_after(&json!({}), document), expect, "{document:#}");
}

/// A wearer at home with a GPS tag, a zone 2 km away, and whatever else is to be.
fn with(order: Value, more: Value) -> Value {
    let mut document = json!({
        "wearers": [{"id": "W-1"}],
        "places": [{"id": "P-1", "lat": 52.8, "lon": -2.1, "radius_m": 50}],
        "zones": {"type": "FeatureCollection", "features": [circle("Z-1", 52.82, 200.0)]},
        "activations": [worn("GPS-1", "gps", "W-1", "2026-01-01T00:00:00Z", None)],
        "orders": [],
    });
    if !order.is_null() {
        document["orders"] = json!([order]);
    }
    for (name, value) in more.as_object().unwrap() {
        document[name] = value.clone();
    }
    document
}

fn circle(id: &str, lat: f64, radius_m: f64) -> Value {
    json!({"type": "Feature", "id": id, "properties": {"radius_m": radius_m},
        "geometry": {"type": "Point", "coordinates": [-2.1, lat]}})
}

fn worn(device: &str, kind: &str, wearer: &str, from: &str, to: Option<&str>) -> Value {
    json!({"device": device, "kind": kind, "wearer": wearer, "from": from, "to": to})
}

/// An order from March to June of 2026.
fn order(kind: &str, conditions: Value) -> Value {
    json!({"id": "O-1", "wearer": "W-1", "type": kind, "from": "2026-03-01T00:00:00Z",
        "to": "2026-06-01T00:00:00Z", "conditions": conditions})
}

fn window(days: &[&str], start: &str, end: &str) -> Value {
    json!({"days": days, "start": start, "end": end})
}

fn curfew(windows: Value) -> Value {
    json!({"id": "C-1", "kind": "curfew", "place": "P-1", "windows": windows})
}

fn nights() -> Value {
    curfew(json!([window(&ALL, "19:00", "07:00")]))
}

const ALL: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// An order of these conditions alone, and what is told of it.
#[track_caller]
fn check_order(kind: &str, conditions: Value, expect: &[&str]) {
    check(&with(order(kind, conditions), json!({})), expect);
}

#[test]
fn an_order_in_which_all_is_well_has_no_problem() {
    check_order(
        "POST_RELEASE",
        json!([nights(), {"id": "C-2", "kind": "exclusion_zone", "zones": ["Z-1"]}, {"id": "C-3", "kind": "trail"}]),
        &[],
    );
}

#[test]
fn what_points_at_nothing_is_an_error() {
    let mut wrong = order(
        "BAIL",
        json!([
            {"id": "C-1", "kind": "curfew", "place": "P-9", "windows": [window(&ALL, "19:00", "07:00")]},
            {"id": "C-2", "kind": "exclusion_zone", "zones": ["Z-1", "Z-9", "set:schools"]},
        ]),
    );
    wrong["wearer"] = json!("W-9");
    let activations = json!({"activations": [
        worn("GPS-9", "gps", "W-9", "2026-01-01T00:00:00Z", None),
        {"device": "RF-9", "kind": "rf", "wearer": "W-1", "from": 0, "hmu_place": "P-8"},
    ], "absences": [absence("C-9", "2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z")]});
    let mut told = told_after(&json!({}), &with(wrong, activations));
    told.sort();
    assert_eq!(
        told,
        [
            "absences[0].condition: condition C-9 is not defined",
            "activations[0].wearer: wearer W-9 is not defined",
            "activations[1].hmu_place: place P-8 is not defined",
            "orders[0].conditions[0].place: place P-9 is not defined",
            "orders[0].conditions[1].zones[1]: zone Z-9 is not defined",
            "orders[0].conditions[1].zones[2]: zone set:schools is not defined",
            "orders[0].wearer: wearer W-9 is not defined",
        ]
    );
}

fn absence(condition: &str, from: &str, to: &str) -> Value {
    json!({"id": "A-1", "condition": condition, "from": from, "to": to, "reason": "hospital",
        "authorised_by": "R. Officer"})
}

#[test]
fn what_is_known_to_be_missing_is_not_told_of() {
    let text = with(
        order(
            "BAIL",
            json!([{"id": "C-1", "kind": "exclusion_zone", "zones": ["Z-9"]}]),
        ),
        json!({}),
    );
    let changes = read(&text).into_changes();
    let missing = BTreeSet::from(["zone/Z-9".to_owned().try_into().unwrap()]);
    let nothing: [PolicyChange; 0] = [];
    assert_eq!(
        super::check(&nothing, &changes, &missing, now(), &Meter::default()),
        []
    );
}

#[test]
fn a_time_that_ends_before_it_begins_is_an_error() {
    let mut wrong = order(
        "BAIL",
        json!([
            {"id": "C-1", "kind": "trail", "from": "2026-04-02T00:00:00Z", "to": "2026-04-01T00:00:00Z"},
            {"id": "C-2", "kind": "attendance", "place": "P-1", "appointments": [
                {"start": "2026-03-04T10:00:00Z", "end": "2026-03-04T09:00:00Z"}]},
        ]),
    );
    wrong["suspensions"] = json!([{"from": "2026-04-01T00:00:00Z", "to": "2026-03-30T00:00:00Z"}]);
    let more = json!({
        "activations": [worn("GPS-1", "gps", "W-1", "2026-01-01T00:00:00Z", None),
            worn("GPS-2", "gps", "W-1", "2026-02-02T00:00:00Z", Some("2026-02-01T00:00:00Z"))],
        "absences": [absence("C-1", "2026-03-03T00:00:00Z", "2026-03-02T00:00:00Z")],
    });
    check(
        &with(wrong, more),
        &[
            "absences[0].to: `to` is not after `from` (found \"2026-03-02T00:00:00Z\")",
            "activations[1].to: `to` is not after `from` (found \"2026-02-01T00:00:00Z\")",
            "orders[0].conditions[0].to: `to` is not after `from` (found \"2026-04-01T00:00:00Z\")",
            "orders[0].conditions[1].appointments[0].end: `end` is not after `start` (found \"2026-03-04T09:00:00Z\")",
            "orders[0].suspensions[0].to: `to` is not after `from` (found \"2026-03-30T00:00:00Z\")",
        ],
    );
    let mut wrong = order("BAIL", json!([]));
    wrong["to"] = json!("2026-02-01T00:00:00Z");
    check(
        &with(wrong, json!({})),
        &["orders[0].to: `to` is not after `from` (found \"2026-02-01T00:00:00Z\")"],
    );
}

#[test]
fn windows_that_overlap_are_told_of_across_midnight_and_the_weeks_end() {
    let table = [
        (
            json!([
                window(&["Mon"], "19:00", "07:00"),
                window(&["Tue"], "06:00", "09:00")
            ]),
            "windows[1]: overlaps windows[0], from Tue 06:00 on",
        ),
        (
            json!([
                window(&["Mon"], "00:00", "06:00"),
                window(&["Sun"], "22:00", "02:00")
            ]),
            "windows[1]: overlaps windows[0], from Mon 00:00 on",
        ),
        (
            json!([
                window(&["Wed"], "08:00", "20:00"),
                window(&["Wed"], "10:00", "11:00")
            ]),
            "windows[1]: overlaps windows[0], from Wed 10:00 on",
        ),
    ];
    for (windows, expect) in table {
        let expect = format!("warning: orders[0].conditions[0].{expect}");
        check_order("BAIL", json!([curfew(windows)]), &[&expect]);
    }
    let apart = json!([
        window(&["Sun"], "19:00", "24:00"),
        window(&["Mon"], "00:00", "07:00")
    ]);
    check_order("BAIL", json!([curfew(apart)]), &[]);
}

#[test]
fn windows_that_never_open_are_told_of() {
    let never = |windows: Value| json!([curfew(windows)]);
    check_order(
        "BAIL",
        never(json!([])),
        &["orders[0].conditions[0].windows: has no windows, so that it is never in force"],
    );
    check_order(
        "BAIL",
        never(json!([window(&[], "19:00", "07:00")])),
        &["orders[0].conditions[0].windows[0].days: names no day, so that it never opens"],
    );
    check_order(
        "BAIL",
        never(json!([window(&["Mon"], "19:00", "19:00")])),
        &[
            "warning: orders[0].conditions[0].windows[0].end: starts and ends at 19:00: it lasts 24 hours; \
           write 00:00 to 24:00 where a whole day is meant",
        ],
    );
    // 6 and 7 April 2026 are a Monday and a Tuesday; Sunday's window lasts into Monday.
    let mut short = curfew(json!([
        window(&["Sun"], "19:00", "07:00"),
        window(&["Wed"], "19:00", "07:00")
    ]));
    short["from"] = json!("2026-04-05T23:00:00Z");
    short["to"] = json!("2026-04-07T23:00:00Z");
    check_order(
        "BAIL",
        json!([short]),
        &[
            "warning: orders[0].conditions[0].windows[1]: is never open while the condition is in force",
        ],
    );
}

#[test]
fn a_condition_that_demands_nothing_is_an_error() {
    check_order(
        "BAIL",
        json!([{"id": "C-1", "kind": "inclusion_zone", "zones": []}]),
        &["orders[0].conditions[0].zones: names no zone, so that there is nothing to watch"],
    );
    let activations =
        json!({"activations": [worn("NF-1", "non_fitted", "W-1", "2026-01-01T00:00:00Z", None)]});
    let idle = json!([{"id": "C-1", "kind": "check_in", "prompts_per_day": 0, "between": ["08:00", "21:00"],
        "answer_within_s": 0}]);
    check(
        &with(order("BAIL", idle), activations),
        &[
            "orders[0].conditions[0].answer_within_s: is 0, so that nothing is demanded",
            "orders[0].conditions[0].prompts_per_day: is 0, so that nothing is demanded",
        ],
    );
}

#[test]
fn what_lies_outside_the_orders_time_is_told_of() {
    let mut early = json!({"id": "C-1", "kind": "trail", "from": "2026-02-01T00:00:00Z", "to": "2026-07-01T00:00:00Z"});
    check_order(
        "BAIL",
        json!([early]),
        &[
            "warning: orders[0].conditions[0].from: is before the order's own start, 2026-03-01T00:00:00Z, when it \
           begins (found \"2026-02-01T00:00:00Z\")",
        ],
    );
    early["to"] = json!("2026-02-02T00:00:00Z");
    check_order(
        "BAIL",
        json!([early]),
        &[
            "warning: orders[0].conditions[0]: is outside the order's time, so that it is never in force",
        ],
    );
    check_order(
        "BAIL",
        json!([{"id": "C-1", "kind": "attendance", "place": "P-1", "appointments": [
            {"start": "2026-07-04T10:00:00Z", "end": "2026-07-04T11:00:00Z"}]}]),
        &[
            "warning: orders[0].conditions[0].appointments[0]: is outside the condition's time, so that nobody is \
           expected",
        ],
    );
    let more =
        json!({"absences": [absence("C-1", "2026-07-03T00:00:00Z", "2026-07-04T00:00:00Z")]});
    check(
        &with(order("BAIL", json!([nights()])), more),
        &[
            "warning: absences[0].from: is outside the time of every order with condition C-1, so that it lifts \
           nothing (found \"2026-07-03T00:00:00Z\")",
        ],
    );
}

#[test]
fn a_day_of_release_that_cannot_be_as_written_is_told_of() {
    let release = |date: &str, start: &str| {
        let mut curfew = nights();
        curfew["release_day"] = json!({"date": date, "start": start, "end": "07:00"});
        json!([curfew])
    };
    check_order("POST_RELEASE", release("2026-03-29", "17:00"), &[]);
    check_order(
        "POST_RELEASE",
        release("2026-03-29", "01:30"),
        &[
            "warning: orders[0].conditions[0].release_day.start: 01:30 does not exist on 2026-03-29 in Europe/London: \
           the clocks go forward over it, and the first minute after it is taken",
        ],
    );
    check_order(
        "POST_RELEASE",
        release("2026-02-01", "17:00"),
        &[
            "warning: orders[0].conditions[0].release_day.date: 2026-02-01 is outside the condition's time",
        ],
    );
}

#[test]
fn more_than_a_community_order_may_demand_is_a_warning() {
    let days = json!([curfew(json!([window(&ALL, "15:00", "07:01")]))]);
    check_order(
        "COMMUNITY",
        days.clone(),
        &[
            "warning: orders[0].conditions[0].windows: curfews of 112 h 7 min a week, more than the 112 h of a \
           community order",
        ],
    );
    check_order("POST_RELEASE", days, &[]);
    let all_day = json!([window(&["Sat"], "00:00", "20:30")]);
    check_order(
        "COMMUNITY",
        json!([curfew(all_day)]),
        &[
            "warning: orders[0].conditions[0].windows: curfews of 20 h 30 min a day, more than the 20 h of a \
           community order",
        ],
    );
    check_order(
        "COMMUNITY",
        json!([curfew(json!([window(&ALL, "15:00", "07:00")]))]),
        &[],
    );
    let mut long = order("COMMUNITY", json!([nights()]));
    long["to"] = json!("2028-03-02T00:00:00Z");
    check(
        &with(long, json!({})),
        &[
            "warning: orders[0].conditions[0]: is a curfew of more than two years, the most of a community order",
        ],
    );
}

#[test]
fn a_curfew_inside_an_exclusion_zone_of_the_same_time_is_an_error() {
    let zones = |lat: f64| json!({"zones": {"type": "FeatureCollection", "features": [circle("Z-1", lat, 200.0)]}});
    let exclusion = |schedule: Value| json!({"id": "C-2", "kind": "exclusion_zone", "zones": ["Z-1"], "schedule": schedule});
    let both = |schedule| order("BAIL", json!([nights(), exclusion(schedule)]));
    check(
        &with(both(json!([])), zones(52.8)),
        &[
            "orders[0].conditions[0].place: the curfew's place P-1 is 200 m inside zone Z-1, which condition C-2 \
           excludes the wearer from at the same time",
        ],
    );
    check(
        &with(both(json!([])), zones(52.8025)),
        &[
            "warning: orders[0].conditions[0].place: the curfew's place P-1 is 78 m from zone Z-1, which condition C-2 \
           excludes the wearer from at the same time: too near to be told apart",
        ],
    );
    check(
        &with(both(json!([window(&ALL, "09:00", "17:00")])), zones(52.8)),
        &[],
    );
    let night = json!([window(&["Sun"], "23:00", "01:00")]);
    assert_eq!(
        told_after(&json!({}), &with(both(night), zones(52.8))).len(),
        1
    );
}

#[test]
fn a_zone_that_comes_over_a_curfew_known_already_is_told_of() {
    let exclusion = json!({"id": "C-2", "kind": "exclusion_zone", "zones": ["Z-1"]});
    let known = with(order("BAIL", json!([nights(), exclusion])), json!({}));
    let zone =
        json!({"zones": {"type": "FeatureCollection", "features": [circle("Z-1", 52.8, 300.0)]}});
    assert_eq!(
        told_after(&known, &zone),
        [
            "zones.features[0]: the curfew's place P-1 is 300 m inside zone Z-1, which condition C-2 excludes the \
          wearer from at the same time"
        ]
    );
    assert_eq!(told_after(&known, &json!({})), Vec::<String>::new());
}

#[test]
fn places_and_zones_that_lie_elsewhere_are_told_of() {
    let places = json!({"places": [
        {"id": "P-1", "lat": -2.1, "lon": 52.8, "radius_m": 50},
        {"id": "P-2", "lat": 48.85, "lon": 2.35, "radius_m": 50},
        {"id": "P-3", "lat": 52.8, "lon": -2.1, "radius_m": 0},
    ], "zones": {"type": "FeatureCollection", "features": [circle("Z-1", 48.0, 200.0)]}});
    check(
        &with(Value::Null, places),
        &[
            "places[0].lat: latitude -2.1, longitude 52.8: suspected to be swapped, the other way round it lies in the \
             United Kingdom; write \"lat\": 52.8, \"lon\": -2.1",
            "warning: places[1].lat: latitude 48.85, longitude 2.35 is outside the United Kingdom",
            "places[2].radius_m: is no positive number of metres (found 0)",
            "warning: zones.features[0].geometry: zone Z-1: latitude 48, longitude -2.1 is outside the United Kingdom",
        ],
    );
}

#[test]
fn a_device_on_two_people_at_once_is_an_error() {
    let first = worn("GPS-1", "gps", "W-1", "2026-01-01T00:00:00Z", None);
    let second = worn("GPS-1", "gps", "W-2", "2026-02-01T00:00:00Z", None);
    let wearers = json!([{"id": "W-1"}, {"id": "W-2"}]);
    let both = json!({"wearers": wearers, "activations": [first, second]});
    let expect = "from: device GPS-1 is active for wearer W-1 at the same time: from 2026-01-01T00:00:00Z without \
                  an end (found \"2026-02-01T00:00:00Z\"); end the one before the other begins";
    check(&both, &[&format!("activations[1].{expect}")]);
    let known = json!({"wearers": wearers, "activations": [first]});
    let new = json!({"activations": [second]});
    assert_eq!(
        told_after(&known, &new),
        [format!("activations[0].{expect}")]
    );
    let closed = worn(
        "GPS-1",
        "gps",
        "W-1",
        "2026-01-01T00:00:00Z",
        Some("2026-02-01T00:00:00Z"),
    );
    let handed_on = json!({"activations": [second, closed]});
    assert_eq!(told_after(&known, &handed_on), Vec::<String>::new());
}

#[test]
fn an_order_in_force_that_nothing_watches_is_told_of() {
    let conditions = json!([nights(), {"id": "C-2", "kind": "alcohol_abstinence"},
        {"id": "C-3", "kind": "exclusion_zone", "zones": ["Z-1"]}]);
    check(
        &with(
            order("BAIL", conditions.clone()),
            json!({"activations": []}),
        ),
        &[
            "warning: orders[0]: is in force, and no device is activated for wearer W-1: `not_monitored` will be raised",
        ],
    );
    let rf = json!({"activations": [worn("RF-1", "rf", "W-1", "2026-01-01T00:00:00Z", None)]});
    let mut future = order("BAIL", conditions.clone());
    check(
        &with(order("BAIL", conditions), rf),
        &[
            "warning: orders[0].conditions[1]: needs an alcohol tag, and wearer W-1 has none activated: nothing will \
             watch it",
            "warning: orders[0].conditions[2]: needs a GPS tag, and wearer W-1 has none activated: nothing will watch \
             it",
        ],
    );
    future["from"] = json!("2026-05-01T00:00:00Z");
    check(&with(future, json!({"activations": []})), &[]);
}

#[test]
fn a_condition_has_one_order_and_one_place_in_it() {
    let trail = json!({"id": "C-1", "kind": "trail"});
    check_order(
        "BAIL",
        json!([trail, trail]),
        &[
            "orders[0].conditions[1].id: condition C-1 is here twice: conditions[0] has the id already",
        ],
    );
    let known = with(order("BAIL", json!([trail])), json!({}));
    let mut other = order("BAIL", json!([trail]));
    other["id"] = json!("O-2");
    assert_eq!(
        told_after(&known, &json!({"orders": [other]})),
        ["orders[0].conditions[0].id: condition C-1 is one of order O-1"]
    );
    let mut varied = order("BAIL", json!([trail]));
    varied["version"] = json!(2);
    assert_eq!(
        told_after(&known, &json!({"orders": [varied]})),
        Vec::<String>::new()
    );
}

#[test]
fn what_cannot_be_of_a_person_is_an_error() {
    let wearers = json!({"wearers": [
        {"id": "W-1", "mappa": {"category": 5, "level": 4}},
        {"id": "(partition-3)"},
        {"id": "W-2", "date_of_birth": "2030-01-31"},
        {"id": "W-3", "date_of_birth": "1190-01-31"},
        {"id": "W-4", "date_of_birth": "1990-01-31", "mappa": {"category": 4, "level": 3}},
    ]});
    check(
        &wearers,
        &[
            "wearers[0].mappa.category: MAPPA has categories 1 to 4, not 5",
            "wearers[0].mappa.level: MAPPA has levels 1 to 3, not 4",
            "wearers[1].id: (partition-3) is an id of the installation's own",
            "wearers[2].date_of_birth: is in the future (found \"2030-01-31\")",
            "wearers[3].date_of_birth: is before 1900 (found \"1190-01-31\")",
        ],
    );
}

#[test]
fn the_last_day_that_can_be_written_is_a_day_of_release_like_any_other() {
    let mut curfew = nights();
    curfew["release_day"] = json!({"date": "+262142-12-31", "start": "17:00", "end": "24:00"});
    let mut endless = order("POST_RELEASE", json!([curfew]));
    endless["to"] = Value::Null;
    check(&with(endless, json!({})), &[]);
}

#[test]
fn files_that_contradict_each_other_are_told_of() {
    let document = |name: &str, person: &str| {
        let text = json!({"wearers": [{"id": "W-1", "name": person}]}).to_string();
        read_text(Path::new(name), text, &Meter::default())
    };
    let mut both = document("a.json", "A");
    both.join(document("b.json", "A"));
    both.join(document("c.json", "C"));
    let told: Vec<String> = both.problems().iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "b.json:1:13: warning: wearers[0]: wearer/W-1 is here twice: wearers[0] on line 1 of a.json says the same",
            "c.json:1:13: wearers[0]: wearer/W-1 is here twice: wearers[0] on line 1 of a.json says something else",
        ]
    );
    assert_eq!(both.changes().len(), 1);
}

#[test]
fn what_cannot_be_read_and_what_does_not_fit_together_are_told_in_one_go() {
    let text = r#"{"wearers": [{"id": "W-1", "nmae": "A"}],
"activations": [{"device": "GPS-1", "kind": "gsp", "wearer": "W-1", "from": "2026-01-01T00:00:00Z"}],
"places": [{"id": "P-1", "lat": "north", "lon": -2, "radius_m": 50}],
"absences": [{"id": "A-1", "condition": "C-1", "from": "2026-03-02T00:00:00Z", "to": "2026-03-01T00:00:00Z", "reason": "r", "authorised_by": "a"},
{"id": "A-2", "condition": "C-1", "from": "2026-03-01T00:00:00Z", "to": "2026-03-02T00:00:00Z", "reason": "r", "authorised_by": "a"}],
"orders": [{"id": "O-1", "wearer": "W-1", "type": "COMMUNITY", "from": "2026-01-01T00:00:00Z", "conditions": [
{"id": "C-1", "kind": "curfew", "place": "P-1", "windows": [{"days": ["Mun"], "start": "9", "end": "10:00"}]},
{"id": "C-2", "kind": "curfew", "place": "P-2", "windows": [{"days": ["Mon"], "start": "09:00", "end": "10:00"}]}]}]}"#;
    let document = read_text(Path::new("a.json"), text.to_owned(), &Meter::default());
    let found = document.check(&[], &BTreeSet::new(), now());
    let told: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "a.json:1:28: wearers[0].nmae: unknown field `nmae`; did you mean `name`?",
            "a.json:2:45: activations[0].kind: unknown word `gsp`; did you mean `gps`?",
            "a.json:3:33: places[0].lat: should be a number (found \"north\")",
            "a.json:4:86: absences[0].to: `to` is not after `from` (found \"2026-03-01T00:00:00Z\")",
            "a.json:7:71: orders[0].conditions[0].windows[0].days[0]: unknown word `Mun`; did you mean `Mon`?",
            "a.json:7:88: orders[0].conditions[0].windows[0].start: \"9\" is not a time of day from 00:00 to 24:00",
            "a.json:8:42: orders[0].conditions[1].place: place P-2 is not defined",
        ]
    );
}

fn any_order() -> impl Strategy<Value = Value> {
    let time = || {
        prop::sample::select(vec![
            "1970-01-01T00:00:00Z",
            "2026-03-29T00:30:00Z",
            "2026-10-25T01:30:00+01:00",
            "9999-12-31T23:59:59Z",
        ])
    };
    let hour = || prop::sample::select(vec!["00:00", "01:30", "12:00", "23:59", "24:00"]);
    let days = prop::collection::vec(prop::sample::select(ALL.to_vec()), 0..9);
    let window = (days, hour(), hour()).prop_map(|(days, start, end)| window(&days, start, end));
    let date = prop::sample::select(vec!["-262143-01-01", "2026-03-29", "+262142-12-31"]);
    let zone = prop::sample::select(vec!["Europe/London", "Pacific/Apia", "Asia/Kathmandu"]);
    (
        prop::collection::vec(window, 0..6),
        (date, hour(), hour()),
        (time(), prop::option::of(time())),
        (prop::option::of(time()), prop::option::of(time())),
        zone,
    )
        .prop_map(|(windows, (date, start, end), (from, to), (own_from, own_to), zone)| {
            json!({"id": "O-1", "wearer": "W-1", "type": "COMMUNITY", "from": from, "to": to, "time_zone": zone,
                "conditions": [
                    {"id": "C-1", "kind": "curfew", "place": "P-1", "windows": windows, "from": own_from, "to": own_to,
                        "release_day": {"date": date, "start": start, "end": end}},
                    {"id": "C-2", "kind": "exclusion_zone", "zones": ["Z-1"], "schedule": windows},
                ]})
        })
}

proptest! {
    #[test]
    fn no_order_makes_the_check_panic(order in any_order()) {
        let _told = told_after(&json!({}), &with(order, json!({})));
    }

    /// Minutes of the week, counted one by one, are the independent way of saying it.
    #[test]
    fn hours_and_overlaps_agree_with_counting_minutes(windows in prop::collection::vec(any_window(), 0..5)) {
        let windows: Vec<WeeklyWindow> = serde_json::from_value(json!(windows)).unwrap();
        let mut times = vec![0; 7 * 24 * 60];
        for window in &windows {
            for day in &window.days {
                let first = (*day as usize) * 24 * 60 + usize::from(window.start.minutes());
                let length = usize::try_from(week::length_min(window.start, window.end)).unwrap();
                (first..first + length).for_each(|minute| times[minute % (7 * 24 * 60)] += 1);
            }
        }
        let counted: Vec<usize> = times.chunks(24 * 60).map(|day| day.iter().filter(|n| **n > 0).count()).collect();
        let minutes = week::minutes_by_day(&week::stretches(&windows));
        prop_assert_eq!(minutes.map(|minutes| minutes as usize).to_vec(), counted);
        prop_assert_eq!(week::overlaps(&windows).is_empty(), times.iter().all(|n| *n < 2));
    }
}

fn any_window() -> impl Strategy<Value = Value> {
    let hour = || {
        (0..=24_u32, 0..60_u32).prop_map(|(hour, minute)| {
            let minute = if hour == 24 { 0 } else { minute };
            format!("{hour:02}:{minute:02}")
        })
    };
    let days = prop::collection::vec(prop::sample::select(ALL.to_vec()), 0..3);
    (days, hour(), hour()).prop_map(|(days, start, end)| window(&days, &start, &end))
}
