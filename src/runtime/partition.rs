//! The one loop that reads the clock: receive → engine → commit → acknowledge.
//!
//! A batch is whatever arrived and was judged while the last commit ran, up to a bound. Timers wake the loop when
//! nothing arrives. A failed commit is tried again as it is until it succeeds; meanwhile nothing is
//! acknowledged and so, soon, nothing more is received.

use std::convert::Infallible;
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
use super::flight::{self, Acks, Flight};
use super::inbox::Inbox;
use super::known::Known;
use super::profiles::Profiles;
use super::readiness::Part;
use super::retry;
use super::shared::Shared;
use super::strays::Strays;
use crate::store::{JournalInput, StoreError};

/// The most messages in one batch, and the entries from which on no more are added: they bound what a failed commit
/// holds up, and the transaction. Half of what a broker as we set it up hands out unacknowledged: while one batch is
/// committed, the next is judged.
const BATCH_MESSAGES_MAX: usize = 2_000;
const BATCH_ENTRIES_ENOUGH: usize = 4_000;

/// The most messages judged at once: meanwhile nobody sees that a commit has come to its end.
const JUDGED_MESSAGES_MAX: usize = 500;

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
    /// The last batch is committed, and there may be another.
    Landed,
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
    /// The next batch, as far as it is judged.
    pub(super) assembly: Assembly,
    /// The last batch, until it is committed.
    pub(super) flight: Option<Flight>,
    /// Engine time of the last entry: it never runs back, whatever the machine's clock does.
    pub(super) last: Timestamp,
    pub(super) known: Known,
    pub(super) profiles: Profiles,
    pub(super) strays: Strays,
    pub(super) shared: Shared,
}

impl Partition {
    /// Runs until told to stop or unable to go on. What was not committed then is pending again.
    pub(super) async fn run(&mut self, inbox: &mut Inbox, stop: &CancellationToken) -> Ended {
        let _filing = Filing::begin(Arc::clone(&self.shared.store), self.id, self.epoch);
        let Err(ended) = self.go_on(inbox, stop).await;
        inbox.take_back(self.give_back());
        ended
    }

    async fn go_on(
        &mut self,
        inbox: &mut Inbox,
        stop: &CancellationToken,
    ) -> Result<Infallible, Ended> {
        loop {
            match self.receive(inbox, stop).await? {
                Woken::Stop => return Err(self.finish(inbox, stop).await),
                Woken::Room => {}
                Woken::Landed => {
                    self.step(inbox, stop).await?;
                    self.launch(false, stop);
                }
                Woken::Work => {
                    self.step(inbox, stop).await?;
                    self.launch(true, stop);
                }
            }
            self.checkpoint_when_due(&inbox.acks, stop).await?;
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

    /// Waits for something to do. While a commit is on its way that is more messages, as many as fit into the next, or
    /// its end.
    async fn receive(
        &mut self,
        inbox: &mut Inbox,
        stop: &CancellationToken,
    ) -> Result<Woken, Ended> {
        if !inbox.pending.is_empty() || self.is_behind() {
            self.land(&inbox.acks, stop).await?;
            return Ok(Woken::Work);
        }
        if self.flight.is_none() {
            return Ok(self.wait(inbox, stop).await);
        }
        let room = self.room();
        let ended = tokio::select! {
            biased;
            () = stop.cancelled() => return Ok(Woken::Stop),
            ended = flight::landed(self.flight.as_mut()) => ended,
            count = inbox.messages.recv_many(&mut inbox.pending.messages, room), if room > 0 => {
                if count == 0 {
                    return Ok(Woken::Stop);
                }
                inbox.intake.waited(Duration::ZERO, true);
                if !self.is_held_up() {
                    return Ok(Woken::Work);
                }
                flight::landed(self.flight.as_mut()).await
            }
        };
        self.touch_down(ended, &inbox.acks, stop).await?;
        Ok(Woken::Landed)
    }

    /// How many more messages may be judged before the next commit.
    fn room(&self) -> usize {
        if self.assembly.entries.len() >= BATCH_ENTRIES_ENOUGH {
            return 0;
        }
        let messages = self.assembly.source.messages.len();
        JUDGED_MESSAGES_MAX.min(BATCH_MESSAGES_MAX.saturating_sub(messages))
    }

    /// Waits for messages, changes, the next timer, the next look at the intake, or for the store to take
    /// more of a checkpoint.
    async fn wait(&mut self, inbox: &mut Inbox, stop: &CancellationToken) -> Woken {
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
        let pending = &mut inbox.pending;
        let received = tokio::select! {
            biased;
            () = stop.cancelled() => Woken::Stop,
            Some(changes) = inbox.changes.recv() => {
                pending.changes.extend(changes);
                Woken::Work
            }
            count = inbox.messages.recv_many(&mut pending.messages, JUDGED_MESSAGES_MAX) => {
                if count > 0 { Woken::Work } else { Woken::Stop }
            }
            Ok(()) = inbox.registry.changed() => Woken::Work,
            () = timer => Woken::Work,
            () = inbox.link.changed() => Woken::Work,
            () = checkpoint::room(self.saving.as_ref()) => Woken::Room,
            () = tokio::time::sleep(LOOK_EVERY) => Woken::Work,
        };
        let came = !inbox.pending.messages.is_empty();
        inbox.intake.waited(started.elapsed(), came);
        received
    }

    /// Hands everything pending to the engine, and puts it into the next batch.
    async fn step(&mut self, inbox: &mut Inbox, stop: &CancellationToken) -> Result<(), Ended> {
        let now = self.shared.clock.now().max(self.last);
        self.note_link(inbox.link.is_up());
        inbox.look(now);
        let before = self.assembly.entries.len();
        while let Some(change) = inbox.pending.changes.first() {
            if !drive::runs_ahead(change) {
                self.advance(now, &inbox.acks, stop).await?;
            }
            // Pending until here: letting time run on may commit the batch, which this is not in yet, or fail.
            let change = inbox.pending.changes.remove(0);
            self.assembly.source.changes.push(change.clone());
            self.handle_change(change, now);
        }
        let directory = self.shared.directory.get();
        let follow = self.follow(directory.revision(), now, &inbox.acks, stop);
        let is_behind = follow.await?;
        self.advance(now, &inbox.acks, stop).await?;
        if !is_behind {
            let messages = std::mem::take(&mut inbox.pending.messages);
            let handled = self.handle_messages(&messages, &directory, now, (&inbox.acks, stop));
            let handled = handled.await;
            self.assembly.source.messages.extend(messages);
            handled?;
        }
        self.last = now;
        self.note_freshness(inbox, before, now);
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

    /// Tells the intake how old what came was, while that matters: the batch's entries after so many.
    fn note_freshness(&self, inbox: &mut Inbox, before: usize, now: Timestamp) {
        let is_behind = inbox.intake.is_behind();
        self.shared.metrics.set_intake_behind(self.id, is_behind);
        if !is_behind {
            return;
        }
        for entry in self.assembly.entries.iter().skip(before) {
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
        acks: &Acks,
        stop: &CancellationToken,
    ) -> Result<(), Ended> {
        while let Some(wanted) = self.engine.advance(now) {
            self.flush(acks, stop).await?;
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
                Err(error) => self.sit_out(error, &mut waits, stop).await?,
            }
        }
    }

    /// Waits before the store is asked again.
    ///
    /// # Errors
    /// When there is no point in that, or no time left.
    pub(super) async fn sit_out(
        &self,
        error: StoreError,
        waits: &mut impl Iterator<Item = Duration>,
        stop: &CancellationToken,
    ) -> Result<(), Ended> {
        match error {
            StoreError::Unavailable(_) if stop.is_cancelled() => Err(Ended::Stopped),
            StoreError::Unavailable(_) => {
                self.shared.wait_out(self.id, &error, waits).await;
                Ok(())
            }
            StoreError::Conflict(_) | StoreError::Fenced { .. } | StoreError::Corrupt(_) => {
                Err(Ended::Fatal(error))
            }
        }
    }

    async fn finish(&mut self, inbox: &Inbox, stop: &CancellationToken) -> Ended {
        if let Err(ended) = self.flush(&inbox.acks, stop).await {
            return ended;
        }
        if stop.is_cancelled() && self.position > self.checkpointed {
            self.checkpoint_at_once().await;
        }
        Ended::Stopped
    }
}
