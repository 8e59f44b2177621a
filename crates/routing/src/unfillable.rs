//! Wearers of whom the policy asks what their profile does not say.

use std::collections::BTreeSet;

use model::registry::{Order, Wearer};
use model::{AlertId, Decision, DecisionKind, Evidence, OversightEvidence, Phase, Timestamp};

use crate::{RoutingPolicy, Unfilled};

impl RoutingPolicy {
    /// Recipients that could not be named in any alert about `wearer`, under any of their `orders`: the
    /// operators would be told instead.
    #[must_use]
    pub fn unfillable(&self, wearer: &Wearer, orders: &[&Order]) -> BTreeSet<Unfilled> {
        let mut unfilled = BTreeSet::new();
        for kind in DecisionKind::ALL {
            for phase in [Phase::Opened, Phase::Cleared] {
                let decision = sample(wearer, *kind, phase);
                let of_none = orders.is_empty().then_some(None);
                for order in orders.iter().copied().map(Some).chain(of_none) {
                    unfilled.extend(self.route(&decision, Some(wearer), order).unfilled);
                }
            }
        }
        unfilled
    }
}

/// Some decision of that kind about a wearer: routing looks at nothing else.
fn sample(wearer: &Wearer, kind: DecisionKind, phase: Phase) -> Decision {
    Decision {
        alert: AlertId::derive(&wearer.id, "sample", kind, 1),
        revision: 1,
        wearer: wearer.id.clone(),
        order: None,
        order_version: None,
        registry: None,
        condition: None,
        device: None,
        kind,
        phase,
        onset: Timestamp::default(),
        decided: Timestamp::default(),
        late: false,
        evidence: Evidence::Oversight(OversightEvidence::new("", String::new())),
    }
}

#[cfg(test)]
mod tests {
    use crate::RoutingPolicy;
    use crate::tests::{order, wearer};

    #[test]
    fn what_a_profile_does_not_say_is_found_where_a_route_may_ask_for_it() {
        let policy = RoutingPolicy::shipped();
        let named = wearer("");
        let licence = order("POST_RELEASE", r#","responsible_organisation":"PROBATION""#);
        assert!(policy.unfillable(&named, &[&licence]).is_empty());
        let nameless = serde_json::from_str(r#"{"id":"W-1","flags":["iom"]}"#).unwrap();
        let templates: Vec<String> = policy
            .unfillable(&nameless, &[&licence])
            .into_iter()
            .map(|unfilled| unfilled.template)
            .collect();
        assert_eq!(
            templates,
            [
                "probation/{probation_region}",
                "police/{police_force}",
                "offender-managers/{police_force}",
            ]
        );
        // Specials go to their own queue, whatever their profile does not say.
        let special = serde_json::from_str(r#"{"id":"W-1","flags":["nsd"]}"#).unwrap();
        assert!(policy.unfillable(&special, &[&licence]).is_empty());
    }
}
