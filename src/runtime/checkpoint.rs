//! Checkpoints: taken slice by slice between batches, and saved by a task of their own, so that neither
//! holds up a reading.

use std::sync::Arc;

use engine::{Engine, SnapshotError};
use model::{PartitionId, Timestamp};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::flight::Acks;
use super::partition::{Ended, Partition};
use super::shared::Shared;
use crate::store::{Checkpoint, CheckpointEnd, CheckpointPart, Store, StoreError};

/// Bytes of a snapshot that are written between two batches: two to three milliseconds.
const SLICE_BYTES: usize = 256 * 1024;

/// Slices that wait to be saved: the next is not written before there is room.
const SLICES_WAITING: usize = 4;

/// Bytes of a snapshot that are saved at once: some milliseconds of the store's time, in which it commits
/// nothing else where it is a file.
const PART_BYTES: usize = 1024 * 1024;

/// Journal entries after which a checkpoint is written, at the least.
const ENTRIES: u64 = 250_000;

/// The same for each wearer of a partition: to restore one takes a start longer than to go through so many entries
/// again, so that it never takes more than twice what it has to, and what a checkpoint costs is shared by as many readings
/// however many wearers there are.
const ENTRIES_PER_WEARER: u64 = 20;

/// How many journal entries lie between two checkpoints.
pub(super) fn interval(shared: &Shared, engine: &Engine) -> u64 {
    let wearers = u64::try_from(engine.wearers()).unwrap_or(u64::MAX);
    let ours = ENTRIES.max(wearers.saturating_mul(ENTRIES_PER_WEARER));
    shared.checkpoint_every.unwrap_or(ours)
}

/// A checkpoint on its way to the store. Dropping it gives it up.
#[derive(Debug)]
pub(super) struct Saving {
    position: u64,
    /// Nothing, once all slices are handed over.
    slices: Option<mpsc::Sender<Slice>>,
    task: JoinHandle<Result<(), StoreError>>,
}

#[derive(Debug)]
enum Slice {
    Next(Vec<u8>),
    /// There are no more.
    End,
}

impl Saving {
    fn begin(store: Arc<dyn Store>, epoch: u64, checkpoint: Whose) -> Self {
        let (slices, taken) = mpsc::channel(SLICES_WAITING);
        Self {
            position: checkpoint.position,
            slices: Some(slices),
            task: tokio::spawn(save(store, epoch, checkpoint, taken)),
        }
    }
}

impl Drop for Saving {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Waits until the store takes another slice of a checkpoint; for ever, where there is none to hand over.
pub(super) async fn room(saving: Option<&Saving>) {
    match saving.and_then(|saving| saving.slices.as_ref()) {
        // Or until it takes no more, since it failed.
        Some(slices) => drop(slices.reserve().await),
        None => std::future::pending().await,
    }
}

/// Which checkpoint it is.
#[derive(Debug, Clone, Copy)]
struct Whose {
    partition: PartitionId,
    position: u64,
    at: Timestamp,
}

async fn save(
    store: Arc<dyn Store>,
    epoch: u64,
    Whose {
        partition,
        position,
        at,
    }: Whose,
    mut slices: mpsc::Receiver<Slice>,
) -> Result<(), StoreError> {
    let (mut bytes, mut number) = (Vec::new(), 0);
    loop {
        let is_end = match slices.recv().await {
            Some(Slice::Next(slice)) => {
                bytes.extend(slice);
                false
            }
            Some(Slice::End) => true,
            // Given up.
            None => return Ok(()),
        };
        if bytes.len() >= PART_BYTES || (is_end && !bytes.is_empty()) {
            let part = CheckpointPart {
                partition,
                position,
                number,
                bytes: std::mem::take(&mut bytes),
            };
            store.save_checkpoint_part(epoch, part).await?;
            number += 1;
        }
        if is_end {
            let parts = number;
            let end = CheckpointEnd {
                partition,
                position,
                at,
                parts,
            };
            return store.finish_checkpoint(epoch, end).await;
        }
    }
}

impl Partition {
    /// Begins a checkpoint when one is due, and goes on with one that is on its way. None begins ahead of the journal.
    pub(super) async fn checkpoint_when_due(
        &mut self,
        acks: &Acks,
        stop: &CancellationToken,
    ) -> Result<(), Ended> {
        if self.saving.is_none() && self.position >= self.checkpoint_due {
            self.flush(acks, stop).await?;
            self.begin_checkpoint();
        }
        if let Some(saving) = self.saving.take_if(|saving| saving.task.is_finished()) {
            self.saved(saving).await;
        }
        if let Err(error) = self.go_on_with_checkpoint() {
            tracing::error!(partition = %self.id, %error, "no checkpoint");
            self.saving = None;
        }
        Ok(())
    }

    fn begin_checkpoint(&mut self) {
        // One that fails is not tried again at once: it costs time at the next start, and nothing else.
        self.checkpoint_due = self.position + interval(&self.shared, &self.engine);
        if let Err(error) = self.engine.begin_snapshot() {
            return tracing::error!(partition = %self.id, %error, "no checkpoint");
        }
        let checkpoint = Whose {
            partition: self.id,
            position: self.position,
            at: self.last,
        };
        let store = Arc::clone(&self.shared.store);
        self.saving = Some(Saving::begin(store, self.epoch, checkpoint));
    }

    /// Writes another slice, where the store takes one.
    fn go_on_with_checkpoint(&mut self) -> Result<(), SnapshotError> {
        let Some(saving) = &mut self.saving else {
            return Ok(());
        };
        let has_room = |slices: &&mut mpsc::Sender<Slice>| slices.capacity() > 0;
        let Some(slices) = saving.slices.as_mut().filter(has_room) else {
            return Ok(());
        };
        let slice = self.engine.snapshot_slice(SLICE_BYTES)?;
        let is_last = slice.is_none();
        let sent = slices.try_send(slice.map_or(Slice::End, Slice::Next));
        // Who takes no more has failed, of which the next turn tells.
        if is_last || sent.is_err() {
            saving.slices = None;
        }
        Ok(())
    }

    async fn saved(&mut self, mut saving: Saving) {
        let partition = self.id;
        match (&mut saving.task).await {
            Ok(Ok(())) => self.checkpointed = saving.position,
            Ok(Err(error)) => tracing::warn!(%partition, %error, "no checkpoint"),
            Err(error) => tracing::warn!(%partition, %error, "no checkpoint"),
        }
    }

    /// Takes and saves a checkpoint in one go: nothing else is to be done any more.
    pub(super) async fn checkpoint_at_once(&mut self) {
        self.saving = None;
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
        let store = &self.shared.store;
        match store.save_checkpoint(self.epoch, checkpoint).await {
            Ok(()) => self.checkpointed = position,
            Err(error) => tracing::warn!(%partition, %error, "no checkpoint"),
        }
    }
}
