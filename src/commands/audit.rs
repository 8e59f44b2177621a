//! What people at a terminal look at is in the audit trail, too.

use crate::runtime::clock::Clock;
use crate::store::{AuditEntry, Store, StoreError};

/// The account that runs the command, as its environment has it.
pub(super) fn whoever_runs_this() -> String {
    std::env::var("USER").unwrap_or_else(|_unset| "terminal".to_owned())
}

/// Writes down that somebody looks at something.
///
/// # Errors
/// When the store fails: then nothing is to be shown.
pub(super) async fn note(
    store: &dyn Store,
    actor: &str,
    action: &str,
    subject: String,
    reason: Option<String>,
) -> Result<(), StoreError> {
    let entry = AuditEntry {
        at: Clock::system().now(),
        actor: actor.to_owned(),
        action: action.to_owned(),
        subject,
        reason,
    };
    store.audit(entry).await
}
