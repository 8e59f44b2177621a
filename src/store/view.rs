//! What is read back: alerts, the live stream, dead letters, the audit trail.

use model::{
    AlertId, AlertState, ConditionId, Decision, DecisionKind, Recipient, Severity, Stage, Step,
    Timestamp, Triage, WearerId,
};
use serde::{Deserialize, Serialize};

use super::DeadLetterReason;
use crate::access::Scope;

/// Which alerts are wanted. Absent means any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AlertQuery {
    /// Only those of this wearer.
    pub wearer: Option<WearerId>,
    /// Only those in this state.
    pub state: Option<AlertState>,
    /// Only those of this kind.
    pub kind: Option<DecisionKind>,
    /// Only those that somebody with this scope may see.
    pub visible_to: Option<Scope>,
    /// Only those on which the work stands there.
    pub stage: Option<Stage>,
    /// Only those listed under this alert.
    pub listed_under: Option<AlertId>,
    /// How many at most.
    pub limit: usize,
}

/// An alert as it stands after its newest decision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AlertRecord {
    /// The alert.
    pub alert: AlertId,
    /// Whom it is about.
    pub wearer: WearerId,
    /// The condition breached, where it is about one.
    pub condition: Option<ConditionId>,
    /// What was concluded.
    pub kind: DecisionKind,
    /// Where the episode stands. An amendment leaves it as it was.
    pub state: AlertState,
    /// How urgent it is, by its newest decision.
    pub severity: Severity,
    /// When the episode began.
    pub onset: Timestamp,
    /// When it was first concluded.
    pub opened: Timestamp,
    /// When it last changed.
    pub changed: Timestamp,
    /// By when the first recipient must have been told of the newest decision.
    pub notify_by: Option<Timestamp>,
    /// The newest decision.
    pub decision: Decision,
    /// What people have done about it.
    pub triage: Triage,
    /// The alert that gathers it, such as an incident.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listed_under: Option<AlertId>,
    /// How many are listed under it.
    #[serde(default)]
    pub lists: u64,
}

/// One event of the live stream: a decision as it was committed, or a step that somebody took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StreamEvent {
    /// Counts events from 1; ascending, in commit order.
    pub id: u64,
    /// How urgent the alert is.
    pub severity: Severity,
    /// Whose queues it went to.
    pub recipients: Vec<Recipient>,
    /// The decision; of a step the newest one about the alert.
    pub decision: Decision,
    /// The step, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<Step>,
}

/// A dead letter as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetterRecord {
    /// Counts dead letters from 1.
    pub id: u64,
    /// When it was taken in.
    pub received_at: Timestamp,
    /// The topic it came on.
    pub topic: String,
    /// The bytes of the message.
    pub payload: Vec<u8>,
    /// Why it could not be used.
    pub reason: DeadLetterReason,
    /// The reason in words.
    pub detail: String,
}

/// Who was shown what about whom, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// When.
    pub at: Timestamp,
    /// Who asked.
    pub actor: String,
    /// What they did: `alert.read`, `queue.claim`.
    pub action: String,
    /// About which alert, wearer or queue.
    pub subject: String,
    /// The reason they gave, if any.
    pub reason: Option<String>,
}
