//! What a native payload is read as, and what each mistake in it costs.

use model::{DeviceReading, ReadingBody};
use wire::topic::{NativeTopic, Topic};
use wire::{BATCH_READINGS_MAX, PAYLOAD_BYTES_MAX, PayloadError, ReadingError, decode};

fn topic(kind: &str) -> NativeTopic {
    match Topic::parse(&format!("em/v1/7/GPS-7/{kind}")) {
        Ok(Topic::Native(topic)) => topic,
        other => panic!("{other:?}"),
    }
}

fn batch(kind: &str, payload: &str) -> Vec<Result<DeviceReading, ReadingError>> {
    decode(&topic(kind), payload.as_bytes()).unwrap()
}

fn only(kind: &str, payload: &str) -> DeviceReading {
    let mut batch = batch(kind, payload);
    assert_eq!(batch.len(), 1, "{payload}: {batch:?}");
    batch.remove(0).unwrap()
}

/// The model's own JSON form, to compare with.
fn json(text: &str) -> DeviceReading {
    serde_json::from_str(text).unwrap()
}

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
        r#"{{"device":"OTHER","kind":"event","x":{deep},"fw":{{"v":[1,"2"]}},"t":1,"in_range":true,"lat":"?"}}"#
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
fn what_the_fact_rests_on_must_be_right() {
    let cases = [
        ("position", r#"{"lat":1,"lon":2}"#, "t is missing"),
        ("position", r#"{"t":1,"lon":2}"#, "lat is missing"),
        (
            "position",
            r#"{"t":1,"lat":1,"lon":null}"#,
            "lon is missing",
        ),
        (
            "position",
            r#"{"t":1,"lat":90.5,"lon":2}"#,
            "lat 90.5 is not between -90 and 90",
        ),
        (
            "position",
            r#"{"t":1,"lat":1,"lon":-181}"#,
            "lon -181 is not between -180 and 180",
        ),
        (
            "position",
            r#"{"t":1,"lat":0.0,"lon":-0.0}"#,
            "lat, lon 0, 0 is what a receiver without a fix reports",
        ),
        (
            "position",
            r#"{"t":1,"lat":"NaN","lon":2}"#,
            r#"lat "NaN" is not a finite number"#,
        ),
        (
            "position",
            r#"{"t":1,"lat":1e999,"lon":2}"#,
            "lat 1e999 is not a finite number",
        ),
        (
            "position",
            r#"{"t":1,"lat":{"deg":1},"lon":2}"#,
            "lat (an object) is not a finite number",
        ),
        (
            "position",
            r#"{"t":1,"lat":1,"lon":2,"acc":-1}"#,
            "acc -1 is below 0",
        ),
        (
            "position",
            r#"{"t":1,"lat":1,"lon":2,"acc":"8"}"#,
            r#"acc "8" is not a finite number"#,
        ),
        (
            "position",
            r#"{"t":1,"lat":1,"lon":2,"src":"glonass"}"#,
            r#"src "glonass" is not one of gps, rf, lbs, wifi"#,
        ),
        (
            "position",
            r#"{"t":1,"lat":1,"lon":2,"lat":1}"#,
            "lat stands twice",
        ),
        ("presence", r#"{"t":1}"#, "in_range is missing"),
        (
            "presence",
            r#"{"t":1,"in_range":1}"#,
            "in_range 1 is not true or false",
        ),
        ("alcohol", r#"{"t":1}"#, "tac is missing"),
        (
            "alcohol",
            r#"{"t":1,"tac":20.5}"#,
            "tac 20.5 is not a whole number",
        ),
        (
            "alcohol",
            r#"{"t":1,"tac":3000000000}"#,
            "tac 3000000000 is not between -2147483648 and 2147483647",
        ),
        ("event", r#"{"t":1}"#, "code is missing"),
        (
            "event",
            r#"{"t":1,"code":"gone\n"}"#,
            r#"code "gone\n" is not the code of an event"#,
        ),
        (
            "event",
            r#"{"t":1,"code":"\ud800"}"#,
            r#"code "\ud800" is not text"#,
        ),
        ("check-in", r#"{"t":1,"prompt":"1"}"#, "identity is missing"),
        (
            "check-in",
            r#"{"t":1,"prompt":"","identity":"match"}"#,
            r#"prompt "" is not the id of a prompt"#,
        ),
        (
            "check-in",
            r#"{"t":1,"prompt":"1","identity":"yes"}"#,
            r#"identity "yes" is not match or no_match"#,
        ),
        ("event", "[7]", "reading 7 is not a readable object"),
        (
            "event",
            "[[{}]]",
            "reading (an array) is not a readable object",
        ),
        ("event", "[null]", "reading null is not a readable object"),
    ];
    for (kind, payload, expected) in cases {
        let found = batch(kind, payload);
        let [Err(error)] = found.as_slice() else {
            panic!("{payload}: {found:?}");
        };
        assert_eq!(error.to_string(), format!("reading 0: {expected}"));
        assert!(!error.reading_kept, "{payload}");
    }
}

#[test]
fn times_outside_the_years_1970_to_9999_are_refused() {
    for t in [
        r#""1969-12-31T23:59:59Z""#,
        r#""10000-01-01T00:00:00Z""#,
        "-1",
        "253402300800000",
        "18446744073709551615",
        "1.5",
        r#""2026-03-29T00:59:30""#,
        r#""1774745970000""#,
        "true",
    ] {
        let found = batch("presence", &format!(r#"{{"t":{t},"in_range":true}}"#));
        let [Err(error)] = found.as_slice() else {
            panic!("{t}: {found:?}");
        };
        assert_eq!(error.field, "t");
    }
}

#[test]
fn what_only_describes_a_reading_is_left_out_when_wrong_and_told_of() {
    let cases = [
        ("position", r#""sat":-1"#, "sat -1 is not between 0 and 255"),
        (
            "position",
            r#""sat":256"#,
            "sat 256 is not between 0 and 255",
        ),
        ("position", r#""sat":7.5"#, "sat 7.5 is not a whole number"),
        ("position", r#""hdop":-0.1"#, "hdop -0.1 is below 0"),
        ("position", r#""speed":-1"#, "speed -1 is below 0"),
        (
            "position",
            r#""speed":1e999"#,
            "speed 1e999 is not a finite number",
        ),
        (
            "position",
            r#""course":360.5"#,
            "course 360.5 is not between 0 and 360",
        ),
        ("position", r#""seq":-5"#, "seq -5 is below 0"),
        (
            "position",
            r#""seq":18446744073709551616"#,
            "seq 18446744073709552000 is not a whole number",
        ),
        ("event", r#""pct":101"#, "pct 101 is not between 0 and 100"),
        (
            "alcohol",
            r#""skin_c":"warm""#,
            r#"skin_c "warm" is not a finite number"#,
        ),
        ("check-in", r#""lat":52.8"#, "lon is missing"),
        (
            "check-in",
            r#""lat":0,"lon":0"#,
            "lat, lon 0, 0 is what a receiver without a fix reports",
        ),
    ];
    for (kind, wrong, expected) in cases {
        let right = match kind {
            "position" => r#""t":1,"lat":1,"lon":2"#,
            "event" => r#""t":1,"code":"battery""#,
            "alcohol" => r#""t":1,"tac":0"#,
            _ => r#""t":1,"prompt":"1","identity":"match""#,
        };
        let found = batch(kind, &format!("{{{right},{wrong}}}"));
        let [Ok(reading), Err(error)] = found.as_slice() else {
            panic!("{wrong}: {found:?}");
        };
        assert_eq!(*reading, only(kind, &format!("{{{right}}}")), "{wrong}");
        assert_eq!(
            error.to_string(),
            format!("reading 0: {expected}; the reading was taken in without it")
        );
    }
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
