//! Deciding again from the journals of a store.

use engine::{Engine, RulesPolicy};
use model::{Decision, PartitionId, Timestamp};

use super::drive;
use crate::store::{Checkpoint, JournalEntry, Store, StoreError};

/// Journal entries read at once.
const PAGE: usize = 2_000;

/// Everything that engines conclude from the journals, partition by partition, each as it is concluded.
///
/// # Errors
/// When the store fails.
pub async fn decisions(
    store: &dyn Store,
    until: Option<Timestamp>,
    mut tell: impl FnMut(Decision),
) -> Result<(), StoreError> {
    for partition in store.partitions().await? {
        let end = store.last_position(partition).await?;
        let mut replay = JournalReplay::begin(store, partition).await?;
        while let Some(page) = replay.next_page(PAGE).await? {
            for entry in page {
                drive::follows(partition, replay.position(), entry.position)?;
                replay
                    .hand_in(&entry)
                    .await?
                    .into_iter()
                    .for_each(&mut tell);
            }
        }
        drive::reaches(partition, replay.position(), end)?;
        if let Some(until) = until {
            replay.run_on(until).await?.into_iter().for_each(&mut tell);
        }
    }
    Ok(())
}

/// An engine that is handed a partition's journal from the beginning of what is kept.
pub(super) struct JournalReplay<'a> {
    store: &'a dyn Store,
    partition: PartitionId,
    engine: Engine,
    position: u64,
}

impl<'a> JournalReplay<'a> {
    /// Stands before the first entry that is kept: of a journal whose beginning is gone, at the
    /// checkpoint that covers what is gone.
    pub(super) async fn begin(
        store: &'a dyn Store,
        partition: PartitionId,
    ) -> Result<Self, StoreError> {
        let (engine, position) = match store.base(partition).await? {
            // The rules are in the journal, before anything that is judged by them.
            None => (Engine::new(RulesPolicy::default()), 0),
            Some(base) => (restore(&base)?, base.position),
        };
        Ok(Self {
            store,
            partition,
            engine,
            position,
        })
    }

    /// The position of the last entry handed in.
    pub(super) const fn position(&self) -> u64 {
        self.position
    }

    /// Engine time.
    pub(super) const fn now(&self) -> Timestamp {
        self.engine.now()
    }

    /// The entries that follow; `None` at the end.
    pub(super) async fn next_page(
        &self,
        limit: usize,
    ) -> Result<Option<Vec<JournalEntry>>, StoreError> {
        let journal = self
            .store
            .journal_after(self.partition, self.position, limit);
        let page = journal.await?;
        Ok((!page.is_empty()).then_some(page))
    }

    /// Hands an entry in; what it led to.
    pub(super) async fn hand_in(
        &mut self,
        entry: &JournalEntry,
    ) -> Result<Vec<Decision>, StoreError> {
        drive::hand_in(&mut self.engine, entry, self.store, self.partition).await?;
        self.position = entry.position;
        Ok(self.decided())
    }

    /// Lets time run on; what that led to.
    pub(super) async fn run_on(&mut self, until: Timestamp) -> Result<Vec<Decision>, StoreError> {
        let place = (self.partition, self.position);
        drive::advance(&mut self.engine, until, self.store, place).await?;
        Ok(self.decided())
    }

    /// Takes out what was decided. What devices would be told now, they were told then.
    fn decided(&mut self) -> Vec<Decision> {
        while self.engine.poll_command().is_some() {}
        std::iter::from_fn(|| self.engine.poll_decision()).collect()
    }
}

fn restore(base: &Checkpoint) -> Result<Engine, StoreError> {
    let Checkpoint {
        partition,
        position,
        at,
        ..
    } = base;
    tracing::warn!(%partition, position, %at, "the journal before this is gone: replayed from a checkpoint");
    Engine::restore(&base.snapshot)
        .map_err(|error| StoreError::Corrupt(format!("checkpoint at {position}: {error}")))
}
