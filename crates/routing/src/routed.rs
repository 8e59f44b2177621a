//! Applying a policy to a decision.

use chrono::TimeDelta;
use model::registry::{Order, Wearer};
use model::{Decision, Notification, Recipient, Rung, Severity, Timestamp};

use serde::Serialize;

use crate::RoutingPolicy;
use crate::matching::Case;
use crate::policy::{Escalation, Route};
use crate::template::NotFilled;

/// The route named by notifications that no route of the policy addressed.
const NO_ROUTE: &str = "no route";

/// How urgent it is when no route takes a decision. Nobody foresaw it, so somebody has to look.
const UNROUTED_SEVERITY: Severity = Severity::High;

/// Who is told of a decision.
#[derive(Debug, Clone, PartialEq)]
pub struct Routed {
    /// The greatest severity of the routes that matched.
    pub severity: Severity,
    /// When the decision was made plus the least time to notify of the routes that matched.
    pub notify_by: Option<Timestamp>,
    /// One for each recipient, in the order of the routes; never empty.
    pub notifications: Vec<Notification>,
    /// Whether no route took it, so that it went to the operators.
    pub unrouted: bool,
    /// Who is told, one after the other, where nobody acknowledges it until `notify_by`.
    pub ladder: Vec<Rung>,
    /// Recipients that could not be named, each of whose notifications went to the operators.
    pub unfilled: Vec<Unfilled>,
}

/// A recipient that could not be named from the wearer's profile and order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Unfilled {
    /// The route.
    pub route: String,
    /// The recipient as the route writes it: `police/{police_force}`.
    pub template: String,
    /// The field that the profile does not have: `police_force`.
    pub field: &'static str,
    /// What the profile has in its place, where that cannot stand in the name of a queue.
    pub value: Option<String>,
}

impl RoutingPolicy {
    /// Says who is told of `decision`, about `wearer` under `order` as far as they are known.
    ///
    /// At least one notification comes of every decision.
    #[must_use]
    pub fn route(
        &self,
        decision: &Decision,
        wearer: Option<&Wearer>,
        order: Option<&Order>,
    ) -> Routed {
        let matching = self.matching(decision, wearer, order);
        let (addressed, unfilled) = address(&matching, wearer, order);
        let ladder = ladder(&matching, wearer, order);
        let severity = matching.iter().map(|route| route.severity).max();
        let severity = severity.unwrap_or(UNROUTED_SEVERITY);
        let within: Option<TimeDelta> = matching.iter().filter_map(|r| r.notify_within).min();
        let notify_by = within.map(|within| decision.decided.plus(within));
        let notifications = addressed.into_iter().map(|(recipient, route)| {
            let decision = decision.clone();
            let route = route.to_owned();
            Notification {
                policy: self.version.clone(),
                ..Notification::new(decision, recipient, severity, notify_by, route)
            }
        });
        Routed {
            severity,
            notify_by,
            notifications: notifications.collect(),
            unrouted: matching.is_empty(),
            ladder,
            unfilled,
        }
    }

    /// The routes that apply: all that match, up to the first that is exclusive.
    fn matching(
        &self,
        decision: &Decision,
        wearer: Option<&Wearer>,
        order: Option<&Order>,
    ) -> Vec<&Route> {
        let case = Case {
            decision,
            wearer,
            order,
        };
        let mut matching = Vec::new();
        for route in &self.routes {
            if route.when.matches(&case) {
                matching.push(route);
                if route.exclusive {
                    break;
                }
            }
        }
        matching
    }
}

impl Route {
    /// Whom it tells, and who could not be named: the operators are told in their place.
    pub(crate) fn address(
        &self,
        wearer: Option<&Wearer>,
        order: Option<&Order>,
    ) -> (Vec<Recipient>, Vec<Unfilled>) {
        let mut tells = Vec::new();
        let mut unfilled = Vec::new();
        for template in &self.to {
            let recipient = template.fill(wearer, order);
            let recipient = recipient.unwrap_or_else(|NotFilled { field, value }| {
                unfilled.push(Unfilled {
                    route: self.name.clone(),
                    template: template.to_string(),
                    field,
                    value,
                });
                Recipient::operators()
            });
            if !tells.contains(&recipient) {
                tells.push(recipient);
            }
        }
        (tells, unfilled)
    }
}

/// The recipients of the routes, each with the route that named them first.
fn address<'r>(
    routes: &[&'r Route],
    wearer: Option<&Wearer>,
    order: Option<&Order>,
) -> (Vec<(Recipient, &'r str)>, Vec<Unfilled>) {
    let mut addressed = Vec::new();
    let mut unfilled = Vec::new();
    for route in routes {
        let (tells, not_filled) = route.address(wearer, order);
        unfilled.extend(not_filled);
        for recipient in tells {
            add_once(&mut addressed, recipient, &route.name);
        }
    }
    if addressed.is_empty() {
        addressed.push((Recipient::operators(), NO_ROUTE));
    }
    (addressed, unfilled)
}

/// The ladder of the route that has to be told soonest, of those that have one. Who cannot be named is not
/// told of by it: the operators are, as everywhere.
fn ladder(routes: &[&Route], wearer: Option<&Wearer>, order: Option<&Order>) -> Vec<Rung> {
    let with_one = routes.iter().filter(|route| !route.escalate.is_empty());
    let Some(route) = with_one.min_by_key(|route| route.notify_within) else {
        return Vec::new();
    };
    let rung = |escalation: &Escalation| {
        let mut to = Vec::new();
        for template in &escalation.to {
            let recipient = template.fill(wearer, order);
            let recipient = recipient.unwrap_or_else(|_unnamed| Recipient::operators());
            if !to.contains(&recipient) {
                to.push(recipient);
            }
        }
        let seconds = escalation.within.map(|within| within.num_seconds());
        Rung {
            to,
            within_s: seconds.and_then(|seconds| u32::try_from(seconds).ok()),
            route: route.name.clone(),
        }
    };
    route.escalate.iter().map(rung).collect()
}

fn add_once<'r>(addressed: &mut Vec<(Recipient, &'r str)>, recipient: Recipient, route: &'r str) {
    if !addressed.iter().any(|(known, _)| *known == recipient) {
        addressed.push((recipient, route));
    }
}
