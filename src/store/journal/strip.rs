//! What one device reported of one wearer over a run of the journal.

use std::collections::BTreeMap;

use model::{DeviceId, WearerId};
use rustc_hash::FxHashMap;

use super::line::{Line, Said, Writing};
use super::seen::Seen;
use crate::store::{StoreError, value};

/// Readings in one strip: what is looked for among them is read whole.
const READINGS_MAX: usize = 512;

/// Readings of a device in one run, as few as there are of most.
const READINGS_FEW: usize = 8;

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

impl Strip {
    /// Where it stands among others.
    fn place(&self) -> (&DeviceId, &WearerId, u64) {
        (&self.device, &self.wearer, self.first)
    }
}

/// A running number of 64 unsigned bits for a column of 64 signed ones, in the same order.
pub(in crate::store) const fn ordered(seq: u64) -> i64 {
    (seq ^ (1 << 63)).cast_signed()
}

/// Readings sorted by device and wearer.
#[derive(Debug)]
pub(super) struct Sorted {
    pub(super) strips: Vec<Strip>,
    /// What is seen of each device.
    pub(super) seen: Vec<(DeviceId, Seen)>,
}

/// Readings being sorted by device and wearer, in the order of the journal.
#[derive(Debug, Default)]
pub(super) struct Sorting<'a> {
    places: FxHashMap<(&'a str, &'a str), Place<'a>>,
    full: Vec<Strip>,
}

/// What there is so far of one device and wearer.
#[derive(Debug, Default)]
struct Place<'a> {
    open: Option<Open<'a>>,
    seen: Seen,
}

impl<'a> Sorting<'a> {
    /// Adds a reading. What was erased is nobody's.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when it has what no reading has.
    pub(super) fn add(&mut self, line: &Line<'a>) -> Result<(), StoreError> {
        let Some(said) = &line.said else {
            return Ok(());
        };
        let place = self.places.entry((said.device, said.wearer)).or_default();
        let observed_at = value::instant(said.observed_ms)?;
        place.seen.add(said.seq, observed_at);
        let open = place.open.get_or_insert_with(|| Open::at(line.position));
        open.add(line, said)?;
        if open.readings >= READINGS_MAX
            && let Some(open) = place.open.take()
        {
            self.full.push(open.close((said.device, said.wearer))?);
        }
        Ok(())
    }

    /// What they come to, in the order of devices.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when a device or a wearer has no name that one can have.
    pub(super) fn finish(self) -> Result<Sorted, StoreError> {
        let mut strips = self.full;
        let mut seen: BTreeMap<&str, Seen> = BTreeMap::new();
        for (whose, place) in self.places {
            seen.entry(whose.0).or_default().merge(&place.seen);
            if let Some(open) = place.open {
                strips.push(open.close(whose)?);
            }
        }
        strips.sort_by(|a, b| a.place().cmp(&b.place()));
        let named = |(device, seen)| Ok((value::known(DeviceId::new(device))?, seen));
        let seen: Result<_, StoreError> = seen.into_iter().map(named).collect();
        let seen = seen?;
        Ok(Sorted { strips, seen })
    }
}

/// A strip that is being written.
#[derive(Debug)]
struct Open<'a> {
    first: u64,
    readings: usize,
    seqs: Option<(i64, i64)>,
    observed_from_ms: i64,
    observed_to_ms: i64,
    writing: Writing<'a>,
}

impl<'a> Open<'a> {
    fn at(first: u64) -> Self {
        Self {
            first,
            readings: 0,
            seqs: None,
            observed_from_ms: i64::MAX,
            observed_to_ms: i64::MIN,
            writing: Writing::new(READINGS_FEW),
        }
    }

    fn add(&mut self, line: &Line<'a>, said: &Said<'a>) -> Result<(), StoreError> {
        self.writing.push_line(line)?;
        self.readings += 1;
        self.observed_from_ms = self.observed_from_ms.min(said.observed_ms);
        self.observed_to_ms = self.observed_to_ms.max(said.observed_ms);
        if let Some(seq) = said.seq.map(ordered) {
            let (least, greatest) = self.seqs.unwrap_or((seq, seq));
            self.seqs = Some((seq.min(least), seq.max(greatest)));
        }
        Ok(())
    }

    fn close(self, (device, wearer): (&str, &str)) -> Result<Strip, StoreError> {
        Ok(Strip {
            device: value::known(DeviceId::new(device))?,
            wearer: value::known(WearerId::new(wearer))?,
            first: self.first,
            seqs: self.seqs,
            observed_from_ms: self.observed_from_ms,
            observed_to_ms: self.observed_to_ms,
            body: self.writing.into_bytes(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::line::Lines;
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
        let block = Block::of(&entries).unwrap().unwrap();
        let mut sorting = Sorting::default();
        for line in Lines::read(&block.body).unwrap() {
            sorting.add(&line.unwrap()).unwrap();
        }
        let Sorted { strips, seen } = sorting.finish().unwrap();
        let seen: Vec<_> = seen
            .iter()
            .map(|(device, seen)| format!("{device} {seen}"))
            .collect();
        let most = u64::MAX;
        assert_eq!(seen[0], "GPS-0 1-1");
        assert!(
            seen[1].starts_with(&format!("GPS-1 7-7 9-9 {most}-{most} @")),
            "{seen:?}"
        );
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
