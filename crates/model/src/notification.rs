//! Notifications: the message about one phase of an alert, addressed to one recipient.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{AlertId, Decision, Recipient, Severity, Timestamp};

/// The identity of a notification, derived from alert, revision and recipient: a redelivery
/// carries the same one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NotificationId(Uuid);

impl NotificationId {
    /// The notification of the `revision`-th decision about `alert` to `recipient`.
    #[must_use]
    pub fn derive(alert: AlertId, revision: u32, recipient: &Recipient) -> Self {
        Self(alert.child(&format!("{revision}/{recipient}")))
    }

    /// Takes the text form of a notification id.
    ///
    /// # Errors
    /// When `text` is not a UUID.
    pub fn parse(text: &str) -> Result<Self, uuid::Error> {
        Uuid::parse_str(text).map(Self)
    }
}

impl fmt::Display for NotificationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A decision addressed to one recipient.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Notification {
    /// Its identity.
    pub id: NotificationId,
    /// Who is to be told.
    pub recipient: Recipient,
    /// How urgent it is.
    pub severity: Severity,
    /// By when the recipient must have been told, where the policy says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notify_by: Option<Timestamp>,
    /// The route of the policy that addressed it.
    pub route: String,
    /// The version of the policy, where it has one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub policy: String,
    /// Why it comes although the decision is not new, where it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalation: Option<Escalation>,
    /// What they are told.
    pub decision: Decision,
}

impl Notification {
    /// Addresses `decision` to `recipient`.
    #[must_use]
    pub fn new(
        decision: Decision,
        recipient: Recipient,
        severity: Severity,
        notify_by: Option<Timestamp>,
        route: String,
    ) -> Self {
        let id = NotificationId::derive(decision.alert, decision.revision, &recipient);
        Self {
            id,
            recipient,
            severity,
            notify_by,
            route,
            policy: String::new(),
            escalation: None,
            decision,
        }
    }

    /// Addresses an alert whose newest decision is `decision` to somebody further up, who is told by a
    /// step of its triage.
    #[must_use]
    pub fn escalated(
        decision: Decision,
        recipient: Recipient,
        severity: Severity,
        route: String,
        escalation: Escalation,
    ) -> Self {
        let name = format!("step/{}/{recipient}", escalation.step);
        Self {
            id: NotificationId(decision.alert.child(&name)),
            escalation: Some(escalation),
            ..Self::new(decision, recipient, severity, None, route)
        }
    }
}

/// Why somebody further up is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Escalation {
    /// The step of the alert's triage that told them.
    pub step: u32,
    /// Who did; `tagwatch` where nobody had acknowledged it in time.
    pub by: String,
    /// Why, in their words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// By when somebody should have been told, where that is why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overdue_since: Option<Timestamp>,
}
