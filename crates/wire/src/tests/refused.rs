//! What takes a reading, and what only a field of it.

use super::{batch, only};

/// Checks that each payload of `kind` is one reading refused for the given reason.
fn check_refused(kind: &str, cases: &[(&str, &str)]) {
    for (payload, expected) in cases {
        let found = batch(kind, payload);
        let [Err(error)] = found.as_slice() else {
            panic!("{payload}: {found:?}");
        };
        assert_eq!(error.to_string(), format!("reading 0: {expected}"));
        assert!(!error.reading_kept, "{payload}");
    }
}

#[test]
fn what_a_position_rests_on_must_be_right() {
    check_refused(
        "position",
        &[
            (r#"{"lat":1,"lon":2}"#, "t is missing"),
            (r#"{"t":1,"lon":2}"#, "lat is missing"),
            (r#"{"t":1,"lat":1,"lon":null}"#, "lon is missing"),
            (
                r#"{"t":1,"lat":90.5,"lon":2}"#,
                "lat 90.5 is not between -90 and 90",
            ),
            (
                r#"{"t":1,"lat":1,"lon":-181}"#,
                "lon -181 is not between -180 and 180",
            ),
            (
                r#"{"t":1,"lat":0.0,"lon":-0.0}"#,
                "lat, lon 0, 0 is what a receiver without a fix reports",
            ),
            (
                r#"{"t":1,"lat":"NaN","lon":2}"#,
                r#"lat "NaN" is not a finite number"#,
            ),
            (
                r#"{"t":1,"lat":1e999,"lon":2}"#,
                "lat 1e999 is not a finite number",
            ),
            (
                r#"{"t":1,"lat":{"deg":1},"lon":2}"#,
                "lat (an object) is not a finite number",
            ),
            (r#"{"t":1,"lat":1,"lon":2,"acc":-1}"#, "acc -1 is below 0"),
            (
                r#"{"t":1,"lat":1,"lon":2,"acc":"8"}"#,
                r#"acc "8" is not a finite number"#,
            ),
            (
                r#"{"t":1,"lat":1,"lon":2,"src":"glonass"}"#,
                r#"src "glonass" is not one of gps, rf, lbs, wifi"#,
            ),
            (r#"{"t":1,"lat":1,"lon":2,"lat":1}"#, "lat stands twice"),
        ],
    );
}

#[test]
fn presence_must_be_said() {
    check_refused(
        "presence",
        &[
            (r#"{"t":1}"#, "in_range is missing"),
            (r#"{"t":1,"in_range":1}"#, "in_range 1 is not true or false"),
        ],
    );
}

#[test]
fn what_an_alcohol_reading_rests_on_must_be_right() {
    check_refused(
        "alcohol",
        &[
            (r#"{"t":1}"#, "tac is missing"),
            (r#"{"t":1,"tac":20.5}"#, "tac 20.5 is not a whole number"),
            (
                r#"{"t":1,"tac":3000000000}"#,
                "tac 3000000000 is not between -2147483648 and 2147483647",
            ),
        ],
    );
}

#[test]
fn what_an_event_rests_on_must_be_right() {
    check_refused(
        "event",
        &[
            (r#"{"t":1}"#, "code is missing"),
            (
                r#"{"t":1,"code":"gone\n"}"#,
                r#"code "gone\n" is not the code of an event"#,
            ),
            (r#"{"t":1,"code":"\ud800"}"#, r#"code "\ud800" is not text"#),
            ("[7]", "reading 7 is not a readable object"),
            ("[[{}]]", "reading (an array) is not a readable object"),
            ("[null]", "reading null is not a readable object"),
        ],
    );
}

#[test]
fn what_a_check_in_rests_on_must_be_right() {
    check_refused(
        "check-in",
        &[
            (r#"{"t":1,"prompt":"1"}"#, "identity is missing"),
            (
                r#"{"t":1,"prompt":"","identity":"match"}"#,
                r#"prompt "" is not the id of a prompt"#,
            ),
            (
                r#"{"t":1,"prompt":"1","identity":"yes"}"#,
                r#"identity "yes" is not match or no_match"#,
            ),
        ],
    );
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

/// Checks that each of `cases`, a field added to what is `right`, leaves the reading as it would
/// have been without it.
fn check_left_out(kind: &str, right: &str, cases: &[(&str, &str)]) {
    for (wrong, expected) in cases {
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
fn what_only_describes_a_position_is_left_out_when_wrong_and_told_of() {
    check_left_out(
        "position",
        r#""t":1,"lat":1,"lon":2"#,
        &[
            (r#""sat":-1"#, "sat -1 is not between 0 and 255"),
            (r#""sat":256"#, "sat 256 is not between 0 and 255"),
            (r#""sat":7.5"#, "sat 7.5 is not a whole number"),
            (r#""sat":7,"sat":8"#, "sat stands twice"),
            (r#""hdop":-0.1"#, "hdop -0.1 is below 0"),
            (r#""speed":-1"#, "speed -1 is below 0"),
            (r#""speed":1e999"#, "speed 1e999 is not a finite number"),
            (r#""course":360.5"#, "course 360.5 is not between 0 and 360"),
            (r#""seq":-5"#, "seq -5 is below 0"),
            (
                r#""seq":18446744073709551616"#,
                "seq 18446744073709552000 is not a whole number",
            ),
        ],
    );
}

#[test]
fn a_charge_that_cannot_be_is_left_out() {
    check_left_out(
        "event",
        r#""t":1,"code":"battery""#,
        &[(r#""pct":101"#, "pct 101 is not between 0 and 100")],
    );
}

#[test]
fn temperatures_that_are_none_are_left_out() {
    check_left_out(
        "alcohol",
        r#""t":1,"tac":0"#,
        &[(
            r#""skin_c":"warm""#,
            r#"skin_c "warm" is not a finite number"#,
        )],
    );
}

#[test]
fn an_answer_counts_though_where_it_came_from_is_nonsense() {
    check_left_out(
        "check-in",
        r#""t":1,"prompt":"1","identity":"match""#,
        &[
            (r#""lat":52.8"#, "lon is missing"),
            (
                r#""lat":0,"lon":0"#,
                "lat, lon 0, 0 is what a receiver without a fix reports",
            ),
        ],
    );
}
