//! What each role may do: one table.

use model::Recipient;
use thiserror::Error;

use super::scope::SPECIALS_QUEUE;
use super::{Caller, Role};

/// Something that somebody wants to do. Whom they may see while they do it is their
/// [`Scope`](super::Scope).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action<'a> {
    /// Read alerts and their histories.
    ReadAlerts,
    /// Follow the live stream.
    Follow,
    /// See how long a queue is.
    CountQueue(&'a Recipient),
    /// Claim from a queue, acknowledge what was claimed and give it back.
    TakeFrom(&'a Recipient),
    /// Look at what waits in a queue without claiming it.
    PeekQueue(&'a Recipient),
    /// Have what was given up handed out again.
    RequeueNotifications,
    /// Read dead letters.
    ReadDeadLetters,
    /// Hand dead letters in again.
    RequeueDeadLetters,
    /// Read where wearers were.
    ReadTrail,
    /// Read the registry.
    ReadRegistry,
    /// Change the registry.
    ChangeRegistry,
    /// Take an alert on, note something on it, tell others of it, settle it.
    Triage,
    /// Say what an alert was: that excuses minutes.
    Adjudicate,
    /// Read the audit trail.
    ReadAudit,
    /// Make tokens and revoke them.
    ManageTokens,
}

/// Somebody may not do it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{role} may not {action}")]
pub struct Denied {
    /// What they are.
    pub role: String,
    /// What they wanted to do: `take from queue operators`.
    pub action: String,
}

impl Action<'_> {
    /// What it is called, in logs and in metrics: names no queue and nobody.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ReadAlerts => "read alerts",
            Self::Follow => "follow the live stream",
            Self::CountQueue(_) => "count a queue",
            Self::TakeFrom(_) => "take from a queue",
            Self::PeekQueue(_) => "look into a queue",
            Self::RequeueNotifications => "requeue notifications",
            Self::ReadDeadLetters => "read dead letters",
            Self::RequeueDeadLetters => "requeue dead letters",
            Self::ReadTrail => "read where wearers were",
            Self::ReadRegistry => "read the registry",
            Self::ChangeRegistry => "change the registry",
            Self::Triage => "triage alerts",
            Self::Adjudicate => "adjudicate alerts",
            Self::ReadAudit => "read the audit trail",
            Self::ManageTokens => "manage tokens",
        }
    }

    /// The queue that it is about.
    const fn queue(&self) -> Option<&Recipient> {
        match self {
            Self::CountQueue(queue) | Self::TakeFrom(queue) | Self::PeekQueue(queue) => Some(queue),
            Self::ReadAlerts
            | Self::Follow
            | Self::RequeueNotifications
            | Self::ReadDeadLetters
            | Self::RequeueDeadLetters
            | Self::ReadTrail
            | Self::ReadRegistry
            | Self::ChangeRegistry
            | Self::Triage
            | Self::Adjudicate
            | Self::ReadAudit
            | Self::ManageTokens => None,
        }
    }

    fn in_words(&self) -> String {
        match self.queue() {
            Some(queue) => format!("{} ({queue})", self.as_str()),
            None => self.as_str().to_owned(),
        }
    }
}

/// Whether somebody may do something.
///
/// # Errors
/// [`Denied`] when they may not.
pub fn may(caller: &Caller, action: Action<'_>) -> Result<(), Denied> {
    let Some(role) = &caller.role else {
        return Ok(());
    };
    let denied = |who: String| Denied {
        role: who,
        action: action.in_words(),
    };
    if !allowed(role, action) {
        return Err(denied(format!("role {role}")));
    }
    // What went to the specials' queue is about people whom only those named may see.
    let specials = matches!(action, Action::TakeFrom(queue) | Action::PeekQueue(queue)
        if queue.as_str() == SPECIALS_QUEUE);
    if specials && !caller.specials {
        return Err(denied("a token without specials".to_owned()));
    }
    Ok(())
}

/// The table.
fn allowed(role: &Role, action: Action<'_>) -> bool {
    let own = |queue: &Recipient| role.queue().as_ref() == Some(queue);
    match action {
        Action::ReadAlerts => true,
        Action::Follow | Action::Triage => !matches!(role, Role::Auditor),
        Action::Adjudicate => {
            matches!(role, Role::Operator | Role::Probation(_) | Role::Admin)
        }
        Action::CountQueue(queue) => {
            matches!(role, Role::Operator | Role::Auditor | Role::Admin) || own(queue)
        }
        Action::TakeFrom(queue) => matches!(role, Role::Admin) || own(queue),
        Action::PeekQueue(queue) => matches!(role, Role::Operator | Role::Admin) || own(queue),
        Action::ReadRegistry | Action::ReadTrail => !matches!(role, Role::Desk(_) | Role::Auditor),
        Action::ChangeRegistry | Action::RequeueNotifications => {
            matches!(role, Role::Operator | Role::Admin)
        }
        Action::ReadAudit => matches!(role, Role::Auditor | Role::Admin),
        Action::ReadDeadLetters | Action::RequeueDeadLetters | Action::ManageTokens => {
            matches!(role, Role::Admin)
        }
    }
}
