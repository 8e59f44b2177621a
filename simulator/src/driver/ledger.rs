//! What becomes of the messages of all connections, and what is wrong with these.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hdrhistogram::Histogram;
use tokio::sync::watch;

use super::{DriverCounts, LATE_AFTER};
use crate::report::{histogram, record};

/// Kept by every connection.
#[derive(Debug)]
pub(super) struct Ledger {
    pub(super) counts: watch::Sender<DriverCounts>,
    /// Microseconds from due to acknowledged; none, where no histogram could be had.
    delays: Mutex<Option<Histogram<u64>>>,
    /// Why a connection broke last.
    trouble: Mutex<Option<String>>,
}

impl Ledger {
    pub(super) fn new() -> Self {
        let (counts, _first) = watch::channel(DriverCounts::default());
        Self {
            counts,
            delays: Mutex::new(histogram().ok()),
            trouble: Mutex::default(),
        }
    }

    /// A message was acknowledged so long after it was due.
    pub(super) fn acknowledged(&self, delay: Duration, measured: bool) {
        if measured && let Some(delays) = held(&self.delays).as_mut() {
            record(delays, delay);
        }
        let late = delay > LATE_AFTER;
        self.counts.send_modify(|counts| {
            counts.acknowledged += 1;
            counts.late += u64::from(late);
        });
    }

    /// A connection came about.
    pub(super) fn connected(&self) {
        self.counts.send_modify(|counts| counts.connects += 1);
    }

    /// A connection broke, and is built anew.
    pub(super) fn broke(&self, why: String) {
        *held(&self.trouble) = Some(why);
        self.counts.send_modify(|counts| counts.reconnects += 1);
    }

    pub(super) fn delays(&self) -> Option<Histogram<u64>> {
        held(&self.delays).clone()
    }

    pub(super) fn trouble(&self) -> Option<String> {
        held(&self.trouble).clone()
    }
}

fn held<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
