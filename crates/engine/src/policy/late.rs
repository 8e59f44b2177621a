//! Bounds of late evidence.

use serde::{Deserialize, Serialize};

use super::{PolicyError, positive};

/// Bounds of late evidence. Units and sources stand in the shipped file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LateRules {
    /// Seconds after its observation within which a reading is judged.
    pub accepted_s: u32,
    /// Seconds from the first late reading to judging it, with what else came late meanwhile.
    pub settle_s: u32,
    /// Seconds between the states kept of a wearer whose evidence has come late.
    pub near_s: u32,
}

impl Default for LateRules {
    fn default() -> Self {
        Self {
            accepted_s: 172_800,
            settle_s: 10,
            near_s: 3600,
        }
    }
}

impl LateRules {
    pub(super) fn check(&self) -> Result<(), PolicyError> {
        positive("late.accepted_s", f64::from(self.accepted_s))?;
        positive("late.settle_s", f64::from(self.settle_s))?;
        positive("late.near_s", f64::from(self.near_s))
    }
}
