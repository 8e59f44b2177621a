//! Which readings are already in the journal: at least once in, once in effect.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use model::{DeviceId, Identity, PartitionId, Reading, Timestamp};
use rustc_hash::FxHashMap;

use crate::store::{Seen, Store, StoreError};

/// Remembers what was seen of each device, so that the ordinary reading, one that is new, costs no look-up
/// in the store. Grows with the devices of the installation, and no further.
#[derive(Debug, Default)]
pub(super) struct Known {
    seen: FxHashMap<DeviceId, Seen>,
}

/// What a reading is, to the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Novelty {
    /// Not in the journal.
    Fresh,
    /// In the journal already.
    Duplicate,
    /// Another reading of the device has its sequence number: a device that starts counting anew.
    SequenceReused,
}

impl Known {
    /// What a partition's journal has.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) async fn of(store: &dyn Store, partition: PartitionId) -> Result<Self, StoreError> {
        let seen = store.seen_by(partition).await?.into_iter().collect();
        Ok(Self { seen })
    }

    /// Devices of these readings of which it is not known what was seen.
    pub(super) fn unknown(&self, readings: &[&Reading]) -> Vec<DeviceId> {
        let devices = readings.iter().map(|reading| &reading.report.device);
        let unknown: BTreeSet<&DeviceId> = devices
            .filter(|device| !self.seen.contains_key(*device))
            .collect();
        unknown.into_iter().cloned().collect()
    }

    /// Learns what the store has seen of these devices.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) async fn learn(
        &mut self,
        store: &dyn Store,
        devices: &[DeviceId],
    ) -> Result<(), StoreError> {
        let seen = store.seen(devices).await?;
        self.seen.extend(devices.iter().cloned().zip(seen));
        Ok(())
    }

    /// Notes readings, as if they were journaled already: should they not come to be, the engine is rebuilt, and this
    /// with it. Returns the places of those that may be journaled, or stand among these before.
    pub(super) fn note(&mut self, readings: &[&Reading]) -> Vec<usize> {
        let mut doubtful = Vec::new();
        for (index, reading) in readings.iter().enumerate() {
            let report = &reading.report;
            let Some(seen) = self.seen.get_mut(&report.device) else {
                continue;
            };
            if seen.may_hold_reading(reading) {
                doubtful.push(index);
            } else {
                seen.add(report.seq, report.observed_at.0);
            }
        }
        doubtful
    }

    /// Forgets a device: it may have come to be somebody's whose readings another partition journals.
    pub(super) fn forget(&mut self, device: &DeviceId) {
        self.seen.remove(device);
    }
}

/// Tells for each reading, in order, what it is, where some are doubtful: by what the store has of those, and what came
/// before them among these. Readings that stand twice are duplicates the second time.
///
/// # Errors
/// When the store fails.
pub(super) async fn look_up(
    store: &dyn Store,
    readings: &[&Reading],
    doubtful: &[usize],
) -> Result<Vec<Novelty>, StoreError> {
    let identity = |index: &usize| {
        readings
            .get(*index)
            .map(|reading| reading.report.identity())
    };
    let asked: Vec<Identity> = doubtful.iter().filter_map(identity).collect();
    let observed = store.observed_at(&asked).await?;
    let mut found: BTreeMap<Identity, Timestamp> = asked
        .into_iter()
        .zip(observed)
        .filter_map(|(identity, observed)| Some((identity, observed?)))
        .collect();
    let mut novelties = Vec::with_capacity(readings.len());
    for reading in readings {
        let report = &reading.report;
        let observed = report.observed_at.0;
        let novelty = match found.entry(report.identity()) {
            Entry::Occupied(known) if *known.get() == observed => Novelty::Duplicate,
            Entry::Occupied(_) => Novelty::SequenceReused,
            Entry::Vacant(place) => {
                place.insert(observed);
                Novelty::Fresh
            }
        };
        novelties.push(novelty);
    }
    Ok(novelties)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Novelty::{Duplicate, Fresh, SequenceReused};
    use super::*;
    use crate::store::SqliteStore;
    use crate::store::contract::sample;
    use crate::store::{CommitBatch, JournalEntry};

    const PARTITION: PartitionId = PartitionId(0);

    struct Owner {
        store: Arc<dyn Store>,
        known: Known,
        _folder: tempfile::TempDir,
    }

    impl Owner {
        async fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let store = SqliteStore::open(folder.path().join("store")).unwrap();
            let store: Arc<dyn Store> = Arc::new(store);
            let known = Known::of(&*store, PARTITION).await.unwrap();
            Self {
                store,
                known,
                _folder: folder,
            }
        }

        /// Sifts a batch and journals what is fresh of it.
        async fn take(&mut self, readings: &[Reading]) -> Vec<Novelty> {
            let novelties = self.sift(readings).await;
            let fresh = readings
                .iter()
                .zip(&novelties)
                .filter(|(_, n)| **n == Fresh);
            let fresh = fresh.map(|(reading, _)| reading.clone()).collect();
            sample::commit_readings(&self.store, fresh).await;
            novelties
        }

        async fn sift(&mut self, readings: &[Reading]) -> Vec<Novelty> {
            let readings: Vec<&Reading> = readings.iter().collect();
            let unknown = self.known.unknown(&readings);
            self.known.learn(&*self.store, &unknown).await.unwrap();
            let doubtful = self.known.note(&readings);
            look_up(&*self.store, &readings, &doubtful).await.unwrap()
        }

        async fn start_anew(&mut self) {
            self.known = Known::of(&*self.store, PARTITION).await.unwrap();
        }
    }

    fn fix(seq: u64, seconds: i64) -> Reading {
        sample::fix("GPS-1", Some(seq), seconds)
    }

    #[tokio::test]
    async fn what_comes_again_is_a_duplicate_in_its_batch_in_the_next_and_after_a_start() {
        let mut owner = Owner::new().await;
        let batch = [fix(1, 0), fix(2, 60), fix(1, 0)];
        assert_eq!(owner.take(&batch).await, [Fresh, Fresh, Duplicate]);
        assert_eq!(owner.take(&batch).await, [Duplicate; 3]);
        owner.start_anew().await;
        let more = [fix(2, 60), fix(3, 120)];
        assert_eq!(owner.take(&more).await, [Duplicate, Fresh]);
    }

    #[tokio::test]
    async fn what_was_stored_while_newer_came_is_fresh() {
        let mut owner = Owner::new().await;
        assert_eq!(owner.take(&[fix(1, 0), fix(9, 540)]).await, [Fresh; 2]);
        assert_eq!(owner.take(&[fix(4, 240), fix(5, 300)]).await, [Fresh; 2]);
        owner.start_anew().await;
        let rest = [fix(5, 300), fix(6, 360), fix(9, 540)];
        assert_eq!(owner.take(&rest).await, [Duplicate, Fresh, Duplicate]);
    }

    #[tokio::test]
    async fn a_number_that_comes_again_for_another_time_is_reused() {
        let mut owner = Owner::new().await;
        owner.take(&[fix(1, 0)]).await;
        let batch = [fix(1, 60), fix(2, 60), fix(2, 61)];
        assert_eq!(
            owner.take(&batch).await,
            [SequenceReused, Fresh, SequenceReused]
        );
    }

    #[tokio::test]
    async fn without_numbers_the_moment_tells_readings_apart() {
        let mut owner = Owner::new().await;
        let home = |seconds| sample::presence("RF-1", seconds);
        assert_eq!(
            owner.take(&[home(60), home(60), home(0)]).await,
            [Fresh, Duplicate, Fresh]
        );
        assert_eq!(
            owner.take(&[home(0), home(30), home(61)]).await,
            [Duplicate, Fresh, Fresh]
        );
    }

    /// A batch whose commit did not come about is sifted again as a whole.
    #[tokio::test]
    async fn what_was_sifted_and_never_journaled_is_fresh_the_next_time() {
        let mut owner = Owner::new().await;
        let batch = [fix(1, 0), fix(2, 60), fix(2, 60)];
        for _ in 0..2 {
            assert_eq!(owner.sift(&batch).await, [Fresh, Fresh, Duplicate]);
        }
    }

    #[tokio::test]
    async fn what_another_partition_journaled_is_known_once_the_device_changes_hands() {
        let mut owner = Owner::new().await;
        owner.take(&[fix(1, 0)]).await;
        let elsewhere = PartitionId(1);
        let epoch = owner.store.acquire(elsewhere).await.unwrap();
        let entries: Vec<JournalEntry> = vec![sample::entry(1, fix(2, 60))];
        let batch = CommitBatch {
            entries,
            ..sample::batch(elsewhere, epoch)
        };
        owner.store.commit(Arc::new(batch)).await.unwrap();
        owner.known.forget(&sample::device("GPS-1"));
        assert_eq!(
            owner.take(&[fix(2, 60), fix(3, 120)]).await,
            [Duplicate, Fresh]
        );
    }
}
