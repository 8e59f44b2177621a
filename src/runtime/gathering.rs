//! Going on with what was gathered before a restart.

use model::{AlertState, DecisionKind, Timestamp};
use routing::{Gatherer, RoutingPolicy};

use crate::store::{Store, StoreError};

/// A gatherer that knows of the incidents that are going on. What else was gathered is told, if it is still
/// open: when the wearer's repeats began, and when they were last seen, is not kept.
///
/// # Errors
/// When the store fails.
pub(super) async fn resumed(
    store: &dyn Store,
    policy: &RoutingPolicy,
    now: Timestamp,
) -> Result<Gatherer, StoreError> {
    let mut gatherer = Gatherer::default();
    gatherer.set_policy(policy);
    for (alert, count) in store.gathering().await? {
        let record = store.alert(alert).await?;
        let incident = record.filter(|record| {
            record.kind == DecisionKind::Incident && record.state == AlertState::Open
        });
        match incident {
            Some(record) => {
                let count = u32::try_from(count).unwrap_or(u32::MAX);
                gatherer.resume(record.decision, count, now);
            }
            None => gatherer.let_go(alert),
        }
    }
    Ok(gatherer)
}
