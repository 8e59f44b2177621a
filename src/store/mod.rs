//! The store: one transaction holds a batch of the journal, the decisions it caused, the alerts
//! and the queue rows. What is committed here may be acknowledged to the broker; nothing else may.
//!
//! Architecture invariant: the store decides nothing about wearers. It keeps what it is given, in
//! order, once, and hands it out again.

pub mod access;
mod batch;
mod erasure;
mod error;
mod history;
mod journal;
mod kept;
mod migration;
mod once_each;
mod open;
mod own_change;
mod packed;
mod postgres;
mod prune;
mod queue;
pub mod registry;
mod sqlite;
mod trail;
pub mod triage;
mod value;
mod view;

#[cfg(test)]
pub(crate) mod contract;

use std::sync::Arc;

use self::access::AccessStore;
use self::registry::RegistryStore;
use self::triage::TriageStore;
use async_trait::async_trait;
use model::{
    AlertId, Decision, DeviceId, Identity, NotificationId, PartitionId, Reading, Timestamp,
};

pub use batch::{
    Checkpoint, CheckpointEnd, CheckpointPart, CommitBatch, Committed, DeadLetter,
    DeadLetterReason, Gathered, JournalEntry, JournalInput, RoutedDecision,
};
pub use erasure::{DeviceSpan, Erased, Erasure};
pub use error::{QueueError, StoreError};
pub use history::HistoryQuery;
pub use journal::{Block, Due, Seen};
pub use kept::KeptDecision;
pub use migration::Migration;
pub use open::StoreAddress;
pub use own_change::OwnChange;
pub use postgres::PostgresStore;
pub use prune::{Prune, Pruned};
use queue::LEASE_RAN_OUT;
pub use queue::{
    Again, ClaimRequest, Claimed, DeadOnes, Delivery, DeliveryRecord, Fate, GiveBack, PeekQuery,
    QueueStatus, Queued, QueuedState, Receipt, Requeue,
};
pub use sqlite::SqliteStore;
pub use trail::{BoxQuery, TRAIL_MAX, TrailPoint, TrailQuery};
pub use view::{AlertQuery, AlertRecord, AuditEntry, DeadLetterRecord, StreamEvent};

/// Where everything is kept. Every method is atomic.
#[async_trait]
pub trait Store: RegistryStore + TriageStore + AccessStore {
    /// Commits a batch durably: when this returns `Ok`, the batch survives the loss of the process
    /// and of the machine's power. Decisions that are already there (a replay derives the same
    /// ids) are left as they are, and so are their notifications, even if routing would address
    /// them otherwise today.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when a journal position is already taken, or [`StoreError::Fenced`] when
    /// a newer owner holds the partition: the caller must rebuild its engine from the journal.
    /// [`StoreError::Unavailable`] when trying again may succeed.
    /// [`StoreError::Corrupt`] when the batch could not be read again, because a number in it is
    /// not finite. Whatever the error, nothing of the batch is kept.
    async fn commit(&self, batch: Arc<CommitBatch>) -> Result<Committed, StoreError>;

    /// Takes ownership of a partition: returns an epoch greater than any before, and fences off
    /// whoever held it.
    async fn acquire(&self, partition: PartitionId) -> Result<u64, StoreError>;

    /// For each device, in the same order: what is journaled of it, by any partition and whoever wore
    /// it.
    async fn seen(&self, devices: &[DeviceId]) -> Result<Vec<Seen>, StoreError>;

    /// What a partition's journal has of each device that it has anything of.
    async fn seen_by(&self, partition: PartitionId) -> Result<Vec<(DeviceId, Seen)>, StoreError>;

    /// Files a run of a partition's journal, where there is as much as is `due`: so that what is looked for
    /// by wearer or device is found without reading the journal through. Says whether there was. Changes
    /// nothing that can be asked of the store; whoever stops in between can begin again.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when a newer owner holds the partition.
    async fn file(&self, partition: PartitionId, epoch: u64, due: Due) -> Result<bool, StoreError>;

    /// For each identity, in the same order: when the reading journaled under it was observed, or
    /// `None` where there is none.
    async fn observed_at(
        &self,
        identities: &[Identity],
    ) -> Result<Vec<Option<Timestamp>>, StoreError>;

    /// The last journal position of a partition; 0 when its journal is empty.
    async fn last_position(&self, partition: PartitionId) -> Result<u64, StoreError>;

    /// Up to `limit` journal entries of a partition after `position`, in order.
    async fn journal_after(
        &self,
        partition: PartitionId,
        position: u64,
        limit: usize,
    ) -> Result<Vec<JournalEntry>, StoreError>;

    /// The readings of a wearer that a partition journaled, in the order of its journal, each with
    /// the engine time at which it was handed over.
    async fn history(&self, query: &HistoryQuery) -> Result<Vec<(Timestamp, Reading)>, StoreError>;

    /// Where a wearer was, in the order observed.
    async fn trail(&self, query: &TrailQuery) -> Result<Vec<TrailPoint>, StoreError>;

    /// Who was within a box, in the order observed.
    async fn passed_by(&self, query: &BoxQuery) -> Result<Vec<TrailPoint>, StoreError>;

    /// Keeps a checkpoint that the owner of its partition took under `epoch`, and drops all but the
    /// newest two of the partition, one a week, and its base.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when a newer owner holds the partition: what the caller's engine holds is
    /// not what the journal says.
    async fn save_checkpoint(&self, epoch: u64, checkpoint: Checkpoint) -> Result<(), StoreError>;

    /// Keeps a part of a checkpoint, in the place of one of its number. Parts whose checkpoint is not
    /// [finished](Self::finish_checkpoint) are none, and go by and by.
    ///
    /// # Errors
    /// As for [`Self::save_checkpoint`].
    async fn save_checkpoint_part(
        &self,
        epoch: u64,
        part: CheckpointPart,
    ) -> Result<(), StoreError>;

    /// Makes a checkpoint of the parts saved, as [`Self::save_checkpoint`] does.
    ///
    /// # Errors
    /// As for [`Self::save_checkpoint`], and [`StoreError::Corrupt`] when a part is missing.
    async fn finish_checkpoint(&self, epoch: u64, end: CheckpointEnd) -> Result<(), StoreError>;

    /// The two newest checkpoints of a partition, newest first: the second is for when the first is
    /// unreadable.
    async fn checkpoints(&self, partition: PartitionId) -> Result<Vec<Checkpoint>, StoreError>;

    /// Every checkpoint of a partition that is kept, oldest first.
    async fn every_checkpoint(&self, partition: PartitionId)
    -> Result<Vec<Checkpoint>, StoreError>;

    /// The checkpoint that a partition's kept journal goes on from; `None` while its readings are
    /// kept from the first on.
    async fn base(&self, partition: PartitionId) -> Result<Option<Checkpoint>, StoreError>;

    /// Lets go of readings that came in before `before`, as far as a kept checkpoint covers them,
    /// which then is the partition's base; and of notifications acknowledged and dead letters
    /// received before it. Decisions, alerts, policy changes and the audit trail stay.
    async fn prune(&self, before: Timestamp, how: Prune) -> Result<Pruned, StoreError>;

    /// Alerts that match, most recently changed first.
    async fn alerts(&self, query: &AlertQuery) -> Result<Vec<AlertRecord>, StoreError>;

    /// One alert.
    async fn alert(&self, alert: AlertId) -> Result<Option<AlertRecord>, StoreError>;

    /// All decisions about an alert, oldest first.
    async fn decisions(&self, alert: AlertId) -> Result<Vec<Decision>, StoreError>;

    /// One decision as it is kept, to the byte, with the queues that it is in.
    async fn kept_decision(
        &self,
        alert: AlertId,
        revision: u32,
    ) -> Result<Option<KeptDecision>, StoreError>;

    /// Up to `limit` decisions as they are kept, after the one numbered `after`, in order of commit.
    async fn kept_decisions_after(
        &self,
        after: u64,
        limit: usize,
    ) -> Result<Vec<KeptDecision>, StoreError>;

    /// Up to `limit` events of the live stream after the one numbered `after`, in order.
    async fn events_after(&self, after: u64, limit: usize) -> Result<Vec<StreamEvent>, StoreError>;

    /// The number of the newest event of the live stream; 0 when there is none.
    async fn newest_event(&self) -> Result<u64, StoreError>;

    /// Every queue that ever held something, by name.
    async fn queues(&self, now: Timestamp) -> Result<Vec<QueueStatus>, StoreError>;

    /// Leases up to `request.max` notifications, oldest first. A notification is not handed out
    /// while an earlier one about the same wearer in the same queue waits or is leased, unless that
    /// one is handed out in the same claim, before it. An expired lease counts as none; of the last
    /// attempt allowed, it leaves the notification dead. A dead one holds up nobody.
    async fn claim(&self, request: &ClaimRequest) -> Result<Claimed, StoreError>;

    /// Settles a delivery: it will not come again. Acknowledging twice with the same receipt is fine.
    /// `answer` is what the remote end said, kept with the delivery.
    ///
    /// # Errors
    /// [`QueueError::Unknown`] for a receipt never given out, [`QueueError::Expired`] when the lease
    /// ran out and the notification was (or will be) given out again.
    async fn ack(
        &self,
        receipt: &Receipt,
        answer: Option<&str>,
        now: Timestamp,
    ) -> Result<(), QueueError>;

    /// Gives a delivery back.
    ///
    /// # Errors
    /// As for [`Store::ack`]; [`QueueError::Settled`] when it was acknowledged already.
    async fn nack(&self, give_back: &GiveBack) -> Result<Fate, QueueError>;

    /// Has a lease end at `until` instead.
    ///
    /// # Errors
    /// As for [`Store::nack`].
    async fn extend(
        &self,
        receipt: &Receipt,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<(), QueueError>;

    /// Notifications as they stand in a queue, oldest first. Nothing is claimed.
    async fn peek(&self, query: &PeekQuery) -> Result<Vec<Queued>, StoreError>;

    /// Every handing-out of a notification, in order.
    async fn deliveries(
        &self,
        notification: NotificationId,
    ) -> Result<Vec<DeliveryRecord>, StoreError>;

    /// Has dead notifications handed out again, at their places, with all their attempts before
    /// them; writes that down in the audit trail. Returns how many.
    async fn requeue(&self, requeue: &Requeue) -> Result<u64, StoreError>;

    /// Keeps dead letters found outside a partition's batch.
    async fn bury(&self, letters: Vec<DeadLetter>) -> Result<(), StoreError>;

    /// The newest `limit` dead letters, newest first.
    async fn dead_letters(&self, limit: usize) -> Result<Vec<DeadLetterRecord>, StoreError>;

    /// Writes down that somebody was shown something about a wearer.
    async fn audit(&self, entry: AuditEntry) -> Result<(), StoreError>;

    /// The newest `limit` entries of the audit trail, newest first.
    async fn audit_trail(&self, limit: usize) -> Result<Vec<AuditEntry>, StoreError>;

    /// The partitions that have a journal, in order.
    async fn partitions(&self) -> Result<Vec<PartitionId>, StoreError>;

    /// The newest change of that kind in a partition's journal.
    async fn newest_change(
        &self,
        partition: PartitionId,
        kind: OwnChange,
    ) -> Result<Option<model::PolicyChange>, StoreError>;

    /// The policy changes in a partition's journal, with their places, in order.
    async fn policy_entries(&self, partition: PartitionId)
    -> Result<Vec<JournalEntry>, StoreError>;

    /// Takes everything about a wearer out, and writes that down in the audit trail. Entries of the
    /// journal keep their position and time, and become [`JournalInput::Erased`]. When this returns
    /// `Ok`, nothing of what was taken out is left in the store's files.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when a newer owner holds one of the partitions, [`StoreError::Conflict`]
    /// when the journal of one goes on from a checkpoint that is not among those handed over: nothing
    /// is erased then.
    async fn erase(&self, erasure: &Erasure) -> Result<Erased, StoreError>;

    /// How much [`Store::erase`] would take out. Nobody needs to own anything for that.
    async fn rehearse_erasure(&self, erasure: &Erasure) -> Result<Erased, StoreError>;

    /// Finishes what was begun. Whatever is asked afterwards is [`StoreError::Unavailable`]. A store
    /// that is dropped instead finishes on its own.
    async fn close(&self);

    /// Whether the store answers.
    async fn ping(&self) -> Result<(), StoreError>;

    /// Every policy change ever journaled by a partition, or by all, oldest first; once each although
    /// several partitions may have journaled it: what the directory of devices is rebuilt from at the
    /// start. The n-th time one partition journals a change is the same as the n-th time another does.
    async fn policy_changes(
        &self,
        partition: Option<PartitionId>,
    ) -> Result<Vec<model::PolicyChange>, StoreError>;
}

/// The most deliveries handed out for one claim: a consumer that dies holds up no more than these.
pub const CLAIM_MAX: usize = 100;
