//! Following the registry: the directory of devices for the whole process, everything else partition by
//! partition.
//!
//! The directory is brought up to a revision first. A partition that attributes readings with it has
//! journaled what it is to hear of up to that revision before: nobody is attributed a reading whom the
//! engine does not know yet.

use std::sync::Arc;
use std::time::Duration;

use model::{PolicyChange, Timestamp};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use super::flight::Acks;
use super::partition::{Ended, Partition};
use super::retry;
use crate::ingest::SharedDirectory;
use crate::registrar::Registrar;
use crate::store::registry::{Interest, Registered, Share};
use crate::store::{Store, StoreError};

/// How often the store is asked for changes that other processes made. A change takes effect within a
/// second.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Changes handed to an engine, and committed, at once.
const CHANGES_MAX: usize = 2_000;

/// Activations read at once.
const ACTIVATIONS_MAX: usize = 5_000;

/// Keeps the directory as the registry has it, and wakes the partitions.
pub(super) struct Follower {
    store: Arc<dyn Store>,
    pub(super) directory: SharedDirectory,
    /// The revision that the directory has come to.
    newest: watch::Sender<u64>,
    /// This process changed the registry.
    changed: Arc<Notify>,
}

impl Follower {
    /// One with an empty directory.
    pub(super) fn new(
        store: &Arc<dyn Store>,
        registrar: &Registrar,
        newest: watch::Sender<u64>,
    ) -> Self {
        Self {
            store: Arc::clone(store),
            directory: SharedDirectory::default(),
            newest,
            changed: registrar.changed(),
        }
    }

    /// Brings the directory up to what is registered now.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) async fn catch_up(&self) -> Result<(), StoreError> {
        let newest = self.store.registry_revision().await?;
        let mut revision = self.directory.get().revision();
        while revision < newest {
            let activations = Interest::Kind("activation");
            let page = self
                .store
                .registry_after(revision, activations, ACTIVATIONS_MAX)
                .await?;
            revision = up_to(&page, ACTIVATIONS_MAX, newest);
            self.directory.follow(changes(page), revision);
        }
        self.newest.send_if_modified(|known| {
            let is_news = *known != revision;
            *known = revision;
            is_news
        });
        Ok(())
    }

    /// Goes on until told to stop. A store that is away is asked again.
    pub(super) async fn run(self, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.changed.notified() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            if let Err(error) = self.catch_up().await {
                tracing::debug!(%error, "the registry cannot be read");
            }
        }
    }
}

impl Partition {
    /// Hands the engine what was registered up to revision `target`, or the first part of it. Whether
    /// there is more.
    pub(super) async fn follow(
        &mut self,
        target: u64,
        now: Timestamp,
        acks: &Acks,
        stop: &CancellationToken,
    ) -> Result<bool, Ended> {
        let after = self.engine.registry_revision();
        if after >= target {
            return Ok(false);
        }
        let page = self.registered_after(after, stop).await?;
        let registry = up_to(&page, CHANGES_MAX, target);
        let revision = PolicyChange::Revision { registry };
        for change in std::iter::once(revision).chain(changes(page)) {
            self.advance(now, acks, stop).await?;
            self.handle_change(change, now);
        }
        Ok(registry < target)
    }

    async fn registered_after(
        &self,
        after: u64,
        stop: &CancellationToken,
    ) -> Result<Vec<Registered>, Ended> {
        let interest = Interest::Partition(Share {
            partition: self.id,
            partitions: self.shared.partitions,
        });
        let mut waits = backon::BackoffBuilder::build(retry::waits());
        loop {
            let page = self
                .shared
                .store
                .registry_after(after, interest, CHANGES_MAX);
            match page.await {
                Ok(page) => return Ok(page),
                Err(StoreError::Unavailable(_)) if stop.is_cancelled() => {
                    return Err(Ended::Stopped);
                }
                Err(error @ StoreError::Unavailable(_)) => {
                    self.shared.wait_out(self.id, &error, &mut waits).await;
                }
                Err(error) => return Err(Ended::Fatal(error)),
            }
        }
    }
}

/// The revision that a page of at most `limit` parts leads to, of a registry that is at `newest` at
/// least.
fn up_to(page: &[Registered], limit: usize, newest: u64) -> u64 {
    match page.last() {
        Some(last) if page.len() >= limit => last.revision,
        Some(last) => newest.max(last.revision),
        None => newest,
    }
}

/// What the parts make of the registry.
fn changes(page: Vec<Registered>) -> impl Iterator<Item = PolicyChange> {
    page.into_iter()
        .map(|part| part.change.unwrap_or(PolicyChange::Removed(part.key)))
}
