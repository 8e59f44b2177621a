//! Which readings are already in the journal: at least once in, once in effect.

use std::collections::{BTreeMap, BTreeSet};

use model::{DeviceId, Identity, Reading};

use crate::store::{Store, StoreError};

/// Remembers the newest sequence number of each device, so that the ordinary reading, the next
/// one, costs no look-up in the store. Grows with the devices of the installation, and no further.
#[derive(Debug, Default)]
pub(super) struct Known {
    newest: BTreeMap<DeviceId, Option<u64>>,
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
        let doubtful: Vec<Identity> = readings
            .iter()
            .filter(|reading| !self.is_next(reading))
            .map(|reading| reading.report.identity())
            .collect();
        let mut found = BTreeMap::new();
        if !doubtful.is_empty() {
            let observed = store.observed_at(&doubtful).await?;
            for (identity, observed) in doubtful.into_iter().zip(observed) {
                if let Some(observed) = observed {
                    found.insert(identity, observed);
                }
            }
        }
        let mut novelties = Vec::with_capacity(readings.len());
        for reading in readings {
            let identity = reading.report.identity();
            let observed = reading.report.observed_at.0;
            let novelty = match found.get(&identity) {
                None => Novelty::Fresh,
                Some(known) if *known == observed => Novelty::Duplicate,
                Some(_) => Novelty::SequenceReused,
            };
            if novelty == Novelty::Fresh {
                found.insert(identity, observed);
            }
            novelties.push(novelty);
        }
        Ok(novelties)
    }

    /// Notes that these readings are in the journal now.
    pub(super) fn journaled<'a>(&mut self, readings: impl IntoIterator<Item = &'a Reading>) {
        for reading in readings {
            if let Some(newest) = self.newest.get_mut(&reading.report.device) {
                *newest = (*newest).max(reading.report.seq);
            }
        }
    }

    /// Whether the reading's number is above all that were ever journaled for its device.
    fn is_next(&self, reading: &Reading) -> bool {
        match (reading.report.seq, self.newest.get(&reading.report.device)) {
            (Some(seq), Some(newest)) => newest.is_none_or(|newest| seq > newest),
            (None, _) | (_, None) => false,
        }
    }

    async fn learn_devices(
        &mut self,
        store: &dyn Store,
        readings: &[&Reading],
    ) -> Result<(), StoreError> {
        let unknown: BTreeSet<&DeviceId> = readings
            .iter()
            .map(|reading| &reading.report.device)
            .filter(|device| !self.newest.contains_key(*device))
            .collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let unknown: Vec<DeviceId> = unknown.into_iter().cloned().collect();
        let newest = store.newest_sequences(&unknown).await?;
        self.newest.extend(unknown.into_iter().zip(newest));
        Ok(())
    }
}
