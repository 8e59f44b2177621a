//! How far something long has come.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts what is done of something long, for whoever waits for it. Clones count together.
#[derive(Debug, Clone, Default)]
pub struct Meter(Arc<AtomicU64>);

impl Meter {
    /// So much more is done.
    pub fn advance(&self, by: usize) {
        let by = u64::try_from(by).unwrap_or(u64::MAX);
        self.0.fetch_add(by, Ordering::Relaxed);
    }

    /// So much is done.
    #[must_use]
    pub fn done(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
