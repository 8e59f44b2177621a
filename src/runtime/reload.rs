//! The routing policy is taken up as it is written, without a restart.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use routing::{Gatherer, RoutingPolicy};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::config::Policies;
use crate::metrics::Metrics;

/// How often the file is looked at. It is small, and read whole: times of change are not kept everywhere.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Whoever takes a new routing policy up.
pub(super) struct Reload {
    /// The file.
    pub path: PathBuf,
    /// Where partitions find the policy.
    pub policy: watch::Sender<Arc<RoutingPolicy>>,
    /// Gathers by it.
    pub gatherer: Arc<Mutex<Gatherer>>,
    /// Counts what was taken up and what was refused.
    pub metrics: Arc<Metrics>,
}

impl Reload {
    /// Looks at the file until told to stop.
    pub(super) async fn run(self, stop: CancellationToken) {
        let mut every = tokio::time::interval(LOOK_EVERY);
        every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        // What was last said of the file: it is said once.
        let mut refused = String::new();
        loop {
            tokio::select! {
                _ = every.tick() => {}
                () = stop.cancelled() => return,
            }
            match Policies::routing(Some(&self.path)) {
                Ok(newer) => {
                    refused.clear();
                    self.take_up(newer);
                }
                Err(error) => {
                    let error = error.to_string();
                    if error != refused {
                        tracing::error!(%error, "a new routing policy is refused; the old one stays");
                        self.metrics.policy_refused();
                        refused = error;
                    }
                }
            }
        }
    }

    fn take_up(&self, newer: RoutingPolicy) {
        let before = Arc::clone(&self.policy.borrow());
        if before.version() == newer.version() {
            return;
        }
        let difference = before.difference(&newer).join("; ");
        let (was, becomes) = (before.version(), newer.version());
        tracing::warn!(was, becomes, difference, "a new routing policy");
        let gatherer = self.gatherer.lock();
        gatherer
            .unwrap_or_else(PoisonError::into_inner)
            .set_policy(&newer);
        self.metrics.policy_taken_up(newer.version());
        self.policy.send_replace(Arc::new(newer));
    }
}
