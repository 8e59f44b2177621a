//! What the broker dropped: counted, said aloud, and journaled, so that the operators are told.

use model::registry::BrokerDropped;
use model::{PartitionId, PolicyChange};
use tokio::sync::mpsc;

use super::shared::Shared;
use crate::ingest::{Counted, Dropped};
use crate::store::{OwnChange, Store, StoreError};

/// The partition that tells of the broker, in the name of all.
pub(super) const TELLER: PartitionId = PartitionId(0);

/// The broker's count as it stands on record.
///
/// # Errors
/// When the store fails.
pub(super) async fn recorded(store: &dyn Store) -> Result<Option<Counted>, StoreError> {
    let newest = store
        .newest_change(TELLER, OwnChange::BrokerDropped)
        .await?;
    Ok(newest.and_then(|change| {
        if let PolicyChange::BrokerDropped(BrokerDropped { to, counter, .. }) = change {
            Some(Counted { counter, at: to })
        } else {
            None
        }
    }))
}

/// Tells of what is heard until nobody says anything any more.
pub(super) async fn tell(
    mut heard: mpsc::Receiver<Dropped>,
    journal: mpsc::Sender<Vec<PolicyChange>>,
    shared: Shared,
) {
    while let Some(Dropped {
        from,
        now,
        messages,
    }) = heard.recv().await
    {
        if messages > 0 {
            tracing::error!(messages, %from, to = %now.at, "the broker dropped messages");
            shared.metrics.broker_dropped(messages);
            shared.readiness.warn(&format!(
                "the broker dropped {messages} messages between {from} and {}: see its bounds on \
                 queued messages",
                now.at
            ));
        }
        let seen = BrokerDropped {
            partition: TELLER,
            from,
            to: now.at,
            messages,
            counter: now.counter,
        };
        if journal
            .send(vec![PolicyChange::BrokerDropped(seen)])
            .await
            .is_err()
        {
            return;
        }
    }
}
