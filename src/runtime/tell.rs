//! From what the engine decides to what people are told: routed, and gathered where it is one of many.

use std::sync::{Arc, MutexGuard, PoisonError};

use model::{AlertId, Decision, Phase};
use routing::{Gatherer, News, Routed, Unfilled, Verdict};

use super::partition::Partition;
use crate::store::triage::Deadline;
use crate::store::{Gathered, RoutedDecision};

/// What a batch tells.
pub(super) struct Told {
    /// The decisions, routed.
    pub decisions: Vec<RoutedDecision>,
    /// Alerts that gather no more.
    pub over: Vec<AlertId>,
    /// What of it is the gatherer's: to be put back, should the batch not be kept.
    pub news: Vec<News>,
}

impl Partition {
    /// Everything that there is to tell by now.
    pub(super) fn tell(&mut self) -> Told {
        let mut decisions = Vec::new();
        while let Some(decision) = self.engine.poll_decision() {
            decisions.push(self.gather(decision));
        }
        let news = self.gatherer().poll(self.shared.clock.now());
        let mut over = Vec::new();
        for news in &news {
            match news {
                News::Incident { decision, before } => {
                    let incident = (**decision).clone();
                    if incident.phase == Phase::Cleared {
                        over.push(incident.alert);
                    }
                    tracing::warn!(alert = %incident.alert, phase = %incident.phase, "an incident");
                    let routed = self.route(&incident);
                    decisions.push(addressed(incident, routed, None, before.clone()));
                }
                News::Over(alert) => over.push(*alert),
            }
        }
        Told {
            decisions,
            over,
            news,
        }
    }

    /// Whoever gathers the alerts of all partitions.
    pub(super) fn gatherer(&self) -> MutexGuard<'_, Gatherer> {
        let gatherer = self.shared.gatherer.lock();
        gatherer.unwrap_or_else(PoisonError::into_inner)
    }

    fn gather(&self, decision: Decision) -> RoutedDecision {
        let routed = self.route(&decision);
        let now = self.shared.clock.now();
        let verdict = self.gatherer().observe(&decision, routed.severity, now);
        let gathered = match verdict {
            Verdict::Alone => None,
            Verdict::Told(under) => Some(Gathered { under, held: false }),
            Verdict::Held(under) => Some(Gathered { under, held: true }),
        };
        addressed(decision, routed, gathered, Vec::new())
    }

    fn route(&self, decision: &Decision) -> Routed {
        let wearer = self.profiles.wearer(&decision.wearer);
        let order = self.profiles.order(decision);
        let policy = Arc::clone(&self.shared.routing.borrow());
        let routed = policy.route(decision, wearer, order);
        if routed.unrouted {
            tracing::warn!(alert = %decision.alert, kind = %decision.kind, "no route took it");
        }
        for unfilled in &routed.unfilled {
            let Unfilled { route, field, .. } = unfilled;
            tracing::warn!(alert = %decision.alert, route, field, "sent to the operators instead");
        }
        routed
    }
}

fn addressed(
    decision: Decision,
    routed: Routed,
    gathered: Option<Gathered>,
    gathers: Vec<AlertId>,
) -> RoutedDecision {
    let held = gathered.is_some_and(|gathered| gathered.held);
    let opens = decision.phase == Phase::Opened && !held;
    let deadline = routed.notify_by.filter(|_| opens).map(|due| Deadline {
        due,
        ladder: routed.ladder,
    });
    RoutedDecision {
        decision,
        severity: routed.severity,
        notify_by: routed.notify_by,
        notifications: routed.notifications,
        deadline,
        gathered,
        gathers,
    }
}
