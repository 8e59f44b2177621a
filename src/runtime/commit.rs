//! Committing a batch: until it is kept, whatever is in the way.

use std::sync::Arc;
use std::time::Duration;

use backon::BackoffBuilder;
use model::{DeviceCommand, PartitionId};
use tokio_util::sync::CancellationToken;

use super::partition::{Ended, Partition};
use super::readiness::Part;
use super::retry;
use super::shared::Shared;
use crate::store::{CommitBatch, Committed, StoreError};

/// Commits a batch, tried again as it is until it is kept.
///
/// # Errors
/// When it cannot be, or when told to stop while it is not.
pub(super) async fn keep(
    shared: Shared,
    batch: Arc<CommitBatch>,
    stop: CancellationToken,
) -> Result<(), Ended> {
    let mut waits = retry::waits().build();
    loop {
        let error = match shared.store.commit(Arc::clone(&batch)).await {
            Ok(committed) => {
                shared.announce(&batch, committed);
                return Ok(());
            }
            Err(error @ StoreError::Unavailable(_)) => error,
            Err(error @ StoreError::Conflict(_)) => return Err(Ended::Rebuild(error)),
            Err(error @ (StoreError::Fenced { .. } | StoreError::Corrupt(_))) => {
                return Err(Ended::Fatal(error));
            }
        };
        if stop.is_cancelled() {
            // Nothing of it was acknowledged, so the broker still has all of it.
            return Err(Ended::Stopped);
        }
        shared.wait_out(batch.partition, &error, &mut waits).await;
    }
}

impl Shared {
    fn announce(&self, batch: &CommitBatch, committed: Committed) {
        self.readiness.clear(batch.partition, Part::Store);
        let notifications = batch.decisions.iter();
        let notifications = notifications.flat_map(|routed| &routed.notifications);
        self.bell
            .ring(notifications.map(|told| told.recipient.clone()));
        self.newest_event.send_if_modified(|newest| {
            let newer = committed.newest_event > *newest;
            *newest = committed.newest_event.max(*newest);
            newer
        });
    }

    /// Says that a partition waits, and waits.
    pub(super) async fn wait_out(
        &self,
        partition: PartitionId,
        error: &StoreError,
        waits: &mut impl Iterator<Item = Duration>,
    ) {
        let wait = waits.next().unwrap_or_default();
        tracing::error!(%partition, %error, ?wait, "intake waits for the store");
        let why = error.to_string();
        self.readiness.obstacle(partition, Part::Store, &why);
        tokio::time::sleep(wait).await;
    }
}

impl Partition {
    /// Hands commands on. What led to them is committed; one that is lost with the process is not
    /// sent again, because by then it would ask for an answer too late.
    pub(super) async fn command(
        &self,
        commands: &[DeviceCommand],
        stop: &CancellationToken,
    ) -> Result<(), Ended> {
        for command in commands {
            tokio::select! {
                () = self.shared.commands.send(self.id, command) => {}
                () = stop.cancelled() => return Ok(()),
            }
        }
        Ok(())
    }

    /// Counts what a batch that is safe, `took` so long and has so many fresh readings brought.
    pub(super) fn note(&self, batch: &CommitBatch, took: Duration, fresh: usize) {
        let metrics = &self.shared.metrics;
        if !batch.is_empty() {
            metrics.commit(self.id, took, fresh);
        }
        metrics.set_engine_wearers(self.id, self.engine.wearers());
        metrics.set_registry_revision(self.id, self.engine.registry_revision());
        for letter in &batch.dead_letters {
            metrics.dead_letter(letter.reason);
        }
        for routed in &batch.decisions {
            metrics.decision(&routed.decision);
            for notification in &routed.notifications {
                metrics.notification(&notification.recipient);
            }
        }
    }
}
