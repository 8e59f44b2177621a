//! OwnTracks' messages.

use model::{DeviceId, DeviceReading};

use crate::PayloadError;
use crate::owntracks::decode;

fn read(payload: &str) -> Result<Option<DeviceReading>, PayloadError> {
    decode(&DeviceId::new("PH-1").unwrap(), payload.as_bytes())
}

/// A location with `more` fields.
fn location(more: &str) -> DeviceReading {
    let payload = format!(r#"{{"_type":"location","tst":1774745970,"lat":52.8,"lon":-2.1{more}}}"#);
    read(&payload).unwrap().unwrap()
}

/// A position in the model's own JSON, with `more` fields.
fn position(more: &str) -> DeviceReading {
    serde_json::from_str(&format!(
        r#"{{"device":"PH-1","kind":"position","t":1774745970000,"lat":52.8,"lon":-2.1{more}}}"#
    ))
    .unwrap()
}

#[test]
fn a_location_is_a_position_without_a_sequence_number() {
    let message = r#","_id":"x","acc":12,"alt":77,"batt":81,"bs":1,"cog":270,"vel":4,"conn":"w","created_at":1774745975,"t":"u","tid":"p1","topic":"owntracks/x/y","inregions":["Home"]"#;
    assert_eq!(
        location(message),
        position(r#","acc":12,"course":270,"speed":4,"recorded_at":1774745975000,"src":"gps""#)
    );
    assert_eq!(location(""), position(""));
}

#[test]
fn fixes_of_the_network_are_coarse_and_of_other_providers_are_not() {
    assert_eq!(
        location(r#","source":"network""#),
        position(r#","src":"lbs""#)
    );
    for source in [r#""fused""#, r#""gps""#, "null", "7"] {
        assert_eq!(location(&format!(",\"source\":{source}")), position(""));
    }
}

#[test]
fn what_a_phone_does_not_know_is_left_out() {
    for more in [
        r#","vel":-1,"cog":-1"#,
        r#","vel":null,"cog":"north","created_at":-1"#,
    ] {
        assert_eq!(location(more), position(""), "{more}");
    }
}

#[test]
fn messages_that_are_no_location_have_nothing_to_take_in() {
    for name in [
        "lwt",
        "transition",
        "waypoint",
        "waypoints",
        "status",
        "card",
        "steps",
        "request",
    ] {
        let payload = format!(r#"{{"_type":"{name}","tst":1,"lat":1,"lon":1,"desc":{{"a":[1]}}}}"#);
        assert_eq!(read(&payload), Ok(None), "{name}");
    }
}

#[test]
fn what_is_no_message_or_a_location_without_time_or_place_says_why() {
    let cases = [
        ("", "payload holds no reading"),
        ("{}", "reading 0: _type is missing"),
        (r#"{"_type":7}"#, "reading 0: _type 7 is not text"),
        (
            r#"{"_type":"encrypted","data":"aGk="}"#,
            "payload is encrypted by the device, which tagwatch cannot read",
        ),
        (
            r#"{"_type":"location","lat":1,"lon":1}"#,
            "reading 0: tst is missing",
        ),
        (
            r#"{"_type":"location","tst":-1,"lat":1,"lon":1}"#,
            "reading 0: tst -1 is not epoch seconds in the years 1970 to 9999",
        ),
        (
            r#"{"_type":"location","tst":1774745970000,"lat":1,"lon":1}"#,
            "reading 0: tst 1774745970000 is not epoch seconds in the years 1970 to 9999",
        ),
        (
            r#"{"_type":"location","tst":1,"lat":1}"#,
            "reading 0: lon is missing",
        ),
        (
            r#"{"_type":"location","tst":1,"lat":0,"lon":0}"#,
            "reading 0: lat, lon 0, 0 is what a receiver without a fix reports",
        ),
        (
            r#"{"_type":"location","tst":1,"lat":1,"lon":1,"acc":-1}"#,
            "reading 0: acc -1 is below 0",
        ),
    ];
    for (payload, expected) in cases {
        assert_eq!(
            read(payload).unwrap_err().to_string(),
            expected,
            "{payload}"
        );
    }
    for payload in ["[]", "7", "{", r#"{"_type":"lwt","tst":NaN}"#] {
        assert!(read(payload).is_err(), "{payload}");
    }
}
