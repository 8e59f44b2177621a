//! What one device reported of one wearer over a run of the journal.

use std::collections::BTreeMap;

use model::{DeviceId, WearerId};

use super::line::Writing;
use crate::store::{JournalEntry, JournalInput, StoreError};

/// Readings in one strip: what is looked for among them is read whole.
const READINGS_MAX: usize = 512;

/// A copy of readings that stand apart in the journal, side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) struct Strip {
    pub(in crate::store) device: DeviceId,
    pub(in crate::store) wearer: WearerId,
    /// Position of the first.
    pub(in crate::store) first: u64,
    /// Its least and greatest running number, [`ordered`]; none where no reading has one.
    pub(in crate::store) seqs: Option<(i64, i64)>,
    pub(in crate::store) observed_from_ms: i64,
    pub(in crate::store) observed_to_ms: i64,
    pub(in crate::store) body: Vec<u8>,
}

/// A running number of 64 unsigned bits for a column of 64 signed ones, in the same order.
pub(in crate::store) const fn ordered(seq: u64) -> i64 {
    (seq ^ (1 << 63)).cast_signed()
}

/// Readings by device and wearer, each in the order of the journal.
#[derive(Debug, Default)]
pub(super) struct Sorting(BTreeMap<(DeviceId, WearerId), Vec<JournalEntry>>);

impl Sorting {
    pub(super) fn add(&mut self, entry: JournalEntry) {
        if let JournalInput::Reading(reading) = &entry.input {
            let key = (reading.report.device.clone(), reading.wearer.clone());
            self.0.entry(key).or_default().push(entry);
        }
    }

    /// In the order of devices.
    pub(super) fn into_strips(self) -> Result<Vec<Strip>, StoreError> {
        let mut strips = Vec::with_capacity(self.0.len());
        for ((device, wearer), entries) in self.0 {
            for entries in entries.chunks(READINGS_MAX) {
                strips.push(strip(&device, &wearer, entries)?);
            }
        }
        Ok(strips)
    }
}

fn strip(
    device: &DeviceId,
    wearer: &WearerId,
    entries: &[JournalEntry],
) -> Result<Strip, StoreError> {
    let mut strip = Strip {
        device: device.clone(),
        wearer: wearer.clone(),
        first: entries.first().map_or(0, |entry| entry.position),
        seqs: None,
        observed_from_ms: i64::MAX,
        observed_to_ms: i64::MIN,
        body: Vec::new(),
    };
    let mut writing = Writing::new(entries.len());
    for entry in entries {
        writing.push(entry)?;
        if let JournalInput::Reading(reading) = &entry.input {
            let observed_ms = reading.report.observed_at.0.epoch_ms();
            strip.observed_from_ms = strip.observed_from_ms.min(observed_ms);
            strip.observed_to_ms = strip.observed_to_ms.max(observed_ms);
            if let Some(seq) = reading.report.seq.map(ordered) {
                let (least, greatest) = strip.seqs.unwrap_or((seq, seq));
                strip.seqs = Some((least.min(seq), greatest.max(seq)));
            }
        }
    }
    strip.body = writing.into_bytes();
    Ok(strip)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Block;
    use crate::store::contract::sample;

    #[test]
    fn a_strip_is_what_one_device_said_of_one_wearer() {
        let mut handed_on = sample::fix("GPS-1", Some(9), 90);
        handed_on.wearer = sample::wearer("W-2");
        let entries = [
            sample::entry(3, sample::fix("GPS-1", Some(u64::MAX), 60)),
            sample::entry(4, sample::fix("GPS-0", Some(1), 60)),
            sample::entry(5, sample::fix("GPS-1", Some(7), 30)),
            sample::entry(6, handed_on),
            sample::entry(7, sample::presence("GPS-1", 80)),
        ];
        let mut sorting = Sorting::default();
        entries.iter().cloned().for_each(|entry| sorting.add(entry));
        let strips = sorting.into_strips().unwrap();
        let held: Vec<_> = strips
            .iter()
            .map(|strip| (strip.device.as_str(), strip.wearer.as_str(), strip.first))
            .collect();
        assert_eq!(
            held,
            [
                ("GPS-0", "W-1", 4),
                ("GPS-1", "W-1", 3),
                ("GPS-1", "W-2", 6)
            ]
        );
        let strip = &strips[1];
        assert_eq!(strip.seqs, Some((ordered(7), ordered(u64::MAX))));
        let observed = (strip.observed_from_ms, strip.observed_to_ms);
        assert_eq!(
            observed,
            (sample::at(30).epoch_ms(), sample::at(80).epoch_ms())
        );
        let inside = Block::entries(&strip.body).unwrap();
        let expected: Vec<_> = [0, 2, 4].map(|at: usize| entries[at].clone()).into();
        assert_eq!(inside, expected);
    }

    #[test]
    fn running_numbers_keep_their_order() {
        let numbers = [0, 1, (1 << 63) - 1, 1 << 63, u64::MAX];
        assert!(numbers.map(ordered).is_sorted());
    }
}
