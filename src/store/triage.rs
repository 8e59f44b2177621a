//! What people do about alerts, as it is kept: steps that are only ever added.

use async_trait::async_trait;
use model::{AlertId, Notification, Rung, Step, Timestamp, Triage};

use super::{AuditEntry, StoreError};

/// A step to be taken, and all that comes of it.
#[derive(Debug, Clone, PartialEq)]
pub struct TakenStep {
    /// About which alert.
    pub alert: AlertId,
    /// The step. Its number is one more than that of the newest.
    pub step: Step,
    /// Where the work on the alert stands after it.
    pub triage: Triage,
    /// Who else is told.
    pub notifications: Vec<Notification>,
    /// Whether somebody still has to acknowledge it.
    pub wait: Wait,
}

/// Whether somebody has to acknowledge an alert, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wait {
    /// As before.
    GoesOn,
    /// Until then.
    Until(Deadline),
    /// Not any more.
    Over,
}

impl TakenStep {
    /// What the audit trail says of it.
    pub(super) fn audit(&self) -> AuditEntry {
        AuditEntry {
            at: self.step.at,
            actor: self.step.actor.clone(),
            action: format!("alert.{}", self.step.action.as_str()),
            subject: self.alert.to_string(),
            reason: self.step.comment.clone(),
        }
    }
}

/// When somebody further up is told, and who.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deadline {
    /// When.
    pub due: Timestamp,
    /// The rungs that are left.
    pub ladder: Vec<Rung>,
}

/// What came of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It is kept, as this event of the live stream.
    At(u64),
    /// Somebody else took a step with its number meanwhile, or there is no such alert: nothing is kept.
    Behind,
}

/// An alert whose deadline has passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overdue {
    /// The alert.
    pub alert: AlertId,
    /// Its deadline.
    pub deadline: Deadline,
    /// Whether all who were to be told of it have acknowledged that they were.
    pub told: bool,
    /// How many steps have been taken about it.
    pub steps: u32,
}

/// The part of the store that keeps what people do about alerts.
#[async_trait]
pub trait TriageStore: Send + Sync {
    /// Keeps a step and what comes of it, all of it or nothing, with a line in the audit trail.
    async fn take_step(&self, taken: &TakenStep) -> Result<Taken, StoreError>;

    /// All steps about an alert, in order.
    async fn steps(&self, alert: AlertId) -> Result<Vec<Step>, StoreError>;

    /// Up to `limit` alerts whose deadline has passed, those first that have waited longest.
    async fn overdue(&self, now: Timestamp, limit: usize) -> Result<Vec<Overdue>, StoreError>;

    /// Alerts under which something is held, and incidents that are open, each with how many alerts are
    /// listed under it.
    async fn gathering(&self) -> Result<Vec<(AlertId, u64)>, StoreError>;

    /// Takes an alert's deadline off, if it is still `due`: everybody was told in time.
    async fn stand_down(&self, alert: AlertId, due: Timestamp) -> Result<(), StoreError>;
}
