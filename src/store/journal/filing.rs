//! Filing: what a run of the journal comes to, by device.

use std::ops::Range;

use model::DeviceId;

use super::block::Block;
use super::line::{Line, Lines};
use super::seen::Seen;
use super::strip::{Sorting, Strip};
use crate::store::StoreError;

/// Rows written in one transaction: some milliseconds, in which nothing else is committed where the store
/// is a file.
const SLICE_ROWS: usize = 256;

/// Entries in a block that is put in the place of smaller ones.
const BOUND_READINGS: u64 = 1_000;

/// From when on there is enough to file. What is not filed is read through by whoever looks for a wearer's
/// readings; what is filed in small runs is found in many places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// Entries of the journal: the readings of some minutes, in ten of which a wearer has ten. A run of
    /// these is held in memory while it is filed: some hundred bytes each.
    pub entries: u64,
    /// Blocks: as many as can be looked through in some ten milliseconds.
    pub blocks: u64,
}

impl Default for Due {
    fn default() -> Self {
        Self {
            entries: 250_000,
            blocks: 20_000,
        }
    }
}

impl Due {
    /// Whether so much is enough.
    pub(in crate::store) const fn is_reached(self, entries: u64, blocks: u64) -> bool {
        entries >= self.entries || blocks >= self.blocks
    }
}

/// What a run of blocks comes to.
#[derive(Debug, Default)]
pub(in crate::store) struct Filing {
    /// The run's first position, by which it goes.
    pub(in crate::store) run: u64,
    /// Its last.
    pub(in crate::store) last: u64,
    /// Blocks gone through.
    pub(in crate::store) blocks: u64,
    pub(in crate::store) from_ms: i64,
    pub(in crate::store) to_ms: i64,
    pub(in crate::store) observed_from_ms: i64,
    pub(in crate::store) observed_to_ms: i64,
    pub(in crate::store) strips: Vec<Strip>,
    /// What it has of each device.
    pub(in crate::store) seen: Vec<(DeviceId, Seen)>,
    /// What takes the place of small blocks: each of all those from its first position to its last.
    pub(in crate::store) bound: Vec<Block>,
}

/// What of a filing is written in one transaction. Only the end makes any of it count: what a process
/// that died left is written over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) enum Slice {
    /// These of its strips.
    Strips(Range<usize>),
    /// These of its devices.
    Seen(Range<usize>),
    /// This of its bound blocks.
    Bound(usize),
    /// That all of it is there.
    End,
}

impl Filing {
    /// What is to be written, in order.
    pub(in crate::store) fn slices(&self) -> impl Iterator<Item = Slice> + use<> {
        let ranges = |rows: usize| {
            (0..rows)
                .step_by(SLICE_ROWS)
                .map(move |from| from..rows.min(from + SLICE_ROWS))
        };
        ranges(self.strips.len())
            .map(Slice::Strips)
            .chain(ranges(self.seen.len()).map(Slice::Seen))
            .chain((0..self.bound.len()).map(Slice::Bound))
            .chain([Slice::End])
    }

    /// Goes through blocks that follow one another, from `run` on.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when one is damaged.
    pub(in crate::store) fn of(run: u64, bodies: &[Vec<u8>]) -> Result<Self, StoreError> {
        let mut filing = Self {
            run,
            observed_from_ms: i64::MAX,
            observed_to_ms: i64::MIN,
            from_ms: i64::MAX,
            ..Self::default()
        };
        let mut sorting = Sorting::default();
        let mut entries = 0;
        for body in bodies {
            filing.blocks += 1;
            for line in Lines::read(body)? {
                let line = line?;
                filing.note(&line);
                sorting.add(&line)?;
                entries += 1;
            }
        }
        let sorted = sorting.finish()?;
        (filing.strips, filing.seen) = (sorted.strips, sorted.seen);
        if entries < filing.blocks * BOUND_READINGS / 4 {
            filing.bound = bind(bodies)?;
        }
        Ok(filing)
    }

    fn note(&mut self, line: &Line<'_>) {
        self.last = self.last.max(line.position);
        self.from_ms = self.from_ms.min(line.at_ms);
        self.to_ms = self.to_ms.max(line.at_ms);
        if let Some(said) = &line.said {
            self.observed_from_ms = self.observed_from_ms.min(said.observed_ms);
            self.observed_to_ms = self.observed_to_ms.max(said.observed_ms);
        }
    }
}

/// The same entries in fewer blocks.
fn bind(bodies: &[Vec<u8>]) -> Result<Vec<Block>, StoreError> {
    let mut bound = Vec::new();
    let mut entries = Vec::new();
    for body in bodies {
        entries.extend(Block::entries(body)?);
        if entries.len() as u64 >= BOUND_READINGS {
            bound.extend(Block::of(&std::mem::take(&mut entries))?);
        }
    }
    bound.extend(Block::of(&entries)?);
    Ok(bound)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::JournalEntry;
    use crate::store::contract::sample;

    fn body(entries: &[JournalEntry]) -> Vec<u8> {
        Block::of(entries).unwrap().unwrap().body
    }

    #[test]
    fn a_run_is_sorted_by_device_and_its_small_blocks_are_bound_into_one() {
        let entries: Vec<JournalEntry> = (11..=30)
            .map(|n| sample::entry(n, sample::fix(&format!("GPS-{}", n % 4), Some(n), 60)))
            .collect();
        let bodies: Vec<Vec<u8>> = entries.chunks(3).map(body).collect();
        let filing = Filing::of(11, &bodies).unwrap();
        assert_eq!((filing.run, filing.last, filing.blocks), (11, 30, 7));
        assert_eq!(filing.strips.len(), 4);
        let seen = &filing.seen[3];
        assert_eq!(
            (seen.0.as_str(), seen.1.to_string().as_str()),
            ("GPS-3", "11-11 15-15 19-19 23-23 27-27")
        );
        assert_eq!(filing.bound.len(), 1);
        assert_eq!(Block::entries(&filing.bound[0].body).unwrap(), entries);
    }

    #[test]
    fn large_blocks_stay_as_they_are() {
        let entries: Vec<JournalEntry> = (1..=600)
            .map(|n| sample::entry(n, sample::fix("GPS-1", Some(n), 60)))
            .collect();
        let bodies: Vec<Vec<u8>> = entries.chunks(300).map(body).collect();
        let filing = Filing::of(1, &bodies).unwrap();
        assert_eq!(filing.bound, []);
        // A strip is read whole, so it has an end.
        assert_eq!(filing.strips.len(), 2);
    }
}
