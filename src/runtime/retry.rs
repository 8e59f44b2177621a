//! Trying again what only has to work in the end.

use std::future::Future;
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};

use crate::store::StoreError;

/// The waits between attempts.
const WAIT_MIN: Duration = Duration::from_millis(50);
const WAIT_MAX: Duration = Duration::from_secs(2);

/// Waits that grow, without end.
pub fn waits() -> ExponentialBuilder {
    ExponentialBuilder::default()
        .with_min_delay(WAIT_MIN)
        .with_max_delay(WAIT_MAX)
        .with_jitter()
        .without_max_times()
}

/// Calls `operation` until the store is available; other errors are returned as they are.
///
/// # Errors
/// Any but [`StoreError::Unavailable`].
pub async fn while_unavailable<T, F, Fut>(what: &str, operation: F) -> Result<T, StoreError>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T, StoreError>>,
{
    operation
        .retry(waits())
        .when(|error| matches!(error, StoreError::Unavailable(_)))
        .notify(|error, wait| tracing::warn!(%error, ?wait, "{what}: trying again"))
        .await
}

/// Calls `operation` until it succeeds, whatever is in the way.
pub async fn until_kept<F, Fut>(what: &str, operation: F)
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<(), StoreError>>,
{
    let kept = operation
        .retry(waits())
        .notify(|error, wait| tracing::error!(%error, ?wait, "{what}: trying again"))
        .await;
    if let Err(error) = kept {
        tracing::error!(%error, "{what}: gave up");
    }
}
