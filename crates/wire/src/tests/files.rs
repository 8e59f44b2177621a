//! Readings files.

use crate::readings_file::{parse_line, to_line};

#[test]
fn a_line_names_device_kind_and_arrival() {
    let line = r#"{"device":"GPS-7","kind":"position","received_at":"2026-03-29T01:00:00Z","seq":41,"t":"2026-03-29T00:59:30Z","lat":52.8,"lon":-2.1,"acc":8.5,"sat":9,"hdop":1.1,"speed":4.2,"src":"gps"}"#;
    let reading = parse_line(line).unwrap();
    assert_eq!(reading.report.device.as_str(), "GPS-7");
    assert_eq!(reading.received_at.to_string(), "2026-03-29T01:00:00Z");
    assert_eq!(to_line(&reading), line);
}

#[test]
fn a_reading_without_arrival_arrived_when_it_was_observed() {
    let reading = parse_line(r#"{"device":"H","kind":"presence","t":5,"in_range":true}"#).unwrap();
    assert_eq!(reading.received_at.0, reading.report.observed_at.0);
}

#[test]
fn a_line_that_cannot_be_used_names_field_and_value() {
    let cases = [
        ("", "payload holds no reading"),
        ("[]", "(an array) is not a readable object"),
        ("{}", "reading 0: device is missing"),
        (
            r#"{"device":"a b"}"#,
            r#"reading 0: device "a b" is not a device id: up to 96 bytes, no space, control character, '/', '+' or '#'"#,
        ),
        (r#"{"device":"A"}"#, "reading 0: kind is missing"),
        (
            r#"{"device":"A","kind":"fix"}"#,
            r#"reading 0: kind "fix" is not one of position, presence, alcohol, event, check-in"#,
        ),
        (
            r#"{"device":"A","kind":"event","t":1}"#,
            "reading 0: code is missing",
        ),
        (
            r#"{"device":"A","kind":"event","t":1,"code":"fault","received_at":"noon"}"#,
            r#"reading 0: received_at "noon" is not an RFC 3339 time with an offset, or epoch milliseconds, in the years 1970 to 9999"#,
        ),
        (
            r#"{"device":"A","kind":"position","t":1,"lat":1,"lon":1,"sat":-2}"#,
            "reading 0: sat -2 is not between 0 and 255",
        ),
        (
            r#"{"device":"A","kind":"position","t":1,"lat":1e999,"lon":1}"#,
            "reading 0: lat 1e999 is not a finite number",
        ),
        (
            r#"{"device":"A","kind":"position","t":1,"lat":NaN}"#,
            "payload is not JSON: expected value at line 1 column 45",
        ),
        (
            r#"{"device":"A"} x"#,
            "payload is not JSON: trailing characters at line 1 column 16",
        ),
    ];
    for (line, expected) in cases {
        assert_eq!(parse_line(line).unwrap_err().to_string(), expected);
    }
}
