//! A tag's own clock: it drifts, and some are set wrong at some time.

use chrono::TimeDelta;
use model::Timestamp;

use crate::dice::{Dice, Stream};
use crate::{WorldConfig, millis};

/// Within so many hours from the beginning a clock is set wrong, where it is.
const STEP_WITHIN_H: f64 = 4.0;

/// A tag's clock. What it shows is off from the truth by drift and step.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TagClock {
    start: Timestamp,
    /// Seconds gained in a second.
    drift: f64,
    /// From when it is off by so many seconds.
    step: Option<(Timestamp, f64)>,
}

impl TagClock {
    /// That of the `index`-th wearer's tag.
    pub(crate) fn new(config: &WorldConfig, index: u64) -> Self {
        let mut dice = Dice::new(config.seed, Stream::Clock, index, 0);
        let tags = &config.tags;
        let drift = dice.between(-1.0, 1.0) * tags.clock_drift_ppm / 1e6;
        let after_s = dice.between(0.0, STEP_WITHIN_H * 3_600.0);
        let ahead = if dice.chance(0.5) { 1.0 } else { -1.0 };
        let steps = dice.chance(tags.clock_step_share) && tags.clock_step_s > 0.0;
        let at = config.start.plus(TimeDelta::milliseconds(millis(after_s)));
        Self {
            start: config.start,
            drift,
            step: steps.then_some((at, ahead * tags.clock_step_s)),
        }
    }

    /// What it shows at an instant.
    pub(crate) fn shows(&self, at: Timestamp) -> Timestamp {
        let drifted_s = self.drift * at.seconds_since(self.start);
        let stepped_s = self
            .step
            .filter(|(from, _)| *from <= at)
            .map_or(0.0, |(_, by_s)| by_s);
        at.plus(TimeDelta::milliseconds(millis(drifted_s + stepped_s)))
    }
}
