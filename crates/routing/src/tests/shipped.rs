//! The policy that is shipped.

use model::{DecisionKind, Phase};

use super::{decision, opened, order, told, wearer};
use crate::RoutingPolicy;

#[test]
fn the_shipped_policy_can_be_read_and_has_nothing_odd() {
    let policy = RoutingPolicy::parse(RoutingPolicy::shipped_text()).unwrap();
    assert_eq!(policy.warnings(), []);
    assert_eq!(policy, RoutingPolicy::shipped());
    assert!(policy.route_names().count() > 10);
}

/// Checks who is told by the shipped policy; the order is given as its type and more fields.
fn check(kind: &str, profile: &str, order_of: Option<(&str, &str)>, expected: &str) {
    let order = order_of.map(|(kind, more)| order(kind, more));
    let routed =
        RoutingPolicy::shipped().route(&opened(kind), Some(&wearer(profile)), order.as_ref());
    assert_eq!(told(&routed), expected, "{kind} {profile} {order_of:?}");
    assert!(!routed.unrouted && routed.unfilled.is_empty());
}

#[test]
fn who_is_told_of_an_exclusion_zone_entered() {
    let kind = "exclusion_zone_entered";
    let licence = Some(("POST_RELEASE", ""));
    check(kind, "", None, "critical: police/staffordshire");
    check(
        kind,
        "",
        licence,
        "critical: police/staffordshire probation/west-midlands",
    );
    check(
        kind,
        "",
        Some(("BAIL", "")),
        "critical: police/staffordshire court",
    );
    check(
        kind,
        "",
        Some(("IMMIGRATION", "")),
        "critical: police/staffordshire home-office",
    );
    check(
        kind,
        r#","mappa":{"category":1,"level":2}"#,
        licence,
        "critical: police/staffordshire offender-managers/staffordshire probation/west-midlands",
    );
    check(
        kind,
        r#","flags":["nsd","iom"]"#,
        licence,
        "critical: specials",
    );
    check(kind, "", Some(("SPECIAL", "")), "critical: specials");
}

#[test]
fn the_police_are_told_of_an_exclusion_zone_within_four_minutes() {
    let routed = RoutingPolicy::shipped().route(
        &opened("exclusion_zone_entered"),
        Some(&wearer("")),
        Some(&order("COMMUNITY", "")),
    );
    assert_eq!(
        routed.notify_by.unwrap().to_string(),
        "2026-03-29T01:04:00Z"
    );
}

#[test]
fn who_is_told_of_a_curfew_breach() {
    let cases = [
        ("POST_RELEASE", "", "medium: probation/west-midlands"),
        ("COMMUNITY", "", "medium: probation/west-midlands"),
        ("BAIL", "", "high: police/staffordshire court"),
        ("PRE_TRIAL", "", "high: police/staffordshire court"),
        ("IMMIGRATION", "", "high: home-office"),
        ("CIVIL", "", "high: police/staffordshire"),
        (
            "POST_RELEASE",
            r#","hdc":true"#,
            "high: recall probation/west-midlands",
        ),
        (
            "COMMUNITY",
            r#","responsible_organisation":"FIELD_MONITORING_SERVICE""#,
            "medium: enforcement",
        ),
        (
            "COMMUNITY",
            r#","responsible_organisation":"YJS""#,
            "high: operators",
        ),
    ];
    for kind in [
        "out_past_start",
        "late_return",
        "left_during",
        "out_at_end",
        "absent_throughout",
        "atv_exhausted",
    ] {
        for (order_type, more, expected) in cases {
            check(kind, "", Some((order_type, more)), expected);
        }
    }
}

#[test]
fn offender_managers_are_told_as_well() {
    let expected = "high: offender-managers/staffordshire probation/west-midlands";
    for profile in [
        r#","flags":["iom"]"#,
        r#","mappa":{"category":1,"level":2}"#,
        r#","mappa":{"category":4,"level":3}"#,
    ] {
        check("late_return", profile, Some(("COMMUNITY", "")), expected);
    }
    check(
        "late_return",
        r#","mappa":{"category":4,"level":1}"#,
        Some(("COMMUNITY", "")),
        "medium: probation/west-midlands",
    );
}

#[test]
fn who_is_told_of_a_tamper() {
    for kind in ["strap_tamper", "case_open"] {
        check(kind, "", None, "critical: operators");
        check(
            kind,
            "",
            Some(("COMMUNITY", "")),
            "critical: operators probation/west-midlands",
        );
        check(
            kind,
            r#","flags":["high-risk"]"#,
            Some(("POST_RELEASE", "")),
            "critical: operators police/staffordshire probation/west-midlands",
        );
        check(
            kind,
            r#","flags":["high-risk"]"#,
            None,
            "critical: operators police/staffordshire",
        );
        check(kind, r#","flags":["specials"]"#, None, "critical: specials");
    }
}

#[test]
fn probation_is_told_of_alcohol_and_of_appointments() {
    for kind in [
        "alcohol_detected",
        "alcohol_confirmed",
        "attendance_missed",
        "check_in_identity",
    ] {
        check(
            kind,
            "",
            Some(("COMMUNITY", "")),
            "medium: probation/west-midlands",
        );
    }
}

#[test]
fn guesses_and_ailing_devices_are_for_the_operators() {
    let high_risk = r#","flags":["high-risk","iom"],"mappa":{"category":3,"level":3}"#;
    let order = Some(("POST_RELEASE", r#","hdc":true"#));
    for (kind, severity) in [
        ("exclusion_zone_possible", "high"),
        ("transit_possible", "high"),
        ("zone_unknown", "medium"),
        ("presence_unknown", "medium"),
        ("alcohol_probable", "high"),
        ("alcohol_environmental", "low"),
        ("battery_low", "low"),
        ("battery_dead", "medium"),
        ("no_contact", "medium"),
        ("jamming", "high"),
        ("intake_gap", "high"),
        ("geometry_missing", "high"),
        ("unknown_device", "high"),
    ] {
        check(kind, high_risk, order, &format!("{severity}: operators"));
    }
}

#[test]
fn a_wearer_nobody_watches_is_told_of_to_operators_and_supervisor() {
    check(
        "not_monitored",
        "",
        Some(("COMMUNITY", "")),
        "high: operators probation/west-midlands",
    );
    check("not_monitored", "", None, "high: operators");
}

#[test]
fn whoever_is_told_that_it_opened_is_told_how_it_ends() {
    let policy = RoutingPolicy::shipped();
    let wearer = wearer(r#","flags":["iom","high-risk"]"#);
    for kind in DecisionKind::ALL {
        for order in [order("BAIL", ""), order("COMMUNITY", "")] {
            let route = |phase| policy.route(&decision(*kind, phase), Some(&wearer), Some(&order));
            let opened = told(&route(Phase::Opened));
            for phase in [Phase::Cleared, Phase::Amended, Phase::Withdrawn] {
                assert_eq!(told(&route(phase)), opened, "{kind} {phase}");
            }
            assert_eq!(told(&route(Phase::Updated)), "low: operators", "{kind}");
        }
    }
}
