//! What a verification comes to.

use model::PartitionId;
use serde::Serialize;

use super::finding::Finding;

/// Findings kept word for word; the rest is only counted.
const FINDINGS_MAX: usize = 1_000;

/// What a verification comes to.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Report {
    /// The journals.
    pub partitions: Vec<PartitionReport>,
    /// The decisions.
    pub decisions: DecisionCounts,
    /// Queue rows of the decisions.
    pub queue_rows: QueueRowCounts,
    /// What is wrong: the first thousand of it.
    pub findings: Vec<Finding>,
    /// How much is wrong.
    pub findings_total: u64,
}

/// One journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PartitionReport {
    /// Whose.
    pub partition: PartitionId,
    /// Entries read and handed in.
    pub entries: u64,
    /// Readings among them.
    pub readings: u64,
    /// Entries that were erased on purpose: only their position and time are left.
    pub erased: u64,
}

/// Decisions, by how what is kept and what the journal leads to agree.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct DecisionCounts {
    /// The same to the byte.
    pub matching: u64,
    /// Not kept.
    pub missing: u64,
    /// Kept, and the journal does not lead to them.
    pub extra: u64,
    /// Kept otherwise.
    pub different: u64,
    /// Kept, and not held against anything: a journal could not be read to its end, or what it led to
    /// them need not be kept any longer and is gone.
    pub unchecked: u64,
}

/// Queue rows, by whether they are there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct QueueRowCounts {
    /// There, acknowledged or not.
    pub present: u64,
    /// Not there.
    pub missing: u64,
}

impl Report {
    /// Whether nothing is wrong.
    #[must_use]
    pub const fn is_sound(&self) -> bool {
        self.findings_total == 0
    }

    pub(super) fn find(&mut self, finding: Finding) {
        self.findings_total += 1;
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(finding);
        }
    }
}
