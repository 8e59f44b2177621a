//! Load: messages at times planned up front, whatever becomes of the ones before.
//!
//! Every delay counts from the time planned, not from the time sent: a broker that stalls for a
//! second delays all that should have been sent in it, and all of that is in the figures. Where the
//! sender itself could not keep to its plan the run is not valid, and says so.

mod arrivals;
mod tags;

use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::driver::{Closed, Driver, DriverOptions};
use crate::scenario::Scenario;
pub use arrivals::{Arrivals, Stage};
use tags::Tags;

/// One message in a hundred handed over later than this after its time, and the run is not valid:
/// ten times what the runtime's timer of a millisecond costs.
pub const LATENESS_BOUND: Duration = Duration::from_millis(10);

/// How long the broker may take to acknowledge the rest.
const DRAIN_WITHIN: Duration = Duration::from_secs(30);

/// What a load run found. Messages of the warm-up are sent, and not measured.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LoadReport {
    /// The seed the plan follows from.
    pub seed: u64,
    /// Messages planned and handed over, warm-up included.
    pub sent: u64,
    /// Readings in them.
    pub readings: u64,
    /// Messages the broker never acknowledged.
    pub unacknowledged: u64,
    /// Times a connection had to be built anew.
    pub reconnects: u64,
    /// From a message's planned time to its handing over.
    pub lateness: Delays,
    /// From a message's planned time to the broker's acknowledgement.
    pub acknowledgement: Delays,
    /// Whether anything was measured and the sender kept to its plan: [`LATENESS_BOUND`] held.
    pub valid: bool,
}

/// Delays in milliseconds; zeros where nothing was measured.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Delays {
    /// How many.
    pub count: u64,
    /// Half were shorter.
    pub p50_ms: f64,
    /// 99 in 100 were as short.
    pub p99_ms: f64,
    /// 999 in 1000 were as short.
    pub p999_ms: f64,
    /// The longest.
    pub max_ms: f64,
}

/// Why there was no run.
#[derive(Debug, Error)]
pub enum LoadError {
    /// The scenario says nothing of a load.
    #[error("the scenario has no [load] section")]
    NoLoad,
    /// The connections are gone.
    #[error(transparent)]
    Closed(#[from] Closed),
    /// The driver has no delays to tell.
    #[error("the driver measured no delays")]
    NoDelays,
    /// No histogram could be made.
    #[error("a histogram of delays")]
    Histogram(#[from] hdrhistogram::CreationError),
}

/// Sends what `scenario` plans to the broker of `options`, and waits for its acknowledgements.
///
/// # Errors
/// When the scenario plans no load, or the connections' tasks have ended.
pub async fn run(scenario: &Scenario, options: &DriverOptions) -> Result<LoadReport, LoadError> {
    let load = scenario.load.as_ref().ok_or(LoadError::NoLoad)?;
    let warm_up = Duration::from_secs(load.warm_up_s.into());
    let options = DriverOptions {
        connections: load.connections,
        ..options.clone()
    };
    let driver = Driver::start(&options);
    let mut tags = Tags::new(scenario, load.readings_per_message);
    let mut lateness = delays()?;
    let (began, mut readings) = (Instant::now(), 0_u64);
    for after in Arrivals::new(scenario.seed, load.stages.clone()) {
        let due = began + after;
        tokio::time::sleep_until(due.into()).await;
        let upload = tags.next_upload();
        readings += u64::from(load.readings_per_message);
        let measured = after >= warm_up;
        driver.publish_due(upload, due, measured).await?;
        if measured {
            lateness.saturating_record(micros(due.elapsed()));
        }
    }
    let counts = driver.drain(DRAIN_WITHIN).await;
    let lateness = Delays::of(&lateness);
    Ok(LoadReport {
        seed: scenario.seed,
        sent: counts.published,
        readings,
        unacknowledged: counts.published.saturating_sub(counts.acknowledged),
        reconnects: counts.reconnects,
        valid: lateness.count > 0 && lateness.p99_ms <= LATENESS_BOUND.as_secs_f64() * 1000.0,
        lateness,
        acknowledgement: Delays::of(&driver.acknowledgement_delays().ok_or(LoadError::NoDelays)?),
    })
}

/// An empty histogram of delays in microseconds.
pub(crate) fn delays() -> Result<Histogram<u64>, hdrhistogram::CreationError> {
    // Ten minutes at most, to a thousandth.
    Histogram::new_with_bounds(1, 600_000_000, 3)
}

/// A delay as the histogram counts it.
pub(crate) fn micros(delay: Duration) -> u64 {
    u64::try_from(delay.as_micros()).unwrap_or(u64::MAX)
}

impl Delays {
    fn of(histogram: &Histogram<u64>) -> Self {
        let ms = |micros: u64| Duration::from_micros(micros).as_secs_f64() * 1000.0;
        Self {
            count: histogram.len(),
            p50_ms: ms(histogram.value_at_quantile(0.5)),
            p99_ms: ms(histogram.value_at_quantile(0.99)),
            p999_ms: ms(histogram.value_at_quantile(0.999)),
            max_ms: ms(histogram.max()),
        }
    }
}

#[cfg(test)]
mod tests;
