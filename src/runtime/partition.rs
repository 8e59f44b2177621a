//! The one loop that reads the clock: receive → engine → commit → acknowledge.
//!
//! A batch is whatever arrived while the last commit ran, up to a bound. Timers wake the loop when
//! nothing arrives. A failed commit is tried again as it is until it succeeds; meanwhile nothing is
//! acknowledged and so, soon, nothing more is received.

use std::num::NonZeroU16;
use std::sync::Arc;
use std::time::Instant;

use backon::BackoffBuilder;
use engine::{Engine, Outcome};
use model::{Decision, PartitionId, PolicyChange, Reading, ReceivedAt, Timestamp};
use routing::{RoutingPolicy, Unfilled};
use thiserror::Error;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::clock::Clock;
use super::known::{Known, Novelty};
use super::profiles::Profiles;
use super::readiness::Readiness;
use super::retry;
use crate::ingest::{AckTicket, Burial, Message, Place, SharedDirectory, TakenIn, take_in};
use crate::metrics::{MessageResult, Metrics, ReadingOutcome};
use crate::store::{
    Checkpoint, CommitBatch, DeadLetter, DeadLetterReason, JournalEntry, JournalInput,
    RoutedDecision, Store, StoreError,
};

/// The most messages in one batch: bounds what a failed commit holds up, and the transaction.
const BATCH_MESSAGES_MAX: usize = 500;

/// What every partition of an installation shares.
#[derive(Clone)]
pub(super) struct Shared {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// Who is told.
    pub routing: Arc<RoutingPolicy>,
    /// Who wears which device.
    pub directory: SharedDirectory,
    /// The present.
    pub clock: Clock,
    /// The metrics.
    pub metrics: Arc<Metrics>,
    /// How many partitions there are.
    pub partitions: NonZeroU16,
    /// The newest event of the live stream, for those who follow it.
    pub newest_event: Arc<watch::Sender<u64>>,
    /// Whether readings are taken in.
    pub readiness: Readiness,
    /// Journal entries after which a checkpoint is written.
    pub checkpoint_every: u64,
}

/// What a partition takes in.
pub(super) struct Inbox {
    /// Messages of the session.
    pub messages: mpsc::Receiver<Message>,
    /// Changes of the registry.
    pub changes: mpsc::Receiver<Vec<PolicyChange>>,
    /// Where tickets of committed messages go.
    pub acks: mpsc::Sender<Vec<AckTicket>>,
    /// Taken from `messages`, not committed yet: they survive the loss of an engine.
    pub(super) pending: Vec<Message>,
    /// Taken from `changes`, not committed yet.
    pub(super) pending_changes: Vec<PolicyChange>,
}

impl Inbox {
    /// An inbox with nothing pending.
    #[must_use]
    pub(super) const fn new(
        messages: mpsc::Receiver<Message>,
        changes: mpsc::Receiver<Vec<PolicyChange>>,
        acks: mpsc::Sender<Vec<AckTicket>>,
    ) -> Self {
        Self {
            messages,
            changes,
            acks,
            pending: Vec::new(),
            pending_changes: Vec::new(),
        }
    }

    /// Puts changes before everything else.
    pub(super) fn hand_over(&mut self, changes: Vec<PolicyChange>) {
        self.pending_changes.splice(0..0, changes);
    }
}

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

/// One partition: an engine and its place in the journal.
pub(super) struct Partition {
    pub(super) id: PartitionId,
    pub(super) epoch: u64,
    pub(super) engine: Engine,
    pub(super) position: u64,
    pub(super) checkpointed: u64,
    /// Engine time of the last entry: it never runs back, whatever the machine's clock does.
    pub(super) last: Timestamp,
    pub(super) known: Known,
    pub(super) profiles: Profiles,
    pub(super) shared: Shared,
}

/// A batch that is being put together.
#[derive(Default)]
struct Assembly {
    entries: Vec<JournalEntry>,
    dead_letters: Vec<DeadLetter>,
    fresh: usize,
}

impl Partition {
    /// Runs until told to stop or unable to go on. What is in `inbox.pending` then was not committed.
    pub(super) async fn run(&mut self, inbox: &mut Inbox, stop: &CancellationToken) -> Ended {
        loop {
            let step = if inbox.pending.is_empty() && inbox.pending_changes.is_empty() {
                if self.receive(inbox, stop).await.is_none() {
                    return self.finish(stop).await;
                }
                self.step(inbox, stop).await
            } else {
                self.step(inbox, stop).await
            };
            if let Err(ended) = step {
                return ended;
            }
            self.checkpoint_when_due().await;
        }
    }

    /// Engine time of the last entry.
    pub(super) const fn last(&self) -> Timestamp {
        self.last
    }

    /// Waits for messages, changes or the next timer. `None`: time to stop.
    async fn receive(&mut self, inbox: &mut Inbox, stop: &CancellationToken) -> Option<()> {
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
        tokio::select! {
            biased;
            () = stop.cancelled() => None,
            Some(changes) = inbox.changes.recv() => {
                inbox.pending_changes.extend(changes);
                Some(())
            }
            count = inbox.messages.recv_many(&mut inbox.pending, BATCH_MESSAGES_MAX) => {
                (count > 0).then_some(())
            }
            () = timer => Some(()),
        }
    }

    /// Hands everything pending to the engine, commits what came of it, acknowledges.
    async fn step(&mut self, inbox: &mut Inbox, stop: &CancellationToken) -> Result<(), Ended> {
        let now = self.shared.clock.now().max(self.last);
        let mut assembly = Assembly::default();
        for change in &inbox.pending_changes {
            self.handle_change(change.clone(), now, &mut assembly);
        }
        self.handle_messages(&inbox.pending, now, &mut assembly)
            .await?;
        self.engine.handle_timeout(now);
        self.last = now;
        self.commit(assembly, stop).await?;
        inbox.pending_changes.clear();
        self.acknowledge(inbox).await;
        Ok(())
    }

    async fn handle_messages(
        &mut self,
        messages: &[Message],
        now: Timestamp,
        assembly: &mut Assembly,
    ) -> Result<(), Ended> {
        let directory = self.shared.directory.get();
        let (partition, partitions) = (self.id, self.shared.partitions);
        let place = Place {
            partition,
            partitions,
            directory: &directory,
        };
        let taken_in: Vec<TakenIn<'_>> = messages
            .iter()
            .map(|message| take_in(message, place))
            .collect();
        let mut novelties = self.sift(&taken_in).await?.into_iter();
        for TakenIn {
            readings,
            mut burial,
        } in taken_in
        {
            let any_readable = !readings.is_empty();
            for reading in readings {
                let novelty = novelties.next().unwrap_or(Novelty::Duplicate);
                self.handle_reading(reading, novelty, now, &mut burial, assembly);
            }
            let letters = burial.into_letters();
            self.shared
                .metrics
                .message(match (letters.is_empty(), any_readable) {
                    (true, _) => MessageResult::Used,
                    (false, true) => MessageResult::PartlyUsed,
                    (false, false) => MessageResult::DeadLetter,
                });
            assembly.dead_letters.extend(letters);
        }
        Ok(())
    }

    async fn sift(&mut self, taken_in: &[TakenIn<'_>]) -> Result<Vec<Novelty>, Ended> {
        let readings: Vec<&Reading> = taken_in.iter().flat_map(|taken| &taken.readings).collect();
        let mut waits = retry::waits().build();
        loop {
            match self.known.sift(&*self.shared.store, &readings).await {
                Ok(novelties) => return Ok(novelties),
                Err(error @ StoreError::Unavailable(_)) => self.wait_out(&error, &mut waits).await,
                Err(error) => return Err(Ended::Fatal(error)),
            }
        }
    }

    fn handle_change(&mut self, change: PolicyChange, now: Timestamp, assembly: &mut Assembly) {
        self.engine.handle_policy(&change, now);
        self.profiles.apply(&change);
        let position = self.next_position();
        let input = JournalInput::Policy(change);
        assembly.entries.push(JournalEntry {
            position,
            at: now,
            input,
        });
    }

    fn handle_reading(
        &mut self,
        reading: Reading,
        novelty: Novelty,
        now: Timestamp,
        burial: &mut Burial<'_>,
        assembly: &mut Assembly,
    ) {
        let metrics = &self.shared.metrics;
        let kind = reading.report.body.kind();
        match novelty {
            Novelty::Duplicate => return metrics.reading(kind, ReadingOutcome::Duplicate),
            Novelty::SequenceReused => {
                metrics.reading(kind, ReadingOutcome::DeadLetter);
                return burial.bury(DeadLetterReason::SequenceReused, &sequence_reused(&reading));
            }
            Novelty::Fresh => {}
        }
        let outcome = self.engine.handle_reading(&reading, now);
        metrics.reading(kind, ReadingOutcome::Journaled);
        metrics.judged(outcome.as_str());
        metrics.intake_lag(ReceivedAt(now), reading.report.observed_at);
        if let Outcome::Invalid(why) = &outcome {
            burial.bury(reason_of_invalid(&reading, now), why);
        }
        assembly.fresh += 1;
        let position = self.next_position();
        let input = JournalInput::Reading(reading);
        assembly.entries.push(JournalEntry {
            position,
            at: now,
            input,
        });
    }

    const fn next_position(&mut self) -> u64 {
        self.position += 1;
        self.position
    }

    /// Commits what the engine concluded together with what it concluded it from.
    async fn commit(&mut self, assembly: Assembly, stop: &CancellationToken) -> Result<(), Ended> {
        let mut decisions = Vec::new();
        while let Some(decision) = self.engine.poll_decision() {
            decisions.push(self.route(decision));
        }
        let Assembly {
            entries,
            dead_letters,
            fresh,
        } = assembly;
        if entries.is_empty() && decisions.is_empty() && dead_letters.is_empty() {
            return Ok(());
        }
        let (partition, epoch) = (self.id, self.epoch);
        let batch = CommitBatch {
            partition,
            epoch,
            entries,
            decisions,
            dead_letters,
        };
        let batch = Arc::new(batch);
        let started = Instant::now();
        self.commit_until_kept(&batch, stop).await?;
        self.shared.metrics.commit(started.elapsed(), fresh);
        self.shared
            .metrics
            .set_engine_wearers(self.id, self.engine.wearers());
        self.note(&batch);
        Ok(())
    }

    fn route(&self, decision: Decision) -> RoutedDecision {
        let wearer = self.profiles.wearer(&decision.wearer);
        let order = self.profiles.order(&decision);
        let routed = self.shared.routing.route(&decision, wearer, order);
        if routed.unrouted {
            tracing::warn!(alert = %decision.alert, kind = %decision.kind, "no route took it");
        }
        for unfilled in &routed.unfilled {
            let Unfilled { route, field, .. } = unfilled;
            tracing::warn!(alert = %decision.alert, route, field, "sent to the operators instead");
        }
        RoutedDecision {
            decision,
            severity: routed.severity,
            notify_by: routed.notify_by,
            notifications: routed.notifications,
        }
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
                    self.shared.readiness.ready(self.id);
                    self.shared.newest_event.send_if_modified(|newest| {
                        let newer = committed.newest_event > *newest;
                        *newest = committed.newest_event.max(*newest);
                        newer
                    });
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

    async fn wait_out(
        &self,
        error: &StoreError,
        waits: &mut impl Iterator<Item = std::time::Duration>,
    ) {
        let wait = waits.next().unwrap_or_default();
        tracing::error!(partition = %self.id, %error, ?wait, "intake waits for the store");
        self.shared.readiness.obstacle(self.id, &error.to_string());
        tokio::time::sleep(wait).await;
    }

    /// What is done once a batch is safe.
    fn note(&mut self, batch: &CommitBatch) {
        self.known
            .journaled(batch.entries.iter().filter_map(|entry| match &entry.input {
                JournalInput::Reading(reading) => Some(reading),
                JournalInput::Policy(_) => None,
            }));
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

    async fn checkpoint_when_due(&mut self) {
        if self.position - self.checkpointed >= self.shared.checkpoint_every {
            self.checkpoint().await;
        }
    }

    /// A checkpoint that fails costs time at the next start, and nothing else.
    async fn checkpoint(&mut self) {
        let snapshot = match self.engine.snapshot() {
            Ok(snapshot) => snapshot,
            Err(error) => return tracing::error!(partition = %self.id, %error, "no checkpoint"),
        };
        let (partition, position) = (self.id, self.position);
        let checkpoint = Checkpoint {
            partition,
            position,
            at: self.last,
            snapshot,
        };
        match self.shared.store.save_checkpoint(checkpoint).await {
            Ok(()) => self.checkpointed = position,
            Err(error) => tracing::warn!(%partition, %error, "no checkpoint"),
        }
    }

    async fn finish(&mut self, stop: &CancellationToken) -> Ended {
        if stop.is_cancelled() && self.position > self.checkpointed {
            self.checkpoint().await;
        }
        Ended::Stopped
    }
}

fn sequence_reused(reading: &Reading) -> String {
    let report = &reading.report;
    let seq = report.seq.unwrap_or_default();
    let (device, observed_at) = (&report.device, report.observed_at);
    format!(
        "device {device} used sequence number {seq} before, for another time than {observed_at}"
    )
}

fn reason_of_invalid(reading: &Reading, now: Timestamp) -> DeadLetterReason {
    if reading.report.observed_at.0 > now {
        DeadLetterReason::ObservedInFuture
    } else {
        DeadLetterReason::ImpossibleValue
    }
}
