//! Notifications as `CloudEvents` 1.0 in structured JSON.

use std::borrow::Cow;

use model::{
    Decision, Escalation, Notification, NotificationId, Recipient, Severity, Timestamp, WearerId,
};
use serde::{Deserialize, Serialize};

use super::report::Report;

/// In the place of the phase, of what comes again because nobody dealt with it.
const ESCALATED: &str = "escalated";

/// The version of the `CloudEvents` specification written.
const SPEC_VERSION: &str = "1.0";

/// A notification as it leaves the system. A redelivery carries the same `id`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CloudEvent {
    /// The version of the specification: `1.0`.
    pub specversion: Cow<'static, str>,
    /// Unique for each phase of an alert and each recipient.
    pub id: NotificationId,
    /// The installation.
    pub source: String,
    /// `uk.em.alert.` and the phase, or `escalated`.
    #[serde(rename = "type")]
    pub event_type: String,
    /// The wearer.
    pub subject: WearerId,
    /// When it was decided.
    pub time: Timestamp,
    /// The media type of `data`.
    pub datacontenttype: Cow<'static, str>,
    /// The message.
    pub data: AlertEvent,
}

/// What a recipient is told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AlertEvent {
    /// What was concluded, with the evidence.
    pub decision: Decision,
    /// How urgent it is.
    pub severity: Severity,
    /// Whose queue it is in.
    pub recipient: Recipient,
    /// By when the recipient must have been told, where the policy says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notify_by: Option<Timestamp>,
    /// The route of the policy that addressed it.
    pub route: String,
    /// The version of the policy.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub policy: String,
    /// Why it comes although the decision is not new, where it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalation: Option<Escalation>,
    /// What a breach report needs besides, of a breach.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<Report>,
    /// Where to read more.
    pub links: Links,
}

/// Paths of the installation's API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Links {
    /// The alert as it stands now.
    pub alert: String,
}

impl CloudEvent {
    /// Writes a notification as the event of the installation called `source`, a URI reference.
    #[must_use]
    pub fn new(notification: Notification, report: Option<Report>, source: &str) -> Self {
        let decision = notification.decision;
        let phase = match &notification.escalation {
            Some(_) => ESCALATED,
            None => decision.phase.as_str(),
        };
        Self {
            specversion: Cow::Borrowed(SPEC_VERSION),
            id: notification.id,
            source: source.to_owned(),
            event_type: format!("uk.em.alert.{phase}"),
            subject: decision.wearer.clone(),
            time: decision.decided,
            datacontenttype: Cow::Borrowed("application/json"),
            data: AlertEvent {
                severity: notification.severity,
                recipient: notification.recipient,
                notify_by: notification.notify_by,
                route: notification.route,
                policy: notification.policy,
                escalation: notification.escalation,
                report,
                links: Links {
                    alert: format!("/v1/alerts/{}", decision.alert),
                },
                decision,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::contract::sample;

    #[test]
    fn a_notification_is_written_as_the_specification_has_it() {
        let notification = sample::notification("W-1", 1, 1, "police/staffordshire");
        let event = CloudEvent::new(notification.clone(), None, "/tagwatch/west-midlands");
        let json = serde_json::to_value(&event).unwrap();
        assert_eq!(json["specversion"], "1.0");
        assert_eq!(json["id"], notification.id.to_string());
        assert_eq!(json["source"], "/tagwatch/west-midlands");
        assert_eq!(json["type"], "uk.em.alert.opened");
        assert_eq!(json["subject"], "W-1");
        assert_eq!(json["time"], notification.decision.decided.to_string());
        assert_eq!(json["datacontenttype"], "application/json");
        let alert = notification.decision.alert;
        assert_eq!(
            json["data"]["links"]["alert"],
            format!("/v1/alerts/{alert}")
        );
        assert_eq!(json["data"]["recipient"], "police/staffordshire");
        assert_eq!(json["data"]["severity"], "critical");
    }

    #[test]
    fn an_event_survives_its_json_form() {
        let notification = sample::notification("W-1", 1, 2, "operators");
        let event = CloudEvent::new(notification, None, "/tagwatch/test");
        let text = serde_json::to_string(&event).unwrap();
        assert_eq!(serde_json::from_str::<CloudEvent>(&text).unwrap(), event);
    }

    #[test]
    fn recipients_of_one_decision_get_events_of_different_ids() {
        let police = sample::notification("W-1", 1, 1, "police/staffordshire");
        let probation = sample::notification("W-1", 1, 1, "probation/west-midlands");
        assert_ne!(
            CloudEvent::new(police, None, "/t").id,
            CloudEvent::new(probation, None, "/t").id
        );
    }
}
