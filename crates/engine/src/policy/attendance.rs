//! Thresholds of attendance.

use serde::{Deserialize, Serialize};

/// Thresholds of attendance. Units and sources stand in the shipped file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AttendanceRules {
    /// Seconds of lateness, or of leaving early, that are let pass.
    pub tolerance_s: u32,
    /// Seconds waited for evidence after an appointment, on top of the upload interval.
    pub silence_margin_s: u32,
}

impl Default for AttendanceRules {
    fn default() -> Self {
        Self {
            tolerance_s: 600,
            silence_margin_s: 1800,
        }
    }
}
