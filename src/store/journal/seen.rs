//! Which readings of a device are journaled, as far as it can be said in a few numbers.

use std::fmt;
use std::str::FromStr;

use model::{Identity, Reading, Timestamp};
use smallvec::{SmallVec, smallvec};

use crate::store::StoreError;

/// Runs of numbers remembered of a device: more than a device leaves open that sends what it kept
/// between what it reports now. Above it the two runs that are closest become one.
const RUNS_MAX: usize = 32;

/// The running numbers of a device's journaled readings, and the latest moment of those that have none.
/// What is not seen is new for certain; what is seen may be, and has to be looked up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// First and last of each run, ascending, apart from each other.
    runs: SmallVec<[(u64, u64); 1]>,
    moment: Option<Timestamp>,
}

impl Seen {
    /// Whether the reading of this identity may be journaled.
    #[must_use]
    pub fn may_hold(&self, identity: &Identity) -> bool {
        match (identity.sequence(), identity.moment()) {
            (Some(seq), _) => self.holds(seq),
            (None, Some((_fact, at))) => self.moment.is_some_and(|newest| at <= newest),
            (None, None) => true,
        }
    }

    /// Whether the reading may be journaled.
    #[must_use]
    pub fn may_hold_reading(&self, reading: &Reading) -> bool {
        match reading.report.seq {
            Some(seq) => self.holds(seq),
            None => (self.moment).is_some_and(|newest| reading.report.observed_at.0 <= newest),
        }
    }

    fn holds(&self, seq: u64) -> bool {
        // The newest first: what comes is next to it, nearly always.
        match self.runs.last() {
            None => false,
            Some(&(first, last)) if seq >= first => seq <= last,
            Some(_) => {
                let at = self.runs.partition_point(|&(_, last)| last < seq);
                self.runs.get(at).is_some_and(|&(first, _)| first <= seq)
            }
        }
    }

    /// Notes that a reading is journaled.
    pub fn add(&mut self, seq: Option<u64>, observed_at: Timestamp) {
        match seq {
            Some(seq) => self.add_run(seq, seq),
            None => self.moment = self.moment.max(Some(observed_at)),
        }
    }

    /// Notes what another has.
    pub fn merge(&mut self, other: &Self) {
        for &(first, last) in &other.runs {
            self.add_run(first, last);
        }
        self.moment = self.moment.max(other.moment);
    }

    fn add_run(&mut self, first: u64, last: u64) {
        if let Some(newest) = self.runs.last_mut()
            && newest.0 <= first
            && newest.1.checked_add(1).is_none_or(|next| first <= next)
        {
            newest.1 = newest.1.max(last);
            return;
        }
        // Those that touch it become one with it.
        let begin = (self.runs).partition_point(|&(_, end)| end < first.saturating_sub(1));
        let end = self
            .runs
            .partition_point(|&(start, _)| start <= last.saturating_add(1));
        let touched = self.runs.get(begin..end).unwrap_or_default();
        let joined = touched.iter().fold((first, last), |run, other| {
            (run.0.min(other.0), run.1.max(other.1))
        });
        self.runs.drain(begin..end.max(begin));
        self.runs.insert(begin, joined);
        if self.runs.len() > RUNS_MAX {
            self.join_closest();
        }
    }

    fn join_closest(&mut self) {
        let gaps = self.runs.iter().zip(self.runs.iter().skip(1));
        let closest = gaps.enumerate().min_by_key(|(_, (a, b))| b.0 - a.1);
        let Some((at, (&(first, _), &(_, last)))) = closest else {
            return;
        };
        self.runs.remove(at + 1);
        if let Some(run) = self.runs.get_mut(at) {
            *run = (first, last);
        }
    }
}

/// As a column has it: `1-40 44-44 @1774746000000`.
impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut space = "";
        for (first, last) in &self.runs {
            write!(f, "{space}{first}-{last}")?;
            space = " ";
        }
        match self.moment {
            Some(moment) => write!(f, "{space}@{}", moment.epoch_ms()),
            None => Ok(()),
        }
    }
}

impl FromStr for Seen {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        let corrupt = || StoreError::Corrupt(format!("{text:?} is no list of running numbers"));
        let mut seen = Self {
            runs: smallvec![],
            moment: None,
        };
        for part in text.split_ascii_whitespace() {
            if let Some(moment) = part.strip_prefix('@') {
                let ms: i64 = moment.parse().map_err(|_number| corrupt())?;
                seen.moment = Some(crate::store::value::instant(ms)?);
                continue;
            }
            let (first, last) = part.split_once('-').ok_or_else(corrupt)?;
            let number = |text: &str| text.parse::<u64>().map_err(|_number| corrupt());
            let (first, last) = (number(first)?, number(last)?);
            if first > last {
                return Err(corrupt());
            }
            seen.add_run(first, last);
        }
        Ok(seen)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::store::contract::sample;

    fn of(seqs: &[u64]) -> Seen {
        let mut seen = Seen::default();
        for &seq in seqs {
            seen.add(Some(seq), sample::at(0));
        }
        seen
    }

    #[test]
    fn numbers_in_a_row_are_one_run_however_they_came() {
        for seqs in [[1, 2, 3, 4], [4, 3, 2, 1], [1, 3, 2, 4], [2, 1, 4, 3]] {
            assert_eq!(of(&seqs).to_string(), "1-4", "{seqs:?}");
        }
        assert_eq!(
            of(&[7, 9, 0, u64::MAX]).to_string(),
            format!("0-0 7-7 9-9 {m}-{m}", m = u64::MAX)
        );
        assert_eq!(of(&[u64::MAX, u64::MAX - 1, 0]).runs.len(), 2);
    }

    #[test]
    fn what_waits_between_newer_readings_is_new() {
        let seen = of(&[1, 2, 3, 10]);
        let is_known = |seq| seen.may_hold(&sample::fix("D", Some(seq), 0).report.identity());
        assert_eq!(
            [3, 4, 9, 10, 11].map(is_known),
            [true, false, false, true, false]
        );
    }

    #[test]
    fn without_numbers_only_what_is_later_is_new_for_certain() {
        let mut seen = Seen::default();
        seen.add(None, sample::at(60));
        let is_known = |seconds| seen.may_hold(&sample::presence("D", seconds).report.identity());
        assert_eq!([59, 60, 61].map(is_known), [true, true, false]);
        assert_eq!(seen.to_string().parse::<Seen>().unwrap(), seen);
    }

    #[test]
    fn what_is_no_list_of_numbers_is_said_to_be_none() {
        for text in ["1", "1-", "-1", "2-1", "a-b", "@", "@x", "1-2,3-4", "@-1"] {
            assert!(text.parse::<Seen>().is_err(), "{text}");
        }
    }

    /// How many runs these numbers make.
    fn runs(seqs: &[u64]) -> usize {
        let set: BTreeSet<u64> = seqs.iter().copied().collect();
        let follows = |seq: &u64| {
            seq.checked_sub(1)
                .is_some_and(|before| set.contains(&before))
        };
        set.iter().filter(|seq| !follows(seq)).count()
    }

    /// One run too many joins the two that are closest: between them it is then looked up, and new for certain no more.
    #[test]
    fn beyond_the_bound_the_closest_are_joined() {
        let apart: Vec<u64> = (10..40).map(|n| n * 10).collect();
        let seen = of(&[&apart[..], &[0, 2, 101, 111]].concat());
        assert!(!seen.holds(1) && seen.runs.len() == RUNS_MAX);
        let mut more = seen;
        more.add(Some(900), sample::at(0));
        assert!(more.holds(1) && more.runs.len() == RUNS_MAX);
    }

    proptest! {
        /// Nothing that was added is ever taken for new; where there were never more runs than are remembered, nothing
        /// else is taken for known.
        #[test]
        fn seen_is_what_was_added(seqs in prop::collection::vec(0_u64..200, 0..80)) {
            let seen = of(&seqs);
            let set: BTreeSet<u64> = seqs.iter().copied().collect();
            let is_exact = (1..=seqs.len()).all(|count| runs(&seqs[..count]) <= RUNS_MAX);
            for seq in 0..200 {
                let known = seen.holds(seq);
                prop_assert!(known || !set.contains(&seq), "{seq} of {seqs:?}");
                prop_assert!(!is_exact || known == set.contains(&seq), "{seq} of {seqs:?}");
            }
            prop_assert!(seen.runs.len() <= RUNS_MAX);
            prop_assert_eq!(seen.to_string().parse::<Seen>().unwrap(), seen);
        }

        #[test]
        fn two_together_have_seen_what_each_has(
            a in prop::collection::vec(0_u64..100, 0..30), b in prop::collection::vec(0_u64..100, 0..30)
        ) {
            let mut both = of(&a);
            both.merge(&of(&b));
            prop_assert!(a.iter().chain(&b).all(|&seq| both.holds(seq)));
        }
    }
}
