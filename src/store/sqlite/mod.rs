//! The embedded store: one `SQLite` file, with its write-ahead log beside it.
//!
//! One thread writes, a few connections read, and neither holds up the async runtime. A commit is
//! synced to the disk before it returns, so it survives the loss of power.
//!
//! Architecture invariant: SQL is written here and nowhere else, and only as fixed text.

mod access;
mod alerts;
mod backup;
mod checkpoints;
mod commit;
mod connection;
mod convert;
mod erasure;
mod fault;
mod filing;
mod gather;
mod journal;
mod kept;
mod policy;
mod prune;
mod queue;
mod readers;
mod record;
mod registry;
mod schema;
mod tail;
mod trail;
mod triage;
mod writer;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use model::{
    AlertId, Decision, DeviceId, Identity, NotificationId, PartitionId, PolicyChange, Reading,
    Recipient, Step, Timestamp, WearerId,
};

use model::registry::RegistryKey;

use self::readers::Readers;
use self::writer::Writer;
use super::access::AccessStore;
use super::registry::{
    Amended, Amendment, Interest, Registered, RegistryQuery, RegistryStore, Target,
};
use super::triage::{Overdue, Taken, TakenStep, TriageStore};
use super::{
    AlertQuery, AlertRecord, AuditEntry, Block, BoxQuery, Checkpoint, CheckpointEnd,
    CheckpointPart, ClaimRequest, Claimed, CommitBatch, Committed, DeadLetter, DeadLetterRecord,
    DeliveryRecord, Due, Erased, Erasure, Fate, GiveBack, HistoryQuery, JournalEntry, KeptDecision,
    Migration, OwnChange, PeekQuery, Prune, Pruned, QueueError, QueueStatus, Queued, Receipt,
    Requeue, Seen, Store, StoreError, StreamEvent, TrailPoint, TrailQuery, packed,
};
use crate::access::{Facts, Scope, TokenId, TokenRecord};

/// A store in a file.
pub struct SqliteStore {
    writer: Writer,
    readers: Readers,
    path: PathBuf,
}

impl SqliteStore {
    /// Opens the store in the file at `path`, making the file and its folder where there are none,
    /// and brings its schema up to date. Blocks while it does so.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the file cannot be opened or written,
    /// [`StoreError::Corrupt`] when it is not a store of ours, or one that a newer version has
    /// migrated.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        // Absolute, so that connections made later find the same file, and that no name is taken
        // for one of SQLite's own, such as `:memory:`.
        let path = path.as_ref();
        let path = std::path::absolute(path)
            .map_err(|error| StoreError::Unavailable(format!("{}: {error}", path.display())))?;
        let mut connection = connection::writing(&path)?;
        schema::migrate(&mut connection)?;
        Ok(Self {
            writer: Writer::start(path.clone(), connection)?,
            readers: Readers::new(path.clone()),
            path,
        })
    }

    /// Copies the store at `from`, which may be in use, into a new file at `to`. Blocks while it does
    /// so; nobody who uses the store waits for it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when there is no store, `to` exists already or cannot be written.
    pub fn copy(from: &Path, to: &Path) -> Result<(), StoreError> {
        backup::copy(from, to)
    }

    /// The migrations that [`SqliteStore::open`] would apply; applies none and makes no file.
    ///
    /// # Errors
    /// As for [`SqliteStore::open`].
    pub fn pending_migrations(path: &Path) -> Result<Vec<Migration>, StoreError> {
        if !path.exists() {
            return Ok(schema::all());
        }
        schema::pending(&connection::reading(path)?)
    }
}

#[async_trait]
impl TriageStore for SqliteStore {
    async fn take_step(&self, taken: &TakenStep) -> Result<Taken, StoreError> {
        let taken = taken.clone();
        self.writer
            .write(move |connection| triage::take(connection, &taken))
            .await
    }

    async fn steps(&self, alert: AlertId) -> Result<Vec<Step>, StoreError> {
        self.readers
            .read(move |connection| triage::steps(connection, alert))
            .await
    }

    async fn overdue(&self, now: Timestamp, limit: usize) -> Result<Vec<Overdue>, StoreError> {
        self.readers
            .read(move |connection| triage::overdue(connection, now, limit))
            .await
    }

    async fn gathering(&self) -> Result<Vec<(AlertId, u64)>, StoreError> {
        self.readers.read(gather::gathering).await
    }

    async fn stand_down(&self, alert: AlertId, due: Timestamp) -> Result<(), StoreError> {
        self.writer
            .write(move |connection| triage::stand_down(connection, alert, due))
            .await
    }
}

#[async_trait]
impl RegistryStore for SqliteStore {
    async fn registry_revision(&self) -> Result<u64, StoreError> {
        self.readers.read(registry::revision).await
    }

    async fn amend(&self, amendment: &Amendment) -> Result<Amended, StoreError> {
        let amendment = amendment.clone();
        self.writer
            .write(move |connection| registry::amend(connection, &amendment))
            .await
    }

    async fn registry_after(
        &self,
        revision: u64,
        interest: Interest,
        limit: usize,
    ) -> Result<Vec<Registered>, StoreError> {
        self.readers
            .read(move |connection| registry::after(connection, revision, interest, limit))
            .await
    }

    async fn registry_at(
        &self,
        revision: u64,
        query: &RegistryQuery,
    ) -> Result<Vec<Registered>, StoreError> {
        let query = query.clone();
        self.readers
            .read(move |connection| registry::at(connection, revision, &query))
            .await
    }

    async fn registered(&self, keys: &[RegistryKey]) -> Result<Vec<Registered>, StoreError> {
        let keys = keys.to_vec();
        self.readers
            .read(move |connection| registry::registered(connection, &keys))
            .await
    }

    async fn referring(&self, targets: &[Target]) -> Result<Vec<Registered>, StoreError> {
        let targets = targets.to_vec();
        self.readers
            .read(move |connection| registry::referring(connection, &targets))
            .await
    }

    async fn registry_history(&self, key: &RegistryKey) -> Result<Vec<Registered>, StoreError> {
        let key = key.clone();
        self.readers
            .read(move |connection| registry::history(connection, &key))
            .await
    }
}

#[async_trait]
impl AccessStore for SqliteStore {
    async fn add_token(&self, token: &TokenRecord, audit: &AuditEntry) -> Result<(), StoreError> {
        let (token, audit) = (token.clone(), audit.clone());
        self.writer
            .write(move |connection| access::add(connection, &token, &audit))
            .await
    }

    async fn token(&self, id: &TokenId) -> Result<Option<TokenRecord>, StoreError> {
        let id = id.clone();
        self.readers
            .read(move |connection| access::one(connection, &id))
            .await
    }

    async fn tokens(&self) -> Result<Vec<TokenRecord>, StoreError> {
        self.readers.read(access::all).await
    }

    async fn revoke_token(
        &self,
        id: &TokenId,
        at: Timestamp,
        audit: &AuditEntry,
    ) -> Result<bool, StoreError> {
        let (id, audit) = (id.clone(), audit.clone());
        self.writer
            .write(move |connection| access::revoke(connection, &id, at, &audit))
            .await
    }

    async fn token_used(&self, id: &TokenId, at: Timestamp) -> Result<(), StoreError> {
        let id = id.clone();
        self.writer
            .write(move |connection| access::used(connection, &id, at))
            .await
    }

    async fn sees_part(&self, scope: &Scope, key: &RegistryKey) -> Result<bool, StoreError> {
        let (scope, key) = (scope.clone(), key.clone());
        self.readers
            .read(move |connection| access::sees_part(connection, &scope, &key))
            .await
    }

    async fn queue_of(&self, receipt: &Receipt) -> Result<Option<Recipient>, StoreError> {
        let receipt = *receipt;
        self.readers
            .read(move |connection| access::queue_of(connection, &receipt))
            .await
    }

    async fn wearer_facts(&self, wearers: &[WearerId]) -> Result<Vec<Facts>, StoreError> {
        let wearers = wearers.to_vec();
        self.readers
            .read(move |connection| {
                wearers
                    .iter()
                    .map(|wearer| access::of_wearer(connection, wearer))
                    .collect()
            })
            .await
    }

    async fn alert_facts(&self, alerts: &[AlertId]) -> Result<Vec<Facts>, StoreError> {
        let alerts = alerts.to_vec();
        self.readers
            .read(move |connection| {
                alerts
                    .iter()
                    .map(|alert| access::of_alert(connection, *alert))
                    .collect()
            })
            .await
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn commit(&self, batch: Arc<CommitBatch>) -> Result<Committed, StoreError> {
        // Not on the one thread that writes.
        let block = Block::of(&batch.entries)?;
        self.writer
            .write(move |connection| commit::commit(connection, &batch, block.as_ref()))
            .await
    }

    async fn acquire(&self, partition: PartitionId) -> Result<u64, StoreError> {
        self.writer
            .write(move |connection| commit::acquire(connection, partition))
            .await
    }

    async fn seen(&self, devices: &[DeviceId]) -> Result<Vec<Seen>, StoreError> {
        let devices = devices.to_vec();
        self.readers
            .read(move |connection| journal::seen(connection, &devices))
            .await
    }

    async fn seen_by(&self, partition: PartitionId) -> Result<Vec<(DeviceId, Seen)>, StoreError> {
        self.readers
            .read(move |connection| journal::seen_by(connection, partition))
            .await
    }

    async fn file(&self, partition: PartitionId, epoch: u64, due: Due) -> Result<bool, StoreError> {
        let next = move |connection: &_| filing::next(connection, partition, due);
        let Some(filing) = self.readers.read(next).await?.map(Arc::new) else {
            return Ok(false);
        };
        for slice in filing.slices() {
            let filing = Arc::clone(&filing);
            self.writer
                .write(move |connection| {
                    filing::write(connection, (partition, epoch), &filing, &slice)
                })
                .await?;
        }
        Ok(true)
    }

    async fn observed_at(
        &self,
        identities: &[Identity],
    ) -> Result<Vec<Option<Timestamp>>, StoreError> {
        let identities = identities.to_vec();
        self.readers
            .read(move |connection| journal::observed_at(connection, &identities))
            .await
    }

    async fn last_position(&self, partition: PartitionId) -> Result<u64, StoreError> {
        self.readers
            .read(move |connection| journal::last_position(connection, partition))
            .await
    }

    async fn journal_after(
        &self,
        partition: PartitionId,
        position: u64,
        limit: usize,
    ) -> Result<Vec<JournalEntry>, StoreError> {
        self.readers
            .read(move |connection| journal::after(connection, partition, position, limit))
            .await
    }

    async fn history(&self, query: &HistoryQuery) -> Result<Vec<(Timestamp, Reading)>, StoreError> {
        let query = query.clone();
        self.readers
            .read(move |connection| journal::history(connection, &query))
            .await
    }

    async fn trail(&self, query: &TrailQuery) -> Result<Vec<TrailPoint>, StoreError> {
        let query = query.clone();
        self.readers
            .read(move |connection| trail::trail(connection, &query))
            .await
    }

    async fn passed_by(&self, query: &BoxQuery) -> Result<Vec<TrailPoint>, StoreError> {
        let query = query.clone();
        self.readers
            .read(move |connection| trail::passed_by(connection, &query))
            .await
    }

    async fn save_checkpoint(&self, epoch: u64, checkpoint: Checkpoint) -> Result<(), StoreError> {
        self.writer
            .write(move |connection| checkpoints::save(connection, epoch, &checkpoint))
            .await
    }

    async fn save_checkpoint_part(
        &self,
        epoch: u64,
        mut part: CheckpointPart,
    ) -> Result<(), StoreError> {
        // Not on the one thread that writes.
        part.bytes = packed::pack(&part.bytes);
        self.writer
            .write(move |connection| checkpoints::save_part(connection, epoch, &part))
            .await
    }

    async fn finish_checkpoint(&self, epoch: u64, end: CheckpointEnd) -> Result<(), StoreError> {
        self.writer
            .write(move |connection| checkpoints::finish(connection, epoch, end))
            .await
    }

    async fn checkpoints(&self, partition: PartitionId) -> Result<Vec<Checkpoint>, StoreError> {
        self.readers
            .read(move |connection| checkpoints::newest(connection, partition))
            .await
    }

    async fn every_checkpoint(
        &self,
        partition: PartitionId,
    ) -> Result<Vec<Checkpoint>, StoreError> {
        self.readers
            .read(move |connection| checkpoints::every(connection, partition))
            .await
    }

    async fn base(&self, partition: PartitionId) -> Result<Option<Checkpoint>, StoreError> {
        self.readers
            .read(move |connection| checkpoints::base(connection, partition))
            .await
    }

    async fn prune(&self, before: Timestamp, how: Prune) -> Result<Pruned, StoreError> {
        self.writer
            .write(move |connection| prune::run(connection, before, how))
            .await
    }

    async fn alerts(&self, query: &AlertQuery) -> Result<Vec<AlertRecord>, StoreError> {
        let query = query.clone();
        self.readers
            .read(move |connection| alerts::alerts(connection, &query))
            .await
    }

    async fn alert(&self, alert: AlertId) -> Result<Option<AlertRecord>, StoreError> {
        self.readers
            .read(move |connection| alerts::alert(connection, alert))
            .await
    }

    async fn decisions(&self, alert: AlertId) -> Result<Vec<Decision>, StoreError> {
        self.readers
            .read(move |connection| alerts::decisions(connection, alert))
            .await
    }

    async fn kept_decision(
        &self,
        alert: AlertId,
        revision: u32,
    ) -> Result<Option<KeptDecision>, StoreError> {
        self.readers
            .read(move |connection| kept::decision(connection, alert, revision))
            .await
    }

    async fn kept_decisions_after(
        &self,
        after: u64,
        limit: usize,
    ) -> Result<Vec<KeptDecision>, StoreError> {
        self.readers
            .read(move |connection| kept::decisions_after(connection, after, limit))
            .await
    }

    async fn events_after(&self, after: u64, limit: usize) -> Result<Vec<StreamEvent>, StoreError> {
        self.readers
            .read(move |connection| alerts::events_after(connection, after, limit))
            .await
    }

    async fn newest_event(&self) -> Result<u64, StoreError> {
        self.readers.read(alerts::newest_event).await
    }

    async fn queues(&self, now: Timestamp) -> Result<Vec<QueueStatus>, StoreError> {
        self.readers
            .read(move |connection| queue::queues(connection, now))
            .await
    }

    async fn claim(&self, request: &ClaimRequest) -> Result<Claimed, StoreError> {
        let request = request.clone();
        self.writer
            .write(move |connection| queue::claim(connection, &request))
            .await
    }

    async fn ack(
        &self,
        receipt: &Receipt,
        answer: Option<&str>,
        now: Timestamp,
    ) -> Result<(), QueueError> {
        let (receipt, answer) = (*receipt, answer.map(str::to_owned));
        self.writer
            .write(move |connection| queue::ack(connection, &receipt, answer.as_deref(), now))
            .await
    }

    async fn nack(&self, give_back: &GiveBack) -> Result<Fate, QueueError> {
        let back = give_back.clone();
        self.writer
            .write(move |connection| queue::nack(connection, &back))
            .await
    }

    async fn extend(
        &self,
        receipt: &Receipt,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<(), QueueError> {
        let receipt = *receipt;
        self.writer
            .write(move |connection| queue::extend(connection, &receipt, until, now))
            .await
    }

    async fn peek(&self, query: &PeekQuery) -> Result<Vec<Queued>, StoreError> {
        let query = query.clone();
        self.readers
            .read(move |connection| queue::peek(connection, &query))
            .await
    }

    async fn deliveries(
        &self,
        notification: NotificationId,
    ) -> Result<Vec<DeliveryRecord>, StoreError> {
        self.readers
            .read(move |connection| queue::deliveries(connection, notification))
            .await
    }

    async fn requeue(&self, requeue: &Requeue) -> Result<u64, StoreError> {
        let requeue = requeue.clone();
        self.writer
            .write(move |connection| queue::requeue(connection, &requeue))
            .await
    }

    async fn bury(&self, letters: Vec<DeadLetter>) -> Result<(), StoreError> {
        self.writer
            .write(move |connection| {
                letters
                    .iter()
                    .try_for_each(|letter| record::bury(connection, letter))
            })
            .await
    }

    async fn dead_letters(&self, limit: usize) -> Result<Vec<DeadLetterRecord>, StoreError> {
        self.readers
            .read(move |connection| record::dead_letters(connection, limit))
            .await
    }

    async fn audit(&self, entry: AuditEntry) -> Result<(), StoreError> {
        self.writer
            .write(move |connection| record::audit(connection, &entry))
            .await
    }

    async fn audit_trail(&self, limit: usize) -> Result<Vec<AuditEntry>, StoreError> {
        self.readers
            .read(move |connection| record::audit_trail(connection, limit))
            .await
    }

    async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    async fn ping(&self) -> Result<(), StoreError> {
        // Asked of the writer: a store that only reads cannot take readings in.
        self.writer
            .write(|connection| {
                connection.query_row("SELECT 1", [], |_row| Ok(()))?;
                Ok(())
            })
            .await
    }

    async fn newest_change(
        &self,
        partition: PartitionId,
        kind: OwnChange,
    ) -> Result<Option<PolicyChange>, StoreError> {
        self.readers
            .read(move |connection| policy::newest(connection, partition, kind))
            .await
    }

    async fn policy_entries(
        &self,
        partition: PartitionId,
    ) -> Result<Vec<JournalEntry>, StoreError> {
        self.readers
            .read(move |connection| policy::every(connection, partition))
            .await
    }

    async fn erase(&self, erasure: &Erasure) -> Result<Erased, StoreError> {
        let erasure = erasure.clone();
        let erased = self
            .writer
            .write(move |connection| erasure::erase(connection, &erasure))
            .await?;
        let path = self.path.clone();
        tokio::task::spawn_blocking(move || erasure::compact(&path))
            .await
            .map_err(|error| StoreError::Unavailable(error.to_string()))??;
        Ok(erased)
    }

    async fn rehearse_erasure(&self, erasure: &Erasure) -> Result<Erased, StoreError> {
        let erasure = erasure.clone();
        self.writer
            .write(move |connection| erasure::rehearse(connection, &erasure))
            .await
    }

    async fn policy_changes(
        &self,
        partition: Option<PartitionId>,
    ) -> Result<Vec<PolicyChange>, StoreError> {
        self.readers
            .read(move |connection| policy::changes(connection, partition))
            .await
    }

    async fn partitions(&self) -> Result<Vec<PartitionId>, StoreError> {
        self.readers.read(journal::partitions).await
    }
}
