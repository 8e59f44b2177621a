//! What is counted for each partition.

use model::PartitionId;
use prometheus::{Error, IntCounterVec, IntGaugeVec, Registry};

use super::bounded;
use super::register::{counters, gauges};

/// Counters and gauges by partition.
#[derive(Debug)]
pub(super) struct ByPartition {
    committed: IntCounterVec,
    engine_wearers: IntGaugeVec,
    intake_behind: IntGaugeVec,
    registry_revision: IntGaugeVec,
}

impl ByPartition {
    pub(super) fn new(at: &Registry) -> Result<Self, Error> {
        let gauges = |name, help| gauges(at, name, help, "partition");
        Ok(Self {
            committed: counters(
                at,
                "committed_readings_total",
                "Readings that a partition has kept.",
                &["partition"],
            )?,
            engine_wearers: gauges("engine_wearers", "Wearers held by a partition's engine.")?,
            intake_behind: gauges(
                "intake_behind",
                "1 while a partition takes in what was sent during a gap, or nothing at all.",
            )?,
            registry_revision: gauges(
                "registry_revision",
                "Revision of the registry that a partition's engine has come to.",
            )?,
        })
    }

    pub(super) fn committed(&self, partition: PartitionId, readings: usize) {
        self.committed
            .with_label_values(&[partition.to_string()])
            .inc_by(u64::try_from(readings).unwrap_or(u64::MAX));
    }

    pub(super) fn set_engine_wearers(&self, partition: PartitionId, count: usize) {
        self.engine_wearers
            .with_label_values(&[partition.to_string()])
            .set(bounded(count));
    }

    pub(super) fn set_intake_behind(&self, partition: PartitionId, is_behind: bool) {
        self.intake_behind
            .with_label_values(&[partition.to_string()])
            .set(is_behind.into());
    }

    pub(super) fn set_registry_revision(&self, partition: PartitionId, revision: u64) {
        self.registry_revision
            .with_label_values(&[partition.to_string()])
            .set(i64::try_from(revision).unwrap_or(i64::MAX));
    }
}
