//! When messages are due.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::dice::{Dice, Stream};

/// A stretch of a load: a rate, or a ramp from one to another.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// How long, in seconds.
    pub seconds: u32,
    /// Messages a second at its beginning.
    pub messages_per_s: u32,
    /// And at its end; the same, where absent.
    pub to_messages_per_s: Option<u32>,
}

/// The times at which messages are due, counted from the beginning: independent of one another
/// (Poisson), as those of many tags are. The same seed gives the same times.
#[derive(Debug)]
pub struct Arrivals {
    dice: Dice,
    stages: std::vec::IntoIter<Stage>,
    stage: Option<Stage>,
    /// Seconds from the beginning to that of the stage.
    begun_s: f64,
    /// Messages due since then on average, up to the last one.
    passed: f64,
}

impl Arrivals {
    /// Those of `stages`, one after another.
    #[must_use]
    pub fn new(seed: u64, stages: Vec<Stage>) -> Self {
        let mut stages = stages.into_iter();
        Self {
            dice: Dice::new(seed, Stream::Load, 0, 0),
            stage: stages.next(),
            stages,
            begun_s: 0.0,
            passed: 0.0,
        }
    }
}

impl Iterator for Arrivals {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        self.passed -= libm::log(1.0 - self.dice.unit());
        let mut stage = self.stage?;
        // What a stage has no time for is due in the next one.
        while self.passed >= stage.messages() {
            self.passed -= stage.messages();
            self.begun_s += f64::from(stage.seconds);
            self.stage = self.stages.next();
            stage = self.stage?;
        }
        Some(Duration::from_secs_f64(
            self.begun_s + stage.seconds_until(self.passed),
        ))
    }
}

/// How many messages are due by `after` from the beginning, on average.
#[must_use]
pub fn planned_by(stages: &[Stage], after: Duration) -> f64 {
    let (mut left_s, mut due) = (after.as_secs_f64(), 0.0);
    for stage in stages {
        let seconds = f64::from(stage.seconds);
        let (from, to) = stage.rates();
        let within = left_s.clamp(0.0, seconds);
        due += within * (from + (to - from) * within / (2.0 * seconds.max(1.0)));
        left_s -= within;
    }
    due
}

impl Stage {
    fn rates(&self) -> (f64, f64) {
        let to = self.to_messages_per_s.unwrap_or(self.messages_per_s);
        (f64::from(self.messages_per_s), f64::from(to))
    }

    /// Messages due in all, on average.
    fn messages(&self) -> f64 {
        let (from, to) = self.rates();
        f64::from(self.seconds) * (from + to) / 2.0
    }

    /// Seconds until `messages` are due on average: the root of from·t + slope·t²/2 = messages, in
    /// the form that no slope of zero spoils.
    fn seconds_until(&self, messages: f64) -> f64 {
        let (from, to) = self.rates();
        let slope = (to - from) / f64::from(self.seconds.max(1));
        let root = (from * from + 2.0 * slope * messages).max(0.0).sqrt();
        let rate = f64::midpoint(from, root);
        if rate > 0.0 { messages / rate } else { 0.0 }
    }
}
