use std::path::Path;

use proptest::prelude::*;

use super::{Reading, Source};
use crate::meter::Meter;
use crate::problem::Problems;

fn registry(path: &Path, text: String) -> Reading {
    let source = Source::new(path.display().to_string(), text);
    super::registry(source, path.parent(), &Meter::default())
}

/// What is told of a text, one problem a line.
fn told(text: &str) -> Vec<String> {
    let reading = registry(Path::new("here.json"), text.to_owned());
    let problems: Problems = reading.problems.into_iter().collect();
    problems.iter().map(ToString::to_string).collect()
}

#[track_caller]
fn check(text: &str, expect: &[&str]) {
    assert_eq!(told(text), expect, "{text}");
}

#[test]
fn a_document_in_which_all_is_well_has_no_problem() {
    check("{}", &[]);
    check(r#"{"wearers":[{"id":"W-1"}],"places":[]}"#, &[]);
}

#[test]
fn what_is_no_json_is_told_with_its_place() {
    check("", &["here.json:1:1: not JSON: EOF while parsing a value"]);
    check(
        "{\n  \"wearers\": [,]\n}",
        &["here.json:2:15: not JSON: expected value"],
    );
    check("[]", &["here.json:1:1: should be an object"]);
    check(
        r#"{"wearers": 7}"#,
        &["here.json:1:13: wearers: should be a list (found 7)"],
    );
}

#[test]
fn five_faults_in_five_places_are_five_problems() {
    let text = r#"{
  "wearers": [
    {"id": "W-1", "date_of_birth": "31/01/1990"},
    {"id": "W 2"}
  ],
  "orders": [{
    "id": "O-1", "wearer": "W-1", "type": "COMUNITY", "from": "2026-03-01T00:00:00Z",
    "conditions": [
      {"id": "C-1", "kind": "exclusion_zone", "zonse": ["Z-1"]},
      {"id": "C-2", "kind": "curfew", "place": "P-1", "windows": [
        {"days": ["Mon"], "start": "19:00", "end": "07:00"},
        {"days": ["Tue"], "start": "25:00", "end": "07:00"}
      ]}
    ]
  }]
}"#;
    check(
        text,
        &[
            "here.json:3:36: wearers[0].date_of_birth: should be a date such as 1990-01-31 (found \"31/01/1990\")",
            "here.json:4:12: wearers[1].id: id \"W 2\" has a space, control character, '/', '+' or '#'",
            "here.json:7:43: orders[0].type: unknown word `COMUNITY`; did you mean `COMMUNITY`?",
            "here.json:9:47: orders[0].conditions[0].zonse: unknown field `zonse`; did you mean `zones`?",
            "here.json:12:36: orders[0].conditions[1].windows[1].start: \"25:00\" is not a time of day from 00:00 to 24:00",
        ],
    );
}

/// Exactly one problem, which begins where `there` stands last in the text.
#[track_caller]
fn check_one(text: &str, there: &str, expect: &str) {
    let column = text.rfind(there).unwrap() + 1;
    check(text, &[&format!("here.json:1:{column}: {expect}")]);
}

#[test]
fn what_a_document_does_not_hold_is_told() {
    check_one(
        r#"{"wearrers": []}"#,
        r#""wearrers""#,
        "wearrers: unknown field `wearrers`; did you mean `wearers`?",
    );
    check_one(
        r#"{"wearers": [], "wearers": []}"#,
        r#""wearers""#,
        "wearers: the field `wearers` is here twice",
    );
    check_one(
        r#"{"wearers": [{}]}"#,
        "{}",
        "wearers[0]: the field `id` is missing",
    );
    check_one(
        r#"{"places":[{"id":"P-1","lat":95,"lon":-2,"radius_m":50}]}"#,
        "95",
        "places[0].lat: latitude 95 is not between -90 and 90 (found 95)",
    );
    check_one(
        r#"{"zone_sets":{"a b":{"type":"FeatureCollection","features":[]}}}"#,
        r#"{"type""#,
        "zone_sets.a b: id \"a b\" has a space, control character, '/', '+' or '#'",
    );
}

#[test]
fn faults_of_a_wearer_are_told_in_the_words_of_the_field() {
    let byte = "should be a whole number from 0 to 255";
    let table = [
        (
            r#""mappa":{"category":"one","level":2}"#,
            "\"one\"",
            &format!("wearers[0].mappa.category: {byte} (found \"one\")"),
        ),
        (
            r#""mappa":{"category":300,"level":2}"#,
            "300",
            &format!("wearers[0].mappa.category: {byte} (found 300)"),
        ),
        (
            r#""name":7"#,
            "7",
            &"wearers[0].name: should be a text (found 7)".to_owned(),
        ),
        (
            r#""name":"A","name":"B""#,
            r#"{"id""#,
            &"wearers[0]: the field `name` is here twice".to_owned(),
        ),
        (
            r#""shoe_size":7"#,
            r#""shoe_size""#,
            &"wearers[0].shoe_size: unknown field `shoe_size`; known here: id, name, date_of_birth, \
              identifiers, mappa, police_force, probation_region, flags"
                .to_owned(),
        ),
    ];
    for (fields, there, expect) in table {
        let text = format!(r#"{{"wearers":[{{"id":"W-1",{fields}}}]}}"#);
        check_one(&text, there, expect);
    }
}

#[test]
fn faults_of_an_order_are_told_in_the_words_of_the_field() {
    let table = [
        (
            r#""time_zone":"Europe/Lundon""#,
            r#""Europe/Lundon""#,
            "time_zone: is no time zone (found \"Europe/Lundon\"); did you mean Europe/London?",
        ),
        (
            r#""to":"tomorrow""#,
            r#""tomorrow""#,
            "to: \"tomorrow\" is neither an RFC 3339 time with an offset nor epoch milliseconds",
        ),
        (
            r#""hdc":"yes""#,
            r#""yes""#,
            "hdc: should be true or false (found \"yes\")",
        ),
        (
            r#""conditions":[{"id":"C-1","kind":"curfew","place":"P-1"}]"#,
            r#"{"id":"C-1""#,
            "conditions[0]: condition C-1: kind curfew needs `windows`",
        ),
        (
            r#""conditions":[],"conditions":[]"#,
            "[]",
            "conditions: the field `conditions` is here twice",
        ),
    ];
    for (fields, there, expect) in table {
        let text = format!(
            r#"{{"orders":[{{"id":"O-1","wearer":"W-1","type":"BAIL","from":0,{fields}}}]}}"#
        );
        check_one(&text, there, &format!("orders[0].{expect}"));
    }
}

#[test]
fn the_same_thing_twice_names_both_places() {
    check(
        "{\"wearers\": [{\"id\": \"W-1\"},\n{\"id\": \"W-1\", \"name\": \"A\"}]}",
        &[
            "here.json:2:1: wearers[1]: wearer/W-1 is here twice: wearers[0] on line 1 says something else",
        ],
    );
    check(
        "{\"wearers\": [{\"id\": \"W-1\"},\n{\"id\": \"W-1\"}]}",
        &[
            "here.json:2:1: warning: wearers[1]: wearer/W-1 is here twice: wearers[0] on line 1 says the same",
        ],
    );
}

fn square(id: &str, ring: &str) -> String {
    format!(
        r#"{{"type":"Feature","id":"{id}","properties":{{}},"geometry":{{"type":"Polygon","coordinates":[{ring}]}}}}"#
    )
}

const RING: &str = "[[-2.10,52.80],[-2.09,52.80],[-2.09,52.81],[-2.10,52.81],[-2.10,52.80]]";
const BOW_TIE: &str = "[[-2.10,52.80],[-2.09,52.81],[-2.09,52.80],[-2.10,52.81],[-2.10,52.80]]";
const SWAPPED: &str = "[[52.80,-2.10],[52.80,-2.09],[52.81,-2.09],[52.81,-2.10],[52.80,-2.10]]";

#[test]
fn a_zone_is_told_of_by_its_ring_and_every_one_of_them() {
    let features = [
        square("Z-1", RING),
        square("Z-2", BOW_TIE),
        square("Z-3", SWAPPED),
        square("Z-4", "[[-2.1,52.8],[-2.1,\"x\"]]"),
        r#"{"type":"Feature","id":"Z-5","properties":{"radius_m":-5},"geometry":{"type":"Point","coordinates":[-2.1,52.8]}}"#.to_owned(),
        square("Z-1", RING),
    ];
    let text = format!(
        "{{\"zones\":{{\"type\":\"FeatureCollection\",\"features\":[\n{}\n]}}}}",
        features.join(",\n")
    );
    check(
        &text,
        &[
            "here.json:3:90: zones.features[1].geometry.coordinates[0]: zone Z-2: outline of polygon 0: crosses \
             itself at latitude 52.8050000, longitude -2.0950000",
            "here.json:4:57: zones.features[2].geometry: zone Z-3: latitude -2.1, longitude 52.8: suspected to be \
             swapped, GeoJSON has longitude first, then latitude",
            "here.json:5:103: zones.features[3].geometry.coordinates[0][1]: zone Z-4: outline of polygon 0, position \
             1: a list of 2 is not a longitude and a latitude",
            "here.json:6:55: zones.features[4].properties.radius_m: zone Z-5: radius_m -5 is not a positive number \
             of metres",
            "here.json:7:1: warning: zones.features[5]: zone/Z-1 is here twice: zones.features[0] on line 2 says \
             the same",
        ],
    );
}

#[test]
fn zones_in_a_file_of_their_own_are_told_of_in_that_file() {
    let folder = tempfile::tempdir().unwrap();
    let zones = folder.path().join("zones.geojson");
    let collection = format!(
        "{{\"type\":\"FeatureCollection\",\"features\":[\n{}]}}",
        square("Z-2", BOW_TIE)
    );
    std::fs::write(&zones, collection).unwrap();
    let document = folder.path().join("registry.json");
    let text =
        r#"{"zones":{"file":"zones.geojson"},"zone_sets":{"schools":{"file":"none.geojson"}}}"#;
    let reading = registry(&document, text.to_owned());
    let told: Vec<String> = reading.problems.iter().map(ToString::to_string).collect();
    let start = format!(
        "{}:2:90: features[0].geometry.coordinates[0]: zone Z-2: ",
        zones.display()
    );
    assert!(told[0].starts_with(&start), "{told:?}");
    let start = format!(
        "{}:1:66: zone_sets.schools.file: cannot read ",
        document.display()
    );
    assert!(told[1].starts_with(&start), "{told:?}");
}

/// JSON texts such as documents are, with something wrong anywhere.
fn any_json() -> impl Strategy<Value = String> {
    let words = [
        "wearers",
        "activations",
        "orders",
        "absences",
        "places",
        "zones",
        "zone_sets",
        "id",
        "wearer",
        "type",
        "from",
        "to",
        "conditions",
        "kind",
        "curfew",
        "windows",
        "days",
        "Mon",
        "start",
        "07:00",
        "features",
        "FeatureCollection",
        "Feature",
        "geometry",
        "Polygon",
        "coordinates",
        "properties",
        "radius_m",
        "file",
        "2026-03-01T00:00:00Z",
        "ünïcödé",
        "a\\\"b",
        "",
    ];
    let word = prop::sample::select(words.to_vec()).prop_map(|word| format!("\"{word}\""));
    let leaf = prop_oneof![
        word.clone(),
        any::<f64>().prop_filter_map("JSON has none", |number| {
            number.is_finite().then(|| number.to_string())
        }),
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("1e999".to_owned()),
    ];
    leaf.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6)
                .prop_map(|items| format!("[{}]", items.join(",\n"))),
            prop::collection::vec((word.clone(), inner), 0..6).prop_map(|members| {
                let members: Vec<String> = members
                    .iter()
                    .map(|(name, value)| format!("{name} : {value}"))
                    .collect();
                format!("{{{}}}", members.join(", "))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn no_text_makes_reading_panic(text in ".*") {
        let _told = told(&text);
    }

    #[test]
    fn no_json_makes_reading_panic(text in any_json()) {
        let _told = told(&text);
    }

    #[test]
    fn no_json_under_a_known_name_makes_reading_panic(
        name in prop::sample::select(vec!["wearers", "activations", "orders", "absences", "places", "zones", "zone_sets"]),
        text in any_json(),
    ) {
        let _told = told(&format!("{{\"{name}\": {text}}}"));
        let _told = told(&format!("{{\"{name}\": [{text}]}}"));
        let _told = told(&format!("{{\"{name}\": {{\"type\":\"FeatureCollection\",\"features\":[{text}]}}}}"));
    }
}

#[test]
fn brackets_without_end_are_told_of_and_nothing_overflows() {
    let text = "[".repeat(200_000) + &"]".repeat(200_000);
    assert_eq!(told(&text).len(), 1);
    let deep = format!("{{\"zones\":{{\"type\":\"FeatureCollection\",\"features\":[{text}]}}}}");
    assert_eq!(told(&deep).len(), 1);
}
