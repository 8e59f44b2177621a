//! Who is told by which policy, and whether anybody takes it on.

use prometheus::{Error, IntCounter, IntCounterVec, IntGaugeVec, Registry};

use super::register::{counter, counters, gauges};

/// What became of a routing policy.
const TAKEN_UP: &str = "taken_up";
const REFUSED: &str = "refused";

#[derive(Debug)]
pub(super) struct Telling {
    policies: IntCounterVec,
    policy: IntGaugeVec,
    overdue: IntCounter,
}

impl Telling {
    pub(super) fn new(registry: &Registry) -> Result<Self, Error> {
        let telling = Self {
            policies: counters(
                registry,
                "routing_policies_total",
                "Routing policies that were taken up or refused, the one at the start included.",
                &["result"],
            )?,
            policy: gauges(
                registry,
                "routing_policy_info",
                "The version of the routing policy in use; always 1.",
                "version",
            )?,
            overdue: counter(
                registry,
                "alerts_overdue_total",
                "Times that nobody acknowledged an alert by its notify-by time, or that of a rung.",
            )?,
        };
        for result in [TAKEN_UP, REFUSED] {
            telling.policies.with_label_values(&[result]);
        }
        Ok(telling)
    }

    pub(super) fn taken_up(&self, version: &str) {
        self.policies.with_label_values(&[TAKEN_UP]).inc();
        self.policy.reset();
        self.policy.with_label_values(&[version]).set(1);
    }

    pub(super) fn refused(&self) {
        self.policies.with_label_values(&[REFUSED]).inc();
    }

    pub(super) fn overdue(&self) {
        self.overdue.inc();
    }
}
