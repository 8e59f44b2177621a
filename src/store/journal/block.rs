//! What one commit journaled of readings.

use super::keys::{self, Keys};
use super::line::{Lines, Writing};
use crate::store::{JournalEntry, JournalInput, StoreError};

/// Readings in the order of the journal, as one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Position of the first.
    pub first: u64,
    /// Position of the last. Changes of policy may stand between the two, which are kept elsewhere.
    pub last: u64,
    /// How many.
    pub readings: u64,
    /// Engine time of the first, in milliseconds since the epoch.
    pub from_ms: i64,
    /// Engine time of the last.
    pub to_ms: i64,
    /// The earliest time observed; later than the latest where all were erased.
    pub observed_from_ms: i64,
    /// The latest time observed.
    pub observed_to_ms: i64,
    /// Whose they are: CRC-32s of wearers and devices, ascending.
    pub keys: Vec<u8>,
    /// The readings.
    pub body: Vec<u8>,
}

impl Block {
    /// The readings among entries of a journal; `None` where there are none.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when one could not be read again.
    pub fn of(entries: &[JournalEntry]) -> Result<Option<Self>, StoreError> {
        let is_kept = |entry: &&JournalEntry| !matches!(entry.input, JournalInput::Policy(_));
        let mut kept = entries.iter().filter(is_kept);
        let (Some(first), last) = (kept.next(), kept.next_back()) else {
            return Ok(None);
        };
        let last = last.unwrap_or(first);
        let mut writing = Writing::new(entries.len());
        let mut keys = Keys::of(entries.len());
        let (mut readings, mut observed_from_ms, mut observed_to_ms) = (0, i64::MAX, i64::MIN);
        for entry in entries.iter().filter(is_kept) {
            writing.push(entry)?;
            readings += 1;
            if let JournalInput::Reading(reading) = &entry.input {
                let observed_ms = reading.report.observed_at.0.epoch_ms();
                observed_from_ms = observed_from_ms.min(observed_ms);
                observed_to_ms = observed_to_ms.max(observed_ms);
                keys.add(reading.wearer.as_str());
                keys.add(reading.report.device.as_str());
            }
        }
        Ok(Some(Self {
            first: first.position,
            last: last.position,
            readings,
            from_ms: first.at.epoch_ms(),
            to_ms: last.at.epoch_ms(),
            observed_from_ms,
            observed_to_ms,
            keys: keys.into_bytes(),
            body: writing.into_bytes(),
        }))
    }

    /// The entries of a block with this body.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when it is damaged.
    pub fn entries(body: &[u8]) -> Result<Vec<JournalEntry>, StoreError> {
        Lines::read(body)?.map(|line| line?.entry()).collect()
    }

    /// Adds the entries after a position, until there are as many as are wanted. What comes after those is not
    /// looked at: damage there is found by whoever gets there.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when it is damaged up to there.
    pub(in crate::store) fn add_after(
        entries: &mut Vec<JournalEntry>,
        body: &[u8],
        position: u64,
        limit: usize,
    ) -> Result<(), StoreError> {
        let mut lines = Lines::read(body)?;
        while entries.len() < limit
            && let Some(line) = lines.next().transpose()?
        {
            if line.position > position {
                entries.push(line.entry()?);
            }
        }
        Ok(())
    }

    /// Whether a block with these keys may hold readings of a wearer or a device.
    pub(in crate::store) fn may_hold(keys: &[u8], id: &str) -> bool {
        keys::may_hold(keys, id)
    }

    /// Whether a block with these keys may hold readings of whoever has one of those keys.
    pub(in crate::store) fn may_hold_any(keys: &[u8], wanted: &[[u8; 4]]) -> bool {
        keys::may_hold_any(keys, wanted)
    }

    /// The key of a wearer or a device, which stands among the keys of every block with readings of theirs.
    pub(in crate::store) fn key(id: &str) -> [u8; 4] {
        keys::key(id)
    }

    /// The same block without what a wearer's devices said; `None` where it holds nothing of theirs. Places and
    /// engine times stay. And how many readings that were.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when it is damaged.
    pub(in crate::store) fn without(
        body: &[u8],
        wearer: &str,
    ) -> Result<Option<(Self, usize)>, StoreError> {
        let mut entries = Self::entries(body)?;
        let mut erased = 0;
        for entry in &mut entries {
            let is_theirs = matches!(&entry.input, JournalInput::Reading(reading) if reading.wearer.as_str() == wearer);
            if is_theirs {
                entry.input = JournalInput::Erased;
                erased += 1;
            }
        }
        if erased == 0 {
            return Ok(None);
        }
        Ok(Self::of(&entries)?.map(|block| (block, erased)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::contract::sample;

    fn entries() -> Vec<JournalEntry> {
        let mut of_another = sample::fix("GPS-2", Some(1), 30);
        of_another.wearer = sample::wearer("W-2");
        vec![
            sample::entry(11, sample::fix("GPS-1", Some(1), 60)),
            sample::entry(13, of_another),
            sample::entry(14, sample::presence("RF-1", 90)),
        ]
    }

    #[test]
    fn a_block_says_what_it_holds() {
        let block = Block::of(&entries()).unwrap().unwrap();
        assert_eq!((block.first, block.last, block.readings), (11, 14, 3));
        let times = (block.observed_from_ms, block.observed_to_ms);
        assert_eq!(
            times,
            (sample::at(30).epoch_ms(), sample::at(90).epoch_ms())
        );
        assert_eq!(Block::entries(&block.body).unwrap(), entries());
        for id in ["W-1", "W-2", "GPS-1", "GPS-2", "RF-1"] {
            assert!(Block::may_hold(&block.keys, id), "{id}");
        }
        assert!(!Block::may_hold(&block.keys, "W-3"));
        assert_eq!(Block::of(&[]).unwrap(), None);
    }

    #[test]
    fn what_comes_after_the_entries_wanted_is_not_looked_at() {
        let mut body = Block::of(&entries()).unwrap().unwrap().body;
        body.truncate(body.len() - 1);
        let mut some = Vec::new();
        Block::add_after(&mut some, &body, 11, 1).unwrap();
        assert_eq!(some, entries()[1..2]);
        assert!(Block::add_after(&mut some, &body, 13, 2).is_err());
    }

    #[test]
    fn who_is_erased_leaves_places_and_no_key() {
        let block = Block::of(&entries()).unwrap().unwrap();
        let (without, erased) = Block::without(&block.body, "W-1").unwrap().unwrap();
        assert_eq!((erased, without.readings), (2, 3));
        let left = Block::entries(&without.body).unwrap();
        assert_eq!(left[1], entries()[1]);
        for (left, was) in left.iter().zip(entries()) {
            assert_eq!((left.position, left.at), (was.position, was.at));
        }
        assert!(!Block::may_hold(&without.keys, "W-1") && !Block::may_hold(&without.keys, "RF-1"));
        assert_eq!(Block::without(&block.body, "W-3").unwrap(), None);
    }
}
