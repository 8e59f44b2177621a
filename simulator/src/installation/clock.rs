//! The installation's clock, read from afar.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use model::Timestamp;

use super::{Installation, InstallationError};

/// Readings of it, of which the quickest counts: an answer in no time is exact.
const READINGS: usize = 8;

/// Between the two times at which it is read, to learn how fast it goes.
const APART: Duration = Duration::from_millis(500);

/// The time by which an installation judges tags: as life goes, or so many times as fast in a demo.
#[derive(Debug, Clone, Copy)]
pub struct InstallationClock {
    origin: Timestamp,
    read: Instant,
    speed: u32,
}

impl InstallationClock {
    /// Reads it.
    ///
    /// # Errors
    /// When the installation does not say what time it is.
    pub async fn read(of: &Installation) -> Result<Self, InstallationError> {
        let (before, at_first) = reading(of).await?;
        tokio::time::sleep(APART).await;
        let (origin, read) = reading(of).await?;
        let gone_ms = origin.since(before).num_milliseconds();
        let gone = Duration::from_millis(u64::try_from(gone_ms).unwrap_or_default());
        let ratio = gone.as_secs_f64() / read.duration_since(at_first).as_secs_f64();
        Ok(Self {
            origin,
            read,
            speed: whole(ratio),
        })
    }

    /// This machine's, where there is no installation to ask.
    #[must_use]
    pub fn of_this_machine() -> Self {
        Self::beginning(
            Timestamp::from_chrono(chrono::Utc::now()).unwrap_or_default(),
            1,
        )
    }

    /// One that shows `origin` now, and goes so many times as fast as life.
    #[must_use]
    pub fn beginning(origin: Timestamp, speed: u32) -> Self {
        Self {
            origin,
            read: Instant::now(),
            speed,
        }
    }

    /// What time it is there.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.at(Instant::now())
    }

    /// What time it is there at an instant of this machine's.
    #[must_use]
    pub fn at(&self, instant: Instant) -> Timestamp {
        let scaled = |span: Duration| {
            let span = span.saturating_mul(self.speed);
            TimeDelta::from_std(span).unwrap_or(TimeDelta::MAX)
        };
        match instant.checked_duration_since(self.read) {
            Some(since) => self.origin.plus(scaled(since)),
            None => self.origin.minus(scaled(self.read.duration_since(instant))),
        }
    }

    /// How many times as fast as life it goes.
    #[must_use]
    pub const fn speed(&self) -> u32 {
        self.speed
    }

    /// A span of this machine's, as it is by that clock.
    #[must_use]
    pub fn there(&self, span: Duration) -> Duration {
        span.saturating_mul(self.speed)
    }

    /// A span by that clock, as it is here.
    #[must_use]
    pub fn here(&self, span: TimeDelta) -> Duration {
        span.to_std().unwrap_or_default() / self.speed.max(1)
    }
}

/// The nearest whole number, one at least.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast saturates, and what is read is a few hundred at most"
)]
fn whole(ratio: f64) -> u32 {
    ratio.round().max(1.0) as u32
}

/// The time there, and the middle of the quickest of some requests for it.
async fn reading(of: &Installation) -> Result<(Timestamp, Instant), InstallationError> {
    let mut best: Option<(Duration, Timestamp, Instant)> = None;
    for _reading in 0..READINGS {
        let asked = Instant::now();
        let time = of.time().await?;
        let took = asked.elapsed();
        if best.is_none_or(|(quickest, ..)| took < quickest) {
            best = Some((took, time, asked + took / 2));
        }
    }
    Ok(best.map_or_else(
        || (Timestamp::default(), Instant::now()),
        |(_, time, at)| (time, at),
    ))
}
