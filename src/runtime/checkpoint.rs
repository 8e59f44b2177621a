//! Checkpoints, beside the work: a slice of the snapshot is written between two batches, and a task saves
//! what is written meanwhile, part by part.

use std::sync::Arc;

use model::{PartitionId, Timestamp};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::partition::Partition;
use crate::store::{Checkpoint, CheckpointPart, Store, StoreError};

/// The most wearers and zones in a slice: a batch waits for about 2 ms of writing, 4 KiB a wearer, and
/// 25,000 wearers with three zones each are written within 400 batches.
const SLICE_MAX: usize = 256;

/// Slices that wait to be saved: the loop goes on without writing another while the store is slow.
const SLICES_WAITING_MAX: usize = 2;

/// Bytes in a part: what a commit to SQLite may have to wait for is some milliseconds of writing.
const PART_BYTES: usize = 512 * 1024;

/// A checkpoint under way.
pub(super) struct Saving {
    /// `None` once all of it is handed over.
    slices: Option<mpsc::Sender<Slice>>,
    task: JoinHandle<Result<(), StoreError>>,
}

enum Slice {
    Next(Vec<u8>),
    /// What came before this is all of the snapshot.
    End,
}

impl Saving {
    /// Comes back when another slice can be handed over; not at all when there is no other, or none at all
    /// is under way.
    pub(super) async fn room(under_way: Option<&Self>) {
        match under_way.and_then(|saving| saving.slices.as_ref()) {
            // A task that has failed is found to have when the next slice is handed over.
            Some(slices) => drop(slices.reserve().await),
            None => std::future::pending().await,
        }
    }

    fn has_room(&self) -> bool {
        let slices = self.slices.as_ref();
        slices.is_some_and(|slices| slices.capacity() > 0 || slices.is_closed())
    }

    /// Waits until it is saved, or as much of it as was handed over.
    async fn end(self, partition: PartitionId) {
        drop(self.slices);
        let error = match self.task.await {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error.to_string(),
            Err(error) => error.to_string(),
        };
        tracing::warn!(%partition, %error, "no checkpoint");
    }
}

impl Partition {
    /// Goes on with the checkpoint under way, or begins one where it is time to. One that fails costs time
    /// at the next start, and nothing else.
    pub(super) async fn go_on_with_checkpoint(&mut self) {
        if let Some(saved) = self.saving.take_if(|saving| saving.task.is_finished()) {
            saved.end(self.id).await;
        }
        let is_due = self.position - self.checkpointed >= self.shared.checkpoint_every;
        if self.saving.is_none() && is_due {
            self.begin_checkpoint();
        }
        if self.saving.as_ref().is_some_and(Saving::has_room) {
            self.hand_over_slice().await;
        }
    }

    /// Saves a whole checkpoint of this moment, and waits for it.
    pub(super) async fn checkpoint(&mut self) {
        if let Some(under_way) = self.saving.take() {
            under_way.end(self.id).await;
        }
        self.begin_checkpoint();
        while self
            .saving
            .as_ref()
            .is_some_and(|saving| saving.slices.is_some())
        {
            self.hand_over_slice().await;
        }
        if let Some(saved) = self.saving.take() {
            saved.end(self.id).await;
        }
    }

    fn begin_checkpoint(&mut self) {
        // One that fails is not begun again after every batch.
        self.checkpointed = self.position;
        if let Err(error) = self.engine.begin_snapshot() {
            return tracing::error!(partition = %self.id, %error, "no checkpoint");
        }
        let (slices, handed_over) = mpsc::channel(SLICES_WAITING_MAX);
        let saver = Saver {
            store: Arc::clone(&self.shared.store),
            epoch: self.epoch,
            partition: self.id,
            position: self.position,
            at: self.last,
            bytes: Vec::new(),
            parts: 0,
        };
        self.saving = Some(Saving {
            slices: Some(slices),
            task: tokio::spawn(saver.run(handed_over)),
        });
    }

    /// Takes the next slice and hands it over, as soon as there is room.
    async fn hand_over_slice(&mut self) {
        let slice = match self.engine.snapshot_slice(SLICE_MAX) {
            Ok(slice) => slice.map_or(Slice::End, Slice::Next),
            Err(error) => {
                self.saving = None;
                return tracing::error!(partition = %self.id, %error, "no checkpoint");
            }
        };
        let Some(saving) = &mut self.saving else {
            return;
        };
        let is_last = matches!(slice, Slice::End);
        let Some(slices) = &saving.slices else {
            return;
        };
        if slices.send(slice).await.is_err() || is_last {
            saving.slices = None;
        }
    }
}

/// Saves the slices of one checkpoint.
struct Saver {
    store: Arc<dyn Store>,
    epoch: u64,
    partition: PartitionId,
    position: u64,
    at: Timestamp,
    /// What is handed over and not saved.
    bytes: Vec<u8>,
    parts: u32,
}

impl Saver {
    /// Saves what comes. One that is given up before its end leaves parts behind, which the next one lets
    /// go of.
    async fn run(mut self, mut slices: mpsc::Receiver<Slice>) -> Result<(), StoreError> {
        while let Some(slice) = slices.recv().await {
            match slice {
                Slice::Next(mut bytes) => {
                    self.bytes.append(&mut bytes);
                    self.save_parts().await?;
                }
                Slice::End => return self.finish().await,
            }
        }
        Ok(())
    }

    /// Saves what fills a part.
    async fn save_parts(&mut self) -> Result<(), StoreError> {
        while self.bytes.len() > PART_BYTES {
            let rest = self.bytes.split_off(PART_BYTES);
            let part = CheckpointPart {
                partition: self.partition,
                position: self.position,
                number: self.parts,
                bytes: std::mem::replace(&mut self.bytes, rest),
            };
            self.store.save_part(self.epoch, part).await?;
            self.parts += 1;
        }
        Ok(())
    }

    async fn finish(self) -> Result<(), StoreError> {
        let end = Checkpoint {
            partition: self.partition,
            position: self.position,
            at: self.at,
            snapshot: self.bytes,
        };
        let store = self.store;
        store.finish_checkpoint(self.epoch, self.parts, end).await
    }
}
