//! Reading a policy's text.

use crate::RoutingPolicy;

fn problems(text: &str) -> Vec<String> {
    let error = RoutingPolicy::parse(text).unwrap_err();
    error.problems.iter().map(ToString::to_string).collect()
}

/// A route with `fields` on its fourth line.
fn with(fields: &str) -> String {
    format!("[[route]]\nname = \"r\"\nto = [\"operators\"]\n{fields}\n")
}

/// Checks that each of `cases`, fields of a route, has one problem, worded so.
fn check_each(cases: &[(&str, &str)]) {
    for (fields, expected) in cases {
        assert_eq!(problems(&with(fields)), [*expected], "{fields}");
    }
}

#[test]
fn each_mistake_is_named_with_its_place_its_value_and_what_would_be_right() {
    check_each(&[
        (
            "sevrity = \"low\"",
            "line 4, column 1: route[1].sevrity is not a field here; known are name, when, to, severity, notify_within, escalate, exclusive",
        ),
        (
            "severity = \"urgent\"",
            "line 4, column 12: route[1].severity \"urgent\" is not known: unknown variant `urgent`, expected one of `low`, `medium`, `high`, `critical`",
        ),
        (
            "severity = 3",
            "line 4, column 12: route[1].severity 3 is not text in quotes",
        ),
        (
            "exclusive = \"yes\"",
            "line 4, column 13: route[1].exclusive \"yes\" is not true or false",
        ),
        (
            "notify_within = 4",
            "line 4, column 17: route[1].notify_within 4 is not text in quotes",
        ),
    ]);
}

#[test]
fn each_mistake_in_a_when_is_named_likewise() {
    check_each(&[
        (
            "when = []",
            "line 4, column 8: route[1].when [] is not a table, such as { kind = [\"strap_tamper\"] }",
        ),
        (
            "when = { victim = true }",
            "line 4, column 10: route[1].when.victim is not a field here; known are flags, kind, group, phase, order_type, hdc, responsible_organisation, notifying_organisation, mappa_level, mappa_category",
        ),
        (
            "when = { phase = [\"begun\"] }",
            "line 4, column 19: route[1].when.phase \"begun\" is not known: unknown variant `begun`, expected one of `opened`, `updated`, `cleared`, `amended`, `withdrawn`",
        ),
        (
            "when = { phase = \"opened\" }",
            "line 4, column 18: route[1].when.phase \"opened\" is not a list, such as [\"…\", \"…\"]",
        ),
        (
            "when = { hdc = 1 }",
            "line 4, column 16: route[1].when.hdc 1 is not true or false",
        ),
        (
            "when = { flags = [\"\"] }",
            "line 4, column 19: route[1].when.flags \"\" is empty",
        ),
        (
            "when = { mappa_level = [4] }",
            "line 4, column 25: route[1].when.mappa_level 4 is not a whole number from 1 to 3",
        ),
        (
            "when = { mappa_category = [-1] }",
            "line 4, column 28: route[1].when.mappa_category -1 is not a whole number from 1 to 4",
        ),
        (
            "when = { mappa_level = [2.0] }",
            "line 4, column 25: route[1].when.mappa_level 2.0 is not a whole number from 1 to 3",
        ),
    ]);
}

#[test]
fn an_unknown_kind_is_refused_with_the_known_ones() {
    let found = problems(&with("when = { kind = [\"loitering\"] }"));
    assert_eq!(found.len(), 1);
    assert!(found[0].contains("`exclusion_zone_entered`, "), "{found:?}");
}

#[test]
fn recipients_that_can_be_nobody_are_refused() {
    let cases = [
        (
            "police/{police_farce}",
            "asks for {police_farce}, which is not one of police_force, probation_region, responsible_organisation",
        ),
        ("police/{police_force", "has a '{' without its '}'"),
        (
            "Police",
            "is not a recipient: lower-case letters, digits, '-' and {fields} in one or two parts joined by '/'",
        ),
        (
            "",
            "is not a recipient: lower-case letters, digits, '-' and {fields} in one or two parts joined by '/'",
        ),
        (
            "a/b/c",
            "is not a recipient: lower-case letters, digits, '-' and {fields} in one or two parts joined by '/'",
        ),
        (
            "a}b",
            "is not a recipient: lower-case letters, digits, '-' and {fields} in one or two parts joined by '/'",
        ),
    ];
    for (recipient, expected) in cases {
        let text = format!("[[route]]\nname = \"r\"\nto = [\"court\", \"{recipient}\"]");
        let expected = format!("line 3, column 16: route[1].to \"{recipient}\" {expected}");
        assert_eq!(problems(&text), [expected]);
    }
}

#[test]
fn every_mistake_is_told_of_at_once_in_the_order_of_the_text() {
    let text = "version = 1\n[[route]]\nto = []\n[[route]]\nname = \"\"\nseverity = \"x\"\n";
    let found = RoutingPolicy::parse(text).unwrap_err();
    let fields: Vec<_> = found
        .problems
        .iter()
        .map(|problem| (problem.line, problem.field.as_str()))
        .collect();
    assert_eq!(
        fields,
        [
            (1, "version"),
            (2, "route[1].name"),
            (3, "route[1].to"),
            (4, "route[2].to"),
            (5, "route[2].name"),
            (6, "route[2].severity"),
        ]
    );
    assert_eq!(found.to_string().lines().count(), 6);
}

#[test]
fn text_that_is_not_toml_gives_the_place() {
    let error = RoutingPolicy::parse("[[route]]\nname = \"é\" \"r\"\nto = [\n").unwrap_err();
    assert_eq!((error.problems[0].line, error.problems[0].column), (2, 12));
    assert!(RoutingPolicy::parse("route = [1]").is_err());
    assert!(RoutingPolicy::parse("route = {}").is_err());
    assert!(RoutingPolicy::parse("route = []").is_err());
    assert_eq!(
        problems("# nothing"),
        ["line 1, column 1: policy holds no route; write [[route]]"]
    );
}

#[test]
fn times_to_notify_are_whole_numbers_with_a_unit() {
    for (text, seconds) in [("90s", 90), ("4m", 240), ("2h", 7_200), ("31d", 2_678_400)] {
        let policy = RoutingPolicy::parse(&with(&format!("notify_within = \"{text}\""))).unwrap();
        let within = policy.routes[0].notify_within.unwrap();
        assert_eq!(within.num_seconds(), seconds);
    }
    for text in [
        "",
        "4",
        "m",
        "0m",
        "-4m",
        "+4m",
        "4 m",
        "1.5h",
        "4min",
        "32d",
        "99999999999999999999d",
        "9223372036854775807d",
        "4µ",
    ] {
        let found = problems(&with(&format!("notify_within = \"{text}\"")));
        assert_eq!(found.len(), 1, "{text}");
        assert!(found[0].contains("route[1].notify_within"), "{found:?}");
    }
}

proptest::proptest! {
    #[test]
    fn no_text_makes_reading_panic(text in ".{0,200}") {
        let _either = RoutingPolicy::parse(&text);
    }

    #[test]
    fn no_cut_or_changed_policy_makes_reading_panic(at in 0..8000_usize, byte in 32..127_u8) {
        let mut bytes = RoutingPolicy::shipped_text().as_bytes().to_vec();
        let at = at % bytes.len();
        let cut = String::from_utf8_lossy(&bytes[..at]).into_owned();
        bytes[at] = byte;
        for text in [cut, String::from_utf8_lossy(&bytes).into_owned()] {
            if let Err(error) = RoutingPolicy::parse(&text) {
                proptest::prop_assert!(!error.problems.is_empty());
            }
        }
    }
}

#[test]
fn ladders_are_refused_that_cannot_be_gone_up() {
    check_each(&[
        (
            "escalate = [{ to = [\"operators\"] }]",
            "line 4, column 12: route[1].escalate [{ to = [\"operators\"] }] needs `notify_within`: the first rung is told when that has passed",
        ),
        (
            "notify_within = \"4m\"\nescalate = [{ to = [\"operators\"] }, { to = [\"court\"] }]",
            "line 5, column 13: route[1].escalate[1] { to = [\"operators\"] } needs `within`: the next rung is told when that has passed",
        ),
        (
            "notify_within = \"4m\"\nescalate = [{ to = [] }]",
            "line 5, column 20: route[1].escalate[1].to [] names nobody; name at least one recipient",
        ),
        (
            "notify_within = \"4m\"\nescalate = [{ to = [\"court\"], after = \"5m\" }]",
            "line 5, column 31: route[1].escalate[1].after is not a field here; known are to, within",
        ),
    ]);
}

#[test]
fn incidents_say_what_is_many_and_how_long_it_lasts() {
    let incident = |fields: &str| with(&format!("[[incident]]\n{fields}"));
    let whole =
        "name = \"i\"\nkind = [\"no_contact\"]\nthreshold = 5\nwithin = \"10m\"\nquiet = \"15m\"";
    assert!(RoutingPolicy::parse(&incident(whole)).is_ok());
    let cases = [
        (
            "threshold = 5",
            "threshold = 1",
            "line 7, column 13: incident[1].threshold 1 is not a whole number from 3 to 1000000",
        ),
        (
            "kind = [\"no_contact\"]",
            "kind = []",
            "line 4, column 1: incident[1].kind is missing: a list of kinds, such as [\"no_contact\"]",
        ),
        (
            "quiet = \"15m\"",
            "quite = \"15m\"",
            "line 9, column 1: incident[1].quite is not a field here; known are name, kind, threshold, within, quiet",
        ),
    ];
    for (right, wrong, expected) in cases {
        let told = problems(&incident(&whole.replace(right, wrong)));
        assert!(told.contains(&expected.to_owned()), "{told:?}");
    }
    assert_eq!(
        problems(&with("[repeats]\nwithin = \"soon\"")),
        [
            "line 5, column 10: repeats.within \"soon\" is not a time to notify: a whole number above 0 with s, m, h or d, such as \"4m\""
        ]
    );
}
