//! The one place that reads the time.

use std::time::{Duration, Instant};

use model::Timestamp;

/// The clock that everything in an installation shares: the machine's own, or a demo's, which
/// starts at a chosen instant and runs faster than life.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    origin: Timestamp,
    started: Instant,
    speed: Speed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Speed {
    /// As the machine's clock goes, steps and all.
    Life,
    /// This many times as fast, from the origin.
    Times(u32),
}

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub fn system() -> Self {
        Self {
            origin: machine_now(),
            started: Instant::now(),
            speed: Speed::Life,
        }
    }

    /// A clock that shows `origin` now and runs `times` as fast as life.
    #[must_use]
    pub fn scaled(origin: Timestamp, times: u32) -> Self {
        Self {
            origin,
            started: Instant::now(),
            speed: Speed::Times(times.max(1)),
        }
    }

    /// The present.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match self.speed {
            Speed::Life => machine_now(),
            Speed::Times(times) => {
                let elapsed = self
                    .started
                    .elapsed()
                    .as_millis()
                    .saturating_mul(times.into());
                let elapsed = i64::try_from(elapsed).unwrap_or(i64::MAX);
                self.origin.plus(chrono::TimeDelta::milliseconds(elapsed))
            }
        }
    }

    /// How far this clock goes on in so much real time.
    #[must_use]
    pub fn in_real(&self, time: Duration) -> chrono::TimeDelta {
        let times = match self.speed {
            Speed::Life => 1,
            Speed::Times(times) => times,
        };
        let time = chrono::TimeDelta::from_std(time).unwrap_or(chrono::TimeDelta::MAX);
        i32::try_from(times)
            .ok()
            .and_then(|times| time.checked_mul(times))
            .unwrap_or(chrono::TimeDelta::MAX)
    }

    /// How long to wait, in real time, until this clock shows `deadline`.
    #[must_use]
    pub fn until(&self, deadline: Timestamp) -> Duration {
        let ahead_ms = deadline.since(self.now()).num_milliseconds().max(0);
        let ahead = Duration::from_millis(u64::try_from(ahead_ms).unwrap_or(0));
        match self.speed {
            Speed::Life => ahead,
            Speed::Times(times) => ahead / times,
        }
    }

    /// Waits until this clock shows `deadline`.
    pub async fn sleep_until(&self, deadline: Timestamp) {
        tokio::time::sleep(self.until(deadline)).await;
    }
}

fn machine_now() -> Timestamp {
    Timestamp::from_chrono(chrono::Utc::now()).unwrap_or_default()
}
