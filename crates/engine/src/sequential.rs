//! The sequential test: is the wearer where they must not be?
//!
//! Each fix is a piece of evidence, ln(p/(1−p)) with p the chance that the wearer violates; a
//! cumulative sum of them, held at nought from below, is compared with a threshold (Page's CUSUM).
//! One sum speaks for a violation, its mirror image for the opposite.

use model::Timestamp;
use serde::{Deserialize, Serialize};

/// Beyond so many standard deviations, Φ differs from 0 or 1 by less than a float shows.
const DEVIATIONS_MAX: f64 = 8.3;

/// Evidence of one fix that the wearer violates: ln(p/(1−p)), p = ε + (1−2ε)·Φ(d/σ).
///
/// `distance_m` is positive where it violates; `epsilon` is the share of fixes that are wrong
/// altogether, and limits the result to ± ln((1−ε)/ε).
pub(crate) fn evidence(distance_m: f64, sigma_m: f64, epsilon: f64) -> f64 {
    let deviations = distance_m / sigma_m;
    let normal = if deviations.abs() < DEVIATIONS_MAX {
        0.5 * libm::erfc(-deviations * std::f64::consts::FRAC_1_SQRT_2)
    } else if deviations > 0.0 {
        1.0
    } else {
        0.0
    };
    let p = epsilon + (1.0 - 2.0 * epsilon) * normal;
    libm::log(p / (1.0 - p))
}

/// A fix so many standard deviations from the edge is on its side of it, whatever rounding makes of its evidence.
const SURELY_BESIDE: f64 = 1e-6;

/// What the test has concluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Verdict {
    Unknown,
    Compliant,
    Violating,
}

/// One weighted piece of evidence.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece {
    /// Observed at.
    pub(crate) at: Timestamp,
    /// Signed distance in metres, positive where it violates.
    pub(crate) distance_m: f64,
    /// The evidence times its weight; positive for a violation.
    pub(crate) weighed: f64,
}

/// A sum of evidence for one side.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Sum {
    /// The sum; nought or more.
    pub(crate) score: f64,
    /// When it left nought; meaningless while it is nought.
    pub(crate) onset: Timestamp,
    /// Fixes since.
    pub(crate) fixes: u32,
    /// Greatest distance since, in metres.
    pub(crate) deepest_m: f64,
}

impl Sum {
    fn add(&mut self, piece: Piece, weighed: f64) {
        let fresh = !self.is_open();
        let score = self.score + weighed;
        if score <= 0.0 {
            *self = Self::default();
            return;
        }
        if fresh {
            self.onset = piece.at;
            self.deepest_m = piece.distance_m;
        }
        self.score = score;
        self.fixes = self.fixes.saturating_add(1);
        self.deepest_m = self.deepest_m.max(piece.distance_m);
    }

    /// Whether anything speaks for this side.
    pub(crate) fn is_open(&self) -> bool {
        self.score > 0.0
    }
}

/// The test against one zone or place.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Sequential {
    /// What is concluded.
    pub(crate) verdict: Verdict,
    /// Since when that has been so, as the fixes show it.
    pub(crate) since: Timestamp,
    /// The sum that led to the verdict, and the fixes and depth since its onset.
    pub(crate) basis: Sum,
    /// For a violation, while none is concluded.
    pub(crate) up: Sum,
    /// For compliance, while that is not concluded.
    pub(crate) down: Sum,
}

impl Sequential {
    /// Begins with `verdict`.
    pub(crate) fn starting(verdict: Verdict) -> Self {
        Self {
            verdict,
            since: Timestamp::default(),
            basis: Sum::default(),
            up: Sum::default(),
            down: Sum::default(),
        }
    }

    /// Whether a fix at `distance_m` changes nothing that is concluded from or told of: the wearer is known to
    /// comply, nothing speaks against that, and neither does the fix. Most are like that, and need not be weighed.
    pub(crate) fn is_foregone(&self, distance_m: f64, sigma_m: f64) -> bool {
        self.is_surely_compliant() && distance_m < -SURELY_BESIDE * sigma_m
    }

    /// Counts a piece of evidence; true when the verdict changed.
    pub(crate) fn add(&mut self, piece: Piece, threshold: f64) -> bool {
        if self.verdict != Verdict::Violating {
            self.up.add(piece, piece.weighed);
        }
        if self.verdict != Verdict::Compliant {
            self.down.add(piece, -piece.weighed);
        }
        if self.up.score >= threshold {
            self.conclude(Verdict::Violating, self.up);
            return true;
        }
        if self.down.score >= threshold {
            self.conclude(Verdict::Compliant, self.down);
            return true;
        }
        self.basis.fixes = self.basis.fixes.saturating_add(1);
        self.basis.deepest_m = self.basis.deepest_m.max(piece.distance_m);
        false
    }

    fn conclude(&mut self, verdict: Verdict, basis: Sum) {
        *self = Self {
            since: basis.onset,
            basis,
            ..Self::starting(verdict)
        };
    }

    /// Forgets evidence that has not led to a verdict.
    pub(crate) fn forget_evidence(&mut self) {
        self.up = Sum::default();
        self.down = Sum::default();
    }

    /// Forgets the verdict too: not known since `since`.
    pub(crate) fn forget(&mut self, since: Timestamp) {
        *self = Self {
            since,
            ..Self::starting(Verdict::Unknown)
        };
    }

    /// Whether it is concluded that the wearer complies, and nothing speaks against it.
    pub(crate) fn is_surely_compliant(&self) -> bool {
        self.verdict == Verdict::Compliant && !self.up.is_open()
    }

    /// Whether it is concluded that the wearer violates, and nothing speaks against it.
    pub(crate) fn is_surely_violating(&self) -> bool {
        self.verdict == Verdict::Violating && !self.down.is_open()
    }

    /// When evidence against the verdict began, if there is any.
    pub(crate) fn doubted_since(&self) -> Option<Timestamp> {
        let open = [self.up, self.down].into_iter().filter(Sum::is_open);
        open.map(|sum| sum.onset).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(minute: i64, weighed: f64) -> Piece {
        Piece {
            at: Timestamp::from_epoch_ms(minute * 60_000).unwrap(),
            distance_m: weighed * 10.0,
            weighed,
        }
    }

    #[test]
    fn one_fix_says_at_most_ln_of_49_either_way_and_nothing_on_the_edge() {
        let most = libm::log(49.0);
        assert!((evidence(1e9, 15.0, 0.02) - most).abs() < 1e-9);
        assert!((evidence(-1e9, 15.0, 0.02) + most).abs() < 1e-9);
        assert!(evidence(0.0, 15.0, 0.02).abs() < 1e-12);
        // Φ(1) = 0.841345, p = 0.827691, ln(p/(1−p)) = 1.56931.
        assert!((evidence(15.0, 15.0, 0.02) - 1.569_31).abs() < 1e-4);
    }

    #[test]
    fn a_fix_that_is_foregone_would_have_left_the_sums_as_they_are() {
        let fixes = [-1e9, -200.0, -15.0, -1.0, -1e-3];
        for (distance_m, epsilon) in fixes.into_iter().flat_map(|d| [(d, 0.02), (d, 0.499_999)]) {
            let mut test = Sequential::starting(Verdict::Compliant);
            assert!(test.is_foregone(distance_m, 15.0));
            let weighed = evidence(distance_m, 15.0, epsilon);
            let piece = Piece {
                distance_m,
                ..piece(1, weighed)
            };
            assert!(!test.add(piece, 7.0));
            assert!(test.is_surely_compliant() && !test.down.is_open());
        }
        let mut doubted = Sequential::starting(Verdict::Compliant);
        assert!(!doubted.is_foregone(0.0, 15.0) && !doubted.is_foregone(f64::NAN, 15.0));
        doubted.add(piece(1, 1.0), 7.0);
        assert!(!doubted.is_foregone(-200.0, 15.0));
    }

    #[test]
    fn the_onset_of_a_verdict_is_the_fix_at_which_its_sum_left_nought() {
        let mut test = Sequential::starting(Verdict::Compliant);
        assert!(!test.add(piece(1, -3.0), 7.0));
        assert!(!test.add(piece(2, 3.0), 7.0));
        assert!(!test.add(piece(3, -4.0), 7.0));
        assert!(!test.add(piece(4, 3.9), 7.0));
        assert!(test.add(piece(5, 3.9), 7.0));
        assert_eq!(test.verdict, Verdict::Violating);
        assert_eq!(test.since, piece(4, 0.0).at);
        assert_eq!(test.basis.fixes, 2);
        assert!((test.basis.deepest_m - 39.0).abs() < 1e-9);
    }

    #[test]
    fn the_end_of_a_violation_mirrors_its_beginning() {
        let mut test = Sequential::starting(Verdict::Violating);
        assert!(!test.add(piece(1, -3.9), 7.0));
        assert!(!test.is_surely_violating());
        assert_eq!(test.doubted_since(), Some(piece(1, 0.0).at));
        assert!(test.add(piece(2, -3.9), 7.0));
        assert_eq!(
            (test.verdict, test.since),
            (Verdict::Compliant, piece(1, 0.0).at)
        );
    }

    #[test]
    fn the_unknown_is_resolved_by_whichever_sum_gets_there_first() {
        let mut test = Sequential::starting(Verdict::Unknown);
        for (minute, weighed, concluded) in [(1, 3.0, false), (2, -6.0, false), (3, -1.0, true)] {
            assert_eq!(test.add(piece(minute, weighed), 7.0), concluded);
        }
        assert_eq!(
            (test.verdict, test.since),
            (Verdict::Compliant, piece(2, 0.0).at)
        );
    }
}
