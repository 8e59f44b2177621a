//! The newest events, read from the store once for all viewers of the live stream.
//!
//! The store is the truth, the watch channel only a wake-up, and the ring a copy of the end of what the store
//! has. A viewer takes from the ring at their own pace; one who is behind it reads the store.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use model::AlertId;
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;

use crate::access::{Facts, Scope};
use crate::store::{Store, StoreError, StreamEvent};

/// Events asked of the store at once.
pub(super) const PAGE: usize = 256;

/// Events kept for everybody: of a busy hour of a large installation, so that who reconnects finds theirs.
const RING: usize = 2048;

/// The store is asked after this long without a wake-up: another process may have written.
const ASKED_EVERY: Duration = Duration::from_secs(1);

/// Viewers that read the store at once because they are behind the ring. A thousand that come back together
/// wait for each other instead of holding up commits.
const BEHIND_AT_ONCE: usize = 8;

/// What all viewers of the live stream are fed from.
pub struct Feed {
    store: Arc<dyn Store>,
    ring: Mutex<Ring>,
    newest: watch::Sender<u64>,
    behind: Semaphore,
}

/// Events in the order of their numbers, without a gap.
#[derive(Default)]
struct Ring {
    events: VecDeque<Arc<Told>>,
    /// The number of the last, or of the one before the first that will come; `None` before the store was
    /// asked.
    end: Option<u64>,
}

/// An event, and what decides who may see it.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) event: StreamEvent,
    facts: Facts,
}

/// A part of the stream.
pub(super) struct Page {
    /// Those of its events that somebody may see.
    pub(super) visible: VecDeque<Arc<Told>>,
    /// It ends with this event.
    pub(super) end: u64,
}

impl Feed {
    /// Of the events that `store` keeps.
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self {
            store,
            ring: Mutex::default(),
            newest: watch::Sender::new(0),
            behind: Semaphore::new(BEHIND_AT_ONCE),
        }
    }

    /// Follows the store until `shutdown`; `hint` wakes it.
    pub async fn run(self: Arc<Self>, mut hint: watch::Receiver<u64>, shutdown: CancellationToken) {
        while !shutdown.is_cancelled() {
            hint.mark_unchanged();
            match self.take_in().await {
                Ok(true) => continue,
                Ok(false) => {}
                Err(error) => tracing::error!(%error, "the live streams wait for the store"),
            }
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = tokio::time::sleep(ASKED_EVERY) => {}
                Ok(()) = hint.changed() => {}
            }
        }
    }

    /// Wakes with each change.
    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.newest.subscribe()
    }

    /// What comes after an event, as far as somebody with that scope may see it; `None` when nothing does yet.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) async fn after(&self, last: u64, scope: &Scope) -> Result<Option<Page>, StoreError> {
        if let Some(told) = self.ring().after(last) {
            return Ok(page(told, scope));
        }
        let Ok(_turn) = self.behind.acquire().await else {
            return Ok(None);
        };
        Ok(page(self.read(last).await?, scope))
    }

    /// Takes the next events of the store into the ring; whether there were any.
    async fn take_in(&self) -> Result<bool, StoreError> {
        let end = self.ring().end;
        let Some(end) = end else {
            let newest = self.store.newest_event().await?;
            self.ring().end = Some(newest);
            return Ok(true);
        };
        let told = self.read(end).await?;
        let Some(newest) = told.last().map(|told| told.event.id) else {
            return Ok(false);
        };
        self.ring().push(told, newest);
        self.newest.send_replace(newest);
        Ok(true)
    }

    async fn read(&self, after: u64) -> Result<Vec<Arc<Told>>, StoreError> {
        let events = self.store.events_after(after, PAGE).await?;
        let alerts: Vec<AlertId> = events.iter().map(|event| event.decision.alert).collect();
        let facts = self.store.alert_facts(&alerts).await?;
        let both = events.into_iter().zip(facts);
        Ok(both
            .map(|(event, facts)| Arc::new(Told { event, facts }))
            .collect())
    }

    fn ring(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ring {
    fn push(&mut self, told: Vec<Arc<Told>>, end: u64) {
        self.events.extend(told);
        let spare = self.events.len().saturating_sub(RING);
        self.events.drain(..spare);
        self.end = Some(end);
    }

    /// What comes after an event, a page at most; `None` where the ring begins later.
    fn after(&self, last: u64) -> Option<Vec<Arc<Told>>> {
        let begin = match self.events.front() {
            Some(first) => first.event.id,
            None => self.end? + 1,
        };
        if last.checked_add(1)? < begin {
            return None;
        }
        let seen = self.events.partition_point(|told| told.event.id <= last);
        Some(self.events.iter().skip(seen).take(PAGE).cloned().collect())
    }
}

fn page(told: Vec<Arc<Told>>, scope: &Scope) -> Option<Page> {
    let end = told.last()?.event.id;
    let visible = told.into_iter().filter(|told| scope.sees(&told.facts));
    Some(Page {
        visible: visible.collect(),
        end,
    })
}
