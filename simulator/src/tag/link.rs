//! When a tag can upload: its interval, and its planned losses of signal.

use chrono::TimeDelta;
use model::Timestamp;

use crate::dice::{Dice, Stream};

/// Signal is lost at most once in each such stretch, counted from the start of the world.
const STRETCH_MS: i64 = 6 * 3600 * 1000;

/// How often it is: an invented figure, about one loss in 17 hours.
const LOSS_PROBABILITY: f64 = 0.35;

/// The shortest and longest loss in seconds: a lift, a cellar, a valley. Longer ones would make the
/// wearer rightly unknown for long enough to be another story.
const LOSS_S: (f64, f64) = (120.0, 540.0);

/// A tag's way to the broker. Everything follows from the seed: any instant can be asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Link {
    pub(crate) seed: u64,
    pub(crate) index: u64,
    pub(crate) start: Timestamp,
    pub(crate) interval_ms: i64,
    pub(crate) phase_ms: i64,
}

impl Link {
    /// The first instant at or after `at` at which the tag uploads.
    pub(crate) fn next_upload(&self, at: Timestamp) -> Timestamp {
        let first = self.start.plus(TimeDelta::milliseconds(self.phase_ms));
        let elapsed = at.since(first).num_milliseconds();
        let interval = self.interval_ms.max(1);
        let rounds = elapsed
            .saturating_add(interval - 1)
            .div_euclid(interval)
            .max(0);
        let due = first.plus(TimeDelta::milliseconds(rounds.saturating_mul(interval)));
        // An upload that falls into a loss is made up for as soon as there is signal again.
        match self.loss_around(due) {
            Some((from, to)) if from <= due && due < to => to,
            Some(_) | None => due,
        }
    }

    /// The loss of signal in the stretch that `at` lies in, if there is one.
    pub(crate) fn loss_around(&self, at: Timestamp) -> Option<(Timestamp, Timestamp)> {
        let elapsed = at.since(self.start).num_milliseconds();
        let stretch = elapsed.div_euclid(STRETCH_MS);
        let part = u64::try_from(stretch).ok()?;
        let mut dice = Dice::new(self.seed, Stream::Link, self.index, part);
        if !dice.chance(LOSS_PROBABILITY) {
            return None;
        }
        let length = crate::millis(dice.between(LOSS_S.0, LOSS_S.1));
        let offset = dice.whole(0, STRETCH_MS - length);
        let from = self
            .start
            .plus(TimeDelta::milliseconds(stretch * STRETCH_MS + offset));
        Some((from, from.plus(TimeDelta::milliseconds(length))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uploads_keep_their_interval_and_wait_out_lost_signal() {
        let start = Timestamp::parse("2026-06-01T12:00:00Z").unwrap();
        let link = Link {
            seed: 1,
            index: 4,
            start,
            interval_ms: 60_000,
            phase_ms: 7_000,
        };
        let (mut at, mut waited) = (start, 0);
        for _ in 0..2_000 {
            let next = link.next_upload(at);
            assert!(next >= at);
            if let Some((from, to)) = link.loss_around(next) {
                assert!(
                    !(from <= next && next < to),
                    "uploads without signal at {next}"
                );
            }
            let gap = next.since(at).num_seconds();
            assert!(gap <= 60 + 540, "{gap} s without an upload");
            waited += i64::from(gap > 61);
            at = next.plus(TimeDelta::milliseconds(1));
        }
        assert!(waited > 0, "33 hours without a loss of signal");
    }
}
