//! Delays, by their percentiles.

use std::time::Duration;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

/// The longest delay told apart from longer ones, in microseconds: a day, as of what a tag kept.
const LONGEST_US: u64 = 24 * 3_600 * 1_000_000;

/// Digits to which a delay is kept.
const DIGITS: u8 = 3;

/// Delays in milliseconds; zeros where nothing was measured.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Delays {
    /// How many.
    pub count: u64,
    /// Half were shorter.
    pub p50_ms: f64,
    /// 90 in 100 were as short.
    pub p90_ms: f64,
    /// 99 in 100 were as short.
    pub p99_ms: f64,
    /// 999 in 1000 were as short.
    pub p999_ms: f64,
    /// The longest.
    pub max_ms: f64,
}

impl Delays {
    /// Of so many spans.
    ///
    /// # Errors
    /// When no histogram can be made, which is a mistake in this file.
    pub fn of_all(
        spans: impl IntoIterator<Item = Duration>,
    ) -> Result<Self, hdrhistogram::CreationError> {
        let mut all = histogram()?;
        for span in spans {
            record(&mut all, span);
        }
        Ok(Self::of(&all))
    }

    /// What a histogram of microseconds says.
    #[must_use]
    pub(crate) fn of(histogram: &Histogram<u64>) -> Self {
        let ms = |micros: u64| Duration::from_micros(micros).as_secs_f64() * 1000.0;
        let at = |share| ms(histogram.value_at_quantile(share));
        if histogram.is_empty() {
            return Self::default();
        }
        Self {
            count: histogram.len(),
            p50_ms: at(0.5),
            p90_ms: at(0.9),
            p99_ms: at(0.99),
            p999_ms: at(0.999),
            max_ms: ms(histogram.max()),
        }
    }
}

/// An empty histogram of delays in microseconds.
///
/// # Errors
/// When there is none of that size, which there is.
pub(crate) fn histogram() -> Result<Histogram<u64>, hdrhistogram::CreationError> {
    Histogram::new_with_bounds(1, LONGEST_US, DIGITS)
}

/// Counts a delay in.
pub(crate) fn record(histogram: &mut Histogram<u64>, delay: Duration) {
    histogram.saturating_record(u64::try_from(delay.as_micros()).unwrap_or(u64::MAX));
}
