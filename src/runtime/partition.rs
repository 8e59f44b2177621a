//! The one loop that reads the clock: receive → engine → commit → acknowledge.
//!
//! A batch is whatever arrived while the last commit ran, up to a bound. Timers wake the loop when
//! nothing arrives. A failed commit is tried again as it is until it succeeds; meanwhile nothing is
//! acknowledged and so, soon, nothing more is received.

use std::sync::Arc;
use std::time::{Duration, Instant};

use backon::BackoffBuilder;
use engine::{Engine, HistoryRequest};
use model::{PartitionId, Reading, Timestamp};
use thiserror::Error;
use tokio_util::sync::CancellationToken;

use super::assembly::Assembly;
use super::checkpoint::{self, Saving};
use super::drive;
use super::filing::Filing;
use super::inbox::Inbox;
use super::known::Known;
use super::profiles::Profiles;
use super::readiness::Part;
use super::retry;
use super::shared::Shared;
use super::strays::Strays;
use crate::store::{JournalInput, StoreError};

/// The most messages in one batch: bounds what a failed commit holds up, and the transaction.
const BATCH_MESSAGES_MAX: usize = 500;

/// How often it looks whether readings come in, when none do.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Why a partition's loop ended.
#[derive(Debug, Error)]
pub(super) enum Ended {
    /// It was told to stop; everything acknowledged is committed.
    #[error("stopped")]
    Stopped,
    /// The journal is not where this engine thinks it is: rebuild the engine from it.
    #[error("engine and journal differ: {0}")]
    Rebuild(StoreError),
    /// It must not go on.
    #[error(transparent)]
    Fatal(StoreError),
}

/// What a partition's loop goes on with.
enum Woken {
    /// There may be something to judge or to commit.
    Work,
    /// The store takes more of a checkpoint, and there is nothing else.
    Room,
    /// It is time to stop.
    Stop,
}

/// One partition: an engine and its place in the journal.
pub(super) struct Partition {
    pub(super) id: PartitionId,
    pub(super) epoch: u64,
    pub(super) engine: Engine,
    pub(super) position: u64,
    pub(super) checkpointed: u64,
    /// From this position on the next checkpoint is due.
    pub(super) checkpoint_due: u64,
    /// A checkpoint on its way to the store.
    pub(super) saving: Option<Saving>,
    /// Engine time of the last entry: it never runs back, whatever the machine's clock does.
    pub(super) last: Timestamp,
    pub(super) known: Known,
    pub(super) profiles: Profiles,
    pub(super) strays: Strays,
    pub(super) shared: Shared,
}

impl Partition {
    /// Runs until told to stop or unable to go on. What is in `inbox.pending` then was not committed.
    pub(super) async fn run(&mut self, inbox: &mut Inbox, stop: &CancellationToken) -> Ended {
        let _filing = Filing::begin(Arc::clone(&self.shared.store), self.id, self.epoch);
        loop {
            let is_idle = inbox.is_empty() && !self.is_behind();
            let woken = if is_idle {
                self.receive(inbox, stop).await
            } else {
                Woken::Work
            };
            match woken {
                Woken::Stop => return self.finish(stop).await,
                Woken::Room => {}
                Woken::Work => {
                    if let Err(ended) = self.step(inbox, stop).await {
                        return ended;
                    }
                }
            }
            self.checkpoint_when_due().await;
        }
    }

    /// Whether more is registered than its engine knows of.
    fn is_behind(&self) -> bool {
        self.engine.registry_revision() < self.shared.directory.get().revision()
    }

    /// Engine time of the last entry.
    pub(super) const fn last(&self) -> Timestamp {
        self.last
    }

    /// Waits for messages, changes, the next timer, the next look at the intake, or for the store to take
    /// more of a checkpoint.
    async fn receive(&mut self, inbox: &mut Inbox, stop: &CancellationToken) -> Woken {
        let started = Instant::now();
        let clock = self.shared.clock;
        let deadline = self
            .engine
            .poll_timeout()
            .map(|(deadline, _reason)| deadline);
        let timer = async {
            match deadline {
                Some(deadline) => clock.sleep_until(deadline).await,
                None => std::future::pending().await,
            }
        };
        let received = tokio::select! {
            biased;
            () = stop.cancelled() => Woken::Stop,
            Some(changes) = inbox.changes.recv() => {
                inbox.pending_changes.extend(changes);
                Woken::Work
            }
            count = inbox.messages.recv_many(&mut inbox.pending, BATCH_MESSAGES_MAX) => {
                if count > 0 { Woken::Work } else { Woken::Stop }
            }
            Ok(()) = inbox.registry.changed() => Woken::Work,
            () = timer => Woken::Work,
            () = inbox.link.changed() => Woken::Work,
            () = checkpoint::room(self.saving.as_ref()) => Woken::Room,
            () = tokio::time::sleep(LOOK_EVERY) => Woken::Work,
        };
        let came = !inbox.pending.is_empty();
        inbox.intake.waited(started.elapsed(), came);
        received
    }

    /// Hands everything pending to the engine, commits what came of it, acknowledges.
    async fn step(&mut self, inbox: &mut Inbox, stop: &CancellationToken) -> Result<(), Ended> {
        let now = self.shared.clock.now().max(self.last);
        self.note_link(inbox.link.is_up());
        inbox.look(now);
        let mut assembly = Assembly::default();
        for change in &inbox.pending_changes {
            if !drive::runs_ahead(change) {
                self.advance(now, stop).await?;
            }
            self.handle_change(change.clone(), now, &mut assembly);
        }
        let directory = self.shared.directory.get();
        let is_behind = self
            .follow(directory.revision(), now, &mut assembly, stop)
            .await?;
        self.advance(now, stop).await?;
        if !is_behind {
            self.handle_messages(&inbox.pending, &directory, now, &mut assembly, stop)
                .await?;
        }
        self.last = now;
        self.note_freshness(inbox, &assembly, now);
        self.commit(assembly, stop).await?;
        inbox.pending_changes.clear();
        if !is_behind {
            self.acknowledge(inbox).await;
        }
        Ok(())
    }

    fn note_link(&self, is_up: bool) {
        let readiness = &self.shared.readiness;
        if is_up {
            readiness.clear(self.id, Part::Broker);
        } else {
            readiness.obstacle(self.id, Part::Broker, "the broker cannot be reached");
        }
    }

    /// Tells the intake how old what came was, while that matters.
    fn note_freshness(&self, inbox: &mut Inbox, assembly: &Assembly, now: Timestamp) {
        let is_behind = inbox.intake.is_behind();
        self.shared.metrics.set_intake_behind(self.id, is_behind);
        if !is_behind {
            return;
        }
        for entry in &assembly.entries {
            if let JournalInput::Reading(reading) = &entry.input {
                let report = &reading.report;
                inbox.intake.saw(&report.device, report.observed_at.0, now);
            }
        }
    }

    /// Lets time run on, with whatever the engine wants to know of the past.
    pub(super) async fn advance(
        &mut self,
        now: Timestamp,
        stop: &CancellationToken,
    ) -> Result<(), Ended> {
        while let Some(wanted) = self.engine.advance(now) {
            let history = self.history(&wanted, stop).await?;
            self.engine.handle_history(&wanted.wearer, &history);
        }
        Ok(())
    }

    async fn history(
        &self,
        wanted: &HistoryRequest,
        stop: &CancellationToken,
    ) -> Result<Vec<(Timestamp, Reading)>, Ended> {
        let query = drive::query(wanted, self.id, self.position);
        let mut waits = retry::waits().build();
        loop {
            match self.shared.store.history(&query).await {
                Ok(history) => return Ok(history),
                Err(StoreError::Unavailable(_)) if stop.is_cancelled() => {
                    return Err(Ended::Stopped);
                }
                Err(error @ StoreError::Unavailable(_)) => {
                    self.wait_out(&error, &mut waits).await;
                }
                Err(error) => return Err(Ended::Fatal(error)),
            }
        }
    }

    async fn acknowledge(&self, inbox: &mut Inbox) {
        if inbox.pending.is_empty() {
            return;
        }
        let tickets = inbox
            .pending
            .drain(..)
            .map(|message| message.ticket)
            .collect();
        if inbox.acks.send(tickets).await.is_err() {
            tracing::error!(partition = %self.id, "the session is gone; it will all come again");
        }
    }

    async fn finish(&mut self, stop: &CancellationToken) -> Ended {
        if stop.is_cancelled() && self.position > self.checkpointed {
            self.checkpoint_at_once().await;
        }
        Ended::Stopped
    }
}
