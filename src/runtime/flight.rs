//! A commit on its way: while it lasts, the next batch is judged.
//!
//! What is in a batch is acknowledged, and commands that came of it go out, once it has landed. Whoever asks the
//! store for what the engine may already have been handed lands everything first.

use std::sync::Arc;
use std::time::{Duration, Instant};

use model::DeviceCommand;
use routing::News;
use tokio::sync::mpsc;
use tokio::task::JoinError;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::commit::keep;
use super::inbox::Source;
use super::partition::{Ended, Partition};
use super::tell::Told;
use crate::ingest::AckTicket;
use crate::store::{CommitBatch, StoreError};

/// A commit that takes longer is waited for: as long as the store takes nothing, no time passes for the engine.
const AHEAD_MAX: Duration = Duration::from_secs(1);

/// Where tickets of committed messages go.
pub(super) type Acks = mpsc::Sender<Vec<AckTicket>>;

/// A batch that is being committed. Dropping it gives it up.
#[derive(Debug)]
pub(super) struct Flight {
    batch: Arc<CommitBatch>,
    source: Source,
    fresh: usize,
    news: Vec<News>,
    commands: Vec<DeviceCommand>,
    begun: Instant,
    task: AbortOnDropHandle<Result<(), Ended>>,
}

impl Flight {
    /// Whether it takes so long that nothing more is to be judged before it has landed.
    fn holds_up(&self) -> bool {
        self.begun.elapsed() >= AHEAD_MAX
    }
}

/// Waits for a flight to come to its end; for ever, where there is none.
pub(super) async fn landed(flight: Option<&mut Flight>) -> Result<Result<(), Ended>, JoinError> {
    match flight {
        Some(flight) => (&mut flight.task).await,
        None => std::future::pending().await,
    }
}

impl Partition {
    /// Whether a commit is on its way that nothing more may be judged beside.
    pub(super) fn is_held_up(&self) -> bool {
        self.flight.as_ref().is_some_and(Flight::holds_up)
    }

    /// Sends off what the engine concluded together with what it concluded it from, where nothing is on its way. With
    /// `anyway` nothing at all is sent, too: that is how an owner who has nothing to write finds out that it is not the
    /// owner any more, and that the store is there.
    pub(super) fn launch(&mut self, anyway: bool, stop: &CancellationToken) {
        if self.flight.is_some() {
            return;
        }
        let Told {
            decisions,
            over,
            news,
        } = self.tell();
        let commands: Vec<DeviceCommand> =
            std::iter::from_fn(|| self.engine.poll_command()).collect();
        let assembly = std::mem::take(&mut self.assembly);
        let batch = CommitBatch {
            partition: self.id,
            epoch: self.epoch,
            entries: assembly.entries,
            decisions,
            over,
            dead_letters: assembly.dead_letters,
        };
        let source = assembly.source;
        if batch.is_empty() && source.is_empty() && commands.is_empty() && !anyway {
            return;
        }
        let batch = Arc::new(batch);
        let keeping = keep(self.shared.clone(), Arc::clone(&batch), stop.clone());
        self.flight = Some(Flight {
            batch,
            source,
            fresh: assembly.fresh,
            news,
            commands,
            begun: Instant::now(),
            task: AbortOnDropHandle::new(tokio::spawn(keeping)),
        });
    }

    /// Waits for what is on its way, if anything is, and does what is done once it is safe.
    ///
    /// # Errors
    /// When it cannot be kept. What it came of is then still there to be [taken back](Self::give_back).
    pub(super) async fn land(
        &mut self,
        acks: &Acks,
        stop: &CancellationToken,
    ) -> Result<(), Ended> {
        if self.flight.is_none() {
            return Ok(());
        }
        let ended = landed(self.flight.as_mut()).await;
        self.touch_down(ended, acks, stop).await
    }

    /// Does what is done once a flight has come to this end.
    pub(super) async fn touch_down(
        &mut self,
        ended: Result<Result<(), Ended>, JoinError>,
        acks: &Acks,
        stop: &CancellationToken,
    ) -> Result<(), Ended> {
        ended.map_err(|panicked| Ended::Fatal(StoreError::Unavailable(panicked.to_string())))??;
        let Some(flight) = self.flight.take() else {
            return Ok(());
        };
        self.note(&flight.batch, flight.begun.elapsed(), flight.fresh);
        self.command(&flight.commands, stop).await?;
        self.acknowledge(flight.source, acks).await;
        Ok(())
    }

    /// Commits all that is judged, and waits for it: the store then has everything that the engine was handed.
    pub(super) async fn flush(
        &mut self,
        acks: &Acks,
        stop: &CancellationToken,
    ) -> Result<(), Ended> {
        self.land(acks, stop).await?;
        if !self.assembly.is_empty() {
            self.launch(false, stop);
            self.land(acks, stop).await?;
        }
        Ok(())
    }

    /// What was handed in and is not known to be committed, in order.
    pub(super) fn give_back(&mut self) -> Source {
        let mut source = Source::default();
        if let Some(flight) = self.flight.take() {
            // Somebody else's batch tells of it.
            self.gatherer().put_back(flight.news);
            source.append(flight.source);
        }
        source.append(std::mem::take(&mut self.assembly).source);
        source
    }

    async fn acknowledge(&self, source: Source, acks: &Acks) {
        if source.messages.is_empty() {
            return;
        }
        let messages = source.messages.into_iter();
        let tickets = messages.map(|message| message.ticket).collect();
        if acks.send(tickets).await.is_err() {
            tracing::error!(partition = %self.id, "the session is gone; it will all come again");
        }
    }
}
