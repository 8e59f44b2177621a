//! Taking everything about a wearer out of a store.

use std::fmt;

use model::registry::RegistryKey;
use model::{DeviceId, PartitionId, Timestamp, WearerId};

use super::{AuditEntry, Checkpoint, StoreError};

/// What is to be taken out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// Whose readings, alerts, decisions and queue rows.
    pub wearer: WearerId,
    /// The policy changes that are about them, by position.
    pub changes: Vec<(PartitionId, u64)>,
    /// The parts of the registry that are about them, in all their versions.
    pub parts: Vec<RegistryKey>,
    /// Dead letters of these devices, while they were the wearer's.
    pub devices: Vec<DeviceSpan>,
    /// The partitions, each under the epoch of whoever erases: nobody else may write meanwhile.
    pub epochs: Vec<(PartitionId, u64)>,
    /// The checkpoints of these partitions without the wearer. All others of theirs go.
    pub checkpoints: Vec<Checkpoint>,
    /// What the audit trail says of it; how many rows it was is added to its reason.
    pub audit: AuditEntry,
}

/// A device while it was somebody's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceSpan {
    /// The device.
    pub device: DeviceId,
    /// From when on.
    pub from: Timestamp,
    /// Until when; for good, if absent.
    pub to: Option<Timestamp>,
}

/// How many rows were taken out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Erased {
    /// Readings, each of which left an empty entry in its place.
    pub readings: usize,
    /// Policy changes, likewise.
    pub changes: usize,
    /// Versions of parts of the registry.
    pub registered: usize,
    /// Alerts.
    pub alerts: usize,
    /// Decisions.
    pub decisions: usize,
    /// Steps that people took about alerts.
    pub steps: usize,
    /// Queue rows.
    pub notifications: usize,
    /// Dead letters.
    pub dead_letters: usize,
    /// Checkpoints, which held everybody's state: each was written anew without the wearer, or went.
    pub checkpoints: usize,
}

impl fmt::Display for Erased {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} readings, {} policy changes, {} registered versions, {} alerts with {} decisions and {} steps, {} queue rows, {} dead letters, \
             {} checkpoints",
            self.readings,
            self.changes,
            self.registered,
            self.alerts,
            self.decisions,
            self.steps,
            self.notifications,
            self.dead_letters,
            self.checkpoints
        )
    }
}

impl Erasure {
    /// Whether the journal of `partition` can be replayed afterwards, too: where its beginning is gone,
    /// it goes on from the checkpoint at `base`.
    pub(super) fn check_base(&self, partition: PartitionId, base: u64) -> Result<(), StoreError> {
        let is_base = |kept: &Checkpoint| kept.partition == partition && kept.position == base;
        if base == 0 || self.checkpoints.iter().any(is_base) {
            return Ok(());
        }
        Err(StoreError::Conflict(format!(
            "the journal of partition {partition} goes on from its checkpoint at {base}, which knows the \
             wearer and cannot be erased without another in its place"
        )))
    }
}
