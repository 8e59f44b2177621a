//! Why a decision goes to whom it goes.

use model::{DecisionKind, Phase};
use proptest::prelude::*;

use super::{decision, opened, order, wearer};
use crate::{RouteVerdict, RoutingPolicy};

const POLICY: &str = r#"
[[route]]
name = "specials"
when = { flags = ["nsd", "specials"] }
to = ["specials"]
exclusive = true

[[route]]
name = "strap"
when = { kind = ["strap_tamper"], phase = ["opened"] }
to = ["police/{police_force}", "court/{responsible_organisation}"]
severity = "critical"
notify_within = "4m"
escalate = [{ to = ["operators"], within = "5m" }, { to = ["duty-manager"] }]

[[route]]
name = "level 3 on licence"
when = { mappa_level = [3], order_type = ["POST_RELEASE"], hdc = false }
to = ["operators"]
exclusive = true

[[route]]
name = "rest"
to = ["operators"]

[[route]]
name = "alcohol"
when = { group = ["alcohol"] }
to = ["operators"]
"#;

fn told(policy: &RoutingPolicy, kind: &str, flags: &str, mappa: &str) -> String {
    let wearer = wearer(&format!(r#","flags":[{flags}]{mappa}"#));
    let order = order("POST_RELEASE", "");
    policy
        .explain(&opened(kind), Some(&wearer), Some(&order))
        .to_string()
}

#[test]
fn each_route_says_what_it_makes_of_it_and_why() {
    let policy = RoutingPolicy::parse(POLICY).unwrap();
    assert_eq!(
        told(&policy, "strap_tamper", "\"iom\"", ""),
        "- \"specials\" (line 2): asks for flags nsd, specials, and it is iom\n\
         + \"strap\" (line 8): takes it, tells police/staffordshire, operators; court/{responsible_organisation} \
         cannot be filled: there is no responsible_organisation\n\
         - \"level 3 on licence\" (line 16): asks for mappa_level 3, and there is none\n\
         + \"rest\" (line 22): takes it, tells operators\n\
         - \"alcohol\" (line 26): asks for group alcohol, and it is device\n\
         told: police/staffordshire, operators; severity critical; by 2026-03-29T01:04:00Z\n\
         if nobody acknowledges it, 1: operators, and 300 s later\n\
         if nobody acknowledges it, 2: duty-manager"
    );
    let last = told(
        &policy,
        "alcohol_gap",
        "",
        r#","mappa":{"category":1,"level":3}"#,
    );
    let lines: Vec<&str> = last.lines().collect();
    assert_eq!(
        lines[0],
        "- \"specials\" (line 2): asks for flags nsd, specials, and there is none"
    );
    assert_eq!(
        lines[1],
        "- \"strap\" (line 8): asks for kind strap_tamper, and it is alcohol_gap"
    );
    assert_eq!(
        lines[2],
        "+ \"level 3 on licence\" (line 16): takes it, tells operators; exclusive"
    );
    assert_eq!(
        lines[3],
        "- \"rest\" (line 22): not asked after \"level 3 on licence\"; it would have applied"
    );
}

#[test]
fn what_nobody_takes_is_said_to_go_to_the_operators() {
    let policy = RoutingPolicy::parse(
        "[[route]]\nname = \"z\"\nwhen = { group = [\"zone\"] }\nto = [\"court\"]",
    )
    .unwrap();
    let explained = policy
        .explain(&opened("strap_tamper"), None, None)
        .to_string();
    assert!(
        explained.ends_with("told: operators; severity high; no route took it"),
        "{explained}"
    );
}

proptest! {
    /// The routes that are said to take it tell exactly those who are told.
    #[test]
    fn an_explanation_says_what_routing_does(
        kind in prop::sample::select(DecisionKind::ALL.to_vec()),
        phase in prop::sample::select(vec![Phase::Opened, Phase::Updated, Phase::Cleared]),
        flags in prop::sample::select(vec!["", "\"nsd\"", "\"iom\"", "\"high-risk\",\"iom\""]),
        order_type in prop::sample::select(vec!["POST_RELEASE", "BAIL", "IMMIGRATION", "COMMUNITY", "SPECIAL"]),
        hdc in any::<bool>(),
        shipped in any::<bool>(),
    ) {
        let policy = if shipped { RoutingPolicy::shipped() } else { RoutingPolicy::parse(POLICY).unwrap() };
        let wearer = wearer(&format!(r#","flags":[{flags}]"#));
        let order = order(order_type, &format!(r#","hdc":{hdc}"#));
        let decision = decision(kind, phase);
        let explained = policy.explain(&decision, Some(&wearer), Some(&order));
        let mut told = Vec::new();
        for route in &explained.routes {
            if let RouteVerdict::Takes { tells, .. } = &route.verdict {
                told.extend(tells.iter().filter(|to| !told.contains(*to)).cloned().collect::<Vec<_>>());
            }
        }
        let routed = policy.route(&decision, Some(&wearer), Some(&order));
        let recipients: Vec<_> = routed.notifications.into_iter().map(|n| n.recipient).collect();
        prop_assert_eq!(&explained.recipients, &recipients);
        prop_assert_eq!(explained.unrouted, told.is_empty());
        if !told.is_empty() {
            prop_assert_eq!(told, recipients);
        }
    }
}
