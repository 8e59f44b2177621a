//! Trials counted together.

use serde::Serialize;

use super::course::Course;
use super::plan::Cell;
use super::poisson::{real, upper_bound};
use super::rule::RuleName;
use super::trial::{Concluded, delay_s};

/// What came of the trials of one cell so far.
#[derive(Debug, Clone)]
pub(super) struct Tally {
    breaches: Vec<u64>,
    astray: Vec<u64>,
    delays_s: Vec<Vec<f64>>,
    notices: u64,
    noticed: u64,
    excursions: u64,
}

impl Tally {
    pub(super) fn new() -> Self {
        let rules = RuleName::ALL.len();
        Self {
            breaches: vec![0; rules],
            astray: vec![0; rules],
            delays_s: vec![Vec::new(); rules],
            notices: 0,
            noticed: 0,
            excursions: 0,
        }
    }

    pub(super) fn add(&mut self, course: Course, concluded: &Concluded) {
        for (count, breaches) in self.breaches.iter_mut().zip(&concluded.breaches) {
            *count += count_of(breaches);
        }
        for (count, more) in self.astray.iter_mut().zip(&concluded.astray) {
            *count += more;
        }
        for (delays, breaches) in self.delays_s.iter_mut().zip(&concluded.breaches) {
            delays.extend(delay_s(course, breaches));
        }
        let told = concluded.breaches.first().into_iter().flatten();
        let told: Vec<f64> = told.chain(&concluded.notices).copied().collect();
        self.notices += count_of(&concluded.notices);
        self.noticed += u64::from(delay_s(course, &told).is_some());
        self.excursions += u64::from(concluded.excursions);
    }

    /// Counts what another has counted as its own.
    pub(super) fn merge(&mut self, other: Self) {
        for (count, more) in self.breaches.iter_mut().zip(other.breaches) {
            *count += more;
        }
        for (count, more) in self.astray.iter_mut().zip(other.astray) {
            *count += more;
        }
        for (delays, more) in self.delays_s.iter_mut().zip(other.delays_s) {
            delays.extend(more);
        }
        self.notices += other.notices;
        self.noticed += other.noticed;
        self.excursions += other.excursions;
    }

    /// The figures of the cell.
    pub(super) fn result(self, cell: Cell) -> CellResult {
        let counts = self.breaches.into_iter().zip(self.astray);
        let rules = RuleName::ALL.iter().zip(counts).zip(self.delays_s);
        let result = |((rule, (breaches, astray)), delays): ((&RuleName, (u64, u64)), _)| {
            let result = RuleResult::new(*rule, breaches, delays, cell.trials);
            RuleResult { astray, ..result }
        };
        CellResult {
            cadence_s: cell.cadence_s,
            course: cell.course,
            trials: cell.trials,
            excursions: self.excursions,
            notices: self.notices,
            noticed: self.noticed,
            rules: rules.map(result).collect(),
        }
    }
}

/// The figures of one cell.
#[derive(Debug, Clone, Serialize)]
pub(super) struct CellResult {
    /// Seconds from one fix to the next.
    pub(super) cadence_s: u32,
    #[serde(flatten)]
    pub(super) course: Course,
    /// Device-days outside, or stays, or passages.
    pub(super) trials: u64,
    /// Excursions of the receiver.
    pub(super) excursions: u64,
    /// How often the engine told operators that there may be a breach or a crossing.
    pub(super) notices: u64,
    /// Stays or passages of which the engine told anything at all.
    pub(super) noticed: u64,
    pub(super) rules: Vec<RuleResult>,
}

impl CellResult {
    pub(super) fn rule(&self, name: RuleName) -> Option<&RuleResult> {
        self.rules.iter().find(|result| result.rule == name)
    }
}

/// The figures of one rule in one cell.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct RuleResult {
    pub(super) rule: RuleName,
    /// Breaches concluded; of a day outside, every one is false.
    pub(super) breaches: u64,
    /// Those of them that fell on a fix of an excursion.
    pub(super) astray: u64,
    /// All of them for each trial.
    pub(super) per_trial: f64,
    /// Its one-sided 95 % upper bound, were breaches independent of each other.
    pub(super) per_trial_upper: f64,
    /// Stays or passages of which no breach was concluded.
    pub(super) missed: u64,
    /// Seconds from coming in to the conclusion, half and 95 % of all stays; nothing where so many
    /// were missed that there is none.
    pub(super) delay_p50_s: Option<f64>,
    pub(super) delay_p95_s: Option<f64>,
}

impl RuleResult {
    fn new(rule: RuleName, breaches: u64, mut delays_s: Vec<f64>, trials: u64) -> Self {
        delays_s.sort_by(f64::total_cmp);
        let percentile = |share: f64| nearest_rank(&delays_s, trials, share);
        Self {
            rule,
            breaches,
            astray: 0,
            per_trial: real(breaches) / real(trials),
            per_trial_upper: upper_bound(breaches) / real(trials),
            missed: trials.saturating_sub(count_of(&delays_s)),
            delay_p50_s: percentile(0.5),
            delay_p95_s: percentile(0.95),
        }
    }

    /// The share of stays missed, and its 95 % upper bound (that of a Poisson count, which for a
    /// share is on the safe side).
    pub(super) fn missed_share(&self, trials: u64) -> (f64, f64) {
        let trials = real(trials);
        (
            real(self.missed) / trials,
            (upper_bound(self.missed) / trials).min(1.0),
        )
    }
}

/// The value that `share` of `count` values do not pass, the ones not in `sorted` being endless.
fn nearest_rank(sorted: &[f64], count: u64, share: f64) -> Option<f64> {
    let below = |rank: usize| real(u64::try_from(rank).unwrap_or(u64::MAX)) < share * real(count);
    let rank = (1..=sorted.len()).find(|rank| !below(*rank))?;
    sorted.get(rank.checked_sub(1)?).copied()
}

fn count_of<T>(things: &[T]) -> u64 {
    u64::try_from(things.len()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_count_what_was_missed_as_never() {
        let delays: Vec<f64> = (1..=95).map(f64::from).collect();
        let result = RuleResult::new(RuleName::Naive, 95, delays.clone(), 100);
        assert_eq!(
            (result.delay_p50_s, result.delay_p95_s),
            (Some(50.0), Some(95.0))
        );
        assert_eq!(result.missed, 5);
        let fewer = RuleResult::new(RuleName::Naive, 94, delays[..94].to_vec(), 100);
        assert_eq!((fewer.delay_p50_s, fewer.delay_p95_s), (Some(50.0), None));
    }

    #[test]
    fn rates_are_by_device_day_with_their_bound() {
        let result = RuleResult::new(RuleName::Naive, 3, Vec::new(), 60);
        assert!((result.per_trial - 0.05).abs() < 1e-12);
        assert!((result.per_trial_upper - 7.7537 / 60.0).abs() < 1e-4);
        let (share, upper) =
            RuleResult::new(RuleName::Naive, 0, vec![1.0; 300], 300).missed_share(300);
        assert!(share.abs() < 1e-12 && (upper - 2.9957 / 300.0).abs() < 1e-5);
    }
}
