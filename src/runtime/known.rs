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

    /// Tells for each reading, in order, what it is. Readings that stand twice in `readings` are
    /// duplicates the second time.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) async fn sift(
        &mut self,
        store: &dyn Store,
        readings: &[&Reading],
    ) -> Result<Vec<Novelty>, StoreError> {
        self.learn_devices(store, readings).await?;
        // Those of this batch are noted as if they were journaled already. Should they not come to be, the
        // engine is rebuilt, and this with it.
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
        if doubtful.is_empty() {
            return Ok(vec![Novelty::Fresh; readings.len()]);
        }
        self.look_up(store, readings, &doubtful).await
    }

    /// Tells apart what may be journaled, by what the store has of it and what came before it in the batch.
    async fn look_up(
        &self,
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

    async fn learn_devices(
        &mut self,
        store: &dyn Store,
        readings: &[&Reading],
    ) -> Result<(), StoreError> {
        let unknown: BTreeSet<&DeviceId> = readings
            .iter()
            .map(|reading| &reading.report.device)
            .filter(|device| !self.seen.contains_key(*device))
            .collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let unknown: Vec<DeviceId> = unknown.into_iter().cloned().collect();
        let seen = store.seen(&unknown).await?;
        self.seen.extend(unknown.into_iter().zip(seen));
        Ok(())
    }

    /// Forgets a device: it may have come to be somebody's whose readings another partition journals.
    pub(super) fn forget(&mut self, device: &DeviceId) {
        self.seen.remove(device);
    }
}
