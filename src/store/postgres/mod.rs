//! The production store: a PostgreSQL database, shared by as many processes as there are owners of
//! partitions.
//!
//! Architecture invariant: SQL is written here and nowhere else, and only as fixed text.

mod access;
mod alerts;
mod blocks;
mod checkpoints;
mod commit;
mod convert;
mod erasure;
mod fault;
mod filing;
mod gather;
mod journal;
mod kept;
mod observed;
mod owner;
mod policy;
mod prune;
mod queue;
mod record;
mod registry;
mod schema;
mod sessions;
mod tail;
mod tls;
mod trail;
mod triage;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::sync::Arc;

use async_trait::async_trait;
use model::{
    AlertId, Decision, DeviceId, Identity, NotificationId, PartitionId, PolicyChange, Reading,
    Recipient, Step, Timestamp, WearerId,
};

use model::registry::RegistryKey;

use self::sessions::Sessions;
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
use crate::config::{PostgresConfig, Secret};

/// A store in a PostgreSQL database.
pub struct PostgresStore {
    sessions: Sessions,
}

/// Runs a request on a connection, for no longer than a request may take.
macro_rules! ask {
    ($store:expr, $client:ident => $request:expr) => {{
        let mut session = $store.sessions.open().await?;
        let $client = session.client()?;
        let answer = $store.sessions.within($request).await;
        session.close(answer)
    }};
}

impl PostgresStore {
    /// Opens the store in the database at `url` and brings its schema up to date.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database cannot be reached or refuses,
    /// [`StoreError::Corrupt`] when a newer version has migrated it.
    pub async fn open(url: &Secret, config: &PostgresConfig) -> Result<Self, StoreError> {
        let store = Self::connect(url, config)?;
        let pending = ask!(store, client => schema::pending(client))?;
        if pending.is_empty() {
            ask!(store, client => schema::migrate(client))?;
        } else {
            // Takes its time: an index over years of readings does.
            let mut session = store.sessions.open().await?;
            let migrated = schema::migrate(session.client()?).await;
            session.close(migrated)?;
        }
        Ok(store)
    }

    /// The migrations that [`PostgresStore::open`] would apply; applies none.
    ///
    /// # Errors
    /// As for [`PostgresStore::open`].
    pub async fn pending_migrations(
        url: &Secret,
        config: &PostgresConfig,
    ) -> Result<Vec<Migration>, StoreError> {
        let store = Self::connect(url, config)?;
        ask!(store, client => schema::pending(client))
    }

    fn connect(url: &Secret, config: &PostgresConfig) -> Result<Self, StoreError> {
        Ok(Self {
            sessions: Sessions::new(url, config)?,
        })
    }
}

/// The partition in a column.
fn partition(column: i32) -> Result<PartitionId, StoreError> {
    let number = u16::try_from(column)
        .map_err(|error| StoreError::Corrupt(format!("partition {column}: {error}")))?;
    Ok(PartitionId(number))
}

/// A free text as a column can hold it: PostgreSQL's texts have no character 0.
fn text(free: &str) -> Cow<'_, str> {
    if free.contains('\0') {
        Cow::Owned(free.replace('\0', "\u{fffd}"))
    } else {
        Cow::Borrowed(free)
    }
}

#[async_trait]
impl TriageStore for PostgresStore {
    async fn take_step(&self, taken: &TakenStep) -> Result<Taken, StoreError> {
        ask!(self, client => triage::take(client, taken))
    }

    async fn steps(&self, alert: AlertId) -> Result<Vec<Step>, StoreError> {
        ask!(self, client => triage::steps(client, alert))
    }

    async fn overdue(&self, now: Timestamp, limit: usize) -> Result<Vec<Overdue>, StoreError> {
        ask!(self, client => triage::overdue(client, now, limit))
    }

    async fn gathering(&self) -> Result<Vec<(AlertId, u64)>, StoreError> {
        ask!(self, client => gather::gathering(client))
    }

    async fn stand_down(&self, alert: AlertId, due: Timestamp) -> Result<(), StoreError> {
        ask!(self, client => triage::stand_down(client, alert, due))
    }
}

#[async_trait]
impl RegistryStore for PostgresStore {
    async fn registry_revision(&self) -> Result<u64, StoreError> {
        ask!(self, client => registry::revision(client))
    }

    async fn amend(&self, amendment: &Amendment) -> Result<Amended, StoreError> {
        // Takes its time where much is changed; each of its statements is bounded by the server.
        let mut session = self.sessions.open().await?;
        let amended = registry::amend(session.client()?, amendment).await;
        session.close(amended)
    }

    async fn registry_after(
        &self,
        revision: u64,
        interest: Interest,
        limit: usize,
    ) -> Result<Vec<Registered>, StoreError> {
        ask!(self, client => registry::after(client, revision, interest, limit))
    }

    async fn registry_at(
        &self,
        revision: u64,
        query: &RegistryQuery,
    ) -> Result<Vec<Registered>, StoreError> {
        ask!(self, client => registry::at(client, revision, query))
    }

    async fn registered(&self, keys: &[RegistryKey]) -> Result<Vec<Registered>, StoreError> {
        ask!(self, client => registry::registered(client, keys))
    }

    async fn referring(&self, targets: &[Target]) -> Result<Vec<Registered>, StoreError> {
        ask!(self, client => registry::referring(client, targets))
    }

    async fn registry_history(&self, key: &RegistryKey) -> Result<Vec<Registered>, StoreError> {
        ask!(self, client => registry::history(client, key))
    }
}

#[async_trait]
impl AccessStore for PostgresStore {
    async fn add_token(&self, token: &TokenRecord, audit: &AuditEntry) -> Result<(), StoreError> {
        ask!(self, client => access::add(client, token, audit))
    }

    async fn token(&self, id: &TokenId) -> Result<Option<TokenRecord>, StoreError> {
        ask!(self, client => access::one(client, id))
    }

    async fn tokens(&self) -> Result<Vec<TokenRecord>, StoreError> {
        ask!(self, client => access::all(client))
    }

    async fn revoke_token(
        &self,
        id: &TokenId,
        at: Timestamp,
        audit: &AuditEntry,
    ) -> Result<bool, StoreError> {
        ask!(self, client => access::revoke(client, id, at, audit))
    }

    async fn token_used(&self, id: &TokenId, at: Timestamp) -> Result<(), StoreError> {
        ask!(self, client => access::used(client, id, at))
    }

    async fn sees_part(&self, scope: &Scope, key: &RegistryKey) -> Result<bool, StoreError> {
        ask!(self, client => access::sees_part(client, scope, key))
    }

    async fn queue_of(&self, receipt: &Receipt) -> Result<Option<Recipient>, StoreError> {
        ask!(self, client => access::queue_of(client, receipt))
    }

    async fn wearer_facts(&self, wearers: &[WearerId]) -> Result<Vec<Facts>, StoreError> {
        ask!(self, client => access::of_wearers(client, wearers))
    }

    async fn alert_facts(&self, alerts: &[AlertId]) -> Result<Vec<Facts>, StoreError> {
        ask!(self, client => access::of_alerts(client, alerts))
    }
}

#[async_trait]
impl Store for PostgresStore {
    async fn commit(&self, batch: Arc<CommitBatch>) -> Result<Committed, StoreError> {
        let block = Block::of(&batch.entries)?;
        ask!(self, client => commit::commit(client, &batch, block.as_ref()))
    }

    async fn acquire(&self, partition: PartitionId) -> Result<u64, StoreError> {
        ask!(self, client => owner::acquire(client, partition))
    }

    async fn seen(&self, devices: &[DeviceId]) -> Result<Vec<Seen>, StoreError> {
        ask!(self, client => journal::seen(client, devices))
    }

    async fn seen_by(&self, partition: PartitionId) -> Result<Vec<(DeviceId, Seen)>, StoreError> {
        ask!(self, client => journal::seen_by(client, partition))
    }

    async fn file(&self, partition: PartitionId, epoch: u64, due: Due) -> Result<bool, StoreError> {
        let Some(filing) = ask!(self, client => filing::next(client, partition, due))? else {
            return Ok(false);
        };
        for slice in filing.slices() {
            ask!(self, client => filing::write(client, (partition, epoch), &filing, &slice))?;
        }
        Ok(true)
    }

    async fn observed_at(
        &self,
        identities: &[Identity],
    ) -> Result<Vec<Option<Timestamp>>, StoreError> {
        ask!(self, client => observed::at(client, identities))
    }

    async fn last_position(&self, partition: PartitionId) -> Result<u64, StoreError> {
        ask!(self, client => journal::last_position(client, partition))
    }

    async fn journal_after(
        &self,
        partition: PartitionId,
        position: u64,
        limit: usize,
    ) -> Result<Vec<JournalEntry>, StoreError> {
        ask!(self, client => journal::after(client, partition, position, limit))
    }

    async fn history(&self, query: &HistoryQuery) -> Result<Vec<(Timestamp, Reading)>, StoreError> {
        ask!(self, client => journal::history(client, query))
    }

    async fn trail(&self, query: &TrailQuery) -> Result<Vec<TrailPoint>, StoreError> {
        ask!(self, client => trail::trail(client, query))
    }

    async fn passed_by(&self, query: &BoxQuery) -> Result<Vec<TrailPoint>, StoreError> {
        ask!(self, client => trail::passed_by(client, query))
    }

    async fn save_checkpoint(&self, epoch: u64, checkpoint: Checkpoint) -> Result<(), StoreError> {
        ask!(self, client => checkpoints::save(client, epoch, &checkpoint))
    }

    async fn save_checkpoint_part(
        &self,
        epoch: u64,
        mut part: CheckpointPart,
    ) -> Result<(), StoreError> {
        part.bytes = packed::pack(&part.bytes);
        ask!(self, client => checkpoints::save_part(client, epoch, &part))
    }

    async fn finish_checkpoint(&self, epoch: u64, end: CheckpointEnd) -> Result<(), StoreError> {
        ask!(self, client => checkpoints::finish(client, epoch, end))
    }

    async fn checkpoints(&self, partition: PartitionId) -> Result<Vec<Checkpoint>, StoreError> {
        ask!(self, client => checkpoints::newest(client, partition))
    }

    async fn every_checkpoint(
        &self,
        partition: PartitionId,
    ) -> Result<Vec<Checkpoint>, StoreError> {
        ask!(self, client => checkpoints::every(client, partition))
    }

    async fn base(&self, partition: PartitionId) -> Result<Option<Checkpoint>, StoreError> {
        ask!(self, client => checkpoints::base(client, partition))
    }

    async fn prune(&self, before: Timestamp, how: Prune) -> Result<Pruned, StoreError> {
        // Takes its time: it has bounds of its own.
        let mut session = self.sessions.open().await?;
        let pruned = prune::run(session.client()?, before, how).await;
        session.close(pruned)
    }

    async fn alerts(&self, query: &AlertQuery) -> Result<Vec<AlertRecord>, StoreError> {
        ask!(self, client => alerts::alerts(client, query))
    }

    async fn alert(&self, alert: AlertId) -> Result<Option<AlertRecord>, StoreError> {
        ask!(self, client => alerts::alert(client, alert))
    }

    async fn decisions(&self, alert: AlertId) -> Result<Vec<Decision>, StoreError> {
        ask!(self, client => alerts::decisions(client, alert))
    }

    async fn events_after(&self, after: u64, limit: usize) -> Result<Vec<StreamEvent>, StoreError> {
        ask!(self, client => alerts::events_after(client, after, limit))
    }

    async fn newest_event(&self) -> Result<u64, StoreError> {
        ask!(self, client => alerts::newest_event(client))
    }

    async fn queues(&self, now: Timestamp) -> Result<Vec<QueueStatus>, StoreError> {
        ask!(self, client => queue::queues(client, now))
    }

    async fn claim(&self, request: &ClaimRequest) -> Result<Claimed, StoreError> {
        ask!(self, client => queue::claim(client, request))
    }

    async fn ack(
        &self,
        receipt: &Receipt,
        answer: Option<&str>,
        now: Timestamp,
    ) -> Result<(), QueueError> {
        ask!(self, client => queue::ack(client, receipt, answer, now))
    }

    async fn nack(&self, give_back: &GiveBack) -> Result<Fate, QueueError> {
        ask!(self, client => queue::nack(client, give_back))
    }

    async fn extend(
        &self,
        receipt: &Receipt,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<(), QueueError> {
        ask!(self, client => queue::extend(client, receipt, until, now))
    }

    async fn peek(&self, query: &PeekQuery) -> Result<Vec<Queued>, StoreError> {
        ask!(self, client => queue::peek(client, query))
    }

    async fn deliveries(
        &self,
        notification: NotificationId,
    ) -> Result<Vec<DeliveryRecord>, StoreError> {
        ask!(self, client => queue::deliveries(client, notification))
    }

    async fn requeue(&self, requeue: &Requeue) -> Result<u64, StoreError> {
        ask!(self, client => queue::requeue(client, requeue))
    }

    async fn bury(&self, letters: Vec<DeadLetter>) -> Result<(), StoreError> {
        ask!(self, client => record::bury(client, &letters))
    }

    async fn dead_letters(&self, limit: usize) -> Result<Vec<DeadLetterRecord>, StoreError> {
        ask!(self, client => record::dead_letters(client, limit))
    }

    async fn audit(&self, entry: AuditEntry) -> Result<(), StoreError> {
        ask!(self, client => record::audit(client, &entry))
    }

    async fn audit_trail(&self, limit: usize) -> Result<Vec<AuditEntry>, StoreError> {
        ask!(self, client => record::audit_trail(client, limit))
    }

    async fn close(&self) {
        self.sessions.close();
    }

    async fn ping(&self) -> Result<(), StoreError> {
        ask!(self, client => record::ping(client))
    }

    async fn policy_changes(
        &self,
        partition: Option<PartitionId>,
    ) -> Result<Vec<PolicyChange>, StoreError> {
        ask!(self, client => policy::changes(client, partition))
    }

    async fn kept_decision(
        &self,
        alert: AlertId,
        revision: u32,
    ) -> Result<Option<KeptDecision>, StoreError> {
        ask!(self, client => kept::decision(client, alert, revision))
    }

    async fn kept_decisions_after(
        &self,
        after: u64,
        limit: usize,
    ) -> Result<Vec<KeptDecision>, StoreError> {
        ask!(self, client => kept::decisions_after(client, after, limit))
    }

    async fn newest_change(
        &self,
        partition: PartitionId,
        kind: OwnChange,
    ) -> Result<Option<PolicyChange>, StoreError> {
        ask!(self, client => policy::newest(client, partition, kind))
    }

    async fn policy_entries(
        &self,
        partition: PartitionId,
    ) -> Result<Vec<JournalEntry>, StoreError> {
        ask!(self, client => policy::entries(client, partition))
    }

    async fn erase(&self, erasure: &Erasure) -> Result<Erased, StoreError> {
        let mut session = self.sessions.open().await?;
        // However long it takes: a history of years is gone through.
        let erased = erasure::erase(session.client()?, erasure).await?;
        erasure::compact(session.client()?).await?;
        session.close(Ok(erased))
    }

    async fn rehearse_erasure(&self, erasure: &Erasure) -> Result<Erased, StoreError> {
        let mut session = self.sessions.open().await?;
        let erased = erasure::rehearse(session.client()?, erasure).await;
        session.close(erased)
    }

    async fn partitions(&self) -> Result<Vec<PartitionId>, StoreError> {
        ask!(self, client => journal::partitions(client))
    }
}
