//! The shapes of what is answered, for the OpenAPI document.
//!
//! The vocabulary itself knows nothing of HTTP. These shapes describe its JSON; a test reads what is
//! really answered back through them, so that they cannot drift apart.

mod evidence;
mod names;
mod triage;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(super) use evidence::Evidence;
pub(super) use names::{
    AlertState, Answer, DecisionKind, Finding, Means, Outcome, Phase, Severity, Stage,
};
pub(super) use triage::{Escalation, Report, Step, Triage};

/// An alert as it stands after its newest decision.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct Alert {
    /// The alert.
    #[schema(format = "uuid", example = "1b7f7b0e-7a55-5b4e-9d5b-0a4c6d0e8a11")]
    alert: String,
    /// Whom it is about.
    #[schema(example = "W-000123")]
    wearer: String,
    /// The condition breached, where it is about one.
    #[schema(example = "C-1")]
    condition: Option<String>,
    /// What was concluded.
    kind: DecisionKind,
    /// Where the episode stands.
    state: AlertState,
    /// How urgent it is.
    severity: Severity,
    /// When the episode began.
    #[schema(format = DateTime, example = "2026-03-29T00:57:30Z")]
    onset: String,
    /// When it was first concluded.
    #[schema(format = DateTime, example = "2026-03-29T00:59:31Z")]
    opened: String,
    /// When it last changed.
    #[schema(format = DateTime, example = "2026-03-29T01:12:00Z")]
    changed: String,
    /// By when the first recipient must have been told.
    #[schema(format = DateTime, example = "2026-03-29T01:03:31Z")]
    notify_by: Option<String>,
    /// The newest decision.
    decision: Decision,
    /// What people have done about it.
    triage: Triage,
    /// The alert that gathers it, such as an incident.
    #[schema(format = "uuid")]
    listed_under: Option<String>,
    /// How many are listed under it: members of an incident, repeats.
    #[schema(example = 0)]
    lists: u64,
}

/// One step in the life of an episode, with its evidence.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct Decision {
    /// The alert of the episode.
    #[schema(format = "uuid", example = "1b7f7b0e-7a55-5b4e-9d5b-0a4c6d0e8a11")]
    alert: String,
    /// Counts the decisions about this alert from 1.
    #[schema(example = 1)]
    revision: u32,
    /// Whom it is about.
    #[schema(example = "W-000123")]
    wearer: String,
    /// The order breached, where it is about one.
    #[schema(example = "O-1")]
    order: Option<String>,
    /// The version of the order under which it was made.
    #[schema(example = 1)]
    order_version: Option<u32>,
    /// The revision of the registry under which it was made.
    #[schema(example = 17)]
    registry: Option<u64>,
    /// The condition breached.
    #[schema(example = "C-1")]
    condition: Option<String>,
    /// The device, where it is about a device.
    #[schema(example = "GPS-7")]
    device: Option<String>,
    /// What is concluded.
    kind: DecisionKind,
    /// Where in its life the episode is.
    phase: Phase,
    /// When the episode began, as the readings show it.
    #[schema(format = DateTime, example = "2026-03-29T00:57:30Z")]
    onset: String,
    /// When it was concluded.
    #[schema(format = DateTime, example = "2026-03-29T00:59:31Z")]
    decided: String,
    /// Whether late evidence caused it.
    late: bool,
    /// The readings used and the numbers compared.
    evidence: Evidence,
}

/// How a queue stands.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct Queue {
    /// Whose queue.
    #[schema(example = "police/staffordshire")]
    recipient: String,
    /// Waiting to be claimed.
    #[schema(example = 2)]
    ready: u64,
    /// Claimed, and not settled yet.
    #[schema(example = 1)]
    leased: u64,
    /// Given up after too many attempts, or refused: handed out no more.
    #[schema(example = 0)]
    dead: u64,
    /// Neither acknowledged nor dead, and due already.
    #[schema(example = 0)]
    late: u64,
    /// Acknowledged.
    #[schema(example = 40)]
    acknowledged: u64,
    /// When the oldest one that is neither acknowledged nor dead was decided.
    #[schema(format = DateTime, example = "2026-03-29T00:59:31Z")]
    oldest_unacknowledged: Option<String>,
}

/// A notification as a CloudEvent 1.0 in its structured form.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct CloudEvent {
    /// `1.0`.
    #[schema(example = "1.0")]
    specversion: String,
    /// The notification: the same on every redelivery.
    #[schema(format = "uuid")]
    id: String,
    /// The installation.
    #[schema(example = "tagwatch")]
    source: String,
    /// `uk.em.alert.` and the phase, or `escalated`.
    #[serde(rename = "type")]
    #[schema(example = "uk.em.alert.opened")]
    kind: String,
    /// Whom it is about.
    #[schema(example = "W-000123")]
    subject: String,
    /// When it was decided.
    #[schema(format = DateTime, example = "2026-03-29T00:59:31Z")]
    time: String,
    /// `application/json`.
    #[schema(example = "application/json")]
    datacontenttype: String,
    /// The message.
    data: CloudEventData,
}

/// What a recipient is told.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct CloudEventData {
    /// The decision.
    decision: Decision,
    /// How urgent the alert is.
    severity: Severity,
    /// Whose queue it was on.
    #[schema(example = "police/staffordshire")]
    recipient: String,
    /// By when the recipient must have been told.
    #[schema(format = DateTime, example = "2026-03-29T01:03:31Z")]
    notify_by: Option<String>,
    /// The route of the policy that addressed it.
    #[schema(example = "exclusion zone: police at once, probation too")]
    route: String,
    /// The version of the policy.
    #[schema(example = "5f2d1c0a9b3e")]
    policy: Option<String>,
    /// Why it comes although the decision is not new, where it is not.
    escalation: Option<Escalation>,
    /// What a breach report needs besides, of a breach.
    report: Option<Report>,
    /// Where more is to be had.
    links: CloudEventLinks,
}

/// Where more about a notification is to be had.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct CloudEventLinks {
    /// The alert, as a path on this API.
    #[schema(example = "/v1/alerts/1b7f7b0e-7a55-5b4e-9d5b-0a4c6d0e8a11")]
    alert: String,
}

/// Who was shown what about whom, and why.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct AuditEntry {
    /// When.
    #[schema(format = DateTime, example = "2026-03-29T01:00:12Z")]
    at: String,
    /// Who asked.
    #[schema(example = "operator-17")]
    actor: String,
    /// What they did.
    #[schema(example = "alerts.list")]
    action: String,
    /// About which alert, wearer or queue.
    #[schema(example = "alerts?wearer=W-000123&limit=100")]
    subject: String,
    /// The reason they gave, if any.
    #[schema(example = "shift handover")]
    reason: Option<String>,
}

/// Where a notification stands that is not acknowledged.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "state", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum QueuedState {
    /// It may be claimed, unless an earlier one about the same wearer may not.
    Ready,
    /// It is handed out.
    Leased {
        /// Until then.
        #[schema(format = DateTime)]
        until: String,
    },
    /// It was given back.
    Delayed {
        /// It may be claimed again from then on.
        #[schema(format = DateTime)]
        until: String,
    },
    /// It is given up, and handed out no more unless an operator puts it back.
    Dead {
        /// Since then.
        #[schema(format = DateTime)]
        since: String,
        /// Why.
        #[schema(example = "the lease of the last attempt ran out")]
        reason: String,
    },
}

/// One handing-out of a notification, and what came of it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DeliveryRecord {
    /// Counts them, from 1.
    attempt: u32,
    /// Who took it: a consumer, or `sink:` and the name of a sink.
    #[schema(example = "control-room-2")]
    consumer: String,
    /// When.
    #[schema(format = DateTime)]
    claimed: String,
    /// `acknowledged` or `given_back`; nothing while it is leased, and after a lease that ran out.
    #[schema(example = "given_back")]
    outcome: Option<String>,
    /// When it was settled.
    #[schema(format = DateTime)]
    settled: Option<String>,
    /// Why it was given back.
    #[schema(example = "the recipient's system is down")]
    reason: Option<String>,
    /// What the remote end answered when it took it over.
    #[schema(example = "HTTP 202")]
    answer: Option<String>,
}

#[cfg(test)]
pub(super) mod tests;
