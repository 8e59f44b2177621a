//! How routes apply.

use model::{DecisionKind, Phase};
use proptest::prelude::*;

use super::{decision, opened, order, told, wearer};
use crate::{RoutingPolicy, Unfilled};

fn policy(routes: &str) -> RoutingPolicy {
    RoutingPolicy::parse(routes).unwrap()
}

#[test]
fn every_matching_route_applies_up_to_the_first_exclusive_one() {
    let policy = policy(
        r#"
        [[route]]
        name = "a"
        to = ["court", "recall"]
        severity = "low"
        notify_within = "1d"
        [[route]]
        name = "b"
        when = { kind = ["case_open"] }
        to = ["recall", "police/{police_force}"]
        severity = "high"
        notify_within = "90s"
        exclusive = true
        [[route]]
        name = "c"
        to = ["home-office"]
        severity = "critical"
        notify_within = "1s"
        "#,
    );
    let routed = policy.route(&opened("case_open"), Some(&wearer("")), None);
    assert_eq!(told(&routed), "high: court recall police/staffordshire");
    let names: Vec<_> = routed
        .notifications
        .iter()
        .map(|n| n.route.as_str())
        .collect();
    assert_eq!(names, ["a", "a", "b"], "the route that named them first");
    assert_eq!(
        routed.notify_by.unwrap().to_string(),
        "2026-03-29T01:01:30Z"
    );
    for notification in &routed.notifications {
        assert_eq!(notification.severity, routed.severity);
        assert_eq!(notification.notify_by, routed.notify_by);
    }
    let routed = policy.route(&opened("jamming"), None, None);
    assert_eq!(told(&routed), "critical: court recall home-office");
}

#[test]
fn all_of_a_when_must_hold_and_any_of_each_list() {
    let cases = [
        (r#"flags = ["iom", "nsd"]"#, true),
        (r#"flags = ["nsd"]"#, false),
        (r#"flags = []"#, false),
        (r#"kind = ["case_open", "strap_tamper"]"#, true),
        (r#"kind = ["jamming"]"#, false),
        (r#"group = ["device", "curfew"]"#, true),
        (r#"group = ["curfew"]"#, false),
        (r#"group = ["curfew"], kind = ["case_open"]"#, false),
        (r#"phase = ["opened"]"#, true),
        (r#"phase = ["withdrawn"]"#, false),
        (r#"order_type = ["BAIL", "CIVIL"]"#, true),
        (r#"order_type = ["COMMUNITY"]"#, false),
        ("hdc = true", true),
        ("hdc = false", false),
        (r#"responsible_organisation = ["POLICE"]"#, true),
        (r#"responsible_organisation = ["PROBATION"]"#, false),
        (r#"notifying_organisation = ["PRISON"]"#, true),
        (r#"notifying_organisation = ["CROWN_COURT"]"#, false),
        ("mappa_level = [2]", true),
        ("mappa_level = [1, 3]", false),
        ("mappa_category = [4]", true),
        ("mappa_category = [1]", false),
        (
            r#"mappa_level = [2], mappa_category = [4], flags = ["iom"]"#,
            true,
        ),
        (
            r#"mappa_level = [2], mappa_category = [4], flags = ["x"]"#,
            false,
        ),
        ("", true),
    ];
    let wearer = wearer(r#","flags":["iom"],"mappa":{"category":4,"level":2}"#);
    let order = order(
        "BAIL",
        r#","hdc":true,"responsible_organisation":"POLICE","notifying_organisation":"PRISON""#,
    );
    for (when, expected) in cases {
        let policy = policy(&format!(
            "[[route]]\nname = \"r\"\nwhen = {{ {when} }}\nto = [\"court\"]"
        ));
        let routed = policy.route(&opened("case_open"), Some(&wearer), Some(&order));
        assert_eq!(routed.unrouted, !expected, "{when}");
    }
}

#[test]
fn what_is_not_known_does_not_hold() {
    for when in [
        "hdc = false",
        r#"order_type = ["BAIL"]"#,
        r#"flags = ["iom"]"#,
        "mappa_level = [1, 2, 3]",
        r#"responsible_organisation = ["POLICE"]"#,
    ] {
        let policy = policy(&format!(
            "[[route]]\nname = \"r\"\nwhen = {{ {when} }}\nto = [\"court\"]"
        ));
        assert!(
            policy.route(&opened("case_open"), None, None).unrouted,
            "{when}"
        );
    }
}

#[test]
fn what_no_route_takes_goes_to_the_operators() {
    let routed = RoutingPolicy::default().route(&opened("case_open"), None, None);
    assert_eq!(told(&routed), "high: operators");
    assert!(routed.unrouted && routed.unfilled.is_empty());
    assert_eq!(routed.notify_by, None);
    assert_eq!(routed.notifications[0].route, "no route");
}

#[test]
fn a_recipient_that_cannot_be_named_becomes_the_operators_and_is_told_of() {
    let policy = policy(
        r#"
        [[route]]
        name = "r"
        to = ["police/{police_force}", "court", "probation/{probation_region}"]
        "#,
    );
    let unfilled = |template: &str, field, value: Option<&str>| Unfilled {
        route: "r".to_owned(),
        template: template.to_owned(),
        field,
        value: value.map(str::to_owned),
    };
    let police = "police/{police_force}";
    let probation = "probation/{probation_region}";
    let routed = policy.route(&opened("case_open"), None, None);
    assert_eq!(told(&routed), "medium: operators court");
    assert!(!routed.unrouted);
    assert_eq!(
        routed.unfilled,
        [
            unfilled(police, "police_force", None),
            unfilled(probation, "probation_region", None)
        ]
    );
    for odd in ["West Midlands", "", "a/b", "{police_force}"] {
        let mut wearer = wearer("");
        wearer.police_force = Some(odd.to_owned());
        let routed = policy.route(&opened("case_open"), Some(&wearer), None);
        assert_eq!(
            told(&routed),
            "medium: operators court probation/west-midlands",
            "{odd}"
        );
        assert_eq!(
            routed.unfilled,
            [unfilled(police, "police_force", Some(odd))]
        );
    }
}

#[test]
fn a_template_may_ask_for_who_supervises() {
    let policy =
        policy("[[route]]\nname = \"r\"\nto = [\"supervision/{responsible_organisation}\"]");
    let order = order(
        "COMMUNITY",
        r#","responsible_organisation":"FIELD_MONITORING_SERVICE""#,
    );
    let routed = policy.route(&opened("case_open"), None, Some(&order));
    assert_eq!(
        told(&routed),
        "medium: supervision/field-monitoring-service"
    );
}

#[test]
fn a_notification_is_the_same_one_for_the_same_alert_revision_and_recipient() {
    let policy = RoutingPolicy::shipped();
    let wearer = wearer("");
    let route = |revision| {
        let mut decision = opened("exclusion_zone_entered");
        decision.revision = revision;
        policy.route(&decision, Some(&wearer), None)
    };
    assert_eq!(route(1), route(1));
    assert_ne!(route(1).notifications[0].id, route(2).notifications[0].id);
}

prop_compose! {
    fn any_profile()(
        force in prop::option::of("[a-z]{1,3}|[A-Z /{}]{0,3}"),
        region in prop::option::of("[a-z]{1,3}"),
        flags in prop::collection::vec(
            prop::sample::select(vec!["iom", "nsd", "specials", "high-risk", "x"]), 0..3),
        level in prop::option::of(1..=3_u8),
    ) -> model::registry::Wearer {
        let mut wearer = wearer("");
        wearer.police_force = force;
        wearer.probation_region = region;
        wearer.flags = flags.into_iter().map(str::to_owned).collect();
        wearer.mappa = level.map(|level| model::registry::Mappa { category: 1, level });
        wearer
    }
}

fn any_order() -> impl Strategy<Value = model::registry::Order> {
    let kinds = vec![
        "CIVIL",
        "COMMUNITY",
        "IMMIGRATION",
        "POST_RELEASE",
        "PRE_TRIAL",
        "SPECIAL",
        "BAIL",
    ];
    (prop::sample::select(kinds), any::<bool>())
        .prop_map(|(kind, hdc)| order(kind, &format!(r#","hdc":{hdc}"#)))
}

fn any_decision() -> impl Strategy<Value = model::Decision> {
    let phases = vec![
        Phase::Opened,
        Phase::Updated,
        Phase::Cleared,
        Phase::Amended,
        Phase::Withdrawn,
    ];
    (
        prop::sample::select(DecisionKind::ALL.to_vec()),
        prop::sample::select(phases),
    )
        .prop_map(|(kind, phase)| decision(kind, phase))
}

proptest! {
    #[test]
    fn somebody_is_told_of_every_decision_and_nobody_twice(
        decision in any_decision(),
        wearer in prop::option::of(any_profile()),
        order in prop::option::of(any_order()),
    ) {
        let policy = RoutingPolicy::shipped();
        let routed = policy.route(&decision, wearer.as_ref(), order.as_ref());
        prop_assert!(!routed.notifications.is_empty());
        let mut ids: Vec<_> = routed.notifications.iter().map(|n| n.id).collect();
        ids.sort();
        ids.dedup();
        prop_assert_eq!(ids.len(), routed.notifications.len());
        prop_assert_eq!(&routed, &policy.route(&decision, wearer.as_ref(), order.as_ref()));
    }

    #[test]
    fn specials_are_seen_by_nobody_else(decision in any_decision(), order in prop::option::of(any_order())) {
        let wearer = wearer(r#","flags":["iom","nsd"],"mappa":{"category":4,"level":3}"#);
        let routed = RoutingPolicy::shipped().route(&decision, Some(&wearer), order.as_ref());
        let names: Vec<_> = routed.notifications.iter().map(|n| n.recipient.as_str()).collect();
        prop_assert_eq!(names, ["specials"]);
    }
}
