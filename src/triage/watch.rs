//! Watching for alerts that nobody acknowledges.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::desk::{Desk, TriageError};
use crate::metrics::Metrics;
use crate::runtime::clock::Clock;
use crate::store::Store;

/// How often it is looked: a notify-by time is minutes away, and a rung more than a second late is late.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Alerts looked at in one go.
const PAGE: usize = 100;

/// Whoever sees to it that an alert goes up the ladder.
pub struct Watch {
    /// The store.
    pub store: Arc<dyn Store>,
    /// Where steps are taken.
    pub desk: Desk,
    /// The clock.
    pub clock: Clock,
    /// Counts them.
    pub metrics: Arc<Metrics>,
}

impl Watch {
    /// Watches until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        let mut every = tokio::time::interval(LOOK_EVERY);
        every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = every.tick() => {}
                () = stop.cancelled() => return,
            }
            if let Err(error) = self.look().await {
                tracing::error!(%error, "alerts that nobody acknowledged were not escalated; tried again");
            }
        }
    }

    /// Escalates everything that is overdue. One of several processes that look at the same time is the
    /// first to take the step.
    async fn look(&self) -> Result<(), TriageError> {
        loop {
            let now = self.clock.now();
            let overdue = self.store.overdue(now, PAGE).await?;
            let last = overdue.len() < PAGE;
            for late in overdue {
                if late.told {
                    self.store.stand_down(late.alert, late.deadline.due).await?;
                } else {
                    tracing::warn!(alert = %late.alert, due = %late.deadline.due, "nobody acknowledged it in time");
                    self.metrics.overdue();
                    self.desk.overdue(&late, now).await?;
                }
            }
            if last {
                return Ok(());
            }
        }
    }
}
