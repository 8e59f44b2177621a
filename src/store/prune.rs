//! Letting go of what need not be kept any longer.

use std::fmt;

use chrono::TimeDelta;

/// One checkpoint of each such span is kept as an anchor: what is pruned ends at one of them, so a
/// store keeps up to this much more than it is asked to. Every anchor costs one snapshot.
pub(super) const ANCHOR_EVERY: TimeDelta = TimeDelta::days(7);

/// Whether to let go, or only to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prune {
    /// Lets go.
    Apply,
    /// Only counts.
    DryRun,
}

/// What was let go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Readings of the journal.
    pub readings: u64,
    /// Acknowledged notifications, with their deliveries.
    pub notifications: u64,
    /// Dead letters.
    pub dead_letters: u64,
}

impl fmt::Display for Pruned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            readings,
            notifications,
            dead_letters,
        } = self;
        write!(
            f,
            "{readings} readings, {notifications} notifications, {dead_letters} dead letters"
        )
    }
}
