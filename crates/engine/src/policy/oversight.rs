//! Bounds of not being watched.

use serde::{Deserialize, Serialize};

/// Bounds of not being watched. Units and sources stand in the shipped file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OversightRules {
    /// Seconds of all devices being silent that are let pass, on top of the upload interval.
    pub silence_s: u32,
    /// Seconds without any device that are let pass while an order is in force.
    pub no_device_s: u32,
    /// Seconds that devices have, on top of their upload interval, to be heard after a gap in our own
    /// intake.
    pub resume_margin_s: u32,
    /// Seconds of a gap in our own intake that are not worth telling.
    pub gap_s: u32,
    /// Seconds after which a device that is nobody's here, and has not reported again, is over.
    pub stray_quiet_s: u32,
}

impl Default for OversightRules {
    fn default() -> Self {
        Self {
            silence_s: 86_400,
            no_device_s: 3600,
            resume_margin_s: 1800,
            gap_s: 60,
            stray_quiet_s: 86_400,
        }
    }
}
