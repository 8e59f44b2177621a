//! What is counted for each partition.

use model::PartitionId;
use prometheus::{Error, IntGaugeVec, Registry};

use super::bounded;
use super::register::gauges;

/// Gauges by partition.
#[derive(Debug)]
pub(super) struct PartitionGauges {
    engine_wearers: IntGaugeVec,
    intake_behind: IntGaugeVec,
    registry_revision: IntGaugeVec,
}

impl PartitionGauges {
    pub(super) fn new(at: &Registry) -> Result<Self, Error> {
        let gauges = |name, help| gauges(at, name, help, "partition");
        Ok(Self {
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
