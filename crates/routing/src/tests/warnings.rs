//! What cannot be meant.

use crate::RoutingPolicy;

/// The warnings about routes of the given `when` and exclusiveness, named r1, r2 …
fn warnings(routes: &[(&str, bool)]) -> Vec<String> {
    let text: String = routes
        .iter()
        .enumerate()
        .map(|(index, (when, exclusive))| {
            format!(
                "[[route]]\nname = \"r{}\"\nwhen = {{ {when} }}\nto = [\"court\"]\nexclusive = {exclusive}\n",
                index + 1
            )
        })
        .collect();
    let policy = RoutingPolicy::parse(&text).unwrap();
    policy.warnings().iter().map(ToString::to_string).collect()
}

#[test]
fn a_route_behind_a_wider_exclusive_one_can_never_match() {
    let shadowed = |wide: &str, narrow: &str, exclusive: bool| {
        let found = warnings(&[(wide, exclusive), (narrow, false)]);
        assert!(found.len() <= 1, "{found:?}");
        found.iter().any(|warning| {
            warning == "line 6: route \"r2\" can never match: \"r1\" before it is exclusive and takes all of it"
        })
    };
    let cases = [
        ("", r#"kind = ["jamming"]"#, true),
        (r#"group = ["device"]"#, r#"kind = ["jamming"]"#, true),
        (r#"kind = ["jamming"]"#, r#"group = ["device"]"#, false),
        (r#"flags = ["iom", "nsd"]"#, r#"flags = ["nsd"]"#, true),
        (r#"flags = ["nsd"]"#, r#"flags = ["iom", "nsd"]"#, false),
        (r#"flags = ["nsd"]"#, "", false),
        ("hdc = true", "hdc = true", true),
        ("hdc = true", "hdc = false", false),
        (
            "hdc = true",
            r#"hdc = true, order_type = ["POST_RELEASE"]"#,
            true,
        ),
        (
            "mappa_level = [2, 3]",
            "mappa_level = [3], mappa_category = [1]",
            true,
        ),
        ("mappa_level = [2]", "mappa_category = [1]", false),
        (r#"phase = ["opened"]"#, r#"phase = ["cleared"]"#, false),
    ];
    for (wide, narrow, expected) in cases {
        assert_eq!(shadowed(wide, narrow, true), expected, "{wide} > {narrow}");
        assert!(!shadowed(wide, narrow, false), "not exclusive: {wide}");
    }
}

#[test]
fn lists_of_nothing_and_kinds_outside_their_groups_are_told_of() {
    assert_eq!(
        warnings(&[
            ("phase = []", false),
            (r#"kind = ["jamming"], group = ["zone"]"#, false)
        ]),
        [
            "line 1: route \"r1\" can never match: phase is an empty list",
            "line 6: route \"r2\" can never match: none of its kinds is in its groups",
        ]
    );
}

#[test]
fn flags_that_nobody_carries_and_names_used_twice_are_told_of() {
    assert_eq!(
        warnings(&[(r#"flags = ["iom", "hi-risk"]"#, false)]),
        ["line 1: route \"r1\" asks for flag \"hi-risk\", which no profile is known to carry"]
    );
    let text =
        "[[route]]\nname = \"r\"\nto = [\"court\"]\n[[route]]\nname = \"r\"\nto = [\"court\"]\n";
    let found = RoutingPolicy::parse(text).unwrap().warnings();
    assert_eq!(found.len(), 1);
    assert_eq!(
        found[0].to_string(),
        "line 4: route \"r\" has the name of an earlier route"
    );
}

#[test]
fn a_route_of_which_earlier_ones_take_a_kind_each_can_never_match() {
    let policy = |last: &str| {
        let text = format!(
            "[[route]]\nname = \"a\"\nwhen = {{ kind = [\"strap_tamper\"] }}\nto = [\"court\"]\nexclusive = true\n\
             [[route]]\nname = \"b\"\nwhen = {{ kind = [\"case_open\"], phase = [\"opened\"] }}\nto = [\"court\"]\nexclusive = true\n\
             [[route]]\nname = \"c\"\nwhen = {{ kind = [\"strap_tamper\", \"case_open\"]{last} }}\nto = [\"court\"]\n"
        );
        let policy = crate::RoutingPolicy::parse(&text).unwrap();
        policy
            .warnings()
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    assert_eq!(policy(""), Vec::<String>::new());
    assert_eq!(
        policy(", phase = [\"opened\"]"),
        [
            "line 11: route \"c\" can never match: \"a\", \"b\" before it is exclusive and takes all of it"
        ]
    );
}
