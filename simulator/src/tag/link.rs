//! When a tag can upload: its interval, and its planned losses of signal.

use chrono::TimeDelta;
use model::Timestamp;

use crate::LinkConfig;
use crate::dice::{Dice, Stream};

/// Signal is lost at most once in each such stretch, counted from the start of the world.
const STRETCH_MS: i64 = 6 * 3600 * 1000;

/// A tag's way to the broker. Everything follows from the seed: any instant can be asked for.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    pub(crate) seed: u64,
    pub(crate) index: u64,
    pub(crate) start: Timestamp,
    pub(crate) interval_ms: i64,
    pub(crate) phase_ms: i64,
    pub(crate) losses: LinkConfig,
    /// When its cell is down: from, to.
    pub(crate) outages: Vec<(Timestamp, Timestamp)>,
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
        self.signal_at(due)
    }

    /// The first instant at or after `at` at which there is signal.
    pub(crate) fn signal_at(&self, at: Timestamp) -> Timestamp {
        let mut at = at;
        while let Some(back) = self.signal_back(at) {
            at = back;
        }
        at
    }

    /// When what is sent at `at` has arrived, however slow the network is.
    pub(crate) fn arrives_by(&self, at: Timestamp) -> Timestamp {
        at.plus(TimeDelta::milliseconds(crate::millis(
            self.losses.delay_s.1,
        )))
    }

    /// When the loss or the outage that `at` falls into is over; later than `at`.
    fn signal_back(&self, at: Timestamp) -> Option<Timestamp> {
        let gaps = self.loss_around(at).into_iter();
        gaps.chain(self.outages.iter().copied())
            .filter(|(from, to)| *from <= at && at < *to)
            .map(|(_, to)| to)
            .max()
    }

    /// The loss of signal in the stretch that `at` lies in, if there is one.
    pub(crate) fn loss_around(&self, at: Timestamp) -> Option<(Timestamp, Timestamp)> {
        let elapsed = at.since(self.start).num_milliseconds();
        let stretch = elapsed.div_euclid(STRETCH_MS);
        let part = u64::try_from(stretch).ok()?;
        let mut dice = Dice::new(self.seed, Stream::Link, self.index, part);
        if !dice.chance(self.losses.loss_probability) {
            return None;
        }
        let length = crate::millis(dice.between(self.losses.loss_s.0, self.losses.loss_s.1));
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
            losses: LinkConfig::USUAL,
            outages: Vec::new(),
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

    #[test]
    fn what_falls_into_an_outage_is_uploaded_at_its_end_and_no_earlier() {
        let start = Timestamp::parse("2026-06-01T12:00:00Z").unwrap();
        let minute = |minutes| start.plus(TimeDelta::minutes(minutes));
        let link = Link {
            seed: 1,
            index: 4,
            start,
            interval_ms: 60_000,
            phase_ms: 7_000,
            losses: LinkConfig {
                loss_probability: 0.0,
                ..LinkConfig::USUAL
            },
            outages: vec![(minute(10), minute(40)), (minute(40), minute(55))],
        };
        assert_eq!(link.next_upload(minute(12)), minute(55));
        assert!(link.next_upload(minute(5)) < minute(6));
        assert!(link.next_upload(minute(56)) < minute(58));
    }
}
