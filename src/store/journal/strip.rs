//! What one device reported of one wearer over a run of the journal.

use model::{DeviceId, WearerId};

use super::line::{Line, Writing};
use crate::store::{StoreError, value};

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

/// Sorts readings by device and wearer, each in the order of the journal, into strips in the order of
/// devices.
pub(super) fn strips(mut lines: Vec<Line<'_>>) -> Result<Vec<Strip>, StoreError> {
    lines.retain(|line| line.said.is_some());
    lines.sort_by_key(|line| (whose(line), line.position));
    lines
        .chunk_by(|a, b| whose(a) == whose(b))
        .flat_map(|lines| lines.chunks(READINGS_MAX))
        .map(strip)
        .collect()
}

fn whose<'a>(line: &Line<'a>) -> (&'a str, &'a str) {
    let said = line.said.as_ref();
    said.map_or(("", ""), |said| (said.device, said.wearer))
}

fn strip(lines: &[Line<'_>]) -> Result<Strip, StoreError> {
    let mut writing = Writing::new(lines.len());
    let (mut seqs, mut observed_from_ms, mut observed_to_ms) = (None, i64::MAX, i64::MIN);
    for line in lines {
        writing.push_line(line)?;
        let Some(said) = &line.said else { continue };
        observed_from_ms = observed_from_ms.min(said.observed_ms);
        observed_to_ms = observed_to_ms.max(said.observed_ms);
        if let Some(seq) = said.seq.map(ordered) {
            let (least, greatest) = seqs.unwrap_or((seq, seq));
            seqs = Some((seq.min(least), seq.max(greatest)));
        }
    }
    let first = lines.first();
    let (device, wearer) = first.map(whose).unwrap_or_default();
    Ok(Strip {
        device: value::known(DeviceId::new(device))?,
        wearer: value::known(WearerId::new(wearer))?,
        first: first.map_or(0, |line| line.position),
        seqs,
        observed_from_ms,
        observed_to_ms,
        body: writing.into_bytes(),
    })
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
        let lines: Result<Vec<_>, _> = Lines::read(&block.body).unwrap().collect();
        let strips = strips(lines.unwrap()).unwrap();
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
