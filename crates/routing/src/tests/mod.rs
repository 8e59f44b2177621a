//! What the policies of people lead to.

mod explain;
mod gather;
mod reading;
mod routing;
mod shipped;
mod warnings;

use model::registry::{Order, Wearer};
use model::{Decision, DecisionKind, Phase};

use crate::Routed;

/// A decision about W-1, made at 2026-03-29T01:00:00Z.
fn decision(kind: DecisionKind, phase: Phase) -> Decision {
    serde_json::from_str(&format!(
        r#"{{"alert":"6a1c0f5e-91d7-4c1b-8f4e-3b8d2a6057c9","revision":1,"wearer":"W-1","kind":"{kind}","phase":"{phase}",
        "onset":"2026-03-29T00:58:00Z","decided":"2026-03-29T01:00:00Z","late":false,
        "evidence":{{"rule":"device","policy":"1","reason":"r","count":1}}}}"#
    ))
    .unwrap()
}

fn opened(kind: &str) -> Decision {
    decision(DecisionKind::parse(kind).unwrap(), Phase::Opened)
}

/// A wearer of Staffordshire, in the West Midlands, with `more` fields.
pub(crate) fn wearer(more: &str) -> Wearer {
    serde_json::from_str(&format!(
        r#"{{"id":"W-1","police_force":"staffordshire","probation_region":"west-midlands"{more}}}"#
    ))
    .unwrap()
}

/// An order of a kind, with `more` fields.
pub(crate) fn order(kind: &str, more: &str) -> Order {
    serde_json::from_str(&format!(
        r#"{{"id":"O-1","wearer":"W-1","type":"{kind}","from":"2026-03-01T00:00:00Z"{more}}}"#
    ))
    .unwrap()
}

/// Severity and recipients, in order: `critical: police/staffordshire court`.
fn told(routed: &Routed) -> String {
    let names: Vec<_> = routed
        .notifications
        .iter()
        .map(|notification| notification.recipient.as_str())
        .collect();
    format!("{}: {}", routed.severity.as_str(), names.join(" "))
}
