//! The fall after the last rise of an episode, by least squares.

use model::{AlcoholTail, Timestamp};
use serde::{Deserialize, Serialize};

use super::sample::{Sample, round};
use crate::policy::AlcoholRules;

/// The readings after the last rise, as sums: time in seconds since the first of them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Tail {
    /// The latest reading, the rise itself included.
    latest: i32,
    from: Option<Timestamp>,
    to: Timestamp,
    readings: u32,
    sum_t: f64,
    sum_x: f64,
    sum_tt: f64,
    sum_tx: f64,
}

impl Tail {
    /// The empty tail after the rise `top`, which is not part of it.
    pub(super) const fn after(top: Sample) -> Self {
        Self {
            latest: top.tac,
            from: None,
            to: top.at,
            readings: 0,
            sum_t: 0.0,
            sum_x: 0.0,
            sum_tt: 0.0,
            sum_tx: 0.0,
        }
    }

    /// Takes in a reading that is no new peak.
    pub(super) fn add(&mut self, sample: Sample, rules: &AlcoholRules) {
        let latest = f64::from(self.latest);
        let x = f64::from(sample.tac);
        if x > latest + rules.bump_min.max(rules.bump_share * latest) {
            *self = Self::after(sample);
            return;
        }
        let from = *self.from.get_or_insert(sample.at);
        let t = sample.at.seconds_since(from);
        self.latest = sample.tac;
        self.to = sample.at;
        self.readings = self.readings.saturating_add(1);
        self.sum_t += t;
        self.sum_x += x;
        self.sum_tt += t * t;
        self.sum_tx += t * x;
    }

    /// How fast it falls, in mg/100 mL an hour.
    pub(super) fn fall_per_h(&self) -> Option<f64> {
        let n = f64::from(self.readings);
        let spread = n * self.sum_tt - self.sum_t * self.sum_t;
        let slope = n * self.sum_tx - self.sum_t * self.sum_x;
        // Multiplied first: whole seconds give a whole numerator, and a fall at a limit is exact.
        (spread > 0.0).then(|| -slope * 3600.0 / spread)
    }

    pub(super) fn span_s(&self) -> f64 {
        self.from.map_or(0.0, |from| self.to.seconds_since(from))
    }

    /// Whether there is enough of it to tell a fall by.
    pub(super) fn is_adequate(&self, rules: &AlcoholRules) -> bool {
        self.readings >= rules.tail_readings && self.span_s() >= f64::from(rules.tail_span_s)
    }

    pub(super) fn evidence(&self) -> Option<AlcoholTail> {
        self.from.map(|from| AlcoholTail {
            readings: self.readings,
            from,
            to: self.to,
            fall_per_h: self.fall_per_h().map(round),
        })
    }
}
