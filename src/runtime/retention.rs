//! Lets go, once a day, of what need not be kept any longer.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tokio_util::sync::CancellationToken;

use super::clock::Clock;
use crate::store::{Prune, Store};

/// How often.
const EVERY: Duration = Duration::from_secs(24 * 60 * 60);

/// Prunes now and once a day, until told to stop. A failure waits for the next day.
pub(super) async fn run(
    store: Arc<dyn Store>,
    clock: Clock,
    keep: TimeDelta,
    stop: CancellationToken,
) {
    let mut days = tokio::time::interval(EVERY);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = days.tick() => {}
        }
        match store.prune(clock.now().minus(keep), Prune::Apply).await {
            Ok(pruned) => tracing::info!(%pruned, "let go of what was kept long enough"),
            Err(error) => tracing::error!(%error, "could not let go of what was kept long enough"),
        }
    }
}
