//! Committing a batch: until it is kept, whatever is in the way.

use std::sync::Arc;
use std::time::{Duration, Instant};

use backon::BackoffBuilder;
use model::DeviceCommand;
use tokio_util::sync::CancellationToken;

use super::assembly::Assembly;
use super::partition::{Ended, Partition};
use super::readiness::Part;
use super::retry;
use super::tell::Told;
use crate::store::{CommitBatch, Committed, StoreError};

impl Partition {
    /// Commits what the engine concluded together with what it concluded it from. Nothing at all is
    /// committed too: that is how an owner who has nothing to write finds out that it is not the owner
    /// any more, and that the store is there.
    pub(super) async fn commit(
        &mut self,
        assembly: Assembly,
        stop: &CancellationToken,
    ) -> Result<(), Ended> {
        let Told {
            decisions,
            over,
            news,
        } = self.tell();
        let commands: Vec<DeviceCommand> =
            std::iter::from_fn(|| self.engine.poll_command()).collect();
        let Assembly {
            entries,
            dead_letters,
            fresh,
        } = assembly;
        let is_empty = entries.is_empty()
            && decisions.is_empty()
            && over.is_empty()
            && dead_letters.is_empty();
        let (partition, epoch) = (self.id, self.epoch);
        let batch = CommitBatch {
            partition,
            epoch,
            entries,
            decisions,
            over,
            dead_letters,
        };
        let batch = Arc::new(batch);
        let started = Instant::now();
        if let Err(ended) = self.commit_until_kept(&batch, stop).await {
            // Somebody else's batch tells of it.
            self.gatherer().put_back(news);
            return Err(ended);
        }
        if !is_empty {
            self.shared
                .metrics
                .commit(self.id, started.elapsed(), fresh);
        }
        self.shared
            .metrics
            .set_engine_wearers(self.id, self.engine.wearers());
        self.shared
            .metrics
            .set_registry_revision(self.id, self.engine.registry_revision());
        self.note(&batch);
        self.command(&commands, stop).await
    }

    /// Hands commands on. What led to them is committed; one that is lost with the process is not
    /// sent again, because by then it would ask for an answer too late.
    async fn command(
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

    async fn commit_until_kept(
        &self,
        batch: &Arc<CommitBatch>,
        stop: &CancellationToken,
    ) -> Result<(), Ended> {
        let mut waits = retry::waits().build();
        loop {
            let error = match self.shared.store.commit(Arc::clone(batch)).await {
                Ok(committed) => {
                    self.announce(committed);
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
            self.wait_out(&error, &mut waits).await;
        }
    }

    fn announce(&self, committed: Committed) {
        self.shared.readiness.clear(self.id, Part::Store);
        self.shared.newest_event.send_if_modified(|newest| {
            let newer = committed.newest_event > *newest;
            *newest = committed.newest_event.max(*newest);
            newer
        });
    }

    /// Says that it waits, and waits.
    pub(super) async fn wait_out(
        &self,
        error: &StoreError,
        waits: &mut impl Iterator<Item = Duration>,
    ) {
        let wait = waits.next().unwrap_or_default();
        tracing::error!(partition = %self.id, %error, ?wait, "intake waits for the store");
        let why = error.to_string();
        self.shared.readiness.obstacle(self.id, Part::Store, &why);
        tokio::time::sleep(wait).await;
    }

    /// What is done once a batch is safe.
    fn note(&self, batch: &CommitBatch) {
        for letter in &batch.dead_letters {
            self.shared.metrics.dead_letter(letter.reason);
        }
        for routed in &batch.decisions {
            self.shared.metrics.decision(&routed.decision);
            for notification in &routed.notifications {
                self.shared.metrics.notification(&notification.recipient);
            }
        }
    }
}
