//! One reading of alcohol.

use model::{ObservedAt, TacEvidence, Timestamp};
use serde::{Deserialize, Serialize};

/// One sane reading.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Sample {
    pub(super) seq: Option<u64>,
    pub(super) at: Timestamp,
    /// mg/100 mL.
    pub(super) tac: i32,
}

impl Sample {
    pub(super) const fn evidence(&self) -> TacEvidence {
        TacEvidence {
            seq: self.seq,
            observed_at: ObservedAt(self.at),
            tac: self.tac,
        }
    }
}

/// Evidence is shown to a hundredth; rules compare the whole number.
pub(super) fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
