//! What a native payload is read as, and what each mistake in it costs.

use model::ReadingBody;

use super::{batch, json, only, topic};
use crate::{BATCH_READINGS_MAX, PAYLOAD_BYTES_MAX, PayloadError, decode};

#[test]
fn each_kind_is_read_with_all_its_fields() {
    let cases = [
        (
            "position",
            r#""lat":52.80669,"lon":-2.11643,"acc":8.5,"sat":9,"hdop":1.1,"speed":4.2,"course":359.5,"src":"wifi""#,
        ),
        ("position", r#""lat":-90,"lon":180,"src":"gps""#),
        ("presence", r#""in_range":false"#),
        (
            "alcohol",
            r#""tac":-3,"ir":0.71,"skin_c":31.4,"ambient_c":-2"#,
        ),
        ("event", r#""code":"strap_cut""#),
        ("event", r#""code":"battery","pct":100"#),
        (
            "check-in",
            r#""prompt":"P \"1\"","identity":"no_match","lat":52.8,"lon":-2.1,"acc":12"#,
        ),
        ("check-in", r#""prompt":"7","identity":"match""#),
    ];
    for (kind, fields) in cases {
        let rest = format!(
            r#""seq":123456,"t":"2026-03-29T00:59:30Z","recorded_at":1774745970500,{fields}}}"#
        );
        let expected = json(&format!(r#"{{"device":"GPS-7","kind":"{kind}",{rest}"#));
        assert_eq!(only(kind, &format!("{{{rest}")), expected, "{fields}");
    }
}

#[test]
fn the_topic_is_the_identity_and_unknown_fields_are_passed_over() {
    let deep = "[".repeat(50_000) + &"]".repeat(50_000);
    let payload = format!(
        r#"{{"device":"OTHER","kind":"event","x":{deep},"x":1,"lat":7,"fw":{{"v":[1,"2"]}},"t":1,"in_range":true,"lat":"?"}}"#
    );
    let reading = only("presence", &payload);
    assert_eq!(reading.device.as_str(), "GPS-7");
    assert_eq!(reading.body, ReadingBody::Presence { in_range: true });
}

#[test]
fn whole_numbers_may_have_a_fraction_of_zero_and_null_is_absence() {
    let reading = only("alcohol", r#"{"seq":41.0,"t":1e3,"tac":20.0,"ir":null}"#);
    assert_eq!(
        reading,
        json(r#"{"device":"GPS-7","kind":"alcohol","seq":41,"t":1000,"tac":20}"#)
    );
    let reading = only(
        "position",
        r#"{"t":"2099-01-01T00:00:00+01:00","lat":1,"lon":0,"src":null}"#,
    );
    assert_eq!(
        reading.observed_at.to_string(),
        "2098-12-31T23:00:00Z",
        "a future that the engine judges"
    );
}

#[test]
fn one_bad_reading_does_not_take_its_batch_with_it() {
    for bad in [
        r#"{"t":2,"lat":"x","lon":1}"#,
        r#"{"t":2,"lat":1e999,"lon":1}"#,
        r#"{"t":2,"lat":1,"lon":1,"t":2}"#,
        "17",
        r#"{"t":2}"#,
        "1e999",
        r#"{"\ud800":1}"#,
    ] {
        let found = batch(
            "position",
            &format!(r#"[{{"t":1,"lat":1,"lon":1}},{bad},{{"t":3,"lat":1,"lon":1,"sat":999}}]"#),
        );
        let [Ok(first), Err(lost), Ok(third), Err(kept)] = found.as_slice() else {
            panic!("{bad}: {found:?}");
        };
        assert_eq!((lost.index, lost.reading_kept), (1, false), "{bad}");
        assert_eq!((kept.index, kept.reading_kept), (2, true), "{bad}");
        assert!(first.observed_at < third.observed_at);
    }
}

#[test]
fn a_payload_of_which_nothing_can_be_read_says_why() {
    let deep = "[".repeat(200_000);
    let crowd = format!("[{}0]", "0,".repeat(BATCH_READINGS_MAX));
    let long = " ".repeat(PAYLOAD_BYTES_MAX + 1);
    let cases: [(&[u8], &str); 14] = [
        (b"", "payload holds no reading"),
        (b" \n", "payload holds no reading"),
        (b"[]", "payload holds no reading"),
        (
            b"7",
            "payload is a number, neither an object nor an array of objects",
        ),
        (
            b"null",
            "payload is null, neither an object nor an array of objects",
        ),
        (
            b"\"{}\"",
            "payload is text, neither an object nor an array of objects",
        ),
        (b"{\"t\":1,\"\xff\":2}", "payload is not UTF-8 at byte 8"),
        (
            b"{\"t\":1,\"lat\":NaN}",
            "payload is not JSON: expected value at line 1 column 14",
        ),
        (
            b"{\"t\":1,\n\"lat\":Infinity}",
            "payload is not JSON: expected value at line 2 column 7",
        ),
        (
            b"[{\"t\":1,\"lat\":1",
            "payload is not JSON: EOF while parsing an object at line 1 column 15",
        ),
        (
            b"{\"t\":1}{",
            "payload is not JSON: trailing characters at line 1 column 8",
        ),
        (
            deep.as_bytes(),
            "payload is not JSON: EOF while parsing a list at line 1 column 200000",
        ),
        (
            crowd.as_bytes(),
            "batch of 2001 readings is larger than 2000",
        ),
        (
            long.as_bytes(),
            "payload of 262145 bytes is longer than 262144",
        ),
    ];
    for (payload, expected) in cases {
        let error = decode(&topic("position"), payload).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn a_batch_may_be_as_large_as_the_bound() {
    let batch = vec![r#"{"t":1,"in_range":true}"#; BATCH_READINGS_MAX].join(",");
    let found = decode(&topic("presence"), format!("[{batch}]").as_bytes()).unwrap();
    assert_eq!(found.len(), BATCH_READINGS_MAX);
}

#[test]
fn an_error_quotes_no_more_of_a_value_than_its_bound() {
    let long = "é".repeat(10_000);
    for payload in [
        format!(r#"{{"t":"{long}","in_range":true}}"#),
        format!(r#"{{"t":"{long}","x":1e999,"in_range":true}}"#),
        format!(r#"{{"t":1{},"in_range":true}}"#, "0".repeat(10_000)),
        r#"{"t":1e300,"in_range":true}"#.to_owned(),
    ] {
        let found = batch("presence", &payload);
        let [Err(error)] = found.as_slice() else {
            panic!("{found:?}");
        };
        assert!(error.value.chars().count() <= 82, "{}", error.value);
    }
}

#[test]
fn syntax_errors_give_line_and_column() {
    let error = decode(&topic("position"), b"{\n  \"lat\": ,\n}").unwrap_err();
    let PayloadError::Syntax { line, column, .. } = error else {
        panic!("{error}");
    };
    assert_eq!((line, column), (2, 10));
}
